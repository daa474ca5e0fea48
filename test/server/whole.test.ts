import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { CurrentRequest, type RequestContext } from "../../src/domain/RequestContext.ts"
import { clientKey, failure, message, send, settingsWith, whole, withEdge } from "./support.ts"

describe("whole answers", () => {
  it.effect("an OpenAI request is answered in OpenAI's shape, with who served it in the headers", () =>
    withEdge({}, (port) =>
      Effect.gen(function* () {
        const reply = yield* send(port)
        assert.strictEqual(reply.status, 200)
        assert.nestedPropertyVal(reply.json, "object", "chat.completion")
        assert.nestedPropertyVal(reply.json, "choices[0].message.content", "hello")
        assert.match(reply.headers["x-request-id"] ?? "", /^req_[0-9a-v]{24}$/)
        assert.strictEqual(reply.headers["x-switchyard-provider"], "acme")
        assert.strictEqual(reply.headers["x-switchyard-model"], "large-1")
        assert.strictEqual(reply.headers["x-switchyard-attempts"], "1")
        assert.isUndefined(reply.headers["x-switchyard-fallback"])
        assert.match(reply.headers["content-type"] ?? "", /^application\/json/)
      })
    )
  )

  it.effect("an Anthropic request is answered in Anthropic's shape, with its name for the request id", () =>
    withEdge({}, (port) =>
      Effect.gen(function* () {
        const reply = yield* send(port, { path: "/v1/messages", body: message() })
        assert.strictEqual(reply.status, 200)
        assert.nestedPropertyVal(reply.json, "type", "message")
        assert.nestedPropertyVal(reply.json, "content[0].text", "hello")
        assert.match(reply.headers["request-id"] ?? "", /^req_/)
      })
    )
  )

  it.effect("headers tell the fallback and the dropped fields, and hold nothing but printable ASCII", () =>
    withEdge(
      {
        handle: () =>
          Effect.succeed(
            whole("hello", {
              model: "größe\r\nx-evil: 1",
              attempts: [
                { provider: "one", model: "a", reason: "Overloaded", millis: 1 },
                { provider: "two", model: "b", millis: 1 }
              ],
              fallback: "Overloaded",
              dropped: ["logprobs", "seed"],
              modelTier: "economy"
            })
          )
      },
      (port) =>
        Effect.gen(function* () {
          const { headers } = yield* send(port)
          assert.strictEqual(headers["x-switchyard-model"], "gr??e??x-evil: 1")
          assert.strictEqual(headers["x-switchyard-attempts"], "2")
          assert.strictEqual(headers["x-switchyard-fallback"], "Overloaded")
          assert.strictEqual(headers["x-switchyard-dropped"], "logprobs, seed")
          assert.strictEqual(headers["x-switchyard-model-tier"], "economy")
          assert.isUndefined(headers["x-evil"])
        })
    )
  )

  it.effect("fields that were dropped are all named or counted, and a name holds no comma", () => {
    const names = Array.from({ length: 40 }, (_, at) => `a_field_that_one_vendor_knows_${at}`)
    const invented = Array.from({ length: 1000 }, (_, at) => `invented_${at}_${"x".repeat(500)}`)
    const droppedOf = (dropped: ReadonlyArray<string>) =>
      withEdge({ handle: () => Effect.succeed(whole("hello", { dropped })) }, (port) =>
        Effect.map(send(port), ({ headers }) => String(headers["x-switchyard-dropped"]))
      )
    return Effect.gen(function* () {
      assert.deepStrictEqual((yield* droppedOf(names)).split(", "), names)
      assert.strictEqual(yield* droppedOf(["seed, all of it", "schlüssel"]), "seed? all of it, schl?ssel")
      const many = yield* droppedOf(invented)
      const [last, ...told] = many.split(", ").toReversed()
      assert.isAtMost(many.length, 3100)
      assert.isAbove(told.length, 1)
      assert.strictEqual(last, `and ${1000 - told.length} more`)
    })
  })

  it.effect("a request id of the caller's is not taken over", () =>
    withEdge({}, (port) =>
      Effect.gen(function* () {
        const reply = yield* send(port, { headers: { "x-request-id": "mine" } })
        assert.notStrictEqual(reply.headers["x-request-id"], "mine")
      })
    )
  )

  it.effect("the stages see who asks, under which id, and the caller's shorter time limit", () =>
    Effect.gen(function* () {
      const seen: Array<RequestContext> = []
      yield* withEdge(
        {
          settings: settingsWith({}, [
            clientKey("web", "sk-web-1", { tenant: "acme", priority: "low", allow: ["s*"] })
          ]),
          handle: () =>
            Effect.map(CurrentRequest, (context) => {
              seen.push(context)
              return whole("hello")
            })
        },
        (port) =>
          Effect.gen(function* () {
            const headers = { authorization: "Bearer sk-web-1", "x-switchyard-timeout": "1500" }
            const reply = yield* send(port, { headers })
            assert.deepStrictEqual(seen, [
              {
                requestId: reply.headers["x-request-id"] ?? "",
                caller: { name: "web", tenant: "acme", priority: "low", allow: ["s*"] },
                timeoutMillis: 1500
              }
            ])
          })
      )
    })
  )

  for (const timeout of ["0", "-5", "soon", "1e3", ""]) {
    it.effect(`a time limit of "${timeout}" is refused with 400 in the dialect`, () =>
      withEdge({}, (port) =>
        Effect.gen(function* () {
          const reply = yield* send(port, { headers: { "x-switchyard-timeout": timeout } })
          assert.strictEqual(reply.status, 400)
          assert.nestedProperty(reply.json, "error.message")
        })
      )
    )
  }

  it.effect("a failure that another try cannot help says so to the caller's SDK", () =>
    withEdge(
      {
        handle: () =>
          Effect.fail(
            failure({
              _tag: "AllFailed",
              provider: "acme",
              model: "large-1",
              first: { _tag: "ContextLengthExceeded", message: "too long" }
            })
          )
      },
      (port) =>
        Effect.gen(function* () {
          const reply = yield* send(port)
          assert.strictEqual(reply.status, 400)
          assert.strictEqual(reply.headers["x-should-retry"], "false")
          assert.strictEqual(reply.headers["x-switchyard-attempts"], "1")
        })
    )
  )

  it.effect("a rate limit tells when to come back, in whole seconds rounded up", () =>
    withEdge(
      {
        handle: () =>
          Effect.fail(
            failure({
              _tag: "AllFailed",
              provider: "acme",
              model: "large-1",
              first: { _tag: "RateLimited", message: "slow down", retryAfterMillis: 1200 }
            })
          )
      },
      (port) =>
        Effect.gen(function* () {
          const reply = yield* send(port)
          assert.strictEqual(reply.status, 429)
          assert.strictEqual(reply.headers["retry-after"], "2")
          assert.isUndefined(reply.headers["x-should-retry"])
        })
    )
  )

  it.effect("a defect is that request's 500 in its dialect, logged under its id, and the next request is served", () =>
    Effect.gen(function* () {
      const lines: Array<string> = []
      let calls = 0
      yield* withEdge(
        {
          lines,
          handle: () =>
            ++calls === 1 ? Effect.die(new TypeError("canary-4711 in a message")) : Effect.succeed(whole("hello"))
        },
        (port) =>
          Effect.gen(function* () {
            const broken = yield* send(port, { path: "/v1/messages", body: message() })
            assert.strictEqual(broken.status, 500)
            assert.nestedPropertyVal(broken.json, "type", "error")
            assert.nestedPropertyVal(broken.json, "error.type", "api_error")
            assert.notInclude(broken.body, "canary")
            const line = lines.find((line) => line.includes("TypeError")) ?? ""
            assert.include(line, broken.headers["x-request-id"] ?? "none")
            assert.notInclude(lines.join("\n"), "canary")
            assert.strictEqual((yield* send(port)).status, 200)
          })
      )
    })
  )
})
