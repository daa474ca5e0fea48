/**
 * A vendor's stream of Chat Completions chunks → frames. https://platform.openai.com/docs/api-reference/chat-streaming
 *
 * Every event with JSON data becomes one frame that keeps it. Read by hand: this runs for every token.
 *
 * What vendors vary, and is understood:
 * - thoughts as `reasoning_content`, `reasoning`, or blocks of content (Mistral);
 * - tool calls whole in one chunk, without `index` (Gemini's compatible endpoint, older Ollama), several under one index,
 *   with the id repeated or left out, with arguments as an object;
 * - a finish reason that is repeated (OpenRouter), or `stop` after tool calls;
 * - usage with the last choice, on every chunk, or under `x_groq`;
 * - no `[DONE]` at the end.
 *
 * The answer is whole when `[DONE]` is met after every choice that was seen has its finish reason, or the end of the body
 * after every choice that was asked for has it. Anything else is a fault: a cut answer never passes as a whole one,
 * `[DONE]` or not.
 *
 * The pieces of a spoken answer come as opaque blocks, one a piece.
 *
 * @module
 */
import { Array as Arr, Result } from "effect"
import type { ChatEvent, Frame } from "../../domain/ChatEvent.ts"
import type { Citation } from "../../domain/Citation.ts"
import { isJsonObject, type Json, type JsonObject, parseJson } from "../../domain/Json.ts"
import { logprobsIn } from "../../domain/Logprobs.ts"
import { madeCallId } from "../CallIds.ts"
import { customCall } from "../CustomTools.ts"
import type { DecodeFault, Expected, SseEvent, StreamDecoder } from "../Dialect.ts"
import { citationsIn, sourcesIn } from "./Citations.ts"
import { failureOf, finishReasonOf, usageOf } from "./Finish.ts"
import { argumentsOf, errorInside, imagesOf, isErrorBody, malformed, thinkingOf } from "./Response.ts"
import { dialectId } from "./Wire.ts"

interface Call {
  readonly index: number
  readonly id: string
  custom: boolean
  /** Until its name is known a call has not begun; its arguments wait. */
  begun: boolean
  waiting: string
}

interface ChoiceState {
  readonly answerId: string
  finished: boolean
  readonly calls: Array<Call>
  /** Its text so far. */
  text: string
  /** Were the vendor's sources told of it? */
  cited: boolean
  /** The call each index of the wire stands for now. */
  readonly byIndex: Map<number, Call>
}

const unmodelled: Frame["events"] = [{ _tag: "Unmodelled" }]
const nothing: Result.Result<Frame | undefined, DecodeFault> = Result.succeed(undefined)

export const streamDecoder = (expected: Expected = { choices: 1 }): StreamDecoder => {
  let started = false
  let answerId = ""
  let ended = false
  /** What the vendor lists beside its choices: told with each chunk, or with some. */
  let sources: ReadonlyArray<Citation> = []
  const choices = new Map<number, ChoiceState>()

  /** Why the answer is not whole; `undefined` where it is. */
  const missing = (): string | undefined => {
    if (choices.size === 0) return "The stream ended without any choice"
    for (const state of choices.values())
      if (!state.finished) return "The stream ended before a finish reason: the answer was cut"
    return undefined
  }

  const frame = (event: SseEvent, events: ReadonlyArray<ChatEvent>): Result.Result<Frame, DecodeFault> =>
    Result.succeed({
      events: Arr.isReadonlyArrayNonEmpty(events) ? events : unmodelled,
      wire: { dialect: dialectId, event: event.event, data: event.data }
    })

  return {
    event: (event) => {
      if (ended || event.data === "") return nothing
      if (event.data.startsWith("[DONE]")) {
        const why = missing()
        if (why !== undefined) return malformed(why)
        ended = true
        return frame(event, [{ _tag: "Ended" }])
      }
      const chunk = parseJson(event.data)
      if (event.event === "error") return errorInside(chunk ?? event.data)
      if (!isJsonObject(chunk)) return malformed("An event of the stream is not a JSON object")
      if (isErrorBody(chunk)) return errorInside(chunk)
      const events: Array<ChatEvent> = []
      const listed = chunk["choices"]
      const inChoices: ReadonlyArray<Json> = Array.isArray(listed) ? listed : []
      sources = sourcesIn(chunk) ?? sources
      if (!started && inChoices.length > 0) {
        started = true
        answerId = textOr(chunk["id"])
        events.push(startedBy(chunk))
      }
      for (let position = 0; position < inChoices.length; position++) {
        const choice = inChoices[position]
        if (!isJsonObject(choice)) return malformed("A choice of the stream is not an object")
        const failure = failureOf(choice)
        if (failure !== undefined) return errorInside(failure)
        const index = integer(choice["index"]) ?? position
        let state = choices.get(index)
        if (state === undefined)
          choices.set(
            index,
            (state = { answerId, finished: false, calls: [], text: "", cited: false, byIndex: new Map() })
          )
        choiceEvents(choice, index, state, events, sources)
      }
      // some vendors list them after every choice has finished
      if (inChoices.length === 0 && sources.length > 0)
        for (const [index, state] of choices) if (state.finished) citeAll(index, state, sources, events)
      const usage = usageOf(chunk["usage"]) ?? usageInside(chunk["x_groq"])
      if (usage !== undefined) {
        // only a chunk without choices may be withheld from a caller who did not ask for usage
        if (inChoices.length > 0 && events.length === 0) events.push({ _tag: "Unmodelled" })
        events.push({ _tag: "UsageReported", usage })
      }
      return frame(event, events)
    },
    end: () => {
      if (ended) return nothing
      const why =
        missing() ??
        (choices.size < expected.choices
          ? `The stream ended with ${choices.size} of ${expected.choices} choices: the answer was cut`
          : undefined)
      if (why !== undefined) return malformed(why)
      ended = true
      return Result.succeed({ events: [{ _tag: "Ended" }], wire: undefined })
    }
  }
}

const integer = (value: Json | undefined): number | undefined =>
  typeof value === "number" && Number.isInteger(value) ? value : undefined

const textOr = (value: Json | undefined): string => (typeof value === "string" ? value : "")

const usageInside = (value: Json | undefined) => (isJsonObject(value) ? usageOf(value["usage"]) : undefined)

const startedBy = (chunk: JsonObject): ChatEvent => {
  const { created, id, model } = chunk
  return {
    _tag: "Started",
    id: textOr(id),
    model: textOr(model),
    ...(typeof created === "number" && Number.isInteger(created) ? { created } : {})
  }
}

/** Adds what one choice of a chunk says to `events`. */
const choiceEvents = (
  choice: JsonObject,
  index: number,
  state: ChoiceState,
  events: Array<ChatEvent>,
  sources: ReadonlyArray<Citation>
): void => {
  const delta = choice["delta"]
  const logprobs = choice["logprobs"] === null ? undefined : logprobsIn(choice["logprobs"])
  if (logprobs !== undefined) events.push({ _tag: "LogprobsReported", choice: index, logprobs })
  if (isJsonObject(delta)) {
    const thought = delta["reasoning_content"] || delta["reasoning"]
    if (typeof thought === "string" && thought !== "")
      events.push({ _tag: "ReasoningDelta", choice: index, text: thought })
    const content = delta["content"]
    if (typeof content === "string") {
      if (content !== "") {
        state.text += content
        events.push({ _tag: "TextDelta", choice: index, text: content })
      }
    } else if (Array.isArray(content)) for (const block of content) blockEvents(block, index, state, events)
    if (delta["annotations"] !== undefined)
      for (const citation of citationsIn(delta["annotations"], state.text))
        events.push({ _tag: "CitationAdded", choice: index, citation })
    if (delta["images"] !== undefined)
      for (const part of imagesOf(delta["images"])) events.push({ _tag: "MediaBlock", choice: index, part })
    const refusal = delta["refusal"]
    if (typeof refusal === "string" && refusal !== "")
      events.push({ _tag: "RefusalDelta", choice: index, text: refusal })
    const audio = delta["audio"]
    if (isJsonObject(audio))
      events.push({
        _tag: "OpaqueBlock",
        choice: index,
        part: { _tag: "Opaque", dialect: dialectId, block: { audio } }
      })
    const calls = delta["tool_calls"]
    if (Array.isArray(calls)) for (const call of calls) if (isJsonObject(call)) callEvents(call, index, state, events)
    const old = delta["function_call"]
    if (isJsonObject(old)) callEvents({ index: 0, id: "function_call", function: old }, index, state, events)
  }
  const reason = finishReasonOf(choice["finish_reason"], state.calls.length > 0)
  if (reason === undefined || state.finished) return
  state.finished = true
  for (const call of state.calls) if (!call.begun) begin(call, "", index, events)
  citeAll(index, state, sources, events)
  events.push({ _tag: "Finished", choice: index, reason })
}

/** Tells of a choice, once, what the vendor lists for all. */
const citeAll = (
  choice: number,
  state: ChoiceState,
  sources: ReadonlyArray<Citation>,
  events: Array<ChatEvent>
): void => {
  if (state.cited || sources.length === 0) return
  state.cited = true
  for (const citation of sources) events.push({ _tag: "CitationAdded", choice, citation })
}

const blockEvents = (block: Json, choice: number, state: ChoiceState, events: Array<ChatEvent>): void => {
  if (!isJsonObject(block)) return
  if (block["type"] === "thinking") {
    const text = thinkingOf(block["thinking"])
    if (text !== "") events.push({ _tag: "ReasoningDelta", choice, text })
  } else if (block["type"] === "text") {
    const text = block["text"]
    if (typeof text !== "string" || text === "") return
    state.text += text
    events.push({ _tag: "TextDelta", choice, text })
  }
}

const callEvents = (delta: JsonObject, choice: number, state: ChoiceState, events: Array<ChatEvent>): void => {
  const spoken = isJsonObject(delta["function"]) ? delta["function"] : undefined
  const custom = isJsonObject(delta["custom"]) ? delta["custom"] : undefined
  const name = spoken?.["name"] ?? custom?.["name"]
  const piece = spoken === undefined ? argumentsOf(custom?.["input"]) : argumentsOf(spoken["arguments"])
  const call = callFor(delta, typeof name === "string" && name !== "", choice, state)
  if (custom !== undefined) call.custom = true
  if (!call.begun && typeof name === "string" && name !== "") begin(call, name, choice, events)
  if (piece === "") return
  if (call.begun) events.push({ _tag: "ToolCallDelta", choice, index: call.index, arguments: piece })
  else call.waiting += piece
}

const begin = (call: Call, name: string, choice: number, events: Array<ChatEvent>): void => {
  call.begun = true
  events.push({
    _tag: "ToolCallStarted",
    choice,
    index: call.index,
    id: call.id,
    name,
    ...(call.custom ? customCall(dialectId) : {})
  })
  if (call.waiting !== "") events.push({ _tag: "ToolCallDelta", choice, index: call.index, arguments: call.waiting })
  call.waiting = ""
}

/**
 * The call a delta belongs to: the one its index stands for, unless a new id comes with a name (another call under the
 * same index); without an index the one of its id, and without either the last.
 */
const callFor = (delta: JsonObject, named: boolean, choice: number, state: ChoiceState): Call => {
  const at = integer(delta["index"])
  const id = typeof delta["id"] === "string" ? delta["id"] : ""
  const known =
    at !== undefined
      ? state.byIndex.get(at)
      : id === ""
        ? named
          ? undefined
          : state.calls[state.calls.length - 1]
        : state.calls.find((call) => call.id === id)
  if (known !== undefined && (id === "" || id === known.id || !named || !known.begun)) return known
  const index = state.calls.length
  const call: Call = {
    index,
    id: id === "" ? madeCallId(state.answerId, choice, index) : id,
    custom: false,
    begun: false,
    waiting: ""
  }
  state.calls.push(call)
  if (at !== undefined) state.byIndex.set(at, call)
  return call
}
