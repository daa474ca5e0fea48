/**
 * What a refused reservation means to the caller.
 *
 * @module
 */
import type { BudgetRefusal } from "../domain/Budget.ts"
import type { GatewayReason } from "../domain/GatewayError.ts"

/** The reason in the caller's terms; a lease that is over means that the request has outlived all its limits. */
export const exhausted = ({ left, onExhausted, resetAt, scope, why, window }: BudgetRefusal): GatewayReason => {
  if (why === "superseded") return { _tag: "BudgetUnrecorded", superseded: true }
  if (why === "unrecorded" || why === "closed") return { _tag: "BudgetUnrecorded" }
  return {
    _tag: "BudgetExhausted",
    scope,
    window,
    resetAt,
    why: why === "unpriced" ? "price" : why === "kept" || why === "priority" ? "kept" : left > 0 ? "room" : "spent",
    ...(onExhausted === "cache-only" ? { cacheOnly: true } : undefined)
  }
}
