/**
 * What operators may see and do while the gateway runs.
 *
 * Everything here takes effect at once and for new calls only: requests in flight finish on what they started with.
 * Changes to providers and their roles, forced circuits and drills last until the process ends; quarantine and client
 * keys last as long as their stores do. A reload of the config file keeps the changes made here and applies them to the new file.
 *
 * @module
 */
import { Context, type Duration, type Effect, Schema } from "effect"
import type { BudgetReport, RefusalCount } from "../budget/Budgets.ts"
import type { Recording } from "../budget/Recorder.ts"
import type { EstimateReport } from "../budget/Estimates.ts"
import type { ProviderKind } from "../config/ProviderSpec.ts"
import type { ProviderRole } from "../config/Settings.ts"
import type { BudgetTier } from "../domain/Budget.ts"
import type { ReasonTag } from "../domain/ProviderError.ts"
import type { ProbeOutcome } from "../health/Probes.ts"
import type { KeyChange, KeyOrder } from "../keys/KeyOrder.ts"
import type { KeyReport, NewSecret } from "../keys/KeyReport.ts"
import type { KeyUse } from "../keys/KeyLimits.ts"

/** What an operator asked for cannot be done. `missing`: what it names is not there; `refused`: it may not be. `unavailable`: not now. */
export class OperationRefused extends Schema.TaggedError<OperationRefused>()("OperationRefused", {
  kind: Schema.Literals(["missing", "refused", "invalid", "unavailable"]),
  message: Schema.String,
  /** Where in the given value something is wrong. */
  param: Schema.optionalKey(Schema.String)
}) {}

/** A circuit as it stands. Times in milliseconds since 1970. */
export interface CircuitReport {
  /** `provider` or `provider/model`. */
  readonly key: string
  readonly state: "closed" | "open" | "halfOpen"
  /** Set by an operator: it stays so until it is released. */
  readonly forced: "open" | "closed" | undefined
  /** When an open one is tried again. */
  readonly until: number | undefined
  /** The vendor asked for no call before this moment. */
  readonly notBefore: number | undefined
  readonly recentFailures: number
  /** Openings without a success in between. */
  readonly openings: number
}

export interface QuarantineReport {
  /** `account:openai`, `credential:openai:<fingerprint>` or `model:openai/gpt-5.2`. */
  readonly key: string
  readonly scope: "account" | "credential" | "model"
  readonly provider: string
  readonly model: string | undefined
  readonly credential: string | undefined
  readonly reason: ReasonTag
  /** The vendor's own words, or the operator's. */
  readonly message: string
  readonly source: "observed" | "operator" | "drill"
  readonly since: number
  /** When it is probed next; absent: never by itself. */
  readonly recheckAt: number | undefined
  /** When it ends by itself (drills, and what an operator set for a while). */
  readonly until: number | undefined
  /** Does it outlast a restart? */
  readonly durable: boolean
}

/** How far one limit of a model at a provider is used. */
export interface LimitReport {
  readonly what: "requestsPerMinute" | "tokensPerMinute" | "concurrent"
  readonly limit: number | undefined
  readonly used: number
  readonly source: "config" | "headers" | "rateLimited"
  /** When there is room again, where there is none. */
  readonly retryAt: number | undefined
}

export interface ModelReport {
  readonly model: string
  readonly circuit: CircuitReport
  readonly quarantine: QuarantineReport | undefined
  readonly limits: ReadonlyArray<LimitReport>
  readonly inFlight: number
  /** Of the time to the first visible event of streams, in milliseconds; absent until enough were seen. */
  readonly firstEventP95Millis: number | undefined
}

export interface ProviderReport extends ProviderRole {
  readonly id: string
  readonly kind: ProviderKind
  /** Where it was configured: the file (or the environment), or here. */
  readonly source: "config" | "admin"
  readonly baseUrl: string | undefined
  readonly failureDomain: string
  readonly region: string | undefined
  /** May it be asked now? */
  readonly available: boolean
  /** Why not: the first reason that holds. */
  readonly why: string | undefined
  readonly inFlight: number
  readonly circuit: CircuitReport
  readonly quarantine: ReadonlyArray<QuarantineReport>
  /** Of the account; a model's own are with the model. */
  readonly limits: ReadonlyArray<LimitReport>
  /** How many retries it has left of its budget at this moment. */
  readonly retriesLeft: number
  /** Models that hold something: those asked lately, open, quarantined or limited. */
  readonly models: ReadonlyArray<ModelReport>
}

/** A check is a probe that an operator asks for. */
export type CheckReport = ProbeOutcome

export interface QuarantineOrder {
  /** `provider`, or `provider/model`. */
  readonly target: string
  readonly reason: ReasonTag
  readonly message: string
  /** Absent: until it is lifted. */
  readonly lasts: Duration.Duration | undefined
}

/** What runs: the settings in force, as far as they may be told. */
export interface GenerationReport {
  /** Counts up with every change that took effect. */
  readonly generation: number
  readonly source: "file" | "environment" | "simulators"
  readonly file: string | undefined
  readonly loadedAt: number
  readonly providers: ReadonlyArray<string>
  readonly aliases: ReadonlyArray<string>
  readonly warnings: ReadonlyArray<string>
  /** Requests that still run on an earlier generation. */
  readonly onEarlier: number
  /** The last reload that failed since: the file was bad, and what was in force stayed. */
  readonly lastFailure: { readonly at: number; readonly problems: ReadonlyArray<string> } | undefined
}

/** Every budget with the tier it pays for at ordinary priority, what was refused, and how good the estimates are. */
export interface SpendReport {
  readonly budgets: ReadonlyArray<BudgetReport & { readonly tier: BudgetTier }>
  readonly refused: ReadonlyArray<RefusalCount>
  /** Is it recorded what is spent? */
  readonly recording: Recording
  /** Requests under way that may spend. */
  readonly openLeases: number
  readonly estimates: ReadonlyArray<EstimateReport>
}

/** A client key, and how far its limits are used. */
export interface ClientKeyReport extends KeyReport {
  readonly use: ReadonlyArray<KeyUse>
}

/** A client key with its secret, which is told this once. */
export interface NewClientKey extends Omit<NewSecret, "key"> {
  readonly key: ClientKeyReport
}

export interface HealthNews {
  /** Milliseconds since 1970. */
  readonly at: number
  /** Such as `circuit.opened`, `quarantine.set`, `probe.failed`, `config.reloaded`. */
  readonly kind: string
  /** Whom it is about: `provider`, `provider/model`, a quarantine's key. */
  readonly subject: string
  readonly detail: string
}

export class Operations extends Context.Service<
  Operations,
  {
    readonly providers: Effect.Effect<ReadonlyArray<ProviderReport>>
    readonly provider: (id: string) => Effect.Effect<ProviderReport, OperationRefused>
    /** Adds a provider that the config does not name. `entry` is what would stand under its id in the file. */
    readonly addProvider: (id: string, entry: unknown) => Effect.Effect<ProviderReport, OperationRefused>
    readonly changeProvider: (
      id: string,
      change: Partial<ProviderRole>
    ) => Effect.Effect<ProviderReport, OperationRefused>
    /** Takes away a provider that was added here; one of the file can only be disabled. */
    readonly removeProvider: (id: string) => Effect.Effect<void, OperationRefused>
    /**
     * One token from a model, now, whatever its circuit and quarantine say. Success closes a circuit and lifts what was
     * observed; what an operator has forced or barred stands.
     */
    readonly check: (ref: {
      provider: string
      model: string | undefined
    }) => Effect.Effect<CheckReport, OperationRefused>
    readonly circuits: Effect.Effect<ReadonlyArray<CircuitReport>>
    /** `auto` releases a forced circuit to what happens. */
    readonly setCircuit: (key: string, to: "open" | "closed" | "auto") => Effect.Effect<CircuitReport, OperationRefused>
    readonly quarantine: Effect.Effect<ReadonlyArray<QuarantineReport>>
    readonly setQuarantine: (order: QuarantineOrder) => Effect.Effect<QuarantineReport, OperationRefused>
    readonly liftQuarantine: (key: string) => Effect.Effect<void, OperationRefused>
    readonly drills: Effect.Effect<ReadonlyArray<QuarantineReport>>
    /** Treats a provider or a model as failed for a while; nobody is called, nothing is stored. */
    readonly startDrill: (
      order: QuarantineOrder & { readonly lasts: Duration.Duration }
    ) => Effect.Effect<QuarantineReport, OperationRefused>
    readonly endDrill: (key: string) => Effect.Effect<void, OperationRefused>
    /** The client keys of the config, then those made here, ended ones included. */
    readonly keys: Effect.Effect<ReadonlyArray<ClientKeyReport>>
    readonly key: (name: string) => Effect.Effect<ClientKeyReport, OperationRefused>
    readonly createKey: (order: KeyOrder) => Effect.Effect<NewClientKey, OperationRefused>
    /** Keys of the file are changed there. */
    readonly changeKey: (name: string, change: KeyChange) => Effect.Effect<ClientKeyReport, OperationRefused>
    /** A new secret; those before it do for as long as the grace, a day unless told. */
    readonly rotateKey: (
      name: string,
      grace: Duration.Duration | undefined
    ) => Effect.Effect<NewClientKey, OperationRefused>
    /** Ends a key for all new requests. */
    readonly revokeKey: (name: string) => Effect.Effect<void, OperationRefused>
    /** How the budgets and the estimates stand. */
    readonly spend: Effect.Effect<SpendReport>
    /** Another process runs under this one's name, so that hard limits let nothing new be spent here. */
    readonly superseded: () => boolean
    /** Reads the config file again. */
    readonly reload: Effect.Effect<GenerationReport, OperationRefused>
    readonly generation: Effect.Effect<GenerationReport>
    /** The last things that happened to health and configuration, newest first. */
    readonly news: Effect.Effect<ReadonlyArray<HealthNews>>
  }
>()("switchyard/gateway/Operations") {}
