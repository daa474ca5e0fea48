/**
 * The one path of a request: a `Handler`, and the `Stage`s wrapped around it. One path serves whole and live answers.
 *
 * @module
 */
import type { Effect, Scope, Stream } from "effect"
import type { BudgetTier } from "./Budget.ts"
import type { CacheStatus } from "./Caching.ts"
import type { ChatRequest } from "./ChatRequest.ts"
import type { ChatResponse } from "./ChatResponse.ts"
import type { Frame } from "./ChatEvent.ts"
import type { Attempt, GatewayError } from "./GatewayError.ts"
import type { NanoUsd } from "./Money.ts"
import type { Task } from "./Task.ts"

/** What is known when the headers are written. */
export interface Served {
  readonly provider: string
  readonly model: string
  /** Every try so far, the one that answered last. */
  readonly attempts: ReadonlyArray<Attempt>
  /** Why the first choice did not answer: the reason of the first failure. */
  readonly fallback: string | undefined
  /** Fields that could not be carried over and only tune the answer. */
  readonly dropped: ReadonlyArray<string>
  /** How good and how dear its model is among its contemporaries; absent where nobody knows. */
  readonly modelTier?: "premium" | "standard" | "economy"
  /** The output limit, in tokens, that the request was given because it stated none and what it may cost is limited. */
  readonly outputLimit?: number
  /** What the model was chosen for, where it was asked for by task. */
  readonly task?: Task
  /** The tier of the caller's budgets because of which a cheaper model was chosen; absent: none was. */
  readonly downgraded?: BudgetTier
  /** What the response cache did; absent where there is none. */
  readonly cache?: CacheStatus
  /**
   * What has been settled so far of all that was asked for the request's sake: attempts that failed, and the calls of a
   * classifier, too. Absent where nobody reckons; of a live answer not the whole of it before its end.
   */
  readonly spent?: () => NanoUsd
}

export interface Whole {
  readonly _tag: "Whole"
  readonly served: Served
  readonly response: ChatResponse
}

/**
 * At the first visible event. `frames` starts with the frames that were waited for; it is consumed once, within the
 * Scope the answer was made in, and ends normally only after `Ended` was seen.
 */
export interface Live {
  readonly _tag: "Live"
  readonly served: Served
  readonly frames: Stream.Stream<Frame, GatewayError>
}

export type Answer = Whole | Live

/** Succeeds when headers may be written. */
export type Handler = (request: ChatRequest) => Effect.Effect<Answer, GatewayError, Scope.Scope>
export type Stage = (next: Handler) => Handler
