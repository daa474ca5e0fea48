/**
 * What the official client of a dialect makes of an answer's bytes: the same answer is read twice, by hand and by it.
 */
import Anthropic from "@anthropic-ai/sdk"
import { GoogleGenAI } from "@google/genai"
import OpenAI from "openai"
import type { Delivery, Dialect, Told } from "./asking.ts"

export interface Heard {
  /** Up to where it went well. */
  readonly text: string
  /** What it threw. */
  readonly error: string | undefined
  /** The HTTP status it tells with what it threw. */
  readonly status: number | undefined
}

/** Asks the client of the dialect, and gives it the bytes that were received. */
export const heardBySdk = async (dialect: Dialect, delivery: Delivery, told: Told): Promise<Heard> => {
  const heard = { text: "" }
  // the clients only read what is there
  const fetch = async () => new Response(told.raw, { status: told.status, headers: new Headers(told.headers) })
  try {
    for await (const text of listeners[dialect](fetch, delivery)) heard.text += text
    return { ...heard, error: undefined, status: undefined }
  } catch (error) {
    const status = error instanceof Error && "status" in error ? error.status : undefined
    return { ...heard, error: String(error), status: typeof status === "number" ? status : undefined }
  }
}

type Listen = (fetch: () => Promise<Response>, delivery: Delivery) => AsyncGenerator<string>

const openaiClient = (fetch: () => Promise<Response>) =>
  new OpenAI({ apiKey: "unused", baseURL: "http://127.0.0.1:1/v1", maxRetries: 0, fetch })

async function* openai(...[fetch, delivery]: Parameters<Listen>): AsyncGenerator<string> {
  const body: OpenAI.ChatCompletionCreateParamsNonStreaming = { model: "m", messages: [] }
  const { completions } = openaiClient(fetch).chat
  if (delivery === "whole") return yield (await completions.create(body)).choices[0]?.message.content ?? ""
  for await (const chunk of await completions.create({ ...body, stream: true }))
    yield chunk.choices[0]?.delta.content ?? ""
}

async function* responses(...[fetch, delivery]: Parameters<Listen>): AsyncGenerator<string> {
  const { responses: client } = openaiClient(fetch)
  const body = { model: "m", input: "" }
  if (delivery === "whole") return yield (await client.create(body)).output_text
  // the helper checks every event, and that the last one agrees with them
  yield (await client.stream(body).finalResponse()).output_text
}

async function* anthropic(...[fetch, delivery]: Parameters<Listen>): AsyncGenerator<string> {
  const { messages } = new Anthropic({ apiKey: "unused", baseURL: "http://127.0.0.1:1", maxRetries: 0, fetch })
  const body: Anthropic.MessageCreateParamsNonStreaming = { model: "m", max_tokens: 500, messages: [] }
  const message = await (delivery === "whole" ? messages.create(body) : messages.stream(body).finalMessage())
  for (const block of message.content) if (block.type === "text") yield block.text
}

async function* gemini(...[fetch, delivery]: Parameters<Listen>): AsyncGenerator<string> {
  const { models } = new GoogleGenAI({
    apiKey: "unused",
    httpOptions: { baseUrl: "http://127.0.0.1:1", fetch, retryOptions: { attempts: 1 } }
  })
  const body = { model: "m", contents: "x" }
  if (delivery === "whole") return yield (await models.generateContent(body)).text ?? ""
  for await (const chunk of await models.generateContentStream(body)) yield chunk.text ?? ""
}

const listeners: { readonly [D in Dialect]: Listen } = { openai, anthropic, responses, gemini }
