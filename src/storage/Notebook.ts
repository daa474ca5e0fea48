/**
 * What parts of the program remember of themselves over a restart: one JSON text under a name each.
 *
 * It is for what is good to know and can be done without (what estimates have learned, what was told already): a page
 * that cannot be read counts as empty, and one that cannot be written is told of once in the log and tried again.
 *
 * @module
 */
import { Context, Effect, Fiber, Layer, Option, Result, Schema, type Scope } from "effect"
import { SqlClient } from "effect/sql"
import type { StorageUnavailable } from "./Sqlite.ts"

export class Notebook extends Context.Service<
  Notebook,
  {
    /** Does it outlast the process? */
    readonly durable: boolean
    /** `undefined` where there is none, or none that can be read. */
    readonly read: (name: string) => Effect.Effect<string | undefined>
    /** `false`: it could not be written. */
    readonly write: (name: string, text: string) => Effect.Effect<boolean>
  }
>()("switchyard/storage/Notebook") {
  /** Lasts as long as `pages` does: for tests, and for a gateway that has no storage. */
  static readonly layerMemory = (pages: Map<string, string> = new Map()): Layer.Layer<Notebook> =>
    Layer.succeed(Notebook, {
      durable: false,
      read: (name) => Effect.sync(() => pages.get(name)),
      write: (name, text) =>
        Effect.sync(() => {
          pages.set(name, text)
          return true
        })
    })

  /** In the embedded database's table `note`. */
  static readonly layerSqlite: Layer.Layer<Notebook, never, SqlClient.SqlClient> = Layer.effect(
    Notebook,
    Effect.map(SqlClient.SqlClient, (sql) => ({
      durable: true,
      read: (name) =>
        Effect.match(sql<{ readonly text: string }>`SELECT text FROM note WHERE name = ${name}`, {
          onFailure: () => undefined,
          onSuccess: ([row]) => row?.text
        }),
      write: (name, text) =>
        Effect.match(
          sql`INSERT INTO note (name, text) VALUES (${name}, ${text})
              ON CONFLICT (name) DO UPDATE SET text = excluded.text`,
          { onFailure: () => false, onSuccess: () => true }
        )
    }))
  )

  /** In that database, or in memory should it be of no use: others say so. */
  static readonly layerDurable = (
    sqlite: Layer.Layer<SqlClient.SqlClient, StorageUnavailable>
  ): Layer.Layer<Notebook> =>
    Notebook.layerSqlite.pipe(
      Layer.provide(sqlite),
      Layer.catchTag("StorageUnavailable", () => Notebook.layerMemory())
    )
}

/** A page that is being kept. */
export interface Page<A> {
  readonly name: string
  readonly schema: Schema.Codec<A, unknown>
  /** What is to stand there now. The same value (by identity) is not written again. */
  readonly now: () => A
}

/** A page is written no more often than this. */
const writeEvery = "30 seconds"
/** At the end, writing it may take so long. */
const lastLimit = "2 seconds"

/** What stands on a page; `undefined` where there is nothing that can be understood. */
export const readPage = <A>({
  name,
  schema
}: Pick<Page<A>, "name" | "schema">): Effect.Effect<A | undefined, never, Notebook> =>
  Effect.gen(function* () {
    const text = yield* (yield* Notebook).read(name)
    if (text === undefined) return undefined
    const decoded = Schema.decodeUnknownResult(Schema.fromJsonString(schema))(text)
    if (Result.isSuccess(decoded)) return decoded.success
    yield* Effect.logWarning(
      `what was remembered of ${name} cannot be read: it is damaged, or a later version wrote it`
    )
    return undefined
  })

/** Writes a page in the background whenever it has changed, until the scope closes, and then once more. */
export const keepPage = <A>({ name, now, schema }: Page<A>): Effect.Effect<void, never, Notebook | Scope.Scope> =>
  Effect.gen(function* () {
    const notebook = yield* Notebook
    let written: A | undefined = now()
    let failing = false
    const encode = Schema.encodeSync(Schema.fromJsonString(schema))
    const write = Effect.suspend(() => {
      const value = now()
      if (value === written) return Effect.void
      return Effect.flatMap(notebook.write(name, encode(value)), (done) => {
        if (done) {
          written = value
          failing = false
          return Effect.void
        }
        if (failing) return Effect.void
        failing = true
        return Effect.logWarning(`what is remembered of ${name} cannot be stored now; it is tried again by itself`)
      })
    })
    yield* Effect.addFinalizer(() =>
      // a fiber of its own: the finalizer cannot be interrupted, so a limit could not end it
      Effect.flatMap(
        Effect.forkDetach(Effect.map(Effect.timeoutOption(write, lastLimit), Option.isSome), {
          startImmediately: true
        }),
        (fiber) => Effect.asVoid(Fiber.await(fiber))
      )
    )
    yield* Effect.forkScoped(Effect.forever(Effect.andThen(Effect.sleep(writeEvery), write)))
  })
