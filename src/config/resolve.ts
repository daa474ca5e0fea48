/**
 * From a config file's value to `Settings`, and everything the Schema alone cannot judge.
 *
 * Findings make the config an error; warnings are for the operator and never stop a start. A section that this version
 * does not act on is a warning, never silence.
 *
 * @module
 */
import { Duration, Redacted } from "effect"
import { dirname, resolve as absolute } from "node:path"
import type { ConfigFile } from "./ConfigFile.ts"
import type { ConfigProblem } from "./ConfigError.ts"
import { budgetWarnings, checkBudgets, policiesOf } from "./budgets.ts"
import { checkModels, namesIn } from "./checkNames.ts"
import { filePathExpected, isFilePath, sqlitePathOf } from "./checkStorage.ts"
import { type Finding, problemAt } from "./diagnose.ts"
import type { Environment } from "./interpolate.ts"
import { isCredential, parseHttpUrl, splitTarget } from "./notation.ts"
import { checkRegions } from "./regions.ts"
import { type ResolvedProviders, resolveProviders } from "./resolveProviders.ts"
import {
  credentialExpected,
  environmentProblem,
  guessable,
  isOpenToAll,
  openExpected,
  overridesOf
} from "./serverFromEnvironment.ts"
import {
  alertsOf,
  aliasesOf,
  cacheOf,
  classifierOf,
  clientKeysOf,
  economyOf,
  factsOf,
  lengthOf,
  resilienceOf,
  responsesOf,
  tasksOf
} from "./sections.ts"
import { type Alias, defaultServer, type Settings } from "./Settings.ts"
import { type Path, pathKey, type Source } from "./Source.ts"

/** Sections that are checked but do nothing yet, and what that means for whoever set them. */
const withoutEffect = {
  guard: "prompts and answers are not looked into"
} as const

export interface Resolved {
  readonly settings: Settings
  readonly problems: ReadonlyArray<ConfigProblem>
}

/** `shapeProblems`: what the Schema found, so that one place is complained of once. */
export const resolve = (
  config: ConfigFile,
  source: Source,
  env: Environment,
  shapeProblems: ReadonlyArray<ConfigProblem>
): Resolved => {
  const names = namesIn(source)
  const providers = resolveProviders(config.providers, source)
  const overrides = overridesOf(env)
  const off = new Set(providers.off.map(({ id }) => id))
  const findings: Array<Finding> = [
    ...unsetFindings(source, off),
    ...providers.findings,
    ...checkModels(config, names, source),
    ...checkServer(config, source),
    ...checkKeys(config, source),
    ...checkRegions(config, providers, source),
    ...checkRest(config, source)
  ]
  findings.push(...checkBudgets(config, names, source))
  if (names.providers.length === 0 && shapeProblems.length === 0) {
    findings.push({ path: ["providers"], expected: "at least one provider" })
  }
  const problems = [...overrides.problems]
  const host = overrides.host ?? config.server?.host ?? defaultServer.host
  const sqlite = config.storage?.sqlite
  // whether the database holds keys is known once it is open
  if (sqlite === undefined && isOpenToAll(host, names.keys.length)) {
    const expected = openExpected(`client keys in the section "keys", or kept in a database ("storage.sqlite")`)
    if (overrides.host === undefined) findings.push({ path: ["server", "host"], expected })
    else problems.push(environmentProblem("SWITCHYARD_HOST", JSON.stringify(host.slice(0, 60)), expected))
  }
  const aliases = aliasesOf(config)
  const file = absolute(source.file)
  const settings: Settings = {
    server: {
      host,
      port: overrides.port ?? config.server?.port ?? defaultServer.port,
      adminKey:
        config.server?.adminKey === undefined
          ? undefined
          : Redacted.make(config.server.adminKey, { label: "admin key" }),
      cors: config.server?.cors ?? defaultServer.cors,
      bodyLimitBytes: config.server?.bodyLimitBytes ?? defaultServer.bodyLimitBytes,
      shutdownGrace: lengthOf(config.server?.shutdownGrace, defaultServer.shutdownGrace),
      patience: lengthOf(config.server?.patience, defaultServer.patience),
      heartbeat: lengthOf(config.server?.heartbeat, defaultServer.heartbeat),
      responses: responsesOf(config.server?.responses)
    },
    providers: providers.on,
    providersOff: providers.off,
    aliases,
    facts: factsOf(config),
    ...tasksOf(config),
    ...classifierOf(config),
    ...economyOf(config),
    resilience: resilienceOf(config.resilience),
    roles: providers.roles,
    storage: {
      sqlite: sqlite === undefined ? undefined : sqlitePathOf(sqlite, dirname(file)),
      ...(config.storage?.replica === undefined ? {} : { replica: config.storage.replica })
    },
    budgets: policiesOf(config),
    ...cacheOf(config),
    keys: clientKeysOf(config),
    ...alertsOf(config),
    source: "file",
    file,
    warnings: [...providers.warnings, ...budgetWarnings(config, names), ...warningsOf(config, aliases, providers)]
  }
  return { settings, problems: [...problems, ...findings.map((finding) => problemAt(source, finding))] }
}

/** Variables that are not set, outside the providers that are off and the keys that are left out because of it. */
const unsetFindings = (source: Source, off: ReadonlySet<string>): ReadonlyArray<Finding> =>
  [...source.unset.values()].flatMap(({ names, path }) => {
    const [section, id, field] = path
    if (section === "providers" && (field === "apiKey" || (typeof id === "string" && off.has(id)))) return []
    const references = names.map((name) => `\${${name}}`).join(", ")
    return [
      {
        path,
        found: `${references}, which ${names.length > 1 ? "are" : "is"} not set`,
        expected: `${names.length > 1 ? "these variables" : "this variable"} in the environment, or another value`
      }
    ]
  })

const checkServer = (config: ConfigFile, source: Source): ReadonlyArray<Finding> => {
  const findings: Array<Finding> = []
  const adminPath: Path = ["server", "adminKey"]
  const adminKey = config.server?.adminKey
  if (adminKey !== undefined && !source.unset.has(pathKey(adminPath))) {
    if (!isCredential(adminKey)) findings.push({ path: adminPath, found: "a text", expected: credentialExpected })
    if (config.keys?.some(({ key }) => key === adminKey) === true) {
      findings.push({ path: adminPath, found: "the key of a client", expected: "a key of its own" })
    }
  }
  config.server?.cors?.forEach((origin, index) => {
    const path: Path = ["server", "cors", index]
    if (origin === "*" || source.unset.has(pathKey(path))) return
    if (parseHttpUrl(origin)?.origin !== origin) {
      findings.push({ path, expected: `an origin such as "https://app.example.com" without a path, or "*"` })
    }
  })
  return findings
}

const checkKeys = (config: ConfigFile, source: Source): ReadonlyArray<Finding> => {
  const findings: Array<Finding> = []
  const keys = config.keys ?? []
  keys.forEach(({ key, name }, index) => {
    const path: Path = ["keys", index, "key"]
    if (keys.findIndex((other) => other.name === name) < index) {
      findings.push({ path: ["keys", index, "name"], expected: "a name that no other key has" })
    }
    if (source.unset.has(pathKey(path))) return
    if (!isCredential(key)) findings.push({ path, found: "a text", expected: credentialExpected })
    if (keys.findIndex((other) => other.key === key) < index) {
      findings.push({ path, found: "the value of another key", expected: "a value that no other key has" })
    }
  })
  return findings
}

const checkRest = (config: ConfigFile, source: Source): ReadonlyArray<Finding> => {
  const findings: Array<Finding> = []
  const isSet = (path: Path): boolean => !source.unset.has(pathKey(path))
  const { maxOpenFor, openFor } = resilienceOf(config.resilience).circuit
  if (Duration.isGreaterThan(openFor, maxOpenFor)) {
    const expected = `no longer than maxOpenFor (${Duration.format(maxOpenFor)})`
    findings.push({ path: ["resilience", "circuit", "openFor"], found: Duration.format(openFor), expected })
  }
  config.alerts?.forEach(({ url }, index) => {
    const path: Path = ["alerts", index, "url"]
    if (isSet(path) && parseHttpUrl(url) === undefined) findings.push({ path, expected: "an http or https URL" })
  })
  const checkUrl = (field: "redis" | "postgres", schemes: RegExp, expected: string) => {
    const url = config.storage?.[field]
    const path: Path = ["storage", field]
    if (url !== undefined && isSet(path) && !schemes.test(url)) findings.push({ path, expected })
  }
  const sqlite = config.storage?.sqlite
  if (sqlite !== undefined && isSet(sqlitePath) && !isFilePath(sqlite)) {
    findings.push({ path: sqlitePath, expected: filePathExpected })
  }
  checkUrl("redis", /^rediss?:\/\//, "a URL with redis:// or rediss://")
  checkUrl("postgres", /^postgres(ql)?:\/\//, "a URL with postgres:// or postgresql://")
  return findings
}

/** Where the path of the embedded database stands in the file. */
export const sqlitePath: Path = ["storage", "sqlite"]

const warningsOf = (
  config: ConfigFile,
  aliases: ReadonlyArray<Alias>,
  { off, on, roles }: ResolvedProviders
): ReadonlyArray<string> => {
  const warnings: Array<string> = []
  // a target of a provider that is not known is a finding already
  const idle = new Map(off.map(({ id }) => [id, "off"]))
  for (const [id, { state }] of roles) if (state !== "on") idle.set(id, state)
  const inWords = (states: Iterable<string>): string => [...new Set(states)].join(" or ")
  if (on.every(({ id }) => idle.has(id))) {
    const states = on.length === 0 ? "" : `, all are ${inWords(idle.values())}`
    warnings.push(`no provider is on${states}: no request can be answered`)
  }
  for (const { hedge, name, targets } of aliases) {
    const states = targets.map((target) => idle.get(splitTarget(target)?.provider ?? ""))
    const idleStates = states.filter((state) => state !== undefined)
    if (idleStates.length === targets.length) {
      warnings.push(`alias "${name}" cannot be served: the providers of all its targets are ${inWords(idleStates)}`)
    }
    if (hedge === true && new Set(targets).size < 2) {
      warnings.push(`alias "${name}": hedge has no effect with fewer than two targets`)
    }
  }
  if (!resilienceOf(config.resilience).probes.enabled)
    warnings.push("resilience.probes is off: real requests find out what serves again")
  const { adminKey } = config.server ?? {}
  if (adminKey !== undefined) warnings.push(...guessable("server.adminKey", adminKey))
  for (const { key, name } of config.keys ?? []) warnings.push(...guessable(`key "${name}"`, key))
  for (const [section, meaning] of Object.entries(withoutEffect)) {
    const value: unknown = Reflect.get(config, section)
    const isEmpty = value === undefined || (Array.isArray(value) && value.length === 0)
    if (!isEmpty) warnings.push(`the section "${section}" has no effect in this version: ${meaning}`)
  }
  const { cache } = cacheOf(config)
  if (cache === undefined && policiesOf(config).some(({ onExhausted }) => onExhausted === "cache-only"))
    warnings.push(
      `a budget with onExhausted: cache-only is as one with reject while no answer is cached (section "cache")`
    )
  for (const field of ["redis", "postgres"] as const) {
    if (config.storage?.[field] === undefined) continue
    warnings.push(`storage.${field} has no effect in this version: replicas share nothing`)
  }
  return warnings
}
