/**
 * What a caller must get from every fault a vendor can have: the one table, read by the tests and by `npm run faults`.
 *
 * One row a fault: the reason that the fault is (the failure table says the rest), or that it leaves the answer whole.
 * Where vendors are known to say it differently the row says so by wire.
 */
import type { ReasonTag } from "../../src/domain/ProviderError.ts"
import type { FaultName, FaultParameters } from "../../src/simulator/Faults.ts"

export const wires = ["openai", "anthropic", "gemini"] as const
export type Wire = (typeof wires)[number]

export type Outcome =
  /** The vendor's answer reaches the caller. */
  | { readonly is: "answer"; readonly of: "all" | "filtered" | "refused" }
  /** Nothing of an answer was seen. */
  | {
      readonly is: "failure"
      readonly reason: ReasonTag
      /** What a rate limit asks for, in milliseconds. */
      readonly wait?: number | "none"
      /** A connection that was used before may be taken for one that had grown stale. */
      readonly mayBeStale?: true
      /** The wait is told so coarsely that it may turn out shorter. */
      readonly coarse?: true
    }
  /** Some of the answer was seen. */
  | { readonly is: "cut"; readonly reason: ReasonTag }

export interface Row {
  readonly whole: Outcome
  readonly live: Outcome
}
export type Expected = Row | { readonly [W in Wire]: Row }

const answers = (of: "all" | "filtered" | "refused" = "all"): Outcome => ({ is: "answer", of })
const failure = (reason: ReasonTag, wait?: number | "none"): Outcome => ({
  is: "failure",
  reason,
  ...(wait === undefined ? {} : { wait })
})
const cut = (reason: ReasonTag): Outcome => ({ is: "cut", reason })
const both = (outcome: Outcome): Row => ({ whole: outcome, live: outcome })
const fails = (reason: ReasonTag, wait?: number | "none"): Row => both(failure(reason, wait))

const expected: { readonly [F in FaultName]: Expected } = {
  "invalid-key": fails("AuthenticationFailed"),
  banned: fails("AccessDenied"),
  deactivated: fails("AccessDenied"),
  country: fails("AccessDenied"),
  // OpenAI tells a project that may not use a model so under the code it has for models that do not exist
  forbidden: {
    openai: fails("ModelUnavailable"),
    anthropic: fails("AccessDenied"),
    gemini: fails("AccessDenied")
  },
  "rate-limit": fails("RateLimited", 1000),
  "rate-limit-millis": fails("RateLimited", 1000),
  "rate-limit-date": both({ is: "failure", reason: "RateLimited", wait: 1000, coarse: true }),
  "rate-limit-retry-info": fails("RateLimited", 1000),
  "rate-limit-bare": fails("RateLimited", "none"),
  quota: fails("QuotaExhausted"),
  "server-error": fails("ServerError"),
  // Google's status object for a 502 is the one of its 503
  "bad-gateway": { openai: fails("ServerError"), anthropic: fails("ServerError"), gemini: fails("Overloaded") },
  unavailable: fails("Overloaded"),
  "gateway-timeout": fails("ServerError"),
  overloaded: fails("Overloaded"),
  "context-length": fails("ContextLengthExceeded"),
  "content-policy": fails("ContentPolicy"),
  "unknown-model": fails("ModelUnavailable"),
  // the first two name something this model does not do; Google's sentence names nothing
  "invalid-request": {
    openai: fails("UnsupportedFeature"),
    anthropic: fails("UnsupportedFeature"),
    gemini: fails("InvalidRequest")
  },
  // the first to be asked is asked with words of the user's
  "prefill-refused": both(answers()),
  reset: both({ is: "failure", reason: "Network", mayBeStale: true }),
  "reset-after-headers": fails("Network"),
  silence: fails("Timeout"),
  "slow-first-token": fails("Timeout"),
  cut: { whole: failure("Network"), live: cut("Network") },
  "clean-cut": { whole: failure("MalformedResponse"), live: cut("MalformedResponse") },
  stall: { whole: failure("Timeout"), live: cut("Timeout") },
  "damaged-event": { whole: failure("MalformedResponse"), live: cut("MalformedResponse") },
  "missing-end": { whole: failure("MalformedResponse"), live: cut("MalformedResponse") },
  // the finish reason was seen: nothing of the answer is missing
  "no-done": both(answers()),
  empty: fails("MalformedResponse"),
  html: fails("MalformedResponse"),
  "html-bad-gateway": fails("ServerError"),
  trickle: both(answers()),
  "error-body": fails("Overloaded"),
  "error-event": fails("Overloaded"),
  "error-event-late": { whole: failure("Overloaded"), live: cut("Overloaded") },
  filtered: both(answers("filtered")),
  refusal: both(answers("refused")),
  // these differ only where something is asked for that the first to be asked is not asked for
  restarts: both(answers()),
  overlaps: both(answers()),
  "off-schema": both(answers()),
  "loose-json": both(answers())
}

/** A fault with its parameters, and what is expected of it. */
export interface Entry {
  readonly fault: FaultName
  readonly parameters: FaultParameters
  readonly expected: Expected
}

/** The same faults with other parameters. */
const variants: ReadonlyArray<readonly [fault: FaultName, parameters: FaultParameters, expected: Expected]> = [
  ["rate-limit", { retryAfter: 30 }, fails("RateLimited", 30_000)],
  ["rate-limit-millis", { retryAfter: 0.02 }, fails("RateLimited", 20)],
  ["rate-limit-retry-info", { retryAfter: 40 }, fails("RateLimited", 40_000)],
  ["quota", { status: 402 }, fails("QuotaExhausted")],
  ["content-policy", { code: "invalid_prompt" }, fails("ContentPolicy")],
  ["content-policy", { code: "content_policy_violation" }, fails("ContentPolicy")],
  ["slow-first-token", { delayMillis: 20 }, both(answers())],
  // only OpenAI's sentence says when to come back
  [
    "error-body",
    { status: 429 },
    {
      openai: fails("RateLimited", 1000),
      anthropic: fails("RateLimited", "none"),
      gemini: fails("RateLimited", "none")
    }
  ],
  ["error-body", { status: 500 }, fails("ServerError")],
  ["error-event", { status: 500 }, fails("ServerError")],
  ["error-event-late", { status: 500 }, { whole: failure("ServerError"), live: cut("ServerError") }],
  ["cut", { afterChunks: 0 }, fails("Network")],
  ["cut", { afterChunks: 1 }, { whole: failure("Network"), live: cut("Network") }],
  ["cut", { afterChunks: 12 }, { whole: failure("Network"), live: cut("Network") }],
  ["clean-cut", { afterChunks: 0 }, fails("MalformedResponse")],
  ["stall", { afterChunks: 0 }, fails("Timeout")],
  ["damaged-event", { afterChunks: 0 }, fails("MalformedResponse")]
]

/** Every fault of the simulators' list, then the variants. */
export const entries: ReadonlyArray<Entry> = [
  ...Object.entries(expected).map(
    // the keys of `expected` are the faults' names
    ([fault, row]): Entry => ({ fault: fault as FaultName, parameters: {}, expected: row })
  ),
  ...variants.map(([fault, parameters, row]): Entry => ({ fault, parameters, expected: row }))
]

export const rowOf = (entry: Entry, wire: Wire): Row =>
  "whole" in entry.expected ? entry.expected : entry.expected[wire]

/** `cut (afterChunks 1)`. */
export const nameOf = ({ fault, parameters }: Entry): string =>
  fault +
  Object.entries(parameters)
    .map(([name, value]) => ` (${name} ${value})`)
    .join("")

/** What those who go on after a cut may do wrong themselves. */
export const backupFaults = [undefined, "prefill-refused", "restarts", "overlaps"] as const
export type BackupFault = (typeof backupFaults)[number]

/**
 * Does what they go on with join what was shown? Nothing new is no continuation, and where only the end is missing
 * there is nothing new; after one word nobody can tell whether that word comes again or begins anew.
 */
export const joins = ({ fault, parameters }: Entry, by: BackupFault): boolean =>
  fault !== "missing-end" && !((by === "restarts" || by === "overlaps") && parameters.afterChunks === 1)

/** The HTTP status of a failure that nobody made good; Anthropic's dialect has some of its own (`statusIn`). */
export const statusOf: { readonly [T in ReasonTag]: number } = {
  RateLimited: 429,
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
