import { assert, describe, it } from "@effect/vitest"
import { Schema } from "effect"
import {
  corrected,
  counted,
  emptyWindow,
  isEmptyWindow,
  roomAt,
  secondsOf,
  spanOf,
  startedAfter,
  type Second,
  sumOf,
  type Unit
} from "../../src/machine/StartWindow.ts"

const units = ["requests", "tokens"] as const
const Move = Schema.Struct({
  does: Schema.Literals(["start", "start", "start", "correct", "set back"]),
  after: Schema.Union([
    Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 1500 })),
    Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 70_000 }))
  ]),
  amount: Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 50 }))
})

describe("a minute's window", () => {
  it.prop(
    "says of every moment what its seconds say one by one",
    { moves: Schema.Array(Move).check(Schema.isMinLength(80), Schema.isMaxLength(120)) },
    ({ moves }) => {
      let window = emptyWindow
      let now = 1_000_000_000
      for (const { after, amount, does } of moves) {
        now += does === "set back" ? -after : after
        if (does === "start") {
          const before = [sumOf(window, "requests", now), sumOf(window, "tokens", now)]
          window = counted(window, amount, now)
          assert.deepStrictEqual(
            [sumOf(window, "requests", now), sumOf(window, "tokens", now)],
            [(before[0] ?? 0) + 1, (before[1] ?? 0) + amount]
          )
        } else if (does === "correct") {
          const all = secondsOf(window)
          const one = all[amount % Math.max(1, all.length)]
          if (one !== undefined) window = corrected(window, one.at, -1, amount - 25)
        }
        const seconds = secondsOf(window)
        for (const [index, second] of seconds.entries()) {
          assert.isAbove(second.at, seconds[index - 1]?.at ?? 0)
          assert.isAtLeast(Math.min(second.requests, second.tokens), 0)
        }
        for (const at of [now, now + 30_000, now + 59_999, now + 90_000, now - 90_000]) {
          const isRecent = (second: Second) => (second.at + 1) * 1000 > at - 60_000 && second.at * 1000 <= at + 60_000
          const recent = seconds.filter(isRecent)
          const sum = (unit: Unit, of: ReadonlyArray<Second> = recent) => of.reduce((all, one) => all + one[unit], 0)
          assert.strictEqual(isEmptyWindow(window, at), recent.length === 0)
          for (const unit of units) {
            assert.strictEqual(sumOf(window, unit, at), sum(unit))
            const last = recent.findLast((one) => one[unit] > 0)
            assert.deepStrictEqual(spanOf(window, unit, at), {
              used: sum(unit),
              emptyAt: last === undefined ? at : (last.at + 1) * 1000 + 60_000
            })
            const sentAt = at - 3000
            assert.strictEqual(
              startedAfter(window, unit, sentAt, at),
              sum(
                unit,
                recent.filter((one) => one.at > Math.floor(sentAt / 1000))
              )
            )
            const cap = sum(unit) + 5
            assert.isUndefined(roomAt(window, unit, 5, cap, at))
            const room = roomAt(window, unit, 6, cap, at)
            // what is dated ahead may come to count until then
            if (sum(unit) > 0 && seconds.every((one) => one.at * 1000 <= at)) {
              assert.isUndefined(roomAt(window, unit, 6, cap, room ?? 0))
              assert.isAbove(room ?? 0, at)
            }
          }
        }
      }
    },
    { arbitrary: { runs: 40 } }
  )
})
