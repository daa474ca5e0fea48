/**
 * Access tokens of a Google service account: signed for, kept, and fetched anew before they run out.
 *
 * The account's key signs an assertion, which the token endpoint that its file names exchanges for a token of an hour:
 * https://developers.google.com/identity/protocols/oauth2/service-account#httprest (RFC 7523, section 2.1). It is
 * fetched over the gateway's own transport and kept by its clock. Google's library does the same, but at a fixed
 * address, by the system's clock, with retries of its own, and with errors whose kind is lost.
 *
 * - Whoever finds a token old fetches the next one; those who ask meanwhile wait for it, and not for one each.
 * - A token that could not be renewed in time is used up to its end.
 *
 * @module
 */
import { Clock, Effect, Result, Semaphore } from "effect"
import { createPrivateKey, type KeyObject, sign } from "node:crypto"
import { isJsonObject, parseJson } from "../domain/Json.ts"
import type { Reason } from "../domain/ProviderError.ts"
import { type Endpoint, endpointOf } from "./Exchange.ts"
import { networkReason } from "./Failures.ts"
import type { Transport, WholeResponse } from "./Transport.ts"

export interface ServiceAccount {
  readonly email: string
  readonly key: KeyObject
  readonly keyId: string | undefined
  /** The project that the account belongs to, which need not be the one whose models it asks. */
  readonly project: string | undefined
  readonly tokenUri: string
}

const googleTokenUri = "https://oauth2.googleapis.com/token"
const scope = "https://www.googleapis.com/auth/cloud-platform"
const grantType = "urn:ietf:params:oauth:grant-type:jwt-bearer"
/** The most that an assertion may be good for, in seconds. */
const assertedSeconds = 3600
/** A token is renewed so long before its end, or at half of its time where that is later. In milliseconds. */
const marginMillis = 5 * 60_000
/** An answer of the token endpoint has about a kilobyte. */
const answerBytes = 64 * 1024

/** Is this the text of a key file rather than a key? */
export const isServiceAccount = (credential: string): boolean => credential.trimStart().startsWith("{")

/** The account of a key file's text, or what is wrong with it, in words that quote nothing of it. */
export const parseServiceAccount = (text: string): Result.Result<ServiceAccount, string> => {
  const file = parseJson(text)
  if (!isJsonObject(file)) return Result.fail("the service account is not JSON")
  const { client_email: email, private_key: pem, private_key_id: keyId, project_id: project, token_uri: uri } = file
  if (file["type"] !== "service_account" || typeof email !== "string" || typeof pem !== "string")
    return Result.fail("the service account is no key file of one (type, client_email, private_key)")
  const tokenUri = typeof uri === "string" ? uri : googleTokenUri
  if (!/^https?:$/.test(URL.parse(tokenUri)?.protocol ?? ""))
    return Result.fail("the service account's token_uri is no address")
  const key = privateKeyOf(pem)
  if (key === undefined) return Result.fail("the service account's private_key is not an RSA key")
  return Result.succeed({
    email,
    key,
    keyId: typeof keyId === "string" ? keyId : undefined,
    project: typeof project === "string" ? project : undefined,
    tokenUri
  })
}

const privateKeyOf = (pem: string): KeyObject | undefined => {
  try {
    const key = createPrivateKey(pem)
    return key.asymmetricKeyType === "rsa" ? key : undefined
  } catch {
    return undefined
  }
}

interface Held {
  readonly token: string
  /** Milliseconds since 1970. */
  readonly renewAt: number
  readonly endsAt: number
}

/** The account's token, fetched where there is none that is fresh. `learned` is told every new one before it is used. */
export const accessTokens = (
  account: ServiceAccount,
  transport: Transport["Service"],
  learned: (token: string) => void
): Effect.Effect<Effect.Effect<string, Reason>> =>
  Effect.map(Semaphore.make(1), (renewing) => {
    const endpoint = endpointOf(account.tokenUri)
    let held: Held | undefined

    const renewed = Clock.clockWith((clock): Effect.Effect<string, Reason> => {
      const now = clock.currentTimeMillisUnsafe()
      const old = held
      if (old !== undefined && now < old.renewAt) return Effect.succeed(old.token)
      const fetched = Effect.map(fetchToken(account, endpoint, transport, now), (next) => {
        learned(next.token)
        held = next
        return next.token
      })
      return old === undefined
        ? fetched
        : Effect.catch(fetched, (reason) =>
            clock.currentTimeMillisUnsafe() < old.endsAt ? Effect.succeed(old.token) : Effect.fail(reason)
          )
    })
    const renewedByOne = renewing.withPermits(1)(renewed)

    return Clock.clockWith((clock) =>
      held !== undefined && clock.currentTimeMillisUnsafe() < held.renewAt ? Effect.succeed(held.token) : renewedByOne
    )
  })

const fetchToken = (
  account: ServiceAccount,
  endpoint: Endpoint,
  transport: Transport["Service"],
  now: number
): Effect.Effect<Held, Reason> =>
  Effect.matchEffect(
    Effect.suspend(() =>
      transport.whole(
        {
          endpoint,
          method: "POST",
          headers: {
            "content-type": "application/x-www-form-urlencoded",
            accept: "application/json",
            "accept-encoding": "identity"
          },
          body: new URLSearchParams({ grant_type: grantType, assertion: assertionOf(account, now) }).toString()
        },
        answerBytes
      )
    ),
    {
      onFailure: (fault) => {
        const reason = networkReason(fault)
        // of the caller's own request nothing has gone out
        return Effect.fail<Reason>(reason._tag === "Network" ? { ...reason, sent: false } : reason)
      },
      onSuccess: (response) => Effect.fromResult(tokenOf(response, now))
    }
  )

/** The assertion that a token is given for: a JSON Web Token, signed with the account's key. */
const assertionOf = ({ email, key, keyId, tokenUri }: ServiceAccount, now: number): string => {
  const issued = Math.floor(now / 1000)
  const header = { alg: "RS256", typ: "JWT", ...(keyId === undefined ? {} : { kid: keyId }) }
  const claims = { iss: email, scope, aud: tokenUri, iat: issued, exp: issued + assertedSeconds }
  const signed = `${base64url(header)}.${base64url(claims)}`
  return `${signed}.${sign("RSA-SHA256", Buffer.from(signed), key).toString("base64url")}`
}

const base64url = (value: object): string => Buffer.from(JSON.stringify(value)).toString("base64url")

const tokenOf = ({ status, text }: WholeResponse, now: number): Result.Result<Held, Reason> => {
  const body = parseJson(text)
  const { access_token: token, error, expires_in: seconds } = isJsonObject(body) ? body : {}
  if (status === 200 && typeof token === "string" && token !== "" && typeof seconds === "number") {
    const lasts = seconds * 1000
    return Result.succeed({ token, renewAt: now + lasts - Math.min(marginMillis, lasts / 2), endsAt: now + lasts })
  }
  // the description may name the account; the code is one of RFC 6749's words
  const code = typeof error === "string" && /^[a-z_]{1,40}$/.test(error) ? error : undefined
  const detail = {
    message: `the token endpoint gave no token${code === undefined ? "" : ` (${code})`}`,
    status,
    ...(code === undefined ? {} : { code })
  }
  if (status === 429) return Result.fail({ _tag: "Overloaded", ...detail })
  if (status >= 500) return Result.fail({ _tag: "ServerError", ...detail })
  if (status >= 400) return Result.fail({ _tag: "AuthenticationFailed", ...detail })
  return Result.fail({ _tag: "MalformedResponse", ...detail })
}
