/**
 * `Operations`, over the generations and the health room.
 *
 * @module
 */
import { Clock, type Context, Duration, Effect, Layer, Result, Semaphore } from "effect"
import { Budgets } from "../budget/Budgets.ts"
import type { Estimates } from "../budget/Estimates.ts"
import { Catalog } from "../catalog/Catalog.ts"
import { warningsOf } from "../catalog/warnings.ts"
import { changesBetween, restartOnly } from "../config/changes.ts"
import type { ConfigError } from "../config/ConfigError.ts"
import type { ProviderSpec } from "../config/ProviderSpec.ts"
import { resolveProvider } from "../config/resolveProviders.ts"
import { defaultRole, type Settings } from "../config/Settings.ts"
import { Circuits } from "../health/Circuits.ts"
import { Latencies } from "../health/Latencies.ts"
import { Probes } from "../health/Probes.ts"
import { Quarantines } from "../health/Quarantines.ts"
import { RateLimits } from "../health/RateLimits.ts"
import { RetryBudgets } from "../health/RetryBudgets.ts"
import { ClientKeys } from "../keys/ClientKeys.ts"
import type { KeyLimits } from "../keys/KeyLimits.ts"
import { forcedTo, initialCircuit } from "../machine/CircuitBreaker.ts"
import type { QuarantineEntry, QuarantineTarget } from "../machine/QuarantineEntry.ts"
import type { ProviderNotBuilt } from "../provider/ProviderNotBuilt.ts"
import { Registry } from "../provider/Registry.ts"
import { type Changes, noChanges, overConfig, withAdded, withChanges, withoutAdded, withRole } from "./Changes.ts"
import { Generations } from "./Generations.ts"
import { keyOperations } from "./keyOperations.ts"
import { modelToProve } from "./modelToProve.ts"
import { News } from "./News.ts"
import {
  type GenerationReport,
  type ModelReport,
  OperationRefused,
  Operations,
  type QuarantineOrder,
  type ProviderReport
} from "./Operations.ts"
import { spendReport } from "./spendReport.ts"
import { circuitReport, quarantineReport } from "./reports.ts"

/** Reads the configuration again. Absent: there is nothing to read again. */
export type Load = Effect.Effect<Settings, ConfigError>

type Parts =
  | Generations
  | Registry
  | Catalog
  | Circuits
  | Quarantines
  | Probes
  | RateLimits
  | RetryBudgets
  | Latencies
  | News
  | ClientKeys
  | KeyLimits
  | Budgets
  | Estimates

export const operationsLayer = (settings: Settings, load?: Load): Layer.Layer<Operations, never, Parts> =>
  Layer.effect(Operations, make(settings, load))

/** A file that is cut short, or a listener that was to become a loopback one, must not open the gateway to everybody. */
const noMoreKeys =
  "the file has no client keys any more, which would let everybody in who reaches this gateway: that takes a restart"

/** The most circuits that are forced at once. */
const mostForced = 1000

const refuse = (
  kind: OperationRefused["kind"],
  message: string,
  param?: string
): Effect.Effect<never, OperationRefused> =>
  Effect.suspend(() =>
    Effect.fail(new OperationRefused({ kind, message, ...(param === undefined ? undefined : { param }) }))
  )

const make = Effect.fnUntraced(function* (configured: Settings, load: Load | undefined) {
  const generations = yield* Generations
  const registry = yield* Registry
  const catalog = yield* Catalog
  const circuits = yield* Circuits
  const quarantines = yield* Quarantines
  const probes = yield* Probes
  const limits = yield* RateLimits
  const budgets = yield* RetryBudgets
  const latencies = yield* Latencies
  const news = yield* News
  const clientKeys = yield* ClientKeys
  const spending = yield* Budgets
  /** What the config says, and what operators have laid over it. */
  let base = configured
  let changes: Changes = noChanges
  let lastFailure: GenerationReport["lastFailure"]
  const changing = yield* Semaphore.make(1)

  const report = (entry: QuarantineEntry) => quarantineReport(entry, quarantines.durable)

  const tell = (kind: string, subject: string, detail: string, level?: "info" | "warning") =>
    Effect.flatMap(Clock.currentTimeMillis, (at) => news.tell({ at, kind, subject, detail }, level))

  const put = (nextBase: Settings, nextChanges: Changes) =>
    Effect.flatMap(generations.apply(withChanges(nextBase, nextChanges)), (failures) => {
      base = nextBase
      changes = nextChanges
      return Effect.as(
        Effect.forEach(failures, ({ message, provider }) => tell("provider.notBuilt", provider, message, "warning")),
        failures
      )
    })

  const specOf = (id: string): ProviderSpec | undefined =>
    generations.current().settings.providers.find((spec) => spec.id === id)

  const known = (id: string): Effect.Effect<ProviderSpec, OperationRefused> => {
    const spec = specOf(id)
    if (spec !== undefined) return Effect.succeed(spec)
    const off = base.providersOff.find((one) => one.id === id)
    return refuse("missing", off === undefined ? `there is no provider '${id}'` : `provider '${id}' is off: ${off.why}`)
  }

  /** The reports of all, made from one look at every state. */
  const look = Effect.gen(function* () {
    const now = yield* Clock.currentTimeMillis
    const states = yield* circuits.states
    const providers = yield* registry.current
    const entries = quarantines.entries(now).map(report)
    const circuitOf = (key: string) =>
      circuitReport(key, states.get(key) ?? initialCircuit, circuits.recentFailures(key, now), now)
    const modelsOf = (id: string): ReadonlyArray<ModelReport> => {
      const prefix = `${id}/`
      const names = new Set<string>()
      for (const key of [...states.keys(), ...limits.keys(), ...latencies.keys()])
        if (key.startsWith(prefix)) names.add(key.slice(prefix.length))
      for (const { model, provider } of entries) if (provider === id && model !== undefined) names.add(model)
      return [...names].sort().map((model) => {
        const key = `${id}/${model}`
        return {
          model,
          circuit: circuitOf(key),
          quarantine: entries.find(
            (entry) => entry.scope === "model" && entry.provider === id && entry.model === model
          ),
          limits: limits.report(key, now),
          inFlight: limits.inFlight(key),
          firstEventP95Millis: latencies.p95({ provider: id, model }, now)
        }
      })
    }
    return (spec: ProviderSpec): ProviderReport => {
      const { id, kind } = spec
      const role = generations.current().settings.roles?.get(id) ?? defaultRole
      const provider = providers.get(id)
      const circuit = circuitOf(id)
      const barred = quarantines.barred({ provider: id, model: "" }, provider?.credentials ?? [], now)
      const failed = providers.failures.find((failure) => failure.provider === id)
      const why =
        role.state !== "on"
          ? role.state
          : provider === undefined
            ? `it could not be set up${failed === undefined ? "" : `: ${failed.message}`}`
            : barred !== undefined
              ? `in quarantine (${barred.reason._tag}): ${barred.reason.message}`
              : circuit.state !== "closed"
                ? "its circuit is open"
                : undefined
      return {
        ...role,
        id,
        kind,
        source: changes.added.has(id) && !base.providers.some((one) => one.id === id) ? "admin" : "config",
        baseUrl: spec.baseUrl,
        failureDomain: spec.failureDomain ?? catalog.failureDomain(kind) ?? id,
        region: spec.region,
        available: why === undefined,
        why,
        inFlight: limits.inFlight(id),
        circuit,
        quarantine: entries.filter((entry) => entry.provider === id),
        limits: limits.report(id, now),
        retriesLeft: budgets.left(id, now),
        models: modelsOf(id)
      }
    }
  }).pipe(Effect.scoped)

  const reportOf = (id: string): Effect.Effect<ProviderReport, OperationRefused> =>
    Effect.flatMap(known(id), (spec) => Effect.map(look, (of) => of(spec)))

  const generation = Effect.sync((): GenerationReport => {
    const { loadedAt, number, settings, specs } = generations.current()
    return {
      generation: number,
      source: settings.source,
      file: settings.file,
      loadedAt,
      providers: specs.map(({ id }) => id),
      aliases: settings.aliases.map(({ name }) => name),
      warnings: warningsOf(settings, catalog),
      onEarlier: registry.onEarlier(),
      lastFailure
    }
  })

  /** `provider` or `provider/model`, of a provider that there is. */
  const targetOf = (text: string): Effect.Effect<QuarantineTarget, OperationRefused> => {
    const slash = text.indexOf("/")
    const provider = slash < 0 ? text : text.slice(0, slash)
    const model = slash < 0 ? undefined : text.slice(slash + 1)
    if (model === "") return refuse("invalid", "a target is 'provider' or 'provider/model'", "target")
    return Effect.map(known(provider), () =>
      model === undefined ? { scope: "account", provider } : { scope: "model", provider, model }
    )
  }

  const bar = (
    order: QuarantineOrder,
    source: (
      now: number
    ) =>
      | { readonly source: "operator"; readonly until: number | undefined }
      | { readonly source: "drill"; readonly until: number }
  ) =>
    Effect.flatMap(targetOf(order.target), (target) =>
      Effect.flatMap(Clock.currentTimeMillis, (now) => {
        const { message, reason } = order
        const entry = quarantines.set({ target, reason, message, ...source(now) }, now)
        return quarantines.entries(now).some(({ key }) => key === entry.key)
          ? Effect.succeed(report(entry))
          : refuse("refused", "as much is in quarantine as can be: lift something")
      })
    )

  const isDrill = (key: string, now: number): boolean =>
    quarantines.entries(now).some((entry) => entry.key === key && entry.source === "drill")

  const lift = (key: string, drills: boolean) =>
    Effect.flatMap(Clock.currentTimeMillis, (now) => {
      const missing = refuse("missing", `there is no ${drills ? "drill" : "quarantine"} '${key}'`)
      if (drills !== isDrill(key, now)) return missing
      return quarantines.lift(key, now) ? Effect.void : missing
    })

  const built = (id: string, failures: ReadonlyArray<ProviderNotBuilt>) =>
    failures.find(({ provider }) => provider === id)

  const reload: Context.Service.Shape<typeof Operations>["reload"] = Effect.gen(function* () {
    if (load === undefined)
      return yield* refuse("refused", "this gateway has no configuration that could be read again")
    const loaded = yield* Effect.result(load)
    const at = yield* Clock.currentTimeMillis
    const before = base
    const problem = Result.isFailure(loaded)
      ? loaded.failure.message
      : before.keys.length > 0 && loaded.success.keys.length === 0 && !clientKeys.hasStored()
        ? noMoreKeys
        : undefined
    if (Result.isFailure(loaded) || problem !== undefined) {
      const message = problem ?? ""
      lastFailure = { at, problems: message.split("\n").filter((line) => line.trim() !== "") }
      yield* tell("config.refused", base.file ?? base.source, `what was in force stays; ${message}`, "warning")
      return yield* refuse("invalid", message)
    }
    const next = loaded.success
    const waiting = restartOnly(configured, next)
    for (const sentence of waiting) yield* tell("config.needsRestart", next.file ?? "", sentence, "warning")
    yield* put(next, overConfig(changes, next))
    lastFailure = undefined
    const sentences = changesBetween(before, next)
    yield* tell(
      "config.reloaded",
      next.file ?? next.source,
      sentences.length === 0
        ? waiting.length === 0
          ? "nothing that matters has changed"
          : "nothing has changed that takes effect now"
        : sentences.join("; ")
    )
    const known = warningsOf(before, catalog)
    for (const warning of warningsOf(next, catalog)) if (!known.includes(warning)) yield* Effect.logWarning(warning)
    return yield* generation
  }).pipe(changing.withPermits(1))

  return Operations.of({
    ...(yield* keyOperations(tell)),
    spend: yield* spendReport,
    superseded: () => spending.recording() === "superseded" && spending.isHard(),
    providers: Effect.map(look, (of) => generations.current().settings.providers.map(of)),
    provider: reportOf,
    addProvider: (id, entry) =>
      Effect.gen(function* () {
        if (specOf(id) !== undefined || base.providersOff.some((one) => one.id === id))
          return yield* refuse("refused", `there is a provider '${id}' already`, "id")
        const resolved = resolveProvider(id, entry)
        if (Result.isFailure(resolved)) {
          const [first] = resolved.failure
          const sentences = resolved.failure.map(
            ({ expected, found, path }) => `${path === "" ? "the entry" : path}: expected ${expected}, found ${found}`
          )
          return yield* refuse("invalid", sentences.join("; "), first?.path)
        }
        const { role, spec } = resolved.success
        const before = changes
        const failed = built(id, yield* put(base, withAdded(changes, spec, role)))
        if (failed !== undefined) {
          yield* put(base, before)
          return yield* refuse("invalid", `it could not be set up: ${failed.message}`)
        }
        yield* tell("provider.added", id, `${spec.kind}, by an operator`)
        return yield* reportOf(id)
      }).pipe(changing.withPermits(1)),
    changeProvider: (id, change) =>
      Effect.gen(function* () {
        yield* known(id)
        yield* put(base, withRole(changes, id, change))
        const words = Object.entries(change).map(([name, value]) => `${name} ${value}`)
        yield* tell("provider.changed", id, `${words.join(", ")}, by an operator`, "warning")
        return yield* reportOf(id)
      }).pipe(changing.withPermits(1)),
    removeProvider: (id) =>
      Effect.gen(function* () {
        yield* known(id)
        if (base.providers.some((spec) => spec.id === id))
          return yield* refuse("refused", `'${id}' stands in the configuration: it can be disabled, or taken out there`)
        yield* put(base, withoutAdded(changes, id))
        yield* tell("provider.removed", id, "by an operator")
      }).pipe(changing.withPermits(1)),
    check: ({ model, provider }) =>
      Effect.gen(function* () {
        const spec = yield* known(provider)
        const asked = model ?? modelToProve(generations.current().settings, spec, catalog)
        if (asked === undefined)
          return yield* refuse("invalid", `no model of '${provider}' is known: name one`, "model")
        return yield* probes.probeNow({ provider, model: asked })
      }),
    circuits: Effect.gen(function* () {
      const now = yield* Clock.currentTimeMillis
      const states = yield* circuits.states
      return [...states].map(([key, state]) => circuitReport(key, state, circuits.recentFailures(key, now), now))
    }),
    setCircuit: (key, to) =>
      Effect.gen(function* () {
        const states = yield* circuits.states
        // what was forced can always be released, also where its provider has gone
        if (to !== "auto" || !states.has(key)) yield* targetOf(key)
        const forced = [...states.values()].filter((one) => forcedTo(one) !== undefined).length
        if (to !== "auto" && forced >= mostForced)
          return yield* refuse("refused", `${mostForced} circuits are forced already: release some`)
        const state = yield* to === "auto" ? circuits.release(key) : circuits.force(key, to)
        const now = yield* Clock.currentTimeMillis
        return circuitReport(key, state, circuits.recentFailures(key, now), now)
      }),
    quarantine: Effect.map(Clock.currentTimeMillis, (now) =>
      quarantines
        .entries(now)
        .filter(({ source }) => source !== "drill")
        .map(report)
    ),
    setQuarantine: (order) =>
      bar(order, (now) => ({
        source: "operator",
        until: order.lasts === undefined ? undefined : now + Duration.toMillis(order.lasts)
      })),
    liftQuarantine: (key) => lift(key, false),
    drills: Effect.map(Clock.currentTimeMillis, (now) =>
      quarantines
        .entries(now)
        .filter(({ source }) => source === "drill")
        .map(report)
    ),
    startDrill: (order) => bar(order, (now) => ({ source: "drill", until: now + Duration.toMillis(order.lasts) })),
    endDrill: (key) => lift(key, true),
    reload,
    generation,
    news: Effect.sync(news.last)
  })
})
