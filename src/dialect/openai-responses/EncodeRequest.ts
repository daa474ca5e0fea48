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
import type { Message } from "../../domain/Message.ts"
import type { Tool, ToolChoice } from "../../domain/Tool.ts"
import { append } from "../append.ts"
import type { EncodedRequest, EncodeFault, Target } from "../Dialect.ts"
import { effortForBudget } from "../Effort.ts"
import { openAiToolName, unfitName } from "../ToolName.ts"
import { Faults, each } from "../Faults.ts"
import { foreignIn, withCarried } from "../Foreign.ts"
import { hostedElsewhere } from "../Misfits.ts"
import { restored } from "../openai-chat/Extensions.ts"
import { orderly } from "../History.ts"
import { withUniqueIds } from "../UniqueIds.ts"
import { customTool, isCustomCall, isCustomTool } from "../CustomTools.ts"
import { isSealed } from "../Sealed.ts"
import { encodeMessage } from "./InputItems.ts"
import { isMadeId } from "./Items.ts"
import { fitted } from "./Quirks.ts"
import { dialectId, includeLogprobs, includeThoughts, kept } from "./Wire.ts"

type Mutable = Record<string, Json>
type Encoded<A> = Result.Result<A, EncodeFault>

/** The body for `target`, or what of the request this wire cannot say. */
export const encodeRequest = (request: ChatRequest, target: Target): Encoded<EncodedRequest> => {
  const { wire } = request
  if (wire?.dialect === dialectId) {
    const { input } = wire.body
    const items = Array.isArray(input) ? input.flatMap(known) : undefined
    const body = { ...wire.body, model: target.model, ...(items === undefined ? {} : { input: items }) }
    const dropped = Array.isArray(input) && input.length > (items?.length ?? 0) ? ["reasoning"] : []
    return Result.succeed(finish(body, request, target, wire.headers, dropped))
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
  const dropped = [...told]
  if (request.delivery === "live") body["stream"] = true
  else if (body["stream"] === true) body["stream"] = false
  return { body: fitted(body, target.quirks, dropped), headers, dropped: [...new Set(dropped)] }
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
      return encoded === undefined ? Result.fail(hostedElsewhere(tool)) : Result.succeed(encoded)
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

const encodeReasoning = (reasoning: Reasoning | undefined, dropped: Array<string>): JsonObject => {
  if (reasoning === undefined) return {}
  const { budgetTokens, disabled, effort } = reasoning
  if (effort !== undefined) return { effort }
  if (disabled === true) dropped.push("reasoning")
  return disabled === true || budgetTokens === undefined ? {} : { effort: effortForBudget(budgetTokens) }
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
