/**
 * What stands in for the operations of a gateway where a test is not about them, and where it is about how they are
 * asked and told.
 *
 * @module
 */
import { Duration, Effect, Redacted } from "effect"
import {
  type CheckReport,
  type CircuitReport,
  type ClientKeyReport,
  type GenerationReport,
  type NewClientKey,
  OperationRefused,
  type Operations,
  type ProviderReport,
  type QuarantineReport
} from "../../src/gateway/Operations.ts"

const missing = Effect.fail(new OperationRefused({ kind: "missing", message: "Nothing of that name is here" }))

/** A gateway without providers. */
export const noOperations: Operations["Service"] = {
  providers: Effect.succeed([]),
  provider: () => missing,
  addProvider: () => missing,
  changeProvider: () => missing,
  removeProvider: () => missing,
  check: () => missing,
  circuits: Effect.succeed([]),
  setCircuit: () => missing,
  quarantine: Effect.succeed([]),
  setQuarantine: () => missing,
  liftQuarantine: () => missing,
  drills: Effect.succeed([]),
  startDrill: () => missing,
  endDrill: () => missing,
  keys: Effect.succeed([]),
  key: () => missing,
  createKey: () => missing,
  changeKey: () => missing,
  rotateKey: () => missing,
  revokeKey: () => missing,
  reload: missing,
  generation: Effect.sync(() => generation),
  spend: Effect.succeed({ budgets: [], refused: [], recording: "working", openLeases: 0, estimates: [] }),
  superseded: () => false,
  news: Effect.succeed([])
}

export const circuit: CircuitReport = {
  key: "acme/large-1",
  state: "open",
  forced: undefined,
  until: 30_000,
  notBefore: undefined,
  recentFailures: 3,
  openings: 1
}

export const quarantined: QuarantineReport = {
  key: "credential:acme:0123456789abcdef",
  scope: "credential",
  provider: "acme",
  model: undefined,
  credential: "0123456789abcdef",
  reason: "AuthenticationFailed",
  message: "invalid key",
  source: "observed",
  since: 1_000,
  recheckAt: 301_000,
  until: undefined,
  durable: true
}

export const provider: ProviderReport = {
  id: "acme",
  kind: "openai-compatible",
  source: "config",
  state: "on",
  weight: 1,
  baseUrl: "https://user:secret@acme.example/v1?key=secret",
  failureDomain: "acme",
  region: undefined,
  available: true,
  why: undefined,
  inFlight: 2,
  circuit: { ...circuit, key: "acme", state: "closed", until: undefined },
  quarantine: [quarantined],
  limits: [],
  retriesLeft: 10,
  models: [
    {
      model: "large-1",
      circuit,
      quarantine: undefined,
      limits: [{ what: "requestsPerMinute", limit: 60, used: 61, source: "headers", retryAt: 5_000 }],
      inFlight: 2,
      firstEventP95Millis: 812.5
    }
  ]
}

export const generation: GenerationReport = {
  generation: 2,
  source: "file",
  file: "/etc/switchyard.yaml",
  loadedAt: 0,
  providers: ["acme"],
  aliases: ["smart"],
  warnings: [],
  onEarlier: 1,
  lastFailure: { at: 60_000, problems: ["server.port: found -1"] }
}

export const checked: CheckReport = {
  provider: "acme",
  model: "large-1",
  ok: true,
  millis: 12,
  reason: undefined,
  message: undefined
}

export const webKey: ClientKeyReport = {
  name: "web",
  source: "stored",
  state: "active",
  tenant: "acme",
  priority: "normal",
  allow: ["smart"],
  region: undefined,
  limits: { requestsPerMinute: 60 },
  budgets: [{ window: "day", timeZone: "UTC", limitUsd: 10, reserve: 5, onExhausted: "reject" }],
  tags: ["team-a"],
  metadata: undefined,
  createdAt: 1_000,
  expiresAt: 90_000,
  revokedAt: undefined,
  secrets: [
    { prefix: "sy-AbCd", lastFour: "wxyz", createdAt: 2_000 },
    { prefix: "sy-EfGh", lastFour: "stuv", createdAt: 1_000, validUntil: 60_000 }
  ],
  use: [{ what: "requestsPerMinute", limit: 60, used: 7 }],
  durable: true
}

export const madeKey: NewClientKey = { key: webKey, secret: Redacted.make("sy-the-secret"), notes: ["a note"] }

/** Operations that do what they are asked, and note it in `calls`. */
export const recordingOperations = (calls: Array<ReadonlyArray<unknown>>): Operations["Service"] => {
  const noted =
    <A>(result: A) =>
    (...call: ReadonlyArray<unknown>): Effect.Effect<A> =>
      Effect.sync(() => {
        calls.push(call)
        return result
      })
  const millis = (lasts: Duration.Duration | undefined) => (lasts === undefined ? undefined : Duration.toMillis(lasts))
  return {
    providers: Effect.succeed([provider]),
    provider: (id) => (id === provider.id ? Effect.succeed(provider) : missing),
    addProvider: (id, entry) => noted(provider)("add", id, entry),
    changeProvider: (id, change) => noted(provider)("change", id, change),
    removeProvider: (id) => noted(undefined)("remove", id),
    check: ({ model, provider }) =>
      noted({ ...checked, provider, model: model ?? "large-1" })("check", provider, model),
    circuits: Effect.succeed([circuit]),
    setCircuit: (key, to) => noted({ ...circuit, key })("circuit", key, to),
    quarantine: Effect.succeed([quarantined]),
    setQuarantine: ({ lasts, ...order }) => noted(quarantined)("quarantine", { ...order, lasts: millis(lasts) }),
    liftQuarantine: (key) => noted(undefined)("lift", key),
    drills: Effect.succeed([{ ...quarantined, source: "drill" }]),
    startDrill: ({ lasts, ...order }) => noted(quarantined)("drill", { ...order, lasts: millis(lasts) }),
    endDrill: (key) => noted(undefined)("end", key),
    keys: Effect.succeed([webKey]),
    key: (name) => (name === webKey.name ? Effect.succeed(webKey) : missing),
    createKey: (order) => noted(madeKey)("createKey", order),
    changeKey: (name, change) => noted(webKey)("changeKey", name, change),
    rotateKey: (name, grace) => noted(madeKey)("rotateKey", name, millis(grace)),
    revokeKey: (name) => noted(undefined)("revokeKey", name),
    reload: noted(generation)("reload"),
    generation: Effect.succeed(generation),
    spend: Effect.succeed({ budgets: [], refused: [], recording: "working", openLeases: 0, estimates: [] }),
    superseded: () => false,
    news: Effect.succeed(
      [3, 2, 1].map((at) => ({ at: at * 1_000, kind: "circuit.opened", subject: "acme", detail: `${at}` }))
    )
  }
}
