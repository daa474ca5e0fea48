/**
 * What a model is asked to find out whether it serves: as little as vendors take.
 *
 * @module
 */
import type { ChatRequest } from "../domain/ChatRequest.ts"

/** Enough that vendors with a minimum accept it. */
const probeTokens = 16

/** One that embeds is asked for a vector of one word instead, which costs less. */
export const probe = (model: string): ChatRequest => ({
  model,
  delivery: "whole",
  messages: [{ role: "user", content: [{ _tag: "Text", text: "Say ok." }] }],
  tools: [],
  sampling: { maxTokens: probeTokens },
  usageWanted: true,
  fallbacks: []
})
