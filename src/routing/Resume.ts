/**
 * Completing a stream that broke after something of it was shown.
 *
 * Another candidate is asked to go on where the text ended: by a prefill of what was shown where the catalogue promises
 * that it is honoured, else by a further turn that asks for the exact continuation. What it repeats is trimmed
 * (`machine/Splice`). Only plain text is resumed: an answer with tools, structure, a refusal or thoughts in it cannot be
 * joined truthfully.
 *
 * Usage is summed over the parts. A part that was cut tells none, or only its prompt's: what is missing is estimated at
 * four characters a token.
 *
 * @module
 */
import { Array as Arr } from "effect"
import type { ChatEvent, Frame } from "../domain/ChatEvent.ts"
import type { ChatRequest } from "../domain/ChatRequest.ts"
import type { ProviderError } from "../domain/ProviderError.ts"
import type { Usage } from "../domain/Usage.ts"
import { afterPrefill, afterTurn, type SpliceState, spliceStep } from "../machine/Splice.ts"
import { estimateInputTokens } from "./Effort.ts"
import { hasSideEffects } from "./SideEffects.ts"

const charactersPerToken = 4

/** What was shown of an answer so far, and what its parts used. */
export class Shown {
  text = ""
  /** Something that text cannot continue: a tool call, a thought, a refusal, a block of one wire, a second choice. */
  hasMore = false
  finished = false
  /** Used by the parts before the running one. */
  before: Usage = { inputTokens: 0, outputTokens: 0 }
  /** What the running part has told so far. */
  told: Usage | undefined
  /** Characters the running part has written. */
  written = 0

  /** An event of the running part, as its provider sent it. Its text counts as shown only once it is `append`ed. */
  observe(event: ChatEvent): void {
    switch (event._tag) {
      case "TextDelta":
        this.written += event.text.length
        if (event.choice !== 0) this.hasMore = true
        break
      case "RefusalDelta":
      case "ReasoningDelta":
      case "ToolCallStarted":
      case "ToolCallDelta":
      case "OpaqueBlock":
        this.hasMore = true
        break
      case "Finished":
        this.finished = true
        break
      case "UsageReported":
        this.told = event.usage
        break
      default:
    }
  }

  /** Text that was shown. */
  append(text: string): void {
    this.text += text
  }

  /** Frames of the first part, which are shown as they came. */
  note(frames: ReadonlyArray<Frame>): void {
    for (const { events } of frames) {
      for (const event of events) {
        this.observe(event)
        if (event._tag === "TextDelta") this.append(event.text)
      }
    }
  }

  /** The running part is over, cut: what it used is counted, estimated where it did not say. */
  cut(request: ChatRequest): void {
    const written = Math.ceil(this.written / charactersPerToken)
    this.before = sum(this.before, {
      ...this.told,
      inputTokens: this.told?.inputTokens ?? estimateInputTokens(request),
      outputTokens: Math.max(this.told?.outputTokens ?? 0, written)
    })
    this.told = undefined
    this.written = 0
  }
}

/** Counts of two calls together. */
export const sum = (a: Usage, b: Usage): Usage => {
  const total: Record<string, number> = { ...a }
  for (const [name, count] of Object.entries(b)) total[name] = (total[name] ?? 0) + (count ?? 0)
  return {
    ...total,
    inputTokens: a.inputTokens + b.inputTokens,
    outputTokens: a.outputTokens + b.outputTokens
  }
}

/** Can an answer that broke with `error` be completed by somebody else? */
export const canResume = (request: ChatRequest, shown: Shown, error: ProviderError): boolean =>
  !shown.hasMore &&
  !shown.finished &&
  shown.text.trim() !== "" &&
  error.decision.fallback === "yes" &&
  (request.responseFormat === undefined || request.responseFormat._tag === "Text") &&
  (request.sampling.n ?? 1) === 1 &&
  !hasSideEffects(request)

const goOn =
  "Your answer above was cut off. Continue it exactly where it stops, beginning with the very next character. " +
  "Do not repeat anything, do not start over, do not comment."

/** The request that asks for the rest of `text`. */
export const continuationOf = (request: ChatRequest, text: string, by: "prefill" | "turn"): ChatRequest => {
  const { wire: _wire, ...edited } = request
  const said = (role: "assistant" | "user", words: string) => ({
    role,
    content: [{ _tag: "Text" as const, text: words }]
  })
  return {
    ...edited,
    // a rest that is asked for without tools cannot turn into a call
    tools: [],
    messages:
      by === "prefill"
        ? [...request.messages, said("assistant", text.trimEnd())]
        : [...request.messages, said("assistant", text), said("user", goOn)]
  }
}

/** Turns the frames of a continuation into those the caller is shown. */
export interface Joint {
  /** `undefined` where there is nothing to show. */
  readonly frames: (frames: ReadonlyArray<Frame>) => Arr.NonEmptyReadonlyArray<Frame> | undefined
}

/** Joins a continuation to what was `shown`; `by` says how it was asked for. */
export const joint = (shown: Shown, by: "prefill" | "turn"): Joint => {
  let splice: SpliceState = by === "prefill" ? afterPrefill(shown.text) : afterTurn(shown.text)
  const step = (command: Parameters<typeof spliceStep>[1]): ReadonlyArray<ChatEvent> => {
    const [text, next] = spliceStep(splice, command)
    splice = next
    shown.append(text)
    return text === "" ? [] : [{ _tag: "TextDelta", choice: 0, text }]
  }
  const joined = (event: ChatEvent): ReadonlyArray<ChatEvent> => {
    // the thoughts of whoever goes on belong to nothing that was shown
    if (event._tag === "ReasoningDelta") return []
    shown.observe(event)
    switch (event._tag) {
      case "Started":
      case "Unmodelled":
        return []
      case "TextDelta":
        return step({ _tag: "Text", text: event.text })
      case "Finished":
        return [...step({ _tag: "End" }), event]
      case "UsageReported":
        return [{ _tag: "UsageReported", usage: sum(shown.before, event.usage) }]
      default:
        return [event]
    }
  }
  return {
    frames: (frames) => {
      const events = frames.flatMap((frame) => frame.events.flatMap(joined))
      return Arr.isReadonlyArrayNonEmpty(events) ? [{ events, wire: undefined }] : undefined
    }
  }
}
