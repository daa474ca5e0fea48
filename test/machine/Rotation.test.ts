import { assert, describe, it } from "@effect/vitest"
import { Schema } from "effect"
import { initialRotation, type Member, rotationStep } from "../../src/machine/Rotation.ts"

const weights = (...all: ReadonlyArray<number>): ReadonlyArray<Member> =>
  all.map((weight, at) => ({ key: "abcdefgh".charAt(at), weight }))

/** Whose turn it was, turn after turn. */
const turns = (members: ReadonlyArray<Member>, count: number): ReadonlyArray<string> => {
  let state = initialRotation
  return Array.from({ length: count }, () => {
    const [order, next] = rotationStep(state, { _tag: "Turn", members })
    state = next
    return order[0] ?? "-"
  })
}

const Weights = Schema.NonEmptyArray(Schema.Int.check(Schema.isBetween({ minimum: 1, maximum: 9 }))).check(
  Schema.isMaxLength(6)
)

describe("a rotation", () => {
  it("spreads the turns of a heavy one between the others'", () => {
    assert.strictEqual(turns(weights(5, 1, 1), 14).join(""), "aabacaaaabacaa")
    assert.strictEqual(turns(weights(1, 1, 1), 7).join(""), "abcabca")
  })
  it.prop(
    "gives everybody exactly its share of every round, and at any moment to within one turn",
    { all: Weights },
    ({ all }) => {
      const members = weights(...all)
      const total = all.reduce((sum, weight) => sum + weight, 0)
      const seen = turns(members, total * 3)
      for (const { key, weight } of members)
        for (let count = 1; count <= seen.length; count++) {
          const had = seen.slice(0, count).filter((one) => one === key).length
          const due = (count * weight) / total
          assert.isBelow(Math.abs(had - due), count % total === 0 ? 1e-9 : members.length, `${key} after ${count}`)
        }
    },
    { arbitrary: { runs: 200, seed: 1 } }
  )
  it.prop(
    "keeps the shares when weights are no whole numbers",
    { all: Schema.NonEmptyArray(Schema.Literals([0.02, 0.1, 0.37, 1, 2.5])).check(Schema.isMaxLength(5)) },
    ({ all }) => {
      const members = weights(...all)
      const total = all.reduce((sum, weight) => sum + weight, 0)
      const seen = turns(members, 2000)
      for (const { key, weight } of members) {
        const had = seen.filter((one) => one === key).length
        assert.isBelow(Math.abs(had - (2000 * weight) / total), members.length, key)
      }
    },
    { arbitrary: { runs: 100, seed: 2 } }
  )
  it.prop(
    "orders all that have a weight, each once, whoever comes and goes",
    {
      rounds: Schema.Array(
        Schema.Array(Schema.UndefinedOr(Schema.Literals([0, 1, 3, -1]))).check(Schema.isMaxLength(5))
      ).check(Schema.isMaxLength(30))
    },
    ({ rounds }) => {
      let state = initialRotation
      for (const round of rounds) {
        const members = weights(...round.map((weight) => weight ?? Number.NaN))
        const [order, next] = rotationStep(state, { _tag: "Turn", members })
        state = next
        const wanted = members.filter(({ weight }) => weight > 0).map(({ key }) => key)
        assert.deepStrictEqual(order.toSorted(), wanted.toSorted())
        assert.isTrue([...state.values()].every(Number.isFinite))
      }
    },
    { arbitrary: { runs: 300, seed: 3 } }
  )
  it("forgets the credit of whoever was not named", () => {
    const [, state] = rotationStep(initialRotation, { _tag: "Turn", members: weights(1, 2) })
    const [, next] = rotationStep(state, { _tag: "Turn", members: weights(1) })
    assert.isFalse(next.has("b"))
  })
})
