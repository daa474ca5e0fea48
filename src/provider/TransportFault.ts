/**
 * What can go wrong between us and a vendor before its words are understood. Plain data, made when it is read.
 *
 * @module
 */
import { errors } from "undici"

/**
 * `refused` nobody listens; `reset` the connection broke before the headers; `closedEarly` it broke within the body;
 * `dns` no such host; `tls` no trust; `connectTimeout` no connection in time; `protocol` not HTTP; `tooLarge` a body
 * over the limit; `closed` this transport is shut; `other` anything else.
 */
export type FaultKind =
  "refused" | "reset" | "closedEarly" | "dns" | "tls" | "connectTimeout" | "protocol" | "tooLarge" | "closed" | "other"

export interface TransportFault {
  readonly _tag: "TransportFault"
  readonly kind: FaultKind
  /** Had any byte of the request gone out? */
  readonly sent: boolean
  /** Had the connection carried a request before this one? */
  readonly reused: boolean
  /** For people; names neither address nor key. */
  readonly message: string
  /** The system's or undici's code (`ECONNREFUSED`). */
  readonly code: string | undefined
}

const kinds: { readonly [code: string]: FaultKind } = {
  ECONNREFUSED: "refused",
  EHOSTUNREACH: "refused",
  ENETUNREACH: "refused",
  EHOSTDOWN: "refused",
  ENOENT: "refused",
  ENOTFOUND: "dns",
  EAI_AGAIN: "dns",
  EAI_FAIL: "dns",
  EAI_NODATA: "dns",
  EAI_NONAME: "dns",
  UND_ERR_CONNECT_TIMEOUT: "connectTimeout",
  EPROTO: "tls",
  ERR_TLS_CERT_ALTNAME_INVALID: "tls",
  DEPTH_ZERO_SELF_SIGNED_CERT: "tls",
  SELF_SIGNED_CERT_IN_CHAIN: "tls",
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: "tls",
  UNABLE_TO_GET_ISSUER_CERT: "tls",
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: "tls",
  CERT_HAS_EXPIRED: "tls",
  CERT_NOT_YET_VALID: "tls",
  CERT_UNTRUSTED: "tls",
  CERT_REVOKED: "tls",
  ECONNRESET: "reset",
  EPIPE: "reset",
  ECONNABORTED: "reset",
  UND_ERR_SOCKET: "reset",
  UND_ERR_RES_CONTENT_LENGTH_MISMATCH: "protocol",
  UND_ERR_HEADERS_OVERFLOW: "protocol",
  UND_ERR_DESTROYED: "closed",
  UND_ERR_CLOSED: "closed"
}

const words: { readonly [K in FaultKind]: string } = {
  refused: "the connection was refused",
  reset: "the connection was reset",
  closedEarly: "the connection broke before the answer was complete",
  dns: "the host name could not be resolved",
  tls: "the TLS connection could not be made",
  connectTimeout: "the connection could not be made in time",
  protocol: "the answer is not HTTP",
  tooLarge: "the answer is too long",
  closed: "the transport is closed",
  other: "the connection failed"
}

const codeOf = (error: unknown): string | undefined =>
  typeof error === "object" && error !== null && "code" in error && typeof error.code === "string"
    ? error.code
    : undefined

const kindOf = (code: string | undefined, sent: boolean, started: boolean): FaultKind => {
  if (code === undefined) return started ? "closedEarly" : "other"
  if (code === "ETIMEDOUT") return sent ? "reset" : "connectTimeout"
  const known = Object.hasOwn(kinds, code) ? kinds[code] : undefined
  const kind = known ?? (code.startsWith("HPE_") ? "protocol" : code.startsWith("ERR_SSL_") ? "tls" : "other")
  if (!started) return kind
  return kind === "reset" || kind === "other" || code === "UND_ERR_RES_CONTENT_LENGTH_MISMATCH" ? "closedEarly" : kind
}

/**
 * The fault that an error of Node's or undici's stands for. `sent`, `started`: had the request, the answer begun?
 * `reused`: had the connection carried a request before?
 */
export const faultOf = (error: unknown, sent: boolean, started: boolean, reused: boolean): TransportFault => {
  const code = codeOf(error)
  // undici gives some of its parser's errors no code
  const kind = error instanceof errors.HTTPParserError ? "protocol" : kindOf(code, sent, started)
  return {
    _tag: "TransportFault",
    kind,
    sent,
    reused,
    message: code === undefined ? words[kind] : `${words[kind]} (${code})`,
    code
  }
}
