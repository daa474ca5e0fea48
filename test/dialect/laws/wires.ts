/**
 * The four wires, for tests that say one thing over all of them.
 *
 * @module
 */
import { anthropicMessagesInbound, anthropicMessagesOutbound } from "../../../src/dialect/AnthropicMessages.ts"
import type { InboundDialect, OutboundDialect } from "../../../src/dialect/Dialect.ts"
import { geminiInbound, geminiOutbound } from "../../../src/dialect/Gemini.ts"
import { openAiChatInbound, openAiChatOutbound } from "../../../src/dialect/OpenAiChat.ts"
import { openAiResponsesInbound, openAiResponsesOutbound } from "../../../src/dialect/OpenAiResponses.ts"

export type Wire = "chat" | "responses" | "messages" | "gemini"
export const wires: ReadonlyArray<Wire> = ["chat", "responses", "messages", "gemini"]

export const outbound: { readonly [W in Wire]: OutboundDialect } = {
  chat: openAiChatOutbound,
  responses: openAiResponsesOutbound,
  messages: anthropicMessagesOutbound,
  gemini: geminiOutbound
}

export const inbound: { readonly [W in Wire]: InboundDialect } = {
  chat: openAiChatInbound,
  responses: openAiResponsesInbound,
  messages: anthropicMessagesInbound,
  gemini: geminiInbound({ model: "m", delivery: "whole" })
}
