/**
 * Who may call the admin API, and how its calls are answered and logged.
 *
 * The admin key is compared in constant time, as a digest; a client key does not do. The key alone is not enough for web
 * pages: none but those of this gateway (and of origins that the config names one by one) may call, and none of another
 * origin may read. The settings are read anew for each call, so that a key that changed holds at once.
 *
 * Whatever a handler ends with becomes an answer here: a typed failure as it is, a parameter that could not be read as a
 * 400, a defect as a 500 without detail, logged under the request's id. A call that changes something leaves one line in
 * the log: what, whom about, how it ended. Calls that are turned away leave one a minute (`RefusedCalls.ts`).
 *
 * @module
 */
import { Cause, Clock, Effect, Layer, Random, Result } from "effect"
import { HttpServerRequest, HttpServerResponse } from "effect/http"
import { HttpApiError } from "effect/http-api"
import { AdminCall, AdminGate } from "../api/AdminApi.ts"
import type { AdminError } from "../api/Errors.ts"
import type { Settings } from "../config/Settings.ts"
import type { HeaderMap } from "../dialect/Dialect.ts"
import { cleanName } from "../observability/LogLine.ts"
import { RequestLog } from "../observability/RequestLog.ts"
import { faultIn } from "./AdminBody.ts"
import { adminError, adminErrorOf, adminErrorResponse, adminHeaders, isAdminError } from "./AdminErrors.ts"
import { latestSecretCheck } from "./ClientKeys.ts"
import { refuseForeignToAdmin } from "./Origins.ts"
import type { NoteRefusal } from "./RefusedCalls.ts"
import { newRequestId } from "./RequestId.ts"

/** `settings` gives those in force. `onLoopback`: does the server listen there alone? */
export const adminGate = (
  settings: () => Settings,
  onLoopback: boolean,
  noteRefusal: NoteRefusal
): Layer.Layer<AdminGate, never, RequestLog> =>
  Layer.effect(
    AdminGate,
    Effect.map(RequestLog, (log) => {
      const isAdmin = latestSecretCheck()

      /** Why a call is turned away before anything of it is looked at. */
      const refused = (headers: HeaderMap, requestId: string): AdminError | undefined => {
        const { server } = settings()
        if (server.adminKey === undefined) return adminError("not_found", closed, requestId)
        const foreign = refuseForeignToAdmin(headers, server.cors, onLoopback)
        if (foreign !== undefined) return adminErrorOf(foreign, requestId)
        return isAdmin(server.adminKey, headers) ? undefined : adminError("unauthorized", noKey, requestId)
      }

      return AdminGate.of((handled, { endpoint }) =>
        Effect.withFiber((fiber) => {
          const requestId = newRequestId(fiber.getRef(Random.Random))
          const now = () => fiber.getRef(Clock.Clock).currentTimeMillisUnsafe()
          return Effect.flatMap(HttpServerRequest.HttpServerRequest, (request) => {
            const refusal = refused(request.headers, requestId)
            if (refusal !== undefined)
              return Effect.as(noteRefusal(refusal.error.type, request, requestId), adminErrorResponse(refusal))
            let subject = ""
            const call = AdminCall.of({
              requestId,
              about: (...words) => {
                subject = words.map((word) => ` ${cleanName(word)}`).join("")
              }
            })
            const failed = (cause: Cause.Cause<unknown>): AdminError => {
              const found = Cause.findError(cause)
              if (Result.isSuccess(found) && isAdminError(found.success)) return found.success
              const told = Result.isSuccess(found) ? badParameter(found.success, requestId) : undefined
              if (told !== undefined) return told
              log.defect(requestId, Result.isSuccess(found) ? Cause.die(found.success) : cause, now())
              return adminError("internal_error", unforeseen, requestId)
            }
            const note = (outcome: string): Effect.Effect<void> =>
              endpoint.method === "GET"
                ? Effect.void
                : Effect.logInfo(`admin ${endpoint.identifier}${subject}: ${outcome} (${requestId})`)
            return Effect.provideService(handled, AdminCall, call).pipe(
              Effect.matchCauseEffect({
                onSuccess: (response) =>
                  Effect.as(note("done"), HttpServerResponse.setHeaders(response, adminHeaders(requestId))),
                onFailure: (cause) => {
                  if (Cause.hasInterruptsOnly(cause)) return Effect.interrupt
                  const body = failed(cause)
                  return Effect.as(note(body.error.type), adminErrorResponse(body))
                }
              }),
              Effect.onInterrupt(() => note("the caller left"))
            )
          })
        })
      )
    })
  )

const closed =
  "There is no admin API here. To switch it on, set server.adminKey in the config file, or SWITCHYARD_ADMIN_KEY where there is none"
const noKey = "This needs the admin key, as 'Authorization: Bearer …' or in the 'x-api-key' header"
const unforeseen = "The gateway met an internal error; the log has it under this request's id"

/** A path's or a query's parameter that could not be read. */
const badParameter = (error: unknown, requestId: string): AdminError | undefined =>
  HttpApiError.HttpApiSchemaError.is(error) && (error.kind === "Params" || error.kind === "Query")
    ? faultIn(error.cause.issue, requestId)
    : undefined
