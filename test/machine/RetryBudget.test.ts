import { assert, describe, it } from "@effect/vitest"
import { Schema } from "effect"
import {
  initialRetryBudget,
  isIdleRetryBudget,
  type RetryBudgetCommand,
  retryBudgetEvents,
  type RetryBudgetPolicy,
  type RetryBudgetState,
  retriesLeft,
  retryBudgetStep
} from "../../src/machine/RetryBudget.ts"

const policy: RetryBudgetPolicy = { share: 0.2, perMinute: 10 }
const step = retryBudgetStep(policy)

/** Gives the same command so many times at one moment; how often it was granted, and the state after. */
const times = (
  state: RetryBudgetState,
  count: number,
  _tag: RetryBudgetCommand["_tag"],
  now: number
): { readonly granted: number; readonly state: RetryBudgetState } => {
  let granted = 0
  let current = state
  for (let i = 0; i < count; i++) {
    const [reply, next] = step(current, { _tag }, now)
    if (reply === "granted") granted++
    current = next
  }
  return { granted, state: current }
}

describe("a retry budget", () => {
  it("grants ten retries a minute to a provider without traffic, and ten more a minute later", () => {
    const first = times(initialRetryBudget, 100, "Retry", 5_000)
    assert.strictEqual(first.granted, 10)
    assert.strictEqual(times(first.state, 100, "Retry", 64_999).granted, 0)
    assert.strictEqual(times(first.state, 100, "Retry", 66_000).granted, 10)
  })
  it("grants a fifth of the traffic on top", () => {
    const called = times(initialRetryBudget, 50, "Called", 1_000).state
    assert.strictEqual(retriesLeft(policy, called, 1_500), 20)
    const { granted, state } = times(called, 100, "Retry", 2_000)
    assert.strictEqual(granted, 20)
    assert.strictEqual(retriesLeft(policy, state, 2_000), 0)
  })
  it("forgets traffic of more than a minute ago", () => {
    const called = times(initialRetryBudget, 50, "Called", 1_000).state
    assert.strictEqual(retriesLeft(policy, called, 60_999), 20)
    assert.strictEqual(retriesLeft(policy, called, 61_000), 10)
    assert.isFalse(isIdleRetryBudget(called, 61_999))
    assert.isTrue(isIdleRetryBudget(called, 62_000))
  })
  it("never lets retries earn retries", () => {
    const { state } = times(initialRetryBudget, 10, "Retry", 1_000)
    assert.strictEqual(times(state, 1_000, "Retry", 30_000).granted, 0)
  })
  it("does not lose a retry to rounding", () => {
    const called = times(initialRetryBudget, 100, "Called", 0).state
    assert.strictEqual(retriesLeft({ share: 0.29, perMinute: 0 }, called, 0), 29)
  })
  it("grants nothing under a policy of nothing, and is not thrown by a policy that shrank", () => {
    assert.strictEqual(
      retryBudgetStep({ share: 0, perMinute: 0 })(initialRetryBudget, { _tag: "Retry" }, 0)[0],
      "refused"
    )
    const { state } = times(initialRetryBudget, 10, "Retry", 0)
    assert.strictEqual(retriesLeft({ share: 0, perMinute: 3 }, state, 0), 0)
  })
  it("tells the first refusal and the next grant, and nothing in between", () => {
    const spent = times(initialRetryBudget, 10, "Retry", 1_000).state
    const [, refused] = step(spent, { _tag: "Retry" }, 1_000)
    assert.deepStrictEqual(retryBudgetEvents(spent, refused), [{ _tag: "Exhausted" }])
    const [, again] = step(refused, { _tag: "Retry" }, 1_000)
    assert.strictEqual(again, refused)
    const [, called] = step(refused, { _tag: "Called" }, 1_000)
    assert.deepStrictEqual(retryBudgetEvents(refused, called), [])
    const [, granted] = step(called, { _tag: "Retry" }, 90_000)
    assert.deepStrictEqual(retryBudgetEvents(called, granted), [{ _tag: "Replenished" }])
  })
  it("survives a clock that goes back", () => {
    const { state } = times(initialRetryBudget, 10, "Retry", 100_000)
    assert.strictEqual(step(state, { _tag: "Retry" }, 70_000)[0], "refused")
    assert.strictEqual(step(state, { _tag: "Retry" }, 10_000)[0], "granted")
  })

  const Move = Schema.Struct({
    after: Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 9_000 })),
    calls: Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 12 })),
    retries: Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 12 }))
  })

  it.prop(
    "never grants more within any 60 s than a list of all moments allows, keeps at most a minute, is never negative",
    {
      moves: Schema.Array(Move).check(Schema.isMinLength(50), Schema.isMaxLength(60)),
      percent: Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 100 })),
      perMinute: Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 20 }))
    },
    ({ moves, percent, perMinute }) => {
      const drawn = { share: percent / 100, perMinute }
      const calls: Array<number> = []
      const granted: Array<number> = []
      let now = 1_700_000_000_000
      let state = initialRetryBudget
      const ask = (command: RetryBudgetCommand) => {
        const [reply, next] = retryBudgetStep(drawn)(state, command, now)
        state = next
        return reply
      }
      /** How many of these moments lie within so many milliseconds before now. */
      const within = (moments: ReadonlyArray<number>, millis: number) =>
        moments.filter((at) => at > now - millis).length
      const allowed = (millis: number) => Math.floor(perMinute + (percent * within(calls, millis)) / 100 + 1e-9)
      for (const move of moves) {
        now += move.after
        for (let i = 0; i < move.calls; i++) {
          ask({ _tag: "Called" })
          calls.push(now)
        }
        for (let i = 0; i < move.retries; i++) {
          const left = retriesLeft(drawn, state, now)
          assert.isAtLeast(left, 0)
          const reply = ask({ _tag: "Retry" })
          assert.strictEqual(reply === "granted", left > 0)
          if (reply === "granted") {
            granted.push(now)
            assert.isAtMost(within(granted, 60_000), allowed(60_000))
          } else {
            // no stingier than the buckets of a second make it
            assert.isAtLeast(within(granted, 61_000), allowed(59_000))
          }
        }
        assert.isAtMost(state.before.length, 60)
      }
    },
    { arbitrary: { runs: 120, seed: 11 } }
  )
})
