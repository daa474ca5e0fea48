/**
 * Recorded exchanges of OpenAI's Responses, sent through the gateway with the recorded answer replayed as the upstream:
 * both sides must equal the recording, but for the model asked.
 */
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { existsSync, readFileSync } from "node:fs"
import { isDeepStrictEqual } from "node:util"
import { request as send } from "undici"
import { defaultResilience } from "../../src/config/Settings.ts"
import { makeSseParser } from "../../src/dialect/Sse.ts"
import { type Json, type JsonObject, parseJson } from "../../src/domain/Json.ts"
import { start } from "./harness.ts"

const file = new URL("../../../shared/recordings/openai.jsonl", import.meta.url)

interface Recording {
  readonly source: string
  readonly request: { readonly path: string; readonly body: JsonObject }
  readonly response: {
    readonly status: number
    readonly headers: Readonly<Record<string, string>>
    readonly body?: Json
    readonly text?: string
  }
}

const recordings = (): ReadonlyArray<Recording> =>
  readFileSync(file, "utf8")
    .split("\n")
    .filter((line) => line !== "")
    // a recording's shape is described in the folder's README
    .map((line) => JSON.parse(line) as Recording)
    .filter(({ request }) => request.path === "/v1/responses")

/** What only OpenAI's own storage can serve is refused here, or served from the gateway's. */
const refusedHere = ["background", "conversation", "previous_response_id"]

const isServed = ({ request }: Recording): boolean =>
  !refusedHere.some((field) => request.body[field] !== undefined && request.body[field] !== false)

const events = (text: string): ReadonlyArray<unknown> => {
  const parser = makeSseParser()
  return [...parser.push(new TextEncoder().encode(text)), ...parser.end()].map(({ data, event }) => [
    event,
    parseJson(data) ?? data
  ])
}

const difference = (what: string, found: unknown, expected: unknown): string | undefined =>
  isDeepStrictEqual(found, expected)
    ? undefined
    : `${what}: ${JSON.stringify(found)?.slice(0, 300)} instead of ${JSON.stringify(expected)?.slice(0, 300)}`

if (!existsSync(file)) console.log(`skipped: no recordings in ${file.pathname}`)

describe.skipIf(!existsSync(file))("recorded exchanges of Responses through the gateway", () => {
  it.live("reach the vendor and the caller as recorded", () =>
    Effect.scoped(
      Effect.gen(function* () {
        const gateway = start({
          vendors: ["openai"],
          // what fails in the recording is shown as it is, not tried again
          resilience: {
            retries: { RateLimited: 0, ServerError: 0, Overloaded: 0, Network: 0, Timeout: 0 },
            circuit: { ...defaultResilience.circuit, failures: 1000 }
          }
        })
        const all = recordings()
        const served = all.filter(isServed)
        const differing: Array<string> = []
        const shared = yield* gateway
        for (const { source, request, response } of served) {
          // a failure closes the way for a while, so each has a gateway of its own
          const { url, simulator } = response.status === 200 ? shared : yield* gateway
          yield* simulator.setReplay(() => ({
            status: response.status,
            headers: response.headers,
            ...(response.text === undefined
              ? { body: response.body ?? null }
              : { text: response.text, chunkBytes: 777 })
          }))
          yield* simulator.clearCalls
          const asked = { ...request.body, model: `openai/${String(request.body["model"])}` }
          const answer = yield* Effect.promise(async () => {
            const { statusCode, body } = await send(`${url}/v1/responses`, {
              method: "POST",
              headers: { "content-type": "application/json" },
              body: JSON.stringify(asked)
            })
            return { status: statusCode, text: await body.text() }
          })
          const [call] = yield* simulator.calls
          const found = [
            call === undefined ? "request: never sent" : difference("request", call.body, request.body),
            difference("status", answer.status, response.status),
            response.text === undefined
              ? difference("answer", parseJson(answer.text) ?? answer.text, response.body ?? null)
              : difference("stream", events(answer.text), events(response.text))
          ].filter((one) => one !== undefined)
          if (found.length > 0) differing.push(`${source}: ${found.join(" | ")}`)
        }
        console.log(
          `conformance of Responses: ${served.length - differing.length} of ${served.length} equal on both sides; ${all.length - served.length} refer to OpenAI's own storage`
        )
        assert.deepStrictEqual(differing, [])
        assert.isAbove(served.length, 0)
      })
    )
  )
})
