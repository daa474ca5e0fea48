/**
 * The domain → a Chat Completions body for a vendor.
 *
 * A request that came over this wire is sent as the caller wrote it: with the model replaced, `stream` set by the
 * delivery, usage asked for on streams, and what the vendor's quirks demand. Any other is written from the domain:
 *
 * - The answers to calls follow the calls at once, as the vendor asks: assistant messages that come before the answers
 *   become one (`../Turns.ts`), and what others say between calls and answers is said after them.
 * - Images and files in tool results go into a user message after the results, since a tool message holds text only.
 * - Thoughts of other wires are left out: they are history this wire has no place for. Thoughts that came over this
 *   wire go back under the name, or in the block, they came by.
 * - A reasoning budget in tokens becomes the nearest effort. "No thinking" cannot be told to every model and is told as
 *   dropped; so is `topK`.
 * - Documents and sounds by URL, and files uploaded to another vendor, are faults: without them the request would mean
 *   something else. What only other wires have is in `Foreign.ts`.
 *
 * @module
 */
import { Result } from "effect"
import type { ChatRequest, Reasoning, ResponseFormat, Sampling } from "../../domain/ChatRequest.ts"
import { isJsonObject, type Json, type JsonObject } from "../../domain/Json.ts"
import { type Message, type Part, type ToolResultPart, textOf } from "../../domain/Message.ts"
import type { Tool, ToolChoice } from "../../domain/Tool.ts"
import type { EncodedRequest, EncodeFault, Quirks, Target } from "../Dialect.ts"
import { Faults, each } from "../Faults.ts"
import { effortForBudget } from "../Effort.ts"
import { foreignIn, withCarried } from "../Foreign.ts"
import { foreignBlock, hostedElsewhere, misplaced, storedElsewhere } from "../Misfits.ts"
import { orderly } from "../History.ts"
import { plainDocument } from "../PlainDocument.ts"
import { kept, restored } from "./Extensions.ts"
import { unfitName } from "../ToolName.ts"
import { isCustomCall, isCustomTool, nestedCustomTool } from "../CustomTools.ts"
import { fileNameFor, soundBlock, urlOfBase64 } from "./Media.ts"
import { fitted } from "./Quirks.ts"
import { dialectId } from "./Wire.ts"

type Mutable = Record<string, Json>

/** The body for `target`, or what of the request this wire cannot say. */
export const encodeRequest = (request: ChatRequest, target: Target): Result.Result<EncodedRequest, EncodeFault> => {
  const wire = request.wire
  if (wire !== undefined && wire.dialect === dialectId)
    return Result.succeed(finish({ ...wire.body, model: target.model }, request, target, wire.headers, []))
  const faults = new Faults()
  const { body, dropped } = written(request, target, faults)
  return faults.outcome(finish(body, request, target, {}, dropped))
}

/** The delivery, and the vendor's quirks: the same for both ways. `body` is changed. */
const finish = (
  body: Mutable,
  request: ChatRequest,
  target: Target,
  headers: Readonly<Record<string, string>>,
  told: ReadonlyArray<string>
): EncodedRequest => {
  const { quirks } = target
  const dropped = [...told]
  if (request.delivery === "live") {
    body["stream"] = true
    const options = body["stream_options"]
    if (quirks.streamOptions)
      body["stream_options"] = { ...(isJsonObject(options) ? options : {}), include_usage: true }
    else delete body["stream_options"]
  } else {
    if (body["stream"] === true) body["stream"] = false
    delete body["stream_options"]
  }
  return { body: fitted(body, quirks, dropped), headers, dropped: [...new Set(dropped)] }
}

/** The body as the domain says it. */
const written = (
  request: ChatRequest,
  target: Target,
  faults: Faults
): { readonly body: Mutable; readonly dropped: Array<string> } => {
  const foreign = foreignIn(request, dialectId)
  faults.add(foreign.fault)
  const messages: Array<Json> = []
  /** What tool results showed, to be shown after the last of them. */
  let shown: Array<Json> = []
  const flush = () => {
    if (shown.length > 0) messages.push({ role: "user", content: shown })
    shown = []
  }
  for (const message of faults.take(orderly(request), [])) {
    if (message.role !== "tool") flush()
    faults.add(writeMessage(message, messages, shown))
  }
  flush()

  faults.add(unfitName(request.tools, target.quirks.toolNames))
  const tools = faults.take(
    each(request.tools, (tool) => {
      const encoded = encodeTool(tool)
      return encoded === undefined ? Result.fail(hostedElsewhere(tool)) : Result.succeed(encoded)
    }),
    []
  )
  const dropped = [...foreign.dropped]
  const { responseFormat, toolChoice } = request
  const body: Mutable = {
    model: target.model,
    messages,
    // vendors refuse either field without tools
    ...(tools.length === 0
      ? {}
      : {
          tools,
          ...(toolChoice === undefined ? {} : { tool_choice: encodeToolChoice(toolChoice, request.tools) }),
          ...(request.parallelToolCalls === undefined ? {} : { parallel_tool_calls: request.parallelToolCalls })
        }),
    ...(responseFormat === undefined ? {} : { response_format: encodeFormat(responseFormat) }),
    ...encodeSampling(bounded(request), target, dropped),
    ...encodeReasoning(request.reasoning, target.quirks, dropped),
    ...(request.metadata === undefined ? {} : { metadata: request.metadata }),
    ...(request.user === undefined ? {} : { user: request.user })
  }
  return { body: { ...withCarried(restored(body, kept(request)), request, dialectId) }, dropped }
}

/** How many log probabilities are told only where any are: over Responses a caller need not ask for both. */
const bounded = ({ sampling, wire }: ChatRequest): Sampling =>
  wire === undefined || sampling.logprobs !== undefined || sampling.topLogprobs === undefined
    ? sampling
    : { ...sampling, logprobs: true }

const encodeSampling = (sampling: Sampling, target: Target, dropped: Array<string>): JsonObject => {
  const { maxTokens } = sampling
  if (sampling.topK !== undefined) dropped.push("top_k")
  return {
    ...(maxTokens === undefined
      ? {}
      : {
          // more than the model can write would be refused
          [target.quirks.maxTokensField ?? "max_completion_tokens"]: Math.min(
            maxTokens,
            target.maxOutputTokens ?? maxTokens
          )
        }),
    ...(sampling.temperature === undefined ? {} : { temperature: sampling.temperature }),
    ...(sampling.topP === undefined ? {} : { top_p: sampling.topP }),
    ...(sampling.stop === undefined ? {} : { stop: sampling.stop }),
    ...(sampling.seed === undefined ? {} : { seed: sampling.seed }),
    ...(sampling.presencePenalty === undefined ? {} : { presence_penalty: sampling.presencePenalty }),
    ...(sampling.frequencyPenalty === undefined ? {} : { frequency_penalty: sampling.frequencyPenalty }),
    ...(sampling.n === undefined ? {} : { n: sampling.n }),
    ...(sampling.logprobs === undefined ? {} : { logprobs: sampling.logprobs }),
    ...(sampling.topLogprobs === undefined ? {} : { top_logprobs: sampling.topLogprobs })
  }
}

const encodeReasoning = (reasoning: Reasoning | undefined, quirks: Quirks, dropped: Array<string>): JsonObject => {
  if (reasoning === undefined) return {}
  const { budgetTokens, disabled, effort } = reasoning
  if ((disabled === true || effort === "none") && quirks.thinkingOff !== undefined) return quirks.thinkingOff
  if (effort !== undefined) return { reasoning_effort: effort }
  if (disabled === true && quirks.efforts?.includes("none") === true) return { reasoning_effort: "none" }
  if (disabled === true) dropped.push("reasoning")
  return disabled === true || budgetTokens === undefined ? {} : { reasoning_effort: effortForBudget(budgetTokens) }
}

const encodeFormat = (format: ResponseFormat): JsonObject => {
  switch (format._tag) {
    case "Text":
      return { type: "text" }
    case "JsonObject":
      return { type: "json_object" }
    case "JsonSchema": {
      const { description, name, schema, strict } = format
      return {
        type: "json_schema",
        json_schema: {
          name,
          ...(description === undefined ? {} : { description }),
          schema,
          ...(strict === undefined ? {} : { strict })
        }
      }
    }
  }
}

/** `undefined`: a tool that another vendor runs. */
const encodeTool = (tool: Tool): JsonObject | undefined => {
  if (tool._tag === "Hosted") return tool.dialect === dialectId ? tool.definition : nestedCustomTool(tool)
  const { description, name, parameters, strict } = tool
  return restored(
    {
      type: "function",
      function: {
        name,
        ...(description === undefined ? {} : { description }),
        ...(parameters === undefined ? {} : { parameters }),
        ...(strict === undefined ? {} : { strict })
      }
    },
    kept(tool)
  )
}

const encodeToolChoice = (choice: ToolChoice, tools: ReadonlyArray<Tool>): Json => {
  switch (choice._tag) {
    case "Auto":
      return "auto"
    case "None":
      return "none"
    case "Required":
      return "required"
    case "Named":
      return isCustomTool(choice.name, tools)
        ? { type: "custom", custom: { name: choice.name } }
        : { type: "function", function: { name: choice.name } }
  }
}

/** Adds what `message` becomes to `messages`, and what its tool results show to `shown`. */
const writeMessage = (message: Message, messages: Array<Json>, shown: Array<Json>): EncodeFault | undefined => {
  const named = message.name === undefined ? {} : { name: message.name }
  if (message.role === "tool") {
    for (const part of message.content) {
      if (part._tag !== "ToolResult") return misplaced(part, "tool")
      const fault = writeToolResult(part, message, messages, shown)
      if (fault !== undefined) return fault
    }
    return undefined
  }
  if (message.role === "assistant") {
    const encoded = encodeAssistant(message)
    if (Result.isFailure(encoded)) return encoded.failure
    messages.push(restored({ role: "assistant", ...encoded.success, ...named }, kept(message)))
    return undefined
  }
  const content = encodeContent(message.content, message.role)
  if (Result.isFailure(content)) return content.failure
  messages.push(restored({ role: message.role, content: content.success, ...named }, kept(message)))
  return undefined
}

const writeToolResult = (
  result: ToolResultPart,
  message: Message,
  messages: Array<Json>,
  shown: Array<Json>
): EncodeFault | undefined => {
  const texts = result.content.filter((part) => part._tag === "Text" || isPlainText(part))
  const others = result.content.filter((part) => part._tag !== "Text" && !isPlainText(part))
  const content = encodeContent(texts, "tool")
  if (Result.isFailure(content)) return content.failure
  const hint = others.length > 0 && texts.length === 0 ? "The result is shown in the next user message." : undefined
  messages.push(
    restored(
      {
        role: "tool",
        tool_call_id: result.id,
        content: hint ?? content.success,
        ...(message.name === undefined ? {} : { name: message.name })
      },
      kept(message)
    )
  )
  if (others.length === 0) return undefined
  const blocks = encodeBlocks(others, "tool")
  if (Result.isFailure(blocks)) return blocks.failure
  shown.push({ type: "text", text: `Shown by the tool call ${result.id}:` }, ...blocks.success)
  return undefined
}

const isPlainText = (part: Part): boolean => part._tag === "Document" && part.source._tag === "PlainText"

/** A thought, then content, refusal, sound and tool calls, as the wire keeps them apart. */
const encodeAssistant = (message: Message): Result.Result<JsonObject, EncodeFault> => {
  const fields: Mutable = {}
  const content: Array<Part> = []
  const calls: Array<Json> = []
  for (const part of message.content) {
    switch (part._tag) {
      case "Reasoning": {
        if (part.origin !== dialectId) break
        const { block, field } = kept(part) ?? {}
        if (typeof field === "string") fields[field] = part.text
        else if (block !== undefined) content.push({ _tag: "Opaque", dialect: dialectId, block })
        break
      }
      case "Refusal":
        fields["refusal"] = `${typeof fields["refusal"] === "string" ? fields["refusal"] : ""}${part.text}`
        break
      case "Audio":
        if (part.source._tag !== "FileId" || kept(part) === undefined) return Result.fail(misplaced(part, "assistant"))
        fields["audio"] = { id: part.source.id }
        break
      case "ToolCall":
        calls.push(
          isCustomCall(part)
            ? { id: part.id, type: "custom", custom: { name: part.name, input: part.arguments } }
            : restored(
                { id: part.id, type: "function", function: { name: part.name, arguments: part.arguments } },
                kept(part)
              )
        )
        break
      default:
        content.push(part)
    }
  }
  if (calls.length > 0) fields["tool_calls"] = calls
  // nothing but calls, a refusal or a sound: the wire writes null for the content
  if (content.length === 0) return Result.succeed({ content: Object.keys(fields).length === 0 ? "" : null, ...fields })
  return Result.map(encodeContent(content, "assistant"), (encoded) => ({ content: encoded, ...fields }))
}

/** One plain text is written as a string, which every vendor takes; anything else as blocks. */
const encodeContent = (parts: ReadonlyArray<Part>, role: Message["role"]): Result.Result<Json, EncodeFault> => {
  const only = parts.length === 1 ? parts[0] : undefined
  if (parts.length === 0 || (only?._tag === "Text" && kept(only) === undefined)) return Result.succeed(textOf(parts))
  return encodeBlocks(parts, role)
}

const encodeBlocks = (
  parts: ReadonlyArray<Part>,
  role: Message["role"]
): Result.Result<ReadonlyArray<Json>, EncodeFault> => each(parts, (part) => encodeBlock(part, role))

const encodeBlock = (part: Part, role: Message["role"]): Result.Result<Json, EncodeFault> => {
  switch (part._tag) {
    case "Text":
      return Result.succeed(restored({ type: "text", text: part.text }, kept(part)))
    case "Opaque":
      return part.dialect === dialectId ? Result.succeed(part.block) : Result.fail(foreignBlock(part))
    case "Image": {
      const { detail, source } = part
      if (source._tag !== "Url" && source._tag !== "Base64")
        return Result.fail(storedElsewhere(source._tag === "FileId" ? "uploaded files" : "images"))
      const url = source._tag === "Url" ? source.url : urlOfBase64(source)
      return Result.succeed(
        restored({ type: "image_url", image_url: { url, ...(detail === undefined ? {} : { detail }) } }, kept(part))
      )
    }
    case "Audio":
      return Result.map(soundBlock(part.source), (block) => restored(block, kept(part)))
    case "Document": {
      const { name, source } = part
      if (source._tag === "PlainText") return Result.succeed({ type: "text", text: plainDocument(source.text, name) })
      // by URL only where it came so over this wire, from a caller who knows that its vendor fetches
      const mine = kept(part) !== undefined
      if (source._tag === "FileId" && !mine) return Result.fail(storedElsewhere("uploaded files"))
      if (source._tag === "Url" && !mine) return Result.fail(storedElsewhere("documents"))
      const file =
        source._tag === "FileId"
          ? { file_id: source.id, ...(name === undefined ? {} : { filename: name }) }
          : source._tag === "Url"
            ? { file_data: source.url, ...(name === undefined ? {} : { filename: name }) }
            : { file_data: urlOfBase64(source), filename: name ?? fileNameFor(source.mediaType) }
      return Result.succeed(restored({ type: "file", file }, kept(part)))
    }
    default:
      return Result.fail(misplaced(part, role))
  }
}
