/**
 * From a vendor's event stream to frames: one hand-written pull, network read → server-sent events → frames.
 *
 * - A pull never gives an empty array: a read that completes no wire message gives one `Unmodelled` frame without a
 *   wire, so that whoever waits sees that the vendor is alive.
 * - Frames that were read before a failure are given before it.
 * - After the wire's own end was seen the stream is over, whether the body has ended or not. What comes after the end is
 *   not read.
 *
 * @module
 */
import { type Array as Arr, Cause, Effect, type Pull, Result } from "effect"
import type { Expected, OutboundDialect, SseEvent } from "../dialect/Dialect.ts"
import { makeSseParser } from "../dialect/Sse.ts"
import type { Frame } from "../domain/ChatEvent.ts"
import type { ProviderError } from "../domain/ProviderError.ts"
import type { Failures } from "./Failures.ts"
import type { TransportResponse } from "./Transport.ts"

export type FramePull = Pull.Pull<Arr.NonEmptyReadonlyArray<Frame>, ProviderError>

/** What is told with the event that starts a stream, where the wire does not tell it itself. */
export interface Beginning {
  readonly dropped: ReadonlyArray<string>
  /** Seconds since 1970. */
  readonly created: number | undefined
}

/** The frames of a stream; `beginning` is told with the event that starts it. */
export const readFrames = (
  dialect: OutboundDialect,
  failures: Failures,
  model: string,
  response: TransportResponse,
  beginning: Beginning,
  expected: Expected
): FramePull => {
  const parser = makeSseParser()
  const decoder = dialect.streamDecoder(expected)
  let begins = true
  let ended = false
  /** What is known to come after the frames that were just given. */
  let next: FramePull | undefined

  const add = (frame: Frame, frames: Array<Frame>): void => {
    if (begins && frame.events.some((event) => event._tag === "Started")) {
      frames.push(begun(frame, beginning))
      begins = false
    } else frames.push(frame)
    if (frame.events.some((event) => event._tag === "Ended")) {
      ended = true
      next = Effect.andThen(response.release, Cause.done())
    }
  }
  const decodeInto = (events: ReadonlyArray<SseEvent>, frames: Array<Frame>): void => {
    for (const event of events) {
      const decoded = decoder.event(event)
      if (Result.isFailure(decoded)) {
        next = failures.inside(model, decoded.failure, response.headers)
        return
      }
      if (decoded.success !== undefined) add(decoded.success, frames)
      if (ended) return
    }
  }
  const give = (frames: ReadonlyArray<Frame>): FramePull => {
    const [first, ...rest] = frames
    return first === undefined ? (next ?? Effect.succeed([activity])) : Effect.succeed([first, ...rest])
  }
  const onBytes = (chunks: ReadonlyArray<Uint8Array>): FramePull => {
    const frames: Array<Frame> = []
    for (const chunk of chunks) {
      decodeInto(parser.push(chunk), frames)
      if (next !== undefined) return give(frames)
    }
    const fault = parser.fault()
    if (fault !== undefined)
      next = failures.malformed(model, `an event of the stream is longer than ${fault.limitBytes} bytes`)
    return give(frames)
  }
  const onEnd = (): FramePull => {
    const frames: Array<Frame> = []
    decodeInto(parser.end(), frames)
    if (next !== undefined) return give(frames)
    const last = decoder.end()
    if (Result.isFailure(last)) {
      next = failures.inside(model, last.failure, response.headers)
      return give(frames)
    }
    if (last.success !== undefined) add(last.success, frames)
    next = ended ? Cause.done() : failures.malformed(model, "the stream ended without its end")
    return give(frames)
  }
  const read: FramePull = Effect.matchEffect(response.pull, {
    onSuccess: onBytes,
    onFailure: (error) => (Cause.isDone(error) ? onEnd() : failures.network(model, error))
  })
  return Effect.suspend(() => next ?? read)
}

const activity: Frame = { events: [{ _tag: "Unmodelled" }], wire: undefined }

/** A frame whose `Started` tells the beginning of the stream. */
export const begun = (frame: Frame, { created, dropped }: Beginning): Frame => {
  const [first, ...rest] = frame.events
  const mark = (event: typeof first): typeof first =>
    event._tag === "Started"
      ? {
          ...event,
          ...(event.created === undefined && created !== undefined ? { created } : undefined),
          ...(dropped.length === 0 ? undefined : { dropped: [...(event.dropped ?? []), ...dropped] })
        }
      : event
  return { ...frame, events: [mark(first), ...rest.map(mark)] }
}
