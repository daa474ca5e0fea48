/**
 * The load generator, a process of its own: takes jobs over its channel, one at a time, and answers each with its
 * measurements. Every answer is checked: status 200, the end seen, all content there; one in 64 is parsed throughout.
 *
 * Everything ends: a job stops on its time, on too many errors, or when nothing was heard for ten seconds.
 */
import { type Exchange, Connection, postBytes } from "./http1.ts"
import type { Expected, Job, Measured, MeasureJob, PacedJob, PacedResult } from "./load-protocol.ts"
import { percentile } from "./statistics.ts"
import { marker } from "./wires.ts"

const silenceMs = 10_000
const tooManyErrors = 500
const markerText = marker.trim()

const occurrences = (text: string, part: string): number => {
  let count = 0
  for (let at = text.indexOf(part); at >= 0; at = text.indexOf(part, at + part.length)) count++
  return count
}

const parsesThroughout = (text: string, stream: boolean): boolean => {
  try {
    if (!stream) JSON.parse(text)
    else for (const line of text.split("\n")) if (line.startsWith("data: {")) JSON.parse(line.slice(6))
    return true
  } catch {
    return false
  }
}

let seen = 0

/** What is wrong with an answer; undefined for a complete one. */
const fault = ({ body, status }: Exchange, expected: Expected): string | undefined => {
  const text = body.toString("latin1")
  if (status !== 200) return `status ${status}: ${text.slice(0, 300)}`
  if (text.lastIndexOf(expected.end) < 0) return `the end is missing: …${text.slice(-200)}`
  const tokens = occurrences(text, markerText)
  if (tokens !== expected.tokens) return `${tokens} pieces of text instead of ${expected.tokens}`
  if (expected.stream && occurrences(text, "data: ") < expected.tokens) return "fewer events than pieces of text"
  return seen++ % 64 === 0 && !parsesThroughout(text, expected.stream) ? "JSON that does not parse" : undefined
}

const measure = (job: MeasureJob): Promise<Measured> =>
  new Promise((resolve) => {
    const { expected, target } = job
    const request = postBytes(target.port, target.path, target.headers, target.body)
    const latencies: Array<number> = []
    const connections = new Set<Connection>()
    let running = job.connections
    let errors = 0
    let firstError: string | undefined
    const started = performance.now()
    const until = started + job.seconds * 1000
    let last = started

    const finish = (): void => {
      clearInterval(watch)
      for (const connection of connections) connection.destroy()
      const sorted = latencies.sort((a, b) => a - b)
      resolve({
        kind: "measure",
        id: job.id,
        answers: sorted.length,
        perSecond: sorted.length / job.seconds,
        p50Ms: percentile(sorted, 0.5),
        p99Ms: percentile(sorted, 0.99),
        errors,
        firstError
      })
    }
    const watch = setInterval(() => {
      if (performance.now() - last < silenceMs) return
      errors += running
      firstError ??= `nothing was heard for ${silenceMs / 1000} s`
      running = 0
      finish()
    }, 250)
    const failed = (reason: string): void => {
      errors++
      firstError ??= reason
    }
    const next = (held: Connection | undefined): void => {
      if (running === 0) return
      if (performance.now() >= until || errors >= tooManyErrors) {
        running--
        if (running === 0) finish()
        return
      }
      let connection = held
      if (connection === undefined || !connection.usable) {
        if (connection !== undefined) connections.delete(connection)
        connection = new Connection(target.port)
        connections.add(connection)
      }
      const current = connection
      const sent = performance.now()
      current.send(request, {
        onEnd: (exchange) => {
          last = performance.now()
          const wrong = fault(exchange, expected)
          if (wrong !== undefined) failed(wrong)
          else if (last < until) latencies.push(last - sent)
          next(current)
        },
        onError: (reason) => {
          failed(reason)
          // A little later, so that a server that refuses connections is not stormed.
          setTimeout(next, 20, current)
        }
      })
    }
    for (let at = 0; at < job.connections; at++) next(undefined)
  })

const paced = (job: PacedJob): Promise<PacedResult> =>
  new Promise((resolve) => {
    const { expected, target } = job
    const request = postBytes(target.port, target.path, target.headers, target.body)
    const markerBytes = Buffer.from(markerText)
    const connections: Array<Connection> = []
    const firsts: Array<number> = []
    let open = job.streams
    let complete = 0
    let gaps = 0
    let worstGapMs = 0
    let errors = 0
    let firstError: string | undefined

    const finish = (): void => {
      clearInterval(ramp)
      clearTimeout(limit)
      for (const connection of connections) connection.destroy()
      const sorted = firsts.sort((a, b) => a - b)
      const firstP99Ms = percentile(sorted, 0.99)
      resolve({ kind: "paced", id: job.id, complete, gaps, worstGapMs, firstP99Ms, errors, firstError })
    }
    const limit = setTimeout(() => {
      errors += open
      firstError ??= "streams were not complete in time"
      open = 0
      finish()
    }, job.limitMs)
    const closeOne = (wrong: string | undefined): void => {
      if (open === 0) return
      if (wrong === undefined) complete++
      else {
        errors++
        firstError ??= wrong
      }
      open--
      if (open === 0) finish()
    }
    const start = (): void => {
      const sent = performance.now()
      let heard: number | undefined
      const connection = new Connection(target.port)
      connections.push(connection)
      connection.send(request, {
        // Comments, pings and the role are no content: only a piece with the marker ends a silence.
        onPiece: (piece) => {
          if (!piece.includes(markerBytes)) return
          const now = performance.now()
          if (heard === undefined) firsts.push(now - sent)
          else {
            const gap = now - heard
            if (gap > worstGapMs) worstGapMs = gap
            if (gap > job.gapLimitMs) gaps++
          }
          heard = now
        },
        onEnd: (exchange) => closeOne(fault(exchange, expected)),
        onError: closeOne
      })
    }
    const began = performance.now()
    let startedStreams = 0
    const ramp = setInterval(() => {
      const due = Math.ceil((job.streams * (performance.now() - began)) / job.rampMs)
      for (; startedStreams < Math.min(due, job.streams); startedStreams++) start()
      if (startedStreams >= job.streams) clearInterval(ramp)
    }, 5)
  })

process.on("message", (message) => {
  // Only the benchmark holds the other end of this channel.
  const job = message as Job
  const result = job.kind === "measure" ? measure(job) : paced(job)
  void result.then((done) => process.send?.(done))
})
process.on("disconnect", () => process.exit(0))
