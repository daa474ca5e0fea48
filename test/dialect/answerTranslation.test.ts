/**
 * What a vendor's answer looks like to callers of the other wires: a row a feature, a column a caller. What a wire has no
 * place for is left out in a way that is written down here, and never makes the answer look like something else.
 */
import { describe, expect, it } from "@effect/vitest"
import { Result } from "effect"
import { type DecodeFault, noQuirks } from "../../src/dialect/Dialect.ts"
import { foldFrames } from "../../src/domain/foldStream.ts"
import type { FinishReason } from "../../src/domain/ChatResponse.ts"
import { isJsonObject, type JsonObject } from "../../src/domain/Json.ts"
import { decodeStream, jsonOf, plainRequest, streamText } from "./laws/laws.ts"
import { readWithSdk } from "./laws/clients.ts"
import { chat, type Found, found, gemini, messages, responses, type VendorAnswer } from "./laws/vendorAnswers.ts"
import { inbound, outbound, type Wire, wires } from "./laws/wires.ts"

// ---- how an answer is told

const objectOf = (value: unknown): JsonObject => {
  const json = jsonOf(JSON.parse(JSON.stringify(value)))
  return isJsonObject(json) ? json : {}
}

/** The whole answer as a caller of `to` is given it. */
const told = ({ from, whole }: VendorAnswer, to: Wire): JsonObject =>
  objectOf(inbound[to].encodeResponse(Result.getOrThrow(outbound[from].decodeResponse(whole))))

/** What a caller of `to` has put together once the stream is over. */
const streamed = ({ from, stream, whole }: VendorAnswer, to: Wire): JsonObject => {
  const frames = Result.getOrThrow(decodeStream(outbound[from], stream, []))
  const listed = whole["choices"] ?? whole["candidates"]
  const n = Array.isArray(listed) ? Math.max(1, listed.length) : 1
  const text = streamText(inbound[to], frames, { ...plainRequest, sampling: { n } })
  const { wire: _, ...read } = foldFrames(Result.getOrThrow(decodeStream(outbound[to], text, [])))
  return objectOf(inbound[to].encodeResponse(read))
}

const nothing: Found = { text: "", thoughts: "", refusal: "", calls: [], media: [], end: null, likely: 0, sources: [] }

interface Row {
  readonly feature: string
  readonly answer: VendorAnswer
  /** What each caller finds; those of the vendor's own wire are given the answer as it came. */
  readonly callers: { readonly [W in Wire]?: Partial<Found> }
}

const complete = ["completed", null]
const token = (word: string) => ({ token: word, logprob: -0.5, bytes: null, top_logprobs: [] })
const item = (...content: ReadonlyArray<JsonObject>) => ({
  type: "message",
  id: "m1",
  role: "assistant",
  status: "completed",
  content
})
const said = (text: string, more: JsonObject = {}) => item({ type: "output_text", text, annotations: [], ...more })
const parts = (...all: ReadonlyArray<JsonObject>) => ({ content: { role: "model", parts: all } })
const call = (id: string) => ({ id, type: "function", function: { name: "look", arguments: '{"at":"moon"}' } })
const looked = ["look", { at: "moon" }] as const
const png = { inlineData: { mimeType: "image/png", data: "AAEC" } }
const drawn = { type: "image_url", image_url: { url: "data:image/png;base64,AAEC" } }

const rows: ReadonlyArray<Row> = [
  {
    feature: "parallel calls",
    answer: chat([{ message: { content: "Wait", tool_calls: [call("a"), call("b")] }, finish_reason: "tool_calls" }]),
    callers: {
      responses: { text: "Wait", calls: [looked, looked], end: complete },
      messages: { text: "Wait", calls: [looked, looked], end: "tool_use" },
      gemini: { text: "Wait", calls: [looked, looked], end: "STOP" }
    }
  },
  {
    feature: "calls without ids",
    answer: gemini([
      {
        ...parts(
          { functionCall: { name: "look", args: { at: "moon" } } },
          { functionCall: { name: "look", args: { at: "moon" } } }
        ),
        finishReason: "STOP"
      }
    ]),
    callers: {
      chat: { calls: [looked, looked], end: "tool_calls" },
      responses: { calls: [looked, looked], end: complete },
      messages: { calls: [looked, looked], end: "tool_use" }
    }
  },
  {
    feature: "log probabilities (Chat Completions)",
    answer: chat([
      {
        message: { content: "Hi you" },
        logprobs: { content: [token("Hi"), token(" you")], refusal: null },
        finish_reason: "stop"
      }
    ]),
    callers: {
      responses: { text: "Hi you", likely: 2, end: complete },
      messages: { text: "Hi you", likely: 0, end: "end_turn" },
      gemini: { text: "Hi you", likely: 2, end: "STOP" }
    }
  },
  {
    feature: "log probabilities (Gemini)",
    answer: gemini([
      {
        ...parts({ text: "Hi you" }),
        finishReason: "STOP",
        logprobsResult: {
          chosenCandidates: [
            { token: "Hi", logProbability: -0.5 },
            { token: " you", logProbability: -1 }
          ],
          topCandidates: []
        }
      }
    ]),
    callers: {
      chat: { text: "Hi you", likely: 2, end: "stop" },
      responses: { text: "Hi you", likely: 2, end: complete },
      messages: { text: "Hi you", end: "end_turn" }
    }
  },
  {
    feature: "log probabilities (Responses)",
    answer: responses([said("Hi you", { logprobs: [token("Hi"), token(" you")] })]),
    callers: {
      chat: { text: "Hi you", likely: 2, end: "stop" },
      messages: { text: "Hi you", end: "end_turn" },
      gemini: { text: "Hi you", likely: 2, end: "STOP" }
    }
  },
  {
    feature: "a refusal in words (Chat Completions)",
    answer: chat([{ message: { content: null, refusal: "I won't" }, finish_reason: "stop" }]),
    callers: {
      responses: { refusal: "I won't", end: complete },
      messages: { text: "I won't", end: "refusal" },
      gemini: { text: "I won't", end: "SAFETY" }
    }
  },
  {
    feature: "a refusal in words (Responses)",
    answer: responses([item({ type: "refusal", refusal: "I won't" })]),
    callers: {
      chat: { refusal: "I won't", end: "stop" },
      messages: { text: "I won't", end: "refusal" },
      gemini: { text: "I won't", end: "SAFETY" }
    }
  },
  {
    feature: "a refusal (Anthropic)",
    answer: messages([], "refusal"),
    callers: {
      chat: { end: "content_filter" },
      responses: { end: ["incomplete", "content_filter"] },
      gemini: { end: "SAFETY" }
    }
  },
  {
    feature: "a blocked prompt (Gemini)",
    answer: { ...gemini([], { promptFeedback: { blockReason: "SAFETY" } }) },
    callers: {
      chat: { end: "content_filter" },
      responses: { end: ["incomplete", "content_filter"] },
      messages: { end: "refusal" }
    }
  },
  {
    feature: "thoughts with a signature, and redacted ones (Anthropic)",
    answer: messages(
      [
        { type: "thinking", thinking: "Hm", signature: "c2ln" },
        { type: "redacted_thinking", data: "ZGFyaw==" },
        { type: "text", text: "Hi" }
      ],
      "end_turn"
    ),
    callers: {
      chat: { thoughts: "Hm", text: "Hi", end: "stop" },
      responses: { thoughts: "Hm", text: "Hi", end: complete },
      gemini: { thoughts: "Hm", text: "Hi", end: "STOP" }
    }
  },
  {
    feature: "thoughts with a signature (Gemini)",
    answer: gemini([
      { ...parts({ text: "Hm", thought: true, thoughtSignature: "c2ln" }, { text: "Hi" }), finishReason: "STOP" }
    ]),
    callers: {
      chat: { thoughts: "Hm", text: "Hi", end: "stop" },
      responses: { thoughts: "Hm", text: "Hi", end: complete },
      messages: { thoughts: "Hm", text: "Hi", end: "end_turn" }
    }
  },
  {
    feature: "a summary of thoughts (Responses)",
    answer: responses([
      { type: "reasoning", id: "rs1", summary: [{ type: "summary_text", text: "Hm" }], encrypted_content: "c2ln" },
      said("Hi")
    ]),
    callers: {
      chat: { thoughts: "Hm", text: "Hi", end: "stop" },
      messages: { thoughts: "Hm", text: "Hi", end: "end_turn" },
      gemini: { thoughts: "Hm", text: "Hi", end: "STOP" }
    }
  },
  {
    feature: "a picture beside a text (Gemini)",
    answer: gemini([{ ...parts({ text: "Look" }, png), finishReason: "STOP" }]),
    callers: {
      chat: { text: "Look", media: ["image/png"], end: "stop" },
      responses: { text: "Look", media: ["image/png"], end: complete },
      // no picture stands in an answer there: it is told as one that is not whole
      messages: { text: "Look", end: "max_tokens" }
    }
  },
  {
    feature: "a picture alone (a compatible vendor)",
    answer: chat([{ message: { content: "", images: [drawn] }, finish_reason: "stop" }]),
    callers: {
      responses: { media: ["image/png"], end: complete },
      messages: { end: "max_tokens" },
      gemini: { media: ["image/png"], end: "STOP" }
    }
  },
  {
    feature: "a sound (Gemini)",
    answer: gemini([
      { ...parts({ inlineData: { mimeType: "audio/L16;rate=24000", data: "AAEC" } }), finishReason: "STOP" }
    ]),
    callers: {
      chat: { media: ["audio"], end: "stop" },
      responses: { end: ["incomplete", null] },
      messages: { end: "max_tokens" }
    }
  },
  {
    feature: "a sound (Chat Completions)",
    answer: chat([
      {
        message: { content: null, audio: { id: "audio_1", data: "AAEC", expires_at: 1, transcript: "Hi" } },
        finish_reason: "stop"
      }
    ]),
    // in a format that only its request told: nobody else can play it
    callers: {
      responses: { end: ["incomplete", null] },
      messages: { end: "max_tokens" },
      gemini: { end: "OTHER" }
    }
  },
  {
    feature: "citations (Anthropic)",
    answer: messages(
      [
        {
          type: "text",
          text: "The sky is blue.",
          citations: [
            { type: "char_location", cited_text: "blue", document_index: 0, document_title: "Colours" },
            {
              type: "web_search_result_location",
              url: "https://e.com",
              title: "E",
              cited_text: "blue",
              encrypted_index: "c2ln"
            },
            { type: "search_result_location", source: "https://f.com", title: "F", cited_text: "blue" }
          ]
        }
      ],
      "end_turn"
    ),
    // a document of the request's has a place only where a source needs no address
    callers: {
      chat: { text: "The sky is blue.", sources: ["https://e.com", "https://f.com"], end: "stop" },
      responses: { text: "The sky is blue.", sources: ["https://e.com", "https://f.com"], end: complete },
      gemini: { text: "The sky is blue.", sources: ["Colours", "https://e.com", "https://f.com"], end: "STOP" }
    }
  },
  {
    feature: "annotations (Chat Completions)",
    answer: chat([
      {
        message: {
          content: "It rains.",
          annotations: [
            { type: "url_citation", url_citation: { url: "https://e.com", title: "E", start_index: 0, end_index: 8 } }
          ]
        },
        finish_reason: "stop"
      }
    ]),
    callers: {
      responses: { text: "It rains.", sources: ["https://e.com"], end: complete },
      messages: { text: "It rains.", sources: ["https://e.com"], end: "end_turn" },
      gemini: { text: "It rains.", sources: ["https://e.com"], end: "STOP" }
    }
  },
  {
    feature: "annotations (Responses)",
    answer: responses([
      said("It rains.", {
        annotations: [
          { type: "url_citation", url: "https://e.com", title: "E", start_index: 0, end_index: 8 },
          { type: "file_citation", file_id: "file_1", filename: "F.txt", index: 8 },
          { type: "file_path", file_id: "file_2", index: 8 }
        ]
      })
    ]),
    callers: {
      chat: { text: "It rains.", sources: ["https://e.com"], end: "stop" },
      messages: { text: "It rains.", sources: ["https://e.com"], end: "end_turn" },
      gemini: { text: "It rains.", sources: ["https://e.com", "F.txt"], end: "STOP" }
    }
  },
  {
    feature: "sources beside the choices (Perplexity)",
    answer: chat([{ message: { content: "It rains.[1]" }, finish_reason: "stop" }], {
      citations: ["https://e.com"],
      search_results: [{ title: "E", url: "https://e.com", date: null, snippet: "Rain" }]
    }),
    callers: {
      responses: { text: "It rains.[1]", sources: ["https://e.com"], end: complete },
      messages: { text: "It rains.[1]", sources: ["https://e.com"], end: "end_turn" },
      gemini: { text: "It rains.[1]", sources: ["https://e.com"], end: "STOP" }
    }
  },
  {
    feature: "grounding (Gemini)",
    answer: gemini([
      {
        ...parts({ text: "It rains." }),
        finishReason: "STOP",
        groundingMetadata: {
          groundingChunks: [
            { web: { uri: "https://e.com", title: "E" } },
            { retrievedContext: { title: "Notes", text: "Rain" } }
          ],
          groundingSupports: [{ segment: { endIndex: 9, text: "It rains." }, groundingChunkIndices: [0, 1] }]
        }
      }
    ]),
    callers: {
      chat: { text: "It rains.", sources: ["https://e.com"], end: "stop" },
      responses: { text: "It rains.", sources: ["https://e.com"], end: complete },
      messages: { text: "It rains.", sources: ["https://e.com"], end: "end_turn" }
    }
  },
  {
    feature: "a search on the way (Anthropic)",
    answer: messages(
      [
        { type: "server_tool_use", id: "s1", name: "web_search", input: { query: "rain" } },
        { type: "web_search_tool_result", tool_use_id: "s1", content: [] },
        { type: "text", text: "It rains." }
      ],
      "end_turn"
    ),
    callers: {
      chat: { text: "It rains.", end: "stop" },
      responses: { text: "It rains.", end: complete },
      gemini: { text: "It rains.", end: "STOP" }
    }
  },
  {
    feature: "nothing but code that ran (Gemini)",
    answer: gemini([
      {
        ...parts(
          { executableCode: { language: "PYTHON", code: "1" } },
          { codeExecutionResult: { outcome: "OUTCOME_OK", output: "1" } }
        ),
        finishReason: "STOP"
      }
    ]),
    // an empty answer that says it is whole would be another answer
    callers: {
      chat: { end: "length" },
      responses: { end: ["incomplete", null] },
      messages: { end: "max_tokens" }
    }
  },
  {
    feature: "a hosted tool's item (Responses)",
    answer: responses([{ type: "web_search_call", id: "ws1", status: "completed", action: {} }, said("It rains.")]),
    callers: {
      chat: { text: "It rains.", end: "stop" },
      messages: { text: "It rains.", end: "end_turn" },
      gemini: { text: "It rains.", end: "STOP" }
    }
  },
  {
    feature: "what a vendor says of its own service",
    answer: chat([{ message: { content: "Hi" }, finish_reason: "stop" }], {
      system_fingerprint: "fp_1",
      service_tier: "flex"
    }),
    callers: {
      responses: { text: "Hi", end: complete },
      messages: { text: "Hi", end: "end_turn" },
      gemini: { text: "Hi", end: "STOP" }
    }
  }
]

describe("an answer with", () => {
  for (const { answer, callers, feature } of rows) {
    it(`${feature} reaches callers of its own wire as it came`, () => {
      expect(told(answer, answer.from)).toEqual(answer.whole)
      const frames = Result.getOrThrow(decodeStream(outbound[answer.from], answer.stream, []))
      expect(streamText(inbound[answer.from], frames)).toBe(answer.stream)
    })
    for (const to of wires) {
      if (to === answer.from) continue
      it(`${feature} is told to ${to} callers, whole and streamed alike`, () => {
        const expected = { ...nothing, ...callers[to] }
        expect(expected.end, "a row says how the answer ends").not.toBeNull()
        expect(found[to](told(answer, to))).toEqual(expected)
        expect(found[to](streamed(answer, to))).toEqual(expected)
        const written = JSON.stringify([told(answer, to), streamed(answer, to)])
        // secrets of one vendor's are shown to another's callers only sealed
        expect(written).not.toMatch(/"(?:c2ln|ZGFyaw==)"/)
        expect(written).not.toMatch(/fp_1/)
      })
    }
  }
})

// ---- ends

/** Each vendor's words, and what they mean; `undefined`: no answer. */
const words: { readonly [W in Wire]: ReadonlyArray<readonly [word: string, reason: FinishReason | undefined]> } = {
  chat: [
    ["stop", "stop"],
    ["length", "length"],
    ["content_filter", "content_filter"],
    ["next_year", "other"],
    ["error", undefined],
    ["", undefined]
  ],
  responses: [
    ["completed", "stop"],
    ["incomplete max_output_tokens", "length"],
    ["incomplete content_filter", "content_filter"],
    ["incomplete next_year", "other"],
    ["incomplete", "other"],
    ["failed", undefined],
    ["cancelled", undefined],
    ["queued", undefined],
    ["in_progress", undefined],
    ["next_year", undefined],
    ["", undefined]
  ],
  messages: [
    ["end_turn", "stop"],
    ["stop_sequence", "stop_sequence"],
    ["max_tokens", "length"],
    ["model_context_window_exceeded", "length"],
    ["pause_turn", "pause"],
    ["refusal", "refusal"],
    ["next_year", "other"],
    ["", undefined]
  ],
  gemini: [
    ["STOP", "stop"],
    ["MAX_TOKENS", "length"],
    ["SAFETY", "content_filter"],
    ["RECITATION", "content_filter"],
    ["PROHIBITED_CONTENT", "content_filter"],
    ["LANGUAGE", "other"],
    ["OTHER", "other"],
    ["NEXT_YEAR", "other"],
    ["MALFORMED_FUNCTION_CALL", undefined],
    ["", undefined]
  ]
}

/** A text that ended with this word, or with none. */
const ended: { readonly [W in Wire]: (word: string) => VendorAnswer } = {
  chat: (word) => chat([{ message: { content: "Hi" }, finish_reason: word }]),
  responses: (word) => {
    const [status = "", reason] = word.split(" ")
    return responses([said("Hi")], { status, incomplete_details: reason === undefined ? null : { reason } })
  },
  messages: (word) => messages([{ type: "text", text: "Hi" }], word),
  gemini: (word) => gemini([{ ...parts({ text: "Hi" }), finishReason: word }])
}

/** The word each caller is told; where a wire has none, one that says that the answer is not whole. */
const wordFor: { readonly [R in Exclude<FinishReason, "tool_calls">]: { readonly [W in Wire]: unknown } } = {
  stop: { chat: "stop", responses: complete, messages: "end_turn", gemini: "STOP" },
  stop_sequence: { chat: "stop", responses: complete, messages: "stop_sequence", gemini: "STOP" },
  length: {
    chat: "length",
    responses: ["incomplete", "max_output_tokens"],
    messages: "max_tokens",
    gemini: "MAX_TOKENS"
  },
  content_filter: {
    chat: "content_filter",
    responses: ["incomplete", "content_filter"],
    messages: "refusal",
    gemini: "SAFETY"
  },
  refusal: {
    chat: "content_filter",
    responses: ["incomplete", "content_filter"],
    messages: "refusal",
    gemini: "SAFETY"
  },
  pause: { chat: "length", responses: ["incomplete", null], messages: "pause_turn", gemini: "CONTINUATION" },
  other: { chat: "length", responses: ["incomplete", null], messages: "max_tokens", gemini: "OTHER" }
}

const faultOf = (read: Result.Result<unknown, DecodeFault>): string | undefined =>
  Result.isFailure(read) ? read.failure._tag : undefined

describe("an answer over", () => {
  for (const from of wires)
    for (const [word, reason] of words[from]) {
      const answer = ended[from](word)
      if (reason === undefined || reason === "tool_calls") {
        it(`${from} that ended with '${word}' is no answer, whole or streamed`, () => {
          const failed = word === "failed" || word === "error" ? "ErrorInside" : "Malformed"
          expect(faultOf(outbound[from].decodeResponse(answer.whole))).toBe(failed)
          // the last event of a Responses stream says by its type that the answer has ended
          if (from !== "responses") expect(faultOf(decodeStream(outbound[from], answer.stream, []))).toBe(failed)
        })
        continue
      }
      it(`${from} that ended with '${word}' ends so for every caller, whole and streamed alike`, () => {
        for (const to of wires) {
          if (to === from) continue
          const expected = { ...nothing, text: "Hi", end: wordFor[reason][to] }
          expect(found[to](told(answer, to)), to).toEqual(expected)
          expect(found[to](streamed(answer, to)), to).toEqual(expected)
        }
      })
    }
})

// ---- ids, counts, several answers

describe("calls without ids", () => {
  const unnamed = (id: string, from: "chat" | "gemini"): ReadonlyArray<string> => {
    const answer =
      from === "gemini"
        ? gemini([{ ...parts({ functionCall: { name: "f" } }, { functionCall: { name: "f" } }), finishReason: "STOP" }])
        : chat([
            {
              message: { tool_calls: [{ function: { name: "f" } }, { function: { name: "f" } }] },
              finish_reason: "tool_calls"
            }
          ])
    const idOf = (body: JsonObject) =>
      Result.getOrThrow(outbound[from].decodeResponse(body)).choices[0].content.flatMap((part) =>
        part._tag === "ToolCall" ? [part.id] : []
      )
    const whole = idOf({ ...answer.whole, [from === "gemini" ? "responseId" : "id"]: id })
    const read = decodeStream(outbound[from], answer.stream.replaceAll(/"(r1|chatcmpl-1)"/g, JSON.stringify(id)), [])
    const streamedIds = foldFrames(Result.getOrThrow(read)).choices[0].content.flatMap((part) =>
      part._tag === "ToolCall" ? [part.id] : []
    )
    expect(streamedIds).toEqual(whole)
    return whole
  }
  for (const from of ["chat", "gemini"] as const)
    it(`of ${from} have ids of their own in every turn of a conversation, the same whole and streamed`, () => {
      const ids = [...unnamed("turn-1", from), ...unnamed("turn-2", from)]
      expect(new Set(ids).size).toBe(4)
      for (const id of ids) expect(id).toMatch(/^[a-zA-Z0-9_-]{1,40}$/)
    })
})

describe("what an answer used", () => {
  const hi = [{ type: "text", text: "Hi" }]
  const cases: ReadonlyArray<readonly [what: string, VendorAnswer, { readonly [W in Wire]?: JsonObject }]> = [
    [
      "Anthropic counts cached tokens beside the prompt",
      messages(hi, "end_turn", {
        input_tokens: 5,
        cache_read_input_tokens: 100,
        cache_creation_input_tokens: 20,
        output_tokens: 9,
        output_tokens_details: { thinking_tokens: 4 }
      }),
      {
        chat: {
          prompt_tokens: 125,
          completion_tokens: 9,
          total_tokens: 134,
          prompt_tokens_details: { cached_tokens: 100, cache_write_tokens: 20 },
          completion_tokens_details: { reasoning_tokens: 4 }
        },
        responses: {
          input_tokens: 125,
          input_tokens_details: { cached_tokens: 100, cache_write_tokens: 20 },
          output_tokens: 9,
          output_tokens_details: { reasoning_tokens: 4 },
          total_tokens: 134
        },
        gemini: {
          promptTokenCount: 125,
          cachedContentTokenCount: 100,
          candidatesTokenCount: 5,
          thoughtsTokenCount: 4,
          totalTokenCount: 134
        }
      }
    ],
    [
      "Gemini counts thoughts beside the answer, and what tools added beside the prompt",
      gemini([{ ...parts({ text: "Hi" }), finishReason: "STOP" }], {
        usageMetadata: {
          promptTokenCount: 50,
          toolUsePromptTokenCount: 10,
          cachedContentTokenCount: 30,
          candidatesTokenCount: 7,
          thoughtsTokenCount: 8,
          totalTokenCount: 75
        }
      }),
      {
        chat: {
          prompt_tokens: 60,
          completion_tokens: 15,
          total_tokens: 75,
          prompt_tokens_details: { cached_tokens: 30 },
          completion_tokens_details: { reasoning_tokens: 8 }
        },
        responses: { input_tokens: 60, output_tokens: 15, total_tokens: 75 },
        messages: { input_tokens: 30, cache_read_input_tokens: 30, output_tokens: 15 }
      }
    ],
    [
      "OpenAI counts cached tokens, sound and reasoning within",
      chat([{ message: { content: "Hi" }, finish_reason: "stop" }], {
        usage: {
          prompt_tokens: 100,
          completion_tokens: 20,
          total_tokens: 120,
          prompt_tokens_details: { cached_tokens: 64, audio_tokens: 12 },
          completion_tokens_details: { reasoning_tokens: 6, audio_tokens: 3 }
        }
      }),
      {
        responses: {
          input_tokens: 100,
          input_tokens_details: { cached_tokens: 64 },
          output_tokens: 20,
          output_tokens_details: { reasoning_tokens: 6 },
          total_tokens: 120
        },
        messages: { input_tokens: 36, cache_read_input_tokens: 64, output_tokens: 20 },
        gemini: {
          promptTokenCount: 100,
          cachedContentTokenCount: 64,
          candidatesTokenCount: 14,
          thoughtsTokenCount: 6,
          totalTokenCount: 120,
          promptTokensDetails: [
            { modality: "TEXT", tokenCount: 88 },
            { modality: "AUDIO", tokenCount: 12 }
          ],
          candidatesTokensDetails: [
            { modality: "TEXT", tokenCount: 11 },
            { modality: "AUDIO", tokenCount: 3 }
          ]
        }
      }
    ]
  ]
  for (const [what, answer, callers] of cases)
    it(`adds up as each caller's wire counts, where ${what}`, () => {
      for (const to of wires) {
        const expected = callers[to]
        if (expected === undefined) continue
        const key = to === "gemini" ? "usageMetadata" : "usage"
        expect(told(answer, to)[key], to).toMatchObject(expected)
        expect(streamed(answer, to)[key], to).toMatchObject(expected)
      }
    })
})

describe("several answers", () => {
  const two = {
    chat: chat([
      { message: { content: "One" }, logprobs: { content: [token("One")], refusal: null }, finish_reason: "stop" },
      { message: { content: "Two" }, finish_reason: "length" }
    ]),
    gemini: gemini([
      {
        ...parts({ text: "One" }),
        finishReason: "STOP",
        index: 0,
        logprobsResult: { chosenCandidates: [{ token: "One", logProbability: -0.5 }] }
      },
      { ...parts({ text: "Two" }), finishReason: "MAX_TOKENS", index: 1 }
    ])
  }
  const ends = { chat: ["stop", "length"], gemini: ["STOP", "MAX_TOKENS"] }
  for (const [from, to] of [
    ["chat", "gemini"],
    ["gemini", "chat"]
  ] as const)
    it(`over ${from} are as many to ${to} callers, mixed in a stream as well`, () => {
      for (const body of [told(two[from], to), streamed(two[from], to)]) {
        expect(found[to](body, 0)).toEqual({ ...nothing, text: "One", likely: 1, end: ends[to][0] })
        expect(found[to](body, 1)).toEqual({ ...nothing, text: "Two", end: ends[to][1] })
      }
    })
  it("of which the vendor gave fewer end for chat callers as ones that are not whole", async () => {
    const { stream } = gemini([{ ...parts({ text: "One" }), finishReason: "STOP" }])
    const frames = Result.getOrThrow(decodeStream(outbound.gemini, stream, []))
    const text = streamText(inbound.chat, frames, { ...plainRequest, sampling: { n: 2 } })
    // OpenAI's own package throws at a choice without an end
    await readWithSdk.chat(text)
    const read = foldFrames(Result.getOrThrow(decodeStream(outbound.chat, text, [])))
    expect(read.choices.map(({ finishReason }) => finishReason)).toEqual(["stop", "length"])
  })
  for (const to of ["responses", "messages"] as const)
    it(`can be asked of no vendor over ${to}`, () => {
      const target = { model: "m", maxOutputTokens: undefined, quirks: noQuirks }
      const written = outbound[to].encodeRequest({ ...plainRequest, sampling: { n: 2 } }, target)
      expect(Result.isFailure(written) ? written.failure.feature : undefined).toBe("n")
    })
})
