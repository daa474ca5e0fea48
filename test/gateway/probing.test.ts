import { assert, describe, it } from "@effect/vitest"
import { Effect, Layer } from "effect"
import { TestClock } from "effect/testing"
import { Budgets } from "../../src/budget/Budgets.ts"
import { BudgetStore } from "../../src/budget/BudgetStore.ts"
import { Estimates } from "../../src/budget/Estimates.ts"
import { Catalog } from "../../src/catalog/Catalog.ts"
import { defaultResilience, defaultServer, type Settings } from "../../src/config/Settings.ts"
import { ProviderError } from "../../src/domain/ProviderError.ts"
import { Generations } from "../../src/gateway/Generations.ts"
import { probesLayer } from "../../src/gateway/probing.ts"
import { healthInMemory } from "../../src/health/healthLayer.ts"
import { Quarantines } from "../../src/health/Quarantines.ts"
import { Registry } from "../../src/provider/Registry.ts"
import * as Scripted from "../../src/provider/Scripted.ts"
import { providerSpec } from "../provider/requests.ts"

describe("the gateway's probes", () => {
  it.effect("are made of providers that are on, not of those that drain or are disabled", () => {
    const ids = ["on", "plain", "draining", "disabled"]
    const scripted = ids.map((id) => Scripted.make({ id, script: Scripted.answer("hi") }))
    const role = (state: "on" | "draining" | "disabled") => ({ state, weight: 1 })
    const settings: Settings = {
      server: defaultServer,
      providers: ids.map((id) => providerSpec({ id, apiKeys: [] })),
      providersOff: [],
      aliases: [],
      facts: new Map(),
      resilience: defaultResilience,
      roles: new Map([
        ["on", role("on")],
        ["draining", role("draining")],
        ["disabled", role("disabled")]
      ]),
      keys: [],
      source: "file",
      warnings: []
    }
    const layer = probesLayer(settings).pipe(
      Layer.provideMerge(Generations.layer(settings)),
      Layer.provideMerge([
        Registry.layerOf(scripted.map(({ provider }) => provider)),
        Catalog.layer,
        healthInMemory(settings),
        Estimates.layer,
        Layer.provide(Budgets.layer({ policies: [], owner: "one" }), BudgetStore.layerMemory())
      ])
    )
    return Effect.gen(function* () {
      const quarantines = yield* Quarantines
      const banned = { _tag: "AccessDenied", scope: "account", message: "suspended", status: 403 } as const
      for (const provider of ids) quarantines.failed(new ProviderError({ provider, model: "m", reason: banned }), 0)
      for (let i = 0; i < 15; i++) yield* TestClock.adjust("1 minute")
      const checked: Array<string> = []
      for (const { calls, provider } of scripted) if ((yield* calls).length > 0) checked.push(provider.id)
      assert.deepStrictEqual(checked, ["on", "plain"])
      assert.sameMembers(
        quarantines.entries(900_000).map(({ key }) => key),
        ["account:draining", "account:disabled"]
      )
    }).pipe(Effect.provide(layer))
  })
})
