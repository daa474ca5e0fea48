/**
 * Whole answers ⇄ `ChatResponse`.
 *
 * - A prompt that was blocked is an answer without content whose reason is `content_filter`.
 * - A call without an id gets one made of the answer's own id.
 * - A candidate without a finish reason is no answer: by the vendor's documentation the model has not stopped.
 * - Towards callers, a call whose arguments are no JSON object cannot be written: the candidate ends as the vendor's own
 *   do in that case, unless it was cut off by its length.
 * - Grounding and citations are the choice's citations; they also stand, as they came, among what the domain has no
 *   word for, and go back so.
 * - What the domain has no word for (safety ratings …) is in the extensions, by candidate.
 *
 * @module
 */
import { Result } from "effect"
import type { ChatResponse, Choice, FinishReason } from "../../domain/ChatResponse.ts"
import { type Citation, cited } from "../../domain/Citation.ts"
import { isJsonObject, type Json, type JsonObject, omitKeys } from "../../domain/Json.ts"
import { logprobsJson } from "../../domain/Logprobs.ts"
import type { Part } from "../../domain/Message.ts"
import { madeCallId } from "../CallIds.ts"
import type { DecodeFault } from "../Dialect.ts"
import { answerParts, unwritableCall } from "./AnswerParts.ts"
import { citationsIn, groundingFor, textsOf } from "./Citations.ts"
import {
  finishReasonOf,
  finishWords,
  logprobsOf,
  logprobsResult,
  usageMetadata,
  usageOf,
  webSearchesIn,
  webSearchesOf
} from "./Counts.ts"
import { partOf } from "./Parts.ts"
import { dialectId, keeping, malformed, numberAt, objectAt, objectsAt, ownFields, textAt } from "./Wire.ts"

export const decodeResponse = (body: Json): Result.Result<ChatResponse, DecodeFault> => {
  const error = errorIn(body)
  if (error !== undefined) return Result.fail({ _tag: "ErrorInside", body: error })
  if (!isJsonObject(body)) return malformed("The answer is not a JSON object")
  const { id, model, created } = headOf(body)
  const candidates = objectsAt(body, "candidates")
  const choices: Array<Choice> = []
  for (let i = 0; i < candidates.length; i++) {
    const candidate = candidates[i]
    if (candidate === undefined) continue
    const choice = choiceOf(candidate, indexOf(candidate, i), id)
    if (Result.isFailure(choice)) return Result.fail(choice.failure)
    choices.push(choice.success)
  }
  if (choices.length === 0) {
    if (!isBlocked(body)) return malformed("The answer has neither candidates nor a reason why")
    choices.push({ index: 0, content: [], finishReason: "content_filter" })
  }
  const [first, ...others] = choices
  if (first === undefined) return malformed("The answer has no candidates")
  const usage = usageOf(objectAt(body, "usageMetadata") ?? {}, webSearchesOf(candidates.map(webSearchesIn)))
  return Result.succeed({
    id,
    model,
    ...(created === undefined ? {} : { created }),
    choices: [first, ...others],
    ...(usage === undefined ? {} : { usage }),
    wire: { dialect: dialectId, body },
    ...keeping(unmodelled(body, candidates))
  })
}

/** What every chunk and every whole answer says of itself. */
export const headOf = (
  body: JsonObject
): { readonly id: string; readonly model: string; readonly created: number | undefined } => {
  const time = textAt(body, "createTime")
  const created = time === undefined ? Number.NaN : Math.floor(Date.parse(time) / 1000)
  return {
    id: textAt(body, "responseId") ?? "",
    model: textAt(body, "modelVersion") ?? "",
    created: Number.isNaN(created) ? undefined : created
  }
}

/**
 * The vendor's error where an answer should be, with its envelope. A stream that was not asked for as server-sent events
 * wraps it in an array.
 */
export const errorIn = (body: Json): Json | undefined => {
  const at: Json | undefined = Array.isArray(body) ? body[0] : body
  if (!isJsonObject(at)) return undefined
  return isJsonObject(at["error"]) || typeof at["error"] === "string" ? at : undefined
}

/** Was the prompt itself refused? (Then there are no candidates.) */
export const isBlocked = (body: JsonObject): boolean =>
  textAt(objectAt(body, "promptFeedback") ?? {}, "blockReason") !== undefined

/** Protobuf leaves out the index 0. */
export const indexOf = (candidate: JsonObject, position: number): number => numberAt(candidate, "index") ?? position

const choiceOf = (candidate: JsonObject, index: number, answerId: string): Result.Result<Choice, DecodeFault> => {
  const reason = textAt(candidate, "finishReason")
  const content = objectAt(candidate, "content")
  if (reason === undefined || reason === "")
    return malformed(`Candidate ${index} has no finish reason: the answer is not whole`)
  const parts: Array<Part> = []
  let calls = 0
  for (const part of objectsAt(content ?? {}, "parts")) {
    const decoded = partOf(part, () => madeCallId(answerId, index, calls++))
    if (decoded !== undefined) add(parts, decoded)
  }
  const finishReason = finishReasonOf(reason, parts.some(isCall))
  if (finishReason === "malformed") return malformed(unreadable(index, reason))
  const logprobs = objectAt(candidate, "logprobsResult")
  return Result.succeed({
    index,
    content: parts,
    finishReason,
    ...(logprobs === undefined ? {} : { logprobs: logprobsJson(logprobsOf(logprobs)) }),
    ...cited(sourcesOf(candidate, content))
  })
}

const sourcesOf = (candidate: JsonObject, content: JsonObject | undefined): ReadonlyArray<Citation> => {
  if (candidate["groundingMetadata"] === undefined && candidate["citationMetadata"] === undefined) return []
  const texts = textsOf(objectsAt(content ?? {}, "parts"))
  const textBefore = (part: number): string => texts.map(([index, text]) => (index < part ? text : "")).join("")
  return citationsIn(candidate, textBefore(Number.POSITIVE_INFINITY), (part) => textBefore(part).length)
}

export const unreadable = (index: number, reason: string): string =>
  `Candidate ${index} ended with ${reason}: the vendor could not read what the model wrote`

const isRefusal = (part: Part): boolean => part._tag === "Refusal"
const isCall = (part: Part): boolean => part._tag === "ToolCall"

/** Pieces of one thought are one part; a signature closes it. */
const add = (parts: Array<Part>, part: Part): void => {
  const last = parts.at(-1)
  if (part._tag === "Reasoning" && last?._tag === "Reasoning" && last.signature === undefined)
    parts[parts.length - 1] = { ...last, ...part, text: last.text + part.text }
  else parts.push(part)
}

const modelled = ["candidates", "usageMetadata", "responseId", "modelVersion", "createTime"]
const modelledInCandidate = ["content", "finishReason", "index", "logprobsResult"]

const unmodelled = (body: JsonObject, candidates: ReadonlyArray<JsonObject>): JsonObject => {
  const rest = candidates.map((candidate) => omitKeys(candidate, modelledInCandidate))
  return {
    ...omitKeys(body, modelled),
    ...(rest.some((fields) => Object.keys(fields).length > 0) ? { candidates: rest } : {})
  }
}

// ---- to callers

/** The body a caller is answered. An answer of this wire is passed on as it came. */
export const encodeResponse = (response: ChatResponse): JsonObject => {
  if (response.wire?.dialect === dialectId) return response.wire.body
  const own = ownFields(response) ?? {}
  const rest = objectsAt(own, "candidates")
  return {
    ...omitKeys(own, ["candidates"]),
    candidates: response.choices.map((choice, position) => candidateWith(choice, rest[position])),
    ...(response.usage === undefined ? {} : { usageMetadata: usageMetadata(response.usage) }),
    ...headFields(response.id, response.model, response.created)
  }
}

/** What every chunk and every whole answer says of itself. */
export const headFields = (id: string, model: string, created: number | undefined): JsonObject => ({
  modelVersion: model,
  ...(created === undefined || Math.abs(created) > mostSeconds
    ? {}
    : { createTime: new Date(created * 1000).toISOString() }),
  responseId: id
})

/** As far as JavaScript's dates reach. */
const mostSeconds = 8_640_000_000_000

const candidateOf = (choice: Choice): JsonObject => {
  const { parts, showing, unwritable } = answerParts(choice.content)
  const logprobs = choice.logprobs === undefined ? undefined : logprobsResult(choice.logprobs)
  return {
    content: { parts, role: "model" },
    ...endOf(showing.ending(choice.finishReason), unwritable, choice.content.some(isRefusal)),
    index: choice.index,
    ...(logprobs === undefined ? {} : { logprobsResult: logprobs })
  }
}

/** `own`: what the vendor told of it besides, its own grounding with it. */
const candidateWith = (choice: Choice, own: JsonObject | undefined): JsonObject => {
  const candidate = candidateOf(choice)
  const grounding =
    choice.citations === undefined
      ? {}
      : groundingFor(choice.citations, textsOf(objectsAt(objectAt(candidate, "content") ?? {}, "parts")))
  return { ...grounding, ...own, ...candidate }
}

/**
 * How a candidate ends. `unwritable`: the name of a call in it that could not be written; `refused`: its text is a
 * refusal, which only the reason for its end can say here.
 */
export const endOf = (reason: FinishReason, unwritable: string | undefined, refused: boolean): JsonObject => {
  if (unwritable !== undefined && reason !== "length") return unwritableCall(unwritable)
  return { finishReason: finishWords[refused && reason === "stop" ? "refusal" : reason] }
}
