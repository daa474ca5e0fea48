/**
 * The bodies of the admin API: what is told of providers and their health, and what operators may ask for.
 *
 * Moments are RFC 3339 texts in UTC (`2026-01-31T12:00:00.000Z`); what is not known or does not hold is absent. Lengths
 * of time are written as in the config file: `"10 minutes"`, or a number of milliseconds.
 *
 * No answer has a field that could hold a vendor's key: a credential is told by its fingerprint. A client key's secret is
 * told once, by the call that made it (`AdminNewKey`).
 *
 * @module
 */
import { Duration, Schema } from "effect"
import { BudgetTerms, limits, ProviderEntry } from "../config/ConfigFile.ts"
import { duration, list, moment as momentAsked, number, oneOf, required, text } from "../config/notation.ts"
import { budgetWindows } from "../domain/Budget.ts"
import { Reason } from "../domain/ProviderError.ts"
import { priorities } from "../domain/RequestContext.ts"

const optional = Schema.optionalKey
const moment = Schema.String.annotate({ format: "date-time" })
const count = Schema.Int
const millis = Schema.Finite

const reason = oneOf(...Reason.members.map((member) => member.fields._tag.schema.literal))
const state = oneOf("on", "draining", "disabled")
const weight = number(0, 1_000, "a number").annotate({
  description: "Its share among the targets of weighted aliases; 0: asked only when nobody else is left"
})

export const AdminCircuit = Schema.Struct({
  key: Schema.String.annotate({ description: "provider, or provider/model" }),
  state: Schema.Literals(["closed", "open", "halfOpen"]),
  forced: optional(
    Schema.Literals(["open", "closed"]).annotate({ description: "Set by an operator; stays so until it is released" })
  ),
  until: optional(moment.annotate({ description: "When an open one is tried again" })),
  notBefore: optional(moment.annotate({ description: "The vendor asked for no call before this moment" })),
  recentFailures: count,
  openings: count.annotate({ description: "Openings without a success in between" })
}).annotate({ identifier: "AdminCircuit" })
export type AdminCircuit = typeof AdminCircuit.Type

export const AdminQuarantine = Schema.Struct({
  key: Schema.String.annotate({
    description: "account:{provider}, credential:{provider}:{fingerprint} or model:{provider}/{model}"
  }),
  scope: Schema.Literals(["account", "credential", "model"]),
  provider: Schema.String,
  model: optional(Schema.String),
  credential: optional(Schema.String.annotate({ description: "The key's fingerprint" })),
  reason,
  message: Schema.String.annotate({ description: "The vendor's own words, or the operator's" }),
  source: Schema.Literals(["observed", "operator", "drill"]),
  since: moment,
  recheckAt: optional(moment.annotate({ description: "When it is probed next; absent: never by itself" })),
  until: optional(moment.annotate({ description: "When it ends by itself" })),
  durable: Schema.Boolean.annotate({ description: "Does it outlast a restart?" })
}).annotate({ identifier: "AdminQuarantine" })
export type AdminQuarantine = typeof AdminQuarantine.Type

export const AdminLimit = Schema.Struct({
  what: Schema.Literals(["requestsPerMinute", "tokensPerMinute", "concurrent"]),
  limit: optional(Schema.Finite),
  used: Schema.Finite,
  source: Schema.Literals(["config", "headers", "rateLimited"]),
  retryAt: optional(moment.annotate({ description: "When there is room again, where there is none" }))
}).annotate({ identifier: "AdminLimit" })
export type AdminLimit = typeof AdminLimit.Type

export const AdminModel = Schema.Struct({
  model: Schema.String,
  circuit: AdminCircuit,
  quarantine: optional(AdminQuarantine),
  limits: Schema.Array(AdminLimit),
  inFlight: count,
  firstEventP95Millis: optional(
    millis.annotate({ description: "Of the time to the first visible event of streams; absent until enough were seen" })
  )
}).annotate({ identifier: "AdminModel" })
export type AdminModel = typeof AdminModel.Type

export const AdminProvider = Schema.Struct({
  id: Schema.String,
  kind: Schema.String,
  source: Schema.Literals(["config", "admin"]).annotate({ description: "Where it was configured" }),
  state,
  weight,
  baseUrl: optional(Schema.String.annotate({ description: "Absent: the vendor's own" })),
  failureDomain: Schema.String,
  region: optional(Schema.String),
  available: Schema.Boolean.annotate({ description: "May it be asked now?" }),
  why: optional(Schema.String.annotate({ description: "Why it may not" })),
  inFlight: count,
  circuit: AdminCircuit,
  quarantine: Schema.Array(AdminQuarantine),
  limits: Schema.Array(AdminLimit).annotate({ description: "Of the account; a model's own are with the model" }),
  retriesLeft: Schema.Finite.annotate({ description: "Of its retry budget, at this moment" }),
  models: Schema.Array(AdminModel).annotate({
    description: "Those asked lately, and those that are open, quarantined or limited"
  })
}).annotate({ identifier: "AdminProvider" })
export type AdminProvider = typeof AdminProvider.Type

export const AdminCheck = Schema.Struct({
  provider: Schema.String,
  model: Schema.String,
  ok: Schema.Boolean,
  millis,
  reason: optional(reason),
  message: optional(Schema.String)
}).annotate({ identifier: "AdminCheck" })
export type AdminCheck = typeof AdminCheck.Type

export const AdminGeneration = Schema.Struct({
  generation: count.annotate({ description: "Counts up with every change that took effect" }),
  source: Schema.Literals(["file", "environment", "simulators"]),
  file: optional(Schema.String),
  loadedAt: moment,
  providers: Schema.Array(Schema.String),
  aliases: Schema.Array(Schema.String),
  warnings: Schema.Array(Schema.String),
  onEarlier: count.annotate({ description: "Requests that still run on an earlier generation" }),
  lastFailure: optional(
    Schema.Struct({ at: moment, problems: Schema.Array(Schema.String) }).annotate({
      description: "The last reload that failed since; what was in force stayed"
    })
  )
}).annotate({ identifier: "AdminGeneration" })
export type AdminGeneration = typeof AdminGeneration.Type

export const AdminEvent = Schema.Struct({
  at: moment,
  kind: Schema.String.annotate({ description: "Such as circuit.opened, quarantine.set, config.reloaded" }),
  subject: Schema.String.annotate({ description: "Whom it is about" }),
  detail: Schema.String
}).annotate({ identifier: "AdminEvent" })
export type AdminEvent = typeof AdminEvent.Type

/** The longest name of a model or a provider, and the longest message, in characters. */
const longestName = 300
const longestMessage = 500

const short = (what: string, longest: number) =>
  text(what).check(Schema.isMaxLength(longest, { message: `${what}, of at most ${longest} characters` }))
const aTarget = "a provider, or a model as provider/model"
const target = required(short(aTarget, longestName), aTarget)

/** What stands under a provider's id in the config file, and the id. Keys in it are never told back. */
export const NewProvider = Schema.Struct({
  id: required(short("an id", longestName), "an id"),
  ...ProviderEntry.fields
}).annotate({ identifier: "AdminNewProvider" })
export type NewProvider = typeof NewProvider.Type

export const ProviderChange = Schema.Struct({
  state: optional(state),
  weight: optional(weight)
}).annotate({ identifier: "AdminProviderChange" })
export type ProviderChange = typeof ProviderChange.Type

export const CheckOrder = Schema.Struct({
  model: optional(
    short("a model's name", longestName).annotate({ description: "Absent: one that the provider serves" })
  )
}).annotate({ identifier: "AdminCheckOrder" })
export type CheckOrder = typeof CheckOrder.Type

export const CircuitOrder = Schema.Struct({
  state: required(
    oneOf("open", "closed", "auto").annotate({ description: "auto releases it to what happens" }),
    "one of open, closed, auto"
  )
}).annotate({ identifier: "AdminCircuitOrder" })
export type CircuitOrder = typeof CircuitOrder.Type

/** Too short a time is most likely a number meant as seconds. */
const shortest = Duration.seconds(1)

export const QuarantineOrder = Schema.Struct({
  target,
  reason: optional(reason.annotate({ description: "Absent: AccessDenied" })),
  message: optional(short("a text", longestMessage).annotate({ description: "For people" })),
  for: optional(duration(Duration.days(3650), shortest).annotate({ description: "Absent: until it is lifted" }))
}).annotate({ identifier: "AdminQuarantineOrder" })
export type QuarantineOrder = typeof QuarantineOrder.Type

export const DrillOrder = Schema.Struct({
  target,
  reason: optional(reason.annotate({ description: "As what every call fails; absent: AccessDenied" })),
  for: optional(duration(Duration.hours(24), shortest).annotate({ description: "Absent: 10 minutes" }))
}).annotate({ identifier: "AdminDrillOrder" })
export type DrillOrder = typeof DrillOrder.Type

const keyLimits = Schema.Struct({
  requestsPerMinute: optional(Schema.Finite),
  tokensPerMinute: optional(Schema.Finite),
  concurrent: optional(Schema.Finite)
})

export const AdminKey = Schema.Struct({
  name: Schema.String,
  source: Schema.Literals(["config", "stored"]).annotate({ description: "Where it stands" }),
  state: Schema.Literals(["active", "expired", "revoked", "shadowed"]).annotate({
    description: "shadowed: the config file has a key of that name, and this one lets nobody in"
  }),
  tenant: optional(Schema.String),
  priority: Schema.Literals(priorities),
  allow: optional(Schema.Array(Schema.String).annotate({ description: "Absent: any model" })),
  region: optional(Schema.String),
  limits: optional(keyLimits),
  budgets: Schema.Array(
    Schema.Struct({
      window: Schema.Literals(budgetWindows),
      timeZone: Schema.String,
      limitUsd: optional(Schema.Finite),
      softLimitUsd: optional(Schema.Finite),
      reserve: Schema.Finite,
      onExhausted: Schema.Literals(["reject", "cache-only"])
    })
  ).annotate({ description: "As in the config file; /admin/spend tells how they stand" }),
  tags: Schema.Array(Schema.String),
  metadata: optional(
    Schema.Literal("body").annotate({ description: "Answers tell of themselves in their bodies too" })
  ),
  createdAt: optional(moment),
  expiresAt: optional(moment),
  revokedAt: optional(moment),
  secrets: Schema.Array(
    Schema.Struct({
      prefix: Schema.String.annotate({ description: "What it begins with" }),
      lastFour: Schema.String,
      createdAt: moment,
      validUntil: optional(moment.annotate({ description: "It was replaced, and ends then" }))
    })
  ).annotate({ description: "Those that do, the newest first; none of a key of the config file" }),
  use: Schema.Array(
    Schema.Struct({
      what: Schema.Literals(["requestsPerMinute", "tokensPerMinute", "concurrent"]),
      limit: Schema.Finite,
      used: Schema.Finite
    })
  ),
  durable: Schema.Boolean.annotate({ description: "Does it outlast a restart?" })
}).annotate({ identifier: "AdminKey" })
export type AdminKey = typeof AdminKey.Type

export const AdminNewKey = Schema.Struct({
  key: AdminKey,
  secret: Schema.String.annotate({ description: "What callers send. It is told this once" }),
  notes: Schema.Array(Schema.String).annotate({ description: "For people" })
}).annotate({ identifier: "AdminNewKey" })
export type AdminNewKey = typeof AdminNewKey.Type

const manyNames = (what: string) => {
  const message = `a list of at most 100, each of it ${what}`
  return Schema.Array(short(what, longestName)).annotate({ message }).check(Schema.isMaxLength(100, { message }))
}

const mostBudgets = 20
const someBudgets = `a list of at most ${mostBudgets} budgets`

const keyGrants = {
  tenant: short("a tenant's name", longestName),
  priority: oneOf(...priorities),
  allow: manyNames("an alias or a model, * standing for any characters"),
  region: short("a region such as eu", longestName),
  limits,
  budgets: list(BudgetTerms, someBudgets)
    .check(Schema.isMaxLength(mostBudgets, { message: someBudgets }))
    .annotate({ description: "Its own, as under `budgets` of a key of the config file; the whole list" }),
  tags: manyNames("a label"),
  metadata: oneOf("body").annotate({
    description: "Answers tell of themselves in a field `switchyard` of their bodies too"
  }),
  expires: momentAsked.annotate({ description: "When it ends; absent: never" })
} as const

export const KeyOrder = Schema.Struct({
  name: required(short("a name", longestName), "a name"),
  tenant: optional(keyGrants.tenant),
  priority: optional(keyGrants.priority),
  allow: optional(keyGrants.allow),
  region: optional(keyGrants.region),
  metadata: optional(keyGrants.metadata),
  limits: optional(keyGrants.limits),
  budgets: optional(keyGrants.budgets),
  tags: optional(keyGrants.tags),
  expires: optional(keyGrants.expires)
}).annotate({ identifier: "AdminKeyOrder" })
export type KeyOrder = typeof KeyOrder.Type

const orNull = <S extends Schema.Top>(schema: S) => optional(Schema.NullOr(schema))

export const KeyChange = Schema.Struct({
  tenant: orNull(keyGrants.tenant),
  priority: orNull(keyGrants.priority),
  allow: orNull(keyGrants.allow),
  region: orNull(keyGrants.region),
  metadata: orNull(keyGrants.metadata),
  limits: orNull(keyGrants.limits),
  budgets: orNull(keyGrants.budgets),
  tags: orNull(keyGrants.tags),
  expires: orNull(keyGrants.expires)
}).annotate({ identifier: "AdminKeyChange", description: "What is null is not said any more" })
export type KeyChange = typeof KeyChange.Type

export const RotationOrder = Schema.Struct({
  grace: optional(
    duration(Duration.days(90), Duration.zero).annotate({
      description: "For how long the secrets before the new one do; absent: 24 hours"
    })
  )
}).annotate({ identifier: "AdminRotationOrder" })
export type RotationOrder = typeof RotationOrder.Type
