import { assert, describe, it } from "@effect/vitest"
import { Schema } from "effect"
import type { RateAllowance } from "../../src/domain/ProviderWatch.ts"
import {
  ceilingOf,
  initialRate,
  isCrowded,
  isIdleRate,
  limitUses,
  type RateCaps,
  type RateCommand,
  rateEvents,
  type RateReply,
  type RateState,
  rateStep,
  refusalOf,
  roomOf
} from "../../src/machine/RateLimit.ts"

const take = (caps: RateCaps = {}, tokens = 10, running = 0): RateCommand => ({ _tag: "Take", caps, tokens, running })
const requests = (limit: number | undefined, remaining: number, resetAt: number | undefined): RateAllowance => ({
  limit,
  remaining,
  resetAt
})
const news = (
  told: { requests?: RateAllowance; tokens?: RateAllowance },
  sentAt?: number
): Extract<RateCommand, { _tag: "News" }> => ({
  _tag: "News",
  news: { requests: told.requests, tokens: told.tokens },
  sentAt
})

/** The last reply and the state after commands at moments (milliseconds). */
const run = (...moves: ReadonlyArray<readonly [at: number, command: RateCommand]>) => {
  let state: RateState = initialRate
  let last: RateReply = { _tag: "Noted" }
  for (const [at, command] of moves) [last, state] = rateStep(state, command, at)
  return { last, state }
}
const times = (n: number, at: number, command: RateCommand) => Array.from({ length: n }, () => [at, command] as const)
/** How many calls start when as many as can are tried at `at`. */
const startsAt = (state: RateState, at: number, command = take()) => {
  let started = 0
  let now = state
  for (; started < 10_000; started++) {
    const [reply, next] = rateStep(now, command, at)
    if (reply._tag === "Full") break
    now = next
  }
  return started
}

describe("a cap", () => {
  const caps = { requestsPerMinute: 3 }
  it("of requests lets so many start within a minute, and names the moment of the next", () => {
    const { last } = run(...times(3, 500, take(caps)), [900, take(caps)])
    assert.deepStrictEqual(last, { _tag: "Full", what: "requestsPerMinute", retryAt: 61_000 })
    assert.strictEqual(run(...times(3, 500, take(caps)), [61_000, take(caps)]).last._tag, "Granted")
    assert.strictEqual(run(...times(3, 500, take(caps)), [60_999, take(caps)]).last._tag, "Full")
  })
  it("of tokens counts what calls reserve", () => {
    const tokens = { tokensPerMinute: 100 }
    const { last } = run([0, take(tokens, 60)], [5_000, take(tokens, 40)], [6_000, take(tokens, 50)])
    // both must be over: the first leaves room for 60 only
    assert.deepStrictEqual(last, { _tag: "Full", what: "tokensPerMinute", retryAt: 61_000 })
    assert.strictEqual(run([0, take(tokens, 60)], [5_000, take(tokens, 50)]).last._tag, "Full")
  })
  it("of tokens lets a call that alone exceeds it start when nothing else was, and nobody beside it", () => {
    const tokens = { tokensPerMinute: 100 }
    const [first, state] = rateStep(initialRate, take(tokens, 500), 0)
    assert.strictEqual(first._tag, "Granted")
    assert.strictEqual(rateStep(state, take(tokens, 1), 30_000)[0]._tag, "Full")
    assert.strictEqual(rateStep(state, take(tokens, 500), 61_000)[0]._tag, "Granted")
    assert.strictEqual(run([0, take(tokens, 1)], [0, take(tokens, 500)]).last._tag, "Full")
  })
  it("of calls under way refuses without naming a moment", () => {
    assert.deepStrictEqual(run([0, take({ concurrent: 2 }, 1, 2)]).last, {
      _tag: "Full",
      what: "concurrent",
      retryAt: undefined
    })
    assert.strictEqual(run([0, take({ concurrent: 2 }, 1, 1)]).last._tag, "Granted")
  })
  it("that changes holds for what was started before", () => {
    const { state } = run(...times(3, 0, take(caps)))
    assert.strictEqual(rateStep(state, take({ requestsPerMinute: 4 }), 1)[0]._tag, "Granted")
    assert.strictEqual(rateStep(state, take({ requestsPerMinute: 2 }), 1)[0]._tag, "Full")
  })
  it("of nothing refuses everybody", () => {
    assert.deepStrictEqual(run([0, take({ requestsPerMinute: 0 })]).last, {
      _tag: "Full",
      what: "requestsPerMinute",
      retryAt: 60_000
    })
  })
  it("counts a call that was never made as if nobody had asked", () => {
    const both = { requestsPerMinute: 1, tokensPerMinute: 100 }
    const told = news({ requests: requests(9, 9, 0), tokens: { limit: 900, remaining: 900, resetAt: 0 } })
    const undo = { _tag: "Undo", at: 500, reserved: 60 } as const
    const { state } = run([0, told], [500, take(both, 60)], [700, undo])
    assert.deepStrictEqual(
      limitUses(state, both, 0, 0, 700).map(({ used }) => used),
      [0, 0, 0, 0]
    )
    assert.strictEqual(rateStep(initialRate, undo, 700)[1], initialRate)
  })
  it("frees what a call reserved and did not use, and counts what it used beyond", () => {
    const tokens = { tokensPerMinute: 100 }
    const used = (n: number): RateCommand => ({ _tag: "Used", at: 0, reserved: 60, tokens: n })
    const { state } = run([0, take(tokens, 60)], [9_000, used(10)])
    assert.strictEqual(rateStep(state, take(tokens, 90), 9_000)[0]._tag, "Granted")
    assert.strictEqual(rateStep(state, take(tokens, 91), 9_000)[0]._tag, "Full")
    const over = run([0, take(tokens, 60)], [9_000, used(160)]).state
    assert.deepStrictEqual(refusalOf(over, { caps: tokens, tokens: 1, running: 0 }, 9_000)?.retryAt, 61_000)
  })
})

describe("an estimate that errs", () => {
  const tokens = { tokensPerMinute: 300_000 }
  const bucket = news({ tokens: { limit: 1000, remaining: 1000, resetAt: 0 } })
  it("reserves no more than the whole of a cap or of a vendor's limit, and gives all of it back", () => {
    const [reply, after] = rateStep(initialRate, take(tokens, 5_000_000), 0)
    assert.deepStrictEqual(reply, { _tag: "Granted", at: 0, reserved: 300_000 })
    const [, corrected] = rateStep(after, { _tag: "Used", at: 0, reserved: 300_000, tokens: 0 }, 1)
    assert.strictEqual(rateStep(corrected, take(tokens, 300_000), 1)[0]._tag, "Granted")
    const told = run([0, bucket]).state
    const [drawn, empty] = rateStep(told, take({}, 5_000_000), 0)
    assert.deepStrictEqual(drawn, { _tag: "Granted", at: 0, reserved: 1000 })
    // a minute's limit is back in a minute, however much was asked for
    assert.strictEqual(startsAt(empty, 6_000, take({}, 100)), 1)
    assert.strictEqual(rateStep(empty, take({}, 1000), 60_000)[0]._tag, "Granted")
  })
  it("under a cap and a vendor's limit reserves what the smaller holds", () => {
    const { last } = run([0, bucket], [0, take(tokens, 5_000_000)])
    assert.deepStrictEqual(last, { _tag: "Granted", at: 0, reserved: 1000 })
  })
})

describe("a limit whose reset is far off", () => {
  const day = 86_400_000
  const spent = news({ requests: { limit: 1000, remaining: 0, resetAt: day, refill: "atReset" } })
  it("keeps everybody away for five minutes, and then lets one call ask again every five minutes", () => {
    const told = run([0, spent]).state
    assert.deepStrictEqual(rateStep(told, take(), 1000)[0], {
      _tag: "Full",
      what: "requestsPerMinute",
      retryAt: 300_000
    })
    assert.strictEqual(startsAt(told, 299_999), 0)
    const { last, state } = run([0, spent], [300_000, take()])
    assert.strictEqual(last._tag, "Granted")
    assert.deepStrictEqual(rateStep(state, take(), 300_000)[0], {
      _tag: "Full",
      what: "requestsPerMinute",
      retryAt: 600_000
    })
    assert.strictEqual(startsAt(state, 700_000), 1)
  })
  it("is what the answer to that call says it is", () => {
    const asked = [[0, spent] as const, [300_000, take()] as const]
    const more = run(...asked, [301_000, news({ requests: requests(1000, 999, 300_000) }, 300_000)]).state
    assert.isAbove(startsAt(more, 301_000), 900)
    const same = run(...asked, [301_000, { ...spent, sentAt: 300_000 }]).state
    assert.deepInclude(rateStep(same, take(), 301_000)[0], { _tag: "Full", retryAt: 601_000 })
  })
  it("may be asked by another where the call was never made", () => {
    const { state } = run([0, spent], [300_000, take()], [300_100, { _tag: "Undo", at: 300_000, reserved: 10 }])
    assert.strictEqual(startsAt(state, 300_100), 1)
  })
  it("of tokens is asked by a large call as by a small one", () => {
    const tokens = news({ tokens: { limit: 1_000_000, remaining: 100, resetAt: day } })
    assert.deepInclude(run([0, tokens], [0, take({}, 500_000)]).last, { _tag: "Full", retryAt: 300_000 })
    assert.strictEqual(run([0, tokens], [300_000, take({}, 500_000)]).last._tag, "Granted")
  })
})

describe("a clock that is set back", () => {
  const back = 10_000_000 - 3_600_000
  it("by an hour leaves no cap full: what was counted is of another time", () => {
    const caps = { requestsPerMinute: 10 }
    let { state } = run(...times(10, 10_000_000, take(caps)))
    for (let minute = 0; minute < 30; minute++) {
      const [reply, next] = rateStep(state, take(caps), back + minute * 60_000)
      assert.strictEqual(reply._tag, "Granted", `minute ${minute}`)
      state = next
    }
    assert.strictEqual(startsAt(run(...times(10, 10_000_000, take(caps))).state, back, take(caps)), 10)
  })
  it("by seconds keeps the cap", () => {
    const { state } = run(...times(3, 10_000, take({ requestsPerMinute: 3 })))
    assert.strictEqual(rateStep(state, take({ requestsPerMinute: 3 }), 5_000)[0]._tag, "Full")
  })
  it("by an hour takes what vendors told for nothing, until they tell it again", () => {
    const told = { requests: requests(60, 0, 10_060_000) }
    const { state } = run([10_000_000, news(told)])
    assert.isTrue(isIdleRate(state, back))
    assert.strictEqual(rateStep(state, take(), back)[0]._tag, "Granted")
    const [, again] = rateStep(state, news({ requests: requests(60, 0, back + 60_000) }, back), back)
    assert.deepInclude(rateStep(again, take(), back)[0], { _tag: "Full", retryAt: back + 1_000 })
    assert.isFalse(isCrowded(run([10_000_000, { _tag: "RateLimited", started: 2 }]).state, 5, back))
  })
})

describe("a subject without caps that nobody told anything about", () => {
  it("holds no state", () => {
    for (const command of [take(), { _tag: "Used", at: 0, reserved: 10, tokens: 20 } as const])
      assert.strictEqual(rateStep(initialRate, command, 1_000)[1], initialRate)
    assert.strictEqual(roomOf(initialRate, {}, 7, 0), 1)
    assert.deepStrictEqual(limitUses(initialRate, {}, 7, 3, 0), [])
  })
})

describe("a limit that headers told", () => {
  it("lets what remains start, then refills evenly until its reset", () => {
    const { state } = run([0, news({ requests: requests(60, 2, 58_000) })])
    const empty = run([0, news({ requests: requests(60, 2, 58_000) })], ...times(2, 0, take())).state
    assert.strictEqual(startsAt(state, 0), 2)
    assert.deepStrictEqual(rateStep(empty, take(), 100)[0], { _tag: "Full", what: "requestsPerMinute", retryAt: 1_000 })
    assert.strictEqual(startsAt(empty, 999), 0)
    assert.strictEqual(startsAt(empty, 1_000), 1)
    assert.strictEqual(startsAt(empty, 10_000), 10)
    assert.strictEqual(startsAt(empty, 59_000), 59)
  })
  it("closes the way where nothing remains", () => {
    const { state } = run([0, news({ tokens: { limit: 6000, remaining: 0, resetAt: 60_000 } })])
    assert.deepStrictEqual(rateStep(state, take({}, 1000), 0)[0], {
      _tag: "Full",
      what: "tokensPerMinute",
      retryAt: 10_000
    })
  })
  it("gives nothing back before its reset where it comes back all at once, or where the whole is unknown", () => {
    const atOnce = run([0, news({ requests: { limit: 50, remaining: 0, resetAt: 30_000, refill: "atReset" } })]).state
    const unknown = run([0, news({ requests: requests(undefined, 0, 30_000) })]).state
    for (const state of [atOnce, unknown]) {
      assert.deepStrictEqual(rateStep(state, take(), 29_999)[0], {
        _tag: "Full",
        what: "requestsPerMinute",
        retryAt: 30_000
      })
    }
    assert.strictEqual(startsAt(atOnce, 30_000), 50)
    assert.strictEqual(startsAt(unknown, 30_000), 10_000)
  })
  it("without a reset is taken for one of a minute", () => {
    const { state } = run([0, news({ requests: requests(60, 0, undefined) })])
    assert.strictEqual(startsAt(state, 30_000), 30)
  })
  it("whose reset is past is whole again", () => {
    const { state } = run([5_000, news({ requests: requests(50, 49, 4_000) })])
    assert.strictEqual(startsAt(state, 5_000), 50)
  })
  it("lets a call that is larger than the whole start when nothing of it is used", () => {
    const { state } = run([0, news({ tokens: { limit: 1000, remaining: 999, resetAt: 60 } })])
    assert.strictEqual(rateStep(state, take({}, 5000), 0)[0]._tag, "Full")
    const [reply, after] = rateStep(state, take({}, 5000), 60)
    assert.strictEqual(reply._tag, "Granted")
    assert.strictEqual(rateStep(after, take({}, 1), 60)[0]._tag, "Full")
  })
  it("is forgotten a minute after its reset", () => {
    const { state } = run([0, news({ requests: requests(60, 10, 50_000) })])
    assert.isFalse(isIdleRate(state, 109_999))
    assert.isTrue(isIdleRate(state, 110_000))
    assert.strictEqual(startsAt(state, 109_999), 60)
    assert.strictEqual(startsAt(state, 110_000), 10_000)
  })
  it("is replaced by newer news, whether that says more or less", () => {
    const first = news({ requests: requests(60, 30, 30_000) }, 100)
    const [more, less] = [40, 20].map((left) =>
      run([200, first], [300, news({ requests: requests(60, left, 30_000) }, 250)])
    )
    assert.strictEqual(startsAt(more?.state ?? initialRate, 300), 40)
    assert.strictEqual(startsAt(less?.state ?? initialRate, 300), 20)
  })
  it("does not change with news of an answer to an earlier call", () => {
    const { state } = run([2_000, news({ requests: requests(60, 5, 60_000) }, 1_900)])
    const [, after] = rateStep(state, news({ requests: requests(60, 59, 60_000) }, 1_000), 2_500)
    assert.strictEqual(after, state)
  })
  it("is the tighter of two that answers to calls of the same moment told", () => {
    const told = (left: number) => news({ requests: requests(60, left, 60_000) }, 0)
    assert.strictEqual(startsAt(run([500, told(9)], [500, told(8)]).state, 500), 8)
    assert.strictEqual(startsAt(run([500, told(8)], [500, told(9)]).state, 500), 8)
  })
  it("is reduced by what was started after the call it answers", () => {
    const first = [0, news({ requests: requests(60, 50, 10_000) })] as const
    const { state } = run(first, ...times(4, 5_000, take()), [
      8_000,
      news({ requests: requests(60, 40, 60_000) }, 3_000)
    ])
    assert.strictEqual(startsAt(state, 8_000), 36)
  })
  it("gets back what a call had reserved of it and did not use, unless newer news has told of that call", () => {
    const told = news({ tokens: { limit: 1000, remaining: 1000, resetAt: 0 } }, 0)
    const used = { _tag: "Used", at: 2_000, reserved: 900, tokens: 100 } as const
    const { state } = run([1_000, told], [2_000, take({}, 900)], [2_000, used])
    assert.strictEqual(rateStep(state, take({}, 900), 2_000)[0]._tag, "Granted")
    const later = news({ tokens: { limit: 1000, remaining: 300, resetAt: 62_000 } }, 3_100)
    const after = run([1_000, told], [2_000, take({}, 900)], [3_500, later])
    assert.strictEqual(rateStep(after.state, used, 3_500)[1].tokens, after.state.tokens)
  })
})

describe("a 429 that told no limit", () => {
  const limited = (started: number): RateCommand => ({ _tag: "RateLimited", started })
  it("teaches a crowd of nine tenths of what was started, which never refuses", () => {
    const { state } = run([0, limited(20)])
    assert.isFalse(isCrowded(state, 17, 0))
    assert.isTrue(isCrowded(state, 18, 0))
    assert.strictEqual(startsAt(state, 0), 10_000)
    assert.isFalse(isCrowded(run([0, limited(0)]).state, 0, 0))
  })
  it("is outgrown by a tenth a minute, until it has doubled", () => {
    const { state } = run([0, limited(100)])
    assert.closeTo(ceilingOf(state, 60_000) ?? 0, 99, 1e-9)
    assert.closeTo(ceilingOf(state, 120_000) ?? 0, 108.9, 1e-9)
    assert.isDefined(ceilingOf(state, 7 * 60_000))
    assert.isUndefined(ceilingOf(state, 7.3 * 60_000))
    assert.isTrue(isIdleRate(state, 7.3 * 60_000))
  })
  it("teaches nothing where a limit is known", () => {
    const known = run([0, news({ requests: requests(60, 0, 1_000) })]).state
    assert.strictEqual(rateStep(known, limited(20), 10)[1], known)
  })
})

describe("what is told of a subject's limits", () => {
  it("names each with its use, its source and when there is room again", () => {
    const caps = { requestsPerMinute: 2, tokensPerMinute: 100, concurrent: 5 }
    const { state } = run([0, { _tag: "RateLimited", started: 10 }], ...times(2, 0, take(caps, 30)), [
      500,
      news({ requests: requests(10, 0, 1_500) })
    ])
    assert.deepStrictEqual(limitUses(state, caps, 4, 2, 500), [
      { what: "requestsPerMinute", limit: 2, used: 2, source: "config", retryAt: 61_000 },
      { what: "tokensPerMinute", limit: 100, used: 60, source: "config", retryAt: undefined },
      { what: "concurrent", limit: 5, used: 4, source: "config", retryAt: undefined },
      { what: "requestsPerMinute", limit: 10, used: 10, source: "headers", retryAt: 600 },
      { what: "requestsPerMinute", limit: 9, used: 2, source: "rateLimited", retryAt: undefined }
    ])
    assert.strictEqual(roomOf(state, caps, 4, 500), 0)
    assert.closeTo(roomOf(initialRate, caps, 4, 0), 0.2, 1e-9)
  })
  it("is an event when the way closes and when it opens, not once a call", () => {
    const caps = { requestsPerMinute: 1 }
    let state: RateState = initialRate
    const events = []
    for (const at of [0, 1, 2, 3, 61_000, 61_001]) {
      const before = state
      state = rateStep(state, take(caps), at)[1]
      events.push(...rateEvents(before, state))
    }
    assert.deepStrictEqual(events, [
      { _tag: "Filled", what: "requestsPerMinute", retryAt: 61_000 },
      { _tag: "Freed", what: "requestsPerMinute" },
      { _tag: "Filled", what: "requestsPerMinute", retryAt: 122_000 }
    ])
  })
})

describe("under any arrivals", () => {
  const between = (minimum: number, maximum: number) => Schema.Int.check(Schema.isBetween({ minimum, maximum }))
  const Arrival = Schema.Struct({
    // bursts, trickles and pauses as long as a window
    after: Schema.Union([between(0, 3), between(0, 1_500), between(55_000, 62_000)]),
    tokens: between(0, 60),
    /** Of what it reserved, in hundredths, told `late` after the start. */
    used: between(0, 150),
    correctedAfter: between(0, 5)
  })
  const arrivals = Schema.Array(Arrival).check(Schema.isMinLength(60), Schema.isMaxLength(80))

  it.prop(
    "no minute holds more starts or reserved tokens than the caps, and a refusal holds until the moment it names",
    { moves: arrivals, requestCap: between(1, 8), tokenCap: between(1, 120) },
    ({ moves, requestCap, tokenCap }) => {
      const caps = { requestsPerMinute: requestCap, tokensPerMinute: tokenCap }
      const starts: Array<{ at: number; tokens: number }> = []
      let state: RateState = initialRate
      let now = 0
      for (const { after, tokens: wanted } of moves) {
        now += after
        const [reply, next] = rateStep(state, take(caps, wanted), now)
        // what exceeds the cap alone reserves all of it
        const tokens = Math.min(wanted, tokenCap)
        const within = starts.filter(({ at }) => at > now - 60_000)
        const sum = within.reduce((all, one) => all + one.tokens, 0)
        if (reply._tag === "Granted") {
          starts.push({ at: now, tokens })
          assert.strictEqual(reply.reserved, tokens)
          assert.isBelow(within.length, requestCap)
          assert.isAtMost(sum + tokens, tokenCap)
          assert.isAtMost(next.window.before.length, 60)
        } else if (reply._tag === "Full") {
          // a refusal is right to within the second that the counts are kept by
          const nearly = starts.filter(({ at }) => at > now - 61_000)
          const nearlySum = nearly.reduce((all, one) => all + one.tokens, 0)
          assert.isTrue(nearly.length >= requestCap || (nearlySum > 0 && nearlySum + tokens > tokenCap))
          const retryAt = reply.retryAt ?? Number.NaN
          assert.isAbove(retryAt, now)
          assert.isDefined(refusalOf(state, { caps, tokens, running: 0 }, retryAt - 1))
          assert.isUndefined(refusalOf(state, { caps, tokens, running: 0 }, retryAt))
        }
        state = next
      }
    },
    { arbitrary: { runs: 300, seed: 11 } }
  )

  it.prop(
    "corrections keep the sum: what is counted is what was used, and never below nothing",
    { moves: arrivals },
    ({ moves }) => {
      const caps = { tokensPerMinute: 1_000_000 }
      let state: RateState = initialRate
      let now = 0
      const calls: Array<{ at: number; reserved: number; counts: number }> = []
      for (const { after, correctedAfter, tokens, used } of moves) {
        now += after
        state = rateStep(state, take(caps, tokens), now)[1]
        calls.push({ at: now, reserved: tokens, counts: tokens })
        const call = calls.at(-1 - correctedAfter)
        if (call !== undefined && call.counts === call.reserved) {
          const actual = Math.round((call.reserved * used) / 100)
          // too late for the window it was counted in: nothing is to be corrected
          state = rateStep(state, { _tag: "Used", at: call.at, reserved: call.reserved, tokens: actual }, now)[1]
          call.counts = actual
        }
        const counted = calls.filter(({ at }) => (Math.floor(at / 1000) + 1) * 1000 > now - 60_000)
        const use = limitUses(state, caps, 0, 0, now).find(({ what }) => what === "tokensPerMinute")
        assert.strictEqual(
          use?.used,
          counted.reduce((all, one) => all + one.counts, 0)
        )
      }
    },
    { arbitrary: { runs: 200, seed: 12 } }
  )

  it("believes a vendor's word on when a call may come back rather than what its headers let reckon", () => {
    const told = news({ requests: requests(50, 0, 60_000), tokens: requests(1000, 0, 60_000) })
    const limited: RateCommand = { _tag: "RateLimited", started: 3, tokens: 100, retryAfterMillis: 1000 }
    const { state } = run([0, told], [0, limited])
    assert.strictEqual(rateStep(state, take({}, 100), 999)[0]._tag, "Full")
    assert.strictEqual(rateStep(state, take({}, 100), 1000)[0]._tag, "Granted")
    // one call, not a second one beside it
    const [, after] = rateStep(state, take({}, 100), 1000)
    assert.strictEqual(rateStep(after, take({}, 100), 1000)[0]._tag, "Full")
    // what had room sooner keeps it
    const [, plenty] = rateStep(run([0, news({ requests: requests(50, 40, 60_000) })]).state, limited, 0)
    assert.strictEqual(rateStep(plenty, take(), 0)[0]._tag, "Granted")
  })

  it.prop(
    "a limit that was told is never drawn beyond what it held and got back, in whatever order answers come",
    {
      moves: Schema.Array(
        Schema.Struct({
          after: between(0, 2_000),
          kind: Schema.Literals(["take", "take", "take", "news"]),
          remaining: between(0, 20),
          span: between(1, 30_000),
          age: between(0, 5_000)
        })
      ).check(Schema.isMaxLength(80))
    },
    ({ moves }) => {
      const limit = 20
      let state: RateState = initialRate
      let now = 0
      for (const { after, age, kind, remaining, span } of moves) {
        now += after
        if (kind === "take") {
          const level = roomOf(state, {}, 0, now) * limit
          const [reply, next] = rateStep(state, take({}, 0), now)
          if (state.requests !== undefined && !isIdleRate(state, now))
            assert.strictEqual(reply._tag === "Granted", level >= 1 - 1e-5)
          state = next
        } else {
          const before = state.requests
          const sentAt = now - age
          state = rateStep(state, news({ requests: requests(limit, remaining, now + span) }, sentAt), now)[1]
          // news that is not newer never says that there is more
          if (before !== undefined && !isIdleRate({ ...initialRate, requests: before }, now) && sentAt < before.sentAt)
            assert.strictEqual(state.requests, before)
          assert.isAtMost(roomOf(state, {}, 0, now), 1)
          assert.isAtMost(state.requests?.level ?? 0, limit)
        }
        assert.isAtMost(state.window.before.length, 60)
      }
    },
    { arbitrary: { runs: 300, seed: 13 } }
  )
})
