/**
 * Whom a request may be sent to by region, and whom it should be sent to first by weight.
 *
 * Pure and ignorant of what a candidate is: region and weight are handed in. Every function keeps the order it is given
 * where it has nothing to say.
 *
 * @module
 */

/**
 * Is it in a region? Labels are compared whole, but for upper and lower case (`EU` is `eu`, `eu-west-1` is not); one
 * whose region nobody has stated satisfies no demand. Without a demand (`undefined`) anybody does.
 */
export const isInRegion = (one: { readonly region: string | undefined }, wanted: string | undefined): boolean =>
  wanted === undefined || one.region?.toLowerCase() === wanted.toLowerCase()

/** Those of weight 0 after all others, whatever the strategy; otherwise the order stays. */
export const lastResort = <A>(candidates: ReadonlyArray<A>, weightOf: (candidate: A) => number): ReadonlyArray<A> => {
  const isWanted = (candidate: A): boolean => weightOf(candidate) > 0
  return candidates.every(isWanted)
    ? candidates
    : [...candidates.filter(isWanted), ...candidates.filter((candidate) => !isWanted(candidate))]
}
