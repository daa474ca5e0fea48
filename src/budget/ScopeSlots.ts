/**
 * Which budgets bear what is asked in some scopes: the slots of the global ones, and of each scope's, with the purse for
 * all of them.
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
  #byScope = new Map<BudgetScope, ReadonlyArray<number>>()
  #hard: ReadonlySet<number> = new Set()
  #memo = new WeakMap<Scopes, WeakMap<Scopes, Purse>>()
  #nobodys = new Purse(noSlots, false)

  /** Is there any budget? */
  get some(): boolean {
    return this.#byScope.size > 0
  }

  /** Takes the budgets of a book that are in the config. Gives their slots. */
  take(book: BookState): ReadonlyArray<number> {
    const found = new Map<BudgetScope, Array<number>>()
    const hard = new Set<number>()
    const all: Array<number> = []
    for (const [slot, { active, policy }] of book.entries()) {
      if (!active) continue
      all.push(slot)
      if (policy.hard !== undefined) hard.add(slot)
      const slots = found.get(policy.scope)
      if (slots === undefined) found.set(policy.scope, [slot])
      else slots.push(slot)
    }
    this.#byScope = found
    this.#hard = hard
    this.#memo = new WeakMap()
    return all
  }

  /** That of the global scope's budgets and of these scopes', each once. */
  of(scopes: Scopes, further: Scopes = noScopes): Purse {
    if (!this.some) return this.#nobodys
    const known = this.#memo.get(scopes)?.get(further)
    if (known !== undefined) return known
    const slots = [...(this.#byScope.get("global") ?? noSlots)]
    for (const scope of [...scopes, ...further])
      for (const slot of this.#byScope.get(scope) ?? noSlots) if (!slots.includes(slot)) slots.push(slot)
    const purse = new Purse(
      slots,
      slots.some((slot) => this.#hard.has(slot))
    )
    const ofScopes = this.#memo.get(scopes) ?? new WeakMap<Scopes, Purse>()
    this.#memo.set(scopes, ofScopes.set(further, purse))
    return purse
  }
}
