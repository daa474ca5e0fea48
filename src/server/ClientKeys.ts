/**
 * Who is calling: client keys, compared as SHA-256 digests in constant time.
 *
 * Without keys (a loopback listener only, see `Listener.ts`) everybody is the anonymous caller. A caller's key is
 * looked at here and nowhere else; it is neither logged nor sent on.
 *
 * @module
 */
import { Redacted, Result } from "effect"
import { createHash, timingSafeEqual } from "node:crypto"
import type { ClientKey, Settings } from "../config/Settings.ts"
import type { HeaderMap } from "../dialect/Dialect.ts"
import { type GatewayError, gatewayError } from "../domain/GatewayError.ts"
import { anonymous, type Caller } from "../domain/RequestContext.ts"

export interface ClientKeys {
  /** Are there any keys at all? */
  readonly required: boolean
  readonly authenticate: (headers: HeaderMap) => Result.Result<Caller, GatewayError>
}

/** Takes the keys of the config and keeps their digests here; the settings hold the keys themselves, redacted. */
export const clientKeys = (keys: ReadonlyArray<ClientKey>): ClientKeys => {
  const known = keys.map((key) => ({
    digest: digestOf(Redacted.value(key.key)),
    caller: {
      name: key.name,
      tenant: key.tenant,
      priority: key.priority,
      allow: key.allow,
      ...(key.region === undefined ? undefined : { region: key.region })
    } satisfies Caller
  }))
  return {
    required: known.length > 0,
    authenticate: (headers) => {
      if (known.length === 0) return Result.succeed(anonymous)
      const presented = presentedKeys(headers)
      if (presented.length === 0) return Result.fail(unauthorized(missing))
      let caller: Caller | undefined
      for (const key of presented) {
        const digest = digestOf(key)
        // every key is compared, so that the time taken does not tell which one came near
        for (const candidate of known) {
          if (timingSafeEqual(candidate.digest, digest) && caller === undefined) caller = candidate.caller
        }
      }
      return caller === undefined ? Result.fail(unauthorized(wrong)) : Result.succeed(caller)
    }
  }
}

/** The keys in force: a set that is replaced is digested once. */
export const liveClientKeys = (settings: () => Settings): ClientKeys => {
  let from: ReadonlyArray<ClientKey> | undefined
  let keys = clientKeys([])
  const current = (): ClientKeys => {
    const { keys: configured } = settings()
    if (configured !== from) {
      from = configured
      keys = clientKeys(configured)
    }
    return keys
  }
  return {
    get required() {
      return current().required
    },
    authenticate: (headers) => current().authenticate(headers)
  }
}

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

const missing =
  "No API key was given. Send one of this gateway's client keys as 'Authorization: Bearer …' or in the 'x-api-key' header"
const wrong = "The API key is not one of this gateway's client keys"

const unauthorized = (message: string): GatewayError => gatewayError({ _tag: "Unauthorized", message })

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
