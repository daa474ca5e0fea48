/**
 * A whole gateway on an ephemeral port over simulated vendors, for tests that ask it as its users do.
 */
import { Context, Duration, Effect, Layer, Redacted } from "effect"
import { Budgets } from "../../src/budget/Budgets.ts"
import { gatewayLayer } from "../../src/gateway/gatewayLayer.ts"
import type { ProviderKind, ProviderSpec } from "../../src/config/ProviderSpec.ts"
import {
  type Alias,
  defaultResilience,
  defaultServer,
  type Resilience,
  type Settings
} from "../../src/config/Settings.ts"
import { LineSink } from "../../src/observability/LineSink.ts"
import { RequestLog } from "../../src/observability/RequestLog.ts"
import { RequestMetrics } from "../../src/observability/RequestMetrics.ts"
import * as Server from "../../src/server/Server.ts"
import * as Simulator from "../../src/simulator/Simulator.ts"

/** Provider ids of the gateway; the simulated vendor behind each bears the same name. */
export const vendorKinds = {
  openai: "openai",
  anthropic: "anthropic",
  gemini: "google",
  groq: "groq",
  mistral: "mistral",
  deepseek: "deepseek",
  together: "together",
  fireworks: "fireworks",
  openrouter: "openrouter",
  cerebras: "cerebras",
  xai: "xai",
  perplexity: "perplexity",
  ollama: "ollama",
  vllm: "vllm",
  lmstudio: "lmstudio",
  zai: "openai-compatible",
  huggingface: "openai-compatible"
} as const satisfies Readonly<Record<string, ProviderKind>>
export type VendorId = keyof typeof vendorKinds

export const specOf = (id: VendorId, baseUrl: string, changes: Partial<ProviderSpec> = {}): ProviderSpec => ({
  id,
  kind: vendorKinds[id],
  apiKeys: [Redacted.make(`key-of-${id}`)],
  baseUrl,
  apiVersion: undefined,
  deployments: {},
  headers: {},
  failureDomain: undefined,
  region: undefined,
  models: [],
  ...changes
})

export interface Options {
  readonly vendors?: ReadonlyArray<VendorId>
  readonly aliases?: ReadonlyArray<Alias>
  readonly resilience?: Partial<Resilience>
  readonly settings?: Partial<Settings>
  /** What is said of single providers besides. */
  readonly provider?: { readonly [V in VendorId]?: Partial<ProviderSpec> }
  readonly server?: Partial<Settings["server"]>
  readonly simulator?: Simulator.SimulatorOptions
}

const testKeepsPort = { ...defaultServer, port: 0, shutdownGrace: Duration.seconds(2) }

/** Starts both; they live as long as the scope. `log` collects the lines of the request log. */
export const start = (options: Options = {}) =>
  Effect.gen(function* () {
    const simulator = yield* Simulator.make(options.simulator)
    const vendors = options.vendors ?? ["openai", "anthropic", "gemini"]
    const settings: Settings = {
      server: { ...testKeepsPort, ...options.server },
      providers: vendors.map((id) => specOf(id, simulator.baseUrl(id), options.provider?.[id])),
      providersOff: [],
      aliases: options.aliases ?? [],
      facts: new Map(),
      resilience: { ...defaultResilience, ...options.resilience },
      keys: [],
      source: "file",
      warnings: [],
      ...options.settings
    }
    const log: Array<string> = []
    // built before the server's own scope, so that the server goes down first
    const gateway = yield* Layer.build(gatewayLayer(settings))
    const layer = Server.layer(settings).pipe(
      Layer.provide([
        Layer.succeedContext(gateway),
        RequestLog.layerWith({ format: "json" }).pipe(Layer.provide(LineSink.layerMemory(log))),
        RequestMetrics.layer
      ])
    )
    const listening = yield* Effect.map(Layer.build(layer), (context) => context)
    const { url } = yield* Effect.provide(Server.Listening, listening)
    return { url, simulator, log, settings, budgets: Context.get(gateway, Budgets), running: gateway }
  })

/** An alias tried in order. */
export const alias = (name: string, ...targets: ReadonlyArray<string>): Alias => ({
  name,
  strategy: "priority",
  targets
})
