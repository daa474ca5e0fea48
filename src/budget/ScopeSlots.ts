/**
 * Which budgets bear what is asked in some scopes: those of the global scope, and of each scope, with the purse for all of
 * them.
 *
 * Callers and models have the same lists of scopes request after request, so what was found for two lists is remembered
 * by them.
 *
 * @module
 */
import type { BudgetScope } from "../domain/Budget.ts"
import type { BookState } from "../machine/BudgetBook.ts"
import { Purse } from "./Purse.ts"

type Scopes = ReadonlyArray<BudgetScope>

const noScopes: Scopes = []
const noSlots: ReadonlyArray<number> = []

export class ScopeSlots {
  readonly #byScope = new Map<BudgetScope, Array<number>>()
  readonly #hard = new Set<number>()
  #memo = new WeakMap<Scopes, WeakMap<Scopes, Purse>>()
  readonly #nobodys = new Purse(noSlots, false, 0)
  #taken = 0

  /** How many books were taken. */
  get taken(): number {
    return this.#taken
  }

  /** Is there any budget? */
  get some(): boolean {
    return this.#byScope.size > 0
  }

  /** Takes the budgets of a book that are in the config; with a `scope`, where no others have changed. */
  take(book: BookState, scope?: BudgetScope): void {
    if (scope === undefined) this.#byScope.clear()
    else this.#byScope.delete(scope)
    this.#hard.clear()
    for (const [slot, { active, policy }] of book.entries()) {
      if (!active) continue
      if (policy.hard !== undefined) this.#hard.add(slot)
      if (scope !== undefined && policy.scope !== scope) continue
      const slots = this.#byScope.get(policy.scope)
      if (slots === undefined) this.#byScope.set(policy.scope, [slot])
      else slots.push(slot)
    }
    this.#memo = new WeakMap()
    this.#taken++
  }

  /** That of the global scope's budgets and of these scopes', each once. */
  of(scopes: Scopes, further: Scopes = noScopes): Purse {
    if (!this.some) return this.#nobodys
    const known = this.#memo.get(scopes)?.get(further)
    if (known !== undefined) return known
    const slots = [...(this.#byScope.get("global") ?? noSlots)]
    for (const scope of [...scopes, ...further])
      for (const slot of this.#byScope.get(scope) ?? noSlots) if (!slots.includes(slot)) slots.push(slot)
    const isHard = slots.some((slot) => this.#hard.has(slot))
    const purse = new Purse(slots, isHard, this.#taken)
    const ofScopes = this.#memo.get(scopes) ?? new WeakMap<Scopes, Purse>()
    this.#memo.set(scopes, ofScopes.set(further, purse))
    return purse
  }
}
