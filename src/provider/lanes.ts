/**
 * Ways to a vendor, built by its own SDK.
 *
 * The SDK makes a request once for every address it has (a path, or for Azure and Google a path a model); from it the
 * address and the headers are kept, authentication included, and used for every later request to that address. Nothing
 * in them changes from call to call: keys are fixed when a client is made, and retries are not the SDK's. So an SDK
 * costs a lookup a call instead of 20 to 35 µs, and the body is made into text once.
 *
 * Gotcha: where the path holds the model, a caller writes into an address that is asked under the operator's key. So a
 * lane knows beforehand which path a request must go to, and an address that an SDK (or the URL's own rules for `..`,
 * `#` and `?`) made into another one is never asked.
 *
 * @module
 */
import { Effect, Redacted } from "effect"
import { fingerprintOf } from "../config/fingerprint.ts"
import type { ProviderSpec } from "../config/ProviderSpec.ts"
import type { ChatRequest } from "../domain/ChatRequest.ts"
import { Recent } from "../machine/Recent.ts"
import type { Lane, Prepared } from "./Vendor.ts"
import { ProviderNotBuilt } from "./ProviderNotBuilt.ts"
import { endpointOf } from "./Exchange.ts"

/** Addresses kept at once, for vendors that have one a model: names come from callers (and are of limited length). */
const remembered = 512

/** The SDKs are never to end a call: time limits are the walk's. In milliseconds; the most a timer can take. */
export const sdkTimeoutMillis = 2 ** 31 - 1

/** What an SDK would have sent. */
export interface Built {
  readonly url: string
  readonly headers: Headers
}

/** The path that a request must go to, without a query; `undefined` for a name that no path may hold. */
export type PathOf = (wireModel: string, delivery: ChatRequest["delivery"]) => string | undefined

/** `path` below the path of a base URL. */
export const below = (baseUrl: string, path: string): string =>
  (URL.parse(baseUrl)?.pathname ?? "").replace(/\/+$/, "") + path

/**
 * A lane that asks `build` once for every path. What `build` throws is told in its own words, which name neither key
 * nor prompt: it is given neither.
 */
export const sdkLane = (
  apiKey: string | undefined,
  pathOf: PathOf,
  build: (wireModel: string, delivery: ChatRequest["delivery"]) => Promise<Built>
): Lane => {
  const known = new Recent<string, Effect.Effect<Prepared>>()
  return {
    credential: apiKey === undefined ? undefined : fingerprintOf(apiKey),
    prepare: (wireModel, delivery) => {
      const path = pathOf(wireModel, delivery)
      if (path === undefined) return Effect.fail(notAName)
      return (
        known.get(path) ??
        Effect.flatMap(
          Effect.tryPromise({
            try: () => build(wireModel, delivery),
            catch: (error) => (error instanceof Error ? error.message : "the vendor's SDK refuses the request")
          }),
          ({ headers, url }) => {
            const endpoint = endpointOf(url)
            if (endpoint.path.split("?", 1)[0] !== path) return Effect.fail(notAName)
            // what is not asked for need not be undone, which nothing here could
            const prepared: Prepared = {
              endpoint,
              headers: { ...Object.fromEntries(headers), "accept-encoding": "identity" }
            }
            known.set(path, Effect.succeed(prepared))
            known.shrink(remembered)
            return Effect.succeed(prepared)
          }
        )
      )
    }
  }
}

const notAName = "the model's name is not one that this vendor's addresses can hold"

/** Headers by whose names credentials are known. */
const credentialHeader = /auth|key|token|secret|credential|password|cookie/i
/** Shorter values are words rather than credentials, and would be found all over an error's text. */
const shortestSecret = 8

/** What no message may show: the keys, and the credentials among the config's own headers. */
export const secretsOf = ({ apiKeys, headers }: ProviderSpec): ReadonlyArray<string> => {
  const secrets = new Set(apiKeys.map(Redacted.value))
  for (const [name, value] of Object.entries(headers)) {
    if (!credentialHeader.test(name)) continue
    // `Bearer abc`: a vendor may echo the credential without its scheme
    for (const secret of [value, value.replace(/^\S+ +/, "")]) if (secret.length >= shortestSecret) secrets.add(secret)
  }
  return [...secrets]
}

/** Load a vendor's SDK, only now that a provider needs it. */
export const loadSdk = <A>(
  provider: string,
  name: string,
  load: () => Promise<A>
): Effect.Effect<A, ProviderNotBuilt> =>
  Effect.tryPromise({
    try: load,
    catch: () => new ProviderNotBuilt({ provider, message: `the package ${name} could not be loaded` })
  })

/** Make something with an SDK that throws on what it does not like (an address that is none). */
export const makeWithSdk = <A>(provider: string, make: () => A): Effect.Effect<A, ProviderNotBuilt> =>
  Effect.try({
    try: make,
    catch: () => new ProviderNotBuilt({ provider, message: "the vendor's SDK does not accept this configuration" })
  })
