/**
 * How far an estimate is from what vendors count, as a pure machine: a decaying ratio, and a decaying error.
 *
 * The ratio is the sum of what was reported over the sum of what was estimated, older observations weighing less by
 * `decay` each time; it starts at 1 with the weight of `prior` observations of ordinary size, so that the first odd one
 * does not turn it. Sums (not a mean of ratios) weigh long prompts more, which is what money wants.
 *
 * `worst` is the highest ratio of a bill to its worst case that was ever seen, at least 1: a promise that was broken is
 * widened by so much from then on.
 *
 * @module
 */
import { Schema } from "effect"

const positive = Schema.Finite.check(Schema.isGreaterThan(0))
const notNegative = Schema.Finite.check(Schema.isGreaterThanOrEqualTo(0))

export const CalibrationState = Schema.Struct({
  estimated: positive,
  reported: positive,
  /** Mean distance of the calibrated estimate from what was reported, as a share of the latter. */
  error: notNegative,
  seen: notNegative,
  worst: Schema.Finite.check(Schema.isGreaterThanOrEqualTo(1))
})
export type CalibrationState = typeof CalibrationState.Type

const decay = 0.98
const prior = 4
/** An ordinary amount, which the prior is made of. */
const ordinary = 200
/** Estimates are not believed to be off by more than this either way. */
const furthest = 16
/** A single bill widens the worst case by no more than this. */
const widest = 8
/** How much of a widening outlasts an ordinary bill: half of it three hundred and fifty. */
const fading = 0.998
/** What is left of a widening at its end. */
const leastWidening = 0.01

export const initialCalibration: CalibrationState = {
  estimated: prior * ordinary,
  reported: prior * ordinary,
  error: 0,
  seen: 0,
  worst: 1
}

/** What estimates are to be multiplied by. */
export const ratioOf = ({ estimated, reported }: CalibrationState): number =>
  Math.min(furthest, Math.max(1 / furthest, reported / estimated))

/** Notes that so much was reported where so much had been estimated (before calibration). Both above zero. */
export const calibrated = (state: CalibrationState, estimated: number, reported: number): CalibrationState => {
  if (!(estimated > 0) || !(reported > 0)) return state
  const off = Math.min(furthest, Math.abs(estimated * ratioOf(state) - reported) / reported)
  return {
    estimated: state.estimated * decay + estimated,
    reported: state.reported * decay + reported,
    error: state.seen === 0 ? off : state.error * decay + off * (1 - decay),
    seen: state.seen + 1,
    worst: state.worst
  }
}

/**
 * Notes a bill beside its worst case. A higher one widens worst cases from now on; what is within the worst case as it
 * would be without any widening lets that fade, so that one odd bill does not keep good requests out for good.
 */
export const overran = (state: CalibrationState, worst: number, billed: number): CalibrationState => {
  if (!(worst > 0)) return state
  if (billed <= worst) {
    if (state.worst === 1 || billed > worst / state.worst) return state
    const faded = 1 + (state.worst - 1) * fading
    return { ...state, worst: faded < 1 + leastWidening ? 1 : faded }
  }
  // upon the widening that was in force already
  const factor = Math.min(widest, state.worst * (billed / worst))
  return factor > state.worst ? { ...state, worst: factor } : state
}
