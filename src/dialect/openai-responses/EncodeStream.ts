/**
 * Frames → the stream a Responses caller reads.
 *
 * Frames that came on this wire are passed on as they came. All others are written anew, with the bookkeeping this wire
 * asks for: events are numbered from 0 without gaps, each item and each of its parts is opened, told in pieces, told
 * whole and closed, and the last event holds the whole answer.
 *
 * - A message or a thought is open until something else comes. Calls are open until the end, since vendors may mix
 *   their pieces.
 * - **Mixed streams.** What frames that are passed on have opened is followed, so that a frame without wire amid them (a
 *   resume elsewhere) goes on in the numbering and in the open item, and the last event holds everything. Once anything
 *   was written here, every later frame is written from its events.
 * - A citation is an annotation of the text that is open. Where another item has begun since there is no place for it.
 * - A second `Started` (a resume) is passed over. Answers other than the first (`n` > 1) have no place here.
 *
 * @module
 */
import { type ChatEvent, type Frame, showResumed } from "../../domain/ChatEvent.ts"
import type { ChatRequest } from "../../domain/ChatRequest.ts"
import type { FinishReason } from "../../domain/ChatResponse.ts"
import type { GatewayError } from "../../domain/GatewayError.ts"
import { isJsonObject, type Json, type JsonObject, parseJson } from "../../domain/Json.ts"
import type { DialectId } from "../../domain/Ids.ts"
import type { ReasoningPart } from "../../domain/Message.ts"
import type { Citation } from "../../domain/Citation.ts"
import type { Usage } from "../../domain/Usage.ts"
import { isCustomCall } from "../CustomTools.ts"
import type { StreamEncoder } from "../Dialect.ts"
import { thoughtOfCall } from "../Sealed.ts"
import { makeShowing } from "../Showing.ts"
import { formatComment, formatSse } from "../Sse.ts"
import { annotationOf } from "./Citations.ts"
import { streamError } from "./Errors.ts"
import { encodeUsage, statusOf } from "./Finish.ts"
import { encryptedContent, imageItem, madeId, summaryText } from "./Items.ts"
import { responseBody, responseId } from "./Response.ts"
import { dialectId } from "./Wire.ts"

/** An item of the answer. `json` is what it will be told as when it is done. */
interface Item {
  readonly kind: "message" | "thought" | "call"
  readonly index: number
  readonly id: string
  readonly call: number
  /** Finished parts of a message. */
  readonly parts: Array<JsonObject>
  /** The open part: a text, a refusal, the summary of a thought, or arguments. */
  open: "text" | "refusal" | "summary" | undefined
  text: string
  /** Log probabilities of the open text. */
  logprobs: ReadonlyArray<Json>
  /** Of the open text. */
  annotations: ReadonlyArray<Json>
  /** `call_id` and `name`, of calls. */
  readonly fields: JsonObject
}

export const streamEncoder = (request: ChatRequest): StreamEncoder => {
  let sequence = 0
  let head: { readonly id: string; readonly created: number; readonly model: string } | undefined
  let over = false
  /** Was anything written here, so that the numbers of the wire's own frames no longer hold? */
  let apart = false
  let refused = false
  let usage: Usage | undefined
  let reason: FinishReason | undefined
  const showing = makeShowing()
  /** Log probabilities of the text that comes next. */
  let likely: ReadonlyArray<Json> = []
  /** Of the text so far. */
  let length = 0
  /** The whole items, by index; holes are items that are open. */
  const output: Array<JsonObject | undefined> = []
  /** The message or thought that is open. */
  let current: Item | undefined
  const calls = new Map<number, Item>()

  const write = (type: string, fields: JsonObject): string => {
    apart = true
    return formatSse(type, JSON.stringify({ type, ...fields, sequence_number: sequence++ }))
  }

  const bodyWith = (fields: JsonObject): JsonObject => {
    const { created, id, model } = head ?? { id: responseId(""), created: 0, model: request.model }
    return responseBody({ id, created_at: created, model, usage: null, ...fields }, request)
  }

  const start = (event: Extract<ChatEvent, { readonly _tag: "Started" }> | undefined): string => {
    if (head !== undefined) return ""
    head = {
      id: responseId(event?.id ?? ""),
      created: event?.created ?? 0,
      model: event?.model ?? request.model
    }
    const response = bodyWith({ status: "in_progress", output: [] })
    return write("response.created", { response }) + write("response.in_progress", { response })
  }

  const openItem = (kind: Item["kind"], fields: JsonObject = {}, call = -1): { item: Item; out: string } => {
    const begun = start(undefined)
    const index = output.length
    output.push(undefined)
    const id = madeId(kind === "message" ? "msg" : kind === "thought" ? "rs" : "fc", head?.id ?? "", index)
    const item: Item = {
      kind,
      index,
      id,
      call,
      parts: [],
      open: undefined,
      text: "",
      logprobs: [],
      annotations: [],
      fields
    }
    return {
      item,
      out: begun + write("response.output_item.added", { output_index: index, item: jsonOf(item, "in_progress") })
    }
  }

  const at = (item: Item): JsonObject => ({ item_id: item.id, output_index: item.index })
  const inPart = (item: Item): JsonObject => ({ ...at(item), content_index: item.parts.length })

  const openPart = (item: Item, open: "text" | "refusal" | "summary"): string => {
    item.open = open
    item.text = ""
    item.logprobs = []
    item.annotations = []
    return open === "summary"
      ? write("response.reasoning_summary_part.added", { ...at(item), summary_index: 0, part: summaryText("") })
      : write("response.content_part.added", { ...inPart(item), part: partOf(open, "") })
  }

  /** Closes the open part of a message or thought. */
  const closePart = (item: Item): string => {
    const { annotations, logprobs, open, text } = item
    item.open = undefined
    switch (open) {
      case undefined:
        return ""
      case "summary":
        item.parts.push(summaryText(text))
        return (
          write("response.reasoning_summary_text.done", { ...at(item), summary_index: 0, text }) +
          write("response.reasoning_summary_part.done", { ...at(item), summary_index: 0, part: summaryText(text) })
        )
      case "text":
      case "refusal": {
        const part = partOf(open, text, logprobs, annotations)
        const where = inPart(item)
        item.parts.push(part)
        return (
          (open === "text"
            ? write("response.output_text.done", { ...where, text, logprobs })
            : write("response.refusal.done", { ...where, refusal: text })) +
          write("response.content_part.done", { ...where, part })
        )
      }
    }
  }

  const closeItem = (item: Item, more: JsonObject = {}, status = "completed"): string => {
    const closed = closePart(item)
    const json = { ...jsonOf(item, status), ...more }
    output[item.index] = json
    if (current === item) current = undefined
    const args =
      item.kind === "call" && isCustomItem(item)
        ? write("response.custom_tool_call_input.done", { ...at(item), input: item.text })
        : item.kind === "call"
          ? write("response.function_call_arguments.done", {
              ...at(item),
              arguments: item.text,
              name: item.fields["name"] ?? ""
            })
          : ""
    return closed + args + write("response.output_item.done", { output_index: item.index, item: json })
  }

  const closeCurrent = (): string => (current === undefined ? "" : closeItem(current))

  /** The open item where it is of this kind, else a new one. */
  const within = (kind: "message" | "thought"): { item: Item; out: string } => {
    if (current?.kind === kind) return { item: current, out: "" }
    const closed = closeCurrent()
    const opened = openItem(kind)
    current = opened.item
    return { item: opened.item, out: closed + opened.out }
  }

  const say = (open: "text" | "refusal" | "summary", text: string): string => {
    let { item, out } = within(open === "summary" ? "thought" : "message")
    if (item.open !== open) out += closePart(item) + openPart(item, open)
    item.text += text
    const logprobs = open === "text" ? likely : []
    if (logprobs.length > 0) {
      item.logprobs = [...item.logprobs, ...logprobs]
      likely = []
    }
    return (
      out +
      write(deltaOf[open], {
        ...(open === "summary" ? { ...at(item), summary_index: 0 } : inPart(item)),
        delta: text,
        ...(open === "text" ? { logprobs } : {})
      })
    )
  }

  const cite = (citation: Citation): string => {
    if (current?.open !== "text") return ""
    const annotation = annotationOf(citation, current.text, length - current.text.length)
    if (annotation === undefined) return ""
    const annotation_index = current.annotations.length
    current.annotations = [...current.annotations, annotation]
    return write("response.output_text.annotation.added", { ...inPart(current), annotation_index, annotation })
  }

  const think = (event: Omit<ReasoningPart, "_tag">): string => {
    const said = event.text === "" ? "" : say("summary", event.text)
    const encrypted = encryptedContent(event)
    if (encrypted === undefined) return said
    const { item, out } = within("thought")
    return said + out + closeItem(item, { encrypted_content: encrypted })
  }

  const written = (event: ChatEvent, origin: DialectId | undefined): string => {
    if ("choice" in event && event.choice !== 0) return ""
    switch (event._tag) {
      case "Started":
        return start(event)
      case "TextDelta":
        showing.tell("Text", event.text !== "")
        length += event.text.length
        return event.text === "" ? "" : say("text", event.text)
      case "RefusalDelta":
        refused = true
        showing.tell("Refusal", true)
        return event.text === "" ? "" : say("refusal", event.text)
      case "ReasoningDelta":
        return think(origin === undefined ? event : { origin, ...event })
      case "ToolCallStarted": {
        showing.tell("ToolCall", true)
        const thought = thoughtOfCall(event)
        const closed = (thought === undefined ? "" : think(thought)) + closeCurrent()
        const type = isCustomCall(event) ? { type: "custom_tool_call" } : {}
        const { item, out } = openItem("call", { call_id: event.id, name: event.name, ...type }, event.index)
        calls.set(event.index, item)
        return closed + out
      }
      case "ToolCallDelta": {
        const item = calls.get(event.index)
        if (item === undefined || event.arguments === "") return ""
        item.text += event.arguments
        const type = isCustomItem(item)
          ? "response.custom_tool_call_input.delta"
          : "response.function_call_arguments.delta"
        return write(type, { ...at(item), delta: event.arguments })
      }
      case "OpaqueBlock": {
        const block = event.part.dialect === dialectId && isJsonObject(event.part.block) ? event.part.block : undefined
        showing.tell("Opaque", block !== undefined)
        return block === undefined ? "" : whole(() => block)
      }
      case "MediaBlock": {
        const { part } = event
        const picture = part._tag === "Image" && part.source._tag === "Base64" ? part : undefined
        showing.tell(part._tag, picture !== undefined)
        return picture === undefined ? "" : whole((id) => imageItem(picture, id) ?? {})
      }
      case "CitationAdded":
        return cite(event.citation)
      case "LogprobsReported":
        likely = [...likely, ...event.logprobs.content]
        return ""
      case "Finished":
        reason = event.reason
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

  /** An item that comes complete; `itemOf` is given the id to use where it has none of its own. */
  const whole = (itemOf: (id: string) => JsonObject): string => {
    const out = closeCurrent() + start(undefined)
    const index = output.length
    const item = itemOf(madeId("ig", head?.id ?? "", index))
    output.push(item)
    return (
      out +
      write("response.output_item.added", { output_index: index, item }) +
      write("response.output_item.done", { output_index: index, item })
    )
  }

  const ending = (): string => {
    const told = statusOf(showing.ending(reason ?? "other"), refused)
    const status = told["status"] === "completed" ? "completed" : "incomplete"
    let out = start(undefined) + (current === undefined ? "" : closeItem(current, {}, status))
    for (const call of calls.values()) out += closeItem(call, {}, status)
    calls.clear()
    over = true
    const response = bodyWith({
      ...told,
      output: output.filter((item) => item !== undefined),
      usage: encodeUsage(usage)
    })
    return out + write(`response.${status}`, { response })
  }

  /** Learns from a frame that is passed on what a frame written later must fit to. */
  const follow = ({ events, wire }: Frame): void => {
    sequence++
    for (const event of events) {
      if (event._tag === "Started") head ??= { id: event.id, created: event.created ?? 0, model: event.model }
      else if (event._tag === "UsageReported") usage = event.usage
      else if (event._tag === "RefusalDelta") refused = true
      else if (event._tag === "Ended") over = true
      else if (event._tag === "TextDelta") length += event.text.length
      else if (event._tag === "CitationAdded" && current !== undefined) {
        const annotation = annotationOf(event.citation, current.text, length - current.text.length)
        if (annotation !== undefined) current.annotations = [...current.annotations, annotation]
      }
      if (
        (event._tag === "TextDelta" || event._tag === "RefusalDelta" || event._tag === "ReasoningDelta") &&
        current !== undefined
      )
        current.text += event.text
      else if (event._tag === "ToolCallDelta") {
        const call = calls.get(event.index)
        if (call !== undefined) call.text += event.arguments
      }
    }
    if (wire !== undefined && shapes.has(wire.event ?? "")) {
      const event = parseJson(wire.data)
      if (isJsonObject(event)) reshape(wire.event ?? "", event, events)
    }
  }

  const reshape = (type: string, event: JsonObject, events: Frame["events"]): void => {
    const { item, output_index: index } = event
    if (type === "response.content_part.added") {
      const { part } = event
      if (current === undefined || !isJsonObject(part)) return
      current.open = part["type"] === "refusal" ? "refusal" : "text"
      current.text = ""
      current.annotations = []
      return
    }
    if (type === "response.reasoning_summary_part.added") {
      if (current !== undefined && current.open === undefined) current.open = "summary"
      return
    }
    if (type === "response.content_part.done") {
      const { part } = event
      if (current === undefined || !isJsonObject(part)) return
      current.parts.push(part)
      current.open = undefined
      return
    }
    if (!isJsonObject(item) || typeof index !== "number") return
    if (type === "response.output_item.done") {
      output[index] = item
      if (current?.index === index) current = undefined
      for (const [number, call] of calls) if (call.index === index) calls.delete(number)
      return
    }
    while (output.length <= index) output.push(undefined)
    const begun = events.find((inner) => inner._tag === "ToolCallStarted")
    const kind = begun !== undefined ? "call" : item["type"] === "reasoning" ? "thought" : "message"
    const id = typeof item["id"] === "string" ? item["id"] : ""
    const opened: Item = {
      kind,
      index,
      id,
      call: begun?.index ?? -1,
      parts: [],
      open: undefined,
      text: "",
      logprobs: [],
      annotations: [],
      fields:
        begun === undefined
          ? {}
          : { call_id: begun.id, name: begun.name, ...(isCustomCall(begun) ? { type: "custom_tool_call" } : {}) }
    }
    if (begun !== undefined) calls.set(begun.index, opened)
    else if (item["type"] === "message" || item["type"] === "reasoning") current = opened
  }

  return {
    frame: (frame) => {
      if (over) return ""
      const { events, wire } = frame
      if (wire?.dialect === dialectId && !apart) {
        follow(frame)
        return formatSse(wire.event, wire.data)
      }
      // the counts of the same frame belong into the last event
      for (const event of events) if (event._tag === "UsageReported") usage = event.usage
      let out = ""
      for (const event of events) out += written(event, wire?.dialect)
      return out
    },
    error: (error: GatewayError) => {
      if (over) return ""
      over = true
      return formatSse("error", JSON.stringify(streamError(error, sequence)))
    }
  }
}

/** The events of this wire that open and close items and parts. */
const shapes: ReadonlySet<string> = new Set([
  "response.output_item.added",
  "response.output_item.done",
  "response.content_part.added",
  "response.content_part.done",
  "response.reasoning_summary_part.added"
])

const deltaOf = {
  text: "response.output_text.delta",
  refusal: "response.refusal.delta",
  summary: "response.reasoning_summary_text.delta"
} as const

const partOf = (
  open: "text" | "refusal",
  text: string,
  logprobs: ReadonlyArray<Json> = [],
  annotations: ReadonlyArray<Json> = []
): JsonObject =>
  open === "text" ? { type: "output_text", text, annotations, logprobs } : { type: "refusal", refusal: text }

const isCustomItem = ({ fields }: Item): boolean => fields["type"] === "custom_tool_call"

const jsonOf = (item: Item, status: string): JsonObject => {
  const parts: ReadonlyArray<Json> = item.parts
  switch (item.kind) {
    case "message":
      return { id: item.id, type: "message", status, role: "assistant", content: [...parts] }
    case "thought":
      return { id: item.id, type: "reasoning", summary: [...parts] }
    case "call":
      return {
        id: item.id,
        type: "function_call",
        status,
        ...item.fields,
        [isCustomItem(item) ? "input" : "arguments"]: item.text
      }
  }
}
