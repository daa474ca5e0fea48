/**
 * All strategies, by the names that the config has for them.
 *
 * @module
 */
import type { Strategy as Name } from "../../config/Settings.ts"
import { leastBusy } from "./leastBusy.ts"
import { leastLatency } from "./leastLatency.ts"
import { lowestCost } from "./lowestCost.ts"
import { priority } from "./priority.ts"
import { quality } from "./quality.ts"
import { roundRobin } from "./roundRobin.ts"
import type { Strategy } from "./Strategy.ts"
import { weighted } from "./weighted.ts"

export const strategies: { readonly [N in Name]: Strategy } = {
  priority,
  weighted,
  "round-robin": roundRobin,
  "least-latency": leastLatency,
  "least-busy": leastBusy,
  "lowest-cost": lowestCost,
  quality
}
