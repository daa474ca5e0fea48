import { assert, describe, it } from "@effect/vitest"
import { Effect, Fiber, Stream, Tracer } from "effect"
import { TestClock } from "effect/testing"
import type { ChatRequest } from "../../src/domain/ChatRequest.ts"
import {
  clientKey,
  ending,
  failure,
  frames,
  hello,
  live,
  open,
  send,
  settingsWith,
  started,
  text,
  turns,
  until,
  withEdge
} from "./support.ts"

const body = { contents: [{ role: "user", parts: [{ text: "hi" }] }] }
const ask = (method: string, model = "smart", version = "v1beta") => ({
  path: `/${version}/models/${model}:${method}`,
  body
})
const cutShort = failure({
  _tag: "CutShort",
  provider: "acme",
  model: "large-1",
  reason: { _tag: "Network", message: "connection reset", sent: true }
})
const listings = [
  {
    id: "openai/gpt-5.2",
    ownedBy: "openai",
    targets: undefined,
    facts: {
      contextWindowTokens: 400_000,
      maxOutputTokens: 128_000,
      price: undefined,
      tier: undefined,
      capabilities: { thinking: true }
    }
  }
]

describe("Gemini's wire", () => {
  it.effect("takes the model from the path, with slashes, colons and either way of writing them", () =>
    Effect.gen(function* () {
      const asked: Array<ChatRequest> = []
      const handle = (request: ChatRequest) => {
        asked.push(request)
        return hello(request)
      }
      yield* withEdge({ handle }, (port) =>
        Effect.gen(function* () {
          for (const model of ["smart", "openai/gpt-5.2", "openai%2Fgpt-5.2", "ollama/llama3:8b"])
            for (const version of ["v1beta", "v1", "v1alpha"]) {
              const reply = yield* send(port, ask("generateContent", model, version))
              assert.strictEqual(reply.status, 200, model)
              assert.nestedPropertyVal(reply.json, "candidates[0].content.parts[0].text", "hello")
            }
          assert.deepStrictEqual(
            [...new Set(asked.map(({ model }) => model))],
            ["smart", "openai/gpt-5.2", "ollama/llama3:8b"]
          )
        })
      )
    })
  )

  it.effect("takes a name with a slash without `models/` before it, as Vercel's provider writes it", () =>
    Effect.gen(function* () {
      const asked: Array<string> = []
      const handle = (request: ChatRequest) => {
        asked.push(request.model)
        return hello(request)
      }
      yield* withEdge({ handle }, (port) =>
        Effect.gen(function* () {
          for (const version of ["v1beta", "v1"]) {
            const reply = yield* send(port, { path: `/${version}/openai/gpt-5.2:generateContent`, body })
            assert.strictEqual(reply.status, 200)
          }
          assert.deepStrictEqual(asked, ["openai/gpt-5.2", "openai/gpt-5.2"])
        })
      )
    })
  )

  it.effect("streams as server-sent events with alt=sse, and as one array without", () =>
    withEdge({}, (port) =>
      Effect.gen(function* () {
        const asked = ask("streamGenerateContent")
        for (const alt of ["alt=sse", "$alt=sse", "%24alt=sse&x=1"]) {
          const events = yield* send(port, { ...asked, path: `${asked.path}?${alt}` })
          assert.match(events.headers["content-type"] ?? "", /^text\/event-stream/)
          assert.match(events.body, /^data: \{[^]*"hel"[^]*"lo"[^]*"finishReason":"STOP"[^]*\n\n$/)
        }
        for (const path of [asked.path, `${asked.path}?alt=json`]) {
          const array = yield* send(port, { ...asked, path })
          assert.match(array.headers["content-type"] ?? "", /^application\/json/)
          assert.isArray(array.json)
          assert.nestedPropertyVal(array.json, "[0].candidates[0].content.parts[0].text", "hel")
          assert.nestedPropertyVal(array.json, "[2].candidates[0].finishReason", "STOP")
        }
      })
    )
  )

  it.effect("writes the elements of the array as they come", () =>
    Effect.gen(function* () {
      const slow = Stream.make(started, text("hel")).pipe(
        Stream.concat(Stream.fromEffect(Effect.delay(Effect.succeed(text("lo")), "25 seconds"))),
        Stream.concat(Stream.fromIterable(ending))
      )
      yield* withEdge({ handle: () => Effect.succeed(live(slow)) }, (port) =>
        Effect.gen(function* () {
          const opened = yield* open(port, ask("streamGenerateContent"))
          assert.match(yield* opened.seen("hel"), /^\[\{/)
          yield* turns
          yield* TestClock.adjust("25 seconds")
          const array: unknown = JSON.parse(yield* opened.rest)
          assert.isArray(array)
        })
      )
    })
  )

  it.effect("keeps a silent stream open with nothing but empty lines", () =>
    Effect.gen(function* () {
      let asked = false
      const handle = () => {
        asked = true
        return Effect.as(Effect.sleep("8 seconds"), live(Stream.fromIterable(frames("hello"))))
      }
      yield* withEdge({ handle }, (port) =>
        Effect.gen(function* () {
          const path = `${ask("streamGenerateContent").path}?alt=sse`
          const opening = yield* Effect.forkChild(open(port, { path, body }), { startImmediately: true })
          yield* until(() => asked)
          yield* turns
          yield* TestClock.adjust("5 seconds")
          const opened = yield* Fiber.join(opening)
          assert.strictEqual(yield* opened.seen("\n"), "\n\n")
          yield* TestClock.adjust("3 seconds")
          assert.match(yield* opened.rest, /^\n\ndata: [^]*hello/)
        })
      )
    })
  )

  it.effect(
    "ends a stream that breaks with an error, and the array without its bracket, in a body that ends well",
    () =>
      Effect.gen(function* () {
        const broken = Stream.concat(Stream.make(started, text("hel")), Stream.fail(cutShort))
        yield* withEdge({ handle: () => Effect.succeed(live(broken)) }, (port) =>
          Effect.gen(function* () {
            const { path } = ask("streamGenerateContent")
            const events = yield* open(port, { path: `${path}?alt=sse`, body })
            assert.match(yield* events.rest, /"hel"[^]*data: \{"error":\{"code":502,[^]*\n\n$/)
            assert.isTrue(events.response.complete)
            const array = yield* open(port, { path, body })
            const written = yield* array.rest
            assert.notInclude(written, "finishReason")
            assert.throws(() => JSON.parse(written))
            assert.nestedPropertyVal(JSON.parse(`${written}]`), "[1].error.status", "UNAVAILABLE")
            assert.isTrue(array.response.complete)
          })
        )
      })
  )

  it.effect("is told what is wrong in Google's words, on served paths and others", () =>
    withEdge({}, (port) =>
      Effect.gen(function* () {
        const wrong = [
          [{ ...ask("generateContent"), body: {} }, 400, "INVALID_ARGUMENT"],
          [{ ...ask("generateContent"), body: "{" }, 400, "INVALID_ARGUMENT"],
          [ask("predict"), 404, "NOT_FOUND"],
          [{ path: "/v1beta/files", body }, 404, "NOT_FOUND"],
          [ask("generateContent", "%E0%A4%A"), 404, "NOT_FOUND"],
          [ask("generateContent", "x".repeat(300)), 404, "NOT_FOUND"],
          [{ method: "PUT", path: "/v1beta/models" }, 405, "UNIMPLEMENTED"],
          [{ method: "GET", path: "/v1beta/models/nobody" }, 404, "NOT_FOUND"],
          [{ method: "GET", path: "/nowhere", headers: { "x-goog-api-key": "k" } }, 404, "NOT_FOUND"]
        ] as const
        for (const [asked, status, word] of wrong) {
          const reply = yield* send(port, asked)
          assert.strictEqual(reply.status, status, reply.body)
          assert.nestedPropertyVal(reply.json, "error.code", status)
          assert.nestedPropertyVal(reply.json, "error.status", word)
          assert.nestedProperty(reply.json, "error.message")
        }
      })
    )
  )

  it.effect("lists models in its own shape, and where the path is shared to those who bear its key", () =>
    withEdge({ models: listings }, (port) =>
      Effect.gen(function* () {
        const google = { "x-goog-api-key": "k" }
        const lists = [
          { path: "/v1beta/models" },
          { path: "/v1beta/models?pageSize=50&key=k" },
          { path: "/v1/models", headers: google },
          { path: "/v1/models?key=k" }
        ]
        for (const asked of lists) {
          const { json, status } = yield* send(port, { method: "GET", ...asked })
          assert.strictEqual(status, 200, asked.path)
          assert.nestedPropertyVal(json, "models[0].name", "models/openai/gpt-5.2")
          assert.nestedPropertyVal(json, "models[0].inputTokenLimit", 400_000)
          assert.nestedPropertyVal(json, "models[0].outputTokenLimit", 128_000)
          assert.nestedPropertyVal(json, "models[0].thinking", true)
        }
        for (const id of ["openai/gpt-5.2", "openai%2Fgpt-5.2"]) {
          const one = yield* send(port, { method: "GET", path: `/v1beta/models/${id}` })
          assert.nestedPropertyVal(one.json, "name", "models/openai/gpt-5.2")
        }
        const plain = yield* send(port, { method: "GET", path: "/v1/models" })
        assert.nestedPropertyVal(plain.json, "object", "list")
      })
    )
  )
})

describe("keys on Gemini's wire", () => {
  const settings = settingsWith({}, [clientKey("web", "sk-canary-1")])

  it.effect("stand in the header or in the query, and appear nowhere", () =>
    Effect.gen(function* () {
      const lines: Array<string> = []
      yield* withEdge({ settings, lines }, (port) =>
        Effect.gen(function* () {
          const { path } = ask("streamGenerateContent")
          const good = [
            { path, headers: { "x-goog-api-key": "sk-canary-1" } },
            { path: `${path}?key=sk-canary-1` },
            { path: `${path}?alt=sse&key=sk-canary-1&x=1` },
            { path: `${path}?key=sk-canary-1`, headers: { authorization: "Bearer another" } },
            { method: "GET", path: "/v1beta/models?key=sk-canary-1" }
          ]
          for (const asked of good) assert.strictEqual((yield* send(port, { body, ...asked })).status, 200, asked.path)
          const bad = [
            { path },
            { path: `${path}?key=sk-canary-2` },
            { path: `${path}?monkey=sk-canary-1` },
            { path: `${path}?key=sk-canary-1`, headers: { "x-goog-api-key": "sk-canary-2" } },
            { method: "GET", path: "/v1beta/models?key=sk-canary-2" }
          ]
          for (const asked of bad) {
            const reply = yield* send(port, { body, ...asked })
            assert.strictEqual(reply.status, 401, asked.path)
            assert.nestedPropertyVal(reply.json, "error.status", "UNAUTHENTICATED")
            assert.notInclude(reply.body, "canary")
          }
          const nowhere = yield* send(port, { body, path: "/v1beta/nowhere?key=sk-canary-1" })
          assert.notInclude(nowhere.body, "canary")
          assert.notInclude(lines.join(), "canary")
        })
      )
    })
  )

  it.effect("are not in the spans of requests", () =>
    Effect.gen(function* () {
      const attributes: Array<string> = []
      const tracer = Tracer.make({
        span: (options) => {
          const span = new Tracer.NativeSpan(options)
          const attribute = span.attribute.bind(span)
          span.attribute = (key, value) => {
            attributes.push(`${key}=${String(value)}`)
            attribute(key, value)
          }
          return span
        }
      })
      yield* withEdge({ settings }, (port) =>
        send(port, { ...ask("generateContent"), path: `${ask("generateContent").path}?key=sk-canary-1` })
      ).pipe(Effect.provideService(Tracer.Tracer, tracer))
      assert.isTrue(attributes.some((attribute) => attribute.includes("generateContent")))
      assert.notInclude(attributes.join(), "canary")
    })
  )

  it.effect("do not count in the query of other wires", () =>
    withEdge({ settings }, (port) =>
      Effect.gen(function* () {
        for (const path of ["/v1/chat/completions", "/v1/messages"])
          assert.strictEqual((yield* send(port, { path: `${path}?key=sk-canary-1` })).status, 401)
      })
    )
  )
})
