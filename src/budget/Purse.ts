/**
 * The purse of those who are borne by the same budgets: the same key's requests, at the same model.
 *
 * @module
 */
import type { BudgetTier, Priority } from "../domain/Budget.ts"
import type { NanoUsd } from "../domain/Money.ts"
import { emptyPurse, type PurseState } from "../machine/Purse.ts"

/** A tier that a purse's budgets pay for. */
interface KnownTier {
  /** That of the books when it was looked up. */
  readonly version: number
  readonly tier: BudgetTier
  /** With so much more spent it is still the same. */
  readonly room: NanoUsd
}

const noWindows: ReadonlyArray<number> = []

export class Purse {
  /** The budgets. */
  readonly slots: ReadonlyArray<number>
  /** Is there a hard limit among them? */
  readonly isHard: boolean
  /** The number of the book in which they have these slots; in later ones some may be others'. */
  readonly book: number
  state: PurseState = emptyPurse
  /** Among those that hold something. */
  place = -1
  /** The windows that its budgets are in, from the one moment until the other, in milliseconds since 1970. */
  from = Number.POSITIVE_INFINITY
  until = Number.NEGATIVE_INFINITY
  windows = noWindows
  readonly tiers: { [P in Priority]?: KnownTier } = {}

  constructor(slots: ReadonlyArray<number>, isHard: boolean, book: number) {
    this.slots = slots
    this.isHard = isHard
    this.book = book
  }

  /** Are the windows those of this moment? */
  isAt(now: number): boolean {
    return now >= this.from && now < this.until
  }
}
