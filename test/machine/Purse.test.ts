import { assert, describe, it } from "@effect/vitest"
import { Schema } from "effect"
import { nano } from "../../src/domain/Money.ts"
import { asideOf, emptyPurse, filled, handedOut, takenBack } from "../../src/machine/Purse.ts"

const Amount = Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 1000 }))

describe("a purse", () => {
  it.prop(
    "holds what was filled in, less what is handed out, and remembers what is owed of it",
    {
      moves: Schema.Array(Schema.Struct({ does: Schema.Literals(["fill", "hand", "hand", "back"]), amount: Amount }))
    },
    ({ moves }) => {
      let purse = emptyPurse
      let [put, owed, count] = [0, 0, 0]
      const out: Array<number> = []
      for (const [now, { amount, does }] of moves.entries()) {
        const before = purse
        if (does === "fill") {
          purse = filled(purse, nano(amount), now)
          put += amount
        } else if (does === "hand") {
          purse = handedOut(purse, nano(amount))
          if (amount > before.left) assert.strictEqual(purse, before)
          else out.push(amount)
        } else {
          const held = out.pop()
          if (held === undefined) continue
          const due = Math.min(amount, held)
          purse = takenBack(purse, nano(held), nano(due), now)
          owed += due
          count++
          assert.strictEqual(purse.at, now)
          assert.isAtMost(purse.since, now)
        }
        assert.isAtLeast(purse.left, 0)
        assert.deepStrictEqual([Number(purse.owed), purse.count], [owed, count])
        assert.strictEqual(purse.left + purse.owed + out.reduce((sum, one) => sum + one, 0), put)
      }
    },
    { arbitrary: { runs: 300 } }
  )
  it.prop(
    "sets aside nothing, or at least one more of the same, and leaves others most of the room",
    { worst: Amount, room: Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 100_000 })) },
    ({ room, worst }) => {
      const aside = asideOf(nano(worst), nano(room))
      assert.isTrue(aside === 0 || aside >= worst)
      if (aside > 0) assert.isAtMost(worst + aside, worst + (room - worst) / 8)
    },
    { arbitrary: { runs: 300 } }
  )
})
