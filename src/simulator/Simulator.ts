/**
 * Loopback servers that speak the vendors' wires, with faults at will.
 *
 * One listener plays all vendors: `http://127.0.0.1:<port>/<vendor>/…` is that vendor (`anthropic`, `google` and
 * `gemini` their own wires, any other name OpenAI's); without a prefix the path tells (`/v1/messages` Anthropic,
 * `/v1beta` Google, else OpenAI). `baseUrl(vendor)` is what an SDK takes. `/control/…` is the operator's: faults are set
 * with POST `/control/faults`, listed with GET, taken back with DELETE; rate limits likewise at `/control/limits`;
 * `/control/calls` lists what was received, with credentials masked.
 *
 * POST `/control/cut` breaks every stream of a vendor that runs.
 *
 * What is answered is decided purely: a wire hears the request (`Wire`), the model speaks (`Speech`), faults are chosen
 * (`Faults`), the bytes are laid out (`Script`); here sockets are opened and closed. Each call runs in a fiber of its
 * own that is interrupted when the caller leaves; closing the scope destroys all sockets.
 *
 * Gotcha: waits are on the Clock of whoever made the simulator; under a TestClock a pace needs `TestClock.adjust`.
 *
 * @module
 */
import { createServer, type IncomingMessage, type ServerResponse } from "node:http"
import type { AddressInfo, Socket } from "node:net"
import { Clock, Context, Effect, FiberSet, Layer, type Scope } from "effect"
import { parseJson } from "../domain/Json.ts"
import { answer, plainSteps } from "./Answering.ts"
import { anthropicWire } from "./AnthropicWire.ts"
import * as Calls from "./Calls.ts"
import { control } from "./Control.ts"
import * as FaultBoard from "./FaultBoard.ts"
import type { FaultSetting } from "./Faults.ts"
import { geminiWire } from "./GeminiWire.ts"
import * as Limits from "./Limits.ts"
import { openAiWire } from "./OpenAiWire.ts"
import { play, readBody } from "./Player.ts"
import { type Replay, replaySteps } from "./Replay.ts"
import type { Incoming, Session, Wire } from "./Wire.ts"

export type WireId = "openai" | "anthropic" | "gemini"

const wires: Readonly<Record<WireId, Wire>> = { openai: openAiWire, anthropic: anthropicWire, gemini: geminiWire }

/** The vendors whose wire is not OpenAI's. */
const wireOfVendor: Readonly<Record<string, WireId>> = { anthropic: "anthropic", google: "gemini", gemini: "gemini" }

/** Base URLs that do not end as their wire's do. */
const baseSuffixes: Readonly<Record<string, string>> = { "azure-openai": "" }

export interface VendorOptions {
  /** Default: by the vendor's name. */
  readonly wire?: WireId
  /** The models that are listed; when given, also the only ones that are served. */
  readonly models?: ReadonlyArray<string>
  /** The keys that are taken. Default: any that is not empty. */
  readonly keys?: ReadonlyArray<string>
}

export interface SimulatorOptions {
  /** Default: 0, any free port. */
  readonly port?: number
  readonly vendors?: Readonly<Record<string, VendorOptions>>
  /** Between two pieces of content. Default: 0, as fast as the socket takes them. */
  readonly paceMillis?: number
  /** How many calls are remembered. Default: 1,000. */
  readonly rememberedCalls?: number
}

export interface SimulatorShape {
  /** `http://127.0.0.1:<port>`. */
  readonly url: string
  /** What an SDK takes as its base URL: with `/v1` for OpenAI's wire, without a version for the others. */
  readonly baseUrl: (vendor: string) => string
  readonly calls: Effect.Effect<ReadonlyArray<Calls.RecordedCall>>
  readonly clearCalls: Effect.Effect<void>
  /** The first call, past or to come, that `is` is true of. */
  readonly untilCall: (is: (call: Calls.RecordedCall) => boolean) => Effect.Effect<Calls.RecordedCall>
  /** Faults of a model's name come before these; of these the first that fits is taken. */
  readonly setFault: (setting: FaultSetting) => Effect.Effect<void>
  readonly clearFaults: Effect.Effect<void>
  /** What a vendor allows from now on; `undefined`: everything again. */
  readonly setLimits: (vendor: string, limits: Limits.VendorLimits | undefined) => Effect.Effect<void>
  /** The limits that are set, with how many calls each vendor has refused since. */
  readonly limits: Effect.Effect<ReadonlyArray<Limits.ActiveLimits>>
  /** Answers that come before any wire; `undefined` takes them back. */
  readonly setReplay: (replay: Replay | undefined) => Effect.Effect<void>
  readonly openConnections: Effect.Effect<number>
  /** Streamed answers that have begun and not ended. */
  readonly openStreams: Effect.Effect<number>
  /** Breaks every streamed answer of a vendor that has begun and not ended; gives how many there were. */
  readonly cut: (vendor: string) => Effect.Effect<number>
}

export class Simulator extends Context.Service<Simulator, SimulatorShape>()("switchyard/simulator/Simulator") {
  static readonly layer = (options: SimulatorOptions = {}): Layer.Layer<Simulator> =>
    Layer.effect(Simulator, make(options))
}

/** Opens the listener; the scope closes it with all its sockets. Dies where the port is taken. */
export const make = (options: SimulatorOptions = {}): Effect.Effect<SimulatorShape, never, Scope.Scope> =>
  Effect.gen(function* () {
    const calls = yield* Calls.make(options.rememberedCalls ?? 1000)
    const run = yield* FiberSet.makeRuntime<never>()
    const sockets = new Set<Socket>()
    const board = FaultBoard.make()
    const limits = Limits.make()
    let replay: Replay | undefined
    let count = 0
    /** Streamed answers that run, with how to break each. */
    const streams = new Map<number, { readonly vendor: string; readonly destroy: () => void }>()
    const broken = new Set<number>()
    const cut = (vendor: string) =>
      Effect.sync(() => {
        const running = [...streams].filter(([, stream]) => stream.vendor === vendor)
        for (const [number, { destroy }] of running) {
          broken.add(number)
          destroy()
        }
        return running.length
      })

    const handle = (request: IncomingMessage, response: ServerResponse, port: number): Effect.Effect<void> =>
      Effect.gen(function* () {
        const text = yield* readBody(request)
        const nowMillis = yield* Clock.currentTimeMillis
        const { path, query, vendor } = route(request)
        const method = request.method ?? "GET"
        if (vendor === undefined)
          return yield* play(
            response,
            plainSteps(yield* control(calls, board, limits, cut, method, path, text)),
            nowMillis
          )
        count += 1
        const number = count
        const headers = flatten(request.headers)
        const incoming: Incoming = { vendor, method, path, query, headers, body: text }
        const body = parseJson(text) ?? text
        const settings = options.vendors?.[vendor]
        const wire = wires[settings?.wire ?? wireOfVendor[vendor] ?? "openai"]
        const session: Session = {
          call: number,
          id: `sim${port.toString(36)}${number.toString(36).padStart(8, "0")}`,
          nowMillis,
          keys: settings?.keys,
          models: settings?.models ?? wire.models
        }
        /** What is counted here is counted back when the call is over, however it ends. */
        const begin = Effect.sync(() => {
          const replayed = replay?.({ vendor, method, path, query, headers, body })
          const outcome =
            replayed === undefined
              ? answer(wire, incoming, session, settings?.models, board.take, limits, options.paceMillis ?? 0)
              : { steps: replaySteps(replayed), model: undefined, fault: undefined, streaming: false, entered: false }
          const call: Calls.RecordedCall = {
            number,
            vendor,
            model: outcome.model,
            method,
            path,
            query: query.toString(),
            headers,
            body,
            atMillis: nowMillis,
            fault: outcome.fault?.name,
            status: undefined,
            endedAtMillis: undefined,
            aborted: false
          }
          if (outcome.streaming) streams.set(number, { vendor, destroy: () => response.socket?.destroy() })
          return { call, outcome }
        })
        yield* Effect.acquireUseRelease(
          begin,
          ({ call, outcome }) => Effect.andThen(calls.record(call), play(response, outcome.steps, nowMillis)),
          ({ call, outcome }, exit) =>
            Effect.clockWith((clock) => {
              streams.delete(number)
              if (outcome.entered) limits.leave(vendor)
              return calls.record({
                ...call,
                status: response.headersSent ? response.statusCode : undefined,
                endedAtMillis: clock.currentTimeMillisUnsafe(),
                // only the caller's leaving, a cut and the scope's end interrupt a call
                aborted: !broken.delete(number) && exit._tag === "Failure"
              })
            })
        )
      })

    const server = createServer()
    server.on("connection", (socket) => {
      sockets.add(socket)
      socket.on("error", () => socket.destroy())
      socket.on("close", () => sockets.delete(socket))
    })
    const address = yield* Effect.acquireRelease(
      Effect.callback<AddressInfo>((resume) => {
        server.once("error", (error) => resume(Effect.die(error)))
        server.listen(options.port ?? 0, "127.0.0.1", () => {
          const bound = server.address()
          if (bound !== null && typeof bound === "object") resume(Effect.succeed(bound))
        })
      }),
      () =>
        Effect.callback<void>((resume) => {
          server.close(() => resume(Effect.void))
          for (const socket of sockets) socket.destroy()
        })
    )
    server.on("request", (request, response) => {
      const fiber = run(handle(request, response, address.port))
      response.on("close", () => {
        if (!response.writableFinished) fiber.interruptUnsafe()
      })
    })

    const url = `http://127.0.0.1:${address.port}`
    return {
      url,
      baseUrl: (vendor) =>
        `${url}/${vendor}${
          baseSuffixes[vendor] ?? wires[options.vendors?.[vendor]?.wire ?? wireOfVendor[vendor] ?? "openai"].baseSuffix
        }`,
      calls: calls.all,
      clearCalls: calls.clear,
      untilCall: calls.until,
      setFault: board.set,
      clearFaults: board.clear,
      setLimits: limits.set,
      limits: limits.active,
      setReplay: (next) =>
        Effect.sync(() => {
          replay = next
        }),
      openConnections: Effect.sync(() => sockets.size),
      openStreams: Effect.sync(() => streams.size),
      cut
    }
  })

/** Whom a request is for. No vendor: the operator's own paths. */
const route = (
  request: IncomingMessage
): { readonly vendor: string | undefined; readonly path: string; readonly query: URLSearchParams } => {
  const { pathname, searchParams: query } = new URL(request.url ?? "/", "http://127.0.0.1")
  const [, first = "", rest = "/"] = /^\/([^/]*)(\/.*)?$/.exec(pathname) ?? []
  if (first === "control") return { vendor: undefined, path: pathname, query }
  if (/^v1(beta|alpha)/.test(first)) return { vendor: "google", path: pathname, query }
  if (first !== "v1") return { vendor: first, path: rest, query }
  const anthropic = rest.startsWith("/messages") || request.headers["anthropic-version"] !== undefined
  return { vendor: anthropic ? "anthropic" : "openai", path: pathname, query }
}

const flatten = (headers: IncomingMessage["headers"]): Readonly<Record<string, string>> =>
  Object.fromEntries(
    Object.entries(headers).flatMap(([name, value]) => (value === undefined ? [] : [[name, String(value)]]))
  )
