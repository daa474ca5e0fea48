import { assert, describe, it } from "@effect/vitest"
import { Effect, Schema } from "effect"
import { Capability } from "../../src/domain/Capability.ts"
import { Catalog, makeCatalog } from "../../src/catalog/Catalog.ts"
import { families, familyOf } from "../../src/catalog/families.ts"
import { vendors } from "../../src/catalog/vendors.ts"
import { environmentRows } from "../../src/config/EnvironmentKeys.ts"
import { type ProviderKind, providerKinds } from "../../src/config/ProviderSpec.ts"

const catalog = makeCatalog()
const can = (kind: ProviderKind, model: string, capability: Capability) =>
  catalog.facts(kind, model).capabilities[capability]

describe("the catalogue", () => {
  it.effect("is a service", () =>
    Effect.gen(function* () {
      const { facts } = yield* Catalog
      assert.strictEqual(facts("anthropic", "claude-sonnet-5").contextWindowTokens, 1_000_000)
    }).pipe(Effect.provide(Catalog.layer))
  )
  it("knows prices and context windows, also by a dated or decorated name", () => {
    assert.deepStrictEqual(catalog.facts("openai", "gpt-5.2").price, { inputUsdPerMTok: 1.75, outputUsdPerMTok: 14 })
    assert.deepStrictEqual(catalog.facts("openai", "gpt-5.2-2025-12-11"), catalog.facts("openai", "gpt-5.2"))
    assert.strictEqual(catalog.facts("anthropic", "claude-sonnet-4-5-20250929").contextWindowTokens, 200_000)
    assert.deepStrictEqual(
      catalog.facts("google", "models/gemini-3.5-flash"),
      catalog.facts("google", "gemini-3.5-flash")
    )
    assert.isDefined(catalog.facts("fireworks", "accounts/fireworks/models/gpt-oss-20b").price)
    assert.isDefined(catalog.facts("azure-openai", "gpt-5.2").price)
  })
  it("knows what models that embed cost, which write nothing", () => {
    assert.deepStrictEqual(catalog.facts("openai", "text-embedding-3-small").price, {
      inputUsdPerMTok: 0.02,
      outputUsdPerMTok: 0
    })
  })
  it("takes the dearest of prices that change by the hour, and none older than the newest date", () => {
    assert.deepStrictEqual(catalog.facts("deepseek", "deepseek-v4-flash").price, {
      inputUsdPerMTok: 0.44,
      outputUsdPerMTok: 1.32
    })
    assert.deepStrictEqual(catalog.facts("anthropic", "claude-sonnet-4-5").price, {
      inputUsdPerMTok: 3,
      outputUsdPerMTok: 15
    })
  })
  it("says nothing about a model that nobody knows, rather than no", () => {
    assert.deepStrictEqual(catalog.facts("openai-compatible", "my-own-model"), {
      contextWindowTokens: undefined,
      maxOutputTokens: undefined,
      price: undefined,
      tier: undefined,
      capabilities: {}
    })
    assert.deepStrictEqual(catalog.facts("openai", "x".repeat(10_000)).capabilities, {})
  })
  it("knows who honours a prefill: Anthropic up to 4.5, OpenAI never, Groq for Llama", () => {
    for (const model of ["claude-sonnet-4-5", "claude-haiku-4-5", "claude-opus-4-5", "claude-3-7-sonnet-latest"]) {
      assert.strictEqual(can("anthropic", model, "prefill"), true, model)
    }
    for (const model of [
      "claude-sonnet-4-6",
      "claude-opus-4-6",
      "claude-opus-4-8",
      "claude-sonnet-5",
      "claude-fable-5-1"
    ]) {
      assert.strictEqual(can("anthropic", model, "prefill"), false, model)
    }
    assert.strictEqual(can("openai", "gpt-5.2", "prefill"), false)
    assert.strictEqual(can("mistral", "mistral-large-latest", "prefill"), false)
    assert.strictEqual(can("groq", "llama-3.3-70b-versatile", "prefill"), true)
    assert.strictEqual(can("together", "meta-llama/Llama-3.3-70B-Instruct-Turbo", "prefill"), undefined)
  })
  it("knows what models can see, hear and do", () => {
    assert.strictEqual(can("openai", "gpt-4o", "vision"), true)
    assert.strictEqual(can("openai", "gpt-4o", "audio"), false)
    assert.strictEqual(can("openai", "gpt-4o-audio-preview", "audio"), true)
    assert.strictEqual(can("openai", "o3-mini", "vision"), false)
    assert.strictEqual(can("openai", "o1-mini", "tools"), false)
    assert.strictEqual(can("google", "gemini-2.5-flash", "audio"), true)
    assert.strictEqual(can("groq", "llama-3.3-70b-versatile", "vision"), false)
    assert.strictEqual(can("groq", "meta-llama/llama-4-scout-17b-16e-instruct", "vision"), true)
    assert.strictEqual(can("groq", "openai/gpt-oss-120b", "vision"), false)
    assert.strictEqual(can("deepseek", "deepseek-v4-flash", "vision"), false)
    assert.strictEqual(can("deepseek", "deepseek-v4-flash", "jsonSchema"), false)
    assert.strictEqual(can("perplexity", "sonar-pro", "tools"), false)
  })
  it("knows who thinks", () => {
    const thinkers: ReadonlyArray<readonly [ProviderKind, string, boolean | undefined]> = [
      ["openai", "gpt-5.2", true],
      ["openai", "gpt-5-chat-latest", false],
      ["openai", "gpt-4.1", false],
      ["openai", "o4-mini", true],
      ["anthropic", "claude-3-5-haiku-latest", false],
      ["google", "gemini-2.0-flash", false],
      ["google", "gemini-3.5-flash", true],
      ["xai", "grok-4-1-fast-non-reasoning", false],
      ["xai", "grok-4-1-fast-reasoning", true],
      ["deepseek", "deepseek-reasoner", true],
      ["deepseek", "deepseek-chat", undefined],
      ["mistral", "magistral-medium-latest", true],
      ["ollama", "qwen3:0.6b", true],
      ["ollama", "gpt-oss:20b", true]
    ]
    for (const [kind, model, expected] of thinkers) assert.strictEqual(can(kind, model, "thinking"), expected, model)
  })
  it("puts a vendor's models into tiers, by its family or else its price", () => {
    const tiers: ReadonlyArray<readonly [ProviderKind, string, string | undefined]> = [
      ["anthropic", "claude-opus-5", "premium"],
      ["anthropic", "claude-sonnet-5", "standard"],
      ["anthropic", "claude-haiku-4-5", "economy"],
      ["openai", "gpt-5.2-pro", "premium"],
      ["openai", "gpt-5.2", "standard"],
      ["openai", "gpt-5-mini", "economy"],
      ["openai", "gpt-5.6-sol", "premium"],
      ["google", "gemini-2.5-pro", "premium"],
      ["google", "gemini-3.5-flash", "standard"],
      ["google", "gemini-3.5-flash-lite", "economy"],
      ["openai-compatible", "my-own-model", undefined]
    ]
    for (const [kind, model, expected] of tiers) assert.strictEqual(catalog.tierOf(kind, model), expected, model)
  })
  it("has the same tier behind smart, and another behind fast, so that they can stand in for each other", () => {
    const first = environmentRows.slice(0, 3)
    assert.deepStrictEqual(
      first.map(({ kind, smart = "" }) => catalog.tierOf(kind, smart)),
      ["standard", "standard", "standard"]
    )
    assert.deepStrictEqual(
      first.map(({ fast = "", kind }) => catalog.tierOf(kind, fast)),
      ["economy", "economy", "economy"]
    )
  })
  it("knows every model behind smart and fast, with a tier and as one its vendor serves", () => {
    for (const { fast, kind, smart } of environmentRows) {
      for (const model of [smart, fast]) {
        if (model === undefined) continue
        assert.isDefined(catalog.tierOf(kind, model), model)
        // a router's catalogue grows faster than the price list
        if (kind !== "openrouter") assert.strictEqual(catalog.serves(kind, model), true, model)
      }
    }
  })
  it("lets the operator's word win, field by field, and takes a list of capabilities as the whole list", () => {
    const facts = catalog.facts("openai", "gpt-5.2", { contextWindowTokens: 9, capabilities: ["tools"] })
    assert.strictEqual(facts.contextWindowTokens, 9)
    assert.deepStrictEqual(facts.price, catalog.facts("openai", "gpt-5.2").price)
    assert.strictEqual(facts.capabilities.tools, true)
    assert.strictEqual(facts.capabilities.vision, false)
    // and it changes nothing for whoever asks without
    assert.strictEqual(catalog.facts("openai", "gpt-5.2").capabilities.vision, true)
  })
  it("labels what fails together: OpenAI and Azure, but no two servers of one's own", () => {
    assert.strictEqual(catalog.failureDomain("azure-openai"), catalog.failureDomain("openai"))
    assert.strictEqual(catalog.failureDomain("vertex"), catalog.failureDomain("google"))
    assert.notStrictEqual(catalog.failureDomain("anthropic"), catalog.failureDomain("openai"))
    assert.strictEqual(catalog.failureDomain("openai-compatible"), undefined)
  })
})

describe("a bare name", () => {
  const served: ReadonlyArray<readonly [ProviderKind, string, boolean | undefined]> = [
    ["anthropic", "claude-sonnet-9", true],
    ["anthropic", "gpt-5.2", false],
    ["openai", "gpt-9", true],
    ["openai", "o3", true],
    ["openai", "chatgpt-4o-latest", true],
    ["openai", "ft:gpt-4o:acme::id", true],
    ["openai", "gpt-oss-120b", false],
    ["openai", "text-embedding-3-small", true],
    ["openai", "text-embedding-004", false],
    ["google", "gemini-embedding-001", true],
    ["mistral", "mistral-embed", true],
    ["openai", "claude-sonnet-5", false],
    ["google", "gemini-3.5-flash", true],
    ["vertex", "gemini-3.5-flash", true],
    ["vertex", "claude-sonnet-5", false],
    ["mistral", "mistral-large-latest", true],
    ["deepseek", "deepseek-v4-pro", true],
    ["xai", "grok-4.6", true],
    ["perplexity", "sonar", true],
    ["groq", "llama-3.3-70b-versatile", true],
    ["groq", "openai/gpt-oss-120b", true],
    ["groq", "claude-sonnet-5", false],
    ["groq", "a-model-of-tomorrow", undefined],
    ["cerebras", "gpt-oss-120b", true],
    ["openrouter", "anthropic/claude-sonnet-5", true],
    ["azure-openai", "gpt-5.2", undefined],
    ["ollama", "llama3", undefined],
    ["openai-compatible", "gpt-5.2", undefined]
  ]
  it.each(served)("at %s, %s: served %s", (kind, model, expected) => {
    assert.strictEqual(catalog.serves(kind, model), expected)
  })
  it.prop(
    "that holds a slash, white space or a control character is nobody's own",
    {
      head: Schema.Literals(["claude-", "gpt-", "gemini-", "grok-"]),
      bad: Schema.Literals(["/", " ", "\n", "?", "#", "%"])
    },
    ({ bad, head }) => {
      for (const kind of ["anthropic", "openai", "google", "xai"] as const) {
        assert.strictEqual(catalog.serves(kind, `${head}a${bad}b`), false)
      }
    },
    { arbitrary: { runs: 30, seed: 1 } }
  )
})

describe("the list of known models", () => {
  it("has only names its vendor serves and something is known of", () => {
    for (const kind of providerKinds) {
      for (const model of catalog.knownModels(kind)) {
        assert.strictEqual(catalog.serves(kind, model), true, `${kind}/${model}`)
      }
      assert.strictEqual(new Set(catalog.knownModels(kind)).size, catalog.knownModels(kind).length)
    }
  })
  it("has the models of the documentation, and no model that does not chat", () => {
    assert.include(catalog.knownModels("anthropic"), "claude-sonnet-5")
    assert.include(catalog.knownModels("openai"), "gpt-5.2")
    assert.include(catalog.knownModels("google"), "gemini-3.5-flash")
    assert.include(catalog.knownModels("mistral"), "mistral-large-latest")
    for (const kind of providerKinds) {
      for (const model of catalog.knownModels(kind)) {
        assert.notMatch(model, /embed|whisper|-tts|transcribe|moderation|dall-e|davinci/, `${kind}/${model}`)
      }
    }
  })
  it("is empty for servers that name their models themselves", () => {
    assert.deepStrictEqual(catalog.knownModels("openai-compatible"), [])
    assert.deepStrictEqual(catalog.knownModels("azure-openai"), [])
  })
})

describe("the tables", () => {
  it("never promise and deny the same", () => {
    for (const { can, cannot, family } of families) {
      assert.deepStrictEqual(
        can.filter((capability) => cannot.includes(capability)),
        [],
        family
      )
    }
  })
  it("reach every row of the families: none stands behind a wider one", () => {
    const examples = providerKinds.flatMap((kind) => catalog.knownModels(kind))
    const more = [
      "claude-haiku-5",
      "claude-3-haiku-20240307",
      "claude-next",
      "gpt-audio",
      "gpt-5-chat-latest",
      "gpt-4o-search-preview",
      "chatgpt-4o-latest",
      "gpt-4-turbo",
      "gpt-4",
      "gpt-3.5-turbo",
      "gpt-oss-20b",
      "gemini-2.5-flash-image",
      "voxtral-small-latest",
      "open-mixtral-8x7b",
      "grok-code-fast-1",
      "llama-3.2-11b-vision-preview",
      "llama3-8b-8192",
      "qwen3-vl-8b",
      "claude-3-5-sonnet-latest"
    ]
    const reached = new Set([...examples, ...more].map((model) => familyOf(model)?.family))
    assert.deepStrictEqual(
      families.map(({ family }) => family).filter((family) => !reached.has(family)),
      []
    )
  })
  it("know every kind of provider", () => {
    assert.deepStrictEqual(Object.keys(vendors).toSorted(), [...providerKinds].toSorted())
  })
  it.prop(
    "answer any name a caller may invent, the same at every time of asking",
    { kind: Schema.Literals(providerKinds), model: Schema.String },
    ({ kind, model }) => {
      const facts = catalog.facts(kind, model)
      assert.deepStrictEqual(catalog.facts(kind, model), facts)
      for (const key of Object.keys(facts.capabilities)) assert.isTrue(Schema.is(Capability)(key))
      const served = catalog.serves(kind, model)
      assert.isTrue(served === undefined || typeof served === "boolean")
    },
    { arbitrary: { runs: 300, seed: 3 } }
  )
})

describe("the catalogue's memory", () => {
  it("gives the same object again, and stays bounded when callers invent names", () => {
    const fresh = makeCatalog()
    const first = fresh.facts("openai", "gpt-5.2")
    assert.strictEqual(fresh.facts("openai", "gpt-5.2"), first)
    for (let index = 0; index < 4_096; index++) fresh.facts("openai-compatible", `invented-${index}`)
    assert.notStrictEqual(fresh.facts("openai", "gpt-5.2"), first)
    assert.deepStrictEqual(fresh.facts("openai", "gpt-5.2"), first)
  })
})
