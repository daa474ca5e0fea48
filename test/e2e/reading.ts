/**
 * What the bytes of an answer say, in each dialect: text, refusal, the reason for the end, the error, the end marker.
 */
import { isJsonObject, type Json, type JsonObject, parseJson } from "../../src/domain/Json.ts"
import type { Dialect, Told } from "./asking.ts"

type Read = Omit<Told, "status" | "headers" | "raw">

/** The dialects' words for an answer that the model ended by itself. */
export const wholeWords: ReadonlySet<string> = new Set(["stop", "end_turn", "completed", "STOP"])

export const reading = (dialect: Dialect, response: Response, raw: string): Read => {
  const type = response.headers.get("content-type") ?? ""
  if (type.startsWith("text/event-stream")) return readers[dialect].stream(eventsOf(raw))
  // Google's stream without `alt=sse`: everything else that is answered is an object
  if (raw.trimStart().startsWith("[")) return geminiArray(raw)
  return readers[dialect].whole(object(parseJson(raw)))
}

/** A server-sent event. */
export interface Event {
  readonly event: string | undefined
  readonly data: string
}

export const eventsOf = (raw: string): ReadonlyArray<Event> =>
  raw.split("\n\n").flatMap((block) => {
    const lines = block.split("\n")
    const field = (name: string) =>
      lines.flatMap((line) => (line.startsWith(`${name}:`) ? [line.slice(name.length + 1).trim()] : []))
    const data = field("data")
    return data.length === 0 ? [] : [{ event: field("event")[0], data: data.join("\n") }]
  })

export const object = (value: Json | undefined): JsonObject => (isJsonObject(value) ? value : {})
export const list = (value: Json | undefined): ReadonlyArray<JsonObject> =>
  Array.isArray(value) ? value.filter(isJsonObject) : []
const string = (value: Json | undefined): string => (typeof value === "string" ? value : "")
const word = (value: Json | undefined): string | undefined => (typeof value === "string" ? value : undefined)

const errorOf = (body: JsonObject): JsonObject | undefined => (isJsonObject(body["error"]) ? body["error"] : undefined)

interface Reader {
  readonly whole: (body: JsonObject) => Read
  readonly stream: (events: ReadonlyArray<Event>) => Read
}

const openai: Reader = {
  whole: (body) => {
    const [choice = {}] = list(body["choices"])
    const message = object(choice["message"])
    return {
      text: string(message["content"]),
      refusal: string(message["refusal"]),
      finish: word(choice["finish_reason"]),
      error: errorOf(body),
      marker: false
    }
  },
  stream: (events) => {
    let text = ""
    let refusal = ""
    let finish: string | undefined
    let error: JsonObject | undefined
    let marker = false
    for (const { data } of events) {
      if (data === "[DONE]") marker = true
      const chunk = object(parseJson(data))
      error ??= errorOf(chunk)
      for (const choice of list(chunk["choices"])) {
        const delta = object(choice["delta"])
        text += string(delta["content"])
        refusal += string(delta["refusal"])
        finish = word(choice["finish_reason"]) ?? finish
      }
    }
    return { text, refusal, finish, error, marker }
  }
}

const anthropic: Reader = {
  whole: (body) => ({
    text: list(body["content"])
      .map((block) => string(block["text"]))
      .join(""),
    refusal: "",
    finish: word(body["stop_reason"]),
    error: body["type"] === "error" ? errorOf(body) : undefined,
    marker: false
  }),
  stream: (events) => {
    let text = ""
    let finish: string | undefined
    let error: JsonObject | undefined
    let marker = false
    for (const { data, event } of events) {
      const body = object(parseJson(data))
      if (event === "message_stop") marker = true
      if (event === "error") error ??= errorOf(body)
      const delta = object(body["delta"])
      text += string(delta["text"])
      finish = word(delta["stop_reason"]) ?? finish
    }
    return { text, refusal: "", finish, error, marker }
  }
}

/** The response of a body or of the last event. */
const responsesOf = (body: JsonObject): Pick<Read, "text" | "refusal" | "finish"> => {
  const parts = list(body["output"])
    .filter(({ type }) => type === "message")
    .flatMap((item) => list(item["content"]))
  const joined = (type: string, key: string) =>
    parts
      .filter((part) => part["type"] === type)
      .map((part) => string(part[key]))
      .join("")
  return {
    text: joined("output_text", "text"),
    refusal: joined("refusal", "refusal"),
    finish: word(object(body["incomplete_details"])["reason"]) ?? word(body["status"])
  }
}

const responses: Reader = {
  whole: (body) => ({ ...responsesOf(body), error: errorOf(body), marker: false }),
  stream: (events) => {
    let told: Pick<Read, "text" | "refusal" | "finish"> = { text: "", refusal: "", finish: undefined }
    let error: JsonObject | undefined
    let marker = false
    for (const { data, event } of events) {
      const body = object(parseJson(data))
      const delta = string(body["delta"])
      if (event === "response.output_text.delta") told = { ...told, text: told.text + delta }
      else if (event === "response.refusal.delta") told = { ...told, refusal: told.refusal + delta }
      else if (event === "error") error ??= errorOf(body) ?? body
      else if (event === "response.completed" || event === "response.incomplete") {
        marker = true
        // its pieces and the whole must say the same; what they say is checked elsewhere, the pieces are believed here
        told = { ...told, finish: responsesOf(object(body["response"])).finish }
      }
    }
    return { ...told, error, marker }
  }
}

const geminiChunks = (chunks: ReadonlyArray<JsonObject>): Omit<Read, "marker"> => {
  let text = ""
  let finish: string | undefined
  let error: JsonObject | undefined
  for (const chunk of chunks) {
    error ??= errorOf(chunk)
    const [candidate = {}] = list(chunk["candidates"])
    for (const part of list(object(candidate["content"])["parts"]))
      if (part["thought"] !== true) text += string(part["text"])
    finish = word(candidate["finishReason"]) ?? word(object(chunk["promptFeedback"])["blockReason"]) ?? finish
  }
  return { text, refusal: "", finish, error }
}

const gemini: Reader = {
  whole: (body) => ({ ...geminiChunks([body]), marker: false }),
  stream: (events) => {
    const told = geminiChunks(events.map(({ data }) => object(parseJson(data))))
    // this framing has no end marker: the reason for the end is what says that it came
    return { ...told, marker: told.finish !== undefined }
  }
}

/** The elements of an array that may have been left open. */
export const elementsOf = (raw: string): ReadonlyArray<JsonObject> => list(parseJson(raw) ?? parseJson(`${raw}]`))

const geminiArray = (raw: string): Read => ({
  ...geminiChunks(elementsOf(raw)),
  marker: Array.isArray(parseJson(raw))
})

const readers: { readonly [D in Dialect]: Reader } = { openai, anthropic, responses, gemini }
