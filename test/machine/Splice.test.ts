import { assert, describe, it } from "@effect/vitest"
import { Schema } from "effect"
import { afterPrefill, afterTurn, type SpliceState, spliceStep } from "../../src/machine/Splice.ts"

/** What is shown of `pieces` after `state`, and at the end. */
const shown = (state: SpliceState, pieces: ReadonlyArray<string>): string => {
  let all = ""
  let now = state
  for (const text of pieces) {
    const [out, next] = spliceStep(now, { _tag: "Text", text })
    all += out
    now = next
  }
  return all + spliceStep(now, { _tag: "End" })[0]
}
const sent = "The quick brown fox jumps over the lazy dog and then "

describe("joining a continuation", () => {
  it("after a prefill tolerates the white space that was trimmed, whether it comes back or not", () => {
    assert.strictEqual(shown(afterPrefill(sent), ["it ", "sleeps."]), "it sleeps.")
    assert.strictEqual(shown(afterPrefill(sent), [" it ", "sleeps."]), "it sleeps.")
    assert.strictEqual(shown(afterPrefill("one\n\n"), ["\n", "\ntwo"]), "two")
    assert.strictEqual(shown(afterPrefill("one\n\n"), ["\n", "two"]), "two")
    assert.strictEqual(shown(afterPrefill("no space"), [" after"]), " after")
  })
  it("after a prefill trims an answer that starts over all the same by all that was shown", () => {
    assert.strictEqual(shown(afterPrefill(sent), [sent.slice(0, 20), `${sent.slice(20)}it sleeps.`]), "it sleeps.")
    assert.strictEqual(shown(afterPrefill(sent), [sent]), "")
    assert.strictEqual(shown(afterPrefill(sent), ["The quick ", "end."]), "The quick end.")
    assert.strictEqual(shown(afterPrefill(sent), ["The quick"]), "The quick")
    assert.strictEqual(shown(afterPrefill("ha ha "), ["ha ha "]), "ha ha ")
  })
  it("after a further turn goes straight on", () => {
    assert.strictEqual(shown(afterTurn(sent), ["it sleeps ", "well."]), "it sleeps well.")
  })
  it("after a further turn trims an answer that starts over by all that was shown", () => {
    assert.strictEqual(shown(afterTurn(sent), [sent.slice(0, 20), `${sent.slice(20)}it sleeps.`]), "it sleeps.")
    assert.strictEqual(shown(afterTurn(sent), [sent]), "")
  })
  it("after a further turn trims the last words where they are repeated", () => {
    assert.strictEqual(shown(afterTurn(sent), ["lazy dog ", "and then it sleeps."]), "it sleeps.")
  })
  it("takes a short repetition for chance", () => {
    assert.strictEqual(shown(afterTurn("so it was a"), ["a great day"]), "a great day")
  })

  const Words = Schema.Array(Schema.Literals(["a", "an apple", " ", "the dog ", "\n", "continues", "the "]))
  const text = Words.check(Schema.isMaxLength(25))
  const cuts = Schema.Array(Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 60 }))).check(
    Schema.isMaxLength(8)
  )
  const pieces = (whole: string, at: ReadonlyArray<number>): ReadonlyArray<string> => {
    const places = [0, ...at.filter((place) => place < whole.length).toSorted((a, b) => a - b), whole.length]
    return places.slice(1).map((place, index) => whole.slice(places[index], place))
  }

  it.prop(
    "shows the same however the text is split, and never more than came",
    { before: text, after: text, cuts },
    ({ before, after, cuts }) => {
      const whole = after.join("")
      for (const start of [afterPrefill, afterTurn]) {
        const state = start(before.join(""))
        const joined = shown(state, [whole])
        assert.isTrue(whole.endsWith(joined))
        assert.strictEqual(shown(state, pieces(whole, cuts)), joined)
      }
    },
    { arbitrary: { runs: 400, seed: 3 } }
  )
  it.prop(
    "gives back exactly the rest of an answer that starts over",
    { before: text, after: text, cuts },
    ({ before, after, cuts }) => {
      const old = before.join("")
      const whole = old + after.join("")
      assert.strictEqual(shown(afterTurn(old), pieces(whole, cuts)), after.join(""))
    },
    { arbitrary: { runs: 400, seed: 4 } }
  )
})
