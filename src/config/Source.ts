/**
 * A config as plain data that remembers where it stood: YAML and JSON with lines and columns, a module's export without.
 *
 * Strings are interpolated on the way (see `interpolate.ts`), the original kept for messages. Anchors and aliases are
 * followed; circles, unknown tags, several documents and bombs of aliases are problems, not hangs.
 *
 * @module
 */
import { isAlias, isMap, isScalar, isSeq, LineCounter, parseDocument, type Document } from "yaml"
import type { ConfigProblem } from "./ConfigError.ts"
import { type Environment, interpolate } from "./interpolate.ts"
import { nameOfError } from "./nameOfError.ts"

export type Path = ReadonlyArray<string | number>

export interface Place {
  readonly line: number
  readonly column: number
}

export interface Source {
  readonly file: string
  /** Mappings, lists and scalars; strings interpolated. A string with an unset variable stays as written. */
  readonly value: unknown
  /** What stands at a path in the file. */
  readonly raw: ReadonlyMap<string, unknown>
  readonly places: ReadonlyMap<string, { readonly key: Place | undefined; readonly value: Place }>
  /** Variables that are not set, by the path of the string that asks for them. */
  readonly unset: ReadonlyMap<string, { readonly path: Path; readonly names: ReadonlyArray<string> }>
  readonly problems: ReadonlyArray<ConfigProblem>
}

/** A path as a key of the maps above. */
export const pathKey = (path: Path): string => JSON.stringify(path)

/** More nodes than any config needs; fewer than a bomb of aliases makes. */
const mostNodes = 100_000

/** What yaml's error codes mean; its own messages quote the file, which may hold a secret. */
const syntaxErrors: Readonly<Record<string, readonly [found: string, expected: string]>> = {
  ALIAS_PROPS: ["an alias with a tag or an anchor", "an alias alone"],
  BAD_ALIAS: ["an alias without a usable name", "a name after *"],
  BAD_COLLECTION_TYPE: ["a tag that does not fit", "no tag"],
  BAD_DIRECTIVE: ["a directive that is not known", "no directive, or %YAML 1.2"],
  BAD_DQ_ESCAPE: ["an escape that is not known in a quoted string", "a YAML escape, or a doubled backslash"],
  BAD_INDENT: ["a wrong indentation", "the lines of one mapping or list to be indented alike, and brackets closed"],
  BAD_PROP_ORDER: ["an anchor or a tag in the wrong place", "it before the value"],
  BAD_SCALAR_START: ["a character no plain value may start with", "quotes around the value"],
  BLOCK_AS_IMPLICIT_KEY: ["a second colon, or a nested mapping on one line", "quotes, or a line of its own"],
  BLOCK_IN_FLOW: ["an indented block inside brackets", "commas and brackets only"],
  DUPLICATE_KEY: ["a key that stands twice in its mapping", "every key once"],
  MISSING_CHAR: ["a missing quote, comma, colon or bracket", "it closed"],
  MULTIPLE_DOCS: ["a second document", "one document"],
  MULTILINE_IMPLICIT_KEY: ["a key over several lines, or a missing colon", "a key and a colon on one line"],
  TAB_AS_INDENT: ["a tab as indentation", "spaces"],
  TAG_RESOLVE_FAILED: ["a tag that is not known", "no tag"],
  UNEXPECTED_TOKEN: ["text that does not belong here", "valid YAML"]
}

interface Collector {
  readonly file: string
  readonly env: Environment
  readonly raw: Map<string, unknown>
  readonly places: Map<string, { readonly key: Place | undefined; readonly value: Place }>
  readonly unset: Map<string, { readonly path: Path; readonly names: ReadonlyArray<string> }>
  readonly problems: Array<ConfigProblem>
  nodes: number
}

const collector = (file: string, env: Environment): Collector => ({
  file,
  env,
  raw: new Map(),
  places: new Map(),
  unset: new Map(),
  problems: [],
  nodes: 0
})

const finish = (into: Collector, value: unknown): Source => ({
  file: into.file,
  value,
  raw: into.raw,
  places: into.places,
  unset: into.unset,
  problems: into.problems
})

const complain = (into: Collector, path: Path, place: Place | undefined, found: string, expected: string): void => {
  into.problems.push({
    file: into.file,
    ...(place === undefined ? {} : { line: place.line, column: place.column }),
    path: path.join("."),
    found,
    expected
  })
}

/** Deeper than any config; shallower than the stack. */
const deepest = 100

/** Counts a node; `false` once there are too many (which is said once), or one lies too deep. */
const count = (into: Collector, path: Path, place: Place | undefined): boolean => {
  if (path.length > deepest) {
    complain(into, path.slice(0, 3), place, `values nested over ${deepest} deep`, "fewer")
    return false
  }
  into.nodes++
  if (into.nodes === mostNodes) complain(into, path, place, `over ${mostNodes} values`, "a smaller file")
  return into.nodes < mostNodes
}

const scalar = (into: Collector, path: Path, place: Place | undefined, value: unknown): unknown => {
  into.raw.set(pathKey(path), value)
  if (typeof value !== "string") return value
  const result = interpolate(value, into.env)
  switch (result._tag) {
    case "Text":
      return result.text
    case "Unset":
      into.unset.set(pathKey(path), { path, names: result.names })
      return value
    case "Malformed":
      complain(into, path, place, "a ${ that begins no variable", "${NAME}, or $${ for a plain ${")
      return value
  }
}

/** Sets also a key named `__proto__` as a plain property. */
const assign = (record: Record<string, unknown>, key: string, value: unknown): void => {
  Object.defineProperty(record, key, { value, enumerable: true, writable: true, configurable: true })
}

/** Reads YAML (and so JSON). Never throws; what is wrong is in `problems`. */
export const readYaml = (file: string, text: string, env: Environment): Source => {
  const lines = new LineCounter()
  const into = collector(file, env)
  const place = (offset: number): Place => {
    const { line, col } = lines.linePos(offset)
    return { line: Math.max(1, line), column: Math.max(1, col) }
  }
  // at the log level "silent" a second document would be no error
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false, version: "1.2", logLevel: "error" })
  for (const error of [...document.errors, ...document.warnings]) {
    const [found, expected] = syntaxErrors[error.code] ?? ["text that cannot be read", "valid YAML"]
    complain(into, [], place(error.pos[0]), found, expected)
  }
  if (into.problems.length > 0) return finish(into, undefined)
  return finish(into, walkYaml(into, document, place))
}

const walkYaml = (into: Collector, document: Document, place: (offset: number) => Place): unknown => {
  const walk = (node: unknown, path: Path, key: Place | undefined, above: ReadonlyArray<unknown>): unknown => {
    const at = rangeOf(node)
    const value = at === undefined ? (key ?? { line: 1, column: 1 }) : place(at)
    if (!into.places.has(pathKey(path))) into.places.set(pathKey(path), { key, value })
    if (!count(into, path, value)) return undefined
    if (isAlias(node)) {
      const target = node.resolve(document)
      if (target === undefined || above.includes(target)) {
        complain(into, path, value, "an alias of no anchor, or of one around it", "an anchor that stands before it")
        return undefined
      }
      return walk(target, path, key, above)
    }
    if (isMap(node)) {
      const record: Record<string, unknown> = {}
      for (const pair of node.items) {
        const keyOffset = rangeOf(pair.key)
        const keyPlace = keyOffset === undefined ? value : place(keyOffset)
        if (!isScalar(pair.key) || pair.key.value === null || typeof pair.key.value === "object") {
          complain(into, path, keyPlace, "a key that is no text", "a text")
          continue
        }
        const name = String(pair.key.value)
        assign(record, name, walk(pair.value, [...path, name], keyPlace, [...above, node]))
      }
      // a copy: what is wrong may be cut out of the value later, and this is the file as written
      into.raw.set(pathKey(path), { ...record })
      return record
    }
    if (isSeq(node)) {
      const list = node.items.map((item, index) => walk(item, [...path, index], undefined, [...above, node]))
      into.raw.set(pathKey(path), list)
      return list
    }
    return scalar(into, path, value, isScalar(node) ? node.value : null)
  }
  return walk(document.contents, [], undefined, [])
}

const rangeOf = (node: unknown): number | undefined =>
  isAlias(node) || isMap(node) || isSeq(node) || isScalar(node) ? node.range?.[0] : undefined

/** Reads a module's default export. Never throws, whatever code a value is read through; there are no lines. */
export const readPlain = (file: string, exported: unknown, env: Environment): Source => {
  const into = collector(file, env)
  const walk = (node: unknown, path: Path, above: ReadonlyArray<unknown>): unknown => {
    if (!count(into, path, undefined)) return undefined
    if (above.includes(node)) {
      complain(into, path, undefined, "a value that holds itself", "plain data")
      return undefined
    }
    if (Array.isArray(node)) {
      const list = node.map((item: unknown, index) => walk(item, [...path, index], [...above, node]))
      into.raw.set(pathKey(path), list)
      return list
    }
    if (typeof node === "object" && node !== null) {
      const record: Record<string, unknown> = {}
      for (const [key, value] of Object.entries(node)) {
        // an absent field may be written as `undefined` in a module
        if (value !== undefined) assign(record, key, walk(value, [...path, key], [...above, node]))
      }
      // a copy: what is wrong may be cut out of the value later, and this is the file as written
      into.raw.set(pathKey(path), { ...record })
      return record
    }
    return scalar(into, path, undefined, node)
  }
  try {
    return finish(into, walk(exported, [], []))
  } catch (error) {
    complain(into, [], undefined, `a value that cannot be read (${nameOfError(error)})`, "plain data")
    return finish(into, undefined)
  }
}
