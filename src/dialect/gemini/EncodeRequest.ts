/**
 * `ChatRequest` → a body of `POST …/models/{model}:generateContent` (or `:streamGenerateContent`).
 *
 * A request that came in on this wire is sent as its caller wrote it, but for the refused fields: the model and the
 * delivery are in the URL, which is the provider's. Any other is written anew:
 *
 * - System and developer messages at the head become `systemInstruction`. One further down becomes a part of the
 *   user's turn, between `<system>` tags: the wire has no place for it, and moving it to the top would change what it
 *   refers to. Where there is nothing but system text it is the user's message, since the wire asks for one.
 * - Messages of one role that follow each other are joined. Results of functions stay a turn by themselves: the vendor
 *   counts them against the calls of the turn before.
 * - Another vendor's thoughts are left out; its function calls are sent with a stand-in for the thought signature that
 *   newer models insist on.
 * - Schemas go as JSON Schema, in the vendor's subset (`JsonSchema.ts`).
 * - What a generation of models refuses (`Models.ts`) is left out and told as dropped where it only tunes; JSON held to
 *   a schema beside functions cannot be left out, and is a fault where the model does not take both.
 * - What only other wires have is in `Foreign.ts`.
 *
 * @module
 */
import { Result } from "effect"
import type { ChatRequest } from "../../domain/ChatRequest.ts"
import { isJsonObject, type Json, type JsonObject, omitKeys } from "../../domain/Json.ts"
import type { Message } from "../../domain/Message.ts"
import type { Tool } from "../../domain/Tool.ts"
import { append } from "../append.ts"
import { withFunctionsForCustom } from "../CustomAsFunction.ts"
import { describedSchema } from "../DescribedSchema.ts"
import type { EncodedRequest, EncodeFault, Target } from "../Dialect.ts"
import { geminiToolName, unfitName } from "../ToolName.ts"
import { Faults, each } from "../Faults.ts"
import { foreignIn, kindOf, withCarried } from "../Foreign.ts"
import { orderly } from "../History.ts"
import { type Allowance, allowanceForRequest, toGeminiSchema } from "./JsonSchema.ts"
import { type ModelRow, modelRow, thinkingFor } from "./Models.ts"
import { inCallOrder } from "../Turns.ts"
import { withOwnSignatures } from "./OwnSignatures.ts"
import { wireParts, type Writing } from "./Parts.ts"
import { headersKept } from "../VendorOwn.ts"
import { cannot, dialectId, headersLabel, objectAt, ownFields } from "./Wire.ts"

type Encoded<A> = Result.Result<A, EncodeFault>

/** The most stop sequences the vendor takes. */
export const maxStopSequences = 5
/** The most answers a call gives. https://ai.google.dev/api/generate-content#generationconfig */
const mostCandidates = 8

export const encodeRequest = (request: ChatRequest, target: Target): Encoded<EncodedRequest> => {
  const { wire } = request
  if (wire?.dialect === dialectId)
    return Result.succeed(refusing(withOwnSignatures(wire.body, modelRow(target.model)), target, wire.headers, []))
  const faults = new Faults()
  const { body, dropped } = written(request, target, faults)
  return faults.outcome(refusing(body, target, headersKept(request, headersLabel), dropped))
}

/** Leaves out what the vendor refuses, at the top of the body and in `generationConfig`. */
const refusing = (
  body: JsonObject,
  target: Target,
  headers: Readonly<Record<string, string>>,
  dropped: ReadonlyArray<string>
): EncodedRequest => {
  const { refuses } = target.quirks
  const config = objectAt(body, "generationConfig")
  const refused = refuses.filter((field) => field in body || (config !== undefined && field in config))
  if (refused.length === 0) return { body, headers, dropped }
  const left = omitKeys(body, refused)
  return {
    body:
      config === undefined || !("generationConfig" in left)
        ? left
        : { ...left, generationConfig: omitKeys(config, refused) },
    headers,
    dropped: [...new Set([...dropped, ...refused])]
  }
}

interface Written {
  readonly body: JsonObject
  readonly dropped: ReadonlyArray<string>
}

const written = (asked: ChatRequest, target: Target, faults: Faults): Written => {
  const foreign = foreignIn(asked, dialectId)
  faults.add(foreign.fault)
  const request = withFunctionsForCustom(asked)
  const row = modelRow(target.model)
  const turns = Result.flatMap(orderly(request), (messages) => turnsOf(inCallOrder(messages), row))
  const { contents, system } = faults.take(turns, { system: [], contents: [] })
  const cannot = (feature: string, message: string): void => faults.add({ feature, message })
  const translated = request.wire !== undefined
  if (translated && !row.prefill && contents.at(-1)?.["role"] === "model")
    cannot("prefill", "This Gemini model takes no words of the model as the last turn")
  if (translated && opensWithCall(contents[0]))
    cannot("tool calls before any user message", "The Gemini API takes a function call only after a user's turn")
  const tools = faults.take(toolsOf(request.tools, allowanceForRequest()), [])
  faults.add(unfitName(request.tools, geminiToolName))
  if ((request.sampling.n ?? 1) > mostCandidates)
    cannot("n", `The Gemini API gives at most ${mostCandidates} answers a call`)
  const callable = request.tools.some((tool) => tool._tag === "Function")
  if (callable && !row.jsonWithTools && (request.responseFormat?._tag ?? "Text") !== "Text")
    cannot("response_format with tools", "This Gemini model takes no answer format in JSON beside functions")
  const dropped = [...foreign.dropped]
  const own = ownFields(request) ?? {}
  const generationConfig = {
    ...objectAt(own, "generationConfig"),
    ...samplingOf(request, target, row, dropped),
    ...formatOf(request, target, dropped),
    ...thinkingOf(request, row, dropped)
  }
  if (request.parallelToolCalls === false && callable) dropped.push("parallel_tool_calls")
  const choice = callable ? callingConfigOf(request) : undefined
  const toolConfig = {
    ...objectAt(own, "toolConfig"),
    ...(choice === undefined
      ? {}
      : {
          functionCallingConfig: { ...objectAt(objectAt(own, "toolConfig") ?? {}, "functionCallingConfig"), ...choice }
        })
  }
  const body: JsonObject = {
    ...omitKeys(own, ["generationConfig", "toolConfig"]),
    ...(system.length === 0 ? {} : { systemInstruction: { parts: system } }),
    contents,
    ...(tools.length === 0 ? {} : { tools }),
    ...(Object.keys(toolConfig).length === 0 ? {} : { toolConfig }),
    ...(Object.keys(generationConfig).length === 0 ? {} : { generationConfig })
  }
  return { body: withThinking(withCarried(body, request, dialectId), row, dropped), dropped }
}

/** A model that does not think takes no word about its thoughts. */
const withThinking = (body: JsonObject, row: ModelRow, dropped: Array<string>): JsonObject => {
  const config = objectAt(body, "generationConfig")
  if (row.thinking.kind !== "none" || config === undefined || !("thinkingConfig" in config)) return body
  if (!dropped.includes("reasoning")) dropped.push("reasoning")
  return { ...body, generationConfig: omitKeys(config, ["thinkingConfig"]) }
}

// ---- messages

interface Turn {
  readonly role: "user" | "model"
  /** Does it hold results of functions? */
  readonly results: boolean
  readonly parts: Array<JsonObject>
}

interface Turns {
  readonly system: ReadonlyArray<JsonObject>
  readonly contents: ReadonlyArray<JsonObject>
}

const turnsOf = (messages: ReadonlyArray<Message>, row: ModelRow): Encoded<Turns> => {
  const system: Array<JsonObject> = []
  const turns: Array<Turn> = []
  const writing: Writing = { row, callNames: new Map() }
  const said = each(messages, ({ content, role }) =>
    Result.flatMap(wireParts(content, writing), (parts) =>
      (role === "system" || role === "developer") && parts.some((part) => typeof part["text"] !== "string")
        ? cannot("system prompts", "The Gemini API takes only text as a system instruction")
        : Result.succeed({ role, parts })
    )
  )
  if (Result.isFailure(said)) return Result.fail(said.failure)
  for (const { parts, role } of said.success) {
    if (role === "system" || role === "developer") {
      if (turns.length === 0) append(system, parts)
      else join(turns, { role: "user", results: false, parts: parts.map(tagged) })
    } else join(turns, { role: role === "assistant" ? "model" : "user", results: role === "tool", parts: [...parts] })
  }
  if (turns.length === 0)
    return system.length === 0
      ? cannot("empty messages", "This wire has no message without content")
      : Result.succeed({ system: [], contents: [{ role: "user", parts: system }] })
  return Result.succeed({ system, contents: turns.map(({ role, parts }) => ({ role, parts })) })
}

const opensWithCall = (content: JsonObject | undefined): boolean => {
  const { parts, role } = content ?? {}
  return role === "model" && Array.isArray(parts) && parts.some((part) => isJsonObject(part) && "functionCall" in part)
}

const tagged = (part: JsonObject): JsonObject => ({ ...part, text: `<system>\n${String(part["text"])}\n</system>` })

/** Adds a turn, or what it says to the last one of its kind; nothing where it is empty. */
const join = (turns: Array<Turn>, turn: Turn): void => {
  if (turn.parts.length === 0) return
  const last = turns.at(-1)
  if (last !== undefined && last.role === turn.role && last.results === turn.results) append(last.parts, turn.parts)
  else turns.push(turn)
}

// ---- tools

/** All functions in one tool, the vendor's own tools after it as they were defined. */
const toolsOf = (tools: ReadonlyArray<Tool>, allowance: Allowance): Encoded<ReadonlyArray<JsonObject>> => {
  const functionDeclarations: Array<JsonObject> = []
  const hosted: Array<JsonObject> = []
  const foreign = each(tools, (tool) =>
    tool._tag === "Hosted" && tool.dialect !== dialectId
      ? cannot(kindOf(tool.definition, "hosted tools"), `Only the ${tool.dialect} wire has this tool`)
      : Result.succeed(tool)
  )
  if (Result.isFailure(foreign)) return Result.fail(foreign.failure)
  for (const tool of foreign.success) {
    if (tool._tag === "Hosted") {
      hosted.push(tool.definition)
      continue
    }
    const { name, description, parameters } = tool
    const takesNone = parameters === undefined || Object.keys(parameters).length === 0
    functionDeclarations.push({
      ...ownFields(tool),
      name,
      ...(description === undefined ? {} : { description }),
      ...(takesNone ? {} : { parametersJsonSchema: { type: "object", ...toGeminiSchema(parameters, allowance) } })
    })
  }
  return Result.succeed([...(functionDeclarations.length === 0 ? [] : [{ functionDeclarations }]), ...hosted])
}

/** `functionCallingConfig`; the wire answers it with an error where there is no function. */
const callingConfigOf = ({ toolChoice }: ChatRequest): JsonObject | undefined => {
  switch (toolChoice?._tag) {
    case undefined:
      return undefined
    case "Auto":
      return { mode: "AUTO" }
    case "None":
      return { mode: "NONE" }
    case "Required":
      return { mode: "ANY" }
    case "Named":
      return { mode: "ANY", allowedFunctionNames: [toolChoice.name] }
  }
}

// ---- settings

const samplingOf = (request: ChatRequest, target: Target, row: ModelRow, dropped: Array<string>): JsonObject => {
  const { sampling } = request
  const config: Record<string, Json> = {}
  const set = (key: string, value: Json | undefined): void => {
    if (value !== undefined) config[key] = value
  }
  set("temperature", sampling.temperature)
  set("topP", sampling.topP)
  set("topK", sampling.topK)
  set("seed", sampling.seed)
  if (sampling.n !== undefined && sampling.n > 1) config["candidateCount"] = sampling.n
  if (sampling.maxTokens !== undefined)
    config["maxOutputTokens"] = Math.min(sampling.maxTokens, target.maxOutputTokens ?? sampling.maxTokens)
  // a sequence of nothing stops nothing, and the vendor refuses it
  const stops = (sampling.stop ?? []).filter((sequence) => sequence !== "")
  if (stops.length > 0) config["stopSequences"] = stops.slice(0, maxStopSequences)
  if (stops.length > maxStopSequences) dropped.push("stop")
  if (row.penalties) {
    set("presencePenalty", sampling.presencePenalty)
    set("frequencyPenalty", sampling.frequencyPenalty)
  } else {
    // zero is what they are without being said
    if ((sampling.presencePenalty ?? 0) !== 0) dropped.push("presence_penalty")
    if ((sampling.frequencyPenalty ?? 0) !== 0) dropped.push("frequency_penalty")
  }
  if (sampling.logprobs === true) {
    if (row.logprobs) {
      config["responseLogprobs"] = true
      set("logprobs", sampling.topLogprobs)
    } else {
      dropped.push("logprobs")
      if (sampling.topLogprobs !== undefined) dropped.push("top_logprobs")
    }
  } else if (sampling.topLogprobs !== undefined) dropped.push("top_logprobs")
  return config
}

const formatOf = ({ responseFormat }: ChatRequest, target: Target, dropped: Array<string>): JsonObject => {
  const { structuredOutput } = target.quirks
  if (responseFormat === undefined || responseFormat._tag === "Text") return {}
  if (structuredOutput === "none") {
    dropped.push("response_format")
    return {}
  }
  const json = { responseMimeType: "application/json" }
  if (responseFormat._tag === "JsonObject") return json
  if (structuredOutput === "json_schema")
    return { ...json, responseJsonSchema: toGeminiSchema(describedSchema(responseFormat, dropped)) }
  dropped.push("response_format.json_schema")
  return json
}

const thinkingOf = (request: ChatRequest, row: ModelRow, dropped: Array<string>): JsonObject => {
  const { config, dropped: lost } = thinkingFor(row, request.reasoning)
  if (lost) dropped.push("reasoning")
  const own = objectAt(objectAt(ownFields(request) ?? {}, "generationConfig") ?? {}, "thinkingConfig")
  return config === undefined ? {} : { thinkingConfig: { ...config, ...own } }
}
