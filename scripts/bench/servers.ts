/**
 * The servers that are compared, each started the way its users start it, and how a request of each scenario is put to
 * it. `metered` is this gateway with client keys and budgets, `limited` the same with limits a minute, which every answer
 * tells of in six headers. `direct` is no server: the load asks the upstream itself, which shows how much the load's own
 * core can carry.
 */
import { existsSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import type { Target } from "./load-protocol.ts"
import { installPortkey } from "./portkey.ts"
import { type Child, freePort, startChild, untilListening } from "./processes.ts"
import type { ScenarioId } from "./scenarios.ts"
import { anthropicModel, anthropicRequest, openAiModel, openAiRequest } from "./wires.ts"

export const serverNames = ["switchyard", "metered", "limited", "baseline", "bare", "portkey", "direct"] as const
export type ServerName = (typeof serverNames)[number]

export interface Running {
  readonly name: ServerName
  /** Absent for `direct`. */
  readonly child: Child | undefined
  readonly port: number
  readonly target: (scenario: ScenarioId) => Target | undefined
}

export interface Settings {
  readonly upstreamPort: number
  readonly core: number | undefined
  /** A folder of this run, for configuration and output. */
  readonly folder: string
  /** The gateway's entry file. */
  readonly entry: string
  /** That of an earlier version of it. */
  readonly baseline?: string
  /** Arguments for the Node that runs the gateway, before the entry file. */
  readonly nodeArgs?: ReadonlyArray<string>
  readonly channel?: boolean
  /** The Node for Portkey; absent: this one. */
  readonly portkeyNode?: string
  readonly say: (line: string) => void
}

export const here = fileURLToPath(new URL(".", import.meta.url))
export const defaultEntry = fileURLToPath(new URL("../../src/main.ts", import.meta.url))

const chatPath = "/v1/chat/completions"
/** Headers that every request bears. */
const withKey = (key: string) => ({ authorization: `Bearer ${key}` })
const bearer = withKey("bench")

/** What is asked of a server that takes a plain OpenAI client with nothing more than `headers`. */
const plainTarget =
  (port: number, headers: Readonly<Record<string, string>>) =>
  (scenario: ScenarioId): Target | undefined => {
    if (scenario === "whole") return { port, path: chatPath, headers, body: openAiRequest(openAiModel, false) }
    if (scenario === "stream") return { port, path: chatPath, headers, body: openAiRequest(openAiModel, true) }
    if (scenario === "paced")
      return { port, path: `/paced${chatPath}`, headers, body: openAiRequest(openAiModel, true) }
    return undefined
  }

export const direct = (upstreamPort: number): Running => ({
  name: "direct",
  child: undefined,
  port: upstreamPort,
  target: plainTarget(upstreamPort, bearer)
})

const startBare = async (settings: Settings): Promise<Running> => {
  const port = await freePort()
  const child = startChild({
    name: "bare",
    args: [
      ...(settings.nodeArgs ?? []),
      join(here, "bare-proxy.ts"),
      "--port",
      String(port),
      "--upstream",
      `http://127.0.0.1:${settings.upstreamPort}`
    ],
    core: settings.core,
    folder: settings.folder,
    channel: true
  })
  await untilListening(child, port)
  return { name: "bare", child, port, target: plainTarget(port, bearer) }
}

const startPortkey = async (settings: Settings): Promise<Running> => {
  const portkey = await installPortkey(settings.say)
  const port = await freePort()
  const child = startChild({
    name: "portkey",
    args: portkey.args(port),
    core: settings.core,
    folder: settings.folder,
    ...(settings.portkeyNode === undefined ? {} : { node: settings.portkeyNode })
  })
  await untilListening(child, port)
  const upstream = `http://127.0.0.1:${settings.upstreamPort}`
  const via = (provider: string, host: string) => ({
    ...bearer,
    "x-portkey-provider": provider,
    "x-portkey-custom-host": host
  })
  const ask = (headers: Readonly<Record<string, string>>, model: string, stream: boolean): Target => ({
    port,
    path: chatPath,
    headers,
    body: openAiRequest(model, stream)
  })
  const targets: Partial<Record<ScenarioId, Target>> = {
    whole: ask(via("openai", `${upstream}/v1`), openAiModel, false),
    stream: ask(via("openai", `${upstream}/v1`), openAiModel, true),
    translated: ask(via("anthropic", `${upstream}/v1`), anthropicModel, true),
    paced: ask(via("openai", `${upstream}/paced/v1`), openAiModel, true)
  }
  return { name: "portkey", child, port, target: (scenario) => targets[scenario] }
}

/** The gateway's configuration: one provider a dialect, and one whose streams are paced. */
const gatewayConfig = (port: number, upstreamPort: number): string => {
  const upstream = `http://127.0.0.1:${upstreamPort}`
  return `server: { host: 127.0.0.1, port: ${port} }
providers:
  same: { kind: openai, apiKey: bench, baseUrl: "${upstream}/v1", models: [${openAiModel}] }
  other: { kind: anthropic, apiKey: bench, baseUrl: "${upstream}", models: [${anthropicModel}] }
  paced: { kind: openai, apiKey: bench, baseUrl: "${upstream}/paced/v1", models: [${openAiModel}] }
`
}

const clientKey = "bench-client-key-0123456789abcdef"

/** Keys, and budgets for everybody, a tenant, a key, a provider and a model; all too large to be used up. */
const meters = (limits: string) => `keys:
  - { name: bench, key: ${clientKey}, tenant: yard${limits} }
budgets:
  - { scope: global, window: day, limitUsd: 1000000 }
  - { scope: "tenant:yard", window: month, limitUsd: 1000000 }
  - { scope: "key:bench", window: hour, limitUsd: 1000000 }
  - { scope: "provider:same", window: day, limitUsd: 1000000 }
  - { scope: "model:other/${anthropicModel}", window: day, limitUsd: 1000000 }
`

/** What is added to the configuration of those who meter. */
const metersOf: { readonly [name: string]: string } = {
  metered: meters(""),
  limited: meters(", limits: { requestsPerMinute: 10000000, tokensPerMinute: 10000000000 }")
}

const startSwitchyard = async (
  settings: Settings,
  name: "switchyard" | "metered" | "limited" | "baseline" = "switchyard",
  entry = settings.entry
): Promise<Running> => {
  if (!existsSync(entry)) throw new Error(`there is no ${entry}`)
  const port = await freePort()
  const config = join(settings.folder, `${name}.yaml`)
  const own = metersOf[name]
  const key = own === undefined ? "bench" : clientKey
  writeFileSync(config, gatewayConfig(port, settings.upstreamPort) + (own ?? ""))
  const child = startChild({
    name,
    args: [...(settings.nodeArgs ?? []), entry, "serve", "--config", config],
    core: settings.core,
    folder: settings.folder,
    ...(settings.channel === undefined ? {} : { channel: settings.channel })
  })
  await untilListening(child, port)
  const ask = (path: string, body: string): Target => ({ port, path, headers: withKey(key), body })
  const targets: Record<ScenarioId, Target> = {
    whole: ask(chatPath, openAiRequest(`same/${openAiModel}`, false)),
    stream: ask(chatPath, openAiRequest(`same/${openAiModel}`, true)),
    translated: ask(chatPath, openAiRequest(`other/${anthropicModel}`, true)),
    reverse: {
      ...ask("/v1/messages", anthropicRequest(`same/${openAiModel}`, true)),
      headers: { "x-api-key": key, "anthropic-version": "2023-06-01" }
    },
    paced: ask(chatPath, openAiRequest(`paced/${openAiModel}`, true))
  }
  return { name, child, port, target: (scenario) => targets[scenario] }
}

/** Starts a server and waits until it listens; fails with what it printed. */
export const startServer = (name: ServerName, settings: Settings): Promise<Running> => {
  if (name === "switchyard" || name === "metered" || name === "limited") return startSwitchyard(settings, name)
  if (name === "baseline") return startSwitchyard(settings, name, settings.baseline)
  if (name === "bare") return startBare(settings)
  return name === "portkey" ? startPortkey(settings) : Promise.resolve(direct(settings.upstreamPort))
}
