/**
 * Who listens to what providers learn on the way to an answer, and tells them which credential to leave alone.
 *
 * Providers make calls and know nothing of health; this is the one thing they are told. All of it is synchronous and
 * must neither throw nor wait: it stands on the path of every request.
 *
 * @module
 */
import { Context } from "effect"
import type { ModelRef } from "./Ids.ts"
import type { ProviderError } from "./ProviderError.ts"

/** What a vendor's headers say of one of its limits; a part that it does not tell is absent. */
export interface RateAllowance {
  /** How many the vendor grants within its window. */
  readonly limit: number | undefined
  /** How many of them are left. */
  readonly remaining: number | undefined
  /** When all of them are there again, in milliseconds since 1970. */
  readonly resetAt: number | undefined
  /** `steady` (the default): they come back evenly until then; `atReset`: none before, all at once then. */
  readonly refill?: "steady" | "atReset"
}

/** What the headers of one answer say of the limits it counted against. */
export interface RateNews {
  readonly requests: RateAllowance | undefined
  readonly tokens: RateAllowance | undefined
}

export interface ProviderWatch {
  /**
   * May this credential be used at this moment (milliseconds since 1970)? Who is told so uses it: it may be the one call
   * that finds out whether a credential that was turned away will do again.
   */
  readonly mayUse: (provider: string, credential: string, now: number) => boolean
  /** One of several credentials was turned away; others of the account may still do. `error.credential` says which. */
  readonly turnedAway: (error: ProviderError, now: number) => void
  /** The vendor took the call: it has answered, or begun to. With `credential`, that one. */
  readonly served?: (ref: ModelRef, credential: string | undefined, now: number) => void
  /** The vendor's answer refused the call. Told the moment it was read, before anybody else hears of it. */
  readonly refused: (error: ProviderError, now: number) => void
  /**
   * An answer, good or bad, bore word of the vendor's limits. `sentAt`: when its request was sent, which tells news from
   * an answer that was overtaken by others; absent: taken as told now.
   */
  readonly heard: (ref: ModelRef, news: RateNews, now: number, sentAt?: number) => void
}

/** Nobody listens: every credential may be used. */
export const noWatch: ProviderWatch = {
  mayUse: () => true,
  turnedAway: () => {},
  refused: () => {},
  heard: () => {}
}

/** The watch that providers are built with; outside of a gateway, nobody's. */
export const CurrentWatch = Context.Reference<ProviderWatch>("switchyard/domain/ProviderWatch", {
  defaultValue: () => noWatch
})
