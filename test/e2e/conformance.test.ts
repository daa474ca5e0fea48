/**
 * Recorded exchanges with real providers, sent through the gateway in their own wire with the recorded answer replayed
 * as the upstream: both sides must equal the recording, but for the model asked and what the gateway asks of streams.
 */
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { existsSync, readFileSync } from "node:fs"
import { isDeepStrictEqual } from "node:util"
import { request as send } from "undici"
import { isJsonObject, type Json, type JsonObject, parseJson } from "../../src/domain/Json.ts"
import { makeSseParser } from "../../src/dialect/Sse.ts"
import { defaultResilience } from "../../src/config/Settings.ts"
import { start, type VendorId } from "./harness.ts"

const folder = new URL("../../../shared/recordings/", import.meta.url)

interface Recording {
  readonly source: string
  readonly request: { readonly method: string; readonly path: string; readonly body: JsonObject }
  readonly response: {
    readonly status: number
    readonly headers: Readonly<Record<string, string>>
    readonly body?: Json
    readonly text?: string
  }
}

/** The recordings of one wire in a file. */
const recordings = (file: string, path: RegExp): ReadonlyArray<Recording> =>
  readFileSync(new URL(file, folder), "utf8")
    .split("\n")
    .filter((line) => line !== "")
    // a recording's shape is described in the folder's README
    .map((line) => JSON.parse(line) as Recording)
    .filter((recording) => path.test(recording.request.path.replace(/\?.*/, "")))

const suites: ReadonlyArray<{ readonly vendor: VendorId; readonly file: string; readonly path: string }> = [
  { vendor: "openai", file: "openai.jsonl", path: "/v1/chat/completions" },
  { vendor: "anthropic", file: "anthropic.jsonl", path: "/v1/messages" },
  { vendor: "groq", file: "groq.jsonl", path: "/v1/chat/completions" },
  { vendor: "mistral", file: "mistral.jsonl", path: "/v1/chat/completions" },
  { vendor: "deepseek", file: "deepseek.jsonl", path: "/v1/chat/completions" },
  { vendor: "openrouter", file: "openrouter.jsonl", path: "/v1/chat/completions" },
  { vendor: "cerebras", file: "cerebras.jsonl", path: "/v1/chat/completions" },
  { vendor: "ollama", file: "ollama.jsonl", path: "/v1/chat/completions" },
  { vendor: "huggingface", file: "huggingface.jsonl", path: "/v1/chat/completions" },
  { vendor: "zai", file: "zai.jsonl", path: "/v1/chat/completions" }
]

/** Exchanges that are meant to differ, and why. */
const meantToDiffer: Readonly<Record<string, string>> = {
  "test_openrouter/test_openrouter_errors_raised#0":
    "a rate limit of the operator's account is told in the gateway's words, not the vendor's",
  "test_openrouter/test_openrouter_stream_error#0":
    "no end marker is written after an error, though the vendor wrote one",
  "test_openrouter/test_openrouter_stream_with_native_options#0":
    "`models` is Switchyard's own list of fallbacks, and these names are nobody's here"
}

/** The data of a stream, parsed where it is JSON. */
const events = (text: string): ReadonlyArray<Json> => {
  const parser = makeSseParser()
  const all = [...Array.from(parser.push(Buffer.from(text))), ...Array.from(parser.end())]
  return all.map(({ data }) => parseJson(data) ?? data)
}

/** The chunk that only tells the usage, which a caller who did not ask for it is not shown. */
const isUsageChunk = (event: Json): boolean =>
  isJsonObject(event) &&
  Array.isArray(event["choices"]) &&
  event["choices"].length === 0 &&
  isJsonObject(event["usage"])

const asksForUsage = ({ stream_options: options }: JsonObject): boolean =>
  isJsonObject(options) && options["include_usage"] === true

/** What the gateway adds to a stream's request. */
const withUsageAsked = (body: JsonObject): JsonObject =>
  body["stream"] === true
    ? {
        ...body,
        stream_options: { ...(isJsonObject(body["stream_options"]) ? body["stream_options"] : {}), include_usage: true }
      }
    : body

const difference = (name: string, found: unknown, expected: unknown): string | undefined =>
  isDeepStrictEqual(found, expected)
    ? undefined
    : `${name}: found ${JSON.stringify(found).slice(0, 300)} expected ${JSON.stringify(expected).slice(0, 300)}`

describe("conformance with recorded exchanges", () => {
  if (!existsSync(folder)) {
    console.log("skipped: ../shared/recordings is not here")
    it.skip("the recordings are not here", () => {})
    return
  }
  for (const { vendor, file, path } of suites) {
    it.live(`${file}: every request reaches the vendor and every answer the caller as recorded`, () =>
      Effect.scoped(
        Effect.gen(function* () {
          const gateway = start({
            vendors: [vendor],
            // what fails in the recording is shown as it is, not tried again
            resilience: {
              retries: { RateLimited: 0, ServerError: 0, Overloaded: 0, Network: 0, Timeout: 0 },
              circuit: { ...defaultResilience.circuit, failures: 1000 }
            }
          })
          const all = recordings(file, /\/(chat\/completions|messages)$/)
          const differing: Array<string> = []
          const shared = yield* gateway
          for (const { source, request, response } of all) {
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
            const asked = { ...request.body, model: `${vendor}/${String(request.body["model"])}` }
            const answer = yield* Effect.promise(async () => {
              const { statusCode, body } = await send(`${url}${path}`, {
                method: "POST",
                headers: { "content-type": "application/json", "anthropic-version": "2023-06-01" },
                body: JSON.stringify(asked)
              })
              return { status: statusCode, text: await body.text() }
            })
            const [call] = yield* simulator.calls
            const isMessages = path === "/v1/messages"
            const found = [
              call === undefined
                ? "request: never sent"
                : difference("request", call.body, isMessages ? request.body : withUsageAsked(request.body)),
              difference("status", answer.status, response.status),
              response.text === undefined
                ? difference("answer", parseJson(answer.text) ?? answer.text, response.body ?? null)
                : difference(
                    "stream",
                    events(answer.text),
                    events(response.text).filter((event) => !isUsageChunk(event) || asksForUsage(request.body))
                  )
            ].filter((one) => one !== undefined)
            if (found.length > 0) differing.push(`${source}: ${found.join(" | ")}`)
          }
          const meant = all.flatMap(({ source }) => (meantToDiffer[source] === undefined ? [] : [source]))
          console.log(`conformance ${file}: ${all.length - differing.length} of ${all.length} equal on both sides`)
          for (const source of meant) console.log(`  ${source}: ${meantToDiffer[source]}`)
          assert.deepStrictEqual(
            differing.filter((text) => !meant.some((source) => text.startsWith(`${source}: `))),
            []
          )
          assert.strictEqual(differing.length, meant.length)
        })
      )
    )
  }
})
