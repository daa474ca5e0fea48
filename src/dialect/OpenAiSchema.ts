/**
 * JSON Schemas as OpenAI takes them, for requests that another wire brought.
 *
 * Of a function it takes an object's schema that names its properties, and of every list what it holds; both are added
 * where they are missing, which changes nothing. Schemas that it shall hold the model to (`strict`) besides close every
 * object, require every property, and keep to a part of JSON Schema. An object that says nothing of further properties
 * is closed: what is said then fits the schema as it was. Where more is amiss, the schema is sent to be followed as well
 * as the model can, without `strict`: to require what may be left out would have the model invent it.
 *
 * Source: https://platform.openai.com/docs/guides/structured-outputs#supported-schemas
 *
 * @module
 */
import { isJsonObject, type Json, type JsonObject } from "../domain/Json.ts"

export interface Fitted {
  readonly schema: JsonObject
  readonly strict: boolean
}

/** A function's parameters. */
export const fittedParameters = (schema: JsonObject, strict: boolean): Fitted => {
  const object: JsonObject = { type: "object", ...schema }
  const named = isJsonObject(object["properties"]) ? object : { ...object, properties: {} }
  return fittedSchema(withItems(named, 0), strict)
}

/** The schema of an answer. */
export const fittedSchema = (schema: JsonObject, strict: boolean): Fitted => {
  if (!strict) return { schema, strict }
  const closed = closedIn(schema, 0)
  return holds(closed, 0) ? { schema: closed, strict } : { schema, strict: false }
}

/** Nesting past which a schema is left as it is. */
const deepest = 64

const isOfType = ({ type }: JsonObject, name: string): boolean =>
  type === name || (Array.isArray(type) && type.includes(name))

/** The schema with every schema right within it changed. The same where nothing changes. */
const mapped = (schema: JsonObject, change: (inner: JsonObject) => JsonObject): JsonObject => {
  let out = schema
  const each = (value: Json): Json => (isJsonObject(value) ? change(value) : value)
  const put = (key: string, value: Json): void => {
    if (value !== out[key]) out = { ...out, [key]: value }
  }
  for (const [key, value] of Object.entries(schema)) {
    if (key === "items") put(key, each(value))
    else if (key === "properties" || key === "$defs" || key === "definitions") {
      if (!isJsonObject(value)) continue
      const members = Object.entries(value).map(([name, one]) => [name, each(one)] as const)
      if (members.some(([name, one]) => one !== value[name])) put(key, Object.fromEntries(members))
    } else if (key === "anyOf" || key === "oneOf" || key === "allOf") {
      if (!Array.isArray(value)) continue
      const list: ReadonlyArray<Json> = value
      const made = list.map(each)
      if (made.some((one, at) => one !== list[at])) put(key, made)
    }
  }
  return out
}

const withItems = (schema: JsonObject, depth: number): JsonObject => {
  if (depth > deepest) return schema
  const inner = mapped(schema, (one) => withItems(one, depth + 1))
  return isOfType(inner, "array") && inner["items"] === undefined && inner["prefixItems"] === undefined
    ? { ...inner, items: {} }
    : inner
}

const closedIn = (schema: JsonObject, depth: number): JsonObject => {
  if (depth > deepest) return schema
  const inner = mapped(schema, (one) => closedIn(one, depth + 1))
  return isOfType(inner, "object") && inner["additionalProperties"] === undefined && isJsonObject(inner["properties"])
    ? { ...inner, additionalProperties: false }
    : inner
}

const taken: ReadonlySet<string> = new Set([
  "$defs",
  "$ref",
  "$schema",
  "additionalProperties",
  "anyOf",
  "const",
  "default",
  "definitions",
  "description",
  "enum",
  "exclusiveMaximum",
  "exclusiveMinimum",
  "format",
  "items",
  "maxItems",
  "maxLength",
  "maximum",
  "minItems",
  "minLength",
  "minimum",
  "multipleOf",
  "pattern",
  "properties",
  "required",
  "title",
  "type"
])
const formats: ReadonlySet<Json> = new Set<Json>([
  "date-time",
  "time",
  "date",
  "duration",
  "email",
  "hostname",
  "ipv4",
  "ipv6",
  "uuid"
])
/** Objects within objects. */
const mostLevels = 10

/** Is the schema one that OpenAI holds the model to? */
const holds = (schema: JsonObject, depth: number): boolean => {
  if (depth > mostLevels || (depth === 0 && (schema["type"] !== "object" || "anyOf" in schema))) return false
  if (!Object.keys(schema).every((key) => taken.has(key))) return false
  if (!["type", "$ref", "anyOf", "enum", "const"].some((key) => key in schema)) return false
  const { additionalProperties, format, items, properties, required } = schema
  if (format !== undefined && !formats.has(format)) return false
  if (isOfType(schema, "object")) {
    const names = isJsonObject(properties) ? Object.keys(properties) : []
    const wanted: ReadonlyArray<Json> = Array.isArray(required) ? required : []
    if (additionalProperties !== false || wanted.length !== names.length) return false
    if (!names.every((name) => wanted.includes(name))) return false
  }
  if (isOfType(schema, "array") && !isJsonObject(items)) return false
  let fits = true
  mapped(schema, (one) => {
    fits &&= holds(one, depth + 1)
    return one
  })
  return fits
}
