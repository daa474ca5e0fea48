/**
 * The lexicon as an open-addressed table: from the hash of a word to its kinds.
 *
 * @module
 */
import { finish, hashOf } from "./hash.ts"
import { kinds } from "./lexicon.ts"

/*
 * The lexicon as an open-addressed table. An entry is two numbers side by side, so that looking for a word reads one line
 * of memory: its hash, and a bit for each of its kinds.
 */
const slots = 8192
const table = new Int32Array(2 * slots)
export const kindCount = kinds.length
export const kindNamed = (name: string): number => kinds.findIndex(([kind]) => kind === name)

/* Most words are in no list: a bit by hash, in memory that stays in the nearest cache, spares looking for them. */
const listed = new Uint8Array(4096)
const bitOf = (hash: number): number => (hash ^ (hash >>> 15)) & 32767

/** The first of some kinds, in the order of their list. */
export const firstKind = (bits: number): number => 31 - Math.clz32(bits & -bits)

const placeOf = (hash: number): number => {
  let slot = finish(hash) & (slots - 1)
  while (table[2 * slot + 1] !== 0 && table[2 * slot] !== hash) slot = (slot + 1) & (slots - 1)
  return 2 * slot
}

/** A bit for each kind of the word of this hash; 0 where it is in no list. */
export const kindsOf = (hash: number): number => {
  const bit = bitOf(hash)
  return ((listed[bit >>> 3] ?? 0) & (1 << (bit & 7))) === 0 ? 0 : (table[placeOf(hash) + 1] ?? 0)
}

for (const [kind, [, words]] of kinds.entries())
  for (const word of words) {
    const hash = hashOf(word) | 0
    const bit = bitOf(hash)
    listed[bit >>> 3] = (listed[bit >>> 3] ?? 0) | (1 << (bit & 7))
    const place = placeOf(hash)
    table[place] = hash
    table[place + 1] = (table[place + 1] ?? 0) | (1 << kind)
  }

/** Kinds whose words are shown as they are in a frame; of all other kinds only the kind is. */
export const asTheyAre = new Uint8Array(kindCount)
for (const name of ["wh", "aux", "i", "you", "they", "det", "prep", "conj", "compose", "solve"])
  asTheyAre[kindNamed(name)] = 1

/** A set of words, by their hashes. */
const setOf = (words: ReadonlyArray<string>): ((hash: number) => boolean) => {
  const size = 1024
  const table = new Int32Array(size)
  const find = (hash: number): number => {
    let place = hash & (size - 1)
    while (table[place] !== 0 && table[place] !== hash) place = (place + 1) & (size - 1)
    return place
  }
  for (const word of words) {
    const hash = hashOf(word) | 0
    table[find(hash)] = hash
  }
  return (hash) => table[find(hash | 0)] !== 0
}

/** Whether a word may stand before the wish itself, in sentences that ask: "could you please help me to …". */
export const isCourtesy = setOf(
  (
    "please pls plz can could would will you i we need want d to help me us hi hello hey so ok okay and now then just kindly " +
    "let s well um uh um quick question like for but anyway wondering if was am m ll ve got have thanks dear the your task is"
  ).split(" ")
)

/** Whether a word tells that its sentence wants something. */
export const isWishing = setOf(["please", "help", "need", "want", "pls", "tell", "explain", "know"])

export const wishKinds = ["compose", "solve", "analyse", "advise"].reduce(
  (bits, name) => bits | (1 << kindNamed(name)),
  0
)

export const whKind = kindNamed("wh")
export const auxKind = kindNamed("aux")
export const iKind = kindNamed("i")
export const youKind = kindNamed("you")
export const numberKind = kindNamed("number")
