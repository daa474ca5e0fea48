/**
 * Who was thought of for a request, and what became of each: the parts of a decision.
 *
 * What is said here is settled before anybody is asked and stays so for this request. What changes from moment to moment
 * (quarantine, circuits, rate limits) is Admission's to say, when it is a candidate's turn.
 *
 * @module
 */
import type { ModelRef } from "../domain/Ids.ts"
import type { ReasonTag } from "../domain/ProviderError.ts"
import type { QuarantineSource } from "../machine/QuarantineEntry.ts"
import type { Candidate } from "./Candidate.ts"
import type { Strategy } from "./strategies/Strategy.ts"

/** Its provider is out of service: the config says so, or an operator has since. */
export interface OutOfService {
  readonly _tag: "OutOfService"
  readonly state: "draining" | "disabled"
  readonly by: "config" | "operator"
}

/**
 * Why a provider is not there. `noKey`: an environment variable for it is not set; `notBuilt`: it could not be set up;
 * `unknown`: neither the config nor an operator names it (any more).
 */
export type NotSetUp = "noKey" | "notBuilt" | "unknown"

/** Why somebody who was thought of is not a candidate. */
export type Exclusion =
  /** The caller's key does not allow the name, which `ref` then stands for. */
  | { readonly _tag: "NotAllowed"; readonly name: string }
  /** Its model is known not to do what the request needs. */
  | { readonly _tag: "CannotDo"; readonly feature: string }
  /** It does not run where the alias or the key demands. */
  | { readonly _tag: "OtherRegion"; readonly wanted: string }
  | OutOfService
  /** Its context window surely cannot hold the prompt. */
  | { readonly _tag: "TooLong"; readonly windowTokens: number }
  | { readonly _tag: "NotSetUp"; readonly because: NotSetUp }

/** Why a candidate would not be asked at this moment. Milliseconds since 1970; absent where nobody knows. */
export type Hindrance =
  | {
      readonly _tag: "Quarantined"
      readonly reason: ReasonTag | undefined
      /** Calls that showed it, an operator, or a drill that an operator runs. */
      readonly by: QuarantineSource
      readonly until: number | undefined
    }
  | {
      readonly _tag: "CircuitOpen"
      readonly subject: string
      /** Failures opened it, or an operator forced it open. */
      readonly by: "observed" | "operator"
      readonly until: number | undefined
    }
  /** The vendor asked for a pause. */
  | { readonly _tag: "RateLimited"; readonly subject: string; readonly until: number | undefined }
  /** Its limits leave no room, or others wait for what there is. */
  | { readonly _tag: "NoRoom"; readonly subject: string; readonly until: number | undefined }
  /** At worst it would cost more than the request may. */
  | { readonly _tag: "TooDear"; readonly capUsd: number; readonly worstUsd: number }
  /** A budget has not enough left for what it would cost at worst; until the budget's window ends. */
  | {
      readonly _tag: "OverBudget"
      readonly scope: string
      readonly leftUsd: number
      readonly worstUsd: number
      readonly until: number
    }
  /** Its wire cannot say what the request asks for, or not all of it to a strict caller. */
  | { readonly _tag: "CannotTell"; readonly feature: string }
  /** Since the request began. */
  | OutOfService

/** Why a candidate is asked only when those before it could not answer. */
export interface HeldBack {
  /** The budget does not pay for it any more: this tier is what it pays for. */
  readonly _tag: "AboveTier"
  readonly tier: "standard" | "economy"
}

/** How it came to be thought of: by the asked name, by a fallback of the request, or by the configured ones. */
export type ThoughtOfAs = "asked" | "fallback" | "default"

export interface Considered {
  readonly ref: ModelRef
  /** Absent where its provider is not there. */
  readonly candidate: Candidate | undefined
  readonly as: ThoughtOfAs
  /** Absent: it is a candidate. */
  readonly exclusion: Exclusion | undefined
  /** What the strategy made of it. */
  readonly score?: { readonly value: number; readonly unit: Strategy["unit"] }
  /** Of a candidate; absent: it stands where it would stand without a budget. */
  readonly heldBack?: HeldBack
}
