/**
 * What every kind of provider promises over its own wire, whatever the vendor. One suite, run for each kind.
 */
import { assert, describe, it } from "@effect/vitest"
import { Effect, Exit, Fiber, Layer, Scope, Stream } from "effect"
import { Catalog } from "../../src/catalog/Catalog.ts"
import type { ProviderSpec } from "../../src/config/ProviderSpec.ts"
import type { ChatEvent, Frame } from "../../src/domain/ChatEvent.ts"
import type { ChatRequest } from "../../src/domain/ChatRequest.ts"
import type { DialectId } from "../../src/domain/Ids.ts"
import type { Json, JsonObject } from "../../src/domain/Json.ts"
import { isJsonObject } from "../../src/domain/Json.ts"
import { textOf } from "../../src/domain/Message.ts"
import type { ProviderError } from "../../src/domain/ProviderError.ts"
import { LLMProvider } from "../../src/provider/LLMProvider.ts"
import { providerLayer } from "../../src/provider/kinds.ts"
import { Transport } from "../../src/provider/Transport.ts"
import { chatRequest, providerSpec } from "./requests.ts"
import { type Received, type Respond, type Wire, broken, json, makeWire, silent, sse, stalled, text } from "./wire.ts"

export interface Subject {
  readonly name: string
  readonly spec: Partial<ProviderSpec> & Pick<ProviderSpec, "kind">
  /** Behind the wire's own URL, in the config. */
  readonly basePath: string
  readonly dialect: DialectId
  /** The path of a request for `model`, delivery by delivery. */
  readonly path: (model: string, delivery: ChatRequest["delivery"]) => string
  /** The header that carries a key, and its value. */
  readonly auth: (key: string) => readonly [name: string, value: string]
  /** The model in a request's body, where it is there. */
  readonly modelInBody: boolean
  /** A whole answer that says `Hello!`, with a field `novelty` that nobody models. */
  readonly whole: JsonObject
  /** The same as events that end; the pieces are `Hel`, `lo!`. */
  readonly stream: ReadonlyArray<string>
  /** How many of the events say `Hel` and all that is before it. */
  readonly firstPiece: number
  /** An overload, as the vendor says it with an HTTP status and inside a stream. */
  readonly overload: { readonly status: number; readonly body: Json; readonly event: string }
  /** A request's body on this wire with a field `novelty`. */
  readonly wireBody: JsonObject
}

const model = "test-model"
const whole = chatRequest({ model })
const live = chatRequest({ model, delivery: "live" })

const textIn = (frames: ReadonlyArray<Frame>): string =>
  frames
    .flatMap((frame): ReadonlyArray<ChatEvent> => frame.events)
    .map((event) => (event._tag === "TextDelta" ? event.text : ""))
    .join("")

const tagsIn = (frames: ReadonlyArray<Frame>): ReadonlyArray<string> =>
  frames.flatMap((frame) => frame.events.map((event) => event._tag))

/** Runs `use` with a provider of the subject that talks to a wire that answers with `respond`. */
const against = (
  subject: Subject,
  respond: Respond,
  use: (provider: LLMProvider["Service"], wire: Wire) => Effect.Effect<void, unknown, Scope.Scope>,
  apiKeys: ReadonlyArray<string> = ["key-one"]
) =>
  Effect.gen(function* () {
    const wire = yield* makeWire(respond)
    const spec = providerSpec({ id: "vendor", ...subject.spec, baseUrl: wire.url + subject.basePath, apiKeys })
    const context = yield* Layer.build(
      providerLayer()(spec).pipe(Layer.provide([Transport.layer({ connectTimeout: "5 seconds" }), Catalog.layer]))
    )
    yield* Effect.provide(
      Effect.flatMap(LLMProvider, (provider) => use(provider, wire)),
      context
    )
  }).pipe(Effect.scoped)

/** What a stream gave before it ended or failed. */
const collect = (stream: Stream.Stream<Frame, ProviderError>) =>
  Effect.gen(function* () {
    const frames: Array<Frame> = []
    const exit = yield* Effect.result(Stream.runForEach(stream, (frame) => Effect.sync(() => void frames.push(frame))))
    return { frames, exit }
  })

const bodyOf = (received: Received | undefined): JsonObject => (isJsonObject(received?.body) ? received.body : {})

export const providerLaws = (subject: Subject): void => {
  const events = subject.stream.join("")

  describe(`${subject.name} over its wire`, () => {
    it.live("gets a whole answer, its usage and the vendor's own body", () =>
      against(subject, json(subject.whole), (provider, wire) =>
        Effect.gen(function* () {
          const response = yield* provider.complete(whole)
          assert.strictEqual(textOf(response.choices[0].content), "Hello!")
          assert.strictEqual(response.choices[0].finishReason, "stop")
          assert.deepInclude(response.usage, { inputTokens: 5, outputTokens: 2 })
          assert.strictEqual(response.wire?.dialect, subject.dialect)
          assert.strictEqual(response.wire?.body["novelty"], "kept")
          const [received] = wire.requests
          assert.strictEqual(received?.method, "POST")
          assert.strictEqual(received?.path, subject.path(model, "whole"))
          const [name, value] = subject.auth("key-one")
          assert.strictEqual(received?.headers[name], value)
          assert.strictEqual(received?.headers["content-type"], "application/json")
          if (subject.modelInBody) assert.strictEqual(bodyOf(received)["model"], model)
        })
      )
    )

    it.live("gets a stream up to its end", () =>
      against(subject, sse(events), (provider, wire) =>
        Effect.gen(function* () {
          const { exit, frames } = yield* collect(provider.stream(live))
          assert.strictEqual(exit._tag, "Success")
          assert.strictEqual(textIn(frames), "Hello!")
          const tags = tagsIn(frames)
          assert.strictEqual(tags[0], "Started")
          assert.strictEqual(tags.at(-1), "Ended")
          assert.strictEqual(tags.filter((tag) => tag === "Finished").length, 1)
          assert.include(tags, "UsageReported")
          assert.isTrue(frames.some((frame) => frame.wire?.dialect === subject.dialect))
          assert.strictEqual(wire.requests[0]?.path, subject.path(model, "live"))
        })
      )
    )

    it.live("gets the same stream however its bytes are split", () =>
      against(
        subject,
        (response) => {
          response.writeHead(200, { "content-type": "text/event-stream; charset=utf-8" })
          const bytes = Buffer.from(events.replace("Hel", "Hél"))
          const write = (at: number): void => {
            if (at >= bytes.length) response.end()
            else response.write(bytes.subarray(at, at + 7), () => write(at + 7))
          }
          write(0)
        },
        (provider) =>
          Effect.gen(function* () {
            const { frames } = yield* collect(provider.stream(live))
            assert.strictEqual(textIn(frames), "Héllo!")
            assert.strictEqual(tagsIn(frames).at(-1), "Ended")
          })
      )
    )

    it.live("uses its connections again, after whole answers and after streams", () =>
      against(
        subject,
        (response, received) =>
          received.path.includes("alt=sse") || bodyOf(received)["stream"] === true
            ? sse(events)(response, received)
            : json(subject.whole)(response, received),
        (provider, wire) =>
          Effect.gen(function* () {
            for (let round = 0; round < 4; round++) {
              yield* provider.complete(whole)
              yield* collect(provider.stream(live))
            }
            assert.strictEqual(wire.requests.length, 8)
            // a connection is free again one turn of the event loop after its answer, so two take turns
            assert.isAtMost(wire.sockets(), 2)
          })
      )
    )

    it.live("opens a stream when it is first pulled, not before", () =>
      against(subject, sse(events), (provider, wire) =>
        Effect.gen(function* () {
          const pull = yield* Stream.toPull(provider.stream(live))
          assert.strictEqual(wire.requests.length, 0)
          yield* Effect.ignore(pull)
          assert.strictEqual(wire.requests.length, 1)
        })
      )
    )

    it.live("classifies the vendor's error by its status and body, whole and streamed", () =>
      against(subject, json(subject.overload.body, subject.overload.status, { "retry-after": "7" }), (provider) =>
        Effect.gen(function* () {
          const error = yield* Effect.flip(provider.complete(whole))
          assert.strictEqual(error.provider, "vendor")
          assert.strictEqual(error.model, model)
          assert.deepInclude(error.reason, {
            _tag: "Overloaded",
            status: subject.overload.status,
            retryAfterMillis: 7_000
          })
          const streamed = yield* Effect.flip(Stream.runDrain(provider.stream(live)))
          assert.deepStrictEqual(streamed.reason, error.reason)
        })
      )
    )

    it.live("classifies an error inside a stream after what was shown", () =>
      against(subject, sse(subject.stream.slice(0, subject.firstPiece).join("") + subject.overload.event), (provider) =>
        Effect.gen(function* () {
          const { exit, frames } = yield* collect(provider.stream(live))
          assert.strictEqual(textIn(frames), "Hel")
          assert.strictEqual(exit._tag === "Failure" ? exit.failure.reason._tag : "none", "Overloaded")
        })
      )
    )

    it.live("classifies an error inside a 200", () =>
      against(subject, json(subject.overload.body), (provider) =>
        Effect.gen(function* () {
          assert.strictEqual((yield* Effect.flip(provider.complete(whole))).reason._tag, "Overloaded")
          assert.strictEqual((yield* Effect.flip(Stream.runDrain(provider.stream(live)))).reason._tag, "Overloaded")
        })
      )
    )

    it.live("passes on a whole answer that came where a stream was asked for", () =>
      against(subject, json(subject.whole), (provider) =>
        Effect.gen(function* () {
          const { exit, frames } = yield* collect(provider.stream(live))
          assert.strictEqual(exit._tag, "Success")
          assert.strictEqual(textIn(frames), "Hello!")
          assert.deepStrictEqual(tagsIn(frames), ["Started", "TextDelta", "Finished", "UsageReported", "Ended"])
        })
      )
    )

    const malformed: ReadonlyArray<readonly [string, Respond]> = [
      ["a page for an answer", text("<!doctype html><title>Log in</title>", "text/html")],
      ["an empty answer", text("", "application/json")],
      ["half an answer", text(JSON.stringify(subject.whole).slice(0, 40), "application/json")],
      ["JSON that is no answer", json({ hello: "world" })],
      ["a list", json([1, 2, 3])]
    ]
    for (const [what, respond] of malformed) {
      it.live(`calls ${what} malformed, whole and streamed`, () =>
        against(subject, respond, (provider) =>
          Effect.gen(function* () {
            assert.strictEqual((yield* Effect.flip(provider.complete(whole))).reason._tag, "MalformedResponse")
            assert.strictEqual(
              (yield* Effect.flip(Stream.runDrain(provider.stream(live)))).reason._tag,
              "MalformedResponse"
            )
          })
        )
      )
    }

    it.live("calls an event that does not parse malformed, after what was shown", () =>
      against(subject, sse(`${subject.stream.slice(0, subject.firstPiece).join("")}data: {"half\n\n`), (provider) =>
        Effect.gen(function* () {
          const { exit, frames } = yield* collect(provider.stream(live))
          assert.strictEqual(textIn(frames), "Hel")
          assert.strictEqual(exit._tag === "Failure" ? exit.failure.reason._tag : "none", "MalformedResponse")
        })
      )
    )

    it.live("calls an empty stream malformed", () =>
      against(subject, sse(""), (provider) =>
        Effect.gen(function* () {
          const error = yield* Effect.flip(Stream.runDrain(provider.stream(live)))
          assert.strictEqual(error.reason._tag, "MalformedResponse")
        })
      )
    )

    it.live("never takes a cut for an end: a broken socket is the network's, a clean stop is malformed", () =>
      Effect.gen(function* () {
        const shown = subject.stream.slice(0, subject.firstPiece).join("")
        for (const [respond, expected] of [
          [broken(shown), "Network"],
          [sse(shown), "MalformedResponse"]
        ] as const) {
          yield* against(subject, respond, (provider) =>
            Effect.gen(function* () {
              const { exit, frames } = yield* collect(provider.stream(live))
              assert.strictEqual(textIn(frames), "Hel")
              assert.notInclude(tagsIn(frames), "Ended")
              assert.strictEqual(exit._tag === "Failure" ? exit.failure.reason._tag : "none", expected)
            })
          )
        }
      })
    )

    it.live("says of a broken whole answer that the request had gone out", () =>
      against(
        subject,
        (response) => {
          response.writeHead(200, { "content-type": "application/json", "content-length": "1000" })
          response.write("{", () => response.destroy())
        },
        (provider) =>
          Effect.gen(function* () {
            const { reason } = yield* Effect.flip(provider.complete(whole))
            assert.deepInclude(reason, { _tag: "Network", sent: true })
          })
      )
    )

    it.live("closes the socket of an interrupted whole call before the headers came", () =>
      against(subject, silent, (provider, wire) =>
        Effect.gen(function* () {
          const fiber = yield* Effect.forkChild(provider.complete(whole))
          const { gone } = yield* wire.next
          yield* Fiber.interrupt(fiber)
          yield* gone
        })
      )
    )

    it.live("closes the socket of an interrupted stream before the headers came", () =>
      against(subject, silent, (provider, wire) =>
        Effect.gen(function* () {
          const fiber = yield* Effect.forkChild(Stream.runDrain(provider.stream(live)))
          const { gone } = yield* wire.next
          yield* Fiber.interrupt(fiber)
          yield* gone
        })
      )
    )

    it.live("closes the socket of a stream when its scope closes, even while a read is pending", () =>
      against(subject, stalled(subject.stream.slice(0, subject.firstPiece).join("")), (provider, wire) =>
        Effect.gen(function* () {
          const scope = yield* Scope.make()
          const pull = yield* Scope.provide(Stream.toPull(provider.stream(live)), scope)
          const shown: Array<Frame> = []
          while (textIn(shown) === "") shown.push(...(yield* Effect.orDie(pull)))
          const pending = yield* Effect.forkChild(Effect.exit(pull), { startImmediately: true })
          const { gone } = yield* wire.next
          yield* Scope.close(scope, Exit.void)
          yield* gone
          yield* Fiber.interrupt(pending)
        })
      )
    )

    it.live("lets several keys of an account take turns", () =>
      against(
        subject,
        json(subject.whole),
        (provider, wire) =>
          Effect.gen(function* () {
            for (let call = 0; call < 5; call++) yield* provider.complete(whole)
            const used = wire.requests.map((received) => received.headers[subject.auth("")[0]])
            const values = ["k1", "k2", "k3", "k1", "k2"].map((key) => subject.auth(key)[1])
            assert.deepStrictEqual(used, values)
          }),
        ["k1", "k2", "k3"]
      )
    )

    it.live("sends no credentials where the config has none", () =>
      against(
        subject,
        json(subject.whole),
        (provider, wire) =>
          Effect.gen(function* () {
            yield* provider.complete(whole)
            assert.strictEqual(wire.requests[0]?.headers[subject.auth("")[0]], undefined)
          }),
        []
      )
    )

    it.live("keeps a field that nobody models, and sends the config's own headers", () =>
      against(
        { ...subject, spec: { ...subject.spec, headers: { "x-team": "blue" } } },
        json(subject.whole),
        (provider, wire) =>
          Effect.gen(function* () {
            const wireOf = { dialect: subject.dialect, body: subject.wireBody, headers: {} }
            yield* provider.complete(chatRequest({ model, wire: wireOf }))
            assert.strictEqual(bodyOf(wire.requests[0])["novelty"], "kept")
            assert.strictEqual(wire.requests[0]?.headers["x-team"], "blue")
          })
      )
    )

    it.live("sends its own credentials, never those a caller brought along", () =>
      against(subject, json(subject.whole), (provider, wire) =>
        Effect.gen(function* () {
          const headers = { authorization: "Bearer callers", "x-api-key": "callers", "x-goog-api-key": "callers" }
          yield* provider.complete(
            chatRequest({ model, wire: { dialect: subject.dialect, body: subject.wireBody, headers } })
          )
          const [name, value] = subject.auth("key-one")
          assert.strictEqual(wire.requests[0]?.headers[name], value)
          assert.notInclude(JSON.stringify(wire.requests[0]?.headers), "callers")
        })
      )
    )

    it.live("proves a model by a completion of a few tokens", () =>
      against(subject, json(subject.whole), (provider, wire) =>
        Effect.gen(function* () {
          yield* provider.check(model)
          assert.strictEqual(wire.requests[0]?.path, subject.path(model, "whole"))
          assert.match(JSON.stringify(wire.requests[0]?.body), /"(?:max_\w*tokens|maxOutputTokens)":16/)
        })
      )
    )

    it.live("never shows its key in an error", () =>
      against(
        subject,
        json({ error: { message: "bad key: vErY-s3cret!" } }, 401),
        (provider) =>
          Effect.gen(function* () {
            const error = yield* Effect.flip(provider.complete(whole))
            assert.strictEqual(error.reason._tag, "AuthenticationFailed")
            assert.notInclude(`${error.message} ${JSON.stringify(error)}`, "vErY-s3cret!")
          }),
        ["vErY-s3cret!"]
      )
    )
  })
}
