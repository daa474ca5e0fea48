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
  reservationStep,
  type ReservationState,
  type SettleCommand
} from "../machine/Reservation.ts"

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

/** One that nobody has settled. */
interface OpenAttempt extends Attempt {
  soFar: (() => SettleCommand) | undefined
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
  /** What would keep an attempt from being made at this moment. Only a look: nothing is held. */
  readonly refuses: (hold: Hold, now: number) => BudgetRefusal | undefined
  /** A look has kept a request from being sent: counted, as refused reservations are. */
  readonly turnedAway: (refusal: BudgetRefusal) => void
  /** Is there a hard limit among its own scopes and these? */
  readonly isHard: (scopes: ReadonlyArray<BudgetScope>) => boolean
  /** What its attempts have been settled for so far. */
  readonly spent: () => NanoUsd
}

/** What a lease has to do with the budgets. */
export interface Counter {
  /** Into which windows it was counted. */
  readonly settle: (
    slots: ReadonlyArray<number>,
    held: NanoUsd,
    owed: NanoUsd,
    by: Certainty,
    now: number
  ) => ReadonlyArray<number>
  readonly correct: (
    slots: ReadonlyArray<number>,
    windows: ReadonlyArray<number>,
    change: { readonly before: NanoUsd; readonly owed: NanoUsd; readonly was: Certainty; readonly by: Certainty },
    now: number
  ) => void
}

/** The attempts of one request. */
export class Holdings {
  readonly #counter: Counter
  readonly #open = new Set<OpenAttempt>()
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
    return this.#open.size
  }

  /** What was just reserved in these budgets belongs to this request. */
  add(slots: ReadonlyArray<number>, held: NanoUsd): Attempt {
    let state: ReservationState = openReservation(held)
    let windows: ReadonlyArray<number> = []
    const attempt: OpenAttempt = {
      held,
      soFar: undefined,
      follow: (soFar) => {
        if (state._tag === "Open") attempt.soFar = soFar
      },
      settle: (end, now) => {
        const before = state
        const [reply, next] = reservationStep(state, sane(end))
        state = next
        if (reply._tag === "Settled") {
          this.#open.delete(attempt)
          attempt.soFar = undefined
          this.#spent = plus(this.#spent, reply.owed)
          windows = this.#counter.settle(slots, reply.held, reply.owed, reply.by, now)
        } else if (reply._tag === "Corrected" && before._tag === "Closed") {
          this.#spent = plus(this.#spent, minus(reply.owed, reply.before))
          this.#counter.correct(
            slots,
            windows,
            { before: reply.before, owed: reply.owed, was: before.by, by: reply.by },
            now
          )
        }
      }
    }
    this.#open.add(attempt)
    return attempt
  }

  /** Settles what is open by what is known of it by now, else at its worst case. Nothing can be reserved any more. */
  close(by: "uncertain" | "expired", now: number): void {
    this.#closed = true
    for (const attempt of this.#open) {
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
