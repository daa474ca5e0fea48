/**
 * What Azure OpenAI says beyond OpenAI's own errors.
 * https://learn.microsoft.com/azure/ai-foundry/openai/concepts/content-filter
 *
 * @module
 */
import type { ErrorTable } from "./ErrorRow.ts"

export const azureErrors: ErrorTable = [
  { code: ["content_filter", "ResponsibleAIPolicyViolation", "content_management_policy"], is: "ContentPolicy" },
  { code: ["DeploymentNotFound", "DeploymentNotReady", "ModelNotFound"], is: "ModelUnavailable" },
  {
    code: [
      "SubscriptionDisabled",
      "SubscriptionIsDisabled",
      "ReadOnlyDisabledSubscription",
      "SubscriptionNotRegistered"
    ],
    is: "AccountDenied"
  },
  {
    status: 403,
    message: /subscription .{0,60}(?:disabled|suspended)|resource .{0,40}(?:disabled|suspended)/i,
    is: "AccountDenied"
  },
  { code: ["InsufficientQuota", "QuotaExceeded"], is: "QuotaExhausted" },
  { status: 429, message: /exceeded .{0,40}quota .{0,60}(?:billing|subscription) plan/i, is: "QuotaExhausted" },
  { status: 401, message: /invalid (?:subscription|api) key|wrong API endpoint/i, is: "AuthenticationFailed" },
  { code: ["OperationNotSupported", "UnsupportedApiVersion"], is: "UnsupportedFeature" },
  { code: ["NoCapacity", "no_capacity", "ServiceUnavailable"], is: "Overloaded" },
  { code: ["RateLimitReached", "TooManyRequests"], is: "RateLimited" }
]
