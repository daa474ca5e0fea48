/**
 * How many tokens a prompt has at the most, whatever the tokenizer.
 *
 * Every tokenizer that vendors use falls back to single bytes, so a text never has more tokens than UTF-8 bytes; each
 * message, tool and part that is no text gets eight more for what is written around it, and the model what its templates
 * add. What is named only (a file's id, a URL, a stored conversation) or packed (a PDF) can fill the context window, so
 * the window is its bound. A vendor's own tools bring results into the prompt and have it read again, turn by turn.
 *
 * @module
 */
import {
  callersTools,
  type HostedField,
  hostedFields,
  hostedTools,
  type HostedToolBounds,
  mediaKey,
  mostCallsField,
  pricedFields,
  promptBounds,
  searchField,
  searchTellers,
  toolRounds,
  type UnseenField,
  unseenFields
} from "../catalog/bounds.ts"
import type { ModelFacts } from "../catalog/ModelFacts.ts"
import { withFunctionsForCustom } from "../dialect/CustomAsFunction.ts"
import { customTool } from "../dialect/CustomTools.ts"
import type { ChatRequest } from "../domain/ChatRequest.ts"
import type { MediaSource, Part } from "../domain/Message.ts"
import { isJsonObject, type Json, type JsonObject } from "../domain/Json.ts"
import type { HostedTool, Tool } from "../domain/Tool.ts"

/** Around each message, tool and part. */
const envelope = 8
/** Of a window nobody knows. */
export const largestWindow = 1_000_000
/** Sound is at least 500 bytes a second and at most 32 tokens a second, so a token has at least so many bytes. */
const bytesPerAudioToken = 15

const bytes = (text: string): number => (text === "" ? 0 : Buffer.byteLength(text, "utf8"))

interface Sum {
  /** Text, and what is around it. */
  tokens: number
  images: number
  audio: number
  /** Something is in the prompt that cannot be measured here. */
  unseen: boolean
}

const addMedia = (sum: Sum, source: MediaSource, kind: "Image" | "Audio" | "Document"): void => {
  if (kind === "Image") sum.images++
  else if (source._tag === "PlainText") sum.tokens += bytes(source.text)
  else if (source._tag !== "Base64") sum.unseen = true
  else if (kind === "Audio") sum.audio += Math.ceil((source.data.length * 3) / 4 / bytesPerAudioToken)
  else if (source.mediaType.startsWith("text/")) sum.tokens += source.data.length
  else sum.unseen = true
}

const addPart = (sum: Sum, part: Part): void => {
  if ("extensions" in part) addForeign(sum, part.extensions)
  switch (part._tag) {
    case "Text":
    case "Refusal":
      sum.tokens += bytes(part.text)
      return
    case "Reasoning":
      sum.tokens += envelope + bytes(part.text) + bytes(part.signature ?? "") + bytes(part.redacted ?? "")
      return
    case "Image":
    case "Audio":
      sum.tokens += envelope
      addMedia(sum, part.source, part._tag)
      return
    case "Document":
      sum.tokens += envelope + bytes(part.name ?? "")
      addMedia(sum, part.source, part._tag)
      return
    case "ToolCall":
      sum.tokens += envelope + bytes(part.id) + bytes(part.name) + bytes(part.arguments)
      return
    case "ToolResult":
      sum.tokens += envelope + bytes(part.id) + bytes(part.name ?? "")
      for (const inner of part.content) addPart(sum, inner)
      return
    case "Opaque":
      sum.tokens += envelope
      addForeign(sum, part.block)
  }
}

/** What only one dialect knows: its text counts, and where it names or packs something it cannot be measured. */
const addForeign = (sum: Sum, foreign: Json | undefined): void => {
  if (foreign === undefined) return
  sum.tokens += bytes(JSON.stringify(foreign))
  if (namesMedia(foreign)) sum.unseen = true
}

const namesMedia = (value: Json): boolean => {
  if (typeof value !== "object" || value === null) return false
  if (!isJsonObject(value)) return value.some(namesMedia)
  return Object.entries(value).some(([key, inner]) => mediaKey.test(key) || namesMedia(inner))
}

const isUnseen = (body: JsonObject, { path, value }: UnseenField): boolean => {
  let found: Json | undefined = body
  for (const key of path) found = isJsonObject(found) ? found[key] : undefined
  return found !== undefined && found !== null && (value === undefined || found === value)
}

const toolMemo = new WeakMap<ReadonlyArray<Tool>, number>()

/** The tools' definitions as JSON, in bytes; written out once. */
export const toolBytes = (tools: ReadonlyArray<Tool>): number => {
  if (tools.length === 0) return 0
  const known = toolMemo.get(tools)
  if (known !== undefined) return known
  const size = bytes(JSON.stringify(tools))
  toolMemo.set(tools, size)
  return size
}

/** A tool that the vendor runs, and how often it may. */
export interface HostedUse {
  readonly row: HostedToolBounds
  readonly uses: number
}

const rowOf = (type: string): HostedToolBounds | undefined => hostedTools.find(({ pattern }) => pattern.test(type))

const noHosted: ReadonlyArray<HostedUse> = []

/** The vendor's own tools in a request: as often as is stated, else as their rows say. */
export const hostedOf = (request: ChatRequest): ReadonlyArray<HostedUse> => {
  const body = request.wire?.body
  if (request.tools.length === 0 && !hasHostedField(body)) return noHosted
  const found: Array<HostedUse> = []
  const add = (type: string, ...stated: ReadonlyArray<unknown>) => {
    const row = rowOf(type)
    if (row === undefined) return
    const uses = stated.find((one): one is number => typeof one === "number" && one >= 0) ?? row.uses
    if (uses > 0) found.push({ row, uses: Math.ceil(uses) })
  }
  for (const tool of request.tools) {
    if (tool._tag !== "Hosted" || isCallersToRun(tool)) continue
    add(typeOf(tool), tool.definition["max_uses"], body?.[mostCallsField])
  }
  if (body !== undefined)
    for (const one of hostedFields) {
      const value = body[one.field]
      if (one.isList !== true) {
        if (isOn(one, value)) add(one.field)
      } else if (Array.isArray(value)) for (const entry of value) if (isOn(one, entry)) add(nameOfEntry(one, entry))
    }
  return found.length === 0 ? noHosted : found
}

/** Has the body any field that changes what is billed, besides its messages, tools and limits? */
export const hasPricedField = (body: JsonObject | undefined): boolean => {
  for (const field in body) if (pricedFields.has(field)) return true
  return false
}

const hasHostedField = (body: JsonObject | undefined): boolean => {
  if (body !== undefined) for (const { field } of hostedFields) if (body[field] !== undefined) return true
  return false
}

const isOn = ({ off }: HostedField, value: Json | undefined): value is JsonObject =>
  isJsonObject(value) && (off === undefined || value[off[0]] !== off[1])

const nameOfEntry = ({ field, named }: HostedField, entry: JsonObject): string =>
  named === undefined ? field : `${field}:${String(entry[named])}`

/** With what a model's vendor does for every request to it. */
export const hostedAt = (asked: ReadonlyArray<HostedUse>, model: string): ReadonlyArray<HostedUse> => {
  const own = promptBounds(model).hosted
  if (own === undefined) return asked
  // a request may say how the model is to search: that is no second search
  const isSaid = asked.some(
    ({ row, uses }) => row.isSearch === true && row.usdPerUse >= own.usdPerUse && uses >= own.uses
  )
  return isSaid ? asked : [...asked, { row: own, uses: own.uses }]
}

/** Of a request's hosted tools, those whose fees their vendors do not tell beside what they count anyway. */
export const untoldOf = (request: ChatRequest, hosted: ReadonlyArray<HostedUse>): ReadonlyArray<HostedUse> => {
  if (hosted.length === 0) return hosted
  const tells =
    request.wire?.body[searchField] === undefined &&
    request.tools.every((tool) => tool._tag !== "Hosted" || searchTellers.has(tool.dialect))
  return hosted.filter(({ row }) => (row.isSearch === true ? !tells : row.usdPerUse > 0))
}

/** Is it the caller's to run, whoever defines it? */
const isCallersToRun = (tool: HostedTool): boolean => {
  const { environment } = tool.definition
  const isLocal = isJsonObject(environment) && environment["type"] === "local"
  return isLocal || customTool(tool) !== undefined || callersTools.test(typeOf(tool))
}

const typeOf = ({ definition }: HostedTool): string => {
  const { type } = definition
  return typeof type === "string" ? type : Object.keys(definition).join(" ")
}

/** A request's prompt, measured once for all who might answer it. */
export interface Measured {
  /** Text, and what is around it. */
  readonly tokens: number
  readonly images: number
  readonly audioTokens: number
  /** Something is in the prompt that cannot be measured here. */
  readonly unseen: boolean
  readonly hasTools: boolean
  readonly hasFormat: boolean
  readonly hosted: ReadonlyArray<HostedUse>
  /** Has its body any field that changes what is billed, besides messages, tools and limits? */
  readonly isPriced: boolean
  /** How often the vendor has the prompt read again for its tools: by their uses, but within these. */
  readonly rounds: Rounds
}

interface Rounds {
  readonly least: number
  readonly most: number
}

const anyRounds: Rounds = { least: 0, most: Number.POSITIVE_INFINITY }

const roundsOf = ({ tools, wire }: ChatRequest, hosted: ReadonlyArray<HostedUse>): Rounds => {
  if (hosted.length === 0) return anyRounds
  const run = tools.filter((tool) => tool._tag === "Hosted")
  const limit = toolRounds.find(({ dialect }) =>
    run.length === 0 ? wire?.dialect === dialect : run.every((tool) => tool.dialect === dialect)
  )
  if (limit !== undefined)
    return { least: run.some((tool) => limit.usesOthers.test(typeOf(tool))) ? limit.most : 0, most: limit.most }
  const stated = wire?.body[mostCallsField]
  return typeof stated === "number" && stated >= 0 ? { least: 0, most: Math.ceil(stated) } : anyRounds
}

export const measure = (asked: ChatRequest): Measured => {
  // a custom tool has the most bytes where it is a function
  const request = withFunctionsForCustom(asked)
  const { responseFormat, tools } = request
  const sum: Sum = { tokens: 0, images: 0, audio: 0, unseen: false }
  for (const { content, extensions, name } of request.messages) {
    sum.tokens += envelope + bytes(name ?? "")
    addForeign(sum, extensions)
    for (const part of content) addPart(sum, part)
  }
  if (tools.length > 0) sum.tokens += envelope * tools.length + toolBytes(tools)
  if (responseFormat?._tag === "JsonSchema") sum.tokens += bytes(JSON.stringify(responseFormat.schema))
  const body = request.wire?.body
  const isPriced = hasPricedField(body)
  const hosted = isPriced || tools.length > 0 ? hostedOf(request) : noHosted
  if (body !== undefined && isPriced && unseenFields.some((field) => isUnseen(body, field))) sum.unseen = true
  return {
    tokens: sum.tokens,
    images: sum.images,
    audioTokens: sum.audio,
    unseen: sum.unseen,
    hasTools: tools.length > 0,
    hasFormat: responseFormat?._tag === "JsonSchema" || responseFormat?._tag === "JsonObject",
    hosted,
    isPriced,
    rounds: roundsOf(request, hosted)
  }
}

export interface PromptBound {
  readonly tokens: number
  /** In `tokens`: sound. */
  readonly audioTokens: number
  readonly imageTokens: number
}

/** The most tokens the prompt can be billed for; `outputTokens` is what the model may write in between. */
export const promptBound = (
  { audioTokens, hasFormat, hasTools, hosted, images, rounds, tokens: measured, unseen }: Measured,
  model: string,
  { contextWindowTokens = largestWindow }: Pick<ModelFacts, "contextWindowTokens">,
  outputTokens: number
): PromptBound => {
  const around = promptBounds(model)
  const imageTokens = images * around.image
  let tokens = measured + imageTokens + audioTokens + around.prompt
  if (hasTools) tokens += around.tools
  if (hasFormat) tokens += around.format
  if (unseen) tokens = Math.max(tokens, contextWindowTokens)
  if (hosted.length > 0) {
    let [uses, results] = [0, 0]
    for (const { row, uses: times } of hosted) {
      uses += times
      results += times * row.resultTokens
    }
    // every turn reads everything before it once more, up to the window
    const turn = Math.max(tokens, Math.min(contextWindowTokens, tokens + results + outputTokens))
    tokens = turn * (Math.max(rounds.least, Math.min(rounds.most, uses)) + 1)
  }
  return { tokens, audioTokens, imageTokens }
}
