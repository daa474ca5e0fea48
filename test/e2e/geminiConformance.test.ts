/**
 * Recorded exchanges with the Gemini API, sent through the gateway in their own wire with the recorded answer replayed
 * as the upstream: both sides must equal the recording.
 */
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { differenceOf, recordings, recordingsAreHere, replaying } from "./replaying.ts"

describe.skipIf(!recordingsAreHere)("conformance with recorded exchanges of Gemini", () => {
  it.live("every request reaches the vendor and every answer the caller as recorded", () =>
    Effect.scoped(
      Effect.gen(function* () {
        const all = recordings("google.jsonl", /enerateContent$/)
        const replayed = yield* replaying("gemini", all, ({ request }) => ({
          path: request.path.replace("/models/", "/models/gemini/"),
          body: request.body
        }))
        const differing = replayed.flatMap((one) => differenceOf(one) ?? [])
        console.log(`conformance google.jsonl: ${all.length - differing.length} of ${all.length} equal on both sides`)
        assert.deepStrictEqual(differing, [])
        assert.isAbove(all.length, 0)
      })
    )
  )
})
