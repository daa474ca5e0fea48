/**
 * The built-in embedder's eye: a text as a sparse vector of hashed features, in three blocks.
 *
 * - *form*: what the text looks like: length, digits, operators, code and formula marks, layout, question marks, how
 *   many words of each kind (see `lexicon.ts`) it has, and pairs of these;
 * - *frame*: how its sentences are built, each word replaced by its kind or, where it has none, by its shape ("write
 *   a * about *", "what is the FACT of *"): runs of two and three, and how the first, the last and the asking sentence
 *   begin;
 * - *words*: stems, pairs of stems and, of words of no kind, runs of four characters.
 *
 * The first 30 and the last 15 words weigh most: a request's task stands where it begins or ends, what is in between is
 * mostly the matter it is about. Of a long text some hundred characters of its beginning and its end are read, and the first
 * questions of its first and its last 4 kB: the time has a bound whatever the length.
 *
 * Gotchas
 * - The scratch buffers belong to the module: reading is synchronous and nothing is kept between two calls but them.
 * - Whoever changes what is read here must train anew (`npm run classifier:train`): the asset bears a version.
 *
 * @module
 */
import { tellForm } from "./form.ts"
import { join } from "./hash.ts"
import { auxKind, isCourtesy, isWishing, kindNamed, whKind, wishKinds } from "./lexiconTable.ts"
import {
  found,
  reset,
  scan,
  sentenceAsks,
  sentenceFrom,
  sentenceScore,
  sentenceWish,
  units,
  wordBits,
  wordFrame,
  wordFrom,
  wordLength,
  wordStem
} from "./scan.ts"
import { addFrame, addWord, normalise, type Sketch } from "./Sketch.ts"

/** Texts up to this are read whole; of longer ones their first and last characters, and questions between. */
const wholeLength = 400
const headLength = 210
const tailLength = 130
const questionLength = 60
/** Questions are looked for in the first and the last piece of this length. */
const pieceLength = 4096
const headWords = 30
const tailWords = 15
/** Of the words between, so many are read; of those behind them only the kinds are counted. */
const middleWords = 12
/** Of a sentence that says what is wanted, so many words are read as closely as the first. */
const wishLength = 12
/** What words outside of the sentences that ask weigh, where there is one that asks. */
const besides = 0.6

const opening = (sketch: Sketch, name: number, sentence: number, to: number): void => {
  const from = sentenceFrom[sentence] ?? 0
  let frame = Math.imul(name, 0x51ed27)
  const last = Math.min(to, from + 4)
  for (let at = from; at < last; at++) {
    frame = join(frame, wordFrame[at] ?? 0)
    addFrame(sketch, frame, at === from ? 1.2 : 1)
  }
  if (from < to) addFrame(sketch, join(Math.imul(name, 0x3d4d51), wordStem[from] ?? 0), 1)
}

/** How the wish of a sentence begins, behind its courtesies. */
const wishing = (sketch: Sketch, sentence: number): void => {
  let frame = 77
  let stems = 78
  const from = sentenceWish[sentence] ?? 0
  const last = Math.min(found.words, from + 4)
  for (let at = from; at < last; at++) {
    frame = join(frame, wordFrame[at] ?? 0)
    stems = join(stems, wordStem[at] ?? 0)
    addFrame(sketch, frame, 1.2)
    if (at < from + 2) addFrame(sketch, stems, 1)
  }
}

/** How much a sentence looks like the one that says what is wanted. */
const wishOf = (sentence: number): number => {
  const from = sentenceFrom[sentence] ?? 0
  const to = sentence + 1 < found.sentences ? (sentenceFrom[sentence + 1] ?? found.words) : found.words
  let at = from
  while (at < to && isCourtesy(wordStem[at] ?? 0)) at++
  if (at >= to) at = from
  sentenceWish[sentence] = at
  const bits = wordBits[at] ?? 0
  let wish = sentenceAsks[sentence] === 1 ? 2 : 0
  if ((bits & wishKinds) !== 0) wish += 2
  else if ((bits & ((1 << whKind) | (1 << auxKind))) !== 0) wish += 1
  for (let word = from; word < to && word < from + 24; word++)
    if (isWishing(wordStem[word] ?? 0)) {
      wish += 1
      break
    }
  return wish
}

/** What leads to the first question between `from` and `to`, on a line of its own; nothing where there is none. */
const questionBetween = (text: string, from: number, to: number): string => {
  const asked = text.slice(from, to).indexOf("?")
  return asked < 0 ? "" : `${text.slice(Math.max(from, from + asked + 1 - questionLength), from + asked + 1)}\n`
}

/** A long text's beginning, its end and questions between, each on a line of its own. */
const sampleOf = (text: string): string => {
  const end = text.length - tailLength
  const first = Math.min(pieceLength, end)
  const last = Math.max(first, text.length - pieceLength)
  return `${text.slice(0, headLength)}\n${questionBetween(text, headLength, first)}${questionBetween(text, last, end)}${text.slice(end)}`
}

/** Kinds of words that any sentence has. */
const plainBits = ["wh", "aux", "i", "you", "they", "det", "prep", "conj"].reduce(
  (bits, name) => bits | (1 << kindNamed(name)),
  0
)
const marked = new Uint8Array(2048)

/** How much of what a wish speaks of is spoken of in the rest: a question about a passage shares words with it. */
const sharedOf = (lastWish: number): number => {
  const from = sentenceFrom[lastWish] ?? 0
  const to = lastWish + 1 < found.sentences ? (sentenceFrom[lastWish + 1] ?? found.words) : found.words
  if (found.words - (to - from) < 8 || to <= from) return 5
  const until = Math.min(to, from + 4 * wishLength)
  marked.fill(0)
  for (let at = 0; at < found.words; at++) {
    if (at === from) at = to
    if (at < found.words) marked[(wordStem[at] ?? 0) & 2047] = 1
  }
  let matter = 0
  let shared = 0
  for (let at = from; at < until; at++)
    if (((wordBits[at] ?? 0) & plainBits) === 0) {
      matter++
      shared += marked[(wordStem[at] ?? 0) & 2047] ?? 0
    }
  return matter === 0 ? 0 : shared === 0 ? 1 : Math.min(4, 1 + Math.ceil((3 * shared) / matter))
}

/** The features of `text` into an empty sketch, of length 1 (of length 0 where the text has none). */
export const readFeatures = (text: string, sketch: Sketch): void => {
  reset()
  const read = text.length <= wholeLength ? text : sampleOf(text)
  scan(read)
  while (found.sentences > 0 && (sentenceFrom[found.sentences - 1] ?? 0) >= found.words) found.sentences--

  // which sentence says what is wanted
  let most = 0
  let firstWish = 0
  let lastWish = 0
  for (let at = 0; at < found.sentences; at++) {
    const wish = at < 12 || at >= found.sentences - 12 ? wishOf(at) : 0
    sentenceScore[at] = wish
    if (wish > most) {
      most = wish
      firstWish = at
    }
    if (wish >= most) lastWish = at
  }

  // words
  const tailFrom = Math.max(headWords, found.words - tailWords)
  const middle = tailFrom - headWords
  const faint = middle <= 0 ? 0 : 0.35 * Math.min(1, Math.sqrt(30 / Math.min(middle, middleWords)))
  let before = 0
  let beforeFrame = 0
  let beforeFrames = 0
  let sentence = 0
  let weight = 1
  let isWish = false
  let wishFrom = 0
  let wishBits = 0
  let wishWords = 0
  let closeWords = 0
  for (let at = 0; at < found.words; at++) {
    const stem = wordStem[at] ?? 0
    while (sentence < found.sentences && (sentenceFrom[sentence] ?? 0) <= at) {
      isWish = sentence === firstWish || sentence === lastWish
      wishFrom = at
      weight = most === 0 || (sentenceScore[sentence] ?? 0) > 1 || isWish ? 1 : besides
      sentence++
    }
    if (isWish) {
      wishBits |= wordBits[at] ?? 0
      wishWords++
    }
    const isClose = isWish && at - wishFrom < wishLength
    if (at >= headWords && at < tailFrom && !(isClose && closeWords++ < wishLength)) {
      if (at - headWords < middleWords) addWord(sketch, stem, faint)
      before = 0
      beforeFrame = 0
      continue
    }
    addWord(sketch, stem, weight)
    if (before !== 0) addWord(sketch, join(before, stem), 0.6 * weight)
    before = stem
    const frame = wordFrame[at] ?? 0
    addFrame(sketch, frame, 0.6 * weight)
    if (beforeFrame !== 0) {
      const pair = join(beforeFrame, frame)
      addFrame(sketch, pair, 0.4 * weight)
      if (beforeFrames !== 0 && (isClose || found.words <= headWords))
        addFrame(sketch, join(beforeFrames, frame), 0.3 * weight)
      beforeFrames = pair
    } else beforeFrames = 0
    beforeFrame = frame
    const from = wordFrom[at] ?? 0
    const last = from + (wordLength[at] ?? 0) - 4
    if ((wordBits[at] ?? 0) === 0 && last > from && last < from + 14)
      // every other run is enough: neighbours say nearly the same
      for (let run = from; run <= last; run += last - from > 3 ? 2 : 1) {
        const first = Math.imul(units[run] ?? 0, 0x2f0b4f) ^ Math.imul(units[run + 1] ?? 0, 0x3c6ef3)
        const second = Math.imul(units[run + 2] ?? 0, 0x1f83d9) ^ Math.imul(units[run + 3] ?? 0, 0x5be0cd)
        addWord(sketch, first + Math.imul(second, 7), 0.25 * weight)
      }
  }

  // frames
  let asks = 0
  let firstAsking = -1
  let lastAsking = -1
  for (let at = 0; at < found.sentences; at++)
    if (sentenceAsks[at] === 1) {
      asks++
      if (firstAsking < 0) firstAsking = at
      lastAsking = at
    }
  if (found.sentences > 0) {
    opening(sketch, 1, 0, found.words)
    opening(sketch, 2, found.sentences - 1, found.words)
    if (firstAsking >= 0) opening(sketch, 3, firstAsking, found.words)
    if (lastAsking > firstAsking) opening(sketch, 3, lastAsking, found.words)
    if (found.sentences > 2) opening(sketch, 4, 1, found.words)
    wishing(sketch, firstWish)
    if (lastWish !== firstWish) wishing(sketch, lastWish)
  }

  tellForm(sketch, text, read.length, {
    most,
    lastWish,
    shared: sharedOf(lastWish),
    bits: wishBits,
    words: wishWords,
    asks
  })
  normalise(sketch)
}
