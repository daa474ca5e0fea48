/**
 * The Messages wire: Schemas of what travels on it, and the label of what the domain does not model.
 *
 * The Schemas name what Switchyard reads. Unknown keys are allowed everywhere: those of the body and of messages are
 * kept by the decoder, those of blocks, tools and nested settings by their Schema. What a block must carry is read in
 * `Blocks.ts`, since every unknown type is passed on as it came.
 *
 * Source of the shapes: the types of `@anthropic-ai/sdk` (`resources/messages`, `resources/beta/messages`).
 *
 * @module
 */
import { Schema } from "effect"
import type { Extensions } from "../../domain/Ids.ts"
import { isJsonObject, type Json, type JsonObject, omitKeys } from "../../domain/Json.ts"
import { AnyJson, AnyObject, atMostFallbacks, ModelName, taken } from "../Issues.ts"

export const dialectId = "anthropic-messages"

/** The label under which a request's headers for its own vendor survive a stage that drops `wire`. */
export const headersLabel = "anthropic-messages.headers"

/** Absent and `null` mean the same on this wire. */
const maybe = <S extends Schema.Constraint>(schema: S) => Schema.optionalKey(Schema.NullOr(schema))

const open = <F extends Schema.Struct.Fields>(fields: F) =>
  Schema.StructWithRest(Schema.Struct(fields), [Schema.Record(Schema.String, AnyJson)])

/**
 * Text, image, document, tool use, tool result, thinking, or any block of a server tool. Not put together of
 * fields: a long conversation has hundreds, and `Blocks.ts` looks at each anyway.
 */
export const ContentBlock = taken(isJsonObject, "an object", {
  type: "object",
  properties: { type: { type: "string" } },
  required: ["type"]
})

export const InputMessage = Schema.Struct({
  /** `system` stands among the messages on models that take instructions in mid-conversation. */
  role: Schema.Literals(["user", "assistant", "system"]),
  content: Schema.Union([Schema.String, Schema.Array(ContentBlock)])
})

const JsonSchemaFormat = open({ type: Schema.String, schema: maybe(AnyObject) })

export const MessagesRequest = Schema.Struct({
  model: ModelName,
  messages: Schema.Array(InputMessage).check(Schema.isMinLength(1, { expected: "at least one message" })),
  max_tokens: Schema.Int.check(Schema.isGreaterThanOrEqualTo(0)),
  system: maybe(Schema.Union([Schema.String, Schema.Array(ContentBlock)])),
  stream: maybe(Schema.Boolean),
  temperature: maybe(Schema.Finite),
  top_p: maybe(Schema.Finite),
  top_k: maybe(Schema.Int),
  stop_sequences: maybe(Schema.Array(Schema.String)),
  tools: maybe(Schema.Array(AnyObject)),
  tool_choice: maybe(
    open({
      type: Schema.Literals(["auto", "any", "tool", "none"]),
      name: maybe(Schema.String),
      disable_parallel_tool_use: maybe(Schema.Boolean)
    })
  ),
  thinking: maybe(open({ type: Schema.String, budget_tokens: maybe(Schema.Int) })),
  output_config: maybe(open({ effort: maybe(Schema.String), format: maybe(JsonSchemaFormat) })),
  /** The beta's older place for `output_config.format`. */
  output_format: maybe(JsonSchemaFormat),
  metadata: maybe(open({ user_id: maybe(Schema.String) })),
  /** Switchyard's own where they are names; the vendor's own `fallbacks` are objects and go on to it. */
  fallbacks: maybe(Schema.Array(Schema.Union([ModelName, AnyObject])).check(atMostFallbacks)),
  /** Switchyard's own: further models to try. */
  models: maybe(Schema.Array(ModelName).check(atMostFallbacks))
})
export type MessagesRequest = typeof MessagesRequest.Type

export const MessagesUsage = open({
  input_tokens: Schema.Int,
  output_tokens: Schema.Int,
  cache_creation_input_tokens: maybe(Schema.Int),
  cache_read_input_tokens: maybe(Schema.Int)
})

export const MessagesResponse = open({
  id: Schema.String,
  type: Schema.Literal("message"),
  role: Schema.Literal("assistant"),
  model: Schema.String,
  content: Schema.Array(ContentBlock),
  stop_reason: Schema.NullOr(Schema.String),
  stop_sequence: maybe(Schema.String),
  usage: MessagesUsage
})

export const MessagesErrorType = Schema.Literals([
  "invalid_request_error",
  "authentication_error",
  "billing_error",
  "permission_error",
  "not_found_error",
  "request_too_large",
  "rate_limit_error",
  "api_error",
  "timeout_error",
  "overloaded_error"
])
export type MessagesErrorType = typeof MessagesErrorType.Type

export const MessagesError = Schema.Struct({
  type: Schema.Literal("error"),
  error: Schema.Struct({ type: MessagesErrorType, message: Schema.String }),
  request_id: Schema.optionalKey(Schema.String)
})

/** The fields of a part, a message or a tool that only this wire knows. */
export const ownFields = (of: { readonly extensions?: Extensions }): JsonObject | undefined =>
  of.extensions?.[dialectId]

/** `extensions` holding `fields`; nothing where there are none. */
export const keeping = (fields: JsonObject): { readonly extensions?: Extensions } => {
  for (const _ in fields) return { extensions: { [dialectId]: fields } }
  return nothing
}

const nothing = {}

/** `keeping` the fields of `object` but the `known` ones. Mostly there are none, and then nothing is copied. */
export const keepingRest = (object: JsonObject, known: ReadonlyArray<string>): { readonly extensions?: Extensions } => {
  for (const key in object) if (!known.includes(key)) return keeping(omitKeys(object, known))
  return nothing
}

/** Equal as JSON, keys in the same order: enough for two values made by the same function. */
export const sameJson = (a: unknown, b: unknown): boolean => JSON.stringify(a) === JSON.stringify(b)

export const isNumber = (value: Json | undefined): value is number => typeof value === "number"
