import { ApiError, FunctionCallingConfigMode, GoogleGenAI, type FunctionDeclaration, Type } from "@google/genai"
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { start } from "./harness.ts"

/** One model a vendor wire; what a vendor calls itself in its simulated answers. */
const models = {
  openai: "openai/gpt-5.2",
  anthropic: "anthropic/claude-sonnet-5",
  gemini: "gemini/gemini-3.5-flash"
} as const

const client = (baseUrl: string, apiVersion?: string) =>
  new GoogleGenAI({
    apiKey: "unused",
    vertexai: false,
    ...(apiVersion === undefined ? {} : { apiVersion }),
    httpOptions: { baseUrl }
  })

const weather: FunctionDeclaration = {
  name: "get_weather",
  description: "The weather of a city",
  parameters: { type: Type.OBJECT, properties: { city: { type: Type.STRING } }, required: ["city"] }
}
const pixel = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
const long = "Say something rather long, please, in many words"

const using = <A>(use: (url: string) => Promise<A>) =>
  Effect.scoped(Effect.flatMap(start(), ({ url }) => Effect.promise(() => use(url))))

describe("the google SDK", () => {
  for (const [vendor, model] of Object.entries(models)) {
    it.live(`gets a whole answer from ${vendor}`, () =>
      using(async (url) => {
        for (const version of ["v1beta", "v1", "v1alpha"]) {
          const answer = await client(url, version).models.generateContent({ model, contents: "Say hello" })
          assert.include(answer.text ?? "", vendor)
          assert.strictEqual(answer.candidates?.[0]?.finishReason, "STOP")
          assert.isAbove(answer.usageMetadata?.promptTokenCount ?? 0, 0)
          assert.isAbove(answer.usageMetadata?.totalTokenCount ?? 0, answer.usageMetadata?.promptTokenCount ?? 0)
          assert.strictEqual(answer.sdkHttpResponse?.headers?.["x-switchyard-provider"], vendor)
        }
      })
    )
    it.live(`streams from ${vendor} and is told why it ended, and its usage`, () =>
      using(async (url) => {
        const stream = await client(url).models.generateContentStream({ model, contents: "Say hello" })
        let text = ""
        let finish: string | undefined
        let total: number | undefined
        for await (const chunk of stream) {
          text += chunk.text ?? ""
          finish = chunk.candidates?.[0]?.finishReason ?? finish
          total = chunk.usageMetadata?.totalTokenCount ?? total
        }
        assert.include(text, vendor)
        assert.strictEqual(finish, "STOP")
        assert.isAbove(total ?? 0, 0)
      })
    )
    it.live(`keeps the history of a chat with ${vendor}, whole and streamed`, () =>
      using(async (url) => {
        const chat = client(url).chats.create({ model, config: { systemInstruction: "Be brief" } })
        const first = await chat.sendMessage({ message: "Say hello" })
        assert.include(first.text ?? "", vendor)
        for await (const _ of await chat.sendMessageStream({ message: "Again, please" }));
        const history = chat.getHistory(true)
        assert.deepStrictEqual(
          history.map(({ role }) => role).filter((role, at, roles) => role !== roles[at - 1]),
          ["user", "model", "user", "model"]
        )
        assert.isAbove((history.at(-1)?.parts ?? []).length, 0)
      })
    )
    it.live(`calls a function at ${vendor} and gives it the result, whole and streamed`, () =>
      using(async (url) => {
        const google = client(url)
        const asked = [{ role: "user", parts: [{ text: "What is the weather in Paris?" }] }]
        const config = {
          tools: [{ functionDeclarations: [weather] }],
          toolConfig: { functionCallingConfig: { mode: FunctionCallingConfigMode.ANY } }
        }
        const first = await google.models.generateContent({ model, contents: asked, config })
        const [call] = first.functionCalls ?? []
        if (call === undefined) return assert.fail("no function call")
        assert.strictEqual(call.name, "get_weather")
        assert.isString(call.args?.["city"])
        const said = first.candidates?.[0]?.content
        if (said === undefined) return assert.fail("no content")
        // older programs leave the id out
        for (const id of [{ id: call.id ?? "" }, {}]) {
          const second = await google.models.generateContent({
            model,
            contents: [
              ...asked,
              said,
              {
                role: "user",
                parts: [{ functionResponse: { ...id, name: "get_weather", response: { result: "sunny, 21 degrees" } } }]
              }
            ],
            config: { tools: config.tools }
          })
          assert.include(second.text ?? "", "sunny")
        }
        const calls: Array<string> = []
        for await (const chunk of await google.models.generateContentStream({ model, contents: asked, config }))
          for (const { args, name } of chunk.functionCalls ?? []) calls.push(`${name} ${typeof args?.["city"]}`)
        assert.deepStrictEqual(calls, ["get_weather string"])
      })
    )
    it.live(`gets an answer that fits a schema from ${vendor}, in either dialect of schemas`, () =>
      using(async (url) => {
        const formats = [
          {
            responseSchema: {
              type: Type.OBJECT,
              properties: { name: { type: Type.STRING }, age: { type: Type.INTEGER } },
              required: ["name", "age"]
            }
          },
          {
            responseJsonSchema: {
              type: "object",
              properties: { name: { type: "string" }, age: { type: "integer" } },
              required: ["name", "age"]
            }
          }
        ]
        for (const format of formats) {
          const answer = await client(url).models.generateContent({
            model,
            contents: "Describe a person",
            config: { responseMimeType: "application/json", ...format }
          })
          const person = JSON.parse(answer.text ?? "")
          assert.isString(person.name)
          assert.isNumber(person.age)
        }
      })
    )
    it.live(`shows an image to ${vendor}`, () =>
      using(async (url) => {
        const answer = await client(url).models.generateContent({
          model,
          contents: [{ text: "What is this?" }, { inlineData: { mimeType: "image/png", data: pixel } }]
        })
        assert.match(answer.text ?? "", /image/i)
      })
    )
  }

  it.live("throws on a stream that is cut, whoever the vendor is, after it has shown what came", () =>
    using(async (url) => {
      for (const name of Object.values(models)) {
        const stream = await client(url).models.generateContentStream({ model: `${name}--cut`, contents: long })
        let text = ""
        let finish: string | undefined
        const error = await (async () => {
          for await (const chunk of stream) {
            text += chunk.text ?? ""
            finish = chunk.candidates?.[0]?.finishReason ?? finish
          }
        })().catch((caught: unknown) => caught)
        if (!(error instanceof ApiError)) return assert.fail(`${name}: ${String(error)}`)
        assert.isAtLeast(error.status, 500, name)
        assert.isAbove(text.length, 0, name)
        assert.isUndefined(finish, name)
      }
    })
  )
  it.live("is told of an unknown model, with the nearest names", () =>
    using(async (url) => {
      const error = await client(url)
        .models.generateContent({ model: "gtp-5.2", contents: "hi" })
        .catch((caught: unknown) => caught)
      if (!(error instanceof ApiError)) return assert.fail(String(error))
      assert.strictEqual(error.status, 404)
      assert.include(error.message, "NOT_FOUND")
    })
  )
  it.live("counts the tokens of a prompt, of any model that is served", () =>
    using(async (url) => {
      const google = client(url)
      for (const model of Object.values(models)) {
        const { sdkHttpResponse, totalTokens } = await google.models.countTokens({
          model,
          contents: "Say hello to all"
        })
        assert.isAbove(totalTokens ?? 0, 4)
        assert.isUndefined(sdkHttpResponse?.headers?.["x-switchyard-estimated"])
        assert.strictEqual(sdkHttpResponse?.headers?.["x-switchyard-provider"], model.split("/")[0])
      }
      const error = await google.models
        .countTokens({ model: "gtp-5.2", contents: "hi" })
        .catch((caught: unknown) => caught)
      if (!(error instanceof ApiError)) return assert.fail(String(error))
      assert.strictEqual(error.status, 404)
    })
  )
  it.live("lists the models and finds one", () =>
    using(async (url) => {
      const names: Array<string> = []
      for await (const { name } of await client(url).models.list()) names.push(name ?? "")
      assert.isTrue(names.every((name) => name.startsWith("models/")))
      const model = await client(url).models.get({ model: models.gemini })
      assert.strictEqual(model.name, `models/${models.gemini}`)
      assert.isAbove(model.inputTokenLimit ?? 0, 0)
    })
  )
  it.live("reads a stream that breaks to an end that another model writes, whoever broke off", () =>
    using(async (url) => {
      for (const [first, second] of [
        [models.openai, models.anthropic],
        [models.gemini, models.openai],
        [models.anthropic, models.gemini]
      ] as const) {
        const stream = await client(url).models.generateContentStream({
          model: `${first}--cut`,
          contents: long,
          config: { httpOptions: { extraBody: { fallbacks: [second] } } }
        })
        const finishes: Array<string> = []
        let text = ""
        for await (const chunk of stream) {
          text += chunk.text ?? ""
          const finish = chunk.candidates?.[0]?.finishReason
          if (finish !== undefined) finishes.push(finish)
        }
        assert.deepStrictEqual(finishes, ["STOP"], first)
        assert.isAbove(text.length, 20)
      }
    })
  )
  it.live("reads a stream to its end though its provider was changed before the first word", () =>
    using(async (url) => {
      const stream = await client(url).models.generateContentStream({
        model: "openai/gpt-5.2--overloaded",
        contents: "Say hello",
        config: { httpOptions: { extraBody: { fallbacks: [models.anthropic] } } }
      })
      let text = ""
      for await (const chunk of stream) text += chunk.text ?? ""
      assert.include(text, "anthropic")
    })
  )
})
