/**
 * Gemini's embeddings, both directions: `:batchEmbedContents` towards vendors (it embeds a single text too), and both
 * `:embedContent` and `:batchEmbedContents` towards callers.
 *
 * Each text has a request of its own on this wire, with its purpose (`taskType`) and title; what its caller wrote for it
 * goes on to its own vendor as it is. A text in several parts, and anything but text, is only this wire's. The length of
 * vectors is one for a whole batch here, as everywhere else.
 *
 * Google's JSON takes every field in camel case and in snake case; so does this.
 *
 * Source: the types of `@google/genai` (`EmbedContentConfig`), https://ai.google.dev/api/embeddings, and recorded
 * exchanges.
 *
 * @module
 */
import { Result } from "effect"
import {
  type EmbeddingInput,
  type EmbeddingRequest,
  type EmbeddingResponse,
  floatsOf,
  type Vector
} from "../../domain/Embedding.ts"
import { isJsonObject, type Json, type JsonObject, omitKeys } from "../../domain/Json.ts"
import type { DecodeFault, EncodedRequest, EncodeFault, RequestFault } from "../Dialect.ts"
import { errorIn } from "../gemini/Response.ts"
import { numberAt, objectAt, objectsAt, textAt } from "../gemini/Wire.ts"
import { evenly } from "./OpenAi.ts"
import type { EmbeddingsTarget } from "./Wire.ts"

export const dialectId = "gemini-embeddings"

/** The most requests of one batch that are taken from a caller; the vendor itself takes 100. */
const mostRequests = 2048

const snake = (key: string): string => key.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)

/** A field in either spelling; `null` is as good as absent. */
const get = (object: JsonObject, key: string): Json | undefined => object[key] ?? object[snake(key)] ?? undefined

/** The resource name of a model: `models/gemini-embedding-001`. */
const resourceName = (model: string): string => (model.includes("/") ? model : `models/${model}`)

/** The name as callers give it: Google's SDK puts `models/` before whatever it is given. */
const bare = (model: string): string => model.replace(/^models\//, "")

// ---- requests of callers

const fault = (message: string, param: string): Result.Result<never, RequestFault> => Result.fail({ message, param })

interface One {
  readonly input: EmbeddingInput
  readonly dimensions: number | undefined
}

const decodeOne = (body: Json | undefined, model: string, at: string): Result.Result<One, RequestFault> => {
  const path = (key: string): string => (at === "" ? key : `${at}.${key}`)
  if (!isJsonObject(body)) return fault(`Invalid value at '${at}': expected an object`, at)
  const named = get(body, "model")
  if (named !== undefined && (typeof named !== "string" || bare(named) !== bare(model)))
    return fault(`The model of a request must be the one in the path, '${resourceName(model)}'`, path("model"))
  const content = get(body, "content")
  if (!isJsonObject(content)) return fault(`Missing required field: '${path("content")}'`, path("content"))
  const parts = objectsAt(content, "parts")
  if (parts.length === 0) return fault(`'${path("content.parts")}' must hold at least one part`, path("content.parts"))
  const dimensions = get(body, "outputDimensionality")
  if (dimensions !== undefined && (typeof dimensions !== "number" || !Number.isInteger(dimensions) || dimensions < 1))
    return fault("The length of a vector must be a positive integer", path("outputDimensionality"))
  const purpose = get(body, "taskType")
  if (purpose !== undefined && typeof purpose !== "string")
    return fault("A task type must be a string", path("taskType"))
  const title = get(body, "title")
  if (title !== undefined && typeof title !== "string") return fault("A title must be a string", path("title"))
  const wire = { dialect: dialectId, body } as const
  const [part, ...others] = parts
  const text = part === undefined || others.length > 0 ? undefined : textAt(part, "text")
  const input: EmbeddingInput =
    text === undefined
      ? { _tag: "Opaque", wire }
      : {
          _tag: "Text",
          text,
          ...(purpose === undefined ? {} : { purpose }),
          ...(title === undefined ? {} : { title }),
          wire
        }
  return Result.succeed({ input, dimensions })
}

const requestOf = (
  model: string,
  [first, ...rest]: readonly [One, ...ReadonlyArray<One>]
): Result.Result<EmbeddingRequest, RequestFault> => {
  const { dimensions } = first
  const odd = rest.findIndex((one) => one.dimensions !== dimensions)
  if (odd >= 0)
    return fault(
      "All requests of a batch must ask for vectors of one length",
      `requests.${odd + 1}.outputDimensionality`
    )
  return Result.succeed({
    model,
    inputs: [first.input, ...rest.map(({ input }) => input)],
    encoding: "float",
    ...(dimensions === undefined ? {} : { dimensions }),
    fallbacks: []
  })
}

export const decodeBatch =
  (model: string) =>
  (body: Json): Result.Result<EmbeddingRequest, RequestFault> => {
    const requests = isJsonObject(body) ? body["requests"] : undefined
    if (!Array.isArray(requests) || requests.length === 0)
      return fault("'requests' must hold at least one request", "requests")
    if (requests.length > mostRequests)
      return fault(`'requests' must hold at most ${mostRequests} requests`, "requests")
    const all: Array<One> = []
    for (let at = 0; at < requests.length; at++) {
      const one = decodeOne(requests[at], model, `requests.${at}`)
      if (Result.isFailure(one)) return Result.fail(one.failure)
      all.push(one.success)
    }
    const [first, ...rest] = all
    return first === undefined
      ? fault("'requests' must hold at least one request", "requests")
      : requestOf(model, [first, ...rest])
  }

export const decodeSingle =
  (model: string) =>
  (body: Json): Result.Result<EmbeddingRequest, RequestFault> =>
    Result.flatMap(decodeOne(body, model, ""), (one) => requestOf(model, [one]))

// ---- answers to callers

const valuesOf = (vector: Vector): JsonObject => ({
  // the decoder has found it to be one
  values: Result.getOrElse(floatsOf(vector), () => [])
})

const usageMetadata = ({ usage, wire }: EmbeddingResponse): JsonObject => {
  const own = wire?.dialect === dialectId ? objectAt(wire.body, "usageMetadata") : undefined
  if (own !== undefined) return { usageMetadata: own }
  return usage === undefined
    ? {}
    : { usageMetadata: { promptTokenCount: usage.inputTokens, totalTokenCount: usage.inputTokens } }
}

export const encodeBatch = (response: EmbeddingResponse): JsonObject => ({
  embeddings: response.vectors.map(valuesOf),
  ...usageMetadata(response)
})

export const encodeSingle = (response: EmbeddingResponse): JsonObject => ({
  embedding: valuesOf(response.vectors[0]),
  ...usageMetadata(response)
})

// ---- requests to vendors

const cannot = (feature: string, message: string): Result.Result<never, EncodeFault> =>
  Result.fail({ feature, message })

/** One request of a batch. */
const wireRequest = (
  input: EmbeddingInput,
  { dimensions }: EmbeddingRequest,
  model: string
): Result.Result<JsonObject, EncodeFault> => {
  if (input._tag === "Tokens") return cannot("token arrays", "This vendor takes texts, not arrays of tokens")
  if (input.wire?.dialect === dialectId) return Result.succeed({ ...omitKeys(input.wire.body, ["model"]), model })
  if (input._tag === "Opaque") return cannot("content other than text", "This is another wire's content")
  const { purpose, text, title } = input
  return Result.succeed({
    model,
    content: { parts: [{ text }] },
    ...(purpose === undefined ? {} : { taskType: purpose }),
    ...(title === undefined ? {} : { title }),
    ...(dimensions === undefined ? {} : { outputDimensionality: dimensions })
  })
}

/** What of another wire's request has no place here, but for what the gateway sees to itself. */
const carried: ReadonlySet<string> = new Set(["model", "input", "dimensions", "encoding_format"])

export const encodeRequest = (
  request: EmbeddingRequest,
  { model }: EmbeddingsTarget
): Result.Result<EncodedRequest, EncodeFault> => {
  const requests: Array<JsonObject> = []
  for (const input of request.inputs) {
    const one = wireRequest(input, request, resourceName(model))
    if (Result.isFailure(one)) return Result.fail(one.failure)
    requests.push(one.success)
  }
  const foreign = request.wire === undefined ? [] : Object.keys(request.wire.body)
  return Result.succeed({
    body: { requests },
    headers: {},
    dropped: foreign.filter((field) => !carried.has(field) && (request.wire?.body[field] ?? null) !== null)
  })
}

// ---- answers of vendors

const malformed = (message: string): Result.Result<never, DecodeFault> => Result.fail({ _tag: "Malformed", message })

const vectorOf = (embedding: JsonObject): Vector | undefined => {
  const values = embedding["values"]
  return Array.isArray(values) && values.length > 0 && values.every((value) => typeof value === "number")
    ? values
    : undefined
}

/** The answer of either method. It does not name the model. */
export const decodeResponse = (body: Json, wanted: number): Result.Result<EmbeddingResponse, DecodeFault> => {
  const error = errorIn(body)
  if (error !== undefined) return Result.fail({ _tag: "ErrorInside", body: error })
  if (!isJsonObject(body)) return malformed("The answer is not a JSON object")
  const single = objectAt(body, "embedding")
  const embeddings = single === undefined ? objectsAt(body, "embeddings") : [single]
  if (embeddings.length !== wanted) return malformed(`The answer has ${embeddings.length} vectors, not ${wanted}`)
  const vectors = embeddings.map(vectorOf)
  const missing = vectors.indexOf(undefined)
  if (missing >= 0) return malformed(`Vector ${missing} of the answer has no numbers`)
  return Result.map(evenly(vectors), (all) => {
    const inputTokens = numberAt(objectAt(body, "usageMetadata") ?? {}, "promptTokenCount")
    return {
      model: "",
      vectors: all,
      ...(inputTokens === undefined ? {} : { usage: { inputTokens, outputTokens: 0 } }),
      wire: { dialect: dialectId, body }
    }
  })
}
