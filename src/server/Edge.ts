/**
 * The outermost layer around the routes: what holds for every request, whatever its path.
 *
 * - Requests of foreign web pages are turned away where there are no keys.
 * - Preflights are answered, and pages the config names are told they may read.
 * - Inference is answered at once; other paths go to the router.
 * - What no route takes is a 404, or a 405 that names the methods; what breaks unforeseen is a 500; each in the caller's
 *   dialect, or in the admin API's shape.
 * - A key in the query of Google's wire goes on as a header.
 * - Some parameters hold slashes (`/v1/models/openai/gpt-5`), which a path parameter cannot: they are encoded before
 *   routing.
 * - The admin API is for no page of another origin: it answers no preflight.
 *
 * @module
 */
import { Cause, Clock, Effect, Random, type Scope } from "effect"
import { HttpServerError, HttpServerRequest, HttpServerResponse } from "effect/http"
import { Api } from "../api/Api.ts"
import type { Settings } from "../config/Settings.ts"
import { type GatewayError, gatewayError } from "../domain/GatewayError.ts"
import { RequestLog } from "../observability/RequestLog.ts"
import { adminRefusal } from "./AdminErrors.ts"
import type { ClientKeys } from "./ClientKeys.ts"
import { dialectOf, isAdminPath, pathOf } from "./Dialects.ts"
import { isGeminiPath, withQueryKey } from "./GeminiPaths.ts"
import { corsHeaders, preflightHeaders, refuseForeign } from "./Origins.ts"
import type { NoteRefusal } from "./RefusedCalls.ts"
import { errorReply, errorResponse } from "./Reply.ts"
import { newRequestId } from "./RequestId.ts"
import type { Inference } from "./Routes.ts"

type Request = HttpServerRequest.HttpServerRequest
type Response = HttpServerResponse.HttpServerResponse

type Served<R> = Effect.Effect<Response, never, R | HttpServerRequest.HttpServerRequest | Scope.Scope>

/** Wraps the routes. The result never fails but by interruption. */
export const edge = <E, R>(
  app: Effect.Effect<Response, E, R | HttpServerRequest.HttpServerRequest>,
  inference: Inference,
  settings: () => Settings,
  keys: ClientKeys,
  noteRefusal: NoteRefusal
): Effect.Effect<Served<R>, never, RequestLog> =>
  Effect.map(RequestLog, (log) =>
    Effect.flatMap(HttpServerRequest.HttpServerRequest, (asked): Served<R> => {
      const { server } = settings()
      const path = pathOf(asked.url)
      const request = withQueryKey(asked, path)
      const refused = keys.required ? undefined : refuseForeign(request.headers, server.cors)
      if (refused !== undefined) return refuse(request, refused, noteRefusal)
      const cors = isAdminPath(path) ? undefined : corsHeaders(request.headers["origin"], server.cors)
      if (request.method === "OPTIONS") return preflight(request, cors, noteRefusal)
      const respond = request.method === "POST" ? inference(path, request.url) : undefined
      // the server runs its app uninterruptibly; a caller that leaves must end what it asked for
      if (respond !== undefined) return Effect.interruptible(respond(request))
      const routed = withEncodedSlashes(
        withEncodedSemicolons(
          sameLists.test(request.url) ? request.modify({ url: request.url.replace(sameLists, "/v1beta") }) : request
        )
      )
      const answered = Effect.catchCause(
        routed === asked ? app : Effect.provideService(app, HttpServerRequest.HttpServerRequest, routed),
        (cause) => {
          const found = Cause.squash(cause)
          if (HttpServerError.isHttpServerError(found) && found.reason._tag === "RouteNotFound")
            return refuse(request, notServed(request))
          if (Cause.hasInterruptsOnly(cause)) return Effect.interrupt
          return Effect.withFiber((fiber) => {
            const requestId = newRequestId(fiber.getRef(Random.Random))
            log.defect(requestId, cause, fiber.getRef(Clock.Clock).currentTimeMillisUnsafe())
            return Effect.succeed(refusal(request, gatewayError({ _tag: "Internal" }), requestId))
          })
        }
      )
      return cors === undefined ? answered : Effect.map(answered, HttpServerResponse.setHeaders(cors))
    })
  )

/** `noteRefusal` is told where it is the admin API that does. */
const refuse = (request: Request, error: GatewayError, noteRefusal?: NoteRefusal): Effect.Effect<Response> =>
  Effect.withFiber((fiber) => {
    const requestId = newRequestId(fiber.getRef(Random.Random))
    const response = refusal(request, error, requestId)
    return noteRefusal !== undefined && isAdminPath(pathOf(request.url))
      ? Effect.as(noteRefusal("forbidden", request, requestId), response)
      : Effect.succeed(response)
  })

const refusal = (request: Request, error: GatewayError, requestId: string): Response => {
  const path = pathOf(request.url)
  return isAdminPath(path)
    ? adminRefusal(error, requestId)
    : errorResponse(errorReply(dialectOf(path, request.headers), error, requestId))
}

/** Where the one parameter of a path may hold slashes: the whole rest is the parameter. */
const slashed: ReadonlyArray<string> = [
  "/v1/models/",
  "/v1beta/models/",
  "/admin/circuits/",
  "/admin/quarantine/",
  "/admin/drills/"
]

/** What fits a path of the contract. */
const patternOf = (path: string): RegExp => {
  const parameter = slashed.some((prefix) => path.startsWith(prefix)) ? ".+" : "[^/]+"
  return new RegExp(`^${path.replace(/[.]/g, "\\$&").replace(/:\w+/g, parameter)}/?$`)
}

/** The methods of each served path, as a pattern. */
const served: ReadonlyArray<{ readonly pattern: RegExp; readonly methods: ReadonlyArray<string> }> = (() => {
  const methods = new Map<string, Array<string>>([
    ["/openapi.json", ["GET", "HEAD"]],
    ["/docs", ["GET", "HEAD"]]
  ])
  for (const group of Object.values(Api.groups)) {
    for (const endpoint of Object.values(group.endpoints)) {
      const known = methods.get(endpoint.path) ?? []
      known.push(endpoint.method, ...(endpoint.method === "GET" ? ["HEAD"] : []))
      methods.set(endpoint.path, known)
    }
  }
  return [...methods].map(([path, methods]) => ({
    pattern: patternOf(path),
    methods: [...methods, "OPTIONS"]
  }))
})()

const notServed = (request: Request): GatewayError => {
  const path = pathOf(request.url).slice(0, 200)
  const allowed = allowedOn(path)
  const meant = allowed === undefined ? meantBy(request.method, path) : undefined
  return allowed === undefined || allowed.includes(request.method)
    ? gatewayError({ _tag: "RouteNotFound", method: request.method, path, ...(meant === undefined ? {} : { meant }) })
    : gatewayError({ _tag: "MethodNotAllowed", method: request.method, path, allowed })
}

/** Some clients add the version to their base URL, others want it within: it is missing or stands there twice. */
const meantBy = (method: string, path: string): string | undefined => {
  const once = path.replace(/^\/v1(?:alpha|beta)?(?=\/v1)/, "")
  const others = once === path ? [`/v1beta${path}`, `/v1${path}`] : [once]
  return others.find(
    (other) =>
      allowedOn(other)?.includes(method) === true ||
      // under `/v1/` a path is Google's only by a method that is known
      (method === "POST" && isGeminiPath(other.replace(/^\/v1(?:alpha|beta)(?=\/)/, "/v1")))
  )
}

const allowedOn = (path: string): ReadonlyArray<string> | undefined =>
  served.find(({ pattern }) => pattern.test(path))?.methods

const preflight = (
  request: Request,
  cors: Readonly<Record<string, string>> | undefined,
  noteRefusal: NoteRefusal
): Effect.Effect<Response> => {
  const allowed = allowedOn(pathOf(request.url))
  if (allowed === undefined && pathOf(request.url) !== "*") return refuse(request, notServed(request))
  if (request.headers["access-control-request-method"] !== undefined) {
    return cors === undefined
      ? refuse(
          request,
          gatewayError({
            _tag: "Forbidden",
            message: isAdminPath(pathOf(request.url))
              ? "The admin API does not answer web pages of other origins"
              : "Web pages of this origin may not call; see server.cors"
          }),
          noteRefusal
        )
      : Effect.succeed(
          HttpServerResponse.empty({ status: 204, headers: { ...cors, ...preflightHeaders(request.headers) } })
        )
  }
  const headers: Record<string, string> = { ...cors }
  if (allowed !== undefined) headers["allow"] = allowed.join(", ")
  return Effect.succeed(HttpServerResponse.empty({ status: 204, headers }))
}

/** A version of Google's wire whose lists of models are those of another. */
const sameLists = /^\/v1alpha(?=\/models(?:[/?]|$))/

/** The router takes a semicolon for the beginning of a query: `/admin/keys/web;x` would be about the key `web`. */
const withEncodedSemicolons = (request: Request): Request => {
  if (!request.url.includes(";")) return request
  const end = request.url.search(/[?#]/)
  const path = end < 0 ? request.url : request.url.slice(0, end)
  return request.modify({ url: path.replaceAll(";", "%3B") + (end < 0 ? "" : request.url.slice(end)) })
}

/** `/v1/models/openai/gpt-5` as `/v1/models/openai%2Fgpt-5`. */
const withEncodedSlashes = (request: Request): Request => {
  const prefix = slashed.find((prefix) => request.url.startsWith(prefix))
  if (prefix === undefined) return request
  const id = pathOf(request.url).slice(prefix.length).replace(/\/$/, "")
  return id.includes("/") ? request.modify({ url: prefix + id.replaceAll("/", "%2F") }) : request
}
