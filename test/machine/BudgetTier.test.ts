import { assert, describe, it } from "@effect/vitest"
import { Schema } from "effect"
import { lowestTier, tierAt } from "../../src/machine/BudgetTier.ts"

const order = ["none", "economy", "standard", "premium"] as const
const priorities = ["low", "normal", "critical"] as const
const share = Schema.Finite.check(Schema.isBetween({ minimum: -0.5, maximum: 1 }))

describe("the tier at a remaining share", () => {
  it.each([
    ["normal", 1, "premium"],
    ["normal", 0.81, "premium"],
    ["normal", 0.8, "standard"],
    ["normal", 0.2, "standard"],
    ["normal", 0.19, "economy"],
    ["normal", 0.001, "economy"],
    ["normal", 0, "none"],
    ["normal", -0.1, "none"],
    ["critical", 0.001, "premium"],
    ["critical", 0, "none"],
    ["low", 0.91, "premium"],
    ["low", 0.9, "standard"],
    ["low", 0.5, "standard"],
    ["low", 0.49, "economy"],
    ["low", 0.1, "economy"],
    ["low", 0.09, "none"]
  ] as const)("of a %s request at %d is %s", (priority, remaining, tier) => {
    assert.strictEqual(tierAt(priority, remaining), tier)
  })
  it.prop(
    "never rises as the share falls, nor for who matters less",
    { one: share, other: share },
    ({ one, other }) => {
      const rank = (priority: (typeof priorities)[number], at: number) => order.indexOf(tierAt(priority, at))
      const [less, more] = one < other ? [one, other] : [other, one]
      for (const [at, priority] of priorities.entries()) {
        assert.isAtMost(rank(priority, less), rank(priority, more))
        const above = priorities[at + 1]
        if (above !== undefined) assert.isAtMost(rank(priority, less), rank(above, less))
      }
    },
    { arbitrary: { runs: 300 } }
  )
  it("is the lowest of several", () => {
    for (const [a, one] of order.entries())
      for (const [b, other] of order.entries()) assert.strictEqual(lowestTier(one, other), order[Math.min(a, b)])
  })
})
