/**
 * The domain's messages → items of input for a vendor.
 *
 * @module
 */
import { Result } from "effect"
import { type Json, type JsonObject, omitKeys } from "../../domain/Json.ts"
import type { Message, Part, ToolResultPart } from "../../domain/Message.ts"
import type { EncodeFault } from "../Dialect.ts"
import { each } from "../Faults.ts"
import { foreignBlock, misplaced, storedElsewhere } from "../Misfits.ts"
import { restored } from "../openai-chat/Extensions.ts"
import { fileNameFor, soundBlock, urlOfBase64 } from "../openai-chat/Media.ts"
import { plainDocument } from "../PlainDocument.ts"
import { itemsOf } from "./Items.ts"
import { dialectId, kept } from "./Wire.ts"

type Encoded<A> = Result.Result<A, EncodeFault>

/** The items of one message. `customs`: the ids of calls of custom tools, whose results have a type of their own. */
export const encodeMessage = (message: Message, customs: ReadonlySet<string>): Encoded<ReadonlyArray<Json>> => {
  if (message.role === "assistant") return encodeTurn(message.content)
  if (message.role === "tool") {
    return each(message.content, (part) =>
      part._tag === "ToolResult" ? encodeToolResult(part, customs.has(part.id)) : Result.fail(misplaced(part, "tool"))
    )
  }
  return Result.map(encodeContent(message.content, message.role), (content) => [
    restored({ role: message.role, content }, kept(message))
  ])
}

const encodeTurn = (parts: ReadonlyArray<Part>): Encoded<ReadonlyArray<Json>> =>
  Result.map(each(parts, said), (told) =>
    itemsOf(
      told.filter((part) => part !== undefined),
      { id: () => undefined, status: undefined }
    )
  )

/** A part of the assistant's turn, where it has a place; `undefined`: a thought that means nothing here. */
const said = (part: Part): Encoded<Part | undefined> => {
  switch (part._tag) {
    case "Text":
    case "Refusal":
    case "ToolCall":
      return Result.succeed(part)
    case "Reasoning":
      return Result.succeed(part.origin === dialectId && part.signature !== undefined ? part : undefined)
    case "Opaque":
      return part.dialect === dialectId ? Result.succeed(part) : Result.fail(foreignBlock(part))
    default:
      return Result.fail(misplaced(part, "assistant"))
  }
}

const encodeToolResult = (result: ToolResultPart, custom: boolean): Encoded<JsonObject> =>
  Result.map(encodeContent(result.content, "tool"), (output) => {
    const own = kept(result) ?? {}
    return {
      type: own["type"] ?? (custom ? "custom_tool_call_output" : "function_call_output"),
      call_id: result.id,
      output,
      ...omitKeys(own, ["type"])
    }
  })

/** One plain text is written as a string; anything else as blocks. */
const encodeContent = (parts: ReadonlyArray<Part>, role: Message["role"]): Encoded<Json> => {
  const [only] = parts
  if (only === undefined) return Result.succeed("")
  if (parts.length === 1 && only._tag === "Text" && kept(only) === undefined) return Result.succeed(only.text)
  return each(parts, (part) => encodeBlock(part, role))
}

const encodeBlock = (part: Part, role: Message["role"]): Encoded<Json> => {
  switch (part._tag) {
    case "Text":
      return Result.succeed(restored({ type: "input_text", text: part.text }, kept(part)))
    case "Opaque":
      return part.dialect === dialectId ? Result.succeed(part.block) : Result.fail(foreignBlock(part))
    case "Image": {
      const { detail, source } = part
      if (source._tag === "PlainText" || (source._tag === "FileId" && kept(part) === undefined))
        return Result.fail(storedElsewhere(source._tag === "FileId" ? "uploaded files" : "images"))
      const where =
        source._tag === "FileId"
          ? { file_id: source.id }
          : { image_url: source._tag === "Url" ? source.url : urlOfBase64(source) }
      return Result.succeed(
        restored({ type: "input_image", ...where, ...(detail === undefined ? {} : { detail }) }, kept(part))
      )
    }
    case "Audio":
      return Result.map(soundBlock(part.source), (block) => restored(block, kept(part)))
    case "Document": {
      const { name, source } = part
      if (source._tag === "PlainText")
        return Result.succeed({ type: "input_text", text: plainDocument(source.text, name) })
      if (source._tag === "FileId" && kept(part) === undefined) return Result.fail(storedElsewhere("uploaded files"))
      const named = name === undefined ? {} : { filename: name }
      const file =
        source._tag === "FileId"
          ? { file_id: source.id, ...named }
          : source._tag === "Url"
            ? { file_url: source.url, ...named }
            : { file_data: urlOfBase64(source), filename: name ?? fileNameFor(source.mediaType) }
      return Result.succeed(restored({ type: "input_file", ...file }, kept(part)))
    }
    default:
      return Result.fail(misplaced(part, role))
  }
}
