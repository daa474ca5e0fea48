/**
 * A JSON value that satisfies a JSON Schema, always the same one for the same schema.
 *
 * Understood: `$ref` into `$defs` or `definitions`, `enum`, `const`, `type` (also a list of types, also Gemini's upper
 * case), `properties`, `required`, `items`, `prefixItems`, `anyOf`, `oneOf`, `allOf`, `default` and `example` where
 * they stand alone, bounds on numbers, strings and arrays, `multipleOf`, the usual string formats, `nullable`. Not
 * understood, and so possibly not satisfied: `pattern`, `not`, `if`, `uniqueItems`, `propertyNames`.
 *
 * @module
 */
import { isJsonObject, type Json, type JsonObject, omitKeys } from "../domain/Json.ts"

/** How deep optional properties are still filled in; below, only what is required, so that recursion ends. */
const deepest = 6

/** The sample. `root` holds the definitions that references point to; `name` colours a string ("city" gives "Paris"). */
export const sampleOf = (schema: Json | undefined, name = "value"): Json => sample(schema, schema, name, 0)

const sample = (schema: Json | undefined, root: Json | undefined, name: string, depth: number): Json => {
  if (!isJsonObject(schema) || depth > 3 * deepest) return `sample ${name}`
  const ref = schema["$ref"]
  if (typeof ref === "string") return sample(follow(ref, root), root, name, depth + 1)
  if (schema["const"] !== undefined) return schema["const"]
  const words = schema["enum"]
  if (Array.isArray(words) && words[0] !== undefined) return words[0]
  const all = schema["allOf"]
  if (Array.isArray(all)) return sample(merge([omitKeys(schema, ["allOf"]), ...all], root), root, name, depth + 1)
  const either = schema["anyOf"] ?? schema["oneOf"]
  if (Array.isArray(either)) {
    const chosen = either.find((member) => !isNull(member)) ?? null
    const rest = omitKeys(schema, ["anyOf", "oneOf"])
    return sample(merge([rest, chosen], root), root, name, depth + 1)
  }
  switch (typeOf(schema)) {
    case "object":
      return sampleObject(schema, root, depth)
    case "array":
      return sampleArray(schema, root, name, depth)
    case "integer":
      return sampleNumber(schema, 1)
    case "number":
      return sampleNumber(schema, 0.5)
    case "boolean":
      return true
    case "null":
      return null
    default:
      return sampleString(schema, name)
  }
}

const typeOf = (schema: JsonObject): string => {
  const type = schema["type"]
  if (typeof type === "string") return type.toLowerCase()
  if (Array.isArray(type)) return String(type.find((one) => one !== "null") ?? "null").toLowerCase()
  if (isJsonObject(schema["properties"])) return "object"
  return schema["items"] === undefined ? "string" : "array"
}

const isNull = (schema: Json): boolean => isJsonObject(schema) && String(schema["type"]).toLowerCase() === "null"

const follow = (ref: string, root: Json | undefined): Json | undefined => {
  let found: Json | undefined = root
  for (const step of ref.replace(/^#\/?/, "").split("/").filter(Boolean))
    found = isJsonObject(found) ? found[step.replaceAll("~1", "/").replaceAll("~0", "~")] : undefined
  return found
}

/** One schema of several that must all hold: keys of later ones win, properties and requirements are joined. */
const merge = (schemas: ReadonlyArray<Json>, root: Json | undefined): Json => {
  let merged: JsonObject = {}
  for (const each of schemas) {
    const ref = isJsonObject(each) ? each["$ref"] : undefined
    const schema = typeof ref === "string" ? follow(ref, root) : each
    if (!isJsonObject(schema)) continue
    const [before, after] = [merged["properties"], schema["properties"]]
    const properties = { ...(isJsonObject(before) ? before : {}), ...(isJsonObject(after) ? after : {}) }
    const required = [...listOf(merged["required"]), ...listOf(schema["required"])]
    merged = { ...merged, ...schema }
    if (Object.keys(properties).length > 0) merged = { ...merged, properties }
    if (required.length > 0) merged = { ...merged, required }
  }
  return merged
}

const listOf = (value: Json | undefined): ReadonlyArray<Json> => (Array.isArray(value) ? value : [])

const sampleObject = (schema: JsonObject, root: Json | undefined, depth: number): Json => {
  const properties = isJsonObject(schema["properties"]) ? schema["properties"] : {}
  const required = new Set(listOf(schema["required"]))
  const object: Record<string, Json> = {}
  for (const [key, property] of Object.entries(properties))
    if (depth < deepest || required.has(key)) object[key] = sample(property, root, key, depth + 1)
  const extra = schema["additionalProperties"]
  const wanted = numberOf(schema["minProperties"]) ?? 0
  for (let n = Object.keys(object).length; n < wanted; n++)
    object[`key${n + 1}`] = sample(isJsonObject(extra) ? extra : {}, root, `key${n + 1}`, depth + 1)
  return object
}

const sampleArray = (schema: JsonObject, root: Json | undefined, name: string, depth: number): Json => {
  const first = listOf(schema["prefixItems"]).map((item) => sample(item, root, name, depth + 1))
  const least = numberOf(schema["minItems"]) ?? (depth < deepest ? 1 : 0)
  const most = numberOf(schema["maxItems"]) ?? Infinity
  const items = [...first]
  while (items.length < Math.min(least, most) && isJsonObject(schema["items"] ?? {}))
    items.push(sample(schema["items"], root, name, depth + 1))
  return items
}

const sampleNumber = (schema: JsonObject, step: number): number => {
  const exclusiveLow = numberOf(schema["exclusiveMinimum"])
  const exclusiveHigh = numberOf(schema["exclusiveMaximum"])
  const low = Math.max(
    numberOf(schema["minimum"]) ?? -Infinity,
    exclusiveLow === undefined ? -Infinity : exclusiveLow + step
  )
  const high = Math.min(
    numberOf(schema["maximum"]) ?? Infinity,
    exclusiveHigh === undefined ? Infinity : exclusiveHigh - step
  )
  const multiple = numberOf(schema["multipleOf"])
  const wish = Math.min(Math.max(7, low), high)
  if (multiple === undefined) return wish
  const up = Math.ceil(wish / multiple) * multiple
  return up <= high ? up : Math.floor(wish / multiple) * multiple
}

const formats: Readonly<Record<string, string>> = {
  date: "2025-01-31",
  "date-time": "2025-01-31T12:00:00Z",
  time: "12:00:00Z",
  duration: "PT5M",
  email: "ada@example.com",
  hostname: "example.com",
  ipv4: "192.0.2.1",
  ipv6: "2001:db8::1",
  uri: "https://example.com/sample",
  url: "https://example.com/sample",
  uuid: "123e4567-e89b-42d3-a456-426614174000"
}

const known: Readonly<Record<string, string>> = {
  city: "Paris",
  location: "Paris",
  capital: "Paris",
  country: "France",
  name: "Ada",
  email: "ada@example.com",
  date: "2025-01-31",
  unit: "celsius",
  language: "en"
}

const sampleString = (schema: JsonObject, name: string): string => {
  const format = schema["format"]
  const text =
    (typeof format === "string" ? formats[format] : undefined) ?? known[name.toLowerCase()] ?? `sample ${name}`
  const least = numberOf(schema["minLength"]) ?? 0
  const most = numberOf(schema["maxLength"]) ?? Infinity
  return text.padEnd(least, ".").slice(0, most)
}

const numberOf = (value: Json | undefined): number | undefined => {
  // Gemini writes 64-bit integers (minItems, maxLength) as strings
  const number = typeof value === "string" && value !== "" ? Number(value) : value
  return typeof number === "number" && Number.isFinite(number) ? number : undefined
}
