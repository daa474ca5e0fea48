/**
 * Failures that no vendor told: limits that ran out, streams that stopped.
 *
 * @module
 */
import { ProviderError, type Reason } from "../domain/ProviderError.ts"
import type { Candidate } from "./Candidate.ts"

export const failureAt = ({ ref }: Candidate, reason: Reason): ProviderError =>
  new ProviderError({ provider: ref.provider, model: ref.model, reason })

const limitNames = {
  firstEvent: "limit for the first event",
  idle: "limit for silence in a stream",
  unary: "limit for a whole answer",
  stream: "limit for a whole stream"
} as const

export const timedOut = (candidate: Candidate, limit: keyof typeof limitNames, millis: number): ProviderError =>
  failureAt(candidate, {
    _tag: "Timeout",
    limit,
    message: `nothing within the ${limitNames[limit]} of ${millis} ms`
  })

export const endedEmpty: Reason = { _tag: "MalformedResponse", message: "the stream ended before it said anything" }
export const endedEarly: Reason = { _tag: "MalformedResponse", message: "the stream ended without its end" }
