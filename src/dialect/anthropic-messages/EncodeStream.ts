/**
 * Frames → the server-sent events of one answer on this wire.
 *
 * Frames that came on this wire are passed on as they came. All others are written anew, with the bookkeeping of blocks
 * this wire asks for: one block is open at a time, blocks are numbered from 0, and `message_delta` with the stop reason
 * and the final counts comes last but one, whatever order the vendor told them in.
 *
 * - **Parallel tool calls.** Vendors may mix the pieces of several calls. The official SDKs take the newest block for
 *   the open one, so pieces of a block are never written after a later one has begun: a block waits its turn until the
 *   call before it is complete (its arguments are a whole JSON object) or the answer ends. Calls told one after the
 *   other, as they nearly always are, flow through at once.
 * - **Mixed streams.** A frame without wire amid frames with (edited by a stage, or a resume elsewhere) goes on in the
 *   block that the wire's own frames have opened. Once a block has been opened or closed here, the numbers on the wire
 *   are no longer ours, and every later frame is written from its events.
 * - **Citations** stand in the text block that is open and end it: what is said after them is not of the same source.
 *   Where another block has begun since there is no place for them.
 * - A second `Started` (a resume) is passed over. Answers other than the first (`n` > 1) have no place here.
 *
 * @module
 */
import { type ChatEvent, type Frame, showResumed } from "../../domain/ChatEvent.ts"
import type { FinishReason } from "../../domain/ChatResponse.ts"
import type { DialectId } from "../../domain/Ids.ts"
import type { GatewayError } from "../../domain/GatewayError.ts"
import { isJsonObject, type Json, type JsonObject, parseJson } from "../../domain/Json.ts"
import type { ReasoningPart } from "../../domain/Message.ts"
import type { Usage } from "../../domain/Usage.ts"
import type { StreamEncoder } from "../Dialect.ts"
import { seal, thoughtOfCall } from "../Sealed.ts"
import { makeShowing } from "../Showing.ts"
import { formatComment, formatSse } from "../Sse.ts"
import { citationJson } from "./Citations.ts"
import { messageId, stopReasonOf, wireUsage } from "./Counts.ts"
import { errorEvent } from "./Errors.ts"
import { dialectId } from "./Wire.ts"

/** Every official SDK passes over pings, the vendor's own heartbeat. */
export const heartbeat = formatSse("ping", '{"type":"ping"}')

type Kind = "text" | "thinking" | "call" | "whole"

/** A block of the answer: open, or waiting for its turn with what is known of it. */
interface Block {
  readonly kind: Kind
  /** Which call of the answer, for calls. */
  readonly call: number
  readonly start: JsonObject
  readonly deltas: Array<JsonObject>
  /** The arguments so far, for calls. */
  json: string
  closed: boolean
  /** Does it cite? Then no more text is added to it. */
  cited: boolean
}

const write = (type: string, fields: JsonObject): string => formatSse(type, JSON.stringify({ type, ...fields }))

/** The text of a JSON object that nothing can be added to. The look at its end spares most of the parsing. */
const isWholeObject = (json: string): boolean => json.trimEnd().endsWith("}") && isJsonObject(parseJson(json))

/** White space goes on in the block before: the vendor takes no block of nothing else back. */
const startsNew = ({ text }: JsonObject): boolean => typeof text !== "string" || text.trim() !== ""

/** `model` is told where no frame told one. */
export const streamEncoder = (model: string): StreamEncoder => {
  let started = false
  let over = false
  /** Have blocks been opened or closed here, so that the numbers of the wire's own frames no longer hold? */
  let apart = false
  let index = -1
  /** The first block is open, the others wait. */
  const queue: Array<Block> = []
  let usage: Usage | undefined
  let finish: { readonly reason: FinishReason; readonly stopSequence: string | undefined } | undefined
  let deltaWritten = false
  let called = false
  let refused = false
  const showing = makeShowing()

  const start = (id: string, name: string): string => {
    if (started) return ""
    started = true
    const message = {
      id: messageId(id),
      type: "message",
      role: "assistant",
      model: name,
      content: [],
      stop_reason: null,
      stop_sequence: null,
      usage: { ...wireUsage(usage), output_tokens: 0 }
    }
    return write("message_start", { message })
  }

  const delta = (inner: JsonObject): string => write("content_block_delta", { index, delta: inner })

  const openFirst = (): string => {
    const [block] = queue
    if (block === undefined) return ""
    apart = true
    index++
    return (
      start("", model) +
      write("content_block_start", { index, content_block: block.start }) +
      block.deltas.map(delta).join("")
    )
  }

  const closeFirst = (): string => {
    if (queue.shift() === undefined) return ""
    apart = true
    return write("content_block_stop", { index })
  }

  /** Goes on to the blocks that wait, as far as those before them are complete; to the last one at the `end`. */
  const advance = (end: boolean): string => {
    let out = ""
    for (;;) {
      const [first] = queue
      if (first === undefined) return out
      const complete = first.kind !== "call" || isWholeObject(first.json)
      const done = end || first.closed || (queue.length > 1 && complete)
      if (!done) return out
      out += closeFirst()
      out += openFirst()
    }
  }

  const enqueue = (kind: Kind, startOf: JsonObject, call = -1): { readonly block: Block; readonly out: string } => {
    const block: Block = { kind, call, start: startOf, deltas: [], json: "", closed: false, cited: false }
    queue.push(block)
    return { block, out: queue.length === 1 ? openFirst() : advance(false) }
  }

  /** Adds to a block: written at once where it is open. */
  const add = (block: Block, inner: JsonObject): string => {
    if (block === queue[0]) return delta(inner)
    block.deltas.push(inner)
    return ""
  }

  /** The newest block where it is of this kind and takes more, else a new one. */
  const addTo = (kind: "text" | "thinking", startOf: JsonObject, inner: JsonObject, closes: boolean): string => {
    const last = queue.at(-1)
    const current =
      last !== undefined && last.kind === kind && !last.closed && !(last.cited && startsNew(inner))
        ? { block: last, out: "" }
        : enqueue(kind, startOf)
    const out = current.out + add(current.block, inner)
    current.block.closed = closes
    return closes ? out + advance(false) : out
  }

  const whole = (block: JsonObject): string => {
    const { block: added, out } = enqueue("whole", block)
    added.closed = true
    return out + advance(false)
  }

  /** A thought; what another vendor signed goes in an envelope, of its own where no words were said before. */
  const think = (event: Omit<ReasoningPart, "_tag">): string => {
    const own = event.origin === undefined || event.origin === dialectId
    if (event.redacted !== undefined)
      return whole({ type: "redacted_thinking", data: own ? event.redacted : (seal(event) ?? "") })
    const empty = { type: "thinking", thinking: "", signature: "" }
    const thought =
      event.text === "" ? "" : addTo("thinking", empty, { type: "thinking_delta", thinking: event.text }, false)
    const signature = own ? event.signature : seal(event)
    if (signature === undefined) return thought
    const last = queue.at(-1)
    return !own && (last?.kind !== "thinking" || last.closed)
      ? whole({ type: "redacted_thinking", data: signature })
      : thought + addTo("thinking", empty, { type: "signature_delta", signature }, true)
  }

  /** `origin`: the wire the frame came on. */
  const written = (event: ChatEvent, origin: DialectId | undefined): string => {
    if ("choice" in event && event.choice !== 0) return ""
    switch (event._tag) {
      case "Started":
        return start(event.id, event.model)
      case "TextDelta":
      case "RefusalDelta":
        refused ||= event._tag === "RefusalDelta"
        showing.tell("Text", event.text !== "")
        return event.text === ""
          ? ""
          : addTo("text", { type: "text", text: "" }, { type: "text_delta", text: event.text }, false)
      case "ReasoningDelta":
        return think(origin === undefined ? event : { origin, ...event })
      case "ToolCallStarted": {
        const signature = thoughtOfCall(event)
        const signed = signature === undefined ? "" : think(signature)
        called = true
        showing.tell("ToolCall", true)
        return (
          signed + enqueue("call", { type: "tool_use", id: event.id, name: event.name, input: {} }, event.index).out
        )
      }
      case "ToolCallDelta": {
        const block = queue.find((waiting) => waiting.kind === "call" && waiting.call === event.index)
        if (block === undefined || event.arguments === "") return ""
        block.json += event.arguments
        const out = add(block, { type: "input_json_delta", partial_json: event.arguments })
        return queue.length > 1 ? out + advance(false) : out
      }
      case "OpaqueBlock": {
        const block = event.part.dialect === dialectId && isJsonObject(event.part.block) ? event.part.block : undefined
        showing.tell("Opaque", block !== undefined)
        return block === undefined ? "" : whole(block)
      }
      case "MediaBlock":
        showing.tell(event.part._tag, false)
        return ""
      case "LogprobsReported":
        return ""
      case "CitationAdded": {
        const block = queue.at(-1)
        const citation = citationJson(event.citation)
        if (block?.kind !== "text" || citation === undefined) return ""
        block.cited = true
        return add(block, { type: "citations_delta", citation })
      }
      case "Finished":
        finish = { reason: event.reason, stopSequence: event.stopSequence }
        return ""
      case "UsageReported":
        usage = event.usage
        return ""
      case "Ended":
        return ending()
      case "Resumed":
        return formatComment(showResumed(event))
      case "Unmodelled":
        return ""
    }
  }

  const ending = (): string => {
    over = true
    const closed = advance(true)
    const stop = write("message_stop", {})
    if (deltaWritten) return closed + stop
    const reason = stopReasonOf(showing.ending(finish?.reason ?? "other"), { calls: called, refusal: refused })
    const told = { stop_reason: reason, stop_sequence: finish?.stopSequence ?? null }
    return start("", model) + closed + write("message_delta", { delta: told, usage: wireUsage(usage) }) + stop
  }

  /** Learns from a frame that is passed on as it came what a frame written later must fit to. */
  const follow = (event: string | undefined, data: string, events: Frame["events"]): void => {
    switch (event) {
      case "message_start":
        started = true
        break
      case "content_block_start": {
        const told = parseJson(data)
        if (isJsonObject(told)) opened(told["index"], told["content_block"])
        break
      }
      case "content_block_stop":
        queue.shift()
        break
      case "message_delta":
        deltaWritten ||= events.some((inner) => inner._tag === "Finished")
        break
      case "message_stop":
        over = true
        break
      default:
        break
    }
    for (const inner of events) {
      if (inner._tag === "UsageReported") usage = inner.usage
      else if (inner._tag === "ToolCallDelta" && queue[0] !== undefined) queue[0].json += inner.arguments
      else if (inner._tag === "ToolCallStarted") called = true
    }
  }

  let calls = 0
  const opened = (at: Json | undefined, block: Json | undefined): void => {
    if (typeof at === "number") index = at
    const type = isJsonObject(block) ? block["type"] : undefined
    const kind: Kind = type === "text" || type === "thinking" ? type : type === "tool_use" ? "call" : "whole"
    queue[0] = {
      kind,
      call: kind === "call" ? calls++ : -1,
      start: {},
      deltas: [],
      json: "",
      closed: false,
      cited: false
    }
  }

  return {
    frame: (frame) => {
      if (over) return ""
      const { wire, events } = frame
      if (wire?.dialect === dialectId && !apart) {
        follow(wire.event, wire.data, events)
        return formatSse(wire.event, wire.data)
      }
      // the counts of the same frame belong into message_start
      for (const event of events) if (event._tag === "UsageReported") usage = event.usage
      let out = ""
      for (const event of events) out += written(event, wire?.dialect)
      return out
    },
    error: (error: GatewayError) => {
      if (over) return ""
      over = true
      return formatSse("error", JSON.stringify(errorEvent(error)))
    }
  }
}
