/**
 * A caller that speaks a dialect by hand and reads every byte of its answer, for tests that must see what an SDK hides:
 * which events came, whether the end marker did, what stood in an error.
 */
import { Effect } from "effect"
import { isJsonObject, type Json, type JsonObject, parseJson } from "../../src/domain/Json.ts"

export const dialects = ["openai", "anthropic"] as const
export type Dialect = (typeof dialects)[number]
export const deliveries = ["whole", "live"] as const
export type Delivery = (typeof deliveries)[number]

export interface Question {
  readonly dialect: Dialect
  readonly delivery: Delivery
  readonly model: string
  readonly prompt: string
  /** Further fields of the body. */
  readonly fields?: JsonObject
  readonly headers?: Readonly<Record<string, string>>
}

/** What a caller got, in no dialect's words. */
export interface Told {
  readonly status: number
  readonly headers: Headers
  /** The body as it came. */
  readonly raw: string
  /** The answer's text, refusals left out. */
  readonly text: string
  readonly refusal: string
  /** The dialect's word for why the answer ended, where it was told. */
  readonly finish: string | undefined
  /** The error's object: the body of an error status, or the event inside a stream. */
  readonly error: JsonObject | undefined
  /** Did the dialect's end marker come? Whole bodies have none. */
  readonly marker: boolean
}

const bodyOf = ({ delivery, dialect, fields, model, prompt }: Question): JsonObject => ({
  model,
  ...(dialect === "openai" ? { max_completion_tokens: 500 } : { max_tokens: 500 }),
  messages: [{ role: "user", content: prompt }],
  ...(delivery === "live" ? { stream: true } : {}),
  ...fields
})

export const pathOf = (dialect: Dialect): string => (dialect === "openai" ? "/v1/chat/completions" : "/v1/messages")

export const send = (url: string, question: Question, signal?: AbortSignal): Promise<Response> =>
  fetch(`${url}${pathOf(question.dialect)}`, {
    method: "POST",
    headers: {
      "content-type": "application/json",
      ...(question.dialect === "anthropic" ? { "anthropic-version": "2023-06-01" } : {}),
      ...question.headers
    },
    body: JSON.stringify(bodyOf(question)),
    ...(signal === undefined ? {} : { signal })
  })

/** Asks, and reads the answer to the end of its body. */
export const ask = (url: string, question: Question): Effect.Effect<Told> =>
  Effect.promise(async (signal) => {
    const response = await send(url, question, signal)
    return read(question.dialect, response, await response.text())
  })

export const read = (dialect: Dialect, response: Response, raw: string): Told => {
  const isStream = (response.headers.get("content-type") ?? "").startsWith("text/event-stream")
  const told = isStream ? readers[dialect].stream(eventsOf(raw)) : readers[dialect].whole(object(parseJson(raw)))
  return { status: response.status, headers: response.headers, raw, ...told }
}

interface Event {
  readonly event: string | undefined
  readonly data: string
}

const eventsOf = (raw: string): ReadonlyArray<Event> =>
  raw.split("\n\n").flatMap((block) => {
    const lines = block.split("\n")
    const field = (name: string) =>
      lines.flatMap((line) => (line.startsWith(`${name}:`) ? [line.slice(name.length + 1).trim()] : []))
    const data = field("data")
    return data.length === 0 ? [] : [{ event: field("event")[0], data: data.join("\n") }]
  })

type Read = Omit<Told, "status" | "headers" | "raw">

const object = (value: Json | undefined): JsonObject => (isJsonObject(value) ? value : {})
const list = (value: Json | undefined): ReadonlyArray<JsonObject> =>
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

const readers: { readonly [D in Dialect]: Reader } = { openai, anthropic }

/** Does this answer present itself as the whole of what the model said? */
export const looksWhole = (delivery: Delivery, told: Told): boolean =>
  told.status === 200 &&
  told.error === undefined &&
  (delivery === "whole" || told.marker) &&
  (told.finish === "stop" || told.finish === "end_turn")
