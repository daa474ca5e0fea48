/**
 * What a caller is told when there is no answer. Each dialect writes it in its own shape and status.
 *
 * @module
 */
import { Schema } from "effect"
import { budgetWindows } from "./Budget.ts"
import { ErrorWire, type ProviderError, Reason, decisions } from "./ProviderError.ts"

/** The body is not what the dialect asks for. `param` is the path of the field (`messages.0.content`). */
export const BadRequest = Schema.TaggedStruct("BadRequest", {
  message: Schema.String,
  param: Schema.optionalKey(Schema.String),
  code: Schema.optionalKey(Schema.String)
})
/** No key, an unknown key, an expired key. */
export const Unauthorized = Schema.TaggedStruct("Unauthorized", { message: Schema.String })
/** Whether a key is known cannot be told now: the store of keys cannot be read. */
export const KeysUnavailable = Schema.TaggedStruct("KeysUnavailable", {})
/** The caller's key may not ask for so much now. */
export const LimitReached = Schema.TaggedStruct("LimitReached", {
  /** The key's name. */
  key: Schema.String,
  what: Schema.Literals(["requestsPerMinute", "tokensPerMinute", "concurrent"]),
  limit: Schema.Finite,
  /** How much the request wants: one request, or its tokens by an estimate. */
  wanted: Schema.Finite,
  /** When there is room again; absent: never, the request alone is more than the limit. */
  retryAfterMillis: Schema.optionalKey(Schema.Finite)
})
/** The key is good but may not do this; or a web page tried. */
export const Forbidden = Schema.TaggedStruct("Forbidden", { message: Schema.String })
export const RouteNotFound = Schema.TaggedStruct("RouteNotFound", {
  method: Schema.String,
  path: Schema.String,
  /** A path that is served, where the one asked for is that one with too much or too little before it. */
  meant: Schema.optionalKey(Schema.String)
})
export const MethodNotAllowed = Schema.TaggedStruct("MethodNotAllowed", {
  method: Schema.String,
  path: Schema.String,
  allowed: Schema.Array(Schema.String)
})
export const BodyTooLarge = Schema.TaggedStruct("BodyTooLarge", { limitBytes: Schema.Int })
export const UnsupportedMediaType = Schema.TaggedStruct("UnsupportedMediaType", { found: Schema.String })
/** Nobody serves a model of that name. */
export const UnknownModel = Schema.TaggedStruct("UnknownModel", {
  model: Schema.String,
  /** The nearest names that are served, best first. */
  nearest: Schema.Array(Schema.String)
})
/** What the request refers to is not there (any more), or not the caller's. */
export const NotFound = Schema.TaggedStruct("NotFound", { message: Schema.String, param: Schema.String })
/** The asked model cannot do what the request needs; said before any call. */
export const ModelCannot = Schema.TaggedStruct("ModelCannot", {
  model: Schema.String,
  feature: Schema.String,
  param: Schema.optionalKey(Schema.String)
})
/** Candidates exist but none may be asked now (open circuits, rate limits, switched off). */
export const NobodyAvailable = Schema.TaggedStruct("NobodyAvailable", {
  model: Schema.String,
  why: Schema.String,
  retryAfterMillis: Schema.optionalKey(Schema.Finite)
})
/** What the request may cost leaves nobody who could be asked. */
export const CostCapReached = Schema.TaggedStruct("CostCapReached", {
  model: Schema.String,
  capUsd: Schema.Finite,
  /** What the cheapest next attempt might have cost. */
  wantedUsd: Schema.Finite
})
/** A budget has no room for the request, nor for a cheaper way to answer it. */
export const BudgetExhausted = Schema.TaggedStruct("BudgetExhausted", {
  /** Whose budget: `global`, `tenant:acme`, … */
  scope: Schema.String,
  window: Schema.Literals(budgetWindows),
  /** When its window ends, in milliseconds since 1970. */
  resetAt: Schema.Finite.check(Schema.isBetween({ minimum: 0, maximum: 8_640_000_000_000_000 })),
  /** `spent`: nothing may be asked; `room`: what is left is less than this request may cost; `kept`: it is kept; `price`: nobody knows it. */
  why: Schema.Literals(["spent", "room", "kept", "price"]),
  /** Answers that are cached may be given for want of others. */
  cacheOnly: Schema.optionalKey(Schema.Literal(true))
})
/** Only a cached answer was wanted. `off`: there is no cache; `uncacheable`: no answer to such a request is ever kept. */
export const NotCached = Schema.TaggedStruct("NotCached", {
  why: Schema.Literals(["off", "uncacheable", "missing"])
})
/** What a request may cost cannot be recorded now, and what is not recorded is not spent. */
export const BudgetUnrecorded = Schema.TaggedStruct("BudgetUnrecorded", {
  /** Another process records under this one's name, which lasts until somebody ends it. */
  superseded: Schema.optionalKey(Schema.Literal(true))
})
/** Everybody who could be asked was, and failed. `first` is the failure that is told. */
export const AllFailed = Schema.TaggedStruct("AllFailed", {
  first: Reason,
  provider: Schema.String,
  model: Schema.String,
  wire: Schema.optionalKey(ErrorWire)
})
/** The request's own time ran out. */
export const DeadlineExceeded = Schema.TaggedStruct("DeadlineExceeded", { limitMillis: Schema.Finite })
/** A stream broke after something of it was shown, and could not be completed. */
export const CutShort = Schema.TaggedStruct("CutShort", {
  reason: Reason,
  provider: Schema.String,
  model: Schema.String,
  wire: Schema.optionalKey(ErrorWire)
})
/** This gateway is going down. */
export const ShuttingDown = Schema.TaggedStruct("ShuttingDown", {})
/** A defect of ours. The cause is in the log under the request's id, never in the answer. */
export const Internal = Schema.TaggedStruct("Internal", {})

export const GatewayReason = Schema.Union([
  BadRequest,
  Unauthorized,
  KeysUnavailable,
  LimitReached,
  Forbidden,
  RouteNotFound,
  MethodNotAllowed,
  BodyTooLarge,
  UnsupportedMediaType,
  UnknownModel,
  NotFound,
  ModelCannot,
  NobodyAvailable,
  CostCapReached,
  BudgetExhausted,
  NotCached,
  BudgetUnrecorded,
  AllFailed,
  DeadlineExceeded,
  CutShort,
  ShuttingDown,
  Internal
])
export type GatewayReason = typeof GatewayReason.Type

/** One try at one provider, as it is counted, logged and told in headers. */
export const Attempt = Schema.Struct({
  provider: Schema.String,
  model: Schema.String,
  /** What went wrong; absent for the try that answered. */
  reason: Schema.optionalKey(Schema.String),
  /** How long the try took until its first event, its answer or its failure. */
  millis: Schema.Finite
})
export type Attempt = typeof Attempt.Type

/** The HTTP status of a provider's failure when it is told to a caller. */
const providerStatus: { readonly [T in Reason["_tag"]]: number } = {
  RateLimited: 429,
  // the gateway's accounts, not the caller's: to the caller it is a bad upstream
  QuotaExhausted: 502,
  AuthenticationFailed: 502,
  AccessDenied: 502,
  Overloaded: 503,
  ServerError: 502,
  Network: 502,
  Timeout: 504,
  ModelUnavailable: 404,
  ContentPolicy: 400,
  ContextLengthExceeded: 400,
  InvalidRequest: 400,
  UnsupportedFeature: 400,
  MalformedResponse: 502
}

export class GatewayError extends Schema.TaggedError<GatewayError>()("GatewayError", {
  reason: GatewayReason,
  /** The tries made before giving up, in order. */
  attempts: Schema.Array(Attempt)
}) {
  override get message(): string {
    return explain(this.reason)
  }
  /** The HTTP status, the same in every dialect but where a dialect has its own row for it. */
  get status(): number {
    return statusOf(this.reason)
  }
  /** Could the same request succeed if it is simply sent again? Otherwise the answer says `x-should-retry: false`. */
  get callerMayRetry(): boolean {
    switch (this.reason._tag) {
      case "AllFailed":
        return decisions[this.reason.first._tag].callerMayRetry
      case "LimitReached":
        return this.reason.retryAfterMillis !== undefined
      case "KeysUnavailable":
      case "NobodyAvailable":
      case "BudgetUnrecorded":
      case "DeadlineExceeded":
      case "CutShort":
      case "ShuttingDown":
      case "Internal":
        return true
      default:
        return false
    }
  }
  /** Milliseconds after which another try makes sense, where that is known. */
  get retryAfterMillis(): number | undefined {
    const reason = this.reason
    if (reason._tag === "NobodyAvailable" || reason._tag === "LimitReached") return reason.retryAfterMillis
    if (reason._tag === "AllFailed" && "retryAfterMillis" in reason.first) return reason.first.retryAfterMillis
    return undefined
  }
}

/** A gateway error without attempts behind it. */
export const gatewayError = (reason: GatewayReason, attempts: ReadonlyArray<Attempt> = []): GatewayError =>
  new GatewayError({ reason, attempts })

const failed = ({ model, provider, wire }: ProviderError) => ({
  provider,
  model,
  ...(wire === undefined ? undefined : { wire })
})

/** The failure told when the walk ends at `error`. */
export const allFailed = (error: ProviderError, attempts: ReadonlyArray<Attempt>): GatewayError =>
  gatewayError({ _tag: "AllFailed", first: error.reason, ...failed(error) }, attempts)

/** The failure told when a stream that was shown in part ends at `error`. */
export const cutShort = (error: ProviderError, attempts: ReadonlyArray<Attempt>): GatewayError =>
  gatewayError({ _tag: "CutShort", reason: error.reason, ...failed(error) }, attempts)

const statusOf = (reason: GatewayReason): number => {
  switch (reason._tag) {
    case "BadRequest":
    case "ModelCannot":
    case "CostCapReached":
      return 400
    case "Unauthorized":
      return 401
    case "Forbidden":
      return 403
    case "RouteNotFound":
    case "UnknownModel":
    case "NotFound":
    case "NotCached":
      return 404
    case "MethodNotAllowed":
      return 405
    case "BodyTooLarge":
      return 413
    case "UnsupportedMediaType":
      return 415
    case "LimitReached":
    case "BudgetExhausted":
      return 429
    case "KeysUnavailable":
    case "BudgetUnrecorded":
    case "NobodyAvailable":
    case "ShuttingDown":
      return 503
    case "AllFailed":
      return providerStatus[reason.first._tag]
    case "DeadlineExceeded":
      return 504
    case "CutShort":
      return 502
    case "Internal":
      return 500
  }
}

/** The sentence a caller reads. */
const explain = (reason: GatewayReason): string => {
  switch (reason._tag) {
    case "BadRequest":
    case "Unauthorized":
    case "Forbidden":
    case "NotFound":
      return reason.message
    case "KeysUnavailable":
      return "This gateway cannot look up its client keys at the moment"
    case "LimitReached":
      return explainLimit(reason)
    case "RouteNotFound":
      return reason.meant === undefined
        ? `No such path: ${reason.method} ${reason.path}`
        : `No such path: ${reason.method} ${reason.path}; ${reason.meant} is served: see the base URL of the client`
    case "MethodNotAllowed":
      return `${reason.method} is not allowed on ${reason.path}; allowed: ${reason.allowed.join(", ")}`
    case "BodyTooLarge":
      return `The request body is larger than the limit of ${reason.limitBytes} bytes`
    case "UnsupportedMediaType":
      return `The request body must be application/json, not ${reason.found}`
    case "UnknownModel":
      return reason.nearest.length === 0
        ? `The model '${reason.model}' does not exist or no provider that serves it is configured`
        : `The model '${reason.model}' does not exist or no provider that serves it is configured. Did you mean ${reason.nearest.map((name) => `'${name}'`).join(", ")}?`
    case "ModelCannot":
      return `The model '${reason.model}' does not support ${reason.feature}`
    case "NobodyAvailable":
      return `No provider for '${reason.model}' can be asked now: ${reason.why}`
    case "CostCapReached":
      return `Asking a model for '${reason.model}' might cost $${reason.wantedUsd.toLocaleString("en", { maximumSignificantDigits: 4, useGrouping: false })}, which the cap of $${reason.capUsd.toLocaleString("en", { maximumFractionDigits: 20, useGrouping: false })} for this request does not leave`
    case "BudgetExhausted":
      return explainBudget(reason)
    case "NotCached":
      return whyNotCached[reason.why]
    case "BudgetUnrecorded":
      return reason.superseded === true
        ? "This replica of the gateway cannot record what requests spend: another one runs under its name"
        : "This gateway cannot record at the moment what requests spend"
    case "AllFailed":
      return `${reason.provider}/${reason.model} failed (${reason.first._tag}): ${reason.first.message}`
    case "DeadlineExceeded":
      return `No provider had answered within the request's ${reason.limitMillis} ms`
    case "CutShort":
      return `The answer was cut short: ${reason.provider}/${reason.model} failed (${reason.reason._tag}): ${reason.reason.message}`
    case "ShuttingDown":
      return "This gateway is shutting down"
    case "Internal":
      return "The gateway met an internal error; the log has it under this request's id"
  }
}

const whyExhausted = {
  spent: "is spent",
  room: "has not enough left for what this request may cost",
  kept: "has only left what is kept for critical requests and retries"
} as const

const explainBudget = ({ cacheOnly, resetAt, scope, why, window }: typeof BudgetExhausted.Type): string =>
  why === "price"
    ? `The ${window}'s budget of ${scope} has a limit that could not be kept: nobody knows what this model costs. The section "models" of the configuration can state it`
    : `The ${window}'s budget of ${scope} ${whyExhausted[why]}. It begins anew at ${new Date(resetAt).toISOString()}${cacheOnly === true ? "; until then only cached answers are given, and there is none to this request" : ""}`

const whyNotCached = {
  off: "Only a cached answer was asked for, and this gateway caches none",
  uncacheable: "Only a cached answer was asked for, and no answer to such a request is cached",
  missing: "Only a cached answer was asked for, and there is none to this request"
} as const

const units = {
  requestsPerMinute: "requests per minute",
  tokensPerMinute: "tokens per minute",
  concurrent: "requests at once"
} as const

const explainLimit = (reason: typeof LimitReached.Type): string => {
  const limit = `${reason.limit} ${units[reason.what]}`
  if (reason.retryAfterMillis === undefined)
    return `The request is too large for the client key '${reason.key}': it wants about ${Math.ceil(reason.wanted)} tokens, and its limit is ${limit}`
  const wait =
    reason.what === "concurrent" ? "when one of them has ended" : `in ${Math.ceil(reason.retryAfterMillis / 1000)} s`
  return `The client key '${reason.key}' has reached its limit of ${limit}. Try again ${wait}`
}
