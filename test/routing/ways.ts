/** The ways of requests over what tests bring: real health and rotation, no classification but the built-in one. */
import { Effect, Layer } from "effect"
import { makeEstimates } from "../../src/budget/Estimates.ts"
import { layerCentroid } from "../../src/classifier/CentroidClassifier.ts"
import { Classifier } from "../../src/classifier/Classifier.ts"
import { Admission } from "../../src/health/Admission.ts"
import { Registry } from "../../src/provider/Registry.ts"
import { Conversations } from "../../src/routing/Conversations.ts"
import type { InForce, Ways } from "../../src/routing/Decide.ts"
import { Rotations } from "../../src/routing/Rotations.ts"
import { makeUnknownModels } from "../../src/routing/UnknownModels.ts"
import * as Watchdog from "../../src/routing/Watchdog.ts"

export const choosing = Layer.mergeAll(layerCentroid(), Rotations.layer, Conversations.layer)

export const waysOver = (inForce: () => InForce) =>
  Effect.map(
    Effect.all([Registry, Admission, Classifier, Rotations, Conversations, Watchdog.make]),
    ([registry, admission, classifier, rotations, conversations, watchdog]): Ways => ({
      inForce,
      registry,
      admission,
      classifier,
      rotations,
      conversations,
      unknown: makeUnknownModels(),
      watchdog,
      estimates: makeEstimates()
    })
  )
