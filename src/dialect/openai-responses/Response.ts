/**
 * Whole answers of the Responses wire, both ways.
 *
 * An answer of this wire is one response with a list of items. It repeats much of its request; what is written here
 * repeats what the caller said, and defaults for the rest. Answers other than the first (`n` > 1) and sounds have no
 * place here; an answer that is a sound ends as one that is not whole. A picture is an item as of the vendor's own tool.
 *
 * Only a response that is completed or incomplete is an answer: any other status (queued, in progress, cancelled, one
 * that this version does not know, none at all) says that it has not ended, and a failed one is the vendor's error.
 *
 * @module
 */
import { Result } from "effect"
import type { ChatRequest } from "../../domain/ChatRequest.ts"
import type { ChatResponse } from "../../domain/ChatResponse.ts"
import { type Citation, cited } from "../../domain/Citation.ts"
import { isJsonObject, type Json, type JsonObject } from "../../domain/Json.ts"
import { logprobsIn, logprobsJson } from "../../domain/Logprobs.ts"
import type { Part } from "../../domain/Message.ts"
import { append } from "../append.ts"
import type { DecodeFault } from "../Dialect.ts"
import { withThoughtsOfCalls } from "../Sealed.ts"
import { makeShowing } from "../Showing.ts"
import { citationsIn, withAnnotations } from "./Citations.ts"
import { encodeUsage, finishReasonOf, hasRefusal, isComplete, statusOf, usageOf } from "./Finish.ts"
import { hasPlace, itemsOf, madeId, partsOfItem } from "./Items.ts"
import { dialectId, kept } from "./Wire.ts"

export const malformed = (message: string): Result.Result<never, DecodeFault> =>
  Result.fail({ _tag: "Malformed", message })

export const errorInside = (body: Json): Result.Result<never, DecodeFault> => Result.fail({ _tag: "ErrorInside", body })

/** The error a body holds instead of an answer, in the shape of an error body. */
export const errorOf = (body: JsonObject): JsonObject | undefined => {
  const { error } = body
  if (isJsonObject(error)) return { error }
  if (typeof error === "string" && error !== "") return { error: { message: error } }
  return body["status"] === "failed" ? { error: { message: "The response failed", code: "server_error" } } : undefined
}

export const decodeResponse = (body: Json): Result.Result<ChatResponse, DecodeFault> => {
  if (!isJsonObject(body)) return malformed("The answer is not a JSON object")
  const error = errorOf(body)
  if (error !== undefined) return errorInside(error)
  const { created_at: created, id, model, output, status } = body
  if (!Array.isArray(output)) return malformed("The answer has no output")
  const complete = isComplete(status)
  if (complete === undefined)
    return malformed(
      typeof status === "string"
        ? `The answer is not whole: its status is '${status}'`
        : "The answer has no status: it is not whole"
    )
  const content: Array<Part> = []
  const logprobs: Array<Json> = []
  const citations: Array<Citation> = []
  let length = 0
  for (let i = 0; i < output.length; i++) {
    const item: Json | undefined = output[i]
    if (!isJsonObject(item)) return malformed(`The answer's output.${i} is not an object`)
    const parts = partsOfItem(item)
    append(content, parts)
    append(logprobs, logprobsOf(item))
    for (const part of parts) {
      if (part._tag !== "Text") continue
      append(citations, citationsIn(kept(part)?.["annotations"], part.text, length))
      length += part.text.length
    }
  }
  const usage = usageOf(body["usage"], output)
  return Result.succeed({
    id: textOr(id),
    model: textOr(model),
    ...(typeof created === "number" ? { created: Math.floor(created) } : {}),
    choices: [
      {
        index: 0,
        content,
        finishReason: finishReasonOf(
          body,
          complete,
          content.some((part) => part._tag === "ToolCall")
        ),
        ...(logprobs.length === 0 ? {} : { logprobs: logprobsJson({ content: logprobs, refusal: [] }) }),
        ...cited(citations)
      }
    ],
    ...(usage === undefined ? {} : { usage }),
    wire: { dialect: dialectId, body }
  })
}

const textOr = (value: Json | undefined): string => (typeof value === "string" ? value : "")

/** Those of all texts of a message, in order. */
export const logprobsOf = (item: JsonObject): ReadonlyArray<Json> => {
  const { content } = item
  return item["type"] === "message" && Array.isArray(content)
    ? content.flatMap((block: Json) =>
        isJsonObject(block) && Array.isArray(block["logprobs"]) ? block["logprobs"] : []
      )
    : []
}

/** `resp_…`, as this wire writes ids of answers. */
export const responseId = (id: string): string => (id.startsWith("resp_") ? id : `resp_${id}`)

/** The body a caller of this dialect is answered. An answer of this wire is passed on as it came. */
export const encodeResponse = (response: ChatResponse, request?: ChatRequest): JsonObject => {
  if (response.wire?.dialect === dialectId) return response.wire.body
  const [choice] = response.choices
  const id = responseId(response.id)
  const showing = makeShowing()
  for (const part of choice.content) showing.tell(part._tag, hasPlace(part))
  const status = statusOf(showing.ending(choice.finishReason), hasRefusal(choice.content))
  const written = itemsOf(withThoughtsOfCalls(choice.content), {
    id: (kind, index) => madeId(kind, id, index),
    status: "completed"
  })
  const items = withAnnotations(written, choice.citations)
  return responseBody(
    {
      id,
      created_at: response.created ?? 0,
      ...status,
      model: response.model,
      output: withLogprobs(status["status"] === "incomplete" ? brokenOff(items) : items, choice.logprobs),
      usage: encodeUsage(response.usage)
    },
    request
  )
}

/** The last item of an answer that broke off did so too. */
const brokenOff = (items: ReadonlyArray<JsonObject>): ReadonlyArray<JsonObject> =>
  items.map((item, index) =>
    index === items.length - 1 && item["status"] === "completed" ? { ...item, status: "incomplete" } : item
  )

/** Log probabilities in OpenAI's shape, given to the first text: they are not told apart by text. */
const withLogprobs = (items: ReadonlyArray<JsonObject>, logprobs: Json | undefined): ReadonlyArray<Json> => {
  const told = logprobsIn(logprobs)?.content ?? []
  if (told.length === 0) return items
  const at = items.findIndex((item) => item["type"] === "message")
  return items.map((item, index) => {
    const { content } = item
    if (index !== at || !Array.isArray(content)) return item
    return {
      ...item,
      content: content.map((block: Json, position: number) =>
        position === 0 && isJsonObject(block) && block["type"] === "output_text" ? { ...block, logprobs: told } : block
      )
    }
  })
}

/** The whole object: what is the answer's `own`, and what it repeats of the request. */
export const responseBody = (own: JsonObject, request: ChatRequest | undefined): JsonObject => {
  const said = request?.wire?.dialect === dialectId ? request.wire.body : {}
  return {
    object: "response",
    error: null,
    incomplete_details: null,
    background: false,
    instructions: said["instructions"] ?? null,
    max_output_tokens: said["max_output_tokens"] ?? null,
    metadata: said["metadata"] ?? {},
    parallel_tool_calls: said["parallel_tool_calls"] ?? true,
    previous_response_id: said["previous_response_id"] ?? null,
    reasoning: said["reasoning"] ?? { effort: null, summary: null },
    store: said["store"] ?? true,
    temperature: said["temperature"] ?? null,
    text: said["text"] ?? { format: { type: "text" } },
    tool_choice: said["tool_choice"] ?? "auto",
    tools: said["tools"] ?? [],
    top_p: said["top_p"] ?? null,
    truncation: said["truncation"] ?? "disabled",
    user: said["user"] ?? null,
    ...own
  }
}
