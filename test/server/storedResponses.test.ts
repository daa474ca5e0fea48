import { assert, describe, it } from "@effect/vitest"
import { Effect, Stream } from "effect"
import OpenAI, { APIError, BadRequestError, NotFoundError } from "openai"
import { defaultServer, type Settings } from "../../src/config/Settings.ts"
import type { ChatRequest } from "../../src/domain/ChatRequest.ts"
import { isJsonObject, type JsonObject } from "../../src/domain/Json.ts"
import { clientKey, failure, frames, hello, live, send, settingsWith, withEdge } from "./support.ts"

const path = "/v1/responses"
const ask = (extra: object = {}): object => ({ model: "smart", input: "hi", ...extra })
const object = (value: unknown): JsonObject => (isJsonObject(value) ? value : assert.fail("not an object"))
const idOf = (response: unknown): string => String(object(response)["id"])
const codeOf = (reply: unknown) => object(object(reply)["error"])["code"]
const client = (port: number, apiKey = "unused") =>
  new OpenAI({ apiKey, baseURL: `http://127.0.0.1:${port}/v1`, maxRetries: 0 })
const caught = (call: PromiseLike<unknown>) =>
  Promise.resolve(call).then(
    () => assert.fail("no error"),
    (error: unknown) => error
  )

const limited = (responses: Partial<Settings["server"]["responses"]>) =>
  settingsWith({ responses: { ...defaultServer.responses, ...responses } })

/** Keeps the prompts that were asked. */
const recording =
  (asked: Array<ChatRequest>): typeof hello =>
  (request) => {
    asked.push(request)
    return hello(request)
  }
const textsOf = ({ messages }: ChatRequest): ReadonlyArray<string> =>
  messages.flatMap(({ content }) => content.map((part) => (part._tag === "Text" ? part.text : "")))

describe("the input items of a stored response", () => {
  it.live("are those of its whole conversation, in full, and come page by page to the SDK", () =>
    withEdge({}, (port) =>
      Effect.promise(async () => {
        const { responses } = client(port)
        const first = await responses.create({ model: "smart", input: "one" })
        const second = await responses.create({
          model: "smart",
          previous_response_id: first.id,
          input: [
            { role: "user", content: "two" },
            { type: "message", role: "user", content: [{ type: "input_text", text: "three" }] }
          ]
        })
        for (const limit of [1, 2, 3, 100])
          for (const order of ["asc", "desc"] as const) {
            const texts: Array<unknown> = []
            const ids: Array<string | undefined> = []
            for await (const item of responses.inputItems.list(second.id, { limit, order })) {
              ids.push(item.id)
              if (item.type !== "message") return assert.fail(item.type)
              const [part] = item.content
              texts.push(part !== undefined && "text" in part ? part.text : undefined)
            }
            const inOrder = ["one", "hello", "two", "three"]
            assert.deepStrictEqual(texts, order === "asc" ? inOrder : inOrder.toReversed())
            assert.strictEqual(new Set(ids).size, 4)
            assert.notInclude(ids, undefined)
          }
        const page = await responses.inputItems.list(first.id)
        assert.deepStrictEqual(page.has_more, false)
        assert.deepInclude(page.data[0], { type: "message", role: "user", status: "completed" })
      })
    )
  )

  it.live("come to an end though two of them bear one id", () =>
    withEdge({}, (port) =>
      Effect.gen(function* () {
        const item = { id: "msg_1", type: "message", role: "user", content: [{ type: "input_text", text: "again" }] }
        const id = idOf((yield* send(port, { path, body: ask({ input: [item, item, item] }) })).json)
        const ids: Array<string | undefined> = []
        yield* Effect.promise(async () => {
          for await (const one of client(port).responses.inputItems.list(id, { limit: 1 })) ids.push(one.id)
        })
        assert.strictEqual(new Set(ids).size, 3)
        assert.include(ids, "msg_1")
      })
    )
  )

  it.live("are refused in OpenAI's shape where they are asked for wrongly or unknown", () =>
    withEdge({}, (port) =>
      Effect.gen(function* () {
        const id = idOf((yield* send(port, { path, body: ask() })).json)
        for (const [query, param] of [
          ["limit=0", "limit"],
          ["limit=101", "limit"],
          ["limit=x", "limit"],
          ["order=up", "order"],
          ["after=msg_none", "after"]
        ]) {
          const reply = yield* send(port, { method: "GET", path: `${path}/${id}/input_items?${query}` })
          assert.strictEqual(reply.status, 400)
          assert.strictEqual(object(object(reply.json)["error"])["param"], param)
        }
        const unknown = yield* send(port, { method: "GET", path: `${path}/resp_none/input_items` })
        assert.strictEqual(unknown.status, 404)
        assert.strictEqual(codeOf(unknown.json), "response_not_found")
        const wrong = yield* send(port, { path: `${path}/${id}/input_items` })
        assert.strictEqual(wrong.status, 405)
      })
    )
  )
})

describe("what only OpenAI's own storage could serve", () => {
  it.live("is refused to the SDK, each in words of its own", () =>
    withEdge({}, (port) =>
      Effect.promise(async () => {
        const { responses } = client(port)
        const { id } = await responses.create({ model: "smart", input: "hi" })
        const synchronous = await caught(responses.cancel(id))
        if (!(synchronous instanceof BadRequestError)) return assert.fail(String(synchronous))
        assert.include(synchronous.message, "Cannot cancel a synchronous response")
        const unknown = await caught(responses.cancel("resp_none"))
        if (!(unknown instanceof NotFoundError)) return assert.fail(String(unknown))
        const compact = await caught(responses.compact({ model: "gpt-5.2", input: "hi" }))
        if (!(compact instanceof BadRequestError)) return assert.fail(String(compact))
        assert.include(compact.message, "/v1/responses/compact")
        const background = await caught(responses.create({ model: "smart", input: "hi", background: true }))
        if (!(background instanceof BadRequestError)) return assert.fail(String(background))
        assert.strictEqual(background.param, "background")
        const streamed = await caught(responses.retrieve(id, { stream: true }))
        if (!(streamed instanceof BadRequestError)) return assert.fail(String(streamed))
        assert.strictEqual(streamed.param, "stream")
      })
    )
  )

  it.live("tells a stranger nothing but that its key is wrong", () =>
    withEdge({ settings: settingsWith({}, [clientKey("ada", "key-of-ada-1234567")]) }, (port) =>
      Effect.gen(function* () {
        for (const [method, below] of [
          ["GET", "/resp_1"],
          ["DELETE", "/resp_1"],
          ["GET", "/resp_1/input_items"],
          ["POST", "/resp_1/cancel"],
          ["POST", "/compact"],
          ["POST", "/input_tokens"]
        ] as const) {
          const reply = yield* send(port, { method, path: path + below })
          assert.strictEqual(reply.status, 401, below)
          assert.strictEqual(codeOf(reply.json), "invalid_api_key")
        }
      })
    )
  )
})

describe("the memory of /v1/responses", () => {
  it.live("does not know what was not to be kept, what was deleted, and what is another key's", () =>
    withEdge(
      { settings: settingsWith({}, [clientKey("ada", "key-of-ada-1234567"), clientKey("bob", "key-of-bob-1234567")]) },
      (port) =>
        Effect.promise(async () => {
          const [ada, bob] = [client(port, "key-of-ada-1234567"), client(port, "key-of-bob-1234567")]
          const body = { model: "smart", input: "hi" }
          const unkept = await ada.responses.create({ ...body, store: false })
          const deleted = await ada.responses.create(body)
          await ada.responses.delete(deleted.id)
          const adas = await ada.responses.create(body)
          for (const [{ responses }, id] of [
            [ada, unkept.id],
            [ada, deleted.id],
            [bob, adas.id]
          ] as const) {
            const next = await caught(responses.create({ ...body, previous_response_id: id }))
            if (!(next instanceof BadRequestError)) return assert.fail(String(next))
            assert.strictEqual(next.code, "previous_response_not_found")
            for (const call of [
              () => responses.retrieve(id),
              () => responses.delete(id),
              () => responses.cancel(id),
              () => responses.inputItems.list(id)
            ])
              assert.instanceOf(await caught(call()), NotFoundError)
          }
          assert.strictEqual((await ada.responses.retrieve(adas.id)).id, adas.id)
        })
    )
  )

  it.live("keeps nothing of an answer that failed or broke off, so that it cannot be taken for a whole one", () =>
    Effect.gen(function* () {
      const error = failure({
        _tag: "CutShort",
        provider: "acme",
        model: "large-1",
        reason: { _tag: "Network", message: "reset", sent: true }
      })
      const broken = Stream.concat(Stream.fromIterable(frames("hel").slice(0, 2)), Stream.fail(error))
      yield* withEdge({ handle: () => Effect.succeed(live(broken)) }, (port) =>
        Effect.promise(async () => {
          const { responses } = client(port)
          let id = ""
          const stream = await responses.create({ model: "smart", input: "hi", stream: true })
          const end = await caught(
            (async () => {
              for await (const event of stream) if (event.type === "response.created") ({ id } = event.response)
            })()
          )
          assert.instanceOf(end, APIError)
          assert.match(id, /^resp_/)
          assert.instanceOf(await caught(responses.retrieve(id)), NotFoundError)
          const next = await caught(responses.create({ model: "smart", input: "go on", previous_response_id: id }))
          if (!(next instanceof BadRequestError)) return assert.fail(String(next))
          assert.strictEqual(next.code, "previous_response_not_found")
        })
      )
    })
  )

  it.live(
    "holds a conversation of a thousand turns together, each item once and in order",
    () => {
      const asked: Array<ChatRequest> = []
      return withEdge({ handle: recording(asked) }, (port) =>
        Effect.gen(function* () {
          let previous: string | undefined
          for (let turn = 0; turn < 1000; turn++) {
            const body = ask({
              input: `turn ${turn}`,
              ...(previous === undefined ? {} : { previous_response_id: previous })
            })
            const reply = yield* send(port, { path, body })
            if (reply.status !== 200) return assert.fail(reply.body)
            previous = idOf(reply.json)
          }
          const last = asked.at(-1)
          const texts = last === undefined ? [] : textsOf(last)
          assert.strictEqual(texts.length, 1999)
          assert.deepStrictEqual(
            texts.filter((_, at) => at % 2 === 0),
            Array.from({ length: 1000 }, (_, turn) => `turn ${turn}`)
          )
        })
      )
    },
    60_000
  )

  it.live("lets any number of branches grow from one answer at once", () => {
    const asked: Array<ChatRequest> = []
    return withEdge({ handle: recording(asked) }, (port) =>
      Effect.gen(function* () {
        const root = idOf((yield* send(port, { path, body: ask({ input: "root" }) })).json)
        const branch = (name: string, from: string) =>
          Effect.map(send(port, { path, body: ask({ input: name, previous_response_id: from }) }), ({ json }) =>
            idOf(json)
          )
        const names = Array.from({ length: 20 }, (_, at) => `branch ${at}`)
        const tips = yield* Effect.forEach(names, (name) => branch(name, root), { concurrency: "unbounded" })
        assert.strictEqual(new Set(tips).size, 20)
        yield* Effect.forEach(tips, (tip, at) => branch(`leaf ${at}`, tip), { concurrency: "unbounded" })
        for (const request of asked.filter((one) => textsOf(one).at(-1)?.startsWith("leaf"))) {
          const [number] = textsOf(request).at(-1)?.match(/\d+/) ?? []
          assert.deepStrictEqual(textsOf(request), ["root", "hello", `branch ${number}`, "hello", `leaf ${number}`])
        }
      })
    )
  })

  it.live("outlives a reload, and follows the limits that one sets", () => {
    let now = limited({})
    return withEdge({ settings: now, settingsNow: () => now }, (port) =>
      Effect.gen(function* () {
        const create = Effect.map(send(port, { path, body: ask() }), ({ json }) => idOf(json))
        const status = (id: string) =>
          Effect.map(send(port, { method: "GET", path: `${path}/${id}` }), (reply) => reply.status)
        const first = yield* create
        now = limited({})
        assert.strictEqual(yield* status(first), 200)
        now = limited({ entries: 2 })
        const second = yield* create
        const third = yield* create
        assert.deepStrictEqual([yield* status(first), yield* status(second), yield* status(third)], [404, 200, 200])
        now = limited({ bytes: 10 })
        assert.strictEqual(yield* status(yield* create), 404)
        now = limited({ entries: 0 })
        assert.strictEqual(yield* status(yield* create), 404)
        assert.strictEqual(yield* status(third), 404)
      })
    )
  })

  it.live("refuses a conversation that has grown larger than a request may be", () =>
    withEdge({ settings: settingsWith({ bodyLimitBytes: 4_096 }) }, (port) =>
      Effect.gen(function* () {
        const input = "x".repeat(2_500)
        const first = yield* send(port, { path, body: ask({ input }) })
        assert.strictEqual(first.status, 200)
        const second = yield* send(port, { path, body: ask({ input, previous_response_id: idOf(first.json) }) })
        assert.strictEqual(second.status, 200)
        const third = yield* send(port, { path, body: ask({ input, previous_response_id: idOf(second.json) }) })
        assert.strictEqual(third.status, 400)
        assert.strictEqual(codeOf(third.json), "context_length_exceeded")
      })
    )
  )

  it.live("keeps what the caller noted on a response, and carries no instructions over", () => {
    const asked: Array<ChatRequest> = []
    return withEdge({ handle: recording(asked) }, (port) =>
      Effect.promise(async () => {
        const { responses } = client(port)
        const metadata = { ticket: "42" }
        const first = await responses.create({ model: "smart", input: "hi", instructions: "Be brief", metadata })
        assert.deepStrictEqual(first.metadata, metadata)
        const again = await responses.retrieve(first.id)
        assert.deepStrictEqual(again, { ...again, metadata, instructions: "Be brief" })
        const second = await responses.create({ model: "smart", input: "more", previous_response_id: first.id })
        assert.deepStrictEqual(second.metadata, {})
        assert.deepStrictEqual(asked.map(textsOf).at(-1), ["hi", "hello", "more"])
        assert.isNull(second.instructions)
      })
    )
  })
})
