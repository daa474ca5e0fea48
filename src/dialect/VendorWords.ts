/**
 * The vendor's own error, where it is told to the caller as it came.
 *
 * A failure that is about the caller's request (an invalid field, a context that is too long) and comes from a vendor of
 * the caller's own dialect is best told in the vendor's words: programs match on its codes. So is the event by which
 * such a vendor ended a stream that was shown in part. What is about the operator's account (keys, quotas, rate limits)
 * is always told in the gateway's words.
 *
 * @module
 */
import type { GatewayError } from "../domain/GatewayError.ts"
import type { DialectId } from "../domain/Ids.ts"
import type { ErrorWire, ReasonTag } from "../domain/ProviderError.ts"

const aboutTheRequest: ReadonlySet<ReasonTag> = new Set<ReasonTag>([
  "InvalidRequest",
  "UnsupportedFeature",
  "ContextLengthExceeded",
  "ContentPolicy",
  "ModelUnavailable"
])

const aboutTheAccount: ReadonlySet<ReasonTag> = new Set<ReasonTag>([
  "RateLimited",
  "QuotaExhausted",
  "AuthenticationFailed",
  "AccessDenied"
])

/** The vendor's error for a caller of `dialect`, or `undefined` where the gateway speaks for itself. */
export const vendorWords = ({ reason }: GatewayError, dialect: DialectId): ErrorWire | undefined => {
  switch (reason._tag) {
    case "AllFailed":
      return reason.wire?.dialect === dialect && aboutTheRequest.has(reason.first._tag) ? reason.wire : undefined
    case "CutShort":
      return reason.wire?.dialect === dialect && !aboutTheAccount.has(reason.reason._tag) ? reason.wire : undefined
    default:
      return undefined
  }
}
