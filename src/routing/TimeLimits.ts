/**
 * How long one attempt may take, derived from the model and the request where the config says `auto`.
 *
 * @module
 */
import { Duration } from "effect"
import type { ModelFacts } from "../catalog/ModelFacts.ts"
import type { Resilience } from "../config/Settings.ts"
import type { ChatRequest } from "../domain/ChatRequest.ts"
import { estimateInputTokens } from "./Effort.ts"

/** Milliseconds each. */
export interface TimeLimits {
  /** Until the first visible event of a stream. */
  readonly firstEventMillis: number
  /** Without any byte, once a stream has begun. */
  readonly idleMillis: number
  /** A whole answer. */
  readonly unaryMillis: number
  /** A stream, from its first byte to its last. */
  readonly streamMillis: number
}

const seconds = 1000

/** An answer whose length nobody has stated, and the longest that is reckoned with where somebody has, in tokens. */
const usualAnswer = 500
const longestExpected = 1000

/**
 * What a call will use by all that is known beforehand: its prompt and its answer, in tokens. A stated limit is mostly
 * far above what is written; were it reckoned with in full, callers who state one would be kept from room there is.
 */
export const expectedTokens = (request: ChatRequest): number =>
  estimateInputTokens(request) +
  Math.min(request.sampling.maxTokens ?? usualAnswer, longestExpected) * (request.sampling.n ?? 1)

/**
 * Will the model think before it answers? Models that can are taken to, unless the request says no: a thinker that is
 * silent for a minute is healthy, so the doubtful case gets the longer limit.
 */
export const thinks = (request: ChatRequest, facts: ModelFacts): boolean => {
  const { reasoning } = request
  if (reasoning?.disabled === true || reasoning?.effort === "none") return false
  return facts.capabilities.thinking === true && (reasoning !== undefined || facts.thinksUnasked !== false)
}

/**
 * The limits of one attempt. `alone`: nobody else could answer, so patience costs nothing.
 */
export const timeLimits = (
  limits: Resilience["limits"],
  request: ChatRequest,
  facts: ModelFacts,
  alone: boolean
): TimeLimits => {
  const thinker = thinks(request, facts)
  const millis = (value: Duration.Duration | "auto", auto: () => number) =>
    value === "auto" ? auto() : Duration.toMillis(value)
  return {
    firstEventMillis: millis(limits.firstEvent, () => {
      const inputTokens = estimateInputTokens(request)
      return !thinker && !alone && inputTokens < 20_000
        ? 10 * seconds
        : 60 * seconds + Math.ceil(inputTokens / 1000) * seconds
    }),
    idleMillis: millis(limits.idle, () => (thinker ? 60 : 30) * seconds),
    unaryMillis: millis(limits.unary, () =>
      thinker
        ? 600 * seconds
        : Math.max(60 * seconds, 20 * seconds + Math.ceil(((request.sampling.maxTokens ?? 0) / 25) * seconds))
    ),
    streamMillis: Duration.toMillis(limits.stream)
  }
}
