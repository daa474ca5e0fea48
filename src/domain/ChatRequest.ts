/**
 * A request for a chat answer, whatever wire it came in on.
 *
 * @module
 */
import { Schema } from "effect"
import { DialectId, Extensions } from "./Ids.ts"
import { Message } from "./Message.ts"
import { Tool, ToolChoice } from "./Tool.ts"

/** The body as the caller wrote it, for the dialect's own vendor: what the domain does not model is not lost. */
export const RequestWire = Schema.Struct({
  dialect: DialectId,
  /** Without the fields that are Switchyard's own (`fallbacks`, `models`). */
  body: Schema.Record(Schema.String, Schema.Json),
  /** Headers meant for that vendor only (`anthropic-beta`, `anthropic-version`, `openai-beta`), names in lower case. */
  headers: Schema.Record(Schema.String, Schema.String)
})
export type RequestWire = typeof RequestWire.Type

export const ResponseFormat = Schema.Union([
  Schema.TaggedStruct("Text", {}),
  /** Any JSON object. */
  Schema.TaggedStruct("JsonObject", {}),
  Schema.TaggedStruct("JsonSchema", {
    name: Schema.String,
    description: Schema.optionalKey(Schema.String),
    schema: Schema.Record(Schema.String, Schema.Json),
    strict: Schema.optionalKey(Schema.Boolean)
  })
])
export type ResponseFormat = typeof ResponseFormat.Type

/** How the model draws its words. Absent means the vendor's default. */
export const Sampling = Schema.Struct({
  /** The most tokens the answer may have, reasoning included. */
  maxTokens: Schema.optionalKey(Schema.Int),
  temperature: Schema.optionalKey(Schema.Finite),
  topP: Schema.optionalKey(Schema.Finite),
  topK: Schema.optionalKey(Schema.Int),
  stop: Schema.optionalKey(Schema.Array(Schema.String)),
  seed: Schema.optionalKey(Schema.Int),
  presencePenalty: Schema.optionalKey(Schema.Finite),
  frequencyPenalty: Schema.optionalKey(Schema.Finite),
  /** How many answers. */
  n: Schema.optionalKey(Schema.Int),
  logprobs: Schema.optionalKey(Schema.Boolean),
  topLogprobs: Schema.optionalKey(Schema.Int)
})
export type Sampling = typeof Sampling.Type

export const ReasoningEffort = Schema.Literals(["none", "minimal", "low", "medium", "high", "xhigh", "max"])
export type ReasoningEffort = typeof ReasoningEffort.Type

/** How much the model may think: a level, a budget in tokens, or both absent where the model decides (`adaptive`). */
export const Reasoning = Schema.Struct({
  effort: Schema.optionalKey(ReasoningEffort),
  budgetTokens: Schema.optionalKey(Schema.Int),
  adaptive: Schema.optionalKey(Schema.Boolean),
  disabled: Schema.optionalKey(Schema.Boolean)
})
export type Reasoning = typeof Reasoning.Type

export const ChatRequest = Schema.Struct({
  /** As asked: an alias, `provider/model`, or a bare model; the provider is given its own name for the model. */
  model: Schema.String,
  /** `whole`: one answer; `live`: a stream. */
  delivery: Schema.Literals(["whole", "live"]),
  messages: Schema.Array(Message),
  tools: Schema.Array(Tool),
  toolChoice: Schema.optionalKey(ToolChoice),
  /** May the model call several tools in one turn? Absent: the vendor's default. */
  parallelToolCalls: Schema.optionalKey(Schema.Boolean),
  responseFormat: Schema.optionalKey(ResponseFormat),
  sampling: Sampling,
  reasoning: Schema.optionalKey(Reasoning),
  /** The caller's own labels for the call. */
  metadata: Schema.optionalKey(Schema.Record(Schema.String, Schema.String)),
  /** The end user, as the caller names them to the vendor. */
  user: Schema.optionalKey(Schema.String),
  /** Did the caller of a stream ask to be told the usage? (Always true where the wire always tells.) */
  usageWanted: Schema.Boolean,
  /** Models to try after the asked one, in order: `provider/model`, alias or bare model. */
  fallbacks: Schema.Array(Schema.String),
  wire: Schema.optionalKey(RequestWire),
  extensions: Schema.optionalKey(Extensions)
})
export type ChatRequest = typeof ChatRequest.Type
