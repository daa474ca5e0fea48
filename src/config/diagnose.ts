/**
 * From "the value at this path is not right" to a problem an operator can act on: the place in the file, what stands
 * there, what was expected, and the nearest known name.
 *
 * Secrets: a value is shown as the file has it, so a `${NAME}` is never resolved; values under the keys of
 * `secretFields`, values that look like a vendor's key, and texts standing where a mapping or list belongs are described
 * ("a text") and not shown.
 *
 * @module
 */
import { type SchemaAST, type SchemaIssue } from "effect"
import type { ConfigProblem } from "./ConfigError.ts"
import { nearest } from "./nearest.ts"
import { type Path, type Place, pathKey, type Source } from "./Source.ts"

const secretFields = new Set(["apiKey", "adminKey", "key", "headers", "url", "redis", "postgres"])

/** How keys of the common vendors begin, and anything long without a space that mixes letters and digits at random. */
const looksSecret =
  /^(sk|gsk|xai|pplx|csk|fw|tgp|AIza|Bearer|ghp|key)[-_ A-Z0-9]|^[A-Za-z0-9+/_-]{32,}={0,2}$|\/\/[^/]*@/

const longestShown = 60

/** What stands there, in words; shown only where it cannot be a secret. */
export const describeFound = (raw: unknown, secret: boolean): string => {
  if (raw === undefined) return "nothing"
  if (raw === null) return "nothing (null)"
  if (Array.isArray(raw)) return raw.length === 0 ? "an empty list" : "a list"
  switch (typeof raw) {
    case "string":
      if (raw === "") return "an empty text"
      return secret || raw.length > longestShown || looksSecret.test(raw)
        ? "a text"
        : `${JSON.stringify(raw)} (a string)`
    case "number":
      return secret ? "a number" : `${raw} (a number)`
    case "boolean":
      return `${raw} (a boolean)`
    case "object":
      return "a mapping"
    default:
      return `a ${typeof raw}`
  }
}

/** The deepest place known on the way to `path`. */
const placeOf = (source: Source, path: Path, prefer: "key" | "value"): Place | undefined => {
  for (let length = path.length; length >= 0; length--) {
    const places = source.places.get(pathKey(path.slice(0, length)))
    if (places === undefined) continue
    // what is missing inside a mapping is told at the mapping's own key
    return prefer === "value" && length === path.length ? places.value : (places.key ?? places.value)
  }
  return undefined
}

const isSecret = (path: Path): boolean => path.some((step) => typeof step === "string" && secretFields.has(step))

/** Names from the file that stand in a path are shown short, and not at all if they look like a key. */
const renderPath = (path: Path): string =>
  path
    .map((step) => (typeof step === "string" && (looksSecret.test(step) || step.length > longestShown) ? "…" : step))
    .join(".")

/** What is found where a field is not there. */
export const missing = "nothing"

export interface Finding {
  readonly path: Path
  readonly expected: string
  /** In place of what the file has at `path`. */
  readonly found?: string
  readonly hint?: string
  /** Point at the key rather than at its value. */
  readonly atKey?: boolean
}

/** A problem at a path of the source. */
export const problemAt = (source: Source, finding: Finding): ConfigProblem => {
  const place = placeOf(source, finding.path, finding.atKey === true ? "key" : "value")
  const raw = source.raw.get(pathKey(finding.path))
  const structural = /^(a mapping|a list|at least)/.test(finding.expected)
  return {
    file: source.file,
    ...(place === undefined ? {} : { line: place.line, column: place.column }),
    path: renderPath(finding.path),
    found: finding.found ?? describeFound(raw, structural || isSecret(finding.path)),
    expected: finding.expected,
    ...(finding.hint === undefined ? {} : { hint: finding.hint })
  }
}

/** `did you mean "smart"?`, or nothing where no candidate is near. */
export const didYouMean = (name: string, candidates: Iterable<string>): string | undefined => {
  const near = nearest(name, candidates, 3).map((candidate) => JSON.stringify(candidate))
  return near.length === 0 ? undefined : `did you mean ${near.join(" or ")}?`
}

/** Every leaf of a Schema issue as a finding, one a path. */
export const findingsOf = (source: Source, issue: SchemaIssue.Issue): ReadonlyArray<Finding> => {
  const byPath = new Map<string, Finding>()
  const add = (finding: Finding) => {
    const key = pathKey(finding.path)
    if (!byPath.has(key)) byPath.set(key, finding)
  }
  const walk = (issue: SchemaIssue.Issue, pointed: ReadonlyArray<PropertyKey>): void => {
    const path = pointed.map((step) => (typeof step === "symbol" ? String(step) : step))
    switch (issue._tag) {
      case "Pointer":
        return walk(issue.issue, [...pointed, ...issue.path])
      case "Composite":
        return issue.issues.forEach((inner) => walk(inner, pointed))
      case "AnyOf":
        if (issue.issues.length > 0) return issue.issues.forEach((inner) => walk(inner, pointed))
        return add({ path, expected: messageOf(issue.ast), ...hintFor(source, path, literalsOf(issue.ast)) })
      case "Encoding":
        return walk(issue.issue, pointed)
      case "Filter":
        return add({ path, expected: messageIn(issue.filter.annotations) ?? "another value" })
      case "MissingKey":
        return add({ path, found: missing, expected: messageIn(issue.annotations, "messageMissingKey") ?? "a value" })
      case "UnexpectedKey": {
        const known = issue.ast._tag === "Objects" ? issue.ast.propertySignatures.map(({ name }) => String(name)) : []
        const hint = didYouMean(String(path.at(-1) ?? ""), known)
        return add({
          path,
          atKey: true,
          found: "a key that is not known",
          expected: known.length === 0 ? "no such key" : `one of ${known.join(", ")}`,
          ...(hint === undefined ? {} : { hint })
        })
      }
      case "InvalidType":
      case "OneOf":
        return add({ path, expected: messageOf(issue.ast) })
      default:
        return add({ path, expected: "another value" })
    }
  }
  walk(issue, [])
  return [...byPath.values()]
}

const messageIn = (annotations: unknown, key: "message" | "messageMissingKey" = "message"): string | undefined => {
  if (typeof annotations !== "object" || annotations === null || !(key in annotations)) return undefined
  const message: unknown = Reflect.get(annotations, key)
  return typeof message === "string" ? message : undefined
}

const messageOf = (ast: SchemaAST.AST): string => messageIn(ast.annotations) ?? "another value"

const literalsOf = (ast: SchemaAST.AST): ReadonlyArray<string> =>
  ast._tag === "Union" ? ast.types.flatMap((type) => (type._tag === "Literal" ? [String(type.literal)] : [])) : []

const hintFor = (source: Source, path: Path, literals: ReadonlyArray<string>): { readonly hint?: string } => {
  const raw = source.raw.get(pathKey(path))
  const hint = typeof raw === "string" ? didYouMean(raw, literals) : undefined
  return hint === undefined ? {} : { hint }
}
