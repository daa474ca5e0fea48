/**
 * Server-sent events, read and written: https://html.spec.whatwg.org/multipage/server-sent-events.html
 *
 * The parser takes network chunks as they come and gives the events they complete. However the bytes are split, the
 * events are the same. Lines may end in LF, CRLF or CR; a byte order mark, comments, `id` and `retry` are passed over;
 * characters split between chunks are put together.
 *
 * - This is the hot path of every stream. Only what is new is searched, a started event is kept as a rope until its
 *   end is seen, and the usual shape (one `data: …` line and a blank one) costs one search and one slice.
 * - The size of one event is bounded. Past the bound the parser gives nothing more and `fault()` says why; the events
 *   before it are not lost.
 * - An event without its blank line at the end of the body is discarded, as the standard demands, unless its data is
 *   whole by itself (`[DONE]` or JSON that parses): some vendors leave the last blank line out.
 *
 * @module
 */
import { parseJson } from "../domain/Json.ts"
import type { SseEvent } from "./Dialect.ts"

/** An event grew past the bound; the stream cannot be read on. */
export interface SseFault {
  readonly _tag: "EventTooLarge"
  readonly limitBytes: number
}

/** Reads one body. Not shared between streams. */
export interface SseParser {
  /** The events that this chunk completes, in order. */
  readonly push: (chunk: Uint8Array) => ReadonlyArray<SseEvent>
  /** The body has ended: the event left without its blank line, if its data is whole. */
  readonly end: () => ReadonlyArray<SseEvent>
  /** Why the parser gives nothing more; `undefined` as long as all is well. */
  readonly fault: () => SseFault | undefined
}

/** Room for an image in base64. */
const defaultMaxEventBytes = 16 * 1024 * 1024

const none: ReadonlyArray<SseEvent> = []

// A decoder that is not asked to stream keeps no state, so all parsers share one; it is also much the faster way.
const wholeCharacters = new TextDecoder("utf-8", { ignoreBOM: true })

/**
 * A parser for one body. `maxEventBytes` bounds one event, comments and field names included; it is counted in UTF-16
 * code units, of which there are never more than bytes.
 */
export const makeSseParser = (options: { readonly maxEventBytes?: number } = {}): SseParser => {
  const maxEventBytes = options.maxEventBytes ?? defaultMaxEventBytes
  let fault: SseFault | undefined
  /** The start of an event whose end has not been seen. */
  let rest = ""
  let restEndsLine = false
  let atStart = true
  let afterCarriageReturn = false
  /** Set while a character is split between chunks. */
  let splitCharacters: InstanceType<typeof TextDecoder> | undefined

  const decode = (chunk: Uint8Array): string => {
    if (splitCharacters === undefined && (chunk[chunk.length - 1] ?? 0) < 0x80) return wholeCharacters.decode(chunk)
    splitCharacters ??= new TextDecoder("utf-8", { ignoreBOM: true })
    const text = splitCharacters.decode(chunk, { stream: true })
    // an ASCII byte at the end completes whatever was open
    if ((chunk[chunk.length - 1] ?? 0) < 0x80) splitCharacters = undefined
    return text
  }

  /** Line ends made LF; a CR at the end of a chunk counts at once, an LF that follows it in the next one does not. */
  const normalise = (text: string): string => {
    if (!afterCarriageReturn && !text.includes("\r")) return text
    const fresh = afterCarriageReturn && text.charCodeAt(0) === 10 ? text.slice(1) : text
    afterCarriageReturn = fresh.charCodeAt(fresh.length - 1) === 13
    return fresh.replace(/\r\n?/g, "\n")
  }

  const take = (text: string): ReadonlyArray<SseEvent> => {
    let out: Array<SseEvent> | undefined
    let at = 0
    const add = (block: string): boolean => {
      if (block.length > maxEventBytes) {
        fault = { _tag: "EventTooLarge", limitBytes: maxEventBytes }
        rest = ""
        return false
      }
      const event = eventOf(block)
      if (event !== undefined) (out ??= []).push(event)
      return true
    }
    if (restEndsLine && text.charCodeAt(0) === 10) {
      if (!add(rest.slice(0, -1))) return none
      rest = ""
      at = 1
    }
    for (;;) {
      // blank lines between events
      if (rest === "") while (text.charCodeAt(at) === 10) at++
      const blank = text.indexOf("\n\n", at)
      if (blank < 0) break
      const block = text.slice(at, blank)
      if (!add(rest === "" ? block : rest + block)) return out ?? none
      rest = ""
      at = blank + 2
    }
    if (at < text.length) {
      rest += at === 0 ? text : text.slice(at)
      restEndsLine = text.charCodeAt(text.length - 1) === 10
    } else if (rest === "") restEndsLine = false
    if (rest.length > maxEventBytes + 1) {
      fault = { _tag: "EventTooLarge", limitBytes: maxEventBytes }
      rest = ""
    }
    return out ?? none
  }

  return {
    push: (chunk) => {
      if (fault !== undefined || chunk.length === 0) return none
      let text = decode(chunk)
      if (text === "") return none
      if (atStart) {
        atStart = false
        if (text.charCodeAt(0) === 0xfeff) text = text.slice(1)
      }
      text = normalise(text)
      return text === "" ? none : take(text)
    },
    end: () => {
      if (fault !== undefined) return none
      const left = rest + (splitCharacters?.decode() ?? "")
      rest = ""
      splitCharacters = undefined
      const event = left === "" ? undefined : eventOf(left.endsWith("\n") ? left.slice(0, -1) : left)
      return event !== undefined && isWhole(event.data) ? [event] : none
    },
    fault: () => fault
  }
}

/** One event as it goes over the wire; `data` may have several lines. */
export const formatSse = (event: string | undefined, data: string): string => {
  const lines =
    data.includes("\n") || data.includes("\r")
      ? data
          .split(/\r\n|\r|\n/)
          .map((line) => `data: ${line}\n`)
          .join("")
      : `data: ${data}\n`
  return event === undefined ? `${lines}\n` : `event: ${event}\n${lines}\n`
}

/** A line that no client shows its program, but a person who reads the stream can see. */
export const formatComment = (text: string): string => `: ${text.replace(/[\r\n]+/g, " ")}\n\n`

const isWhole = (data: string): boolean => data === "[DONE]" || parseJson(data) !== undefined

/** The event of a block of lines without its blank line; `undefined` where it has no data. */
const eventOf = (block: string): SseEvent | undefined => {
  if (block.startsWith("data:") && !block.includes("\n"))
    return { event: undefined, data: block.slice(block.charCodeAt(5) === 32 ? 6 : 5) }
  const end = block.indexOf("\n")
  // the two lines of named events, which some vendors write throughout
  if (block.startsWith("event: ") && block.startsWith("data: ", end + 1) && block.indexOf("\n", end + 1) < 0)
    return { event: end === 7 ? undefined : block.slice(7, end), data: block.slice(end + 7) }
  let event: string | undefined
  let data: string | undefined
  for (const line of block.split("\n")) {
    const colon = line.indexOf(":")
    const field = colon < 0 ? line : line.slice(0, colon)
    if (field !== "data" && field !== "event") continue
    const value = colon < 0 ? "" : line.slice(line.charCodeAt(colon + 1) === 32 ? colon + 2 : colon + 1)
    if (field === "event") event = value === "" ? undefined : value
    else data = data === undefined ? value : `${data}\n${value}`
  }
  return data === undefined ? undefined : { event, data }
}
