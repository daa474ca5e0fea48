/**
 * Where what is in quarantine outlasts a restart.
 *
 * A store keeps entries by their key and knows nothing of what they mean; whoever writes to it decides which ones and
 * when. Every implementation passes the same laws.
 *
 * Gotchas
 * - A row that cannot be read (damaged, or written by a later version) is left out with a line in the log and stays
 *   where it is; the others are loaded.
 *
 * @module
 */
import { Context, Effect, Layer, Result, Schema } from "effect"
import { SqlClient, type SqlError } from "effect/sql"
import type { StorageUnavailable } from "../storage/Sqlite.ts"
import { entryKey, QuarantineEntry, targetKey } from "../machine/QuarantineEntry.ts"

/** The store cannot be read or written now. `message` is the driver's own word. */
export class StoreError extends Schema.TaggedError<StoreError>()("StoreError", {
  operation: Schema.Literals(["load", "put", "remove"]),
  message: Schema.String
}) {}

export class QuarantineStore extends Context.Service<
  QuarantineStore,
  {
    /** Does it outlast the process? */
    readonly durable: boolean
    /** All entries that can be read, in no order. */
    readonly load: Effect.Effect<ReadonlyArray<QuarantineEntry>, StoreError>
    /** Adds these, replacing those of the same keys; all or none. */
    readonly put: (entries: ReadonlyArray<QuarantineEntry>) => Effect.Effect<void, StoreError>
    /** Removes what stands under these keys; those that are not there are nobody's loss. */
    readonly remove: (keys: ReadonlyArray<string>) => Effect.Effect<void, StoreError>
  }
>()("switchyard/health/QuarantineStore") {
  /** Lasts as long as `rows` does: for tests, and for a gateway that has no storage. */
  static readonly layerMemory = (rows: Map<string, string> = new Map()): Layer.Layer<QuarantineStore> =>
    Layer.succeed(QuarantineStore, inMemory(rows))

  /** In the embedded database's table `quarantine`. */
  static readonly layerSqlite: Layer.Layer<QuarantineStore, never, SqlClient.SqlClient> = Layer.effect(
    QuarantineStore,
    Effect.map(SqlClient.SqlClient, (sql) => inSqlite(sql))
  )

  /** In that database, or, should it be of no use, in memory, with a loud line in the log: it never stops the start. */
  static readonly layerDurable = (
    sqlite: Layer.Layer<SqlClient.SqlClient, StorageUnavailable>
  ): Layer.Layer<QuarantineStore> =>
    QuarantineStore.layerSqlite.pipe(
      Layer.provide(sqlite),
      Layer.catchTag("StorageUnavailable", ({ message }) =>
        Layer.unwrap(Effect.as(notDurable(message), QuarantineStore.layerMemory()))
      )
    )
}

const notDurable = (message: string): Effect.Effect<void> =>
  Effect.logError(
    `${message}. Until the gateway is started again with a database that works, quarantine is kept in memory alone: ` +
      `nothing that was stored is in force, and a restart forgets what is observed from now on`
  )

interface Row {
  readonly key: string
  readonly entry: string
}

const decodeEntry = Schema.decodeUnknownResult(Schema.fromJsonString(QuarantineEntry))

/** The entries of all rows that can be read. */
const readRows = (rows: ReadonlyArray<Row>): Effect.Effect<ReadonlyArray<QuarantineEntry>> => {
  const entries: Array<QuarantineEntry> = []
  const unread: Array<string> = []
  for (const { entry, key } of rows) {
    const decoded = decodeEntry(entry)
    // an entry under a key that is not its own would bar something else than it is lifted by
    if (Result.isSuccess(decoded) && entryKey(decoded.success.source, targetKey(decoded.success)) === key)
      entries.push(decoded.success)
    else unread.push(key)
  }
  return Effect.as(unread.length === 0 ? Effect.void : unreadable(unread), entries)
}

const unreadable = (keys: ReadonlyArray<string>): Effect.Effect<void> =>
  Effect.logWarning(
    `${keys.length} stored quarantine entries cannot be read and are left out (the first: ${JSON.stringify(
      keys[0]?.slice(0, 200)
    )}): they are damaged, or a later version wrote them. What they barred is asked again, and barred again if it still refuses`
  )

const inMemory = (rows: Map<string, string>): QuarantineStore["Service"] => ({
  durable: false,
  load: Effect.suspend(() => readRows([...rows].map(([key, entry]) => ({ key, entry })))),
  put: (entries) =>
    Effect.sync(() => {
      for (const entry of entries) rows.set(entry.key, JSON.stringify(entry))
    }),
  remove: (keys) =>
    Effect.sync(() => {
      for (const key of keys) rows.delete(key)
    })
})

const inSqlite = (sql: SqlClient.SqlClient): QuarantineStore["Service"] => {
  const failed = (operation: StoreError["operation"]) => (error: SqlError.SqlError) => {
    const { cause, message } = error.reason
    return new StoreError({ operation, message: cause instanceof Error ? cause.message : (message ?? error.message) })
  }
  return {
    durable: true,
    load: Effect.flatMap(Effect.mapError(sql<Row>`SELECT key, entry FROM quarantine`, failed("load")), readRows),
    put: (entries) =>
      Effect.forEach(
        entries,
        (entry) =>
          sql`INSERT INTO quarantine (key, entry) VALUES (${entry.key}, ${JSON.stringify(entry)})
              ON CONFLICT (key) DO UPDATE SET entry = excluded.entry`,
        { discard: true }
      ).pipe(sql.withTransaction, Effect.mapError(failed("put"))),
    remove: (keys) =>
      keys.length === 0
        ? Effect.void
        : Effect.asVoid(Effect.mapError(sql`DELETE FROM quarantine WHERE ${sql.in("key", keys)}`, failed("remove")))
  }
}
