/**
 * How a vendor's failures become `ProviderError`s: the network's, an HTTP status', those inside a 200.
 *
 * @module
 */
import { Clock, Effect } from "effect"
import type { DecodeFault, HeaderMap } from "../dialect/Dialect.ts"
import { parseJson } from "../domain/Json.ts"
import { ProviderError, type Reason } from "../domain/ProviderError.ts"
import { classify } from "./errors/classify.ts"
import { type ErrorFacts, readErrorFacts } from "./errors/ErrorFacts.ts"
import type { TransportFault } from "./TransportFault.ts"
import type { Vendor } from "./Vendor.ts"

/** Always a failure; the error is made when it is run. */
type Fails = Effect.Effect<never, ProviderError>

export interface Failures {
  readonly fail: (model: string, reason: Reason) => Fails
  /** An answer that is none. */
  readonly malformed: (model: string, message: string, status?: number) => Fails
  readonly network: (model: string, fault: TransportFault) => Fails
  /** What a status outside 200–299 tells, with its body. */
  readonly refused: (model: string, status: number, headers: HeaderMap, text: string) => Fails
  /** What a 200 holds instead of an answer. */
  readonly inside: (model: string, fault: DecodeFault, headers: HeaderMap) => Fails
}

const networkReason = (fault: TransportFault): Reason => {
  const detail = { message: fault.message, ...(fault.code === undefined ? {} : { code: fault.code }) }
  switch (fault.kind) {
    case "connectTimeout":
      return { _tag: "Timeout", ...detail, limit: "connect" }
    case "protocol":
    case "tooLarge":
      return { _tag: "MalformedResponse", ...detail }
    default:
      return { _tag: "Network", ...detail, sent: fault.sent }
  }
}

export const makeFailures = (vendor: Pick<Vendor, "id" | "errors" | "secrets" | "typed">): Failures => {
  const fail: Failures["fail"] = (model, reason) =>
    Effect.suspend(() => Effect.fail(new ProviderError({ provider: vendor.id, model, reason })))

  const classified = (model: string, facts: ErrorFacts, headers: HeaderMap): Fails =>
    Clock.clockWith((clock) =>
      fail(model, classify(vendor.errors, { facts, headers }, vendor.secrets, clock.currentTimeMillisUnsafe()))
    )

  const malformed: Failures["malformed"] = (model, message, status) =>
    fail(model, { _tag: "MalformedResponse", message, ...(status === undefined ? {} : { status }) })

  return {
    fail,
    malformed,
    network: (model, fault) => fail(model, networkReason(fault)),
    refused: (model, status, headers, text) => {
      const body = parseJson(text)
      const facts = readErrorFacts(status, body)
      const typed = body === undefined ? [] : vendor.typed(status, body)
      return classified(model, { ...facts, codes: [...new Set([...typed, ...facts.codes])] }, headers)
    },
    inside: (model, fault, headers) =>
      fault._tag === "Malformed"
        ? malformed(model, fault.message)
        : classified(model, readErrorFacts(undefined, fault.body), headers)
  }
}
