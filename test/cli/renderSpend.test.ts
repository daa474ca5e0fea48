/** The table of `switchyard spend`, and which budgets are told in which order. */
import { assert, describe, it } from "@effect/vitest"
import type { SpendOrder } from "../../src/api/SpendWire.ts"
import { renderSpend } from "../../src/cli/SpendCommand.ts"
import { budgetId, type BudgetPolicy } from "../../src/domain/Budget.ts"
import { nanoOfUsd } from "../../src/domain/Money.ts"
import type { SpendReport } from "../../src/gateway/Operations.ts"
import { spendView } from "../../src/server/SpendView.ts"

const start = Date.parse("2026-11-20T23:00:00Z")
const end = Date.parse("2026-11-21T23:00:00Z")

const budget = (
  changes: Partial<BudgetPolicy>,
  {
    ended = false,
    left,
    reserved = 0,
    spent = 0
  }: { ended?: boolean; left?: number; reserved?: number; spent?: number } = {}
): SpendReport["budgets"][number] => {
  const policy: BudgetPolicy = {
    scope: "global",
    window: "day",
    timeZone: "UTC",
    hard: nanoOfUsd(10),
    soft: undefined,
    reservePercent: 0,
    onExhausted: "reject",
    ...changes
  }
  const basis = policy.hard ?? policy.soft ?? nanoOfUsd(1)
  return {
    id: budgetId(policy),
    policy,
    start,
    end,
    spent: nanoOfUsd(spent),
    reserved: nanoOfUsd(reserved),
    left: nanoOfUsd(left ?? 0),
    share: 1 - nanoOfUsd(spent) / basis,
    over: nanoOfUsd(0),
    runsOutAt: undefined,
    ended,
    tier: "premium"
  }
}

const report = (...budgets: SpendReport["budgets"]): SpendReport => ({
  budgets,
  refused: [],
  recording: "working",
  openLeases: 0,
  estimates: []
})

describe("the table of what is spent", () => {
  it("has amounts at one line, moments in each budget's zone, and says what has ended and what is not told", () => {
    const told = spendView(
      report(
        budget({ timeZone: "Europe/Berlin" }, { spent: 8.5, left: 1.5, reserved: 0.000_012_345 }),
        budget({ scope: "key:web", hard: nanoOfUsd(1_000_000) }, { spent: 1234.5, left: 998_765.5 }),
        budget({ scope: "key:gone" }, { spent: 10, ended: true }),
        budget({ scope: "tag:\u001b[31mred", hard: undefined, soft: nanoOfUsd(0.000_001) }, { spent: 0.8 })
      ),
      { sort: "used", limit: 3 }
    )
    assert.deepStrictEqual(renderSpend(told).split("\n"), [
      "scope         window  zone                    limit    settled    reserved         left           used  tier     until             runs out  refused",
      "tag: [31mred  day     UTC            soft $0.000001      $0.80       $0.00            -  800,000 times  premium  2026-11-21 23:00  -               0",
      "global        day     Europe/Berlin          $10.00      $8.50  $0.0000123        $1.50         85.0 %  premium  2026-11-22 00:00  -               0",
      "key:web       day     UTC             $1,000,000.00  $1,234.50       $0.00  $998,765.50          0.1 %  premium  2026-11-21 23:00  -               0",
      "… and 1 more"
    ])
  })
  it("leaves the zone out where all are in UTC, and says that nothing is recorded", () => {
    const told = { ...spendView(report(budget({})), {}), recording: "superseded" as const }
    const [head, , trouble] = renderSpend(told).split("\n")
    assert.notInclude(head, "zone")
    assert.match(trouble ?? "", /Another process runs under this replica's name/)
    assert.strictEqual(
      renderSpend(spendView(report(), { scope: "tenant:x" }), "tenant:x"),
      "There are no budgets of 'tenant:x'"
    )
  })
})

describe("budgets that are asked for in an order", () => {
  const all = report(
    budget({ scope: "key:b" }, { spent: 9, ended: true }),
    budget({ scope: "key:c", hard: nanoOfUsd(100) }, { spent: 7 }),
    budget({ scope: "key:a" }, { spent: 5 }),
    budget({ scope: "tenant:d" }, { spent: 6 })
  )
  const scopes = (query: { readonly sort?: SpendOrder; readonly scope?: string; readonly limit?: number }) =>
    spendView(all, query).budgets.map(({ scope }) => scope)
  it("are told so, those that have ended at the end, and no more of them than asked", () => {
    assert.deepStrictEqual(scopes({}), ["key:b", "key:c", "key:a", "tenant:d"])
    assert.deepStrictEqual(scopes({ sort: "used" }), ["tenant:d", "key:a", "key:c", "key:b"])
    assert.deepStrictEqual(scopes({ sort: "spent" }), ["key:c", "tenant:d", "key:a", "key:b"])
    assert.deepStrictEqual(scopes({ sort: "scope", scope: "key" }), ["key:a", "key:c", "key:b"])
    assert.deepStrictEqual(scopes({ sort: "spent", limit: 1 }), ["key:c"])
    assert.strictEqual(spendView(all, { scope: "key", limit: 1 }).count, 3)
  })
})
