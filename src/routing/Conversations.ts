/**
 * Who answered a conversation last, so that it can stay with them.
 *
 * A conversation is known by what does not change as it grows: who asks, under which name, the instructions, and the
 * first words of the first human message. Two conversations that begin alike are taken for one, which costs a choice and
 * nothing else. Only a hash is kept.
 *
 * @module
 */
import { Context, Layer } from "effect"
import type { ChatRequest } from "../domain/ChatRequest.ts"
import type { ModelRef } from "../domain/Ids.ts"
import type { Caller } from "../domain/RequestContext.ts"
import type { Task } from "../domain/Task.ts"

export class Conversations extends Context.Service<
  Conversations,
  {
    /** Who answered it last; `undefined` where nobody has, or it is long ago. `now` in milliseconds since 1970. */
    readonly lastOf: (key: string, now: number) => LastAnswer | undefined
    readonly answered: (key: string, last: LastAnswer, now: number) => void
  }
>()("switchyard/routing/Conversations") {
  static readonly layer: Layer.Layer<Conversations> = Layer.sync(Conversations, () => make())
}

export interface LastAnswer {
  readonly by: ModelRef
  /** What the model was chosen for, where it was asked for by task. */
  readonly task: Task | undefined
}

/** So many of the last that were answered are known, and up to twice as many. */
const leastKept = 10_000
/** Longer than vendors keep a prompt cached. */
const keptMillis = 60 * 60_000

interface Kept {
  readonly last: LastAnswer
  readonly at: number
}

const make = (): Context.Service.Shape<typeof Conversations> => {
  // two generations: to take the oldest out of one full map, all that were taken out before it are passed over (15 µs)
  let young = new Map<string, Kept>()
  let old = young
  return {
    lastOf: (key, now) => {
      const found = young.get(key) ?? old.get(key)
      return found === undefined || now - found.at > keptMillis ? undefined : found.last
    },
    answered: (key, last, now) => {
      young.set(key, { last, at: now })
      if (young.size < leastKept) return
      old = young
      young = new Map()
    }
  }
}

/** How much of each text is read, in UTF-16 code units. */
const readOf = 2000

/** By which a conversation is known. */
export const conversationKey = (request: ChatRequest, caller: Caller): string => {
  const hash = new Fnv()
  hash.add(caller.name)
  hash.add(request.model)
  for (const { content, role } of request.messages) {
    for (const part of content) if (part._tag === "Text") hash.add(part.text.slice(0, readOf))
    if (role === "user") break
  }
  return hash.text
}

/**
 * Two hashes of 32 bits: FNV-1a over the code units, from two starts. It tells apart, it hides nothing.
 *
 * Source: G. Fowler, L. C. Noll, K.-P. Vo, D. Eastlake, "The FNV Non-Cryptographic Hash Algorithm".
 */
class Fnv {
  #a = 0x811c9dc5
  #b = 0x01000193

  add(text: string): void {
    for (let at = 0; at < text.length; at++) {
      const code = text.charCodeAt(at)
      this.#a = Math.imul(this.#a ^ code, 0x01000193)
      this.#b = Math.imul(this.#b ^ code, 0x85ebca6b)
    }
    this.#a = Math.imul(this.#a ^ 0xffff, 0x01000193)
    this.#b = Math.imul(this.#b ^ 0xffff, 0x85ebca6b)
  }

  get text(): string {
    return `${(this.#a >>> 0).toString(36)}.${(this.#b >>> 0).toString(36)}`
  }
}

/**
 * Does the request go on with what a model's call of a tool began? Then no other model takes over: its turn lasts until
 * it has spoken to the results, and what it thought when it called is its own. Whatever stands beside a result, a
 * program's reminder or a human's word, does not end that turn; a result that answers none of its calls begins none.
 */
export const isToolTurn = ({ messages }: Pick<ChatRequest, "messages">): boolean => {
  let at = messages.length - 1
  // most requests end without a tool's result
  let isAnswered = false
  for (; at >= 0 && messages[at]?.role !== "assistant"; at--) isAnswered ||= messages[at]?.role === "tool"
  if (!isAnswered) return false
  const answered = messages.slice(at + 1)
  const calls = new Set<string>()
  // an assistant may call in several messages
  for (; messages[at]?.role === "assistant"; at--)
    for (const part of messages[at]?.content ?? []) if (part._tag === "ToolCall") calls.add(part.id)
  return answered.some(
    ({ content, role }) => role === "tool" && content.some((part) => part._tag !== "ToolResult" || calls.has(part.id))
  )
}
