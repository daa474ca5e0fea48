/**
 * One model at one provider that could answer a request, with what is known about it.
 *
 * @module
 */
import type { Context } from "effect"
import type { ModelFacts } from "../catalog/ModelFacts.ts"
import type { BudgetScope } from "../domain/Budget.ts"
import type { ModelRef } from "../domain/Ids.ts"
import type { LLMProvider } from "../provider/LLMProvider.ts"

export interface Candidate {
  readonly ref: ModelRef
  readonly facts: ModelFacts
  /** Providers that share infrastructure bear one label. */
  readonly failureDomain: string
  /** Where its provider runs, as the config says; absent: not known, which satisfies no demand for a region. */
  readonly region: string | undefined
  /** Whose budgets bear a call at it, besides those of who asks; absent: its provider's and its exact name's. */
  readonly budgetScopes?: ReadonlyArray<BudgetScope>
}

/** A candidate that can be asked: its provider is built. */
export interface AskableCandidate extends Candidate {
  readonly provider: Context.Service.Shape<typeof LLMProvider>
}
