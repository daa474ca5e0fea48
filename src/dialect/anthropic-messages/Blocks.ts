/**
 * Content blocks ⇄ parts.
 *
 * Decoding is by hand rather than by Schema: a block keeps every key that the domain has no word for (`cache_control`,
 * `citations`, `caller` …) in its part's extensions, an unknown type of block becomes an `Opaque` part, and a fault
 * names the exact field.
 *
 * Some values have no full equivalent in the domain (a tool result that holds references to tools, a document made of
 * content blocks). Their part says what it can, and the original stands in the extensions; it is written back only as
 * long as it still means what the part says, so a stage that edits the part (to take out an address, say) has the last
 * word.
 *
 * @module
 */
import { Result } from "effect"
import { isJsonObject, type Json, type JsonObject, omitKeys, parseJson } from "../../domain/Json.ts"
import type { MediaSource, Part, ReasoningPart, ToolCallPart, ToolResultContent } from "../../domain/Message.ts"
import { append } from "../append.ts"
import type { EncodeFault, RequestFault } from "../Dialect.ts"
import { fittedId } from "../FittedId.ts"
import { kindOf } from "../Foreign.ts"
import { typeName } from "../Issues.ts"
import { isSealed, unseal } from "../Sealed.ts"
import { withoutMade } from "./Citations.ts"
import { dialectId, keeping, keepingRest, ownFields, sameJson } from "./Wire.ts"

const nothing: JsonObject = {}

type Decoded<A> = Result.Result<A, RequestFault>

/** The blocks of one message; `content` as text is one block of text. `path` is that of the content. */
export const partsOf = (content: string | ReadonlyArray<JsonObject>, path: string): Decoded<ReadonlyArray<Part>> => {
  if (typeof content === "string")
    return Result.succeed(content === "" ? [] : [{ _tag: "Text", text: content } satisfies Part])
  const parts: Array<Part> = []
  for (let i = 0; i < content.length; i++) {
    const block = content[i]
    if (block === undefined) continue
    const part = partOf(block, `${path}.${i}`)
    if (Result.isFailure(part)) return Result.fail(part.failure)
    parts.push(part.success)
  }
  return Result.succeed(parts)
}

/** One block of a request or an answer. */
export const partOf = (block: JsonObject, path: string): Decoded<Part> => {
  switch (block["type"]) {
    case "text":
      return Result.map(textAt(block, "text", path), (text) => ({
        _tag: "Text",
        text,
        ...keepingRest(block, ["type", "text"])
      }))
    case "image":
      return Result.map(imageSource(block["source"], `${path}.source`), (source) =>
        source === undefined ? opaque(block) : { _tag: "Image", source, ...keepingRest(block, ["type", "source"]) }
      )
    case "document":
      return Result.map(documentSource(block["source"], `${path}.source`), (source) =>
        source === undefined ? opaque(block) : documentPart(block, source)
      )
    case "tool_use":
      return toolCallOf(block, path)
    case "tool_result":
      return toolResultOf(block, path)
    case "thinking":
      return Result.map(textAt(block, "thinking", path), (text): ReasoningPart => {
        const signature = block["signature"]
        const rest = keepingRest(block, ["type", "thinking", "signature"])
        if (isSealed(signature)) return { _tag: "Reasoning", text, ...rest, ...(unseal(signature) ?? unsigned) }
        return {
          _tag: "Reasoning",
          text,
          ...(typeof signature === "string" && signature !== "" ? { signature } : {}),
          ...unsigned,
          ...rest
        }
      })
    case "redacted_thinking":
      return Result.map(textAt(block, "data", path), (redacted) => ({
        _tag: "Reasoning",
        text: "",
        ...keepingRest(block, ["type", "data"]),
        ...(isSealed(redacted) ? (unseal(redacted) ?? unsigned) : { redacted, ...unsigned })
      }))
    default:
      return typeof block["type"] === "string"
        ? Result.succeed(opaque(block))
        : wrongType(`${path}.type`, "a string", block["type"])
  }
}

/** A thought that is worth nothing to its vendor as it is. */
const unsigned = { origin: dialectId } as const

const opaque = (block: JsonObject): Part => ({ _tag: "Opaque", dialect: dialectId, block })

const documentPart = (block: JsonObject, source: MediaSource): Part => {
  const title = block["title"]
  const named = typeof title === "string"
  const rest = omitKeys(block, named ? ["type", "source", "title"] : ["type", "source"])
  const whole = isJsonObject(block["source"]) && block["source"]["type"] === "content"
  return {
    _tag: "Document",
    source,
    ...(named ? { name: title } : {}),
    ...keeping(whole ? { ...rest, source: block["source"] ?? null } : rest)
  }
}

const toolCallOf = (block: JsonObject, path: string): Decoded<ToolCallPart> =>
  Result.flatMap(textAt(block, "id", path), (id) =>
    Result.map(textAt(block, "name", path), (name) => ({
      _tag: "ToolCall",
      id,
      name,
      arguments: JSON.stringify(block["input"] ?? {}),
      ...keepingRest(block, ["type", "id", "name", "input"])
    }))
  )

const toolResultOf = (block: JsonObject, path: string): Decoded<Part> =>
  Result.flatMap(textAt(block, "tool_use_id", path), (id) =>
    Result.map(resultContent(block["content"], `${path}.content`), ({ parts, whole }): Part => {
      const isError = block["is_error"]
      const rest = omitKeys(block, ["type", "tool_use_id", "content", "is_error"])
      return {
        _tag: "ToolResult",
        id,
        content: parts,
        ...(typeof isError === "boolean" ? { isError } : {}),
        ...keeping(whole ? rest : { ...rest, content: block["content"] ?? null })
      }
    })
  )

/** `whole`: do the parts say all that the content says? */
const resultContent = (
  content: Json | undefined,
  path: string
): Decoded<{ readonly parts: ReadonlyArray<ToolResultContent>; readonly whole: boolean }> => {
  if (content === undefined || content === null) return Result.succeed({ parts: [], whole: true })
  if (typeof content === "string")
    return Result.succeed({ parts: content === "" ? [] : [{ _tag: "Text", text: content }], whole: true })
  if (!Array.isArray(content)) return wrongType(path, "a string or an array", content)
  const parts: Array<ToolResultContent> = []
  let whole = true
  for (let i = 0; i < content.length; i++) {
    const block: Json = content[i]
    if (!isJsonObject(block)) return wrongType(`${path}.${i}`, "an object", block)
    const part = partOf(block, `${path}.${i}`)
    if (Result.isFailure(part)) return Result.fail(part.failure)
    const { success } = part
    if (success._tag === "Text" || success._tag === "Image" || success._tag === "Document") parts.push(success)
    else {
      whole = false
      append(parts, searchResultText(block))
    }
  }
  return Result.succeed({ parts, whole })
}

/** What a search result says, for vendors that have no such block. */
const searchResultText = (block: JsonObject): ReadonlyArray<ToolResultContent> => {
  const content = block["content"]
  if (block["type"] !== "search_result" || !Array.isArray(content)) return []
  return content.flatMap((inner: Json) =>
    isJsonObject(inner) && typeof inner["text"] === "string" ? [{ _tag: "Text" as const, text: inner["text"] }] : []
  )
}

/** `undefined`: a kind of source that the domain has no word for. */
const imageSource = (source: Json | undefined, path: string): Decoded<MediaSource | undefined> => {
  if (!isJsonObject(source)) return wrongType(path, "an object", source)
  switch (source["type"]) {
    case "base64":
      return base64Source(source, path)
    case "url":
      return Result.map(textAt(source, "url", path), (url) => ({ _tag: "Url", url }))
    case "file":
      return Result.map(textAt(source, "file_id", path), (id) => ({ _tag: "FileId", id }))
    default:
      return Result.succeed(undefined)
  }
}

const documentSource = (source: Json | undefined, path: string): Decoded<MediaSource | undefined> => {
  if (!isJsonObject(source)) return wrongType(path, "an object", source)
  switch (source["type"]) {
    case "text":
      return Result.map(textAt(source, "data", path), (text) => ({ _tag: "PlainText", text }))
    case "content":
      return Result.succeed(textContent(source["content"]))
    default:
      return imageSource(source, path)
  }
}

const base64Source = (source: JsonObject, path: string): Decoded<MediaSource> =>
  Result.flatMap(textAt(source, "media_type", path), (mediaType) =>
    Result.map(textAt(source, "data", path), (data) => ({ _tag: "Base64", mediaType, data }))
  )

/** A document of content blocks as text, where it is nothing but text. */
const textContent = (content: Json | undefined): MediaSource | undefined => {
  if (typeof content === "string") return { _tag: "PlainText", text: content }
  if (!Array.isArray(content)) return undefined
  const texts: Array<string> = []
  for (const block of content) {
    if (!isJsonObject(block) || block["type"] !== "text" || typeof block["text"] !== "string") return undefined
    texts.push(block["text"])
  }
  return { _tag: "PlainText", text: texts.join("\n") }
}

const textAt = (object: JsonObject, key: string, path: string): Decoded<string> => {
  const value = object[key]
  return typeof value === "string" ? Result.succeed(value) : wrongType(`${path}.${key}`, "a string", value)
}

/** The fault of a value that is missing or of another type; the value itself is never told. */
export const wrongType = (
  path: string,
  expected: string,
  found: Json | undefined
): Result.Result<never, RequestFault> =>
  Result.fail({
    message:
      found === undefined
        ? `Missing required parameter: '${path}'`
        : `Invalid type for '${path}': expected ${expected}, but got ${typeName(found)}`,
    param: path
  })

type Encoded<A> = Result.Result<A, EncodeFault>

export const cannot = (feature: string, message: string): Result.Result<never, EncodeFault> =>
  Result.fail({ feature, message })

/**
 * The block for one part of a request. `undefined` where there is nothing to send: empty text (the vendor refuses
 * blocks of white space), thoughts of other vendors, thoughts without their signature.
 */
export const blockOf = (part: Part): Encoded<JsonObject | undefined> => {
  switch (part._tag) {
    case "Text":
      return Result.succeed(textBlock(part.text, withoutMade(ownFields(part) ?? nothing)))
    case "Refusal":
      return Result.succeed(textBlock(part.text, undefined))
    case "Image":
      return Result.map(imageSourceOf(part.source), (source) => ({ type: "image", source, ...ownFields(part) }))
    case "Document":
      return Result.map(documentSourceOf(part.source), (source) => {
        const { source: original, ...rest } = ownFields(part) ?? {}
        const title = part.name === undefined ? {} : { title: part.name }
        return { type: "document", source: stillMeans(original, part.source) ? original : source, ...title, ...rest }
      })
    case "Audio":
      return cannot("audio", "The Anthropic Messages API takes no audio")
    case "ToolCall":
      return Result.map(argumentsOf(part), (input) => ({
        type: "tool_use",
        id: toolIdOf(part.id),
        name: part.name,
        input,
        ...ownFields(part)
      }))
    case "ToolResult": {
      const content: Array<JsonObject> = []
      for (const inner of part.content) {
        const block = blockOf(inner)
        if (Result.isFailure(block)) return block
        if (block.success !== undefined) content.push(block.success)
      }
      const { content: original, ...rest } = ownFields(part) ?? {}
      const written = original !== undefined && resultStillMeans(original, part.content) ? original : content
      return Result.succeed({
        type: "tool_result",
        tool_use_id: toolIdOf(part.id),
        ...(Array.isArray(written) && written.length === 0 ? {} : { content: written }),
        ...(part.isError === undefined ? {} : { is_error: part.isError }),
        ...rest
      })
    }
    case "Reasoning":
      return Result.succeed(part.origin === dialectId ? thinkingBlock(part) : undefined)
    case "Opaque":
      return part.dialect === dialectId && isJsonObject(part.block)
        ? Result.succeed(part.block)
        : cannot(kindOf(part.block, "a vendor's own block"), `Only the ${part.dialect} wire can carry this block`)
  }
}

const textBlock = (text: string, rest: JsonObject | undefined): JsonObject | undefined =>
  text.trim() === "" ? undefined : { type: "text", text, ...rest }

const thinkingBlock = (part: ReasoningPart): JsonObject | undefined => {
  if (part.redacted !== undefined) return { type: "redacted_thinking", data: part.redacted, ...ownFields(part) }
  if (part.signature === undefined) return undefined
  return { type: "thinking", thinking: part.text, signature: part.signature, ...ownFields(part) }
}

const stillMeans = (original: Json | undefined, source: MediaSource): original is Json =>
  original !== undefined && sameJson(Result.getOrUndefined(documentSource(original, "")), source)

const resultStillMeans = (original: Json, content: ReadonlyArray<ToolResultContent>): boolean =>
  sameJson(Result.getOrUndefined(resultContent(original, ""))?.parts, content)

/**
 * Ids of uploaded files are the vendor's own; Anthropic's begin with `file_` (OpenAI's with `file-`), so a file that
 * was uploaded elsewhere is told before the call.
 */
const fileSource = (id: string): Encoded<JsonObject> =>
  id.startsWith("file_")
    ? Result.succeed({ type: "file", file_id: id })
    : cannot("uploaded files", "The file was uploaded to another vendor")

const imageSourceOf = (source: MediaSource): Encoded<JsonObject> => {
  switch (source._tag) {
    case "Base64":
      return Result.succeed({ type: "base64", media_type: source.mediaType, data: source.data })
    case "Url":
      return Result.succeed({ type: "url", url: source.url })
    case "FileId":
      return fileSource(source.id)
    case "PlainText":
      return cannot("images", "Text was given where an image is expected")
  }
}

const documentSourceOf = (source: MediaSource): Encoded<JsonObject> => {
  if (source._tag === "PlainText") return Result.succeed({ type: "text", media_type: "text/plain", data: source.text })
  if (source._tag !== "Base64" || source.mediaType === "application/pdf") return imageSourceOf(source)
  return source.mediaType.startsWith("text/") || source.mediaType === "application/json"
    ? Result.succeed({ type: "text", media_type: "text/plain", data: utf8(source.data) })
    : cannot("documents", `The Anthropic Messages API takes PDF and text documents, not ${source.mediaType}`)
}

const utf8 = (base64: string): string => Buffer.from(base64, "base64").toString("utf8")

/** The arguments of a call as the object this wire asks for. No text at all means no arguments. */
const argumentsOf = (part: ToolCallPart): Encoded<JsonObject> => {
  if (part.arguments.trim() === "") return Result.succeed({})
  const value = parseJson(part.arguments)
  return isJsonObject(value)
    ? Result.succeed(value)
    : cannot("tool calls", `The arguments of the earlier call to '${part.name}' are not a JSON object`)
}

const toolIds = /^[a-zA-Z0-9_-]+$/
/** The id of a tool call as this wire takes it. */
export const toolIdOf = (id: string): string => fittedId(id, toolIds)
