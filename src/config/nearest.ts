/**
 * The nearest names to one that is not known, for "did you mean" in messages.
 *
 * Distance is the restricted Damerau–Levenshtein distance (insertions, deletions, substitutions, swaps of neighbours;
 * Oommen and Loke, 1997), letters compared without case. A name that differs in more than about a third of its letters
 * is not near, unless one holds the other whole.
 *
 * @module
 */

/** Longer names are cut before they are compared: names come from callers, and the cost grows with the product. */
const longestCompared = 100

/** Edits that turn `a` into `b`, without regard to case. */
export const editDistance = (a: string, b: string): number => {
  const from = a.slice(0, longestCompared).toLowerCase()
  const to = b.slice(0, longestCompared).toLowerCase()
  const width = to.length + 1
  let beforeLast: Array<number> = []
  let last = Array.from({ length: width }, (_, column) => column)
  for (let row = 1; row <= from.length; row++) {
    const current = [row]
    for (let column = 1; column < width; column++) {
      const same = from[row - 1] === to[column - 1]
      let best = Math.min(
        (last[column] ?? 0) + 1,
        (current[column - 1] ?? 0) + 1,
        (last[column - 1] ?? 0) + (same ? 0 : 1)
      )
      const swapped = row > 1 && column > 1 && from[row - 1] === to[column - 2] && from[row - 2] === to[column - 1]
      if (swapped) best = Math.min(best, (beforeLast[column - 2] ?? 0) + 1)
      current.push(best)
    }
    beforeLast = last
    last = current
  }
  return last[width - 1] ?? 0
}

/** Up to `n` of `candidates` that are near `name`, the nearest first, ties in their own order; none when none is near. */
export const nearest = (name: string, candidates: Iterable<string>, n: number): ReadonlyArray<string> => {
  const lower = name.toLowerCase()
  const near: Array<{ readonly candidate: string; readonly distance: number }> = []
  for (const candidate of new Set(candidates)) {
    const other = candidate.toLowerCase()
    const shorter = Math.min(lower.length, other.length)
    const distance = editDistance(name, candidate)
    const allowed = Math.max(1, Math.floor(Math.max(lower.length, other.length) / 3))
    // a fragment of three letters or more is a likely abbreviation, but a worse match than a typing error
    const holds = shorter >= 3 && (lower.includes(other) || other.includes(lower))
    if (distance <= allowed || holds) near.push({ candidate, distance })
  }
  return near
    .sort((a, b) => a.distance - b.distance)
    .slice(0, n)
    .map((entry) => entry.candidate)
}
