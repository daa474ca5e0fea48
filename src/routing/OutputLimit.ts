/**
 * An output limit for a request that states none, where what it may cost must be known before it is sent.
 *
 * What the caller wrote goes on to its own vendor as it is, with the limit in the field that its wire has for it.
 *
 * @module
 */
import type { ChatRequest } from "../domain/ChatRequest.ts"
import type { DialectId } from "../domain/Ids.ts"
import { isJsonObject, type JsonObject } from "../domain/Json.ts"

/** Where each wire says it. */
const fields: { readonly [D in DialectId]?: readonly [field: string, within?: string] } = {
  "openai-chat": ["max_completion_tokens"],
  "openai-responses": ["max_output_tokens"],
  "anthropic-messages": ["max_tokens"],
  gemini: ["maxOutputTokens", "generationConfig"]
}

const withField = (body: JsonObject, [field, within]: readonly [string, string?], tokens: number): JsonObject => {
  if (within === undefined) return { ...body, [spelt(body, field)]: tokens }
  const outerField = spelt(body, within)
  const outer = body[outerField]
  const config = isJsonObject(outer) ? outer : {}
  return { ...body, [outerField]: { ...config, [spelt(config, field)]: tokens } }
}

/** Gemini's wire reads two spellings of every name, and not both of one: the one that the caller has used. */
const spelt = (object: JsonObject, name: string): string => {
  const snake = name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)
  return Object.hasOwn(object, snake) ? snake : name
}

/** The request with an output limit of so many tokens. */
export const withOutputLimit = (request: ChatRequest, tokens: number): ChatRequest => {
  const { wire, ...rest } = request
  const sampling = { ...request.sampling, maxTokens: tokens }
  const field = wire === undefined ? undefined : fields[wire.dialect]
  return wire === undefined || field === undefined
    ? { ...rest, sampling }
    : { ...rest, sampling, wire: { ...wire, body: withField(wire.body, field, tokens) } }
}
