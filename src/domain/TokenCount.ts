/**
 * How many tokens a prompt has, counted by the vendor whose model would read it.
 *
 * @module
 */
import type { Effect, Scope } from "effect"
import type { Served } from "./Answer.ts"
import type { ChatRequest } from "./ChatRequest.ts"
import type { GatewayError } from "./GatewayError.ts"

export interface TokenCount {
  /** All tokens of the prompt: messages, instructions, tools. */
  readonly inputTokens: number
}

/** A vendor's count, and whose. */
export interface Counted {
  readonly served: Served
  readonly count: TokenCount
}

/**
 * Succeeds with `undefined` where nobody could count: whoever asked estimates. It fails only with what is wrong with the
 * request itself.
 */
export type CountHandler = (request: ChatRequest) => Effect.Effect<Counted | undefined, GatewayError, Scope.Scope>
