/**
 * What a caller may ask of the routing itself: an explanation, and to be told where it was wrong.
 *
 * @module
 */
import { Schema } from "effect"
import { HttpApiEndpoint, HttpApiGroup, OpenApi } from "effect/http-api"
import { AnyObject } from "../dialect/Issues.ts"
import { FeedbackAnswer, FeedbackBody, RouteDecision } from "./DecisionWire.ts"
import { dialectErrors, openAiErrors } from "./Errors.ts"

/** The wires of which a body may be explained. */
export const explainable = ["openai-chat", "openai-responses", "anthropic-messages", "gemini"] as const
export type Explainable = (typeof explainable)[number]

export class RouteApi extends HttpApiGroup.make("route")
  .add(
    HttpApiEndpoint.post("explain", "/v1/route/explain", {
      query: {
        dialect: Schema.optionalKey(
          Schema.Literals(explainable).annotate({ description: "Which wire the body is; told by its shape if absent" })
        )
      },
      payload: AnyObject,
      success: RouteDecision,
      error: dialectErrors([400, 401, 403, 413, 415, 500, 503])
    }).annotateMerge(
      OpenApi.annotations({
        summary: "What would be done with a request now",
        description:
          "Takes any body of Chat Completions, Responses, Messages or Gemini (with `model` in the body), and the headers of any request. Nobody is called and nothing changes. What would be refused is explained too, with what the caller would be told."
      })
    )
  )
  .add(
    HttpApiEndpoint.post("feedback", "/v1/feedback", {
      payload: FeedbackBody,
      success: FeedbackAnswer,
      error: openAiErrors
    }).annotateMerge(
      OpenApi.annotations({
        summary: "Says whether the task of a request was told rightly",
        description: "Of the caller's own requests for `auto`, as long as their decisions are kept."
      })
    )
  ) {}
