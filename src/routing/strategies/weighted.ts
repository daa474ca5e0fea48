/**
 * In turn, each as often as its weight says: smooth weighted round-robin. Who has little left of a rate limit gets as
 * much less, so that accounts of different sizes run down together.
 *
 * @module
 */
import { type Strategy, share } from "./Strategy.ts"

export const weighted: Strategy = {
  unit: "share",
  order: (candidates, moment) => {
    const weight = (candidate: (typeof candidates)[number]) => moment.weight(candidate) * share(moment.room(candidate))
    return moment.rotate(candidates, weight).map((candidate) => ({ candidate, score: weight(candidate) }))
  }
}
