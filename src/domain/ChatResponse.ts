/**
 * A whole answer.
 *
 * @module
 */
import { Schema } from "effect"
import { Citation } from "./Citation.ts"
import { DialectId, Extensions } from "./Ids.ts"
import { Part } from "./Message.ts"
import { Usage } from "./Usage.ts"

/**
 * Why the model stopped. `refusal` and `content_filter` are answers, not errors. `pause`: the vendor paused a long turn
 * and wants to be asked to go on. `other`: a reason this version has no word for (the wire's own word is in `wire`).
 */
export const FinishReason = Schema.Literals([
  "stop",
  "stop_sequence",
  "length",
  "tool_calls",
  "content_filter",
  "refusal",
  "pause",
  "other"
])
export type FinishReason = typeof FinishReason.Type

export const Choice = Schema.Struct({
  index: Schema.Int,
  /** Text, reasoning, tool calls, refusals, audio, opaque blocks; in the model's order. */
  content: Schema.Array(Part),
  finishReason: FinishReason,
  /** The stop sequence that was met, where the wire tells. */
  stopSequence: Schema.optionalKey(Schema.String),
  /** The wire's log probabilities, in OpenAI's shape. */
  logprobs: Schema.optionalKey(Schema.Json),
  /** Sources of the text, in the vendor's order. */
  citations: Schema.optionalKey(Schema.Array(Citation))
})
export type Choice = typeof Choice.Type

export const ResponseWire = Schema.Struct({
  dialect: DialectId,
  body: Schema.Record(Schema.String, Schema.Json)
})
export type ResponseWire = typeof ResponseWire.Type

export const ChatResponse = Schema.Struct({
  id: Schema.String,
  /** The model that answered, as the vendor names it. */
  model: Schema.String,
  /** Seconds since 1970, where the wire tells. */
  created: Schema.optionalKey(Schema.Int),
  choices: Schema.NonEmptyArray(Choice),
  /** Absent where the vendor told none. */
  usage: Schema.optionalKey(Usage),
  /** Fields of the request this provider's wire could not carry and that only tune the answer. */
  dropped: Schema.optionalKey(Schema.Array(Schema.String)),
  /** The answer as the vendor wrote it. */
  wire: Schema.optionalKey(ResponseWire),
  extensions: Schema.optionalKey(Extensions)
})
export type ChatResponse = typeof ChatResponse.Type
