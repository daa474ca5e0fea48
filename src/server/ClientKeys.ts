/**
 * Where a request bears its key, and whose it is; and the check of the admin key, in constant time.
 *
 * @module
 */
import { type Clock, type Context, Redacted, type Result } from "effect"
import { createHash, timingSafeEqual } from "node:crypto"
import type { HeaderMap } from "../dialect/Dialect.ts"
import type { GatewayError } from "../domain/GatewayError.ts"
import type { Caller } from "../domain/RequestContext.ts"
import type { ClientKeys as KnownKeys } from "../keys/ClientKeys.ts"

export interface ClientKeys {
  /** Does a request need a key at this moment? */
  readonly required: boolean
  readonly authenticate: (headers: HeaderMap) => Result.Result<Caller, GatewayError>
}

/** The keys in force, by what requests bear. */
export const clientKeys = (known: Context.Service.Shape<typeof KnownKeys>, clock: Clock.Clock): ClientKeys => ({
  get required() {
    return known.required()
  },
  authenticate: (headers) => known.authenticate(presentedKeys(headers), clock.currentTimeMillisUnsafe())
})

/** A check of one secret, for the admin key. */
export const secretCheck = (secret: Redacted.Redacted<string>): ((headers: HeaderMap) => boolean) => {
  const digest = digestOf(Redacted.value(secret))
  return (headers) => {
    let found = false
    for (const key of presentedKeys(headers)) if (timingSafeEqual(digest, digestOf(key))) found = true
    return found
  }
}

/** The check of the key in force; a new one is made when the key has changed. */
export const latestSecretCheck = (): ((key: Redacted.Redacted<string>, headers: HeaderMap) => boolean) => {
  let known: { readonly key: Redacted.Redacted<string>; readonly check: (headers: HeaderMap) => boolean } | undefined
  return (key, headers) => {
    if (known?.key !== key) known = { key, check: secretCheck(key) }
    return known.check(headers)
  }
}

/** Where the vendors' SDKs put their key; some send two of them. */
const presentedKeys = (headers: HeaderMap): ReadonlyArray<string> => {
  const keys: Array<string> = []
  const bearer = /^bearer +(\S+) *$/i.exec(headers["authorization"] ?? "")?.[1]
  if (bearer !== undefined) keys.push(bearer)
  for (const name of ["x-api-key", "x-goog-api-key"]) {
    const key = headers[name]
    if (key !== undefined && key !== "") keys.push(key)
  }
  return keys
}

const digestOf = (key: string): Uint8Array => createHash("sha256").update(key, "utf8").digest()
