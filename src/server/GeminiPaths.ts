/**
 * The paths of Google's wire, which say what its bodies do not: the model, the method, and how a stream is written.
 *
 * A name may hold slashes (`openai/gpt-5.2`) and colons (`llama3:8b`): the method is what follows the last colon. A key
 * may stand in the query (`?key=`); it is taken out there before anybody else sees the address, and goes on as the
 * header the SDKs use.
 *
 * Programs that are set up for Vertex AI ask at its own paths, with a project and a location or without (express mode).
 * There the SDK splits a name at its slash: `openai/gpt-5.2` comes as the model of the publisher `openai`.
 *
 * @module
 */
import type { HttpServerRequest } from "effect/http"
import { Headers } from "effect/http"
import type { Framing } from "../dialect/gemini/EncodeStream.ts"
import { queryOf } from "./Query.ts"

export interface GeminiPath {
  readonly model: string
  /** `generateContent`, `streamGenerateContent`, `embedContent` …, served or not. */
  readonly method: string
  /** Of streams: server-sent events with `alt=sse`, otherwise one JSON array. */
  readonly framing: Framing
}

/**
 * The name is no longer than any model's, provider and vendor's path included. Vercel's provider leaves `models/` out
 * before a name with a slash.
 */
const method = /^\/v1(?:alpha|beta)?\/(?:models\/|(?!v1|models\/)(?=[^/]+\/))(.{1,256}):([A-Za-z]+)\/?$/

/** The same on Vertex AI: the publisher, the model, the method. */
const vertexMethod =
  /^\/v1(?:beta1)?\/(?:projects\/[^/]+\/locations\/[^/]+\/)?publishers\/([^/]{1,256})\/models\/(.{1,256}):([A-Za-z]+)\/?$/

/** The name and the method that a path holds, still encoded. */
const named = (path: string): readonly [name: string, method: string] | undefined => {
  // the narrower pattern first: without `models/` before it a name may look like anything
  const [, publisher, model, asked] = vertexMethod.exec(path) ?? []
  if (publisher !== undefined && model !== undefined && asked !== undefined)
    return [publisher === "google" ? model : `${publisher}/${model}`, asked]
  const [, name, called] = method.exec(path) ?? []
  return name === undefined || called === undefined ? undefined : [name, called]
}

/** What a request target says, or `undefined` where it calls no method of a model. `path` is that of the target. */
export const geminiPath = (path: string, url: string): GeminiPath | undefined => {
  const [name, called] = named(path) ?? []
  const model = name === undefined ? undefined : decoded(name)
  if (model === undefined || called === undefined) return undefined
  const query = queryOf(url)
  return {
    model,
    method: called,
    framing: query.get("alt") === "sse" || query.get("$alt") === "sse" ? "sse" : "array"
  }
}

/**
 * Is this a path of Google's wire, served or not? Under `/v1/models/` stand the names of OpenAI's wire too, which may
 * hold colons: there only a method of Google's that is known tells.
 */
export const isGeminiPath = (path: string): boolean =>
  /^\/v1(?:alpha|beta1?)(?:\/|$)/.test(path) ||
  known.test(path) ||
  /^\/v1\/(?:tunedModels|projects|publishers)\//.test(path)

const known =
  /^\/v1\/(?!v1)[^/]+\/.+:(?:generateContent|streamGenerateContent|countTokens|embedContent|batchEmbedContents)\/?$/

/** The same request with the key of its query among its headers, where there is one and the path is Google's. */
export const withQueryKey = (
  request: HttpServerRequest.HttpServerRequest,
  path: string
): HttpServerRequest.HttpServerRequest => {
  if (!request.url.includes("key=") || !(isGeminiPath(path) || path === "/v1/models")) return request
  const query = queryOf(request.url)
  const key = query.get("key")
  if (key === null) return request
  query.delete("key")
  const left = query.toString()
  return request.modify({
    url: `${request.url.slice(0, request.url.indexOf("?"))}${left === "" ? "" : `?${left}`}`,
    // a key in the header has the last word
    headers: Headers.fromInput({ ...request.headers, "x-goog-api-key": request.headers["x-goog-api-key"] || key })
  })
}

const decoded = (name: string): string | undefined => {
  try {
    return decodeURIComponent(name)
  } catch {
    return undefined
  }
}
