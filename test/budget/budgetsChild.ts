/**
 * A process that spends: `node budgetsChild.ts <file>`. It prints what the vendor bills for each call as it is sent, a
 * line each, and `refused` where nothing is left. It goes on until it is killed.
 */
import { Effect, Layer } from "effect"
import { writeSync } from "node:fs"
import { Budgets } from "../../src/budget/Budgets.ts"
import { BudgetStore } from "../../src/budget/BudgetStore.ts"
import { nano } from "../../src/domain/Money.ts"
import * as Sqlite from "../../src/storage/Sqlite.ts"

const [path = ""] = process.argv.slice(2)

const program = Effect.gen(function* () {
  const budgets = yield* Budgets
  const call = (at: number) =>
    Effect.gen(function* () {
      const lease = yield* budgets.lease({
        id: "r",
        scopes: [],
        priority: "normal",
        expected: nano(0),
        millis: 60_000
      })
      const attempt = yield* lease.reserve({ scopes: [], worst: nano(1_000_000) })
      const bill = 900_000 + (at % 100_000)
      writeSync(1, `${bill}\n`)
      yield* Effect.sleep(1 + (at % 7))
      attempt.settle({ by: "told", owed: nano(bill) }, yield* Effect.clockWith((clock) => clock.currentTimeMillis))
    }).pipe(
      Effect.scoped,
      Effect.catch(() =>
        Effect.andThen(
          Effect.sync(() => void writeSync(1, "refused\n")),
          Effect.sleep(20)
        )
      )
    )
  yield* Effect.forEach(Array.from({ length: 100_000 }), (_, at) => call(at * 7919), { concurrency: 20, discard: true })
})

const layer = Budgets.layer({
  policies: [
    {
      scope: "global",
      window: "month",
      timeZone: "UTC",
      hard: nano(1e9),
      soft: undefined,
      reservePercent: 0,
      onExhausted: "reject"
    }
  ],
  owner: "a"
}).pipe(Layer.provide(BudgetStore.layerDurable(Sqlite.layer({ path }))))
await Effect.runPromise(Effect.provide(program, layer))
