/**
 * Responses that are stored here, under the ids their callers were told.
 *
 * @module
 */
import { Schema } from "effect"
import { HttpApiEndpoint, HttpApiGroup, OpenApi } from "effect/http-api"
import { ResponsesDeleted, ResponsesResponse } from "../dialect/openai-responses/Wire.ts"
import { dialectErrors } from "./Errors.ts"

const stored = { params: { id: Schema.String }, error: dialectErrors([401, 403, 404, 500]) }

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
  ) {}
