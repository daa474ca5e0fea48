/**
 * A gateway with all its parts, wired.
 *
 * @module
 */
import { Effect, FiberHandle, Layer } from "effect"
import { Budgets } from "../budget/Budgets.ts"
import { BudgetStore } from "../budget/BudgetStore.ts"
import { Estimates } from "../budget/Estimates.ts"
import { Catalog } from "../catalog/Catalog.ts"
import type { BudgetScope } from "../domain/Budget.ts"
import { defaultReplica, type Settings } from "../config/Settings.ts"
import { CurrentWatch } from "../domain/ProviderWatch.ts"
import { Health } from "../health/Health.ts"
import { healthLayer } from "../health/healthLayer.ts"
import { ClientKeys } from "../keys/ClientKeys.ts"
import { KeyLimits } from "../keys/KeyLimits.ts"
import { KeyStore } from "../keys/KeyStore.ts"
import { Alerts } from "../observability/Alerts.ts"
import { providerLayer } from "../provider/kinds.ts"
import { Registry } from "../provider/Registry.ts"
import { Transport } from "../provider/Transport.ts"
import { Notebook } from "../storage/Notebook.ts"
import * as Sqlite from "../storage/Sqlite.ts"
import { Gateway } from "./Gateway.ts"
import { Generations } from "./Generations.ts"
import { News } from "./News.ts"
import { spendWatch } from "./spendWatch.ts"
import { type Load, operationsLayer } from "./operate.ts"
import { probesLayer } from "./probing.ts"

/** What the settings in force and the client keys in force allow to be spent. */
const budgetsLayer = (settings: Settings, store: Layer.Layer<BudgetStore>) =>
  Layer.unwrap(
    Effect.map(Effect.all([ClientKeys, Generations]), ([keys, generations]) => {
      const ofConfig = () => generations.current().settings.budgets ?? []
      const policies = () => [...ofConfig(), ...keys.budgets()]
      const policiesOf = (name: string, own: BudgetScope) => [
        ...ofConfig().filter(({ scope }) => scope === own),
        ...keys.budgets(name)
      ]
      const follow = Layer.effectDiscard(
        Effect.gen(function* () {
          const budgets = yield* Budgets
          const run = yield* FiberHandle.makeRuntime<never>()
          // in force in the step in which it is called; what it waits for is what others have spent
          const configure = () => void run(budgets.configure(policies()))
          generations.listen(configure)
          keys.listen((name) => {
            if (name === undefined) return configure()
            run(budgets.configure(policiesOf(name, `key:${name}`), `key:${name}`))
          })
        })
      )
      const owner = settings.storage?.replica ?? defaultReplica
      return Layer.provideMerge(follow, Budgets.layer({ policies: policies(), owner }))
    })
  ).pipe(Layer.provide(store))

/** The webhooks that the settings in force name. */
const alertsLayer = (settings: Settings) =>
  Layer.effectDiscard(
    Effect.gen(function* () {
      const alerts = yield* Alerts
      const generations = yield* Generations
      generations.listen((next) => alerts.configure(next.alerts ?? []))
    })
  ).pipe(Layer.provideMerge(Alerts.layer(settings.alerts)))

/** The client keys of the settings in force and of a store. */
const keysLayer = Layer.unwrap(
  Effect.map(Generations, (generations) => ClientKeys.layer(() => generations.current().settings))
)

/**
 * The gateway over providers, a catalogue and health that it is given. `load` reads the configuration again; without a
 * `keyStore`, client keys that are made while it runs end with it.
 */
export const gatewayOver = (
  settings: Settings,
  load?: Load,
  keyStore: Layer.Layer<KeyStore> = Layer.fresh(KeyStore.layerMemory()),
  budgetStore: Layer.Layer<BudgetStore> = Layer.fresh(BudgetStore.layerMemory()),
  notebook: Layer.Layer<Notebook> = Layer.fresh(Notebook.layerMemory())
) =>
  Layer.mergeAll(
    Gateway.layer,
    operationsLayer(settings, load),
    spendWatch(settings.storage?.replica ?? defaultReplica)
  ).pipe(
    Layer.provide(News.layer),
    Layer.provide(probesLayer(settings)),
    Layer.provideMerge(
      Layer.mergeAll(
        Layer.provideMerge(budgetsLayer(settings, budgetStore), Layer.provide(keysLayer, keyStore)),
        KeyLimits.layer,
        Estimates.layerKept,
        alertsLayer(settings)
      )
    ),
    Layer.provide(notebook),
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
  const path = settings.storage?.sqlite
  // one connection for all that is stored: the same layer is built once
  const sqlite = path === undefined ? undefined : Sqlite.layer({ path })
  return follow.pipe(
    Layer.provideMerge(
      sqlite === undefined
        ? gatewayOver(settings, load)
        : gatewayOver(
            settings,
            load,
            KeyStore.layerDurable(sqlite),
            BudgetStore.layerDurable(sqlite),
            Notebook.layerDurable(sqlite)
          )
    ),
    Layer.provide(registry),
    Layer.provide(healthLayer(settings, sqlite)),
    Layer.provide([Catalog.layer, Transport.layer({ connectTimeout: settings.resilience.limits.connect })])
  )
}
