/**
 * Synthetic probes: one-token completions that find out whether what is open or quarantined serves again, so that real
 * requests need not.
 *
 * One fiber sleeps until the first thing is due, and is woken when a circuit or the quarantine changes. Each probe takes
 * the same slot as a real call (`Circuits.probe`), so the two never both find out about one thing; what it learns is
 * told to the circuit and to the quarantine like any call's. What is probed is in `ProbeTargets`.
 *
 * Bounds: one probe at a time of one thing, four in all, each with a time limit of its own; between two of one thing
 * the interval, give or take a fifth. A probe that is interrupted (shutdown, a change of settings) frees its slot.
 *
 * Gotchas
 * - Where probes are off nothing runs, and real calls find out, as they do about what there is no model to probe by.
 * - What cannot be paid for now (`affords`) is not probed, and looked at again after the interval: whatever refuses the
 *   probe refuses the requests that it is made for.
 * - What is only suspected is probed at once: until then nobody is kept away from it.
 * - `probeNow` is an operator's word: it asks whatever the state, counts against none of the bounds but the time limit,
 *   and takes the place of a probe under way.
 *
 * @module
 */
import {
  Cause,
  Clock,
  Context,
  Duration,
  Effect,
  Exit,
  FiberMap,
  Layer,
  Option,
  PubSub,
  Random,
  Result,
  Stream
} from "effect"
import * as Latch from "effect/Latch"
import type { Resilience } from "../config/Settings.ts"
import { type ModelRef, showModelRef } from "../domain/Ids.ts"
import { ProviderError, type ReasonTag } from "../domain/ProviderError.ts"
import { Circuits, type NotProbed, type ProbeOccasion } from "./Circuits.ts"
import {
  type Appointment,
  appointment,
  type BarredBy,
  canProbe,
  openSubjects,
  recheckSubjects,
  type Subject,
  type Targeting
} from "./ProbeTargets.ts"
import { Quarantines } from "./Quarantines.ts"

/** The part of the settings that probes need. */
export type ProbeSettings = Pick<Resilience, "probes">

/** How a model is asked for one token, and which may be. */
export interface Prober extends Targeting {
  /** Succeeds when the model has completed one token; with `credential`, by that one. */
  readonly check: (ref: ModelRef, credential: string | undefined) => Effect.Effect<void, ProviderError | NotMade>
  /** Is there money for it at this moment? Who is not asked for want of it is asked later; absent: always. */
  readonly affords?: (ref: ModelRef, now: number) => boolean
  /** The fingerprints of the provider's credentials; empty where it needs none. */
  readonly credentials: (provider: string) => ReadonlyArray<string>
  /** Does the model think before it answers? Such a one is given more time. */
  readonly thinks: (ref: ModelRef) => boolean
}

/** Nobody was asked after all, which says nothing about the model. */
export interface NotMade {
  readonly _tag: "NotMade"
  readonly why: string
}

/** What came of a probe. */
export interface ProbeOutcome {
  readonly provider: string
  readonly model: string
  readonly ok: boolean
  readonly millis: number
  /** Absent where it succeeded, and where no call was made or the check itself broke. */
  readonly reason: ReasonTag | undefined
  /** The vendor's own words, or ours. */
  readonly message: string | undefined
}

export interface ProbeEvent extends ProbeOutcome {
  readonly _tag: "ProbeSucceeded" | "ProbeFailed"
  /** A circuit's key or a quarantine's. */
  readonly subject: string
  /** Milliseconds since 1970. */
  readonly at: number
}

export class Probes extends Context.Service<
  Probes,
  {
    /** An operator's check: whatever the state. Success closes the circuit and lifts the quarantine. */
    readonly probeNow: (ref: ModelRef, credential?: string) => Effect.Effect<ProbeOutcome>
    /** Replaces the settings, and looks again at what may be probed. */
    readonly configure: (settings: ProbeSettings) => void
    readonly events: Stream.Stream<ProbeEvent>
  }
>()("switchyard/health/Probes") {
  static readonly layer = (
    settings: ProbeSettings,
    prober: Prober
  ): Layer.Layer<Probes, never, Circuits | Quarantines> => Layer.effect(Probes, make(settings, prober))
}

/** At most this many at once. */
const most = 4
/** No shorter interval is kept to, whatever the settings say. */
const leastIntervalMillis = 10
const limitMillis = 10_000
const limitThinkingMillis = 60_000
/** How many events a slow listener may be behind. */
const listenerBuffer = 256

/** What broke, without its words: nobody knows what stands in them. */
const nameOf = (defect: unknown): string => (defect instanceof Error ? defect.name : typeof defect)

/** The service itself, for whoever has to gather what it needs first. Its fibers end with the scope. */
export const make = Effect.fnUntraced(function* (settings: ProbeSettings, prober: Prober) {
  const circuits = yield* Circuits
  const quarantines = yield* Quarantines
  const pubsub = yield* Effect.acquireRelease(PubSub.sliding<ProbeEvent>(listenerBuffer), PubSub.shutdown)
  const fibers = yield* FiberMap.make<string>()
  const running = new Map<string, Subject>()
  const appointments = new Map<string, Appointment>()
  const lastAt = new Map<string, number>()
  const wake = Latch.makeUnsafe(false)
  let { probes } = settings

  /** Asks once, within the time limit, and tells everybody what came of it; `undefined` where it was interrupted. */
  const ask = (subject: Subject, occasion: ProbeOccasion): Effect.Effect<ProbeOutcome | NotProbed | undefined> =>
    Effect.scoped(
      Effect.uninterruptibleMask((restore) =>
        Effect.flatMap(circuits.probe(subject.ref, occasion), (admitted) =>
          Effect.clockWith((clock): Effect.Effect<ProbeOutcome | NotProbed | undefined> => {
            if (Result.isFailure(admitted)) return Effect.succeed(admitted.failure)
            const permit = admitted.success
            const { credential, key, recheck, ref } = subject
            const startedAt = clock.currentTimeMillisUnsafe()
            return Effect.flatMap(
              Effect.exit(restore(limited(ref, credential))),
              (exit): Effect.Effect<ProbeOutcome | undefined> => {
                const now = clock.currentTimeMillisUnsafe()
                const tell = (reason: ReasonTag | undefined, message: string | undefined): ProbeOutcome => {
                  const ok = Exit.isSuccess(exit)
                  const outcome: ProbeOutcome = { ...ref, ok, millis: now - startedAt, reason, message }
                  const _tag: ProbeEvent["_tag"] = ok ? "ProbeSucceeded" : "ProbeFailed"
                  PubSub.publishUnsafe(pubsub, { _tag, subject: key, at: now, ...outcome })
                  return outcome
                }
                if (Exit.isSuccess(exit)) {
                  quarantines.recovered({ ref, credential }, now)
                  return Effect.map(permit.succeeded, () => tell(undefined, undefined))
                }
                const error = Option.getOrUndefined(Cause.findErrorOption(exit.cause))
                // undecided, the permit frees its slot when the scope closes
                if (error === undefined) {
                  if (Cause.hasInterruptsOnly(exit.cause)) return Effect.undefined
                  return Effect.as(
                    Effect.logWarning(`the probe of ${showModelRef(ref)} broke: ${nameOf(Cause.squash(exit.cause))}`),
                    tell(undefined, "the check broke")
                  )
                }
                if (error._tag === "NotMade")
                  return Effect.succeed({ ...ref, ok: false, millis: 0, reason: undefined, message: error.why })
                if (recheck === undefined) quarantines.failed(error, now)
                else quarantines.recheckFailed(recheck.key, error, now)
                return Effect.map(permit.failed(error), () => tell(error.reason._tag, error.reason.message))
              }
            )
          })
        )
      )
    )

  const limited = (ref: ModelRef, credential: string | undefined): Effect.Effect<void, ProviderError | NotMade> =>
    Effect.suspend(() => {
      const duration = prober.thinks(ref) ? limitThinkingMillis : limitMillis
      const message = `no token within the limit of ${duration} ms`
      return Effect.timeoutOrElse(prober.check(ref, credential), {
        duration,
        orElse: () => Effect.fail(new ProviderError({ ...ref, reason: { _tag: "Timeout", limit: "unary", message } }))
      })
    })

  const launch = (subject: Subject, now: number) => {
    const { key, recheck } = subject
    running.set(key, subject)
    appointments.delete(key)
    // one that is refused is not asked for again at once either
    lastAt.set(key, now)
    const over = Effect.sync(() => {
      running.delete(key)
      wake.openUnsafe()
    })
    return FiberMap.run(fibers, key, Effect.ensuring(ask(subject, recheck === undefined ? "due" : "recheck"), over))
  }

  /** Interrupts the probes that the settings no longer allow. */
  const stopForbidden = () => {
    for (const [key, { ref }] of running) {
      if (probes.enabled && prober.mayProbe(ref.provider)) continue
      const fiber = FiberMap.getUnsafe(fibers, key)
      if (Option.isSome(fiber)) fiber.value.interruptUnsafe()
    }
  }

  const forget = (listed: ReadonlySet<string>, now: number, intervalMillis: number) => {
    for (const key of appointments.keys()) if (!listed.has(key)) appointments.delete(key)
    for (const [key, at] of lastAt) if (at < now - 2 * intervalMillis && !listed.has(key)) lastAt.delete(key)
  }

  const barredByAt =
    (now: number): BarredBy =>
    (ref) =>
      quarantines.barred(ref, prober.credentials(ref.provider), now)?.source

  const sameCall = (a: Subject, b: Subject): boolean =>
    a.credential === b.credential && showModelRef(a.ref) === showModelRef(b.ref)

  /** Starts what is due, and says how long there is nothing to do, in milliseconds; infinite where probes are off. */
  const pass = Effect.gen(function* () {
    stopForbidden()
    if (!probes.enabled) return Number.POSITIVE_INFINITY
    const intervalMillis = Math.max(leastIntervalMillis, Duration.toMillis(probes.interval))
    const states = yield* circuits.states
    const now = yield* Effect.clockWith((clock) => Effect.sync(() => clock.currentTimeMillisUnsafe()))
    const barredBy = barredByAt(now)
    const subjects: ReadonlyArray<Subject> = [
      ...openSubjects(states, prober, barredBy),
      ...recheckSubjects(quarantines.due(now), states, prober, barredBy)
    ]
    forget(new Set(subjects.map(({ key }) => key)), now, intervalMillis)
    let next = now + intervalMillis
    for (const { recheckAt } of quarantines.entries(now))
      if (recheckAt !== undefined && recheckAt > now) next = Math.min(next, recheckAt)
    const ready: Array<{ readonly subject: Subject; readonly at: number }> = []
    for (const subject of subjects) {
      const { dueAt, key, urgent } = subject
      if (running.has(key)) continue
      let made = appointments.get(key)
      if (made?.dueAt !== dueAt) {
        made = appointment(dueAt, lastAt.get(key), intervalMillis, urgent ? 0 : yield* Random.next, now)
        appointments.set(key, made)
      }
      if (made.at <= now) ready.push({ subject, at: made.at })
      else next = Math.min(next, made.at)
    }
    ready.sort((a, b) => a.at - b.at)
    for (const { subject } of ready) {
      if (prober.affords?.(subject.ref, now) === false) {
        lastAt.set(subject.key, now)
        appointments.delete(subject.key)
        continue
      }
      // who finds no room, or his own question asked already, is looked at again when a probe has ended
      if (running.size >= most) break
      if (![...running.values()].some((other) => sameCall(other, subject))) yield* launch(subject, now)
    }
    return Math.max(1, next - now)
  })

  const watch = Effect.suspend(() => {
    wake.closeUnsafe()
    return pass
  }).pipe(
    Effect.catchDefect((defect) =>
      Effect.as(Effect.logWarning(`probes could not be planned: ${nameOf(defect)}`), 1000)
    ),
    Effect.flatMap((millis) => (Number.isFinite(millis) ? Effect.timeoutOption(wake.await, millis) : wake.await))
  )
  const wakeOn = <A>(events: Stream.Stream<A>) =>
    Effect.forkScoped(
      Stream.runForEach(events, () => Effect.sync(() => wake.openUnsafe())),
      { startImmediately: true }
    )
  yield* wakeOn(circuits.events)
  yield* wakeOn(quarantines.events)
  yield* wakeOn(quarantines.suspicions)
  const clock = yield* Clock.Clock
  quarantines.leaveTo((entry) => probes.enabled && canProbe(entry, prober, barredByAt(clock.currentTimeMillisUnsafe())))
  yield* Effect.addFinalizer(() => Effect.sync(() => quarantines.leaveTo(() => false)))
  yield* Effect.forkScoped(Effect.forever(watch))

  return Probes.of({
    probeNow: (ref, credential) =>
      Effect.map(
        ask({ key: showModelRef(ref), ref, credential, dueAt: 0, recheck: undefined, urgent: false }, "operator"),
        (outcome): ProbeOutcome =>
          outcome === undefined || "_tag" in outcome
            ? { ...ref, ok: false, millis: 0, reason: undefined, message: "the check was not made" }
            : outcome
      ),
    configure: (next) => {
      probes = next.probes
      wake.openUnsafe()
    },
    events: Stream.fromPubSub(pubsub)
  })
})
