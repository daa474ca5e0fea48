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
  readonly #byScope = new Map<BudgetScope, Array<number>>()
  #memo = new WeakMap<Scopes, WeakMap<Scopes, Slots>>()
  #taken = 0
  /** As of which book slots were found. */
  readonly #foundIn = new WeakMap<Slots, number>()

  /** How many books were taken. */
  get taken(): number {
    return this.#taken
  }

  /** The number of the book in which `of` found these slots: what was in them then may be elsewhere in later ones. */
  foundIn(slots: Slots): number {
    return this.#foundIn.get(slots) ?? 0
  }

  /** Is there any budget? */
  get some(): boolean {
    return this.#byScope.size > 0
  }

  /** Takes the budgets of a book that are in the config; with a `scope`, where no others have changed. */
  take(book: BookState, scope?: BudgetScope): void {
    if (scope === undefined) this.#byScope.clear()
    else this.#byScope.delete(scope)
    for (const [slot, { active, policy }] of book.entries()) {
      if (!active || (scope !== undefined && policy.scope !== scope)) continue
      const slots = this.#byScope.get(policy.scope)
      if (slots === undefined) this.#byScope.set(policy.scope, [slot])
      else slots.push(slot)
    }
    this.#memo = new WeakMap()
    this.#taken++
  }

  /** Those of the global scope and of these, each once. */
  of(scopes: Scopes, further: Scopes = noScopes): Slots {
    if (!this.some) return noSlots
    const known = this.#memo.get(scopes)?.get(further)
    if (known !== undefined) return known
    const slots = [...(this.#byScope.get("global") ?? noSlots)]
    for (const scope of [...scopes, ...further])
      for (const slot of this.#byScope.get(scope) ?? noSlots) if (!slots.includes(slot)) slots.push(slot)
    this.#foundIn.set(slots, this.#taken)
    const ofScopes = this.#memo.get(scopes) ?? new WeakMap<Scopes, Slots>()
    this.#memo.set(scopes, ofScopes.set(further, slots))
    return slots
  }
}
