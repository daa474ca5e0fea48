/**
 * How the budgets and the estimates stand, for operators and for metrics.
 *
 * @module
 */
import { Clock, Effect } from "effect"
import { type BudgetReport, Budgets } from "../budget/Budgets.ts"
import { Estimates } from "../budget/Estimates.ts"
import { tierAt } from "../machine/BudgetTier.ts"
import type { SpendReport } from "./Operations.ts"

/** As for a request of ordinary priority and no price. Who is only watched, or over a soft limit, is not refused. */
const tierOf = ({ ended, policy, share, spent }: BudgetReport) => {
  if (ended) return "none"
  const tier = tierAt("normal", share)
  if (tier === "none") return policy.hard === undefined ? "economy" : "none"
  return policy.soft !== undefined && spent >= policy.soft ? "economy" : tier
}

export const spendReport: Effect.Effect<Effect.Effect<SpendReport>, never, Budgets | Estimates> = Effect.gen(
  function* () {
    const budgets = yield* Budgets
    const estimates = yield* Estimates
    return Effect.map(Clock.currentTimeMillis, (now) => ({
      budgets: budgets.report(now).map((report) => ({ ...report, tier: tierOf(report) })),
      refused: budgets.refused(),
      recording: budgets.recording(),
      openLeases: budgets.opened(),
      estimates: estimates.report()
    }))
  }
)
