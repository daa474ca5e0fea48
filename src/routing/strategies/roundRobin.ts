/**
 * In turn, all alike, whatever their weights (but for 0, which comes last). Who has little left of a rate limit is
 * passed over as often.
 *
 * @module
 */
import { type Strategy, share } from "./Strategy.ts"

export const roundRobin: Strategy = {
  unit: "turn",
  order: (candidates, moment) =>
    moment
      .rotate(candidates, (candidate) => (moment.weight(candidate) > 0 ? share(moment.room(candidate)) : 0))
      .map((candidate, at) => ({ candidate, score: at + 1 }))
}
