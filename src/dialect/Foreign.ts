/**
 * What a request says that only other wires have, when it goes to a vendor that does not speak its caller's wire.
 *
 * Nothing is lost in silence. Of all that the domain has no word for, and of what the domain has a word for but the
 * target's wire has none (`lacking`), there are three kinds:
 *
 * - What the target's wire has too, by the same name or another, is carried over (`carries`).
 * - What would mean something else if it were left out (a search, a stored context, sound, a tool or a block that only
 *   one vendor knows) is a fault, which names all of it.
 * - Everything else tunes the answer, its price or its form, and is told as dropped.
 *
 * Values by which a caller asks for what everybody does anyway (`truncation: disabled`) are none of these.
 *
 * @module
 */
import type { ChatRequest } from "../domain/ChatRequest.ts"
import type { DialectId, Extensions } from "../domain/Ids.ts"
import { isJsonObject, type Json, type JsonObject } from "../domain/Json.ts"
import type { Message, Part } from "../domain/Message.ts"
import { functionOfCustom, lostOfCustom } from "./CustomAsFunction.ts"
import { hasCustomTools } from "./CustomTools.ts"
import type { EncodeFault } from "./Dialect.ts"

interface ForeignFields {
  /** Paths of fields without which the request would mean something else. */
  readonly meaning: ReadonlyArray<string>
  /** Fields of which the domain models a part: what is left in them is told by its own path. */
  readonly nested: ReadonlyArray<string>
  /** By path, values that ask for nothing but what everybody does. Of a list, each of its items. */
  readonly plain: Readonly<Record<string, ReadonlyArray<Json>>>
  /** Within messages, parts and tools: what means something. */
  readonly meaningWithin: ReadonlyArray<string>
  /** Within messages, parts and tools: what a decoder notes for the way back, which nobody said. */
  readonly notes: ReadonlyArray<string>
  /** The wire's own word for a thought. */
  readonly thought: string
}

const tiers = ["auto", "default"]

export const foreignFields: ReadonlyMap<string, ForeignFields> = new Map<DialectId, ForeignFields>([
  [
    "openai-chat",
    {
      // `preset` and `plugins` are OpenRouter's
      meaning: ["audio", "modalities", "plugins", "preset", "response_format", "tool_choice", "web_search_options"],
      nested: ["stream_options"],
      plain: { modalities: ["text"], service_tier: tiers, store: [false], verbosity: ["medium"] },
      meaningWithin: [],
      notes: ["field", "block", "type"],
      thought: "reasoning_content"
    }
  ],
  [
    "openai-responses",
    {
      meaning: ["background", "conversation", "image", "prompt", "tool_choice"],
      nested: ["reasoning", "stream_options", "text"],
      plain: {
        background: [false],
        // a thought that can be sent back is given to every caller of this wire
        include: ["reasoning.encrypted_content"],
        "reasoning.context": ["auto"],
        "reasoning.mode": ["standard"],
        service_tier: tiers,
        // the gateway stores for its callers itself
        store: [true, false],
        "text.verbosity": ["medium"],
        truncation: ["disabled"]
      },
      meaningWithin: [],
      notes: ["annotations", "content", "id", "item", "logprobs", "phase", "status", "summary", "type"],
      thought: "reasoning"
    }
  ],
  [
    "anthropic-messages",
    {
      meaning: ["container", "inference_geo", "mcp_servers", "thread"],
      nested: ["metadata", "output_config", "thinking"],
      plain: { service_tier: ["auto"], speed: ["standard"] },
      // what is told about a document stands for a part of it
      meaningWithin: ["context"],
      notes: ["role", "source", "type"],
      thought: "thinking"
    }
  ],
  [
    "gemini",
    {
      meaning: [
        "cachedContent",
        // no other wire holds an answer to a list of words, or to XML
        "generationConfig.responseFormat",
        "generationConfig.responseMimeType",
        "generationConfig.responseModalities",
        "generationConfig.speechConfig",
        "generationConfig.translationConfig"
      ],
      nested: ["generationConfig", "generationConfig.thinkingConfig", "toolConfig"],
      plain: {
        "generationConfig.mediaResolution": ["MEDIA_RESOLUTION_UNSPECIFIED"],
        "generationConfig.responseMimeType": ["text/plain"],
        "generationConfig.responseModalities": ["TEXT", "text", "Text"],
        serviceTier: ["standard", "unspecified"],
        store: [false]
      },
      meaningWithin: [],
      notes: ["fileData"],
      thought: "thought"
    }
  ]
])

/** A field that another wire has too. */
interface Carry {
  readonly from: DialectId
  readonly path: string
  readonly to: DialectId
  /** Where it stands there; absent: nowhere, since there it is so without being said. */
  readonly as?: string
  /** What it is there; absent: the same. */
  readonly value?: Json
  /** Does it hold for this value and request? Absent: always. */
  readonly fits?: (value: Json, request: ChatRequest) => boolean
}

/** The same field at the same vendor's other wire, in both directions. */
const atBothOfOpenAi = (chat: string, responses = chat): ReadonlyArray<Carry> => [
  { from: "openai-chat", path: chat, to: "openai-responses", as: responses },
  { from: "openai-responses", path: responses, to: "openai-chat", as: chat }
]

const thinks = (_value: Json, { reasoning }: ChatRequest): boolean =>
  reasoning !== undefined && reasoning.disabled !== true && reasoning.effort !== "none"
const isSummarized = (value: Json): boolean => value === "summarized"
const isOmitted = (value: Json): boolean => value === "omitted"
const isTrue = (value: Json): boolean => value === true
const includeThoughts = "generationConfig.thinkingConfig.includeThoughts"

/** Claude's newer generations leave their thoughts out of the answer unless they are asked for. */
const shown = { to: "anthropic-messages", as: "thinking.display", value: "summarized", fits: thinks } as const

export const carries: ReadonlyArray<Carry> = [
  ...atBothOfOpenAi("moderation"),
  ...atBothOfOpenAi("prompt_cache_key"),
  ...atBothOfOpenAi("prompt_cache_options"),
  ...atBothOfOpenAi("prompt_cache_retention"),
  ...atBothOfOpenAi("safety_identifier"),
  ...atBothOfOpenAi("service_tier"),
  ...atBothOfOpenAi("stream_options.include_obfuscation"),
  ...atBothOfOpenAi("verbosity", "text.verbosity"),
  { from: "openai-chat", path: "store", to: "openai-responses", as: "store" },
  // thoughts in words
  {
    from: "gemini",
    path: includeThoughts,
    to: "openai-responses",
    as: "reasoning.summary",
    value: "auto",
    fits: isTrue
  },
  { ...shown, from: "gemini", path: includeThoughts },
  { from: "openai-responses", path: "reasoning.summary", to: "gemini", as: includeThoughts, value: true },
  { ...shown, from: "openai-responses", path: "reasoning.summary" },
  {
    from: "anthropic-messages",
    path: "thinking.display",
    to: "openai-responses",
    as: "reasoning.summary",
    value: "auto",
    fits: isSummarized
  },
  { from: "anthropic-messages", path: "thinking.display", to: "openai-responses", fits: isOmitted },
  { from: "anthropic-messages", path: "thinking.display", to: "openai-chat", fits: isOmitted },
  {
    from: "anthropic-messages",
    path: "thinking.display",
    to: "gemini",
    as: includeThoughts,
    value: true,
    fits: isSummarized
  },
  {
    from: "anthropic-messages",
    path: "thinking.display",
    to: "gemini",
    as: includeThoughts,
    value: false,
    fits: isOmitted
  }
]

/** What the domain has a word for and a wire has none. */
type Word = "name" | "detail" | "is_error" | "strict" | "user" | "metadata" | "filename"

export const lacking: ReadonlyMap<string, ReadonlyArray<Word>> = new Map<DialectId, ReadonlyArray<Word>>([
  ["openai-chat", ["is_error"]],
  ["openai-responses", ["is_error", "name"]],
  ["anthropic-messages", ["detail", "metadata", "name"]],
  ["gemini", ["detail", "filename", "metadata", "name", "strict", "user"]]
])

/** What of a request only other wires have. */
export interface Lost {
  /** What only tunes, in the caller's words. */
  readonly dropped: ReadonlyArray<string>
  /** All that means more. */
  readonly fault: EncodeFault | undefined
}

/** What `target`'s wire cannot carry. */
export const foreignIn = (request: ChatRequest, target: DialectId): Lost => {
  const found: Found = { dropped: new Set(), meaning: new Set(), dialects: new Set() }
  for (const [label, path, value] of foreignPaths(request, target)) {
    const { meaning = [] } = foreignFields.get(label) ?? {}
    if (carryOf(label, path, value, target, request) !== undefined) continue
    if (meaning.includes(path)) note(found, path, label)
    else found.dropped.add(path)
  }
  for (const header of foreignHeaders(request, target)) found.dropped.add(header)
  lookWithin(request, target, found)
  const dropped = [...found.dropped]
  if (found.meaning.size === 0) return { dropped, fault: undefined }
  const feature = [...found.meaning].join(", ")
  return {
    dropped,
    fault: { feature, message: `Only the ${[...found.dialects].join(" or ")} wire can carry ${feature}` }
  }
}

/** The body with those foreign fields that `target`'s wire has too; they stand before an encoder's own defaults. */
export const withCarried = (body: JsonObject, request: ChatRequest, target: DialectId): JsonObject => {
  let out = body
  for (const [label, path, value] of foreignPaths(request, target)) {
    const carry = carryOf(label, path, value, target, request)
    if (carry?.as !== undefined) out = placed(out, carry.as.split("."), carry.value ?? value)
  }
  return out
}

const placed = (object: JsonObject, [key = "", ...rest]: ReadonlyArray<string>, value: Json): JsonObject => {
  if (rest.length === 0) return { ...object, [key]: value }
  const old = object[key]
  return { ...object, [key]: placed(isJsonObject(old) ? old : {}, rest, value) }
}

interface Found {
  readonly dropped: Set<string>
  readonly meaning: Set<string>
  /** Whose it is. */
  readonly dialects: Set<string>
}

const note = (found: Found, feature: string, dialect: string): void => {
  found.meaning.add(feature)
  found.dialects.add(dialect)
}

const carryOf = (
  label: string,
  path: string,
  value: Json,
  target: DialectId,
  request: ChatRequest
): Carry | undefined =>
  carries.find(
    (row) =>
      row.from === label &&
      row.path === path &&
      row.to === target &&
      (row.fits === undefined || row.fits(value, request))
  )

/** The request's fields of other wires that say something, by path. */
const foreignPaths = (
  request: ChatRequest,
  target: DialectId
): ReadonlyArray<readonly [label: string, path: string, value: Json]> => {
  const paths: Array<readonly [string, string, Json]> = []
  if (target !== "gemini" && wantsThoughts(request)) paths.push(["gemini", includeThoughts, true])
  for (const [label, fields] of Object.entries(request.extensions ?? {})) {
    const known = foreignFields.get(label)
    if (label === target || known === undefined) continue
    for (const [path, value] of leaves(fields, "", known.nested))
      if (says(value) && !isPlain(value, Object.hasOwn(known.plain, path) ? known.plain[path] : undefined))
        paths.push([label, path, value])
  }
  return paths
}

/**
 * Does a caller of Gemini's wire ask to be shown thoughts? The domain takes it for a part of the wish for reasoning, and
 * so keeps no word of it; both spellings are the wire's.
 */
const wantsThoughts = ({ wire }: ChatRequest): boolean => {
  if (wire?.dialect !== "gemini") return false
  const config = wire.body["generationConfig"] ?? wire.body["generation_config"]
  if (!isJsonObject(config)) return false
  const thinking = config["thinkingConfig"] ?? config["thinking_config"]
  return isJsonObject(thinking) && (thinking["includeThoughts"] ?? thinking["include_thoughts"]) === true
}

const leaves = (
  fields: JsonObject,
  before: string,
  nested: ReadonlyArray<string>
): ReadonlyArray<readonly [string, Json]> =>
  Object.entries(fields).flatMap(([key, value]): ReadonlyArray<readonly [string, Json]> => {
    const path = `${before}${key}`
    return nested.includes(path) && isJsonObject(value) ? leaves(value, `${path}.`, nested) : [[path, value]]
  })

/** An object without members may say something: `web_search_options: {}`. */
const says = (value: Json | undefined): value is Json =>
  value !== undefined && value !== null && !(Array.isArray(value) && value.length === 0)

const isPlain = (value: Json, plain: ReadonlyArray<Json> | undefined): boolean =>
  plain !== undefined &&
  (Array.isArray(value) ? value.every((one: Json) => plain.includes(one)) : plain.includes(value))

/** Headers for another vendor. Which version of its wire a caller speaks says nothing to anybody else. */
const foreignHeaders = ({ wire }: ChatRequest, target: DialectId): ReadonlyArray<string> =>
  wire === undefined || wire.dialect === target
    ? []
    : Object.keys(wire.headers).filter((name) => name !== "anthropic-version")

/** Looks through messages, parts and tools. */
const lookWithin = (request: ChatRequest, target: DialectId, found: Found): void => {
  const without = lacking.get(target) ?? []
  const lacks = (word: Word): boolean => without.includes(word)
  const caller = request.wire?.dialect
  if (request.user !== undefined && lacks("user"))
    found.dropped.add(caller === "anthropic-messages" ? "metadata.user_id" : "user")
  if (Object.keys(request.metadata ?? {}).length > 0 && lacks("metadata")) found.dropped.add("metadata")
  for (const tool of request.tools) {
    if (tool._tag === "Hosted") {
      if (tool.dialect === target) continue
      // both of OpenAI's wires have custom tools, and to the others they are functions
      if (functionOfCustom(tool) === undefined) note(found, kindOf(tool.definition, "a hosted tool"), tool.dialect)
      else if (!hasCustomTools(target)) for (const field of lostOfCustom(tool)) found.dropped.add(field)
      continue
    }
    if (tool.strict === true && lacks("strict")) found.dropped.add("strict")
    lookAt(tool.extensions, target, found)
  }
  for (const message of request.messages) lookThrough(message, target, lacks, caller, found)
}

const lookThrough = (
  message: Message,
  target: DialectId,
  lacks: (word: Word) => boolean,
  caller: string | undefined,
  found: Found
): void => {
  // what a result is named after is named by its call
  if (message.name !== undefined && message.role !== "tool" && lacks("name")) found.dropped.add("name")
  lookAt(message.extensions, target, found)
  for (const part of message.content) lookIn(part, target, lacks, caller, found)
}

const lookIn = (
  part: Part,
  target: DialectId,
  lacks: (word: Word) => boolean,
  caller: string | undefined,
  found: Found
): void => {
  switch (part._tag) {
    case "Opaque":
      if (part.dialect !== target) note(found, kindOf(part.block, "a content block"), part.dialect)
      return
    case "Reasoning":
      if (part.origin === target) return
      found.dropped.add(foreignFields.get(caller ?? part.origin ?? "")?.thought ?? "reasoning")
      return
    case "Image":
      if ((part.detail ?? "auto") !== "auto" && lacks("detail")) found.dropped.add("detail")
      break
    case "Document":
      if (part.name !== undefined && part.source._tag !== "PlainText" && lacks("filename"))
        found.dropped.add("filename")
      break
    case "ToolResult":
      if (part.isError === true && lacks("is_error")) found.dropped.add("is_error")
      for (const inner of part.content) lookIn(inner, target, lacks, caller, found)
      break
    default:
  }
  lookAt(part.extensions, target, found)
}

const lookAt = (extensions: Extensions | undefined, target: DialectId, found: Found): void => {
  if (extensions === undefined) return
  for (const [label, fields] of Object.entries(extensions)) {
    const known = foreignFields.get(label)
    if (label === target || known === undefined) continue
    for (const [key, value] of Object.entries(fields)) {
      if (!says(value) || known.notes.includes(key) || isOff(value)) continue
      // a signature of Google's goes back to Google
      if (target === "gemini" && label === "openai-chat" && key === "extra_content") continue
      if (known.meaningWithin.includes(key)) note(found, key, label)
      else found.dropped.add(key)
    }
  }
}

/** `citations: { enabled: false }`, `defer_loading: false`. */
const isOff = (value: Json): boolean =>
  value === false || (isJsonObject(value) && Object.values(value).every((inner) => inner === false))

/** What a tool or a block is called on its own wire: its type, or where it has none its one key. */
export const kindOf = (value: Json, otherwise: string): string => {
  if (!isJsonObject(value)) return otherwise
  const { type } = value
  return typeof type === "string"
    ? type
    : (Object.keys(value).find((key) => isJsonObject(value[key])) ?? Object.keys(value)[0] ?? otherwise)
}
