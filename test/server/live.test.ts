import { assert, describe, it } from "@effect/vitest"
import { Deferred, Duration, Effect, Fiber, Stream } from "effect"
import { TestClock } from "effect/testing"
import { connect } from "node:net"
import { openAiChatInbound } from "../../src/dialect/OpenAiChat.ts"
import { connectionLimits } from "../../src/server/Listener.ts"
import { ending, failure, frames, live, message, open, send, started, text, turns, until, withEdge } from "./support.ts"

const streamed = { body: { model: "smart", messages: [{ role: "user", content: "hi" }], stream: true } }
const streamedMessage = { path: "/v1/messages", body: message({ stream: true }) }
const cutShort = failure({
  _tag: "CutShort",
  provider: "acme",
  model: "large-1",
  reason: { _tag: "Network", message: "connection reset", sent: true }
})
const overloaded = failure({
  _tag: "AllFailed",
  provider: "acme",
  model: "large-1",
  first: { _tag: "Overloaded", message: "busy" }
})

describe("live answers", () => {
  it.effect("an OpenAI stream is written event by event and ends with its marker", () =>
    withEdge({}, (port) =>
      Effect.gen(function* () {
        const reply = yield* send(port, streamed)
        assert.strictEqual(reply.status, 200)
        assert.match(reply.headers["content-type"] ?? "", /^text\/event-stream/)
        assert.match(reply.headers["cache-control"] ?? "", /no-cache/)
        assert.strictEqual(reply.headers["x-switchyard-provider"], "acme")
        assert.match(reply.headers["x-request-id"] ?? "", /^req_/)
        assert.match(reply.body, /"hel"[^]*"lo"[^]*data: \[DONE\]\n\n$/)
      })
    )
  )

  it.effect("an Anthropic stream ends with message_stop", () =>
    withEdge({}, (port) =>
      Effect.gen(function* () {
        const reply = yield* send(port, streamedMessage)
        assert.strictEqual(reply.status, 200)
        assert.match(reply.body, /^event: message_start\n[^]*"hel"[^]*"lo"[^]*event: message_stop\n/)
      })
    )
  )

  it.effect("a failure before the first visible event is an HTTP error", () =>
    withEdge({ handle: () => Effect.fail(overloaded) }, (port) =>
      Effect.gen(function* () {
        const reply = yield* send(port, streamed)
        assert.strictEqual(reply.status, 503)
        assert.match(reply.headers["content-type"] ?? "", /^application\/json/)
        assert.nestedProperty(reply.json, "error.message")
      })
    )
  )

  it.effect("headers and a heartbeat go out after the patience, and a failure after that is told in-band", () =>
    Effect.gen(function* () {
      let asked = false
      const handle = () => {
        asked = true
        return Effect.andThen(Effect.sleep("8 seconds"), Effect.fail(overloaded))
      }
      yield* withEdge({ handle }, (port) =>
        Effect.gen(function* () {
          const opening = yield* Effect.forkChild(open(port, streamed), { startImmediately: true })
          yield* until(() => asked)
          yield* turns
          yield* TestClock.adjust("4999 millis")
          yield* turns
          assert.isUndefined(opening.pollUnsafe())
          yield* TestClock.adjust("1 millis")
          const opened = yield* Fiber.join(opening)
          assert.strictEqual(opened.response.statusCode, 200)
          assert.strictEqual(yield* opened.seen(":"), openAiChatInbound.heartbeat)
          yield* TestClock.adjust("3 seconds")
          const body = yield* opened.rest
          assert.match(body, /^:.*\n\ndata: \{"error":/)
          assert.notInclude(body, "[DONE]")
          assert.isTrue(opened.response.complete)
        })
      )
    })
  )

  it.effect("a stream that falls silent is kept open by heartbeats, and only then", () =>
    Effect.gen(function* () {
      const slow = Stream.make(started, text("hel")).pipe(
        Stream.concat(Stream.fromEffect(Effect.delay(Effect.succeed(text("lo")), "25 seconds"))),
        Stream.concat(Stream.fromIterable(ending))
      )
      yield* withEdge({ handle: () => Effect.succeed(live(slow)) }, (port) =>
        Effect.gen(function* () {
          const opened = yield* open(port, streamedMessage)
          const before = yield* opened.seen("hel")
          assert.notInclude(before, "event: ping")
          yield* turns
          yield* TestClock.adjust("10 seconds")
          assert.strictEqual(pings(yield* opened.seen("event: ping")), 1)
          yield* TestClock.adjust("15 seconds")
          const body = yield* opened.rest
          assert.strictEqual(pings(body), 2)
          assert.match(body, /event: message_stop\n[^]*$/)
        })
      )
    })
  )

  it.effect(
    "a stream that breaks ends with the dialect's error event, without the marker, in a body that ends well",
    () =>
      Effect.gen(function* () {
        const lines: Array<string> = []
        const broken = Stream.concat(Stream.make(started, text("hel")), Stream.fail(cutShort))
        yield* withEdge({ lines, handle: () => Effect.succeed(live(broken)) }, (port) =>
          Effect.gen(function* () {
            const openAi = yield* open(port, streamed)
            const openAiBody = yield* openAi.rest
            assert.match(openAiBody, /"hel"[^]*data: \{"error":[^]*\n\n$/)
            assert.notInclude(openAiBody, "[DONE]")
            assert.isTrue(openAi.response.complete)
            const anthropic = yield* open(port, streamedMessage)
            const anthropicBody = yield* anthropic.rest
            assert.match(anthropicBody, /"hel"[^]*event: error\n/)
            assert.notInclude(anthropicBody, "message_stop")
            assert.isTrue(anthropic.response.complete)
            assert.strictEqual(lines.filter((line) => line.includes('"outcome":"cut"')).length, 2)
            assert.include(lines[0] ?? "", '"reason":"Network"')
          })
        )
      })
  )

  it.effect("a stream that runs out without its end is told as broken", () =>
    withEdge({ handle: () => Effect.succeed(live(Stream.make(started, text("hel")))) }, (port) =>
      Effect.gen(function* () {
        const { body } = yield* send(port, streamed)
        assert.match(body, /"hel"[^]*data: \{"error":/)
        assert.notInclude(body, "[DONE]")
      })
    )
  )

  it.effect("a defect within a stream is told in-band and logged, and the gateway lives on", () =>
    Effect.gen(function* () {
      const lines: Array<string> = []
      const broken = Stream.concat(Stream.make(started, text("hel")), Stream.die(new RangeError("canary")))
      yield* withEdge({ lines, handle: () => Effect.succeed(live(broken)) }, (port) =>
        Effect.gen(function* () {
          const { body } = yield* send(port, streamedMessage)
          assert.match(body, /"hel"[^]*event: error\n[^]*api_error/)
          assert.notInclude(body + lines.join(), "canary")
          assert.isTrue(lines.some((line) => line.includes("RangeError")))
          assert.strictEqual((yield* send(port, { method: "GET", path: "/healthz" })).status, 200)
        })
      )
    })
  )

  it.effect("events that are there at once go out in one write", () =>
    Effect.gen(function* () {
      const texts = Array.from({ length: 50 }, (_, i) => `piece-${i}`)
      yield* withEdge({ handle: () => Effect.succeed(live(Stream.fromIterable(frames(...texts)))) }, (port) =>
        Effect.gen(function* () {
          const opened = yield* open(port, streamed)
          let chunks = 0
          opened.response.on("data", () => void chunks++)
          assert.include(yield* opened.rest, "piece-49")
          assert.isAtMost(chunks, 3)
        })
      )
    })
  )
})

describe("callers that leave or do not read", () => {
  const kinds = [
    ["a whole answer", { body: { ...streamed.body, stream: false } }],
    ["a stream that has not begun", streamed]
  ] as const
  for (const [what, ask] of kinds) {
    it.effect(`leaving while waiting for ${what} interrupts the work and closes its scope`, () =>
      Effect.gen(function* () {
        const lines: Array<string> = []
        const asked = yield* Deferred.make<void>()
        const interrupted = yield* Deferred.make<void>()
        const closed = yield* Deferred.make<void>()
        const handle = () =>
          Effect.andThen(
            Effect.addFinalizer(() => Deferred.succeed(closed, undefined)),
            Effect.andThen(Deferred.succeed(asked, undefined), Effect.never)
          ).pipe(Effect.onInterrupt(() => Deferred.succeed(interrupted, undefined)))
        yield* withEdge({ lines, handle }, (port) =>
          Effect.gen(function* () {
            const asking = yield* Effect.forkChild(open(port, ask), { startImmediately: true })
            yield* Deferred.await(asked)
            yield* Fiber.interrupt(asking)
            yield* Deferred.await(interrupted)
            yield* Deferred.await(closed)
            yield* until(() => lines.length > 0)
            assert.include(lines[0] ?? "", '"outcome":"cancelled"')
          })
        )
      })
    )
  }

  for (const [what, ask] of kinds)
    it.effect(`closing one's own direction alone while waiting for ${what} is leaving, too`, () =>
      Effect.gen(function* () {
        const asked = yield* Deferred.make<void>()
        const interrupted = yield* Deferred.make<void>()
        const handle = () =>
          Effect.andThen(Deferred.succeed(asked, undefined), Effect.never).pipe(
            Effect.onInterrupt(() => Deferred.succeed(interrupted, undefined))
          )
        yield* withEdge({ handle }, (port) =>
          Effect.gen(function* () {
            const body = JSON.stringify(ask.body)
            const socket = connect({ port, host: "127.0.0.1", allowHalfOpen: true })
            let received = ""
            let isOver = false
            socket.on("data", (bytes) => void (received += bytes.toString()))
            socket.on("end", () => void (isOver = true))
            socket.write(
              `POST /v1/chat/completions HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-type: application/json\r\ncontent-length: ${body.length}\r\n\r\n${body}`
            )
            yield* Deferred.await(asked)
            socket.end()
            yield* Deferred.await(interrupted)
            yield* until(() => isOver)
            assert.strictEqual(received, "")
          })
        )
      })
    )

  it.effect("leaving a running stream interrupts it and closes its scope", () =>
    Effect.gen(function* () {
      const closed = yield* Deferred.make<void>()
      const handle = () =>
        Effect.as(
          Effect.addFinalizer(() => Deferred.succeed(closed, undefined)),
          live(Stream.concat(Stream.make(started, text("hel")), Stream.never))
        )
      yield* withEdge({ handle }, (port) =>
        Effect.gen(function* () {
          const opened = yield* open(port, streamed)
          yield* opened.seen("hel")
          yield* opened.leave
          yield* Deferred.await(closed)
        })
      )
    })
  )

  it.effect("a reader that stops reading stops the pull from upstream, and is resumed", () =>
    Effect.gen(function* () {
      let pulled = 0
      let interrupted = false
      const piece = text("x".repeat(64 * 1024))
      const endless = Stream.fromEffectRepeat(
        Effect.sync(() => {
          pulled++
          return piece
        })
      )
      const handle = () =>
        Effect.as(
          Effect.addFinalizer(() => Effect.sync(() => void (interrupted = true))),
          live(endless)
        )
      /** Waits until nothing was pulled for many turns of the event loop. */
      const settled = Effect.gen(function* () {
        for (;;) {
          const before = pulled
          for (let i = 0; i < 20; i++) yield* turns
          if (pulled === before && pulled > 0) return pulled
        }
      })
      yield* withEdge({ handle }, (port) =>
        Effect.gen(function* () {
          const body = JSON.stringify(streamed.body)
          const socket = connect(port, "127.0.0.1")
          socket.on("error", () => {})
          socket.pause()
          socket.write(
            `POST /v1/chat/completions HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\ncontent-length: ${body.length}\r\n\r\n${body}`
          )
          const first = yield* settled
          // what fits into the sockets' buffers, and not the endless rest
          assert.isBelow(first, 1000)
          let read = 0
          yield* Effect.callback<void>((resume) => {
            const take = (chunk: Buffer) => {
              read += chunk.length
              if (read < (first + 50) * 64 * 1024) return
              socket.off("data", take)
              socket.pause()
              resume(Effect.void)
            }
            socket.on("data", take)
            socket.resume()
          })
          const second = yield* settled
          assert.isAbove(second, first + 49)
          assert.isFalse(interrupted)
          socket.destroy()
          yield* until(() => interrupted)
        })
      )
    })
  )

  it.effect("a reader that takes nothing any more is let go, and with it its upstream", () =>
    Effect.gen(function* () {
      let interrupted = false
      const handle = () =>
        Effect.as(
          Effect.addFinalizer(() => Effect.sync(() => void (interrupted = true))),
          live(Stream.forever(Stream.make(text("x".repeat(64 * 1024)))))
        )
      yield* withEdge({ handle, limits: { ...connectionLimits, stall: Duration.millis(100) } }, (port) =>
        Effect.gen(function* () {
          const opened = yield* open(port, streamed)
          opened.response.pause()
          yield* until(() => interrupted)
        })
      )
    })
  )
})

const pings = (body: string): number => body.split("event: ping").length - 1
