/**
 * What a Chat Completions caller is told when there is no answer: OpenAI's envelope, with its types and codes where it
 * has one for the case. https://platform.openai.com/docs/guides/error-codes
 *
 * The status is the error's own. What went wrong between the gateway and a vendor (its accounts, its keys) is a
 * `server_error` with a code of its own: to the caller it is neither `invalid_api_key` nor `insufficient_quota`,
 * which is what a budget of the operator's is that has no room.
 *
 * @module
 */
import type { GatewayError, GatewayReason } from "../../domain/GatewayError.ts"
import type { Reason } from "../../domain/ProviderError.ts"
import type { JsonObject } from "../../domain/Json.ts"
import type { EncodedError } from "../Dialect.ts"
import { vendorWords } from "../VendorWords.ts"
import { type ChatCompletionsError, dialectId } from "./Wire.ts"

interface Row {
  readonly type: string
  readonly code: string | null
  readonly param?: string
}

const request = (code: string | null, param?: string): Row => ({
  type: "invalid_request_error",
  code,
  ...(param === undefined ? {} : { param })
})
const server = (code: string): Row => ({ type: "server_error", code })

/** One row a reason of the gateway's own. */
const rows: { readonly [T in Exclude<GatewayReason["_tag"], "AllFailed" | "CutShort">]: Row } = {
  BadRequest: request(null),
  Unauthorized: request("invalid_api_key"),
  KeysUnavailable: server("service_unavailable"),
  LimitReached: { type: "requests", code: "rate_limit_exceeded" },
  Forbidden: { type: "request_forbidden", code: "forbidden" },
  RouteNotFound: request("unknown_url"),
  MethodNotAllowed: request("method_not_supported"),
  BodyTooLarge: request("request_too_large"),
  UnsupportedMediaType: request("unsupported_content_type"),
  UnknownModel: request("model_not_found", "model"),
  NotFound: request("not_found"),
  ModelCannot: request("unsupported_value"),
  NobodyAvailable: server("service_unavailable"),
  CostCapReached: request("cost_cap_reached"),
  // as OpenAI says it of an account: callers know from the code that to repeat it is no use
  BudgetExhausted: { type: "insufficient_quota", code: "insufficient_quota" },
  NotCached: request("not_cached"),
  BudgetUnrecorded: server("service_unavailable"),
  DeadlineExceeded: server("timeout"),
  ShuttingDown: server("service_unavailable"),
  Internal: server("internal_error")
}

/** One row a provider's failure. */
const providerRows: { readonly [T in Reason["_tag"]]: Row } = {
  RateLimited: { type: "requests", code: "rate_limit_exceeded" },
  QuotaExhausted: server("provider_quota_exhausted"),
  Overloaded: server("overloaded"),
  ServerError: server("provider_error"),
  Network: server("provider_unreachable"),
  Timeout: server("timeout"),
  AuthenticationFailed: server("provider_authentication_failed"),
  AccessDenied: server("provider_access_denied"),
  ModelUnavailable: request("model_not_found", "model"),
  ContentPolicy: request("content_filter"),
  ContextLengthExceeded: request("context_length_exceeded", "messages"),
  InvalidRequest: request(null),
  UnsupportedFeature: request("unsupported_value"),
  MalformedResponse: server("provider_malformed_response")
}

const rowOf = (reason: GatewayReason): Row => {
  switch (reason._tag) {
    case "AllFailed":
      // a code of another vendor's means nothing to a caller of this dialect; this dialect's own stand in its own words
      return withOwn(providerRows[reason.first._tag], paramOf(reason.first))
    case "CutShort":
      return server(providerRows[reason.reason._tag].code ?? "provider_error")
    case "LimitReached":
      return { ...rows.LimitReached, type: reason.what === "tokensPerMinute" ? "tokens" : "requests" }
    case "BadRequest":
    case "ModelCannot":
    case "NotFound":
      return withOwn(rows[reason._tag], reason)
    default:
      return rows[reason._tag]
  }
}

const paramOf = (reason: Reason): { readonly param?: string } =>
  reason._tag === "InvalidRequest" && reason.param !== undefined ? { param: reason.param } : {}

/** The row with the field and code the reason itself names. */
const withOwn = (row: Row, own: { readonly param?: string; readonly code?: string }): Row => {
  const param = own.param ?? row.param
  return { type: row.type, code: own.code ?? row.code, ...(param === undefined ? {} : { param }) }
}

/** OpenAI's error object, in the gateway's words. */
export const envelope = (error: GatewayError, note: string): ChatCompletionsError => {
  const { code, param, type } = rowOf(error.reason)
  return { error: { message: `${error.message}${note}`, type, param: param ?? null, code } }
}

/** The vendor's own where it speaks this wire, or its younger sister, and the failure is about the request. */
const ownWords = (error: GatewayError) => vendorWords(error, dialectId) ?? vendorWords(error, "openai-responses")

/**
 * The body and status of an answer that is an error: the vendor's own where it speaks this dialect and the failure is
 * about the request. A failure of the gateway's names the request, to be found again.
 */
export const encodeError = (error: GatewayError, requestId: string): EncodedError => {
  const own = ownWords(error)
  return {
    status: own?.status ?? error.status,
    body: own?.body ?? envelope(error, noteOf(error, requestId))
  }
}

/** The end of the sentence that tells of a failure of the gateway's. */
export const noteOf = (error: GatewayError, requestId: string): string =>
  error.status >= 500 && requestId !== "" ? ` (request id ${requestId})` : ""

/** The data of the event that ends a broken stream. The official SDKs throw on its `error`. */
export const streamError = (error: GatewayError): JsonObject => ownWords(error)?.body ?? envelope(error, "")
