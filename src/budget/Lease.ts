/**
 * A request's hold on money: it is opened once a request, and every attempt and every call on the way (a classifier's,
 * an embedder's, a moderation's) reserves its own worst case under it before it is sent, and is settled once after it.
 *
 * Whatever ends a request closes its lease, and with it every attempt that nobody has settled: at the worst case, marked
 * uncertain. A lease that outlives its deadline is closed in the same way, marked expired. Should news of such an
 * attempt arrive later, it is corrected.
 *
 * @module
 */
import type { BudgetRefusal, BudgetScope, BudgetTier, Priority } from "../domain/Budget.ts"
import { minus, nano, type NanoUsd, plus, zero } from "../domain/Money.ts"
import type { Effect } from "effect"
import {
  type Certainty,
  openReservation,
  type ReservationReply,
  reservationStep,
  type ReservationState,
  type SettleCommand
} from "../machine/Reservation.ts"
import type { Purse } from "./Purse.ts"

/** What is held for one attempt. */
export interface Hold {
  /** The provider's and the model's, besides the lease's own. */
  readonly scopes: ReadonlyArray<BudgetScope>
  readonly worst: NanoUsd
  /** What it costs is not known, though it costs something: no hard limit could be kept. */
  readonly isUnpriced?: boolean
  /** The same request has been sent before: it may use what is kept. */
  readonly retry?: boolean
}

/** One attempt's reservation. */
export interface Attempt {
  readonly held: NanoUsd
  /**
   * The attempt is over. Synchronous, never fails, and may be said any number of times: the first counts, and after it
   * only what knows more. `now` in milliseconds since 1970.
   */
  readonly settle: (end: SettleCommand, now: number) => void
  /** From now on `soFar` says what is owed should nobody settle it. */
  readonly follow: (soFar: () => SettleCommand) => void
}

export interface Lease {
  readonly id: string
  readonly scopes: ReadonlyArray<BudgetScope>
  readonly priority: Priority
  /** How good a model the scopes pay for, as of when it was opened. */
  readonly tier: BudgetTier
  /** When it expires, in milliseconds since 1970. */
  readonly deadline: number
  /** Holds an attempt's worst case in all scopes, or in none. Waits only where a block must be recorded first. */
  readonly reserve: (hold: Hold) => Effect.Effect<Attempt, BudgetRefusal>
  /** The same without waiting, in one synchronous step; `undefined` where `reserve` would wait. */
  readonly reserveNow: (hold: Hold, now: number) => Attempt | BudgetRefusal | undefined
  /** What would keep an attempt from being made at this moment. Only a look: nothing is held. */
  readonly refuses: (hold: Hold, now: number) => BudgetRefusal | undefined
  /** A look has kept a request from being sent: counted, as refused reservations are. */
  readonly turnedAway: (refusal: BudgetRefusal) => void
  /** Is there a hard limit among its own scopes and these? */
  readonly isHard: (scopes: ReadonlyArray<BudgetScope>) => boolean
  /** What its attempts have been settled for so far. */
  readonly spent: () => NanoUsd
}

/** What attempts have to do with the budgets. */
export interface Counter {
  /** Into which windows it was counted. */
  readonly settle: (purse: Purse, held: NanoUsd, owed: NanoUsd, by: Certainty, now: number) => ReadonlyArray<number>
  readonly correct: (
    purse: Purse,
    windows: ReadonlyArray<number>,
    change: { readonly before: NanoUsd; readonly owed: NanoUsd; readonly was: Certainty; readonly by: Certainty },
    now: number
  ) => void
}

/** One attempt of a request. */
class HeldAttempt implements Attempt {
  readonly #holdings: Holdings
  readonly #purse: Purse
  #state: ReservationState
  #windows: ReadonlyArray<number> = noWindows
  soFar: (() => SettleCommand) | undefined

  constructor(holdings: Holdings, purse: Purse, held: NanoUsd) {
    this.#holdings = holdings
    this.#purse = purse
    this.#state = openReservation(held)
  }

  get held(): NanoUsd {
    return this.#state.held
  }

  follow(soFar: () => SettleCommand): void {
    if (this.#state._tag === "Open") this.soFar = soFar
  }

  settle(end: SettleCommand, now: number): void {
    const before = this.#state
    const [reply, next] = reservationStep(before, sane(end))
    this.#state = next
    if (reply._tag === "Settled") {
      this.soFar = undefined
      this.#windows = this.#holdings.settled(this, this.#purse, reply, now)
    } else if (reply._tag === "Corrected" && before._tag === "Closed")
      this.#holdings.corrected(this.#purse, this.#windows, { ...reply, was: before.by }, now)
  }
}
const noWindows: ReadonlyArray<number> = []

/** The attempts of one request. */
export class Holdings {
  readonly #counter: Counter
  /** Those that nobody has settled; mostly one. */
  readonly #open: Array<HeldAttempt> = []
  #spent: NanoUsd = zero
  #closed = false

  constructor(counter: Counter) {
    this.#counter = counter
  }

  get spent(): NanoUsd {
    return this.#spent
  }
  get closed(): boolean {
    return this.#closed
  }
  /** Attempts that nobody has settled. */
  get open(): number {
    return this.#open.length
  }

  /** What was just reserved from this purse belongs to this request. */
  add(purse: Purse, held: NanoUsd): Attempt {
    const attempt = new HeldAttempt(this, purse, held)
    this.#open.push(attempt)
    return attempt
  }

  settled(
    attempt: HeldAttempt,
    purse: Purse,
    { by, held, owed }: Extract<ReservationReply, { readonly _tag: "Settled" }>,
    now: number
  ): ReadonlyArray<number> {
    this.#open.splice(this.#open.indexOf(attempt), 1)
    this.#spent = plus(this.#spent, owed)
    return this.#counter.settle(purse, held, owed, by, now)
  }

  corrected(
    purse: Purse,
    windows: ReadonlyArray<number>,
    change: Parameters<Counter["correct"]>[2],
    now: number
  ): void {
    this.#spent = plus(this.#spent, minus(change.owed, change.before))
    this.#counter.correct(purse, windows, change, now)
  }

  /** Settles what is open at its worst case, as far as that is known by now. Nothing can be reserved any more. */
  close(by: "uncertain" | "expired", now: number): void {
    this.#closed = true
    for (const attempt of this.#open.slice()) {
      const known = attempt.soFar?.()
      attempt.settle(known?.by === "counted" ? known : { by, owed: known?.owed }, now)
    }
  }
}

/** A bill is a whole number, and never below nothing. */
const sane = (end: SettleCommand): SettleCommand =>
  end.owed === undefined || (Number.isSafeInteger(end.owed) && end.owed >= 0)
    ? end
    : {
        by: end.by,
        owed: Number.isFinite(end.owed)
          ? nano(Math.max(0, Math.min(Number.MAX_SAFE_INTEGER, Math.ceil(end.owed))))
          : undefined
      }
