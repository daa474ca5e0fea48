/**
 * A live answer on its way to the caller, written straight to Node's response: mostly server-sent events.
 *
 * - Back-pressure: a write that finds the socket full waits for it to drain, so nothing is pulled from the provider
 *   that the caller has not room for. A caller that reads nothing for long is disconnected by the listener.
 * - Headers go out with the first bytes, in one packet.
 * - Heartbeats keep silent streams open. None is written while the socket is full.
 *
 * Gotchas
 * - Writing to a response whose socket has gone raises an `error` event, which without a listener ends the process.
 * - Nothing may be written after the end: `open`, `write` and `end` do nothing then.
 *
 * @module
 */
import { type Clock, Duration, Effect } from "effect"
import type { ServerResponse } from "node:http"
import type { RawHeaders } from "./Reply.ts"

const eventStream = "text/event-stream; charset=utf-8"

const streamHeaders: Readonly<RawHeaders> = [
  "cache-control",
  "no-cache, no-transform",
  // asks nginx, and what imitates it, not to gather the stream
  "x-accel-buffering",
  "no"
]

export class EventStream {
  readonly #response: ServerResponse
  readonly #clock: Clock.Clock
  readonly #headers: Readonly<RawHeaders>
  #lastWriteAt = 0

  /** `headers` go out with every stream, whatever answers; the media type is that of server-sent events unless told. */
  constructor(response: ServerResponse, clock: Clock.Clock, headers: Readonly<RawHeaders>, mediaType = eventStream) {
    this.#response = response
    this.#clock = clock
    this.#headers = [...headers, ...streamHeaders, "content-type", mediaType]
    response.on("error", ignore)
  }

  /** Have status and headers been decided? From then on a failure can only be told in-band. */
  get isOpen(): boolean {
    return this.#response.headersSent
  }

  /** Writes status and headers, once. */
  open(headers: Readonly<RawHeaders>): void {
    if (this.#response.headersSent || this.#response.destroyed) return
    this.#response.writeHead(200, [...headers, ...this.#headers])
    this.#lastWriteAt = this.#clock.currentTimeMillisUnsafe()
  }

  /** Writes some events; waits where the caller reads slower than they come. */
  write(text: string): Effect.Effect<void> {
    if (text === "" || !this.#isWritable) return Effect.void
    this.#lastWriteAt = this.#clock.currentTimeMillisUnsafe()
    return this.#response.write(text) ? Effect.void : this.#drained
  }

  /** Writes the last words, if any, and ends the body normally. */
  end(text: string): void {
    if (!this.#isWritable) return
    this.#response.end(text)
  }

  /**
   * Opens the stream when nobody has answered within `patience`, and from then on writes `heartbeat` whenever nothing
   * was written for `every`. Runs until it is interrupted.
   */
  pulse(heartbeat: string, patience: Duration.Duration, every: Duration.Duration): Effect.Effect<never> {
    const startedAt = this.#clock.currentTimeMillisUnsafe()
    const everyMillis = Math.max(1, Duration.toMillis(every))
    const patienceMillis = Duration.toMillis(patience)
    const next = (): number => {
      const now = this.#clock.currentTimeMillisUnsafe()
      const due = () => (this.isOpen ? this.#lastWriteAt + everyMillis : startedAt + patienceMillis)
      if (now >= due()) {
        this.open([])
        if (this.#isWritable && !this.#response.writableNeedDrain) this.#response.write(heartbeat)
        this.#lastWriteAt = now
      }
      // the stream may open while this sleeps, so it never sleeps longer than a heartbeat
      return Math.max(1, Math.min(due() - now, everyMillis))
    }
    return Effect.forever(Effect.suspend(() => Effect.sleep(next())))
  }

  get #isWritable(): boolean {
    return !this.#response.writableEnded && !this.#response.destroyed
  }

  get #drained(): Effect.Effect<void> {
    const response = this.#response
    return Effect.callback<void>((resume) => {
      const done = () => resume(Effect.void)
      response.once("drain", done)
      return Effect.sync(() => response.off("drain", done))
    })
  }
}

const ignore = () => {}
