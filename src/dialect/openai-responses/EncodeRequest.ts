/**
 * The domain → a Responses body for a vendor.
 *
 * A request that came over this wire is sent as the caller wrote it: with the model replaced, `stream` set by the
 * delivery, and what the vendor's quirks demand. Items that Switchyard made in an earlier answer lose the ids no vendor
 * knows; thoughts of other vendors among them are left out. Any other request is written from the domain:
 *
 * - The first system message, where it is plain text, is `instructions`; every other message is an item in its place.
 * - Thoughts go back only where this wire's vendor made them.
 * - Nothing is stored unless the caller of this wire said so, and thoughts are asked for in the form that can be sent
 *   back.
 * - A tool without `strict` says `false`: left out, this wire takes it for `true`.
 * - A reasoning budget in tokens becomes the nearest effort. `topK`, seeds and penalties have no field here and are told
 *   as dropped; stop sequences and several answers change what the answer is, and are faults.
 * - An output limit below the wire's least becomes that, and is told as dropped.
 * - Files uploaded to another vendor are faults too. What only other wires have is in `Foreign.ts`.
 *
 * @module
 */
import { Result } from "effect"
import type { ChatRequest, Reasoning, ResponseFormat, Sampling } from "../../domain/ChatRequest.ts"
import { isJsonObject, type Json, type JsonObject, omitKeys } from "../../domain/Json.ts"
import type { Message, OpaquePart, Part, ToolResultPart } from "../../domain/Message.ts"
import type { Tool, ToolChoice } from "../../domain/Tool.ts"
import { append } from "../append.ts"
import type { EncodedRequest, EncodeFault, Quirks, Target } from "../Dialect.ts"
import { isEffort, nearestEffort } from "../Effort.ts"
import { fittedId } from "../FittedId.ts"
import { openAiToolName, unfitName } from "../ToolName.ts"
import { Faults, each } from "../Faults.ts"
import { foreignIn, kindOf, withCarried } from "../Foreign.ts"
import { fittedParameters, fittedSchema } from "../OpenAiSchema.ts"
import { restored } from "../openai-chat/Extensions.ts"
import { fileNameFor, formatOfMediaType, urlOfBase64 } from "../openai-chat/Media.ts"
import { orderly } from "../History.ts"
import { withUniqueIds } from "../UniqueIds.ts"
import { plainDocument } from "../PlainDocument.ts"
import { customTool, isCustomCall, isCustomTool } from "../CustomTools.ts"
import { isSealed } from "../Sealed.ts"
import { isMadeId, itemsOf } from "./Items.ts"
import { dialectId, includeLogprobs, includeThoughts, kept } from "./Wire.ts"

type Mutable = Record<string, Json>
type Encoded<A> = Result.Result<A, EncodeFault>

/** The body for `target`, or what of the request this wire cannot say. */
export const encodeRequest = (request: ChatRequest, target: Target): Encoded<EncodedRequest> => {
  const { wire } = request
  if (wire?.dialect === dialectId) {
    const { input } = wire.body
    const body = { ...wire.body, model: target.model, ...(Array.isArray(input) ? { input: input.flatMap(known) } : {}) }
    return Result.succeed(finish(body, request, target, wire.headers, []))
  }
  const faults = new Faults()
  const { body, dropped } = written(request, target, faults)
  return faults.outcome(finish(body, request, target, {}, dropped))
}

/** An item as a vendor may see it: nothing that only this gateway has seen before. */
const known = (item: Json): ReadonlyArray<Json> => {
  if (!isJsonObject(item)) return [item]
  const made = isMadeId(item["id"])
  if (item["type"] === "reasoning" && (made || isSealed(item["encrypted_content"]))) return []
  return [made ? omitKeys(item, ["id"]) : item]
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
  if (request.delivery === "live") body["stream"] = true
  else if (body["stream"] === true) body["stream"] = false
  if (!quirks.developerRole && Array.isArray(body["input"])) body["input"] = body["input"].map(developerAsSystem)
  if (quirks.structuredOutput !== "json_schema") weakenFormat(body, quirks.structuredOutput, dropped)
  if (quirks.openAiSchemas) fitSchemas(body, dropped)
  if (quirks.jsonWord) sayJson(body)
  levelEffort(body, quirks, dropped)
  if (typeof body["user"] === "string") body["user"] = fittedId(body["user"], quirks.user)
  if (Array.isArray(body["input"]))
    body["input"] = body["input"].map((item: Json) =>
      isJsonObject(item) && typeof item["call_id"] === "string" && !callIds.test(item["call_id"])
        ? { ...item, call_id: fittedId(item["call_id"], callIds) }
        : item
    )
  const refused = quirks.refuses.filter((field) => field in body)
  for (const field of refused) if (body[field] !== null) dropped.push(field)
  return { body: omitKeys(body, refused), headers, dropped }
}

/** https://github.com/RooCodeInc/Roo-Code/pull/10763: longer ones are a 400 */
const callIds = /^.{1,64}$/s

/** The level of effort as the model takes it. */
const levelEffort = (body: Mutable, { efforts, refusesThinking }: Quirks, dropped: Array<string>): void => {
  const { reasoning } = body
  const asked = isJsonObject(reasoning) ? reasoning["effort"] : undefined
  if (asked !== "none")
    for (const field of refusesThinking)
      if (field in body) {
        delete body[field]
        dropped.push(field)
      }
  if (!isJsonObject(reasoning) || efforts === undefined || !isEffort(asked)) return
  const nearest = nearestEffort(asked, efforts)
  if (nearest === undefined || (asked === "none" && nearest !== "none")) dropped.push("reasoning.effort")
  const left = { ...omitKeys(reasoning, ["effort"]), ...(nearest === undefined ? {} : { effort: nearest }) }
  if (Object.keys(left).length === 0) delete body["reasoning"]
  else body["reasoning"] = left
}

/** Schemas as OpenAI takes them. */
const fitSchemas = (body: Mutable, dropped: Array<string>): void => {
  if (Array.isArray(body["tools"]))
    body["tools"] = body["tools"].map((tool: Json) => {
      if (!isJsonObject(tool) || tool["type"] !== "function" || !isJsonObject(tool["parameters"])) return tool
      const { schema, strict } = fittedParameters(tool["parameters"], tool["strict"] === true)
      if (tool["strict"] === true && !strict) dropped.push("strict")
      return { ...tool, parameters: schema, ...("strict" in tool ? { strict } : {}) }
    })
  const { text } = body
  const format = isJsonObject(text) ? text["format"] : undefined
  if (!isJsonObject(text) || !isJsonObject(format) || format["strict"] !== true) return
  if (!isJsonObject(format["schema"])) return
  const { schema, strict } = fittedSchema(format["schema"], true)
  if (!strict) dropped.push("text.format.strict")
  body["text"] = { ...text, format: { ...format, schema, strict } }
}

/**
 * The vendor looks for the word among the items alone, not in the instructions:
 * https://github.com/miracodeai/mira/pull/267
 */
const sayJson = (body: Mutable): void => {
  const { input, text } = body
  const format = isJsonObject(text) ? text["format"] : undefined
  if (!isJsonObject(format) || format["type"] !== "json_object" || /json/i.test(JSON.stringify(input ?? ""))) return
  const items: ReadonlyArray<Json> =
    typeof input === "string" ? [{ role: "user", content: input }] : Array.isArray(input) ? input : []
  body["input"] = [{ role: "developer", content: "Answer with a JSON object." }, ...items]
}

const developerAsSystem = (item: Json): Json =>
  isJsonObject(item) && item["role"] === "developer" ? { ...item, role: "system" } : item

/** A schema the vendor cannot hold the answer to is told to the model in words instead. */
const weakenFormat = (body: Mutable, strongest: "json_object" | "none", dropped: Array<string>): void => {
  const { text } = body
  const format = isJsonObject(text) ? text["format"] : undefined
  if (!isJsonObject(text) || !isJsonObject(format) || format["type"] === "text") return
  if (format["type"] === "json_object" && strongest === "json_object") return
  const schema =
    format["type"] === "json_schema"
      ? ` that is valid against this JSON Schema: ${JSON.stringify(format["schema"] ?? {})}`
      : "."
  const instruction = `Answer with a JSON object only, without any text around it${schema.startsWith(" ") ? `,${schema}` : schema}`
  const { instructions } = body
  body["instructions"] = typeof instructions === "string" ? `${instructions}\n\n${instruction}` : instruction
  body["text"] = { ...text, format: { type: strongest === "json_object" ? "json_object" : "text" } }
  dropped.push("text.format")
}

/** The body as the domain says it. */
const written = (
  request: ChatRequest,
  target: Target,
  faults: Faults
): { readonly body: Mutable; readonly dropped: ReadonlyArray<string> } => {
  const { responseFormat, sampling, toolChoice } = request
  const foreign = foreignIn(request, dialectId)
  faults.add(foreign.fault)
  if ((sampling.n ?? 1) > 1) faults.add({ feature: "n", message: "This wire gives one answer a call" })
  // a sequence of nothing stops nothing
  if (sampling.stop?.some((sequence) => sequence !== "") === true)
    faults.add({ feature: "stop", message: "This wire has no stop sequences" })
  const ordered = orderly({ ...request, messages: withUniqueIds(request.messages) })
  const { instructions, messages } = apart(faults.take(ordered, []))
  const input: Array<Json> = []
  /** The ids of calls of custom tools, whose results have a type of their own. */
  const customs = new Set<string>()
  for (const message of messages) {
    for (const part of message.content) if (part._tag === "ToolCall" && isCustomCall(part)) customs.add(part.id)
    append(input, faults.take(encodeMessage(message, customs), []))
  }
  faults.add(unfitName(request.tools, openAiToolName))
  const tools = faults.take(
    each(request.tools, (tool) => {
      const encoded = encodeTool(tool)
      return encoded === undefined ? hosted(tool) : Result.succeed(encoded)
    }),
    []
  )
  const dropped = [...foreign.dropped]
  const own = kept(request) ?? {}
  const text = {
    ...(isJsonObject(own["text"]) ? own["text"] : {}),
    ...(responseFormat === undefined ? {} : { format: encodeFormat(responseFormat) })
  }
  const include = includeOf(request, own)
  const reasoning = {
    ...(isJsonObject(own["reasoning"]) ? own["reasoning"] : {}),
    ...encodeReasoning(request.reasoning, dropped)
  }
  const body: Mutable = {
    store: false,
    ...omitKeys(own, ["text", "reasoning", "include"]),
    model: target.model,
    ...(instructions === undefined ? {} : { instructions }),
    input,
    // vendors refuse either field without tools
    ...(tools.length === 0
      ? {}
      : {
          tools,
          ...(toolChoice === undefined ? {} : { tool_choice: encodeToolChoice(toolChoice, request.tools) }),
          ...(request.parallelToolCalls === undefined ? {} : { parallel_tool_calls: request.parallelToolCalls })
        }),
    ...(Object.keys(text).length === 0 ? {} : { text }),
    ...(Object.keys(reasoning).length === 0 ? {} : { reasoning }),
    ...(include.length === 0 ? {} : { include }),
    ...encodeSampling(bounded(request, dropped), target, dropped),
    ...(request.metadata === undefined ? {} : { metadata: request.metadata }),
    ...(request.user === undefined ? {} : { user: request.user })
  }
  return { body: { ...withCarried(body, request, dialectId) }, dropped }
}

const hosted = (tool: Tool): Result.Result<never, EncodeFault> =>
  cannot(
    kindOf(tool._tag === "Hosted" ? tool.definition : null, "hosted tools"),
    "A tool that another vendor runs itself cannot be used here"
  )

const cannot = (feature: string, message: string): Result.Result<never, EncodeFault> =>
  Result.fail({ feature, message })

/** The first system prompt apart from the rest, where it is plain text and not all there is. */
const apart = (
  messages: ReadonlyArray<Message>
): { instructions: string | undefined; messages: ReadonlyArray<Message> } => {
  const [first, ...others] = messages
  const only = first?.role === "system" && first.content.length === 1 ? first.content[0] : undefined
  const plain =
    only?._tag === "Text" &&
    only.text !== "" &&
    kept(only) === undefined &&
    first !== undefined &&
    kept(first) === undefined
  return plain && others.length > 0
    ? { instructions: only.text, messages: others }
    : { instructions: undefined, messages }
}

const includeOf = (request: ChatRequest, own: JsonObject): ReadonlyArray<Json> => {
  const asked: ReadonlyArray<Json> = Array.isArray(own["include"]) ? own["include"] : []
  return [
    ...asked,
    ...(request.sampling.logprobs === true ? [includeLogprobs] : []),
    // a vendor that stores nothing must be given its thoughts back
    ...(request.reasoning !== undefined && own["store"] === undefined && !asked.includes(includeThoughts)
      ? [includeThoughts]
      : [])
  ]
}

/** The least that one may ask for over this wire. */
export const leastOutputTokens = 16

/** What other wires take and this one answers with an error; a caller of this wire answers for itself. */
const bounded = ({ sampling, wire }: ChatRequest, dropped: Array<string>): Sampling => {
  if (wire === undefined || sampling.maxTokens === undefined || sampling.maxTokens >= leastOutputTokens) return sampling
  dropped.push(wire.dialect === "gemini" ? "maxOutputTokens" : "max_tokens")
  return { ...sampling, maxTokens: leastOutputTokens }
}

const encodeSampling = (sampling: Sampling, target: Target, dropped: Array<string>): JsonObject => {
  const { frequencyPenalty, maxTokens, presencePenalty, seed, topK } = sampling
  const unknown = {
    top_k: topK,
    seed,
    presence_penalty: presencePenalty === 0 ? undefined : presencePenalty,
    frequency_penalty: frequencyPenalty === 0 ? undefined : frequencyPenalty
  }
  for (const [field, value] of Object.entries(unknown)) if (value !== undefined) dropped.push(field)
  return {
    ...(maxTokens === undefined
      ? {}
      : // more than the model can write would be refused
        { max_output_tokens: Math.min(maxTokens, target.maxOutputTokens ?? maxTokens) }),
    ...(sampling.temperature === undefined ? {} : { temperature: sampling.temperature }),
    ...(sampling.topP === undefined ? {} : { top_p: sampling.topP }),
    ...(sampling.topLogprobs === undefined ? {} : { top_logprobs: sampling.topLogprobs })
  }
}

/** Budgets up to these many tokens are thought at this effort; larger ones at `high`. */
const effortBudgets = [
  [4_096, "low"],
  [16_384, "medium"]
] as const

const encodeReasoning = (reasoning: Reasoning | undefined, dropped: Array<string>): JsonObject => {
  if (reasoning === undefined) return {}
  const { budgetTokens, disabled, effort } = reasoning
  if (effort !== undefined) return { effort }
  if (disabled === true) dropped.push("reasoning")
  return disabled === true || budgetTokens === undefined
    ? {}
    : { effort: effortBudgets.find(([most]) => budgetTokens <= most)?.[1] ?? "high" }
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
        name,
        ...(description === undefined ? {} : { description }),
        schema,
        ...(strict === undefined ? {} : { strict })
      }
    }
  }
}

/** `undefined`: a tool that another vendor runs. */
const encodeTool = (tool: Tool): JsonObject | undefined => {
  if (tool._tag === "Hosted") return tool.dialect === dialectId ? tool.definition : customTool(tool)
  const { description, name, parameters, strict } = tool
  return restored(
    {
      type: "function",
      name,
      ...(description === undefined ? {} : { description }),
      ...(parameters === undefined ? {} : { parameters }),
      strict: strict ?? false
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
      return { type: isCustomTool(choice.name, tools) ? "custom" : "function", name: choice.name }
  }
}

const encodeMessage = (message: Message, customs: ReadonlySet<string>): Encoded<ReadonlyArray<Json>> => {
  if (message.role === "assistant") return encodeTurn(message.content)
  if (message.role === "tool") {
    return each(message.content, (part) =>
      part._tag === "ToolResult" ? encodeToolResult(part, customs.has(part.id)) : misplaced(part, "tool")
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
      return part.dialect === dialectId ? Result.succeed(part) : foreignBlock(part)
    default:
      return misplaced(part, "assistant")
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
      return part.dialect === dialectId ? Result.succeed(part.block) : foreignBlock(part)
    case "Image": {
      const { detail, source } = part
      if (source._tag === "PlainText" || (source._tag === "FileId" && kept(part) === undefined))
        return elsewhere(source._tag === "FileId" ? "uploaded files" : "images")
      const where =
        source._tag === "FileId"
          ? { file_id: source.id }
          : { image_url: source._tag === "Url" ? source.url : urlOfBase64(source) }
      return Result.succeed(
        restored({ type: "input_image", ...where, ...(detail === undefined ? {} : { detail }) }, kept(part))
      )
    }
    case "Audio": {
      const { source } = part
      if (source._tag !== "Base64") return elsewhere(source._tag === "FileId" ? "uploaded files" : "audio")
      const format = formatOfMediaType(source.mediaType)
      return Result.succeed(restored({ type: "input_audio", input_audio: { data: source.data, format } }, kept(part)))
    }
    case "Document": {
      const { name, source } = part
      if (source._tag === "PlainText")
        return Result.succeed({ type: "input_text", text: plainDocument(source.text, name) })
      if (source._tag === "FileId" && kept(part) === undefined) return elsewhere("uploaded files")
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
      return misplaced(part, role)
  }
}

const foreignBlock = ({ block, dialect }: OpaquePart): Result.Result<never, EncodeFault> =>
  cannot(
    kindOf(block, `${dialect} content blocks`),
    "A content block that only another vendor knows cannot be sent here"
  )

const elsewhere = (feature: string): Result.Result<never, EncodeFault> =>
  cannot(feature, `The ${feature} of this request are not in it: only their own vendor can fetch them`)

const misplaced = (part: Part, role: Message["role"]): Result.Result<never, EncodeFault> =>
  cannot(`${part._tag} in ${role} messages`, `A ${role} message cannot hold a part of the kind ${part._tag} here`)
