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
import { isJsonObject, type JsonObject, omitKeys } from "../domain/Json.ts"
import type { Message, Part } from "../domain/Message.ts"
import type { FunctionTool, Tool } from "../domain/Tool.ts"
import { customCall, customTool, hasCustomTools, isCustomCall } from "./CustomTools.ts"
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

const callAsFunction = (part: Part): Part =>
  part._tag === "ToolCall" && isCustomCall(part)
    ? { ...part, arguments: JSON.stringify({ input: part.arguments }) }
    : part

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

const labelled = <A extends Pick<Extract<Part, { readonly _tag: "ToolCall" }>, "extensions">>(call: A): A => ({
  ...call,
  extensions: { ...call.extensions, ...customCall("openai-responses").extensions }
})

/** The answer with the calls of functions that stood for custom tools as calls of these. */
const withCalls = (response: ChatResponse, names: ReadonlySet<string>): ChatResponse => {
  const called = (part: Part): Part =>
    part._tag === "ToolCall" && names.has(part.name) && !isCustomCall(part)
      ? { ...labelled(part), arguments: inputIn(part.arguments) }
      : part
  const [first, ...others] = response.choices
  const choice = (one: typeof first): typeof first => ({ ...one, content: one.content.map(called) })
  return { ...response, choices: [choice(first), ...others.map(choice)] }
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

const withCallsInStream = (encoder: StreamEncoder, names: ReadonlySet<string>): StreamEncoder => {
  const calls = makeCalls(names)
  const changed = (frame: Frame): Frame => {
    const [first, ...others] = frame.events.flatMap(calls)
    return { ...frame, events: first === undefined ? [{ _tag: "Unmodelled" }] : [first, ...others] }
  }
  return {
    // the wires that have custom tools were sent them as such
    frame: (frame) =>
      encoder.frame(frame.wire !== undefined && hasCustomTools(frame.wire.dialect) ? frame : changed(frame)),
    error: encoder.error
  }
}

/** How a dialect with custom tools answers, whoever was asked. */
export const withCustomCalls = (
  answering: Pick<InboundDialect, "encodeResponse" | "streamEncoder">
): Pick<InboundDialect, "encodeResponse" | "streamEncoder"> => ({
  encodeResponse: (response, request) => {
    const native = response.wire !== undefined && hasCustomTools(response.wire.dialect)
    const names = native || request === undefined ? undefined : customNames(request)
    return answering.encodeResponse(names === undefined ? response : withCalls(response, names), request)
  },
  streamEncoder: (request) => {
    const names = customNames(request)
    const encoder = answering.streamEncoder(request)
    return names === undefined ? encoder : withCallsInStream(encoder, names)
  }
})
