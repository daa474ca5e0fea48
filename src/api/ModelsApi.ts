/**
 * `GET /v1/models` and `/v1/models/{id}`, in OpenAI's shape or, for callers that send `anthropic-version` or
 * `x-goog-api-key`, Anthropic's or Google's; `GET /v1beta/models` and `/v1beta/models/{id}` in Google's.
 *
 * Fields the vendors do not have (`context_window`, `max_output_tokens`, `pricing`, `targets`, `capabilities`) are the same in all
 * and absent where nothing is known.
 *
 * Source of the shapes: the types `Model` of the `openai` package, `ModelInfo` of `@anthropic-ai/sdk`, and the REST
 * reference of the Gemini API (`models.list`).
 *
 * @module
 */
import { Schema } from "effect"
import { HttpApiEndpoint, HttpApiGroup, OpenApi } from "effect/http-api"
import { Capability } from "../domain/Capability.ts"
import { dialectErrors, geminiErrors } from "./Errors.ts"

const facts = {
  context_window: Schema.optionalKey(Schema.Int).annotate({ description: "Tokens, prompt and answer together" }),
  max_output_tokens: Schema.optionalKey(Schema.Int),
  pricing: Schema.optionalKey(
    Schema.Struct({ input_usd_per_mtok: Schema.Finite, output_usd_per_mtok: Schema.Finite })
  ).annotate({ description: "US dollars per million tokens; for an alias: those of its first target" }),
  /** Only what is known; absent: unknown. */
  capabilities: Schema.optionalKey(Schema.Record(Capability, Schema.optionalKey(Schema.Boolean))),
  targets: Schema.optionalKey(Schema.Array(Schema.String)).annotate({
    description: "For an alias: the models it stands for, in order"
  })
}

export const OpenAiModel = Schema.Struct({
  id: Schema.String.annotate({ description: "An alias, or provider/model" }),
  object: Schema.Literal("model"),
  /** Seconds since 1970; 0, as the date is not known. */
  created: Schema.Int,
  owned_by: Schema.String,
  ...facts
}).annotate({ identifier: "OpenAiModel" })
export type OpenAiModel = typeof OpenAiModel.Type

export const OpenAiModelList = Schema.Struct({
  object: Schema.Literal("list"),
  data: Schema.Array(OpenAiModel)
}).annotate({ identifier: "OpenAiModelList" })
export type OpenAiModelList = typeof OpenAiModelList.Type

export const AnthropicModel = Schema.Struct({
  type: Schema.Literal("model"),
  id: Schema.String,
  display_name: Schema.String,
  /** RFC 3339; the epoch, as the date is not known. */
  created_at: Schema.String,
  max_input_tokens: Schema.NullOr(Schema.Int),
  max_tokens: Schema.NullOr(Schema.Int),
  owned_by: Schema.String,
  ...facts
}).annotate({ identifier: "AnthropicModel" })
export type AnthropicModel = typeof AnthropicModel.Type

/** One page, or all where no `limit` was asked for. */
export const AnthropicModelList = Schema.Struct({
  data: Schema.Array(AnthropicModel),
  has_more: Schema.Boolean,
  first_id: Schema.NullOr(Schema.String),
  last_id: Schema.NullOr(Schema.String)
}).annotate({ identifier: "AnthropicModelList" })
export type AnthropicModelList = typeof AnthropicModelList.Type

export const GeminiModel = Schema.Struct({
  name: Schema.String.annotate({ description: "`models/` and an alias, or provider/model" }),
  baseModelId: Schema.String,
  version: Schema.String,
  displayName: Schema.String,
  inputTokenLimit: Schema.optionalKey(Schema.Int),
  outputTokenLimit: Schema.optionalKey(Schema.Int),
  supportedGenerationMethods: Schema.Array(Schema.String),
  thinking: Schema.optionalKey(Schema.Boolean),
  ...facts
}).annotate({ identifier: "GeminiModel" })
export type GeminiModel = typeof GeminiModel.Type

/** One page, or all where no `pageSize` was asked for. */
export const GeminiModelList = Schema.Struct({
  models: Schema.Array(GeminiModel),
  nextPageToken: Schema.optionalKey(Schema.String)
}).annotate({ identifier: "GeminiModelList" })
export type GeminiModelList = typeof GeminiModelList.Type

const queried = (name: string, type: "integer" | "string", description: string) => ({
  name,
  in: "query",
  required: false,
  schema: { type },
  description
})
const anthropicPaging = [
  queried("limit", "integer", "Anthropic's: how many, 1 to 1000; all unless told"),
  queried("after_id", "string", "Anthropic's: the model after which the page begins"),
  queried("before_id", "string", "Anthropic's: the model before which the page ends")
]
const googlePaging = [
  queried("pageSize", "integer", "Google's: how many; all unless told"),
  queried("pageToken", "string", "Google's: the `nextPageToken` of the page before")
]

export class ModelsApi extends HttpApiGroup.make("models")
  .add(
    HttpApiEndpoint.get("list", "/v1/models", {
      success: Schema.Union([OpenAiModelList, AnthropicModelList, GeminiModelList]),
      error: dialectErrors([400, 401, 403, 500])
    }).annotateMerge(OpenApi.annotations({ override: { parameters: [...anthropicPaging, ...googlePaging] } }))
  )
  .add(
    HttpApiEndpoint.get("get", "/v1/models/:id", {
      params: { id: Schema.String },
      success: Schema.Union([OpenAiModel, AnthropicModel, GeminiModel]),
      error: dialectErrors([401, 403, 404, 500])
    })
  )
  .add(
    HttpApiEndpoint.get("geminiList", "/v1beta/models", {
      success: GeminiModelList,
      error: geminiErrors([400, 401, 403, 500])
    }).annotateMerge(OpenApi.annotations({ override: { parameters: googlePaging } }))
  )
  .add(
    HttpApiEndpoint.get("geminiGet", "/v1beta/models/:id", {
      params: { id: Schema.String },
      success: GeminiModel,
      error: geminiErrors([401, 403, 404, 500])
    })
  ) {}
