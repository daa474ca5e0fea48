/**
 * A gateway as its operator runs it: a process with a config file, killed, reloaded, stopped, over simulated vendors.
 */
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import * as Simulator from "../../src/simulator/Simulator.ts"
import { start } from "./program.ts"

const adminKey = "the-admin-key-of-this-test"

const inFolder = Effect.acquireRelease(
  Effect.sync(() => mkdtempSync(join(tmpdir(), "switchyard-operating-"))),
  (folder) => Effect.sync(() => rmSync(folder, { recursive: true }))
)

/** A running gateway; killed with the scope if it has not ended. */
const serving = (path: string, env: Readonly<Record<string, string>> = {}) =>
  Effect.gen(function* () {
    const program = yield* Effect.acquireRelease(
      Effect.sync(() => start(["serve", "--config", path], env)),
      (running) =>
        Effect.promise(() => {
          running.signal("SIGKILL")
          return running.exit
        })
    )
    const [, url = ""] = yield* Effect.promise(() => program.until(/listening on (http:\S+)/))
    return { program, url }
  })

const asked = (url: string, model: string, headers: Readonly<Record<string, string>> = {}) =>
  Effect.promise(() =>
    fetch(`${url}/v1/chat/completions`, {
      method: "POST",
      headers: { "content-type": "application/json", ...headers },
      body: JSON.stringify({ model, messages: [{ role: "user", content: "Repeat after me: one two" }] })
    })
  )

const admin = (url: string, method: string, path: string, body?: unknown) =>
  Effect.promise(async () => {
    const response = await fetch(`${url}/admin/${path}`, {
      method,
      headers: { authorization: `Bearer ${adminKey}`, "content-type": "application/json" },
      ...(body === undefined ? {} : { body: JSON.stringify(body) })
    })
    return { status: response.status, text: await response.text() }
  })

const config = (
  simulator: Simulator.Simulator["Service"],
  more: string,
  models = "  smart: [openai/gpt-5.2, anthropic/claude-sonnet-5]"
) => `
server: { port: 0, adminKey: "${adminKey}" }
providers:
  openai: { kind: openai, apiKey: key-of-the-openai-account, baseUrl: "${simulator.baseUrl("openai")}" }
  anthropic: { kind: anthropic, apiKey: key-of-the-anthropic-account, baseUrl: "${simulator.baseUrl("anthropic")}" }
models:
${models}
${more}`

describe("a gateway with a database", () => {
  it.live("keeps a banned account in quarantine through kill -9, and asks it again when an operator lifts it", () =>
    Effect.gen(function* () {
      const folder = yield* inFolder
      const simulator = yield* Simulator.make()
      const path = join(folder, "switchyard.yaml")
      writeFileSync(path, config(simulator, "storage: { sqlite: ./data/switchyard.db }"))
      yield* simulator.setFault({ vendor: "openai", fault: "banned", times: 1 })
      const first = yield* serving(path)
      assert.strictEqual((yield* asked(first.url, "smart")).headers.get("x-switchyard-fallback"), "AccessDenied")
      yield* Effect.promise(() => first.program.until(/quarantine\.set: account:openai/))
      first.program.signal("SIGKILL")
      yield* Effect.promise(() => first.program.exit)

      const second = yield* serving(path)
      yield* simulator.clearCalls
      const answer = yield* asked(second.url, "smart")
      assert.strictEqual(answer.headers.get("x-switchyard-provider"), "anthropic")
      assert.strictEqual(answer.headers.get("x-switchyard-fallback"), "Quarantined")
      assert.deepStrictEqual(
        (yield* simulator.calls).map(({ vendor }) => vendor),
        ["anthropic"]
      )
      assert.include((yield* admin(second.url, "GET", "quarantine")).text, '"durable":true')
      assert.strictEqual((yield* admin(second.url, "DELETE", "quarantine/account:openai")).status, 204)
      assert.strictEqual((yield* asked(second.url, "smart")).headers.get("x-switchyard-provider"), "openai")
      // lifted for good
      second.program.signal("SIGKILL")
      yield* Effect.promise(() => second.program.exit)
      const third = yield* serving(path)
      assert.strictEqual((yield* asked(third.url, "smart")).headers.get("x-switchyard-provider"), "openai")
    }).pipe(Effect.scoped)
  )
})

describe("a config file that changes", () => {
  it.live("is in force for new requests; those in flight finish on what they started with", () =>
    Effect.gen(function* () {
      const folder = yield* inFolder
      const simulator = yield* Simulator.make()
      const path = join(folder, "switchyard.yaml")
      writeFileSync(path, config(simulator, ""))
      yield* simulator.setFault({ vendor: "openai", fault: "slow-first-token", delayMillis: 700 })
      const { program, url } = yield* serving(path)
      const inFlight = fetch(`${url}/v1/chat/completions`, {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify({ model: "smart", messages: [{ role: "user", content: "Repeat after me: one two" }] })
      })
      yield* simulator.untilCall(({ vendor }) => vendor === "openai")
      const without = config(simulator, "", "  smart: [anthropic/claude-sonnet-5]").replace(/^ {2}openai:.*\n/m, "")
      writeFileSync(path, without)
      yield* Effect.promise(() => program.until(/config\.reloaded: .*provider "openai" removed/))
      assert.strictEqual((yield* asked(url, "smart")).headers.get("x-switchyard-provider"), "anthropic")
      assert.strictEqual((yield* asked(url, "openai/gpt-5.2")).status, 404)
      const answer = yield* Effect.promise(() => inFlight)
      assert.strictEqual(answer.status, 200)
      assert.strictEqual(answer.headers.get("x-switchyard-provider"), "openai")
    }).pipe(Effect.scoped)
  )
  it.live("keeps what is in force while it is bad, says why, and is read again at a hangup", () =>
    Effect.gen(function* () {
      const folder = yield* inFolder
      const simulator = yield* Simulator.make()
      const path = join(folder, "switchyard.yaml")
      writeFileSync(path, config(simulator, ""))
      const { program, url } = yield* serving(path)
      writeFileSync(path, config(simulator, "resilience: { maxAttempts: many }"))
      yield* Effect.promise(() => program.until(/config\.refused: .*resilience\.maxAttempts/s))
      assert.strictEqual((yield* asked(url, "smart")).status, 200)
      const told = yield* admin(url, "GET", "config")
      assert.include(told.text, "resilience.maxAttempts")
      assert.strictEqual((yield* admin(url, "POST", "reload")).status, 400)
      writeFileSync(path, config(simulator, 'keys: [{ name: web, key: "a-client-key-of-some-length" }]'))
      yield* Effect.promise(() => program.until(/config\.reloaded/))
      assert.strictEqual((yield* asked(url, "smart")).status, 401)
      const key = { authorization: "Bearer a-client-key-of-some-length" }
      assert.strictEqual((yield* asked(url, "smart", key)).status, 200)
      // a file that is cut short before its keys opens the gateway to nobody
      writeFileSync(path, config(simulator, ""))
      yield* Effect.promise(() => program.until(/config\.refused: .*no client keys any more/s))
      assert.strictEqual((yield* asked(url, "smart")).status, 401)
      writeFileSync(path, config(simulator, 'keys: [{ name: web, key: "a-client-key-of-some-length" }]'))
      program.signal("SIGHUP")
      yield* Effect.promise(() => program.until(/config\.reloaded: \S+ nothing that matters has changed/))
      program.signal("SIGTERM")
      assert.strictEqual(yield* Effect.promise(() => program.exit), 0)
    }).pipe(Effect.scoped)
  )
  it.live("that is code and throws when it is read ends nothing: the next hangup reads it again", () =>
    Effect.gen(function* () {
      const folder = yield* inFolder
      const path = join(folder, "switchyard.mjs")
      const providers = 'local: { kind: "ollama" }'
      writeFileSync(path, `export default { server: { port: 0 }, providers: { ${providers} } }`)
      const { program } = yield* serving(path)
      writeFileSync(path, `export default { get providers() { throw new RangeError("sk-secret") } }`)
      yield* Effect.promise(() => program.until(/config\.refused: .*a value that cannot be read \(RangeError\)/s))
      program.signal("SIGHUP")
      yield* Effect.promise(() => program.until(/(config\.refused[^]*){2}/))
      writeFileSync(
        path,
        `export default { server: { port: 0 }, providers: { ${providers}, two: { kind: "ollama" } } }`
      )
      yield* Effect.promise(() => program.until(/config\.reloaded: .*"two" added/))
      assert.notInclude(program.output(), "sk-secret")
    }).pipe(Effect.scoped)
  )
})

describe("a hangup before the gateway serves", () => {
  it.live("while the configuration is loaded is remembered, and acted upon once it runs", () =>
    Effect.gen(function* () {
      const folder = yield* inFolder
      const path = join(folder, "switchyard.mjs")
      writeFileSync(
        path,
        `process.kill(process.pid, "SIGHUP")
        export default { server: { port: 0 }, providers: { local: { kind: "ollama" } } }`
      )
      const { program } = yield* serving(path)
      yield* Effect.promise(() => program.until(/config\.reloaded: \S+ nothing that matters has changed/))
      program.signal("SIGTERM")
      assert.strictEqual(yield* Effect.promise(() => program.exit), 0)
    }).pipe(Effect.scoped)
  )
  /** Sends the process a hangup when the first file of the program's own room is loaded. */
  const early = (folder: string): Readonly<Record<string, string>> => {
    const path = join(folder, "early.mjs")
    writeFileSync(
      path,
      `import { registerHooks } from "node:module"
      registerHooks({ load: (url, context, next) => {
        if (url.endsWith("/cli/Cli.ts")) process.kill(process.pid, "SIGHUP")
        return next(url, context)
      } })`
    )
    return { NODE_OPTIONS: `--import ${path}` }
  }
  it.live("while the program itself is loaded is remembered too", () =>
    Effect.gen(function* () {
      const folder = yield* inFolder
      const path = join(folder, "switchyard.yaml")
      writeFileSync(path, "server: { port: 0 }\nproviders: { local: { kind: ollama } }")
      const { program } = yield* serving(path, early(folder))
      yield* Effect.promise(() => program.until(/config\.reloaded: \S+ nothing that matters has changed/))
    }).pipe(Effect.scoped)
  )
  it.live("ends a process that has no file to read again, as any hangup does", () =>
    Effect.gen(function* () {
      const folder = yield* inFolder
      const program = start(["serve"], { SWITCHYARD_PORT: "0", ...early(folder) })
      assert.isNull(yield* Effect.promise(() => program.exit))
    }).pipe(Effect.scoped)
  )
})
