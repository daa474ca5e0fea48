import { existsSync, readFileSync } from "node:fs"
import { describe, expect, it } from "@effect/vitest"
import { Result, Schema } from "effect"
import { noQuirks } from "../../src/dialect/Dialect.ts"
import { openAiResponsesInbound, openAiResponsesOutbound } from "../../src/dialect/OpenAiResponses.ts"
import { formatSse, makeSseParser } from "../../src/dialect/Sse.ts"
import { foldFrames } from "../../src/domain/foldStream.ts"
import { isJsonObject, type Json, type JsonObject, omitKeys } from "../../src/domain/Json.ts"
import type { ChatResponse } from "../../src/domain/ChatResponse.ts"
import type { Usage } from "../../src/domain/Usage.ts"
import type { ChatRequest } from "../../src/domain/ChatRequest.ts"
import { comparable, decodeStream, streamText } from "./laws/laws.ts"

const file = new URL("../../../shared/recordings/openai.jsonl", import.meta.url)

const Exchange = Schema.fromJsonString(
  Schema.Struct({
    source: Schema.String,
    request: Schema.Struct({
      path: Schema.String,
      body: Schema.optionalKey(Schema.NullOr(Schema.Record(Schema.String, Schema.Json)))
    }),
    response: Schema.Struct({
      status: Schema.Int,
      body: Schema.optionalKey(Schema.NullOr(Schema.Json)),
      text: Schema.optionalKey(Schema.String)
    })
  })
)
const decodeExchange = Schema.decodeUnknownSync(Exchange)

const exchanges = existsSync(file)
  ? readFileSync(file, "utf8")
      .trim()
      .split("\n")
      .map((line) => decodeExchange(line))
      .filter(({ request }) => request.path === "/v1/responses")
  : []

if (exchanges.length === 0) console.log(`skipped: no recordings in ${file.pathname}`)
else console.log(`${exchanges.length} recorded exchanges of Responses`)

const target = (body: JsonObject) => ({ model: String(body["model"]), maxOutputTokens: undefined, quirks: noQuirks })

/** Without what the gateway's store puts in, and what is Switchyard's own. */
const bodyOf = (body: JsonObject | null | undefined): JsonObject => omitKeys(body ?? {}, ["previous_response_id"])

const decode = (body: JsonObject, source: string): ChatRequest =>
  Result.getOrThrowWith(openAiResponsesInbound.decodeRequest(body, {}), (fault) => [source, fault])

describe.skipIf(exchanges.length === 0)("recorded exchanges of Responses", () => {
  it("sends every recorded request on as the caller wrote it", () => {
    for (const { request, source } of exchanges) {
      const body = bodyOf(request.body)
      const decoded = decode(body, source)
      const sent = Result.getOrThrow(openAiResponsesOutbound.encodeRequest(decoded, target(body)))
      expect(sent.body, source).toEqual(body)
      expect(sent.dropped).toEqual([])
      expect(decoded.delivery).toBe(body["stream"] === true ? "live" : "whole")
    }
  })

  it("says the same after a stage has edited the request", () => {
    for (const { request, source } of exchanges) {
      const body = bodyOf(request.body)
      const { wire: _, ...edited } = decode(body, source)
      const sent = Result.getOrThrowWith(openAiResponsesOutbound.encodeRequest(edited, target(body)), (f) => [
        source,
        f
      ])
      const { wire: _again, ...again } = decode(sent.body, source)
      expect(steady(again), source).toEqual(steady(edited))
    }
  })

  it("reads every recorded answer, and gives it to its caller as it came", () => {
    let read = 0
    for (const { response, source } of exchanges) {
      if (response.text !== undefined) continue
      const decoded = openAiResponsesOutbound.decodeResponse(response.body ?? null)
      if (response.status >= 400) {
        expect(Result.isFailure(decoded) ? decoded.failure._tag : undefined, source).toBe("ErrorInside")
        continue
      }
      if (isJsonObject(response.body) && response.body["status"] === "queued") {
        expect(Result.isFailure(decoded) ? decoded.failure._tag : undefined, source).toBe("Malformed")
        continue
      }
      const answer = Result.getOrThrowWith(decoded, (fault) => [source, fault])
      read++
      expect(openAiResponsesInbound.encodeResponse(answer), source).toEqual(response.body)
      expect(answer.choices[0].finishReason, source).not.toBe("other")
      // what an answer says is the same when it is written anew, items and their ids included
      const { wire: _, ...edited } = answer
      const written = openAiResponsesInbound.encodeResponse(edited)
      const again = Result.getOrThrow(openAiResponsesOutbound.decodeResponse(written))
      expect(again.choices, source).toEqual(edited.choices)
      expect(counted(again.usage), source).toEqual(counted(edited.usage))
      expect(outlineOf(written), source).toEqual(outlineOf(response.body))
    }
    expect(read).toBeGreaterThan(0)
  })

  it("reads every recorded stream, passes it on as it came, and tells it anew as the same answer", () => {
    for (const { response, source } of exchanges) {
      if (response.text === undefined) continue
      const frames = Result.getOrThrowWith(decodeStream(openAiResponsesOutbound, response.text, []), (f) => [source, f])
      const events = eventsOf(response.text)
      expect(streamText(openAiResponsesInbound, frames), source).toEqual(
        events.map(({ data, event }) => formatSse(event, data)).join("")
      )
      const answer = foldFrames(frames)
      // the stream and the response in its last event say the same
      const last: unknown = JSON.parse(events.at(-1)?.data ?? "null")
      const whole = Result.getOrThrow(
        openAiResponsesOutbound.decodeResponse(isJsonObject(last) ? (last["response"] ?? null) : null)
      )
      expect(unsigned(answer), source).toEqual(unsigned(whole))
      const anew = streamText(
        openAiResponsesInbound,
        frames.map(({ events }) => ({ events, wire: undefined }))
      )
      expect(numbersOf(anew), source).toEqual(eventsOf(anew).map((_, index) => index))
      expect(said(foldFrames(Result.getOrThrow(decodeStream(openAiResponsesOutbound, anew, [])))), source).toEqual(
        said(answer)
      )
    }
  })

  it("goes on in the numbering and the items of a recorded stream from whichever frame another takes over", () => {
    for (const { response, source } of exchanges) {
      if (response.text === undefined) continue
      const frames = Result.getOrThrow(decodeStream(openAiResponsesOutbound, response.text, []))
      const answer = foldFrames(frames)
      for (let cut = 1; cut < frames.length; cut++) {
        const mixed = frames.map((frame, index) => (index < cut ? frame : { events: frame.events, wire: undefined }))
        const text = streamText(openAiResponsesInbound, mixed)
        // one of the recordings has no numbers of its own
        expect(numbersOf(text).slice(cut), `${source} from ${cut}`).toEqual(
          eventsOf(text).flatMap((_, index) => (index < cut ? [] : [index]))
        )
        const folded = foldFrames(Result.getOrThrow(decodeStream(openAiResponsesOutbound, text, [])))
        expect(said(folded), `${source} from ${cut}`).toEqual(said(answer))
        const last: unknown = JSON.parse(eventsOf(text).at(-1)?.data ?? "null")
        const body = isJsonObject(last) ? (last["response"] ?? null) : null
        const whole = Result.getOrThrow(openAiResponsesOutbound.decodeResponse(body))
        expect(unsigned(whole), `${source} from ${cut}`).toEqual(unsigned(answer))
      }
    }
  })
})

/** What a request says, but for what is only written where nothing else is said. */
const steady = (request: Omit<ChatRequest, "wire">): unknown => {
  const own = request.extensions?.["openai-responses"] ?? {}
  const { include: _include, store: _store, ...extensions } = own
  const { toolChoice, ...rest } = request
  return {
    ...rest,
    // a choice between no tools is not written
    ...(request.tools.length === 0 ? {} : { toolChoice }),
    fallbacks: [],
    extensions,
    tools: request.tools.map((tool) => (tool._tag === "Function" ? { ...tool, strict: tool.strict ?? false } : tool))
  }
}

/** The wire has zeros where nothing was counted. */
const counted = (usage: Usage | undefined): unknown => ({
  cacheReadTokens: 0,
  cacheWriteTokens: 0,
  reasoningTokens: 0,
  ...usage
})

/** What an answer says, by whatever frames it came. */
const said = (answer: ChatResponse): unknown =>
  comparable({ ...answer, usage: Object.assign({ inputTokens: 0, outputTokens: 0 }, counted(answer.usage)) })

/** The vendor encrypts a thought anew for each event that holds it. */
const unsigned = (answer: ChatResponse): unknown => {
  const [choice] = answer.choices
  const content = choice.content.map((part) => (part._tag === "Reasoning" ? { ...part, signature: "" } : part))
  return said({ ...answer, choices: [{ ...choice, content }] })
}

/** Types and ids of the items of an answer. */
const outlineOf = (body: Json | undefined): unknown => {
  const output = isJsonObject(body) ? body["output"] : undefined
  return Array.isArray(output)
    ? output.map((item: Json) =>
        isJsonObject(item) ? [item["type"], item["id"], item["encrypted_content"] ?? null] : item
      )
    : output
}

const eventsOf = (text: string) => {
  const parser = makeSseParser()
  return [...parser.push(new TextEncoder().encode(text)), ...parser.end()]
}

const numbersOf = (text: string): ReadonlyArray<unknown> =>
  eventsOf(text).map(({ data }) => {
    const event: unknown = JSON.parse(data)
    return isJsonObject(event) ? event["sequence_number"] : undefined
  })
