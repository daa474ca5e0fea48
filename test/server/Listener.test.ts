import { assert, describe, it } from "@effect/vitest"
import { Deferred, Duration, Effect, type Scope } from "effect"
import type { RequestListener } from "node:http"
import { type AddressInfo, connect, type Socket } from "node:net"
import { connectionLimits, makeServer } from "../../src/server/Listener.ts"

const limits = { ...connectionLimits, stall: Duration.millis(100) }

/** A listening server and a client that has sent it one request, its answer unread. */
const asked = (listener: RequestListener): Effect.Effect<Socket, never, Scope.Scope> =>
  Effect.acquireRelease(
    Effect.callback<Socket>((resume) => {
      const server = makeServer(limits)
      server.on("request", listener)
      server.listen(0, "127.0.0.1", () => {
        // a TCP server's address is an object, not a pipe's name
        const client = connect((server.address() as AddressInfo).port, "127.0.0.1")
        client.on("error", () => {})
        client.once("close", () => server.close())
        client.pause()
        client.write("GET / HTTP/1.1\r\nhost: localhost\r\n\r\n")
        resume(Effect.succeed(client))
      })
    }),
    (client) => Effect.sync(() => client.destroy())
  )

const long = "x".repeat(32 * 1024 * 1024)

describe("a connection", () => {
  it.live("is let go when its caller takes nothing of a whole answer, although the answer was ended", () =>
    Effect.gen(function* () {
      const closed = yield* Deferred.make<boolean>()
      yield* asked((_request, response) => {
        response.on("error", () => {})
        response.on("close", () => Deferred.doneUnsafe(closed, Effect.succeed(response.writableFinished)))
        response.end(long)
      })
      assert.isFalse(yield* Deferred.await(closed))
    }).pipe(Effect.scoped)
  )

  it.live("is kept for a request that waits longer than that for its answer", () =>
    Effect.gen(function* () {
      const client = yield* asked((_request, response) => {
        // the connection has been quiet for as long as a caller may be
        response.on("timeout", () => response.end("late"))
      })
      const text = yield* Effect.callback<string>((resume) => {
        let read = ""
        client.on("data", (chunk) => {
          read += chunk.toString()
          if (read.includes("late")) resume(Effect.succeed(read))
        })
        client.on("close", () => resume(Effect.succeed(read)))
        client.resume()
      })
      assert.match(text, /^HTTP\/1.1 200 [^]*late/)
    }).pipe(Effect.scoped)
  )
})
