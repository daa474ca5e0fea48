/**
 * How the candidates of one request stand at the moment it is routed: what a strategy looks at.
 *
 * Each of the looks is taken when a strategy asks for it, and most ask for little or nothing.
 *
 * @module
 */
import type { Context } from "effect"
import { defaultRole, type Settings } from "../config/Settings.ts"
import type { ChatRequest } from "../domain/ChatRequest.ts"
import { showModelRef } from "../domain/Ids.ts"
import type { Admission } from "../health/Admission.ts"
import type { Candidate } from "./Candidate.ts"
import { attemptCost } from "./Cost.ts"
import type { Rotations } from "./Rotations.ts"
import type { Moment } from "./strategies/Strategy.ts"

export interface MomentInput {
  readonly request: ChatRequest
  readonly settings: Settings
  readonly admission: Context.Service.Shape<typeof Admission>
  readonly rotations: Context.Service.Shape<typeof Rotations>
  /** A uniform random number from 0 to below 1. */
  readonly next: () => number
  /** Milliseconds since 1970. */
  readonly now: number
  /** Is the decision only to be told? Then nobody's turn is taken. */
  readonly onlyLooks?: boolean
}

/** An answer's length where the request states no limit, and most where it does, in tokens. */
const usualOutputTokens = 400

export const momentOf = (input: MomentInput): Moment => {
  const { admission, next, now, onlyLooks, request, rotations, settings } = input
  const tokens = Math.min(request.sampling.maxTokens ?? usualOutputTokens, usualOutputTokens)
  const load = ({ ref }: Candidate) => admission.load(ref, tokens, now)
  return {
    next,
    weight: ({ ref }) => (settings.roles?.get(ref.provider) ?? defaultRole).weight,
    room: (candidate) => load(candidate).room,
    inFlight: (candidate) => load(candidate).inFlight,
    expectedMillis: (candidate) => load(candidate).expectedMillis,
    mayHave: (candidate) => load(candidate).mayHave,
    expectedUsd: ({ facts }) => attemptCost(request, facts)?.expectedUsd,
    rotate: (candidates, weight) => {
      const members = candidates.map((candidate) => ({ key: showModelRef(candidate.ref), weight: weight(candidate) }))
      const keys =
        onlyLooks === true ? rotations.peek(request.model, members) : rotations.turn(request.model, members, now)
      const placeOf = (candidate: Candidate): number => {
        const place = keys.indexOf(showModelRef(candidate.ref))
        return place < 0 ? keys.length : place
      }
      return candidates.toSorted((a, b) => placeOf(a) - placeOf(b))
    }
  }
}
