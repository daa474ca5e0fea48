/**
 * What `gateway/Operations` reports of spending, as the admin API and metrics tell it.
 *
 * @module
 */
import type { AdminSpend, SpendOrder, SpendQuery } from "../api/SpendWire.ts"
import { basisOf } from "../domain/Budget.ts"
import { usdOfNano } from "../domain/Money.ts"
import type { SpendReport } from "../gateway/Operations.ts"
import type { SpendStanding } from "../observability/RequestMetrics.ts"
import { at, moment, present } from "./AdminViews.ts"

/** The most models whose estimates are told. */
const mostEstimates = 100

/** Does a budget belong to what is asked for: a scope (`tenant:acme`), or a kind of scopes (`tenant`)? */
const isIn = (scope: string, asked: string | undefined): boolean =>
  asked === undefined || scope === asked || scope.startsWith(`${asked}:`)

/** How one comes before another; those that are in force before those that are not. */
const orders: { readonly [O in SpendOrder]: (a: Told, b: Told) => number } = {
  used: (a, b) => a.share - b.share || b.spent - a.spent,
  spent: (a, b) => b.spent - a.spent,
  scope: (a, b) => (a.policy.scope < b.policy.scope ? -1 : a.policy.scope > b.policy.scope ? 1 : 0)
}
type Told = SpendReport["budgets"][number]

const inOrder = (budgets: ReadonlyArray<Told>, sort: SpendOrder | undefined): ReadonlyArray<Told> =>
  sort === undefined
    ? budgets
    : budgets.toSorted((a, b) => Number(a.ended) - Number(b.ended) || orders[sort](a, b) || (a.id < b.id ? -1 : 1))

export const spendView = (report: SpendReport, { limit, scope, sort }: SpendQuery): AdminSpend => {
  const found = report.budgets.filter(({ policy }) => isIn(policy.scope, scope))
  return {
    budgets: inOrder(found, sort)
      .slice(0, limit)
      .map(({ end, ended, id, over, policy, reserved, runsOutAt, spent, start, left, share, tier }) =>
        present({
          id,
          scope: policy.scope,
          ended: ended ? (true as const) : undefined,
          window: policy.window,
          timeZone: policy.timeZone,
          start: at(start),
          end: at(end),
          limitUsd: policy.hard === undefined ? undefined : usdOfNano(policy.hard),
          softUsd: policy.soft === undefined ? undefined : usdOfNano(policy.soft),
          reservePercent: policy.reservePercent,
          settledUsd: usdOfNano(spent),
          reservedUsd: usdOfNano(reserved),
          leftUsd: policy.hard === undefined ? undefined : usdOfNano(left),
          overUsd: usdOfNano(over),
          share,
          tier,
          runsOutAt: moment(runsOutAt),
          refusals: Object.fromEntries(
            report.refused.filter((one) => one.scope === policy.scope).map(({ count, why }) => [why, count])
          )
        })
      ),
    count: found.length,
    recording: report.recording,
    openLeases: report.openLeases,
    estimates: report.estimates
      .slice(-mostEstimates)
      .toReversed()
      .map(({ error, model, ratio, seen, worst }) => ({ model, ratio, error, answers: seen, worstCaseFactor: worst }))
  }
}

/** The same for metrics. */
export const standing = ({ budgets, estimates, openLeases, recording, refused }: SpendReport): SpendStanding => ({
  budgets: budgets
    .filter(({ ended }) => !ended)
    .map(({ id, policy, reserved, share, spent }) => {
      const limit = basisOf(policy)
      return {
        id,
        limitUsd: limit === undefined ? undefined : usdOfNano(limit),
        spentUsd: usdOfNano(spent),
        reservedUsd: usdOfNano(reserved),
        share
      }
    }),
  refused,
  recording,
  openLeases,
  estimates
})
