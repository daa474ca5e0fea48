/**
 * The leases that are open, and their end: what outlives its deadline is closed within a second of it.
 *
 * @module
 */
import { type Clock, Effect, Latch } from "effect"
import { Roster } from "../actor/Roster.ts"
import type { Holdings } from "./Lease.ts"

/** Leases that are over are looked for no more often than this. */
const leastSweepMillis = 1000

interface OpenLease {
  /** Among those that are open. */
  place: number
  readonly deadline: number
  readonly holdings: Holdings
  /** The number of the book when it was opened. */
  readonly book: number
}

export class OpenLeases {
  readonly #clock: Clock.Clock
  readonly #open = new Roster<OpenLease>()
  /** When they are looked at next, and what wakes the look where one will be over before that. */
  #nextSweep = Number.POSITIVE_INFINITY
  readonly #earlier = Latch.makeUnsafe(false)

  constructor(clock: Clock.Clock) {
    this.#clock = clock
  }

  get size(): number {
    return this.#open.size
  }

  /** The earliest book that a lease which is still open was opened under; infinite where none is open. */
  oldestBook(): number {
    let oldest = Number.POSITIVE_INFINITY
    for (const { book } of this.#open) if (book < oldest) oldest = book
    return oldest
  }

  /** Opens one, under the book of that number. Gives what closes it: then, what nobody has settled is settled at its worst case, uncertain. */
  add(deadline: number, holdings: Holdings, book: number): () => void {
    const one: OpenLease = { place: -1, deadline, holdings, book }
    one.place = this.#open.add(one)
    if (deadline < this.#nextSweep) this.#earlier.openUnsafe()
    return () => {
      this.#open.remove(one.place, one)
      holdings.close("uncertain", this.#clock.currentTimeMillisUnsafe())
    }
  }

  /** Closes all of them, as at the end of the process. */
  closeAll(now: number): void {
    for (const { holdings } of this.#open) holdings.close("uncertain", now)
  }

  /** Closes those that are over their deadline, until it is interrupted. */
  readonly sweeping: Effect.Effect<never> = Effect.forever(
    Effect.suspend(() => {
      this.#earlier.closeUnsafe()
      const now = this.#clock.currentTimeMillisUnsafe()
      this.#nextSweep = Math.max(this.#sweep(now), now + leastSweepMillis)
      return Number.isFinite(this.#nextSweep)
        ? Effect.timeoutOption(this.#earlier.await, this.#nextSweep - now)
        : this.#earlier.await
    })
  )

  /** Gives the next deadline of those that stay open. */
  #sweep(now: number): number {
    let next = Number.POSITIVE_INFINITY
    for (const one of this.#open)
      if (now >= one.deadline) {
        this.#open.remove(one.place, one)
        one.holdings.close("expired", now)
      } else if (one.deadline < next) next = one.deadline
    return next
  }
}
