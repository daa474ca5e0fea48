/**
 * The room check: imports within `src` point to lower floors only, rooms on one floor do not import each other, no
 * file takes part in a cycle, no file is a barrel but `index.ts`, and the habits that break determinism (a clock, a
 * random source or a timer that is not Effect's) do not occur.
 *
 * `node scripts/rooms.ts [folder]` prints every violation and exits 1 if there is one. The folder (default `src`) lets
 * the check be run on a planted violation.
 */
import { readdirSync, readFileSync } from "node:fs"
import { dirname, join, relative, resolve, sep } from "node:path"
import { fileURLToPath } from "node:url"

/** Rooms by floor; a file at the top of `src` stands above them all. */
const floors: ReadonlyArray<ReadonlyArray<string>> = [
  ["domain"],
  ["machine", "config"],
  ["dialect", "actor", "catalog", "storage"],
  ["provider", "health", "keys", "classifier", "budget", "cache", "guard", "output", "ledger", "observability"],
  ["routing"],
  ["gateway", "api"],
  ["server", "simulator", "rehearsal", "dashboard"],
  ["cli"]
]
const top = floors.length

/** What may only be had from Effect, and from where else it may come all the same. */
const habits: ReadonlyArray<{ readonly pattern: RegExp; readonly instead: string }> = [
  { pattern: /\bDate\.now\(|\bnew Date\(\)/, instead: "Effect's Clock" },
  { pattern: /\bperformance\.now\(/, instead: "Effect's Clock" },
  { pattern: /\bMath\.random\(/, instead: "Effect's Random" },
  { pattern: /\bset(?:Timeout|Interval)\(/, instead: "Effect.sleep" },
  { pattern: /@ts-(?:ignore|expect-error|nocheck)/, instead: "a type that is true" },
  {
    // V8 puts it into the old generation at once, and with it all that it knows of a request; see `Exchange.waits`
    pattern: /^\s*[\w#]+(?:\??\.[\w#]+)+ (?:\?\?)?= (?:\([^()]*\)|\w+)(?:: [^=]+)? =>/,
    instead: "a function that has a name or is handed over, not one written behind 'object.property ='"
  },
  { pattern: /^\s*(?:export )?async function|=\s*async \(|\bawait /, instead: "Effect" }
]

/** A line without its string literals, so that prose is not taken for code. */
const withoutStrings = (line: string): string => line.replace(/"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'|`[^`]*`/g, '""')

const withoutRegExps = (line: string): string => line.replace(/\/(?![/*])(?:[^/\\[]|\\.|\[[^\]]*\])+\/[a-z]*/g, "/x/")

const isComment = (line: string): boolean => /^\s*(?:\/\/|\*|\/\*)/.test(line)

/** An `as` that is not `as const`, not a renaming in an import, and not explained on its line or the one above. */
const isUnexplainedCast = (line: string, above: string): boolean => {
  const code = withoutStrings(line)
  return (
    /\sas (?!const\b)[A-Za-z{[(]/.test(withoutRegExps(code)) &&
    !/^\s*(?:import\b|export (?:type )?[{*])/.test(code) &&
    !/^\s*(?:type )?\w+ as \w+,?$/.test(code) &&
    !/\/[/*]/.test(code) &&
    !isComment(above)
  )
}

interface SourceFile {
  readonly path: string
  readonly lines: ReadonlyArray<string>
  readonly imports: ReadonlyArray<string>
}

const sourceFiles = (folder: string): ReadonlyArray<SourceFile> =>
  readdirSync(folder, { recursive: true, encoding: "utf8" })
    .filter((name) => /\.tsx?$/.test(name))
    .map((name) => {
      const path = resolve(folder, name)
      const text = readFileSync(path, "utf8")
      const imports = [...text.matchAll(/(?:from|import)\s*\(?\s*"(\.[^"]*)"/g)].flatMap(([, specifier]) =>
        specifier === undefined ? [] : [resolve(dirname(path), specifier)]
      )
      return { path, lines: text.split("\n"), imports }
    })

const roomOf = (folder: string, path: string): string => {
  const [room, ...rest] = relative(folder, path).split(sep)
  return room === undefined || rest.length === 0 ? "" : room
}

const floorOf = (room: string): number => (room === "" ? top : floors.findIndex((rooms) => rooms.includes(room)))

/** Every violation in `folder`, a sentence each. */
export const violations = (folder: string): ReadonlyArray<string> => {
  const files = sourceFiles(folder)
  const byPath = new Map(files.map((file) => [file.path, file]))
  const found: Array<string> = []
  for (const file of files) {
    const name = relative(dirname(folder), file.path)
    const room = roomOf(folder, file.path)
    const floor = floorOf(room)
    if (floor < 0) found.push(`${name}: '${room}' is no room of the house`)
    for (const target of file.imports) {
      if (relative(folder, target).startsWith("..")) continue
      const other = roomOf(folder, target)
      const otherFloor = floorOf(other)
      if (room === other) continue
      if (otherFloor > floor) found.push(`${name}: '${room}' imports '${other}', which stands above it`)
      else if (otherFloor === floor) found.push(`${name}: '${room}' imports '${other}', on the same floor`)
    }
    const body = file.lines.filter((line) => line.trim() !== "" && !isComment(line))
    if (
      !/^(?:index|testing)\.tsx?$/.test(relative(folder, file.path)) &&
      body.length > 0 &&
      body.every((line) => /^export .* from /.test(line))
    )
      found.push(`${name}: a barrel; only index.ts may be one`)
    for (const [index, line] of file.lines.entries()) {
      if (isComment(line)) continue
      for (const { pattern, instead } of habits)
        if (pattern.test(line)) found.push(`${name}:${index + 1}: '${line.trim()}': use ${instead}`)
      if (isUnexplainedCast(line, file.lines[index - 1] ?? ""))
        found.push(`${name}:${index + 1}: 'as' without a reason beside it: ${line.trim()}`)
    }
  }
  return [...found, ...cycles(folder, byPath)]
}

/** Cycles among the files, by depth-first search; each is told once, by the import that closes it. */
const cycles = (folder: string, files: ReadonlyMap<string, SourceFile>): ReadonlyArray<string> => {
  const found: Array<string> = []
  const done = new Set<string>()
  const visit = (path: string, trail: ReadonlyArray<string>): void => {
    const from = trail.indexOf(path)
    if (from >= 0) {
      const names = [...trail.slice(from), path].map((step) => relative(dirname(folder), step))
      found.push(`a cycle of imports: ${names.join(" → ")}`)
      return
    }
    if (done.has(path)) return
    for (const target of files.get(path)?.imports ?? []) if (files.has(target)) visit(target, [...trail, path])
    done.add(path)
  }
  for (const path of files.keys()) visit(path, [])
  return found
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const folder = resolve(process.argv[2] ?? join(dirname(fileURLToPath(import.meta.url)), "..", "src"))
  const found = violations(folder)
  for (const violation of found) console.error(violation)
  console.log(found.length === 0 ? "rooms: all imports point downward" : `rooms: ${found.length} violations`)
  process.exitCode = found.length === 0 ? 0 : 1
}
