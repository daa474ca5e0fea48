/**
 * What holds whatever happens: requests at random, endings at random, processes that die at random.
 */
import { assert, describe, it } from "@effect/vitest"
import { Context, Effect, Exit, Layer, Logger, Schema, Scope } from "effect"
import { TestClock } from "effect/testing"
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { Budgets } from "../../src/budget/Budgets.ts"
import { BudgetStore } from "../../src/budget/BudgetStore.ts"
import type { Attempt, Lease } from "../../src/budget/Lease.ts"
import { type MemoryRows, memoryRows } from "../../src/budget/MemoryBudgetStore.ts"
import { type BudgetStoreShape, BudgetStoreError } from "../../src/budget/StoreContract.ts"
import { budgetId, type BudgetPolicy, type BudgetScope, type Priority } from "../../src/domain/Budget.ts"
import { nano } from "../../src/domain/Money.ts"
import { windowAt } from "../../src/machine/CalendarWindow.ts"
import * as Sqlite from "../../src/storage/Sqlite.ts"

const zone = "Europe/Berlin"
const policies = [
  { scope: "global", hard: nano(10_000), reservePercent: 5 },
  { scope: "tenant:a", hard: nano(4000), reservePercent: 0 }
].map((row) => ({
  ...row,
  window: "day",
  timeZone: zone,
  soft: undefined,
  onExhausted: "reject"
})) as ReadonlyArray<BudgetPolicy> // the literals of the rows widen to strings
/** The evening before a day of 25 hours. */
const beginning = Date.parse("2026-10-24T18:00:00Z")
const leaseMillis = 2 * 3_600_000
/** Requests whose scopes are the same lists share a purse. */
const noScopes: ReadonlyArray<BudgetScope> = []
const scopesOfTenant: ReadonlyArray<BudgetScope> = ["tenant:a"]

const Move = Schema.Struct({
  does: Schema.Literals([
    "open",
    "open",
    "reserve",
    "reserve",
    "reserve",
    "reserve",
    "reserve",
    "reserve",
    "reserve",
    "settle",
    "settle",
    "settle",
    "uncertain",
    "close",
    "late",
    "advance",
    "crash"
  ]),
  which: Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 1000 })),
  amount: Schema.Int.check(Schema.isBetween({ minimum: 1, maximum: 1500 }))
})
type Move = typeof Move.Type

/** What the test knows of an attempt. */
interface Known {
  readonly attempt: Attempt
  readonly lease: KnownLease
  readonly worst: number
  /** What the vendor bills for it, from the moment it is sent. */
  readonly actual: number
  charged: { readonly amount: number; readonly window: number; readonly certain: boolean } | undefined
}
interface KnownLease {
  readonly lease: Lease
  readonly scope: Scope.Closeable
  readonly deadline: number
  readonly scopes: ReadonlyArray<string>
  readonly attempts: Array<Known>
  /** Its request has ended. */
  closed: boolean
}

/** A store that a process can lose from one moment to the next. */
const losable = (store: BudgetStoreShape, isAlive: () => boolean): BudgetStoreShape => {
  const gone = Effect.fail(new BudgetStoreError({ why: "failed", message: "the process is dead" }))
  return {
    ...store,
    open: (...args) => Effect.suspend(() => (isAlive() ? store.open(...args) : gone)),
    commit: (batch) => Effect.suspend(() => (isAlive() ? store.commit(batch) : gone))
  }
}

class World {
  readonly #store: BudgetStoreShape
  #alive: { yes: boolean } = { yes: true }
  #scope: Scope.Closeable | undefined
  #context: Context.Context<Budgets> | undefined
  #leases: Array<KnownLease> = []
  #now = beginning
  /** By scope: what is spent and held in the present window, as the test reckons. */
  readonly spent = new Map<string, number>()
  /** By window and scope: what vendors bill, counted when the call was sent. */
  readonly billed = new Map<string, number>()
  grants = 0
  refusals = 0
  crashes = 0

  constructor(store: BudgetStoreShape) {
    this.#store = store
  }

  get window() {
    return windowAt("day", zone, this.#now)
  }
  get #attempts() {
    return this.#leases.flatMap(({ attempts }) => attempts)
  }
  reserved(scope: string): number {
    return this.#attempts
      .filter(({ charged, lease }) => charged === undefined && lease.scopes.includes(scope))
      .reduce((sum, { worst }) => sum + worst, 0)
  }
  #spend(scopes: ReadonlyArray<string>, amount: number): void {
    for (const scope of scopes) this.spent.set(scope, (this.spent.get(scope) ?? 0) + amount)
  }
  #charge(known: Known, amount: number, certain: boolean): void {
    const { charged } = known
    if (charged === undefined) this.#spend(known.lease.scopes, amount)
    else if (charged.window === this.window.start) this.#spend(known.lease.scopes, amount - charged.amount)
    known.charged = { amount, window: charged?.window ?? this.window.start, certain }
  }

  start = Effect.gen({ self: this }, function* () {
    const alive = { yes: true }
    this.#alive = alive
    this.#scope = yield* Scope.make()
    this.#context = yield* Layer.buildWithScope(
      Layer.fresh(Budgets.layer({ policies, owner: "a" })).pipe(
        Layer.provide(
          Layer.succeed(
            BudgetStore,
            losable(this.#store, () => alive.yes)
          )
        ),
        Layer.provideMerge(Logger.layer([]))
      ),
      this.#scope
    )
    // all that was drawn before counts as spent; what was drawn ahead since is free
    for (const policy of policies) {
      const report = (yield* this.budgets).report(this.#now).find(({ id }) => id === budgetId(policy))
      this.spent.set(policy.scope, Number(report?.spent ?? 0))
    }
  })
  get budgets() {
    return Effect.sync(() => Context.get(this.#context ?? assert.fail("not started"), Budgets))
  }

  crash = (amount: number) =>
    Effect.gen({ self: this }, function* () {
      const before = policies.map(({ scope }) => (this.spent.get(scope) ?? 0) + this.reserved(scope))
      const [lease] = this.#leases
      // somebody is in the middle of a reservation
      if (lease !== undefined && amount % 2 === 0)
        yield* Effect.forkChild(Effect.ignore(lease.lease.reserve({ scopes: noScopes, worst: nano(amount) })), {
          startImmediately: true
        })
      for (let yields = amount % 5; yields > 0; yields--) yield* Effect.yieldNow
      this.#alive.yes = false
      this.crashes++
      for (const { scope } of this.#leases) yield* Scope.close(scope, Exit.void)
      if (this.#scope !== undefined) yield* Scope.close(this.#scope, Exit.void)
      this.#leases = []
      yield* this.start
      for (const [index, policy] of policies.entries()) {
        // what was spent and held counts, and no more than the limit
        const spent = this.spent.get(policy.scope) ?? 0
        assert.isAtLeast(spent, before[index] ?? 0)
        assert.isAtLeast(spent, this.billed.get(`${this.window.start} ${policy.scope}`) ?? 0)
        assert.isAtMost(spent, Number(policy.hard))
      }
    })

  advance = (minutes: number) =>
    Effect.gen({ self: this }, function* () {
      const { end } = this.window
      const until = this.#now + minutes * 60_000
      const over = this.#leases.filter(({ deadline }) => deadline <= until)
      const expire = (leases: ReadonlyArray<KnownLease>) => {
        for (const { attempts } of leases)
          for (const known of attempts) if (known.charged === undefined) this.#charge(known, known.worst, false)
      }
      expire(over.filter(({ deadline }) => deadline < end))
      yield* TestClock.adjust(minutes * 60_000)
      this.#now = until
      if (until >= end) for (const { scope } of policies) this.spent.set(scope, 0)
      expire(over)
      // what is carried is drawn in the new window as soon as somebody looks into it, and until then counts in the old one
      if (until < end) return
      yield* this.check
      yield* (yield* this.budgets).flush
    })

  act = ({ amount: drawn, does, which }: Move) =>
    Effect.gen({ self: this }, function* () {
      // small numbers are drawn most often: spread over the limit
      const amount = ((drawn * 389) % 2000) + 1
      const budgets = yield* this.budgets
      const live = this.#leases.filter(({ closed, deadline }) => !closed && deadline > this.#now)
      // now and then one that is over
      const leases = which % 7 === 1 || live.length === 0 ? this.#leases : live
      const lease = leases[which % Math.max(1, leases.length)]
      const open = this.#attempts.filter(({ charged }) => charged === undefined)
      const known = open[which % Math.max(1, open.length)]
      switch (does) {
        case "open": {
          const priority: Priority = which % 4 === 0 ? "critical" : "normal"
          const scopes = which % 3 === 0 ? noScopes : scopesOfTenant
          const scope = yield* Scope.make()
          const opened = yield* budgets
            .lease({ id: "r", scopes, priority, expected: nano(0), millis: leaseMillis })
            .pipe(Scope.provide(scope), Effect.option)
          if (opened._tag === "Some")
            this.#leases.push({
              lease: opened.value,
              scope,
              deadline: this.#now + leaseMillis,
              scopes: ["global", ...scopes],
              attempts: [],
              closed: false
            })
          return
        }
        case "reserve": {
          if (lease === undefined) return
          const retry = which % 5 === 0
          const result = yield* Effect.result(lease.lease.reserve({ scopes: noScopes, worst: nano(amount), retry }))
          const privileged = retry || lease.lease.priority === "critical"
          const fits = policies
            .filter(({ scope }) => lease.scopes.includes(scope))
            .every(({ hard = nano(0), reservePercent, scope }) => {
              const limit = privileged ? hard : hard - (hard / 100) * reservePercent
              return (this.spent.get(scope) ?? 0) + this.reserved(scope) + amount <= limit
            })
          if (lease.closed || lease.deadline <= this.#now) {
            assert.isTrue(result._tag === "Failure" && result.failure.why === "closed")
            return
          }
          // refused if, and only if, the worst case does not fit
          assert.strictEqual(
            result._tag === "Success",
            fits,
            result._tag === "Failure" ? result.failure.why : "granted"
          )
          if (result._tag === "Failure") {
            this.refusals++
            return
          }
          this.grants++
          const actual = which % (amount + 1)
          lease.attempts.push({ attempt: result.success, lease, worst: amount, actual, charged: undefined })
          for (const scope of lease.scopes) {
            const key = `${this.window.start} ${scope}`
            this.billed.set(key, (this.billed.get(key) ?? 0) + actual)
          }
          return
        }
        case "settle":
          if (known === undefined) return
          known.attempt.settle({ by: "told", owed: nano(known.actual) }, this.#now)
          this.#charge(known, known.actual, true)
          return
        case "uncertain":
          if (known === undefined) return
          known.attempt.settle({ by: "uncertain", owed: undefined }, this.#now)
          this.#charge(known, known.worst, false)
          return
        case "close":
          if (lease === undefined || which % 3 !== 0) return
          lease.closed = true
          yield* Scope.close(lease.scope, which % 2 === 0 ? Exit.void : Exit.interrupt())
          for (const one of lease.attempts) if (one.charged === undefined) this.#charge(one, one.worst, false)
          return
        case "late": {
          const late = this.#attempts.find(({ charged }) => charged !== undefined && !charged.certain)
          if (late === undefined) return
          late.attempt.settle({ by: "told", owed: nano(late.actual) }, this.#now)
          this.#charge(late, late.actual, true)
          return
        }
        case "advance":
          return yield* this.advance(amount % 200)
        case "crash":
          return which % 2 === 0 ? yield* this.crash(amount) : undefined
      }
    })

  check = Effect.gen({ self: this }, function* () {
    for (const { id, policy, reserved, spent } of (yield* this.budgets).report(this.#now)) {
      assert.strictEqual(Number(spent), this.spent.get(policy.scope), id)
      assert.strictEqual(Number(reserved), this.reserved(policy.scope), id)
      assert.isAtMost(spent + reserved, Number(policy.hard))
    }
    for (const [key, amount] of this.billed) assert.isAtMost(amount, key.endsWith("global") ? 10_000 : 4000)
  })

  /** A graceful end: everything that is open is closed, and the journal says what was spent. */
  end = Effect.gen({ self: this }, function* () {
    for (const { attempts, scope } of this.#leases) {
      yield* Scope.close(scope, Exit.void)
      for (const one of attempts) if (one.charged === undefined) this.#charge(one, one.worst, false)
    }
    yield* this.check
    assert.strictEqual((yield* this.budgets).opened(), 0)
    if (this.#scope !== undefined) yield* Scope.close(this.#scope, Exit.void)
    for (const policy of policies) {
      const budget = budgetId(policy)
      const rows = yield* this.#store.journal(budget, 0)
      const sums = new Map<number, number>()
      for (const { amount, window } of rows) sums.set(window, (sums.get(window) ?? 0) + amount)
      for (const [window, sum] of sums) {
        const { drawn, noted } = yield* this.#store.balance({ budget, window })
        assert.deepStrictEqual([Number(drawn), Number(noted)], [sum, sum])
        assert.isAtMost(sum, Number(policy.hard))
      }
      // what is carried over a window's end is settled in the next one, so only the sum of all is no less than the bills
      const bills = [...this.billed].filter(([key]) => key.endsWith(` ${policy.scope}`))
      assert.isAtLeast(
        [...sums.values()].reduce((sum, one) => sum + one, 0),
        bills.reduce((sum, [, amount]) => sum + amount, 0)
      )
      assert.strictEqual(sums.get(this.window.start) ?? 0, this.spent.get(policy.scope))
    }
  })
}

const play = (store: BudgetStoreShape, moves: ReadonlyArray<Move>) =>
  Effect.gen(function* () {
    yield* TestClock.setTime(beginning)
    const world = new World(store)
    yield* world.start
    yield* world.act({ does: "open", which: 0, amount: 1 })
    yield* world.act({ does: "open", which: 1, amount: 1 })
    for (const [index, move] of moves.entries()) {
      yield* world.act(move)
      // who looks has all purses settled: in between they are used
      if (index % 5 === 4) yield* world.check
    }
    yield* world.end
    return world
  })

describe("over random requests, endings and crashes, the books are exact and no limit is passed", () => {
  const counts = { grants: 0, refusals: 0, crashes: 0 }
  const count = (world: World) => {
    counts.grants += world.grants
    counts.refusals += world.refusals
    counts.crashes += world.crashes
  }
  it.effect.prop(
    "in memory",
    { moves: Schema.Array(Move).check(Schema.isMinLength(100), Schema.isMaxLength(120)) },
    ({ moves }) =>
      Effect.gen(function* () {
        const rows: MemoryRows = memoryRows()
        const store = yield* Effect.provide(BudgetStore, Layer.fresh(BudgetStore.layerMemory(rows)))
        count(yield* play(store, moves))
      }),
    { arbitrary: { runs: 120, seed: 21 } }
  )
  it.effect.prop(
    "in SQLite",
    { moves: Schema.Array(Move).check(Schema.isMinLength(60), Schema.isMaxLength(80)) },
    ({ moves }) =>
      Effect.gen(function* () {
        const home = yield* Effect.acquireRelease(
          Effect.sync(() => mkdtempSync(join(tmpdir(), "switchyard-crash-"))),
          (path) => Effect.sync(() => rmSync(path, { recursive: true, force: true }))
        )
        const sqlite = Sqlite.layer({ path: join(home, "switchyard.db") })
        const context = yield* Layer.build(Layer.fresh(BudgetStore.layerDurable(sqlite)))
        count(yield* play(Context.get(context, BudgetStore), moves))
      }).pipe(Effect.scoped),
    { arbitrary: { runs: 15, seed: 22 } }
  )
  it("which were granted, refused and lost in numbers", () => {
    console.info(`crashes: ${counts.crashes}, granted: ${counts.grants}, refused: ${counts.refusals}`)
    assert.isAbove(counts.crashes, 50)
    assert.isAbove(counts.grants, 500)
    assert.isAbove(counts.refusals, 50)
  })
})
