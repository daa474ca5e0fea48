import { assert, describe, it } from "@effect/vitest"
import { Schema } from "effect"
import {
  expectedMillis,
  fadedAfterMillis,
  initialPace,
  mayHave,
  type PaceCommand,
  paceStep,
  type PaceState,
  staleMillis,
  trustedAfter
} from "../../src/machine/Pace.ts"

const after = (...steps: ReadonlyArray<readonly [now: number, command: PaceCommand]>): PaceState =>
  steps.reduce<PaceState>((state, [now, command]) => paceStep(state, command, now)[1], initialPace)
const began = (millis: number): PaceCommand => ({ _tag: "Began", millis })
const wrote = (millis: number, tokens?: number): PaceCommand => ({ _tag: "Wrote", millis, tokens })
/** So many quick beginnings, one a second. */
const quick = (count: number, millis = 200): ReadonlyArray<readonly [number, PaceCommand]> =>
  Array.from({ length: count }, (_, at) => [at * 1000, began(millis)])

describe("a pace", () => {
  it("knows nothing of whom it has not seen", () => {
    assert.isUndefined(expectedMillis(initialPace, 100, 0))
  })
  it("is the time to the first event and that of every token", () => {
    const state = after([1000, began(300)], [2000, wrote(1000, 100)])
    assert.closeTo(expectedMillis(state, 0, 2000) ?? 0, 300, 4)
    assert.closeTo(expectedMillis(state, 50, 2000) ?? 0, 300 + 500, 4)
  })
  it("is learned of answers in one piece too, whatever their length, and of those without a token", () => {
    const answered = (tokens: number): PaceCommand => ({ _tag: "Answered", millis: 500 + 10 * tokens, tokens })
    for (const tokens of [0, 1, 20, 1000]) {
      const millis = expectedMillis(after([1000, answered(tokens)]), 400, 1000) ?? 0
      assert.closeTo(millis, 4000, 10, `${tokens} tokens`)
    }
  })
  it("is not told by a stream of a few tokens how long each takes", () => {
    const short = after([1000, began(300)], [2000, wrote(1000, 2)])
    assert.closeTo(expectedMillis(short, 400, 2000) ?? 0, 300, 4)
  })
  it("goes up at once and comes down slowly", () => {
    const slow = after(...quick(10), [10_000, began(5000)])
    assert.strictEqual(expectedMillis(slow, 0, 10_000), 5000)
    const recovering = paceStep(slow, began(200), 11_000)[1]
    assert.isAbove(expectedMillis(recovering, 0, 11_000) ?? 0, 3000)
    assert.isBelow(expectedMillis(recovering, 0, 11_000) ?? 0, 5000)
  })
  it("fades to what is usual within half a minute where nobody asks", () => {
    const slow = after(...quick(60), [60_000, began(5000)])
    assert.isBelow(expectedMillis(slow, 0, 60_000 + 40_000) ?? 0, 400)
  })
  it("is not taken back to what was usual once it is well again, where nobody asks for a while", () => {
    const slow = after(...quick(300, 8000))
    let state = slow
    for (let at = 1; at <= 10; at++) state = paceStep(state, began(200), 300_000 + at * 3000)[1]
    const well = expectedMillis(state, 0, 330_000) ?? 0
    assert.isBelow(well, 700)
    assert.isAtMost(expectedMillis(state, 0, 390_000) ?? 0, well)
  })
  it("is forgotten in the end, so that whoever was slow for long is tried again", () => {
    const slow = after(...quick(600, 8000))
    assert.isAbove(expectedMillis(slow, 0, 600_000 + 30_000) ?? 0, 5000)
    assert.isBelow(expectedMillis(slow, 0, 600_000 + 25 * 60_000) ?? 0, 100)
  })
  it("counts a call that was given up as taking at least so long", () => {
    const state = after(...quick(5), [5000, { _tag: "Waited", millis: 9000 }])
    assert.strictEqual(expectedMillis(state, 0, 5000), 9000)
    const shorter = paceStep(state, { _tag: "Waited", millis: 100 }, 5000)[1]
    assert.strictEqual(shorter, state)
  })
  it("trusts a new one with one call, with one more for each that went well, then with any number", () => {
    let state = initialPace
    for (let good = 0; good < trustedAfter; good++) {
      assert.strictEqual(mayHave(state, good), good + 1)
      state = paceStep(state, wrote(100), good)[1]
    }
    assert.strictEqual(mayHave(state, 100), Number.POSITIVE_INFINITY)
    assert.strictEqual(mayHave(paceStep(state, { _tag: "Failed" }, 100)[1], 100), 1)
    assert.strictEqual(mayHave(state, 10 + staleMillis), 1)
    assert.strictEqual(mayHave(paceStep(state, began(100), 10 + staleMillis)[1], 10 + staleMillis), 1)
    // after a short silence one call is enough
    assert.strictEqual(mayHave(state, 10 + fadedAfterMillis), 1)
    assert.strictEqual(mayHave(paceStep(state, began(100), 6000)[1], 6000), Number.POSITIVE_INFINITY)
  })
  const Command: Schema.Schema<PaceCommand> = Schema.Union([
    Schema.TaggedStruct("Began", { millis: Schema.Number }),
    Schema.TaggedStruct("Wrote", { millis: Schema.Number, tokens: Schema.UndefinedOr(Schema.Number) }),
    Schema.TaggedStruct("Answered", { millis: Schema.Number, tokens: Schema.Number }),
    Schema.TaggedStruct("Waited", { millis: Schema.Number }),
    Schema.TaggedStruct("Failed", {})
  ])
  it.prop(
    "is never negative and never no number, whatever is seen and wherever the clock goes",
    {
      steps: Schema.Array(
        Schema.Struct({ now: Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 1e7 })), command: Command })
      ).check(Schema.isMaxLength(30))
    },
    ({ steps }) => {
      let state = initialPace
      for (const { command, now } of steps) {
        state = paceStep(state, command, now)[1]
        const millis = expectedMillis(state, 100, now)
        assert.isTrue(millis === undefined || millis >= 0, String(millis))
        assert.isAtLeast(mayHave(state, now), 1)
      }
    },
    { arbitrary: { runs: 500, seed: 4 } }
  )
})
