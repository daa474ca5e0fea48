import Anthropic, { BadRequestError, NotFoundError } from "@anthropic-ai/sdk"
import { assert, describe, it } from "@effect/vitest"
import { ApiError, GoogleGenAI } from "@google/genai"
import { Effect } from "effect"
import OpenAI, { NotFoundError as OpenAiNotFoundError } from "openai"
import type { ModelListing } from "../../src/gateway/Gateway.ts"
import { clientKey, send, settingsWith, withEdge } from "./support.ts"

const facts = {
  contextWindowTokens: 200_000,
  maxOutputTokens: 8192,
  price: { inputUsdPerMTok: 3, outputUsdPerMTok: 15 },
  tier: undefined,
  capabilities: { tools: true }
}
const listing = (id: string, targets?: ReadonlyArray<string>): ModelListing => ({
  id,
  ownedBy: targets === undefined ? (id.split("/")[0] ?? "") : "switchyard",
  targets,
  facts
})
const models: ReadonlyArray<ModelListing> = [
  listing("smart", ["acme/large-1"]),
  listing("acme/large-1"),
  listing("ollama/llama3:8b"),
  listing("fireworks/accounts/x/models/y-1:free"),
  listing("acme/large-2")
]
const ids = models.map(({ id }) => id)

const openai = (port: number) => new OpenAI({ apiKey: "unused", baseURL: `http://127.0.0.1:${port}/v1`, maxRetries: 0 })
const anthropic = (port: number) =>
  new Anthropic({ apiKey: "unused", baseURL: `http://127.0.0.1:${port}`, maxRetries: 0 })
const google = (port: number, apiVersion = "v1beta") =>
  new GoogleGenAI({
    apiKey: "unused",
    vertexai: false,
    apiVersion,
    httpOptions: { baseUrl: `http://127.0.0.1:${port}` }
  })
const caught = (call: PromiseLike<unknown>) =>
  Promise.resolve(call).then(
    () => assert.fail("no error"),
    (error: unknown) => error
  )
const using = (use: (port: number) => Promise<void>) => withEdge({ models }, (port) => Effect.promise(() => use(port)))

describe("the models as the official SDKs read them", () => {
  it.live("openai: all of them, each by its name, and its own error for one that is not there", () =>
    using(async (port) => {
      const client = openai(port)
      const listed: Array<string> = []
      for await (const { id } of client.models.list()) listed.push(id)
      assert.deepStrictEqual(listed, ids)
      for (const id of ids) {
        const one = await client.models.retrieve(id)
        assert.deepInclude(one, { id, object: "model" })
        assert.deepNestedInclude(one, { context_window: 200_000, "pricing.input_usd_per_mtok": 3 })
      }
      const unknown = await caught(client.models.retrieve("acme/large-3"))
      if (!(unknown instanceof OpenAiNotFoundError)) return assert.fail(String(unknown))
      assert.strictEqual(unknown.code, "model_not_found")
    })
  )

  it.live("anthropic: page by page in either direction, each by its name, and its own errors", () =>
    using(async (port) => {
      const client = anthropic(port)
      for (const limit of [1, 2, 3, 5, 1000]) {
        const listed: Array<string> = []
        for await (const { id } of client.models.list({ limit })) listed.push(id)
        assert.deepStrictEqual(listed, ids, String(limit))
      }
      const whole = await client.models.list()
      assert.strictEqual(whole.data.length, ids.length)
      assert.isFalse(whole.has_more)
      const last = await client.models.list({ before_id: "acme/large-2", limit: 2 })
      assert.deepStrictEqual(
        last.data.map(({ id }) => id),
        ["ollama/llama3:8b", "fireworks/accounts/x/models/y-1:free"]
      )
      assert.isTrue(last.has_more)
      const before = await last.getNextPage()
      assert.deepStrictEqual(
        before.data.map(({ id }) => id),
        ["smart", "acme/large-1"]
      )
      assert.isFalse(before.has_more)
      for (const id of ids)
        assert.deepInclude(await client.models.retrieve(id), {
          id,
          type: "model",
          max_input_tokens: 200_000,
          max_tokens: 8192
        })
      assert.instanceOf(await caught(client.models.retrieve("acme/large-3")), NotFoundError)
      for (const query of [
        { limit: 0 },
        { limit: 1001 },
        { limit: 1.5 },
        { after_id: "nobody" },
        { before_id: "nobody" },
        { after_id: "smart", before_id: "smart" }
      ])
        assert.instanceOf(await caught(client.models.list(query)), BadRequestError, JSON.stringify(query))
    })
  )

  for (const version of ["v1beta", "v1alpha", "v1"])
    it.live(`google, ${version}: page by page, each by its name, and its own errors`, () =>
      using(async (port) => {
        const client = google(port, version)
        for (const pageSize of [1, 2, 5, 1000]) {
          const listed: Array<string | undefined> = []
          for await (const { name } of await client.models.list({ config: { pageSize, queryBase: true } }))
            listed.push(name)
          assert.deepStrictEqual(
            listed,
            ids.map((id) => `models/${id}`)
          )
        }
        for (const id of ids) {
          const one = await client.models.get({ model: id })
          assert.deepInclude(one, { name: `models/${id}`, inputTokenLimit: 200_000, outputTokenLimit: 8192 })
        }
        const unknown = await caught(client.models.get({ model: "acme/large-3" }))
        if (!(unknown instanceof ApiError)) return assert.fail(String(unknown))
        assert.strictEqual(unknown.status, 404)
        const wrong = await caught(client.models.list({ config: { pageToken: "nonsense" } }))
        if (!(wrong instanceof ApiError)) return assert.fail(String(wrong))
        assert.strictEqual(wrong.status, 400)
      })
    )
})

const [ada, bob] = ["key-of-ada-1234567", "key-of-bob-1234567"]

interface Speaker {
  readonly name: string
  readonly path: string
  readonly body: object
  /** Where its SDKs put a key. */
  readonly places: ReadonlyArray<
    (key: string) => { readonly headers?: Readonly<Record<string, string>>; readonly query?: string }
  >
  /** What its 401 says, and where. */
  readonly refusal: readonly [path: string, word: string]
}

const bearer = (key: string) => ({ headers: { authorization: `Bearer ${key}` } })
const xApiKey = (key: string) => ({ headers: { "x-api-key": key } })
const xGoogApiKey = (key: string) => ({ headers: { "x-goog-api-key": key } })
const inQuery = (key: string) => ({ query: `?key=${key}` })

const chat = { model: "smart", messages: [{ role: "user", content: "hi" }] }
const contents = { contents: [{ role: "user", parts: [{ text: "hi" }] }] }
const geminiPaths = [
  "/v1beta/models/smart:generateContent",
  "/v1/models/smart:generateContent",
  "/v1beta/models/smart:countTokens",
  "/v1/publishers/google/models/smart:generateContent",
  "/v1beta1/publishers/google/models/smart:generateContent",
  "/v1/projects/acme-1/locations/global/publishers/google/models/smart:generateContent"
]

const speakers: ReadonlyArray<Speaker> = [
  ...[
    { path: "/v1/chat/completions", body: chat },
    { path: "/v1/responses", body: { model: "smart", input: "hi" } },
    { path: "/v1/responses/input_tokens", body: { model: "smart", input: "hi" } }
  ].map((asked) => ({
    ...asked,
    name: asked.path,
    places: [bearer],
    refusal: ["error.code", "invalid_api_key"] as const
  })),
  ...[
    { path: "/v1/messages", body: { ...chat, max_tokens: 10 } },
    { path: "/v1/messages/count_tokens", body: chat }
  ].map((asked) => ({
    ...asked,
    name: asked.path,
    places: [bearer, xApiKey],
    refusal: ["error.type", "authentication_error"] as const
  })),
  ...geminiPaths.map((path) => ({
    name: path,
    path,
    body: contents,
    places: [bearer, xGoogApiKey, inQuery],
    refusal: ["error.status", "UNAUTHENTICATED"] as const
  }))
]

describe("a client key", () => {
  const settings = settingsWith({}, [clientKey("ada", ada), clientKey("bob", bob)])
  for (const { body, name, path, places, refusal } of speakers)
    it.live(`is taken on ${name} wherever its SDKs put it, and a wrong one is refused in its own words`, () => {
      const lines: Array<string> = []
      return withEdge({ settings, models, lines }, (port) =>
        Effect.gen(function* () {
          const ask = (placed: ReturnType<Speaker["places"][number]>) =>
            send(port, { path: path + (placed.query ?? ""), headers: placed.headers ?? {}, body })
          for (const place of places) {
            assert.strictEqual((yield* ask(place(ada))).status, 200)
            const { body, json, status } = yield* ask(place("key-of-eve-1234567"))
            assert.strictEqual(status, 401)
            assert.nestedPropertyVal(json, ...refusal)
            assert.notInclude(body, "key-of-eve")
          }
          assert.strictEqual((yield* ask({})).status, 401)
          // an SDK that has a key of another account at hand may send it along
          const both = { headers: { authorization: "Bearer key-of-eve-1234567", "x-api-key": ada } }
          assert.strictEqual((yield* ask(both)).status, 200)
          const wrong = { headers: { authorization: "Bearer one", "x-api-key": "two" } }
          assert.strictEqual((yield* ask(wrong)).status, 401)
          assert.notInclude(lines.join(), "key-of-")
        })
      )
    })

  it.live("that stands in `authorization` says who asks, where another caller's stands elsewhere", () => {
    const lines: Array<string> = []
    return withEdge({ settings, models, lines }, (port) =>
      Effect.gen(function* () {
        yield* send(port, { headers: { authorization: `Bearer ${ada}`, "x-api-key": bob } })
        assert.include(lines.join(), `"ada"`)
        assert.notInclude(lines.join(), `"bob"`)
      })
    )
  })
})

describe("programs that are set up for Vertex AI", () => {
  it.live("are answered at its paths, in express mode", () =>
    withEdge({ models }, (port) =>
      Effect.promise(async () => {
        const client = new GoogleGenAI({
          vertexai: true,
          apiKey: "unused",
          httpOptions: { baseUrl: `http://127.0.0.1:${port}` }
        })
        for (const model of ["smart", "acme/large-1", "ollama/llama3:8b"]) {
          const answer = await client.models.generateContent({ model, contents: "hi" })
          assert.strictEqual(answer.text, "hello")
          let text = ""
          for await (const chunk of await client.models.generateContentStream({ model, contents: "hi" }))
            text += chunk.text ?? ""
          assert.strictEqual(text, "hello")
          const { totalTokens } = await client.models.countTokens({
            model,
            contents: "hi there",
            config: { systemInstruction: "Be brief" }
          })
          assert.isAbove(totalTokens ?? 0, 0)
        }
      })
    )
  )

  it.live("are asked the model that the SDK has split", () => {
    const asked: Array<string> = []
    return withEdge(
      {
        handle: (request) => {
          asked.push(request.model)
          return Effect.die(new Error("enough"))
        }
      },
      (port) =>
        Effect.gen(function* () {
          const projects = "/v1beta1/projects/p/locations/us-central1/publishers"
          for (const path of [
            `${projects}/google/models/smart:generateContent`,
            `${projects}/openai/models/gpt-5.2:generateContent`,
            "/v1/publishers/ollama/models/llama3%3A8b:generateContent"
          ])
            yield* send(port, { path, body: contents })
          assert.deepStrictEqual(asked, ["smart", "openai/gpt-5.2", "ollama/llama3:8b"])
          const none = yield* send(port, { path: `${projects}/google/models/smart:predict`, body: contents })
          assert.strictEqual(none.status, 404)
          assert.nestedPropertyVal(none.json, "error.status", "NOT_FOUND")
        })
    )
  })
})
