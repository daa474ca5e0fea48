/**
 * Who has the fewest calls under way for its weight and for what is left of its rate limit; among equals by lot.
 *
 * @module
 */
import { byScore, share, shuffled, type Strategy } from "./Strategy.ts"

export const leastBusy: Strategy = {
  unit: "calls",
  order: (candidates, moment) =>
    byScore(shuffled(candidates, moment.next), (candidate) => {
      const part = moment.weight(candidate) * share(moment.room(candidate))
      return part > 0 ? moment.inFlight(candidate) / part : undefined
    })
}
