/**
 * A whole gateway over simulated vendors, with sight of its inside: what runs, what is in flight, what is open.
 */
import { Context, Duration, Effect, Layer } from "effect"
import type { ProviderSpec } from "../../src/config/ProviderSpec.ts"
import {
  type Alias,
  defaultResilience,
  defaultServer,
  type Resilience,
  type Settings
} from "../../src/config/Settings.ts"
import { Gateway } from "../../src/gateway/Gateway.ts"
import { gatewayLayer } from "../../src/gateway/gatewayLayer.ts"
import { Operations } from "../../src/gateway/Operations.ts"
import { LineSink } from "../../src/observability/LineSink.ts"
import { RequestLog } from "../../src/observability/RequestLog.ts"
import { RequestMetrics } from "../../src/observability/RequestMetrics.ts"
import { Lifecycle } from "../../src/server/Lifecycle.ts"
import * as Server from "../../src/server/Server.ts"
import * as Simulator from "../../src/simulator/Simulator.ts"
import { specOf, type VendorId } from "../../test/e2e/harness.ts"

export interface SiteOptions {
  readonly vendors: ReadonlyArray<VendorId>
  readonly aliases: ReadonlyArray<Alias>
  readonly resilience?: Partial<Resilience>
  readonly server?: Partial<Settings["server"]>
  readonly simulator?: Simulator.SimulatorOptions
  /** Changes what is said of each provider. */
  readonly spec?: (spec: ProviderSpec) => ProviderSpec
}

/** Starts both; they live as long as the scope. */
export const startSite = (options: SiteOptions) =>
  Effect.gen(function* () {
    const simulator = yield* Simulator.make({ rememberedCalls: 20_000, ...options.simulator })
    const { spec = (same: ProviderSpec) => same } = options
    const settings: Settings = {
      server: { ...defaultServer, port: 0, shutdownGrace: Duration.seconds(2), ...options.server },
      providers: options.vendors.map((id) => spec(specOf(id, simulator.baseUrl(id)))),
      providersOff: [],
      aliases: options.aliases,
      facts: new Map(),
      resilience: { ...defaultResilience, ...options.resilience },
      keys: [],
      source: "file",
      warnings: []
    }
    const log: Array<string> = []
    const context = yield* Layer.build(
      Server.layer(settings).pipe(
        Layer.provideMerge(gatewayLayer(settings)),
        Layer.provide([
          RequestLog.layerWith({ format: "json" }).pipe(Layer.provide(LineSink.layerMemory(log))),
          RequestMetrics.layer
        ])
      )
    )
    return {
      url: Context.get(context, Server.Listening).url,
      simulator,
      log,
      gateway: Context.get(context, Gateway),
      operations: Context.get(context, Operations),
      lifecycle: Context.get(context, Lifecycle)
    }
  })
export type Site = Effect.Success<ReturnType<typeof startSite>>
