/**
 * The name of a request in headers and log.
 *
 * It is always ours, never the caller's: a caller that chose it could make its requests look like another's in the log.
 * It is drawn from Effect's Random rather than `node:crypto`, so that a seeded run names its requests the same; it names,
 * it does not protect, so nothing depends on its being hard to guess.
 *
 * @module
 */

/** `req_` and 24 letters and digits, about 100 bits. */
export const newRequestId = (random: { readonly nextDoubleUnsafe: () => number }): string =>
  `req_${piece(random)}${piece(random)}`

const piece = (random: { readonly nextDoubleUnsafe: () => number }): string =>
  Math.floor(random.nextDoubleUnsafe() * 2 ** 52)
    .toString(32)
    .padStart(11, "0")
    .concat(Math.floor(random.nextDoubleUnsafe() * 32).toString(32))
