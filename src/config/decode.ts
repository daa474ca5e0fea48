/**
 * From a source to a value of the config's Schema (or of one provider's), or to everything that is wrong with it.
 *
 * @module
 */
import { Result, Schema, type SchemaIssue } from "effect"
import { ConfigFile, ProviderEntry } from "./ConfigFile.ts"
import type { ConfigProblem } from "./ConfigError.ts"
import { findingsOf, missing, problemAt } from "./diagnose.ts"
import { isWholeReference } from "./interpolate.ts"
import { type Path, pathKey, type Source } from "./Source.ts"

const options = { errors: "all", onExcessProperty: "error" } as const

const decodeFile = Schema.decodeUnknownResult(ConfigFile, options)
const decodeEntry = Schema.decodeUnknownResult(ProviderEntry, options)

export interface Decoded<A> {
  /** The source's value; where something is wrong, what is left of it without the wrong parts, if anything is. */
  readonly value: A | undefined
  readonly problems: ReadonlyArray<ConfigProblem>
}

/** Reads the source as a whole config. */
export const decodeConfig = (source: Source): Decoded<ConfigFile> =>
  decodeSource(source, source.value ?? {}, decodeFile)

/** Reads the source as one entry of the section `providers`. */
export const decodeProvider = (source: Source): Decoded<ProviderEntry> =>
  decodeSource(source, source.value, decodeEntry)

/**
 * A `${NAME}` that stands alone where a number or a boolean belongs is read as one
 * (`port: ${PORT}`): a scalar stays a scalar. What is wrong is cut out, so that the rest can be checked in the same run.
 */
const decodeSource = <A>(
  source: Source,
  value: unknown,
  decodeUnknown: (value: unknown) => Result.Result<A, Schema.SchemaError>
): Decoded<A> => {
  const decode = (input: unknown): Result.Result<A, SchemaIssue.Issue> =>
    Result.mapError(decodeUnknown(input), (error) => error.issue)
  const first = decode(value)
  if (Result.isSuccess(first)) return { value: first.success, problems: [] }
  let changed = false
  for (const { path } of findingsOf(source, first.failure)) {
    const raw = source.raw.get(pathKey(path))
    if (typeof raw !== "string" || !isWholeReference(raw) || source.unset.has(pathKey(path))) continue
    changed = retype(value, path) || changed
  }
  let attempt = changed ? decode(value) : first
  const problems = Result.isSuccess(attempt)
    ? []
    : findingsOf(source, attempt.failure).map((finding) => problemAt(source, finding))
  for (let round = 0; round < mostRounds && Result.isFailure(attempt); round++) {
    for (const { path, found } of findingsOf(source, attempt.failure)) {
      prune(value, found === missing ? path.slice(0, -1) : path)
    }
    attempt = decode(value)
  }
  return { value: Result.isSuccess(attempt) ? attempt.success : undefined, problems }
}

/** Cutting out a field may leave its mapping without a field it needs: so many times what is left is looked at again. */
const mostRounds = 6

/** Takes away what is at `path`; a list goes as a whole, so that the places of its other items keep their meaning. */
const prune = (root: unknown, path: Path): void => {
  const end = path.findIndex((step) => typeof step === "number")
  const whole = end === -1 ? path : path.slice(0, end)
  let holder: unknown = root
  for (const step of whole.slice(0, -1)) holder = get(holder, step)
  const last = whole.at(-1)
  if (typeof holder === "object" && holder !== null && last !== undefined) Reflect.deleteProperty(holder, last)
}

/** Turns the text at `path` into the number or boolean it spells; `false` where it spells neither. */
const retype = (root: unknown, path: Path): boolean => {
  let holder: unknown = root
  for (const step of path.slice(0, -1)) holder = get(holder, step)
  const last = path.at(-1)
  if (typeof holder !== "object" || holder === null || last === undefined) return false
  const text = get(holder, last)
  if (typeof text !== "string") return false
  const spelled = /^(true|false)$/.test(text)
    ? text === "true"
    : /^-?\d+(\.\d+)?$/.test(text)
      ? Number(text)
      : undefined
  return spelled !== undefined && Reflect.set(holder, last, spelled)
}

const get = (holder: unknown, step: string | number): unknown =>
  typeof holder === "object" && holder !== null && Object.hasOwn(holder, step) ? Reflect.get(holder, step) : undefined
