/**
 * What every simulated wire can do: hear a request as its vendor would, say an answer, say an error.
 *
 * @module
 */
import type { Json } from "../domain/Json.ts"
import type { FailureKind, FaultParameters, RetryHint } from "./Faults.ts"
import type { LimitHeaders } from "./Limits.ts"
import type { Chunk, Reply } from "./Script.ts"
import type { Ask, Speech } from "./Speech.ts"

/** A request as it came, its path without the vendor's prefix. */
export interface Incoming {
  readonly vendor: string
  readonly method: string
  readonly path: string
  readonly query: URLSearchParams
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
}

/** What the simulator knows about this call besides the request. */
export interface Session {
  /** The number of the call, counted from 1. */
  readonly call: number
  /** Letters and digits that no other call has; ids are made of it. */
  readonly id: string
  readonly nowMillis: number
  /** The keys that are taken; absent: any that is not empty. */
  readonly keys: ReadonlyArray<string> | undefined
  readonly models: ReadonlyArray<string>
}

/** An answer that is no model's: an error, a list. */
export interface Plain {
  readonly _tag: "Plain"
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: Json
}

/** A question for a model. */
export interface Asked {
  readonly _tag: "Asked"
  readonly ask: Ask
  readonly streaming: boolean
  readonly reply: (ask: Ask, speech: Speech) => Reply
  /** An error's body as this call would get it with an error's status. */
  readonly errorBody: (error: Plain) => string
  /** An error as an event of this call's stream. */
  readonly errorChunk: (error: Plain, first: boolean) => string
}

export interface FailureContext {
  readonly session: Session
  readonly vendor: string
  readonly model: string
  readonly key: string
  readonly parameters: FaultParameters
  readonly hint: RetryHint | undefined
}

export interface Wire {
  /** What stands between the vendor's address and what an SDK takes as its base URL. */
  readonly baseSuffix: string
  readonly limitHeaders: LimitHeaders
  readonly models: ReadonlyArray<string>
  readonly hear: (incoming: Incoming, session: Session) => Plain | Asked
  readonly failure: (kind: FailureKind, context: FailureContext) => Plain
}

/** A piece of a stream. */
export const chunk = (kind: Chunk["kind"], data: string): Chunk => ({ kind, data })

/** Retry-After and its kin, in whole seconds where the header knows no fractions. */
export const retryHeaders = (context: FailureContext): Readonly<Record<string, string>> => {
  const seconds = context.parameters.retryAfter ?? 1
  switch (context.hint) {
    case "seconds":
      return { "retry-after": String(Math.ceil(seconds)) }
    case "millis":
      return { "retry-after-ms": String(Math.round(seconds * 1000)) }
    case "date":
      return { "retry-after": new Date(context.session.nowMillis + seconds * 1000).toUTCString() }
    default:
      return {}
  }
}

/** A key as vendors show it in an error. */
export const maskKey = (key: string): string =>
  key.length < 12 ? "*".repeat(key.length) : `${key.slice(0, 3)}${"*".repeat(8)}${key.slice(-4)}`

/** The characters that usage is reckoned from. Base64 data is left out: images are counted apart. */
export const countedCharacters = (body: Json): number =>
  JSON.stringify(body, (key, value: unknown) =>
    typeof value === "string" && (key === "data" || value.startsWith("data:")) ? "" : value
  ).length

/** The headers that carry a caller's credentials. */
export const credentialHeaders: ReadonlySet<string> = new Set([
  "authorization",
  "x-api-key",
  "x-goog-api-key",
  "api-key"
])
