/**
 * Reads a Messages request as Anthropic does: the first thing that is wrong with it, or what it asks.
 *
 * The sentences are `path: what is wrong`, as Anthropic's validation writes them.
 *
 * @module
 */
import { isJsonObject, type Json, type JsonObject } from "../domain/Json.ts"
import { claudeProblems } from "./AnthropicModels.ts"
import type { Ask, AskTurn } from "./Speech.ts"
import { countedCharacters } from "./Wire.ts"

const knownFields: ReadonlySet<string> = new Set(
  (
    "billing_policy cache_control compaction container context_management diagnostics fallback_credit_token fallbacks " +
    "inference_geo max_tokens mcp_servers messages metadata model output_config output_format service_tier speed " +
    "stop_sequences stream system temperature thinking thread tool_choice tools top_k top_p user_profile_id workspace_id"
  ).split(" ")
)

/** Models that take no words of the assistant as the last message. */
const refusesPrefill = (model: string): boolean =>
  /^claude-(opus-4-[6-9]|sonnet-4-[6-9]|(opus|sonnet|haiku)-[5-9]|fable|mythos)/.test(model)

/** Models that take turns of the system in the midst of a conversation. */
const takesSystemTurns = (model: string): boolean => /^claude-(opus-4-[89]|fable|(opus|sonnet|haiku)-[5-9])/.test(model)

/** What a count may be asked with: less than an answer. */
const countedFields: ReadonlySet<string> = new Set(
  (
    "model messages system tools tool_choice thinking cache_control output_config output_format context_management " +
    "compaction mcp_servers speed user_profile_id"
  ).split(" ")
)

/** The first thing wrong with a body, in Anthropic's words. `counting`: for count_tokens, which needs no limit. */
export const anthropicProblem = (body: JsonObject, counting: boolean): string | undefined =>
  problems(body, counting).next().value ?? undefined

function* problems(body: JsonObject, counting: boolean): Generator<string> {
  if (body["model"] === undefined) yield "model: Field required"
  if (typeof body["model"] !== "string") yield "model: Input should be a valid string"
  if (body["messages"] === undefined) yield "messages: Field required"
  const most = body["max_tokens"]
  if (!counting) {
    if (most === undefined) yield "max_tokens: Field required"
    if (typeof most !== "number" || !Number.isInteger(most)) yield "max_tokens: Input should be a valid integer"
    if (typeof most === "number" && most < 1) yield "max_tokens: Input should be greater than or equal to 1"
  }
  const taken = counting ? countedFields : knownFields
  for (const key of Object.keys(body)) if (!taken.has(key)) yield `${key}: Extra inputs are not permitted`
  yield* rangeProblems(body, "temperature", 0, 1)
  yield* rangeProblems(body, "top_p", 0, 1)
  yield* rangeProblems(body, "top_k", 0, Infinity)
  if (body["stream"] !== undefined && typeof body["stream"] !== "boolean")
    yield "stream: Input should be a valid boolean"
  const stop = body["stop_sequences"] ?? []
  if (!Array.isArray(stop)) yield "stop_sequences: Input should be a valid list"
  for (const [index, word] of listOf(stop).entries())
    if (typeof word !== "string") yield `stop_sequences.${index}: Input should be a valid string`
    else if (word.trim() === "") yield "stop_sequences: each stop sequence must contain non-whitespace"
  yield* systemProblems(body["system"])
  yield* messageProblems(body["messages"], String(body["model"]))
  yield* thinkingProblems(body)
  yield* toolProblems(body)
  yield* formatProblems(body)
  yield* claudeProblems(body)
}

function* rangeProblems(body: JsonObject, key: string, low: number, high: number): Generator<string> {
  const value = body[key]
  if (value === undefined || value === null) return
  if (typeof value !== "number") return yield `${key}: Input should be a valid number`
  if (value < low) yield `${key}: Input should be greater than or equal to ${low}`
  if (value > high) yield `${key}: Input should be less than or equal to ${high}`
}

function* systemProblems(system: Json | undefined): Generator<string> {
  if (system === undefined || typeof system === "string") return
  if (!Array.isArray(system)) return yield "system: Input should be a valid list"
  for (const [index, block] of system.entries())
    if (!isJsonObject(block) || block["type"] !== "text") yield `system.${index}.type: Input should be 'text'`
}

const blockTypes: ReadonlyArray<string> = (
  "text image document thinking redacted_thinking tool_use tool_result server_tool_use mcp_tool_use search_result " +
  "container_upload compaction fallback tool_addition"
).split(" ")

function* messageProblems(messages: Json | undefined, model: string): Generator<string> {
  if (!Array.isArray(messages)) return yield "messages: Input should be a valid list"
  if (messages.length === 0) yield "messages: at least one message is required"
  let open: ReadonlyArray<string> = []
  let answered: ReadonlyArray<string> = []
  const used = new Set<string>()
  let before: Json | undefined
  for (const [index, message] of messages.entries()) {
    const at = `messages.${index}`
    if (!isJsonObject(message))
      return yield `${at}: Input should be a valid dictionary or object to extract fields from`
    const role = message["role"]
    if (role === undefined) yield `${at}.role: Field required`
    if (role === "system" && (index === 0 || !takesSystemTurns(model)))
      yield 'messages: Unexpected role "system". The Messages API accepts a top-level `system` parameter, not "system" as an input message role.'
    if (role !== "user" && role !== "assistant" && role !== "system")
      yield `${at}.role: Input should be 'user' or 'assistant'`
    const content = message["content"]
    if (content === undefined) yield `${at}.content: Field required`
    if (typeof content !== "string" && !Array.isArray(content)) yield `${at}.content: Input should be a valid list`
    const blocks = listOf(content)
    if ((content === "" || blocks.length === 0) && typeof content !== "string" && index < messages.length - 1)
      yield `${at}: all messages must have non-empty content except for the optional final assistant message`
    for (const [place, block] of blocks.entries()) yield* blockProblems(block, `${at}.content.${place}`)
    if (role === "system") continue
    const results = idsOf(blocks, "tool_result", "tool_use_id")
    const twice = results.find((id, place) => answered.includes(id) || results.indexOf(id) < place)
    if (twice !== undefined)
      yield `${at}.content.0: each tool_use must have a single result. Found multiple \`tool_result\` blocks with id: ${twice}`
    const stray = results.find((id) => !open.includes(id))
    if (stray !== undefined)
      yield `${at}.content.0: unexpected \`tool_use_id\` found in \`tool_result\` blocks: ${stray}. Each \`tool_result\` block must have a corresponding \`tool_use\` block in the previous message.`
    // messages of one role in a row are one turn
    if (role === "assistant" && before !== "assistant" && open.length > 0) yield unanswered(index - 1, open)
    for (const id of idsOf(blocks, "tool_use", "id")) {
      if (used.has(id)) yield `${at}.content: \`tool_use\` ids must be unique`
      used.add(id)
    }
    answered = role === "assistant" ? [] : [...answered, ...results]
    open = [...open.filter((id) => !results.includes(id)), ...idsOf(blocks, "tool_use", "id")]
    before = role
  }
  if (open.length > 0) yield unanswered(messages.length - 1, open)
  const last = messages.at(-1)
  if (!isJsonObject(last) || last["role"] !== "assistant") return
  if (refusesPrefill(model))
    yield "This model does not support assistant message prefill. The conversation must end with a user message."
  if (/\s$/.test(textOf(last["content"]))) yield "messages: final assistant content cannot end with trailing whitespace"
}

const unanswered = (index: number, ids: ReadonlyArray<string>): string =>
  `messages.${index}: \`tool_use\` ids were found without \`tool_result\` blocks immediately after: ${ids.join(", ")}. Each \`tool_use\` block must have a corresponding \`tool_result\` block in the next message.`

function* blockProblems(block: Json, at: string): Generator<string> {
  if (!isJsonObject(block)) return yield `${at}: Input should be a valid dictionary or object to extract fields from`
  const type = block["type"]
  if (type === undefined) yield `${at}.type: Field required`
  // each hosted tool has a result type of its own
  if (typeof type !== "string" || !(blockTypes.includes(type) || type.endsWith("_tool_result")))
    yield `${at}: Input tag '${String(type)}' found using 'type' does not match any of the expected tags: ${blockTypes.map((word) => `'${word}'`).join(", ")}`
  if (type === "text") {
    if (typeof block["text"] !== "string") yield `${at}.text.text: Field required`
    if (block["text"] === "") yield `${at.replace(/\.content\.\d+$/, "")}: text content blocks must be non-empty`
  }
  if (type === "image" && !isJsonObject(block["source"])) yield `${at}.image.source: Field required`
  if (type === "tool_result") yield* idProblem(block["tool_use_id"], `${at}.tool_result.tool_use_id`)
  if (type === "tool_use") {
    yield* idProblem(block["id"], `${at}.tool_use.id`)
    if (!isJsonObject(block["input"])) yield `${at}.tool_use.input: Input should be a valid dictionary`
  }
  if (type === "thinking") {
    const { signature } = block
    if (typeof signature !== "string") yield `${at}.thinking.signature: Field required`
    else if (!isSignature(signature)) yield `${at}: Invalid \`signature\` in \`thinking\` block`
  }
  if (type === "redacted_thinking" && !isSignature(block["data"]))
    yield `${at}: Invalid \`data\` in \`redacted_thinking\` block`
}

/** Bytes in base64, as the vendor makes them; what an envelope of somebody else's is not. */
const isSignature = (value: Json | undefined): boolean =>
  typeof value === "string" && /^[A-Za-z0-9+/]+={0,2}$/.test(value)

/** With a budget the assistant's turn that tools have answered begins with its thought. */
function* toolTurnProblems(messages: ReadonlyArray<Json>): Generator<string> {
  const last = messages.at(-1)
  if (!isJsonObject(last) || idsOf(listOf(last["content"]), "tool_result", "tool_use_id").length === 0) return
  const index = messages.findLastIndex((message) => isJsonObject(message) && message["role"] === "assistant")
  const message = messages[index]
  const [first] = isJsonObject(message) ? listOf(message["content"]) : []
  const type = isJsonObject(first) ? first["type"] : undefined
  if (type !== undefined && type !== "thinking" && type !== "redacted_thinking")
    yield `messages.${index}.content.0.type: Expected \`thinking\` or \`redacted_thinking\`, but found \`${String(type)}\`. When \`thinking\` is enabled, a final \`assistant\` message must start with a thinking block (preceeding the lastmost set of \`tool_use\` and \`tool_result\` blocks).`
}

function* idProblem(id: Json | undefined, at: string): Generator<string> {
  if (typeof id !== "string") yield `${at}: Field required`
  else if (!/^[a-zA-Z0-9_-]+$/.test(id)) yield `${at}: String should match pattern '^[a-zA-Z0-9_-]+$'`
}

function* thinkingProblems(body: JsonObject): Generator<string> {
  const thinking = body["thinking"] ?? null
  if (thinking === null) return
  if (!isJsonObject(thinking))
    return yield "thinking: Input should be a valid dictionary or object to extract fields from"
  if (thinking["type"] !== "enabled") return
  yield* toolTurnProblems(listOf(body["messages"]))
  const budget = thinking["budget_tokens"]
  if (budget === undefined) yield "thinking.enabled.budget_tokens: Field required"
  if (typeof budget !== "number") return yield "thinking.enabled.budget_tokens: Input should be a valid integer"
  if (budget < 1024) yield "thinking.enabled.budget_tokens: Input should be greater than or equal to 1024"
  const most = body["max_tokens"]
  if (typeof most === "number" && most <= budget) yield "`max_tokens` must be greater than `thinking.budget_tokens`."
  const messages = listOf(body["messages"])
  const last = messages.at(-1)
  const answers = isJsonObject(last) ? idsOf(listOf(last["content"]), "tool_result", "tool_use_id") : []
  const before = messages.findLast((message) => isJsonObject(message) && message["role"] === "assistant")
  const [first] = isJsonObject(before) ? listOf(before["content"]) : []
  const begins = isJsonObject(first) ? String(first["type"]) : "text"
  if (answers.length > 0 && begins !== "thinking" && begins !== "redacted_thinking")
    yield `messages.${messages.length - 2}.content.0.type: Expected \`thinking\` or \`redacted_thinking\`, but found \`${begins}\`. When \`thinking\` is enabled, a final \`assistant\` message must start with a thinking block.`
}

function* toolProblems(body: JsonObject): Generator<string> {
  const tools = body["tools"] ?? null
  if (tools !== null && !Array.isArray(tools)) yield "tools: Input should be a valid list"
  for (const [index, tool] of listOf(tools ?? undefined).entries()) {
    if (!isJsonObject(tool))
      return yield `tools.${index}: Input should be a valid dictionary or object to extract fields from`
    if ((tool["type"] ?? "custom") !== "custom") continue
    const at = `tools.${index}.custom`
    const name = tool["name"]
    if (name === undefined) yield `${at}.name: Field required`
    if (typeof name !== "string" || !/^[a-zA-Z0-9_-]{1,128}$/.test(name))
      yield `${at}.name: String should match pattern '^[a-zA-Z0-9_-]{1,128}$'`
    const schema = tool["input_schema"]
    if (schema === undefined) yield `${at}.input_schema: Field required`
    if (!isJsonObject(schema)) return yield `${at}.input_schema: Input should be a valid dictionary`
    if (schema["type"] === undefined) yield `${at}.input_schema.type: Field required`
    if (schema["type"] !== "object") yield `${at}.input_schema.type: Input should be 'object'`
  }
  const choice = body["tool_choice"] ?? null
  if (choice === null) return
  if (!isJsonObject(choice))
    return yield "tool_choice: Input should be a valid dictionary or object to extract fields from"
  const type = choice["type"]
  if (!["auto", "any", "tool", "none"].includes(String(type)))
    yield `tool_choice: Input tag '${String(type)}' found using 'type' does not match any of the expected tags: 'auto', 'any', 'tool', 'none'`
  if ((type === "any" || type === "tool") && listOf(tools ?? undefined).length === 0)
    yield `tool_choice: tool_choice.type "${type}" may only be specified while providing tools`
  if (type === "tool" && !toolsOf(body).some(({ name }) => name === choice["name"]))
    yield `Tool '${String(choice["name"])}' not found in provided tools`
}

function* formatProblems(body: JsonObject): Generator<string> {
  const config = body["output_config"] ?? null
  if (config === null) return
  if (!isJsonObject(config))
    return yield "output_config: Input should be a valid dictionary or object to extract fields from"
  const format = config["format"] ?? null
  if (format === null) return
  if (!isJsonObject(format) || format["type"] !== "json_schema")
    return yield "output_config.format.type: Input should be 'json_schema'"
  if (!isJsonObject(format["schema"])) yield "output_config.format.schema: Field required"
  else if (format["schema"]["type"] === "object" && format["schema"]["additionalProperties"] !== false)
    yield "output_config.format.schema: For 'object' type, 'additionalProperties' must be explicitly set to false"
}

const listOf = (value: Json | undefined): ReadonlyArray<Json> => (Array.isArray(value) ? value : [])

const idsOf = (blocks: ReadonlyArray<Json>, type: string, key: string): ReadonlyArray<string> =>
  blocks.flatMap((block) => (isJsonObject(block) && block["type"] === type ? [String(block[key])] : []))

const textOf = (content: Json | undefined): string =>
  typeof content === "string"
    ? content
    : listOf(content)
        .flatMap((block) => (isJsonObject(block) && typeof block["text"] === "string" ? [block["text"]] : []))
        .join("\n")

const toolsOf = (body: JsonObject): Ask["tools"] =>
  listOf(body["tools"]).flatMap((tool) =>
    isJsonObject(tool) && isJsonObject(tool["input_schema"])
      ? [{ name: String(tool["name"]), schema: tool["input_schema"] }]
      : []
  )

const imagesIn = (content: Json | undefined): number =>
  listOf(content).reduce<number>((sum, block) => {
    if (!isJsonObject(block)) return sum
    return sum + (block["type"] === "image" ? 1 : 0) + imagesIn(block["content"])
  }, 0)

/** What a body that has no problem asks. */
export const anthropicAsk = (vendor: string, body: JsonObject, call: number): Ask => {
  const messages = listOf(body["messages"])
  const turns = messages.flatMap((message): ReadonlyArray<AskTurn> => {
    if (!isJsonObject(message) || message["role"] === "system") return []
    const content = message["content"]
    const results = listOf(content).flatMap((block) =>
      isJsonObject(block) && block["type"] === "tool_result" ? [textOf(block["content"])] : []
    )
    return [{ role: message["role"] === "assistant" ? "assistant" : "user", text: textOf(content), results }]
  })
  const choice = isJsonObject(body["tool_choice"]) ? body["tool_choice"] : {}
  const config = isJsonObject(body["output_config"]) ? body["output_config"] : {}
  const format = isJsonObject(config["format"]) ? config["format"] : body["output_format"]
  const thinking = isJsonObject(body["thinking"]) ? body["thinking"]["type"] : undefined
  const most = body["max_tokens"]
  return {
    vendor,
    model: String(body["model"]),
    call,
    turns,
    images: messages.reduce<number>((sum, one) => sum + (isJsonObject(one) ? imagesIn(one["content"]) : 0), 0),
    inputCharacters: countedCharacters([body["system"] ?? null, messages, body["tools"] ?? null, format ?? null]),
    tools: toolsOf(body),
    toolChoice:
      choice["type"] === "tool"
        ? { name: String(choice["name"]) }
        : choice["type"] === "any"
          ? "required"
          : choice["type"] === "none"
            ? "none"
            : "auto",
    parallelTools: choice["disable_parallel_tool_use"] !== true,
    format: isJsonObject(format) ? format["schema"] : undefined,
    maxTokens: typeof most === "number" ? most : undefined,
    stop: listOf(body["stop_sequences"]).map(String),
    thinks: thinking === "enabled" || thinking === "adaptive",
    choices: 1
  }
}
