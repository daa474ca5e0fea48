/**
 * The vendor's own dialect of schemas → JSON Schema, for every other vendor.
 *
 * `parameters` and `responseSchema` hold a subset of OpenAPI 3.0: types in capitals, `nullable`, an `example`, bounds of
 * lengths as texts (they are 64-bit integers), and the order of properties in a keyword of its own. Keywords that are
 * not known are passed on as they are.
 *
 * Source: https://ai.google.dev/api/caching#Schema
 *
 * @module
 */
import { isJsonObject, type Json, type JsonObject } from "../../domain/Json.ts"

/** Deeper than any schema that is meant; what lies below is "anything". */
const deepest = 64

const counts = ["minItems", "maxItems", "minLength", "maxLength", "minProperties", "maxProperties"]

/** The same schema in the standard's words. */
export const fromVendorSchema = (schema: JsonObject): JsonObject => convert(schema, 0)

const convert = (schema: JsonObject, depth: number): JsonObject => {
  if (depth > deepest) return {}
  const out: Record<string, Json> = {}
  const inner = (value: Json): Json => (isJsonObject(value) ? convert(value, depth + 1) : value)
  for (const [key, value] of Object.entries(schema)) {
    if (key === "type") {
      const type = typeOf(value)
      if (type !== undefined) out["type"] = type
    } else if (key === "nullable" || key === "propertyOrdering" || key === "property_ordering") continue
    else if (key === "example") out["examples"] = [value]
    else if (key === "items") out["items"] = inner(value)
    else if (key === "anyOf" || key === "any_of") out["anyOf"] = Array.isArray(value) ? value.map(inner) : value
    else if (key === "properties" && isJsonObject(value)) out["properties"] = propertiesOf(schema, value, inner)
    else if (counts.includes(key)) out[key] = typeof value === "string" ? Number(value) : value
    else out[key] = value
  }
  return schema["nullable"] === true ? orNull(out) : out
}

/** `TYPE_UNSPECIFIED` says nothing. */
const typeOf = (type: Json): Json | undefined => {
  if (typeof type !== "string") return type
  return type === "TYPE_UNSPECIFIED" ? undefined : type.toLowerCase()
}

/** In the order the schema asks for; those it does not name come last. */
const propertiesOf = (schema: JsonObject, properties: JsonObject, inner: (value: Json) => Json): JsonObject => {
  const order = schema["propertyOrdering"] ?? schema["property_ordering"]
  const named = Array.isArray(order)
    ? order.filter((name) => typeof name === "string" && Object.hasOwn(properties, name))
    : []
  const names = new Set([...named.map(String), ...Object.keys(properties)])
  // by entries, since a property may bear a name that every object has already
  return Object.fromEntries([...names].map((name) => [name, inner(properties[name] ?? {})]))
}

const orNull = (schema: Record<string, Json>): JsonObject => {
  const { type, enum: values, anyOf } = schema
  if (typeof type === "string")
    return {
      ...schema,
      type: [type, "null"],
      ...(Array.isArray(values) && !values.includes(null) ? { enum: [...values, null] } : {})
    }
  return Array.isArray(anyOf) ? { ...schema, anyOf: [...anyOf, { type: "null" }] } : schema
}
