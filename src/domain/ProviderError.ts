/**
 * What went wrong at a provider, and what follows from it.
 *
 * A `ProviderError` wraps one of fourteen tagged reasons. Each reason carries its decision (`decisions`): may the same
 * provider be asked again, may another, does the circuit count it, is something put in quarantine. Everything that acts
 * on failures reads this table; nobody looks at status codes after the vendor's classification.
 *
 * @module
 */
import { Schema } from "effect"
import { DialectId } from "./Ids.ts"

const detail = {
  /** For people. The vendor's own words where there were any; never a key, never a prompt. */
  message: Schema.String,
  /** The HTTP status the vendor answered with, where it answered. */
  status: Schema.optionalKey(Schema.Int),
  /** The vendor's own code or type for it. */
  code: Schema.optionalKey(Schema.String)
}

const suspicion = {
  /**
   * The vendor said no more than the status does: what refused may as well be one request (a firewall's 403, a file that
   * is not there) as the account or the model. By itself it bars nobody; a probe, or being refused again and again, may.
   */
  unspecific: Schema.optionalKey(Schema.Boolean)
}

export const RateLimited = Schema.TaggedStruct("RateLimited", {
  ...detail,
  /** What the vendor asked to wait, in milliseconds. */
  retryAfterMillis: Schema.optionalKey(Schema.Finite)
})
export const QuotaExhausted = Schema.TaggedStruct("QuotaExhausted", {
  ...detail,
  retryAfterMillis: Schema.optionalKey(Schema.Finite)
})
export const Overloaded = Schema.TaggedStruct("Overloaded", {
  ...detail,
  retryAfterMillis: Schema.optionalKey(Schema.Finite)
})
export const ServerError = Schema.TaggedStruct("ServerError", detail)
export const Network = Schema.TaggedStruct("Network", {
  ...detail,
  /** Had any byte of the request gone out? What was never sent can always be sent again. */
  sent: Schema.Boolean,
  /**
   * A connection that had been used before broke before any byte of an answer: most likely the vendor had closed it
   * while it was at rest, which says nothing about its health.
   */
  stale: Schema.optionalKey(Schema.Boolean)
})
export const Timeout = Schema.TaggedStruct("Timeout", {
  ...detail,
  limit: Schema.Literals(["connect", "firstEvent", "idle", "unary", "stream", "deadline"])
})
export const AuthenticationFailed = Schema.TaggedStruct("AuthenticationFailed", { ...detail, ...suspicion })
export const AccessDenied = Schema.TaggedStruct("AccessDenied", {
  ...detail,
  ...suspicion,
  /** `account`: the vendor's own table says the whole account is barred; `model`: any other 403. */
  scope: Schema.Literals(["account", "model"])
})
export const ModelUnavailable = Schema.TaggedStruct("ModelUnavailable", { ...detail, ...suspicion })
export const ContentPolicy = Schema.TaggedStruct("ContentPolicy", detail)
export const ContextLengthExceeded = Schema.TaggedStruct("ContextLengthExceeded", detail)
export const InvalidRequest = Schema.TaggedStruct("InvalidRequest", {
  ...detail,
  /** The field at fault, where the vendor names it. */
  param: Schema.optionalKey(Schema.String)
})
export const UnsupportedFeature = Schema.TaggedStruct("UnsupportedFeature", {
  ...detail,
  /** What cannot be done, in the field's words (`images`, `tools`, `web_search`). */
  feature: Schema.String,
  /** Known before anything was sent: no attempt was spent on it. */
  unsent: Schema.optionalKey(Schema.Boolean)
})
export const MalformedResponse = Schema.TaggedStruct("MalformedResponse", {
  ...detail,
  /** The model wrote what its own vendor could not use (a call that breaks the tool's schema): not a sign of ill health. */
  byModel: Schema.optionalKey(Schema.Boolean)
})

export const Reason = Schema.Union([
  RateLimited,
  QuotaExhausted,
  Overloaded,
  ServerError,
  Network,
  Timeout,
  AuthenticationFailed,
  AccessDenied,
  ModelUnavailable,
  ContentPolicy,
  ContextLengthExceeded,
  InvalidRequest,
  UnsupportedFeature,
  MalformedResponse
])
export type Reason = typeof Reason.Type
export type ReasonTag = Reason["_tag"]

export interface Decision {
  /**
   * May the same provider be asked again? `no`; `afterDelay`: after the vendor's own delay or 2 s; `backoff`:
   * exponential with jitter; `atOnce`: with a little jitter; `ifAlone`: only if nobody else can serve it.
   */
  readonly retry: "no" | "afterDelay" | "backoff" | "atOnce" | "ifAlone"
  /**
   * May another candidate be asked? `largerWindow`: only one with a larger context window; `capable`: only one that can
   * do what was asked; `notFromFirst`: the first candidate's verdict is the answer, a later candidate's is skipped.
   */
  readonly fallback: "yes" | "no" | "largerWindow" | "capable" | "notFromFirst"
  /** `failure` counts towards opening; `notBefore` closes the way for a while without counting. */
  readonly circuit: "none" | "failure" | "notBefore"
  readonly quarantine: "none" | "account" | "credential" | "model" | "byScope"
  /** May the caller's SDK usefully try again? */
  readonly callerMayRetry: boolean
}

/** The failure table. One row a reason; the config may change the number of retries, nothing else changes it. */
export const decisions: { readonly [T in ReasonTag]: Decision } = {
  RateLimited: { retry: "afterDelay", fallback: "yes", circuit: "notBefore", quarantine: "none", callerMayRetry: true },
  QuotaExhausted: { retry: "no", fallback: "yes", circuit: "none", quarantine: "account", callerMayRetry: false },
  Overloaded: { retry: "backoff", fallback: "yes", circuit: "failure", quarantine: "none", callerMayRetry: true },
  ServerError: { retry: "backoff", fallback: "yes", circuit: "failure", quarantine: "none", callerMayRetry: true },
  Network: { retry: "atOnce", fallback: "yes", circuit: "failure", quarantine: "none", callerMayRetry: true },
  Timeout: { retry: "ifAlone", fallback: "yes", circuit: "failure", quarantine: "none", callerMayRetry: true },
  AuthenticationFailed: {
    retry: "no",
    fallback: "yes",
    circuit: "none",
    quarantine: "credential",
    callerMayRetry: false
  },
  AccessDenied: { retry: "no", fallback: "yes", circuit: "none", quarantine: "byScope", callerMayRetry: false },
  ModelUnavailable: { retry: "no", fallback: "yes", circuit: "none", quarantine: "model", callerMayRetry: false },
  ContentPolicy: { retry: "no", fallback: "no", circuit: "none", quarantine: "none", callerMayRetry: false },
  ContextLengthExceeded: {
    retry: "no",
    fallback: "largerWindow",
    circuit: "none",
    quarantine: "none",
    callerMayRetry: false
  },
  InvalidRequest: {
    retry: "no",
    fallback: "notFromFirst",
    circuit: "none",
    quarantine: "none",
    callerMayRetry: false
  },
  UnsupportedFeature: { retry: "no", fallback: "capable", circuit: "none", quarantine: "none", callerMayRetry: false },
  MalformedResponse: { retry: "no", fallback: "yes", circuit: "failure", quarantine: "none", callerMayRetry: true }
}

/** Did the vendor refuse without a word about what it refuses? */
export const isUnspecific = (reason: Reason): boolean => "unspecific" in reason && reason.unspecific === true

/** The vendor's error as it came. */
export const ErrorWire = Schema.Struct({
  dialect: DialectId,
  /** The HTTP status; absent where the error stood inside a 200. */
  status: Schema.optionalKey(Schema.Int),
  body: Schema.Record(Schema.String, Schema.Json)
})
export type ErrorWire = typeof ErrorWire.Type

/** A call to one model at one provider that failed. `provider` and `model` are the config's id and the vendor's name. */
export class ProviderError extends Schema.TaggedError<ProviderError>()("ProviderError", {
  provider: Schema.String,
  model: Schema.String,
  reason: Reason,
  /** Absent where the vendor sent no body, or one that holds a secret. */
  wire: Schema.optionalKey(ErrorWire),
  /** The fingerprint of the credential that the call was made with; absent where nothing was sent or none is needed. */
  credential: Schema.optionalKey(Schema.String)
}) {
  override get message(): string {
    return `${this.provider}/${this.model}: ${this.reason._tag}: ${this.reason.message}`
  }
  /** The row of the failure table for this reason. */
  get decision(): Decision {
    const { reason } = this
    const row = decisions[reason._tag]
    // a rate limit without a word about when to come back also counts as a failure
    if (reason._tag === "RateLimited" && reason.retryAfterMillis === undefined) return { ...row, circuit: "failure" }
    if (isUnspecific(reason)) return { ...row, quarantine: "none" }
    const innocent =
      (reason._tag === "Network" && reason.stale === true) ||
      (reason._tag === "MalformedResponse" && reason.byModel === true)
    return innocent ? { ...row, circuit: "none" } : row
  }
}
