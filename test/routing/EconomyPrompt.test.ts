/**
 * What is added to the instructions reaches each vendor in its own wire, whatever wire the caller speaks.
 */
import { assert, describe, it } from "@effect/vitest"
import { Result } from "effect"
import { anthropicMessagesInbound, anthropicMessagesOutbound } from "../../src/dialect/AnthropicMessages.ts"
import { noQuirks } from "../../src/dialect/Dialect.ts"
import { geminiInbound, geminiOutbound } from "../../src/dialect/Gemini.ts"
import { openAiChatInbound, openAiChatOutbound } from "../../src/dialect/OpenAiChat.ts"
import { openAiResponsesInbound, openAiResponsesOutbound } from "../../src/dialect/OpenAiResponses.ts"
import type { ChatRequest } from "../../src/domain/ChatRequest.ts"
import type { Json } from "../../src/domain/Json.ts"
import { withInstructions } from "../../src/routing/EconomyPrompt.ts"

const own = "You are a cook."
const added = "Use short sentences."
const gemini = geminiInbound({ model: "m", delivery: "whole" })

const inbound = {
  chat: {
    dialect: openAiChatInbound,
    body: { model: "m", messages: [{ role: "user", content: "hi" }] },
    instructed: {
      model: "m",
      messages: [
        { role: "developer", content: own },
        { role: "user", content: "hi" }
      ]
    }
  },
  responses: {
    dialect: openAiResponsesInbound,
    body: { model: "m", input: "hi", store: false },
    instructed: { model: "m", input: "hi", instructions: own, store: false }
  },
  messages: {
    dialect: anthropicMessagesInbound,
    body: { model: "m", max_tokens: 50, messages: [{ role: "user", content: "hi" }] },
    instructed: {
      model: "m",
      max_tokens: 50,
      system: [
        { type: "text", text: "First." },
        { type: "text", text: own, cache_control: { type: "ephemeral" } }
      ],
      messages: [{ role: "user", content: "hi" }]
    }
  },
  gemini: {
    dialect: gemini,
    body: { contents: [{ role: "user", parts: [{ text: "hi" }] }] },
    instructed: {
      systemInstruction: { parts: [{ text: own }] },
      contents: [{ role: "user", parts: [{ text: "hi" }] }]
    }
  }
}
const outbound = {
  chat: [openAiChatOutbound, "gpt-4o"],
  responses: [openAiResponsesOutbound, "gpt-4o"],
  messages: [anthropicMessagesOutbound, "claude-haiku-4-5"],
  gemini: [geminiOutbound, "gemini-2.5-flash"]
} as const

const success = <A, E>(result: Result.Result<A, E>): A => {
  assert.isTrue(Result.isSuccess(result), JSON.stringify(result))
  return Result.getOrThrow(result)
}
const sent = (request: ChatRequest, to: keyof typeof outbound) => {
  const [dialect, model] = outbound[to]
  return success(dialect.encodeRequest({ ...request, model }, { model, maxOutputTokens: 1000, quirks: noQuirks })).body
}

/** Where each wire has its instructions, as they are written there. */
const instructionsIn = (body: { readonly [key: string]: Json | undefined }): string =>
  JSON.stringify([
    body["system"] ?? body["systemInstruction"] ?? body["instructions"] ?? null,
    Array.isArray(body["messages"]) ? body["messages"][0] : null,
    Array.isArray(body["input"]) ? body["input"][0] : null
  ])

describe("instructions that are added", () => {
  for (const from of ["chat", "responses", "messages", "gemini"] as const)
    for (const to of ["chat", "responses", "messages", "gemini"] as const)
      it(`reach ${to} from a caller who speaks ${from}, after the caller's own`, () => {
        const { body, dialect, instructed } = inbound[from]
        const plain = success(dialect.decodeRequest(body, {}))
        const withOwn = success(dialect.decodeRequest(instructed, {}))
        const alone = instructionsIn(sent(withInstructions(plain, added), to))
        assert.include(alone, added)
        assert.notInclude(alone, "cook")
        const both = instructionsIn(sent(withInstructions(withOwn, added), to))
        assert.include(both, `${own}\\n\\n${added}`)
        // whoever else is asked is sent what the caller wrote
        assert.notInclude(JSON.stringify(sent(withOwn, to)), added)
        assert.include(instructionsIn(sent(withOwn, to)), own)
      })
  it("leave everything else as it was said", () => {
    const { dialect, instructed } = inbound.messages
    const request = success(dialect.decodeRequest(instructed, {}))
    const edited = withInstructions(request, added)
    assert.deepStrictEqual(
      edited.messages.filter(({ role }) => role !== "system"),
      request.messages.filter(({ role }) => role !== "system")
    )
    const { messages: _edited, ...rest } = edited
    const { messages: _messages, wire: _wire, ...before } = request
    assert.deepStrictEqual(rest, before)
  })
})
