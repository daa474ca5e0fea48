/**
 * How bytes get to a vendor and back: one shared HTTP/1.1 agent, and exchanges whose every byte is ours.
 *
 * - Interruption, or the end of the scope, destroys the socket at once: before the headers, during a pending read, for
 *   whole and streamed bodies alike. A connection still being made is never written to.
 * - One pull gives what one network read brought, as it came. Nothing is read ahead beyond 256 KiB: a slow reader stops
 *   the socket.
 * - There are no time limits here but the one for connecting; the others belong to the fallback walk.
 * - A fault is plain data, made when it is read.
 *
 * Gotcha: undici's `dispatch` is used rather than `request`: it tells when the request goes onto the wire (which decides
 * whether it can be repeated safely) and hands over chunks without a stream in between.
 *
 * @module
 */
import { type Array as Arr, Cause, Context, Duration, Effect, Layer, type Pull, Scope } from "effect"
import { Agent, type Dispatcher } from "undici"
import type { HeaderMap } from "../dialect/Dialect.ts"

/** Where a request goes, parsed once for many requests. `path` holds the query. */
export interface Endpoint {
  readonly origin: string
  readonly path: string
}

/** The endpoint of an absolute URL. Throws on anything else, as `URL` does. */
export const endpointOf = (url: string): Endpoint => {
  const { origin, pathname, search } = new URL(url)
  return { origin, path: pathname + search }
}

export interface TransportRequest {
  readonly endpoint: Endpoint
  readonly method: "GET" | "POST"
  readonly headers: Readonly<Record<string, string>>
  readonly body: string | undefined
}

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
  /** For people; names neither address nor key. */
  readonly message: string
  /** The system's or undici's code (`ECONNREFUSED`). */
  readonly code: string | undefined
}

export interface TransportResponse {
  readonly status: number
  readonly headers: HeaderMap
  /** What one network read brought. Ends when the body has ended as HTTP promised; anything else is a fault. */
  readonly pull: Pull.Pull<Arr.NonEmptyReadonlyArray<Uint8Array>, TransportFault>
  /** The rest of the body as UTF-8 text. Fails with `tooLarge` over `limitBytes` (64 MiB unless told). */
  readonly text: (limitBytes?: number) => Effect.Effect<string, TransportFault>
  /** Has the whole body arrived (though maybe not been pulled)? */
  readonly complete: () => boolean
}

export interface WholeResponse {
  readonly status: number
  readonly headers: HeaderMap
  readonly text: string
}

export interface Options {
  /** How long a connection may take to be made, TLS included (10 s). */
  readonly connectTimeout?: Duration.Input
  /** How long an idle connection is kept (30 s), unless the server says less. */
  readonly keepAlive?: Duration.Input
}

/** What a body may be long. */
export const defaultLimitBytes = 64 * 1024 * 1024

export class Transport extends Context.Service<
  Transport,
  {
    /** Sends; succeeds at the headers, whatever their status. The body lives until the scope closes. */
    readonly send: (request: TransportRequest) => Effect.Effect<TransportResponse, TransportFault, Scope.Scope>
    /** Sends and reads the whole body, at less cost than `send`. */
    readonly whole: (request: TransportRequest, limitBytes?: number) => Effect.Effect<WholeResponse, TransportFault>
  }
>()("switchyard/provider/Transport") {
  static readonly layer = (options: Options = {}): Layer.Layer<Transport> =>
    Layer.effect(
      Transport,
      Effect.map(
        Effect.acquireRelease(
          Effect.sync(() => makeAgent(options)),
          // sockets are destroyed in the background: a finalizer never waits
          (agent) => Effect.sync(() => agent.destroy(null, () => {}))
        ),
        make
      )
    )
}

const makeAgent = (options: Options): Agent =>
  new Agent({
    allowH2: false,
    connections: null,
    pipelining: 1,
    bodyTimeout: 0,
    headersTimeout: 0,
    connect: { timeout: Duration.toMillis(Duration.fromInputUnsafe(options.connectTimeout ?? "10 seconds")) },
    keepAliveTimeout: Duration.toMillis(Duration.fromInputUnsafe(options.keepAlive ?? "30 seconds"))
  })

const make = (agent: Agent): Transport["Service"] => ({
  whole: (request, limitBytes = defaultLimitBytes) =>
    Effect.callback<WholeResponse, TransportFault>((resume) => {
      const exchange = new Exchange(limitBytes)
      exchange.wake = () => {
        if (exchange.fault !== undefined) resume(Effect.fail(exchange.fault()))
        else if (exchange.ended)
          resume(Effect.succeed({ status: exchange.status, headers: exchange.headers, text: exchange.takeText() }))
      }
      exchange.dispatch(agent, request)
      return Effect.sync(() => exchange.cancel())
    }),

  send: (request) =>
    Effect.flatMap(Effect.scope, (scope) =>
      Effect.suspend(() => {
        const exchange = new Exchange(Number.POSITIVE_INFINITY)
        const headers = Effect.callback<TransportResponse, TransportFault>((resume) => {
          exchange.wake = () => {
            if (exchange.fault !== undefined) resume(Effect.fail(exchange.fault()))
            else if (exchange.started) resume(Effect.succeed(responseOf(exchange)))
          }
          exchange.dispatch(agent, request)
          return Effect.sync(() => exchange.cancel())
        })
        return Effect.andThen(
          Scope.addFinalizer(
            scope,
            Effect.sync(() => exchange.cancel())
          ),
          headers
        )
      })
    )
})

const responseOf = (exchange: Exchange): TransportResponse => {
  const pull: TransportResponse["pull"] = Effect.callback((resume) => {
    exchange.wake = () => {
      const chunks = exchange.take()
      if (chunks !== undefined) resume(Effect.succeed(chunks))
      else if (exchange.fault !== undefined) resume(Effect.fail(exchange.fault()))
      else if (exchange.ended) resume(Cause.done())
      else return
      exchange.wake = undefined
    }
    exchange.wake()
    // a read that is given up must not swallow the chunks of the next one
    return Effect.sync(() => {
      exchange.wake = undefined
    })
  })
  return {
    status: exchange.status,
    headers: exchange.headers,
    pull,
    text: (limitBytes = defaultLimitBytes) =>
      Effect.callback((resume) => {
        exchange.readWhole(limitBytes)
        exchange.wake = () => {
          if (exchange.fault !== undefined) resume(Effect.fail(exchange.fault()))
          else if (exchange.ended) resume(Effect.succeed(exchange.takeText()))
          else return
          exchange.wake = undefined
        }
        exchange.wake()
      }),
    complete: () => exchange.ended
  }
}

/** Read ahead of a slow reader at most this much. */
const highWaterBytes = 256 * 1024

const decoder = new TextDecoder()

/** One request and its answer: what undici tells, and at most one reader who waits for more of it. */
class Exchange implements Dispatcher.DispatchHandler {
  status = 0
  headers: HeaderMap = {}
  /** The headers are here. */
  started = false
  /** The body has ended as HTTP promised. */
  ended = false
  fault: (() => TransportFault) | undefined
  /** Called, not within undici's parser, whenever there is something new. */
  wake: (() => void) | undefined

  private controller: Dispatcher.DispatchController | undefined
  private cancelled = false
  private sent = false
  private waking = false
  private chunks: Array<Buffer> = []
  private buffered = 0
  /** In bytes; below infinity the body is collected, else it is read chunk by chunk. */
  private limit: number

  constructor(limit: number) {
    this.limit = limit
  }

  dispatch(agent: Agent, request: TransportRequest): void {
    const { body, endpoint, headers, method } = request
    try {
      agent.dispatch({ origin: endpoint.origin, path: endpoint.path, method, headers, body: body ?? null }, this)
    } catch (error) {
      this.fail(error)
    }
  }

  /** Let go: the socket is destroyed unless the exchange is over. */
  cancel(): void {
    this.wake = undefined
    this.cancelled = true
    this.chunks = []
    if (!this.ended) this.controller?.abort(letGo)
  }

  /** From now on collect the body, up to `limit` bytes. */
  readWhole(limit: number): void {
    this.limit = limit
    if (this.buffered > limit) this.refuse()
    else this.controller?.resume()
  }

  /** What has arrived since the last time, if anything. */
  take(): Arr.NonEmptyReadonlyArray<Buffer> | undefined {
    const [first, ...rest] = this.chunks
    if (first === undefined) return undefined
    this.chunks = []
    if (this.buffered >= highWaterBytes) this.controller?.resume()
    this.buffered = 0
    return [first, ...rest]
  }

  takeText(): string {
    const [first, ...rest] = this.chunks
    if (first === undefined) return ""
    this.chunks = []
    // the decoder drops a byte order mark, which JSON.parse would trip over
    return decoder.decode(rest.length === 0 ? first : Buffer.concat([first, ...rest]))
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.controller = controller
    if (this.cancelled) controller.abort(letGo)
    else this.sent = true
  }

  onResponseStart(
    _controller: Dispatcher.DispatchController,
    status: number,
    headers: Readonly<Record<string, string | ReadonlyArray<string> | undefined>>
  ): void {
    // 100 Continue, 103 Early Hints
    if (status < 200) return
    this.status = status
    this.headers = joined(headers)
    this.started = true
    this.notify()
  }

  onResponseData(controller: Dispatcher.DispatchController, chunk: Buffer): void {
    this.chunks.push(chunk)
    this.buffered += chunk.length
    if (this.limit !== Number.POSITIVE_INFINITY) {
      if (this.buffered > this.limit) this.refuse()
      return
    }
    if (this.buffered >= highWaterBytes) controller.pause()
    this.notify()
  }

  onResponseEnd(): void {
    this.ended = true
    this.notify()
  }

  onResponseError(_controller: Dispatcher.DispatchController, error: Error): void {
    this.fail(error)
  }

  private refuse(): void {
    const { limit } = this
    this.fault ??= () => ({
      _tag: "TransportFault",
      kind: "tooLarge",
      sent: true,
      message: `the answer is longer than ${limit} bytes`,
      code: undefined
    })
    this.chunks = []
    this.controller?.abort(letGo)
    this.notify()
  }

  private fail(error: unknown): void {
    if (this.cancelled || this.ended) return
    const { sent, started } = this
    this.fault ??= () => faultOf(error, sent, started)
    this.notify()
  }

  /** Several events of one network read wake the reader once, after undici's parser is done with the read. */
  private notify(): void {
    if (this.waking) return
    this.waking = true
    queueMicrotask(() => {
      this.waking = false
      this.wake?.()
    })
  }
}

const letGo = new Error("let go")

const joined = (headers: Readonly<Record<string, string | ReadonlyArray<string> | undefined>>): HeaderMap => {
  const out: Record<string, string> = {}
  for (const name in headers) {
    const value = headers[name]
    if (value !== undefined) out[name] = typeof value === "string" ? value : value.join(", ")
  }
  return out
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
  const kind = kinds[code] ?? (code.startsWith("HPE_") ? "protocol" : code.startsWith("ERR_SSL_") ? "tls" : "other")
  if (!started) return kind
  return kind === "reset" || kind === "other" || code === "UND_ERR_RES_CONTENT_LENGTH_MISMATCH" ? "closedEarly" : kind
}

const faultOf = (error: unknown, sent: boolean, started: boolean): TransportFault => {
  const code = codeOf(error)
  const kind = kindOf(code, sent, started)
  return {
    _tag: "TransportFault",
    kind,
    sent,
    message: code === undefined ? words[kind] : `${words[kind]} (${code})`,
    code
  }
}
