import { assert, describe, it } from "@effect/vitest"
import { Context, Effect, Layer, Result, Schema } from "effect"
import { TestClock } from "effect/testing"
import { Budgets } from "../../src/budget/Budgets.ts"
import { BudgetStore } from "../../src/budget/BudgetStore.ts"
import type { Attempt, Lease } from "../../src/budget/Lease.ts"
import { type MemoryRows, memoryRows } from "../../src/budget/MemoryBudgetStore.ts"
import { budgetId, type BudgetPolicy, type BudgetScope, type Priority } from "../../src/domain/Budget.ts"
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
    // what costs nothing fits always
    return Math.max(0, Math.min(...left))
  }
  move(scopes: ReadonlyArray<BudgetScope>, spent: number, reserved: number): void {
    for (const at of this.of(scopes)) {
      this.spent[at] = (this.spent[at] ?? 0) + spent
      this.reserved[at] = (this.reserved[at] ?? 0) + reserved
    }
  }
}

const noScopes: ReadonlyArray<BudgetScope> = []
const day = 86_400_000

/** One process's budgets at a store. */
const processOf = (rows: MemoryRows, owner: string, policies: ReadonlyArray<BudgetPolicy>) =>
  Effect.map(
    Layer.build(
      Layer.fresh(Budgets.layer({ policies, owner })).pipe(Layer.provide(Layer.fresh(BudgetStore.layerMemory(rows))))
    ),
    (context) => Context.get(context, Budgets)
  )

describe("what a purse gets back", () => {
  const open = (budgets: Budgets["Service"], priority: Priority, scopes: ReadonlyArray<BudgetScope> = noScopes) =>
    Effect.map(
      Effect.fromResult(budgets.open({ id: "r", scopes, priority, expected: nano(0), millis: 2 * day })),
      ({ lease }) => lease
    )
  const reserved = (lease: Lease, worst: number) =>
    Effect.map(Effect.result(lease.reserve({ scopes: noScopes, worst: nano(worst) })), (result) =>
      Result.isSuccess(result) ? result.success : result.failure.why
    )
  const attempted = (lease: Lease, worst: number) => lease.reserve({ scopes: noScopes, worst: nano(worst) })

  it.effect("of what is kept for critical requests is no ordinary request's", () =>
    Effect.gen(function* () {
      const budgets = yield* processOf(memoryRows(), "a", [policy("global", 1000)])
      const [ordinary, critical] = [yield* open(budgets, "normal"), yield* open(budgets, "critical")]
      const most = yield* attempted(ordinary, 900)
      const kept = yield* attempted(critical, 100)
      kept.settle({ by: "told", owed: nano(10) }, 0)
      assert.strictEqual(yield* reserved(ordinary, 50), "kept")
      assert.isObject(yield* reserved(critical, 90))
      most.settle({ by: "told", owed: nano(900) }, 0)
    }).pipe(Effect.scoped)
  )

  it.effect("is no ordinary request's once a critical one has used what is kept", () =>
    Effect.gen(function* () {
      const budgets = yield* processOf(memoryRows(), "a", [policy("global", 10_000)])
      const [ordinary, critical] = [yield* open(budgets, "normal"), yield* open(budgets, "critical")]
      // all is drawn, so that nothing waits
      const all = yield* attempted(critical, 10_000)
      all.settle({ by: "told", owed: nano(0) }, 0)
      yield* attempted(ordinary, 8000)
      const half = yield* attempted(ordinary, 500)
      half.settle({ by: "told", owed: nano(0) }, 0)
      yield* attempted(critical, 1500)
      assert.strictEqual(yield* reserved(ordinary, 100), "kept")
      assert.isObject(yield* reserved(critical, 500))
    }).pipe(Effect.scoped)
  )

  it.effect("of a window that is over is drawn in the new one before it is spent again", () => {
    const rows = memoryRows()
    return Effect.gen(function* () {
      const hundred = [{ ...policy("global", 1000), reservePercent: 0 }]
      const a = yield* processOf(rows, "a", hundred)
      const leaseOfA = yield* open(a, "normal")
      const carried = yield* attempted(leaseOfA, 1000)
      yield* TestClock.adjust(day)
      // another process spends all of the new day
      const b = yield* processOf(rows, "b", hundred)
      const all = yield* attempted(yield* open(b, "normal"), 1000)
      all.settle({ by: "told", owed: nano(1000) }, day)
      carried.settle({ by: "told", owed: nano(0) }, day)
      assert.strictEqual(yield* reserved(leaseOfA, 500), "exhausted")
    }).pipe(Effect.scoped)
  })

  it.effect("is nobody's once a bill above its worst case has used up the limit", () =>
    Effect.gen(function* () {
      const budgets = yield* processOf(memoryRows(), "a", [{ ...policy("global", 10_000), reservePercent: 0 }])
      const lease = yield* open(budgets, "normal")
      const all = yield* attempted(lease, 9000)
      all.settle({ by: "told", owed: nano(0) }, 0)
      const dear = yield* attempted(lease, 100)
      dear.settle({ by: "told", owed: nano(10_000) }, 0)
      assert.strictEqual(yield* reserved(lease, 10), "exhausted")
    }).pipe(Effect.scoped)
  )
})

describe("many requests of the same payers", () => {
  it.effect.prop(
    "are granted, refused, settled and journalled as if each were reckoned in each budget by itself",
    { moves: Schema.Array(Move).check(Schema.isMinLength(120), Schema.isMaxLength(150)) },
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
            const amount = move.does === "ask" ? move.amount : left + (move.amount % 2)
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
    { arbitrary: { runs: 100 } }
  )
})
