/**
 * The one body of every vendor's provider: encode, send, read, classify. What differs between vendors is in `Vendor`.
 *
 * Several keys of an account take turns. A vendor that answers a request for a stream with `application/json` has given
 * an error, or the whole answer, which is passed on as frames; anything else that is not an event stream is malformed.
 *
 * @module
 */
import { type Array as Arr, Cause, Channel, Effect, type Pull, Result, Scope, Stream } from "effect"
import type { EncodedRequest, HeaderMap } from "../dialect/Dialect.ts"
import type { Frame } from "../domain/ChatEvent.ts"
import type { ChatRequest } from "../domain/ChatRequest.ts"
import type { ChatResponse } from "../domain/ChatResponse.ts"
import { parseJson } from "../domain/Json.ts"
import type { ProviderError } from "../domain/ProviderError.ts"
import type { TransportRequest } from "./Exchange.ts"
import { makeFailures } from "./Failures.ts"
import { begun, type FramePull, readFrames } from "./FrameReader.ts"
import type { LLMProvider } from "./LLMProvider.ts"
import type { Transport, TransportResponse } from "./Transport.ts"
import type { Lane, Vendor } from "./Vendor.ts"
import { wholeAsFrames } from "./wholeAsFrames.ts"

/** An error body over this length says nothing more. */
const errorLimitBytes = 1024 * 1024

const isOk = (status: number): boolean => status >= 200 && status < 300

const mediaType = (headers: HeaderMap): string =>
  (headers["content-type"] ?? "").split(";")[0]?.trim().toLowerCase() ?? ""

/** What a body that is not JSON seems to be. */
const notJson = (text: string): string => {
  const start = text.trimStart()
  if (start === "") return "the answer is empty"
  return start.startsWith("<") ? "the answer is HTML, not JSON" : "the answer is not JSON"
}

/** The answer to a probe that a thinking model could not finish in so few tokens: it did write them. */
const ranOutOfTokens = /max_tokens or model output limit was reached/i
/** Enough that vendors with a minimum accept it. */
const probeTokens = 16

const probe = (model: string): ChatRequest => ({
  model,
  delivery: "whole",
  messages: [{ role: "user", content: [{ _tag: "Text", text: "Say ok." }] }],
  tools: [],
  sampling: { maxTokens: probeTokens },
  usageWanted: true,
  fallbacks: []
})

/** A provider that reaches `vendor` over `transport`. */
export const makeHttpProvider = (vendor: Vendor, transport: Transport["Service"]): LLMProvider["Service"] => {
  const { dialect } = vendor
  const failures = makeFailures(vendor)
  let turn = 0
  const nextLane = (): Lane => {
    const lane = vendor.lanes[turn] ?? vendor.lanes[0]
    turn = turn + 1 < vendor.lanes.length ? turn + 1 : 0
    return lane
  }

  const encode = (request: ChatRequest, delivery: ChatRequest["delivery"]) =>
    dialect.encodeRequest(request.delivery === delivery ? request : { ...request, delivery }, {
      model: vendor.wireModel(request.model),
      maxOutputTokens: vendor.maxOutputTokens(request.model),
      quirks: vendor.quirks(request)
    })

  /** Encode, choose a key, and hand the finished request to `use`. */
  const withRequest = <A>(
    request: ChatRequest,
    delivery: ChatRequest["delivery"],
    use: (sending: TransportRequest, encoded: EncodedRequest) => Effect.Effect<A, ProviderError>
  ): Effect.Effect<A, ProviderError> =>
    Effect.suspend(() => {
      const result = encode(request, delivery)
      if (Result.isFailure(result)) {
        const { feature, message } = result.failure
        return failures.fail(request.model, { _tag: "UnsupportedFeature", message, feature })
      }
      const encoded = result.success
      const body = JSON.stringify(encoded.body)
      return Effect.matchEffect(nextLane().prepare(vendor.wireModel(request.model), delivery), {
        onFailure: (message) => failures.fail(request.model, { _tag: "ModelUnavailable", message }),
        onSuccess: (prepared) => {
          const headers = withHeaders(prepared.headers, encoded.headers)
          return use({ endpoint: prepared.endpoint, method: "POST", headers, body }, encoded)
        }
      })
    })

  /** A whole answer out of the text of a 200. */
  const decodeWhole = (
    model: string,
    status: number,
    headers: HeaderMap,
    text: string,
    dropped: ReadonlyArray<string>
  ): Effect.Effect<ChatResponse, ProviderError> => {
    const body = parseJson(text)
    if (body === undefined) return failures.malformed(model, notJson(text), status)
    const decoded = dialect.decodeResponse(body)
    if (Result.isFailure(decoded)) return failures.inside(model, decoded.failure, headers)
    const response = decoded.success
    const told = dropped.length === 0 ? response : { ...response, dropped: [...(response.dropped ?? []), ...dropped] }
    return response.created === undefined ? dated(told) : Effect.succeed(told)
  }

  const complete = (request: ChatRequest): Effect.Effect<ChatResponse, ProviderError> =>
    withRequest(request, "whole", (sending, encoded) =>
      Effect.matchEffect(transport.whole(sending), {
        onFailure: (fault) => failures.network(request.model, fault),
        onSuccess: ({ headers, status, text }) =>
          isOk(status)
            ? decodeWhole(request.model, status, headers, text, encoded.dropped)
            : failures.refused(request.model, status, headers, text)
      })
    )

  const pullFrames = (request: ChatRequest, scope: Scope.Scope): FramePull => {
    const { model } = request

    const begin = (
      response: TransportResponse,
      dropped: ReadonlyArray<string>
    ): Effect.Effect<FramePull, ProviderError> => {
      const { headers, status } = response
      if (!isOk(status)) {
        return Effect.flatMap(
          Effect.orElseSucceed(response.text(errorLimitBytes), () => ""),
          (text) => failures.refused(model, status, headers, text)
        )
      }
      const type = mediaType(headers)
      if (type === "text/event-stream" || type === "")
        return Effect.map(now, (created) => readFrames(dialect, failures, model, response, { dropped, created }))
      if (type !== "application/json")
        return failures.malformed(model, `the stream is ${type}, not an event stream`, status)
      return Effect.matchEffect(response.text(), {
        onFailure: (fault) => failures.network(model, fault),
        onSuccess: (text) =>
          Effect.map(decodeWhole(model, status, headers, text, []), (whole): FramePull => {
            const [first, ...rest] = wholeAsFrames(whole)
            return once([begun(first, { dropped, created: whole.created }), ...rest])
          })
      })
    }

    const open = withRequest(request, "live", (sending, encoded) =>
      Effect.matchEffect(Scope.provide(transport.send(sending), scope), {
        onFailure: (fault) => failures.network(model, fault),
        onSuccess: (response) => begin(response, encoded.dropped)
      })
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

  return {
    id: vendor.id,
    complete,
    stream: (request) =>
      Stream.fromChannel(
        Channel.fromTransform((_upstream: Pull.Pull<unknown, unknown, unknown>, scope) =>
          Effect.sync(() => pullFrames(request, scope))
        )
      ),
    check: (model) =>
      Effect.catchIf(
        Effect.asVoid(complete(probe(model))),
        ({ reason }) => reason._tag === "InvalidRequest" && ranOutOfTokens.test(reason.message),
        () => Effect.void
      )
  }
}

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
