import { assert, describe, it } from "@effect/vitest"
import { Result, Schema } from "effect"
import { existsSync, readFileSync } from "node:fs"
import {
  geminiBatchEmbedContents,
  geminiEmbedContent,
  geminiEmbeddingsOutbound,
  openAiEmbeddingsInbound,
  openAiEmbeddingsOutbound
} from "../../src/dialect/Embeddings.ts"
import type { EmbeddingsInbound, EmbeddingsOutbound, EmbeddingsQuirks } from "../../src/dialect/embeddings/Wire.ts"
import { base64Of, type EmbeddingRequest, type EmbeddingResponse } from "../../src/domain/Embedding.ts"
import { isJsonObject, type Json, type JsonObject, parseJson } from "../../src/domain/Json.ts"
import * as A from "./laws/arbitraries.ts"

const quirks: EmbeddingsQuirks = { most: 2048, tokens: true, dimensions: "dimensions", base64: true, refuses: [] }

interface Wire {
  readonly outbound: EmbeddingsOutbound
  readonly inbound: EmbeddingsInbound
}
const openai: Wire = { outbound: openAiEmbeddingsOutbound, inbound: openAiEmbeddingsInbound }
const gemini: Wire = { outbound: geminiEmbeddingsOutbound, inbound: geminiBatchEmbedContents("m") }

const sent = ({ outbound }: Wire, request: EmbeddingRequest, changes: Partial<EmbeddingsQuirks> = {}) =>
  Result.getOrThrowWith(
    outbound.encodeRequest(request, { model: request.model, quirks: { ...quirks, ...changes } }),
    (fault) => new Error(fault.message)
  )
const heard = ({ inbound }: Wire, body: Json) =>
  Result.getOrThrowWith(inbound.decodeRequest(body, {}), (fault) => new Error(fault.message))

/** Without what the caller wrote, which is there for its own vendor. */
const unwired = (request: EmbeddingRequest): unknown => {
  const { wire: _, ...rest } = request
  return {
    ...rest,
    inputs: request.inputs.map((input) => {
      if (input._tag !== "Text") return input
      const { wire: _, ...plain } = input
      return plain
    })
  }
}

const Texts = Schema.NonEmptyArray(Schema.TaggedStruct("Text", { text: A.Words }))
const Tokens = Schema.NonEmptyArray(Schema.TaggedStruct("Tokens", { tokens: Schema.NonEmptyArray(A.Count) }))
const dimensions = Schema.optionalKey(A.Count)

const OpenAiRequest = Schema.Struct({
  model: A.Name,
  inputs: Schema.Union([Texts, Tokens]),
  dimensions,
  encoding: Schema.Literals(["float", "base64"]),
  user: Schema.optionalKey(A.Words),
  fallbacks: Schema.Tuple([])
})
const GeminiRequest = Schema.Struct({
  model: Schema.Literal("m"),
  inputs: Schema.NonEmptyArray(
    Schema.TaggedStruct("Text", {
      text: A.Words,
      purpose: Schema.optionalKey(Schema.Literals(["RETRIEVAL_QUERY", "CLUSTERING"])),
      title: Schema.optionalKey(A.Words)
    })
  ),
  dimensions,
  encoding: Schema.Literal("float"),
  fallbacks: Schema.Tuple([])
})

const Triple = Schema.Tuple([A.Ratio, A.Ratio, A.Ratio])
const Floats = Schema.Struct({ model: A.Name, vectors: Schema.NonEmptyArray(Triple), inputTokens: A.Count })

describe("laws of embeddings", () => {
  it.prop("a request is the same after OpenAI's wire", { request: OpenAiRequest }, ({ request }) => {
    assert.deepStrictEqual(unwired(heard(openai, sent(openai, request).body)), request)
  })
  it.prop("a request is the same after Gemini's wire", { request: GeminiRequest }, ({ request }) => {
    assert.deepStrictEqual(unwired(heard(gemini, sent(gemini, request).body)), request)
  })
  it.prop(
    "what a caller wrote reaches its own vendor as it is",
    { request: OpenAiRequest, more: A.JsonObject },
    (of) => {
      const body = { ...of.more, ...sent(openai, of.request).body }
      assert.deepStrictEqual(sent(openai, heard(openai, body)).body, body)
    }
  )
  it.prop("an answer is the same after each wire, numbers and base64 alike", { answer: Floats }, ({ answer }) => {
    const response: EmbeddingResponse = {
      model: answer.model,
      vectors: answer.vectors,
      usage: { inputTokens: answer.inputTokens, outputTokens: 0 }
    }
    const request: EmbeddingRequest = {
      model: answer.model,
      inputs: [{ _tag: "Text", text: "x" }],
      encoding: "float",
      fallbacks: []
    }
    const back = ({ inbound, outbound }: Wire, encoding: "float" | "base64") => {
      const body = inbound.encodeResponse(response, { ...request, encoding })
      const { wire: _, ...decoded } = Result.getOrThrow(outbound.decodeResponse(body, response.vectors.length))
      return decoded
    }
    assert.deepStrictEqual(back(openai, "float"), response)
    assert.deepStrictEqual(back(openai, "base64"), { ...response, vectors: inBase64(response) })
    assert.deepStrictEqual(back(gemini, "float"), { ...response, model: "" })
  })
})

const inBase64 = ({ vectors: [first, ...rest] }: EmbeddingResponse): EmbeddingResponse["vectors"] => [
  base64Of(first),
  ...rest.map(base64Of)
]

const text = (text: string) => ({ _tag: "Text", text }) as const
const request: EmbeddingRequest = { model: "m", inputs: [text("a"), text("b")], encoding: "float", fallbacks: [] }

describe("OpenAI's embeddings", () => {
  it("understand a text, texts, tokens and lists of tokens", () => {
    const inputs = (input: Json) => heard(openai, { model: "m", input }).inputs
    assert.deepStrictEqual(inputs("a"), [text("a")])
    assert.deepStrictEqual(inputs(["a", "b"]), [text("a"), text("b")])
    assert.deepStrictEqual(inputs([1, 2]), [{ _tag: "Tokens", tokens: [1, 2] }])
    assert.deepStrictEqual(inputs([[1], [2]]), [
      { _tag: "Tokens", tokens: [1] },
      { _tag: "Tokens", tokens: [2] }
    ])
  })
  const wrong: ReadonlyArray<readonly [string, Json, string | undefined]> = [
    ["no input", { model: "m" }, "input"],
    ["no model", { input: "a" }, "model"],
    ["an empty list", { model: "m", input: [] }, "input"],
    ["an object", { model: "m", input: {} }, "input"],
    ["a mixture", { model: "m", input: ["a", [1]] }, "input.1"],
    ["a fraction among tokens", { model: "m", input: [[1.5]] }, "input.0"],
    ["no tokens in a list", { model: "m", input: ["a", []] }, "input.1"],
    ["too many", { model: "m", input: Array.from({ length: 2049 }, () => "a") }, "input"],
    ["a length of 0", { model: "m", input: "a", dimensions: 0 }, "dimensions"],
    ["an unknown encoding", { model: "m", input: "a", encoding_format: "hex" }, "encoding_format"],
    ["a user that is a number", { model: "m", input: "a", user: 1 }, "user"]
  ]
  for (const [what, body, param] of wrong)
    it(`refuse ${what}, and name the field`, () => {
      const decoded = openAiEmbeddingsInbound.decodeRequest(body, {})
      assert.isTrue(Result.isFailure(decoded))
      if (Result.isFailure(decoded)) assert.strictEqual(decoded.failure.param, param)
    })
  it("take null for absent", () => {
    const { dimensions, encoding } = heard(openai, { model: "m", input: "a", dimensions: null, encoding_format: null })
    assert.isUndefined(dimensions)
    assert.strictEqual(encoding, "float")
  })
  it("give the places their vectors, whatever the order they come in", () => {
    const data = [2, 0, 1].map((index) => ({ object: "embedding", index, embedding: [index] }))
    const { vectors } = Result.getOrThrow(openAiEmbeddingsOutbound.decodeResponse({ data, model: "m" }, 3))
    assert.deepStrictEqual(vectors, [[0], [1], [2]])
  })
  const none: ReadonlyArray<readonly [string, Json]> = [
    ["too few", [{ index: 0, embedding: [1] }]],
    [
      "two for one place",
      [
        { index: 0, embedding: [1] },
        { index: 0, embedding: [1] }
      ]
    ],
    [
      "a place that was not asked for",
      [
        { index: 0, embedding: [1] },
        { index: 7, embedding: [1] }
      ]
    ],
    [
      "an empty vector",
      [
        { index: 0, embedding: [1] },
        { index: 1, embedding: [] }
      ]
    ],
    [
      "words",
      [
        { index: 0, embedding: [1] },
        { index: 1, embedding: "!" }
      ]
    ],
    [
      "vectors of different lengths",
      [
        { index: 0, embedding: [1] },
        { index: 1, embedding: [1, 2] }
      ]
    ]
  ]
  for (const [what, data] of none)
    it(`take ${what} for no answer`, () => {
      const decoded = openAiEmbeddingsOutbound.decodeResponse({ data, model: "m" }, 2)
      assert.isTrue(Result.isFailure(decoded) && decoded.failure._tag === "Malformed")
    })
  it("find the error where an answer should be", () => {
    const decoded = openAiEmbeddingsOutbound.decodeResponse({ error: { message: "x" } }, 1)
    assert.isTrue(Result.isFailure(decoded) && decoded.failure._tag === "ErrorInside")
  })
  it("are refused what would change the vectors, and told what would not", () => {
    const fails = (of: EmbeddingRequest, changes: Partial<EmbeddingsQuirks>) =>
      openAiEmbeddingsOutbound.encodeRequest(of, { model: "m", quirks: { ...quirks, ...changes } })
    const cut = fails({ ...request, dimensions: 8 }, { dimensions: undefined })
    assert.isTrue(Result.isFailure(cut) && cut.failure.feature === "dimensions")
    const tokens = fails({ ...request, inputs: [{ _tag: "Tokens", tokens: [1] }] }, { tokens: false })
    assert.isTrue(Result.isFailure(tokens) && tokens.failure.feature === "token arrays")
    const purposeful = sent(openai, { ...request, inputs: [{ ...text("a"), purpose: "CLUSTERING" }] })
    assert.deepStrictEqual(purposeful.dropped, ["taskType"])
  })
})

describe("Gemini's embeddings", () => {
  it("are asked and answered for one text too", () => {
    const one = geminiEmbedContent("m")
    const body = { content: { parts: [{ text: "a" }] }, task_type: "CLUSTERING", output_dimensionality: 2 }
    const decoded = Result.getOrThrow(one.decodeRequest(body, {}))
    assert.strictEqual(decoded.dimensions, 2)
    assert.strictEqual(decoded.inputs[0]._tag === "Text" ? decoded.inputs[0].purpose : undefined, "CLUSTERING")
    assert.deepStrictEqual(sent(gemini, decoded).body, { requests: [{ ...body, model: "models/m" }] })
    assert.deepStrictEqual(
      one.encodeResponse({ model: "", vectors: [[1, 2]], usage: { inputTokens: 3, outputTokens: 0 } }, decoded),
      { embedding: { values: [1, 2] }, usageMetadata: { promptTokenCount: 3, totalTokenCount: 3 } }
    )
  })
  it("keep what only they can embed from everybody else", () => {
    const image = { content: { parts: [{ inlineData: { mimeType: "image/png", data: "AA==" } }] } }
    const decoded = heard(gemini, { requests: [image] })
    assert.deepStrictEqual(sent(gemini, decoded).body, { requests: [{ ...image, model: "models/m" }] })
    const elsewhere = openAiEmbeddingsOutbound.encodeRequest(decoded, { model: "m", quirks })
    assert.isTrue(Result.isFailure(elsewhere))
  })
  const wrong: ReadonlyArray<readonly [string, Json, string]> = [
    ["no requests", {}, "requests"],
    ["no content", { requests: [{}] }, "requests.0.content"],
    ["no parts", { requests: [{ content: { parts: [] } }] }, "requests.0.content.parts"],
    ["another model", { requests: [{ model: "models/x", content: { parts: [{ text: "a" }] } }] }, "requests.0.model"],
    [
      "lengths that differ",
      {
        requests: [
          { content: { parts: [{ text: "a" }] } },
          { content: { parts: [{ text: "a" }] }, outputDimensionality: 1 }
        ]
      },
      "requests.1.outputDimensionality"
    ]
  ]
  for (const [what, body, param] of wrong)
    it(`refuse ${what}, and name the field`, () => {
      const decoded = gemini.inbound.decodeRequest(body, {})
      assert.isTrue(Result.isFailure(decoded))
      if (Result.isFailure(decoded)) assert.strictEqual(decoded.failure.param, param)
    })
  it("tell what of another wire's request they have no word for", () => {
    const decoded = heard(openai, { model: "m", input: "a", user: "u", truncate: true, foo: null })
    assert.deepStrictEqual(sent(gemini, decoded).dropped, ["user", "truncate"])
    const content = { parts: [{ text: "a" }] }
    const one = { content, taskType: "RETRIEVAL_QUERY", output_dimensionality: 3, autoTruncate: true, foo: null }
    const said = { requests: [one, one] }
    assert.deepStrictEqual(sent(openai, heard(gemini, said)).dropped, ["taskType", "autoTruncate"])
    assert.deepStrictEqual(sent(gemini, heard(gemini, said)).dropped, [])
  })
  it("take fewer vectors than were asked for, and empty ones, for no answer", () => {
    for (const embeddings of [[{ values: [1] }], [{ values: [1] }, {}], [{ values: [1] }, { values: [1, 2] }]])
      assert.isTrue(Result.isFailure(geminiEmbeddingsOutbound.decodeResponse({ embeddings }, 2)))
  })
})

const folder = new URL("../../../shared/recordings/", import.meta.url)

interface Recording {
  readonly source: string
  readonly path: string
  readonly body: JsonObject
  readonly status: number
  readonly answer: JsonObject
}

const objectIn = (object: JsonObject, key: string): JsonObject => {
  const value = object[key]
  return isJsonObject(value) ? value : {}
}

const recordings = (file: string, path: RegExp): ReadonlyArray<Recording> =>
  readFileSync(new URL(file, folder), "utf8")
    .split("\n")
    .flatMap((line) => {
      const exchange = line === "" ? undefined : parseJson(line)
      if (!isJsonObject(exchange)) return []
      const { request, response } = { request: objectIn(exchange, "request"), response: objectIn(exchange, "response") }
      const recording = {
        source: String(exchange["source"]),
        path: String(request["path"]),
        body: objectIn(request, "body"),
        status: Number(response["status"]),
        answer: objectIn(response, "body")
      }
      return path.test(recording.path) ? [recording] : []
    })

if (!existsSync(folder)) console.log("skipped: ../shared/recordings is not here")

describe.skipIf(!existsSync(folder))("recorded embeddings", () => {
  it("of OpenAI pass through unchanged, both ways", () => {
    const all = recordings("openai.jsonl", /\/embeddings$/)
    console.log(`recorded embeddings of OpenAI: ${all.length}`)
    assert.strictEqual(all.length, 3)
    for (const { answer, body, source, status } of all) {
      const decoded = heard(openai, body)
      assert.deepStrictEqual(sent(openai, decoded).body, body, source)
      const told = openAiEmbeddingsOutbound.decodeResponse(answer, decoded.inputs.length)
      assert.strictEqual(Result.isSuccess(told), status === 200, source)
      if (Result.isFailure(told)) continue
      assert.deepStrictEqual(openAiEmbeddingsInbound.encodeResponse(told.success, decoded), answer, source)
      const { wire: _, ...rewritten } = told.success
      assert.deepStrictEqual(openAiEmbeddingsInbound.encodeResponse(rewritten, decoded), answer, source)
    }
  })
  it("of Google pass through unchanged, both ways", () => {
    const all = recordings("google.jsonl", /:batchEmbedContents$/)
    console.log(`recorded embeddings of Google: ${all.length}`)
    assert.strictEqual(all.length, 6)
    for (const { answer, body, path, source, status } of all) {
      const model = /models\/([^:]+):/.exec(path)?.[1] ?? ""
      const wire: Wire = { ...gemini, inbound: geminiBatchEmbedContents(model) }
      const decoded = heard(wire, body)
      assert.strictEqual(decoded.model, model)
      assert.deepStrictEqual(sent(wire, decoded).body, body, source)
      const told = geminiEmbeddingsOutbound.decodeResponse(answer, decoded.inputs.length)
      assert.strictEqual(Result.isSuccess(told), status === 200, source)
      if (Result.isFailure(told)) continue
      assert.deepStrictEqual(wire.inbound.encodeResponse(told.success, decoded), answer, source)
    }
  })
})
