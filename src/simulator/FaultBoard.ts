/**
 * The faults that were set by control calls, in the order they were set.
 *
 * @module
 */
import { Effect } from "effect"
import { type Fault, faultOf, type FaultSetting } from "./Faults.ts"

export interface ActiveFault {
  readonly setting: FaultSetting
  /** On how many calls it still falls; `Infinity`: on all. */
  readonly left: number
}

export interface FaultBoard {
  readonly set: (setting: FaultSetting) => Effect.Effect<void>
  readonly clear: Effect.Effect<void>
  readonly active: Effect.Effect<ReadonlyArray<ActiveFault>>
  /** The first fault that fits; one of its times is used up. */
  readonly take: (vendor: string, model: string) => Fault | undefined
}

/** The fault that falls on a call, and what remains: (board, call) => [fault, board]. */
export const takeFrom = (
  active: ReadonlyArray<ActiveFault>,
  vendor: string,
  model: string
): readonly [Fault | undefined, ReadonlyArray<ActiveFault>] => {
  const found = active.find(
    ({ setting }) => (setting.vendor ?? vendor) === vendor && (setting.model ?? model) === model
  )
  if (found === undefined) return [undefined, active]
  const { fault, model: _model, times: _times, vendor: _vendor, ...parameters } = found.setting
  const remaining = active
    .map((one) => (one === found ? { ...one, left: one.left - 1 } : one))
    .filter(({ left }) => left > 0)
  return [faultOf(fault, parameters), remaining]
}

/** An empty board. */
export const make = (): FaultBoard => {
  let active: ReadonlyArray<ActiveFault> = []
  return {
    set: (setting) =>
      Effect.sync(() => {
        active = [...active, { setting, left: setting.times ?? Infinity }]
      }),
    clear: Effect.sync(() => {
      active = []
    }),
    active: Effect.sync(() => active),
    take: (vendor, model) => {
      const [fault, remaining] = takeFrom(active, vendor, model)
      active = remaining
      return fault
    }
  }
}
