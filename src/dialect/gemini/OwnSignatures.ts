/**
 * The body of a caller of this wire whose conversation other vendors had a part in, as this vendor takes it.
 *
 * Thoughts that another vendor signed (`Sealed.ts`) are left out, and a call of the current turn that nobody here has
 * signed bears the documented stand-in, without which newer models refuse it. A body without either is the same object.
 *
 * @module
 */
import { isJsonObject, type Json, type JsonObject } from "../../domain/Json.ts"
import { type ModelRow, unsignedCall } from "./Models.ts"
import { isForeign } from "./Parts.ts"
import { objectAt, objectsAt, textAt } from "./Wire.ts"

export const withOwnSignatures = (body: JsonObject, row: ModelRow): JsonObject => {
  const { contents } = body
  if (!Array.isArray(contents)) return body
  const start = row.signedCalls ? contents.findLastIndex(isQuestion) : contents.length
  let changed = false
  /** Has the turn of the model a call before this content? */
  let called = false
  const out = contents.flatMap((content: Json, index): ReadonlyArray<Json> => {
    if (!isJsonObject(content) || content["role"] !== "model") {
      called = false
      return [content]
    }
    const parts = objectsAt(content, "parts")
    const known = parts.filter((part) => !isForeignThought(part))
    const first = index > start && !called ? known.find(isCall) : undefined
    called ||= known.some(isCall)
    const unsigned = first !== undefined && textAt(first, "thoughtSignature") === undefined ? first : undefined
    if (known.length === parts.length && unsigned === undefined) return [content]
    changed = true
    // the vendor refuses a content without parts
    return known.length === 0
      ? []
      : [
          {
            ...content,
            parts: known.map((part) => (part === unsigned ? { ...part, thoughtSignature: unsignedCall } : part))
          }
        ]
  })
  return changed ? { ...body, contents: out } : body
}

/** Does a turn begin here? What functions answered goes on with one. */
const isQuestion = (content: Json): boolean =>
  isJsonObject(content) &&
  content["role"] !== "model" &&
  !objectsAt(content, "parts").some((part) => objectAt(part, "functionResponse") !== undefined)

const isCall = (part: JsonObject): boolean => objectAt(part, "functionCall") !== undefined

const isForeignThought = (part: JsonObject): boolean =>
  objectAt(part, "functionCall") === undefined && isForeign(textAt(part, "thoughtSignature") ?? "")
