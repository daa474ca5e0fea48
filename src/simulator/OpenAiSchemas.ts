/**
 * What OpenAI finds wrong with the schema of a function or of an answer.
 *
 * Every function's parameters are an object's schema that names its properties, and every list says of what. Strict
 * schemas must besides close every object, require every property and keep to OpenAI's part of JSON Schema.
 *
 * Source: https://platform.openai.com/docs/guides/structured-outputs#supported-schemas, and the errors in
 * https://github.com/spring-projects/spring-ai/issues/4776 and https://github.com/makenotion/notion-mcp-server/issues/102
 *
 * @module
 */
import { isJsonObject, type Json, type JsonObject } from "../domain/Json.ts"
import { badRequest } from "./OpenAiErrors.ts"
import type { Plain } from "./Wire.ts"

interface Subject {
  /** `function 'f'` or `response_format 'f'`. */
  readonly what: string
  readonly param: string
  readonly code: string | null
}

/** A function's parameters. */
export function* parameterProblems(schema: Json | undefined, strict: boolean, subject: Subject): Generator<Plain> {
  if (!isJsonObject(schema)) return
  const problem =
    schema["type"] !== "object"
      ? `schema must be a JSON Schema of 'type: "object"', got 'type: ${JSON.stringify(String(schema["type"] ?? "None"))}'.`
      : strict
        ? strictProblem(schema, [], 0)
        : (looseProblem(schema, []) ??
          (isJsonObject(schema["properties"]) ? undefined : "In context=(), object schema missing properties."))
  if (problem !== undefined) yield refused(subject, problem)
}

/** The schema of an answer. */
export function* formatSchemaProblems(schema: Json | undefined, strict: boolean, subject: Subject): Generator<Plain> {
  if (!strict || !isJsonObject(schema)) return
  const problem =
    schema["type"] !== "object"
      ? `schema must be a JSON Schema of 'type: "object"', got 'type: ${JSON.stringify(String(schema["type"] ?? "None"))}'.`
      : strictProblem(schema, [], 0)
  if (problem !== undefined) yield refused(subject, problem)
}

const refused = ({ code, param, what }: Subject, problem: string): Plain =>
  badRequest(`Invalid schema for ${what}: ${problem}`, param, code)

const contextOf = (path: ReadonlyArray<string>): string =>
  `In context=(${path.map((step) => `'${step}'`).join(", ")}${path.length === 1 ? "," : ""})`

const isOfType = (schema: JsonObject, type: string): boolean =>
  schema["type"] === type || (Array.isArray(schema["type"]) && schema["type"].includes(type))

const looseProblem = (schema: Json | undefined, path: ReadonlyArray<string>): string | undefined => {
  if (!isJsonObject(schema)) return undefined
  if (isOfType(schema, "array") && schema["items"] === undefined && schema["prefixItems"] === undefined)
    return `${contextOf(path)}, array schema missing items.`
  for (const [key, property] of Object.entries(isJsonObject(schema["properties"]) ? schema["properties"] : {})) {
    const inner = looseProblem(property, [...path, "properties", key])
    if (inner !== undefined) return inner
  }
  return looseProblem(schema["items"], [...path, "items"])
}

const forbidden = [
  "allOf",
  "oneOf",
  "not",
  "if",
  "then",
  "else",
  "dependentRequired",
  "dependentSchemas",
  "patternProperties",
  "propertyNames",
  "minProperties",
  "maxProperties",
  "unevaluatedProperties",
  "unevaluatedItems",
  "contains",
  "minContains",
  "maxContains",
  "uniqueItems",
  "prefixItems"
]
const formats = ["date-time", "time", "date", "duration", "email", "hostname", "ipv4", "ipv6", "uuid"]
const deepest = 10

const strictProblem = (schema: Json | undefined, path: ReadonlyArray<string>, depth: number): string | undefined => {
  if (!isJsonObject(schema)) return undefined
  const context = contextOf(path)
  if (depth > deepest) return `${context}, the schema is nested deeper than ${deepest} levels.`
  if (path.length === 0 && schema["anyOf"] !== undefined) return `${context}, 'anyOf' is not permitted.`
  const odd = forbidden.find((key) => key in schema)
  if (odd !== undefined) return `${context}, '${odd}' is not permitted.`
  const format = schema["format"]
  if (typeof format === "string" && !formats.includes(format)) return `${context}, '${format}' is not a valid format.`
  if (["type", "$ref", "anyOf", "enum", "const"].every((key) => schema[key] === undefined))
    return `${context}, schema must have a 'type' key.`
  if (isOfType(schema, "object")) {
    const properties = isJsonObject(schema["properties"]) ? schema["properties"] : {}
    if (schema["additionalProperties"] !== false)
      return `${context}, 'additionalProperties' is required to be supplied and to be false.`
    const required: ReadonlyArray<Json> = Array.isArray(schema["required"]) ? schema["required"] : []
    const left = Object.keys(properties).find((key) => !required.includes(key))
    if (left !== undefined)
      return `${context}, 'required' is required to be supplied and to be an array including every key in properties. Missing '${left}'.`
    const extra = required.find((key) => typeof key === "string" && !(key in properties))
    if (extra !== undefined)
      return `${context}, 'required' is required to be supplied and to be an array including every key in properties. Extra required key '${String(extra)}' supplied.`
  }
  if (isOfType(schema, "array") && schema["items"] === undefined) return `${context}, array schema missing items.`
  for (const holder of ["properties", "$defs", "definitions"])
    for (const [key, one] of Object.entries(isJsonObject(schema[holder]) ? schema[holder] : {})) {
      const inner = strictProblem(one, [...path, holder, key], depth + (holder === "properties" ? 1 : 0))
      if (inner !== undefined) return inner
    }
  for (const [index, one] of (Array.isArray(schema["anyOf"]) ? schema["anyOf"] : []).entries()) {
    const inner = strictProblem(one, [...path, "anyOf", String(index)], depth)
    if (inner !== undefined) return inner
  }
  return strictProblem(schema["items"], [...path, "items"], depth)
}
