/**
 * What went wrong with a call of the admin API, in its one shape.
 *
 * @module
 */
import { HttpServerResponse } from "effect/http"
import { type AdminError, type AdminErrorType, adminStatus } from "../api/Errors.ts"
import type { GatewayError, GatewayReason } from "../domain/GatewayError.ts"
import type { OperationRefused } from "../gateway/Operations.ts"
import { type HeaderFields, idHeaders } from "./Reply.ts"

/** The body of an error. */
export const adminError = (type: AdminErrorType, message: string, requestId: string, param?: string): AdminError => ({
  error: { type, message, ...(param === undefined ? undefined : { param }), request_id: requestId }
})

/** Is it such a body? */
export const isAdminError = (value: unknown): value is AdminError =>
  typeof value === "object" &&
  value !== null &&
  "error" in value &&
  typeof value.error === "object" &&
  value.error !== null &&
  "type" in value.error &&
  typeof value.error.type === "string" &&
  Object.hasOwn(adminStatus, value.error.type)

const refusals: { readonly [K in OperationRefused["kind"]]: AdminErrorType } = {
  missing: "not_found",
  refused: "conflict",
  invalid: "invalid_request",
  unavailable: "unavailable"
}

/** What an operation refused, told by the kind of its refusal. */
export const operationError = ({ kind, message, param }: OperationRefused, requestId: string): AdminError =>
  adminError(refusals[kind], message, requestId, param)

/** The types of what the edge refuses; what only inference meets is not told here. */
const typeOf = (reason: GatewayReason): AdminErrorType => {
  switch (reason._tag) {
    case "BadRequest":
      return "invalid_request"
    case "Unauthorized":
      return "unauthorized"
    case "Forbidden":
      return "forbidden"
    case "RouteNotFound":
      return "not_found"
    case "MethodNotAllowed":
      return "method_not_allowed"
    case "BodyTooLarge":
      return "body_too_large"
    case "UnsupportedMediaType":
      return "unsupported_media_type"
    default:
      return "internal_error"
  }
}

/** An error of the gateway as the admin API tells it. */
export const adminErrorOf = (error: GatewayError, requestId: string): AdminError =>
  adminError(
    typeOf(error.reason),
    error.message,
    requestId,
    error.reason._tag === "BadRequest" ? error.reason.param : undefined
  )

/** Headers of every answer of the admin API: nothing of it is kept by anybody on the way. */
export const adminHeaders = (requestId: string): HeaderFields => ({
  ...idHeaders(requestId),
  "cache-control": "no-store"
})

/** The answer to a call that went wrong. */
export const adminErrorResponse = (body: AdminError): HttpServerResponse.HttpServerResponse => {
  const { request_id, type } = body.error
  const headers: Record<string, string> = { ...adminHeaders(request_id) }
  if (type === "unauthorized") headers["www-authenticate"] = "Bearer"
  // a body that was not read to its end leaves nothing to read the next request from
  if (type === "body_too_large") headers["connection"] = "close"
  return HttpServerResponse.jsonUnsafe(body, { status: adminStatus[type], headers })
}

/** The answer to a request under `/admin` that reached no handler. */
export const adminRefusal = (error: GatewayError, requestId: string): HttpServerResponse.HttpServerResponse => {
  const response = adminErrorResponse(adminErrorOf(error, requestId))
  return error.reason._tag === "MethodNotAllowed"
    ? HttpServerResponse.setHeader(response, "allow", error.reason.allowed.join(", "))
    : response
}
