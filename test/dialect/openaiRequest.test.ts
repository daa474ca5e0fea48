import { describe, expect, it } from "@effect/vitest"
import { Result } from "effect"
import { noQuirks, type Quirks } from "../../src/dialect/Dialect.ts"
import { openAiChatInbound, openAiChatOutbound } from "../../src/dialect/OpenAiChat.ts"
import type { ChatRequest } from "../../src/domain/ChatRequest.ts"
import type { JsonObject } from "../../src/domain/Json.ts"
import type { Message, Part } from "../../src/domain/Message.ts"
import { plainRequest } from "./laws/laws.ts"

const hi = { role: "user", content: "hi" }
const base: JsonObject = { model: "m", messages: [hi] }

const decode = (body: JsonObject, headers = {}): ChatRequest =>
  Result.getOrThrowWith(openAiChatInbound.decodeRequest(body, headers), (fault) => fault)
const fault = (body: JsonObject) => Result.getOrThrow(Result.flip(openAiChatInbound.decodeRequest(body, {})))
const withMessages = (...messages: ReadonlyArray<JsonObject>): JsonObject => ({ ...base, messages })
const partsOf = (message: JsonObject): ReadonlyArray<Part> => decode(withMessages(message)).messages[0]?.content ?? []

const encode = (request: ChatRequest, quirks: Partial<Quirks> = {}, maxOutputTokens?: number) =>
  openAiChatOutbound.encodeRequest(request, {
    model: "vendor-model",
    maxOutputTokens,
    quirks: { ...noQuirks, ...quirks }
  })
const sent = (request: ChatRequest, quirks: Partial<Quirks> = {}, maxOutputTokens?: number) =>
  Result.getOrThrowWith(encode(request, quirks, maxOutputTokens), (fault) => fault)
const edited = (body: JsonObject): ChatRequest => {
  const { wire: _, ...rest } = decode(body)
  return rest
}
const said = (...messages: ReadonlyArray<Message>): ChatRequest => ({ ...plainRequest, delivery: "whole", messages })

const many = (count: number, prefix = "m") => Array.from({ length: count }, (_, at) => `${prefix}${at}`)

describe("a Chat Completions request that is none", () => {
  const tool = { type: "function", function: { name: "f" } }
  const cases: ReadonlyArray<readonly [string, JsonObject, string]> = [
    ["no model", { messages: [hi] }, "model"],
    ["an empty model", { ...base, model: "" }, "model"],
    ["a model longer than any name", { ...base, model: "m".repeat(257) }, "model"],
    ["a fallback longer than any name", { ...base, fallbacks: ["a", "m".repeat(257)] }, "fallbacks.1"],
    ["an empty fallback", { ...base, models: [""] }, "models.0"],
    ["more fallbacks than are tried", { ...base, fallbacks: many(33) }, "fallbacks"],
    ["more fallbacks than are tried, in two lists", { ...base, fallbacks: many(20), models: many(33) }, "models"],
    ["fallbacks that are too many together", { ...base, fallbacks: many(20), models: many(32, "n") }, "models"],
    ["a model that is no string", { ...base, model: ["m"] }, "model"],
    ["no messages", { model: "m" }, "messages"],
    ["empty messages", { model: "m", messages: [] }, "messages"],
    ["messages that are no list", { model: "m", messages: "hi" }, "messages"],
    ["a message that is no object", { model: "m", messages: [hi, "hi"] }, "messages.1"],
    ["an unknown role", withMessages({ role: "robot", content: "" }), "messages.0.role"],
    ["a message without a role", withMessages({ content: "" }), "messages.0.role"],
    ["a user message without content", withMessages({ role: "user" }), "messages.0.content"],
    ["content that is a number", withMessages({ role: "user", content: 5 }), "messages.0.content"],
    [
      "a text part without text",
      withMessages({ role: "user", content: [{ type: "text" }] }),
      "messages.0.content.0.text"
    ],
    [
      "an image without its URL",
      withMessages(hi, { role: "user", content: [{ type: "image_url", image_url: {} }] }),
      "messages.1.content.0.image_url.url"
    ],
    ["a tool message without its call", withMessages({ role: "tool", content: "x" }), "messages.0.tool_call_id"],
    [
      "a tool call without arguments",
      withMessages({ role: "assistant", tool_calls: [{ id: "a", type: "function", function: { name: "f" } }] }),
      "messages.0.tool_calls.0.function.arguments"
    ],
    ["a temperature that is a string", { ...base, temperature: "hot" }, "temperature"],
    ["n below one", { ...base, n: 0 }, "n"],
    ["n without end", { ...base, n: 1e9 }, "n"],
    ["n that is no whole number", { ...base, n: 1.5 }, "n"],
    ["a limit of no tokens", { ...base, max_tokens: 0 }, "max_tokens"],
    ["stop that holds a number", { ...base, stop: ["a", 1] }, "stop.1"],
    ["stream that is a string", { ...base, stream: "true" }, "stream"],
    ["a tool without a name", { ...base, tools: [tool, { type: "function", function: {} }] }, "tools.1.function.name"],
    ["a tool choice of an unknown word", { ...base, tool_choice: "perhaps" }, "tool_choice"],
    ["a schema without a name", { ...base, response_format: { type: "json_schema" } }, "response_format.json_schema"],
    ["metadata that is nested", { ...base, metadata: { a: {} } }, "metadata.a"],
    ["fallbacks that are one string", { ...base, fallbacks: "other" }, "fallbacks"],
    ["models that hold an object", { ...base, models: [{}] }, "models.0"]
  ]
  for (const [name, body, param] of cases)
    it(`is refused for ${name}, by the name of the field`, () => {
      const { message, param: at } = fault(body)
      expect(at).toBe(param)
      expect(message).toContain(`'${param}'`)
    })

  it("never throws, whatever stands where an object of a known type should", () => {
    for (const odd of [null, 5, "x", [], {}]) {
      const bodies: ReadonlyArray<JsonObject> = [
        { ...base, tools: [{ type: "x", function: odd }] },
        { ...base, tool_choice: { type: "x", function: odd } },
        { ...base, response_format: { type: "text", json_schema: odd } },
        { ...base, stream_options: odd },
        withMessages({
          role: "user",
          content: [{ type: "x", image_url: odd, file: odd, input_audio: odd, text: odd }]
        }),
        withMessages({
          role: "assistant",
          tool_calls: [{ id: "a", type: "function", function: { name: "f", arguments: "" }, custom: odd }]
        })
      ]
      for (const body of bodies) {
        const decoded = openAiChatInbound.decodeRequest(body, {})
        if (Result.isSuccess(decoded)) expect(Result.isSuccess(encode(decoded.success))).toBe(true)
      }
    }
  })
})

describe("a Chat Completions request", () => {
  it("takes null for absent everywhere", () => {
    const nulls = ["stream", "tools", "stop", "n", "temperature", "user", "response_format", "fallbacks", "tool_choice"]
    const { wire: _, ...request } = decode({ ...base, ...Object.fromEntries(nulls.map((key) => [key, null])) })
    const { wire: _plain, ...plain } = decode(base)
    expect(request).toEqual(plain)
  })

  it("reads data URLs as bytes and other URLs as they are", () => {
    const image = (url: string) => partsOf({ role: "user", content: [{ type: "image_url", image_url: { url } }] })[0]
    expect(image("data:image/png;base64,AAEC")).toEqual({
      _tag: "Image",
      source: { _tag: "Base64", mediaType: "image/png", data: "AAEC" }
    })
    expect(image("https://example.com/a.png")).toEqual({
      _tag: "Image",
      source: { _tag: "Url", url: "https://example.com/a.png" }
    })
  })

  it("reads an image given as a bare string", () =>
    expect(partsOf({ role: "user", content: [{ type: "image_url", image_url: "https://example.com/a" }] })).toEqual([
      { _tag: "Image", source: { _tag: "Url", url: "https://example.com/a" } }
    ]))

  it("keeps a detail that the domain has no word for, also after an edit", () => {
    const block = { type: "image_url", image_url: { url: "https://example.com/a", detail: "original" } }
    const body = sent(edited(withMessages({ role: "user", content: [block] }))).body
    expect(body["messages"]).toEqual([{ role: "user", content: [block] }])
  })

  it("reads sounds and files", () => {
    expect(
      partsOf({
        role: "user",
        content: [
          { type: "input_audio", input_audio: { data: "AAEC", format: "mp3" } },
          { type: "file", file: { file_data: "data:application/pdf;base64,AAEC", filename: "a.pdf" } },
          { type: "file", file: { file_id: "file-1" } }
        ]
      })
    ).toEqual([
      { _tag: "Audio", source: { _tag: "Base64", mediaType: "audio/mpeg", data: "AAEC" } },
      { _tag: "Document", source: { _tag: "Base64", mediaType: "application/pdf", data: "AAEC" }, name: "a.pdf" },
      { _tag: "Document", source: { _tag: "FileId", id: "file-1" }, extensions: { "openai-chat": {} } }
    ])
  })

  it("passes a part of an unknown type on to its own wire only", () => {
    const block = { type: "document_url", document_url: "https://example.com/a.pdf" }
    const request = edited(withMessages({ role: "user", content: [block] }))
    expect(request.messages[0]?.content).toEqual([{ _tag: "Opaque", dialect: "openai-chat", block }])
    expect(sent(request).body["messages"]).toEqual([{ role: "user", content: [block] }])
  })

  it("gives calls and results of deprecated functions one id", () => {
    const request = decode({
      ...withMessages(
        hi,
        { role: "assistant", content: null, function_call: { name: "f", arguments: "{}" } },
        { role: "function", name: "f", content: "42" }
      ),
      functions: [{ name: "f", parameters: { type: "object" } }],
      function_call: { name: "f" }
    })
    expect(request.tools).toEqual([{ _tag: "Function", name: "f", parameters: { type: "object" } }])
    expect(request.toolChoice).toEqual({ _tag: "Named", name: "f" })
    expect(request.messages[1]?.content).toEqual([
      { _tag: "ToolCall", id: "function_call_1", name: "f", arguments: "{}" }
    ])
    expect(request.messages[2]).toEqual({
      role: "tool",
      content: [{ _tag: "ToolResult", id: "function_call_1", name: "f", content: [{ _tag: "Text", text: "42" }] }]
    })
  })

  it("takes fallbacks and models as names to try, once each, and sends neither on", () => {
    const request = decode({ ...base, fallbacks: ["a", "b"], models: ["b", "c"] })
    expect(request.fallbacks).toEqual(["a", "b", "c"])
    expect(request.wire?.body).toEqual(base)
    expect(sent(request).body).toEqual({ ...base, model: "vendor-model" })
    expect(request.extensions).toBeUndefined()
  })

  it("takes names of up to 256 characters, and 32 fallbacks", () => {
    const fallbacks = many(31).concat("f".repeat(256))
    expect(decode({ ...base, model: "m".repeat(256), fallbacks, models: fallbacks }).fallbacks).toEqual(fallbacks)
  })

  it("prefers max_completion_tokens to the deprecated max_tokens", () => {
    expect(decode({ ...base, max_tokens: 5, max_completion_tokens: 7 }).sampling.maxTokens).toBe(7)
    expect(decode({ ...base, max_tokens: 5 }).sampling.maxTokens).toBe(5)
  })

  it("wants usage told in a stream only when asked", () => {
    expect(decode({ ...base, stream: true }).usageWanted).toBe(false)
    expect(decode({ ...base, stream: true, stream_options: { include_usage: true } }).usageWanted).toBe(true)
    expect(decode(base).usageWanted).toBe(true)
  })

  it("sends only the vendor's own beta header on", () => {
    const headers = { "openai-beta": "x=v1", authorization: "Bearer secret", "x-api-key": "secret" }
    const request = decode(base, headers)
    expect(request.wire?.headers).toEqual({ "openai-beta": "x=v1" })
    expect(sent(request).headers).toEqual({ "openai-beta": "x=v1" })
  })

  it("keeps what the domain does not model through an edit", () => {
    const body: JsonObject = {
      ...base,
      messages: [{ ...hi, cache_control: { type: "ephemeral" } }],
      logit_bias: { "50256": -100 },
      reasoning_effort: "default",
      tool_choice: { type: "openrouter:web_search", name: "x" },
      response_format: { type: "grammar", grammar: "root ::= x" },
      stream: true,
      stream_options: { include_usage: true, include_obfuscation: false }
    }
    expect(sent(edited(body)).body).toEqual({ ...body, model: "vendor-model" })
  })
})

describe("a request sent to a vendor of Chat Completions", () => {
  it("asks a stream for its usage, keeping the caller's other options", () => {
    const request = decode({ ...base, stream: true, stream_options: { include_obfuscation: false } })
    expect(sent(request).body["stream_options"]).toEqual({ include_obfuscation: false, include_usage: true })
    expect(sent(request, { streamOptions: false }).body).not.toHaveProperty("stream_options")
  })

  it("follows the delivery, not what the caller's body said", () => {
    const live = decode({ ...base, stream: true, stream_options: { include_usage: true } })
    expect(sent({ ...live, delivery: "whole" }).body).toEqual({ ...base, model: "vendor-model", stream: false })
    expect(sent({ ...decode(base), delivery: "live" }).body).toEqual({
      ...base,
      model: "vendor-model",
      stream: true,
      stream_options: { include_usage: true }
    })
  })

  it("chooses between tools only where there are some", () => {
    const tool = { _tag: "Function", name: "f" } as const
    const choosing = { ...plainRequest, toolChoice: { _tag: "Auto" }, parallelToolCalls: false } as const
    expect(sent({ ...choosing, tools: [tool] }).body).toMatchObject({ tool_choice: "auto", parallel_tool_calls: false })
    expect(sent(choosing).body).not.toHaveProperty("tool_choice")
    expect(sent(choosing).body).not.toHaveProperty("parallel_tool_calls")
  })

  it("leaves out the fields a vendor refuses and says which", () => {
    const request = decode({ ...base, logit_bias: {}, seed: 1, user: null })
    const refuses = ["logit_bias", "user", "top_p"]
    for (const way of [request, edited({ ...base, logit_bias: {}, seed: 1 })]) {
      const { body, dropped } = sent(way, { refuses })
      expect(body).toEqual({ ...base, model: "vendor-model", seed: 1 })
      expect(dropped).toEqual(["logit_bias"])
    }
  })

  it("names the output limit as the vendor does", () => {
    const limited = { ...base, max_completion_tokens: 9 }
    expect(sent(decode(limited), { maxTokensField: "max_tokens" }).body).toEqual({
      ...base,
      model: "vendor-model",
      max_tokens: 9
    })
    expect(sent(decode({ ...base, max_tokens: 9 })).body["max_tokens"]).toBe(9)
    expect(sent(edited({ ...base, max_tokens: 9 })).body["max_completion_tokens"]).toBe(9)
  })

  it("asks for no more than the model can write", () =>
    expect(sent(edited({ ...base, max_tokens: 9000 }), {}, 4096).body["max_completion_tokens"]).toBe(4096))

  it("sends developer prompts as system prompts where the vendor knows no developer", () => {
    const request = decode(withMessages({ role: "developer", content: "be brief" }, hi))
    expect(sent(request, { developerRole: false }).body["messages"]).toEqual([
      { role: "system", content: "be brief" },
      hi
    ])
    expect(request.wire?.body["messages"]).toEqual([{ role: "developer", content: "be brief" }, hi])
  })

  it("tells the model in words what the vendor cannot hold it to", () => {
    const schema = { type: "object", required: ["a"] }
    const body = {
      ...withMessages({ role: "system", content: "Be brief." }, hi),
      response_format: { type: "json_schema", json_schema: { name: "x", schema } }
    }
    const weak = sent(decode(body), { structuredOutput: "json_object" })
    expect(weak.body["response_format"]).toEqual({ type: "json_object" })
    expect(JSON.stringify(weak.body["messages"])).toContain(JSON.stringify(JSON.stringify(schema)).slice(1, -1))
    expect(weak.dropped).toEqual(["response_format"])
    const none = sent(decode(body), { structuredOutput: "none" })
    expect(none.body).not.toHaveProperty("response_format")
    expect(none.body["messages"]).toHaveLength(2)
    expect(sent(decode(body)).dropped).toEqual([])
  })

  it("shows images of tool results in a user message after all results", () => {
    const image = { _tag: "Image", source: { _tag: "Base64", mediaType: "image/png", data: "AAEC" } } as const
    const request = said(
      { role: "assistant", content: [{ _tag: "ToolCall", id: "a", name: "f", arguments: "{}" }] },
      {
        role: "tool",
        content: [
          { _tag: "ToolResult", id: "a", content: [image] },
          { _tag: "ToolResult", id: "b", content: [{ _tag: "Text", text: "b" }], isError: true }
        ]
      },
      { role: "user", content: [{ _tag: "Text", text: "and?" }] }
    )
    expect(sent(request).body["messages"]).toEqual([
      {
        role: "assistant",
        content: null,
        tool_calls: [{ id: "a", type: "function", function: { name: "f", arguments: "{}" } }]
      },
      { role: "tool", tool_call_id: "a", content: "The result is shown in the next user message." },
      { role: "tool", tool_call_id: "b", content: "b" },
      {
        role: "user",
        content: [
          { type: "text", text: "Shown by the tool call a:" },
          { type: "image_url", image_url: { url: "data:image/png;base64,AAEC" } }
        ]
      },
      { role: "user", content: "and?" }
    ])
  })

  it("leaves out the thoughts of other wires and puts its own back", () => {
    const request = said(
      {
        role: "assistant",
        content: [
          { _tag: "Reasoning", text: "hm", signature: "s", origin: "anthropic-messages" },
          { _tag: "Text", text: "yes" }
        ]
      },
      plainRequest.messages[0] ?? { role: "user", content: [] }
    )
    expect(sent(request).body["messages"]).toEqual([{ role: "assistant", content: "yes" }, hi])
    const own = { role: "assistant", content: "yes", reasoning_content: "hm" }
    expect(sent(edited(withMessages(hi, own, hi))).body["messages"]).toEqual([hi, own, hi])
  })

  it("reads a thought among the content as one, and puts its block back", () => {
    const block = { type: "thinking", thinking: [{ type: "text", text: "hm" }], closed: true }
    const own = { role: "assistant", content: [block, { type: "text", text: "yes" }] }
    const request = edited(withMessages(hi, own, hi))
    expect(request.messages[1]?.content).toMatchObject([
      { _tag: "Reasoning", text: "hm", origin: "openai-chat" },
      { _tag: "Text", text: "yes" }
    ])
    expect(sent(request).body["messages"]).toEqual([hi, own, hi])
  })

  describe("where tools were called", () => {
    const call = (id: string): Part => ({ _tag: "ToolCall", id, name: "f", arguments: "{}" })
    const wireCall = (id: string) => ({ id, type: "function", function: { name: "f", arguments: "{}" } })
    const result = (id: string): Message => ({
      role: "tool",
      content: [{ _tag: "ToolResult", id, content: [{ _tag: "Text", text: id }] }]
    })
    const wireResult = (id: string) => ({ role: "tool", tool_call_id: id, content: id })
    const words = (role: Message["role"], text: string): Message => ({ role, content: [{ _tag: "Text", text }] })
    const written = (...messages: ReadonlyArray<Message>) => sent(said(...messages)).body["messages"]

    it("makes one message of an assistant's several before the answers", () => {
      const calls = [
        { role: "assistant", content: [call("a")] },
        { role: "assistant", content: [{ _tag: "Text", text: "and" }, call("b")] }
      ] as const
      expect(written(...calls, result("a"), result("b"), words("assistant", "done"))).toEqual([
        { role: "assistant", content: "and", tool_calls: [wireCall("a"), wireCall("b")] },
        wireResult("a"),
        wireResult("b"),
        { role: "assistant", content: "done" }
      ])
    })

    it("says after the answers what was said between them and the calls", () => {
      const calls: Message = { role: "assistant", content: [call("a"), call("b")] }
      const wireCalls = { role: "assistant", content: null, tool_calls: [wireCall("a"), wireCall("b")] }
      const [hurry, note] = [words("user", "hurry"), words("system", "note")]
      expect(written(calls, hurry, result("a"), note, result("b"), words("user", "so?"))).toEqual([
        wireCalls,
        wireResult("a"),
        wireResult("b"),
        { role: "user", content: "hurry" },
        { role: "system", content: "note" },
        { role: "user", content: "so?" }
      ])
    })

    it("moves nothing for calls that are never answered", () => {
      const dangling: Message = { role: "assistant", content: [call("a")] }
      expect(written(dangling, words("assistant", "no"), words("user", "hm"), result("z"))).toEqual([
        { role: "assistant", content: null, tool_calls: [wireCall("a")] },
        { role: "assistant", content: "no" },
        { role: "user", content: "hm" },
        wireResult("z")
      ])
    })

    it("takes an answer that stands before a call for none to it, since ids come again", () => {
      const calls = { role: "assistant", content: [call("a")] } as const
      const wireCalls = { role: "assistant", content: null, tool_calls: [wireCall("a")] }
      expect(written(calls, result("a"), calls, words("assistant", "no"))).toEqual([
        wireCalls,
        wireResult("a"),
        wireCalls,
        { role: "assistant", content: "no" }
      ])
    })
  })

  it("turns a budget of thought into an effort, and says that topK and no thinking were dropped", () => {
    const effort = (budgetTokens: number) => sent({ ...said(), reasoning: { budgetTokens } }).body["reasoning_effort"]
    expect([effort(1024), effort(4096), effort(10_000), effort(32_000)]).toEqual(["low", "low", "medium", "high"])
    const { body, dropped } = sent({ ...said(), sampling: { topK: 5 }, reasoning: { disabled: true } })
    expect(dropped).toEqual(["top_k", "reasoning"])
    expect(body).not.toHaveProperty("reasoning_effort")
  })

  const user = (part: Part): ChatRequest => said({ role: "user", content: [part] })
  const impossible: ReadonlyArray<readonly [string, ChatRequest]> = [
    [
      "a hosted tool of another wire",
      {
        ...plainRequest,
        tools: [{ _tag: "Hosted", dialect: "anthropic-messages", definition: { type: "web_search_20250305" } }]
      }
    ],
    ["a block of another wire", user({ _tag: "Opaque", dialect: "anthropic-messages", block: {} })],
    ["a document by URL", user({ _tag: "Document", source: { _tag: "Url", url: "https://example.com/a.pdf" } })],
    ["a file of another vendor", user({ _tag: "Document", source: { _tag: "FileId", id: "file_1" } })],
    ["an image of another vendor", user({ _tag: "Image", source: { _tag: "FileId", id: "file_1" } })],
    ["a sound by URL", user({ _tag: "Audio", source: { _tag: "Url", url: "gs://a" } })]
  ]
  for (const [name, request] of impossible)
    it(`is refused for ${name}, since without it it would mean something else`, () => {
      const encoded = encode(request)
      expect(Result.isFailure(encoded) ? encoded.failure.feature : "").not.toBe("")
    })
})
