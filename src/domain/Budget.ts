/**
 * What a budget is: whose spending, over which stretch of the calendar, up to how much.
 *
 * A scope is written as in the config: `global`, `tenant:acme`, `key:web`, `provider:openai`, `model:openai/gpt-5.2`,
 * `model:gpt-5.2` (wherever it is served), `tag:project-x`. A request stands in several scopes at once; each of their
 * budgets must have room for it, or none is charged.
 *
 * @module
 */
import type { NanoUsd } from "./Money.ts"

export const budgetWindows = ["minute", "hour", "day", "week", "month"] as const
/** Stretches of the calendar in a time zone; a week starts on Monday (ISO 8601). */
export type BudgetWindowKind = (typeof budgetWindows)[number]

export type BudgetScope =
  "global" | `tenant:${string}` | `key:${string}` | `provider:${string}` | `model:${string}` | `tag:${string}`

export interface BudgetPolicy {
  readonly scope: BudgetScope
  readonly window: BudgetWindowKind
  /** An IANA name (`Europe/Berlin`) or `UTC`. */
  readonly timeZone: string
  /** Settled plus reserved never exceeds it. Absent: spending is watched and not refused. */
  readonly hard: NanoUsd | undefined
  /** From here on it is said, and economy models are chosen where they may be. */
  readonly soft: NanoUsd | undefined
  /** Of `hard`, kept for critical requests and for retries. 0–50. */
  readonly reservePercent: number
  readonly onExhausted: "reject" | "cache-only"
}

/** What a budget is known by: a changed limit leaves it the same budget. */
export const budgetId = ({ scope, timeZone, window }: BudgetPolicy): string => `${scope} ${window} ${timeZone}`

/** What shares of spending are shares of. */
export const basisOf = ({ hard, soft }: BudgetPolicy): NanoUsd | undefined => hard ?? soft

export type Priority = "critical" | "normal" | "low"

/** How good a model the budget still pays for. `none`: nothing may be asked any more. */
export type BudgetTier = "premium" | "standard" | "economy" | "none"

/** Why nothing was reserved. */
export interface BudgetRefusal {
  readonly _tag: "BudgetRefusal"
  /**
   * `exhausted`: the worst case does not fit; `kept`: it fits only into what is kept for critical requests and retries;
   * `priority`: a request of low priority comes last; `unrecorded`: the store does not answer, and what is not recorded
   * is not spent; `superseded`: another process records under this one's name; `closed`: the lease is over; `unpriced`: nobody knows what it would cost.
   */
  readonly why: "exhausted" | "kept" | "priority" | "unrecorded" | "superseded" | "closed" | "unpriced"
  readonly scope: BudgetScope
  readonly window: BudgetWindowKind
  readonly limit: NanoUsd
  /** What a request of this kind could still reserve. */
  readonly left: NanoUsd
  readonly wanted: NanoUsd
  /** When the window ends, in milliseconds since 1970. */
  readonly resetAt: number
  readonly onExhausted: BudgetPolicy["onExhausted"]
}
