/**
 * A whole answer, from whoever gives one.
 *
 * @module
 */
import { Effect, Exit, Scope } from "effect"
import type { Answer } from "../domain/Answer.ts"
import type { GatewayError } from "../domain/GatewayError.ts"
import { askInTurn } from "./Attempts.ts"
import { timedOut } from "./LocalFailures.ts"
import type { Search } from "./Search.ts"

export const answerWhole = (search: Search): Effect.Effect<Answer, GatewayError, Scope.Scope> =>
  askInTurn(search, ({ candidate, limits, metered, permit, scope }) =>
    Effect.flatMap(
      search.input.watchdog.within(
        candidate.provider.complete({ ...search.input.request, model: candidate.ref.model }),
        limits.unaryMillis,
        () => Effect.fail(timedOut(candidate, "unary", limits.unaryMillis))
      ),
      (response) =>
        Effect.clockWith((clock) => {
          const { usage } = response
          metered.ended({ usage, writtenCharacters: 0 })
          if (usage !== undefined) permit.used(usage.inputTokens + usage.outputTokens, clock.currentTimeMillisUnsafe())
          return Effect.as(Effect.andThen(permit.succeeded, Scope.close(scope, Exit.void)), { candidate, response })
        })
    )
  ).pipe(
    Effect.map(({ candidate, response }) => ({
      _tag: "Whole",
      served: search.served(candidate, response.dropped),
      response
    }))
  )
