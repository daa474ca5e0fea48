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
  if (!mayBeJson(text)) return undefined
  try {
    // JSON.parse is typed `any`; what it returns is JSON by definition.
    return JSON.parse(text) as Json
  } catch {
    return undefined
  }
}

/** False for most of what is no JSON, by its first and last character: an exception costs more than a whole parse. */
const mayBeJson = (text: string): boolean => {
  let first = 0
  while (isSpace(text.charCodeAt(first))) first++
  let last = text.length - 1
  while (isSpace(text.charCodeAt(last))) last--
  switch (text.charCodeAt(first)) {
    case 0x7b: // {
      return text.charCodeAt(last) === 0x7d
    case 0x5b: // [
      return text.charCodeAt(last) === 0x5d
    case 0x22: // "
      return last > first && text.charCodeAt(last) === 0x22
    case 0x74: // t
      return text.startsWith("true", first)
    case 0x66: // f
      return text.startsWith("false", first)
    case 0x6e: // n
      return text.startsWith("null", first)
    case 0x2d: // -
      return true
    default:
      return isDigit(text.charCodeAt(first)) && isDigit(text.charCodeAt(last))
  }
}

const isSpace = (code: number): boolean => code === 0x20 || code === 0x0a || code === 0x0d || code === 0x09
const isDigit = (code: number): boolean => code >= 0x30 && code <= 0x39

/** A copy of `object` without the named keys; the same object where none of them is present. */
export const omitKeys = (object: JsonObject, keys: ReadonlyArray<string>): JsonObject => {
  if (!keys.some((key) => key in object)) return object
  // a copy of which keys are deleted would be slow to read ever after
  return Object.fromEntries(Object.entries(object).filter(([key]) => !keys.includes(key)))
}
