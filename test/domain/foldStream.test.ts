import { describe, expect, it } from "@effect/vitest"
import type { ChatEvent, Frame } from "../../src/domain/ChatEvent.ts"
import { foldFrames, makeStreamFold } from "../../src/domain/foldStream.ts"

const frame = (event: ChatEvent, wired = false): Frame => ({
  events: [event],
  wire: wired ? { dialect: "anthropic-messages", event: undefined, data: "{}" } : undefined
})
const text = (text: string, choice = 0) => frame({ _tag: "TextDelta", choice, text })
const thought = (text: string, more = {}) => frame({ _tag: "ReasoningDelta", choice: 0, text, ...more }, true)
const finished = (choice = 0) => frame({ _tag: "Finished", choice, reason: "stop" })
const contentOf = (...frames: ReadonlyArray<Frame>) => foldFrames(frames).choices[0].content

describe("a folded stream", () => {
  it("joins the deltas that follow one another and keeps the order of the others", () =>
    expect(
      contentOf(
        text("a"),
        text("b"),
        frame({ _tag: "RefusalDelta", choice: 0, text: "no" }),
        frame({ _tag: "OpaqueBlock", choice: 0, part: { _tag: "Opaque", dialect: "gemini", block: 1 } }),
        text("c")
      )
    ).toEqual([
      { _tag: "Text", text: "ab" },
      { _tag: "Refusal", text: "no" },
      { _tag: "Opaque", dialect: "gemini", block: 1 },
      { _tag: "Text", text: "c" }
    ]))

  it("closes a thought with its signature and says whose it is", () =>
    expect(
      contentOf(
        thought("a"),
        thought("b"),
        thought("", { signature: "s1" }),
        thought("c", { signature: "s2" }),
        thought("", { redacted: "r" }),
        thought("d")
      )
    ).toEqual([
      { _tag: "Reasoning", text: "ab", signature: "s1", origin: "anthropic-messages" },
      { _tag: "Reasoning", text: "c", signature: "s2", origin: "anthropic-messages" },
      { _tag: "Reasoning", text: "", redacted: "r", origin: "anthropic-messages" },
      { _tag: "Reasoning", text: "d" }
    ]))

  it("puts calls together that come interleaved", () => {
    const started = (index: number, id: string) =>
      frame({ _tag: "ToolCallStarted", choice: 0, index, id, name: `f${index}` })
    const piece = (index: number, more: string) => frame({ _tag: "ToolCallDelta", choice: 0, index, arguments: more })
    expect(
      contentOf(started(0, "a"), started(1, "b"), piece(1, "["), piece(0, "{"), piece(1, "]"), piece(0, "}"))
    ).toEqual([
      { _tag: "ToolCall", id: "a", name: "f0", arguments: "{}" },
      { _tag: "ToolCall", id: "b", name: "f1", arguments: "[]" }
    ])
  })

  it("keeps choices apart and in order", () => {
    const { choices } = foldFrames([text("b", 1), text("a", 0), finished(1), finished(0)])
    expect(choices).toEqual([
      { index: 0, content: [{ _tag: "Text", text: "a" }], finishReason: "stop" },
      { index: 1, content: [{ _tag: "Text", text: "b" }], finishReason: "stop" }
    ])
  })

  it("tells the first start and the last usage", () => {
    const usage = (outputTokens: number) => frame({ _tag: "UsageReported", usage: { inputTokens: 1, outputTokens } })
    const start = (id: string) => frame({ _tag: "Started", id, model: "m", created: 3, dropped: ["top_k"] })
    expect(foldFrames([start("a"), usage(1), start("b"), finished(), usage(2)])).toEqual({
      id: "a",
      model: "m",
      created: 3,
      choices: [{ index: 0, content: [], finishReason: "stop" }],
      usage: { inputTokens: 1, outputTokens: 2 },
      dropped: ["top_k"]
    })
  })

  it("does not take an answer without its finish for a whole one", () => {
    const fold = makeStreamFold()
    fold.add(text("half"))
    expect(fold.response().choices[0].finishReason).toBe("other")
    expect(fold.ended()).toBe(false)
    fold.add(finished())
    fold.add(frame({ _tag: "Ended" }))
    expect(fold.response().choices[0].finishReason).toBe("stop")
    expect(fold.ended()).toBe(true)
  })
})
