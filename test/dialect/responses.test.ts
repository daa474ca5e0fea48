import { assert, describe, it } from "@effect/vitest"
import { Result } from "effect"
import { anthropicMessagesOutbound } from "../../src/dialect/AnthropicMessages.ts"
import { noQuirks, type OutboundDialect } from "../../src/dialect/Dialect.ts"
import { geminiOutbound } from "../../src/dialect/Gemini.ts"
import { openAiChatInbound, openAiChatOutbound } from "../../src/dialect/OpenAiChat.ts"
import { openAiResponsesInbound, openAiResponsesOutbound } from "../../src/dialect/OpenAiResponses.ts"
import type { ChatRequest } from "../../src/domain/ChatRequest.ts"
import type { ChatResponse } from "../../src/domain/ChatResponse.ts"
import { gatewayError } from "../../src/domain/GatewayError.ts"
import { isJsonObject, type Json, type JsonObject } from "../../src/domain/Json.ts"
import { decodeStream, plainRequest, streamText } from "./laws/laws.ts"

const decode = (body: JsonObject): ChatRequest =>
  Result.getOrThrow(openAiResponsesInbound.decodeRequest({ model: "m", input: "hi", ...body }, {}))
const target = { model: "m", maxOutputTokens: undefined, quirks: noQuirks }
const encode = (request: ChatRequest, dialect: OutboundDialect = openAiResponsesOutbound) =>
  dialect.encodeRequest(request, target)
const sent = (request: ChatRequest, dialect?: OutboundDialect) => Result.getOrThrow(encode(request, dialect))
const featureOf = (request: ChatRequest, dialect?: OutboundDialect) => {
  const result = encode(request, dialect)
  return Result.isFailure(result) ? result.failure.feature : undefined
}
const foreign = { anthropic: anthropicMessagesOutbound, chat: openAiChatOutbound, gemini: geminiOutbound }

const tool = (name: string): JsonObject => ({ type: "function", name, parameters: { type: "object", properties: {} } })
const object = (value: unknown): JsonObject => (isJsonObject(value) ? value : assert.fail("not an object"))
const list = (value: Json | undefined): ReadonlyArray<Json> => (Array.isArray(value) ? value : assert.fail("no list"))

const answer = (content: ChatResponse["choices"][0]["content"]): ChatResponse => ({
  id: "x",
  model: "m",
  choices: [{ index: 0, content, finishReason: "stop" }]
})

describe("a Responses request for another vendor", () => {
  const conversation = decode({
    instructions: "Be brief",
    input: [
      { role: "user", content: [{ type: "input_text", text: "Weather in Brno and Wien?" }] },
      { type: "reasoning", id: "rs_1", summary: [{ type: "summary_text", text: "hm" }], encrypted_content: "secret" },
      { type: "message", role: "assistant", content: [{ type: "output_text", text: "I look.", annotations: [] }] },
      { type: "function_call", call_id: "c1", name: "look", arguments: '{"city":"Brno"}' },
      { type: "function_call", call_id: "c2", name: "look", arguments: '{"city":"Wien"}' },
      { type: "function_call_output", call_id: "c1", output: "sunny" },
      { type: "function_call_output", call_id: "c2", output: [{ type: "input_text", text: "rain" }] }
    ],
    tools: [tool("look")],
    max_output_tokens: 100
  })

  it("is one turn of the assistant's with text and both calls, and its results", () => {
    const messages = list(sent(conversation, openAiChatOutbound).body["messages"]).map(object)
    assert.deepStrictEqual(
      messages.map(({ role }) => role),
      ["system", "user", "assistant", "tool", "tool"]
    )
    assert.lengthOf(list(messages[2]?.["tool_calls"]), 2)
    assert.strictEqual(messages[2]?.["content"], "I look.")
  })

  for (const [name, dialect] of Object.entries(foreign)) {
    it(`shows ${name} nothing of what only OpenAI can read`, () => {
      const { body } = sent(conversation, dialect)
      assert.notInclude(JSON.stringify(body), "secret")
      for (const said of ["Be brief", "I look.", "sunny", "rain", "Brno"]) assert.include(JSON.stringify(body), said)
    })
    it(`is refused for ${name} where it needs a tool or an item of OpenAI's`, () => {
      assert.isDefined(featureOf(decode({ tools: [{ type: "web_search" }] }), dialect))
      assert.isDefined(featureOf(decode({ input: [{ type: "compaction", encrypted_content: "x" }] }), dialect))
      assert.isDefined(
        featureOf(decode({ input: [{ role: "user", content: [{ type: "input_file", file_id: "file-1" }] }] }), dialect)
      )
    })
    it(`leaves ${name} only the tools that are allowed`, () => {
      const request = decode({
        tools: [tool("one"), tool("two")],
        tool_choice: { type: "allowed_tools", mode: "required", tools: [{ type: "function", name: "two" }] }
      })
      const text = JSON.stringify(sent(request, dialect).body)
      assert.include(text, '"two"')
      assert.notInclude(text, '"one"')
      assert.deepStrictEqual(request.toolChoice, { _tag: "Required" })
    })
  }

  it("keeps the schema the answer is held to", () => {
    const schema = {
      type: "object",
      properties: { a: { type: "string" } },
      required: ["a"],
      additionalProperties: false
    }
    const request = decode({ text: { format: { type: "json_schema", name: "x", schema, strict: true } } })
    assert.deepStrictEqual(sent(request, openAiChatOutbound).body["response_format"], {
      type: "json_schema",
      json_schema: { name: "x", schema, strict: true }
    })
  })
})

describe("thoughts of other vendors", () => {
  const signed = answer([
    { _tag: "Reasoning", text: "hm", signature: "sig", origin: "anthropic-messages" },
    { _tag: "Reasoning", text: "", redacted: "dark", origin: "anthropic-messages" },
    { _tag: "ToolCall", id: "c1", name: "look", arguments: "{}" }
  ])
  const output = list(openAiResponsesInbound.encodeResponse(signed)["output"])
  const next = decode({
    input: [{ role: "user", content: "hi" }, ...output, { type: "function_call_output", call_id: "c1", output: "42" }]
  })

  it("go back to the vendor that signed them when the caller sends its items back", () => {
    const messages = list(sent(next, anthropicMessagesOutbound).body["messages"]).map(object)
    const [thought, redacted] = list(messages[1]?.["content"])
    assert.deepStrictEqual(thought, { type: "thinking", thinking: "hm", signature: "sig" })
    assert.deepStrictEqual(redacted, { type: "redacted_thinking", data: "dark" })
  })

  it("reach no other vendor, nor do the ids that were made for them", () => {
    const { input } = sent(next).body
    assert.notInclude(JSON.stringify(input), "switchyard")
    assert.deepStrictEqual(
      list(input).map((item) => object(item)["type"] ?? "message"),
      ["message", "function_call", "function_call_output"]
    )
    const { wire: _, ...edited } = next
    assert.notInclude(JSON.stringify(sent(edited).body), "sig")
  })

  it("are told in streams as in whole answers", () => {
    const started = { _tag: "Started", id: "x", model: "m" } as const
    const wire = { dialect: "anthropic-messages", event: undefined, data: "" } as const
    const text = streamText(openAiResponsesInbound, [
      { events: [started], wire },
      { events: [{ _tag: "ReasoningDelta", choice: 0, text: "hm" }], wire },
      { events: [{ _tag: "ReasoningDelta", choice: 0, text: "", signature: "sig" }], wire },
      { events: [{ _tag: "ReasoningDelta", choice: 0, text: "", redacted: "dark" }], wire },
      { events: [{ _tag: "Finished", choice: 0, reason: "stop" }, { _tag: "Ended" }], wire }
    ])
    const last: unknown = JSON.parse(text.slice(text.lastIndexOf("data: ") + 6))
    const items = list(object(object(last)["response"])["output"]).map(object)
    assert.deepStrictEqual(
      items.map((item) => item["encrypted_content"]),
      output.slice(0, 2).map((item) => object(item)["encrypted_content"])
    )
  })
})

describe("what is dropped on the way to Responses", () => {
  it("is told once, however often it stood there", () => {
    const loose = { type: "object", properties: { a: {} } }
    const tools = ["f", "g"].map((name) => ({ type: "function", name, strict: true, parameters: loose }))
    const quirks = { ...noQuirks, openAiSchemas: true }
    const { dropped } = Result.getOrThrow(
      openAiResponsesOutbound.encodeRequest(decode({ tools }), { ...target, quirks })
    )
    assert.deepStrictEqual(dropped, ["strict"])
  })
  it("is a thought that another vendor signed, also of a caller of this wire", () => {
    const item = { type: "reasoning", summary: [], encrypted_content: "switchyard.gemini.s.x.c2ln" }
    const { body, dropped } = sent(decode({ input: [{ role: "user", content: "hi" }, item] }))
    assert.deepStrictEqual(dropped, ["reasoning"])
    assert.lengthOf(list(body["input"]), 1)
  })
})

describe("a request of another wire, written for Responses", () => {
  const chat = (body: JsonObject): ChatRequest =>
    Result.getOrThrow(
      openAiChatInbound.decodeRequest({ model: "m", messages: [{ role: "user", content: "hi" }], ...body }, {})
    )

  it("is stored nowhere, and its tools are as strict as they were", () => {
    const { body } = sent(chat({ tools: [{ type: "function", function: { name: "f" } }], reasoning_effort: "low" }))
    assert.strictEqual(body["store"], false)
    assert.deepStrictEqual(body["tools"], [{ type: "function", name: "f", strict: false }])
    assert.deepStrictEqual(body["include"], ["reasoning.encrypted_content"])
    assert.deepStrictEqual(body["reasoning"], { effort: "low" })
  })

  it("loses what only tunes, and says so", () => {
    const { body, dropped } = sent(chat({ seed: 1, presence_penalty: 1, frequency_penalty: 0 }))
    assert.deepStrictEqual([...dropped].sort(), ["presence_penalty", "seed"])
    assert.notProperty(body, "seed")
  })

  it("is refused where it asks for what this wire cannot say", () => {
    assert.strictEqual(featureOf(chat({ n: 2 })), "n")
    assert.strictEqual(featureOf(chat({ stop: "x" })), "stop")
    assert.strictEqual(featureOf(chat({ tools: [{ type: "web_search" }] })), "web_search")
  })
})

describe("a stream of Responses", () => {
  const event = (type: string, fields: JsonObject): string => `data: ${JSON.stringify({ type, ...fields })}\n\n`
  const message = { type: "message", id: "m1", role: "assistant", content: [{ type: "output_text", text: "all" }] }

  it("that tells its items only when they are done, or only at its end, is read in full", () => {
    const done = event("response.output_item.done", { output_index: 0, item: message })
    const end = (output: Json) => event("response.completed", { response: { status: "completed", output } })
    for (const text of [done + end([message]), end([message])]) {
      const frames = Result.getOrThrow(decodeStream(openAiResponsesOutbound, text, []))
      const told = frames.flatMap(({ events }) => events)
      assert.deepStrictEqual(
        told.filter(({ _tag }) => _tag === "TextDelta"),
        [{ _tag: "TextDelta", choice: 0, text: "all" }]
      )
    }
  })

  it("that fails, is cancelled or only says [DONE] is no answer", () => {
    const tags = [
      event("response.failed", { response: { status: "failed", error: { code: "server_error", message: "no" } } }),
      event("error", { code: "x", message: "no", param: null }),
      event("response.cancelled", { response: { status: "cancelled" } }),
      "data: [DONE]\n\n"
    ].map((text) => {
      const read = decodeStream(openAiResponsesOutbound, text, [])
      return Result.isFailure(read) ? read.failure._tag : undefined
    })
    assert.deepStrictEqual(tags, ["ErrorInside", "ErrorInside", "Malformed", "Malformed"])
  })

  it("whose calls come in mixed pieces is told to a caller in order of their beginning", () => {
    const text = streamText(openAiResponsesInbound, [
      { events: [{ _tag: "Started", id: "x", model: "m" }], wire: undefined },
      { events: [{ _tag: "ToolCallStarted", choice: 0, index: 0, id: "a", name: "f" }], wire: undefined },
      { events: [{ _tag: "ToolCallStarted", choice: 0, index: 1, id: "b", name: "g" }], wire: undefined },
      { events: [{ _tag: "ToolCallDelta", choice: 0, index: 1, arguments: "{}" }], wire: undefined },
      { events: [{ _tag: "ToolCallDelta", choice: 0, index: 0, arguments: '{"x":1}' }], wire: undefined },
      { events: [{ _tag: "Finished", choice: 0, reason: "tool_calls" }, { _tag: "Ended" }], wire: undefined }
    ])
    const last: unknown = JSON.parse(text.slice(text.lastIndexOf("data: ") + 6))
    assert.deepStrictEqual(
      list(object(object(last)["response"])["output"]).map((item) => [
        object(item)["call_id"],
        object(item)["arguments"]
      ]),
      [
        ["a", '{"x":1}'],
        ["b", "{}"]
      ]
    )
  })

  it("tells what this wire has no word for as incomplete", () => {
    for (const reason of ["length", "pause", "other", "content_filter", "refusal"] as const) {
      const text = streamText(openAiResponsesInbound, [
        { events: [{ _tag: "Started", id: "x", model: "m" }], wire: undefined },
        { events: [{ _tag: "Finished", choice: 0, reason }, { _tag: "Ended" }], wire: undefined }
      ])
      assert.include(text, "event: response.incomplete")
      assert.notInclude(text, "response.completed")
    }
  })
})

describe("errors of Responses", () => {
  it("name `input` where Chat Completions names `messages`", () => {
    const error = gatewayError({
      _tag: "AllFailed",
      first: { _tag: "ContextLengthExceeded", message: "too long" },
      provider: "p",
      model: "m"
    })
    assert.strictEqual(object(openAiResponsesInbound.encodeError(error, "").body["error"])["param"], "input")
  })

  it("end a stream with an event that says the same beside its type and under `error`", () => {
    const text = openAiResponsesInbound.streamEncoder(plainRequest).error(gatewayError({ _tag: "Internal" }))
    const told = object(JSON.parse(text.slice(text.indexOf("data: ") + 6)))
    assert.match(text, /^event: error\n/)
    assert.strictEqual(told["message"], object(told["error"])["message"])
    assert.strictEqual(told["sequence_number"], 0)
  })
})
