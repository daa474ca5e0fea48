/**
 * OpenAI's embeddings, both directions: the wire of OpenAI, Azure OpenAI, and every compatible vendor and server.
 *
 * A request that came in on this wire is sent as its caller wrote it, but for the model, for what the vendor's quirks
 * demand, and for its inputs where a batch is split. Vectors are understood as numbers and as base64, whichever was
 * asked for, in any order.
 *
 * @module
 */
import { Result, Schema } from "effect"
import {
  base64Of,
  type EmbeddingInput,
  type EmbeddingRequest,
  type EmbeddingResponse,
  floatsOf,
  lengthOf,
  type Vector
} from "../../domain/Embedding.ts"
import { isJsonObject, type Json, type JsonObject, omitKeys } from "../../domain/Json.ts"
import type { Usage } from "../../domain/Usage.ts"
import type { DecodeFault, EncodedRequest, EncodeFault, HeaderMap, RequestFault } from "../Dialect.ts"
import { AnyJson, bodyDecoder, tooManyFallbacks, typeName } from "../Issues.ts"
import { isErrorBody } from "../openai-chat/Response.ts"
import { type EmbeddingsTarget, mostInputs, OpenAiEmbeddingsRequest } from "./Wire.ts"

export const dialectId = "openai-embeddings"

/** Header names that go on to this wire's own vendor. */
const vendorHeaders = ["openai-beta"]
const ownFields = ["fallbacks", "models"]

// ---- requests of callers

/** The inputs are looked through by hand: a Schema's walk through a hundred thousand tokens costs more than the rest. */
const decodeFields = bodyDecoder(Schema.Struct({ ...OpenAiEmbeddingsRequest.fields, input: AnyJson }))

type Inputs = Result.Result<EmbeddingRequest["inputs"], RequestFault>

const fault = (message: string, param: string): Result.Result<never, RequestFault> => Result.fail({ message, param })

/** Narrows where `Array.isArray` does not: a readonly array is no `any[]`. */
const isList = (value: Json): value is ReadonlyArray<Json> => Array.isArray(value)

const isTokens = (value: Json | undefined): value is ReadonlyArray<number> =>
  Array.isArray(value) &&
  value.length > 0 &&
  value.every((token) => typeof token === "number" && Number.isInteger(token) && token >= 0)

const inputOf = (value: Json | undefined, at: string): Result.Result<EmbeddingInput, RequestFault> => {
  if (typeof value === "string") return Result.succeed({ _tag: "Text", text: value })
  if (isTokens(value)) return Result.succeed({ _tag: "Tokens", tokens: value })
  return fault(
    `Invalid type for '${at}': expected a string or an array of integers, but got ${typeName(value ?? null)}`,
    at
  )
}

const inputsOf = (input: Json): Inputs => {
  const listed: ReadonlyArray<Json> | undefined = isList(input) && !isTokens(input) ? input : undefined
  if (listed === undefined) return Result.map(inputOf(input, "input"), (one) => [one] as const)
  if (listed.length > mostInputs)
    return fault(
      `Invalid value for 'input': expected at most ${mostInputs} inputs, but got ${listed.length} items`,
      "input"
    )
  const inputs: Array<EmbeddingInput> = []
  for (let at = 0; at < listed.length; at++) {
    const one = inputOf(listed[at], `input.${at}`)
    if (Result.isFailure(one)) return Result.fail(one.failure)
    inputs.push(one.success)
  }
  const [first, ...rest] = inputs
  if (first === undefined) return fault("Invalid value for 'input': expected at least one input", "input")
  const odd = rest.findIndex(({ _tag }) => _tag !== first._tag)
  return odd < 0
    ? Result.succeed([first, ...rest])
    : fault(`Invalid value for 'input.${odd + 1}': expected texts alone, or arrays of tokens alone`, `input.${odd + 1}`)
}

export const decodeRequest = (body: Json, headers: HeaderMap): Result.Result<EmbeddingRequest, RequestFault> =>
  Result.flatMap(decodeFields(body), (fields) =>
    Result.flatMap(inputsOf(fields.input), (inputs) => {
      const fallbacks = [...(fields.fallbacks ?? []), ...(fields.models ?? [])]
      const tooMany = tooManyFallbacks(fallbacks)
      if (tooMany !== undefined) return Result.fail(tooMany)
      const passed = vendorHeaders.flatMap((name) => {
        const value = headers[name]
        return value === undefined ? [] : [[name, value] as const]
      })
      return Result.succeed({
        model: fields.model,
        inputs,
        encoding: fields.encoding_format ?? "float",
        ...(typeof fields.dimensions === "number" ? { dimensions: fields.dimensions } : {}),
        ...(typeof fields.user === "string" ? { user: fields.user } : {}),
        fallbacks,
        wire: {
          dialect: dialectId,
          // what the fields were decoded from is an object
          body: omitKeys(isJsonObject(body) ? body : {}, ownFields),
          headers: Object.fromEntries(passed)
        }
      })
    })
  )

// ---- answers to callers

const written = (vector: Vector, encoding: EmbeddingRequest["encoding"]): Vector =>
  // the decoder has found it to be one
  encoding === "base64" ? base64Of(vector) : Result.getOrElse(floatsOf(vector), () => [])

/** Is every vector written as the caller wants it? Then the vendor's own words will do. */
const isWanted = (response: EmbeddingResponse, encoding: EmbeddingRequest["encoding"]): boolean =>
  response.vectors.every((vector) => (typeof vector === "string") === (encoding === "base64"))

export const encodeResponse = (
  response: EmbeddingResponse,
  { encoding, model }: Pick<EmbeddingRequest, "encoding" | "model">
): JsonObject => {
  if (response.wire?.dialect === dialectId && isWanted(response, encoding)) return response.wire.body
  // OpenAI's clients read the counts unasked; a vendor that tells none is told of as none
  const tokens = response.usage?.inputTokens ?? 0
  return {
    object: "list",
    data: response.vectors.map((vector, index) => ({
      object: "embedding",
      index,
      embedding: written(vector, encoding)
    })),
    model: response.model === "" ? model : response.model,
    usage: { prompt_tokens: tokens, total_tokens: tokens + (response.usage?.outputTokens ?? 0) }
  }
}

// ---- requests to vendors

const cannot = (feature: string, message: string): Result.Result<never, EncodeFault> =>
  Result.fail({ feature, message })

/** The inputs as this wire has them; a single one stands alone where the caller wrote it so. */
const wireInput = (request: EmbeddingRequest, { quirks }: EmbeddingsTarget): Result.Result<Json, EncodeFault> => {
  const inputs: Array<Json> = []
  for (const input of request.inputs) {
    if (input._tag === "Opaque") return cannot("content other than text", "This wire embeds nothing but texts")
    if (input._tag === "Tokens" && !quirks.tokens)
      return cannot("token arrays", "This vendor takes texts, not arrays of tokens")
    inputs.push(input._tag === "Text" ? input.text : input.tokens)
  }
  const own = request.wire?.dialect === dialectId ? request.wire.body["input"] : undefined
  const [first] = inputs
  return Result.succeed(
    inputs.length === 1 && first !== undefined && (typeof own === "string" || isTokens(own)) ? first : inputs
  )
}

export const encodeRequest = (
  request: EmbeddingRequest,
  target: EmbeddingsTarget
): Result.Result<EncodedRequest, EncodeFault> =>
  Result.flatMap(wireInput(request, target), (input) => {
    const { quirks } = target
    const { dimensions, user, wire } = request
    if (dimensions !== undefined && quirks.dimensions === undefined)
      return cannot("dimensions", "This vendor's vectors have one length")
    const own = wire?.dialect === dialectId ? wire : undefined
    const dropped = new Set<string>()
    let body: JsonObject
    if (own !== undefined) {
      const renamed = quirks.dimensions !== "dimensions" || own.body["dimensions"] === null
      // what is asked for in base64 is written so here, where the vendor knows only numbers
      body = omitKeys(own.body, [...(renamed ? ["dimensions"] : []), ...(quirks.base64 ? [] : ["encoding_format"])])
    } else {
      body = {
        ...(request.encoding === "base64" && quirks.base64 ? { encoding_format: "base64" } : {}),
        ...(user === undefined ? {} : { user })
      }
      if (request.inputs.some((one) => one._tag === "Text" && one.purpose !== undefined)) dropped.add("taskType")
      if (request.inputs.some((one) => one._tag === "Text" && one.title !== undefined)) dropped.add("title")
    }
    for (const one of request.inputs)
      if (one._tag === "Text" && one.wire !== undefined)
        for (const [field, value] of Object.entries(one.wire.body))
          if (value !== null && !modelled.has(field)) dropped.add(field)
    const refused = quirks.refuses.filter((field) => field in body)
    return Result.succeed({
      body: {
        ...omitKeys(body, refused),
        model: target.model,
        input,
        ...(dimensions === undefined || quirks.dimensions === undefined ? {} : { [quirks.dimensions]: dimensions })
      },
      headers: own?.headers ?? {},
      dropped: [...dropped, ...refused]
    })
  })

/** What Gemini's wire says of one text that this wire says too, or that is told above; in both of its spellings. */
const modelled: ReadonlySet<string> = new Set([
  "model",
  "content",
  "outputDimensionality",
  "output_dimensionality",
  "taskType",
  "task_type",
  "title"
])

// ---- answers of vendors

const malformed = (message: string): Result.Result<never, DecodeFault> => Result.fail({ _tag: "Malformed", message })

const isNumbers = (value: Json | undefined): value is ReadonlyArray<number> =>
  Array.isArray(value) && value.length > 0 && value.every((one) => typeof one === "number")

const vectorOf = (value: Json | undefined): Vector | undefined => {
  if (isNumbers(value)) return value
  return typeof value === "string" && Result.isSuccess(floatsOf(value)) ? value : undefined
}

const count = (value: Json | undefined): number | undefined =>
  typeof value === "number" && Number.isInteger(value) && value >= 0 ? value : undefined

const usageOf = (usage: Json | undefined): Usage | undefined => {
  if (!isJsonObject(usage)) return undefined
  const inputTokens = count(usage["prompt_tokens"]) ?? count(usage["total_tokens"])
  return inputTokens === undefined
    ? undefined
    : { inputTokens, outputTokens: Math.max(0, (count(usage["total_tokens"]) ?? inputTokens) - inputTokens) }
}

export const decodeResponse = (body: Json, wanted: number): Result.Result<EmbeddingResponse, DecodeFault> => {
  if (!isJsonObject(body)) return malformed("The answer is not a JSON object")
  const data = body["data"]
  if (!Array.isArray(data))
    return isErrorBody(body) ? Result.fail({ _tag: "ErrorInside", body }) : malformed("The answer has no vectors")
  if (data.length !== wanted) return malformed(`The answer has ${data.length} vectors, not ${wanted}`)
  const vectors: Array<Vector | undefined> = Array.from({ length: wanted }, () => undefined)
  let inOrder = true
  for (let at = 0; at < data.length; at++) {
    const one: Json | undefined = data[at]
    const vector = isJsonObject(one) ? vectorOf(one["embedding"]) : undefined
    if (vector === undefined) return malformed(`Vector ${at} of the answer is neither numbers nor base64`)
    const index = (isJsonObject(one) ? count(one["index"]) : undefined) ?? at
    if (index >= wanted || vectors[index] !== undefined) return malformed(`Vector ${at} of the answer has no place`)
    vectors[index] = vector
    inOrder &&= index === at
  }
  return Result.flatMap(evenly(vectors), (all) => {
    const usage = usageOf(body["usage"])
    return Result.succeed({
      model: typeof body["model"] === "string" ? body["model"] : "",
      vectors: all,
      ...(usage === undefined ? {} : { usage }),
      ...(inOrder ? { wire: { dialect: dialectId, body } } : {})
    })
  })
}

/** All the vectors, of one length. */
export const evenly = (
  vectors: ReadonlyArray<Vector | undefined>
): Result.Result<EmbeddingResponse["vectors"], DecodeFault> => {
  const [first, ...rest] = vectors.filter((vector) => vector !== undefined)
  if (first === undefined) return malformed("The answer has no vectors")
  const length = lengthOf(first)
  return rest.every((vector) => lengthOf(vector) === length)
    ? Result.succeed([first, ...rest])
    : malformed("The vectors of the answer have different lengths")
}
