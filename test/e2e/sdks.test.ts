import Anthropic, {
  AnthropicError,
  BadRequestError as AnthropicBadRequestError,
  NotFoundError as AnthropicNotFoundError
} from "@anthropic-ai/sdk"
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import OpenAI, { APIError, NotFoundError } from "openai"
import { start } from "./harness.ts"

const openai = (url: string) => new OpenAI({ baseURL: `${url}/v1`, apiKey: "unused", maxRetries: 0 })
const anthropic = (url: string) => new Anthropic({ baseURL: url, apiKey: "unused", maxRetries: 0 })

/** One model a vendor wire; what a vendor calls itself in its simulated answers. */
const models = {
  openai: "openai/gpt-5.2",
  anthropic: "anthropic/claude-sonnet-5",
  gemini: "gemini/gemini-3.5-flash"
} as const

const weather: OpenAI.Chat.Completions.ChatCompletionTool = {
  type: "function",
  function: {
    name: "get_weather",
    description: "The weather of a city",
    parameters: { type: "object", properties: { city: { type: "string" } }, required: ["city"] }
  }
}
const pixel = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="

const using = <A>(use: (url: string) => Promise<A>) =>
  Effect.scoped(Effect.flatMap(start(), ({ url }) => Effect.promise(() => use(url))))

describe("the openai SDK", () => {
  for (const [vendor, model] of Object.entries(models)) {
    it.live(`gets a whole answer from ${vendor}`, () =>
      using(async (url) => {
        const { data, response } = await openai(url)
          .chat.completions.create({ model, messages: [{ role: "user", content: "Say hello" }] })
          .withResponse()
        assert.include(data.choices[0]?.message.content ?? "", vendor)
        assert.strictEqual(data.choices[0]?.finish_reason, "stop")
        assert.isAbove(data.usage?.prompt_tokens ?? 0, 0)
        assert.isAbove(data.usage?.completion_tokens ?? 0, 0)
        assert.isAbove(data.created, 1_600_000_000)
        assert.strictEqual(response.headers.get("x-switchyard-provider"), vendor)
        assert.strictEqual(response.headers.get("x-switchyard-attempts"), "1")
        assert.match(response.headers.get("x-request-id") ?? "", /^req_/)
      })
    )
    it.live(`streams from ${vendor}, with usage only when asked for`, () =>
      using(async (url) => {
        for (const include_usage of [false, true]) {
          const stream = await openai(url).chat.completions.create({
            model,
            messages: [{ role: "user", content: "Say hello" }],
            stream: true,
            ...(include_usage ? { stream_options: { include_usage } } : {})
          })
          let text = ""
          let finish: string | null = null
          let usages = 0
          for await (const chunk of stream) {
            text += chunk.choices[0]?.delta.content ?? ""
            finish = chunk.choices[0]?.finish_reason ?? finish
            if (chunk.usage) usages++
          }
          assert.include(text, vendor)
          assert.strictEqual(finish, "stop")
          assert.strictEqual(usages, include_usage ? 1 : 0)
        }
      })
    )
    it.live(`calls a tool at ${vendor} and gives it the result, whole and streamed`, () =>
      using(async (url) => {
        const client = openai(url)
        const messages: Array<OpenAI.Chat.Completions.ChatCompletionMessageParam> = [
          { role: "user", content: "What is the weather in Paris?" }
        ]
        const first = await client.chat.completions.create({
          model,
          messages,
          tools: [weather],
          tool_choice: "required"
        })
        const call = first.choices[0]?.message.tool_calls?.[0]
        assert.strictEqual(first.choices[0]?.finish_reason, "tool_calls")
        if (call?.type !== "function" || first.choices[0] === undefined) return assert.fail("no function call")
        assert.strictEqual(call.function.name, "get_weather")
        assert.isString(JSON.parse(call.function.arguments).city)
        messages.push(first.choices[0].message, { role: "tool", tool_call_id: call.id, content: "sunny, 21 degrees" })
        const second = await client.chat.completions.create({ model, messages, tools: [weather] })
        assert.include(second.choices[0]?.message.content ?? "", "sunny")

        const streamed = client.chat.completions.stream({
          model,
          messages: messages.slice(0, 1),
          tools: [weather],
          tool_choice: { type: "function", function: { name: "get_weather" } }
        })
        const final = await streamed.finalChatCompletion()
        const again = final.choices[0]?.message.tool_calls?.[0]
        assert.isTrue(again?.type === "function" && typeof JSON.parse(again.function.arguments).city === "string")
      })
    )
    it.live(`gets an answer that fits a schema from ${vendor}`, () =>
      using(async (url) => {
        const answer = await openai(url).chat.completions.create({
          model,
          messages: [{ role: "user", content: "Describe a person" }],
          response_format: {
            type: "json_schema",
            json_schema: {
              name: "person",
              strict: true,
              schema: {
                type: "object",
                properties: { name: { type: "string" }, age: { type: "integer" } },
                required: ["name", "age"],
                additionalProperties: false
              }
            }
          }
        })
        const person = JSON.parse(answer.choices[0]?.message.content ?? "")
        assert.isString(person.name)
        assert.isNumber(person.age)
      })
    )
    it.live(`shows an image to ${vendor}`, () =>
      using(async (url) => {
        const answer = await openai(url).chat.completions.create({
          model,
          messages: [
            {
              role: "user",
              content: [
                { type: "text", text: "What is this?" },
                { type: "image_url", image_url: { url: `data:image/png;base64,${pixel}` } }
              ]
            }
          ]
        })
        assert.match(answer.choices[0]?.message.content ?? "", /image/i)
      })
    )
  }
})

describe("the anthropic SDK", () => {
  for (const [vendor, model] of Object.entries(models)) {
    it.live(`gets a whole answer from ${vendor}`, () =>
      using(async (url) => {
        const message = await anthropic(url).messages.create({
          model,
          max_tokens: 200,
          messages: [{ role: "user", content: "Say hello" }]
        })
        const [block] = message.content
        assert.isTrue(block?.type === "text" && block.text.includes(vendor))
        assert.strictEqual(message.stop_reason, "end_turn")
        assert.isAbove(message.usage.output_tokens, 0)
      })
    )
    it.live(`streams from ${vendor} through the SDK's own accumulator`, () =>
      using(async (url) => {
        const stream = anthropic(url).messages.stream({
          model,
          max_tokens: 200,
          messages: [{ role: "user", content: "Say hello" }]
        })
        let text = ""
        stream.on("text", (delta) => (text += delta))
        const message = await stream.finalMessage()
        assert.include(text, vendor)
        assert.isTrue(message.content[0]?.type === "text" && message.content[0].text === text)
        assert.strictEqual(message.stop_reason, "end_turn")
        assert.isAbove(message.usage.output_tokens, 0)
      })
    )
    it.live(`calls a tool at ${vendor} and gives it the result, whole and streamed`, () =>
      using(async (url) => {
        const client = anthropic(url)
        const tool: Anthropic.Tool = {
          name: "get_weather",
          input_schema: { type: "object", properties: { city: { type: "string" } }, required: ["city"] }
        }
        const asked: Array<Anthropic.MessageParam> = [{ role: "user", content: "What is the weather in Paris?" }]
        const request = { model, max_tokens: 500, tools: [tool], tool_choice: { type: "any" as const } }
        const first = await client.messages.create({ ...request, messages: asked })
        const use = first.content.find((block) => block.type === "tool_use")
        assert.strictEqual(first.stop_reason, "tool_use")
        if (use === undefined) return assert.fail("no tool use")
        const second = await client.messages.create({
          model,
          max_tokens: 500,
          tools: [tool],
          messages: [
            ...asked,
            { role: "assistant", content: first.content },
            { role: "user", content: [{ type: "tool_result", tool_use_id: use.id, content: "sunny, 21 degrees" }] }
          ]
        })
        assert.isTrue(second.content.some((block) => block.type === "text" && block.text.includes("sunny")))
        const streamed = await client.messages.stream({ ...request, messages: asked }).finalMessage()
        assert.isTrue(streamed.content.some((block) => block.type === "tool_use" && block.name === "get_weather"))
      })
    )
  }

  it.live("counts the tokens of a prompt with its tools, of any model that is served", () =>
    using(async (url) => {
      const client = anthropic(url)
      for (const model of Object.values(models)) {
        const asked = { model, messages: [{ role: "user" as const, content: "Say hello to all" }] }
        const { data, response } = await client.messages.countTokens(asked).withResponse()
        assert.isNull(response.headers.get("x-switchyard-estimated"))
        const [provider, name] = model.split("/")
        assert.strictEqual(response.headers.get("x-switchyard-provider"), provider)
        assert.strictEqual(response.headers.get("x-switchyard-model"), name)
        // what the vendor counts is what its answer's usage tells; only of OpenAI's wires is it not the one that is asked
        if (provider !== "openai") {
          const { usage } = await client.messages.create({ ...asked, max_tokens: 100 })
          assert.strictEqual(data.input_tokens, usage.input_tokens)
        }
        const more = await client.messages.countTokens({
          ...asked,
          system: "Be brief",
          thinking: { type: "enabled", budget_tokens: 2048 },
          tools: [{ name: "get_weather", input_schema: { type: "object", properties: { city: { type: "string" } } } }]
        })
        assert.isAbove(more.input_tokens, 10)
      }
    })
  )
  it.live("is told in Anthropic's shape what cannot be counted", () =>
    using(async (url) => {
      const client = anthropic(url)
      const unknown = await client.messages
        .countTokens({ model: "gtp-5.2", messages: [{ role: "user", content: "hi" }] })
        .catch((caught: unknown) => caught)
      if (!(unknown instanceof AnthropicNotFoundError)) return assert.fail(String(unknown))
      assert.nestedPropertyVal(unknown.error, "error.type", "not_found_error")
      const empty = await client.messages
        .countTokens({ model: models.anthropic, messages: [] })
        .catch((caught: unknown) => caught)
      if (!(empty instanceof AnthropicBadRequestError)) return assert.fail(String(empty))
      assert.nestedPropertyVal(empty.error, "error.type", "invalid_request_error")
    })
  )
})

describe("errors through the official SDKs", () => {
  it.live("an unknown model is the SDK's own NotFoundError, with the nearest names, and is not tried again", () =>
    using(async (url) => {
      const client = new OpenAI({ baseURL: `${url}/v1`, apiKey: "unused", maxRetries: 2 })
      const error = await client.chat.completions
        .create({ model: "gtp-5.2", messages: [{ role: "user", content: "hi" }] })
        .catch((caught: unknown) => caught)
      if (!(error instanceof NotFoundError)) return assert.fail(String(error))
      assert.strictEqual(error.code, "model_not_found")
      assert.include(error.message, "gpt-5.2")
      assert.strictEqual(error.headers?.get("x-should-retry"), "false")

      const other = await new Anthropic({ baseURL: url, apiKey: "unused" }).messages
        .create({ model: "nobody/knows", max_tokens: 5, messages: [{ role: "user", content: "hi" }] })
        .catch((caught: unknown) => caught)
      assert.instanceOf(other, AnthropicNotFoundError)
    })
  )
  it.live("a stream that is cut makes both SDKs throw, whoever the vendor is", () =>
    using(async (url) => {
      for (const model of Object.values(models).map((name) => `${name}--cut`)) {
        const chat = await openai(url).chat.completions.create({
          model,
          messages: [{ role: "user", content: "Say something rather long, please, in many words" }],
          stream: true
        })
        let chatText = ""
        const chatError = await (async () => {
          for await (const chunk of chat) chatText += chunk.choices[0]?.delta.content ?? ""
        })().catch((caught: unknown) => caught)
        assert.instanceOf(chatError, APIError, model)
        assert.isAbove(chatText.length, 0)

        const messages = anthropic(url).messages.stream({
          model,
          max_tokens: 500,
          messages: [{ role: "user", content: "Say something rather long, please, in many words" }]
        })
        const messagesError = await messages.finalMessage().catch((caught: unknown) => caught)
        assert.instanceOf(messagesError, AnthropicError, model)
      }
    })
  )
})
