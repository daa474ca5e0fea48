/**
 * Where something in an answer is from.
 *
 * A citation belongs to a choice. Its `span` is a place in the choice's text, that is in all its text parts joined, and
 * counts in UTF-16 code units, as JavaScript does; every wire counts in units of its own and from a beginning of its own,
 * which its dialect converts. Without a span the citation is of the answer as a whole.
 *
 * In a stream a citation comes after the text it is of.
 *
 * What only the vendor's own wire can say of a citation (a page, an encrypted index) is in its extensions, as the vendor
 * wrote it; a citation that has neither an address nor a title is nothing to any other wire.
 *
 * @module
 */
import { Schema } from "effect"
import { Extensions } from "./Ids.ts"

export const Citation = Schema.Struct({
  url: Schema.optionalKey(Schema.String),
  title: Schema.optionalKey(Schema.String),
  /** The words of the source. */
  quote: Schema.optionalKey(Schema.String),
  /** From `start` to before `end`; never empty. */
  span: Schema.optionalKey(Schema.Struct({ start: Schema.Int, end: Schema.Int })),
  extensions: Schema.optionalKey(Extensions)
})
export type Citation = typeof Citation.Type

interface Fields {
  readonly url?: unknown
  readonly title?: unknown
  readonly quote?: unknown
  readonly span?: Citation["span"] | undefined
}

/** A citation of what the fields say: what is no text, or an empty one, is left out. */
export const citationOf = ({ quote, span, title, url }: Fields): Citation => ({
  ...(isSaid(url) ? { url } : {}),
  ...(isSaid(title) ? { title } : {}),
  ...(isSaid(quote) ? { quote } : {}),
  ...(span === undefined ? {} : { span })
})

const isSaid = (value: unknown): value is string => typeof value === "string" && value !== ""

/** The span, `undefined` where there is nothing in it. */
export const spanOf = (start: number, end: number): Citation["span"] =>
  start >= 0 && end > start ? { start, end } : undefined

/** To be spread into a choice. */
export const cited = (citations: ReadonlyArray<Citation>): { readonly citations?: ReadonlyArray<Citation> } =>
  citations.length === 0 ? {} : { citations }

/** A piece of a text, and what is cited for it. */
export interface CitedPiece {
  readonly text: string
  readonly citations: ReadonlyArray<Citation>
}

/**
 * The texts of a choice, in their order, each cut into pieces where citations begin and end, so that each citation's
 * span is one piece; spans that overlap are one piece together. A citation without a span is of the last piece.
 */
export const citedPieces = (
  texts: ReadonlyArray<string>,
  citations: ReadonlyArray<Citation>
): ReadonlyArray<ReadonlyArray<CitedPiece>> => {
  const spans = citations.flatMap(({ span }) => (span === undefined ? [] : [span]))
  const edges = spans
    .flatMap(({ end, start }) => [start, end])
    .filter((at) => !spans.some(({ end, start }) => start < at && at < end))
  const last = texts.findLastIndex((text) => text !== "")
  const left = new Set(citations)
  let from = 0
  return texts.map((text, index) => {
    const to = from + text.length
    const cuts = [...new Set([...edges.filter((at) => at > from && at < to), to])].sort((a, b) => a - b)
    let start = from
    const pieces = cuts.map((end): CitedPiece => {
      const final = index === last && end === to
      const here = [...left].filter(
        ({ span }) => final || (span !== undefined && span.start >= start && span.start < end)
      )
      for (const citation of here) left.delete(citation)
      const piece = { text: text.slice(start - from, end - from), citations: here }
      start = end
      return piece
    })
    from = to
    return pieces
  })
}
