/**
 * Gemini's `:embedContent` and `:batchEmbedContents`: what is wrong with a request, or its vectors.
 *
 * @module
 */
import { isJsonObject, type Json, type JsonObject } from "../domain/Json.ts"
import { invalidArgument, unknownModel } from "./GeminiErrors.ts"
import type { Reply } from "./Script.ts"
import { askForVectors, embeds, tokenCount, vectorOf } from "./Vectors.ts"
import { type Asked, type Incoming, type Plain, type Session } from "./Wire.ts"

export const embeddingVerbs: ReadonlySet<string> = new Set(["embedContent", "batchEmbedContents"])

const mostRequests = 100

interface Text {
  readonly text: string
  readonly dimensions: number | undefined
}

/** One request's text, or what is wrong with it. */
const textOf = (request: Json, model: string): Text | Plain => {
  if (!isJsonObject(request)) return invalidArgument("A request must be an object.", "requests")
  if (request["model"] !== undefined && request["model"] !== `models/${model}`)
    return invalidArgument("The model of a request must be the same as the path's.", "model")
  const content = request["content"]
  const parts = isJsonObject(content) ? content["parts"] : undefined
  if (!Array.isArray(parts) || parts.length === 0)
    return invalidArgument("* EmbedContentRequest.content: contents is not specified\n", "content")
  const dimensions = request["outputDimensionality"]
  if (dimensions !== undefined && (typeof dimensions !== "number" || dimensions < 1 || dimensions > 3072))
    return invalidArgument("* output_dimensionality must be between 1 and 3072\n", "output_dimensionality")
  const text = parts
    .map((part) => (isJsonObject(part) && typeof part["text"] === "string" ? part["text"] : ""))
    .join("")
  return text === ""
    ? invalidArgument("* EmbedContentRequest.content contains an empty Part.\n", "content")
    : { text, dimensions }
}

/** What is heard in a body. */
export const hearEmbeddings = (
  { vendor }: Incoming,
  session: Session,
  body: JsonObject,
  model: string,
  verb: string
): Plain | Asked => {
  if (!embeds(model)) return unknownModel(model, "embedContent")
  const requests = verb === "embedContent" ? [body] : body["requests"]
  if (!Array.isArray(requests) || requests.length === 0)
    return invalidArgument("* BatchEmbedContentsRequest.requests: at least one request is needed\n", "requests")
  if (requests.length > mostRequests)
    return invalidArgument(
      `* BatchEmbedContentsRequest.requests: at most ${mostRequests} requests can be in one batch\n`,
      "requests"
    )
  const texts: Array<Text> = []
  for (const request of requests) {
    const text = textOf(request, model)
    if ("_tag" in text) return text
    texts.push(text)
  }
  return {
    _tag: "Asked",
    ask: askForVectors(vendor, model, session, body),
    streaming: false,
    reply: (ask) => replyOf(verb, ask.model, texts),
    errorBody: (error) => JSON.stringify(error.body, null, 2),
    errorChunk: (error) => JSON.stringify(error.body, null, 2)
  }
}

const replyOf = (verb: string, model: string, texts: ReadonlyArray<Text>): Reply => {
  const tokens = texts.reduce((sum, { text }) => sum + tokenCount(text), 0)
  const embeddings = texts.map(({ dimensions, text }) => ({ values: vectorOf(model, text, dimensions) }))
  const usageMetadata = { promptTokenCount: tokens, promptTokenDetails: [{ modality: "TEXT", tokenCount: tokens }] }
  const answer = (embeddings: ReadonlyArray<JsonObject>): string =>
    JSON.stringify(
      verb === "embedContent"
        ? { ...(embeddings[0] === undefined ? {} : { embedding: embeddings[0] }), usageMetadata }
        : { embeddings, usageMetadata },
      null,
      2
    )
  return {
    status: 200,
    headers: { "content-type": "application/json; charset=UTF-8" },
    chunks: undefined,
    body: answer(embeddings),
    // all but the last vector
    endless: answer(embeddings.slice(0, -1)),
    tokens
  }
}
