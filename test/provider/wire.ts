/** A loopback server that answers as a test says, and tells what reached it and when a caller let go. */
import { Deferred, Effect, type Scope } from "effect"
import { type IncomingMessage, type ServerResponse, createServer } from "node:http"
import type { AddressInfo, Socket } from "node:net"
import { type Json, parseJson } from "../../src/domain/Json.ts"

export interface Received {
  readonly method: string
  readonly path: string
  readonly headers: Readonly<Record<string, string | ReadonlyArray<string> | undefined>>
  /** As it came. */
  readonly text: string
  readonly body: Json | undefined
  /** Done when the socket is closed. */
  readonly gone: Effect.Effect<void>
}

export type Respond = (response: ServerResponse, received: Received) => void

export interface Wire {
  /** Without a trailing slash. */
  readonly url: string
  /** The requests so far, oldest first. */
  readonly requests: ReadonlyArray<Received>
  /** Done when the next request (the first that was not yet awaited) has been read. */
  readonly next: Effect.Effect<Received>
  /** How many sockets were ever opened. */
  readonly sockets: () => number
}

const read = (request: IncomingMessage, done: (text: string) => void): void => {
  let text = ""
  request.setEncoding("utf8")
  request.on("data", (chunk: string) => (text += chunk))
  request.on("end", () => done(text))
}

/** A server for the scope, on a port of its own. */
export const makeWire = (respond: Respond): Effect.Effect<Wire, never, Scope.Scope> =>
  Effect.gen(function* () {
    const requests: Array<Received> = []
    const arrivals: Array<Deferred.Deferred<Received>> = []
    const arrival = (index: number): Deferred.Deferred<Received> => (arrivals[index] ??= Deferred.makeUnsafe())
    let awaited = 0
    const open = new Set<Socket>()
    let opened = 0
    const server = createServer((request, response) =>
      read(request, (text) => {
        const gone = Deferred.makeUnsafe<void>()
        request.socket.once("close", () => Deferred.doneUnsafe(gone, Effect.void))
        const received: Received = {
          method: request.method ?? "",
          path: request.url ?? "",
          headers: request.headers,
          text,
          body: parseJson(text),
          gone: Deferred.await(gone)
        }
        Deferred.doneUnsafe(arrival(requests.push(received) - 1), Effect.succeed(received))
        respond(response, received)
      })
    )
    server.on("connection", (socket) => {
      opened++
      open.add(socket)
      socket.once("close", () => open.delete(socket))
      // a client that resets is what some tests are about
      socket.on("error", () => {})
    })
    yield* Effect.acquireRelease(
      Effect.callback<void>((resume) => {
        server.listen(0, "127.0.0.1", () => resume(Effect.void))
      }),
      () =>
        Effect.callback<void>((resume) => {
          for (const socket of open) socket.destroy()
          server.close(() => resume(Effect.void))
        })
    )
    // a TCP server's address is an object, not a pipe's name
    const { port } = server.address() as AddressInfo
    return {
      url: `http://127.0.0.1:${port}`,
      requests,
      next: Effect.suspend(() => Deferred.await(arrival(awaited++))),
      sockets: () => opened
    }
  })

export const json =
  (body: Json, status = 200, headers: Readonly<Record<string, string>> = {}): Respond =>
  (response) => {
    response.writeHead(status, { "content-type": "application/json", ...headers })
    response.end(JSON.stringify(body))
  }

export const text =
  (body: string, contentType: string, status = 200): Respond =>
  (response) => {
    response.writeHead(status, { "content-type": contentType })
    response.end(body)
  }

export const sse = (events: string): Respond => text(events, "text/event-stream")

/** A stream that sends `events` and then stays open. */
export const stalled =
  (events: string): Respond =>
  (response) => {
    response.writeHead(200, { "content-type": "text/event-stream" })
    response.write(events)
  }

/** A stream whose socket breaks after `events`. */
export const broken =
  (events: string): Respond =>
  (response) => {
    response.writeHead(200, { "content-type": "text/event-stream" })
    response.write(events, () => response.destroy())
  }

/** Takes the request and never answers. */
export const silent: Respond = () => {}
