import { assert, describe, it } from "@effect/vitest"
import { Schema } from "effect"
import { type KeptAnswer, keptFrame, pack, unpack } from "../../src/cache/StoredAnswer.ts"
import type { Served } from "../../src/domain/Answer.ts"
import { ChatEvent, type Frame } from "../../src/domain/ChatEvent.ts"
import { ChatResponse } from "../../src/domain/ChatResponse.ts"

const served: Served = { provider: "acme", model: "large-1", attempts: [], fallback: undefined, dropped: ["seed"] }
const most = Number.POSITIVE_INFINITY

const again = (answer: KeptAnswer, freshId?: string): KeptAnswer => {
  const bytes = pack(answer, "openai-chat", most)
  assert.isDefined(bytes)
  const found = bytes === undefined ? undefined : unpack(bytes, freshId)
  if (found === undefined) throw new TypeError("it was not read")
  return found
}
/** As JSON has it: what is `undefined` is absent. */
const asJson = (value: unknown): unknown => JSON.parse(JSON.stringify(value))

const frameOf = (event: ChatEvent, data: string): Frame => ({
  events: [event],
  wire: { dialect: "openai-chat", event: undefined, data }
})

describe("a packed answer", () => {
  it.prop(
    "is read as it was, whatever was streamed",
    { events: Schema.Array(ChatEvent).check(Schema.isMinLength(1)), data: Schema.String },
    ({ data, events }) => {
      const frames = events.map((event) => frameOf(event, data))
      assert.deepStrictEqual(again({ served, frames }), asJson({ served, frames }))
    },
    { arbitrary: { runs: 100 } }
  )
  it.prop(
    "is read as it was, whatever was said",
    { response: ChatResponse },
    ({ response: { wire: _wire, ...response } }) => {
      assert.deepStrictEqual(again({ served, response }), asJson({ served, response }))
    },
    { arbitrary: { runs: 100 } }
  )
  it("is small where a stream repeats itself, and whole all the same", () => {
    const data = `{"id":"chatcmpl-1","object":"chat.completion.chunk","choices":[{"delta":{"content":"word"}}]}`
    const frames = Array.from({ length: 1000 }, (_, at) =>
      frameOf({ _tag: "TextDelta", choice: 0, text: `word ${at} 🙂` }, data)
    )
    const bytes = pack({ served, frames }, "openai-chat", most)
    assert.isBelow(bytes?.byteLength ?? most, JSON.stringify(frames).length / 10)
    assert.deepStrictEqual(again({ served, frames }).frames, asJson(frames))
    assert.isUndefined(pack({ served, frames }, "openai-chat", 10_000))
  })
  it("has memory of its own, as much as is counted", () => {
    const bytes = pack({ served, frames: [] }, "openai-chat", most)
    assert.strictEqual(bytes?.buffer.byteLength, bytes?.byteLength)
  })
  it("has of another wire's words only what they mean", () => {
    const foreign = keptFrame(frameOf({ _tag: "Ended" }, "secret"), "anthropic-messages")
    assert.deepStrictEqual(foreign, {
      events: [{ _tag: "Ended" }],
      wire: { dialect: "openai-chat", event: undefined, data: "" }
    })
    const response: ChatResponse = {
      id: "1",
      model: "m",
      choices: [{ index: 0, content: [], finishReason: "stop" }],
      wire: { dialect: "gemini", body: { candidates: [] } }
    }
    assert.isUndefined(again({ served, response }).response?.wire)
  })
  it("is nothing to who finds another version, and never half of it where bytes are missing", () => {
    const frames = [frameOf({ _tag: "Ended" }, "x".repeat(20_000))]
    for (const answer of [
      { served, frames },
      { served, frames: frames.slice(1) }
    ]) {
      const bytes = pack(answer, "openai-chat", most) ?? new Uint8Array()
      assert.isUndefined(unpack(Uint8Array.from([0x20, ...bytes.subarray(1)])))
      for (const length of [1, 2, Math.floor(bytes.length / 2), bytes.length - 1])
        assert.throws(() => unpack(bytes.subarray(0, length)))
    }
    assert.isUndefined(unpack(new Uint8Array()))
  })
  it("of a Response bears a fresh id wherever it stood, and of any other wire its own", () => {
    const id = "resp_0123456789abcdef"
    const wire = (text: string) => ({ dialect: "openai-responses", event: "e", data: text }) as const
    const started: ChatEvent = { _tag: "Started", id, model: "m" }
    const frames: ReadonlyArray<Frame> = [
      { events: [started], wire: wire(JSON.stringify({ response: { id } })) },
      { events: [{ _tag: "Ended" }], wire: wire(JSON.stringify({ response: { id, output: [{ id: "msg_1" }] } })) }
    ]
    const bytes = pack({ served, frames }, "openai-responses", most) ?? new Uint8Array()
    const text = JSON.stringify(unpack(bytes, "new"))
    assert.notInclude(text, id)
    assert.lengthOf(text.split("resp_new"), 4)
    assert.include(text, "msg_1")
    assert.include(JSON.stringify(unpack(bytes)), id)
    const chat: ReadonlyArray<Frame> = [frameOf({ _tag: "Started", id, model: "m" }, id)]
    assert.deepStrictEqual(again({ served, frames: chat }, "new").frames, asJson(chat))
  })
})
