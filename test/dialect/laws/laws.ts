/**
 * The laws every dialect keeps, as one test suite. A dialect's test file calls `dialectLaws` with its two faces and
 * with generators of the requests and answers its wire can express (see `arbitraries.ts` for pieces):
 *
 * ```ts
 * dialectLaws({
 *   name: "openai-chat",
 *   inbound: openAiChatInbound, // left out by a dialect that only faces vendors
 *   outbound: openAiChatOutbound,
 *   requests, // Arbitrary<ChatRequest>, without `wire`
 *   responses, // Arbitrary<ChatResponse>, without `wire`
 *   headers: {} // what a caller must send besides the body
 * })
 * ```
 *
 * - A request that is encoded for the vendor and decoded as if it came from a caller is the same request.
 * - An answer that is encoded for a caller and decoded as if it came from a vendor is the same answer.
 * - An answer streamed to a caller in any pieces, over bytes split anywhere, decoded and folded, is the same answer;
 *   passed on to a second caller of the same dialect it is the same text.
 * - The bytes of a stream may be split anywhere, inside a character or a line ending too, and its lines end in any of
 *   the three ways: its events are the same.
 * - A stream that stops anywhere before every choice has finished is a fault, never an answer.
 * - An error has a status, a sentence and no internals; inside a stream it is read as an error, never as an end.
 * - Whatever JSON comes in, decoding gives a value or a fault, and the fault says what is wrong.
 *
 * Answers are compared after `comparable`: adjacent texts joined, `wire`, `extensions`, `origin` and `dropped` left out.
 *
 * @module
 */
import { describe, expect, it } from "@effect/vitest"
import { type Arbitrary, Result, Schema } from "effect"
import { type DecodeFault, type InboundDialect, noQuirks, type OutboundDialect } from "../../../src/dialect/Dialect.ts"
import { makeSseParser } from "../../../src/dialect/Sse.ts"
import type { ChatEvent, Frame } from "../../../src/domain/ChatEvent.ts"
import type { ChatRequest } from "../../../src/domain/ChatRequest.ts"
import type { ChatResponse } from "../../../src/domain/ChatResponse.ts"
import { citedPieces } from "../../../src/domain/Citation.ts"
import { foldFrames } from "../../../src/domain/foldStream.ts"
import { GatewayReason, gatewayError } from "../../../src/domain/GatewayError.ts"
import { isJsonObject, type Json } from "../../../src/domain/Json.ts"
import { logprobsIn } from "../../../src/domain/Logprobs.ts"
import type { Part } from "../../../src/domain/Message.ts"

export interface LawSubject {
  readonly name: string
  readonly inbound?: InboundDialect
  readonly outbound: OutboundDialect
  readonly requests?: Arbitrary.Arbitrary<ChatRequest>
  readonly responses?: Arbitrary.Arbitrary<ChatResponse>
  /** Header names in lower case. */
  readonly headers?: Readonly<Record<string, string>>
  /** How many cases a law is tried on; 100 unless told. */
  readonly runs?: number
}

/** A request for a stream that wants to be told everything. */
export const plainRequest: ChatRequest = {
  model: "m",
  delivery: "live",
  messages: [{ role: "user", content: [{ _tag: "Text", text: "hi" }] }],
  tools: [],
  sampling: {},
  usageWanted: true,
  fallbacks: []
}

/** Where to cut texts and bytes: any whole numbers, taken modulo the length. */
const Cuts = Schema.Array(Schema.Int.check(Schema.isBetween({ minimum: 1, maximum: 4000 })))

export const dialectLaws = (subject: LawSubject): void => {
  const { inbound, outbound } = subject
  const options = { arbitrary: { runs: subject.runs ?? 100 } }
  const headers = subject.headers ?? {}

  describe(`the laws of ${subject.name}`, () => {
    if (inbound !== undefined && subject.requests !== undefined) {
      it.prop(
        "a request encoded for the vendor and decoded from a caller is the same",
        { request: subject.requests },
        ({ request }) => {
          const { body } = Result.getOrThrow(outbound.encodeRequest(request, targetOf(request)))
          const decoded = Result.getOrThrow(inbound.decodeRequest(jsonOf(body), headers))
          // as JSON, which knows no negative zero
          expect(comparableRequest(decoded)).toEqual(JSON.parse(JSON.stringify(comparableRequest(request))))
        },
        options
      )
      it.prop(
        "a request that came over the same wire is sent on as it came, but for the model",
        { request: subject.requests },
        ({ request }) => {
          const { body } = Result.getOrThrow(outbound.encodeRequest(request, targetOf(request)))
          const decoded = Result.getOrThrow(inbound.decodeRequest(jsonOf(body), headers))
          const again = Result.getOrThrow(outbound.encodeRequest(decoded, targetOf(decoded)))
          // as JSON, which knows no negative zero
          expect(again.body).toEqual(jsonOf(body))
          expect(again.dropped).toEqual([])
        },
        options
      )
    }

    if (inbound !== undefined && subject.responses !== undefined) {
      it.prop(
        "an answer encoded for a caller and decoded from a vendor is the same",
        { response: subject.responses },
        ({ response }) => {
          const body = jsonOf(inbound.encodeResponse(response))
          const decoded = Result.getOrThrow(outbound.decodeResponse(body))
          expect(comparable(decoded)).toEqual(comparable(response))
          expect(inbound.encodeResponse(decoded)).toEqual(body)
        },
        options
      )
      it.prop(
        "an answer streamed in any pieces and folded is the same answer, and passes on unchanged",
        { response: subject.responses, cuts: Cuts, splits: Cuts },
        ({ response, cuts, splits }) => {
          const text = streamText(inbound, framesOf(response, cuts))
          const frames = Result.getOrThrow(decodeStream(outbound, text, splits))
          expect(comparable(foldFrames(frames))).toEqual(comparable(response))
          expect(frames.at(-1)?.events.at(-1)).toEqual({ _tag: "Ended" })
          expect(streamText(inbound, frames)).toEqual(text)
        },
        options
      )
      it.prop(
        "a stream's events are the same however its bytes are split and its lines are ended",
        { response: subject.responses, cuts: Cuts, splits: Cuts },
        ({ response, cuts, splits }) => {
          const text = streamText(inbound, framesOf(withWideTexts(response), cuts))
          const whole = Result.getOrThrow(decodeStream(outbound, text, []))
          const everyByte = Array.from({ length: new TextEncoder().encode(text).length }, (_, at) => at)
          expect(Result.getOrThrow(decodeStream(outbound, text, everyByte))).toEqual(whole)
          for (const ending of ["\n", "\r\n", "\r"]) {
            const ended = text.replaceAll("\n", ending)
            expect(Result.getOrThrow(decodeStream(outbound, ended, splits))).toEqual(whole)
            // one split inside each character and each line ending in turn
            const bytes = new TextEncoder().encode(ended)
            const inside = [...bytes.keys()].filter((at) => bytes[at] === 10 || ((bytes[at] ?? 0) & 0xc0) === 0x80)
            expect(Result.getOrThrow(decodeStream(outbound, ended, inside))).toEqual(whole)
          }
        },
        options
      )
      it.prop(
        "a stream that stops before every choice has finished is a fault",
        { response: subject.responses, cuts: Cuts, stops: Cuts },
        ({ response, cuts, stops }) => {
          const frames = framesOf(response, cuts)
          const finish = frames.findLastIndex((frame) => frame.events.some((event) => event._tag === "Finished"))
          const request = { ...plainRequest, sampling: { n: response.choices.length } }
          const text = streamText(inbound, frames.slice(0, finish + 1), request)
          // without its last character even the last event is not whole (its blank line alone may be missing)
          const last = text.trimEnd().length - 1
          for (const stop of [0, last, ...stops.map((at) => at % (last + 1))])
            expect(Result.isFailure(decodeStream(outbound, text.slice(0, stop), []))).toBe(true)
        },
        options
      )
    }

    if (inbound !== undefined) {
      it.prop(
        "an error has a status, a sentence and no internals, and is never taken for an end",
        { reason: GatewayReason },
        ({ reason }) => {
          const error = gatewayError(reason)
          const encoded = inbound.encodeError(error, "req_1")
          expect(encoded.status).toBeGreaterThanOrEqual(400)
          expect(encoded.status).toBeLessThan(600)
          // toEqual passes over undefined members, which JSON does not have; the text does not
          expect(jsonOf(encoded.body)).toStrictEqual(encoded.body)
          expect(sentencesOf(encoded.body).length).toBeGreaterThan(0)
          expect(JSON.stringify(encoded.body)).not.toMatch(/_tag|node_modules|\.ts:\d/)
          const text = inbound.streamEncoder(plainRequest).error(error)
          const read = decodeStream(outbound, text, [])
          expect(Result.isFailure(read) ? read.failure._tag : undefined).toBe("ErrorInside")
        },
        options
      )
      it("a heartbeat is passed over", () => {
        const read = eventsOf(inbound.heartbeat, [])
        const decoder = outbound.streamDecoder()
        for (const event of read)
          expect(Result.getOrThrow(decoder.event(event))?.events ?? [{ _tag: "Unmodelled" }]).toEqual([
            { _tag: "Unmodelled" }
          ])
      })
      it.prop(
        "any JSON for a request gives a request or a fault that says what is wrong",
        { body: Schema.Json },
        ({ body }) => {
          const decoded = inbound.decodeRequest(body, headers)
          if (Result.isFailure(decoded)) expect(decoded.failure.message.length).toBeGreaterThan(0)
        },
        options
      )
    }
    it.prop(
      "any JSON for an answer gives an answer or a fault",
      { body: Schema.Json },
      ({ body }) => {
        const whole = outbound.decodeResponse(body)
        if (Result.isSuccess(whole)) expect(whole.success.choices.length).toBeGreaterThan(0)
        const decoder = outbound.streamDecoder()
        const event = decoder.event({ event: undefined, data: JSON.stringify(body) })
        expect(Result.isSuccess(event) || event.failure._tag.length > 0).toBe(true)
      },
      options
    )
    it("an event that is not JSON is a fault", () => {
      const event = outbound.streamDecoder().event({ event: undefined, data: "<html>" })
      expect(Result.isFailure(event) ? event.failure._tag : undefined).toBe("Malformed")
    })
    it("a stream without any event is a fault", () =>
      expect(Result.isFailure(outbound.streamDecoder().end())).toBe(true))
  })
}

/** A target that takes everything, of the request's own model. */
export const targetOf = (request: ChatRequest) => ({
  model: request.model,
  maxOutputTokens: undefined,
  quirks: noQuirks
})

/** What is left of a value after it went over the wire. */
export const jsonOf = (value: Json): Json => Schema.decodeUnknownSync(Schema.Json)(JSON.parse(JSON.stringify(value)))

/**
 * The frames, without wires, that stream `response`; texts and arguments are cut into pieces at `cuts`. As vendors do,
 * several choices finish after all of them have begun. A citation comes right after what it is of.
 */
export const framesOf = (response: ChatResponse, cuts: ReadonlyArray<number>): ReadonlyArray<Frame> => {
  const events: Array<ChatEvent> = [
    {
      _tag: "Started",
      id: response.id,
      model: response.model,
      ...(response.created === undefined ? {} : { created: response.created })
    }
  ]
  const finished: Array<ChatEvent> = []
  for (const { index: choice, citations, content, finishReason, logprobs: likely, stopSequence } of response.choices) {
    let calls = 0
    const texts = [
      ...citedPieces(
        content.flatMap((part) => (part._tag === "Text" ? [part.text] : [])),
        citations ?? []
      )
    ]
    const logprobs = logprobsIn(likely)
    if (logprobs !== undefined) events.push({ _tag: "LogprobsReported", choice, logprobs })
    for (const part of content) {
      if (part._tag === "ToolCall") {
        const index = calls++
        events.push({ _tag: "ToolCallStarted", choice, index, id: part.id, name: part.name })
        for (const piece of piecesOf(part.arguments, cuts))
          events.push({ _tag: "ToolCallDelta", choice, index, arguments: piece })
      } else if (part._tag === "Text")
        for (const piece of texts.shift() ?? []) {
          for (const text of piecesOf(piece.text, cuts)) events.push({ _tag: "TextDelta", choice, text })
          for (const citation of piece.citations) events.push({ _tag: "CitationAdded", choice, citation })
        }
      else if (part._tag === "Refusal")
        for (const text of piecesOf(part.text, cuts)) events.push({ _tag: "RefusalDelta", choice, text })
      else if (part._tag === "Reasoning") {
        for (const text of piecesOf(part.text, cuts)) events.push({ _tag: "ReasoningDelta", choice, text })
        const { redacted, signature } = part
        if (signature !== undefined) events.push({ _tag: "ReasoningDelta", choice, text: "", signature })
        if (redacted !== undefined) events.push({ _tag: "ReasoningDelta", choice, text: "", redacted })
      } else if (part._tag === "Opaque") events.push({ _tag: "OpaqueBlock", choice, part })
      else if (part._tag !== "ToolResult") events.push({ _tag: "MediaBlock", choice, part })
    }
    finished.push({
      _tag: "Finished",
      choice,
      reason: finishReason,
      ...(stopSequence === undefined ? {} : { stopSequence })
    })
  }
  events.push(...finished)
  if (response.usage !== undefined) events.push({ _tag: "UsageReported", usage: response.usage })
  events.push({ _tag: "Ended" })
  return events.map((event) => ({ events: [event], wire: undefined }))
}

/** Texts with characters of two, three and four bytes. */
const withWideTexts = (response: ChatResponse): ChatResponse => {
  const [first, ...others] = response.choices
  const wide = (choice: typeof first): typeof first => ({
    ...choice,
    content: choice.content.map((part) => (part._tag === "Text" ? { ...part, text: `${part.text}é€🙂` } : part))
  })
  return { ...response, choices: [wide(first), ...others.map(wide)] }
}

/** The text a caller of `inbound` reads when these frames are streamed to it. */
export const streamText = (inbound: InboundDialect, frames: Iterable<Frame>, request = plainRequest): string => {
  const encoder = inbound.streamEncoder(request)
  let text = ""
  for (const frame of frames) text += encoder.frame(frame)
  return text
}

/** The frames of a body, split into network chunks at `splits`; the first fault where there is one. */
export const decodeStream = (
  outbound: OutboundDialect,
  text: string,
  splits: ReadonlyArray<number>
): Result.Result<ReadonlyArray<Frame>, DecodeFault> => {
  const decoder = outbound.streamDecoder()
  const frames: Array<Frame> = []
  for (const event of eventsOf(text, splits)) {
    const frame = decoder.event(event)
    if (Result.isFailure(frame)) return Result.fail(frame.failure)
    if (frame.success !== undefined) frames.push(frame.success)
  }
  const last = decoder.end()
  if (Result.isFailure(last)) return Result.fail(last.failure)
  if (last.success !== undefined) frames.push(last.success)
  return Result.succeed(frames)
}

const eventsOf = (text: string, splits: ReadonlyArray<number>) => {
  const parser = makeSseParser()
  const body = new TextEncoder().encode(text)
  const edges = [...splits.map((at) => at % (body.length + 1)), body.length].sort((a, b) => a - b)
  let from = 0
  const chunks = edges.map((to) => {
    const chunk = body.subarray(from, to)
    from = to
    return chunk
  })
  return [...chunks.flatMap((chunk) => parser.push(chunk)), ...parser.end()]
}

const piecesOf = (text: string, cuts: ReadonlyArray<number>): ReadonlyArray<string> => {
  const edges = [...new Set([...cuts.map((cut) => cut % (text.length + 1)), text.length])].sort((a, b) => a - b)
  let from = 0
  return edges
    .map((to) => {
      const piece = text.slice(from, to)
      from = to
      return piece
    })
    .filter((piece) => piece !== "")
}

/** An answer without what the laws do not speak of. */
export const comparable = (response: ChatResponse): unknown => ({
  ...without(response, ["wire", "extensions", "dropped"]),
  choices: response.choices.map((choice) => ({ ...choice, content: joinTexts(choice.content) }))
})

const joinTexts = (parts: ReadonlyArray<Part>): ReadonlyArray<unknown> => {
  const out: Array<Part> = []
  for (const part of parts) {
    const last = out.at(-1)
    if (part._tag === "Text" && last?._tag === "Text") out[out.length - 1] = { ...last, text: last.text + part.text }
    else if (part._tag !== "Text" || part.text !== "") out.push(part)
  }
  return out.map((part) => without(part, ["extensions", "origin"]))
}

const comparableRequest = (request: ChatRequest): unknown => without(request, ["wire"])

const without = (value: object, keys: ReadonlyArray<string>): Record<string, unknown> =>
  Object.fromEntries(Object.entries(value).filter(([key, member]) => !keys.includes(key) && member !== undefined))

/** All texts under a key `message`, however deep. */
const sentencesOf = (value: Json): ReadonlyArray<string> =>
  isJsonObject(value)
    ? Object.entries(value).flatMap(([key, member]) =>
        key === "message" && typeof member === "string" ? [member] : sentencesOf(member)
      )
    : []
