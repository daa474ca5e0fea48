/**
 * One request's lease over the books of all budgets.
 *
 * @module
 */
import { type Clock, Effect } from "effect"
import type { BudgetRefusal, BudgetScope, BudgetTier, Priority } from "../domain/Budget.ts"
import type { NanoUsd } from "../domain/Money.ts"
import { type Attempt, type Hold, Holdings, type Lease } from "./Lease.ts"
import type { Ledger } from "./Ledger.ts"
import type { Purse } from "./Purse.ts"
import type { Recording } from "./Recorder.ts"

/** What requests' leases share. */
export interface Desk {
  readonly ledger: Ledger
  readonly clock: Clock.Clock
  /** A refusal is counted. */
  readonly count: (refusal: BudgetRefusal) => void
  readonly recording: () => Recording
  /** Waits until what is wanted now is drawn; `false`: it could not be, or not until then. */
  readonly drawn: (until: number) => Effect.Effect<boolean>
  /** How long a reservation waits for that. */
  readonly patienceMillis: number
}

/** The lease of one request. */
export class RequestLease implements Lease {
  readonly id: string
  readonly scopes: ReadonlyArray<BudgetScope>
  readonly priority: Priority
  readonly tier: BudgetTier
  readonly deadline: number
  readonly holdings: Holdings
  readonly #desk: Desk
  /** The purse that was asked for last, most often one candidate's for all that is asked of it, and by which scopes. */
  #purse: Purse | undefined
  #further: ReadonlyArray<BudgetScope> | undefined

  constructor(
    desk: Desk,
    { id, millis, priority, scopes }: Pick<Lease, "id" | "scopes" | "priority"> & { readonly millis: number },
    tier: BudgetTier,
    now: number
  ) {
    this.id = id
    this.scopes = scopes
    this.priority = priority
    this.tier = tier
    this.deadline = now + millis
    this.holdings = new Holdings(desk.ledger)
    this.#desk = desk
  }

  #purseFor(further: ReadonlyArray<BudgetScope>): Purse {
    if (this.#purse !== undefined && this.#further === further) return this.#purse
    this.#further = further
    return (this.#purse = this.#desk.ledger.purseOf(this.scopes, further))
  }

  reserveNow(hold: Hold, now: number): Attempt | BudgetRefusal | undefined {
    const { count, ledger } = this.#desk
    const purse = this.#purseFor(hold.scopes)
    const reserved = this.holdings.closed
      ? ledger.refusal(purse.slots[0] ?? -1, "closed", hold.worst)
      : ledger.reserve(purse, hold, this.priority, now)
    if (reserved === "held") return this.holdings.add(purse, hold.worst)
    if (reserved === "short") return undefined
    count(reserved)
    return reserved
  }

  reserve(hold: Hold): Effect.Effect<Attempt, BudgetRefusal> {
    const { clock, count, drawn, ledger, patienceMillis, recording } = this.#desk
    return Effect.suspend(() => {
      const until = clock.currentTimeMillisUnsafe() + patienceMillis
      const attempt = (): Effect.Effect<Attempt, BudgetRefusal> => {
        const reserved = this.reserveNow(hold, clock.currentTimeMillisUnsafe())
        if (reserved !== undefined) return "_tag" in reserved ? Effect.fail(reserved) : Effect.succeed(reserved)
        // only the wait has an end: what was reserved is always handed over
        return Effect.flatMap(drawn(until), (isDrawn) => {
          if (isDrawn) return attempt()
          const why = recording() === "superseded" ? "superseded" : "unrecorded"
          const unrecorded = ledger.refusal(this.#purseFor(hold.scopes).slots[0] ?? -1, why, hold.worst)
          count(unrecorded)
          return Effect.fail(unrecorded)
        })
      }
      return attempt()
    })
  }

  refuses(hold: Hold, now: number): BudgetRefusal | undefined {
    return this.#desk.ledger.refuses(this.#purseFor(hold.scopes), hold, this.priority, now)
  }

  turnedAway(refusal: BudgetRefusal): void {
    this.#desk.count(refusal)
  }

  isHard(scopes: ReadonlyArray<BudgetScope>): boolean {
    return this.#purseFor(scopes).isHard
  }

  spent(): NanoUsd {
    return this.holdings.spent
  }
}
