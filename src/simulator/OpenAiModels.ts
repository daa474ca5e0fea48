/**
 * What single models of OpenAI refuse.
 *
 * It is said here once more, and not read from the table that Switchyard writes its requests by: a simulator that asks
 * the same table could never find it wrong.
 *
 * Source: https://platform.openai.com/docs/guides/reasoning, the pages of the models, and the errors in
 * https://github.com/openai/openai-openapi/issues/541 and https://github.com/run-llama/llama_index/issues/20865
 *
 * @module
 */
import { isJsonObject, type Json, type JsonObject } from "../domain/Json.ts"
import { badRequest } from "./OpenAiErrors.ts"
import type { Plain } from "./Wire.ts"

interface Efforts {
  readonly names: RegExp
  /** Those it takes; none: it does not know the field. */
  readonly takes: ReadonlyArray<string>
  /** What it thinks at where nothing is said. */
  readonly unsaid: string
}

const efforts = (names: RegExp, takes: string, unsaid = "medium"): Efforts => ({
  names,
  takes: takes === "" ? [] : takes.split(" "),
  unsaid
})

/** The first whose names fit counts; of other names nothing is known. */
const models: ReadonlyArray<Efforts> = [
  efforts(/^o1-(mini|preview)/, ""),
  efforts(/^o\d/, "low medium high"),
  efforts(/^gpt-5-pro/, "high", "high"),
  efforts(/^gpt-5\.\d+-pro/, "medium high xhigh"),
  efforts(/^gpt-5\.(1-codex-max|[2-9]-codex)/, "low medium high xhigh"),
  efforts(/^gpt-5(\.\d)?-codex/, "low medium high"),
  efforts(/^gpt-5\.\d-chat/, "medium", "none"),
  efforts(/^gpt-5-chat/, "", "none"),
  efforts(/^gpt-5\.1/, "none low medium high", "none"),
  efforts(/^gpt-5\.[2-4]/, "none low medium high xhigh", "none"),
  efforts(/^gpt-5\.5/, "none low medium high xhigh"),
  efforts(/^gpt-(5\.|[6-9])/, "none low medium high xhigh max"),
  efforts(/^gpt-5/, "minimal low medium high"),
  efforts(/^(ft:)?(gpt-[34]|chatgpt-)/, "", "none")
]

const rowOf = (model: string): Efforts | undefined => models.find(({ names }) => names.test(model))

/** An effort, said under `param`, that the model does not take. */
export function* effortProblems(model: string, effort: Json | undefined, param: string): Generator<Plain> {
  const row = rowOf(model)
  if (effort === undefined || effort === null || row === undefined) return
  if (row.takes.length === 0) yield unsupported(param)
  if (!row.takes.includes(String(effort)))
    yield badRequest(
      `Unsupported value: '${param}' does not support '${String(effort)}' with this model. Supported values are: ${quoted(row.takes)}.`,
      param,
      "unsupported_value"
    )
}

const quoted = (words: ReadonlyArray<string>): string => words.map((word) => `'${word}'`).join(", ")

const unsupported = (param: string): Plain =>
  badRequest(`Unsupported parameter: '${param}' is not supported with this model.`, param, "unsupported_parameter")

/** Fields a model refuses while it thinks, and what may be said all the same. */
const whileThinking: ReadonlyArray<readonly [string, Json]> = [
  ["temperature", 1],
  ["top_p", 1],
  ["logprobs", false],
  ["top_logprobs", 0]
]
/** Fields that models which can think never take. */
const neverThinking: ReadonlyArray<readonly [string, Json]> = [
  ["presence_penalty", 0],
  ["frequency_penalty", 0]
]

/** Fields that shape how a model draws its words, for a model that thinks at `effort`. */
export function* drawingProblems(model: string, body: JsonObject, effort: Json | undefined): Generator<Plain> {
  const row = rowOf(model)
  if (row === undefined || (row.takes.length === 0 && !model.startsWith("o1-")) || /-chat/.test(model)) return
  const thinks = (effort ?? row.unsaid) !== "none"
  for (const [field, plain] of [...(thinks ? whileThinking : []), ...neverThinking]) {
    const value = body[field] ?? null
    if (value === null || value === plain) continue
    if (typeof value !== "number") yield unsupported(field)
    yield badRequest(
      `Unsupported value: '${field}' does not support ${String(value)} with this model. Only the default (${String(plain)}) value is supported.`,
      field,
      "unsupported_value"
    )
  }
  if ((body["stop"] ?? null) !== null && !/^(o1|o3-mini)/.test(model)) yield unsupported("stop")
}

/** What only Chat Completions refuses of single models. */
export function* chatModelProblems(model: string, body: JsonObject): Generator<Plain> {
  const effort = body["reasoning_effort"]
  yield* effortProblems(model, effort, "reasoning_effort")
  yield* drawingProblems(model, body, effort)
  const tools: ReadonlyArray<Json> = Array.isArray(body["tools"]) ? body["tools"] : []
  const functions = tools.filter((tool) => isJsonObject(tool) && tool["type"] === "function")
  if (/^gpt-(5\.[4-9]|[6-9])(?!.*chat)/.test(model) && functions.length > 0 && (effort ?? "none") !== "none")
    yield badRequest(
      `Function tools with reasoning_effort are not supported for ${model} in /v1/chat/completions. Please use /v1/responses instead.`,
      "reasoning_effort",
      null
    )
  if (/^o\d/.test(model) && (body["parallel_tool_calls"] ?? null) !== null) yield unsupported("parallel_tool_calls")
  if (/^o1-(mini|preview)/.test(model)) {
    const messages: ReadonlyArray<Json> = Array.isArray(body["messages"]) ? body["messages"] : []
    for (const [index, message] of messages.entries()) {
      const role = isJsonObject(message) ? message["role"] : undefined
      if (role === "system" || role === "developer")
        yield badRequest(
          `Unsupported value: 'messages[${index}].role' does not support '${role}' with this model.`,
          `messages[${index}].role`,
          "unsupported_value"
        )
    }
    for (const field of ["tools", "response_format"]) if ((body[field] ?? null) !== null) yield unsupported(field)
  }
  const format = body["response_format"]
  if (/^gpt-(3\.5|4(?![\d.o]))/.test(model) && isJsonObject(format) && format["type"] === "json_schema")
    yield badRequest(
      "Invalid parameter: 'response_format' of type 'json_schema' is not supported with this model.",
      "response_format",
      null
    )
}
