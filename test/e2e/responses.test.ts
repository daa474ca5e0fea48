import { assert, describe, it } from "@effect/vitest"
import { Effect, Redacted } from "effect"
import OpenAI, { APIError, BadRequestError, NotFoundError } from "openai"
import { type Options, start } from "./harness.ts"

const openai = (url: string, apiKey = "unused") => new OpenAI({ baseURL: `${url}/v1`, apiKey, maxRetries: 0 })

/** One model a vendor wire; what a vendor calls itself in its simulated answers. */
const models = {
  openai: "openai/gpt-5.2",
  anthropic: "anthropic/claude-sonnet-5",
  gemini: "gemini/gemini-3.5-flash"
} as const

const weather: OpenAI.Responses.FunctionTool = {
  type: "function",
  name: "get_weather",
  description: "The weather of a city",
  strict: false,
  parameters: { type: "object", properties: { city: { type: "string" } }, required: ["city"] }
}
const person: OpenAI.Responses.ResponseFormatTextJSONSchemaConfig = {
  type: "json_schema",
  name: "person",
  strict: true,
  schema: {
    type: "object",
    properties: { name: { type: "string" }, age: { type: "integer" } },
    required: ["name", "age"],
    additionalProperties: false
  }
}
const pixel = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="

const using = <A>(use: (url: string) => Promise<A>, options: Options = {}) =>
  Effect.scoped(Effect.flatMap(start(options), ({ url }) => Effect.promise(() => use(url))))

/** The events of a stream. */
const eventsOf = async (
  stream: AsyncIterable<OpenAI.Responses.ResponseStreamEvent>
): Promise<ReadonlyArray<OpenAI.Responses.ResponseStreamEvent>> => {
  const events: Array<OpenAI.Responses.ResponseStreamEvent> = []
  for await (const event of stream) events.push(event)
  return events
}

const failureOf = (asked: Promise<unknown>): Promise<unknown> =>
  asked.then(
    () => undefined,
    (error: unknown) => error
  )

describe("responses of the openai SDK", () => {
  for (const [vendor, model] of Object.entries(models)) {
    it.live(`are whole answers from ${vendor}`, () =>
      using(async (url) => {
        const { data, response } = await openai(url)
          .responses.create({ model, instructions: "Be brief", input: "Say hello", temperature: 1 })
          .withResponse()
        assert.include(data.output_text, vendor)
        assert.strictEqual(data.status, "completed")
        assert.strictEqual(data.instructions, "Be brief")
        assert.match(data.id, /^resp_/)
        assert.isAbove(data.usage?.input_tokens ?? 0, 0)
        assert.isAbove(data.usage?.output_tokens ?? 0, 0)
        assert.isAbove(data.created_at, 1_600_000_000)
        assert.strictEqual(response.headers.get("x-switchyard-provider"), vendor)
      })
    )
    it.live(`are streams from ${vendor}, numbered without gaps`, () =>
      using(async (url) => {
        const events = await eventsOf(
          await openai(url).responses.create({ model, input: [{ role: "user", content: "Say hello" }], stream: true })
        )
        assert.deepStrictEqual(
          events.map((event) => event.sequence_number),
          events.map((_, index) => index)
        )
        assert.strictEqual(events[0]?.type, "response.created")
        const last = events.at(-1)
        if (last?.type !== "response.completed") return assert.fail(last?.type)
        const text = events.map((event) => (event.type === "response.output_text.delta" ? event.delta : "")).join("")
        assert.include(text, vendor)
        assert.isAbove(last.response.usage?.output_tokens ?? 0, 0)
        const final = await openai(url).responses.stream({ model, input: "Say hello" }).finalResponse()
        assert.include(final.output_text, vendor)
      })
    )
    it.live(`call tools at ${vendor} and take their results, whole, streamed and by reference`, () =>
      using(async (url) => {
        const client = openai(url)
        const input: Array<OpenAI.Responses.ResponseInputItem> = [
          { role: "user", content: "What is the weather in Paris?" }
        ]
        const tools = [weather]
        const first = await client.responses.create({ model, input, tools, tool_choice: "required" })
        const call = first.output.find((item) => item.type === "function_call")
        if (call === undefined) return assert.fail("no function call")
        assert.strictEqual(call.name, "get_weather")
        assert.isString(JSON.parse(call.arguments).city)
        const result: OpenAI.Responses.ResponseInputItem = {
          type: "function_call_output",
          call_id: call.call_id,
          output: "sunny, 21 degrees"
        }
        // the items of an answer are input of the next request as they are
        const second = await client.responses.create({ model, input: [...input, ...asInput(first), result], tools })
        assert.include(second.output_text, "sunny")
        const referring = await client.responses.create({
          model,
          input: [result],
          tools,
          previous_response_id: first.id
        })
        assert.include(referring.output_text, "sunny")
        assert.strictEqual(referring.previous_response_id, first.id)

        const streamed = await client.responses
          .stream({ model, input, tools, tool_choice: { type: "function", name: "get_weather" } })
          .finalResponse()
        const again = streamed.output.find((item) => item.type === "function_call")
        assert.isString(JSON.parse(again?.arguments ?? "{}").city)
        const third = await client.responses.create({
          model,
          input: [{ ...result, call_id: again?.call_id ?? "" }],
          tools,
          previous_response_id: streamed.id,
          stream: true
        })
        const texts = (await eventsOf(third)).map((event) =>
          event.type === "response.output_text.done" ? event.text : ""
        )
        assert.include(texts.join(""), "sunny")
      })
    )
    it.live(`fit a schema at ${vendor}`, () =>
      using(async (url) => {
        const parsed = await openai(url).responses.parse({
          model,
          input: "Describe a person",
          text: { format: person }
        })
        const told: unknown = JSON.parse(parsed.output_text)
        assert.isTrue(typeof told === "object" && told !== null && "name" in told && "age" in told)
      })
    )
    it.live(`take images at ${vendor}`, () =>
      using(async (url) => {
        const answer = await openai(url).responses.create({
          model,
          input: [
            {
              role: "user",
              content: [
                { type: "input_text", text: "What is this?" },
                { type: "input_image", image_url: `data:image/png;base64,${pixel}`, detail: "auto" }
              ]
            }
          ]
        })
        assert.include(answer.output_text, vendor)
      })
    )
  }

  it.live("go on at another vendor than the one that answered first", () =>
    using(async (url) => {
      const client = openai(url)
      let previous: string | undefined
      for (const model of [...Object.values(models), models.openai]) {
        const answer: OpenAI.Responses.Response = await client.responses.create({
          model,
          input: "Go on",
          ...(previous === undefined ? {} : { previous_response_id: previous })
        })
        assert.strictEqual(answer.status, "completed")
        previous = answer.id
      }
    })
  )

  it.live("can be fetched and deleted until they are forgotten", () =>
    using(async (url) => {
      const client = openai(url)
      const answer = await client.responses.create({ model: models.anthropic, input: "Say hello" })
      const fetched = await client.responses.retrieve(answer.id)
      assert.strictEqual(fetched.output_text, answer.output_text)
      await client.responses.delete(answer.id)
      assert.instanceOf(await failureOf(client.responses.retrieve(answer.id)), NotFoundError)
      assert.instanceOf(await failureOf(client.responses.delete(answer.id)), NotFoundError)
      await unknown(
        client.responses.create({ model: models.anthropic, input: "And?", previous_response_id: answer.id })
      )
    })
  )

  it.live("are not kept where the caller says so", () =>
    using(async (url) => {
      const client = openai(url)
      const answer = await client.responses.create({ model: models.openai, input: "Say hello", store: false })
      assert.instanceOf(await failureOf(client.responses.retrieve(answer.id)), NotFoundError)
      await unknown(client.responses.create({ model: models.openai, input: "And?", previous_response_id: answer.id }))
    })
  )

  it.live("are another key's to nobody", () =>
    using(
      async (url) => {
        const [ada, bob] = [openai(url, "key-of-ada-1234567890"), openai(url, "key-of-bob-1234567890")]
        const answer = await ada.responses.create({ model: models.openai, input: "Say hello" })
        assert.strictEqual((await ada.responses.retrieve(answer.id)).id, answer.id)
        assert.instanceOf(await failureOf(bob.responses.retrieve(answer.id)), NotFoundError)
        assert.instanceOf(await failureOf(bob.responses.delete(answer.id)), NotFoundError)
        await unknown(bob.responses.create({ model: models.openai, input: "And?", previous_response_id: answer.id }))
        const message = answer.output[0]?.id ?? ""
        const referring = (client: OpenAI) =>
          client.responses.create({
            model: models.openai,
            input: [
              { type: "item_reference", id: message },
              { role: "user", content: "And?" }
            ]
          })
        assert.strictEqual((await referring(ada)).status, "completed")
        const refused = await failureOf(referring(bob))
        assert.instanceOf(refused, BadRequestError)
        assert.strictEqual(refused instanceof BadRequestError ? refused.param : undefined, "input.0")
      },
      {
        settings: {
          keys: ["ada", "bob"].map((name) => ({
            name,
            key: Redacted.make(`key-of-${name}-1234567890`),
            tenant: undefined,
            priority: "normal",
            allow: undefined
          }))
        }
      }
    )
  )

  it.live("are refused in OpenAI's shape where they cannot be served", () =>
    using(async (url) => {
      const client = openai(url)
      const refused = async (asked: Promise<unknown>, param: string) => {
        const error = await failureOf(asked)
        assert.instanceOf(error, BadRequestError)
        if (error instanceof BadRequestError) assert.strictEqual(error.param, param)
      }
      const model = models.anthropic
      await refused(client.responses.create({ model, input: "x", background: true }), "background")
      await refused(client.responses.create({ model, input: "x", conversation: "conv_1" }), "conversation")
      await refused(client.responses.create({ model, input: "x", prompt: { id: "pmpt_1" } }), "prompt")
      const missing = await failureOf(client.responses.create({ model: "nobody/nothing", input: "x" }))
      assert.instanceOf(missing, NotFoundError)
      const hosted = await failureOf(client.responses.create({ model, input: "x", tools: [{ type: "web_search" }] }))
      assert.instanceOf(hosted, BadRequestError)
    })
  )

  it.live("throw where a stream is cut, for whoever answers", () =>
    using(
      async (url) => {
        for (const model of Object.values(models)) {
          for (const how of ["cut", "clean-cut"]) {
            const asked = { model: `${model}--${how}`, input: "Say hello" } as const
            const stream = await openai(url).responses.create({ ...asked, stream: true })
            assert.instanceOf(await failureOf(eventsOf(stream)), APIError, asked.model)
            const final = await failureOf(openai(url).responses.stream(asked).finalResponse())
            assert.instanceOf(final, Error, asked.model)
          }
        }
      },
      { resilience: { onMidStreamFailure: "error" } }
    )
  )
})

/** The items of an answer, to be sent back. */
const asInput = (response: OpenAI.Responses.Response): ReadonlyArray<OpenAI.Responses.ResponseInputItem> =>
  response.output.flatMap((item) =>
    item.type === "message" || item.type === "function_call" || item.type === "reasoning" ? [item] : []
  )

const unknown = async (asked: Promise<unknown>): Promise<void> => {
  const error = await failureOf(asked)
  assert.instanceOf(error, BadRequestError)
  if (!(error instanceof BadRequestError)) return
  assert.strictEqual(error.code, "previous_response_not_found")
  assert.strictEqual(error.param, "previous_response_id")
}
