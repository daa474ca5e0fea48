/**
 * What is known of one request, collected while it runs: the source of its log line and of its metrics.
 *
 * A record is a plain mutable object owned by one request; watching a live answer costs a few comparisons a frame and
 * allocates nothing. It never holds a prompt, an answer or a key: counts, names, reasons and times only.
 *
 * @module
 */
import type { Answer } from "../domain/Answer.ts"
import { type CacheStatus, isFromCache } from "../domain/Caching.ts"
import { type ChatEvent, type Frame, isVisible } from "../domain/ChatEvent.ts"
import type { ChatRequest } from "../domain/ChatRequest.ts"
import type { Attempt, GatewayError } from "../domain/GatewayError.ts"
import type { Embedded, EmbeddingRequest } from "../domain/Embedding.ts"
import type { DialectId } from "../domain/Ids.ts"
import type { Counted } from "../domain/TokenCount.ts"
import type { Usage } from "../domain/Usage.ts"

/**
 * `ok` answered whole, to its end; `error` refused or failed, nothing of an answer was shown; `cut` failed after
 * something was shown; `cancelled` the caller left first.
 */
/** Somebody went on where a stream had broken off. */
export type Resumed = Extract<ChatEvent, { readonly _tag: "Resumed" }>

export type Outcome = "ok" | "error" | "cut" | "cancelled"

export class RequestRecord {
  readonly id: string
  readonly dialect: DialectId
  /** Milliseconds since 1970. */
  readonly startedAt: number

  /** The name of the caller's key. */
  caller = "unknown"
  modelAsked: string | undefined = undefined
  delivery: "whole" | "live" | undefined = undefined
  /** How many texts were to be embedded; absent for a chat. */
  inputs: number | undefined = undefined
  provider: string | undefined = undefined
  model: string | undefined = undefined
  attempts: ReadonlyArray<Attempt> = []
  usage: Usage | undefined = undefined
  /** Why the first choice did not answer, where another one did. */
  fallback: string | undefined = undefined
  /** What the response cache did; absent where there is none. */
  cache: CacheStatus | undefined = undefined
  /** Was nobody asked for the answer, because it was cached? Then its usage is not this request's. */
  isCached = false
  /** Who completed the answer after a break, in order. */
  readonly resumed: Array<Resumed> = []
  firstEventAt: number | undefined = undefined
  endedAt: number | undefined = undefined
  /** The HTTP status that was, or would have been, written. */
  status = 0
  outcome: Outcome | undefined = undefined
  /** Why it did not end well: a provider's reason where one was told, else the gateway's. */
  reason: string | undefined = undefined
  /** Was anything of the answer shown to the caller? */
  visible = false
  /** Was the end of the stream seen? */
  ended = false
  /** How much of a live answer was written, thoughts and calls of tools included. */
  shownCharacters = 0

  constructor(id: string, dialect: DialectId, startedAt: number) {
    this.id = id
    this.dialect = dialect
    this.startedAt = startedAt
  }

  asked(request: ChatRequest): void {
    this.modelAsked = request.model
    this.delivery = request.delivery
  }

  askedToEmbed(request: EmbeddingRequest): void {
    this.modelAsked = request.model
    this.delivery = "whole"
    this.inputs = request.inputs.length
  }

  /** The vectors are there. */
  embedded({ response, served }: Embedded): void {
    this.provider = served.provider
    this.model = served.model
    this.attempts = served.attempts
    this.fallback = served.fallback
    this.usage = response.usage
  }

  /** A vendor has counted. */
  counted({ served }: Counted): void {
    this.provider = served.provider
    this.model = served.model
    this.attempts = served.attempts
  }

  /** An answer is there; for a live one that is its first visible event. */
  answered(answer: Answer, now: number): void {
    this.provider = answer.served.provider
    this.model = answer.served.model
    this.attempts = answer.served.attempts
    this.fallback = answer.served.fallback
    this.cache = answer.served.cache
    this.isCached = isFromCache(this.cache)
    if (answer._tag === "Live") this.firstEventAt = now
    else if (!this.isCached) this.usage = answer.response.usage
  }

  /** Folds one frame of a live answer. */
  observe(frame: Frame): void {
    for (const event of frame.events) {
      if (event._tag === "UsageReported") this.usage = this.isCached ? undefined : event.usage
      else if (event._tag === "Ended") this.ended = true
      else if (event._tag === "Resumed") this.resumed.push(event)
      else {
        if (event._tag === "TextDelta" || event._tag === "ReasoningDelta") this.shownCharacters += event.text.length
        else if (event._tag === "ToolCallDelta") this.shownCharacters += event.arguments.length
        if (!this.visible && isVisible(event)) this.visible = true
      }
    }
  }

  succeeded(status: number): void {
    this.settle("ok", status, undefined)
  }

  failed(error: GatewayError, status: number): void {
    if (this.attempts.length < error.attempts.length) this.attempts = error.attempts
    this.settle(this.visible ? "cut" : "error", status, reasonOf(error))
  }

  cancelled(): void {
    // 499 is what proxies log where a client closed its request
    this.settle("cancelled", 499, undefined)
  }

  /** The first word counts: what happens while an ended request is torn down changes nothing. */
  private settle(outcome: Outcome, status: number, reason: string | undefined): void {
    if (this.outcome !== undefined) return
    this.outcome = outcome
    this.status = status
    this.reason = reason
  }
}

/** The tag of what went wrong: the provider's reason where there is one, since it says more. */
export const reasonOf = (error: GatewayError): string => {
  switch (error.reason._tag) {
    case "AllFailed":
      return error.reason.first._tag
    case "CutShort":
      return error.reason.reason._tag
    default:
      return error.reason._tag
  }
}
