/**
 * The circuit of one provider or one model at one provider, as a pure machine.
 *
 * States: `Closed` (calls pass), `Open` (calls are refused until a moment), `HalfOpen` (a probe is under way, all
 * others are refused). `failures` consecutive failures within `window` open it for `openFor`, and so does, where the
 * policy has a `failureRate`, too large a share of failures within the window; then one probe is admitted. Its success
 * closes the circuit, its failure opens it again; from the third opening without a success in between each lasts twice
 * as long as the one before, up to `maxOpenFor`.
 *
 * A probe that takes its time (a long answer told whole) must not keep everybody out for minutes: when the last one
 * admitted is undecided after as long as an opening lasts, one more is. All of them belong to one life, and the first that is decided
 * decides: a success closes, a failure opens, the rest is then news from an earlier life. So however slow the answers
 * are, the first that comes closes the circuit. Who goes away undecided leaves the others probing.
 *
 * A stream decides in two steps: its first visible event (`Began`) ends the probe and closes the circuit *on
 * probation*, so that others need not wait for a long answer; only the seen end (`Succeeded`) clears the failures, and
 * one failure before that opens it again.
 *
 * An operator may force it: `ForcedOpen` admits nobody, `ForcedClosed` everybody. No outcome leaves a forced state,
 * only `Release` does.
 *
 * Gotchas
 * - Every state has a generation, raised when the circuit opens, is probed, closes, is forced, released or reset. A
 *   report that bears another generation is news from an earlier life and changes nothing.
 * - `notBefore` (a vendor's Retry-After) closes the way without counting as a failure, whatever the state: an operator
 *   who forces a circuit closed has no say in what the vendor grants.
 * - Clocks are set back: a moment further off than the longest opening is one that was named by another clock, and is
 *   due (`isFreeAt`). A failure of more than a window ahead of now is forgotten like one of long ago.
 * - What the caller caused (leaving, its own shorter limit, a lost race) is `Abandoned`: never a failure, but it frees
 *   the probe's slot and leaves the circuit as it was before the probe.
 *
 * It deliberately knows nothing of clocks, of keys or of who listens.
 *
 * Source of the three states: M. Nygard, "Release It!" (2007), chapter 5.
 *
 * @module
 */
import { emptyTally, type FailureRatePolicy, failsTooOften, isStaleTally, type Tally, tallied } from "./FailureRate.ts"

/** All spans in milliseconds. */
export interface CircuitPolicy {
  /** Consecutive failures that open it; at least 1. */
  readonly failures: number
  /** How close together they must be. */
  readonly windowMillis: number
  /** How long the first two openings last. */
  readonly openForMillis: number
  /** How long an opening lasts at most. */
  readonly maxOpenForMillis: number
  /** Opens it also when so large a share of the calls within the window fails. Absent: only consecutive failures do. */
  readonly failureRate?: FailureRatePolicy | undefined
}

/**
 * Why it opened: consecutive `failures`, a `failureRate`, its `probe` failed, a call failed on `probation`, or it was
 * `tripped` from outside.
 */
export type OpenedBy = "failures" | "failureRate" | "probe" | "probation" | "tripped"

interface Life {
  readonly generation: number
  /** Openings since the last success. */
  readonly openings: number
  /** No call before this moment (milliseconds since 1970), whatever the state. */
  readonly notBefore: number
}
interface Tripped extends Life {
  /** When the opening is over, in milliseconds since 1970. */
  readonly until: number
  readonly openedBy: OpenedBy
}
export interface Closed extends Life {
  readonly _tag: "Closed"
  /** When the last failures happened, oldest first; fewer than the policy's `failures`. */
  readonly failedAt: ReadonlyArray<number>
  /** A probe began but no call has come to its end since: the next failure opens it again. */
  readonly onProbation: boolean
  /** Empty while the policy has no `failureRate`. */
  readonly tally: Tally
}
export interface Open extends Tripped {
  readonly _tag: "Open"
}
export interface HalfOpen extends Tripped {
  readonly _tag: "HalfOpen"
  /** Probes under way, at least 1. */
  readonly probes: number
  /** When one more may join them, in milliseconds since 1970. */
  readonly joinableAt: number
}
export interface ForcedOpen extends Life {
  readonly _tag: "ForcedOpen"
}
export interface ForcedClosed extends Life {
  readonly _tag: "ForcedClosed"
  /** The last failures, oldest first, as many as would have opened it; for people to see. */
  readonly failedAt: ReadonlyArray<number>
}
export type CircuitState = Closed | Open | HalfOpen | ForcedOpen | ForcedClosed

export type CircuitCommand =
  /** May a call start? */
  | { readonly _tag: "Admit" }
  /**
   * May a probe start, though the opening is not over? Never beside another, before the vendor's moment, or
   * against an operator's word; with `insist` (the operator asks) always, and a probe under way no longer decides.
   */
  | { readonly _tag: "Probe"; readonly insist: boolean }
  /** The call showed its first visible event. */
  | { readonly _tag: "Began"; readonly generation: number }
  /** The call came to its proper end. */
  | { readonly _tag: "Succeeded"; readonly generation: number }
  | { readonly _tag: "Failed"; readonly generation: number }
  /** Nobody will know how the call would have ended. */
  | { readonly _tag: "Abandoned"; readonly generation: number }
  /** Ask nobody before `until`; no longer than the longest opening, though. */
  | { readonly _tag: "NotBefore"; readonly until: number }
  /** Open it now, whatever was counted. */
  | { readonly _tag: "Trip" }
  | { readonly _tag: "Force"; readonly to: "open" | "closed" }
  /** Ends a force: closed, with nothing counted. */
  | { readonly _tag: "Release" }
  /** Forget all that happened: what stands behind it is another. A force stays. */
  | { readonly _tag: "Reset" }

export type CircuitReply =
  | { readonly _tag: "Admitted"; readonly generation: number; readonly probe: boolean }
  /** `retryAt` is unknown while a probe is under way, and while it is forced open. */
  | { readonly _tag: "Refused"; readonly retryAt: number | undefined }
  | { readonly _tag: "Noted" }

export const initialCircuit: CircuitState = {
  _tag: "Closed",
  generation: 0,
  openings: 0,
  notBefore: 0,
  failedAt: [],
  onProbation: false,
  tally: emptyTally
}

const noted: CircuitReply = { _tag: "Noted" }

/** How long the `openings`-th opening lasts, in milliseconds. */
export const openingMillis = (policy: CircuitPolicy, openings: number): number =>
  Math.min(
    policy.openForMillis * 2 ** Math.max(0, openings - 2),
    Math.max(policy.maxOpenForMillis, policy.openForMillis)
  )

/** When a call may start, in milliseconds since 1970, unless a probe is decided before; infinite if an operator says. */
export const wayFreeAt = (state: CircuitState): number => {
  switch (state._tag) {
    case "Closed":
    case "ForcedClosed":
      return state.notBefore
    case "Open":
      return Math.max(state.until, state.notBefore)
    case "HalfOpen":
      return Math.max(state.joinableAt, state.notBefore)
    case "ForcedOpen":
      return Number.POSITIVE_INFINITY
  }
}

/** No moment that this policy names is further off, in milliseconds. */
const horizonMillis = (policy: CircuitPolicy): number => Math.max(policy.openForMillis, policy.maxOpenForMillis)

/** Is `at` over, or so far off that a clock was set back since it was named? */
const isDue = (policy: CircuitPolicy, at: number, now: number): boolean =>
  now >= at || (Number.isFinite(at) && at > now + horizonMillis(policy))

/** May a call start at this moment (milliseconds since 1970)? Only a look. */
export const isFreeAt = (state: CircuitState, policy: CircuitPolicy, now: number): boolean => {
  switch (state._tag) {
    case "ForcedOpen":
      return false
    case "Open":
      return isDue(policy, state.until, now) && isDue(policy, state.notBefore, now)
    case "HalfOpen":
      return isDue(policy, state.joinableAt, now) && isDue(policy, state.notBefore, now)
    default:
      return isDue(policy, state.notBefore, now)
  }
}

/** How an operator has set it, if one has. */
export const forcedTo = (state: CircuitState): "open" | "closed" | undefined =>
  state._tag === "ForcedOpen" ? "open" : state._tag === "ForcedClosed" ? "closed" : undefined

/** How many failures within the window count against it now. */
export const recentFailures = (state: CircuitState, policy: CircuitPolicy, now: number): number =>
  "failedAt" in state ? recent(state.failedAt, policy, now).length : 0

const recent = (failedAt: ReadonlyArray<number>, policy: CircuitPolicy, now: number): ReadonlyArray<number> =>
  failedAt.filter((at) => at > now - policy.windowMillis && at <= now + policy.windowMillis)

const opened = (policy: CircuitPolicy, state: CircuitState, openedBy: OpenedBy, now: number): Open => {
  const openings = state.openings + 1
  return {
    _tag: "Open",
    generation: state.generation + 1,
    openings,
    notBefore: state.notBefore,
    until: now + openingMillis(policy, openings),
    openedBy
  }
}

/** Closed in a new life, with nothing counted. */
const anew = (state: CircuitState, notBefore: number): Closed => ({
  _tag: "Closed",
  generation: state.generation + 1,
  openings: 0,
  notBefore,
  failedAt: [],
  onProbation: false,
  tally: emptyTally
})

const forced = (state: CircuitState, to: "open" | "closed", notBefore: number): ForcedOpen | ForcedClosed => {
  const life = { generation: state.generation + 1, openings: 0, notBefore }
  return to === "open" ? { ...life, _tag: "ForcedOpen" } : { ...life, _tag: "ForcedClosed", failedAt: [] }
}

const reset = (state: CircuitState): CircuitState => {
  const to = forcedTo(state)
  if (to !== undefined) return forced(state, to, 0)
  // calls under way belong to the earlier life even where nothing was counted; only what never lived has none
  return state === initialCircuit ? state : anew(state, 0)
}

/** One step. The same state comes back (by identity) where nothing changed. */
export const circuitStep =
  (policy: CircuitPolicy) =>
  (state: CircuitState, command: CircuitCommand, now: number): readonly [CircuitReply, CircuitState] => {
    switch (command._tag) {
      case "Admit":
        if (!isFreeAt(state, policy, now)) return [refused(state), state]
        return state._tag === "HalfOpen" ? joined(policy, state, now) : admitted(policy, state, now)
      case "Probe":
        return command.insist || mayProbe(policy, state, now) ? admitted(policy, state, now) : [refused(state), state]
      case "NotBefore":
        return [noted, notBefore(policy, state, command.until, now)]
      case "Trip":
        return [
          noted,
          state._tag === "Closed" || state._tag === "HalfOpen" ? opened(policy, state, "tripped", now) : state
        ]
      case "Force":
        return [noted, forcedTo(state) === command.to ? state : forced(state, command.to, state.notBefore)]
      case "Release":
        return [noted, forcedTo(state) === undefined ? state : anew(state, state.notBefore)]
      case "Reset":
        return [noted, reset(state)]
      default:
        return [noted, command.generation === state.generation ? report(policy, state, command._tag, now) : state]
    }
  }

/** Nobody before `until`, nor before a moment that was named earlier: by this clock, and no further off than may be. */
const notBefore = (policy: CircuitPolicy, state: CircuitState, until: number, now: number): CircuitState => {
  const furthest = now + horizonMillis(policy)
  const named = Math.min(until, furthest)
  return named > state.notBefore || (state.notBefore > furthest && named > now) ? { ...state, notBefore: named } : state
}

const refused = (state: CircuitState): CircuitReply => {
  const retryAt = state._tag === "HalfOpen" || state._tag === "ForcedOpen" ? undefined : wayFreeAt(state)
  return { _tag: "Refused", retryAt }
}

const mayProbe = (policy: CircuitPolicy, state: CircuitState, now: number): boolean =>
  state._tag !== "HalfOpen" && state._tag !== "ForcedOpen" && isDue(policy, state.notBefore, now)

/** Lets one more probe join those that are late. */
const joined = (policy: CircuitPolicy, state: HalfOpen, now: number): readonly [CircuitReply, CircuitState] => [
  { _tag: "Admitted", generation: state.generation, probe: true },
  { ...state, probes: state.probes + 1, joinableAt: now + policy.openForMillis }
]

/** Lets a call pass; behind an open circuit it is the probe. */
const admitted = (policy: CircuitPolicy, state: CircuitState, now: number): readonly [CircuitReply, CircuitState] => {
  if (state._tag !== "Open" && state._tag !== "HalfOpen")
    return [{ _tag: "Admitted", generation: state.generation, probe: false }, state]
  const generation = state.generation + 1
  return [
    { _tag: "Admitted", generation, probe: true },
    { ...state, _tag: "HalfOpen", generation, probes: 1, joinableAt: now + policy.openForMillis }
  ]
}

type Outcome = "Began" | "Succeeded" | "Failed" | "Abandoned"

/** A report of a call of this very life. An open circuit has admitted nobody in its own generation. */
const report = (policy: CircuitPolicy, state: CircuitState, outcome: Outcome, now: number): CircuitState => {
  switch (state._tag) {
    case "Open":
    case "ForcedOpen":
      return state
    case "ForcedClosed": {
      if (outcome === "Failed") {
        const failedAt = [...recent(state.failedAt, policy, now), now].slice(-policy.failures)
        return { ...state, failedAt }
      }
      return outcome === "Succeeded" && state.failedAt.length > 0 ? { ...state, failedAt: [] } : state
    }
    case "HalfOpen":
      return probed(policy, state, outcome, now)
    case "Closed":
      return told(policy, state, outcome, now)
  }
}

/** What the probe found out. */
const probed = (policy: CircuitPolicy, state: HalfOpen, outcome: Outcome, now: number): CircuitState => {
  switch (outcome) {
    case "Began":
      // the generation and the openings stay: the end of this very stream must still be heard
      return {
        ...anew(state, state.notBefore),
        generation: state.generation,
        openings: state.openings,
        onProbation: true
      }
    case "Succeeded":
      return anew(state, state.notBefore)
    case "Failed":
      return opened(policy, state, "probe", now)
    case "Abandoned": {
      if (state.probes > 1) return { ...state, probes: state.probes - 1 }
      const { generation, notBefore, openedBy, openings, until } = state
      // the slot is free again: where the opening is over, the next call may probe at once
      return { _tag: "Open", generation: generation + 1, notBefore, openedBy, openings, until }
    }
  }
}

/** How one of many calls went. */
const told = (policy: CircuitPolicy, state: Closed, outcome: Outcome, now: number): CircuitState => {
  if (outcome === "Began" || outcome === "Abandoned") return state
  const { failureRate, windowMillis } = policy
  const tally = failureRate === undefined ? emptyTally : tallied(state.tally, outcome === "Failed", windowMillis, now)
  if (outcome === "Succeeded") {
    const clean = state.failedAt.length === 0 && state.openings === 0 && !state.onProbation
    return clean && tally === state.tally ? state : { ...state, openings: 0, failedAt: [], onProbation: false, tally }
  }
  const failedAt = [...recent(state.failedAt, policy, now), now]
  if (state.onProbation) return opened(policy, state, "probation", now)
  if (failedAt.length >= policy.failures) return opened(policy, state, "failures", now)
  return failureRate !== undefined && failsTooOften(tally, failureRate, windowMillis, now)
    ? opened(policy, state, "failureRate", now)
    : { ...state, failedAt, tally }
}

/** Holds nothing worth keeping: a circuit that is closed, has counted nothing and stops nobody. */
export const isIdleCircuit = (state: CircuitState, policy: CircuitPolicy, now: number): boolean =>
  state._tag === "Closed" &&
  state.openings === 0 &&
  !state.onProbation &&
  state.notBefore <= now &&
  recent(state.failedAt, policy, now).length === 0 &&
  isStaleTally(state.tally, policy.windowMillis, now)

/** The last moment that it knows of, in milliseconds since 1970: the smaller, the less is lost by forgetting it. */
export const circuitHorizon = (state: CircuitState): number =>
  Math.max(
    state.notBefore,
    "until" in state ? state.until : 0,
    "failedAt" in state ? (state.failedAt.at(-1) ?? 0) : 0,
    state._tag === "Closed" ? (state.tally.at(-1)?.since ?? 0) : 0
  )
