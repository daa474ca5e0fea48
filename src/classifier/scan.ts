/**
 * One pass over a text: its words with their stems, kinds and frames, its sentences, and counts of its marks.
 *
 * Gotchas
 * - The buffers belong to the module: reading is synchronous and nothing is kept between two calls but them.
 *
 * @module
 */
import { endianness } from "node:os"
import { hashOf, seed, step } from "./hash.ts"
import { asTheyAre, kindCount, numberKind, slotBits, slotKind, slotOf } from "./lexiconTable.ts"

/** The most that is scanned at once, and of one text altogether. */
export const pieceLength = 2048
const longestWord = 32
const mostWords = pieceLength
const mostSentences = 512
/** What a character is: 1 letter, 2 digit, 3 blank, 4 line end, 0 anything else. */
const sort = new Uint8Array(128)
for (let code = 0; code < 128; code++) {
  const isLetter = (code >= 97 && code <= 122) || (code >= 65 && code <= 90) || code === 95
  if (isLetter) sort[code] = 1
  else if (code >= 48 && code <= 57) sort[code] = 2
  else if (code === 10 || code === 13) sort[code] = 4
  else if (code <= 32) sort[code] = 3
}

/* The characters being scanned, after a margin of two that are none. */
const margin = 2
const bytes = Buffer.alloc(2 * (pieceLength + 2 * margin))
const units = new Uint16Array(bytes.buffer, bytes.byteOffset, bytes.length / 2)
const isBigEndian = endianness() === "BE"

/* What the scan of a text leaves behind. */
export const counts = new Int32Array(128)
export const lowered = new Uint16Array(pieceLength + 2)
const prefix = new Int32Array(longestWord + 1)
export const wordStem = new Int32Array(mostWords)
export const wordFrame = new Int32Array(mostWords)
export const wordBits = new Int32Array(mostWords)
export const wordFrom = new Int32Array(mostWords)
export const wordLength = new Uint8Array(mostWords)
export const sentenceFrom = new Int32Array(mostSentences)
export const sentenceAsks = new Uint8Array(mostSentences)
/** Where a sentence's wish begins, behind the courtesies, and how much it looks like one. */
export const sentenceWish = new Int32Array(mostSentences)
export const sentenceScore = new Uint8Array(mostSentences)
export const kindTotals = new Int32Array(kindCount)

/** What else a scan has found: counts over everything scanned since {@link reset}. */
export const found = {
  words: 0,
  sentences: 0,
  letters: 0,
  foreign: 0,
  uppers: 0,
  capitalised: 0,
  numbers: 0,
  lines: 0,
  blankLines: 0,
  indented: 0,
  identifiers: 0,
  calls: 0,
  commands: 0,
  longestLine: 0,
  emojis: 0,
  bullets: 0,
  codeLines: 0,
  /** Marks of options to choose from: "(b)", "C.", "2)". */
  options: 0,
  /** Lines that are rows of a table: fields between bars, tabs, semicolons or commas. */
  rows: 0,
  /** Commas, full stops and question marks after a blank, as in texts taken apart into tokens. */
  apart: 0,
  read: 0
}

/** Forgets what was scanned. */
export const reset = (): void => {
  found.words = found.sentences = found.letters = found.foreign = found.uppers = found.capitalised = 0
  found.numbers = found.lines = found.blankLines = found.indented = found.identifiers = found.calls = 0
  found.commands =
    found.longestLine =
    found.options =
    found.rows =
    found.apart =
    found.emojis =
    found.bullets =
    found.codeLines =
    found.read =
      0
  counts.fill(0)
  kindTotals.fill(0)
}

const shapeNumber = hashOf("#")
const shapeName = hashOf("^")
const shapeCode = hashOf("{}")
const shapeWord = hashOf("*")
const shapeForeign = hashOf("?")

const shapeBySuffix = new Map<number, number>()
for (const [at, suffixes] of [
  "ing",
  "ed",
  "ly",
  "ion ism ity ess ogy nce ncy ent phy omy ics",
  "ous ful ive ble cal ian ish ary ory al ic"
].entries())
  for (const suffix of suffixes.split(" ")) shapeBySuffix.set(hashOf(suffix), hashOf(`*${at}`))
const shapePlural = hashOf("*s")

/** The shape of a word of no kind: by its ending, which tells its part of speech more often than not. */
const shapeOf = (from: number, length: number): number => {
  if (length < 5) return shapeWord
  const last = lowered[from + length - 1] ?? 0
  const two = step(step(seed, lowered[from + length - 2] ?? 0), last)
  const three = step(step(step(seed, lowered[from + length - 3] ?? 0), lowered[from + length - 2] ?? 0), last)
  return shapeBySuffix.get(three) ?? shapeBySuffix.get(two) ?? (last === 115 ? shapePlural : shapeWord)
}

/** Ends the word whose lower-case characters stand in `lowered` from `from` to `to`. */
const endWord = (from: number, to: number, isUpper: boolean, isCode: boolean, digits: number, opens: boolean): void => {
  if (found.words >= mostWords) return
  const length = Math.min(to - from, longestWord)
  const whole = prefix[length] ?? seed
  let stem = whole
  let bits = 0
  let kind = -1
  let slot = slotOf(whole)
  bits = slotBits[slot] ?? 0
  if (bits !== 0) kind = slotKind[slot] ?? 0
  const last = lowered[from + length - 1] ?? 0
  let cut = 0
  if (length > 3 && last === 115 && lowered[from + length - 2] !== 115)
    cut = length > 4 && lowered[from + length - 2] === 101 ? 2 : 1 // s, es
  else if (length > 4 && last === 100 && lowered[from + length - 2] === 101)
    cut = 2 // ed
  else if (length > 5 && last === 103 && lowered[from + length - 2] === 110 && lowered[from + length - 3] === 105)
    cut = 3 // ing
  if (cut > 0) {
    stem = prefix[length - cut] ?? whole
    if (bits === 0) {
      slot = slotOf(stem)
      bits = slotBits[slot] ?? 0
      if (bits === 0 && cut > 1) {
        slot = slotOf(prefix[length - 1] ?? 0) // s, d
        bits = slotBits[slot] ?? 0
      }
      if (bits === 0 && cut > 1) {
        slot = slotOf(step(stem, 101)) // e
        bits = slotBits[slot] ?? 0
      }
      if (bits !== 0) kind = slotKind[slot] ?? 0
    }
  }
  let frame = shapeWord
  if (digits === length) {
    frame = shapeNumber
    stem = shapeNumber + Math.min(length, 5)
    found.numbers++
    bits |= 1 << numberKind
  } else if (kind >= 0) frame = asTheyAre[kind] === 1 ? whole : kind + 1
  else if (isCode) frame = shapeCode
  else if (isUpper && !opens) frame = shapeName
  else if ((lowered[from] ?? 0) > 127) frame = shapeForeign
  else frame = shapeOf(from, length)
  if (isCode) found.identifiers++
  if (isUpper && !opens) found.capitalised++
  for (let rest = bits; rest !== 0;) {
    const low = 31 - Math.clz32(rest & -rest)
    kindTotals[low] = (kindTotals[low] ?? 0) + 1
    rest &= rest - 1
  }
  wordStem[found.words] = stem
  wordFrame[found.words] = frame
  wordBits[found.words] = bits
  wordFrom[found.words] = from
  wordLength[found.words] = length
  found.words++
}

/** Begins a sentence at the next word, unless one has begun there. */
const openSentence = (): void => {
  if (found.sentences > 0 && sentenceFrom[found.sentences - 1] === found.words) return
  if (found.sentences >= mostSentences) return
  sentenceFrom[found.sentences] = found.words
  sentenceAsks[found.sentences] = 0
  found.sentences++
}

/** Scans what stands from `start` to `end`, at most {@link pieceLength} characters, as the next lines of the text. */
export const scan = (text: string, start: number, end: number): void => {
  // a typed array is read several times faster than a string, which may be of any of V8's representations
  const stop = margin + Math.min(end - start, pieceLength)
  bytes.write(text.slice(start, end), 2 * margin, 2 * (stop - margin), "utf16le")
  if (isBigEndian) bytes.swap16()
  units[stop] = 10
  units[stop + 1] = 0
  let { calls, foreign, letters, read, uppers } = found
  let from = -1
  let hash = seed
  let isUpper = false
  let isCode = false
  let digits = 0
  let lineFrom = margin
  let lineWords = found.words
  let fields = 0
  let commas = 0
  let opens = true
  openSentence()
  for (let at = margin; at <= stop; at++) {
    const code = units[at] ?? 0
    if (code >= 97 && code <= 122 && from >= 0) {
      // most characters are letters within a word
      counts[code] = (counts[code] ?? 0) + 1
      letters++
      const length = read - from
      lowered[read++] = code
      if (length < longestWord) {
        hash = step(hash, code)
        prefix[length + 1] = hash
      }
      continue
    }
    let what = 0
    let lower = code
    if (code < 128) {
      what = sort[code] ?? 0
      counts[code] = (counts[code] ?? 0) + 1
      if (code >= 65 && code <= 90) {
        lower = code + 32
        uppers++
      }
      if (what === 1) letters++
    } else if (code >= 0xc0 && (code < 0x2000 || code > 0x2e00) && (code < 0xd800 || code > 0xdfff)) {
      what = 1
      foreign++
    } else if (code >= 0xd800 && code <= 0xdbff) found.emojis++
    if (what === 1 || what === 2) {
      if (from < 0) {
        from = read
        isUpper = lower !== code
        isCode = code === 95
        digits = 0
        hash = seed
        prefix[0] = seed
      } else if (code === 95 || (lower !== code && digits === 0 && (units[at - 1] ?? 0) >= 97)) isCode = true
      if (what === 2) digits++
      const length = read - from
      lowered[read++] = lower
      if (length < longestWord) {
        hash = step(hash, lower)
        prefix[length + 1] = hash
      }
      continue
    }
    if (from >= 0) {
      if (code === 40) {
        calls++
        if (read - from > 1) isCode = true
      }
      if (read - from === 1 && (code === 41 || ((code === 46 || code === 58) && (units[at + 1] ?? 0) <= 32))) {
        const only = lowered[from] ?? 0
        if ((only >= 97 && only <= 102) || (only >= 49 && only <= 53)) found.options++
      }
      endWord(from, read, isUpper, isCode, digits, opens)
      opens = false
      from = -1
    }
    if (what === 3) {
      if (code === 9) fields += 2
    } else if (what === 4) {
      const length = at - lineFrom
      if (fields >= 2 || (commas >= 2 && found.words - lineWords <= 3 * (commas + 1))) found.rows++
      fields = 0
      commas = 0
      lineWords = found.words
      if (at < stop) {
        found.lines++
        if (length === 0) found.blankLines++
      }
      if (length > found.longestLine) found.longestLine = length
      lineFrom = at + 1
      openSentence()
      opens = true
      const next = units[at + 1] ?? 0
      if (next === 32 || next === 9) found.indented++
      const previous = units[at - 1] ?? 0
      if (previous === 59 || previous === 123 || previous === 125 || (previous === 58 && (units[at - 2] ?? 0) === 41))
        found.codeLines++ // ; { } ):
      if (next === 45 || next === 42 || next === 8226) found.bullets++
    } else if (code === 124) fields++
    else if (code === 44) {
      commas++
      if (units[at - 1] === 32) found.apart++
    } else if (code === 59) {
      if ((units[at + 1] ?? 0) > 10) fields++
    } else if (code === 63) {
      if (units[at - 1] === 32) found.apart++
      if (found.sentences > 0) sentenceAsks[found.sentences - 1] = 1
      openSentence()
      opens = true
    } else if (code === 46 || code === 33) {
      const next = units[at + 1] ?? 0
      if (next <= 32 && units[at - 1] === 32) found.apart++
      if (next <= 34) {
        openSentence()
        opens = true
      }
    } else if (code === 92) {
      const next = units[at + 1] ?? 0
      if ((next | 32) >= 97 && (next | 32) <= 122 && next !== 110) found.commands++
    } else if (code === 58 || code === 34 || code === 0x201c) opens = true
  }
  found.calls = calls
  found.foreign = foreign
  found.letters = letters
  found.read = read
  found.uppers = uppers
}
