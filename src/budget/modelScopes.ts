/**
 * Whose budgets bear a call at a model, besides those of who asks: its provider's, and those of the model itself.
 *
 * `model:PROVIDER/MODEL` bears calls at that provider, `model:MODEL` at any; both under every name that is known to be
 * that model's (`catalog/identity`).
 *
 * @module
 */
import { isOneModel } from "../catalog/identity.ts"
import { splitTarget } from "../config/notation.ts"
import type { ProviderKind } from "../config/ProviderSpec.ts"
import type { BudgetPolicy, BudgetScope } from "../domain/Budget.ts"
import { type ModelRef, showModelRef } from "../domain/Ids.ts"

const prefix = "model:"

/** The scopes of a model at a provider of this kind, under these budgets; its own name's is among them. */
export const modelScopes = (
  ref: ModelRef,
  kind: ProviderKind,
  budgets: ReadonlyArray<Pick<BudgetPolicy, "scope">> = []
): ReadonlyArray<BudgetScope> => {
  const scopes = new Set<BudgetScope>([`provider:${ref.provider}`, `model:${showModelRef(ref)}`])
  for (const { scope } of budgets) {
    if (!scope.startsWith(prefix)) continue
    const name = scope.slice(prefix.length)
    const target = splitTarget(name)
    if (target !== undefined && target.provider !== ref.provider) continue
    const stated = { kind: target === undefined ? undefined : kind, model: target?.model ?? name }
    if (isOneModel({ kind, model: ref.model }, stated)) scopes.add(scope)
  }
  return [...scopes]
}
