import { NodeFileSystem } from "@effect/platform-node"
import { assert, describe, it } from "@effect/vitest"
import { Effect, FileSystem, Redacted } from "effect"
import { dirname, join, resolve } from "node:path"
import { environmentRows } from "../../src/config/EnvironmentKeys.ts"
import { loadSettings } from "../../src/config/load.ts"
import { minimal } from "./fixtures.ts"

const urls = { anthropic: "http://127.0.0.1:1", openai: "http://127.0.0.1:2", google: "http://127.0.0.1:3" }

const inFile = Effect.fnUntraced(function* (name: string, text: string) {
  const fs = yield* FileSystem.FileSystem
  const folder = yield* fs.makeTempDirectoryScoped()
  const path = `${folder}/${name}`
  yield* fs.writeFileString(path, text)
  return path
})

const run = <A, E>(effect: Effect.Effect<A, E, FileSystem.FileSystem>) =>
  effect.pipe(Effect.provide(NodeFileSystem.layer))

describe("loading", () => {
  it.live("reads the file it is given before the one of the environment", () =>
    run(
      Effect.scoped(
        Effect.gen(function* () {
          const given = yield* inFile("given.yaml", minimal)
          const settings = yield* loadSettings({ path: given, env: { SWITCHYARD_CONFIG: "/nowhere.yaml" } })
          assert.strictEqual(settings.source, "file")
          const other = yield* loadSettings({ env: { SWITCHYARD_CONFIG: given, OPENAI_API_KEY: "a-key" } })
          assert.deepStrictEqual(
            other.providers.map(({ id }) => id),
            ["local"]
          )
        })
      )
    )
  )
  it.live("tells which file is not there", () =>
    run(
      Effect.gen(function* () {
        const error = yield* Effect.flip(loadSettings({ path: "/nowhere/at-all.yaml", env: {} }))
        assert.strictEqual(error._tag, "ConfigError")
        assert.match(error.message, /^\/nowhere\/at-all\.yaml {2}found no such file/)
      })
    )
  )
  it.live("takes the default export of a module, and interpolates it", () =>
    run(
      Effect.scoped(
        Effect.gen(function* () {
          const path = yield* inFile(
            "config.ts",
            `const port: number = 5\nexport default { server: { port }, providers: { openai: { kind: "openai", apiKey: "\${K}" } } }\n`
          )
          const settings = yield* loadSettings({ path, env: { K: "a-key" } })
          assert.strictEqual(settings.server.port, 5)
          assert.deepStrictEqual(
            settings.providers[0]?.apiKeys.map((key) => Redacted.value(key)),
            ["a-key"]
          )
        })
      )
    )
  )
  it.live("tells what is wrong with a module without quoting it", () =>
    run(
      Effect.scoped(
        Effect.gen(function* () {
          const broken = yield* inFile("broken.mjs", `throw new Error("sk-secret")`)
          const empty = yield* inFile("empty.mjs", `export const config = {}`)
          const wrong = yield* inFile("wrong.mjs", `export default { server: { port: "x" }, providers: {} }`)
          const messages = yield* Effect.forEach([broken, empty, wrong], (path) =>
            Effect.flip(loadSettings({ path, env: {} })).pipe(Effect.map((error) => error.message))
          )
          assert.match(messages[0] ?? "", /a module that cannot be loaded \(Error\)/)
          assert.match(messages[1] ?? "", /no default export/)
          assert.match(messages[2] ?? "", /server\.port: found "x" \(a string\), expected an integer/)
          for (const message of messages) assert.notInclude(message, "sk-secret")
        })
      )
    )
  )
})

describe("a module whose export is code", () => {
  const throwing: ReadonlyArray<readonly [what: string, exported: string, found: RegExp]> = [
    ["throws when a field is read", `{ get providers() { throw new RangeError("sk-secret") } }`, /\(RangeError\)/],
    [
      "throws when its fields are listed",
      `new Proxy({}, { ownKeys() { throw new RangeError("sk-secret") } })`,
      /\(RangeError\)/
    ],
    ["throws what is no error", `{ get providers() { throw "sk-secret" } }`, /\(an error\)/],
    [
      "throws an error whose name is a secret, or throws",
      `{ get providers() { throw Object.defineProperty(new Error(), "name", { get: () => { throw "sk-secret" } }) } }`,
      /\(an error\)/
    ]
  ]
  for (const [what, exported, found] of throwing) {
    it.live(`and ${what} is an error of the configuration that quotes nothing`, () =>
      run(
        Effect.scoped(
          Effect.gen(function* () {
            const path = yield* inFile("config.mjs", `export default ${exported}`)
            const error = yield* Effect.flip(loadSettings({ path, env: {} }))
            assert.strictEqual(error._tag, "ConfigError")
            assert.match(error.message, found)
            assert.notInclude(error.message, "secret")
          })
        )
      )
    )
  }
})

describe("a module that changed", () => {
  it.live("is read again, whichever kind of module it is", () =>
    run(
      Effect.scoped(
        Effect.gen(function* () {
          const fs = yield* FileSystem.FileSystem
          const config = (port: number) => `{ server: { port: ${port} }, providers: { a: { kind: "ollama" } } }`
          for (const [name, exported] of [
            ["config.ts", "export default "],
            ["config.mjs", "export default "],
            ["config.cjs", "module.exports = "]
          ] as const) {
            const path = yield* inFile(name, `${exported}${config(1)}`)
            assert.strictEqual((yield* loadSettings({ path, env: {} })).server.port, 1, name)
            yield* fs.writeFileString(path, `${exported}${config(2)}`)
            assert.strictEqual((yield* loadSettings({ path, env: {} })).server.port, 2, name)
            yield* fs.writeFileString(path, `${exported}${config(1)}`)
            assert.strictEqual((yield* loadSettings({ path, env: {} })).server.port, 1, name)
          }
        })
      )
    )
  )
  it.live("for the worse gives its errors, and for the better again its settings", () =>
    run(
      Effect.scoped(
        Effect.gen(function* () {
          const fs = yield* FileSystem.FileSystem
          const path = yield* inFile("config.mjs", `throw new Error("not yet")`)
          const error = yield* Effect.flip(loadSettings({ path, env: {} }))
          assert.match(error.message, /a module that cannot be loaded/)
          yield* fs.writeFileString(path, `export default { providers: { a: { kind: "ollama" } } }`)
          assert.strictEqual((yield* loadSettings({ path, env: {} })).providers[0]?.id, "a")
        })
      )
    )
  )
})

describe("the embedded database", () => {
  const withDatabase = (path: string) => `${minimal}storage: { sqlite: "${path}" }\n`
  it.live("lies relative to the file, in a folder that may yet have to be made, and is not made by looking", () =>
    run(
      Effect.scoped(
        Effect.gen(function* () {
          const fs = yield* FileSystem.FileSystem
          const path = yield* inFile("a.yaml", withDatabase("./not/yet/there.db"))
          const settings = yield* loadSettings({ path, env: {} })
          assert.strictEqual(settings.storage?.sqlite, join(dirname(path), "not/yet/there.db"))
          assert.strictEqual(settings.file, path)
          assert.isFalse(yield* fs.exists(join(dirname(path), "not")))
        })
      )
    )
  )
  it.live("that would be a folder, or lie below a file, is refused at its place in the file", () =>
    run(
      Effect.scoped(
        Effect.gen(function* () {
          const fs = yield* FileSystem.FileSystem
          const folder = yield* inFile("a.yaml", withDatabase("./data"))
          yield* fs.makeDirectory(join(dirname(folder), "data"))
          const below = yield* inFile("b.yaml", withDatabase("./b.yaml/deep/er.db"))
          const messages = yield* Effect.forEach([folder, below], (path) =>
            Effect.flip(loadSettings({ path, env: {} })).pipe(Effect.map((error) => error.message))
          )
          assert.match(messages[0] ?? "", /a\.yaml:3:20 {2}storage\.sqlite: found the path of a folder/)
          assert.match(
            messages[1] ?? "",
            /b\.yaml:3:20 {2}storage\.sqlite: found a path below something that is no folder/
          )
        })
      )
    )
  )
  it.live("of a gateway without a file is named by SWITCHYARD_SQLITE, from the working directory on", () =>
    run(
      Effect.scoped(
        Effect.gen(function* () {
          const fs = yield* FileSystem.FileSystem
          const load = (SWITCHYARD_SQLITE: string) =>
            loadSettings({ env: { OPENAI_API_KEY: "a-key", SWITCHYARD_SQLITE } })
          assert.strictEqual((yield* load("some/where.db")).storage?.sqlite, resolve("some/where.db"))
          assert.strictEqual((yield* load(":memory:")).storage?.sqlite, ":memory:")
          assert.isUndefined((yield* load(" ")).storage?.sqlite)
          assert.isUndefined((yield* load(":memory:")).file)
          const folder = yield* fs.makeTempDirectoryScoped()
          for (const wrong of [folder, "file:a.db"]) {
            assert.match((yield* Effect.flip(load(wrong))).message, /^environment {2}SWITCHYARD_SQLITE: found/)
          }
        })
      )
    )
  )
})

describe("the environment alone", () => {
  it.live("warns of keys that can be guessed, without showing them", () =>
    run(
      Effect.gen(function* () {
        const env = { OPENAI_API_KEY: "a-key", SWITCHYARD_KEY: "guess-me-1", SWITCHYARD_ADMIN_KEY: "guess-me-2" }
        const { warnings } = yield* loadSettings({ env })
        assert.deepStrictEqual(warnings, [
          "SWITCHYARD_KEY is shorter than 16 characters: it can be guessed",
          "SWITCHYARD_ADMIN_KEY is shorter than 16 characters: it can be guessed"
        ])
      })
    )
  )
  it.live("turns on every vendor whose key is set, under its own id", () =>
    run(
      Effect.gen(function* () {
        const env = Object.fromEntries(
          environmentRows
            .flatMap((row) => [...row.keys, row.baseUrl ?? row.keys[0] ?? ""])
            .map((name) => [name, "a-key"])
        )
        const settings = yield* loadSettings({ env: { ...env, AZURE_OPENAI_ENDPOINT: "https://x.openai.azure.com/" } })
        assert.deepStrictEqual(
          settings.providers.map(({ id }) => id),
          environmentRows.map(({ id }) => id)
        )
        assert.strictEqual(settings.providers.at(-1)?.baseUrl, "https://x.openai.azure.com")
        assert.strictEqual(settings.source, "environment")
        assert.deepStrictEqual(settings.providersOff, [])
      })
    )
  )
  it.live("gives smart and fast over the vendors that are there", () =>
    run(
      Effect.gen(function* () {
        const { aliases } = yield* loadSettings({ env: { ANTHROPIC_API_KEY: "a-key", GOOGLE_API_KEY: "b-key" } })
        assert.deepStrictEqual(
          aliases.map(({ name, targets }) => [name, targets]),
          [
            ["smart", ["anthropic/claude-sonnet-5", "gemini/gemini-3.5-flash"]],
            ["fast", ["anthropic/claude-haiku-4-5", "gemini/gemini-3.5-flash-lite"]]
          ]
        )
      })
    )
  )
  it.live("lets several keys of one vendor take turns", () =>
    run(
      Effect.gen(function* () {
        const env = { OPENAI_API_KEY: "one", OPENAI_API_KEY_2: "two", OPENAI_API_KEY_4: "four" }
        const { providers } = yield* loadSettings({ env })
        assert.deepStrictEqual(
          providers[0]?.apiKeys.map((key) => Redacted.value(key)),
          ["one", "two", "four"]
        )
      })
    )
  )
  it.live("never takes the address applications are given for the gateway as a vendor's", () =>
    run(
      Effect.gen(function* () {
        const env = { OPENAI_API_KEY: "one", OPENAI_BASE_URL: "http://127.0.0.1:4141/v1" }
        const { providers } = yield* loadSettings({ env })
        assert.strictEqual(providers[0]?.baseUrl, undefined)
      })
    )
  )
  it.live("leaves Azure off without an endpoint, and says so", () =>
    run(
      Effect.gen(function* () {
        const settings = yield* loadSettings({ env: { AZURE_OPENAI_API_KEY: "a", OPENAI_API_KEY: "b" } })
        assert.isTrue(
          settings.providersOff.some(({ id, why }) => id === "azure" && why.includes("AZURE_OPENAI_ENDPOINT"))
        )
        assert.isTrue(settings.warnings.some((warning) => warning.includes("azure")))
      })
    )
  )
  it.live("refuses to listen beyond this machine without a client key, and takes one from SWITCHYARD_KEY", () =>
    run(
      Effect.gen(function* () {
        const env = { OPENAI_API_KEY: "one", SWITCHYARD_HOST: "0.0.0.0" }
        const error = yield* Effect.flip(loadSettings({ env }))
        assert.match(error.message, /SWITCHYARD_HOST.*SWITCHYARD_KEY/)
        const settings = yield* loadSettings({ env: { ...env, SWITCHYARD_KEY: "client-key" } })
        assert.deepStrictEqual(
          settings.keys.map(({ key, name }) => [name, Redacted.value(key)]),
          [["environment", "client-key"]]
        )
      })
    )
  )
  it.live("names a port or a key that cannot be one, without showing the key", () =>
    run(
      Effect.gen(function* () {
        const error = yield* Effect.flip(loadSettings({ env: { OPENAI_API_KEY: "se cret", SWITCHYARD_PORT: "x" } }))
        assert.match(error.message, /environment {2}OPENAI_API_KEY: found a text/)
        assert.match(error.message, /environment {2}SWITCHYARD_PORT: found "x"/)
        assert.notInclude(error.message, "cret")
      })
    )
  )
})

describe("with neither a file nor a key", () => {
  it.live("the simulated vendors answer, started only then", () =>
    run(
      Effect.gen(function* () {
        let started = 0
        const simulators = Effect.sync(() => {
          started++
          return urls
        })
        yield* loadSettings({ env: { OPENAI_API_KEY: "one" }, simulators })
        assert.strictEqual(started, 0)
        const settings = yield* loadSettings({ env: {}, simulators })
        assert.strictEqual(started, 1)
        assert.strictEqual(settings.source, "simulators")
        assert.deepStrictEqual(
          settings.providers.map(({ baseUrl, id }) => [id, baseUrl]),
          [
            ["anthropic", urls.anthropic],
            ["openai", urls.openai],
            ["gemini", urls.google]
          ]
        )
        assert.strictEqual(settings.aliases[0]?.targets.length, 3)
      })
    )
  )
  it.live("and without simulated vendors, what could be set is told", () =>
    run(
      Effect.gen(function* () {
        const error = yield* Effect.flip(loadSettings({ env: {} }))
        assert.match(error.message, /SWITCHYARD_CONFIG, or a key such as ANTHROPIC_API_KEY/)
      })
    )
  )
})
