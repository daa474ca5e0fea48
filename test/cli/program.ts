/**
 * The program as its user starts it: a process of its own, its arguments, its output, its exit code.
 */
import { type ChildProcess, spawn } from "node:child_process"
import { mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { afterAll } from "vitest"

export const root = fileURLToPath(new URL("../..", import.meta.url))
export const folder = mkdtempSync(join(tmpdir(), "switchyard-"))
afterAll(() => rmSync(folder, { recursive: true }))

/** The environment without anybody's keys or settings. */
export const bare = { PATH: process.env["PATH"] ?? "" }

/** Whatever became of a test, no process outlives its file. */
const children = new Set<ChildProcess>()
afterAll(() => {
  for (const child of children) if (child.exitCode === null) child.kill("SIGKILL")
})

export interface Program {
  readonly output: () => string
  /** When the output matches. */
  readonly until: (pattern: RegExp) => Promise<RegExpExecArray>
  readonly signal: (name: NodeJS.Signals) => void
  readonly exit: Promise<number | null>
}

export const start = (args: ReadonlyArray<string>, env: Readonly<Record<string, string>> = {}): Program => {
  const child = spawn(process.execPath, ["src/main.ts", ...args], { cwd: root, env: { ...bare, ...env } })
  children.add(child)
  let output = ""
  const waiting = new Set<() => void>()
  const onData = (data: Buffer) => {
    output += data.toString()
    for (const look of waiting) look()
  }
  child.stdout.on("data", onData)
  child.stderr.on("data", onData)
  const exit = new Promise<number | null>((resolve) => child.on("close", (code) => resolve(code)))
  return {
    output: () => output,
    until: (pattern) =>
      new Promise((resolve, reject) => {
        const look = () => {
          const found = pattern.exec(output)
          if (found === null) return
          waiting.delete(look)
          resolve(found)
        }
        waiting.add(look)
        void exit.then((code) => reject(new Error(`ended with ${code} before ${pattern}: ${output}`)))
        look()
      }),
    signal: (name) => void child.kill(name),
    exit
  }
}

export const file = (name: string, text: string): string => {
  const path = join(folder, name)
  writeFileSync(path, text)
  return path
}
