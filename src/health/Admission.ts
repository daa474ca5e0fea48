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
import { Context, Effect, Layer, Result, type Scope } from "effect"
import type { ModelRef } from "../domain/Ids.ts"
import type { ProviderError, Reason } from "../domain/ProviderError.ts"
import type { Caller } from "../domain/RequestContext.ts"
import { Circuits } from "./Circuits.ts"
import { Latencies } from "./Latencies.ts"
import { RetryBudgets } from "./RetryBudgets.ts"

/** One call that somebody wants to make. */
export interface Call {
  readonly ref: ModelRef
  /** The fingerprints of the provider's credentials; empty where it needs none. */
  readonly credentials: ReadonlyArray<string>
  /** What it will use, estimated: its prompt and its answer, in tokens. Asked only where somebody counts. */
  readonly tokens: () => number
  /** Has the same request asked the same candidate before? Such calls are limited by `mayRetry`, not counted as new. */
  readonly again: boolean
  /** Has it waited for its turn? Others may not overtake those who wait. */
  readonly turn: boolean
}

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
   * `turn`: others wait for it; `quarantine`: it turned the account, the credential or the model away.
   */
  readonly why: "circuit" | "rateLimit" | "full" | "turn" | "quarantine"
  /** For a quarantine: what it was set for. */
  readonly reason: Reason | undefined
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
    /** May any of its models be asked, as far as the provider itself goes? Only a look. */
    readonly providerAvailable: (provider: string, now: number) => boolean
    /** Is it near a limit, so that somebody else is asked first if there is one? */
    readonly crowded: (ref: ModelRef, now: number) => boolean
    /** May the provider be asked once more for the same request? Takes one of its retries where it may. */
    readonly mayRetry: (provider: string, now: number) => boolean
    /** A stream showed its first visible event after so many milliseconds. */
    readonly firstEvent: (ref: ModelRef, millis: number, now: number) => void
    /** Nineteen of twenty streams of it show their first visible event within this, in milliseconds. */
    readonly p95: (ref: ModelRef, now: number) => number | undefined
    /** Waits for room: `room` when it is this request's turn, `full` where too many wait, `late` when time is over. */
    readonly wait: (wait: Wait) => Effect.Effect<"room" | "full" | "late", never, Scope.Scope>
  }
>()("switchyard/health/Admission") {
  static readonly layer = Layer.effect(
    Admission,
    Effect.suspend(() => make)
  )
}

const make = Effect.gen(function* () {
  const circuits = yield* Circuits
  const budgets = yield* RetryBudgets
  const latencies = yield* Latencies

  const admit: Admission["Service"]["admit"] = (call) =>
    Effect.map(circuits.admit(call.ref), (admitted) => {
      if (Result.isFailure(admitted)) {
        const { circuit, retryAt, why } = admitted.failure
        return Result.fail<Refusal>({ subject: circuit, retryAt, why, reason: undefined })
      }
      return Result.succeed<Permit>({ ...admitted.success, used: () => {} })
    })

  return Admission.of({
    admit,
    wouldAdmit: (ref, _credentials, now) => circuits.wouldAdmit(ref, now),
    providerAvailable: (provider, now) => circuits.wouldAdmit({ provider, model: "" }, now),
    crowded: () => false,
    mayRetry: budgets.mayRetry,
    firstEvent: latencies.saw,
    p95: latencies.p95,
    wait: () => Effect.succeed("full")
  })
})
