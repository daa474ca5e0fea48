/**
 * When the configuration is read again, and what nothing may end: in this process, over operations that break.
 */
import { NodeFileSystem } from "@effect/platform-node"
import { assert, describe, it } from "@effect/vitest"
import { Effect, Latch, Logger } from "effect"
import { writeFileSync } from "node:fs"
import { reloading } from "../../src/cli/Reload.ts"
import { Operations } from "../../src/gateway/Operations.ts"
import { generation, noOperations } from "../server/operations.ts"
import { file } from "./program.ts"

describe("a reload that breaks unforeseen", () => {
  it.live("is told in one line by the error's name, and neither hangups nor the watch of the file end by it", () => {
    const logged: Array<string> = []
    const logger = Logger.make(({ message }) => void logged.push(String(message)))
    return Effect.gen(function* () {
      const path = file("watched.yaml", "first")
      let times = 0
      const tried = Latch.makeUnsafe(false)
      const reload = Effect.suspend(() => {
        times++
        tried.openUnsafe()
        return times % 2 === 1 ? Effect.die(new RangeError("a-secret")) : Effect.succeed(generation)
      })
      const again = Effect.suspend(() => {
        tried.closeUnsafe()
        return tried.await
      })
      yield* reloading({ path, seen: "another" }).pipe(Effect.provideService(Operations, { ...noOperations, reload }))
      // what was seen is not what stands there
      yield* tried.await
      for (const _ of [1, 2]) {
        yield* Effect.sync(() => process.emit("SIGHUP"))
        yield* again
      }
      writeFileSync(path, "second")
      yield* again
      assert.strictEqual(times, 4)
      assert.deepStrictEqual(logged, Array(2).fill("a reload broke off (RangeError); what was in force stays"))
    }).pipe(Effect.scoped, Effect.provide([NodeFileSystem.layer, Logger.layer([logger])]))
  })
})
