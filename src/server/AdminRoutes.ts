/**
 * The handlers of the admin API, over `gateway/Operations.ts`.
 *
 * @module
 */
import { Duration, Effect, Layer, Schema } from "effect"
import { HttpApiBuilder } from "effect/http-api"
import { AdminCall, AdminOnly } from "../api/AdminApi.ts"
import {
  CheckOrder,
  CircuitOrder,
  DrillOrder,
  KeyChange,
  KeyOrder,
  NewProvider,
  ProviderChange,
  QuarantineOrder,
  RotationOrder
} from "../api/AdminWire.ts"
import type { AdminError } from "../api/Errors.ts"
import { parseDuration, parseMoment } from "../config/notation.ts"
import type { Settings } from "../config/Settings.ts"
import { isJsonObject, type Json } from "../domain/Json.ts"
import { Gateway } from "../gateway/Gateway.ts"
import { Operations, type OperationRefused } from "../gateway/Operations.ts"
import { bodyOf, decoded, jsonOf, optionalBodyOf } from "./AdminBody.ts"
import { adminError, operationError } from "./AdminErrors.ts"
import { adminGate } from "./AdminGate.ts"
import { classifierView, keptView, lineView } from "./DecisionViews.ts"
import { spendView } from "./SpendView.ts"
import type { NoteRefusal } from "./RefusedCalls.ts"
import {
  checkView,
  circuitView,
  eventView,
  generationView,
  keyView,
  newKeyView,
  providerView,
  quarantineView
} from "./AdminViews.ts"

/** Adds the admin API to the router. `settings` gives those in force. `onLoopback`: does the server listen there alone? */
export const adminRoutes = (settings: () => Settings, onLoopback: boolean, noteRefusal: NoteRefusal) =>
  HttpApiBuilder.layer(AdminOnly).pipe(
    Layer.provide(handlers),
    Layer.provide(adminGate(settings, onLoopback, noteRefusal))
  )

const handlers = HttpApiBuilder.group(AdminOnly, "admin", (handlers) =>
  Effect.map(Effect.all([Operations, Gateway]), ([operations, gateway]) =>
    handlers
      .handle("decisions", ({ query }) =>
        Effect.gen(function* () {
          const limit = query.limit ?? mostDecisions
          const found = gateway.decisions.last(limit + 1, query.before)
          if (found === undefined) return yield* invalid("No decision is kept under that id (any more)", "before")
          const page = found.slice(0, limit)
          const next = found.length > limit ? page.at(-1)?.decision.requestId : undefined
          return { decisions: page.map(lineView), ...(next === undefined ? undefined : { next }) }
        })
      )
      .handle("decision", ({ params }) =>
        Effect.suspend(() => {
          const found = gateway.decisions.get(params.id)
          return found === undefined
            ? missing("No decision is kept under that id (any more)")
            : Effect.succeed(keptView(found))
        })
      )
      .handle("classifier", ({ query }) =>
        Effect.map(gateway.judgements.report(query.accuracy === "true"), classifierView)
      )
      .handle("providers", () =>
        Effect.map(operations.providers, (reports) => ({ providers: reports.map(providerView) }))
      )
      .handle("provider", ({ params }) => Effect.map(told(operations.provider(params.id)), providerView))
      .handleRaw("addProvider", ({ request }) =>
        Effect.gen(function* () {
          const body = yield* jsonOf(request)
          const { id } = yield* decoded(Schema.Struct({ id: NewProvider.fields.id }), body, "ignore")
          yield* about(id)
          return providerView(yield* changed(operations.addProvider(id, entryOf(body))))
        })
      )
      .handleRaw("changeProvider", ({ params, request }) =>
        Effect.gen(function* () {
          yield* about(params.id)
          const change = yield* bodyOf(request, ProviderChange)
          yield* about(params.id, ...Object.entries(change).map(([name, value]) => `${name}=${value}`))
          if (Object.keys(change).length === 0) return yield* invalid("Nothing is to be changed: give state or weight")
          return providerView(yield* changed(operations.changeProvider(params.id, change)))
        })
      )
      .handle("removeProvider", ({ params }) =>
        Effect.andThen(about(params.id), changed(operations.removeProvider(params.id)))
      )
      .handleRaw("checkProvider", ({ params, request }) =>
        Effect.gen(function* () {
          yield* about(params.id)
          const { model } = yield* optionalBodyOf(request, CheckOrder)
          if (model !== undefined) yield* about(`${params.id}/${model}`)
          return checkView(yield* told(operations.check({ provider: params.id, model })))
        })
      )
      .handle("circuits", () => Effect.map(operations.circuits, (reports) => ({ circuits: reports.map(circuitView) })))
      .handleRaw("setCircuit", ({ params, request }) =>
        Effect.gen(function* () {
          yield* about(params.key)
          const { state } = yield* bodyOf(request, CircuitOrder)
          yield* about(params.key, state)
          return circuitView(yield* changed(operations.setCircuit(params.key, state)))
        })
      )
      .handle("quarantine", () =>
        Effect.map(operations.quarantine, (reports) => ({ quarantine: reports.map(quarantineView) }))
      )
      .handleRaw("setQuarantine", ({ request }) =>
        Effect.gen(function* () {
          const order = yield* bodyOf(request, QuarantineOrder)
          const reason = order.reason ?? "AccessDenied"
          yield* about(order.target, reason)
          const report = yield* changed(
            operations.setQuarantine({
              target: order.target,
              reason,
              message: order.message ?? "Put in quarantine by an operator",
              lasts: order.for === undefined ? undefined : parseDuration(order.for)
            })
          )
          return quarantineView(report)
        })
      )
      .handle("liftQuarantine", ({ params }) =>
        Effect.andThen(about(params.key), changed(operations.liftQuarantine(params.key)))
      )
      .handle("drills", () => Effect.map(operations.drills, (reports) => ({ drills: reports.map(quarantineView) })))
      .handleRaw("startDrill", ({ request }) =>
        Effect.gen(function* () {
          const order = yield* bodyOf(request, DrillOrder)
          const reason = order.reason ?? "AccessDenied"
          yield* about(order.target, reason)
          const report = yield* changed(
            operations.startDrill({
              target: order.target,
              reason,
              message: "A drill started by an operator",
              lasts: (order.for === undefined ? undefined : parseDuration(order.for)) ?? drillLasts
            })
          )
          return quarantineView(report)
        })
      )
      .handle("endDrill", ({ params }) => Effect.andThen(about(params.key), changed(operations.endDrill(params.key))))
      .handle("keys", () => Effect.map(operations.keys, (reports) => ({ keys: reports.map(keyView) })))
      .handle("key", ({ params }) => Effect.map(told(operations.key(params.name)), keyView))
      .handleRaw("createKey", ({ request }) =>
        Effect.gen(function* () {
          const { expires, ...order } = yield* bodyOf(request, KeyOrder)
          yield* about(order.name)
          const expiresAt = expires === undefined ? undefined : parseMoment(expires)
          const made = yield* changed(
            operations.createKey({ ...order, ...(expiresAt === undefined ? undefined : { expiresAt }) })
          )
          return newKeyView(made)
        })
      )
      .handleRaw("changeKey", ({ params, request }) =>
        Effect.gen(function* () {
          yield* about(params.name)
          const body = yield* bodyOf(request, KeyChange)
          yield* about(params.name, ...Object.keys(body))
          if (Object.keys(body).length === 0) return yield* invalid("Nothing is to be changed")
          const { expires, ...change } = body
          const expiresAt = typeof expires === "string" ? parseMoment(expires) : expires
          const key = yield* changed(
            operations.changeKey(params.name, { ...change, ...(expiresAt === undefined ? undefined : { expiresAt }) })
          )
          return keyView(key)
        })
      )
      .handleRaw("rotateKey", ({ params, request }) =>
        Effect.gen(function* () {
          yield* about(params.name)
          const { grace } = yield* optionalBodyOf(request, RotationOrder)
          return newKeyView(
            yield* changed(operations.rotateKey(params.name, grace === undefined ? undefined : parseDuration(grace)))
          )
        })
      )
      .handle("revokeKey", ({ params }) =>
        Effect.andThen(about(params.name), changed(operations.revokeKey(params.name)))
      )
      .handle("spend", ({ query }) => Effect.map(operations.spend, (report) => spendView(report, query)))
      .handle("reload", () => Effect.map(changed(operations.reload), generationView))
      .handle("config", () => Effect.map(operations.generation, generationView))
      .handle("events", ({ query }) =>
        Effect.gen(function* () {
          const from = (query.since === undefined ? undefined : parseMoment(query.since)) ?? -Infinity
          const news = yield* operations.news
          return {
            events: news
              .filter(({ at }) => at >= from)
              .slice(0, query.limit ?? mostEvents)
              .map(eventView)
          }
        })
      )
  )
)

/** How many decisions a page has if nothing is said. */
const mostDecisions = 50
const drillLasts = Duration.minutes(10)
/** How many events are told if nothing is said. */
const mostEvents = 100

/** What a body says besides the id. */
const entryOf = (body: Json): unknown => {
  if (!isJsonObject(body)) return body
  const { id: _, ...entry } = body
  return entry
}

const about = (...words: ReadonlyArray<string>): Effect.Effect<void, never, AdminCall> =>
  Effect.map(AdminCall, (call) => call.about(...words))

const invalid = (message: string, param?: string): Effect.Effect<never, AdminError, AdminCall> =>
  Effect.flatMap(AdminCall, ({ requestId }) => Effect.fail(adminError("invalid_request", message, requestId, param)))

const missing = (message: string): Effect.Effect<never, AdminError, AdminCall> =>
  Effect.flatMap(AdminCall, ({ requestId }) => Effect.fail(adminError("not_found", message, requestId)))

/** What an operation gives; what it refuses is told in the API's shape. */
const told = <A>(operation: Effect.Effect<A, OperationRefused>): Effect.Effect<A, AdminError, AdminCall> =>
  Effect.catch(operation, (refused) =>
    Effect.flatMap(AdminCall, ({ requestId }) => Effect.fail(operationError(refused, requestId)))
  )

/** The same for what changes something: once begun it is done, also for a caller that leaves. */
const changed = <A>(operation: Effect.Effect<A, OperationRefused>): Effect.Effect<A, AdminError, AdminCall> =>
  told(Effect.uninterruptible(operation))
