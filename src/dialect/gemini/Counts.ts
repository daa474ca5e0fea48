/**
 * Finish reasons, usage and log probabilities of the generateContent wire, in the domain's words and back.
 *
 * @module
 */
import type { FinishReason } from "../../domain/ChatResponse.ts"
import { isJsonObject, type Json, type JsonObject } from "../../domain/Json.ts"
import { type Logprobs, logprobsIn } from "../../domain/Logprobs.ts"
import type { Usage } from "../../domain/Usage.ts"
import { numberAt, objectsAt, textAt } from "./Wire.ts"

/** What an answer that ended for this reason is: without a function call in it, and with one. */
interface Ending {
  readonly plain: FinishReason | "malformed"
  readonly called: FinishReason | "malformed"
}

const always = (reason: FinishReason | "malformed"): Ending => ({ plain: reason, called: reason })

/**
 * Every reason of `@google/genai`'s `FinishReason`. A call or an answer that the vendor itself could not read
 * (`MALFORMED_…`) is no answer; a call of a function that was not declared is one, and the caller's to refuse.
 */
export const endings: Readonly<Record<string, Ending>> = {
  STOP: { plain: "stop", called: "tool_calls" },
  MAX_TOKENS: always("length"),
  SAFETY: always("content_filter"),
  RECITATION: always("content_filter"),
  BLOCKLIST: always("content_filter"),
  PROHIBITED_CONTENT: always("content_filter"),
  SPII: always("content_filter"),
  IMAGE_SAFETY: always("content_filter"),
  IMAGE_PROHIBITED_CONTENT: always("content_filter"),
  IMAGE_RECITATION: always("content_filter"),
  MALFORMED_FUNCTION_CALL: always("malformed"),
  MALFORMED_RESPONSE: always("malformed"),
  UNEXPECTED_TOOL_CALL: { plain: "malformed", called: "tool_calls" },
  CONTINUATION: always("pause"),
  FINISH_REASON_UNSPECIFIED: always("other"),
  LANGUAGE: always("other"),
  OTHER: always("other"),
  TOO_MANY_TOOL_CALLS: always("other"),
  NO_IMAGE: always("other"),
  IMAGE_OTHER: always("other")
}

export const finishReasonOf = (reason: string, hasCalls: boolean): FinishReason | "malformed" => {
  const ending = Object.hasOwn(endings, reason) ? endings[reason] : undefined
  return ending === undefined ? "other" : hasCalls ? ending.called : ending.plain
}

/**
 * `usageMetadata`: the prompt and what tools added to it are input, the answer and its thoughts are output. `undefined`
 * where it counts nothing (a blocked prompt on Vertex). Searches are told by the candidates, not here.
 */
export const usageOf = (counts: JsonObject, webSearches?: number): Usage | undefined => {
  const prompt = numberAt(counts, "promptTokenCount")
  const tools = numberAt(counts, "toolUsePromptTokenCount")
  const answer = numberAt(counts, "candidatesTokenCount")
  const thoughts = numberAt(counts, "thoughtsTokenCount")
  if (prompt === undefined && tools === undefined && answer === undefined && thoughts === undefined) return undefined
  const cached = numberAt(counts, "cachedContentTokenCount")
  const audioIn = audioTokens(counts, "promptTokensDetails")
  const audioOut = audioTokens(counts, "candidatesTokensDetails")
  return {
    inputTokens: (prompt ?? 0) + (tools ?? 0),
    outputTokens: (answer ?? 0) + (thoughts ?? 0),
    ...(cached === undefined ? {} : { cacheReadTokens: cached }),
    ...(thoughts === undefined ? {} : { reasoningTokens: thoughts }),
    ...(audioIn === undefined ? {} : { inputAudioTokens: audioIn }),
    ...(audioOut === undefined ? {} : { outputAudioTokens: audioOut }),
    ...(webSearches === undefined ? {} : { webSearches })
  }
}

/** Searches of the web that a candidate is grounded in, as its `groundingMetadata` names them. */
export const webSearchesIn = (candidate: JsonObject): number | undefined => {
  const grounding = candidate["groundingMetadata"]
  const queries = isJsonObject(grounding) ? grounding["webSearchQueries"] : undefined
  return Array.isArray(queries) ? queries.length : undefined
}

/** The sum of what some candidates tell. */
export const webSearchesOf = (candidates: Iterable<number | undefined>): number | undefined => {
  let sum: number | undefined
  for (const searches of candidates) if (searches !== undefined) sum = (sum ?? 0) + searches
  return sum
}

const audioTokens = (counts: JsonObject, key: string): number | undefined => {
  for (const detail of objectsAt(counts, key))
    if (detail["modality"] === "AUDIO") return numberAt(detail, "tokenCount") ?? 0
  return undefined
}

/** `logprobsResult` in the shape of OpenAI's `logprobs`; bytes are not told by this wire. */
export const logprobsOf = (result: JsonObject): Logprobs => {
  const steps = objectsAt(result, "topCandidates")
  return {
    content: objectsAt(result, "chosenCandidates").map((chosen, index) => ({
      ...logprobOf(chosen),
      top_logprobs: objectsAt(steps[index] ?? {}, "candidates").map(logprobOf)
    })),
    refusal: []
  }
}

const logprobOf = (candidate: JsonObject) => ({
  token: textAt(candidate, "token") ?? "",
  // protobuf leaves out zeros: the token was certain
  logprob: numberAt(candidate, "logProbability") ?? 0,
  bytes: null
})

// ---- to callers

/** The domain's finish reasons in the wire's words. A call has no word of its own: the answer holds it. */
export const finishWords: { readonly [R in FinishReason]: string } = {
  stop: "STOP",
  stop_sequence: "STOP",
  tool_calls: "STOP",
  length: "MAX_TOKENS",
  content_filter: "SAFETY",
  refusal: "SAFETY",
  pause: "CONTINUATION",
  other: "OTHER"
}

/** `usageMetadata`: thoughts are counted apart from the answer; what was written to a cache has no place. */
export const usageMetadata = (usage: Usage): JsonObject => {
  const { cacheReadTokens, inputAudioTokens, inputTokens, outputAudioTokens, outputTokens, reasoningTokens } = usage
  const answerTokens = Math.max(0, outputTokens - (reasoningTokens ?? 0))
  return {
    promptTokenCount: inputTokens,
    candidatesTokenCount: answerTokens,
    totalTokenCount: inputTokens + outputTokens,
    ...(cacheReadTokens === undefined ? {} : { cachedContentTokenCount: cacheReadTokens }),
    ...(reasoningTokens === undefined ? {} : { thoughtsTokenCount: reasoningTokens }),
    ...(inputAudioTokens === undefined ? {} : { promptTokensDetails: details(inputTokens, inputAudioTokens) }),
    ...(outputAudioTokens === undefined ? {} : { candidatesTokensDetails: details(answerTokens, outputAudioTokens) })
  }
}

const details = (all: number, audio: number): Json => [
  { modality: "TEXT", tokenCount: Math.max(0, all - audio) },
  { modality: "AUDIO", tokenCount: audio }
]

/** OpenAI's `logprobs` as `logprobsResult`, those of a refusal too, which is text here; `undefined` where there are none. */
export const logprobsResult = (logprobs: Json): JsonObject | undefined => {
  const told = logprobsIn(logprobs)
  if (told === undefined) return undefined
  const steps = [...told.content, ...told.refusal].filter(isJsonObject)
  return {
    chosenCandidates: steps.map(candidateOf),
    topCandidates: steps.map((step) => ({ candidates: objectsAt(step, "top_logprobs").map(candidateOf) }))
  }
}

const candidateOf = (logprob: JsonObject): JsonObject => ({
  token: textAt(logprob, "token") ?? "",
  logProbability: numberAt(logprob, "logprob") ?? 0
})
