/**
 * A purse, as pure steps: money that is set aside at once for many requests of the same payers.
 *
 * It is filled with more than the next request needs, hands out each one's worst case, takes back what that one did not
 * owe, and remembers what was owed until it is settled with the payers, all of it in one step.
 *
 * Always: what was filled in = `left` + `owed` + what is handed out and not given back.
 *
 * @module
 */
import { minus, nano, type NanoUsd, plus, zero } from "../domain/Money.ts"

export interface PurseState {
  /** Set aside, and not handed out. */
  readonly left: NanoUsd
  /** Owed by those that have ended, and not settled yet. */
  readonly owed: NanoUsd
  /** How many those are. */
  readonly count: number
  /** When the first of those ended, in milliseconds since 1970. */
  readonly since: number
  /** When it was last filled, or the last of them ended. */
  readonly at: number
}

export const emptyPurse: PurseState = { left: zero, owed: zero, count: 0, since: 0, at: 0 }

/** With so much more set aside. */
export const filled = (purse: PurseState, amount: NanoUsd, now: number): PurseState => ({
  left: plus(purse.left, amount),
  owed: purse.owed,
  count: purse.count,
  since: purse.since,
  at: now
})

/** With so much handed out; the same one (by identity) where it has less. */
export const handedOut = (purse: PurseState, amount: NanoUsd): PurseState =>
  amount > purse.left
    ? purse
    : {
        left: minus(purse.left, amount),
        owed: purse.owed,
        count: purse.count,
        since: purse.since,
        at: purse.at
      }

/** One for whom `held` was handed out has ended, and owes no more than that. */
export const takenBack = (purse: PurseState, held: NanoUsd, owed: NanoUsd, now: number): PurseState => ({
  left: plus(purse.left, minus(held, owed)),
  owed: plus(purse.owed, owed),
  count: purse.count + 1,
  since: purse.count === 0 ? now : purse.since,
  at: now
})

/** How much is set aside beyond what the next one needs: for so many like it, of so much room, or nothing. */
export const asideOf = (worst: NanoUsd, room: NanoUsd): NanoUsd => {
  const aside = Math.min(worst * (requestsAhead - 1), Math.floor(minus(room, worst) / shareOfRoom))
  return aside < worst ? zero : nano(aside)
}
const requestsAhead = 64
/** Of the room that there is, one part in so many: purses never keep much from each other. */
const shareOfRoom = 8
