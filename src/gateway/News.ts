/**
 * What happened to health and configuration: in the log as it happens, and the last of it for operators.
 *
 * What an operator must act on is a warning (an account in quarantine, a config that could not be loaded); what mends
 * itself is information.
 *
 * @module
 */
import { Context, Effect, Layer, Stream } from "effect"
import type { KeyedEvent } from "../actor/Actor.ts"
import type { Alert } from "../domain/Alert.ts"
import { Circuits } from "../health/Circuits.ts"
import { type ProbeEvent, Probes } from "../health/Probes.ts"
import { Quarantines } from "../health/Quarantines.ts"
import { RateLimits } from "../health/RateLimits.ts"
import type { CircuitEvent } from "../machine/CircuitEvents.ts"
import type { QuarantineEvent } from "../machine/Quarantine.ts"
import type { RateEvent } from "../machine/RateLimit.ts"
import { Alerts } from "../observability/Alerts.ts"
import type { HealthNews } from "./Operations.ts"

/** How many are kept. */
const kept = 500

export class News extends Context.Service<
  News,
  {
    /** Tells something, and writes it to the log. */
    readonly tell: (news: HealthNews, level?: "info" | "warning") => Effect.Effect<void>
    /** Sends an alert to whoever is to be told, and tells it here where it is worth telling. */
    readonly alert: (alert: Alert) => Effect.Effect<void>
    /** The newest first. */
    readonly last: () => ReadonlyArray<HealthNews>
  }
>()("switchyard/gateway/News") {
  static readonly layer: Layer.Layer<News, never, Circuits | Quarantines | Probes | RateLimits | Alerts> = Layer.effect(
    News,
    Effect.suspend(() => make)
  )
}

const make = Effect.gen(function* () {
  const circuits = yield* Circuits
  const quarantines = yield* Quarantines
  const probes = yield* Probes
  const limits = yield* RateLimits
  const alerts = yield* Alerts
  const list: Array<HealthNews> = []

  const tell: News["Service"]["tell"] = (raw, level = "info") =>
    Effect.suspend(() => {
      const news = { ...raw, subject: onOneLine(raw.subject, 300), detail: onOneLine(raw.detail, 2000) }
      list.unshift(news)
      if (list.length > kept) list.pop()
      const urgent = urgentOf(news)
      if (urgent !== undefined) alerts.tell(urgent)
      const line = `${news.kind}: ${news.subject}${news.detail === "" ? "" : `: ${news.detail}`}`
      return level === "info" ? Effect.logInfo(line) : Effect.logWarning(line)
    })

  const alert: News["Service"]["alert"] = (alert) =>
    Effect.suspend(() => {
      if (!alerts.tell(alert)) return Effect.void
      return tell({ at: alert.at, kind: alert.kind, subject: alert.subject, detail: alert.message }, "warning")
    })

  const listen = <A>(events: Stream.Stream<A>, toNews: (event: A, now: number) => Told | undefined) =>
    Effect.forkScoped(
      Stream.runForEach(events, (event) =>
        Effect.clockWith((clock) => {
          const told = toNews(event, clock.currentTimeMillisUnsafe())
          return told === undefined ? Effect.void : tell(told.news, told.level)
        })
      ),
      { startImmediately: true }
    )
  yield* listen(circuits.events, ofCircuit)
  yield* listen(quarantines.events, ofQuarantine)
  yield* listen(probes.events, ofProbe)
  yield* listen(limits.events, ofLimit)
  return News.of({ tell, alert, last: () => list })
})

/** News of which operators are told wherever they are. A vendor's own words stay here. */
const urgentOf = ({ at, kind, subject }: HealthNews): Alert | undefined => {
  if (kind === "quarantine.set" && subject.startsWith("account:")) {
    const provider = subject.slice("account:".length)
    const message = `The account of ${provider} is in quarantine: nothing is asked of it until it is known to serve again`
    return { kind: "account.quarantined", at, subject, message, fields: { provider } }
  }
  if (kind === "classifier.drifted") {
    const message = `The classifier is wrong about ${subject} more often than it may be: see GET /admin/classifier`
    return { kind: "classifier.drifted", at, subject, message, fields: { task: subject } }
  }
  return undefined
}

/** A text of which vendors and callers wrote parts: it can neither forge a second line nor steer a terminal. */
const onOneLine = (text: string, longest: number): string => {
  const clean = text.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]+/gu, " ")
  return clean.length > longest ? `${clean.slice(0, longest)}…` : clean
}

interface Told {
  readonly news: HealthNews
  readonly level: "info" | "warning"
}

const told = (at: number, kind: string, subject: string, detail: string, level: "info" | "warning" = "info"): Told => ({
  news: { at, kind, subject, detail },
  level
})

const time = (at: number): string => (Number.isFinite(at) ? new Date(at).toISOString() : "it is released")

const ofCircuit = ({ event, key }: KeyedEvent<CircuitEvent>): Told => {
  switch (event._tag) {
    case "Opened":
      return told(event.at, "circuit.opened", key, `until ${time(event.until)}, opening ${event.openings}`, "warning")
    case "Probing":
      return told(event.at, "circuit.probing", key, "one call finds out")
    case "ProbeAbandoned":
      return told(event.at, "circuit.probeAbandoned", key, "the call that was to find out went away")
    case "Closed":
      return told(event.at, "circuit.closed", key, closedBy[event.by])
    case "Forced":
      return told(event.at, "circuit.forced", key, `${event.to} by an operator`, "warning")
    case "Released":
      return told(event.at, "circuit.released", key, `by an operator, from ${event.from}`)
  }
}

const closedBy = {
  success: "a call came to its end",
  begin: "a stream has begun; on probation until it ends",
  reset: "it is another one now, by the configuration"
} as const

const ofQuarantine = (event: QuarantineEvent): Told => {
  const { key, reason, source, until } = event.entry
  switch (event._tag) {
    case "Set": {
      const ends = until === undefined ? "" : `, until ${time(until)}`
      const why = `${reason._tag}: ${reason.message}${ends}`
      return told(event.at, source === "drill" ? "drill.began" : "quarantine.set", key, why, "warning")
    }
    case "Lifted":
      return told(event.at, source === "drill" ? "drill.ended" : "quarantine.lifted", key, liftedBy[event.why])
    case "Rechecked":
      return told(event.at, "quarantine.rechecked", key, `still ${reason._tag}: ${reason.message}`)
  }
}

const liftedBy: { readonly [W in Extract<QuarantineEvent, { readonly _tag: "Lifted" }>["why"]]: string } = {
  operator: "by an operator",
  probe: "it serves again",
  configuration: "it is another one now, by the configuration",
  lapsed: "its time is over",
  evicted: "too much is in quarantine"
}

const ofProbe = (event: ProbeEvent): Told =>
  event._tag === "ProbeSucceeded"
    ? told(
        event.at,
        "probe.succeeded",
        event.subject,
        `${event.provider}/${event.model} in ${Math.round(event.millis)} ms`
      )
    : told(
        event.at,
        "probe.failed",
        event.subject,
        `${event.provider}/${event.model}: ${event.reason ?? "no answer"}${event.message === undefined ? "" : `: ${event.message}`}`
      )

/** That a limit is reached and free again is the daily round of a busy account, and nothing to tell. */
const ofLimit = ({ event, key }: KeyedEvent<RateEvent>, now: number): Told | undefined =>
  event._tag === "Crowded"
    ? told(now, "limit.learned", key, `refused at about ${Math.round(event.perMinute)} requests a minute`)
    : undefined
