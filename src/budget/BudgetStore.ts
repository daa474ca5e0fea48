/**
 * Where it is recorded what may have been spent: the blocks that processes draw, and the journal of what became of them.
 *
 * A process draws from a budget's window before it spends, so the sum of all that was drawn is never less than what was
 * spent, whatever dies when. Afterwards it notes what was settled in the journal, and returns what it does not need.
 * Everything goes in batches: all steps of a batch take effect, in their order, or none.
 *
 * An owner is a place for one process (a replica's name). Whoever opens it is its present life: what its earlier life
 * had drawn and not noted is noted as `lost`, and counts as spent. An earlier life that still runs is fenced off.
 *
 * Every implementation passes one suite of laws.
 *
 * Gotchas
 * - A batch is sent again, with the same number, until it is known to have taken effect: the second time it changes
 *   nothing and is answered as the first time.
 * - What is noted beyond what was drawn (a bill above its worst case) is drawn by that, beyond the limit if need be.
 *
 * @module
 */
import { Context, Effect, Layer } from "effect"
import { SqlClient } from "effect/sql"
import type { StorageUnavailable } from "../storage/Sqlite.ts"
import { inMemory, type MemoryRows, memoryRows } from "./MemoryBudgetStore.ts"
import { inSqlite } from "./SqliteBudgetStore.ts"
import { BudgetStoreError, type BudgetStoreShape } from "./StoreContract.ts"

export class BudgetStore extends Context.Service<BudgetStore, BudgetStoreShape>()("switchyard/budget/BudgetStore") {
  /** Lasts as long as `rows` does: for tests, and for a gateway that has no storage. */
  static readonly layerMemory = (rows: MemoryRows = memoryRows()): Layer.Layer<BudgetStore> =>
    Layer.succeed(BudgetStore, inMemory(rows))

  /** In the embedded database's tables `budget_block`, `budget_journal` and `budget_owner`. */
  static readonly layerSqlite: Layer.Layer<BudgetStore, never, SqlClient.SqlClient> = Layer.effect(
    BudgetStore,
    Effect.map(SqlClient.SqlClient, inSqlite)
  )

  /** In that database. Where it is of no use nothing is recorded, and so nothing is spent under a hard limit. */
  static readonly layerDurable = (
    sqlite: Layer.Layer<SqlClient.SqlClient, StorageUnavailable>
  ): Layer.Layer<BudgetStore> =>
    BudgetStore.layerSqlite.pipe(
      Layer.provide(sqlite),
      Layer.catchTag("StorageUnavailable", ({ message }) => Layer.succeed(BudgetStore, outOfOrder(message)))
    )
}

const outOfOrder = (message: string): BudgetStoreShape => {
  const failed = Effect.fail(new BudgetStoreError({ why: "failed", message }))
  return { durable: true, open: () => failed, commit: () => failed, balance: () => failed, journal: () => failed }
}
