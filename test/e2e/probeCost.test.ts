/**
 * What health probes cost, over HTTP: borne by the budgets, and not made where those have no room.
 */
import { assert, describe, it } from "@effect/vitest"
import { Duration, Effect, Redacted, References, Schedule, type Scope } from "effect"
import { policyOf } from "../../src/config/budgets.ts"
import { defaultResilience, type Settings } from "../../src/config/Settings.ts"
import { nano, usdOfNano } from "../../src/domain/Money.ts"
import { parseJson } from "../../src/domain/Json.ts"
import { ask } from "./asking.ts"
import { object } from "./reading.ts"
import { start } from "./harness.ts"

const adminKey = "the-admin-key-of-this-test"
const model = "openai/dear-1"

const live = (name: string, test: () => Effect.Effect<unknown, unknown, Scope.Scope>) =>
  it.live(name, () => Effect.scoped(test()).pipe(Effect.provideService(References.MinimumLogLevel, "None")))

/** Every token written costs a tenth of a cent; of a probe the worst case is 16 of them. */
const facts: Settings["facts"] = new Map([
  [model, { price: { inputUsdPerMTok: 0, outputUsdPerMTok: 1000 }, contextWindowTokens: 100_000 }]
])

const starting = (limitUsd: number, settings: Partial<Settings> = {}) =>
  Effect.map(
    start({
      vendors: ["openai"],
      server: { adminKey: Redacted.make(adminKey) },
      settings: {
        facts,
        budgets: [
          policyOf("global", { window: "month", limitUsd, reserve: 0 }),
          policyOf("provider:openai", { window: "month", softLimitUsd: 100 })
        ],
        ...settings
      }
    }),
    (one) => ({
      ...one,
      check: Effect.promise(async () => {
        const response = await fetch(`${one.url}/admin/providers/openai/check`, {
          method: "POST",
          headers: { authorization: `Bearer ${adminKey}`, "content-type": "application/json" },
          body: JSON.stringify({ model: "dear-1" })
        })
        return parseJson(await response.text())
      }),
      standing: Effect.clockWith((clock) => Effect.map(clock.currentTimeMillis, (now) => one.budgets.report(now)))
    })
  )

describe("a health probe", () => {
  live("is borne by the global budget and its provider's, with what its vendor counts", () =>
    Effect.gen(function* () {
      const { budgets, check, simulator, standing } = yield* starting(1)
      assert.deepInclude(object(yield* check), { ok: true })
      assert.lengthOf(yield* simulator.calls, 1)
      const [all, own] = yield* standing
      assert.isAbove(all?.spent ?? 0, 0)
      assert.strictEqual(own?.spent, all?.spent)
      assert.deepStrictEqual([all?.reserved, budgets.opened()], [0, 0])
      // as many tokens as were written, and not the most that might have been
      assert.include([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15], usdOfNano(all?.spent ?? nano(0)) * 1000)
    })
  )

  live("for which there is no room is not made, and says so to whoever asked for it", () =>
    Effect.gen(function* () {
      // 16 tokens may cost $0.016
      const { check, simulator, standing } = yield* starting(0.015)
      const told = object(yield* check)
      assert.deepInclude(told, { ok: false })
      assert.include(told["message"], "no room is left in the month's budget of global")
      assert.lengthOf(yield* simulator.calls, 0)
      assert.deepStrictEqual(
        (yield* standing).map(({ reserved, spent }) => [reserved, spent]),
        [
          [0, 0],
          [0, 0]
        ]
      )
    })
  )

  live("is not made under a hard limit where nobody knows what it costs", () =>
    Effect.gen(function* () {
      const { check, simulator } = yield* starting(1, { facts: new Map() })
      assert.include(object(yield* check)["message"], "what it costs is not known, under the month's budget of global")
      assert.lengthOf(yield* simulator.calls, 0)
    })
  )

  live("that finds a vendor well again is paid for like any call", () =>
    Effect.gen(function* () {
      const { simulator, standing, url } = yield* starting(1, {
        resilience: {
          ...defaultResilience,
          retries: { RateLimited: 0, ServerError: 0, Overloaded: 0, Network: 0, Timeout: 0 },
          circuit: { ...defaultResilience.circuit, failures: 1, openFor: Duration.millis(50) },
          probes: { ...defaultResilience.probes, enabled: true, interval: Duration.millis(50) }
        }
      })
      yield* simulator.setFault({ vendor: "openai", fault: "server-error" })
      assert.notStrictEqual(
        (yield* ask(url, { dialect: "openai", delivery: "whole", model, prompt: "hi" })).status,
        200
      )
      const before = (yield* standing)[0]?.spent ?? 0
      yield* simulator.clearFaults
      const [all] = yield* Effect.repeat(standing, {
        until: ([all]) => (all?.spent ?? 0) > before,
        schedule: Schedule.spaced("5 millis")
      })
      assert.isAbove(all?.spent ?? 0, before)
    })
  )
})
