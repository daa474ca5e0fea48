/**
 * Why an answer ended, and what it used: the words and counts of this wire and of the vendors that vary them.
 *
 * @module
 */
import { chargedIn } from "../Charged.ts"
import type { FinishReason } from "../../domain/ChatResponse.ts"
import { isJsonObject, type Json, type JsonObject } from "../../domain/Json.ts"
import type { Usage } from "../../domain/Usage.ts"

/** The wire's words, and what compatible vendors say in their place. */
const finishWords: Readonly<Record<string, FinishReason>> = {
  stop: "stop",
  length: "length",
  tool_calls: "tool_calls",
  /** For the deprecated functions. */
  function_call: "tool_calls",
  content_filter: "content_filter",
  /** Together. */
  eos: "stop",
  /** Text Generation Inference. */
  eos_token: "stop",
  stop_sequence: "stop_sequence",
  /** Mistral: the model's own limit. */
  model_length: "length"
}

/** Words that say that the vendor failed: what came before is not an answer. */
const failureWords: ReadonlySet<string> = new Set([
  /** Mistral, OpenRouter. */
  "error",
  /** DeepSeek: it ran out of machines while it wrote. */
  "insufficient_system_resource"
])

/** The error a vendor told by a finish reason, or inside a choice (OpenRouter), in the shape of an error body. */
export const failureOf = (choice: JsonObject): JsonObject | undefined => {
  const inside = choice["error"]
  if (isJsonObject(inside)) return { error: inside }
  const word = choice["finish_reason"]
  return typeof word === "string" && failureWords.has(word)
    ? { error: { message: `The vendor ended its answer with the finish reason '${word}'`, code: word } }
    : undefined
}

/**
 * The reason a word stands for, `undefined` where there is none yet. `calledTools`: some vendors say `stop` after tool
 * calls.
 */
export const finishReasonOf = (word: Json | undefined, calledTools: boolean): FinishReason | undefined => {
  if (typeof word !== "string" || word === "") return undefined
  const reason = Object.hasOwn(finishWords, word) ? finishWords[word] : undefined
  return reason === "stop" && calledTools ? "tool_calls" : (reason ?? "other")
}

/** The wire's word. What this wire cannot say is told as an answer that is not whole, never as a whole one. */
export const finishWordOf: { readonly [R in FinishReason]: string } = {
  stop: "stop",
  stop_sequence: "stop",
  length: "length",
  tool_calls: "tool_calls",
  content_filter: "content_filter",
  refusal: "content_filter",
  pause: "length",
  other: "length"
}

const count = (value: Json | undefined): number | undefined =>
  typeof value === "number" && Number.isInteger(value) && value >= 0 ? value : undefined

/**
 * The tokens of a `usage` object; `undefined` where it has no counts.
 *
 * xAI counts reasoning apart from `completion_tokens`: the total gives it away, and it is added.
 */
export const usageOf = (usage: Json | undefined): Usage | undefined => {
  if (!isJsonObject(usage)) return undefined
  const inputTokens = count(usage["prompt_tokens"])
  const completionTokens = count(usage["completion_tokens"])
  if (inputTokens === undefined && completionTokens === undefined) return undefined
  const input = isJsonObject(usage["prompt_tokens_details"]) ? usage["prompt_tokens_details"] : {}
  const output = isJsonObject(usage["completion_tokens_details"]) ? usage["completion_tokens_details"] : {}
  const cacheReadTokens =
    count(input["cached_tokens"]) ??
    // DeepSeek, Moonshot
    count(usage["prompt_cache_hit_tokens"]) ??
    count(usage["cached_tokens"])
  const cacheWriteTokens = count(input["cache_write_tokens"])
  const reasoningTokens = count(output["reasoning_tokens"])
  const inputAudioTokens = count(input["audio_tokens"])
  const outputAudioTokens = count(output["audio_tokens"])
  const apart =
    reasoningTokens !== undefined &&
    reasoningTokens > 0 &&
    count(usage["total_tokens"]) === (inputTokens ?? 0) + (completionTokens ?? 0) + reasoningTokens
  return {
    inputTokens: inputTokens ?? 0,
    outputTokens: (completionTokens ?? 0) + (apart ? reasoningTokens : 0),
    ...(cacheReadTokens === undefined ? {} : { cacheReadTokens }),
    ...(cacheWriteTokens === undefined ? {} : { cacheWriteTokens }),
    ...(reasoningTokens === undefined ? {} : { reasoningTokens }),
    ...(inputAudioTokens === undefined ? {} : { inputAudioTokens }),
    ...(outputAudioTokens === undefined ? {} : { outputAudioTokens }),
    ...chargedIn(usage)
  }
}

export const encodeUsage = (usage: Usage): JsonObject => {
  const input = {
    ...(usage.cacheReadTokens === undefined ? {} : { cached_tokens: usage.cacheReadTokens }),
    ...(usage.cacheWriteTokens === undefined ? {} : { cache_write_tokens: usage.cacheWriteTokens }),
    ...(usage.inputAudioTokens === undefined ? {} : { audio_tokens: usage.inputAudioTokens })
  }
  const output = {
    ...(usage.reasoningTokens === undefined ? {} : { reasoning_tokens: usage.reasoningTokens }),
    ...(usage.outputAudioTokens === undefined ? {} : { audio_tokens: usage.outputAudioTokens })
  }
  return {
    prompt_tokens: usage.inputTokens,
    completion_tokens: usage.outputTokens,
    total_tokens: usage.inputTokens + usage.outputTokens,
    ...(Object.keys(input).length === 0 ? {} : { prompt_tokens_details: input }),
    ...(Object.keys(output).length === 0 ? {} : { completion_tokens_details: output })
  }
}
