/**
 * Callers that go away: how each kind asks, and when it leaves.
 *
 * A caller leaves on a condition (its call has reached a vendor, so much has come), never after a time, but for one short
 * random delay that spreads the moments within what then happens.
 */
import { request as httpRequest } from "node:http"
import { connect } from "node:net"
import { setTimeout as delay } from "node:timers/promises"
import { Effect, FiberSet, type Scope } from "effect"
import type { SimulatorShape } from "../../src/simulator/Simulator.ts"
import { dialects, type Framing, requestOf } from "../../test/e2e/asking.ts"

export type LeavesWhen =
  /** Half of the body has been written. */
  | { readonly _tag: "HalfBody" }
  /** The whole request has been written. */
  | { readonly _tag: "Sent" }
  /** Its call has reached that vendor. */
  | { readonly _tag: "Reached"; readonly vendor: string }
  /** Something of the answer has come. */
  | { readonly _tag: "Bytes" }
  /** These words have come. */
  | { readonly _tag: "Words"; readonly words: string }

export interface CallerKind {
  readonly name: string
  readonly model: string
  readonly live: boolean
  readonly leaves: LeavesWhen
}

/** Every moment of a request at which a caller may go. The site's aliases and limits make them possible. */
export const callerKinds: ReadonlyArray<CallerKind> = [
  { name: "before its body is sent", model: "openai/gpt-5.2", live: true, leaves: { _tag: "HalfBody" } },
  { name: "as soon as it has asked", model: "openai/gpt-5.2", live: true, leaves: { _tag: "Sent" } },
  {
    name: "before the first byte of a stream",
    model: "openai/gpt-5.2--silence",
    live: true,
    leaves: { _tag: "Reached", vendor: "openai" }
  },
  {
    name: "before a whole answer",
    model: "openai/gpt-5.2--silence",
    live: false,
    leaves: { _tag: "Reached", vendor: "openai" }
  },
  {
    name: "while a whole answer is made",
    model: "anthropic/claude-sonnet-5--trickle",
    live: false,
    leaves: { _tag: "Reached", vendor: "anthropic" }
  },
  {
    name: "within a stream",
    model: "anthropic/claude-sonnet-5--trickle~tokensPerSecond=100",
    live: true,
    leaves: { _tag: "Words", words: "word5" }
  },
  {
    name: "just before a stream's end",
    model: "openai/gpt-5.2--trickle~tokensPerSecond=1000",
    live: true,
    leaves: { _tag: "Words", words: "word29" }
  },
  { name: "in patience", model: "openai/gpt-5.2--silence", live: true, leaves: { _tag: "Bytes" } },
  { name: "during a fallback", model: "falls-back", live: true, leaves: { _tag: "Reached", vendor: "anthropic" } },
  {
    name: "during a whole fallback",
    model: "falls-back",
    live: false,
    leaves: { _tag: "Reached", vendor: "anthropic" }
  },
  {
    name: "while a retry is waited for",
    model: "mistral/mistral-large--unavailable",
    live: false,
    leaves: { _tag: "Reached", vendor: "mistral" }
  },
  {
    name: "while a rate limit is waited for",
    model: "deepseek/deepseek-chat--rate-limit~retryAfter=3",
    live: true,
    leaves: { _tag: "Bytes" }
  },
  { name: "while another goes on", model: "goes-on", live: true, leaves: { _tag: "Reached", vendor: "gemini" } },
  { name: "in the queue", model: "groq/llama-3.3-70b-versatile--silence", live: true, leaves: { _tag: "Bytes" } },
  { name: "within a hedge", model: "hedged", live: true, leaves: { _tag: "Reached", vendor: "together" } }
]

const markOf = (number: number): string => `I am caller ${number}.`
const mark = /I am caller (\d+)\./

/** Which callers' calls have reached which vendors. */
export interface Arrivals {
  readonly reached: (number: number, vendor: string) => Promise<void>
}

export const watchArrivals = (simulator: SimulatorShape): Effect.Effect<Arrivals, never, Scope.Scope> =>
  Effect.gen(function* () {
    const run = yield* FiberSet.makeRuntime<never>()
    const arrived = new Set<string>()
    const waiting = new Map<string, () => void>()
    const known = new Set<number>()
    run(
      simulator.untilCall((call) => {
        if (known.has(call.number)) return false
        known.add(call.number)
        const key = `${mark.exec(JSON.stringify(call.body))?.[1]} ${call.vendor}`
        arrived.add(key)
        waiting.get(key)?.()
        return false
      })
    )
    return {
      reached: (number, vendor) =>
        new Promise((resolve) => {
          const key = `${number} ${vendor}`
          if (arrived.has(key)) resolve()
          else waiting.set(key, resolve)
        })
    }
  })

/** How long a caller waits for its moment at the most, in milliseconds: it is part of no time that is measured. */
const longest = 20_000

/**
 * Asks, and leaves at its moment; gives whether the moment came. `lot` is a random number from 0 to below 1.
 */
export const askAndLeave = async (
  url: string,
  kind: CallerKind,
  number: number,
  arrivals: Arrivals,
  lot: number
): Promise<boolean> => {
  // a kind of caller comes in every dialect, Google's streams in both framings
  const round = Math.floor(number / callerKinds.length)
  const framing: Framing = round % (2 * dialects.length) < dialects.length ? "sse" : "array"
  const { body, path } = requestOf({
    dialect: dialects[round % dialects.length] ?? "openai",
    delivery: kind.live ? "live" : "whole",
    framing,
    model: kind.model,
    prompt: `${markOf(number)} 30 words`
  })
  const { hostname, port } = new URL(url)
  if (kind.leaves._tag === "HalfBody") {
    const socket = connect(Number(port), hostname)
    socket.on("error", () => {})
    await new Promise<void>((resolve) => {
      const half = body.slice(0, Math.floor(body.length * lot))
      socket.write(
        `POST ${path} HTTP/1.1\r\nhost: ${hostname}\r\ncontent-type: application/json\r\n` +
          `content-length: ${body.length}\r\n\r\n${half}`,
        () => resolve()
      )
    })
    await delay(lot * 20)
    socket.destroy()
    return true
  }
  const request = httpRequest(`${url}${path}`, {
    method: "POST",
    agent: false,
    headers: { "content-type": "application/json", "content-length": String(Buffer.byteLength(body)) }
  })
  request.on("error", () => {})
  const { leaves } = kind
  const moment = new Promise<boolean>((resolve) => {
    let raw = ""
    request.on("response", (response) => {
      response.on("error", () => {})
      response.on("data", (bytes: Buffer) => {
        raw += bytes.toString("utf8")
        if (leaves._tag === "Bytes" || (leaves._tag === "Words" && raw.includes(leaves.words))) resolve(true)
      })
      // it ended before its moment came
      response.on("close", () => resolve(false))
    })
    if (leaves._tag === "Reached") void arrivals.reached(number, leaves.vendor).then(() => resolve(true))
    request.end(body, () => {
      if (leaves._tag === "Sent") resolve(true)
    })
  })
  const bound = new AbortController()
  const isMoment = await Promise.race([moment, delay(longest, false, { signal: bound.signal }).catch(() => false)])
  bound.abort()
  if (leaves._tag !== "Words") await delay(lot * 30)
  request.destroy()
  return isMoment
}
