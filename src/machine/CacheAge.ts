/**
 * How old a kept answer may be, as a budget shrinks.
 *
 * As long as at least `plenty` of a budget remains an answer is fresh for its plain time to live. From there on that time
 * grows, in proportion to what is gone, up to `most` times as long when nothing remains. It is asked when an answer is
 * looked up, not when it is kept: with a new window of the budget the old time holds again at once.
 *
 * @module
 */

/** The remaining share from which on nothing is stretched: where the best tier ends, too. */
const plenty = 0.8

/** By how much the time to live is multiplied at a remaining share (0–1, below zero where overdrawn): 1 to `most`. */
export const stretchAt = (share: number, most: number): number =>
  share >= plenty || most <= 1 ? 1 : 1 + (most - 1) * (1 - Math.max(0, share) / plenty)

/** `fresh`: as good as a new one; `stale`: only for want of a new one; `gone`: not to be given any more. */
export type CacheAge = "fresh" | "stale" | "gone"

/** What lengths of time there are, in milliseconds; `stretch` is a factor of at least 1. */
export interface CacheTimes {
  readonly ttlMillis: number
  readonly stretch: number
  /** How long after the longest time to live an answer may still be given for want of a new one. */
  readonly graceMillis: number
}

/** How long an answer may be of use to anybody, from the moment at which it was kept. */
export const usefulMillis = ({ graceMillis, stretch, ttlMillis }: CacheTimes): number =>
  ttlMillis * stretch + graceMillis

/**
 * What an answer of this age is good for. `share` is asked only where it matters. One that was kept in the future, as a
 * clock was put back, is as old as it is ahead.
 */
export const ageOf = (millis: number, times: CacheTimes, share: () => number): CacheAge => {
  const ageMillis = Math.abs(millis)
  if (ageMillis <= times.ttlMillis) return "fresh"
  if (ageMillis > usefulMillis(times)) return "gone"
  return times.stretch > 1 && ageMillis <= times.ttlMillis * stretchAt(share(), times.stretch) ? "fresh" : "stale"
}
