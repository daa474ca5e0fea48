/**
 * `ChatRequest` → a body of `POST /v1/messages`.
 *
 * A request that came in on this wire is sent as its caller wrote it, but for the model, the delivery, the refused
 * fields and the citations that Switchyard wrote in its answers. Any other is written anew:
 *
 * - System and developer messages at the head become `system`, in order. One further down becomes a part of the user's
 *   turn, between `<system>` tags: only the newest models take it among the messages, and moving it to the top would
 *   change what it refers to. (One that stood among the messages on this wire goes back there.) Where there is nothing
 *   but system text, it is the user's message, since the wire asks for at least one.
 * - Messages of one role that follow each other are joined, tool results belonging to the user's role and standing
 *   before whatever else is said in the turn after the calls.
 * - White space at the end of a last assistant message is cut off: the vendor refuses it.
 * - An answer held to a schema uses `output_config.format`; "any JSON object" has no field here and becomes an
 *   instruction in `system` (told as dropped), as does a schema where the vendor takes none.
 * - `temperature` above 1 becomes 1. What a generation of models refuses is left out (`Models.ts`), and so is thought
 *   where the vendor would refuse a budget: beside a tool that must be called, with no room under `max_tokens`, in the
 *   midst of a tool turn that began without thought. Each is told as dropped.
 * - What only other wires have is in `Foreign.ts`.
 *
 * @module
 */
import { Result } from "effect"
import type { ChatRequest } from "../../domain/ChatRequest.ts"
import { isJsonObject, type Json, type JsonObject, omitKeys } from "../../domain/Json.ts"
import type { Message, Part } from "../../domain/Message.ts"
import type { Tool } from "../../domain/Tool.ts"
import { append } from "../append.ts"
import { withFunctionsForCustom } from "../CustomAsFunction.ts"
import { describedSchema } from "../DescribedSchema.ts"
import type { EncodedRequest, EncodeFault, Target } from "../Dialect.ts"
import { anthropicToolName, unfitName } from "../ToolName.ts"
import { Faults, each } from "../Faults.ts"
import { foreignIn, kindOf, withCarried } from "../Foreign.ts"
import { orderly } from "../History.ts"
import { blockOf, cannot } from "./Blocks.ts"
import { hasMade, messagesWithoutMade } from "./Citations.ts"
import { toOutputSchema } from "./OutputSchema.ts"
import { inToolTurnWithoutThought, withOwnThoughts } from "./OwnThoughts.ts"
import { withUniqueIds } from "../UniqueIds.ts"
import { leastBudget, type ModelRow, modelRow, thinkingFor } from "./Models.ts"
import { headersKept } from "../VendorOwn.ts"
import { dialectId, headersLabel, ownFields, sameJson } from "./Wire.ts"

type Encoded<A> = Result.Result<A, EncodeFault>

/** The output limit where the caller named none: the wire asks for one. */
export const defaultMaxTokens = 8192
/** The same for a model that thinks, since its thoughts count. */
export const defaultThinkingMaxTokens = 32_000

const jsonObjectInstruction = "Answer with a single JSON object and nothing else: no prose, no code fence."
const jsonSchemaInstruction = (schema: JsonObject): string =>
  `Answer with a single JSON value that matches this JSON Schema, and nothing else: no prose, no code fence.\n${JSON.stringify(schema)}`

export const encodeRequest = (request: ChatRequest, target: Target): Encoded<EncodedRequest> => {
  const { wire } = request
  // a schema the vendor cannot take must be said in words, which only the written form can
  const inWords = request.responseFormat?._tag === "JsonSchema" && target.quirks.structuredOutput !== "json_schema"
  if (wire?.dialect === dialectId && !inWords) {
    const { body, dropped } = withOwnThoughts(wire.body)
    const sent = {
      ...body,
      model: target.model,
      ...streamField(request, wire.body),
      ...(hasMade(request.messages) ? { messages: messagesWithoutMade(body["messages"]) } : {})
    }
    return Result.succeed(refusing(sent, target, wire.headers, dropped))
  }
  const faults = new Faults()
  const { body, dropped } = written(request, target, faults)
  const headers = wire?.dialect === dialectId ? wire.headers : headersKept(request, headersLabel)
  return faults.outcome(refusing(body, target, headers, dropped))
}

/** `stream` as the delivery says; not added where the caller of a whole answer left it out. */
const streamField = (request: ChatRequest, body: JsonObject): JsonObject =>
  request.delivery === "live" ? { stream: true } : "stream" in body ? { stream: false } : {}

const refusing = (
  body: JsonObject,
  target: Target,
  headers: Readonly<Record<string, string>>,
  dropped: ReadonlyArray<string>
): EncodedRequest => {
  const refused = target.quirks.refuses.filter((field) => field in body)
  return { body: omitKeys(body, refused), headers, dropped: [...new Set([...dropped, ...refused])] }
}

interface Written {
  readonly body: JsonObject
  readonly dropped: ReadonlyArray<string>
}

const written = (asked: ChatRequest, target: Target, faults: Faults): Written => {
  const foreign = foreignIn(asked, dialectId)
  faults.add(foreign.fault)
  const request = withFunctionsForCustom(asked)
  if ((request.sampling.n ?? 1) > 1)
    faults.add({ feature: "n", message: "The Anthropic Messages API gives one answer a call" })
  const ordered = orderly({ ...request, messages: withUniqueIds(request.messages) })
  const turns = faults.take(Result.flatMap(ordered, turnsOf), { system: [], messages: [] })
  faults.add(unfitName(request.tools, anthropicToolName))
  const row = modelRow(target.model)
  const { messages } = turns
  if (request.wire !== undefined && !row.prefill && messages.at(-1)?.["role"] === "assistant")
    faults.add({
      feature: "prefill",
      message: "This Claude model takes no words of the assistant as the last message"
    })
  const dropped = [...foreign.dropped]
  const tools = faults.take(toolsOf(request.tools, row, dropped), [])
  const format = formatOf(request, target, row, dropped)
  const system = [...turns.system, ...format.instructions]
  const limits = limitsOf(request, target, row, messages, dropped)
  const own = ownFields(request) ?? {}
  const outputConfig = {
    ...nested(own, "output_config"),
    ...(limits.effort === undefined ? {} : { effort: limits.effort }),
    ...(format.schema === undefined ? {} : { format: { type: "json_schema", schema: format.schema } })
  }
  const metadata = { ...nested(own, "metadata"), ...(request.user === undefined ? {} : { user_id: request.user }) }
  const choice = toolChoiceOf(request)
  const body: JsonObject = {
    ...omitKeys(own, ["thinking", "output_config", "metadata"]),
    model: target.model,
    max_tokens: limits.maxTokens,
    ...(system.length === 0 ? {} : { system: plainOrBlocks(system) }),
    messages,
    ...(tools.length === 0 ? {} : { tools }),
    ...(choice === undefined ? {} : { tool_choice: choice }),
    ...(limits.thinking === undefined ? {} : { thinking: limits.thinking }),
    ...(Object.keys(outputConfig).length === 0 ? {} : { output_config: outputConfig }),
    ...(Object.keys(metadata).length === 0 ? {} : { metadata }),
    ...samplingOf(request, row, limits.thinking !== undefined && limits.thinking["type"] !== "disabled", dropped),
    ...(request.delivery === "live" ? { stream: true } : {})
  }
  return { body: withThinking(withCarried(body, request, dialectId)), dropped }
}

/** Whether thoughts are shown is asked only of models that think as they see fit: all others show them. */
const withThinking = (body: JsonObject): JsonObject => {
  const { thinking } = body
  if (!isJsonObject(thinking) || !("display" in thinking) || thinking["type"] === "adaptive") return body
  const rest = omitKeys(thinking, ["display"])
  return "type" in rest ? { ...body, thinking: rest } : omitKeys(body, ["thinking"])
}

const nested = (own: JsonObject, key: string): JsonObject => {
  const value = own[key]
  return isJsonObject(value) ? value : {}
}

/** A single plain text as a string: the form every compatible vendor takes. */
const plainOrBlocks = (blocks: ReadonlyArray<JsonObject>): Json => {
  const [first, ...others] = blocks
  const plain =
    first !== undefined && others.length === 0 && Object.keys(first).length === 2 ? first["text"] : undefined
  return typeof plain === "string" ? plain : blocks
}

interface Turn {
  readonly role: "user" | "assistant" | "system"
  readonly content: Array<JsonObject>
  /** Fields of the message that only this wire knows. */
  readonly rest: JsonObject
}

interface Turns {
  readonly system: ReadonlyArray<JsonObject>
  readonly messages: ReadonlyArray<JsonObject>
}

const turnsOf = (messages: ReadonlyArray<Message>): Encoded<Turns> => {
  const system: Array<JsonObject> = []
  const turns: Array<Turn> = []
  const blocks = each(messages, blocksIn)
  if (Result.isFailure(blocks)) return Result.fail(blocks.failure)
  for (const { content, instructs, own, role } of blocks.success) {
    const inPlace = own["role"] === "system"
    if (instructs && !inPlace) {
      if (turns.length === 0) append(system, content)
      else join(turns, { role: "user", content: content.map(tagged), rest: {} })
    } else if (instructs) join(turns, { role: "system", content, rest: omitKeys(own, ["role"]) })
    else join(turns, { role, content, rest: own })
  }
  answersFirst(turns)
  trimPrefill(turns)
  if (turns.length === 0)
    return system.length === 0
      ? cannot("empty messages", "This wire has no message without content")
      : Result.succeed({ system: [], messages: [{ role: "user", content: system }] })
  return Result.succeed({ system, messages: turns.map(({ role, content, rest }) => ({ role, content, ...rest })) })
}

interface Said {
  readonly role: "user" | "assistant"
  /** Is it a system prompt? */
  readonly instructs: boolean
  readonly own: JsonObject
  readonly content: ReadonlyArray<JsonObject>
}

const blocksIn = (message: Message): Encoded<Said> =>
  Result.flatMap(blocksOf(message.content), (content) => {
    const instructs = message.role === "system" || message.role === "developer"
    const own = ownFields(message) ?? {}
    const role = message.role === "assistant" ? "assistant" : "user"
    if (instructs && own["role"] !== "system" && content.some((block) => block["type"] !== "text"))
      return cannot("system prompts", "The Anthropic Messages API takes only text as a system prompt")
    if (role === "assistant" && content.some((block) => block["type"] === "image"))
      return cannot("images", "The Anthropic Messages API takes no images in assistant messages")
    return Result.succeed({ role, instructs, own, content })
  })

const blocksOf = (parts: ReadonlyArray<Part>): Encoded<ReadonlyArray<JsonObject>> =>
  Result.map(each(parts, blockOf), (blocks) => blocks.filter((block) => block !== undefined))

const tagged = (block: JsonObject): JsonObject => ({ ...block, text: `<system>\n${String(block["text"])}\n</system>` })

/** Adds a turn, or what it says to the last one where the role is the same; nothing where it is empty. */
const join = (
  turns: Array<Turn>,
  turn: { readonly role: Turn["role"]; readonly content: ReadonlyArray<JsonObject>; readonly rest: JsonObject }
): void => {
  if (turn.content.length === 0) return
  const last = turns.at(-1)
  if (last !== undefined && last.role === turn.role && sameJson(last.rest, turn.rest))
    append(last.content, turn.content)
  else turns.push({ ...turn, content: [...turn.content] })
}

/** The vendor asks that the answers to the assistant's calls stand before whatever else the user's turn holds. */
const answersFirst = (turns: ReadonlyArray<Turn>): void => {
  for (const [index, { content, role }] of turns.entries()) {
    const before = turns[index - 1]
    if (role !== "user" || before?.role !== "assistant") continue
    const called = new Set(before.content.flatMap(({ id, type }) => (type === "tool_use" ? [id] : [])))
    if (!content.some(({ tool_use_id: id }) => called.has(id))) continue
    const isResult = ({ type }: JsonObject): boolean => type === "tool_result"
    const others = content.filter((block) => !isResult(block))
    const results = content.filter(isResult)
    content.length = 0
    append(content, results)
    append(content, others)
  }
}

const trimPrefill = (turns: ReadonlyArray<Turn>): void => {
  const last = turns.at(-1)
  const block = last?.content.at(-1)
  const text = block?.["text"]
  if (last?.role !== "assistant" || block?.["type"] !== "text" || typeof text !== "string") return
  last.content[last.content.length - 1] = { ...block, text: text.trimEnd() }
}

const toolsOf = (
  tools: ReadonlyArray<Tool>,
  row: ModelRow,
  dropped: Array<string>
): Encoded<ReadonlyArray<JsonObject>> =>
  each(tools, (tool) => {
    if (tool._tag === "Hosted")
      return tool.dialect === dialectId
        ? Result.succeed(tool.definition)
        : cannot(kindOf(tool.definition, "hosted tools"), `Only the ${tool.dialect} wire has this tool`)
    // the wire asks for an object's schema, also of a tool without arguments
    const asked: JsonObject = { type: "object", ...(tool.parameters ?? { properties: {} }) }
    const held = tool.strict === true ? heldSchema(asked, row) : undefined
    const loose = tool.strict === true && held === undefined
    if (loose) dropped.push("strict")
    return Result.succeed({
      name: tool.name,
      ...(tool.description === undefined ? {} : { description: tool.description }),
      input_schema: held ?? asked,
      ...(tool.strict === undefined || loose ? {} : { strict: tool.strict }),
      ...ownFields(tool)
    })
  })

/** The schema of a strict tool as the model is held to all of it; `undefined` where it cannot be. */
const heldSchema = (schema: JsonObject, row: ModelRow): JsonObject | undefined => {
  if (row.schemas === "passed") return schema
  const fitted = row.schemas === "held" ? toOutputSchema(schema) : undefined
  return fitted?.exact === true ? fitted.schema : undefined
}

const toolChoiceOf = (request: ChatRequest): JsonObject | undefined => {
  const { toolChoice, parallelToolCalls } = request
  // a choice without tools to choose from is refused
  if (request.tools.length === 0 || (toolChoice === undefined && parallelToolCalls === undefined)) return undefined
  const serial = parallelToolCalls === undefined ? {} : { disable_parallel_tool_use: !parallelToolCalls }
  switch (toolChoice?._tag) {
    case undefined:
    case "Auto":
      return { type: "auto", ...serial }
    case "None":
      return { type: "none" }
    case "Required":
      return { type: "any", ...serial }
    case "Named":
      return { type: "tool", name: toolChoice.name, ...serial }
  }
}

interface Format {
  readonly schema: JsonObject | undefined
  readonly instructions: ReadonlyArray<JsonObject>
}

const formatOf = (request: ChatRequest, target: Target, row: ModelRow, dropped: Array<string>): Format => {
  const format = request.responseFormat
  if (format === undefined || format._tag === "Text") return { schema: undefined, instructions: [] }
  const takes = target.quirks.structuredOutput === "json_schema" && row.schemas !== "refused"
  const schema = format._tag === "JsonSchema" ? describedSchema(format, dropped) : undefined
  if (schema !== undefined && takes) {
    const fitted = toOutputSchema(schema)
    if (fitted !== undefined) {
      if (!fitted.exact) dropped.push("response_format.json_schema")
      return { schema: fitted.schema, instructions: [] }
    }
  }
  dropped.push("response_format")
  const text = schema === undefined ? jsonObjectInstruction : jsonSchemaInstruction(schema)
  return { schema: undefined, instructions: [{ type: "text", text }] }
}

interface Limits {
  readonly maxTokens: number
  readonly thinking: JsonObject | undefined
  readonly effort: string | undefined
}

/** The output limit and how much of it may be thought: the one depends on the other. */
const limitsOf = (
  request: ChatRequest,
  target: Target,
  row: ModelRow,
  messages: ReadonlyArray<JsonObject>,
  dropped: Array<string>
): Limits => {
  const most = target.maxOutputTokens ?? Number.POSITIVE_INFINITY
  const own = ownFields(request) ?? {}
  const told = thinkingFor(request.reasoning, row, own["thinking"] === null)
  const forced = request.toolChoice?._tag === "Required" || request.toolChoice?._tag === "Named"
  const asked = request.sampling.maxTokens
  const thinks = told.thinking !== undefined && told.thinking["type"] !== "disabled"
  const maxTokens = Math.min(
    most,
    asked ??
      (told.budgetTokens ?? 0) +
        (thinks && told.budgetTokens === undefined ? defaultThinkingMaxTokens : defaultMaxTokens)
  )
  if (asked !== undefined && maxTokens < asked) dropped.push("max_tokens")
  const budget = told.budgetTokens === undefined ? undefined : Math.min(told.budgetTokens, maxTokens - 1)
  const barred =
    budget !== undefined &&
    (budget < leastBudget || (forced && request.tools.length > 0) || inToolTurnWithoutThought(messages))
  if (told.dropped || barred) dropped.push("reasoning")
  const rest = nested(own, "thinking")
  const plain = !("type" in rest)
  if (told.thinking === undefined) return { maxTokens, thinking: plain ? undefined : rest, effort: told.effort }
  if (barred) return { maxTokens, thinking: undefined, effort: told.effort }
  return {
    maxTokens,
    thinking: { ...told.thinking, ...(budget === undefined ? {} : { budget_tokens: budget }), ...rest },
    effort: told.effort
  }
}

const samplingOf = (request: ChatRequest, row: ModelRow, thinks: boolean, dropped: Array<string>): JsonObject => {
  const { temperature, topP, topK, stop, seed, presencePenalty, frequencyPenalty, logprobs, topLogprobs } =
    request.sampling
  const unknown = {
    seed,
    presence_penalty: presencePenalty === 0 ? undefined : presencePenalty,
    frequency_penalty: frequencyPenalty === 0 ? undefined : frequencyPenalty,
    logprobs: logprobs === false ? undefined : logprobs,
    top_logprobs: topLogprobs
  }
  for (const [field, value] of Object.entries(unknown)) if (value !== undefined) dropped.push(field)
  const fields: Record<string, Json> = {}
  if (temperature !== undefined) {
    // 1 is the default, which every model takes when it is left out
    if ((row.sampling === "none" || thinks) && temperature !== 1) dropped.push("temperature")
    else if (row.sampling !== "none" && !thinks) {
      if (temperature > 1) dropped.push("temperature")
      fields["temperature"] = Math.min(temperature, 1)
    }
  }
  if (topP !== undefined) {
    const refused =
      row.sampling === "none" || (row.sampling === "one" && temperature !== undefined) || (thinks && topP < 0.95)
    if (!refused) fields["top_p"] = topP
    else if (topP !== 1) dropped.push("top_p")
  }
  if (topK !== undefined) {
    if (row.sampling === "none" || thinks) dropped.push("top_k")
    else fields["top_k"] = topK
  }
  if (stop !== undefined) {
    // the vendor refuses sequences of nothing but white space
    const taken = stop.filter((sequence) => sequence.trim() !== "")
    if (taken.length < stop.filter((sequence) => sequence !== "").length) dropped.push("stop")
    if (taken.length > 0) fields["stop_sequences"] = taken
  }
  return fields
}
