/**
 * Messages and their parts.
 *
 * One vocabulary for all wires: a tool result stands in a message of role `tool` (Anthropic's and Gemini's user
 * messages that carry results are split on the way in and joined on the way out), system and developer prompts are
 * messages wherever they stood on the wire.
 *
 * @module
 */
import { Schema } from "effect"
import { Extensions } from "./Ids.ts"

const extensions = Schema.optionalKey(Extensions)

/** Where the bytes of an image, a sound or a document are. `data` is base64 without a `data:` prefix. */
export const MediaSource = Schema.Union([
  Schema.TaggedStruct("Url", { url: Schema.String, mediaType: Schema.optionalKey(Schema.String) }),
  Schema.TaggedStruct("Base64", { mediaType: Schema.String, data: Schema.String }),
  /** A file uploaded to one vendor; nobody else can read it. */
  Schema.TaggedStruct("FileId", { id: Schema.String }),
  /** Text given where a document is expected. */
  Schema.TaggedStruct("PlainText", { text: Schema.String })
])
export type MediaSource = typeof MediaSource.Type

export const TextPart = Schema.TaggedStruct("Text", { text: Schema.String, extensions })
export type TextPart = typeof TextPart.Type

export const ImagePart = Schema.TaggedStruct("Image", {
  source: MediaSource,
  detail: Schema.optionalKey(Schema.Literals(["auto", "low", "high"])),
  extensions
})
export type ImagePart = typeof ImagePart.Type

export const AudioPart = Schema.TaggedStruct("Audio", { source: MediaSource, extensions })
export type AudioPart = typeof AudioPart.Type

export const DocumentPart = Schema.TaggedStruct("Document", {
  source: MediaSource,
  /** A title or file name. */
  name: Schema.optionalKey(Schema.String),
  extensions
})
export type DocumentPart = typeof DocumentPart.Type

/**
 * What a model thought. A signature (or redacted, encrypted thought) is only worth something to the vendor that made
 * it: `origin` names the dialect it belongs to, and other dialects leave it out.
 */
export const ReasoningPart = Schema.TaggedStruct("Reasoning", {
  text: Schema.String,
  signature: Schema.optionalKey(Schema.String),
  redacted: Schema.optionalKey(Schema.String),
  origin: Schema.optionalKey(Schema.String),
  extensions
})
export type ReasoningPart = typeof ReasoningPart.Type

/** A model's wish to call a tool. `arguments` is the JSON text the model wrote, valid or not. */
export const ToolCallPart = Schema.TaggedStruct("ToolCall", {
  id: Schema.String,
  name: Schema.String,
  arguments: Schema.String,
  extensions
})
export type ToolCallPart = typeof ToolCallPart.Type

/** The model declined, in a field of its own (never guessed from wording). */
export const RefusalPart = Schema.TaggedStruct("Refusal", { text: Schema.String, extensions })
export type RefusalPart = typeof RefusalPart.Type

export const ToolResultContent = Schema.Union([TextPart, ImagePart, DocumentPart])
export type ToolResultContent = typeof ToolResultContent.Type

/** What a tool answered to the call `id`. */
export const ToolResultPart = Schema.TaggedStruct("ToolResult", {
  id: Schema.String,
  name: Schema.optionalKey(Schema.String),
  content: Schema.Array(ToolResultContent),
  isError: Schema.optionalKey(Schema.Boolean),
  extensions
})
export type ToolResultPart = typeof ToolResultPart.Type

/**
 * A block only one dialect knows (a server tool's call or result, a compaction …): sent back to that dialect as it
 * came, in its place among the other parts.
 */
export const OpaquePart = Schema.TaggedStruct("Opaque", { dialect: Schema.String, block: Schema.Json })
export type OpaquePart = typeof OpaquePart.Type

export const Part = Schema.Union([
  TextPart,
  ImagePart,
  AudioPart,
  DocumentPart,
  ReasoningPart,
  ToolCallPart,
  RefusalPart,
  ToolResultPart,
  OpaquePart
])
export type Part = typeof Part.Type

export const Role = Schema.Literals(["system", "developer", "user", "assistant", "tool"])
export type Role = typeof Role.Type

export const Message = Schema.Struct({
  role: Role,
  content: Schema.Array(Part),
  /** The participant's name, where the wire has one. */
  name: Schema.optionalKey(Schema.String),
  extensions
})
export type Message = typeof Message.Type

/** All visible text of some parts, joined. */
export const textOf = (parts: ReadonlyArray<Part>): string => {
  let text = ""
  for (const part of parts) if (part._tag === "Text") text += part.text
  return text
}
