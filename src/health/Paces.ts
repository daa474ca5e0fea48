/**
 * How fast each model at each provider answers at this moment, learned from every call.
 *
 * @module
 */
import { Context, Effect, HashMap, Layer, Option } from "effect"
import * as Actor from "../actor/Actor.ts"
import { type ModelRef, showModelRef } from "../domain/Ids.ts"
import {
  expectedMillis,
  initialPace,
  isIdlePace,
  mayHave,
  type PaceCommand,
  type PaceState,
  paceStep
} from "../machine/Pace.ts"

export class Paces extends Context.Service<
  Paces,
  {
    /** Something was learned of a call's pace. Synchronous. */
    readonly saw: (ref: ModelRef, command: PaceCommand, now: number) => void
    /** Milliseconds until an answer of so many tokens is whole; `undefined` while nothing is known. */
    readonly expectedMillis: (ref: ModelRef, tokens: number, now: number) => number | undefined
    /** With how many calls at once it may be trusted. */
    readonly mayHave: (ref: ModelRef, now: number) => number
  }
>()("switchyard/health/Paces") {
  static readonly layer: Layer.Layer<Paces> = Layer.effect(
    Paces,
    Effect.suspend(() => make())
  )
}

/** At most this many models are estimated at a time. */
const capacity = 4096

const machine = Actor.keyed<PaceState, PaceCommand, void, never>(
  { initial: initialPace, step: paceStep, events: () => [] },
  { capacity, isIdle: isIdlePace }
)

const make = Effect.fnUntraced(function* () {
  // a sample is no event: the two looks at the states that would find out are saved
  const actor = yield* Actor.make({ ...machine, events: () => [] })
  const stateOf = (ref: ModelRef): PaceState =>
    Option.getOrElse(HashMap.get(actor.stateUnsafe(), showModelRef(ref)), () => initialPace)
  return Paces.of({
    saw: (ref, command, now) => actor.askUnsafe({ key: showModelRef(ref), command }, now),
    expectedMillis: (ref, tokens, now) => expectedMillis(stateOf(ref), tokens, now),
    mayHave: (ref, now) => mayHave(stateOf(ref), now)
  })
})
