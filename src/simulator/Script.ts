/**
 * What goes over the socket, as data: a list of steps, and how each fault of the bytes changes it.
 *
 * A healthy answer is a `Reply`; `script` turns it, and the fault if there is one, into steps that the listener plays.
 * Times are counted from the moment the request was read, so that a pace does not drift.
 *
 * @module
 */
import type { Fault } from "./Faults.ts"

export type Step =
  | { readonly _tag: "Head"; readonly status: number; readonly headers: Readonly<Record<string, string>> }
  | { readonly _tag: "Write"; readonly data: string | Uint8Array }
  /** Wait until so many milliseconds after the request. */
  | { readonly _tag: "At"; readonly millis: number }
  /** Send nothing more, keep the connection. */
  | { readonly _tag: "Hang" }
  /** `reset`: with a TCP reset, so that nothing sent before is sure to arrive. */
  | { readonly _tag: "Destroy"; readonly reset: boolean }
  | { readonly _tag: "End" }

/**
 * One piece of a stream, framed for its wire. `opening`: before any content; `content`: text, thoughts or tool
 * arguments; `structure`: what stands between; `finish`: finish reason and usage; `marker`: the wire's end marker.
 */
export interface Chunk {
  readonly kind: "opening" | "content" | "structure" | "finish" | "marker"
  readonly data: string
}

export interface Reply {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  /** Streams: the pieces, each written by itself. */
  readonly chunks: ReadonlyArray<Chunk> | undefined
  /** A whole body; also what a `missing-end` makes of it. */
  readonly body: string
  readonly endless: string
  /** The content that stands for a stream's pace when the answer is whole. */
  readonly tokens: number
}

const page = (title: string) =>
  `<!DOCTYPE html>\n<html><head><title>${title}</title></head><body><h1>${title}</h1></body></html>\n`

const html = { "content-type": "text/html; charset=utf-8" }

/** The vendor's error object as it stands inside a 200: alone as a body, framed as an event of a stream. */
export interface ErrorInside {
  readonly body: string
  /** `first`: nothing of the stream's content came before. */
  readonly chunk: (first: boolean) => string
}

/** The steps of an answer. `paceMillis` stands between two pieces of content; 0 writes them as fast as they go. */
export const script = (
  reply: Reply,
  fault: Fault | undefined,
  paceMillis: number,
  error: ErrorInside
): ReadonlyArray<Step> => {
  const action = fault?.action
  if (action?._tag === "ErrorInside") {
    const headers = { ...reply.headers, "content-type": "application/json" }
    return action.place === "body" || reply.chunks === undefined
      ? whole({ ...reply, headers }, error.body)
      : streamed(reply, reply.chunks, fault, paceMillis, 0, error.chunk)
  }
  if (action?._tag !== "Bytes")
    return reply.chunks === undefined
      ? whole(reply, reply.body)
      : streamed(reply, reply.chunks, undefined, paceMillis, 0)
  switch (action.how) {
    case "reset":
      return [{ _tag: "Destroy", reset: true }]
    case "resetAfterHeaders":
      return [headOf(reply), { _tag: "Destroy", reset: false }]
    case "silence":
      return [{ _tag: "Hang" }]
    case "empty":
      return [headOf(reply), { _tag: "End" }]
    case "html":
      return whole({ ...reply, headers: html }, page("Please log in"))
    case "htmlBadGateway":
      return whole({ ...reply, status: 502, headers: html }, page("502 Bad Gateway"))
    default: {
      const delay = action.how === "slow" ? (fault?.parameters.delayMillis ?? 0) : 0
      const pace = action.how === "trickle" ? 1000 / (fault?.parameters.tokensPerSecond ?? 50) : paceMillis
      return reply.chunks === undefined
        ? damagedWhole(reply, action.how, action.how === "trickle" ? reply.tokens * pace : delay)
        : streamed(reply, reply.chunks, fault, pace, delay)
    }
  }
}

const headOf = (reply: Reply): Step => ({ _tag: "Head", status: reply.status, headers: reply.headers })

const whole = (reply: Reply, body: string): ReadonlyArray<Step> => [
  {
    _tag: "Head",
    status: reply.status,
    headers: { ...reply.headers, "content-length": String(Buffer.byteLength(body)) }
  },
  { _tag: "Write", data: body },
  { _tag: "End" }
]

const damagedWhole = (reply: Reply, how: string, delayMillis: number): ReadonlyArray<Step> => {
  const wait: ReadonlyArray<Step> = delayMillis > 0 ? [{ _tag: "At", millis: delayMillis }] : []
  const half: ReadonlyArray<Step> = [
    headOf(reply),
    { _tag: "Write", data: reply.body.slice(0, Math.ceil(reply.body.length / 2)) }
  ]
  switch (how) {
    case "cut":
      return [...half, { _tag: "Destroy", reset: false }]
    case "cleanCut":
      return [...half, { _tag: "End" }]
    case "stall":
      return [...half, { _tag: "Hang" }]
    case "damaged":
      return whole(reply, damage(reply.body))
    case "missingEnd":
      return whole(reply, reply.endless)
    default:
      return [...wait, ...whole(reply, reply.body)]
  }
}

/** No longer JSON, by one character in its middle. */
const damage = (text: string): string => {
  const at = text.lastIndexOf('":')
  return text.slice(0, at) + text.slice(at + 1)
}

const streamed = (
  reply: Reply,
  chunks: ReadonlyArray<Chunk>,
  fault: Fault | undefined,
  paceMillis: number,
  delayMillis: number,
  error?: ErrorInside["chunk"]
): ReadonlyArray<Step> => {
  const how = fault?.action._tag === "Bytes" ? fault.action.how : undefined
  const breaks = how === "cut" || how === "cleanCut" || how === "stall"
  const total = chunks.filter((chunk) => chunk.kind === "content").length
  // a short answer has its fault as well
  const limit = Math.min(fault?.parameters.afterChunks ?? 0, Math.max(0, total - 1))
  const steps: Array<Step> = [headOf(reply)]
  let contents = 0
  let damaged = false
  const breakOff = (): void => {
    if (error !== undefined) steps.push({ _tag: "Write", data: error(contents === 0) }, { _tag: "End" })
    else if (how === "cut") steps.push({ _tag: "Destroy", reset: false })
    else if (how === "stall") steps.push({ _tag: "Hang" })
    else steps.push({ _tag: "End" })
  }
  for (const chunk of chunks) {
    const ends = chunk.kind === "finish" || chunk.kind === "marker"
    if ((error !== undefined || breaks) && (contents >= limit ? chunk.kind === "content" || ends : ends)) {
      breakOff()
      return steps
    }
    if (how === "missingEnd" && ends) continue
    if (how === "noMarker" && chunk.kind === "marker") continue
    let data = chunk.data
    if (chunk.kind === "content") {
      const due = delayMillis + contents * paceMillis
      if (due > 0) steps.push({ _tag: "At", millis: due })
      if (how === "damaged" && contents >= limit && !damaged) {
        data = damage(data)
        damaged = true
      }
      contents += 1
    }
    steps.push({ _tag: "Write", data })
  }
  breakOff()
  return steps
}
