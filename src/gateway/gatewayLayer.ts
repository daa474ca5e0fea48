/**
 * A gateway with all its parts, wired.
 *
 * @module
 */
import { Effect, Layer } from "effect"
import { Catalog } from "../catalog/Catalog.ts"
import type { Settings } from "../config/Settings.ts"
import { CurrentWatch } from "../domain/ProviderWatch.ts"
import { Health } from "../health/Health.ts"
import { healthLayer } from "../health/healthLayer.ts"
import { providerLayer } from "../provider/kinds.ts"
import { Registry } from "../provider/Registry.ts"
import { Transport } from "../provider/Transport.ts"
import { Gateway } from "./Gateway.ts"
import { Generations } from "./Generations.ts"
import { News } from "./News.ts"
import { type Load, operationsLayer } from "./operate.ts"
import { probesLayer } from "./probing.ts"

/** The gateway over providers, a catalogue and health that it is given. `load` reads the configuration again. */
export const gatewayOver = (settings: Settings, load?: Load) =>
  Layer.mergeAll(Gateway.layer, operationsLayer(settings, load)).pipe(
    Layer.provide(News.layer),
    Layer.provide(probesLayer(settings)),
    Layer.provideMerge(Generations.layer(settings))
  )

/** Everything a gateway with these settings needs, over the real vendors. */
export const gatewayLayer = (settings: Settings, load?: Load) => {
  // providers outlive the settings they were built under, so they look up what is known of models when they need it
  let { facts } = settings
  const follow = Layer.effectDiscard(
    Effect.map(Generations, (generations) => generations.listen((next) => void (facts = next.facts)))
  )
  const registry = Layer.unwrap(
    Effect.map(Health, (health) =>
      Registry.layer(
        providerLayer(() => facts),
        settings.providers
      ).pipe(Layer.provide(Layer.succeed(CurrentWatch, health.watch)))
    )
  )
  return follow.pipe(
    Layer.provideMerge(gatewayOver(settings, load)),
    Layer.provide(registry),
    Layer.provide(healthLayer(settings)),
    Layer.provide([Catalog.layer, Transport.layer({ connectTimeout: settings.resilience.limits.connect })])
  )
}
