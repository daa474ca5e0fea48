/**
 * What a budget's tier does to the candidates of a request that leaves the choice of the model to the gateway.
 *
 * A tier pays for models by their own tier (`ModelFacts.tier`): `premium` for all; `standard` for all that are not known
 * to be premium; `economy` (and `none`, where a budget is only watched) for those that are known to be economy. And it
 * pays for whatever is expected to cost this request no more than the dearest of these: labels are opinions, prices are
 * not, and no downgrade may ask somebody dearer.
 *
 * Those that the tier pays for come first, in the order they stand in; the others are held back: asked when none of the
 * first could answer, never before. So a budget degrades what is served, and refuses nothing. Where the first choice is
 * paid for it stays the first; else the row of the lower tier is looked through first. Where the tier pays for nobody,
 * the order stays as it is.
 *
 * Always: of two tiers the lower one's first candidate is expected to cost no more, as far as both prices are known.
 *
 * Gotchas
 * - A model of which neither the tier nor the price is known is not economy: what nobody knows is not cheap.
 *
 * @module
 */
import type { Tier } from "../catalog/ModelFacts.ts"
import type { BudgetTier } from "../domain/Budget.ts"
import type { Candidate } from "./Candidate.ts"

/** The tiers that are less than everything. */
export type LowTier = "standard" | "economy"

/** As far as the choice of a model goes; `undefined`: the budget pays for everything. */
export const lowTier = (tier: BudgetTier | undefined): LowTier | undefined =>
  tier === undefined || tier === "premium" ? undefined : tier === "standard" ? "standard" : "economy"

/** What is asked first at each tier, best first: for an alias thrice its targets, for a task its rows. */
export interface Rows<A> {
  readonly premium: ReadonlyArray<A>
  readonly standard: ReadonlyArray<A>
  readonly economy: ReadonlyArray<A>
}

export const sameRows = <A>(row: ReadonlyArray<A>): Rows<A> => ({ premium: row, standard: row, economy: row })

/** Of all rows, each once. */
export const inRows = <A>({ economy, premium, standard }: Rows<A>): ReadonlyArray<A> =>
  premium === standard && premium === economy ? premium : [...new Set([...premium, ...standard, ...economy])]

export interface Tiered<C> {
  /** Those that the tier pays for, in order; empty where it pays for nobody. */
  readonly within: ReadonlyArray<C>
  /** The others, in order. */
  readonly above: ReadonlyArray<C>
}

const paysFor: { readonly [T in LowTier]: (own: Tier | undefined) => boolean } = {
  standard: (own) => own !== "premium",
  economy: (own) => own === "economy"
}

/** Whom a tier pays for among `all`; `undefined`: nobody. */
const paid = <C extends Candidate>(
  all: ReadonlyArray<C>,
  tier: LowTier,
  costOf: (candidate: C) => number | undefined
): ReadonlySet<C> | undefined => {
  const own = all.filter(({ facts }) => paysFor[tier](facts.tier))
  if (own.length === 0) return undefined
  const dearest = Math.max(...own.map((one) => costOf(one) ?? Number.NEGATIVE_INFINITY))
  return new Set([...own, ...all.filter((one) => (costOf(one) ?? Number.POSITIVE_INFINITY) <= dearest)])
}

/**
 * The candidates by what a tier pays for. `costOf`: what the request is expected to cost there; `undefined` where nobody
 * knows. Each candidate is one object in all rows.
 */
export const tiered = <C extends Candidate>(
  rows: Rows<C>,
  tier: LowTier,
  costOf: (candidate: C) => number | undefined
): Tiered<C> => {
  const all = inRows(rows)
  const costs = new Map(all.map((one) => [one, costOf(one)]))
  let order: ReadonlyArray<C> = all
  let within: ReadonlySet<C> | undefined
  for (const step of tier === "standard" ? (["standard"] as const) : (["standard", "economy"] as const)) {
    const payable = paid(all, step, (one) => costs.get(one))
    if (payable === undefined) continue
    within = payable
    const [first] = order
    const isPaid = first !== undefined && payable.has(first)
    const next = new Set(isPaid ? [...order, ...rows[step], ...all] : [...rows[step], ...order, ...all])
    order = [...[...next].filter((one) => payable.has(one)), ...[...next].filter((one) => !payable.has(one))]
  }
  return {
    within: order.filter((one) => within?.has(one) === true),
    above: order.filter((one) => within?.has(one) !== true)
  }
}
