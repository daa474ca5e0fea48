/**
 * How a vendor's failures become `ProviderError`s: the network's, an HTTP status', those inside a 200.
 *
 * @module
 */
import { Clock, Effect } from "effect"
import type { DecodeFault, HeaderMap } from "../dialect/Dialect.ts"
import { isJsonObject, type Json, parseJson } from "../domain/Json.ts"
import { type ErrorWire, ProviderError, type Reason } from "../domain/ProviderError.ts"
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
  /** What a status outside 200–299 tells, with its body. `added`: the field was put there by us, not by the caller. */
  readonly refused: (
    model: string,
    status: number,
    headers: HeaderMap,
    text: string,
    added?: (field: string) => boolean
  ) => Fails
  /** What a 200 holds instead of an answer. */
  readonly inside: (model: string, fault: DecodeFault, headers: HeaderMap) => Fails
}

/** What the network's fault means. */
export const networkReason = (fault: TransportFault): Reason => {
  const detail = { message: fault.message, ...(fault.code === undefined ? {} : { code: fault.code }) }
  switch (fault.kind) {
    case "connectTimeout":
      return { _tag: "Timeout", ...detail, limit: "connect" }
    case "protocol":
    case "tooLarge":
      return { _tag: "MalformedResponse", ...detail }
    default:
      return {
        _tag: "Network",
        ...detail,
        sent: fault.sent,
        ...(fault.kind === "reset" && fault.sent && fault.reused ? { stale: true } : undefined)
      }
  }
}

const byUs = "Switchyard wrote it for this provider"

export const makeFailures = (vendor: Pick<Vendor, "id" | "dialect" | "errors" | "secrets" | "typed">): Failures => {
  const fail = (model: string, reason: Reason, wire?: ErrorWire): Fails =>
    Effect.suspend(() =>
      Effect.fail(
        new ProviderError({ provider: vendor.id, model, reason, ...(wire === undefined ? undefined : { wire }) })
      )
    )

  /** The body as it came, unless it shows one of the provider's keys. */
  const wireOf = (status: number | undefined, body: Json | undefined): ErrorWire | undefined => {
    if (!isJsonObject(body)) return undefined
    const text = JSON.stringify(body)
    if (vendor.secrets.some((secret) => text.includes(secret))) return undefined
    return { dialect: vendor.dialect.id, body, ...(status === undefined ? undefined : { status }) }
  }

  const classified = (
    model: string,
    facts: ErrorFacts,
    headers: HeaderMap,
    wire: ErrorWire | undefined,
    added: (field: string) => boolean = () => false
  ): Fails =>
    Clock.clockWith((clock) => {
      const reason = classify(vendor.errors, { facts, headers }, vendor.secrets, clock.currentTimeMillisUnsafe())
      const [field] = facts.param?.split(/[.[]/) ?? []
      const isOurs =
        (reason._tag === "UnsupportedFeature" || reason._tag === "InvalidRequest") &&
        field !== undefined &&
        added(field)
      // in the vendor's own words alone it would be a field that the caller never wrote
      return isOurs
        ? fail(model, { ...reason, message: `${reason.message} ('${facts.param}' is not the caller's: ${byUs})` })
        : fail(model, reason, wire)
    })

  const malformed: Failures["malformed"] = (model, message, status) =>
    fail(model, { _tag: "MalformedResponse", message, ...(status === undefined ? {} : { status }) })

  return {
    fail,
    malformed,
    network: (model, fault) => fail(model, networkReason(fault)),
    refused: (model, status, headers, text, added) => {
      const body = parseJson(text)
      const facts = readErrorFacts(status, body)
      const typed = body === undefined ? [] : vendor.typed(status, body)
      return classified(
        model,
        { ...facts, codes: [...new Set([...typed, ...facts.codes])] },
        headers,
        wireOf(status, body),
        added
      )
    },
    inside: (model, fault, headers) =>
      fault._tag === "Malformed"
        ? malformed(model, fault.message)
        : classified(model, readErrorFacts(undefined, fault.body), headers, wireOf(undefined, fault.body))
  }
}
