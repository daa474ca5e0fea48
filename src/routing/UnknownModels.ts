/**
 * Says once of each model that nobody knows anything of it.
 *
 * Such a model works: what is not known is not promised, and nothing is refused for it. But its cost is not counted, its
 * window is not looked at, and it is never chosen for what it can do; an operator who is told can state the facts.
 *
 * @module
 */
import { Effect } from "effect"
import { type ModelRef, showModelRef } from "../domain/Ids.ts"
import type { Candidate } from "./Candidate.ts"

/** Names that are invented are many: after so many nothing more is said. */
const mostTold = 1000

export interface UnknownModels {
  /** An answer by one of these: tells of the model that gave it, where nothing is known of it and nobody was told. */
  readonly telling: <A extends { readonly served: ModelRef }, E, R>(
    answer: Effect.Effect<A, E, R>,
    candidates: ReadonlyArray<Candidate>
  ) => Effect.Effect<A, E, R>
}

const isUnknown = ({ facts: { capabilities, contextWindowTokens, price } }: Candidate): boolean => {
  if (price !== undefined || contextWindowTokens !== undefined) return false
  for (const _ in capabilities) return false
  return true
}

export const makeUnknownModels = (): UnknownModels => {
  const told = new Set<string>()
  return {
    telling: (answer, candidates) => {
      const strangers = candidates.filter(isUnknown).map(({ ref }) => showModelRef(ref))
      if (strangers.length === 0) return answer
      return Effect.tap(answer, ({ served }) => {
        const name = showModelRef(served)
        if (!strangers.includes(name) || told.has(name) || told.size >= mostTold) return Effect.void
        told.add(name)
        return Effect.logWarning(
          `nothing is known of the model ${JSON.stringify(name)}: its price, its context window and what it can do are not promised; the section "models" can state them`
        )
      })
    }
  }
}
