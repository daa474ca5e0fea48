/**
 * Recorded exchanges with real providers, sent through the gateway in their own wire with the recorded answer replayed
 * as the upstream: both sides must equal the recording, but for the model asked and what the gateway asks of streams.
 */
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { isJsonObject, type Json, type JsonObject } from "../../src/domain/Json.ts"
import type { VendorId } from "./harness.ts"
import { dataIn, differenceOf, recordings, recordingsAreHere, replaying } from "./replaying.ts"

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

describe.skipIf(!recordingsAreHere)("conformance with recorded exchanges", () => {
  for (const { vendor, file, path } of suites) {
    it.live(`${file}: every request reaches the vendor and every answer the caller as recorded`, () =>
      Effect.scoped(
        Effect.gen(function* () {
          const all = recordings(file, /\/(chat\/completions|messages)$/)
          const replayed = yield* replaying(vendor, all, ({ request: { body } }) => ({
            path,
            body: { ...body, model: `${vendor}/${String(body["model"])}` }
          }))
          const differing = replayed.flatMap((one) => {
            const { request, response } = one.recording
            const recorded = dataIn(response.text ?? "")
            return (
              differenceOf(one, {
                sent: path === "/v1/messages" ? request.body : withUsageAsked(request.body),
                told: recorded.filter((event) => !isUsageChunk(event) || asksForUsage(request.body))
              }) ?? []
            )
          })
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
