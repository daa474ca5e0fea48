import { describe, expect, it } from "@effect/vitest"
import { Result } from "effect"
import { anthropicMessagesInbound, anthropicMessagesOutbound } from "../../src/dialect/AnthropicMessages.ts"
import type { OutboundDialect } from "../../src/dialect/Dialect.ts"
import { geminiOutbound } from "../../src/dialect/Gemini.ts"
import { openAiResponsesOutbound } from "../../src/dialect/OpenAiResponses.ts"
import { formatSse } from "../../src/dialect/Sse.ts"
import type { JsonObject } from "../../src/domain/Json.ts"
import { decodeStream } from "./laws/laws.ts"

const searchesOf = (dialect: OutboundDialect, body: JsonObject): number | undefined =>
  Result.getOrThrow(dialect.decodeResponse(body)).usage?.webSearches

describe("searches that a vendor made", () => {
  it("are Anthropic's server_tool_use.web_search_requests, and are told so to Anthropic's callers", () => {
    const body = (server_tool_use: JsonObject | null): JsonObject => ({
      id: "msg_1",
      type: "message",
      role: "assistant",
      model: "claude-sonnet-4-5",
      content: [{ type: "text", text: "It rains." }],
      stop_reason: "end_turn",
      stop_sequence: null,
      usage: { input_tokens: 3, output_tokens: 4, server_tool_use }
    })
    const told = { web_search_requests: 2, web_fetch_requests: 1 }
    expect(searchesOf(anthropicMessagesOutbound, body(told))).toBe(2)
    expect(searchesOf(anthropicMessagesOutbound, body(null))).toBe(undefined)
    const { wire: _, ...edited } = Result.getOrThrow(anthropicMessagesOutbound.decodeResponse(body(told)))
    expect(anthropicMessagesInbound.encodeResponse(edited)["usage"]).toMatchObject({ server_tool_use: told })
  })

  it("are the items of a Responses answer that search, and not those that open a page", () => {
    const call = (type: string): JsonObject => ({
      type: "web_search_call",
      id: type,
      status: "completed",
      action: { type }
    })
    const body = (calls: ReadonlyArray<JsonObject>): JsonObject => ({
      id: "resp_1",
      object: "response",
      status: "completed",
      model: "gpt-5.2",
      output: [
        ...calls,
        { type: "message", id: "m", role: "assistant", content: [{ type: "output_text", text: "It rains." }] }
      ],
      usage: { input_tokens: 3, output_tokens: 4 }
    })
    expect(searchesOf(openAiResponsesOutbound, body([call("search"), call("open_page"), call("search")]))).toBe(2)
    expect(searchesOf(openAiResponsesOutbound, body([call("find_in_page")]))).toBe(0)
    expect(searchesOf(openAiResponsesOutbound, body([]))).toBe(undefined)
  })

  it("are the queries that a candidate of Gemini's is grounded in, also where they come in an earlier chunk", () => {
    const grounded = { groundingMetadata: { webSearchQueries: ["rain today", "rain tomorrow"] } }
    const usageMetadata = { promptTokenCount: 3, candidatesTokenCount: 4 }
    const said = { content: { role: "model", parts: [{ text: "It rains." }] } }
    expect(
      searchesOf(geminiOutbound, { candidates: [{ ...said, ...grounded, finishReason: "STOP" }], usageMetadata })
    ).toBe(2)
    const chunks: ReadonlyArray<JsonObject> = [
      { candidates: [{ ...said, ...grounded }], usageMetadata: { promptTokenCount: 3 } },
      { candidates: [{ finishReason: "STOP" }], usageMetadata }
    ]
    const events = Result.getOrThrow(
      decodeStream(geminiOutbound, chunks.map((body) => formatSse(undefined, JSON.stringify(body))).join(""), [50])
    ).flatMap((frame) => frame.events)
    const usages = events.flatMap((event) => (event._tag === "UsageReported" ? [event.usage] : []))
    expect(usages.at(-1)).toEqual({ inputTokens: 3, outputTokens: 4, webSearches: 2 })
  })
})
