import { GoogleGenAI } from "@google/genai"
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import OpenAI, { APIError } from "openai"
import * as Simulator from "../../src/simulator/Simulator.ts"
import { vectorOf } from "../../src/simulator/Vectors.ts"

const using = <A>(use: (simulator: Simulator.SimulatorShape) => Promise<A>) =>
  Effect.scoped(Effect.flatMap(Simulator.make(), (simulator) => Effect.promise(() => use(simulator))))

const openai = (simulator: Simulator.SimulatorShape, vendor = "openai") =>
  new OpenAI({ baseURL: simulator.baseUrl(vendor), apiKey: "sk-test", maxRetries: 0 })

const statusOf = (call: Promise<unknown>): Promise<unknown> =>
  call.then(
    () => 200,
    (error: unknown) => (error instanceof APIError ? error.status : error)
  )

describe("a simulated vendor's vectors", () => {
  it.live("are those of the text, the model and the length, from whatever vendor and in either encoding", () =>
    using(async (simulator) => {
      const expected = [...vectorOf("text-embedding-3-small", "hello", 16)]
      assert.approximately(Math.hypot(...expected), 1, 1e-6)
      for (const [vendor, model] of [
        ["openai", "text-embedding-3-small"],
        ["openrouter", "openai/text-embedding-3-small"]
      ] as const)
        for (const encoding of [{}, { encoding_format: "float" }] as const) {
          const { data } = await openai(simulator, vendor).embeddings.create({
            model,
            input: ["x", "hello"],
            dimensions: 16,
            ...encoding
          })
          assert.deepStrictEqual(data[1]?.embedding, expected)
        }
      const google = new GoogleGenAI({ apiKey: "key", httpOptions: { baseUrl: simulator.baseUrl("gemini") } })
      const { embeddings } = await google.models.embedContent({ model: "gemini-embedding-001", contents: "hello" })
      assert.deepStrictEqual(embeddings?.[0]?.values, [...vectorOf("gemini-embedding-001", "hello")])
      assert.strictEqual(embeddings?.[0]?.values?.length, 3072)
    })
  )

  it.live("have the faults of any answer, by the model's name", () =>
    using(async (simulator) => {
      const ask = (model: string) => statusOf(openai(simulator).embeddings.create({ model, input: "a" }))
      assert.strictEqual(await ask("text-embedding-3-small--rate-limit"), 429)
      assert.strictEqual(await ask("text-embedding-3-small--server-error"), 500)
      assert.strictEqual(await ask("fault-banned"), 403)
      assert.strictEqual(await ask("text-embedding-3-small--no-such-fault"), 400)
    })
  )

  it.live("are refused to what the vendors refuse", () =>
    using(async (simulator) => {
      const ask = (model: string, input: string | Array<string>, vendor?: string) =>
        statusOf(openai(simulator, vendor).embeddings.create({ model, input }))
      assert.strictEqual(await ask("gpt-5.2", "a"), 403)
      assert.strictEqual(await ask("text-embedding-3-small", []), 400)
      assert.strictEqual(await ask("text-embedding-3-small", ""), 400)
      const many = Array.from({ length: 257 }, () => "a")
      assert.strictEqual(await ask("mistral-embed", many, "mistral"), 400)
      assert.strictEqual(await ask("text-embedding-3-small", many), 200)
    })
  )
})
