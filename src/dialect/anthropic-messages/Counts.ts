/**
 * Stop reasons and token counts, both ways: what whole answers and streams share.
 *
 * @module
 */
import type { FinishReason } from "../../domain/ChatResponse.ts"
import { isJsonObject, type Json, type JsonObject } from "../../domain/Json.ts"
import type { Usage } from "../../domain/Usage.ts"
import { isNumber } from "./Wire.ts"

const finishReasons: { readonly [word: string]: FinishReason | undefined } = {
  end_turn: "stop",
  stop_sequence: "stop_sequence",
  max_tokens: "length",
  model_context_window_exceeded: "length",
  tool_use: "tool_calls",
  pause_turn: "pause",
  refusal: "refusal"
}

/** What this wire cannot say is told as an answer that is not whole, never as a whole one. */
const stopReasons: { readonly [R in FinishReason]: string } = {
  stop: "end_turn",
  stop_sequence: "stop_sequence",
  length: "max_tokens",
  tool_calls: "tool_use",
  content_filter: "refusal",
  refusal: "refusal",
  pause: "pause_turn",
  other: "max_tokens"
}

/** `other` for a word this version does not know. */
export const finishReasonOf = (word: string): FinishReason =>
  (Object.hasOwn(finishReasons, word) ? finishReasons[word] : undefined) ?? "other"

/**
 * The wire's word. An answer that calls tools ends with `tool_use` here even where its vendor said it simply stopped
 * (as OpenAI does after a call it was forced to): callers of this wire look at nothing else to know that they are asked.
 */
export const stopReasonOf = (
  reason: FinishReason,
  has: { readonly calls: boolean; readonly refusal: boolean }
): string => {
  if (has.refusal) return stopReasons.refusal
  return stopReasons[reason === "stop" && has.calls ? "tool_calls" : reason]
}

/** The wire's counts, as they are known so far; later ones replace earlier ones. */
export interface Counts {
  readonly input_tokens?: number
  readonly output_tokens?: number
  readonly cache_creation_input_tokens?: number
  readonly cache_read_input_tokens?: number
  readonly thinking_tokens?: number
  readonly web_search_requests?: number
}

export const countsOf = (usage: Json | undefined, before: Counts = {}): Counts => {
  if (!isJsonObject(usage)) return before
  const { input_tokens, output_tokens, cache_creation_input_tokens, cache_read_input_tokens } = usage
  const details = usage["output_tokens_details"]
  const thinking_tokens = isJsonObject(details) ? details["thinking_tokens"] : undefined
  const served = usage["server_tool_use"]
  const web_search_requests = isJsonObject(served) ? served["web_search_requests"] : undefined
  return {
    ...before,
    ...(isNumber(input_tokens) ? { input_tokens } : {}),
    ...(isNumber(output_tokens) ? { output_tokens } : {}),
    ...(isNumber(cache_creation_input_tokens) ? { cache_creation_input_tokens } : {}),
    ...(isNumber(cache_read_input_tokens) ? { cache_read_input_tokens } : {}),
    ...(isNumber(thinking_tokens) ? { thinking_tokens } : {}),
    ...(isNumber(web_search_requests) ? { web_search_requests } : {})
  }
}

/** The wire counts cached tokens beside `input_tokens`, the domain within. `undefined` where nothing was counted. */
export const usageOf = (counts: Counts): Usage | undefined => {
  const { cache_creation_input_tokens: written, cache_read_input_tokens: read, thinking_tokens: thought } = counts
  if (counts.input_tokens === undefined && counts.output_tokens === undefined) return undefined
  return {
    inputTokens: (counts.input_tokens ?? 0) + (written ?? 0) + (read ?? 0),
    outputTokens: counts.output_tokens ?? 0,
    ...(read === undefined ? {} : { cacheReadTokens: read }),
    ...(written === undefined ? {} : { cacheWriteTokens: written }),
    ...(thought === undefined ? {} : { reasoningTokens: thought }),
    ...(counts.web_search_requests === undefined ? {} : { webSearches: counts.web_search_requests })
  }
}

/**
 * `usage` as this wire writes it; zeros where the vendor told none, since the field is not optional here. The three
 * counts of the prompt add up to it, also where a vendor counts tokens both as read and as written.
 */
export const wireUsage = (usage: Usage | undefined): JsonObject => {
  const { cacheReadTokens, cacheWriteTokens, inputTokens = 0, reasoningTokens: thought, webSearches } = usage ?? {}
  const read = cacheReadTokens === undefined ? undefined : Math.min(cacheReadTokens, inputTokens)
  const fresh = inputTokens - (read ?? 0)
  const written = cacheWriteTokens === undefined ? undefined : Math.min(cacheWriteTokens, fresh)
  return {
    input_tokens: fresh - (written ?? 0),
    cache_creation_input_tokens: written ?? null,
    cache_read_input_tokens: read ?? null,
    output_tokens: usage?.outputTokens ?? 0,
    ...(thought === undefined ? {} : { output_tokens_details: { thinking_tokens: thought } }),
    ...(webSearches === undefined
      ? {}
      : { server_tool_use: { web_search_requests: webSearches, web_fetch_requests: 0 } })
  }
}

/** The id of an answer as this wire writes ids: `msg_…`. */
export const messageId = (id: string): string => (id.startsWith("msg_") ? id : `msg_${id}`)
