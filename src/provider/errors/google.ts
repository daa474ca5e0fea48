/**
 * Google's errors (Gemini API and Vertex AI): `google.rpc.Status` names and the reasons of `ErrorInfo`.
 * https://ai.google.dev/gemini-api/docs/troubleshooting, https://cloud.google.com/apis/design/errors
 *
 * A 429 says in `QuotaFailure` which quotas were met; a quota per day is spent until midnight Pacific time, so that
 * asking again soon is of no use, whatever `RetryInfo` says.
 *
 * @module
 */
import type { ErrorTable } from "./ErrorRow.ts"

export const googleErrors: ErrorTable = [
  // the account
  {
    code: ["CONSUMER_SUSPENDED", "CONSUMER_INVALID", "SERVICE_DISABLED", "SERVICE_NOT_VISIBLE", "USER_PROJECT_DENIED"],
    is: "AccountDenied"
  },
  { message: /user location is not supported/i, is: "AccountDenied" },
  {
    status: 403,
    message: /has been (?:suspended|disabled in this account)|project has been denied access/i,
    is: "AccountDenied"
  },
  { code: "BILLING_DISABLED", is: "QuotaExhausted" },
  { status: 400, code: "FAILED_PRECONDITION", message: /billing/i, is: "QuotaExhausted" },
  {
    code: "RESOURCE_EXHAUSTED",
    message: /credits are depleted|spending (?:cap|limit)|billing account/i,
    is: "QuotaExhausted"
  },
  { code: /PerDay/, is: "QuotaExhausted" },
  // the key
  {
    code: [
      "API_KEY_INVALID",
      "API_KEY_SERVICE_BLOCKED",
      "API_KEY_HTTP_REFERRER_BLOCKED",
      "API_KEY_IP_ADDRESS_BLOCKED",
      "API_KEY_ANDROID_APP_BLOCKED",
      "API_KEY_IOS_APP_BLOCKED",
      "ACCESS_TOKEN_EXPIRED",
      "CREDENTIALS_MISSING"
    ],
    is: "AuthenticationFailed"
  },
  { message: /api key not valid|api key expired|api key was reported as leaked/i, is: "AuthenticationFailed" },
  { code: "UNAUTHENTICATED", is: "AuthenticationFailed" },
  // what a request names, of somebody else or gone by now: files are kept for two days
  {
    status: 403,
    message: /permission to access the File\b|cached ?content not found|cachedContents?\//i,
    is: "InvalidRequest"
  },
  { code: "PERMISSION_DENIED", is: "ModelDenied", unspecific: true },
  // what was asked
  {
    status: [400, 500],
    message: /exceeds? the maximum number of (?:input )?tokens|input context is too long/i,
    is: "ContextLengthExceeded"
  },
  {
    status: 400,
    message: /function calling is not (?:enabled|supported)|tool use .{0,40}(?:unsupported|not supported)/i,
    is: "UnsupportedFeature",
    feature: "tools"
  },
  {
    status: 400,
    message: /(?:image|video|audio) (?:input )?modality is not (?:enabled|supported)/i,
    is: "UnsupportedFeature",
    feature: "images"
  },
  {
    status: 400,
    message: /json mode is not (?:enabled|supported)/i,
    is: "UnsupportedFeature",
    feature: "response_format"
  },
  {
    status: 400,
    message: /thinking is not (?:enabled|supported)|thinking_(?:budget|level).{0,60}not supported/i,
    is: "UnsupportedFeature",
    feature: "thinking"
  },
  {
    status: 400,
    message: /blocked .{0,60}(?:safety|policy|prohibited)|responsible ai practices/i,
    is: "ContentPolicy"
  },
  // the model, as against an uploaded file that is not there
  { code: "NOT_FOUND", message: /\bfiles?\/|cachedContents?\//i, is: "InvalidRequest" },
  { code: "NOT_FOUND", message: /\bmodels?\b/i, is: "ModelUnavailable" },
  { code: "NOT_FOUND", is: "ModelUnavailable", unspecific: true },
  { code: "UNIMPLEMENTED", is: "UnsupportedFeature" },
  // how busy it is
  { code: "RESOURCE_EXHAUSTED", is: "RateLimited" },
  { code: "UNAVAILABLE", is: "Overloaded" },
  { code: ["INTERNAL", "UNKNOWN", "DEADLINE_EXCEEDED", "CANCELLED", "ABORTED", "DATA_LOSS"], is: "ServerError" },
  { code: ["INVALID_ARGUMENT", "FAILED_PRECONDITION", "OUT_OF_RANGE"], is: "InvalidRequest" }
]
