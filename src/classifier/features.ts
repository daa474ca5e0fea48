/**
 * The built-in embedder's eye: a text as a sparse vector of hashed features, in three blocks.
 *
 * - *form*: what the text looks like: length, digits, operators, code and formula marks, layout, question marks, how
 *   many words of each kind (see `lexicon.ts`) it has, and pairs of these;
 * - *frame*: how its sentences are built, each word replaced by its kind or, where it has none, by its shape ("write
 *   a * about *", "what is the FACT of *"): runs of two and three, and how the first, the last and the asking sentence
 *   begin;
 * - *words*: stems, pairs of stems and runs of four characters.
 *
 * The first 30 and the last 15 words weigh most: a request's task stands where it begins or ends, what is in between is
 * mostly the matter it is about. Only the first and the last 4 kB are read, so the time has a bound whatever the length.
 *
 * Every block is scaled to a length of its own, then all together to 1, so a dot product with a centroid is a cosine.
 *
 * Gotchas
 * - The scratch buffers belong to the module: reading is synchronous and nothing is kept between two calls but them.
 * - Whoever changes what is read here must train anew (`npm run classifier:train`): the asset bears a version.
 *
 * Source of the hashing: Weinberger et al., "Feature hashing for large scale multitask learning", ICML 2009; of the hash:
 * Fowler–Noll–Vo 1a with Murmur3's finalizer.
 *
 * @module
 */
import { kinds } from "./lexicon.ts"

/** Rows of each block, and where it begins. */
const formRows = 4096
const frameRows = 6144
const wordRows = 14336
const frameAt = formRows
const wordsAt = formRows + frameRows

/** How many numbers a vector has. */
export const dimensions = formRows + frameRows + wordRows

/** Changes with every change of what a feature means. */
export const featuresVersion = 5

/** What each block weighs in the whole (squares of lengths). */
const formShare = 0.34
const frameShare = 0.33
const wordShare = 0.33

const pieceLength = 4096
const headWords = 30
const tailWords = 15
/** Of the words between, so many are read; of those behind them only the kinds are counted. */
const middleWords = 250
/** What words outside of the sentences that ask weigh, where there is one that asks. */
const besides = 0.6
const longestWord = 32
const mostWords = 2 * pieceLength
const mostSentences = 1024

/** A sparse vector: `values[touched[i]]` for `i < count`; all other values are 0. */
export interface Sketch {
  readonly values: Float32Array
  readonly touched: Int32Array
  count: number
}

export const makeSketch = (): Sketch => ({
  values: new Float32Array(dimensions),
  touched: new Int32Array(dimensions),
  count: 0
})

/** Back to nothing, in time with what was in it. */
export const clear = (sketch: Sketch): void => {
  for (let at = 0; at < sketch.count; at++) sketch.values[sketch.touched[at] ?? 0] = 0
  sketch.count = 0
}

const seed = 0x811c9dc5
const step = (hash: number, code: number): number => Math.imul(hash ^ code, 0x01000193)
const finish = (hash: number): number => {
  let mixed = hash
  mixed = Math.imul(mixed ^ (mixed >>> 16), 0x85ebca6b)
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35)
  return (mixed ^ (mixed >>> 16)) >>> 0
}
const join = (first: number, second: number): number => finish(Math.imul(first ^ 0x9e3779b9, 31) + second)
const hashOf = (word: string): number => {
  let hash = seed
  for (let at = 0; at < word.length; at++) hash = step(hash, word.charCodeAt(at))
  return hash
}

/* The lexicon as an open-addressed table: the hash of a word → a bit for each of its kinds, and the first kind. */
const slots = 16384
const slotHash = new Int32Array(slots)
const slotBits = new Int32Array(slots)
const slotKind = new Uint8Array(slots)
const kindCount = kinds.length
const kindNamed = (name: string): number => kinds.findIndex(([kind]) => kind === name)

const slotOf = (hash: number): number => {
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
const asTheyAre = new Uint8Array(kindCount)
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
const isCourtesy = (stem: number): boolean => courtesies[finish(stem) & (slots - 1)] === stem

const wishKinds = ["compose", "solve", "analyse", "advise"].reduce((bits, name) => bits | (1 << kindNamed(name)), 0)
const wishHashes = new Int32Array(["please", "help", "need", "want", "pls", "tell", "explain", "know"].map(hashOf))

const whKind = kindNamed("wh")
const auxKind = kindNamed("aux")
const iKind = kindNamed("i")
const youKind = kindNamed("you")
const numberKind = kindNamed("number")

/** What a character is: 1 letter, 2 digit, 3 blank, 4 line end, 0 anything else. */
const sort = new Uint8Array(128)
for (let code = 0; code < 128; code++) {
  const isLetter = (code >= 97 && code <= 122) || (code >= 65 && code <= 90) || code === 95
  if (isLetter) sort[code] = 1
  else if (code >= 48 && code <= 57) sort[code] = 2
  else if (code === 10 || code === 13) sort[code] = 4
  else if (code <= 32) sort[code] = 3
}

const codeOf = (mark: string): number => mark.charCodeAt(0)

/* What the scan of a text leaves behind. */
const counts = new Int32Array(128)
const lowered = new Uint16Array(2 * pieceLength + 2)
const prefix = new Int32Array(longestWord + 1)
const wordStem = new Int32Array(mostWords)
const wordFrame = new Int32Array(mostWords)
const wordBits = new Int32Array(mostWords)
const wordFrom = new Int32Array(mostWords)
const wordLength = new Uint8Array(mostWords)
const sentenceFrom = new Int32Array(mostSentences)
const sentenceAsks = new Uint8Array(mostSentences)
/** Where a sentence's wish begins, behind the courtesies, and how much it looks like one. */
const sentenceWish = new Int32Array(mostSentences)
const sentenceScore = new Uint8Array(mostSentences)
const kindTotals = new Int32Array(kindCount)

let words = 0
let sentences = 0
let letters = 0
let foreign = 0
let uppers = 0
let capitalised = 0
let numbers = 0
let lines = 0
let blankLines = 0
let indented = 0
let identifiers = 0
let calls = 0
let commands = 0
let longestLine = 0
let emojis = 0
let bullets = 0
let codeLines = 0
let read = 0

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
  if (words >= mostWords) return
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
    numbers++
    bits |= 1 << numberKind
  } else if (kind >= 0) frame = asTheyAre[kind] === 1 ? whole : kind + 1
  else if (isCode) frame = shapeCode
  else if (isUpper && !opens) frame = shapeName
  else if ((lowered[from] ?? 0) > 127) frame = shapeForeign
  else frame = shapeOf(from, length)
  if (isCode) identifiers++
  if (isUpper && !opens) capitalised++
  for (let rest = bits; rest !== 0;) {
    const low = 31 - Math.clz32(rest & -rest)
    kindTotals[low] = (kindTotals[low] ?? 0) + 1
    rest &= rest - 1
  }
  wordStem[words] = stem
  wordFrame[words] = frame
  wordBits[words] = bits
  wordFrom[words] = from
  wordLength[words] = length
  words++
}

/** Begins a sentence at the next word, unless one has begun there. */
const openSentence = (): void => {
  if (sentences > 0 && sentenceFrom[sentences - 1] === words) return
  if (sentences >= mostSentences) return
  sentenceFrom[sentences] = words
  sentenceAsks[sentences] = 0
  sentences++
}

const scan = (text: string, start: number, end: number): void => {
  let from = -1
  let isUpper = false
  let isCode = false
  let digits = 0
  let lineFrom = start
  let opens = true
  openSentence()
  for (let at = start; at <= end; at++) {
    const code = at < end ? text.charCodeAt(at) : 10
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
    } else if (code >= 0xd800 && code <= 0xdbff) emojis++
    if (what === 1 || what === 2) {
      if (from < 0) {
        from = read
        isUpper = lower !== code
        isCode = code === 95
        digits = 0
        prefix[0] = seed
      } else if (code === 95 || (lower !== code && digits === 0 && text.charCodeAt(at - 1) >= 97)) isCode = true
      if (what === 2) digits++
      const length = read - from
      lowered[read++] = lower
      if (length < longestWord) prefix[length + 1] = step(prefix[length] ?? seed, lower)
      continue
    }
    if (from >= 0) {
      if (code === 40) {
        calls++
        if (read - from > 1) isCode = true
      }
      endWord(from, read, isUpper, isCode, digits, opens)
      opens = false
      from = -1
    }
    if (what === 4) {
      const length = at - lineFrom
      if (at < end) {
        lines++
        if (length === 0) blankLines++
      }
      if (length > longestLine) longestLine = length
      lineFrom = at + 1
      openSentence()
      opens = true
      const next = at + 1 < end ? text.charCodeAt(at + 1) : 0
      if (next === 32 || next === 9) indented++
      const previous = at > start ? text.charCodeAt(at - 1) : 0
      if (
        previous === 59 ||
        previous === 123 ||
        previous === 125 ||
        (previous === 58 && text.charCodeAt(at - 2) === 41)
      )
        codeLines++ // ; { } ):
      if (next === 45 || next === 42 || next === 8226) bullets++
    } else if (code === 63) {
      if (sentences > 0) sentenceAsks[sentences - 1] = 1
      openSentence()
      opens = true
    } else if (code === 46 || code === 33) {
      const next = at + 1 < end ? text.charCodeAt(at + 1) : 32
      if (next <= 34) {
        openSentence()
        opens = true
      }
    } else if (code === 92) {
      const next = at + 1 < end ? text.charCodeAt(at + 1) : 0
      if ((next | 32) >= 97 && (next | 32) <= 122 && next !== 110) commands++
    } else if (code === 58 || code === 34 || code === 0x201c) opens = true
  }
}

const add = (sketch: Sketch, row: number, weight: number): void => {
  const before = sketch.values[row] ?? 0
  if (before === 0) sketch.touched[sketch.count++] = row
  sketch.values[row] = before + weight
}
const addForm = (sketch: Sketch, hash: number, weight: number): void => add(sketch, finish(hash) % formRows, weight)
const addFrame = (sketch: Sketch, hash: number, weight: number): void =>
  add(sketch, frameAt + (finish(hash) % frameRows), weight)
const addWord = (sketch: Sketch, hash: number, weight: number): void =>
  add(sketch, wordsAt + (finish(hash) % wordRows), weight)

const count = (mark: string): number => counts[codeOf(mark)] ?? 0
/** 0, 1, 2, 3–4, 5–8, 9–16 … as 0, 1, 2, 3, 4, 5 … */
const magnitude = (value: number): number => (value < 3 ? value : 33 - Math.clz32(value - 1))
/** A share in steps that are finer where it is small. */
const level = (part: number, whole: number): number => {
  const share = whole === 0 ? 0 : part / whole
  return share === 0
    ? 0
    : share < 0.01
      ? 1
      : share < 0.03
        ? 2
        : share < 0.07
          ? 3
          : share < 0.15
            ? 4
            : share < 0.3
              ? 5
              : 6
}

let formName = 0
let formBefore = 0
/** One observation: its own feature, and a weaker one that all smaller values share. */
const tell = (sketch: Sketch, value: number, weight: number): void => {
  formName++
  formBefore = formName * 64 + value
  addForm(sketch, formBefore, weight)
}

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
  const last = Math.min(words, from + 4)
  for (let at = from; at < last; at++) {
    frame = join(frame, wordFrame[at] ?? 0)
    stems = join(stems, wordStem[at] ?? 0)
    addFrame(sketch, frame, 1.2)
    if (at < from + 2) addFrame(sketch, stems, 1)
  }
}

/** The first mark that is no blank from an end: a letter is as any other of its case, digits are as one. */
const edgeOf = (text: string, from: number, by: number): number => {
  let at = from
  for (let tries = 0; tries < 64 && text.charCodeAt(at) <= 32; tries++) at += by
  const code = text.charCodeAt(at)
  if (code >= 97 && code <= 122) return 97
  if (code >= 65 && code <= 90) return 65
  if (code >= 48 && code <= 57) return 48
  return code < 128 ? code : 128
}

/** How much a sentence looks like the one that says what is wanted. */
const wishOf = (sentence: number): number => {
  const from = sentenceFrom[sentence] ?? 0
  const to = sentence + 1 < sentences ? (sentenceFrom[sentence + 1] ?? words) : words
  let at = from
  while (at < to && isCourtesy(wordStem[at] ?? 0)) at++
  if (at >= to) at = from
  sentenceWish[sentence] = at
  const bits = wordBits[at] ?? 0
  let wish = sentenceAsks[sentence] === 1 ? 2 : 0
  if ((bits & wishKinds) !== 0) wish += 2
  else if ((bits & ((1 << whKind) | (1 << auxKind))) !== 0) wish += 1
  for (let word = from; word < to && word < from + 24; word++)
    if (wishHashes.includes(wordStem[word] ?? 0)) {
      wish += 1
      break
    }
  return wish
}

/** The features of `text` into an empty sketch, of length 1 (of length 0 where the text has none). */
export const readFeatures = (text: string, sketch: Sketch): void => {
  words = sentences = letters = foreign = uppers = capitalised = numbers = lines = blankLines = indented = 0
  identifiers = calls = commands = longestLine = emojis = bullets = codeLines = read = 0
  counts.fill(0)
  kindTotals.fill(0)
  const length = text.length
  if (length <= 2 * pieceLength) scan(text, 0, length)
  else {
    scan(text, 0, pieceLength)
    scan(text, length - pieceLength, length)
  }
  while (sentences > 0 && (sentenceFrom[sentences - 1] ?? 0) >= words) sentences--
  const seen = Math.min(length, 2 * pieceLength)

  // which sentence says what is wanted
  let most = 0
  let firstWish = 0
  let lastWish = 0
  for (let at = 0; at < sentences; at++) {
    const wish = at < 12 || at >= sentences - 12 ? wishOf(at) : 0
    sentenceScore[at] = wish
    if (wish > most) {
      most = wish
      firstWish = at
    }
    if (wish >= most) lastWish = at
  }

  // words
  const tailFrom = Math.max(headWords, words - tailWords)
  const middle = tailFrom - headWords
  const faint = middle <= 0 ? 0 : 0.35 * Math.min(1, Math.sqrt(30 / Math.min(middle, middleWords)))
  let before = 0
  let beforeFrame = 0
  let beforeFrames = 0
  let sentence = 0
  let weight = 1
  let isWish = false
  let wishBits = 0
  let wishWords = 0
  for (let at = 0; at < words; at++) {
    const stem = wordStem[at] ?? 0
    while (sentence < sentences && (sentenceFrom[sentence] ?? 0) <= at) {
      isWish = sentence === firstWish || sentence === lastWish
      weight = most === 0 || (sentenceScore[sentence] ?? 0) > 1 || isWish ? 1 : besides
      sentence++
    }
    if (isWish) {
      wishBits |= wordBits[at] ?? 0
      wishWords++
    }
    if (at >= headWords && at < tailFrom && (!isWish || at - headWords >= middleWords)) {
      if (at - headWords >= middleWords) {
        at = Math.max(at, tailFrom - 1)
        before = 0
        beforeFrame = 0
        continue
      }
      addWord(sketch, stem, faint)
      before = 0
      beforeFrame = 0
      continue
    }
    addWord(sketch, stem, weight)
    if (before !== 0) addWord(sketch, join(before, stem), 0.6 * weight)
    before = stem
    const frame = wordFrame[at] ?? 0
    addFrame(sketch, frame, 0.5 * weight)
    if (beforeFrame !== 0) {
      const pair = join(beforeFrame, frame)
      addFrame(sketch, pair, 0.4 * weight)
      if (beforeFrames !== 0) addFrame(sketch, join(beforeFrames, frame), 0.3 * weight)
      beforeFrames = pair
    } else beforeFrames = 0
    beforeFrame = frame
    const from = wordFrom[at] ?? 0
    const last = from + (wordLength[at] ?? 0) - 4
    if (last > from && last < from + 14)
      for (let run = from; run <= last; run++) {
        const first = Math.imul(lowered[run] ?? 0, 0x2f0b4f) ^ Math.imul(lowered[run + 1] ?? 0, 0x3c6ef3)
        const second = Math.imul(lowered[run + 2] ?? 0, 0x1f83d9) ^ Math.imul(lowered[run + 3] ?? 0, 0x5be0cd)
        addWord(sketch, first + Math.imul(second, 7), 0.25 * weight)
      }
  }

  // frames
  let asks = 0
  let firstAsking = -1
  let lastAsking = -1
  for (let at = 0; at < sentences; at++)
    if (sentenceAsks[at] === 1) {
      asks++
      if (firstAsking < 0) firstAsking = at
      lastAsking = at
    }
  if (sentences > 0) {
    opening(sketch, 1, 0, words)
    opening(sketch, 2, sentences - 1, words)
    if (firstAsking >= 0) opening(sketch, 3, firstAsking, words)
    if (lastAsking > firstAsking) opening(sketch, 3, lastAsking, words)
    if (sentences > 2) opening(sketch, 4, 1, words)
    wishing(sketch, firstWish)
    if (lastWish !== firstWish) wishing(sketch, lastWish)
  }

  // form
  formName = 0
  const size = Math.min(words < 4 ? words : magnitude(words) + 2, 12)
  const firstBits = words === 0 ? 0 : (wordBits[0] ?? 0)
  const firstFrame = words === 0 ? 0 : (wordFrame[0] ?? 0)
  const endsAsking = sentences > 0 && sentenceAsks[sentences - 1] === 1 ? 1 : 0
  const anyAsking = Math.min(asks, 3)
  const someNumbers = Math.min(magnitude(numbers), 4)
  const lineCount = Math.min(magnitude(lines), 6)
  const brackets = count("{") + count("}") + count(";") + count("[") + count("]") + count("(") + count(")")
  const operators = count("=") + count("+") + count("*") + count("/") + count("<") + count(">") + count("^")
  const codeMarks = count("{") + count("}") + count(";") + count("=") + count("<") + count(">") + count("_") + calls
  const codeLevel = level(codeMarks, seen)
  tell(sketch, size, 1)
  tell(sketch, lineCount, 0.7)
  tell(sketch, Math.min(magnitude(blankLines), 4), 0.7)
  tell(sketch, endsAsking * 4 + anyAsking, 1)
  tell(sketch, Math.min(magnitude(sentences), 7), 0.6)
  tell(sketch, someNumbers, 1)
  tell(sketch, level(numbers, words), 0.8)
  tell(sketch, level(uppers, letters), 0.5)
  tell(sketch, level(capitalised, words), 1)
  tell(sketch, level(foreign, letters + foreign), 0.5)
  tell(sketch, level(brackets, seen), 0.8)
  tell(sketch, level(operators, seen), 1)
  tell(sketch, codeLevel, 1)
  tell(sketch, Math.min(magnitude(identifiers), 5), 1)
  tell(sketch, Math.min(count("`"), 6), 1)
  tell(sketch, Math.min(magnitude(commands), 4), 1)
  tell(sketch, Math.min(count("$"), 4), 0.8)
  tell(sketch, Math.min(count("|"), 4), 0.8)
  tell(sketch, Math.min(count("!"), 3), 0.7)
  tell(sketch, Math.min(count('"'), 4), 0.5)
  tell(sketch, Math.min(count("%"), 2), 0.5)
  tell(sketch, Math.min(magnitude(indented), 5), 0.8)
  tell(sketch, Math.min(magnitude(bullets), 4), 0.6)
  tell(sketch, Math.min(emojis, 2), 0.8)
  tell(sketch, Math.min(magnitude(longestLine >> 6), 6), 0.6)
  tell(sketch, count(",") === 0 ? 0 : level(count(","), seen), 0.4)
  const wordLetters = words === 0 ? 0 : Math.round((2 * (letters + foreign)) / words)
  tell(sketch, Math.min(wordLetters, 16), 0.7)
  // kinds of words: how many there are, and how dense they stand
  for (let kind = 0; kind < kindCount; kind++) {
    const total = kindTotals[kind] ?? 0
    formName++
    if (total === 0) {
      addForm(sketch, formName * 64, 0.4)
      continue
    }
    addForm(sketch, formName * 64 + Math.min(magnitude(total), 4), 0.9)
    addForm(sketch, formName * 64 + 32 + level(total, words), 0.9)
    addForm(sketch, join(formName, size), 0.5)
  }
  // of the wish alone
  for (let kind = 0; kind < kindCount; kind++)
    addForm(sketch, 70_000 + kind * 2 + ((wishBits >>> kind) & 1), ((wishBits >>> kind) & 1) === 1 ? 0.9 : 0.3)
  const wishFrame = words === 0 ? 0 : (wordFrame[sentenceWish[lastWish] ?? 0] ?? 0)
  const wishSize = Math.min(magnitude(wishWords), 7)
  tell(sketch, wishSize, 0.8)
  tell(sketch, Math.min(most, 5), 0.6)
  addForm(sketch, join(913, wishFrame), 1)
  addForm(sketch, join(914 + wishSize * 1024, wishFrame), 0.8)
  // of the first and the last sentence alone
  if (sentences > 1) {
    const endOfFirst = sentenceFrom[1] ?? 0
    let firstKinds = 0
    for (let at = 0; at < Math.min(endOfFirst, headWords); at++) firstKinds |= wordBits[at] ?? 0
    let lastKinds = 0
    for (let at = Math.max(sentenceFrom[sentences - 1] ?? 0, words - 2 * tailWords); at < words; at++)
      lastKinds |= wordBits[at] ?? 0
    for (let kind = 0; kind < kindCount; kind++) {
      if (((firstKinds >>> kind) & 1) === 1) addForm(sketch, 71_000 + kind, 0.6)
      if (((lastKinds >>> kind) & 1) === 1) addForm(sketch, 72_000 + kind, 0.6)
    }
  }
  addForm(sketch, 73_000 + edgeOf(text, 0, 1), 0.9)
  addForm(sketch, 74_000 + edgeOf(text, length - 1, -1), 0.9)
  addForm(sketch, 75_000 + Math.min(magnitude(codeLines), 5), 1)
  // pairs of observations
  const talk = (kindTotals[iKind] ? 1 : 0) + (kindTotals[youKind] ? 2 : 0)
  const first = firstBits & (1 << whKind) ? 1 : firstFrame
  addForm(sketch, join(901, firstFrame), 1)
  addForm(sketch, join(902 + size * 1024, first), 1)
  addForm(sketch, join(903 + endsAsking, first), 0.8)
  addForm(sketch, join(904 + size, endsAsking * 8 + anyAsking), 0.8)
  addForm(sketch, join(905 + someNumbers * 1024, endsAsking * 16 + size), 1)
  addForm(sketch, join(906 + talk * 1024, size), 0.9)
  addForm(sketch, join(907 + talk * 1024, endsAsking * 8 + someNumbers), 0.9)
  addForm(sketch, join(908 + talk * 1024, level(capitalised, words)), 0.6)
  addForm(sketch, join(909 + codeLevel * 1024, lineCount), 0.8)
  addForm(sketch, join(910 + size * 1024, lineCount), 0.8)
  addForm(sketch, join(911 + size * 1024, level(capitalised, words)), 0.7)
  addForm(sketch, join(912 + someNumbers * 1024, level(operators, seen)), 0.8)

  normalise(sketch)
}

const normalise = (sketch: Sketch): void => {
  let form = 0
  let frame = 0
  let word = 0
  const { touched, values } = sketch
  for (let at = 0; at < sketch.count; at++) {
    const row = touched[at] ?? 0
    const value = values[row] ?? 0
    if (row < frameAt) form += value * value
    else if (row < wordsAt) frame += value * value
    else word += value * value
  }
  const whole = (form > 0 ? formShare : 0) + (frame > 0 ? frameShare : 0) + (word > 0 ? wordShare : 0)
  if (whole === 0) return
  const ofForm = form > 0 ? Math.sqrt(formShare / whole / form) : 0
  const ofFrame = frame > 0 ? Math.sqrt(frameShare / whole / frame) : 0
  const ofWord = word > 0 ? Math.sqrt(wordShare / whole / word) : 0
  for (let at = 0; at < sketch.count; at++) {
    const row = touched[at] ?? 0
    values[row] = (values[row] ?? 0) * (row < frameAt ? ofForm : row < wordsAt ? ofFrame : ofWord)
  }
}
