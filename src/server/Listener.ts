/**
 * The socket: where it may listen, and what it puts up with.
 *
 * The limits are Node's own timers: they watch bytes that only Node sees, such as how much of a long answer the system
 * has taken so far.
 *
 * Gotcha: to a `timeout` of a connection on which a request runs somebody must listen, or Node closes it, though the
 * request may only wait for its provider.
 *
 * @module
 */
import { Duration, Schema } from "effect"
import { createServer, type IncomingMessage, type Server, type ServerOptions, type ServerResponse } from "node:http"
import type { Socket } from "node:net"
import { isLoopback } from "../config/notation.ts"

/** The config asks for a listener that anybody on the network could use at the operator's expense. */
export class UnsafeListener extends Schema.TaggedError<UnsafeListener>()("UnsafeListener", {
  host: Schema.String
}) {
  override get message(): string {
    return `Refusing to listen on ${this.host}, which is not a loopback address, without client keys: add 'keys' to the config, make one ('switchyard keys create'), or listen on 127.0.0.1`
  }
}

/** The address cannot be listened on. */
export class CannotListen extends Schema.TaggedError<CannotListen>()("CannotListen", {
  host: Schema.String,
  port: Schema.Int,
  /** The system's code, such as `EADDRINUSE`. */
  code: Schema.String
}) {
  override get message(): string {
    const why = this.code === "EADDRINUSE" ? "another program listens there" : this.code
    return `Cannot listen on ${this.host}:${this.port}: ${why}`
  }
}

/** Why an address may not be listened on, or `undefined`. `needsKey`: is nobody let in without a key? */
export const refuseListener = (host: string, needsKey: boolean): UnsafeListener | undefined =>
  needsKey || isLoopback(host) ? undefined : new UnsafeListener({ host })

/** What a connection is given. */
export interface ConnectionLimits {
  /** For the head of a request. */
  readonly head: Duration.Duration
  /** For the whole request, body included: a slow upload ends here with a 408. */
  readonly request: Duration.Duration
  /** Between two requests. Longer than the 60 s after which common load balancers drop an idle connection. */
  readonly idle: Duration.Duration
  /** How long a caller may take nothing of what is written for it, be it a stream, a whole answer or its last part. */
  readonly stall: Duration.Duration
  /** How often the limits are looked at. */
  readonly check: Duration.Duration
  readonly headBytes: number
}

export const connectionLimits: ConnectionLimits = {
  head: Duration.seconds(20),
  request: Duration.seconds(120),
  idle: Duration.seconds(75),
  stall: Duration.minutes(2),
  check: Duration.seconds(5),
  headBytes: 32 * 1024
}

/** A server that does not listen yet. */
export const makeServer = (limits: ConnectionLimits): Server => {
  const server = createServer(serverOptions(limits))
  server.timeout = Duration.toMillis(limits.stall)
  const watch = (_request: IncomingMessage, response: ServerResponse) => void response.on("timeout", onQuiet)
  server.on("request", watch)
  server.on("checkContinue", watch)
  return server
}

/** Nothing has moved for a while: the caller's fault only if there is something that it does not take. */
const onQuiet = (socket: Socket): void => {
  if (socket.writableLength > 0) socket.destroy()
}

const serverOptions = (limits: ConnectionLimits): ServerOptions => ({
  headersTimeout: Duration.toMillis(limits.head),
  requestTimeout: Duration.toMillis(limits.request),
  keepAliveTimeout: Duration.toMillis(limits.idle),
  connectionsCheckingInterval: Duration.toMillis(limits.check),
  maxHeaderSize: limits.headBytes,
  // small events must not wait for the acknowledgement of the one before
  noDelay: true
})
