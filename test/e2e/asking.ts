/**
 * A caller that speaks a dialect by hand and reads every byte of its answer, for tests that must see what an SDK hides:
 * which events came, whether the end marker did, what stood in an error.
 */
import { Effect } from "effect"
import type { JsonObject } from "../../src/domain/Json.ts"
import { reading, wholeWords } from "./reading.ts"

/** Chat Completions, Messages, Responses, generateContent. */
export const dialects = ["openai", "anthropic", "responses", "gemini"] as const
export type Dialect = (typeof dialects)[number]
export const deliveries = ["whole", "live"] as const
export type Delivery = (typeof deliveries)[number]
export type Framing = "sse" | "array"

export interface Question {
  readonly dialect: Dialect
  readonly delivery: Delivery
  /** How Google's wire writes a stream; server-sent events unless told. */
  readonly framing?: Framing
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

const bodyOf = ({ delivery, dialect, fields, model, prompt }: Question): JsonObject => {
  const stream = delivery === "live" ? { stream: true } : {}
  switch (dialect) {
    case "openai":
      return { model, max_completion_tokens: 500, messages: [{ role: "user", content: prompt }], ...stream, ...fields }
    case "anthropic":
      return { model, max_tokens: 500, messages: [{ role: "user", content: prompt }], ...stream, ...fields }
    case "responses":
      return { model, max_output_tokens: 500, input: prompt, ...stream, ...fields }
    case "gemini":
      return {
        contents: [{ role: "user", parts: [{ text: prompt }] }],
        generationConfig: { maxOutputTokens: 500 },
        ...fields
      }
  }
}

/** The path, and the query where there is one, of a question. */
export const pathOf = ({
  delivery,
  dialect,
  framing,
  model
}: Pick<Question, "delivery" | "dialect" | "framing" | "model">): string => {
  switch (dialect) {
    case "openai":
      return "/v1/chat/completions"
    case "anthropic":
      return "/v1/messages"
    case "responses":
      return "/v1/responses"
    case "gemini": {
      const method =
        delivery === "whole" ? "generateContent" : `streamGenerateContent${framing === "array" ? "" : "?alt=sse"}`
      return `/v1beta/models/${model}:${method}`
    }
  }
}

/** A question as it goes over HTTP. */
export const requestOf = (question: Question): { readonly path: string; readonly body: string } => ({
  path: pathOf(question),
  body: JSON.stringify(bodyOf(question))
})

export const send = (url: string, question: Question, signal?: AbortSignal): Promise<Response> => {
  const { body, path } = requestOf(question)
  return fetch(`${url}${path}`, {
    method: "POST",
    headers: {
      "content-type": "application/json",
      ...(question.dialect === "anthropic" ? { "anthropic-version": "2023-06-01" } : {}),
      ...question.headers
    },
    body,
    ...(signal === undefined ? {} : { signal })
  })
}

/** Asks, and reads the answer to the end of its body. */
export const ask = (url: string, question: Question): Effect.Effect<Told> =>
  Effect.promise(async (signal) => {
    const response = await send(url, question, signal)
    return read(question.dialect, response, await response.text())
  })

/** The status that `openai` stands for, as this dialect tells it: only Anthropic's has others. */
export const statusIn = (dialect: Dialect, status: number): number =>
  dialect !== "anthropic" ? status : status === 503 ? 529 : status === 502 ? 500 : status

export const read = (dialect: Dialect, response: Response, raw: string): Told => ({
  status: response.status,
  headers: response.headers,
  raw,
  ...reading(dialect, response, raw)
})

/** Does this answer present itself as the whole of what the model said? */
export const looksWhole = (delivery: Delivery, told: Told): boolean =>
  told.status === 200 &&
  told.error === undefined &&
  (delivery === "whole" || told.marker) &&
  told.finish !== undefined &&
  wholeWords.has(told.finish)
