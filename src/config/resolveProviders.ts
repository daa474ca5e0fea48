/**
 * The `providers` section made into `ProviderSpec`s: which are on, which are off and why, what is wrong with them.
 *
 * A provider whose key asks for a variable that is not set is off, with a warning; of several keys those are left out.
 * What else such a provider asks of the environment no longer matters.
 *
 * @module
 */
import { Redacted } from "effect"
import type { ConfigFile, ProviderEntry } from "./ConfigFile.ts"
import type { Finding } from "./diagnose.ts"
import { environmentRowOf } from "./EnvironmentKeys.ts"
import { isCredential, parseHttpUrl } from "./notation.ts"
import type { ProviderKind, ProviderSpec } from "./ProviderSpec.ts"
import { type Path, pathKey, type Source } from "./Source.ts"
import { credentialExpected } from "./serverFromEnvironment.ts"

export interface ResolvedProviders {
  readonly on: ReadonlyArray<ProviderSpec>
  readonly off: ReadonlyArray<{ readonly id: string; readonly why: string }>
  readonly findings: ReadonlyArray<Finding>
  readonly warnings: ReadonlyArray<string>
}

/** Servers of one's own, which ask for no key. */
const keyless: ReadonlySet<ProviderKind> = new Set(["ollama", "vllm", "lmstudio", "openai-compatible"])
/** Kinds that name no address by themselves. */
const addressless: ReadonlySet<ProviderKind> = new Set(["azure-openai", "openai-compatible"])

const headerName = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/
const headerValue = /^[\t\x20-\x7e]*$/

export const resolveProviders = (providers: ConfigFile["providers"], source: Source): ResolvedProviders => {
  const on: Array<ProviderSpec> = []
  const off: Array<{ readonly id: string; readonly why: string }> = []
  const findings: Array<Finding> = []
  const warnings: Array<string> = []
  for (const [id, entry] of Object.entries(providers)) {
    if (!/^[A-Za-z0-9][A-Za-z0-9._-]*$/.test(id)) {
      const expected = "an id of letters, digits, dots, dashes and underscores"
      findings.push({ path: ["providers", id], atKey: true, found: "another id", expected })
      continue
    }
    const keys = keysOf(id, entry, source)
    findings.push(...keys.findings)
    if (keys.unset.length > 0) {
      const names = `${keys.unset.map((name) => `\${${name}}`).join(", ")} ${keys.unset.length > 1 ? "are" : "is"} not set`
      if (keys.set.length === 0) {
        off.push({ id, why: names })
        warnings.push(`provider "${id}" is off: ${names}`)
        continue
      }
      warnings.push(`provider "${id}" goes without some of its keys: ${names}`)
    }
    findings.push(...checkEntry(id, entry, source))
    if (entry.limits !== undefined) {
      warnings.push(`providers.${id}.limits has no effect in this version`)
    }
    if (entry.region !== undefined) warnings.push(`providers.${id}.region has no effect in this version`)
    on.push(toSpec(id, entry, keys.set))
  }
  return { on, off, findings, warnings }
}

interface Keys {
  readonly set: ReadonlyArray<Redacted.Redacted<string>>
  readonly unset: ReadonlyArray<string>
  readonly findings: ReadonlyArray<Finding>
}

const keysOf = (id: string, entry: ProviderEntry, source: Source): Keys => {
  const base: Path = ["providers", id, "apiKey"]
  const written = entry.apiKey
  const values: ReadonlyArray<readonly [path: Path, value: string]> =
    written === undefined
      ? []
      : typeof written === "string"
        ? [[base, written]]
        : written.map((value, index) => [[...base, index], value])
  const set: Array<Redacted.Redacted<string>> = []
  const unset: Array<string> = []
  const findings: Array<Finding> = []
  for (const [path, value] of values) {
    const missing = source.unset.get(pathKey(path))
    if (missing !== undefined) unset.push(...missing.names)
    else if (!isCredential(value)) findings.push({ path, found: "a text", expected: credentialExpected })
    else set.push(Redacted.make(value, { label: `${id} key` }))
  }
  return { set, unset, findings }
}

const checkEntry = (id: string, entry: ProviderEntry, source: Source): ReadonlyArray<Finding> => {
  const findings: Array<Finding> = []
  const at = (...rest: ReadonlyArray<string>): Path => ["providers", id, ...rest]
  // said to be unset already, and its text is still the reference
  const known = (path: Path): boolean => !source.unset.has(pathKey(path))
  if (entry.apiKey === undefined && entry.baseUrl === undefined && !keyless.has(entry.kind)) {
    const variable = environmentRowOf(entry.kind)?.keys[0] ?? "API_KEY"
    findings.push({ path: at("apiKey"), expected: `a key, such as "\${${variable}}"` })
  }
  if (entry.baseUrl === undefined && addressless.has(entry.kind)) {
    findings.push({ path: at("baseUrl"), expected: `an http or https URL: ${entry.kind} has no address of its own` })
  }
  if (entry.baseUrl !== undefined && known(at("baseUrl")) && parseHttpUrl(entry.baseUrl) === undefined) {
    findings.push({ path: at("baseUrl"), expected: "an http or https URL" })
  }
  for (const [name, value] of Object.entries(entry.headers ?? {})) {
    const path = at("headers", name)
    if (!headerName.test(name)) {
      findings.push({ path, atKey: true, found: "another name", expected: "a header's name" })
    } else if (known(path) && !headerValue.test(value)) {
      findings.push({ path, found: "a text", expected: "printable ASCII characters" })
    }
  }
  return findings
}

const toSpec = (id: string, entry: ProviderEntry, apiKeys: ReadonlyArray<Redacted.Redacted<string>>): ProviderSpec => ({
  id,
  kind: entry.kind,
  apiKeys,
  baseUrl: entry.baseUrl?.replace(/\/+$/, ""),
  apiVersion: entry.apiVersion,
  deployments: entry.deployments ?? {},
  headers: entry.headers ?? {},
  failureDomain: entry.failureDomain,
  region: entry.region,
  models: entry.models ?? [],
  ...(entry.limits === undefined
    ? {}
    : {
        limits: {
          requestsPerMinute: entry.limits.requestsPerMinute,
          tokensPerMinute: entry.limits.tokensPerMinute
        }
      })
})
