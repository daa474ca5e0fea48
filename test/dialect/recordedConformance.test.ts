/**
 * Every recorded exchange, counted: what speaks one of the four wires goes through its own wire and both sides must
 * equal the recording; what does not is listed with the reason. No recording is passed over in silence.
 */
import { existsSync, readdirSync, readFileSync } from "node:fs"
import { isDeepStrictEqual } from "node:util"
import { describe, expect, it } from "@effect/vitest"
import { Result } from "effect"
import { type InboundDialect, noQuirks } from "../../src/dialect/Dialect.ts"
import { geminiInbound } from "../../src/dialect/Gemini.ts"
import { formatSse, makeSseParser } from "../../src/dialect/Sse.ts"
import { isJsonObject, type Json, type JsonObject, omitKeys, parseJson } from "../../src/domain/Json.ts"
import { decodeStream, streamText } from "./laws/laws.ts"
import { inbound, outbound, type Wire, wires } from "./laws/wires.ts"

const folder = new URL("../../../shared/recordings/", import.meta.url)
const present = existsSync(folder)
if (!present) console.info("skipped: the recorded exchanges are not beside this checkout")

const objectOf = (value: Json | undefined): JsonObject => (isJsonObject(value) ? value : {})

/** What is no exchange of one of the four wires, and why. */
const otherPaths: ReadonlyArray<readonly [path: RegExp, why: string]> = [
  [/\/embeddings$|:batchEmbedContents$/, "embeddings: they have a test of their own"],
  [/\/count_tokens(\?|$)|:countTokens$/, "token counts: no answer of a model"],
  [/\/responses\/(compact|input_tokens)$/, "not served: a further method of Responses"],
  [/\/conversations$|\/vector_stores|ileSearchStores/, "not served: the vendor's own storage"],
  [/\/realtime\//, "not served: no request and answer"]
]

/** Single exchanges that one side of does not equal the recording, and why. */
const meantToDiffer: Readonly<Record<string, string>> = {
  "test_openrouter/test_openrouter_stream_with_native_options#0": "request: `models` is Switchyard's own field",
  "test_groq/test_tool_use_failed_error_streaming#0": "stream: it holds the vendor's error, which is told as one",
  "test_openrouter/test_openrouter_stream_error#0": "stream: it holds the vendor's error, which is told as one"
}

interface Exchange {
  readonly source: string
  readonly wire: Wire
  readonly from: InboundDialect
  readonly model: string
  readonly request: JsonObject
  readonly status: number
  readonly answer: Json
}

const wireOf = (path: string): readonly [Wire, InboundDialect, string | undefined] | undefined => {
  if (path.endsWith("/chat/completions")) return ["chat", inbound.chat, undefined]
  if (path.endsWith("/responses")) return ["responses", inbound.responses, undefined]
  if (/\/v1\/messages(\?|$)/.test(path)) return ["messages", inbound.messages, undefined]
  const [, model, method] = /models\/([^:]+):(generateContent|streamGenerateContent)/.exec(path) ?? []
  if (model === undefined) return undefined
  return ["gemini", geminiInbound({ model, delivery: method === "generateContent" ? "whole" : "live" }), model]
}

const all = present
  ? readdirSync(folder)
      .filter((name) => name.endsWith(".jsonl"))
      .flatMap((name) => readFileSync(new URL(name, folder), "utf8").split("\n"))
      .filter((line) => line !== "")
      .map((line) => objectOf(parseJson(line)))
  : []

const others = new Map<string, number>()
const unknown: Array<string> = []
const exchanges = all.flatMap(({ request, response, source }): ReadonlyArray<Exchange> => {
  const { body, path } = objectOf(request)
  const { body: whole, status, text } = objectOf(response)
  const found = wireOf(String(path))
  if (found === undefined) {
    const why = otherPaths.find(([pattern]) => pattern.test(String(path)))?.[1]
    if (why === undefined) unknown.push(String(path))
    else others.set(why, (others.get(why) ?? 0) + 1)
    return []
  }
  const [wire, from, model] = found
  const asked = objectOf(body)
  return [
    {
      source: String(source),
      wire,
      from,
      model: model ?? String(asked["model"]),
      request: asked,
      status: Number(status),
      answer: typeof text === "string" ? text : (whole ?? null)
    }
  ]
})

/** What the gateway's store puts in the place of a reference to an earlier answer, and what is asked of every stream. */
const ownFields: { readonly [W in Wire]: ReadonlyArray<string> } = {
  chat: ["stream_options"],
  responses: ["previous_response_id"],
  messages: [],
  gemini: []
}

const requestHolds = ({ from, model, request, wire }: Exchange): boolean => {
  const body = omitKeys(request, ownFields[wire])
  const sent = Result.flatMap(from.decodeRequest(body, {}), (decoded) =>
    outbound[wire].encodeRequest(decoded, { model, maxOutputTokens: undefined, quirks: noQuirks })
  )
  return (
    Result.isSuccess(sent) &&
    sent.success.dropped.length === 0 &&
    isDeepStrictEqual(omitKeys(sent.success.body, ownFields[wire]), body)
  )
}

const wholeHolds = ({ answer, from, wire }: Exchange): boolean => {
  const read = outbound[wire].decodeResponse(answer)
  return Result.isSuccess(read) && isDeepStrictEqual(from.encodeResponse(read.success), answer)
}

/** An error, or a body that is no answer yet, is never one. */
const refusalHolds = ({ answer, wire }: Exchange): boolean =>
  typeof answer !== "string" && Result.isFailure(outbound[wire].decodeResponse(answer))

const streamHolds = ({ from, wire }: Exchange, text: string): boolean => {
  const read = decodeStream(outbound[wire], text, [777, 1500, 2001])
  if (Result.isFailure(read)) return false
  const parser = makeSseParser()
  const events = [...parser.push(new TextEncoder().encode(text)), ...parser.end()]
  const expected = events.map(({ data, event }) => [event, data])
  const passed = makeSseParser()
  const written = [...passed.push(new TextEncoder().encode(streamText(from, read.success))), ...passed.end()]
  return (
    isDeepStrictEqual(
      written.map(({ data, event }) => [event, data]),
      expected
    ) && streamText(from, read.success) === expected.map(([event, data]) => formatSse(event, data ?? "")).join("")
  )
}

const isPending = (answer: Json): boolean => isJsonObject(answer) && answer["status"] === "queued"

describe.skipIf(!present)("every recorded exchange", () => {
  it("speaks one of the wires, or is passed over for a reason that is written down", () => {
    expect(unknown).toEqual([])
    const passedOver = [...others].map(([why, count]) => `  ${count} ${why}`)
    console.info(
      [
        `recorded exchanges: ${exchanges.length} of ${all.length} over the four wires; passed over:`,
        ...passedOver
      ].join("\n")
    )
    expect(exchanges.length).toBeGreaterThan(670)
  })

  for (const wire of wires)
    it(`of ${wire} is the same on both sides`, () => {
      const differing: Array<string> = []
      const count = { requests: [0, 0], answers: [0, 0], streams: [0, 0], errors: [0, 0] }
      const check = (kind: keyof typeof count, source: string, holds: boolean): void => {
        const [held = 0, of = 0] = count[kind]
        count[kind] = [held + (holds ? 1 : 0), of + 1]
        if (!holds) differing.push(source)
      }
      for (const exchange of exchanges) {
        if (exchange.wire !== wire) continue
        const { answer, source, status } = exchange
        check("requests", source, requestHolds(exchange))
        if (typeof answer === "string") check("streams", source, streamHolds(exchange, answer))
        else if (status !== 200 || isPending(answer)) check("errors", source, refusalHolds(exchange))
        else check("answers", source, wholeHolds(exchange))
      }
      const counts = Object.entries(count).map(([kind, [held, of]]) => `${kind} ${held} of ${of}`)
      const why = differing.map((source) => `  ${source}: ${meantToDiffer[source] ?? "not meant to"}`)
      console.info([`same-wire round trip, ${wire}: ${counts.join(", ")}`, ...why].join("\n"))
      expect(differing.filter((source) => meantToDiffer[source] === undefined)).toEqual([])
      expect(count.requests[1]).toBeGreaterThan(100)
    })

  it("that is listed as different is", () => {
    for (const source of Object.keys(meantToDiffer)) {
      const exchange = exchanges.find((one) => one.source === source)
      if (exchange === undefined) throw new Error(`${source} is not among the recordings`)
      const { answer } = exchange
      expect(requestHolds(exchange) && typeof answer === "string" && streamHolds(exchange, answer), source).toBe(false)
    }
  })
})
