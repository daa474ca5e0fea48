/**
 * What the headers tell of an answer, in its body: a field `switchyard`, for callers whose SDK shows no headers, and with
 * the cost of streams, which is known only at their end.
 *
 * It is one more field of a whole body, or of the last event of a stream that is an object: each dialect's official SDK
 * passes over fields it does not know. To have that event in hand, what comes from the answer's finish on is held back
 * until the end, which is at most the usage and the end marker; where another choice goes on it is let go again.
 *
 * @module
 */
import type { Served } from "../domain/Answer.ts"
import type { ChatEvent, Frame } from "../domain/ChatEvent.ts"
import type { JsonObject } from "../domain/Json.ts"
import { type NanoUsd, usdOfNano } from "../domain/Money.ts"
import { attemptsOf } from "./Reply.ts"

/** The field's value. `cost` is absent where nobody knows the price or the usage. */
export const metadataOf = (served: Served, requestId: string, cost: NanoUsd | undefined): JsonObject => ({
  requestId,
  provider: served.provider,
  model: served.model,
  ...(served.modelTier === undefined ? {} : { modelTier: served.modelTier }),
  attempts: attemptsOf(served),
  ...(served.cache === undefined ? {} : { cache: served.cache }),
  ...(served.fallback === undefined ? {} : { fallback: served.fallback }),
  ...(served.task === undefined ? {} : { task: served.task }),
  ...(served.dropped.length === 0 ? {} : { dropped: served.dropped }),
  ...(cost === undefined ? {} : { costUsd: usdOfNano(cost) })
})

const goesOn = ({ _tag }: ChatEvent): boolean =>
  _tag !== "Finished" && _tag !== "UsageReported" && _tag !== "Ended" && _tag !== "Unmodelled"

/** The end of a stream, held back. */
export class StreamTail {
  #held: Array<string> = []

  /** Takes a frame's text; gives what is to be written now. */
  pass({ events }: Frame, text: string): string {
    if (this.#held.length > 0 && events.some(goesOn)) return this.release() + text
    if (this.#held.length === 0 && !events.some(({ _tag }) => _tag === "Finished" || _tag === "Ended")) return text
    this.#held.push(text)
    return ""
  }

  /** What is held, as it came. */
  release(): string {
    const text = this.#held.join("")
    this.#held = []
    return text
  }

  /** What is held, with `metadata` in the last of its events that is an object. */
  end(metadata: JsonObject): string {
    const text = this.release()
    const at = lastObject(text)
    if (at === undefined) return text
    const isEmpty = text[at + 1] === "}"
    return `${text.slice(0, at + 1)}"switchyard":${JSON.stringify(metadata)}${isEmpty ? "" : ","}${text.slice(at + 1)}`
  }
}

/**
 * Where the last event's object begins: after `data:` in server-sent events, at the start of a line in a JSON array. JSON
 * of one line holds no line break, so that no text of a model's can be taken for it.
 */
const lastObject = (text: string): number | undefined => {
  let found: number | undefined
  for (const match of text.matchAll(/(?:^|[\r\n])(?:data: ?|[[,]?[\r\n ]*)\{/g))
    found = match.index + match[0].length - 1
  return found
}
