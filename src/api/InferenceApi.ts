/**
 * The inference endpoints. Each takes and answers its vendor's wire; with `stream: true` the answer is server-sent
 * events.
 *
 * The dialects decode the bodies, so that what is wrong is said in the caller's own shape; the Schemas here say what
 * those bodies are.
 *
 * @module
 */
import { Schema } from "effect"
import { HttpApiEndpoint, HttpApiGroup, HttpApiSchema, OpenApi } from "effect/http-api"
import { OpenAiEmbeddings, OpenAiEmbeddingsRequest } from "../dialect/embeddings/Wire.ts"
import { AnyObject } from "../dialect/Issues.ts"
import { CountTokensRequest, CountTokensResponse } from "../dialect/anthropic-messages/CountTokens.ts"
import { MessagesRequest, MessagesResponse } from "../dialect/anthropic-messages/Wire.ts"
import { GenerateContentRequest } from "../dialect/gemini/RequestBody.ts"
import { GenerateContentResponse } from "../dialect/gemini/Wire.ts"
import { ChatCompletion, ChatCompletionChunk, ChatCompletionsRequest } from "../dialect/openai-chat/Wire.ts"
import { InputTokensRequest, InputTokensResponse } from "../dialect/openai-responses/InputTokens.ts"
import { ResponsesEvent, ResponsesRequest, ResponsesResponse } from "../dialect/openai-responses/Wire.ts"
import { preferences } from "../domain/Prefer.ts"
import { priorities } from "../domain/RequestContext.ts"
import { anthropicErrors, geminiErrors, openAiErrors } from "./Errors.ts"

/** Headers any request may carry. Told to readers only: the handlers read them, to refuse them in the right dialect. */
const parameters = [
  {
    name: "x-switchyard-timeout",
    in: "header",
    required: false,
    schema: { type: "integer", minimum: 1 },
    description: "Milliseconds after which nothing further is tried; shortens the configured deadline"
  },
  {
    name: "x-switchyard-metadata",
    in: "header",
    required: false,
    description:
      "`body`: the answer tells of itself in a field `switchyard` too, with its cost; `headers`: it does not",
    schema: { type: "string", enum: ["body", "headers"] }
  },
  {
    name: "x-switchyard-max-cost-usd",
    in: "header",
    required: false,
    schema: { type: "number", exclusiveMinimum: 0 },
    description:
      "What all attempts for this request may cost together at worst, in US dollars; lowers the configured cap"
  },
  {
    name: "x-switchyard-strict",
    in: "header",
    required: false,
    schema: { type: "boolean" },
    description: "Nothing that the request says may be dropped: only who can be told all of it is asked"
  },
  {
    name: "x-switchyard-priority",
    in: "header",
    required: false,
    description:
      "A lower priority than the key's; of a higher one the key's holds. The answer's header of that name says which.",
    schema: { type: "string", enum: priorities }
  },
  {
    name: "x-switchyard-prefer",
    in: "header",
    required: false,
    schema: { type: "string", enum: preferences },
    description: "What matters most where the model is `auto`; a name such as `auto:cost` says so itself"
  },
  {
    name: "x-switchyard-task",
    in: "header",
    required: false,
    schema: { type: "string" },
    description: "The task where the model is `auto`, for a caller that knows it better than the classifier"
  }
]

const countDescription =
  "As the asked model's vendor counts, where it does (the headers `x-switchyard-provider` and `x-switchyard-model` say who); otherwise an estimate, whose field the header `x-switchyard-estimated` names."

export class InferenceApi extends HttpApiGroup.make("inference")
  .add(
    HttpApiEndpoint.post("chatCompletions", "/v1/chat/completions", {
      payload: ChatCompletionsRequest,
      success: [ChatCompletion, HttpApiSchema.StreamSse({ data: ChatCompletionChunk })],
      error: openAiErrors
    }).annotateMerge(
      OpenApi.annotations({
        override: { parameters },
        summary: "Chat, as OpenAI's Chat Completions",
        description:
          "Besides OpenAI's own fields: `fallbacks` or `models`, names to try after `model`. Streams end with `data: [DONE]`; a stream that breaks ends with an `error` object instead."
      })
    )
  )
  .add(
    HttpApiEndpoint.post("responses", "/v1/responses", {
      payload: ResponsesRequest,
      success: [ResponsesResponse, HttpApiSchema.StreamSse({ data: ResponsesEvent })],
      error: openAiErrors
    }).annotateMerge(
      OpenApi.annotations({
        override: { parameters },
        summary: "Chat, as OpenAI's Responses",
        description:
          "Besides OpenAI's own fields: `fallbacks` or `models`, names to try after `model`. Responses are kept for a while for `previous_response_id`, unless `store` is false. Streams end with `response.completed` or `response.incomplete`; a stream that breaks ends with an `error` event instead."
      })
    )
  )
  .add(
    HttpApiEndpoint.post("inputTokens", "/v1/responses/input_tokens", {
      payload: InputTokensRequest,
      success: InputTokensResponse,
      error: openAiErrors
    }).annotateMerge(
      OpenApi.annotations({
        override: { parameters },
        summary: "How many tokens a prompt has, as OpenAI's input_tokens",
        description: countDescription
      })
    )
  )
  .add(
    HttpApiEndpoint.post("messages", "/v1/messages", {
      payload: MessagesRequest,
      success: [MessagesResponse, HttpApiSchema.StreamSse({ data: AnyObject })],
      error: anthropicErrors
    }).annotateMerge(
      OpenApi.annotations({
        override: { parameters },
        summary: "Chat, as Anthropic's Messages",
        description:
          "Besides Anthropic's own fields: `fallbacks` or `models`, names to try after `model`. Streams end with `message_stop`; a stream that breaks ends with an `error` event instead."
      })
    )
  )
  .add(
    HttpApiEndpoint.post("countTokens", "/v1/messages/count_tokens", {
      payload: CountTokensRequest,
      success: CountTokensResponse,
      error: anthropicErrors
    }).annotateMerge(
      OpenApi.annotations({
        override: { parameters },
        summary: "How many tokens a prompt has, as Anthropic's count_tokens",
        description: countDescription
      })
    )
  )
  .add(
    HttpApiEndpoint.post("generateContent", "/v1beta/models/:call", {
      params: { call: Schema.String },
      payload: GenerateContentRequest,
      success: [GenerateContentResponse, HttpApiSchema.StreamSse({ data: GenerateContentResponse })],
      error: geminiErrors()
    }).annotateMerge(
      OpenApi.annotations({
        override: {
          parameters: [
            {
              name: "call",
              in: "path",
              required: true,
              schema: { type: "string" },
              description:
                "The model and the method: `{model}:generateContent`, `{model}:streamGenerateContent` or `{model}:countTokens` (an estimate where the header `x-switchyard-estimated` says so)"
            },
            {
              name: "alt",
              in: "query",
              required: false,
              schema: { type: "string", enum: ["json", "sse"] },
              description: "How a stream is written: as server-sent events, or as one JSON array (unless told)"
            },
            ...parameters
          ]
        },
        summary: "Chat, as Gemini's generateContent and streamGenerateContent",
        description:
          "Also under `/v1` and `/v1alpha`. Besides Google's own fields: `fallbacks` or `models`, names to try after the model. A stream is whole when its candidates have told their finish reason; one that breaks ends with an `error` object instead, and its array is left open."
      })
    )
  )
  .add(
    HttpApiEndpoint.post("embeddings", "/v1/embeddings", {
      payload: OpenAiEmbeddingsRequest,
      success: OpenAiEmbeddings,
      error: openAiErrors
    }).annotateMerge(
      OpenApi.annotations({
        override: { parameters },
        summary: "Vectors of texts, as OpenAI's Embeddings",
        description:
          "Another provider answers only with the same model's vectors, or those of an alias's targets where the alias says `vectors: compatible`."
      })
    )
  ) {}
