import { describe, expect, it } from "@effect/vitest"
import { Result } from "effect"
import OpenAI from "openai"
import { openAiChatInbound, openAiChatOutbound } from "../../src/dialect/OpenAiChat.ts"
import type { ChatEvent, Frame } from "../../src/domain/ChatEvent.ts"
import type { ChatResponse } from "../../src/domain/ChatResponse.ts"
import { foldFrames } from "../../src/domain/foldStream.ts"
import { gatewayError } from "../../src/domain/GatewayError.ts"
import type { Json, JsonObject } from "../../src/domain/Json.ts"
import { decodeStream, plainRequest, streamText } from "./laws/laws.ts"

const answerWith = (choice: JsonObject, more: JsonObject = {}): JsonObject => ({
  id: "chatcmpl-1",
  object: "chat.completion",
  created: 5,
  model: "m",
  choices: [{ index: 0, finish_reason: "stop", ...choice }],
  ...more
})
const decode = (body: Json): ChatResponse =>
  Result.getOrThrowWith(openAiChatOutbound.decodeResponse(body), (fault) => fault)
const faultOf = (body: Json) => {
  const decoded = openAiChatOutbound.decodeResponse(body)
  return Result.isFailure(decoded) ? decoded.failure._tag : "none"
}
const contentOf = (message: JsonObject) => decode(answerWith({ message })).choices[0].content

/** A stream of these chunks and, unless it is left out, its end marker. */
const body = (chunks: ReadonlyArray<JsonObject>, end = "data: [DONE]\n\n"): string =>
  chunks
    .map((chunk) => `data: ${JSON.stringify({ id: "chatcmpl-1", created: 5, model: "m", ...chunk })}\n\n`)
    .join("") + end
const delta = (delta: JsonObject, finish: string | null = null, index = 0): JsonObject => ({
  choices: [{ index, delta, finish_reason: finish }]
})
const call = (...calls: ReadonlyArray<JsonObject>): JsonObject => delta({ tool_calls: calls })
const framesOf = (text: string): ReadonlyArray<Frame> =>
  Result.getOrThrowWith(decodeStream(openAiChatOutbound, text, []), (fault) => fault)
const eventsOf = (text: string): ReadonlyArray<ChatEvent> => framesOf(text).flatMap((frame) => frame.events)
const streamFault = (text: string) => {
  const decoded = decodeStream(openAiChatOutbound, text, [])
  return Result.isFailure(decoded) ? decoded.failure._tag : "none"
}
const hello = [delta({ role: "assistant", content: "" }), delta({ content: "Hello" }), delta({}, "stop")]

describe("a whole answer of Chat Completions", () => {
  it("is read with its thought, text, refusal and calls in this order", () =>
    expect(
      contentOf({
        role: "assistant",
        tool_calls: [{ id: "a", function: { name: "f", arguments: "{}" } }],
        content: "yes",
        reasoning_content: "hm",
        refusal: "no"
      })
    ).toEqual([
      { _tag: "Reasoning", text: "hm" },
      { _tag: "Text", text: "yes" },
      { _tag: "Refusal", text: "no" },
      { _tag: "ToolCall", id: "a", name: "f", arguments: "{}" }
    ]))

  it("is read when a thought has another name, or two", () => {
    expect(contentOf({ content: "yes", reasoning: "hm" })[0]).toEqual({ _tag: "Reasoning", text: "hm" })
    expect(contentOf({ content: "yes", reasoning: "hm", reasoning_content: "hm" })).toHaveLength(2)
    expect(contentOf({ content: "yes", reasoning: "hm", reasoning_content: "" })).toHaveLength(2)
  })

  it("is read when its content comes in blocks", () =>
    expect(
      contentOf({
        content: [
          {
            type: "thinking",
            thinking: [
              { type: "text", text: "h" },
              { type: "text", text: "m" }
            ]
          },
          { type: "text", text: "yes" },
          { type: "reference", reference_ids: [1] }
        ]
      })
    ).toEqual([
      { _tag: "Reasoning", text: "hm" },
      { _tag: "Text", text: "yes" },
      { _tag: "Opaque", dialect: "openai-chat", block: { type: "reference", reference_ids: [1] } }
    ]))

  it("is read with calls that lack an id or hold their arguments as an object", () =>
    expect(contentOf({ content: null, tool_calls: [{ function: { name: "f", arguments: { a: 1 } } }] })).toEqual([
      { _tag: "ToolCall", id: "call_chatcmpl-1_0_0", name: "f", arguments: '{"a":1}' }
    ]))

  const reasons: ReadonlyArray<readonly [Json, ChatResponse["choices"][0]["finishReason"]]> = [
    ["stop", "stop"],
    ["length", "length"],
    ["content_filter", "content_filter"],
    ["function_call", "tool_calls"],
    ["eos", "stop"],
    ["eos_token", "stop"],
    ["stop_sequence", "stop_sequence"],
    ["model_length", "length"],
    ["toString", "other"],
    ["brand_new", "other"]
  ]
  for (const [word, reason] of reasons)
    it(`has finished for ${reason} when the vendor says ${String(word)}`, () =>
      expect(decode(answerWith({ message: { content: "x" }, finish_reason: word })).choices[0].finishReason).toBe(
        reason
      ))

  it("has finished for its calls where the vendor says stop", () =>
    expect(
      decode(answerWith({ message: { tool_calls: [{ id: "a", function: { name: "f", arguments: "" } }] } })).choices[0]
        .finishReason
    ).toBe("tool_calls"))

  it("is none when an error stands in its place", () => {
    const errors: ReadonlyArray<Json> = [
      { error: { message: "overloaded" } },
      { error: "overloaded", choices: [] },
      { object: "error", message: "bad", code: 400 },
      { detail: "Not Found" },
      { message: "Unauthorized", request_id: "1" },
      answerWith({ message: { content: "" }, error: { code: 502, message: "upstream" } }),
      answerWith({ message: { content: "half" }, finish_reason: "error" }),
      answerWith({ message: { content: "half" }, finish_reason: "insufficient_system_resource" })
    ]
    for (const error of errors) expect(faultOf(error)).toBe("ErrorInside")
  })

  it("is none when a choice has no finish reason, or there is no choice at all", () => {
    const bodies: ReadonlyArray<Json> = [
      null,
      "<html>",
      [],
      { id: "x" },
      { id: "x", choices: [] },
      { id: "x", choices: "none" },
      { id: "x", choices: [null] },
      answerWith({ message: { content: "" }, finish_reason: null }),
      answerWith({ message: { content: "half" }, finish_reason: null }),
      answerWith({ message: { content: "half" }, finish_reason: "" }),
      answerWith({ finish_reason: null })
    ]
    for (const body of bodies) expect(faultOf(body)).toBe("Malformed")
  })

  it("may be empty when the model says that it stopped", () =>
    expect(decode(answerWith({ message: { content: null } })).choices[0]).toEqual({
      index: 0,
      content: [],
      finishReason: "stop"
    }))

  const usages: ReadonlyArray<readonly [string, JsonObject, ChatResponse["usage"]]> = [
    ["OpenAI", { prompt_tokens: 10, completion_tokens: 5, total_tokens: 15 }, { inputTokens: 10, outputTokens: 5 }],
    [
      "DeepSeek",
      { prompt_tokens: 10, completion_tokens: 5, prompt_cache_hit_tokens: 4, prompt_cache_miss_tokens: 6 },
      { inputTokens: 10, outputTokens: 5, cacheReadTokens: 4 }
    ],
    [
      "xAI, which counts reasoning apart",
      {
        prompt_tokens: 10,
        completion_tokens: 5,
        total_tokens: 35,
        completion_tokens_details: { reasoning_tokens: 20 }
      },
      { inputTokens: 10, outputTokens: 25, reasoningTokens: 20 }
    ],
    [
      "a vendor whose details are null",
      { prompt_tokens: 10, completion_tokens: 5, prompt_tokens_details: null },
      { inputTokens: 10, outputTokens: 5 }
    ],
    ["a vendor that tells no counts", { cost: 1 }, undefined]
  ]
  for (const [vendor, usage, expected] of usages)
    it(`has used what ${vendor} counts`, () =>
      expect(decode(answerWith({ message: { content: "x" } }, { usage })).usage).toEqual(expected))

  it("tells a caller that an answer this wire has no word for is not whole", () => {
    const wordFor = (finishReason: ChatResponse["choices"][0]["finishReason"]) =>
      JSON.stringify(
        openAiChatInbound.encodeResponse({
          id: "a",
          model: "m",
          choices: [{ index: 0, content: [{ _tag: "Text", text: "x" }], finishReason }]
        })
      )
    expect(wordFor("pause")).toContain('"finish_reason":"length"')
    expect(wordFor("other")).toContain('"finish_reason":"length"')
    expect(wordFor("refusal")).toContain('"finish_reason":"content_filter"')
  })
})

describe("a stream of Chat Completions", () => {
  it("is read event by event, each frame keeping its wire", () => {
    const frames = framesOf(body([...hello, { choices: [], usage: { prompt_tokens: 3, completion_tokens: 1 } }]))
    expect(frames.map((frame) => frame.events)).toEqual([
      [{ _tag: "Started", id: "chatcmpl-1", model: "m", created: 5 }],
      [{ _tag: "TextDelta", choice: 0, text: "Hello" }],
      [{ _tag: "Finished", choice: 0, reason: "stop" }],
      [{ _tag: "UsageReported", usage: { inputTokens: 3, outputTokens: 1 } }],
      [{ _tag: "Ended" }]
    ])
    expect(frames.at(-1)?.wire).toEqual({ dialect: "openai-chat", event: undefined, data: "[DONE]" })
  })

  it("is whole without its end marker once every choice has finished", () => {
    const frames = framesOf(body(hello, ""))
    expect(frames.at(-1)).toEqual({ events: [{ _tag: "Ended" }], wire: undefined })
  })

  it("is cut when it stops before a finish reason, with or without the end marker", () => {
    for (const end of ["", "data: [DONE]\n\n"]) {
      expect(streamFault(body(hello.slice(0, 2), end))).toBe("Malformed")
      expect(streamFault(body([], end))).toBe("Malformed")
      expect(streamFault(body([...hello, delta({ content: "and" }, null, 1)], end))).toBe("Malformed")
    }
  })

  it("is cut when its body ends before every choice that was asked for was seen, unless the marker says it is all", () => {
    const end = (choices: number, chunks: ReadonlyArray<JsonObject>, marker: string) => {
      const decoder = openAiChatOutbound.streamDecoder({ choices })
      for (const chunk of chunks) decoder.event({ event: undefined, data: JSON.stringify({ id: "c", ...chunk }) })
      if (marker !== "") expect(Result.isSuccess(decoder.event({ event: undefined, data: marker }))).toBe(true)
      const last = decoder.end()
      return Result.isFailure(last) ? last.failure._tag : "whole"
    }
    const second = [delta({ content: "Hi" }, null, 1), delta({}, "stop", 1)]
    expect(end(2, hello, "")).toBe("Malformed")
    expect(end(2, hello, "[DONE]")).toBe("whole")
    expect(end(2, [...hello, ...second], "")).toBe("whole")
    expect(end(3, [...hello, ...second], "")).toBe("Malformed")
    expect(end(1, hello, "")).toBe("whole")
  })

  it("is an error where the vendor's error stands in it", () => {
    const half = body(hello.slice(0, 2), "")
    expect(streamFault(`${half}data: {"error":{"message":"overloaded"}}\n\n`)).toBe("ErrorInside")
    expect(streamFault(`${half}event: error\ndata: {"message":"bad"}\n\n`)).toBe("ErrorInside")
    expect(streamFault(`${half}event: error\ndata: upstream failed\n\n`)).toBe("ErrorInside")
    expect(streamFault(body([delta({ content: "half" }, "insufficient_system_resource")]))).toBe("ErrorInside")
    expect(streamFault(body([...hello.slice(0, 2), { error: { code: 400 }, ...delta({}, "stop") }]))).toBe(
      "ErrorInside"
    )
  })

  it("takes a null error for none", () =>
    expect(streamFault(body([{ error: null, ...hello[0] }, ...hello]))).toBe("none"))

  it("is malformed where an event is not JSON", () =>
    expect(streamFault(`${body(hello.slice(0, 2), "")}data: <html>\n\n`)).toBe("Malformed"))

  it("keeps what it does not know in its wire", () => {
    const frames = framesOf(body([{ choices: [], prompt_filter_results: [] }, ...hello]))
    expect(frames[0]?.events).toEqual([{ _tag: "Unmodelled" }])
    expect(frames[0]?.wire?.data).toContain("prompt_filter_results")
    expect(frames[1]?.events[0]?._tag).toBe("Started")
  })

  it("finishes once however often the reason is repeated", () =>
    expect(
      eventsOf(body([...hello, delta({ content: "" }, "stop"), delta({}, "stop")])).filter(
        (event) => event._tag === "Finished"
      )
    ).toHaveLength(1))

  it("reads thoughts in every place where vendors put them", () => {
    const thoughts = [
      delta({ reasoning_content: "a" }),
      delta({ reasoning: "b" }),
      delta({
        content: [
          { type: "thinking", thinking: [{ type: "text", text: "c" }] },
          { type: "text", text: "d" }
        ]
      })
    ]
    expect(foldFrames(framesOf(body([...thoughts, delta({}, "stop")]))).choices[0].content).toEqual([
      { _tag: "Reasoning", text: "abc" },
      { _tag: "Text", text: "d" }
    ])
  })

  it("reads usage with the last choice, under x_groq, and the last of several", () => {
    const usage = { prompt_tokens: 3, completion_tokens: 1 }
    const used = { inputTokens: 3, outputTokens: 1 }
    const last = delta({}, "stop")
    expect(foldFrames(framesOf(body([{ ...last, usage }]))).usage).toEqual(used)
    expect(foldFrames(framesOf(body([{ ...last, x_groq: { usage } }]))).usage).toEqual(used)
    expect(
      foldFrames(
        framesOf(
          body([
            { ...hello[1], usage: { prompt_tokens: 3, completion_tokens: 0 } },
            { ...last, usage }
          ])
        )
      ).usage
    ).toEqual(used)
  })

  const calls: ReadonlyArray<readonly [string, ReadonlyArray<JsonObject>]> = [
    [
      "in pieces",
      [
        call({ index: 0, id: "a", type: "function", function: { name: "f", arguments: "" } }),
        call({ index: 0, function: { arguments: '{"x"' } }),
        call({ index: 0, function: { arguments: ":1}" } }),
        call({ index: 1, id: "b", type: "function", function: { name: "g", arguments: "" } }),
        call({ index: 1, function: { arguments: "{}" } })
      ]
    ],
    [
      "with the id and name repeated",
      [
        call({ index: 0, id: "a", function: { name: "f", arguments: '{"x"' } }),
        call({ index: 0, id: "a", function: { name: "f", arguments: ":1}" } }),
        call({ index: 1, id: "b", function: { name: "g", arguments: "{" } }),
        call({ index: 1, id: "", function: { name: null, arguments: "}" } })
      ]
    ],
    [
      "whole and all under index 0",
      [
        call({ index: 0, id: "a", function: { name: "f", arguments: '{"x":1}' } }),
        call({ index: 0, id: "b", function: { name: "g", arguments: "{}" } })
      ]
    ],
    [
      "whole, in one chunk, without an index",
      [
        call(
          { id: "a", function: { name: "f", arguments: '{"x":1}' } },
          { id: "b", function: { name: "g", arguments: {} } }
        )
      ]
    ],
    [
      "in pieces without an index",
      [
        call({ id: "a", function: { name: "f", arguments: '{"x"' } }),
        call({ function: { arguments: ":1}" } }),
        call({ id: "b", function: { name: "g", arguments: "{}" } })
      ]
    ],
    [
      "interleaved",
      [
        call(
          { index: 0, id: "a", function: { name: "f", arguments: "{" } },
          { index: 1, id: "b", function: { name: "g", arguments: "{" } }
        ),
        call({ index: 1, function: { arguments: "}" } }, { index: 0, function: { arguments: '"x":1}' } })
      ]
    ],
    [
      "with the name after the id",
      [
        call({ index: 0, id: "a", function: { arguments: '{"x"' } }),
        call({ index: 0, function: { name: "f", arguments: ":1}" } }),
        call({ index: 1, id: "b", function: { name: "g", arguments: "{}" } })
      ]
    ],
    [
      "with indices that do not count from 0",
      [
        call({ index: 1, id: "a", function: { name: "f", arguments: '{"x":1}' } }),
        call({ index: 2, id: "b", function: { name: "g", arguments: "{}" } })
      ]
    ]
  ]
  for (const [how, chunks] of calls)
    it(`reads tool calls that come ${how}`, () => {
      const answer = foldFrames(framesOf(body([...chunks, delta({}, "stop")])))
      expect(answer.choices[0]).toEqual({
        index: 0,
        content: [
          { _tag: "ToolCall", id: "a", name: "f", arguments: '{"x":1}' },
          { _tag: "ToolCall", id: "b", name: "g", arguments: "{}" }
        ],
        finishReason: "tool_calls"
      })
    })

  it("gives a call without an id one of its own", () =>
    expect(
      foldFrames(
        framesOf(body([call({ index: 0, function: { name: "f", arguments: "{}" } }), delta({}, "tool_calls")]))
      ).choices[0].content
    ).toEqual([{ _tag: "ToolCall", id: "call_chatcmpl-1_0_0", name: "f", arguments: "{}" }]))

  it("reads deprecated function calls as tool calls", () =>
    expect(
      foldFrames(
        framesOf(
          body([
            delta({ function_call: { name: "f", arguments: "{" } }),
            delta({ function_call: { arguments: "}" } }),
            delta({}, "function_call")
          ])
        )
      ).choices[0]
    ).toEqual({
      index: 0,
      content: [{ _tag: "ToolCall", id: "function_call", name: "f", arguments: "{}" }],
      finishReason: "tool_calls"
    }))
})

describe("the stream a Chat Completions caller reads", () => {
  const frame = (...events: readonly [ChatEvent, ...ReadonlyArray<ChatEvent>]): Frame => ({ events, wire: undefined })
  const started: ChatEvent = { _tag: "Started", id: "msg_1", model: "claude", created: 7 }
  const usage: ChatEvent = { _tag: "UsageReported", usage: { inputTokens: 3, outputTokens: 1 } }
  const foreign = [
    frame(started, usage),
    frame({ _tag: "ReasoningDelta", choice: 0, text: "hm" }),
    frame({ _tag: "ReasoningDelta", choice: 0, text: "", signature: "sig" }),
    frame({ _tag: "TextDelta", choice: 0, text: "Hello" }),
    frame({ _tag: "Unmodelled" }),
    frame({ _tag: "Finished", choice: 0, reason: "stop" }, { ...usage, usage: { inputTokens: 3, outputTokens: 9 } }),
    frame({ _tag: "Ended" })
  ]

  it("is written anew from another wire, with one id, the role first and usage last", () => {
    const text = streamText(openAiChatInbound, foreign)
    const chunks = text.trim().split("\n\n")
    expect(chunks.at(-1)).toBe("data: [DONE]")
    const parsed = chunks.slice(0, -1).map((line): unknown => JSON.parse(line.slice(6)))
    const head = { id: "msg_1", object: "chat.completion.chunk", created: 7, model: "claude" }
    const chunk = (delta: JsonObject, finish_reason: string | null = null) => ({
      ...head,
      choices: [{ index: 0, delta, logprobs: null, finish_reason }]
    })
    expect(parsed).toEqual([
      chunk({ role: "assistant", content: "" }),
      chunk({ reasoning_content: "hm" }),
      chunk({ content: "Hello" }),
      chunk({}, "stop"),
      { ...head, choices: [], usage: { prompt_tokens: 3, completion_tokens: 9, total_tokens: 12 } }
    ])
  })

  it("tells no usage to a caller who did not ask for it", () =>
    expect(streamText(openAiChatInbound, foreign, { ...plainRequest, usageWanted: false })).not.toContain("usage"))

  it("stays one answer when another wire takes over in its middle", () => {
    const first = framesOf(body(hello)).slice(0, 2)
    const text = streamText(openAiChatInbound, [...first, ...foreign])
    const answer = foldFrames(framesOf(text))
    expect(answer).toEqual({
      id: "chatcmpl-1",
      model: "m",
      created: 5,
      choices: [
        {
          index: 0,
          content: [
            { _tag: "Text", text: "Hello" },
            { _tag: "Reasoning", text: "hm" },
            { _tag: "Text", text: "Hello" }
          ],
          finishReason: "stop"
        }
      ],
      usage: { inputTokens: 3, outputTokens: 9 }
    })
    expect(text.match(/chat\.completion\.chunk","created":5,"model":"m"/g)?.length).toBe(4)
    expect(text.match(/"role":"assistant"/g)?.length).toBe(1)
  })

  it("keeps a chunk with a choice even where all it tells is usage", () => {
    const chunk = { ...delta({ content: "" }, "stop"), usage: { prompt_tokens: 3, completion_tokens: 1 } }
    const text = body([...hello, chunk])
    expect(streamText(openAiChatInbound, framesOf(text), { ...plainRequest, usageWanted: false })).toBe(text)
  })

  const sdk = (text: string) =>
    new OpenAI({
      apiKey: "none",
      baseURL: "http://127.0.0.1:1",
      maxRetries: 0,
      fetch: async () => new Response(text, { headers: { "content-type": "text/event-stream" } })
    }).chat.completions.stream({ model: "m", messages: [{ role: "user", content: "hi" }] })

  it("is understood by OpenAI's own package, heartbeats and all", async () => {
    const tools: ReadonlyArray<Frame> = [
      frame(started),
      frame({ _tag: "TextDelta", choice: 0, text: "Hel" }),
      frame({ _tag: "TextDelta", choice: 0, text: "lo" }),
      frame({ _tag: "ToolCallStarted", choice: 0, index: 0, id: "a", name: "f" }),
      frame({ _tag: "ToolCallDelta", choice: 0, index: 0, arguments: '{"x":' }),
      frame({ _tag: "ToolCallDelta", choice: 0, index: 0, arguments: "1}" }),
      frame({ _tag: "Finished", choice: 0, reason: "tool_calls" }),
      frame({ _tag: "Ended" })
    ]
    const text = openAiChatInbound.heartbeat + streamText(openAiChatInbound, tools)
    const completion = await sdk(text).finalChatCompletion()
    expect(completion.choices[0]?.message).toMatchObject({
      role: "assistant",
      content: "Hello",
      tool_calls: [{ id: "a", type: "function", function: { name: "f", arguments: '{"x":1}' } }]
    })
    expect(completion.choices[0]?.finish_reason).toBe("tool_calls")
  })

  it("makes OpenAI's own package throw where it broke", async () => {
    const encoder = openAiChatInbound.streamEncoder(plainRequest)
    let text = ""
    for (const one of foreign.slice(0, 4)) text += encoder.frame(one)
    text += encoder.error(
      gatewayError({
        _tag: "CutShort",
        provider: "p",
        model: "m",
        reason: { _tag: "Network", message: "reset", sent: true }
      })
    )
    expect(text).not.toContain("[DONE]")
    await expect(sdk(text).finalChatCompletion()).rejects.toThrow(/cut short/)
  })
})

describe("an error told to a Chat Completions caller", () => {
  const provider = { provider: "p", model: "m" }
  it("has OpenAI's status, type and code", () => {
    const told = (reason: Parameters<typeof gatewayError>[0]) => {
      const { body, status } = openAiChatInbound.encodeError(gatewayError(reason), "req_1")
      return { status, ...(body["error"] as JsonObject) } // every error body of this dialect has it
    }
    expect(told({ _tag: "Unauthorized", message: "no key" })).toEqual({
      status: 401,
      message: "no key",
      type: "invalid_request_error",
      param: null,
      code: "invalid_api_key"
    })
    expect(told({ _tag: "BadRequest", message: "bad", param: "messages.0.content" })).toMatchObject({
      status: 400,
      type: "invalid_request_error",
      param: "messages.0.content"
    })
    expect(told({ _tag: "UnknownModel", model: "x", nearest: [] })).toMatchObject({
      status: 404,
      code: "model_not_found"
    })
    expect(
      told({ _tag: "AllFailed", ...provider, first: { _tag: "RateLimited", message: "slow down" } })
    ).toMatchObject({ status: 429, code: "rate_limit_exceeded" })
    expect(
      told({ _tag: "AllFailed", ...provider, first: { _tag: "ContextLengthExceeded", message: "too long" } })
    ).toMatchObject({ status: 400, code: "context_length_exceeded" })
    expect(
      told({
        _tag: "AllFailed",
        ...provider,
        first: { _tag: "InvalidRequest", message: "bad", param: "top_k", code: "unknown_parameter" }
      })
    ).toMatchObject({ status: 400, param: "top_k", code: null })
  })

  it("never blames the caller's key or quota for the gateway's own", () => {
    for (const _tag of ["QuotaExhausted", "AuthenticationFailed"] as const) {
      const { body, status } = openAiChatInbound.encodeError(
        gatewayError({ _tag: "AllFailed", ...provider, first: { _tag, message: "x", code: "insufficient_quota" } }),
        "req_1"
      )
      expect(status).toBe(502)
      expect(JSON.stringify(body)).not.toMatch(/invalid_api_key|insufficient_quota/)
    }
  })

  it("names the request where the fault is the gateway's", () => {
    const { body } = openAiChatInbound.encodeError(gatewayError({ _tag: "Internal" }), "req_1")
    expect(JSON.stringify(body)).toContain("req_1")
  })
})
