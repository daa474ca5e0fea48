import { assert, describe, it } from "@effect/vitest"
import { Context, Deferred, Effect, Exit, Fiber, Layer, Scope, Stream } from "effect"
import { TestClock } from "effect/testing"
import { spawn } from "node:child_process"
import { fileURLToPath } from "node:url"
import { Listening } from "../../src/server/Server.ts"
import {
  chat,
  type Edge,
  edgeWith,
  ending,
  live,
  message,
  open,
  send,
  started,
  text,
  turns,
  until,
  whole
} from "./support.ts"

/** A running edge and what stops it, as a signal does. */
const running = (options: Edge) =>
  Effect.gen(function* () {
    const scope = yield* Scope.make()
    const context = yield* Layer.buildWithScope(edgeWith(options), scope)
    return { port: Context.get(context, Listening).port, stop: Scope.close(scope, Exit.void) }
  })

const streamed = { body: chat({ stream: true }) }

describe("going down", () => {
  it.effect("running requests are finished, new ones are turned away in their dialect, and readiness turns", () =>
    Effect.gen(function* () {
      const go = yield* Deferred.make<void>()
      let asked = 0
      const handle = () => {
        asked++
        return Effect.as(Deferred.await(go), whole("finished"))
      }
      const { port, stop } = yield* running({ handle })
      assert.strictEqual((yield* send(port, { method: "GET", path: "/readyz" })).status, 200)
      const pending = yield* Effect.forkChild(send(port), { startImmediately: true })
      yield* until(() => asked === 1)

      const stopping = yield* Effect.forkChild(stop, { startImmediately: true })
      yield* turns
      const ready = yield* send(port, { method: "GET", path: "/readyz" })
      assert.strictEqual(ready.status, 503)
      assert.deepStrictEqual(ready.json, { status: "draining" })
      assert.strictEqual((yield* send(port, { method: "GET", path: "/healthz" })).status, 200)
      const refused = yield* send(port, { path: "/v1/messages", body: message() })
      // how Anthropic says that a server cannot now
      assert.strictEqual(refused.status, 529)
      assert.strictEqual(refused.headers["connection"], "close")
      assert.isUndefined(refused.headers["x-should-retry"])
      assert.nestedPropertyVal(refused.json, "type", "error")
      assert.strictEqual(asked, 1)

      yield* Deferred.succeed(go, undefined)
      assert.nestedPropertyVal((yield* Fiber.join(pending)).json, "choices[0].message.content", "finished")
      yield* Fiber.join(stopping)
    })
  )

  it.effect("a stream that is done within the grace ends with its marker", () =>
    Effect.gen(function* () {
      const slow = Stream.concat(
        Stream.make(started, text("hel")),
        Stream.fromIterableEffect(Effect.delay(Effect.succeed([text("lo"), ...ending]), "20 seconds"))
      )
      const { port, stop } = yield* running({ handle: () => Effect.succeed(live(slow)) })
      const opened = yield* open(port, streamed)
      yield* opened.seen("hel")
      const stopping = yield* Effect.forkChild(stop, { startImmediately: true })
      yield* turns
      yield* TestClock.adjust("20 seconds")
      assert.match(yield* opened.rest, /"lo"[^]*\[DONE\]\n\n$/)
      yield* Fiber.join(stopping)
    })
  )

  it.effect(
    "after the grace streams end with the error event, whole answers with an error, and their work is interrupted",
    () =>
      Effect.gen(function* () {
        const lines: Array<string> = []
        let asked = 0
        let interrupted = 0
        const { port, stop } = yield* running({
          lines,
          handle: (request) => {
            asked++
            const closing = Effect.addFinalizer(() => Effect.sync(() => void interrupted++))
            return Effect.andThen(
              closing,
              request.delivery === "whole"
                ? Effect.never
                : Effect.succeed(live(Stream.concat(Stream.make(started, text("hel")), Stream.never)))
            )
          }
        })
        const openAi = yield* open(port, streamed)
        const anthropic = yield* open(port, { path: "/v1/messages", body: message({ stream: true }) })
        const pending = yield* Effect.forkChild(send(port, { path: "/v1/messages", body: message() }), {
          startImmediately: true
        })
        yield* openAi.seen("hel")
        yield* anthropic.seen("hel")
        yield* until(() => asked === 3)

        const stopping = yield* Effect.forkChild(stop, { startImmediately: true })
        yield* turns
        yield* TestClock.adjust("29 seconds")
        assert.strictEqual(interrupted, 0)
        yield* TestClock.adjust("1 second")
        assert.match(yield* openAi.rest, /"hel"[^]*data: \{"error":[^]*\n\n$/)
        assert.isTrue(openAi.response.complete)
        assert.match(yield* anthropic.rest, /"hel"[^]*event: error\n/)
        const reply = yield* Fiber.join(pending)
        assert.strictEqual(reply.status, 529)
        assert.nestedPropertyVal(reply.json, "type", "error")
        yield* Fiber.join(stopping)
        assert.strictEqual(interrupted, 3)
        assert.strictEqual(lines.filter((line) => line.includes('"reason":"ShuttingDown"')).length, 3)
      })
  )
})

describe("signals", () => {
  const program = fileURLToPath(new URL("serving.ts", import.meta.url))
  const starting = Effect.callback<{
    readonly pid: number
    readonly port: number
    readonly exit: Effect.Effect<number | null>
  }>((resume) => {
    const child = spawn(process.execPath, [program], { stdio: ["ignore", "pipe", "inherit"] })
    let code: number | null | undefined
    const watchers: Array<() => void> = []
    child.on("exit", (exit) => {
      code = exit
      for (const watcher of watchers) watcher()
    })
    const exit = Effect.callback<number | null>((resume) => {
      const tell = () => resume(Effect.succeed(code ?? null))
      if (code === undefined) watchers.push(tell)
      else tell()
    })
    child.stdout.on("data", (chunk: Buffer) => {
      const port = /listening on http:\/\/127\.0\.0\.1:(\d+)/.exec(chunk.toString())?.[1]
      if (port !== undefined && child.pid !== undefined)
        resume(Effect.succeed({ pid: child.pid, port: Number(port), exit }))
    })
  })

  it.live("the first signal drains and exits with 0", () =>
    Effect.gen(function* () {
      const { pid, port, exit } = yield* starting
      assert.strictEqual((yield* send(port)).status, 200)
      process.kill(pid, "SIGTERM")
      assert.strictEqual(yield* exit, 0)
    })
  )

  it.live("a second signal exits at once with 1", () =>
    Effect.gen(function* () {
      const { pid, port, exit } = yield* starting
      const opened = yield* open(port, streamed)
      yield* opened.seen("forever")
      process.kill(pid, "SIGINT")
      const ready = send(port, { method: "GET", path: "/readyz" })
      yield* Effect.repeat(ready, { until: (reply) => reply.status === 503 })
      process.kill(pid, "SIGINT")
      assert.strictEqual(yield* exit, 1)
    })
  )
})
