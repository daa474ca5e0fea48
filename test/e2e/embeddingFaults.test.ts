/**
 * Vectors that are not what was asked for: the next provider with the same model is asked, and where nobody else has it
 * the caller gets an error, never vectors of which one is wrong or stands in another's place.
 */
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { isJsonObject, type Json, type JsonObject } from "../../src/domain/Json.ts"
import { vectorOf } from "../../src/simulator/Vectors.ts"
import { start } from "./harness.ts"

const small = "text-embedding-3-small"

const base64 = (numbers: ReadonlyArray<number>): string =>
  Buffer.from(new Float32Array(numbers).buffer).toString("base64")

const answer = (...vectors: ReadonlyArray<Json>): JsonObject => ({
  object: "list",
  model: small,
  data: vectors.map((embedding, index) => ({ object: "embedding", index, embedding })),
  usage: { prompt_tokens: 2, total_tokens: 2 }
})
const placed = (...places: ReadonlyArray<Json>): JsonObject => ({
  ...answer(),
  data: places.map((index) => ({ object: "embedding", index, embedding: [1, 2] }))
})

/** Answers to a request for two vectors of two numbers, none of which is one. */
const wrong: ReadonlyArray<readonly [what: string, body: JsonObject]> = [
  ["too few", answer([1, 2])],
  ["too many", answer([1, 2], [3, 4], [5, 6])],
  ["none", answer()],
  ["of different lengths", answer([1, 2], [3])],
  ["empty", answer([], [])],
  ["shorter than was asked", answer([1], [3])],
  ["longer than was asked", answer([1, 2, 3], [3, 4, 5])],
  ["longer than was asked, in base64", answer(base64([1, 2, 3]), base64([3, 4, 5]))],
  ["with what is no number", answer([1, null], [3, 4])],
  ["with numbers as texts", answer(["1", "2"], [3, 4])],
  ["with NaN in base64", answer(base64([1, Number.NaN]), base64([3, 4]))],
  ["with infinity in base64", answer(base64([1, Number.POSITIVE_INFINITY]), base64([3, 4]))],
  ["cut off in base64", answer(base64([1, 2]).slice(0, 5), base64([3, 4]))],
  ["in something else than base64", answer("?!", base64([3, 4]))],
  ["in one place", placed(0, 0)],
  ["in places beyond the last", placed(1, 2)]
]

const ask = async (url: string, fields: JsonObject) => {
  const response = await fetch(`${url}/v1/embeddings`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ model: `openai/${small}`, input: ["hello", "world"], dimensions: 2, ...fields })
  })
  const told: unknown = await response.json()
  const body = isJsonObject(told) ? told : {}
  const data = Array.isArray(body["data"]) ? body["data"].filter(isJsonObject) : []
  return { response, body, vectors: data.map(({ embedding }) => embedding) }
}

describe.concurrent("vectors", () => {
  for (const [what, body] of wrong)
    for (const encoding of ["float", "base64"] as const)
      it.live(`${what}, wanted as ${encoding}: are nobody's answer`, () =>
        Effect.scoped(
          Effect.gen(function* () {
            const { simulator, url } = yield* start({ vendors: ["openai", "openrouter"] })
            yield* simulator.setReplay(({ vendor }) => (vendor === "openai" ? { status: 200, body } : undefined))
            const alone = yield* Effect.promise(() => ask(url, { encoding_format: encoding }))
            // a provider that only has another length is well, it cannot do what is asked
            const [status, code] = what.includes("than was asked")
              ? [400, "unsupported_value"]
              : [502, "provider_malformed_response"]
            assert.strictEqual(alone.response.status, status, JSON.stringify(alone.body))
            assert.nestedPropertyVal(alone.body, "error.code", code)
            const elsewhere = yield* Effect.promise(() =>
              ask(url, { encoding_format: encoding, fallbacks: [`openrouter/openai/${small}`] })
            )
            assert.strictEqual(elsewhere.response.headers.get("x-switchyard-provider"), "openrouter")
            const right = ["hello", "world"].map((text) => [...vectorOf(small, text, 2)])
            assert.deepStrictEqual(elsewhere.vectors, encoding === "float" ? right : right.map(base64))
          })
        )
      )

  it.live("out of order are put in order", () =>
    Effect.scoped(
      Effect.gen(function* () {
        const { simulator, url } = yield* start({ vendors: ["openai"] })
        const data = [
          { object: "embedding", index: 1, embedding: [3, 4] },
          { object: "embedding", index: 0, embedding: [1, 2] }
        ]
        yield* simulator.setReplay(() => ({ status: 200, body: { ...answer(), data } }))
        const told = yield* Effect.promise(() => ask(url, { encoding_format: "float" }))
        assert.deepStrictEqual(told.vectors, [
          [1, 2],
          [3, 4]
        ])
      })
    )
  )

  it.live("of a batch of which a part fails are none: another provider makes all of them", () =>
    Effect.scoped(
      Effect.gen(function* () {
        const { simulator, url } = yield* start({ vendors: ["mistral", "openrouter"] })
        let calls = 0
        yield* simulator.setReplay(({ vendor }) =>
          vendor === "mistral" && ++calls > 1 ? { status: 503, body: { message: "down" } } : undefined
        )
        const input = Array.from({ length: 300 }, (_, at) => `text ${at}`)
        const model = "mistral/codestral-embed"
        const alone = yield* Effect.promise(() => ask(url, { model, input }))
        assert.strictEqual(alone.response.status, 503, JSON.stringify(alone.body).slice(0, 300))
        calls = 0
        const fallbacks = ["openrouter/mistralai/codestral-embed"]
        const elsewhere = yield* Effect.promise(() => ask(url, { model, input, fallbacks, encoding_format: "float" }))
        assert.strictEqual(elsewhere.response.headers.get("x-switchyard-provider"), "openrouter")
        assert.strictEqual(elsewhere.vectors.length, 300)
      })
    )
  )
})
