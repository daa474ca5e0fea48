/**
 * How bytes get to a vendor and back: one shared HTTP/1.1 agent, and exchanges whose every byte is ours.
 *
 * - Interruption, or the end of the scope, destroys the socket at once: before the headers, during a pending read, for
 *   whole and streamed bodies alike. A connection still being made is never written to.
 * - One pull gives what one network read brought, as it came. Nothing is read ahead beyond 256 KiB: a slow reader stops
 *   the socket.
 * - There are no time limits here but the one for connecting, and those for bodies nobody waits for: what an error says
 *   beyond its status, and what comes after a stream's own end. The others belong to the fallback walk.
 * - A fault is plain data, made when it is read.
 *
 * @module
 */
import { type Array as Arr, Cause, Context, Duration, Effect, Layer, type Pull, Scope } from "effect"
import { Agent } from "undici"
import type { HeaderMap } from "../dialect/Dialect.ts"
import { Exchange, type TransportRequest } from "./Exchange.ts"
import type { TransportFault } from "./TransportFault.ts"

export interface TransportResponse {
  readonly status: number
  readonly headers: HeaderMap
  /** What one network read brought. Ends when the body has ended as HTTP promised; anything else is a fault. */
  readonly pull: Pull.Pull<Arr.NonEmptyReadonlyArray<Uint8Array>, TransportFault>
  /** The rest of the body as UTF-8 text. Fails with `tooLarge` over `limitBytes` (64 MiB unless told). */
  readonly text: (limitBytes?: number) => Effect.Effect<string, TransportFault>
  /** What the body of an error says: what comes of it within 5 s, 1 MiB at most. The rest is let go. */
  readonly excerpt: Effect.Effect<string>
  /**
   * Wants nothing more of the body. If it ends by itself within a second, the connection can be used again; nobody
   * waits for that, and the end of the scope does not cut it short.
   */
  readonly release: Effect.Effect<void>
}

export interface WholeResponse {
  readonly status: number
  readonly headers: HeaderMap
  /** The whole body; outside 200–299 what there is of it (see `excerpt`). */
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
/** An error body over this length says nothing more. */
const errorLimitBytes = 1024 * 1024
/** How long a vendor may take to say what is wrong, once its status has said that something is. */
const errorTime = Duration.seconds(5)
/** How long a body may take to end once the stream in it has ended. */
const releaseTime = Duration.seconds(1)

export const isOk = (status: number): boolean => status >= 200 && status < 300

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
      exchange.waits(() => {
        const { ended, fault, headers, started, status } = exchange
        if (ended) resume(Effect.succeed({ status, headers, text: exchange.takeText() }))
        else if (started && !isOk(status)) {
          exchange.waits(undefined)
          resume(Effect.map(excerptOf(exchange), (text) => ({ status, headers, text })))
        } else if (fault !== undefined) resume(Effect.fail(fault()))
      })
      exchange.dispatch(agent, request)
      return Effect.sync(() => exchange.cancel())
    }),

  send: (request) =>
    Effect.flatMap(Effect.scope, (scope) =>
      Effect.suspend(() => {
        const exchange = new Exchange(Number.POSITIVE_INFINITY)
        const headers = Effect.callback<TransportResponse, TransportFault>((resume) => {
          exchange.waits(() => {
            if (!exchange.started && exchange.fault === undefined) return
            // before the reader goes on: it will wait for the body
            exchange.waits(undefined)
            resume(exchange.fault === undefined ? Effect.succeed(responseOf(exchange)) : Effect.fail(exchange.fault()))
          })
          exchange.dispatch(agent, request)
          return Effect.sync(() => exchange.cancel())
        })
        return Effect.andThen(
          Scope.addFinalizer(
            scope,
            Effect.sync(() => {
              if (!exchange.released) exchange.cancel()
            })
          ),
          headers
        )
      })
    )
})

const responseOf = (exchange: Exchange): TransportResponse => {
  /** Wait until `look` sees something. A read that is given up swallows nothing of the next one. */
  const when = <A, E>(look: () => Effect.Effect<A, E> | undefined): Effect.Effect<A, E> =>
    Effect.callback((resume) => {
      const wake = () => {
        const seen = look()
        if (seen === undefined) return
        // before the reader goes on: it may be back for more at once
        exchange.waits(undefined)
        resume(seen)
      }
      exchange.waits(wake)
      wake()
      return Effect.sync(() => {
        exchange.waits(undefined)
      })
    })
  return {
    status: exchange.status,
    headers: exchange.headers,
    pull: when((): Pull.Pull<Arr.NonEmptyReadonlyArray<Uint8Array>, TransportFault> | undefined => {
      const chunks = exchange.take()
      if (chunks !== undefined) return Effect.succeed(chunks)
      if (exchange.fault !== undefined) return Effect.fail(exchange.fault())
      return exchange.ended ? Cause.done() : undefined
    }),
    text: (limitBytes = defaultLimitBytes) =>
      Effect.suspend(() => {
        exchange.readWhole(limitBytes)
        return when((): Effect.Effect<string, TransportFault> | undefined => {
          if (exchange.fault !== undefined) return Effect.fail(exchange.fault())
          return exchange.ended ? Effect.succeed(exchange.takeText()) : undefined
        })
      }),
    excerpt: excerptOf(exchange),
    release: Effect.suspend(() => {
      if (exchange.ended) return Effect.void
      exchange.released = true
      const ended = over(exchange, () => exchange.take())
      return Effect.asVoid(
        Effect.forkDetach(lettingGo(exchange, Effect.timeoutOption(ended, releaseTime)), { startImmediately: true })
      )
    })
  }
}

/** Waits until the exchange is over; `onNews` is called whenever there may be more of the body. */
const over = (exchange: Exchange, onNews: () => void): Effect.Effect<void> =>
  Effect.callback((resume) => {
    const wake = () => {
      onNews()
      if (exchange.ended || exchange.fault !== undefined) resume(Effect.void)
    }
    exchange.waits(wake)
    wake()
    return Effect.sync(() => {
      exchange.waits(undefined)
    })
  })

const lettingGo = <A>(exchange: Exchange, use: Effect.Effect<A>): Effect.Effect<A> =>
  Effect.ensuring(
    use,
    Effect.sync(() => exchange.cancel())
  )

const excerptOf = (exchange: Exchange): Effect.Effect<string> =>
  Effect.suspend(() => {
    if (exchange.ended) return Effect.succeed(exchange.takeText())
    exchange.readPartly(errorLimitBytes)
    const read = Effect.map(
      Effect.timeoutOption(
        over(exchange, () => {}),
        errorTime
      ),
      () => exchange.takeText()
    )
    return lettingGo(exchange, read)
  })
