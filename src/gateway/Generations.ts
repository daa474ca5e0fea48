/**
 * The settings in force, and how others take their place while requests run.
 *
 * A generation is one set of settings with everything that was made of them. A request pins the providers of the
 * generation it began with (`Registry.current`); what it reads of the settings it reads once. `apply` sets up the new
 * providers first, and in one step makes the new generation the current one and tells the health room of its policies:
 * nothing is ever between two generations, and one whose providers cannot be set up has the others all the same.
 *
 * @module
 */
import { Clock, Context, Effect, Layer, Semaphore } from "effect"
import { Catalog } from "../catalog/Catalog.ts"
import type { ProviderSpec } from "../config/ProviderSpec.ts"
import type { Settings } from "../config/Settings.ts"
import { Health } from "../health/Health.ts"
import type { ProviderNotBuilt } from "../provider/ProviderNotBuilt.ts"
import { type Providers, Registry } from "../provider/Registry.ts"
import { makeResolver, type Resolver } from "../routing/Resolve.ts"

export interface Generation {
  /** Counts up from 1. */
  readonly number: number
  readonly settings: Settings
  /** Those that were set up. */
  readonly specs: ReadonlyArray<ProviderSpec>
  readonly resolver: Resolver
  /** Milliseconds since 1970. */
  readonly loadedAt: number
}

export class Generations extends Context.Service<
  Generations,
  {
    readonly current: () => Generation
    /** Calls `listener` in the very step in which other settings come into force. It must neither throw nor wait. */
    readonly listen: (listener: (settings: Settings) => void) => void
    /** Puts settings in force. Gives the providers that could not be set up; the others serve. */
    readonly apply: (settings: Settings) => Effect.Effect<ReadonlyArray<ProviderNotBuilt>>
  }
>()("switchyard/gateway/Generations") {
  /** `settings` are those the registry was built with. */
  static readonly layer = (settings: Settings): Layer.Layer<Generations, never, Registry | Catalog | Health> =>
    Layer.effect(Generations, make(settings))
}

const make = Effect.fnUntraced(function* (settings: Settings) {
  const registry = yield* Registry
  const catalog = yield* Catalog
  const health = yield* Health

  const generationOf = (number: number, settings: Settings, providers: Providers, loadedAt: number): Generation => {
    const specs = settings.providers.filter(({ id }) => providers.ids.includes(id))
    return { number, settings, specs, resolver: makeResolver(settings, specs, catalog), loadedAt }
  }

  let now = generationOf(1, settings, yield* Effect.scoped(registry.current), yield* Clock.currentTimeMillis)
  const tellHealth = (before: Generation | undefined, at: number) =>
    health.configure({
      settings: now.settings,
      before: before?.settings,
      isKnown: (ref) => now.resolver.isListed(ref),
      now: at
    })
  tellHealth(undefined, now.loadedAt)
  const applying = yield* Semaphore.make(1)
  const listeners: Array<(settings: Settings) => void> = []

  return Generations.of({
    current: () => now,
    listen: (listener) => void listeners.push(listener),
    apply: (next) =>
      Effect.flatMap(Clock.currentTimeMillis, (at) =>
        registry.replace(next.providers, (providers) => {
          const before = now
          now = generationOf(before.number + 1, next, providers, at)
          tellHealth(before, at)
          for (const listener of listeners) listener(next)
        })
      ).pipe(applying.withPermits(1))
  })
})
