/**
 * The error bodies of the dialects, by status.
 *
 * @module
 */
import { Schema } from "effect"
import { HttpApiSchema } from "effect/http-api"
import { MessagesError } from "../dialect/anthropic-messages/Wire.ts"
import { ChatCompletionsError } from "../dialect/openai-chat/Wire.ts"

/** What can go wrong with an inference request. */
const inferenceStatuses = [400, 401, 402, 403, 404, 405, 413, 415, 429, 500, 502, 503, 504, 529] as const

export const openAiErrors = inferenceStatuses
  .filter((status) => status !== 402 && status !== 529)
  .map((status) => ChatCompletionsError.pipe(HttpApiSchema.status(status)))

export const anthropicErrors = inferenceStatuses.map((status) => MessagesError.pipe(HttpApiSchema.status(status)))

/** Either dialect's error, for paths that are shared. */
export const dialectErrors = (statuses: ReadonlyArray<number>) =>
  statuses.map((status) => Schema.Union([ChatCompletionsError, MessagesError]).pipe(HttpApiSchema.status(status)))
