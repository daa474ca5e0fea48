/**
 * Citations of the Messages wire, both ways. They stand in the text block that is cited for, and are of all of it.
 *
 * The vendor's own go back to it as it wrote them. Any other is written as the result of a search on the web, the only
 * form with an address that does not refer to the request; a mark stands where the vendor's secret would, and what bears
 * the mark is not sent to the vendor, who would refuse it. A citation without an address has no form here.
 *
 * @module
 */
import { type Citation, citationOf, spanOf } from "../../domain/Citation.ts"
import { isJsonObject, type Json, type JsonObject, omitKeys } from "../../domain/Json.ts"
import type { Message } from "../../domain/Message.ts"
import { dialectId, ownFields } from "./Wire.ts"

/** Stands for the index that only the vendor can write. */
const mark = "switchyard"

const isMade = (citation: Json | undefined): boolean => isJsonObject(citation) && citation["encrypted_index"] === mark

/** The citations of a text block that reaches from `start` to `end` of the choice's text. */
export const citationsIn = (listed: Json | undefined, start: number, end: number): ReadonlyArray<Citation> =>
  Array.isArray(listed)
    ? listed.flatMap((raw: Json): ReadonlyArray<Citation> => (isJsonObject(raw) ? [citationIn(raw, start, end)] : []))
    : []

const citationIn = (raw: JsonObject, start: number, end: number): Citation => {
  const { cited_text: quote, document_title: document, source, title, url } = raw
  const address = url ?? (typeof source === "string" && source.includes("://") ? source : undefined)
  const said = citationOf({ url: address, title: title ?? document, quote, span: spanOf(start, end) })
  return isMade(raw) ? said : { ...said, extensions: { [dialectId]: raw } }
}

/** As a block's `citations` or a delta has it; `undefined` for what has no form here. */
export const citationJson = (citation: Citation): JsonObject | undefined => {
  const own = ownFields(citation)
  if (own !== undefined) return own
  const { quote, title, url } = citation
  return url === undefined
    ? undefined
    : {
        type: "web_search_result_location",
        url,
        title: title ?? null,
        cited_text: quote ?? "",
        encrypted_index: mark
      }
}

/** The block without citations that Switchyard wrote; the same block where it has none. */
export const withoutMade = (block: JsonObject): JsonObject => {
  const { citations } = block
  if (!Array.isArray(citations) || !citations.some(isMade)) return block
  const own = citations.filter((citation: Json) => !isMade(citation))
  return own.length === 0 ? omitKeys(block, ["citations"]) : { ...block, citations: own }
}

/** Are there citations that Switchyard wrote among what a caller sent back? */
export const hasMade = (messages: ReadonlyArray<Message>): boolean =>
  messages.some(
    ({ content, role }) =>
      role === "assistant" &&
      content.some((part) => {
        const listed = part._tag === "Text" ? ownFields(part)?.["citations"] : undefined
        return Array.isArray(listed) && listed.some(isMade)
      })
  )

/** A body's messages without them. */
export const messagesWithoutMade = (messages: Json | undefined): Json =>
  Array.isArray(messages)
    ? messages.map((message: Json): Json => {
        const content = isJsonObject(message) ? message["content"] : undefined
        return isJsonObject(message) && Array.isArray(content)
          ? { ...message, content: content.map((block: Json) => (isJsonObject(block) ? withoutMade(block) : block)) }
          : message
      })
    : []
