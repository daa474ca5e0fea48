/**
 * What a vendor's quirks make of a Chat Completions body, whoever wrote it.
 *
 * Each quirk of `Dialect.ts` is one step here, and does nothing where the vendor does not have it. What is lost on the
 * way is told as dropped, but for what asks for nothing: a field that says what is so without it (`n: 1`) goes without a
 * word, and so does a level of effort for the nearest one there is.
 *
 * @module
 */
import { isJsonObject, type Json, type JsonObject, omitKeys } from "../../domain/Json.ts"
import { append } from "../append.ts"
import { argumentsOfCustom, functionOfCustom, lostOfCustom } from "../CustomAsFunction.ts"
import type { Quirks } from "../Dialect.ts"
import { isEffort, nearestEffort } from "../Effort.ts"
import { fittedId } from "../FittedId.ts"
import { fittedParameters, fittedSchema } from "../OpenAiSchema.ts"
import { detailsIn } from "./Details.ts"
import { dialectId } from "./Wire.ts"

type Mutable = Record<string, Json>
type Step = (body: Mutable, quirks: Quirks, dropped: Array<string>) => void

/** The body as the vendor takes it. `body` is changed; `dropped` is told what was lost. */
export const fitted = (body: Mutable, quirks: Quirks, dropped: Array<string>): JsonObject => {
  for (const step of steps) step(body, quirks, dropped)
  return body
}

/** What fields mean when they are left out. */
const defaults: ReadonlyMap<string, Json> = new Map<string, Json>([
  ["frequency_penalty", 0],
  ["logprobs", false],
  ["n", 1],
  ["parallel_tool_calls", true],
  ["presence_penalty", 0],
  ["store", false],
  ["temperature", 1],
  ["top_p", 1]
])

/** A sequence of nothing stops nothing. */
const stopsIn = (stop: Json): ReadonlyArray<Json> => (Array.isArray(stop) ? stop : [stop]).filter((one) => one !== "")

const drop = (body: Mutable, field: string, dropped: Array<string>): void => {
  const value = body[field]
  if (value === undefined) return
  delete body[field]
  const nothing = value === null || (field === "stop" && stopsIn(value).length === 0)
  if (!nothing && value !== defaults.get(field)) dropped.push(field)
}

const objectsOf = (value: Json | undefined): ReadonlyArray<JsonObject> =>
  Array.isArray(value) ? value.filter(isJsonObject) : []

/** The messages with each made anew by `change`. */
const eachMessage = (body: Mutable, change: (message: JsonObject) => JsonObject): void => {
  const messages = body["messages"]
  if (Array.isArray(messages))
    body["messages"] = messages.map((message: Json) => (isJsonObject(message) ? change(message) : message))
}

/** Custom tools, their calls and the choice of one, in a body of this wire. */
const customs: Step = (body, { customTools }, dropped) => {
  if (customTools) return
  const { tool_choice: choice, tools } = body
  if (Array.isArray(tools))
    body["tools"] = tools.map((definition: Json) => {
      if (!isJsonObject(definition)) return definition
      const tool = { _tag: "Hosted", dialect: dialectId, definition } as const
      const made = functionOfCustom(tool)
      if (made === undefined) return definition
      append(dropped, lostOfCustom(tool))
      const { _tag: _, ...rest } = made
      return { type: "function", function: rest }
    })
  if (isJsonObject(choice)) body["tool_choice"] = functionsChosen(choice)
  if (objectsOf(body["messages"]).some(({ tool_calls: calls }) => objectsOf(calls).some(isCustom)))
    eachMessage(body, (message) => {
      const { tool_calls: calls } = message
      return Array.isArray(calls) ? { ...message, tool_calls: calls.map(asFunction) } : message
    })
}

const isCustom = ({ custom, type }: JsonObject): boolean => type === "custom" && isJsonObject(custom)

/** A custom tool that is named, as the function it is; `asked` as it was where it is none. */
const functionNamed = (asked: Json): Json =>
  isJsonObject(asked) && isCustom(asked) ? { type: "function", function: asked["custom"] ?? {} } : asked

/** A choice of one tool, or of those that may be called. */
const functionsChosen = (choice: JsonObject): Json => {
  const { allowed_tools: list, type } = choice
  const tools = isJsonObject(list) ? list["tools"] : undefined
  return type === "allowed_tools" && isJsonObject(list) && Array.isArray(tools)
    ? { ...choice, allowed_tools: { ...list, tools: tools.map(functionNamed) } }
    : functionNamed(choice)
}

const asFunction = (call: Json): Json => {
  const custom = isJsonObject(call) ? call["custom"] : undefined
  if (!isJsonObject(call) || !isCustom(call) || !isJsonObject(custom)) return call
  const { input, name } = custom
  return {
    ...omitKeys(call, ["custom"]),
    type: "function",
    function: { name: name ?? "", arguments: argumentsOfCustom(typeof input === "string" ? input : "") }
  }
}

const limit: Step = (body, { maxTokensField: field }) => {
  if (field === undefined) return
  const most = body["max_completion_tokens"] ?? body["max_tokens"]
  delete body["max_tokens"]
  delete body["max_completion_tokens"]
  if (most !== undefined && most !== null) body[field] = most
}

const roles: Step = (body, { developerRole, systemRole }) => {
  if (!developerRole)
    eachMessage(body, (message) => (message["role"] === "developer" ? { ...message, role: "system" } : message))
  if (!systemRole)
    eachMessage(body, (message) => (message["role"] === "system" ? { ...tagged(message), role: "user" } : message))
}

/** A system prompt for where it is said by the user. */
const tagged = (message: JsonObject): JsonObject => {
  const { content } = message
  const text = (inner: string): string => `<system>\n${inner}\n</system>`
  if (typeof content === "string") return { ...message, content: text(content) }
  if (!Array.isArray(content)) return message
  return {
    ...message,
    content: content.map((part: Json) =>
      isJsonObject(part) && typeof part["text"] === "string" ? { ...part, text: text(part["text"]) } : part
    )
  }
}

const turns: Step = (body, { alternates }) => {
  if (!alternates) return
  const out: Array<JsonObject> = []
  for (const message of objectsOf(body["messages"])) {
    const last = out.at(-1)
    const late = message["role"] === "system" && last !== undefined && last["role"] !== "system"
    const next = late ? { ...tagged(message), role: "user" } : message
    if (last !== undefined && last["role"] !== "system" && last["role"] === next["role"])
      out[out.length - 1] = { ...last, content: joined(last["content"], next["content"]) }
    else out.push(next)
  }
  body["messages"] = out
}

const joined = (first: Json | undefined, second: Json | undefined): Json =>
  typeof first === "string" && typeof second === "string"
    ? `${first}\n\n${second}`
    : [...blocksOf(first), ...blocksOf(second)]

const blocksOf = (content: Json | undefined): ReadonlyArray<Json> =>
  Array.isArray(content) ? content : typeof content === "string" ? [{ type: "text", text: content }] : []

/** A form of answer that the vendor cannot hold the model to is told to the model in words instead. */
const format: Step = (body, { jsonObject, structuredOutput }, dropped) => {
  const asked = body["response_format"]
  if (!isJsonObject(asked)) return
  const type = asked["type"]
  const takesObject = jsonObject && structuredOutput !== "none"
  if (type === "json_schema" ? structuredOutput === "json_schema" : type !== "json_object" || takesObject) return
  const described = asked["json_schema"]
  const schema = isJsonObject(described) ? described["schema"] : undefined
  instruct(
    body,
    type === "json_schema"
      ? `Answer with a JSON object only, without any text around it, that is valid against this JSON Schema: ${JSON.stringify(schema ?? {})}`
      : "Answer with a JSON object only, without any text around it."
  )
  dropped.push("response_format")
  if (takesObject) body["response_format"] = { type: "json_object" }
  else delete body["response_format"]
}

/** Puts one more instruction at the end of the leading system prompt, or before all as a system prompt of its own. */
const instruct = (body: Mutable, instruction: string): void => {
  const all: ReadonlyArray<Json> = Array.isArray(body["messages"]) ? body["messages"] : []
  const first = all[0]
  body["messages"] =
    isJsonObject(first) &&
    (first["role"] === "system" || first["role"] === "developer") &&
    typeof first["content"] === "string"
      ? [{ ...first, content: `${first["content"]}\n\n${instruction}` }, ...all.slice(1)]
      : [{ role: "system", content: instruction }, ...all]
}

const word: Step = (body, { jsonWord }) => {
  const asked = body["response_format"]
  if (!jsonWord || !isJsonObject(asked) || asked["type"] !== "json_object") return
  const said = objectsOf(body["messages"]).some(({ content }) => /json/i.test(JSON.stringify(content ?? "")))
  if (!said) instruct(body, "Answer with a JSON object.")
}

const schemas: Step = (body, { openAiSchemas }, dropped) => {
  if (!openAiSchemas) return
  if (Array.isArray(body["tools"]))
    body["tools"] = body["tools"].map((tool: Json) => {
      const own = isJsonObject(tool) ? tool["function"] : undefined
      if (!isJsonObject(tool) || !isJsonObject(own) || !isJsonObject(own["parameters"])) return tool
      const { schema, strict } = fittedParameters(own["parameters"], own["strict"] === true)
      if (own["strict"] === true && !strict) dropped.push("strict")
      return { ...tool, function: { ...own, parameters: schema, ...("strict" in own ? { strict } : {}) } }
    })
  const asked = body["response_format"]
  const described = isJsonObject(asked) ? asked["json_schema"] : undefined
  if (!isJsonObject(asked) || !isJsonObject(described) || described["strict"] !== true) return
  if (!isJsonObject(described["schema"])) return
  const { schema, strict } = fittedSchema(described["schema"], true)
  if (!strict) dropped.push("response_format.strict")
  body["response_format"] = { ...asked, json_schema: { ...described, schema, strict } }
}

const stored: Step = (body, { metadataWithStore }, dropped) => {
  if (metadataWithStore && body["store"] !== true) drop(body, "metadata", dropped)
}

const effort: Step = (body, { effortWithTools, efforts }, dropped) => {
  const asked = body["reasoning_effort"]
  if (asked === undefined || asked === null) return
  if (!effortWithTools && asked !== "none" && objectsOf(body["tools"]).length > 0)
    return drop(body, "reasoning_effort", dropped)
  // a word that is none of the wire's levels is the vendor's own
  if (efforts === undefined || (efforts.length > 0 && !isEffort(asked))) return
  const nearest = isEffort(asked) ? nearestEffort(asked, efforts) : undefined
  if (nearest === undefined || (asked === "none" && nearest !== "none")) dropped.push("reasoning_effort")
  if (nearest === undefined) delete body["reasoning_effort"]
  else body["reasoning_effort"] = nearest
}

const refusals: Step = (body, { refuses, refusesThinking }, dropped) => {
  for (const field of refuses) drop(body, field, dropped)
  if (body["reasoning_effort"] !== "none") for (const field of refusesThinking) drop(body, field, dropped)
}

const named: Step = (body, { namedTool }) => {
  const choice = body["tool_choice"]
  if (namedTool || !isJsonObject(choice)) return
  const wanted = nameOf(choice)
  const only = objectsOf(body["tools"]).filter((tool) => nameOf(tool) === wanted)
  if (wanted === undefined || only.length === 0) return
  body["tools"] = only
  body["tool_choice"] = "required"
}

/** The name of the function in a tool or in a choice of one. */
const nameOf = (holder: JsonObject): Json | undefined =>
  isJsonObject(holder["function"]) ? holder["function"]["name"] : undefined

const forced: Step = (body, { forcedThinking, thinkingOff }, dropped) => {
  const choice = body["tool_choice"]
  if (forcedThinking || (choice !== "required" && !isJsonObject(choice))) return
  drop(body, "reasoning_effort", dropped)
  Object.assign(body, thinkingOff)
}

const choices: Step = (body, { mostChoices }, dropped) => {
  if (mostChoices !== undefined && Number(body["n"] ?? 1) > mostChoices) drop(body, "n", dropped)
}

const stops: Step = (body, { mostStops }, dropped) => {
  const stop = body["stop"]
  if (mostStops === undefined || !Array.isArray(stop) || stop.length <= mostStops) return
  body["stop"] = stop.slice(0, mostStops)
  dropped.push("stop")
}

const user: Step = (body, { user: rule }) => {
  if (typeof body["user"] === "string") body["user"] = fittedId(body["user"], rule)
}

const renames: Step = (body, { renames: names }) => {
  for (const [field, name] of Object.entries(names)) {
    const value = body[field]
    if (value === undefined) continue
    delete body[field]
    body[name] ??= value
  }
}

const messageFields: Step = (body, { refusesInMessages: refuses, renamesInMessages: names }, dropped) => {
  const renamed = Object.entries(names)
  if (refuses.length === 0 && renamed.length === 0) return
  eachMessage(body, (message) => {
    const moved = renamed.flatMap(([field, name]) => {
      const value = message[field]
      return value === undefined ? [] : [[name, value] as const]
    })
    const spoken = refuses.includes("refusal") ? withRefusal(message) : message
    for (const field of refuses) if (says(spoken[field])) dropped.push(field)
    const left = omitKeys(spoken, [...refuses, ...renamed.map(([field]) => field)])
    return moved.length === 0 ? left : { ...Object.fromEntries(moved), ...left }
  })
}

const says = (value: Json | undefined): boolean =>
  value !== undefined && value !== null && value !== "" && !(Array.isArray(value) && value.length === 0)

/** A refusal is what the assistant said, where it said nothing else. */
const withRefusal = (message: JsonObject): JsonObject =>
  says(message["refusal"]) && !says(message["content"])
    ? { ...omitKeys(message, ["refusal"]), content: message["refusal"] ?? null }
    : message

/** A last message of the assistant's that calls nothing is what the answer goes on from. */
const prefill: Step = (body, { prefillField: field }) => {
  const { messages } = body
  if (field === undefined || !Array.isArray(messages)) return
  const last: Json | undefined = messages.at(-1)
  if (!isJsonObject(last) || last["role"] !== "assistant" || field in last || !says(last["content"])) return
  if (objectsOf(last["tool_calls"]).length === 0)
    body["messages"] = [...messages.slice(0, -1), { ...last, [field]: true }]
}

/** What only this gateway can read is for no vendor, and the signature of a call is for its own. */
const secrets: Step = (body, { callSignatures }, dropped) => {
  const messages = body["messages"]
  if (!Array.isArray(messages) || !messages.some((message) => hasSecrets(message))) return
  eachMessage(body, (message) => {
    const { others } = detailsIn(message["reasoning_details"])
    const left =
      others.length === 0 ? omitKeys(message, ["reasoning_details"]) : { ...message, reasoning_details: others }
    const calls = message["tool_calls"]
    if (objectsOf(message["reasoning_details"]).length > others.length) dropped.push("reasoning_details")
    if (!callSignatures && objectsOf(calls).some(hasSignature)) dropped.push("extra_content")
    return callSignatures || !Array.isArray(calls) ? left : { ...left, tool_calls: calls.map(unsigned) }
  })
}

const hasSecrets = (message: Json): boolean =>
  isJsonObject(message) &&
  (Array.isArray(message["reasoning_details"]) || objectsOf(message["tool_calls"]).some(hasSignature))

const googles = (call: JsonObject): JsonObject | undefined => {
  const { extra_content: extra } = call
  return isJsonObject(extra) && isJsonObject(extra["google"]) ? extra["google"] : undefined
}

const hasSignature = (call: JsonObject): boolean => googles(call)?.["thought_signature"] !== undefined

const unsigned = (call: Json): Json =>
  isJsonObject(call) && hasSignature(call) ? omitKeys(call, ["extra_content"]) : call

const thoughts: Step = (body, { callsWithThoughts }) => {
  if (callsWithThoughts)
    eachMessage(body, (message) =>
      objectsOf(message["tool_calls"]).length > 0 && typeof message["reasoning_content"] !== "string"
        ? { ...message, reasoning_content: " " }
        : message
    )
}

const ids: Step = (body, { toolIds }) => {
  if (toolIds === undefined) return
  eachMessage(body, (message) => {
    const { tool_call_id: answered, tool_calls: calls } = message
    if (answered === undefined && calls === undefined) return message
    return {
      ...message,
      ...(typeof answered === "string" ? { tool_call_id: fittedId(answered, toolIds) } : {}),
      ...(Array.isArray(calls)
        ? {
            tool_calls: calls.map((call: Json) =>
              isJsonObject(call) && typeof call["id"] === "string"
                ? { ...call, id: fittedId(call["id"], toolIds) }
                : call
            )
          }
        : {})
    }
  })
}

/** In order: what is said in words is a system prompt, which the vendor may want in another role. */
const steps: ReadonlyArray<Step> = [
  customs,
  limit,
  format,
  word,
  schemas,
  stored,
  effort,
  refusals,
  named,
  forced,
  choices,
  stops,
  user,
  renames,
  roles,
  turns,
  secrets,
  messageFields,
  prefill,
  thoughts,
  ids
]
