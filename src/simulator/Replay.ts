/**
 * Answers that were recorded elsewhere, given again byte by byte.
 *
 * @module
 */
import type { Json } from "../domain/Json.ts"
import type { Step } from "./Script.ts"

export interface ReplayRequest {
  readonly vendor: string
  readonly method: string
  readonly path: string
  readonly query: URLSearchParams
  readonly headers: Readonly<Record<string, string>>
  readonly body: Json
}

/** A recorded answer. */
export interface ReplayAnswer {
  readonly status: number
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: Json
  /** Instead of `body`: the bytes as they are. */
  readonly text?: string
  /** Split the bytes into writes of this size, wherever that falls. Default: one write. */
  readonly chunkBytes?: number
}

export type Replay = (request: ReplayRequest) => ReplayAnswer | undefined

/** Headers of a recording that describe its own transport. */
const transportHeaders: ReadonlySet<string> = new Set(["content-length", "content-encoding", "transfer-encoding"])

/** The steps that give a recorded answer. */
export const replaySteps = (answer: ReplayAnswer): ReadonlyArray<Step> => {
  const text = answer.text ?? (answer.body === undefined ? "" : JSON.stringify(answer.body))
  const data = Buffer.from(text)
  const size = Math.max(1, answer.chunkBytes ?? data.length)
  const writes: Array<Step> = []
  for (let at = 0; at < data.length; at += size) writes.push({ _tag: "Write", data: data.subarray(at, at + size) })
  const headers = Object.entries({ "content-type": "application/json", ...answer.headers }).filter(
    ([name]) => !transportHeaders.has(name.toLowerCase())
  )
  return [{ _tag: "Head", status: answer.status, headers: Object.fromEntries(headers) }, ...writes, { _tag: "End" }]
}
