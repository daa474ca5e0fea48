/**
 * Where client keys are kept that are made at run time.
 *
 * A store keeps keys by name and decides nothing but one thing: of two changes made from the same state it takes one.
 * Several processes may use one store (replicas, the command line beside a running gateway); `revision` tells them that
 * somebody has changed something. Every implementation passes the same laws.
 *
 * Gotchas
 * - A row that cannot be read (damaged, or written by a later version) is left out with a line in the log and stays
 *   where it is. Nobody gets in by it, and its name stays taken.
 *
 * @module
 */
import { Context, Effect, Layer, Result, Schema } from "effect"
import { SqlClient, type SqlError } from "effect/sql"
import type { StorageUnavailable } from "../storage/Sqlite.ts"
import { StoredKey } from "./StoredKey.ts"

/** The store cannot be read or written now. `message` is the driver's own word. */
export class KeyStoreError extends Schema.TaggedError<KeyStoreError>()("KeyStoreError", {
  operation: Schema.Literals(["load", "insert", "replace", "remove", "revision"]),
  message: Schema.String
}) {}

export class KeyStore extends Context.Service<
  KeyStore,
  {
    /** Does it outlast the process? */
    readonly durable: boolean
    /** All keys that can be read, in no order. */
    readonly load: Effect.Effect<ReadonlyArray<StoredKey>, KeyStoreError>
    /** Adds a key; `false` where its name is taken, and nothing is changed. */
    readonly insert: (key: StoredKey) => Effect.Effect<boolean, KeyStoreError>
    /** Puts a key in the place of the version before it; `false` where that is not there, and nothing is changed. */
    readonly replace: (key: StoredKey) => Effect.Effect<boolean, KeyStoreError>
    /** Removes what stands under a name; what is not there is nobody's loss. */
    readonly remove: (name: string) => Effect.Effect<void, KeyStoreError>
    /** A number that is another one after every change, whoever made it. */
    readonly revision: Effect.Effect<number, KeyStoreError>
  }
>()("switchyard/keys/KeyStore") {
  /** Lasts as long as `rows` does: for tests, and for a gateway that has no storage. */
  static readonly layerMemory = (rows: Map<string, string> = new Map()): Layer.Layer<KeyStore> =>
    Layer.sync(KeyStore, () => inMemory(rows))

  /** In the embedded database's table `client_keys`. */
  static readonly layerSqlite: Layer.Layer<KeyStore, never, SqlClient.SqlClient> = Layer.effect(
    KeyStore,
    Effect.map(SqlClient.SqlClient, (sql) => inSqlite(sql))
  )

  /**
   * In that database, or, should it be of no use, nowhere: every operation fails. Keys that may be there cannot be told
   * from wrong ones then, so that nobody is let in who is not known from elsewhere.
   */
  static readonly layerDurable = (
    sqlite: Layer.Layer<SqlClient.SqlClient, StorageUnavailable>
  ): Layer.Layer<KeyStore> =>
    KeyStore.layerSqlite.pipe(
      Layer.provide(sqlite),
      Layer.catchTag("StorageUnavailable", ({ message }) => Layer.succeed(KeyStore, outOfOrder(message)))
    )
}

interface Row {
  readonly name: string
  readonly entry: string
}

const decodeKey = Schema.decodeUnknownResult(Schema.fromJsonString(StoredKey))

/** Rows that were read or written before, by name. */
type Known = Map<string, { readonly entry: string; readonly key: StoredKey }>

/** The keys of all rows that can be read; of a row that is as it was, the same key (by identity). */
const readRows = (rows: ReadonlyArray<Row>, known?: Known): Effect.Effect<ReadonlyArray<StoredKey>> => {
  const keys: Array<StoredKey> = []
  const unread: Array<string> = []
  const before = known === undefined ? undefined : new Map(known)
  known?.clear()
  for (const { entry, name } of rows) {
    const same = before?.get(name)
    if (same?.entry === entry) {
      known?.set(name, same)
      keys.push(same.key)
      continue
    }
    const decoded = decodeKey(entry)
    // a key under a name that is not its own could not be revoked by it
    if (Result.isSuccess(decoded) && decoded.success.name === name) {
      keys.push(decoded.success)
      known?.set(name, { entry, key: decoded.success })
    } else unread.push(name)
  }
  return Effect.as(unread.length === 0 ? Effect.void : unreadable(unread), keys)
}

const unreadable = (names: ReadonlyArray<string>): Effect.Effect<void> =>
  Effect.logError(
    `${names.length} stored client keys cannot be read and let nobody in (the first: ${JSON.stringify(
      names[0]?.slice(0, 64)
    )}): they are damaged, or a later version wrote them`
  )

const inMemory = (rows: Map<string, string>): KeyStore["Service"] => {
  let revision = 0
  const write = (key: StoredKey): true => {
    revision++
    rows.set(key.name, JSON.stringify(key))
    return true
  }
  const versionOf = (name: string): number | undefined => {
    const row = rows.get(name)
    const decoded = row === undefined ? undefined : decodeKey(row)
    return decoded !== undefined && Result.isSuccess(decoded) ? decoded.success.version : undefined
  }
  return {
    durable: false,
    load: Effect.suspend(() => readRows([...rows].map(([name, entry]) => ({ name, entry })))),
    insert: (key) => Effect.sync(() => !rows.has(key.name) && write(key)),
    replace: (key) => Effect.sync(() => versionOf(key.name) === key.version - 1 && write(key)),
    remove: (name) =>
      Effect.sync(() => {
        if (rows.delete(name)) revision++
      }),
    revision: Effect.sync(() => revision)
  }
}

const inSqlite = (sql: SqlClient.SqlClient): KeyStore["Service"] => {
  const known: Known = new Map()
  const failed = (operation: KeyStoreError["operation"]) => (error: SqlError.SqlError) => {
    const { cause, message } = error.reason
    return new KeyStoreError({
      operation,
      message: cause instanceof Error ? cause.message : (message ?? error.message)
    })
  }
  const counted = sql`UPDATE client_keys_revision SET revision = revision + 1`
  /** Whether a statement that returns what it wrote has written anything; if so, everybody is told. */
  const written = (
    operation: KeyStoreError["operation"],
    statement: Effect.Effect<ReadonlyArray<unknown>, SqlError.SqlError>
  ) =>
    Effect.flatMap(statement, ({ length }) => (length === 0 ? Effect.succeed(false) : Effect.as(counted, true))).pipe(
      sql.withTransaction,
      Effect.mapError(failed(operation))
    )
  const keptAs = (key: StoredKey, entry: string) => (isWritten: boolean) =>
    Effect.sync(() => {
      if (isWritten) known.set(key.name, { entry, key })
    })
  return {
    durable: true,
    load: Effect.flatMap(Effect.mapError(sql<Row>`SELECT name, entry FROM client_keys`, failed("load")), (rows) =>
      readRows(rows, known)
    ),
    insert: (key) =>
      Effect.suspend(() => {
        const entry = JSON.stringify(key)
        return written(
          "insert",
          sql`INSERT INTO client_keys (name, version, entry) VALUES (${key.name}, ${key.version}, ${entry})
              ON CONFLICT (name) DO NOTHING RETURNING name`
        ).pipe(Effect.tap(keptAs(key, entry)))
      }),
    replace: (key) =>
      Effect.suspend(() => {
        const entry = JSON.stringify(key)
        return written(
          "replace",
          sql`UPDATE client_keys SET version = ${key.version}, entry = ${entry}
              WHERE name = ${key.name} AND version = ${key.version - 1} RETURNING name`
        ).pipe(Effect.tap(keptAs(key, entry)))
      }),
    remove: (name) =>
      Effect.asVoid(written("remove", sql`DELETE FROM client_keys WHERE name = ${name} RETURNING name`)),
    revision: Effect.mapError(
      Effect.map(
        sql<{ readonly revision: number }>`SELECT revision FROM client_keys_revision`,
        ([row]) => row?.revision ?? 0
      ),
      failed("revision")
    )
  }
}

const outOfOrder = (message: string): KeyStore["Service"] => {
  const fails = (operation: KeyStoreError["operation"]) => Effect.fail(new KeyStoreError({ operation, message }))
  return {
    durable: true,
    load: fails("load"),
    insert: () => fails("insert"),
    replace: () => fails("replace"),
    remove: () => fails("remove"),
    revision: fails("revision")
  }
}
