import { assert, describe, it } from "@effect/vitest"
import { Schema } from "effect"
import type { BudgetPolicy } from "../../src/domain/Budget.ts"
import { nano } from "../../src/domain/Money.ts"
import { budgetTier, lowestTier, tierAt, tierRoom } from "../../src/machine/BudgetTier.ts"
import { type BudgetState, initialBudget } from "../../src/machine/BudgetWindow.ts"

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

describe("the room within a tier", () => {
  const Limits = Schema.Struct({
    hard: Schema.Literals([1, 7, 10, 1000, 999_999_937, 1_000_000_000_000_000]),
    spentShare: Schema.Union([
      Schema.Finite.check(Schema.isBetween({ minimum: 0, maximum: 1.1 })),
      Schema.Literals([0, 0.1, 0.2, 0.5, 0.8, 0.9, 1])
    ]),
    softShare: Schema.UndefinedOr(Schema.Finite.check(Schema.isBetween({ minimum: 0, maximum: 1 }))),
    isHard: Schema.Boolean,
    part: Schema.Finite.check(Schema.isBetween({ minimum: 0, maximum: 1 })),
    priority: Schema.Literals(priorities)
  })
  const standing = ({ hard, isHard, softShare, spentShare }: typeof Limits.Type) => {
    const soft = softShare === undefined ? undefined : nano(Math.ceil(softShare * hard))
    const policy: BudgetPolicy = {
      scope: "global",
      window: "day",
      timeZone: "UTC",
      hard: isHard ? nano(hard) : undefined,
      soft: isHard ? soft : nano(hard),
      reservePercent: 0,
      onExhausted: "reject"
    }
    const state: BudgetState = { ...initialBudget(policy, 0), settled: nano(Math.round(spentShare * hard)) }
    return { policy, state }
  }
  it.prop(
    "leaves the tier as it is, whatever part of it is spent or expected",
    { limits: Limits },
    ({ limits }) => {
      const { policy, state } = standing(limits)
      const { part, priority } = limits
      const room = tierRoom(policy, state, priority)
      const now = budgetTier(policy, state, priority, nano(0))
      for (const more of [0, Math.floor(room * part), room]) {
        assert.strictEqual(budgetTier(policy, state, priority, nano(more)), now)
        const spent = { ...state, settled: nano(state.settled + more) }
        assert.strictEqual(budgetTier(policy, spent, priority, nano(0)), now)
      }
    },
    { arbitrary: { runs: 2000 } }
  )
  it("is most of a fresh budget's best tier, and none on a threshold", () => {
    const at = (spentShare: number, priority: "critical" | "normal" | "low") => {
      const { policy, state } = standing({
        hard: 1000,
        spentShare,
        softShare: undefined,
        isHard: true,
        part: 0,
        priority
      })
      return Number(tierRoom(policy, state, priority))
    }
    assert.isAtLeast(at(0, "normal"), 198)
    assert.isAtLeast(at(0, "critical"), 998)
    assert.strictEqual(at(0.8, "normal"), 0)
    assert.strictEqual(at(1, "critical"), 0)
  })
})
