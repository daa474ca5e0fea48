/**
 * States of the health room as operators read them.
 *
 * @module
 */
import type { CircuitState } from "../machine/CircuitBreaker.ts"
import { isDurable, type QuarantineEntry } from "../machine/QuarantineEntry.ts"
import type { CircuitReport, QuarantineReport } from "./Operations.ts"

/** The states as they are told. */
export const circuitNames: { readonly [T in CircuitState["_tag"]]: CircuitReport["state"] } = {
  Closed: "closed",
  ForcedClosed: "closed",
  Open: "open",
  ForcedOpen: "open",
  HalfOpen: "halfOpen"
}

/** `recentFailures`: those that count at this moment. `now` in milliseconds since 1970. */
export const circuitReport = (
  key: string,
  state: CircuitState,
  recentFailures: number,
  now: number
): CircuitReport => ({
  key,
  state: circuitNames[state._tag],
  forced: state._tag === "ForcedOpen" ? "open" : state._tag === "ForcedClosed" ? "closed" : undefined,
  until: state._tag === "Open" ? state.until : undefined,
  notBefore: state.notBefore > now ? state.notBefore : undefined,
  recentFailures,
  openings: state.openings
})

/** `kept`: is there a database that it could outlast a restart in? */
export const quarantineReport = (entry: QuarantineEntry, kept: boolean): QuarantineReport => ({
  key: entry.key,
  scope: entry.scope,
  provider: entry.provider,
  model: entry.model,
  credential: entry.credential,
  reason: entry.reason._tag,
  message: entry.reason.message,
  source: entry.source,
  since: entry.since,
  recheckAt: entry.recheckAt,
  until: entry.until,
  durable: kept && isDurable(entry)
})
