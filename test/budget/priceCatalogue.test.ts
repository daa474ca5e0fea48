/** Our bills against those that `@pydantic/genai-prices` writes itself, for every model of three vendors. */
import { calcPrice, findProvider } from "@pydantic/genai-prices"
import { assert, describe, it } from "@effect/vitest"
import { billOf } from "../../src/budget/bill.ts"
import { batchPercent } from "../../src/catalog/bounds.ts"
import { lookUp, namesOf } from "../../src/catalog/prices.ts"
import { usdOfNano } from "../../src/domain/Money.ts"
import type { Usage } from "../../src/domain/Usage.ts"

const usages: ReadonlyArray<Usage> = [
  { inputTokens: 1000, outputTokens: 500 },
  { inputTokens: 9000, outputTokens: 10, cacheReadTokens: 8000 },
  { inputTokens: 9000, outputTokens: 10, cacheReadTokens: 3000, cacheWriteTokens: 5000 },
  // beyond every step of the catalogue
  { inputTokens: 500_000, outputTokens: 2000, cacheReadTokens: 100_000 }
]

/** As the catalogue itself names what is used. */
const asCatalogue = ({ cacheReadTokens, cacheWriteTokens, inputTokens, outputTokens, webSearches }: Usage) => ({
  input_tokens: inputTokens,
  output_tokens: outputTokens,
  ...(cacheReadTokens === undefined ? {} : { cache_read_tokens: cacheReadTokens }),
  ...(cacheWriteTokens === undefined ? {} : { cache_write_tokens: cacheWriteTokens }),
  ...(webSearches === undefined ? {} : { web_searches: webSearches })
})

const vendors = ["openai", "anthropic", "google"]
const hasOnePrice = (vendor: string, name: string): boolean =>
  !Array.isArray(findProvider({ providerId: vendor })?.models.find(({ id }) => id === name)?.prices)

describe("a bill", () => {
  for (const vendor of vendors)
    it(`is what the catalogue says it is, cached and stepped prices included, for every model of ${vendor}`, () => {
      let compared = 0
      for (const name of namesOf(vendor)) {
        const rates = lookUp(vendor, name)?.rates
        if (rates === undefined || !hasOnePrice(vendor, name)) continue
        for (const usage of usages) {
          const theirs = calcPrice(asCatalogue(usage), name, { providerId: vendor })?.total_price
          if (theirs === undefined) continue
          // a pico-dollar a token and a nano-dollar a bill are rounded up
          const slack = 1e-9 + (usage.inputTokens + usage.outputTokens) * 1e-12
          assert.closeTo(usdOfNano(billOf(rates, usage, {})), theirs, slack, `${name} ${JSON.stringify(usage)}`)
          compared++
        }
      }
      assert.isAbove(compared, 20)
    })

  it("counts the searches that the vendor told, at the catalogue's fee", () => {
    for (const [vendor, name] of [
      ["openai", "gpt-5.2"],
      ["anthropic", "claude-sonnet-4-5"]
    ] as const) {
      const rates = lookUp(vendor, name)?.rates
      assert(rates !== undefined)
      const usage = { inputTokens: 1000, outputTokens: 100, webSearches: 3 }
      const theirs = calcPrice(asCatalogue(usage), name, { providerId: vendor })?.total_price ?? 0
      assert.closeTo(usdOfNano(billOf(rates, usage, {})), theirs, 1e-8)
    }
  })

  it("charges a query at Gemini 3, and a prompt that was searched for at those before it", () => {
    const of = (name: string) => {
      const rates = lookUp("google", name)?.rates
      assert(rates !== undefined)
      return Number(billOf(rates, { inputTokens: 0, outputTokens: 0, webSearches: 3 }, {}))
    }
    assert.strictEqual(of("gemini-3.5-flash"), 3 * 14_000_000)
    assert.strictEqual(of("gemini-2.5-flash"), 35_000_000)
  })

  it("is half of the list price for a batch, rounded up to a nano-dollar", () => {
    const rates = lookUp("openai", "gpt-5.2")?.rates
    assert(rates !== undefined)
    const [usage] = usages
    assert(usage !== undefined)
    const [list, batch] = [100, batchPercent].map((percent) => Number(billOf(rates, usage, { percent })))
    assert.strictEqual(batch, Math.ceil((list ?? 0) / 2))
  })
})
