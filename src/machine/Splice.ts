/**
 * Joins what another model writes on to what was already shown, character by character.
 *
 * Two kinds of continuation need two kinds of care:
 * - after a **prefill** the new text begins where the old one ended, but for the white space that was trimmed off the
 *   prefill and may or may not come back;
 * - after a **further turn** that asked to go on, the model may start over (the new text begins with all that was
 *   shown), repeat the last words, or go straight on. The text is held back until it is known which.
 *
 * A pure machine: `(state, command) => [text to show, state]`. Nothing is ever shown twice and nothing is lost but what
 * was shown before.
 *
 * @module
 */

export type SpliceState =
  /** `expected`: white space that may come back. */
  | { readonly _tag: "AfterPrefill"; readonly expected: string }
  /** `sent`: all that was shown; `held`: what came since and is not yet placed. */
  | { readonly _tag: "AfterTurn"; readonly sent: string; readonly held: string }
  | { readonly _tag: "Through" }

export type SpliceCommand = { readonly _tag: "Text"; readonly text: string } | { readonly _tag: "End" }

/** A repetition shorter than this is taken for chance: "a" after "a" may well be meant. */
const shortestOverlap = 8
/** How far back a repetition may reach. */
const longestOverlap = 400

/** Where a prefill of `sent` without its trailing white space is continued. */
export const afterPrefill = (sent: string): SpliceState => ({
  _tag: "AfterPrefill",
  expected: sent.slice(sent.trimEnd().length)
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
    case "AfterPrefill": {
      let returned = 0
      while (returned < text.length && text[returned] === state.expected[returned]) returned++
      const rest = text.slice(returned)
      return rest === "" && returned < state.expected.length
        ? ["", { _tag: "AfterPrefill", expected: state.expected.slice(returned) }]
        : [rest, through]
    }
    case "AfterTurn": {
      const held = state.held + text
      const place = placeOf(state.sent, held, command._tag === "End")
      return place === undefined ? ["", { ...state, held }] : [held.slice(place), through]
    }
  }
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
