/** A budget that runs low, over HTTP in every dialect: who answers, what the answer says, and what the vendor is sent. */
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import type { Alias } from "../../src/config/Settings.ts"
import type { BudgetPolicy } from "../../src/domain/Budget.ts"
import { nano } from "../../src/domain/Money.ts"
import { ask, deliveries, dialects } from "./asking.ts"
import { start } from "./harness.ts"

/** Watched, and beyond what it should be from the first request on. */
const low: BudgetPolicy = {
  scope: "global",
  window: "day",
  timeZone: "UTC",
  hard: undefined,
  soft: nano(0),
  reservePercent: 0,
  onExhausted: "reject"
}
const economy = { system: "Keep to short sentences." }

/** By dialect, a cheap model whose vendor speaks it: sent unedited, the body would go on as it came. */
const cheap = {
  openai: "openai/gpt-5-mini",
  responses: "openai/gpt-5-mini",
  anthropic: "anthropic/claude-haiku-4-5",
  gemini: "gemini/gemini-3.5-flash-lite"
} as const
const dear = "anthropic/claude-opus-4-7"
const thrifty = (target: string): Alias => ({
  name: target.replace("/", "-or-"),
  strategy: "priority",
  targets: [dear, target],
  downgrade: true
})
const aliases = [...new Set(Object.values(cheap))].map(thrifty)

describe("a budget that runs low", () => {
  for (const dialect of dialects)
    for (const delivery of deliveries)
      it.live(`has a cheap model answer, which is told how, and says so (${dialect}, ${delivery})`, () =>
        Effect.gen(function* () {
          const { simulator, url } = yield* start({ aliases, settings: { budgets: [low], economy } })
          const target = cheap[dialect]
          const told = yield* ask(url, { dialect, delivery, model: thrifty(target).name, prompt: "hello" })
          assert.strictEqual(told.status, 200, told.raw)
          assert.isAbove(told.text.length, 0)
          assert.strictEqual(told.headers.get("x-switchyard-model-tier"), "economy")
          assert.strictEqual(told.headers.get("x-switchyard-fallback"), "BudgetTier")
          assert.strictEqual(
            `${told.headers.get("x-switchyard-provider")}/${told.headers.get("x-switchyard-model")}`,
            target
          )
          const [sent, ...more] = yield* simulator.calls
          assert.deepStrictEqual(more, [])
          assert.include(JSON.stringify(sent?.body), economy.system)

          yield* simulator.clearCalls
          const exact = yield* ask(url, { dialect, delivery, model: dear, prompt: "hello" })
          assert.strictEqual(exact.headers.get("x-switchyard-model-tier"), "premium")
          assert.isNull(exact.headers.get("x-switchyard-fallback"))
          const small = yield* ask(url, { dialect, delivery, model: target, prompt: "hello" })
          assert.strictEqual(small.status, 200)
          assert.notInclude(JSON.stringify(yield* simulator.calls), economy.system)
        }).pipe(Effect.scoped)
      )
})
