/**
 * What this dialect's wire carries and the domain does not model: kept under the dialect's label, and put back in its
 * place when the same wire is written again.
 *
 * @module
 */
import type { Extensions } from "../../domain/Ids.ts"
import { isJsonObject, type Json, type JsonObject } from "../../domain/Json.ts"
import { dialectId } from "./Wire.ts"

/** The members of `object` that are not in `known`, `null` ones left out; `undefined` where there are none. */
export const unmodelled = (object: JsonObject, known: ReadonlySet<string>): JsonObject | undefined => {
  let rest: Record<string, Json> | undefined
  for (const key in object) {
    if (known.has(key)) continue
    const value = object[key]
    if (value !== undefined && value !== null) (rest ??= {})[key] = value
  }
  return rest
}

/** To be spread into a value of the domain: its `extensions`, where there are any. */
export const labelled = (rest: JsonObject | undefined): { readonly extensions?: Extensions } =>
  rest === undefined ? {} : { extensions: { [dialectId]: rest } }

/** What was kept under this dialect's label. */
export const kept = (value: { readonly extensions?: Extensions }): JsonObject | undefined =>
  value.extensions?.[dialectId]

/** `object` with what was kept put back: members it has itself win, objects in both are merged. */
export const restored = (object: JsonObject, rest: JsonObject | undefined): JsonObject => {
  if (rest === undefined) return object
  const merged: Record<string, Json> = { ...object }
  for (const key in rest) {
    const mine = object[key]
    const theirs = rest[key]
    if (theirs === undefined) continue
    if (mine === undefined) merged[key] = theirs
    else if (isJsonObject(mine) && isJsonObject(theirs)) merged[key] = { ...theirs, ...mine }
  }
  return merged
}
