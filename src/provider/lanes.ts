/**
 * Ways to a vendor, built by its own SDK.
 *
 * The SDK makes a request once for every address it has (a path, or for Azure and Google a path a model); from it the
 * address and the headers are kept, authentication included, and used for every later request to that address. Nothing
 * in them changes from call to call: keys are fixed when a client is made, and retries are not the SDK's. So an SDK
 * costs a lookup a call instead of 20 to 35 µs, and the body is made into text once.
 *
 * @module
 */
import { Effect } from "effect"
import type { ChatRequest } from "../domain/ChatRequest.ts"
import type { Lane, Prepared } from "./Vendor.ts"
import { ProviderNotBuilt } from "./ProviderNotBuilt.ts"
import { endpointOf } from "./Exchange.ts"

/** Addresses kept at once, for vendors that have one a model: names come from callers. */
const remembered = 512

/** The SDKs are never to end a call: time limits are the walk's. In milliseconds; the most a timer can take. */
export const sdkTimeoutMillis = 2 ** 31 - 1

/** What an SDK would have sent. */
export interface Built {
  readonly url: string
  readonly headers: Headers
}

/**
 * A lane that asks `build` once for every `addressOf(model, delivery)`. What `build` throws is told in its own words,
 * which name neither key nor prompt: it is given neither.
 */
export const sdkLane = (
  addressOf: (wireModel: string, delivery: ChatRequest["delivery"]) => string,
  build: (wireModel: string, delivery: ChatRequest["delivery"]) => Promise<Built>
): Lane => {
  const known = new Map<string, Effect.Effect<Prepared>>()
  return {
    prepare: (wireModel, delivery) => {
      const address = addressOf(wireModel, delivery)
      return (
        known.get(address) ??
        Effect.map(
          Effect.tryPromise({
            try: () => build(wireModel, delivery),
            catch: (error) => (error instanceof Error ? error.message : "the vendor's SDK refuses the request")
          }),
          ({ headers, url }) => {
            const prepared: Prepared = { endpoint: endpointOf(url), headers: Object.fromEntries(headers) }
            const oldest = known.size >= remembered ? known.keys().next().value : undefined
            if (oldest !== undefined) known.delete(oldest)
            known.set(address, Effect.succeed(prepared))
            return prepared
          }
        )
      )
    }
  }
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
