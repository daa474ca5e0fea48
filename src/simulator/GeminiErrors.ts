/**
 * What Gemini's wire says when something is wrong: Google's status object, with the details that programs read.
 *
 * @module
 */
import type { Json, JsonObject } from "../domain/Json.ts"
import type { FailureKind } from "./Faults.ts"
import { type FailureContext, type Plain, retryHeaders } from "./Wire.ts"

/** An error answer of this wire. */
export const geminiError = (
  code: number,
  status: string,
  message: string,
  details: ReadonlyArray<Json> = [],
  headers: Readonly<Record<string, string>> = {}
): Plain => ({
  _tag: "Plain",
  status: code,
  headers,
  body: { error: { code, message, status, ...(details.length === 0 ? {} : { details }) } }
})

const typeUrl = "type.googleapis.com/google.rpc."

const errorInfo = (reason: string, metadata: JsonObject = { service: "generativelanguage.googleapis.com" }): Json => ({
  "@type": `${typeUrl}ErrorInfo`,
  reason,
  domain: "googleapis.com",
  metadata
})

/** A 400 that names the fields at fault. */
export const invalidArgument = (message: string, field?: string): Plain =>
  geminiError(
    400,
    "INVALID_ARGUMENT",
    message,
    field === undefined ? [] : [{ "@type": `${typeUrl}BadRequest`, fieldViolations: [{ field, description: message }] }]
  )

type Row = (context: FailureContext) => Plain

const row =
  (code: number, status: string, message: string, details: ReadonlyArray<Json> = []): Row =>
  () =>
    geminiError(code, status, message, details)

const banned: Row = ({ parameters }) =>
  geminiError(
    parameters.status ?? 403,
    "PERMISSION_DENIED",
    "Permission denied: Consumer 'projects/000000000000' has been suspended.",
    [
      errorInfo("CONSUMER_SUSPENDED", {
        service: "generativelanguage.googleapis.com",
        consumer: "projects/000000000000"
      })
    ]
  )

const quotaFailure = (quotaId: string, model: string): Json => ({
  "@type": `${typeUrl}QuotaFailure`,
  violations: [
    {
      quotaMetric: "generativelanguage.googleapis.com/generate_content_free_tier_requests",
      quotaId,
      quotaDimensions: { location: "global", model },
      quotaValue: "20"
    }
  ]
})

const help: Json = {
  "@type": `${typeUrl}Help`,
  links: [
    { description: "Learn more about Gemini API quotas", url: "https://ai.google.dev/gemini-api/docs/rate-limits" }
  ]
}

const exceeded = "You exceeded your current quota, please check your plan and billing details."

const rows: { readonly [K in FailureKind]: Row } = {
  invalidKey: row(400, "INVALID_ARGUMENT", "API key not valid. Please pass a valid API key.", [
    errorInfo("API_KEY_INVALID")
  ]),
  banned,
  deactivated: banned,
  country: row(400, "FAILED_PRECONDITION", "User location is not supported for the API use."),
  forbidden: ({ model }) =>
    geminiError(403, "PERMISSION_DENIED", `You do not have permission to access the model models/${model}.`),
  rateLimit: (context) => {
    const seconds = context.parameters.retryAfter ?? 1
    if (context.hint !== "retryInfo")
      return geminiError(
        429,
        "RESOURCE_EXHAUSTED",
        "Resource has been exhausted (e.g. check quota).",
        [],
        retryHeaders(context)
      )
    return geminiError(429, "RESOURCE_EXHAUSTED", `${exceeded} Please retry in ${seconds}s.`, [
      quotaFailure("GenerateRequestsPerMinutePerProjectPerModel-FreeTier", context.model),
      help,
      { "@type": `${typeUrl}RetryInfo`, retryDelay: `${seconds}s` }
    ])
  },
  quota: ({ model }) =>
    geminiError(429, "RESOURCE_EXHAUSTED", exceeded, [
      quotaFailure("GenerateRequestsPerDayPerProjectPerModel-FreeTier", model),
      help
    ]),
  internal: row(500, "INTERNAL", "An internal error has occurred. Please retry."),
  badGateway: row(502, "UNAVAILABLE", "Bad Gateway"),
  unavailable: row(503, "UNAVAILABLE", "The service is currently unavailable."),
  gatewayTimeout: row(504, "DEADLINE_EXCEEDED", "Deadline expired before operation could complete."),
  overloaded: row(503, "UNAVAILABLE", "The model is overloaded. Please try again later."),
  contextLength: row(
    400,
    "INVALID_ARGUMENT",
    "The input token count (1200451) exceeds the maximum number of tokens allowed (1048576)."
  ),
  contentPolicy: row(
    400,
    "INVALID_ARGUMENT",
    "The prompt could not be submitted. This prompt contains sensitive words that violate Google's Responsible AI " +
      "practices."
  ),
  unknownModel: ({ model }) => unknownModel(model, "generateContent"),
  invalidRequest: row(400, "INVALID_ARGUMENT", "Request contains an invalid argument."),
  prefillRefused: row(
    400,
    "INVALID_ARGUMENT",
    "Please ensure that the conversation ends with a user turn or a function response."
  )
}

export const unknownModel = (model: string, method: string): Plain =>
  geminiError(
    404,
    "NOT_FOUND",
    `models/${model} is not found for API version v1beta, or is not supported for ${method}. Call ` +
      "ModelService.ListModels to see the list of available models and their supported methods."
  )

/** The failure as Gemini's wire says it. */
export const geminiFailure = (kind: FailureKind, context: FailureContext): Plain => rows[kind](context)
