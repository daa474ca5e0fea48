/**
 * A caller for the simulators' tests: official SDKs without retries of their own, and a bare HTTP client that tells how
 * a body ended.
 *
 * @module
 */
import * as http from "node:http"
import Anthropic from "@anthropic-ai/sdk"
import { GoogleGenAI } from "@google/genai"
import { Effect } from "effect"
import OpenAI from "openai"
import type { SimulatorShape } from "../../src/simulator/Simulator.ts"

export const openai = (simulator: SimulatorShape, vendor = "openai") =>
  new OpenAI({ apiKey: "sk-simulated-key", baseURL: simulator.baseUrl(vendor), maxRetries: 0 })

export const anthropic = (simulator: SimulatorShape) =>
  new Anthropic({ apiKey: "sk-ant-simulated", baseURL: simulator.baseUrl("anthropic"), maxRetries: 0 })

export const google = (simulator: SimulatorShape) =>
  new GoogleGenAI({ apiKey: "simulated", httpOptions: { baseUrl: simulator.baseUrl("google") } })

export interface Raw {
  readonly status: number | undefined
  readonly headers: http.IncomingHttpHeaders
  readonly text: string
  /** The sizes of the writes as they arrived. */
  readonly pieces: number
  /** `complete`: the body ended by HTTP's rules; `broken`: the connection went first. */
  readonly ended: "complete" | "broken"
}

/** One request by hand; the answer as it came. Interruption closes the socket. */
export const raw = (
  url: string,
  options: { readonly method?: string; readonly headers?: Record<string, string>; readonly body?: unknown } = {}
): Effect.Effect<Raw> =>
  Effect.callback<Raw>((resume) => {
    const body = typeof options.body === "string" ? options.body : JSON.stringify(options.body)
    const request = http.request(url, {
      method: options.method ?? "POST",
      agent: false,
      headers: { "content-type": "application/json", ...options.headers }
    })
    request.on("error", () =>
      resume(Effect.succeed({ status: undefined, headers: {}, text: "", pieces: 0, ended: "broken" }))
    )
    request.on("response", (response) => {
      const parts: Array<Buffer> = []
      const done = () =>
        resume(
          Effect.succeed({
            status: response.statusCode,
            headers: response.headers,
            text: Buffer.concat(parts).toString("utf8"),
            pieces: parts.length,
            ended: response.complete ? "complete" : "broken"
          })
        )
      response.on("data", (part: Buffer) => parts.push(part))
      response.on("error", done)
      response.on("close", done)
    })
    request.end(body)
    return Effect.sync(() => request.destroy())
  })

/** A request of each vendor's wire that asks for a few words. */
export const asking = {
  openai: (simulator: SimulatorShape, model: string, stream: boolean, vendor = "openai") =>
    raw(`${simulator.url}/${vendor}/v1/chat/completions`, {
      headers: { authorization: "Bearer sk-simulated-key" },
      body: {
        model,
        stream,
        messages: [{ role: "user", content: "Tell me of the sea" }],
        ...(stream ? { stream_options: { include_usage: true } } : {})
      }
    }),
  anthropic: (simulator: SimulatorShape, model: string, stream: boolean) =>
    raw(`${simulator.url}/anthropic/v1/messages`, {
      headers: { "x-api-key": "sk-ant-simulated", "anthropic-version": "2023-06-01" },
      body: { model, stream, max_tokens: 500, messages: [{ role: "user", content: "Tell me of the sea" }] }
    }),
  google: (simulator: SimulatorShape, model: string, stream: boolean) =>
    raw(
      `${simulator.url}/google/v1beta/models/${model}:${stream ? "streamGenerateContent?alt=sse" : "generateContent"}`,
      {
        headers: { "x-goog-api-key": "simulated" },
        body: { contents: [{ role: "user", parts: [{ text: "Tell me of the sea" }] }] }
      }
    )
}
export type AskedVendor = keyof typeof asking
export const askedVendors: ReadonlyArray<AskedVendor> = ["openai", "anthropic", "google"]

/** The data of a stream's events, in order. */
export const dataOf = (text: string): ReadonlyArray<string> =>
  text.split(/\r?\n/).flatMap((line) => (line.startsWith("data: ") ? [line.slice(6)] : []))

/** All that a stream gives. */
export const collect = async <A>(stream: Promise<AsyncIterable<A>>): Promise<ReadonlyArray<A>> => {
  const all: Array<A> = []
  for await (const one of await stream) all.push(one)
  return all
}

/** What a call is refused with. Dies where it is not refused. */
export const refusalOf = (call: () => Promise<unknown>): Effect.Effect<unknown> =>
  Effect.promise(() =>
    call().then(
      () => {
        throw new Error("the call was answered")
      },
      (error: unknown) => error
    )
  )
