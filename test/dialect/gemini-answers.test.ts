import { BlockedReason, FinishReason, type GenerateContentResponse } from "@google/genai"
import { describe, expect, it } from "@effect/vitest"
import { Result } from "effect"
import { endings } from "../../src/dialect/gemini/Counts.ts"
import { geminiOutbound } from "../../src/dialect/Gemini.ts"
import type { Json, JsonObject } from "../../src/domain/Json.ts"

const decode = (body: Json) => geminiOutbound.decodeResponse(body)
const answer = (body: JsonObject) => Result.getOrThrow(decode(body))
const fault = (body: Json) => {
  const decoded = decode(body)
  return Result.isFailure(decoded) ? decoded.failure._tag : undefined
}
const said = (parts: ReadonlyArray<JsonObject>, over: JsonObject = {}): JsonObject => ({
  candidates: [{ content: { role: "model", parts }, finishReason: "STOP", ...over }],
  responseId: "r-1",
  modelVersion: "gemini-2.5-flash"
})
const contentOf = (...parts: ReadonlyArray<JsonObject>) => answer(said(parts)).choices[0].content
const reasonOf = (finishReason: string, ...parts: ReadonlyArray<JsonObject>) => {
  const decoded = decode(said(parts, { finishReason }))
  return Result.isSuccess(decoded) ? decoded.success.choices[0].finishReason : decoded.failure._tag
}

describe("an answer of Gemini", () => {
  it("is text, thought, calls, pictures and blocks in their order", () => {
    const code = { executableCode: { language: "PYTHON", code: "1" } }
    expect(
      contentOf(
        { text: "hm", thought: true },
        { text: "Hello", thoughtSignature: "s" },
        { functionCall: { id: "wire-id", name: "f", args: { a: [1] } }, thoughtSignature: "t" },
        { functionCall: { name: "g" } },
        { inlineData: { mimeType: "image/png", data: "AAEC" } },
        { inlineData: { mimeType: "audio/wav", data: "AAEC" } },
        { inlineData: { mimeType: "video/mp4", data: "AAEC" } },
        code,
        { text: "" },
        { text: "", thoughtSignature: "u" }
      )
    ).toEqual([
      { _tag: "Reasoning", text: "hm", origin: "gemini" },
      { _tag: "Text", text: "Hello", extensions: { gemini: { thoughtSignature: "s" } } },
      {
        _tag: "ToolCall",
        id: "wire-id",
        name: "f",
        arguments: '{"a":[1]}',
        extensions: { gemini: { thoughtSignature: "t" } }
      },
      { _tag: "ToolCall", id: "call_r-1_0_1", name: "g", arguments: "{}" },
      { _tag: "Image", source: { _tag: "Base64", mediaType: "image/png", data: "AAEC" } },
      { _tag: "Audio", source: { _tag: "Base64", mediaType: "audio/wav", data: "AAEC" } },
      {
        _tag: "Opaque",
        dialect: "gemini",
        block: { inlineData: { mimeType: "video/mp4", data: "AAEC" } }
      },
      { _tag: "Opaque", dialect: "gemini", block: code },
      { _tag: "Reasoning", text: "", signature: "u", origin: "gemini" }
    ])
  })

  it("has one thought where the wire has pieces, closed by its signature", () => {
    expect(
      contentOf(
        { text: "a", thought: true },
        { text: "b", thought: true, thoughtSignature: "s" },
        { text: "c", thought: true }
      )
    ).toEqual([
      { _tag: "Reasoning", text: "ab", signature: "s", origin: "gemini" },
      { _tag: "Reasoning", text: "c", origin: "gemini" }
    ])
  })

  it("has call ids that every vendor takes, the same each time and others in other answers", () => {
    const call = { functionCall: { name: "f", args: {} } }
    const idsOf = (responseId: string) =>
      answer({ ...said([call, call]), responseId }).choices[0].content.map((part) =>
        part._tag === "ToolCall" ? part.id : ""
      )
    const ids = [...idsOf("W81gar6JN_K1qtsP4-zLsQs"), ...idsOf("another/with+odd=signs"), ...idsOf("x".repeat(90))]
    expect(new Set(ids).size).toBe(6)
    for (const id of ids) expect(id).toMatch(/^[A-Za-z0-9_-]{1,40}$/)
    expect(idsOf("a")).toEqual(idsOf("a"))
    expect(idsOf("")).toEqual(["call_0_0", "call_0_1"])
  })

  it("has a choice for each candidate, and the index 0 where the wire leaves it out", () => {
    const body = {
      candidates: [
        { content: { parts: [{ text: "a" }] }, finishReason: "STOP" },
        { content: { parts: [{ text: "b" }] }, finishReason: "MAX_TOKENS", index: 1 }
      ]
    }
    expect(answer(body).choices).toEqual([
      { index: 0, content: [{ _tag: "Text", text: "a" }], finishReason: "stop" },
      { index: 1, content: [{ _tag: "Text", text: "b" }], finishReason: "length" }
    ])
  })

  it("counts tools' prompts as input and thoughts as output", () => {
    const body = {
      ...said([{ text: "a" }]),
      createTime: "2026-02-15T07:50:39.178410Z",
      usageMetadata: {
        promptTokenCount: 13,
        toolUsePromptTokenCount: 289,
        candidatesTokenCount: 194,
        thoughtsTokenCount: 6,
        cachedContentTokenCount: 5,
        totalTokenCount: 502,
        promptTokensDetails: [
          { modality: "TEXT", tokenCount: 6 },
          { modality: "AUDIO", tokenCount: 7 }
        ],
        candidatesTokensDetails: [{ modality: "AUDIO", tokenCount: 100 }]
      }
    }
    expect(answer(body)).toMatchObject({
      id: "r-1",
      model: "gemini-2.5-flash",
      created: 1_771_141_839,
      usage: {
        inputTokens: 302,
        outputTokens: 200,
        cacheReadTokens: 5,
        reasoningTokens: 6,
        inputAudioTokens: 7,
        outputAudioTokens: 100
      },
      wire: { dialect: "gemini", body }
    })
    expect(answer({ ...body, usageMetadata: { trafficType: "ON_DEMAND" } })).not.toHaveProperty("usage")
  })

  it("has log probabilities in OpenAI's shape", () => {
    const logprobsResult = {
      chosenCandidates: [{ token: "4", logProbability: -0.5, tokenId: 1 }, { token: "!" }],
      topCandidates: [{ candidates: [{ token: "4", logProbability: -0.5 }] }]
    }
    expect(answer(said([{ text: "4!" }], { logprobsResult })).choices[0].logprobs).toEqual({
      content: [
        { token: "4", logprob: -0.5, bytes: null, top_logprobs: [{ token: "4", logprob: -0.5, bytes: null }] },
        { token: "!", logprob: 0, bytes: null, top_logprobs: [] }
      ],
      refusal: null
    })
  })

  it("keeps what the domain has no word for", () => {
    const groundingMetadata = { webSearchQueries: ["a"] }
    expect(answer({ ...said([{ text: "a" }], { groundingMetadata }), modelStatus: {} }).extensions).toEqual({
      gemini: { modelStatus: {}, candidates: [{ groundingMetadata }] }
    })
    expect(answer(said([{ text: "a" }]))).not.toHaveProperty("extensions")
  })

  it("that was refused is an answer, before its first word too", () => {
    expect(reasonOf("SAFETY")).toBe("content_filter")
    expect(answer({ candidates: [{ content: {}, finishReason: "SAFETY" }] }).choices[0].content).toEqual([])
    for (const blockReason of Object.values(BlockedReason))
      expect(answer({ promptFeedback: { blockReason }, usageMetadata: { promptTokenCount: 3 } })).toMatchObject({
        choices: [{ index: 0, content: [], finishReason: "content_filter" }],
        usage: { inputTokens: 3, outputTokens: 0 }
      })
  })

  it("ends for every reason the SDK knows in a way that is written down", () => {
    expect(Object.keys(endings).sort()).toEqual(Object.values(FinishReason).map(String).sort())
    const call = { functionCall: { name: "f" } }
    expect(reasonOf("STOP", { text: "a" })).toBe("stop")
    expect(reasonOf("STOP", call)).toBe("tool_calls")
    expect(reasonOf("MAX_TOKENS", call)).toBe("length")
    expect(reasonOf("UNEXPECTED_TOOL_CALL", call)).toBe("tool_calls")
    expect(reasonOf("UNEXPECTED_TOOL_CALL")).toBe("Malformed")
    expect(reasonOf("MALFORMED_FUNCTION_CALL", { text: "a" })).toBe("Malformed")
    expect(reasonOf("LANGUAGE")).toBe("other")
    expect(reasonOf("A_REASON_OF_NEXT_YEAR", { text: "a" })).toBe("other")
    expect(reasonOf("constructor", { text: "a" })).toBe("other")
  })

  it("is a fault where it has nothing that could be one", () => {
    for (const body of [null, "text", [], {}, { candidates: [] }, { candidates: [{}] }, { promptFeedback: {} }])
      expect(fault(body)).toBe("Malformed")
    expect(fault({ candidates: [{ content: { parts: [{ text: "half" }] } }] })).toBe("Malformed")
    expect(fault({ candidates: [{ index: 0, safetyRatings: [] }] })).toBe("Malformed")
  })

  it("is told from an error in its place", () => {
    const error = { code: 503, message: "The model is overloaded.", status: "UNAVAILABLE" }
    expect(decode({ error })).toEqual(Result.fail({ _tag: "ErrorInside", body: { error } }))
    expect(decode([{ error }])).toEqual(Result.fail({ _tag: "ErrorInside", body: { error } }))
    expect(fault({ error: "down" })).toBe("ErrorInside")
  })

  it("is read in the shape of the SDK's own type", () => {
    const typed: Pick<GenerateContentResponse, "candidates" | "responseId" | "modelVersion"> = {
      responseId: "r",
      modelVersion: "m",
      candidates: [
        {
          content: { role: "model", parts: [{ functionCall: { name: "f", args: { a: 1 } } }] },
          finishReason: FinishReason.STOP,
          index: 0
        }
      ]
    }
    expect(answer(JSON.parse(JSON.stringify(typed)))).toMatchObject({
      id: "r",
      model: "m",
      choices: [{ content: [{ _tag: "ToolCall", name: "f", arguments: '{"a":1}' }], finishReason: "tool_calls" }]
    })
  })
})
