/**
 * Frames → the stream a Chat Completions caller reads.
 *
 * A frame of this wire is passed on as it came; only the chunk that holds nothing but usage is withheld from a caller
 * who did not ask for it. Frames of other wires are written anew. Both may come in one stream (after a resume), so the
 * encoder remembers id, model and time of the first `Started`, and which choices have had their role.
 *
 * Usage may be told early and more than once by other wires; here it is one chunk before `[DONE]`. Log probabilities
 * stand beside the text they are of. Citations are told together, in one chunk before the calls or the end that follow
 * them: the official package keeps the last list it is told.
 *
 * @module
 */
import { type ChatEvent, type Frame, showResumed } from "../../domain/ChatEvent.ts"
import type { ChatRequest } from "../../domain/ChatRequest.ts"
import type { Citation } from "../../domain/Citation.ts"
import type { DialectId } from "../../domain/Ids.ts"
import type { JsonObject } from "../../domain/Json.ts"
import { joinLogprobs, type Logprobs, logprobsJson } from "../../domain/Logprobs.ts"
import type { ReasoningPart } from "../../domain/Message.ts"
import type { Usage } from "../../domain/Usage.ts"
import { isCustomCall } from "../CustomTools.ts"
import type { StreamEncoder } from "../Dialect.ts"
import { makeShowing, type Showing } from "../Showing.ts"
import { formatComment, formatSse } from "../Sse.ts"
import { annotationsOf } from "./Citations.ts"
import { signatureField, detailOf } from "./Details.ts"
import { streamError } from "./Errors.ts"
import { encodeUsage, finishWordOf } from "./Finish.ts"
import { mediaField } from "./Response.ts"
import { dialectId } from "./Wire.ts"

export const streamEncoder = (request: ChatRequest): StreamEncoder => {
  let head: string | undefined
  let usage: Usage | undefined
  const roles = new Set<number>()
  const finished = new Set<number>()
  const logprobs = new Map<number, Logprobs>()
  /** Calls of custom tools. */
  const customs = new Set<string>()
  /** The text so far, by choice: citations are counted in it. */
  const texts = new Map<number, string>()
  const citations = new Map<number, Array<Citation>>()
  /** How many calls have begun, by choice. */
  const calls = new Map<number, number>()
  const showings = new Map<number, Showing>()
  /** What was thought since the last signature, and the thoughts that are signed. */
  const thoughts = new Map<number, { text: string; readonly details: Array<JsonObject> }>()

  const showing = (choice: number): Showing => {
    let found = showings.get(choice)
    if (found === undefined) showings.set(choice, (found = makeShowing()))
    return found
  }
  const start = (event: Extract<ChatEvent, { readonly _tag: "Started" }> | undefined) => {
    head ??= `{"id":${JSON.stringify(event?.id ?? "")},"object":"chat.completion.chunk","created":${event?.created ?? 0},"model":${JSON.stringify(event?.model ?? request.model)}`
    return head
  }
  const chunk = (choice: number, delta: JsonObject, finish: string | null = null): string => {
    const first = !roles.has(choice)
    if (first) roles.add(choice)
    const said = first ? { role: "assistant", ...delta } : delta
    return `data: ${start(undefined)},"choices":[{"index":${choice},"delta":${JSON.stringify(said)},"logprobs":${likely(choice, delta, finish)},"finish_reason":${JSON.stringify(finish)}}]}\n\n`
  }
  /** The log probabilities that wait for a text of this choice, at the latest told with its finish reason. */
  const likely = (choice: number, delta: JsonObject, finish: string | null): string => {
    const waiting = logprobs.size === 0 ? undefined : logprobs.get(choice)
    if (waiting === undefined || (finish === null && delta["content"] === undefined && delta["refusal"] === undefined))
      return "null"
    logprobs.delete(choice)
    return JSON.stringify(logprobsJson(waiting))
  }
  /** The citations of a choice that wait. */
  const citing = (choice: number): string => {
    const waiting = citations.size === 0 ? undefined : citations.get(choice)
    if (waiting === undefined) return ""
    citations.delete(choice)
    const annotations = annotationsOf(waiting, texts.get(choice) ?? "")
    return annotations.length === 0 ? "" : chunk(choice, { annotations })
  }
  const said = (choice: number, text: string): void => {
    texts.set(choice, (texts.get(choice) ?? "") + text)
  }
  /** Every choice is announced at once: a reader of a cut stream then knows which ones are missing. */
  const opening = (): string => {
    let text = ""
    for (let choice = 0; choice < (request.sampling.n ?? 1); choice++)
      if (!roles.has(choice)) text += chunk(choice, { content: "" })
    return text
  }
  /** Choices that were announced and that the vendor, who may give fewer, left out: they end as ones that are not whole. */
  const missing = (): string => {
    let text = ""
    for (const choice of roles) if (!finished.has(choice)) text += chunk(choice, {}, finishWordOf.other)
    return text
  }
  const think = (choice: number, piece: Omit<ReasoningPart, "_tag">): void => {
    const found = thoughts.get(choice) ?? { text: "", details: [] }
    found.text += piece.text
    if (piece.signature !== undefined || piece.redacted !== undefined) {
      const place = { text: texts.get(choice)?.length ?? 0, calls: calls.get(choice) ?? 0 }
      const detail = detailOf({ ...piece, text: found.text }, found.details.length, place)
      if (detail !== undefined) {
        found.details.push(detail)
        found.text = ""
      }
    }
    thoughts.set(choice, found)
  }
  /** All signed thoughts of a choice at once: clients keep the last list they are told. */
  const signed = (choice: number): string => {
    const details = thoughts.get(choice)?.details ?? []
    return details.length === 0 ? "" : chunk(choice, { reasoning_details: details })
  }
  /** `origin`: the wire the frame came on. */
  const write = (event: ChatEvent, origin: DialectId | undefined): string => {
    switch (event._tag) {
      case "Started":
        start(event)
        return opening()
      case "TextDelta":
        showing(event.choice).tell("Text", true)
        said(event.choice, event.text)
        return chunk(event.choice, { content: event.text })
      case "RefusalDelta":
        showing(event.choice).tell("Refusal", true)
        return chunk(event.choice, { refusal: event.text })
      case "ReasoningDelta":
        think(event.choice, origin === undefined ? event : { origin, ...event })
        return event.text === "" ? "" : chunk(event.choice, { reasoning_content: event.text })
      case "ToolCallStarted": {
        showing(event.choice).tell("ToolCall", true)
        calls.set(event.choice, (calls.get(event.choice) ?? 0) + 1)
        const sources = citing(event.choice)
        const isCustom = isCustomCall(event)
        if (isCustom) customs.add(`${event.choice} ${event.index}`)
        const call = isCustom
          ? { type: "custom", custom: { name: event.name, input: "" } }
          : { type: "function", function: { name: event.name, arguments: "" } }
        return (
          sources +
          chunk(event.choice, {
            tool_calls: [{ index: event.index, id: event.id, ...call, ...signatureField(event) }]
          })
        )
      }
      case "ToolCallDelta":
        return chunk(event.choice, {
          tool_calls: [
            customs.has(`${event.choice} ${event.index}`)
              ? { index: event.index, custom: { input: event.arguments } }
              : { index: event.index, function: { arguments: event.arguments } }
          ]
        })
      case "OpaqueBlock":
      case "MediaBlock": {
        const field = mediaField(event.part)
        showing(event.choice).tell(event.part._tag, field !== undefined)
        return field === undefined ? "" : chunk(event.choice, field)
      }
      case "LogprobsReported": {
        const all = joinLogprobs(logprobs.get(event.choice), event.logprobs)
        if (all !== undefined) logprobs.set(event.choice, all)
        return ""
      }
      case "CitationAdded": {
        const waiting = citations.get(event.choice)
        if (waiting === undefined) citations.set(event.choice, [event.citation])
        else waiting.push(event.citation)
        return ""
      }
      case "Finished":
        finished.add(event.choice)
        return (
          signed(event.choice) +
          citing(event.choice) +
          chunk(event.choice, {}, finishWordOf[showing(event.choice).ending(event.reason)])
        )
      case "UsageReported":
        usage = event.usage
        return ""
      case "Ended":
        return `${[...citations.keys()].map(citing).join("")}${missing()}${usageChunk()}data: [DONE]\n\n`
      case "Resumed":
        return formatComment(showResumed(event))
      case "Unmodelled":
        return ""
    }
  }
  const usageChunk = (): string =>
    usage === undefined || !request.usageWanted
      ? ""
      : `data: ${start(undefined)},"choices":[],"usage":${JSON.stringify(encodeUsage(usage))}}\n\n`

  /** Remembers what a frame that is passed on has told the caller. */
  const note = (event: ChatEvent): void => {
    if (event._tag === "Started") start(event)
    else if ("choice" in event) {
      roles.add(event.choice)
      if (event._tag === "TextDelta") said(event.choice, event.text)
      if (event._tag === "Finished") finished.add(event.choice)
    }
    // the wire has told it, or will not be asked to
    else if (event._tag === "UsageReported") usage = undefined
  }

  return {
    frame: (frame) => {
      const wire = frame.wire
      if (wire?.dialect !== dialectId) {
        let text = ""
        for (const event of frame.events) text += write(event, wire?.dialect)
        return text
      }
      if (!request.usageWanted && isUsageAlone(frame)) return ""
      for (const event of frame.events) note(event)
      const raw = wire.event === undefined ? `data: ${wire.data}\n\n` : formatSse(wire.event, wire.data)
      return frame.events[0]._tag === "Ended" ? usageChunk() + raw : raw
    },
    error: (error) => formatSse(undefined, JSON.stringify(streamError(error)))
  }
}

const isUsageAlone = (frame: Frame): boolean => frame.events.every((event) => event._tag === "UsageReported")
