/**
 * Which of an account's keys is asked next.
 *
 * Keys take turns. One that the vendor turned away (a wrong key, a spent quota, a rate limit) is left out for a while,
 * so that it does not fail every other request; when all are left out, the one that is due first is asked.
 *
 * Pure but for what it remembers: the time is the caller's. Times are milliseconds.
 *
 * @module
 */
import type { Reason } from "../domain/ProviderError.ts"

const authenticationPause = 5 * 60_000
const quotaPause = 10 * 60_000
/** A rate limit that does not say when to come back. */
const rateLimitPause = 2_000
/** A key that is asked too early costs one call that another key then answers. */
const longestRateLimitPause = 5 * 60_000

/** How long a key that failed so is left out; `undefined` for a failure that another key would not mend. */
export const pauseMillis = (reason: Reason): number | undefined => {
  switch (reason._tag) {
    case "AuthenticationFailed":
      return authenticationPause
    case "QuotaExhausted":
      return quotaPause
    case "RateLimited":
      return Math.min(reason.retryAfterMillis ?? rateLimitPause, longestRateLimitPause)
    default:
      return undefined
  }
}

export class Turns {
  readonly #until: Array<number>
  readonly #mayUse: (key: number, now: number) => boolean
  #next = 0

  /** For `count` keys, at least one. `mayUse`: somebody else's word on a key. */
  constructor(count: number, mayUse: (key: number, now: number) => boolean = () => true) {
    this.#until = Array.from({ length: count }, () => 0)
    this.#mayUse = mayUse
  }

  /** The key whose turn it is among those that are not left out, or `undefined` where all are. */
  free(now: number): number | undefined {
    const count = this.#until.length
    for (let step = 0; step < count; step++) {
      const key = (this.#next + step) % count
      if ((this.#until[key] ?? 0) > now || !this.#mayUse(key, now)) continue
      this.#next = (key + 1) % count
      return key
    }
    return undefined
  }

  /** The key to ask: a free one, or else the one that is due first. */
  take(now: number): number {
    return this.free(now) ?? this.#until.indexOf(Math.min(...this.#until))
  }

  /** Leaves a key out until `until`. */
  leaveOut(key: number, until: number): void {
    this.#until[key] = until
  }

  /** A key has been accepted. */
  accepted(key: number): void {
    this.#until[key] = 0
  }
}
