/**
 * The benchmark's upstream: a `node:http` server that answers like OpenAI and Anthropic, as fast as it can.
 *
 * `POST …/chat/completions` answers whole or with a stream of 100 tokens, as the body asks; `POST …/messages` streams
 * Anthropic's events. A path that begins with `/paced/` streams at 50 tokens a second instead. All bytes are made
 * beforehand. An unpaced stream leaves in `--writes` pieces (default 10), each in its own turn of the event loop.
 *
 * `node scripts/bench/upstream.ts --port 4200 [--writes 10]`; ends with its parent if it was started with a channel.
 */
import { createServer, type IncomingMessage, type ServerResponse } from "node:http"
import { parseArgs } from "node:util"
import {
  anthropicEnd,
  anthropicStart,
  anthropicToken,
  openAiEnd,
  openAiStart,
  openAiToken,
  openAiWhole,
  pacedPerSecond,
  pacedTokens,
  pieces
} from "./wires.ts"

const { values } = parseArgs({
  options: { port: { type: "string", default: "4200" }, writes: { type: "string", default: "10" } }
})
const writes = Math.max(1, Number(values.writes))

const whole = openAiWhole()
const openAiPlain = pieces(openAiStart, openAiToken, openAiEnd(false), writes)
const openAiWithUsage = pieces(openAiStart, openAiToken, openAiEnd(true), writes)
const anthropicPieces = pieces(anthropicStart, anthropicToken, anthropicEnd, writes)
const streamHeaders = { "content-type": "text/event-stream; charset=utf-8", "cache-control": "no-cache" }

const streams = /"stream"\s*:\s*true/
const wantsUsage = /"include_usage"\s*:\s*true/

const sendPieces = (response: ServerResponse, all: ReadonlyArray<Buffer>, at: number): void => {
  const piece = all[at]
  if (piece === undefined || response.destroyed) return
  if (at === all.length - 1) {
    response.end(piece)
    return
  }
  response.write(piece)
  setImmediate(sendPieces, response, all, at + 1)
}

/**
 * Paced streams hang on a wheel: one slot for every 2 ms of the interval between two tokens, one timer for all. A turn
 * that comes late catches up, slot by slot, so the rate holds and the lateness shows as a gap.
 */
interface Paced {
  readonly response: ServerResponse
  readonly end: string
  sent: number
}
const slotMs = 2
const slots: Array<Set<Paced>> = Array.from({ length: 1000 / pacedPerSecond / slotMs }, () => new Set<Paced>())
const chunked = (text: string): Buffer =>
  Buffer.from(`${Buffer.byteLength(text).toString(16)}\r\n${text}\r\n`, "latin1")
const pacedToken = chunked(openAiToken)
let turned = 0
let live = 0
let timer: NodeJS.Timeout | undefined

const sendToken = (slot: Set<Paced>, stream: Paced): void => {
  const { response } = stream
  if (response.destroyed || response.socket === null) {
    slot.delete(stream)
    live--
    return
  }
  stream.sent++
  // The frame of the chunk is ready-made too, so a token is one write to the socket beneath the response.
  response.socket.write(pacedToken)
  if (stream.sent < pacedTokens) return
  slot.delete(stream)
  live--
  response.end(stream.end)
}

const turn = (): void => {
  const due = Math.floor(performance.now() / slotMs)
  while (turned < due) {
    turned++
    const slot = slots[turned % slots.length]
    if (slot !== undefined) for (const stream of slot) sendToken(slot, stream)
  }
  if (live > 0) return
  clearInterval(timer)
  timer = undefined
}

const startPaced = (response: ServerResponse, end: string): void => {
  response.writeHead(200, streamHeaders)
  response.write(openAiStart)
  if (timer === undefined) {
    turned = Math.floor(performance.now() / slotMs)
    timer = setInterval(turn, 1)
  }
  live++
  slots[turned % slots.length]?.add({ response, end, sent: 0 })
}

const answer = (request: IncomingMessage, body: string, response: ServerResponse): void => {
  const path = request.url ?? ""
  if (path.endsWith("/messages")) {
    response.writeHead(200, streamHeaders)
    sendPieces(response, anthropicPieces, 0)
  } else if (!path.endsWith("/chat/completions")) {
    response.writeHead(404, { "content-type": "application/json" }).end(`{"error":{"message":"no such path"}}`)
  } else if (path.startsWith("/paced/")) {
    startPaced(response, openAiEnd(wantsUsage.test(body)))
  } else if (streams.test(body)) {
    response.writeHead(200, streamHeaders)
    sendPieces(response, wantsUsage.test(body) ? openAiWithUsage : openAiPlain, 0)
  } else {
    response.writeHead(200, { "content-type": "application/json", "content-length": whole.length }).end(whole)
  }
}

const server = createServer({ noDelay: true, keepAliveTimeout: 120_000, requestTimeout: 0 }, (request, response) => {
  let body = ""
  request.setEncoding("latin1")
  request.on("data", (piece: string) => {
    body += piece
  })
  request.on("end", () => answer(request, body, response))
})
server.listen({ port: Number(values.port), host: "127.0.0.1", backlog: 4096 })
process.on("disconnect", () => process.exit(0))
