/**
 * The Responses wire: Schemas of what travels on it.
 *
 * The Schemas name what Switchyard reads; other keys are allowed everywhere and nothing is changed, so a body that fits
 * is used as it is. Items and tools are read by hand (`Items.ts`, `DecodeRequest.ts`): there are dozens of types, new ones come
 * all the time, and each unknown one is passed on as it came.
 *
 * Source of the shapes: the types of the `openai` package (`resources/responses`), and recorded exchanges.
 *
 * @module
 */
import { Schema } from "effect"
import type { Extensions } from "../../domain/Ids.ts"
import type { JsonObject } from "../../domain/Json.ts"
import { AnyObject, atMostFallbacks, ModelName } from "../Issues.ts"

export const dialectId = "openai-responses"

/** `null` and absent mean the same on this wire. */
const maybe = <S extends Schema.Constraint>(schema: S) => Schema.optionalKey(Schema.NullOr(schema))

const TextFormat = Schema.Union([
  Schema.Struct({ type: Schema.Literals(["text", "json_object"]) }),
  Schema.Struct({
    type: Schema.Literal("json_schema"),
    name: Schema.String,
    description: maybe(Schema.String),
    schema: AnyObject,
    strict: maybe(Schema.Boolean)
  }),
  Schema.Struct({
    type: Schema.String.check(
      Schema.makeFilter((type) => !["text", "json_object", "json_schema"].includes(type), {
        expected: "an object that fits its type"
      })
    )
  })
])
export type TextFormat = typeof TextFormat.Type

export const ResponsesRequest = Schema.Struct({
  model: ModelName,
  input: Schema.Union([Schema.String, Schema.Array(AnyObject)]),
  instructions: maybe(Schema.String),
  stream: maybe(Schema.Boolean),
  tools: maybe(Schema.Array(AnyObject)),
  tool_choice: maybe(Schema.Union([Schema.Literals(["none", "auto", "required"]), AnyObject])),
  parallel_tool_calls: maybe(Schema.Boolean),
  text: maybe(Schema.Struct({ format: maybe(TextFormat) })),
  reasoning: maybe(Schema.Struct({ effort: maybe(Schema.String) })),
  max_output_tokens: maybe(Schema.Int.check(Schema.isGreaterThanOrEqualTo(1))),
  temperature: maybe(Schema.Finite),
  top_p: maybe(Schema.Finite),
  top_logprobs: maybe(Schema.Int.check(Schema.isGreaterThanOrEqualTo(0))),
  include: maybe(Schema.Array(Schema.String)),
  metadata: maybe(Schema.Record(Schema.String, Schema.String)),
  user: maybe(Schema.String),
  store: maybe(Schema.Boolean),
  previous_response_id: maybe(Schema.String),
  /** Switchyard's own: names to try after `model`, in order. */
  fallbacks: maybe(Schema.Array(ModelName).check(atMostFallbacks)),
  /** The same under OpenRouter's name for it. */
  models: maybe(Schema.Array(ModelName).check(atMostFallbacks))
}).annotate({ identifier: "ResponsesRequest" })
export type ResponsesRequest = typeof ResponsesRequest.Type

/** The fields of a request that the domain models wholly; every other one is kept as an extension. */
export const modelledFields: ReadonlySet<string> = new Set([
  "model",
  "input",
  "instructions",
  "stream",
  "tools",
  "tool_choice",
  "parallel_tool_calls",
  "text",
  "reasoning",
  "max_output_tokens",
  "temperature",
  "top_p",
  "top_logprobs",
  "include",
  "metadata",
  "user",
  "previous_response_id",
  "fallbacks",
  "models"
])

/** What must be asked for in `include` to be told log probabilities. */
export const includeLogprobs = "message.output_text.logprobs"
/** The same for thoughts that can be sent back without the vendor having stored them. */
export const includeThoughts = "reasoning.encrypted_content"

const ResponsesUsage = Schema.Struct({
  input_tokens: Schema.Int,
  input_tokens_details: Schema.Struct({ cached_tokens: Schema.Int, cache_write_tokens: Schema.Int }),
  output_tokens: Schema.Int,
  output_tokens_details: Schema.Struct({ reasoning_tokens: Schema.Int }),
  total_tokens: Schema.Int
})

/** A whole answer. */
export const ResponsesResponse = Schema.Struct({
  id: Schema.String,
  object: Schema.Literal("response"),
  created_at: Schema.Int,
  status: Schema.Literals(["completed", "incomplete", "failed", "in_progress"]),
  error: Schema.NullOr(AnyObject),
  incomplete_details: Schema.NullOr(Schema.Struct({ reason: Schema.String })),
  model: Schema.String,
  output: Schema.Array(AnyObject),
  usage: Schema.NullOr(ResponsesUsage),
  previous_response_id: Schema.NullOr(Schema.String)
}).annotate({ identifier: "ResponsesResponse" })

/** The data of one event of a stream. */
export const ResponsesEvent = Schema.Struct({ type: Schema.String, sequence_number: Schema.Int }).annotate({
  identifier: "ResponsesEvent"
})

/** The answer to the deletion of a stored response. */
export const ResponsesDeleted = Schema.Struct({
  id: Schema.String,
  object: Schema.Literal("response"),
  deleted: Schema.Literal(true)
}).annotate({ identifier: "ResponsesDeleted" })

/** One page of what a stored response was made of. */
export const ResponsesInputItems = Schema.Struct({
  object: Schema.Literal("list"),
  data: Schema.Array(AnyObject),
  first_id: Schema.NullOr(Schema.String),
  last_id: Schema.NullOr(Schema.String),
  has_more: Schema.Boolean
}).annotate({ identifier: "ResponsesInputItems" })
export type ResponsesInputItems = typeof ResponsesInputItems.Type

/** To be spread into a value of the domain: what only this wire knows of it, where there is anything. */
export const labelled = (rest: JsonObject | undefined): { readonly extensions?: Extensions } =>
  rest === undefined ? {} : { extensions: { [dialectId]: rest } }

/** What was kept under this dialect's label. */
export const kept = (value: { readonly extensions?: Extensions }): JsonObject | undefined =>
  value.extensions?.[dialectId]
