import { assert, describe, it } from "@effect/vitest"
import { Effect, Layer, Result, Stream } from "effect"
import { Catalog } from "../../src/catalog/Catalog.ts"
import { openAiChatInbound } from "../../src/dialect/OpenAiChat.ts"
import { openAiResponsesInbound } from "../../src/dialect/OpenAiResponses.ts"
import type { ChatRequest } from "../../src/domain/ChatRequest.ts"
import { foldFrames } from "../../src/domain/foldStream.ts"
import { isJsonObject, type JsonObject } from "../../src/domain/Json.ts"
import { providerLayer } from "../../src/provider/kinds.ts"
import { LLMProvider } from "../../src/provider/LLMProvider.ts"
import { overResponses, responsesRows, type Speaker, speaksResponses } from "../../src/provider/responses.ts"
import { Transport } from "../../src/provider/Transport.ts"
import { chatRequest, providerSpec } from "./requests.ts"
import { type Wire, json, makeWire, sse } from "./wire.ts"

/** A request as a caller of Responses writes it. */
const asked = (body: JsonObject): ChatRequest =>
  Result.getOrThrow(openAiResponsesInbound.decodeRequest({ model: "gpt-4.1", input: "hi", ...body }, {}))

const search = asked({ tools: [{ type: "web_search" }] })
const thought = { type: "reasoning", id: "rs_1", summary: [], encrypted_content: "secret" }

const at = (kind: Speaker["kind"], more: Partial<Speaker> = {}): Speaker => ({
  kind,
  apiVersion: undefined,
  baseUrl: "https://unit.openai.azure.com",
  ...more
})

/** What another stage has written anew: it came over no wire. */
const edited = (request: ChatRequest): ChatRequest => {
  const { wire: _, ...rest } = request
  return rest
}

/** One request a row, in the order of the table, that fits no other row. */
const examples: ReadonlyArray<ChatRequest> = [
  chatRequest({ model: "o3-pro" }),
  chatRequest({ model: "gpt-5.4", tools: [{ _tag: "Function", name: "look" }], reasoning: { effort: "low" } }),
  edited(search),
  edited(asked({ input: [{ type: "web_search_call", id: "ws_1", status: "completed" }] })),
  edited(asked({ input: [{ role: "user", content: "hi" }, thought, { role: "assistant", content: "ho" }] })),
  asked({})
]

describe("the choice of Responses", () => {
  for (const [index, row] of responsesRows.entries())
    it(`is made where ${row.why}`, () => {
      const example = examples[index]
      if (example === undefined) return assert.fail("a row without an example")
      assert.strictEqual(overResponses(example, at("openai")), row.why)
      assert.deepStrictEqual(
        responsesRows.filter(({ fits }) => fits(example)),
        [row]
      )
      // nobody else is taken to speak that wire
      for (const kind of ["groq", "azure-openai", "openai-compatible"] as const)
        assert.isUndefined(overResponses(example, at(kind)))
    })

  it("is not made for what Chat Completions says too", () => {
    assert.isUndefined(overResponses(edited(asked({})), at("openai")))
    assert.isUndefined(overResponses(chatRequest({ model: "gpt-5.2" }), at("openai")))
  })

  for (const model of [
    "o1-pro",
    "o3-deep-research",
    "gpt-5-pro",
    "gpt-5.2-pro-2026-01-01",
    "gpt-5-codex",
    "GPT-5.1-codex-max"
  ])
    it(`is made for ${model}`, () => assert.isDefined(overResponses(chatRequest({ model }), at("openai"))))
  for (const model of ["o3", "gpt-5.2", "gpt-4o", "gpt-5-mini", "gpt-5.2-proo"])
    it(`is not made for ${model}`, () => assert.isUndefined(overResponses(chatRequest({ model }), at("openai"))))

  it("is not made for a request that wants what Responses cannot say", () => {
    const request = { ...search, sampling: { n: 2 } }
    assert.isUndefined(overResponses(request, at("openai")))
    assert.isDefined(overResponses({ ...request, model: "o3-pro" }, at("openai")))
  })
})

describe("Azure speaks Responses", () => {
  const speaks = (more: Partial<Speaker>) => speaksResponses(at("azure-openai", more))
  it("over its undated API, and over the dated one since the version that has it", () => {
    assert.isTrue(speaks({ baseUrl: "https://unit.openai.azure.com/openai/v1" }))
    assert.isTrue(speaks({ apiVersion: "2025-03-01-preview" }))
    assert.isTrue(speaks({ apiVersion: "2025-04-01-preview", baseUrl: "https://unit.openai.azure.com/openai" }))
  })
  it("neither before that nor below a deployment's own address", () => {
    assert.isFalse(speaks({}))
    assert.isFalse(speaks({ apiVersion: "2024-10-21" }))
    assert.isFalse(speaks({ apiVersion: "latest" }))
    assert.isFalse(
      speaks({ apiVersion: "2025-04-01-preview", baseUrl: "https://unit.openai.azure.com/openai/deployments/one" })
    )
  })
})

const providerAt = (wire: Wire, spec: Parameters<typeof providerSpec>[0] = {}) =>
  Effect.map(
    Layer.build(
      providerLayer()(providerSpec({ baseUrl: `${wire.url}/v1`, apiKeys: ["key-one"], ...spec })).pipe(
        Layer.provide([Transport.layer(), Catalog.layer])
      )
    ),
    (context) => LLMProvider.pipe(Effect.provide(context))
  ).pipe(Effect.flatten)

const response: JsonObject = {
  id: "resp_1",
  object: "response",
  created_at: 1,
  status: "completed",
  error: null,
  model: "gpt-4.1",
  output: [
    { id: "ws_1", type: "web_search_call", status: "completed" },
    { id: "msg_1", type: "message", role: "assistant", content: [{ type: "output_text", text: "found" }] }
  ],
  usage: { input_tokens: 3, output_tokens: 2 }
}
const data = (type: string, fields: JsonObject): string =>
  `event: ${type}\ndata: ${JSON.stringify({ type, ...fields })}\n\n`
const events = [
  data("response.created", { response: { ...response, status: "in_progress", output: [] } }),
  data("response.output_text.delta", { output_index: 0, delta: "found" }),
  data("response.completed", { response })
].join("")

describe("a provider of OpenAI", () => {
  it.live("asks /responses with what only that wire says, and reads its whole answer", () =>
    Effect.scoped(
      Effect.gen(function* () {
        const wire = yield* makeWire(json(response))
        const provider = yield* providerAt(wire)
        const answer = yield* provider.complete(search)
        const [received] = wire.requests
        assert.strictEqual(received?.path, "/v1/responses")
        assert.strictEqual(received?.headers["authorization"], "Bearer key-one")
        assert.deepStrictEqual(received?.body, { model: "gpt-4.1", input: "hi", tools: [{ type: "web_search" }] })
        assert.deepStrictEqual(
          answer.choices[0].content.map(({ _tag }) => _tag),
          ["Opaque", "Text"]
        )
        assert.strictEqual(answer.usage?.inputTokens, 3)
        assert.strictEqual(answer.wire?.dialect, "openai-responses")
      })
    )
  )

  it.live("reads the stream of /responses", () =>
    Effect.scoped(
      Effect.gen(function* () {
        const wire = yield* makeWire(sse(events))
        const provider = yield* providerAt(wire)
        const frames = yield* Stream.runCollect(provider.stream({ ...search, delivery: "live" }))
        assert.strictEqual(wire.requests[0]?.path, "/v1/responses")
        const { body } = wire.requests[0] ?? {}
        assert.strictEqual(isJsonObject(body) ? body["stream"] : undefined, true)
        const answer = foldFrames(frames)
        assert.deepStrictEqual(answer.choices[0].content, [{ _tag: "Text", text: "found" }])
        assert.deepStrictEqual(frames.at(-1)?.events.at(-1), { _tag: "Ended" })
      })
    )
  )

  it.live("tells a failed response inside a 200 and a cut stream as failures", () =>
    Effect.scoped(
      Effect.gen(function* () {
        const failed = { ...response, status: "failed", error: { code: "rate_limit_exceeded", message: "too much" } }
        const first = yield* providerAt(yield* makeWire(json(failed)))
        assert.strictEqual((yield* Effect.flip(first.complete(search))).reason._tag, "RateLimited")
        const second = yield* providerAt(
          yield* makeWire(sse(events.slice(0, events.indexOf("event: response.completed"))))
        )
        const cut = yield* Effect.flip(Stream.runDrain(second.stream({ ...search, delivery: "live" })))
        assert.strictEqual(cut.reason._tag, "MalformedResponse")
      })
    )
  )

  it.live("writes a request of another wire anew for a model that is only there, by the model's quirks", () =>
    Effect.scoped(
      Effect.gen(function* () {
        const wire = yield* makeWire(json(response))
        const provider = yield* providerAt(wire)
        const answer = yield* provider.complete(
          chatRequest({ model: "gpt-5-pro", sampling: { temperature: 0.5, seed: 1, maxTokens: 50 } })
        )
        const { body, path } = wire.requests[0] ?? {}
        assert.strictEqual(path, "/v1/responses")
        if (!isJsonObject(body)) return assert.fail("no body")
        assert.strictEqual(body["max_output_tokens"], 50)
        assert.strictEqual(body["store"], false)
        assert.notProperty(body, "temperature")
        assert.deepStrictEqual([...(answer.dropped ?? [])].sort(), ["seed", "temperature"])
      })
    )
  )

  it.live("tells a refusal in the words of the wire that was asked", () =>
    Effect.scoped(
      Effect.gen(function* () {
        const error = {
          message: "Invalid value: 'x'.",
          type: "invalid_request_error",
          param: "input",
          code: "invalid_value"
        }
        const wire = yield* makeWire(json({ error }, 400))
        const provider = yield* providerAt(wire)
        const failure = yield* Effect.flip(provider.complete(asked({ input: [{ role: "user", content: "hi" }] })))
        assert.deepStrictEqual(failure.wire, { dialect: "openai-responses", status: 400, body: { error } })
        assert.strictEqual(failure.reason.message, error.message)
      })
    )
  )

  it.live("says of a refused field which the caller never wrote whose it is", () =>
    Effect.scoped(
      Effect.gen(function* () {
        const error = {
          message: "Unsupported parameter: 'reasoning.summary'",
          type: "invalid_request_error",
          param: "reasoning.summary",
          code: "unsupported_parameter"
        }
        const wire = yield* makeWire(json({ error }, 400))
        const provider = yield* providerAt(wire)
        const body = { model: "gpt-5-pro", messages: [{ role: "user", content: "hi" }], reasoning_effort: "high" }
        const request = Result.getOrThrow(openAiChatInbound.decodeRequest(body, {}))
        const failure = yield* Effect.flip(provider.complete(request))
        assert.strictEqual(wire.requests[0]?.path, "/v1/responses")
        assert.include(
          failure.reason.message,
          "'reasoning.summary' is not the caller's: Switchyard wrote it for this provider"
        )
        assert.isUndefined(failure.wire)
      })
    )
  )
})

describe("Azure is asked over Responses", () => {
  for (const [base, apiVersion, path] of [
    ["/openai/v1", undefined, "/openai/v1/responses"],
    ["", "2025-04-01-preview", "/openai/responses?api-version=2025-04-01-preview"],
    ["/openai", "2025-04-01-preview", "/openai/responses?api-version=2025-04-01-preview"]
  ] as const)
    it.live(`at ${path}, where the body names the deployment, whole and streamed`, () =>
      Effect.gen(function* () {
        const wire = yield* makeWire((to, received) =>
          isJsonObject(received.body) && received.body["stream"] === true
            ? sse(events)(to, received)
            : json(response)(to, received)
        )
        const provider = yield* providerAt(wire, {
          kind: "azure-openai",
          baseUrl: wire.url + base,
          apiVersion,
          deployments: { "gpt-4.1": "one" }
        })
        const request = asked({ tools: [{ type: "web_search" }] })
        const { choices } = yield* provider.complete(request)
        assert.include(JSON.stringify(choices), "found")
        const frames = yield* Stream.runCollect(provider.stream({ ...request, delivery: "live" }))
        assert.isAbove(frames.length, 1)
        for (const received of wire.requests) {
          assert.strictEqual(received.path, path)
          assert.nestedPropertyVal(received.body, "model", "one")
          assert.strictEqual(
            received.headers[base === "/openai/v1" ? "authorization" : "api-key"],
            base === "/openai/v1" ? "Bearer key-one" : "key-one"
          )
        }
        assert.strictEqual(wire.requests.length, 2)
      }).pipe(Effect.scoped)
    )
})
