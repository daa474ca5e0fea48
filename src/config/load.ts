/**
 * Finds the configuration and loads it: a file that is named, else the one in `SWITCHYARD_CONFIG`, else the vendors'
 * keys in the environment, else simulated vendors.
 *
 * `.yaml`, `.yml` and `.json` files are data; the default export of a `.ts`, `.mts`, `.js` or `.mjs` file is too, and
 * its errors have no lines. Node keeps a module it has loaded, so a changed module is read at the next start only.
 *
 * @module
 */
import { Effect, FileSystem } from "effect"
import { pathToFileURL } from "node:url"
import { ConfigError, type ConfigProblem } from "./ConfigError.ts"
import { decodeConfig } from "./decode.ts"
import { hasVendorKeys, settingsFromKeys, settingsFromSimulators, type SimulatorUrls } from "./environment.ts"
import { type Environment, lookup } from "./interpolate.ts"
import { resolve } from "./resolve.ts"
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
      const source = yield* readSource(path, env)
      return yield* settled(settingsFromSource(source, env))
    }
    if (hasVendorKeys(env)) return yield* settled(settingsFromKeys(env))
    if (options.simulators !== undefined) {
      return yield* settled(settingsFromSimulators(env, yield* options.simulators))
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

export interface Loaded {
  /** Absent where too little of the file could be read. */
  readonly settings: Settings | undefined
  readonly problems: ReadonlyArray<ConfigProblem>
}

/** The pure part of loading a file: the settings, and everything that is wrong. */
export const settingsFromSource = (source: Source, env: Environment): Loaded => {
  if (source.problems.length > 0) return { settings: undefined, problems: source.problems }
  const { config, problems } = decodeConfig(source)
  if (config === undefined) return { settings: undefined, problems }
  const resolved = resolve(config, source, env, problems)
  return { settings: resolved.settings, problems: inOrder(distinct([...problems, ...resolved.problems])) }
}

const settled = ({ problems, settings }: Loaded): Effect.Effect<Settings, ConfigError> =>
  problems.length > 0 || settings === undefined ? fail(problems) : Effect.succeed(settings)

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
  isModule.test(path)
    ? importModule(path).pipe(Effect.map((exported) => readPlain(path, exported, env)))
    : Effect.gen(function* () {
        const fs = yield* FileSystem.FileSystem
        const text = yield* fs.readFileString(path).pipe(
          Effect.catch((error) => {
            const found =
              error.reason._tag === "NotFound" ? "no such file" : `a file that cannot be read (${error.reason._tag})`
            return fail([{ file: path, path: "", found, expected: "a YAML or JSON file" }])
          })
        )
        return readYaml(path, text, env)
      })

/** The module's default export. Of an error only its kind is told: its text may quote the module. */
const importModule = (path: string): Effect.Effect<unknown, ConfigError> =>
  Effect.tryPromise({
    try: (): Promise<unknown> => import(pathToFileURL(path).href),
    catch: (error) =>
      new ConfigError({
        problems: [
          {
            file: path,
            path: "",
            found: `a module that cannot be loaded (${error instanceof Error ? error.name : "an error"})`,
            expected: "a module that exports the configuration as default"
          }
        ]
      })
  }).pipe(
    Effect.flatMap((module) =>
      typeof module === "object" && module !== null && "default" in module
        ? Effect.succeed(module.default)
        : fail([{ file: path, path: "", found: "no default export", expected: "the configuration as default export" }])
    )
  )
