/**
 * Messages in the order vendors ask for: the answers to an assistant's calls follow the message with the calls at once,
 * and no other message stands between. Some wires let an assistant call in several messages in a row, or somebody speak
 * before the tools have answered.
 *
 * Calls that are never answered move nothing, and neither do answers that stand before their call (`History.ts`).
 *
 * @module
 */
import type { Message, Part } from "../domain/Message.ts"
import { append } from "./append.ts"

/** The same messages; the same array where nothing had to move. */
export const inTurns = (messages: ReadonlyArray<Message>): ReadonlyArray<Message> => {
  /** Where each call is answered last: ids may come again in later turns. */
  const answered = new Map<string, number>()
  for (const [at, message] of messages.entries()) for (const id of idsOf(message, "ToolResult")) answered.set(id, at)
  if (answered.size === 0) return messages
  const out: Array<Message> = []
  /** Calls whose answers are still to come. */
  const open = new Set<string>()
  /** What was said while calls were open. */
  let later: Array<Message> = []
  /** What several messages of the assistant's have become, and its content. */
  let grown: Message | undefined
  let content: Array<Part> = []
  const settle = () => {
    open.clear()
    append(out, later)
    later = []
  }
  for (const [at, message] of messages.entries()) {
    if (open.size === 0) out.push(message)
    else if (message.role === "tool") {
      const ids = idsOf(message, "ToolResult")
      if (!ids.some((id) => open.has(id))) settle()
      for (const id of ids) open.delete(id)
      out.push(message)
      if (open.size === 0) settle()
    } else if (message.role === "assistant") {
      const last = later.length === 0 ? out.at(-1) : undefined
      if (last?.role === "assistant") {
        // grown in place, since there may be very many
        if (last !== grown) content = [...last.content]
        append(content, message.content)
        grown = joined(last, message, content)
        out[out.length - 1] = grown
      } else {
        settle()
        out.push(message)
      }
    } else later.push(message)
    if (message.role === "assistant")
      for (const id of idsOf(message, "ToolCall")) if ((answered.get(id) ?? -1) > at) open.add(id)
  }
  settle()
  return out
}

/** Labels of the first that the second has too are the second's. */
const joined = (first: Message, second: Message, content: ReadonlyArray<Part>): Message => {
  const extensions = { ...first.extensions, ...second.extensions }
  return {
    ...first,
    ...second,
    content,
    ...(Object.keys(extensions).length === 0 ? {} : { extensions })
  }
}

/** The ids that a message calls with, or answers. */
export const idsOf = ({ content }: Message, kind: "ToolCall" | "ToolResult"): ReadonlyArray<string> => {
  let ids: Array<string> | undefined
  for (const part of content) if (part._tag === kind) (ids ??= []).push(part.id)
  return ids ?? noIds
}

const noIds: ReadonlyArray<string> = []

/**
 * The results of a turn as one message, in the order of their calls: to a vendor whose SDKs leave ids out, two calls of
 * one function are told apart by nothing else.
 */
export const inCallOrder = (messages: ReadonlyArray<Message>): ReadonlyArray<Message> => {
  const out: Array<Message> = []
  /** Where the calls of the turn stand. */
  const places = new Map<string, number>()
  const place = (part: Part): number => (part._tag === "ToolResult" ? (places.get(part.id) ?? Infinity) : Infinity)
  let results: Array<Part> = []
  const settle = () => {
    const last = out.at(-1)
    if (last?.role === "tool")
      out[out.length - 1] = {
        ...last,
        // without a difference of infinities, which is no number
        content: results.toSorted((one, other) => (place(one) < place(other) ? -1 : place(one) > place(other) ? 1 : 0))
      }
    results = []
  }
  let before: Message["role"] | undefined
  for (const message of messages) {
    if (message.role !== "tool") {
      settle()
      if (message.role === "assistant") {
        if (before !== "assistant") places.clear()
        for (const id of idsOf(message, "ToolCall")) if (!places.has(id)) places.set(id, places.size)
      }
      out.push(message)
    } else {
      if (before !== "tool") out.push(message)
      append(results, message.content)
    }
    before = message.role
  }
  settle()
  return out
}
