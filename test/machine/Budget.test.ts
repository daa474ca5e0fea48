import { assert, describe, it } from "@effect/vitest"
import { Schema } from "effect"
import type { BudgetPolicy } from "../../src/domain/Budget.ts"
import { mostNano, nano } from "../../src/domain/Money.ts"
import { budgetStep, forecast, freeOf, initialBudget, spentOf } from "../../src/machine/BudgetWindow.ts"
import { calibrated, initialCalibration, overran, ratioOf } from "../../src/machine/Calibration.ts"
import { openReservation, reservationStep, type SettleCommand } from "../../src/machine/Reservation.ts"

const hour = 3_600_000
const policy: BudgetPolicy = {
  scope: "global",
  window: "day",
  timeZone: "UTC",
  hard: nano(24_000_000),
  soft: undefined,
  reservePercent: 0,
  onExhausted: "reject"
}

describe("a forecast", () => {
  /** Spends at a rate that changes with the hour, a settlement a minute; what was predicted at each hour. */
  const day = (perHour: (hour: number) => number) => {
    let state = initialBudget(policy, 0)
    const predicted: Array<number | undefined> = []
    let ranOutAt: number | undefined
    for (let minute = 0; minute < 24 * 60; minute++) {
      const now = minute * 60_000
      if (minute % 60 === 0) predicted.push(forecast(policy, state, now))
      const owed = nano(Math.round(perHour(minute / 60) / 60))
      ;[, state] = budgetStep(policy)(state, { _tag: "Settle", held: nano(0), owed }, now)
      if (ranOutAt === undefined && spentOf(state) >= Number(policy.hard)) ranOutAt = now
    }
    return { predicted, ranOutAt }
  }
  it("knows from the first quarter of an hour on when a steady pace will use up the limit", () => {
    const { predicted, ranOutAt } = day(() => 1_500_000)
    assert.isUndefined(predicted[0])
    assert.closeTo((ranOutAt ?? 0) / hour, 16, 0.1)
    for (const at of predicted.slice(1, 16)) assert.closeTo((at ?? 0) / hour, 16, 0.1)
  })
  it("is within half an hour from noon on, where the pace of the morning was another", () => {
    const { predicted, ranOutAt } = day((at) => (at < 8 ? 300_000 : 2_000_000))
    for (const at of predicted.slice(12, 18)) assert.closeTo((at ?? 0) / hour, (ranOutAt ?? 0) / hour, 0.5)
  })
  it("says nothing where the limit will hold until the window's end", () => {
    const { predicted } = day(() => 900_000)
    assert.isTrue(predicted.every((at) => at === undefined))
  })
})

describe("a budget's window", () => {
  it("grants what costs nothing, though more is reserved than drawn", () => {
    let state = initialBudget(policy, 0)
    const step = budgetStep(policy)
    ;[, state] = step(state, { _tag: "Settle", held: nano(0), owed: nano(30_000_000) }, 0)
    assert.isBelow(freeOf(state), 0)
    const [reply] = step(state, { _tag: "Reserve", amount: nano(0), privileged: false }, 0)
    assert.strictEqual(reply._tag, "Granted")
  })
  it("has nothing less than nothing reserved, however much was", () => {
    const step = budgetStep({ ...policy, hard: undefined })
    let state = initialBudget(policy, 0)
    for (const _ of [1, 2]) [, state] = step(state, { _tag: "Reserve", amount: mostNano, privileged: false }, 0)
    for (const _ of [1, 2]) [, state] = step(state, { _tag: "Settle", held: mostNano, owed: nano(0) }, 0)
    assert.strictEqual(Number(state.reserved), 0)
  })
  const Move = Schema.Struct({
    does: Schema.Literals(["reserve", "reserve", "settle", "draw", "advance", "back"]),
    amount: Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 900 }))
  })
  it.prop(
    "grants only what is drawn and within the limit, whatever the clock does, and refuses only what is not",
    { moves: Schema.Array(Move).check(Schema.isMinLength(60), Schema.isMaxLength(80)) },
    ({ moves }) => {
      const tight = { ...policy, hard: nano(2000) }
      const step = budgetStep(tight)
      let now = 5 * 24 * hour
      let state = initialBudget(tight, now)
      const open: Array<number> = []
      /** What the store knows of each window: what earlier stays have settled there. */
      const left = new Map<number, number>()
      const settledEver = new Map<number, number>()
      const leave = (before: typeof state, after: typeof state) => {
        if (before.stay !== after.stay) left.set(before.start, (left.get(before.start) ?? 0) + before.settled)
      }
      for (const { amount, does } of moves) {
        const before = state
        if (does === "advance" || does === "back") now += (does === "back" ? -1 : 1) * amount * 300_000
        else if (does === "reserve") {
          const [reply, next] = step(state, { _tag: "Reserve", amount: nano(amount), privileged: false }, now)
          leave(before, next)
          state = next
          const stands = state.settled + state.reserved
          if (reply._tag === "Granted") {
            open.push(amount)
            if (amount > 0) assert.isAtMost(stands, state.drawn)
            if (amount > 0) assert.isAtMost(stands + state.elsewhere, 2000)
          } else if (reply._tag === "Refused") assert.isAbove(stands + state.elsewhere + amount, 2000)
          else assert.isTrue(reply._tag === "Short" && reply.by === amount - Math.max(0, freeOf(state)))
        } else if (does === "settle") {
          const held = open.pop()
          if (held === undefined) continue
          const owed = amount % (held + 1)
          const [, next] = step(state, { _tag: "Settle", held: nano(held), owed: nano(owed) }, now)
          leave(before, next)
          state = next
          settledEver.set(state.start, (settledEver.get(state.start) ?? 0) + owed)
        } else {
          ;[, state] = step(state, { _tag: "Roll" }, now)
          leave(before, state)
          const elsewhere = left.get(state.start) ?? 0
          const wanted = state.settled + state.reserved + amount
          const total = Math.max(elsewhere + state.settled, Math.min(2000, elsewhere + wanted))
          const unnoted = nano(total - elsewhere - state.settled)
          ;[, state] = step(
            state,
            { _tag: "Drawn", stay: state.stay, settled: state.settled, unnoted, total: nano(total) },
            now
          )
          assert.isAtMost(state.drawn + state.elsewhere, 2000)
        }
        assert.strictEqual(
          Number(state.reserved),
          open.reduce((sum, one) => sum + one, 0)
        )
        // what was settled in a window is known there, by this stay or by the store
        const known = state.settled + (left.get(state.start) ?? 0)
        assert.strictEqual(settledEver.get(state.start) ?? 0, known)
      }
    },
    { arbitrary: { runs: 200, seed: 6 } }
  )
})

describe("a reservation", () => {
  const told: SettleCommand = { by: "told", owed: nano(40) }
  it("is settled once, at all of it where nobody knows, and corrected only by who knows more", () => {
    const [first, uncertain] = reservationStep(openReservation(nano(100)), { by: "uncertain", owed: undefined })
    assert.deepInclude(first, { _tag: "Settled", owed: nano(100), held: nano(100) })
    const [expired, same] = reservationStep(uncertain, { by: "expired", owed: undefined })
    assert.strictEqual(expired._tag, "Ignored")
    assert.strictEqual(same, uncertain)
    const [corrected, known] = reservationStep(uncertain, told)
    assert.deepInclude(corrected, { _tag: "Corrected", before: nano(100), owed: nano(40) })
    assert.strictEqual(reservationStep(known, { by: "told", owed: nano(7) })[0]._tag, "Ignored")
  })
})

describe("a calibration", () => {
  it("follows what is reported, is not turned by one odd report, and stays within bounds", () => {
    let state = calibrated(initialCalibration, 10, 160)
    assert.isBelow(ratioOf(state), 1.5)
    for (let n = 0; n < 300; n++) state = calibrated(state, 1000, 1300)
    assert.closeTo(ratioOf(state), 1.3, 0.01)
    assert.isBelow(state.error, 0.02)
    for (let n = 0; n < 300; n++) state = calibrated(state, 1, 1e6)
    assert.strictEqual(ratioOf(state), 16)
    assert.strictEqual(calibrated(state, 0, 5), state)
  })
  it("widens a broken promise, and leaves a kept one", () => {
    assert.strictEqual(overran(initialCalibration, 100, 100), initialCalibration)
    assert.strictEqual(overran(initialCalibration, 100, 150).worst, 1.5)
    assert.strictEqual(overran(initialCalibration, 1, 1e9).worst, 8)
  })
  it("forgets one odd bill with ordinary ones, but not with those that needed the widening", () => {
    const widened = overran(initialCalibration, 1, 1e9)
    // the worst cases that are told then are widened ones
    assert.strictEqual(overran(widened, 800, 500), widened)
    let state = widened
    let bills = 0
    for (; state.worst > 1 && bills < 10_000; bills++) state = overran(state, 100 * state.worst, 60)
    assert.strictEqual(state.worst, 1)
    assert.isAbove(bills, 1000)
    let [half, until] = [widened, 0]
    for (; half.worst > 4.5; until++) half = overran(half, 100 * half.worst, 60)
    assert.isAbove(until, 300)
    assert.isBelow(until, 400)
  })
})
