/**
 * Recorded embeddings, sent through the gateway in their own wire with the recorded answer replayed as the upstream:
 * both sides must equal the recording, but for the name of the model asked.
 */
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { existsSync, readFileSync } from "node:fs"
import { isJsonObject, type Json, type JsonObject, parseJson } from "../../src/domain/Json.ts"
import { start, type VendorId } from "./harness.ts"

const folder = new URL("../../../shared/recordings/", import.meta.url)

const objectIn = (object: JsonObject, key: string): JsonObject => {
  const value = object[key]
  return isJsonObject(value) ? value : {}
}

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

if (!existsSync(folder)) console.log("skipped: ../shared/recordings is not here")

describe.skipIf(!existsSync(folder))("recorded embeddings over HTTP", () => {
  for (const { asked, count, file, path, vendor } of suites)
    it.live(`${file}: every request reaches the vendor and every answer the caller as recorded`, () =>
      Effect.scoped(
        Effect.gen(function* () {
          const exchanges = readFileSync(new URL(file, folder), "utf8")
            .split("\n")
            .map((line) => (line === "" ? undefined : parseJson(line)))
            .filter(isJsonObject)
            .filter((exchange) => path.test(String(objectIn(exchange, "request")["path"])))
          assert.strictEqual(exchanges.length, count)
          for (const exchange of exchanges) {
            const source = String(exchange["source"])
            const [request, response] = [objectIn(exchange, "request"), objectIn(exchange, "response")]
            const { url, simulator } = yield* start({ vendors: [vendor] })
            const body = objectIn(response, "body")
            yield* simulator.setReplay(() => ({
              status: Number(response["status"]),
              headers: { "content-type": "application/json" },
              body
            }))
            const question = asked(String(request["path"]), objectIn(request, "body"))
            const told = yield* Effect.promise(async () => {
              const answer = await fetch(`${url}${question.path}`, {
                method: "POST",
                headers: { "content-type": "application/json" },
                body: JSON.stringify(question.body)
              })
              const text: unknown = await answer.json()
              return { status: answer.status, body: text }
            })
            const [call] = yield* simulator.calls
            assert.deepStrictEqual(call?.body, objectIn(request, "body"), source)
            assert.strictEqual(told.status, response["status"], source)
            assert.deepStrictEqual(told.body, body, source)
          }
          console.log(`conformance ${file}, embeddings: ${exchanges.length} of ${count} equal on both sides`)
        })
      )
    )
})
