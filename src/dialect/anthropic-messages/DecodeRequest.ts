/**
 * A body of `POST /v1/messages` → `ChatRequest`.
 *
 * What the domain has no word for is not lost: the body rides along as `wire`, and in case a stage edits the request
 * (and drops `wire`) the same fields stand in the extensions, each where it belongs: the request's, a message's, a
 * part's, a tool's.
 *
 * - `system` becomes the first message. A message of role `system` further down stays where it is and is marked, so
 *   that it goes back there and not to the top.
 * - A user message that carries tool results is split into messages of role `tool` and `user`, in order.
 * - `fallbacks` and `models` are Switchyard's own where they hold names. `fallbacks` of objects are the vendor's.
 *
 * @module
 */
import { Result } from "effect"
import { ReasoningEffort } from "../../domain/ChatRequest.ts"
import type { ChatRequest, Reasoning, ResponseFormat, Sampling } from "../../domain/ChatRequest.ts"
import { isJsonObject, type Json, type JsonObject, omitKeys } from "../../domain/Json.ts"
import type { Extensions } from "../../domain/Ids.ts"
import type { Message, Part, Role } from "../../domain/Message.ts"
import type { Tool, ToolChoice } from "../../domain/Tool.ts"
import { append } from "../append.ts"
import type { HeaderMap, RequestFault } from "../Dialect.ts"
import { bodyDecoder, tooManyFallbacks } from "../Issues.ts"
import { partsOf, wrongType } from "./Blocks.ts"
import { keepIn, vendorHeadersOf } from "../VendorOwn.ts"
import { dialectId, headersLabel, keeping, keepingRest, MessagesRequest, ownFields } from "./Wire.ts"

type Decoded<A> = Result.Result<A, RequestFault>

/** Headers that go on to the vendor. */
export const vendorHeaders: ReadonlyArray<string> = ["anthropic-beta", "anthropic-version"]

/** The domain has no name for a format; other wires ask for one. */
const formatName = "answer"

const decodeBody = bodyDecoder(MessagesRequest)

export const decodeRequest = (body: Json, headers: HeaderMap): Decoded<ChatRequest> =>
  Result.flatMap(decodeBody(body), (asked) =>
    // a body that decodes is an object
    requestOf(asked, isJsonObject(body) ? body : {}, headers)
  )

const requestOf = (asked: MessagesRequest, body: JsonObject, headers: HeaderMap): Decoded<ChatRequest> => {
  const messages = messagesOf(asked, body)
  if (Result.isFailure(messages)) return Result.fail(messages.failure)
  const tools = toolsOf(asked.tools ?? [])
  if (Result.isFailure(tools)) return Result.fail(tools.failure)
  const choice = asked.tool_choice ?? undefined
  if (choice?.type === "tool" && typeof choice.name !== "string")
    return wrongType("tool_choice.name", "a string", choice.name)
  const fallbacks = fallbacksOf(asked)
  const fault = tooManyFallbacks(fallbacks)
  if (fault !== undefined) return Result.fail(fault)
  const ownFallbacks = (asked.fallbacks ?? []).every((name) => typeof name === "string")
  const own = ownFallbacks ? ["fallbacks", "models"] : ["models"]
  const parallel = choice?.disable_parallel_tool_use
  const reasoning = reasoningOf(asked)
  const format = formatOf(asked)
  const user = asked.metadata?.user_id
  const sent = vendorHeadersOf(headers, vendorHeaders)
  const extensions = extensionsOf(asked, omitKeys(body, own), sent)
  return Result.succeed({
    model: asked.model,
    delivery: asked.stream === true ? "live" : "whole",
    messages: messages.success,
    tools: tools.success,
    ...(choice === undefined ? {} : { toolChoice: toolChoiceOf(choice.type, choice.name) }),
    ...(typeof parallel === "boolean" ? { parallelToolCalls: !parallel } : {}),
    ...(format === undefined ? {} : { responseFormat: format }),
    sampling: samplingOf(asked),
    ...(reasoning === undefined ? {} : { reasoning }),
    ...(typeof user === "string" ? { user } : {}),
    usageWanted: true,
    fallbacks,
    wire: { dialect: dialectId, body: omitKeys(body, own), headers: sent },
    ...(extensions === undefined ? {} : { extensions })
  })
}

const messagesOf = (asked: MessagesRequest, body: JsonObject): Decoded<ReadonlyArray<Message>> => {
  const messages: Array<Message> = []
  if (asked.system !== undefined && asked.system !== null) {
    const parts = partsOf(asked.system, "system")
    if (Result.isFailure(parts)) return Result.fail(parts.failure)
    if (parts.success.length > 0) messages.push({ role: "system", content: parts.success })
  }
  const originals: ReadonlyArray<Json> = Array.isArray(body["messages"]) ? body["messages"] : []
  for (let m = 0; m < asked.messages.length; m++) {
    const message = asked.messages[m]
    if (message === undefined) continue
    const parts = partsOf(message.content, `messages.${m}.content`)
    if (Result.isFailure(parts)) return Result.fail(parts.failure)
    const original = originals[m]
    const rest = isJsonObject(original) ? keepingRest(original, ["role", "content"]) : {}
    if (message.role === "system")
      messages.push({ role: "system", content: parts.success, ...keeping({ ...ownFields(rest), role: "system" }) })
    else if (message.role === "assistant") messages.push({ role: "assistant", content: parts.success, ...rest })
    else append(messages, splitByRole(parts.success, rest))
  }
  return Result.succeed(messages)
}

/** A user message as runs of tool results (role `tool`) and of everything else (role `user`), in order. */
const splitByRole = (parts: ReadonlyArray<Part>, rest: Pick<Message, "extensions">): ReadonlyArray<Message> => {
  const runs: Array<{ readonly role: Role; readonly content: Array<Part> }> = []
  for (const part of parts) {
    const role = part._tag === "ToolResult" ? "tool" : "user"
    const last = runs.at(-1)
    if (last?.role === role) last.content.push(part)
    else runs.push({ role, content: [part] })
  }
  if (runs.length === 0) runs.push({ role: "user", content: [] })
  return runs.map((run) => ({ ...run, ...rest }))
}

/** Tools without a type (or of type `custom`) are the caller's functions; every other type is the vendor's own. */
const toolsOf = (tools: ReadonlyArray<JsonObject>): Decoded<ReadonlyArray<Tool>> => {
  const decoded: Array<Tool> = []
  for (let t = 0; t < tools.length; t++) {
    const tool = tools[t]
    if (tool === undefined) continue
    const { type, name, description, input_schema: parameters, strict } = tool
    if (typeof type === "string" && type !== "custom") {
      decoded.push({ _tag: "Hosted", dialect: dialectId, definition: tool })
      continue
    }
    if (typeof name !== "string") return wrongType(`tools.${t}.name`, "a string", name)
    if (!isJsonObject(parameters)) return wrongType(`tools.${t}.input_schema`, "an object", parameters)
    if (description !== undefined && description !== null && typeof description !== "string")
      return wrongType(`tools.${t}.description`, "a string", description)
    decoded.push({
      _tag: "Function",
      name,
      ...(typeof description === "string" ? { description } : {}),
      parameters,
      ...(typeof strict === "boolean" ? { strict } : {}),
      ...keepingRest(tool, ["name", "description", "input_schema", "strict"])
    })
  }
  return Result.succeed(decoded)
}

const toolChoiceOf = (type: "auto" | "any" | "tool" | "none", name: string | null | undefined): ToolChoice => {
  switch (type) {
    case "auto":
      return { _tag: "Auto" }
    case "any":
      return { _tag: "Required" }
    case "none":
      return { _tag: "None" }
    case "tool":
      return { _tag: "Named", name: name ?? "" }
  }
}

const samplingOf = (asked: MessagesRequest): Sampling => {
  const { max_tokens: maxTokens, temperature, top_p: topP, top_k: topK, stop_sequences: stop } = asked
  return {
    maxTokens,
    ...(typeof temperature === "number" ? { temperature } : {}),
    ...(typeof topP === "number" ? { topP } : {}),
    ...(typeof topK === "number" ? { topK } : {}),
    ...(stop === undefined || stop === null ? {} : { stop })
  }
}

const isEffort = (word: unknown): word is ReasoningEffort =>
  typeof word === "string" && ReasoningEffort.literals.some((literal) => literal === word)

const reasoningOf = (asked: MessagesRequest): Reasoning | undefined => {
  const { thinking, output_config: config } = asked
  const reasoning: Reasoning = {
    ...(isEffort(config?.effort) ? { effort: config.effort } : {}),
    ...(thinking?.type === "enabled" && typeof thinking.budget_tokens === "number"
      ? { budgetTokens: thinking.budget_tokens }
      : {}),
    ...(thinking?.type === "adaptive" ? { adaptive: true } : {}),
    ...(thinking?.type === "disabled" ? { disabled: true } : {})
  }
  return Object.keys(reasoning).length === 0 ? undefined : reasoning
}

const formatOf = (asked: MessagesRequest): ResponseFormat | undefined => {
  const format = asked.output_config?.format ?? asked.output_format
  return format?.type === "json_schema" && isJsonObject(format.schema)
    ? { _tag: "JsonSchema", name: formatName, schema: format.schema }
    : undefined
}

/** Names to try after the asked one: `fallbacks`, then what `models` adds. */
const fallbacksOf = (asked: MessagesRequest): ReadonlyArray<string> => {
  const names = [...(asked.fallbacks ?? []), ...(asked.models ?? [])].filter((name) => typeof name === "string")
  return [...new Set(names)].filter((name) => name !== asked.model)
}

const modelled = [
  "model",
  "messages",
  "max_tokens",
  "system",
  "stream",
  "temperature",
  "top_p",
  "top_k",
  "stop_sequences",
  "tools",
  "tool_choice",
  "thinking",
  "output_config",
  "output_format",
  "metadata"
]

/**
 * Everything the domain has no word for, in the places it came from. `thinking: null` says that an effort was named
 * without `thinking`, which is not the same as asking for thought.
 */
const extensionsOf = (
  asked: MessagesRequest,
  body: JsonObject,
  headers: Readonly<Record<string, string>>
): Extensions | undefined => {
  const { thinking, output_config: config, metadata } = asked
  const fields: Record<string, Json> = { ...omitKeys(body, modelled) }
  const known = thinking?.type === "enabled" || thinking?.type === "adaptive" || thinking?.type === "disabled"
  if (thinking !== undefined && thinking !== null)
    keepIn(fields, "thinking", known ? omitKeys(thinking, ["type", "budget_tokens"]) : thinking)
  else if (isEffort(config?.effort)) fields["thinking"] = null
  if (config !== undefined && config !== null) {
    const told = [
      ...(isEffort(config.effort) ? ["effort"] : []),
      ...(config.format?.type === "json_schema" ? ["format"] : [])
    ]
    keepIn(fields, "output_config", omitKeys(config, told))
  }
  if (metadata !== undefined && metadata !== null)
    keepIn(fields, "metadata", omitKeys(metadata, typeof metadata.user_id === "string" ? ["user_id"] : []))
  const extensions = {
    ...(Object.keys(fields).length === 0 ? {} : { [dialectId]: fields }),
    ...(Object.keys(headers).length === 0 ? {} : { [headersLabel]: headers })
  }
  return Object.keys(extensions).length === 0 ? undefined : extensions
}
