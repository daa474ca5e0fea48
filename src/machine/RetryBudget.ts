/**
 * How many retries one provider still gets, as a pure machine: a share of the first attempts it was asked within the
 * last minute, and a fixed number besides, so that retries never feed an outage.
 *
 * Attempts are counted in buckets of one second. First attempts count for the sixty buckets that end with the present
 * one (at most 60 s), retries for sixty-one (at least 60 s): whatever the moment, the retries granted within the 60 s
 * before it are at most `perMinute + share × first attempts within the same 60 s`.
 *
 * A step within the same second makes one small object; the list of the seconds before is only rebuilt when a second
 * begins.
 *
 * Gotchas
 * - A retry that was granted is spent, whether or not it is made.
 * - A retry is no first attempt: retries never earn retries.
 * - A clock that goes back counts into the newest second; one that goes back by more than a minute starts anew.
 *
 * Source: the retry budget of Finagle (`RetryBudget`, a share of requests and a minimum), and "Handling Overload" in
 * Google's "Site Reliability Engineering" (2016), chapter 21.
 *
 * @module
 */

export interface RetryBudgetPolicy {
  /** Retries per first attempt, 0–1. */
  readonly share: number
  /** Retries besides, within any 60 s. */
  readonly perMinute: number
}

/** What was counted within one second. */
interface Bucket {
  /** Seconds since 1970. */
  readonly second: number
  readonly calls: number
  readonly retries: number
}

export interface RetryBudgetState extends Bucket {
  /** The seconds before in which something was counted, oldest first; at most sixty. */
  readonly before: ReadonlyArray<Bucket>
  /** First attempts in those of `before` that still earn retries. */
  readonly callsBefore: number
  /** Retries in `before`. */
  readonly retriesBefore: number
  /** The last retry that was asked for was refused. */
  readonly exhausted: boolean
}

export type RetryBudgetCommand =
  /** A first attempt is made. */
  | { readonly _tag: "Called" }
  /** May an attempt be repeated? */
  | { readonly _tag: "Retry" }

export type RetryBudgetReply = "noted" | "granted" | "refused"

export type RetryBudgetEvent =
  /** The first refusal since a retry was last granted. */
  { readonly _tag: "Exhausted" } | { readonly _tag: "Replenished" }

export const initialRetryBudget: RetryBudgetState = {
  second: 0,
  calls: 0,
  retries: 0,
  before: [],
  callsBefore: 0,
  retriesBefore: 0,
  exhausted: false
}

/** Whole seconds for which first attempts earn retries, the present one included. */
const windowSeconds = 60

/** The state at `now`: what is older than the window is forgotten. The same one (by identity) within its second. */
const at = (state: RetryBudgetState, now: number): RetryBudgetState => {
  const second = Math.floor(now / 1000)
  if (second === state.second) return state
  if (second < state.second) return second < state.second - windowSeconds ? { ...initialRetryBudget, second } : state
  const before: Array<Bucket> = []
  let callsBefore = 0
  let retriesBefore = 0
  const keep = (bucket: Bucket): void => {
    if (bucket.second < second - windowSeconds || bucket.calls + bucket.retries === 0) return
    before.push(bucket)
    if (bucket.second > second - windowSeconds) callsBefore += bucket.calls
    retriesBefore += bucket.retries
  }
  state.before.forEach(keep)
  keep({ second: state.second, calls: state.calls, retries: state.retries })
  return { second, calls: 0, retries: 0, before, callsBefore, retriesBefore, exhausted: state.exhausted }
}

/** 0.29 × 100 is 28.999999999999996: what floating point takes from a whole number is given back. */
const rounding = 1e-9

/** How many retries would be granted at `now` (milliseconds since 1970), one after the other; never negative. */
export const retriesLeft = (policy: RetryBudgetPolicy, state: RetryBudgetState, now: number): number => {
  const { calls, callsBefore, retries, retriesBefore } = at(state, now)
  const allowed = policy.perMinute + policy.share * (calls + callsBefore)
  return Math.max(0, Math.floor(allowed - retries - retriesBefore + rounding))
}

/** One step. The same state comes back (by identity) where nothing changed. */
export const retryBudgetStep =
  (policy: RetryBudgetPolicy) =>
  (
    state: RetryBudgetState,
    command: RetryBudgetCommand,
    now: number
  ): readonly [RetryBudgetReply, RetryBudgetState] => {
    const present = at(state, now)
    if (command._tag === "Called") return ["noted", { ...present, calls: present.calls + 1 }]
    if (retriesLeft(policy, present, now) > 0)
      return ["granted", { ...present, retries: present.retries + 1, exhausted: false }]
    return ["refused", present.exhausted ? present : { ...present, exhausted: true }]
  }

/** What happened between two states, for whoever listens. */
export const retryBudgetEvents = (
  before: RetryBudgetState,
  after: RetryBudgetState
): ReadonlyArray<RetryBudgetEvent> =>
  before.exhausted === after.exhausted ? [] : [{ _tag: after.exhausted ? "Exhausted" : "Replenished" }]

/** Holds nothing worth keeping: nothing was counted within the window. */
export const isIdleRetryBudget = (state: RetryBudgetState, now: number): boolean => {
  const { before, calls, retries } = at(state, now)
  return before.length === 0 && calls + retries === 0
}
