import { assert, describe, it } from "@effect/vitest"
import type { ChatRequest } from "../../src/domain/ChatRequest.ts"
import type { DialectId } from "../../src/domain/Ids.ts"
import type { JsonObject } from "../../src/domain/Json.ts"
import { withOutputLimit } from "../../src/routing/OutputLimit.ts"

const limited = (dialect: DialectId, body: JsonObject): JsonObject | undefined => {
  const request: ChatRequest = {
    model: "m",
    delivery: "whole",
    messages: [],
    tools: [],
    sampling: {},
    usageWanted: true,
    fallbacks: [],
    wire: { dialect, body, headers: {} }
  }
  const made = withOutputLimit(request, 8192)
  assert.strictEqual(made.sampling.maxTokens, 8192)
  return made.wire?.body
}

describe("an output limit that a request is given", () => {
  it("stands where its wire has it, in the stead of a null", () => {
    assert.deepStrictEqual(limited("openai-chat", { max_completion_tokens: null }), { max_completion_tokens: 8192 })
    assert.deepStrictEqual(limited("openai-responses", {}), { max_output_tokens: 8192 })
    assert.deepStrictEqual(limited("anthropic-messages", {}), { max_tokens: 8192 })
    assert.deepStrictEqual(limited("gemini", { generationConfig: { topK: 1 } }), {
      generationConfig: { topK: 1, maxOutputTokens: 8192 }
    })
    assert.deepStrictEqual(limited("gemini", {}), { generationConfig: { maxOutputTokens: 8192 } })
  })
  it("is spelt as the caller spells the settings beside it, since the vendor reads no name twice", () => {
    assert.deepStrictEqual(limited("gemini", { generation_config: { top_k: 1, max_output_tokens: null } }), {
      generation_config: { top_k: 1, max_output_tokens: 8192 }
    })
    assert.deepStrictEqual(limited("gemini", { generation_config: { topK: 1 } }), {
      generation_config: { topK: 1, maxOutputTokens: 8192 }
    })
  })
})
