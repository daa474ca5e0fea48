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
import { Context, Effect, Scheduler, Scope } from "effect"
import type { HttpServer, HttpServerRequest, HttpServerResponse } from "effect/http"
import type { IncomingMessage, Server as NodeServer, ServerResponse } from "node:http"

type Listener = (request: IncomingMessage, response: ServerResponse) => void
type App = Effect.Effect<
  HttpServerResponse.HttpServerResponse,
  unknown,
  HttpServerRequest.HttpServerRequest | Scope.Scope
>

/**
 * Hands every request to a lane that nobody is in; a new one is made where all are busy, so there are as many as there
 * were requests at the busiest moment.
 */
export const lanes = (newLane: () => Listener): Listener => {
  const free: Array<Listener> = []
  return (request, response) => {
    const lane = free.pop() ?? newLane()
    // Node tells it once of every response: that was sent, that broke off, that stood behind another on its connection
    response.on("close", () => void free.push(lane))
    lane(request, response)
  }
}

/** Serves `app` in lanes. */
export const inLanes = (
  node: NodeServer,
  server: HttpServer.HttpServer["Service"],
  app: App
): Effect.Effect<void, never, Scope.Scope> =>
  Effect.gen(function* () {
    // closed in its turn, after whoever lets requests finish: a lane's own would be closed first, being the newest
    const scope = Scope.forkUnsafe(yield* Effect.scope, "parallel")
    // with the services as the base and what requests add on top: beyond its depth a context copies all of them
    const context = Context.makeUnsafe<never>((yield* Effect.context<never>()).mapUnsafe, { maxDepth: 24 })
    // requests take on the context in which their handler was made, and `runSync` puts its own scheduler there: one that
    // lets fibers that give way go on before any socket has its turn
    const scheduler = yield* Scheduler.Scheduler
    const newLane = (): Listener =>
      NodeHttpServer.makeHandler(app, { scope: Scope.forkUnsafe(scope, "parallel") }).pipe(
        Effect.provideService(Scheduler.Scheduler, scheduler),
        Effect.runSyncWith(context)
      )
    const listener = lanes(newLane)
    const before = new Set(node.listeners("request"))
    yield* server.serve(app)
    for (const own of node.listeners("request"))
      // what listens for `request` is a `Listener`; Node's types say no more than that it is a function
      if (!before.has(own)) node.off("request", own as Listener)
    // the platform's listener for `Expect: 100-continue` stays: it is seldom called
    node.on("request", listener)
    yield* Effect.addFinalizer(() => Effect.sync(() => void node.off("request", listener)))
  })
