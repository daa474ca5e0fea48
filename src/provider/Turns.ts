/**
 * Which of an account's keys is asked next.
 *
 * Keys take turns. One that the vendor turned away (a wrong key, a spent quota) is left out for a while, so that it does
 * not fail every other request; one that is rate limited rests for the model that it was limited at. When all rest, the
 * one that is due first is asked; never one that somebody else keeps from being used while another may be.
 *
 * Pure but for what it remembers: the time is the caller's. Times are milliseconds.
 *
 * @module
 */
import type { Reason } from "../domain/ProviderError.ts"
import type { RateNews } from "../domain/ProviderWatch.ts"

const authenticationPause = 5 * 60_000
const quotaPause = 10 * 60_000
/** A rate limit that does not say when to come back. */
const rateLimitPause = 2_000
/** A key that is asked too early costs one call that another key then answers. */
const longestRateLimitPause = 5 * 60_000
/** Rests that are remembered at once: names of models come from callers. */
export const restsRemembered = 512

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

/** Until when a key rests for a model at which, by the vendor's word, nothing is left; `undefined`: it need not. */
export const restUntil = ({ requests, tokens }: RateNews, now: number): number | undefined => {
  let until: number | undefined
  for (const allowance of [requests, tokens]) {
    if (allowance?.remaining !== 0) continue
    const reset = Math.min(allowance.resetAt ?? now + rateLimitPause, now + longestRateLimitPause)
    if (reset > now) until = Math.max(until ?? 0, reset)
  }
  return until
}

export class Turns {
  /** By key: for whatever model. */
  readonly #until: Array<number>
  /** By key and model. */
  readonly #rests = new Map<string, number>()
  readonly #mayUse: (key: number, now: number) => boolean
  #next = 0

  /** For `count` keys, at least one. `mayUse`: somebody else's word on a key, who hears that it is used. */
  constructor(count: number, mayUse: (key: number, now: number) => boolean = () => true) {
    this.#until = Array.from({ length: count }, () => 0)
    this.#mayUse = mayUse
  }

  /** The key whose turn it is among those that do not rest, or `undefined` where all do. */
  free(model: string, now: number): number | undefined {
    return this.#first((key) => this.#dueAt(key, model) <= now, now)
  }

  /** The key to ask: a free one; else, of those that may be used, the one that is due first; else that of all. */
  take(model: string, now: number): number {
    const free = this.free(model, now)
    if (free !== undefined) return free
    const keys = this.#until.map((_, key) => key).sort((a, b) => this.#dueAt(a, model) - this.#dueAt(b, model))
    return keys.find((key) => this.#mayUse(key, now)) ?? keys[0] ?? 0
  }

  /** Leaves a key out until `until`: for one model, or for any. */
  leaveOut(key: number, until: number, now: number, model?: string): void {
    if (model === undefined) {
      this.#until[key] = until
      return
    }
    const name = nameOf(key, model)
    if (!this.#rests.has(name)) this.#makeRoom(now)
    this.#rests.set(name, until)
  }

  /** A key has been accepted at a model. */
  accepted(key: number, model: string): void {
    this.#until[key] = 0
    if (this.#rests.size > 0) this.#rests.delete(nameOf(key, model))
  }

  /** How many rests are remembered. */
  get resting(): number {
    return this.#rests.size
  }

  #dueAt(key: number, model: string): number {
    const until = this.#until[key] ?? 0
    return this.#rests.size === 0 ? until : Math.max(until, this.#rests.get(nameOf(key, model)) ?? 0)
  }

  #first(is: (key: number) => boolean, now: number): number | undefined {
    const count = this.#until.length
    for (let step = 0; step < count; step++) {
      const key = (this.#next + step) % count
      if (!is(key) || !this.#mayUse(key, now)) continue
      this.#next = (key + 1) % count
      return key
    }
    return undefined
  }

  /** Those that are over go, then the one that was set first. */
  #makeRoom(now: number): void {
    if (this.#rests.size < restsRemembered) return
    for (const [name, until] of this.#rests) if (until <= now) this.#rests.delete(name)
    const oldest = this.#rests.size < restsRemembered ? undefined : this.#rests.keys().next().value
    if (oldest !== undefined) this.#rests.delete(oldest)
  }
}

const nameOf = (key: number, model: string): string => `${key} ${model}`
