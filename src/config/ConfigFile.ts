/**
 * The whole config file as one Schema: what may stand in it, in which shape. The JSON Schema for editors is made from it.
 *
 * Sections that this version does not act on yet are checked all the same, so that a file never goes stale unnoticed;
 * `resolve.ts` warns about them. What needs more than one place to judge (does that provider exist?) is in `resolve.ts`.
 * Nothing is transformed here: the decoded value is the file's.
 *
 * @module
 */
import { budgetWindows } from "../domain/Budget.ts"
import { Duration, type JsonSchema, Schema } from "effect"
import { alertFormats, alertKinds } from "../domain/Alert.ts"
import { Capability } from "../domain/Capability.ts"
import { autoOrDuration, duration, integer, list, moment, number, oneOf, required, text, yesOrNo } from "./notation.ts"
import { providerKinds } from "./ProviderSpec.ts"
import { abandonments, classifiers, strategies } from "./Settings.ts"

const field = Schema.optionalKey
const day = Duration.days(1)
const optionalDuration = field(duration(day))
const names = (what: string) => list(text(what), `a list, each of it ${what}`)
const target = `a model as "provider/model"`
const someTargets = `a list of one or more models, each as "provider/model"`
const targets = Schema.Array(text(target))
  .annotate({ message: someTargets })
  .check(Schema.isMinLength(1, { message: someTargets }))

const mostBytes = 8 * 1024 ** 3
const longestKept = Duration.days(3650)

const Responses = Schema.Struct({
  entries: field(integer(0, 1e6)),
  bytes: field(integer(0, mostBytes)),
  totalBytes: field(integer(0, mostBytes)),
  ttl: field(duration(Duration.days(365)))
}).annotate({ message: "a mapping with entries, bytes, totalBytes, ttl" })

const Server = Schema.Struct({
  host: field(text("a host name or an address")),
  port: field(integer(0, 65_535)),
  adminKey: field(text("a key")),
  cors: field(names(`an origin such as "https://app.example.com", or "*"`)),
  bodyLimitBytes: field(integer(1_024, 1_073_741_824)),
  shutdownGrace: field(duration(day, Duration.zero)),
  patience: field(duration(day, Duration.zero)),
  heartbeat: optionalDuration,
  responses: field(Responses)
}).annotate({ message: "a mapping with host, port and the like" })

/** How much may be asked: of a provider or a model, and with a key. */
export const limits = Schema.Struct({
  requestsPerMinute: field(integer(1, 1e9)),
  tokensPerMinute: field(integer(1, 1e12)),
  concurrent: field(integer(1, 1e6))
}).annotate({ message: "a mapping with requestsPerMinute, tokensPerMinute, concurrent" })

const region = field(text("a region such as eu"))

const apiKey = text("a key")
const texts = (what: string) => Schema.Record(Schema.String, text("a text")).annotate({ message: what })

export const ProviderEntry = Schema.Struct({
  kind: required(oneOf(...providerKinds), "the kind of the vendor, such as openai"),
  apiKey: field(
    Schema.Union([apiKey, Schema.Array(apiKey).check(Schema.isMinLength(1, { message: "at least one key" }))]).annotate(
      {
        message: "a key, or a list of keys of one account"
      }
    )
  ),
  baseUrl: field(text("an http or https URL")),
  apiVersion: field(text("a version such as 2024-10-21")),
  project: field(text("a project's id")),
  location: field(text("a location such as global or europe-west4")),
  serviceAccount: field(text("the text of a service account's key file")),
  deployments: field(texts("a mapping from model names to deployment names")),
  headers: field(texts("a mapping from header names to values")),
  failureDomain: field(text("a label")),
  region,
  models: field(names("a model's name")),
  limits: field(limits),
  weight: field(number(0, 1_000, "a number")),
  state: field(oneOf("on", "draining", "disabled"))
}).annotate({ message: "a mapping with kind, apiKey and the like" })

const Strategy = oneOf(...strategies)

const AliasEntry = Schema.Struct({
  strategy: field(Strategy),
  targets: required(targets, someTargets),
  fallbackOnContentPolicy: field(yesOrNo),
  hedge: field(yesOrNo),
  vectors: field(oneOf("compatible")),
  region,
  sticky: field(oneOf("conversation")),
  downgrade: field(yesOrNo)
}).annotate({ message: "a list of targets, or a mapping with strategy, targets" })

const FactsEntry = Schema.Struct({
  price: field(
    Schema.Struct({
      inputPerMTok: required(number(0, 1e6, "US dollars per million tokens"), "US dollars per million tokens"),
      outputPerMTok: required(number(0, 1e6, "US dollars per million tokens"), "US dollars per million tokens")
    }).annotate({ message: "a mapping with inputPerMTok, outputPerMTok" })
  ),
  contextWindow: field(integer(1, 1e9)),
  maxOutput: field(integer(1, 1e9)),
  tier: field(oneOf("premium", "standard", "economy")),
  capabilities: field(list(oneOf(...Capability.literals), `a list of ${Capability.literals.join(", ")}`)),
  limits: field(limits)
}).annotate({ message: "a mapping with price, contextWindow, maxOutput, tier, capabilities, limits" })

/** A name with a slash in it is a model (its facts follow), a name without one an alias. */
export const isModelName = (name: string): boolean => name.includes("/")

const Models = Schema.StructWithRest(Schema.Struct({}), [
  Schema.Record(
    Schema.String.check(Schema.isPattern(/^[^/]+$/u)),
    Schema.Union([targets, AliasEntry]).annotate({
      message: "a list of targets, or a mapping with strategy, targets"
    })
  ),
  Schema.Record(Schema.String.check(Schema.isPattern(/\//u)), FactsEntry)
]).annotate({ message: "a mapping from names to targets" })

const TaskEntry = Schema.Struct({
  quality: field(targets),
  balanced: field(targets),
  cost: field(targets),
  speed: field(targets)
}).annotate({ message: "a mapping with quality, balanced, cost, speed" })

const Tasks = Schema.Record(Schema.String, TaskEntry).annotate({ message: "a mapping from tasks to their models" })

const Classifier = Schema.Struct({
  by: field(oneOf(...classifiers)),
  model: field(text(target)),
  longContextTokens: field(integer(1, 1e9)),
  classes: field(
    Schema.Record(Schema.String, names("a text that asks for it")).annotate({
      message: "a mapping from classes to lists of texts"
    })
  ),
  keepTexts: field(yesOrNo)
}).annotate({ message: "a mapping with by, model, longContextTokens, classes, keepTexts" })

const economySystem = "a text that is added to the instructions"
const Economy = Schema.Struct({
  system: required(text(economySystem), economySystem),
  for: field(names(`auto or an alias, * standing for any characters`))
}).annotate({ message: "a mapping with system, for" })

const Probes = Schema.Union([
  yesOrNo,
  Schema.Struct({ enabled: field(yesOrNo), interval: optionalDuration }).annotate({
    message: "true, false, or a mapping with enabled, interval"
  })
]).annotate({ message: "true, false, or a mapping with enabled, interval" })

const ResilienceEntry = Schema.Struct({
  maxAttempts: field(integer(1, 20)),
  deadline: optionalDuration,
  limits: field(
    Schema.Struct({
      connect: optionalDuration,
      firstEvent: field(autoOrDuration(day)),
      idle: field(autoOrDuration(day)),
      unary: field(autoOrDuration(day)),
      stream: optionalDuration
    }).annotate({ message: "a mapping with connect, firstEvent, idle, unary, stream" })
  ),
  retries: field(
    Schema.Struct({
      RateLimited: field(integer(0, 10)),
      ServerError: field(integer(0, 10)),
      Overloaded: field(integer(0, 10)),
      Network: field(integer(0, 10)),
      Timeout: field(integer(0, 10))
    }).annotate({ message: "a mapping from reasons to numbers of retries" })
  ),
  retryAfterLimit: field(duration(day, Duration.zero)),
  circuit: field(
    Schema.Struct({
      failures: field(integer(1, 1_000)),
      window: optionalDuration,
      openFor: optionalDuration,
      maxOpenFor: optionalDuration,
      failureRate: field(
        Schema.Struct({
          calls: field(integer(1, 10_000)),
          share: field(number(0, 1, "a share"))
        }).annotate({ message: "a mapping with calls, share" })
      )
    }).annotate({ message: "a mapping with failures, window, openFor, maxOpenFor, failureRate" })
  ),
  retryBudget: field(
    Schema.Struct({
      share: field(number(0, 1, "a share")),
      perMinute: field(integer(0, 1e6))
    }).annotate({ message: "a mapping with share, perMinute" })
  ),
  probes: field(Probes),
  queue: field(
    Schema.Struct({
      capacity: field(integer(0, 1e6)),
      patience: field(duration(day, Duration.zero))
    }).annotate({ message: "a mapping with capacity, patience" })
  ),
  costCapUsd: field(number(0.000_001, 1e6, "US dollars")),
  abandonedStreams: field(oneOf(...abandonments)),
  onMidStreamFailure: field(oneOf("resume", "error")),
  fallbackOnContentPolicy: field(yesOrNo),
  defaultFallbacks: field(names(`an alias or ${target}`))
}).annotate({ message: "a mapping with maxAttempts, deadline and the like" })

const budgetTerms = {
  window: required(oneOf(...budgetWindows), `one of ${budgetWindows.join(", ")}`),
  timeZone: field(text("a time zone such as Europe/Berlin")),
  limitUsd: field(number(0.000_001, 1e6, "US dollars")),
  softLimitUsd: field(number(0.000_001, 1e6, "US dollars")),
  reserve: field(number(0, 50, "percent")),
  onExhausted: field(oneOf("reject", "cache-only"))
}

/** What is said of a budget besides whose it is. */
export const BudgetTerms = Schema.Struct(budgetTerms).annotate({
  message: "a mapping with window, limitUsd and the like"
})
export type BudgetTerms = typeof BudgetTerms.Type

const KeyEntry = Schema.Struct({
  name: required(text("a name"), "a name"),
  key: required(text("a key"), `a key, such as "\${WEB_KEY}"`),
  tenant: field(text("a tenant's name")),
  priority: field(oneOf("critical", "normal", "low")),
  allow: field(names(`an alias or a model, * standing for any characters`)),
  region,
  limits: field(limits),
  tags: field(names("a label")),
  budgets: field(list(BudgetTerms, "a list of budgets")),
  metadata: field(oneOf("body")),
  expires: field(moment)
}).annotate({ message: "a mapping with name, key and the like" })

const BudgetEntry = Schema.Struct({
  scope: required(text("a scope such as global or tenant:acme"), "a scope such as global or tenant:acme"),
  ...budgetTerms
}).annotate({ message: "a mapping with scope, window, limitUsd and the like" })

const verdict = field(oneOf("off", "flag", "redact", "block"))

export const ConfigFile = Schema.Struct({
  server: field(Server),
  providers: required(
    Schema.Record(Schema.String, ProviderEntry).annotate({ message: "a mapping from ids to providers" }),
    "a mapping from ids to providers, at least one"
  ),
  models: field(Models),
  tasks: field(Tasks),
  classifier: field(Classifier),
  economy: field(Economy),
  resilience: field(ResilienceEntry),
  keys: field(list(KeyEntry, "a list of client keys")),
  budgets: field(list(BudgetEntry, "a list of budgets")),
  cache: field(
    Schema.Struct({
      exact: field(yesOrNo),
      ttl: field(duration(longestKept)),
      only: field(oneOf("temperature-zero", "always")),
      scope: field(oneOf("tenant", "key", "all")),
      stretch: field(number(1, 100, "a factor")),
      grace: field(duration(longestKept, Duration.zero)),
      maxEntries: field(integer(1, 1e6)),
      maxBytes: field(integer(1024, mostBytes)),
      maxEntryBytes: field(integer(1024, 64 * 1024 ** 2))
    }).annotate({ message: "a mapping with exact, ttl, only, scope, stretch and the like" })
  ),
  guard: field(
    Schema.Struct({
      promptInjection: verdict,
      pii: verdict,
      maxInputTokens: field(integer(1, 1e9))
    }).annotate({ message: "a mapping with promptInjection, pii, maxInputTokens" })
  ),
  alerts: field(
    list(
      Schema.Struct({
        url: required(text("a URL"), "a URL"),
        format: field(oneOf(...alertFormats)),
        shares: field(list(number(1, 1000, "percent"), "a list of percents of a budget")),
        requestUsd: field(number(0.000_001, 1e6, "US dollars")),
        estimateFactor: field(number(1.1, 16, "a factor")),
        only: field(list(oneOf(...alertKinds), "a list of kinds of alerts"))
      }).annotate({ message: "a mapping with url, format, shares, requestUsd, estimateFactor, only" }),
      "a list of alerts"
    )
  ),
  storage: field(
    Schema.Struct({
      sqlite: field(text("a path")),
      replica: field(text("a name that no other running process has")),
      redis: field(text("a URL")),
      postgres: field(text("a URL"))
    }).annotate({ message: "a mapping with sqlite, replica, redis, postgres" })
  )
}).annotate({ message: "a mapping with providers, models and the like" })

export type ConfigFile = typeof ConfigFile.Type
/** What may stand under a name of the section `models`. */
export type ModelEntry = ReadonlyArray<string> | typeof AliasEntry.Type | typeof FactsEntry.Type
export type ProviderEntry = typeof ProviderEntry.Type

/** The JSON Schema (draft 2020-12) of the config file, for editors. */
export const switchyardJsonSchema = (): JsonSchema.JsonSchema => {
  const { definitions, schema } = Schema.toJsonSchemaDocument(ConfigFile, { onExcessProperty: "error" })
  return {
    $schema: "https://json-schema.org/draft/2020-12/schema",
    title: "Switchyard configuration",
    ...schema,
    ...(Object.keys(definitions).length > 0 ? { $defs: definitions } : {})
  }
}
