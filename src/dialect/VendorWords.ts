/**
 * The vendor's own error, where it is told to the caller as it came.
 *
 * A failure that is about the caller's request (an invalid field, a context that is too long) and comes from a vendor of
 * the caller's own dialect is best told in the vendor's words: programs match on its codes. What is about the operator's
 * account (keys, quotas, rate limits) is always told in the gateway's.
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

/** The vendor's error for a caller of `dialect`, or `undefined` where the gateway speaks for itself. */
export const vendorWords = ({ reason }: GatewayError, dialect: DialectId): ErrorWire | undefined => {
  if (reason._tag !== "AllFailed" && reason._tag !== "CutShort") return undefined
  const { _tag } = reason._tag === "AllFailed" ? reason.first : reason.reason
  return reason.wire?.dialect === dialect && aboutTheRequest.has(_tag) ? reason.wire : undefined
}
