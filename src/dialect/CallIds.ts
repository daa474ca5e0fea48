/**
 * Ids for tool calls whose vendor gives none.
 *
 * @module
 */

/**
 * The id of call `n` of a choice. It is made of the answer's own id, so that it is the same each time the answer is
 * read, whole or streamed, and differs from those of other turns of a conversation. At most 40 characters of those every
 * vendor takes in an id.
 */
export const madeCallId = (answerId: string, choice: number, n: number): string => {
  const from = answerId.replaceAll(/[^A-Za-z0-9_-]/g, "").slice(-24)
  return from === "" ? `call_${choice}_${n}` : `call_${from}_${choice}_${n}`
}
