/**
 * Custom tools where a vendor has only functions: a function with one argument, a text.
 *
 * - To the vendor: the tool is a function of `input`, its calls in the history bear their text as that argument. That the
 *   text keeps to a grammar cannot be promised: the grammar is told to the model in words, and told as dropped.
 * - To the caller: a call of such a function is a call of the custom tool, its input the text; in a stream as it comes.
 *
 * @module
 */
import type { ChatEvent, Frame } from "../domain/ChatEvent.ts"
import type { ChatRequest } from "../domain/ChatRequest.ts"
import type { ChatResponse } from "../domain/ChatResponse.ts"
import type { DialectId } from "../domain/Ids.ts"
import { isJsonObject, type JsonObject, omitKeys } from "../domain/Json.ts"
import type { Message, Part, ToolCallPart } from "../domain/Message.ts"
import type { FunctionTool, Tool } from "../domain/Tool.ts"
import { customCall, customTool, isCustomCall } from "./CustomTools.ts"
import type { InboundDialect, StreamEncoder } from "./Dialect.ts"
import { inputIn, type InputReader, makeInputReader } from "./InputArgument.ts"

const parameters: JsonObject = {
  type: "object",
  properties: { input: { type: "string", description: "The input of the tool, as plain text" } },
  required: ["input"],
  additionalProperties: false
}

// ---- to the vendor

const grammarOf = ({ format }: JsonObject): JsonObject | undefined =>
  isJsonObject(format) && format["type"] === "grammar" ? format : undefined

const described = (tool: JsonObject): string => {
  const grammar = grammarOf(tool)
  const own = typeof tool["description"] === "string" ? [tool["description"]] : []
  if (grammar === undefined) return own.join("")
  const syntax = typeof grammar["syntax"] === "string" ? ` (${grammar["syntax"]})` : ""
  return [...own, `The input must match this grammar${syntax}:\n${String(grammar["definition"] ?? "")}`].join("\n\n")
}

/** The function that a custom tool is; `undefined`: it is no custom tool. */
export const functionOfCustom = (tool: Tool): FunctionTool | undefined => {
  const custom = customTool(tool)
  const name = custom?.["name"]
  if (custom === undefined || typeof name !== "string") return undefined
  const description = described(custom)
  return { _tag: "Function", name, ...(description === "" ? {} : { description }), parameters }
}

/** What of a custom tool is lost where it is a function, by the names of its fields. */
export const lostOfCustom = (tool: Tool): ReadonlyArray<string> => {
  const custom = customTool(tool) ?? {}
  const others = Object.entries(omitKeys(custom, ["type", "name", "description", "format"]))
  return [
    ...(grammarOf(custom) === undefined ? [] : ["format"]),
    ...others.flatMap(([field, value]) => (value === null || value === false ? [] : [field]))
  ]
}

/** The arguments of the function for a call with this text. */
export const argumentsOfCustom = (input: string): string => JSON.stringify({ input })

const callAsFunction = (part: Part): Part =>
  part._tag === "ToolCall" && isCustomCall(part) ? { ...part, arguments: argumentsOfCustom(part.arguments) } : part

const asFunctions = (message: Message): Message =>
  message.role === "assistant" ? { ...message, content: message.content.map(callAsFunction) } : message

/** The request for a vendor that has only functions. */
export const withFunctionsForCustom = (request: ChatRequest): ChatRequest => {
  const tools = request.tools.some((tool) => functionOfCustom(tool) !== undefined)
  const calls = request.messages.some(({ content }) =>
    content.some((part) => part._tag === "ToolCall" && isCustomCall(part))
  )
  if (!tools && !calls) return request
  return {
    ...request,
    tools: tools ? request.tools.map((tool) => functionOfCustom(tool) ?? tool) : request.tools,
    messages: calls ? request.messages.map(asFunctions) : request.messages
  }
}

// ---- to the caller

/** The names of the custom tools that a request offers; `undefined`: it offers none. */
const customNames = ({ tools }: ChatRequest): ReadonlySet<string> | undefined => {
  let names: Set<string> | undefined
  for (const tool of tools) {
    const name = tool._tag === "Hosted" ? functionOfCustom(tool)?.name : undefined
    if (name !== undefined) (names ??= new Set()).add(name)
  }
  return names
}

const labelled = <A extends Pick<ToolCallPart, "extensions">>(call: A): A => ({
  ...call,
  extensions: { ...call.extensions, ...customCall("openai-responses").extensions }
})

const isStandIn = (part: Part, names: ReadonlySet<string>): part is ToolCallPart =>
  part._tag === "ToolCall" && names.has(part.name) && !isCustomCall(part)

/** The body of an answer as its vendor wrote it, with the calls of functions of these names as calls of custom tools. */
export type BodyWith = (body: JsonObject, names: ReadonlySet<string>) => JsonObject

/** The answer with the calls of functions that stood for custom tools as calls of these. */
const withCalls = (
  response: ChatResponse,
  names: ReadonlySet<string>,
  bodyWith: BodyWith | undefined
): ChatResponse => {
  if (!response.choices.some(({ content }) => content.some((part) => isStandIn(part, names)))) return response
  const called = (part: Part): Part =>
    isStandIn(part, names) ? { ...labelled(part), arguments: inputIn(part.arguments) } : part
  const [first, ...others] = response.choices
  const choice = (one: typeof first): typeof first => ({ ...one, content: one.content.map(called) })
  // the vendor's own writing says otherwise
  const { wire, ...rest } = response
  return {
    ...rest,
    choices: [choice(first), ...others.map(choice)],
    ...(wire === undefined || bodyWith === undefined ? {} : { wire: { ...wire, body: bodyWith(wire.body, names) } })
  }
}

/** The same for the events of a stream. Not shared between streams. */
const makeCalls = (names: ReadonlySet<string>): ((event: ChatEvent) => ReadonlyArray<ChatEvent>) => {
  const readers = new Map<string, { readonly choice: number; readonly index: number; readonly reader: InputReader }>()
  return (event) => {
    switch (event._tag) {
      case "ToolCallStarted": {
        if (!names.has(event.name) || isCustomCall(event)) return [event]
        const { choice, index } = event
        readers.set(`${choice} ${index}`, { choice, index, reader: makeInputReader() })
        return [labelled(event)]
      }
      case "ToolCallDelta": {
        const at = readers.get(`${event.choice} ${event.index}`)
        if (at === undefined) return [event]
        const text = at.reader.push(event.arguments)
        return text === "" ? [] : [{ ...event, arguments: text }]
      }
      case "Finished": {
        const last: Array<ChatEvent> = []
        for (const [key, { choice, index, reader }] of readers) {
          if (choice !== event.choice) continue
          readers.delete(key)
          const text = reader.end()
          if (text !== "") last.push({ _tag: "ToolCallDelta", choice, index, arguments: text })
        }
        return [...last, event]
      }
      default:
        return [event]
    }
  }
}

const withCallsInStream = (encoder: StreamEncoder, names: ReadonlySet<string>, own: DialectId): StreamEncoder => {
  const calls = makeCalls(names)
  const changed = (frame: Frame): Frame => {
    const events = frame.events.flatMap(calls)
    if (events.length === frame.events.length && events.every((event, at) => event === frame.events[at])) return frame
    const [first, ...others] = events
    return {
      events: first === undefined ? [{ _tag: "Unmodelled" }] : [first, ...others],
      // the vendor's own writing says otherwise
      wire: frame.wire?.dialect === own ? undefined : frame.wire
    }
  }
  return { frame: (frame) => encoder.frame(changed(frame)), error: encoder.error }
}

type Answering = Pick<InboundDialect, "encodeResponse" | "streamEncoder">

/**
 * How the dialect `own`, which has custom tools, answers, whoever was asked. `bodyWith`: where vendors speak it who have
 * no custom tools.
 */
export const withCustomCalls = (own: DialectId, answering: Answering, bodyWith?: BodyWith): Answering => ({
  encodeResponse: (response, request) => {
    const names = request === undefined ? undefined : customNames(request)
    return answering.encodeResponse(
      names === undefined
        ? response
        : withCalls(response, names, response.wire?.dialect === own ? bodyWith : undefined),
      request
    )
  },
  streamEncoder: (request) => {
    const names = customNames(request)
    const encoder = answering.streamEncoder(request)
    return names === undefined ? encoder : withCallsInStream(encoder, names, own)
  }
})
