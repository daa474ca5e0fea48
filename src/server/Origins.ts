/**
 * Web pages: which may call, and how they are kept out where there are no keys.
 *
 * A loopback listener without keys serves whoever reaches it, and a browser on the same machine lets any web page send
 * requests there. So on such a listener `Host` must be a loopback name or address (a page that points its own name at
 * 127.0.0.1 is found out by that) and `Origin`, which browsers always send with such requests, must be a loopback
 * origin or one the config names. With keys neither is checked: a page has no key.
 *
 * @module
 */
import { isLoopback } from "../config/notation.ts"
import type { HeaderMap } from "../dialect/Dialect.ts"
import { type GatewayError, gatewayError } from "../domain/GatewayError.ts"

/** May web pages of this origin call, by the config? */
export const isConfigured = (origin: string, cors: ReadonlyArray<string>): boolean =>
  cors.includes("*") || cors.some((allowed) => allowed.toLowerCase().replace(/\/$/, "") === origin.toLowerCase())

/**
 * Why a request to a listener without keys is refused, or `undefined` where it is let in. `rule` begins the sentence
 * that tells of a foreign Host, where it is not about missing keys.
 */
export const refuseForeign = (
  headers: HeaderMap,
  cors: ReadonlyArray<string>,
  rule = "Without client keys this gateway answers only"
): GatewayError | undefined => {
  const host = hostName(headers["host"])
  if (host === undefined || !isLoopback(host))
    return forbidden(`${rule} requests whose Host is a loopback name or address`)
  const origin = headers["origin"]
  if (origin === undefined || isConfigured(origin, cors)) return undefined
  const from = /^https?:\/\/([^/]+)$/i.exec(origin)?.[1]
  const name = hostName(from)
  return name !== undefined && isLoopback(name)
    ? undefined
    : forbidden("This gateway does not answer web pages of other origins; the config's server.cors names those it does")
}

/**
 * Why a call of the admin API is refused whatever key it bears, or `undefined` where it is let in. On a loopback listener
 * the rules are those for listeners without keys. Elsewhere the page must be of the very host that is asked, or of an
 * origin that the config names; `*` names nobody.
 */
export const refuseForeignToAdmin = (
  headers: HeaderMap,
  cors: ReadonlyArray<string>,
  onLoopback: boolean
): GatewayError | undefined => {
  const named = cors.filter((origin) => origin !== "*")
  if (onLoopback) return refuseForeign(headers, named, "On a loopback address the admin API answers only")
  const origin = headers["origin"]
  if (origin === undefined || isConfigured(origin, named)) return undefined
  const from = /^https?:\/\/([^/]+)$/i.exec(origin)?.[1]
  return from !== undefined && from.toLowerCase() === headers["host"]?.toLowerCase()
    ? undefined
    : forbidden("The admin API does not answer web pages of other origins")
}

/** What a page of `origin` may be told, or nothing. */
export const corsHeaders = (
  origin: string | undefined,
  cors: ReadonlyArray<string>
): Readonly<Record<string, string>> | undefined =>
  origin === undefined || !isConfigured(origin, cors)
    ? undefined
    : {
        "access-control-allow-origin": cors.includes("*") ? "*" : origin,
        "access-control-expose-headers":
          "x-request-id, request-id, retry-after, x-should-retry, x-switchyard-provider, x-switchyard-model, x-switchyard-attempts, x-switchyard-fallback, x-switchyard-dropped, x-switchyard-output-limit, x-switchyard-estimated",
        vary: "origin"
      }

/** The further headers of the answer to a preflight request. */
export const preflightHeaders = (headers: HeaderMap): Readonly<Record<string, string>> => ({
  "access-control-allow-methods": "GET, POST, OPTIONS",
  // what a page may send is not restricted: what it may do is decided by its key
  "access-control-allow-headers": headers["access-control-request-headers"] ?? "authorization, content-type",
  "access-control-max-age": "600"
})

const forbidden = (message: string): GatewayError => gatewayError({ _tag: "Forbidden", message })

/** `name:port` or `[address]:port` without its port. */
const hostName = (authority: string | undefined): string | undefined =>
  authority === undefined ? undefined : /^(\[[0-9a-f:.]+\]|[^:[\]]+)(?::\d{1,5})?$/i.exec(authority)?.[1]
