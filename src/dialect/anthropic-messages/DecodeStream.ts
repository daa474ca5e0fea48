/**
 * The server-sent events of one answer → frames.
 *
 * Every event gives one frame. What a block's type has no event for (the start of a text block, the pieces
 * of a server tool's input) is a frame of `Unmodelled`: it reaches a caller of this wire as it came and nobody else.
 * What a text block cites is told at its stop, when it is known how much text it is of.
 * A block only this wire knows is put together from its pieces and told as one `OpaqueBlock` at its stop.
 *
 * The end: `message_stop`, after a `message_delta` that gave the stop reason. A body that ends cleanly after the stop
 * reason but without `message_stop` is whole, since nothing but the marker can follow; any other end is a cut. A
 * `message_stop` without a stop reason is not an answer.
 *
 * The JSON is narrowed by hand: this runs for every token.
 *
 * @module
 */
import { Result } from "effect"
import type { ChatEvent, Frame } from "../../domain/ChatEvent.ts"
import type { Citation } from "../../domain/Citation.ts"
import { isJsonObject, type Json, type JsonObject, parseJson } from "../../domain/Json.ts"
import type { DecodeFault, StreamDecoder } from "../Dialect.ts"
import { citationsIn } from "./Citations.ts"
import { type Counts, countsOf, finishReasonOf, usageOf } from "./Counts.ts"
import { malformed } from "./Response.ts"
import { dialectId } from "./Wire.ts"

type Events = Frame["events"]

const choice = 0
const unmodelled: Events = [{ _tag: "Unmodelled" }]
const ended: Events = [{ _tag: "Ended" }]

/** A block that is open and of which something is still to be told at its stop. */
type Block =
  | { readonly _tag: "Call"; readonly call: number; readonly input: Json | undefined; pieces: number }
  | { readonly _tag: "Cited"; readonly citations: Array<Json> }
  | { readonly _tag: "Opaque"; block: JsonObject; json: string }

export const streamDecoder = (): StreamDecoder => {
  const blocks = new Map<number, Block>()
  let calls = 0
  /** How long the text is so far, and was when the open block began. */
  let length = 0
  let blockAt = 0
  let counts: Counts = {}
  let finished = false
  let over = false

  const said = (text: Json | undefined): Events => {
    if (typeof text === "string") length += text.length
    return textEvents(text)
  }

  const blockStart = (index: number, block: JsonObject): Events => {
    switch (block["type"]) {
      case "text": {
        blockAt = length
        const { citations, text } = block
        if (Array.isArray(citations) && citations.length > 0)
          blocks.set(index, { _tag: "Cited", citations: [...citations] })
        return said(text)
      }
      case "thinking":
        return thoughtEvents(block["thinking"], block["signature"])
      case "redacted_thinking": {
        const { data } = block
        return typeof data === "string" ? [{ _tag: "ReasoningDelta", choice, text: "", redacted: data }] : unmodelled
      }
      case "tool_use": {
        const call = calls++
        const { id, name, input } = block
        blocks.set(index, { _tag: "Call", call, input, pieces: 0 })
        return [{ _tag: "ToolCallStarted", choice, index: call, id: textOr(id), name: textOr(name) }]
      }
      default:
        blocks.set(index, { _tag: "Opaque", block, json: "" })
        return unmodelled
    }
  }

  const blockDelta = (index: number, delta: JsonObject): Events => {
    switch (delta["type"]) {
      case "text_delta":
        return said(delta["text"])
      case "citations_delta": {
        const block = blocks.get(index)
        const { citation = null } = delta
        if (block === undefined) blocks.set(index, { _tag: "Cited", citations: [citation] })
        else if (block._tag === "Cited") block.citations.push(citation)
        return unmodelled
      }
      case "thinking_delta":
        return thoughtEvents(delta["thinking"], undefined)
      case "signature_delta":
        return thoughtEvents("", delta["signature"])
      case "input_json_delta": {
        const piece = delta["partial_json"]
        const block = blocks.get(index)
        if (typeof piece !== "string" || piece === "" || block === undefined) return unmodelled
        if (block._tag === "Call") {
          block.pieces++
          return [{ _tag: "ToolCallDelta", choice, index: block.call, arguments: piece }]
        }
        if (block._tag === "Opaque") block.json += piece
        return unmodelled
      }
      default: {
        const block = blocks.get(index)
        if (block?._tag === "Opaque") block.block = grown(block.block, delta)
        return unmodelled
      }
    }
  }

  const blockStop = (index: number): Events => {
    const block = blocks.get(index)
    if (block === undefined) return unmodelled
    blocks.delete(index)
    if (block._tag === "Cited") return citing(citationsIn(block.citations, blockAt, length))
    if (block._tag === "Opaque") {
      const input = block.json === "" ? undefined : parseJson(block.json)
      const whole = input === undefined ? block.block : { ...block.block, input }
      return [{ _tag: "OpaqueBlock", choice, part: { _tag: "Opaque", dialect: dialectId, block: whole } }]
    }
    // some vendors give the whole input at the start of the block
    const { input } = block
    return block.pieces === 0 && isJsonObject(input) && Object.keys(input).length > 0
      ? [{ _tag: "ToolCallDelta", choice, index: block.call, arguments: JSON.stringify(input) }]
      : unmodelled
  }

  const messageStart = (message: JsonObject): Events => {
    counts = countsOf(message["usage"], counts)
    const usage = usageOf(counts)
    const started: ChatEvent = { _tag: "Started", id: textOr(message["id"]), model: textOr(message["model"]) }
    return usage === undefined ? [started] : [started, { _tag: "UsageReported", usage }]
  }

  const messageDelta = (delta: JsonObject, usageNow: Json | undefined): Events => {
    counts = countsOf(usageNow, counts)
    const usage = usageOf(counts)
    const { stop_reason: reason, stop_sequence: sequence } = delta
    const reported: ReadonlyArray<ChatEvent> = usage === undefined ? [] : [{ _tag: "UsageReported", usage }]
    if (typeof reason !== "string" || reason === "") {
      const [first] = reported
      return first === undefined ? unmodelled : [first]
    }
    finished = true
    const stopSequence = typeof sequence === "string" ? { stopSequence: sequence } : {}
    return [{ _tag: "Finished", choice, reason: finishReasonOf(reason), ...stopSequence }, ...reported]
  }

  const eventsOf = (type: string, event: JsonObject): Result.Result<Events, DecodeFault> => {
    switch (type) {
      case "content_block_delta":
        return within(event, "delta", (delta) => blockDelta(indexOf(event), delta))
      case "content_block_start":
        return within(event, "content_block", (block) => blockStart(indexOf(event), block))
      case "content_block_stop":
        return Result.succeed(blockStop(indexOf(event)))
      case "message_start":
        return within(event, "message", messageStart)
      case "message_delta":
        return within(event, "delta", (delta) => messageDelta(delta, event["usage"]))
      case "message_stop":
        if (!finished) return malformed("The stream ended without a stop reason")
        over = true
        return Result.succeed(ended)
      case "error":
        return Result.fail({ _tag: "ErrorInside", body: event })
      default:
        return Result.succeed(unmodelled)
    }
  }

  return {
    event: (sse) => {
      if (over) return Result.succeed(undefined)
      const event = parseJson(sse.data)
      if (!isJsonObject(event)) return malformed("An event of the stream is not a JSON object")
      const type = typeof event["type"] === "string" ? event["type"] : sse.event
      if (type === undefined) return malformed("An event of the stream has no type")
      const events = eventsOf(type, event)
      if (Result.isFailure(events)) return Result.fail(events.failure)
      // SDKs pass over events without a name, so one is given where a vendor left it out
      const wire = { dialect: dialectId, event: sse.event ?? type, data: sse.data } as const
      return Result.succeed({ events: events.success, wire })
    },
    end: () => {
      if (over) return Result.succeed(undefined)
      if (!finished) return malformed("The stream ended before its message_stop")
      over = true
      return Result.succeed({ events: ended, wire: undefined })
    }
  }
}

const within = (
  event: JsonObject,
  key: string,
  f: (inner: JsonObject) => Events
): Result.Result<Events, DecodeFault> => {
  const inner = event[key]
  return isJsonObject(inner) ? Result.succeed(f(inner)) : malformed(`An event of the stream has no ${key}`)
}

const indexOf = (event: JsonObject): number => {
  const { index } = event
  return typeof index === "number" ? index : -1
}

const textOr = (value: Json | undefined): string => (typeof value === "string" ? value : "")

const textEvents = (text: Json | undefined): Events =>
  typeof text === "string" && text !== "" ? [{ _tag: "TextDelta", choice, text }] : unmodelled

const citing = (citations: ReadonlyArray<Citation>): Events => {
  const [first, ...others] = citations.map((citation) => ({ _tag: "CitationAdded" as const, choice, citation }))
  return first === undefined ? unmodelled : [first, ...others]
}

const thoughtEvents = (text: Json | undefined, signature: Json | undefined): Events => {
  const signed = typeof signature === "string" && signature !== "" ? { signature } : undefined
  const thought = textOr(text)
  return thought === "" && signed === undefined
    ? unmodelled
    : [{ _tag: "ReasoningDelta", choice, text: thought, ...signed }]
}

/** A block with a delta of unknown type laid on: texts are continued, everything else is set. */
const grown = (block: JsonObject, delta: JsonObject): JsonObject => {
  const next: Record<string, Json> = { ...block }
  for (const [key, value] of Object.entries(delta)) {
    if (key === "type") continue
    const before = next[key]
    next[key] = typeof before === "string" && typeof value === "string" ? before + value : value
  }
  return next
}
