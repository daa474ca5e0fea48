import { existsSync, readFileSync } from "node:fs"
import { fileURLToPath } from "node:url"
import { describe, expect, it } from "@effect/vitest"
import { Result } from "effect"
import { noQuirks } from "../../src/dialect/Dialect.ts"
import { geminiInbound, geminiOutbound } from "../../src/dialect/Gemini.ts"
import { anthropicMessagesOutbound } from "../../src/dialect/AnthropicMessages.ts"
import { openAiChatOutbound } from "../../src/dialect/OpenAiChat.ts"
import type { ChatRequest } from "../../src/domain/ChatRequest.ts"
import type { ChatResponse } from "../../src/domain/ChatResponse.ts"
import { foldFrames } from "../../src/domain/foldStream.ts"
import type { Frame } from "../../src/domain/ChatEvent.ts"
import { isJsonObject, type Json, type JsonObject, parseJson } from "../../src/domain/Json.ts"
import { comparable, decodeStream, streamText } from "./laws/laws.ts"

const files = ["google", "vertex"].map((name) =>
  fileURLToPath(new URL(`../../../shared/recordings/${name}.jsonl`, import.meta.url))
)
const present = files.every((file) => existsSync(file))
if (!present) console.info("skipped: the recorded exchanges are not beside this checkout")

const objectOf = (value: Json | undefined): JsonObject => (isJsonObject(value) ? value : {})

/** Searches are told by their queries, which a stream that is written anew does not have. */
const withoutSearches = (response: ChatResponse): ChatResponse => {
  if (response.usage === undefined) return response
  const { webSearches: _, ...usage } = response.usage
  return { ...response, usage }
}

interface Exchange {
  readonly source: string
  readonly model: string
  readonly delivery: ChatRequest["delivery"]
  readonly body: JsonObject
  readonly answer: Json
}

const exchanges: ReadonlyArray<Exchange> = (present ? files : []).flatMap((file) =>
  readFileSync(file, "utf8")
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => objectOf(parseJson(line)))
    .flatMap(({ source, request, response }): ReadonlyArray<Exchange> => {
      const { path, body } = objectOf(request)
      const { status, text, body: answer } = objectOf(response)
      const [, model, method] = /models\/([^:]+):(generateContent|streamGenerateContent)/.exec(String(path)) ?? []
      if (model === undefined || status !== 200) return []
      return [
        {
          source: String(source),
          model,
          delivery: method === "generateContent" ? "whole" : "live",
          body: objectOf(body),
          answer: typeof text === "string" ? text : (answer ?? null)
        }
      ]
    })
)
const wholes = exchanges.flatMap(({ answer, ...rest }) => (isJsonObject(answer) ? [{ ...rest, answer }] : []))
const streams = exchanges.flatMap(({ answer, ...rest }) =>
  typeof answer === "string" && answer !== "" ? [{ ...rest, answer }] : []
)

const target = (model: string) => ({ model, maxOutputTokens: 8192, quirks: noQuirks })
const decoded = ({ body, delivery, model }: Exchange | (typeof wholes)[number]): ChatRequest =>
  Result.getOrThrow(geminiInbound({ model, delivery }).decodeRequest(body, {}))
const without = (request: ChatRequest): ChatRequest => {
  const { wire: _, ...edited } = request
  return edited
}
const inbound = geminiInbound({ model: "m", delivery: "live" })

describe.skipIf(!present)("recorded exchanges with Gemini, from a caller's side", () => {
  it("every request goes on to its vendor as it came", () => {
    for (const exchange of exchanges) {
      const { body } = Result.getOrThrow(geminiOutbound.encodeRequest(decoded(exchange), target(exchange.model)))
      expect(body, exchange.source).toEqual(exchange.body)
    }
    console.info(`gemini requests passed on unchanged: ${exchanges.length} of ${exchanges.length}`)
    expect(exchanges.length).toBeGreaterThan(160)
  })

  it("every request that a stage has edited still says the same to its vendor", () => {
    let compared = 0
    for (const exchange of exchanges) {
      const request = without(decoded(exchange))
      const written = geminiOutbound.encodeRequest(request, target(exchange.model))
      // the vendor took functions beside JSON from models that the documentation says refuse them
      if (Result.isFailure(written)) {
        expect(written.failure.feature, exchange.source).toBe("response_format with tools")
        continue
      }
      compared++
      const { body } = written.success
      const { delivery, model } = exchange
      const again = without(Result.getOrThrow(geminiInbound({ model, delivery }).decodeRequest(body, {})))
      const twice = Result.getOrThrow(geminiOutbound.encodeRequest(again, target(model)))
      expect(twice.body, exchange.source).toEqual(body)
    }
    console.info(`gemini requests written anew, stable: ${compared} of ${exchanges.length}`)
  })

  it("every request can be said to another vendor, or is refused for what only Gemini has", () => {
    const refused = new Map<string, number>()
    let said = 0
    for (const exchange of exchanges)
      for (const outbound of [openAiChatOutbound, anthropicMessagesOutbound]) {
        const written = outbound.encodeRequest(decoded(exchange), target("m"))
        if (Result.isSuccess(written)) said++
        else refused.set(written.failure.feature, (refused.get(written.failure.feature) ?? 0) + 1)
      }
    console.info(`gemini requests said to other vendors: ${said} of ${exchanges.length * 2}; refused for`, refused)
    expect(said).toBeGreaterThan(exchanges.length)
  })

  it("every whole answer reaches the caller as it came, and written anew it is the same answer", () => {
    for (const { answer, source } of wholes) {
      const response = Result.getOrThrow(geminiOutbound.decodeResponse(answer))
      expect(inbound.encodeResponse(response), source).toEqual(answer)
      const { wire: _, ...bare } = response
      const again = Result.getOrThrow(geminiOutbound.decodeResponse(inbound.encodeResponse(bare)))
      expect(comparable(again), source).toEqual(comparable(response))
    }
    console.info(`gemini answers, both ways: ${wholes.length} of ${wholes.length}`)
  })

  it("every stream reaches the caller as it came, and written anew it is the same answer", () => {
    for (const { answer, source } of streams) {
      const frames = Result.getOrThrow(decodeStream(geminiOutbound, answer, []))
      const passed = Result.getOrThrow(decodeStream(geminiOutbound, streamText(inbound, frames), []))
      expect(passed, source).toEqual(frames)
      const bare: ReadonlyArray<Frame> = frames.map(({ events }) => ({ events, wire: undefined }))
      const again = Result.getOrThrow(decodeStream(geminiOutbound, streamText(inbound, bare), []))
      expect(comparable(foldFrames(again)), source).toEqual(comparable(withoutSearches(foldFrames(frames))))
    }
    console.info(`gemini streams, both ways: ${streams.length} of ${streams.length}`)
    expect(streams.length).toBeGreaterThan(8)
  })
})
