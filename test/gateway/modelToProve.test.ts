import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { Catalog } from "../../src/catalog/Catalog.ts"
import { modelToProve, modelsToProve } from "../../src/gateway/modelToProve.ts"
import { providerSpec } from "../provider/requests.ts"

describe("the models by which a provider is probed", () => {
  const alias = (...targets: ReadonlyArray<string>) => ({
    aliases: [{ name: "fast", strategy: "priority" as const, targets }]
  })
  const read = <A>(use: (catalog: Catalog["Service"]) => A) =>
    Effect.map(Catalog, use).pipe(Effect.provide(Catalog.layer))

  it.effect("are those that the config names first, each once, then those that the vendor is known for", () =>
    Effect.gen(function* () {
      const spec = providerSpec({ id: "openai", kind: "openai", models: ["listed", "aliased"] })
      const models = yield* read((catalog) =>
        modelsToProve(alias("anthropic/claude-x", "openai/aliased"), spec, catalog)
      )
      assert.deepStrictEqual(models.slice(0, 2), ["aliased", "listed"])
      assert.strictEqual(new Set(models).size, models.length)
      assert.isAbove(models.length, 2)
      assert.isAtMost(models.length, 8)
      assert.strictEqual(yield* read((catalog) => modelToProve(alias("openai/aliased"), spec, catalog)), "aliased")
    })
  )
  it.effect("are none where nothing is known of a server", () =>
    Effect.gen(function* () {
      const spec = providerSpec({ id: "local", kind: "openai-compatible" })
      assert.deepStrictEqual(yield* read((catalog) => modelsToProve(alias(), spec, catalog)), [])
      assert.isUndefined(yield* read((catalog) => modelToProve(alias(), spec, catalog)))
    })
  )
})
