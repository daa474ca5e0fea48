/**
 * Recorded exchanges with real vendors, sent through a whole gateway in their own wire with the recorded answer replayed
 * as the upstream: what reached the vendor, and what the caller was told.
 */
import { Effect } from "effect"
import { existsSync, readFileSync } from "node:fs"
import { isDeepStrictEqual } from "node:util"
import { request as send } from "undici"
import { defaultResilience } from "../../src/config/Settings.ts"
import { makeSseParser } from "../../src/dialect/Sse.ts"
import { type Json, type JsonObject, parseJson } from "../../src/domain/Json.ts"
import { start, type VendorId } from "./harness.ts"

const folder = new URL("../../../shared/recordings/", import.meta.url)

/** Are the recordings beside this checkout? It is printed where they are not. */
export const recordingsAreHere = existsSync(folder)
if (!recordingsAreHere) console.log("skipped: ../shared/recordings is not here")

export interface Recording {
  readonly source: string
  readonly request: { readonly path: string; readonly body: JsonObject }
  readonly response: {
    readonly status: number
    readonly headers: Readonly<Record<string, string>>
    readonly body?: Json
    readonly text?: string
  }
}

/** The recordings of a file to paths that fit, without their queries. */
export const recordings = (file: string, path: RegExp): ReadonlyArray<Recording> =>
  readFileSync(new URL(file, folder), "utf8")
    .split("\n")
    .filter((line) => line !== "")
    // a recording's shape is described in the folder's README
    .map((line) => JSON.parse(line) as Recording)
    .filter(({ request }) => path.test(request.path.replace(/\?.*/, "")))

export interface Replayed {
  readonly recording: Recording
  /** The body that reached the vendor; absent: none did. */
  readonly sent: Json | undefined
  readonly status: number
  readonly text: string
}

/** Sends each recording as `asked` says, so that `vendor` is meant, and replays the recorded answer. */
export const replaying = (
  vendor: VendorId,
  all: ReadonlyArray<Recording>,
  asked: (recording: Recording) => { readonly path: string; readonly body: JsonObject }
) =>
  Effect.gen(function* () {
    const gateway = start({
      vendors: [vendor],
      // what fails in the recording is shown as it is, not tried again
      resilience: {
        retries: { RateLimited: 0, ServerError: 0, Overloaded: 0, Network: 0, Timeout: 0 },
        circuit: { ...defaultResilience.circuit, failures: 1000 }
      }
    })
    const shared = yield* gateway
    return yield* Effect.forEach(all, (recording) =>
      Effect.gen(function* () {
        const { body, headers, status, text } = recording.response
        // a failure closes the way for a while, so each has a gateway of its own
        const { simulator, url } = status === 200 ? shared : yield* gateway
        yield* simulator.setReplay(() => ({
          status,
          headers,
          ...(text === undefined ? { body: body ?? null } : { text, chunkBytes: 777 })
        }))
        yield* simulator.clearCalls
        const question = asked(recording)
        const answer = yield* Effect.promise(async () => {
          const { body, statusCode } = await send(`${url}${question.path}`, {
            method: "POST",
            headers: { "content-type": "application/json", "anthropic-version": "2023-06-01" },
            body: JSON.stringify(question.body)
          })
          return { status: statusCode, text: await body.text() }
        })
        const [call] = yield* simulator.calls
        return { recording, sent: call?.body, ...answer }
      })
    )
  })

/** The events of a stream. */
export const eventsIn = (text: string) => {
  const parser = makeSseParser()
  return [...Array.from(parser.push(Buffer.from(text))), ...Array.from(parser.end())]
}

/** The data of a stream's events, parsed where it is JSON. */
export const dataIn = (text: string): ReadonlyArray<Json> => eventsIn(text).map(({ data }) => parseJson(data) ?? data)

/** What an exchange is to come to; `expected` where that is not what was recorded. */
export interface Expected {
  readonly sent?: Json
  /** How a stream is read; its data unless told. */
  readonly stream?: (text: string) => unknown
  /** What the recorded stream comes to, read in that way. */
  readonly told?: unknown
}

/** What differs between an exchange and its recording, in one line; `undefined`: nothing. */
export const differenceOf = (
  { recording: { request, response, source }, sent, status, text }: Replayed,
  { sent: body = request.body, stream = dataIn, told }: Expected = {}
): string | undefined => {
  const found = [
    sent === undefined ? "request: never sent" : difference("request", sent, body),
    difference("status", status, response.status),
    response.text === undefined
      ? difference("answer", parseJson(text) ?? text, response.body ?? null)
      : difference("stream", stream(text), told ?? stream(response.text))
  ].filter((one) => one !== undefined)
  return found.length === 0 ? undefined : `${source}: ${found.join(" | ")}`
}

const difference = (what: string, found: unknown, expected: unknown): string | undefined =>
  isDeepStrictEqual(found, expected)
    ? undefined
    : `${what}: found ${JSON.stringify(found)?.slice(0, 300)} expected ${JSON.stringify(expected)?.slice(0, 300)}`
