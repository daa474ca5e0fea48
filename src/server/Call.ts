/**
 * One inference request that is being served: its record, its response, and everything that may be written to it.
 *
 * Until status and headers are out a failure is an HTTP error; afterwards it is the dialect's error event, after which
 * the body ends normally, without the dialect's end marker (destroying the socket would lose the event).
 *
 * @module
 */
import { NodeHttpServerRequest } from "@effect/platform-node"
import { type Clock, Effect, type Scope, Stream } from "effect"
import { type HttpServerRequest, HttpServerResponse } from "effect/http"
import { IncomingMessage, ServerResponse } from "node:http"
import type { ServerSettings } from "../config/Settings.ts"
import type { HeaderMap, InboundDialect, StreamEncoder } from "../dialect/Dialect.ts"
import type { EmbeddingsInbound } from "../dialect/embeddings/Wire.ts"
import type { Answer, Handler, Served } from "../domain/Answer.ts"
import type { Frame } from "../domain/ChatEvent.ts"
import type { ChatRequest } from "../domain/ChatRequest.ts"
import type { EmbeddingHandler, EmbeddingRequest } from "../domain/Embedding.ts"
import { type GatewayError, gatewayError } from "../domain/GatewayError.ts"
import type { JsonObject } from "../domain/Json.ts"
import { type NanoUsd, showUsd, zero } from "../domain/Money.ts"
import type { Gateway } from "../gateway/Gateway.ts"
import { RequestRecord } from "../observability/RequestRecord.ts"
import type { Allowances, Entry } from "../keys/KeyLimits.ts"
import { estimateTokens } from "./Estimates.ts"
import { EventStream } from "./EventStream.ts"
import { addLimitHeaders, limitHeaders } from "./LimitHeaders.ts"
import { metadataOf, StreamTail } from "./Metadata.ts"
import {
  addHeaders,
  errorReply,
  errorResponse,
  type HeaderFields,
  idHeaders,
  type RawHeaders,
  servedHeaders
} from "./Reply.ts"

/** What of a wire every answer on it needs, errors included. */
export type Spoken = Pick<InboundDialect, "id" | "encodeError">

export class Call {
  readonly dialect: Spoken
  readonly headers: HeaderMap
  readonly incoming: IncomingMessage
  readonly outgoing: ServerResponse
  readonly record: RequestRecord
  readonly #clock: Clock.Clock
  /** Headers of every answer to this request. */
  #headers: HeaderFields
  /** Are what is left of its key's limits among them? */
  #limitsTold = false
  /** What it holds of its key's limits. */
  #entry: Entry | undefined
  /** Of its prompt, roughly. */
  #inputTokens = 0
  #stream: EventStream | undefined
  #encoder: StreamEncoder | undefined
  /** What of a live answer is held back for the sake of what is to be told at its end. */
  #tail: StreamTail | undefined
  readonly #price: Gateway["Service"]["bill"]
  /** Is the answer to tell of itself in its body? */
  wantsMetadata = false
  /** Will nothing but a cached answer do? */
  asksCacheOnly = false

  constructor(
    dialect: Spoken,
    request: HttpServerRequest.HttpServerRequest,
    requestId: string,
    clock: Clock.Clock,
    cors: HeaderFields | undefined,
    price: Gateway["Service"]["bill"]
  ) {
    const { incoming, outgoing } = nodePair(request)
    this.dialect = dialect
    this.headers = request.headers
    this.incoming = incoming
    this.outgoing = outgoing
    this.record = new RequestRecord(requestId, dialect.id, clock.currentTimeMillisUnsafe())
    this.#clock = clock
    this.#price = price
    this.#headers = { ...idHeaders(requestId), ...cors }
  }

  get now(): number {
    return this.#clock.currentTimeMillisUnsafe()
  }

  /** Adds to the headers of every answer. */
  tell(headers: HeaderFields): void {
    this.#headers = { ...this.#headers, ...headers }
  }

  /** Says in every answer what is left of the caller's limits. */
  tellLimits(allowances: Allowances | undefined): void {
    if (allowances !== undefined) this.tell(limitHeaders(this.dialect.id, allowances, this.now))
  }

  /** The headers of the answer, at the moment in which it is written: what is left is reckoned once. */
  get #answerHeaders(): HeaderFields {
    if (!this.#limitsTold && this.#entry !== undefined) {
      this.#limitsTold = true
      this.tellLimits(this.#entry.allowances(this.now))
    }
    return this.#headers
  }

  /** The same as Node takes them. */
  #rawHeaders(): RawHeaders {
    const raw = addHeaders([], this.#headers)
    if (this.#limitsTold || this.#entry === undefined) return raw
    const allowances = this.#entry.allowances(this.now)
    if (allowances !== undefined) addLimitHeaders(raw, this.dialect.id, allowances, this.now)
    return raw
  }

  /** The request was let in by its key's limits: it holds a place until it has left. */
  entered(entry: Entry): void {
    this.#entry = entry
  }

  /** Sets aside the tokens that the request will use, by these estimates. Gives why there is no room, if so. */
  reserve(input: () => number, output: number): GatewayError | undefined {
    const entry = this.#entry
    if (entry === undefined || !entry.countsTokens) return undefined
    this.#inputTokens = input()
    return entry.reserve(this.#inputTokens, output, this.now)
  }

  /** The request is over, however it ended: gives its place back, and the tokens that it did not use. */
  left(): void {
    this.#entry?.end(this.#usedTokens, this.now)
  }

  /**
   * As the vendor has counted; of what it did not count, by an estimate of what was shown, also where it broke off or
   * was left. What failed before anything was shown, or was cached, has used nothing.
   */
  get #usedTokens(): number {
    const { isCached, outcome, shownCharacters, usage } = this.record
    if (isCached) return 0
    if (usage !== undefined) return usage.inputTokens + usage.outputTokens
    return outcome === "error" && shownCharacters === 0 ? 0 : this.#inputTokens + estimateTokens(shownCharacters)
  }

  /** What the request cost, once the usage of its answer is known. */
  #bill(
    { model, provider, spent }: Pick<Served, "provider" | "model" | "spent">,
    request?: ChatRequest
  ): NanoUsd | undefined {
    const { caller, id, isCached, usage } = this.record
    if (isCached) return zero
    return this.#price({ provider, model, usage, request, spent: spent?.(), requestId: id, caller })
  }

  /** Has the caller gone, or was it told already? Then there is nobody to write to. */
  get isOver(): boolean {
    return this.outgoing.destroyed || this.outgoing.writableEnded
  }

  /** The answer to a request for a whole one. */
  whole(
    dialect: InboundDialect,
    handle: Handler,
    request: ChatRequest
  ): Effect.Effect<HttpServerResponse.HttpServerResponse, GatewayError, Scope.Scope> {
    return Effect.map(handle(request), (answer) => {
      if (answer._tag !== "Whole") throw new TypeError("a whole answer was asked for, but a live one came")
      this.record.answered(answer, this.#clock.currentTimeMillisUnsafe())
      const cost = this.#bill(answer.served, request)
      const encoded = dialect.encodeResponse(answer.response, request)
      const told = this.wantsMetadata
        ? { ...encoded, switchyard: metadataOf(answer.served, this.record.id, cost) }
        : encoded
      return this.#json(JSON.stringify(told), answer.served, cost)
    })
  }

  /** The answer to a request for vectors. */
  vectors(
    dialect: EmbeddingsInbound,
    embed: EmbeddingHandler,
    request: EmbeddingRequest
  ): Effect.Effect<HttpServerResponse.HttpServerResponse, GatewayError, Scope.Scope> {
    return Effect.map(embed(request), (embedded) => {
      this.record.embedded(embedded)
      const cost = this.#bill(embedded.served)
      return this.#json(JSON.stringify(dialect.encodeResponse(embedded.response, request)), embedded.served, cost)
    })
  }

  /**
   * Writes an answer that is whole. As streams do, straight to Node's response, which the platform then finds ended: a
   * response of its own would be taken apart into the same headers again.
   */
  #json(body: string, served: Served, cost: NanoUsd | undefined): HttpServerResponse.HttpServerResponse {
    this.record.succeeded(200)
    if (!this.isOver) {
      const raw = addHeaders(this.#rawHeaders(), servedHeaders(served))
      if (cost !== undefined) addCost(raw, cost)
      raw.push("content-type", "application/json", "content-length", String(Buffer.byteLength(body)))
      this.outgoing.writeHead(200, raw)
      this.outgoing.end(body)
    }
    return HttpServerResponse.empty()
  }

  /** An answer that the gateway gives by itself. */
  told(body: JsonObject, headers: HeaderFields): HttpServerResponse.HttpServerResponse {
    this.record.succeeded(200)
    return HttpServerResponse.jsonUnsafe(body, { headers: { ...this.#answerHeaders, ...headers } })
  }

  /** The answer to a request for a live one, written to its end. */
  live(
    dialect: InboundDialect,
    handle: Handler,
    request: ChatRequest,
    settings: ServerSettings
  ): Effect.Effect<HttpServerResponse.HttpServerResponse, GatewayError, Scope.Scope> {
    const stream = new EventStream(this.outgoing, this.#clock, this.#rawHeaders(), dialect.streamMediaType)
    const encoder = dialect.streamEncoder(request)
    this.#stream = stream
    this.#encoder = encoder
    const { record } = this
    const tail = this.wantsMetadata ? new StreamTail() : undefined
    this.#tail = tail
    let served: Served | undefined

    const write = (frames: ReadonlyArray<Frame>) => {
      // frames that were pulled together go out in one write
      let text = ""
      for (const frame of frames) {
        record.observe(frame)
        const own = encoder.frame(frame)
        text += tail === undefined ? own : tail.pass(frame, own)
      }
      if (!record.ended) return stream.write(text)
      if (served !== undefined) {
        const cost = this.#bill(served, request)
        if (tail !== undefined) text += tail.end(metadataOf(served, record.id, cost))
      }
      // the end of the body goes out in one write with the end of the answer
      record.succeeded(200)
      stream.end(text)
      return Effect.void
    }
    const serving = Effect.flatMap(handle(request), (answer) => {
      if (answer._tag !== "Live") throw new TypeError("a live answer was asked for, but a whole one came")
      record.answered(answer, this.#clock.currentTimeMillisUnsafe())
      served = answer.served
      const raw = addHeaders([], servedHeaders(answer.served))
      if (record.isCached) addCost(raw, zero)
      stream.open(raw)
      return Effect.flatMap(Stream.runForEachArray(answer.frames, write), () =>
        record.ended ? Effect.succeed(HttpServerResponse.empty()) : Effect.fail(noEnd(answer))
      )
    })
    return Effect.flatMap(
      Effect.forkChild(stream.pulse(dialect.heartbeat, settings.patience, settings.heartbeat)),
      (pulse) => Effect.onExit(serving, () => Effect.sync(() => pulse.interruptUnsafe()))
    )
  }

  /** Tells the caller what went wrong, in the way that is still open. */
  refuse(error: GatewayError): HttpServerResponse.HttpServerResponse {
    if (this.outgoing.headersSent) {
      this.record.failed(error, this.outgoing.statusCode)
      const held = this.#tail?.release() ?? ""
      if (this.#stream !== undefined && this.#encoder !== undefined) this.#stream.end(held + this.#encoder.error(error))
      return HttpServerResponse.empty()
    }
    const reply = errorReply(this.dialect, error, this.record.id)
    this.record.failed(error, reply.status)
    return errorResponse({ ...reply, headers: { ...reply.headers, ...this.#answerHeaders } })
  }

  /** Ends the request now because the gateway goes down. The fiber that served it must be interrupted afterwards. */
  stop(): void {
    if (this.isOver) return
    const error = gatewayError({ _tag: "ShuttingDown" })
    if (this.outgoing.headersSent) return void this.refuse(error)
    const reply = errorReply(this.dialect, error, this.record.id)
    this.record.failed(error, reply.status)
    this.outgoing.writeHead(reply.status, { ...reply.headers, ...this.#answerHeaders })
    this.outgoing.end(reply.body)
  }
}

const addCost = (raw: RawHeaders, cost: NanoUsd): void => {
  raw.push("x-switchyard-cost-usd", showUsd(cost))
}

/** A stream that ran out without its end was cut, whatever ended it. */
const noEnd = (answer: Answer): GatewayError =>
  gatewayError(
    {
      _tag: "CutShort",
      provider: answer.served.provider,
      model: answer.served.model,
      reason: { _tag: "MalformedResponse", message: "the stream stopped without its end" }
    },
    answer.served.attempts
  )

/** Node's own objects behind a request; the listener speaks HTTP/1.1 only. */
export const nodePair = (
  request: HttpServerRequest.HttpServerRequest
): { readonly incoming: IncomingMessage; readonly outgoing: ServerResponse } => {
  const incoming = NodeHttpServerRequest.toIncomingMessage(request)
  const outgoing = NodeHttpServerRequest.toServerResponse(request)
  if (incoming instanceof IncomingMessage && outgoing instanceof ServerResponse) return { incoming, outgoing }
  throw new TypeError("not an HTTP/1.1 request")
}
