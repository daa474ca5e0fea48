/**
 * What `GET /admin/spend` tells: every budget as it stands, what it refused, and how good the estimates are.
 *
 * Amounts are US dollars, exact to the nano-dollar; shares are of the limit, 1 being all of it. Moments are RFC 3339
 * texts in UTC.
 *
 * @module
 */
import { Schema } from "effect"
import { budgetWindows } from "../domain/Budget.ts"

const optional = Schema.optionalKey
const moment = Schema.String.annotate({ format: "date-time" })
const usd = Schema.Finite

/** What budgets can be sorted by: the share that is used, what is spent (both largest first), or the scope's name. */
export const spendOrders = ["used", "spent", "scope"] as const
export type SpendOrder = (typeof spendOrders)[number]

/** What is asked of the budgets; absent: all of them, as they stand in the configuration, then those of keys. */
export interface SpendQuery {
  readonly scope?: string
  readonly sort?: SpendOrder
  readonly limit?: number
}

export const AdminBudget = Schema.Struct({
  id: Schema.String.annotate({ description: "Scope, window and time zone; it labels metrics too" }),
  scope: Schema.String.annotate({ description: "As in the config file: global, tenant:acme, key:web …" }),
  ended: optional(
    Schema.Literal(true).annotate({
      description: "It is in force no more, as its key has ended or it was taken away; told until its window ends"
    })
  ),
  window: Schema.Literals(budgetWindows),
  timeZone: Schema.String,
  start: moment,
  end: moment.annotate({ description: "When it begins anew" }),
  limitUsd: optional(usd.annotate({ description: "Never exceeded; absent: spending is only watched" })),
  softUsd: optional(usd.annotate({ description: "From here on economy models are chosen where they may be" })),
  reservePercent: Schema.Finite.annotate({ description: "Of the limit, kept for critical requests and retries" }),
  settledUsd: usd.annotate({ description: "Spent in this window, by all processes as far as is known here" }),
  reservedUsd: usd.annotate({ description: "Held for calls under way, at their worst case" }),
  leftUsd: optional(usd.annotate({ description: "What an ordinary request could still reserve" })),
  overUsd: usd.annotate({ description: "What vendors billed beyond the worst case that was held" }),
  share: Schema.Finite.annotate({ description: "Of the limit, what is not spent; below 0 where it is overdrawn" }),
  tier: Schema.Literals(["premium", "standard", "economy", "none"]).annotate({
    description: "How good a model it still pays for, at ordinary priority; none: requests are refused"
  }),
  runsOutAt: optional(
    moment.annotate({ description: "When the limit is reached at the pace of late, where that is before the end" })
  ),
  refusals: Schema.Record(Schema.String, Schema.Int).annotate({
    description: "How often a lease or a reservation was refused in its scope since the start, by why"
  })
}).annotate({ identifier: "AdminBudget" })
export type AdminBudget = typeof AdminBudget.Type

export const AdminEstimate = Schema.Struct({
  model: Schema.String,
  ratio: Schema.Finite.annotate({ description: "Tokens that the vendor counts for each that is expected" }),
  error: Schema.Finite.annotate({
    description: "Mean distance of the corrected estimate, as a share of what was counted"
  }),
  answers: Schema.Int.annotate({ description: "From so many answers" }),
  worstCaseFactor: Schema.Finite.annotate({ description: "By what its worst case is widened, as a bill was above it" })
}).annotate({ identifier: "AdminEstimate" })
export type AdminEstimate = typeof AdminEstimate.Type

export const AdminSpend = Schema.Struct({
  budgets: Schema.Array(AdminBudget),
  count: Schema.Int.annotate({ description: "How many budgets there are in the scope, told or not" }),
  recording: Schema.Literals(["working", "failing", "superseded"]).annotate({
    description:
      "Is it recorded what is spent? failing: the database does not take it; superseded: another process runs under this replica's name. Neither lets requests under a hard limit spend beyond what was recorded before"
  }),
  openLeases: Schema.Int.annotate({ description: "Requests under way that may spend" }),
  estimates: Schema.Array(AdminEstimate).annotate({ description: "Models asked lately, at most 100" })
}).annotate({ identifier: "AdminSpend" })
export type AdminSpend = typeof AdminSpend.Type
