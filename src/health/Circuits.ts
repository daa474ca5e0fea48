/**
 * The circuits of everything that is asked: one a model at a provider, one a provider.
 *
 * A call needs both to admit it. The model's circuit counts every failure that says something about its health; the
 * provider's own counts connection failures only (nobody reached it), and is tripped when two of its models are open
 * at once. Both are the same machine under one actor.
 *
 * @module
 */
import { Clock, Context, Duration, Effect, HashMap, Layer, Option, Result, Scope, type Stream } from "effect"
import * as Actor from "../actor/Actor.ts"
import type { Resilience } from "../config/Settings.ts"
import { type ModelRef, showModelRef } from "../domain/Ids.ts"
import type { ProviderError } from "../domain/ProviderError.ts"
import {
  type CircuitCommand,
  type CircuitEvent,
  type CircuitPolicy,
  type CircuitReply,
  type CircuitState,
  circuitEvents,
  circuitStep,
  initialCircuit,
  isIdleCircuit
} from "../machine/CircuitBreaker.ts"

/** Leave to make one call. Undecided when its scope closes, the call counts as abandoned. */
export interface Permit {
  /** Is this the one call that finds out whether the way is free again? */
  readonly probe: boolean
  /** The stream showed its first visible event. */
  readonly began: Effect.Effect<void>
  /** The answer came to its end. */
  readonly succeeded: Effect.Effect<void>
  /** The call failed. What the failure table does not count changes no circuit, but frees a probe's slot. */
  readonly failed: (error: ProviderError) => Effect.Effect<void>
}

export interface Refusal {
  /** Which circuit refused: `provider/model`, or `provider`. */
  readonly circuit: string
  /** When it may be tried again, in milliseconds since 1970; unknown while a probe is under way. */
  readonly retryAt: number | undefined
  /** `rateLimit`: the vendor asked for a pause; `circuit`: it failed too often. */
  readonly why: "rateLimit" | "circuit"
}

export class Circuits extends Context.Service<
  Circuits,
  {
    readonly admit: (ref: ModelRef) => Effect.Effect<Result.Result<Permit, Refusal>, never, Scope.Scope>
    /** Would a call be admitted at this moment (milliseconds since 1970)? Only a look: no probe is taken. */
    readonly wouldAdmit: (ref: ModelRef, now: number) => boolean
    /** The state of `provider/model` or `provider`. */
    readonly state: (key: string) => Effect.Effect<CircuitState>
    /** Every circuit that holds something, by key. */
    readonly states: Effect.Effect<ReadonlyMap<string, CircuitState>>
    readonly events: Stream.Stream<Actor.KeyedEvent<CircuitEvent>>
  }
>()("switchyard/health/Circuits") {
  static readonly layer = (settings: CircuitSettings): Layer.Layer<Circuits> => Layer.effect(Circuits, make(settings))
}

/** The part of the settings a circuit needs. */
export type CircuitSettings = Pick<Resilience, "circuit">

/** At most this many circuits hold a state at a time. */
const capacity = 4096
/** A rate limit without a word about when to come back. */
const defaultRetryAfterMillis = 2000

const policyOf = (settings: CircuitSettings): CircuitPolicy => ({
  failures: settings.circuit.failures,
  windowMillis: Duration.toMillis(settings.circuit.window),
  openForMillis: Duration.toMillis(settings.circuit.openFor),
  maxOpenForMillis: Duration.toMillis(settings.circuit.maxOpenFor)
})

/** Nobody reached the provider: its own circuit counts it, whatever the model. */
const isConnectionFailure = ({ reason }: ProviderError): boolean =>
  (reason._tag === "Network" && !reason.sent) || (reason._tag === "Timeout" && reason.limit === "connect")

/** An admission by one circuit, until it is decided how the call went. */
interface Ticket {
  readonly key: string
  readonly generation: number
  readonly probe: boolean
  decided: boolean
}

const make = Effect.fnUntraced(function* (settings: CircuitSettings) {
  const policy = policyOf(settings)
  const machine: Actor.Machine<CircuitState, CircuitCommand, CircuitReply, CircuitEvent> = {
    initial: initialCircuit,
    step: circuitStep(policy),
    events: circuitEvents
  }
  const actor = yield* Actor.make(
    Actor.keyed(machine, { capacity, isIdle: (state, now) => isIdleCircuit(state, policy, now) })
  )

  const stateUnsafe = (key: string): CircuitState =>
    Option.getOrElse(HashMap.get(actor.stateUnsafe(), key), () => initialCircuit)

  /** One circuit's word on one call. */
  const take = (key: string, now: number): Ticket | Refusal => {
    const reply = actor.askUnsafe({ key, command: { _tag: "Admit" } }, now)
    return reply._tag === "Admitted"
      ? { key, generation: reply.generation, probe: reply.probe, decided: false }
      : {
          circuit: key,
          retryAt: reply._tag === "Refused" ? reply.retryAt : undefined,
          why: stateUnsafe(key)._tag === "Closed" ? "rateLimit" : "circuit"
        }
  }
  const report = (ticket: Ticket, _tag: "Began" | "Succeeded" | "Failed" | "Abandoned", now: number): void => {
    if (ticket.decided) return
    ticket.decided = _tag !== "Began"
    actor.askUnsafe({ key: ticket.key, command: { _tag, generation: ticket.generation } }, now)
  }

  /** A provider of which two models are open is itself not to be asked. */
  const tripProvider = (provider: string, now: number) =>
    Effect.map(actor.state, (states) => {
      let open = 0
      for (const [key, state] of states) {
        // one whose time is over and whom nobody has asked since says nothing about now
        if (key.startsWith(`${provider}/`) && state._tag === "Open" && state.until > now) open++
      }
      if (open >= 2) actor.askUnsafe({ key: provider, command: { _tag: "Trip" } }, now)
    })

  const fail = (ref: ModelRef, whole: Ticket, one: Ticket, error: ProviderError) =>
    Effect.flatMap(Clock.currentTimeMillis, (now) => {
      const counted = error.decision.circuit === "failure"
      report(one, counted ? "Failed" : "Abandoned", now)
      // a provider on probe is judged by the call that probes it; otherwise only by being out of reach
      report(whole, counted && (isConnectionFailure(error) || whole.probe) ? "Failed" : "Abandoned", now)
      if (error.reason._tag === "RateLimited") {
        // a vendor that names a moment in the far future is asked again all the same
        const until = now + Math.min(error.reason.retryAfterMillis ?? defaultRetryAfterMillis, policy.maxOpenForMillis)
        actor.askUnsafe({ key: one.key, command: { _tag: "NotBefore", until } }, now)
      }
      return counted ? tripProvider(ref.provider, now) : Effect.void
    })

  const permitOf = (ref: ModelRef, whole: Ticket, one: Ticket): Permit => {
    const both = (_tag: "Began" | "Succeeded") =>
      Effect.clockWith((clock) =>
        Effect.sync(() => {
          const now = clock.currentTimeMillisUnsafe()
          report(whole, _tag, now)
          report(one, _tag, now)
        })
      )
    return {
      probe: whole.probe || one.probe,
      began: both("Began"),
      succeeded: both("Succeeded"),
      failed: (error) => fail(ref, whole, one, error)
    }
  }

  /** Not `acquireRelease`, which copies the whole context for its finalizer: this one needs nothing of it. */
  const admit = (ref: ModelRef) =>
    Effect.uninterruptible(
      Effect.flatMap(Effect.scope, (scope) =>
        Effect.clockWith((clock): Effect.Effect<Result.Result<Permit, Refusal>> => {
          const now = clock.currentTimeMillisUnsafe()
          const whole = take(ref.provider, now)
          if ("circuit" in whole) return Effect.succeed(Result.fail(whole))
          const one = take(showModelRef(ref), now)
          if ("circuit" in one) {
            report(whole, "Abandoned", now)
            return Effect.succeed(Result.fail(one))
          }
          const release = Effect.sync(() => {
            const then = clock.currentTimeMillisUnsafe()
            report(whole, "Abandoned", then)
            report(one, "Abandoned", then)
          })
          return Effect.as(Scope.addFinalizer(scope, release), Result.succeed(permitOf(ref, whole, one)))
        })
      )
    )

  return Circuits.of({
    admit,
    wouldAdmit: (ref, now) =>
      [ref.provider, showModelRef(ref)].every((key) => {
        const state = stateUnsafe(key)
        return state._tag !== "HalfOpen" && now >= Math.max(state.notBefore, state._tag === "Open" ? state.until : 0)
      }),
    state: (key) =>
      Effect.map(actor.state, (states) => Option.getOrElse(HashMap.get(states, key), () => initialCircuit)),
    states: Effect.map(actor.state, (states) => new Map(states)),
    events: actor.events
  })
})
