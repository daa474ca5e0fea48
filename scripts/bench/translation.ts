/**
 * What translation costs: one body of ten kilobytes, from every wire to every other.
 *
 * The body is a conversation with an agent: a long system prompt, tools with nested schemas, calls and their results,
 * a schema for the answer. `translated` is decoding and encoding, which is what a translated request costs more than one
 * that is sent on; `with JSON` adds parsing the caller's bytes and writing the vendor's.
 *
 * Means of batches are collected in turns over all pairs, so that other work on the machine falls on all alike, and
 * their median is told. Schemas are compiled, as they are in the gateway (`cli/Program.ts`).
 */
import "effect/schema/SchemaJITCompiler/enable"
import { Result } from "effect"
import { anthropicMessagesInbound, anthropicMessagesOutbound } from "../../src/dialect/AnthropicMessages.ts"
import { type InboundDialect, noQuirks, type OutboundDialect, type Target } from "../../src/dialect/Dialect.ts"
import { geminiInbound, geminiOutbound } from "../../src/dialect/Gemini.ts"
import { openAiChatInbound, openAiChatOutbound } from "../../src/dialect/OpenAiChat.ts"
import { openAiResponsesInbound, openAiResponsesOutbound } from "../../src/dialect/OpenAiResponses.ts"
import type { ChatRequest } from "../../src/domain/ChatRequest.ts"
import type { JsonObject } from "../../src/domain/Json.ts"
import { isJsonObject, parseJson } from "../../src/domain/Json.ts"
import type { Message } from "../../src/domain/Message.ts"
import type { FunctionTool } from "../../src/domain/Tool.ts"
import { say } from "./bench-site.ts"
import type { Options } from "./options.ts"
import { table } from "./report.ts"
import { translationGoalMicros } from "./scenarios.ts"
import { median, percentile } from "./statistics.ts"

interface Wire {
  readonly name: string
  readonly inbound: InboundDialect
  readonly outbound: OutboundDialect
  readonly model: string
}

const wires: ReadonlyArray<Wire> = [
  { name: "chat", inbound: openAiChatInbound, outbound: openAiChatOutbound, model: "gpt-5.2" },
  { name: "responses", inbound: openAiResponsesInbound, outbound: openAiResponsesOutbound, model: "gpt-5.2" },
  {
    name: "messages",
    inbound: anthropicMessagesInbound,
    outbound: anthropicMessagesOutbound,
    model: "claude-sonnet-5"
  },
  {
    name: "gemini",
    inbound: geminiInbound({ model: "gemini-3.5-flash", delivery: "live" }),
    outbound: geminiOutbound,
    model: "gemini-3.5-flash"
  }
]

const bodyBytes = 10_000
const batchCalls = 200

const prose = (words: number, from: number): string =>
  Array.from({ length: words }, (_, i) => vocabulary[(i * 7 + from * 3) % vocabulary.length]).join(" ")
const vocabulary =
  "the breaker opens when three calls in a row fail and a probe looks later whether the line carries again so that nobody waits".split(
    " "
  )

const tool = (name: string, from: number): FunctionTool => ({
  _tag: "Function",
  name,
  description: prose(30, from),
  parameters: {
    type: "object",
    properties: {
      query: { type: "string", description: prose(10, from + 1) },
      limit: { type: "integer", minimum: 1, maximum: 100 },
      filters: {
        type: "array",
        items: {
          type: "object",
          properties: {
            field: { type: "string", enum: ["name", "region", "state"] },
            value: { type: "string" }
          },
          required: ["field", "value"],
          additionalProperties: false
        }
      }
    },
    required: ["query", "limit", "filters"],
    additionalProperties: false
  }
})

const turns = (count: number): ReadonlyArray<Message> =>
  Array.from({ length: count }, (_, i): ReadonlyArray<Message> => {
    const id = `call_${i}`
    const query = JSON.stringify({ query: prose(6, i), limit: 10, filters: [] })
    return [
      { role: "user", content: [{ _tag: "Text", text: prose(40, i) }] },
      {
        role: "assistant",
        content: [
          { _tag: "Text", text: prose(20, i + 1) },
          { _tag: "ToolCall", id, name: "search", arguments: query }
        ]
      },
      { role: "tool", content: [{ _tag: "ToolResult", id, content: [{ _tag: "Text", text: prose(60, i + 2) }] }] },
      { role: "assistant", content: [{ _tag: "Text", text: prose(50, i + 3) }] }
    ]
  }).flat()

const requestOf = (model: string, filler: number): ChatRequest => ({
  model,
  delivery: "live",
  messages: [
    { role: "system", content: [{ _tag: "Text", text: prose(150, 0) + ".".repeat(filler) }] },
    ...turns(5),
    { role: "user", content: [{ _tag: "Text", text: prose(40, 9) }] }
  ],
  tools: [tool("search", 1), tool("book", 2), tool("cancel", 3)],
  toolChoice: { _tag: "Auto" },
  sampling: { maxTokens: 2000 },
  usageWanted: true,
  fallbacks: []
})

const target = (model: string): Target => ({ model, maxOutputTokens: 64_000, quirks: noQuirks })

/** A caller's body of the size, as the wire's own vendor would be sent it. */
const bodyOf = ({ model, name, outbound }: Wire): string => {
  const written = (filler: number): string => {
    const encoded = Result.getOrThrowWith(
      outbound.encodeRequest(requestOf(model, filler), target(model)),
      (fault) => new Error(`${name}: ${fault.message}`)
    )
    return JSON.stringify({ model, ...encoded.body })
  }
  const bare = written(0).length
  if (bare > bodyBytes) throw new Error(`the ${name} body has ${bare} bytes, more than ${bodyBytes}`)
  return written(bodyBytes - bare)
}

interface Pair {
  readonly from: Wire
  readonly to: Wire
  readonly text: string
  readonly body: JsonObject
  readonly translated: Array<number>
  readonly withJson: Array<number>
}

const translate = ({ from, to }: Pair, body: JsonObject): JsonObject => {
  const request = Result.getOrThrow(from.inbound.decodeRequest(body, {}))
  return Result.getOrThrow(to.outbound.encodeRequest(request, target(to.model))).body
}

/** Microseconds a call, the mean of one batch. */
const batch = (call: () => number): number => {
  let sum = 0
  const began = performance.now()
  for (let i = 0; i < batchCalls; i++) sum += call()
  const took = performance.now() - began
  // what was written is looked at, so that none of it can be left out
  if (sum === 0) throw new Error("nothing was written")
  return (took * 1000) / batchCalls
}

const parsed = (text: string): JsonObject => {
  const body = parseJson(text)
  if (!isJsonObject(body)) throw new Error("not an object")
  return body
}

/** Measures and prints the medians of all pairs. */
export const translation = async (options: Options): Promise<void> => {
  const pairs = wires.flatMap((from) => {
    const text = bodyOf(from)
    return wires
      .filter((to) => to !== from)
      .map((to): Pair => ({ from, to, text, body: parsed(text), translated: [], withJson: [] }))
  })
  const began = performance.now()
  const measureMs = options.rounds * options.seconds * 1000
  for (let round = 0; round < 5 || performance.now() - began < measureMs; round++)
    for (const pair of pairs) {
      const bare = batch(() => Object.keys(translate(pair, pair.body)).length)
      const withJson = batch(() => JSON.stringify(translate(pair, parsed(pair.text))).length)
      // the first rounds are the compiler's
      if (round < 3) continue
      pair.translated.push(bare)
      pair.withJson.push(withJson)
    }
  const highest = Math.max(...pairs.map(({ translated }) => median(translated)))
  say(`translation of a request of ${bodyBytes} bytes, µs`)
  say(
    table([
      ["", "translated", "p99", "with JSON"],
      ...pairs.map(({ from, to, translated, withJson }) => [
        `${from.name} → ${to.name}`,
        median(translated).toFixed(1),
        percentile(
          [...translated].sort((a, b) => a - b),
          0.99
        ).toFixed(1),
        median(withJson).toFixed(1)
      ])
    ])
  )
  say(
    `Medians (and p99) of ${pairs[0]?.translated.length ?? 0} batches of ${batchCalls}; Node ${process.versions.node}. The highest is ${highest.toFixed(1)}, the goal under ${translationGoalMicros}: ${highest < translationGoalMicros ? "met" : "missed"}`
  )
}
