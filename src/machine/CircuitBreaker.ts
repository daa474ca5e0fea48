/**
 * The circuit of one provider or one model at one provider, as a pure machine.
 *
 * States: `Closed` (calls pass), `Open` (calls are refused until a moment), `HalfOpen` (one probe is under way, all
 * others are refused). `failures` consecutive failures within `window` open it for `openFor`; then one probe is
 * admitted. Its success closes the circuit, its failure opens it again; from the third opening without a success in
 * between each lasts twice as long as the one before, up to `maxOpenFor`.
 *
 * A stream decides in two steps: its first visible event (`Began`) ends the probe and closes the circuit *on
 * probation*, so that others need not wait for a long answer; only the seen end (`Succeeded`) clears the failures, and
 * one failure before that opens it again.
 *
 * Gotchas
 * - Every state has a generation, raised when the circuit opens, is probed or closes. A report that bears another
 *   generation is news from an earlier life and changes nothing.
 * - `notBefore` (a vendor's Retry-After) closes the way without counting as a failure, whatever the state.
 * - What the caller caused (leaving, its own shorter limit, a lost race) is `Abandoned`: never a failure, but it frees
 *   the probe's slot.
 *
 * It deliberately knows nothing of clocks, of keys or of who listens.
 *
 * Source of the three states: M. Nygard, "Release It!" (2007), chapter 5.
 *
 * @module
 */

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
}

interface Life {
  readonly generation: number
  /** Openings since the last success. */
  readonly openings: number
  /** No call before this moment (milliseconds since 1970), whatever the state. */
  readonly notBefore: number
}
export interface Closed extends Life {
  readonly _tag: "Closed"
  /** When the last failures happened, oldest first; fewer than the policy's `failures`. */
  readonly failedAt: ReadonlyArray<number>
  /** A probe began but no call has come to its end since: the next failure opens it again. */
  readonly onProbation: boolean
}
export interface Open extends Life {
  readonly _tag: "Open"
  readonly until: number
}
export interface HalfOpen extends Life {
  readonly _tag: "HalfOpen"
}
export type CircuitState = Closed | Open | HalfOpen

export type CircuitCommand =
  /** May a call start? */
  | { readonly _tag: "Admit" }
  /** The call showed its first visible event. */
  | { readonly _tag: "Began"; readonly generation: number }
  /** The call came to its proper end. */
  | { readonly _tag: "Succeeded"; readonly generation: number }
  | { readonly _tag: "Failed"; readonly generation: number }
  /** Nobody will know how the call would have ended. */
  | { readonly _tag: "Abandoned"; readonly generation: number }
  /** Ask nobody before `until`. */
  | { readonly _tag: "NotBefore"; readonly until: number }
  /** Open it now, whatever was counted. */
  | { readonly _tag: "Trip" }

export type CircuitReply =
  | { readonly _tag: "Admitted"; readonly generation: number; readonly probe: boolean }
  /** `retryAt` is unknown while a probe is under way. */
  | { readonly _tag: "Refused"; readonly retryAt: number | undefined }
  | { readonly _tag: "Noted" }

export type CircuitEvent =
  | { readonly _tag: "Opened"; readonly until: number; readonly openings: number }
  | { readonly _tag: "Probing" }
  | { readonly _tag: "Closed" }

export const initialCircuit: CircuitState = {
  _tag: "Closed",
  generation: 0,
  openings: 0,
  notBefore: 0,
  failedAt: [],
  onProbation: false
}

const noted: CircuitReply = { _tag: "Noted" }

/** How long the `openings`-th opening lasts, in milliseconds. */
export const openingMillis = (policy: CircuitPolicy, openings: number): number =>
  Math.min(
    policy.openForMillis * 2 ** Math.max(0, openings - 2),
    Math.max(policy.maxOpenForMillis, policy.openForMillis)
  )

const opened = (policy: CircuitPolicy, state: CircuitState, now: number): Open => {
  const openings = state.openings + 1
  return {
    _tag: "Open",
    generation: state.generation + 1,
    openings,
    notBefore: state.notBefore,
    until: now + openingMillis(policy, openings)
  }
}

/** One step. The same state comes back (by identity) where nothing changed. */
export const circuitStep =
  (policy: CircuitPolicy) =>
  (state: CircuitState, command: CircuitCommand, now: number): readonly [CircuitReply, CircuitState] => {
    switch (command._tag) {
      case "Admit":
        return admit(state, now)
      case "NotBefore":
        return [noted, command.until > state.notBefore ? { ...state, notBefore: command.until } : state]
      case "Trip":
        return [noted, state._tag === "Open" ? state : opened(policy, state, now)]
      default:
        return [noted, command.generation === state.generation ? report(policy, state, command._tag, now) : state]
    }
  }

const admit = (state: CircuitState, now: number): readonly [CircuitReply, CircuitState] => {
  if (state._tag === "HalfOpen") return [{ _tag: "Refused", retryAt: undefined }, state]
  const wayClosedUntil = state._tag === "Open" ? Math.max(state.until, state.notBefore) : state.notBefore
  if (now < wayClosedUntil) return [{ _tag: "Refused", retryAt: wayClosedUntil }, state]
  if (state._tag === "Closed") return [{ _tag: "Admitted", generation: state.generation, probe: false }, state]
  const generation = state.generation + 1
  return [
    { _tag: "Admitted", generation, probe: true },
    { _tag: "HalfOpen", generation, openings: state.openings, notBefore: state.notBefore }
  ]
}

/** A report of a call of this very life. An open circuit has admitted nobody in its own generation. */
const report = (
  policy: CircuitPolicy,
  state: CircuitState,
  outcome: "Began" | "Succeeded" | "Failed" | "Abandoned",
  now: number
): CircuitState => {
  if (state._tag === "Open") return state
  if (state._tag === "HalfOpen") {
    const next = { generation: state.generation + 1, openings: state.openings, notBefore: state.notBefore }
    switch (outcome) {
      case "Began":
        // the generation stays: the end of this very stream must still be heard
        return { ...next, _tag: "Closed", generation: state.generation, failedAt: [], onProbation: true }
      case "Succeeded":
        return { ...next, _tag: "Closed", openings: 0, failedAt: [], onProbation: false }
      case "Failed":
        return opened(policy, state, now)
      case "Abandoned":
        // the slot is free again: the next call may probe at once
        return { ...next, _tag: "Open", until: now }
    }
  }
  switch (outcome) {
    case "Began":
    case "Abandoned":
      return state
    case "Succeeded":
      return state.failedAt.length === 0 && state.openings === 0 && !state.onProbation
        ? state
        : { ...state, openings: 0, failedAt: [], onProbation: false }
    case "Failed": {
      const failedAt = [...state.failedAt.filter((at) => at > now - policy.windowMillis), now]
      return state.onProbation || failedAt.length >= policy.failures
        ? opened(policy, state, now)
        : { ...state, failedAt }
    }
  }
}

/** What happened between two states, for whoever listens. */
export const circuitEvents = (before: CircuitState, after: CircuitState): ReadonlyArray<CircuitEvent> => {
  if (before._tag === after._tag) return []
  switch (after._tag) {
    case "Open":
      return [{ _tag: "Opened", until: after.until, openings: after.openings }]
    case "HalfOpen":
      return [{ _tag: "Probing" }]
    case "Closed":
      return [{ _tag: "Closed" }]
  }
}

/** Holds nothing worth keeping: a circuit that is closed, has counted nothing and stops nobody. */
export const isIdleCircuit = (state: CircuitState, policy: CircuitPolicy, now: number): boolean =>
  state._tag === "Closed" &&
  state.openings === 0 &&
  !state.onProbation &&
  state.notBefore <= now &&
  state.failedAt.every((at) => at <= now - policy.windowMillis)
