/**
 * The list of faults a simulated vendor can have: what each one does, and the parameters it takes.
 *
 * A fault is chosen in one of two ways. By **model name**: a request whose model is `<model>--<fault>` or
 * `fault-<fault>` is answered with that fault, each time; parameters follow as `~name=value`
 * (`gpt-5.2--cut~afterChunks=5`). A suffix that names no fault is an error of the caller's, told so, never a healthy
 * answer. By **control**: `Simulator.setFault`, or `POST /control/faults`, for a vendor, a model, a number of times. A
 * model's name comes before the controls; of the controls the first that fits and is not used up is taken.
 *
 * What the vendors say for each error is in the wires' error files; what becomes of an answer's bytes is in `Script`.
 *
 * @module
 */
import { Result, Schema } from "effect"

/** Everything a fault can be told. Each fault's row says which of them it reads. */
export const FaultParameters = Schema.Struct({
  /** Seconds that the vendor asks to wait. */
  retryAfter: Schema.optionalKey(Schema.Finite.check(Schema.isGreaterThanOrEqualTo(0))),
  /** How many chunks that carry content come before the fault. */
  afterChunks: Schema.optionalKey(Schema.Int.check(Schema.isGreaterThanOrEqualTo(0))),
  delayMillis: Schema.optionalKey(Schema.Finite.check(Schema.isGreaterThanOrEqualTo(0))),
  tokensPerSecond: Schema.optionalKey(Schema.Finite.check(Schema.isGreaterThan(0))),
  /** The HTTP status, where vendors are known to use several for the same thing. */
  status: Schema.optionalKey(Schema.Int.check(Schema.isBetween({ minimum: 400, maximum: 599 }))),
  /** The vendor's code, where vendors are known to use several for the same thing. */
  code: Schema.optionalKey(Schema.String)
})
export type FaultParameters = typeof FaultParameters.Type

/** What a vendor can say is wrong. Each wire has its own status, headers and body for each (`wire.failure`). */
export const failureKinds = [
  "invalidKey",
  "banned",
  "deactivated",
  "country",
  "forbidden",
  "rateLimit",
  "quota",
  "internal",
  "badGateway",
  "unavailable",
  "gatewayTimeout",
  "overloaded",
  "contextLength",
  "contentPolicy",
  "unknownModel",
  "invalidRequest",
  "prefillRefused"
] as const
export type FailureKind = (typeof failureKinds)[number]

/** How a rate limit says when to come back. */
export type RetryHint = "seconds" | "millis" | "date" | "retryInfo" | "none"

/** What a fault does to a call. */
export type FaultAction =
  /** An HTTP error in place of an answer. */
  | { readonly _tag: "Failure"; readonly kind: FailureKind; readonly hint?: RetryHint }
  /** A vendor's error object where an answer was promised: the status is 200. */
  | { readonly _tag: "ErrorInside"; readonly place: "body" | "event" }
  /** The answer's bytes are damaged on their way. */
  | {
      readonly _tag: "Bytes"
      readonly how:
        | "reset"
        | "resetAfterHeaders"
        | "silence"
        | "slow"
        | "cut"
        | "cleanCut"
        | "stall"
        | "damaged"
        | "missingEnd"
        | "noMarker"
        | "empty"
        | "html"
        | "htmlBadGateway"
        | "trickle"
    }
  /** A whole and valid answer that says something else than what was wished for. */
  | {
      readonly _tag: "Speech"
      readonly how: "filtered" | "refusal" | "restarts" | "overlaps" | "offSchema" | "looseJson"
    }

interface FaultRow {
  readonly doc: string
  readonly action: FaultAction
  /** The parameters it reads, with what they are when not given. */
  readonly parameters: FaultParameters
}

const failure = (kind: FailureKind, doc: string, parameters: FaultParameters = {}, hint?: RetryHint): FaultRow => ({
  doc,
  action: hint === undefined ? { _tag: "Failure", kind } : { _tag: "Failure", kind, hint },
  parameters
})
const bytes = (
  how: Extract<FaultAction, { _tag: "Bytes" }>["how"],
  doc: string,
  parameters: FaultParameters = {}
): FaultRow => ({ doc, action: { _tag: "Bytes", how }, parameters })
const speech = (how: Extract<FaultAction, { _tag: "Speech" }>["how"], doc: string): FaultRow => ({
  doc,
  action: { _tag: "Speech", how },
  parameters: {}
})

/** The one list. The key is the fault's name. */
export const faults = {
  "invalid-key": failure("invalidKey", "The key is not one of the vendor's: 401 (Google: 400 API_KEY_INVALID)."),
  banned: failure("banned", "The account is disabled: 403 with the body the vendor has for it."),
  deactivated: failure(
    "deactivated",
    "As `banned`, with the status that the vendors were seen to use: OpenAI 401, Anthropic 400, Google 403."
  ),
  country: failure("country", "The vendor does not serve this country: 403 (Google: 400 FAILED_PRECONDITION)."),
  forbidden: failure("forbidden", "403: this account may not use this model."),
  "rate-limit": failure("rateLimit", "429 with Retry-After in seconds.", { retryAfter: 1 }, "seconds"),
  "rate-limit-millis": failure("rateLimit", "429 with retry-after-ms.", { retryAfter: 1 }, "millis"),
  "rate-limit-date": failure("rateLimit", "429 with Retry-After as an HTTP date.", { retryAfter: 1 }, "date"),
  "rate-limit-retry-info": failure(
    "rateLimit",
    "429 that says when to come back in its body alone: Google's RetryInfo; the other vendors in their sentence.",
    { retryAfter: 1 },
    "retryInfo"
  ),
  "rate-limit-bare": failure("rateLimit", "429 without a word about when to come back.", {}, "none"),
  quota: failure(
    "quota",
    "The account's money or quota is used up: OpenAI 429 insufficient_quota, Anthropic 400 credit balance too low " +
      "(with status 402 its billing_error), Google 429 with the violated daily quota."
  ),
  "server-error": failure("internal", "500 in the vendor's shape."),
  "bad-gateway": failure("badGateway", "502 in the vendor's shape."),
  unavailable: failure("unavailable", "503 in the vendor's shape."),
  "gateway-timeout": failure("gatewayTimeout", "504 in the vendor's shape."),
  overloaded: failure("overloaded", "Anthropic 529 overloaded_error; OpenAI and Google their own 503."),
  "context-length": failure("contextLength", "400: the input is longer than the model's window."),
  "content-policy": failure(
    "contentPolicy",
    "400: the prompt was refused by the vendor's filter. OpenAI's wire knows the codes content_filter (Azure's), " +
      "content_policy_violation and invalid_prompt.",
    { code: "content_filter" }
  ),
  "unknown-model": failure("unknownModel", "404: there is no such model."),
  "invalid-request": failure("invalidRequest", "400: some other parameter is not to the vendor's liking."),
  "prefill-refused": failure(
    "prefillRefused",
    "400, but only when the conversation ends with words of the assistant; else a healthy answer."
  ),
  reset: bytes("reset", "The connection is reset before any byte of an answer."),
  "reset-after-headers": bytes("resetAfterHeaders", "Status and headers, then the socket is destroyed."),
  silence: bytes("silence", "The request is accepted and never answered."),
  "slow-first-token": bytes("slow", "The first content (a whole answer altogether) comes after a delay.", {
    delayMillis: 3000
  }),
  cut: bytes("cut", "The socket is destroyed after some chunks (a whole body: half way).", { afterChunks: 3 }),
  "clean-cut": bytes(
    "cleanCut",
    "The body ends, by HTTP's rules in order, after some chunks (a whole body: half way).",
    {
      afterChunks: 3
    }
  ),
  stall: bytes("stall", "After some chunks nothing more comes; the connection stays open.", { afterChunks: 3 }),
  "damaged-event": bytes(
    "damaged",
    "After some chunks one that carries text is not valid JSON; the rest is in order.",
    {
      afterChunks: 3
    }
  ),
  "missing-end": bytes(
    "missingEnd",
    "All of the text, but neither a finish reason nor usage nor the end marker; the body ends in order."
  ),
  "no-done": bytes(
    "noMarker",
    "Finish reason and usage, but not the end marker ([DONE], message_stop). Gemini's wire has none to leave out."
  ),
  empty: bytes("empty", "200 with an empty body."),
  html: bytes("html", "200 with a web page in place of an answer."),
  "html-bad-gateway": bytes("htmlBadGateway", "502 with a web page, as a proxy before the vendor answers."),
  trickle: bytes("trickle", "Tokens come at a steady rate (a whole answer after all of them).", {
    tokensPerSecond: 50
  }),
  "error-body": {
    doc: "200 and, whether a stream was asked for or not, one JSON body that is the vendor's error object.",
    action: { _tag: "ErrorInside", place: "body" },
    parameters: {}
  },
  "error-event": {
    doc: "A 200 stream that breaks off with the vendor's error event before its first text (a whole answer: as error-body).",
    action: { _tag: "ErrorInside", place: "event" },
    parameters: { afterChunks: 0 }
  },
  "error-event-late": {
    doc: "A 200 stream that breaks off with the vendor's error event after some text (a whole answer: as error-body).",
    action: { _tag: "ErrorInside", place: "event" },
    parameters: { afterChunks: 3 }
  },
  filtered: speech("filtered", "A 200 whose answer was stopped by the filter: content_filter, refusal, SAFETY."),
  refusal: speech("refusal", "A 200 that refuses: message.refusal, stop_reason refusal, promptFeedback.blockReason."),
  restarts: speech("restarts", "Asked to continue, the model starts over from the first word."),
  overlaps: speech("overlaps", "Asked to continue, the model first repeats the last three words."),
  "off-schema": speech("offSchema", "Structured output without the schema's first required property."),
  "loose-json": speech("looseJson", "Structured output in a code fence, with a comma too many.")
} as const satisfies Readonly<Record<string, FaultRow>>

export type FaultName = keyof typeof faults
export const faultNames: ReadonlyArray<FaultName> = Object.keys(faults).filter(
  (name): name is FaultName => name in faults
)
const isFaultName = (name: string): name is FaultName => Object.hasOwn(faults, name)

/** A fault that is in force: what it does, and its parameters with the defaults filled in. */
export interface Fault {
  readonly name: FaultName
  readonly action: FaultAction
  readonly parameters: FaultParameters
}

/** The named fault with `parameters` over its defaults. */
export const faultOf = (name: FaultName, parameters: FaultParameters = {}): Fault => ({
  name,
  action: faults[name].action,
  parameters: { ...faults[name].parameters, ...parameters }
})

/** A fault set by a control call. */
export const FaultControl = Schema.Struct({
  fault: Schema.String.check(
    Schema.makeFilter((name: string) => isFaultName(name) || `one of the faults: ${faultNames.join(", ")}`)
  ),
  /** Absent: any vendor's calls. */
  vendor: Schema.optionalKey(Schema.String),
  /** Absent: any model's calls. */
  model: Schema.optionalKey(Schema.String),
  /** How many calls it falls on. Absent: all. */
  times: Schema.optionalKey(Schema.Int.check(Schema.isGreaterThanOrEqualTo(1))),
  ...FaultParameters.fields
})

/** The same as a value of the program's, its fault's name checked by the compiler. */
export interface FaultSetting extends FaultParameters {
  readonly fault: FaultName
  readonly vendor?: string
  readonly model?: string
  readonly times?: number
}

/** What a control call's body asks for, or a sentence on what is wrong with it. */
export const decodeFaultSetting = (body: unknown): Result.Result<FaultSetting, string> =>
  Result.flatMap(
    Result.mapError(Schema.decodeUnknownResult(FaultControl)(body), (error) => error.message),
    ({ fault, ...rest }) =>
      isFaultName(fault) ? Result.succeed({ ...rest, fault }) : Result.fail(`There is no fault called ${fault}`)
  )

/** In UTF-16 code units: as long as the names that a gateway passes on. */
const longestModel = 256

/** What follows the dashes. Its parts share no character, so that it is read once from left to right. */
const suffix = /^([a-z][a-z-]*)((?:~[a-zA-Z]+=[^~]*)*)$/

interface Asked {
  readonly base: string
  readonly name: string
  readonly settings: string
}

/** A model's name taken apart at its last dashes that a suffix follows. */
const askedOf = (model: string): Asked | undefined => {
  for (let at = model.lastIndexOf("--"); at > 0; at = model.lastIndexOf("--", at - 1)) {
    const [, name, settings] = suffix.exec(model.slice(at + 2)) ?? []
    if (name !== undefined && settings !== undefined) return { base: model.slice(0, at), name, settings }
  }
  const [, name, settings] = model.startsWith("fault-") ? (suffix.exec(model.slice("fault-".length)) ?? []) : []
  return name === undefined || settings === undefined ? undefined : { base: model, name, settings }
}

const decodeParameters = Schema.decodeUnknownResult(FaultParameters)

/**
 * The fault that a model's name asks for, and the name without it. `undefined` where the name asks for none; a sentence
 * where it asks for something that does not exist.
 */
export const faultInModel = (
  model: string
): Result.Result<{ readonly model: string; readonly fault: Fault } | undefined, string> => {
  if (model.length > longestModel) return Result.fail(`A model's name has at most ${longestModel} characters here`)
  const asked = askedOf(model)
  if (asked === undefined) return Result.succeed(undefined)
  const { base, name, settings } = asked
  if (!isFaultName(name)) return Result.fail(`The simulator knows no fault called '${name}'`)
  const given: Record<string, string | number> = {}
  for (const setting of settings.split("~").slice(1)) {
    const [key = "", value = ""] = setting.split("=")
    if (!Object.hasOwn(FaultParameters.fields, key)) return Result.fail(`A fault has no parameter called '${key}'`)
    given[key] = key === "code" ? value : Number(value)
  }
  return Result.map(
    Result.mapError(decodeParameters(given), (error) => error.message),
    (parameters) => ({ model: base, fault: faultOf(name, parameters) })
  )
}
