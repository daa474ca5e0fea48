/**
 * What holds for two processes that draw from one store, whose windows end, whose store is away or hangs, whose budgets
 * are configured anew and whose clock is set back, while each keeps purses.
 */
import { assert, describe, it } from "@effect/vitest"
import { Context, Effect, Fiber, Layer, Logger, Result, Schema } from "effect"
import { TestClock } from "effect/testing"
import { Budgets } from "../../src/budget/Budgets.ts"
import { BudgetStore } from "../../src/budget/BudgetStore.ts"
import type { Attempt, Lease } from "../../src/budget/Lease.ts"
import { inMemory, memoryRows } from "../../src/budget/MemoryBudgetStore.ts"
import { BudgetStoreError } from "../../src/budget/StoreContract.ts"
import { budgetId, type BudgetPolicy, type BudgetScope } from "../../src/domain/Budget.ts"
import { nano } from "../../src/domain/Money.ts"
import type { SettleCommand } from "../../src/machine/Reservation.ts"
import { windowAt } from "../../src/machine/CalendarWindow.ts"

const base = { timeZone: "Europe/Berlin", soft: undefined, reservePercent: 5, onExhausted: "reject" } as const
const policies: ReadonlyArray<BudgetPolicy> = [
  { ...base, scope: "global", window: "minute", hard: nano(20_000) },
  { ...base, scope: "global", window: "day", hard: nano(100_000) },
  { ...base, scope: "key:a", window: "hour", hard: nano(30_000), reservePercent: 0 },
  { ...base, scope: "key:b", window: "minute", hard: undefined, soft: nano(5000) },
  { ...base, scope: "model:m", window: "minute", hard: nano(12_000) }
]
const withoutB = policies.filter(({ scope }) => scope !== "key:b")
const keys = [["key:a"], ["key:b"], ["key:c"]] as const
const models = [["model:m"], ["model:n"]] as const
/** Within the hour that comes twice. */
const beginning = Date.parse("2026-10-25T00:58:30Z")

const usual = ["ask", "ask", "ask", "ask", "ask", "told", "told", "told", "told"] as const
const others = ["uncertain", "counted", "late", "wait", "wait", "roll", "down", "up", "up", "swap", "back"] as const
const Move = Schema.Struct({
  does: Schema.Literals([...usual, ...others]),
  who: Schema.Literals([0, 1]),
  key: Schema.Literals([0, 1, 2]),
  model: Schema.Literals([0, 1]),
  critical: Schema.Boolean,
  amount: Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 2000 })),
  which: Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 1000 }))
})
type Move = typeof Move.Type

interface Known {
  readonly attempt: Attempt
  readonly borneBy: ReadonlyArray<BudgetPolicy>
  readonly who: number
  readonly at: number
  readonly held: number
  /** What the vendor bills. */
  readonly bill: number
  charged: number
}

const windowKey = (policy: BudgetPolicy, at: number) =>
  `${budgetId(policy)} ${windowAt(policy.window, policy.timeZone, at).start}`
const add = (sums: Map<string, number>, key: string, amount: number): number => {
  const sum = (sums.get(key) ?? 0) + amount
  sums.set(key, sum)
  return sum
}

const counts = { granted: 0, refused: 0, atOnce: 0 }

const play = (moves: ReadonlyArray<Move>, goesBack: boolean) => {
  const memory = inMemory(memoryRows())
  const down = [false, false]
  // one store says that it is away, the other one says nothing
  const gone = [Effect.fail(new BudgetStoreError({ why: "failed", message: "away" })), Effect.never]
  return Effect.gen(function* () {
    let now = beginning
    yield* TestClock.setTime(now)
    const pass = (millis: number) => {
      now += millis
      return TestClock.adjust(millis)
    }
    const processes: Array<Budgets["Service"]> = []
    for (const [who, failing] of gone.entries()) {
      const store = Layer.succeed(BudgetStore, {
        ...memory,
        commit: (batch) => Effect.suspend(() => (down[who] === true ? failing : memory.commit(batch)))
      })
      const budgets = Layer.fresh(Budgets.layer({ policies, owner: String(who) })).pipe(Layer.provide(store))
      processes.push(Context.get(yield* Layer.build(budgets), Budgets))
    }
    const leases = new Map<string, Lease>()
    const open: Array<Known> = []
    const ended: Array<Known> = []
    const billed = new Map<string, number>()
    /** By window: what was held for calls of earlier ones, and settled there. */
    const carried = new Map<string, number>()
    const end = (one: Known, command: SettleCommand) => {
      one.attempt.settle(command, now)
      one.charged = Number(command.owed ?? one.held)
      ended.push(one)
      for (const policy of one.borneBy)
        if (windowKey(policy, one.at) !== windowKey(policy, now)) add(carried, windowKey(policy, now), one.held)
    }

    const ask = ({ critical, key, model, who }: Move, worst: number, bill: number) =>
      Effect.gen(function* () {
        const priority = critical ? "critical" : "normal"
        const name = `${who} ${key} ${priority}`
        let lease = leases.get(name)
        if (lease === undefined) {
          const request = { id: name, scopes: keys[key], priority, expected: nano(0), millis: 40 * 86_400_000 } as const
          const opened = processes[who]?.open(request)
          if (opened === undefined || Result.isFailure(opened)) return
          leases.set(name, (lease = opened.success.lease))
        }
        const hold = { worst: nano(worst), scopes: models[model] }
        let reserved = lease.reserveNow(hold, now)
        if (reserved === undefined) {
          const reserving = yield* Effect.forkChild(Effect.result(lease.reserve(hold)), { startImmediately: true })
          for (let n = 0; n < 20; n++) yield* Effect.yieldNow
          while (reserving.pollUnsafe() === undefined) yield* pass(500)
          reserved = Result.merge(yield* Fiber.join(reserving))
        } else counts.atOnce++
        if ("_tag" in reserved) {
          counts.refused++
          return
        }
        counts.granted++
        const scopes: ReadonlyArray<BudgetScope> = ["global", ...keys[key], ...models[model]]
        const borneBy = policies.filter(({ scope }) => scopes.includes(scope))
        open.push({ attempt: reserved, borneBy, who, at: now, held: worst, bill, charged: 0 })
        for (const policy of borneBy) {
          const sum = add(billed, windowKey(policy, now), bill)
          if (!goesBack && policy.hard !== undefined) assert.isAtMost(sum, Number(policy.hard), budgetId(policy))
        }
      })

    for (const move of moves) {
      // small numbers are drawn most often: spread
      const [amount, which] = [(move.amount * 389) % 701, (move.which * 617) % 1001]
      const { does, who } = move
      if (does === "ask") {
        const worst = which % 3 === 0 ? amount * 10 : amount
        yield* ask(move, worst, (which * 31) % (worst + 1))
      } else if (does === "told" || does === "uncertain" || does === "counted") {
        const [one] = open.splice(which % Math.max(1, open.length), 1)
        if (one === undefined) continue
        const owed = does === "counted" ? Math.min(one.held, one.bill + 3) : one.bill
        end(one, { by: does, owed: does === "uncertain" ? undefined : nano(owed) })
      } else if (does === "late") {
        const late = ended.find(({ bill, charged }) => charged !== bill)
        if (late === undefined) continue
        late.attempt.settle({ by: "told", owed: nano(late.bill) }, now)
        late.charged = late.bill
      } else if (does === "wait") yield* pass(amount * 3)
      else if (does === "roll") yield* pass(amount * 100)
      else if (does === "back" && goesBack) {
        now -= amount * 100
        yield* TestClock.setTime(now)
      } else if (does === "down") down[who] = which % 2 === 0
      else if (does === "up" && down[who] === true) {
        down[who] = false
        yield* pass(20_000)
      } else if (does === "swap" && which % 4 === 0) {
        const next = [withoutB, policies]
        for (const some of next)
          yield* Effect.forkChild(processes[who]?.configure(some) ?? Effect.void, { startImmediately: true })
      }
      // who looks has all purses settled: in between they are used
      if (which % 13 === 0)
        for (const [who, budgets] of processes.entries())
          for (const { id, reserved } of budgets.report(now)) {
            const its = open.filter((one) => one.who === who && one.borneBy.some((policy) => budgetId(policy) === id))
            assert.strictEqual(
              Number(reserved),
              its.reduce((sum, { held }) => sum + held, 0),
              id
            )
          }
    }

    down.fill(false)
    // what sleeps until moments before the clock was set back
    yield* pass(50_000_000)
    for (const one of open.splice(0)) end(one, { by: "told", owed: nano(one.bill) })
    for (const budgets of processes) {
      const flushing = yield* Effect.forkChild(budgets.flush, { startImmediately: true })
      yield* pass(100_000)
      assert.isTrue(yield* Fiber.join(flushing))
      assert.isTrue(budgets.report(now).every(({ reserved }) => reserved === 0))
    }
    for (const policy of policies) {
      const budget = budgetId(policy)
      const rows = yield* memory.journal(budget, 0)
      const its = ended.filter(({ borneBy }) => borneBy.includes(policy))
      assert.strictEqual(
        rows.reduce((sum, { amount }) => sum + amount, 0),
        its.reduce((sum, { charged }) => sum + charged, 0),
        budget
      )
      if (goesBack || policy.hard === undefined) continue
      for (const window of new Set(rows.map(({ window }) => window))) {
        const { drawn, noted } = yield* memory.balance({ budget, window })
        const limit = policy.hard + (carried.get(`${budget} ${window}`) ?? 0)
        assert.isAtMost(noted, limit, budget)
        assert.isAtMost(drawn, limit, budget)
      }
    }
  }).pipe(Effect.scoped, Effect.provide(Logger.layer([])))
}

describe("of two processes with purses", () => {
  const moves = { moves: Schema.Array(Move).check(Schema.isMinLength(150), Schema.isMaxLength(200)) }
  it.effect.prop(
    "vendors bill no more than a limit in any window, all is settled once, and the journal is what was charged",
    moves,
    ({ moves }) => play(moves, false),
    { arbitrary: { runs: 40, seed: 1 } }
  )
  it.effect.prop(
    "all is settled once and the journal is what was charged, though the clock is set back",
    moves,
    ({ moves }) => play(moves, true),
    { arbitrary: { runs: 20, seed: 2 } }
  )
  it("many were asked, and most of those that could be were granted at once", () => {
    assert.isAbove(counts.granted, 1000)
    assert.isAbove(counts.refused, 50)
    assert.isAbove(counts.atOnce, 500)
  })
})
