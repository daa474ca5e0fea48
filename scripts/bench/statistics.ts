/** Order statistics. */

/** The value at `share` (0 to 1) of an ascending list, the nearest rank; 0 for an empty one. */
export const percentile = (ascending: ReadonlyArray<number>, share: number): number =>
  ascending[Math.min(ascending.length - 1, Math.max(0, Math.ceil(share * ascending.length) - 1))] ?? 0

/** The middle value, or the mean of the two in the middle; 0 for an empty list. */
export const median = (values: ReadonlyArray<number>): number => {
  const ascending = [...values].sort((a, b) => a - b)
  const middle = ascending.length / 2
  return Number.isInteger(middle)
    ? ((ascending[middle - 1] ?? 0) + (ascending[middle] ?? 0)) / 2
    : (ascending[Math.floor(middle)] ?? 0)
}
