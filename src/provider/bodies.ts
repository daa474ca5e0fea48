/**
 * What the body of a vendor's answer is, by its headers and its first words.
 *
 * @module
 */
import type { HeaderMap } from "../dialect/Dialect.ts"

/** The media type, without its parameters. */
export const mediaType = (headers: HeaderMap): string =>
  (headers["content-type"] ?? "").split(";")[0]?.trim().toLowerCase() ?? ""

/** The encoding of an answer that is compressed, which nobody asked for. */
export const compression = (headers: HeaderMap): string | undefined => {
  const encoding = headers["content-encoding"]?.trim().toLowerCase()
  return encoding === undefined || encoding === "" || encoding === "identity" ? undefined : encoding
}

/** What is said of such an answer. */
export const isCompressed = (encoding: string): string =>
  `the answer is compressed, which was not asked for (content-encoding: ${encoding.slice(0, 40)})`

/** What a body that is not JSON seems to be. */
export const notJson = (text: string, headers: HeaderMap): string => {
  const encoding = compression(headers)
  if (encoding !== undefined) return isCompressed(encoding)
  const start = text.trimStart()
  if (start === "") return "the answer is empty"
  return start.startsWith("<") ? "the answer is HTML, not JSON" : "the answer is not JSON"
}
