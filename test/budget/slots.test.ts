/**
 * Budgets come and go: what is given up makes room for others, and nobody's spending becomes somebody else's.
 */
import { assert, describe, it } from "@effect/vitest"
import { Effect, Exit, Fiber, Latch, Layer, Logger, Schema, Scope } from "effect"
import { TestClock } from "effect/testing"
import { Budgets } from "../../src/budget/Budgets.ts"
import { BudgetStore } from "../../src/budget/BudgetStore.ts"
import type { Attempt, Lease } from "../../src/budget/Lease.ts"
import { inMemory, memoryRows } from "../../src/budget/MemoryBudgetStore.ts"
import { BudgetStoreError } from "../../src/budget/StoreContract.ts"
import { budgetId, type BudgetPolicy, type BudgetScope } from "../../src/domain/Budget.ts"
import { nano } from "../../src/domain/Money.ts"
import { type BookState, bookStep, isVacant } from "../../src/machine/BudgetBook.ts"

const minute = 60_000
const day = 86_400_000

const policy = (scope: BudgetScope, changes: Partial<BudgetPolicy> = {}): BudgetPolicy => ({
  scope,
  window: "minute",
  timeZone: "UTC",
  hard: nano(1_000_000),
  soft: undefined,
  reservePercent: 0,
  onExhausted: "reject",
  ...changes
})

const layer = () =>
  Budgets.layer({ policies: [], owner: "a" }).pipe(Layer.provideMerge(BudgetStore.layerMemory(memoryRows())))

const noScopes: ReadonlyArray<BudgetScope> = []
const journalled = (id: string) =>
  Effect.flatMap(BudgetStore, (store) =>
    Effect.map(store.journal(id, -day), (rows) => rows.reduce((sum, { amount }) => sum + amount, 0))
  )

describe("slots of a book", () => {
  const configured = (book: BookState, policies: ReadonlyArray<BudgetPolicy>, vacant: ReadonlyArray<number>, now = 0) =>
    bookStep(book, { _tag: "Configure", policies, vacant }, now)[1]

  it("are given to new budgets once they are vacant, and to none before", () => {
    const first = configured([], [policy("key:a"), policy("key:b")], [])
    const [, spent] = bookStep(first, { _tag: "Settle", slots: [0], held: nano(0), owed: nano(7) }, 0)
    const without = configured(spent, [], [])
    // what was spent is told until the window ends
    assert.deepStrictEqual(
      without.map((entry) => isVacant(entry, 0)),
      [false, true]
    )
    const tried = configured(without, [policy("key:c"), policy("key:d")], [0, 1])
    assert.deepStrictEqual(
      tried.map(({ id }) => id),
      ["key:a minute UTC", "key:c minute UTC", "key:d minute UTC"]
    )
    const later = configured(tried, [policy("key:d"), policy("key:e")], [0, 1], minute)
    assert.sameMembers(
      later.filter(({ active }) => active).map(({ id }) => id),
      ["key:d minute UTC", "key:e minute UTC"]
    )
    assert.lengthOf(later, 3)
    // what is reserved is still to be settled
    const [, held] = bookStep(later, { _tag: "Reserve", slots: [2], amount: nano(0), privileged: false }, minute)
    assert.strictEqual(held[2]?.id, "key:d minute UTC")
  })
  it("of one scope are all that a change of that scope touches", () => {
    const book = configured([], [policy("key:a"), policy("key:b")], [])
    const change = (policies: ReadonlyArray<BudgetPolicy>) =>
      bookStep(book, { _tag: "Configure", policies, scope: "key:a" }, 0)[1]
    assert.strictEqual(change([policy("key:a")]), book)
    const ended = change([])
    assert.isFalse(ended[0]?.active)
    assert.strictEqual(ended[1], book[1])
    const more = change([policy("key:a"), policy("key:a", { window: "day" })])
    assert.deepStrictEqual([more[0], more[1]], [book[0], book[1]])
    assert.strictEqual(more[2]?.id, "key:a day UTC")
  })
})

describe("a budget that is configured no more", () => {
  it.effect("is told as ended until its window ends, if something was spent, and not afterwards", () =>
    Effect.gen(function* () {
      const budgets = yield* Budgets
      const both = [policy("key:a"), policy("key:a", { window: "day" })]
      yield* budgets.configure([...both, policy("key:b")])
      const { close, lease } = yield* Effect.fromResult(
        budgets.open({ id: "r", scopes: ["key:a"], priority: "normal", expected: nano(0), millis: minute })
      )
      const attempt = yield* lease.reserve({ scopes: noScopes, worst: nano(50) })
      yield* budgets.configure([])
      const told = (now: number) =>
        budgets.report(now).map(({ ended, id, reserved, spent }) => [id, ended, Number(spent), Number(reserved)])
      // whose request is still under way spends from it
      assert.deepStrictEqual(told(0), [
        ["key:a minute UTC", true, 0, 50],
        ["key:a day UTC", true, 0, 50]
      ])
      attempt.settle({ by: "told", owed: nano(30) }, 0)
      close()
      assert.deepStrictEqual(told(minute - 1).length, 2)
      assert.deepStrictEqual(told(minute), [["key:a day UTC", true, 30, 0]])
      assert.deepStrictEqual(told(day), [])
      // should it come back, it has kept what it had counted
      yield* budgets.configure(both)
      assert.deepStrictEqual(told(0), [
        ["key:a minute UTC", false, 30, 0],
        ["key:a day UTC", false, 30, 0]
      ])
    }).pipe(Effect.provide(layer()))
  )

  it.effect("does not bear in another one's name what is settled or corrected after its end", () =>
    Effect.gen(function* () {
      const budgets = yield* Budgets
      yield* budgets.configure([policy("key:a")])
      const opened = (scope: BudgetScope) =>
        Effect.fromResult(
          budgets.open({ id: "r", scopes: [scope], priority: "normal", expected: nano(0), millis: day })
        )
      const old = yield* opened("key:a")
      // nothing is held for what costs nothing at its worst, and yet it is settled
      const free = yield* old.lease.reserve({ scopes: noScopes, worst: nano(0) })
      yield* TestClock.adjust(2 * minute)
      yield* budgets.configure([policy("key:b")])
      free.settle({ by: "uncertain", owed: nano(5) }, 2 * minute)
      old.close()
      yield* TestClock.adjust(2 * minute)
      yield* budgets.configure([policy("key:c")])
      free.settle({ by: "told", owed: nano(900) }, 4 * minute)
      assert.isTrue(yield* budgets.flush)
      assert.strictEqual(yield* journalled(budgetId(policy("key:a"))), 5)
      for (const scope of ["key:b", "key:c"] as const) assert.strictEqual(yield* journalled(budgetId(policy(scope))), 0)
      assert.deepStrictEqual(
        budgets.report(4 * minute).map(({ id, spent }) => [id, Number(spent)]),
        [["key:c minute UTC", 0]]
      )
    }).pipe(Effect.provide(layer()))
  )

  it.effect("has what was noted and asked in its name answered in its name, however late the store is", () => {
    const rows = memoryRows()
    const memory = inMemory(rows)
    let isDown = false
    const down = Effect.fail(new BudgetStoreError({ why: "failed", message: "away" }))
    const store = Layer.succeed(BudgetStore, {
      ...memory,
      commit: (batch) => Effect.suspend(() => (isDown ? down : memory.commit(batch)))
    })
    const [a, b, c] = [policy("key:a"), policy("key:b"), policy("key:c")]
    return Effect.gen(function* () {
      const budgets = yield* Budgets
      yield* budgets.configure([a])
      const open = (scope: BudgetScope) =>
        Effect.fromResult(
          budgets.open({ id: "r", scopes: [scope], priority: "normal", expected: nano(0), millis: minute })
        )
      const { close, lease } = yield* open("key:a")
      const [first, second] = [
        yield* lease.reserve({ scopes: noScopes, worst: nano(50) }),
        yield* lease.reserve({ scopes: noScopes, worst: nano(50) })
      ]
      isDown = true
      first.settle({ by: "told", owed: nano(30) }, 0)
      yield* TestClock.adjust(6000)
      second.settle({ by: "told", owed: nano(40) }, 6000)
      close()
      yield* TestClock.adjust(minute)
      // its place is taken while what it spent is not recorded, and a third one's block is asked for
      yield* Effect.forkChild(budgets.configure([b]), { startImmediately: true })
      yield* Effect.forkChild(budgets.configure([c]), { startImmediately: true })
      isDown = false
      yield* TestClock.adjust(minute)
      assert.isTrue(yield* budgets.flush)
      assert.deepStrictEqual(
        [yield* journalled(budgetId(a)), yield* journalled(budgetId(b)), yield* journalled(budgetId(c))],
        [70, 0, 0]
      )
      // nothing of it is drawn by somebody who has not recorded that
      const other = yield* open("key:c")
      yield* other.lease.reserve({ scopes: noScopes, worst: nano(5000) })
      const { drawn } = yield* memory.balance({ budget: budgetId(c), window: 2 * minute })
      assert.isAtLeast(Number(drawn), 5000)
      other.close()
    }).pipe(
      Effect.provide(Budgets.layer({ policies: [], owner: "a" }).pipe(Layer.provideMerge(store))),
      Effect.provide(Logger.layer([]))
    )
  })

  it.effect("gets no block that was asked for another one", () => {
    const memory = inMemory(memoryRows())
    const gate = Latch.makeUnsafe(false)
    let oneByOne = true
    const store = Layer.succeed(BudgetStore, {
      ...memory,
      // one batch each time it opens, at first
      commit: (batch) =>
        Effect.flatMap(gate.await, () => {
          if (oneByOne) gate.closeUnsafe()
          return memory.commit(batch)
        })
    })
    const [a, b] = [policy("key:a"), policy("key:b")]
    return Effect.gen(function* () {
      const budgets = yield* Budgets
      yield* Effect.forkChild(budgets.configure([a]), { startImmediately: true })
      yield* TestClock.adjust(1)
      yield* budgets.configure([])
      yield* Effect.forkChild(budgets.configure([b]), { startImmediately: true })
      const { lease } = yield* Effect.fromResult(
        budgets.open({ id: "r", scopes: ["key:b"], priority: "normal", expected: nano(0), millis: minute })
      )
      // the first one's block comes, and the second one's does not yet
      gate.openUnsafe()
      yield* TestClock.adjust(1)
      const reserving = yield* Effect.forkChild(lease.reserve({ scopes: noScopes, worst: nano(10_000) }), {
        startImmediately: true
      })
      yield* TestClock.adjust(1)
      assert.isUndefined(reserving.pollUnsafe())
      oneByOne = false
      gate.openUnsafe()
      yield* Fiber.join(reserving)
      const { drawn } = yield* memory.balance({ budget: budgetId(b), window: 0 })
      assert.isAtLeast(Number(drawn), 10_000)
    }).pipe(Effect.provide(Budgets.layer({ policies: [], owner: "a" }).pipe(Layer.provideMerge(store))))
  })

  const keys = Array.from({ length: 40 }, (_, index): BudgetScope => `key:${index}`)
  const Move = Schema.Struct({
    does: Schema.Literals([
      "swap",
      "swap",
      "swap",
      "open",
      "open",
      "reserve",
      "reserve",
      "reserve",
      "settle",
      "settle",
      "close",
      "late",
      "flush",
      "advance",
      "advance"
    ]),
    which: Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 1000 })),
    amount: Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 500 }))
  })

  interface Known {
    readonly attempt: Attempt
    readonly held: number
    readonly ids: ReadonlyArray<string>
    charged: number | undefined
  }
  interface KnownLease {
    readonly lease: Lease
    readonly close: () => void
    readonly scope: BudgetScope
    ids: ReadonlyArray<string> | undefined
    readonly attempts: Array<Known>
    isClosed: boolean
  }

  it.effect.prop(
    "keeps its own account, however keys come and go and whenever their requests end",
    { moves: Schema.Array(Move).check(Schema.isMinLength(150), Schema.isMaxLength(200)) },
    ({ moves }) =>
      Effect.scoped(
        Effect.gen(function* () {
          const scope = yield* Scope.make()
          const context = yield* Layer.buildWithScope(Layer.fresh(layer()), scope)
          yield* Effect.gen(function* () {
            const budgets = yield* Budgets
            const active = new Set<BudgetScope>()
            const all = keys.flatMap((key) => [policy(key), policy(key, { window: "hour" })])
            const leases: Array<KnownLease> = []
            /** By budget: what must be in the journal, and what may be besides: news that came after its end. */
            const owed = new Map<string, number>()
            const loose = new Map<string, number>()
            const add = (map: Map<string, number>, id: string, amount: number) =>
              map.set(id, (map.get(id) ?? 0) + amount)
            const charge = (known: Known, amount: number, mayBeLost: boolean) => {
              for (const id of known.ids) {
                const isActive = all.some((one) => budgetId(one) === id && active.has(one.scope))
                if (mayBeLost && !isActive) add(loose, id, Math.abs(amount - (known.charged ?? 0)))
                else if (mayBeLost && (loose.get(id) ?? 0) > 0) add(loose, id, Math.abs(amount - (known.charged ?? 0)))
                else add(owed, id, amount - (known.charged ?? 0))
              }
              known.charged = amount
            }
            let now = 0
            for (const { amount: drawn, does, which: picked } of moves) {
              // small numbers are drawn most often: spread
              const [amount, which] = [(drawn * 389) % 501, (picked * 617) % 1001]
              const inForce = [...active]
              const key = inForce[which % Math.max(1, inForce.length)] ?? "key:0"
              const open = leases.filter(({ isClosed }) => !isClosed)
              const one = open[which % Math.max(1, open.length)]
              const attempts = open.flatMap((each) => each.attempts).filter(({ charged }) => charged === undefined)
              const attempt = attempts[which % Math.max(1, attempts.length)]
              if (does === "swap") {
                // one goes and one comes, each by itself or all of them said anew
                const comes = keys.filter((each) => !active.has(each))[amount % (keys.length - active.size)] ?? key
                if (active.size > 3) active.delete(key)
                active.add(comes)
                if (which % 2 === 0) yield* budgets.configure(all.filter((each) => active.has(each.scope)))
                else
                  for (const scope of [key, comes])
                    yield* budgets.configure(
                      all.filter((each) => each.scope === scope && active.has(scope)),
                      scope
                    )
              } else if (does === "open") {
                const { close, lease } = yield* Effect.fromResult(
                  budgets.open({ id: "r", scopes: [key], priority: "normal", expected: nano(0), millis: 20 * day })
                )
                leases.push({ lease, close, scope: key, ids: undefined, attempts: [], isClosed: false })
              } else if (does === "reserve" && one !== undefined) {
                one.ids ??= active.has(one.scope)
                  ? all.filter((each) => each.scope === one.scope).map((each) => budgetId(each))
                  : []
                const reserved = yield* one.lease.reserve({ scopes: noScopes, worst: nano(amount) })
                one.attempts.push({ attempt: reserved, held: amount, ids: one.ids, charged: undefined })
              } else if (does === "settle" && attempt !== undefined) {
                const spent = amount % (attempt.held + 1)
                attempt.attempt.settle({ by: amount % 3 === 0 ? "uncertain" : "told", owed: nano(spent) }, now)
                charge(attempt, spent, false)
              } else if (does === "close" && one !== undefined) {
                one.close()
                one.isClosed = true
                for (const each of one.attempts) if (each.charged === undefined) charge(each, each.held, false)
              } else if (does === "late") {
                // news of a call whose request is long over
                const closed = leases.filter(({ isClosed }) => isClosed).flatMap((each) => each.attempts)
                const late = closed[which % Math.max(1, closed.length)]
                if (late === undefined || late.charged !== late.held || late.held === 0) continue
                const before = Number(budgets.report(now).length)
                late.attempt.settle({ by: "told", owed: nano(late.held - 1) }, now)
                assert.strictEqual(budgets.report(now).length, before)
                charge(late, late.held - 1, true)
              } else if (does === "flush") assert.isTrue(yield* budgets.flush)
              else if (does === "advance") {
                yield* TestClock.adjust(amount * 20_000)
                now += amount * 20_000
              }
              // what is held is held by whom it belongs to
              for (const { id, reserved } of budgets.report(now)) {
                const held = leases
                  .flatMap((each) => each.attempts)
                  .filter((each) => each.charged === undefined && each.ids.includes(id))
                  .reduce((sum, each) => sum + each.held, 0)
                assert.strictEqual(Number(reserved), held)
              }
            }
            for (const { close } of leases) close()
            for (const each of leases.flatMap((lease) => lease.attempts))
              if (each.charged === undefined) charge(each, each.held, false)
            assert.isTrue(yield* budgets.flush)
            for (const id of all.map((each) => budgetId(each))) {
              const sum = yield* journalled(id)
              assert.isAtMost(Math.abs(sum - (owed.get(id) ?? 0)), loose.get(id) ?? 0, id)
            }
          }).pipe(Effect.provide(context))
          yield* Scope.close(scope, Exit.void)
        })
      ),
    { arbitrary: { runs: 25, seed: 11 } }
  )
})
