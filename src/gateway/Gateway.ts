/**
 * The gateway as a service: what the HTTP edge, the CLI and Effect programs ask.
 *
 * @module
 */
import { Clock, Context, Effect, Layer } from "effect"
import { Catalog } from "../catalog/Catalog.ts"
import type { ModelFacts } from "../catalog/ModelFacts.ts"
import type { Settings } from "../config/Settings.ts"
import type { Handler } from "../domain/Answer.ts"
import { Admission } from "../health/Admission.ts"
import { Circuits } from "../health/Circuits.ts"
import { healthLayer } from "../health/healthLayer.ts"
import { providerLayer } from "../provider/kinds.ts"
import { Registry } from "../provider/Registry.ts"
import { Transport } from "../provider/Transport.ts"
import { type ListedName, makeResolver } from "../routing/Resolve.ts"
import { route } from "../routing/Route.ts"
import * as Watchdog from "../routing/Watchdog.ts"
import { pipeline } from "./Pipeline.ts"

/** One name a caller may ask for. */
export interface ModelListing {
  /** An alias, or `provider/model`. */
  readonly id: string
  /** The provider's id; `switchyard` for an alias. */
  readonly ownedBy: string
  /** For an alias: its targets in order. */
  readonly targets: ReadonlyArray<string> | undefined
  /** Facts of the model, or of an alias's first target. */
  readonly facts: ModelFacts
}

/** May a provider, or one of its models, be asked now? */
export interface Availability {
  readonly provider: string
  readonly available: boolean
}

export class Gateway extends Context.Service<
  Gateway,
  {
    /** Answers one request: the stages in order. Reads `CurrentRequest` for who asks. */
    readonly handle: Handler
    /** Every name that can be asked for, aliases first. */
    readonly models: Effect.Effect<ReadonlyArray<ModelListing>>
    /** What a name stands for that a request may ask for, listed or not; `undefined` where nobody serves it. */
    readonly model: (name: string) => Effect.Effect<ModelListing | undefined>
    readonly availability: Effect.Effect<ReadonlyArray<Availability>>
  }
>()("switchyard/gateway/Gateway") {
  /** The gateway over the providers, circuits and catalogue it finds. */
  static readonly layer = (
    settings: Settings
  ): Layer.Layer<Gateway, never, Registry | Circuits | Admission | Catalog> => Layer.effect(Gateway, make(settings))
}

const make = Effect.fnUntraced(function* (settings: Settings) {
  const registry = yield* Registry
  const circuits = yield* Circuits
  const admission = yield* Admission
  const catalog = yield* Catalog
  const watchdog = yield* Watchdog.make
  const { ids } = yield* Effect.scoped(registry.current)
  const specs = settings.providers.filter(({ id }) => ids.includes(id))
  const resolver = makeResolver(settings, specs, catalog)
  const listing = ({ id, ownedBy, targets, first }: ListedName): ModelListing => {
    return { id, ownedBy, targets, facts: first.facts }
  }
  const models = resolver.names.map(listing)
  const availability = Effect.gen(function* () {
    const states = yield* circuits.states
    const now = yield* Clock.currentTimeMillis
    return settings.providers.map(({ id }): Availability => {
      const state = states.get(id)
      const isOpen = state?._tag === "Open" && state.until > now
      return { provider: id, available: ids.includes(id) && !isOpen }
    })
  })
  return Gateway.of({
    handle: pipeline([], route({ settings, resolver, registry, admission, watchdog })),
    models: Effect.succeed(models),
    model: (name) =>
      Effect.sync(() => {
        const named = resolver.named(name)
        return named === undefined ? undefined : listing(named)
      }),
    availability
  })
})

/** Everything a gateway with these settings needs, over the real vendors. */
export const gatewayLayer = (settings: Settings): Layer.Layer<Gateway> =>
  Gateway.layer(settings).pipe(
    Layer.provide([Registry.layer(providerLayer(settings.facts), settings.providers), healthLayer(settings)]),
    Layer.provide([Catalog.layer, Transport.layer({ connectTimeout: settings.resilience.limits.connect })])
  )
