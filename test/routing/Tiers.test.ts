/**
 * What a budget's tier does to an order: pure, and through the resolver.
 */
import { assert, describe, it } from "@effect/vitest"
import { Result, Schema } from "effect"
import { makeEstimates } from "../../src/budget/Estimates.ts"
import { makeCatalog } from "../../src/catalog/Catalog.ts"
import type { Tier } from "../../src/catalog/ModelFacts.ts"
import { type Alias, defaultResilience, defaultServer, type Settings } from "../../src/config/Settings.ts"
import type { BudgetTier } from "../../src/domain/Budget.ts"
import { showModelRef } from "../../src/domain/Ids.ts"
import { usdOfNano } from "../../src/domain/Money.ts"
import { anonymous } from "../../src/domain/RequestContext.ts"
import type { Candidate } from "../../src/routing/Candidate.ts"
import { makeResolver } from "../../src/routing/Resolve.ts"
import { type LowTier, type Rows, sameRows, tiered } from "../../src/routing/Tiers.ts"
import { chatRequest, providerSpec } from "../provider/requests.ts"
import { idle } from "./moments.ts"

interface Model {
  readonly name: string
  readonly tier: Tier | undefined
  readonly cost: number | undefined
}
const candidate = ({ cost, name, tier }: Model): Candidate & { readonly cost: number | undefined } => ({
  ref: { provider: "p", model: name },
  facts: { contextWindowTokens: undefined, maxOutputTokens: undefined, price: undefined, tier, capabilities: {} },
  failureDomain: "p",
  region: undefined,
  cost
})
const one = (name: string, tier: Tier | undefined, cost: number | undefined) => candidate({ name, tier, cost })
const opus = one("opus", "premium", 25)
const sonnet = one("sonnet", "standard", 15)
const haiku = one("haiku", "economy", 5)
const oss = one("oss", "standard", 0.6)
const stranger = one("stranger", undefined, undefined)

type Costed = ReturnType<typeof candidate>
const names = (candidates: ReadonlyArray<Candidate>) => candidates.map(({ ref }) => ref.model).join(" ")
const told = (rows: Rows<Costed>, tier: LowTier) => {
  const { above, within } = tiered(rows, tier, ({ cost }) => cost)
  return `${names(within)} | ${names(above)}`.trim()
}

describe("a budget's tier", () => {
  it("lets standard models before premium ones, and economy models before all", () => {
    const row = sameRows([opus, sonnet, haiku])
    assert.strictEqual(told(row, "standard"), "sonnet haiku | opus")
    assert.strictEqual(told(row, "economy"), "haiku | opus sonnet")
  })
  it("leaves the order to whoever stated it as far as it can pay for it", () => {
    assert.strictEqual(told(sameRows([sonnet, opus, haiku]), "standard"), "sonnet haiku | opus")
    assert.strictEqual(told(sameRows([haiku, sonnet]), "economy"), "haiku | sonnet")
  })
  it("pays for what costs no more than what it pays for by its label", () => {
    assert.strictEqual(told(sameRows([opus, oss, haiku]), "economy"), "oss haiku | opus")
    const cheapPro = one("pro", "premium", 12)
    assert.strictEqual(told(sameRows([cheapPro, sonnet]), "standard"), "pro sonnet |")
  })
  it("looks through the row of the lower tier first, and through what else there is after it", () => {
    const rows = { premium: [opus], standard: [sonnet], economy: [haiku, oss] }
    assert.strictEqual(told(rows, "standard"), "sonnet haiku oss | opus")
    assert.strictEqual(told(rows, "economy"), "haiku oss | sonnet opus")
    assert.strictEqual(told({ premium: [haiku], standard: [sonnet], economy: [oss] }, "economy"), "haiku oss | sonnet")
  })
  it("takes what nobody knows for neither premium nor economy", () => {
    assert.strictEqual(told(sameRows([opus, stranger, haiku]), "standard"), "stranger haiku | opus")
    assert.strictEqual(told(sameRows([stranger, haiku]), "economy"), "haiku | stranger")
  })
  it("pays for what the next better tier does where it has nobody, and else changes nothing", () => {
    assert.strictEqual(told(sameRows([opus, sonnet]), "economy"), "sonnet | opus")
    assert.strictEqual(told(sameRows([opus]), "economy"), "| opus")
  })

  const costs = [0, 0.5, 1, 3, 5, 12, 15, 25, undefined] as const
  const tiers = ["premium", "standard", "economy", undefined] as const
  const models = Schema.Array(
    Schema.Struct({ tier: Schema.Literals([0, 1, 2, 3]), cost: Schema.Literals([0, 1, 2, 3, 4, 5, 6, 7, 8]) })
  ).check(Schema.isMinLength(1), Schema.isMaxLength(8))
  const row = Schema.Array(Schema.Literals([0, 1, 2, 3, 4, 5, 6, 7])).check(Schema.isMaxLength(8))
  it.prop(
    "never begins dearer for being lower, invents nobody, and loses nobody",
    { models, premium: row, standard: row, economy: row },
    (drawn) => {
      const all = drawn.models.map(({ cost, tier }, at) => one(`m${at}`, tiers[tier], costs[cost]))
      const rowOf = (places: ReadonlyArray<number>) => [...new Set(places.flatMap((at) => all[at] ?? []))]
      const premium = drawn.premium.length === 0 ? all : rowOf(drawn.premium)
      const rows = { premium, standard: rowOf(drawn.standard), economy: rowOf(drawn.economy) }
      const everybody = new Set([...rows.premium, ...rows.standard, ...rows.economy])
      let before = rows.premium[0]
      let known = before?.cost
      for (const tier of ["standard", "economy"] as const) {
        const { above, within } = tiered(rows, tier, ({ cost }) => cost)
        const order = [...within, ...above]
        assert.strictEqual(new Set(order).size, order.length)
        assert.sameMembers([...order], [...everybody])
        const [first] = order
        if (known !== undefined && first?.cost !== undefined && before !== undefined)
          assert.isAtMost(first.cost, known, `${tier} after ${before.ref.model}`)
        // whoever is held back costs more than anybody who is not
        for (const dear of above)
          for (const cheap of within)
            if (dear.cost !== undefined && cheap.cost !== undefined) assert.isAbove(dear.cost, cheap.cost)
        before = first
        known = first?.cost ?? known
      }
    },
    { arbitrary: { runs: 500 } }
  )
})

const aliases: ReadonlyArray<Alias> = [
  {
    name: "willing",
    strategy: "priority",
    targets: [
      "anthropic/claude-opus-5-5",
      "openai/gpt-6-luna",
      "anthropic/claude-sonnet-5",
      "anthropic/claude-haiku-4-5"
    ],
    downgrade: true
  },
  { name: "firm", strategy: "priority", targets: ["anthropic/claude-opus-5-5", "anthropic/claude-haiku-4-5"] },
  {
    name: "turning",
    strategy: "round-robin",
    targets: ["anthropic/claude-opus-5-5", "openai/gpt-6-luna", "anthropic/claude-haiku-4-5"],
    downgrade: true
  }
]
const specs = [
  providerSpec({ id: "anthropic", kind: "anthropic" }),
  providerSpec({ id: "openai", kind: "openai" }),
  providerSpec({ id: "gemini", kind: "google" })
]
const settings: Settings = {
  server: defaultServer,
  providers: specs,
  providersOff: [],
  aliases,
  facts: new Map(),
  resilience: { ...defaultResilience, defaultFallbacks: ["gemini/gemini-3.1-pro-preview"] },
  keys: [],
  source: "file",
  warnings: []
}
const resolver = makeResolver(settings, specs, makeCatalog())
const request = (model: string, text = "hello", maxTokens?: number) =>
  chatRequest({
    model,
    messages: [{ role: "user", content: [{ _tag: "Text", text }] }],
    sampling: maxTokens === undefined ? {} : { maxTokens }
  })
const estimates = makeEstimates()
const expectedUsd = (asked: ReturnType<typeof request>, { facts, ref }: Candidate): number | undefined => {
  const { expected, rates } = estimates.quote(asked, ref, facts)
  return rates === undefined ? undefined : usdOfNano(expected)
}
const resolved = (asked: ReturnType<typeof request>, tier: BudgetTier | undefined) => {
  const moment = idle({ tier, expectedUsd: (one) => expectedUsd(asked, one) })
  const found = resolver.resolve(asked, anonymous, moment)
  if (Result.isFailure(found)) throw new Error(found.failure._tag)
  return found.success
}
const order = (name: string, tier: BudgetTier | undefined) =>
  resolved(request(name), tier).candidates.map(({ ref }) => showModelRef(ref))

describe("an alias under a budget", () => {
  it("asks the cheaper of its own targets first where it opts in; the others follow, then the fallbacks", () => {
    const [opus, luna, sonnet, haiku] = aliases[0]?.targets ?? []
    const fallback = "gemini/gemini-3.1-pro-preview"
    assert.deepStrictEqual(order("willing", "premium"), [opus, luna, sonnet, haiku, fallback])
    assert.deepStrictEqual(order("willing", "standard"), [luna, sonnet, haiku, opus, fallback])
    const low = order("willing", "economy")
    assert.deepStrictEqual(new Set(low), new Set([opus, luna, sonnet, haiku, fallback]))
    assert.isBelow(low.indexOf(haiku ?? ""), low.indexOf(sonnet ?? ""))
    assert.strictEqual(low.at(-1), fallback)
    assert.deepStrictEqual(order("willing", "none"), low)
  })
  it("says what was done, for whom it was done, and why the first is not the first", () => {
    const { considered, passedOver, tiering } = resolved(request("willing"), "standard")
    assert.strictEqual(tiering?.effect, "downgraded")
    assert.strictEqual(passedOver, "BudgetTier")
    assert.deepStrictEqual(
      considered.flatMap(({ heldBack, ref }) => (heldBack === undefined ? [] : [[ref.model, heldBack]])),
      [["claude-opus-5-5", { _tag: "AboveTier", tier: "standard" }]]
    )
    assert.strictEqual(resolved(request("willing"), "premium").tiering, undefined)
  })
  it("is not downgraded where its strategy would have asked a cheap one first anyway", () => {
    const effects = (["lowest-cost", "quality", "least-busy"] as const).map((strategy) => {
      const all = {
        ...settings,
        aliases: [{ name: "by", strategy, targets: aliases[0]?.targets ?? [], downgrade: true }]
      }
      const moment = idle({ tier: "economy", expectedUsd: ({ facts }) => facts.price?.outputUsdPerMTok })
      const found = makeResolver(all, specs, makeCatalog()).resolve(request("by"), anonymous, moment)
      return Result.isSuccess(found) ? found.success.tiering?.effect : undefined
    })
    assert.deepStrictEqual(effects, ["unchanged", "downgraded", "downgraded"])
  })
  it("goes round among those who are paid for", () => {
    const moment = idle({ tier: "economy", expectedUsd: ({ facts }) => facts.price?.outputUsdPerMTok })
    const firsts = Array.from({ length: 4 }, () => {
      const found = resolver.resolve(request("turning"), anonymous, moment)
      return Result.isSuccess(found) ? found.success.candidates[0].ref.model : ""
    })
    assert.deepStrictEqual(firsts.toSorted(), ["claude-haiku-4-5", "claude-haiku-4-5", "gpt-6-luna", "gpt-6-luna"])
  })
})

describe("what a budget leaves as it is", () => {
  const names = Schema.Literals([
    "firm",
    "anthropic/claude-opus-5-5",
    "openai/gpt-6-astra",
    "claude-opus-5-5",
    "gpt-6-sol",
    "gemini/gemini-3.1-pro-preview"
  ])
  it.prop(
    "is every exact and bare model, and every alias that does not opt in, under any tier",
    { name: names, tier: Schema.Literals(["standard", "economy", "none"]) },
    ({ name, tier }) => {
      assert.deepStrictEqual(resolved(request(name), tier), resolved(request(name), undefined))
    },
    { arbitrary: { runs: 60 } }
  )
})

describe("a lower tier through the resolver", () => {
  it.prop(
    "begins with nobody dearer for the same request, and thinks of nobody else",
    { text: Schema.String, words: Schema.Literals([1, 100, 5000]), limit: Schema.Literals([1, 60, 4000]) },
    ({ limit, text, words }) => {
      const asked = request("willing", `${text} `.repeat(words), limit)
      const found = (["premium", "standard", "economy"] as const).map((tier) => resolved(asked, tier))
      const costs = found.map(({ candidates }) => expectedUsd(asked, candidates[0]) ?? Number.NaN)
      const [premium = 0, standard = 0, economy = 0] = costs
      assert.isAtMost(standard, premium)
      assert.isAtMost(economy, standard)
      const refs = found.map(({ candidates }) => candidates.map(({ ref }) => showModelRef(ref)).toSorted())
      assert.deepStrictEqual(refs[1], refs[0])
      assert.deepStrictEqual(refs[2], refs[0])
    },
    { arbitrary: { runs: 100 } }
  )
})
