/**
 * The `providers` section made into `ProviderSpec`s: which are on, which are off and why, what is wrong with them. And a
 * single entry that comes from elsewhere than the file.
 *
 * A provider whose key asks for a variable that is not set is off, with a warning; of several keys those are left out.
 * What else such a provider asks of the environment no longer matters.
 *
 * @module
 */
import { Redacted, Result } from "effect"
import { isJsonObject, parseJson } from "../domain/Json.ts"
import type { ConfigFile, ProviderEntry } from "./ConfigFile.ts"
import { decodeProvider } from "./decode.ts"
import { type Finding, problemAt } from "./diagnose.ts"
import { environmentRowOf } from "./EnvironmentKeys.ts"
import { isCredential, parseHttpUrl, regionOf } from "./notation.ts"
import type { ProviderKind, ProviderSpec } from "./ProviderSpec.ts"
import { limitsOf } from "./sections.ts"
import { credentialExpected } from "./serverFromEnvironment.ts"
import { defaultRole, type ProviderRole } from "./Settings.ts"
import { type Path, pathKey, readPlain, type Source } from "./Source.ts"

export interface ResolvedProviders {
  readonly on: ReadonlyArray<ProviderSpec>
  readonly off: ReadonlyArray<{ readonly id: string; readonly why: string }>
  /** Of those that are on, where the file says something of it. */
  readonly roles: ReadonlyMap<string, ProviderRole>
  readonly findings: ReadonlyArray<Finding>
  readonly warnings: ReadonlyArray<string>
}

/** Servers of one's own, which ask for no key. */
const keyless: ReadonlySet<ProviderKind> = new Set(["ollama", "vllm", "lmstudio", "openai-compatible"])
/** Kinds that name no address by themselves. */
const addressless: ReadonlySet<ProviderKind> = new Set(["azure-openai", "openai-compatible"])

const headerName = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/
const headerValue = /^[\t\x20-\x7e]*$/

/**
 * Headers that are the connection's and not the caller's to set: those of one hop (RFC 9110, 7.6.1, and the older ones of
 * its kind), those that frame a message, and those that change what the other side waits for.
 */
const ofTheConnection: ReadonlySet<string> = new Set([
  "connection",
  "content-encoding",
  "content-length",
  "expect",
  "host",
  "http2-settings",
  "keep-alive",
  "proxy-authenticate",
  "proxy-authorization",
  "proxy-connection",
  "te",
  "trailer",
  "transfer-encoding",
  "upgrade"
])

export const resolveProviders = (providers: ConfigFile["providers"], source: Source): ResolvedProviders => {
  const on: Array<ProviderSpec> = []
  const off: Array<{ readonly id: string; readonly why: string }> = []
  const roles = new Map<string, ProviderRole>()
  const findings: Array<Finding> = []
  const warnings: Array<string> = []
  for (const [id, entry] of Object.entries(providers)) {
    const place: Place = { base: ["providers", id], source, example: exampleKey(entry.kind) }
    if (!isId(id)) {
      findings.push({ path: place.base, atKey: true, ...anotherId })
      continue
    }
    const keys = keysOf(id, entry, place)
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
    findings.push(...checkEntry(entry, place))
    on.push(toSpec(id, entry, keys.set))
    if (entry.state !== undefined || entry.weight !== undefined) roles.set(id, roleOf(entry))
  }
  return { on, off, roles, findings, warnings }
}

export interface ResolvedProvider {
  readonly spec: ProviderSpec
  readonly role: ProviderRole
}

/** What is wrong with one entry. `path` is within the entry (`baseUrl`, `apiKey.0`), empty for all of it, or `id`. */
export interface ProviderProblem {
  readonly path: string
  readonly expected: string
  readonly found: string
  readonly hint?: string
}

/**
 * One entry as it would stand under its id in the file, from a caller who is not the file's author: `${NAME}` is refused,
 * so that nobody reads the environment through it. What is wrong is told at once, the first 20 and how many more there are,
 * without quoting a secret.
 */
export const resolveProvider = (
  id: string,
  entry: unknown
): Result.Result<ResolvedProvider, ReadonlyArray<ProviderProblem>> => {
  // of an empty environment every variable is unset
  const source = readPlain("entry", entry, {})
  const { problems: shapeProblems, value } = decodeProvider(source)
  const problems: Array<ProviderProblem> = isId(id) ? [] : [{ path: "id", ...anotherId }]
  problems.push(...source.problems, ...shapeProblems)
  for (const { path } of source.unset.values()) {
    const found = "a reference to the environment"
    problems.push(problemAt(source, { path, found, expected: "the value itself, or $${ for a plain ${" }))
  }
  if (value === undefined) return Result.fail(onePerPath(problems))
  const place: Place = { base: [], source, example: "a key" }
  const keys = keysOf(id, value, place)
  for (const finding of [...keys.findings, ...checkEntry(value, place)]) problems.push(problemAt(source, finding))
  return problems.length > 0
    ? Result.fail(onePerPath(problems))
    : Result.succeed({ spec: toSpec(id, value, keys.set), role: roleOf(value) })
}

/** One problem a path, and no more than an answer can hold. */
const onePerPath = (problems: ReadonlyArray<ProviderProblem>): ReadonlyArray<ProviderProblem> => {
  const first = new Map<string, ProviderProblem>()
  for (const { expected, found, hint, path } of problems) {
    if (!first.has(path)) first.set(path, { path, expected, found, ...(hint === undefined ? {} : { hint }) })
  }
  const all = [...first.values()]
  const more = all.length - mostTold
  return more > 0
    ? [...all.slice(0, mostTold), { path: "", expected: "nothing wrong beyond these", found: `${more} more` }]
    : all
}

/** How many problems of an entry are told before they are only counted. */
const mostTold = 20

const isId = (id: string): boolean => /^[A-Za-z0-9][A-Za-z0-9._-]*$/.test(id)
const anotherId = { found: "another id", expected: "an id of letters, digits, dots, dashes and underscores" }

/** Where an entry stands, and what a key may be written as there. */
interface Place {
  readonly base: Path
  readonly source: Source
  readonly example: string
}

const exampleKey = (kind: ProviderKind): string =>
  `a key, such as "\${${environmentRowOf(kind)?.keys[0] ?? "API_KEY"}}"`

const roleOf = ({ state, weight }: ProviderEntry): ProviderRole => ({
  state: state ?? defaultRole.state,
  weight: weight ?? defaultRole.weight
})

interface Keys {
  readonly set: ReadonlyArray<Redacted.Redacted<string>>
  readonly unset: ReadonlyArray<string>
  readonly findings: ReadonlyArray<Finding>
}

const keysOf = (id: string, entry: ProviderEntry, { base: above, source }: Place): Keys => {
  const base: Path = [...above, "apiKey"]
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
  const { serviceAccount } = entry
  if (serviceAccount !== undefined) {
    const path: Path = [...above, "serviceAccount"]
    const missing = source.unset.get(pathKey(path))
    if (missing !== undefined) unset.push(...missing.names)
    else if (entry.kind !== "vertex") findings.push({ path, found: "one", expected: "a provider of the kind vertex" })
    else if (!isKeyFile(serviceAccount)) findings.push({ path, found: "a text", expected: keyFileExpected })
    else set.push(Redacted.make(serviceAccount, { label: `${id} service account` }))
  }
  return { set, unset, findings }
}

const keyFileExpected = "the text of a service account's key file, which is JSON (not its path)"

const isKeyFile = (text: string): boolean => {
  const file = parseJson(text)
  return isJsonObject(file) && file["type"] === "service_account"
}

const projectName = /^[\w.:-]+$/
const locationName = /^[a-z0-9-]+$/

const checkEntry = (entry: ProviderEntry, { base, example, source }: Place): ReadonlyArray<Finding> => {
  const findings: Array<Finding> = []
  const at = (...rest: ReadonlyArray<string>): Path => [...base, ...rest]
  // said to be unset already, and its text is still the reference
  const known = (path: Path): boolean => !source.unset.has(pathKey(path))
  if (entry.project !== undefined && known(at("project")) && !projectName.test(entry.project))
    findings.push({ path: at("project"), found: "a text", expected: "a project's id" })
  if (entry.location !== undefined && known(at("location")) && !locationName.test(entry.location))
    findings.push({ path: at("location"), found: "a text", expected: "a location such as global or europe-west4" })
  if (entry.kind === "vertex") {
    if (entry.apiKey === undefined && entry.serviceAccount === undefined && entry.baseUrl === undefined)
      findings.push({ path: at("apiKey"), expected: `${example}, or a serviceAccount in its place` })
  } else if (entry.apiKey === undefined && entry.baseUrl === undefined && !keyless.has(entry.kind)) {
    findings.push({ path: at("apiKey"), expected: example })
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
    } else if (ofTheConnection.has(name.toLowerCase())) {
      findings.push({
        path,
        atKey: true,
        found: "a header of the connection",
        expected: "a header of the request: framing and connection are the gateway's own"
      })
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
  ...(entry.project === undefined ? {} : { project: entry.project }),
  ...(entry.location === undefined ? {} : { location: entry.location }),
  deployments: entry.deployments ?? {},
  headers: entry.headers ?? {},
  failureDomain: entry.failureDomain,
  region: entry.region === undefined ? undefined : regionOf(entry.region),
  models: entry.models ?? [],
  ...(entry.limits === undefined ? {} : { limits: limitsOf(entry.limits) })
})
