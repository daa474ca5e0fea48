/**
 * Plays a script over a socket: reads a request, writes an answer's steps, and leaves when the caller does.
 *
 * Every wait is on Effect's Clock. Interruption stops between two steps; what was written is written.
 *
 * @module
 */
import type { IncomingMessage, ServerResponse } from "node:http"
import { Clock, Effect } from "effect"
import type { Step } from "./Script.ts"

/** The whole body as text. Never resumes when the caller goes away first: the call's fiber is interrupted then. */
export const readBody = (request: IncomingMessage): Effect.Effect<string> =>
  Effect.callback((resume) => {
    const parts: Array<Buffer> = []
    request.on("data", (part: Buffer) => parts.push(part))
    request.on("end", () => resume(Effect.succeed(Buffer.concat(parts).toString("utf8"))))
  })

/** Plays the steps one after the other; `startMillis` is when the request was read. */
export const play = (response: ServerResponse, steps: ReadonlyArray<Step>, startMillis: number): Effect.Effect<void> =>
  Effect.gen(function* () {
    for (let at = 0; at < steps.length; at++) {
      const step = steps[at]
      const next = steps[at + 1]
      if (step === undefined) return
      switch (step._tag) {
        case "Head":
          response.writeHead(step.status, step.headers)
          // else the head waits for the first write, which is at hand
          if (next?._tag !== "Write" && next?._tag !== "End") yield* flushHead(response)
          break
        case "Write":
          if (next?._tag === "End") {
            yield* end(response, step.data)
            return
          }
          yield* write(response, step.data)
          break
        case "At": {
          const now = yield* Clock.currentTimeMillis
          if (step.millis > now - startMillis) yield* Effect.sleep(step.millis - (now - startMillis))
          break
        }
        case "Hang":
          return yield* Effect.never
        case "Destroy":
          if (step.reset) response.socket?.resetAndDestroy()
          else response.socket?.destroy()
          return
        case "End":
          yield* end(response, undefined)
          return
      }
    }
  })

/** Each piece is written by itself: the next one waits until the system has taken this one. */
const write = (response: ServerResponse, data: string | Uint8Array): Effect.Effect<void> =>
  Effect.callback((resume) => {
    response.write(data, () => resume(Effect.void))
  })

const end = (response: ServerResponse, data: string | Uint8Array | undefined): Effect.Effect<void> =>
  Effect.callback((resume) => {
    const done = () => resume(Effect.void)
    if (data === undefined) response.end(done)
    else response.end(data, done)
  })

/** The head by itself, taken by the system before anything else happens to the socket. */
const flushHead = (response: ServerResponse): Effect.Effect<void> =>
  Effect.callback((resume) => {
    response.flushHeaders()
    const { socket } = response
    if (socket === null) resume(Effect.void)
    else socket.write("", () => resume(Effect.void))
  })
