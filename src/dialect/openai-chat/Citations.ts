/**
 * Citations of the Chat Completions wire, both ways.
 *
 * OpenAI's own are `annotations` of the message, counted in code points of its content; what has no place there bears
 * the place 0 to 0. Compatible vendors list their sources beside the choices, for the answer as a whole.
 *
 * A citation without an address has no form here.
 *
 * @module
 */
import { type Citation, citationOf, spanOf } from "../../domain/Citation.ts"
import { isJsonObject, type Json, type JsonObject } from "../../domain/Json.ts"
import { codePointsBefore, indexOfCodePoint } from "../TextOffsets.ts"

/** The citations in a message's or a delta's `annotations`; `text` is that of the message so far. */
export const citationsIn = (annotations: Json, text: string): ReadonlyArray<Citation> => {
  if (!Array.isArray(annotations)) return []
  return annotations.flatMap((annotation: Json): ReadonlyArray<Citation> => {
    const told =
      isJsonObject(annotation) && annotation["type"] === "url_citation" ? annotation["url_citation"] : undefined
    return isJsonObject(told) && isAddress(told["url"]) ? [urlCitation(told, text)] : []
  })
}

const isAddress = (url: Json | undefined): boolean => typeof url === "string" && url !== ""

/** The fields both of OpenAI's wires have; `content`, the words of the source, is OpenRouter's. */
export const urlCitation = (told: JsonObject, text: string): Citation =>
  citationOf({ url: told["url"], title: told["title"], quote: told["content"], span: placeIn(told, text) })

/** `start_index` and `end_index` as a place in `text`. */
export const placeIn = (told: JsonObject, text: string): Citation["span"] => {
  const { end_index: end, start_index: start } = told
  return typeof start === "number" && typeof end === "number" && start >= 0
    ? spanOf(indexOfCodePoint(text, start), indexOfCodePoint(text, end))
    : undefined
}

/** The same the other way. */
export const indexes = (span: Citation["span"], text: string): JsonObject => ({
  start_index: span === undefined ? 0 : codePointsBefore(text, span.start),
  end_index: span === undefined ? 0 : codePointsBefore(text, span.end)
})

export const annotationsOf = (citations: ReadonlyArray<Citation>, text: string): ReadonlyArray<JsonObject> =>
  citations.flatMap(({ span, title, url }) =>
    url === undefined
      ? []
      : [{ type: "url_citation", url_citation: { ...indexes(span, text), title: title ?? "", url } }]
  )

/** Where compatible vendors list their sources, and what of one is what. */
interface SourceList {
  readonly vendors: string
  /** Asked of every chunk of every stream, so the field is named where it is read: V8 finds it much sooner that way. */
  readonly listed: (body: JsonObject) => Json | undefined
  /** Absent: each source is an address. */
  readonly keys?: { readonly url: string; readonly title: string; readonly quote: string }
}

/** The first that an answer has is taken: Perplexity tells the same sources twice. */
export const sourceLists: ReadonlyArray<SourceList> = [
  {
    vendors: "Perplexity",
    listed: (body) => body["search_results"],
    keys: { url: "url", title: "title", quote: "snippet" }
  },
  { vendors: "Perplexity, xAI", listed: (body) => body["citations"] }
]

/** The sources listed in a whole answer or in a chunk; `undefined` where there are none. */
export const sourcesIn = (body: JsonObject): ReadonlyArray<Citation> | undefined => {
  for (const list of sourceLists) {
    const listed = list.listed(body)
    if (!Array.isArray(listed)) continue
    const { keys } = list
    const sources = listed.flatMap((source: Json): ReadonlyArray<Citation> => {
      if (keys === undefined) return isAddress(source) ? [citationOf({ url: source })] : []
      return isJsonObject(source) && isAddress(source[keys.url])
        ? [citationOf({ url: source[keys.url], title: source[keys.title], quote: source[keys.quote] })]
        : []
    })
    if (sources.length > 0) return sources
  }
  return undefined
}
