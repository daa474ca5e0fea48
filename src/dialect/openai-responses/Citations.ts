/**
 * Citations of the Responses wire, both ways: the `annotations` of an `output_text`, counted in code points of it.
 *
 * The vendor's own keep what only it can say (the ids of files). Any other is a `url_citation`; one without an address
 * has no form here.
 *
 * @module
 */
import { type Citation, citationOf, spanOf } from "../../domain/Citation.ts"
import { isJsonObject, type Json, type JsonObject } from "../../domain/Json.ts"
import { indexes, placeIn, urlCitation } from "../openai-chat/Citations.ts"
import { dialectId, kept } from "./Wire.ts"

/** The citations of one `text`, which begins at `from` of the choice's. */
export const citationsIn = (annotations: Json | undefined, text: string, from: number): ReadonlyArray<Citation> =>
  Array.isArray(annotations)
    ? annotations.flatMap((raw: Json): ReadonlyArray<Citation> => {
        const citation = citationIn(raw, text, from)
        return citation === undefined ? [] : [citation]
      })
    : []

export const citationIn = (raw: Json | undefined, text: string, from: number): Citation | undefined => {
  if (!isJsonObject(raw)) return undefined
  const said =
    raw["type"] === "url_citation"
      ? urlCitation(raw, text)
      : citationOf({ title: raw["filename"], span: placeIn(raw, text) })
  const { span } = said
  const placed = span === undefined ? said : { ...said, span: { start: from + span.start, end: from + span.end } }
  return raw["type"] === "url_citation" ? placed : { ...placed, extensions: { [dialectId]: raw } }
}

/** As an annotation of `text`, which begins at `from`; `undefined` for what has no form here. */
export const annotationOf = (citation: Citation, text: string, from: number): JsonObject | undefined => {
  const { title, url } = citation
  const span = within(citation.span, text, from)
  const own = kept(citation)
  if (own !== undefined) return span === undefined ? own : { ...own, ...indexes(span, text) }
  return url === undefined ? undefined : { type: "url_citation", ...indexes(span, text), title: title ?? "", url }
}

/** The part of a place that lies in `text`. */
const within = (span: Citation["span"], text: string, from: number): Citation["span"] =>
  span === undefined ? undefined : spanOf(Math.max(0, span.start - from), Math.min(text.length, span.end - from))

/** A whole answer's items with what is cited for their texts; one that is in none of them is the last text's. */
export const withAnnotations = (
  items: ReadonlyArray<JsonObject>,
  citations: ReadonlyArray<Citation> | undefined
): ReadonlyArray<JsonObject> => {
  const texts = items.flatMap((item) => blocksOf(item).filter(isText))
  // texts that bear the vendor's own annotations need no others
  if (citations === undefined || texts.some(({ annotations }) => Array.isArray(annotations) && annotations.length > 0))
    return items
  const left = new Set(citations)
  const last = texts.at(-1)
  let from = 0
  const annotated = (block: JsonObject): JsonObject => {
    const text = block["text"]
    if (!isText(block) || typeof text !== "string") return block
    const to = from + text.length
    const here = [...left].filter(({ span }) => block === last || (span !== undefined && span.start < to))
    for (const citation of here) left.delete(citation)
    const annotations = here.flatMap((citation): ReadonlyArray<JsonObject> => {
      const annotation = annotationOf(citation, text, from)
      return annotation === undefined ? [] : [annotation]
    })
    from = to
    return annotations.length === 0 ? block : { ...block, annotations }
  }
  return items.map((item) => {
    const blocks = blocksOf(item)
    return blocks.some(isText) ? { ...item, content: blocks.map(annotated) } : item
  })
}

const isText = (block: JsonObject): boolean => block["type"] === "output_text"

const blocksOf = ({ content, type }: JsonObject): ReadonlyArray<JsonObject> =>
  type === "message" && Array.isArray(content) ? content.filter(isJsonObject) : []
