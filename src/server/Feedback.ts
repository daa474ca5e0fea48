/**
 * `POST /v1/feedback`: a caller says whether the task of one of its requests was told rightly.
 *
 * @module
 */
import { Effect, SchemaParser } from "effect"
import { FeedbackBody } from "../api/DecisionWire.ts"
import { findingsOf, problemAt } from "../config/diagnose.ts"
import type { Settings } from "../config/Settings.ts"
import { readPlain } from "../config/Source.ts"
import { openAiChatInbound } from "../dialect/OpenAiChat.ts"
import { type GatewayError, gatewayError } from "../domain/GatewayError.ts"
import { CurrentRequest } from "../domain/RequestContext.ts"
import { Gateway } from "../gateway/Gateway.ts"
import { RequestMetrics } from "../observability/RequestMetrics.ts"
import type { ClientKeys } from "./ClientKeys.ts"
import { makeServe, type Respond } from "./Inference.ts"

// a misspelt field would count for something else than was meant
const decode = SchemaParser.decodeUnknownEffect(FeedbackBody, { onExcessProperty: "error" })

const badBody = (body: unknown, issue: Parameters<typeof findingsOf>[1]): GatewayError => {
  const source = readPlain("body", body, {})
  const [finding] = findingsOf(source, issue)
  if (finding === undefined) return gatewayError({ _tag: "BadRequest", message: "The body is not what is asked for" })
  const { expected, found, hint, path } = problemAt(source, finding)
  const about = path === "" ? "The body" : `'${path}'`
  const message = `${about}: found ${found}, expected ${expected}${hint === undefined ? "" : `; ${hint}`}`
  return gatewayError({ _tag: "BadRequest", message, ...(path === "" ? undefined : { param: path }) })
}

export const makeFeedback = (settings: () => Settings, keys: ClientKeys) =>
  Effect.map(Effect.all([Gateway, RequestMetrics, makeServe(settings, keys)]), ([gateway, metrics, serve]): Respond =>
    serve(openAiChatInbound, (call, body) =>
      Effect.gen(function* () {
        const said = yield* Effect.mapError(decode(body), (issue) => badBody(body, issue))
        const { caller } = yield* CurrentRequest
        const { counted, right, told } = yield* Effect.mapError(
          gateway.judgements.feedback({ requestId: said.request_id, task: said.task, rating: said.rating }, caller),
          ({ kind, message, param }) =>
            gatewayError(
              kind === "missing" ? { _tag: "NotFound", message, param } : { _tag: "BadRequest", message, param }
            )
        )
        if (counted) metrics.judged(told, right)
        return call.told(
          { request_id: said.request_id, told, ...(right === undefined ? undefined : { right }), counted },
          {}
        )
      })
    )
  )
