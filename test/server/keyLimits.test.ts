/**
 * Limits of client keys at the edge: what each wire's callers are told, and what is given back.
 */
import { assert, describe, it } from "@effect/vitest"
import { Effect, Schema, Stream } from "effect"
import type { ClientKey } from "../../src/config/Settings.ts"
import { CurrentRequest } from "../../src/domain/RequestContext.ts"
import { rateNews } from "../../src/provider/rateHeaders.ts"
import { goDuration } from "../../src/server/LimitHeaders.ts"
import {
  type Ask,
  chat,
  clientKey,
  type Edge,
  failure,
  hello,
  live,
  message,
  open,
  send,
  settingsWith,
  started,
  text,
  turns,
  until,
  whole,
  withEdge
} from "./support.ts"

const secret = "a-client-key-of-some-length"
const withKey = (grants: Partial<ClientKey>) => settingsWith({}, [clientKey("web", secret, grants)])
const asked = (ask: Ask): Ask => ({ ...ask, headers: { "x-api-key": secret, ...ask.headers } })

interface Wire {
  readonly ask: Ask
  /** What of a refusal tells a program what happened. */
  readonly error: Readonly<Record<string, unknown>>
  /** The headers' names of what is left of requests; none on Google's wire. */
  readonly headers: Readonly<Record<"limit" | "remaining" | "reset", string>> | undefined
}

const openAiHeaders = {
  limit: "x-ratelimit-limit-requests",
  remaining: "x-ratelimit-remaining-requests",
  reset: "x-ratelimit-reset-requests"
}
const openAiError = { "error.type": "requests", "error.code": "rate_limit_exceeded" }
const geminiBody = { contents: [{ role: "user", parts: [{ text: "hi" }] }] }
const geminiError = { "error.code": 429, "error.status": "RESOURCE_EXHAUSTED" }

const wires: Readonly<Record<string, Wire>> = {
  "OpenAI's Chat Completions": { ask: { body: chat() }, error: openAiError, headers: openAiHeaders },
  "OpenAI's Responses": {
    ask: { path: "/v1/responses", body: { model: "smart", input: "hi" } },
    error: openAiError,
    headers: openAiHeaders
  },
  "OpenAI's embeddings": {
    ask: { path: "/v1/embeddings", body: { model: "vectors", input: "hi" } },
    error: openAiError,
    headers: openAiHeaders
  },
  "Anthropic's Messages": {
    ask: { path: "/v1/messages", body: message() },
    error: { type: "error", "error.type": "rate_limit_error" },
    headers: {
      limit: "anthropic-ratelimit-requests-limit",
      remaining: "anthropic-ratelimit-requests-remaining",
      reset: "anthropic-ratelimit-requests-reset"
    }
  },
  "Anthropic's counts": {
    ask: { path: "/v1/messages/count_tokens", body: chat() },
    error: { type: "error", "error.type": "rate_limit_error" },
    headers: {
      limit: "anthropic-ratelimit-requests-limit",
      remaining: "anthropic-ratelimit-requests-remaining",
      reset: "anthropic-ratelimit-requests-reset"
    }
  },
  "Gemini's": {
    ask: { path: "/v1beta/models/smart:generateContent", body: geminiBody },
    error: geminiError,
    headers: undefined
  },
  "Gemini's embeddings": {
    ask: { path: "/v1beta/models/vectors:embedContent", body: { content: { parts: [{ text: "hi" }] } } },
    error: geminiError,
    headers: undefined
  }
}

/** Everybody is answered. */
const answering = (grants: Partial<ClientKey>, more: Partial<Edge> = {}): Edge => ({
  settings: withKey(grants),
  embed: () =>
    Effect.succeed({
      served: { provider: "acme", model: "vectors", attempts: [], fallback: undefined, dropped: [] },
      response: { model: "vectors", dropped: [], vectors: [[0.5]], usage: { inputTokens: 3, outputTokens: 0 } }
    }),
  ...more
})

describe("a key that has asked as often as it may", () => {
  for (const [name, wire] of Object.entries(wires))
    it.effect(`is told so in the words of ${name} wire, with when to come back`, () =>
      withEdge(answering({ limits: { requestsPerMinute: 2 } }), (port) =>
        Effect.gen(function* () {
          const first = yield* send(port, asked(wire.ask))
          assert.notInclude([401, 429], first.status, first.body)
          yield* send(port, asked(wire.ask))
          const refused = yield* send(port, asked(wire.ask))
          assert.strictEqual(refused.status, 429, refused.body)
          assert.deepNestedInclude(refused.json, wire.error)
          assert.include(refused.body, "'web' has reached its limit of 2 requests per minute")
          assert.strictEqual(refused.headers["retry-after"], "61")
          assert.isUndefined(refused.headers["x-should-retry"])
          if (wire.headers === undefined) {
            assert.include(refused.body, '"retryDelay":"61s"')
            assert.include(refused.body, '"quotaId":"requestsPerMinute"')
          } else {
            const { limit, remaining, reset } = wire.headers
            assert.strictEqual(first.headers[limit], "2")
            assert.strictEqual(first.headers[remaining], "1")
            assert.strictEqual(refused.headers[remaining], "0")
            assert.include(["1m1s", "1970-01-01T00:01:01.000Z"], refused.headers[reset])
          }
        })
      )
    )

  it.effect("has the headers on streams too, and is refused before a stream begins", () =>
    withEdge(answering({ limits: { requestsPerMinute: 1, tokensPerMinute: 9000 } }), (port) =>
      Effect.gen(function* () {
        const ask = asked({ body: chat({ stream: true, max_tokens: 50 }) })
        const first = yield* send(port, ask)
        assert.strictEqual(first.status, 200)
        assert.strictEqual(first.headers["x-ratelimit-remaining-requests"], "0")
        assert.strictEqual(first.headers["x-ratelimit-remaining-tokens"], String(9000 - 51))
        const refused = yield* send(port, ask)
        assert.strictEqual(refused.status, 429)
        assert.match(refused.headers["content-type"] ?? "", /json/)
      })
    )
  )
})

describe("a key's tokens", () => {
  const ask = asked({ body: chat({ max_tokens: 100 }) })
  const left = (reply: { readonly headers: Readonly<Record<string, string | undefined>> }) =>
    Number(reply.headers["x-ratelimit-remaining-tokens"])

  it.effect("are set aside by an estimate, and corrected by what the vendor has counted", () =>
    withEdge(answering({ limits: { tokensPerMinute: 150 } }), (port) =>
      Effect.gen(function* () {
        // a token of the prompt and a hundred of the answer are set aside; seven and three are used
        assert.strictEqual(left(yield* send(port, ask)), 49)
        assert.strictEqual(left(yield* send(port, ask)), 39)
        for (let n = 0; n < 3; n++) assert.strictEqual((yield* send(port, ask)).status, 200)
        const refused = yield* send(port, ask)
        assert.strictEqual(refused.status, 429)
        assert.deepNestedInclude(refused.json, { "error.type": "tokens", "error.code": "rate_limit_exceeded" })
        assert.strictEqual(refused.headers["retry-after"], "61")
        // who asks for less fits
        assert.strictEqual((yield* send(port, asked({ body: chat({ max_tokens: 10 }) }))).status, 200)
      })
    )
  )

  it.effect("are not used by what fails", () =>
    withEdge(
      answering(
        { limits: { tokensPerMinute: 150 } },
        {
          handle: () =>
            Effect.fail(
              failure({ _tag: "AllFailed", provider: "a", model: "b", first: { _tag: "ServerError", message: "x" } })
            )
        }
      ),
      (port) =>
        Effect.gen(function* () {
          for (let n = 0; n < 5; n++) assert.strictEqual((yield* send(port, ask)).status, 502)
        })
    )
  )

  it.effect("are used by as much of a stream as was shown before it broke off, or its caller left", () => {
    const shown = "words and words ".repeat(20)
    let breaks = true
    const over = Stream.concat(
      Stream.make(started, text(shown)),
      Stream.suspend(() =>
        breaks
          ? Stream.fail(
              failure({
                _tag: "CutShort",
                provider: "a",
                model: "b",
                reason: { _tag: "Network", sent: true, message: "gone" }
              })
            )
          : Stream.never
      )
    )
    return withEdge(
      answering({ limits: { tokensPerMinute: 1000 } }, { handle: () => Effect.succeed(live(over)) }),
      (port) =>
        Effect.gen(function* () {
          const streaming = asked({ body: chat({ stream: true, max_tokens: 100 }) })
          // 320 characters are eighty tokens, and the prompt's one: twenty of the hundred come back
          assert.strictEqual((yield* send(port, streaming)).status, 200)
          assert.strictEqual(left(yield* send(port, streaming)), 1000 - 81 - 101)
          breaks = false
          yield* Effect.scoped(Effect.flatMap(open(port, streaming), ({ seen }) => seen("words and")))
          yield* turns
          breaks = true
          assert.strictEqual(left(yield* send(port, streaming)), 1000 - 3 * 81 - 101)
        })
    )
  })

  it.effect("of a prompt that alone is more than the limit are refused for good: nobody need try again", () =>
    withEdge(answering({ limits: { tokensPerMinute: 150, requestsPerMinute: 5 } }), (port) =>
      Effect.gen(function* () {
        const large = "word ".repeat(200)
        const bodies: ReadonlyArray<Ask> = [
          { body: chat({ messages: [{ role: "user", content: large }] }) },
          { path: "/v1/messages", body: message({ messages: [{ role: "user", content: large }] }) },
          { path: "/v1/embeddings", body: { model: "vectors", input: large } },
          { path: "/v1beta/models/smart:generateContent", body: { contents: [{ parts: [{ text: large }] }] } }
        ]
        for (const body of bodies) {
          const refused = yield* send(port, asked(body))
          assert.strictEqual(refused.status, 429, refused.body)
          assert.strictEqual(refused.headers["x-should-retry"], "false")
          assert.isUndefined(refused.headers["retry-after"])
          assert.include(refused.body, "too large for the client key 'web'")
        }
        // and none of them counted
        for (let n = 0; n < 5; n++) assert.strictEqual((yield* send(port, ask)).status, 200)
        assert.strictEqual((yield* send(port, ask)).status, 429)
      })
    )
  )
})

describe("a key's place among those at once", () => {
  const stuck = (ended: { count: number }): Edge =>
    answering(
      { limits: { concurrent: 1 } },
      {
        handle: (request) => {
          const gone = Effect.sync(() => void ended.count++)
          return request.delivery === "live"
            ? Effect.succeed(
                live(Stream.ensuring(Stream.concat(Stream.make(started, text("forever")), Stream.never), gone))
              )
            : Effect.ensuring(Effect.never, gone)
        }
      }
    )

  for (const delivery of ["whole", "live"] as const)
    it.effect(`is given back when a caller leaves (${delivery})`, () => {
      const ended = { count: 0 }
      return withEdge(stuck(ended), (port) =>
        Effect.gen(function* () {
          const streaming = asked({ body: chat({ stream: true }) })
          for (let n = 1; n <= 20; n++) {
            yield* Effect.scoped(
              Effect.gen(function* () {
                if (delivery === "live") yield* Effect.flatMap(open(port, streaming), ({ seen }) => seen("forever"))
                else {
                  yield* Effect.forkScoped(send(port, asked({})))
                  yield* turns
                }
                const refused = yield* send(port, streaming)
                assert.strictEqual(refused.status, 429, refused.body)
                assert.strictEqual(refused.headers["retry-after"], "1")
              })
            )
            yield* until(() => ended.count === n)
            yield* turns
          }
        })
      )
    })

  it.effect("is given back by every answer and every error", () => {
    let calls = 0
    return withEdge(
      answering(
        { limits: { concurrent: 1 } },
        {
          handle: (request) => {
            calls++
            if (calls % 3 === 0) return Effect.die("unforeseen")
            return calls % 3 === 1
              ? hello(request)
              : Effect.fail(failure({ _tag: "UnknownModel", model: "smart", nearest: [] }))
          }
        }
      ),
      (port) =>
        Effect.gen(function* () {
          const bodies = [chat(), chat({ stream: true }), "{", {}, chat({ stream: "yes" })]
          for (let n = 0; n < 30; n++) {
            const { status } = yield* send(port, asked({ body: bodies[n % bodies.length] ?? "" }))
            assert.include([200, 400, 404, 500], status)
          }
          const wished = yield* send(port, asked({ headers: { "x-switchyard-timeout": "soon" } }))
          assert.strictEqual(wished.status, 400)
          assert.include([200, 404, 500], (yield* send(port, asked({}))).status)
        })
    )
  })
})

describe("a caller's priority", () => {
  const telling = (grants: Partial<ClientKey>, heard: Array<string>): Edge => ({
    settings: withKey(grants),
    handle: () =>
      Effect.map(CurrentRequest, ({ caller }) => {
        heard.push(caller.priority)
        return whole("hello")
      })
  })
  for (const [granted, wanted, expected] of [
    ["normal", "low", "low"],
    ["critical", " NORMAL ", "normal"],
    ["normal", "critical", "normal"],
    ["low", "critical", "low"],
    ["critical", "critical", "critical"]
  ] as const)
    it.effect(`of ${granted} that asks for ${wanted.trim()} is ${expected}, and the answer says so`, () => {
      const heard: Array<string> = []
      return withEdge(telling({ priority: granted }, heard), (port) =>
        Effect.gen(function* () {
          const reply = yield* send(port, asked({ headers: { "x-switchyard-priority": wanted } }))
          assert.strictEqual(reply.headers["x-switchyard-priority"], expected)
          assert.deepStrictEqual(heard, [expected])
          const plain = yield* send(port, asked({}))
          assert.isUndefined(plain.headers["x-switchyard-priority"])
          assert.deepStrictEqual(heard, [expected, granted])
        })
      )
    })
  it.effect("that is none is a 400 that names the header", () =>
    withEdge(telling({}, []), (port) =>
      Effect.gen(function* () {
        const reply = yield* send(port, asked({ headers: { "x-switchyard-priority": "urgent" } }))
        assert.strictEqual(reply.status, 400)
        assert.deepNestedInclude(reply.json, { "error.param": "x-switchyard-priority" })
      })
    )
  )
})

describe("OpenAI's lengths of time", () => {
  it("are written as its service writes them", () => {
    const written = [0, 1, 999.2, 1000, 1500, 59_999, 60_000, 360_000, 3_600_000, 3_661_000].map(goDuration)
    assert.deepStrictEqual(written, ["0s", "1ms", "1s", "1s", "1.5s", "59.999s", "1m0s", "6m0s", "1h0m0s", "1h1m1s"])
  })
  it.prop(
    "are read back as what they were by whoever reads that service's",
    { millis: Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 86_400_000 })) },
    ({ millis }) => {
      const headers = {
        "x-ratelimit-limit-requests": "10",
        "x-ratelimit-remaining-requests": "5",
        "x-ratelimit-reset-requests": goDuration(millis)
      }
      const news = rateNews(headers, 0)
      assert.strictEqual(news?.requests?.resetAt, millis)
    }
  )
})
