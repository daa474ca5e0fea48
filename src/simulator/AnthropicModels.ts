/**
 * What single generations of Claude refuse, and the part of JSON Schema that they hold answers and calls to.
 *
 * It is said here once more, and not read from the table that Switchyard writes its requests by: a simulator that asks
 * the same table could never find it wrong.
 *
 * Source: https://platform.claude.com/docs (migration guide, adaptive thinking, effort, structured outputs), and the
 * errors in https://github.com/anomalyco/opencode/issues/1644 and https://github.com/OpenHands/software-agent-sdk/pull/3427
 *
 * @module
 */
import { isJsonObject, type Json, type JsonObject } from "../domain/Json.ts"

const from45 = /^claude-(opus-4-[5-9]|sonnet-4-[5-9]|haiku-4-[5-9]|(opus|sonnet|haiku)-[5-9]|fable|mythos)/
const from46 = /^claude-(opus-4-[6-9]|sonnet-4-[6-9]|(opus|sonnet|haiku)-[5-9]|fable|mythos)/
const from47 = /^claude-(opus-4-[7-9]|(opus|sonnet|haiku)-[5-9]|fable|mythos)/
const opus41 = /^claude-opus-4-1/
/** No table knows what other names are. */
const claude = /^claude-/

/** Which levels of effort a model takes; none: it does not know the field. */
const effortsOf = (model: string): ReadonlyArray<string> =>
  from47.test(model)
    ? ["low", "medium", "high", "xhigh", "max"]
    : from46.test(model)
      ? ["low", "medium", "high", "max"]
      : model.startsWith("claude-opus-4-5")
        ? ["low", "medium", "high"]
        : []

/** The most tokens an answer may have. */
const mostTokens: ReadonlyArray<readonly [RegExp, number]> = [
  [/^claude-3-(opus|sonnet|haiku)/, 4096],
  [/^claude-3-5/, 8192],
  [/^claude-opus-4(-1)?(-\d{8})?$/, 32_000],
  [/^claude-(sonnet-4(-5)?|opus-4-5|haiku-4-5)(-\d{8})?$/, 64_000]
]

/** The first thing wrong with a body that has the shape of one, for its model. */
export function* claudeProblems(body: JsonObject): Generator<string> {
  const model = String(body["model"])
  if (!claude.test(model)) return
  const { max_tokens: most, output_config: config, thinking, tool_choice: choice } = body
  const limit = mostTokens.find(([names]) => names.test(model))?.[1]
  if (limit !== undefined && typeof most === "number" && most > limit)
    yield `max_tokens: ${most} > ${limit}, which is the maximum allowed number of output tokens for ${model}`
  const type = isJsonObject(thinking) ? thinking["type"] : undefined
  if (type === "enabled" && from47.test(model))
    yield '"thinking.type.enabled" is not supported for this model. Use "thinking.type.adaptive" and "output_config.effort" to control thinking behavior.'
  if (type === "adaptive" && !from46.test(model)) yield "adaptive thinking is not supported on this model"
  if (type === "enabled" && /^claude-(2|instant|3-[05]|3-(opus|sonnet|haiku))/.test(model))
    yield "thinking: This model does not support thinking."
  if (type === "disabled" && /^claude-(fable|mythos)/.test(model))
    yield '"thinking.type.disabled" is not supported for this model.'
  const effort = isJsonObject(config) ? config["effort"] : undefined
  if (typeof effort === "string") {
    const takes = effortsOf(model)
    if (takes.length === 0) yield "This model does not support the effort parameter."
    if (!takes.includes(effort))
      yield `This model does not support effort level '${effort}'. Supported levels: ${[...takes].sort().join(", ")}.`
  }
  yield* samplingProblems(body, model, type === "enabled" || type === "adaptive")
  const forced = isJsonObject(choice) && (choice["type"] === "any" || choice["type"] === "tool")
  if (forced && type === "enabled") yield "Thinking may not be enabled when tool_choice forces tool use."
  yield* schemaProblems(body, model)
}

function* samplingProblems(body: JsonObject, model: string, thinks: boolean): Generator<string> {
  const { temperature, top_k: topK, top_p: topP } = body
  if (from47.test(model)) {
    for (const [key, value, plain] of [
      ["temperature", temperature, 1],
      ["top_p", topP, 1],
      ["top_k", topK, undefined]
    ] as const)
      if (typeof value === "number" && value !== plain) yield `\`${key}\` is deprecated for this model.`
    return
  }
  if ((from45.test(model) || opus41.test(model)) && typeof temperature === "number" && typeof topP === "number")
    yield "`temperature` and `top_p` cannot both be specified for this model. Please use only one."
  if (!thinks) return
  if (typeof temperature === "number" && temperature !== 1)
    yield "`temperature` may only be set to 1 when thinking is enabled or in adaptive mode."
  if (typeof topP === "number" && topP < 0.95)
    yield "`top_p` must be greater than or equal to 0.95 or unset when thinking is enabled or in adaptive mode."
  if (typeof topK === "number") yield "`top_k` must be unset when thinking is enabled or in adaptive mode."
}

function* schemaProblems(body: JsonObject, model: string): Generator<string> {
  const config = body["output_config"]
  const format = isJsonObject(config) ? config["format"] : undefined
  const holds = from45.test(model) || opus41.test(model)
  if (isJsonObject(format)) {
    if (!holds) yield `'${model}' does not support output format.`
    const problem = schemaProblem(format["schema"])
    if (problem !== undefined) yield `output_config.format.schema: ${problem}`
  }
  const tools: ReadonlyArray<Json> = Array.isArray(body["tools"]) ? body["tools"] : []
  for (const [index, tool] of tools.entries()) {
    if (!isJsonObject(tool) || tool["strict"] !== true) continue
    if (!holds) yield `'${model}' does not support strict tools.`
    const problem = schemaProblem(tool["input_schema"])
    if (problem !== undefined) yield `tools.${index}.custom: ${problem}`
  }
}

const numeric = ["minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"]
/** By type, what is not held to. */
const unsupported: Readonly<Record<string, ReadonlyArray<string>>> = {
  string: ["minLength", "maxLength"],
  number: numeric,
  integer: numeric,
  array: ["maxItems", "uniqueItems", "contains", "prefixItems"],
  object: ["patternProperties", "minProperties", "maxProperties", "propertyNames"]
}
const nowhere = ["oneOf", "not", "if", "then", "else", "dependentSchemas", "dependentRequired"]

const schemaProblem = (schema: Json | undefined): string | undefined => {
  if (!isJsonObject(schema)) return undefined
  const types: ReadonlyArray<Json> = Array.isArray(schema["type"]) ? schema["type"] : [schema["type"] ?? null]
  for (const type of types) {
    const odd = unsupported[String(type)]?.find((key) => key in schema)
    if (odd !== undefined) return `For '${String(type)}' type, property '${odd}' is not supported`
  }
  const odd = nowhere.find((key) => key in schema)
  if (odd !== undefined) return `Schema type '${odd}' is not supported`
  if (typeof schema["minItems"] === "number" && schema["minItems"] > 1)
    return "For 'array' type, 'minItems' values other than 0 or 1 are not supported"
  if (types.includes("object") && schema["additionalProperties"] !== false)
    return "For 'object' type, 'additionalProperties' must be explicitly set to false"
  const members = ["properties", "$defs", "definitions"].flatMap((key) => {
    const holder = schema[key]
    return isJsonObject(holder) ? Object.values(holder) : []
  })
  const listed = ["anyOf", "allOf"].flatMap((key): ReadonlyArray<Json> => {
    const holder = schema[key]
    return Array.isArray(holder) ? holder : []
  })
  for (const one of [...members, ...listed, schema["items"]]) {
    const problem = schemaProblem(one)
    if (problem !== undefined) return problem
  }
  return undefined
}
