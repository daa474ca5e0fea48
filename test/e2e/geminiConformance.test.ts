/**
 * Recorded exchanges with the Gemini API, sent through the gateway in their own wire with the recorded answer replayed
 * as the upstream: both sides must equal the recording.
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

const file = new URL("../../../shared/recordings/google.jsonl", import.meta.url)

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
    .filter(({ request }) => /enerateContent/.test(request.path))

const events = (text: string): ReadonlyArray<Json> => {
  const parser = makeSseParser()
  const all = [...Array.from(parser.push(Buffer.from(text))), ...Array.from(parser.end())]
  return all.map(({ data }) => parseJson(data) ?? data)
}

/** What a body is, read as events where it is a stream. */
const read = (path: string, status: number, text: string): Json =>
  status === 200 && path.includes("alt=sse") ? events(text) : (parseJson(text) ?? text)

describe("conformance with recorded exchanges of Gemini", () => {
  if (!existsSync(file)) {
    console.log("skipped: ../shared/recordings is not here")
    it.skip("the recordings are not here", () => {})
    return
  }
  it.live("every request reaches the vendor and every answer the caller as recorded", () =>
    Effect.scoped(
      Effect.gen(function* () {
        const gateway = start({
          vendors: ["gemini"],
          // what fails in the recording is shown as it is, not tried again
          resilience: {
            retries: { RateLimited: 0, ServerError: 0, Overloaded: 0, Network: 0, Timeout: 0 },
            circuit: { ...defaultResilience.circuit, failures: 1000 }
          }
        })
        const all = recordings()
        const differing: Array<string> = []
        const shared = yield* gateway
        for (const { source, request, response } of all) {
          // a failure closes the way for a while, so each has a gateway of its own
          const { simulator, url } = response.status === 200 ? shared : yield* gateway
          yield* simulator.setReplay(() => ({
            status: response.status,
            headers: response.headers,
            ...(response.text === undefined
              ? { body: response.body ?? null }
              : { text: response.text, chunkBytes: 777 })
          }))
          yield* simulator.clearCalls
          const path = request.path.replace("/models/", "/models/gemini/")
          const answer = yield* Effect.promise(async () => {
            const { body, statusCode } = await send(`${url}${path}`, {
              method: "POST",
              headers: { "content-type": "application/json" },
              body: JSON.stringify(request.body)
            })
            return { status: statusCode, text: await body.text() }
          })
          const [call] = yield* simulator.calls
          const recorded =
            response.text === undefined ? (response.body ?? null) : read(path, response.status, response.text)
          const same =
            call !== undefined &&
            isDeepStrictEqual(call.body, request.body) &&
            answer.status === response.status &&
            isDeepStrictEqual(read(path, answer.status, answer.text), recorded)
          if (!same)
            differing.push(
              `${source}: ${call === undefined ? "never sent" : isDeepStrictEqual(call.body, request.body)} ${answer.status} for ${response.status}: ${answer.text.slice(0, 300)} for ${JSON.stringify(recorded).slice(0, 300)}`
            )
        }
        console.log(`conformance google.jsonl: ${all.length - differing.length} of ${all.length} equal on both sides`)
        assert.deepStrictEqual(differing, [])
      })
    )
  )
})
