/**
 * Finds the configuration and loads it: a file that is named, else the one in `SWITCHYARD_CONFIG`, else the vendors'
 * keys in the environment, else simulated vendors.
 *
 * `.yaml`, `.yml` and `.json` files are data; the default export of a `.ts`, `.mts`, `.js` or `.mjs` file is too, and
 * its errors have no lines. A module that changed is read again when it is loaded again (see `importModule`); the modules
 * it imports are not: a configuration that shall be reloaded is one file.
 *
 * @module
 */
import { Effect, FileSystem } from "effect"
import { createRequire } from "node:module"
import { pathToFileURL } from "node:url"
import { ConfigError, type ConfigProblem } from "./ConfigError.ts"
import { type Misplaced, misplacedDatabase } from "./checkStorage.ts"
import { decodeConfig } from "./decode.ts"
import { problemAt } from "./diagnose.ts"
import { hasVendorKeys, settingsFromKeys, settingsFromSimulators, type SimulatorUrls } from "./environment.ts"
import { fingerprintOf } from "./fingerprint.ts"
import { nameOfError } from "./nameOfError.ts"
import { type Environment, lookup } from "./interpolate.ts"
import { resolve, sqlitePath } from "./resolve.ts"
import { environmentProblem, sqliteVariable } from "./serverFromEnvironment.ts"
import type { Settings } from "./Settings.ts"
import { readPlain, readYaml, type Source } from "./Source.ts"

export interface LoadOptions<E, R> {
  /** The config file; absent: `SWITCHYARD_CONFIG`, or no file. */
  readonly path?: string | undefined
  readonly env: Environment
  /** Starts the simulated vendors; run only when nothing else is configured. Absent: that is an error. */
  readonly simulators?: Effect.Effect<SimulatorUrls, E, R>
}

/** The settings, or a `ConfigError` with everything that is wrong. */
export const loadSettings = <E = never, R = never>(
  options: LoadOptions<E, R>
): Effect.Effect<Settings, ConfigError | E, FileSystem.FileSystem | R> =>
  Effect.gen(function* () {
    const { env } = options
    const path = options.path ?? lookup(env, "SWITCHYARD_CONFIG")
    if (path !== undefined) {
      return yield* fromFile(path, env)
    }
    const ofVariable = ({ expected, found }: Misplaced) => environmentProblem(sqliteVariable, found, expected)
    if (hasVendorKeys(env)) return yield* settled(settingsFromKeys(env), ofVariable)
    if (options.simulators !== undefined) {
      return yield* settled(settingsFromSimulators(env, yield* options.simulators), ofVariable)
    }
    return yield* fail([
      {
        file: "environment",
        path: "",
        found: "neither a config file nor a vendor's key",
        expected: "SWITCHYARD_CONFIG, or a key such as ANTHROPIC_API_KEY, OPENAI_API_KEY or GEMINI_API_KEY"
      }
    ])
  })

/**
 * The settings of a file. What breaks unforeseen on the way is an error of the configuration too, told by its name alone:
 * its words may quote the file.
 */
const fromFile = (path: string, env: Environment): Effect.Effect<Settings, ConfigError, FileSystem.FileSystem> =>
  Effect.gen(function* () {
    const source = yield* readSource(path, env)
    return yield* settled(settingsFromSource(source, env), ({ expected, found }) =>
      problemAt(source, { path: sqlitePath, found, expected })
    )
  }).pipe(
    Effect.catchDefect((defect) =>
      fail([
        {
          file: path,
          path: "",
          found: `something that could not be dealt with (${nameOfError(defect)})`,
          expected: "a configuration"
        }
      ])
    )
  )

export interface Loaded {
  /** Absent where too little of the file could be read. */
  readonly settings: Settings | undefined
  readonly problems: ReadonlyArray<ConfigProblem>
}

/** The pure part of loading a file: the settings, and everything that is wrong. */
export const settingsFromSource = (source: Source, env: Environment): Loaded => {
  if (source.problems.length > 0) return { settings: undefined, problems: source.problems }
  const { problems, value: config } = decodeConfig(source)
  if (config === undefined) return { settings: undefined, problems }
  const resolved = resolve(config, source, env, problems)
  return { settings: resolved.settings, problems: inOrder(distinct([...problems, ...resolved.problems])) }
}

/** The settings, unless something is wrong with them, or the database cannot lie where it is to. */
const settled = (
  { problems, settings }: Loaded,
  tell: (misplaced: Misplaced) => ConfigProblem
): Effect.Effect<Settings, ConfigError, FileSystem.FileSystem> =>
  Effect.gen(function* () {
    const sqlite = settings?.storage?.sqlite
    const misplaced = sqlite === undefined ? undefined : yield* misplacedDatabase(sqlite)
    const all = misplaced === undefined ? problems : inOrder(distinct([...problems, tell(misplaced)]))
    return all.length > 0 || settings === undefined ? yield* fail(all) : settings
  })

const fail = (problems: ReadonlyArray<ConfigProblem>): Effect.Effect<never, ConfigError> => {
  const [first, ...rest] = problems
  const unreadable = { file: "config", path: "", found: "nothing readable", expected: "a configuration" }
  return Effect.fail(new ConfigError({ problems: [first ?? unreadable, ...rest] }))
}

/** One problem a path: the Schema's word before any other. */
const distinct = (problems: ReadonlyArray<ConfigProblem>): ReadonlyArray<ConfigProblem> => {
  const seen = new Set<string>()
  return problems.filter(({ file, path }) => {
    const key = `${file}\n${path}`
    return !seen.has(key) && seen.add(key)
  })
}

const inOrder = (problems: ReadonlyArray<ConfigProblem>): ReadonlyArray<ConfigProblem> =>
  problems.toSorted((a, b) => (a.line ?? 0) - (b.line ?? 0) || (a.column ?? 0) - (b.column ?? 0))

const isModule = /\.[mc]?[jt]s$/

const readSource = (path: string, env: Environment): Effect.Effect<Source, ConfigError, FileSystem.FileSystem> =>
  Effect.gen(function* () {
    const fs = yield* FileSystem.FileSystem
    const text = yield* fs.readFileString(path).pipe(
      Effect.catch((error) => {
        const found =
          error.reason._tag === "NotFound" ? "no such file" : `a file that cannot be read (${error.reason._tag})`
        return fail([{ file: path, path: "", found, expected: "a YAML or JSON file, or a module" }])
      })
    )
    if (!isModule.test(path)) return readYaml(path, text, env)
    return readPlain(path, yield* importModule(path, fingerprintOf(text)), env)
  })

const require = createRequire(import.meta.url)

/** Takes a CommonJS module out of Node's memory, which knows it by its file and not by its URL. */
const forget = (path: string): Effect.Effect<void, never, FileSystem.FileSystem> =>
  Effect.gen(function* () {
    const fs = yield* FileSystem.FileSystem
    const real = yield* fs.realPath(path).pipe(Effect.orElseSucceed(() => path))
    Reflect.deleteProperty(require.cache, real)
  })

/**
 * The module's default export. Of an error only its kind is told: its text may quote the module.
 *
 * Node keeps every module it has loaded, by its URL, for as long as it runs. The text's fingerprint in the URL makes a
 * changed module another one, and an unchanged one the same; what is left behind is one instance of the module for
 * every version of it that was loaded. What it imports bears no fingerprint and is not read again.
 */
const importModule = (path: string, version: string): Effect.Effect<unknown, ConfigError, FileSystem.FileSystem> =>
  Effect.tryPromise({
    try: (): Promise<unknown> => import(`${pathToFileURL(path).href}?v=${version}`),
    catch: (error) =>
      new ConfigError({
        problems: [
          {
            file: path,
            path: "",
            found: `a module that cannot be loaded (${nameOfError(error)})`,
            expected: "a module that exports the configuration as default"
          }
        ]
      })
  }).pipe(
    (loading) => Effect.andThen(forget(path), loading),
    Effect.flatMap((module) =>
      typeof module === "object" && module !== null && "default" in module
        ? Effect.succeed(module.default)
        : fail([{ file: path, path: "", found: "no default export", expected: "the configuration as default export" }])
    )
  )
