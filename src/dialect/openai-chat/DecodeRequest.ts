/**
 * A caller's Chat Completions body → the domain.
 *
 * The body is checked against its Schema once and then read as it is. What the domain does not model is kept twice: in
 * `wire`, for the wire's own vendors, and as extensions, which also survive a stage that edits the request.
 *
 * - `max_completion_tokens` wins over the deprecated `max_tokens`.
 * - The deprecated `functions`, `function_call` and `role: function` become tools and tool calls. They know no ids: a
 *   call bears the index of its message, and a result the id of the last call of that name.
 * - Custom tools are hosted tools of this dialect; their calls are tool calls whose arguments are any text.
 * - `allowed_tools` leaves only those among the tools.
 * - `fallbacks` and OpenRouter's `models` are Switchyard's own; both together are tried in that order.
 *
 * @module
 */
import { Result, SchemaParser } from "effect"
import type { ChatRequest, Reasoning, ResponseFormat, Sampling } from "../../domain/ChatRequest.ts"
import { ReasoningEffort } from "../../domain/ChatRequest.ts"
import { isJsonObject, type Json, type JsonObject, omitKeys } from "../../domain/Json.ts"
import type { ImagePart, Message, Part, ToolResultContent } from "../../domain/Message.ts"
import type { Tool, ToolChoice } from "../../domain/Tool.ts"
import { append } from "../append.ts"
import type { HeaderMap, RequestFault } from "../Dialect.ts"
import { bodyDecoder, tooManyFallbacks } from "../Issues.ts"
import { detailsIn, withThoughts } from "./Details.ts"
import { labelled, unmodelled } from "./Extensions.ts"
import { mediaTypeOfFormat, sourceOfUrl } from "./Media.ts"
import { thinkingOf } from "./Response.ts"
import * as Wire from "./Wire.ts"

/** Headers that go on to the wire's own vendor. */
export const vendorHeaders: ReadonlyArray<string> = ["openai-beta"]

const decodeBody = bodyDecoder(Wire.ChatCompletionsRequest)
const isEffort = SchemaParser.is(ReasoningEffort)

/** The request, or what is wrong with the body and where. */
export const decodeRequest = (body: Json, headers: HeaderMap): Result.Result<ChatRequest, RequestFault> => {
  const decoded = decodeBody(body)
  if (Result.isFailure(decoded)) return Result.fail(decoded.failure)
  const request = requestOf(decoded.success, headers)
  const fault = tooManyFallbacks(request.fallbacks)
  return fault === undefined ? Result.succeed(request) : Result.fail(fault)
}

const requestOf = (body: Wire.ChatCompletionsRequest, headers: HeaderMap): ChatRequest => {
  const tools = toolsOf(body)
  const toolChoice = toolChoiceOf(body)
  const allowed = allowedNames(body.tool_choice)
  const format = body.response_format ?? undefined
  const responseFormat = format === undefined ? undefined : responseFormatOf(format)
  const effort = body.reasoning_effort ?? undefined
  const reasoning: Reasoning | undefined = isEffort(effort) ? { effort } : undefined
  const whole: JsonObject = body
  const rest = {
    ...unmodelled(whole, Wire.modelledFields),
    ...(body.stream_options == null ? {} : inner("stream_options", body.stream_options, streamOptionFields)),
    // modelled fields that hold what the domain has no word for
    ...(format !== undefined && responseFormat === undefined ? { response_format: format } : {}),
    ...(effort !== undefined && reasoning === undefined ? { reasoning_effort: effort } : {}),
    ...(body.tool_choice != null && toolChoice === undefined ? { tool_choice: body.tool_choice } : {})
  }
  return {
    model: body.model,
    delivery: body.stream === true ? "live" : "whole",
    messages: messagesOf(body.messages),
    tools: allowed === undefined ? tools : tools.filter((tool) => allowed.includes(nameOf(tool))),
    ...(toolChoice === undefined ? {} : { toolChoice }),
    ...(body.parallel_tool_calls == null ? {} : { parallelToolCalls: body.parallel_tool_calls }),
    ...(responseFormat === undefined ? {} : { responseFormat }),
    sampling: samplingOf(body),
    ...(reasoning === undefined ? {} : { reasoning }),
    ...(body.metadata == null ? {} : { metadata: body.metadata }),
    ...(body.user == null ? {} : { user: body.user }),
    usageWanted: body.stream !== true || body.stream_options?.include_usage === true,
    fallbacks: fallbacksOf(body),
    wire: {
      dialect: Wire.dialectId,
      body: omitKeys(whole, ["fallbacks", "models"]),
      headers: headersFor(headers)
    },
    ...(hasKeys(rest) ? labelled(rest) : {})
  }
}

const hasKeys = (object: JsonObject): boolean => {
  for (const _ in object) return true
  return false
}

const noHeaders: Readonly<Record<string, string>> = {}

const headersFor = (headers: HeaderMap): Readonly<Record<string, string>> => {
  let found: Record<string, string> | undefined
  for (const name of vendorHeaders) {
    const value = headers[name]
    if (value !== undefined) (found ??= {})[name] = value
  }
  return found ?? noHeaders
}

const fallbacksOf = (body: Wire.ChatCompletionsRequest): ReadonlyArray<string> =>
  body.models == null ? (body.fallbacks ?? []) : [...new Set([...(body.fallbacks ?? []), ...body.models])]

const samplingOf = (body: Wire.ChatCompletionsRequest): Sampling => {
  const maxTokens = body.max_completion_tokens ?? body.max_tokens
  return {
    ...(maxTokens == null ? {} : { maxTokens }),
    ...(body.temperature == null ? {} : { temperature: body.temperature }),
    ...(body.top_p == null ? {} : { topP: body.top_p }),
    ...(body.stop == null ? {} : { stop: typeof body.stop === "string" ? [body.stop] : body.stop }),
    ...(body.seed == null ? {} : { seed: body.seed }),
    ...(body.presence_penalty == null ? {} : { presencePenalty: body.presence_penalty }),
    ...(body.frequency_penalty == null ? {} : { frequencyPenalty: body.frequency_penalty }),
    ...(body.n == null ? {} : { n: body.n }),
    ...(body.logprobs == null ? {} : { logprobs: body.logprobs }),
    ...(body.top_logprobs == null ? {} : { topLogprobs: body.top_logprobs })
  }
}

const responseFormatOf = (
  format: NonNullable<Wire.ChatCompletionsRequest["response_format"]>
): ResponseFormat | undefined => {
  if (format.type === "json_schema" && "json_schema" in format) {
    const { description, name, schema, strict } = format.json_schema
    return {
      _tag: "JsonSchema",
      name,
      ...(description == null ? {} : { description }),
      schema: schema ?? {},
      ...(strict == null ? {} : { strict })
    }
  }
  if (format.type === "text") return { _tag: "Text" }
  return format.type === "json_object" ? { _tag: "JsonObject" } : undefined
}

const toolsOf = (body: Wire.ChatCompletionsRequest): ReadonlyArray<Tool> => [
  ...(body.tools ?? []).map(toolOf),
  ...(body.functions ?? []).map((definition) => toolOf({ function: definition }))
]

const toolOf = (tool: Wire.Tool): Tool => {
  if ((tool.type !== undefined && tool.type !== "function") || !("function" in tool))
    return { _tag: "Hosted", dialect: Wire.dialectId, definition: tool }
  const { description, name, parameters, strict } = tool.function
  return {
    _tag: "Function",
    name,
    ...(description == null ? {} : { description }),
    ...(parameters == null ? {} : { parameters }),
    ...(strict == null ? {} : { strict }),
    ...labelled(both(unmodelled(tool, toolFields), inner("function", tool.function, functionFields)))
  }
}

const nameOf = (tool: Tool): Json | undefined =>
  tool._tag === "Function"
    ? tool.name
    : isJsonObject(tool.definition["custom"])
      ? tool.definition["custom"]["name"]
      : undefined

/** The names of the tools that `allowed_tools` leaves. To a model that knows no others it says the same. */
const allowedNames = (choice: Json | undefined): ReadonlyArray<Json | undefined> | undefined => {
  const list = isJsonObject(choice) && choice["type"] === "allowed_tools" ? choice["allowed_tools"] : undefined
  const tools = isJsonObject(list) ? list["tools"] : undefined
  return Array.isArray(tools)
    ? tools.map((tool: Json) => {
        const named = isJsonObject(tool) ? (tool["function"] ?? tool["custom"]) : undefined
        return isJsonObject(named) ? named["name"] : undefined
      })
    : undefined
}

/** `undefined` where the body says nothing, or something the domain has no word for. */
const toolChoiceOf = (body: Wire.ChatCompletionsRequest): ToolChoice | undefined => {
  const { function_call: old, tool_choice: choice } = body
  if (choice != null && typeof choice === "object") return namedChoice(choice)
  if (choice == null && old != null && typeof old === "object") return { _tag: "Named", name: old.name }
  const word = choice ?? old
  switch (word) {
    case "none":
      return { _tag: "None" }
    case "auto":
      return { _tag: "Auto" }
    case "required":
    case "any":
      return { _tag: "Required" }
    default:
      return undefined
  }
}

const namedChoice = (choice: Exclude<Wire.ChatCompletionsRequest["tool_choice"], string | null | undefined>) => {
  if (choice.type === "function" && "function" in choice) return { _tag: "Named", name: choice.function.name } as const
  const whole: JsonObject = choice
  const { allowed_tools: list, custom } = whole
  if (choice.type === "custom" && isJsonObject(custom) && typeof custom["name"] === "string")
    return { _tag: "Named", name: custom["name"] } as const
  if (choice.type !== "allowed_tools" || allowedNames(whole) === undefined || !isJsonObject(list)) return undefined
  return { _tag: list["mode"] === "required" ? "Required" : "Auto" } as const
}

const messagesOf = (messages: ReadonlyArray<Wire.Message>): ReadonlyArray<Message> => {
  /** The ids given to calls of deprecated functions, by name. */
  const functionIds = new Map<string, string>()
  return messages.map((message, index): Message => {
    switch (message.role) {
      case "tool":
        return {
          role: "tool",
          content: [{ _tag: "ToolResult", id: message.tool_call_id, content: toolResultOf(message.content) }],
          ...(message.name == null ? {} : { name: message.name }),
          ...labelled(unmodelled(message, toolMessageFields))
        }
      case "function":
        return {
          role: "tool",
          content: [
            {
              _tag: "ToolResult",
              id: functionIds.get(message.name) ?? `function_call_${index}`,
              name: message.name,
              content: message.content === null ? [] : toolResultOf(message.content)
            }
          ]
        }
      case "assistant": {
        const call = message.function_call ?? undefined
        const id = `function_call_${index}`
        if (call !== undefined) functionIds.set(call.name, id)
        return {
          role: "assistant",
          content: [
            ...assistantParts(message),
            ...(call === undefined
              ? []
              : [{ _tag: "ToolCall", id, name: call.name, arguments: call.arguments } as const])
          ],
          ...(message.name == null ? {} : { name: message.name }),
          ...labelled(unmodelled(withoutDetails(message), assistantFields))
        }
      }
      default:
        return {
          role: message.role,
          content: contentOf(message.content),
          ...(message.name == null ? {} : { name: message.name }),
          ...labelled(unmodelled(message, messageFields))
        }
    }
  })
}

/** Without the details that are read. */
const withoutDetails = (message: Wire.AssistantMessage): JsonObject => {
  const whole: JsonObject = message
  if (message.reasoning_details == null) return whole
  const { others } = detailsIn(message.reasoning_details)
  return others.length === 0 ? omitKeys(whole, ["reasoning_details"]) : { ...whole, reasoning_details: others }
}

/** In the order of an answer: thought, text, refusal, sound, tool calls; signed thoughts where they stood. */
const assistantParts = (message: Wire.AssistantMessage): ReadonlyArray<Part> => {
  const { thoughts } = detailsIn(message.reasoning_details)
  const parts: Array<Part> = []
  for (const field of ["reasoning_content", "reasoning"] as const) {
    // the details have its words too
    if (thoughts.length > 0 || parts.length > 0) break
    const text = message[field]
    // the field is kept, so that the thought goes back under the name it came by
    if (text != null && text !== "")
      parts.push({ _tag: "Reasoning", text, origin: Wire.dialectId, ...labelled({ field }) })
  }
  if (message.content != null) append(parts, contentOf(message.content).map(thoughtOf))
  if (message.refusal != null) parts.push({ _tag: "Refusal", text: message.refusal })
  if (message.audio != null)
    parts.push({ _tag: "Audio", source: { _tag: "FileId", id: message.audio.id }, ...labelled({}) })
  for (const call of message.tool_calls ?? []) parts.push(toolCallOf(call))
  return thoughts.length === 0 ? parts : withThoughts(thoughts, parts)
}

/** Mistral's thoughts are blocks among the content; the block is kept, so that it goes back as it came. */
const thoughtOf = (part: Part): Part =>
  part._tag === "Opaque" && isJsonObject(part.block) && part.block["type"] === "thinking"
    ? {
        _tag: "Reasoning",
        text: thinkingOf(part.block["thinking"]),
        origin: Wire.dialectId,
        ...labelled({ block: part.block })
      }
    : part

const toolCallOf = (call: Wire.ToolCall): Part =>
  call.type === "custom"
    ? {
        _tag: "ToolCall",
        id: call.id,
        name: call.custom.name,
        arguments: call.custom.input,
        ...labelled({ ...unmodelled(call, customCallFields), type: "custom" })
      }
    : {
        _tag: "ToolCall",
        id: call.id,
        name: call.function.name,
        arguments: call.function.arguments,
        ...labelled(both(unmodelled(call, toolCallFields), inner("function", call.function, callFields)))
      }

const contentOf = (content: Wire.Content): ReadonlyArray<Part> => {
  if (typeof content !== "string") return content.map(partOf)
  return content === "" ? [] : [{ _tag: "Text", text: content }]
}

const toolResultOf = (content: Wire.Content): ReadonlyArray<ToolResultContent> =>
  contentOf(content).map((part): ToolResultContent =>
    part._tag === "Text" || part._tag === "Image" || part._tag === "Document"
      ? part
      : // nothing else is promised by the wire; what is there is shown to the model as it was written
        { _tag: "Text", text: JSON.stringify(part) }
  )

const partOf = (block: Wire.ContentBlock): Part => {
  if (block.type === "text" && "text" in block)
    return { _tag: "Text", text: block.text, ...labelled(unmodelled(block, textFields)) }
  if (block.type === "image_url" && "image_url" in block) return imageOf(block)
  if (block.type === "input_audio" && "input_audio" in block) {
    const { data, format } = block.input_audio
    return {
      _tag: "Audio",
      source: { _tag: "Base64", mediaType: mediaTypeOfFormat(format), data },
      ...labelled(unmodelled(block, audioFields))
    }
  }
  if (block.type === "refusal" && "refusal" in block) return { _tag: "Refusal", text: block.refusal }
  return block.type === "file" && "file" in block ? fileOf(block) : { _tag: "Opaque", dialect: Wire.dialectId, block }
}

const imageOf = (block: Extract<Wire.ContentBlock, { readonly type: "image_url" }>): ImagePart => {
  const image = typeof block.image_url === "string" ? { url: block.image_url } : block.image_url
  const detail = "detail" in image ? (image.detail ?? undefined) : undefined
  const known = detail === "auto" || detail === "low" || detail === "high"
  return {
    _tag: "Image",
    source: sourceOfUrl(image.url),
    ...(known ? { detail } : {}),
    ...labelled(both(unmodelled(block, imageFields), inner("image_url", image, known ? detailedFields : urlFields)))
  }
}

const fileOf = (block: Extract<Wire.ContentBlock, { readonly type: "file" }>): Part => {
  const { file_data, file_id, filename } = block.file
  const rest = both(unmodelled(block, fileFields), inner("file", block.file, fileDataFields))
  const name = filename == null ? {} : { name: filename }
  if (file_data != null) {
    const source = file_data.includes(":")
      ? sourceOfUrl(file_data)
      : ({ _tag: "Base64", mediaType: "application/octet-stream", data: file_data } as const)
    // the label says who fetches a URL: this wire's vendors, of whom the caller knows
    return { _tag: "Document", source, ...name, ...labelled(source._tag === "Url" ? (rest ?? {}) : rest) }
  }
  return file_id == null
    ? { _tag: "Opaque", dialect: Wire.dialectId, block }
    : // the label says whose file it is: only this wire's vendors can be sent the id
      { _tag: "Document", source: { _tag: "FileId", id: file_id }, ...name, ...labelled(rest ?? {}) }
}

/** What is not modelled inside the member `key`. */
const inner = (key: string, object: JsonObject, known: ReadonlySet<string>): JsonObject | undefined => {
  const rest = unmodelled(object, known)
  return rest === undefined ? undefined : { [key]: rest }
}

const both = (a: JsonObject | undefined, b: JsonObject | undefined): JsonObject | undefined =>
  a === undefined ? b : b === undefined ? a : { ...a, ...b }

// The modelled fields of each kind of object; all others are kept.
const streamOptionFields = new Set(["include_usage"])
const toolFields = new Set(["type", "function"])
const functionFields = new Set(["name", "description", "parameters", "strict"])
const messageFields = new Set(["role", "content", "name"])
const toolMessageFields = new Set(["role", "content", "name", "tool_call_id"])
const assistantFields = new Set(
  "role content name refusal audio tool_calls function_call reasoning reasoning_content".split(" ")
)
const toolCallFields = new Set(["id", "type", "function"])
const customCallFields = new Set(["id", "type", "custom"])
const callFields = new Set(["name", "arguments"])
const textFields = new Set(["type", "text"])
const imageFields = new Set(["type", "image_url"])
const urlFields = new Set(["url"])
const detailedFields = new Set(["url", "detail"])
const audioFields = new Set(["type", "input_audio"])
const fileFields = new Set(["type", "file"])
const fileDataFields = new Set(["file_data", "file_id", "filename"])
