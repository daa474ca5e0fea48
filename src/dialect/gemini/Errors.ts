/**
 * What a caller of this wire is told when there is no answer: Google's error model, one `error` with the HTTP status as
 * its `code`, a canonical `status`, and typed `details`. https://cloud.google.com/apis/design/errors
 *
 * - A wait that is known is a `RetryInfo`, a limit of the caller's key a `QuotaFailure`, the field at fault a `BadRequest`, the gateway's own word for what happened an
 *   `ErrorInfo`, and the request's id a `RequestInfo`.
 * - The status is the error's own. What went wrong between the gateway and a vendor (its accounts, its keys) is neither
 *   UNAUTHENTICATED nor RESOURCE_EXHAUSTED to the caller.
 *
 * @module
 */
import type { GatewayError, GatewayReason } from "../../domain/GatewayError.ts"
import { isJsonObject, type JsonObject } from "../../domain/Json.ts"
import type { ReasonTag } from "../../domain/ProviderError.ts"
import type { EncodedError } from "../Dialect.ts"
import { vendorWords } from "../VendorWords.ts"
import { dialectId, type ErrorStatus } from "./Wire.ts"

/** A provider's failure, told to the caller. */
const ofProvider: { readonly [T in ReasonTag]: ErrorStatus } = {
  RateLimited: "RESOURCE_EXHAUSTED",
  QuotaExhausted: "UNAVAILABLE",
  Overloaded: "UNAVAILABLE",
  ServerError: "INTERNAL",
  Network: "UNAVAILABLE",
  Timeout: "DEADLINE_EXCEEDED",
  AuthenticationFailed: "UNAVAILABLE",
  AccessDenied: "UNAVAILABLE",
  ModelUnavailable: "NOT_FOUND",
  ContentPolicy: "INVALID_ARGUMENT",
  ContextLengthExceeded: "INVALID_ARGUMENT",
  InvalidRequest: "INVALID_ARGUMENT",
  UnsupportedFeature: "INVALID_ARGUMENT",
  MalformedResponse: "INTERNAL"
}

/** The gateway's own reasons; `AllFailed` is its first failure. */
const ofGateway: { readonly [T in Exclude<GatewayReason["_tag"], "AllFailed">]: ErrorStatus } = {
  BadRequest: "INVALID_ARGUMENT",
  Unauthorized: "UNAUTHENTICATED",
  KeysUnavailable: "UNAVAILABLE",
  LimitReached: "RESOURCE_EXHAUSTED",
  Forbidden: "PERMISSION_DENIED",
  RouteNotFound: "NOT_FOUND",
  MethodNotAllowed: "UNIMPLEMENTED",
  BodyTooLarge: "INVALID_ARGUMENT",
  UnsupportedMediaType: "INVALID_ARGUMENT",
  UnknownModel: "NOT_FOUND",
  NotFound: "NOT_FOUND",
  ModelCannot: "INVALID_ARGUMENT",
  NobodyAvailable: "UNAVAILABLE",
  CostCapReached: "FAILED_PRECONDITION",
  BudgetExhausted: "RESOURCE_EXHAUSTED",
  NotCached: "NOT_FOUND",
  BudgetUnrecorded: "UNAVAILABLE",
  DeadlineExceeded: "DEADLINE_EXCEEDED",
  CutShort: "UNAVAILABLE",
  ShuttingDown: "UNAVAILABLE",
  Internal: "INTERNAL"
}

const statusOf = (reason: GatewayReason): ErrorStatus =>
  reason._tag === "AllFailed" ? ofProvider[reason.first._tag] : ofGateway[reason._tag]

const type = (name: string): string => `type.googleapis.com/google.rpc.${name}`

/** The tag of a reason in the words of an `ErrorInfo`: `RateLimited` is RATE_LIMITED. */
const wordOf = (tag: string): string => tag.replace(/(?<=[a-z])(?=[A-Z])/g, "_").toUpperCase()

const tagOf = (reason: GatewayReason): string => {
  if (reason._tag === "AllFailed") return reason.first._tag
  return reason._tag === "CutShort" ? reason.reason._tag : reason._tag
}

const paramOf = (reason: GatewayReason): string | undefined => {
  if (reason._tag === "BadRequest" || reason._tag === "ModelCannot") return reason.param
  return reason._tag === "AllFailed" && reason.first._tag === "InvalidRequest" ? reason.first.param : undefined
}

const detailsOf = (error: GatewayError, requestId: string): ReadonlyArray<JsonObject> => {
  const param = paramOf(error.reason)
  const wait = error.retryAfterMillis
  return [
    { "@type": type("ErrorInfo"), reason: wordOf(tagOf(error.reason)), domain: "switchyard" },
    ...(param === undefined
      ? []
      : [{ "@type": type("BadRequest"), fieldViolations: [{ field: param, description: error.message }] }]),
    ...(error.reason._tag === "LimitReached"
      ? [
          {
            "@type": type("QuotaFailure"),
            violations: [
              {
                subject: `key:${error.reason.key}`,
                quotaId: error.reason.what,
                quotaValue: String(error.reason.limit),
                description: error.message
              }
            ]
          }
        ]
      : []),
    ...(error.reason._tag === "BudgetExhausted"
      ? [
          {
            "@type": type("QuotaFailure"),
            violations: [
              {
                subject: error.reason.scope,
                quotaId: `budgetPer${error.reason.window}`,
                description: error.message
              }
            ]
          }
        ]
      : []),
    ...(wait === undefined
      ? []
      : [{ "@type": type("RetryInfo"), retryDelay: `${Math.max(0, Math.ceil(wait / 1000))}s` }]),
    ...(requestId === "" ? [] : [{ "@type": type("RequestInfo"), requestId }])
  ]
}

const envelope = (error: GatewayError, requestId: string): JsonObject => ({
  error: {
    code: error.status,
    message: error.message,
    status: statusOf(error.reason),
    details: detailsOf(error, requestId)
  }
})

/** The vendor's own error where it speaks this dialect and the failure is about the request; else the gateway's. */
export const encodeError = (error: GatewayError, requestId: string): EncodedError => {
  const own = vendorWords(error, dialectId)
  return { status: own?.status ?? error.status, body: own?.body ?? envelope(error, requestId) }
}

/** The chunk that ends a broken stream. The official SDK throws on a `code` of an HTTP error alone. */
export const streamError = (error: GatewayError): JsonObject => {
  const own = vendorWords(error, dialectId)?.body
  const told = own === undefined ? undefined : own["error"]
  const code = isJsonObject(told) ? told["code"] : undefined
  return own !== undefined && typeof code === "number" && code >= 400 && code < 600 ? own : envelope(error, "")
}
