/**
 * Recorded exchanges of every wire, said over all the others: a request passes the other vendor's rules or is refused
 * for a feature it names; an answer keeps its words, its sources, its tool calls, its usage and its stop reason.
 */
import { existsSync, readdirSync, readFileSync } from "node:fs"
import { isDeepStrictEqual } from "node:util"
import { describe, expect, it } from "@effect/vitest"
import { Result } from "effect"
import {
  type DecodeFault,
  type InboundDialect,
  noQuirks,
  type OutboundDialect,
  type Quirks
} from "../../src/dialect/Dialect.ts"
import { fittedId } from "../../src/dialect/FittedId.ts"
import { geminiInbound } from "../../src/dialect/Gemini.ts"
import type { Frame } from "../../src/domain/ChatEvent.ts"
import type { ChatRequest } from "../../src/domain/ChatRequest.ts"
import type { ChatResponse, FinishReason } from "../../src/domain/ChatResponse.ts"
import { foldFrames } from "../../src/domain/foldStream.ts"
import { isJsonObject, type Json, type JsonObject, parseJson } from "../../src/domain/Json.ts"
import { logprobsIn } from "../../src/domain/Logprobs.ts"
import type { Part } from "../../src/domain/Message.ts"
import { quirksOf } from "../../src/provider/quirks.ts"
import { anthropicProblem } from "../../src/simulator/AnthropicRequest.ts"
import { geminiProblem } from "../../src/simulator/GeminiRequest.ts"
import { openAiProblem } from "../../src/simulator/OpenAiRequest.ts"
import { hearResponses } from "../../src/simulator/OpenAiResponses.ts"
import { decodeStream, streamText } from "./laws/laws.ts"
import { inbound, outbound, type Wire, wires } from "./laws/wires.ts"

const folder = new URL("../../../shared/recordings/", import.meta.url)
const present = existsSync(folder)
if (!present) console.info("skipped: the recorded exchanges are not beside this checkout")

interface Exchange {
  readonly source: string
  readonly wire: Wire
  readonly request: ChatRequest
  /** A body, or the text of a stream. */
  readonly answer: JsonObject | string
}

const objectOf = (value: Json | undefined): JsonObject => (isJsonObject(value) ? value : {})

/** The wire of a recorded path, and for Gemini what the path says. */
const wireOf = (path: string): readonly [Wire, InboundDialect] | undefined => {
  if (path.endsWith("/chat/completions")) return ["chat", inbound.chat]
  if (path.endsWith("/responses")) return ["responses", inbound.responses]
  if (/^\/v1\/messages(\?|$)/.test(path)) return ["messages", inbound.messages]
  const [, model, method] = /models\/([^:]+):(generateContent|streamGenerateContent)/.exec(path) ?? []
  if (model === undefined) return undefined
  return ["gemini", geminiInbound({ model, delivery: method === "generateContent" ? "whole" : "live" })]
}

/** What only the vendor's own storage can serve is for the wire's own vendor. */
const isStored = (body: JsonObject): boolean =>
  typeof body["previous_response_id"] === "string" || body["conversation"] !== undefined || body["background"] === true

const lines = present
  ? readdirSync(folder)
      .filter((name) => name.endsWith(".jsonl"))
      .flatMap((name) => readFileSync(new URL(name, folder), "utf8").split("\n"))
      .filter((line) => line !== "")
  : []

/** The exchanges that the vendor answered; one it refused need not be sayable to another. */
const exchanges: ReadonlyArray<Exchange> = lines.flatMap((line): ReadonlyArray<Exchange> => {
  const { request, response, source } = objectOf(parseJson(line))
  const { body, path } = objectOf(request)
  const { body: whole, status, text } = objectOf(response)
  const found = wireOf(String(path))
  const asked = objectOf(body)
  const answer = typeof text === "string" ? text : objectOf(whole)
  if (found === undefined || status !== 200 || isStored(asked)) return []
  if (typeof answer !== "string" && isJsonObject(answer["error"])) return []
  const [wire, from] = found
  const decoded = Result.getOrThrowWith(from.decodeRequest(asked, {}), (fault) => [source, fault])
  return [{ source: String(source), wire, request: decoded, answer }]
})

interface Vendor {
  readonly wire: Wire
  readonly model: string
  readonly quirks: Quirks
  /** What the vendor says is wrong with a body. */
  readonly problem: (body: JsonObject, model: string) => Json | undefined
}

const session = { call: 1, id: "1", nowMillis: 0, keys: undefined, models: [] }

const responsesProblem = (body: JsonObject, model: string): Json | undefined => {
  const incoming = {
    vendor: "openai",
    method: "POST",
    path: "/responses",
    query: new URLSearchParams(),
    headers: {},
    body: ""
  }
  const heard = hearResponses(incoming, session, body, model)
  return "ask" in heard ? undefined : heard.body
}

const openAiQuirks = (model: string): Quirks => ({
  ...quirksOf("openai", model),
  maxTokensField: "max_completion_tokens"
})

/** An older and a newer model of each vendor: they differ in what they refuse. */
const vendors: ReadonlyArray<Vendor> = [
  ...["gpt-4o", "gpt-5"].flatMap((model): ReadonlyArray<Vendor> => [
    {
      wire: "chat",
      model,
      quirks: openAiQuirks(model),
      problem: (body) => openAiProblem("openai", body, model)?.body
    },
    { wire: "responses", model, quirks: openAiQuirks(model), problem: responsesProblem }
  ]),
  ...["claude-sonnet-4-5", "claude-opus-4-7"].map((model): Vendor => ({
    wire: "messages",
    model,
    quirks: noQuirks,
    problem: (body) => anthropicProblem(body, false)
  })),
  ...["gemini-2.5-flash", "gemini-3-pro-preview"].map((model): Vendor => ({
    wire: "gemini",
    model,
    quirks: noQuirks,
    problem: (body) => geminiProblem(body, model)?.body
  }))
]

describe.skipIf(!present)("recorded exchanges said over the other wires", () => {
  it("every request passes the other vendor's rules and says all it said, or is refused for a feature it names", () => {
    const lines: Array<string> = []
    const broken: Array<unknown> = []
    for (const { model, problem, quirks, wire } of vendors)
      for (const from of wires) {
        if (from === wire) continue
        const asked = exchanges.filter((exchange) => exchange.wire === from)
        const refused = new Map<string, number>()
        let passed = 0
        for (const { request, source } of asked) {
          const written = outbound[wire].encodeRequest(request, { model, maxOutputTokens: 64_000, quirks })
          if (Result.isFailure(written)) {
            const { feature } = written.failure
            expect(feature, source).not.toBe("")
            refused.set(feature, (refused.get(feature) ?? 0) + 1)
            continue
          }
          const wrong = problem(written.success.body, model)
          const told = Result.map(
            inbound[wire].decodeRequest(written.success.body, {}),
            missing(request, wire === "responses" ? /^.{1,64}$/s : quirks.toolIds)
          )
          if (wrong === undefined && (Result.isFailure(told) || told.success.length > 0))
            broken.push({ source, from, to: wire, model, told })
          else if (wrong === undefined) passed++
          else broken.push({ source, from, to: wire, model, wrong })
        }
        // most of what was asked on every wire can be said on every other
        expect(passed / asked.length, `${from} to ${wire}`).toBeGreaterThan(0.5)
        const features = [...refused].map(([feature, count]) => `${feature} ${count}`).join(", ")
        lines.push(`${from} → ${wire} (${model}): ${passed} of ${asked.length}; refused for: ${features}`)
      }
    console.info(`requests said over other wires\n${lines.join("\n")}`)
    expect(broken).toEqual([])
  })

  it("every answer, whole or streamed, keeps its words, thoughts, sources, tool calls, usage and stop reason", () => {
    const broken: Array<unknown> = []
    const unread: Array<string> = []
    const kept = { whole: 0, streamed: 0, sources: 0 }
    for (const { answer, request, source, wire } of exchanges) {
      const read = answerOf(outbound[wire], answer)
      if (Result.isFailure(read)) {
        unread.push(`${source} (${read.failure._tag})`)
        continue
      }
      for (const to of wires) {
        if (to === wire) continue
        const again = answerOf(outbound[to], rewritten(to, read.success, request))
        const before = said(read.success.response, to)
        const after = Result.isSuccess(again) ? said(again.success.response, undefined) : again.failure
        if (isDeepStrictEqual(before, after)) {
          kept[typeof answer === "string" ? "streamed" : "whole"]++
          for (const { citations = [] } of read.success.response.choices)
            kept.sources += citations.filter(({ url }) => url !== undefined).length
        } else broken.push({ source, from: wire, to, before, after })
      }
    }
    console.info(
      `answers kept over other wires: ${kept.whole} whole, ${kept.streamed} streamed, ${kept.sources} sources in them; no answer to read in: ${unread.join(", ")}`
    )
    expect(broken).toEqual([])
    expect(unread).toEqual(errorsInside)
    expect(kept.whole).toBeGreaterThan(1700)
    expect(kept.streamed).toBeGreaterThan(140)
    expect(kept.sources).toBeGreaterThan(100)
  })
})

/** Streams that hold the vendor's error: there is no answer to keep. */
const errorsInside: ReadonlyArray<string> = [
  "test_groq/test_tool_use_failed_error_streaming#0 (ErrorInside)",
  "test_openrouter/test_openrouter_stream_error#0 (ErrorInside)"
]

const packed = (words: string): string => words.replaceAll(/\s/g, "")

/** What `request` says and the request that a vendor was sent does not: texts, calls, results and tools. */
const missing =
  (request: ChatRequest, toolIds: Quirks["toolIds"]) =>
  (sent: ChatRequest): ReadonlyArray<unknown> => {
    const words = packed(sent.messages.map(({ content }) => textIn(content, "Text")).join(""))
    const lost: Array<unknown> = []
    for (const { content } of request.messages)
      for (const part of content) if (part._tag === "Text" && !words.includes(packed(part.text))) lost.push(part)
    const [before, after] = [toolsIn(request, toolIds), toolsIn(sent, undefined)]
    if (!isDeepStrictEqual(before, after)) lost.push({ before, after })
    return lost
  }

/** Calls, whose results are there, and the functions that may be called; ids as a vendor takes them. */
const toolsIn = ({ messages, tools }: ChatRequest, ids: Quirks["toolIds"]): unknown => {
  const parts = messages.flatMap(({ content }) => content)
  const calls = parts.filter((part) => part._tag === "ToolCall")
  return {
    calls: calls.map(({ arguments: input, id, name }) => [fittedId(id, ids), name, parseJson(input) ?? input]),
    answered: parts.flatMap((part) => (part._tag === "ToolResult" ? [fittedId(part.id, ids)] : [])).toSorted(),
    tools: tools.map((tool) => (tool._tag === "Function" ? [tool.name, tool.description] : tool))
  }
}

/** The nearest word of a wire that has none of its own. */
const nearest: { readonly [W in Wire]: Readonly<Partial<Record<FinishReason, FinishReason>>> } = {
  chat: { stop_sequence: "stop" },
  responses: { stop_sequence: "stop" },
  messages: { content_filter: "refusal" },
  gemini: { stop_sequence: "stop" }
}

interface Decoded {
  readonly response: ChatResponse
  /** Of a stream. */
  readonly frames: ReadonlyArray<Frame> | undefined
}

const answerOf = (from: OutboundDialect, answer: JsonObject | string): Result.Result<Decoded, DecodeFault> => {
  if (typeof answer !== "string")
    return Result.map(from.decodeResponse(answer), (response) => ({ response, frames: undefined }))
  const frames = decodeStream(from, answer, [])
  return Result.map(frames, (all) => ({ response: foldFrames(all), frames: all }))
}

/** The answer as it is written for callers of another wire, who want to be told everything. */
const rewritten = (to: Wire, { frames, response }: Decoded, request: ChatRequest): JsonObject | string =>
  frames === undefined
    ? inbound[to].encodeResponse(response, request)
    : streamText(inbound[to], frames, { ...request, usageWanted: true })

const textIn = (parts: ReadonlyArray<Part>, kind: "Text" | "Refusal" | "Reasoning"): string =>
  parts.map((part) => (part._tag === kind ? part.text : "")).join("")

const isNamed = (to: Wire | undefined): boolean => to === undefined || to === "gemini"

/** What must not be lost on the way to the wire `to`, in its words. */
const said = ({ choices, usage }: ChatResponse, to: Wire | undefined): unknown => ({
  choices: choices.map(({ citations = [], content, finishReason, logprobs }) => ({
    // only Gemini can cite what has no address
    sources: citations
      .flatMap(({ quote, title, url }) => (isNamed(to) ? (url ?? title ?? quote ?? []) : (url ?? [])))
      .toSorted(),
    text: textIn(content, "Text"),
    refusal: textIn(content, "Refusal"),
    thoughts: textIn(content, "Reasoning"),
    calls: content.flatMap((part) =>
      part._tag === "ToolCall" ? [[part.id, part.name, parseJson(part.arguments) ?? part.arguments]] : []
    ),
    // Messages has no log probabilities
    likely: to === "messages" ? 0 : (logprobsIn(logprobs)?.content.length ?? 0),
    // nor pictures; the wires that have them need not say how large they are shown
    media: content.flatMap((part) => (part._tag === "Image" || part._tag === "Audio" ? [part.source] : [])),
    finishReason: (to === undefined ? undefined : nearest[to][finishReason]) ?? finishReason
  })),
  // Messages has no answer without counts
  usage: usage === undefined ? (to === "messages" ? [0, 0] : undefined) : [usage.inputTokens, usage.outputTokens]
})
