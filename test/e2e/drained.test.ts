/**
 * A gateway that goes down while calls are in flight, and what the next one finds in the database of its spending.
 */
import { assert, describe, it } from "@effect/vitest"
import { Duration, Effect, Exit, Fiber, References, Scope } from "effect"
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { policyOf } from "../../src/config/budgets.ts"
import type { Settings } from "../../src/config/Settings.ts"
import { usdOfNano } from "../../src/domain/Money.ts"
import { ask, type Delivery, looksWhole } from "./asking.ts"
import { start } from "./harness.ts"

const model = "openai/dear-1"
const limitUsd = 10
/** A token written costs a tenth of a cent, one read nothing. */
const facts: Settings["facts"] = new Map([
  [model, { price: { inputUsdPerMTok: 0, outputUsdPerMTok: 1000 }, contextWindowTokens: 100_000 }]
])
const mostTokens = 50
const worstUsd = mostTokens / 1000

const live = (name: string, test: () => Effect.Effect<unknown, unknown, Scope.Scope>) =>
  it.live(name, () => Effect.scoped(test()).pipe(Effect.provideService(References.MinimumLogLevel, "None")))

/** A folder for a database, and gateways that run on it one after the other. */
const onOneDatabase = Effect.gen(function* () {
  const home = mkdtempSync(join(tmpdir(), "switchyard-drained-"))
  yield* Effect.addFinalizer(() => Effect.sync(() => rmSync(home, { recursive: true, force: true })))
  return (shutdownGrace: Duration.Duration) =>
    start({
      vendors: ["openai"],
      server: { shutdownGrace },
      settings: {
        facts,
        budgets: [policyOf("global", { window: "month", limitUsd, reserve: 0 })],
        storage: { sqlite: join(home, "switchyard.db") }
      }
    })
})

type Started = Effect.Success<ReturnType<typeof start>>
const standing = ({ budgets }: Pick<Started, "budgets">) =>
  Effect.clockWith((clock) =>
    Effect.map(clock.currentTimeMillis, (now) => {
      const [report] = budgets.report(now)
      assert.isDefined(report)
      return { spentUsd: usdOfNano(report.spent), reservedUsd: usdOfNano(report.reserved), open: budgets.opened() }
    })
  )
const question = (delivery: Delivery) =>
  ({
    dialect: "openai",
    delivery,
    model,
    prompt: "Say hello",
    headers: { "x-switchyard-metadata": "body" },
    fields: { max_completion_tokens: mostTokens }
  }) as const

/** What an answer says that it cost. */
const toldUsd = (raw: string): number => Number(/"costUsd":([\d.e-]+)/.exec(raw)?.[1])

const deliveries: ReadonlyArray<Delivery> = ["whole", "live", "whole", "live", "whole"]

/** Calls that have reached their vendor, which is slow to answer. */
const inFlight = (url: string, { simulator }: Pick<Started, "simulator">, delayMillis: number) =>
  Effect.gen(function* () {
    yield* simulator.setFault({ vendor: "openai", fault: "slow-first-token", delayMillis })
    const calls = yield* Effect.forEach(deliveries, (delivery) =>
      Effect.forkChild(Effect.exit(ask(url, question(delivery))), { startImmediately: true })
    )
    yield* simulator.untilCall(({ number }) => number === deliveries.length)
    return calls
  })

describe("a gateway that goes down while calls are in flight", () => {
  live("lets them finish, and the next one knows of each what it cost", () =>
    Effect.gen(function* () {
      const starting = yield* onOneDatabase
      const scope = yield* Scope.make()
      const gateway = yield* Scope.provide(starting(Duration.seconds(20)), scope)
      const calls = yield* inFlight(gateway.url, gateway, 300)
      assert.closeTo((yield* standing(gateway)).reservedUsd, deliveries.length * worstUsd, 1e-9)
      yield* Scope.close(scope, Exit.void)
      let cost = 0
      for (const call of calls) {
        const told = yield* yield* Fiber.join(call)
        assert.strictEqual(told.status, 200, told.raw)
        assert.isTrue(told.raw.startsWith("data:") ? looksWhole("live", told) : looksWhole("whole", told), told.raw)
        cost += toldUsd(told.raw)
      }
      assert.isAbove(cost, 0)
      assert.isBelow(cost, deliveries.length * worstUsd)
      const next = yield* starting(Duration.seconds(2))
      const { open, reservedUsd, spentUsd } = yield* standing(next)
      assert.closeTo(spentUsd, cost, 1e-9)
      assert.deepStrictEqual([reservedUsd, open], [0, 0])
    })
  )

  live("counts those that it had to break off at what they may have cost, and holds nothing for them any more", () =>
    Effect.gen(function* () {
      const starting = yield* onOneDatabase
      const scope = yield* Scope.make()
      const gateway = yield* Scope.provide(starting(Duration.millis(100)), scope)
      const calls = yield* inFlight(gateway.url, gateway, 60_000)
      yield* Scope.close(scope, Exit.void)
      for (const call of calls) {
        const told = yield* yield* Fiber.join(call)
        assert.strictEqual(told.status, 503, told.raw)
      }
      const next = yield* starting(Duration.seconds(2))
      const { open, reservedUsd, spentUsd } = yield* standing(next)
      assert.closeTo(spentUsd, deliveries.length * worstUsd, 1e-9)
      assert.deepStrictEqual([reservedUsd, open], [0, 0])
      const told = yield* ask(next.url, question("whole"))
      assert.strictEqual(told.status, 200, told.raw)
      assert.closeTo((yield* standing(next)).spentUsd, spentUsd + toldUsd(told.raw), 1e-9)
    })
  )
})
