/**
 * Everything that is known about the health of providers, wired.
 *
 * @module
 */
import { Layer } from "effect"
import type { Settings } from "../config/Settings.ts"
import * as Sqlite from "../storage/Sqlite.ts"
import { Admission } from "./Admission.ts"
import { Circuits } from "./Circuits.ts"
import { Health } from "./Health.ts"
import { Latencies } from "./Latencies.ts"
import { Paces } from "./Paces.ts"
import { Quarantines } from "./Quarantines.ts"
import { QuarantineStore } from "./QuarantineStore.ts"
import { RateLimits } from "./RateLimits.ts"
import { RetryBudgets } from "./RetryBudgets.ts"
import { WaitingRoom } from "./WaitingRoom.ts"

/** Health by these settings, with what is quarantined kept in the store that it is given. */
export const healthOver = (settings: Pick<Settings, "resilience" | "providers" | "facts">) => {
  const { resilience } = settings
  return Layer.mergeAll(Admission.layer, Health.layer).pipe(
    Layer.provideMerge(WaitingRoom.layer(resilience)),
    Layer.provideMerge([
      // which models are known is told as soon as the providers stand
      Quarantines.layer(settings, () => true),
      Circuits.layer(resilience),
      RateLimits.layer(settings),
      RetryBudgets.layer(resilience),
      Latencies.layer,
      Paces.layer
    ])
  )
}

/** Health that forgets what is quarantined when the process ends. */
export const healthInMemory = (settings: Pick<Settings, "resilience" | "providers" | "facts">) =>
  healthOver(settings).pipe(Layer.provide(QuarantineStore.layerMemory()))

/** Health by these settings; what is quarantined outlasts a restart where they name a database, or one is given. */
export const healthLayer = (
  settings: Pick<Settings, "resilience" | "providers" | "facts" | "storage">,
  sqlite: ReturnType<typeof Sqlite.layer> | undefined = settings.storage?.sqlite === undefined
    ? undefined
    : Sqlite.layer({ path: settings.storage.sqlite })
) =>
  sqlite === undefined
    ? healthInMemory(settings)
    : healthOver(settings).pipe(Layer.provide(QuarantineStore.layerDurable(sqlite)))
