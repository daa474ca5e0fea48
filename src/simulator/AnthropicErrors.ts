/**
 * What Anthropic's wire says when something is wrong: status, headers and body of each failure.
 *
 * @module
 */
import type { FailureKind } from "./Faults.ts"
import { type FailureContext, type Plain, retryHeaders, type Session } from "./Wire.ts"

/** A thread, as an organization is told whose conversations are not held. */
export const noThreads = (session: Session): Plain => {
  const message = "thread: not available to this organization. Send the full conversation without it."
  const plain = anthropicError(session, 400, "invalid_request_error", message)
  const details = { error_code: "thread_unsupported_request", unsupported: ["thread"] }
  return { ...plain, body: { type: "error", error: { type: "invalid_request_error", message, details } } }
}

/** An error answer of this wire. */
export const anthropicError = (
  session: Session,
  status: number,
  type: string,
  message: string,
  headers: Readonly<Record<string, string>> = {}
): Plain => ({
  _tag: "Plain",
  status,
  headers: { "request-id": `req_${session.id}`, ...headers },
  body: { type: "error", error: { type, message }, request_id: `req_${session.id}` }
})

type Row = (context: FailureContext) => Plain

const row =
  (status: number, type: string, message: string): Row =>
  ({ session }) =>
    anthropicError(session, status, type, message)

const rows: { readonly [K in FailureKind]: Row } = {
  invalidKey: row(401, "authentication_error", "invalid x-api-key"),
  banned: ({ parameters, session }) => {
    const status = parameters.status ?? 403
    const type = status === 403 ? "permission_error" : "invalid_request_error"
    return anthropicError(session, status, type, "This organization has been disabled.")
  },
  deactivated: row(400, "invalid_request_error", "This organization has been disabled."),
  country: row(403, "forbidden", "Request not allowed"),
  forbidden: row(403, "permission_error", "Your API key does not have permission to use the specified resource."),
  rateLimit: (context) =>
    anthropicError(
      context.session,
      429,
      "rate_limit_error",
      "This request would exceed your organization's rate limit of 50 requests per minute." +
        (context.hint === "retryInfo" ? ` Please try again in ${context.parameters.retryAfter ?? 1} seconds.` : ""),
      {
        ...retryHeaders(context),
        "anthropic-ratelimit-requests-limit": "50",
        "anthropic-ratelimit-requests-remaining": "0"
      }
    ),
  quota: ({ parameters, session }) =>
    parameters.status === 402
      ? anthropicError(session, 402, "billing_error", "There is an issue with your billing or payment information.")
      : anthropicError(
          session,
          parameters.status ?? 400,
          "invalid_request_error",
          "Your credit balance is too low to access the Anthropic API. Please go to Plans & Billing to upgrade or " +
            "purchase credits."
        ),
  internal: row(500, "api_error", "Internal server error"),
  badGateway: row(502, "api_error", "Bad gateway"),
  unavailable: row(503, "api_error", "Service unavailable"),
  gatewayTimeout: row(504, "timeout_error", "The request timed out while it was processed."),
  overloaded: row(529, "overloaded_error", "Overloaded"),
  contextLength: row(400, "invalid_request_error", "prompt is too long: 210451 tokens > 200000 maximum"),
  contentPolicy: row(400, "invalid_request_error", "Output blocked by content filtering policy"),
  unknownModel: ({ model, session }) => anthropicError(session, 404, "not_found_error", `model: ${model}`),
  invalidRequest: row(400, "invalid_request_error", "This model does not support effort level 'xhigh'."),
  prefillRefused: row(
    400,
    "invalid_request_error",
    "This model does not support assistant message prefill. The conversation must end with a user message."
  )
}

/** The failure as Anthropic's wire says it. */
export const anthropicFailure = (kind: FailureKind, context: FailureContext): Plain => rows[kind](context)
