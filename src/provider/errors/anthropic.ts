/**
 * Anthropic's errors. https://docs.claude.com/en/api/errors
 *
 * Since API version 2026-10-21 `details.error_code` names the cause; older versions, and causes without a code, have
 * only the type and words. Inside a stream an error event has no status, so types stand for themselves.
 *
 * @module
 */
import type { ErrorTable } from "./ErrorRow.ts"

export const anthropicErrors: ErrorTable = [
  // the account
  { code: ["organization_on_hold", "cmek_key_disabled"], is: "AccountDenied" },
  {
    code: [
      "contract_spend_limit_reached",
      "enforced_spend_limit_reached",
      "linked_organization_spend_limit_reached",
      "linked_organization_billing_unavailable"
    ],
    is: "QuotaExhausted"
  },
  { code: "claude_code_key_creator_not_member", is: "AuthenticationFailed" },
  // the account, in words alone: said with 400 and 403
  { message: /organization has been disabled|account has been (?:disabled|suspended)/i, is: "AccountDenied" },
  { status: 403, code: "forbidden", message: /request not allowed/i, is: "AccountDenied" },
  { message: /not available in your (?:country|region)|unsupported (?:country|region)/i, is: "AccountDenied" },
  { code: "billing_error", is: "QuotaExhausted" },
  { status: [400, 402, 403], message: /credit balance is too low/i, is: "QuotaExhausted" },
  { status: [400, 403], message: /reached your specified (?:api )?usage limits?/i, is: "QuotaExhausted" },
  { code: "authentication_error", is: "AuthenticationFailed" },
  // says no more than a 403: it may be about a file, a beta feature, the model or the workspace
  { code: "permission_error", is: "ModelDenied", unspecific: true },
  // the model (`model: claude-x`), as against what a request names (`container: …`, `File not found: …`), as against
  // an address that is none
  { code: "not_found_error", message: /^file|file_[a-z0-9]/i, is: "InvalidRequest" },
  { code: "not_found_error", message: /^models?\b|\bmodel\b.{0,160}not (?:found|exist)/i, is: "ModelUnavailable" },
  {
    code: "not_found_error",
    message: /^[\w.]+: |\b(?:file|container|skill|memory|vault|session|environment)s?\b/i,
    is: "InvalidRequest"
  },
  { code: "not_found_error", is: "ModelUnavailable", unspecific: true },
  // what was asked
  { code: "request_too_large", is: "InvalidRequest" },
  { status: [400, 413], message: /prompt is too long/i, is: "ContextLengthExceeded" },
  { status: 400, message: /exceed context limit|exceeds? (?:the )?context window/i, is: "ContextLengthExceeded" },
  { status: 400, message: /blocked by content filtering policy|violat\w+ .{0,40}usage policy/i, is: "ContentPolicy" },
  { status: 400, message: /does not support assistant message prefill/i, is: "UnsupportedFeature", feature: "prefill" },
  { status: 400, message: /does not support effort/i, is: "UnsupportedFeature", feature: "reasoning effort" },
  {
    status: 400,
    message:
      /(?:adaptive |extended )?thinking(?:\.\S+)? is not supported|does not support (?:adaptive |extended )?thinking/i,
    is: "UnsupportedFeature",
    feature: "thinking"
  },
  {
    status: 400,
    message: /does not support .{0,40}(?:image|pdf|document)/i,
    is: "UnsupportedFeature",
    feature: "images"
  },
  // said with a 429, and of no other request
  { message: /required for long context/i, is: "UnsupportedFeature", feature: "a request of this size" },
  // how busy it is
  { code: "ramp_limit_exceeded", is: "RateLimited" },
  { code: ["cmek_context_unavailable", "cmek_key_unreachable"], is: "Overloaded" },
  { code: "rate_limit_error", is: "RateLimited" },
  { code: "overloaded_error", is: "Overloaded" },
  // an `api_error` like a 500's: the status says more than the type
  { status: 503, is: "Overloaded" },
  { code: ["api_error", "timeout_error"], is: "ServerError" },
  { code: "invalid_request_error", is: "InvalidRequest" }
]
