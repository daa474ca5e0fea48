/**
 * The share of failures among the calls of the last while, counted in a few buckets.
 *
 * A tally is at most `buckets` pairs of numbers however many calls there were: each holds the outcomes of a tenth of
 * the window, and one that began a whole window ago is dropped with all it counted. So what is told looks back over
 * nine tenths of the window to all of it. One that begins a window ahead of now was counted by another clock, and is
 * dropped too.
 *
 * @module
 */

export interface FailureRatePolicy {
  /** Fewer calls than this within the window say nothing; at least 1. */
  readonly calls: number
  /** Which share of them must fail, above 0 and up to 1. */
  readonly share: number
}

export interface Bucket {
  /** When its first call ended, in milliseconds since 1970. */
  readonly since: number
  readonly calls: number
  readonly failures: number
}
/** Oldest first. */
export type Tally = ReadonlyArray<Bucket>

export const emptyTally: Tally = []

const buckets = 10

const isWithin =
  (windowMillis: number, now: number) =>
  ({ since }: Bucket): boolean =>
    since > now - windowMillis && since <= now + windowMillis

/** The tally with one more outcome. */
export const tallied = (tally: Tally, failed: boolean, windowMillis: number, now: number): Tally => {
  const kept = tally.filter(isWithin(windowMillis, now))
  const failures = failed ? 1 : 0
  const last = kept.at(-1)
  if (last === undefined || now >= last.since + windowMillis / buckets)
    return [...kept, { since: now, calls: 1, failures }].slice(-buckets)
  return [...kept.slice(0, -1), { since: last.since, calls: last.calls + 1, failures: last.failures + failures }]
}

/** Are there enough calls within the window, and do too many of them fail? */
export const failsTooOften = (tally: Tally, policy: FailureRatePolicy, windowMillis: number, now: number): boolean => {
  let calls = 0
  let failures = 0
  for (const bucket of tally.filter(isWithin(windowMillis, now))) {
    calls += bucket.calls
    failures += bucket.failures
  }
  return calls >= policy.calls && failures >= policy.share * calls
}

/** Has everything it counted left the window? */
export const isStaleTally = (tally: Tally, windowMillis: number, now: number): boolean =>
  !tally.some(isWithin(windowMillis, now))
