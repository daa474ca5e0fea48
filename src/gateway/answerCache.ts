/**
 * The response cache as a gateway has it: a store, the stage before it, and what is noted of answers that it gave.
 *
 * The store is the `AnswerStore` of the context where there is one, else one in memory, as large as the settings in force
 * say. Without the section `cache` nothing is kept, and what was is forgotten.
 *
 * @module
 */
import { Effect, Option } from "effect"
import type { Budgets } from "../budget/Budgets.ts"
import { AnswerStore } from "../cache/AnswerStore.ts"
import { Flights } from "../cache/Flights.ts"
import { makeMemoryAnswerStore } from "../cache/MemoryAnswerStore.ts"
import type { AnswerStoreStanding } from "../cache/StoreContract.ts"
import type { Stage } from "../domain/Answer.ts"
import { conversationKey, type Conversations } from "../routing/Conversations.ts"
import { captureCached } from "../routing/Decision.ts"
import { boundsOf, cached, type Given } from "./caching.ts"
import type { Generations } from "./Generations.ts"
import type { KeptDecisions } from "./KeptDecisions.ts"

export interface AnswerCache {
  readonly stage: Stage
  /** How much is kept; `undefined` where nothing is to be. */
  readonly standing: () => AnswerStoreStanding | undefined
}

export const makeAnswerCache = (
  generations: Generations["Service"],
  budgets: Budgets["Service"],
  conversations: Conversations["Service"],
  decisions: KeptDecisions
): Effect.Effect<AnswerCache> =>
  Effect.gen(function* () {
    const settings = () => generations.current().settings
    const store = Option.getOrElse(yield* Effect.serviceOption(AnswerStore), () =>
      makeMemoryAnswerStore(() => boundsOf(settings()))
    )
    // not in a set of fibers, which every request would change (`Roster.ts`); nobody waits for what is put away
    const beside = Effect.runForkWith(yield* Effect.context<never>())
    generations.listen(({ cache }) => {
      if (cache === undefined)
        beside(
          Effect.catchCause(
            Effect.suspend(() => store.clear),
            () => Effect.void
          )
        )
    })

    /** The conversation stays with who once answered, as if it had been just now. */
    const noted = (given: Given): void => {
      const { context, now, request, served } = given
      const { provider, model, task } = served
      const { resolver, settings } = generations.current()
      const kind = resolver.kindOf(request.model)
      if (kind === "alias" || kind === "auto")
        conversations.answered(conversationKey(request, context.caller), { by: { provider, model }, task }, now)
      // of a stale answer the decision is kept that refused the request
      if (given.status === "hit")
        decisions.keep(captureCached({ ...given, kind, mostAttempts: settings.resilience.maxAttempts }))
    }
    return {
      stage: cached({
        store,
        budgets,
        inForce: generations.current,
        flights: new Flights(),
        beside: (effect) => void beside(Effect.andThen(Effect.yieldNow, effect)),
        noted: (given) => {
          try {
            noted(given)
          } catch {
            // what cannot be noted must not fail the request it is about
          }
        }
      }),
      standing: () => {
        try {
          return settings().cache === undefined ? undefined : store.standing()
        } catch {
          // nobody knows it now
          return undefined
        }
      }
    }
  })
