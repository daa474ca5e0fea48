/**
 * What the official packages rely on in a stream besides its words: the order of events, their numbers and indexes, and
 * where usage stands. Written anew from another wire's frames.
 */
import { describe, expect, it } from "@effect/vitest"
import { makeSseParser } from "../../src/dialect/Sse.ts"
import type { ChatEvent, Frame } from "../../src/domain/ChatEvent.ts"
import { isJsonObject, type Json, type JsonObject, parseJson } from "../../src/domain/Json.ts"
import { plainRequest, streamText } from "./laws/laws.ts"
import { inbound } from "./laws/wires.ts"

const objectOf = (value: Json | undefined): JsonObject => (isJsonObject(value) ? value : {})

const eventsOf = (text: string): ReadonlyArray<JsonObject> => {
  const parser = makeSseParser()
  return [...parser.push(new TextEncoder().encode(text)), ...parser.end()].map(({ data }) => objectOf(parseJson(data)))
}

const choice = 0
const frames = (events: ReadonlyArray<ChatEvent>): ReadonlyArray<Frame> => [
  { events: [{ _tag: "Started", id: "a", model: "m" }], wire: undefined },
  ...events.map((event): Frame => ({ events: [event], wire: undefined })),
  { events: [{ _tag: "UsageReported", usage: { inputTokens: 9, outputTokens: 4 } }], wire: undefined },
  { events: [{ _tag: "Ended" }], wire: undefined }
]

/** Thoughts, texts and a refusal by turns, a picture, and two calls whose pieces are mixed. */
const mixed = frames([
  { _tag: "UsageReported", usage: { inputTokens: 9, outputTokens: 1 } },
  { _tag: "ReasoningDelta", choice, text: "Hm" },
  { _tag: "TextDelta", choice, text: "He" },
  { _tag: "TextDelta", choice, text: "llo" },
  { _tag: "ReasoningDelta", choice, text: "So" },
  { _tag: "TextDelta", choice, text: "again" },
  { _tag: "RefusalDelta", choice, text: "no" },
  {
    _tag: "MediaBlock",
    choice,
    part: { _tag: "Image", source: { _tag: "Base64", mediaType: "image/png", data: "AA==" } }
  },
  { _tag: "ToolCallStarted", choice, index: 0, id: "c0", name: "f" },
  { _tag: "ToolCallDelta", choice, index: 0, arguments: '{"a"' },
  { _tag: "ToolCallStarted", choice, index: 1, id: "c1", name: "g" },
  { _tag: "ToolCallDelta", choice, index: 1, arguments: '{"b":' },
  { _tag: "ToolCallDelta", choice, index: 0, arguments: ":1}" },
  { _tag: "ToolCallDelta", choice, index: 1, arguments: "2}" },
  { _tag: "Finished", choice, reason: "tool_calls" }
])

describe("a stream of Responses", () => {
  const events = eventsOf(streamText(inbound.responses, mixed))
  const last = objectOf(events.at(-1)?.["response"])
  const output = Array.isArray(last["output"]) ? last["output"].filter(isJsonObject) : []

  it("numbers its events from 0 without gaps", () => {
    expect(events.map((event) => event["sequence_number"])).toEqual(events.map((_, index) => index))
  })

  it("begins with created and in_progress, and ends with the whole answer", () => {
    expect(events.slice(0, 2).map(({ type }) => type)).toEqual(["response.created", "response.in_progress"])
    expect(events.at(-1)?.["type"]).toBe("response.completed")
    expect(new Set(events.flatMap(({ response }) => (isJsonObject(response) ? [response["id"]] : []))).size).toBe(1)
    expect(output.map(({ type }) => type)).toEqual([
      "reasoning",
      "message",
      "reasoning",
      "message",
      "image_generation_call",
      "function_call",
      "function_call"
    ])
  })

  it("opens and closes each item once, under one id and index, and tells its pieces between", () => {
    const open = new Map<Json | undefined, Json | undefined>()
    const closed: Array<Json | undefined> = []
    for (const event of events) {
      const { item, item_id: id, output_index: index, type } = event
      if (type === "response.output_item.added") {
        expect(index).toBe(open.size + closed.length)
        open.set(index, objectOf(item)["id"])
      } else if (type === "response.output_item.done") {
        expect(objectOf(item)["id"]).toBe(open.get(index))
        expect(output[Number(index)]).toEqual(item)
        open.delete(index)
        closed.push(index)
      } else if (index !== undefined) expect(id, String(type)).toBe(open.get(index))
    }
    expect(open.size).toBe(0)
    expect(closed.length).toBe(output.length)
    expect(new Set(output.map(({ id }) => id)).size).toBe(output.length)
  })

  it("numbers the parts of a message, each added, told whole and done", () => {
    const inSecond = events.filter(({ output_index: index, content_index: part }) => index === 3 && part !== undefined)
    expect(inSecond.map(({ content_index: part, type }) => [part, type])).toEqual([
      [0, "response.content_part.added"],
      [0, "response.output_text.delta"],
      [0, "response.output_text.done"],
      [0, "response.content_part.done"],
      [1, "response.content_part.added"],
      [1, "response.refusal.delta"],
      [1, "response.refusal.done"],
      [1, "response.content_part.done"]
    ])
  })

  it("ends as incomplete where the answer does, its last item too", () => {
    const cut = eventsOf(
      streamText(
        inbound.responses,
        frames([
          { _tag: "TextDelta", choice, text: "He" },
          { _tag: "Finished", choice, reason: "length" }
        ])
      )
    )
    expect(cut.at(-1)).toMatchObject({
      type: "response.incomplete",
      response: { status: "incomplete", output: [{ type: "message", status: "incomplete" }] }
    })
  })
})

describe("a stream of Messages", () => {
  const events = eventsOf(streamText(inbound.messages, mixed))

  it("begins with the counts of the prompt and ends with those of the whole answer", () => {
    const told = frames([
      { _tag: "TextDelta", choice, text: "Hi" },
      { _tag: "Finished", choice, reason: "stop" }
    ])
    // as vendors of other wires do, the prompt's count comes with the beginning
    const [first, ...rest] = told
    const early: ChatEvent = { _tag: "UsageReported", usage: { inputTokens: 9, outputTokens: 1 } }
    const all = eventsOf(
      streamText(inbound.messages, [{ events: [...(first?.events ?? [early]), early], wire: undefined }, ...rest])
    )
    expect(all[0]).toMatchObject({ type: "message_start", message: { content: [], usage: { input_tokens: 9 } } })
    expect(all.at(-2)).toMatchObject({ type: "message_delta", usage: { input_tokens: 9, output_tokens: 4 } })
    expect(all.at(-1)).toEqual({ type: "message_stop" })
  })

  it("numbers its blocks from 0, and has one open at a time", () => {
    let open: Json | undefined
    let next = 0
    for (const { index, type } of events) {
      if (type === "content_block_start") {
        expect(open).toBeUndefined()
        expect(index).toBe(next++)
        open = index
      } else if (type === "content_block_delta") expect(index).toBe(open)
      else if (type === "content_block_stop") {
        expect(index).toBe(open)
        open = undefined
      } else expect(open).toBeUndefined()
    }
    expect(next).toBe(6)
  })

  it("tells each call's arguments in its own block, however they were mixed", () => {
    const inputs = new Map<Json | undefined, string>()
    for (const { delta, index } of events) {
      const piece = objectOf(delta)["partial_json"]
      if (typeof piece === "string") inputs.set(index, (inputs.get(index) ?? "") + piece)
    }
    expect([...inputs.values()]).toEqual(['{"a":1}', '{"b":2}'])
  })
})

describe("a stream of Chat Completions", () => {
  const usageIn = (usageWanted: boolean) =>
    eventsOf(streamText(inbound.chat, mixed, { ...plainRequest, usageWanted })).flatMap((event, index, all) =>
      isJsonObject(event["usage"]) ? [[all.length - index, event["choices"], event["usage"]["total_tokens"]]] : []
    )

  it("tells usage once, last but one and without choices, to those who asked for it", () => {
    expect(usageIn(true)).toEqual([[2, [], 13]])
    expect(usageIn(false)).toEqual([])
  })

  it("has one id, time and model, and names the role once", () => {
    const chunks = eventsOf(streamText(inbound.chat, mixed)).filter(({ object }) => object !== undefined)
    expect(new Set(chunks.map(({ created, id, model }) => JSON.stringify([id, created, model]))).size).toBe(1)
    expect(chunks.filter((chunk) => JSON.stringify(chunk).includes('"role":"assistant"')).length).toBe(1)
  })
})
