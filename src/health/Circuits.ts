/**
 * The circuits of everything that is asked: one a model at a provider, one a provider.
 *
 * A call needs both to admit it. The model's circuit counts every failure that says something about its health; the
 * provider's own counts connection failures only (nobody reached it), and is tripped when two of its models are open
 * at once. Both are the same machine under one actor.
 *
 * @module
 */
import { Clock, Context, Duration, Effect, HashMap, Layer, Option, Ref, Result, type Scope, type Stream } from "effect"
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
}

export class Circuits extends Context.Service<
  Circuits,
  {
    readonly admit: (ref: ModelRef) => Effect.Effect<Result.Result<Permit, Refusal>, never, Scope.Scope>
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
  const send = (key: string, command: CircuitCommand) => actor.ask({ key, command })

  /** A permit of one circuit, released as abandoned unless it was decided. */
  const take = (key: string) =>
    Effect.acquireRelease(
      Effect.map(send(key, { _tag: "Admit" }), (reply) => ({ reply, decided: Ref.makeUnsafe(false) })),
      ({ reply, decided }) =>
        reply._tag === "Admitted" && !Ref.getUnsafe(decided)
          ? send(key, { _tag: "Abandoned", generation: reply.generation })
          : Effect.void
    ).pipe(
      Effect.map(({ reply, decided }) => {
        if (reply._tag !== "Admitted")
          return Result.fail<Refusal>({ circuit: key, retryAt: reply._tag === "Refused" ? reply.retryAt : undefined })
        const { generation, probe } = reply
        const decide = (_tag: "Succeeded" | "Failed" | "Abandoned") =>
          Effect.flatMap(Ref.getAndSet(decided, true), (already) =>
            already ? Effect.void : send(key, { _tag, generation })
          )
        return Result.succeed({ probe, began: send(key, { _tag: "Began", generation }), decide })
      })
    )

  /** A provider of which two models are open is itself not to be asked. */
  const tripProvider = (provider: string) =>
    Effect.gen(function* () {
      const now = yield* Clock.currentTimeMillis
      const states = yield* actor.state
      let open = 0
      for (const [key, state] of states) {
        // one whose time is over and whom nobody has asked since says nothing about now
        if (key.startsWith(`${provider}/`) && state._tag === "Open" && state.until > now) open++
      }
      if (open >= 2) yield* send(provider, { _tag: "Trip" })
    })

  const admit = Effect.fnUntraced(function* (ref: ModelRef) {
    const byProvider = yield* take(ref.provider)
    if (Result.isFailure(byProvider)) return Result.fail(byProvider.failure)
    const key = showModelRef(ref)
    const byModel = yield* take(key)
    const whole = byProvider.success
    if (Result.isFailure(byModel)) {
      yield* whole.decide("Abandoned")
      return Result.fail(byModel.failure)
    }
    const one = byModel.success
    const permit: Permit = {
      probe: whole.probe || one.probe,
      began: Effect.andThen(whole.began, one.began),
      succeeded: Effect.andThen(whole.decide("Succeeded"), one.decide("Succeeded")),
      failed: (error) => {
        const { circuit } = error.decision
        const unreached = isConnectionFailure(error)
        const counted = circuit === "failure"
        return Effect.gen(function* () {
          yield* one.decide(counted ? "Failed" : "Abandoned")
          // a provider on probe is judged by the call that probes it; otherwise only by being out of reach
          yield* whole.decide(counted && (unreached || whole.probe) ? "Failed" : "Abandoned")
          if (error.reason._tag === "RateLimited") {
            const wait = error.reason.retryAfterMillis ?? defaultRetryAfterMillis
            const now = yield* Clock.currentTimeMillis
            yield* send(key, { _tag: "NotBefore", until: now + wait })
          }
          if (counted) yield* tripProvider(ref.provider)
        })
      }
    }
    return Result.succeed(permit)
  })

  return Circuits.of({
    admit,
    state: (key) =>
      Effect.map(actor.state, (states) => Option.getOrElse(HashMap.get(states, key), () => initialCircuit)),
    states: Effect.map(actor.state, (states) => new Map(states)),
    events: actor.events
  })
})
