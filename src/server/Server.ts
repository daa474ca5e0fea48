/**
 * The HTTP server: routes, edge, listener, and the order in which they go down.
 *
 * Where it listens is settled at the start; everything else of the settings is read as it is at each request.
 *
 * Closing the scope is a graceful stop: readiness turns, new requests are turned away, running ones get
 * `shutdownGrace` and are then ended in their dialect, the socket closes, connections that are left are cut.
 *
 * @module
 */
import { NodeHttpServer } from "@effect/platform-node"
import { Clock, Context, Duration, Effect, Fiber, Layer, Predicate } from "effect"
import { HttpRouter, HttpServer, UrlParams } from "effect/http"
import type { Server as NodeServer } from "node:http"
import type { Settings } from "../config/Settings.ts"
import { Gateway } from "../gateway/Gateway.ts"
import type { Operations } from "../gateway/Operations.ts"
import { ClientKeys } from "../keys/ClientKeys.ts"
import type { KeyLimits } from "../keys/KeyLimits.ts"
import type { RequestLog } from "../observability/RequestLog.ts"
import { RequestMetrics } from "../observability/RequestMetrics.ts"
import { clientKeys } from "./ClientKeys.ts"
import { edge } from "./Edge.ts"
import { inLanes } from "./Lanes.ts"
import { Lifecycle } from "./Lifecycle.ts"
import {
  CannotListen,
  type ConnectionLimits,
  connectionLimits,
  makeServer,
  refuseListener,
  type UnsafeListener
} from "./Listener.ts"
import { refusedCalls } from "./RefusedCalls.ts"
import { makeResponseStore } from "./ResponseStore.ts"
import { inferenceRoutes, routes } from "./Routes.ts"

/** Where the server listens. */
export class Listening extends Context.Service<
  Listening,
  {
    readonly host: string
    readonly port: number
    /** `http://host:port`, without a trailing slash. */
    readonly url: string
  }
>()("switchyard/server/Listening") {}

export type StartError = UnsafeListener | CannotListen

/** What a server needs. */
export type Needs = Gateway | Operations | ClientKeys | KeyLimits | RequestLog | RequestMetrics

/** A running server, for as long as its scope. */
export const layer = (
  settings: Settings,
  limits: ConnectionLimits = connectionLimits
): Layer.Layer<Listening | Lifecycle, StartError, Needs> =>
  Layer.effect(Listening, start(settings, limits)).pipe(Layer.provideMerge(Lifecycle.layer))

/** Serves until interrupted; see `runMain` for what signals do. */
export const serve = (settings: Settings): Effect.Effect<never, StartError, Needs> => Layer.launch(layer(settings))

const start = (settings: Settings, limits: ConnectionLimits) =>
  Effect.gen(function* () {
    const { host, port } = settings.server
    const keys = clientKeys(yield* ClientKeys, yield* Clock.Clock)
    const unsafe = refuseListener(host, keys.required)
    if (unsafe !== undefined) return yield* unsafe
    const lifecycle = yield* Lifecycle
    const metrics = yield* RequestMetrics
    const gateway = yield* Gateway
    const noteRefusal = yield* refusedCalls
    const responses = makeResponseStore(() => gateway.settings().server.responses)
    metrics.listed((yield* gateway.models).map((model) => model.id))

    const app = yield* HttpRouter.toHttpEffect(
      routes(settings, gateway.settings, keys, noteRefusal, responses).pipe(
        Layer.provide(NodeHttpServer.layerHttpServices)
      )
    ).pipe(Effect.provideService(HttpRouter.RouterConfig, { caseSensitive: true, maxParamLength: 1000 }))
    const guarded = yield* edge(
      app,
      yield* inferenceRoutes(gateway.settings, keys, responses),
      gateway.settings,
      keys,
      noteRefusal
    )

    const node = makeServer(limits)
    const server = yield* NodeHttpServer.make(() => node, {
      host: host.replace(/^\[(.*)\]$/, "$1"),
      port,
      gracefulShutdownTimeout: Duration.seconds(1)
    }).pipe(Effect.mapError(({ cause }) => new CannotListen({ host, port, code: codeOf(cause) })))
    // callers of Google's wire may put their key in the address, which spans of requests bear
    const secretNames = [...(yield* UrlParams.CurrentRedactedNames), "key"]
    yield* Effect.provideService(inLanes(node, server, guarded), UrlParams.CurrentRedactedNames, secretNames)
    // no protocol is changed to here; while somebody listens for that, Node leaves the bodies of such requests unread
    // (Java's client and `curl --http2` offer h2c with every request)
    node.removeAllListeners("upgrade")
    // the last finalizer added is the first to run: requests end while the server still stands
    yield* Effect.addFinalizer(() =>
      Effect.andThen(lifecycle.drain(gateway.settings().server.shutdownGrace), close(node))
    )

    const url = HttpServer.formatAddress(server.address)
    yield* Effect.logInfo(`listening on ${url}`)
    const address = node.address()
    return Listening.of({ host, port: typeof address === "object" && address !== null ? address.port : port, url })
  })

/** How long answers that are written have to reach their callers. */
const flushTime = Duration.seconds(1)

/** Takes no more connections, lets the last bytes out, and cuts what is left. */
const close = (node: NodeServer): Effect.Effect<void> => {
  const closed = Effect.callback<void>((resume) => {
    node.close(() => resume(Effect.void))
  })
  // a fiber of its own: a finalizer cannot be interrupted, so a limit could not end it
  return Effect.flatMap(
    Effect.forkDetach(Effect.timeoutOption(closed, flushTime), { startImmediately: true }),
    (fiber) =>
      Effect.andThen(
        Fiber.await(fiber),
        Effect.sync(() => node.closeAllConnections())
      )
  )
}

const codeOf = (cause: unknown): string =>
  Predicate.hasProperty(cause, "code") && typeof cause.code === "string" ? cause.code : "unknown reason"
