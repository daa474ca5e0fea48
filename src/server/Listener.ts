/**
 * The socket: where it may listen, and what it puts up with.
 *
 * @module
 */
import { Duration, Schema } from "effect"
import { createServer, type Server, type ServerOptions } from "node:http"
import type { Settings } from "../config/Settings.ts"
import { isLoopback } from "./Origins.ts"

/** The config asks for a listener that anybody on the network could use at the operator's expense. */
export class UnsafeListener extends Schema.TaggedError<UnsafeListener>()("UnsafeListener", {
  host: Schema.String
}) {
  override get message(): string {
    return `Refusing to listen on ${this.host}, which is not a loopback address, without client keys: add 'keys' to the config, or listen on 127.0.0.1`
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

/** Why these settings may not be listened with, or `undefined`. */
export const refuseListener = (settings: Settings): UnsafeListener | undefined =>
  settings.keys.length > 0 || isLoopback(settings.server.host)
    ? undefined
    : new UnsafeListener({ host: settings.server.host })

/** What a connection is given. */
export interface ConnectionLimits {
  /** For the head of a request. */
  readonly head: Duration.Duration
  /** For the whole request, body included: a slow upload ends here with a 408. */
  readonly request: Duration.Duration
  /** Between two requests. Longer than the 60 s after which common load balancers drop an idle connection. */
  readonly idle: Duration.Duration
  /** How often the limits are looked at. */
  readonly check: Duration.Duration
  readonly headBytes: number
}

export const connectionLimits: ConnectionLimits = {
  head: Duration.seconds(20),
  request: Duration.seconds(120),
  idle: Duration.seconds(75),
  check: Duration.seconds(5),
  headBytes: 32 * 1024
}

/** A server that does not listen yet. */
export const makeServer = (limits: ConnectionLimits): Server => createServer(serverOptions(limits))

const serverOptions = (limits: ConnectionLimits): ServerOptions => ({
  headersTimeout: Duration.toMillis(limits.head),
  requestTimeout: Duration.toMillis(limits.request),
  keepAliveTimeout: Duration.toMillis(limits.idle),
  connectionsCheckingInterval: Duration.toMillis(limits.check),
  maxHeaderSize: limits.headBytes,
  // small events must not wait for the acknowledgement of the one before
  noDelay: true
})
