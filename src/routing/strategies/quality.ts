/**
 * The better tier first; within one, in the order they stand in. A model of no known tier comes last.
 *
 * @module
 */
import type { Tier } from "../../catalog/ModelFacts.ts"
import { byScore, type Strategy } from "./Strategy.ts"

const ranks: { readonly [T in Tier]: number } = { premium: 1, standard: 2, economy: 3 }

export const quality: Strategy = {
  unit: "tier",
  order: (candidates) => byScore(candidates, ({ facts }) => (facts.tier === undefined ? undefined : ranks[facts.tier]))
}
