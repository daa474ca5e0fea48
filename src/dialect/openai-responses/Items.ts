/**
 * Items of an assistant's turn, both ways: messages, thoughts, calls, and what only this wire knows. They stand in
 * answers and, when the caller sends them back, among the input.
 *
 * - Adjacent texts and refusals of one part list are the content of one message, unless they came in several messages.
 * - A thought's `encrypted_content` is its signature. A signature that another vendor made is sealed: it bears that
 *   vendor's dialect before it, so that a caller who sends its items back returns it to whom it belongs.
 * - A picture is written as `image_generation_call`, the wire's only item that holds one. One that Switchyard wrote is
 *   read back as the picture; the vendor's own stays its own.
 * - Ids of items that Switchyard made are marked. No vendor has stored such an item, so none is shown the id.
 *
 * @module
 */
import { isJsonObject, type Json, type JsonObject, omitKeys } from "../../domain/Json.ts"
import type { ImagePart, OpaquePart, Part, ReasoningPart, ToolCallPart } from "../../domain/Message.ts"
import { restored, unmodelled } from "../openai-chat/Extensions.ts"
import { isCustomCall } from "../CustomTools.ts"
import { isSealed, seal, unseal } from "../Sealed.ts"
import { dialectId, kept, labelled } from "./Wire.ts"

export type ItemKind = "msg" | "rs" | "fc" | "ig"

/** The id of an item that Switchyard writes: the `index`th of the answer `responseId`. */
export const madeId = (kind: ItemKind, responseId: string, index: number): string =>
  `${kind}_switchyard_${responseId.replace(/^resp_/, "")}_${index}`

export const isMadeId = (id: Json | undefined): boolean =>
  typeof id === "string" && /^(?:msg|rs|fc|ig)_switchyard_/.test(id)

/** The signature of a thought as this wire carries it; `undefined` where it has none. */
export const encryptedContent = (part: Omit<ReasoningPart, "_tag" | "text">): string | undefined =>
  part.origin === undefined || part.origin === dialectId ? (part.signature ?? part.redacted) : seal(part)

const signatureIn = (content: string): Partial<ReasoningPart> =>
  isSealed(content) ? (unseal(content) ?? { origin: dialectId }) : { signature: content, origin: dialectId }

/** The parts of one item of the assistant's; what this version does not know is one opaque part. */
export const partsOfItem = (item: JsonObject): ReadonlyArray<Part> => {
  switch (item["type"]) {
    case "message":
      return messageParts(item) ?? [opaque(item)]
    case "reasoning":
      return [thoughtOf(item)]
    case "function_call":
      return [callOf(item, "arguments", undefined)]
    case "custom_tool_call":
      return [callOf(item, "input", "custom_tool_call")]
    case "image_generation_call":
      return [imageOf(item) ?? opaque(item)]
    default:
      return [opaque(item)]
  }
}

const imageOf = ({ id, output_format: format, result }: JsonObject): ImagePart | undefined =>
  isMadeId(id) && typeof result === "string"
    ? { _tag: "Image", source: { _tag: "Base64", mediaType: `image/${textOr(format)}`, data: result } }
    : undefined

/** The item a picture of an answer is; `undefined` for one that is not at hand. */
export const imageItem = ({ source }: ImagePart, id: string): JsonObject | undefined =>
  source._tag === "Base64"
    ? {
        id,
        type: "image_generation_call",
        status: "completed",
        output_format: source.mediaType.replace(/^image\//, ""),
        result: source.data
      }
    : undefined

/** Can an answer show this part? */
export const hasPlace = (part: Part): boolean => {
  switch (part._tag) {
    case "Text":
    case "Refusal":
    case "Reasoning":
    case "ToolCall":
      return true
    case "Image":
      return part.source._tag === "Base64"
    case "Opaque":
      return part.dialect === dialectId
    default:
      return false
  }
}

export const opaque = (block: Json): OpaquePart => ({ _tag: "Opaque", dialect: dialectId, block })

/** `undefined` where the message holds something that has no word in the domain. */
const messageParts = (item: JsonObject): ReadonlyArray<Part> | undefined => {
  const rest = unmodelled(item, messageFields)
  const own = rest === undefined ? {} : { item: rest }
  const { content } = item
  if (typeof content === "string") return [{ _tag: "Text", text: content, ...labelledFilled(own) }]
  if (!Array.isArray(content)) return undefined
  const parts: Array<Part> = []
  for (const block of content) {
    const part = isJsonObject(block) ? contentPart(block, own) : undefined
    if (part === undefined) return undefined
    parts.push(part)
  }
  return parts
}

const contentPart = (block: JsonObject, own: JsonObject): Part | undefined => {
  const { refusal, text, type } = block
  if ((type === "output_text" || type === "input_text") && typeof text === "string")
    return { _tag: "Text", text, ...labelledFilled({ ...filled(unmodelled(block, textFields)), ...own }) }
  return type === "refusal" && typeof refusal === "string"
    ? { _tag: "Refusal", text: refusal, ...labelledFilled({ ...unmodelled(block, refusalFields), ...own }) }
    : undefined
}

const labelledFilled = (rest: JsonObject) => {
  for (const _ in rest) return labelled(rest)
  return {}
}

/** Without members that are empty arrays: the wire writes them where there is nothing to say. */
const filled = (rest: JsonObject | undefined): JsonObject =>
  rest === undefined
    ? {}
    : omitKeys(
        rest,
        Object.keys(rest).filter((key) => {
          const value = rest[key]
          return Array.isArray(value) && value.length === 0
        })
      )

const thoughtOf = (item: JsonObject): ReasoningPart => {
  const summaries = textsOf(item["summary"])
  const contents = textsOf(item["content"])
  const { encrypted_content: encrypted } = item
  const simple = summaries.length < 2 && contents.length === 0
  const rest = filled(unmodelled(item, simple ? thoughtFields : thoughtFieldsOfMany))
  return {
    _tag: "Reasoning",
    ...labelledFilled(rest),
    text: (contents.length === 0 ? summaries : contents).join("\n\n"),
    ...(typeof encrypted === "string" && encrypted !== "" ? signatureIn(encrypted) : { origin: dialectId })
  }
}

const textsOf = (blocks: Json | undefined): ReadonlyArray<string> =>
  Array.isArray(blocks)
    ? blocks.flatMap((block: Json) => (isJsonObject(block) && typeof block["text"] === "string" ? [block["text"]] : []))
    : []

const callOf = (item: JsonObject, key: "arguments" | "input", type: string | undefined): ToolCallPart => {
  const { call_id: id, name } = item
  const written = item[key]
  const rest = unmodelled(item, callFields[key])
  return {
    _tag: "ToolCall",
    id: textOr(id),
    name: textOr(name),
    arguments: textOr(written),
    ...labelledFilled({ ...rest, ...(type === undefined ? {} : { type }) })
  }
}

const textOr = (value: Json | undefined): string => (typeof value === "string" ? value : "")

/** How items are written: as input for a vendor, or as the output a caller is answered. */
export interface ItemStyle {
  /** The id for the `index`th item, where it has none of its own; `undefined` leaves it out. */
  readonly id: (kind: ItemKind, index: number) => string | undefined
  /** Of items in an answer; input has none. */
  readonly status: string | undefined
}

/** The items these parts of an assistant's turn are. Parts that have no place on this wire are left out. */
export const itemsOf = (parts: ReadonlyArray<Part>, style: ItemStyle): ReadonlyArray<JsonObject> => {
  const items: Array<JsonObject> = []
  let content: Array<Json> | undefined
  let contentOf: string | undefined
  for (const part of parts) {
    if (part._tag === "Text" || part._tag === "Refusal") {
      const own = kept(part)
      const of = JSON.stringify(own?.["item"] ?? null)
      if (content === undefined || contentOf !== of) {
        content = []
        contentOf = of
        items.push(messageItem(content, own?.["item"], items.length, style))
      }
      content.push(contentBlock(part, own))
      continue
    }
    content = undefined
    const item = itemOf(part, items.length, style)
    if (item !== undefined) items.push(item)
  }
  return items
}

const messageItem = (
  content: ReadonlyArray<Json>,
  own: Json | undefined,
  index: number,
  style: ItemStyle
): JsonObject => ({
  ...head("msg", isJsonObject(own) ? own : {}, index, style),
  type: "message",
  role: "assistant",
  content,
  ...(isJsonObject(own) ? omitKeys(own, ["id", "status"]) : {})
})

/** `id` and `status`, the item's own before any made here. */
const head = (kind: ItemKind, own: JsonObject, index: number, style: ItemStyle): JsonObject => {
  const id = own["id"] ?? style.id(kind, index)
  const status = own["status"] ?? style.status
  return { ...(id === undefined ? {} : { id }), ...(status === undefined ? {} : { status }) }
}

const contentBlock = (
  part: Extract<Part, { readonly _tag: "Text" | "Refusal" }>,
  own: JsonObject | undefined
): JsonObject =>
  restored(
    part._tag === "Refusal"
      ? { type: "refusal", refusal: part.text }
      : { type: "output_text", text: part.text, annotations: own?.["annotations"] ?? [] },
    own === undefined ? undefined : omitKeys(own, ["item", "annotations"])
  )

const itemOf = (part: Part, index: number, style: ItemStyle): JsonObject | undefined => {
  switch (part._tag) {
    case "Reasoning":
      return thoughtItem(part, index, style)
    case "ToolCall": {
      const own = kept(part) ?? {}
      const custom = isCustomCall(part)
      return {
        ...head("fc", own, index, style),
        type: custom ? "custom_tool_call" : "function_call",
        call_id: part.id,
        name: part.name,
        [custom ? "input" : "arguments"]: part.arguments,
        ...omitKeys(own, ["type", "id", "status"])
      }
    }
    case "Opaque":
      return part.dialect === dialectId && isJsonObject(part.block) ? part.block : undefined
    case "Image": {
      // only an answer's: the vendor takes none from its caller
      const id = style.status === undefined ? undefined : style.id("ig", index)
      return id === undefined ? undefined : imageItem(part, id)
    }
    default:
      return undefined
  }
}

const thoughtItem = (part: ReasoningPart, index: number, style: ItemStyle): JsonObject => {
  const own = kept(part) ?? {}
  const encrypted = encryptedContent(part)
  return {
    ...head("rs", own, index, { ...style, status: undefined }),
    type: "reasoning",
    summary: own["summary"] ?? (part.text === "" || own["content"] !== undefined ? [] : [summaryText(part.text)]),
    ...(encrypted === undefined ? {} : { encrypted_content: encrypted }),
    ...omitKeys(own, ["id", "status", "summary"])
  }
}

export const summaryText = (text: string): JsonObject => ({ type: "summary_text", text })

const messageFields = new Set(["type", "role", "content"])
const textFields = new Set(["type", "text"])
const refusalFields = new Set(["type", "refusal"])
const thoughtFields = new Set(["type", "summary", "content", "encrypted_content"])
const thoughtFieldsOfMany = new Set(["type", "encrypted_content"])
const callFields = {
  arguments: new Set(["type", "call_id", "name", "arguments"]),
  input: new Set(["type", "call_id", "name", "input"])
}
