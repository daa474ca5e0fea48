import { assert, describe, it } from "@effect/vitest"
import { execFileSync, spawn } from "node:child_process"
import { existsSync } from "node:fs"
import { delimiter, join } from "node:path"
import { bare, file, root, start } from "./program.ts"

describe("switchyard serve", () => {
  it("without any keys serves simulators, says so plainly, and ends with 0 at the first signal", async () => {
    const program = start(["serve"], { SWITCHYARD_PORT: "0" })
    const [, url] = await program.until(/listening on (http:\S+)/)
    assert.match(program.output(), /SIMULATORS/)
    const answer = await fetch(`${url}/v1/chat/completions`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ model: "smart", messages: [{ role: "user", content: "a secret wish" }] })
    })
    assert.strictEqual(answer.status, 200)
    assert.include(await answer.text(), "chat.completion")
    await program.until(/req_\S+ openai-chat smart -> anthropic\/\S+ 200 ok/)
    program.signal("SIGTERM")
    assert.strictEqual(await program.exit, 0)
    assert.notInclude(program.output(), "a secret wish")
  })
  it("with a config file serves its aliases, and warns about models with a single candidate", async () => {
    const path = file(
      "one.yaml",
      [
        "server: { port: 0 }",
        "providers:",
        "  local: { kind: openai-compatible, baseUrl: http://127.0.0.1:9/v1 }",
        '  paid: { kind: openai, apiKey: "${NOT_SET_ANYWHERE}" }',
        "models:",
        "  mine: [local/llama]"
      ].join("\n")
    )
    const program = start(["serve", "--config", path, "--log", "json"])
    const [, url] = await program.until(/listening on (http:[^\s"]+)/)
    assert.match(program.output(), /paid.*off/)
    assert.strictEqual(program.output().match(/single candidate/g)?.length, 1)
    assert.match(program.output(), /\\"mine\\", .*have a single candidate/)
    const answer = await fetch(`${url}/v1/chat/completions`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ model: "mine", messages: [{ role: "user", content: "hi" }] })
    })
    assert.strictEqual(answer.status, 502)
    const [line] = await program.until(/\{"time".*"mine".*\}/)
    assert.include(line, "Network")
    program.signal("SIGINT")
    assert.strictEqual(await program.exit, 0)
  })
  it("with --log json writes nothing but JSON, a value a line, from the start to the end", async () => {
    const path = file(
      "json.yaml",
      [
        "server: { port: 0 }",
        "providers:",
        "  local: { kind: openai-compatible, baseUrl: http://127.0.0.1:9/v1 }",
        '  paid: { kind: openai, apiKey: "${NOT_SET_ANYWHERE}" }',
        "models:",
        "  mine: [local/llama]",
        "storage: { sqlite: ./json.db }"
      ].join("\n")
    )
    for (const args of [["--config", path], []]) {
      const program = start(["serve", "--log", "json", ...args], { SWITCHYARD_PORT: "0" })
      const [, url] = await program.until(/listening on (http:[^\s"]+)/)
      await fetch(`${url}/v1/chat/completions`, {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify({ model: "mine", messages: [{ role: "user", content: "hi" }] })
      })
      await program.until(/\{"time".*"mine".*\}/)
      program.signal("SIGTERM")
      assert.strictEqual(await program.exit, 0)
      const lines = program.output().trimEnd().split("\n")
      // what the settings warn of, that it listens, and the request
      assert.isAtLeast(lines.length, 3)
      for (const line of lines) assert.isObject(JSON.parse(line), line)
    }
  })
  it("refuses an address that is not loopback without client keys, and a port that is taken", async () => {
    const open = start(["serve"], { SWITCHYARD_HOST: "0.0.0.0" })
    assert.strictEqual(await open.exit, 1)
    assert.match(open.output(), /SWITCHYARD_KEY/)
    const first = start(["serve"], { SWITCHYARD_PORT: "0" })
    const [, port] = await first.until(/listening on http:\S+:(\d+)/)
    const second = start(["serve"], { SWITCHYARD_PORT: port ?? "" })
    assert.strictEqual(await second.exit, 1)
    assert.match(second.output(), /another program listens there/)
    first.signal("SIGTERM")
    assert.strictEqual(await first.exit, 0)
  })
})

describe("switchyard check", () => {
  it("says what the configuration would do, without a key in it", async () => {
    const program = start(["check"], { OPENAI_API_KEY: "sk-very-secret-key-of-mine" })
    assert.strictEqual(await program.exit, 0)
    assert.match(program.output(), /openai: on/)
    assert.match(program.output(), /single candidate/i)
    assert.notInclude(program.output(), "very-secret")
  })
  it("names line, key, what was found and what was expected, for every mistake at once", async () => {
    const path = file(
      "bad.yaml",
      "providers:\n  openai: { kind: opnai }\nresilience:\n  maxAttempts: six\n  retris: 3\n"
    )
    const program = start(["check", "--config", path])
    assert.strictEqual(await program.exit, 1)
    const lines = program.output().trim().split("\n")
    assert.strictEqual(lines.length, 3)
    assert.match(lines[0] ?? "", /bad\.yaml:2:19 {2}providers\.openai\.kind: found "opnai" .*did you mean "openai"/)
    assert.match(lines[1] ?? "", /bad\.yaml:4:16 {2}resilience\.maxAttempts: found "six" .*expected an integer/)
    assert.match(lines[2] ?? "", /bad\.yaml:5:3 {2}resilience\.retris: .*did you mean "retries"/)
  })
})

describe("switchyard schema", () => {
  it("prints the JSON Schema of the config file", async () => {
    const program = start(["schema"])
    assert.strictEqual(await program.exit, 0)
    assert.property(JSON.parse(program.output()).properties, "providers")
  })
})

/** A Node on this machine that is too old, if there is one. */
const oldNode = (process.env["PATH"] ?? "")
  .split(delimiter)
  .filter((folder) => !folder.includes("node_modules"))
  .map((folder) => join(folder, "node"))
  .find((path) => {
    const version = existsSync(path) ? execFileSync(path, ["--version"]).toString() : ""
    const [, major, minor] = /^v(\d+)\.(\d+)/.exec(version) ?? []
    return major !== undefined && (Number(major) < 22 || (Number(major) === 22 && Number(minor) < 19))
  })

describe("a Node that is too old", () => {
  const told = async (node: string, args: ReadonlyArray<string>) => {
    const child = spawn(node, [...args, "scripts/switchyard.js", "serve"], { cwd: root, env: bare })
    let output = ""
    child.stderr.on("data", (data: Buffer) => (output += data.toString()))
    assert.strictEqual(await new Promise((resolve) => child.on("close", resolve)), 1)
    assert.match(output, /needs Node 22\.19 or newer; this is Node \d+\.\d+/)
    assert.match(output, /npm rebuild node/)
  }
  it("is told what to do by its version", async () => {
    const fake = file("old.mjs", 'Object.defineProperty(process.versions, "node", { value: "20.20.2" })\n')
    await told(process.execPath, ["--import", fake])
  })
  if (oldNode === undefined) {
    console.log("skipped: there is no old Node on this machine to start with")
    it.skip("is told what to do instead of a syntax error", () => {})
  } else {
    it("is told what to do instead of a syntax error", () => told(oldNode, []))
  }
})
