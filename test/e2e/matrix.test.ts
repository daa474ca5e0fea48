/**
 * The clients that programs use, unmodified, with every vendor wire: the matrix of `scripts/matrix`, group by group.
 */
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { groupsOf } from "../../scripts/matrix/cells.ts"
import { clients } from "../../scripts/matrix/clients/all.ts"
import { runGroup } from "../../scripts/matrix/group.ts"
import { wires } from "../../scripts/matrix/wires.ts"

describe("a client of today", () => {
  for (const group of groupsOf(clients))
    it.live(`${group.client.name} works with ${wires[group.wire].doc}`, () =>
      Effect.map(runGroup(group), (seen) => {
        assert.isAbove(seen.length, 0)
        assert.deepStrictEqual(
          seen.filter(({ problems }) => problems.length > 0).map(({ cell, problems }) => [cell.feature.name, problems]),
          []
        )
      })
    )
})
