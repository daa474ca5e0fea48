import { assert, describe, it } from "@effect/vitest"
import { Effect, Exit, Fiber, Schema } from "effect"
import { TestClock } from "effect/testing"
import { defaultResilience } from "../../src/config/Settings.ts"
import type { ChatEvent } from "../../src/domain/ChatEvent.ts"
import type { ChatRequest } from "../../src/domain/ChatRequest.ts"
import type { Reason, ReasonTag } from "../../src/domain/ProviderError.ts"
import { Circuits } from "../../src/health/Circuits.ts"
import * as Scripted from "../../src/provider/Scripted.ts"
import { answered, ask, candidate, count, fresh, inTime, live, read, refused, request, scripted } from "./walking.ts"

const samples: { readonly [T in ReasonTag]: Extract<Reason, { readonly _tag: T }> } = {
  RateLimited: { _tag: "RateLimited", message: "x", retryAfterMillis: 100 },
  QuotaExhausted: { _tag: "QuotaExhausted", message: "x" },
  Overloaded: { _tag: "Overloaded", message: "x" },
  ServerError: { _tag: "ServerError", message: "x" },
  Network: { _tag: "Network", message: "x", sent: false },
  Timeout: { _tag: "Timeout", message: "x", limit: "connect" },
  AuthenticationFailed: { _tag: "AuthenticationFailed", message: "x" },
  AccessDenied: { _tag: "AccessDenied", message: "x", scope: "account" },
  ModelUnavailable: { _tag: "ModelUnavailable", message: "x" },
  ContentPolicy: { _tag: "ContentPolicy", message: "x" },
  ContextLengthExceeded: { _tag: "ContextLengthExceeded", message: "x" },
  InvalidRequest: { _tag: "InvalidRequest", message: "x" },
  UnsupportedFeature: { _tag: "UnsupportedFeature", message: "x", feature: "images" },
  MalformedResponse: { _tag: "MalformedResponse", message: "x" }
}

/** What the failure table says: calls at the failing first candidate, and does the healthy second one answer? */
const table: { readonly [T in ReasonTag]: { readonly calls: number; readonly fallsBack: boolean } } = {
  RateLimited: { calls: 2, fallsBack: true },
  QuotaExhausted: { calls: 1, fallsBack: true },
  Overloaded: { calls: 2, fallsBack: true },
  ServerError: { calls: 2, fallsBack: true },
  Network: { calls: 2, fallsBack: true },
  Timeout: { calls: 1, fallsBack: true },
  AuthenticationFailed: { calls: 1, fallsBack: true },
  AccessDenied: { calls: 1, fallsBack: true },
  ModelUnavailable: { calls: 1, fallsBack: true },
  ContentPolicy: { calls: 1, fallsBack: false },
  ContextLengthExceeded: { calls: 1, fallsBack: false },
  InvalidRequest: { calls: 1, fallsBack: false },
  UnsupportedFeature: { calls: 1, fallsBack: true },
  MalformedResponse: { calls: 1, fallsBack: true }
}

describe("the failure table", () => {
  for (const tag of Object.keys(samples)) {
    // the keys of `samples` are the reason tags
    const { calls, fallsBack } = table[tag as ReasonTag]
    const reason = samples[tag as ReasonTag] // as above
    for (const delivery of ["whole", "live"] as const) {
      it.effect(`${tag}, ${delivery}: ${calls} calls, then ${fallsBack ? "the next candidate" : "the error"}`, () =>
        fresh(
          Effect.gen(function* () {
            const bad = scripted("bad", Scripted.fails(reason))
            const good = scripted("good", Scripted.answer("hi"))
            const outcome = yield* inTime(
              Effect.scoped(
                Effect.result(
                  Effect.flatMap(ask([candidate(bad), candidate(good)], { request: { ...request, delivery } }), read)
                )
              )
            )
            assert.strictEqual(yield* count(bad), calls)
            if (outcome._tag === "Success") {
              assert.isTrue(fallsBack)
              assert.strictEqual(outcome.success.text, "hi")
              assert.strictEqual(outcome.success.served.provider, "good")
              assert.strictEqual(outcome.success.served.fallback, tag)
              assert.strictEqual(outcome.success.served.attempts.length, calls + 1)
            } else {
              assert.isFalse(fallsBack)
              const told = outcome.failure.reason
              assert.isTrue(told._tag === "AllFailed" && told.first._tag === tag)
              assert.strictEqual(yield* count(good), 0)
            }
          })
        )
      )
    }
  }
})

describe("the walk", () => {
  it.effect("waits as long as the vendor asks before it asks again, and goes elsewhere when that is too long", () =>
    fresh(
      Effect.gen(function* () {
        const patient = scripted("patient", [
          Scripted.fails({ _tag: "RateLimited", message: "x", retryAfterMillis: 4000 }),
          Scripted.answer("later")
        ])
        const fiber = yield* Effect.forkChild(answered([candidate(patient)]), { startImmediately: true })
        yield* TestClock.adjust("3999 millis")
        assert.strictEqual(yield* count(patient), 1)
        yield* TestClock.adjust("10 millis")
        assert.strictEqual((yield* Fiber.join(fiber)).text, "later")

        const busy = scripted("busy", Scripted.fails({ _tag: "RateLimited", message: "x", retryAfterMillis: 5001 }))
        const other = scripted("other", Scripted.answer("now"))
        assert.strictEqual((yield* answered([candidate(busy), candidate(other)])).text, "now")
        assert.strictEqual(yield* count(busy), 1)
      })
    )
  )
  it.effect("asks a provider that timed out once more only when nobody else can serve", () =>
    fresh(
      Effect.gen(function* () {
        const silent = scripted("silent", Scripted.stalls())
        const error = yield* inTime(
          refused([candidate(silent)], { request: live, resilience: { deadline: defaultResilience.limits.stream } })
        )
        assert.strictEqual(yield* count(silent), 2)
        assert.isTrue(error.reason._tag === "AllFailed" && error.reason.first._tag === "Timeout")
      })
    )
  )
  it.effect("leaves a silent stream after 10 s where another candidate stands ready, and closes it first", () =>
    fresh(
      Effect.gen(function* () {
        const silent = scripted("silent", Scripted.stalls())
        const good = scripted("good", Scripted.answer(["he", "llo"]))
        const fiber = yield* Effect.forkChild(answered([candidate(silent), candidate(good)], { request: live }), {
          startImmediately: true
        })
        yield* TestClock.adjust("9999 millis")
        assert.strictEqual(yield* count(good), 0)
        yield* TestClock.adjust("1 millis")
        const { text, ended, served } = yield* Fiber.join(fiber)
        assert.deepStrictEqual([text, ended, served.fallback], ["hello", true, "Timeout"])
        assert.strictEqual((yield* silent.calls)[0]?.state, "interrupted")
      })
    )
  )
  it.effect("ends a stream that breaks after its first visible event in an error, never as if it were whole", () =>
    fresh(
      Effect.gen(function* () {
        const cut = scripted(
          "cut",
          Scripted.breaks(["one ", "two "], { _tag: "Network", message: "reset", sent: true })
        )
        const good = scripted("good", Scripted.answer("hi"))
        const alone = yield* answered([candidate(cut)], { request: live })
        assert.deepStrictEqual([alone.text, alone.ended], ["one two ", false])
        assert.strictEqual(alone.cut?.reason._tag, "CutShort")
        const error = yield* answered([candidate(cut), candidate(good)], {
          request: live,
          resilience: { onMidStreamFailure: "error" }
        })
        assert.deepStrictEqual([error.text, error.ended], ["one two ", false])
        assert.strictEqual(yield* count(good), 0)
      })
    )
  )
  it.effect("has another candidate go on by prefill where that is honoured, and sums the usage", () =>
    fresh(
      Effect.gen(function* () {
        const cut = scripted(
          "cut",
          Scripted.breaks(["one ", "two "], { _tag: "Network", message: "reset", sent: true })
        )
        const other = scripted("other", Scripted.answer(["thr", "ee"], { usage: { inputTokens: 9, outputTokens: 3 } }))
        const { text, ended, usage, served } = yield* answered([candidate(cut), candidate(other, { prefill: true })], {
          request: live
        })
        assert.deepStrictEqual([text, ended], ["one two three", true])
        // the cut part told nothing: 5 and 8 characters, four to a token
        assert.deepStrictEqual(usage, { inputTokens: 9 + 2, outputTokens: 3 + 2 })
        assert.deepStrictEqual(
          served.attempts.map(({ provider, reason }) => [provider, reason]),
          [
            ["cut", "Network"],
            ["other", undefined]
          ]
        )
        const asked = (yield* other.calls)[0]?.request?.messages.at(-1)
        assert.deepStrictEqual(asked, { role: "assistant", content: [{ _tag: "Text", text: "one two" }] })
      })
    )
  )
  it.effect("asks for the exact continuation elsewhere, and trims what is repeated", () =>
    fresh(
      Effect.gen(function* () {
        const said = "The quick brown fox "
        const cut = scripted("cut", Scripted.stalls(said))
        const over = scripted("over", Scripted.answer([said, "jumps."]))
        const run = answered([candidate(cut), candidate(over)], { request: live })
        const { text, ended } = yield* inTime(run)
        assert.deepStrictEqual([text, ended], ["The quick brown fox jumps.", true])
        assert.strictEqual((yield* over.calls)[0]?.request?.messages.length, 3)
        assert.strictEqual((yield* cut.calls)[0]?.state, "interrupted")
      })
    )
  )
  it.effect("asks a candidate that refuses a prefill once more without it", () =>
    fresh(
      Effect.gen(function* () {
        const cut = scripted("cut", Scripted.breaks("one ", { _tag: "Network", message: "reset", sent: true }))
        const picky = scripted("picky", [
          Scripted.fails({ _tag: "InvalidRequest", message: "no prefill" }),
          Scripted.answer("two")
        ])
        const { text, ended } = yield* answered([candidate(cut), candidate(picky, { prefill: true })], {
          request: live
        })
        assert.deepStrictEqual([text, ended], ["one two", true])
      })
    )
  )
  it.effect("goes on through several breaks, and tells the first failure when nobody can", () =>
    fresh(
      Effect.gen(function* () {
        const breaking = (id: string, text: string) =>
          scripted(id, Scripted.breaks(text, { _tag: "ServerError", message: id }))
        const [a, b] = [breaking("a", "one "), breaking("b", "two ")]
        const c = scripted("c", Scripted.answer("three"))
        const all = [candidate(a), candidate(b, { prefill: true }), candidate(c, { prefill: true })] as const
        const whole = yield* answered(all, { request: live })
        assert.deepStrictEqual([whole.text, whole.ended], ["one two three", true])
        const cut = yield* answered([all[0], all[1]], { request: live })
        assert.deepStrictEqual([cut.text, cut.ended], ["one two ", false])
        assert.isTrue(cut.cut?.reason._tag === "CutShort" && cut.cut.reason.reason.message === "a")
      })
    )
  )
  it.effect("joins nothing to an answer with a tool call or a thought in it, or one that is held to a schema", () =>
    fresh(
      Effect.gen(function* () {
        const network: Reason = { _tag: "Network", message: "reset", sent: true }
        const good = scripted("good", Scripted.answer("hi"))
        const frames = (event: ChatEvent) =>
          Scripted.frames([{ events: [{ _tag: "TextDelta", choice: 0, text: "one " }, event], wire: undefined }], {
            reason: network
          })
        const events: ReadonlyArray<ChatEvent> = [
          { _tag: "ToolCallStarted", choice: 0, index: 0, id: "1", name: "f" },
          { _tag: "ReasoningDelta", choice: 0, text: "hm" },
          { _tag: "RefusalDelta", choice: 0, text: "no" },
          { _tag: "Finished", choice: 0, reason: "stop" }
        ]
        for (const [index, event] of events.entries()) {
          const cut = scripted(`cut${index}`, frames(event))
          const { ended } = yield* answered([candidate(cut), candidate(good)], {
            request: live
          })
          assert.isFalse(ended)
        }
        const held: ChatRequest = { ...live, responseFormat: { _tag: "JsonObject" } }
        const broken = scripted("broken", Scripted.breaks("{", network))
        assert.isFalse((yield* answered([candidate(broken), candidate(good)], { request: held })).ended)
        assert.strictEqual(yield* count(good), 0)
      })
    )
  )
  it.effect("ends a stream that falls silent after 30 s", () =>
    fresh(
      Effect.gen(function* () {
        const stalled = scripted("stalled", Scripted.stalls("one "))
        const fiber = yield* Effect.forkChild(answered([candidate(stalled)], { request: live }), {
          startImmediately: true
        })
        yield* TestClock.adjust("30 seconds")
        const { cut, ended } = yield* Fiber.join(fiber)
        assert.isFalse(ended)
        assert.isTrue(cut?.reason._tag === "CutShort" && cut.reason.reason._tag === "Timeout")
      })
    )
  )
  it.effect("takes no end for the end unless it was seen", () =>
    fresh(
      Effect.gen(function* () {
        const frames = scripted(
          "endless",
          Scripted.frames([{ events: [{ _tag: "TextDelta", choice: 0, text: "half" }], wire: undefined }])
        )
        const { cut, ended } = yield* answered([candidate(frames)], { request: live })
        assert.isFalse(ended)
        assert.isTrue(cut?.reason._tag === "CutShort" && cut.reason.reason._tag === "MalformedResponse")
      })
    )
  )
  it.effect("makes at most six attempts over all providers", () =>
    fresh(
      Effect.gen(function* () {
        const all = Array.from({ length: 8 }, (_, index) =>
          scripted(`p${index}`, Scripted.fails({ _tag: "Overloaded", message: "x" }))
        )
        const [first, ...others] = all.map((provider) => candidate(provider))
        if (first === undefined) return assert.fail("no candidate")
        const error = yield* inTime(refused([first, ...others]))
        const counts = yield* Effect.forEach(all, count)
        assert.deepStrictEqual(counts, [2, 2, 2, 0, 0, 0, 0, 0])
        assert.strictEqual(error.attempts.length, 6)
      })
    )
  )
  it.effect("prefers a candidate that shares no infrastructure with the one that failed", () =>
    fresh(
      Effect.gen(function* () {
        const openai = scripted("openai", Scripted.fails({ _tag: "ModelUnavailable", message: "x" }))
        const azure = scripted("azure", Scripted.answer("azure"))
        const anthropic = scripted("anthropic", Scripted.answer("anthropic"))
        const { text } = yield* answered([
          candidate(openai, { domain: "openai" }),
          candidate(azure, { domain: "openai" }),
          candidate(anthropic)
        ])
        assert.strictEqual(text, "anthropic")
      })
    )
  )
  it.effect("answers a context that is too long only from a larger window", () =>
    fresh(
      Effect.gen(function* () {
        const small = scripted("small", Scripted.fails({ _tag: "ContextLengthExceeded", message: "x" }))
        const same = scripted("same", Scripted.answer("same"))
        const large = scripted("large", Scripted.answer("large"))
        const { text } = yield* answered([
          candidate(small, { window: 8000 }),
          candidate(same, { window: 8000 }),
          candidate(large, { window: 200_000 })
        ])
        assert.strictEqual(text, "large")
        assert.strictEqual(yield* count(same), 0)
      })
    )
  )
  it.effect("skips a later candidate's verdict that the request is invalid and tells the first failure", () =>
    fresh(
      Effect.gen(function* () {
        const down = scripted("down", Scripted.fails({ _tag: "QuotaExhausted", message: "x" }))
        const picky = scripted("picky", Scripted.fails({ _tag: "InvalidRequest", message: "x" }))
        const good = scripted("good", Scripted.answer("hi"))
        assert.strictEqual((yield* answered([candidate(down), candidate(picky), candidate(good)])).text, "hi")
        const again = scripted("down too", Scripted.fails({ _tag: "QuotaExhausted", message: "x" }))
        const error = yield* refused([candidate(again), candidate(picky)])
        assert.isTrue(error.reason._tag === "AllFailed" && error.reason.first._tag === "QuotaExhausted")
      })
    )
  )
  it.effect("does not send a request with side effects again once bytes of it were sent", () =>
    fresh(
      Effect.gen(function* () {
        const reset = scripted("reset", Scripted.fails({ _tag: "Network", message: "reset", sent: true }))
        const good = scripted("good", Scripted.answer("hi"))
        const hosted: ChatRequest = {
          ...request,
          tools: [{ _tag: "Hosted", dialect: "openai-chat", definition: { type: "mcp" } }]
        }
        yield* refused([candidate(reset), candidate(good)], { request: hosted })
        assert.deepStrictEqual([yield* count(reset), yield* count(good)], [1, 0])
        const unsent = scripted("unsent", Scripted.fails({ _tag: "Network", message: "refused", sent: false }))
        const { text } = yield* inTime(answered([candidate(unsent), candidate(good)], { request: hosted }))
        assert.strictEqual(text, "hi")
      })
    )
  )
  it.effect("says when to come back where every circuit is open", () =>
    fresh(
      Effect.gen(function* () {
        const bad = scripted("bad", Scripted.fails({ _tag: "MalformedResponse", message: "x" }))
        for (let i = 0; i < 3; i++) yield* refused([candidate(bad)])
        yield* TestClock.adjust("10 seconds")
        const error = yield* refused([candidate(bad)])
        assert.strictEqual(error.reason._tag, "NobodyAvailable")
        assert.strictEqual(error.retryAfterMillis, 20_000)
        assert.strictEqual(yield* count(bad), 3)
      })
    )
  )
  it.effect("has patience with a slow provider when the only other one is not to be asked", () =>
    fresh(
      Effect.gen(function* () {
        const down = scripted("down", Scripted.fails({ _tag: "MalformedResponse", message: "x" }))
        for (let i = 0; i < 3; i++) yield* refused([candidate(down)])
        const slow = scripted("slow", Scripted.answer("at last", { before: "20 seconds" }))
        const fiber = yield* Effect.forkChild(answered([candidate(slow), candidate(down)], { request: live }), {
          startImmediately: true
        })
        yield* TestClock.adjust("20 seconds")
        const { text, served } = yield* Fiber.join(fiber)
        assert.deepStrictEqual([text, served.attempts.length], ["at last", 1])
      })
    )
  )
  it.effect("waits out a short rate limit that others ran into, and answers 429 where it is long", () =>
    fresh(
      Effect.gen(function* () {
        const limited = (retryAfterMillis: number) =>
          scripted(`limited-${retryAfterMillis}`, [
            Scripted.fails({ _tag: "RateLimited", message: "x", retryAfterMillis }),
            Scripted.answer("now")
          ])
        const short = limited(300)
        const fibers = yield* Effect.forEach(Array.from({ length: 10 }), () =>
          Effect.forkChild(answered([candidate(short)]), { startImmediately: true })
        )
        yield* TestClock.adjust("2 seconds")
        for (const fiber of fibers) assert.strictEqual((yield* Fiber.join(fiber)).text, "now")

        const long = limited(20_000)
        yield* refused([candidate(long)])
        const error = yield* refused([candidate(long)])
        assert.isTrue(error.reason._tag === "AllFailed" && error.reason.first._tag === "RateLimited")
        assert.deepStrictEqual([error.status, error.retryAfterMillis], [429, 20_000])
        assert.strictEqual(yield* count(long), 1)
      })
    )
  )
  it.effect("tries connections that had grown stale again, and holds them against nobody", () =>
    fresh(
      Effect.gen(function* () {
        const stale: Reason = { _tag: "Network", message: "reset", sent: true, stale: true }
        const resting = scripted("resting", [Scripted.fails(stale), Scripted.fails(stale), Scripted.answer("hi")])
        assert.strictEqual((yield* inTime(answered([candidate(resting)]))).text, "hi")
        const gone = scripted("gone", Scripted.fails(stale))
        yield* inTime(refused([candidate(gone)]))
        assert.strictEqual(yield* count(gone), 4)
        assert.strictEqual((yield* (yield* Circuits).state("gone/m"))._tag, "Closed")
      })
    )
  )
  it.effect("starts nothing after the deadline", () =>
    fresh(
      Effect.gen(function* () {
        const slow = (id: string) =>
          scripted(id, Scripted.fails({ _tag: "ServerError", message: "x" }, { before: "50 seconds" }))
        const all = ["a", "b", "c"].map(slow)
        const [first, ...others] = all.map((provider) => candidate(provider))
        if (first === undefined) return assert.fail("no candidate")
        const error = yield* inTime(refused([first, ...others]))
        assert.deepStrictEqual(yield* Effect.forEach(all, count), [2, 1, 0])
        assert.isTrue(error.reason._tag === "AllFailed" && error.reason.first._tag === "ServerError")
      })
    )
  )
  it.effect("ends at the caller's own limit, interrupts what runs, and blames nobody", () =>
    fresh(
      Effect.gen(function* () {
        const slow = scripted("slow", Scripted.stalls())
        for (let i = 0; i < 4; i++) {
          const fiber = yield* Effect.forkChild(refused([candidate(slow)], { timeoutMillis: 1500 }), {
            startImmediately: true
          })
          yield* TestClock.adjust("1500 millis")
          assert.strictEqual((yield* Fiber.join(fiber)).reason._tag, "DeadlineExceeded")
        }
        assert.deepStrictEqual(
          (yield* slow.calls).map(({ state }) => state),
          ["interrupted", "interrupted", "interrupted", "interrupted"]
        )
        assert.strictEqual((yield* (yield* Circuits).state("slow/m"))._tag, "Closed")
      })
    )
  )
  it.effect("interrupts the provider when the caller leaves, in the middle of a stream too", () =>
    fresh(
      Effect.gen(function* () {
        const endless = scripted("endless", Scripted.stalls(["a", "b"]))
        const fiber = yield* Effect.forkChild(answered([candidate(endless)], { request: live }), {
          startImmediately: true
        })
        yield* TestClock.adjust("1 seconds")
        yield* Fiber.interrupt(fiber)
        assert.strictEqual((yield* endless.calls)[0]?.state, "interrupted")
      })
    )
  )
  it.effect("makes a defect of one provider that request's defect and frees its circuit", () =>
    fresh(
      Effect.gen(function* () {
        const broken = scripted("broken", Scripted.dies(new Error("bug")))
        const exit = yield* Effect.exit(answered([candidate(broken)]))
        assert.isTrue(Exit.hasDies(exit))
        assert.strictEqual((yield* (yield* Circuits).state("broken/m"))._tag, "Closed")
      })
    )
  )
})

const Fault = Schema.Literals([
  "answer",
  "break",
  "stall",
  "silent",
  ...([
    "RateLimited",
    "ServerError",
    "Overloaded",
    "Network",
    "QuotaExhausted",
    "MalformedResponse",
    "InvalidRequest"
  ] as const)
])
const scriptOf = (fault: typeof Fault.Type): Scripted.Reply => {
  switch (fault) {
    case "answer":
      return Scripted.answer(["whole ", "answer"])
    case "break":
      return Scripted.breaks("whole ", samples.Network)
    case "stall":
      return Scripted.stalls("whole ")
    case "silent":
      return Scripted.stalls()
    default:
      return Scripted.fails(samples[fault])
  }
}

describe("properties of the walk", () => {
  it.effect.prop(
    "over any schedule of faults: it ends, no truncated answer passes as whole, attempts stay within the limit, nothing is left running",
    {
      faults: Schema.NonEmptyArray(Schema.Array(Fault).check(Schema.isMinLength(1), Schema.isMaxLength(3))).check(
        Schema.isMaxLength(5)
      ),
      delivery: Schema.Literals(["whole", "live"])
    },
    ({ faults, delivery }) =>
      fresh(
        Effect.gen(function* () {
          const providers = faults.map((script, index) =>
            scripted(`p${index}`, (_call, at) => scriptOf(script[Math.min(at, script.length - 1)] ?? "answer"))
          )
          const [first, ...others] = providers.map((provider) => candidate(provider))
          if (first === undefined) return
          const outcome = yield* inTime(
            Effect.scoped(
              Effect.result(Effect.flatMap(ask([first, ...others], { request: { ...request, delivery } }), read))
            )
          )
          if (outcome._tag === "Success") {
            const { text, ended, cut } = outcome.success
            // exactly one of: whole, or cut and said so
            assert.strictEqual(ended, cut === undefined)
            if (ended) assert.strictEqual(text, "whole answer")
          }
          const calls = (yield* Effect.forEach(providers, ({ calls }) => calls)).flat()
          assert.isAtMost(calls.length, defaultResilience.maxAttempts)
          assert.isTrue(calls.every(({ state }) => state !== "running"))
        })
      ),
    { arbitrary: { runs: 120, seed: 11 } }
  )
})
