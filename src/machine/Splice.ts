/**
 * Joins what another model writes on to what was already shown, character by character, or says that it does not join.
 *
 * A model that is asked to go on may go straight on, start over, or repeat the last words first. The text is held back
 * until it is known which:
 * - one that **starts over** is trimmed by all that was shown, where it says all of that again (in whatever case and
 *   white space) and that was long enough to be no chance. One that starts over and then says something else, or ends
 *   before it comes to where the other broke off, does not join; nor does one that says again the little that was
 *   shown, which may be either the beginning or how it goes on;
 * - one that repeats **the last words** is trimmed by them, unless they were a repetition already: of "ha ha ha" and of
 *   zeros there may well be more to come;
 * - one that brings **nothing** new, or only white space, does not join: where an answer broke off it had not ended.
 *
 * After a **prefill**, asked for only where it is known to be honoured, only much can be a new start, and the last words
 * are not looked for. The white space that was trimmed off the prefill may come back or not; line ends may be written
 * either way.
 *
 * A pure machine: `(state, command) => [text to show, state]`. Nothing is shown before it is known that it joins, so one
 * that does not join has shown nothing. Each character is compared with what was shown once, and with the last words a
 * bounded number of times: the work grows with the length of both texts, however they are split.
 *
 * @module
 */

export type SpliceState =
  /** Open: what came may be anything yet. */
  | Seeking
  /** Its place is known, but all since then is white space (`held`); `expected`: what of that was shown already. */
  | { readonly _tag: "Gap"; readonly expected: string; readonly held: string }
  | { readonly _tag: "Through" }
  | { readonly _tag: "DoesNotJoin" }

interface Seeking {
  readonly _tag: "Seeking"
  readonly by: "prefill" | "turn"
  /** All that was shown, and where its trailing white space begins. */
  readonly sent: string
  readonly sentEnd: number
  /** The last words: the end of `sent`. */
  readonly tail: string
  /** How far into `sent` what came reads like its beginning. */
  readonly at: number
  /** Does it still read so, to its last character? */
  readonly restarts: boolean
  /** Where it stopped to read so. */
  readonly parted: number
  /** The first place in `tail` where all that came is found; `undefined` where there is none. */
  readonly found: number | undefined
  /** What came; empty once none of it can be shown any more. */
  readonly held: string
}

export type SpliceCommand =
  | { readonly _tag: "Text"; readonly text: string }
  /** `more`: something else than text follows, so that it need not bring any. */
  | { readonly _tag: "End"; readonly more: boolean }

/** A repetition of the last words, or of all that was shown, that is shorter than this may be chance: "a" after "a". */
const shortestOverlap = 8
/** How far back such a repetition may reach. */
const longestOverlap = 400
/** What says so many characters of the beginning again has started over. */
const shortestRestart = { prefill: 40, turn: 16 } as const

/** Where a prefill of `sent` without its trailing white space is continued. */
export const afterPrefill = (sent: string): SpliceState => seeking(sent, "prefill")

/** Where a further turn is asked to go on after `sent`. */
export const afterTurn = (sent: string): SpliceState => seeking(sent, "turn")

const seeking = (sent: string, by: Seeking["by"]): Seeking => {
  const sentEnd = sent.trimEnd().length
  return {
    _tag: "Seeking",
    by,
    sent,
    sentEnd,
    tail: sent.slice(-longestOverlap),
    at: 0,
    restarts: by === "turn" ? sentEnd > 0 : sentEnd >= shortestRestart.prefill,
    parted: 0,
    found: by === "turn" ? 0 : undefined,
    held: ""
  }
}

type Step = readonly [text: string, state: SpliceState]

const through: SpliceState = { _tag: "Through" }
const doesNotJoin: Step = ["", { _tag: "DoesNotJoin" }]

/** One step: what may be shown now, and what is known then. At the end nothing stays held back. */
export const spliceStep = (state: SpliceState, command: SpliceCommand): Step => {
  switch (state._tag) {
    case "Through":
      return [command._tag === "Text" ? command.text : "", state]
    case "DoesNotJoin":
      return doesNotJoin
    case "Gap":
      return command._tag === "Text" ? gap(state.expected, state.held, command.text) : endIn(state, command.more)
    case "Seeking":
      return command._tag === "Text" ? seek(state, command.text) : endOf(state, command.more)
  }
}

/** White space is kept until something follows it. */
const gap = (expected: string, held: string, text: string): Step => {
  const all = held + text
  return isBlank(text) ? ["", { _tag: "Gap", expected, held: all }] : [withoutReturned(expected, all), through]
}

const endIn = ({ expected, held }: { readonly expected: string; readonly held: string }, more: boolean): Step =>
  more ? [withoutReturned(expected, held), through] : doesNotJoin

/** `text` without the white space at its beginning that is the beginning of `expected`. */
const withoutReturned = (expected: string, text: string): string => {
  let at = 0
  let of = 0
  while (of < expected.length && at < text.length) {
    if (text[at] === expected[of]) {
      at++
      of++
    } else if (expected.startsWith("\r\n", of) && text[at] === "\n") of++
    else if (text.startsWith("\r\n", at) && expected[of] === "\n") at++
    else break
  }
  return text.slice(at)
}

const seek = (state: Seeking, text: string): Step => {
  let { at, parted, restarts } = state
  const { sent, sentEnd } = state
  for (let index = 0; restarts && index < text.length; index++) {
    const code = text.charCodeAt(index)
    if (isSpace(code)) continue
    while (isSpace(sent.charCodeAt(at))) at++
    if (isSame(sent.charCodeAt(at), code)) at++
    else if (state.held === "" && isRestart(state, state.at)) return doesNotJoin
    else {
      restarts = false
      parted = state.held.length + index
    }
    if (at === sentEnd) return startedOver(state, text.slice(index + 1))
  }
  const all = state.held + text
  const found = state.found === undefined ? undefined : findFrom(state, all, text)
  // who has started over can only come to the end of what was shown, or not join
  const held = restarts && found === undefined && isRestart(state, at) ? "" : all
  const next: Seeking = { ...state, at, restarts, parted, found, held }
  if (restarts || found !== undefined) return ["", next]
  // a prefill is held back no longer than for white space and a new start
  return state.by === "prefill" && isBlank(text) ? ["", next] : place(next)
}

const isRestart = ({ by }: Seeking, at: number): boolean => at >= shortestRestart[by]

/** All that was shown has come once more; `rest` came after it. */
const startedOver = (state: Seeking, rest: string): Step => {
  const { sent, sentEnd } = state
  if (sentEnd < shortestOverlap || isRepetition(sent) || isRepetition(sent.slice(0, sentEnd))) return doesNotJoin
  return gap(sent.slice(sentEnd), "", rest)
}

/** Where `all` is first found in the last words, no earlier than what came before `text`. */
const findFrom = ({ found = 0, held, tail }: Seeking, all: string, text: string): number | undefined => {
  if (tail.startsWith(text, found + held.length)) return found
  const next = all.length > tail.length ? -1 : tail.indexOf(all, found)
  return next < 0 ? undefined : next
}

/** It is no new start, or one that says something else by now; and all of the last words that it repeats has come. */
const place = (state: Seeking): Step => {
  const { by, held, parted, sent, sentEnd, tail } = state
  const length = by === "turn" ? overlapOf(tail, held) : 0
  if (isRestart(state, state.at) && length < Math.max(parted, 1)) return doesNotJoin
  const overlap = held.slice(0, length)
  if (length > 0 && !isMoreOf(tail, overlap))
    // what repeats itself, and goes on otherwise than before, may be either
    return periodOf(overlap) < length ? doesNotJoin : gap("", "", held.slice(length))
  return [withoutReturned(by === "prefill" ? sent.slice(sentEnd) : "", held), through]
}

const endOf = (state: Seeking, more: boolean): Step => {
  const { by, held, restarts, sent, sentEnd } = state
  const isRestarting = restarts && (by === "turn" ? state.at > 0 : isRestart(state, state.at))
  if (isRestarting) return doesNotJoin
  if (isBlank(held)) return endIn({ expected: by === "prefill" ? sent.slice(sentEnd) : "", held }, more)
  const placed = place(state)
  return placed[1]._tag === "Gap" ? endIn(placed[1], more) : placed
}

/** How many of the first characters of `held` are the last of `tail`; 0 where that is too few to mean anything. */
const overlapOf = (tail: string, held: string): number => {
  for (let length = Math.min(tail.length, held.length); length >= shortestOverlap; length--)
    if (tail.endsWith(held.slice(0, length))) return length
  return 0
}

/** The length of the unit that `text` repeats at least twice, the last one perhaps in part; else its own length. */
const periodOf = (text: string): number => {
  for (let period = 1; period * 2 <= text.length; period++) if (text.startsWith(text.slice(period))) return period
  return text.length
}

/** Is `next` what comes next if the last words, of which some were said twice, are said once more? */
const isMoreOf = (tail: string, next: string): boolean => {
  for (let period = 1; period * 2 <= tail.length; period++) {
    const unit = tail.slice(-period)
    if (tail.endsWith(unit + unit) && unit.repeat(Math.ceil(next.length / period)).startsWith(next)) return true
  }
  return false
}

/** Is all of it the repetition of something short? */
const isRepetition = (text: string): boolean => {
  const beginning = text.slice(0, longestOverlap)
  const period = periodOf(beginning)
  return period < beginning.length && text.startsWith(text.slice(period))
}

const whiteSpace = /^\s$/
/** White space as `trim` has it. */
const isSpace = (code: number): boolean =>
  code < 0xa0 ? code === 0x20 || (code >= 0x09 && code <= 0x0d) : whiteSpace.test(String.fromCharCode(code))

const isBlank = (text: string): boolean => text.trim() === ""

const isSame = (a: number, b: number): boolean =>
  a === b || String.fromCharCode(a).toLowerCase() === String.fromCharCode(b).toLowerCase()
