/**
 * Limits of vendors, of regions and of money, over HTTP: what callers get, and what the vendors see.
 */
import { assert, describe, it } from "@effect/vitest"
import { Duration, Effect, Redacted, References, type Scope } from "effect"
import type { ClientKey } from "../../src/config/Settings.ts"
import { ask, type Delivery, deliveries, type Dialect, dialects, looksWhole } from "./asking.ts"
import { alias, start } from "./harness.ts"

const openai = "openai/gpt-5.2"
const claude = "anthropic/claude-sonnet-5"

const live = (name: string, test: () => Effect.Effect<unknown, unknown, Scope.Scope>) =>
  it.live(name, () => Effect.scoped(test()).pipe(Effect.provideService(References.MinimumLogLevel, "None")))

const question = (model: string, delivery: Delivery = "whole", dialect: Dialect = "openai") => ({
  dialect,
  delivery,
  model,
  prompt: "Say hello"
})

/** What a rate limit is called. */
const limitWords: { readonly [D in Dialect]: string } = {
  openai: "requests",
  responses: "requests",
  anthropic: "rate_limit_error",
  gemini: "RESOURCE_EXHAUSTED"
}

describe.concurrent("a vendor's rate limit", () => {
  for (const dialect of dialects)
    live(`that its headers tell is walked around before it is hit (${dialect})`, () =>
      Effect.gen(function* () {
        const { simulator, url } = yield* start({ aliases: [alias("smart", openai, claude)] })
        yield* simulator.setLimits("openai", { requestsPerMinute: 5 })
        const seen: Record<string, number> = {}
        for (let n = 0; n < 15; n++) {
          const told = yield* ask(url, question("smart", deliveries[n % 2], dialect))
          assert.isTrue(looksWhole(deliveries[n % 2] ?? "whole", told), told.raw)
          const provider = told.headers.get("x-switchyard-provider") ?? "none"
          seen[provider] = (seen[provider] ?? 0) + 1
          if (provider === "anthropic") assert.strictEqual(told.headers.get("x-switchyard-fallback"), "NoRoom")
        }
        // one comes back every 12 s
        assert.isAtLeast(seen["openai"] ?? 0, 5)
        assert.isAtLeast(seen["anthropic"] ?? 0, 8)
        const [limits] = yield* simulator.limits
        assert.strictEqual(limits?.refused, 0)
      })
    )
  live("of the config holds however many ask at once; who nobody has room for waits its turn", () =>
    Effect.gen(function* () {
      const { simulator, url } = yield* start({
        vendors: ["openai"],
        provider: { openai: { limits: { requestsPerMinute: undefined, tokensPerMinute: undefined, concurrent: 2 } } }
      })
      yield* simulator.setLimits("openai", { concurrent: 2 })
      const answers = yield* Effect.forEach(
        Array.from({ length: 24 }, (_, n) => question(openai, deliveries[n % 2])),
        (asked) => ask(url, asked),
        { concurrency: "unbounded" }
      )
      for (const told of answers) assert.strictEqual(told.status, 200, told.raw)
      const [limits] = yield* simulator.limits
      assert.strictEqual(limits?.refused, 0)
      assert.strictEqual(limits?.running, 0)
    })
  )
  live("that leaves room too late is told as 429 with when to come back, in the caller's dialect", () =>
    Effect.gen(function* () {
      const { url } = yield* start({
        vendors: ["openai"],
        provider: { openai: { limits: { requestsPerMinute: 1, tokensPerMinute: undefined } } },
        resilience: { queue: { capacity: 10, patience: Duration.millis(50) } }
      })
      assert.strictEqual((yield* ask(url, question(openai))).status, 200)
      for (const dialect of dialects)
        for (const delivery of deliveries) {
          const told = yield* ask(url, question(openai, delivery, dialect))
          assert.strictEqual(told.status, 429, told.raw)
          const wait = Number(told.headers.get("retry-after"))
          assert.isTrue(wait > 30 && wait <= 62, String(wait))
          assert.strictEqual(told.error?.[dialect === "gemini" ? "status" : "type"], limitWords[dialect])
        }
    })
  )
})

describe.concurrent("a region", () => {
  const key = (name: string, region?: string): ClientKey => ({
    name,
    key: Redacted.make(`the-client-key-of-${name}`),
    tenant: undefined,
    priority: "normal",
    allow: undefined,
    ...(region === undefined ? {} : { region })
  })
  live("that a key demands is where its requests stay, whatever fails and whatever they ask for", () =>
    Effect.gen(function* () {
      const { simulator, url } = yield* start({
        aliases: [alias("smart", openai, claude)],
        provider: { openai: { region: "us" }, anthropic: { region: "eu" }, gemini: { region: "us" } },
        settings: { keys: [key("anywhere"), key("europe", "eu")] },
        resilience: { defaultFallbacks: ["gemini/gemini-3.5-flash"] }
      })
      const from = (name: string) => ({ authorization: `Bearer the-client-key-of-${name}` })
      const anywhere = yield* ask(url, { ...question("smart"), headers: from("anywhere") })
      assert.strictEqual(anywhere.headers.get("x-switchyard-provider"), "openai")
      yield* simulator.clearCalls
      const europe = yield* ask(url, { ...question("smart"), headers: from("europe") })
      assert.strictEqual(europe.headers.get("x-switchyard-provider"), "anthropic")
      const american = yield* ask(url, { ...question(openai), headers: from("europe") })
      assert.strictEqual(american.status, 403)
      assert.include(american.raw, "'eu'")
      yield* simulator.setFault({ vendor: "anthropic", fault: "unavailable" })
      const fields = { fallbacks: [openai] }
      const stays = yield* ask(url, { ...question("smart"), headers: from("europe"), fields })
      assert.strictEqual(stays.status, 503)
      // a stream that breaks is not completed elsewhere either
      yield* simulator.clearFaults
      yield* simulator.setFault({ vendor: "anthropic", fault: "cut" })
      const cut = yield* ask(url, { ...question("smart", "live"), headers: from("europe"), fields })
      assert.isDefined(cut.error)
      assert.deepStrictEqual([...new Set((yield* simulator.calls).map(({ vendor }) => vendor))], ["anthropic"])
    })
  )
})

describe.concurrent("a cost cap", () => {
  live("may be set by a caller, and says what it leaves no room for before anybody is asked", () =>
    Effect.gen(function* () {
      const { simulator, url } = yield* start({ resilience: { costCapUsd: 1 } })
      for (const dialect of dialects) {
        const capped = (usd: string) =>
          ask(url, { ...question(claude, "whole", dialect), headers: { "x-switchyard-max-cost-usd": usd } })
        const none = yield* capped("0.0001")
        assert.strictEqual(none.status, 400)
        assert.strictEqual(none.headers.get("x-should-retry"), "false")
        assert.include(none.raw, "0.0001")
        assert.strictEqual((yield* capped("0.5")).status, 200)
        const nonsense = yield* capped("lots")
        assert.strictEqual(nonsense.status, 400)
        assert.include(nonsense.raw, "x-switchyard-max-cost-usd")
      }
      assert.strictEqual((yield* simulator.calls).length, dialects.length)
    })
  )
})
