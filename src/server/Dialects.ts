/**
 * Which wire a caller speaks, and therefore in which shape it is told what went wrong.
 *
 * A path under a dialect's own prefix is that dialect's, served or not. Everywhere else (`/v1/models`, unknown paths) a
 * caller that sends `anthropic-version` is Anthropic's and one that sends `x-goog-api-key` is Google's, as no other
 * clients do that; everybody else is OpenAI's.
 *
 * @module
 */
import { anthropicMessagesInbound } from "../dialect/AnthropicMessages.ts"
import type { HeaderMap, InboundDialect } from "../dialect/Dialect.ts"
import { geminiInbound } from "../dialect/Gemini.ts"
import { openAiChatInbound } from "../dialect/OpenAiChat.ts"
import { openAiResponsesInbound } from "../dialect/OpenAiResponses.ts"
import { isGeminiPath } from "./GeminiPaths.ts"

/** For what is no chat: errors, lists of models. */
const gemini = geminiInbound({ model: "", delivery: "whole" })

/** Path prefixes, the first that fits decides. */
const prefixes: ReadonlyArray<readonly [string, InboundDialect]> = [
  ["/v1/messages", anthropicMessagesInbound],
  ["/v1/responses", openAiResponsesInbound],
  ["/v1/chat", openAiChatInbound],
  ["/v1/embeddings", openAiChatInbound]
]

/** The dialect of a request to `path`. */
export const dialectOf = (path: string, headers: HeaderMap): InboundDialect => {
  for (const [prefix, dialect] of prefixes) {
    if (path === prefix || path.startsWith(`${prefix}/`)) return dialect
  }
  if (isGeminiPath(path)) return gemini
  if (headers["anthropic-version"] !== undefined) return anthropicMessagesInbound
  return headers["x-goog-api-key"] === undefined ? openAiChatInbound : gemini
}

/** Is this a path of the admin API, served or not? It has a shape of its own for errors, and no dialect. */
export const isAdminPath = (path: string): boolean => path === "/admin" || path.startsWith("/admin/")

/** The path of a request target, without query and doubled slashes. */
export const pathOf = (url: string): string => {
  const end = url.search(/[?#]/)
  const path = end === -1 ? url : url.slice(0, end)
  return path.includes("//") ? path.replace(/\/{2,}/g, "/") : path
}
