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
import { dialectId, keeping, objectAt, objectsAt, textAt } from "./Wire.ts"

interface Call {
  readonly id: string
  readonly name: string
  answered: boolean
}

/** The messages of `contents`, which are in their one spelling and fit the Schema. */
export const messagesOf = (contents: ReadonlyArray<JsonObject>): ReadonlyArray<Message> => {
  const messages: Array<Message> = []
  const calls: Array<Call> = []
  for (let c = 0; c < contents.length; c++) {
    const content = contents[c]
    if (content === undefined) continue
    const rest = keeping(omitKeys(content, ["role", "parts"]))
    const said = content["role"] === "model" ? "assistant" : "user"
    const runs: Array<{ readonly role: Role; readonly content: Array<Part> }> = []
    let made = 0
    for (const part of objectsAt(content, "parts")) {
      const decoded = requestPart(part, calls, () => `call_${c}_${made++}`)
      if (decoded === undefined) continue
      if (decoded._tag === "ToolCall") calls.push({ id: decoded.id, name: decoded.name, answered: false })
      const role = decoded._tag === "ToolResult" ? "tool" : said
      const last = runs.at(-1)
      if (last?.role === role) last.content.push(decoded)
      else runs.push({ role, content: [decoded] })
    }
    if (runs.length === 0) runs.push({ role: said, content: [] })
    for (const run of runs) {
      const before = messages.at(-1)
      if (run.role === "assistant" && before?.role === "assistant" && isBare(before) && isBare(rest))
        messages[messages.length - 1] = { role: "assistant", content: joined([...before.content, ...run.content]) }
      else messages.push({ ...run, ...rest })
    }
  }
  return messages
}

const isBare = ({ extensions }: Pick<Message, "extensions">): boolean => extensions === undefined

/** Texts in a row as one, and thoughts. A signature stands at the end of what it signs. */
const joined = (parts: ReadonlyArray<Part>): ReadonlyArray<Part> => {
  const whole: Array<Part> = []
  for (const part of parts) {
    const before = whole.at(-1)
    if (before?._tag === "Text" && part._tag === "Text" && isBare(before) && isBare(part))
      whole[whole.length - 1] = { ...part, text: before.text + part.text }
    else if (
      before?._tag === "Reasoning" &&
      part._tag === "Reasoning" &&
      before.signature === undefined &&
      isBare(before) &&
      isBare(part)
    )
      whole[whole.length - 1] = { ...part, text: before.text + part.text }
    else whole.push(part)
  }
  return whole
}

/** The text of a system instruction; this wire takes nothing else there. */
export const instructionOf = (instruction: JsonObject): ReadonlyArray<Part> =>
  objectsAt(instruction, "parts").flatMap((part): ReadonlyArray<Part> => {
    const decoded = partOf(part, () => "")
    return decoded === undefined ? [] : [decoded]
  })

const requestPart = (part: JsonObject, calls: ReadonlyArray<Call>, newId: () => string): Part | undefined => {
  const response = objectAt(part, "functionResponse")
  if (response !== undefined) return resultOf(part, response, calls, newId)
  return fileOf(part) ?? documentOf(part) ?? partOf(part, newId)
}

// ---- what functions answered

const resultOf = (
  part: JsonObject,
  response: JsonObject,
  calls: ReadonlyArray<Call>,
  newId: () => string
): ToolResultPart | OpaquePart => {
  const name = textAt(response, "name") ?? ""
  const told = textAt(response, "id") ?? ""
  const call = calls.find((made) => !made.answered && (told === "" ? made.name === name : made.id === told))
  if (call !== undefined) call.answered = true
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
    id: told === "" ? (call?.id ?? newId()) : told,
    name,
    content: text === "" ? media : [{ _tag: "Text", text }, ...media],
    ...(isError ? { isError } : {}),
    ...keeping(omitKeys(part, ["functionResponse"]))
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
