import { assert, describe, it } from "@effect/vitest"
import { highestPassed } from "../../src/domain/Alert.ts"
import { nano } from "../../src/domain/Money.ts"
import {
  type BudgetGlance,
  type EstimateGlance,
  initialSpendWatch,
  type SpendWatchState,
  spendWatchStep
} from "../../src/machine/SpendWatch.ts"

const day = 86_400_000
const usd = (amount: number) => nano(Math.round(amount * 1e9))
const glance = (changes: Partial<BudgetGlance> = {}): BudgetGlance => ({
  id: "global day UTC",
  scope: "global",
  window: "day",
  start: 0,
  end: day,
  limit: usd(10),
  soft: undefined,
  spent: usd(0),
  over: usd(0),
  runsOutAt: undefined,
  ...changes
})

/** What is told of one look after the other, as kinds and as what was passed. */
const looks = (...seen: ReadonlyArray<Partial<BudgetGlance>>) => {
  let state: SpendWatchState = initialSpendWatch
  return seen.map((changes) => {
    const [alerts, next] = spendWatchStep(state, [glance(changes)], [], 1000)
    state = next
    return alerts.map(({ kind, passed }) => (passed === undefined ? kind : [passed.from, passed.to]))
  })
}

describe("what is told of a budget", () => {
  it("is every rise of its share once, in one step however far, and anew in the next window", () => {
    assert.deepStrictEqual(
      looks(
        {},
        { spent: usd(4) },
        { spent: usd(4) },
        { spent: usd(9.5) },
        { spent: usd(9) },
        { spent: usd(9.5) },
        { start: day, end: 2 * day, spent: usd(6) }
      ),
      [[], [[0, 0.4]], [], [[0.4, 0.95]], [], [], [[0, 0.6]]]
    )
  })
  it("is nothing of how it stands when it is first seen; a raised limit lowers the share that later ones are told from", () => {
    assert.deepStrictEqual(
      looks(
        { spent: usd(9) },
        { spent: usd(9) },
        { spent: usd(9), limit: usd(20) },
        { spent: usd(18), limit: usd(20) }
      ),
      [[], [], [], [[0.45, 0.9]]]
    )
  })
  it("is told once more of nothing that is remembered over a restart, and of what came since", () => {
    const [, before] = spendWatchStep(initialSpendWatch, [glance()], [], 0)
    const [, told] = spendWatchStep(before, [glance({ spent: usd(5) })], [], 0)
    const remembered: SpendWatchState = JSON.parse(JSON.stringify(told))
    assert.deepStrictEqual(spendWatchStep(remembered, [glance({ spent: usd(5) })], [], 0)[0], [])
    const [alerts] = spendWatchStep(remembered, [glance({ spent: usd(8) })], [], 0)
    assert.deepStrictEqual(
      alerts.map(({ passed }) => passed),
      [{ from: 0.5, to: 0.8 }]
    )
  })
  it("is a forecast once, and again when it has moved by a tenth of the window", () => {
    const at = (hours: number) => ({ runsOutAt: hours * 3_600_000 })
    assert.deepStrictEqual(looks({}, at(20), at(20.5), at(21), at(18), at(17), at(23.9), {}), [
      [],
      ["budget.forecast"],
      [],
      [],
      [],
      ["budget.forecast"],
      [],
      []
    ])
  })
  it("is the soft limit once a window, and bills above their worst case when they have doubled", () => {
    const soft = usd(2)
    assert.deepStrictEqual(looks({ soft }, { soft, spent: usd(2) }, { soft, spent: usd(3) }).flat(), [
      [0, 0.2],
      "budget.soft",
      [0.2, 0.3]
    ])
    assert.deepStrictEqual(looks({}, { over: usd(1) }, { over: usd(1.5) }, { over: usd(2) }).flat(), [
      "budget.overrun",
      "budget.overrun"
    ])
  })
  it("leaves the state as it is where nothing has changed", () => {
    const [, state] = spendWatchStep(initialSpendWatch, [glance({ spent: usd(1) })], [], 0)
    assert.strictEqual(spendWatchStep(state, [glance({ spent: usd(1) })], [], 1)[1], state)
  })
})

describe("the sentence about a budget", () => {
  const said = (...seen: ReadonlyArray<Partial<BudgetGlance>>): ReadonlyArray<string> => {
    let state: SpendWatchState = initialSpendWatch
    return seen.flatMap((changes) => {
      const [alerts, next] = spendWatchStep(state, [glance(changes)], [], 1000)
      state = next
      return alerts.map(({ message }) => message)
    })
  }
  it("has amounts that people can read, and no share that they cannot", () => {
    const until = "until 1970-01-02T00:00Z"
    const cases: ReadonlyArray<readonly [limit: number, spent: number, sentence: string]> = [
      [10, 8.5, `85 % of the day's budget of global is used: $8.50 of $10.00, ${until}`],
      [
        1_234_567.5,
        1_111_110.756,
        `90 % of the day's budget of global is used: $1,111,110.76 of $1,234,567.50, ${until}`
      ],
      [0.001, 0.000_949_9, `94.9 % of the day's budget of global is used: $0.00095 of $0.001, ${until}`],
      [0.001, 0.009_9, `990 % of the day's budget of global is used: $0.0099 of $0.001, ${until}`],
      [0.001, 8.323_602, `The day's budget of global stands at 8,323 times its limit: $8.32 of $0.001, ${until}`],
      [0, 0.000_000_002, `The day's budget of global is nothing, and $0.000000002 is spent, ${until}`]
    ]
    for (const [limit, spent, sentence] of cases)
      assert.deepStrictEqual(said({ limit: usd(limit) }, { limit: usd(limit), spent: usd(spent) }), [sentence])
  })
  it("is none of a limit of nothing of which nothing is spent, window after window", () => {
    const limit = usd(0)
    assert.deepStrictEqual(said({ limit }, { limit, start: day, end: 2 * day }, { limit, spent: usd(-0.01) }), [])
  })
  it("of a soft limit names it", () => {
    const both = { limit: usd(0.001), soft: usd(0.001) }
    assert.strictEqual(
      said(both, { ...both, spent: usd(2) })[1],
      "The day's budget of global has reached its soft limit of $0.001: $2.00 is spent; economy models are chosen where they may be"
    )
  })
})

describe("what is told of estimates", () => {
  const of = (changes: Partial<EstimateGlance>): EstimateGlance => ({
    model: "a/m",
    ratio: 1,
    error: 0,
    seen: 100,
    ...changes
  })
  it("is by which factor they are off, too high and too low alike, once enough was seen, and again after they were better", () => {
    let state: SpendWatchState = initialSpendWatch
    const look = (changes: Partial<EstimateGlance>) => {
      const [alerts, next] = spendWatchStep(state, [], [of(changes)], 0)
      state = next
      return alerts.map(({ passed }) => passed)
    }
    assert.deepStrictEqual(look({ ratio: 5, seen: 49 }), [])
    assert.deepStrictEqual(look({ ratio: 0.25 }), [{ from: 1, to: 4 }])
    assert.deepStrictEqual(look({ ratio: 3 }), [])
    assert.deepStrictEqual(look({ ratio: 1.5 }), [])
    assert.deepStrictEqual(look({ error: 3 }), [{ from: 1.5, to: 4 }])
  })
})

describe("levels", () => {
  it("tell the highest that was passed, and none that was passed before or is not reached", () => {
    const levels = [0.9, 0.5, 0.8, 1]
    assert.strictEqual(highestPassed({ from: 0.4, to: 0.95 }, levels), 0.9)
    assert.strictEqual(highestPassed({ from: 0.9, to: 0.99 }, levels), undefined)
    assert.strictEqual(highestPassed({ from: 0.9, to: 1 }, levels), 1)
  })
})
