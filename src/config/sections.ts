/**
 * Single sections of the file as the rest of the program has them: defaults filled in, lengths of time read, secrets
 * redacted. Nothing is judged here.
 *
 * @module
 */
import { type Duration, Redacted } from "effect"
import { defaultLevels } from "../domain/Alert.ts"
import { isBareList, targetsOf } from "./checkNames.ts"
import { type ConfigFile, isModelName, type ModelEntry, type ProviderEntry } from "./ConfigFile.ts"
import { parseDuration, parseMoment, regionOf } from "./notation.ts"
import type { ProviderLimits } from "./ProviderSpec.ts"
import {
  type Alias,
  type Auto,
  type ClientKey,
  defaultCache,
  defaultClassifier,
  defaultResilience,
  defaultServer,
  type FactsOverride,
  type Resilience,
  type ResponseLimits,
  type Settings
} from "./Settings.ts"

/** A length of time of the file, already checked by the Schema. */
export const lengthOf = (written: string | number | undefined, otherwise: Duration.Duration): Duration.Duration =>
  (written === undefined ? undefined : parseDuration(written)) ?? otherwise

const autoLengthOf = (
  written: string | number | undefined,
  otherwise: Auto<Duration.Duration>
): Auto<Duration.Duration> =>
  written === "auto" ? "auto" : ((written === undefined ? undefined : parseDuration(written)) ?? otherwise)

/** What a failure rate that is only asked for means. */
const defaultFailureRate = { calls: 20, share: 0.5 }

const probesOf = (written: NonNullable<ConfigFile["resilience"]>["probes"]): Resilience["probes"] => {
  const base = defaultResilience.probes
  if (written === undefined) return base
  if (typeof written === "boolean") return { ...base, enabled: written }
  return { enabled: written.enabled ?? true, interval: lengthOf(written.interval, base.interval) }
}

export const resilienceOf = (entry: ConfigFile["resilience"]): Resilience => {
  const base = defaultResilience
  const { circuit = {}, limits = {}, retries = {} } = entry ?? {}
  return {
    maxAttempts: entry?.maxAttempts ?? base.maxAttempts,
    deadline: lengthOf(entry?.deadline, base.deadline),
    limits: {
      connect: lengthOf(limits.connect, base.limits.connect),
      firstEvent: autoLengthOf(limits.firstEvent, base.limits.firstEvent),
      idle: autoLengthOf(limits.idle, base.limits.idle),
      unary: autoLengthOf(limits.unary, base.limits.unary),
      stream: lengthOf(limits.stream, base.limits.stream)
    },
    retries: { ...base.retries, ...retries },
    retryAfterLimit: lengthOf(entry?.retryAfterLimit, base.retryAfterLimit),
    circuit: {
      failures: circuit.failures ?? base.circuit.failures,
      window: lengthOf(circuit.window, base.circuit.window),
      openFor: lengthOf(circuit.openFor, base.circuit.openFor),
      maxOpenFor: lengthOf(circuit.maxOpenFor, base.circuit.maxOpenFor),
      ...(circuit.failureRate === undefined ? {} : { failureRate: { ...defaultFailureRate, ...circuit.failureRate } })
    },
    onMidStreamFailure: entry?.onMidStreamFailure ?? base.onMidStreamFailure,
    retryBudget: { ...base.retryBudget, ...entry?.retryBudget },
    probes: probesOf(entry?.probes),
    queue: {
      capacity: entry?.queue?.capacity ?? base.queue.capacity,
      patience: lengthOf(entry?.queue?.patience, base.queue.patience)
    },
    costCapUsd: entry?.costCapUsd ?? base.costCapUsd,
    abandonedStreams: entry?.abandonedStreams ?? base.abandonedStreams,
    fallbackOnContentPolicy: entry?.fallbackOnContentPolicy ?? base.fallbackOnContentPolicy,
    defaultFallbacks: entry?.defaultFallbacks ?? base.defaultFallbacks
  }
}

export const aliasesOf = (config: ConfigFile): ReadonlyArray<Alias> =>
  Object.entries<ModelEntry>(config.models ?? {}).flatMap(([name, entry]): ReadonlyArray<Alias> => {
    const [targets] = targetsOf(entry, [])
    if (targets.length === 0) return []
    const detailed = !isBareList(entry) && "targets" in entry ? entry : undefined
    return [
      {
        name,
        strategy: detailed?.strategy ?? "priority",
        targets,
        ...(detailed?.fallbackOnContentPolicy === undefined
          ? {}
          : { fallbackOnContentPolicy: detailed.fallbackOnContentPolicy }),
        ...(detailed?.hedge === undefined ? {} : { hedge: detailed.hedge }),
        ...(detailed?.vectors === undefined ? {} : { vectors: detailed.vectors }),
        ...(detailed?.region === undefined ? {} : { region: regionOf(detailed.region) }),
        ...(detailed?.sticky === undefined ? {} : { sticky: detailed.sticky }),
        ...(detailed?.downgrade === undefined ? {} : { downgrade: detailed.downgrade })
      }
    ]
  })

/** What the file says of tasks; absent where it says nothing. */
export const tasksOf = ({ tasks }: ConfigFile): Pick<Settings, "tasks"> =>
  tasks === undefined ? {} : { tasks: new Map(Object.entries(tasks)) }

export const classifierOf = ({ classifier }: ConfigFile): Pick<Settings, "classifier"> =>
  classifier === undefined
    ? {}
    : {
        classifier: {
          by: classifier.by ?? defaultClassifier.by,
          model: classifier.model,
          longContextTokens: classifier.longContextTokens,
          classes: new Map(Object.entries(classifier.classes ?? {})),
          ...(classifier.keepTexts === undefined ? {} : { keepTexts: classifier.keepTexts })
        }
      }

/** What small models are told that stand in for better ones; absent where the file says nothing. */
export const economyOf = ({ economy }: ConfigFile): Pick<Settings, "economy"> =>
  economy === undefined ? {} : { economy }

/** The limits of an account or of a model. */
export const limitsOf = ({
  concurrent,
  requestsPerMinute,
  tokensPerMinute
}: NonNullable<ProviderEntry["limits"]>): ProviderLimits => ({
  requestsPerMinute,
  tokensPerMinute,
  ...(concurrent === undefined ? {} : { concurrent })
})

/** What the operator says about models, by `provider/model`. */
export const factsOf = (config: ConfigFile): ReadonlyMap<string, FactsOverride> => {
  const facts = new Map<string, FactsOverride>()
  const models: Readonly<Record<string, ModelEntry>> = config.models ?? {}
  for (const [name, entry] of Object.entries(models)) {
    if (!isModelName(name) || isBareList(entry) || "targets" in entry) continue
    const { capabilities, contextWindow, limits, maxOutput, price, tier } = entry
    facts.set(name, {
      ...(price === undefined
        ? {}
        : { price: { inputUsdPerMTok: price.inputPerMTok, outputUsdPerMTok: price.outputPerMTok } }),
      ...(contextWindow === undefined ? {} : { contextWindowTokens: contextWindow }),
      ...(maxOutput === undefined ? {} : { maxOutputTokens: maxOutput }),
      ...(tier === undefined ? {} : { tier }),
      ...(capabilities === undefined ? {} : { capabilities }),
      ...(limits === undefined ? {} : { limits: limitsOf(limits) })
    })
  }
  return facts
}

/** How much of answered Responses is remembered. */
export const responsesOf = (written: NonNullable<ConfigFile["server"]>["responses"]): ResponseLimits => ({
  ...defaultServer.responses,
  ...written,
  ttl: lengthOf(written?.ttl, defaultServer.responses.ttl)
})

/** How answers are cached; absent where the file does not ask for it, or switches it off. */
export const cacheOf = ({ cache }: ConfigFile): Pick<Settings, "cache"> => {
  if (cache === undefined || cache.exact === false) return {}
  const { exact: _exact, ...written } = cache
  return {
    cache: {
      ...defaultCache,
      ...written,
      ttl: lengthOf(written.ttl, defaultCache.ttl),
      grace: lengthOf(written.grace, defaultCache.grace)
    }
  }
}

/** Whom operators have told; absent where they name nobody. */
export const alertsOf = ({ alerts }: ConfigFile): Pick<Settings, "alerts"> =>
  alerts === undefined || alerts.length === 0
    ? {}
    : {
        alerts: alerts.map(({ estimateFactor, format, only, requestUsd, shares, url }) => ({
          url: Redacted.make(url, { label: "alert webhook" }),
          format: format ?? "json",
          shares: shares?.map((percent) => percent / 100) ?? defaultLevels.shares,
          requestUsd: requestUsd ?? defaultLevels.requestUsd,
          estimateFactor: estimateFactor ?? defaultLevels.estimateFactor,
          ...(only === undefined ? {} : { only })
        }))
      }

export const clientKeysOf = (config: ConfigFile): ReadonlyArray<ClientKey> =>
  (config.keys ?? []).map(({ allow, expires, key, limits, metadata, name, priority, region, tags, tenant }) => ({
    name,
    key: Redacted.make(key, { label: `key ${name}` }),
    tenant,
    priority: priority ?? "normal",
    allow,
    ...(region === undefined ? {} : { region: regionOf(region) }),
    ...(limits === undefined ? {} : { limits }),
    ...(tags === undefined ? {} : { tags }),
    ...(metadata === undefined ? {} : { metadata }),
    ...(expires === undefined ? {} : { expiresAt: parseMoment(expires) ?? 0 })
  }))
