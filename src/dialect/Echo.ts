/**
 * Answers of a vendor that repeats the words it was given to go on from.
 *
 * A caller who ends a request with words of the assistant's has them already, and every other vendor answers with what
 * comes after them. What is repeated is taken away as long as it is the same, at any split of a stream; an answer that
 * begins with something else is told as it is. What else the vendor wrote (those that repeat speak Chat Completions) stays.
 *
 * @module
 */
import { Result } from "effect"
import type { ChatEvent, Frame } from "../domain/ChatEvent.ts"
import type { ChatRequest } from "../domain/ChatRequest.ts"
import type { ChatResponse, Choice } from "../domain/ChatResponse.ts"
import { isJsonObject, parseJson } from "../domain/Json.ts"
import { type Part, textOf } from "../domain/Message.ts"
import type { OutboundDialect } from "./Dialect.ts"
import { bodyWithTexts, type Texts } from "./openai-chat/Texts.ts"
import { dialectId as chatCompletions } from "./openai-chat/Wire.ts"

/** The words to go on from; `undefined` where the request ends otherwise. */
export const prefillOf = ({ messages }: ChatRequest): string | undefined => {
  const last = messages.at(-1)
  if (last?.role !== "assistant" || last.content.some((part) => part._tag === "ToolCall")) return undefined
  const text = textOf(last.content)
  return text === "" ? undefined : text
}

interface Shorter {
  readonly choice: Choice
  /** Of all its text parts that say something. */
  readonly texts: ReadonlyArray<string>
}

/** `undefined`: it repeats nothing. */
const choiceWithout = (choice: Choice, said: string): Shorter | undefined => {
  const at = choice.content.findIndex((part) => part._tag === "Text")
  const first = choice.content[at]
  if (first?._tag !== "Text" || !first.text.startsWith(said)) return undefined
  const text = first.text.slice(said.length)
  const content = choice.content.flatMap((part, index): ReadonlyArray<Part> =>
    index !== at ? [part] : text === "" ? [] : [{ ...first, text }]
  )
  const others = choice.content.flatMap((part, index) => (index !== at && part._tag === "Text" ? part.text : []))
  return { choice: { ...choice, content }, texts: [text, ...others.filter((other) => other !== "")] }
}

const responseWithout = (response: ChatResponse, said: string): ChatResponse => {
  const texts = new Map<number, ReadonlyArray<string>>()
  const without = (choice: Choice): Choice => {
    const shorter = choiceWithout(choice, said)
    if (shorter !== undefined) texts.set(choice.index, shorter.texts)
    return shorter?.choice ?? choice
  }
  const [first, ...others] = response.choices
  const choices = [without(first), ...others.map(without)] as const
  if (texts.size === 0) return response
  const { wire, ...rest } = response
  return {
    ...rest,
    choices,
    // any other wire's own writing would repeat it
    ...(wire?.dialect === chatCompletions
      ? { wire: { ...wire, body: bodyWithTexts(wire.body, texts, "message") } }
      : {})
  }
}

/** Changes the events of one stream. */
const makeWithout = (said: string): ((event: ChatEvent) => ReadonlyArray<ChatEvent>) => {
  /** How much was repeated, by choice; `undefined`: it is over. */
  const repeated = new Map<number, number | undefined>()
  const at = (choice: number): number | undefined => (repeated.has(choice) ? repeated.get(choice) : 0)
  return (event) => {
    if (event._tag !== "TextDelta" && event._tag !== "ToolCallStarted" && event._tag !== "Finished") return [event]
    const { choice } = event
    const known = at(choice)
    if (known === undefined) return [event]
    const left = said.slice(known)
    if (event._tag === "TextDelta") {
      if (event.text === "") return [event]
      if (event.text.length < left.length && left.startsWith(event.text)) {
        repeated.set(choice, known + event.text.length)
        return []
      }
      repeated.set(choice, undefined)
      if (event.text.startsWith(left)) {
        const text = event.text.slice(left.length)
        return text === "" ? [] : [{ ...event, text }]
      }
      return known === 0 ? [event] : [{ ...event, text: said.slice(0, known) + event.text }]
    }
    if (known === 0) return [event]
    // what was taken for a repetition was all that is said before a call, or at all
    repeated.set(choice, undefined)
    return [{ _tag: "TextDelta", choice, text: said.slice(0, known) }, event]
  }
}

const wireWith = (wire: Frame["wire"], texts: Texts): Frame["wire"] => {
  const chunk = wire?.dialect === chatCompletions ? parseJson(wire.data) : undefined
  // any other wire's own writing would repeat it
  return wire === undefined || !isJsonObject(chunk)
    ? undefined
    : { ...wire, data: JSON.stringify(bodyWithTexts(chunk, texts, "delta")) }
}

const frameWith = (frame: Frame, change: (event: ChatEvent) => ReadonlyArray<ChatEvent>): Frame => {
  const events: Array<ChatEvent> = []
  const texts = new Map<number, Array<string>>()
  for (const event of frame.events) {
    const changed = change(event)
    for (const one of changed) events.push(one)
    const told = changed.flatMap((one) => (one._tag === "TextDelta" ? one.text : []))
    // a text that goes is told as an empty one, so that those after it keep their places
    if (event._tag === "TextDelta" || told.length > 0)
      listOf(texts, "choice" in event ? event.choice : 0).push(told.join(""))
  }
  if (events.length === frame.events.length && events.every((event, at) => event === frame.events[at])) return frame
  const [first, ...others] = events
  return {
    events: first === undefined ? [{ _tag: "Unmodelled" }] : [first, ...others],
    wire: wireWith(frame.wire, texts)
  }
}

const listOf = (texts: Map<number, Array<string>>, choice: number): Array<string> => {
  const found = texts.get(choice) ?? []
  texts.set(choice, found)
  return found
}

/** The wire of a vendor that repeats `said` before it goes on. */
export const withoutEcho = (dialect: OutboundDialect, said: string): OutboundDialect => ({
  ...dialect,
  decodeResponse: (body) => Result.map(dialect.decodeResponse(body), (response) => responseWithout(response, said)),
  streamDecoder: (expected) => {
    const decoder = dialect.streamDecoder(expected)
    const change = makeWithout(said)
    const told = (frame: Frame | undefined): Frame | undefined =>
      frame === undefined ? undefined : frameWith(frame, change)
    return {
      event: (event) => Result.map(decoder.event(event), told),
      end: () => Result.map(decoder.end(), told)
    }
  }
})
