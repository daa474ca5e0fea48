/**
 * How good a model a budget still pays for, by the share of it that remains and by who asks.
 *
 * Who matters most keeps quality to the end; who matters least gives way first.
 *
 * @module
 */
import type { BudgetTier, Priority } from "../domain/Budget.ts"

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

const order: ReadonlyArray<BudgetTier> = ["none", "economy", "standard", "premium"]

export const lowestTier = (a: BudgetTier, b: BudgetTier): BudgetTier => (order.indexOf(a) < order.indexOf(b) ? a : b)
