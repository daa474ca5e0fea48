/**
 * A vendor's stream of Responses events → frames. https://platform.openai.com/docs/api-reference/responses-streaming
 *
 * Every event gives one frame that keeps it. What the domain has no event for (the start of a message, the
 * steps of a hosted tool) is a frame of `Unmodelled`; an item only this wire knows is one `OpaqueBlock` when it is done.
 * What a vendor tells only when an item is done (arguments, texts, a thought without its pieces) is told then.
 *
 * The answer is whole with `response.completed` or `response.incomplete`; any other end is a fault. `response.failed`
 * and `error` are the vendor's error.
 *
 * @module
 */
import { Result } from "effect"
import type { ChatEvent, Frame } from "../../domain/ChatEvent.ts"
import type { Citation } from "../../domain/Citation.ts"
import { isJsonObject, type Json, type JsonObject, parseJson } from "../../domain/Json.ts"
import { textOf } from "../../domain/Message.ts"
import { customCall } from "../CustomTools.ts"
import type { DecodeFault, SseEvent, StreamDecoder } from "../Dialect.ts"
import { thoughtDelta } from "../Thoughts.ts"
import { citationIn, citationsIn } from "./Citations.ts"
import { finishReasonOf, usageOf } from "./Finish.ts"
import { partsOfItem } from "./Items.ts"
import { errorInside, errorOf, logprobsOf, malformed } from "./Response.ts"
import { dialectId, kept } from "./Wire.ts"

/** An item that has begun. */
interface Item {
  /** Which call of the answer; -1 for everything else. */
  readonly call: number
  /** Was anything of it told? */
  told: boolean
  /** Was a source told of it? */
  cited: boolean
}

const choice = 0
const nothing: Result.Result<Frame | undefined, DecodeFault> = Result.succeed(undefined)

export const streamDecoder = (): StreamDecoder => {
  const items = new Map<number, Item>()
  let calls = 0
  /** The text so far, and which text of which item the last piece was of and where that began. */
  let text = ""
  let part = ""
  let partAt = 0
  let started = false
  let ended = false

  const itemAt = (event: JsonObject): Item => {
    const index = event["output_index"]
    const at = typeof index === "number" ? index : -1
    let item = items.get(at)
    if (item === undefined) items.set(at, (item = { call: -1, told: false, cited: false }))
    return item
  }

  const begin = (event: JsonObject, events: Array<ChatEvent>): Item => {
    const { item } = event
    const index = event["output_index"]
    const known = typeof index === "number" ? items.get(index) : undefined
    if (known !== undefined || !isJsonObject(item)) return known ?? itemAt(event)
    const isCall = item["type"] === "function_call" || item["type"] === "custom_tool_call"
    const begun: Item = { call: isCall ? calls++ : -1, told: false, cited: false }
    if (typeof index === "number") items.set(index, begun)
    if (isCall)
      events.push({
        _tag: "ToolCallStarted",
        choice,
        index: begun.call,
        id: textOr(item["call_id"]),
        name: textOr(item["name"]),
        ...(item["type"] === "custom_tool_call" ? customCall(dialectId) : {})
      })
    return begun
  }

  /** Adds a piece, if there is one. */
  const piece = (
    event: JsonObject,
    text: Json | undefined,
    make: (text: string, item: Item) => ChatEvent | undefined
  ) => {
    if (typeof text !== "string" || text === "") return undefined
    const item = itemAt(event)
    const made = make(text, item)
    if (made !== undefined) item.told = true
    return made
  }

  const done = (event: JsonObject, events: Array<ChatEvent>): void => {
    const { item } = event
    if (!isJsonObject(item)) return
    const begun = begin(event, events)
    if (!begun.told) events.push(...reported(logprobsOf(item)))
    const parts = partsOfItem(item)
    const own = parts.reduce((sum, part) => (part._tag === "Text" ? sum + part.text.length : sum), 0)
    let at = begun.told ? Math.max(0, text.length - own) : text.length
    for (const part of parts) {
      switch (part._tag) {
        case "ToolCall":
          if (!begun.told && part.arguments !== "")
            events.push({ _tag: "ToolCallDelta", choice, index: begun.call, arguments: part.arguments })
          break
        case "Text":
          if (!begun.told && part.text !== "") events.push({ _tag: "TextDelta", choice, text: part.text })
          // a vendor may tell sources only when the item is done
          if (!begun.cited) cite(citationsIn(kept(part)?.["annotations"], part.text, at), events)
          at += part.text.length
          break
        case "Refusal":
          if (!begun.told && part.text !== "") events.push({ _tag: "RefusalDelta", choice, text: part.text })
          break
        case "Reasoning": {
          const text = begun.told ? "" : part.text
          if (text !== "" || part.signature !== undefined || part.redacted !== undefined)
            events.push(thoughtDelta({ ...part, text }, choice, dialectId))
          break
        }
        case "Image":
          events.push({ _tag: "MediaBlock", choice, part })
          break
        case "Opaque":
          if (!begun.told) events.push({ _tag: "OpaqueBlock", choice, part })
          break
        default:
          break
      }
    }
    if (!begun.told) text += textOf(parts)
    begun.told = true
  }

  const cite = (citations: ReadonlyArray<Citation>, events: Array<ChatEvent>): void => {
    for (const citation of citations) events.push({ _tag: "CitationAdded", choice, citation })
  }

  /** A piece of a text: which one it is of must be known, since citations are counted in it. */
  const say = (event: JsonObject, events: Array<ChatEvent>): void => {
    const { delta } = event
    const made = piece(event, delta, (words) => ({ _tag: "TextDelta", choice, text: words }))
    if (made === undefined || typeof delta !== "string") return
    const of = `${String(event["output_index"])}.${String(event["content_index"])}`
    if (of !== part) {
      part = of
      partAt = text.length
    }
    text += delta
    events.push(made)
  }

  const over = (response: JsonObject, complete: boolean, events: Array<ChatEvent>): void => {
    ended = true
    const { output } = response
    // a vendor that told nothing of its items by themselves
    if (items.size === 0 && Array.isArray(output))
      output.forEach((item: Json, index) => done({ output_index: index, item }, events))
    events.push({ _tag: "Finished", choice, reason: finishReasonOf(response, complete, calls > 0) })
    const usage = usageOf(response["usage"], output)
    if (usage !== undefined) events.push({ _tag: "UsageReported", usage })
    events.push({ _tag: "Ended" })
  }

  const add = (event: ChatEvent | undefined, events: Array<ChatEvent>): void => {
    if (event !== undefined) events.push(event)
  }

  const eventsOf = (type: string, event: JsonObject, events: Array<ChatEvent>): DecodeFault | undefined => {
    switch (type) {
      case "response.output_text.delta":
        events.push(...reported(event["logprobs"]))
        say(event, events)
        return undefined
      case "response.output_text.annotation.added": {
        const citation = citationIn(event["annotation"], text.slice(partAt), partAt)
        if (citation === undefined) return undefined
        itemAt(event).cited = true
        cite([citation], events)
        return undefined
      }
      case "response.refusal.delta":
        add(
          piece(event, event["delta"], (text) => ({ _tag: "RefusalDelta", choice, text })),
          events
        )
        return undefined
      case "response.reasoning_summary_text.delta":
      case "response.reasoning_text.delta":
        add(
          piece(event, event["delta"], (text) => ({ _tag: "ReasoningDelta", choice, text })),
          events
        )
        return undefined
      case "response.reasoning_summary_part.added": {
        // as the parts of a whole answer's summary are joined
        const index = event["summary_index"]
        if (typeof index === "number" && index > 0) events.push({ _tag: "ReasoningDelta", choice, text: "\n\n" })
        return undefined
      }
      case "response.function_call_arguments.delta":
      case "response.custom_tool_call_input.delta":
        add(
          piece(event, event["delta"], (text, item) =>
            item.call === -1 ? undefined : { _tag: "ToolCallDelta", choice, index: item.call, arguments: text }
          ),
          events
        )
        return undefined
      case "response.output_item.added":
        begin(event, events)
        return undefined
      case "response.output_item.done":
        done(event, events)
        return undefined
      case "response.completed":
      case "response.incomplete":
        if (!isJsonObject(event["response"])) return { _tag: "Malformed", message: `The event ${type} has no response` }
        over(event["response"], type === "response.completed" && event["response"]["status"] !== "incomplete", events)
        return undefined
      default:
        return undefined
    }
  }

  return {
    event: (sse) => {
      if (ended || sse.data === "") return nothing
      if (sse.data.startsWith("[DONE]")) return malformed("The stream ended before the response was completed")
      const event = parseJson(sse.data)
      if (!isJsonObject(event)) return malformed("An event of the stream is not a JSON object")
      const type = typeof event["type"] === "string" ? event["type"] : sse.event
      if (type === undefined)
        return isJsonObject(event["error"]) ? errorInside(event) : malformed("An event of the stream has no type")
      const { response } = event
      if (type === "error" || sse.event === "error") return errorInside(errorBody(event))
      if (type === "response.failed")
        return errorInside((isJsonObject(response) ? errorOf(response) : undefined) ?? errorBody(event))
      if (type === "response.cancelled") return malformed("The response was cancelled")
      const events: Array<ChatEvent> = []
      if (!started && isJsonObject(response)) {
        started = true
        events.push(startedBy(response))
      }
      const fault = eventsOf(type, event, events)
      return fault === undefined ? frame(sse, type, events) : Result.fail(fault)
    },
    end: () => (ended ? nothing : malformed("The stream ended before the response was completed"))
  }
}

/** To be told before the text they are of. */
const reported = (logprobs: Json | undefined): ReadonlyArray<ChatEvent> =>
  Array.isArray(logprobs) && logprobs.length > 0
    ? [{ _tag: "LogprobsReported", choice, logprobs: { content: logprobs, refusal: [] } }]
    : []

const frame = (sse: SseEvent, type: string, events: ReadonlyArray<ChatEvent>): Result.Result<Frame, DecodeFault> => {
  const [first, ...others] = events
  return Result.succeed({
    events: first === undefined ? [{ _tag: "Unmodelled" }] : [first, ...others],
    wire: { dialect: dialectId, event: sse.event ?? type, data: sse.data }
  })
}

/** The fields of an `error` event, in the shape of an error body. */
const errorBody = (event: JsonObject): JsonObject => {
  const { code, error, message, param } = event
  return {
    error: isJsonObject(error)
      ? error
      : { code: code ?? null, message: message ?? "The stream ended in an error", param: param ?? null }
  }
}

const startedBy = (response: JsonObject): ChatEvent => {
  const { created_at: created, id, model } = response
  return {
    _tag: "Started",
    id: textOr(id),
    model: textOr(model),
    ...(typeof created === "number" ? { created: Math.floor(created) } : {})
  }
}

const textOr = (value: Json | undefined): string => (typeof value === "string" ? value : "")
