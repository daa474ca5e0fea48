/**
 * Whose turn it is in every alias that takes turns, for each set of targets that takes them: those that can serve one
 * request are not always those that can serve the next.
 *
 * @module
 */
import { Context, Effect, HashMap, Layer, Option } from "effect"
import * as Actor from "../actor/Actor.ts"
import {
  initialRotation,
  type Member,
  type RotationCommand,
  type RotationReply,
  type RotationState,
  rotationStep
} from "../machine/Rotation.ts"

export class Rotations extends Context.Service<
  Rotations,
  {
    /** The members by their credit, whose turn it is first; takes the turn. Synchronous. */
    readonly turn: (key: string, members: ReadonlyArray<Member>, now: number) => RotationReply
    /** The same order without taking the turn. */
    readonly peek: (key: string, members: ReadonlyArray<Member>) => RotationReply
  }
>()("switchyard/routing/Rotations") {
  static readonly layer: Layer.Layer<Rotations> = Layer.effect(
    Rotations,
    Effect.suspend(() => make())
  )
}

/** More aliases and sets of their targets than are in use at a time. */
const capacity = 4096

const machine = Actor.keyed<RotationState, RotationCommand, RotationReply, never>(
  { initial: initialRotation, step: rotationStep, events: () => [] },
  { capacity, isIdle: (state) => state.size === 0 }
)

const make = Effect.fnUntraced(function* () {
  const actor = yield* Actor.make({ ...machine, events: () => [] })
  return Rotations.of({
    turn: (key, members, now) => actor.askUnsafe({ key, command: { _tag: "Turn", members } }, now),
    peek: (key, members) => {
      const state = Option.getOrElse(HashMap.get(actor.stateUnsafe(), key), () => initialRotation)
      return rotationStep(state, { _tag: "Turn", members })[0]
    }
  })
})
