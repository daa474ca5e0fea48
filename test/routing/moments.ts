/** Moments for tests of strategies and resolution: everything idle and unknown, but for what is said. */
import type { Candidate } from "../../src/routing/Candidate.ts"
import { type Member, initialRotation, type RotationState, rotationStep } from "../../src/machine/Rotation.ts"
import type { Moment } from "../../src/routing/strategies/Strategy.ts"
import { showModelRef } from "../../src/domain/Ids.ts"

/** Rotations of their own, one for each set of members, as a gateway's are: weights of 0 last. */
export const rotating = (): Moment["rotate"] => {
  const states = new Map<string, RotationState>()
  return (candidates, weight) => {
    const members = candidates.map((one): Member => ({ key: showModelRef(one.ref), weight: weight(one) }))
    const round = members.map(({ key }) => key).join("\n")
    const [keys, next] = rotationStep(states.get(round) ?? initialRotation, { _tag: "Turn", members })
    states.set(round, next)
    const placeOf = (one: Candidate): number => {
      const place = keys.indexOf(showModelRef(one.ref))
      return place < 0 ? keys.length : place
    }
    return candidates.toSorted((a, b) => placeOf(a) - placeOf(b))
  }
}

export const idle = (changes: Partial<Moment> = {}): Moment => ({
  weight: () => 1,
  room: () => 1,
  inFlight: () => 0,
  expectedMillis: () => undefined,
  mayHave: () => 1,
  expectedUsd: () => undefined,
  rotate: rotating(),
  next: () => 0,
  ...changes
})
