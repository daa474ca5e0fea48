import { assert, describe, it } from "@effect/vitest"
import { Effect, Fiber, Stream } from "effect"
import { RetryBudgets } from "../../src/health/RetryBudgets.ts"

const layer = RetryBudgets.layer({ retryBudget: { share: 0.2, perMinute: 10 } })

/** Asks for so many retries; how many were granted. */
const retry = (budgets: RetryBudgets["Service"], provider: string, count: number, now: number) => {
  let granted = 0
  for (let i = 0; i < count; i++) if (budgets.mayRetry(provider, now)) granted++
  return granted
}

describe("the retry budgets", () => {
  it.effect("are each provider's own", () =>
    Effect.gen(function* () {
      const budgets = yield* RetryBudgets
      for (let i = 0; i < 100; i++) budgets.called("openai", 1_000)
      assert.strictEqual(budgets.left("openai", 1_000), 30)
      assert.strictEqual(retry(budgets, "openai", 50, 1_000), 30)
      assert.strictEqual(budgets.left("openai", 1_000), 0)
      assert.strictEqual(budgets.left("anthropic", 1_000), 10)
      assert.strictEqual(retry(budgets, "anthropic", 50, 1_000), 10)
    }).pipe(Effect.provide(layer))
  )
  it.effect("take a new policy at once and keep what was counted", () =>
    Effect.gen(function* () {
      const budgets = yield* RetryBudgets
      assert.strictEqual(retry(budgets, "openai", 50, 1_000), 10)
      budgets.configure({ retryBudget: { share: 0, perMinute: 12 } })
      assert.strictEqual(budgets.left("openai", 1_000), 2)
      assert.strictEqual(retry(budgets, "openai", 50, 1_000), 2)
      budgets.configure({ retryBudget: { share: 0, perMinute: 1 } })
      assert.strictEqual(budgets.left("openai", 1_000), 0)
      assert.isFalse(budgets.mayRetry("openai", 61_999))
      assert.isTrue(budgets.mayRetry("openai", 62_000))
    }).pipe(Effect.provide(layer))
  )
  it.effect("tell whoever listens that a provider has used its retries up", () =>
    Effect.gen(function* () {
      const budgets = yield* RetryBudgets
      const heard = yield* budgets.events.pipe(
        Stream.take(2),
        Stream.runCollect,
        Effect.forkChild({ startImmediately: true })
      )
      yield* Effect.yieldNow
      retry(budgets, "openai", 15, 1_000)
      retry(budgets, "openai", 1, 90_000)
      assert.deepStrictEqual(yield* Fiber.join(heard), [
        { key: "openai", event: { _tag: "Exhausted" } },
        { key: "openai", event: { _tag: "Replenished" } }
      ])
    }).pipe(Effect.provide(layer))
  )
})
