/**
 * A caller's Responses body → the domain.
 *
 * The body is checked against its Schema once, items and tools by hand. What the domain does not model is kept twice: in
 * `wire`, for the wire's own vendors, and as extensions, which also survive a stage that edits the request.
 *
 * - `instructions` is the first system message.
 * - Items of the assistant's that follow each other (thoughts, texts, calls, whatever else it did) are one message.
 * - What refers to something stored elsewhere (`previous_response_id`, `item_reference`) must have been put in before:
 *   here it is a fault.
 * - `allowed_tools` leaves only those among the tools.
 * - Tools that are not functions are hosted tools of this dialect; items of an unknown type are opaque parts.
 * - `fallbacks` and `models` are Switchyard's own; both together are tried in that order.
 *
 * @module
 */
import { Result, SchemaParser } from "effect"
import { type ChatRequest, ReasoningEffort, type ResponseFormat, type Sampling } from "../../domain/ChatRequest.ts"
import { isJsonObject, type Json, type JsonObject, omitKeys } from "../../domain/Json.ts"
import type { Message, Part, ToolResultContent } from "../../domain/Message.ts"
import type { Tool, ToolChoice } from "../../domain/Tool.ts"
import { append } from "../append.ts"
import type { HeaderMap, RequestFault } from "../Dialect.ts"
import { bodyDecoder, tooManyFallbacks, typeName } from "../Issues.ts"
import { unmodelled } from "../openai-chat/Extensions.ts"
import { mediaTypeOfFormat, sourceOfUrl } from "../openai-chat/Media.ts"
import { opaque, partsOfItem } from "./Items.ts"
import * as Wire from "./Wire.ts"
import { labelled } from "./Wire.ts"

type Read<A> = Result.Result<A, RequestFault>

/** Headers that go on to the wire's own vendor. */
export const vendorHeaders: ReadonlyArray<string> = ["openai-beta"]

const decodeBody = bodyDecoder(Wire.ResponsesRequest)
const isEffort = SchemaParser.is(ReasoningEffort)

/** The request, or what is wrong with the body and where. */
export const decodeRequest = (body: Json, headers: HeaderMap): Read<ChatRequest> => {
  const decoded = decodeBody(body)
  if (Result.isFailure(decoded)) return Result.fail(decoded.failure)
  const request = requestOf(decoded.success, headers)
  if (Result.isFailure(request)) return request
  const fault = tooManyFallbacks(request.success.fallbacks)
  return fault === undefined ? request : Result.fail(fault)
}

const requestOf = (body: Wire.ResponsesRequest, headers: HeaderMap): Read<ChatRequest> => {
  if (body.previous_response_id != null)
    return fault("previous_response_id", "Earlier responses are not stored here: send their items as 'input' instead")
  const messages = messagesOf(body)
  if (Result.isFailure(messages)) return Result.fail(messages.failure)
  const tools = toolsOf(body.tools ?? [])
  if (Result.isFailure(tools)) return Result.fail(tools.failure)
  const whole: JsonObject = body
  const choice = body.tool_choice ?? undefined
  const toolChoice = choice === undefined ? undefined : toolChoiceOf(choice)
  const format = body.text?.format ?? undefined
  const responseFormat = format === undefined ? undefined : responseFormatOf(format)
  const effort = body.reasoning?.effort ?? undefined
  const include = (body.include ?? []).filter((name) => name !== Wire.includeLogprobs)
  const known = isEffort(effort)
  const rest = {
    ...unmodelled(whole, Wire.modelledFields),
    ...inner("text", body.text, format === undefined || responseFormat !== undefined ? formatFields : noFields),
    ...inner("reasoning", body.reasoning, known ? effortFields : noFields),
    ...(include.length === 0 ? {} : { include }),
    // a choice the domain has no word for
    ...(choice !== undefined && toolChoice === undefined ? { tool_choice: choice } : {})
  }
  return Result.succeed({
    model: body.model,
    delivery: body.stream === true ? "live" : "whole",
    messages: messages.success,
    tools:
      isJsonObject(choice) && choice["type"] === "allowed_tools"
        ? amongAllowed(tools.success, choice["tools"])
        : tools.success,
    ...(toolChoice === undefined ? {} : { toolChoice }),
    ...(body.parallel_tool_calls == null ? {} : { parallelToolCalls: body.parallel_tool_calls }),
    ...(responseFormat === undefined ? {} : { responseFormat }),
    sampling: samplingOf(body),
    ...(known ? { reasoning: { effort } } : {}),
    ...(body.metadata == null ? {} : { metadata: body.metadata }),
    ...(body.user == null ? {} : { user: body.user }),
    usageWanted: true,
    fallbacks: [...new Set([...(body.fallbacks ?? []), ...(body.models ?? [])])],
    wire: {
      dialect: Wire.dialectId,
      body: omitKeys(whole, ["fallbacks", "models"]),
      headers: headersFor(headers)
    },
    ...(hasKeys(rest) ? labelled(rest) : {})
  })
}

const fault = (param: string, message: string): Result.Result<never, RequestFault> => Result.fail({ message, param })

const wrongType = (param: string, expected: string, found: Json | undefined): Result.Result<never, RequestFault> =>
  found === undefined
    ? fault(param, `Missing required parameter: '${param}'`)
    : fault(param, `Invalid type for '${param}': expected ${expected}, but got ${typeName(found)}`)

const stringAt = (object: JsonObject, key: string, path: string): Read<string> => {
  const value = object[key]
  return typeof value === "string" ? Result.succeed(value) : wrongType(`${path}.${key}`, "a string", value)
}

const hasKeys = (object: JsonObject): boolean => {
  for (const _ in object) return true
  return false
}

/** What is not modelled inside the member `key`. */
const inner = (key: string, object: JsonObject | null | undefined, known: ReadonlySet<string>): JsonObject => {
  const rest = object == null ? undefined : unmodelled(object, known)
  return rest === undefined ? {} : { [key]: rest }
}

const headersFor = (headers: HeaderMap): Readonly<Record<string, string>> => {
  const found: Record<string, string> = {}
  for (const name of vendorHeaders) {
    const value = headers[name]
    if (value !== undefined) found[name] = value
  }
  return found
}

const samplingOf = (body: Wire.ResponsesRequest): Sampling => ({
  ...(body.max_output_tokens == null ? {} : { maxTokens: body.max_output_tokens }),
  ...(body.temperature == null ? {} : { temperature: body.temperature }),
  ...(body.top_p == null ? {} : { topP: body.top_p }),
  ...(body.include?.includes(Wire.includeLogprobs) === true ? { logprobs: true } : {}),
  ...(body.top_logprobs == null ? {} : { topLogprobs: body.top_logprobs })
})

const responseFormatOf = (format: Wire.TextFormat): ResponseFormat | undefined => {
  if (format.type === "json_schema" && "schema" in format) {
    const { description, name, schema, strict } = format
    return {
      _tag: "JsonSchema",
      name,
      ...(description == null ? {} : { description }),
      schema,
      ...(strict == null ? {} : { strict })
    }
  }
  if (format.type === "text") return { _tag: "Text" }
  return format.type === "json_object" ? { _tag: "JsonObject" } : undefined
}

const toolsOf = (tools: ReadonlyArray<JsonObject>): Read<ReadonlyArray<Tool>> => {
  const out: Array<Tool> = []
  for (let i = 0; i < tools.length; i++) {
    const tool = tools[i] ?? {}
    const type = stringAt(tool, "type", `tools.${i}`)
    if (Result.isFailure(type)) return Result.fail(type.failure)
    if (type.success !== "function") {
      out.push({ _tag: "Hosted", dialect: Wire.dialectId, definition: tool })
      continue
    }
    const name = stringAt(tool, "name", `tools.${i}`)
    if (Result.isFailure(name)) return Result.fail(name.failure)
    const { description, parameters, strict } = tool
    if (parameters != null && !isJsonObject(parameters))
      return wrongType(`tools.${i}.parameters`, "an object", parameters)
    out.push({
      _tag: "Function",
      name: name.success,
      ...(typeof description === "string" ? { description } : {}),
      ...(isJsonObject(parameters) ? { parameters } : {}),
      ...(typeof strict === "boolean" ? { strict } : {}),
      ...labelled(unmodelled(tool, functionFields))
    })
  }
  return Result.succeed(out)
}

/** What tells a tool from others: the type with its name, or with the label of its server. */
const keyOf = ({ name, server_label: label, type }: JsonObject): string =>
  JSON.stringify([type ?? null, name ?? null, type === "function" ? null : (label ?? null)])

/** Only those that `allowed_tools` names: to a model that knows no others it says the same. */
const amongAllowed = (tools: ReadonlyArray<Tool>, allowed: Json | undefined): ReadonlyArray<Tool> => {
  const keys = new Set((Array.isArray(allowed) ? allowed : []).filter(isJsonObject).map(keyOf))
  return tools.filter((tool) =>
    keys.has(keyOf(tool._tag === "Function" ? { type: "function", name: tool.name } : tool.definition))
  )
}

/** `undefined`: a choice the domain has no word for (hosted tools). */
const toolChoiceOf = (choice: NonNullable<Wire.ResponsesRequest["tool_choice"]>): ToolChoice | undefined => {
  switch (choice) {
    case "auto":
      return { _tag: "Auto" }
    case "none":
      return { _tag: "None" }
    case "required":
      return { _tag: "Required" }
    default: {
      if (choice["type"] === "allowed_tools") return { _tag: choice["mode"] === "required" ? "Required" : "Auto" }
      const named = choice["type"] === "function" || choice["type"] === "custom" ? choice["name"] : undefined
      return typeof named === "string" ? { _tag: "Named", name: named } : undefined
    }
  }
}

const messagesOf = (body: Wire.ResponsesRequest): Read<ReadonlyArray<Message>> => {
  const messages: Array<Message> = []
  if (body.instructions != null && body.instructions !== "")
    messages.push({ role: "system", content: [{ _tag: "Text", text: body.instructions }] })
  if (typeof body.input === "string") {
    messages.push({ role: "user", content: body.input === "" ? [] : [{ _tag: "Text", text: body.input }] })
    return Result.succeed(messages)
  }
  let turn: Array<Part> | undefined
  for (let i = 0; i < body.input.length; i++) {
    const item = body.input[i] ?? {}
    const told = itemOf(item, `input.${i}`)
    if (Result.isFailure(told)) return Result.fail(told.failure)
    if (told.success._tag === "Message") {
      turn = undefined
      messages.push(told.success.message)
      continue
    }
    if (turn === undefined) messages.push({ role: "assistant", content: (turn = []) })
    append(turn, told.success.parts)
  }
  return Result.succeed(messages)
}

/** A message by itself, or a piece of the assistant's turn. */
type Told =
  | { readonly _tag: "Message"; readonly message: Message }
  | { readonly _tag: "Turn"; readonly parts: ReadonlyArray<Part> }

const turn = (parts: ReadonlyArray<Part>): Read<Told> => Result.succeed({ _tag: "Turn", parts })

const itemOf = (item: JsonObject, path: string): Read<Told> => {
  const { type } = item
  switch (type) {
    case undefined:
    case null:
    case "message":
      return messageOf(item, path)
    case "function_call":
    case "custom_tool_call": {
      for (const key of ["call_id", "name", type === "function_call" ? "arguments" : "input"]) {
        const value = stringAt(item, key, path)
        if (Result.isFailure(value)) return Result.fail(value.failure)
      }
      return turn(partsOfItem(item))
    }
    case "function_call_output":
    case "custom_tool_call_output":
      return toolResultOf(item, type, path)
    case "item_reference":
      return fault(path, "The item that is referred to is not stored here: send the item itself")
    default:
      if (typeof type !== "string") return wrongType(`${path}.type`, "a string", type)
      return turn(partsOfItem(item))
  }
}

const messageOf = (item: JsonObject, path: string): Read<Told> => {
  const role = stringAt(item, "role", path)
  if (Result.isFailure(role)) return Result.fail(role.failure)
  const { content } = item
  if (typeof content !== "string" && !Array.isArray(content))
    return wrongType(`${path}.content`, "a string or an array", content)
  switch (role.success) {
    case "assistant":
      return turn(partsOfItem({ ...item, type: "message" }))
    case "user":
    case "system":
    case "developer": {
      const parts = contentOf(content, `${path}.content`)
      if (Result.isFailure(parts)) return Result.fail(parts.failure)
      const rest = labelled(unmodelled(item, messageFields))
      return Result.succeed({ _tag: "Message", message: { role: role.success, content: parts.success, ...rest } })
    }
    default:
      return fault(
        `${path}.role`,
        `Invalid value for '${path}.role': expected one of 'user', 'assistant', 'system', 'developer', but got '${role.success.slice(0, 60)}'`
      )
  }
}

const contentOf = (content: string | ReadonlyArray<Json>, path: string): Read<ReadonlyArray<Part>> => {
  if (typeof content === "string") return Result.succeed(content === "" ? [] : [{ _tag: "Text", text: content }])
  const parts: Array<Part> = []
  for (let i = 0; i < content.length; i++) {
    const block: Json | undefined = content[i]
    if (!isJsonObject(block)) return wrongType(`${path}.${i}`, "an object", block)
    const part = blockOf(block, `${path}.${i}`)
    if (Result.isFailure(part)) return Result.fail(part.failure)
    parts.push(part.success)
  }
  return Result.succeed(parts)
}

const blockOf = (block: JsonObject, path: string): Read<Part> => {
  switch (block["type"]) {
    case "input_text":
    case "output_text":
      return Result.map(stringAt(block, "text", path), (text) => ({
        _tag: "Text",
        text,
        ...labelled(unmodelled(block, textFields))
      }))
    case "input_image":
      return imageOf(block, path)
    case "input_file":
      return fileOf(block, path)
    case "input_audio": {
      const sound = block["input_audio"]
      if (!isJsonObject(sound)) return wrongType(`${path}.input_audio`, "an object", sound)
      const { data, format } = sound
      if (typeof data !== "string") return wrongType(`${path}.input_audio.data`, "a string", data)
      if (typeof format !== "string") return wrongType(`${path}.input_audio.format`, "a string", format)
      return Result.succeed({
        _tag: "Audio",
        source: { _tag: "Base64", mediaType: mediaTypeOfFormat(format), data },
        ...labelled(unmodelled(block, audioFields))
      })
    }
    default:
      return typeof block["type"] === "string"
        ? Result.succeed(opaque(block))
        : wrongType(`${path}.type`, "a string", block["type"])
  }
}

const imageOf = (block: JsonObject, path: string): Read<Part> => {
  const { detail, file_id: id, image_url: url } = block
  const known = detail === "auto" || detail === "low" || detail === "high"
  const rest = unmodelled(block, known ? imageFields : imageFieldsOfUnknownDetail)
  if (typeof url === "string")
    return Result.succeed({
      _tag: "Image",
      source: sourceOfUrl(url),
      ...(known ? { detail } : {}),
      ...labelled(rest)
    })
  if (typeof id !== "string") return wrongType(`${path}.image_url`, "a string", url ?? undefined)
  return Result.succeed({
    _tag: "Image",
    source: { _tag: "FileId", id },
    ...(known ? { detail } : {}),
    // the label says whose file it is: only this wire's vendors can be sent the id
    ...labelled(rest ?? {})
  })
}

const fileOf = (block: JsonObject, path: string): Read<Part> => {
  const { file_data: data, file_id: id, file_url: url, filename } = block
  const rest = unmodelled(block, fileFields)
  const name = typeof filename === "string" ? { name: filename } : {}
  if (typeof data === "string") {
    const source = data.includes(":")
      ? sourceOfUrl(data)
      : ({ _tag: "Base64", mediaType: "application/pdf", data } as const)
    return Result.succeed({ _tag: "Document", source, ...name, ...labelled(rest) })
  }
  if (typeof url === "string")
    return Result.succeed({ _tag: "Document", source: { _tag: "Url", url }, ...name, ...labelled(rest) })
  return typeof id === "string"
    ? Result.succeed({ _tag: "Document", source: { _tag: "FileId", id }, ...name, ...labelled(rest ?? {}) })
    : wrongType(`${path}.file_data`, "a string", data ?? undefined)
}

const toolResultOf = (item: JsonObject, type: string, path: string): Read<Told> => {
  const id = stringAt(item, "call_id", path)
  if (Result.isFailure(id)) return Result.fail(id.failure)
  const { output } = item
  if (typeof output !== "string" && !Array.isArray(output))
    return wrongType(`${path}.output`, "a string or an array", output)
  const parts = contentOf(output, `${path}.output`)
  if (Result.isFailure(parts)) return Result.fail(parts.failure)
  const content = parts.success.map((part): ToolResultContent =>
    part._tag === "Text" || part._tag === "Image" || part._tag === "Document"
      ? part
      : // nothing else is promised by the wire; what is there is shown to the model as it was written
        { _tag: "Text", text: JSON.stringify(part._tag === "Opaque" ? part.block : part) }
  )
  const rest = unmodelled(item, resultFields)
  const custom = type === "custom_tool_call_output" ? { type } : undefined
  const own = rest === undefined && custom === undefined ? undefined : { ...rest, ...custom }
  return Result.succeed({
    _tag: "Message",
    message: { role: "tool", content: [{ _tag: "ToolResult", id: id.success, content, ...labelled(own) }] }
  })
}

// The modelled fields of each kind of object; all others are kept.
const noFields: ReadonlySet<string> = new Set()
const formatFields = new Set(["format"])
const effortFields = new Set(["effort"])
const functionFields = new Set(["type", "name", "description", "parameters", "strict"])
const messageFields = new Set(["type", "role", "content"])
const textFields = new Set(["type", "text"])
const imageFields = new Set(["type", "image_url", "file_id", "detail"])
const imageFieldsOfUnknownDetail = new Set(["type", "image_url", "file_id"])
const fileFields = new Set(["type", "file_data", "file_id", "file_url", "filename"])
const audioFields = new Set(["type", "input_audio"])
const resultFields = new Set(["type", "call_id", "output"])
