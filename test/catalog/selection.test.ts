import { assert, describe, it } from "@effect/vitest"
import { makeCatalog } from "../../src/catalog/Catalog.ts"
import { grades } from "../../src/catalog/grades.ts"
import { selectionOf } from "../../src/catalog/selection.ts"
import type { ProviderKind } from "../../src/config/ProviderSpec.ts"
import { preferences } from "../../src/domain/Prefer.ts"
import { builtInTasks } from "../../src/domain/Task.ts"
import { providerSpec } from "../provider/requests.ts"

const spec = (id: string, kind: ProviderKind, models: ReadonlyArray<string> = []) => ({
  ...providerSpec({ id, kind }),
  models
})
const three = [spec("anthropic", "anthropic"), spec("openai", "openai"), spec("gemini", "google")]

describe("the grades of vendors' models", () => {
  const catalog = makeCatalog()
  for (const [kind, row] of grades)
    for (const [grade, model] of Object.entries(row))
      it(`know the price, the window and the tier of ${kind}'s ${grade} model`, () => {
        const facts = catalog.facts(kind, model)
        assert.isDefined(facts.price, model)
        assert.isDefined(facts.contextWindowTokens, model)
        assert.isDefined(facts.tier, model)
        assert.isTrue(catalog.serves(kind, model), model)
      })
  it("are dearer the better they are", () => {
    for (const [kind, { best, small, strong }] of grades) {
      const [dear, middle, cheap] = [best, strong, small].map((model) =>
        model === undefined ? undefined : catalog.facts(kind, model).price?.outputUsdPerMTok
      )
      assert.isAtLeast(dear ?? Number.POSITIVE_INFINITY, middle ?? 0, kind)
      assert.isAtLeast(middle ?? Number.POSITIVE_INFINITY, cheap ?? 0, kind)
    }
  })
})

describe("a choice by task", () => {
  it("names every configured vendor for every task and preference, each model once", () => {
    const select = selectionOf({ aliases: [] }, three)
    for (const task of builtInTasks)
      for (const preference of preferences) {
        const names = select(task, preference)
        assert.strictEqual(new Set(names).size, names.length)
        for (const { id } of three)
          assert.isTrue(
            names.some((name) => name.startsWith(`${id}/`)),
            `${task} ${preference}`
          )
      }
  })
  it("begins with the best for what is hard where quality matters, and with a small one for talk", () => {
    const select = selectionOf({ aliases: [] }, three)
    assert.strictEqual(select("math", "quality")[0], `anthropic/${grades.get("anthropic")?.best}`)
    assert.strictEqual(select("chat", "balanced")[0], `anthropic/${grades.get("anthropic")?.small}`)
  })
  it("begins with a small one for every task where cost comes first", () => {
    const select = selectionOf({ aliases: [] }, three)
    for (const task of builtInTasks)
      assert.strictEqual(select(task, "cost")[0], `anthropic/${grades.get("anthropic")?.small}`, task)
  })
  it("is the config's list alone where it has one, and its balanced one for the preferences it leaves out", () => {
    const tasks = new Map([["coding", { quality: ["openai/x"], balanced: ["anthropic/y", "smart"] }]])
    const select = selectionOf({ aliases: [], tasks }, three)
    assert.deepStrictEqual(select("coding", "quality"), ["openai/x"])
    assert.deepStrictEqual(select("coding", "speed"), ["anthropic/y", "smart"])
    assert.isAbove(select("math", "speed").length, 2)
    const one = selectionOf({ aliases: [], tasks: new Map([["coding", { cost: ["openai/z"] }]]) }, three)
    assert.deepStrictEqual(one("coding", "quality"), ["openai/z"])
  })
  it("is whatever is configured where no vendor is known, and for a class of the operator's the general one", () => {
    const own = [spec("local", "ollama", ["llama"])]
    const aliases = [{ name: "smart", strategy: "priority" as const, targets: ["local/qwen"] }]
    assert.deepStrictEqual(selectionOf({ aliases }, own)("math", "quality"), ["local/qwen", "local/llama"])
    const select = selectionOf({ aliases: [] }, three)
    assert.deepStrictEqual(select("legal", "quality"), select("general", "quality"))
  })
})
