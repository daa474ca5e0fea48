/**
 * Embeddings through the whole gateway, as the official SDK and others ask for them.
 */
import { assert, describe, it } from "@effect/vitest"
import { ApiError, GoogleGenAI } from "@google/genai"
import { Effect } from "effect"
import OpenAI from "openai"
import type { Alias } from "../../src/config/Settings.ts"
import { isJsonObject, type JsonObject } from "../../src/domain/Json.ts"
import { vectorOf } from "../../src/simulator/Vectors.ts"
import { alias, type Options, start } from "./harness.ts"

const small = "text-embedding-3-small"
const client = (url: string) => new OpenAI({ baseURL: `${url}/v1`, apiKey: "unused", maxRetries: 0 })

type Running = Effect.Success<ReturnType<typeof start>>

const using = <A>(options: Options, use: (running: Running) => Promise<A>) =>
  Effect.scoped(Effect.flatMap(start(options), (running) => Effect.promise(() => use(running))))

const post = async (url: string, body: JsonObject, headers: Readonly<Record<string, string>> = {}) => {
  const response = await fetch(`${url}/v1/embeddings`, {
    method: "POST",
    headers: { "content-type": "application/json", ...headers },
    body: JSON.stringify(body)
  })
  const told: unknown = await response.json()
  return { status: response.status, headers: response.headers, body: isJsonObject(told) ? told : {} }
}
const errorOf = (body: JsonObject): JsonObject => (isJsonObject(body["error"]) ? body["error"] : {})

const callsTo = ({ simulator }: Running) =>
  Effect.runPromise(Effect.map(simulator.calls, (calls) => calls.map(({ model, vendor }) => `${vendor}/${model}`)))

describe("the openai SDK", () => {
  it.live("gets the vectors of texts, by its default in base64, from OpenAI", () =>
    using({}, async (running) => {
      const { data, response } = await client(running.url)
        .embeddings.create({ model: small, input: ["hello", "world"] })
        .withResponse()
      assert.deepStrictEqual(
        data.data.map(({ embedding, index }) => [index, embedding]),
        [
          [0, [...vectorOf(small, "hello")]],
          [1, [...vectorOf(small, "world")]]
        ]
      )
      assert.strictEqual(data.model, small)
      assert.strictEqual(data.usage.prompt_tokens, 2)
      assert.strictEqual(response.headers.get("x-switchyard-provider"), "openai")
      const [call] = await Effect.runPromise(running.simulator.calls)
      assert.strictEqual(call?.path, "/v1/embeddings")
      assert.isTrue(isJsonObject(call?.body) && call.body["encoding_format"] === "base64")
    })
  )

  for (const encoding_format of ["float", "base64", undefined] as const)
    it.live(`gets Gemini's vectors, asked for as ${encoding_format ?? "it likes"}`, () =>
      using({}, async ({ url }) => {
        const model = "gemini/gemini-embedding-001"
        const { data, usage } = await client(url).embeddings.create({
          model,
          input: "hello",
          dimensions: 8,
          ...(encoding_format === undefined ? {} : { encoding_format })
        })
        // the SDK types what it was explicitly asked for in base64 as numbers too
        const embedding: unknown = data[0]?.embedding
        const floats =
          typeof embedding === "string"
            ? [...new Float32Array(new Uint8Array(Buffer.from(embedding, "base64")).buffer)]
            : embedding
        assert.strictEqual(typeof embedding === "string", encoding_format === "base64")
        assert.deepStrictEqual(floats, [...vectorOf("gemini-embedding-001", "hello", 8)])
        assert.strictEqual(usage.prompt_tokens, 1)
      })
    )

  it.live("gets the vectors of tokens from whoever takes them, and a 400 from whoever does not", () =>
    using({}, async ({ url }) => {
      const { data } = await client(url).embeddings.create({ model: small, input: [[1, 2], [3]], dimensions: 4 })
      assert.deepStrictEqual(data[1]?.embedding, [...vectorOf(small, [3], 4)])
      const refused = await post(url, { model: "gemini/gemini-embedding-001", input: [[1, 2], [3]] })
      assert.strictEqual(refused.status, 400)
      assert.include(String(errorOf(refused.body)["message"]), "token")
    })
  )

  it.live("gets a batch larger than the vendor takes, in order, with the usage of all calls", () =>
    using({ vendors: ["gemini", "mistral"] }, async (running) => {
      const input = Array.from({ length: 257 }, (_, at) => `text ${at}`)
      for (const [model, name, calls] of [
        ["gemini/gemini-embedding-001", "gemini-embedding-001", 3],
        ["mistral/codestral-embed", "codestral-embed", 2]
      ] as const) {
        await Effect.runPromise(running.simulator.clearCalls)
        const { data, usage } = await client(running.url).embeddings.create({ model, input, dimensions: 4 })
        assert.deepStrictEqual(
          data.map(({ embedding }) => embedding),
          input.map((text) => [...vectorOf(name, text, 4)])
        )
        assert.deepStrictEqual(
          data.map(({ index }) => index),
          input.map((_, at) => at)
        )
        assert.strictEqual(usage.prompt_tokens, 257 * 2)
        assert.strictEqual((await callsTo(running)).length, calls)
      }
    })
  )
})

const google = (url: string) => new GoogleGenAI({ apiKey: "unused", httpOptions: { baseUrl: url } })

describe("the Google SDK", () => {
  it.live("gets vectors from Gemini and from OpenAI, in order", () =>
    using({ aliases: [alias("vectors", `openai/${small}`)] }, async (running) => {
      for (const [model, name] of [
        ["gemini-embedding-001", "gemini-embedding-001"],
        ["vectors", small],
        [`openai/${small}`, small]
      ] as const) {
        const { embeddings } = await google(running.url).models.embedContent({
          model,
          contents: ["hello", "world"],
          config: { outputDimensionality: 4 }
        })
        assert.deepStrictEqual(
          embeddings?.map(({ values }) => values),
          ["hello", "world"].map((text) => [...vectorOf(name, text, 4)])
        )
      }
    })
  )

  it.live("is told in Google's shape what is wrong, and keeps what it asks beside the text", () =>
    using({}, async (running) => {
      const config = { taskType: "CLUSTERING", title: "t" }
      await google(running.url).models.embedContent({ model: "gemini-embedding-001", contents: "a", config })
      const [call] = await Effect.runPromise(running.simulator.calls)
      assert.deepStrictEqual(call?.body, {
        requests: [
          { model: "models/gemini-embedding-001", content: { parts: [{ text: "a" }], role: "user" }, ...config }
        ]
      })
      const failed: unknown = await google(running.url)
        .models.embedContent({ model: "no-such-embedding", contents: "a" })
        .catch((error: unknown) => error)
      assert.isTrue(failed instanceof ApiError && failed.status === 404)
      assert.include(String(failed), "NOT_FOUND")
    })
  )

  it.live("has its paths for one text and for many, asked by hand", () =>
    using({}, async ({ url }) => {
      const ask = async (method: string, body: JsonObject): Promise<unknown> => {
        const response = await fetch(`${url}/v1beta/models/gemini-embedding-001:${method}`, {
          method: "POST",
          headers: { "content-type": "application/json" },
          body: JSON.stringify(body)
        })
        return response.json()
      }
      const one = { content: { parts: [{ text: "hello" }] }, outputDimensionality: 2 }
      const values = [...vectorOf("gemini-embedding-001", "hello", 2)]
      assert.deepNestedInclude(await ask("embedContent", one), { "embedding.values": values })
      assert.deepNestedInclude(await ask("batchEmbedContents", { requests: [one, one] }), {
        "embeddings[1].values": values
      })
    })
  )
})

describe("a request for vectors", () => {
  it.live("is logged with what it asked and used, and counted", () =>
    using({}, async ({ log, url }) => {
      await post(url, { model: small, input: ["hello", "world"] })
      const metrics = await (await fetch(`${url}/metrics`)).text()
      assert.match(
        metrics,
        /llm_requests_total\{(?=[^}]*dialect="openai-embeddings")(?=[^}]*provider="openai")(?=[^}]*model="text-embedding-3-small")[^}]*outcome="ok"[^}]*\} [1-9]/
      )
      const line = log.find((line) => line.includes("openai-embeddings"))
      const logged: unknown = JSON.parse(line ?? "{}")
      assert.isTrue(isJsonObject(logged))
      if (!isJsonObject(logged)) return
      assert.deepInclude(logged, { provider: "openai", model: small, inputs: 2, inputTokens: 2, outcome: "ok" })
      assert.notInclude(line ?? "", "hello")
    })
  )

  it.live("is refused in OpenAI's shape where it is wrong, nobody serves it, or the provider does not embed", () =>
    using({}, async ({ url }) => {
      const empty = await post(url, { model: small, input: [] })
      assert.strictEqual(empty.status, 400)
      assert.deepInclude(errorOf(empty.body), { type: "invalid_request_error", param: "input" })
      const unknown = await post(url, { model: "no-such-embedding", input: "a" })
      assert.strictEqual(unknown.status, 404)
      assert.strictEqual(errorOf(unknown.body)["code"], "model_not_found")
      const mute = await post(url, { model: "anthropic/claude-sonnet-5", input: "a" })
      assert.strictEqual(mute.status, 400)
      assert.include(String(errorOf(mute.body)["message"]), "embeddings")
      const cut = await post(url, { model: small, input: "a", dimensions: 9999 })
      assert.strictEqual(cut.status, 400)
      // the vendor's own words, on its own wire
      assert.strictEqual(errorOf(cut.body)["param"], "dimensions")
      assert.strictEqual(cut.headers.get("x-should-retry"), "false")
      const get = await fetch(`${url}/v1/embeddings`)
      assert.strictEqual(get.status, 405)
      assert.include(get.headers.get("allow") ?? "", "POST")
    })
  )

  it.live("to a model that only chats bars nobody from it, nor a chat with a model that only embeds", () =>
    using({}, async ({ url }) => {
      const mistaken = await post(url, { model: "openai/gpt-5.2", input: "a" })
      assert.strictEqual(mistaken.status, 403)
      const chat = await client(url).chat.completions.create({
        model: "openai/gpt-5.2",
        messages: [{ role: "user", content: "hello" }]
      })
      assert.strictEqual(chat.choices[0]?.finish_reason, "stop")
      const response = await fetch(`${url}/v1/chat/completions`, {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify({ model: `openai/${small}`, messages: [{ role: "user", content: "hello" }] })
      })
      assert.strictEqual(response.status, 404)
      assert.strictEqual((await post(url, { model: small, input: "a" })).status, 200)
    })
  )
})

const compatible = (name: string, ...targets: ReadonlyArray<string>): Alias => ({
  ...alias(name, ...targets),
  vectors: "compatible"
})

/** Faults at the first choice, and the reason that the answer's headers give. */
const faults: ReadonlyArray<readonly [string, string]> = [
  ["rate-limit~retryAfter=60", "RateLimited"],
  ["server-error", "ServerError"],
  ["overloaded", "Overloaded"],
  ["banned", "AccessDenied"],
  ["quota", "QuotaExhausted"],
  ["invalid-key", "AuthenticationFailed"],
  ["unknown-model", "ModelUnavailable"],
  ["reset", "Network"],
  ["cut", "Network"],
  ["clean-cut", "MalformedResponse"],
  ["damaged-event", "MalformedResponse"],
  ["missing-end", "MalformedResponse"],
  ["empty", "MalformedResponse"],
  ["html", "MalformedResponse"],
  ["error-body", "Overloaded"]
]

describe("a fault of the first choice", () => {
  for (const [fault, reason] of faults)
    it.live(`${fault}: another provider with the same model answers`, () =>
      using({ vendors: ["openai", "openrouter"], aliases: [] }, async (running) => {
        const [name = "", ...settings] = fault.split("~")
        const retryAfter = Number(settings[0]?.split("=")[1] ?? 1)
        // the names of faults are checked by what they do
        const setting = { fault: name, vendor: "openai", retryAfter }
        await fetch(`${running.simulator.url}/control/faults`, { method: "POST", body: JSON.stringify(setting) })
        const answer = await post(running.url, {
          model: `openai/${small}`,
          fallbacks: [`openrouter/openai/${small}`],
          input: "hello",
          dimensions: 4
        })
        assert.strictEqual(answer.status, 200)
        assert.strictEqual(answer.headers.get("x-switchyard-provider"), "openrouter")
        assert.strictEqual(answer.headers.get("x-switchyard-fallback"), reason)
        const [first] = Array.isArray(answer.body["data"]) ? answer.body["data"] : []
        assert.deepStrictEqual(isJsonObject(first) ? first["embedding"] : undefined, [...vectorOf(small, "hello", 4)])
      })
    )

  it.live("is told where nobody else has the model, though others embed", () =>
    using(
      {
        vendors: ["openai", "gemini"],
        aliases: [alias("vectors", `openai/${small}--banned`, "gemini/gemini-embedding-001")],
        resilience: { defaultFallbacks: ["gemini/gemini-embedding-001", "gemini/gemini-3.5-flash"] }
      },
      async (running) => {
        for (const model of ["vectors", `openai/${small}--banned`]) {
          const answer = await post(running.url, { model, input: "hello" })
          assert.isAtLeast(answer.status, 500, model)
          assert.strictEqual(answer.headers.get("x-should-retry"), "false")
        }
        assert.isTrue((await callsTo(running)).every((call) => call.startsWith("openai/")))
      }
    )
  )

  it.live("sends it to an alias's other models only where the alias says that vectors are compatible", () =>
    using(
      {
        vendors: ["openai", "gemini"],
        aliases: [compatible("vectors", `openai/${small}--server-error`, "gemini/gemini-embedding-001")]
      },
      async (running) => {
        const answer = await post(running.url, { model: "vectors", input: "hello", encoding_format: "base64" })
        assert.strictEqual(answer.status, 200)
        assert.strictEqual(answer.headers.get("x-switchyard-provider"), "gemini")
        assert.strictEqual(answer.headers.get("x-switchyard-fallback"), "ServerError")
        assert.strictEqual(answer.body["model"], "gemini-embedding-001")
      }
    )
  )

  it.live("is remembered: an account that is banned is not asked again", () =>
    using(
      {
        vendors: ["openai", "openrouter"],
        aliases: [alias("vectors", `openai/${small}--banned`, `openrouter/openai/${small}--banned`)]
      },
      async (running) => {
        await post(running.url, { model: "vectors", input: "hello" })
        await Effect.runPromise(running.simulator.clearCalls)
        const again = await post(running.url, { model: "vectors", input: "hello" })
        assert.isAtLeast(again.status, 500)
        assert.deepStrictEqual(await callsTo(running), [])
      }
    )
  )
})

describe("a fallback that the caller names", () => {
  it.live("is refused where its vectors are another model's", () =>
    using({}, async (running) => {
      const fallbacks = [`openai/${small}`, "gemini/gemini-embedding-001"]
      const answer = await post(running.url, { model: small, input: "a", fallbacks })
      assert.strictEqual(answer.status, 400)
      assert.strictEqual(errorOf(answer.body)["param"], "fallbacks.1")
      assert.deepStrictEqual(await callsTo(running), [])
    })
  )
})

describe("an alias drawn by weight", () => {
  it.live("embeds with its first target's model, whichever is drawn", () =>
    using(
      {
        vendors: ["openai", "gemini"],
        aliases: [{ ...alias("vectors", `openai/${small}`, "gemini/gemini-embedding-001"), strategy: "weighted" }]
      },
      async (running) => {
        for (let n = 0; n < 12; n++)
          assert.strictEqual((await post(running.url, { model: "vectors", input: "a" })).status, 200)
        assert.isTrue((await callsTo(running)).every((call) => call === `openai/${small}`))
      }
    )
  )
})

describe("limits of a caller", () => {
  it.live("hold for vectors as for chats", () =>
    using({}, async ({ url }) => {
      const late = await post(url, { model: `openai/${small}--silence`, input: "a" }, { "x-switchyard-timeout": "50" })
      assert.strictEqual(late.status, 504)
      const dear = await post(
        url,
        { model: small, input: "a".repeat(4000) },
        { "x-switchyard-max-cost-usd": "0.000001" }
      )
      assert.strictEqual(dear.status, 400)
      assert.strictEqual(errorOf(dear.body)["code"], "cost_cap_reached")
    })
  )
})
