import { assert, describe, it } from "@effect/vitest"
import { Schema } from "effect"
import { Heaviest } from "../../src/server/Heaviest.ts"

const small = (most: number) => Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: most }))
const Step = Schema.Struct({
  does: Schema.Literals(["add", "remove", "change", "change"]),
  at: small(9),
  weight: small(6)
})

describe("the heaviest of many", () => {
  it.prop(
    "is the first of those that no other outweighs, however they come, go and change",
    { steps: Schema.Array(Step).check(Schema.isMaxLength(80)) },
    ({ steps }) => {
      const heaviest = new Heaviest<{ weight: number }>()
      const members: Array<{ weight: number }> = []
      for (const { at, does, weight } of steps) {
        const member = members[at]
        if (does === "add") {
          const added = { weight }
          heaviest.add(added)
          members.push(added)
        } else if (does === "remove") {
          heaviest.remove(member ?? { weight })
          if (member !== undefined) members.splice(at, 1)
        } else if (member !== undefined) {
          member.weight = weight
          heaviest.changed(member)
        }
        assert.strictEqual(heaviest.first, members.toSorted((a, b) => b.weight - a.weight)[0])
      }
    },
    { arbitrary: { runs: 300 } }
  )
})
