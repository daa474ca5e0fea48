/**
 * How long one model at one provider takes until it says something, as a pure machine: quantiles over samples whose
 * weight halves every five minutes.
 *
 * A histogram of 144 buckets from 1 ms to 10 min, each a tenth (9.7 %) wider than the one before. A sample adds one to
 * its bucket; instead of shrinking what is there as time goes by, later samples are given a weight that grows
 * (`2 ** (age / half-life)` since an epoch), which comes to the same for every quantile, and the counts are scaled down
 * only when that weight becomes large.
 *
 * Error: the exact quantile (the least sample that at least `q` of the weight does not exceed) lies in the bucket that
 * `quantile` interpolates within, so the estimate is off by less than a bucket's width, 9.7 % of the exact value. What
 * lies outside 1 ms – 10 min counts as the nearest of the two.
 *
 * The buckets are kept as twelve rows of twelve, so that a step copies two short arrays, and rows without a sample are
 * shared by all.
 *
 * Gotchas
 * - Below twenty samples (what is left of them after their decay) there is no estimate: `undefined` is "not known yet".
 * - A clock that goes back counts as the moment of the last sample; by more than a half-life, and it all starts anew.
 *
 * Source: G. Cormode, V. Shkapenyuk, D. Srivastava, B. Xu, "Forward Decay" (ICDE 2009), for the weights; the relative
 * error of logarithmic buckets as in C. Masson, J. Rim, H. Lee, "DDSketch" (VLDB 2019).
 *
 * @module
 */

/** After this time a sample counts half. */
export const halfLifeMillis = 5 * 60_000
/** Without so many samples (decayed) no quantile is told. */
export const leastSamples = 20
/** What lies below counts as this. */
export const leastMillis = 1
/** What lies above counts as this. */
export const mostMillis = 10 * 60_000

const rowLength = 12
const bucketCount = rowLength * rowLength
const logOfRatio = Math.log(mostMillis / leastMillis) / bucketCount

/** A bucket's upper bound over its lower one; the relative error of a quantile is less than this less 1. */
export const bucketRatio = Math.exp(logOfRatio)

/** A weight is at most two to the power of this before the counts are scaled down. */
const mostHalfLives = 30

export interface LatencyState {
  /** Weights by bucket: bucket `i` is `rows[i / 12][i % 12]`. */
  readonly rows: ReadonlyArray<ReadonlyArray<number>>
  /** The sum of all weights. */
  readonly total: number
  /** The moment at which a sample weighs one. */
  readonly epoch: number
  /** The moment of the last sample; milliseconds since 1970, as all moments. */
  readonly lastAt: number
}

export interface LatencyCommand {
  readonly _tag: "Saw"
  /** How long it took, in milliseconds. */
  readonly millis: number
}

const emptyRow: ReadonlyArray<number> = Array.from({ length: rowLength }, () => 0)

export const initialLatency: LatencyState = {
  rows: Array.from({ length: rowLength }, () => emptyRow),
  total: 0,
  epoch: 0,
  lastAt: 0
}

const bucketOf = (millis: number): number =>
  Math.min(bucketCount - 1, Math.max(0, Math.floor(Math.log(millis / leastMillis) / logOfRatio)))

const weightAt = (state: LatencyState, now: number): number => 2 ** ((now - state.epoch) / halfLifeMillis)

/** The state with `now` as its epoch: what a sample weighs is one again. */
const rescaled = (state: LatencyState, now: number): LatencyState => {
  const factor = 1 / weightAt(state, now)
  return {
    rows: state.rows.map((row) => (row === emptyRow ? row : row.map((weight) => weight * factor))),
    total: state.total * factor,
    epoch: now,
    lastAt: state.lastAt
  }
}

/** The moment that a step at `now` happens at; `undefined` where the clock went so far back that it all starts anew. */
const momentOf = (state: LatencyState, now: number): number | undefined =>
  now >= state.lastAt ? now : now < state.lastAt - halfLifeMillis ? undefined : state.lastAt

/** Notes one sample. One that is no number of milliseconds changes nothing (the same state comes back, by identity). */
export const latencyStep = (
  state: LatencyState,
  command: LatencyCommand,
  now: number
): readonly [void, LatencyState] => {
  const { millis } = command
  if (Number.isNaN(millis) || millis < 0) return [undefined, state]
  const moment = momentOf(state, now)
  const base =
    moment === undefined || state.total === 0
      ? { ...initialLatency, epoch: moment ?? now }
      : moment - state.epoch > mostHalfLives * halfLifeMillis
        ? rescaled(state, moment)
        : state
  const lastAt = moment ?? now
  const weight = weightAt(base, lastAt)
  const bucket = bucketOf(millis)
  const at = Math.floor(bucket / rowLength)
  const row = (base.rows[at] ?? emptyRow).slice()
  row[bucket % rowLength] = (row[bucket % rowLength] ?? 0) + weight
  const rows = base.rows.slice()
  rows[at] = row
  return [undefined, { rows, total: base.total + weight, epoch: base.epoch, lastAt }]
}

/** How many samples there would be if those that are left all counted in full. */
export const effectiveSamples = (state: LatencyState, now: number): number => {
  const moment = momentOf(state, now)
  return moment === undefined ? 0 : state.total / weightAt(state, moment)
}

/** Twenty samples of one moment are twenty, whatever floating point makes of their sum. */
const rounding = 1e-6

/**
 * The time in milliseconds that a share `q` (0–1) of the samples did not exceed, interpolated within its bucket;
 * `undefined` where too few samples are left at `now`.
 */
export const quantile = (state: LatencyState, q: number, now: number): number | undefined => {
  if (effectiveSamples(state, now) < leastSamples - rounding) return undefined
  const rank = q * state.total
  let below = 0
  let highest = 0
  for (let bucket = 0; bucket < bucketCount; bucket++) {
    const weight = state.rows[Math.floor(bucket / rowLength)]?.[bucket % rowLength] ?? 0
    if (weight === 0) continue
    if (below + weight >= rank) return upTo(bucket + Math.max(0, (rank - below) / weight))
    below += weight
    highest = bucket
  }
  // the sum of all buckets may fall short of the total by a rounding
  return upTo(highest + 1)
}

/** The time at so many buckets above the least. */
const upTo = (buckets: number): number => leastMillis * Math.exp(buckets * logOfRatio)

/** Holds nothing worth keeping: too few samples for an estimate, and none of late. */
export const isIdleLatency = (state: LatencyState, now: number): boolean =>
  effectiveSamples(state, now) < leastSamples && now - state.lastAt > halfLifeMillis
