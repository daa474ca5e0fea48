/**
 * Adds to a list what may be very many.
 *
 * `list.push(...items)` holds every item on the stack, which some hundred thousand of them overflow: how many parts a
 * message has is for its caller to say.
 *
 * @module
 */
export const append = <A>(list: Array<A>, items: Iterable<A>): void => {
  for (const item of items) list.push(item)
}
