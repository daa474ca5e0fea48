import { assert, describe, it } from "@effect/vitest"
import { modelScopes } from "../../src/budget/modelScopes.ts"
import { makeCatalog } from "../../src/catalog/Catalog.ts"
import type { ProviderSpec } from "../../src/config/ProviderSpec.ts"
import { policyOf } from "../../src/config/budgets.ts"
import { defaultResilience, defaultServer } from "../../src/config/Settings.ts"
import type { BudgetScope } from "../../src/domain/Budget.ts"
import { makeNames } from "../../src/routing/Names.ts"

const budgets: ReadonlyArray<{ readonly scope: BudgetScope }> = [
  { scope: "global" },
  { scope: "provider:openai" },
  { scope: "model:openai/gpt-4o" },
  { scope: "model:router/gpt-4o" },
  { scope: "model:gpt-4o-2024-08-06" },
  { scope: "model:gpt-4o-mini" },
  { scope: "tag:gpt-4o" }
]

describe("the scopes of a model", () => {
  it("are its provider's, its own, and those of budgets that name it at its provider or anywhere", () => {
    assert.deepStrictEqual(modelScopes({ provider: "openai", model: "gpt-4o-2024-11-20" }, "openai", budgets), [
      "provider:openai",
      "model:openai/gpt-4o-2024-11-20",
      "model:openai/gpt-4o",
      "model:gpt-4o-2024-08-06"
    ])
    assert.deepStrictEqual(modelScopes({ provider: "router", model: "openai/gpt-4o" }, "openrouter", budgets), [
      "provider:router",
      "model:router/openai/gpt-4o",
      "model:router/gpt-4o",
      "model:gpt-4o-2024-08-06"
    ])
    assert.deepStrictEqual(modelScopes({ provider: "openai", model: "o3" }, "openai"), [
      "provider:openai",
      "model:openai/o3"
    ])
  })
  it("are the very same list each time that its name is asked for", () => {
    const spec: ProviderSpec = {
      id: "openai",
      kind: "openai",
      models: [],
      apiKeys: [],
      baseUrl: undefined,
      apiVersion: undefined,
      deployments: {},
      headers: {},
      failureDomain: undefined,
      region: undefined
    }
    const names = makeNames(
      {
        server: defaultServer,
        providers: [spec],
        providersOff: [],
        aliases: [],
        facts: new Map(),
        resilience: defaultResilience,
        keys: [],
        budgets: [policyOf("model:gpt-4o", { window: "day", limitUsd: 1 })],
        source: "file",
        warnings: []
      },
      [spec],
      makeCatalog()
    )
    const [first] = names.candidatesOf("openai/gpt-4o-2024-08-06")
    const [again] = names.candidatesOf("openai/gpt-4o-2024-08-06")
    assert.include(first?.budgetScopes ?? [], "model:gpt-4o")
    assert.strictEqual(first?.budgetScopes, again?.budgetScopes)
  })
})
