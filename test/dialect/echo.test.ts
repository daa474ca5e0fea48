/** A vendor that repeats the words it goes on from: its caller is told what comes after them, whole and streamed. */
import { assert, describe, it } from "@effect/vitest"
import { Result, Schema } from "effect"
import { prefillOf, withoutEcho } from "../../src/dialect/Echo.ts"
import { foldFrames } from "../../src/domain/foldStream.ts"
import { type Json, type JsonObject, parseJson } from "../../src/domain/Json.ts"
import { textOf } from "../../src/domain/Message.ts"
import { decodeStream } from "./laws/laws.ts"
import { inbound, outbound } from "./laws/wires.ts"

const said = "The answer"
const dialect = withoutEcho(outbound.chat, said)
const answer = (content: string): JsonObject => ({
  id: "x",
  object: "chat.completion",
  created: 1,
  model: "m",
  choices: [{ index: 0, message: { role: "assistant", content }, finish_reason: "stop" }]
})
const chunk = (delta: JsonObject, finish: string | null = null): string =>
  `data: ${JSON.stringify({ id: "x", object: "chat.completion.chunk", created: 1, model: "m", choices: [{ index: 0, delta, finish_reason: finish }] })}\n\n`
const streamOf = (pieces: ReadonlyArray<string>): string =>
  `${chunk({ role: "assistant", content: "" })}${pieces.map((content) => chunk({ content })).join("")}${chunk({}, "stop")}data: [DONE]\n\n`

const whole = (content: string): string =>
  textOf(Result.getOrThrow(dialect.decodeResponse(answer(content))).choices[0].content)
const streamed = (content: string, size: number): string => {
  const pieces = content.match(new RegExp(`[\\s\\S]{1,${size}}`, "g")) ?? []
  return textOf(foldFrames(Result.getOrThrow(decodeStream(dialect, streamOf(pieces), []))).choices[0].content)
}

describe("words that an answer repeats", () => {
  for (const [content, rest] of [
    ["The answer is 5", " is 5"],
    ["The answer", ""],
    ["The ", "The "],
    ["The answering", "ing"],
    ["The and so on", "The and so on"],
    [" is 5", " is 5"],
    ["The answerThe answer", "The answer"],
    ["", ""]
  ] as const)
    it(`are taken away once: of ${JSON.stringify(content)} is told ${JSON.stringify(rest)}`, () => {
      assert.strictEqual(whole(content), rest)
      for (const size of [1, 2, 3, 99]) assert.strictEqual(streamed(content, size), rest)
    })
  it.prop(
    "are taken away at any split of a stream as of the whole answer",
    { text: Schema.String, size: Schema.Int.check(Schema.isBetween({ minimum: 1, maximum: 20 })) },
    ({ size, text }) => {
      assert.strictEqual(streamed(said + text, size), whole(said + text))
      assert.strictEqual(streamed(text, size), whole(text))
    }
  )
  it("are all that is taken away: what else the vendor wrote of the answer stays, whole and streamed", () => {
    const own = { reasoning_details: [{ a: 1 }] }
    const blocks = (...texts: ReadonlyArray<string>) => [
      { type: "thinking", thinking: [{ type: "text", text: "hm" }], closed: true },
      ...texts.map((text) => ({ type: "text", text, own: 1 }))
    ]
    const body = (...contents: ReadonlyArray<Json>): JsonObject => ({
      id: "x",
      object: "chat.completion",
      created: 1,
      model: "m",
      guardrails: [1],
      choices: contents.map((content, index) => ({
        index,
        message: { role: "assistant", content, ...own },
        finish_reason: "stop",
        own: 2
      })),
      usage: { prompt_tokens: 1, completion_tokens: 2, own: 3 }
    })
    const told = (of: JsonObject) =>
      inbound.chat.encodeResponse(Result.getOrThrow(dialect.decodeResponse(of)), undefined)
    assert.deepStrictEqual(
      told(body("The answer is 5", "Five", blocks(said, " is 5"), blocks("The answer is", "", " 5"))),
      body(" is 5", "Five", blocks(" is 5"), [
        ...blocks(" is"),
        { type: "text", text: "", own: 1 },
        ...blocks(" 5").slice(1)
      ])
    )
    const piece = (delta: JsonObject, finish: string | null = null): JsonObject => ({
      id: "x",
      object: "chat.completion.chunk",
      created: 1,
      model: "m",
      p: "padding",
      choices: [{ index: 0, delta: { ...delta, ...own }, finish_reason: finish, own: 2 }]
    })
    const pieces = (chunks: ReadonlyArray<JsonObject>): ReadonlyArray<Json> => {
      const text = chunks.map((one) => `data: ${JSON.stringify(one)}\n\n`).join("")
      return Result.getOrThrow(decodeStream(dialect, `${text}data: [DONE]\n\n`, [])).flatMap(({ wire }) =>
        wire === undefined || wire.data === "[DONE]" ? [] : (parseJson(wire.data) ?? null)
      )
    }
    const role = piece({ role: "assistant", content: "" })
    assert.deepStrictEqual(
      pieces([
        role,
        piece({ content: "The " }),
        piece({ content: blocks("ans", "wer is") }),
        piece({ content: " 5" }),
        piece({}, "stop")
      ]),
      [role, piece({ content: "" }), piece({ content: blocks(" is") }), piece({ content: " 5" }), piece({}, "stop")]
    )
    // what was taken for a repetition and is none
    assert.deepStrictEqual(pieces([role, piece({ content: "The " }), piece({}, "stop")]), [
      role,
      piece({ content: "" }),
      piece({ content: "The " }, "stop")
    ])
    assert.deepStrictEqual(pieces([role, piece({ content: "The " }), piece({ content: "end" }), piece({}, "stop")]), [
      role,
      piece({ content: "" }),
      piece({ content: "The end" }),
      piece({}, "stop")
    ])
  })
  it("that turn out to be all that is said before a call are told before it", () => {
    const call = { index: 0, id: "c", type: "function", function: { name: "f", arguments: "{}" } }
    const stream = `${chunk({ role: "assistant", content: "The " })}${chunk({ tool_calls: [call] })}${chunk({}, "tool_calls")}data: [DONE]\n\n`
    const events = Result.getOrThrow(decodeStream(dialect, stream, [])).flatMap(({ events }) => events)
    const told = events.flatMap((event) =>
      event._tag === "TextDelta" ? [event.text] : event._tag === "ToolCallStarted" ? [event.name] : []
    )
    assert.deepStrictEqual(
      told.filter((one) => one !== ""),
      ["The ", "f"]
    )
  })
  it("are those of a last message of the assistant's that calls nothing", () => {
    const ending = (last: JsonObject) =>
      prefillOf(
        Result.getOrThrow(
          inbound.chat.decodeRequest({ model: "m", messages: [{ role: "user", content: "hi" }, last] }, {})
        )
      )
    assert.strictEqual(ending({ role: "assistant", content: said }), said)
    assert.isUndefined(ending({ role: "user", content: said }))
    const call = { id: "c", type: "function", function: { name: "f", arguments: "{}" } }
    assert.isUndefined(ending({ role: "assistant", content: said, tool_calls: [call] }))
  })
})
