/**
 * Frames → one streamed answer on this wire, as server-sent events or as the elements of one JSON array.
 *
 * Frames that came on this wire are passed on as they came. All others are written anew: every chunk is a
 * `GenerateContentResponse` with what is new in it.
 *
 * - **The end.** Server-sent events have no end marker here, so the finish reasons are what says that an answer is whole:
 *   they are held back until the end itself was seen, and go out together with the usage in one last chunk. In the array
 *   the closing bracket is the marker.
 * - **Calls** are whole on this wire. A call is written when something else follows it and its arguments are a JSON
 *   object, at the latest when its candidate finishes; one whose arguments never become an object is left out, and the
 *   candidate ends as the vendor's own do then (`MALFORMED_FUNCTION_CALL`).
 * - **An error** is a chunk with an `error` object and nothing else. The official SDK throws on it where its `code` is a
 *   number from 400 to 599. The array is left open after it: read as a whole it is no JSON, read by its elements it ends
 *   with the error.
 * - **Comments** are written nowhere, a heartbeat is an empty line: Google's SDKs for Python and Go take a comment for a
 *   broken chunk. Empty lines are passed over by all of them, and are white space in JSON.
 * - **Citations** are told with the end: they count in the whole text.
 * - A second `Started` (a resume) is passed over.
 *
 * Source: `processStreamResponse` of `@google/genai`, `_iter_response_stream` of Google's `google-genai` for Python,
 * `iterateResponseStream` of its `genai` for Go.
 *
 * @module
 */
import type { ChatEvent, Frame } from "../../domain/ChatEvent.ts"
import type { FinishReason } from "../../domain/ChatResponse.ts"
import type { DialectId } from "../../domain/Ids.ts"
import type { GatewayError } from "../../domain/GatewayError.ts"
import type { Citation } from "../../domain/Citation.ts"
import { isJsonObject, type JsonObject } from "../../domain/Json.ts"
import { joinLogprobs, type Logprobs } from "../../domain/Logprobs.ts"
import type { Usage } from "../../domain/Usage.ts"
import type { StreamEncoder } from "../Dialect.ts"
import { formatSse } from "../Sse.ts"
import { makeShowing, type Showing } from "../Showing.ts"
import { answerThought, callPart, mediaPart } from "./AnswerParts.ts"
import { groundingFor } from "./Citations.ts"
import { logprobsResult, usageMetadata } from "./Counts.ts"
import { streamError } from "./Errors.ts"
import { endOf, headFields } from "./Response.ts"
import { dialectId, ownFields } from "./Wire.ts"

/** `sse`: server-sent events (`alt=sse`); `array`: one JSON array. */
export type Framing = "sse" | "array"

export const heartbeat = "\n\n"

/** What a chunk holds that only tells an end: the SDK's chats forget an answer with a chunk that has no part at all. */
const nothing = [{ text: "" }]

interface OpenCall {
  readonly id: string
  readonly name: string
  json: string
  /** What only this wire knows of it: its signature. */
  readonly own: JsonObject | undefined
}

interface CandidateState {
  /** Calls that are not written yet, by the number that the events call them by. */
  readonly calls: Map<number, OpenCall>
  /** The name of a call that could not be written. */
  unwritable: string | undefined
  finish: FinishReason | undefined
  /** Was any of its text a refusal? */
  refused: boolean
  readonly showing: Showing
  /** Of the text that comes next. */
  logprobs: Logprobs | undefined
  /** Its text so far. */
  text: string
  citations: Array<Citation> | undefined
}

/** `model` is told where no frame tells one. */
export const streamEncoder = (model: string, framing: Framing): StreamEncoder => {
  const candidates = new Map<number, CandidateState>()
  let head: JsonObject | undefined
  let usage: Usage | undefined
  let elements = 0
  let over = false

  const element = (json: string): string => {
    // the SDK reads one line of data an event; a line break in JSON is white space
    const data = json.includes("\n") ? json.replaceAll("\n", " ") : json
    return framing === "sse" ? formatSse(undefined, data) : `${elements++ === 0 ? "[" : ",\n"}${data}`
  }
  const chunk = (fields: JsonObject): string =>
    element(JSON.stringify({ ...fields, ...(head ?? headFields("", model, undefined)) }))

  const stateOf = (index: number): CandidateState => {
    let state = candidates.get(index)
    if (state === undefined)
      candidates.set(
        index,
        (state = {
          calls: new Map(),
          unwritable: undefined,
          finish: undefined,
          refused: false,
          showing: makeShowing(),
          logprobs: undefined,
          text: "",
          citations: undefined
        })
      )
    return state
  }

  const said = (index: number, parts: ReadonlyArray<JsonObject>, more: JsonObject = {}): string =>
    parts.length === 0 ? "" : chunk({ candidates: [{ content: { parts, role: "model" }, ...more, index }] })

  /** The log probabilities that wait for a text. */
  const likely = (state: CandidateState): JsonObject => {
    const result = state.logprobs === undefined ? undefined : logprobsResult(state.logprobs)
    state.logprobs = undefined
    return result === undefined ? {} : { logprobsResult: result }
  }

  /** The calls of a candidate that are complete, in order; at its end those that are not are given up. */
  const completed = (state: CandidateState, atEnd: boolean): ReadonlyArray<JsonObject> => {
    const parts: Array<JsonObject> = []
    for (const [index, { id, json, name, own }] of state.calls) {
      const part = json.trim() === "" && !atEnd ? undefined : callPart(id, name, json)
      if (part === undefined) {
        if (!atEnd) return parts
        state.unwritable ??= name
      } else parts.push({ ...own, ...part })
      state.calls.delete(index)
    }
    return parts
  }

  const say = (index: number, part: JsonObject | undefined, isText = false): string => {
    if (part === undefined) return ""
    const state = stateOf(index)
    return said(
      index,
      state.calls.size === 0 ? [part] : [...completed(state, false), part],
      isText && state.logprobs !== undefined ? likely(state) : undefined
    )
  }

  /** `origin`: the wire the frame came on. */
  const write = (event: ChatEvent, origin: DialectId | undefined): string => {
    switch (event._tag) {
      case "Started":
        head ??= headFields(event.id, event.model, event.created)
        return ""
      case "TextDelta":
      case "RefusalDelta":
        if (event.text === "") return ""
        stateOf(event.choice).showing.tell("Text", true)
        if (event._tag === "RefusalDelta") stateOf(event.choice).refused = true
        else stateOf(event.choice).text += event.text
        return say(event.choice, { text: event.text }, true)
      case "ReasoningDelta":
        return say(event.choice, answerThought(origin === undefined ? event : { origin, ...event }))
      case "ToolCallStarted": {
        const state = stateOf(event.choice)
        state.showing.tell("ToolCall", true)
        const done = completed(state, false)
        state.calls.set(event.index, { id: event.id, name: event.name, json: "", own: ownFields(event) })
        return said(event.choice, done)
      }
      case "ToolCallDelta": {
        const call = candidates.get(event.choice)?.calls.get(event.index)
        if (call !== undefined) call.json += event.arguments
        return ""
      }
      case "OpaqueBlock": {
        const block = event.part.dialect === dialectId && isJsonObject(event.part.block) ? event.part.block : undefined
        stateOf(event.choice).showing.tell("Opaque", block !== undefined)
        return say(event.choice, block)
      }
      case "MediaBlock": {
        const part = mediaPart(event.part.source)
        stateOf(event.choice).showing.tell(event.part._tag, part !== undefined)
        return say(event.choice, part)
      }
      case "CitationAdded": {
        const state = stateOf(event.choice)
        state.citations ??= []
        state.citations.push(event.citation)
        return ""
      }
      case "LogprobsReported": {
        const state = stateOf(event.choice)
        state.logprobs = joinLogprobs(state.logprobs, event.logprobs)
        return ""
      }
      case "Finished": {
        const state = stateOf(event.choice)
        state.finish = event.reason
        return said(event.choice, completed(state, true))
      }
      case "UsageReported":
        usage = event.usage
        return ""
      case "Ended":
        return ending()
      default:
        return ""
    }
  }

  const ending = (): string => {
    over = true
    const ended: Array<JsonObject> = []
    for (const [index, state] of candidates) {
      const { finish, refused, showing, unwritable } = state
      if (finish === undefined) continue
      const content = { parts: nothing, role: "model" }
      const sources = groundingFor(state.citations, [[0, state.text]])
      ended.push({
        content,
        ...endOf(showing.ending(finish), unwritable, refused),
        ...likely(state),
        ...sources,
        index
      })
    }
    const counts = usage === undefined ? {} : { usageMetadata: usageMetadata(usage) }
    const last = ended.length === 0 ? "" : chunk({ candidates: ended, ...counts })
    return framing === "sse" ? last : `${last}${elements === 0 ? "[" : ""}]`
  }

  return {
    frame: (frame: Frame) => {
      if (over) return ""
      const { events, wire } = frame
      if (wire?.dialect === dialectId) {
        // what follows a frame that is passed on may have to be written
        for (const event of events)
          if (event._tag === "Started") head ??= headFields(event.id, event.model, event.created)
          else if (event._tag === "TextDelta") stateOf(event.choice).text += event.text
        const raw = element(wire.data)
        return events.at(-1)?._tag === "Ended" ? raw + ending() : raw
      }
      let text = ""
      for (const event of events) text += write(event, wire?.dialect)
      return text
    },
    error: (error: GatewayError) => {
      if (over) return ""
      over = true
      return element(JSON.stringify(streamError(error)))
    }
  }
}
