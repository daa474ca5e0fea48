import { assert, describe, it } from "@effect/vitest"
import { Result } from "effect"
import {
  isFirstChoice,
  isKeepable,
  isKeepableStream,
  isSelfContained,
  isTemperatureZero
} from "../../src/cache/Keepable.ts"
import type { InboundDialect } from "../../src/dialect/Dialect.ts"
import { geminiInbound } from "../../src/dialect/Gemini.ts"
import { openAiChatInbound } from "../../src/dialect/OpenAiChat.ts"
import { openAiResponsesInbound } from "../../src/dialect/OpenAiResponses.ts"
import type { Served } from "../../src/domain/Answer.ts"
import type { ChatEvent, Frame } from "../../src/domain/ChatEvent.ts"
import type { ChatRequest } from "../../src/domain/ChatRequest.ts"
import type { ChatResponse, FinishReason } from "../../src/domain/ChatResponse.ts"
import type { JsonObject } from "../../src/domain/Json.ts"
import type { Part } from "../../src/domain/Message.ts"
import { chatRequest } from "../provider/requests.ts"

const served: Served = { provider: "acme", model: "large-1", attempts: [], fallback: undefined, dropped: [] }
const text: Part = { _tag: "Text", text: "hello" }
const said = (content: ReadonlyArray<Part>, finishReason: FinishReason = "stop"): ChatResponse => ({
  id: "1",
  model: "m",
  choices: [{ index: 0, content, finishReason }]
})
const frames = (...events: ReadonlyArray<ChatEvent>): ReadonlyArray<Frame> =>
  events.map((event) => ({ events: [event], wire: undefined }))
const delta: ChatEvent = { _tag: "TextDelta", choice: 0, text: "hello" }
const finished = (reason: FinishReason = "stop", choice = 0): ChatEvent => ({ _tag: "Finished", choice, reason })
const ended: ChatEvent = { _tag: "Ended" }

const request = chatRequest()
const reasons: ReadonlyArray<readonly [FinishReason, boolean]> = [
  ["stop", true],
  ["stop_sequence", true],
  ["tool_calls", true],
  ["length", false],
  ["content_filter", false],
  ["refusal", false],
  ["pause", false],
  ["other", false]
]

describe("an answer that may be kept", () => {
  it.each(reasons)("ended by %s: %s", (reason, may) => {
    assert.strictEqual(isKeepable(request, served, said([text], reason)), may)
    assert.strictEqual(isKeepableStream(request, served, frames(delta, finished(reason), ended)), may)
  })
  it("stopped at the caller's own limit, and at no other", () => {
    const limited = chatRequest({ sampling: { maxTokens: 5 } })
    const given: Served = { ...served, outputLimit: 5 }
    const rows: ReadonlyArray<readonly [ChatRequest, Served, outputTokens: number | undefined, may: boolean]> = [
      [limited, served, 5, true],
      // its context window was full
      [limited, served, 4, false],
      [limited, served, undefined, false],
      [request, served, 5, false],
      [request, given, 5, false]
    ]
    for (const [asked, by, outputTokens, may] of rows) {
      const usage = outputTokens === undefined ? undefined : { inputTokens: 1, outputTokens }
      const whole = said([text], "length")
      assert.strictEqual(isKeepable(asked, by, usage === undefined ? whole : { ...whole, usage }), may)
      const told: ReadonlyArray<ChatEvent> = usage === undefined ? [] : [{ _tag: "UsageReported", usage }]
      assert.strictEqual(isKeepableStream(asked, by, frames(delta, finished("length"), ...told, ended)), may)
    }
  })
  const parts: ReadonlyArray<readonly [string, ReadonlyArray<Part>, boolean]> = [
    ["thought before the text", [{ _tag: "Reasoning", text: "hm", signature: "s" }, text], true],
    ["a call of a tool", [{ _tag: "ToolCall", id: "1", name: "f", arguments: "{}" }], true],
    ["a refusal in words", [{ _tag: "Refusal", text: "no" }], false],
    ["a block of the vendor's own", [text, { _tag: "Opaque", dialect: "anthropic-messages", block: {} }], false],
    ["sound, which expires", [{ _tag: "Audio", source: { _tag: "FileId", id: "1" } }], false],
    ["nothing", [], false],
    ["an empty text", [{ _tag: "Text", text: "" }], false]
  ]
  it.each(parts)("holds %s", (_, content, may) => {
    assert.strictEqual(isKeepable(request, served, said(content)), may)
  })
  const events: ReadonlyArray<readonly [string, ReadonlyArray<ChatEvent>, boolean]> = [
    ["its end", [delta, finished(), ended], true],
    ["no end", [delta, finished()], false],
    ["no finish", [delta, ended], false],
    ["nothing", [finished(), ended], false],
    ["a refusal", [delta, { _tag: "RefusalDelta", choice: 0, text: "no" }, finished(), ended], false],
    [
      "a block of the vendor's own",
      [delta, { _tag: "OpaqueBlock", choice: 0, part: { _tag: "Opaque", dialect: "x", block: {} } }, finished(), ended],
      false
    ],
    [
      "a cited page",
      [delta, { _tag: "CitationAdded", choice: 0, citation: { url: "https://a.example" } }, finished(), ended],
      false
    ],
    [
      "a cited document of the caller's",
      [delta, { _tag: "CitationAdded", choice: 0, citation: { title: "mine" } }, finished(), ended],
      true
    ],
    [
      "a search",
      [delta, finished(), { _tag: "UsageReported", usage: { inputTokens: 1, outputTokens: 1, webSearches: 1 } }, ended],
      false
    ],
    [
      "no search",
      [delta, finished(), { _tag: "UsageReported", usage: { inputTokens: 1, outputTokens: 1, webSearches: 0 } }, ended],
      true
    ],
    [
      "somebody who went on",
      [
        delta,
        {
          _tag: "Resumed",
          provider: "a",
          model: "b",
          after: { provider: "c", model: "d", reason: "Network" },
          by: "turn"
        },
        delta,
        finished(),
        ended
      ],
      false
    ]
  ]
  it.each(events)("streamed %s", (_, events, may) => {
    assert.strictEqual(isKeepableStream(request, served, frames(...events)), may)
  })
  it("was stopped at that limit in each of its choices", () => {
    const two = chatRequest({ sampling: { n: 2, maxTokens: 5 } })
    const choice = said([text], "length").choices[0]
    const cut = (outputTokens: number): ChatResponse => ({
      ...said([text], "length"),
      choices: [choice, { ...choice, index: 1 }],
      usage: { inputTokens: 1, outputTokens }
    })
    assert.isTrue(isKeepable(two, served, cut(10)))
    // together they are as long as one may be, but one was cut by something else
    assert.isFalse(isKeepable(two, served, cut(9)))
  })
  it("has as many choices as were asked for", () => {
    const two = chatRequest({ sampling: { n: 2 } })
    assert.isFalse(isKeepable(two, served, said([text])))
    const both = said([text])
    assert.isTrue(isKeepable(two, served, { ...both, choices: [...both.choices, { ...both.choices[0], index: 1 }] }))
    assert.isFalse(isKeepableStream(two, served, frames(delta, finished(), ended)))
    assert.isTrue(isKeepableStream(two, served, frames(delta, finished("stop", 1), finished(), ended)))
  })
  it("cites no page, and had no search go into it", () => {
    const one = said([text])
    const cites = (url: string | undefined) =>
      ({ ...one, choices: [{ ...one.choices[0], citations: [url === undefined ? { title: "t" } : { url }] }] }) as const
    assert.isFalse(isKeepable(request, served, cites("https://a.example")))
    assert.isTrue(isKeepable(request, served, cites(undefined)))
    assert.isFalse(isKeepable(request, served, { ...one, usage: { inputTokens: 1, outputTokens: 1, webSearches: 2 } }))
  })
  it("is the first choice's, or a cheaper model's that a budget chose, and of no model that searches by itself", () => {
    assert.isTrue(isFirstChoice(served))
    assert.isTrue(isFirstChoice({ ...served, fallback: "BudgetTier" }))
    for (const fallback of ["RateLimited", "CircuitOpen", "BudgetExhausted", "Outrun"])
      assert.isFalse(isFirstChoice({ ...served, fallback }), fallback)
    for (const model of [
      "sonar-pro",
      "perplexity/sonar",
      "gpt-4o-search-preview",
      "openai/gpt-5.2:online",
      "groq/compound-mini"
    ])
      assert.isFalse(isFirstChoice({ ...served, model }), model)
  })
})

describe("a request that may be answered from the cache", () => {
  it("states temperature zero, or another one where any will do", () => {
    for (const [temperature, is] of [
      [0, true],
      [0.01, false],
      [1, false]
    ] as const)
      assert.strictEqual(isTemperatureZero(chatRequest({ sampling: { temperature } })), is)
    assert.isFalse(isTemperatureZero(request))
  })
  const bodies: ReadonlyArray<readonly [JsonObject, boolean]> = [
    [{}, true],
    [{ previous_response_id: "resp_1" }, false],
    [{ previous_response_id: null }, true],
    [{ conversation: "c" }, false],
    [{ container: "c" }, false],
    [{ cachedContent: "c" }, false],
    [{ web_search_options: {} }, false],
    [{ search_parameters: { mode: "auto" } }, false],
    [{ plugins: [{ id: "web" }] }, false],
    [{ mcp_servers: [] }, false],
    [{ data_sources: [{ type: "azure_search", parameters: {} }] }, false]
  ]
  it.each(bodies)("has nothing of what the vendor holds or looks up: %j %s", (body, is) => {
    const wired: ChatRequest = chatRequest({ wire: { dialect: "openai-chat", body, headers: {} } })
    assert.strictEqual(isSelfContained(wired), is)
  })
  it("has nothing behind an address in parts that only its own wire knows", () => {
    const video = "https://a.example/today.mp4"
    const chat = (part: JsonObject) => ({ model: "m", messages: [{ role: "user", content: [part] }] })
    const gemini = geminiInbound({ model: "m", delivery: "whole" })
    const content = (part: JsonObject) => ({ contents: [{ role: "user", parts: [part] }] })
    const shot = (image_url: string) => ({
      model: "m",
      input: [{ type: "computer_call_output", call_id: "c", output: { type: "computer_screenshot", image_url } }]
    })
    const rows: ReadonlyArray<readonly [InboundDialect, JsonObject, boolean]> = [
      [openAiChatInbound, chat({ type: "video_url", video_url: { url: video } }), false],
      [openAiChatInbound, chat({ type: "video_url", video_url: { url: "data:video/mp4;base64,aGk=" } }), true],
      [openAiChatInbound, chat({ type: "document_url", document_url: video }), false],
      [openAiChatInbound, chat({ type: "file", file: { filename: "a", file_data: "https://a.example/a.pdf" } }), false],
      [openAiChatInbound, chat({ type: "later", text: video }), true],
      [gemini, content({ fileData: { fileUri: "https://www.youtube.com/watch?v=1", mimeType: "video/mp4" } }), false],
      [gemini, content({ fileData: { fileUri: "gs://bucket/a.mp4", mimeType: "video/mp4" } }), false],
      [gemini, content({ inlineData: { data: "aGk=", mimeType: "video/mp4" } }), true],
      [openAiResponsesInbound, shot("https://a.example/a.png"), false],
      [openAiResponsesInbound, shot("data:image/png;base64,aGk="), true]
    ]
    for (const [dialect, body, is] of rows) {
      const decoded = dialect.decodeRequest(body, {})
      if (Result.isFailure(decoded)) assert.fail(`${JSON.stringify(body)}: ${decoded.failure.message}`)
      assert.strictEqual(isSelfContained(decoded.success), is, JSON.stringify(body))
    }
  })
  it("brings its pictures and documents along", () => {
    const source = { _tag: "Url", url: "https://a.example/today.png" } as const
    const inline = { _tag: "Base64", mediaType: "image/png", data: "aGk=" } as const
    const asking = (...content: ReadonlyArray<Part>) =>
      isSelfContained(chatRequest({ messages: [{ role: "user", content }] }))
    assert.isFalse(asking(text, { _tag: "Image", source }))
    assert.isFalse(asking({ _tag: "Document", source }))
    assert.isFalse(asking({ _tag: "ToolResult", id: "1", content: [{ _tag: "Image", source }] }))
    assert.isTrue(asking(text, { _tag: "Image", source: inline }, { _tag: "Document", source: inline }))
  })
})
