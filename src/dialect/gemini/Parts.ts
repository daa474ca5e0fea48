/**
 * Wire parts ⇄ domain parts.
 *
 * A part keeps every key that the domain has no word for (`thoughtSignature`, `videoMetadata`, `mediaResolution` …) in
 * its extensions; a part of a kind the domain does not know (executed code, a server-side tool's call) becomes an
 * `Opaque` part and goes back as it came.
 *
 * Thought signatures stand beside the part they sign. On a text or a call they are kept in the extensions; a part that
 * is nothing but a signature (a stream's last chunk, often) is a `Reasoning` part without text, which other dialects
 * leave out and this one sends back.
 *
 * @module
 */
import { Result } from "effect"
import { isJsonObject, type Json, type JsonObject, omitKeys, parseJson } from "../../domain/Json.ts"
import type {
  DocumentPart,
  MediaSource,
  Part,
  ReasoningPart,
  ToolCallPart,
  ToolResultPart
} from "../../domain/Message.ts"
import { textOf } from "../../domain/Message.ts"
import { append } from "../append.ts"
import type { EncodeFault } from "../Dialect.ts"
import { Faults } from "../Faults.ts"
import { kindOf } from "../Foreign.ts"
import { plainDocument } from "../PlainDocument.ts"
import { isOfCall, unseal } from "../Sealed.ts"
import { type ModelRow, unsignedCall } from "./Models.ts"
import { cannot, dialectId, keepingBut, objectAt, ownFields, textAt } from "./Wire.ts"

type Encoded<A> = Result.Result<A, EncodeFault>
type Parts = Encoded<ReadonlyArray<JsonObject>>

const nothing: Parts = Result.succeed([])
const one = (part: JsonObject): Parts => Result.succeed([part])

// ---- from the wire

/**
 * One part of an answer. `callId` gives the id of a call that has none on the wire; it is asked once for every call, in
 * order. `undefined`: nothing is said.
 */
export const partOf = (part: JsonObject, callId: () => string): Part | undefined => {
  if (typeof part["text"] === "string" || Object.keys(part).every((key) => textKeys.includes(key)))
    return textPart(part)
  const call = objectAt(part, "functionCall")
  const name = call === undefined ? undefined : textAt(call, "name")
  // the pieces of a call whose arguments are streamed are this wire's own; only its own callers can ask for them
  if (call !== undefined && name !== undefined && !("partialArgs" in call || "willContinue" in call)) {
    const made = callId()
    const id = textAt(call, "id") ?? ""
    return {
      _tag: "ToolCall",
      id: id === "" ? made : id,
      name,
      arguments: JSON.stringify(call["args"] ?? {}),
      ...keepingBut(part, ["functionCall"])
    }
  }
  return mediaPart(part) ?? { _tag: "Opaque", dialect: dialectId, block: part }
}

const textKeys = ["text", "thought", "thoughtSignature"]

const textPart = (part: JsonObject): Part | undefined => {
  const text = textAt(part, "text") ?? ""
  if (part["thought"] !== true && text !== "") return { _tag: "Text", text, ...keepingBut(part, ["text", "thought"]) }
  const signature = textAt(part, "thoughtSignature")
  if (text === "" && signature === undefined) return undefined
  const rest = keepingBut(part, textKeys)
  if (signature !== undefined && isForeign(signature)) {
    const opened = unseal(envelopeIn(signature))
    return opened === undefined && text === "" ? undefined : { _tag: "Reasoning", text, ...rest, ...opened }
  }
  const signed = signature === undefined ? {} : { signature }
  return { _tag: "Reasoning", text, ...signed, origin: dialectId, ...rest }
}

/** The envelope in bytes, as all signatures on this wire. Some SDKs write base64 in its other alphabet. */
const envelopeIn = (signature: string): string => Buffer.from(signature, "base64").toString("utf8")

/** A foreign signature for a caller of this wire. */
export const foreignSignature = (envelope: string): string => Buffer.from(envelope, "utf8").toString("base64")

const foreignHead = foreignSignature("switchyard.").slice(0, 12)

/** Is this signature one that another vendor made, in an envelope? */
export const isForeign = (signature: string): boolean => signature.startsWith(foreignHead)

const mediaPart = (part: JsonObject): Part | undefined => {
  const inline = objectAt(part, "inlineData")
  const mediaType = inline === undefined ? undefined : textAt(inline, "mimeType")
  const data = inline === undefined ? undefined : textAt(inline, "data")
  if (mediaType === undefined || data === undefined) return undefined
  const source: MediaSource = { _tag: "Base64", mediaType, data }
  const rest = keepingBut(part, ["inlineData"])
  if (mediaType.startsWith("image/")) return { _tag: "Image", source, ...rest }
  return mediaType.startsWith("audio/") ? { _tag: "Audio", source, ...rest } : undefined
}

// ---- to the wire

/** What the parts of one message are written with. */
export interface Writing {
  readonly row: ModelRow
  /** The names of the calls made so far, by id: this wire wants them in the results too. */
  readonly callNames: Map<string, string>
}

/** The wire parts of one message's content; parts that mean nothing here (another vendor's thoughts) are left out. */
export const wireParts = (content: ReadonlyArray<Part>, writing: Writing): Parts => {
  const parts: Array<JsonObject> = []
  /** Of a thought that nothing carries yet: it belongs to the call that follows. */
  let signature: string | undefined
  let signedCall = false
  const faults = new Faults()
  for (const part of content) {
    if (part._tag === "Reasoning" && part.origin === dialectId && isOfCall(part)) {
      // the call bears it, as it did when it was made
      signature = part.signature
      if (part.text !== "") parts.push({ text: part.text, thought: true })
      continue
    }
    const written = faults.take(partFor(part, writing, signature, signedCall), [])
    if (part._tag === "ToolCall") {
      signedCall = true
      signature = undefined
    } else if (part._tag === "Reasoning" && part.origin === dialectId) signature = part.signature ?? signature
    append(parts, written)
  }
  return faults.or(parts)
}

const partFor = (part: Part, writing: Writing, signature: string | undefined, signedCall: boolean): Parts => {
  switch (part._tag) {
    case "Text":
      return part.text === "" ? nothing : one({ ...ownFields(part), text: part.text })
    case "Refusal":
      return part.text === "" ? nothing : one({ text: part.text })
    case "Image":
      return mediaFor(part.source, "images", ownFields(part))
    case "Audio":
      return mediaFor(part.source, "audio", ownFields(part))
    case "Document":
      return mediaFor(namedText(part), "documents", ownFields(part))
    case "Reasoning":
      return thoughtFor(part)
    case "ToolCall":
      writing.callNames.set(part.id, part.name)
      return callFor(part, writing.row, signature, signedCall)
    case "ToolResult":
      return resultFor(part, writing)
    case "Opaque":
      return part.dialect === dialectId && isJsonObject(part.block)
        ? one(part.block)
        : cannot(
            kindOf(part.block, "a vendor's own block"),
            `Only the ${part.dialect} wire can carry one of the blocks in this request`
          )
  }
}

const thoughtFor = (part: ReasoningPart): Parts => {
  if (part.origin !== dialectId) return nothing
  const signed = part.signature === undefined ? {} : { thoughtSignature: part.signature }
  if (part.text !== "") return one({ ...ownFields(part), text: part.text, thought: true, ...signed })
  return part.signature === undefined ? nothing : one({ ...ownFields(part), text: "", ...signed })
}

/** Where Google's own OpenAI-compatible endpoint puts the signature, and its callers send it back. */
const signatureOverChat = ({ extensions }: ToolCallPart): string | undefined => {
  const google = objectAt(objectAt(extensions?.["openai-chat"] ?? {}, "extra_content") ?? {}, "google")
  return google === undefined ? undefined : textAt(google, "thought_signature")
}

/** Of several calls in one turn only the first is signed. */
const callFor = (part: ToolCallPart, row: ModelRow, before: string | undefined, signedCall: boolean): Parts => {
  const args = part.arguments.trim() === "" ? {} : parseJson(part.arguments)
  if (!isJsonObject(args))
    return cannot("tool call arguments", "The Gemini API takes only a JSON object as the arguments of a function call")
  const own = ownFields(part)
  const signature = textAt(own ?? {}, "thoughtSignature") ?? signatureOverChat(part) ?? before
  const stand = row.signedCalls && !signedCall ? unsignedCall : undefined
  const thoughtSignature = signature ?? stand
  return one({
    ...own,
    functionCall: { ...(part.id === "" ? {} : { id: part.id }), name: part.name, args },
    ...(thoughtSignature === undefined ? {} : { thoughtSignature })
  })
}

/** Pictures and documents stand within the result where the model takes them there, otherwise after it. */
const resultFor = (part: ToolResultPart, { row, callNames }: Writing): Parts => {
  const name = part.name ?? callNames.get(part.id)
  if (name === undefined)
    return cannot(
      "tool results",
      "The Gemini API needs the name of the function, and no call in this request has its id"
    )
  const media: Array<JsonObject> = []
  for (const inner of part.content) {
    if (inner._tag === "Text") continue
    const written =
      inner._tag === "Image"
        ? mediaFor(inner.source, "images", ownFields(inner))
        : mediaFor(namedText(inner), "documents", ownFields(inner))
    if (Result.isFailure(written)) return written
    append(media, written.success)
  }
  const within = row.mediaInResults && media.every((item) => !("text" in item))
  const functionResponse = {
    ...(part.id === "" ? {} : { id: part.id }),
    name,
    response: responseOf(textOf(part.content), part.isError === true),
    ...(within && media.length > 0 ? { parts: media } : {})
  }
  return Result.succeed([{ ...ownFields(part), functionResponse }, ...(within ? [] : media)])
}

/** The wire wants an object: the text's own where it is the JSON of one, otherwise the text under a name. */
const responseOf = (text: string, isError: boolean): JsonObject => {
  const parsed = parseJson(text)
  if (isError) return { error: parsed === undefined ? text : parsed }
  return isJsonObject(parsed) ? parsed : { result: text }
}

// ---- media

/** A text that is a document, with its name. */
const namedText = ({ name, source }: DocumentPart): MediaSource =>
  source._tag === "PlainText" ? { ...source, text: plainDocument(source.text, name) } : source

const mediaFor = (source: MediaSource, feature: string, own: JsonObject | undefined): Parts => {
  switch (source._tag) {
    case "PlainText":
      return source.text === "" ? nothing : one({ ...own, text: source.text })
    case "Base64":
      return one({ ...own, inlineData: { mimeType: source.mediaType, data: source.data } })
    case "Url": {
      const mimeType = source.mediaType ?? mediaTypeOf(source.url)
      return mimeType === undefined
        ? cannot(
            `${feature} by URL`,
            "The Gemini API must be told the media type of a URL, and it cannot be seen from it"
          )
        : one({ ...own, fileData: { mimeType, fileUri: source.url } })
    }
    case "FileId": {
      const fileUri = fileUriOf(source.id)
      if (fileUri === undefined)
        return cannot("uploaded files", "A file uploaded to another vendor cannot be read by Gemini")
      const mimeType: Json | undefined = objectAt(own ?? {}, "fileData")?.["mimeType"] ?? mediaTypeOf(fileUri)
      return one({
        ...omitKeys(own ?? {}, ["fileData"]),
        fileData: { ...(mimeType === undefined ? {} : { mimeType }), fileUri }
      })
    }
  }
}

const filesApi = "https://generativelanguage.googleapis.com/v1beta/"

/** A file of the Files API by its name or its URI, or an object in Cloud Storage; `undefined` for any other id. */
const fileUriOf = (id: string): string | undefined => {
  if (id.startsWith("files/")) return filesApi + id
  return id.startsWith("gs://") || id.startsWith("https://") ? id : undefined
}

/** Media types by file extension: those that Gemini reads. */
const mediaTypes: Readonly<Record<string, string>> = {
  png: "image/png",
  jpg: "image/jpeg",
  jpeg: "image/jpeg",
  webp: "image/webp",
  heic: "image/heic",
  heif: "image/heif",
  gif: "image/gif",
  pdf: "application/pdf",
  txt: "text/plain",
  md: "text/markdown",
  html: "text/html",
  csv: "text/csv",
  wav: "audio/wav",
  mp3: "audio/mp3",
  aac: "audio/aac",
  ogg: "audio/ogg",
  flac: "audio/flac",
  m4a: "audio/m4a",
  mp4: "video/mp4",
  webm: "video/webm",
  mov: "video/quicktime"
}

const mediaTypeOf = (url: string): string | undefined => {
  const extension = /\.([a-z0-9]+)$/i.exec(url.split(/[?#]/, 1)[0] ?? "")?.[1]?.toLowerCase()
  return extension === undefined || !Object.hasOwn(mediaTypes, extension) ? undefined : mediaTypes[extension]
}
