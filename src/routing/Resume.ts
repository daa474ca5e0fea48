/**
 * Completing a stream that broke after something of it was shown.
 *
 * Another candidate is asked to go on where the text ended: by a prefill of what was shown where the catalogue promises
 * that it is honoured, else by a further turn that asks for the exact continuation. What it repeats is trimmed, and what
 * does not join is not shown (`machine/Splice`): then the next one is asked. Only plain text is resumed: an answer with a
 * tool call, structure, a refusal or thoughts in it cannot be joined truthfully. Whoever goes on has the tools of the
 * request and may call them, as the one that broke off might have done; where a call was demanded nobody is asked.
 *
 * A continuation that a content filter stops or that is refused is told as such, like any answer that is: the caller
 * reads that it is not whole. One that ends at the limit of tokens is too, but only with something new in it.
 *
 * Usage is summed over the parts that were shown. A part that was cut tells none, or only its prompt's: what is missing
 * is estimated at four characters a token. The limit of tokens is the whole answer's: of it the estimate of what was
 * shown is taken off.
 *
 * @module
 */
import { Array as Arr } from "effect"
import { type ChatEvent, type Frame, isVisible } from "../domain/ChatEvent.ts"
import type { ChatRequest } from "../domain/ChatRequest.ts"
import type { ProviderError, Reason } from "../domain/ProviderError.ts"
import type { Usage } from "../domain/Usage.ts"
import { afterPrefill, afterTurn, type SpliceCommand, spliceStep } from "../machine/Splice.ts"
import { estimateInputTokens } from "./Effort.ts"
import { hasSideEffects } from "./SideEffects.ts"

type Frames = Arr.NonEmptyReadonlyArray<Frame>

const charactersPerToken = 4
const tokensIn = (characters: number): number => Math.ceil(characters / charactersPerToken)

/** What was shown of an answer so far, and what its parts used. */
export class Shown {
  text = ""
  /** Something that text cannot continue: a tool call, a thought, a refusal, a block of one wire, a second choice. */
  hasMore = false
  finished = false
  /** Used by the parts before the running one that showed something. */
  before: Usage = { inputTokens: 0, outputTokens: 0 }
  /** What the running part has told so far. */
  told: Usage | undefined
  /** Characters the running part has written, shown or not. */
  written = 0
  /** The same with its thoughts, refusals and calls of tools, in bytes of UTF-8. */
  billed = 0
  /** Has the running part shown anything? */
  partShown = false
  /** Half a character, kept until its other half comes: where the stream breaks between them it is not shown. */
  #half = ""

  /** What an event of the running part wrote or told, shown or not. */
  count(event: ChatEvent): void {
    if (event._tag === "TextDelta") {
      this.written += event.text.length
      this.billed += Buffer.byteLength(event.text)
    } else if (event._tag === "ReasoningDelta" || event._tag === "RefusalDelta")
      this.billed += Buffer.byteLength(event.text)
    else if (event._tag === "ToolCallStarted") this.billed += event.name.length
    else if (event._tag === "ToolCallDelta") this.billed += Buffer.byteLength(event.arguments)
    else if (event._tag === "UsageReported") this.told = event.usage
  }

  /** An event that is shown. Its text is `append`ed. */
  observe(event: ChatEvent): void {
    switch (event._tag) {
      case "TextDelta":
        if (event.choice !== 0) this.hasMore = true
        break
      case "RefusalDelta":
      case "ReasoningDelta":
      case "ToolCallStarted":
      case "ToolCallDelta":
      case "OpaqueBlock":
      case "MediaBlock":
        this.hasMore = true
        this.partShown = true
        break
      case "Finished":
        this.finished = true
        break
      default:
    }
  }

  /** Text that is shown. */
  append(text: string): void {
    this.text += text
    this.partShown = true
  }

  /** What of more `text` can be shown: with the half that was kept, without the half that it ends in. */
  whole(text: string): string {
    const all = this.#half + text
    this.#half = isHalf(all) ? all.slice(-1) : ""
    return this.#half === "" ? all : all.slice(0, -1)
  }

  /** The half that was kept, where its other half cannot come any more. */
  takeHalf(): string {
    const half = this.#half
    this.#half = ""
    return half
  }

  /** Frames of the first part, as they are shown: as they came, but for halves of characters. */
  note(frames: Frames): Frames | undefined {
    const shown = this.#half === "" && !frames.some(endsInHalf) ? frames : this.#mend(frames)
    if (shown === undefined) return undefined
    for (const { events } of shown) {
      for (const event of events) {
        this.count(event)
        this.observe(event)
        if (event._tag === "TextDelta") this.append(event.text)
      }
    }
    return shown
  }

  #mend(frames: Frames): Frames | undefined {
    const mended = frames.flatMap(({ events }): ReadonlyArray<Frame> => {
      const out = events.flatMap((event): ReadonlyArray<ChatEvent> => {
        if (event._tag === "TextDelta" && event.choice === 0) return textOf(this.whole(event.text))
        const goesOn = !isVisible(event) && event._tag !== "Finished" && event._tag !== "Ended"
        return goesOn ? [event] : [...textOf(this.takeHalf()), event]
      })
      return Arr.isReadonlyArrayNonEmpty(out) ? [{ events: out, wire: undefined }] : []
    })
    return Arr.isReadonlyArrayNonEmpty(mended) ? mended : undefined
  }

  /** What the running part, a call of `asked`, has used, by what it told last or by estimate. */
  usageOf(asked: ChatRequest): Usage {
    return this.told ?? { inputTokens: estimateInputTokens(asked), outputTokens: tokensIn(this.written) }
  }

  /** The running part is over, cut: what it used counts if anything of it was shown. It may have told only a beginning. */
  cut(asked: ChatRequest): void {
    const used = this.usageOf(asked)
    if (this.partShown)
      this.before = sum(this.before, { ...used, outputTokens: Math.max(used.outputTokens, tokensIn(this.written)) })
    this.told = undefined
    this.written = 0
    this.billed = 0
    this.partShown = false
    this.#half = ""
  }
}

/** Does it end in the first half of a character that needs two? */
const isHalf = (text: string): boolean => {
  const last = text.charCodeAt(text.length - 1)
  return last >= 0xd800 && last <= 0xdbff
}
const endsInHalf = ({ events }: Frame): boolean =>
  events.some((event) => event._tag === "TextDelta" && event.choice === 0 && isHalf(event.text))

const textOf = (text: string): ReadonlyArray<ChatEvent> => (text === "" ? [] : [{ _tag: "TextDelta", choice: 0, text }])

/** Counts of two calls together. */
export const sum = (a: Usage, b: Usage): Usage => {
  const total: Record<string, number> = { ...a }
  for (const [name, count] of Object.entries(b)) total[name] = (total[name] ?? 0) + (count ?? 0)
  // what only one of them was told to cost is not what both did
  if (a.chargedNanoUsd === undefined || b.chargedNanoUsd === undefined) delete total["chargedNanoUsd"]
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
  // a call that was demanded is still to come, and text before it is not what was asked for
  (request.toolChoice === undefined || request.toolChoice._tag === "Auto" || request.toolChoice._tag === "None") &&
  (request.sampling.n ?? 1) === 1 &&
  !hasSideEffects(request)

/** Has what was shown used up the request's limit of tokens, by estimate? Then the answer ends there. */
export const isAtLimit = ({ sampling }: ChatRequest, text: string): boolean =>
  sampling.maxTokens !== undefined && sampling.maxTokens <= tokensIn(text.length)

/** How an answer ends that is at its limit. */
export const endAtLimit = (shown: Shown): Frames => [
  {
    events: [
      { _tag: "Finished", choice: 0, reason: "length" },
      { _tag: "UsageReported", usage: shown.before },
      { _tag: "Ended" }
    ],
    wire: undefined
  }
]

const goOn =
  "Your answer above was cut off. Continue it exactly where it stops, beginning with the very next character. " +
  "Do not repeat anything, do not start over, do not comment."

/** The request that asks for the rest of `text`. */
export const continuationOf = (request: ChatRequest, text: string, by: "prefill" | "turn"): ChatRequest => {
  const { sampling, wire: _wire, ...edited } = request
  const said = (role: "assistant" | "user", words: string) => ({
    role,
    content: [{ _tag: "Text" as const, text: words }]
  })
  return {
    ...edited,
    sampling:
      sampling.maxTokens === undefined
        ? sampling
        : { ...sampling, maxTokens: Math.max(1, sampling.maxTokens - tokensIn(text.length)) },
    messages:
      by === "prefill"
        ? [...request.messages, said("assistant", text.trimEnd())]
        : [...request.messages, said("assistant", text), said("user", goOn)]
  }
}

/** Why a continuation that does not join has failed. It says nothing about its provider. */
export const joinsNot: Reason = {
  _tag: "MalformedResponse",
  message: "what it went on with does not join what was shown",
  byModel: true
}

/** Turns the frames of a continuation into those the caller is shown. */
export interface Joint {
  /** `undefined`: nothing to show yet. `DoesNotJoin`: this is no continuation, and nothing of it was shown. */
  readonly frames: (frames: Frames) => Frames | "DoesNotJoin" | undefined
}

/** A continuation that has begun. */
export interface Continuation {
  readonly asked: ChatRequest
  readonly by: "prefill" | "turn"
  /** Told before the first of what is shown of it. */
  readonly resumed: ChatEvent
}

/** Joins a continuation to what was `shown`. */
export const joint = (shown: Shown, { asked, by, resumed }: Continuation): Joint => {
  let splice = by === "prefill" ? afterPrefill(shown.text) : afterTurn(shown.text)
  let begun = false
  /** What a continuation cites is told when it ends, without a place: what it repeated is not in the text. */
  const cited: Array<ChatEvent> = []
  const tell = (text: string): ReadonlyArray<ChatEvent> => {
    if (text !== "") shown.append(text)
    return textOf(text)
  }
  const step = (command: SpliceCommand): ReadonlyArray<ChatEvent> => {
    const [text, next] = spliceStep(splice, command)
    splice = next
    return text === "" ? [] : tell(shown.whole(text))
  }
  /** Something else than text comes; `more`: it goes on what was shown though no text came before it. */
  const then = (event: ChatEvent, more: boolean): ReadonlyArray<ChatEvent> => {
    const last = [...step({ _tag: "End", more }), ...tell(shown.takeHalf())]
    if (splice._tag === "DoesNotJoin") {
      if (!isStop(event)) return []
      // what was told instead of a continuation is told; what came before it is not
      splice = { _tag: "Through" }
    }
    shown.observe(event)
    return [...last, event]
  }
  const joined = (event: ChatEvent): ReadonlyArray<ChatEvent> => {
    shown.count(event)
    switch (event._tag) {
      case "TextDelta":
        return step({ _tag: "Text", text: event.text })
      case "CitationAdded": {
        const { span: _, ...citation } = event.citation
        cited.push({ ...event, citation })
        return []
      }
      case "Finished": {
        const out = then(event, false)
        return out.length === 0 ? out : [...out.slice(0, -1), ...cited.splice(0), event]
      }
      case "RefusalDelta":
      case "ToolCallStarted":
      case "ToolCallDelta":
      case "OpaqueBlock":
      case "MediaBlock":
        return then(event, true)
      case "Ended": {
        const out = then(event, false)
        const usage = sum(shown.before, shown.usageOf(asked))
        return out.length === 0 ? out : [...out.slice(0, -1), { _tag: "UsageReported", usage }, event]
      }
      // its beginning was told by another, its usage is told at the end, its thoughts belong to nothing that was shown
      default:
        return []
    }
  }
  return {
    frames: (frames) => {
      const events: Array<ChatEvent> = []
      for (const frame of frames)
        for (const event of frame.events) {
          events.push(...joined(event))
          if (splice._tag === "DoesNotJoin") return "DoesNotJoin"
        }
      if (!Arr.isArrayNonEmpty(events)) return undefined
      const told: Frames = [{ events: begun ? events : [resumed, ...events], wire: undefined }]
      begun = true
      return told
    }
  }
}

/** Does the caller read from it that the answer was stopped, whatever is missing? */
const isStop = (event: ChatEvent): boolean =>
  event._tag === "RefusalDelta" ||
  (event._tag === "Finished" && (event.reason === "content_filter" || event.reason === "refusal"))
