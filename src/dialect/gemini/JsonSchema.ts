/**
 * JSON Schema as Gemini takes it in `parametersJsonSchema` and `responseJsonSchema`.
 *
 * These fields take standard JSON Schema, but only some of its keywords (the list below is that of the vendor's
 * reference); a `$ref` may have no neighbours, `const` and `allOf` are unknown, and `enum` holds texts and numbers only.
 * `toGeminiSchema` says with the known keywords what it can, and leaves the rest out: what is left out is not held to
 * by the vendor, and never makes the schema stricter than it was.
 *
 * - `definitions` becomes `$defs`, and references follow; a reference at the root is replaced by what it refers to,
 *   since the vendor wants an object there.
 * - A reference with neighbours (a description, a default) becomes a union of one, which may have neighbours.
 * - `const` becomes an `enum` of one; `true`, `false` and `null` in an `enum` become their types, in a union.
 * - `oneOf` becomes `anyOf`; the members of `allOf` are merged into their parent, `properties` and `required` united.
 * - A tuple in `items` becomes `prefixItems`; `true` as a schema becomes `{}`.
 * - Formats of texts other than dates and times are left out.
 *
 * Source: https://ai.google.dev/api/generate-content#FIELDS.response_json_schema
 *
 * @module
 */
import { isJsonObject, type Json, type JsonObject } from "../../domain/Json.ts"

/** Keywords that are taken as they are. */
const plainKeywords = [
  "$id",
  "$anchor",
  "type",
  "title",
  "description",
  "minItems",
  "maxItems",
  "minimum",
  "maximum",
  "required",
  "propertyOrdering"
]

const formats = ["date-time", "date", "time", "duration", "int32", "int64", "float", "double"]

/**
 * What references in the `allOf`s of one request's schemas may add to them: each copies what it refers to, so that a
 * small body could stand for a huge one.
 */
export interface Allowance {
  /** References that may be followed. */
  merges: number
  /** Values that what they refer to may have together. */
  values: number
}

/** More than the tools of any program use, and some hundredths of a second's work. */
export const allowanceForRequest = (): Allowance => ({ merges: 10_000, values: 50_000 })

/**
 * The schema in the vendor's subset; the same meaning or a wider one. `allowance` is used up by it, and shared by all
 * schemas of a request.
 */
export const toGeminiSchema = (schema: JsonObject, allowance: Allowance = allowanceForRequest()): JsonObject => {
  const definitions = definitionsOf(schema)
  const walk: Walk = { root: schema, definitions, merges: 1000, allowance, sizes: new Map() }
  const converted = convert(atRoot(walk), walk, 0)
  return Object.keys(definitions).length === 0 ? converted : { ...converted, $defs: mapSchemas(definitions, walk, 0) }
}

/** The schema itself, or what its root refers to with its own other keywords. */
const atRoot = (walk: Walk): JsonObject => {
  let at = walk.root
  for (let hops = 0; hops < 8 && typeof at["$ref"] === "string"; hops++) {
    const target = resolve(at["$ref"], walk)
    if (target === undefined || target === walk.root) break
    const { $ref: _, ...others } = at
    at = { ...target, ...others }
  }
  return at
}

const definitionsOf = (schema: JsonObject): JsonObject => ({
  ...(isJsonObject(schema["definitions"]) ? schema["definitions"] : {}),
  ...(isJsonObject(schema["$defs"]) ? schema["$defs"] : {})
})

const resolve = (ref: string, { definitions, root }: Walk): JsonObject | undefined => {
  if (ref === "#") return root
  const found = /^#\/(?:\$defs|definitions)\/([^/]+)$/.exec(ref)?.[1]
  const name = found === undefined ? undefined : unescapePointer(found)
  const target = name !== undefined && Object.hasOwn(definitions, name) ? definitions[name] : undefined
  return isJsonObject(target) ? target : undefined
}

const unescapePointer = (name: string): string => name.replaceAll("~1", "/").replaceAll("~0", "~")

interface Walk {
  readonly root: JsonObject
  readonly definitions: JsonObject
  /** References in `allOf` that may still be followed in this schema, as they may be circular. */
  merges: number
  readonly allowance: Allowance
  /** How many values a definition has. */
  readonly sizes: Map<JsonObject, number>
}

/** What a reference refers to, where it may still be followed. */
const followed = (ref: string, walk: Walk): JsonObject | undefined => {
  const target = resolve(ref, walk)
  if (target === undefined) return undefined
  let size = walk.sizes.get(target)
  if (size === undefined) walk.sizes.set(target, (size = valuesIn(target)))
  const { allowance } = walk
  if (walk.merges <= 0 || allowance.merges <= 0 || allowance.values < size) return undefined
  walk.merges--
  allowance.merges--
  allowance.values -= size
  return target
}

const valuesIn = (value: Json): number => {
  let count = 1
  if (typeof value === "object" && value !== null) for (const inner of Object.values(value)) count += valuesIn(inner)
  return count
}

/** Nesting past which a schema is taken for "anything": no vendor accepts it, and a walk must end. */
const deepest = 64

const convert = (schema: JsonObject, walk: Walk, depth: number): JsonObject => {
  if (depth > deepest) return {}
  const { $ref: ref } = schema
  if (typeof ref === "string") {
    const pointer = { $ref: ref.replace("#/definitions/", "#/$defs/") }
    const around = convert({ ...schema, $ref: null }, walk, depth + 1)
    return Object.keys(around).length === 0 ? pointer : { ...around, anyOf: [pointer] }
  }
  const out: Record<string, Json> = {}
  for (const key of plainKeywords) if (schema[key] !== undefined) out[key] = schema[key]
  const { format, properties, additionalProperties } = schema
  if (typeof format === "string" && formats.includes(format)) out["format"] = format
  if (isJsonObject(properties)) out["properties"] = mapSchemas(properties, walk, depth)
  if (typeof additionalProperties === "boolean") out["additionalProperties"] = additionalProperties
  else if (isJsonObject(additionalProperties))
    out["additionalProperties"] = convert(additionalProperties, walk, depth + 1)
  addItems(out, schema, walk, depth)
  const union = schema["anyOf"] ?? schema["oneOf"]
  if (Array.isArray(union)) out["anyOf"] = mapList(union, walk, depth)
  const values = "const" in schema ? [schema["const"] ?? null] : schema["enum"]
  if (Array.isArray(values)) addValues(out, values)
  if (Array.isArray(schema["allOf"])) addAll(out, schema["allOf"], walk, depth)
  return out
}

/** By entries, since a property may be called `__proto__`. */
const mapSchemas = (schemas: JsonObject, walk: Walk, depth: number): JsonObject =>
  Object.fromEntries(
    Object.entries(schemas).map(([name, schema]): [string, Json] => [
      name,
      isJsonObject(schema) ? convert(schema, walk, depth + 1) : {}
    ])
  )

const mapList = (schemas: ReadonlyArray<Json>, walk: Walk, depth: number): ReadonlyArray<JsonObject> =>
  schemas.map((schema) => (isJsonObject(schema) ? convert(schema, walk, depth + 1) : {}))

const addItems = (out: Record<string, Json>, schema: JsonObject, walk: Walk, depth: number): void => {
  const { items, prefixItems } = schema
  if (Array.isArray(prefixItems)) out["prefixItems"] = mapList(prefixItems, walk, depth)
  if (Array.isArray(items)) out["prefixItems"] = mapList(items, walk, depth)
  else if (isJsonObject(items)) out["items"] = convert(items, walk, depth + 1)
}

/** An `enum` in texts and numbers; other values as their types, beside it in a union. */
const addValues = (out: Record<string, Json>, values: ReadonlyArray<Json>): void => {
  const texts = values.filter((value) => typeof value === "string")
  const numbers = values.filter((value) => typeof value === "number")
  const members: Array<Record<string, Json>> = []
  if (texts.length > 0) members.push({ type: "string", enum: texts })
  if (numbers.length > 0) members.push({ type: numbers.every(Number.isInteger) ? "integer" : "number", enum: numbers })
  if (values.some((value) => typeof value === "boolean")) members.push({ type: "boolean" })
  if (values.includes(null)) members.push({ type: "null" })
  const [only, ...others] = members
  // an object or array among the values cannot be said: anything may stand there
  if (only === undefined || values.some((value) => typeof value === "object" && value !== null)) return
  delete out["type"]
  if (others.length === 0) Object.assign(out, only)
  else if (out["anyOf"] === undefined) out["anyOf"] = members
}

/** Each member's keywords go to the parent, which has the last word; properties and required names are united. */
const addAll = (out: Record<string, Json>, members: ReadonlyArray<Json>, walk: Walk, depth: number): void => {
  const properties: Array<JsonObject> = isJsonObject(out["properties"]) ? [out["properties"]] : []
  const required: Array<ReadonlyArray<Json>> = Array.isArray(out["required"]) ? [out["required"]] : []
  for (const member of members) {
    if (!isJsonObject(member)) continue
    const ref = member["$ref"]
    const target = typeof ref === "string" ? followed(ref, walk) : undefined
    if (typeof ref === "string" && target === undefined) continue
    const from = convert({ ...target, ...member, $ref: null }, walk, depth + 1)
    for (const [key, value] of Object.entries(from)) {
      if (key === "properties" && isJsonObject(value)) properties.push(value)
      else if (key === "required" && Array.isArray(value)) required.push(value)
      else if (out[key] === undefined) out[key] = value
    }
  }
  // united at once: to copy what was gathered at each member would take the square of their number
  if (properties.length > 0)
    out["properties"] = Object.fromEntries(properties.toReversed().flatMap((one) => Object.entries(one)))
  if (required.length > 0) out["required"] = [...new Set(required.flat())]
  // each member may have forbidden what another one names
  if (members.length > 1 && out["additionalProperties"] === false) delete out["additionalProperties"]
}
