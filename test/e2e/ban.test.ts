/**
 * An account that is banned in the midst of its streams. With 200 streams: `npm run faults -- --ban`.
 */
import { assert, it } from "@effect/vitest"
import { Effect } from "effect"
import { playBan } from "../../scripts/faults/ban.ts"

it.live("a ban truncates no stream, is met once, and fails no new request", () =>
  Effect.map(playBan({ streams: 40, news: 20, paceMillis: 15 }), (seen) => {
    assert.deepStrictEqual(seen.problems, [])
    // how many were still running is the machine's business
    for (const path of [seen.cut, seen.byPrefill, seen.byTurn, seen.inBandErrors]) assert.isAbove(path, 0)
  })
)
