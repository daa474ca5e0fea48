import { assert, describe, it } from "@effect/vitest"
import { Effect, Stream } from "effect"
import { openAiResponsesOutbound } from "../../src/dialect/OpenAiResponses.ts"
import { noQuirks } from "../../src/dialect/Dialect.ts"
import type { Frame } from "../../src/domain/ChatEvent.ts"
import type { ChatRequest } from "../../src/domain/ChatRequest.ts"
import { Result } from "effect"
import { isJsonObject, type Json, type JsonObject } from "../../src/domain/Json.ts"
import { frames, hello, live, send, served, withEdge } from "./support.ts"

const path = "/v1/responses"
const ask = (extra: object = {}): object => ({ model: "smart", input: "hi", ...extra })

const object = (value: unknown): JsonObject => (isJsonObject(value) ? value : assert.fail("not an object"))

/** What a vendor of this wire would be sent. */
const sent = (request: ChatRequest | undefined): JsonObject =>
  request === undefined
    ? assert.fail("no request")
    : Result.getOrThrow(
        openAiResponsesOutbound.encodeRequest(request, {
          model: "large-1",
          maxOutputTokens: undefined,
          quirks: noQuirks
        })
      ).body

/** An answer of OpenAI's own, as it was written. */
const body: JsonObject = {
  id: "resp_vendor",
  object: "response",
  created_at: 1,
  status: "completed",
  error: null,
  model: "large-1",
  previous_response_id: null,
  output: [
    { id: "rs_vendor", type: "reasoning", summary: [], encrypted_content: "secret" },
    { id: "msg_vendor", type: "message", role: "assistant", content: [{ type: "output_text", text: "hello" }] }
  ],
  usage: null
}
const event = (type: string, fields: JsonObject): Frame => {
  const decoder = openAiResponsesOutbound.streamDecoder()
  const frame = Result.getOrThrow(decoder.event({ event: type, data: JSON.stringify({ type, ...fields }) }))
  return frame ?? assert.fail("no frame")
}
const own = [
  event("response.created", { sequence_number: 0, response: { ...body, status: "in_progress", output: [] } }),
  event("response.completed", { sequence_number: 1, response: body })
]

/** Keeps what was asked. */
const recording =
  (asked: Array<ChatRequest>, fromOpenAi: boolean): typeof hello =>
  (request) => {
    asked.push(request)
    if (!fromOpenAi) return hello(request)
    return Effect.succeed(
      request.delivery === "live"
        ? live(Stream.fromIterable(own))
        : { _tag: "Whole", served, response: Result.getOrThrow(openAiResponsesOutbound.decodeResponse(body)) }
    )
  }

describe("POST /v1/responses", () => {
  for (const stream of [false, true])
    it.live(`${stream ? "live" : "whole"} puts what was said before into the request, for whoever is asked`, () => {
      const asked: Array<ChatRequest> = []
      return withEdge({ handle: recording(asked, false) }, (port) =>
        Effect.gen(function* () {
          const first = yield* send(port, { path, body: ask({ stream, instructions: "Be brief" }) })
          assert.strictEqual(first.status, 200)
          const id = idOf(stream ? lastOf(first.body) : first.json)
          const next = { stream, previous_response_id: id, input: [{ role: "user", content: "more" }] }
          const second = yield* send(port, { path, body: ask(next) })
          assert.strictEqual(second.status, 200)
          assert.strictEqual(object(stream ? lastOf(second.body) : second.json)["previous_response_id"], id)
          assert.deepStrictEqual(
            asked[1]?.messages.map(({ content, role }) => [
              role,
              content.map((part) => ("text" in part ? part.text : ""))
            ]),
            // instructions are told anew with each request or not at all
            [
              ["user", ["hi"]],
              ["assistant", ["hello"]],
              ["user", ["more"]]
            ]
          )
          // no vendor is shown an id that it cannot know
          assert.notInclude(JSON.stringify(sent(asked[1])), "switchyard")
          assert.notProperty(sent(asked[1]), "previous_response_id")
        })
      )
    })

  for (const stream of [false, true])
    it.live(`${stream ? "live" : "whole"} keeps OpenAI's own answers under their own ids, thoughts included`, () => {
      const asked: Array<ChatRequest> = []
      return withEdge({ handle: recording(asked, true) }, (port) =>
        Effect.gen(function* () {
          const first = yield* send(port, { path, body: ask({ stream }) })
          assert.deepStrictEqual(stream ? lastOf(first.body) : first.json, body)
          const second = yield* send(port, {
            path,
            body: ask({ stream, input: "more", previous_response_id: "resp_vendor" })
          })
          assert.deepStrictEqual(stream ? lastOf(second.body) : second.json, {
            ...body,
            previous_response_id: "resp_vendor"
          })
          assert.deepStrictEqual(sent(asked[1])["input"], [
            { role: "user", content: "hi" },
            ...(Array.isArray(body["output"]) ? body["output"] : []),
            { role: "user", content: "more" }
          ])
        })
      )
    })

  it.live("lets no small request stand for a huge one, and tells no stored response as an empty stream", () =>
    withEdge({}, (port) =>
      Effect.gen(function* () {
        const items = [{ id: "msg_big", type: "message", role: "user", content: "x".repeat(200_000) }]
        const first = yield* send(port, { path, body: ask({ input: items }) })
        assert.strictEqual(first.status, 200)
        const references = (count: number) =>
          Array.from({ length: count }, () => ({ type: "item_reference", id: "msg_big" }))
        assert.strictEqual((yield* send(port, { path, body: ask({ input: references(1) }) })).status, 200)
        const many = yield* send(port, { path, body: ask({ input: references(1000) }) })
        assert.strictEqual(many.status, 400)
        assert.include(many.body, "input")
        const id = idOf(first.json)
        const again = yield* send(port, { method: "GET", path: `${path}/${id}?stream=true` })
        assert.strictEqual(again.status, 400)
        assert.strictEqual((yield* send(port, { method: "GET", path: `${path}/${id}` })).status, 200)
      })
    )
  )

  it.live("gives every answer of another wire an id of its own, though the vendor repeats its ids", () =>
    withEdge({}, (port) =>
      Effect.gen(function* () {
        const answers = yield* Effect.all([send(port, { path, body: ask() }), send(port, { path, body: ask() })])
        const [one, other] = answers.map(({ json }) => idOf(json))
        assert.match(one ?? "", /^resp_\w{20,}$/)
        assert.notStrictEqual(one, other)
      })
    )
  )

  it.live("does not keep an answer whose stream broke", () =>
    withEdge({ handle: () => Effect.succeed(live(Stream.fromIterable(frames("hello").slice(0, 2)))) }, (port) =>
      Effect.gen(function* () {
        const broken = yield* send(port, { path, body: ask({ stream: true }) })
        const created = object(object(eventsOf(broken.body)[0])["response"])
        const last = object(eventsOf(broken.body).at(-1))
        assert.strictEqual(last["type"], "error")
        assert.isString(object(last["error"])["message"])
        const fetched = yield* send(port, { method: "GET", path: `${path}/${String(created["id"])}` })
        assert.strictEqual(fetched.status, 404)
      })
    )
  )

  it.live("refuses a reference it does not know with the vendor's code, and a wrong input by its path", () =>
    withEdge({}, (port) =>
      Effect.gen(function* () {
        const unknown = yield* send(port, { path, body: ask({ previous_response_id: "resp_x" }) })
        assert.strictEqual(unknown.status, 400)
        const error = object(object(unknown.json)["error"])
        assert.strictEqual(error["code"], "previous_response_not_found")
        assert.strictEqual(error["param"], "previous_response_id")
        assert.strictEqual(error["type"], "invalid_request_error")
        for (const [input, param] of [
          [[{ type: "message", role: "user", content: [{ type: "input_text" }] }], "input.0.content.0.text"],
          [
            [
              { role: "user", content: "x" },
              { type: "function_call", name: "f", arguments: "{}" }
            ],
            "input.1.call_id"
          ],
          [[{ role: "robot", content: "x" }], "input.0.role"],
          [[{ type: "item_reference", id: "msg_1" }], "input.0"],
          [[{ type: "function_call_output", call_id: "c" }], "input.0.output"],
          [7, "input"],
          [undefined, "input"]
        ]) {
          const { json, status } = yield* send(port, { path, body: ask({ input }) })
          assert.strictEqual(status, 400)
          assert.strictEqual(object(object(json)["error"])["param"], param)
        }
      })
    )
  )

  it.live("tells its errors on paths below its own in OpenAI's shape", () =>
    withEdge({}, (port) =>
      Effect.gen(function* () {
        const { json, status } = yield* send(port, { method: "PUT", path: `${path}/resp_1`, body: {} })
        assert.strictEqual(status, 405)
        assert.strictEqual(object(object(json)["error"])["code"], "method_not_supported")
      })
    )
  )
})

const idOf = (response: unknown): string => String(object(response)["id"])

const eventsOf = (text: string): ReadonlyArray<Json> =>
  text.split("\n").flatMap((line) => {
    const data: unknown = line.startsWith("data: ") ? JSON.parse(line.slice(6)) : undefined
    return isJsonObject(data) ? [data] : []
  })

/** The response in the last event. */
const lastOf = (text: string): Json => object(eventsOf(text).at(-1))["response"] ?? null
