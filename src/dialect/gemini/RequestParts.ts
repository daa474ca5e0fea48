/**
 * The contents of a caller's request → messages.
 *
 * - Answers of functions stand in a user's turn; they become messages of role `tool`, in order with what else was said.
 * - Calls and answers need no id on this wire and are told apart by name and order. Other wires need one: a call without
 *   gets one made of its place, and an answer without takes that of the first call of its name that is not answered yet.
 * - Contents of the model in a row are one turn: the SDK's chats remember a streamed answer piece by piece.
 * - Files are images, sounds or documents by their media type. A film, a page to watch by its address, executed code and
 *   whatever else only Gemini knows are `Opaque`.
 *
 * @module
 */
import { isJsonObject, type Json, type JsonObject, omitKeys, parseJson } from "../../domain/Json.ts"
import type {
  MediaSource,
  Message,
  OpaquePart,
  Part,
  Role,
  ToolResultContent,
  ToolResultPart
} from "../../domain/Message.ts"
import { partOf } from "./Parts.ts"
import { dialectId, keeping, keepingBut, objectAt, objectsAt, textAt } from "./Wire.ts"

interface Call {
  readonly id: string
  answered: boolean
}

/** Calls by their names or ids, each list with the first of it that may not be answered yet: found without a search. */
type Places = Map<string, { readonly calls: Array<Call>; next: number }>

/** The calls that wait for their answers. */
class Waiting {
  readonly #byName: Places = new Map()
  readonly #byId: Places = new Map()

  add(id: string, name: string): void {
    const call = { id, answered: false }
    for (const [places, key] of [
      [this.#byName, name],
      [this.#byId, id]
    ] as const) {
      const place = places.get(key)
      if (place === undefined) places.set(key, { calls: [call], next: 0 })
      else place.calls.push(call)
    }
  }

  /** The id of the first call with this id (`""`: any of this name) that is not answered; it is from now on. */
  answer(id: string, name: string): string | undefined {
    const place = id === "" ? this.#byName.get(name) : this.#byId.get(id)
    if (place === undefined) return undefined
    while (place.calls[place.next]?.answered === true) place.next++
    const call = place.calls[place.next]
    if (call !== undefined) call.answered = true
    return call?.id
  }
}

/** The messages of `contents`, which are in their one spelling and fit the Schema. */
export const messagesOf = (contents: ReadonlyArray<JsonObject>): ReadonlyArray<Message> => {
  const messages: Array<Message> = []
  const calls = new Waiting()
  /** The content of the last message, where it is a turn of the model's that was joined from several. */
  let turn: Array<Part> | undefined
  for (let c = 0; c < contents.length; c++) {
    const content = contents[c]
    if (content === undefined) continue
    const rest = keepingBut(content, ["role", "parts"])
    const said = content["role"] === "model" ? "assistant" : "user"
    const runs: Array<{ readonly role: Role; readonly content: Array<Part> }> = []
    let made = 0
    for (const part of objectsAt(content, "parts")) {
      const decoded = requestPart(part, calls, () => `call_${c}_${made++}`)
      if (decoded === undefined) continue
      if (decoded._tag === "ToolCall") calls.add(decoded.id, decoded.name)
      const role = decoded._tag === "ToolResult" ? "tool" : said
      const last = runs.at(-1)
      if (last?.role === role) last.content.push(decoded)
      else runs.push({ role, content: [decoded] })
    }
    if (runs.length === 0) runs.push({ role: said, content: [] })
    for (const run of runs) {
      const before = messages.at(-1)
      if (run.role === "assistant" && before?.role === "assistant" && isBare(before) && isBare(rest)) {
        if (turn === undefined) {
          turn = []
          for (const part of before.content) join(turn, part)
          messages[messages.length - 1] = { role: "assistant", content: turn }
        }
        for (const part of run.content) join(turn, part)
      } else {
        turn = undefined
        messages.push({ ...run, ...rest })
      }
    }
  }
  return messages
}

const isBare = ({ extensions }: Pick<Message, "extensions">): boolean => extensions === undefined

/** Adds a part: texts in a row are one, and thoughts. A signature stands at the end of what it signs. */
const join = (whole: Array<Part>, part: Part): void => {
  const before = whole.at(-1)
  if (before?._tag === "Text" && part._tag === "Text" && isBare(before) && isBare(part))
    whole[whole.length - 1] = { ...part, text: before.text + part.text }
  else if (
    before?._tag === "Reasoning" &&
    part._tag === "Reasoning" &&
    before.signature === undefined &&
    before.redacted === undefined &&
    part.redacted === undefined &&
    isBare(before) &&
    isBare(part)
  )
    whole[whole.length - 1] = { ...part, text: before.text + part.text }
  else whole.push(part)
}

/** The text of a system instruction; this wire takes nothing else there. */
export const instructionOf = (instruction: JsonObject): ReadonlyArray<Part> =>
  objectsAt(instruction, "parts").flatMap((part): ReadonlyArray<Part> => {
    const decoded = partOf(part, () => "")
    return decoded === undefined ? [] : [decoded]
  })

const requestPart = (part: JsonObject, calls: Waiting, newId: () => string): Part | undefined => {
  const response = objectAt(part, "functionResponse")
  if (response !== undefined) return resultOf(part, response, calls, newId)
  return fileOf(part) ?? documentOf(part) ?? partOf(part, newId)
}

// ---- what functions answered

const resultOf = (
  part: JsonObject,
  response: JsonObject,
  calls: Waiting,
  newId: () => string
): ToolResultPart | OpaquePart => {
  const name = textAt(response, "name") ?? ""
  const told = textAt(response, "id") ?? ""
  const answered = calls.answer(told, name)
  const { text, isError } = saidBy(response["response"])
  const media: Array<ToolResultContent> = []
  for (const inner of objectsAt(response, "parts")) {
    const decoded = mediaWithin(inner)
    // nobody else could be told the whole of this answer
    if (decoded === undefined) return { _tag: "Opaque", dialect: dialectId, block: part }
    media.push(decoded)
  }
  return {
    _tag: "ToolResult",
    id: told === "" ? (answered ?? newId()) : told,
    name,
    content: text === "" ? media : [{ _tag: "Text", text }, ...media],
    ...(isError ? { isError } : {}),
    ...keepingBut(part, ["functionResponse"])
  }
}

/**
 * The object a function answered with, as a text: by the vendor's convention a lone `error` is a failure; a lone
 * `result` is what this wire wraps a text in that is no object.
 */
const saidBy = (response: Json | undefined): { readonly text: string; readonly isError: boolean } => {
  if (!isJsonObject(response)) return { text: "", isError: false }
  const [only, ...others] = Object.keys(response)
  if (others.length === 0 && only === "error") return { text: plainText(response["error"] ?? null), isError: true }
  const { result } = response
  if (others.length === 0 && typeof result === "string" && !isJsonObject(parseJson(result)))
    return { text: result, isError: false }
  return { text: JSON.stringify(response), isError: false }
}

const plainText = (value: Json): string =>
  typeof value === "string" && parseJson(value) === undefined ? value : JSON.stringify(value)

const mediaWithin = (part: JsonObject): ToolResultContent | undefined => {
  const decoded = fileOf(part) ?? documentOf(part) ?? partOf(part, () => "")
  return decoded?._tag === "Image" || decoded?._tag === "Document" ? decoded : undefined
}

// ---- files

const filesApi = /^(?:https:\/\/generativelanguage\.googleapis\.com\/|gs:\/\/|files\/)/

/** A file by its address; `undefined` where only Gemini could read it. */
const fileOf = (part: JsonObject): Part | undefined => {
  const file = objectAt(part, "fileData")
  const uri = file === undefined ? undefined : textAt(file, "fileUri")
  if (file === undefined || uri === undefined) return undefined
  const mediaType = textAt(file, "mimeType")
  const ownFile = filesApi.test(uri)
  if (!ownFile && mediaType === undefined) return undefined
  const source: MediaSource = ownFile
    ? { _tag: "FileId", id: uri }
    : { _tag: "Url", url: uri, ...(mediaType === undefined ? {} : { mediaType }) }
  // the id of a file says nothing of what is in it
  const known = ownFile ? omitKeys(file, ["fileUri"]) : omitKeys(file, ["fileUri", "mimeType"])
  const rest = { ...omitKeys(part, ["fileData"]), ...(Object.keys(known).length === 0 ? {} : { fileData: known }) }
  return mediaPart(mediaType ?? "application/octet-stream", source, rest)
}

const documentOf = (part: JsonObject): Part | undefined => {
  const inline = objectAt(part, "inlineData")
  const mediaType = inline === undefined ? undefined : textAt(inline, "mimeType")
  const data = inline === undefined ? undefined : textAt(inline, "data")
  if (mediaType === undefined || data === undefined || !isDocument(mediaType)) return undefined
  return mediaPart(mediaType, { _tag: "Base64", mediaType, data }, omitKeys(part, ["inlineData"]))
}

const isDocument = (mediaType: string): boolean =>
  mediaType.startsWith("text/") || mediaType === "application/pdf" || mediaType === "application/json"

const mediaPart = (mediaType: string, source: MediaSource, rest: JsonObject): Part | undefined => {
  if (mediaType.startsWith("image/")) return { _tag: "Image", source, ...keeping(rest) }
  if (mediaType.startsWith("audio/")) return { _tag: "Audio", source, ...keeping(rest) }
  const readable = isDocument(mediaType) || mediaType === "application/octet-stream"
  return readable ? { _tag: "Document", source, ...keeping(rest) } : undefined
}
