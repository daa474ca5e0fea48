import { assert, describe, it } from "vitest"
import { loadDriver, withoutSqliteWarning } from "../../src/storage/driver.ts"

describe("loading the SQLite driver", () => {
  it("keeps back the one warning that SQLite is experimental, and no other", () => {
    const original = process.emitWarning
    const seen: Array<string> = []
    process.emitWarning = (warning: string | Error) => void seen.push(String(warning))
    try {
      withoutSqliteWarning(() => {
        process.emitWarning("SQLite is an experimental feature and might change at any time", "ExperimentalWarning")
        process.emitWarning("something else is an experimental feature", "ExperimentalWarning")
        process.emitWarning(new Error("an error that was warned of"))
      })
      process.emitWarning("SQLite is an experimental feature, says somebody afterwards")
    } finally {
      process.emitWarning = original
    }
    assert.deepStrictEqual(seen, [
      "something else is an experimental feature",
      "Error: an error that was warned of",
      "SQLite is an experimental feature, says somebody afterwards"
    ])
  })
  it("puts the warnings back in order where loading fails", () => {
    const original = process.emitWarning
    assert.throws(() =>
      withoutSqliteWarning(() => {
        throw new Error("no such module")
      })
    )
    assert.strictEqual(process.emitWarning, original)
  })
  it("finds the driver in the Node that runs this", () => {
    assert.isDefined(loadDriver()?.DatabaseSync)
  })
})
