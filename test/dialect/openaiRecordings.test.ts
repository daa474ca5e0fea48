import { existsSync, readFileSync } from "node:fs"
import { describe, expect, it } from "@effect/vitest"
import { Result, Schema } from "effect"
import { noQuirks } from "../../src/dialect/Dialect.ts"
import { openAiChatInbound, openAiChatOutbound } from "../../src/dialect/OpenAiChat.ts"
import { formatSse, makeSseParser } from "../../src/dialect/Sse.ts"
import { foldFrames } from "../../src/domain/foldStream.ts"
import { isJsonObject, type JsonObject, omitKeys } from "../../src/domain/Json.ts"
import type { Usage } from "../../src/domain/Usage.ts"
import { decodeStream, plainRequest, streamText } from "./laws/laws.ts"

const folder = new URL("../../../shared/recordings/", import.meta.url)
const vendors = ["openai", "groq", "mistral", "deepseek", "openrouter", "cerebras", "huggingface", "ollama", "zai"]

const JsonObject = Schema.Record(Schema.String, Schema.Json)
const Exchange = Schema.fromJsonString(
  Schema.Struct({
    source: Schema.String,
    request: Schema.Struct({ path: Schema.String, body: Schema.optionalKey(Schema.NullOr(JsonObject)) }),
    response: Schema.Struct({
      status: Schema.Int,
      body: Schema.optionalKey(Schema.NullOr(Schema.Json)),
      text: Schema.optionalKey(Schema.String)
    })
  })
)
const decodeExchange = Schema.decodeUnknownSync(Exchange)

/** Recorded streams that broke: the vendor's error stands in them. */
const broken = new Set([
  "test_groq/test_tool_use_failed_error_streaming#0",
  "test_openrouter/test_openrouter_stream_error#0"
])

const target = (body: JsonObject) => ({
  model: String(body["model"]),
  maxOutputTokens: undefined,
  quirks: noQuirks
})

if (!existsSync(folder)) console.log(`skipped: no recordings in ${folder.pathname}`)

describe.skipIf(!existsSync(folder))("recorded exchanges of Chat Completions", () => {
  for (const vendor of vendors) {
    const exchanges = existsSync(folder)
      ? readFileSync(new URL(`${vendor}.jsonl`, folder), "utf8")
          .trim()
          .split("\n")
          .map((line) => decodeExchange(line))
          .filter(({ request }) => request.path.includes("chat/completions"))
      : []

    it(`${vendor} is recorded`, () => expect(exchanges.length).toBeGreaterThan(0))

    it(`sends every recorded request of ${vendor} on as the caller wrote it`, () => {
      for (const { request, source } of exchanges) {
        const body = request.body ?? {}
        const decoded = Result.getOrThrowWith(openAiChatInbound.decodeRequest(body, {}), (fault) => [source, fault])
        const sent = Result.getOrThrow(openAiChatOutbound.encodeRequest(decoded, target(body)))
        expect(omitKeys(sent.body, ["stream_options"]), source).toEqual(
          omitKeys(body, ["stream_options", "models", "fallbacks"])
        )
        expect(sent.dropped).toEqual([])
        expect(decoded.delivery).toBe(body["stream"] === true ? "live" : "whole")
      }
    })

    it(`says the same to ${vendor} after a stage has edited the request`, () => {
      for (const { request, source } of exchanges) {
        const body = request.body ?? {}
        const { wire: _, ...edited } = Result.getOrThrow(openAiChatInbound.decodeRequest(body, {}))
        const sent = Result.getOrThrowWith(openAiChatOutbound.encodeRequest(edited, target(body)), (f) => [source, f])
        const { wire: _again, ...again } = Result.getOrThrow(openAiChatInbound.decodeRequest(sent.body, {}))
        expect({ ...again, usageWanted: true }, source).toEqual({ ...edited, usageWanted: true, fallbacks: [] })
      }
    })

    it(`reads every recorded answer of ${vendor}`, () => {
      for (const { response, source } of exchanges) {
        if (response.text !== undefined) continue
        const decoded = openAiChatOutbound.decodeResponse(response.body ?? null)
        if (response.status >= 400) {
          expect(Result.isFailure(decoded) ? decoded.failure._tag : undefined, source).toBe("ErrorInside")
          continue
        }
        const answer = Result.getOrThrowWith(decoded, (fault) => [source, fault])
        expect(openAiChatInbound.encodeResponse(answer), source).toEqual(response.body)
        expect(answer.usage?.outputTokens, source).toBeGreaterThan(0)
        expect(answer.choices[0].finishReason, source).not.toBe("other")
        // what an answer says is the same when it is written anew
        const { wire: _, ...edited } = answer
        const again = Result.getOrThrow(openAiChatOutbound.decodeResponse(openAiChatInbound.encodeResponse(edited)))
        expect(again.choices.map((choice) => choice.content.filter((part) => part._tag === "ToolCall"))).toEqual(
          edited.choices.map((choice) => choice.content.filter((part) => part._tag === "ToolCall"))
        )
        expect(again.usage).toEqual(uncharged(edited.usage))
      }
    })

    it(`reads every recorded stream of ${vendor} and passes it on as it came`, () => {
      for (const { response, source } of exchanges) {
        if (response.text === undefined) continue
        const decoded = decodeStream(openAiChatOutbound, response.text, [])
        if (broken.has(source)) {
          expect(Result.isFailure(decoded) ? decoded.failure._tag : undefined, source).toBe("ErrorInside")
          continue
        }
        const frames = Result.getOrThrowWith(decoded, (fault) => [source, fault])
        const parser = makeSseParser()
        const written = [...parser.push(new TextEncoder().encode(response.text)), ...parser.end()]
          .map(({ data, event }) => formatSse(event, data))
          .join("")
        expect(streamText(openAiChatInbound, frames), source).toEqual(written)
        const answer = foldFrames(frames)
        expect(answer.choices[0].content.length, source).toBeGreaterThan(0)
        expect(answer.choices[0].finishReason, source).not.toBe("other")
        expect(answer.model).not.toBe("")
        // the same stream told anew, as to a caller after a resume, is the same answer
        const anew = streamText(
          openAiChatInbound,
          frames.map(({ events }) => ({ events, wire: undefined }))
        )
        const again = foldFrames(Result.getOrThrow(decodeStream(openAiChatOutbound, anew, [])))
        expect(again, source).toEqual({ ...answer, usage: uncharged(answer.usage) })
        // a caller who did not ask for usage is not shown the chunk that only holds it
        const quiet = streamText(openAiChatInbound, frames, { ...plainRequest, usageWanted: false })
        expect(usageChunks(quiet), source).toBe(0)
      }
    })
  }
})

/** What a vendor has charged is the operator's to know: it stands in no answer that is written anew. */
const uncharged = (usage: Usage | undefined): Usage | undefined => {
  if (usage === undefined) return undefined
  const { chargedNanoUsd: _, ...counted } = usage
  return counted
}

/** How many chunks of a stream hold usage and no choice. */
const usageChunks = (text: string): number => {
  const parser = makeSseParser()
  return parser.push(new TextEncoder().encode(text)).filter(({ data }) => {
    const chunk: unknown = data === "[DONE]" ? undefined : JSON.parse(data)
    return isJsonObject(chunk) && isJsonObject(chunk["usage"]) && JSON.stringify(chunk["choices"]) === "[]"
  }).length
}
