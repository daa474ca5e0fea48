import { describe, expect, it } from "@effect/vitest"
import { Result } from "effect"
import { openAiChatInbound, openAiChatOutbound } from "../../src/dialect/OpenAiChat.ts"
import { openAiResponsesOutbound } from "../../src/dialect/OpenAiResponses.ts"
import type { JsonObject } from "../../src/domain/Json.ts"
import { foldFrames } from "../../src/domain/foldStream.ts"
import { sum } from "../../src/routing/Resume.ts"
import { decodeStream } from "./laws/laws.ts"

const chat = (more: JsonObject): JsonObject => ({
  id: "1",
  object: "chat.completion",
  created: 5,
  model: "m",
  choices: [{ index: 0, finish_reason: "stop", message: { role: "assistant", content: "Hi" } }],
  usage: { prompt_tokens: 3, completion_tokens: 4, total_tokens: 7, ...more }
})
const chargedIn = (more: JsonObject): number | undefined =>
  Result.getOrThrow(openAiChatOutbound.decodeResponse(chat(more))).usage?.chargedNanoUsd

describe("what a vendor says that it charged", () => {
  it("is OpenRouter's cost, with what the host charges beside it for a key of one's own there", () => {
    expect(chargedIn({ cost: 0.0145476 })).toBe(14_547_600)
    expect(chargedIn({ cost: 0, is_byok: false, cost_details: { upstream_inference_cost: 5 } })).toBe(0)
    expect(chargedIn({ cost: 0.001, is_byok: true, cost_details: { upstream_inference_cost: 0.02 } })).toBe(21_000_000)
    // nobody knows the rest
    expect(chargedIn({ cost: 0.001, is_byok: true })).toBe(undefined)
  })
  it("is xAI's ticks and Perplexity's total, in whole billionths of a dollar, rounded up", () => {
    expect(chargedIn({ cost_in_usd_ticks: 37_756_000 })).toBe(3_775_600)
    expect(chargedIn({ cost_in_usd_ticks: 1 })).toBe(1)
    expect(chargedIn({ cost: { input_tokens_cost: 0.1, total_cost: 0.006 } })).toBe(6_000_000)
  })
  it("is not what cannot be a charge", () => {
    for (const cost of [-1, 1e9, "0.1", null, {}, { total_cost: "1" }, []]) expect(chargedIn({ cost })).toBe(undefined)
    expect(chargedIn({})).toBe(undefined)
  })
  it("is read in streams and on the wire of Responses as well, and written to no caller anew", () => {
    const chunk = { id: "1", created: 5, model: "m", choices: [{ index: 0, delta: {}, finish_reason: "stop" }] }
    const stream = `data: ${JSON.stringify({ ...chunk, usage: { prompt_tokens: 1, completion_tokens: 1, cost: 0.5 } })}\n\ndata: [DONE]\n\n`
    const frames = Result.getOrThrow(decodeStream(openAiChatOutbound, stream, []))
    expect(foldFrames(frames).usage?.chargedNanoUsd).toBe(500_000_000)
    const response = {
      id: "resp_1",
      object: "response",
      created_at: 5,
      model: "m",
      status: "completed",
      output: [{ type: "message", id: "msg_1", role: "assistant", status: "completed", content: [] }],
      usage: { input_tokens: 1, output_tokens: 1, total_tokens: 2, cost_in_usd_ticks: 10 }
    }
    expect(Result.getOrThrow(openAiResponsesOutbound.decodeResponse(response)).usage?.chargedNanoUsd).toBe(1)
    const { wire: _, ...edited } = Result.getOrThrow(openAiChatOutbound.decodeResponse(chat({ cost: 0.5 })))
    expect(JSON.stringify(openAiChatInbound.encodeResponse(edited))).not.toContain("cost")
  })
  it("of two parts of an answer is known where both are", () => {
    const part = { inputTokens: 1, outputTokens: 1 }
    expect(sum({ ...part, chargedNanoUsd: 1 }, { ...part, chargedNanoUsd: 2 }).chargedNanoUsd).toBe(3)
    expect(sum({ ...part, chargedNanoUsd: 1 }, part)).toEqual({ inputTokens: 2, outputTokens: 2 })
    expect(sum(part, { ...part, chargedNanoUsd: 1 })).toEqual({ inputTokens: 2, outputTokens: 2 })
  })
})
