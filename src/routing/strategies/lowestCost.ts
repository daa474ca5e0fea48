/**
 * Who is expected to be cheapest for this request: its prompt, and an answer of the usual length. A price that nobody
 * knows is no low one: such a candidate comes last.
 *
 * @module
 */
import { byScore, type Strategy } from "./Strategy.ts"

export const lowestCost: Strategy = {
  unit: "US dollars",
  order: (candidates, moment) => byScore(candidates, (candidate) => moment.expectedUsd(candidate))
}
