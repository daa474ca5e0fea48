/**
 * The reports of `gateway/Operations.ts` as the admin API tells them: moments as RFC 3339, what is not there left out.
 *
 * Every field is named, so that nothing is told because it happened to be in a report.
 *
 * @module
 */
import { Redacted } from "effect"
import type {
  AdminCheck,
  AdminCircuit,
  AdminEvent,
  AdminGeneration,
  AdminKey,
  AdminLimit,
  AdminModel,
  AdminNewKey,
  AdminProvider,
  AdminQuarantine
} from "../api/AdminWire.ts"
import type {
  CheckReport,
  CircuitReport,
  ClientKeyReport,
  GenerationReport,
  HealthNews,
  LimitReport,
  ModelReport,
  NewClientKey,
  ProviderReport,
  QuarantineReport
} from "../gateway/Operations.ts"

export const circuitView = (report: CircuitReport): AdminCircuit =>
  present({
    key: report.key,
    state: report.state,
    forced: report.forced,
    until: moment(report.until),
    notBefore: moment(report.notBefore),
    recentFailures: report.recentFailures,
    openings: report.openings
  })

export const quarantineView = (report: QuarantineReport): AdminQuarantine =>
  present({
    key: report.key,
    scope: report.scope,
    provider: report.provider,
    model: report.model,
    credential: report.credential,
    reason: report.reason,
    message: report.message,
    source: report.source,
    since: at(report.since),
    recheckAt: moment(report.recheckAt),
    until: moment(report.until),
    durable: report.durable
  })

const limitView = (report: LimitReport): AdminLimit =>
  present({
    what: report.what,
    limit: report.limit,
    used: report.used,
    source: report.source,
    retryAt: moment(report.retryAt)
  })

const modelView = (report: ModelReport): AdminModel =>
  present({
    model: report.model,
    circuit: circuitView(report.circuit),
    quarantine: report.quarantine === undefined ? undefined : quarantineView(report.quarantine),
    limits: report.limits.map(limitView),
    inFlight: report.inFlight,
    firstEventP95Millis: report.firstEventP95Millis
  })

export const providerView = (report: ProviderReport): AdminProvider =>
  present({
    id: report.id,
    kind: report.kind,
    source: report.source,
    state: report.state,
    weight: report.weight,
    baseUrl: report.baseUrl === undefined ? undefined : withoutCredentials(report.baseUrl),
    failureDomain: report.failureDomain,
    region: report.region,
    available: report.available,
    why: report.why,
    inFlight: report.inFlight,
    circuit: circuitView(report.circuit),
    quarantine: report.quarantine.map(quarantineView),
    limits: report.limits.map(limitView),
    retriesLeft: report.retriesLeft,
    models: report.models.map(modelView)
  })

export const checkView = (report: CheckReport): AdminCheck =>
  present({
    provider: report.provider,
    model: report.model,
    ok: report.ok,
    millis: report.millis,
    reason: report.reason,
    message: report.message
  })

export const generationView = (report: GenerationReport): AdminGeneration =>
  present({
    generation: report.generation,
    source: report.source,
    file: report.file,
    loadedAt: at(report.loadedAt),
    providers: report.providers,
    aliases: report.aliases,
    warnings: report.warnings,
    onEarlier: report.onEarlier,
    lastFailure:
      report.lastFailure === undefined
        ? undefined
        : { at: at(report.lastFailure.at), problems: report.lastFailure.problems }
  })

export const eventView = (news: HealthNews): AdminEvent => ({
  at: at(news.at),
  kind: news.kind,
  subject: news.subject,
  detail: news.detail
})

export const keyView = (report: ClientKeyReport): AdminKey =>
  present({
    name: report.name,
    source: report.source,
    state: report.state,
    tenant: report.tenant,
    priority: report.priority,
    allow: report.allow,
    region: report.region,
    limits: report.limits,
    budgets: report.budgets,
    tags: report.tags,
    metadata: report.metadata,
    createdAt: moment(report.createdAt),
    expiresAt: moment(report.expiresAt),
    revokedAt: moment(report.revokedAt),
    secrets: report.secrets.map(({ createdAt, lastFour, prefix, validUntil }) =>
      present({ prefix, lastFour, createdAt: at(createdAt), validUntil: moment(validUntil) })
    ),
    use: report.use.map(({ limit, used, what }) => ({ what, limit, used })),
    durable: report.durable
  })

/** The one place where a secret is told. */
export const newKeyView = ({ key, notes, secret }: NewClientKey): AdminNewKey => ({
  key: keyView(key),
  secret: Redacted.value(secret),
  notes
})

/** The last moment a date can hold, in milliseconds since 1970. */
const lastMoment = 8.64e15

/** Milliseconds since 1970 as RFC 3339; a moment beyond all dates as the last one. */
export const at = (millis: number): string => new Date(Math.min(lastMoment, Math.max(0, millis))).toISOString()

/** The same for a moment that may be absent; one that never comes is. */
export const moment = (millis: number | undefined): string | undefined =>
  millis === undefined || !Number.isFinite(millis) ? undefined : at(millis)

/** An address without what may be a secret in it: user, password, query. */
const withoutCredentials = (address: string): string => {
  if (!URL.canParse(address)) return ""
  const url = new URL(address)
  return `${url.protocol}//${url.host}${url.pathname === "/" ? "" : url.pathname}`
}

export type Present<T> = {
  // `as` filters keys here, it casts nothing
  readonly [K in keyof T as undefined extends T[K] ? never : K]: T[K]
} & {
  // the same
  readonly [K in keyof T as undefined extends T[K] ? K : never]?: Exclude<T[K], undefined>
}

/** The fields that are there. */
export const present = <T extends object>(fields: T): Present<T> =>
  // leaving out the entries that are undefined is what the type says
  Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as Present<T>
