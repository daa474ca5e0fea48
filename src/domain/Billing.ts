/**
 * Which failures surely cost nothing: neither money nor tokens of a limit.
 *
 * @module
 */
import type { ProviderError, ReasonTag } from "./ProviderError.ts"

/**
 * A refusal by which nobody was billed as long as nothing was written. A content filter has read the prompt, and some
 * vendors charge for that, so it is not among them.
 */
const unbilledRefusals: ReadonlySet<ReasonTag> = new Set<ReasonTag>([
  "RateLimited",
  "QuotaExhausted",
  "Overloaded",
  "AuthenticationFailed",
  "AccessDenied",
  "ModelUnavailable",
  "ContextLengthExceeded",
  "InvalidRequest",
  "UnsupportedFeature"
])

/** Was this failure surely not billed, given that nothing was written before it? */
export const isUnbilled = ({ reason }: ProviderError): boolean => {
  if (reason._tag === "Network") return !reason.sent
  if (reason._tag === "Timeout") return reason.limit === "connect"
  if (reason._tag === "ContentPolicy") return false
  return unbilledRefusals.has(reason._tag) || (reason.status !== undefined && reason.status >= 400)
}
