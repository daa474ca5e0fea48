/**
 * Recorded embeddings, sent through the gateway in their own wire with the recorded answer replayed as the upstream:
 * both sides must equal the recording, but for the name of the model asked.
 */
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { isJsonObject, type Json, type JsonObject } from "../../src/domain/Json.ts"
import type { VendorId } from "./harness.ts"
import { differenceOf, recordings, recordingsAreHere, replaying } from "./replaying.ts"

interface Suite {
  readonly vendor: VendorId
  readonly file: string
  readonly path: RegExp
  readonly count: number
  /** Where the gateway is asked, and with which body, so that `vendor` is meant. */
  readonly asked: (path: string, body: JsonObject) => { readonly path: string; readonly body: JsonObject }
}

const suites: ReadonlyArray<Suite> = [
  {
    vendor: "openai",
    file: "openai.jsonl",
    path: /\/embeddings$/,
    count: 3,
    asked: (path, body) => ({ path, body: { ...body, model: `openai/${String(body["model"])}` } })
  },
  {
    vendor: "gemini",
    file: "google.jsonl",
    path: /:batchEmbedContents$/,
    count: 6,
    asked: (path, body) => ({
      path: path.replace("/models/", "/models/gemini/"),
      body: { requests: requestsOf(body).map((one) => ({ ...one, model: asGemini(one["model"]) })) }
    })
  }
]

const requestsOf = (body: JsonObject): ReadonlyArray<JsonObject> => {
  const requests: Json | undefined = body["requests"]
  return Array.isArray(requests) ? requests.filter(isJsonObject) : []
}
const asGemini = (name: Json | undefined): string => String(name).replace("models/", "models/gemini/")

describe.skipIf(!recordingsAreHere)("recorded embeddings over HTTP", () => {
  for (const { asked, count, file, path, vendor } of suites)
    it.live(`${file}: every request reaches the vendor and every answer the caller as recorded`, () =>
      Effect.scoped(
        Effect.gen(function* () {
          const all = recordings(file, path)
          assert.strictEqual(all.length, count)
          const replayed = yield* replaying(vendor, all, ({ request }) => asked(request.path, request.body))
          assert.deepStrictEqual(
            replayed.flatMap((one) => differenceOf(one) ?? []),
            []
          )
          console.log(`conformance ${file}, embeddings: ${all.length} of ${count} equal on both sides`)
        })
      )
    )
})
