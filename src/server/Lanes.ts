/**
 * Requests from Node's server to the application, each in a scope that nobody else uses at the same time.
 *
 * The platform's own listener runs every request in the one scope of the server, whose finalizers are kept in a `Map`.
 * With some requests always under way that map never empties, and its old tables keep what was in them (see `Roster`):
 * whole requests, until the next full collection. A scope with a single fiber needs no map.
 *
 * @module
 */
import { NodeHttpServer } from "@effect/platform-node"
import { Effect, Scope } from "effect"
import type { HttpServer, HttpServerRequest, HttpServerResponse } from "effect/http"
import type { IncomingMessage, Server as NodeServer, ServerResponse } from "node:http"

type Listener = (request: IncomingMessage, response: ServerResponse) => void
type App = Effect.Effect<
  HttpServerResponse.HttpServerResponse,
  unknown,
  HttpServerRequest.HttpServerRequest | Scope.Scope
>

/** Serves `app` in lanes: those that are free are used again, so there are as many as requests at the busiest moment. */
export const inLanes = (
  node: NodeServer,
  server: HttpServer.HttpServer["Service"],
  app: App
): Effect.Effect<void, never, Scope.Scope> =>
  Effect.gen(function* () {
    // closed in its turn, after whoever lets requests finish: a lane's own would be closed first, being the newest
    const scope = Scope.forkUnsafe(yield* Effect.scope, "parallel")
    const context = yield* Effect.context<never>()
    const free: Array<Listener> = []
    const newLane = (): Listener =>
      Effect.runSyncWith(context)(NodeHttpServer.makeHandler(app, { scope: Scope.forkUnsafe(scope, "parallel") }))
    const listener: Listener = (request, response) => {
      const lane = free.pop() ?? newLane()
      response.on("close", () => void free.push(lane))
      lane(request, response)
    }
    const before = new Set(node.listeners("request"))
    yield* server.serve(app)
    for (const own of node.listeners("request"))
      // what listens for `request` is a `Listener`; Node's types say no more than that it is a function
      if (!before.has(own)) node.off("request", own as Listener)
    // the platform's listener for `Expect: 100-continue` stays: it is seldom called
    node.on("request", listener)
    yield* Effect.addFinalizer(() => Effect.sync(() => void node.off("request", listener)))
  })
