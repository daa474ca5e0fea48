/**
 * What each vendor that speaks Chat Completions says beyond OpenAI's own errors. Each list stands before OpenAI's.
 *
 * @module
 */
import type { ErrorTable } from "./ErrorRow.ts"

/** https://console.groq.com/docs/errors */
export const groqErrors: ErrorTable = [
  { code: ["organization_restricted", "organization_disabled", "blocked_api_access"], is: "AccountDenied" },
  { status: [400, 403], message: /organization has been restricted/i, is: "AccountDenied" },
  { code: ["model_decommissioned", "model_terms_required", "model_not_active"], is: "ModelUnavailable" },
  { status: 498, is: "Overloaded" },
  { code: "tool_use_failed", is: "MalformedResponse", byModel: true },
  { code: "json_validate_failed", is: "MalformedResponse", byModel: true }
]

/** https://docs.mistral.ai/api */
export const mistralErrors: ErrorTable = [
  // all that it says of a wrong key
  { status: 401, message: /^unauthorized$/i, is: "AuthenticationFailed" },
  { code: "3505", is: "Overloaded" },
  { message: /service tier capacity exceeded/i, is: "Overloaded" },
  { code: ["rate_limited", "1300"], is: "RateLimited" },
  { code: ["invalid_model", "1500"], is: "ModelUnavailable" },
  { code: "3051", is: "ContextLengthExceeded" },
  { status: 403, message: /inactive subscription|check your billing/i, is: "QuotaExhausted" }
]

/** https://api-docs.deepseek.com/quick_start/error_codes */
export const deepseekErrors: ErrorTable = [
  { message: /insufficient balance/i, is: "QuotaExhausted" },
  { status: [400, 404], message: /model not exist/i, is: "ModelUnavailable" },
  { message: /content exists risk/i, is: "ContentPolicy" },
  // https://github.com/deepseek-ai/DeepSeek-V3/issues/1376
  { status: 400, message: /does not support this tool_choice/i, is: "UnsupportedFeature", feature: "tool_choice" }
]

/** https://docs.together.ai/docs/error-codes */
export const togetherErrors: ErrorTable = [
  { code: ["credit_limit", "insufficient_funds"], is: "QuotaExhausted" },
  { status: 403, message: /credit card|positive balance|build tier/i, is: "QuotaExhausted" },
  { code: ["model_not_available", "missing_model"], is: "ModelUnavailable" },
  { status: [400, 404], message: /unable to access (?:non-serverless )?model/i, is: "ModelUnavailable" },
  { code: ["model_rate_limit", "dynamic_request_limited", "dynamic_token_limited"], is: "RateLimited" }
]

/** https://docs.fireworks.ai/guides/inference-error-codes */
export const fireworksErrors: ErrorTable = [
  { status: 412, message: /suspended|spending limit|past invoices/i, is: "QuotaExhausted" },
  { code: "NOT_FOUND", is: "ModelUnavailable" }
]

/**
 * https://openrouter.ai/docs/api-reference/errors
 *
 * Before it asks anybody it holds what a request may cost at most against the credit that is left: a 402 may mean that
 * this one is too large, while smaller ones are answered. It says for how many tokens the credit would do; for fewer
 * than a hundred nothing is of use.
 */
export const openrouterErrors: ErrorTable = [
  { status: 402, code: "weight_exceeds_budget", is: "UnsupportedFeature", feature: "max_tokens" },
  {
    status: 402,
    message: /fewer max_tokens.{0,80}can only afford \d{3}|prompt tokens limit exceeded: \d+ > \d{3}/i,
    is: "UnsupportedFeature",
    feature: "max_tokens"
  },
  { code: "moderation", is: "ContentPolicy" },
  { status: 401, message: /no auth credentials|user not found|invalid credentials/i, is: "AuthenticationFailed" },
  { status: 403, message: /moderation|flagged|guardrail/i, is: "ContentPolicy" },
  { status: 403, message: /(?:key|spending|credit) limit (?:exceeded|reached)/i, is: "QuotaExhausted" },
  { status: 429, message: /free-models-per-day|daily limit/i, is: "QuotaExhausted" },
  { status: 404, message: /no endpoints found that support tool/i, is: "UnsupportedFeature", feature: "tools" },
  { status: 404, message: /no endpoints found that support image/i, is: "UnsupportedFeature", feature: "images" },
  {
    status: [400, 404],
    message: /not a valid model id|no endpoints found|no allowed providers/i,
    is: "ModelUnavailable"
  }
]

/** https://inference-docs.cerebras.ai/support/error */
export const cerebrasErrors: ErrorTable = [
  { code: "wrong_api_key", is: "AuthenticationFailed" },
  { code: "queue_exceeded", is: "Overloaded" },
  { status: 429, message: /high traffic/i, is: "Overloaded" },
  {
    code: ["request_quota_exceeded", "token_quota_exceeded", "too_many_requests_error"],
    message: /per day|daily/i,
    is: "QuotaExhausted"
  },
  { code: ["request_quota_exceeded", "token_quota_exceeded", "too_many_requests_error"], is: "RateLimited" },
  { code: ["payment_required", "payment_required_error"], is: "QuotaExhausted" }
]

/** https://docs.x.ai/docs/key-information/debugging; the `code` is a sentence, so the words have to do. */
export const xaiErrors: ErrorTable = [
  { status: 400, message: /incorrect api key/i, is: "AuthenticationFailed" },
  {
    status: [403, 429],
    message:
      /used all available credits|monthly spending limit|doesn't have any credits|run out of credits|purchase (?:more )?credits/i,
    is: "QuotaExhausted"
  },
  { status: 403, message: /(?:api key|team) is (?:currently )?blocked/i, is: "AccountDenied" },
  { status: 403, message: /content violates usage guidelines|safety_check/i, is: "ContentPolicy" },
  { status: [400, 404], message: /model .{0,120}(?:does not exist|not found)/i, is: "ModelUnavailable" }
]

/** https://docs.perplexity.ai */
export const perplexityErrors: ErrorTable = [
  { code: "invalid_model", is: "ModelUnavailable" },
  { status: 401, message: /exceeded your current quota|insufficient (?:credit|balance)/i, is: "QuotaExhausted" }
]

/** Ollama, LM Studio and vLLM on one's own machines. */
export const localErrors: ErrorTable = [
  // llama.cpp says it with a 500
  { status: [400, 500], message: /exceeds the available context size/i, is: "ContextLengthExceeded" },
  {
    status: [400, 404, 500],
    message: /model .{0,160}(?:not found|does not exist)|no models? (?:is |are )?loaded|failed to load model/i,
    is: "ModelUnavailable"
  },
  // https://github.com/lmstudio-ai/lmstudio-bug-tracker/issues/189, …/670
  { status: 400, message: /'response_format\.type' must be/i, is: "UnsupportedFeature", feature: "response_format" },
  { status: 400, message: /invalid tool_choice type/i, is: "UnsupportedFeature", feature: "tool_choice" },
  { status: [500, 503], message: /server busy|maximum pending requests/i, is: "Overloaded" }
]
