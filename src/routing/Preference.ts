/**
 * Whom a request may be sent to by region, and whom it should be sent to first by weight.
 *
 * Pure and ignorant of what a candidate is: region and weight are handed in. Every function keeps the order it is given
 * where it has nothing to say.
 *
 * @module
 */

/**
 * Those in a region. Labels are compared whole, but for upper and lower case (`EU` is `eu`, `eu-west-1` is not); a
 * candidate whose region nobody has stated satisfies no demand.
 */
export const inRegion = <A extends { readonly region: string | undefined }>(
  candidates: ReadonlyArray<A>,
  region: string
): ReadonlyArray<A> => {
  const wanted = region.toLowerCase()
  return candidates.filter((one) => one.region?.toLowerCase() === wanted)
}

/**
 * An order by lot: each next one is drawn from those that are left with a probability proportional to its weight. Those
 * of weight 0 (or of none that is a positive number) come last, in the order given. `next` gives uniform random numbers
 * from 0 to below 1.
 *
 * Each draws an exponential waiting time with its weight as the rate; the order of their arrival has that law.
 * Source: P. Efraimidis and P. Spirakis, "Weighted random sampling with a reservoir", Information Processing Letters
 * 97(5), 2006.
 */
export const byWeight = <A>(
  candidates: ReadonlyArray<A>,
  weightOf: (candidate: A) => number,
  next: () => number
): ReadonlyArray<A> =>
  candidates.length < 2
    ? candidates
    : candidates
        .map((candidate) => {
          const weight = weightOf(candidate)
          return { candidate, arrival: weight > 0 ? -Math.log(1 - next()) / weight : Number.POSITIVE_INFINITY }
        })
        // not by subtraction: two that never arrive stay in order
        .sort((a, b) => (a.arrival < b.arrival ? -1 : a.arrival > b.arrival ? 1 : 0))
        .map(({ candidate }) => candidate)

/** Those of weight 0 after all others, whatever the strategy; otherwise the order stays. */
export const lastResort = <A>(candidates: ReadonlyArray<A>, weightOf: (candidate: A) => number): ReadonlyArray<A> => {
  const isWanted = (candidate: A): boolean => weightOf(candidate) > 0
  return candidates.every(isWanted)
    ? candidates
    : [...candidates.filter(isWanted), ...candidates.filter((candidate) => !isWanted(candidate))]
}
