/**
 * A running edge over a scripted gateway, and clients that speak HTTP through real sockets.
 *
 * @module
 */
import { Effect, Layer, Metric, Redacted, type Scope, Stream } from "effect"
import { Agent, type ClientRequest, type IncomingMessage, request as httpRequest } from "node:http"
import {
  type ClientKey,
  defaultResilience,
  defaultServer,
  type ServerSettings,
  type Settings
} from "../../src/config/Settings.ts"
import type { Answer, Handler, Served } from "../../src/domain/Answer.ts"
import type { EmbeddingHandler } from "../../src/domain/Embedding.ts"
import type { CountHandler } from "../../src/domain/TokenCount.ts"
import type { ChatEvent, Frame } from "../../src/domain/ChatEvent.ts"
import { type GatewayError, gatewayError } from "../../src/domain/GatewayError.ts"
import { type Availability, Gateway, type ModelListing } from "../../src/gateway/Gateway.ts"
import { ClientKeys } from "../../src/keys/ClientKeys.ts"
import { KeyLimits } from "../../src/keys/KeyLimits.ts"
import { LineSink } from "../../src/observability/LineSink.ts"
import { RequestLog } from "../../src/observability/RequestLog.ts"
import { RequestMetrics } from "../../src/observability/RequestMetrics.ts"
import { Operations } from "../../src/gateway/Operations.ts"
import type { ConnectionLimits } from "../../src/server/Listener.ts"
import * as Server from "../../src/server/Server.ts"
import { unjudged } from "./judging.ts"
import { noOperations } from "./operations.ts"

/** Settings with defaults, on an ephemeral port. */
export const settingsWith = (server: Partial<ServerSettings> = {}, keys: ReadonlyArray<ClientKey> = []): Settings => ({
  server: { ...defaultServer, port: 0, ...server },
  providers: [],
  providersOff: [],
  aliases: [],
  facts: new Map(),
  resilience: defaultResilience,
  keys,
  source: "file",
  warnings: []
})

export const clientKey = (name: string, key: string, grants: Partial<ClientKey> = {}): ClientKey => ({
  name,
  key: Redacted.make(key),
  tenant: undefined,
  priority: "normal",
  allow: undefined,
  ...grants
})

export const served: Served = {
  provider: "acme",
  model: "large-1",
  attempts: [{ provider: "acme", model: "large-1", millis: 12 }],
  fallback: undefined,
  dropped: []
}

/** A whole answer of one text. */
export const whole = (text: string, of: Partial<Served> = {}): Answer => ({
  _tag: "Whole",
  served: { ...served, ...of },
  response: {
    id: "answer-1",
    model: "large-1",
    choices: [{ index: 0, content: [{ _tag: "Text", text }], finishReason: "stop" }],
    usage: { inputTokens: 7, outputTokens: 3 }
  }
})

const frame = (event: ChatEvent): Frame => ({ events: [event], wire: undefined })
export const started = frame({ _tag: "Started", id: "answer-1", model: "large-1" })
export const text = (text: string): Frame => frame({ _tag: "TextDelta", choice: 0, text })
/** How a complete stream ends. */
export const ending: ReadonlyArray<Frame> = [
  frame({ _tag: "Finished", choice: 0, reason: "stop" }),
  frame({ _tag: "UsageReported", usage: { inputTokens: 7, outputTokens: 3 } }),
  frame({ _tag: "Ended" })
]
export const frames = (...texts: ReadonlyArray<string>): ReadonlyArray<Frame> => [
  started,
  ...texts.map(text),
  ...ending
]

/** A live answer of these frames. */
export const live = (frames: Stream.Stream<Frame, GatewayError>, of: Partial<Served> = {}): Answer => ({
  _tag: "Live",
  served: { ...served, ...of },
  frames
})

export const failure = (reason: GatewayError["reason"]): GatewayError => gatewayError(reason, served.attempts)

/** Answers "hello", whole or live. */
export const hello: Handler = (request) =>
  Effect.succeed(request.delivery === "whole" ? whole("hello") : live(Stream.fromIterable(frames("hel", "lo"))))

export interface Edge {
  readonly settings?: Settings
  /** Those in force, where they change while the edge runs. */
  readonly settingsNow?: () => Settings
  readonly handle?: Handler
  readonly embed?: EmbeddingHandler
  readonly count?: CountHandler
  readonly bill?: Gateway["Service"]["bill"]
  readonly models?: ReadonlyArray<ModelListing>
  /** Known, but in no list. */
  readonly unlisted?: ReadonlyArray<ModelListing>
  readonly availability?: ReadonlyArray<Availability>
  /** Takes the lines of the log. */
  readonly lines?: Array<string>
  readonly limits?: ConnectionLimits
  readonly format?: "readable" | "json"
  readonly operations?: Operations["Service"]
  readonly keys?: Layer.Layer<ClientKeys>
}

/** The real server over a gateway that does what the test says. */
export const edgeWith = (options: Edge = {}) =>
  Server.layer(options.settings ?? settingsWith(), options.limits).pipe(
    Layer.provide([
      Layer.succeed(Gateway, {
        handle: options.handle ?? hello,
        embed: options.embed ?? (() => Effect.never),
        count: options.count ?? (() => Effect.undefined),
        bill: options.bill ?? (() => undefined),
        settings: options.settingsNow ?? (() => options.settings ?? settingsWith()),
        models: Effect.succeed(options.models ?? []),
        model: (name) =>
          Effect.succeed([...(options.models ?? []), ...(options.unlisted ?? [])].find(({ id }) => id === name)),
        availability: Effect.succeed(options.availability ?? []),
        ...unjudged
      }),
      Layer.succeed(Operations, options.operations ?? noOperations),
      options.keys ?? ClientKeys.layerMemory(options.settingsNow ?? (() => options.settings ?? settingsWith())),
      KeyLimits.layer,
      RequestLog.layerWith({ format: options.format ?? "json" }).pipe(
        Layer.provide(LineSink.layerMemory(options.lines ?? []))
      ),
      RequestMetrics.layer.pipe(Layer.provide(Layer.sync(Metric.MetricRegistry, () => new Map())))
    ])
  )

/** Runs `use` against a running edge. */
export const withEdge = <A, E>(
  options: Edge,
  use: (port: number) => Effect.Effect<A, E, Scope.Scope>
): Effect.Effect<A, E | Server.StartError> =>
  // what the test leaves open is closed before the server is, which waits for it
  Effect.flatMap(Server.Listening, ({ port }) => Effect.scoped(use(port))).pipe(Effect.provide(edgeWith(options)))

export interface Reply {
  readonly status: number
  readonly headers: Readonly<Record<string, string | undefined>>
  readonly body: string
  /** The body as JSON. */
  readonly json: unknown
}

export interface Ask {
  readonly method?: string
  readonly path?: string
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string | Uint8Array | object
}

/** Chat Completions' smallest request. */
export const chat = (extra: object = {}): object => ({
  model: "smart",
  messages: [{ role: "user", content: "hi" }],
  ...extra
})
/** Messages' smallest request. */
export const message = (extra: object = {}): object => ({ ...chat(extra), max_tokens: 100, ...extra })

/** Sends a request and reads its whole answer. */
export const send = (port: number, ask: Ask = {}): Effect.Effect<Reply> =>
  Effect.scoped(
    Effect.flatMap(open(port, ask), (opened) =>
      Effect.map(opened.rest, (body) => ({
        status: opened.response.statusCode ?? 0,
        headers: opened.headers,
        body,
        json: parse(body)
      }))
    )
  )

export interface Opened {
  readonly request: ClientRequest
  readonly response: IncomingMessage
  readonly headers: Readonly<Record<string, string | undefined>>
  /** Waits until what was received so far holds `piece`. */
  readonly seen: (piece: string) => Effect.Effect<string>
  /** What was received, once the body has ended. */
  readonly rest: Effect.Effect<string>
  /** Leaves. */
  readonly leave: Effect.Effect<void>
}

/** Sends a request and gives its answer as soon as the headers are there. */
export const open = (port: number, ask: Ask = {}): Effect.Effect<Opened, never, Scope.Scope> =>
  Effect.acquireRelease(asked(port, ask), (opened) => opened.leave, { interruptible: true })

const asked = (port: number, ask: Ask): Effect.Effect<Opened> =>
  Effect.callback<Opened>((resume) => {
    const { body = chat(), method = "POST", path = "/v1/chat/completions" } = ask
    const bytes = typeof body === "string" || body instanceof Uint8Array ? body : JSON.stringify(body)
    const request = httpRequest(
      {
        host: "127.0.0.1",
        port,
        method,
        path,
        agent: new Agent({ keepAlive: false }),
        headers: { "content-type": "application/json", ...ask.headers }
      },
      (response) => {
        let received = ""
        const watchers = new Set<() => void>()
        let ended = false
        const notify = () => {
          for (const watcher of watchers) watcher()
        }
        response.setEncoding("utf8")
        response.on("data", (chunk: string) => {
          received += chunk
          notify()
        })
        const end = () => {
          ended = true
          notify()
        }
        response.on("end", end)
        response.on("close", end)
        response.on("error", end)
        const until = (ready: () => boolean) =>
          Effect.callback<string>((resume) => {
            const check = () => {
              if (!ready()) return
              watchers.delete(check)
              resume(Effect.succeed(received))
            }
            watchers.add(check)
            check()
            return Effect.sync(() => watchers.delete(check))
          })
        resume(
          Effect.succeed({
            request,
            response,
            headers: headersOf(response),
            seen: (piece) => until(() => received.includes(piece)),
            rest: until(() => ended),
            leave: Effect.sync(() => request.destroy())
          })
        )
      }
    )
    // a connection the server cuts is what some tests are about; they see it by the answer
    request.on("error", () => {})
    if (method === "GET" || method === "HEAD" || method === "OPTIONS") request.end()
    else request.end(bytes)
    return Effect.sync(() => request.destroy())
  })

const headersOf = (response: IncomingMessage): Readonly<Record<string, string | undefined>> =>
  Object.fromEntries(
    Object.entries(response.headers).map(([name, value]) => [name, Array.isArray(value) ? value.join(", ") : value])
  )

const parse = (body: string): unknown => {
  try {
    return JSON.parse(body)
  } catch {
    return undefined
  }
}

/** Waits until `ready` holds, looking again whenever sockets have had their turn. Fails a test by its time limit. */
export const until = (ready: () => boolean): Effect.Effect<void> =>
  Effect.suspend(() =>
    ready()
      ? Effect.void
      : Effect.andThen(
          Effect.callback<void>((resume) => void setImmediate(() => resume(Effect.void))),
          until(ready)
        )
  )

/** A few turns of the event loop, for what was set off to come to rest. */
export const turns: Effect.Effect<void> = Effect.callback((resume) => {
  let left = 10
  const turn = () => void (--left === 0 ? resume(Effect.void) : setImmediate(turn))
  setImmediate(turn)
})
