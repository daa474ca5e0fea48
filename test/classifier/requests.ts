/** Requests to classify. */
import type { ChatRequest } from "../../src/domain/ChatRequest.ts"
import type { Message, Part } from "../../src/domain/Message.ts"

export const says = (role: Message["role"], ...texts: ReadonlyArray<string>): Message => ({
  role,
  content: texts.map((text): Part => ({ _tag: "Text", text }))
})

export const user = (...texts: ReadonlyArray<string>): Message => says("user", ...texts)
export const assistant = (...texts: ReadonlyArray<string>): Message => says("assistant", ...texts)

export const toolResult = (text: string): Message => ({
  role: "tool",
  content: [{ _tag: "ToolResult", id: "call_1", content: [{ _tag: "Text", text }] }]
})

export const requestOf = (...messages: ReadonlyArray<Message>): ChatRequest => ({
  model: "auto",
  delivery: "whole",
  messages,
  tools: [],
  sampling: {},
  usageWanted: false,
  fallbacks: []
})
