/**
 * `/docs`: the API described for people, from the same contract.
 *
 * The page's scripts are part of the Effect package, so it works without the internet, and a content security policy
 * holds it to that. They weigh two megabytes, so they are loaded when the page is first asked for.
 *
 * @module
 */
import { Effect, Layer, Scope } from "effect"
import { HttpRouter, HttpServerResponse } from "effect/http"
import { HttpApiSwagger } from "effect/http-api"
import { Api } from "../api/Api.ts"

const policy =
  "default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; img-src data:; font-src data:; connect-src 'self'; base-uri 'none'; frame-ancestors 'none'"

export const docsRoute = Layer.effectDiscard(
  Effect.gen(function* () {
    const router = yield* HttpRouter.HttpRouter
    const scope = yield* Effect.scope
    const page = yield* Effect.cached(
      HttpRouter.toHttpEffect(HttpApiSwagger.layer(Api)).pipe(Effect.provideService(Scope.Scope, scope))
    )
    yield* router.add(
      "GET",
      "/docs",
      Effect.flatMap(page, (show) =>
        Effect.map(Effect.orDie(show), HttpServerResponse.setHeader("content-security-policy", policy))
      )
    )
  })
)
