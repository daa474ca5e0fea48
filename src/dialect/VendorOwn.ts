/**
 * What of a request is for the caller's own vendor alone, and how it survives a stage that drops `wire`: headers and
 * fields that no other wire has a word for, kept among the request's extensions under labels of the wire.
 *
 * @module
 */
import type { ChatRequest } from "../domain/ChatRequest.ts"
import type { Json, JsonObject } from "../domain/Json.ts"
import type { HeaderMap } from "./Dialect.ts"

type Headers = Readonly<Record<string, string>>

/** Those headers of a request that go on to its own vendor. */
export const vendorHeadersOf = (headers: HeaderMap, names: ReadonlyArray<string>): Headers => {
  const sent: Record<string, string> = {}
  for (const name of names) {
    const value = headers[name]
    if (value !== undefined) sent[name] = value
  }
  return sent
}

/** The headers that are kept under `label`. */
export const headersKept = ({ extensions }: ChatRequest, label: string): Headers => {
  const headers: Record<string, string> = {}
  for (const [name, value] of Object.entries(extensions?.[label] ?? {}))
    if (typeof value === "string") headers[name] = value
  return headers
}

/** Keeps what is left of a field; nothing where nothing is. */
export const keepIn = (fields: Record<string, Json>, key: string, rest: JsonObject): void => {
  if (Object.keys(rest).length > 0) fields[key] = rest
}
