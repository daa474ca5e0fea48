/**
 * `switchyard serve`: the gateway with all its parts, wired.
 *
 * @module
 */
import { Effect, Layer } from "effect"
import { Catalog } from "../catalog/Catalog.ts"
import { singleCandidateWarnings } from "../catalog/describeSettings.ts"
import type { Settings } from "../config/Settings.ts"
import { Gateway } from "../gateway/Gateway.ts"
import { Circuits } from "../health/Circuits.ts"
import type { LogFormat } from "../observability/LogLine.ts"
import { RequestLog } from "../observability/RequestLog.ts"
import { RequestMetrics } from "../observability/RequestMetrics.ts"
import { providerLayer } from "../provider/kinds.ts"
import { Registry } from "../provider/Registry.ts"
import { Transport } from "../provider/Transport.ts"
import { serve as serveHttp } from "../server/Server.ts"

/** Everything a gateway with these settings needs, over the real vendors. */
export const gatewayLayer = (settings: Settings): Layer.Layer<Gateway> =>
  Gateway.layer(settings).pipe(
    Layer.provide([Registry.layer(providerLayer, settings.providers), Circuits.layer(settings.resilience)]),
    Layer.provide([Catalog.layer, Transport.layer({ connectTimeout: settings.resilience.limits.connect })])
  )

/** Serves until interrupted. What an operator ought to know about the settings is said first. */
export const serve = (settings: Settings, format: LogFormat) =>
  Effect.gen(function* () {
    for (const warning of [...settings.warnings, ...singleCandidateWarnings(settings)])
      yield* Effect.logWarning(warning)
    return yield* serveHttp(settings)
  }).pipe(Effect.provide([gatewayLayer(settings), RequestLog.layer({ format }), RequestMetrics.layer]))
