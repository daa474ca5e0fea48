import { assert, describe, it } from "@effect/vitest"
import { Effect, Layer } from "effect"
import { Catalog } from "../../src/catalog/Catalog.ts"
import { type ProviderKind, providerKinds } from "../../src/config/ProviderSpec.ts"
import type { EmbeddingInput, EmbeddingRequest } from "../../src/domain/Embedding.ts"
import { isJsonObject, type JsonObject } from "../../src/domain/Json.ts"
import { type ProviderError } from "../../src/domain/ProviderError.ts"
import { inBatches } from "../../src/provider/batches.ts"
import { embeddingsQuirks, looksLikeEmbedding } from "../../src/provider/embeddings.ts"
import { providerLayer } from "../../src/provider/kinds.ts"
import { LLMProvider } from "../../src/provider/LLMProvider.ts"
import { Transport } from "../../src/provider/Transport.ts"
import { providerSpec } from "./requests.ts"
import { json, makeWire, type Respond, type Wire } from "./wire.ts"

const below = Layer.merge(Transport.layer(), Catalog.layer)

const providerAt = (wire: Wire, spec: Parameters<typeof providerSpec>[0], path = "") =>
  Effect.map(
    Layer.build(providerLayer()(providerSpec({ ...spec, baseUrl: wire.url + path })).pipe(Layer.provide(below))),
    (context) => LLMProvider.pipe(Effect.provide(context))
  ).pipe(Effect.flatten)

const texts = (count: number): EmbeddingRequest["inputs"] => {
  const text = (at: number): EmbeddingInput => ({ _tag: "Text", text: `text ${at}` })
  return [text(0), ...Array.from({ length: count - 1 }, (_, at) => text(at + 1))]
}
const asked = (changes: Partial<EmbeddingRequest> = {}): EmbeddingRequest => ({
  model: "text-embedding-3-small",
  inputs: texts(1),
  encoding: "float",
  fallbacks: [],
  ...changes
})

const answers: { readonly [W in "openai" | "google"]: JsonObject } = {
  openai: { object: "list", model: "m", data: [{ object: "embedding", index: 0, embedding: [0.5, 1] }] },
  google: { embeddings: [{ values: [0.5, 1] }] }
}
const answerOf = (kind: ProviderKind): JsonObject => (kind === "google" ? answers.google : answers.openai)

const embed = (provider: LLMProvider["Service"], request: EmbeddingRequest) =>
  provider.embed?.(request) ?? Effect.die(new Error("it does not embed"))

const bodyOf = (wire: Wire): JsonObject => {
  const body = wire.requests.at(-1)?.body
  return isJsonObject(body) ? body : {}
}

describe("the table of who embeds", () => {
  for (const kind of providerKinds) {
    const quirks = embeddingsQuirks[kind]
    it.live(`${kind} ${quirks === undefined ? "does not embed" : "embeds, and is asked in its own words"}`, () =>
      Effect.gen(function* () {
        const wire = yield* makeWire(json(answerOf(kind)))
        const provider = yield* providerAt(wire, { kind })
        if (quirks === undefined) return assert.isUndefined(provider.embed)
        const own = { dialect: "openai-embeddings", headers: {} } as const
        const body = { input: "text 0", model: "alias", user: "u", encoding_format: "base64" }
        const { vectors } = yield* embed(provider, asked({ encoding: "base64", wire: { ...own, body } }))
        assert.deepStrictEqual(vectors, [[0.5, 1]])
        const sent = bodyOf(wire)
        if (kind !== "google") {
          assert.strictEqual(sent["input"], "text 0")
          assert.strictEqual(sent["encoding_format"], quirks.base64 ? "base64" : undefined)
          assert.strictEqual(sent["user"], quirks.refuses.includes("user") ? undefined : "u")
        }
        const cut = yield* Effect.result(embed(provider, asked({ dimensions: 2 })))
        if (quirks.dimensions === undefined)
          assert.isTrue(cut._tag === "Failure" && cut.failure.reason._tag === "UnsupportedFeature")
        else if (kind !== "google") assert.strictEqual(bodyOf(wire)[quirks.dimensions], 2)
        const tokens = yield* Effect.result(embed(provider, asked({ inputs: [{ _tag: "Tokens", tokens: [1] }] })))
        assert.strictEqual(tokens._tag, quirks.tokens ? "Success" : "Failure")
      }).pipe(Effect.scoped)
    )
  }
})

describe("a provider that embeds", () => {
  const paths: ReadonlyArray<readonly [ProviderKind, string, string]> = [
    ["openai", "/v1", "/v1/embeddings"],
    ["mistral", "/v1", "/v1/embeddings"],
    ["azure-openai", "", "/openai/deployments/prod%20embed/embeddings?api-version=2024-10-21"],
    ["azure-openai", "/openai/v1", "/openai/v1/embeddings"],
    ["google", "", "/v1beta/models/text-embedding-3-small:batchEmbedContents"]
  ]
  for (const [kind, base, path] of paths)
    it.live(`is asked at ${path}, with its key`, () =>
      Effect.gen(function* () {
        const wire = yield* makeWire(json(answerOf(kind)))
        const deployments = { "text-embedding-3-small": "prod embed" }
        const provider = yield* providerAt(
          wire,
          { kind, deployments: kind === "azure-openai" ? deployments : {} },
          base
        )
        yield* embed(provider, asked())
        const [received] = wire.requests
        assert.strictEqual(received?.path, path)
        const { "api-key": azure, "x-goog-api-key": google, authorization } = received?.headers ?? {}
        assert.deepStrictEqual(
          [azure, google, authorization].filter((key) => key !== undefined),
          [azure === undefined && google === undefined ? "Bearer key-one" : "key-one"]
        )
      }).pipe(Effect.scoped)
    )

  it.live("goes on with another key where the vendor turns one away", () =>
    Effect.gen(function* () {
      const respond: Respond = (response, received) =>
        received.headers["authorization"] === "Bearer key-one"
          ? json({ error: { message: "no", code: "invalid_api_key" } }, 401)(response, received)
          : json(answers.openai)(response, received)
      const wire = yield* makeWire(respond)
      const provider = yield* providerAt(wire, { apiKeys: ["key-one", "key-two"] })
      assert.deepStrictEqual((yield* embed(provider, asked())).vectors, [[0.5, 1]])
      assert.strictEqual(wire.requests.length, 2)
    }).pipe(Effect.scoped)
  )

  it.live("is proved by a word to embed where the model embeds, else by a chat", () =>
    Effect.gen(function* () {
      const wire = yield* makeWire(json(answers.openai))
      const provider = yield* providerAt(wire, {}, "/v1")
      yield* provider.check("text-embedding-3-small")
      assert.strictEqual(wire.requests.at(-1)?.path, "/v1/embeddings")
      yield* Effect.ignore(provider.check("gpt-5.2"))
      assert.strictEqual(wire.requests.at(-1)?.path, "/v1/chat/completions")
    }).pipe(Effect.scoped)
  )

  it.live("is not barred from what it can do by being asked for what it cannot", () =>
    Effect.gen(function* () {
      const wire = yield* makeWire(json({ error: { message: "no such thing", code: "model_not_found" } }, 404))
      const provider = yield* providerAt(wire, {})
      const reasonFor = (model: string) =>
        Effect.map(Effect.flip(embed(provider, asked({ model }))), ({ reason }) => reason._tag)
      assert.strictEqual(yield* reasonFor("gpt-5.2"), "UnsupportedFeature")
      assert.strictEqual(yield* reasonFor("text-embedding-9"), "ModelUnavailable")
    }).pipe(Effect.scoped)
  )
})

describe("the names of models that embed", () => {
  it("are told from those of models that chat", () => {
    for (const name of [
      "text-embedding-3-small",
      "models/gemini-embedding-001",
      "mistral-embed",
      "BAAI/bge-m3",
      "intfloat/e5-large-v2",
      "thenlper/gte-large",
      "all-minilm",
      "nomic-embed-text",
      "embeddinggemma"
    ])
      assert.isTrue(looksLikeEmbedding(name), name)
    for (const name of ["gpt-5.2", "claude-sonnet-5", "gemini-3.5-flash", "llama3.3", "phi-4", "deepseek-chat"])
      assert.isFalse(looksLikeEmbedding(name), name)
  })
})

describe("a batch that is split", () => {
  it.effect("keeps its order though later calls answer first, and sums their usage", () =>
    Effect.gen(function* () {
      const sizes: Array<number> = []
      const response = yield* inBatches(asked({ inputs: texts(7) }), 3, ({ inputs }) => {
        sizes.push(inputs.length)
        const place = (input: EmbeddingInput) => [input._tag === "Text" ? Number(input.text.slice(5)) : -1]
        const [first, ...rest] = inputs
        const answer = Effect.succeed({
          model: "m",
          vectors: [place(first), ...rest.map(place)] as const,
          usage: { inputTokens: inputs.length, outputTokens: 0 }
        })
        return inputs.length === 3 ? Effect.andThen(Effect.yieldNow, answer) : answer
      })
      assert.deepStrictEqual(sizes, [3, 3, 1])
      assert.deepStrictEqual(response.vectors, [[0], [1], [2], [3], [4], [5], [6]])
      assert.deepStrictEqual(response.usage, { inputTokens: 7, outputTokens: 0 })
      assert.isFalse("wire" in response)
    })
  )

  it.live("fails with the first call that fails", () =>
    Effect.gen(function* () {
      let calls = 0
      const wire = yield* makeWire((response, received) =>
        ++calls === 2
          ? json({ error: { code: 500, message: "x", status: "INTERNAL" } }, 500)(response, received)
          : json({ embeddings: Array.from({ length: 100 }, () => ({ values: [1] })) })(response, received)
      )
      const provider = yield* providerAt(wire, { kind: "google" })
      const error: ProviderError = yield* Effect.flip(embed(provider, asked({ inputs: texts(200) })))
      assert.strictEqual(error.reason._tag, "ServerError")
    }).pipe(Effect.scoped)
  )
})
