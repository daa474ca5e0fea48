/**
 * The error bodies of the dialects, and those of the admin API, by status.
 *
 * @module
 */
import { Schema } from "effect"
import { HttpApiSchema } from "effect/http-api"
import { MessagesError } from "../dialect/anthropic-messages/Wire.ts"
import { GeminiError } from "../dialect/gemini/Wire.ts"
import { ChatCompletionsError } from "../dialect/openai-chat/Wire.ts"

/** What can go wrong with an inference request. */
const inferenceStatuses = [400, 401, 402, 403, 404, 405, 413, 415, 429, 500, 502, 503, 504, 529] as const

export const openAiErrors = inferenceStatuses
  .filter((status) => status !== 402 && status !== 529)
  .map((status) => ChatCompletionsError.pipe(HttpApiSchema.status(status)))

export const anthropicErrors = inferenceStatuses.map((status) => MessagesError.pipe(HttpApiSchema.status(status)))

/** Google's error under each of these statuses; all that can go wrong with inference unless told. */
export const geminiErrors = (
  statuses: ReadonlyArray<number> = inferenceStatuses.filter((status) => status !== 402 && status !== 529)
) => statuses.map((status) => GeminiError.pipe(HttpApiSchema.status(status)))

/** Any dialect's error, for paths that are shared. */
export const dialectErrors = (statuses: ReadonlyArray<number>) =>
  statuses.map((status) =>
    Schema.Union([ChatCompletionsError, MessagesError, GeminiError]).pipe(HttpApiSchema.status(status))
  )

/** The types of the admin API's errors, each with its status: a status tells the type, and the type the status. */
export const adminStatus = {
  /** The body, a parameter or a value in it is not what is asked for. */
  invalid_request: 400,
  unauthorized: 401,
  /** A web page of another origin. */
  forbidden: 403,
  /** What is named is not there; or there is no admin API. */
  not_found: 404,
  method_not_allowed: 405,
  /** It is there, but this may not be done with it. */
  conflict: 409,
  body_too_large: 413,
  unsupported_media_type: 415,
  internal_error: 500,
  /** What is needed for it does not work now. */
  unavailable: 503
} as const
export type AdminErrorType = keyof typeof adminStatus

const adminError = (type: AdminErrorType) =>
  Schema.Struct({
    error: Schema.Struct({
      type: Schema.Literal(type),
      /** For people. */
      message: Schema.String,
      /** The field or parameter at fault, as a path (`limits.concurrent`). */
      param: Schema.optionalKey(Schema.String),
      /** As in the header `x-request-id`. */
      request_id: Schema.String
    })
  }).pipe(HttpApiSchema.status(adminStatus[type]))

/** What the admin API answers where it does not do what was asked. */
export type AdminError = ReturnType<typeof adminError>["Type"]

/** The admin API's errors of these types. */
export const adminErrors = (...types: ReadonlyArray<AdminErrorType>) => types.map(adminError)
