import { assert, describe, it } from "@effect/vitest"
import { Effect, Layer, Schema } from "effect"
import { TestClock } from "effect/testing"
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { keepPage, Notebook, readPage } from "../../src/storage/Notebook.ts"
import * as Sqlite from "../../src/storage/Sqlite.ts"

const page = { name: "numbers", schema: Schema.Array(Schema.Finite) }
const file = Effect.acquireRelease(
  Effect.sync(() => mkdtempSync(join(tmpdir(), "switchyard-notes-"))),
  (path) => Effect.sync(() => rmSync(path, { recursive: true, force: true }))
).pipe(Effect.map((folder) => join(folder, "notes.db")))

describe("a page of the notebook", () => {
  it.effect("outlasts a restart in the embedded database, as it was when the gateway ended", () =>
    Effect.gen(function* () {
      const path = yield* file
      const life = <A>(use: Effect.Effect<A, never, Notebook>) =>
        Effect.provide(use, Layer.fresh(Notebook.layerDurable(Sqlite.layer({ path }))))
      let now = [1]
      yield* life(
        Effect.scoped(
          Effect.gen(function* () {
            assert.strictEqual(yield* readPage(page), undefined)
            yield* keepPage({ ...page, now: () => now })
            now = [1, 2]
            yield* TestClock.adjust("31 seconds")
            assert.deepStrictEqual(yield* readPage(page), [1, 2])
            now = [1, 2, 3]
          })
        )
      )
      assert.deepStrictEqual(yield* life(readPage(page)), [1, 2, 3])
    }).pipe(Effect.scoped)
  )
  it.effect("that cannot be understood counts as empty", () =>
    Effect.gen(function* () {
      for (const text of ["{", '"text"', ""])
        assert.strictEqual(
          yield* Effect.provide(readPage(page), Notebook.layerMemory(new Map([["numbers", text]]))),
          undefined
        )
    })
  )
  it.effect("is written only where it has changed", () =>
    Effect.gen(function* () {
      const pages = new Map<string, string>()
      let now = [1]
      yield* Effect.gen(function* () {
        yield* keepPage({ ...page, now: () => now })
        yield* TestClock.adjust("5 minutes")
        assert.strictEqual(pages.size, 0)
        now = [2]
        yield* TestClock.adjust("31 seconds")
        assert.strictEqual(pages.get("numbers"), "[2]")
      }).pipe(Effect.scoped, Effect.provide(Notebook.layerMemory(pages)))
    })
  )
})
