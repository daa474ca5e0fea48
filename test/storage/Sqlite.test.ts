import { assert, describe, it } from "@effect/vitest"
import { Effect, Exit, Fiber, Layer, Result, Scope, Stream } from "effect"
import { SqlClient } from "effect/sql"
import { TestClock } from "effect/testing"
import { type ChildProcess, spawn } from "node:child_process"
import { chmodSync, existsSync, mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import type { Migration } from "../../src/storage/migrations.ts"
import * as Sqlite from "../../src/storage/Sqlite.ts"

/** A folder that is gone after the test. */
const folder = Effect.acquireRelease(
  Effect.sync(() => mkdtempSync(join(tmpdir(), "switchyard-sqlite-"))),
  (path) => Effect.sync(() => rmSync(path, { recursive: true, force: true }))
)
const things: ReadonlyArray<Migration> = [["CREATE TABLE things (id INTEGER PRIMARY KEY, value)"]]
const memory = Sqlite.layer({ path: ":memory:", migrations: things })
const sqlOf = <A, E>(use: (sql: SqlClient.SqlClient) => Effect.Effect<A, E>) => Effect.flatMap(SqlClient.SqlClient, use)
/** What the program makes of a database, opened for it and closed after it. */
const on = (path: string, migrations?: ReadonlyArray<Migration>) => {
  const layer = Sqlite.layer(migrations === undefined ? { path } : { path, migrations })
  return <A, E>(use: (sql: SqlClient.SqlClient) => Effect.Effect<A, E>) =>
    Effect.provide(sqlOf(use), Layer.fresh(layer))
}
const valuesOf = (sql: SqlClient.SqlClient) =>
  Effect.map(sql<{ value: unknown }>`SELECT value FROM things ORDER BY id`, (rows) => rows.map(({ value }) => value))

describe("the embedded database", () => {
  it.effect("keeps text, numbers, large integers, blobs and nothing at all as they are", () =>
    sqlOf((sql) =>
      Effect.gen(function* () {
        const blob = new Uint8Array([0, 1, 255])
        const put = ["text", 1.5, -7, 2n ** 62n, blob, null, true, new Date(0)]
        for (const value of put) yield* sql`INSERT INTO things (value) VALUES (${value})`
        const text = ["text", 1.5, -7, 2n ** 62n, blob, null, 1, "1970-01-01T00:00:00.000Z"]
        assert.deepStrictEqual(yield* valuesOf(sql), text)
        const [seven] = yield* Effect.provideService(
          sql`SELECT value FROM things WHERE value = -7`,
          SqlClient.SafeIntegers,
          true
        )
        assert.deepStrictEqual(seven, { value: -7n })
      })
    ).pipe(Effect.provide(memory))
  )
  it.effect("gives rows, bare values, the driver's own result and a stream", () =>
    sqlOf((sql) =>
      Effect.gen(function* () {
        const first = { value: 0 }
        const others = Array.from({ length: 299 }, (_, i) => ({ value: i + 1 }))
        yield* sql`INSERT INTO things ${sql.insert([first, ...others])}`
        const some = sql<{ id: number; value: number }>`SELECT id, value AS id FROM things WHERE value < 2 ORDER BY 1`
        assert.deepStrictEqual(yield* some.values, [
          [1, 0],
          [2, 1]
        ])
        const update = yield* sql`UPDATE things SET value = value WHERE value < 9`.raw
        assert.deepInclude(update, { changes: 9 })
        const streamed = yield* Stream.runCollect(sql<{ value: number }>`SELECT value FROM things ORDER BY id`.stream)
        assert.deepStrictEqual(streamed, [first, ...others])
        assert.deepStrictEqual(yield* Stream.runCollect(sql`SELECT value FROM things WHERE value < 0`.stream), [])
      })
    ).pipe(Effect.provide(memory))
  )
  it.effect("uses a prepared statement again with other values, and after others have been prepared", () =>
    sqlOf((sql) =>
      Effect.gen(function* () {
        for (let i = 0; i < 500; i++) {
          yield* sql.unsafe(`INSERT INTO things (value) VALUES (? + ${i})`, [i])
          yield* sql`INSERT INTO things (value) VALUES (${-i})`
        }
        const [sum] = yield* sql`SELECT sum(value) AS total, count(*) AS n FROM things`
        assert.deepStrictEqual(sum, { total: 124_750, n: 1000 })
      })
    ).pipe(Effect.provide(memory))
  )
  it.effect("rolls back what fails, the inner transaction alone where the outer goes on", () =>
    sqlOf((sql) =>
      Effect.gen(function* () {
        const put = (value: string) => sql`INSERT INTO things (value) VALUES (${value})`
        const inner = sql.withTransaction(Effect.andThen(put("inner"), Effect.fail("no")))
        yield* sql.withTransaction(put("outer").pipe(Effect.andThen(Effect.ignore(inner)), Effect.andThen(put("end"))))
        assert.deepStrictEqual(yield* valuesOf(sql), ["outer", "end"])
        yield* Effect.exit(sql.withTransaction(Effect.andThen(put("lost"), Effect.die("defect"))))
        assert.deepStrictEqual(yield* valuesOf(sql), ["outer", "end"])
      })
    ).pipe(Effect.provide(memory))
  )
  it.effect("keeps the transactions of fibers that run side by side apart", () =>
    sqlOf((sql) =>
      Effect.gen(function* () {
        yield* sql`INSERT INTO things (value) VALUES (0)`
        const count = Effect.gen(function* () {
          const [before] = yield* valuesOf(sql)
          yield* Effect.yieldNow
          yield* sql`UPDATE things SET value = ${Number(before) + 1}`
        })
        yield* Effect.all(
          Array.from({ length: 50 }, () => sql.withTransaction(count)),
          { concurrency: "unbounded" }
        )
        assert.deepStrictEqual(yield* valuesOf(sql), [50])
      })
    ).pipe(Effect.provide(memory))
  )
  it.effect("says what kind of error it was", () =>
    sqlOf((sql) =>
      Effect.gen(function* () {
        yield* sql`INSERT INTO things (id) VALUES (1)`
        const twice = yield* Effect.flip(sql`INSERT INTO things (id) VALUES (1)`)
        assert.strictEqual(twice.reason._tag, "UniqueViolation")
        const nonsense = yield* Effect.flip(sql`SELECT 1 FROM nowhere`)
        assert.include(nonsense.message, "nowhere")
        const object = yield* Effect.flip(sql.unsafe("SELECT ?", [{ a: 1 }]))
        assert.include(object.message, "cannot be stored")
      })
    ).pipe(Effect.provide(memory))
  )

  it.effect("creates the folder and the file for its owner alone, and has everything there the next time", () =>
    Effect.gen(function* () {
      const path = join(yield* folder, "a", "b", "switchyard.db")
      yield* on(path, things)((sql) => sql`INSERT INTO things (value) VALUES ('kept')`)
      assert.strictEqual(statSync(path).mode & 0o777, 0o600)
      assert.strictEqual(statSync(join(path, "..")).mode & 0o777, 0o700)
      assert.deepStrictEqual(yield* on(path, things)(valuesOf), ["kept"])
    })
  )
  it.effect(
    "writes ahead, waits for the disk, checks foreign keys, and leaves no file beside its own when closed",
    () =>
      Effect.gen(function* () {
        const path = join(yield* folder, "switchyard.db")
        const pragmas = yield* on(path)((sql) =>
          Effect.gen(function* () {
            assert.isTrue(existsSync(`${path}-wal`))
            assert.strictEqual(statSync(`${path}-wal`).mode & 0o777, 0o600)
            const one = (name: string) => Effect.map(sql.unsafe(`PRAGMA ${name}`).values, ([row]) => row?.[0])
            return [yield* one("journal_mode"), yield* one("synchronous"), yield* one("foreign_keys")]
          })
        )
        assert.deepStrictEqual(pragmas, ["wal", 2, 1])
        assert.isFalse(existsSync(`${path}-wal`))
      })
  )
  it.effect("runs each step of the tables once, and only those that are new", () =>
    Effect.gen(function* () {
      const path = join(yield* folder, "switchyard.db")
      const first: Migration = ["CREATE TABLE things (id INTEGER PRIMARY KEY, value)"]
      const second: Migration = [
        "ALTER TABLE things ADD COLUMN more",
        "INSERT INTO things (value) VALUES ('by the way')"
      ]
      yield* on(path, [first])(valuesOf)
      for (const _ of [1, 2]) assert.deepStrictEqual(yield* on(path, [first, second])(valuesOf), ["by the way"])
    })
  )
  it.effect("leaves the database as it was where a step fails, and says so", () =>
    Effect.gen(function* () {
      const path = join(yield* folder, "switchyard.db")
      const bad: Migration = ["INSERT INTO things (value) VALUES ('half')", "CREATE NONSENSE"]
      const failed = yield* Effect.flip(on(path, [...things, bad])(valuesOf))
      assert.strictEqual(failed._tag, "StorageUnavailable")
      assert.deepStrictEqual(yield* on(path, things)(valuesOf), [])
    })
  )

  const refusal = (path: string, migrations: ReadonlyArray<Migration> = things) =>
    Effect.map(Effect.result(on(path, migrations)(valuesOf)), (result) =>
      Result.isFailure(result) && result.failure._tag === "StorageUnavailable" ? result.failure : undefined
    )
  it.effect("says which file it is that cannot be used, why, and what to do", () =>
    Effect.gen(function* () {
      const home = yield* folder
      const garbage = join(home, "garbage.db")
      writeFileSync(garbage, "this is no database, whatever its name says, and it is long enough to be seen as one")
      const notDatabase = yield* refusal(garbage)
      assert.deepInclude(notDatabase, { path: garbage, code: "SQLITE_NOTADB" })
      assert.include(notDatabase?.message, garbage)
      assert.include(notDatabase?.message, "move it away")

      mkdirSync(join(home, "folder.db"))
      assert.strictEqual((yield* refusal(join(home, "folder.db")))?.code, "EISDIR")
      assert.strictEqual((yield* refusal(join(garbage, "below.db")))?.code, "EEXIST")

      const newer = join(home, "newer.db")
      yield* on(newer, [...things, ["CREATE TABLE later (id)"]])(valuesOf)
      assert.strictEqual((yield* refusal(newer))?.code, "NEWER_SCHEMA")
    })
  )
  it.effect("says so where it may not write", () =>
    Effect.gen(function* () {
      const home = yield* folder
      // for root, no folder is closed; its files can still be no place for one
      const closed = process.getuid?.() === 0 ? "/proc" : home
      if (closed === home) chmodSync(home, 0o500)
      const told = yield* refusal(join(closed, "switchyard.db"))
      assert.include(["EACCES", "EPERM", "EROFS", "ENOENT"], told?.code)
    })
  )
  it.effect("is closed with its scope: what is asked afterwards fails and throws nothing", () =>
    Effect.gen(function* () {
      const scope = yield* Scope.make()
      const context = yield* Layer.buildWithScope(memory, scope)
      yield* Scope.close(scope, Exit.void)
      const after = yield* Effect.result(Effect.provideContext(sqlOf(valuesOf), context))
      assert.isTrue(Result.isFailure(after))
    })
  )

  const ended = (child: ChildProcess) =>
    Effect.callback<{ code: number | null; stderr: string }>((resume) => {
      let stderr = ""
      child.stderr?.on("data", (chunk) => (stderr += String(chunk)))
      child.on("close", (code) => resume(Effect.succeed({ code, stderr })))
    })
  it.live("is used by two processes at once without losing a change, a process or a word on standard error", () =>
    Effect.gen(function* () {
      const path = join(yield* folder, "shared.db")
      const script = fileURLToPath(new URL("counting.ts", import.meta.url))
      const children = [1, 2].map(() =>
        spawn(process.execPath, [script, path, "60"], { stdio: ["ignore", "ignore", "pipe"] })
      )
      const ends = yield* Effect.forEach(children, ended, { concurrency: "unbounded" })
      assert.deepStrictEqual(ends, [
        { code: 0, stderr: "" },
        { code: 0, stderr: "" }
      ])
      const counter: Migration = ["CREATE TABLE counter (n INTEGER)"]
      const [row, check] = yield* on(path, [counter])((sql) =>
        Effect.all([sql`SELECT n, count(*) AS counters FROM counter`, sql.unsafe("PRAGMA integrity_check").values])
      )
      assert.deepStrictEqual(row, [{ n: 120, counters: 1 }])
      assert.deepStrictEqual(check, [["ok"]])
    })
  )
  it.live("waits for another's lock without stopping what else runs", () =>
    Effect.gen(function* () {
      const path = join(yield* folder, "shared.db")
      const [first, second] = yield* Effect.all([
        Layer.build(Sqlite.layer({ path, migrations: things })),
        Layer.build(Sqlite.layer({ path, migrations: things }))
      ])
      let wrote = false
      const put = sqlOf((sql) => sql`INSERT INTO things (value) VALUES ('second')`)
      const holding = sqlOf((sql) =>
        sql.withTransaction(
          Effect.gen(function* () {
            const waiting = yield* Effect.forkDetach(
              Effect.tap(Effect.provideContext(put, second), () => Effect.sync(() => (wrote = true))),
              { startImmediately: true }
            )
            // were the wait not a fiber's, nobody would come to this point before it was over
            yield* Effect.yieldNow
            assert.isFalse(wrote)
            return waiting
          })
        )
      )
      const waiting = yield* Effect.provideContext(holding, first)
      yield* Fiber.join(waiting)
      assert.deepStrictEqual(yield* Effect.provideContext(sqlOf(valuesOf), first), ["second"])
    })
  )
  it.effect(
    "fails with a lock's error, having changed nothing, where another keeps the lock for more than 5 seconds",
    () =>
      Effect.gen(function* () {
        const path = join(yield* folder, "shared.db")
        const [first, second] = yield* Effect.all([
          Layer.build(Sqlite.layer({ path, migrations: things })),
          Layer.build(Sqlite.layer({ path, migrations: things }))
        ])
        const put = sqlOf((sql) => sql.withTransaction(sql`INSERT INTO things (value) VALUES ('second')`))
        const holding = sqlOf((sql) =>
          sql.withTransaction(
            Effect.gen(function* () {
              const waiting = yield* Effect.forkChild(Effect.flip(Effect.provideContext(put, second)), {
                startImmediately: true
              })
              yield* TestClock.adjust("4900 millis")
              assert.isUndefined(waiting.pollUnsafe())
              yield* TestClock.adjust("200 millis")
              return yield* Fiber.join(waiting)
            })
          )
        )
        const error = yield* Effect.provideContext(holding, first)
        assert.strictEqual(error.reason._tag, "LockTimeoutError")
        assert.deepStrictEqual(yield* Effect.provideContext(sqlOf(valuesOf), second), [])
      })
  )
})
