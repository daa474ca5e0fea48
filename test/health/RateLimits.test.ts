import { assert, describe, it } from "@effect/vitest"
import { Effect, Fiber, Schema, Stream } from "effect"
import type { ProviderSpec } from "../../src/config/ProviderSpec.ts"
import { type Full, RateLimits, type Slot } from "../../src/health/RateLimits.ts"

const spec = (id: string, limits: NonNullable<ProviderSpec["limits"]>): ProviderSpec => ({
  id,
  kind: "openai",
  apiKeys: [],
  baseUrl: undefined,
  apiVersion: undefined,
  deployments: {},
  headers: {},
  failureDomain: undefined,
  region: undefined,
  models: [],
  limits
})
const caps = (requestsPerMinute?: number, tokensPerMinute?: number, concurrent?: number) =>
  spec("openai", { requestsPerMinute, tokensPerMinute, concurrent })
const ref = (model: string, provider = "openai") => ({ provider, model })
const limitsOf = (...specs: ReadonlyArray<ProviderSpec>) =>
  Effect.provide(RateLimits, RateLimits.layer({ providers: specs, facts: new Map() }))
const slotOf = (taken: Slot | Full): Slot => {
  if (taken._tag === "Full") throw new Error(`no room: ${taken.key} ${taken.what}`)
  return taken
}
const closed = { requests: { limit: 60, remaining: 0, resetAt: 60_000 }, tokens: undefined }

describe("the rate limits", () => {
  it.effect("hold an account's caps against all models of a provider together, and nobody else", () =>
    Effect.gen(function* () {
      const limits = yield* limitsOf(caps(2))
      slotOf(limits.take(ref("a"), 10, 0))
      slotOf(limits.take(ref("b"), 10, 0))
      assert.deepStrictEqual(limits.take(ref("c"), 10, 0), {
        _tag: "Full",
        key: "openai",
        what: "requestsPerMinute",
        retryAt: 61_000
      })
      assert.isTrue(limits.wouldTake(ref("a", "groq"), 10, 0))
      assert.isTrue(limits.wouldTake(ref("c"), 10, 61_000))
    })
  )
  it.effect("hold what a vendor's headers told against that model alone", () =>
    Effect.gen(function* () {
      const limits = yield* limitsOf()
      limits.heard(ref("a"), closed, 0)
      assert.deepInclude(limits.wouldRefuse(ref("a"), 10, 0), { key: "openai/a", retryAt: 1_000 })
      assert.isTrue(limits.wouldTake(ref("b"), 10, 0))
      assert.strictEqual(limits.room(ref("a"), 0), 0)
      assert.strictEqual(limits.room(ref("b"), 0), 1)
    })
  )
  it.effect("take from both subjects or from neither", () =>
    Effect.gen(function* () {
      const limits = yield* limitsOf(caps(1))
      limits.heard(ref("a"), closed, 0)
      assert.strictEqual(limits.take(ref("a"), 10, 0)._tag, "Full")
      assert.strictEqual(limits.inFlight("openai"), 0)
      // the model refused, so the provider's one start is still there
      assert.strictEqual(limits.take(ref("b"), 10, 0)._tag, "Slot")
      assert.strictEqual(limits.take(ref("c"), 10, 0)._tag, "Full")
    })
  )
  it.effect("count calls under way whether or not there are limits, and each end once", () =>
    Effect.gen(function* () {
      const limits = yield* limitsOf(caps(undefined, undefined, 2))
      for (const provider of ["openai", "free"]) {
        const first = slotOf(limits.take(ref("a", provider), 10, 0))
        const second = slotOf(limits.take(ref("b", provider), 10, 0))
        assert.strictEqual(limits.inFlight(provider), 2)
        assert.strictEqual(limits.inFlight(`${provider}/a`), 1)
        assert.strictEqual(limits.take(ref("a", provider), 10, 0)._tag, provider === "openai" ? "Full" : "Slot")
        first.release(5)
        first.release(6)
        second.release(7)
      }
      assert.strictEqual(limits.inFlight("openai"), 0)
      assert.strictEqual(limits.inFlight("openai/a"), 0)
      assert.strictEqual(limits.inFlight("never/heard"), 0)
    })
  )
  it.effect("correct a reservation once, by what the provider counted", () =>
    Effect.gen(function* () {
      const limits = yield* limitsOf(caps(undefined, 1000))
      const slot = slotOf(limits.take(ref("a"), 900, 0))
      assert.isFalse(limits.wouldTake(ref("a"), 200, 0))
      slot.used(300, 1_000)
      slot.used(0, 1_000)
      slot.used(Number.NaN, 1_000)
      assert.deepStrictEqual(
        limits.report("openai", 1_000).map(({ used, what }) => [what, used]),
        [["tokensPerMinute", 300]]
      )
    })
  )
  it.effect("count a slot that is given back as if it had never been taken, unless its call was made", () =>
    Effect.gen(function* () {
      const limits = yield* limitsOf(caps(1, 1000, 1))
      const unused = slotOf(limits.take(ref("a"), 900, 0))
      unused.giveBack(10)
      unused.giveBack(10)
      unused.used(500, 10)
      unused.release(10)
      const made = slotOf(limits.take(ref("a"), 900, 20))
      assert.strictEqual(limits.inFlight("openai"), 1)
      made.release(30)
      made.giveBack(40)
      assert.deepStrictEqual(
        limits.report("openai", 40).map(({ used }) => used),
        [1, 900, 0]
      )
      limits.rateLimited(ref("a"), 40)
      assert.strictEqual(limits.report("openai/a", 40)[0]?.used, 1)
    })
  )
  it.effect("take an estimate that is no number for none", () =>
    Effect.gen(function* () {
      const limits = yield* limitsOf(caps(undefined, 1000))
      for (const tokens of [Number.NaN, -5]) slotOf(limits.take(ref("a"), tokens, 0))
      assert.strictEqual(limits.report("openai", 0)[0]?.used, 0)
    })
  )
  it.effect("call a model crowded after a 429 with about as many calls as before, until that is long ago", () =>
    Effect.gen(function* () {
      const limits = yield* limitsOf()
      for (let i = 0; i < 20; i++) slotOf(limits.take(ref("a"), 10, 1_000)).release(1_000)
      assert.isFalse(limits.crowded(ref("a"), 1_000))
      limits.rateLimited(ref("a"), 1_000)
      assert.isTrue(limits.crowded(ref("a"), 1_000))
      assert.isTrue(limits.wouldTake(ref("a"), 10, 1_000))
      assert.isFalse(limits.crowded(ref("b"), 1_000))
      // two minutes on, the twenty are no longer among the last minute's
      assert.isFalse(limits.crowded(ref("a"), 121_000))
      assert.deepStrictEqual(limits.report("openai/a", 1_000), [
        { what: "requestsPerMinute", limit: 18, used: 20, source: "rateLimited", retryAt: undefined }
      ])
    })
  )
  it.effect("hold new caps at once and keep what was counted", () =>
    Effect.gen(function* () {
      const limits = yield* limitsOf(caps(3))
      for (let i = 0; i < 2; i++) slotOf(limits.take(ref("a"), 10, 0))
      limits.configure({ providers: [caps(2)], facts: new Map() })
      assert.isFalse(limits.wouldTake(ref("a"), 10, 0))
      limits.configure({ providers: [], facts: new Map() })
      assert.isTrue(limits.wouldTake(ref("a"), 10, 0))
      limits.configure({ providers: [caps(undefined, undefined, 2)], facts: new Map() })
      assert.isFalse(limits.wouldTake(ref("a"), 10, 0))
    })
  )
  it.effect("hold of one call no more than a limit has, each subject its own", () =>
    Effect.gen(function* () {
      const limits = yield* limitsOf(caps(undefined, 1000))
      limits.heard(ref("a"), { requests: undefined, tokens: { limit: 400, remaining: 400, resetAt: 0 } }, 0)
      const slot = slotOf(limits.take(ref("a"), 2_000_000, 0))
      assert.strictEqual(slot.reserved, 400)
      const used = (key: string, now: number) => limits.report(key, now)[0]?.used
      assert.deepStrictEqual([used("openai", 0), used("openai/a", 0)], [1000, 400])
      slot.used(0, 10)
      assert.deepStrictEqual([used("openai", 10), used("openai/a", 10)], [0, 0])
    })
  )
  it.effect("of a provider that is another now are not known, and what caps have counted is kept", () =>
    Effect.gen(function* () {
      const limits = yield* limitsOf(caps(2))
      const spent = { requests: { limit: 60, remaining: 0, resetAt: 60_000 }, tokens: undefined }
      slotOf(limits.take(ref("b"), 10, 0))
      for (const provider of ["openai", "groq"]) limits.heard(ref("a", provider), spent, 0)
      limits.rateLimited(ref("b"), 0)
      limits.reset("openai", 1_000)
      assert.isTrue(limits.wouldTake(ref("a"), 10, 1_000))
      assert.isFalse(limits.crowded(ref("b"), 1_000))
      assert.isFalse(limits.wouldTake(ref("a", "groq"), 10, 900))
      // an answer to a call under the old key says nothing of the new one
      limits.heard(ref("a"), spent, 1_500, 900)
      assert.isTrue(limits.wouldTake(ref("a"), 10, 1_500))
      slotOf(limits.take(ref("a"), 10, 1_500))
      assert.deepInclude(limits.wouldRefuse(ref("a"), 10, 1_500), { key: "openai", what: "requestsPerMinute" })
      limits.heard(ref("a"), spent, 2_000, 1_000)
      assert.deepInclude(limits.wouldRefuse(ref("a"), 10, 2_000), { what: "requestsPerMinute" })
    })
  )
  it.effect("count a model that only a caller knows with its provider alone, unless the config limits it", () =>
    Effect.gen(function* () {
      const limits = yield* limitsOf()
      limits.configure(
        {
          providers: [],
          facts: new Map([
            ["openai/tuned", { limits: { requestsPerMinute: undefined, tokensPerMinute: undefined, concurrent: 1 } }]
          ])
        },
        ({ model }) => model === "listed"
      )
      for (const model of ["listed", "invented", "tuned"]) slotOf(limits.take(ref(model), 10, 0))
      assert.strictEqual(limits.inFlight("openai"), 3)
      assert.deepStrictEqual([...limits.keys()].sort(), ["openai", "openai/listed", "openai/tuned"])
      assert.strictEqual(limits.take(ref("tuned"), 10, 0)._tag, "Full")
    })
  )
  it.effect("count no more than so many models, and those of the last two minutes first", () =>
    Effect.gen(function* () {
      const limits = yield* limitsOf()
      for (let i = 0; i < 6000; i++) slotOf(limits.take(ref(`m${i}`), 1, i)).release(i)
      assert.isAtMost([...limits.keys()].length, 4097)
      assert.strictEqual(limits.inFlight("openai"), 0)
      const slot = slotOf(limits.take(ref("busy"), 1, 10_000))
      assert.strictEqual(limits.inFlight("openai"), 1)
      assert.strictEqual(limits.inFlight("openai/busy"), 0)
      slot.release(10_000)
      slotOf(limits.take(ref("later"), 1, 200_000))
      assert.strictEqual(limits.inFlight("openai/later"), 1)
      assert.deepStrictEqual([...limits.keys()].sort(), ["openai", "openai/later"])
    })
  )
  it.effect("call nobody crowded for what was counted before the clock was set back", () =>
    Effect.gen(function* () {
      const limits = yield* limitsOf()
      const late = 10_000_000
      for (let i = 0; i < 50; i++) slotOf(limits.take(ref("a"), 1, late)).release(late)
      const back = late - 3_600_000
      limits.rateLimited(ref("a"), back)
      assert.isFalse(limits.crowded(ref("a"), back))
      for (let i = 0; i < 3; i++) slotOf(limits.take(ref("a"), 1, back + i * 60_000)).release(back)
      limits.rateLimited(ref("a"), back + 120_000)
      assert.strictEqual(limits.report("openai/a", back + 120_000)[0]?.limit, 1)
    })
  )
  it.effect("tell listeners whenever there may be room, until they listen no more", () =>
    Effect.gen(function* () {
      const limits = yield* limitsOf(caps(undefined, 1000))
      const heard: Array<number> = []
      const stop = limits.onFreed((now) => heard.push(now))
      const slot = slotOf(limits.take(ref("a"), 900, 1))
      slot.used(950, 2)
      slot.release(3)
      slotOf(limits.take(ref("a"), 50, 4)).used(10, 5)
      limits.heard(ref("a"), closed, 6)
      limits.configure({ providers: [], facts: new Map() })
      stop()
      limits.heard(ref("a"), closed, 8)
      // usage beyond the estimate frees nothing; new caps are told at the Clock's time
      assert.deepStrictEqual(heard, [3, 5, 6, 0])
    })
  )
  it.effect("publish when a way closes and when it opens, not once a call", () =>
    Effect.gen(function* () {
      const limits = yield* RateLimits
      const listening = yield* Effect.forkChild(
        Stream.runCollect(
          Stream.take(
            Stream.map(limits.events, ({ event, key }) => `${key} ${event._tag}`),
            2
          )
        ),
        { startImmediately: true }
      )
      for (let i = 0; i < 5; i++) limits.take(ref("a"), 10, 0)
      limits.take(ref("a"), 10, 61_000)
      assert.deepStrictEqual(yield* Fiber.join(listening), ["openai Filled", "openai Freed"])
    }).pipe(Effect.provide(RateLimits.layer({ providers: [caps(1)], facts: new Map() })))
  )
  it.effect.prop(
    "never let more run at once than configured, nor count below nothing, whatever ends how often",
    {
      moves: Schema.Array(
        Schema.Struct({
          kind: Schema.Literals(["take", "take", "release", "used"]),
          model: Schema.Literals(["a", "b"]),
          pick: Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 20 }))
        })
      ).check(Schema.isMaxLength(60)),
      concurrent: Schema.Int.check(Schema.isBetween({ minimum: 1, maximum: 5 }))
    },
    ({ moves, concurrent }) =>
      Effect.gen(function* () {
        const limits = yield* limitsOf(caps(undefined, 100_000, concurrent))
        const slots: Array<{ slot: Slot; model: string; running: boolean }> = []
        let now = 0
        for (const { kind, model, pick } of moves) {
          now += 100
          const one = slots[pick % Math.max(1, slots.length)]
          const running = slots.filter((slot) => slot.running)
          if (kind === "take") {
            const taken = limits.take(ref(model), pick, now)
            assert.strictEqual(taken._tag, running.length < concurrent ? "Slot" : "Full")
            if (taken._tag === "Slot") slots.push({ slot: taken, model, running: true })
          } else if (kind === "used") one?.slot.used(pick, now)
          else if (one !== undefined) {
            one.slot.release(now)
            one.running = false
          }
          const still = slots.filter((slot) => slot.running)
          assert.strictEqual(limits.inFlight("openai"), still.length)
          for (const name of ["a", "b"])
            assert.strictEqual(limits.inFlight(`openai/${name}`), still.filter((slot) => slot.model === name).length)
        }
      }),
    { arbitrary: { runs: 100, seed: 3 } }
  )
  it.effect("holds a model of the config to its own limits besides the account's", () =>
    Effect.gen(function* () {
      const limits = yield* RateLimits
      const one = { provider: "p", model: "small" }
      assert.strictEqual(limits.take(one, 1, 0)._tag, "Slot")
      const full = limits.take(one, 1, 0)
      assert.isTrue(full._tag === "Full" && full.key === "p/small")
      assert.strictEqual(limits.take({ provider: "p", model: "other" }, 1, 0)._tag, "Slot")
    }).pipe(
      Effect.provide(
        RateLimits.layer({
          providers: [],
          facts: new Map([["p/small", { limits: { requestsPerMinute: 1, tokensPerMinute: undefined } }]])
        })
      )
    )
  )
})
