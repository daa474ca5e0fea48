/**
 * The embedded database: one SQLite file behind `effect/sql`.
 *
 * `layer({ path })` creates the folder and the file (readable by its owner alone), brings its tables up to date and
 * yields a `SqlClient`: prepared statements are cached, transactions nest, and everything goes through one connection,
 * a statement or a transaction at a time. It is closed with its scope.
 *
 * Durability: WAL with `synchronous = FULL`, so that what was committed outlasts a power failure and not only a killed
 * process. Each commit waits for the disk, which is why nothing on a request's path may write here, and writers batch.
 *
 * Gotchas
 * - The driver is synchronous: while a statement runs, nothing else does. So it hardly waits for another process's lock
 *   itself (`nativeWaitMillis`); beyond that it is asked again from a fiber, for `lockWaitMillis` at the most.
 * - Transactions take the write lock when they begin, so that they cannot fail on it in the middle.
 * - Integers beyond 2^53 come back as bigint, others as numbers; with `SafeIntegers` all of them are bigint. Blobs are
 *   `Uint8Array`. A boolean is kept as 0 or 1, a Date as its ISO text.
 *
 * @module
 */
import { Effect, Layer, Schema, type Scope, Semaphore } from "effect"
import { Reactivity } from "effect/reactivity"
import { SqlClient, type SqlError, Statement } from "effect/sql"
import { closeSync, mkdirSync, openSync } from "node:fs"
import { dirname } from "node:path"
import type { DatabaseSync } from "node:sqlite"
import { connect, failureOf, type SqliteConnection } from "./connection.ts"
import { loadDriver } from "./driver.ts"
import { type Migration, migrations as allMigrations } from "./migrations.ts"

/** The database cannot be used. `message` says what to do. */
export class StorageUnavailable extends Schema.TaggedError<StorageUnavailable>()("StorageUnavailable", {
  path: Schema.String,
  /** The system's (`EACCES`) or SQLite's (`SQLITE_NOTADB`) word, or `NEWER_SCHEMA`, or `NO_DRIVER`. */
  code: Schema.String,
  message: Schema.String
}) {}

export interface SqliteOptions {
  /** The file, or `:memory:` for a database that ends with its scope. */
  readonly path: string
  /** Absent: all of Switchyard's. */
  readonly migrations?: ReadonlyArray<Migration>
}

/** How long the driver itself, and with it everything, waits for another process's lock. */
const nativeWaitMillis = 5

/** A `SqlClient` over the file. Fails where it cannot be opened or its tables cannot be brought up to date. */
export const layer = (options: SqliteOptions): Layer.Layer<SqlClient.SqlClient, StorageUnavailable> =>
  Layer.effect(SqlClient.SqlClient, make(options)).pipe(Layer.provide(Reactivity.layer))

const make = ({
  migrations = allMigrations,
  path
}: SqliteOptions): Effect.Effect<SqlClient.SqlClient, StorageUnavailable, Scope.Scope | Reactivity.Reactivity> =>
  Effect.gen(function* () {
    const database = yield* Effect.acquireRelease(open(path), (opened) => Effect.sync(() => close(opened)))
    const connection = connect(database)
    yield* setUp(connection).pipe(
      Effect.andThen(migrate(connection, path, migrations)),
      Effect.catchTag("SqlError", (error) => unavailable(path, error.reason.cause))
    )
    const { isTransaction, ...acquirers } = SqlClient.makeSqliteAcquirers({
      connection: Effect.succeed(connection),
      semaphore: Semaphore.makeUnsafe(1),
      isTransaction: (open) => open.isTransaction()
    })
    return yield* SqlClient.make({
      ...acquirers,
      isTransaction,
      compiler: Statement.makeCompilerSqlite(),
      driver: "node-sqlite",
      spanAttributes: [["db.system.name", "sqlite"]],
      beginTransaction: "BEGIN IMMEDIATE",
      releaseSavepoint: (name) => `RELEASE SAVEPOINT ${name}`,
      prepareTransactionControls: true
    })
  })

const open = (path: string): Effect.Effect<DatabaseSync, StorageUnavailable> =>
  Effect.suspend(() => {
    const driver = loadDriver()
    if (driver === undefined) return unavailable(path, { code: "NO_DRIVER" })
    return Effect.try({
      try: () => {
        if (path !== ":memory:") {
          mkdirSync(dirname(path), { recursive: true, mode: 0o700 })
          // the files SQLite puts beside it take over its mode
          closeSync(openSync(path, "a", 0o600))
        }
        return new driver.DatabaseSync(path)
      },
      // the system's errors bear codes of their own
      catch: (cause) => storageUnavailable(path, isSystemError(cause) ? cause : failureOf(cause))
    })
  })

const isSystemError = (cause: unknown): boolean => cause instanceof Error && "syscall" in cause

const close = (database: DatabaseSync): void => {
  try {
    database.close()
  } catch {
    // it is closed already, or cannot be: either way nothing more is to be done with it
  }
}

const setUp = (connection: SqliteConnection): Effect.Effect<void, SqlError.SqlError> =>
  Effect.forEach(
    [
      `PRAGMA busy_timeout = ${nativeWaitMillis}`,
      "PRAGMA journal_mode = WAL",
      "PRAGMA synchronous = FULL",
      "PRAGMA foreign_keys = ON"
    ],
    (sql) => connection.executeUnprepared(sql, [], undefined),
    { discard: true }
  )

/** Runs the steps that this database has not seen, each with its number in a transaction of its own. */
const migrate = (
  connection: SqliteConnection,
  path: string,
  migrations: ReadonlyArray<Migration>
): Effect.Effect<void, SqlError.SqlError | StorageUnavailable> => {
  const run = (sql: string) => connection.executeUnprepared(sql, [], undefined)
  const version = Effect.map(connection.executeValuesUnprepared("PRAGMA user_version", []), ([row]) =>
    Number(row?.[0] ?? 0)
  )
  /** Looks again under the lock: another process may have run the step meanwhile. */
  const step = (migration: Migration, number: number) =>
    Effect.gen(function* () {
      yield* run("BEGIN IMMEDIATE")
      if ((yield* version) < number) {
        for (const sql of migration) yield* run(sql)
        yield* run(`PRAGMA user_version = ${number}`)
      }
      yield* run("COMMIT")
    }).pipe(
      Effect.onError(() => (connection.isTransaction() ? Effect.ignore(run("ROLLBACK")) : Effect.void)),
      Effect.uninterruptible
    )
  return Effect.gen(function* () {
    const found = yield* version
    if (found > migrations.length) return yield* unavailable(path, { code: "NEWER_SCHEMA" })
    for (const [index, migration] of migrations.entries()) if (index >= found) yield* step(migration, index + 1)
  })
}

const unavailable = (path: string, cause: unknown): Effect.Effect<never, StorageUnavailable> =>
  Effect.fail(storageUnavailable(path, cause))

const advice: Readonly<Record<string, string>> = {
  EACCES: "give the user that runs the gateway leave to write there, or name another file under storage.sqlite",
  EPERM: "give the user that runs the gateway leave to write there, or name another file under storage.sqlite",
  EROFS: "its file system is read-only: name another file under storage.sqlite",
  ENOSPC: "the disk is full: make room on it",
  ENOENT: "its folder cannot be created there: name another file under storage.sqlite",
  ENOTDIR: "part of its folder's path is a file: name another file under storage.sqlite",
  EEXIST: "part of its folder's path is a file: name another file under storage.sqlite",
  EISDIR: "it is a folder: name a file under storage.sqlite",
  SQLITE_CANTOPEN: "look whether it is a file that the gateway may read and write",
  SQLITE_READONLY: "give the user that runs the gateway leave to write to it and to its folder",
  SQLITE_FULL: "the disk is full: make room on it",
  SQLITE_IOERR: "its disk does not read or write: look at the disk",
  SQLITE_BUSY: "another process has locked it for long: end that process, or wait for it",
  SQLITE_NOTADB: "it is no SQLite database: move it away, or name another file under storage.sqlite",
  SQLITE_CORRUPT: "it is damaged: move it away (a new one is created) or put a copy of it in its place",
  NEWER_SCHEMA: "a later version of Switchyard wrote it: run that version, or name another file under storage.sqlite",
  NO_DRIVER: "this Node was built without node:sqlite: run another, or leave storage.sqlite out"
}

const storageUnavailable = (path: string, cause: unknown): StorageUnavailable => {
  const told = typeof cause === "object" && cause !== null ? cause : {}
  const code = "code" in told && typeof told.code === "string" ? told.code : "UNKNOWN"
  const what = advice[code] ?? (cause instanceof Error ? cause.message : "it cannot be opened")
  return new StorageUnavailable({ path, code, message: `the database ${path} cannot be used (${code}): ${what}` })
}
