/**
 * Reads a generateContent request as Gemini does: the first thing that is wrong with it, or what it asks.
 *
 * Google's JSON takes every field in camel case and in snake case; so does this. Models from Gemini 3 on want their
 * thought signature back with a function call of the current turn.
 *
 * @module
 */
import { isJsonObject, type Json, type JsonObject } from "../domain/Json.ts"
import { invalidArgument } from "./GeminiErrors.ts"
import { generationProblems } from "./GeminiModels.ts"
import type { Ask, AskTurn } from "./Speech.ts"
import { countedCharacters, type Plain } from "./Wire.ts"

const bodyFields =
  "cachedContent contents generationConfig labels model safetySettings serviceTier store systemInstruction toolConfig tools"
const generationFields =
  "audioTimestamp audioTranscriptionConfig candidateCount enableAffectiveDialog enableEnhancedCivicAnswers " +
  "frequencyPenalty imageConfig logprobs maxOutputTokens mediaResolution modelSelectionConfig presencePenalty " +
  "responseFormat responseJsonSchema responseLogprobs responseMimeType responseModalities responseSchema " +
  "routingConfig seed speechConfig stopSequences temperature thinkingConfig topK topP translationConfig"
const partFields =
  "text inlineData fileData functionCall functionResponse executableCode codeExecutionResult thought thoughtSignature " +
  "videoMetadata mediaResolution partMetadata toolCall toolResponse"
const toolFields =
  "functionDeclarations googleSearch googleSearchRetrieval codeExecution urlContext computerUse googleMaps fileSearch " +
  "retrieval enterpriseWebSearch mcpServers"

const camel = (key: string): string => key.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase())

/** A field in either spelling. */
const get = (object: Json | undefined, key: string): Json | undefined =>
  isJsonObject(object)
    ? (object[key] ?? object[key.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)])
    : undefined

const listOf = (value: Json | undefined): ReadonlyArray<Json> => (Array.isArray(value) ? value : [])

/** The first thing wrong with a body, as Gemini's error. */
export const geminiProblem = (body: JsonObject, model: string): Plain | undefined =>
  problems(body, model).next().value ?? undefined

function* unknownFields(value: Json | undefined, known: string, at: string): Generator<Plain> {
  if (!isJsonObject(value)) return
  const names = known.split(" ")
  for (const key of Object.keys(value))
    if (!names.includes(camel(key)))
      yield invalidArgument(
        `Invalid JSON payload received. Unknown name "${key}"${at === "" ? "" : ` at '${at}'`}: Cannot find field.`,
        at
      )
}

const invalidValue = (at: string, type: string, value: Json): Plain =>
  invalidArgument(`Invalid value at '${at}' (${type}), ${JSON.stringify(value).slice(0, 60)}`, at)

function* problems(body: JsonObject, model: string): Generator<Plain> {
  yield* unknownFields(body, bodyFields, "")
  yield* contentProblems(body["contents"], model)
  const system = get(body, "systemInstruction")
  if (system !== undefined && !isJsonObject(system))
    yield invalidValue("system_instruction", "google.ai.generativelanguage.v1beta.Content", system)
  const config = get(body, "generationConfig")
  yield* configProblems(config)
  yield* toolProblems(body)
  if (isJsonObject(config)) yield* generationProblems(config, model, declarationsOf(body).length > 0)
}

function* contentProblems(contents: Json | undefined, model: string): Generator<Plain> {
  if (contents === undefined || (Array.isArray(contents) && contents.length === 0))
    return yield invalidArgument("* GenerateContentRequest.contents: contents is not specified\n")
  if (!Array.isArray(contents))
    return yield invalidValue("contents", "google.ai.generativelanguage.v1beta.Content", contents)
  const start = contents.findLastIndex(
    (content) => callsIn(content, "functionResponse") === 0 && get(content, "role") !== "model"
  )
  let [calls, responses] = [0, 0]
  let before = false
  let heard = false
  for (const [index, content] of contents.entries()) {
    const at = `contents[${index}]`
    if (!isJsonObject(content)) return yield invalidValue(at, "google.ai.generativelanguage.v1beta.Content", content)
    yield* unknownFields(content, "role parts", at)
    const role = content["role"] ?? "user"
    if (role !== "user" && role !== "model" && role !== "function")
      yield invalidArgument("Please use a valid role: user, model.")
    const parts = content["parts"]
    if (!Array.isArray(parts) || parts.length === 0)
      return yield invalidArgument(`* GenerateContentRequest.${at}.parts: contents.parts must not be empty.\n`)
    for (const [place, part] of parts.entries()) yield* partProblems(part, `${at}.parts[${place}]`)
    // contents of one role in a row are one turn
    const fromModel = role === "model"
    if (fromModel && !before) {
      if (responses !== calls) yield unevenResponses
      calls = 0
      responses = 0
    }
    before = fromModel
    if (!fromModel) heard = true
    else if (!heard && callsIn(content, "functionCall") > 0)
      yield invalidArgument(
        "Please ensure that function call turn comes immediately after a user turn or after a function response turn."
      )
    if (calls === 0 && callsIn(content, "functionResponse") > 0)
      yield invalidArgument("Please ensure that function response turn comes immediately after a function call turn.")
    const firstCalls = calls === 0 && callsIn(content, "functionCall") > 0
    calls += callsIn(content, "functionCall")
    responses += callsIn(content, "functionResponse")
    // of a turn's calls the first is signed, however many contents the turn has
    if (firstCalls && index > start && /^gemini-[3-9]/.test(model)) {
      const first = parts.find((part) => get(part, "functionCall") !== undefined)
      if (typeof get(first, "thoughtSignature") !== "string")
        yield invalidArgument(
          "Function call is missing a thought_signature in functionCall parts. This is required for tools to work " +
            `correctly, and missing thought_signature may lead to degraded model performance. Position ${index + 1}.`
        )
    }
  }
  if (responses !== calls) yield unevenResponses
  if (before && refusesModelLast.test(model))
    yield invalidArgument("Requests ending with a model turn are not supported.")
}

/** https://github.com/LibreChat-AI/agents/pull/323 */
const refusesModelLast = /^gemini-(3\.5-flash-lite|3\.[6-9]|[4-9])/

const unevenResponses = invalidArgument(
  "Please ensure that the number of function response parts is equal to the number of function call parts of the " +
    "function call turn."
)

const bytesOf = (value: Json): string => Buffer.from(String(value), "base64").toString()

const callsIn = (content: Json | undefined, key: string): number =>
  listOf(get(content, "parts")).filter((part) => get(part, key) !== undefined).length

function* partProblems(part: Json, at: string): Generator<Plain> {
  if (!isJsonObject(part)) return yield invalidValue(at, "google.ai.generativelanguage.v1beta.Part", part)
  yield* unknownFields(part, partFields, at)
  const data = [
    "text",
    "inlineData",
    "fileData",
    "functionCall",
    "functionResponse",
    "executableCode",
    "codeExecutionResult",
    "toolCall",
    "toolResponse"
  ]
  if (!data.some((key) => get(part, key) !== undefined) && get(part, "thoughtSignature") === undefined)
    yield invalidArgument(
      `* GenerateContentRequest.${at}.data: required oneof field 'data' must have one initialized field\n`
    )
  const signature = part["thoughtSignature"]
  // the stand-in, what is made here, and the bytes of real ones; somebody else's text is none of them
  if (signature !== undefined && !/^(?:skip_thought_signature_validator|signed: |[^ -~])/s.test(bytesOf(signature)))
    yield invalidArgument("Thought signature is not valid.")
  const text = part["text"]
  if (text !== undefined && typeof text !== "string") yield invalidValue(`${at}.text`, "TYPE_STRING", text)
  const response = get(get(part, "functionResponse"), "response")
  if (get(part, "functionResponse") !== undefined && !isJsonObject(response))
    yield invalidValue(`${at}.function_response.response`, "google.protobuf.Struct", response ?? null)
}

function* configProblems(config: Json | undefined): Generator<Plain> {
  if (config === undefined) return
  if (!isJsonObject(config))
    return yield invalidValue("generation_config", "google.ai.generativelanguage.v1beta.GenerationConfig", config)
  yield* unknownFields(config, generationFields, "generation_config")
  for (const [key, low, high] of [
    ["temperature", 0, 2],
    ["topP", 0, 1],
    ["candidateCount", 1, 8],
    ["maxOutputTokens", 1, Infinity]
  ] as const) {
    const value = get(config, key)
    if (value === undefined) continue
    const at = `generation_config.${key.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)}`
    if (typeof value !== "number") return yield invalidValue(at, high === Infinity ? "TYPE_INT32" : "TYPE_FLOAT", value)
    if (value < low || value > high)
      yield invalidArgument(
        `* GenerateContentRequest.${at}: ${at.slice(18)} must be ${high === Infinity ? "positive" : `in the range [${low}.0, ${high}.0]`}.\n`
      )
  }
  for (const key of ["candidateCount", "maxOutputTokens", "topK", "seed", "logprobs"]) {
    const value = get(config, key)
    if (value !== undefined && value !== null && !Number.isInteger(value))
      yield invalidValue(`generation_config.${key}`, "TYPE_INT32", value)
  }
  const stops = get(config, "stopSequences") ?? []
  if (!Array.isArray(stops)) return yield invalidValue("generation_config.stop_sequences", "TYPE_STRING", stops)
  if (stops.length > 5)
    yield invalidArgument(
      "* GenerateContentRequest.generation_config.stop_sequences: the number of stop_sequences must not exceed 5\n"
    )
  if (stops.includes(""))
    yield invalidArgument(
      "* GenerateContentRequest.generation_config.stop_sequences: stop_sequence must not be empty\n"
    )
  if (get(config, "logprobs") !== undefined && get(config, "responseLogprobs") !== true)
    yield invalidArgument("Invalid value for logprobs. Must set response_logprobs to true.")
  const mime = get(config, "responseMimeType")
  const schema = get(config, "responseSchema") ?? get(config, "responseJsonSchema")
  if (get(config, "responseSchema") !== undefined && get(config, "responseJsonSchema") !== undefined)
    yield invalidArgument("Only one of response_schema and response_json_schema may be set.")
  if (schema !== undefined && mime !== "application/json" && mime !== "text/x.enum")
    yield invalidArgument(
      "For controlled generation of only enum, please set response_mime_type to text/x.enum; with a response schema the " +
        `response mime type '${String(mime ?? "text/plain")}' is unsupported, use application/json.`
    )
  const odd = forbiddenKeyword(get(config, "responseSchema"))
  if (odd !== undefined)
    yield invalidArgument(
      `Invalid JSON payload received. Unknown name "${odd}" at 'generation_config.response_schema': Cannot find field.`,
      "generation_config.response_schema"
    )
}

const schemaKeywords =
  "$ref $defs anyOf default description enum example format items maxItems maxLength maxProperties maximum minItems " +
  "minLength minProperties minimum nullable pattern properties propertyOrdering required title type additionalProperties"

/** The first keyword that Google's own Schema (not JSON Schema) does not have. */
const forbiddenKeyword = (schema: Json | undefined): string | undefined => {
  if (!isJsonObject(schema)) return undefined
  const known = schemaKeywords.split(" ")
  for (const [key, value] of Object.entries(schema)) {
    if (!known.includes(camel(key))) return key
    const inner =
      key === "properties" && isJsonObject(value)
        ? Object.values(value)
        : key === "items"
          ? [value]
          : key === "anyOf"
            ? listOf(value)
            : []
    for (const one of inner) {
      const odd = forbiddenKeyword(one)
      if (odd !== undefined) return odd
    }
  }
  return undefined
}

/** One tool may stand without its list. */
const toolsIn = (body: JsonObject): ReadonlyArray<Json> =>
  isJsonObject(body["tools"]) ? [body["tools"]] : listOf(body["tools"])

const declarationsOf = (body: JsonObject): ReadonlyArray<Json> =>
  toolsIn(body).flatMap((tool) => listOf(get(tool, "functionDeclarations")))

function* toolProblems(body: JsonObject): Generator<Plain> {
  const tools = body["tools"]
  if (tools !== undefined && !Array.isArray(tools) && !isJsonObject(tools))
    yield invalidValue("tools", "google.ai.generativelanguage.v1beta.Tool", tools)
  for (const [index, tool] of toolsIn(body).entries()) yield* unknownFields(tool, toolFields, `tools[${index}]`)
  for (const [index, declaration] of declarationsOf(body).entries()) {
    const at = `tools[0].function_declarations[${index}]`
    yield* unknownFields(
      declaration,
      "name description parameters parametersJsonSchema response responseJsonSchema behavior",
      at
    )
    const name = get(declaration, "name")
    if (typeof name !== "string" || !/^[a-zA-Z_][a-zA-Z0-9_.:-]{0,127}$/.test(name))
      yield invalidArgument(
        `* GenerateContentRequest.${at}.name: Invalid function name. Must start with a letter or an underscore. Must be ` +
          "alphameric (a-z, A-Z, 0-9), underscores (_), dots (.), colons (:), or dashes (-), with a maximum length of 128.\n"
      )
    const odd = forbiddenKeyword(get(declaration, "parameters"))
    if (odd !== undefined)
      yield invalidArgument(
        `Invalid JSON payload received. Unknown name "${odd}" at '${at}.parameters': Cannot find field.`,
        `${at}.parameters`
      )
  }
  const mode = get(get(get(body, "toolConfig"), "functionCallingConfig"), "mode")
  if (mode !== undefined && !["MODE_UNSPECIFIED", "AUTO", "ANY", "NONE", "VALIDATED"].includes(String(mode)))
    yield invalidValue(
      "tool_config.function_calling_config.mode",
      "google.ai.generativelanguage.v1beta.FunctionCallingConfig.Mode",
      mode
    )
  if (mode === "ANY" && declarationsOf(body).length === 0)
    yield invalidArgument("Function calling config is set without function_declarations.")
}

const textOf = (content: Json | undefined): string =>
  listOf(get(content, "parts"))
    .flatMap((part) => {
      const text = get(part, "text")
      return typeof text === "string" && get(part, "thought") !== true ? [text] : []
    })
    .join("")

/** Contents of the model in a row are one turn: chats remember a streamed answer piece by piece. */
const turnsOf = (contents: ReadonlyArray<Json>): ReadonlyArray<AskTurn> => {
  const turns: Array<AskTurn> = []
  for (const content of contents) {
    const role = get(content, "role") === "model" ? "assistant" : "user"
    const before = turns.at(-1)
    if (role === "assistant" && before?.role === role)
      turns[turns.length - 1] = { ...before, text: before.text + textOf(content) }
    else turns.push({ role, text: textOf(content), results: resultsIn(content) })
  }
  return turns
}

const resultsIn = (content: Json): ReadonlyArray<string> =>
  listOf(get(content, "parts")).flatMap((part) => {
    const response = get(get(part, "functionResponse"), "response")
    return response === undefined ? [] : [JSON.stringify(response)]
  })

/** What a body that has no problem asks. */
export const geminiAsk = (vendor: string, body: JsonObject, model: string, call: number): Ask => {
  const contents = listOf(body["contents"])
  const config = get(body, "generationConfig")
  const calling = get(get(body, "toolConfig"), "functionCallingConfig")
  const allowed = listOf(get(calling, "allowedFunctionNames")).map(String)
  const mode = get(calling, "mode")
  const thinking = get(config, "thinkingConfig")
  const budget = get(thinking, "thinkingBudget")
  const most = get(config, "maxOutputTokens")
  const count = get(config, "candidateCount")
  const schema = get(config, "responseJsonSchema") ?? get(config, "responseSchema")
  return {
    vendor,
    model,
    call,
    turns: turnsOf(contents),
    images: contents.reduce<number>(
      (sum, content) => sum + callsIn(content, "inlineData") + callsIn(content, "fileData"),
      0
    ),
    inputCharacters: countedCharacters([
      contents,
      get(body, "systemInstruction") ?? null,
      body["tools"] ?? null,
      schema ?? null
    ]),
    tools: declarationsOf(body)
      .map((declaration) => ({
        name: String(get(declaration, "name")),
        schema: get(declaration, "parametersJsonSchema") ?? get(declaration, "parameters")
      }))
      .filter(({ name }) => allowed.length === 0 || allowed.includes(name)),
    toolChoice: mode === "ANY" ? "required" : mode === "NONE" ? "none" : "auto",
    parallelTools: true,
    format: schema ?? (get(config, "responseMimeType") === "application/json" ? "object" : undefined),
    maxTokens: typeof most === "number" ? most : undefined,
    stop: listOf(get(config, "stopSequences")).map(String),
    thinks: get(thinking, "includeThoughts") === true || (typeof budget === "number" && budget > 0),
    choices: typeof count === "number" ? count : 1
  }
}

/** Are thoughts to be shown, or only counted? */
export const showsThoughts = (body: JsonObject): boolean =>
  get(get(get(body, "generationConfig"), "thinkingConfig"), "includeThoughts") === true
