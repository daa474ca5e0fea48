import { assert, describe, it } from "@effect/vitest"
import { Effect, Layer } from "effect"
import { SqlClient } from "effect/sql"
import { mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { BudgetStore } from "../../src/budget/BudgetStore.ts"
import { memoryRows } from "../../src/budget/MemoryBudgetStore.ts"
import * as Sqlite from "../../src/storage/Sqlite.ts"
import { budgetStoreLaws } from "./storeLaws.ts"

const folder = Effect.acquireRelease(
  Effect.sync(() => mkdtempSync(join(tmpdir(), "switchyard-budget-"))),
  (path) => Effect.sync(() => rmSync(path, { recursive: true, force: true }))
)

budgetStoreLaws(
  "memory",
  Effect.sync(() => ({ open: BudgetStore.layerMemory(memoryRows()) }))
)

budgetStoreLaws(
  "SQLite",
  Effect.map(folder, (home) => ({
    open: Layer.orDie(BudgetStore.layerDurable(Sqlite.layer({ path: join(home, "switchyard.db") })))
  }))
)

describe("the SQLite store of budgets", () => {
  it.effect("fails with the driver's own word where its tables are gone", () =>
    Effect.gen(function* () {
      const store = yield* BudgetStore
      const sql = yield* SqlClient.SqlClient
      yield* sql`DROP TABLE budget_owner`
      const error = yield* Effect.flip(store.open("a", "1", 0))
      assert.strictEqual(error.why, "failed")
      assert.include(error.message, "no such table: budget_owner")
    }).pipe(Effect.provide(Layer.provideMerge(BudgetStore.layerSqlite, Sqlite.layer({ path: ":memory:" }))))
  )
  it.effect("does not give way to memory where the database is of no use", () =>
    Effect.gen(function* () {
      const path = join(yield* folder, "garbage.db")
      writeFileSync(path, "this is no database, whatever its name says, and it is long enough to be seen as one")
      const store = yield* Effect.provide(BudgetStore, BudgetStore.layerDurable(Sqlite.layer({ path })))
      const error = yield* Effect.flip(store.open("a", "1", 0))
      assert.strictEqual(error.why, "failed")
      assert.isAbove(error.message.length, 0)
    })
  )
})
