/**
 * The lexicon as an open-addressed table: from the hash of a word to its kinds.
 *
 * @module
 */
import { finish, hashOf } from "./hash.ts"
import { kinds } from "./lexicon.ts"

/* The lexicon as an open-addressed table: the hash of a word → a bit for each of its kinds, and the first kind. */
const slots = 16384
const slotHash = new Int32Array(slots)
export const slotBits = new Int32Array(slots)
export const slotKind = new Uint8Array(slots)
export const kindCount = kinds.length
export const kindNamed = (name: string): number => kinds.findIndex(([kind]) => kind === name)

export const slotOf = (hash: number): number => {
  let slot = finish(hash) & (slots - 1)
  while (slotBits[slot] !== 0 && slotHash[slot] !== hash) slot = (slot + 1) & (slots - 1)
  return slot
}

for (const [kind, [, words]] of kinds.entries())
  for (const word of words) {
    const hash = hashOf(word)
    const slot = slotOf(hash)
    if (slotBits[slot] === 0) slotKind[slot] = kind
    slotHash[slot] = hash
    slotBits[slot] = (slotBits[slot] ?? 0) | (1 << kind)
  }

/** Kinds whose words are shown as they are in a frame; of all other kinds only the kind is. */
export const asTheyAre = new Uint8Array(kindCount)
for (const name of ["wh", "aux", "i", "you", "they", "det", "prep", "conj", "compose", "solve"])
  asTheyAre[kindNamed(name)] = 1

/** Words before the wish itself, in sentences that ask: "could you please help me to …". */
const courtesies = new Int32Array(slots)
for (const word of (
  "please pls plz can could would will you i we need want d to help me us hi hello hey so ok okay and now then just kindly " +
  "let s well um uh um quick question like for but anyway wondering if was am m ll ve got have thanks dear the your task is"
).split(" ")) {
  const hash = hashOf(word)
  courtesies[finish(hash) & (slots - 1)] = hash
}
export const isCourtesy = (stem: number): boolean => courtesies[finish(stem) & (slots - 1)] === stem

export const wishKinds = ["compose", "solve", "analyse", "advise"].reduce(
  (bits, name) => bits | (1 << kindNamed(name)),
  0
)
export const wishHashes = new Int32Array(
  ["please", "help", "need", "want", "pls", "tell", "explain", "know"].map(hashOf)
)

export const whKind = kindNamed("wh")
export const auxKind = kindNamed("aux")
export const iKind = kindNamed("i")
export const youKind = kindNamed("you")
export const numberKind = kindNamed("number")
