/**
 * Recorded exchanges of OpenAI's Responses, sent through the gateway with the recorded answer replayed as the upstream:
 * both sides must equal the recording, but for the model asked.
 */
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { parseJson } from "../../src/domain/Json.ts"
import { differenceOf, eventsIn, type Recording, recordings, recordingsAreHere, replaying } from "./replaying.ts"

/** What only OpenAI's own storage can serve is refused here, or served from the gateway's. */
const refusedHere = ["background", "conversation", "previous_response_id"]

const isServed = ({ request }: Recording): boolean =>
  !refusedHere.some((field) => request.body[field] !== undefined && request.body[field] !== false)

/** This wire names its events. */
const named = (text: string) => eventsIn(text).map(({ data, event }) => [event, parseJson(data) ?? data])

describe.skipIf(!recordingsAreHere)("recorded exchanges of Responses through the gateway", () => {
  it.live("reach the vendor and the caller as recorded", () =>
    Effect.scoped(
      Effect.gen(function* () {
        const all = recordings("openai.jsonl", /^\/v1\/responses$/)
        const served = all.filter(isServed)
        const replayed = yield* replaying("openai", served, ({ request: { body, path } }) => ({
          path,
          body: { ...body, model: `openai/${String(body["model"])}` }
        }))
        const differing = replayed.flatMap((one) => differenceOf(one, { stream: named }) ?? [])
        console.log(
          `conformance of Responses: ${served.length - differing.length} of ${served.length} equal on both sides; ${all.length - served.length} refer to OpenAI's own storage`
        )
        assert.deepStrictEqual(differing, [])
        assert.isAbove(served.length, 0)
      })
    )
  )
})
