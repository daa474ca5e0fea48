import { assert, describe, it } from "@effect/vitest"
import type { ProviderKind } from "../../src/config/ProviderSpec.ts"
import { noQuirks } from "../../src/dialect/Dialect.ts"
import { quirksOf } from "../../src/provider/quirks.ts"
import { baseUrlOf, compatibleVendors } from "../../src/provider/vendors.ts"

const of = (kind: ProviderKind, model: string) => quirksOf(kind, noQuirks, model)

describe("quirksOf", () => {
  for (const model of ["o1", "o3-mini", "o4-mini-2025-04-16", "gpt-5", "gpt-5.2-pro", "GPT-5-nano", "gpt-6-sol"]) {
    it(`leaves the sampling of ${model} to the model and limits it by max_completion_tokens`, () => {
      for (const kind of ["openai", "azure-openai"] as const) {
        const quirks = of(kind, model)
        assert.strictEqual(quirks.maxTokensField, "max_completion_tokens")
        assert.includeMembers([...quirks.refuses], ["temperature", "top_p", "presence_penalty", "frequency_penalty"])
      }
    })
  }

  for (const model of ["gpt-5-chat-latest", "gpt-5.3-chat-latest"]) {
    it(`leaves the sampling of ${model} to the caller`, () => {
      assert.notInclude(of("openai", model).refuses, "temperature")
      assert.strictEqual(of("openai", model).maxTokensField, "max_completion_tokens")
    })
  }

  for (const model of ["gpt-4o", "gpt-4.1-mini", "chatgpt-4o-latest", "ft:gpt-4o:acme"]) {
    it(`asks nothing of ${model}`, () => {
      assert.deepStrictEqual(of("openai", model), noQuirks)
    })
  }

  it("knows no schemas on models before gpt-4o", () => {
    assert.strictEqual(of("openai", "gpt-4-turbo").structuredOutput, "json_object")
    assert.strictEqual(of("openai", "gpt-3.5-turbo").structuredOutput, "json_object")
    assert.strictEqual(of("openai", "gpt-4o-mini").structuredOutput, "json_schema")
  })

  it("does not take another vendor's model for OpenAI's", () => {
    assert.deepStrictEqual(of("openrouter", "openai/o3"), noQuirks)
  })

  it("knows schemas on Groq only for the families that have them", () => {
    assert.strictEqual(of("groq", "openai/gpt-oss-120b").structuredOutput, "json_schema")
    assert.strictEqual(of("groq", "llama-3.1-8b-instant").structuredOutput, "json_object")
  })

  it("leaves out what xAI's thinking models refuse", () => {
    assert.include(of("xai", "grok-4.6").refuses, "stop")
    assert.notInclude(of("xai", "grok-4-1-fast-non-reasoning").refuses, "stop")
  })

  it("adds a model's refusals to its vendor's", () => {
    const quirks = quirksOf("xai", compatibleVendors.xai.quirks, "grok-4.6")
    assert.includeMembers([...quirks.refuses], ["logit_bias", "stop"])
    assert.strictEqual(quirks.maxTokensField, "max_completion_tokens")
  })
})

describe("compatibleVendors", () => {
  it("names every vendor by its own kind, at an address with TLS or on this machine", () => {
    for (const [kind, vendor] of Object.entries(compatibleVendors)) {
      assert.strictEqual(vendor.kind, kind)
      if (vendor.url !== undefined) assert.match(vendor.url, vendor.keyed ? /^https:/ : /^http:\/\/127\.0\.0\.1:/)
    }
  })

  it("spares Mistral what it answers with 422", () => {
    const { quirks } = compatibleVendors.mistral
    assert.isFalse(quirks.streamOptions)
    assert.includeMembers([...quirks.refuses], ["seed", "store", "logprobs"])
  })

  it("finds the wire of a local server that is named without its version", () => {
    assert.strictEqual(baseUrlOf(compatibleVendors.ollama, "http://gpu:11434"), "http://gpu:11434/v1")
    assert.strictEqual(baseUrlOf(compatibleVendors.vllm, "http://gpu:8000/api"), "http://gpu:8000/api")
    assert.strictEqual(baseUrlOf(compatibleVendors.groq, "http://proxy"), "http://proxy")
    assert.strictEqual(baseUrlOf(compatibleVendors.groq, undefined), "https://api.groq.com/openai/v1")
    assert.strictEqual(baseUrlOf(compatibleVendors["openai-compatible"], undefined), undefined)
  })
})
