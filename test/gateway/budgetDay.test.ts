/**
 * A day against a daily budget, in virtual time, through the gateway as it is wired: only its providers are scripted.
 */
import { assert, describe, it } from "@effect/vitest"
import { Effect, Layer, References } from "effect"
import { TestClock } from "effect/testing"
import { Budgets } from "../../src/budget/Budgets.ts"
import { Catalog } from "../../src/catalog/Catalog.ts"
import { defaultResilience, defaultServer, type FactsOverride, type Settings } from "../../src/config/Settings.ts"
import { type Priority } from "../../src/domain/Budget.ts"
import { nanoOfUsd } from "../../src/domain/Money.ts"
import { anonymous, CurrentRequest } from "../../src/domain/RequestContext.ts"
import { Gateway } from "../../src/gateway/Gateway.ts"
import { gatewayOver } from "../../src/gateway/gatewayLayer.ts"
import { healthInMemory } from "../../src/health/healthLayer.ts"
import { Registry } from "../../src/provider/Registry.ts"
import * as Scripted from "../../src/provider/Scripted.ts"
import { chatRequest, providerSpec } from "../provider/requests.ts"

const limitUsd = 12.6
const minute = 60_000
const hour = 60 * minute
const day = 24 * hour

/** What each model costs, in US dollars a million tokens. */
const prices = { dear: 5, middle: 3, cheap: 1 } as const
type Model = keyof typeof prices
const isModel = (name: string): name is Model => name in prices
const fact = (tier: FactsOverride["tier"], model: Model): FactsOverride => ({
  ...(tier === undefined ? {} : { tier }),
  price: { inputUsdPerMTok: prices[model], outputUsdPerMTok: prices[model] * 5 },
  contextWindowTokens: 100_000
})
const ids = ["a", "b", "c"]
const specs = ids.map((id) => providerSpec({ id, kind: "openai-compatible" }))
const settings: Settings = {
  server: defaultServer,
  providers: specs,
  providersOff: [],
  aliases: [{ name: "smart", strategy: "priority", targets: ["a/dear", "b/middle", "c/cheap"], downgrade: true }],
  tasks: new Map([["general", { quality: ["a/dear"], balanced: ["b/middle"], cost: ["c/cheap"] }]]),
  facts: new Map([
    ["a/dear", fact("premium", "dear")],
    ["b/middle", fact("standard", "middle")],
    ["c/cheap", fact("economy", "cheap")]
  ]),
  resilience: { ...defaultResilience, probes: { ...defaultResilience.probes, enabled: false } },
  budgets: [
    {
      scope: "global",
      window: "day",
      timeZone: "UTC",
      hard: nanoOfUsd(limitUsd),
      soft: undefined,
      reservePercent: 0,
      onExhausted: "reject"
    }
  ],
  keys: [],
  source: "file",
  warnings: []
}

/** What the nth request uses, as the vendor counts it: a thousand tokens, and five hundred written, more or less. */
const usageOf = (nth: number) => {
  const wave = 1 + 0.2 * Math.sin(nth * 2.4)
  return { inputTokens: Math.round(1000 * wave), outputTokens: Math.round(500 * wave) }
}
const usdOf = (model: Model, { inputTokens, outputTokens }: ReturnType<typeof usageOf>): number =>
  ((inputTokens + 5 * outputTokens) * prices[model]) / 1e6

/** Requests a minute: a batch at night, people by day. */
const rateAt = (at: number): number => (at % day < 8 * hour ? 2 : 0.6)

interface Served {
  readonly at: number
  readonly priority: Priority
  readonly asked: string
  /** Absent: it was refused. */
  readonly model: Model | undefined
  readonly usd: number
  readonly reason: string | undefined
}
interface Forecast {
  readonly at: number
  readonly runsOutAt: number | undefined
}

const text = "word ".repeat(800)

const request = (model: string) =>
  chatRequest({
    model,
    messages: [{ role: "user", content: [{ _tag: "Text", text }] }],
    sampling: { maxTokens: 1000 }
  })

/** Plays some hours; every twentieth request is a critical one, every second one leaves the choice to its task. */
const played = (hours: number) =>
  Effect.gen(function* () {
    const gateway = yield* Gateway
    const budgets = yield* Budgets
    const served: Array<Served> = []
    const forecasts: Array<Forecast> = []
    /** Every hour, what an explanation says. */
    const explained: Array<string> = []
    let due = 0
    for (let at = 0; at < hours * hour; at += minute) {
      if (at % hour === 0) {
        const { budget, outcome } = yield* Effect.scoped(gateway.explain(request("smart")))
        explained.push(`${budget?.tier} ${outcome._tag === "Asks" ? outcome.first.model : outcome._tag}`)
      }
      if (at % (15 * minute) === 0) forecasts.push({ at, runsOutAt: budgets.report(at)[0]?.runsOutAt })
      for (due += rateAt(at); due >= 1; due--) {
        const nth = served.length
        const priority = nth % 20 === 7 ? "critical" : "normal"
        const asked = nth % 2 === 0 ? "auto:quality" : "smart"
        const answer = yield* gateway.handle(request(asked)).pipe(
          Effect.scoped,
          Effect.provideService(CurrentRequest, {
            requestId: `r${nth}`,
            caller: { ...anonymous, priority },
            timeoutMillis: undefined,
            task: "general"
          }),
          Effect.result
        )
        const model = answer._tag === "Success" ? answer.success.served.model : undefined
        const by = model !== undefined && isModel(model) ? model : undefined
        served.push({
          at,
          priority,
          asked,
          model: by,
          usd: by === undefined ? 0 : usdOf(by, usageOf(calls.count - 1)),
          reason: answer._tag === "Failure" ? answer.failure.reason._tag : undefined
        })
      }
      yield* TestClock.adjust(minute)
    }
    return { served, forecasts, explained }
  })

/** Calls over all providers. */
const calls = { count: 0 }

const gateway = Effect.sync(() => {
  calls.count = 0
  const providers = ids.map((id) =>
    Scripted.make({ id, script: () => Scripted.answer("hello", { usage: usageOf(calls.count++) }) })
  )
  return gatewayOver(settings).pipe(
    Layer.provide(Registry.layerOf(providers.map(({ provider }) => provider))),
    Layer.provideMerge(healthInMemory({ resilience: settings.resilience, providers: specs, facts: new Map() })),
    Layer.provide(Catalog.layer)
  )
})

const mean = (served: ReadonlyArray<Served>): number =>
  served.reduce((sum, { usd }) => sum + usd, 0) / Math.max(1, served.length)

describe("a day against a daily budget", () => {
  it.effect(
    "is served ever more cheaply, with quality for what is critical, and its end is foreseen from noon on",
    () =>
      Effect.gen(function* () {
        const { explained, forecasts, served } = yield* Effect.provide(played(25), yield* gateway)
        const today = served.filter(({ at }) => at < day)
        const normal = today.filter(({ priority }) => priority === "normal")
        const firstOf = (model: Model) => normal.find((one) => one.model === model)?.at ?? Number.NaN
        const runOut = normal.find(({ model }) => model === undefined)?.at ?? Number.NaN
        const shown = JSON.stringify({
          middle: firstOf("middle") / hour,
          cheap: firstOf("cheap") / hour,
          runOut: runOut / hour
        })

        // the tier falls as the share falls, and does not rise again
        assert.strictEqual(normal[0]?.model, "dear", shown)
        const rank = { dear: 0, middle: 1, cheap: 2 }
        const ranks = normal.filter(({ at }) => at < runOut).map(({ model }) => (model === undefined ? 3 : rank[model]))
        assert.deepStrictEqual(ranks, ranks.toSorted(), shown)
        const spentBy = (at: number) =>
          today.filter((one) => one.at < at).reduce((sum, { usd }) => sum + usd, 0) / limitUsd
        assert.closeTo(spentBy(firstOf("middle")), 0.2, 0.01, shown)
        assert.closeTo(spentBy(firstOf("cheap")), 0.8, 0.01, shown)

        // what is critical keeps quality, and is served as long as it fits
        const critical = today.filter(({ at, priority }) => priority === "critical" && at < runOut - hour / 2)
        assert.isAbove(critical.length, 50)
        assert.isTrue(
          critical.every(({ model }) => model === "dear"),
          shown
        )

        // downgraded ones cost less
        const [dear, middle, cheap] = (["dear", "middle", "cheap"] as const).map((model) =>
          mean(normal.filter((one) => one.model === model))
        )
        assert.isBelow(middle ?? 0, (dear ?? 0) * 0.7)
        assert.isBelow(cheap ?? 0, (middle ?? 0) * 0.4)

        // it ends in the evening, by the budget alone, and never beyond it
        assert.isAbove(runOut, 18 * hour, shown)
        assert.isBelow(runOut, day, shown)
        assert.deepStrictEqual(new Set(today.flatMap(({ reason }) => reason ?? [])), new Set(["BudgetExhausted"]))
        const spent = today.reduce((sum, { usd }) => sum + usd, 0)
        assert.isAtMost(spent, limitUsd)
        assert.isAbove(spent, limitUsd * 0.99)

        const fromNoon = forecasts.filter(({ at }) => at >= 12 * hour && at < runOut)
        assert.isAbove(fromNoon.length, 20)
        for (const { at, runsOutAt } of fromNoon)
          assert.isAtMost(
            Math.abs((runsOutAt ?? Number.NaN) - runOut),
            30 * minute,
            `at ${at / hour}: ${(runsOutAt ?? Number.NaN) / hour}, in truth ${runOut / hour}`
          )

        // explanations say what would be done at that hour
        assert.deepStrictEqual(
          [explained[0], explained[2], explained[6], explained[8], explained[20], explained[23], explained[24]],
          [
            "premium dear",
            "standard middle",
            "standard middle",
            "economy cheap",
            "economy cheap",
            "economy Refused",
            "premium dear"
          ],
          shown
        )

        // a new day
        const tomorrow = served.filter(({ at }) => at >= day)
        assert.isAbove(tomorrow.length, 100)
        assert.isTrue(tomorrow.slice(0, 50).every(({ model }) => model === "dear"))
      }).pipe(Effect.provideService(References.MinimumLogLevel, "None")),
    120_000
  )
})
