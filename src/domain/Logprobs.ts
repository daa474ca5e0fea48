/**
 * How likely the tokens of an answer were, in OpenAI's shape: one object a token, `{ token, logprob, bytes,
 * top_logprobs }`, apart for the text and for a refusal.
 *
 * @module
 */
import { Schema } from "effect"
import { isJsonObject, type Json } from "./Json.ts"

export const Logprobs = Schema.Struct({
  content: Schema.Array(Schema.Json),
  refusal: Schema.Array(Schema.Json)
})
export type Logprobs = typeof Logprobs.Type

/** `undefined` where there are none. */
export const logprobsIn = (value: Json | undefined): Logprobs | undefined => {
  if (!isJsonObject(value)) return undefined
  const content = listAt(value["content"])
  const refusal = listAt(value["refusal"])
  return content.length === 0 && refusal.length === 0 ? undefined : { content, refusal }
}

const listAt = (value: Json | undefined): ReadonlyArray<Json> => (Array.isArray(value) ? value : [])

/** As the wire writes them: `null` for what has none. */
export const logprobsJson = ({ content, refusal }: Logprobs): Json => ({
  content: content.length === 0 ? null : content,
  refusal: refusal.length === 0 ? null : refusal
})

export const joinLogprobs = (a: Logprobs | undefined, b: Logprobs | undefined): Logprobs | undefined =>
  a === undefined || b === undefined
    ? (a ?? b)
    : { content: [...a.content, ...b.content], refusal: [...a.refusal, ...b.refusal] }
