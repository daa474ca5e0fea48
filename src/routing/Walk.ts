/**
 * The walk: asks candidate after candidate until one answers, as the failure table says.
 *
 * A failure that lets another candidate try moves on, preferring one that shares no infrastructure with those that
 * failed. Before the first visible event of a stream any change of candidate is free; after it another candidate
 * completes what was shown, or the stream ends in an error the dialect writes in-band.
 *
 * Bounds: `maxAttempts` attempts over all providers; no attempt and no wait starts after the deadline; each attempt has
 * its own limits. A caller's own shorter limit ends the search too, attempts under way included, and counts against
 * nobody.
 *
 * It deliberately does not choose or order candidates (that is `Resolve`), nor write a wire.
 *
 * @module
 */
import { Clock, Duration, Effect, type Scope } from "effect"
import type { Answer } from "../domain/Answer.ts"
import { type GatewayError, gatewayError } from "../domain/GatewayError.ts"
import { answerLive } from "./Live.ts"
import { Search, type WalkInput } from "./Search.ts"
import { answerWhole } from "./Whole.ts"

/** Answers `request` from one of the candidates; what a walk means is in the module's header. */
export const walk = (input: WalkInput): Effect.Effect<Answer, GatewayError, Scope.Scope> =>
  searching(input, input.request.delivery === "whole" ? answerWhole : answerLive)

/** A walk to whatever `ask` asks for, within its limits. */
export const searching = <A>(
  input: WalkInput,
  ask: (search: Search) => Effect.Effect<A, GatewayError, Scope.Scope>
): Effect.Effect<A, GatewayError, Scope.Scope> => {
  const { resilience, timeoutMillis } = input
  return Effect.flatMap(Clock.currentTimeMillis, (now) => {
    const search = new Search(input, now + Duration.toMillis(resilience.deadline))
    const answer = ask(search)
    return timeoutMillis === undefined
      ? answer
      : input.watchdog.within(answer, timeoutMillis, () =>
          Effect.fail(gatewayError({ _tag: "DeadlineExceeded", limitMillis: timeoutMillis }, search.attempts))
        )
  })
}
