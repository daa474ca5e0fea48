/**
 * A whole answer, from whoever gives one.
 *
 * @module
 */
import { Effect, Exit, Scope } from "effect"
import type { Answer } from "../domain/Answer.ts"
import type { GatewayError } from "../domain/GatewayError.ts"
import type { ProviderError } from "../domain/ProviderError.ts"
import type { Usage } from "../domain/Usage.ts"
import { askInTurn } from "./Attempts.ts"
import type { AskableCandidate } from "./Candidate.ts"
import { timedOut } from "./LocalFailures.ts"
import type { Search } from "./Search.ts"

/** Who answered, and with what. */
export interface Answered<A> {
  readonly candidate: AskableCandidate
  readonly response: A
}

/** Asks candidate after candidate with `call` until one gives the whole of what was asked for. */
export const askForWhole = <A extends { readonly usage?: Usage }>(
  search: Search,
  call: (candidate: AskableCandidate) => Effect.Effect<A, ProviderError>
): Effect.Effect<Answered<A>, GatewayError, Scope.Scope> =>
  askInTurn(search, ({ candidate, limits, metered, permit, scope }) =>
    Effect.clockWith((clock) => {
      const askedAt = clock.currentTimeMillisUnsafe()
      const answered = search.input.watchdog.within(call(candidate), limits.unaryMillis, () =>
        Effect.fail(timedOut(candidate, "unary", limits.unaryMillis))
      )
      return Effect.flatMap(answered, (response) => {
        const { usage } = response
        const now = clock.currentTimeMillisUnsafe()
        metered.ended({ usage, writtenCharacters: 0 })
        if (usage !== undefined) permit.used(usage.inputTokens + usage.outputTokens, now)
        search.input.admission.wrote(candidate.ref, now - askedAt, usage?.outputTokens, now)
        return Effect.as(Effect.andThen(permit.succeeded, Scope.close(scope, Exit.void)), { candidate, response })
      })
    })
  )

export const answerWhole = (search: Search): Effect.Effect<Answer, GatewayError, Scope.Scope> =>
  Effect.map(
    askForWhole(search, (candidate) =>
      candidate.provider.complete({ ...search.requestFor(candidate), model: candidate.ref.model })
    ),
    ({ candidate, response }) => ({
      _tag: "Whole",
      served: search.served(candidate, response.dropped),
      response
    })
  )
