/**
 * `reasoning_details` of an assistant's message, as OpenRouter has them: where signed thoughts stand on this wire, which
 * has no place of its own for them. https://openrouter.ai/docs/use-cases/reasoning-tokens#preserving-reasoning-blocks
 *
 * What is written here bears its signature in an envelope (`Sealed.ts`), and only such details are read: those of other
 * makers stay what they are to the vendor that made them. Signed calls bear their signature themselves, as over Google's
 * own compatible endpoint (`extra_content.google.thought_signature`).
 *
 * @module
 */
import { isJsonObject, type Json, type JsonObject } from "../../domain/Json.ts"
import type { ReasoningPart, ToolCallPart } from "../../domain/Message.ts"
import { isSealed, seal, thoughtOfCall, unseal } from "../Sealed.ts"

/** A signed thought as the `index`th detail; `undefined` for one that is not signed. */
export const detailOf = (part: Omit<ReasoningPart, "_tag">, index: number): JsonObject | undefined => {
  const envelope = seal(part)
  if (envelope === undefined) return undefined
  // OpenRouter's clients take no other word for a format that they do not know
  const of = { format: "unknown", index }
  return part.text === ""
    ? { type: "reasoning.encrypted", data: envelope, ...of }
    : { type: "reasoning.text", text: part.text, signature: envelope, ...of }
}

const envelopeIn = (detail: Json): string | undefined => {
  if (!isJsonObject(detail)) return undefined
  const { data, signature } = detail
  return isSealed(signature) ? signature : isSealed(data) ? data : undefined
}

export interface Details {
  /** What was written here, and is whole. */
  readonly thoughts: ReadonlyArray<ReasoningPart>
  /** Everybody else's. */
  readonly others: ReadonlyArray<Json>
}

const nothing: Details = { thoughts: [], others: [] }

export const detailsIn = (details: Json | undefined): Details => {
  if (!Array.isArray(details)) return nothing
  const thoughts: Array<ReasoningPart> = []
  const others: Array<Json> = []
  for (const detail of details) {
    const envelope = envelopeIn(detail)
    const opened = envelope === undefined ? undefined : unseal(envelope)
    if (envelope === undefined) others.push(detail)
    else if (opened !== undefined && isJsonObject(detail))
      thoughts.push({ _tag: "Reasoning", text: typeof detail["text"] === "string" ? detail["text"] : "", ...opened })
  }
  return { thoughts, others }
}

/** To be spread into a call: the signature that it bears. */
export const signatureField = (part: Pick<ToolCallPart, "extensions">): JsonObject => {
  const signature = thoughtOfCall(part)?.signature
  return signature === undefined ? {} : { extra_content: { google: { thought_signature: signature } } }
}
