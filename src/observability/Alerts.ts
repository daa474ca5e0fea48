/**
 * Alerts: counted at once, and sent to webhooks as soon as those take them. Into the log they go by `gateway/News`.
 *
 * To tell one is synchronous, never waits and never fails. Every webhook has a queue of its own and is sent one alert
 * after the other; one that fails or hangs delays nobody else. What fails in passing is tried again, ever less often and
 * spread by chance, or when the webhook says it may be; the newest alerts wait meanwhile, and where too many do, the oldest are
 * dropped and counted.
 *
 * | metric | kind | labels |
 * | --- | --- | --- |
 * | `llm_alerts_total` | counter | kind |
 * | `llm_alert_deliveries_total` | counter | format, outcome (sent, failed, dropped) |
 *
 * Gotchas
 * - Closing the scope gives what waits two seconds; a webhook that is being left alone gets no further try.
 * - An address counts as a secret. The log names a webhook by its place in the config.
 *
 * @module
 */
import { Clock, Context, Effect, Fiber, FiberSet, Latch, Layer, Metric, Random, Redacted, type Scope } from "effect"
import { type Alert, alertFormats, type AlertKind, alertKinds, defaultLevels, wanted } from "../domain/Alert.ts"
import type { AlertTarget } from "../config/Settings.ts"
import type { JsonObject } from "../domain/Json.ts"
import { alertBody } from "./AlertShape.ts"
import { post, webhookAgent } from "./Webhook.ts"

/** What became of what was to be sent. */
export interface AlertCounts {
  readonly sent: number
  readonly failed: number
  readonly dropped: number
  /** Those that wait, and those under way. */
  readonly waiting: number
}

export class Alerts extends Context.Service<
  Alerts,
  {
    /** `false`: it is not worth it, as no level was passed that anybody has, or the same was told just now. */
    readonly tell: (alert: Alert) => boolean
    /** Other webhooks from now on. What waits for one that is no more is let go. */
    readonly configure: (targets: ReadonlyArray<AlertTarget>) => void
    readonly counts: () => AlertCounts
  }
>()("switchyard/observability/Alerts") {
  static readonly layer = (targets: ReadonlyArray<AlertTarget> = []): Layer.Layer<Alerts> =>
    Layer.effect(Alerts, make(targets))
}

/** The most alerts that wait for one webhook. */
export const queueCapacity = 100
/** How often one alert is sent at the most. */
export const mostTries = 6
const firstPauseMillis = 1000
const longestPauseMillis = 60_000
/** No webhook is waited for longer, whatever it asks for. */
const longestWishMillis = 10 * 60_000
/** At the end, what waits has so long. */
const closeLimit = "2 seconds"
/** A price that is too high is told no more often than this by model. */
const costEveryMillis = 10_000
/** The most models of which it is remembered when that was. */
const mostRemembered = 1000

interface Waiting {
  readonly body: JsonObject
  readonly kind: AlertKind
}

/** A webhook at work. */
interface Line {
  target: AlertTarget
  /** In the config, from 1. */
  place: number
  queue: ReadonlyArray<Waiting>
  isRunning: boolean
  isGone: boolean
}

const make = (initial: ReadonlyArray<AlertTarget>): Effect.Effect<Alerts["Service"], never, Scope.Scope> =>
  Effect.gen(function* () {
    const clock = yield* Clock.Clock
    const context = yield* Effect.context<never>()
    const agent = yield* Effect.acquireRelease(Effect.sync(webhookAgent), (agent) =>
      Effect.promise(() => agent.destroy())
    )
    const workers = yield* FiberSet.make()
    const run = yield* FiberSet.runtime(workers)<never>()
    const counters = new Map<string, Metric.Counter<number>>()
    let lines: ReadonlyArray<Line> = []
    const counts = { sent: 0, failed: 0, dropped: 0 }
    const idle = Latch.makeUnsafe(true)
    let closing = false
    /** When a model's price was told last, and how often it would have been since. */
    const costs = new Map<string, { readonly at: number; untold: number }>()

    const count = (outcome: keyof typeof counts, { target: { format } }: Line): void => {
      counts[outcome]++
      bump(`${format} ${outcome}`, () => deliveries({ format, outcome }))
    }
    const bump = (key: string, make: () => Metric.Counter<number>): void => {
      let counter = counters.get(key)
      if (counter === undefined) counters.set(key, (counter = make()))
      counter.updateUnsafe(1, context)
    }
    // scraped before the first: a counter that is not there cannot be seen to rise
    for (const kind of alertKinds) alertsTold({ kind }).updateUnsafe(0, context)
    for (const format of alertFormats)
      for (const outcome of ["sent", "failed", "dropped"]) deliveries({ format, outcome }).updateUnsafe(0, context)

    const nameOf = ({ place, target }: Line): string => `the alert webhook ${place} (${target.format})`

    /** Sends one, as often as it takes. */
    const deliver = (line: Line, waiting: Waiting, tries: number): Effect.Effect<void> =>
      Effect.flatMap(
        post(agent, Redacted.value(line.target.url), waiting.body, () => clock.currentTimeMillisUnsafe()),
        (posted) => {
          if (posted._tag === "Taken") return Effect.sync(() => count("sent", line))
          if (posted._tag === "Never" || tries >= mostTries || closing || line.isGone)
            return Effect.suspend(() => {
              count("failed", line)
              return Effect.logWarning(`${nameOf(line)} did not take ${waiting.kind}: ${posted.why}`)
            })
          const own = Math.min(longestPauseMillis, firstPauseMillis * 2 ** (tries - 1))
          return Effect.flatMap(Random.next, (random) => {
            const pause =
              posted.afterMillis === undefined
                ? own * (0.5 + random)
                : Math.min(longestWishMillis, Math.max(posted.afterMillis, 1) + random * firstPauseMillis)
            return Effect.delay(
              Effect.suspend(() => deliver(line, waiting, tries + 1)),
              pause
            )
          })
        }
      )

    const drain = (line: Line): Effect.Effect<void> =>
      Effect.suspend(() => {
        const [next, ...others] = line.queue
        if (next === undefined || line.isGone) {
          line.isRunning = false
          if (lines.every(({ isRunning }) => !isRunning)) idle.openUnsafe()
          return Effect.void
        }
        line.queue = others
        return Effect.flatMap(deliver(line, next, 1), () => drain(line))
      })

    const enqueue = (line: Line, waiting: Waiting): void => {
      if (line.queue.length >= queueCapacity) {
        line.queue = line.queue.slice(line.queue.length - queueCapacity + 1)
        count("dropped", line)
      }
      line.queue = [...line.queue, waiting]
      if (line.isRunning) return
      line.isRunning = true
      idle.closeUnsafe()
      run(drain(line))
    }

    /** A dear request, unless its model's were told of just now. */
    const spaced = (alert: Alert): Alert | undefined => {
      if (alert.kind !== "request.cost") return alert
      const last = costs.get(alert.subject)
      if (last !== undefined && alert.at - last.at < costEveryMillis) {
        last.untold++
        return undefined
      }
      costs.delete(alert.subject)
      const oldest = costs.size >= mostRemembered ? costs.keys().next().value : undefined
      if (oldest !== undefined) costs.delete(oldest)
      costs.set(alert.subject, { at: alert.at, untold: 0 })
      return last === undefined || last.untold === 0
        ? alert
        : { ...alert, fields: { ...alert.fields, untoldSince: last.untold } }
    }

    /** Does anybody want to know? Without webhooks the log alone does. */
    const isWorthTelling = (alert: Alert): boolean =>
      lines.length === 0
        ? wanted(alert, defaultLevels) !== undefined
        : lines.some(({ target }) => wanted(alert, target) !== undefined)

    const tell = (told: Alert): boolean => {
      if (!isWorthTelling(told)) return false
      const alert = spaced(told)
      if (alert === undefined) return false
      bump(alert.kind, () => alertsTold({ kind: alert.kind }))
      for (const line of lines) {
        const { target } = line
        const found = target.only?.includes(alert.kind) === false ? undefined : wanted(alert, target)
        if (found !== undefined) enqueue(line, { kind: alert.kind, body: alertBody(target.format, alert, found.level) })
      }
      return true
    }

    const configure = (targets: ReadonlyArray<AlertTarget>): void => {
      const before = lines
      lines = targets.map((target, index): Line => {
        const same = before.find(
          (line) =>
            Redacted.value(line.target.url) === Redacted.value(target.url) && line.target.format === target.format
        )
        if (same === undefined) return { target, place: index + 1, queue: [], isRunning: false, isGone: false }
        same.target = target
        same.place = index + 1
        return same
      })
      for (const line of before)
        if (!lines.includes(line)) {
          line.isGone = true
          line.queue = []
        }
    }
    configure(initial)

    yield* Effect.addFinalizer(() =>
      // a fiber of its own: the finalizer cannot be interrupted, so a limit could not end it
      Effect.flatMap(
        Effect.forkDetach(
          Effect.suspend(() => {
            closing = true
            return Effect.timeoutOption(idle.await, closeLimit)
          }),
          { startImmediately: true }
        ),
        (fiber) => Effect.asVoid(Fiber.await(fiber))
      )
    )
    return {
      tell: (alert) => {
        try {
          return tell(alert)
        } catch {
          // an alert that cannot be told must not fail what it is about
          return false
        }
      },
      configure,
      counts: () => ({
        ...counts,
        waiting: lines.reduce((sum, { isRunning, queue }) => sum + queue.length + (isRunning ? 1 : 0), 0)
      })
    }
  })

const alertsTold = (attributes: Record<string, string>) =>
  Metric.counter("llm_alerts_total", { description: "What operators were told at once", attributes, incremental: true })
const deliveries = (attributes: Record<string, string>) =>
  Metric.counter("llm_alert_deliveries_total", {
    description: "What became of alerts that webhooks were to take",
    attributes,
    incremental: true
  })
