/** A process that counts in a database others count in too: `node counting.ts <file> <times>`. */
import { Effect } from "effect"
import { SqlClient } from "effect/sql"
import * as Sqlite from "../../src/storage/Sqlite.ts"

const [path = "", times = "0"] = process.argv.slice(2)

const countOnce = Effect.gen(function* () {
  const sql = yield* SqlClient.SqlClient
  const [row] = yield* sql<{ n: number }>`SELECT n FROM counter`
  // others get their chance between the look and the change
  yield* Effect.yieldNow
  yield* sql`UPDATE counter SET n = ${(row?.n ?? 0) + 1}`
})

const program = Effect.gen(function* () {
  const sql = yield* SqlClient.SqlClient
  for (let i = 0; i < Number(times); i++) yield* sql.withTransaction(countOnce)
})

const layer = Sqlite.layer({
  path,
  migrations: [["CREATE TABLE counter (n INTEGER)", "INSERT INTO counter VALUES (0)"]]
})
await Effect.runPromise(Effect.provide(program, layer))
