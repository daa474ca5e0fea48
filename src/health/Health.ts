/**
 * The health room as a whole: what is told to all of it at once.
 *
 * @module
 */
import { Context, Effect, Layer } from "effect"
import type { Settings } from "../config/Settings.ts"
import type { ModelRef } from "../domain/Ids.ts"
import { noWatch, type ProviderWatch } from "../domain/ProviderWatch.ts"
import { Circuits } from "./Circuits.ts"
import { RetryBudgets } from "./RetryBudgets.ts"

/** Settings that take the place of others. */
export interface Configured {
  readonly settings: Settings
  /** Those that were in force before; absent at the start. */
  readonly before: Settings | undefined
  /** Does the config or the catalogue know the model, and not only a caller? */
  readonly isKnown: (ref: ModelRef) => boolean
  /** Milliseconds since 1970. */
  readonly now: number
}

export class Health extends Context.Service<
  Health,
  {
    /** Puts policies in force. States stay, but for those of providers that are others now. Synchronous. */
    readonly configure: (news: Configured) => void
    /** What providers tell, and are told. */
    readonly watch: ProviderWatch
  }
>()("switchyard/health/Health") {
  static readonly layer = Layer.effect(
    Health,
    Effect.suspend(() => make)
  )
}

const make = Effect.gen(function* () {
  const circuits = yield* Circuits
  const budgets = yield* RetryBudgets
  return Health.of({
    watch: noWatch,
    configure: ({ settings: { resilience } }) => {
      circuits.configure(resilience)
      budgets.configure(resilience)
    }
  })
})
