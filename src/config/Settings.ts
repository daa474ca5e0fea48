/**
 * What the rest of the program sees of the configuration: decoded, checked, defaults filled in, secrets redacted.
 *
 * A request pins one `Settings`; nothing in it changes. Where it came from is in `source`; what an operator ought to
 * know about it is in `warnings`.
 *
 * @module
 */
import { Duration, type Redacted } from "effect"
import type { BudgetPolicy } from "../domain/Budget.ts"
import type { AlertFormat, AlertKind, AlertLevels } from "../domain/Alert.ts"
import type { Capability } from "../domain/Capability.ts"
import type { Preference } from "../domain/Prefer.ts"
import type { CallerLimits } from "../domain/RequestContext.ts"
import type { Task } from "../domain/Task.ts"
import type { ProviderLimits, ProviderSpec } from "./ProviderSpec.ts"

/** How an alias orders its targets. */
export const strategies = [
  "priority",
  "weighted",
  "round-robin",
  "least-latency",
  "least-busy",
  "lowest-cost",
  "quality"
] as const
export type Strategy = (typeof strategies)[number]

/** How much of what was answered over Responses is remembered, for requests that refer to it. */
export interface ResponseLimits {
  /** The most that one key has remembered; 0: nothing is remembered. */
  readonly entries: number
  /** The most that those of one key weigh, as JSON, in UTF-16 code units. */
  readonly bytes: number
  /** The same for all keys together. */
  readonly totalBytes: number
  /** How long one is remembered without being used. */
  readonly ttl: Duration.Duration
}

export interface ServerSettings {
  readonly host: string
  readonly port: number
  /** Absent: there is no admin API. */
  readonly adminKey: Redacted.Redacted<string> | undefined
  /** Origins that web pages may call from; `*` is any. */
  readonly cors: ReadonlyArray<string>
  readonly bodyLimitBytes: number
  /** How long requests in flight may go on after a stop signal. */
  readonly shutdownGrace: Duration.Duration
  /** How long a stream waits for its first visible event before its headers are written all the same. */
  readonly patience: Duration.Duration
  /** How often a waiting stream is given a sign of life once its headers are out. */
  readonly heartbeat: Duration.Duration
  readonly responses: ResponseLimits
}

/**
 * A name that stands for models at providers. Targets are `provider/model`, never another alias; a target's provider may
 * be among those that are off.
 */
export interface Alias {
  readonly name: string
  readonly strategy: Strategy
  readonly targets: ReadonlyArray<string>
  /** Absent: as `Resilience.fallbackOnContentPolicy`. */
  readonly fallbackOnContentPolicy?: boolean
  /** A second target is asked when the first is slower to its first visible event than it almost always is. */
  readonly hedge?: boolean
  /**
   * The operator's word that the vectors of all targets can be compared, so that any of them may embed. Absent: only
   * the first target's model does, wherever it is served.
   */
  readonly vectors?: "compatible"
  /** Only targets at providers of this region may answer. */
  readonly region?: string
  /** A conversation stays with whoever answered it last, as long as that one may be asked. */
  readonly sticky?: "conversation"
  /** May a budget that runs low choose the cheaper of the targets? */
  readonly downgrade?: boolean
}

/** What the operator says about a model; it wins over the catalogue. Absent: the catalogue's word. */
export interface FactsOverride {
  readonly price?: { readonly inputUsdPerMTok: number; readonly outputUsdPerMTok: number }
  readonly contextWindowTokens?: number
  readonly maxOutputTokens?: number
  readonly tier?: "premium" | "standard" | "economy"
  /** The whole list of what the model can do: what is not in it, it cannot. */
  readonly capabilities?: ReadonlyArray<Capability>
  /** What the vendor allows this account with this model. */
  readonly limits?: ProviderLimits
}

/** `"auto"`: derived per request from the model, the prompt's size and who else could answer. */
export type Auto<A> = A | "auto"

/**
 * What a stream that nobody waits for any more is settled at: all that its vendor may bill, as it may go on writing, or
 * what had come of it.
 */
export const abandonments = ["worst", "counted"] as const
export type AbandonedStreams = (typeof abandonments)[number]

export interface Resilience {
  /** The most attempts over all providers, 1–20. */
  readonly maxAttempts: number
  /** Stops new attempts and waits, never an attempt that is delivering. */
  readonly deadline: Duration.Duration
  readonly limits: {
    readonly connect: Duration.Duration
    /** The first content, tool or reasoning delta. */
    readonly firstEvent: Auto<Duration.Duration>
    /** No bytes at all. `"auto"`: 30 s, 60 s for models that think. */
    readonly idle: Auto<Duration.Duration>
    /** A whole answer. */
    readonly unary: Auto<Duration.Duration>
    /** A stream from its first byte to its last. */
    readonly stream: Duration.Duration
  }
  /** How often the same provider is asked again, by reason. */
  readonly retries: {
    readonly RateLimited: number
    readonly ServerError: number
    readonly Overloaded: number
    readonly Network: number
    readonly Timeout: number
  }
  /** A vendor's Retry-After beyond this sends the request elsewhere at once. */
  readonly retryAfterLimit: Duration.Duration
  readonly circuit: {
    /** Consecutive failures that open it. */
    readonly failures: number
    /** The failures must fall within this. */
    readonly window: Duration.Duration
    readonly openFor: Duration.Duration
    readonly maxOpenFor: Duration.Duration
    /** It also opens when this share of the last calls failed, were there so many; absent: consecutive failures alone. */
    readonly failureRate?: { readonly calls: number; readonly share: number }
  }
  readonly onMidStreamFailure: "resume" | "error"
  /** How many retries a provider gets within a minute: a share of its calls, and so many besides. */
  readonly retryBudget: { readonly share: number; readonly perMinute: number }
  /** One-token completions that find out whether what is open or quarantined serves again. */
  readonly probes: {
    readonly enabled: boolean
    /** Between two probes of one thing, at the least. */
    readonly interval: Duration.Duration
  }
  /** Where requests wait that nobody has room for. */
  readonly queue: {
    /** The most that wait at once, over all callers; 0: nobody waits. */
    readonly capacity: number
    /** The longest wait. */
    readonly patience: Duration.Duration
  }
  /** What all attempts of one request may cost together, in US dollars; absent: no cap. */
  readonly costCapUsd: number | undefined
  readonly abandonedStreams: AbandonedStreams
  readonly fallbackOnContentPolicy: boolean
  /** Names (`provider/model` or alias) tried after every request's own candidates. */
  readonly defaultFallbacks: ReadonlyArray<string>
}

/** Who judges what kind of work a request asks for. */
export const classifiers = ["centroid", "keyword", "embedding", "llm", "cascade"] as const
export type ClassifierKind = (typeof classifiers)[number]

export interface ClassifierSettings {
  readonly by: ClassifierKind
  /** The model that embeds or judges, as `provider/model`; absent where none is asked. */
  readonly model: string | undefined
  /** From so many estimated input tokens on a request is `long_context`; absent: the classifier's own. */
  readonly longContextTokens: number | undefined
  /** The operator's classes, and further exemplars of the built-in ones. */
  readonly classes: ReadonlyMap<string, ReadonlyArray<string>>
  /** Are the texts of requests kept in memory for a while, so that feedback can propose them as exemplars? Absent: no. */
  readonly keepTexts?: boolean
}

export const defaultClassifier: ClassifierSettings = {
  by: "centroid",
  model: undefined,
  longContextTokens: undefined,
  classes: new Map()
}

export interface ClientKey {
  readonly name: string
  readonly key: Redacted.Redacted<string>
  readonly tenant: string | undefined
  readonly priority: "critical" | "normal" | "low"
  /** Names its requests may ask for, `*` standing for any characters; absent: all. */
  readonly allow: ReadonlyArray<string> | undefined
  /** Only providers of this region may answer; absent: any. */
  readonly region?: string
  /** How much may be asked with it; absent: any amount. */
  readonly limits?: CallerLimits
  /** Labels by which its use can be counted; absent: none. */
  readonly tags?: ReadonlyArray<string>
  /** Answers tell of themselves in their bodies too; absent: in headers alone. */
  readonly metadata?: "body"
  /** When it ends, in milliseconds since 1970; absent: never. */
  readonly expiresAt?: number
}

export const defaultReplica = "main"

/** A webhook, and of what it is to be told. */
export interface AlertTarget extends AlertLevels {
  /** It bears the right to post, and is as secret as a key. */
  readonly url: Redacted.Redacted<string>
  readonly format: AlertFormat
  /** Absent: every kind. */
  readonly only?: ReadonlyArray<AlertKind>
}

/** What an operator has said of a provider while the gateway runs, or in the config. */
export interface ProviderRole {
  /** `draining`: what runs may finish, nothing new starts. `disabled`: as if it were not there; nothing probes it. */
  readonly state: "on" | "draining" | "disabled"
  /** Its share among the targets of weighted aliases, and 0: asked only when nobody else is left. */
  readonly weight: number
  /** Whose word `state` is; absent: the config's. */
  readonly by?: "operator"
}
export const defaultRole: ProviderRole = { state: "on", weight: 1 }

/** Instructions for economy models that stand in for better ones because a budget runs low. */
export interface EconomySettings {
  /** Added to a request's own instructions. */
  readonly system: string
  /** The names it holds for, `*` standing for any characters; absent: all that may be downgraded. */
  readonly for?: ReadonlyArray<string>
}

/** The response cache. */
export interface CacheSettings {
  /** How long an answer is good. */
  readonly ttl: Duration.Duration
  /** `temperature-zero`: only requests that state it; `always`: any. */
  readonly only: "temperature-zero" | "always"
  /** Among whom answers are shared: the keys of a tenant (a key without one by itself), each key by itself, or all. */
  readonly scope: "tenant" | "key" | "all"
  /** How many times as long an answer is good when nothing is left of a budget; 1: no longer. */
  readonly stretch: number
  /** How much longer a budget with `onExhausted: cache-only` may give it when there is no room for a new one. */
  readonly grace: Duration.Duration
  readonly maxEntries: number
  /** Of all that is kept, as it is held. */
  readonly maxBytes: number
  /** Of one answer as JSON, before it is compressed, in characters. */
  readonly maxEntryBytes: number
}

export const defaultCache: CacheSettings = {
  ttl: Duration.hours(24),
  only: "temperature-zero",
  scope: "tenant",
  stretch: 1,
  grace: Duration.hours(24),
  maxEntries: 10_000,
  maxBytes: 64 * 1024 * 1024,
  maxEntryBytes: 2 * 1024 * 1024
}

export interface Settings {
  readonly server: ServerSettings
  /** Those that are on, in the config's order. */
  readonly providers: ReadonlyArray<ProviderSpec>
  readonly providersOff: ReadonlyArray<{ readonly id: string; readonly why: string }>
  readonly aliases: ReadonlyArray<Alias>
  /** By `provider/model`. */
  readonly facts: ReadonlyMap<string, FactsOverride>
  /** Names for tasks, by preference; absent: none are stated. */
  readonly tasks?: ReadonlyMap<Task, Readonly<Partial<Record<Preference, ReadonlyArray<string>>>>>
  /** Absent: the default. */
  readonly classifier?: ClassifierSettings
  /** Absent: nothing is added. */
  readonly economy?: EconomySettings
  readonly resilience: Resilience
  /** By provider id; absent: `defaultRole`. */
  readonly roles?: ReadonlyMap<string, ProviderRole>
  readonly storage?: {
    /** The file of the embedded database, absolute; absent: nothing outlasts a restart. */
    readonly sqlite: string | undefined
    /** The name in which this process draws from budgets: no two that run at once may have the same. */
    readonly replica?: string
  }
  readonly keys: ReadonlyArray<ClientKey>
  /** Absent: operators are told by the log alone. */
  readonly alerts?: ReadonlyArray<AlertTarget>
  /** What may be spent; absent: any amount. */
  readonly budgets?: ReadonlyArray<BudgetPolicy>
  /** Absent: no answer is cached. */
  readonly cache?: CacheSettings
  /** `simulators`: neither a file nor a vendor's key was found, so loopback imitations answer. */
  readonly source: "file" | "environment" | "simulators"
  /** The config file, absolute; absent where there is none. */
  readonly file?: string
  /** Sentences for the operator. They never hold a secret. */
  readonly warnings: ReadonlyArray<string>
}

export const defaultServer: ServerSettings = {
  host: "127.0.0.1",
  port: 4141,
  adminKey: undefined,
  cors: [],
  bodyLimitBytes: 32 * 1024 * 1024,
  shutdownGrace: Duration.seconds(30),
  patience: Duration.seconds(5),
  heartbeat: Duration.seconds(10),
  responses: {
    entries: 2_000,
    bytes: 32 * 1024 * 1024,
    totalBytes: 128 * 1024 * 1024,
    ttl: Duration.hours(24)
  }
}

export const defaultResilience: Resilience = {
  maxAttempts: 6,
  deadline: Duration.seconds(120),
  limits: {
    connect: Duration.seconds(5),
    firstEvent: "auto",
    idle: "auto",
    unary: "auto",
    stream: Duration.minutes(30)
  },
  retries: { RateLimited: 1, ServerError: 1, Overloaded: 1, Network: 1, Timeout: 1 },
  retryAfterLimit: Duration.seconds(5),
  circuit: {
    failures: 3,
    window: Duration.seconds(60),
    openFor: Duration.seconds(30),
    maxOpenFor: Duration.minutes(5)
  },
  onMidStreamFailure: "resume",
  retryBudget: { share: 0.2, perMinute: 10 },
  probes: { enabled: true, interval: Duration.seconds(30) },
  queue: { capacity: 1000, patience: Duration.seconds(10) },
  costCapUsd: undefined,
  abandonedStreams: "worst",
  fallbackOnContentPolicy: false,
  defaultFallbacks: []
}
