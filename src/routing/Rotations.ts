/**
 * Whose turn it is in every alias that takes turns.
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
    readonly turn: (name: string, members: ReadonlyArray<Member>, now: number) => RotationReply
    /** The same order without taking the turn. */
    readonly peek: (name: string, members: ReadonlyArray<Member>) => RotationReply
  }
>()("switchyard/routing/Rotations") {
  static readonly layer: Layer.Layer<Rotations> = Layer.effect(
    Rotations,
    Effect.suspend(() => make())
  )
}

/** More names than any config has. */
const capacity = 4096

const machine = Actor.keyed<RotationState, RotationCommand, RotationReply, never>(
  { initial: initialRotation, step: rotationStep, events: () => [] },
  { capacity, isIdle: (state) => state.size === 0 }
)

const make = Effect.fnUntraced(function* () {
  const actor = yield* Actor.make({ ...machine, events: () => [] })
  return Rotations.of({
    turn: (name, members, now) => actor.askUnsafe({ key: name, command: { _tag: "Turn", members } }, now),
    peek: (name, members) => {
      const state = Option.getOrElse(HashMap.get(actor.stateUnsafe(), name), () => initialRotation)
      return rotationStep(state, { _tag: "Turn", members })[0]
    }
  })
})
