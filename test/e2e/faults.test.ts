/**
 * Every fault a vendor can have, as a caller sees it: the matrix of `scripts/faults`, cell by cell.
 *
 * Here streams that break end in an error; how they are completed is in `resume.test.ts`.
 */
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { faultNames } from "../../src/simulator/Faults.ts"
import { plainGroups, showCell } from "../../scripts/faults/cells.ts"
import { entries, nameOf } from "../../scripts/faults/expected.ts"
import { runGroup } from "../../scripts/faults/matrix.ts"

describe.concurrent("a fault at a vendor", () => {
  for (const entry of entries)
    for (const group of plainGroups(entry))
      it.live(`${nameOf(entry)} at ${group.wire}`, () =>
        Effect.map(runGroup(group), (seen) => {
          assert.strictEqual(seen.length, group.cells.length)
          for (const { cell, problems } of seen) assert.deepStrictEqual(problems, [], showCell(cell))
        })
      )
})

it("every fault of the list has a row", () => {
  assert.deepStrictEqual([...new Set(entries.map(({ fault }) => fault))].sort(), [...faultNames].sort())
})
