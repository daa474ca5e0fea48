/**
 * Ids of calls, each once in a conversation: Anthropic refuses one that comes again, while vendors that count their calls
 * anew in every turn (`call_0`) do not mind. The results follow their calls.
 *
 * @module
 */
import type { Message, Part } from "../domain/Message.ts"

/** The same messages; the same array where no id comes again. */
export const withUniqueIds = (messages: ReadonlyArray<Message>): ReadonlyArray<Message> => {
  const seen = new Set<string>()
  const answered = new Set<string>()
  /** What the newest call of an id is called. */
  const names = new Map<string, string>()
  const again = (part: Part): Part => {
    if (part._tag === "ToolResult") {
      const name = names.get(part.id)
      answered.add(part.id)
      return name === undefined ? part : { ...part, id: name }
    }
    if (part._tag !== "ToolCall") return part
    // two calls of one id that wait side by side cannot be told apart: `History.ts` refuses them
    if (!answered.has(part.id)) {
      seen.add(part.id)
      return part
    }
    let count = 2
    while (seen.has(`${part.id}_${count}`)) count++
    const name = `${part.id}_${count}`
    seen.add(name)
    names.set(part.id, name)
    return { ...part, id: name }
  }
  const out = messages.map((message) => {
    const content = message.content.map(again)
    return content.some((part, index) => part !== message.content[index]) ? { ...message, content } : message
  })
  return names.size === 0 ? messages : out
}
