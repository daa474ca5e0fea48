import { assert, describe, it } from "@effect/vitest"
import type { RouteDecision } from "../../src/api/DecisionWire.ts"
import { renderDecision } from "../../src/cli/renderDecision.ts"

const decision: RouteDecision = {
  id: "r",
  at: "2026-01-01T00:00:00.000Z",
  key: "web",
  model: "smart",
  kind: "alias",
  strategy: "priority",
  budget: { tier: "economy", effect: "downgraded" },
  mostAttempts: 6,
  hedge: false,
  candidates: [
    { model: "c/cheap", as: "asked", score: { value: 1, unit: "place" } },
    {
      model: "a/dear",
      as: "asked",
      score: { value: 1, unit: "place" },
      heldBack: { why: "AboveTier", tier: "economy" }
    }
  ],
  order: ["c/cheap", "a/dear"],
  outcome: { is: "asks", first: "c/cheap" }
}

describe("a decision under a budget, for people", () => {
  it("says what the budget pays for, what that did, and who is held back", () => {
    const lines = renderDecision(decision)
    assert.include(lines, "budget    pays for economy: a cheaper model is asked first")
    assert.match(lines, /2 +a\/dear +asked +1 place, held back \(AboveTier: the budget pays for economy\)/)
    assert.match(lines, /1 +c\/cheap +asked +1 place +/)
  })
  it("says nothing of budgets where none has a say", () => {
    const { budget: _budget, ...rest } = decision
    assert.notInclude(renderDecision({ ...rest, candidates: decision.candidates.slice(0, 1) }), "budget")
  })
})
