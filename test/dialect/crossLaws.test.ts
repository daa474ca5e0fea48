/**
 * What holds between any two wires: an answer passed on over a chain of them is the same answer, and one that was cut
 * is never told as whole.
 */
import { describe, expect, it } from "@effect/vitest"
import { Arbitrary, Result, Schema } from "effect"
import { makeSseParser } from "../../src/dialect/Sse.ts"
import type { Frame } from "../../src/domain/ChatEvent.ts"
import type { ChatRequest } from "../../src/domain/ChatRequest.ts"
import type { ChatResponse, Choice } from "../../src/domain/ChatResponse.ts"
import { foldFrames } from "../../src/domain/foldStream.ts"
import { gatewayError } from "../../src/domain/GatewayError.ts"
import type { OutboundDialect } from "../../src/dialect/Dialect.ts"
import * as A from "./laws/arbitraries.ts"
import { readWithSdk } from "./laws/clients.ts"
import { decodeStream, framesOf, jsonOf, plainRequest, streamText } from "./laws/laws.ts"
import { inbound, outbound, type Wire, wires } from "./laws/wires.ts"

// ---- chains

/** Arguments as every wire writes an object again. */
const Call = Schema.TaggedStruct("ToolCall", {
  id: A.Name,
  name: A.Name,
  arguments: Schema.Literals(["{}", '{"city":"Brno"}', '{"a":[1,2,{"b":null}]}'])
})

/** What every wire can say: thoughts, then text, then calls. */
const Common = Schema.Union([
  Schema.Struct({
    content: Schema.Union([Schema.Tuple([A.TextPart]), Schema.Tuple([A.PlainReasoning, A.TextPart])]),
    finishReason: Schema.Literals(["stop", "length"])
  }),
  Schema.Struct({
    content: Schema.Union([
      Schema.Tuple([Call]),
      Schema.Tuple([A.TextPart, Call, Call]),
      Schema.Tuple([A.PlainReasoning, A.TextPart, Call])
    ]),
    finishReason: Schema.Literals(["tool_calls", "length"])
  })
])

const responses = Arbitrary.schema(
  Schema.Struct({
    answer: Common,
    sources: A.Sources,
    usage: Schema.Struct({
      inputTokens: Schema.Int.check(Schema.isBetween({ minimum: 1000, maximum: 2000 })),
      outputTokens: Schema.Int.check(Schema.isBetween({ minimum: 1000, maximum: 2000 })),
      cacheReadTokens: Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 900 })),
      reasoningTokens: Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 900 }))
    })
  })
).pipe(
  Arbitrary.map(({ answer, sources, usage }): ChatResponse => ({
    id: "a1",
    model: "m",
    // where calls follow, Gemini's streams tell sources later than other wires have a place for them
    choices: [A.citing({ index: 0, ...answer }, answer.finishReason === "stop" ? sources : [], true)],
    usage
  }))
)

const Chain = Schema.NonEmptyArray(Schema.Struct({ wire: Schema.Literals(wires), live: Schema.Boolean }))

/** What must survive: ids and times of the answer are each wire's own. */
const said = ({ choices, usage }: ChatResponse): unknown => ({
  choices: choices.map(({ citations, content, finishReason, index }) => ({
    index,
    citations: citations?.map(({ span, title, url }) => ({ span, title, url })),
    finishReason,
    content: content.map((part) => {
      const { extensions: _, ...rest } = { extensions: undefined, ...part }
      return "origin" in rest ? { ...rest, origin: undefined } : rest
    })
  })),
  usage: [usage?.inputTokens, usage?.outputTokens, usage?.cacheReadTokens, usage?.reasoningTokens]
})

/** The answer as the next of a chain reads it, and the frames where it was a stream. */
const passed = (response: ChatResponse, wire: Wire, live: boolean, cuts: ReadonlyArray<number>): ChatResponse => {
  const { wire: _, ...bare } = response
  if (!live) return Result.getOrThrow(outbound[wire].decodeResponse(jsonOf(inbound[wire].encodeResponse(bare))))
  const text = streamText(inbound[wire], framesOf(bare, cuts))
  return foldFrames(Result.getOrThrow(decodeStream(outbound[wire], text, cuts)))
}

describe("an answer that every wire can say", () => {
  it.prop(
    "is the same after any chain of wires, whole or streamed",
    {
      response: responses,
      chain: Chain,
      cuts: Schema.Array(Schema.Int.check(Schema.isBetween({ minimum: 1, maximum: 99 })))
    },
    ({ response, chain, cuts }) => {
      let last = response
      for (const { live, wire } of chain) last = passed(last, wire, live, cuts)
      expect(said(last)).toEqual(said(response))
    },
    { arbitrary: { runs: 300 } }
  )

  it.prop(
    "is the same from any wire's stream to any other's caller, frame by frame",
    { response: responses, from: Schema.Literals(wires), to: Schema.Literals(wires), cuts: Schema.Array(A.Count) },
    ({ response, from, to, cuts }) => {
      const frames = Result.getOrThrow(
        decodeStream(outbound[from], streamText(inbound[from], framesOf(response, cuts)), cuts)
      )
      const text = streamText(inbound[to], frames)
      expect(said(foldFrames(Result.getOrThrow(decodeStream(outbound[to], text, cuts))))).toEqual(said(response))
    },
    { arbitrary: { runs: 300 } }
  )
})

// ---- cuts

const answer = (choice: Omit<Choice, "index">, ...more: ReadonlyArray<Omit<Choice, "index">>): ChatResponse => ({
  id: "a1",
  model: "m",
  created: 1,
  choices: [{ index: 0, ...choice }, ...more.map((other, at) => ({ index: at + 1, ...other }))],
  usage: { inputTokens: 9, outputTokens: 9, reasoningTokens: 2 }
})
const text = (text: string) => ({ _tag: "Text", text }) as const
const call = (id: string) => ({ _tag: "ToolCall", id, name: "look", arguments: '{"at":"moon"}' }) as const

interface Cutting {
  readonly what: string
  readonly response: ChatResponse
  readonly wires: ReadonlyArray<Wire>
}
const cuttings: ReadonlyArray<Cutting> = [
  { what: "a text", wires, response: answer({ content: [text("Hello there")], finishReason: "stop" }) },
  {
    what: "a thought and a text",
    wires,
    response: answer({
      content: [{ _tag: "Reasoning", text: "Hm, hm", signature: "c2ln" }, text("Hi")],
      finishReason: "length"
    })
  },
  {
    what: "two calls",
    wires,
    response: answer({ content: [text("Wait"), call("c1"), call("c2")], finishReason: "tool_calls" })
  },
  { what: "nothing", wires, response: answer({ content: [], finishReason: "content_filter" }) },
  {
    what: "two answers",
    // only these can be asked for more than one
    wires: ["chat", "gemini"],
    response: answer(
      { content: [text("One thing")], finishReason: "stop" },
      { content: [text("Another")], finishReason: "stop" }
    )
  }
]

/** Frames up to a fault, if there is one. */
const readUpTo = (from: OutboundDialect, body: string, choices: number) => {
  const parser = makeSseParser()
  const decoder = from.streamDecoder({ choices })
  const frames: Array<Frame> = []
  for (const event of [...parser.push(new TextEncoder().encode(body)), ...parser.end()]) {
    const frame = decoder.event(event)
    if (Result.isFailure(frame)) return { frames, whole: false }
    if (frame.success !== undefined) frames.push(frame.success)
  }
  const last = decoder.end()
  if (Result.isSuccess(last) && last.success !== undefined) frames.push(last.success)
  return { frames, whole: Result.isSuccess(last) }
}

const cutShort = gatewayError({
  _tag: "CutShort",
  provider: "p",
  model: "m",
  reason: { _tag: "Network", message: "reset", sent: true }
})

describe("a stream that is cut at any of its events", () => {
  for (const { response, what, wires: both } of cuttings)
    for (const from of both)
      for (const to of both)
        it(`is an error to the ${to} caller, never an answer, where ${what} came over ${from}`, async () => {
          const choices = response.choices.length
          const request: ChatRequest = { ...plainRequest, sampling: { n: choices } }
          const body = streamText(inbound[from], framesOf(response, [3]), request)
          const events = body.split(/(?<=\n\n)/)
          let cuts = 0
          for (let kept = 0; kept < events.length; kept++) {
            const { frames, whole } = readUpTo(outbound[from], events.slice(0, kept).join(""), choices)
            if (whole) {
              // only the vendor's end marker may be missing
              const finished = frames.flatMap((frame) => frame.events.filter(({ _tag }) => _tag === "Finished"))
              expect(finished.length, `${kept} of ${events.length}`).toBe(choices)
              continue
            }
            cuts++
            const encoder = inbound[to].streamEncoder(request)
            const told = frames.map((frame) => encoder.frame(frame)).join("")
            // the body ends there, as when the gateway itself dies
            expect(readUpTo(outbound[to], told, choices).whole, `${kept} of ${events.length}`).toBe(false)
            const broken = told + encoder.error(cutShort)
            expect(readUpTo(outbound[to], broken, choices).whole, `${kept} of ${events.length}`).toBe(false)
            await expect(readWithSdk[to](broken), `${kept} of ${events.length}`).rejects.toThrow()
          }
          expect(cuts).toBeGreaterThan(0)
          // and the package reads the whole of it, so that it is the cut that it throws at
          const { frames } = readUpTo(outbound[from], body, choices)
          await readWithSdk[to](streamText(inbound[to], frames, request))
        })
})
