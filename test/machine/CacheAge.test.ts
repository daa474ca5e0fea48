import { assert, describe, it } from "@effect/vitest"
import { Schema } from "effect"
import { ageOf, type CacheTimes, stretchAt, usefulMillis } from "../../src/machine/CacheAge.ts"

const share = Schema.Finite.check(Schema.isBetween({ minimum: -0.5, maximum: 1 }))
const most = Schema.Finite.check(Schema.isBetween({ minimum: 1, maximum: 100 }))
const times: CacheTimes = { ttlMillis: 1000, stretch: 4, graceMillis: 500 }

describe("the time to live of a kept answer", () => {
  it.each([
    [1, 1],
    [0.8, 1],
    [0.4, 2.5],
    [0.2, 3.25],
    [0, 4],
    [-1, 4]
  ])("at a remaining share of %d is %d times as long, where it may be four times", (remaining, factor) => {
    assert.closeTo(stretchAt(remaining, 4), factor, 1e-9)
  })
  it.prop(
    "never shortens as the share falls, and is never shorter than without a budget, nor longer than at most",
    { one: share, other: share, most },
    ({ most, one, other }) => {
      const [less, more] = one < other ? [one, other] : [other, one]
      assert.isAtLeast(stretchAt(less, most), stretchAt(more, most))
      for (const at of [less, more]) {
        assert.isAtLeast(stretchAt(at, most), 1)
        assert.isAtMost(stretchAt(at, most), most * (1 + 1e-12))
      }
    },
    { arbitrary: { runs: 300 } }
  )
  it.each([
    [0, 1, "fresh"],
    [1000, 1, "fresh"],
    [1001, 1, "stale"],
    [2500, 0.4, "fresh"],
    [2501, 0.4, "stale"],
    [4000, 0, "fresh"],
    [4001, 0, "stale"],
    [4500, 0, "stale"],
    [4501, 0, "gone"],
    [4501, 1, "gone"]
  ] as const)("makes an answer of %d ms at a share of %d %s", (age, remaining, is) => {
    assert.strictEqual(
      ageOf(age, times, () => remaining),
      is
    )
  })
  it("does not look at budgets where that changes nothing", () => {
    const unasked = () => assert.fail("asked")
    assert.strictEqual(ageOf(1000, times, unasked), "fresh")
    assert.strictEqual(ageOf(usefulMillis(times) + 1, times, unasked), "gone")
    assert.strictEqual(ageOf(1001, { ...times, stretch: 1 }, unasked), "stale")
  })
})
