/**
 * May this model at this provider be asked now? The one thing the walk asks of health.
 *
 * A call is let in by all of: quarantine, the circuits, the provider's rate limits. What let it in is taken together
 * and given back together; what refused says which of them it was, and when to come back.
 *
 * Everything here stands on every request's way: it is synchronous, and costs nothing where there is nothing to know.
 *
 * @module
 */
import { Clock, Context, Effect, Layer, Result, Scope } from "effect"
import { isUnbilled } from "../domain/Billing.ts"
import { type ModelRef, showModelRef } from "../domain/Ids.ts"
import type { ProviderError, Reason } from "../domain/ProviderError.ts"
import type { Caller } from "../domain/RequestContext.ts"
import type { CircuitState } from "../machine/CircuitBreaker.ts"
import { type Refusal as CircuitRefusal, Circuits } from "./Circuits.ts"
import type { QuarantineEntry } from "../machine/QuarantineEntry.ts"
import { Latencies } from "./Latencies.ts"
import { Paces } from "./Paces.ts"
import { Quarantines } from "./Quarantines.ts"
import { type Full, RateLimits, type Slot } from "./RateLimits.ts"
import { RetryBudgets } from "./RetryBudgets.ts"
import { type Turn, WaitingRoom } from "./WaitingRoom.ts"

/** One call that somebody wants to make. */
export interface Call {
  readonly ref: ModelRef
  /** The fingerprints of the provider's credentials; empty where it needs none. */
  readonly credentials: ReadonlyArray<string>
  /** What it will use, estimated: its prompt and its answer, in tokens. Asked only where somebody counts. */
  readonly tokens: () => number
  /** Has the same request asked the same candidate before? Such calls are limited by `mayRetry`, not counted as new. */
  readonly again: boolean
  /** The room that was handed over to it, where it has waited for its turn. */
  readonly handed: Slot | undefined
}

/** Leave to make one call. Undecided when its scope closes, the call counts as abandoned. */
export interface Permit {
  /** Is this the one call that finds out whether the way is free again? */
  readonly probe: boolean
  /** The stream showed its first visible event. */
  readonly began: Effect.Effect<void>
  /** The answer came to its end. */
  readonly succeeded: Effect.Effect<void>
  /**
   * The call failed. What the failure table does not count changes no circuit, but frees a probe's slot; what the vendor
   * surely did not bill, as nothing had begun, gives back the tokens that were reserved for it.
   */
  readonly failed: (error: ProviderError) => Effect.Effect<void>
  /** What it used, as the provider counted it, in tokens. */
  readonly used: (tokens: number, now: number) => void
}

export interface Refusal {
  /** Who refused: `provider/model`, `provider`, or a quarantine's key. */
  readonly subject: string
  /** When it may be tried again, in milliseconds since 1970; unknown while a probe is under way. */
  readonly retryAt: number | undefined
  /**
   * `circuit`: it failed too often; `rateLimit`: the vendor asked for a pause; `full`: its limits leave no room now;
   * `turn`: others wait for it; `quarantine`: it turned the account, the credential or the model away; `off`: an
   * operator has taken it out of service.
   */
  readonly why: "circuit" | "rateLimit" | "full" | "turn" | "quarantine" | "off"
  /** For a quarantine: what it was set for. */
  readonly reason: Reason | undefined
}

/** How a provider stands, in numbers. */
export interface Standing {
  /** May any of its models be asked, as far as the provider itself goes? */
  readonly available: boolean
  /** Calls under way. */
  readonly inFlight: number
  /** Circuits of its own and of its models that are open. */
  readonly openCircuits: number
  /** What of it is in quarantine: itself, credentials, models. */
  readonly quarantined: number
}

/** How one model at one provider stands for a request with so many tokens of output. */
export interface Load {
  /** Calls under way. */
  readonly inFlight: number
  /** What is left of its tightest rate limit, 0 to 1; 1 where none is known. */
  readonly room: number
  /** Milliseconds until it would have answered; `undefined` while nothing is known. */
  readonly expectedMillis: number | undefined
  /** With how many calls at once it may be trusted, while it is new or recovering. */
  readonly mayHave: number
}

/** All that is known of one way at one moment, for whoever is to be told why it is asked or not. */
export interface Look {
  /** What would keep a call from starting; `undefined`: nothing. */
  readonly refusal: Refusal | undefined
  readonly quarantine: QuarantineEntry | undefined
  readonly circuits: { readonly provider: CircuitState; readonly model: CircuitState }
  /** Is it near a limit, so that others are asked before it? */
  readonly crowded: boolean
  readonly load: Load
}

/** A request that nobody has room for. */
export interface Wait {
  /** Any of these will do. */
  readonly refs: ReadonlyArray<ModelRef>
  readonly tokens: number
  readonly caller: Caller
  /** No longer than this, in milliseconds since 1970. */
  readonly until: number
}

export class Admission extends Context.Service<
  Admission,
  {
    readonly admit: (call: Call) => Effect.Effect<Result.Result<Permit, Refusal>, never, Scope.Scope>
    /** Would a call be admitted at this moment (milliseconds since 1970)? Only a look. */
    readonly wouldAdmit: (ref: ModelRef, credentials: ReadonlyArray<string>, now: number) => boolean
    /** All that `admit` would go by at this moment, for a call of so many tokens. Only a look. */
    readonly look: (ref: ModelRef, credentials: ReadonlyArray<string>, tokens: number, now: number) => Look
    /**
     * Is neither a circuit open nor a quarantine set that would keep a call from it? Only a look, that leaves limits out of
     * account: for calls that are not counted and must not be the ones that find out.
     */
    readonly healthy: (ref: ModelRef, credentials: ReadonlyArray<string>, now: number) => boolean
    /** Only a look. */
    readonly standing: (provider: string, credentials: ReadonlyArray<string>, now: number) => Standing
    /** When its limits will leave room for so many tokens, in milliseconds since 1970, where that is known. */
    readonly roomAt: (ref: ModelRef, tokens: number, now: number) => number | undefined
    /** Is it near a limit, so that somebody else is asked first if there is one? */
    readonly crowded: (ref: ModelRef, now: number) => boolean
    /** May the provider be asked once more for the same request? Takes one of its retries where it may. */
    readonly mayRetry: (provider: string, now: number) => boolean
    /** A stream showed its first visible event after so many milliseconds. */
    readonly firstEvent: (ref: ModelRef, millis: number, now: number) => void
    /** An answer came in one piece: so many tokens of output, in so many milliseconds from the call on. */
    readonly answered: (ref: ModelRef, millis: number, tokens: number, now: number) => void
    /** A stream came to its end: so many tokens (absent: nobody told), in so many milliseconds since its first event. */
    readonly wrote: (ref: ModelRef, millis: number, tokens: number | undefined, now: number) => void
    /** How it stands, for whoever chooses among those that may be asked. Only a look. */
    readonly load: (ref: ModelRef, tokens: number, now: number) => Load
    /** Nineteen of twenty streams of it show their first visible event within this, in milliseconds. */
    readonly p95: (ref: ModelRef, now: number) => number | undefined
    /** Waits for room, which is handed over; until the scope closes, or the call that it is given to has ended. */
    readonly wait: (wait: Wait) => Effect.Effect<Turn, never, Scope.Scope>
  }
>()("switchyard/health/Admission") {
  static readonly layer = Layer.effect(
    Admission,
    Effect.suspend(() => make)
  )
}

const make = Effect.gen(function* () {
  const quarantines = yield* Quarantines
  const circuits = yield* Circuits
  const limits = yield* RateLimits
  const room = yield* WaitingRoom
  const budgets = yield* RetryBudgets
  const latencies = yield* Latencies
  const paces = yield* Paces

  /** What quarantine and limits have against the call; nothing is taken. */
  const seen = ({ credentials, handed, ref, tokens }: Omit<Call, "again">, now: number): Refusal | undefined => {
    const barred = quarantines.refuses(ref, credentials, now)
    if (barred !== undefined) return quarantineRefusal(barred)
    if (handed !== undefined) return undefined
    if (room.mustWait(ref)) return { subject: showModelRef(ref), retryAt: undefined, why: "turn", reason: undefined }
    const full = limits.wouldRefuse(ref, tokens(), now)
    return full === undefined ? undefined : fullRefusal(full)
  }

  /** Everything that a call takes, in one step; what was taken is given back by `over`. */
  const take = (call: Call, clock: Clock.Clock): Result.Result<Taken, Refusal> => {
    const { again, handed, ref, tokens } = call
    const now = clock.currentTimeMillisUnsafe()
    const refusal = seen(call, now)
    if (refusal !== undefined) {
      handed?.giveBack(now)
      return Result.fail(refusal)
    }
    const lent = circuits.take(ref, now)
    if (Result.isFailure(lent)) {
      handed?.giveBack(now)
      return Result.fail(circuitRefusal(lent.failure))
    }
    const { abandon, permit } = lent.success
    const slot = handed ?? limits.take(ref, tokens(), now)
    if (slot._tag === "Full") {
      abandon(now)
      return Result.fail(fullRefusal(slot))
    }
    quarantines.tried(ref, call.credentials, now)
    if (!again) budgets.called(ref.provider, now)
    let hasBegun = false
    let decided = false
    return Result.succeed({
      permit: {
        probe: permit.probe,
        began: Effect.suspend(() => {
          hasBegun = true
          return permit.began
        }),
        succeeded: Effect.suspend(() => {
          decided = true
          quarantines.served(ref, undefined, clock.currentTimeMillisUnsafe())
          return permit.succeeded
        }),
        failed: (error) =>
          Effect.suspend(() => {
            const then = clock.currentTimeMillisUnsafe()
            quarantines.failed(error, then)
            decided = true
            const { reason } = error
            if (reason._tag === "Timeout" && !hasBegun) paces.saw(ref, { _tag: "Waited", millis: then - now }, then)
            if (error.decision.circuit !== "none") paces.saw(ref, { _tag: "Failed" }, then)
            // what cost nothing must not keep the others away for a minute; that it was asked stays counted
            if (!hasBegun && isUnbilled(error)) slot.used(0, then)
            if (reason._tag === "RateLimited")
              limits.rateLimited(ref, then, { retryAfterMillis: reason.retryAfterMillis, tokens: tokens() })
            return permit.failed(error)
          }),
        used: slot.used
      },
      over: Effect.sync(() => {
        const then = clock.currentTimeMillisUnsafe()
        // whoever let go of it had waited for so long
        if (!decided && !hasBegun) paces.saw(ref, { _tag: "Waited", millis: then - now }, then)
        abandon(then)
        slot.release(then)
      })
    })
  }

  const admit: Admission["Service"]["admit"] = (call) =>
    Effect.uninterruptible(
      Effect.flatMap(Effect.scope, (scope) =>
        Effect.withFiber((fiber): Effect.Effect<Result.Result<Permit, Refusal>> => {
          const taken = take(call, fiber.getRef(Clock.Clock))
          if (Result.isFailure(taken)) return Effect.succeed(Result.fail(taken.failure))
          const { over, permit } = taken.success
          return Effect.as(Scope.addFinalizer(scope, over), Result.succeed(permit))
        })
      )
    )

  const loadOf = (ref: ModelRef, tokens: number, now: number): Load => ({
    inFlight: limits.inFlight(showModelRef(ref)),
    room: limits.room(ref, now),
    expectedMillis: paces.expectedMillis(ref, tokens, now),
    mayHave: paces.mayHave(ref, now)
  })

  const look: Admission["Service"]["look"] = (ref, credentials, tokens, now) => {
    const shut = seen({ ref, credentials, tokens: () => tokens, handed: undefined }, now)
    const circuit = shut === undefined ? circuits.refuses(ref, now) : undefined
    return {
      refusal: shut ?? (circuit === undefined ? undefined : circuitRefusal(circuit)),
      quarantine: quarantines.barred(ref, credentials, now),
      circuits: { provider: circuits.stateUnsafe(ref.provider), model: circuits.stateUnsafe(showModelRef(ref)) },
      crowded: limits.crowded(ref, now),
      load: loadOf(ref, tokens, now)
    }
  }

  return Admission.of({
    admit,
    look,
    wouldAdmit: (ref, credentials, now) =>
      circuits.wouldAdmit(ref, now) &&
      quarantines.refuses(ref, credentials, now) === undefined &&
      limits.wouldTake(ref, 0, now),
    healthy: (ref, credentials, now) =>
      circuits.isClosed(ref) && quarantines.barred(ref, credentials, now) === undefined,
    standing: (provider, credentials, now) => ({
      available:
        // no model has an empty name: what is said of it is said of the provider
        circuits.wouldAdmit({ provider, model: "" }, now) &&
        quarantines.barred({ provider, model: "" }, credentials, now) === undefined,
      inFlight: limits.inFlight(provider),
      openCircuits: circuits.openOf(provider),
      quarantined: quarantines.entries(now).filter((entry) => entry.provider === provider).length
    }),
    roomAt: (ref, tokens, now) => limits.wouldRefuse(ref, tokens, now)?.retryAt,
    crowded: limits.crowded,
    mayRetry: budgets.mayRetry,
    firstEvent: (ref, millis, now) => {
      latencies.saw(ref, millis, now)
      paces.saw(ref, { _tag: "Began", millis }, now)
    },
    answered: (ref, millis, tokens, now) => paces.saw(ref, { _tag: "Answered", millis, tokens }, now),
    wrote: (ref, millis, tokens, now) => paces.saw(ref, { _tag: "Wrote", millis, tokens }, now),
    load: loadOf,
    p95: latencies.p95,
    wait: ({ caller, refs, tokens, until }) =>
      room.wait({ refs, tokens, caller: caller.name, priority: caller.priority, until })
  })
})

/** What a call has taken. */
interface Taken {
  readonly permit: Permit
  /** Gives all of it back; what was decided stays decided. */
  readonly over: Effect.Effect<void>
}

const quarantineRefusal = (barred: QuarantineEntry): Refusal => ({
  subject: barred.key,
  retryAt: barred.until ?? barred.recheckAt,
  why: "quarantine",
  reason: inWords(barred)
})

const circuitRefusal = ({ circuit, retryAt, why }: CircuitRefusal): Refusal => ({
  subject: circuit,
  retryAt,
  why,
  reason: undefined
})

const fullRefusal = ({ key, retryAt }: Full): Refusal => ({ subject: key, retryAt, why: "full", reason: undefined })

/** The vendor's word that set a quarantine, for a caller who was not there. */
const inWords = ({ reason, source }: QuarantineEntry): Reason => {
  const before =
    source === "observed"
      ? "it was turned away before, and has not been seen to serve since"
      : "an operator keeps it from being asked"
  return { ...reason, message: `${before} (${reason.message})` }
}
