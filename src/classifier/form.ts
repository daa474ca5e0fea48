/**
 * What a text looks like: length, digits, operators, code and formula marks, layout, question marks, how many words of
 * each kind it has and its wish has, and pairs of these.
 *
 * @module
 */
import { join } from "./hash.ts"
import { iKind, kindCount, whKind, youKind } from "./lexiconTable.ts"
import {
  counts,
  found,
  kindTotals,
  sentenceAsks,
  sentenceFrom,
  sentenceWish,
  wordBits,
  wordFrame,
  wordStem
} from "./scan.ts"
import { addForm, type Sketch } from "./Sketch.ts"

/** Of the first and the last sentence, the kinds of so many words are looked at. */
const firstWords = 30
const lastWords = 30

/** What reading the sentences has told of the one that says what is wanted. */
export interface Wish {
  /** How much the most wishing sentence looks like a wish. */
  readonly most: number
  readonly lastWish: number
  /** The kinds of the wishes' words, and how many words they have. */
  readonly bits: number
  readonly words: number
  /** Of its words that are of matter, how many stand in the rest of the text as well: 0 none … 4 most; 5: no rest. */
  readonly shared: number
  /** How many sentences end in a question mark. */
  readonly asks: number
}

const codeOf = (mark: string): number => mark.charCodeAt(0)

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

/** Adds the form of what was scanned of `text`, of which `seen` characters were. */
export const tellForm = (sketch: Sketch, text: string, seen: number, wish: Wish): void => {
  formName = 0
  const size = Math.min(found.words < 4 ? found.words : magnitude(found.words) + 2, 12)
  const firstBits = found.words === 0 ? 0 : (wordBits[0] ?? 0)
  const firstFrame = found.words === 0 ? 0 : (wordFrame[0] ?? 0)
  const endsAsking = found.sentences > 0 && sentenceAsks[found.sentences - 1] === 1 ? 1 : 0
  const anyAsking = Math.min(wish.asks, 3)
  const someNumbers = Math.min(magnitude(found.numbers), 4)
  const lineCount = Math.min(magnitude(found.lines), 6)
  const brackets = count("{") + count("}") + count(";") + count("[") + count("]") + count("(") + count(")")
  const operators = count("=") + count("+") + count("*") + count("/") + count("<") + count(">") + count("^")
  const codeMarks =
    count("{") + count("}") + count(";") + count("=") + count("<") + count(">") + count("_") + found.calls
  const codeLevel = level(codeMarks, seen)
  tell(sketch, size, 1)
  tell(sketch, lineCount, 0.7)
  tell(sketch, Math.min(magnitude(found.blankLines), 4), 0.7)
  tell(sketch, endsAsking * 4 + anyAsking, 1)
  tell(sketch, Math.min(magnitude(found.sentences), 7), 0.6)
  tell(sketch, someNumbers, 1)
  tell(sketch, level(found.numbers, found.words), 0.8)
  tell(sketch, level(found.uppers, found.letters), 0.5)
  tell(sketch, level(found.capitalised, found.words), 1)
  tell(sketch, level(found.foreign, found.letters + found.foreign), 0.5)
  tell(sketch, level(brackets, seen), 0.8)
  tell(sketch, level(operators, seen), 1)
  tell(sketch, codeLevel, 1)
  tell(sketch, Math.min(magnitude(found.identifiers), 5), 1)
  tell(sketch, Math.min(count("`"), 6), 1)
  tell(sketch, Math.min(magnitude(found.commands), 4), 1)
  tell(sketch, Math.min(count("$"), 4), 0.8)
  tell(sketch, Math.min(count("|"), 4), 0.8)
  tell(sketch, Math.min(count("!"), 3), 0.7)
  tell(sketch, Math.min(count('"'), 4), 0.5)
  tell(sketch, Math.min(count("%"), 2), 0.5)
  tell(sketch, Math.min(magnitude(found.indented), 5), 0.8)
  tell(sketch, Math.min(magnitude(found.bullets), 4), 0.6)
  tell(sketch, Math.min(found.emojis, 2), 0.8)
  tell(sketch, Math.min(magnitude(found.longestLine >> 6), 6), 0.6)
  tell(sketch, count(",") === 0 ? 0 : level(count(","), seen), 0.4)
  const wordLetters = found.words === 0 ? 0 : Math.round((2 * (found.letters + found.foreign)) / found.words)
  tell(sketch, Math.min(wordLetters, 16), 0.7)
  tell(sketch, Math.min(magnitude(found.options), 4), 1)
  tell(sketch, Math.min(magnitude(found.rows), 4), 1)
  tell(sketch, Math.min(magnitude(found.apart), 4), 0.8)
  tell(sketch, wish.shared, 0.8)
  // kinds of words: how many there are, and how dense they stand
  for (let kind = 0; kind < kindCount; kind++) {
    const total = kindTotals[kind] ?? 0
    formName++
    if (total === 0) continue
    addForm(sketch, formName * 64 + Math.min(magnitude(total), 4), 0.9)
    addForm(sketch, formName * 64 + 32 + level(total, found.words), 0.9)
    addForm(sketch, join(formName, size), 0.5)
  }
  // of the wish alone
  for (let kind = 0; kind < kindCount; kind++) if (((wish.bits >>> kind) & 1) === 1) addForm(sketch, 70_000 + kind, 0.9)
  const wishFrame = found.words === 0 ? 0 : (wordFrame[sentenceWish[wish.lastWish] ?? 0] ?? 0)
  const wishSize = Math.min(magnitude(wish.words), 7)
  tell(sketch, wishSize, 0.8)
  tell(sketch, Math.min(wish.most, 5), 0.6)
  addForm(sketch, join(913, wishFrame), 1)
  addForm(sketch, join(914 + wishSize * 1024, wishFrame), 0.8)
  // of the first and the last sentence alone
  if (found.sentences > 1) {
    const endOfFirst = sentenceFrom[1] ?? 0
    let firstKinds = 0
    for (let at = 0; at < Math.min(endOfFirst, firstWords); at++) firstKinds |= wordBits[at] ?? 0
    let lastKinds = 0
    for (let at = Math.max(sentenceFrom[found.sentences - 1] ?? 0, found.words - lastWords); at < found.words; at++)
      lastKinds |= wordBits[at] ?? 0
    for (let kind = 0; kind < kindCount; kind++) {
      if (((firstKinds >>> kind) & 1) === 1) addForm(sketch, 71_000 + kind, 0.6)
      if (((lastKinds >>> kind) & 1) === 1) addForm(sketch, 72_000 + kind, 0.6)
    }
  }
  const edge = edgeOf(text, 0, 1)
  addForm(sketch, 73_000 + edge, 0.9)
  addForm(sketch, 74_000 + edgeOf(text, text.length - 1, -1), 0.9)
  addForm(sketch, 75_000 + Math.min(magnitude(found.codeLines), 5), 1)
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
  addForm(sketch, join(908 + talk * 1024, level(found.capitalised, found.words)), 0.6)
  addForm(sketch, join(909 + codeLevel * 1024, lineCount), 0.8)
  addForm(sketch, join(910 + size * 1024, lineCount), 0.8)
  addForm(sketch, join(911 + size * 1024, level(found.capitalised, found.words)), 0.7)
  const laidOut = Math.min(magnitude(found.options), 4) * 8 + Math.min(magnitude(found.rows), 4)
  addForm(sketch, join(915 + laidOut * 1024, first), 0.8)
  addForm(sketch, join(916 + laidOut * 1024, someNumbers), 0.8)
  addForm(sketch, join(917 + wish.shared * 1024, first), 0.8)
  addForm(sketch, join(918 + edge * 1024, firstFrame), 0.6)
  addForm(sketch, join(919 + edge * 1024, found.words === 0 ? 0 : (wordStem[0] ?? 0)), 1)
  addForm(sketch, join(912 + someNumbers * 1024, level(operators, seen)), 0.8)
}
