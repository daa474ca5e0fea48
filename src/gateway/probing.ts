/**
 * Health probes over the providers and settings in force.
 *
 * @module
 */
import { Context, Effect, Layer, Redacted } from "effect"
import { Budgets } from "../budget/Budgets.ts"
import { Estimates } from "../budget/Estimates.ts"
import { modelScopes } from "../budget/modelScopes.ts"
import { Catalog } from "../catalog/Catalog.ts"
import { fingerprintOf } from "../config/fingerprint.ts"
import type { Settings } from "../config/Settings.ts"
import { type ModelRef, showModelRef } from "../domain/Ids.ts"
import { ProviderError } from "../domain/ProviderError.ts"
import { Probes } from "../health/Probes.ts"
import { Registry } from "../provider/Registry.ts"
import { Generations } from "./Generations.ts"
import { modelsToProve } from "./modelToProve.ts"
import { probePayment } from "./probePayment.ts"

export const probesLayer = (settings: Settings) =>
  Layer.unwrap(
    Effect.gen(function* () {
      const generations = yield* Generations
      const registry = yield* Registry
      const catalog = yield* Catalog
      const budgets = yield* Budgets
      const estimates = yield* Estimates
      const specOf = (provider: string) => generations.current().specs.find(({ id }) => id === provider)
      const modelsOf = (provider: string): ReadonlyArray<string> => {
        const spec = specOf(provider)
        return spec === undefined ? [] : modelsToProve(generations.current().settings, spec, catalog)
      }
      const factsOf = (ref: ModelRef) => {
        const spec = specOf(ref.provider)
        const override = generations.current().settings.facts.get(showModelRef(ref))
        return spec === undefined ? undefined : catalog.facts(spec.kind, ref.model, override)
      }
      const scopesOf = (ref: ModelRef) => {
        const spec = specOf(ref.provider)
        return spec === undefined ? [] : modelScopes(ref, spec.kind, generations.current().settings.budgets)
      }
      const { affords, paid } = probePayment(budgets, estimates, factsOf, scopesOf)
      const probes = Probes.layer(settings.resilience, {
        check: (ref, credential) =>
          paid(
            ref,
            Effect.flatMap(
              registry.current,
              (providers) =>
                providers.get(ref.provider)?.check(ref.model, credential) ??
                Effect.fail(
                  new ProviderError({
                    ...ref,
                    reason: { _tag: "Network", message: "its provider is gone", sent: false }
                  })
                )
            )
          ).pipe(Effect.scoped),
        affords,
        credentials: (provider) => specOf(provider)?.apiKeys.map((key) => fingerprintOf(Redacted.value(key))) ?? [],
        modelFor: (provider) => modelsOf(provider)[0],
        othersFor: (provider) => modelsOf(provider).slice(1),
        // nothing new is asked of what is draining: whether it could answer is nobody's question
        mayProbe: (provider) =>
          specOf(provider) !== undefined &&
          (generations.current().settings.roles?.get(provider)?.state ?? "on") === "on",
        isKnown: (ref) => generations.current().resolver.isListed(ref),
        thinks: (ref) => factsOf(ref)?.capabilities.thinking === true
      })
      return Layer.tap(probes, (context) =>
        Effect.sync(() => generations.listen((next) => Context.get(context, Probes).configure(next.resilience)))
      )
    })
  )
