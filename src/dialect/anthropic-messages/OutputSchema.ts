/**
 * JSON Schema as this wire takes it in `output_config.format`.
 *
 * The vendor holds an answer to a part of JSON Schema and refuses what lies beyond it: every object says
 * `additionalProperties: false`, and there are no limits of numbers, texts and lists, no patterns, no conditions, no
 * references that come back to themselves. `toOutputSchema` says what it can in that part:
 *
 * - An object without a word about further properties gets none: such an answer fits the schema as it was.
 * - `oneOf` becomes `anyOf`.
 * - A keyword that is not taken is told in the description instead, where the model reads it.
 *
 * What needs keys that are not known beforehand (a map, any object, any value) or calls itself cannot be said at all.
 *
 * Source: https://platform.claude.com/docs/en/build-with-claude/structured-outputs#json-schema-limitations
 *
 * @module
 */
import { isJsonObject, type Json, type JsonObject } from "../../domain/Json.ts"

export interface OutputSchema {
  readonly schema: JsonObject
  /** Is all of it held to? Otherwise a part stands in descriptions. */
  readonly exact: boolean
}

/** The schema in the vendor's part; `undefined` where it cannot be said in it. */
export const toOutputSchema = (schema: JsonObject): OutputSchema | undefined => {
  const walk: Walk = { exact: true }
  const converted = refersToItself(schema) ? undefined : convert(schema, walk, 0)
  return converted === undefined ? undefined : { schema: converted, exact: walk.exact }
}

interface Walk {
  exact: boolean
}

/** Taken as they are. */
const plain: ReadonlySet<string> = new Set(["type", "title", "description", "required", "default", "$ref"])
/** Hold an answer to nothing. */
const silent: ReadonlySet<string> = new Set(["$schema", "$id", "$comment", "examples", "deprecated", "readOnly"])
const formats: ReadonlySet<string> = new Set([
  "date-time",
  "time",
  "date",
  "duration",
  "email",
  "hostname",
  "uri",
  "ipv4",
  "ipv6",
  "uuid"
])

/** Nesting past which a schema is taken for one that cannot be said. */
const deepest = 64

const convert = (schema: JsonObject, walk: Walk, depth: number): JsonObject | undefined => {
  if (depth > deepest || Object.keys(schema).length === 0) return undefined
  const out: Record<string, Json> = {}
  const told: Record<string, Json> = {}
  for (const [keyword, value] of Object.entries(schema)) {
    if (plain.has(keyword)) out[keyword] = value
    else if (silent.has(keyword) || keyword === "additionalProperties") continue
    else if (keyword === "properties" || keyword === "$defs" || keyword === "definitions") {
      const members = isJsonObject(value) ? convertMembers(value, walk, depth) : undefined
      if (members === undefined) return undefined
      out[keyword] = members
    } else if (keyword === "anyOf" || keyword === "oneOf" || keyword === "allOf") {
      const list = Array.isArray(value) ? convertList(value, walk, depth) : undefined
      if (list === undefined) return undefined
      out[keyword === "oneOf" ? "anyOf" : keyword] = list
    } else if (keyword === "items") {
      const items = isJsonObject(value) ? convert(value, walk, depth + 1) : undefined
      if (items === undefined) return undefined
      out[keyword] = items
    } else if (isTaken(keyword, value)) out[keyword] = value
    else told[keyword] = value
  }
  const type = schema["type"]
  if (type === "object" || (Array.isArray(type) && type.includes("object"))) {
    // an object of which nothing is known, or whose keys are not: closed, it could only be empty
    const { additionalProperties: more } = schema
    const isMap = isJsonObject(more) && Object.keys(more).length > 0
    if (isMap || out["properties"] === undefined) {
      if (more !== false) return undefined
    }
    out["additionalProperties"] = false
  }
  if (Object.keys(told).length > 0) {
    walk.exact = false
    const words = `Must satisfy: ${JSON.stringify(told)}`
    out["description"] = typeof out["description"] === "string" ? `${out["description"]}\n${words}` : words
  }
  return out
}

/** Are these keywords taken with such a value? */
const isTaken = (keyword: string, value: Json): boolean => {
  switch (keyword) {
    case "enum":
      return Array.isArray(value) && value.length > 0 && value.every((one) => one === null || typeof one !== "object")
    case "const":
      return value === null || typeof value !== "object"
    case "format":
      return typeof value === "string" && formats.has(value)
    case "minItems":
      return value === 0 || value === 1
    default:
      return false
  }
}

const convertMembers = (members: JsonObject, walk: Walk, depth: number): JsonObject | undefined => {
  const out: Array<[string, Json]> = []
  for (const [name, member] of Object.entries(members)) {
    const converted = isJsonObject(member) ? convert(member, walk, depth + 1) : undefined
    if (converted === undefined) return undefined
    out.push([name, converted])
  }
  // by entries, since a property may be called `__proto__`
  return Object.fromEntries(out)
}

const convertList = (list: ReadonlyArray<Json>, walk: Walk, depth: number): ReadonlyArray<Json> | undefined => {
  const out: Array<Json> = []
  for (const member of list) {
    const converted = isJsonObject(member) ? convert(member, walk, depth + 1) : undefined
    if (converted === undefined) return undefined
    out.push(converted)
  }
  return out
}

/** Does a reference lead back to where it stands, to the root, or out of the schema? */
const refersToItself = (root: JsonObject): boolean => {
  const definitions: JsonObject = {
    ...(isJsonObject(root["definitions"]) ? root["definitions"] : {}),
    ...(isJsonObject(root["$defs"]) ? root["$defs"] : {})
  }
  /** Definitions that are known to end. */
  const ends = new Set<string>()
  const comesBack = (value: Json | undefined, within: ReadonlyArray<string>, depth: number): boolean => {
    if (depth > deepest) return true
    if (Array.isArray(value)) return value.some((one: Json) => comesBack(one, within, depth + 1))
    if (!isJsonObject(value)) return false
    const ref = value["$ref"]
    if (typeof ref === "string") {
      const name = /^#\/(?:\$defs|definitions)\/([^/]+)$/.exec(ref)?.[1]
      if (name === undefined || within.includes(name) || !Object.hasOwn(definitions, name)) return true
      if (!ends.has(name) && comesBack(definitions[name], [...within, name], depth + 1)) return true
      ends.add(name)
    }
    return Object.values(value).some((one) => comesBack(one, within, depth + 1))
  }
  return comesBack(root, [], 0)
}
