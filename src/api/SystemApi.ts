/**
 * Endpoints for operators and their machines.
 *
 * @module
 */
import { Schema } from "effect"
import { HttpApiEndpoint, HttpApiGroup, HttpApiSchema, OpenApi } from "effect/http-api"
import { dialectErrors } from "./Errors.ts"

export const Health = Schema.Struct({ status: Schema.Literal("ok") }).annotate({ identifier: "Health" })
export const Ready = Schema.Struct({ status: Schema.Literal("ready") }).annotate({ identifier: "Ready" })
export const NotReady = Schema.Struct({
  status: Schema.Literals(["draining", "superseded"]).annotate({
    description:
      "draining: it goes down; superseded: another process runs under its name, and its hard limits let nothing be spent"
  })
}).annotate({ identifier: "NotReady" })

export class SystemApi extends HttpApiGroup.make("system")
  .add(
    HttpApiEndpoint.get("health", "/healthz", { success: Health }).annotateMerge(
      OpenApi.annotations({ summary: "Is the process alive?" })
    )
  )
  .add(
    HttpApiEndpoint.get("ready", "/readyz", {
      success: Ready,
      error: NotReady.pipe(HttpApiSchema.status(503))
    }).annotateMerge(
      OpenApi.annotations({
        summary: "Does it take new requests? Not while it goes down, nor where another replica has its name"
      })
    )
  )
  .add(
    HttpApiEndpoint.get("metrics", "/metrics", {
      success: Schema.String.pipe(HttpApiSchema.asText({ contentType: "text/plain" })),
      error: dialectErrors([401, 403])
    }).annotateMerge(
      OpenApi.annotations({ summary: "Metrics in Prometheus' text format; off loopback it needs the admin key" })
    )
  ) {}
