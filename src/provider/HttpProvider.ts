/**
 * The one body of every vendor's provider: encode, send, read, classify.
 *
 * What differs between vendors is data (`Vendor`): the dialect, the error table, the quirks, and one `Lane` a key, which
 * knows the address and the headers its SDK would use. Several keys of an account take turns.
 *
 * A stream is one hand-written pull: network read → server-sent events → frames. Gotchas:
 * - A pull never gives an empty array: a read that completes no wire message gives one `Unmodelled` frame without a
 *   wire, so that the walk sees that the vendor is alive.
 * - After the wire's own end was seen, the body's end is awaited for up to a second: then the connection can be used
 *   again. What comes after the end is not read.
 * - A vendor that answers a request for a stream with `application/json` has given an error, or the whole answer; the
 *   answer is passed on as frames. Anything else that is not an event stream is malformed.
 *
 * @module
 */
import { type Array as Arr, Cause, Channel, Clock, Effect, type Pull, Result, Scope, Stream } from "effect"
import type { DecodeFault, EncodedRequest, HeaderMap, OutboundDialect, Quirks, SseEvent } from "../dialect/Dialect.ts"
import { makeSseParser } from "../dialect/Sse.ts"
import type { Frame } from "../domain/ChatEvent.ts"
import type { ChatRequest } from "../domain/ChatRequest.ts"
import type { ChatResponse } from "../domain/ChatResponse.ts"
import { type Json, parseJson } from "../domain/Json.ts"
import { ProviderError, type Reason } from "../domain/ProviderError.ts"
import type { LLMProvider } from "./LLMProvider.ts"
import type { Endpoint, Transport, TransportFault, TransportRequest, TransportResponse } from "./Transport.ts"
import { classify } from "./errors/classify.ts"
import { type ErrorFacts, readErrorFacts } from "./errors/ErrorFacts.ts"
import type { ErrorTable } from "./errors/ErrorRow.ts"
import { wholeAsFrames } from "./wholeAsFrames.ts"

/** Where a request goes and under which headers (names in lower case), credentials included. */
export interface Prepared {
  readonly endpoint: Endpoint
  readonly headers: Readonly<Record<string, string>>
}

/** One key's way to the vendor. */
export interface Lane {
  /** For a model as the wire names it. Fails with why the vendor's SDK will not have it. */
  readonly prepare: (wireModel: string, delivery: ChatRequest["delivery"]) => Effect.Effect<Prepared, string>
}

export interface Vendor {
  /** The provider's id in the config. */
  readonly id: string
  readonly dialect: OutboundDialect
  readonly errors: ErrorTable
  readonly lanes: Arr.NonEmptyReadonlyArray<Lane>
  /** The keys, which no message may show. */
  readonly secrets: ReadonlyArray<string>
  /** The name the wire carries (Azure: the deployment). */
  readonly wireModel: (model: string) => string
  readonly quirks: (request: ChatRequest) => Quirks
  readonly maxOutputTokens: (model: string) => number | undefined
  /** Symbolic words of an error as the vendor's SDK types them; they stand before those the body is read for. */
  readonly typed: (status: number, body: Json) => ReadonlyArray<string>
}

/** An error body over this length says nothing more. */
const errorLimitBytes = 1024 * 1024

const header = (headers: HeaderMap, name: string): string => headers[name] ?? ""
const mediaType = (headers: HeaderMap): string =>
  header(headers, "content-type").split(";")[0]?.trim().toLowerCase() ?? ""
const isOk = (status: number): boolean => status >= 200 && status < 300

const malformed = (message: string, status?: number): Reason => ({
  _tag: "MalformedResponse",
  message,
  ...(status === undefined ? {} : { status })
})

const faultReason = (fault: TransportFault): Reason => {
  const detail = { message: fault.message, ...(fault.code === undefined ? {} : { code: fault.code }) }
  switch (fault.kind) {
    case "connectTimeout":
      return { _tag: "Timeout", ...detail, limit: "connect" }
    case "protocol":
    case "tooLarge":
      return { _tag: "MalformedResponse", ...detail }
    default:
      return { _tag: "Network", ...detail, sent: fault.sent }
  }
}

/** What a body that is not JSON seems to be. */
const notJson = (text: string): string =>
  text.trim() === ""
    ? "the answer is empty"
    : text.trimStart().startsWith("<")
      ? "the answer is HTML, not JSON"
      : "the answer is not JSON"

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

const activity: Frame = { events: [{ _tag: "Unmodelled" }], wire: undefined }

const hasEnded = (frame: Frame): boolean => frame.events.some((event) => event._tag === "Ended")

/** Add what the encoding dropped to the frame that starts the stream. */
const withDropped = (frame: Frame, dropped: ReadonlyArray<string>): Frame => {
  const [first, ...rest] = frame.events
  const mark = (event: typeof first): typeof first =>
    event._tag === "Started" ? { ...event, dropped: [...(event.dropped ?? []), ...dropped] } : event
  return { ...frame, events: [mark(first), ...rest.map(mark)] }
}

/** A provider that reaches `vendor` over `transport`. */
export const makeHttpProvider = (vendor: Vendor, transport: Transport["Service"]): LLMProvider["Service"] => {
  const { dialect } = vendor
  let turn = 0
  const nextLane = (): Lane => {
    const lane = vendor.lanes[turn] ?? vendor.lanes[0]
    turn = turn + 1 < vendor.lanes.length ? turn + 1 : 0
    return lane
  }

  const fail = (model: string, reason: Reason): Effect.Effect<never, ProviderError> =>
    Effect.suspend(() => Effect.fail(new ProviderError({ provider: vendor.id, model, reason })))

  const failWith = (model: string, facts: ErrorFacts, headers: HeaderMap): Effect.Effect<never, ProviderError> =>
    Clock.clockWith((clock) =>
      fail(model, classify(vendor.errors, { facts, headers }, vendor.secrets, clock.currentTimeMillisUnsafe()))
    )

  /** The failure an HTTP status tells. */
  const refused = (model: string, status: number, headers: HeaderMap, text: string) => {
    const body = parseJson(text)
    const facts = readErrorFacts(status, body)
    const typed = body === undefined ? [] : vendor.typed(status, body)
    return failWith(model, { ...facts, codes: [...new Set([...typed, ...facts.codes])] }, headers)
  }

  /** The failure a 200 holds. */
  const decodeFailure = (model: string, fault: DecodeFault, headers: HeaderMap): Effect.Effect<never, ProviderError> =>
    fault._tag === "Malformed"
      ? fail(model, malformed(fault.message))
      : failWith(model, readErrorFacts(undefined, fault.body), headers)

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
        return fail(request.model, { _tag: "UnsupportedFeature", message, feature })
      }
      const encoded = result.success
      const body = JSON.stringify(encoded.body)
      return Effect.matchEffect(nextLane().prepare(vendor.wireModel(request.model), delivery), {
        onFailure: (message) => fail(request.model, { _tag: "ModelUnavailable", message }),
        onSuccess: (prepared) => {
          const headers = hasKeys(encoded.headers) ? { ...prepared.headers, ...encoded.headers } : prepared.headers
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
    if (body === undefined) return fail(model, malformed(notJson(text), status))
    const decoded = dialect.decodeResponse(body)
    if (Result.isFailure(decoded)) return decodeFailure(model, decoded.failure, headers)
    const response = decoded.success
    return Effect.succeed(
      dropped.length === 0 ? response : { ...response, dropped: [...(response.dropped ?? []), ...dropped] }
    )
  }

  const complete = (request: ChatRequest): Effect.Effect<ChatResponse, ProviderError> =>
    withRequest(request, "whole", (sending, encoded) =>
      Effect.matchEffect(transport.whole(sending), {
        onFailure: (fault) => fail(request.model, faultReason(fault)),
        onSuccess: ({ headers, status, text }) =>
          isOk(status)
            ? decodeWhole(request.model, status, headers, text, encoded.dropped)
            : refused(request.model, status, headers, text)
      })
    )

  type FramePull = Pull.Pull<Arr.NonEmptyReadonlyArray<Frame>, ProviderError>

  const pullFrames = (request: ChatRequest, scope: Scope.Scope): FramePull => {
    const { model } = request

    /** Frames of an event stream. */
    const readEvents = (response: TransportResponse, dropped: ReadonlyArray<string>): FramePull => {
      const parser = makeSseParser()
      const decoder = dialect.streamDecoder()
      let undelivered = dropped
      let ended = false
      /** What is known to come after the frames that were just given. */
      let next: FramePull | undefined

      const decodeInto = (events: ReadonlyArray<SseEvent>, frames: Array<Frame>): void => {
        for (const event of events) {
          const decoded = decoder.event(event)
          if (Result.isFailure(decoded)) {
            next = decodeFailure(model, decoded.failure, response.headers)
            return
          }
          if (decoded.success !== undefined) give(decoded.success, frames)
          if (ended) return
        }
      }
      const give = (frame: Frame, frames: Array<Frame>): void => {
        if (undelivered.length > 0 && frame.events.some((event) => event._tag === "Started")) {
          frames.push(withDropped(frame, undelivered))
          undelivered = []
        } else frames.push(frame)
        if (hasEnded(frame)) {
          ended = true
          next = afterEnd(response)
        }
      }
      const given = (frames: ReadonlyArray<Frame>): FramePull => {
        const [first, ...rest] = frames
        return first === undefined ? (next ?? Effect.succeed([activity])) : Effect.succeed([first, ...rest])
      }
      const onBytes = (chunks: ReadonlyArray<Uint8Array>): FramePull => {
        const frames: Array<Frame> = []
        for (const chunk of chunks) {
          decodeInto(parser.push(chunk), frames)
          if (next !== undefined) return given(frames)
        }
        const fault = parser.fault()
        if (fault !== undefined)
          next = fail(model, malformed(`an event of the stream is longer than ${fault.limitBytes} bytes`))
        return given(frames)
      }
      const onEnd = (): FramePull => {
        const frames: Array<Frame> = []
        decodeInto(parser.end(), frames)
        if (next !== undefined) return given(frames)
        const last = decoder.end()
        if (Result.isFailure(last)) next = decodeFailure(model, last.failure, response.headers)
        else {
          if (last.success !== undefined) give(last.success, frames)
          next = ended ? Cause.done() : fail(model, malformed("the stream ended without its end"))
        }
        return given(frames)
      }
      const read: FramePull = Effect.matchEffect(response.pull, {
        onSuccess: onBytes,
        onFailure: (error) => (Cause.isDone(error) ? onEnd() : fail(model, faultReason(error)))
      })
      return Effect.suspend(() => next ?? read)
    }

    const begin = (
      response: TransportResponse,
      dropped: ReadonlyArray<string>
    ): Effect.Effect<FramePull, ProviderError> => {
      const { headers, status } = response
      if (!isOk(status)) {
        return Effect.flatMap(
          Effect.catch(response.text(errorLimitBytes), () => Effect.succeed("")),
          (text) => refused(model, status, headers, text)
        )
      }
      const type = mediaType(headers)
      if (type === "text/event-stream" || type === "") return Effect.succeed(readEvents(response, dropped))
      if (type !== "application/json")
        return fail(model, malformed(`the stream is ${type}, not an event stream`, status))
      return Effect.matchEffect(response.text(), {
        onFailure: (fault) => fail(model, faultReason(fault)),
        onSuccess: (text) =>
          Effect.map(decodeWhole(model, status, headers, text, []), (whole): FramePull => {
            const [first, ...rest] = wholeAsFrames(whole)
            let given = false
            return Effect.suspend((): FramePull => {
              if (given) return Cause.done()
              given = true
              return Effect.succeed([dropped.length === 0 ? first : withDropped(first, dropped), ...rest])
            })
          })
      })
    }

    const open = withRequest(request, "live", (sending, encoded) =>
      Effect.matchEffect(Scope.provide(transport.send(sending), scope), {
        onFailure: (fault) => fail(model, faultReason(fault)),
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
      Effect.catch(Effect.asVoid(complete(probe(model))), (error) =>
        error.reason._tag === "InvalidRequest" && ranOutOfTokens.test(error.reason.message)
          ? Effect.void
          : Effect.fail(error)
      )
  }
}

const hasKeys = (record: Readonly<Record<string, string>>): boolean => {
  for (const _key in record) return true
  return false
}

/** Wait a moment for the body to end, so that its connection is kept; then the stream is over either way. */
const afterEnd = (response: TransportResponse): Pull.Pull<never> =>
  Effect.suspend(() =>
    response.complete()
      ? Cause.done()
      : Effect.andThen(Effect.timeoutOption(Effect.ignore(Effect.forever(response.pull)), "1 second"), Cause.done())
  )
