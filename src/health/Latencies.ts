/**
 * How long each model at each provider takes until its first visible event, estimated from the streams that began.
 *
 * Only first visible events count: what failed or was abandoned before has shown nothing that could be measured, and a
 * whole answer's time says more about its length than about the vendor.
 *
 * @module
 */
import { Context, Effect, HashMap, Layer, Option } from "effect"
import * as Actor from "../actor/Actor.ts"
import { type ModelRef, showModelRef } from "../domain/Ids.ts"
import {
  initialLatency,
  isIdleLatency,
  type LatencyCommand,
  type LatencyState,
  latencyStep,
  quantile
} from "../machine/LatencyEstimate.ts"

export class Latencies extends Context.Service<
  Latencies,
  {
    /** A stream of this model showed its first visible event after so many milliseconds. Synchronous. */
    readonly saw: (ref: ModelRef, millis: number, now: number) => void
    /** Those of which something is known, as `provider/model`. */
    readonly keys: () => Iterable<string>
    /** Milliseconds within which half of the streams began; `undefined` while too little is known. */
    readonly p50: (ref: ModelRef, now: number) => number | undefined
    /** Milliseconds within which 95 of 100 streams began; `undefined` while too little is known. */
    readonly p95: (ref: ModelRef, now: number) => number | undefined
  }
>()("switchyard/health/Latencies") {
  static readonly layer: Layer.Layer<Latencies> = Layer.effect(
    Latencies,
    Effect.suspend(() => make())
  )
}

/** At most this many models are estimated at a time. */
const capacity = 4096

const machine = Actor.keyed<LatencyState, LatencyCommand, void, never>(
  { initial: initialLatency, step: latencyStep, events: () => [] },
  { capacity, isIdle: isIdleLatency }
)

const make = Effect.fnUntraced(function* () {
  // a sample is no event: the two looks at the states that would find out are saved
  const actor = yield* Actor.make({ ...machine, events: () => [] })
  const at = (q: number) => (ref: ModelRef, now: number) =>
    Option.match(HashMap.get(actor.stateUnsafe(), showModelRef(ref)), {
      onNone: () => undefined,
      onSome: (state) => quantile(state, q, now)
    })
  return Latencies.of({
    saw: (ref, millis, now) => actor.askUnsafe({ key: showModelRef(ref), command: { _tag: "Saw", millis } }, now),
    keys: () => HashMap.keys(actor.stateUnsafe()),
    p50: at(0.5),
    p95: at(0.95)
  })
})
