/**
 * Responses that are stored here, under the ids their callers were told.
 *
 * @module
 */
import { Schema } from "effect"
import { HttpApiEndpoint, HttpApiGroup, HttpApiSchema, OpenApi } from "effect/http-api"
import { ResponsesDeleted, ResponsesInputItems, ResponsesResponse } from "../dialect/openai-responses/Wire.ts"
import { dialectErrors } from "./Errors.ts"

const stored = { params: { id: Schema.String }, error: dialectErrors([401, 403, 404, 500]) }

const idParameter = { name: "id", in: "path", required: true, schema: { type: "string" } }

const pageParameters = [
  { name: "after", in: "query", required: false, schema: { type: "string" } },
  { name: "limit", in: "query", required: false, schema: { type: "integer", minimum: 1, maximum: 100, default: 20 } },
  { name: "order", in: "query", required: false, schema: { type: "string", enum: ["asc", "desc"], default: "desc" } }
]

export class ResponsesApi extends HttpApiGroup.make("responses")
  .add(
    HttpApiEndpoint.get("get", "/v1/responses/:id", { ...stored, success: ResponsesResponse }).annotateMerge(
      OpenApi.annotations({ summary: "A response of the caller's own that is still stored" })
    )
  )
  .add(
    HttpApiEndpoint.delete("delete", "/v1/responses/:id", { ...stored, success: ResponsesDeleted }).annotateMerge(
      OpenApi.annotations({ summary: "Forgets a response; what continued it can then not be continued any more" })
    )
  )
  .add(
    HttpApiEndpoint.get("inputItems", "/v1/responses/:id/input_items", {
      params: { id: Schema.String },
      error: dialectErrors([400, 401, 403, 404, 500]),
      success: ResponsesInputItems
    }).annotateMerge(
      OpenApi.annotations({
        override: { parameters: [idParameter, ...pageParameters] },
        summary: "What a stored response was made of: the items of its conversation before its answer"
      })
    )
  )
  .add(
    HttpApiEndpoint.post("cancel", "/v1/responses/:id/cancel", {
      params: { id: Schema.String },
      success: HttpApiSchema.NoContent,
      error: dialectErrors([400, 401, 403, 404, 500])
    }).annotateMerge(
      OpenApi.annotations({
        summary: "Refused: only responses in the background can be cancelled, and none are served here"
      })
    )
  )
  .add(
    HttpApiEndpoint.post("compact", "/v1/responses/compact", {
      success: HttpApiSchema.NoContent,
      error: dialectErrors([400, 401, 403, 500])
    }).annotateMerge(OpenApi.annotations({ summary: "Refused: only OpenAI can compact what it can read again" }))
  ) {}
