/**
 * One inference request, from its head to the last byte of its answer, whatever is asked for.
 *
 * Who calls, what is asked and by when is found out first; every failure on the way is a `GatewayError`, told in one
 * place (`Call.refuse`) in the caller's dialect. A defect anywhere below is this request's 500, logged under its id. A
 * caller that leaves interrupts the request's fiber, whose scope then closes.
 *
 * @module
 */
import { Cause, Clock, Effect, Exit, Random, Result, type Scope } from "effect"
import type { HttpServerRequest, HttpServerResponse } from "effect/http"
import type { Settings } from "../config/Settings.ts"
import type { HeaderMap, InboundDialect, RequestFault } from "../dialect/Dialect.ts"
import type { EmbeddingsInbound } from "../dialect/embeddings/Wire.ts"
import { type GatewayError, gatewayError } from "../domain/GatewayError.ts"
import type { Json } from "../domain/Json.ts"
import { CurrentRequest, lowerPriority, type RequestContext } from "../domain/RequestContext.ts"
import { Gateway } from "../gateway/Gateway.ts"
import type { Fate } from "../gateway/KeptDecisions.ts"
import { KeyLimits } from "../keys/KeyLimits.ts"
import { RequestLog } from "../observability/RequestLog.ts"
import { RequestMetrics } from "../observability/RequestMetrics.ts"
import type { RequestRecord } from "../observability/RequestRecord.ts"
import { readJson } from "./Body.ts"
import { Call, type Spoken } from "./Call.ts"
import type { ClientKeys } from "./ClientKeys.ts"
import { answerTokens, estimateEmbeddingTokens, estimatePromptTokens } from "./Estimates.ts"
import { Lifecycle } from "./Lifecycle.ts"
import { corsHeaders } from "./Origins.ts"
import { badRequest } from "./Reply.ts"
import { newRequestId } from "./RequestId.ts"
import { wishesOf } from "./Wishes.ts"

type Response = HttpServerResponse.HttpServerResponse

/** Answers requests of one dialect; errors are answers too. */
export type Respond = (request: HttpServerRequest.HttpServerRequest) => Effect.Effect<Response, never, Scope.Scope>

/** What becomes of a body, once it is known who asks. */
export type AnswerBody = (call: Call, body: Json) => Effect.Effect<Response, GatewayError, Scope.Scope>

/** Answers requests of one wire with what is made of their bodies. */
export type Serve = (dialect: Spoken, answer: AnswerBody) => Respond

type ServeNeeds = Gateway | KeyLimits | Lifecycle | RequestLog | RequestMetrics

/** The answers to chats. */
export const makeInference = (
  settings: () => Settings,
  keys: ClientKeys
): Effect.Effect<(dialect: InboundDialect) => Respond, never, ServeNeeds> =>
  Effect.map(
    Effect.all([Gateway, makeServe(settings, keys)]),
    ([gateway, serve]) =>
      (dialect) =>
        serve(dialect, (call, body) => {
          const decoded = decodedBy(dialect.decodeRequest, call, body)
          if (Result.isFailure(decoded)) return Effect.fail(decoded.failure)
          const request = decoded.success
          call.record.asked(request)
          if (call.asksCacheOnly && settings().cache === undefined)
            return Effect.fail(gatewayError({ _tag: "NotCached", why: "off" }))
          const refused = call.reserve(() => estimatePromptTokens(request), answerTokens(request))
          if (refused !== undefined) return Effect.fail(refused)
          return request.delivery === "live"
            ? call.live(dialect, gateway.handle, request, settings().server)
            : call.whole(dialect, gateway.handle, request)
        })
  )

/** The answers to requests for vectors. */
export const makeEmbeddings = (
  settings: () => Settings,
  keys: ClientKeys
): Effect.Effect<(dialect: EmbeddingsInbound) => Respond, never, ServeNeeds> =>
  Effect.map(
    Effect.all([Gateway, makeServe(settings, keys)]),
    ([gateway, serve]) =>
      (dialect) =>
        serve(dialect, (call, body) => {
          const decoded = decodedBy(dialect.decodeRequest, call, body)
          if (Result.isFailure(decoded)) return Effect.fail(decoded.failure)
          const request = decoded.success
          call.record.askedToEmbed(request)
          // vectors are never kept
          if (call.asksCacheOnly) return Effect.fail(gatewayError({ _tag: "NotCached", why: "uncacheable" }))
          const refused = call.reserve(() => estimateEmbeddingTokens(request), 0)
          if (refused !== undefined) return Effect.fail(refused)
          return call.vectors(dialect, gateway.embed, request)
        })
  )

/** What became of a request, for its decision. */
const fateOf = (record: RequestRecord, now: number): Fate => ({
  endedAt: now,
  status: record.status,
  outcome: record.outcome ?? "error",
  reason: record.reason,
  provider: record.provider,
  model: record.model,
  attempts: record.attempts,
  inputTokens: record.usage?.inputTokens,
  outputTokens: record.usage?.outputTokens,
  cache: record.cache
})

/** A body's request, or what is wrong with it. */
export const decodedBy = <A>(
  decode: (body: Json, headers: HeaderMap) => Result.Result<A, RequestFault>,
  call: Call,
  body: Json
): Result.Result<A, GatewayError> => Result.mapError(decode(body, call.headers), badRequest)

/** What all inference has in common: who asks, within which limits, by when, at what cost, and how it ends. */
export const makeServe = (settings: () => Settings, keys: ClientKeys): Effect.Effect<Serve, never, ServeNeeds> =>
  Effect.gen(function* () {
    const limits = yield* KeyLimits
    const { bill, decisions } = yield* Gateway
    const lifecycle = yield* Lifecycle
    const log = yield* RequestLog
    const metrics = yield* RequestMetrics

    /** Everything between the head and the answer. No generator: see the walk for what one costs here. */
    const serve = (call: Call, answer: AnswerBody): Effect.Effect<Response, GatewayError, Scope.Scope> => {
      const caller = keys.authenticate(call.headers)
      if (Result.isFailure(caller)) return Effect.fail(caller.failure)
      call.record.caller = caller.success.name
      const { server } = settings()
      const wishes = wishesOf(call.headers, settings())
      if (Result.isFailure(wishes)) return Effect.fail(wishes.failure)
      const { priority, ...wished } = wishes.success
      const granted = caller.success
      const entered = limits.enter(granted, call.now)
      if ("reason" in entered) {
        call.tellLimits(limits.allowances(granted, call.now))
        return Effect.fail(entered)
      }
      call.entered(entered)
      const context: RequestContext = {
        ...wished,
        requestId: call.record.id,
        caller: priority === undefined ? granted : { ...granted, priority: lowerPriority(granted.priority, priority) }
      }
      call.asksCacheOnly = wished.cache === "only"
      call.wantsMetadata = (wished.metadata ?? granted.metadata) === "body"
      if (priority !== undefined) call.tell({ "x-switchyard-priority": context.caller.priority })
      return Effect.flatMap(readJson(call.incoming, call.outgoing, server.bodyLimitBytes), (body) =>
        Effect.provideService(answer(call, body), CurrentRequest, context)
      )
    }

    return (dialect, answer) => (request) =>
      Effect.withFiber((fiber) => {
        const clock = fiber.getRef(Clock.Clock)
        const cors = corsHeaders(request.headers["origin"], settings().server.cors)
        const call = new Call(dialect, request, newRequestId(fiber.getRef(Random.Random)), clock, cors, bill)
        const ended = () => {
          const now = clock.currentTimeMillisUnsafe()
          log.finished(call.record, now)
          metrics.finished(call.record, now)
          decisions.ended(call.record.id, fateOf(call.record, now))
        }
        if (lifecycle.isDraining()) {
          const refused = call.refuse(gatewayError({ _tag: "ShuttingDown" }))
          ended()
          return Effect.succeed(refused)
        }
        const leave = lifecycle.enter(() => {
          call.stop()
          fiber.interruptUnsafe()
        })
        return serve(call, answer).pipe(
          Effect.catchCause((cause) => {
            if (Cause.hasInterruptsOnly(cause) && call.isOver) return Effect.interrupt
            const found = Cause.findError(cause)
            if (Result.isSuccess(found)) return Effect.succeed(call.refuse(found.success))
            log.defect(call.record.id, cause, clock.currentTimeMillisUnsafe())
            return Effect.succeed(call.refuse(gatewayError({ _tag: "Internal" })))
          }),
          Effect.onExit((exit) =>
            Effect.sync(() => {
              leave()
              if (Exit.isFailure(exit)) call.record.cancelled()
              call.left()
              ended()
            })
          )
        )
      })
  })
