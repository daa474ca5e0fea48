import { describe, expect, it } from "@effect/vitest"
import { Result, Schema } from "effect"
import { noQuirks } from "../../src/dialect/Dialect.ts"
import { geminiOutbound } from "../../src/dialect/Gemini.ts"
import { formatSse } from "../../src/dialect/Sse.ts"
import { foldFrames } from "../../src/domain/foldStream.ts"
import type { JsonObject } from "../../src/domain/Json.ts"
import { Base64, JsonObject as AnyJsonObject, Name, Words } from "./laws/arbitraries.ts"
import { comparable, decodeStream, dialectLaws } from "./laws/laws.ts"

dialectLaws({ name: "gemini", outbound: geminiOutbound })

const signature = Schema.optionalKey(Base64)

/** What a model may say, in the wire's words. Pictures are left out: a stream has no event for them. */
const WirePart = Schema.Union([
  Schema.Struct({ text: Words, thoughtSignature: signature }),
  Schema.Struct({ text: Words, thought: Schema.Literal(true), thoughtSignature: signature }),
  Schema.Struct({ text: Schema.Literal(""), thoughtSignature: signature }),
  Schema.Struct({
    functionCall: Schema.Struct({ id: Schema.optionalKey(Name), name: Name, args: Schema.optionalKey(AnyJsonObject) }),
    thoughtSignature: signature
  }),
  Schema.Struct({ executableCode: Schema.Struct({ language: Schema.Literal("PYTHON"), code: Words }) })
])

const WireAnswer = Schema.Struct({
  candidates: Schema.NonEmptyArray(
    Schema.Struct({
      parts: Schema.Array(WirePart),
      finishReason: Schema.Literals(["STOP", "MAX_TOKENS", "SAFETY", "OTHER"])
    })
  ),
  promptTokenCount: Schema.Int.check(Schema.isBetween({ minimum: 1, maximum: 1000 })),
  candidatesTokenCount: Schema.Int.check(Schema.isBetween({ minimum: 1, maximum: 1000 }))
})

const Splits = Schema.Array(Schema.Int.check(Schema.isBetween({ minimum: 1, maximum: 4000 })))

const head = { responseId: "W81gar6JN_K1qtsP4-zLsQs", modelVersion: "gemini-2.5-flash" }

const wholeOf = (answer: typeof WireAnswer.Type): JsonObject => ({
  ...head,
  candidates: answer.candidates.map(({ parts, finishReason }, index) => ({
    content: { role: "model", parts },
    finishReason,
    ...(index === 0 ? {} : { index })
  })),
  usageMetadata: { promptTokenCount: answer.promptTokenCount, candidatesTokenCount: answer.candidatesTokenCount }
})

/** The same answer in chunks of `size` parts, text cut in two, the finish reason in the last chunk of its candidate. */
const chunksOf = (answer: typeof WireAnswer.Type, size: number): ReadonlyArray<JsonObject> =>
  answer.candidates.flatMap(({ parts, finishReason }, index) => {
    const pieces: ReadonlyArray<JsonObject> = parts.flatMap((part): ReadonlyArray<JsonObject> => {
      if (!("text" in part) || part.text.length < 2) return [part]
      // a signature stands beside the last piece of what it signs
      const { thoughtSignature: _, ...first } = part
      return [
        { ...first, text: part.text.slice(0, 1) },
        { ...part, text: part.text.slice(1) }
      ]
    })
    const at = index === 0 ? {} : { index }
    const chunks: Array<JsonObject> = []
    for (let from = 0; from < pieces.length; from += size)
      chunks.push({
        ...head,
        candidates: [{ content: { role: "model", parts: pieces.slice(from, from + size) }, ...at }],
        usageMetadata: { promptTokenCount: answer.promptTokenCount }
      })
    chunks.push({
      ...head,
      candidates: [{ finishReason, ...at }],
      usageMetadata: { promptTokenCount: answer.promptTokenCount, candidatesTokenCount: answer.candidatesTokenCount }
    })
    return chunks
  })

const sse = (chunks: ReadonlyArray<JsonObject>): string =>
  chunks.map((chunk) => formatSse(undefined, JSON.stringify(chunk))).join("")

describe("the laws of gemini's answers", () => {
  it.prop(
    "an answer streamed in any pieces and folded is the same as the whole",
    { answer: WireAnswer, size: Schema.Literals([1, 2, 5]), splits: Splits },
    ({ answer, size, splits }) => {
      const whole = Result.getOrThrow(geminiOutbound.decodeResponse(wholeOf(answer)))
      const frames = Result.getOrThrow(decodeStream(geminiOutbound, sse(chunksOf(answer, size)), splits))
      expect(comparable(foldFrames(frames))).toEqual(comparable(whole))
      expect(frames.at(-1)?.events).toEqual([{ _tag: "Ended" }])
    },
    { arbitrary: { runs: 200 } }
  )

  it.prop(
    "a stream that stops before its last candidate has finished is a fault",
    { answer: WireAnswer, stop: Schema.Int },
    ({ answer, stop }) => {
      const chunks = chunksOf({ ...answer, candidates: [answer.candidates[0]] }, 1)
      const cut = chunks.slice(0, Math.abs(stop) % chunks.length)
      expect(Result.isFailure(decodeStream(geminiOutbound, sse(cut), []))).toBe(true)
    },
    { arbitrary: { runs: 100 } }
  )

  it.prop(
    "a whole answer sent back as the model's turn is what the model said",
    { answer: WireAnswer },
    ({ answer }) => {
      const { choices } = Result.getOrThrow(geminiOutbound.decodeResponse(wholeOf(answer)))
      const { body } = Result.getOrThrow(
        geminiOutbound.encodeRequest(
          {
            model: "gemini-2.5-flash",
            delivery: "whole",
            messages: [
              { role: "user", content: [{ _tag: "Text", text: "hi" }] },
              { role: "assistant", content: choices[0].content }
            ],
            tools: [],
            sampling: {},
            usageWanted: true,
            fallbacks: []
          },
          { model: "gemini-2.5-flash", maxOutputTokens: undefined, quirks: noQuirks }
        )
      )
      const again = Result.getOrThrow(
        geminiOutbound.decodeResponse({
          ...head,
          candidates: [
            { content: Array.isArray(body["contents"]) ? (body["contents"][1] ?? {}) : {}, finishReason: "STOP" }
          ]
        })
      )
      expect(again.choices[0].content.filter((part) => part._tag !== "ToolCall")).toEqual(
        choices[0].content.filter((part) => part._tag !== "ToolCall")
      )
      expect(again.choices[0].content.flatMap((part) => (part._tag === "ToolCall" ? [part.arguments] : []))).toEqual(
        choices[0].content.flatMap((part) => (part._tag === "ToolCall" ? [part.arguments] : []))
      )
    },
    { arbitrary: { runs: 100 } }
  )
})
