/**
 * An answer as it is kept: bytes, of which as many are counted as are held, and that any store can hold.
 *
 * It is kept as it was given, frame by frame where it was a stream, so that it is given again with everything its own
 * wire says. Of frames of another wire only the events are kept: their words are written anew for each caller anyway.
 * What is large is compressed (RFC 1951): streams repeat themselves in every frame.
 *
 * @module
 */
import { deflateRawSync, inflateRawSync } from "node:zlib"
import type { Served } from "../domain/Answer.ts"
import type { ChatResponse } from "../domain/ChatResponse.ts"
import type { Frame } from "../domain/ChatEvent.ts"
import type { DialectId } from "../domain/Ids.ts"

/** Who answered, as far as it is told again. */
export type KeptServed = Pick<
  Served,
  "provider" | "model" | "dropped" | "modelTier" | "outputLimit" | "task" | "downgraded"
>

/** An answer that can be given again. */
export type KeptAnswer =
  | { readonly served: KeptServed; readonly response: ChatResponse; readonly frames?: never }
  | { readonly served: KeptServed; readonly frames: ReadonlyArray<Frame>; readonly response?: never }

/** What is told of who answered, when the answer is given again. */
export const keptServed = ({
  downgraded,
  dropped,
  model,
  modelTier,
  outputLimit,
  provider,
  task
}: Served): KeptServed => ({
  provider,
  model,
  dropped,
  ...(modelTier === undefined ? undefined : { modelTier }),
  ...(outputLimit === undefined ? undefined : { outputLimit }),
  ...(task === undefined ? undefined : { task }),
  ...(downgraded === undefined ? undefined : { downgraded })
})

/** A frame as callers of `dialect` need it. */
export const keptFrame = (frame: Frame, dialect: DialectId | undefined): Frame =>
  frame.wire === undefined || frame.wire.dialect === dialect ? frame : { ...frame, wire: { ...frame.wire, data: "" } }

const keptResponse = ({ wire, ...response }: ChatResponse, dialect: DialectId | undefined): ChatResponse =>
  wire?.dialect === dialect && wire !== undefined ? { ...response, wire } : response

/** About how many characters a frame takes, before it is compressed. */
export const frameLength = ({ events, wire }: Frame): number => {
  let length = 80 * events.length + (wire?.data.length ?? 0)
  for (const event of events) {
    if ("text" in event) length += event.text.length
    else if ("arguments" in event) length += event.arguments.length
    else if (event._tag === "MediaBlock") length += "data" in event.part.source ? event.part.source.data.length : 0
  }
  return length
}

/** From so many characters on it is compressed. */
const largeLength = 4096
/** The first byte says how the others are to be read; the digits change with what is kept. */
const plain = 0x10
const deflated = 0x11

/** The bytes of an answer to callers of `dialect`; `undefined` where it has more than `mostLength` characters. */
export const pack = (
  answer: KeptAnswer,
  dialect: DialectId | undefined,
  mostLength: number
): Uint8Array | undefined => {
  const text = JSON.stringify(
    answer.response === undefined ? answer : { ...answer, response: keptResponse(answer.response, dialect) }
  )
  if (text.length > mostLength) return undefined
  const isLarge = text.length > largeLength
  const body = isLarge ? deflateRawSync(text, { level: 1 }) : Buffer.from(text)
  // memory of its own: a small buffer is a part of one that others hold as well
  const bytes = new Uint8Array(body.length + 1)
  bytes[0] = isLarge ? deflated : plain
  bytes.set(body, 1)
  return bytes
}

/** The answer that was packed, or `undefined` where these bytes are not of this version. Throws where they are damaged. */
export const unpack = (bytes: Uint8Array, freshId?: string): KeptAnswer | undefined => {
  const [how] = bytes
  if (how !== plain && how !== deflated) return undefined
  const body = bytes.subarray(1)
  const text = Buffer.from(how === plain ? body : inflateRawSync(body)).toString()
  const answer = JSON.parse(text) as KeptAnswer // `pack` has written it, under this version's first byte
  const given = freshId === undefined ? undefined : responseIdIn(answer)
  if (given === undefined) return answer
  return JSON.parse(text.replaceAll(given, `resp_${freshId}`)) as KeptAnswer // the same with another id in it
}

/**
 * The id of a Response that its vendor gave: callers refer to a Response by it, to go on from it or to delete it, so no
 * two of them may have the same. It is long and drawn by lot, and stands in nothing but what means it.
 */
const responseIdIn = ({ frames, response }: KeptAnswer): string | undefined => {
  const wire = response === undefined ? frames.find(({ wire }) => wire !== undefined)?.wire : response.wire
  if (wire?.dialect !== "openai-responses") return undefined
  let id = response?.id
  for (const { events } of frames ?? []) for (const event of events) if (event._tag === "Started") id ??= event.id
  return id !== undefined && /^resp_\w{8,}$/.test(id) ? id : undefined
}
