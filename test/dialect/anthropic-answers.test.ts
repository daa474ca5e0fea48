import { describe, expect, it } from "@effect/vitest"
import { Result } from "effect"
import { anthropicMessagesInbound, anthropicMessagesOutbound } from "../../src/dialect/AnthropicMessages.ts"
import type { Choice, ChatResponse, FinishReason } from "../../src/domain/ChatResponse.ts"
import { gatewayError, type GatewayReason } from "../../src/domain/GatewayError.ts"
import type { Json } from "../../src/domain/Json.ts"
import type { ReasonTag } from "../../src/domain/ProviderError.ts"

const message = {
  id: "msg_1",
  type: "message",
  role: "assistant",
  model: "claude-x",
  content: [{ type: "text", text: "hi" }],
  stop_reason: "end_turn",
  stop_sequence: null,
  usage: { input_tokens: 5, output_tokens: 2 }
}
const decode = (body: Json) => Result.getOrThrow(anthropicMessagesOutbound.decodeResponse(body))
const fault = (body: Json) => Result.getOrThrow(Result.flip(anthropicMessagesOutbound.decodeResponse(body)))
const encode = anthropicMessagesInbound.encodeResponse

const answer = (choice: Partial<Choice>, fields: Partial<ChatResponse> = {}): ChatResponse => ({
  id: "chatcmpl-1",
  model: "gpt-x",
  choices: [{ index: 0, content: [{ _tag: "Text", text: "hi" }], finishReason: "stop", ...choice }],
  ...fields
})

describe("reading a whole answer", () => {
  it.each([
    ["end_turn", "stop"],
    ["stop_sequence", "stop_sequence"],
    ["max_tokens", "length"],
    ["model_context_window_exceeded", "length"],
    ["tool_use", "tool_calls"],
    ["pause_turn", "pause"],
    ["refusal", "refusal"],
    ["something_new", "other"],
    ["constructor", "other"],
    ["__proto__", "other"]
  ])("takes the stop reason %s for %s", (stop_reason, expected) => {
    expect(decode({ ...message, stop_reason }).choices[0].finishReason).toBe(expected)
  })
  it("counts cached tokens as input", () => {
    const usage = {
      input_tokens: 5,
      output_tokens: 9,
      cache_creation_input_tokens: 20,
      cache_read_input_tokens: 100,
      output_tokens_details: { thinking_tokens: 4 }
    }
    expect(decode({ ...message, usage }).usage).toEqual({
      inputTokens: 125,
      outputTokens: 9,
      cacheReadTokens: 100,
      cacheWriteTokens: 20,
      reasoningTokens: 4
    })
  })
  it("keeps citations and the blocks of server tools", () => {
    const citations = [{ type: "char_location", cited_text: "x" }]
    const search = { type: "web_search_tool_result", tool_use_id: "s", content: [] }
    expect(
      decode({ ...message, content: [search, { type: "text", text: "hi", citations }] }).choices[0].content
    ).toEqual([
      { _tag: "Opaque", dialect: "anthropic-messages", block: search },
      { _tag: "Text", text: "hi", extensions: { "anthropic-messages": { citations } } }
    ])
  })
  it("finds the error inside", () => {
    const body = { type: "error", error: { type: "overloaded_error", message: "Overloaded" } }
    expect(fault(body)).toEqual({ _tag: "ErrorInside", body })
  })
  it.each([
    ["a text", "<html>"],
    ["nothing", {}],
    ["neither content nor a stop reason", { ...message, content: [], stop_reason: null }],
    ["a text block without text", { ...message, content: [{ type: "text" }] }]
  ])("calls %s malformed", (_, body) => {
    expect(fault(body)._tag).toBe("Malformed")
  })
  it("takes an empty answer with a stop reason for an answer", () => {
    expect(decode({ ...message, content: [] }).choices[0]).toEqual({ index: 0, content: [], finishReason: "stop" })
  })
})

describe("writing a whole answer", () => {
  it("writes an answer of another wire as a message", () => {
    const usage = { inputTokens: 125, outputTokens: 9, cacheReadTokens: 100 }
    const content: Choice["content"] = [
      { _tag: "Reasoning", text: "hm", signature: "theirs", origin: "gemini" },
      { _tag: "Text", text: "hi" },
      { _tag: "ToolCall", id: "call_1", name: "f", arguments: '{"x":1}' }
    ]
    expect(encode(answer({ content, finishReason: "tool_calls" }, { usage }))).toEqual({
      id: "msg_chatcmpl-1",
      type: "message",
      role: "assistant",
      model: "gpt-x",
      content: [
        { type: "thinking", thinking: "hm", signature: expect.stringMatching(/^switchyard\.gemini\.s\.\w+\.theirs$/) },
        { type: "text", text: "hi" },
        { type: "tool_use", id: "call_1", name: "f", input: { x: 1 } }
      ],
      stop_reason: "tool_use",
      stop_sequence: null,
      usage: {
        input_tokens: 25,
        output_tokens: 9,
        cache_read_input_tokens: 100,
        cache_creation_input_tokens: null
      }
    })
  })

  it("counts a token of the prompt once, also where its vendor says that it was both read and written", () => {
    const usage = { inputTokens: 2168, outputTokens: 100, cacheReadTokens: 2161, cacheWriteTokens: 2161 }
    const content: Choice["content"] = [{ _tag: "Text", text: "hi" }]
    const message = encode(answer({ content, finishReason: "stop" }, { usage }))
    expect(message["usage"]).toEqual({
      input_tokens: 0,
      output_tokens: 100,
      cache_read_input_tokens: 2161,
      cache_creation_input_tokens: 7
    })
    expect(decode(message).usage).toMatchObject({ inputTokens: 2168, outputTokens: 100 })
  })

  const reasons: ReadonlyArray<readonly [FinishReason, string]> = [
    ["stop", "end_turn"],
    ["stop_sequence", "stop_sequence"],
    ["length", "max_tokens"],
    ["tool_calls", "tool_use"],
    ["content_filter", "refusal"],
    ["refusal", "refusal"],
    ["pause", "pause_turn"],
    ["other", "max_tokens"]
  ]
  it.each(reasons)("says %s as %s", (finishReason, expected) => {
    expect(encode(answer({ finishReason }))["stop_reason"]).toBe(expected)
  })
  it("says tool_use where tools are called, whatever the vendor called it", () => {
    const content: Choice["content"] = [{ _tag: "ToolCall", id: "a", name: "f", arguments: "" }]
    expect(encode(answer({ content }))).toMatchObject({ stop_reason: "tool_use", content: [{ input: {} }] })
  })
  it("writes a refusal as text with the stop reason refusal", () => {
    expect(encode(answer({ content: [{ _tag: "Refusal", text: "no" }] }))).toMatchObject({
      content: [{ type: "text", text: "no" }],
      stop_reason: "refusal"
    })
  })
  it("does not lose arguments that are no JSON", () => {
    const content: Choice["content"] = [{ _tag: "ToolCall", id: "a", name: "f", arguments: '{"x":' }]
    expect(encode(answer({ content, finishReason: "length" }))).toMatchObject({
      content: [{ input: { arguments: '{"x":' } }],
      stop_reason: "max_tokens"
    })
  })
})

describe("errors on the Messages wire", () => {
  const failed = (tag: ReasonTag): GatewayReason => {
    const detail = { message: "m" }
    const first =
      tag === "Network"
        ? { _tag: tag, ...detail, sent: false }
        : tag === "Timeout"
          ? { _tag: tag, ...detail, limit: "idle" as const }
          : tag === "AccessDenied"
            ? { _tag: tag, ...detail, scope: "model" as const }
            : tag === "UnsupportedFeature"
              ? { _tag: tag, ...detail, feature: "tools" }
              : { _tag: tag, ...detail }
    return { _tag: "AllFailed", first, provider: "p", model: "m" }
  }
  const table: ReadonlyArray<readonly [GatewayReason, number, string]> = [
    [{ _tag: "BadRequest", message: "x" }, 400, "invalid_request_error"],
    [{ _tag: "Unauthorized", message: "x" }, 401, "authentication_error"],
    [{ _tag: "Forbidden", message: "x" }, 403, "permission_error"],
    [{ _tag: "RouteNotFound", method: "GET", path: "/x" }, 404, "not_found_error"],
    [{ _tag: "MethodNotAllowed", method: "GET", path: "/x", allowed: [] }, 405, "invalid_request_error"],
    [{ _tag: "BodyTooLarge", limitBytes: 1 }, 413, "request_too_large"],
    [{ _tag: "UnsupportedMediaType", found: "text/plain" }, 415, "invalid_request_error"],
    [{ _tag: "UnknownModel", model: "x", nearest: [] }, 404, "not_found_error"],
    [{ _tag: "ModelCannot", model: "x", feature: "images" }, 400, "invalid_request_error"],
    [{ _tag: "NobodyAvailable", model: "x", why: "y" }, 529, "overloaded_error"],
    [{ _tag: "DeadlineExceeded", limitMillis: 1 }, 504, "timeout_error"],
    [{ _tag: "ShuttingDown" }, 529, "overloaded_error"],
    [{ _tag: "Internal" }, 500, "api_error"],
    [failed("RateLimited"), 429, "rate_limit_error"],
    [failed("QuotaExhausted"), 500, "api_error"],
    [failed("Overloaded"), 529, "overloaded_error"],
    [failed("ServerError"), 500, "api_error"],
    [failed("Network"), 500, "api_error"],
    [failed("Timeout"), 504, "timeout_error"],
    [failed("AuthenticationFailed"), 500, "api_error"],
    [failed("AccessDenied"), 500, "api_error"],
    [failed("ModelUnavailable"), 404, "not_found_error"],
    [failed("ContentPolicy"), 400, "invalid_request_error"],
    [failed("ContextLengthExceeded"), 400, "invalid_request_error"],
    [failed("InvalidRequest"), 400, "invalid_request_error"],
    [failed("UnsupportedFeature"), 400, "invalid_request_error"],
    [failed("MalformedResponse"), 500, "api_error"]
  ]
  it.each(table)("tells %j with status %d as %s", (reason, status, type) => {
    const error = gatewayError(reason)
    expect(anthropicMessagesInbound.encodeError(error, "req_1")).toEqual({
      status,
      body: { type: "error", error: { type, message: error.message }, request_id: "req_1" }
    })
  })
})
