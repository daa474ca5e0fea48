import { assert, describe, it } from "@effect/vitest"
import { Effect, Layer, Logger } from "effect"
import { SqlClient } from "effect/sql"
import { mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { QuarantineStore } from "../../src/health/QuarantineStore.ts"
import * as Sqlite from "../../src/storage/Sqlite.ts"
import { entries, quarantineStoreLaws } from "./quarantineStoreLaws.ts"

const folder = Effect.acquireRelease(
  Effect.sync(() => mkdtempSync(join(tmpdir(), "switchyard-quarantine-"))),
  (path) => Effect.sync(() => rmSync(path, { recursive: true, force: true }))
)

quarantineStoreLaws(
  "memory",
  Effect.sync(() => {
    const rows = new Map<string, string>()
    return {
      open: QuarantineStore.layerMemory(rows),
      plant: (key, text) => Effect.sync(() => void rows.set(key, text))
    }
  })
)

quarantineStoreLaws(
  "SQLite",
  Effect.map(folder, (home) => {
    const sqlite = Sqlite.layer({ path: join(home, "switchyard.db") })
    return {
      open: Layer.orDie(Layer.provide(QuarantineStore.layerSqlite, sqlite)),
      plant: (key, text) =>
        Effect.flatMap(SqlClient.SqlClient, (sql) => sql`INSERT INTO quarantine VALUES (${key}, ${text})`).pipe(
          Effect.provide(Layer.fresh(sqlite)),
          Effect.orDie,
          Effect.asVoid
        )
    }
  })
)

describe("the SQLite store of quarantine", () => {
  it.effect("fails with the driver's own word where its table is gone", () =>
    Effect.gen(function* () {
      const store = yield* QuarantineStore
      const sql = yield* SqlClient.SqlClient
      yield* sql`DROP TABLE quarantine`
      for (const failing of [store.load, store.put(entries), store.remove(["account:openai"])]) {
        const error = yield* Effect.flip(failing)
        assert.strictEqual(error._tag, "StoreError")
        assert.include(error.message, "no such table: quarantine")
      }
    }).pipe(Effect.provide(Layer.provideMerge(QuarantineStore.layerSqlite, Sqlite.layer({ path: ":memory:" }))))
  )
  it.effect("gives way to memory, loudly, where the database is of no use", () =>
    Effect.gen(function* () {
      const path = join(yield* folder, "garbage.db")
      writeFileSync(path, "this is no database, whatever its name says, and it is long enough to be seen as one")
      const lines: Array<string> = []
      const logger = Logger.make(({ logLevel, message }) => void lines.push(`${logLevel} ${String(message)}`))
      const loaded = yield* Effect.gen(function* () {
        const store = yield* QuarantineStore
        yield* store.put(entries)
        return yield* store.load
      }).pipe(
        Effect.provide(
          QuarantineStore.layerDurable(Sqlite.layer({ path })).pipe(Layer.provideMerge(Logger.layer([logger])))
        )
      )
      assert.lengthOf(loaded, entries.length)
      assert.lengthOf(lines, 1)
      assert.match(lines[0] ?? "", /^Error .*SQLITE_NOTADB.*quarantine is kept in memory alone/)
    })
  )
})
