/**
 * The parts of an answer as callers of this wire read them.
 *
 * A thought that another vendor signed bears its signature in an envelope (`Sealed.ts`). A refusal has no field of its own and is text, under a finish reason that says so. What only another wire knows is
 * left out.
 *
 * @module
 */
import { isJsonObject, type Json, type JsonObject, parseJson } from "../../domain/Json.ts"
import type { MediaSource, Part, ReasoningPart } from "../../domain/Message.ts"
import { seal } from "../Sealed.ts"
import { makeShowing, type Showing } from "../Showing.ts"
import { foreignSignature } from "./Parts.ts"
import { dialectId, ownFields } from "./Wire.ts"

export interface WrittenParts {
  readonly parts: ReadonlyArray<JsonObject>
  /** What of them could be written. */
  readonly showing: Showing
  /** A call whose arguments are no JSON object, which this wire cannot carry. */
  readonly unwritable: string | undefined
}

export const answerParts = (content: ReadonlyArray<Part>): WrittenParts => {
  const parts: Array<JsonObject> = []
  const showing = makeShowing()
  let unwritable: string | undefined
  for (const part of content) {
    const written = answerPart(part)
    showing.tell(part._tag, written !== undefined || part._tag === "Text")
    if (written !== undefined) parts.push(written)
    else if (part._tag === "ToolCall") unwritable ??= part.name
  }
  return { parts, showing, unwritable }
}

const answerPart = (part: Part): JsonObject | undefined => {
  const own = "extensions" in part ? ownFields(part) : undefined
  switch (part._tag) {
    case "Text":
      return part.text === "" ? undefined : { ...own, text: part.text }
    case "Refusal":
      return part.text === "" ? undefined : { text: part.text }
    case "Reasoning":
      return answerThought(part)
    case "ToolCall": {
      const call = callPart(part.id, part.name, part.arguments)
      return call === undefined ? undefined : { ...own, ...call }
    }
    case "Image":
    case "Audio":
    case "Document":
      return mediaPart(part.source)
    case "Opaque":
      return part.dialect === dialectId && isJsonObject(part.block) ? part.block : undefined
    default:
      return undefined
  }
}

/** A thought as its caller reads it: signed by this vendor, or by another in an envelope. */
export const answerThought = (part: Omit<ReasoningPart, "_tag">): JsonObject | undefined => {
  if (part.origin === undefined || part.origin === dialectId) return thoughtPart(part.text, part.signature)
  const envelope = seal(part)
  if (envelope === undefined) return thoughtPart(part.text, undefined)
  return { text: part.text, thought: true, thoughtSignature: foreignSignature(envelope) }
}

/** A thought, its signature, or both; `undefined` where there is neither. */
export const thoughtPart = (text: string, signature: string | undefined): JsonObject | undefined => {
  const signed = signature === undefined ? {} : { thoughtSignature: signature }
  if (text !== "") return { text, thought: true, ...signed }
  return signature === undefined ? undefined : { text: "", ...signed }
}

/** A call; `undefined` where its arguments are no JSON object. */
export const callPart = (id: string, name: string, text: string): JsonObject | undefined => {
  const args: Json | undefined = text.trim() === "" ? {} : parseJson(text)
  if (!isJsonObject(args)) return undefined
  return { functionCall: { ...(id === "" ? {} : { id }), name, args } }
}

/** A picture, a sound or a document; `undefined` for one that only its vendor can read. */
export const mediaPart = (source: MediaSource): JsonObject | undefined => {
  switch (source._tag) {
    case "Base64":
      return { inlineData: { mimeType: source.mediaType, data: source.data } }
    case "Url":
      return {
        fileData: { ...(source.mediaType === undefined ? {} : { mimeType: source.mediaType }), fileUri: source.url }
      }
    case "PlainText":
      return source.text === "" ? undefined : { text: source.text }
    case "FileId":
      return undefined
  }
}

/** What a candidate ends with whose model wrote a call that this wire cannot carry. */
export const unwritableCall = (name: string): JsonObject => ({
  finishReason: "MALFORMED_FUNCTION_CALL",
  finishMessage: `The arguments of the call of '${name}' are not a JSON object`
})
