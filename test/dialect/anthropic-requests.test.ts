import { describe, expect, it } from "@effect/vitest"
import { Result } from "effect"
import { modelRow } from "../../src/dialect/anthropic-messages/Models.ts"
import { anthropicMessagesInbound, anthropicMessagesOutbound } from "../../src/dialect/AnthropicMessages.ts"
import { noQuirks, type Quirks } from "../../src/dialect/Dialect.ts"
import { foreignIn } from "../../src/dialect/Foreign.ts"
import type { ChatRequest } from "../../src/domain/ChatRequest.ts"
import { allFailed, gatewayError } from "../../src/domain/GatewayError.ts"
import type { Json, JsonObject } from "../../src/domain/Json.ts"
import type { Message, Part } from "../../src/domain/Message.ts"
import { ProviderError } from "../../src/domain/ProviderError.ts"

const asked = { model: "claude-x", max_tokens: 10, messages: [{ role: "user", content: "hi" }] }
const decode = (body: Json, headers = {}) => Result.getOrThrow(anthropicMessagesInbound.decodeRequest(body, headers))
const fault = (body: Json) => Result.getOrThrow(Result.flip(anthropicMessagesInbound.decodeRequest(body, {})))
const messagesOf = (...messages: ReadonlyArray<Json>) => decode({ ...asked, messages }).messages

const request = (fields: Partial<ChatRequest> = {}): ChatRequest => ({
  model: "smart",
  delivery: "whole",
  messages: [{ role: "user", content: [text("hi")] }],
  tools: [],
  sampling: {},
  usageWanted: true,
  fallbacks: [],
  ...fields
})
const text = (words: string): Part => ({ _tag: "Text", text: words })
const said = (role: Message["role"], ...content: ReadonlyArray<Part>): Message => ({ role, content })
const target = (model: string, quirks: Partial<Quirks> = {}, maxOutputTokens?: number) => ({
  model,
  maxOutputTokens,
  quirks: { ...noQuirks, ...quirks }
})
const encoded = (fields: Partial<ChatRequest>, to = target("claude-sonnet-4-5")) =>
  Result.getOrThrow(anthropicMessagesOutbound.encodeRequest(request(fields), to))
const refused = (fields: Partial<ChatRequest>) =>
  Result.getOrThrow(Result.flip(anthropicMessagesOutbound.encodeRequest(request(fields), target("claude-sonnet-4-5"))))
const turns = (...messages: ReadonlyArray<Message>) => encoded({ messages }).body["messages"]
const tool = { _tag: "Function", name: "f", parameters: { type: "object" } } as const
const call = (id: string, args: string): Part => ({ _tag: "ToolCall", id, name: "f", arguments: args })
const result = (id: string, ...content: ReadonlyArray<{ readonly _tag: "Text"; readonly text: string }>): Part => ({
  _tag: "ToolResult",
  id,
  content
})

describe("a conversation that the vendor is to hold", () => {
  const thread = { type: "create" }

  it("goes on to the vendor, and no other wire can carry it", () => {
    expect(decode({ ...asked, thread }).wire?.body["thread"]).toEqual(thread)
    for (const wire of ["openai-chat", "openai-responses", "gemini"] as const)
      expect(foreignIn(decode({ ...asked, thread }), wire).fault?.feature).toBe("thread")
    expect(foreignIn(decode({ ...asked, thread: null }), "gemini")).toEqual({ dropped: [], fault: undefined })
  })

  it("is refused with the code on which the SDK sends all of it, among whatever else cannot be carried", () => {
    const attempt = { provider: "acme", model: "m", reason: "UnsupportedFeature" as const, millis: 1 }
    const refusals = [
      gatewayError({ _tag: "BadRequest", message: "x", param: "thread" }),
      ...["thread", "mcp_servers, thread"].map((feature) =>
        allFailed(
          new ProviderError({
            provider: "acme",
            model: "m",
            reason: { _tag: "UnsupportedFeature", message: "x", feature }
          }),
          [attempt]
        )
      )
    ]
    for (const refusal of refusals)
      expect(anthropicMessagesInbound.encodeError(refusal, "req_1")).toMatchObject({
        status: 400,
        body: {
          error: {
            type: "invalid_request_error",
            details: { error_code: "thread_unsupported_request", unsupported: ["thread"] }
          }
        }
      })
  })
})

describe("the names in a request", () => {
  const many = (count: number, prefix = "m") => Array.from({ length: count }, (_, at) => `${prefix}${at}`)

  it("are of limited length and number, and the field that is not is told", () => {
    const long = "m".repeat(257)
    expect(fault({ ...asked, model: long })).toMatchObject({
      param: "model",
      message: expect.stringContaining("256 characters")
    })
    expect(fault({ ...asked, model: "" }).param).toBe("model")
    expect(fault({ ...asked, fallbacks: ["a", long] }).param).toBe("fallbacks.1")
    expect(fault({ ...asked, models: [long] }).param).toBe("models.0")
    expect(fault({ ...asked, fallbacks: many(33) })).toMatchObject({
      param: "fallbacks",
      message: expect.stringContaining("at most 32 models")
    })
    expect(fault({ ...asked, fallbacks: many(20), models: many(20, "n") }).param).toBe("models")
  })

  it("may be as long, and as many, as that", () => {
    const fallbacks = many(31).concat("f".repeat(256))
    expect(decode({ ...asked, model: "m".repeat(256), fallbacks }).fallbacks).toEqual(fallbacks)
  })
})

describe("reading a Messages request", () => {
  const faults: ReadonlyArray<readonly [string, JsonObject, string]> = [
    ["no model", { max_tokens: 1, messages: asked.messages }, "model"],
    ["no output limit", { model: "m", messages: asked.messages }, "max_tokens"],
    ["no messages", { ...asked, messages: [] }, "messages"],
    ["an unknown role", { ...asked, messages: [{ role: "robot", content: "x" }] }, "messages.0.role"],
    ["content of the wrong type", { ...asked, messages: [{ role: "user", content: 7 }] }, "messages.0.content"],
    [
      "a text block without its text",
      { ...asked, messages: [{ role: "user", content: [{ type: "text" }] }] },
      "messages.0.content.0.text"
    ],
    [
      "an image without its data",
      {
        ...asked,
        messages: [{ role: "user", content: [{ type: "image", source: { type: "base64", media_type: "image/png" } }] }]
      },
      "messages.0.content.0.source.data"
    ],
    [
      "a fault inside a tool's result",
      {
        ...asked,
        messages: [
          { role: "user", content: [{ type: "tool_result", tool_use_id: "a", content: [{ type: "text", text: 1 }] }] }
        ]
      },
      "messages.0.content.0.content.0.text"
    ],
    ["a tool without its schema", { ...asked, tools: [{ name: "f" }] }, "tools.0.input_schema"],
    ["a named choice without the name", { ...asked, tool_choice: { type: "tool" } }, "tool_choice.name"],
    ["a temperature that is no number", { ...asked, temperature: "hot" }, "temperature"],
    ["a system block that is no block", { ...asked, system: [{}] }, "system.0.type"]
  ]
  it.each(faults)("names the field at fault: %s", (_, body, param) => {
    expect(fault(body).param).toBe(param)
  })
  it("never tells what stood in a prompt", () => {
    const secret = "my secret"
    const body = { ...asked, messages: [{ role: "user", content: [{ type: "text", text: { [secret]: secret } }] }] }
    expect(JSON.stringify(fault(body))).not.toContain(secret)
  })

  it("puts the system prompt first and keeps its cache marks", () => {
    const cache = { type: "ephemeral" }
    const { messages } = decode({ ...asked, system: [{ type: "text", text: "be kind", cache_control: cache }] })
    expect(messages[0]).toEqual({
      role: "system",
      content: [{ _tag: "Text", text: "be kind", extensions: { "anthropic-messages": { cache_control: cache } } }]
    })
  })
  it("splits a user message that carries tool results, in order", () => {
    const content = [
      { type: "tool_result", tool_use_id: "a", content: "1" },
      { type: "tool_result", tool_use_id: "b", is_error: true },
      { type: "text", text: "and now?" }
    ]
    expect(messagesOf({ role: "user", content })).toEqual([
      said("tool", result("a", { _tag: "Text", text: "1" }), {
        _tag: "ToolResult",
        id: "b",
        content: [],
        isError: true
      }),
      said("user", text("and now?"))
    ])
  })
  it("reads thoughts as its own, and blocks of server tools as opaque", () => {
    const search = { type: "server_tool_use", id: "s", name: "web_search", input: {} }
    const content = [
      { type: "thinking", thinking: "hm", signature: "sig" },
      { type: "redacted_thinking", data: "xx" },
      search,
      { type: "tool_use", id: "a", name: "f", input: { x: 1 } }
    ]
    expect(messagesOf({ role: "assistant", content })).toEqual([
      said(
        "assistant",
        { _tag: "Reasoning", text: "hm", signature: "sig", origin: "anthropic-messages" },
        { _tag: "Reasoning", text: "", redacted: "xx", origin: "anthropic-messages" },
        { _tag: "Opaque", dialect: "anthropic-messages", block: search },
        call("a", '{"x":1}')
      )
    ])
  })
  it("reads every source of a document", () => {
    const sources: ReadonlyArray<JsonObject> = [
      { type: "base64", media_type: "application/pdf", data: "AA" },
      { type: "text", media_type: "text/plain", data: "words" },
      { type: "url", url: "https://a/b.pdf" },
      { type: "file", file_id: "file_1" },
      {
        type: "content",
        content: [
          { type: "text", text: "a" },
          { type: "text", text: "b" }
        ]
      }
    ]
    const content = sources.map((source) => ({ type: "document", source, title: "t" }))
    const [message] = messagesOf({ role: "user", content })
    expect(message?.content.map((part) => (part._tag === "Document" ? [part.source, part.name] : part))).toEqual([
      [{ _tag: "Base64", mediaType: "application/pdf", data: "AA" }, "t"],
      [{ _tag: "PlainText", text: "words" }, "t"],
      [{ _tag: "Url", url: "https://a/b.pdf" }, "t"],
      [{ _tag: "FileId", id: "file_1" }, "t"],
      [{ _tag: "PlainText", text: "a\nb" }, "t"]
    ])
  })
  it("tells functions from the vendor's own tools", () => {
    const search = { type: "web_search_20250305", name: "web_search", max_uses: 2 }
    const own = { type: "custom", name: "f", input_schema: { type: "object" }, strict: true, defer_loading: true }
    const { tools } = decode({ ...asked, tools: [search, own] })
    expect(tools).toEqual([
      { _tag: "Hosted", dialect: "anthropic-messages", definition: search },
      { ...tool, strict: true, extensions: { "anthropic-messages": { type: "custom", defer_loading: true } } }
    ])
  })
  it.each([
    [{ type: "auto" }, { toolChoice: { _tag: "Auto" } }],
    [
      { type: "any", disable_parallel_tool_use: true },
      { toolChoice: { _tag: "Required" }, parallelToolCalls: false }
    ],
    [{ type: "none" }, { toolChoice: { _tag: "None" } }],
    [{ type: "tool", name: "f" }, { toolChoice: { _tag: "Named", name: "f" } }]
  ])("reads the tool choice %j", (tool_choice, expected) => {
    expect(decode({ ...asked, tool_choice })).toMatchObject(expected)
  })
  it("reads how much to think, and the schema of the answer in both its places", () => {
    const format = { type: "json_schema", schema: { type: "object" } }
    const schema = { responseFormat: { _tag: "JsonSchema", schema: { type: "object" } } }
    expect(decode({ ...asked, thinking: { type: "enabled", budget_tokens: 2000 } }).reasoning).toEqual({
      budgetTokens: 2000
    })
    expect(
      decode({ ...asked, thinking: { type: "adaptive" }, output_config: { effort: "high", format } })
    ).toMatchObject({ reasoning: { adaptive: true, effort: "high" }, ...schema })
    expect(decode({ ...asked, thinking: { type: "disabled" }, output_format: format })).toMatchObject({
      reasoning: { disabled: true },
      ...schema
    })
  })
  it("keeps its own fields to itself and gives the vendor everything else", () => {
    const body = { ...asked, service_tier: "auto", metadata: { user_id: "u" } }
    const own = { fallbacks: ["openai/gpt-5.2"], models: ["claude-x", "smart"] }
    const decoded = decode({ ...body, ...own }, { "anthropic-beta": "b", "x-api-key": "k" })
    expect(decoded.fallbacks).toEqual(["openai/gpt-5.2", "smart"])
    expect(decoded.wire).toEqual({ dialect: "anthropic-messages", body, headers: { "anthropic-beta": "b" } })
    expect(decoded.extensions?.["anthropic-messages"]).toEqual({ service_tier: "auto" })
    expect(decoded).toMatchObject({ user: "u", usageWanted: true, delivery: "whole", sampling: { maxTokens: 10 } })
  })
  it("keeps what it does not know of a message, and what stands among the messages as a system prompt", () => {
    const messages = [
      { role: "user", content: [{ type: "text", text: "hi" }], cache: 1 },
      { role: "system", content: [{ type: "text", text: "be brief" }] }
    ]
    const { wire: _, ...edited } = decode({ ...asked, messages })
    const sent = Result.getOrThrow(anthropicMessagesOutbound.encodeRequest(edited, target("claude-opus-4-8")))
    expect(sent.body["messages"]).toEqual(messages)
  })
  it("leaves fallbacks of objects, which are the vendor's own, in the body", () => {
    const body = { ...asked, fallbacks: [{ model: "claude-y" }] }
    expect(decode(body)).toMatchObject({ fallbacks: [], wire: { body } })
  })
})

describe("sending a request that came on the same wire", () => {
  it("changes the model and the delivery and leaves refused fields out", () => {
    const decoded = decode({ ...asked, temperature: 0.5, unheard_of: [1] }, { "anthropic-version": "2023-06-01" })
    const sent = encoded({ ...decoded, delivery: "live" }, target("claude-y", { refuses: ["temperature", "seed"] }))
    expect(sent).toEqual({
      body: { ...asked, model: "claude-y", unheard_of: [1], stream: true },
      headers: { "anthropic-version": "2023-06-01" },
      dropped: ["temperature"]
    })
  })
  it("says the schema in words where the vendor takes none", () => {
    const decoded = decode({ ...asked, output_config: { format: { type: "json_schema", schema: { type: "object" } } } })
    const sent = encoded(decoded, target("m", { structuredOutput: "none" }))
    expect(sent.body).not.toHaveProperty("output_config")
    expect(sent.body["system"]).toContain('{"type":"object"}')
    expect(sent.dropped).toEqual(["response_format"])
  })
  it("never brings back what a stage took out of a tool's result", () => {
    const content = [
      { type: "text", text: "call me: 555" },
      { type: "tool_reference", tool_name: "g" }
    ]
    const decoded = decode({
      ...asked,
      messages: [{ role: "user", content: [{ type: "tool_result", tool_use_id: "a", content }] }]
    })
    const { wire: _, ...edited } = decoded
    const part = decoded.messages[0]?.content[0]
    const redacted: Part =
      part?._tag === "ToolResult" ? { ...part, content: [{ _tag: "Text", text: "call me: ***" }] } : text("")
    const sent = (messages: ReadonlyArray<Message>) =>
      JSON.stringify(
        Result.getOrThrow(anthropicMessagesOutbound.encodeRequest({ ...edited, messages }, target("claude-x"))).body
      )
    expect(sent(decoded.messages)).toContain("tool_reference")
    expect(sent([said("tool", redacted)])).toContain("***")
    expect(sent([said("tool", redacted)])).not.toContain("555")
  })
})

describe("writing a request from another wire", () => {
  it("joins the system and developer prompts at the head and marks later ones", () => {
    const { body } = encoded({
      messages: [
        said("system", text("a")),
        said("developer", text("b")),
        said("user", text("c")),
        said("system", text("d"))
      ]
    })
    expect(body["system"]).toEqual([
      { type: "text", text: "a" },
      { type: "text", text: "b" }
    ])
    expect(body["messages"]).toEqual([
      {
        role: "user",
        content: [
          { type: "text", text: "c" },
          { type: "text", text: "<system>\nd\n</system>" }
        ]
      }
    ])
  })
  it("sends a lone system prompt as the user's message", () => {
    const { body } = encoded({ messages: [said("system", text("a"))] })
    expect(body["messages"]).toEqual([{ role: "user", content: [{ type: "text", text: "a" }] }])
    expect(body).not.toHaveProperty("system")
  })
  it("puts the results of calls before what else was said after them", () => {
    const [first, second] = [result("a", { _tag: "Text", text: "1" }), result("b", { _tag: "Text", text: "2" })]
    expect(
      turns(
        said("user", text("go")),
        said("assistant", call("a", "{}"), call("b", "{}")),
        said("user", text("hurry")),
        said("tool", first),
        said("system", text("note")),
        said("tool", second)
      )
    ).toMatchObject([
      { role: "user" },
      { role: "assistant" },
      {
        role: "user",
        content: [
          { type: "tool_result", tool_use_id: "a" },
          { type: "tool_result", tool_use_id: "b" },
          { type: "text", text: "hurry" },
          { type: "text", text: "<system>\nnote\n</system>" }
        ]
      }
    ])
  })

  it("joins messages so that roles alternate, and tool results with the user's next words", () => {
    expect(
      turns(
        said("user", text("a")),
        said("user", text("b")),
        said("assistant", call("1", '{"x":1}')),
        said("assistant", call("2", "")),
        said("tool", result("1", { _tag: "Text", text: "r" })),
        said("tool", result("2")),
        said("user", text("c"))
      )
    ).toEqual([
      {
        role: "user",
        content: [
          { type: "text", text: "a" },
          { type: "text", text: "b" }
        ]
      },
      {
        role: "assistant",
        content: [
          { type: "tool_use", id: "1", name: "f", input: { x: 1 } },
          { type: "tool_use", id: "2", name: "f", input: {} }
        ]
      },
      {
        role: "user",
        content: [
          { type: "tool_result", tool_use_id: "1", content: [{ type: "text", text: "r" }] },
          { type: "tool_result", tool_use_id: "2" },
          { type: "text", text: "c" }
        ]
      }
    ])
  })
  it("leaves blank text out and cuts the white space off the end of a prefill", () => {
    expect(turns(said("user", text(""), text("a"), text(" \n")), said("assistant", text("so: \n")))).toEqual([
      { role: "user", content: [{ type: "text", text: "a" }] },
      { role: "assistant", content: [{ type: "text", text: "so:" }] }
    ])
  })
  it("makes ids fit, the same for a call and its result, different for different ids", () => {
    const sent = JSON.stringify(
      turns(
        said("assistant", call("a|b", "{}"), call("a:b", "{}"), call("ok_1", "{}")),
        said("tool", result("a|b"), result("a:b"))
      )
    )
    const ids = [...sent.matchAll(/"(?:tool_use_)?id":"([^"]*)"/g)].map(([, id]) => id ?? "")
    expect(ids).toHaveLength(5)
    expect(ids.every((id) => /^[a-zA-Z0-9_-]+$/.test(id))).toBe(true)
    expect([ids[0], ids[1], ids[2]]).toEqual([ids[3], ids[4], "ok_1"])
    expect(ids[0]).not.toBe(ids[1])
  })
  it("sends back only thoughts that this vendor signed", () => {
    const own = { _tag: "Reasoning", text: "hm", signature: "s", origin: "anthropic-messages" } as const
    const foreign = { ...own, origin: "gemini" }
    const unsigned = { _tag: "Reasoning", text: "hm", origin: "anthropic-messages" } as const
    expect(turns(said("assistant", foreign, unsigned, own, text("a")))).toEqual([
      {
        role: "assistant",
        content: [
          { type: "thinking", thinking: "hm", signature: "s" },
          { type: "text", text: "a" }
        ]
      }
    ])
  })
  it("sends images and documents in its own shapes", () => {
    const user = said(
      "user",
      { _tag: "Image", source: { _tag: "Base64", mediaType: "image/png", data: "AA" } },
      { _tag: "Image", source: { _tag: "Url", url: "https://a/b" } },
      { _tag: "Document", source: { _tag: "Base64", mediaType: "application/pdf", data: "AA" }, name: "n" },
      { _tag: "Document", source: { _tag: "Base64", mediaType: "text/markdown", data: "aGk=" } },
      { _tag: "Document", source: { _tag: "PlainText", text: "hi" } }
    )
    const plain = { type: "text", media_type: "text/plain", data: "hi" }
    expect(turns(user)).toEqual([
      {
        role: "user",
        content: [
          { type: "image", source: { type: "base64", media_type: "image/png", data: "AA" } },
          { type: "image", source: { type: "url", url: "https://a/b" } },
          { type: "document", source: { type: "base64", media_type: "application/pdf", data: "AA" }, title: "n" },
          { type: "document", source: plain },
          { type: "document", source: plain }
        ]
      }
    ])
  })

  const impossible: ReadonlyArray<readonly [string, Partial<ChatRequest>, string]> = [
    ["sound", { messages: [said("user", { _tag: "Audio", source: { _tag: "Url", url: "u" } })] }, "audio"],
    ["several answers", { sampling: { n: 2 } }, "n"],
    ["arguments that are no object", { messages: [said("assistant", call("a", "[1"))] }, "tool calls"],
    [
      "a file uploaded elsewhere",
      { messages: [said("user", { _tag: "Image", source: { _tag: "FileId", id: "file-abc" } })] },
      "uploaded files"
    ],
    [
      "a block of another wire",
      { messages: [said("assistant", { _tag: "Opaque", dialect: "gemini", block: { type: "executableCode" } })] },
      "executableCode"
    ],
    [
      "a tool of another wire",
      { tools: [{ _tag: "Hosted", dialect: "openai-responses", definition: { type: "web_search" } }] },
      "web_search"
    ],
    [
      "a document nobody can read",
      { messages: [said("user", { _tag: "Document", source: { _tag: "Base64", mediaType: "a/b", data: "" } })] },
      "documents"
    ]
  ]
  it.each(impossible)("refuses %s before any call", (_, fields, feature) => {
    expect(refused(fields).feature).toBe(feature)
  })

  it("tells what it dropped", () => {
    const sampling = {
      seed: 1,
      presencePenalty: 1,
      frequencyPenalty: 0,
      logprobs: true,
      temperature: 1.7,
      stop: ["\n", "x"]
    }
    const { body, dropped } = encoded({ sampling, metadata: { team: "a" }, responseFormat: { _tag: "JsonObject" } })
    expect(body).toMatchObject({ temperature: 1, stop_sequences: ["x"] })
    expect([...dropped].sort()).toEqual(
      ["logprobs", "metadata", "presence_penalty", "response_format", "seed", "stop", "temperature"].sort()
    )
  })
  it("uses the wire's own field for an answer held to a schema", () => {
    const asked = (schema: JsonObject) => encoded({ responseFormat: { _tag: "JsonSchema", name: "x", schema } })
    const properties = { a: { type: "string" } }
    const closed = { type: "object", properties, additionalProperties: false }
    const { body, dropped } = asked({ type: "object", properties })
    expect(body["output_config"]).toEqual({ format: { type: "json_schema", schema: closed } })
    expect(dropped).toEqual([])
    expect(asked({ type: "object", properties: { a: { type: "string", minLength: 2 } } }).dropped).toEqual([
      "response_format.json_schema"
    ])
    // what the vendor's part of JSON Schema cannot say is said in words
    const any = asked({ type: "object" })
    expect(any.body).not.toHaveProperty("output_config")
    expect(JSON.stringify(any.body["system"])).toContain("JSON Schema")
    expect(any.dropped).toEqual(["response_format"])
  })
  it("cannot be written without any content", () => {
    expect(refused({ messages: [said("user", text(""))] }).feature).toBe("empty messages")
  })
  it("gives every function an object's schema and drops a choice without tools", () => {
    expect(encoded({ tools: [{ _tag: "Function", name: "f" }] }).body["tools"]).toEqual([
      { name: "f", input_schema: { type: "object", properties: {} } }
    ])
    expect(encoded({ toolChoice: { _tag: "Required" } }).body).not.toHaveProperty("tool_choice")
    expect(encoded({ tools: [tool], parallelToolCalls: false }).body["tool_choice"]).toEqual({
      type: "auto",
      disable_parallel_tool_use: true
    })
  })

  it("names an output limit where the caller did not, and keeps to the model's", () => {
    const limit = (fields: Partial<ChatRequest>, most?: number, model = "claude-sonnet-4-5") =>
      encoded(fields, target(model, {}, most)).body["max_tokens"]
    expect(limit({})).toBe(8192)
    expect(limit({}, 4096)).toBe(4096)
    expect(limit({ sampling: { maxTokens: 10_000 } }, 4096)).toBe(4096)
    expect(limit({ reasoning: { budgetTokens: 10_000 } })).toBe(18_192)
    expect(limit({ reasoning: { effort: "high" } }, undefined, "claude-opus-5")).toBe(32_000)
  })
})

describe("how each generation is told to think", () => {
  const cases: ReadonlyArray<readonly [string, NonNullable<ChatRequest["reasoning"]>, JsonObject]> = [
    ["claude-3-5-haiku-latest", { effort: "high" }, {}],
    ["claude-3-7-sonnet-20250219", { effort: "low" }, { thinking: { type: "enabled", budget_tokens: 2048 } }],
    ["claude-sonnet-4-5-20250929", { effort: "medium" }, { thinking: { type: "enabled", budget_tokens: 8192 } }],
    ["anthropic.claude-opus-4-1-v1:0", { effort: "none" }, { thinking: { type: "disabled" } }],
    ["claude-sonnet-4.6", { effort: "xhigh" }, { thinking: { type: "adaptive" }, output_config: { effort: "high" } }],
    ["claude-opus-4-6", { budgetTokens: 5000 }, { thinking: { type: "enabled", budget_tokens: 5000 } }],
    ["claude-opus-4-8", { effort: "xhigh" }, { thinking: { type: "adaptive" }, output_config: { effort: "xhigh" } }],
    [
      "claude-opus-4-8",
      { budgetTokens: 9000 },
      { thinking: { type: "adaptive" }, output_config: { effort: "medium" } }
    ],
    ["claude-opus-4-7", { disabled: true }, {}],
    ["claude-opus-5", { disabled: true }, { thinking: { type: "disabled" } }],
    ["claude-sonnet-5", { effort: "minimal" }, { thinking: { type: "adaptive" }, output_config: { effort: "low" } }],
    ["claude-sonnet-5-5", { disabled: true }, {}],
    ["claude-next", { adaptive: true }, { thinking: { type: "adaptive" } }],
    ["kimi-k2", { effort: "high" }, { thinking: { type: "enabled", budget_tokens: 16_384 } }]
  ]
  it.each(cases)("%s asked for %j", (model, reasoning, expected) => {
    const { body } = encoded({ reasoning }, target(model))
    expect({
      ...("thinking" in body ? { thinking: body["thinking"] } : {}),
      ...("output_config" in body ? { output_config: body["output_config"] } : {})
    }).toEqual(expected)
  })
  it("says so where a model cannot be told", () => {
    expect(encoded({ reasoning: { effort: "high" } }, target("claude-3-haiku")).dropped).toEqual(["reasoning"])
    expect(encoded({ reasoning: { disabled: true } }, target("claude-fable-5")).dropped).toEqual(["reasoning"])
  })
  it("leaves a budget out where the vendor would refuse it", () => {
    const reasoning = { effort: "high" } as const
    const toolTurn = [said("user", text("a")), said("assistant", call("1", "{}")), said("tool", result("1"))]
    for (const fields of [
      { reasoning, sampling: { maxTokens: 1000 } },
      { reasoning, tools: [tool], toolChoice: { _tag: "Required" } },
      { reasoning, messages: toolTurn }
    ] as const) {
      const { body, dropped } = encoded(fields)
      expect(body).not.toHaveProperty("thinking")
      expect(dropped).toEqual(["reasoning"])
    }
    expect(encoded({ reasoning, sampling: { maxTokens: 5000 } }).body["thinking"]).toEqual({
      type: "enabled",
      budget_tokens: 4999
    })
  })
  it("leaves out the sampling that a generation refuses, and tells it unless it was the default", () => {
    const sampling = { temperature: 0.2, topP: 0.9, topK: 4 }
    expect(encoded({ sampling }, target("claude-opus-4-8")).dropped).toEqual(["temperature", "top_p", "top_k"])
    expect(encoded({ sampling: { temperature: 1, topP: 1 } }, target("claude-opus-4-8")).dropped).toEqual([])
    expect(encoded({ sampling }, target("claude-sonnet-4-5"))).toMatchObject({
      body: { temperature: 0.2, top_k: 4 },
      dropped: ["top_p"]
    })
    expect(encoded({ sampling }, target("claude-3-haiku")).dropped).toEqual([])
    expect(encoded({ sampling, reasoning: { effort: "low" } }).dropped).toEqual(["temperature", "top_p", "top_k"])
  })
  it("takes names it does not know for newer Claudes or for compatible vendors", () => {
    expect(modelRow("claude-opus-9")).toMatchObject({ thinking: "adaptive", off: "never", sampling: "none" })
    expect(modelRow("glm-4.6")).toMatchObject({ thinking: "budget", sampling: "any" })
  })
})
