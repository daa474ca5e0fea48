/**
 * One thing that may not be asked, why, and what a failed call puts there.
 *
 * `scope` says how far it reaches: an `account` is every model of a provider, a `credential` every call made with one
 * key, a `model` one model at one provider. `source` says whose word it is: what calls `observed`, what an `operator`
 * set, or a `drill`. The key bears both, so an operator's word and a drill stand beside what was observed, and what was
 * observed is there again when they end.
 *
 * Gotchas
 * - `recheckAt` only says when it is probed next. What was observed never ends by itself.
 * - An `until` that has passed is the end, whether or not anybody has cleaned up.
 *
 * @module
 */
import { Schema } from "effect"
import { decisions, Reason, type ProviderError, type ReasonTag } from "../domain/ProviderError.ts"

export const QuarantineScope = Schema.Literals(["account", "credential", "model"])
export type QuarantineScope = typeof QuarantineScope.Type
export const QuarantineSource = Schema.Literals(["observed", "operator", "drill"])
export type QuarantineSource = typeof QuarantineSource.Type

/** Times in milliseconds since 1970. */
export const QuarantineEntry = Schema.Struct({
  key: Schema.String,
  scope: QuarantineScope,
  /** The id of the config. */
  provider: Schema.String,
  /** The vendor's name of the model, where the scope is `model`. */
  model: Schema.optional(Schema.String),
  /** The fingerprint, where the scope is `credential`. */
  credential: Schema.optional(Schema.String),
  source: QuarantineSource,
  reason: Reason,
  since: Schema.Finite,
  /** When it is probed next; absent: never. */
  recheckAt: Schema.optional(Schema.Finite),
  /** When it ends by itself; absent: it does not. */
  until: Schema.optional(Schema.Finite),
  /** Rechecks that failed, with those of the last time where it came back soon. */
  setbacks: Schema.Natural,
  /** When a real call was let through to find out; absent: none is out. */
  triedAt: Schema.optional(Schema.Finite),
  /** The model that was asked when it was observed: one that a probe may ask. A caller may have invented its name. */
  seenAt: Schema.optional(Schema.String),
  /** Whom it was observed of: another fingerprint of the configured account means that it is about somebody else. */
  identity: Schema.optional(Schema.String)
})
export type QuarantineEntry = typeof QuarantineEntry.Type

/** What is barred. */
export interface QuarantineTarget {
  readonly scope: QuarantineScope
  readonly provider: string
  readonly model?: string | undefined
  readonly credential?: string | undefined
}

export const accountKey = (provider: string): string => `account:${provider}`
export const credentialKey = (provider: string, credential: string): string => `credential:${provider}:${credential}`
export const modelKey = (provider: string, model: string): string => `model:${provider}/${model}`

/** The key of what was observed of a target. */
export const targetKey = ({ scope, provider, model = "", credential = "" }: QuarantineTarget): string => {
  switch (scope) {
    case "account":
      return accountKey(provider)
    case "credential":
      return credentialKey(provider, credential)
    case "model":
      return modelKey(provider, model)
  }
}

/** `account:openai` where it was observed, else `operator:account:openai` or `drill:account:openai`. */
export const entryKey = (source: QuarantineSource, key: string): string =>
  source === "observed" ? key : `${source}:${key}`

/** Does it outlast a restart? A model's 403 or 404 is soon seen again, and a drill ends with its process. */
export const isDurable = ({ scope, source }: QuarantineEntry): boolean =>
  source === "operator" || (source === "observed" && scope !== "model")

/** Does it bar anything at this moment? */
export const isActive = ({ until }: QuarantineEntry, now: number): boolean => until === undefined || now < until

/**
 * What a failed call puts in quarantine, by its row of the failure table, or under suspicion where its reason is
 * unspecific; `undefined`: nothing. `several`: the account
 * has more credentials than the one that was used, so that what one of them ran out of does not bar the others.
 */
export const targetOf = (error: ProviderError, several: boolean): QuarantineTarget | undefined => {
  const { credential, model, provider, reason } = error
  const account: QuarantineTarget = { scope: "account", provider }
  const ofCredential: QuarantineTarget =
    credential === undefined ? account : { scope: "credential", provider, credential }
  switch (decisions[reason._tag].quarantine) {
    case "none":
      return undefined
    case "account":
      return several ? ofCredential : account
    case "credential":
      return ofCredential
    case "model":
      return { scope: "model", provider, model }
    case "byScope":
      return reason._tag === "AccessDenied" && reason.scope === "account"
        ? account
        : { scope: "model", provider, model }
  }
}

const minute = 60_000
/** How long after it was set or rechecked in vain it is probed, in milliseconds: doubling from `first` up to `most`. */
const rechecks = {
  AuthenticationFailed: { first: 5 * minute, most: 5 * minute },
  QuotaExhausted: { first: 10 * minute, most: 10 * minute },
  /** The vendor bars the account. */
  accountDenied: { first: 10 * minute, most: 10 * minute },
  /** Any other 403: often a matter of one model, and often soon mended. */
  modelDenied: { first: minute, most: 60 * minute },
  ModelUnavailable: { first: 10 * minute, most: 10 * minute }
} as const
/** So many unspecific refusals of one thing bar it, if nothing was served between them. */
export const refusalsThatBar = 3
/** How long a suspicion lasts after the last refusal, in milliseconds. */
export const suspicionMillis = 60 * minute
/** How long after a probe told nothing of a suspicion it is probed again, in milliseconds. */
export const suspicionRecheckMillis = minute
/** How long a real call that finds out is waited for until another may, in milliseconds. */
export const trialMillis = minute
/** The furthest moment that a vendor's own delay may put off a recheck to, in milliseconds. */
export const longestDelayMillis = 24 * 60 * minute
/** What comes back within this after it was lifted is taken up where it was left, in milliseconds. */
export const relapseMillis = rechecks.modelDenied.most

const rowOf = (reason: Reason): (typeof rechecks)[keyof typeof rechecks] => {
  switch (reason._tag) {
    case "AuthenticationFailed":
    case "ModelUnavailable":
      return rechecks[reason._tag]
    case "AccessDenied":
      return reason.scope === "model" ? rechecks.modelDenied : rechecks.accountDenied
    default:
      return rechecks.QuotaExhausted
  }
}

/** How long to wait at the least because the vendor says so, in milliseconds. */
export const delayMillis = (reason: Reason): number =>
  reason._tag === "QuotaExhausted" ? Math.max(0, Math.min(reason.retryAfterMillis ?? 0, longestDelayMillis)) : 0

/** How long until it is probed, after so many `setbacks`, in milliseconds. */
export const recheckMillis = (reason: Reason, setbacks: number): number => {
  const { first, most } = rowOf(reason)
  return Math.max(Math.min(first * 2 ** Math.min(setbacks, 32), most), delayMillis(reason))
}

/** A person's reason, in the terms of the failure table. */
export const reasonOf = (tag: ReasonTag, message: string): Reason => {
  switch (tag) {
    case "Network":
      return { _tag: tag, message, sent: false }
    case "Timeout":
      return { _tag: tag, message, limit: "firstEvent" }
    case "AccessDenied":
      return { _tag: tag, message, scope: "account" }
    case "UnsupportedFeature":
      return { _tag: tag, message, feature: "everything" }
    default:
      return { _tag: tag, message }
  }
}
