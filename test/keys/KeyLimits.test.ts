import { assert, describe, it } from "@effect/vitest"
import { Effect, Schema } from "effect"
import type { GatewayError } from "../../src/domain/GatewayError.ts"
import { anonymous, type Caller, type CallerLimits } from "../../src/domain/RequestContext.ts"
import { type Entry, KeyLimits } from "../../src/keys/KeyLimits.ts"

const callerWith = (limits: CallerLimits, name = "web"): Caller => ({ ...anonymous, name, limits })

const limited = <A, E>(use: (limits: KeyLimits["Service"]) => Effect.Effect<A, E> | A) =>
  Effect.flatMap(KeyLimits, (limits) => {
    const result = use(limits)
    return Effect.isEffect(result) ? result : Effect.succeed(result)
  }).pipe(Effect.provide(KeyLimits.layer))

const isEntry = (result: Entry | GatewayError): result is Entry => !("reason" in result)
const entry = (result: Entry | GatewayError): Entry => {
  assert.isTrue(isEntry(result), String(result))
  if (!isEntry(result)) throw result
  return result
}
const refusal = (result: Entry | GatewayError | undefined): GatewayError => {
  assert.isTrue(result !== undefined && !isEntry(result as Entry | GatewayError))
  return result as GatewayError
}

const minute = 60_000

describe("the limits of a client key", () => {
  it.effect("are none where none are set: nothing is counted", () =>
    limited((limits) => {
      for (let n = 0; n < 1000; n++) {
        const one = entry(limits.enter(anonymous, 0))
        assert.isFalse(one.countsTokens)
        assert.isUndefined(one.reserve(1e12, 1e12, 0))
        assert.isUndefined(one.allowances(0))
      }
      assert.strictEqual(limits.inFlight("anonymous"), 0)
    })
  )

  it.effect("of requests let in so many a minute, and say when there is room again", () =>
    limited((limits) => {
      const caller = callerWith({ requestsPerMinute: 2 })
      for (const at of [500, 10_500]) entry(limits.enter(caller, at)).end(undefined, at)
      const refused = refusal(limits.enter(caller, 20_500))
      assert.deepInclude(refused.reason, { _tag: "LimitReached", what: "requestsPerMinute", limit: 2, key: "web" })
      assert.strictEqual(refused.retryAfterMillis, 61_000 - 20_500)
      assert.isTrue(refused.callerMayRetry)
      // who comes back after the time that was told is let in
      entry(limits.enter(caller, 61_000))
      refusal(limits.enter(caller, 61_001))
      // another key has its own
      entry(limits.enter(callerWith({ requestsPerMinute: 2 }, "other"), 61_001))
    })
  )

  it.effect("of requests at once hold a place until the request ends, whatever else happens", () =>
    limited((limits) => {
      const caller = callerWith({ concurrent: 2 })
      const one = entry(limits.enter(caller, 0))
      entry(limits.enter(caller, 0))
      const refused = refusal(limits.enter(caller, 0))
      assert.deepInclude(refused.reason, { what: "concurrent", retryAfterMillis: 1000 })
      one.end(undefined, 1)
      one.end(undefined, 1)
      assert.strictEqual(limits.inFlight("web"), 1)
      entry(limits.enter(caller, 1))
      refusal(limits.enter(caller, 1))
    })
  )

  it.effect("of tokens set an estimate aside, and are corrected by what was used", () =>
    limited((limits) => {
      const caller = callerWith({ tokensPerMinute: 1000 })
      const one = entry(limits.enter(caller, 0))
      assert.isUndefined(one.reserve(100, 800, 0))
      assert.deepStrictEqual(one.allowances(0)?.tokens, { limit: 1000, remaining: 100, resetAt: 61_000 })
      const other = entry(limits.enter(caller, 0))
      assert.deepInclude(refusal(other.reserve(100, 800, 0)).reason, { what: "tokensPerMinute", wanted: 900 })
      one.end(150, 5000)
      const third = entry(limits.enter(caller, 5000))
      assert.isUndefined(third.reserve(100, 700, 5000))
      // more was used than was set aside: the next waits until there is room
      third.end(1200, 6000)
      const fourth = entry(limits.enter(caller, 7000))
      assert.strictEqual(refusal(fourth.reserve(1, 0, 7000)).retryAfterMillis, 66_000 - 7000)
    })
  )

  it.effect("of tokens let an answer of any length begin, but no prompt that alone is more than the limit", () =>
    limited((limits) => {
      const caller = callerWith({ tokensPerMinute: 1000, requestsPerMinute: 10 })
      const one = entry(limits.enter(caller, 0))
      assert.isUndefined(one.reserve(100, 128_000, 0))
      one.end(0, 0)
      const other = entry(limits.enter(caller, 0))
      const refused = refusal(other.reserve(1001, 0, 0))
      assert.isUndefined(refused.retryAfterMillis)
      assert.isFalse(refused.callerMayRetry)
      assert.strictEqual(refused.status, 429)
      assert.include(refused.message, "too large")
    })
  )

  it.effect("take nothing from who is turned away for its tokens", () =>
    limited((limits) => {
      const caller = callerWith({ tokensPerMinute: 100, requestsPerMinute: 3, concurrent: 1 })
      const one = entry(limits.enter(caller, 0))
      assert.isUndefined(one.reserve(100, 0, 0))
      one.end(100, 0)
      for (let n = 0; n < 20; n++) {
        const turned = entry(limits.enter(caller, 1000))
        refusal(turned.reserve(1, 0, 1000))
        turned.end(undefined, 1000)
      }
      assert.deepStrictEqual(
        limits.use("web", caller.limits, 1000).map(({ used }) => used),
        [1, 100, 0]
      )
    })
  )

  it.effect("that are changed hold at once, with what was counted", () =>
    limited((limits) => {
      for (let n = 0; n < 5; n++) entry(limits.enter(callerWith({ requestsPerMinute: 10 }), 0))
      refusal(limits.enter(callerWith({ requestsPerMinute: 5 }), 0))
      entry(limits.enter(callerWith({ requestsPerMinute: 6 }), 0))
    })
  )
})

/** One step of a random client: some time passes, and a request comes, asks for tokens, or ends. */
const Step = Schema.Struct({
  afterMillis: Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 9000 })),
  what: Schema.Literals(["enter", "enter", "reserve", "end", "leave"]),
  which: Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 50 })),
  tokens: Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 400 }))
})

describe("random clients with limits", () => {
  it.effect.prop(
    "have no more requests, tokens and requests at once than their limits in any minute, and leave nothing behind",
    { steps: Schema.Array(Step).check(Schema.isMinLength(60), Schema.isMaxLength(300)), seed: Schema.Int },
    ({ seed, steps }) =>
      limited((limits) => {
        const most = { requestsPerMinute: 8, tokensPerMinute: 1000, concurrent: 3 }
        const caller = callerWith(most)
        let now = Math.abs(seed % 100_000)
        interface Running {
          readonly one: Entry
          readonly at: number
          reserved: { at: number; tokens: number } | undefined
        }
        const running: Array<Running> = []
        const starts: Array<number> = []
        const spent: Array<{ at: number; tokens: number }> = []
        const within = <A>(all: ReadonlyArray<A>, at: (one: A) => number) =>
          all.filter((one) => at(one) > now - minute && at(one) <= now)
        for (const { afterMillis, tokens, what, which } of steps) {
          now += afterMillis
          const place = running.length === 0 ? 0 : which % running.length
          const chosen = running[place]
          if (what === "enter") {
            const result = limits.enter(caller, now)
            if (isEntry(result)) {
              starts.push(now)
              running.push({ one: result, at: now, reserved: undefined })
            } else {
              // refused only where there is no room, and for no longer than a window
              assert.isAtMost(result.retryAfterMillis ?? Infinity, minute + 1000)
              if (result.reason._tag === "LimitReached" && result.reason.what === "concurrent")
                assert.lengthOf(running, most.concurrent)
              else assert.isAtLeast(starts.filter((at) => at > now - minute - 1000).length, most.requestsPerMinute)
            }
          } else if (chosen !== undefined && what === "reserve" && chosen.reserved === undefined) {
            const refused = chosen.one.reserve(tokens, tokens, now)
            if (refused === undefined) {
              chosen.reserved = { at: now, tokens: 2 * tokens }
              spent.push(chosen.reserved)
            } else {
              starts.splice(starts.indexOf(chosen.at), 1)
              running.splice(place, 1)
            }
          } else if (chosen !== undefined && (what === "end" || what === "leave")) {
            // it used no more than was set aside, or nobody knows
            const used =
              what === "leave" || chosen.reserved === undefined ? undefined : Math.min(tokens, chosen.reserved.tokens)
            chosen.one.end(used, now)
            chosen.one.end(used, now)
            if (chosen.reserved !== undefined && used !== undefined) chosen.reserved.tokens = used
            running.splice(place, 1)
          }
          assert.strictEqual(limits.inFlight("web"), running.length)
          assert.isAtMost(running.length, most.concurrent)
          assert.isAtMost(within(starts, (at) => at).length, most.requestsPerMinute)
          const sum = within(spent, ({ at }) => at).reduce((all, one) => all + one.tokens, 0)
          assert.isAtMost(sum, most.tokensPerMinute)
          const told = limits.allowances(caller, now)
          assert.isAtMost(told?.tokens?.remaining ?? Infinity, most.tokensPerMinute - sum)
          assert.isAtLeast(told?.requests?.remaining ?? -1, 0)
        }
        for (const { one } of running) one.end(undefined, now)
        now += 2 * minute
        assert.deepStrictEqual(
          limits.use("web", most, now).map(({ used }) => used),
          [0, 0, 0]
        )
        // the whole of it is there again
        const all = entry(limits.enter(caller, now))
        assert.isUndefined(all.reserve(1000, 0, now))
      }),
    { arbitrary: { runs: 300 } }
  )
})
