import { assert, describe, it } from "@effect/vitest"
import { makeCatalog } from "../../src/catalog/Catalog.ts"
import { isOneModel, nameTails } from "../../src/catalog/identity.ts"
import type { ProviderKind } from "../../src/config/ProviderSpec.ts"

type Named = readonly [kind: ProviderKind | undefined, model: string]
const isOne = ([kind, model]: Named, [otherKind, other]: Named): boolean => {
  const one = isOneModel({ kind, model }, { kind: otherKind, model: other })
  assert.strictEqual(isOneModel({ kind: otherKind, model: other }, { kind, model }), one, "whichever is named first")
  return one
}

const same: ReadonlyArray<readonly [Named, Named]> = [
  [
    ["openai", "gpt-4o"],
    ["openai", "gpt-4o-2024-08-06"]
  ],
  [
    ["openai", "gpt-4o"],
    ["openai", "gpt-4o-2024-05-13"]
  ],
  [
    ["openai", "gpt-4o-2024-11-20"],
    ["openai", "gpt-4o-2024-08-06"]
  ],
  [
    ["openai", "gpt-4o"],
    ["openrouter", "openai/gpt-4o-2024-08-06"]
  ],
  [
    ["openai", "gpt-4o"],
    ["openrouter", "openai/gpt-4o:online"]
  ],
  [
    ["openai", "gpt-4o"],
    ["azure-openai", "gpt-4o"]
  ],
  [
    ["openai", "gpt-4.1"],
    ["openai", "gpt-4.1-2025-04-14"]
  ],
  [
    ["openai", "gpt-4"],
    ["openai", "gpt-4-0613"]
  ],
  [
    ["openai", "gpt-4-turbo"],
    ["openai", "gpt-4-1106-preview"]
  ],
  [
    ["anthropic", "claude-sonnet-4-5"],
    ["anthropic", "claude-sonnet-4-5-20250929"]
  ],
  [
    ["anthropic", "claude-sonnet-4-5"],
    ["openrouter", "anthropic/claude-sonnet-4.5"]
  ],
  [
    ["anthropic", "claude-sonnet-4-5-20250929"],
    ["google", "claude-sonnet-4-5@20250929"]
  ],
  [
    ["anthropic", "claude-opus-4-20250514"],
    ["anthropic", "claude-opus-4-0"]
  ],
  [
    ["anthropic", "claude-opus-4-0"],
    ["openrouter", "anthropic/claude-opus-4"]
  ],
  [
    ["anthropic", "claude-3-5-sonnet-latest"],
    ["anthropic", "claude-3-5-sonnet-20241022"]
  ],
  [
    ["google", "models/gemini-2.5-pro"],
    ["vertex", "gemini-2.5-pro"]
  ],
  [
    ["google", "gemini-2.0-flash-001"],
    ["google", "gemini-2.0-flash"]
  ],
  [
    ["google", "gemini-2.5-pro-preview-05-06"],
    ["google", "gemini-2.5-pro"]
  ],
  [
    ["mistral", "mistral-large-latest"],
    ["mistral", "mistral-large-2411"]
  ],
  [
    ["xai", "grok-4"],
    ["xai", "grok-4-0709"]
  ],
  [
    ["xai", "grok-4-latest"],
    ["openrouter", "x-ai/grok-4"]
  ],
  [
    ["groq", "openai/gpt-oss-120b"],
    ["cerebras", "gpt-oss-120b"]
  ],
  [
    ["together", "Meta-Llama/Llama-9"],
    ["vllm", "llama-9"]
  ],
  [
    ["ollama", "llama9:latest"],
    ["ollama", "llama9"]
  ],
  [
    [undefined, "gpt-4o"],
    ["openai", "gpt-4o-2024-08-06"]
  ],
  [
    [undefined, "claude-opus-4-0"],
    ["openrouter", "anthropic/claude-opus-4"]
  ]
]

const different: ReadonlyArray<readonly [Named, Named]> = [
  [
    ["openai", "gpt-4o"],
    ["openai", "gpt-4o-mini"]
  ],
  [
    ["openai", "gpt-4o"],
    ["openai", "gpt-4o-mini-2024-07-18"]
  ],
  [
    ["openai", "gpt-4o"],
    ["openai", "chatgpt-4o-latest"]
  ],
  [
    ["openai", "gpt-4o"],
    ["openai", "gpt-4o-audio-preview"]
  ],
  [
    ["openai", "gpt-4o-mini"],
    ["openai", "gpt-4o-mini-search-preview"]
  ],
  [
    ["openai", "gpt-4o"],
    ["openai", "ft:gpt-4o:acme::1"]
  ],
  [
    ["openai", "gpt-4"],
    ["openai", "gpt-4-turbo"]
  ],
  [
    ["openai", "gpt-4"],
    ["openai", "gpt-4.1"]
  ],
  [
    ["openai", "gpt-5"],
    ["openai", "gpt-5-codex"]
  ],
  [
    ["openai", "gpt-5"],
    ["openai", "gpt-5-chat-latest"]
  ],
  [
    ["openai", "gpt-5"],
    ["openai", "gpt-5-mini"]
  ],
  [
    ["openai", "gpt-5"],
    ["openai", "gpt-5-pro"]
  ],
  [
    ["openai", "gpt-5"],
    ["openai", "gpt-5.2"]
  ],
  [
    ["openai", "o1"],
    ["openai", "o1-preview"]
  ],
  [
    ["openai", "o3"],
    ["openai", "o3-mini"]
  ],
  [
    ["anthropic", "claude-sonnet-4-5"],
    ["anthropic", "claude-sonnet-4-20250514"]
  ],
  [
    ["anthropic", "claude-opus-4-0"],
    ["anthropic", "claude-opus-4-1"]
  ],
  [
    ["anthropic", "claude-sonnet-4-5"],
    ["anthropic", "claude-haiku-4-5"]
  ],
  [
    ["google", "gemini-2.5-flash"],
    ["google", "gemini-2.5-flash-lite"]
  ],
  [
    ["google", "gemini-1.5-flash"],
    ["google", "gemini-1.5-flash-8b"]
  ],
  [
    ["google", "gemini-2.5-pro"],
    ["google", "gemini-2.5-flash"]
  ],
  [
    ["xai", "grok-4"],
    ["xai", "grok-4-fast"]
  ],
  [
    ["xai", "grok-4-fast-reasoning"],
    ["xai", "grok-4-fast-non-reasoning"]
  ],
  [
    ["xai", "grok-3"],
    ["xai", "grok-3-mini"]
  ],
  [
    ["perplexity", "sonar"],
    ["perplexity", "sonar-pro"]
  ],
  [
    ["perplexity", "r1-1776"],
    ["perplexity", "r1"]
  ],
  [
    ["ollama", "llama9:8b"],
    ["ollama", "llama9:70b"]
  ]
]

describe("two names", () => {
  for (const [a, b] of same)
    it(`are one model's: ${a.join(" ")} and ${b.join(" ")}`, () => {
      assert.isTrue(isOne(a, b))
    })
  for (const [a, b] of different)
    it(`are two models': ${a.join(" ")} and ${b.join(" ")}`, () => {
      assert.isFalse(isOne(a, b))
    })
  it("are one model's where they are equal, and one with every tail that names no other model", () => {
    const catalog = makeCatalog()
    for (const kind of ["openai", "anthropic", "google", "mistral", "xai", "deepseek"] as const)
      for (const model of catalog.knownModels(kind)) {
        assert.isTrue(isOne([kind, model], [kind, model]))
        assert.isTrue(isOne([kind, model], ["openrouter", `maker/${model.toUpperCase()}`]), model)
        if (!/latest|-\d{4,}$/.test(model)) assert.isTrue(isOne([kind, model], [kind, `${model}-20260102`]), model)
      }
  })
  it("that the vendors list as models of different prices are never one model's, but for snapshots", () => {
    const catalog = makeCatalog()
    const bare = (name: string) => nameTails.reduce((short, { pattern }) => short.replace(pattern, ""), name)
    for (const kind of ["openai", "anthropic", "google", "xai", "deepseek"] as const) {
      const models = catalog.knownModels(kind)
      for (const one of models)
        for (const other of models) {
          if (bare(one) === bare(other) || !isOne([kind, one], [kind, other])) continue
          assert.deepStrictEqual(catalog.facts(kind, one).price, catalog.facts(kind, other).price, `${one} ${other}`)
        }
    }
  })
  it("longer than any model's is are compared without asking the catalogue", () => {
    const long = "x".repeat(100_000)
    assert.isTrue(isOne(["openai", long], ["openai", `${long}-20260102`]))
    assert.isFalse(isOne(["openai", long], ["openai", "gpt-4o"]))
  })
})
