/**
 * OpenAI's `/embeddings`: what is wrong with a request, or its vectors, as numbers or in base64.
 *
 * @module
 */
import type { Json, JsonObject } from "../domain/Json.ts"
import { badRequest, openAiError } from "./OpenAiErrors.ts"
import type { Reply } from "./Script.ts"
import { askForVectors, type Embeddable, embeds, tokenCount, vectorOf } from "./Vectors.ts"
import { type Asked, type Incoming, type Plain, type Session } from "./Wire.ts"

/** Vendors that answer 4xx to a field they do not know. */
const strictVendors: ReadonlySet<string> = new Set(["openai", "azure-openai", "mistral"])
const knownFields: ReadonlySet<string> = new Set(["input", "model", "dimensions", "encoding_format", "user"])
const mistralFields: ReadonlySet<string> = new Set([
  "input",
  "model",
  "encoding_format",
  "metadata",
  "output_dimension",
  "output_dtype"
])

/** The most inputs a call may have, where a vendor takes fewer than OpenAI. */
const mostOf: Readonly<Record<string, number>> = { mistral: 256 }
const usualMost = 2048

/** Narrows where `Array.isArray` does not: a readonly array is no `any[]`. */
const isList = (value: Json): value is ReadonlyArray<Json> => Array.isArray(value)
const isTokens = (value: Json): value is ReadonlyArray<number> =>
  Array.isArray(value) && value.length > 0 && value.every((token) => typeof token === "number")

const textsOf = (input: Json | undefined): ReadonlyArray<Embeddable> | undefined => {
  if (typeof input === "string") return [input]
  if (input === undefined || !isList(input)) return undefined
  if (isTokens(input)) return [input]
  const texts: Array<Embeddable> = []
  const listed: ReadonlyArray<Json> = input
  for (const one of listed) {
    if (typeof one !== "string" && !isTokens(one)) return undefined
    texts.push(one)
  }
  return texts
}

/** What a chat is answered with by a model that does not chat; `undefined` where it does. */
export const notForChat = (vendor: string, model: string): Plain | undefined =>
  strictVendors.has(vendor) && embeds(model) && !model.startsWith("fault-")
    ? openAiError(404, {
        message: "This is not a chat model and thus not supported in the v1/chat/completions endpoint.",
        type: "invalid_request_error",
        param: "model"
      })
    : undefined

const problem = (vendor: string, body: JsonObject, model: string): Plain | undefined => {
  if (strictVendors.has(vendor)) {
    const known = vendor === "mistral" ? mistralFields : knownFields
    const unknown = Object.keys(body).find((key) => !known.has(key))
    if (unknown !== undefined) return badRequest(`Unknown parameter: '${unknown}'.`, unknown, "unknown_parameter")
    if (!embeds(model))
      return openAiError(403, {
        message: "You are not allowed to generate embeddings from this model",
        type: "invalid_request_error"
      })
  }
  const texts = textsOf(body["input"])
  if (texts === undefined) return badRequest("'$.input' is invalid. Please check the API reference.", null, null)
  const most = mostOf[vendor] ?? usualMost
  if (texts.length === 0 || texts.length > most || texts.includes(""))
    return badRequest(`'$.input' is invalid: from 1 to ${most} inputs that are not empty.`, null, null)
  const { dimensions, encoding_format: format } = body
  if (dimensions !== undefined && (typeof dimensions !== "number" || dimensions < 1 || dimensions > 3072))
    return badRequest("Invalid value for 'dimensions'.", "dimensions", "invalid_value")
  if (dimensions !== undefined && model.startsWith("text-embedding-ada"))
    return badRequest("This model does not support specifying dimensions.", null, null)
  return format === undefined || format === "float" || format === "base64"
    ? undefined
    : badRequest("Invalid value for 'encoding_format'.", "encoding_format", "invalid_value")
}

/** What is heard in a body whose model is known. */
export const hearEmbeddings = (
  { vendor }: Incoming,
  session: Session,
  body: JsonObject,
  model: string
): Plain | Asked => {
  const wrong = problem(vendor, body, model)
  if (wrong !== undefined) return wrong
  const texts = textsOf(body["input"]) ?? []
  return {
    _tag: "Asked",
    ask: askForVectors(vendor, model, session, body),
    streaming: false,
    reply: (ask) => replyOf(body, session, ask.model, texts),
    errorBody: (error) => JSON.stringify(error.body),
    errorChunk: (error) => JSON.stringify(error.body)
  }
}

const replyOf = (body: JsonObject, session: Session, model: string, texts: ReadonlyArray<Embeddable>): Reply => {
  const wanted = body["dimensions"] ?? body["output_dimension"]
  const dimensions = typeof wanted === "number" ? wanted : undefined
  const data = texts.map((text, index) => {
    const vector = vectorOf(model, text, dimensions)
    return {
      object: "embedding",
      index,
      embedding:
        body["encoding_format"] === "base64" ? Buffer.from(new Float32Array(vector).buffer).toString("base64") : vector
    }
  })
  const tokens = texts.reduce((sum, text) => sum + tokenCount(text), 0)
  const list = (data: Json): string =>
    JSON.stringify({ object: "list", data, model, usage: { prompt_tokens: tokens, total_tokens: tokens } })
  return {
    status: 200,
    headers: { "content-type": "application/json", "x-request-id": `req_${session.id}` },
    chunks: undefined,
    body: list(data),
    // all but the last vector
    endless: list(data.slice(0, -1)),
    tokens
  }
}
