/**
 * What a request is told that it cost, over HTTP: all that was asked for its sake, to the nano-dollar what budgets settled.
 */
import { assert, describe, it } from "@effect/vitest"
import { Effect, Redacted, References, Schedule, type Scope } from "effect"
import type { Budgets } from "../../src/budget/Budgets.ts"
import { policyOf } from "../../src/config/budgets.ts"
import { defaultClassifier, type Settings } from "../../src/config/Settings.ts"
import { nano, nanoOfUsd, usdOfNano } from "../../src/domain/Money.ts"
import { ask, dialects, type Question } from "./asking.ts"
import { alias, type Options, start } from "./harness.ts"

const live = (name: string, test: () => Effect.Effect<unknown, unknown, Scope.Scope>) =>
  it.live(name, () => Effect.scoped(test()).pipe(Effect.provideService(References.MinimumLogLevel, "None")))

const first = "openai/dear-1"
const second = "gemini/cheap-1"
const price = (inputUsdPerMTok: number, outputUsdPerMTok: number) => ({
  price: { inputUsdPerMTok, outputUsdPerMTok },
  contextWindowTokens: 100_000
})
const facts: Settings["facts"] = new Map([
  [first, price(1, 100)],
  [second, price(0.01, 0.1)],
  ["openai/judge-1", price(1, 10)]
])
const watched = [policyOf("global", { window: "month", softLimitUsd: 100 })]

const starting = ({ settings, ...options }: Options = {}) =>
  start({
    aliases: [alias("smart", first, second)],
    ...options,
    settings: { facts, budgets: watched, ...settings }
  })

/** What the budgets have settled, once nothing is under way. */
const settledUsd = (budgets: Budgets["Service"]) =>
  Effect.clockWith((clock) => Effect.map(clock.currentTimeMillis, (now) => budgets.report(now)[0])).pipe(
    Effect.repeat({
      until: (report) => report?.reserved === 0 && budgets.opened() === 0,
      schedule: Schedule.spaced("5 millis")
    }),
    Effect.map((report) => (report === undefined ? 0 : usdOfNano(report.spent)))
  )

const question = { dialect: "openai", delivery: "whole", model: "smart", prompt: "Say hello" } as const
const headers = { "x-switchyard-metadata": "body" }

/** What a whole body, or the last object of a stream, tells of its cost. */
const toldUsd = (raw: string): number => Number(/"switchyard":\{[^{}]*"costUsd":([^,}]+)/.exec(raw)?.[1])

describe("the cost of a request", () => {
  live("holds what an attempt cost that failed before another one answered", () =>
    Effect.gen(function* () {
      const { budgets, simulator, url } = yield* starting()
      const alone = yield* ask(url, { ...question, model: second })
      const usual = Number(alone.headers.get("x-switchyard-cost-usd"))
      assert.isAbove(usual, 0)
      // what came of it is not known, so that its worst case counts
      yield* simulator.setFault({ vendor: "openai", fault: "clean-cut" })
      const told = yield* ask(url, { ...question, headers })
      assert.strictEqual(told.headers.get("x-switchyard-provider"), "gemini", told.raw)
      const cost = Number(told.headers.get("x-switchyard-cost-usd"))
      assert.isAbove(cost, 10 * usual)
      assert.strictEqual(toldUsd(told.raw), cost)
      assert.closeTo(yield* settledUsd(budgets), cost + usual, 1e-12)
    })
  )

  for (const dialect of dialects)
    live(`of a stream that another vendor completed is that of both parts (${dialect})`, () =>
      Effect.gen(function* () {
        const { budgets, simulator, url } = yield* starting()
        yield* simulator.setFault({ vendor: "openai", fault: "cut" })
        const told = yield* ask(url, { ...question, dialect, delivery: "live", headers })
        assert.strictEqual(told.status, 200, told.raw)
        assert.isAbove(toldUsd(told.raw), 0)
        assert.strictEqual(toldUsd(told.raw), yield* settledUsd(budgets))
      })
    )

  live("holds the call of a classifier that asked a model", () =>
    Effect.gen(function* () {
      const { budgets, simulator, url } = yield* starting({
        settings: {
          tasks: new Map([["general", { balanced: [second] }]]),
          classifier: { ...defaultClassifier, by: "llm", model: "openai/judge-1" }
        }
      })
      const told = yield* ask(url, { ...question, model: "auto" })
      assert.strictEqual(told.status, 200, told.raw)
      assert.isTrue((yield* simulator.calls).some(({ model }) => model === "judge-1"))
      const alone = Number((yield* ask(url, { ...question, model: second })).headers.get("x-switchyard-cost-usd"))
      const cost = Number(told.headers.get("x-switchyard-cost-usd"))
      assert.isAbove(cost, alone)
      assert.closeTo(yield* settledUsd(budgets), cost + alone, 1e-12)
    })
  )

  live("holds failed attempts under a cost cap too, and without either it is the answer's alone", () =>
    Effect.gen(function* () {
      const { simulator, url } = yield* starting({ settings: { budgets: [] } })
      yield* simulator.setFault({ vendor: "openai", fault: "clean-cut" })
      const plain = Number((yield* ask(url, question)).headers.get("x-switchyard-cost-usd"))
      const capped = yield* ask(url, { ...question, headers: { "x-switchyard-max-cost-usd": "5" } })
      assert.strictEqual(capped.headers.get("x-switchyard-provider"), "gemini")
      assert.isAbove(plain, 0)
      assert.isAbove(Number(capped.headers.get("x-switchyard-cost-usd")), 10 * plain)
    })
  )
})

describe("the expected cost of vectors", () => {
  live("decides with what is left whether a request of low priority is still served", () =>
    Effect.gen(function* () {
      const vectors = "openai/text-embedding-3-small"
      const { budgets, simulator, url } = yield* starting({
        settings: {
          facts: new Map([[vectors, price(64, 0)]]),
          budgets: [policyOf("global", { window: "month", limitUsd: 1, reserve: 0 })],
          keys: [
            { name: "batch", key: Redacted.make("key-of-batch"), tenant: undefined, priority: "low", allow: undefined }
          ]
        }
      })
      const spent = { id: "r", scopes: [], priority: "normal", expected: nano(0), millis: 60_000 } as const
      yield* Effect.gen(function* () {
        const lease = yield* budgets.lease(spent)
        const attempt = yield* lease.reserve({ scopes: [], worst: nanoOfUsd(0.88) })
        const now = yield* Effect.clockWith((clock) => clock.currentTimeMillis)
        attempt.settle({ by: "told", owed: nanoOfUsd(0.88) }, now)
      }).pipe(Effect.scoped)
      const embedded = (input: string) =>
        Effect.promise(async () => {
          const response = await fetch(`${url}/v1/embeddings`, {
            method: "POST",
            headers: { authorization: "Bearer key-of-batch", "content-type": "application/json" },
            body: JSON.stringify({ model: vectors, input })
          })
          return { status: response.status, raw: await response.text() }
        })
      assert.strictEqual((yield* embedded("hi")).status, 200)
      // 12 % are left, and its worst case would fit; with the 3 % that it is expected to cost less than a tenth is
      const refused = yield* embedded("word ".repeat(360))
      assert.strictEqual(refused.status, 429, refused.raw)
      assert.lengthOf(yield* simulator.calls, 1)
    })
  )
})

/** What changes a request's price as a whole, or adds to it, by the wire that says it. */
const surcharged: ReadonlyArray<
  readonly [what: string, asked: Omit<Question, "delivery" | "prompt">, times: number, more?: number]
> = [
  ["nothing", { dialect: "openai", model: "openai/gpt-5.2" }, 1],
  ["faster service", { dialect: "openai", model: "openai/gpt-5.2", fields: { service_tier: "priority" } }, 2],
  ["service that may wait", { dialect: "openai", model: "openai/gpt-5.2", fields: { service_tier: "flex" } }, 0.5],
  [
    "Google's faster service",
    { dialect: "gemini", model: "gemini/gemini-3.5-flash", fields: { serviceTier: "priority" } },
    2
  ],
  ["a region", { dialect: "anthropic", model: "anthropic/claude-opus-4-6", fields: { inference_geo: "us" } }, 1.1],
  [
    "speed and a region",
    { dialect: "anthropic", model: "anthropic/claude-opus-4-6", fields: { inference_geo: "us", speed: "fast" } },
    6.6
  ],
  ["a search", { dialect: "openai", model: "openai/gpt-5.2", fields: { web_search_options: {} } }, 1, 0.035]
]

describe("the cost of a request that has a price of its own", () => {
  for (const [what, asked, times, more = 0] of surcharged)
    live(`is the same with a budget and without one, and has that in it: ${what}`, () =>
      Effect.gen(function* () {
        const plain = { ...asked, fields: {} }
        const costs: Array<number> = []
        for (const budgets of [watched, []])
          for (const delivery of ["whole", "live"] as const) {
            const { url } = yield* starting({ settings: { budgets, facts: new Map() } })
            const told = yield* ask(url, { ...asked, delivery, prompt: "Say hello", headers })
            assert.strictEqual(told.status, 200, told.raw)
            const usual = yield* ask(url, { ...plain, delivery, prompt: "Say hello", headers })
            costs.push(toldUsd(told.raw), toldUsd(usual.raw))
          }
        const [cost = 0, usual = 0] = costs
        assert.isAbove(cost, 0)
        for (const [at, one] of costs.entries()) assert.strictEqual(one, at % 2 === 0 ? cost : usual, `${at}`)
        assert.closeTo(cost, usual * times + more, 2e-9)
      })
    )
})
