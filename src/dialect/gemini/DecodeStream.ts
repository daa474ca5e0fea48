/**
 * `streamGenerateContent?alt=sse` → frames.
 *
 * Every event is a `GenerateContentResponse` that holds what is new, and becomes one frame; function calls come whole.
 * The wire has no end marker: a stream is whole when its body ends after every candidate has told its finish reason, or
 * after the prompt was blocked; how many candidates were asked for is no help, as the vendor may leave out some. Usage stands in every chunk and grows; it is reported when it has changed.
 *
 * Gotcha: the thought signature beside a text is only in the frame's wire.
 *
 * @module
 */
import { Result } from "effect"
import type { ChatEvent, Frame } from "../../domain/ChatEvent.ts"
import { isJsonObject, type JsonObject, parseJson } from "../../domain/Json.ts"
import type { Part, ToolCallPart } from "../../domain/Message.ts"
import { madeCallId } from "../CallIds.ts"
import type { DecodeFault, SseEvent, StreamDecoder } from "../Dialect.ts"
import { thoughtDelta } from "../Thoughts.ts"
import { citationsIn } from "./Citations.ts"
import { finishReasonOf, logprobsOf, usageOf, webSearchesIn, webSearchesOf } from "./Counts.ts"
import { partOf } from "./Parts.ts"
import { errorIn, headOf, indexOf, isBlocked, unreadable } from "./Response.ts"
import { dialectId, malformed, objectAt, objectsAt, textAt } from "./Wire.ts"

interface CandidateState {
  calls: number
  finished: boolean
  /** Its text so far. */
  text: string
  /** The citations that were told: a later chunk may tell them again. */
  cited: Set<string> | undefined
  /** As the last chunk that says so tells them. */
  webSearches: number | undefined
}

export const streamDecoder = (): StreamDecoder => {
  const candidates = new Map<number, CandidateState>()
  let started = false
  let answerId = ""
  let reportedUsage = ""

  const stateOf = (index: number): CandidateState => {
    let state = candidates.get(index)
    if (state === undefined)
      candidates.set(index, (state = { calls: 0, finished: false, text: "", cited: undefined, webSearches: undefined }))
    return state
  }

  const addCandidate = (candidate: JsonObject, index: number, events: Array<ChatEvent>): string | undefined => {
    const state = stateOf(index)
    const likely = objectAt(candidate, "logprobsResult")
    const logprobs = likely === undefined ? undefined : logprobsOf(likely)
    if (logprobs !== undefined && logprobs.content.length > 0)
      events.push({ _tag: "LogprobsReported", choice: index, logprobs })
    for (const part of objectsAt(objectAt(candidate, "content") ?? {}, "parts")) {
      const decoded = partOf(part, () => madeCallId(answerId, index, state.calls))
      if (decoded !== undefined) addPart(decoded, part, index, state, events)
    }
    if (candidate["groundingMetadata"] !== undefined || candidate["citationMetadata"] !== undefined)
      for (const citation of citationsIn(candidate, state.text, () => 0)) {
        const key = JSON.stringify(citation)
        state.cited ??= new Set()
        if (state.cited.has(key)) continue
        state.cited.add(key)
        events.push({ _tag: "CitationAdded", choice: index, citation })
      }
    state.webSearches = webSearchesIn(candidate) ?? state.webSearches
    const reason = textAt(candidate, "finishReason")
    // some models tell their reason in more than one chunk
    if (reason === undefined || reason === "" || state.finished) return undefined
    const finishReason = finishReasonOf(reason, state.calls > 0)
    if (finishReason === "malformed") return unreadable(index, reason)
    state.finished = true
    events.push({ _tag: "Finished", choice: index, reason: finishReason })
    return undefined
  }

  const event = ({ data }: SseEvent): Result.Result<Frame | undefined, DecodeFault> => {
    const body = parseJson(data)
    if (body === undefined) return malformed("An event of the stream is not JSON")
    const error = errorIn(body)
    if (error !== undefined) return Result.fail({ _tag: "ErrorInside", body: error })
    if (!isJsonObject(body)) return malformed("An event of the stream is not a JSON object")
    const events: Array<ChatEvent> = []
    if (!started) {
      started = true
      const { id, model, created } = headOf(body)
      answerId = id
      events.push({ _tag: "Started", id, model, ...(created === undefined ? {} : { created }) })
    }
    const news = objectsAt(body, "candidates")
    for (let i = 0; i < news.length; i++) {
      const candidate = news[i]
      if (candidate === undefined) continue
      const fault = addCandidate(candidate, indexOf(candidate, i), events)
      if (fault !== undefined) return malformed(fault)
    }
    if (news.length === 0 && candidates.size === 0 && isBlocked(body)) {
      stateOf(0).finished = true
      events.push({ _tag: "Finished", choice: 0, reason: "content_filter" })
    }
    const searches = webSearchesOf([...candidates.values()].map(({ webSearches }) => webSearches))
    const usage = usageOf(objectAt(body, "usageMetadata") ?? {}, searches)
    if (usage !== undefined) {
      const counts = Object.values(usage).join()
      if (counts !== reportedUsage) events.push({ _tag: "UsageReported", usage })
      reportedUsage = counts
    }
    const [first, ...others] = events
    return Result.succeed({
      events: [first ?? { _tag: "Unmodelled" }, ...others],
      wire: { dialect: dialectId, event: undefined, data }
    })
  }

  const end = (): Result.Result<Frame | undefined, DecodeFault> => {
    if (candidates.size === 0) return malformed("The stream ended before any candidate was seen")
    for (const [index, { finished }] of candidates)
      if (!finished) return malformed(`The stream ended without its end: candidate ${index} has no finish reason`)
    return Result.succeed({ events: [{ _tag: "Ended" }], wire: undefined })
  }

  return { event, end }
}

/** The signature of a call above all. */
const labels = ({ extensions }: ToolCallPart) => (extensions === undefined ? {} : { extensions })

const addPart = (
  part: Part,
  block: JsonObject,
  choice: number,
  state: CandidateState,
  events: Array<ChatEvent>
): void => {
  switch (part._tag) {
    case "Text":
      state.text += part.text
      events.push({ _tag: "TextDelta", choice, text: part.text })
      return
    case "Reasoning":
      events.push(thoughtDelta(part, choice, dialectId))
      return
    case "ToolCall": {
      const index = state.calls++
      events.push({ _tag: "ToolCallStarted", choice, index, id: part.id, name: part.name, ...labels(part) })
      events.push({ _tag: "ToolCallDelta", choice, index, arguments: part.arguments })
      return
    }
    case "Image":
    case "Audio":
    case "Document":
      events.push({ _tag: "MediaBlock", choice, part })
      return
    default:
      events.push({ _tag: "OpaqueBlock", choice, part: { _tag: "Opaque", dialect: dialectId, block } })
  }
}
