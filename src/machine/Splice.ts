/**
 * Joins what another model writes on to what was already shown, character by character.
 *
 * Two kinds of continuation need two kinds of care:
 * - after a **prefill** the new text begins where the old one ended, but for the white space that was trimmed off the
 *   prefill and may or may not come back; a model that does not honour it starts over, which is told by its beginning
 *   with all that was shown, where that is long enough to be no chance;
 * - after a **further turn** that asked to go on, the model may start over (the new text begins with all that was
 *   shown), repeat the last words, or go straight on. The text is held back until it is known which.
 *
 * A pure machine: `(state, command) => [text to show, state]`. Nothing is ever shown twice and nothing is lost but what
 * was shown before.
 *
 * @module
 */

export type SpliceState =
  /** `expected`: white space that may come back. `sent`, `held`: as below, where starting over can be told. */
  | { readonly _tag: "AfterPrefill"; readonly expected: string; readonly sent: string; readonly held: string }
  /** `sent`: all that was shown; `held`: what came since and is not yet placed. */
  | { readonly _tag: "AfterTurn"; readonly sent: string; readonly held: string }
  | { readonly _tag: "Through" }

export type SpliceCommand = { readonly _tag: "Text"; readonly text: string } | { readonly _tag: "End" }

/** A repetition shorter than this is taken for chance: "a" after "a" may well be meant. */
const shortestOverlap = 8
/** How far back a repetition may reach. */
const longestOverlap = 400

/** A text that begins with all of one this long has started over. */
const shortestRestart = 40

/** Where a prefill of `sent` without its trailing white space is continued. */
export const afterPrefill = (sent: string): SpliceState => ({
  _tag: "AfterPrefill",
  expected: sent.slice(sent.trimEnd().length),
  sent,
  held: ""
})

/** Where a further turn is asked to go on after `sent`. */
export const afterTurn = (sent: string): SpliceState => ({ _tag: "AfterTurn", sent, held: "" })

const through: SpliceState = { _tag: "Through" }

/** One step: what may be shown now, and what is known then. At the end nothing stays held back. */
export const spliceStep = (state: SpliceState, command: SpliceCommand): readonly [string, SpliceState] => {
  const text = command._tag === "Text" ? command.text : ""
  switch (state._tag) {
    case "Through":
      return [text, state]
    case "AfterPrefill":
      return afterPrefillStep(state, text, command._tag === "End")
    case "AfterTurn": {
      const held = state.held + text
      const place = placeOf(state.sent, held, command._tag === "End")
      return place === undefined ? ["", { ...state, held }] : [held.slice(place), through]
    }
  }
}

const afterPrefillStep = (
  state: Extract<SpliceState, { readonly _tag: "AfterPrefill" }>,
  text: string,
  isAll: boolean
): readonly [string, SpliceState] => {
  const { expected, sent } = state
  const held = state.held + text
  if (sent.length >= shortestRestart && held !== "") {
    if (held.startsWith(sent)) return [held.slice(sent.length), through]
    // as long as it reads like the beginning it may yet turn out to be all of it
    if (sent.startsWith(held)) {
      if (!isAll) return ["", { ...state, held }]
      if (held.length >= shortestRestart) return ["", through]
    }
  }
  let returned = 0
  while (returned < held.length && held[returned] === expected[returned]) returned++
  if (returned === held.length && returned < expected.length && !isAll) return ["", { ...state, held }]
  return [held.slice(returned), through]
}

/** From where on `held` is new; `undefined` while that is open. */
const placeOf = (sent: string, held: string, isAll: boolean): number | undefined => {
  if (held.length >= sent.length && held.startsWith(sent)) return sent.length
  const tail = sent.slice(-longestOverlap)
  // as long as it still reads like something that was shown, it may yet turn out to be a repetition
  if (!isAll && (sent.startsWith(held) || tail.includes(held))) return undefined
  // an answer that ends within what was shown brings nothing new
  return sent.startsWith(held) ? held.length : overlapOf(tail, held)
}

/** How many of the first characters of `held` are the last of `tail`; 0 where that is too few to mean anything. */
const overlapOf = (tail: string, held: string): number => {
  for (let length = Math.min(tail.length, held.length); length >= shortestOverlap; length--) {
    if (tail.endsWith(held.slice(0, length))) return length
  }
  return 0
}
