/**
 * One request and its answer, as undici tells of it.
 *
 * An `Exchange` is a handler for `Dispatcher.dispatch`, which is used rather than `request` because it tells when the
 * request goes onto the wire (which decides whether it can be repeated safely) and hands over chunks without a stream in
 * between. It keeps what has come and wakes the one reader who waits for more; back-pressure is undici's pause.
 *
 * @module
 */
import { type Array as Arr, Predicate } from "effect"
import { subscribe } from "node:diagnostics_channel"
import type { Agent, Dispatcher } from "undici"
import type { HeaderMap } from "../dialect/Dialect.ts"
import { type TransportFault, faultOf } from "./TransportFault.ts"

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

/** Connections that have carried a request. */
const used = new WeakSet<object>()
/** The exchange whose request is going onto the wire: undici tells of its connection in the same step. */
let sending: Exchange | undefined

subscribe("undici:client:sendHeaders", (message) => {
  if (sending === undefined || !Predicate.hasProperty(message, "socket") || !Predicate.isObject(message.socket)) return
  if (used.has(message.socket)) sending.reused = true
  else used.add(message.socket)
  sending = undefined
})

/** Read ahead of a slow reader at most this much. */
const highWaterBytes = 256 * 1024

const decoder = new TextDecoder()

/** One request and its answer: what undici tells, and at most one reader who waits for more of it. */
export class Exchange implements Dispatcher.DispatchHandler {
  status = 0
  headers: HeaderMap = {}
  /** The headers are here. */
  started = false
  /** The connection had carried a request before. */
  reused = false
  /** The body has ended as HTTP promised. */
  ended = false
  fault: (() => TransportFault) | undefined
  /** Whoever reads has what it wants, and somebody else sees to the end: the reader's scope need not let go. */
  released = false
  private wake: (() => void) | undefined
  private controller: Dispatcher.DispatchController | undefined
  private cancelled = false
  private sent = false
  private waking = false
  private chunks: Array<Buffer> = []
  private buffered = 0
  /** In bytes; below infinity the body is collected, else it is read chunk by chunk. */
  private limit: number
  /** Is what came before a fault of use? */
  private partly = false

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

  /**
   * `wake` is called, not within undici's parser, whenever there is something new; `undefined`: nobody waits any more.
   *
   * A method, since V8 puts a function that is written on the right of `object.property =` into the old generation at
   * once: dead or not it would keep alive what it knows, a whole request, until the next full collection.
   */
  waits(wake: (() => void) | undefined): void {
    this.wake = wake
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

  /** From now on collect the body, and keep what came whatever becomes of the rest. */
  readPartly(limit: number): void {
    this.partly = true
    this.readWhole(limit)
  }

  /** What has arrived since the last time, if anything. */
  take(): Arr.NonEmptyReadonlyArray<Buffer> | undefined {
    const [first, ...rest] = this.chunks
    if (first === undefined) return undefined
    this.chunks = []
    this.buffered = 0
    // last: it may bring new chunks at once
    if (this.controller?.paused === true) this.controller.resume()
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
    else {
      this.sent = true
      // oxlint-disable-next-line typescript/no-this-alias -- undici names the connection in a channel, not to its handler
      sending = this
    }
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
    const fault = (): TransportFault => ({
      _tag: "TransportFault",
      kind: "tooLarge",
      sent: true,
      reused: false,
      message: `the answer is longer than ${limit} bytes`,
      code: undefined
    })
    this.fault ??= fault
    if (!this.partly) this.chunks = []
    this.controller?.abort(letGo)
    this.notify()
  }

  private fail(error: unknown): void {
    if (this.cancelled || this.ended) return
    const { reused, sent, started } = this
    const fault = () => faultOf(error, sent, started, reused)
    this.fault ??= fault
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
