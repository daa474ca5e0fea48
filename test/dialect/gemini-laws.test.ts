import { describe, expect, it } from "@effect/vitest"
import { Arbitrary, Result, Schema } from "effect"
import { noQuirks } from "../../src/dialect/Dialect.ts"
import { geminiInbound, geminiOutbound } from "../../src/dialect/Gemini.ts"
import { formatSse } from "../../src/dialect/Sse.ts"
import { inCallOrder, inTurns } from "../../src/dialect/Turns.ts"
import type { ChatRequest } from "../../src/domain/ChatRequest.ts"
import type { ChatResponse } from "../../src/domain/ChatResponse.ts"
import { foldFrames } from "../../src/domain/foldStream.ts"
import { type JsonObject, parseJson } from "../../src/domain/Json.ts"
import type { Message } from "../../src/domain/Message.ts"
import {
  AnyToolChoice,
  Base64,
  citing,
  Count,
  ImageBase64,
  JsonObject as AnyJsonObject,
  Logprobs,
  Name,
  Ratio,
  Sources,
  TextPart,
  ToolCall,
  usageWith,
  Words
} from "./laws/arbitraries.ts"
import { comparable, decodeStream, dialectLaws, framesOf, streamText } from "./laws/laws.ts"

const origin = Schema.Literal("gemini")
/** Texts that are no JSON, and so are no object a function could have answered with. */
const Spoken = Schema.TaggedStruct("Text", { text: Schema.Literals(["hello", "a\nb", "čau", "🙂 ok", " lead"]) })
const Thought = Schema.TaggedStruct("Reasoning", { text: Name, signature: Base64, origin })
const Sound = Schema.TaggedStruct("Audio", {
  source: Schema.TaggedStruct("Base64", { mediaType: Schema.Literal("audio/wav"), data: Base64 })
})
const Paper = Schema.TaggedStruct("Document", {
  source: Schema.TaggedStruct("Base64", { mediaType: Schema.Literal("application/pdf"), data: Base64 })
})
const Picture = Schema.TaggedStruct("Image", {
  source: Schema.TaggedStruct("Url", {
    url: Schema.Literals(["https://example.com/a.png", "http://example.com/b"]),
    mediaType: Schema.Literal("image/png")
  })
})
const Code = Schema.TaggedStruct("Opaque", {
  dialect: origin,
  block: Schema.Struct({ executableCode: Schema.Struct({ language: Schema.Literal("PYTHON"), code: Name }) })
})
const ToolResult = Schema.TaggedStruct("ToolResult", {
  id: Name,
  name: Name,
  content: Schema.Tuple([Spoken]),
  isError: Schema.optionalKey(Schema.Literal(true))
})

const Turns = Schema.Struct({
  system: Schema.Array(Spoken),
  turns: Schema.NonEmptyArray(
    Schema.Struct({
      user: Schema.NonEmptyArray(Schema.Union([Spoken, Picture, ImageBase64, Sound, Paper])),
      assistant: Schema.NonEmptyArray(Schema.Union([Spoken, Thought, ToolCall, Code])),
      results: Schema.Array(ToolResult)
    })
  )
})

const messagesOf = ({ system, turns }: typeof Turns.Type): ReadonlyArray<Message> => [
  ...(system.length === 0 ? [] : [{ role: "system" as const, content: system }]),
  ...turns.flatMap(({ user, assistant, results }): ReadonlyArray<Message> => [
    { role: "user", content: user },
    // a thought's signature is also told beside the call that follows it, which then bears it
    {
      role: "assistant",
      content: assistant.some((part) => part._tag === "ToolCall")
        ? assistant.filter((part) => part._tag !== "Reasoning")
        : assistant
    },
    ...(results.length === 0 ? [] : [{ role: "tool" as const, content: results }])
  ])
]

const Format = Schema.Struct({
  type: Schema.Literal("object"),
  properties: Schema.Struct({ a: Schema.Struct({ type: Schema.Literal("string") }) }),
  required: Schema.Array(Schema.Literal("a"))
})

const Functions = Schema.NonEmptyArray(
  Schema.TaggedStruct("Function", {
    name: Name,
    description: Schema.optionalKey(Name),
    parameters: Schema.optionalKey(Format)
  })
)
const Search = Schema.TaggedStruct("Hosted", {
  dialect: origin,
  definition: Schema.Struct({ googleSearch: Schema.Struct({}) })
})

/** Functions and an answer in JSON exclude each other on the model that is asked. */
const Modes = Schema.Union([
  Schema.Struct({
    functions: Functions,
    toolChoice: Schema.optionalKey(AnyToolChoice),
    hosted: Schema.Array(Search)
  }),
  Schema.Struct({
    functions: Schema.Tuple([]),
    hosted: Schema.Array(Search),
    responseFormat: Schema.optionalKey(
      Schema.Union([
        Schema.TaggedStruct("JsonObject", {}),
        Schema.TaggedStruct("JsonSchema", { name: Schema.Literal("answer"), schema: Format })
      ])
    )
  })
])

const Settings = Schema.Struct({
  sampling: Schema.Struct({
    maxTokens: Schema.optionalKey(Count),
    temperature: Schema.optionalKey(Ratio),
    topP: Schema.optionalKey(Ratio),
    topK: Schema.optionalKey(Ratio),
    stop: Schema.optionalKey(Schema.Tuple([Name, Name])),
    seed: Schema.optionalKey(Count),
    n: Schema.optionalKey(Schema.Literals([2, 8])),
    logprobs: Schema.optionalKey(Schema.Literal(true))
  }),
  reasoning: Schema.optionalKey(
    Schema.Union([
      Schema.Struct({ disabled: Schema.Literal(true) }),
      Schema.Struct({ adaptive: Schema.Literal(true) }),
      Schema.Struct({ budgetTokens: Schema.Literals([1, 1024, 24_576]) })
    ])
  )
})

/** What the path of each request said; the model is one that takes what this wire can express. */
const asked = { model: "gemini-2.5-flash", delivery: "whole" } as const

const requests = Arbitrary.schema(Schema.Struct({ turns: Turns, mode: Modes, settings: Settings })).pipe(
  Arbitrary.map(({ turns, mode: { functions, hosted, ...mode }, settings }): ChatRequest => ({
    ...asked,
    ...settings,
    ...mode,
    // the order that the vendor asks for
    messages: inCallOrder(inTurns(messagesOf(turns))),
    tools: [...functions, ...hosted],
    usageWanted: true,
    fallbacks: []
  }))
)

const Answers = Schema.Union([
  Schema.Struct({
    content: Schema.NonEmptyArray(Schema.Union([TextPart, Thought, Code])),
    finishReason: Schema.Literals(["stop", "length", "content_filter", "pause", "other"])
  }),
  Schema.Struct({
    content: Schema.Tuple([TextPart, Thought, ToolCall, ToolCall, TextPart, ToolCall]),
    finishReason: Schema.Literal("tool_calls")
  }),
  Schema.Struct({
    content: Schema.NonEmptyArray(Schema.Union([TextPart, ImageBase64, Sound])),
    finishReason: Schema.Literals(["stop", "length"]),
    logprobs: Schema.optionalKey(Logprobs)
  })
])

const responses = Arbitrary.schema(
  Schema.Struct({
    id: Name,
    model: Name,
    created: Schema.optionalKey(Schema.Literals([0, 1_753_000_000])),
    answers: Schema.NonEmptyArray(Answers),
    sources: Sources,
    usage: usageWith(["cacheReadTokens", "reasoningTokens", "inputAudioTokens", "outputAudioTokens"])
  })
).pipe(
  Arbitrary.map(({ answers: [first, ...others], sources, ...head }): ChatResponse => ({
    ...head,
    choices: [citing({ index: 0, ...first }, sources), ...others.map((answer, at) => ({ index: at + 1, ...answer }))]
  }))
)

dialectLaws({
  name: "gemini",
  inbound: geminiInbound(asked),
  outbound: geminiOutbound,
  requests,
  responses
})

describe("the laws of gemini's streams in one array", () => {
  const inbound = geminiInbound({ ...asked, delivery: "live", framing: "array" })
  const Cuts = Schema.Array(Schema.Int.check(Schema.isBetween({ minimum: 1, maximum: 4000 })))

  it.prop(
    "its elements are the events of the same answer, and nothing of it is JSON before its end",
    { response: responses, cuts: Cuts, stops: Cuts },
    ({ response, cuts, stops }) => {
      const text = streamText(inbound, framesOf(response, cuts))
      const elements = parseJson(text)
      const events = Array.isArray(elements) ? elements.map((element: JsonObject) => element) : []
      const frames = Result.getOrThrow(decodeStream(geminiOutbound, sse(events), []))
      expect(comparable(foldFrames(frames))).toEqual(comparable(response))
      for (const stop of stops) expect(parseJson(text.slice(0, stop % text.length))).toBeUndefined()
    },
    { arbitrary: { runs: 100 } }
  )
})

const signature = Schema.optionalKey(Base64)

/** What a model may say, in the wire's words. */
const WirePart = Schema.Union([
  Schema.Struct({ text: Words, thoughtSignature: signature }),
  Schema.Struct({ text: Words, thought: Schema.Literal(true), thoughtSignature: signature }),
  Schema.Struct({ text: Schema.Literal(""), thoughtSignature: signature }),
  Schema.Struct({
    functionCall: Schema.Struct({ id: Schema.optionalKey(Name), name: Name, args: Schema.optionalKey(AnyJsonObject) }),
    thoughtSignature: signature
  }),
  Schema.Struct({ inlineData: Schema.Struct({ mimeType: Schema.Literals(["image/png", "audio/wav"]), data: Base64 }) }),
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
