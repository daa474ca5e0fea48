/**
 * `switchyard serve`: the gateway with all its parts, wired.
 *
 * @module
 */
import { Effect, identity, Logger } from "effect"
import { makeCatalog } from "../catalog/Catalog.ts"
import { singleCandidateWarning } from "../catalog/describeSettings.ts"
import { warningsOf } from "../catalog/warnings.ts"
import type { Settings } from "../config/Settings.ts"
import { gatewayLayer } from "../gateway/gatewayLayer.ts"
import type { Load } from "../gateway/operate.ts"
import type { LogFormat } from "../observability/LogLine.ts"
import { RequestLog } from "../observability/RequestLog.ts"
import { RequestMetrics } from "../observability/RequestMetrics.ts"
import { serve as serveHttp } from "../server/Server.ts"
import { type ConfigSource, reloading } from "./Reload.ts"

/** Serves until interrupted. What an operator ought to know about the settings is said first. */
export const serve = (
  settings: Settings,
  format: LogFormat,
  file: (ConfigSource & { readonly load: Load }) | undefined
) =>
  Effect.gen(function* () {
    const single = singleCandidateWarning(settings)
    for (const warning of [...warningsOf(settings, makeCatalog()), ...(single === undefined ? [] : [single])])
      yield* Effect.logWarning(warning)
    if (file !== undefined) yield* reloading(file)
    return yield* serveHttp(settings)
  }).pipe(
    Effect.provide([gatewayLayer(settings, file?.load), RequestLog.layer({ format }), RequestMetrics.layer]),
    // what is no request's line is then JSON too, so that a reader of the log need not tell them apart
    format === "json" ? Effect.provide(Logger.layer([Logger.consoleJson])) : identity,
    Effect.scoped
  )
