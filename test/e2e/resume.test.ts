/**
 * Every fault that breaks a stream within its text, and everybody who may go on: by prefill and by a further turn, with
 * the mistakes that models make there. What the caller gets is the whole text, character by character, and the usage of
 * both parts; or, where what they go on with may as well be something else, the text that was shown and an error.
 */
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { resumeGroups, showCell } from "../../scripts/faults/cells.ts"
import { entries, nameOf } from "../../scripts/faults/expected.ts"
import { runGroup } from "../../scripts/faults/matrix.ts"

describe.concurrent("a stream that breaks within its text is completed", () => {
  for (const entry of entries)
    for (const group of resumeGroups(entry))
      it.live(`${nameOf(entry)} at ${group.wire}`, () =>
        Effect.map(runGroup(group), (seen) => {
          assert.strictEqual(seen.length, group.cells.length)
          for (const { cell, problems } of seen) assert.deepStrictEqual(problems, [], showCell(cell))
        })
      )
})

it("faults that break a stream are among those that are looked at", () => {
  const names = entries.filter((entry) => resumeGroups(entry).length > 0).map(({ fault }) => fault)
  for (const fault of ["cut", "clean-cut", "stall", "damaged-event", "missing-end", "error-event-late"] as const)
    assert.include(names, fault)
})
