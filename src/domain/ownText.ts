/**
 * A piece of a text that is kept for long.
 *
 * Gotcha: V8 makes a piece of a text (`slice`, `trim`) a view of all of it, so who keeps two kilobytes of a prompt keeps
 * the megabytes around them. What outlasts a request is therefore copied.
 *
 * @module
 */

/** The same text in memory of its own, lone surrogates included. */
export const ownText = (text: string): string => Buffer.from(text, "utf16le").toString("utf16le")
