/**
 * The handlers behind the contract of `api/`.
 *
 * All of them write their answers themselves: which shape an error has depends on the caller, and every answer bears
 * the request's id.
 *
 * @module
 */
import { Effect, Layer, Random, Result } from "effect"
import { HttpRouter, type HttpServerRequest, HttpServerResponse } from "effect/http"
import { HttpApiBuilder, OpenApi } from "effect/http-api"
import { Api, RoutedApi } from "../api/Api.ts"
import type { Settings } from "../config/Settings.ts"
import { nearest } from "../config/nearest.ts"
import { isLoopback } from "../config/notation.ts"
import { anthropicCountTokens, anthropicMessagesInbound } from "../dialect/AnthropicMessages.ts"
import type { InboundDialect, RequestFault } from "../dialect/Dialect.ts"
import { geminiBatchEmbedContents, geminiEmbedContent, openAiEmbeddingsInbound } from "../dialect/Embeddings.ts"
import { geminiCountTokens, geminiInbound } from "../dialect/Gemini.ts"
import { openAiChatInbound } from "../dialect/OpenAiChat.ts"
import { type GatewayError, gatewayError } from "../domain/GatewayError.ts"
import { type Caller, isAllowed } from "../domain/RequestContext.ts"
import { Gateway, type ModelListing } from "../gateway/Gateway.ts"
import { Operations } from "../gateway/Operations.ts"
import { RequestMetrics } from "../observability/RequestMetrics.ts"
import { adminRoutes } from "./AdminRoutes.ts"
import { type ClientKeys, latestSecretCheck } from "./ClientKeys.ts"
import { makeCounting } from "./Counting.ts"
import { dialectOf, pathOf } from "./Dialects.ts"
import { docsRoute } from "./Docs.ts"
import { makeExplaining } from "./Explaining.ts"
import { makeFeedback } from "./Feedback.ts"
import { geminiPath } from "./GeminiPaths.ts"
import { makeEmbeddings, makeInference, type Respond } from "./Inference.ts"
import { Lifecycle } from "./Lifecycle.ts"
import { geminiModel, geminiModelList, isReachable, modelList, oneModel } from "./Models.ts"
import { refuseForeign } from "./Origins.ts"
import { queryOf } from "./Query.ts"
import type { NoteRefusal } from "./RefusedCalls.ts"
import { badRequest, errorReply, errorResponse, idHeaders } from "./Reply.ts"
import { newRequestId } from "./RequestId.ts"
import { countWithStore, respondWithStore } from "./Responses.ts"
import type { ResponseStore } from "./ResponseStore.ts"
import { standing } from "./SpendView.ts"
import { storedResponses } from "./StoredResponses.ts"

type Request = HttpServerRequest.HttpServerRequest
type Response = HttpServerResponse.HttpServerResponse

/** Adds every route but inference to the router. `started`: with what it listens; `settings` gives those in force. */
export const routes = (
  started: Settings,
  settings: () => Settings,
  keys: ClientKeys,
  noteRefusal: NoteRefusal,
  responses: ResponseStore
) =>
  Layer.mergeAll(
    HttpApiBuilder.layer(RoutedApi).pipe(
      Layer.provide([
        modelsRoutes(keys),
        storedResponses(keys, responses),
        systemRoutes(isLoopback(started.server.host), settings)
      ])
    ),
    adminRoutes(settings, isLoopback(started.server.host), noteRefusal),
    contractRoute,
    docsRoute
  )

const contractRoute = HttpRouter.use((router) =>
  Effect.suspend(() => router.add("GET", "/openapi.json", HttpServerResponse.jsonUnsafe(OpenApi.fromApi(Api))))
)

/** What answers a POST to a path of inference, or `undefined` where the path is none. */
export type Inference = (path: string, url: string) => Respond | undefined

/** The answers to POSTs on all of inference's paths: one each, but for those of Google's wire, which say what is asked. */
export const inferenceRoutes = (settings: () => Settings, keys: ClientKeys, responses: ResponseStore) =>
  Effect.map(
    Effect.all([
      makeInference(settings, keys),
      makeEmbeddings(settings, keys),
      makeCounting(settings, keys),
      makeExplaining(settings, keys, responses),
      makeFeedback(settings, keys)
    ]),
    ([inference, embeddings, counting, explaining, feedback]): Inference => {
      const fixed: ReadonlyMap<string, Respond> = new Map([
        ["/v1/chat/completions", inference(openAiChatInbound)],
        ["/v1/responses", respondWithStore(inference, keys, responses, settings)],
        ["/v1/responses/input_tokens", countWithStore(counting, keys, responses, settings)],
        ["/v1/messages", inference(anthropicMessagesInbound)],
        ["/v1/messages/count_tokens", counting(anthropicCountTokens)],
        ["/v1/embeddings", embeddings(openAiEmbeddingsInbound)],
        ["/v1/route/explain", explaining],
        ["/v1/feedback", feedback]
      ])
      return (path, url) => {
        const respond = fixed.get(path.replace(/\/$/, ""))
        if (respond !== undefined) return respond
        const asked = geminiPath(path, url)
        switch (asked?.method) {
          case "generateContent":
            return inference(geminiInbound({ model: asked.model, delivery: "whole" }))
          case "streamGenerateContent":
            return inference(geminiInbound({ model: asked.model, delivery: "live", framing: asked.framing }))
          case "countTokens":
            return counting(geminiCountTokens(asked.model))
          case "embedContent":
            return embeddings(geminiEmbedContent(asked.model))
          case "batchEmbedContents":
            return embeddings(geminiBatchEmbedContents(asked.model))
          default:
            return undefined
        }
      }
    }
  )

const modelsRoutes = (keys: ClientKeys) =>
  HttpApiBuilder.group(RoutedApi, "models", (handlers) =>
    Effect.map(Gateway, (gateway) => {
      const mayAsk = (caller: Caller, listing: ModelListing): boolean =>
        isAllowed(caller, listing.id) && isReachable(listing, caller.region, gateway.settings())
      /** The names this caller may ask for. */
      const listed = (request: Request): Effect.Effect<ReadonlyArray<ModelListing>, GatewayError> =>
        Effect.flatMap(Effect.fromResult(keys.authenticate(request.headers)), (caller) =>
          Effect.map(gateway.models, (listings) => listings.filter((listing) => mayAsk(caller, listing)))
        )
      /** Any name that inference would take, listed or not (a bare model, a model nobody listed). */
      const found = (request: Request, id: string): Effect.Effect<ModelListing, GatewayError> =>
        Effect.gen(function* () {
          const caller = yield* Effect.fromResult(keys.authenticate(request.headers))
          const listing = yield* gateway.model(id)
          if (listing !== undefined && mayAsk(caller, listing)) return listing
          const listings = yield* listed(request)
          const names = listings.map((listing) => listing.id)
          return yield* gatewayError({ _tag: "UnknownModel", model: id, nearest: nearest(id, names, 3) })
        })
      return handlers
        .handleRaw("list", ({ request }) =>
          answer(request, (dialect) =>
            Effect.flatMap(listed(request), (listings) => told(modelList(dialect.id, listings, queryOf(request.url))))
          )
        )
        .handleRaw("get", ({ request, params }) =>
          answer(request, (dialect) =>
            Effect.map(found(request, params.id), (listing) => oneModel(dialect.id, listing))
          )
        )
        .handleRaw("geminiList", ({ request }) =>
          answer(request, () =>
            Effect.flatMap(listed(request), (listings) => told(geminiModelList(listings, queryOf(request.url))))
          )
        )
        .handleRaw("geminiGet", ({ request, params }) =>
          answer(request, () => Effect.map(found(request, params.id), geminiModel))
        )
    })
  )

/** What is wrong with a request, as an error. */
const told = <A>(result: Result.Result<A, RequestFault>): Effect.Effect<A, GatewayError> =>
  Effect.fromResult(Result.mapError(result, badRequest))

const systemRoutes = (onLoopback: boolean, settings: () => Settings) =>
  HttpApiBuilder.group(RoutedApi, "system", (handlers) =>
    Effect.gen(function* () {
      const gateway = yield* Gateway
      const lifecycle = yield* Lifecycle
      const metrics = yield* RequestMetrics
      const operations = yield* Operations
      const mayScrape = scrapeCheck(onLoopback, settings)
      return handlers
        .handleRaw("health", () => Effect.succeed(HttpServerResponse.jsonUnsafe({ status: "ok" }, noStore)))
        .handleRaw("ready", () =>
          Effect.sync(() =>
            lifecycle.isDraining()
              ? HttpServerResponse.jsonUnsafe({ status: "draining" }, { ...noStore, status: 503 })
              : operations.superseded()
                ? HttpServerResponse.jsonUnsafe({ status: "superseded" }, { ...noStore, status: 503 })
                : HttpServerResponse.jsonUnsafe({ status: "ready" }, noStore)
          )
        )
        .handleRaw("metrics", ({ request }) =>
          answer(request, () =>
            Effect.flatMap(Effect.fromResult(mayScrape(request)), () =>
              Effect.map(Effect.all([gateway.availability, operations.spend]), ([providers, spend]) =>
                HttpServerResponse.text(
                  metrics.exposition(providers, gateway.judgements.classes(), standing(spend), gateway.cached()),
                  { contentType: "text/plain; version=0.0.4; charset=utf-8", ...noStore }
                )
              )
            )
          )
        )
    })
  )

const noStore = { headers: { "cache-control": "no-store" } }

/**
 * On a loopback listener anybody on the machine may look (but no web page, keys or not); elsewhere it takes the admin
 * key.
 */
const scrapeCheck = (
  onLoopback: boolean,
  settings: () => Settings
): ((request: Request) => Result.Result<void, GatewayError>) => {
  if (onLoopback) {
    return (request) => {
      const foreign = refuseForeign(
        request.headers,
        settings().server.cors,
        "On a loopback address metrics are told only to"
      )
      return foreign === undefined ? Result.void : Result.fail(foreign)
    }
  }
  const isAdmin = latestSecretCheck()
  return (request) => {
    const { adminKey } = settings().server
    if (adminKey === undefined)
      return Result.fail(
        gatewayError({ _tag: "Forbidden", message: "Without server.adminKey there are no metrics here" })
      )
    return isAdmin(adminKey, request.headers)
      ? Result.void
      : Result.fail(gatewayError({ _tag: "Unauthorized", message: "Metrics need the admin key" }))
  }
}

/** JSON (or a response) for a request, its failures in the caller's dialect. */
const answer = <A>(
  request: Request,
  body: (dialect: InboundDialect) => Effect.Effect<A, GatewayError>
): Effect.Effect<Response> =>
  Effect.withFiber((fiber) => {
    const requestId = newRequestId(fiber.getRef(Random.Random))
    const dialect = dialectOf(pathOf(request.url), request.headers)
    return Effect.match(body(dialect), {
      onFailure: (error) => errorResponse(errorReply(dialect, error, requestId)),
      onSuccess: (value) =>
        HttpServerResponse.isHttpServerResponse(value)
          ? value
          : HttpServerResponse.jsonUnsafe(value, { headers: idHeaders(requestId) })
    })
  })
