/**
 * `GET` and `DELETE /v1/responses/{id}`: what the store still holds of the caller's.
 *
 * @module
 */
import { Clock, Effect, Random, Result } from "effect"
import { type HttpServerRequest, HttpServerResponse } from "effect/http"
import { HttpApiBuilder } from "effect/http-api"
import { RoutedApi } from "../api/Api.ts"
import { openAiResponsesInbound } from "../dialect/OpenAiResponses.ts"
import type { JsonObject } from "../domain/Json.ts"
import type { ClientKeys } from "./ClientKeys.ts"
import { gatewayError } from "../domain/GatewayError.ts"
import { errorReply, errorResponse, idHeaders } from "./Reply.ts"
import { newRequestId } from "./RequestId.ts"
import type { ResponseStore } from "./ResponseStore.ts"

export const storedResponses = (keys: ClientKeys, store: ResponseStore) => {
  /** `find` gives what is told, or `undefined` where the caller has no such response. */
  const answer = (
    request: HttpServerRequest.HttpServerRequest,
    id: string,
    find: (caller: string, now: number) => JsonObject | undefined
  ): Effect.Effect<HttpServerResponse.HttpServerResponse> =>
    Effect.withFiber((fiber) => {
      const requestId = newRequestId(fiber.getRef(Random.Random))
      const caller = keys.authenticate(request.headers)
      if (Result.isFailure(caller))
        return Effect.succeed(errorResponse(errorReply(openAiResponsesInbound, caller.failure, requestId)))
      // who asked for events would take the absence of any for an empty stream
      if (/[?&]stream=(?:true|1)\b/.test(request.url))
        return Effect.succeed(
          errorResponse(
            errorReply(
              openAiResponsesInbound,
              gatewayError({
                _tag: "BadRequest",
                param: "stream",
                message: "A stored response is not told as a stream again: ask without 'stream'"
              }),
              requestId
            )
          )
        )
      const found = find(caller.success.name, fiber.getRef(Clock.Clock).currentTimeMillisUnsafe())
      return Effect.succeed(
        HttpServerResponse.jsonUnsafe(found ?? notFound(id), {
          status: found === undefined ? 404 : 200,
          headers: idHeaders(requestId)
        })
      )
    })
  return HttpApiBuilder.group(RoutedApi, "responses", (handlers) =>
    handlers
      .handleRaw("get", ({ request, params: { id } }) =>
        answer(request, id, (caller, now) => store.get(caller, id, now)?.response)
      )
      .handleRaw("delete", ({ request, params: { id } }) =>
        answer(request, id, (caller) =>
          store.remove(caller, id) ? { id, object: "response", deleted: true } : undefined
        )
      )
  )
}

const notFound = (id: string): JsonObject => ({
  error: {
    message: `Response with id '${id.slice(0, 100)}' not found.`,
    type: "invalid_request_error",
    param: "id",
    code: "response_not_found"
  }
})
