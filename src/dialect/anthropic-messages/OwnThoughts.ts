/**
 * The body of a caller of this wire whose conversation other vendors had a part in, as this vendor takes it.
 *
 * Thoughts that another vendor signed (`Sealed.ts`), or nobody, are left out. Where the turn that tools have now answered was
 * another vendor's, a budget for thinking would be refused, and is left out too. A body without either is the same object.
 *
 * @module
 */
import { isJsonObject, type Json, type JsonObject, omitKeys } from "../../domain/Json.ts"
import { isSealed } from "../Sealed.ts"

export const withOwnThoughts = (
  body: JsonObject
): { readonly body: JsonObject; readonly dropped: ReadonlyArray<string> } => {
  const { messages, thinking } = body
  if (!Array.isArray(messages)) return { body, dropped: [] }
  const known = messages.some(hasForeign) ? messages.flatMap(ownOf) : messages
  const stripped = known === messages ? body : { ...body, messages: known }
  const barred =
    isJsonObject(thinking) &&
    thinking["type"] === "enabled" &&
    calledElsewhere(known) &&
    inToolTurnWithoutThought(known.filter(isJsonObject))
  return barred ? { body: omitKeys(stripped, ["thinking"]), dropped: ["thinking"] } : { body: stripped, dropped: [] }
}

/**
 * With a budget the vendor asks that the assistant's last turn begin with its thought, if tools were called in it and
 * their results are what it is now given.
 */
export const inToolTurnWithoutThought = (messages: ReadonlyArray<JsonObject>): boolean => {
  const last = contentOf(messages.at(-1))
  if (!last.some((block) => isJsonObject(block) && block["type"] === "tool_result")) return false
  const [first] = contentOf(messages.findLast((message) => message["role"] === "assistant"))
  return !isJsonObject(first) || (first["type"] !== "thinking" && first["type"] !== "redacted_thinking")
}

const contentOf = (message: Json | undefined): ReadonlyArray<Json> => {
  const content = isJsonObject(message) ? message["content"] : undefined
  return Array.isArray(content) ? content : []
}

const isForeign = (block: Json): boolean =>
  isJsonObject(block) &&
  ((block["type"] === "thinking" && (block["signature"] === "" || isSealed(block["signature"]))) ||
    (block["type"] === "redacted_thinking" && isSealed(block["data"])))

const hasForeign = (message: Json): boolean => contentOf(message).some(isForeign)

/** The vendor refuses a message without content. */
const ownOf = (message: Json): ReadonlyArray<Json> => {
  if (!isJsonObject(message) || !hasForeign(message)) return [message]
  const content = contentOf(message).filter((block) => !isForeign(block))
  return content.length === 0 ? [] : [{ ...message, content }]
}

/** Did another vendor make a call of the last turn? This one's ids say whose they are. */
const calledElsewhere = (messages: ReadonlyArray<Json>): boolean =>
  contentOf(messages.findLast((message) => isJsonObject(message) && message["role"] === "assistant")).some(
    (block) => isJsonObject(block) && block["type"] === "tool_use" && !String(block["id"]).startsWith("toolu_")
  )
