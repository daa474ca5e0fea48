/**
 * Fields that only another wire has, when a request goes to a vendor that does not speak it.
 *
 * What a request means must not be lost in silence: a field that asks for something the answer would lack (a search, a
 * stored context, sound) is a fault that names it; one that only tunes is told as dropped. Fields that say nothing about
 * the answer (caching, bookkeeping, billing) are left out without a word.
 *
 * Gotcha: these are fields of the request only; what messages, parts and tools have beyond the domain is their
 * dialects' matter.
 *
 * @module
 */
import { Result } from "effect"
import type { ChatRequest } from "../domain/ChatRequest.ts"
import type { DialectId } from "../domain/Ids.ts"
import { isJsonObject, type Json } from "../domain/Json.ts"
import type { EncodeFault } from "./Dialect.ts"

interface ForeignFields {
  /** Paths of fields without which the request would mean something else. */
  readonly meaning: ReadonlyArray<string>
  /** Fields that say nothing about the answer. */
  readonly silent: ReadonlyArray<string>
  /** Fields of which the domain models a part: what is left in them is told by its own path. */
  readonly nested: ReadonlyArray<string>
}

const openAiBookkeeping = [
  "prompt_cache_key",
  "prompt_cache_options",
  "prompt_cache_retention",
  "safety_identifier",
  "service_tier",
  "store",
  "stream_options"
]

export const foreignFields: ReadonlyMap<string, ForeignFields> = new Map<DialectId, ForeignFields>([
  [
    "openai-chat",
    {
      // `preset` and `plugins`, `provider` and `usage` are OpenRouter's
      meaning: ["audio", "modalities", "plugins", "preset", "response_format", "tool_choice", "web_search_options"],
      silent: [...openAiBookkeeping, "provider", "usage"],
      nested: []
    }
  ],
  [
    "openai-responses",
    {
      meaning: ["prompt", "tool_choice"],
      silent: [...openAiBookkeeping, "include"],
      nested: ["reasoning", "text"]
    }
  ],
  [
    "anthropic-messages",
    {
      meaning: ["container", "inference_geo", "mcp_servers"],
      silent: ["cache_control", "service_tier"],
      nested: ["metadata", "output_config", "thinking"]
    }
  ],
  [
    "gemini",
    {
      meaning: ["cachedContent", "generationConfig.responseModalities", "generationConfig.speechConfig"],
      silent: ["labels", "serviceTier", "store"],
      nested: ["generationConfig", "toolConfig"]
    }
  ]
])

/** The paths of fields that `target`'s wire cannot carry and that only tune, or the one that means more. */
export const foreignDropped = (
  request: ChatRequest,
  target: DialectId
): Result.Result<ReadonlyArray<string>, EncodeFault> => {
  const dropped: Array<string> = []
  for (const [label, fields] of Object.entries(request.extensions ?? {})) {
    const known = foreignFields.get(label)
    if (label === target || known === undefined) continue
    for (const [path, value] of Object.entries(fields).flatMap(([key, inner]) => within(key, inner, known))) {
      if (value === null || isPlainText(value)) continue
      if (known.meaning.includes(path))
        return Result.fail({ feature: path, message: `Only the ${label} wire has the field '${path}'` })
      dropped.push(path)
    }
  }
  return Result.succeed(dropped)
}

const within = (
  key: string,
  value: Json,
  { nested, silent }: ForeignFields
): ReadonlyArray<readonly [string, Json]> => {
  if (silent.includes(key)) return []
  if (!nested.includes(key) || !isJsonObject(value)) return [[key, value]]
  return Object.entries(value).map(([inner, one]) => [`${key}.${inner}`, one])
}

/** Modalities that ask for nothing but what every answer is. */
const isPlainText = (value: Json): boolean =>
  Array.isArray(value) && value.length === 1 && typeof value[0] === "string" && value[0].toLowerCase() === "text"
