/**
 * Everything that is known about the health of providers, wired.
 *
 * @module
 */
import { Layer } from "effect"
import type { Settings } from "../config/Settings.ts"
import { Admission } from "./Admission.ts"
import { Circuits } from "./Circuits.ts"
import { Health } from "./Health.ts"
import { Latencies } from "./Latencies.ts"
import { RetryBudgets } from "./RetryBudgets.ts"

export const healthLayer = ({ resilience }: Pick<Settings, "resilience">) =>
  Layer.mergeAll(Admission.layer, Health.layer).pipe(
    Layer.provideMerge([Circuits.layer(resilience), RetryBudgets.layer(resilience), Latencies.layer])
  )
