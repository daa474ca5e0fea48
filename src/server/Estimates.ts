/**
 * How many tokens a request will use, roughly, before anybody is asked: what a key's limit of tokens is held against.
 *
 * @module
 */
import type { ChatRequest } from "../domain/ChatRequest.ts"
import type { EmbeddingRequest } from "../domain/Embedding.ts"
import { estimateInputTokens } from "../routing/Effort.ts"

const charactersPerToken = 4
/** What Gemini counts for a small picture; the vendors' counts for any lie between a hundred and some thousands. */
const tokensPerPicture = 258
/** Of an answer whose length is not limited. */
const unstatedOutputTokens = 4096

/** A rough count of some text. */
export const estimateTokens = (characters: number): number => Math.ceil(characters / charactersPerToken)

/** A rough count of all that a prompt holds: texts and tools by their characters, pictures at a flat rate. */
export const estimatePromptTokens = (request: ChatRequest): number => {
  let tokens = estimateInputTokens(request)
  for (const tool of request.tools)
    tokens += estimateTokens(JSON.stringify(tool._tag === "Function" ? tool : tool.definition).length)
  for (const { content } of request.messages)
    for (const part of content) if (part._tag === "Image") tokens += tokensPerPicture
  return tokens
}

/** The most that the answers may have together, where it is stated; else what is reckoned with. */
export const answerTokens = ({ sampling: { maxTokens, n } }: ChatRequest): number =>
  Math.max(0, maxTokens ?? unstatedOutputTokens) * Math.max(1, n ?? 1)

/** A rough count of what is to be embedded. */
export const estimateEmbeddingTokens = ({ inputs }: EmbeddingRequest): number => {
  let tokens = 0
  for (const input of inputs) {
    if (input._tag === "Text") tokens += estimateTokens(input.text.length)
    else tokens += input._tag === "Tokens" ? input.tokens.length : tokensPerPicture
  }
  return tokens
}
