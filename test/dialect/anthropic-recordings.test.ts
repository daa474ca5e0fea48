import { existsSync, readFileSync } from "node:fs"
import { fileURLToPath } from "node:url"
import { describe, expect, it } from "@effect/vitest"
import { Result } from "effect"
import { anthropicMessagesInbound, anthropicMessagesOutbound } from "../../src/dialect/AnthropicMessages.ts"
import { noQuirks } from "../../src/dialect/Dialect.ts"
import type { ChatRequest } from "../../src/domain/ChatRequest.ts"
import type { ChatResponse } from "../../src/domain/ChatResponse.ts"
import { foldFrames } from "../../src/domain/foldStream.ts"
import { isJsonObject, type Json, type JsonObject, omitKeys, parseJson } from "../../src/domain/Json.ts"
import { comparable, decodeStream, streamText } from "./laws/laws.ts"

const file = fileURLToPath(new URL("../../../shared/recordings/anthropic.jsonl", import.meta.url))
const present = existsSync(file)
if (!present) console.info("skipped: the recorded exchanges are not beside this checkout")

interface Exchange {
  readonly source: string
  readonly body: JsonObject
  readonly answer: JsonObject | string
}

const objectOf = (value: Json | undefined): JsonObject => (isJsonObject(value) ? value : {})

const exchanges: ReadonlyArray<Exchange> = present
  ? readFileSync(file, "utf8")
      .split("\n")
      .filter((line) => line !== "")
      .map((line) => objectOf(parseJson(line)))
      .filter(({ request }) => String(objectOf(request)["path"]).startsWith("/v1/messages?"))
      .map(({ source, request, response }) => {
        const { text, body } = objectOf(response)
        return {
          source: String(source),
          body: objectOf(objectOf(request)["body"]),
          answer: typeof text === "string" ? text : objectOf(body)
        }
      })
  : []

const answers = exchanges.flatMap(({ source, answer }) =>
  typeof answer !== "string" && answer["type"] !== "error" ? [{ source, answer }] : []
)
const streams = exchanges.flatMap(({ source, answer }) => (typeof answer === "string" ? [{ source, answer }] : []))

const decode = (body: JsonObject): ChatRequest =>
  Result.getOrThrow(anthropicMessagesInbound.decodeRequest(body, { "anthropic-beta": "b" }))

const encode = (request: ChatRequest) =>
  Result.getOrThrow(
    anthropicMessagesOutbound.encodeRequest(request, {
      model: request.model,
      maxOutputTokens: undefined,
      quirks: noQuirks
    })
  )

/** A request or answer as if a stage had edited it. */
const edited = <A extends ChatRequest | ChatResponse>(value: A): A => {
  const { wire: _, ...rest } = value
  // the type without its optional `wire` is the type
  return rest as A
}

/** The same body in the one of its equal forms that is written anew: blocks for text, no empty parts, no defaults. */
const canonical = (body: JsonObject): JsonObject => {
  const { messages, system, stream, tools, temperature } = body
  const turns: Array<{ readonly role: Json; readonly content: Array<Json> }> = []
  for (const message of Array.isArray(messages) ? messages : []) {
    const { role, content } = objectOf(message)
    const last = turns.at(-1)
    const blocks = blocksOf(content)
    if (blocks.length === 0) continue
    if (last !== undefined && last.role === role) last.content.push(...blocks)
    else turns.push({ role: role ?? null, content: [...blocks] })
  }
  return {
    ...omitKeys(body, ["stream", "messages", "system", "tools", "temperature"]),
    ...(stream === true ? { stream } : {}),
    ...(temperature === undefined ? {} : { temperature }),
    ...(Array.isArray(tools) && tools.length > 0 ? { tools } : {}),
    ...(system === undefined ? {} : { system: blocksOf(system) }),
    messages: turns.map(({ role, content }) => ({ role, content }))
  }
}

const blocksOf = (content: Json | undefined): ReadonlyArray<Json> =>
  typeof content === "string"
    ? [{ type: "text", text: content }]
    : (Array.isArray(content) ? content : []).flatMap((block: Json) => {
        const { type, text, content: inner } = objectOf(block)
        if (type === "text" && String(text).trim() === "") return []
        return type === "tool_result" && inner !== undefined
          ? [{ ...objectOf(block), content: blocksOf(inner) }]
          : [block]
      })

/** Where a cited text begins is only known when it was written: written anew, it begins after the last one. */
const withoutBeginnings = ({ choices, ...rest }: ChatResponse): unknown => ({
  ...rest,
  choices: choices.map((choice) => ({
    ...choice,
    citations: choice.citations?.map(({ span, ...citation }) => ({ ...citation, end: span?.end }))
  }))
})

describe.skipIf(!present)("recorded exchanges with Anthropic", () => {
  it("are there, whole answers and streams", () => {
    expect(answers.length).toBeGreaterThan(100)
    expect(streams.length).toBeGreaterThan(5)
  })

  it.each(exchanges)("sends the request of $source on as it came", ({ body }) => {
    const encoded = encode(decode(body))
    expect(encoded).toEqual({ body, headers: { "anthropic-beta": "b" }, dropped: [] })
  })

  // a request the vendor answered with an error is not one to write
  it.each(exchanges.filter(({ answer }) => typeof answer === "string" || answer["type"] !== "error"))(
    "writes the request of $source the same after a stage has edited it",
    ({ body }) => {
      const encoded = encode(edited(decode(body)))
      expect(canonical(encoded.body)).toEqual(canonical(body))
      expect(encoded.headers).toEqual({ "anthropic-beta": "b" })
      expect(encoded.dropped).toEqual([])
    }
  )

  it.each(answers)("passes the answer of $source on as it came", ({ answer }) => {
    const decoded = Result.getOrThrow(anthropicMessagesOutbound.decodeResponse(answer))
    expect(anthropicMessagesInbound.encodeResponse(decoded)).toEqual(answer)
  })

  it.each(answers)("writes the answer of $source the same after a stage has edited it", ({ answer }) => {
    const decoded = Result.getOrThrow(anthropicMessagesOutbound.decodeResponse(answer))
    expect(anthropicMessagesInbound.encodeResponse(edited(decoded))).toEqual(answer)
  })

  it.each(streams)("passes the stream of $source on as it came", ({ answer }) => {
    const frames = Result.getOrThrow(decodeStream(anthropicMessagesOutbound, answer, [7, 1031, 2500]))
    expect(streamText(anthropicMessagesInbound, frames).trimEnd()).toEqual(answer.trimEnd())
    expect(frames.at(-1)?.events).toEqual([{ _tag: "Ended" }])
  })

  it.each(streams)("reads the same answer from the stream of $source after it was written anew", ({ answer }) => {
    const frames = Result.getOrThrow(decodeStream(anthropicMessagesOutbound, answer, []))
    const anew = streamText(
      anthropicMessagesInbound,
      frames.map(({ events }) => ({ events, wire: undefined }))
    )
    const again = Result.getOrThrow(decodeStream(anthropicMessagesOutbound, anew, []))
    expect(withoutBeginnings(foldFrames(again))).toEqual(withoutBeginnings(foldFrames(frames)))
    expect(foldFrames(frames).choices[0].content.length).toBeGreaterThan(0)
  })

  it("folds a stream to the answer that the same content gives when it comes whole", () => {
    for (const { answer } of streams) {
      const folded = foldFrames(Result.getOrThrow(decodeStream(anthropicMessagesOutbound, answer, [])))
      const body = anthropicMessagesInbound.encodeResponse(folded)
      const whole = Result.getOrThrow(anthropicMessagesOutbound.decodeResponse(body))
      // a text is several blocks where only some of it is cited for
      expect(comparable(whole)).toEqual(comparable(folded))
      expect(whole.usage).toEqual(folded.usage)
    }
  })
})
