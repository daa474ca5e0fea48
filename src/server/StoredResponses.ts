/**
 * What is asked of stored responses, by the ids their callers were told: `GET` and `DELETE /v1/responses/{id}`, and
 * `GET …/input_items`. What only OpenAI's own storage could serve (`…/cancel`, `/v1/responses/compact`) is refused.
 *
 * @module
 */
import { Clock, Effect, Random, Result } from "effect"
import { type HttpServerRequest, HttpServerResponse } from "effect/http"
import { HttpApiBuilder } from "effect/http-api"
import { RoutedApi } from "../api/Api.ts"
import type { RequestFault } from "../dialect/Dialect.ts"
import { openAiResponsesInbound } from "../dialect/OpenAiResponses.ts"
import type { GatewayError } from "../domain/GatewayError.ts"
import type { JsonObject } from "../domain/Json.ts"
import type { ClientKeys } from "./ClientKeys.ts"
import { inputItemsPage } from "./InputItems.ts"
import { queryOf } from "./Query.ts"
import { badRequest, errorReply, errorResponse, idHeaders } from "./Reply.ts"
import { newRequestId } from "./RequestId.ts"
import type { ResponseStore } from "./ResponseStore.ts"

/** What is told, what is wrong with the request, or `undefined` where the caller has no such response. */
type Found = Result.Result<JsonObject, RequestFault> | undefined

export const storedResponses = (keys: ClientKeys, store: ResponseStore) => {
  const answer = (
    request: HttpServerRequest.HttpServerRequest,
    id: string,
    find: (caller: string, now: number) => Found
  ): Effect.Effect<HttpServerResponse.HttpServerResponse> =>
    Effect.withFiber((fiber) => {
      const requestId = newRequestId(fiber.getRef(Random.Random))
      const refused = (error: GatewayError) =>
        Effect.succeed(errorResponse(errorReply(openAiResponsesInbound, error, requestId)))
      const caller = keys.authenticate(request.headers)
      if (Result.isFailure(caller)) return refused(caller.failure)
      const found = find(caller.success.name, fiber.getRef(Clock.Clock).currentTimeMillisUnsafe())
      if (found !== undefined && Result.isFailure(found)) return refused(badRequest(found.failure))
      return Effect.succeed(
        HttpServerResponse.jsonUnsafe(found?.success ?? notFound(id), {
          status: found === undefined ? 404 : 200,
          headers: idHeaders(requestId)
        })
      )
    })

  return HttpApiBuilder.group(RoutedApi, "responses", (handlers) =>
    handlers
      .handleRaw("get", ({ request, params: { id } }) =>
        answer(request, id, (caller, now) => {
          // who asked for events would take the absence of any for an empty stream
          if (isTrue(queryOf(request.url).get("stream"))) return Result.fail(noStream)
          const stored = store.get(caller, id, now)
          return stored === undefined ? undefined : Result.succeed(stored.response)
        })
      )
      .handleRaw("delete", ({ request, params: { id } }) =>
        answer(request, id, (caller) =>
          store.remove(caller, id) ? Result.succeed({ id, object: "response", deleted: true }) : undefined
        )
      )
      .handleRaw("inputItems", ({ request, params: { id } }) =>
        answer(request, id, (caller, now) => {
          const items = store.asked(caller, id, now)
          return items === undefined ? undefined : inputItemsPage(id, items, queryOf(request.url))
        })
      )
      .handleRaw("cancel", ({ request, params: { id } }) =>
        answer(request, id, (caller, now) =>
          store.get(caller, id, now) === undefined ? undefined : Result.fail(notInBackground)
        )
      )
      .handleRaw("compact", ({ request }) => answer(request, "", () => Result.fail(noCompaction)))
  )
}

const isTrue = (value: string | null): boolean => value === "true" || value === "1"

const noStream: RequestFault = {
  param: "stream",
  message: "A stored response is not told as a stream again: ask without 'stream'"
}

const notInBackground: RequestFault = { param: undefined, message: "Cannot cancel a synchronous response." }

const noCompaction: RequestFault = {
  param: undefined,
  code: "unsupported_endpoint",
  message:
    "'/v1/responses/compact' is not served here: what OpenAI compacts only OpenAI can read. Ask a model for a summary, and send it as 'input'"
}

const notFound = (id: string): JsonObject => ({
  error: {
    message: `Response with id '${id.slice(0, 100)}' not found.`,
    type: "invalid_request_error",
    param: "id",
    code: "response_not_found"
  }
})
