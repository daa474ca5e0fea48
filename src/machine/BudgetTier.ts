/**
 * How good a model a budget still pays for, by the share of it that remains and by who asks.
 *
 * Who matters most keeps quality to the end; who matters least gives way first.
 *
 * @module
 */
import { basisOf, type BudgetPolicy, type BudgetTier, type Priority } from "../domain/Budget.ts"
import { minus, most, mostNano, nano, type NanoUsd, zero } from "../domain/Money.ts"
import { type BudgetState, shareOf, spentOf } from "./BudgetWindow.ts"

/** The share must be above `premium` (or `standard`, `economy`), 0–1, for that tier or a better one. */
interface Thresholds {
  readonly premium: number
  readonly standard: number
  readonly economy: number
}

const rows: Readonly<Record<Priority, Thresholds>> = {
  critical: { premium: 0, standard: 0, economy: 0 },
  normal: { premium: 0.8, standard: 0.2, economy: 0 },
  low: { premium: 0.9, standard: 0.5, economy: 0.1 }
}

/** The tier at a remaining share of the limit (0–1, below zero where it is overdrawn). */
export const tierAt = (priority: Priority, share: number): BudgetTier => {
  const { economy, premium, standard } = rows[priority]
  if (share <= 0) return "none"
  if (share > premium) return "premium"
  // on the threshold itself a request of normal priority is still served by the tier below it
  if (share >= standard) return "standard"
  return share >= economy ? "economy" : "none"
}

/** Above this share, and at `share` itself, the tier is the same; `share` is above nothing. */
const floorAt = (priority: Priority, share: number): number => {
  const { economy, premium, standard } = rows[priority]
  if (share > premium) return premium
  if (share >= standard) return standard
  return share >= economy ? economy : 0
}

const order: ReadonlyArray<BudgetTier> = ["none", "economy", "standard", "premium"]

export const lowestTier = (a: BudgetTier, b: BudgetTier): BudgetTier => (order.indexOf(a) < order.indexOf(b) ? a : b)

/**
 * What one budget pays for where `expected` more is to be spent: `none` where a request is refused, which only a hard
 * limit does.
 */
export const budgetTier = (
  policy: BudgetPolicy,
  state: BudgetState,
  priority: Priority,
  expected: NanoUsd
): BudgetTier => {
  const share = shareOf(policy, state, expected)
  let tier = tierAt(priority, share)
  // something is left, and a cheaper way than the expected one may fit into it
  if (tier === "none" && share <= 0 && tierAt(priority, shareOf(policy, state, zero)) !== "none")
    tier = priority === "critical" ? "premium" : "economy"
  if (tier === "none") {
    if (policy.hard !== undefined) return "none"
    // who is only watched is not refused
    tier = "economy"
  }
  const isSoftReached = policy.soft !== undefined && spentOf(state) >= policy.soft
  return isSoftReached && priority !== "critical" ? "economy" : tier
}

/** How much more may be spent, at the least, with which `budgetTier` is what it is with nothing more. */
export const tierRoom = (policy: BudgetPolicy, state: BudgetState, priority: Priority): NanoUsd => {
  const basis = basisOf(policy)
  if (basis === undefined) return mostNano
  const share = shareOf(policy, state, zero)
  if (share <= 0) return zero
  // the nano-dollar and the share of the limit are for the rounding of shares
  const room = Math.floor((share - floorAt(priority, share) - 1e-12) * basis) - 1
  const untilSoft = minus(policy.soft ?? mostNano, spentOf(state))
  return most(zero, nano(untilSoft > 0 ? Math.min(room, untilSoft - 1) : room))
}
