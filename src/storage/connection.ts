/**
 * One open SQLite database as a connection of `effect/sql`.
 *
 * Statements run to their end in one go. What another process's lock turns away is asked again after a pause, so that
 * the wait stops nobody else; inside a transaction that does not happen, because it holds the lock since its beginning.
 *
 * Source of the result codes: SQLite's documentation, "Result and Error Codes".
 *
 * @module
 */
import { Cause, Clock, Context, Effect, Stream } from "effect"
import { SqlClient, type SqlConnection, SqlError } from "effect/sql"
import type { DatabaseSync, SQLInputValue, SQLOutputValue, StatementSync } from "node:sqlite"

export interface SqliteConnection extends SqlConnection.Connection {
  readonly isTransaction: () => boolean
}

/** What SQLite says went wrong, in a form that `effect/sql` sorts by. */
export class SqliteFailure extends Error {
  override readonly name = "SqliteFailure"
  /** `SQLITE_BUSY` and its like; `SQLITE_ERROR` for one that is not told apart. */
  readonly code: string
  /** The extended result code; 0 where the driver refused before SQLite was asked. */
  readonly errno: number
  constructor(message: string, code: string, errno: number) {
    super(message)
    this.code = code
    this.errno = errno
  }
}

/** The result codes that somebody tells apart, extended ones by their primary code otherwise. */
const names: Readonly<Record<number, string>> = {
  5: "SQLITE_BUSY",
  6: "SQLITE_LOCKED",
  8: "SQLITE_READONLY",
  10: "SQLITE_IOERR",
  11: "SQLITE_CORRUPT",
  13: "SQLITE_FULL",
  14: "SQLITE_CANTOPEN",
  19: "SQLITE_CONSTRAINT",
  26: "SQLITE_NOTADB",
  // of a primary key, a row id and an index: the same to those who wanted one row and found it there
  1555: "SQLITE_CONSTRAINT_UNIQUE",
  2067: "SQLITE_CONSTRAINT_UNIQUE",
  2579: "SQLITE_CONSTRAINT_UNIQUE"
}

/** The driver's error, by SQLite's own name for it. */
export const failureOf = (cause: unknown): SqliteFailure => {
  const message = cause instanceof Error ? cause.message : String(cause)
  const errno = cause instanceof Error && "errcode" in cause && typeof cause.errcode === "number" ? cause.errcode : 0
  return new SqliteFailure(message, names[errno] ?? names[errno & 0xff] ?? "SQLITE_ERROR", errno)
}

const isLock = ({ code }: SqliteFailure): boolean => code === "SQLITE_BUSY" || code === "SQLITE_LOCKED"

/** How long a statement waits for another process's lock before it fails. */
const lockWaitMillis = 5000
const firstPauseMillis = 2
const longestPauseMillis = 100
const cachedStatements = 200
/** How many rows of a stream are read at a time. */
const streamedRows = 128

type Value = number | string | bigint | Uint8Array | null

/** A database integer as a number where that is exact, unless all are to be bigint. */
const valueOf = (value: SQLOutputValue, bigints: boolean): Value =>
  typeof value === "bigint" && !bigints && value >= Number.MIN_SAFE_INTEGER && value <= Number.MAX_SAFE_INTEGER
    ? Number(value)
    : value

const inputOf = (value: unknown): SQLInputValue => {
  switch (typeof value) {
    case "string":
    case "bigint":
      return value
    case "number":
      // the driver would keep every number as a float
      return Number.isSafeInteger(value) ? BigInt(value) : value
    case "boolean":
      return value ? 1 : 0
    case "undefined":
      return null
    default:
      if (value === null || value instanceof Uint8Array) return value
      if (value instanceof Date) return value.toISOString()
      throw new TypeError(`a value of type ${typeof value} cannot be stored`)
  }
}

/** The connection over an open database. Closing that is its owner's business. */
export const connect = (database: DatabaseSync): SqliteConnection => {
  const cache = new Map<string, StatementSync>()

  const prepare = (sql: string): StatementSync => {
    const statement = database.prepare(sql)
    // read exactly, then narrowed: the driver throws at integers that a number cannot hold
    statement.setReadBigInts(true)
    return statement
  }
  const cached = (sql: string): StatementSync => {
    const found = cache.get(sql) ?? prepare(sql)
    // the last used goes to the end, so that the first is the one to be dropped
    cache.delete(sql)
    cache.set(sql, found)
    const [oldest] = cache.keys()
    if (cache.size > cachedStatements && oldest !== undefined) cache.delete(oldest)
    return found
  }

  /** Asks until no other process's lock is in the way. A statement that met a lock has done nothing. */
  const attempt = <A>(operation: string, run: (bigints: boolean) => A): Effect.Effect<A, SqlError.SqlError> =>
    Effect.withFiber((fiber) => {
      const bigints = Context.get(fiber.context, SqlClient.SafeIntegers)
      const clock = Context.get(fiber.context, Clock.Clock)
      const since = clock.currentTimeMillisUnsafe()
      const once = (pause: number): Effect.Effect<A, SqlError.SqlError> => {
        try {
          return Effect.succeed(run(bigints))
        } catch (cause) {
          const failure = failureOf(cause)
          const patient = clock.currentTimeMillisUnsafe() - since + pause < lockWaitMillis
          if (isLock(failure) && patient && !database.isTransaction)
            return Effect.delay(
              Effect.suspend(() => once(Math.min(pause * 2, longestPauseMillis))),
              pause
            )
          return Effect.fail(
            new SqlError.SqlError({
              reason: SqlError.classifySqliteError(failure, { message: failure.message, operation })
            })
          )
        }
      }
      return once(firstPauseMillis)
    })

  const rowOf = (row: Record<string, SQLOutputValue>, bigints: boolean): SqlConnection.Row => {
    const plain: Record<string, Value> = {}
    for (const column in row) plain[column] = valueOf(row[column] ?? null, bigints)
    return plain
  }
  const rows = (statement: StatementSync, params: ReadonlyArray<unknown>, bigints: boolean) => {
    statement.setReturnArrays(false)
    return statement.all(...params.map(inputOf)).map((row) => rowOf(row, bigints))
  }
  const values = (statement: StatementSync, params: ReadonlyArray<unknown>, bigints: boolean) => {
    statement.setReturnArrays(true)
    // the driver's types know rows as objects only; with `setReturnArrays` they are arrays
    const found = statement.all(...params.map(inputOf)) as unknown as ReadonlyArray<ReadonlyArray<SQLOutputValue>>
    return found.map((row) => row.map((value) => valueOf(value, bigints)))
  }
  const raw = (statement: StatementSync, params: ReadonlyArray<unknown>, bigints: boolean): unknown => {
    if (statement.columns().length > 0) return rows(statement, params, bigints)
    const { changes, lastInsertRowid } = statement.run(...params.map(inputOf))
    return { changes: valueOf(changes, bigints), lastInsertRowid: valueOf(lastInsertRowid, bigints) }
  }

  type Transform = Parameters<SqlConnection.Connection["execute"]>[2]
  const transformed = <A extends object>(transform: Transform, found: ReadonlyArray<A>): ReadonlyArray<A> =>
    transform === undefined ? found : transform(found)

  /** Reads a part of the rows at a time. The connection is the stream's for as long as it runs. */
  const streamed = (sql: string, params: ReadonlyArray<unknown>, transform: Transform) =>
    Stream.fromPull(
      Effect.map(
        // a statement of its own: a cached one could be used by somebody else, and would begin again
        attempt("executeStream", () => prepare(sql).iterate(...params.map(inputOf))),
        (iterator) =>
          Effect.flatMap(
            attempt("executeStream", (bigints) => {
              const part: Array<SqlConnection.Row> = []
              for (let next = iterator.next(); next.done !== true; next = iterator.next()) {
                part.push(rowOf(next.value, bigints))
                if (part.length === streamedRows) break
              }
              return part
            }),
            (part) => {
              const [first, ...rest] = transformed(transform, part)
              return first === undefined ? Cause.done() : Effect.succeed([first, ...rest] as const)
            }
          )
      )
    )

  return {
    isTransaction: () => database.isTransaction,
    execute: (sql, params, transform) =>
      Effect.map(
        attempt("execute", (bigints) => rows(cached(sql), params, bigints)),
        (found) => transformed(transform, found)
      ),
    executeRaw: (sql, params) => attempt("executeRaw", (bigints) => raw(cached(sql), params, bigints)),
    executeStream: streamed,
    executeValues: (sql, params) => attempt("executeValues", (bigints) => values(cached(sql), params, bigints)),
    executeValuesUnprepared: (sql, params) =>
      attempt("executeValues", (bigints) => values(prepare(sql), params, bigints)),
    executeUnprepared: (sql, params, transform) =>
      Effect.map(
        attempt("execute", (bigints) => rows(prepare(sql), params, bigints)),
        (found) => transformed(transform, found)
      )
  }
}
