/**
 * A document given as text, on a wire that has no such block: a text that begins with the document's name.
 *
 * @module
 */

export const plainDocument = (text: string, name: string | undefined): string =>
  name === undefined ? text : `${name}\n\n${text}`
