import { assert, describe, it } from "@effect/vitest"
import type { ProviderKind } from "../../../src/config/ProviderSpec.ts"
import { type Json, parseJson } from "../../../src/domain/Json.ts"
import { isUnspecific, ProviderError, type Reason } from "../../../src/domain/ProviderError.ts"
import { classify, errorTables } from "../../../src/provider/errors/classify.ts"
import { paramIn, paramRows } from "../../../src/provider/errors/params.ts"
import { readErrorFacts } from "../../../src/provider/errors/ErrorFacts.ts"

const reasonOf = (
  kind: ProviderKind,
  status: number | undefined,
  body: Json | undefined,
  headers: Readonly<Record<string, string>> = {}
): Reason => classify(errorTables[kind], { facts: readErrorFacts(status, body), headers }, [], 0)

/** The reason in short: its tag, with the scope, the feature or the wait where it has one, and whether it is vague. */
const shortOf = (reason: Reason): string => tagOf(reason) + (isUnspecific(reason) ? " (unspecific)" : "")
const tagOf = (reason: Reason): string => {
  switch (reason._tag) {
    case "AccessDenied":
      return `AccessDenied ${reason.scope}`
    case "UnsupportedFeature":
      return `UnsupportedFeature ${reason.feature}`
    case "RateLimited":
    case "QuotaExhausted":
    case "Overloaded":
      return reason.retryAfterMillis === undefined ? reason._tag : `${reason._tag} ${reason.retryAfterMillis}`
    default:
      return reason._tag
  }
}

const openaiError = (message: string, type: string | null, code: string | null, param: string | null = null): Json => ({
  error: { message, type, param, code }
})
const anthropicError = (type: string, message: string, errorCode?: string): Json => ({
  type: "error",
  error: { type, message, ...(errorCode === undefined ? {} : { details: { error_code: errorCode } }) },
  request_id: "req_011"
})
const googleError = (code: number, status: string, message: string, details: ReadonlyArray<Json> = []): Json => ({
  error: { code, message, status, details }
})
const errorInfo = (reason: string): Json => ({
  "@type": "type.googleapis.com/google.rpc.ErrorInfo",
  reason,
  domain: "googleapis.com"
})
const quotaFailure = (...quotaIds: ReadonlyArray<string>): Json => ({
  "@type": "type.googleapis.com/google.rpc.QuotaFailure",
  violations: quotaIds.map((quotaId) => ({ quotaId }))
})
const retryInfo = (retryDelay: string): Json => ({
  "@type": "type.googleapis.com/google.rpc.RetryInfo",
  retryDelay
})

type Row = readonly [
  kind: ProviderKind,
  what: string,
  status: number | undefined,
  body: Json | undefined,
  reason: string
]

// prettier-ignore
const rows: ReadonlyArray<Row> = [
  // fields and choices that a vendor does not take
  ["groq", "a field of a message it does not know", 400, openaiError("'messages.1' : for 'role:assistant' the following must be satisfied[('messages.1' : property 'reasoning_content' is unsupported)]", "invalid_request_error", null), "UnsupportedFeature reasoning_content"],
  ["cerebras", "a field it does not know", 400, { message: "messages.2.assistant.reasoning_content: property 'messages.2.assistant.reasoning_content' is unsupported", type: "invalid_request_error", param: "validation_error", code: "wrong_api_format" }, "UnsupportedFeature messages.2.assistant.reasoning_content"],
  ["xai", "a field its thinking models refuse", 400, { code: "Client specified an invalid argument", error: "Argument not supported on this model: presencePenalty" }, "UnsupportedFeature presencePenalty"],
  ["mistral", "a field it does not know", 422, { object: "error", message: { detail: [{ type: "extra_forbidden", loc: ["body", "messages", 0, "user", "name"], msg: "Extra inputs are not permitted" }] } }, "UnsupportedFeature messages.0.user.name"],
  ["fireworks", "a field it does not know", 400, openaiError("Extra inputs are not permitted, field: 'store', value: True", "invalid_request_error", null), "UnsupportedFeature store"],
  ["openai", "a field an older model does not know", 400, openaiError("Unrecognized request argument supplied: reasoning_effort", "invalid_request_error", null), "UnsupportedFeature reasoning_effort"],
  ["openai", "an effort beside functions", 400, openaiError("Function tools with reasoning_effort are not supported for gpt-5.4 in /v1/chat/completions. Please use /v1/responses instead.", "invalid_request_error", null, "reasoning_effort"), "UnsupportedFeature reasoning_effort with tools"],
  ["deepseek", "a forced call while thinking", 400, openaiError("Thinking mode does not support this tool_choice", "invalid_request_error", null), "UnsupportedFeature tool_choice"],
  ["lmstudio", "any JSON", 400, { error: "'response_format.type' must be 'json_schema' or 'text'" }, "UnsupportedFeature response_format"],
  ["lmstudio", "a tool that must be called", 400, { error: "Invalid tool_choice type: 'object'. Supported string values: none, auto, required" }, "UnsupportedFeature tool_choice"],
  ["ollama", "thinking of a model that does not", 400, openaiError('"llama3.2" does not support thinking', "invalid_request_error", null), "UnsupportedFeature thinking"],
  // OpenAI
  ["openai", "a wrong key", 401, openaiError("Incorrect API key provided.", "invalid_request_error", "invalid_api_key"), "AuthenticationFailed"],
  ["openai", "a deactivated account", 401, openaiError("The OpenAI account associated with this API key has been deactivated.", "invalid_request_error", "account_deactivated"), "AccessDenied account"],
  ["openai", "a country that is not served", 403, openaiError("Country, region, or territory not supported", "request_forbidden", "unsupported_country_region_territory"), "AccessDenied account"],
  ["openai", "any other 403", 403, openaiError("You are not allowed to sample from this model", "invalid_request_error", null), "AccessDenied model (unspecific)"],
  ["openai", "a spent quota", 429, openaiError("You exceeded your current quota, please check your plan and billing details.", "insufficient_quota", "insufficient_quota"), "QuotaExhausted"],
  ["openai", "a spent quota told by its type alone", 429, openaiError("You exceeded your current quota.", "insufficient_quota", null), "QuotaExhausted"],
  ["openai", "an account without billing", 429, openaiError("Your account is not active, please check your billing details on our website.", "billing_not_active", "billing_not_active"), "QuotaExhausted"],
  ["openai", "a hard billing limit", 400, openaiError("Billing hard limit has been reached", "invalid_request_error", "billing_hard_limit_reached"), "QuotaExhausted"],
  ["openai", "a rate limit", 429, openaiError("Rate limit reached for gpt-4o on tokens per min (TPM): Limit 30000, Used 29937, Requested 385. Please try again in 644ms.", "tokens", "rate_limit_exceeded"), "RateLimited 644"],
  ["openai", "a request over the tokens per minute", 429, openaiError("Request too large for gpt-4o in organization org-x on tokens per min (TPM): Limit 30000, Requested 50000.", "tokens", "rate_limit_exceeded"), "UnsupportedFeature a request of this size"],
  ["openai", "a model that does not exist", 404, openaiError("The model `gpt-5.2-proo` does not exist or you do not have access to it.", "invalid_request_error", "model_not_found"), "ModelUnavailable"],
  ["openai", "a model that was retired", 404, openaiError("The model `text-davinci-003` has been deprecated, learn more here.", "invalid_request_error", null), "ModelUnavailable"],
  ["openai", "a prompt over the window", 400, openaiError("This model's maximum context length is 8192 tokens.", "invalid_request_error", "context_length_exceeded", "messages"), "ContextLengthExceeded"],
  ["openai", "a flagged prompt", 400, openaiError("Invalid prompt: your prompt was flagged as potentially violating our usage policy.", "invalid_request_error", "invalid_prompt"), "ContentPolicy"],
  ["openai", "a field the model does not take", 400, openaiError("Unsupported parameter: 'max_tokens' is not supported with this model.", "invalid_request_error", "unsupported_parameter", "max_tokens"), "UnsupportedFeature max_tokens"],
  ["openai", "an impossible value", 400, openaiError("Invalid 'temperature': decimal below minimum value.", "invalid_request_error", "decimal_below_min_value", "temperature"), "InvalidRequest"],
  ["openai", "a body that is too large", 413, undefined, "InvalidRequest"],
  ["openai", "an overload inside a stream", undefined, openaiError("Our servers are currently overloaded. Please try again later.", "service_unavailable_error", "server_is_overloaded"), "Overloaded"],
  ["openai", "an overloaded server", 503, openaiError("The server is currently overloaded with other requests.", "server_error", null), "Overloaded"],
  ["openai", "a failure of its own", 500, openaiError("The server had an error processing your request.", "server_error", null), "ServerError"],
  ["openai", "a bad gateway's page", 502, undefined, "ServerError"],
  ["openai", "a redirect", 301, undefined, "MalformedResponse"],
  ["openai", "an error inside a stream", undefined, openaiError("The server had an error while processing your request.", "server_error", null), "ServerError"],
  ["openai", "a rate limit inside a stream", undefined, openaiError("Rate limit reached", "tokens", "rate_limit_exceeded"), "RateLimited"],

  ["openai", "a wrong key told by its words alone", 401, openaiError("Incorrect API key provided.", "invalid_request_error", null), "AuthenticationFailed"],
  ["openai", "a restricted key", 401, openaiError("You have insufficient permissions for this operation. Missing scopes: model.request.", "invalid_request_error", "missing_scope"), "AuthenticationFailed (unspecific)"],
  ["openai", "a restricted key, without a code", 401, openaiError("You have insufficient permissions for this operation. Missing scopes: api.responses.write.", "invalid_request_error", null), "AuthenticationFailed (unspecific)"],
  ["openai", "a file that is not there", 404, openaiError("No such File object: file-abc", "invalid_request_error", null, "id"), "InvalidRequest"],
  ["openai", "an address that is none", 404, undefined, "ModelUnavailable (unspecific)"],
  ["openai", "a legal reason that it does not name", 451, undefined, "AccessDenied account (unspecific)"],

  // Anthropic
  ["anthropic", "a wrong key", 401, anthropicError("authentication_error", "invalid x-api-key"), "AuthenticationFailed"],
  ["anthropic", "an organization on hold", 400, anthropicError("invalid_request_error", "This organization is on hold.", "organization_on_hold"), "AccessDenied account"],
  ["anthropic", "a disabled organization in an older version's words", 400, anthropicError("invalid_request_error", "This organization has been disabled."), "AccessDenied account"],
  ["anthropic", "a place that is not served", 403, anthropicError("forbidden", "Request not allowed"), "AccessDenied account"],
  ["anthropic", "a missing permission", 403, anthropicError("permission_error", "Your API key does not have permission to use the specified resource."), "AccessDenied model (unspecific)"],
  ["anthropic", "no credit left", 400, anthropicError("invalid_request_error", "Your credit balance is too low to access the Anthropic API. Please go to Plans & Billing to upgrade or purchase credits."), "QuotaExhausted"],
  ["anthropic", "a billing error", 402, anthropicError("billing_error", "There is an issue with your organization's billing."), "QuotaExhausted"],
  ["anthropic", "a spend limit that looks like a rate limit", 429, anthropicError("rate_limit_error", "You have reached your spend limit.", "enforced_spend_limit_reached"), "QuotaExhausted"],
  ["anthropic", "a rate limit", 429, anthropicError("rate_limit_error", "This request would exceed your organization's rate limit of 30,000 input tokens per minute."), "RateLimited"],
  ["anthropic", "a long context that costs extra", 429, anthropicError("rate_limit_error", "Extra usage is required for long context requests."), "UnsupportedFeature a request of this size"],
  ["anthropic", "a ramp limit", 429, anthropicError("rate_limit_error", "Usage grows too fast.", "ramp_limit_exceeded"), "RateLimited"],
  ["anthropic", "a model that does not exist", 404, anthropicError("not_found_error", "model: claude-does-not-exist"), "ModelUnavailable"],
  ["anthropic", "an uploaded file that is not there", 404, anthropicError("not_found_error", "File not found: file_011CNha8iCJcU1wXNR6q4V8w"), "InvalidRequest"],
  ["anthropic", "a container that is not there", 404, anthropicError("not_found_error", "container: container_011CPR5CNjB747bTd36fQLFk not found"), "InvalidRequest"],
  ["anthropic", "an address that is none", 404, anthropicError("not_found_error", "Not Found"), "ModelUnavailable (unspecific)"],
  ["anthropic", "a prompt over the window", 400, anthropicError("invalid_request_error", "prompt is too long: 210000 tokens > 200000 maximum"), "ContextLengthExceeded"],
  ["anthropic", "a prompt that leaves no room for the answer", 400, anthropicError("invalid_request_error", "input length and `max_tokens` exceed context limit: 198000 + 8192 > 200000, decrease input length or `max_tokens` and try again"), "ContextLengthExceeded"],
  ["anthropic", "a body that is too large", 413, anthropicError("request_too_large", "Request exceeds the maximum size"), "InvalidRequest"],
  ["anthropic", "output that was filtered", 400, anthropicError("invalid_request_error", "Output blocked by content filtering policy"), "ContentPolicy"],
  ["anthropic", "a prefill the model does not take", 400, anthropicError("invalid_request_error", "This model does not support assistant message prefill. The conversation must end with a user message."), "UnsupportedFeature prefill"],
  ["anthropic", "an effort the model does not know", 400, anthropicError("invalid_request_error", "This model does not support effort level 'xhigh'. Supported levels: high, low, max, medium."), "UnsupportedFeature reasoning effort"],
  ["anthropic", "a bad request", 400, anthropicError("invalid_request_error", "messages: at least one message is required"), "InvalidRequest"],
  ["anthropic", "an overload", 529, anthropicError("overloaded_error", "Overloaded"), "Overloaded"],
  ["anthropic", "a 503 of the type of a 500", 503, anthropicError("api_error", "Service unavailable"), "Overloaded"],
  ["anthropic", "an overload inside a stream", undefined, anthropicError("overloaded_error", "Overloaded"), "Overloaded"],
  ["anthropic", "a failure of its own inside a stream", undefined, anthropicError("api_error", "Internal server error"), "ServerError"],
  ["anthropic", "a time-out of its own", 504, anthropicError("timeout_error", "The request timed out"), "ServerError"],

  // Google
  ["google", "a wrong key", 400, googleError(400, "INVALID_ARGUMENT", "API key not valid. Please pass a valid API key.", [errorInfo("API_KEY_INVALID")]), "AuthenticationFailed"],
  ["google", "a leaked key", 403, googleError(403, "PERMISSION_DENIED", "Your API key was reported as leaked. Please use another API key."), "AuthenticationFailed"],
  ["google", "a suspended account", 403, googleError(403, "PERMISSION_DENIED", "Permission denied: Consumer has been suspended.", [errorInfo("CONSUMER_SUSPENDED")]), "AccessDenied account"],
  ["google", "a service that is switched off", 403, googleError(403, "PERMISSION_DENIED", "Generative Language API has not been used in project 1 before or it is disabled.", [errorInfo("SERVICE_DISABLED")]), "AccessDenied account"],
  ["google", "an account that broke the terms", 403, googleError(403, "PERMISSION_DENIED", "Gemini has been disabled in this account for violation of Terms of Service."), "AccessDenied account"],
  ["google", "a place that is not served", 400, googleError(400, "FAILED_PRECONDITION", "User location is not supported for the API use."), "AccessDenied account"],
  ["google", "any other denial", 403, googleError(403, "PERMISSION_DENIED", "The caller does not have permission"), "AccessDenied model (unspecific)"],
  ["google", "a quota per minute", 429, googleError(429, "RESOURCE_EXHAUSTED", "You exceeded your current quota.", [quotaFailure("GenerateRequestsPerMinutePerProjectPerModel-FreeTier"), retryInfo("34s")]), "RateLimited 34000"],
  ["google", "a quota per day among others", 429, googleError(429, "RESOURCE_EXHAUSTED", "You exceeded your current quota.", [quotaFailure("GenerateRequestsPerMinutePerProjectPerModel-FreeTier", "GenerateRequestsPerDayPerProjectPerModel-FreeTier"), retryInfo("12.5s")]), "QuotaExhausted 12500"],
  ["google", "an exhausted resource without details, in a list", 429, [googleError(429, "RESOURCE_EXHAUSTED", "Resource exhausted. Please try again later.")], "RateLimited"],
  ["google", "billing that is off", 403, googleError(403, "PERMISSION_DENIED", "This API method requires billing to be enabled.", [errorInfo("BILLING_DISABLED")]), "QuotaExhausted"],
  ["google", "a model that does not exist", 404, googleError(404, "NOT_FOUND", "models/gemini-3.6-flahs is not found for API version v1beta, or is not supported for generateContent."), "ModelUnavailable"],
  ["google", "an uploaded file that is not there", 404, googleError(404, "NOT_FOUND", "File files/abc123 does not exist"), "InvalidRequest"],
  ["google", "somebody else's file", 403, googleError(403, "PERMISSION_DENIED", "You do not have permission to access the File abc123 or it may not exist."), "InvalidRequest"],
  ["google", "cached content that is gone", 403, googleError(403, "PERMISSION_DENIED", "CachedContent not found (or permission denied)"), "InvalidRequest"],
  ["google", "something else that is not there", 404, googleError(404, "NOT_FOUND", "Requested entity was not found."), "ModelUnavailable (unspecific)"],
  ["google", "a prompt over the window", 400, googleError(400, "INVALID_ARGUMENT", "The input token count (1200000) exceeds the maximum number of tokens allowed (1048576)."), "ContextLengthExceeded"],
  ["google", "tools the model cannot use", 400, googleError(400, "INVALID_ARGUMENT", "Function calling is not enabled for models/gemma-3-27b-it"), "UnsupportedFeature tools"],
  ["google", "a bad request", 400, googleError(400, "INVALID_ARGUMENT", "Cannot fetch content from the provided URL."), "InvalidRequest"],
  ["google", "an overload", 503, googleError(503, "UNAVAILABLE", "The model is overloaded. Please try again later."), "Overloaded"],
  ["google", "an overload inside a stream", undefined, googleError(503, "UNAVAILABLE", "The model is overloaded."), "Overloaded"],
  ["google", "a failure of its own", 500, googleError(500, "INTERNAL", "An internal error has occurred."), "ServerError"],
  ["google", "its own deadline", 504, googleError(504, "DEADLINE_EXCEEDED", "The request timed out."), "ServerError"],

  // Azure
  ["azure-openai", "a filtered prompt", 400, { error: { message: "The response was filtered due to the prompt triggering Azure OpenAI's content management policy.", type: null, param: "prompt", code: "content_filter", status: 400, innererror: { code: "ResponsibleAIPolicyViolation" } } }, "ContentPolicy"],
  ["azure-openai", "a deployment that does not exist", 404, { error: { code: "DeploymentNotFound", message: "The API deployment for this resource does not exist." } }, "ModelUnavailable"],
  ["azure-openai", "a wrong key", 401, { error: { code: "401", message: "Access denied due to invalid subscription key or wrong API endpoint." } }, "AuthenticationFailed"],
  ["azure-openai", "an unexplained 401", 401, undefined, "AuthenticationFailed (unspecific)"],
  ["azure-openai", "a rate limit", 429, { error: { code: "429", message: "Requests to the ChatCompletions_Create Operation have exceeded call rate limit. Please retry after 26 seconds." } }, "RateLimited 26000"],
  ["azure-openai", "an operation the model does not know", 400, { error: { code: "OperationNotSupported", message: "The chatCompletion operation does not work with the specified model." } }, "UnsupportedFeature this request"],
  ["azure-openai", "a lack of capacity", 429, { error: { code: "NoCapacity", message: "The system is currently experiencing high demand." } }, "Overloaded"],

  // compatible vendors
  ["groq", "a model that was retired", 400, openaiError("The model `mixtral-8x7b-32768` has been decommissioned and is no longer supported.", "invalid_request_error", "model_decommissioned"), "ModelUnavailable"],
  ["groq", "a restricted organization", 400, openaiError("Organization has been restricted. Please reach out to support.", "invalid_request_error", "organization_restricted"), "AccessDenied account"],
  ["groq", "a request over the tokens per minute", 413, openaiError("Request too large for model `llama-3.1-8b-instant` on tokens per minute (TPM): Limit 6000, Requested 6294, please reduce your message size and try again.", "tokens", "rate_limit_exceeded"), "UnsupportedFeature a request of this size"],
  ["groq", "tokens per day", 429, openaiError("Rate limit reached for model `llama-3.3-70b-versatile` on tokens per day (TPD): Limit 100000. Please try again in 9m38.016s.", "tokens", "rate_limit_exceeded"), "RateLimited 578016"],
  ["groq", "a tool call that does not fit, inside a stream", undefined, { error: { message: "Tool call validation failed", type: "invalid_request_error", code: "tool_use_failed", status_code: 400 } }, "MalformedResponse"],
  ["mistral", "a wrong key", 401, { detail: "Unauthorized" }, "AuthenticationFailed"],
  ["mistral", "a rate limit", 429, { object: "error", message: "Rate limit exceeded", type: "rate_limited", param: null, code: "1300", raw_status_code: 429 }, "RateLimited"],
  ["mistral", "a lack of capacity", 429, { object: "error", message: "Service tier capacity exceeded for this model.", type: "invalid_request_error", param: null, code: null }, "Overloaded"],
  ["mistral", "a model that does not exist", 400, { object: "error", message: "Invalid model: mistral-huge", type: "invalid_model", param: null, code: "1500" }, "ModelUnavailable"],
  ["mistral", "a field it does not know, in FastAPI's own shape", 422, { object: "error", detail: [{ type: "extra_forbidden", loc: ["body", "stream_options"], msg: "Extra inputs are not permitted" }] }, "UnsupportedFeature stream_options"],
  ["deepseek", "no balance left", 402, openaiError("Insufficient Balance", "unknown_error", "invalid_request_error"), "QuotaExhausted"],
  ["deepseek", "a model that does not exist", 400, openaiError("Model Not Exist", "invalid_request_error", "invalid_request_error"), "ModelUnavailable"],
  ["deepseek", "risky content", 400, openaiError("Content Exists Risk", "invalid_request_error", "invalid_request_error"), "ContentPolicy"],
  ["together", "no credit left", 402, openaiError("Credit limit exceeded. Please navigate to the billing page to add credit.", "credit_limit", null), "QuotaExhausted"],
  ["together", "a model that is not served", 404, openaiError("Unable to access model foo/bar.", "invalid_request_error", "model_not_available"), "ModelUnavailable"],
  ["together", "a prompt over the window", 422, openaiError("Input validation error: `inputs` tokens + `max_new_tokens` must be <= 8193. Given: 9000", "invalid_request_error", null), "ContextLengthExceeded"],
  ["fireworks", "a suspended account", 412, openaiError("Account acme is suspended, possibly due to reaching the monthly spending limit or failure to pay past invoices.", "error", "PRECONDITION_FAILED"), "QuotaExhausted"],
  ["fireworks", "a model that is not deployed", 404, openaiError("Model not found, inaccessible, and/or not deployed", "error", "NOT_FOUND"), "ModelUnavailable"],
  ["openrouter", "no credit left", 402, { error: { code: 402, message: "Insufficient credits. Add more using https://openrouter.ai/credits", metadata: { provider_name: null } } }, "QuotaExhausted"],
  ["openrouter", "hardly any credit left", 402, { error: { code: 402, message: "This request requires more credits, or fewer max_tokens. You requested up to 32000 tokens, but can only afford 0." } }, "QuotaExhausted"],
  ["openrouter", "an answer that the credit does not do for", 402, { error: { code: 402, message: "This request requires more credits, or fewer max_tokens. You requested up to 65536 tokens, but can only afford 30104. To increase, visit https://openrouter.ai/settings/credits and upgrade to a paid account", metadata: { provider_name: null } } }, "UnsupportedFeature max_tokens"],
  ["openrouter", "a prompt that the credit does not do for", 402, { error: { code: 402, message: "Prompt tokens limit exceeded: 230799 > 91442. To increase, visit https://openrouter.ai/settings/keys" } }, "UnsupportedFeature max_tokens"],
  ["openrouter", "one request over the budget", 402, { error: { code: 402, message: "Payment required", metadata: { error_type: "weight_exceeds_budget", limit_source: "openrouter_credits" } } }, "UnsupportedFeature max_tokens"],
  ["openrouter", "a wrong key", 401, { error: { code: 401, message: "No auth credentials found" } }, "AuthenticationFailed"],
  ["openrouter", "a flagged prompt", 403, { error: { code: 403, message: "Your chosen model requires moderation and your input was flagged", metadata: { reasons: ["violence"], flagged_input: "...", provider_name: "OpenAI", model_slug: "gpt" } } }, "ContentPolicy"],
  ["openrouter", "a key over its limit", 403, { error: { code: 403, message: "Key limit exceeded (total limit)." } }, "QuotaExhausted"],
  ["openrouter", "a rate limit of the vendor behind it", 429, { error: { code: 429, message: "Provider returned error", metadata: { provider_name: "Google", raw: "google/gemini-2.0-flash-exp:free is temporarily rate-limited upstream. Please retry shortly." } } }, "RateLimited"],
  ["openrouter", "a vendor that is down, inside a 200", undefined, { error: { code: 502, message: "Provider returned error" } }, "ServerError"],
  ["openrouter", "tools nobody can use", 404, { error: { code: 404, message: "No endpoints found that support tool use." } }, "UnsupportedFeature tools"],
  ["openrouter", "a model that does not exist", 400, { error: { code: 400, message: "foo/bar is not a valid model ID" } }, "ModelUnavailable"],
  ["cerebras", "a rate limit", 429, { message: "Requests per minute limit exceeded - too many requests sent.", type: "too_many_requests_error", param: "quota", code: "request_quota_exceeded" }, "RateLimited"],
  ["cerebras", "high traffic", 429, { message: "We're experiencing high traffic right now! Please try again soon.", type: "too_many_requests_error", param: "queue", code: "queue_exceeded" }, "Overloaded"],
  ["cerebras", "a prompt over the window", 400, { message: "Please reduce the length of the messages or completion. Current length is 42328 while limit is 40000", type: "invalid_request_error", param: "messages", code: "context_length_exceeded" }, "ContextLengthExceeded"],
  ["cerebras", "a wrong key", 401, { message: "Wrong API Key", type: "invalid_request_error", param: "api_key", code: "wrong_api_key" }, "AuthenticationFailed"],
  ["xai", "a wrong key", 400, { code: "Client specified an invalid argument", error: "Incorrect API key provided: xa***yz. You can obtain an API key from https://console.x.ai." }, "AuthenticationFailed"],
  ["xai", "no credit left", 429, { code: "Some resource has been exhausted", error: "Your team has either used all available credits or reached its monthly spending limit. To continue making API requests, please purchase more credits or raise your spending limit." }, "QuotaExhausted"],
  ["xai", "no credit yet", 403, { code: "The caller does not have permission to execute the specified operation", error: "Your newly created team doesn't have any credits or licenses yet." }, "QuotaExhausted"],
  ["perplexity", "a model that does not exist", 400, openaiError("Invalid model 'sonar-huge'.", "invalid_model", null), "ModelUnavailable"],
  ["perplexity", "a wrong key, told by a page", 401, undefined, "AuthenticationFailed (unspecific)"],
  ["ollama", "a model that is not pulled", 404, { error: { message: "model 'llama9' not found, try pulling it first", type: "not_found_error", param: null, code: null } }, "ModelUnavailable"],
  ["ollama", "tools the model cannot use", 400, { error: "registry.ollama.ai/library/gemma:2b does not support tools" }, "UnsupportedFeature tools"],
  ["vllm", "a model that does not exist", 404, { object: "error", message: "The model `x` does not exist.", type: "NotFoundError", param: null, code: 404 }, "ModelUnavailable"],
  ["vllm", "a prompt over the window", 400, { object: "error", message: "This model's maximum context length is 4096 tokens. However, you requested 5000 tokens.", type: "BadRequestError", param: null, code: 400 }, "ContextLengthExceeded"],
  ["lmstudio", "no model loaded", 404, { error: { message: "No models loaded. Please load a model in the developer page.", type: "invalid_request_error", code: "model_not_found" } }, "ModelUnavailable"],
  ["openai-compatible", "a web firewall's page", 403, undefined, "AccessDenied model (unspecific)"],
  ["openai-compatible", "a model nobody knows", 404, { detail: "Unknown model x" }, "ModelUnavailable"],
  ["openai-compatible", "a context overflow of llama.cpp", 500, { error: { code: 500, message: "the request exceeds the available context size. try increasing the context size", type: "server_error" } }, "ContextLengthExceeded"]
]

describe("classify", () => {
  for (const [kind, what, status, body, expected] of rows) {
    it(`reads ${what} of ${kind} as ${expected}`, () => {
      assert.strictEqual(shortOf(reasonOf(kind, status, body)), expected)
    })
  }

  it("bars nobody by one refusal that is unspecific or about one request", () => {
    const barring = (reason: Reason) => new ProviderError({ provider: "p", model: "m", reason }).decision.quarantine
    for (const [kind, what, status, body, expected] of rows) {
      if (!/unspecific|InvalidRequest|UnsupportedFeature/.test(expected)) continue
      assert.strictEqual(barring(reasonOf(kind, status, body)), "none", `${kind}: ${what}`)
    }
  })

  it("keeps the vendor's words, status, code and field", () => {
    const body = openaiError(
      "Invalid 'temperature'.",
      "invalid_request_error",
      "decimal_below_min_value",
      "temperature"
    )
    assert.deepStrictEqual(reasonOf("openai", 400, body), {
      _tag: "InvalidRequest",
      message: "Invalid 'temperature'.",
      status: 400,
      code: "decimal_below_min_value",
      param: "temperature"
    })
  })

  it("says the status where the vendor has no words", () => {
    assert.deepStrictEqual(reasonOf("openai", 502, undefined), {
      _tag: "ServerError",
      message: "HTTP 502",
      status: 502
    })
  })

  it("never shows a key that a vendor echoes", () => {
    const echoes = [
      "Incorrect API key provided: sk-proj-********************************abcd.",
      "Incorrect API key provided: sk-proj-Zm9vYmFyYmF6cXV4.",
      "Permission denied: Consumer 'api_key:AIzaSyA0000000000000000000000000000000' has been suspended.",
      "Your api key: ****abcd is invalid",
      "Authorization: Bearer abc.def refused"
    ]
    for (const message of echoes) {
      const reason = reasonOf("openai", 401, openaiError(message, null, "invalid_api_key"))
      assert.notMatch(reason.message, /abcd|Zm9v|AIzaSy|abc\.def/)
      assert.include(reason.message, "[key]")
    }
  })

  it("never shows one of the provider's own keys, whatever they look like", () => {
    const facts = readErrorFacts(401, openaiError("no such user: correct horse", null, "correct horse"))
    const reason = classify(errorTables.openai, { facts, headers: {} }, ["correct horse"], 0)
    assert.notInclude(JSON.stringify(reason), "horse")
  })

  it("cuts a long message", () => {
    const reason = reasonOf("openai", 500, openaiError("word ".repeat(10_000), null, null))
    assert.isAtMost(reason.message.length, 500)
  })

  it("survives every shape of JSON", () => {
    const shapes = [
      "null",
      "1",
      '"text"',
      "[]",
      "[[]]",
      '{"error":[]}',
      '{"error":null}',
      '{"error":{"details":{}}}',
      '{"detail":[1]}'
    ]
    for (const shape of shapes) assert.strictEqual(reasonOf("google", 500, parseJson(shape))._tag, "ServerError")
  })
})

describe("the field a vendor refuses", () => {
  const words: Readonly<Record<string, readonly [message: string, field: string]>> = {
    "Groq and Cerebras": ["property 'store' is unsupported, did you mean 'stop'?", "store"],
    xAI: ["Argument not supported on this model: stop", "stop"],
    "OpenAI, of its older models": ["Unrecognized request argument supplied: verbosity", "verbosity"],
    "OpenAI and those who imitate it": ["Unknown parameter: 'top_k'.", "top_k"],
    Fireworks: ["Extra inputs are not permitted, field: 'user', value: 'me'", "user"],
    Anthropic: ["seed: Extra inputs are not permitted", "seed"],
    Google: [
      "Invalid JSON payload received. Unknown name \"seeds\" at 'generation_config': Cannot find field.",
      "seeds"
    ]
  }
  it("has an example for every vendor's words", () => {
    assert.sameMembers(
      Object.keys(words),
      paramRows.map(({ of }) => of)
    )
  })
  for (const [of, [message, field]] of Object.entries(words))
    it(`is read out of the words of ${of}`, () => assert.strictEqual(paramIn(message), field))
  it("is not made up", () => assert.isUndefined(paramIn("The request is invalid")))
})
