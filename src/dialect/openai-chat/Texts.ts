/**
 * The body of an answer as its vendor wrote it, with other words and all else as it was: what the domain does not model
 * of it is not lost where only its words have to change.
 *
 * @module
 */
import { isJsonObject, type Json, type JsonObject } from "../../domain/Json.ts"

/** By choice: one for each text that is read of the choice, empty where it goes; further ones come after them. */
export type Texts = ReadonlyMap<number, ReadonlyArray<string>>

/** `of`: where a choice has its content, in a whole answer or in a chunk. Choices without texts stay as they are. */
export const bodyWithTexts = (body: JsonObject, texts: Texts, of: "message" | "delta"): JsonObject => {
  const { choices } = body
  if (!Array.isArray(choices)) return body
  return {
    ...body,
    choices: choices.map((choice: Json, position) => {
      if (!isJsonObject(choice)) return choice
      const own = texts.get(Number.isInteger(choice["index"]) ? Number(choice["index"]) : position)
      if (own === undefined) return choice
      const said = isJsonObject(choice[of]) ? choice[of] : {}
      return { ...choice, [of]: { ...said, content: contentWith(said["content"], own) } }
    })
  }
}

/** A text, or blocks of which some are texts. */
const contentWith = (content: Json | undefined, texts: ReadonlyArray<string>): Json => {
  if (!Array.isArray(content)) return texts.join("")
  const left = texts[Symbol.iterator]()
  const blocks = content.flatMap((block: Json): ReadonlyArray<Json> => {
    if (!isText(block)) return [block]
    const text = left.next().value ?? ""
    return text === "" ? [] : [{ ...block, text }]
  })
  return [...blocks, ...[...left].flatMap((text) => (text === "" ? [] : [{ type: "text", text }]))]
}

/** An empty one is not read. */
const isText = (block: Json): block is JsonObject =>
  isJsonObject(block) && block["type"] === "text" && typeof block["text"] === "string" && block["text"] !== ""
