/**
 * What OpenAI's wire says when something is wrong: status, headers and body of each failure.
 *
 * Shapes as seen from OpenAI itself; the row of a compatible vendor differs only where that vendor is known to.
 * `type` and `code` are what programs read; the sentences are close to the vendor's.
 *
 * @module
 */
import type { Json } from "../domain/Json.ts"
import type { FailureKind } from "./Faults.ts"
import { type FailureContext, maskKey, type Plain, retryHeaders } from "./Wire.ts"

interface ErrorObject {
  readonly message: string
  readonly type: string | null
  readonly param?: string | null
  readonly code?: Json
}

/** An error answer of this wire. */
export const openAiError = (
  status: number,
  error: ErrorObject,
  headers: Readonly<Record<string, string>> = {}
): Plain => ({
  _tag: "Plain",
  status,
  headers,
  body: { error: { message: error.message, type: error.type, param: error.param ?? null, code: error.code ?? null } }
})

/** A 400 that names the parameter at fault. */
export const badRequest = (message: string, param: string | null, code: string | null): Plain =>
  openAiError(400, { message, type: "invalid_request_error", param, code })

const seconds = (context: FailureContext) => context.parameters.retryAfter ?? 1

type Row = (context: FailureContext) => Plain

const banned =
  (status: number): Row =>
  (context) =>
    openAiError(context.parameters.status ?? status, {
      message:
        "The OpenAI account associated with this API key has been deactivated. If you are the developer for this " +
        "OpenAI app, please check your email for more information.",
      type: "invalid_request_error",
      code: "account_deactivated"
    })

const policySentences: Readonly<Record<string, string>> = {
  content_filter:
    "The response was filtered due to the prompt triggering the content management policy. Please modify your prompt " +
    "and retry.",
  content_policy_violation: "Your request was rejected as a result of our safety system.",
  invalid_prompt:
    "Invalid prompt: your prompt was flagged as potentially violating our usage policy. Please try again with a " +
    "different prompt."
}

const rows: { readonly [K in FailureKind]: Row } = {
  invalidKey: ({ key }) =>
    openAiError(401, {
      message: `Incorrect API key provided: ${maskKey(key)}. You can find your API key in your account's settings.`,
      type: "invalid_request_error",
      code: "invalid_api_key"
    }),
  banned: banned(403),
  deactivated: banned(401),
  country: () =>
    openAiError(403, {
      message: "Country, region, or territory not supported",
      type: "request_forbidden",
      code: "unsupported_country_region_territory"
    }),
  forbidden: ({ model }) =>
    openAiError(403, {
      message: `Project \`proj_simulated\` does not have access to model \`${model}\``,
      type: "invalid_request_error",
      code: "model_not_found"
    }),
  rateLimit: (context) =>
    openAiError(
      429,
      {
        message:
          `Rate limit reached for ${context.model} in organization org-simulated on requests per min (RPM): ` +
          `Limit 60, Used 60, Requested 1.` +
          (context.hint === "none" ? "" : ` Please try again in ${seconds(context)}s.`),
        type: "requests",
        code: "rate_limit_exceeded"
      },
      {
        ...retryHeaders(context),
        "x-ratelimit-limit-requests": "60",
        "x-ratelimit-remaining-requests": "0",
        ...(context.hint === "none" ? {} : { "x-ratelimit-reset-requests": `${seconds(context)}s` })
      }
    ),
  quota: ({ parameters }) =>
    openAiError(parameters.status ?? 429, {
      message: "You exceeded your current quota, please check your plan and billing details.",
      type: "insufficient_quota",
      code: "insufficient_quota"
    }),
  internal: () =>
    openAiError(500, {
      message: "The server had an error while processing your request. Sorry about that!",
      type: "server_error"
    }),
  badGateway: () => openAiError(502, { message: "Bad gateway.", type: "cf_bad_gateway", code: 502 }),
  unavailable: () => openAiError(503, { message: "Service Unavailable.", type: "cf_service_unavailable", code: 503 }),
  gatewayTimeout: () => openAiError(504, { message: "Gateway Timeout.", type: "cf_gateway_timeout", code: 504 }),
  overloaded: () =>
    openAiError(503, {
      message: "Our servers are currently overloaded. Please try again later.",
      type: "service_unavailable_error",
      code: "server_is_overloaded"
    }),
  contextLength: () =>
    openAiError(400, {
      message:
        "This model's maximum context length is 128000 tokens. However, your messages resulted in 140021 tokens. " +
        "Please reduce the length of the messages.",
      type: "invalid_request_error",
      param: "messages",
      code: "context_length_exceeded"
    }),
  contentPolicy: ({ parameters }) => {
    const code = parameters.code ?? "content_filter"
    return openAiError(400, {
      message: (Object.hasOwn(policySentences, code) ? policySentences[code] : undefined) ?? "The prompt was refused.",
      type: code === "content_filter" ? null : "invalid_request_error",
      param: code === "content_filter" ? "prompt" : null,
      code
    })
  },
  unknownModel: ({ model }) => unknownModel(model),
  invalidRequest: () =>
    badRequest(
      "Unsupported value: 'verbosity' does not support 'low' with this model.",
      "verbosity",
      "unsupported_value"
    ),
  prefillRefused: () =>
    badRequest("The last message must not be one of the assistant with this model.", "messages", "invalid_value")
}

export const unknownModel = (model: string): Plain =>
  openAiError(404, {
    message: `The model \`${model}\` does not exist or you do not have access to it.`,
    type: "invalid_request_error",
    code: "model_not_found"
  })

export const missingKey = (): Plain =>
  openAiError(401, {
    message:
      "You didn't provide an API key. You need to provide your API key in an Authorization header using Bearer auth " +
      "(i.e. Authorization: Bearer YOUR_KEY).",
    type: "invalid_request_error"
  })

/** The failure as OpenAI's wire says it. */
export const openAiFailure = (kind: FailureKind, context: FailureContext): Plain => rows[kind](context)
