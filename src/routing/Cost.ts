/**
 * What a request's attempts have cost so far, and its caller's cap on it.
 *
 * A cap is a promise to the caller, so an attempt is only let through if its worst case (`Quote.worst`), the worst cases
 * of those under way and what was spent stay within the cap together. The operator's budgets are told of the same
 * attempts at the same moments: whoever ends an attempt settles both, once.
 *
 * Gotchas
 * - A model whose price nobody knows costs nothing here (most are servers of one's own); the config can state a price.
 *
 * @module
 */
import type { CallEnd, Estimates, Quote } from "../budget/Estimates.ts"
import type { Attempt } from "../budget/Lease.ts"
import type { AbandonedStreams } from "../config/Settings.ts"
import { minus, nanoOfUsd, type NanoUsd, plus, zero } from "../domain/Money.ts"

/** What a stream has told, and how much it has written, so far. */
export type SoFar = Pick<CallEnd, "told" | "writtenBytes">

/** An attempt under way. Its worst case is held until it has ended. */
export interface Metered {
  /** Replaces what was held by what it cost. Only the first call counts. `now` in milliseconds since 1970. */
  readonly ended: (end: CallEnd, now: number) => void
  /** It streams. From now on `soFar` is what is known of it where it is let go. */
  readonly follow: (soFar: () => SoFar) => void
  /** Nobody waits for it any more. */
  readonly letGo: (now: number) => void
}

/** Of an attempt that nobody reckons. */
export const unmetered: Metered = { ended: () => undefined, follow: () => undefined, letGo: () => undefined }

/** What one request's attempts have cost. Lives as long as its request; attempts may overlap. */
export class CostMeter {
  /** `undefined`: no cap. */
  readonly cap: NanoUsd | undefined
  readonly #abandoned: AbandonedStreams
  #spent = zero
  #held = zero

  /** `abandoned`: what a stream that is let go is settled at. */
  constructor(capUsd: number | undefined, abandoned: AbandonedStreams = "worst") {
    this.#abandoned = abandoned
    this.cap = capUsd === undefined ? undefined : nanoOfUsd(capUsd)
  }

  /** By the attempts that have ended. */
  get spent(): NanoUsd {
    return this.#spent
  }

  /** By the worst cases of those under way. */
  get held(): NanoUsd {
    return this.#held
  }

  /** Would the cap hold even if this attempt, and all that are under way, cost their worst? */
  allows({ worst }: Pick<Quote, "worst">): boolean {
    return this.cap === undefined || worst === 0 || plus(plus(this.#spent, this.#held), worst) <= this.cap
  }

  /** Begins an attempt; ask `allows` first. `reserved` is what the budgets hold for it. */
  start(estimates: Estimates["Service"], quote: Quote, reserved: Attempt | undefined): Metered {
    this.#held = plus(this.#held, quote.worst)
    let over = false
    let heard: (() => SoFar) | undefined
    const ended = (end: CallEnd, now: number): void => {
      if (over) return
      over = true
      const settled = estimates.owed(quote, end)
      this.#held = minus(this.#held, quote.worst)
      this.#spent = plus(this.#spent, settled.owed ?? quote.worst)
      reserved?.settle(settled, now)
    }
    const letGo = (): CallEnd => {
      const soFar = heard?.()
      return soFar !== undefined && this.#abandoned === "counted"
        ? { ...soFar, asFarAsItCame: true }
        : { writtenBytes: 0, told: soFar?.told }
    }
    return {
      ended,
      follow: (soFar) => {
        heard = soFar
        // what dies with its request is settled with the request's lease
        reserved?.follow(() => estimates.owed(quote, letGo()))
      },
      letGo: (now) => {
        if (!over) ended(letGo(), now)
        heard = undefined
      }
    }
  }
}
