/**
 * The store of budgets in the embedded database. A batch is one transaction.
 *
 * @module
 */
import { Effect, Schema } from "effect"
import type { SqlClient, SqlError } from "effect/sql"
import { least, minus, most, mostNano, nano, plus, zero } from "../domain/Money.ts"
import {
  asNano,
  type Balance,
  type Batch,
  BudgetStoreError,
  type BudgetStoreShape,
  type Drawn,
  hourOf,
  type JournalRow,
  type StoreStep,
  superseded,
  type WindowKey
} from "./StoreContract.ts"

interface OwnerRow {
  readonly life: string
  readonly batch: number
  readonly reply: string
}

const Replies = Schema.fromJsonString(
  Schema.Array(Schema.Struct({ granted: Schema.Int, total: Schema.Int, unnoted: Schema.Int }))
)
const decodeReplies = Schema.decodeUnknownEffect(Replies)

const failed = (error: SqlError.SqlError | Schema.SchemaError | BudgetStoreError): BudgetStoreError => {
  if (error._tag === "BudgetStoreError") return error
  if (error._tag !== "SqlError") return new BudgetStoreError({ why: "failed", message: "a stored answer is damaged" })
  const { cause, message } = error.reason
  return new BudgetStoreError({
    why: "failed",
    message: cause instanceof Error ? cause.message : (message ?? error.message)
  })
}

export const inSqlite = (sql: SqlClient.SqlClient): BudgetStoreShape => {
  const balance = ({ budget, window }: WindowKey) =>
    Effect.map(
      sql<Balance>`SELECT COALESCE(SUM(drawn), 0) AS drawn, COALESCE(SUM(noted), 0) AS noted
                   FROM budget_block WHERE budget = ${budget} AND window = ${window}`,
      ([row]): Balance => ({ drawn: asNano(row?.drawn), noted: asNano(row?.noted) })
    )

  const own = ({ budget, window }: WindowKey, owner: string) =>
    Effect.map(
      sql<Balance>`SELECT drawn, noted FROM budget_block
                   WHERE budget = ${budget} AND window = ${window} AND owner = ${owner}`,
      ([row]): Balance => ({ drawn: asNano(row?.drawn), noted: asNano(row?.noted) })
    )

  const put = ({ budget, window }: WindowKey, owner: string, { drawn, noted }: Balance) =>
    sql`INSERT INTO budget_block (budget, window, owner, drawn, noted)
        VALUES (${budget}, ${window}, ${owner}, ${drawn}, ${noted})
        ON CONFLICT (budget, window, owner) DO UPDATE SET drawn = excluded.drawn, noted = excluded.noted`

  const note = ({ amount, budget, certainty, count, hour, window }: JournalRow) =>
    sql`INSERT INTO budget_journal (budget, window, hour, certainty, amount, count)
        VALUES (${budget}, ${window}, ${hour}, ${certainty}, ${amount}, ${count})
        ON CONFLICT (budget, window, hour, certainty)
        DO UPDATE SET amount = MIN(amount + excluded.amount, ${mostNano}), count = count + excluded.count`

  const step = (owner: string, one: StoreStep): Effect.Effect<Drawn | undefined, SqlError.SqlError> => {
    switch (one._tag) {
      case "Draw":
        return Effect.gen(function* () {
          const { drawn } = yield* balance(one)
          const granted = least(one.amount, most(zero, minus(one.limit, drawn)))
          const before = yield* own(one, owner)
          const after = { drawn: plus(before.drawn, granted), noted: before.noted }
          if (granted > 0) yield* put(one, owner, after)
          return { granted, total: plus(drawn, granted), unnoted: minus(after.drawn, after.noted) }
        })
      case "Return":
        return Effect.gen(function* () {
          const { drawn, noted } = yield* own(one, owner)
          const returned = most(zero, least(one.amount, minus(drawn, noted)))
          if (returned > 0) yield* put(one, owner, { drawn: minus(drawn, returned), noted })
          return undefined
        })
      case "Note":
        return Effect.gen(function* () {
          yield* note(one)
          const before = yield* own(one, owner)
          const noted = plus(before.noted, one.amount)
          yield* put(one, owner, { drawn: most(before.drawn, noted), noted })
          return undefined
        })
      case "Forget":
        return Effect.gen(function* () {
          yield* sql`DELETE FROM budget_block WHERE budget = ${one.budget} AND window < ${one.window}`
          yield* sql`DELETE FROM budget_journal WHERE budget = ${one.budget} AND window < ${one.window}`
          return undefined
        })
    }
  }

  const present = (owner: string) =>
    Effect.map(sql<OwnerRow>`SELECT life, batch, reply FROM budget_owner WHERE owner = ${owner}`, ([row]) => row)

  const commit = (batch: Batch) =>
    Effect.gen(function* () {
      const owner = yield* present(batch.owner)
      if (owner === undefined || owner.life !== batch.life) return yield* superseded(batch.owner)
      if (batch.number <= owner.batch) {
        const replies = yield* decodeReplies(owner.reply)
        return replies.map(({ granted, total, unnoted }): Drawn => ({
          granted: nano(granted),
          total: nano(total),
          unnoted: nano(unnoted)
        }))
      }
      const reply: Array<Drawn> = []
      for (const one of batch.steps) {
        const drawn = yield* step(batch.owner, one)
        if (drawn !== undefined) reply.push(drawn)
      }
      yield* sql`UPDATE budget_owner SET batch = ${batch.number}, reply = ${JSON.stringify(reply)}
                 WHERE owner = ${batch.owner}`
      return reply
    })

  const open = (owner: string, life: string, now: number) =>
    Effect.gen(function* () {
      if ((yield* present(owner))?.life === life) return
      yield* sql`INSERT INTO budget_owner (owner, life, batch, reply) VALUES (${owner}, ${life}, 0, '[]')
                 ON CONFLICT (owner) DO UPDATE SET life = excluded.life, batch = 0, reply = '[]'`
      const unnoted = yield* sql<WindowKey & Balance>`
        SELECT budget, window, drawn, noted FROM budget_block WHERE owner = ${owner} AND drawn > noted`
      for (const { budget, drawn, noted, window } of unnoted) {
        const [all, known] = [asNano(drawn), asNano(noted)]
        yield* note({ budget, window, hour: hourOf(now), certainty: "lost", amount: minus(all, known), count: 1 })
        yield* put({ budget, window }, owner, { drawn: all, noted: all })
      }
    })

  return {
    durable: true,
    open: (owner, life, now) => open(owner, life, now).pipe(sql.withTransaction, Effect.mapError(failed)),
    commit: (batch) => commit(batch).pipe(sql.withTransaction, Effect.mapError(failed)),
    balance: (key) => Effect.mapError(balance(key), failed),
    journal: (budget, since) =>
      Effect.mapError(
        sql<JournalRow>`SELECT budget, window, hour, certainty, amount, count FROM budget_journal
                        WHERE budget = ${budget} AND window >= ${since} ORDER BY window, hour, certainty`,
        failed
      )
  }
}
