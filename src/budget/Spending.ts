/**
 * What the request that is running may spend: set once a request by the budget stage, read by whoever asks a provider in
 * its course. A call of the gateway's own for the sake of a request (a classifier's, an embedder's) finds the same.
 *
 * @module
 */
import { Context } from "effect"
import type { Lease } from "./Lease.ts"
import type { Quotes } from "./Quotes.ts"

export interface Spending {
  readonly lease: Lease
  /** Of the request that the lease was opened for. */
  readonly quotes: Quotes
}

/** Absent: nothing is limited. */
export const CurrentSpending = Context.Reference<Spending | undefined>("switchyard/budget/CurrentSpending", {
  defaultValue: () => undefined
})
