import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import OpenAI, { BadRequestError } from "openai"
import { isJsonObject, type JsonObject } from "../../src/domain/Json.ts"
import type { SimulatorShape } from "../../src/simulator/Simulator.ts"
import { alias, start } from "./harness.ts"

const models = {
  openai: "openai/gpt-5.2",
  anthropic: "anthropic/claude-sonnet-5",
  gemini: "gemini/gemini-3.5-flash"
} as const

const openai = (url: string) => new OpenAI({ apiKey: "unused", baseURL: `${url}/v1`, maxRetries: 0 })

const using = <A>(
  use: (url: string, simulator: SimulatorShape) => Promise<A>,
  options: Parameters<typeof start>[0] = {}
) => Effect.scoped(Effect.flatMap(start(options), ({ simulator, url }) => Effect.promise(() => use(url, simulator))))

const post = async (url: string, body: object) => {
  const response = await fetch(url, {
    method: "POST",
    headers: { "content-type": "application/json", "anthropic-version": "2023-06-01" },
    body: JSON.stringify(body)
  })
  const json: unknown = await response.json()
  return { status: response.status, headers: response.headers, json: isJsonObject(json) ? json : ({} as JsonObject) }
}

const tool = {
  type: "function" as const,
  name: "get_weather",
  strict: false,
  parameters: { type: "object", properties: { city: { type: "string" } } }
}

describe("POST /v1/responses/input_tokens", () => {
  for (const [vendor, model] of Object.entries(models))
    it.live(`is answered with ${vendor}'s own count, which is that of the answer's usage`, () =>
      using(async (url) => {
        const asked = { model, input: "Say hello to all", instructions: "Be brief", tools: [tool] }
        const { data, response } = await openai(url).responses.inputTokens.count(asked).withResponse()
        assert.strictEqual(data.object, "response.input_tokens")
        assert.isNull(response.headers.get("x-switchyard-estimated"))
        assert.strictEqual(response.headers.get("x-switchyard-provider"), vendor)
        const { usage } = await openai(url).responses.create(asked)
        assert.strictEqual(data.input_tokens, usage?.input_tokens)
      })
    )

  it.live("counts what a request refers to with it", () =>
    using(async (url) => {
      const { responses } = openai(url)
      const first = await responses.create({ model: models.openai, input: "Say hello to everybody that you know" })
      const next = { model: models.openai, input: "More", previous_response_id: first.id }
      const alone = await responses.inputTokens.count({ model: models.openai, input: "More" })
      const all = await responses.inputTokens.count(next)
      assert.isAbove(all.input_tokens, alone.input_tokens)
      const second = await responses.create(next)
      assert.strictEqual(all.input_tokens, second.usage?.input_tokens)
      const lost = await responses.inputTokens
        .count({ ...next, previous_response_id: "resp_lost" })
        .catch((caught: unknown) => caught)
      if (!(lost instanceof BadRequestError)) return assert.fail(String(lost))
      assert.strictEqual(lost.code, "previous_response_not_found")
    })
  )

  it.live("counts instructions without an input, and asks for the model", () =>
    using(async (url) => {
      const { input_tokens } = await openai(url).responses.inputTokens.count({
        model: models.openai,
        instructions: "Be brief"
      })
      assert.isAbove(input_tokens, 0)
      const nameless = await openai(url)
        .responses.inputTokens.count({ input: "hi" })
        .catch((caught: unknown) => caught)
      if (!(nameless instanceof BadRequestError)) return assert.fail(String(nameless))
      assert.strictEqual(nameless.param, "model")
    })
  )
})

describe("a count", () => {
  const anthropicBody = { model: models.anthropic, messages: [{ role: "user", content: "Say hello to all" }] }

  it.live("is an estimate, and told as one, where a vendor has no count or fails it", () =>
    using(
      async (url, simulator) => {
        const told = async (model: string) => {
          const { headers, json, status } = await post(`${url}/v1/messages/count_tokens`, { ...anthropicBody, model })
          assert.strictEqual(status, 200)
          assert.strictEqual(headers.get("x-switchyard-estimated"), "input_tokens")
          assert.isNull(headers.get("x-switchyard-provider"))
          assert.strictEqual(json["input_tokens"], 4)
        }
        await told("groq/llama-3.3-70b-versatile")
        await Effect.runPromise(
          simulator.setReplay(({ path }) =>
            path.includes("count_tokens")
              ? {
                  status: 529,
                  headers: {},
                  body: JSON.stringify({ type: "error", error: { type: "overloaded_error" } })
                }
              : undefined
          )
        )
        for (let time = 0; time < 5; time++) await told(models.anthropic)
        // and the chat that follows is answered by the first choice
        const chat = await post(`${url}/v1/messages`, { ...anthropicBody, max_tokens: 10 })
        assert.strictEqual(chat.status, 200)
        assert.strictEqual(chat.headers.get("x-switchyard-provider"), "anthropic")
        assert.isNull(chat.headers.get("x-switchyard-fallback"))
      },
      { vendors: ["anthropic", "groq"] }
    )
  )

  it.live("is refused with the vendor's own words where the request is invalid", () =>
    using(async (url) => {
      const messages = [{ role: "user", content: [{ type: "tool_result", tool_use_id: "toolu_none", content: "x" }] }]
      const { json, status } = await post(`${url}/v1/messages/count_tokens`, { ...anthropicBody, messages })
      assert.strictEqual(status, 400)
      assert.nestedPropertyVal(json, "error.type", "invalid_request_error")
    })
  )

  it.live("asked of an alias is that of its first target, and no other's", () =>
    using(
      async (url) => {
        const count = (model: string) => post(`${url}/v1/messages/count_tokens`, { ...anthropicBody, model })
        const smart = await count("smart")
        assert.strictEqual(smart.headers.get("x-switchyard-model"), "gemini-3.5-flash")
        const mixed = await count("mixed")
        assert.strictEqual(mixed.headers.get("x-switchyard-estimated"), "input_tokens")
      },
      {
        vendors: ["anthropic", "gemini", "groq"],
        aliases: [
          alias("smart", models.gemini, models.anthropic),
          alias("mixed", "groq/llama-3.3-70b-versatile", models.anthropic)
        ]
      }
    )
  )

  it.live("of Gemini's wire takes contents alone or a whole request", () =>
    using(async (url) => {
      const contents = [{ role: "user", parts: [{ text: "Say hello to all" }] }]
      const path = `${url}/v1beta/models/${models.gemini}:countTokens`
      const bare = await post(path, { contents })
      assert.strictEqual(bare.status, 200)
      assert.isNull(bare.headers.get("x-switchyard-estimated"))
      const systemInstruction = { parts: [{ text: "Be brief" }] }
      const whole = await post(path, { generateContentRequest: { model: "models/any", contents, systemInstruction } })
      assert.isAbove(Number(whole.json["totalTokens"]), Number(bare.json["totalTokens"]))
      const answer = await post(path.replace("countTokens", "generateContent"), { contents, systemInstruction })
      assert.nestedPropertyVal(answer.json, "usageMetadata.promptTokenCount", whole.json["totalTokens"])
    })
  )
})
