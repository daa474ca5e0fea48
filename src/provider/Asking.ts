/**
 * One call of a vendor: choose a key, send, tell failures from answers.
 *
 * Several keys of an account take turns. Where a status says that a key will not do (wrong, spent, rate limited), the
 * next one is asked within the same call, and the key is left out for a while (`Turns`). The failure that is told when
 * none will do is the one soonest over. What the headers say of limits is said of one key: with several, a key that has
 * nothing left rests, and nobody else is told. Counts of tokens have limits of their own at the vendors, and endpoints
 * that an account may lack: what they meet is kept apart from what is known of chats, keys' turns included.
 *
 * @module
 */
import { Clock, Effect, Result } from "effect"
import type { EncodedRequest, EncodeFault } from "../dialect/Dialect.ts"
import type { ChatRequest } from "../domain/ChatRequest.ts"
import { ProviderError, type Reason } from "../domain/ProviderError.ts"
import { noWatch, type ProviderWatch, type RateNews } from "../domain/ProviderWatch.ts"
import { CurrentRequest } from "../domain/RequestContext.ts"
import { judged } from "./embeddings.ts"
import type { TransportRequest } from "./Exchange.ts"
import type { Failures } from "./Failures.ts"
import { rateNews } from "./rateHeaders.ts"
import { type TransportResponse, isOk } from "./Transport.ts"
import type { TransportFault } from "./TransportFault.ts"
import { pauseMillis, restUntil, Turns } from "./Turns.ts"
import type { Vendor } from "./Vendor.ts"

/** What is asked of a vendor, and on which way. */
export interface Asking {
  readonly about: "chat" | "embeddings" | "count"
  readonly model: string
  readonly delivery: ChatRequest["delivery"]
  readonly encoded: Result.Result<EncodedRequest, EncodeFault>
  /** One a key. */
  readonly lanes: Vendor["lanes"]
  readonly failures: Failures
  /** Is a field of the body our word for what the caller asked in others? */
  readonly added?: (field: string) => boolean
}

/**
 * What of a request cannot be told to a vendor, where that keeps it from being asked: what its wire cannot say, and of a
 * strict caller also what would have been dropped. Every field is named.
 */
export const unsayable = (
  encoded: Result.Result<EncodedRequest, EncodeFault>,
  isStrict: boolean
): Extract<Reason, { readonly _tag: "UnsupportedFeature" }> | undefined => {
  const dropped = (Result.isSuccess(encoded) ? encoded.success.dropped : encoded.failure.dropped) ?? []
  const strictly = isStrict && dropped.length > 0 ? dropped.join(", ") : undefined
  if (Result.isFailure(encoded)) {
    const { feature, message } = encoded.failure
    const named = message.includes(feature) ? message : `${feature}: ${message}`
    return {
      _tag: "UnsupportedFeature",
      message: strictly === undefined ? named : `${named}; nor can it be told ${strictly}`,
      feature: strictly === undefined ? feature : `${feature}, ${strictly}`,
      unsent: true
    }
  }
  return strictly === undefined
    ? undefined
    : {
        _tag: "UnsupportedFeature",
        message: `the request asks for strictness, and this cannot be told to the model: ${strictly}`,
        feature: strictly,
        unsent: true
      }
}

/** Asks `vendor`; what comes of it is told to `watch`. */
export const makeAsk = (vendor: Vendor, watch: ProviderWatch) => {
  const turns = new Turns(vendor.lanes.length, (key, now) => {
    const credential = vendor.lanes[key]?.credential
    return credential === undefined || watch.mayUse(vendor.id, credential, now)
  })

  /** What a count meets stays between the counts. */
  const apart = { turns: new Turns(vendor.lanes.length), watch: noWatch }
  const known = { turns, watch }

  /** An answer told of the limits of the key that it was asked with. */
  const heard = (
    { turns, watch }: typeof known,
    key: number,
    model: string,
    news: RateNews,
    now: number,
    sentAt: number
  ): void => {
    if (vendor.lanes.length === 1) return watch.heard({ provider: vendor.id, model }, news, now, sentAt)
    const until = restUntil(news, now)
    if (until !== undefined) turns.leaveOut(key, until, now, model)
  }

  /**
   * Choose a key, send; what comes with a status of 200–299 is handed to `accept`, what comes with any other is
   * a failure, in the words that `wordsOf` finds.
   */
  const ask = <R extends Pick<TransportResponse, "status" | "headers">, A>(
    asking: () => Asking,
    send: (sending: TransportRequest) => Effect.Effect<R, TransportFault>,
    wordsOf: (response: R) => Effect.Effect<string>,
    accept: (response: R, encoded: EncodedRequest) => Effect.Effect<A, ProviderError>,
    pinned?: number
  ): Effect.Effect<A, ProviderError> =>
    Effect.withFiber((fiber) => {
      const clock = fiber.getRef(Clock.Clock)
      const { about, added, delivery, encoded: result, failures, lanes, model } = asking()
      const unsaid = unsayable(result, about !== "count" && fiber.getRef(CurrentRequest).strict === true)
      if (unsaid !== undefined) return failures.fail(model, unsaid)
      const encoded = Result.getOrThrow(result)
      const body = JSON.stringify(encoded.body)
      const kept = about === "count" ? apart : known
      const { turns, watch } = kept

      let tried = 0
      /** Another key's turn, if the failure is this key's alone. */
      const another = (key: number, before: ProviderError | undefined) => (failure: ProviderError) => {
        const error = withCredential(failure, vendor.lanes[key]?.credential)
        const pause = pauseMillis(error.reason)
        const now = clock.currentTimeMillisUnsafe()
        if (pause === undefined || vendor.lanes.length === 1 || pinned !== undefined) {
          watch.refused(error, now)
          return Effect.fail(error)
        }
        // who is quarantined is the watch's to say, and an operator's to free
        if (error.reason._tag === "RateLimited") turns.leaveOut(key, now + pause, now, model)
        else if (watch === noWatch) turns.leaveOut(key, now + pause, now)
        if (error.reason._tag !== "RateLimited") watch.turnedAway(error, now)
        const told = before === undefined || weight(error) <= weight(before) ? error : before
        const next = ++tried < vendor.lanes.length ? turns.free(model, now) : undefined
        return Effect.andThen(
          error.reason._tag === "RateLimited" ? Effect.void : warning(vendor, key, error, pause),
          next === undefined ? Effect.fail(told) : withKey(next, told)
        )
      }
      const withKey = (key: number, before: ProviderError | undefined): Effect.Effect<A, ProviderError> =>
        Effect.matchEffect((lanes[key] ?? lanes[0]).prepare(vendor.wireModel(model), delivery), {
          onFailure: (why) => {
            if (typeof why === "string") return failures.fail(model, { _tag: "ModelUnavailable", message: why })
            const failed = failures.fail(model, why)
            return pauseMillis(why) === undefined ? failed : Effect.catch(failed, another(key, before))
          },
          onSuccess: ({ endpoint, headers }) => {
            const sentAt = clock.currentTimeMillisUnsafe()
            return Effect.matchEffect(
              send({ endpoint, method: "POST", headers: withHeaders(headers, encoded.headers), body }),
              {
                onFailure: (fault) => failures.network(model, fault),
                onSuccess: (response) => {
                  const heardAt = clock.currentTimeMillisUnsafe()
                  const news = rateNews(response.headers, heardAt)
                  if (isOk(response.status)) {
                    turns.accepted(key, model)
                    if (news !== undefined) heard(kept, key, model, news, heardAt, sentAt)
                    return Effect.map(accept(response, encoded), (answer) => {
                      const credential = vendor.lanes[key]?.credential
                      watch.served?.({ provider: vendor.id, model }, credential, clock.currentTimeMillisUnsafe())
                      return answer
                    })
                  }
                  if (news !== undefined) heard(kept, key, model, news, heardAt, sentAt)
                  return Effect.flatMap(wordsOf(response), (text) =>
                    Effect.catch(
                      Effect.mapError(
                        failures.refused(model, response.status, response.headers, text, added),
                        (error) => (about === "count" ? error : judged(error, about))
                      ),
                      another(key, before)
                    )
                  )
                }
              }
            )
          }
        })
      return withKey(pinned ?? turns.take(model, clock.currentTimeMillisUnsafe()), undefined)
    })

  return ask
}

/** The failure with the credential it happened under. */
const withCredential = (error: ProviderError, credential: string | undefined): ProviderError =>
  credential === undefined
    ? error
    : new ProviderError({
        provider: error.provider,
        model: error.model,
        reason: error.reason,
        credential,
        ...(error.wire === undefined ? undefined : { wire: error.wire })
      })

/** Failures of keys, the one soonest over first. */
const weight = ({ reason }: ProviderError): number =>
  reason._tag === "RateLimited" ? 0 : reason._tag === "QuotaExhausted" ? 1 : 2

/** What the operator should know: nobody else notices a key that others stand in for. The key is told by its place. */
const warning = ({ id, lanes }: Vendor, key: number, { reason }: ProviderError, pause: number): Effect.Effect<void> =>
  Effect.logWarning(
    `${id}: key ${key + 1} of ${lanes.length} failed (${reason._tag}) and is left out for ${pause / 60_000} minutes`
  )

/** Credentials are the provider's and framing is the transport's, whatever a request brings along. */
const reserved: ReadonlySet<string> = new Set([
  "authorization",
  "proxy-authorization",
  "x-api-key",
  "api-key",
  "x-goog-api-key",
  "cookie",
  "host",
  "connection",
  "content-length",
  "content-type",
  "transfer-encoding",
  "accept-encoding"
])

/** The SDK's headers with those a request needs over them. */
const withHeaders = (
  own: Readonly<Record<string, string>>,
  wanted: Readonly<Record<string, string>>
): Readonly<Record<string, string>> => {
  let headers: Record<string, string> | undefined
  for (const name in wanted) {
    const value = wanted[name]
    if (value === undefined || reserved.has(name.toLowerCase())) continue
    headers ??= { ...own }
    headers[name.toLowerCase()] = value
  }
  return headers ?? own
}
