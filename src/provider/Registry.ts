/**
 * The configured providers, ready to be asked.
 *
 * Providers live in a `LayerMap` keyed by a digest of their spec, each in a scope of its own. A generation is
 * one configuration's set of them: a request pins the generation it began with (`current`, until its scope closes), so
 * that after `replace` an unchanged provider is the same running one, a removed one closes with its last request, and
 * a changed one starts anew. A provider that cannot be set up is a typed failure in its generation and leaves the
 * others alone; the next `replace` tries it again.
 *
 * The order of a spec's records does not matter; its keys do, but are never held in the clear.
 *
 * @module
 */
import { createHash } from "node:crypto"
import { Context, Effect, Exit, Layer, LayerMap, Predicate, Redacted, Result, Scope, Semaphore } from "effect"
import type { ProviderSpec } from "../config/ProviderSpec.ts"
import { LLMProvider } from "./LLMProvider.ts"
import { ProviderNotBuilt } from "./ProviderNotBuilt.ts"

/** The providers of one generation. */
export interface Providers {
  /** Ids in the order of the config, those that could not be set up left out. */
  readonly ids: ReadonlyArray<string>
  readonly get: (id: string) => LLMProvider["Service"] | undefined
  /** What was configured under an id, built or not. */
  readonly spec: (id: string) => ProviderSpec | undefined
  readonly failures: ReadonlyArray<ProviderNotBuilt>
}

/** How a provider is set up. Must give a new Layer each time (or a `Layer.fresh` one). */
export type Build<R> = (spec: ProviderSpec) => Layer.Layer<LLMProvider, ProviderNotBuilt, R>

interface Generation {
  readonly providers: Providers
  readonly scope: Scope.Closeable
  users: number
  retired: boolean
}

export class Registry extends Context.Service<
  Registry,
  {
    /** The providers of this moment, kept alive until the scope closes. */
    readonly current: Effect.Effect<Providers, never, Scope.Scope>
    /**
     * Begins a generation. Gives those of its providers that could not be set up. Of equal ids the last one counts.
     * `swapped` is called in the very step in which the new generation takes the place of the old one.
     */
    readonly replace: (
      specs: ReadonlyArray<ProviderSpec>,
      swapped?: (providers: Providers) => void
    ) => Effect.Effect<ReadonlyArray<ProviderNotBuilt>>
    /** How many still use the providers of an earlier generation. */
    readonly onEarlier: () => number
  }
>()("switchyard/provider/Registry") {
  /** A registry of `specs`, each set up by `build`. */
  static readonly layer = <R>(build: Build<R>, specs: ReadonlyArray<ProviderSpec>): Layer.Layer<Registry, never, R> =>
    Layer.effect(Registry, make(build, specs))

  /** A registry of providers that exist already, for tests and programs that bring their own. */
  static readonly layerOf = (providers: ReadonlyArray<LLMProvider["Service"]>): Layer.Layer<Registry> => {
    const byId = new Map(providers.map((provider) => [provider.id, provider]))
    const specs = [...byId.keys()].map(bareSpec)
    return Registry.layer((spec) => {
      const provider = byId.get(spec.id)
      return provider === undefined
        ? Layer.effect(
            LLMProvider,
            Effect.suspend(() => Effect.fail(notBuilt(spec, "no such provider was given")))
          )
        : Layer.succeed(LLMProvider, provider)
    }, specs)
  }
}

const make = <R>(
  build: Build<R>,
  specs: ReadonlyArray<ProviderSpec>
): Effect.Effect<Registry["Service"], never, Scope.Scope | R> =>
  Effect.gen(function* () {
    // holds a spec just long enough for the map's lookup to read it
    const starting = new Map<string, ProviderSpec>()
    const running = yield* LayerMap.make((key: string) => {
      const spec = starting.get(key)
      return spec === undefined
        ? Layer.effect(LLMProvider, Effect.die(new Error("a provider was asked for that nobody configured")))
        : Layer.fresh(build(spec))
    })

    const buildOne = (spec: ProviderSpec, scope: Scope.Scope) => {
      const key = keyOf(spec)
      starting.set(key, spec)
      return Scope.provide(running.contextEffect(key), scope).pipe(
        // a bug in one provider's Layer must not keep the others from serving
        Effect.catchDefect(() => Effect.suspend(() => Effect.fail(notBuilt(spec, "its set-up has a defect")))),
        Effect.result,
        // a failure is not kept: the same spec may be set up the next time
        Effect.tap((result) => (Result.isFailure(result) ? running.invalidate(key) : Effect.void)),
        Effect.ensuring(Effect.sync(() => starting.delete(key)))
      )
    }

    const begin = (specs: ReadonlyArray<ProviderSpec>): Effect.Effect<Generation> =>
      Effect.gen(function* () {
        const scope = yield* Scope.make()
        const byId = new Map(specs.map((spec) => [spec.id, spec]))
        const built = new Map<string, LLMProvider["Service"]>()
        const failures: Array<ProviderNotBuilt> = []
        const results = yield* Effect.forEach(
          byId.values(),
          (spec) => Effect.map(buildOne(spec, scope), (result) => [spec.id, result] as const),
          { concurrency: "unbounded" }
        )
        for (const [id, result] of results) {
          if (Result.isSuccess(result)) built.set(id, Context.get(result.success, LLMProvider))
          else failures.push(result.failure)
        }
        const providers: Providers = {
          ids: [...built.keys()],
          get: (id) => built.get(id),
          spec: (id) => byId.get(id),
          failures
        }
        return { providers, scope, users: 0, retired: false }
      })

    const closeIfDone = (generation: Generation): Effect.Effect<void> =>
      generation.retired && generation.users === 0 ? Scope.close(generation.scope, Exit.void) : Effect.void

    let now: Generation = yield* Effect.uninterruptible(begin(specs))
    yield* Effect.addFinalizer(() => Scope.close(now.scope, Exit.void))
    const replacing = yield* Semaphore.make(1)
    let earlier = 0

    return Registry.of({
      // not `acquireRelease`, which copies the whole context for its finalizer: this one needs nothing of it
      current: Effect.uninterruptible(
        Effect.flatMap(Effect.scope, (scope) =>
          Effect.suspend(() => {
            const generation = now
            generation.users++
            const release = Effect.suspend(() => {
              generation.users--
              if (generation.retired) earlier--
              return closeIfDone(generation)
            })
            return Effect.as(Scope.addFinalizer(scope, release), generation.providers)
          })
        )
      ),
      onEarlier: () => earlier,
      replace: (specs, swapped) =>
        Effect.uninterruptible(
          Effect.gen(function* () {
            const next = yield* begin(specs)
            const old = now
            now = next
            old.retired = true
            earlier += old.users
            swapped?.(next.providers)
            yield* closeIfDone(old)
            return next.providers.failures
          })
        ).pipe(replacing.withPermits(1))
    })
  })

const notBuilt = (spec: ProviderSpec, message: string) => new ProviderNotBuilt({ provider: spec.id, message })

/** The same text for the same value, whatever the order of its records. */
const canonical = (value: unknown): string =>
  JSON.stringify(value, (_key, inner: unknown) =>
    Redacted.isRedacted(inner)
      ? Redacted.value(inner)
      : Predicate.isObject(inner) && !Array.isArray(inner)
        ? Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0)))
        : inner
  )

/** What a provider is known by. A digest, so that no key of its spec is held in the clear. */
const keyOf = (spec: ProviderSpec): string =>
  createHash("sha256")
    .update(canonical({ ...spec, apiKeys: spec.apiKeys.map(Redacted.value) }))
    .digest("base64")

const bareSpec = (id: string): ProviderSpec => ({
  id,
  kind: "openai-compatible",
  apiKeys: [],
  baseUrl: undefined,
  apiVersion: undefined,
  deployments: {},
  headers: {},
  failureDomain: undefined,
  region: undefined,
  models: []
})
