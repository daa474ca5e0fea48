/**
 * What there is to tell of a circuit: the change between two of its states, in a log line's words.
 *
 * @module
 */
import { type CircuitCommand, type CircuitState, forcedTo, type OpenedBy } from "./CircuitBreaker.ts"

/** `at` and `until` in milliseconds since 1970. */
export type CircuitEvent =
  | {
      readonly _tag: "Opened"
      readonly at: number
      readonly until: number
      readonly openings: number
      readonly by: OpenedBy
    }
  /** One call finds out; so many openings were there without a success. */
  | { readonly _tag: "Probing"; readonly at: number; readonly openings: number }
  /** The probe went away undecided: it is open as before. */
  | { readonly _tag: "ProbeAbandoned"; readonly at: number; readonly until: number }
  /** By the probe's end, by its first visible event (on probation), or because it was reset. */
  | {
      readonly _tag: "Closed"
      readonly at: number
      readonly by: "success" | "begin" | "reset"
      readonly openings: number
    }
  | { readonly _tag: "Forced"; readonly at: number; readonly to: "open" | "closed" }
  | { readonly _tag: "Released"; readonly at: number; readonly from: "open" | "closed" }

/** What happened between two states, for whoever listens. */
export const circuitEvents = (
  before: CircuitState,
  after: CircuitState,
  command: CircuitCommand,
  at: number
): ReadonlyArray<CircuitEvent> => {
  if (before.generation === after.generation && before._tag === after._tag) return []
  const from = forcedTo(before)
  const to = forcedTo(after)
  if (to !== undefined) return to === from ? [] : [{ _tag: "Forced", at, to }]
  if (from !== undefined) return [{ _tag: "Released", at, from }]
  switch (after._tag) {
    case "Open":
      return command._tag === "Abandoned"
        ? [{ _tag: "ProbeAbandoned", at, until: after.until }]
        : [{ _tag: "Opened", at, until: after.until, openings: after.openings, by: after.openedBy }]
    case "HalfOpen":
      return [{ _tag: "Probing", at, openings: after.openings }]
    case "Closed": {
      if (before._tag === "Closed") return []
      const by = command._tag === "Reset" ? "reset" : after.onProbation ? "begin" : "success"
      return [{ _tag: "Closed", at, by, openings: before.openings }]
    }
    default:
      return []
  }
}
