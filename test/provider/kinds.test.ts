import { assert, describe, it } from "@effect/vitest"
import { Effect, Layer, Stream } from "effect"
import { Catalog } from "../../src/catalog/Catalog.ts"
import type { ProviderSpec } from "../../src/config/ProviderSpec.ts"
import type { ChatEvent } from "../../src/domain/ChatEvent.ts"
import { isJsonObject } from "../../src/domain/Json.ts"
import { kinds, providerLayer } from "../../src/provider/kinds.ts"
import { LLMProvider } from "../../src/provider/LLMProvider.ts"
import { Registry } from "../../src/provider/Registry.ts"
import { Transport } from "../../src/provider/Transport.ts"
import { chatRequest, providerSpec } from "./requests.ts"
import { type Wire, json, makeWire, sse, stalled } from "./wire.ts"

const below = Layer.merge(Transport.layer(), Catalog.layer)

const providerAt = (wire: Wire, spec: Parameters<typeof providerSpec>[0], path = "") =>
  Effect.map(
    Layer.build(providerLayer()(providerSpec({ ...spec, baseUrl: wire.url + path })).pipe(Layer.provide(below))),
    (context) => LLMProvider.pipe(Effect.provide(context))
  ).pipe(Effect.flatten)

const completion = {
  id: "c",
  object: "chat.completion",
  created: 1,
  model: "m",
  choices: [{ index: 0, message: { role: "assistant", content: "hi" }, finish_reason: "stop" }]
}
const message = {
  id: "msg",
  type: "message",
  role: "assistant",
  model: "m",
  content: [{ type: "text", text: "hi" }],
  stop_reason: "end_turn",
  stop_sequence: null,
  usage: { input_tokens: 1, output_tokens: 1 }
}
const generation = { candidates: [{ content: { role: "model", parts: [{ text: "hi" }] }, finishReason: "STOP" }] }

const bodyOf = (wire: Wire) => {
  const body = wire.requests.at(-1)?.body
  return isJsonObject(body) ? body : {}
}

describe("providers", () => {
  it.live("name Azure's deployment in the path, by the config's map", () =>
    Effect.gen(function* () {
      const wire = yield* makeWire(json(completion))
      const provider = yield* providerAt(wire, { kind: "azure-openai", deployments: { "gpt-4o": "prod 4o" } })
      yield* provider.complete(chatRequest({ model: "gpt-4o" }))
      yield* provider.complete(chatRequest({ model: "other" }))
      assert.deepStrictEqual(
        wire.requests.map((received) => received.path),
        [
          "/openai/deployments/prod%204o/chat/completions?api-version=2024-10-21",
          "/openai/deployments/other/chat/completions?api-version=2024-10-21"
        ]
      )
    }).pipe(Effect.scoped)
  )

  it.live("take Google's version from a base URL that names it, and its prefix of tuned models", () =>
    Effect.gen(function* () {
      const wire = yield* makeWire(json(generation))
      const provider = yield* providerAt(wire, { kind: "google" }, "/proxy/v1alpha")
      yield* provider.complete(chatRequest({ model: "tunedModels/mine" }))
      assert.strictEqual(wire.requests[0]?.path, "/proxy/v1alpha/tunedModels/mine:generateContent")
    }).pipe(Effect.scoped)
  )

  it.live("report a model name that the vendor's SDK will not have as unavailable", () =>
    Effect.gen(function* () {
      const wire = yield* makeWire(json(generation))
      const provider = yield* providerAt(wire, { kind: "google" })
      const { reason } = yield* Effect.flip(provider.complete(chatRequest({ model: "../../secrets" })))
      assert.strictEqual(reason._tag, "ModelUnavailable")
      assert.deepStrictEqual(wire.requests, [])
    }).pipe(Effect.scoped)
  )

  const escapes = [
    "gemini-3.5-flash/%2e%2e/gemini-3-pro-preview",
    "%2e%2e/cachedContents#",
    ".%2E/files#",
    "veo-3:predictLongRunning#",
    "gemini-3.5-flash:countTokens",
    ".\t./models",
    "gemini-3.5-flash?x=",
    "gemini-3.5-flash\n",
    "models/../files",
    "tunedModels/a/operations/b",
    ""
  ]
  it.live("ask Google for a model and nothing else, whatever name a caller gives", () =>
    Effect.gen(function* () {
      const wire = yield* makeWire(json(generation))
      const provider = yield* providerAt(wire, { kind: "google" })
      for (const model of escapes) {
        const whole = yield* Effect.flip(provider.complete(chatRequest({ model })))
        assert.strictEqual(whole.reason._tag, "ModelUnavailable", model)
        const live = yield* Effect.flip(Stream.runDrain(provider.stream(chatRequest({ model, delivery: "live" }))))
        assert.strictEqual(live.reason._tag, "ModelUnavailable", model)
      }
      assert.deepStrictEqual(wire.requests, [])
    }).pipe(Effect.scoped)
  )

  it.live("ask Azure for a deployment and nothing else, whatever name a caller gives", () =>
    Effect.gen(function* () {
      const wire = yield* makeWire(json(completion))
      const provider = yield* providerAt(wire, { kind: "azure-openai" })
      for (const model of [
        ...escapes.filter((name) => name !== ""),
        "..",
        "prod/../other",
        "prod%2f..%2fother",
        "a;b"
      ]) {
        const { reason } = yield* Effect.flip(provider.complete(chatRequest({ model })))
        assert.strictEqual(reason._tag, "ModelUnavailable", model)
      }
      assert.deepStrictEqual(wire.requests, [])
      // words that every object has are names like others
      yield* provider.complete(chatRequest({ model: "constructor" }))
      assert.match(wire.requests[0]?.path ?? "", /^\/openai\/deployments\/constructor\/chat\/completions\?/)
    }).pipe(Effect.scoped)
  )

  it.live("ask Azure's one deployment where the base URL names it", () =>
    Effect.gen(function* () {
      const wire = yield* makeWire(json(completion))
      const provider = yield* providerAt(wire, { kind: "azure-openai" }, "/deployments/prod/openai")
      yield* provider.complete(chatRequest({ model: "anything/else" }))
      assert.match(wire.requests[0]?.path ?? "", /^\/deployments\/prod\/openai\/chat\/completions\?/)
    }).pipe(Effect.scoped)
  )

  it.live("never show a credential that the config's own headers hold, nor ask for a compressed answer", () =>
    Effect.gen(function* () {
      const echo = { error: { message: "who is team-Secret-1 with the proxy's pass-Word-2?" } }
      const wire = yield* makeWire(json(echo, 401))
      const provider = yield* providerAt(wire, {
        kind: "openai",
        headers: { "x-team-token": "team-Secret-1", "Proxy-Authorization": "Basic pass-Word-2", "x-team": "the proxy" }
      })
      const error = yield* Effect.flip(provider.complete(chatRequest()))
      assert.strictEqual(error.reason._tag, "AuthenticationFailed")
      assert.notMatch(`${error.message} ${JSON.stringify(error)}`, /Secret-1|Word-2/)
      assert.include(error.message, "the proxy")
      assert.strictEqual(wire.requests[0]?.headers["accept-encoding"], "identity")
    }).pipe(Effect.scoped)
  )

  it.live("accept Anthropic's base URL with its version", () =>
    Effect.gen(function* () {
      const wire = yield* makeWire(json(message))
      const provider = yield* providerAt(wire, { kind: "anthropic" }, "/v1")
      yield* provider.complete(chatRequest())
      assert.strictEqual(wire.requests[0]?.path, "/v1/messages")
    }).pipe(Effect.scoped)
  )

  it.live("send the headers a request needs, over those of the SDK", () =>
    Effect.gen(function* () {
      const wire = yield* makeWire(json(message))
      const provider = yield* providerAt(wire, { kind: "anthropic" })
      const headers = { "anthropic-beta": "context-1m", "anthropic-version": "2023-06-01" }
      const body = { model: "m", max_tokens: 5, messages: [{ role: "user", content: "x" }] }
      yield* provider.complete(chatRequest({ wire: { dialect: "anthropic-messages", body, headers } }))
      assert.strictEqual(wire.requests[0]?.headers["anthropic-beta"], "context-1m")
      assert.strictEqual(wire.requests[0]?.headers["anthropic-version"], "2023-06-01")
      yield* provider.complete(chatRequest())
      assert.strictEqual(wire.requests[1]?.headers["anthropic-beta"], undefined)
      assert.notStrictEqual(wire.requests[1]?.headers["anthropic-version"], undefined)
    }).pipe(Effect.scoped)
  )

  it.live("send OpenAI what its caller wrote, and write what a thinking model takes", () =>
    Effect.gen(function* () {
      const wire = yield* makeWire(json(completion))
      const provider = yield* providerAt(wire, { kind: "openai" })
      const body = { model: "o3", messages: [], temperature: 0.5, max_tokens: 7 }
      yield* provider.complete(
        chatRequest({
          model: "o3",
          wire: { dialect: "openai-chat", body, headers: {} },
          sampling: { temperature: 0.5 }
        })
      )
      assert.deepInclude(bodyOf(wire), { temperature: 0.5, max_tokens: 7 })
      const response = yield* provider.complete(
        chatRequest({ model: "o3", sampling: { temperature: 0.5, maxTokens: 7 } })
      )
      assert.strictEqual(bodyOf(wire)["max_completion_tokens"], 7)
      assert.notProperty(bodyOf(wire), "temperature")
      assert.deepStrictEqual(response.dropped, ["temperature"])
    }).pipe(Effect.scoped)
  )

  it.live("send OpenAI what a thinking model takes where a client may not have known the model by its full name", () =>
    Effect.gen(function* () {
      const wire = yield* makeWire(json(completion))
      const provider = yield* providerAt(wire, { kind: "openai" })
      const body = { model: "openai/o3", messages: [], temperature: 0.5, max_tokens: 7 }
      const response = yield* provider.complete(
        chatRequest({ model: "o3", wire: { dialect: "openai-chat", body, headers: {} } })
      )
      assert.strictEqual(bodyOf(wire)["max_completion_tokens"], 7)
      assert.doesNotHaveAnyKeys(bodyOf(wire), ["max_tokens", "temperature"])
      assert.deepStrictEqual(response.dropped, ["temperature"])
    }).pipe(Effect.scoped)
  )

  it.live("leave out what a compatible vendor refuses, even as the caller wrote it, and say so at the start", () =>
    Effect.gen(function* () {
      const start = { id: "c", model: "m", choices: [{ index: 0, delta: { role: "assistant" }, finish_reason: null }] }
      const wire = yield* makeWire(stalled(`data: ${JSON.stringify(start)}\n\n`))
      const provider = yield* providerAt(wire, { kind: "mistral" })
      const body = { model: "m", messages: [], user: "me", store: true, stream: true, stream_options: {}, novelty: 1 }
      const request = chatRequest({ delivery: "live", wire: { dialect: "openai-chat", body, headers: {} } })
      const events: ReadonlyArray<ChatEvent> = yield* provider.stream(request).pipe(
        Stream.take(1),
        Stream.runCollect,
        Effect.map((frames) => frames.flatMap((frame) => frame.events))
      )
      assert.doesNotHaveAnyKeys(bodyOf(wire), ["user", "store", "stream_options"])
      assert.strictEqual(bodyOf(wire)["novelty"], 1)
      const [started] = events
      assert.includeMembers([...(started?._tag === "Started" ? (started.dropped ?? []) : [])], ["user", "store"])
    }).pipe(Effect.scoped)
  )

  it.live("show that a vendor is alive while it says nothing", () =>
    Effect.gen(function* () {
      const wire = yield* makeWire(stalled(": PROCESSING\n\n"))
      const provider = yield* providerAt(wire, { kind: "openrouter" })
      const frames = yield* provider.stream(chatRequest({ delivery: "live" })).pipe(Stream.take(1), Stream.runCollect)
      assert.deepStrictEqual(frames, [{ events: [{ _tag: "Unmodelled" }], wire: undefined }])
    }).pipe(Effect.scoped)
  )

  it.live("end with the wire's end although the vendor keeps the connection open", () =>
    Effect.gen(function* () {
      const chunk = { id: "c", model: "m", choices: [{ index: 0, delta: { content: "hi" }, finish_reason: "stop" }] }
      const wire = yield* makeWire(stalled(`data: ${JSON.stringify(chunk)}\n\ndata: [DONE]\n\n`))
      const provider = yield* providerAt(wire, { kind: "openai" })
      const frames = yield* Stream.runCollect(provider.stream(chatRequest({ delivery: "live" })))
      assert.strictEqual(frames.at(-1)?.events.at(-1)?._tag, "Ended")
      yield* (yield* wire.next).gone
    }).pipe(Effect.scoped)
  )

  it.live("accept a probe that ran out of tokens as proof", () =>
    Effect.gen(function* () {
      const error = {
        message: "Could not finish the message because max_tokens or model output limit was reached.",
        type: "invalid_request_error",
        param: null,
        code: null
      }
      const wire = yield* makeWire(json({ error }, 400))
      const provider = yield* providerAt(wire, { kind: "openai" })
      yield* provider.check("gpt-5")
      assert.strictEqual((yield* Effect.flip(provider.complete(chatRequest()))).reason._tag, "InvalidRequest")
    }).pipe(Effect.scoped)
  )

  it.live("call a stream of another type malformed", () =>
    Effect.gen(function* () {
      const wire = yield* makeWire((response, received) => {
        response.setHeader("x", "y")
        sse("{}\n")(response, received)
      })
      const provider = yield* providerAt(wire, { kind: "ollama" })
      const error = yield* Effect.flip(Stream.runDrain(provider.stream(chatRequest({ delivery: "live" }))))
      assert.strictEqual(error.reason._tag, "MalformedResponse")
    }).pipe(Effect.scoped)
  )

  const unbuildable: ReadonlyArray<readonly [string, Partial<ProviderSpec>, RegExp]> = [
    ["Azure without an endpoint", { kind: "azure-openai" }, /endpoint/],
    ["a compatible server without an address", { kind: "openai-compatible" }, /baseUrl/],
    ["Groq without a key", { kind: "groq", apiKeys: [] }, /key/],
    ["Google without a key", { kind: "google", apiKeys: [] }, /key/]
  ]
  for (const [what, spec, expected] of unbuildable) {
    it.effect(`cannot be set up: ${what}`, () =>
      Effect.gen(function* () {
        const registry = yield* Registry
        const { failures, ids } = yield* Effect.scoped(registry.current)
        assert.deepStrictEqual(ids, [])
        assert.match(failures[0]?.message ?? "", expected)
      }).pipe(
        Effect.provide(
          Registry.layer(providerLayer(), [{ ...providerSpec({ id: "x" }), ...spec }]).pipe(Layer.provide(below))
        )
      )
    )
  }

  it("are one list with a row for every kind", () => {
    assert.strictEqual(Object.keys(kinds).length, 18)
  })
})
