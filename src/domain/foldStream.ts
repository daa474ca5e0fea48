/**
 * A streamed answer put together to a whole one: for counting, caching, checking and tests.
 *
 * Deltas of one kind that follow one another become one part; a tool call is one part however its pieces lie among
 * others. A thought is closed by its signature, and a redacted thought is a part by itself; both bear the dialect of
 * the frame they came in as their origin. What the wire carried beyond the events is not in the result.
 *
 * @module
 */
import type { ChatEvent, Frame } from "./ChatEvent.ts"
import type { ChatResponse, FinishReason } from "./ChatResponse.ts"
import { type Citation, cited } from "./Citation.ts"
import type { DialectId } from "./Ids.ts"
import type { Json } from "./Json.ts"
import { logprobsJson } from "./Logprobs.ts"
import type { Part } from "./Message.ts"
import type { Usage } from "./Usage.ts"

/** Puts one stream together, event by event. Not shared between streams. */
export interface StreamFold {
  readonly add: (frame: Frame) => void
  /** The answer so far. A choice without its finish bears `other`; a stream without any choice has one empty choice. */
  readonly response: () => ChatResponse
  /** Was the wire's own end seen? */
  readonly ended: () => boolean
}

/** The answer that `frames` stream. */
export const foldFrames = (frames: Iterable<Frame>): ChatResponse => {
  const fold = makeStreamFold()
  for (const frame of frames) fold.add(frame)
  return fold.response()
}

export const makeStreamFold = (): StreamFold => {
  let started: Extract<ChatEvent, { readonly _tag: "Started" }> | undefined
  let usage: Usage | undefined
  let ended = false
  const choices = new Map<number, ChoiceFold>()
  const choice = (index: number): ChoiceFold => {
    let found = choices.get(index)
    if (found === undefined) choices.set(index, (found = emptyChoice()))
    return found
  }
  const add = (event: ChatEvent, origin: DialectId | undefined): void => {
    switch (event._tag) {
      case "Started":
        // a resumed stream starts again; to the caller it stays the first answer
        started ??= event
        return
      case "UsageReported":
        usage = event.usage
        return
      case "Ended":
        ended = true
        return
      case "Resumed":
      case "Unmodelled":
        return
      case "Finished": {
        const at = choice(event.choice)
        at.reason = event.reason
        at.stopSequence = event.stopSequence
        return
      }
      default:
        addDelta(choice(event.choice), event, origin)
    }
  }
  return {
    add: (frame) => {
      for (const event of frame.events) add(event, frame.wire?.dialect)
    },
    ended: () => ended,
    response: () => {
      const folded = [...choices].sort(([a], [b]) => a - b).map(([index, at]) => closeChoice(index, at))
      const [first, ...others] = folded
      return {
        id: started?.id ?? "",
        model: started?.model ?? "",
        ...(started?.created === undefined ? {} : { created: started.created }),
        choices: [first ?? closeChoice(0, emptyChoice()), ...others],
        ...(usage === undefined ? {} : { usage }),
        ...(started?.dropped === undefined ? {} : { dropped: started.dropped })
      }
    }
  }
}

type Delta = Extract<ChatEvent, { readonly choice: number }>

/** A part that still grows: its text is in `text` until it is closed. */
interface OpenPart {
  readonly part: Part
  text: string
}

interface ChoiceFold {
  readonly parts: Array<OpenPart>
  readonly calls: Map<number, OpenPart>
  /** May the last part still grow? A signature closes it. */
  closed: boolean
  reason: FinishReason | undefined
  stopSequence: string | undefined
  readonly logprobs: { readonly content: Array<Json>; readonly refusal: Array<Json> }
  readonly citations: Array<Citation>
}

const emptyChoice = (): ChoiceFold => ({
  parts: [],
  calls: new Map(),
  closed: true,
  reason: undefined,
  stopSequence: undefined,
  logprobs: { content: [], refusal: [] },
  citations: []
})

const addDelta = (at: ChoiceFold, event: Delta, origin: DialectId | undefined): void => {
  switch (event._tag) {
    case "TextDelta":
      grow(at, { _tag: "Text", text: "" }, event.text)
      return
    case "RefusalDelta":
      grow(at, { _tag: "Refusal", text: "" }, event.text)
      return
    case "ReasoningDelta": {
      const maker = event.origin ?? origin
      const from = maker === undefined ? {} : { origin: maker }
      if (event.redacted !== undefined) {
        push(at, { _tag: "Reasoning", text: "", redacted: event.redacted, ...from }, event.text)
        at.closed = true
        return
      }
      grow(at, { _tag: "Reasoning", text: "" }, event.text)
      if (event.signature === undefined) return
      const last = at.parts.pop()
      if (last !== undefined) push(at, { _tag: "Reasoning", text: "", signature: event.signature, ...from }, last.text)
      at.closed = true
      return
    }
    case "ToolCallStarted":
      at.calls.set(event.index, push(at, callOf(event), ""))
      return
    case "ToolCallDelta": {
      const call = at.calls.get(event.index)
      if (call !== undefined) call.text += event.arguments
      return
    }
    case "OpaqueBlock":
    case "MediaBlock":
      push(at, event.part, "")
      at.closed = true
      return
    case "LogprobsReported":
      at.logprobs.content.push(...event.logprobs.content)
      at.logprobs.refusal.push(...event.logprobs.refusal)
      return
    case "CitationAdded":
      at.citations.push(event.citation)
  }
}

const callOf = ({ extensions, id, name }: Extract<ChatEvent, { readonly _tag: "ToolCallStarted" }>): Part => ({
  _tag: "ToolCall",
  id,
  name,
  arguments: "",
  ...(extensions === undefined ? {} : { extensions })
})

const push = (at: ChoiceFold, part: Part, text: string): OpenPart => {
  const open = { part, text }
  at.parts.push(open)
  at.closed = false
  return open
}

const grow = (at: ChoiceFold, part: Part, text: string): void => {
  const last = at.parts[at.parts.length - 1]
  if (last !== undefined && !at.closed && last.part._tag === part._tag) last.text += text
  else push(at, part, text)
}

const closePart = ({ part, text }: OpenPart): Part => {
  switch (part._tag) {
    case "Text":
    case "Refusal":
    case "Reasoning":
      return { ...part, text }
    case "ToolCall":
      return { ...part, arguments: text }
    default:
      return part
  }
}

const closeChoice = (index: number, at: ChoiceFold): ChatResponse["choices"][number] => ({
  index,
  content: at.parts.map(closePart).filter((part) => part._tag !== "Text" || part.text !== ""),
  finishReason: at.reason ?? "other",
  ...(at.stopSequence === undefined ? {} : { stopSequence: at.stopSequence }),
  ...(at.logprobs.content.length === 0 && at.logprobs.refusal.length === 0
    ? {}
    : { logprobs: logprobsJson(at.logprobs) }),
  ...cited(at.citations)
})
