import { assert, describe, it } from "@effect/vitest"
import { existsSync } from "node:fs"
import { join } from "node:path"
import { file, folder, start } from "./program.ts"

const config = [
  "server: { port: 0, adminKey: the-admin }",
  "providers:",
  "  local: { kind: openai-compatible, baseUrl: http://127.0.0.1:9/v1, models: [llama] }",
  "  other: { kind: openai-compatible, baseUrl: http://127.0.0.1:9/v1, models: [qwen], state: disabled }",
  "models:",
  "  mine: [other/qwen, local/llama]",
  "storage: { sqlite: ./never-made.db }"
].join("\n")

const run = async (...args: ReadonlyArray<string>) => {
  const program = start(args)
  const code = await program.exit
  return { code, output: program.output() }
}

describe("switchyard explain", () => {
  it("decides from the config by itself: the task with its scores, everybody thought of, and the order", async () => {
    const path = file("explain.yaml", config)
    const { code, output } = await run(
      "explain",
      "Write a Rust function that parses a date",
      "--config",
      path,
      "--prefer",
      "cost"
    )
    assert.strictEqual(code, 0, output)
    assert.match(output, /task +coding, preference cost/)
    assert.match(output, /scores +coding \d\.\d\d/)
    assert.match(output, /now +asks local\/llama/)
    assert.match(output, /1 +local\/llama/)
    assert.isFalse(existsSync(join(folder, "never-made.db")))
    assert.match(output, /- +other\/qwen .*OutOfService \(disabled, by the config\)/)
  })
  it("takes a body of any wire from a file, and a name instead of the body's", async () => {
    const path = file("explain.yaml", config)
    const body = file("body.json", JSON.stringify({ contents: [{ role: "user", parts: [{ text: "hi" }] }] }))
    const named = await run("explain", "--config", path, "--file", body, "--model", "mine")
    assert.strictEqual(named.code, 0, named.output)
    assert.match(named.output, /asked +mine \(alias\)/)
    assert.match(named.output, /strategy +priority/)
    const unnamed = await run("explain", "--config", path, "--file", body)
    assert.match(unnamed.output, /asked +auto \(auto\)/)
  })
  it("explains what would be refused; a wish that cannot be read is an error", async () => {
    const path = file("explain.yaml", config)
    const refused = await run("explain", "hi", "--config", path, "--model", "mne")
    assert.strictEqual(refused.code, 0)
    assert.match(refused.output, /refused with 404 \(UnknownModel\).*'mine'/)
    const cooking = await run("explain", "hi", "--config", path, "--task", "cooking")
    assert.strictEqual(cooking.code, 1)
    assert.match(cooking.output, /x-switchyard-task must be/)
  })
  it("says what is wrong with what it was given", async () => {
    for (const [args, words] of [
      [[], /Give a prompt/],
      [["--file", "/nowhere.json"], /cannot be read/],
      [["hi", "--url", "http://127.0.0.1:9"], /cannot be reached/]
    ] as const) {
      const { code, output } = await run("explain", ...args)
      assert.strictEqual(code, 1, output)
      assert.match(output, words)
    }
  })
  it("asks a running gateway where it is given one; so does the classifier's report", async () => {
    const gateway = start(["serve", "--config", file("running.yaml", config.replace("storage", "#"))])
    const [, url = ""] = await gateway.until(/listening on (http:[^\s"]+)/)
    const told = await run("explain", "hello, how are you?", "--url", url, "--model", "mine")
    assert.strictEqual(told.code, 0, told.output)
    assert.match(told.output, /now +asks local\/llama/)
    const report = await run("classifier", "report", "--url", url, "--admin-key", "the-admin")
    assert.strictEqual(report.code, 0, report.output)
    assert.match(report.output, /classifier +centroid/)
    assert.match(report.output, /none yet/)
    assert.match(report.output, /keepTexts/)
    const wrong = await run("classifier", "report", "--url", url, "--admin-key", "another")
    assert.strictEqual(wrong.code, 1)
    assert.match(wrong.output, /This needs the admin key/)
    gateway.signal("SIGTERM")
    await gateway.exit
  })
})
