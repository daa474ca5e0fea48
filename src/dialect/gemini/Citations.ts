/**
 * Grounding and citations of a candidate ⇄ citations.
 *
 * - `groundingMetadata` lists the sources (`groundingChunks`) apart from the places they are of (`groundingSupports`).
 *   A place counts in bytes of UTF-8 of one part; in a stream, of the whole text, since its parts are only pieces. The
 *   words of the place stand beside it, and where its numbers do not lead to them, they are looked for.
 * - `citationMetadata` says what the model quoted at length, in bytes of the whole text.
 * - A source with an address is written as one of the web, any other as retrieved context.
 *
 * Source: the types of `@google/genai` (`GroundingMetadata`, `Segment`, `CitationMetadata`); the REST API says
 * `citationSources` where they say `citations`.
 *
 * @module
 */
import { type Citation, citationOf, spanOf } from "../../domain/Citation.ts"
import { isJsonObject, type Json, type JsonObject } from "../../domain/Json.ts"
import { bytesBefore, indexOfByte } from "../TextOffsets.ts"
import { numberAt, objectAt, objectsAt, textAt } from "./Wire.ts"

/** `text` is that of the candidate so far; `startOf` tells where in it a part begins. */
export const citationsIn = (
  candidate: JsonObject,
  text: string,
  startOf: (part: number) => number
): ReadonlyArray<Citation> => {
  const grounding = objectAt(candidate, "groundingMetadata")
  const quoted = objectAt(candidate, "citationMetadata")
  return [
    ...(grounding === undefined ? [] : groundingIn(grounding, text, startOf)),
    ...(quoted === undefined ? [] : quotesIn(quoted, text))
  ]
}

const groundingIn = (
  grounding: JsonObject,
  text: string,
  startOf: (part: number) => number
): ReadonlyArray<Citation> => {
  const chunks = objectsAt(grounding, "groundingChunks").map(sourceOf)
  const unplaced = new Set(chunks)
  const citations: Array<Citation> = []
  for (const support of objectsAt(grounding, "groundingSupports")) {
    const span = placeOf(objectAt(support, "segment") ?? {}, text, startOf)
    const indices = support["groundingChunkIndices"]
    for (const index of Array.isArray(indices) ? indices : []) {
      const source = typeof index === "number" ? chunks[index] : undefined
      if (source === undefined) continue
      unplaced.delete(source)
      citations.push(span === undefined ? source : { ...source, span })
    }
  }
  return [...citations, ...unplaced].filter(isSomething)
}

const sourceOf = (chunk: JsonObject): Citation => {
  const told = objectAt(chunk, "web") ?? objectAt(chunk, "retrievedContext") ?? objectAt(chunk, "maps") ?? {}
  return citationOf({ url: told["uri"], title: told["title"], quote: told["text"] })
}

const isSomething = ({ quote, title, url }: Citation): boolean =>
  url !== undefined || title !== undefined || quote !== undefined

const placeOf = (segment: JsonObject, text: string, startOf: (part: number) => number): Citation["span"] => {
  const words = textAt(segment, "text")
  const part = startOf(numberAt(segment, "partIndex") ?? 0)
  for (const from of part === 0 ? [0] : [part, 0]) {
    const span = bytesSpan(segment, text.slice(from))
    const place = span === undefined ? undefined : { start: from + span.start, end: from + span.end }
    if (words === undefined || (place !== undefined && text.slice(place.start, place.end) === words)) return place
  }
  const found = words === undefined ? -1 : text.indexOf(words)
  return words === undefined ? undefined : spanOf(found, found + words.length)
}

/** Protobuf leaves out the index 0. */
const bytesSpan = (of: JsonObject, text: string): Citation["span"] =>
  spanOf(indexOfByte(text, numberAt(of, "startIndex") ?? 0), indexOfByte(text, numberAt(of, "endIndex") ?? 0))

const quotesIn = (quoted: JsonObject, text: string): ReadonlyArray<Citation> =>
  [...objectsAt(quoted, "citations"), ...objectsAt(quoted, "citationSources")]
    .map((of) => citationOf({ url: of["uri"], title: of["title"], span: bytesSpan(of, text) }))
    .filter(isSomething)

/** To be spread into a candidate whose texts are `texts`, by the index of their parts. */
export const groundingFor = (
  citations: ReadonlyArray<Citation> | undefined,
  texts: ReadonlyArray<readonly [part: number, text: string]>
): JsonObject => {
  const groundingChunks: Array<JsonObject> = []
  const numbers = new Map<string, number>()
  const supports = new Map<string, { readonly segment: JsonObject; readonly groundingChunkIndices: Array<number> }>()
  for (const citation of citations ?? []) {
    if (!isSomething(citation)) continue
    const chunk = chunkOf(citation)
    const key = JSON.stringify(chunk)
    const number = numbers.get(key) ?? groundingChunks.push(chunk) - 1
    numbers.set(key, number)
    const { span } = citation
    if (span === undefined) continue
    const place = `${span.start}-${span.end}`
    const support = supports.get(place)
    if (support === undefined) supports.set(place, { segment: segmentOf(span, texts), groundingChunkIndices: [number] })
    else support.groundingChunkIndices.push(number)
  }
  if (groundingChunks.length === 0) return {}
  const groundingSupports: ReadonlyArray<Json> = [...supports.values()].map((support) => ({ ...support }))
  return {
    groundingMetadata: { groundingChunks, ...(groundingSupports.length === 0 ? {} : { groundingSupports }) }
  }
}

const chunkOf = ({ quote, title, url }: Citation): JsonObject => {
  const named = title === undefined ? {} : { title }
  return url === undefined
    ? { retrievedContext: { ...named, ...(quote === undefined ? {} : { text: quote }) } }
    : { web: { uri: url, ...named } }
}

const segmentOf = (
  { end, start }: { readonly start: number; readonly end: number },
  texts: ReadonlyArray<readonly [part: number, text: string]>
): JsonObject => {
  const all = texts.map(([, text]) => text).join("")
  let from = 0
  let partIndex = 0
  let begin = 0
  for (const [part, text] of texts) {
    if (from <= start) [partIndex, begin] = [part, from]
    from += text.length
  }
  const rest = all.slice(begin)
  const startIndex = bytesBefore(rest, start - begin)
  return {
    ...(partIndex === 0 ? {} : { partIndex }),
    ...(startIndex === 0 ? {} : { startIndex }),
    endIndex: bytesBefore(rest, end - begin),
    text: all.slice(start, end)
  }
}

/** The texts among the parts of a candidate, as `groundingFor` takes them. */
export const textsOf = (parts: ReadonlyArray<JsonObject>): ReadonlyArray<readonly [part: number, text: string]> =>
  parts.flatMap((part, index) => {
    const text = isJsonObject(part) && part["thought"] !== true ? textAt(part, "text") : undefined
    return text === undefined ? [] : [[index, text] as const]
  })
