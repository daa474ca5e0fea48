/**
 * The vendors' own packages, given a stream's text as if it came over the network: what do their programs see?
 *
 * @module
 */
import Anthropic from "@anthropic-ai/sdk"
import { GoogleGenAI } from "@google/genai"
import OpenAI from "openai"
import type { Wire } from "./wires.ts"

const answering = (text: string) => () =>
  Promise.resolve(new Response(text, { headers: { "content-type": "text/event-stream" } }))

const drain = async (stream: AsyncIterable<unknown>): Promise<number> => {
  let events = 0
  for await (const _ of stream) events++
  return events
}

/** Reads a stream to its end as the wire's own package does; rejects where that package throws. */
export const readWithSdk: { readonly [W in Wire]: (text: string) => Promise<unknown> } = {
  chat: (text) =>
    new OpenAI({ apiKey: "k", maxRetries: 0, fetch: answering(text) }).chat.completions
      .stream({ model: "m", messages: [] })
      .finalChatCompletion(),
  responses: (text) =>
    new OpenAI({ apiKey: "k", maxRetries: 0, fetch: answering(text) }).responses
      .stream({ model: "m", input: "hi" })
      .finalResponse(),
  messages: (text) =>
    new Anthropic({ apiKey: "k", maxRetries: 0, fetch: answering(text) }).messages
      .stream({ model: "m", max_tokens: 9, messages: [] })
      .finalMessage(),
  gemini: async (text) => {
    const { models } = new GoogleGenAI({ apiKey: "k", httpOptions: { fetch: answering(text) } })
    return drain(await models.generateContentStream({ model: "m", contents: "hi" }))
  }
}
