/**
 * Which kinds of providers count the tokens of a prompt, and how each wants to be asked: one row each.
 *
 * What is counted is the body that would be sent for an answer. Endpoints that count refuse most of what only shapes an
 * answer, so a row names the fields that go along; whatever else a caller has written is left out of the count.
 *
 * @module
 */
import type { ProviderKind } from "../config/ProviderSpec.ts"
import { isJsonObject, type Json, type JsonObject } from "../domain/Json.ts"

export interface CountingRow {
  /** The body for the endpoint that counts, made of the body for an answer. `wireModel`: as the wire names the model. */
  readonly bodyOf: (body: JsonObject, wireModel: string) => JsonObject
  /** Where the answer says the count. */
  readonly field: string
}

const only =
  (fields: string): CountingRow["bodyOf"] =>
  (body) => {
    const kept: Record<string, Json> = {}
    for (const field of fields.split(" ")) {
      const value = body[field]
      if (value !== undefined) kept[field] = value
    }
    return kept
  }

/** The types `MessageCountTokensParams` of Anthropic's SDK, the beta's included. */
const anthropic: CountingRow = {
  bodyOf: only(
    "model messages system tools tool_choice thinking cache_control output_config output_format context_management " +
      "compaction mcp_servers speed user_profile_id"
  ),
  field: "input_tokens"
}

/** The type `InputTokenCountParams` of OpenAI's SDK. */
const openai: CountingRow = {
  bodyOf: only("model input instructions tools tool_choice parallel_tool_calls reasoning text truncation personality"),
  field: "input_tokens"
}

/** https://ai.google.dev/api/tokens: a whole request, which names its model once more. */
const google: CountingRow = {
  bodyOf: (body, wireModel) => ({
    generateContentRequest: { ...body, model: wireModel.includes("/") ? wireModel : `models/${wireModel}` }
  }),
  field: "totalTokens"
}

/** https://cloud.google.com/vertex-ai/generative-ai/docs/reference/rest/v1/projects.locations.publishers.models/countTokens */
const vertex: CountingRow = {
  bodyOf: only("contents systemInstruction system_instruction tools generationConfig generation_config"),
  field: "totalTokens"
}

/** `undefined`: this kind counts nothing. */
export const countingRows: { readonly [K in ProviderKind]: CountingRow | undefined } = {
  anthropic,
  openai,
  "azure-openai": openai,
  google,
  vertex,
  mistral: undefined,
  together: undefined,
  fireworks: undefined,
  openrouter: undefined,
  ollama: undefined,
  vllm: undefined,
  lmstudio: undefined,
  "openai-compatible": undefined,
  groq: undefined,
  deepseek: undefined,
  cerebras: undefined,
  xai: undefined,
  perplexity: undefined
}

/** The count in an answer, or `undefined` where it has none. */
export const countIn = ({ field }: CountingRow, body: Json): number | undefined => {
  const count = isJsonObject(body) ? body[field] : undefined
  return typeof count === "number" && Number.isInteger(count) && count >= 0 ? count : undefined
}
