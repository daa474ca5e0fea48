import { assert, describe, it } from "@effect/vitest"
import { Effect, Layer } from "effect"
import { Catalog } from "../../src/catalog/Catalog.ts"
import { type ProviderKind, providerKinds } from "../../src/config/ProviderSpec.ts"
import type { ChatRequest } from "../../src/domain/ChatRequest.ts"
import { isJsonObject, type JsonObject } from "../../src/domain/Json.ts"
import { CurrentWatch, type ProviderWatch } from "../../src/domain/ProviderWatch.ts"
import { countIn, countingRows } from "../../src/provider/counting.ts"
import { providerLayer } from "../../src/provider/kinds.ts"
import { LLMProvider } from "../../src/provider/LLMProvider.ts"
import { Transport } from "../../src/provider/Transport.ts"
import { chatRequest, providerSpec } from "./requests.ts"
import { json, makeWire, type Wire } from "./wire.ts"

const below = Layer.merge(Transport.layer(), Catalog.layer)

const providerAt = (
  wire: Wire,
  spec: Parameters<typeof providerSpec>[0],
  path = "",
  watch: Partial<ProviderWatch> = {}
) =>
  Effect.map(
    Layer.build(
      providerLayer()(providerSpec({ ...spec, baseUrl: wire.url + path })).pipe(
        Layer.provide([
          below,
          Layer.succeed(CurrentWatch, {
            mayUse: () => true,
            turnedAway: () => {},
            refused: () => {},
            heard: () => {},
            ...watch
          })
        ])
      )
    ),
    (context) => LLMProvider.pipe(Effect.provide(context))
  ).pipe(Effect.flatten)

const answers: JsonObject = { input_tokens: 42, totalTokens: 42 }

const count = (provider: LLMProvider["Service"], request: ChatRequest) =>
  provider.count?.(request) ?? Effect.die(new Error("it does not count"))

/** A request of another wire than the vendor's, with all that shapes an answer. */
const request = chatRequest({
  model: "some-model",
  messages: [
    { role: "system", content: [{ _tag: "Text", text: "Be brief" }] },
    { role: "user", content: [{ _tag: "Text", text: "hi" }] }
  ],
  tools: [{ _tag: "Function", name: "look", description: "looks", parameters: { type: "object", properties: {} } }],
  sampling: { maxTokens: 100, temperature: 0.5, topP: 0.5, stop: ["x"], n: 2 }
})

const bodyOf = (wire: Wire): JsonObject => {
  const body = wire.requests.at(-1)?.body
  return isJsonObject(body) ? body : {}
}

interface Row {
  readonly kind: ProviderKind
  readonly base?: string
  readonly spec?: Parameters<typeof providerSpec>[0]
  readonly path: string
  readonly fields: ReadonlyArray<string>
}

const rows: ReadonlyArray<Row> = [
  { kind: "anthropic", path: "/v1/messages/count_tokens", fields: ["messages", "model", "system", "tools"] },
  {
    kind: "openai",
    base: "/v1",
    path: "/v1/responses/input_tokens",
    fields: ["input", "instructions", "model", "tools"]
  },
  {
    kind: "azure-openai",
    base: "/openai/v1",
    path: "/openai/v1/responses/input_tokens",
    fields: ["input", "instructions", "model", "tools"]
  },
  {
    kind: "azure-openai",
    spec: { apiVersion: "2025-04-01-preview", deployments: { "some-model": "one" } },
    path: "/openai/responses/input_tokens?api-version=2025-04-01-preview",
    fields: ["input", "instructions", "model", "tools"]
  },
  { kind: "google", path: "/v1beta/models/some-model:countTokens", fields: ["generateContentRequest"] },
  {
    kind: "vertex",
    path: "/v1beta1/publishers/google/models/some-model:countTokens",
    fields: ["contents", "systemInstruction", "tools"]
  }
]

describe("the table of who counts", () => {
  it("has a row for each kind that is asked here, and no other", () => {
    const asked = new Set(rows.map(({ kind }) => kind))
    for (const kind of providerKinds) assert.strictEqual(countingRows[kind] !== undefined, asked.has(kind), kind)
  })

  for (const { base, fields, kind, path, spec } of rows)
    it.live(`${kind} is asked at ${path}, for what would be sent, without what only shapes an answer`, () =>
      Effect.gen(function* () {
        const wire = yield* makeWire(json(answers))
        const provider = yield* providerAt(wire, { kind, apiKeys: ["key-one"], ...spec }, base)
        assert.deepStrictEqual(yield* count(provider, request), { inputTokens: 42 })
        assert.strictEqual(wire.requests[0]?.method, "POST")
        assert.strictEqual(wire.requests[0]?.path, path)
        const sent = bodyOf(wire)
        assert.deepStrictEqual(Object.keys(sent).sort(), [...fields].sort())
        assert.include(wire.requests[0]?.text ?? "", "Be brief")
        assert.include(wire.requests[0]?.text ?? "", "looks")
        if (spec?.deployments !== undefined) assert.strictEqual(sent["model"], "one")
        if (kind === "google") assert.nestedPropertyVal(sent, "generateContentRequest.model", "models/some-model")
      }).pipe(Effect.scoped)
    )

  it("takes for a count what is one, and nothing else", () => {
    const row = countingRows.anthropic
    if (row === undefined) return assert.fail("no row")
    assert.strictEqual(countIn(row, { input_tokens: 0 }), 0)
    for (const body of [{}, [], null, { input_tokens: "3" }, { input_tokens: -1 }, { input_tokens: 1.5 }])
      assert.isUndefined(countIn(row, body))
  })
})

describe("a provider that counts", () => {
  it.live("counts what its own callers wrote, and leaves out what the endpoint refuses", () =>
    Effect.gen(function* () {
      const wire = yield* makeWire(json(answers))
      const provider = yield* providerAt(wire, { kind: "anthropic", apiKeys: ["key-one"] })
      const body = {
        model: "alias",
        max_tokens: 5,
        metadata: { user_id: "u" },
        stream: true,
        thinking: { type: "enabled", budget_tokens: 2048 },
        messages: [{ role: "user", content: [{ type: "text", text: "hi", cache_control: { type: "ephemeral" } }] }]
      }
      const own = chatRequest({
        model: "some-model",
        wire: { dialect: "anthropic-messages", body, headers: { "anthropic-beta": "one" } }
      })
      yield* count(provider, own)
      const { messages, thinking } = body
      assert.deepStrictEqual(bodyOf(wire), { model: "some-model", messages, thinking })
      assert.strictEqual(wire.requests[0]?.headers["anthropic-beta"], "one")
    }).pipe(Effect.scoped)
  )

  it.live("tells nobody what became of a count, and lets no chat suffer for it", () =>
    Effect.gen(function* () {
      const told: Array<string> = []
      const note = (what: string) => () => void told.push(what)
      const watch = {
        turnedAway: note("turnedAway"),
        served: note("served"),
        refused: note("refused"),
        heard: note("heard")
      }
      let status = 429
      const wire = yield* makeWire((response, received) => {
        if (!received.path.endsWith("count_tokens")) return json({ type: "message" })(response, received)
        response.setHeader("anthropic-ratelimit-requests-remaining", "0")
        response.setHeader("anthropic-ratelimit-requests-limit", "10")
        response.setHeader("retry-after", "60")
        json({ type: "error", error: { type: "rate_limit_error", message: "slowly" } }, status)(response, received)
      })
      const provider = yield* providerAt(wire, { kind: "anthropic", apiKeys: ["key-one", "key-two"] }, "", watch)
      for (status of [429, 401, 403, 404, 500]) {
        const outcome = yield* Effect.result(count(provider, request))
        assert.strictEqual(outcome._tag, "Failure", String(status))
      }
      assert.deepStrictEqual(told, [])
      // both keys still take turns for chats
      for (const _ of [1, 2]) yield* Effect.result(provider.complete(chatRequest()))
      const keys = wire.requests
        .filter(({ path }) => path === "/v1/messages")
        .map(({ headers }) => headers["authorization"])
      assert.deepStrictEqual(keys, ["Bearer key-one", "Bearer key-two"])
    }).pipe(Effect.scoped)
  )

  it.live("asks with another key where one will not do", () =>
    Effect.gen(function* () {
      const wire = yield* makeWire((response, received) =>
        received.headers["authorization"] === "Bearer key-one"
          ? json({ type: "error", error: { type: "authentication_error", message: "no" } }, 401)(response, received)
          : json(answers)(response, received)
      )
      const provider = yield* providerAt(wire, { kind: "anthropic", apiKeys: ["key-one", "key-two"] })
      assert.deepStrictEqual(yield* count(provider, request), { inputTokens: 42 })
    }).pipe(Effect.scoped)
  )

  it.live("takes an answer without a count for a broken one", () =>
    Effect.gen(function* () {
      const wire = yield* makeWire(json({}))
      const provider = yield* providerAt(wire, { kind: "openai", apiKeys: ["key-one"] }, "/v1")
      const { reason } = yield* Effect.flip(count(provider, request))
      assert.strictEqual(reason._tag, "MalformedResponse")
    }).pipe(Effect.scoped)
  )
})
