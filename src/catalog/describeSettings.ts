/**
 * The configuration in words, for `switchyard check` and the start: what is on, what is off and why, which names there
 * are, and which of them hang on a single model. No secret is in it.
 *
 * @module
 */
import { Duration } from "effect"
import { environmentRowOf } from "../config/EnvironmentKeys.ts"
import { splitTarget } from "../config/notation.ts"
import type { ProviderSpec } from "../config/ProviderSpec.ts"
import { type Alias, type CacheSettings, defaultRole, type ProviderRole, type Settings } from "../config/Settings.ts"
import type { BudgetPolicy } from "../domain/Budget.ts"
import { showUsd } from "../domain/Money.ts"
import type { Catalog } from "./Catalog.ts"
import type { ModelFacts } from "./ModelFacts.ts"
import { warningsOf } from "./warnings.ts"

const roleOf = (settings: Settings, id: string): ProviderRole => settings.roles?.get(id) ?? defaultRole

/**
 * Names that fail with one model: aliases with at most one target whose provider is on (neither draining nor disabled),
 * and models a file's callers can ask for by themselves, where no default fallback that is on stands behind them.
 */
export const singleCandidates = (settings: Settings): ReadonlyArray<string> => {
  const on = new Set(settings.providers.map(({ id }) => id).filter((id) => roleOf(settings, id).state === "on"))
  const aliasByName = new Map(settings.aliases.map((alias) => [alias.name, alias]))
  const regions = new Map(settings.providers.map(({ id, region }) => [id, region]))
  const isThere = (target: string, region: string | undefined): boolean => {
    const provider = splitTarget(target)?.provider ?? ""
    return on.has(provider) && (region === undefined || regions.get(provider) === region)
  }
  const served = (name: string): ReadonlyArray<string> => {
    const { region, targets } = aliasByName.get(name) ?? { region: undefined, targets: [name] }
    return targets.filter((target) => isThere(target, region))
  }
  const fallbacks = settings.resilience.defaultFallbacks.flatMap(served)
  /** What a name's region leaves of the default fallbacks. */
  const fallbacksOf = (name: string): ReadonlyArray<string> =>
    fallbacks.filter((target) => isThere(target, aliasByName.get(name)?.region))
  const models = [...settings.aliases.flatMap(({ targets }) => targets), ...settings.facts.keys()].flatMap(served)
  // without a file, a bare model falls back to its tier elsewhere; that needs a second vendor
  const elsewhere = settings.source !== "file" && settings.providers.length > 1
  return [...new Set([...aliasByName.keys(), ...(elsewhere ? [] : models)])].filter(
    (name) => new Set([...served(name), ...fallbacksOf(name)]).size === 1
  )
}

/** How many names a warning lists before it only counts them. */
const mostListed = 10

/** One sentence about all names of `singleCandidates`; `undefined` where there are none. */
export const singleCandidateWarning = (settings: Settings): string | undefined => {
  const names = singleCandidates(settings)
  if (names.length === 0) return undefined
  const listed = names.slice(0, mostListed).map((name) => JSON.stringify(name))
  const more = names.length - listed.length
  const all = more === 0 ? listed.join(", ") : `${listed.join(", ")} and ${more} more`
  return names.length === 1
    ? `${all} has a single candidate: when that model cannot answer, nobody does`
    : `${all} have a single candidate each: when that model cannot answer, nobody does`
}

/** Several lines, each section under its heading. */
export const describeSettings = (settings: Settings, catalog: Catalog["Service"]): string => {
  const { host, port } = settings.server
  const kinds = new Map(settings.providers.map((spec) => [spec.id, spec]))
  const sections: ReadonlyArray<readonly [heading: string, lines: ReadonlyArray<string>]> = [
    [
      "Configuration",
      [settings.file === undefined ? sourceInWords[settings.source] : `from the file ${settings.file}`]
    ],
    [
      "Listening on",
      [`http://${host.includes(":") ? `[${host.replace(/^\[|\]$/g, "")}]` : host}:${port}`, adminLine(settings)]
    ],
    [
      "Providers",
      [
        ...settings.providers.map((spec) => providerLine(spec, roleOf(settings, spec.id), catalog)),
        ...settings.providersOff.map(({ id, why }) => `${id}: off, ${why}`)
      ]
    ],
    ["Aliases", settings.aliases.flatMap((alias) => aliasLines(alias, settings, kinds, catalog))],
    ["Default fallbacks", settings.resilience.defaultFallbacks],
    ["Client keys", keyLines(settings)],
    [
      "Budgets",
      [
        ...(settings.budgets ?? []).map(budgetLine),
        ...unpricedLines(settings, kinds, catalog),
        ...abandonedLines(settings)
      ]
    ],
    ["Cache", settings.cache === undefined ? [] : [cacheLine(settings.cache, settings.budgets ?? [])]],
    ["Storage", settings.storage?.sqlite === undefined ? [] : [`SQLite at ${settings.storage.sqlite}`]],
    ["Single candidates", singleCandidates(settings)],
    ["Warnings", warningsOf(settings, catalog)]
  ]
  return sections
    .filter(([, lines]) => lines.length > 0)
    .map(([heading, lines]) => [heading, ...lines.map((line) => `  ${line}`)].join("\n"))
    .join("\n\n")
}

const budgetLine = ({ hard, reservePercent, scope, soft, timeZone, window }: BudgetPolicy): string =>
  [
    `${scope}: a ${window} in ${timeZone}`,
    ...(soft === undefined ? [] : [`$${showUsd(soft)} soft`]),
    ...(hard === undefined ? ["no hard limit"] : [`$${showUsd(hard)} hard, of which ${reservePercent} % are kept`])
  ].join(", ")

const sharers: Readonly<Record<CacheSettings["scope"], string>> = {
  tenant: "shared by the keys of a tenant",
  key: "each key's own",
  all: "shared by all keys"
}

const cacheLine = (
  { grace, maxBytes, maxEntries, only, scope, stretch, ttl }: CacheSettings,
  budgets: ReadonlyArray<BudgetPolicy>
): string =>
  [
    `answers to requests at ${only === "always" ? "any temperature" : "temperature 0"}`,
    `good for ${Duration.format(ttl)}`,
    ...(stretch === 1 ? [] : [`up to ${stretch} times as long as budgets run low`]),
    ...(budgets.some(({ onExhausted }) => onExhausted === "cache-only")
      ? [`and for another ${Duration.format(grace)} where one is exhausted`]
      : []),
    sharers[scope],
    `at most ${maxEntries} in ${maxBytes} bytes`
  ].join(", ")

/** Models of aliases that a hard limit on everything keeps from being asked. */
const unpricedLines = (
  { aliases, budgets = [], facts }: Settings,
  kinds: ReadonlyMap<string, ProviderSpec>,
  catalog: Catalog["Service"]
): ReadonlyArray<string> =>
  budgets.some(({ hard, scope }) => scope === "global" && hard !== undefined)
    ? [...new Set(aliases.flatMap(({ targets }) => targets))].flatMap((target) => {
        const { model, provider } = splitTarget(target) ?? { model: "", provider: "" }
        const spec = kinds.get(provider)
        const isUnpriced = spec !== undefined && catalog.facts(spec.kind, model, facts.get(target)).isUnpriced === true
        return isUnpriced ? [`${target}: its price is not known, so it is not asked under a hard limit`] : []
      })
    : []

/** What a hard limit does not hold for, by the operator's own word. */
const abandonedLines = ({ budgets = [], resilience }: Settings): ReadonlyArray<string> =>
  resilience.abandonedStreams === "counted" && budgets.some(({ hard }) => hard !== undefined)
    ? ["streams that are left are settled by what had come of them: their vendors may bill more, unseen"]
    : []

const sourceInWords: Readonly<Record<Settings["source"], string>> = {
  file: "from a file",
  environment: "from the keys in the environment",
  simulators: "none: simulated vendors answer"
}

const adminLine = ({ server }: Settings): string =>
  server.adminKey === undefined ? "no admin API: no admin key is set" : "admin API with its key"

const providerLine = (spec: ProviderSpec, { state, weight }: ProviderRole, catalog: Catalog["Service"]): string => {
  const parts = [
    `kind ${spec.kind}`,
    spec.apiKeys.length === 1 ? "1 key" : `${spec.apiKeys.length} keys`,
    // an address may carry a password before its host
    ...(spec.baseUrl === undefined ? [] : [spec.baseUrl.replace(/\/\/[^/@]*@/, "//")]),
    `failure domain ${spec.failureDomain ?? catalog.failureDomain(spec.kind) ?? spec.id}`,
    ...(spec.region === undefined ? [] : [`region ${spec.region}`]),
    ...(weight === defaultRole.weight ? [] : [`weight ${weight}`]),
    ...limitsInWords(spec.limits)
  ]
  return `${spec.id}: ${state}, ${parts.join(", ")}`
}

const limitsInWords = (limits: ProviderSpec["limits"]): ReadonlyArray<string> => {
  const of = (limit: number | undefined, what: string): ReadonlyArray<string> =>
    limit === undefined ? [] : [`at most ${limit.toLocaleString("en")} ${what}`]
  return [
    ...of(limits?.requestsPerMinute, "requests a minute"),
    ...of(limits?.tokensPerMinute, "tokens a minute"),
    ...of(limits?.concurrent, "at once")
  ]
}

const aliasLines = (
  alias: Alias,
  settings: Settings,
  specs: ReadonlyMap<string, ProviderSpec>,
  catalog: Catalog["Service"]
): ReadonlyArray<string> => [
  `${alias.name} (${[
    alias.strategy,
    ...(alias.hedge === true ? ["hedged"] : []),
    ...(alias.downgrade === true ? ["downgraded as budgets run low"] : []),
    ...(alias.vectors === undefined ? [] : ["vectors compatible"]),
    ...(alias.region === undefined ? [] : [`region ${alias.region}`])
  ].join(", ")})`,
  ...alias.targets.map((target) => {
    const { model = "", provider = "" } = splitTarget(target) ?? {}
    const spec = specs.get(provider)
    if (spec === undefined) return `  ${target}: provider off`
    const { state } = roleOf(settings, provider)
    if (state !== "on") return `  ${target}: provider ${state}`
    if (alias.region !== undefined && spec.region !== alias.region) return `  ${target}: not in the region`
    const facts = catalog.facts(spec.kind, model, settings.facts.get(target))
    return `  ${target}${factsInWords(facts)}${doubt(spec, model, catalog)}`
  })
]

const factsInWords = ({ contextWindowTokens, price, tier }: ModelFacts): string => {
  const parts = [
    ...(tier === undefined ? [] : [tier]),
    ...(contextWindowTokens === undefined ? [] : [`${contextWindowTokens.toLocaleString("en")} tokens`]),
    ...(price === undefined ? [] : [`$${price.inputUsdPerMTok} in, $${price.outputUsdPerMTok} out per million`])
  ]
  return parts.length === 0 ? "" : `: ${parts.join(", ")}`
}

/** A model that its vendor does not seem to have: likely a slip, but the vendor has the last word. */
const doubt = (spec: ProviderSpec, model: string, catalog: Catalog["Service"]): string => {
  const listed = spec.models.includes(model) || Object.hasOwn(spec.deployments, model)
  return !listed && spec.baseUrl === undefined && catalog.serves(spec.kind, model) === false
    ? ` (not a name of ${environmentRowOf(spec.kind)?.id ?? spec.kind}'s models)`
    : ""
}

const keyLines = ({ keys, storage }: Settings): ReadonlyArray<string> =>
  keys.length === 0
    ? [
        storage?.sqlite === undefined
          ? "none: whoever reaches the address may call"
          : "none here; those in the database are told by 'switchyard keys list': without any, whoever reaches the address may call"
      ]
    : keys.map(({ allow, limits, name, priority, region, tenant }) => {
        const whose = tenant === undefined ? "" : `, tenant ${tenant}`
        const where = region === undefined ? "" : `, region ${region}`
        const much = Object.entries(limits ?? {}).map(([what, limit]) => `, ${what} ${limit}`)
        return `${name}: priority ${priority}${whose}${where}, ${allow === undefined ? "all models" : `only ${allow.join(", ")}`}${much.join("")}`
      })
