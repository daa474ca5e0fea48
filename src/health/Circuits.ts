/**
 * The circuits of everything that is asked: one a model at a provider, one a provider.
 *
 * A call needs both to admit it, and takes neither unless both do. The model's circuit counts every failure that says
 * something about its health; the provider's own counts connection failures only (nobody reached it), and is tripped
 * when two of its models are open at once that more than a caller knows of: whoever invents names must not close the
 * way for the others. Both are the same machine under one actor.
 *
 * A synthetic probe comes in by `probe` and takes the same one slot as a real call that finds out.
 *
 * Gotchas
 * - A way that is free and closed costs two look-ups and no step of the machine: its `Admit` would change nothing.
 * - `configure` replaces the policy; what was counted and what is open stays, and is judged by the new one from then on.
 * - After `reset` nothing that calls from before report is heard, wherever they stand: a circuit that had counted nothing
 *   has no state that could tell them from others, so each admission bears its provider's epoch.
 *
 * @module
 */
import { Context, Duration, Effect, HashMap, Layer, Option, Result, Scope, type Stream } from "effect"
import * as Actor from "../actor/Actor.ts"
import type { Resilience } from "../config/Settings.ts"
import { type ModelRef, showModelRef } from "../domain/Ids.ts"
import type { ProviderError } from "../domain/ProviderError.ts"
import {
  type CircuitCommand,
  type CircuitPolicy,
  type CircuitReply,
  type CircuitState,
  circuitHorizon,
  circuitStep,
  forcedTo,
  initialCircuit,
  isFreeAt,
  isIdleCircuit,
  recentFailures,
  wayFreeAt
} from "../machine/CircuitBreaker.ts"
import { type CircuitEvent, circuitEvents } from "../machine/CircuitEvents.ts"

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

/** Why a probe was not let in. `NothingToProbe`: the way is free, real calls will tell. */
export type NotProbed = { readonly _tag: "NothingToProbe" } | { readonly _tag: "Refused"; readonly refusal: Refusal }

/**
 * On what occasion something is probed.
 *
 * - `due`: it is open and its time is over; a closed one is not probed.
 * - `recheck`: it is quarantined, so its circuit may stand as it will; but not while a probe is under way, before the
 *   moment a vendor named, or where an operator has forced it open.
 * - `operator`: whatever the state. A probe under way then no longer decides.
 */
export type ProbeOccasion = "due" | "recheck" | "operator"

/** A permit, and how it is given back undecided. */
export interface Loan {
  readonly permit: Permit
  readonly abandon: (now: number) => void
}

export class Circuits extends Context.Service<
  Circuits,
  {
    /** `admit` for those who hold the Clock's time and a finalizer of their own: what is lent must be given back. */
    readonly take: (ref: ModelRef, now: number) => Result.Result<Loan, Refusal>
    readonly admit: (ref: ModelRef) => Effect.Effect<Result.Result<Permit, Refusal>, never, Scope.Scope>
    /** Would a call be admitted at this moment (milliseconds since 1970)? Only a look: no probe is taken. */
    readonly wouldAdmit: (ref: ModelRef, now: number) => boolean
    /** Why a call would not be admitted at this moment; `undefined` where it would. Only a look. */
    readonly refuses: (ref: ModelRef, now: number) => Refusal | undefined
    /** Is nothing known against it, so that a call would be no probe? Only a look. */
    readonly isClosed: (ref: ModelRef) => boolean
    /** Leave for a synthetic probe; it takes the one slot of what is open as a real call would. */
    readonly probe: (
      ref: ModelRef,
      occasion: ProbeOccasion
    ) => Effect.Effect<Result.Result<Permit, NotProbed>, never, Scope.Scope>
    /** Sets the circuit of `provider/model` or `provider` until it is released, whatever happens. */
    readonly force: (key: string, to: "open" | "closed") => Effect.Effect<CircuitState>
    /** Ends a force: closed, with nothing counted. A circuit that is not forced stays as it is. */
    readonly release: (key: string) => Effect.Effect<CircuitState>
    /** Forgets what happened to a provider and to its models: it has another address or key. What is forced stays so. */
    readonly reset: (provider: string, now: number) => void
    /** Replaces the policy, and says which models more than a caller knows of. States stay. */
    readonly configure: (settings: CircuitSettings, isKnown?: (ref: ModelRef) => boolean) => void
    /** The state of `provider/model` or `provider`. */
    readonly state: (key: string) => Effect.Effect<CircuitState>
    /** The same, at once. */
    readonly stateUnsafe: (key: string) => CircuitState
    /** Every circuit that holds something, by key. */
    readonly states: Effect.Effect<ReadonlyMap<string, CircuitState>>
    /** How many circuits of a provider are open: its own and those of its models. */
    readonly openOf: (provider: string) => number
    /** How many failures count against it at this moment (milliseconds since 1970). */
    readonly recentFailures: (key: string, now: number) => number
    readonly events: Stream.Stream<Actor.KeyedEvent<CircuitEvent>>
  }
>()("switchyard/health/Circuits") {
  static readonly layer = (settings: CircuitSettings): Layer.Layer<Circuits> => Layer.effect(Circuits, make(settings))
}

/** The part of the settings a circuit needs. */
export type CircuitSettings = Pick<Resilience, "circuit">

/** At most this many circuits hold a state at a time, besides those an operator has forced. */
const capacity = 4096
/** A rate limit without a word about when to come back. */
const defaultRetryAfterMillis = 2000

const policyOf = ({ circuit }: CircuitSettings): CircuitPolicy => ({
  failures: circuit.failures,
  windowMillis: Duration.toMillis(circuit.window),
  openForMillis: Duration.toMillis(circuit.openFor),
  maxOpenForMillis: Duration.toMillis(circuit.maxOpenFor),
  failureRate: circuit.failureRate
})

/** Nobody reached the provider: its own circuit counts it, whatever the model. */
const isConnectionFailure = ({ reason }: ProviderError): boolean =>
  (reason._tag === "Network" && !reason.sent) || (reason._tag === "Timeout" && reason.limit === "connect")

/** An admission by one circuit, until it is decided how the call went. */
interface Ticket {
  readonly key: string
  /** How often its provider had been reset. */
  readonly epoch: number
  readonly generation: number
  readonly probe: boolean
  decided: boolean
}

/** Both circuits' word on one call. */
interface Tickets {
  readonly whole: Ticket
  readonly one: Ticket
}

/** The provider of `provider/model` or `provider`. */
const providerOf = (key: string): string => {
  const slash = key.indexOf("/")
  return slash < 0 ? key : key.slice(0, slash)
}

const refusalOf = (key: string, state: CircuitState): Refusal => {
  return {
    circuit: key,
    retryAt: state._tag === "HalfOpen" || state._tag === "ForcedOpen" ? undefined : wayFreeAt(state),
    why: state._tag === "Closed" || state._tag === "ForcedClosed" ? "rateLimit" : "circuit"
  }
}

const closed: ReadonlySet<CircuitState["_tag"]> = new Set(["Closed", "ForcedClosed"])

const make = Effect.fnUntraced(function* (settings: CircuitSettings) {
  let policy = policyOf(settings)
  let step = circuitStep(policy)
  let isKnown: (ref: ModelRef) => boolean = () => true
  /** How often a provider was reset, where it ever was. */
  const epochs = new Map<string, number>()
  const machine: Actor.Machine<CircuitState, CircuitCommand, CircuitReply, CircuitEvent> = {
    initial: initialCircuit,
    step: (state, command, now) => step(state, command, now),
    events: circuitEvents
  }
  const actor = yield* Actor.make(
    Actor.keyed(machine, {
      capacity,
      isIdle: (state, now) => isIdleCircuit(state, policy, now),
      mustKeep: (state) => forcedTo(state) !== undefined,
      horizon: circuitHorizon
    })
  )

  const stateUnsafe = (key: string): CircuitState => {
    const state = HashMap.get(actor.stateUnsafe(), key)
    return Option.isSome(state) ? state.value : initialCircuit
  }

  /** Tells one circuit something by hand, and gives what became of it. */
  const tell = (key: string, command: CircuitCommand): Effect.Effect<CircuitState> =>
    Effect.map(actor.ask({ key, command }), () => stateUnsafe(key))

  /** Takes the leave of a circuit that is known to give it. */
  const take = (key: string, epoch: number, state: CircuitState, now: number): Ticket => {
    if (state._tag === "Closed" || state._tag === "ForcedClosed")
      return { key, epoch, generation: state.generation, probe: false, decided: false }
    const reply = actor.askUnsafe({ key, command: { _tag: "Admit" } }, now)
    return reply._tag === "Admitted"
      ? { key, epoch, generation: reply.generation, probe: reply.probe, decided: false }
      : // a report of no generation is heard by nobody
        { key, epoch, generation: -1, probe: false, decided: true }
  }
  const epochOf = (provider: string): number => epochs.get(provider) ?? 0
  /** Was it admitted before the provider became another? */
  const isPast = ({ epoch, key }: Ticket): boolean => epochs.size > 0 && epoch !== epochOf(providerOf(key))
  const report = (ticket: Ticket, _tag: "Began" | "Succeeded" | "Failed" | "Abandoned", now: number): void => {
    if (ticket.decided) return
    ticket.decided = _tag !== "Began"
    if (isPast(ticket)) return
    actor.askUnsafe({ key: ticket.key, command: { _tag, generation: ticket.generation } }, now)
  }

  /** A provider of which two models are open is itself not to be asked. */
  const tripProvider = (provider: string, now: number): void => {
    const prefix = `${provider}/`
    let open = 0
    for (const [key, state] of actor.stateUnsafe()) {
      // one whose time is over and whom nobody has asked since says nothing about now
      if (state._tag !== "Open" || state.until <= now || !key.startsWith(prefix)) continue
      if (isKnown({ provider, model: key.slice(prefix.length) })) open++
    }
    if (open >= 2) actor.askUnsafe({ key: provider, command: { _tag: "Trip" } }, now)
  }

  const failed = (ref: ModelRef, { whole, one }: Tickets, error: ProviderError, now: number): void => {
    const counted = error.decision.circuit === "failure"
    report(one, counted ? "Failed" : "Abandoned", now)
    // a provider on probe is judged by the call that probes it; otherwise only by being out of reach
    report(whole, counted && (isConnectionFailure(error) || whole.probe) ? "Failed" : "Abandoned", now)
    if (isPast(one)) return
    if (error.reason._tag === "RateLimited") {
      // a vendor that names a moment in the far future is asked again all the same
      const until = now + Math.min(error.reason.retryAfterMillis ?? defaultRetryAfterMillis, policy.maxOpenForMillis)
      actor.askUnsafe({ key: one.key, command: { _tag: "NotBefore", until } }, now)
    }
    if (counted && stateUnsafe(one.key)._tag === "Open" && isKnown(ref)) tripProvider(ref.provider, now)
  }

  const at = (use: (now: number) => void): Effect.Effect<void> =>
    Effect.clockWith((clock) => Effect.sync(() => use(clock.currentTimeMillisUnsafe())))

  const permitOf = (ref: ModelRef, tickets: Tickets): Permit => {
    const both = (_tag: "Began" | "Succeeded") =>
      at((now) => {
        report(tickets.whole, _tag, now)
        report(tickets.one, _tag, now)
      })
    return {
      probe: tickets.whole.probe || tickets.one.probe,
      began: both("Began"),
      succeeded: both("Succeeded"),
      failed: (error) => at((now) => failed(ref, tickets, error, now))
    }
  }

  const abandon = ({ whole, one }: Tickets, now: number): void => {
    report(whole, "Abandoned", now)
    report(one, "Abandoned", now)
  }

  /**
   * Takes tickets and gives them back when the scope closes. Not `acquireRelease`, which copies the whole context for
   * its finalizer: this one needs nothing of it.
   */
  const lend = <E>(
    ref: ModelRef,
    taken: (now: number) => Result.Result<Tickets, E>
  ): Effect.Effect<Result.Result<Permit, E>, never, Scope.Scope> =>
    Effect.uninterruptible(
      Effect.flatMap(Effect.scope, (scope) =>
        Effect.clockWith((clock): Effect.Effect<Result.Result<Permit, E>> => {
          const tickets = taken(clock.currentTimeMillisUnsafe())
          if (Result.isFailure(tickets)) return Effect.succeed(Result.fail(tickets.failure))
          const release = Effect.sync(() => abandon(tickets.success, clock.currentTimeMillisUnsafe()))
          return Effect.as(Scope.addFinalizer(scope, release), Result.succeed(permitOf(ref, tickets.success)))
        })
      )
    )

  /** Which of the two circuits refuses a call, the provider's first. */
  const refusing = (ref: ModelRef, key: string, whole: CircuitState, one: CircuitState, now: number) =>
    !isFreeAt(whole, policy, now)
      ? refusalOf(ref.provider, whole)
      : !isFreeAt(one, policy, now)
        ? refusalOf(key, one)
        : undefined

  /** Looks at both circuits first, so that neither's slot is taken where the other refuses. */
  const takeBoth = (ref: ModelRef, now: number): Result.Result<Tickets, Refusal> => {
    const key = showModelRef(ref)
    const whole = stateUnsafe(ref.provider)
    const one = stateUnsafe(key)
    const refusal = refusing(ref, key, whole, one, now)
    if (refusal !== undefined) return Result.fail(refusal)
    const epoch = epochOf(ref.provider)
    return Result.succeed({ whole: take(ref.provider, epoch, whole, now), one: take(key, epoch, one, now) })
  }

  const takeProbe = (ref: ModelRef, occasion: ProbeOccasion, now: number): Result.Result<Tickets, NotProbed> => {
    const key = showModelRef(ref)
    if (occasion === "due") {
      const taken = takeBoth(ref, now)
      if (Result.isFailure(taken)) return Result.fail({ _tag: "Refused", refusal: taken.failure })
      // leave of two closed circuits took nothing
      const { whole, one } = taken.success
      return whole.probe || one.probe ? Result.succeed(taken.success) : Result.fail({ _tag: "NothingToProbe" })
    }
    const insist = occasion === "operator"
    const epoch = epochOf(ref.provider)
    const ask = (each: string): Result.Result<Ticket, NotProbed> => {
      const reply = actor.askUnsafe({ key: each, command: { _tag: "Probe", insist } }, now)
      return reply._tag === "Admitted"
        ? Result.succeed({ key: each, epoch, generation: reply.generation, probe: reply.probe, decided: false })
        : Result.fail({ _tag: "Refused", refusal: refusalOf(each, stateUnsafe(each)) })
    }
    const whole = ask(ref.provider)
    if (Result.isFailure(whole)) return Result.fail(whole.failure)
    const one = ask(key)
    if (Result.isFailure(one)) {
      report(whole.success, "Abandoned", now)
      return Result.fail(one.failure)
    }
    return Result.succeed({ whole: whole.success, one: one.success })
  }

  return Circuits.of({
    take: (ref, now) => {
      const taken = takeBoth(ref, now)
      if (Result.isFailure(taken)) return Result.fail(taken.failure)
      const tickets = taken.success
      return Result.succeed({ permit: permitOf(ref, tickets), abandon: (then) => abandon(tickets, then) })
    },
    admit: (ref) => lend(ref, (now) => takeBoth(ref, now)),
    wouldAdmit: (ref, now) =>
      isFreeAt(stateUnsafe(ref.provider), policy, now) && isFreeAt(stateUnsafe(showModelRef(ref)), policy, now),
    refuses: (ref, now) => {
      const key = showModelRef(ref)
      return refusing(ref, key, stateUnsafe(ref.provider), stateUnsafe(key), now)
    },
    isClosed: (ref) => [ref.provider, showModelRef(ref)].every((key) => closed.has(stateUnsafe(key)._tag)),
    probe: (ref, occasion) => lend(ref, (now) => takeProbe(ref, occasion, now)),
    force: (key, to) => tell(key, { _tag: "Force", to }),
    release: (key) => tell(key, { _tag: "Release" }),
    reset: (provider, now) => {
      epochs.set(provider, epochOf(provider) + 1)
      for (const key of HashMap.keys(actor.stateUnsafe())) {
        if (key === provider || key.startsWith(`${provider}/`))
          actor.askUnsafe({ key, command: { _tag: "Reset" } }, now)
      }
    },
    configure: (next, known = isKnown) => {
      isKnown = known
      policy = policyOf(next)
      step = circuitStep(policy)
    },
    state: (key) => Effect.sync(() => stateUnsafe(key)),
    stateUnsafe,
    states: Effect.sync(() => new Map(actor.stateUnsafe())),
    openOf: (provider) => {
      let open = 0
      for (const [key, state] of actor.stateUnsafe()) {
        const isOpen = state._tag === "Open" || state._tag === "ForcedOpen" || state._tag === "HalfOpen"
        if (isOpen && (key === provider || key.startsWith(`${provider}/`))) open++
      }
      return open
    },
    recentFailures: (key, now) => recentFailures(stateUnsafe(key), policy, now),
    events: actor.events
  })
})
