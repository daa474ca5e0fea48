/**
 * The query of a request target.
 *
 * @module
 */

export const queryOf = (url: string): URLSearchParams => {
  const at = url.indexOf("?")
  return new URLSearchParams(at === -1 ? "" : url.slice(at + 1).replace(/#.*$/, ""))
}
