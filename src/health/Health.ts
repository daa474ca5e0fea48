/**
 * The health room as a whole: what is told to all of it at once.
 *
 * @module
 */
import { Context, Effect, Layer } from "effect"
import type { Settings } from "../config/Settings.ts"
import type { ModelRef } from "../domain/Ids.ts"
import type { ProviderWatch } from "../domain/ProviderWatch.ts"
import { accountsOf } from "./accounts.ts"
import { Circuits } from "./Circuits.ts"
import { Quarantines } from "./Quarantines.ts"
import { RateLimits } from "./RateLimits.ts"
import { RetryBudgets } from "./RetryBudgets.ts"
import { WaitingRoom } from "./WaitingRoom.ts"

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
  const quarantines = yield* Quarantines
  const circuits = yield* Circuits
  const limits = yield* RateLimits
  const room = yield* WaitingRoom
  const budgets = yield* RetryBudgets
  return Health.of({
    watch: {
      mayUse: quarantines.mayUse,
      turnedAway: quarantines.turnedAway,
      refused: quarantines.failed,
      served: quarantines.served,
      heard: limits.heard
    },
    configure: ({ before, isKnown, now, settings }) => {
      const { providers, resilience } = settings
      quarantines.configure(settings, isKnown)
      circuits.configure(resilience, isKnown)
      limits.configure(settings, isKnown)
      room.configure(resilience)
      budgets.configure(resilience)
      if (before === undefined) return
      const accounts = accountsOf(before.providers)
      // what failed under another key or address, or was left of its limits, says nothing about this one
      for (const [id, { identities }] of accountsOf(providers)) {
        const old = accounts.get(id)
        if (old !== undefined && old.identities.model !== identities.model) {
          circuits.reset(id, now)
          limits.reset(id, now)
        }
      }
    }
  })
})
