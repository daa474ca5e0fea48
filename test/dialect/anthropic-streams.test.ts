import Anthropic, { APIError } from "@anthropic-ai/sdk"
import { describe, expect, it } from "@effect/vitest"
import { Result } from "effect"
import { anthropicMessagesInbound, anthropicMessagesOutbound } from "../../src/dialect/AnthropicMessages.ts"
import type { ChatEvent, Frame } from "../../src/domain/ChatEvent.ts"
import type { ChatRequest } from "../../src/domain/ChatRequest.ts"
import { gatewayError } from "../../src/domain/GatewayError.ts"
import { isJsonObject, type Json, parseJson } from "../../src/domain/Json.ts"

const request: ChatRequest = {
  model: "smart",
  delivery: "live",
  messages: [],
  tools: [],
  sampling: {},
  usageWanted: true,
  fallbacks: []
}

/** What a decoder makes of these events: the events of every frame, and how it ended. */
const read = (...wire: ReadonlyArray<Json>) => {
  const decoder = anthropicMessagesOutbound.streamDecoder()
  const frames = wire.map((data) => decoder.event({ event: undefined, data: JSON.stringify(data) }))
  return { frames, events: frames.map((frame) => Result.getOrUndefined(frame)?.events), end: decoder.end() }
}
const start = {
  type: "message_start",
  message: { id: "msg_1", model: "m", usage: { input_tokens: 5, cache_read_input_tokens: 10, output_tokens: 1 } }
}
const open = (index: number, content_block: Json) => ({ type: "content_block_start", index, content_block })
const delta = (index: number, inner: Json) => ({ type: "content_block_delta", index, delta: inner })
const shut = (index: number) => ({ type: "content_block_stop", index })
const finish = {
  type: "message_delta",
  delta: { stop_reason: "end_turn", stop_sequence: null },
  usage: { output_tokens: 7 }
}
const stop = { type: "message_stop" }
const unmodelled: ReadonlyArray<ChatEvent> = [{ _tag: "Unmodelled" }]

describe("reading a stream", () => {
  it("tells start, text, finish, usage and end, and passes pings and unknown events on", () => {
    const { events, end } = read(
      start,
      { type: "ping" },
      open(0, { type: "text", text: "" }),
      delta(0, { type: "text_delta", text: "hi" }),
      delta(0, { type: "citations_delta", citation: { type: "page_location", document_title: "D" } }),
      shut(0),
      { type: "something_new" },
      finish,
      stop
    )
    expect(events).toEqual([
      [
        { _tag: "Started", id: "msg_1", model: "m" },
        { _tag: "UsageReported", usage: { inputTokens: 15, outputTokens: 1, cacheReadTokens: 10 } }
      ],
      unmodelled,
      unmodelled,
      [{ _tag: "TextDelta", choice: 0, text: "hi" }],
      unmodelled,
      [
        {
          _tag: "CitationAdded",
          choice: 0,
          citation: {
            title: "D",
            span: { start: 0, end: 2 },
            extensions: { "anthropic-messages": { type: "page_location", document_title: "D" } }
          }
        }
      ],
      unmodelled,
      [
        { _tag: "Finished", choice: 0, reason: "stop" },
        { _tag: "UsageReported", usage: { inputTokens: 15, outputTokens: 7, cacheReadTokens: 10 } }
      ],
      [{ _tag: "Ended" }]
    ])
    expect(end).toEqual(Result.succeed(undefined))
  })
  it("tells thoughts, their signature and redacted thoughts", () => {
    const { events } = read(
      open(0, { type: "thinking", thinking: "", signature: "" }),
      delta(0, { type: "thinking_delta", thinking: "hm" }),
      delta(0, { type: "signature_delta", signature: "s" }),
      open(1, { type: "redacted_thinking", data: "x" })
    )
    expect(events).toEqual([
      unmodelled,
      [{ _tag: "ReasoningDelta", choice: 0, text: "hm" }],
      [{ _tag: "ReasoningDelta", choice: 0, text: "", signature: "s" }],
      [{ _tag: "ReasoningDelta", choice: 0, text: "", redacted: "x" }]
    ])
  })
  it("counts tool calls from 0 and takes input given whole at the start", () => {
    const { events } = read(
      open(1, { type: "tool_use", id: "a", name: "f", input: {} }),
      delta(1, { type: "input_json_delta", partial_json: "" }),
      delta(1, { type: "input_json_delta", partial_json: '{"x":1}' }),
      shut(1),
      open(2, { type: "tool_use", id: "b", name: "g", input: { y: 2 } }),
      shut(2)
    )
    expect(events).toEqual([
      [{ _tag: "ToolCallStarted", choice: 0, index: 0, id: "a", name: "f" }],
      unmodelled,
      [{ _tag: "ToolCallDelta", choice: 0, index: 0, arguments: '{"x":1}' }],
      unmodelled,
      [{ _tag: "ToolCallStarted", choice: 0, index: 1, id: "b", name: "g" }],
      [{ _tag: "ToolCallDelta", choice: 0, index: 1, arguments: '{"y":2}' }]
    ])
  })
  it("puts a server tool's block together from its pieces, also from pieces of unknown kind", () => {
    const { events } = read(
      open(0, { type: "server_tool_use", id: "s", name: "web_search", input: {} }),
      delta(0, { type: "input_json_delta", partial_json: '{"query":' }),
      delta(0, { type: "input_json_delta", partial_json: '"x"}' }),
      shut(0),
      open(1, { type: "compaction", content: "" }),
      delta(1, { type: "compaction_delta", content: "a" }),
      delta(1, { type: "compaction_delta", content: "b" }),
      shut(1)
    )
    const part = (block: Json) => ({ _tag: "Opaque", dialect: "anthropic-messages", block })
    expect(events.filter((event) => event?.[0]._tag !== "Unmodelled")).toEqual([
      [
        {
          _tag: "OpaqueBlock",
          choice: 0,
          part: part({ type: "server_tool_use", id: "s", name: "web_search", input: { query: "x" } })
        }
      ],
      [{ _tag: "OpaqueBlock", choice: 0, part: part({ type: "compaction", content: "ab" }) }]
    ])
  })
  it("finds the error inside", () => {
    const error = { type: "error", error: { type: "overloaded_error", message: "Overloaded" } }
    expect(read(start, error).frames[1]).toEqual(Result.fail({ _tag: "ErrorInside", body: error }))
  })
  it("takes a clean end after the stop reason for the end", () => {
    expect(read(start, finish).end).toEqual(Result.succeed({ events: [{ _tag: "Ended" }], wire: undefined }))
  })
  it("calls any other end a cut", () => {
    expect(Result.isFailure(read(start, open(0, { type: "text", text: "hi" })).end)).toBe(true)
    expect(read(start, stop).frames.map(Result.isFailure)).toEqual([false, true])
  })
  it("names the event where a vendor left its name out, since SDKs pass over events without one", () => {
    const [frame] = read(start).frames
    expect(frame === undefined ? undefined : Result.getOrThrow(frame)?.wire?.event).toBe("message_start")
  })
})

const frame = (...events: readonly [ChatEvent, ...ReadonlyArray<ChatEvent>]): Frame => ({ events, wire: undefined })
const started: ChatEvent = { _tag: "Started", id: "chatcmpl-1", model: "gpt-x" }
const says = (text: string): ChatEvent => ({ _tag: "TextDelta", choice: 0, text })
const thinks = (text: string, signature?: string): ChatEvent => ({
  _tag: "ReasoningDelta",
  choice: 0,
  text,
  ...(signature === undefined ? {} : { signature })
})
const calls = (index: number): ChatEvent => ({
  _tag: "ToolCallStarted",
  choice: 0,
  index,
  id: `call_${index}`,
  name: `f${index}`
})
const argues = (index: number, args: string): ChatEvent => ({
  _tag: "ToolCallDelta",
  choice: 0,
  index,
  arguments: args
})
const finished: ChatEvent = { _tag: "Finished", choice: 0, reason: "tool_calls" }
const used: ChatEvent = { _tag: "UsageReported", usage: { inputTokens: 15, outputTokens: 7, cacheReadTokens: 10 } }
const ended: ChatEvent = { _tag: "Ended" }

const writeAll = (events: ReadonlyArray<ChatEvent>): string => {
  const encoder = anthropicMessagesInbound.streamEncoder(request)
  return events.map((event) => encoder.frame(frame(event))).join("")
}

/** A body as the official SDK reads it: over a `fetch` of ours. */
const streamOf = (body: string) =>
  new Anthropic({
    apiKey: "k",
    maxRetries: 0,
    fetch: () => Promise.resolve(new Response(body, { headers: { "content-type": "text/event-stream" } }))
  }).messages.stream({ model: "smart", max_tokens: 10, messages: [{ role: "user", content: "hi" }] })

/** The message that the SDK makes of it, as JSON. */
const accumulate = async (body: string): Promise<Json | undefined> =>
  parseJson(JSON.stringify(await streamOf(body).finalMessage()))

/** The types of the events and, of blocks, their numbers. */
const shapeOf = (body: string): ReadonlyArray<string> =>
  body
    .split("\n")
    .filter((line) => line.startsWith("data: "))
    .map((line) => parseJson(line.slice(6)))
    .map((data) => (isJsonObject(data) ? data : {}))
    .map(({ type, index }) => (index === undefined ? String(type) : `${String(type)} ${String(index)}`))

describe("writing a stream of another wire for the official SDK", () => {
  const call = (index: number, input: Json) => ({ type: "tool_use", id: `call_${index}`, name: `f${index}`, input })
  const message = (content: ReadonlyArray<Json>, stop_reason = "tool_use") => ({
    id: "msg_chatcmpl-1",
    role: "assistant",
    model: "gpt-x",
    content,
    stop_reason,
    usage: { input_tokens: 5, output_tokens: 7, cache_read_input_tokens: 10 }
  })

  it("builds thought, text and tool calls, with the counts that came last", async () => {
    const body = writeAll([
      started,
      thinks("let me "),
      thinks("see"),
      thinks("", "sig"),
      says("so"),
      says(": "),
      calls(0),
      argues(0, '{"x"'),
      argues(0, ":1}"),
      calls(1),
      argues(1, '{"y":2}'),
      finished,
      used,
      ended
    ])
    expect(await accumulate(body)).toMatchObject(
      message([
        { type: "thinking", thinking: "let me see", signature: "sig" },
        { type: "text", text: "so: " },
        call(0, { x: 1 }),
        call(1, { y: 2 })
      ])
    )
    expect(shapeOf(body)).toEqual([
      "message_start",
      "content_block_start 0",
      "content_block_delta 0",
      "content_block_delta 0",
      "content_block_delta 0",
      "content_block_stop 0",
      "content_block_start 1",
      "content_block_delta 1",
      "content_block_delta 1",
      "content_block_stop 1",
      "content_block_start 2",
      "content_block_delta 2",
      "content_block_delta 2",
      "content_block_stop 2",
      "content_block_start 3",
      "content_block_delta 3",
      "content_block_stop 3",
      "message_delta",
      "message_stop"
    ])
  })
  it("keeps mixed parallel calls apart, one block at a time", async () => {
    const body = writeAll([
      started,
      calls(0),
      calls(1),
      calls(2),
      argues(0, '{"x":'),
      argues(1, '{"y":'),
      argues(0, "{}}"),
      argues(1, "2}"),
      says("done"),
      finished,
      used,
      ended
    ])
    expect(await accumulate(body)).toMatchObject(
      message([call(0, { x: {} }), call(1, { y: 2 }), call(2, {}), { type: "text", text: "done" }])
    )
    const open: Array<string> = []
    for (const line of shapeOf(body)) {
      const [type, index] = line.split(" ")
      if (type === "content_block_start") open.push(index ?? "")
      if (type === "content_block_delta") expect(open).toEqual([index])
      if (type === "content_block_stop") expect(open.splice(0)).toEqual([index])
    }
    expect(open).toEqual([])
  })
  it("shows a call while it is written, and the next one as soon as the first is whole", () => {
    const encoder = anthropicMessagesInbound.streamEncoder(request)
    for (const event of [started, calls(0)]) encoder.frame(frame(event))
    expect(encoder.frame(frame(argues(0, '{"x":1}')))).toContain("partial_json")
    expect(shapeOf(encoder.frame(frame(calls(1))))).toEqual(["content_block_stop 0", "content_block_start 1"])
  })
  it("says a refusal as text with its stop reason, and leaves other choices out", async () => {
    const body = writeAll([
      started,
      { _tag: "RefusalDelta", choice: 0, text: "no" },
      { _tag: "TextDelta", choice: 1, text: "other" },
      { _tag: "Finished", choice: 0, reason: "stop" },
      { _tag: "Finished", choice: 1, reason: "length" },
      used,
      ended
    ])
    expect(await accumulate(body)).toMatchObject(message([{ type: "text", text: "no" }], "refusal"))
  })
  it("shows another vendor's signatures in envelopes, which no vendor is sent", () => {
    const encoder = anthropicMessagesInbound.streamEncoder(request)
    const wire = { dialect: "gemini", event: undefined, data: "{}" } as const
    const body = encoder.frame({ events: [started, thinks("hm", "theirs")], wire })
    expect(body).toContain("hm")
    expect(body).toMatch(/"signature":"switchyard\.gemini\.s\.\w+\.theirs"/)
  })
  it("goes on in the open block after a resume, and after an edited frame", async () => {
    const decoder = anthropicMessagesOutbound.streamDecoder()
    const encoder = anthropicMessagesInbound.streamEncoder(request)
    const raw = (data: Json): string => {
      const decoded = Result.getOrThrow(decoder.event({ event: undefined, data: JSON.stringify(data) }))
      return decoded === undefined ? "" : encoder.frame(decoded)
    }
    const full = { ...start, message: { ...start.message, type: "message", role: "assistant", content: [] } }
    const body = [
      raw(full),
      raw(open(0, { type: "text", text: "" })),
      raw(delta(0, { type: "text_delta", text: "one " })),
      encoder.frame(frame(says("two "))),
      raw(delta(0, { type: "text_delta", text: "three " })),
      encoder.frame(frame(started)),
      encoder.frame(frame(says("four"))),
      encoder.frame(frame(calls(0))),
      encoder.frame(frame(finished, used, ended))
    ].join("")
    expect(await accumulate(body)).toMatchObject({
      id: "msg_1",
      content: [{ type: "text", text: "one two three four" }, call(0, {})],
      stop_reason: "tool_use",
      usage: { output_tokens: 7 }
    })
  })
  it("ends with the error and nothing after it, which the SDK throws", async () => {
    const encoder = anthropicMessagesInbound.streamEncoder(request)
    const body = [
      encoder.frame(frame(started)),
      encoder.frame(frame(says("hi"))),
      encoder.error(gatewayError({ _tag: "ShuttingDown" })),
      encoder.frame(frame(ended)),
      encoder.error(gatewayError({ _tag: "Internal" }))
    ].join("")
    expect(shapeOf(body).at(-1)).toBe("error")
    const caught: unknown = await accumulate(body).then(
      () => undefined,
      (error: unknown) => error
    )
    expect(caught).toBeInstanceOf(APIError)
    expect(caught instanceof APIError ? caught.type : undefined).toBe("overloaded_error")
  })
  it("keeps a waiting caller alive with something the SDK passes over, even before the start", async () => {
    const { heartbeat } = anthropicMessagesInbound
    const body = writeAll([started, says("hi"), finished, used, ended])
    expect(await accumulate(heartbeat + body.replaceAll("\n\n", `\n\n${heartbeat}`))).toEqual(await accumulate(body))
  })
})
