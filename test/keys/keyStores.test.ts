import { assert, describe, it } from "@effect/vitest"
import { Effect, Layer } from "effect"
import { SqlClient } from "effect/sql"
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { KeyStore } from "../../src/keys/KeyStore.ts"
import * as Sqlite from "../../src/storage/Sqlite.ts"
import { keyOf, keyStoreLaws } from "./keyStoreLaws.ts"

const folder = Effect.acquireRelease(
  Effect.sync(() => mkdtempSync(join(tmpdir(), "switchyard-keys-"))),
  (path) => Effect.sync(() => rmSync(path, { recursive: true, force: true }))
)

keyStoreLaws(
  "memory",
  Effect.sync(() => {
    const rows = new Map<string, string>()
    return {
      open: KeyStore.layerMemory(rows),
      plant: (name, text) => Effect.sync(() => void rows.set(name, text))
    }
  })
)

keyStoreLaws(
  "SQLite",
  Effect.map(folder, (home) => {
    const sqlite = Sqlite.layer({ path: join(home, "switchyard.db") })
    return {
      open: Layer.orDie(Layer.provide(KeyStore.layerSqlite, sqlite)),
      plant: (name, text) =>
        Effect.flatMap(SqlClient.SqlClient, (sql) => sql`INSERT INTO client_keys VALUES (${name}, 1, ${text})`).pipe(
          Effect.provide(Layer.fresh(sqlite)),
          Effect.orDie,
          Effect.asVoid
        )
    }
  })
)

describe("the SQLite store of client keys", () => {
  it.effect("tells another connection that something has changed, and takes one change of two processes'", () =>
    Effect.gen(function* () {
      const path = join(yield* folder, "shared.db")
      const opened = () =>
        Effect.map(Layer.build(Layer.fresh(Layer.provide(KeyStore.layerSqlite, Sqlite.layer({ path })))), (context) =>
          context.pipe((one) => Effect.provide(KeyStore, one))
        )
      const [one, other] = [yield* yield* opened(), yield* yield* opened()]
      const before = yield* other.revision
      assert.isTrue(yield* one.insert(keyOf("web")))
      assert.notStrictEqual(yield* other.revision, before)
      const taken = yield* Effect.forEach([one, other], (store) => store.replace(keyOf("web", { version: 2 })), {
        concurrency: "unbounded"
      })
      assert.deepStrictEqual(taken.sort(), [false, true])
    })
  )
  it.effect("fails every operation where the database is of no use, so that nobody is taken for a stranger", () =>
    Effect.gen(function* () {
      const path = join(yield* folder, "garbage.db")
      const garbage = "this is no database, whatever its name says, and it is long enough to be seen as one"
      writeFileSync(path, garbage)
      yield* Effect.gen(function* () {
        const store = yield* KeyStore
        assert.isTrue(store.durable)
        for (const failing of [store.load, store.insert(keyOf("web")), store.remove("web"), store.revision]) {
          const error = yield* Effect.flip(failing)
          assert.strictEqual(error._tag, "KeyStoreError")
          assert.include(error.message, "SQLITE_NOTADB")
        }
      }).pipe(Effect.provide(KeyStore.layerDurable(Sqlite.layer({ path }))))
      assert.strictEqual(readFileSync(path, "utf8"), garbage)
    })
  )
})
