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
import type { Part, ReasoningPart, ToolCallPart } from "../../domain/Message.ts"
import { isSealed, type Place, placeIn, seal, thoughtOfCall, unseal } from "../Sealed.ts"

/** A signed thought as the `index`th detail; `undefined` for one that is not signed. */
export const detailOf = (part: Omit<ReasoningPart, "_tag">, index: number, place: Place): JsonObject | undefined => {
  const envelope = seal(part, place)
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

export interface PlacedThought {
  readonly thought: ReasoningPart
  readonly place: Place
}

export interface Details {
  /** What was written here, and is whole. */
  readonly thoughts: ReadonlyArray<PlacedThought>
  /** Everybody else's. */
  readonly others: ReadonlyArray<Json>
}

const nothing: Details = { thoughts: [], others: [] }

export const detailsIn = (details: Json | undefined): Details => {
  if (!Array.isArray(details)) return nothing
  const thoughts: Array<PlacedThought> = []
  const others: Array<Json> = []
  for (const detail of details) {
    const envelope = envelopeIn(detail)
    const opened = envelope === undefined ? undefined : unseal(envelope)
    if (envelope === undefined) others.push(detail)
    else if (opened !== undefined && isJsonObject(detail))
      thoughts.push({
        thought: { _tag: "Reasoning", text: typeof detail["text"] === "string" ? detail["text"] : "", ...opened },
        place: placeIn(envelope)
      })
  }
  return { thoughts, others }
}

/** The parts of a turn with its thoughts where they stood; where the turn was made shorter since, as late as there is. */
export const withThoughts = (
  thoughts: ReadonlyArray<PlacedThought>,
  parts: ReadonlyArray<Part>
): ReadonlyArray<Part> => {
  const out: Array<Part> = []
  let next = 0
  let text = 0
  let calls = 0
  /** Those that stand before the `text`th unit, or before the next call. */
  const think = (until: number): void => {
    for (let at = thoughts[next]; at !== undefined; at = thoughts[++next]) {
      if (at.place.calls > calls || (at.place.calls === calls && at.place.text > until)) return
      out.push(at.thought)
    }
  }
  for (const part of parts) {
    if (part._tag === "ToolCall") {
      think(Number.POSITIVE_INFINITY)
      calls++
    } else think(text)
    if (part._tag !== "Text") {
      out.push(part)
      continue
    }
    let rest = part.text
    for (
      let at = thoughts[next];
      at?.place.calls === calls && at.place.text < text + rest.length;
      at = thoughts[next]
    ) {
      const said = rest.slice(0, at.place.text - text)
      out.push({ ...part, text: said })
      text += said.length
      rest = rest.slice(said.length)
      think(text)
    }
    out.push({ ...part, text: rest })
    text += rest.length
  }
  for (; next < thoughts.length; next++) {
    const left = thoughts[next]
    if (left !== undefined) out.push(left.thought)
  }
  return out
}

/** To be spread into a call: the signature that it bears. */
export const signatureField = (part: Pick<ToolCallPart, "extensions">): JsonObject => {
  const signature = thoughtOfCall(part)?.signature
  return signature === undefined ? {} : { extra_content: { google: { thought_signature: signature } } }
}
