import type { Message } from "@anthropic-ai/sdk/resources/messages"
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import * as Simulator from "../../src/simulator/Simulator.ts"
import { anthropic, asking, dataOf, raw } from "./client.ts"

const say = (content: string) => [{ role: "user" as const, content }]
const texts = (message: Message) => message.content.map((block) => (block.type === "text" ? block.text : block.type))
const base = { model: "claude-haiku-4-5", max_tokens: 2000 }
const weather = {
  name: "get_weather",
  input_schema: { type: "object" as const, properties: { city: { type: "string" } }, required: ["city"] }
}
const clock = {
  name: "get_time",
  input_schema: { type: "object" as const, properties: { zone: { enum: ["UTC"] } }, required: ["zone"] }
}

describe("the Anthropic simulator, asked with the official SDK", () => {
  it.live("answers with vendor, model, call number and the user's words", () =>
    Effect.gen(function* () {
      const simulator = yield* Simulator.make()
      const message = yield* Effect.promise(() =>
        anthropic(simulator).messages.create({ ...base, messages: say("Tell me of the sea") })
      )
      assert.deepStrictEqual(texts(message), [
        `This is anthropic's claude-haiku-4-5, call 1. You said: "Tell me of the sea"`
      ])
      assert.strictEqual(message.stop_reason, "end_turn")
      assert.isAbove(message.usage.input_tokens, 0)
    })
  )

  it.live("streams its events in the vendor's order, and counts as the whole answer does", () =>
    Effect.gen(function* () {
      const simulator = yield* Simulator.make()
      const answer = yield* asking.anthropic(simulator, "claude-haiku-4-5", true)
      const events = dataOf(answer.text).map((text) => JSON.parse(text))
      const order = events.map(({ type }) => type).filter((type, at, all) => type !== all[at - 1])
      assert.deepStrictEqual(order, [
        "message_start",
        "content_block_start",
        "ping",
        "content_block_delta",
        "content_block_stop",
        "message_delta",
        "message_stop"
      ])
      assert.deepStrictEqual(
        answer.text.split("\n").flatMap((line) => (line.startsWith("event: ") ? [line.slice(7)] : [])),
        events.map(({ type }) => type)
      )
      const whole = JSON.parse((yield* asking.anthropic(simulator, "claude-haiku-4-5", false)).text)
      assert.deepStrictEqual(events.at(-2).usage, whole.usage)
      assert.strictEqual(events.at(-2).delta.stop_reason, "end_turn")
    })
  )

  it.live("thinks in a signed block of its own when thinking is enabled", () =>
    Effect.gen(function* () {
      const simulator = yield* Simulator.make()
      const message = yield* Effect.promise(() =>
        anthropic(simulator)
          .messages.stream({ ...base, thinking: { type: "enabled", budget_tokens: 1024 }, messages: say("hello") })
          .finalMessage()
      )
      assert.deepStrictEqual(
        message.content.map(({ type }) => type),
        ["thinking", "text"]
      )
      const [thinking] = message.content
      assert(thinking?.type === "thinking")
      assert.include(thinking.thinking, "hello")
      assert.isAbove(thinking.signature.length, 10)
    })
  )

  it.live("calls tools, streamed and whole, and speaks of their results", () =>
    Effect.gen(function* () {
      const simulator = yield* Simulator.make()
      const client = anthropic(simulator)
      const question = say("Use both tools")
      const streamed = yield* Effect.promise(() =>
        client.messages
          .stream({ ...base, messages: question, tools: [weather, clock], tool_choice: { type: "any" } })
          .finalMessage()
      )
      assert.strictEqual(streamed.stop_reason, "tool_use")
      const uses = streamed.content.filter((block) => block.type === "tool_use")
      assert.deepStrictEqual(
        uses.map(({ input, name }) => [name, input]),
        [
          ["get_weather", { city: "Paris" }],
          ["get_time", { zone: "UTC" }]
        ]
      )
      const answer = yield* Effect.promise(() =>
        client.messages.create({
          ...base,
          tools: [weather, clock],
          messages: [
            ...question,
            { role: "assistant", content: streamed.content },
            {
              role: "user",
              content: uses.map(({ id, name }) => ({
                type: "tool_result",
                tool_use_id: id,
                content: `${name} is done`
              }))
            }
          ]
        })
      )
      assert.include(
        answer.content[0]?.type === "text" ? answer.content[0].text : "",
        "The tool gave: get_weather is done; get_time is done."
      )
    })
  )

  it.live("gives JSON that satisfies output_config.format", () =>
    Effect.gen(function* () {
      const simulator = yield* Simulator.make()
      const schema = {
        type: "object",
        properties: { country: { type: "string" }, tags: { type: "array", items: { type: "string" }, minItems: 1 } },
        required: ["country", "tags"],
        additionalProperties: false
      }
      const message = yield* Effect.promise(() =>
        anthropic(simulator).messages.create({
          ...base,
          messages: say("Which country?"),
          output_config: { format: { type: "json_schema", schema } }
        })
      )
      const [text] = message.content
      assert.deepStrictEqual(JSON.parse(text?.type === "text" ? text.text : ""), {
        country: "France",
        tags: ["sample tags"]
      })
    })
  )

  it.live("obeys max_tokens and stop sequences, and sees images", () =>
    Effect.gen(function* () {
      const simulator = yield* Simulator.make()
      const client = anthropic(simulator)
      const image = { type: "image", source: { type: "base64", media_type: "image/png", data: "AAAA" } } as const
      const short = yield* Effect.promise(() =>
        client.messages.create({ ...base, max_tokens: 3, messages: say("hello") })
      )
      assert.deepStrictEqual([short.stop_reason, short.usage.output_tokens], ["max_tokens", 3])
      const stopped = yield* Effect.promise(() =>
        client.messages.create({ ...base, stop_sequences: ["three"], messages: say("Repeat after me: one two three") })
      )
      assert.deepStrictEqual([stopped.stop_reason, stopped.stop_sequence], ["stop_sequence", "three"])
      const seen = yield* Effect.promise(() =>
        client.messages.create({
          ...base,
          messages: [{ role: "user", content: [image, { type: "text", text: "What?" }] }]
        })
      )
      assert.include(seen.content[0]?.type === "text" ? seen.content[0].text : "", "I see 1 image.")
    })
  )

  it.live("continues a prefill where the model takes one, and refuses it where the model does not", () =>
    Effect.gen(function* () {
      const simulator = yield* Simulator.make()
      const messages = [
        ...say("Repeat after me: one two three four"),
        { role: "assistant" as const, content: "one two" }
      ]
      const message = yield* Effect.promise(() => anthropic(simulator).messages.create({ ...base, messages }))
      assert.deepStrictEqual(texts(message), [" three four"])
      const refused = yield* raw(`${simulator.baseUrl("anthropic")}/v1/messages`, {
        headers: { "x-api-key": "k", "anthropic-version": "2023-06-01" },
        body: { model: "claude-sonnet-5", max_tokens: 10, messages }
      })
      assert.strictEqual(refused.status, 400)
      assert.include(refused.text, "does not support assistant message prefill")
    })
  )

  it.live("counts tokens and lists models", () =>
    Effect.gen(function* () {
      const simulator = yield* Simulator.make()
      const client = anthropic(simulator)
      const counted = yield* Effect.promise(() =>
        client.messages.countTokens({ model: "claude-haiku-4-5", messages: say("Tell me of the sea") })
      )
      const message = yield* Effect.promise(() =>
        client.messages.create({ ...base, messages: say("Tell me of the sea") })
      )
      assert.strictEqual(counted.input_tokens, message.usage.input_tokens)
      const models = yield* Effect.promise(() => client.models.list())
      assert.include(
        models.data.map(({ id }) => id),
        "claude-haiku-4-5"
      )
    })
  )
})

describe("the Anthropic simulator, asked wrongly", () => {
  const messages = say("hello")
  const used = { role: "assistant", content: [{ type: "tool_use", id: "t1", name: "f", input: {} }] }
  const cases: ReadonlyArray<readonly [string, unknown, string]> = [
    ["no limit", { model: "claude-x", messages }, "max_tokens: Field required"],
    ["a limit in words", { ...base, max_tokens: "10", messages }, "max_tokens: Input should be a valid integer"],
    ["no messages", base, "messages: Field required"],
    ["an empty list of messages", { ...base, messages: [] }, "messages: at least one message is required"],
    ["a system role", { ...base, messages: [{ role: "system", content: "x" }] }, 'Unexpected role "system"'],
    [
      "a field nobody knows",
      { ...base, messages, frequency_penalty: 1 },
      "frequency_penalty: Extra inputs are not permitted"
    ],
    [
      "a temperature of 2",
      { ...base, messages, temperature: 2 },
      "temperature: Input should be less than or equal to 1"
    ],
    [
      "an unanswered tool use",
      { ...base, messages: [...messages, used, ...messages] },
      "`tool_use` ids were found without `tool_result`"
    ],
    [
      "an empty text",
      { ...base, messages: [{ role: "user", content: [{ type: "text", text: "" }] }] },
      "text content blocks must be non-empty"
    ],
    [
      "too small a budget",
      { ...base, messages, thinking: { type: "enabled", budget_tokens: 10 } },
      "greater than or equal to 1024"
    ],
    [
      "a prefill that ends in a space",
      { ...base, messages: [...messages, { role: "assistant", content: "x " }] },
      "cannot end with trailing whitespace"
    ],
    [
      "a choice among no tools",
      { ...base, messages, tool_choice: { type: "any" } },
      "may only be specified while providing tools"
    ]
  ]
  for (const [what, body, sentence] of cases)
    it.live(`refuses ${what} with an invalid_request_error that says so`, () =>
      Effect.gen(function* () {
        const simulator = yield* Simulator.make()
        const answer = yield* raw(`${simulator.url}/anthropic/v1/messages`, {
          headers: { "x-api-key": "k", "anthropic-version": "2023-06-01" },
          body
        })
        const { error, type } = JSON.parse(answer.text)
        assert.deepStrictEqual([answer.status, type, error.type], [400, "error", "invalid_request_error"])
        assert.include(error.message, sentence)
      })
    )

  it.live("refuses a call without a key, or without a version", () =>
    Effect.gen(function* () {
      const simulator = yield* Simulator.make()
      const url = `${simulator.url}/anthropic/v1/messages`
      const keyless = yield* raw(url, { body: {}, headers: { "anthropic-version": "2023-06-01" } })
      assert.deepStrictEqual([keyless.status, JSON.parse(keyless.text).error.type], [401, "authentication_error"])
      const versionless = yield* raw(url, { body: {}, headers: { "x-api-key": "k" } })
      assert.include(versionless.text, "anthropic-version: header is required")
    })
  )
})
