/**
 * What health probes cost, borne by the budgets that bear every call at their model: the global one, the provider's and
 * the model's. Nobody's key, tenant or tag pays for them.
 *
 * A probe holds its worst case like any call and may use what is kept for critical requests. One for which there is no
 * room is not made: a limit that is hard holds for probes too, and the requests that it would be made for are refused by
 * the same budget. It is settled with the vendor's own count; estimates learn nothing from it, as no prompt of a caller's
 * is like it.
 *
 * @module
 */
import { type Clock, Effect, type Scope } from "effect"
import { billOf, chargeTold } from "../budget/bill.ts"
import type { Budgets, LeaseRequest } from "../budget/Budgets.ts"
import type { Estimates, Quote } from "../budget/Estimates.ts"
import type { Hold } from "../budget/Lease.ts"
import type { ModelFacts } from "../catalog/ModelFacts.ts"
import type { BudgetRefusal, BudgetScope } from "../domain/Budget.ts"
import type { ModelRef } from "../domain/Ids.ts"
import { zero } from "../domain/Money.ts"
import type { ProviderError } from "../domain/ProviderError.ts"
import type { Usage } from "../domain/Usage.ts"
import type { NotMade } from "../health/Probes.ts"
import { probe } from "../provider/probe.ts"

/** Longer than any probe takes, in milliseconds. */
const lifeMillis = 120_000

export interface ProbePayment {
  /** Is there room for a probe of this model at this moment? */
  readonly affords: (ref: ModelRef, now: number) => boolean
  /** Makes a probe for which there is room, and settles it. */
  readonly paid: (
    ref: ModelRef,
    check: Effect.Effect<Usage | undefined, ProviderError, Scope.Scope>
  ) => Effect.Effect<void, ProviderError | NotMade, Scope.Scope>
}

export const probePayment = (
  budgets: Budgets["Service"],
  estimates: Estimates["Service"],
  /** What is known of a model; `undefined` where its provider is gone. */
  factsOf: (ref: ModelRef) => ModelFacts | undefined,
  /** Whose budgets bear a call at it. */
  scopesOf: (ref: ModelRef) => ReadonlyArray<BudgetScope>
): ProbePayment => {
  const quoted = (ref: ModelRef): Quote | undefined => {
    const facts = factsOf(ref)
    return facts === undefined ? undefined : estimates.quote(probe(ref.model), ref, facts)
  }
  const asked = (quote: Quote | undefined): LeaseRequest => ({
    id: "probe",
    scopes: [],
    priority: "critical",
    expected: quote?.expected ?? zero,
    millis: lifeMillis
  })
  const holdOf = (ref: ModelRef, quote: Quote | undefined): Hold => ({
    scopes: scopesOf(ref),
    worst: quote?.worst ?? zero,
    isUnpriced: factsOf(ref)?.isUnpriced === true
  })
  const notMade = ({ scope, why, window }: BudgetRefusal): Effect.Effect<never, NotMade> =>
    Effect.fail({
      _tag: "NotMade",
      why: `the check was not made: ${why === "unpriced" ? "what it costs is not known, under" : "no room is left in"} the ${window}'s budget of ${scope}`
    })

  return {
    affords: (ref, now) => {
      if (!budgets.some()) return true
      const quote = quoted(ref)
      const { lease, refusal } = budgets.look(asked(quote), now)
      return refusal === undefined && lease.refuses(holdOf(ref, quote), now) === undefined
    },
    paid: (ref, check) =>
      Effect.suspend(() => {
        if (!budgets.some()) return Effect.asVoid(check)
        const quote = quoted(ref)
        const reserved = Effect.flatMap(budgets.lease(asked(quote)), (lease) => lease.reserve(holdOf(ref, quote)))
        return Effect.flatMap(Effect.catch(reserved, notMade), (attempt) =>
          Effect.clockWith((clock: Clock.Clock) =>
            check.pipe(
              // one that is interrupted is settled at its worst case as its lease is closed
              Effect.tapError((error) =>
                Effect.sync(() => {
                  if (quote === undefined) return
                  attempt.settle(estimates.owed(quote, { writtenBytes: 0, error }), clock.currentTimeMillisUnsafe())
                })
              ),
              Effect.map((usage) => {
                const rates = quote?.rates
                const owed =
                  rates === undefined
                    ? zero
                    : usage === undefined
                      ? undefined
                      : (chargeTold(rates, usage) ?? billOf(rates, usage, {}))
                attempt.settle({ by: owed === undefined ? "uncertain" : "told", owed }, clock.currentTimeMillisUnsafe())
              })
            )
          )
        )
      })
  }
}
