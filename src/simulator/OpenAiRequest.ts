/**
 * Reads a Chat Completions request as OpenAI does: the first thing that is wrong with it, or what it asks.
 *
 * Codes are OpenAI's (`missing_required_parameter`, `invalid_type`, `invalid_value`, `empty_array`,
 * `integer_below_min_value`, `unknown_parameter` ...). Fields, and kinds of content parts, that OpenAI does not know are
 * refused for the vendors in `strictVendors`; compatible vendors have some of their own and are lenient here.
 *
 * @module
 */
import { isJsonObject, type Json, type JsonObject } from "../domain/Json.ts"
import { badRequest } from "./OpenAiErrors.ts"
import { chatModelProblems } from "./OpenAiModels.ts"
import { formatSchemaProblems, parameterProblems } from "./OpenAiSchemas.ts"
import type { Ask, AskTurn } from "./Speech.ts"
import { countedCharacters, type Plain } from "./Wire.ts"

const strictVendors: ReadonlySet<string> = new Set(["openai", "azure-openai"])

const knownFields: ReadonlySet<string> = new Set(
  (
    "audio frequency_penalty function_call functions logit_bias logprobs max_completion_tokens max_tokens messages " +
    "metadata modalities model moderation n parallel_tool_calls prediction presence_penalty prompt_cache_key " +
    "prompt_cache_options prompt_cache_retention reasoning_effort response_format safety_identifier seed service_tier " +
    "stop store stream stream_options temperature tool_choice tools top_logprobs top_p user verbosity web_search_options"
  ).split(" ")
)

const choices = ["none", "auto", "required"]
/** Mistral's word for `required`. */
const looseChoices = ["any"]

const roles = ["system", "assistant", "user", "function", "tool", "developer"]

/** Models that think before they speak, and so refuse `max_tokens`. */
const isThinker = (model: string): boolean => /^(o\d|gpt-[5-9])/.test(model)

/** The first thing wrong with a body, as OpenAI's error. */
export const openAiProblem = (vendor: string, body: JsonObject, model: string): Plain | undefined =>
  problems(vendor, body, model).next().value ?? undefined

function* problems(vendor: string, body: JsonObject, model: string): Generator<Plain> {
  const strict = strictVendors.has(vendor)
  if (strict)
    for (const key of Object.keys(body))
      if (!knownFields.has(key)) yield badRequest(`Unknown parameter: '${key}'.`, key, "unknown_parameter")
  yield* messageProblems(body["messages"], strict)
  for (const [key, low, high] of [
    ["temperature", 0, 2],
    ["top_p", 0, 1],
    ["frequency_penalty", -2, 2],
    ["presence_penalty", -2, 2]
  ] as const)
    yield* numberProblems(body[key], key, "decimal", low, high)
  for (const [key, low, high] of [
    ["max_tokens", 1, Infinity],
    ["max_completion_tokens", 1, Infinity],
    ["n", 1, 128],
    ["top_logprobs", 0, 20]
  ] as const)
    yield* numberProblems(body[key], key, "integer", low, high)
  yield* typeProblem(body["stream"], "stream", "boolean")
  yield* typeProblem(body["stream_options"], "stream_options", "object")
  yield* typeProblem(body["parallel_tool_calls"], "parallel_tool_calls", "boolean")
  if (isJsonObject(body["stream_options"]) && body["stream"] !== true)
    yield badRequest("The 'stream_options' parameter is only allowed when 'stream' is enabled.", "stream_options", null)
  if (typeof body["max_tokens"] === "number") {
    if (typeof body["max_completion_tokens"] === "number")
      yield badRequest(
        "Setting 'max_tokens' and 'max_completion_tokens' at the same time is not supported.",
        "max_tokens",
        "invalid_parameter_combination"
      )
    if (strict && isThinker(model))
      yield badRequest(
        "Unsupported parameter: 'max_tokens' is not supported with this model. Use 'max_completion_tokens' instead.",
        "max_tokens",
        "unsupported_parameter"
      )
  }
  const stop = body["stop"] ?? null
  if (
    stop !== null &&
    typeof stop !== "string" &&
    !(Array.isArray(stop) && stop.every((word) => typeof word === "string"))
  )
    yield invalidType("stop", "a string or an array of strings", stop)
  if (Array.isArray(stop) && stop.length > 4)
    yield badRequest(
      `Invalid 'stop': array too long. Expected an array with maximum length 4, but got an array with length ${stop.length} instead.`,
      "stop",
      "array_above_max_length"
    )
  yield* toolProblems(body, strict)
  yield* formatProblems(body, strict)
  if (!strict) return
  yield* lengthProblem(body["user"], "user", 64)
  yield* lengthProblem(body["safety_identifier"], "safety_identifier", 64)
  yield* lengthProblem(body["prompt_cache_key"], "prompt_cache_key", 64)
  if ((body["metadata"] ?? null) !== null && body["store"] !== true)
    yield badRequest("The 'metadata' parameter is only allowed when 'store' is enabled.", "metadata", null)
  if ((body["top_logprobs"] ?? null) !== null && body["logprobs"] !== true)
    yield badRequest("The 'top_logprobs' parameter is only allowed when 'logprobs' is enabled.", "top_logprobs", null)
  yield* chatModelProblems(model, body)
}

/** A text that is longer than OpenAI takes it. */
export function* lengthProblem(value: Json | undefined, param: string, most: number): Generator<Plain> {
  if (typeof value === "string" && value.length > most)
    yield badRequest(
      `Invalid '${param}': string too long. Expected a string with maximum length ${most}, but got a string with length ${value.length} instead.`,
      param,
      "string_above_max_length"
    )
}

const article = (word: string): string => (/^[aeio]/.test(word) ? `an ${word}` : `a ${word}`)

const typeOf = (value: Json): string =>
  value === null
    ? "null"
    : Array.isArray(value)
      ? "an array"
      : typeof value === "number"
        ? Number.isInteger(value)
          ? "an integer"
          : "a decimal number"
        : article(typeof value)

const invalidType = (param: string, expected: string, got: Json): Plain =>
  badRequest(
    `Invalid type for '${param}': expected ${expected}, but got ${typeOf(got)} instead.`,
    param,
    "invalid_type"
  )

const missing = (param: string): Plain =>
  badRequest(`Missing required parameter: '${param}'.`, param, "missing_required_parameter")

function* typeProblem(value: Json | undefined, param: string, type: "boolean" | "object" | "string"): Generator<Plain> {
  if (value === undefined || value === null) return
  if (type === "object" ? !isJsonObject(value) : typeof value !== type) yield invalidType(param, article(type), value)
}

function* numberProblems(
  value: Json | undefined,
  param: string,
  type: "decimal" | "integer",
  low: number,
  high: number
): Generator<Plain> {
  if (value === undefined || value === null) return
  if (typeof value !== "number" || (type === "integer" && !Number.isInteger(value)))
    return yield invalidType(param, article(type === "decimal" ? "decimal" : "integer"), value)
  if (value < low)
    yield badRequest(
      `Invalid '${param}': ${type} below minimum value. Expected a value >= ${low}, but got ${value} instead.`,
      param,
      `${type}_below_min_value`
    )
  if (value > high)
    yield badRequest(
      `Invalid '${param}': ${type} above maximum value. Expected a value <= ${high}, but got ${value} instead.`,
      param,
      `${type}_above_max_value`
    )
}

function* messageProblems(messages: Json | undefined, strict: boolean): Generator<Plain> {
  if (messages === undefined) return yield missing("messages")
  if (!Array.isArray(messages)) return yield invalidType("messages", "an array of objects", messages)
  if (messages.length === 0)
    yield badRequest(
      "Invalid 'messages': empty array. Expected an array with minimum length 1, but got an empty array instead.",
      "messages",
      "empty_array"
    )
  let open: ReadonlyArray<string> = []
  for (const [index, message] of messages.entries()) {
    const at = `messages[${index}]`
    if (!isJsonObject(message)) return yield invalidType(at, "an object", message)
    const role = message["role"]
    if (role === undefined) yield missing(`${at}.role`)
    if (typeof role !== "string" || !roles.includes(role))
      yield badRequest(
        `Invalid value: '${String(role)}'. Supported values are: ${roles.map((word) => `'${word}'`).join(", ")}.`,
        `${at}.role`,
        "invalid_value"
      )
    yield* contentProblems(message, at, strict)
    if (role === "tool") {
      const id = message["tool_call_id"]
      if (typeof id !== "string") return yield missing(`${at}.tool_call_id`)
      if (!open.includes(id))
        yield badRequest(
          "Invalid parameter: messages with role 'tool' must be a response to a preceeding message with 'tool_calls'.",
          `messages.[${index}].role`,
          null
        )
      open = open.filter((one) => one !== id)
    } else {
      if (strict)
        for (const [place, call] of listOf(message["tool_calls"]).entries())
          if (isJsonObject(call)) yield* lengthProblem(call["id"], `${at}.tool_calls[${place}].id`, 40)
      if (open.length > 0)
        yield badRequest(
          "An assistant message with 'tool_calls' must be followed by tool messages responding to each " +
            `'tool_call_id'. The following tool_call_ids did not have response messages: ${open.join(", ")}`,
          `messages.[${index}].role`,
          null
        )
      open = listOf(message["tool_calls"]).flatMap((call) =>
        isJsonObject(call) && typeof call["id"] === "string" ? [call["id"]] : []
      )
    }
  }
  if (open.length > 0)
    yield badRequest(
      "An assistant message with 'tool_calls' must be followed by tool messages responding to each 'tool_call_id'. " +
        `The following tool_call_ids did not have response messages: ${open.join(", ")}`,
      "messages",
      null
    )
}

function* contentProblems(message: JsonObject, at: string, strict: boolean): Generator<Plain> {
  const content = message["content"] ?? null
  if (content === null) {
    const mayLack = message["role"] === "assistant" && (message["tool_calls"] ?? message["refusal"] ?? message["audio"])
    if (mayLack === undefined || mayLack === false || mayLack === null)
      yield badRequest(
        `Invalid value for 'content': expected a string, got null.`,
        `messages.[${at.slice(9, -1)}].content`,
        null
      )
    return
  }
  if (typeof content === "string") return
  if (!Array.isArray(content)) return yield invalidType(`${at}.content`, "one of a string or array of objects", content)
  for (const [index, part] of content.entries()) {
    const here = `${at}.content[${index}]`
    if (!isJsonObject(part)) return yield invalidType(here, "an object", part)
    const type = part["type"]
    if (type === undefined) return yield missing(`${here}.type`)
    const parts = ["text", "image_url", "input_audio", "refusal", "audio", "file"]
    if (strict && (typeof type !== "string" || !parts.includes(type)))
      yield badRequest(
        `Invalid value: '${String(type)}'. Supported values are: ${parts.map((word) => `'${word}'`).join(", ")}.`,
        `${here}.type`,
        "invalid_value"
      )
    if (type === "text" && typeof part["text"] !== "string") yield missing(`${here}.text`)
    if (type === "image_url") {
      if (!isJsonObject(part["image_url"])) return yield missing(`${here}.image_url`)
      if (typeof part["image_url"]["url"] !== "string") yield missing(`${here}.image_url.url`)
    }
  }
}

function* toolProblems(body: JsonObject, strict: boolean): Generator<Plain> {
  const tools = body["tools"] ?? null
  if (tools !== null) {
    if (!Array.isArray(tools)) return yield invalidType("tools", "an array of objects", tools)
    if (tools.length === 0)
      yield badRequest(
        "Invalid 'tools': empty array. Expected an array with minimum length 1, but got an empty array instead.",
        "tools",
        "empty_array"
      )
    for (const [index, tool] of tools.entries()) {
      const at = `tools[${index}]`
      if (!isJsonObject(tool)) return yield invalidType(at, "an object", tool)
      if (strict && tool["type"] === undefined) yield missing(`${at}.type`)
      if ((tool["type"] ?? "function") !== "function") continue
      const definition = tool["function"]
      if (!isJsonObject(definition)) return yield missing(`${at}.function`)
      const name = definition["name"]
      if (typeof name !== "string") return yield missing(`${at}.function.name`)
      if (!/^[a-zA-Z0-9_-]{1,64}$/.test(name))
        yield badRequest(
          `Invalid '${at}.function.name': string does not match pattern. Expected a string that matches the pattern '^[a-zA-Z0-9_-]+$'.`,
          `${at}.function.name`,
          "invalid_value"
        )
      if (strict)
        yield* parameterProblems(definition["parameters"], definition["strict"] === true, {
          what: `function '${name}'`,
          param: `${at}.function.parameters`,
          code: "invalid_function_parameters"
        })
    }
  }
  if (strict && tools === null && (body["parallel_tool_calls"] ?? null) !== null)
    yield badRequest(
      "Invalid value for 'parallel_tool_calls': 'parallel_tool_calls' is only allowed when 'tools' are specified.",
      "parallel_tool_calls",
      null
    )
  const choice = body["tool_choice"] ?? null
  if (choice === null) return
  if (tools === null)
    yield badRequest(
      "Invalid value for 'tool_choice': 'tool_choice' is only allowed when 'tools' are specified.",
      "tool_choice",
      null
    )
  if (typeof choice === "string" && ![...choices, ...(strict ? [] : looseChoices)].includes(choice))
    yield badRequest(
      `Invalid value: '${choice}'. Supported values are: 'none', 'auto', and 'required'.`,
      "tool_choice",
      "invalid_value"
    )
  const wanted = chosenName(choice)
  if (wanted !== undefined && !toolsOf(body).some(({ name }) => name === wanted))
    yield badRequest(`Tool choice '${wanted}' not found in 'tools' parameter.`, "tool_choice", null)
}

function* formatProblems(body: JsonObject, strict: boolean): Generator<Plain> {
  const format = body["response_format"] ?? null
  if (format === null) return
  if (!isJsonObject(format)) return yield invalidType("response_format", "an object", format)
  const type = format["type"]
  if (type === undefined) yield missing("response_format.type")
  if (type !== "text" && type !== "json_object" && type !== "json_schema")
    yield badRequest(
      `Invalid value: '${String(type)}'. Supported values are: 'json_object', 'json_schema', and 'text'.`,
      "response_format.type",
      "invalid_value"
    )
  if (type === "json_object" && !/json/i.test(JSON.stringify(body["messages"])))
    yield badRequest(
      "'messages' must contain the word 'json' in some form, to use 'response_format' of type 'json_object'.",
      "messages",
      null
    )
  if (type !== "json_schema") return
  const wanted = format["json_schema"]
  if (!isJsonObject(wanted)) return yield missing("response_format.json_schema")
  const name = wanted["name"]
  if (typeof name !== "string") return yield missing("response_format.json_schema.name")
  if (strict)
    yield* formatSchemaProblems(wanted["schema"], wanted["strict"] === true, {
      what: `response_format '${name}'`,
      param: "response_format",
      code: null
    })
}

const listOf = (value: Json | undefined): ReadonlyArray<Json> => (Array.isArray(value) ? value : [])

const chosenName = (choice: Json | undefined): string | undefined =>
  isJsonObject(choice) && isJsonObject(choice["function"]) ? String(choice["function"]["name"]) : undefined

const toolsOf = (body: JsonObject): Ask["tools"] =>
  listOf(body["tools"]).flatMap((tool) =>
    isJsonObject(tool) && isJsonObject(tool["function"])
      ? [{ name: String(tool["function"]["name"]), schema: tool["function"]["parameters"] }]
      : []
  )

const textOf = (content: Json | undefined): string =>
  typeof content === "string"
    ? content
    : listOf(content)
        .flatMap((part) => (isJsonObject(part) && typeof part["text"] === "string" ? [part["text"]] : []))
        .join("\n")

/** What a body that has no problem asks. */
export const openAiAsk = (vendor: string, body: JsonObject, model: string, call: number): Ask => {
  const turns: Array<AskTurn> = []
  let images = 0
  for (const message of listOf(body["messages"])) {
    if (!isJsonObject(message)) continue
    const text = textOf(message["content"])
    images += listOf(message["content"]).filter((part) => isJsonObject(part) && part["type"] === "image_url").length
    const before = turns.at(-1)
    if (message["role"] === "tool") {
      if (before?.role === "user" && before.results.length > 0)
        turns[turns.length - 1] = { ...before, results: [...before.results, text] }
      else turns.push({ role: "user", text: "", results: [text] })
    } else if (message["role"] === "user") turns.push({ role: "user", text, results: [] })
    else if (message["role"] === "assistant") turns.push({ role: "assistant", text, results: [] })
  }
  const format = isJsonObject(body["response_format"]) ? body["response_format"] : {}
  const wanted = isJsonObject(format["json_schema"]) ? format["json_schema"]["schema"] : undefined
  const choice = body["tool_choice"]
  const named = chosenName(choice)
  const most = body["max_completion_tokens"] ?? body["max_tokens"]
  const effort = body["reasoning_effort"]
  const stop = body["stop"]
  return {
    vendor,
    model,
    call,
    turns,
    images,
    inputCharacters: countedCharacters([
      body["messages"] ?? null,
      body["tools"] ?? null,
      body["response_format"] ?? null
    ]),
    tools: toolsOf(body),
    toolChoice:
      named !== undefined
        ? { name: named }
        : choice === "none"
          ? "none"
          : choice === "required" || choice === "any"
            ? "required"
            : "auto",
    parallelTools: body["parallel_tool_calls"] !== false,
    format:
      format["type"] === "json_schema" ? (wanted ?? "object") : format["type"] === "json_object" ? "object" : undefined,
    maxTokens: typeof most === "number" ? most : undefined,
    stop: typeof stop === "string" ? [stop] : listOf(stop).map(String),
    thinks: typeof effort === "string" ? effort !== "none" && effort !== "minimal" : /^(o\d|gpt-5(?!\.))/.test(model),
    choices: typeof body["n"] === "number" ? body["n"] : 1
  }
}
