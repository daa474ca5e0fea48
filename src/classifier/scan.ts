/**
 * One pass over a text: its words with their stems, kinds and frames, its sentences, and counts of its marks.
 *
 * Gotchas
 * - The buffers belong to the module: reading is synchronous and nothing is kept between two calls but them.
 *
 * @module
 */
import { endianness } from "node:os"
import { finish, hashOf, seed, step } from "./hash.ts"
import { asTheyAre, firstKind, kindCount, kindsOf, numberKind } from "./lexiconTable.ts"

/** The most that is scanned of one text. */
const mostScanned = 2048
const longestWord = 32
const mostWords = mostScanned
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

/* The characters being scanned, after a margin of two that are none, and before one of two. */
const margin = 2
const bytes = Buffer.alloc(2 * (mostScanned + 2 * margin))
/** Where words stand; their letters are made lower case by the scan. */
export const units = new Uint16Array(bytes.buffer, bytes.byteOffset, bytes.length / 2)
const isBigEndian = endianness() === "BE"

/* What the scan of a text leaves behind. */
/** How often each mark of ASCII stands there that is neither a letter nor a digit; and the underscore. */
export const counts = new Int32Array(128)
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
  apart: 0
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
      0
  counts.fill(0)
  kindTotals.fill(0)
}

const shapeNumber = hashOf("#")
const shapeName = hashOf("^")
const shapeCode = hashOf("{}")
const shapeWord = hashOf("*")
const shapeForeign = hashOf("?")

const shapePlural = hashOf("*s")

/* The shapes of endings of two and three letters, by hash. */
const endings = 4096
const endingHash = new Int32Array(endings)
const endingShape = new Int32Array(endings)
const placeOfEnding = (hash: number): number => {
  let place = finish(hash) & (endings - 1)
  while (endingShape[place] !== 0 && endingHash[place] !== hash) place = (place + 1) & (endings - 1)
  return place
}
for (const [at, suffixes] of [
  "ing",
  "ed",
  "ly",
  "ion ism ity ess ogy nce ncy ent phy omy ics",
  "ous ful ive ble cal ian ish ary ory al ic"
].entries())
  for (const suffix of suffixes.split(" ")) {
    const hash = hashOf(suffix)
    const place = placeOfEnding(hash)
    endingHash[place] = hash
    endingShape[place] = hashOf(`*${at}`)
  }

/** The shape of a word of no kind: by its ending, which tells its part of speech more often than not. */
const shapeOf = (to: number): number => {
  const last = units[to - 1] ?? 0
  const before = units[to - 2] ?? 0
  const three = endingShape[placeOfEnding(step(step(step(seed, units[to - 3] ?? 0), before), last))] ?? 0
  if (three !== 0) return three
  const two = endingShape[placeOfEnding(step(step(seed, before), last))] ?? 0
  return two !== 0 ? two : last === 115 ? shapePlural : shapeWord
}

/** The hash of the first `length` characters from `from` on. */
const hashFrom = (from: number, length: number): number => {
  let hash = seed
  for (let at = from; at < from + length; at++) hash = step(hash, units[at] ?? 0)
  return hash
}

/** Ends the word whose `length` lower-case characters stand in `units` from `from` on; `whole` is their hash. */
const endWord = (
  from: number,
  length: number,
  whole: number,
  isUpper: boolean,
  isCode: boolean,
  isNumber: boolean,
  opens: boolean
): void => {
  const at = found.words
  if (at >= mostWords) return
  let stem = whole
  let bits = kindsOf(whole)
  if (length > 3) {
    const last = units[from + length - 1] ?? 0
    const before = units[from + length - 2] ?? 0
    let cut = 0
    if (last === 115) {
      if (before !== 115) cut = length > 4 && before === 101 ? 2 : 1 // s, es
    } else if (last === 100) {
      if (length > 4 && before === 101) cut = 2 // ed
    } else if (last === 103 && length > 5 && before === 110 && units[from + length - 3] === 105) cut = 3 // ing
    if (cut > 0) {
      stem = hashFrom(from, length - cut)
      if (bits === 0) {
        bits = kindsOf(stem)
        if (bits === 0 && cut > 1) {
          bits = kindsOf(cut === 2 ? step(stem, 101) : hashFrom(from, length - 1)) // s, d
          if (bits === 0 && cut > 2) bits = kindsOf(step(stem, 101)) // e
        }
      }
    }
  }
  let frame = shapeWord
  if (isNumber) {
    frame = shapeNumber
    stem = shapeNumber + Math.min(length, 5)
    found.numbers++
    bits |= 1 << numberKind
  } else if (bits !== 0) {
    const kind = firstKind(bits)
    frame = asTheyAre[kind] === 1 ? whole : kind + 1
  } else if (isCode) frame = shapeCode
  else if (isUpper && !opens) frame = shapeName
  else if ((units[from] ?? 0) > 127) frame = shapeForeign
  else if (length > 4) frame = shapeOf(from + length)
  if (isCode) found.identifiers++
  if (isUpper && !opens) found.capitalised++
  for (let rest = bits; rest !== 0; rest &= rest - 1) {
    const low = firstKind(rest)
    kindTotals[low] = (kindTotals[low] ?? 0) + 1
  }
  wordStem[at] = stem
  wordFrame[at] = frame
  wordBits[at] = bits
  wordFrom[at] = from
  wordLength[at] = Math.min(length, longestWord)
  found.words = at + 1
}

/** Begins a sentence at the next word, unless one has begun there. */
const openSentence = (): void => {
  if (found.sentences > 0 && sentenceFrom[found.sentences - 1] === found.words) return
  if (found.sentences >= mostSentences) return
  sentenceFrom[found.sentences] = found.words
  sentenceAsks[found.sentences] = 0
  found.sentences++
}

/** Whether a character beyond ASCII is a letter. */
const isForeignLetter = (code: number): boolean =>
  code >= 0xc0 && (code < 0x2000 || code > 0x2e00) && (code < 0xd800 || code > 0xdfff)

/** Scans a text of at most {@link mostScanned} characters; what is beyond is left out. */
export const scan = (text: string): void => {
  // a typed array is read several times faster than a string, which may be of any of V8's representations
  const stop = margin + Math.min(text.length, mostScanned)
  bytes.write(text, 2 * margin, 2 * (stop - margin), "utf16le")
  if (isBigEndian) bytes.swap16()
  units[stop] = 10
  units[stop + 1] = 0
  let foreign = 0
  let letters = 0
  let uppers = 0
  let lineFrom = margin
  let lineWords = 0
  let fields = 0
  let commas = 0
  let opens = true
  openSentence()
  for (let at = margin; at <= stop; at++) {
    let code = units[at] ?? 0
    let what = code < 128 ? (sort[code] ?? 0) : isForeignLetter(code) ? 1 : 0
    if (what === 1 || what === 2) {
      const from = at
      const isUpper = code >= 65 && code <= 90
      let isCode = code === 95
      let wasLower = false
      let digits = 0
      let strange = 0
      let hash = seed
      for (;;) {
        // most characters are these
        let length = 0
        while (code >= 97 && code <= 122) {
          hash = step(hash, code)
          code = units[++at] ?? 0
          length++
        }
        if (length > 0) {
          wasLower = true
          what = code < 128 ? (sort[code] ?? 0) : isForeignLetter(code) ? 1 : 0
          if (what !== 1 && what !== 2) break
        }
        if (code >= 65 && code <= 90) {
          if (wasLower && digits === 0) isCode = true
          wasLower = false
          code += 32
          units[at] = code
          uppers++
        } else if (what === 2) {
          digits++
          wasLower = false
        } else if (code === 95) {
          isCode ||= at > from
          counts[95] = (counts[95] ?? 0) + 1
          wasLower = false
        } else {
          strange++
          wasLower = true
        }
        hash = step(hash, code)
        code = units[++at] ?? 0
        what = code < 128 ? (sort[code] ?? 0) : isForeignLetter(code) ? 1 : 0
        if (what !== 1 && what !== 2) break
      }
      const whole = at - from
      foreign += strange
      letters += whole - digits - strange
      if (code === 40) {
        found.calls++
        if (whole > 1) isCode = true
      }
      if (whole === 1 && (code === 41 || ((code === 46 || code === 58) && (units[at + 1] ?? 0) <= 32))) {
        const only = units[from] ?? 0
        if ((only >= 97 && only <= 102) || (only >= 49 && only <= 53)) found.options++
      }
      endWord(from, whole, hash, isUpper, isCode, digits === whole, opens)
      opens = false
    }
    if (code === 32) continue
    if (code < 128) counts[code] = (counts[code] ?? 0) + 1
    else if (code >= 0xd800 && code <= 0xdbff) found.emojis++
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
  found.foreign = foreign
  found.letters = letters
  found.uppers = uppers
}
