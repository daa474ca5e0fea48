/**
 * A body of `POST …/models/{model}:generateContent` (or `:streamGenerateContent`) → `ChatRequest`.
 *
 * The model and the delivery are in the path: whoever reads the path gives them (`Asked`). What the domain has no word
 * for is not lost: the body rides along as `wire`, and in case a stage edits the request (and drops `wire`) the same
 * fields stand in the extensions, each where it belongs.
 *
 * - A call that is forced on several functions by name leaves only those among the tools: no other wire has a list.
 * - `labels` are for the vendor's bill and stay its own; `cachedContent` and modalities other than text have no word
 *   outside this wire.
 * - `fallbacks` and `models` are Switchyard's own.
 *
 * @module
 */
import { Result } from "effect"
import type { ChatRequest, Reasoning, ReasoningEffort, ResponseFormat, Sampling } from "../../domain/ChatRequest.ts"
import { isJsonObject, type Json, type JsonObject, omitKeys } from "../../domain/Json.ts"
import type { Message } from "../../domain/Message.ts"
import type { Tool, ToolChoice } from "../../domain/Tool.ts"
import type { HeaderMap, RequestFault } from "../Dialect.ts"
import { bodyDecoder, tooManyFallbacks } from "../Issues.ts"
import { GenerateContentRequest, oneSpelling } from "./RequestBody.ts"
import { keepIn, vendorHeadersOf } from "../VendorOwn.ts"
import { instructionOf, messagesOf } from "./RequestParts.ts"
import { fromVendorSchema } from "./VendorSchema.ts"
import { dialectId, headersLabel, keeping, keepingBut, numberAt, objectAt, objectsAt, textAt } from "./Wire.ts"

type Decoded<A> = Result.Result<A, RequestFault>

/** What the path says of a request. */
export interface Asked {
  readonly model: string
  readonly delivery: ChatRequest["delivery"]
}

/** Headers that go on to the vendor: which kind of capacity of Vertex AI a request may use. */
export const vendorHeaders: ReadonlyArray<string> = [
  "x-vertex-ai-llm-request-type",
  "x-vertex-ai-llm-shared-request-type"
]

/** The domain has no name for a format; other wires ask for one. */
const formatName = "answer"

const decodeBody = bodyDecoder(GenerateContentRequest)

export const decodeRequest =
  (asked: Asked) =>
  (body: Json, headers: HeaderMap): Decoded<ChatRequest> => {
    const spelt = oneSpelling(body)
    return Result.flatMap(decodeBody(spelt), (decoded) =>
      // a body that decodes is an object
      requestOf(asked, decoded, isJsonObject(spelt) ? spelt : {}, isJsonObject(body) ? body : {}, headers)
    )
  }

const requestOf = (
  { delivery, model }: Asked,
  decoded: GenerateContentRequest,
  body: JsonObject,
  written: JsonObject,
  headers: HeaderMap
): Decoded<ChatRequest> => {
  const names = [...(decoded.fallbacks ?? []), ...(decoded.models ?? [])]
  const fallbacks = [...new Set(names)].filter((name) => name !== model)
  const fault = tooManyFallbacks(fallbacks)
  if (fault !== undefined) return Result.fail(fault)
  const config = objectAt(body, "generationConfig") ?? {}
  const calling = objectAt(objectAt(body, "toolConfig") ?? {}, "functionCallingConfig") ?? {}
  const choice = toolChoiceOf(calling)
  const format = formatOf(config)
  const reasoning = reasoningOf(config)
  const sent = vendorHeadersOf(headers, vendorHeaders)
  const own = extensionsOf(body, choice !== undefined, format !== undefined)
  const extensions = {
    ...keeping(own).extensions,
    ...(Object.keys(sent).length === 0 ? {} : { [headersLabel]: sent })
  }
  return Result.succeed({
    model,
    delivery,
    messages: [...systemOf(body), ...messagesOf(objectsAt(body, "contents"))],
    tools: allowed(toolsOf(objectsAt(body, "tools")), calling),
    ...(choice === undefined ? {} : { toolChoice: choice }),
    ...(format === undefined ? {} : { responseFormat: format }),
    sampling: samplingOf(config),
    ...(reasoning === undefined ? {} : { reasoning }),
    usageWanted: true,
    fallbacks,
    wire: { dialect: dialectId, body: omitKeys(written, ownNames), headers: sent },
    ...(Object.keys(extensions).length === 0 ? {} : { extensions })
  })
}

/** Fields that do not go on. A `model` in the body says again what the path has said. */
const ownNames = ["fallbacks", "models", "model"]

const systemOf = (body: JsonObject): ReadonlyArray<Message> => {
  const content = instructionOf(objectAt(body, "systemInstruction") ?? {})
  return content.length === 0 ? [] : [{ role: "system", content }]
}

// ---- tools

/** The caller's functions; whatever else a tool is made of is the vendor's own. */
const toolsOf = (tools: ReadonlyArray<JsonObject>): ReadonlyArray<Tool> =>
  tools.flatMap((tool): ReadonlyArray<Tool> => {
    const hosted = omitKeys(tool, ["functionDeclarations"])
    return [
      ...objectsAt(tool, "functionDeclarations").map(functionOf),
      ...(Object.keys(hosted).length === 0 ? [] : [{ _tag: "Hosted" as const, dialect: dialectId, definition: hosted }])
    ]
  })

const functionOf = (declared: JsonObject): Tool => {
  const { description, parameters, parametersJsonSchema } = declared
  const schema = isJsonObject(parametersJsonSchema)
    ? parametersJsonSchema
    : isJsonObject(parameters)
      ? fromVendorSchema(parameters)
      : undefined
  return {
    _tag: "Function",
    name: textAt(declared, "name") ?? "",
    ...(typeof description === "string" ? { description } : {}),
    ...(schema === undefined ? {} : { parameters: schema }),
    ...keepingBut(declared, ["name", "description", "parameters", "parametersJsonSchema"])
  }
}

const allowedNames = (calling: JsonObject): ReadonlyArray<Json> => {
  const names = calling["allowedFunctionNames"]
  return Array.isArray(names) ? names : []
}

/** The tools the caller lets the model call. */
const allowed = (tools: ReadonlyArray<Tool>, calling: JsonObject): ReadonlyArray<Tool> => {
  const names = allowedNames(calling)
  // a single name that must be called is the choice itself
  const isNamed = names.length === 1 && textAt(calling, "mode")?.toUpperCase() === "ANY"
  if (names.length === 0 || isNamed) return tools
  return tools.filter((tool) => tool._tag === "Hosted" || names.includes(tool.name))
}

/** Modes that no other wire has (`VALIDATED`) leave the choice open and stay in the extensions. */
const toolChoiceOf = (calling: JsonObject): ToolChoice | undefined => {
  switch (textAt(calling, "mode")?.toUpperCase()) {
    case "AUTO":
      return { _tag: "Auto" }
    case "NONE":
      return { _tag: "None" }
    case "ANY": {
      const [only, ...others] = allowedNames(calling)
      return typeof only === "string" && others.length === 0 ? { _tag: "Named", name: only } : { _tag: "Required" }
    }
    default:
      return undefined
  }
}

// ---- settings

const samplingOf = (config: JsonObject): Sampling => {
  const out: Record<string, Json> = {}
  for (const [key, name] of samplingNames) {
    const value = config[key]
    // what the domain counts in whole numbers stays the vendor's own where it is none
    if (value !== undefined && (key !== "topK" || Number.isInteger(value))) out[name] = value
  }
  return out
}

/** Fields of `generationConfig`, checked by the Schema, and the domain's words for them. */
const samplingNames: ReadonlyArray<readonly [string, keyof Sampling]> = [
  ["maxOutputTokens", "maxTokens"],
  ["temperature", "temperature"],
  ["topP", "topP"],
  ["topK", "topK"],
  ["stopSequences", "stop"],
  ["seed", "seed"],
  ["presencePenalty", "presencePenalty"],
  ["frequencyPenalty", "frequencyPenalty"],
  ["candidateCount", "n"],
  ["responseLogprobs", "logprobs"],
  ["logprobs", "topLogprobs"]
]

const formatOf = (config: JsonObject): ResponseFormat | undefined => {
  const { responseJsonSchema, responseMimeType, responseSchema } = config
  if (responseMimeType !== "application/json") return undefined
  const schema = isJsonObject(responseJsonSchema)
    ? responseJsonSchema
    : isJsonObject(responseSchema)
      ? fromVendorSchema(responseSchema)
      : undefined
  return schema === undefined ? { _tag: "JsonObject" } : { _tag: "JsonSchema", name: formatName, schema }
}

/** A budget of 0 turns thinking off, one of -1 (and a wish for thoughts alone) leaves it to the model. */
const reasoningOf = (config: JsonObject): Reasoning | undefined => {
  const thinking = objectAt(config, "thinkingConfig")
  if (thinking === undefined) return undefined
  const budget = numberAt(thinking, "thinkingBudget")
  if (budget === 0) return { disabled: true }
  const effort = efforts[textAt(thinking, "thinkingLevel")?.toUpperCase() ?? ""]
  if (effort !== undefined) return { effort }
  if (budget !== undefined && budget > 0) return { budgetTokens: budget }
  return budget !== undefined || thinking["includeThoughts"] === true ? { adaptive: true } : undefined
}

const efforts: Readonly<Record<string, ReasoningEffort | undefined>> = {
  MINIMAL: "minimal",
  LOW: "low",
  MEDIUM: "medium",
  HIGH: "high"
}

// ---- what is this wire's own

const modelled = ["contents", "systemInstruction", "tools", ...ownNames]
const modelledInThinking = ["includeThoughts", "thinkingBudget", "thinkingLevel"]

const extensionsOf = (body: JsonObject, hasChoice: boolean, hasFormat: boolean): JsonObject => {
  const fields: Record<string, Json> = { ...omitKeys(body, [...modelled, "toolConfig", "generationConfig"]) }
  const toolConfig = objectAt(body, "toolConfig")
  if (toolConfig !== undefined) keepIn(fields, "toolConfig", hasChoice ? withoutChoice(toolConfig) : toolConfig)
  const config = objectAt(body, "generationConfig")
  if (config === undefined) return fields
  const known = samplingNames.map(([key]) => key).filter((key) => key !== "topK" || Number.isInteger(config["topK"]))
  const format = hasFormat ? ["responseMimeType", "responseSchema", "responseJsonSchema"] : []
  const rest: Record<string, Json> = { ...omitKeys(config, [...known, ...format, "thinkingConfig"]) }
  keepIn(rest, "thinkingConfig", omitKeys(objectAt(config, "thinkingConfig") ?? {}, modelledInThinking))
  keepIn(fields, "generationConfig", rest)
  return fields
}

const withoutChoice = (toolConfig: JsonObject): JsonObject => {
  const out: Record<string, Json> = { ...omitKeys(toolConfig, ["functionCallingConfig"]) }
  const calling = objectAt(toolConfig, "functionCallingConfig") ?? {}
  keepIn(out, "functionCallingConfig", omitKeys(calling, ["mode", "allowedFunctionNames"]))
  return out
}
