import { assert, describe, it } from "@effect/vitest"
import { Schema } from "effect"
import { Roster } from "../../src/actor/Roster.ts"

/** Each step adds a member, or removes the one that has been there for so many. */
const Steps = Schema.Array(
  Schema.Union([Schema.Literal("add"), Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 20 }))])
)

describe("a roster", () => {
  it.prop("has the members that a set would have, whatever comes and goes", { steps: Steps }, ({ steps }) => {
    const roster = new Roster<{ readonly id: number }>()
    const set = new Map<{ readonly id: number }, number>()
    for (const [id, step] of steps.entries()) {
      const one = step === "add" ? undefined : [...set][step]
      if (one === undefined) {
        const member = { id }
        set.set(member, roster.add(member))
      } else {
        assert.isTrue(roster.remove(one[1], one[0]))
        assert.isFalse(roster.remove(one[1], one[0]))
        set.delete(one[0])
      }
      assert.strictEqual(roster.size, set.size)
      assert.sameMembers([...roster], [...set.keys()])
    }
  })
  it("does not take the place from who has it now", () => {
    const roster = new Roster<object>()
    const [first, second] = [{}, {}]
    const place = roster.add(first)
    roster.remove(place, first)
    assert.strictEqual(roster.add(second), place)
    assert.isFalse(roster.remove(place, first))
    assert.deepStrictEqual([...roster], [second])
  })
  it("lets members leave while it is read", () => {
    const roster = new Roster<{ place: number }>()
    for (let at = 0; at < 5; at++) {
      const member = { place: -1 }
      member.place = roster.add(member)
    }
    let seen = 0
    for (const member of roster) {
      seen++
      roster.remove(member.place, member)
    }
    assert.strictEqual(seen, 5)
    assert.strictEqual(roster.size, 0)
  })
})
