/**
 * The one body of every vendor's provider: encode, send, read, classify. What differs between vendors is in `Vendor`.
 *
 * Several keys of an account take turns. Where a status says that a key will not do (wrong, spent, rate limited), the
 * next one is asked within the same call, and the key is left out for a while (`Turns`). The failure that is told when
 * none will do is the one soonest over. What the headers say of limits is said of one key: with several, a key that has
 * nothing left rests, and nobody else is told. Counts of tokens have limits of their own at the vendors, and endpoints
 * that an account may lack: what they meet is kept apart from what is known of chats, keys' turns included. A vendor that answers a request for a stream with `application/json` has given
 * an error, or the whole answer, which is passed on as frames; anything else that is not an event stream is malformed.
 *
 * @module
 */
import { type Array as Arr, Cause, Channel, Clock, Effect, type Pull, Result, Scope, Stream } from "effect"
import type { EncodedRequest, EncodeFault, HeaderMap, OutboundDialect } from "../dialect/Dialect.ts"
import { prefillOf, withoutEcho } from "../dialect/Echo.ts"
import type { Frame } from "../domain/ChatEvent.ts"
import type { ChatRequest } from "../domain/ChatRequest.ts"
import type { ChatResponse } from "../domain/ChatResponse.ts"
import { type EmbeddingRequest, type EmbeddingResponse, lengthOf } from "../domain/Embedding.ts"
import { parseJson } from "../domain/Json.ts"
import { ProviderError, type Reason } from "../domain/ProviderError.ts"
import { noWatch, type ProviderWatch, type RateNews } from "../domain/ProviderWatch.ts"
import type { TokenCount } from "../domain/TokenCount.ts"
import { CurrentRequest } from "../domain/RequestContext.ts"
import type { TransportRequest } from "./Exchange.ts"
import { inBatches } from "./batches.ts"
import { countIn } from "./counting.ts"
import { judged, looksLikeEmbedding } from "./embeddings.ts"
import { type Failures, makeFailures } from "./Failures.ts"
import { begun, type FramePull, readFrames } from "./FrameReader.ts"
import type { LLMProvider } from "./LLMProvider.ts"
import { rateNews } from "./rateHeaders.ts"
import { type Transport, type TransportResponse, defaultLimitBytes, isOk } from "./Transport.ts"
import type { TransportFault } from "./TransportFault.ts"
import { Turns, pauseMillis, restUntil } from "./Turns.ts"
import type { Vendor } from "./Vendor.ts"
import { wholeAsFrames } from "./wholeAsFrames.ts"

const mediaType = (headers: HeaderMap): string =>
  (headers["content-type"] ?? "").split(";")[0]?.trim().toLowerCase() ?? ""

/** The encoding of an answer that is compressed, which nobody asked for. */
const compression = (headers: HeaderMap): string | undefined => {
  const encoding = headers["content-encoding"]?.trim().toLowerCase()
  return encoding === undefined || encoding === "" || encoding === "identity" ? undefined : encoding
}
const isCompressed = (encoding: string): string =>
  `the answer is compressed, which was not asked for (content-encoding: ${encoding.slice(0, 40)})`

/** What a body that is not JSON seems to be. */
const notJson = (text: string, headers: HeaderMap): string => {
  const encoding = compression(headers)
  if (encoding !== undefined) return isCompressed(encoding)
  const start = text.trimStart()
  if (start === "") return "the answer is empty"
  return start.startsWith("<") ? "the answer is HTML, not JSON" : "the answer is not JSON"
}

/** The answer to a probe that a thinking model could not finish in so few tokens: it did write them. */
const ranOutOfTokens = /max_tokens or model output limit was reached/i
/** Enough that vendors with a minimum accept it. */
const probeTokens = 16
/** No model thinks longer about them, in milliseconds. */
const checkLimitMillis = 60_000

const probe = (model: string): ChatRequest => ({
  model,
  delivery: "whole",
  messages: [{ role: "user", content: [{ _tag: "Text", text: "Say ok." }] }],
  tools: [],
  sampling: { maxTokens: probeTokens },
  usageWanted: true,
  fallbacks: []
})

/** What is asked of a vendor, and on which way. */
interface Asking {
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

/** What one vector may weigh: some thousand numbers in decimals, which together outgrow the limit for other answers. */
const vectorBytes = 128 * 1024

const embeddingProbe = (model: string): EmbeddingRequest => ({
  model,
  inputs: [{ _tag: "Text", text: "ok" }],
  encoding: "float",
  fallbacks: []
})

/**
 * What of a request cannot be told to a vendor, where that keeps it from being asked: what its wire cannot say, and of a
 * strict caller also what would have been dropped. Every field is named.
 */
const unsayable = (
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

/** A provider that reaches `vendor` over `transport`. */
export const makeHttpProvider = (
  vendor: Vendor,
  transport: Transport["Service"],
  watch: ProviderWatch = noWatch
): LLMProvider["Service"] => {
  /** The wire a request goes over. */
  const wayOf = (request: ChatRequest): Pick<Vendor, "dialect" | "lanes"> => {
    const way = vendor.second?.takes(request) === true ? vendor.second : vendor
    const said = echoIn(request, vendor)
    return said === undefined ? way : { lanes: way.lanes, dialect: withoutEcho(way.dialect, said) }
  }
  const ownFailures = makeFailures(vendor)
  const secondFailures = makeFailures(vendor.second === undefined ? vendor : { ...vendor, ...vendor.second })
  /** What fails on a way is told in its wire's words. */
  const failuresOf = (dialect: OutboundDialect): Failures =>
    dialect === vendor.second?.dialect ? secondFailures : ownFailures
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

  const chat = (
    request: ChatRequest,
    { dialect, lanes }: Pick<Vendor, "dialect" | "lanes">,
    delivery: ChatRequest["delivery"]
  ): Asking => ({
    about: "chat",
    failures: failuresOf(dialect),
    added: (field) =>
      request.wire !== undefined && (request.wire.dialect !== dialect.id || !(field in request.wire.body)),
    model: request.model,
    delivery,
    encoded: dialect.encodeRequest(request.delivery === delivery ? request : { ...request, delivery }, {
      model: vendor.wireModel(request.model),
      maxOutputTokens: vendor.maxOutputTokens(request.model),
      quirks: vendor.quirks(request)
    }),
    lanes
  })

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

  /** A whole answer out of the text of a 200. */
  const decodeWhole = (
    dialect: OutboundDialect,
    model: string,
    status: number,
    headers: HeaderMap,
    text: string,
    dropped: ReadonlyArray<string>
  ): Effect.Effect<ChatResponse, ProviderError> => {
    const failures = failuresOf(dialect)
    const body = parseJson(text)
    if (body === undefined) return failures.malformed(model, notJson(text, headers), status)
    const decoded = dialect.decodeResponse(body)
    if (Result.isFailure(decoded)) return failures.inside(model, decoded.failure, headers)
    const response = decoded.success
    const told = dropped.length === 0 ? response : { ...response, dropped: [...(response.dropped ?? []), ...dropped] }
    return response.created === undefined ? dated(told) : Effect.succeed(told)
  }

  const complete = (request: ChatRequest, pinned?: number): Effect.Effect<ChatResponse, ProviderError> => {
    const way = wayOf(request)
    return ask(
      () => chat(request, way, "whole"),
      transport.whole,
      ({ text }) => Effect.succeed(text),
      ({ headers, status, text }, encoded) =>
        decodeWhole(way.dialect, request.model, status, headers, text, encoded.dropped),
      pinned
    )
  }

  const { embeddings } = vendor
  /** Vectors for no more inputs than one call may have. */
  const embedOnce =
    ({ dialect, lanes, quirks }: NonNullable<typeof embeddings>, pinned?: number) =>
    (request: EmbeddingRequest): Effect.Effect<EmbeddingResponse, ProviderError> => {
      const { model } = request
      return ask(
        () => ({
          about: "embeddings",
          failures: ownFailures,
          model,
          delivery: "whole",
          encoded: dialect.encodeRequest(request, { model: vendor.wireModel(model), quirks }),
          lanes
        }),
        (sending) => transport.whole(sending, Math.max(defaultLimitBytes, request.inputs.length * vectorBytes)),
        ({ text }) => Effect.succeed(text),
        ({ headers, status, text }, { dropped }) => {
          const body = parseJson(text)
          if (body === undefined) return ownFailures.malformed(model, notJson(text, headers), status)
          const decoded = dialect.decodeResponse(body, request.inputs.length)
          if (Result.isFailure(decoded)) return ownFailures.inside(model, decoded.failure, headers)
          const response = decoded.success
          const { dimensions } = request
          const length = lengthOf(response.vectors[0])
          // servers that know no other length than their model's own say nothing of it
          if (dimensions !== undefined && length !== dimensions) {
            const message = `vectors of ${dimensions} numbers were asked for, those it gave have ${length}`
            return ownFailures.fail(model, { _tag: "UnsupportedFeature", feature: "dimensions", message })
          }
          const named = response.model === "" ? { ...response, model } : response
          return Effect.succeed(dropped.length === 0 ? named : { ...named, dropped })
        },
        pinned
      )
    }

  const { counting } = vendor
  const count = (way: NonNullable<typeof counting>, request: ChatRequest): Effect.Effect<TokenCount, ProviderError> => {
    const { model } = request
    return ask(
      () => {
        // how an answer is sampled is no part of a prompt, and some of it could not be said on this wire
        const asking = chat({ ...request, sampling: {} }, way, "whole")
        const { bodyOf } = way.row
        const encoded = Result.map(asking.encoded, ({ body, dropped, headers }) => ({
          body: bodyOf(body, vendor.wireModel(model)),
          headers,
          dropped
        }))
        return { ...asking, about: "count", encoded }
      },
      transport.whole,
      ({ text }) => Effect.succeed(text),
      ({ headers, status, text }) => {
        const body = parseJson(text)
        if (body === undefined) return ownFailures.malformed(model, notJson(text, headers), status)
        const inputTokens = countIn(way.row, body)
        return inputTokens === undefined
          ? ownFailures.malformed(model, `the answer has no '${way.row.field}'`, status)
          : Effect.succeed({ inputTokens })
      }
    )
  }

  const proof = (model: string, credential: string | undefined) => {
    const pinned = credential === undefined ? undefined : laneOf(credential)
    return embeddings !== undefined && looksLikeEmbedding(model)
      ? Effect.asVoid(embedOnce(embeddings, pinned)(embeddingProbe(model)))
      : Effect.asVoid(complete(probe(model), pinned))
  }

  const pullFrames = (request: ChatRequest, scope: Scope.Scope): FramePull => {
    const { model } = request
    const way = wayOf(request)
    const failures = failuresOf(way.dialect)

    const begin = (
      response: TransportResponse,
      dropped: ReadonlyArray<string>
    ): Effect.Effect<FramePull, ProviderError> => {
      const { headers, status } = response
      const encoding = compression(headers)
      if (encoding !== undefined) return failures.malformed(model, isCompressed(encoding), status)
      const type = mediaType(headers)
      if (type === "text/event-stream" || type === "")
        return Effect.map(now, (created) =>
          readFrames(
            way.dialect,
            failures,
            model,
            response,
            { dropped, created },
            { choices: dropped.includes("n") ? 1 : (request.sampling.n ?? 1) }
          )
        )
      if (type !== "application/json")
        return failures.malformed(model, `the stream is ${type}, not an event stream`, status)
      return Effect.matchEffect(response.text(), {
        onFailure: (fault) => failures.network(model, fault),
        onSuccess: (text) =>
          Effect.map(decodeWhole(way.dialect, model, status, headers, text, []), (whole): FramePull => {
            const [first, ...rest] = wholeAsFrames(whole)
            return once([begun(first, { dropped, created: whole.created }), ...rest])
          })
      })
    }

    const open = ask(
      () => chat(request, way, "live"),
      (sending) => Scope.provide(transport.send(sending), scope),
      (response) => response.excerpt,
      (response, encoded) => begin(response, encoded.dropped)
    )

    let pull: FramePull | undefined
    return Effect.suspend(
      () =>
        pull ??
        Effect.flatMap(open, (opened) => {
          pull = opened
          return opened
        })
    )
  }

  const laneOf = (credential: string): number | undefined => {
    const lane = vendor.lanes.findIndex((one) => one.credential === credential)
    return lane < 0 ? undefined : lane
  }

  return {
    id: vendor.id,
    credentials: vendor.lanes.flatMap(({ credential }) => credential ?? []),
    complete: (request) => complete(request),
    unsayable: (request, isStrict) => unsayable(chat(request, wayOf(request), request.delivery).encoded, isStrict),
    ...(embeddings === undefined
      ? {}
      : { embed: (request: EmbeddingRequest) => inBatches(request, embeddings.quirks.most, embedOnce(embeddings)) }),
    ...(counting === undefined ? {} : { count: (request: ChatRequest) => count(counting, request) }),
    stream: (request) =>
      Stream.fromChannel(
        Channel.fromTransform((_upstream: Pull.Pull<unknown, unknown, unknown>, scope) =>
          Effect.sync(() => pullFrames(request, scope))
        )
      ),
    check: (model, credential) =>
      proof(model, credential).pipe(
        Effect.timeoutOrElse({
          duration: checkLimitMillis,
          orElse: () =>
            ownFailures.fail(model, {
              _tag: "Timeout",
              limit: "unary",
              message: `no token within the limit of ${checkLimitMillis} ms`
            })
        }),
        Effect.catchIf(
          ({ reason }) => reason._tag === "InvalidRequest" && ranOutOfTokens.test(reason.message),
          () => Effect.void
        )
      )
  }
}

/** The words at the end of a request that its answer repeats; a caller who marked them so is told the vendor's answer. */
const echoIn = (request: ChatRequest, vendor: Vendor): string | undefined => {
  const last = request.messages.at(-1)
  const field = last?.role === "assistant" ? vendor.quirks(request).prefillField : undefined
  return field === undefined || last?.extensions?.["openai-chat"]?.[field] !== undefined
    ? undefined
    : prefillOf(request)
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

/** Seconds since 1970. */
const now = Effect.clockWith((clock) => Effect.sync(() => Math.floor(clock.currentTimeMillisUnsafe() / 1000)))

/** An answer of a wire that does not say when it was made. */
const dated = (response: ChatResponse): Effect.Effect<ChatResponse> =>
  Effect.map(now, (created) => ({ ...response, created }))

/** A pull of one array. */
const once = (frames: Arr.NonEmptyReadonlyArray<Frame>): FramePull => {
  let given = false
  return Effect.suspend((): FramePull => {
    if (given) return Cause.done()
    given = true
    return Effect.succeed(frames)
  })
}
