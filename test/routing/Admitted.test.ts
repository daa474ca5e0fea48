import { assert, describe, it } from "@effect/vitest"
import { Effect, Fiber, Result } from "effect"
import { TestClock } from "effect/testing"
import { defaultResilience } from "../../src/config/Settings.ts"
import type { ChatRequest } from "../../src/domain/ChatRequest.ts"
import type { Reason } from "../../src/domain/ProviderError.ts"
import { anonymous } from "../../src/domain/RequestContext.ts"
import { Admission } from "../../src/health/Admission.ts"
import { Circuits } from "../../src/health/Circuits.ts"
import { Quarantines } from "../../src/health/Quarantines.ts"
import { RateLimits } from "../../src/health/RateLimits.ts"
import { RetryBudgets } from "../../src/health/RetryBudgets.ts"
import * as Scripted from "../../src/provider/Scripted.ts"
import { providerSpec } from "../provider/requests.ts"
import { answered, ask, candidate, count, fresh, inTime, live, read, refused, request, scripted } from "./walking.ts"

/** Twenty streams and more of a model that begins within 100 ms. */
const known = (provider: string) =>
  Effect.map(Admission, (admission) => {
    for (let i = 0; i < 40; i++) admission.firstEvent({ provider, model: "m" }, 100, 0)
  })

const disabled = { _tag: "OutOfService", state: "disabled", by: "operator" } as const
const stateOf = (provider: Scripted.Scripted) => Effect.map(provider.calls, (calls) => calls.map(({ state }) => state))

describe("a hedged alias", () => {
  it.effect("asks a second candidate once the first is slower than it almost always is; the first answer counts", () =>
    fresh(
      Effect.gen(function* () {
        yield* known("slow")
        const slow = scripted("slow", Scripted.answer("late", { before: "5 seconds" }))
        const quick = scripted("quick", Scripted.answer("soon", { before: "50 millis" }))
        const { served, text } = yield* inTime(
          answered([candidate(slow), candidate(quick)], { request: live, hedge: true })
        )
        assert.strictEqual(text, "soon")
        assert.deepStrictEqual(
          served.attempts.map(({ provider, reason }) => [provider, reason]),
          [
            ["slow", "Outrun"],
            ["quick", undefined]
          ]
        )
        assert.deepStrictEqual(yield* stateOf(slow), ["interrupted"])
        assert.strictEqual((yield* (yield* Circuits).state("slow/m"))._tag, "Closed")
        assert.strictEqual((yield* RateLimits).inFlight("slow"), 0)
      })
    )
  )
  it.effect("asks nobody else where the first begins in its usual time, or nothing is known of it yet", () =>
    fresh(
      Effect.gen(function* () {
        yield* known("usual")
        const usual = scripted("usual", Scripted.answer("hi", { before: "80 millis" }))
        const unknown = scripted("unknown", Scripted.answer("hi", { before: "5 seconds" }))
        const second = scripted("second", Scripted.answer("no"))
        for (const first of [usual, unknown]) {
          const { text } = yield* inTime(
            answered([candidate(first), candidate(second)], { request: live, hedge: true })
          )
          assert.strictEqual(text, "hi")
        }
        assert.strictEqual(yield* count(second), 0)
      })
    )
  )
  it.effect("lets the slow one answer where the second fails, and goes on where both do", () =>
    fresh(
      Effect.gen(function* () {
        yield* known("slow")
        const slow = scripted("slow", Scripted.answer("late", { before: "5 seconds" }))
        const broken = scripted("broken", Scripted.fails({ _tag: "QuotaExhausted", message: "x" }))
        const third = scripted("third", Scripted.answer("third"))
        const first = yield* inTime(
          answered([candidate(slow), candidate(broken), candidate(third)], { request: live, hedge: true })
        )
        assert.strictEqual(first.text, "late")
        assert.strictEqual(yield* count(third), 0)
        yield* slow.rescript(Scripted.fails({ _tag: "QuotaExhausted", message: "x" }, { before: "3 seconds" }))
        const other = scripted(
          "other",
          Scripted.fails({ _tag: "QuotaExhausted", message: "x" }, { before: "1 seconds" })
        )
        const second = yield* inTime(
          answered([candidate(slow), candidate(other), candidate(third)], { request: live, hedge: true })
        )
        assert.strictEqual(second.text, "third")
        assert.strictEqual(second.served.attempts.length, 3)
      })
    )
  )
  it.effect("asks nobody for speed whom others are asked before", () =>
    fresh(
      Effect.gen(function* () {
        yield* known("slow")
        const slow = scripted("slow", Scripted.answer("late", { before: "5 seconds" }))
        const dear = scripted("dear", Scripted.answer("soon"))
        const asked = [candidate(slow), candidate(dear)] as const
        const alone = yield* inTime(answered(asked, { request: live, hedge: true, beforeOthers: 1 }))
        assert.strictEqual(alone.text, "late")
        assert.strictEqual(yield* count(dear), 0)
        yield* slow.rescript(Scripted.fails({ _tag: "QuotaExhausted", message: "x" }, { before: "5 seconds" }))
        const stoodIn = yield* inTime(answered(asked, { request: live, hedge: true, beforeOthers: 1 }))
        assert.strictEqual(stoodIn.text, "soon")
      })
    )
  )
  it.effect("lets no verdict of the second end what the first may still answer", () =>
    fresh(
      Effect.gen(function* () {
        const verdicts: ReadonlyArray<Reason> = [
          { _tag: "ContentPolicy", message: "x" },
          { _tag: "ContextLengthExceeded", message: "x" },
          { _tag: "InvalidRequest", message: "x" }
        ]
        for (const [index, reason] of verdicts.entries()) {
          yield* known(`slow${index}`)
          const slow = scripted(`slow${index}`, Scripted.answer("late", { before: "5 seconds" }))
          const second = scripted(`second${index}`, Scripted.fails(reason))
          const third = scripted(`third${index}`, Scripted.answer("third"))
          const asked = [candidate(slow), candidate(second), candidate(third)] as const
          assert.strictEqual((yield* inTime(answered(asked, { request: live, hedge: true }))).text, "late")
          yield* slow.rescript(Scripted.fails({ _tag: "QuotaExhausted", message: "x" }, { before: "5 seconds" }))
          const both = yield* inTime(Effect.result(answered(asked, { request: live, hedge: true })))
          // then it counts as it would have in turn
          if (reason._tag === "InvalidRequest") assert.isTrue(Result.isSuccess(both) && both.success.text === "third")
          else assert.isTrue(Result.isFailure(both))
        }
      })
    )
  )
  it.effect("does not ask beside the first whom the cap leaves no room for, and asks it afterwards", () =>
    fresh(
      Effect.gen(function* () {
        yield* known("slow")
        const price = { inputUsdPerMTok: 10, outputUsdPerMTok: 10 }
        const slow = scripted("slow", Scripted.fails({ _tag: "QuotaExhausted", message: "x" }, { before: "5 seconds" }))
        const second = scripted("second", Scripted.answer("second"))
        const request: ChatRequest = { ...live, sampling: { maxTokens: 1000 } }
        const { served, text } = yield* inTime(
          answered([candidate(slow, { price }), candidate(second, { price })], {
            request,
            hedge: true,
            costCapUsd: 0.02
          })
        )
        assert.strictEqual(text, "second")
        assert.deepStrictEqual(
          served.attempts.map(({ reason }) => reason),
          ["QuotaExhausted", undefined]
        )
      })
    )
  )
  it.effect("cancels both when the caller leaves", () =>
    fresh(
      Effect.gen(function* () {
        yield* known("slow")
        const slow = scripted("slow", Scripted.stalls())
        const other = scripted("other", Scripted.stalls())
        const fiber = yield* Effect.forkChild(
          answered([candidate(slow), candidate(other)], { request: live, hedge: true }),
          { startImmediately: true }
        )
        yield* TestClock.adjust("1 second")
        assert.deepStrictEqual([...(yield* stateOf(slow)), ...(yield* stateOf(other))], ["running", "running"])
        yield* Fiber.interrupt(fiber)
        assert.deepStrictEqual([...(yield* stateOf(slow)), ...(yield* stateOf(other))], ["interrupted", "interrupted"])
        const limits = yield* RateLimits
        assert.deepStrictEqual([limits.inFlight("slow"), limits.inFlight("other")], [0, 0])
      })
    )
  )
  it.effect("asks for nothing twice that may have been carried out", () =>
    fresh(
      Effect.gen(function* () {
        yield* known("slow")
        const slow = scripted("slow", Scripted.answer("late", { before: "5 seconds" }))
        const other = scripted("other", Scripted.answer("no"))
        const hosted: ChatRequest = {
          ...live,
          tools: [{ _tag: "Hosted", dialect: "openai-chat", definition: { type: "mcp" } }]
        }
        assert.strictEqual(
          (yield* inTime(answered([candidate(slow), candidate(other)], { request: hosted, hedge: true }))).text,
          "late"
        )
        assert.strictEqual(yield* count(other), 0)
      })
    )
  )
})

describe("quarantine", () => {
  it.effect("keeps every model of a banned account from being asked after the first ban", () =>
    fresh(
      Effect.gen(function* () {
        const banned = scripted(
          "banned",
          Scripted.fails({ _tag: "AccessDenied", message: "disabled", scope: "account" })
        )
        const good = scripted("good", Scripted.answer("hi"))
        const other = { ...candidate(banned), ref: { provider: "banned", model: "another" } }
        const first = yield* answered([candidate(banned), candidate(good)])
        assert.strictEqual(first.served.fallback, "AccessDenied")
        for (const asked of [candidate(banned), other]) {
          const { served, text } = yield* answered([asked, candidate(good)])
          assert.strictEqual(text, "hi")
          assert.strictEqual(served.fallback, "Quarantined")
        }
        assert.strictEqual(yield* count(banned), 1)
        const error = yield* refused([other])
        assert.isTrue(error.reason._tag === "AllFailed" && error.reason.first._tag === "AccessDenied")
        assert.strictEqual(error.attempts.length, 0)
      })
    )
  )
  it.effect("is lifted by an operator, and then it is asked again", () =>
    fresh(
      Effect.gen(function* () {
        const spent = scripted("spent", [
          Scripted.fails({ _tag: "QuotaExhausted", message: "no credits" }),
          Scripted.answer("hi")
        ])
        yield* refused([candidate(spent)])
        yield* refused([candidate(spent)])
        assert.strictEqual(yield* count(spent), 1)
        assert.isTrue((yield* Quarantines).lift("account:spent", 0))
        assert.strictEqual((yield* answered([candidate(spent)])).text, "hi")
      })
    )
  )
})

describe("the limits of a provider", () => {
  const narrow = (limits: { readonly requestsPerMinute?: number; readonly concurrent?: number }) =>
    providerSpec({
      id: "narrow",
      limits: { requestsPerMinute: limits.requestsPerMinute, tokensPerMinute: undefined, concurrent: limits.concurrent }
    })

  it.effect("are walked around before they are hit", () =>
    fresh(
      Effect.gen(function* () {
        const first = scripted("narrow", Scripted.answer("first"))
        const second = scripted("second", Scripted.answer("second"))
        const texts: Array<string> = []
        for (let i = 0; i < 5; i++) texts.push((yield* answered([candidate(first), candidate(second)])).text)
        assert.deepStrictEqual(texts, ["first", "first", "second", "second", "second"])
        yield* TestClock.adjust("62 seconds")
        assert.strictEqual((yield* answered([candidate(first), candidate(second)])).text, "first")
      }),
      [narrow({ requestsPerMinute: 2 })]
    )
  )
  it.effect("make requests wait in turn where nobody else is left, and then they are answered", () =>
    fresh(
      Effect.gen(function* () {
        const only = scripted("narrow", Scripted.answer("hi", { before: "1 second" }))
        const fibers = yield* Effect.forEach([1, 2, 3, 4], () =>
          Effect.forkChild(answered([candidate(only)]), { startImmediately: true })
        )
        assert.strictEqual(yield* count(only), 1)
        yield* TestClock.adjust("4500 millis")
        for (const fiber of fibers) assert.strictEqual((yield* Fiber.join(fiber)).text, "hi")
        assert.strictEqual((yield* RateLimits).inFlight("narrow"), 0)
      }),
      [narrow({ concurrent: 1 })]
    )
  )
  it.effect("end the wait with a rate limit that says when to come back, after the queue's patience", () =>
    fresh(
      Effect.gen(function* () {
        const only = scripted("narrow", Scripted.answer("hi"))
        yield* answered([candidate(only)])
        const error = yield* inTime(refused([candidate(only)]))
        assert.isTrue(error.reason._tag === "AllFailed" && error.reason.first._tag === "RateLimited")
        assert.isAbove(error.retryAfterMillis ?? 0, 0)
        assert.strictEqual(error.status, 429)
        assert.strictEqual(yield* count(only), 1)
      }),
      [narrow({ requestsPerMinute: 1 })]
    )
  )
  it.effect("let nobody wait where the queue is off", () =>
    fresh(
      Effect.gen(function* () {
        const only = scripted("narrow", Scripted.answer("hi"))
        yield* answered([candidate(only)])
        const queue = { ...defaultResilience.queue, capacity: 0 }
        const error = yield* refused([candidate(only)], { resilience: { queue } })
        assert.strictEqual(error.status, 429)
      }),
      [narrow({ requestsPerMinute: 1 })]
    )
  )
  it.effect("are waited for by a request whose first choice has failed", () =>
    fresh(
      Effect.gen(function* () {
        const spent = scripted("spent", Scripted.fails({ _tag: "QuotaExhausted", message: "x" }))
        const only = scripted("narrow", Scripted.answer("hi", { before: "2 seconds" }))
        const running = yield* Effect.forkChild(answered([candidate(only)]), { startImmediately: true })
        const waits = yield* Effect.forkChild(answered([candidate(spent), candidate(only)]), { startImmediately: true })
        assert.strictEqual(yield* count(only), 1)
        yield* TestClock.adjust("5 seconds")
        assert.strictEqual((yield* Fiber.join(running)).text, "hi")
        assert.strictEqual((yield* Fiber.join(waits)).text, "hi")
      }),
      [narrow({ concurrent: 1 })]
    )
  )
  it.effect("are not asked about again and again while the queue is full and somebody else has asked for a pause", () =>
    fresh(
      Effect.gen(function* () {
        const busy = scripted("narrow", Scripted.stalls())
        const pausing = scripted("pausing", [
          Scripted.fails({ _tag: "RateLimited", message: "x", retryAfterMillis: 3000 }),
          Scripted.answer("hi")
        ])
        const retries = { ...defaultResilience.retries, RateLimited: 0 }
        const running = yield* Effect.forkChild(answered([candidate(busy)]), { startImmediately: true })
        yield* refused([candidate(pausing)], { resilience: { retries } })
        const admission = yield* Admission
        let waits = 0
        const counting = Admission.of({
          ...admission,
          wait: () => Effect.sync(() => (waits++, { _tag: "Full" as const }))
        })
        const { text } = yield* inTime(
          answered([candidate(busy), candidate(pausing)], { resilience: { retries } }).pipe(
            Effect.provideService(Admission, counting)
          )
        )
        assert.strictEqual(text, "hi")
        assert.isAtMost(waits, 2)
        yield* Fiber.interrupt(running)
      }),
      [narrow({ concurrent: 1 })]
    )
  )
  it.effect("that are merely full make a failure elsewhere one that may be tried again", () =>
    fresh(
      Effect.gen(function* () {
        const spent = scripted("spent", Scripted.fails({ _tag: "QuotaExhausted", message: "x" }))
        const only = scripted("narrow", Scripted.answer("hi"))
        yield* answered([candidate(only)])
        const error = yield* inTime(refused([candidate(spent), candidate(only)]))
        assert.strictEqual(error.status, 429)
        assert.isTrue(error.callerMayRetry)
        assert.isAbove(error.retryAfterMillis ?? 0, 0)
      }),
      [narrow({ requestsPerMinute: 1 })]
    )
  )
  it.effect("give the place of a caller who leaves to the next", () =>
    fresh(
      Effect.gen(function* () {
        const only = scripted("narrow", Scripted.answer("hi", { before: "2 seconds" }))
        const asking = (name: string) =>
          Effect.forkChild(answered([candidate(only)], { caller: { ...anonymous, name } }), { startImmediately: true })
        const running = yield* asking("a")
        const leaves = yield* asking("b")
        const stays = yield* asking("c")
        yield* TestClock.adjust("1 second")
        yield* Fiber.interrupt(leaves)
        yield* TestClock.adjust("4 seconds")
        assert.strictEqual((yield* Fiber.join(running)).text, "hi")
        assert.strictEqual((yield* Fiber.join(stays)).text, "hi")
        assert.strictEqual(yield* count(only), 2)
      }),
      [narrow({ concurrent: 1 })]
    )
  )
})

describe("a provider that is taken out of service", () => {
  it.effect("is asked no more by requests that are under way, be it to go on where a stream broke", () =>
    fresh(
      Effect.gen(function* () {
        const cut = scripted(
          "cut",
          Scripted.breaks(["one ", "two "], { _tag: "Network", message: "reset", sent: true })
        )
        const other = scripted("other", Scripted.answer("rest"))
        let on = true
        const { ended } = yield* Effect.scoped(
          Effect.flatMap(
            ask([candidate(cut), candidate(other)], {
              request: live,
              outOfService: (id) => (on || id !== "other" ? undefined : disabled)
            }),
            (answer) => {
              on = false
              return read(answer)
            }
          )
        )
        assert.isFalse(ended)
        assert.strictEqual(yield* count(other), 0)
        const error = yield* refused([candidate(other)], { outOfService: () => disabled })
        assert.strictEqual(error.reason._tag, "NobodyAvailable")
      })
    )
  )
})

describe("a retry budget", () => {
  it.effect("keeps retries from feeding an outage", () =>
    fresh(
      Effect.gen(function* () {
        const down = scripted("down", Scripted.fails({ _tag: "ServerError", message: "x" }))
        const good = scripted("good", Scripted.answer("hi"))
        const budgets = yield* RetryBudgets
        budgets.configure({ retryBudget: { share: 0, perMinute: 2 } })
        const circuits = yield* Circuits
        yield* circuits.force("down/m", "closed")
        for (let i = 0; i < 5; i++) {
          const fiber = yield* Effect.forkChild(answered([candidate(down), candidate(good)]), {
            startImmediately: true
          })
          yield* TestClock.adjust("500 millis")
          assert.strictEqual((yield* Fiber.join(fiber)).text, "hi")
        }
        // five first calls, and two retries
        assert.strictEqual(yield* count(down), 7)
      })
    )
  )
})

describe("a cost cap", () => {
  const price = (usd: number) => ({ inputUsdPerMTok: usd, outputUsdPerMTok: usd })
  const limited: ChatRequest = { ...request, sampling: { maxTokens: 1000 } }

  it.effect("passes over who might cost more, and asks who does not", () =>
    fresh(
      Effect.gen(function* () {
        const dear = scripted("dear", Scripted.answer("dear"))
        const cheap = scripted("cheap", Scripted.answer("cheap"))
        const { text } = yield* answered(
          [candidate(dear, { price: price(100) }), candidate(cheap, { price: price(0.1) })],
          { request: limited, costCapUsd: 0.01 }
        )
        assert.strictEqual(text, "cheap")
        assert.strictEqual(yield* count(dear), 0)
      })
    )
  )
  it.effect("is told where it leaves nobody, before any call", () =>
    fresh(
      Effect.gen(function* () {
        const dear = scripted("dear", Scripted.answer("dear"))
        const error = yield* refused([candidate(dear, { price: price(100) })], { request: limited, costCapUsd: 0.01 })
        assert.strictEqual(error.reason._tag, "CostCapReached")
        assert.strictEqual(error.status, 400)
        assert.isFalse(error.callerMayRetry)
        assert.strictEqual(yield* count(dear), 0)
      })
    )
  )
  it.effect("counts what attempts that were cut have cost", () =>
    fresh(
      Effect.gen(function* () {
        const cut = scripted(
          "cut",
          Scripted.breaks("x".repeat(2000), { _tag: "Network", message: "reset", sent: true })
        )
        const rest = scripted("rest", Scripted.answer("rest"))
        // one worst case fits, but not another one after what the first has written
        const { ended } = yield* answered(
          [candidate(cut, { price: price(10) }), candidate(rest, { price: price(10) })],
          { request: { ...limited, delivery: "live" }, costCapUsd: 0.0175 }
        )
        assert.isFalse(ended)
        assert.strictEqual(yield* count(rest), 0)
      })
    )
  )
})
