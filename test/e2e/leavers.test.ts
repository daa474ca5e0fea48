/**
 * Callers that leave at every moment of a request leave nothing behind. A thousand of them: `npm run faults -- --leavers`.
 */
import { assert, it } from "@effect/vitest"
import { Effect } from "effect"
import { callerKinds } from "../../scripts/faults/callers.ts"
import { playLeavers } from "../../scripts/faults/leavers.ts"

it.live(
  "who leaves, whenever, leaves no call, fiber, timer or socket behind, nothing in flight and no circuit on probe",
  () =>
    Effect.map(playLeavers({ callers: callerKinds.length * 12, atOnce: 30 }), (seen) => {
      assert.deepStrictEqual(seen.problems, [])
      assert.strictEqual(seen.left.size, callerKinds.length)
      assert.isAbove(seen.upstreamCalls, callerKinds.length * 6)
    })
)
