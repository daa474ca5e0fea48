/**
 * Settings without a file: the vendors whose keys are in the environment, or else loopback imitations of three of them.
 *
 * Both give the aliases `smart` and `fast` over what is there, so that a first request needs no configuration.
 *
 * @module
 */
import { Redacted } from "effect"
import type { ConfigProblem } from "./ConfigError.ts"
import { type EnvironmentRow, environmentRows, keysInEnvironment } from "./EnvironmentKeys.ts"
import { type Environment, lookup } from "./interpolate.ts"
import { isCredential, parseHttpUrl } from "./notation.ts"
import type { ProviderSpec } from "./ProviderSpec.ts"
import {
  accessOf,
  credentialExpected,
  environmentProblem,
  isOpenToAll,
  openExpected,
  overridesOf,
  sqliteOf
} from "./serverFromEnvironment.ts"
import { type Alias, defaultResilience, defaultServer, type Settings } from "./Settings.ts"

/** Where the imitations of the three vendors listen. */
export interface SimulatorUrls {
  readonly anthropic: string
  readonly openai: string
  readonly google: string
}

export interface FromEnvironment {
  readonly settings: Settings
  readonly problems: ReadonlyArray<ConfigProblem>
}

/** Is there a key of any vendor? */
export const hasVendorKeys = (env: Environment): boolean =>
  environmentRows.some((row) => keysInEnvironment(row, env).length > 0)

/** The vendors with a key, in the table's order. */
export const settingsFromKeys = (env: Environment): FromEnvironment => {
  const providers: Array<ProviderSpec> = []
  const providersOff: Array<{ readonly id: string; readonly why: string }> = []
  const problems: Array<ConfigProblem> = []
  const warnings: Array<string> = []
  for (const row of environmentRows) {
    const keys = keysInEnvironment(row, env)
    if (keys.length === 0) {
      providersOff.push({ id: row.id, why: `${row.keys.join(" and ")} ${row.keys.length > 1 ? "are" : "is"} not set` })
      continue
    }
    for (const { key, variable } of keys) {
      if (!isCredential(Redacted.value(key))) problems.push(environmentProblem(variable, "a text", credentialExpected))
    }
    const baseUrl = row.baseUrl === undefined ? undefined : lookup(env, row.baseUrl)
    if (row.baseUrl !== undefined && baseUrl === undefined) {
      const why = `${row.baseUrl} is not set`
      providersOff.push({ id: row.id, why })
      warnings.push(`provider "${row.id}" is off: ${why}`)
      continue
    }
    if (row.baseUrl !== undefined && baseUrl !== undefined && parseHttpUrl(baseUrl) === undefined) {
      problems.push(environmentProblem(row.baseUrl, "a text", "an http or https URL"))
    }
    const apiVersion = row.apiVersion === undefined ? undefined : lookup(env, row.apiVersion)
    const apiKeys = keys.map(({ key }) => key)
    providers.push(specOf(row, apiKeys, baseUrl, apiVersion))
  }
  return finish(env, { providers, providersOff, source: "environment", warnings }, problems)
}

/** The three imitations. */
export const settingsFromSimulators = (env: Environment, urls: SimulatorUrls): FromEnvironment => {
  const providers = (["anthropic", "openai", "google"] as const).flatMap((kind) =>
    environmentRows
      .filter((row) => row.kind === kind)
      .map((row) => specOf(row, [Redacted.make("simulated", { label: "simulated" })], urls[kind], undefined))
  )
  const warning =
    "neither a config file nor a vendor's key was found: built-in SIMULATORS of Anthropic, OpenAI and Gemini answer, " +
    "and what they say is made up; set ANTHROPIC_API_KEY, OPENAI_API_KEY, GEMINI_API_KEY or another vendor's key for real answers"
  return finish(env, { providers, providersOff: [], source: "simulators", warnings: [warning] }, [])
}

const finish = (
  env: Environment,
  part: Pick<Settings, "providers" | "providersOff" | "source" | "warnings">,
  found: ReadonlyArray<ConfigProblem>
): FromEnvironment => {
  const overrides = overridesOf(env)
  const access = accessOf(env)
  const host = overrides.host ?? defaultServer.host
  const { problems: sqliteProblems, sqlite } = sqliteOf(env)
  const problems = [...found, ...overrides.problems, ...access.problems, ...sqliteProblems]
  // whether the database holds keys is known once it is open
  if (sqlite === undefined && isOpenToAll(host, access.keys.length)) {
    const expected = openExpected("a client key in SWITCHYARD_KEY or keys in a database (SWITCHYARD_SQLITE)")
    problems.push(environmentProblem("SWITCHYARD_HOST", JSON.stringify(host.slice(0, 60)), expected))
  }
  const settings: Settings = {
    server: { ...defaultServer, host, port: overrides.port ?? defaultServer.port, adminKey: access.adminKey },
    providers: part.providers,
    providersOff: part.providersOff,
    aliases: [...aliasOver("smart", part.providers), ...aliasOver("fast", part.providers)],
    facts: new Map(),
    resilience: defaultResilience,
    storage: { sqlite },
    keys: access.keys,
    source: part.source,
    warnings: [...part.warnings, ...access.warnings]
  }
  return { settings, problems }
}

const aliasOver = (name: "smart" | "fast", providers: ReadonlyArray<ProviderSpec>): ReadonlyArray<Alias> => {
  const targets = providers.flatMap(({ id }) => {
    const model = environmentRows.find((row) => row.id === id)?.[name]
    return model === undefined ? [] : [`${id}/${model}`]
  })
  return targets.length === 0 ? [] : [{ name, strategy: "priority", targets }]
}

const specOf = (
  row: EnvironmentRow,
  apiKeys: ReadonlyArray<Redacted.Redacted<string>>,
  baseUrl: string | undefined,
  apiVersion: string | undefined
): ProviderSpec => ({
  id: row.id,
  kind: row.kind,
  apiKeys,
  baseUrl: baseUrl?.replace(/\/+$/, ""),
  apiVersion,
  deployments: {},
  headers: {},
  failureDomain: undefined,
  region: undefined,
  models: []
})
