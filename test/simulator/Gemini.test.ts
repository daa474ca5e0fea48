import { assert, describe, it } from "@effect/vitest"
import { FunctionCallingConfigMode, Type } from "@google/genai"
import { Effect } from "effect"
import * as Simulator from "../../src/simulator/Simulator.ts"
import { asking, collect, dataOf, google, raw, refusalOf } from "./client.ts"

const model = "gemini-3.5-flash"
const weather = {
  name: "get_weather",
  parameters: { type: Type.OBJECT, properties: { city: { type: Type.STRING } }, required: ["city"] }
}
const clock = {
  name: "get_time",
  parametersJsonSchema: { type: "object", properties: { zone: { enum: ["UTC"] } }, required: ["zone"] }
}

describe("the Gemini simulator, asked with the official SDK", () => {
  it.live("answers with vendor, model, call number and the user's words", () =>
    Effect.gen(function* () {
      const simulator = yield* Simulator.make()
      const answer = yield* Effect.promise(() =>
        google(simulator).models.generateContent({ model, contents: "Tell me of the sea" })
      )
      assert.strictEqual(answer.text, `This is google's gemini-3.5-flash, call 1. You said: "Tell me of the sea"`)
      assert.strictEqual(answer.candidates?.[0]?.finishReason, "STOP")
      const usage = answer.usageMetadata
      assert.strictEqual(usage?.totalTokenCount, (usage?.promptTokenCount ?? 0) + (usage?.candidatesTokenCount ?? 0))
    })
  )

  it.live(
    "streams with growing usage, the finish reason in the last chunk alone, and counts as the whole answer does",
    () =>
      Effect.gen(function* () {
        const simulator = yield* Simulator.make()
        const whole = JSON.parse((yield* asking.google(simulator, model, false)).text)
        const chunks = yield* Effect.promise(() =>
          collect(google(simulator).models.generateContentStream({ model, contents: "Tell me of the sea" }))
        )
        assert.strictEqual(
          chunks.map((chunk) => chunk.text ?? "").join(""),
          `This is google's gemini-3.5-flash, call 2. You said: "Tell me of the sea"`
        )
        assert.deepStrictEqual(
          chunks.map((chunk) => chunk.candidates?.[0]?.finishReason).filter((reason) => reason !== undefined),
          ["STOP"]
        )
        assert.strictEqual(chunks.at(-1)?.candidates?.[0]?.finishReason, "STOP")
        assert.strictEqual(chunks.at(-1)?.usageMetadata?.totalTokenCount, whole.usageMetadata.totalTokenCount)
        assert.strictEqual(chunks[0]?.usageMetadata?.candidatesTokenCount, 1)
      })
  )

  it.live("ends its events in CR LF with alt=sse, and sends one JSON array without it", () =>
    Effect.gen(function* () {
      const simulator = yield* Simulator.make()
      const sse = yield* asking.google(simulator, model, true)
      assert.strictEqual(sse.headers["content-type"], "text/event-stream")
      assert.isTrue(sse.text.endsWith("}\r\n\r\n"))
      const array = yield* raw(`${simulator.url}/google/v1beta/models/${model}:streamGenerateContent`, {
        headers: { "x-goog-api-key": "k" },
        body: { contents: [{ parts: [{ text: "Tell me of the sea" }] }] }
      })
      assert.include(array.headers["content-type"], "application/json")
      assert.strictEqual(JSON.parse(array.text).length, dataOf(sse.text).length)
      const broken = yield* raw(`${simulator.url}/google/v1beta/models/${model}:streamGenerateContent`, {
        headers: { "x-goog-api-key": "k" },
        body: {}
      })
      assert.strictEqual(JSON.parse(broken.text)[0].error.status, "INVALID_ARGUMENT")
    })
  )

  it.live("shows thoughts when asked to, and counts them apart", () =>
    Effect.gen(function* () {
      const simulator = yield* Simulator.make()
      const config = { thinkingConfig: { includeThoughts: true } }
      const answer = yield* Effect.promise(() =>
        google(simulator).models.generateContent({ model, contents: "hello", config })
      )
      assert.deepStrictEqual(
        answer.candidates?.[0]?.content?.parts?.map(({ thought }) => thought),
        [true, undefined]
      )
      assert.isAbove(answer.usageMetadata?.thoughtsTokenCount ?? 0, 0)
    })
  )

  it.live("calls tools, streamed and whole, wants its signature back, and speaks of the results", () =>
    Effect.gen(function* () {
      const simulator = yield* Simulator.make()
      const config = {
        tools: [{ functionDeclarations: [weather, clock] }],
        toolConfig: { functionCallingConfig: { mode: FunctionCallingConfigMode.ANY } }
      }
      const question = { role: "user", parts: [{ text: "Use both tools" }] }
      const models = google(simulator).models
      const chunks = yield* Effect.promise(() =>
        collect(models.generateContentStream({ model, contents: [question], config }))
      )
      assert.deepStrictEqual(
        chunks.flatMap((chunk) => chunk.functionCalls ?? []).map(({ args, name }) => [name, args]),
        [
          ["get_weather", { city: "Paris" }],
          ["get_time", { zone: "UTC" }]
        ]
      )
      const whole = yield* Effect.promise(() => models.generateContent({ model, contents: [question], config }))
      const said = whole.candidates?.[0]?.content
      assert(said !== undefined)
      const results = {
        role: "user",
        parts: ["get_weather", "get_time"].map((name) => ({
          functionResponse: { name, response: { output: `${name} done` } }
        }))
      }
      const answer = yield* Effect.promise(() =>
        models.generateContent({ model, contents: [question, said, results], config })
      )
      assert.include(answer.text, 'The tool gave: {"output":"get_weather done"}; {"output":"get_time done"}.')
      // a chat remembers a streamed answer piece by piece; of calls side by side the first alone is signed
      const pieces = chunks.flatMap(({ candidates }) => candidates?.[0]?.content ?? [])
      const again = yield* Effect.promise(() =>
        models.generateContent({ model, contents: [question, ...pieces, results], config })
      )
      assert.strictEqual(again.text?.replace(/call \d+/, ""), answer.text?.replace(/call \d+/, ""))
      const unsigned = {
        ...said,
        parts: said.parts?.map(({ functionCall }) => ({ ...(functionCall && { functionCall }) })) ?? []
      }
      const refused = yield* refusalOf(() =>
        models.generateContent({ model, contents: [question, unsigned, results], config })
      )
      assert.include(String(refused), "missing a thought_signature")
    })
  )

  it.live("gives JSON that satisfies Google's Schema and JSON Schema", () =>
    Effect.gen(function* () {
      const simulator = yield* Simulator.make()
      const models = google(simulator).models
      const googles = yield* Effect.promise(() =>
        models.generateContent({
          model,
          contents: "hello",
          config: {
            responseMimeType: "application/json",
            responseSchema: { type: Type.ARRAY, minItems: "2", items: { type: Type.INTEGER, maximum: 3 } }
          }
        })
      )
      assert.deepStrictEqual(JSON.parse(googles.text ?? ""), [3, 3])
      const standard = yield* Effect.promise(() =>
        models.generateContent({
          model,
          contents: "hello",
          config: {
            responseMimeType: "application/json",
            responseJsonSchema: { $ref: "#/$defs/a", $defs: { a: { type: "object", properties: { b: { const: 1 } } } } }
          }
        })
      )
      assert.deepStrictEqual(JSON.parse(standard.text ?? ""), { b: 1 })
    })
  )

  it.live("obeys maxOutputTokens and stop sequences, sees images, counts tokens, lists models", () =>
    Effect.gen(function* () {
      const simulator = yield* Simulator.make()
      const models = google(simulator).models
      const short = yield* Effect.promise(() =>
        models.generateContent({ model, contents: "hello", config: { maxOutputTokens: 3 } })
      )
      assert.deepStrictEqual(
        [short.candidates?.[0]?.finishReason, short.usageMetadata?.candidatesTokenCount],
        ["MAX_TOKENS", 3]
      )
      const stopped = yield* Effect.promise(() =>
        models.generateContent({ model, contents: "Repeat after me: one two", config: { stopSequences: ["two"] } })
      )
      assert.strictEqual(stopped.text, "one ")
      const image = { inlineData: { mimeType: "image/png", data: "AAAA" } }
      const seen = yield* Effect.promise(() => models.generateContent({ model, contents: [image, "What?"] }))
      assert.include(seen.text, "I see 1 image.")
      const counted = yield* Effect.promise(() => models.countTokens({ model, contents: "hello" }))
      assert.strictEqual(counted.totalTokens, short.usageMetadata?.promptTokenCount)
      const list = yield* Effect.promise(() => models.list())
      assert.include(
        list.page.map(({ name }) => name),
        `models/${model}`
      )
    })
  )
})

describe("the Gemini simulator, asked wrongly", () => {
  const contents = [{ role: "user", parts: [{ text: "hello" }] }]
  const cases: ReadonlyArray<readonly [string, unknown, string]> = [
    ["no contents", {}, "contents is not specified"],
    ["a field nobody knows", { contents, model_name: "x" }, 'Unknown name "model_name": Cannot find field.'],
    [
      "a field of the configuration nobody knows",
      { contents, generationConfig: { max_tokens: 1 } },
      "Unknown name \"max_tokens\" at 'generation_config'"
    ],
    [
      "a role of another wire",
      { contents: [{ role: "assistant", parts: [{ text: "x" }] }] },
      "Please use a valid role: user, model."
    ],
    ["a turn without parts", { contents: [{ role: "user", parts: [] }] }, "contents.parts must not be empty"],
    [
      "a temperature in words",
      { contents, generationConfig: { temperature: "hot" } },
      "Invalid value at 'generation_config.temperature'"
    ],
    [
      "a schema without its MIME type",
      { contents, generationConfig: { responseSchema: { type: "STRING" } } },
      "is unsupported, use application/json"
    ],
    [
      "a keyword Google's Schema does not have",
      {
        contents,
        generationConfig: { responseMimeType: "application/json", responseSchema: { type: "OBJECT", $schema: "x" } }
      },
      'Unknown name "$schema"'
    ],
    [
      "a result without its call",
      { contents: [...contents, { parts: [{ functionResponse: { name: "f", response: {} } }] }] },
      "immediately after a function call turn"
    ],
    [
      "a call that is never answered",
      {
        contents: [
          ...contents,
          { role: "model", parts: [{ functionCall: { name: "f", args: {} } }] },
          { role: "user", parts: [{ text: "well?" }] }
        ]
      },
      "number of function response parts"
    ],
    [
      "a conversation that begins with a call",
      {
        contents: [
          { role: "model", parts: [{ functionCall: { name: "f", args: {} } }] },
          { role: "user", parts: [{ functionResponse: { name: "f", response: {} } }] }
        ]
      },
      "immediately after a user turn"
    ]
  ]
  for (const [what, body, sentence] of cases)
    it.live(`refuses ${what} with INVALID_ARGUMENT that says so`, () =>
      Effect.gen(function* () {
        const simulator = yield* Simulator.make()
        const answer = yield* raw(`${simulator.url}/google/v1beta/models/${model}:generateContent?key=k`, { body })
        const { error } = JSON.parse(answer.text)
        assert.deepStrictEqual([answer.status, error.code, error.status], [400, 400, "INVALID_ARGUMENT"])
        assert.include(error.message, sentence)
      })
    )

  it.live("refuses a call without a key", () =>
    Effect.gen(function* () {
      const simulator = yield* Simulator.make()
      const answer = yield* raw(`${simulator.url}/google/v1beta/models/${model}:generateContent`, {
        body: { contents }
      })
      assert.deepStrictEqual([answer.status, JSON.parse(answer.text).error.status], [403, "PERMISSION_DENIED"])
    })
  )
})
