/**
 * The one body of every vendor's provider: encode, send, read, classify. What differs between vendors is in `Vendor`.
 *
 * How a key is chosen and a failure told is in `Asking.ts`. A vendor that answers a request for a stream with
 * `application/json` has given an error, or the whole answer, which is passed on as frames; anything else that is not an
 * event stream is malformed.
 *
 * @module
 */
import { type Array as Arr, Cause, Channel, Effect, type Pull, Result, Scope, Stream } from "effect"
import type { HeaderMap, OutboundDialect } from "../dialect/Dialect.ts"
import { prefillOf, withoutEcho } from "../dialect/Echo.ts"
import type { Frame } from "../domain/ChatEvent.ts"
import type { ChatRequest } from "../domain/ChatRequest.ts"
import type { ChatResponse } from "../domain/ChatResponse.ts"
import { type EmbeddingRequest, type EmbeddingResponse, lengthOf } from "../domain/Embedding.ts"
import { parseJson } from "../domain/Json.ts"
import type { ProviderError } from "../domain/ProviderError.ts"
import { noWatch, type ProviderWatch } from "../domain/ProviderWatch.ts"
import type { TokenCount } from "../domain/TokenCount.ts"
import { type Asking, makeAsk, unsayable } from "./Asking.ts"
import { inBatches } from "./batches.ts"
import { compression, isCompressed, mediaType, notJson } from "./bodies.ts"
import { countIn } from "./counting.ts"
import { looksLikeEmbedding } from "./embeddings.ts"
import { type Failures, makeFailures } from "./Failures.ts"
import { begun, type FramePull, readFrames } from "./FrameReader.ts"
import type { LLMProvider } from "./LLMProvider.ts"
import { probe } from "./probe.ts"
import { type Transport, type TransportResponse, defaultLimitBytes } from "./Transport.ts"
import type { Vendor } from "./Vendor.ts"
import { wholeAsFrames } from "./wholeAsFrames.ts"

/** The answer to a probe that a thinking model could not finish in so few tokens: it did write them. */
const ranOutOfTokens = /max_tokens or model output limit was reached/i
/** No model thinks longer about a probe, in milliseconds. */
const checkLimitMillis = 60_000

/** What one vector may weigh: some thousand numbers in decimals, which together outgrow the limit for other answers. */
const vectorBytes = 128 * 1024

const embeddingProbe = (model: string): EmbeddingRequest => ({
  model,
  inputs: [{ _tag: "Text", text: "ok" }],
  encoding: "float",
  fallbacks: []
})

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
  const ask = makeAsk(vendor, watch)

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
      ? Effect.map(embedOnce(embeddings, pinned)(embeddingProbe(model)), ({ usage }) => usage)
      : Effect.map(complete(probe(model), pinned), ({ usage }) => usage)
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
          () => Effect.undefined
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
