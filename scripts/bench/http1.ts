/**
 * A keep-alive HTTP/1.1 client on a bare socket, as small as a load generator can have it: one exchange at a time,
 * bodies with a length or in chunks. It exists because the load shares its core with the upstream and must not be what
 * is measured.
 *
 * Framing after RFC 9112, sections 6 and 7; chunk extensions and trailers are skipped.
 */
import { connect, type Socket } from "node:net"

export interface Exchange {
  readonly status: number
  readonly body: Buffer
}

export interface Waiting {
  /** Every piece of the body as it comes. */
  readonly onPiece?: (piece: Buffer) => void
  readonly onEnd: (exchange: Exchange) => void
  readonly onError: (reason: string) => void
}

type Stage = "head" | "length" | "close" | "size" | "chunk" | "chunkEnd" | "trailer"

const headEnd = Buffer.from("\r\n\r\n")
const lineEnd = Buffer.from("\r\n")
const nothing = Buffer.alloc(0)

/** The bytes of a POST request. */
export const postBytes = (
  port: number,
  path: string,
  headers: Readonly<Record<string, string>>,
  body: string
): Buffer => {
  const head = Object.entries({
    host: `127.0.0.1:${port}`,
    "content-type": "application/json",
    "content-length": String(Buffer.byteLength(body)),
    ...headers
  }).map(([name, value]) => `${name}: ${value}\r\n`)
  return Buffer.from(`POST ${path} HTTP/1.1\r\n${head.join("")}\r\n${body}`)
}

export class Connection {
  readonly #socket: Socket
  #waiting: Waiting | undefined
  #stage: Stage = "head"
  #carry: Buffer = nothing
  #left = 0
  #status = 0
  #closes = false
  #pieces: Array<Buffer> = []
  #dead: string | undefined

  constructor(port: number) {
    this.#socket = connect({ port, host: "127.0.0.1", noDelay: true })
    this.#socket.on("data", (data: Buffer) => this.#take(data))
    this.#socket.on("error", (error: NodeJS.ErrnoException) => this.#fail(error.code ?? error.message))
    this.#socket.on("close", () => this.#closed())
  }

  /** False once the socket is gone or is about to go; then a new connection is needed. */
  get usable(): boolean {
    return this.#dead === undefined
  }

  /** Sends one request; the exchange before must have ended. */
  send(request: Buffer, waiting: Waiting): void {
    if (this.#dead !== undefined) {
      waiting.onError(this.#dead)
      return
    }
    this.#waiting = waiting
    this.#stage = "head"
    this.#pieces = []
    this.#socket.write(request)
  }

  destroy(): void {
    this.#waiting = undefined
    this.#dead ??= "destroyed"
    this.#socket.destroy()
  }

  #fail(reason: string): void {
    this.#dead ??= reason
    const waiting = this.#waiting
    this.#waiting = undefined
    this.#socket.destroy()
    waiting?.onError(reason)
  }

  #closed(): void {
    if (this.#stage === "close" && this.#waiting !== undefined) {
      this.#dead ??= "closed"
      this.#finish()
    } else this.#fail("closed before the answer was complete")
  }

  #finish(): void {
    const waiting = this.#waiting
    const body = this.#pieces.length === 1 ? (this.#pieces[0] ?? nothing) : Buffer.concat(this.#pieces)
    this.#waiting = undefined
    this.#pieces = []
    if (this.#closes && this.#dead === undefined) this.destroy()
    waiting?.onEnd({ status: this.#status, body })
  }

  #piece(piece: Buffer): void {
    this.#pieces.push(piece)
    this.#waiting?.onPiece?.(piece)
  }

  /** Walks through what has come; what cannot be judged yet is carried over. */
  #take(data: Buffer): void {
    let rest = this.#carry.length === 0 ? data : Buffer.concat([this.#carry, data])
    this.#carry = nothing
    while (this.#waiting !== undefined && (rest.length > 0 || (this.#stage === "length" && this.#left === 0))) {
      const taken = this.#step(rest)
      if (taken < 0) {
        this.#carry = rest
        return
      }
      rest = rest.subarray(taken)
    }
  }

  /** Handles what stands first in `rest`; returns the bytes used, or -1 if more are needed. */
  #step(rest: Buffer): number {
    switch (this.#stage) {
      case "head":
        return this.#head(rest)
      case "close":
        this.#piece(rest)
        return rest.length
      case "length": {
        const size = Math.min(this.#left, rest.length)
        this.#left -= size
        if (size > 0) this.#piece(rest.subarray(0, size))
        if (this.#left === 0) this.#finish()
        return size
      }
      case "size": {
        const end = rest.indexOf(lineEnd)
        if (end < 0) return -1
        this.#left = Number.parseInt(rest.toString("latin1", 0, end), 16)
        if (Number.isNaN(this.#left)) this.#fail("a chunk without a size")
        this.#stage = this.#left === 0 ? "trailer" : "chunk"
        return end + 2
      }
      case "chunk": {
        const size = Math.min(this.#left, rest.length)
        this.#left -= size
        this.#piece(rest.subarray(0, size))
        if (this.#left === 0) this.#stage = "chunkEnd"
        return size
      }
      case "chunkEnd":
        if (rest.length < 2) return -1
        this.#stage = "size"
        return 2
      case "trailer": {
        const end = rest.indexOf(lineEnd)
        if (end < 0) return -1
        if (end === 0) this.#finish()
        return end + 2
      }
    }
  }

  #head(rest: Buffer): number {
    const end = rest.indexOf(headEnd)
    if (end < 0) return -1
    const head = rest.toString("latin1", 0, end).toLowerCase()
    this.#status = Number(head.slice(9, 12))
    this.#closes = head.includes("\r\nconnection: close")
    const length = /\r\ncontent-length: *(\d+)/.exec(head)?.[1]
    this.#left = Number(length ?? 0)
    this.#stage = head.includes("\r\ntransfer-encoding: chunked") ? "size" : length === undefined ? "close" : "length"
    return end + headEnd.length
  }
}
