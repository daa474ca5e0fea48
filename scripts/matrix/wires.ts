/**
 * The columns of the client matrix: the vendors' wires that answer, with what stands at the end of each.
 */
import type { Wire as Spoken } from "../../src/simulator/Wire.ts"
import { anthropicWire } from "../../src/simulator/AnthropicWire.ts"
import { geminiWire } from "../../src/simulator/GeminiWire.ts"
import { openAiWire } from "../../src/simulator/OpenAiWire.ts"
import type { VendorId } from "../../test/e2e/harness.ts"

export const wireNames = ["chat", "anthropic", "gemini", "responses"] as const
export type WireName = (typeof wireNames)[number]

/** Who answers: a provider's id, which is its vendor's too, and a model of its. */
export interface Target {
  readonly vendor: VendorId
  readonly model: string
}

export interface Wire {
  readonly doc: string
  readonly target: Target
  /** Who answers callers of OpenAI's Responses, where the target would be asked over Responses then. */
  readonly forResponses?: Target
  /** The model that is asked for vectors; absent: there is no such model on this wire. */
  readonly embedder?: string
  /** The path at the vendor, without the vendor's own prefix. */
  readonly path: RegExp
  /** The simulator's own ears and mouth for it. */
  readonly spoken: Spoken
}

export const wires: { readonly [W in WireName]: Wire } = {
  chat: {
    doc: "OpenAI's Chat Completions",
    target: { vendor: "openai", model: "gpt-5.2" },
    forResponses: { vendor: "groq", model: "openai/gpt-oss-120b" },
    embedder: "text-embedding-3-small",
    path: /\/chat\/completions$/,
    spoken: openAiWire
  },
  anthropic: {
    doc: "Anthropic's Messages",
    target: { vendor: "anthropic", model: "claude-sonnet-5" },
    // nobody has vectors there: what is asked for is refused, and that is told in words that can be understood
    embedder: "claude-sonnet-5",
    path: /\/v1\/messages$/,
    spoken: anthropicWire
  },
  gemini: {
    doc: "Google's Gemini",
    target: { vendor: "gemini", model: "gemini-3.5-flash" },
    embedder: "gemini-embedding-001",
    path: /\/v1beta\/models\/[^/:]+:(?:stream)?[gG]enerateContent$/,
    spoken: geminiWire
  },
  responses: {
    doc: "OpenAI's Responses",
    // served there only; no client of these knows that by itself and turns to Responses
    target: { vendor: "openai", model: "gpt-5-pro" },
    path: /\/responses$/,
    spoken: openAiWire
  }
}

/** Who answers a client on a wire. */
export const targetOf = (wire: WireName, speaksResponses: boolean): Target => {
  const { forResponses, target } = wires[wire]
  return speaksResponses ? (forResponses ?? target) : target
}
