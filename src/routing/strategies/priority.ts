/**
 * In the order they stand in.
 *
 * @module
 */
import type { Strategy } from "./Strategy.ts"

export const priority: Strategy = {
  unit: "place",
  order: (candidates) => candidates.map((candidate, at) => ({ candidate, score: at + 1 }))
}
