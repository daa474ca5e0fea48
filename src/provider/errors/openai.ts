/**
 * OpenAI's errors. https://platform.openai.com/docs/guides/error-codes
 *
 * @module
 */
import type { ErrorTable } from "./ErrorRow.ts"

export const openaiErrors: ErrorTable = [
  // the account
  { code: "account_deactivated", is: "AccountDenied" },
  { code: "unsupported_country_region_territory", is: "AccountDenied" },
  { message: /country, region, or territory not supported/i, is: "AccountDenied" },
  {
    status: [401, 403],
    message: /(?:organization|account|project) (?:has been|is) (?:disabled|deactivated|suspended|archived|banned)/i,
    is: "AccountDenied"
  },
  {
    code: ["insufficient_quota", "billing_not_active", "billing_hard_limit_reached", "access_terminated_by_billing"],
    is: "QuotaExhausted"
  },
  // the key
  {
    code: ["invalid_api_key", "mismatched_organization", "ip_not_authorized", "invalid_organization"],
    is: "AuthenticationFailed"
  },
  { code: "authentication_error", is: "AuthenticationFailed" },
  {
    status: [401, 403],
    message: /(?:incorrect|invalid) api key|api key .{0,40}(?:incorrect|invalid)/i,
    is: "AuthenticationFailed"
  },
  // a restricted key: for one kind of request, or for all of them
  { code: "missing_scope", is: "AuthenticationFailed", unspecific: true },
  // the model
  { code: ["model_not_found", "model_decommissioned", "model_deprecated"], is: "ModelUnavailable" },
  {
    status: [400, 404],
    message: /model .{0,120}(?:has been|is) (?:deprecated|decommissioned|shut ?down|retired)/i,
    is: "ModelUnavailable"
  },
  {
    status: [400, 404],
    message: /is not a chat model|not supported in the v1\/chat\/completions endpoint/i,
    is: "ModelUnavailable"
  },
  // what was asked
  {
    status: 404,
    message: /^no such (?:file|container|skill|vector store|response|conversation)/i,
    is: "InvalidRequest"
  },
  { code: "context_length_exceeded", is: "ContextLengthExceeded" },
  { code: ["content_policy_violation", "content_filter", "invalid_prompt", "moderation_blocked"], is: "ContentPolicy" },
  { code: ["unsupported_parameter", "unsupported_value", "unsupported_file"], is: "UnsupportedFeature" },
  // https://github.com/openai/openai-openapi/issues/541
  {
    status: 400,
    message: /function tools with reasoning_effort are not supported/i,
    is: "UnsupportedFeature",
    feature: "reasoning_effort with tools"
  },
  {
    status: 400,
    message: /image_url is only supported by certain models/i,
    is: "UnsupportedFeature",
    feature: "images"
  },
  // one request is over the account's tokens a minute: it is never answered here, while smaller ones are
  { status: [413, 429], message: /^request too large\b/i, is: "UnsupportedFeature", feature: "a request of this size" },
  // how busy it is
  { code: "rate_limit_exceeded", is: "RateLimited" },
  {
    code: ["server_is_overloaded", "server_overloaded", "slow_down", "engine_overloaded", "service_unavailable"],
    is: "Overloaded"
  },
  {
    message: /the (?:engine|server|model) is (?:currently )?overloaded|overloaded with other requests/i,
    is: "Overloaded"
  },
  { code: ["server_error", "internal_error", "internal_server_error"], is: "ServerError" }
]
