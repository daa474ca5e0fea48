/**
 * How fast money goes, as a pure machine: what was spent in the last stretches of time, and when the rest will be gone
 * at that rate.
 *
 * A window is looked at in ninety-sixths (a quarter of an hour for a day, about eight hours for a month), of which the
 * last twelve and the present one count (three hours; four days). What came before the window counts as well: at its
 * beginning nothing else is known.
 *
 * Gotchas
 * - A stretch that began within the window of sight counts with all it holds, and the rate is taken over the time since
 *   the first spending that is known, so that a fresh start does not look slow.
 * - A clock that goes back counts into the newest stretch; by more than all that is kept, and it starts anew.
 *
 * @module
 */

export interface SpendRateState {
  /** Which stretch since 1970 is the present one. */
  readonly at: number
  /** Spent in it, in nano-dollars. */
  readonly spent: number
  /** The stretches before, the newest last; at most `keptStretches`. */
  readonly before: ReadonlyArray<number>
  /** When spending was first seen, in milliseconds since 1970; absent: never. */
  readonly since: number | undefined
}

export const initialSpendRate: SpendRateState = { at: 0, spent: 0, before: [], since: undefined }

const stretchesInWindow = 96
const keptStretches = 12
/** A rate over less than this share of a stretch says nothing. */
const leastShare = 1

/** The length of a stretch of a window of so many milliseconds. */
export const stretchMillis = (windowMillis: number): number => Math.max(1, Math.floor(windowMillis / stretchesInWindow))

const roll = (state: SpendRateState, stretch: number, now: number): SpendRateState => {
  const at = Math.floor(now / stretch)
  if (at === state.at) return state
  if (at < state.at) return at < state.at - keptStretches ? { ...initialSpendRate, at } : state
  const gone = at - state.at
  if (gone > keptStretches) return { at, spent: 0, before: [], since: state.since }
  const before = [...state.before, state.spent, ...Array.from({ length: gone - 1 }, () => 0)]
  return { at, spent: 0, before: before.slice(-keptStretches), since: state.since }
}

/** Notes so much spent (or, below zero, corrected) at `now`. */
export const spent = (state: SpendRateState, stretch: number, amount: number, now: number): SpendRateState => {
  const present = roll(state, stretch, now)
  return {
    at: present.at,
    spent: present.spent + amount,
    before: present.before,
    since: present.since === undefined || present.since > now ? now : present.since
  }
}

/** Nano-dollars a millisecond over the last stretches; `undefined` where too little was seen. */
export const rateOf = (state: SpendRateState, stretch: number, now: number): number | undefined => {
  const { before, at, since, spent } = roll(state, stretch, now)
  if (since === undefined) return undefined
  const from = Math.max((at - before.length) * stretch, since)
  const millis = now - from
  if (millis < stretch * leastShare) return undefined
  const sum = before.reduce((sum, one) => sum + one, spent)
  return Math.max(0, sum) / millis
}

/** When so much will be spent at the present rate, in milliseconds since 1970; `undefined` where nobody can tell. */
export const runsOutAt = (state: SpendRateState, stretch: number, left: number, now: number): number | undefined => {
  if (left <= 0) return now
  const rate = rateOf(state, stretch, now)
  return rate === undefined || rate <= 0 ? undefined : now + left / rate
}
