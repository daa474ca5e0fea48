/**
 * The rows every table ends with: what an HTTP status means by itself, and words that many vendors share.
 *
 * @module
 */
import type { ErrorTable } from "./ErrorRow.ts"

/** Context errors in the words of servers that give them no code. */
export const contextWords: ErrorTable = [
  {
    status: [400, 413, 422],
    message: /maximum context length|context[_ ]length|context window/i,
    is: "ContextLengthExceeded"
  },
  {
    status: [400, 413, 422],
    message: /prompt is too long|(?:input|prompt).{0,40} too (?:long|large)/i,
    is: "ContextLengthExceeded"
  },
  {
    status: [400, 413, 422],
    message: /exceeds? the (?:maximum|max) number of (?:input )?tokens/i,
    is: "ContextLengthExceeded"
  },
  {
    status: [400, 413, 422],
    message: /reduce the length of the (?:messages|prompt|input)/i,
    is: "ContextLengthExceeded"
  },
  { status: [400, 413, 422], message: /current length is \d+ while limit is \d+/i, is: "ContextLengthExceeded" },
  { status: [400, 413, 422], message: /tokens.{0,40}must be <= ?\d+/i, is: "ContextLengthExceeded" },
  {
    status: [400, 413, 422],
    message: /exceeds the available context size|context (?:the )?overflows?/i,
    is: "ContextLengthExceeded"
  }
]

/** What a model cannot do, in the words of servers that give it no code. */
export const featureWords: ErrorTable = [
  {
    status: [400, 404, 422],
    message: /(?:does not|doesn't|not) support (?:tools|tool (?:use|calls?|calling)|function.?call)/i,
    is: "UnsupportedFeature",
    feature: "tools"
  },
  {
    status: [400, 404, 422],
    message:
      /(?:does not|doesn't|not) support (?:image|vision|multimodal)|image(?:_url)?(?: input)? is (?:only|not) supported/i,
    is: "UnsupportedFeature",
    feature: "images"
  },
  {
    status: [400, 422],
    message: /(?:does not|doesn't|not) support (?:response[_ ]format|json[_ ](?:schema|mode)|structured output)/i,
    is: "UnsupportedFeature",
    feature: "response_format"
  },
  {
    status: [400, 422],
    message: /(?:does not|doesn't|not) support (?:thinking|reasoning)\b/i,
    is: "UnsupportedFeature",
    feature: "thinking"
  },
  // a field that the vendor does not know, or not of this model; which one: `params.ts`
  {
    status: [400, 422],
    message:
      /property '.{1,200}' is unsupported|argument not supported on this model|unrecognized request argument|extra inputs are not permitted/i,
    is: "UnsupportedFeature"
  },
  {
    status: [400, 422],
    message: /(?:does not|doesn't|not) support (?:assistant message )?prefill/i,
    is: "UnsupportedFeature",
    feature: "prefill"
  }
]

/** A model that is not there, in the words of servers that give it no code. */
export const modelWords: ErrorTable = [
  { status: [404, 410], message: /\bmodel\b.{0,160}(?:not found|not exist|unknown|retired)/i, is: "ModelUnavailable" },
  { status: [404, 410], message: /(?:unknown|no such|invalid) model\b/i, is: "ModelUnavailable" }
]

/**
 * The status alone: the last rows of every table. A body of an error that is none of these is an invalid request. What
 * a status alone says of an account, a key or a model may be about one request only, so those rows are unspecific.
 */
export const byStatus: ErrorTable = [
  { status: 401, is: "AuthenticationFailed", unspecific: true },
  { status: 402, is: "QuotaExhausted" },
  { status: 403, is: "ModelDenied", unspecific: true },
  { status: [404, 410], is: "ModelUnavailable", unspecific: true },
  { status: 407, is: "ServerError" },
  { status: [408, 409, 425, 499], is: "ServerError" },
  { status: 429, is: "RateLimited" },
  { status: 451, is: "AccountDenied", unspecific: true },
  { status: 501, is: "UnsupportedFeature" },
  { status: [503, 529], is: "Overloaded" },
  { status: [400, 405, 411, 412, 413, 414, 415, 422, 424, 431], is: "InvalidRequest" }
]
