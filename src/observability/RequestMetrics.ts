/**
 * Metrics of requests, in Prometheus' names.
 *
 * | metric | kind | labels |
 * | --- | --- | --- |
 * | `llm_requests_total` | counter | dialect, provider, model, outcome |
 * | `llm_requests_failed_total` | counter | dialect, provider, model, reason |
 * | `llm_request_duration_seconds` | histogram | dialect, provider, model |
 * | `llm_first_event_seconds` | histogram | dialect, provider, model |
 * | `llm_fallbacks_total` | counter | from, to, reason |
 * | `llm_resumes_total` | counter | from, to, reason, by |
 * | `llm_tokens_total` | counter | provider, model, kind |
 * | `llm_cache_requests_total` | counter | result |
 * | `llm_cache_entries` | gauge | |
 * | `llm_cache_bytes` | gauge | |
 * | `llm_cache_evictions_total` | counter | |
 * | `llm_task_feedback_total` | counter | told, right |
 * | `llm_classifier_drifting` | gauge | task |
 * | `llm_budget_limit_usd` | gauge | budget |
 * | `llm_budget_spent_usd` | gauge | budget |
 * | `llm_budget_reserved_usd` | gauge | budget |
 * | `llm_budget_remaining_share` | gauge | budget |
 * | `llm_budget_refusals_total` | counter | scope, why |
 * | `llm_budget_leases_open` | gauge | |
 * | `llm_budget_recording` | gauge | state |
 * | `llm_estimate_error` | gauge | model |
 * | `llm_estimate_ratio` | gauge | model |
 * | `llm_provider_available` | gauge | provider |
 * | `llm_provider_in_flight` | gauge | provider |
 * | `llm_provider_open_circuits` | gauge | provider |
 * | `llm_provider_quarantined` | gauge | provider |
 *
 * A request that the response cache answered has the provider `cache` in them: nobody was asked, and how long it took
 * says nothing of who once was.
 *
 * Labels are bounded: a model is a label only if it was listed or has answered (servers of one's own answer to any
 * name, so that it is cut as in a log line), everything else is `unlisted`, and beyond `maxSeries` label sets all further ones are `other`. Label sets are resolved once and kept, so a request costs
 * a few map look-ups. Nothing that goes wrong here reaches the request.
 *
 * @module
 */
import { Context, Effect, Layer, Metric } from "effect"
import { PrometheusMetrics } from "effect/observability"
import type { Attempt } from "../domain/GatewayError.ts"
import { cleanName } from "./LogLine.ts"
import type { Outcome, RequestRecord } from "./RequestRecord.ts"

/** A provider and whether it may be asked now. */
export interface ProviderAvailability {
  readonly provider: string
  readonly available: boolean
  readonly inFlight: number
  readonly openCircuits: number
  readonly quarantined: number
}

const recordings = ["working", "failing", "superseded"] as const

/** How money stands, of as many budgets as the settings have. */
export interface SpendStanding {
  readonly budgets: ReadonlyArray<{
    readonly id: string
    /** Absent: nothing is limited. */
    readonly limitUsd: number | undefined
    readonly spentUsd: number
    readonly reservedUsd: number
    /** Of the limit, what is not spent. */
    readonly share: number
  }>
  readonly refused: ReadonlyArray<{ readonly scope: string; readonly why: string; readonly count: number }>
  readonly openLeases: number
  /** Is it recorded what is spent? */
  readonly recording: (typeof recordings)[number]
  /** Those of models that were asked lately, the last one last. */
  readonly estimates: ReadonlyArray<{ readonly model: string; readonly error: number; readonly ratio: number }>
}

/** How much the response cache holds, and how much had to make room since the start. */
export interface CacheStanding {
  readonly entries: number
  readonly bytes: number
  readonly evicted: number
}

/** Models whose estimates are told apart. */
const maxEstimates = 100

/** The most label sets that are kept apart. */
const maxSeries = 1000

const durationBuckets = [0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 20, 30, 60, 120, 300, 600, 1800]
const firstEventBuckets = [0.025, 0.05, 0.1, 0.2, 0.3, 0.5, 0.75, 1, 1.5, 2, 3, 5, 10, 20, 30, 60, 120]

export class RequestMetrics extends Context.Service<
  RequestMetrics,
  {
    /** Counts a request that has ended. `now` in milliseconds since 1970. */
    readonly finished: (record: RequestRecord, now: number) => void
    /** Names (`provider/model`) that may be labels before they have answered. */
    readonly listed: (names: Iterable<string>) => void
    /** Counts what a caller says of the task that was told; `right` is absent where only that it was wrong is known. */
    readonly judged: (told: string, right: string | undefined) => void
    /** The text a scrape is answered with. */
    readonly exposition: (
      providers: ReadonlyArray<ProviderAvailability>,
      classes?: ReadonlyArray<{ readonly task: string; readonly isDrifting: boolean }>,
      spend?: SpendStanding,
      cache?: CacheStanding
    ) => string
  }
>()("switchyard/observability/RequestMetrics") {
  /** Counts in the `Metric.MetricRegistry` of the context the layer is built in. */
  static readonly layer: Layer.Layer<RequestMetrics> = Layer.effect(
    RequestMetrics,
    Effect.map(Effect.context<never>(), (context) => make(context))
  )
}

interface Series {
  readonly outcomes: { readonly [O in Outcome]: Metric.Counter<number> }
  readonly duration: Metric.Histogram<number>
  readonly firstEvent: Metric.Histogram<number>
}

const make = (context: Context.Context<never>): Context.Service.Shape<typeof RequestMetrics> => {
  const names = new Set<string>()
  const series = new Map<string, Series>()
  const counters = new Map<string, Metric.Counter<number>>()

  /** The label of a model: its name if it is one we serve. */
  const modelLabel = (provider: string, model: string, answered: boolean): string => {
    const name = `${provider}/${model}`
    if (names.has(name)) return model
    if (!answered) return "unlisted"
    if (names.size >= maxSeries) return "other"
    names.add(name)
    return model
  }

  const seriesOf = (dialect: string, provider: string, model: string): Series => {
    const key = `${dialect} ${provider} ${model}`
    const found = series.get(key)
    if (found !== undefined) return found
    if (series.size >= maxSeries && model !== "other") return seriesOf(dialect, "other", "other")
    const attributes = { dialect, provider, model }
    const made: Series = {
      outcomes: {
        ok: requests({ ...attributes, outcome: "ok" }),
        error: requests({ ...attributes, outcome: "error" }),
        cut: requests({ ...attributes, outcome: "cut" }),
        cancelled: requests({ ...attributes, outcome: "cancelled" })
      },
      duration: Metric.histogram("llm_request_duration_seconds", {
        description: "How long requests took, from their head to the end of their answer",
        attributes,
        boundaries: durationBuckets
      }),
      firstEvent: Metric.histogram("llm_first_event_seconds", {
        description: "How long streamed requests waited for their first visible event",
        attributes,
        boundaries: firstEventBuckets
      })
    }
    series.set(key, made)
    return made
  }

  const count = (
    make: (labels: Record<string, string>) => Metric.Counter<number>,
    kind: string,
    labels: Record<string, string>,
    amount: number
  ): void => {
    let key = kind
    for (const label in labels) key += ` ${labels[label]}`
    let counter = counters.get(key)
    if (counter === undefined) {
      counter = make(counters.size >= maxSeries * 4 ? everyOther(labels) : labels)
      if (counters.size < maxSeries * 4) counters.set(key, counter)
    }
    counter.updateUnsafe(amount, context)
  }

  const countFallbacks = (attempts: ReadonlyArray<Attempt>): void => {
    for (let i = 1; i < attempts.length; i++) {
      const from = attempts[i - 1]
      const to = attempts[i]
      if (from === undefined || to === undefined) continue
      if (from.provider === to.provider && from.model === to.model) continue
      const labels = { from: from.provider, to: to.provider, reason: from.reason ?? "none" }
      count(fallbacks, "fallbacks", labels, 1)
    }
  }

  const countTokens = (record: RequestRecord, provider: string, model: string): void => {
    const usage = record.usage
    if (usage === undefined) return
    const add = (kind: string, amount: number | undefined) => {
      if (amount !== undefined && amount > 0) count(tokens, "tokens", { provider, model, kind }, amount)
    }
    add("input", usage.inputTokens)
    add("output", usage.outputTokens)
    add("cache_read", usage.cacheReadTokens)
    add("cache_write", usage.cacheWriteTokens)
    add("reasoning", usage.reasoningTokens)
  }

  const finished = (record: RequestRecord, now: number): void => {
    const last = record.attempts.at(-1)
    const provider = record.provider ?? last?.provider ?? "none"
    const asked = record.model ?? last?.model
    const model = asked === undefined ? "none" : modelLabel(provider, cleanName(asked), record.model !== undefined)
    const outcome = record.outcome ?? "error"
    if (record.cache !== undefined) count(cacheRequests, "cacheRequests", { result: record.cache }, 1)
    const of = seriesOf(record.dialect, record.isCached ? "cache" : provider, model)
    of.outcomes[outcome].updateUnsafe(1, context)
    of.duration.updateUnsafe(Math.max(0, now - record.startedAt) / 1000, context)
    if (record.firstEventAt !== undefined)
      of.firstEvent.updateUnsafe(Math.max(0, record.firstEventAt - record.startedAt) / 1000, context)
    if (outcome === "error" || outcome === "cut") {
      const reason = record.reason ?? "Internal"
      count(failures, "failures", { dialect: record.dialect, provider, model, reason }, 1)
    }
    if (record.attempts.length > 1) countFallbacks(record.attempts)
    for (const { after, by, provider } of record.resumed)
      count(resumes, "resumes", { from: after.provider, to: provider, reason: after.reason, by }, 1)
    countTokens(record, provider, model)
  }

  return {
    finished: (record, now) => {
      try {
        finished(record, now)
      } catch {
        // a metric that cannot be counted must not fail the request it is about
      }
    },
    listed: (listed) => {
      for (const name of listed) if (names.size < maxSeries) names.add(name)
    },
    judged: (told, right) => {
      try {
        count(taskFeedback, "taskFeedback", { told, right: right ?? "unknown" }, 1)
      } catch {
        // the same
      }
    },
    exposition: (providers, classes = [], spend, cache) => {
      // gauges of their own for each scrape: a provider that is removed leaves none behind
      const scrape = Context.add(context, Metric.MetricRegistry, new Map())
      for (const { provider, available, inFlight, openCircuits, quarantined } of providers) {
        gauges.available({ provider }).updateUnsafe(available ? 1 : 0, scrape)
        gauges.inFlight({ provider }).updateUnsafe(inFlight, scrape)
        gauges.openCircuits({ provider }).updateUnsafe(openCircuits, scrape)
        gauges.quarantined({ provider }).updateUnsafe(quarantined, scrape)
      }
      for (const { isDrifting, task } of classes) gauges.drifting({ task }).updateUnsafe(isDrifting ? 1 : 0, scrape)
      if (spend !== undefined) tellSpend(spend, scrape)
      if (cache !== undefined) {
        gauges.cacheEntries({}).updateUnsafe(cache.entries, scrape)
        gauges.cacheBytes({}).updateUnsafe(cache.bytes, scrape)
        cacheEvictions({}).updateUnsafe(cache.evicted, scrape)
      }
      return PrometheusMetrics.formatUnsafe(context) + PrometheusMetrics.formatUnsafe(scrape)
    }
  }
}

const tellSpend = (spend: SpendStanding, scrape: Context.Context<never>): void => {
  for (const { id, limitUsd, reservedUsd, share, spentUsd } of spend.budgets.slice(0, maxSeries)) {
    if (limitUsd !== undefined) gauges.budgetLimit({ budget: id }).updateUnsafe(limitUsd, scrape)
    gauges.budgetSpent({ budget: id }).updateUnsafe(spentUsd, scrape)
    gauges.budgetReserved({ budget: id }).updateUnsafe(reservedUsd, scrape)
    gauges.budgetShare({ budget: id }).updateUnsafe(share, scrape)
  }
  for (const { count, scope, why } of spend.refused.slice(0, maxSeries))
    budgetRefusals({ scope, why }).updateUnsafe(count, scrape)
  gauges.leases({}).updateUnsafe(spend.openLeases, scrape)
  for (const state of recordings) gauges.recording({ state }).updateUnsafe(spend.recording === state ? 1 : 0, scrape)
  for (const { error, model, ratio } of spend.estimates.slice(-maxEstimates)) {
    const label = { model: cleanName(model) }
    gauges.estimateError(label).updateUnsafe(error, scrape)
    gauges.estimateRatio(label).updateUnsafe(ratio, scrape)
  }
}

const requests = (attributes: Record<string, string>) =>
  Metric.counter("llm_requests_total", { description: "Requests that have ended", attributes, incremental: true })
const failures = (attributes: Record<string, string>) =>
  Metric.counter("llm_requests_failed_total", {
    description: "Requests that ended without a whole answer, by reason",
    attributes,
    incremental: true
  })
const fallbacks = (attributes: Record<string, string>) =>
  Metric.counter("llm_fallbacks_total", {
    description: "Times a request went on from one provider or model to another, by the reason it left the first",
    attributes,
    incremental: true
  })
const resumes = (attributes: Record<string, string>) =>
  Metric.counter("llm_resumes_total", {
    description: "Times somebody went on where a stream had broken off, by the reason it broke",
    attributes,
    incremental: true
  })
const tokens = (attributes: Record<string, string>) =>
  Metric.counter("llm_tokens_total", {
    description: "Tokens as the providers told them",
    attributes,
    incremental: true
  })
const cacheRequests = (attributes: Record<string, string>) =>
  Metric.counter("llm_cache_requests_total", {
    description: "Answered requests while there is a response cache, by what it did",
    attributes,
    incremental: true
  })
const cacheEvictions = (attributes: Record<string, string>) =>
  Metric.counter("llm_cache_evictions_total", {
    description: "Cached answers that had to make room for others",
    attributes,
    incremental: true
  })
const taskFeedback = (attributes: Record<string, string>) =>
  Metric.counter("llm_task_feedback_total", {
    description: "What callers said of the tasks that were told for their requests",
    attributes,
    incremental: true
  })
const budgetRefusals = (attributes: Record<string, string>) =>
  Metric.counter("llm_budget_refusals_total", {
    description: "Leases and reservations that budgets refused, by why",
    attributes,
    incremental: true
  })
const gauge = (name: string, description: string) => (attributes: Record<string, string>) =>
  Metric.gauge(name, { description, attributes })
const gauges = {
  available: gauge("llm_provider_available", "1 while the provider may be asked, else 0"),
  inFlight: gauge("llm_provider_in_flight", "Calls under way at the provider"),
  openCircuits: gauge("llm_provider_open_circuits", "Circuits that are open: the provider's own and its models'"),
  cacheEntries: gauge("llm_cache_entries", "Answers that are cached"),
  cacheBytes: gauge("llm_cache_bytes", "Memory that cached answers take"),
  drifting: gauge("llm_classifier_drifting", "1 while too many of the last feedbacks on a task say it was wrong"),
  budgetLimit: gauge("llm_budget_limit_usd", "The limit of a budget's window"),
  budgetSpent: gauge("llm_budget_spent_usd", "What is settled in a budget's window"),
  budgetReserved: gauge("llm_budget_reserved_usd", "What is held for calls under way, at their worst case"),
  budgetShare: gauge("llm_budget_remaining_share", "Of a budget's limit, what is not spent: 1 all, 0 nothing"),
  recording: gauge("llm_budget_recording", "1 at the state in which the recording of what is spent is"),
  leases: gauge("llm_budget_leases_open", "Requests under way that may spend"),
  estimateError: gauge("llm_estimate_error", "Mean distance of expected prompts, as a share of what was counted"),
  estimateRatio: gauge("llm_estimate_ratio", "Tokens that the vendor counts for each that is expected uncorrected"),
  quarantined: gauge("llm_provider_quarantined", "What is in quarantine: the account, credentials, models")
}

const everyOther = (labels: Record<string, string>): Record<string, string> =>
  Object.fromEntries(Object.keys(labels).map((label) => [label, "other"]))
