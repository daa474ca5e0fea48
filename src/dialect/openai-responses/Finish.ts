/**
 * How an answer ended and what it used, both ways: what whole answers and streams share.
 *
 * @module
 */
import { chargedIn } from "../Charged.ts"
import type { FinishReason } from "../../domain/ChatResponse.ts"
import { isJsonObject, type Json, type JsonObject } from "../../domain/Json.ts"
import type { Part } from "../../domain/Message.ts"
import type { Usage } from "../../domain/Usage.ts"

/** The statuses that end an answer, the wire's and what vendors say in their place: is it complete? */
const endStatuses: { readonly [word: string]: boolean | undefined } = {
  completed: true,
  /** Seen in recorded exchanges. */
  complete: true,
  incomplete: false
}

/** Is an answer of this status complete? `undefined`: it has not ended. */
export const isComplete = (status: Json | undefined): boolean | undefined =>
  typeof status === "string" && Object.hasOwn(endStatuses, status) ? endStatuses[status] : undefined

/** Why an answer is not complete, in the wire's words. */
const incompleteReasons: { readonly [word: string]: FinishReason | undefined } = {
  max_output_tokens: "length",
  content_filter: "content_filter"
}

/** The reason of a body that holds an answer, which is `complete` or was broken off. */
export const finishReasonOf = (body: JsonObject, complete: boolean, calledTools: boolean): FinishReason => {
  const details = body["incomplete_details"]
  if (complete) return calledTools ? "tool_calls" : "stop"
  const word = isJsonObject(details) ? details["reason"] : undefined
  return (
    (typeof word === "string" && Object.hasOwn(incompleteReasons, word) ? incompleteReasons[word] : undefined) ??
    "other"
  )
}

/** Status and details. What this wire cannot say is told as an answer that is not whole, never as a whole one. */
export const statusOf = (reason: FinishReason, refused: boolean): JsonObject => {
  switch (reason) {
    case "stop":
    case "stop_sequence":
    case "tool_calls":
      return { status: "completed", incomplete_details: null }
    case "refusal":
      // a refusal that is said in words is a complete answer
      return refused
        ? { status: "completed", incomplete_details: null }
        : { status: "incomplete", incomplete_details: { reason: "content_filter" } }
    case "content_filter":
      return { status: "incomplete", incomplete_details: { reason: "content_filter" } }
    case "length":
      return { status: "incomplete", incomplete_details: { reason: "max_output_tokens" } }
    case "pause":
    case "other":
      // the wire has no word for it, and no cause is made up
      return { status: "incomplete", incomplete_details: null }
  }
}

export const hasRefusal = (parts: ReadonlyArray<Part>): boolean => parts.some((part) => part._tag === "Refusal")

const count = (value: Json | undefined): number | undefined =>
  typeof value === "number" && Number.isInteger(value) && value >= 0 ? value : undefined

/**
 * Searches of the web that were made for an answer: the items of its output that are one. Opening a page that was found,
 * or looking for something in it, is an item too, and free. `undefined` where there is none.
 */
const webSearchesIn = (output: Json | undefined): number | undefined => {
  if (!Array.isArray(output)) return undefined
  const calls = output.filter((item: Json) => isJsonObject(item) && item["type"] === "web_search_call")
  if (calls.length === 0) return undefined
  return calls.filter((item: Json) => {
    const action = isJsonObject(item) ? item["action"] : undefined
    return !isJsonObject(action) || action["type"] === "search"
  }).length
}

/** The tokens of a `usage` object, and the searches in the `output` beside it; `undefined` where it has no counts. */
export const usageOf = (usage: Json | undefined, output?: Json): Usage | undefined => {
  if (!isJsonObject(usage)) return undefined
  const inputTokens = count(usage["input_tokens"])
  const outputTokens = count(usage["output_tokens"])
  if (inputTokens === undefined && outputTokens === undefined) return undefined
  const input = isJsonObject(usage["input_tokens_details"]) ? usage["input_tokens_details"] : {}
  const written = isJsonObject(usage["output_tokens_details"]) ? usage["output_tokens_details"] : {}
  const cacheReadTokens = count(input["cached_tokens"])
  const cacheWriteTokens = count(input["cache_write_tokens"])
  const reasoningTokens = count(written["reasoning_tokens"])
  const webSearches = webSearchesIn(output)
  return {
    inputTokens: inputTokens ?? 0,
    outputTokens: outputTokens ?? 0,
    ...(cacheReadTokens === undefined ? {} : { cacheReadTokens }),
    ...(cacheWriteTokens === undefined ? {} : { cacheWriteTokens }),
    ...(reasoningTokens === undefined ? {} : { reasoningTokens }),
    ...(webSearches === undefined ? {} : { webSearches }),
    ...chargedIn(usage)
  }
}

/** The details are not optional on this wire: zeros where the vendor told none. */
export const encodeUsage = (usage: Usage | undefined): JsonObject | null =>
  usage === undefined
    ? null
    : {
        input_tokens: usage.inputTokens,
        input_tokens_details: {
          cached_tokens: usage.cacheReadTokens ?? 0,
          cache_write_tokens: usage.cacheWriteTokens ?? 0
        },
        output_tokens: usage.outputTokens,
        output_tokens_details: { reasoning_tokens: usage.reasoningTokens ?? 0 },
        total_tokens: usage.inputTokens + usage.outputTokens
      }
