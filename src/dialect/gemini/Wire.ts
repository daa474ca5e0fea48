/**
 * The generateContent wire: its label, its paths, and the narrowing of its JSON.
 *
 * Answers are narrowed by hand, field by field, rather than by Schema: every field of this wire is optional (it is
 * protobuf in JSON, which leaves out zeros and empty texts), and a chunk of a stream is read in a few microseconds.
 *
 * Source of the shapes: the types of `@google/genai` (`GenerateContentResponse`, `GenerationConfig`, `Part` …) and the
 * REST reference of the Gemini API (`models.generateContent`).
 *
 * @module
 */
import { Result, Schema } from "effect"
import type { Extensions } from "../../domain/Ids.ts"
import { isJsonObject, type Json, type JsonObject, omitKeys } from "../../domain/Json.ts"
import type { DecodeFault, EncodeFault } from "../Dialect.ts"
import { AnyJson, AnyObject } from "../Issues.ts"

export const dialectId = "gemini"

/** The label under which a request's headers for its own vendor survive a stage that drops `wire`. */
export const headersLabel = "gemini.headers"

/** The fields of a part, a tool or a request that only this wire knows. */
export const ownFields = (of: { readonly extensions?: Extensions }): JsonObject | undefined =>
  of.extensions?.[dialectId]

/** `extensions` holding `fields`; nothing where there are none. */
export const keeping = (fields: JsonObject): { readonly extensions?: Extensions } => {
  for (const _ in fields) return { extensions: { [dialectId]: fields } }
  return {}
}

/** `extensions` holding all fields but those of these keys; most objects have no others, and then nothing is copied. */
export const keepingBut = (object: JsonObject, keys: ReadonlyArray<string>): { readonly extensions?: Extensions } => {
  for (const key in object) if (!keys.includes(key)) return keeping(omitKeys(object, keys))
  return {}
}

export const cannot = (feature: string, message: string): Result.Result<never, EncodeFault> =>
  Result.fail({ feature, message })

export const malformed = (message: string): Result.Result<never, DecodeFault> =>
  Result.fail({ _tag: "Malformed", message })

export const textAt = (object: JsonObject, key: string): string | undefined => {
  const value = object[key]
  return typeof value === "string" ? value : undefined
}

export const numberAt = (object: JsonObject, key: string): number | undefined => {
  const value = object[key]
  return typeof value === "number" ? value : undefined
}

export const objectAt = (object: JsonObject, key: string): JsonObject | undefined => {
  const value = object[key]
  return isJsonObject(value) ? value : undefined
}

/** The objects of an array; what is no object in it is passed over, as is a value that is no array. */
export const objectsAt = (object: JsonObject, key: string): ReadonlyArray<JsonObject> => {
  const value: Json | undefined = object[key]
  return Array.isArray(value) ? value.filter(isJsonObject) : []
}

// ---- what callers are answered, as a contract

/** What one whole answer, or one chunk of a stream, holds at least. */
export const GenerateContentResponse = Schema.StructWithRest(
  Schema.Struct({
    candidates: Schema.optionalKey(Schema.Array(AnyObject)),
    usageMetadata: Schema.optionalKey(AnyObject),
    modelVersion: Schema.optionalKey(Schema.String),
    responseId: Schema.optionalKey(Schema.String)
  }),
  [Schema.Record(Schema.String, AnyJson)]
).annotate({ identifier: "GenerateContentResponse" })

export const ErrorStatus = Schema.Literals([
  "INVALID_ARGUMENT",
  "FAILED_PRECONDITION",
  "UNAUTHENTICATED",
  "PERMISSION_DENIED",
  "NOT_FOUND",
  "UNIMPLEMENTED",
  "RESOURCE_EXHAUSTED",
  "INTERNAL",
  "UNAVAILABLE",
  "DEADLINE_EXCEEDED"
])
export type ErrorStatus = typeof ErrorStatus.Type

export const GeminiError = Schema.Struct({
  error: Schema.Struct({
    /** The HTTP status. */
    code: Schema.Int,
    message: Schema.String,
    status: ErrorStatus,
    details: Schema.optionalKey(Schema.Array(AnyObject))
  })
}).annotate({ identifier: "GeminiError" })
