/**
 * The schema of an answer with what the caller says of it, for wires that have no field for that but the schema's own.
 *
 * @module
 */
import type { ResponseFormat } from "../domain/ChatRequest.ts"
import type { JsonObject } from "../domain/Json.ts"

/** The schema; adds to `dropped` what it has no place for, since it says something else of itself. */
export const describedSchema = (
  { description, schema }: Extract<ResponseFormat, { readonly _tag: "JsonSchema" }>,
  dropped: Array<string>
): JsonObject => {
  if (description === undefined || schema["description"] === description) return schema
  if (schema["description"] === undefined) return { ...schema, description }
  dropped.push("response_format.description")
  return schema
}
