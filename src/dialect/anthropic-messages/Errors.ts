/**
 * Errors as this wire tells them: `{ type: "error", error: { type, message }, request_id }`.
 *
 * Statuses and types are Anthropic's (https://docs.anthropic.com/en/api/errors), since its SDKs choose the class of
 * the exception by status and retry by it: 529, not 503, means "overloaded" here, and there is no 502.
 *
 * @module
 */
import type { GatewayError, GatewayReason } from "../../domain/GatewayError.ts"
import type { ReasonTag } from "../../domain/ProviderError.ts"
import type { JsonObject } from "../../domain/Json.ts"
import type { EncodedError } from "../Dialect.ts"
import { vendorWords } from "../VendorWords.ts"
import { dialectId, type MessagesErrorType } from "./Wire.ts"

/** `undefined`: any 4xx, the gateway's own status is kept. */
const statuses: { readonly [T in MessagesErrorType]: number | undefined } = {
  invalid_request_error: undefined,
  authentication_error: 401,
  billing_error: 402,
  permission_error: 403,
  not_found_error: 404,
  request_too_large: 413,
  rate_limit_error: 429,
  api_error: 500,
  timeout_error: 504,
  overloaded_error: 529
}

/** A provider's failure, told to the caller. Trouble with the gateway's own account is no fault of the caller's. */
const ofProvider: { readonly [T in ReasonTag]: MessagesErrorType } = {
  RateLimited: "rate_limit_error",
  QuotaExhausted: "api_error",
  Overloaded: "overloaded_error",
  ServerError: "api_error",
  Network: "api_error",
  Timeout: "timeout_error",
  AuthenticationFailed: "api_error",
  AccessDenied: "api_error",
  ModelUnavailable: "not_found_error",
  ContentPolicy: "invalid_request_error",
  ContextLengthExceeded: "invalid_request_error",
  InvalidRequest: "invalid_request_error",
  UnsupportedFeature: "invalid_request_error",
  MalformedResponse: "api_error"
}

/** The gateway's own reasons; `AllFailed` is its first failure. */
const ofGateway: { readonly [T in Exclude<GatewayReason["_tag"], "AllFailed">]: MessagesErrorType } = {
  BadRequest: "invalid_request_error",
  Unauthorized: "authentication_error",
  KeysUnavailable: "overloaded_error",
  LimitReached: "rate_limit_error",
  Forbidden: "permission_error",
  RouteNotFound: "not_found_error",
  MethodNotAllowed: "invalid_request_error",
  BodyTooLarge: "request_too_large",
  UnsupportedMediaType: "invalid_request_error",
  UnknownModel: "not_found_error",
  NotFound: "not_found_error",
  ModelCannot: "invalid_request_error",
  NobodyAvailable: "overloaded_error",
  CostCapReached: "invalid_request_error",
  BudgetExhausted: "billing_error",
  NotCached: "not_found_error",
  BudgetUnrecorded: "overloaded_error",
  DeadlineExceeded: "timeout_error",
  CutShort: "api_error",
  ShuttingDown: "overloaded_error",
  Internal: "api_error"
}

const typeOf = (reason: GatewayReason): MessagesErrorType =>
  reason._tag === "AllFailed" ? ofProvider[reason.first._tag] : ofGateway[reason._tag]

const errorObject = (error: GatewayError): JsonObject => ({
  type: typeOf(error.reason),
  message: error.message,
  ...detailsOf(error.reason)
})

/** The codes that the vendor's SDK matches on, by the field that it can do without where it is refused. */
const codes: ReadonlyMap<string, string> = new Map([["thread", "thread_unsupported_request"]])

/** What of the request was refused. */
const refusedFields = (reason: GatewayReason): ReadonlyArray<string> => {
  if (reason._tag === "BadRequest") return reason.param === undefined ? [] : [reason.param]
  return reason._tag === "AllFailed" && reason.first._tag === "UnsupportedFeature"
    ? reason.first.feature.split(", ")
    : []
}

const detailsOf = (reason: GatewayReason): JsonObject => {
  const fields = refusedFields(reason)
  const known = fields.filter((field) => codes.has(field))
  const told = reason._tag === "BadRequest" ? reason.code : undefined
  const code = told ?? known.map((field) => codes.get(field))[0]
  return code === undefined ? {} : { details: { error_code: code, unsupported: told === undefined ? known : fields } }
}

/** The vendor's own error where it speaks this dialect and the failure is about the request; else the gateway's. */
export const encodeError = (error: GatewayError, requestId: string): EncodedError => {
  const own = vendorWords(error, dialectId)
  return {
    status: own?.status ?? statuses[typeOf(error.reason)] ?? error.status,
    body: own?.body ?? { type: "error", error: errorObject(error), request_id: requestId }
  }
}

/** The same as an event inside a stream. */
export const errorEvent = (error: GatewayError): JsonObject =>
  vendorWords(error, dialectId)?.body ?? { type: "error", error: errorObject(error) }
