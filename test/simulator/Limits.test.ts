import { assert, describe, it } from "@effect/vitest"
import { Effect, Fiber, Result } from "effect"
import { TestClock } from "effect/testing"
import { RateLimits } from "../../src/health/RateLimits.ts"
import { rateNews } from "../../src/provider/rateHeaders.ts"
import * as Limits from "../../src/simulator/Limits.ts"
import * as Simulator from "../../src/simulator/Simulator.ts"
import { askedVendors, asking, raw } from "./client.ts"

const flat = (headers: Readonly<Record<string, string | ReadonlyArray<string> | undefined>>) =>
  Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, String(value)]))

describe("a simulated vendor's limits", () => {
  it.effect("let as many requests in as there are, refill evenly, and name the time to wait", () =>
    Effect.gen(function* () {
      const limits = Limits.make()
      yield* limits.set("openai", { requestsPerMinute: 2 })
      const enter = (now: number) => limits.enter("openai", () => 0, now)
      for (const remaining of [1, 0])
        assert.deepInclude(enter(0), {
          retryAfter: undefined,
          told: {
            requests: { limit: 2, remaining, resetMillis: (2 - remaining) * 30_000 },
            tokens: undefined
          }
        })
      assert.strictEqual(enter(0).retryAfter, 30)
      assert.strictEqual(enter(20_000).retryAfter, 10)
      assert.isUndefined(enter(30_000).retryAfter)
      assert.deepInclude((yield* limits.active)[0], { vendor: "openai", running: 3, refused: 2 })
      yield* limits.set("openai", undefined)
      assert.deepStrictEqual(enter(30_000), { retryAfter: undefined, told: undefined })
    })
  )
  it.effect("count tokens, and let a call that is larger than all of them in when none is used", () =>
    Effect.gen(function* () {
      const limits = Limits.make()
      yield* limits.set("openai", { tokensPerMinute: 600 })
      const enter = (tokens: number, now: number) => limits.enter("openai", () => tokens, now).retryAfter
      assert.isUndefined(enter(400, 0))
      assert.strictEqual(enter(300, 0), 10)
      assert.strictEqual(enter(5000, 0), 40)
      assert.isUndefined(enter(5000, 40_000))
      assert.isAbove(enter(1, 40_000) ?? 0, 400)
    })
  )
  it.effect("hold calls that run already when they are set, and free what is over", () =>
    Effect.gen(function* () {
      const limits = Limits.make()
      limits.enter("openai", () => 0, 0)
      yield* limits.set("openai", { concurrent: 1 })
      assert.strictEqual(limits.enter("openai", () => 0, 0).retryAfter, 1)
      limits.leave("openai")
      assert.isUndefined(limits.enter("openai", () => 0, 0).retryAfter)
    })
  )
  it.effect("begin with all there is at the moment they are set", () =>
    Effect.gen(function* () {
      yield* TestClock.adjust("1 hour")
      const limits = Limits.make()
      yield* limits.set("openai", { requestsPerMinute: 1 })
      assert.isUndefined(limits.enter("openai", () => 0, 3_600_000).retryAfter)
      assert.strictEqual(limits.enter("openai", () => 0, 3_600_000).retryAfter, 60)
    })
  )
  it("are written as each vendor writes them, so that the reader of headers reads what was meant", () => {
    const now = Date.parse("2026-03-01T12:00:00Z")
    const told = {
      requests: { limit: 60, remaining: 10, resetMillis: 50_000 },
      tokens: { limit: 6000, remaining: 5900, resetMillis: 90 }
    }
    assert.deepStrictEqual(Limits.openAiLimitHeaders(told, now), {
      "x-ratelimit-limit-requests": "60",
      "x-ratelimit-remaining-requests": "10",
      "x-ratelimit-reset-requests": "50s",
      "x-ratelimit-limit-tokens": "6000",
      "x-ratelimit-remaining-tokens": "5900",
      "x-ratelimit-reset-tokens": "90ms"
    })
    for (const write of [Limits.openAiLimitHeaders, Limits.anthropicLimitHeaders])
      for (const resetMillis of [0, 28, 7_660, 61_500, 3_723_000]) {
        const requests = { limit: 60, remaining: 10, resetMillis }
        const read = rateNews(write({ requests, tokens: undefined }, now), now)?.requests
        assert.deepInclude(read, { limit: 60, remaining: 10 })
        // to the second, and never too early
        const after = (read?.resetAt ?? 0) - now
        assert.isTrue(after >= resetMillis && after < resetMillis + 1000, `${resetMillis} was read as ${after}`)
      }
    assert.deepStrictEqual(Limits.geminiLimitHeaders(told, now), {})
  })
  it("are told by a control call with a sentence where it asks for nonsense", () => {
    assert.isTrue(Result.isFailure(Limits.decodeLimits({ vendor: "openai", requestsPerMinute: 0 })))
    assert.isTrue(Result.isFailure(Limits.decodeLimits({ requestsPerMinute: 5 })))
  })
})

describe("the simulator under limits", () => {
  for (const vendor of askedVendors)
    it.live(`refuses ${vendor}'s calls beyond them in that vendor's words, with the time to wait`, () =>
      Effect.gen(function* () {
        const simulator = yield* Simulator.make()
        yield* simulator.setLimits(vendor, { requestsPerMinute: 1 })
        const first = yield* asking[vendor](simulator, "a-model", false)
        const second = yield* asking[vendor](simulator, "a-model", true)
        assert.deepStrictEqual([first.status, second.status], [200, 429])
        const wait = Number(second.headers["retry-after"])
        assert.isTrue(wait > 50 && wait <= 60)
        assert.match(second.text, /rate.?limit|RESOURCE_EXHAUSTED/i)
        assert.deepStrictEqual(
          (yield* simulator.limits).map((one) => [one.vendor, one.refused]),
          [[vendor, 1]]
        )
        // other vendors are left alone
        assert.strictEqual((yield* asking.openai(simulator, "a-model", false, "groq")).status, 200)
        yield* simulator.setLimits(vendor, undefined)
        assert.strictEqual((yield* asking[vendor](simulator, "a-model", false)).status, 200)
      })
    )
  for (const vendor of ["openai", "anthropic"] as const)
    // the clock stands still, so that nothing is refilled in between
    it.effect(`tells of them in ${vendor}'s headers, on answers good and bad, streams too`, () =>
      Effect.gen(function* () {
        const simulator = yield* Simulator.make()
        yield* simulator.setLimits(vendor, { requestsPerMinute: 3, tokensPerMinute: 100_000 })
        const remaining: Array<unknown> = []
        const tokens: Array<number> = []
        for (const [model, stream] of [
          ["m", false],
          ["m", true],
          ["m--server-error", false],
          ["m", false]
        ] as const) {
          const answer = yield* asking[vendor](simulator, model, stream)
          const news = rateNews(flat(answer.headers), 0)
          remaining.push([answer.status, news?.requests?.remaining, news?.requests?.limit])
          tokens.push(news?.tokens?.remaining ?? Infinity)
        }
        assert.deepStrictEqual(remaining, [
          [200, 2, 3],
          [200, 1, 3],
          [500, 0, 3],
          [429, 0, 3]
        ])
        // each call that is let in costs the tokens of its answer, and one that is refused costs none
        const [first = Infinity, second = Infinity, third = Infinity, refused] = tokens
        assert.isTrue(100_000 > first && first > second && second > third, String(tokens))
        assert.strictEqual(refused, third)
      })
    )
  it.live("keeps them to itself where it is told to", () =>
    Effect.gen(function* () {
      const simulator = yield* Simulator.make()
      yield* simulator.setLimits("openai", { requestsPerMinute: 1, headers: false })
      for (const status of [200, 429]) {
        const answer = yield* asking.openai(simulator, "m", false)
        assert.strictEqual(answer.status, status)
        assert.isUndefined(rateNews(flat(answer.headers), Date.now()))
      }
    })
  )
  it.live("counts the calls under way, also those whose caller goes away", () =>
    Effect.gen(function* () {
      const simulator = yield* Simulator.make()
      yield* simulator.setLimits("openai", { concurrent: 1 })
      const hanging = yield* Effect.forkChild(asking.openai(simulator, "m--stall", true))
      yield* simulator.untilCall(({ number }) => number === 1)
      assert.strictEqual((yield* asking.openai(simulator, "m", false)).status, 429)
      yield* Fiber.interrupt(hanging)
      yield* simulator.untilCall(({ aborted, number }) => number === 1 && aborted)
      assert.strictEqual((yield* asking.openai(simulator, "m", false)).status, 200)
    })
  )
  it.live("counts neither a wrong request nor a model that is not served, and uses up no fault for what is over", () =>
    Effect.gen(function* () {
      const simulator = yield* Simulator.make({ vendors: { openai: { models: ["m"] } } })
      yield* simulator.setLimits("openai", { requestsPerMinute: 1 })
      yield* raw(`${simulator.url}/openai/v1/chat/completions`, { body: { model: "m" } })
      assert.strictEqual((yield* asking.openai(simulator, "other", false)).status, 404)
      assert.strictEqual((yield* asking.openai(simulator, "m", false)).status, 200)
      yield* simulator.setFault({ fault: "server-error", times: 1 })
      assert.strictEqual((yield* asking.openai(simulator, "m", false)).status, 429)
      yield* simulator.setLimits("openai", undefined)
      assert.strictEqual((yield* asking.openai(simulator, "m", false)).status, 500)
    })
  )
  it.live("takes them by control calls", () =>
    Effect.gen(function* () {
      const simulator = yield* Simulator.make()
      const control = (method: string, body?: unknown) =>
        Effect.map(raw(`${simulator.url}/control/limits`, { method, body }), ({ status, text }) => [
          status,
          JSON.parse(text)
        ])
      assert.deepStrictEqual(yield* control("POST", { vendor: "openai", requestsPerMinute: 1 }), [200, { ok: true }])
      yield* asking.openai(simulator, "m", false)
      yield* asking.openai(simulator, "m", false)
      assert.deepStrictEqual(yield* control("GET"), [
        200,
        { active: [{ vendor: "openai", requestsPerMinute: 1, running: 0, refused: 1 }] }
      ])
      assert.strictEqual((yield* control("POST", { vendor: "openai", concurrent: -1 }))[0], 400)
      yield* control("DELETE")
      assert.deepStrictEqual(yield* simulator.limits, [])
    })
  )
  it.effect("is walked around by whoever heeds its headers: not one call is refused", () =>
    Effect.gen(function* () {
      const ref = { provider: "openai", model: "m" }
      const limits = yield* RateLimits
      const vendor = Limits.make()
      yield* vendor.set("openai", { requestsPerMinute: 30, tokensPerMinute: 3000 })
      let started = 0
      let heldBack = 0
      for (let now = 0; now < 600_000; now += 250) {
        const taken = limits.take(ref, 100, now)
        if (taken._tag === "Full") {
          heldBack++
          continue
        }
        started++
        const { told } = vendor.enter("openai", () => 100, now)
        const news = told && rateNews(Limits.openAiLimitHeaders(told, now), now)
        if (news !== undefined) limits.heard(ref, news, now, now)
        taken.release(now)
        vendor.leave("openai")
      }
      assert.strictEqual((yield* vendor.active)[0]?.refused, 0)
      // and hardly anything of what the vendor allows is left unused: 30 at once, then 30 a minute
      assert.isAtLeast(started, 320)
      assert.isAbove(heldBack, 0)
    }).pipe(Effect.provide(RateLimits.layer({ providers: [], facts: new Map() })))
  )
})
