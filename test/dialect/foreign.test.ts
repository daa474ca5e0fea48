import { describe, expect, it } from "@effect/vitest"
import { Result } from "effect"
import { anthropicMessagesInbound, anthropicMessagesOutbound } from "../../src/dialect/AnthropicMessages.ts"
import { type InboundDialect, noQuirks, type OutboundDialect } from "../../src/dialect/Dialect.ts"
import { foreignFields, foreignIn } from "../../src/dialect/Foreign.ts"
import { geminiInbound } from "../../src/dialect/Gemini.ts"
import { openAiChatInbound, openAiChatOutbound } from "../../src/dialect/OpenAiChat.ts"
import { isJsonObject, type Json, type JsonObject } from "../../src/domain/Json.ts"
import { plainRequest } from "./laws/laws.ts"

const gemini = geminiInbound({ model: "m", delivery: "whole" })
const messages = [{ role: "user", content: "hi" }]
const chat = { model: "m", messages }
const anthropic = { model: "m", max_tokens: 10, messages }
const contents = { contents: [{ role: "user", parts: [{ text: "hi" }] }] }

const encode = (from: InboundDialect, body: JsonObject, to: OutboundDialect) =>
  to.encodeRequest(Result.getOrThrow(from.decodeRequest(body, {})), {
    model: "m",
    maxOutputTokens: undefined,
    quirks: noQuirks
  })
const dropped = (from: InboundDialect, body: JsonObject, to: OutboundDialect) =>
  Result.getOrThrow(encode(from, body, to)).dropped
const feature = (from: InboundDialect, body: JsonObject, to: OutboundDialect) =>
  Result.getOrThrow(Result.flip(encode(from, body, to))).feature

describe("fields that only another wire has", () => {
  it("are told as dropped where they only tune", () => {
    expect(dropped(openAiChatInbound, { ...chat, logit_bias: { "1": 5 } }, anthropicMessagesOutbound)).toEqual([
      "logit_bias"
    ])
    const safetySettings = [{ category: "HARM_CATEGORY_HATE_SPEECH", threshold: "BLOCK_LOW_AND_ABOVE" }]
    expect(dropped(gemini, { ...contents, safetySettings }, openAiChatOutbound)).toEqual(["safetySettings"])
    const thinking = { type: "adaptive", display: "summarized" }
    expect(dropped(anthropicMessagesInbound, { ...anthropic, thinking }, openAiChatOutbound)).toEqual([
      "thinking.display"
    ])
  })

  it("are refused by name where they mean something", () => {
    const search = { ...chat, web_search_options: {} }
    expect(feature(openAiChatInbound, search, anthropicMessagesOutbound)).toBe("web_search_options")
    const speaks = { ...contents, generationConfig: { responseModalities: ["AUDIO"] } }
    expect(feature(gemini, speaks, openAiChatOutbound)).toBe("generationConfig.responseModalities")
    expect(feature(gemini, { ...contents, cachedContent: "c" }, anthropicMessagesOutbound)).toBe("cachedContent")
    const remote = { ...anthropic, mcp_servers: [{ type: "url", name: "s", url: "https://example.com" }] }
    expect(feature(anthropicMessagesInbound, remote, openAiChatOutbound)).toBe("mcp_servers")
  })

  it("are told where they say nothing about the answer but its price, and not where they say nothing at all", () => {
    expect(dropped(openAiChatInbound, { ...chat, prompt_cache_key: "k" }, anthropicMessagesOutbound)).toEqual([
      "prompt_cache_key"
    ])
    expect(dropped(openAiChatInbound, { ...chat, store: false }, anthropicMessagesOutbound)).toEqual([])
    const written = { ...contents, generationConfig: { responseModalities: ["TEXT"] } }
    expect(dropped(gemini, written, openAiChatOutbound)).toEqual([])
  })

  it("are told by any name a caller gives them", () => {
    for (const name of ["__proto__", "constructor", "toString"]) {
      const odd: JsonObject = Object.fromEntries([...Object.entries(anthropic), [name, {}]])
      expect(dropped(anthropicMessagesInbound, odd, openAiChatOutbound)).toEqual([name])
    }
  })

  it("stay with their own wire", () => {
    const own = { ...chat, web_search_options: {}, logit_bias: { "1": 5 } }
    expect(Result.getOrThrow(encode(openAiChatInbound, own, openAiChatOutbound))).toMatchObject({
      body: own,
      dropped: []
    })
  })

  for (const [label, { meaning, plain }] of foreignFields) {
    const said = (path: string, value: Json = "x") => {
      const field = path.split(".").reduceRight((inner: Json, key): JsonObject => ({ [key]: inner }), value)
      if (!isJsonObject(field)) throw new TypeError(path)
      const to = label === "openai-chat" ? "anthropic-messages" : "openai-chat"
      return foreignIn({ ...plainRequest, extensions: { [label]: field } }, to)
    }
    it.each(meaning)(`of ${label}: %s is refused by its path`, (path) => {
      expect(said(path).fault?.feature).toBe(path)
    })
    it.each(Object.entries(plain).flatMap(([path, values]) => values.map((value) => [path, value] as const)))(
      `of ${label}: %s is not told where it is %s`,
      (path, value) => {
        expect(said(path, value)).toEqual({ dropped: [], fault: undefined })
      }
    )
  }
})
