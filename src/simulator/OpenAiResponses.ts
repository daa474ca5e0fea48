/**
 * OpenAI's `/responses`: what is wrong with a request, or its answer, whole or as numbered events; and the count of its
 * prompt.
 *
 * Nothing is stored here, so whatever refers to something stored is unknown. A thought is taken back only as it was
 * made here: encrypted, by this vendor.
 *
 * @module
 */
import { isJsonObject, type Json, type JsonObject } from "../domain/Json.ts"
import { badRequest } from "./OpenAiErrors.ts"
import { drawingProblems, effortProblems } from "./OpenAiModels.ts"
import { lengthProblem } from "./OpenAiRequest.ts"
import { formatSchemaProblems, parameterProblems } from "./OpenAiSchemas.ts"
import type { Chunk, Reply } from "./Script.ts"
import { type Ask, type AskTurn, speak, type Speech, tokensOf } from "./Speech.ts"
import { type Asked, chunk, countedCharacters, type Incoming, type Plain, type Session } from "./Wire.ts"

const knownFields: ReadonlySet<string> = new Set(
  (
    "background context_management conversation include input instructions max_output_tokens max_tool_calls metadata " +
    "model moderation parallel_tool_calls previous_response_id prompt prompt_cache_key prompt_cache_options " +
    "prompt_cache_retention reasoning safety_identifier service_tier store stream stream_options temperature text " +
    "tool_choice tools top_logprobs top_p truncation user"
  ).split(" ")
)

/** How this vendor's encrypted thoughts begin. */
const encryptedHead = "gAAAAAB"

const listOf = (value: Json | undefined): ReadonlyArray<Json> => (Array.isArray(value) ? value : [])
const objectsOf = (value: Json | undefined): ReadonlyArray<JsonObject> => listOf(value).filter(isJsonObject)

const problem = (body: JsonObject, model: string): Plain | undefined =>
  shapeProblem(body) ?? ruleProblems(body, model).next().value ?? undefined

/** What is wrong with a request that has the shape of one. */
function* ruleProblems(body: JsonObject, model: string): Generator<Plain> {
  const reasoning = isJsonObject(body["reasoning"]) ? body["reasoning"] : {}
  yield* effortProblems(model, reasoning["effort"], "reasoning.effort")
  yield* drawingProblems(model, body, reasoning["effort"])
  for (const key of ["user", "safety_identifier", "prompt_cache_key"]) yield* lengthProblem(body[key], key, 64)
  for (const [index, item] of objectsOf(body["input"]).entries())
    yield* lengthProblem(item["call_id"], `input[${index}].call_id`, 64)
  const tools = objectsOf(body["tools"])
  for (const [index, { name, parameters, strict, type }] of tools.entries()) {
    if (type !== "function") continue
    if (typeof name !== "string" || !/^[a-zA-Z0-9_-]{1,64}$/.test(name))
      yield badRequest(
        `Invalid 'tools[${index}].name': string does not match pattern. Expected a string that matches the pattern '^[a-zA-Z0-9_-]+$'.`,
        `tools[${index}].name`,
        "invalid_value"
      )
    yield* parameterProblems(parameters, strict === true, {
      what: `function '${String(name)}'`,
      param: `tools[${index}].parameters`,
      code: "invalid_function_parameters"
    })
  }
  const choice = body["tool_choice"]
  if (choice === "required" && tools.length === 0)
    yield badRequest("Tool choice 'required' must be specified with 'tools' parameter.", "tool_choice", null)
  if (isJsonObject(choice) && choice["type"] === "function" && !tools.some(({ name }) => name === choice["name"]))
    yield badRequest(`Tool choice '${String(choice["name"])}' not found in 'tools' parameter.`, "tool_choice", null)
  const text = isJsonObject(body["text"]) ? body["text"] : {}
  const format = isJsonObject(text["format"]) ? text["format"] : {}
  if (format["type"] === "json_object" && !/json/i.test(JSON.stringify(body["input"] ?? null)))
    yield badRequest(
      "Response input messages must contain the word 'json' in some form to use 'text.format' of type 'json_object'.",
      "input",
      null
    )
  if (format["type"] !== "json_schema") return
  if (typeof format["name"] !== "string")
    yield badRequest(
      "Missing required parameter: 'text.format.name'.",
      "text.format.name",
      "missing_required_parameter"
    )
  yield* formatSchemaProblems(format["schema"], format["strict"] === true, {
    what: `response_format '${String(format["name"])}'`,
    param: "text.format.schema",
    code: "invalid_json_schema"
  })
}

const shapeProblem = (body: JsonObject): Plain | undefined => {
  for (const key of Object.keys(body))
    if (!knownFields.has(key)) return badRequest(`Unknown parameter: '${key}'.`, key, "unknown_parameter")
  const { input, previous_response_id: previous } = body
  if (typeof previous === "string")
    return badRequest(
      `Previous response with id '${previous}' not found.`,
      "previous_response_id",
      "previous_response_not_found"
    )
  if (typeof input !== "string" && !Array.isArray(input))
    return badRequest("Missing required parameter: 'input'.", "input", "missing_required_parameter")
  const most = body["max_output_tokens"]
  if (typeof most === "number" && most < 16)
    return badRequest(
      `Invalid 'max_output_tokens': integer below minimum value. Expected a value >= 16, but got ${most} instead.`,
      "max_output_tokens",
      "integer_below_min_value"
    )
  const calls = new Set<Json | undefined>()
  const open = new Set<Json | undefined>()
  for (const [index, item] of listOf(input).entries()) {
    if (!isJsonObject(item)) return badRequest(`Invalid type for 'input[${index}]'.`, `input[${index}]`, "invalid_type")
    const found = itemProblem(item, index, calls)
    if (found !== undefined) return found
    if (item["type"] === "function_call" || item["type"] === "custom_tool_call") open.add(item["call_id"])
    if (item["type"] === "function_call_output" || item["type"] === "custom_tool_call_output")
      open.delete(item["call_id"])
  }
  const [unanswered] = open
  return open.size === 0
    ? undefined
    : badRequest(`No tool output found for function call ${String(unanswered)}.`, "input", null)
}

const itemProblem = (item: JsonObject, index: number, calls: Set<Json | undefined>): Plain | undefined => {
  const { call_id: call, encrypted_content: encrypted, id, type } = item
  if (type === "item_reference") return badRequest(`Item with id '${String(id)}' not found.`, "input", null)
  if (type === "reasoning" && !(typeof encrypted === "string" && encrypted.startsWith(encryptedHead)))
    return badRequest(
      "The encrypted content for the item could not be verified.",
      `input[${index}].encrypted_content`,
      "invalid_encrypted_content"
    )
  if (type === "function_call") calls.add(call)
  return type === "function_call_output" && !calls.has(call)
    ? badRequest(`No tool call found for function call output with call_id ${String(call)}.`, "input", null)
    : undefined
}

/** The question, or what is wrong with it. */
export const hearResponses = (incoming: Incoming, session: Session, body: JsonObject, model: string): Plain | Asked =>
  problem(body, model) ?? {
    _tag: "Asked",
    ask: askOf(incoming.vendor, body, model, session.call),
    streaming: body["stream"] === true,
    reply: (ask, speech) => replyOf(body, session, ask, speech),
    errorBody: (error) => JSON.stringify(error.body),
    errorChunk: (error) =>
      event("error", { ...(isJsonObject(error.body) ? error.body : {}), type: "error", sequence_number: 0 })
  }

/** What a count may be asked with: less than an answer. */
const countedFields: ReadonlySet<string> = new Set(
  (
    "conversation input instructions model parallel_tool_calls personality previous_response_id reasoning text " +
    "tool_choice tools truncation"
  ).split(" ")
)

/** `/responses/input_tokens`: as many as the usage of an answer would tell. */
export const hearInputTokens = (incoming: Incoming, session: Session, body: JsonObject): Plain => {
  for (const key of Object.keys(body))
    if (!countedFields.has(key)) return badRequest(`Unknown parameter: '${key}'.`, key, "unknown_parameter")
  const model = typeof body["model"] === "string" ? body["model"] : "gpt-4o"
  return (
    problem({ input: "", ...body }, model) ?? {
      _tag: "Plain",
      status: 200,
      headers: { "x-request-id": `req_${session.id}` },
      body: {
        object: "response.input_tokens",
        input_tokens: speak(askOf(incoming.vendor, body, model, session.call)).inputTokens
      }
    }
  )
}

const textOf = (content: Json | undefined): string =>
  typeof content === "string"
    ? content
    : objectsOf(content)
        .map((part) => part["text"] ?? part["refusal"] ?? "")
        .join("")

const turnsOf = (input: Json | undefined): ReadonlyArray<AskTurn> => {
  if (typeof input === "string") return [{ role: "user", text: input, results: [] }]
  const turns: Array<AskTurn> = []
  for (const item of objectsOf(input)) {
    const { output, role, type } = item
    const before = turns.at(-1)
    if (type === "function_call_output") {
      const results = [...(before?.role === "user" && before.results.length > 0 ? before.results : []), textOf(output)]
      if (results.length > 1) turns.pop()
      turns.push({ role: "user", text: "", results })
    } else if (role === "user" || role === "assistant") turns.push({ role, text: textOf(item["content"]), results: [] })
    else if (type === "function_call" && before?.role !== "assistant")
      turns.push({ role: "assistant", text: "", results: [] })
  }
  return turns
}

const askOf = (vendor: string, body: JsonObject, model: string, call: number): Ask => {
  const text = isJsonObject(body["text"]) ? body["text"] : {}
  const format = isJsonObject(text["format"]) ? text["format"] : {}
  const reasoning = isJsonObject(body["reasoning"]) ? body["reasoning"] : {}
  const { effort } = reasoning
  const choice = body["tool_choice"]
  const named = isJsonObject(choice) ? choice["name"] : undefined
  const most = body["max_output_tokens"]
  const contents = objectsOf(body["input"]).flatMap((item) => [
    ...objectsOf(item["content"]),
    ...objectsOf(item["output"])
  ])
  return {
    vendor,
    model,
    call,
    turns: turnsOf(body["input"]),
    images: contents.filter((part) => part["type"] === "input_image").length,
    inputCharacters: countedCharacters([
      body["instructions"] ?? null,
      body["input"] ?? null,
      body["tools"] ?? null,
      format
    ]),
    tools: objectsOf(body["tools"]).flatMap(({ name, parameters, type }) =>
      type === "function" && typeof name === "string" ? [{ name, schema: parameters ?? undefined }] : []
    ),
    toolChoice:
      typeof named === "string" ? { name: named } : choice === "none" || choice === "required" ? choice : "auto",
    parallelTools: body["parallel_tool_calls"] !== false,
    format:
      format["type"] === "json_schema"
        ? (format["schema"] ?? "object")
        : format["type"] === "json_object"
          ? "object"
          : undefined,
    maxTokens: typeof most === "number" ? most : undefined,
    stop: [],
    thinks: typeof effort === "string" ? effort !== "none" && effort !== "minimal" : /^(o\d|gpt-5(?!\.))/.test(model),
    choices: 1
  }
}

const event = (type: string, data: JsonObject): string =>
  `event: ${type}\ndata: ${JSON.stringify({ type, ...data })}\n\n`

const replyOf = (body: JsonObject, session: Session, ask: Ask, speech: Speech): Reply => {
  const [one] = speech.utterances
  const created = Math.floor(session.nowMillis / 1000)
  const refused = one?.finish === "refusal"
  const words = one?.text ?? []
  const part = (text: string): JsonObject =>
    refused ? { type: "refusal", refusal: text } : { type: "output_text", annotations: [], logprobs: [], text }
  const broken = one?.finish === "length" ? "max_output_tokens" : one?.finish === "filtered" ? "content_filter" : null
  const status = broken === null ? "completed" : "incomplete"
  const thought: JsonObject = { id: `rs_${session.id}`, type: "reasoning", summary: [] }
  const encrypted = { ...thought, encrypted_content: `${encryptedHead}${session.id}` }
  const message: JsonObject = { id: `msg_${session.id}`, type: "message", status, role: "assistant" }
  const calls = (one?.tools ?? []).map((tool, at): JsonObject => ({
    id: `fc_${session.id}${at}`,
    type: "function_call",
    status,
    call_id: `call_${session.id}${at}`,
    name: tool.name,
    arguments: JSON.stringify(tool.input)
  }))
  const thinks = (one?.thinking.length ?? 0) > 0
  const saysWords = calls.length === 0
  const output: ReadonlyArray<JsonObject> = [
    ...(thinks ? [encrypted] : []),
    ...(saysWords ? [{ ...message, content: [part(words.join(""))] }] : calls)
  ]
  const response = (state: string, items: ReadonlyArray<JsonObject>, usage: Json): JsonObject => ({
    id: `resp_${session.id}`,
    object: "response",
    created_at: created,
    status: state,
    background: false,
    error: null,
    incomplete_details: state === "incomplete" ? { reason: broken } : null,
    instructions: body["instructions"] ?? null,
    max_output_tokens: body["max_output_tokens"] ?? null,
    model: ask.model,
    output: items,
    parallel_tool_calls: ask.parallelTools,
    previous_response_id: null,
    reasoning: body["reasoning"] ?? { effort: null, summary: null },
    store: body["store"] ?? true,
    temperature: body["temperature"] ?? 1,
    text: body["text"] ?? { format: { type: "text" } },
    tool_choice: body["tool_choice"] ?? "auto",
    tools: body["tools"] ?? [],
    top_p: body["top_p"] ?? 1,
    truncation: body["truncation"] ?? "disabled",
    usage,
    user: null,
    metadata: body["metadata"] ?? {}
  })
  const usage: JsonObject = {
    input_tokens: speech.inputTokens,
    input_tokens_details: { cached_tokens: 0, cache_write_tokens: 0 },
    output_tokens: speech.outputTokens,
    output_tokens_details: { reasoning_tokens: speech.thinkingTokens },
    total_tokens: speech.inputTokens + speech.outputTokens
  }
  const chunks = (): ReadonlyArray<Chunk> => {
    let sequence = 0
    const told: Array<Chunk> = []
    const tell = (kind: Chunk["kind"], type: string, data: JsonObject) =>
      void told.push(chunk(kind, event(type, { ...data, sequence_number: sequence++ })))
    const begun = response("in_progress", [], null)
    tell("opening", "response.created", { response: begun })
    tell("opening", "response.in_progress", { response: begun })
    if (thinks) {
      tell("structure", "response.output_item.added", { output_index: 0, item: thought })
      tell("structure", "response.output_item.done", { output_index: 0, item: encrypted })
    }
    const first = thinks ? 1 : 0
    if (saysWords) {
      const at = { item_id: message["id"] ?? "", output_index: first, content_index: 0 }
      const name = refused ? "refusal" : "output_text"
      const full = part(words.join(""))
      const item = { ...message, status: "in_progress", content: [] }
      tell("structure", "response.output_item.added", { output_index: first, item })
      tell("structure", "response.content_part.added", { ...at, part: part("") })
      for (const delta of words) tell("content", `response.${name}.delta`, { ...at, delta })
      tell("structure", `response.${name}.done`, { ...at, [refused ? "refusal" : "text"]: words.join("") })
      tell("structure", "response.content_part.done", { ...at, part: full })
      tell("structure", "response.output_item.done", { output_index: first, item: { ...message, content: [full] } })
    }
    for (const [index, call] of calls.entries()) {
      const at = { item_id: call["id"] ?? "", output_index: first + index }
      const item = { ...call, status: "in_progress", arguments: "" }
      tell("structure", "response.output_item.added", { output_index: first + index, item })
      for (const delta of tokensOf(String(call["arguments"])))
        tell("content", "response.function_call_arguments.delta", { ...at, delta })
      tell("structure", "response.function_call_arguments.done", { ...at, arguments: call["arguments"] ?? "" })
      tell("structure", "response.output_item.done", { output_index: first + index, item: call })
    }
    tell("finish", `response.${status}`, { response: response(status, output, usage) })
    return told
  }
  const streaming = body["stream"] === true
  return {
    status: 200,
    headers: {
      "content-type": streaming ? "text/event-stream; charset=utf-8" : "application/json",
      "x-request-id": `req_${session.id}`,
      "openai-processing-ms": "12"
    },
    chunks: streaming ? chunks() : undefined,
    body: streaming ? "" : JSON.stringify(response(status, output, usage)),
    endless: streaming ? "" : JSON.stringify(response("in_progress", output, null)),
    tokens: speech.outputTokens
  }
}
