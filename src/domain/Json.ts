/**
 * JSON values, and the few helpers every wire format needs.
 *
 * @module
 */
import { Predicate, type Schema } from "effect"

export type Json = Schema.Json
export interface JsonObject {
  readonly [key: string]: Json
}

/** True for a JSON object: neither `null` nor an array. */
export const isJsonObject = (value: unknown): value is JsonObject => Predicate.isObject(value) && !Array.isArray(value)

/** The JSON value of a text, or `undefined` where the text is not JSON. (JSON itself has no `undefined`.) */
export const parseJson = (text: string): Json | undefined => {
  try {
    // JSON.parse is typed `any`; what it returns is JSON by definition.
    return JSON.parse(text) as Json
  } catch {
    return undefined
  }
}

/** A copy of `object` without the named keys; the same object where none of them is present. */
export const omitKeys = (object: JsonObject, keys: Iterable<string>): JsonObject => {
  let copy: Record<string, Json> | undefined
  for (const key of keys) {
    if (!(key in object)) continue
    copy ??= { ...object }
    delete copy[key]
  }
  return copy ?? object
}
