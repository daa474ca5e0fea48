/**
 * A program that serves, for tests of signals: whole answers come at once, streams never end.
 *
 * @module
 */
import { Effect, Layer, Stream } from "effect"
import { Gateway } from "../../src/gateway/Gateway.ts"
import { ClientKeys } from "../../src/keys/ClientKeys.ts"
import { KeyLimits } from "../../src/keys/KeyLimits.ts"
import { Operations } from "../../src/gateway/Operations.ts"
import { RequestLog } from "../../src/observability/RequestLog.ts"
import { RequestMetrics } from "../../src/observability/RequestMetrics.ts"
import { runMain } from "../../src/server/RunMain.ts"
import { serve } from "../../src/server/Server.ts"
import { unjudged } from "./judging.ts"
import { noOperations } from "./operations.ts"
import { live, settingsWith, started, text, whole } from "./support.ts"

const gateway = Layer.succeed(Gateway, {
  handle: (request) =>
    Effect.succeed(
      request.delivery === "whole"
        ? whole("hello")
        : live(Stream.concat(Stream.make(started, text("forever")), Stream.never))
    ),
  embed: () => Effect.never,
  count: () => Effect.undefined,
  bill: () => undefined,
  settings: () => settingsWith(),
  models: Effect.succeed([]),
  model: () => Effect.undefined,
  availability: Effect.succeed([]),
  ...unjudged
})

runMain(
  serve(settingsWith()).pipe(
    Effect.provide([
      gateway,
      Layer.succeed(Operations, noOperations),
      ClientKeys.layerMemory(settingsWith),
      KeyLimits.layer,
      RequestLog.layer(),
      RequestMetrics.layer
    ])
  )
)
