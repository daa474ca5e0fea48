/**
 * The published package, as `npm pack` makes it: what a dependency moved or a file left out would break.
 */
import { assert, it } from "@effect/vitest"
import { execFileSync, spawn } from "node:child_process"
import { mkdtempSync, rmSync, symlinkSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import OpenAI from "openai"
import { afterAll } from "vitest"

const root = fileURLToPath(new URL("../..", import.meta.url))
const folder = mkdtempSync(join(tmpdir(), "switchyard-packed-"))
afterAll(() => rmSync(folder, { recursive: true }))

it(
  "serves whole answers and streams from the packed files, and can be imported as a library",
  { timeout: 120_000 },
  async () => {
    const env = { PATH: process.env["PATH"] ?? "", HOME: process.env["HOME"] ?? "" }
    const packed = execFileSync("npm", ["pack", "--silent", "--pack-destination", folder], { cwd: root, env })
    const name = packed.toString().trim().split("\n").at(-1) ?? ""
    execFileSync("tar", ["-xzf", join(folder, name), "-C", folder])
    // its dependencies are those of this checkout, at the same pins
    symlinkSync(join(root, "node_modules"), join(folder, "node_modules"))

    const child = spawn(process.execPath, ["package/scripts/switchyard.js", "serve"], {
      cwd: folder,
      env: { ...env, SWITCHYARD_PORT: "0" }
    })
    try {
      let output = ""
      const url = await new Promise<string>((resolve, reject) => {
        child.stdout.on("data", (data: Buffer) => {
          output += data.toString()
          const found = /listening on (http:\S+)/.exec(output)?.[1]
          if (found !== undefined) resolve(found)
        })
        child.stderr.on("data", (data: Buffer) => (output += data.toString()))
        child.on("close", (code) => reject(new Error(`ended with ${code}: ${output}`)))
      })
      const openai = new OpenAI({ baseURL: `${url}/v1`, apiKey: "unused", maxRetries: 0 })
      const messages = [{ role: "user" as const, content: "Say hello" }]
      const whole = await openai.chat.completions.create({ model: "smart", messages })
      assert.include(whole.choices[0]?.message.content ?? "", "hello")
      const stream = await openai.chat.completions.create({ model: "gpt-5.2", messages, stream: true })
      let text = ""
      for await (const chunk of stream) text += chunk.choices[0]?.delta.content ?? ""
      assert.include(text, "openai")
    } finally {
      const ended = new Promise((resolve) => child.on("close", resolve))
      child.kill("SIGTERM")
      assert.strictEqual(await ended, 0)
    }

    const script =
      'const a = await import("switchyard"); const b = await import("switchyard/testing"); console.log(typeof a.Gateway, typeof b.makeSimulator)'
    const imported = execFileSync(process.execPath, ["--input-type=module", "--eval", script], {
      cwd: join(folder, "package"),
      env
    })
    assert.strictEqual(imported.toString().trim(), "function function")
  }
)
