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
import { isJsonObject } from "../domain/Json.ts"
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

/**
 * The error as a caller of `dialect` understands it. Both dialects' SDKs know an error by its `error` object; some
 * compatible vendors have another shape, which in a stream would pass for one message more.
 */
const understood = (wire: ErrorWire | undefined, dialect: DialectId): ErrorWire | undefined => {
  if (wire?.dialect !== dialect) return undefined
  const error = wire.body["error"]
  return isJsonObject(error) && typeof error["message"] === "string" && error["message"] !== "" ? wire : undefined
}

/** The vendor's error for a caller of `dialect`, or `undefined` where the gateway speaks for itself. */
export const vendorWords = ({ reason }: GatewayError, dialect: DialectId): ErrorWire | undefined => {
  switch (reason._tag) {
    case "AllFailed":
      return aboutTheRequest.has(reason.first._tag) ? understood(reason.wire, dialect) : undefined
    case "CutShort":
      return aboutTheAccount.has(reason.reason._tag) ? undefined : understood(reason.wire, dialect)
    default:
      return undefined
  }
}
