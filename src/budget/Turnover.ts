/**
 * Whose slots are whose: which budgets have given up theirs, and which slots have been given to another since.
 *
 * A slot is given on only where nobody can still mean the budget it was: its window is over or empty, nothing is reserved
 * or under way in it, and no lease is open that was opened before it was given up. What arrives later yet is held against
 * the number of the book in which its purse was found.
 *
 * @module
 */
import { type BookState, type BudgetEntry, isVacant } from "../machine/BudgetBook.ts"
import type { Purse } from "./Purse.ts"

/** What another configuration has made of the slots. */
export interface SlotChanges {
  /** Those of budgets that are new, or other ones than before. */
  readonly changed: ReadonlyArray<number>
  /** The budgets that have lost theirs to another. */
  readonly vacated: ReadonlyArray<readonly [slot: number, old: BudgetEntry]>
}

export class Turnover {
  /** The book in which a slot was given up, and the one in which it was given to another budget. */
  readonly #givenUp = new Map<number, number>()
  readonly #givenTo = new Map<number, number>()

  /** Takes note of a configuration; `book` is its number. */
  note(before: BookState, after: BookState, book: number): SlotChanges {
    const changed: Array<number> = []
    const vacated: Array<readonly [number, BudgetEntry]> = []
    for (const [slot, entry] of after.entries()) {
      const old = before[slot]
      if (entry === old) continue
      if (old !== undefined && old.id !== entry.id) {
        vacated.push([slot, old])
        this.#givenTo.set(slot, book)
      }
      if (entry.active) {
        this.#givenUp.delete(slot)
        changed.push(slot)
      } else this.#givenUp.set(slot, book)
    }
    return { changed, vacated }
  }

  /**
   * Slots that can be another budget's. `oldestBook` is the earliest under which a lease is open; `knows`, is anything
   * under way for a slot?
   */
  vacant(
    book: BookState,
    oldestBook: () => number,
    knows: (slot: number) => boolean,
    now: number
  ): ReadonlyArray<number> {
    if (this.#givenUp.size === 0) return []
    const oldest = oldestBook()
    return [...this.#givenUp].flatMap(([slot, since]) => {
      const entry = book[slot]
      return entry !== undefined && oldest >= since && isVacant(entry, now) && !knows(slot) ? [slot] : []
    })
  }

  /** Which of a purse's slots, by their places in it, are still those of its budgets; `undefined`: all are. */
  stillIts({ book, slots }: Purse): ReadonlyArray<number> | undefined {
    if (this.#givenTo.size === 0) return undefined
    return slots.flatMap((slot, place) => ((this.#givenTo.get(slot) ?? 0) <= book ? [place] : []))
  }
}
