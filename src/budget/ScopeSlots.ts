/**
 * Which budgets bear what is asked in some scopes: the slots of the global ones, and of each scope's.
 *
 * Callers and models have the same lists of scopes request after request, so what was found for two lists is remembered
 * by them.
 *
 * @module
 */
import type { BudgetScope } from "../domain/Budget.ts"
import type { BookState } from "../machine/BudgetBook.ts"

type Scopes = ReadonlyArray<BudgetScope>
type Slots = ReadonlyArray<number>

const noScopes: Scopes = []
export const noSlots: Slots = []

export class ScopeSlots {
  #byScope = new Map<BudgetScope, ReadonlyArray<number>>()
  #memo = new WeakMap<Scopes, WeakMap<Scopes, Slots>>()

  /** Is there any budget? */
  get some(): boolean {
    return this.#byScope.size > 0
  }

  /** Takes the budgets of a book that are in the config. Gives their slots. */
  take(book: BookState): Slots {
    const found = new Map<BudgetScope, Array<number>>()
    const all: Array<number> = []
    for (const [slot, { active, policy }] of book.entries()) {
      if (!active) continue
      all.push(slot)
      const slots = found.get(policy.scope)
      if (slots === undefined) found.set(policy.scope, [slot])
      else slots.push(slot)
    }
    this.#byScope = found
    this.#memo = new WeakMap()
    return all
  }

  /** Those of the global scope and of these, each once. */
  of(scopes: Scopes, further: Scopes = noScopes): Slots {
    if (!this.some) return noSlots
    const known = this.#memo.get(scopes)?.get(further)
    if (known !== undefined) return known
    const slots = [...(this.#byScope.get("global") ?? noSlots)]
    for (const scope of [...scopes, ...further])
      for (const slot of this.#byScope.get(scope) ?? noSlots) if (!slots.includes(slot)) slots.push(slot)
    const ofScopes = this.#memo.get(scopes) ?? new WeakMap<Scopes, Slots>()
    this.#memo.set(scopes, ofScopes.set(further, slots))
    return slots
  }
}
