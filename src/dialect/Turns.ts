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
      if (last?.role === "assistant") out[out.length - 1] = joined(last, message)
      else {
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
const joined = (first: Message, second: Message): Message => {
  const extensions = { ...first.extensions, ...second.extensions }
  return {
    ...first,
    ...second,
    content: [...first.content, ...second.content],
    ...(Object.keys(extensions).length === 0 ? {} : { extensions })
  }
}

/** The ids that a message calls with, or answers. */
export const idsOf = (message: Message, kind: "ToolCall" | "ToolResult"): ReadonlyArray<string> =>
  message.content.flatMap((part) => (part._tag === kind ? [part.id] : []))

/**
 * The results of a turn as one message, in the order of their calls: to a vendor whose SDKs leave ids out, two calls of
 * one function are told apart by nothing else.
 */
export const inCallOrder = (messages: ReadonlyArray<Message>): ReadonlyArray<Message> => {
  const out: Array<Message> = []
  let calls: ReadonlyArray<string> = []
  const place = (part: Part): number => {
    const found = part._tag === "ToolResult" ? calls.indexOf(part.id) : -1
    return found === -1 ? calls.length : found
  }
  for (const message of messages) {
    const last = out.at(-1)
    if (message.role === "assistant")
      calls = [...(last?.role === "assistant" ? calls : []), ...idsOf(message, "ToolCall")]
    if (message.role !== "tool") {
      out.push(message)
      continue
    }
    const content = [...(last?.role === "tool" ? last.content : []), ...message.content]
    if (last?.role === "tool") out.pop()
    out.push({ ...message, content: content.toSorted((one, other) => place(one) - place(other)) })
  }
  return out
}
