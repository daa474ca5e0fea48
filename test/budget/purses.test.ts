import { assert, describe, it } from "@effect/vitest"
import { Effect, Layer, Result, Schema } from "effect"
import { TestClock } from "effect/testing"
import { Budgets } from "../../src/budget/Budgets.ts"
import { BudgetStore } from "../../src/budget/BudgetStore.ts"
import type { Attempt, Lease } from "../../src/budget/Lease.ts"
import { memoryRows } from "../../src/budget/MemoryBudgetStore.ts"
import { budgetId, type BudgetPolicy, type BudgetScope } from "../../src/domain/Budget.ts"
import { nano } from "../../src/domain/Money.ts"

const policy = (scope: BudgetScope, hard: number): BudgetPolicy => ({
  scope,
  window: "day",
  timeZone: "UTC",
  hard: nano(hard),
  soft: undefined,
  reservePercent: 10,
  onExhausted: "reject"
})
const policies = [policy("global", 90_000), policy("key:a", 40_000), policy("model:m", 70_000)]
const keys = [["key:a"], ["key:b"], ["key:c"]] as const
const models = [["model:m"], ["model:n"]] as const

const Move = Schema.Struct({
  does: Schema.Literals(["ask", "ask", "ask", "rest", "end", "end", "late", "look", "wait"]),
  key: Schema.Literals([0, 1, 2]),
  model: Schema.Literals([0, 1]),
  critical: Schema.Boolean,
  // mostly small ones, for which purses are filled, and some that need all there is
  amount: Schema.Union([
    Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 50 })),
    Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 50 })),
    Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 60_000 }))
  ]),
  which: Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 50 }))
})

/** What each budget stands at, reckoned one by one. */
class Exact {
  readonly spent = policies.map(() => 0)
  readonly reserved = policies.map(() => 0)
  of(scopes: ReadonlyArray<BudgetScope>): ReadonlyArray<number> {
    return policies.flatMap(({ scope }, at) => (scope === "global" || scopes.includes(scope) ? [at] : []))
  }
  left(scopes: ReadonlyArray<BudgetScope>, critical: boolean): number {
    const left = this.of(scopes).map((at) => {
      const hard = Number(policies[at]?.hard)
      const limit = critical ? hard : hard - Math.ceil(hard / 10)
      return limit - (this.spent[at] ?? 0) - (this.reserved[at] ?? 0)
    })
    return Math.min(...left)
  }
  move(scopes: ReadonlyArray<BudgetScope>, spent: number, reserved: number): void {
    for (const at of this.of(scopes)) {
      this.spent[at] = (this.spent[at] ?? 0) + spent
      this.reserved[at] = (this.reserved[at] ?? 0) + reserved
    }
  }
}

describe("many requests of the same payers", () => {
  it.effect.prop(
    "are granted, refused, settled and journalled as if each were reckoned in each budget by itself",
    { moves: Schema.Array(Move).check(Schema.isMaxLength(150)) },
    ({ moves }) => {
      const rows = memoryRows()
      return Effect.gen(function* () {
        const budgets = yield* Budgets
        const exact = new Exact()
        const leases = new Map<string, Lease>()
        const open: Array<{ attempt: Attempt; scopes: ReadonlyArray<BudgetScope>; held: number }> = []
        const closed: Array<{ attempt: Attempt; scopes: ReadonlyArray<BudgetScope>; owed: number }> = []
        const check = Effect.gen(function* () {
          const report = budgets.report(yield* Effect.clockWith((clock) => clock.currentTimeMillis))
          assert.deepStrictEqual(
            report.map(({ reserved, spent }) => [Number(spent), Number(reserved)]),
            policies.map((_, at) => [exact.spent[at], exact.reserved[at]])
          )
        })
        let now = 0
        for (const move of moves) {
          const scopes = keys[move.key]
          const priority = move.critical ? "critical" : "normal"
          if (move.does === "ask" || move.does === "rest") {
            const name = `${move.key} ${priority}`
            let lease = leases.get(name)
            if (lease === undefined) {
              const request = { id: name, scopes, priority, expected: nano(0), millis: 80_000_000 } as const
              const opened = yield* Effect.result(budgets.lease(request))
              if (Result.isFailure(opened)) continue
              lease = opened.success
              leases.set(name, lease)
            }
            const all = [...scopes, ...models[move.model]]
            const left = exact.left(all, move.critical)
            // all that there is, or one more
            const amount = move.does === "ask" ? move.amount : Math.max(0, left + (move.amount % 2))
            const hold = { worst: nano(amount), scopes: models[move.model] }
            // a look settles too
            const looks = move.which % 2 === 0
            const refused = looks ? lease.refuses(hold, now) : undefined
            if (looks) assert.strictEqual(refused === undefined, amount <= left)
            if (refused !== undefined) assert.isTrue(refused.left >= left && refused.left < amount)
            const reserved = yield* Effect.result(lease.reserve(hold))
            assert.strictEqual(Result.isSuccess(reserved), amount <= left)
            if (Result.isFailure(reserved)) continue
            exact.move(all, 0, amount)
            open.push({ attempt: reserved.success, scopes: all, held: amount })
          } else if (move.does === "end") {
            const [one] = open.splice(move.which % Math.max(1, open.length), 1)
            if (one === undefined) continue
            const owed = Math.min(move.amount, one.held)
            const by = move.critical ? "counted" : "told"
            one.attempt.settle({ by, owed: nano(owed) }, now)
            exact.move(one.scopes, owed, -one.held)
            if (by === "counted") closed.push({ attempt: one.attempt, scopes: one.scopes, owed })
          } else if (move.does === "late") {
            const one = closed.pop()
            if (one === undefined) continue
            const owed = Math.min(one.owed, move.amount)
            one.attempt.settle({ by: "told", owed: nano(owed) }, now)
            exact.move(one.scopes, owed - one.owed, 0)
          } else if (move.does === "look") yield* check
          else {
            yield* TestClock.adjust(move.amount)
            now += move.amount
          }
        }
        yield* check
        assert.isTrue(yield* budgets.flush)
        const store = yield* BudgetStore
        for (const [at, one] of policies.entries()) {
          const journal = yield* store.journal(budgetId(one), 0)
          assert.strictEqual(
            journal.reduce((sum, { amount }) => sum + amount, 0),
            exact.spent[at]
          )
        }
      }).pipe(
        Effect.scoped,
        Effect.provide(Budgets.layer({ policies, owner: "a" }).pipe(Layer.provideMerge(BudgetStore.layerMemory(rows))))
      )
    },
    { arbitrary: { runs: 200 } }
  )
})
