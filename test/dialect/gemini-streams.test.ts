import { describe, expect, it } from "@effect/vitest"
import { Result } from "effect"
import { formatSse } from "../../src/dialect/Sse.ts"
import { geminiOutbound } from "../../src/dialect/Gemini.ts"
import type { ChatEvent } from "../../src/domain/ChatEvent.ts"
import { foldFrames } from "../../src/domain/foldStream.ts"
import type { JsonObject } from "../../src/domain/Json.ts"
import { decodeStream } from "./laws/laws.ts"

const chunk = (parts: ReadonlyArray<JsonObject>, over: JsonObject = {}, top: JsonObject = {}): JsonObject => ({
  candidates: [{ content: { role: "model", parts }, ...over }],
  responseId: "r",
  modelVersion: "gemini-2.5-flash",
  ...top
})
const stop = { finishReason: "STOP" }

const read = (...chunks: ReadonlyArray<JsonObject>) =>
  decodeStream(geminiOutbound, chunks.map((body) => formatSse(undefined, JSON.stringify(body))).join(""), [7, 60, 61])
const eventsOf = (...chunks: ReadonlyArray<JsonObject>): ReadonlyArray<ChatEvent> =>
  Result.getOrThrow(read(...chunks)).flatMap((frame) => frame.events)
const faultOf = (...chunks: ReadonlyArray<JsonObject>) => {
  const frames = read(...chunks)
  return Result.isFailure(frames) ? frames.failure : undefined
}

const started: ChatEvent = { _tag: "Started", id: "r", model: "gemini-2.5-flash" }
const finished: ChatEvent = { _tag: "Finished", choice: 0, reason: "stop" }
const ended: ChatEvent = { _tag: "Ended" }
const said = (text: string): ChatEvent => ({ _tag: "TextDelta", choice: 0, text })

describe("a stream of Gemini", () => {
  it("is a start, deltas, a finish, usage as it grows, and the end with the body", () => {
    const usageMetadata = { promptTokenCount: 3, candidatesTokenCount: 1 }
    expect(
      eventsOf(
        chunk([{ text: "hm", thought: true }], {}, { usageMetadata: { promptTokenCount: 3 } }),
        chunk([{ text: "He" }], {}, { usageMetadata: { promptTokenCount: 3 } }),
        chunk([{ text: "llo" }], stop, { usageMetadata })
      )
    ).toEqual([
      started,
      { _tag: "ReasoningDelta", choice: 0, text: "hm" },
      { _tag: "UsageReported", usage: { inputTokens: 3, outputTokens: 0 } },
      said("He"),
      said("llo"),
      finished,
      { _tag: "UsageReported", usage: { inputTokens: 3, outputTokens: 1 } },
      ended
    ])
  })

  it("has a frame for each event, with the event itself, and a last one of its own", () => {
    const bodies = [chunk([{ text: "a" }]), chunk([], stop), { responseId: "r", modelVersion: "gemini-2.5-flash" }]
    const frames = Result.getOrThrow(read(...bodies))
    expect(frames.map((frame) => frame.wire)).toEqual([
      ...bodies.map((body) => ({ dialect: "gemini", event: undefined, data: JSON.stringify(body) })),
      undefined
    ])
    expect(frames[2]?.events).toEqual([{ _tag: "Unmodelled" }])
  })

  it("has whole calls, counted from 0 over all its chunks, and finishes with calls", () => {
    const call = (name: string, id?: string): JsonObject => ({
      functionCall: { name, args: { n: name }, ...(id === undefined ? {} : { id }) }
    })
    expect(eventsOf(chunk([call("f"), call("g", "own")]), chunk([call("h")], stop))).toEqual([
      started,
      { _tag: "ToolCallStarted", choice: 0, index: 0, id: "call_r_0_0", name: "f" },
      { _tag: "ToolCallDelta", choice: 0, index: 0, arguments: '{"n":"f"}' },
      { _tag: "ToolCallStarted", choice: 0, index: 1, id: "own", name: "g" },
      { _tag: "ToolCallDelta", choice: 0, index: 1, arguments: '{"n":"g"}' },
      { _tag: "ToolCallStarted", choice: 0, index: 2, id: "call_r_0_2", name: "h" },
      { _tag: "ToolCallDelta", choice: 0, index: 2, arguments: '{"n":"h"}' },
      { _tag: "Finished", choice: 0, reason: "tool_calls" },
      ended
    ])
  })

  it("shows pictures and sounds as what they are", () => {
    const told = eventsOf(
      chunk(
        [
          { inlineData: { mimeType: "image/png", data: "AAEC" } },
          { inlineData: { mimeType: "audio/wav", data: "AA" } }
        ],
        stop
      )
    )
    expect(told.flatMap((event) => (event._tag === "MediaBlock" ? [event.part] : []))).toEqual([
      { _tag: "Image", source: { _tag: "Base64", mediaType: "image/png", data: "AAEC" } },
      { _tag: "Audio", source: { _tag: "Base64", mediaType: "audio/wav", data: "AA" } }
    ])
  })

  it("shows code and pieces of calls as blocks of its own", () => {
    const blocks = [
      { executableCode: { code: "1" } },
      { functionCall: { name: "f", willContinue: true }, thoughtSignature: "s" }
    ]
    expect(eventsOf(chunk(blocks, stop))).toEqual([
      started,
      ...blocks.map((block) => ({
        _tag: "OpaqueBlock",
        choice: 0,
        part: { _tag: "Opaque", dialect: "gemini", block }
      })),
      finished,
      ended
    ])
  })

  it("keeps a signature that comes alone", () => {
    const frames = Result.getOrThrow(read(chunk([{ text: "a" }]), chunk([{ text: "", thoughtSignature: "s" }], stop)))
    expect(foldFrames(frames).choices[0].content).toEqual([
      { _tag: "Text", text: "a" },
      { _tag: "Reasoning", text: "", signature: "s", origin: "gemini" }
    ])
  })

  it("tells candidates apart and ends only when all have finished", () => {
    const other = { index: 1 }
    expect(eventsOf(chunk([{ text: "a" }]), chunk([{ text: "b" }], { ...other, ...stop }), chunk([], stop))).toEqual([
      started,
      said("a"),
      { _tag: "TextDelta", choice: 1, text: "b" },
      { _tag: "Finished", choice: 1, reason: "stop" },
      finished,
      ended
    ])
    expect(faultOf(chunk([{ text: "a" }]), chunk([{ text: "b" }], { ...other, ...stop }))?._tag).toBe("Malformed")
  })

  it("finishes once where the model repeats its reason", () => {
    expect(eventsOf(chunk([{ text: "a" }], stop), chunk([{ text: "b" }], stop))).toEqual([
      started,
      said("a"),
      finished,
      said("b"),
      ended
    ])
  })

  it("of a blocked prompt is an answer without content", () => {
    expect(
      eventsOf({ responseId: "r", modelVersion: "gemini-2.5-flash", promptFeedback: { blockReason: "SAFETY" } })
    ).toEqual([started, { _tag: "Finished", choice: 0, reason: "content_filter" }, ended])
  })

  it("that stops before its end is a fault", () => {
    expect(faultOf(chunk([{ text: "a" }]))).toEqual({
      _tag: "Malformed",
      message: "The stream ended without its end: candidate 0 has no finish reason"
    })
    expect(faultOf({ responseId: "r" })?._tag).toBe("Malformed")
    expect(faultOf()?._tag).toBe("Malformed")
  })

  it("that holds an error is a fault that gives the error, bare or in an array", () => {
    const error = { code: 429, message: "Resource has been exhausted", status: "RESOURCE_EXHAUSTED" }
    expect(faultOf(chunk([{ text: "a" }]), { error })).toEqual({ _tag: "ErrorInside", body: { error } })
    const decoder = geminiOutbound.streamDecoder()
    expect(decoder.event({ event: undefined, data: JSON.stringify([{ error }]) })).toEqual(
      Result.fail({ _tag: "ErrorInside", body: { error } })
    )
  })

  it("whose call the vendor could not read is a fault", () => {
    expect(faultOf(chunk([{ text: "a" }]), chunk([], { finishReason: "MALFORMED_FUNCTION_CALL" }))?._tag).toBe(
      "Malformed"
    )
  })
})
