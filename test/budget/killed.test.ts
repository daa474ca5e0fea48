/**
 * Real processes that spend and are killed without a word, one after the other, over one database.
 */
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { spawn } from "node:child_process"
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { fileURLToPath } from "node:url"

const child = fileURLToPath(new URL("budgetsChild.ts", import.meta.url))
const folder = Effect.acquireRelease(
  Effect.sync(() => mkdtempSync(join(tmpdir(), "switchyard-killed-"))),
  (path) => Effect.sync(() => rmSync(path, { recursive: true, force: true }))
)

/** What one life printed until it was killed: after so many lines, or when it was refused. */
const life = (
  path: string,
  lines: number
): Effect.Effect<{ readonly bills: ReadonlyArray<number>; refused: boolean }> =>
  Effect.callback((resume) => {
    const running = spawn(process.execPath, [child, path], { stdio: ["ignore", "pipe", "inherit"] })
    let text = ""
    running.stdout.setEncoding("utf8")
    running.stdout.on("data", (chunk: string) => {
      text += chunk
      if (text.includes("refused") || text.split("\n").length > lines) running.kill("SIGKILL")
    })
    running.on("close", () => {
      const printed = text.split("\n").filter((line) => line !== "")
      resume(
        Effect.succeed({
          bills: printed.filter((line) => /^\d+$/.test(line)).map(Number),
          refused: printed.includes("refused")
        })
      )
    })
    return Effect.sync(() => void running.kill("SIGKILL"))
  })

describe("a gateway that is killed in the middle of its calls, again and again", () => {
  it.live(
    "never spends more than the limit by the vendor's own count, and loses little of it",
    () =>
      Effect.gen(function* () {
        const path = join(yield* folder, "switchyard.db")
        let [billed, kills] = [0, 0]
        let refused = false
        while (!refused && kills < 30) {
          const lived = yield* life(path, 40 + kills * 13)
          billed += lived.bills.reduce((sum, bill) => sum + bill, 0)
          refused = lived.refused
          kills++
          assert.isAtMost(billed, 1e9)
        }
        console.info(`killed ${kills} times; billed $${billed / 1e9} of $1`)
        assert.isTrue(refused)
        assert.isAbove(kills, 3)
        // each death loses what was in flight, drawn ahead or not yet noted: all of it counts as spent
        assert.isAbove(billed, 1e9 * (1 - 0.04 * kills))
      }).pipe(Effect.scoped),
    60_000
  )
})
