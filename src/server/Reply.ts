/**
 * The headers of answers, and errors as answers.
 *
 * @module
 */
import { HttpServerResponse } from "effect/http"
import type { InboundDialect, RequestFault } from "../dialect/Dialect.ts"
import type { Served } from "../domain/Answer.ts"
import { isFromCache } from "../domain/Caching.ts"
import { type Attempt, type GatewayError, gatewayError } from "../domain/GatewayError.ts"

export type HeaderFields = Readonly<Record<string, string>>

/** `x-request-id` is OpenAI's name for it, `request-id` Anthropic's. */
/** Names and values in turn, as Node writes them at the least cost; each name once. */
export type RawHeaders = Array<string>

export const addHeaders = (raw: RawHeaders, fields: HeaderFields | undefined): RawHeaders => {
  for (const name in fields) raw.push(name, fields[name] ?? "")
  return raw
}

export const idHeaders = (requestId: string): HeaderFields => ({ "x-request-id": requestId, "request-id": requestId })

/** Who answered, and how it came to that. */
export const servedHeaders = (served: Served): HeaderFields => {
  const headers: Record<string, string> = {
    "x-switchyard-provider": headerValue(served.provider),
    "x-switchyard-model": headerValue(served.model),
    "x-switchyard-attempts": String(attemptsOf(served))
  }
  if (served.cache !== undefined) headers["x-switchyard-cache"] = served.cache
  if (served.modelTier !== undefined) headers["x-switchyard-model-tier"] = served.modelTier
  if (served.fallback !== undefined) headers["x-switchyard-fallback"] = headerValue(served.fallback)
  if (served.task !== undefined) headers["x-switchyard-task"] = headerValue(served.task)
  if (served.outputLimit !== undefined) headers["x-switchyard-output-limit"] = String(served.outputLimit)
  if (served.dropped.length > 0) headers["x-switchyard-dropped"] = headerList(served.dropped)
  return headers
}

/** How many attempts it took; none, where the answer was cached. */
export const attemptsOf = ({ attempts, cache }: Served): number =>
  isFromCache(cache) ? 0 : Math.max(1, attempts.length)

/** What of a dialect is needed to tell an error. */
export type ErrorDialect = Pick<InboundDialect, "encodeError">

/** What is wrong with a request, as an error. */
export const badRequest = ({ code, message, param }: RequestFault): GatewayError =>
  gatewayError({
    _tag: "BadRequest",
    message,
    ...(param === undefined ? undefined : { param }),
    ...(code === undefined ? undefined : { code })
  })

/** An error before anything was written, ready to be written in the caller's dialect. */
export interface ErrorReply {
  readonly status: number
  readonly headers: HeaderFields
  readonly body: string
}

export const errorReply = (dialect: ErrorDialect, error: GatewayError, requestId: string): ErrorReply => {
  const encoded = dialect.encodeError(error, requestId)
  const headers: Record<string, string> = { "content-type": "application/json", ...idHeaders(requestId) }
  if (!error.callerMayRetry) headers["x-should-retry"] = "false"
  const retryAfter = error.retryAfterMillis
  if (retryAfter !== undefined) headers["retry-after"] = String(Math.max(0, Math.ceil(retryAfter / 1000)))
  if (error.attempts.length > 0) {
    headers["x-switchyard-attempts"] = String(error.attempts.length)
    const first = firstReason(error.attempts)
    if (first !== undefined && error.attempts.length > 1) headers["x-switchyard-fallback"] = headerValue(first)
  }
  if (error.reason._tag === "MethodNotAllowed") headers["allow"] = error.reason.allowed.join(", ")
  if (error.reason._tag === "Unauthorized") headers["www-authenticate"] = "Bearer"
  // who goes down, and whose body was not read to its end, cannot take another request on this connection
  if (error.reason._tag === "ShuttingDown" || error.reason._tag === "BodyTooLarge") headers["connection"] = "close"
  return { status: encoded.status, headers, body: JSON.stringify(encoded.body) }
}

export const errorResponse = (reply: ErrorReply): HttpServerResponse.HttpServerResponse =>
  HttpServerResponse.text(reply.body, {
    status: reply.status,
    headers: reply.headers,
    contentType: "application/json"
  })

const firstReason = (attempts: ReadonlyArray<Attempt>): string | undefined =>
  attempts.find((attempt) => attempt.reason !== undefined)?.reason

/** What a header may hold: printable ASCII, at most 200 characters. A vendor's or a config's name may be anything. */
export const headerValue = (value: string): string => value.replace(/[^\x20-\x7e]/g, "?").slice(0, 200)

/**
 * Names, one after the other, of which none goes missing unsaid: those there is no room for are counted. Callers may
 * invent names, so the room is far within what clients and proxies take for all headers together (8 KiB and more).
 */
const headerList = (names: ReadonlyArray<string>): string => {
  let list = ""
  for (const [index, name] of names.entries()) {
    // a comma within would make two names of one
    const next = `${index === 0 ? "" : ", "}${headerValue(name).replaceAll(",", "?")}`
    if (list.length + next.length > headerListRoom) return `${list}, and ${names.length - index} more`
    list += next
  }
  return list
}

const headerListRoom = 3000
