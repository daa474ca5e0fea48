import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { NotFoundError } from "openai"
import * as Simulator from "../../src/simulator/Simulator.ts"
import { asking, collect, dataOf, openai, raw, refusalOf } from "./client.ts"

const weather = {
  type: "function",
  function: {
    name: "get_weather",
    parameters: {
      type: "object",
      properties: { city: { type: "string" }, unit: { enum: ["celsius", "kelvin"] } },
      required: ["city", "unit"],
      additionalProperties: false
    },
    strict: true
  }
} as const
const clock = {
  type: "function",
  function: { name: "get_time", parameters: { type: "object", properties: { zone: { type: "string" } } } }
} as const

const say = (content: string) => [{ role: "user" as const, content }]

describe("the OpenAI simulator, asked with the official SDK", () => {
  it.live("answers with vendor, model, call number and the user's words", () =>
    Effect.gen(function* () {
      const simulator = yield* Simulator.make()
      const client = openai(simulator)
      const ask = () =>
        Effect.promise(() => client.chat.completions.create({ model: "gpt-4o", messages: say("Tell me of the sea") }))
      const [first, second] = [yield* ask(), yield* ask()]
      assert.strictEqual(
        first.choices[0]?.message.content,
        `This is openai's gpt-4o, call 1. You said: "Tell me of the sea"`
      )
      assert.include(second.choices[0]?.message.content, "call 2")
      assert.notStrictEqual(first.id, second.id)
      assert.strictEqual(first.choices[0]?.finish_reason, "stop")
      assert.strictEqual(
        first.usage?.total_tokens,
        (first.usage?.prompt_tokens ?? 0) + (first.usage?.completion_tokens ?? 0)
      )
    })
  )

  it.live(
    "streams the role, the text in pieces, the finish, the usage and [DONE], and counts as the whole answer does",
    () =>
      Effect.gen(function* () {
        const simulator = yield* Simulator.make()
        const answer = yield* asking.openai(simulator, "gpt-4o", true)
        const data = dataOf(answer.text)
        assert.strictEqual(data.at(-1), "[DONE]")
        const chunks = data.slice(0, -1).map((text) => JSON.parse(text))
        assert.deepStrictEqual(chunks[0].choices[0].delta, { role: "assistant", content: "", refusal: null })
        assert.strictEqual(chunks.at(-2).choices[0].finish_reason, "stop")
        assert.deepStrictEqual(chunks.at(-1).choices, [])
        assert.isTrue(chunks.slice(0, -1).every((chunk) => chunk.usage === null))
        assert.isAbove(answer.pieces, 3)
        const whole = JSON.parse((yield* asking.openai(simulator, "gpt-4o", false)).text)
        assert.deepStrictEqual(chunks.at(-1).usage, whole.usage)
      })
  )

  it.live("sends no usage chunk unless it is asked for", () =>
    Effect.gen(function* () {
      const simulator = yield* Simulator.make()
      const chunks = yield* Effect.promise(() =>
        collect(openai(simulator).chat.completions.create({ model: "gpt-4o", messages: say("hello"), stream: true }))
      )
      assert.isTrue(chunks.every((chunk) => chunk.choices.length === 1 && chunk.usage === undefined))
    })
  )

  it.live("speaks under a compatible vendor's name, with its own field for thoughts", () =>
    Effect.gen(function* () {
      const simulator = yield* Simulator.make()
      const answer = yield* Effect.promise(() =>
        openai(simulator, "groq").chat.completions.create({
          model: "llama-3.3-70b-versatile",
          messages: say("hello"),
          reasoning_effort: "high"
        })
      )
      assert.include(answer.choices[0]?.message.content, "groq's llama-3.3-70b-versatile")
      assert.property(answer.choices[0]?.message, "reasoning")
      assert.isAbove(answer.usage?.completion_tokens_details?.reasoning_tokens ?? 0, 0)
    })
  )

  it.live("calls a demanded tool with arguments of its schema, then speaks of the tool's result", () =>
    Effect.gen(function* () {
      const simulator = yield* Simulator.make()
      const client = openai(simulator)
      const question = say("How warm is it?")
      const first = yield* Effect.promise(() =>
        client.chat.completions.create({
          model: "gpt-4o",
          messages: question,
          tools: [weather],
          tool_choice: { type: "function", function: { name: "get_weather" } }
        })
      )
      const message = first.choices[0]?.message
      const call = message?.tool_calls?.[0]
      assert.strictEqual(first.choices[0]?.finish_reason, "tool_calls")
      assert.isNull(message?.content)
      assert(message !== undefined && call?.type === "function")
      assert.deepStrictEqual(JSON.parse(call.function.arguments), { city: "Paris", unit: "celsius" })
      const second = yield* Effect.promise(() =>
        client.chat.completions.create({
          model: "gpt-4o",
          messages: [...question, message, { role: "tool", tool_call_id: call.id, content: "21 degrees" }],
          tools: [weather]
        })
      )
      assert.include(second.choices[0]?.message.content, "The tool gave: 21 degrees.")
    })
  )

  it.live("streams two tool calls side by side when both are asked for", () =>
    Effect.gen(function* () {
      const simulator = yield* Simulator.make()
      const completion = yield* Effect.promise(() =>
        openai(simulator)
          .chat.completions.stream({
            model: "gpt-4o",
            messages: say("Use both tools"),
            tools: [weather, clock],
            tool_choice: "required"
          })
          .finalChatCompletion()
      )
      const calls = completion.choices[0]?.message.tool_calls ?? []
      assert.deepStrictEqual(
        calls.map((call) => call.type === "function" && [call.function.name, JSON.parse(call.function.arguments)]),
        [
          ["get_weather", { city: "Paris", unit: "celsius" }],
          ["get_time", { zone: "sample zone" }]
        ]
      )
      assert.strictEqual(new Set(calls.map(({ id }) => id)).size, 2)
    })
  )

  it.live("answers text when tools are offered and not asked for", () =>
    Effect.gen(function* () {
      const simulator = yield* Simulator.make()
      const answer = yield* Effect.promise(() =>
        openai(simulator).chat.completions.create({ model: "gpt-4o", messages: say("hello"), tools: [weather] })
      )
      assert.strictEqual(answer.choices[0]?.finish_reason, "stop")
    })
  )

  it.live("gives JSON that satisfies a schema, and any object for json_object", () =>
    Effect.gen(function* () {
      const simulator = yield* Simulator.make()
      const client = openai(simulator)
      const schema = {
        type: "object",
        properties: { city: { type: "string" }, population: { type: "integer", minimum: 1000 } },
        required: ["city", "population"],
        additionalProperties: false
      }
      const strict = yield* Effect.promise(() =>
        client.chat.completions.create({
          model: "gpt-4o",
          messages: say("Which city?"),
          response_format: { type: "json_schema", json_schema: { name: "city", schema, strict: true } }
        })
      )
      assert.deepStrictEqual(JSON.parse(strict.choices[0]?.message.content ?? ""), { city: "Paris", population: 1000 })
      const loose = yield* Effect.promise(() =>
        client.chat.completions.create({
          model: "gpt-4o",
          messages: say("Answer in JSON"),
          response_format: { type: "json_object" }
        })
      )
      assert.include(JSON.parse(loose.choices[0]?.message.content ?? "").answer, "Answer in JSON")
    })
  )

  it.live("gives several choices, sees images, obeys the limit and the stop sequence", () =>
    Effect.gen(function* () {
      const simulator = yield* Simulator.make()
      const client = openai(simulator)
      const image = { type: "image_url", image_url: { url: "data:image/png;base64,AAAA" } } as const
      const two = yield* Effect.promise(() =>
        client.chat.completions.create({
          model: "gpt-4o",
          n: 2,
          messages: [{ role: "user", content: [{ type: "text", text: "What is this?" }, image, image] }]
        })
      )
      assert.deepStrictEqual(
        two.choices.map(({ index, message }) => [index, message.content?.includes("I see 2 images.")]),
        [
          [0, true],
          [1, true]
        ]
      )
      const short = yield* Effect.promise(() =>
        client.chat.completions.create({ model: "gpt-4o", max_tokens: 4, messages: say("hello") })
      )
      assert.deepStrictEqual(
        [short.choices[0]?.finish_reason, short.choices[0]?.message.content, short.usage?.completion_tokens],
        ["length", "This is openai's gpt-4o,", 4]
      )
      const stopped = yield* Effect.promise(() =>
        client.chat.completions.create({
          model: "gpt-4o",
          stop: ["three"],
          messages: say("Repeat after me: one two three four")
        })
      )
      assert.deepStrictEqual(
        [stopped.choices[0]?.finish_reason, stopped.choices[0]?.message.content],
        ["stop", "one two "]
      )
    })
  )

  it.live("lists its models and knows one of them", () =>
    Effect.gen(function* () {
      const simulator = yield* Simulator.make({ vendors: { openai: { models: ["one", "two"] } } })
      const client = openai(simulator)
      const list = yield* Effect.promise(() => client.models.list())
      assert.deepStrictEqual(
        list.data.map(({ id }) => id),
        ["one", "two"]
      )
      assert.strictEqual((yield* Effect.promise(() => client.models.retrieve("two"))).id, "two")
      const error = yield* refusalOf(() => client.chat.completions.create({ model: "three", messages: say("hello") }))
      assert.instanceOf(error, NotFoundError)
    })
  )

  it.live("demands the keys it was given", () =>
    Effect.gen(function* () {
      const simulator = yield* Simulator.make({ vendors: { openai: { keys: ["sk-the-only-one"] } } })
      const answer = yield* asking.openai(simulator, "gpt-4o", false)
      assert.strictEqual(answer.status, 401)
      assert.strictEqual(JSON.parse(answer.text).error.code, "invalid_api_key")
      assert.notInclude(answer.text, "sk-simulated-key")
    })
  )
})

describe("the OpenAI simulator, asked wrongly", () => {
  const tool = { role: "tool", tool_call_id: "call_1", content: "x" }
  const asked = {
    role: "assistant",
    tool_calls: [{ id: "call_1", type: "function", function: { name: "f", arguments: "{}" } }]
  }
  const user = { role: "user", content: "hello" }
  const open = { type: "object", properties: { a: { type: "string" } } }
  const cases: ReadonlyArray<readonly [string, unknown, string | null, string | null]> = [
    ["text that is not JSON", "{", null, null],
    ["no model", { messages: [user] }, null, null],
    ["no messages", { model: "gpt-4o" }, "messages", "missing_required_parameter"],
    ["a string for messages", { model: "gpt-4o", messages: "hello" }, "messages", "invalid_type"],
    ["no message at all", { model: "gpt-4o", messages: [] }, "messages", "empty_array"],
    [
      "an unknown role",
      { model: "gpt-4o", messages: [{ role: "bot", content: "x" }] },
      "messages[0].role",
      "invalid_value"
    ],
    [
      "content of no kind",
      { model: "gpt-4o", messages: [{ role: "user", content: 7 }] },
      "messages[0].content",
      "invalid_type"
    ],
    ["a result without a call", { model: "gpt-4o", messages: [user, tool] }, "messages.[1].role", null],
    ["a call without a result", { model: "gpt-4o", messages: [user, asked, user] }, "messages.[2].role", null],
    [
      "a temperature in words",
      { model: "gpt-4o", messages: [user], temperature: "hot" },
      "temperature",
      "invalid_type"
    ],
    [
      "a temperature of 3",
      { model: "gpt-4o", messages: [user], temperature: 3 },
      "temperature",
      "decimal_above_max_value"
    ],
    ["no choices", { model: "gpt-4o", messages: [user], n: 0 }, "n", "integer_below_min_value"],
    ["a field nobody knows", { model: "gpt-4o", messages: [user], fallbacks: [] }, "fallbacks", "unknown_parameter"],
    [
      "stream options without a stream",
      { model: "gpt-4o", messages: [user], stream_options: {} },
      "stream_options",
      null
    ],
    [
      "max_tokens for a thinker",
      { model: "gpt-5.2", messages: [user], max_tokens: 5 },
      "max_tokens",
      "unsupported_parameter"
    ],
    [
      "a JSON object without the word",
      { model: "gpt-4o", messages: [user], response_format: { type: "json_object" } },
      "messages",
      null
    ],
    [
      "a strict schema that is open",
      {
        model: "gpt-4o",
        messages: [user],
        response_format: { type: "json_schema", json_schema: { name: "a", strict: true, schema: open } }
      },
      "response_format",
      null
    ],
    ["a choice among no tools", { model: "gpt-4o", messages: [user], tool_choice: "required" }, "tool_choice", null]
  ]
  for (const [what, body, param, code] of cases)
    it.live(`refuses ${what} with 400 and its own code`, () =>
      Effect.gen(function* () {
        const simulator = yield* Simulator.make()
        const answer = yield* raw(`${simulator.url}/openai/v1/chat/completions`, {
          headers: { authorization: "Bearer k" },
          body
        })
        const { error } = JSON.parse(answer.text)
        assert.deepStrictEqual(
          [answer.status, error.type, error.param, error.code],
          [400, "invalid_request_error", param, code]
        )
      })
    )

  it.live("refuses a call without a key, on another path, or with another method", () =>
    Effect.gen(function* () {
      const simulator = yield* Simulator.make()
      const headers = { authorization: "Bearer k" }
      const statuses = yield* Effect.all([
        raw(`${simulator.url}/openai/v1/chat/completions`, { body: {} }),
        raw(`${simulator.url}/openai/v1/nothing`, { body: {}, headers }),
        raw(`${simulator.url}/openai/v1/chat/completions`, { method: "GET", headers })
      ])
      assert.deepStrictEqual(
        statuses.map(({ status }) => status),
        [401, 404, 405]
      )
    })
  )
})
