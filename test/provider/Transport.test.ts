import { assert, describe, it } from "@effect/vitest"
import { Cause, Effect, Exit, Fiber, Layer, Result, Scope } from "effect"
import { createServer } from "node:net"
import type { AddressInfo } from "node:net"
import { type TransportRequest, endpointOf } from "../../src/provider/Exchange.ts"
import { Transport } from "../../src/provider/Transport.ts"
import { broken, json, makeWire, silent, text } from "./wire.ts"

const to = (url: string): TransportRequest => ({
  endpoint: endpointOf(url),
  method: "POST",
  headers: { "content-type": "application/json" },
  body: "{}"
})

const withTransport = Effect.provide(Transport.layer({ connectTimeout: "5 seconds" }))

/** A port that nobody listens on any more. */
const deadPort = Effect.callback<number>((resume) => {
  const server = createServer().listen(0, "127.0.0.1", () => {
    // a TCP server's address is an object, not a pipe's name
    const { port } = server.address() as AddressInfo
    server.close(() => resume(Effect.succeed(port)))
  })
})

/** A server of bytes that is no HTTP server. */
const rawServer = (answer: string) =>
  Effect.acquireRelease(
    Effect.callback<readonly [number, () => void]>((resume) => {
      const server = createServer((socket) => {
        socket.on("error", () => {})
        socket.once("data", () => socket.end(answer))
      }).listen(0, "127.0.0.1", () => {
        // as above
        const { port } = server.address() as AddressInfo
        resume(Effect.succeed([port, () => server.close()] as const))
      })
    }),
    ([, close]) => Effect.sync(close)
  )

describe("Transport", () => {
  it.live("gives status, headers and text of a whole answer, whatever the status", () =>
    Effect.gen(function* () {
      const transport = yield* Transport
      const wire = yield* makeWire(json({ hello: "wörld" }, 418, { "x-one": "1" }))
      const response = yield* transport.whole(to(`${wire.url}/a/b?c=d`))
      assert.strictEqual(response.status, 418)
      assert.strictEqual(response.headers["x-one"], "1")
      assert.strictEqual(response.text, '{"hello":"wörld"}')
      assert.strictEqual(wire.requests[0]?.path, "/a/b?c=d")
    }).pipe(Effect.scoped, withTransport)
  )

  it.live("drops a byte order mark", () =>
    Effect.gen(function* () {
      const transport = yield* Transport
      const wire = yield* makeWire(text("\ufeff{}", "application/json"))
      assert.strictEqual((yield* transport.whole(to(wire.url))).text, "{}")
    }).pipe(Effect.scoped, withTransport)
  )

  it.live("passes over an early hint", () =>
    Effect.gen(function* () {
      const transport = yield* Transport
      const wire = yield* makeWire((response, received) => {
        response.writeEarlyHints({ link: "</style.css>; rel=preload" })
        json({ ok: true })(response, received)
      })
      assert.strictEqual((yield* transport.whole(to(wire.url))).status, 200)
    }).pipe(Effect.scoped, withTransport)
  )

  it.live("tells a refused connection, and that nothing was sent", () =>
    Effect.gen(function* () {
      const transport = yield* Transport
      const port = yield* deadPort
      for (const attempt of [
        Effect.asVoid(transport.whole(to(`http://127.0.0.1:${port}`))),
        Effect.asVoid(transport.send(to(`http://127.0.0.1:${port}`)))
      ]) {
        const fault = yield* Effect.flip(attempt)
        assert.deepInclude(fault, { kind: "refused", sent: false, code: "ECONNREFUSED" })
        assert.notInclude(fault.message, "127.0.0.1")
      }
    }).pipe(Effect.scoped, withTransport)
  )

  it.live("tells a name that does not resolve", () =>
    Effect.gen(function* () {
      const transport = yield* Transport
      const fault = yield* Effect.flip(transport.whole(to("http://nobody.invalid")))
      assert.deepInclude(fault, { kind: "dns", sent: false })
    }).pipe(withTransport)
  )

  it.live("tells a TLS connection that cannot be made", () =>
    Effect.gen(function* () {
      const transport = yield* Transport
      const [port] = yield* rawServer("HTTP/1.1 400 plain\r\n\r\n")
      const fault = yield* Effect.flip(transport.whole(to(`https://127.0.0.1:${port}`)))
      assert.deepInclude(fault, { kind: "tls", sent: false })
    }).pipe(Effect.scoped, withTransport)
  )

  it.live("tells a server that does not speak HTTP", () =>
    Effect.gen(function* () {
      const transport = yield* Transport
      const [port] = yield* rawServer("SSH-2.0-OpenSSH_9.2\r\n")
      const fault = yield* Effect.flip(transport.whole(to(`http://127.0.0.1:${port}`)))
      assert.deepInclude(fault, { kind: "protocol", sent: true })
    }).pipe(Effect.scoped, withTransport)
  )

  it.live("tells a connection that broke before the headers, and that the request had gone out", () =>
    Effect.gen(function* () {
      const transport = yield* Transport
      const wire = yield* makeWire((response) => response.destroy())
      const fault = yield* Effect.flip(transport.whole(to(wire.url)))
      assert.deepInclude(fault, { kind: "reset", sent: true })
    }).pipe(Effect.scoped, withTransport)
  )

  it.live("gives what came of a body that breaks off, then the fault", () =>
    Effect.gen(function* () {
      const transport = yield* Transport
      const wire = yield* makeWire(broken("half"))
      const response = yield* transport.send(to(wire.url))
      const first = yield* response.pull
      assert.strictEqual(Buffer.concat(first).toString(), "half")
      const fault = yield* Effect.flip(response.pull)
      assert.deepInclude(fault, { kind: "closedEarly", sent: true })
    }).pipe(Effect.scoped, withTransport)
  )

  it.live("refuses a body over the limit and closes its socket, whole or at the headers", () =>
    Effect.gen(function* () {
      const transport = yield* Transport
      const wire = yield* makeWire((response) => {
        response.writeHead(200)
        response.write("x".repeat(100_000))
      })
      const whole = yield* Effect.flip(transport.whole(to(wire.url), 1_000))
      assert.strictEqual(whole.kind, "tooLarge")
      yield* (yield* wire.next).gone
      const response = yield* transport.send(to(wire.url))
      const fault = yield* Effect.flip(response.text(1_000))
      assert.strictEqual(fault.kind, "tooLarge")
      yield* (yield* wire.next).gone
    }).pipe(Effect.scoped, withTransport)
  )

  it.live("gives the chunks of one network read in one pull, and ends", () =>
    Effect.gen(function* () {
      const transport = yield* Transport
      const head = "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n"
      const [port] = yield* rawServer(`${head}4\r\none \r\n4\r\ntwo \r\n5\r\nthree\r\n0\r\n\r\n`)
      const response = yield* transport.send(to(`http://127.0.0.1:${port}`))
      const chunks = yield* response.pull
      assert.deepStrictEqual(
        chunks.map((chunk) => Buffer.from(chunk).toString()),
        ["one ", "two ", "three"]
      )
      const end = yield* Effect.exit(response.pull)
      assert.isTrue(
        Exit.isFailure(end) && end.cause.reasons.some((r) => Cause.isFailReason(r) && Cause.isDone(r.error))
      )
    }).pipe(Effect.scoped, withTransport)
  )

  it.live("stops the socket of a reader that does not read, and goes on when it does", () =>
    Effect.gen(function* () {
      const transport = yield* Transport
      const total = 64 * 1024 * 1024
      const piece = Buffer.alloc(1024 * 1024)
      let written = 0
      const wire = yield* makeWire((response) => {
        response.writeHead(200)
        const write = (): void => {
          while (written < total) {
            written += piece.length
            if (!response.write(piece)) return void response.once("drain", write)
          }
          response.end()
        }
        write()
      })
      const response = yield* transport.send(to(wire.url))
      yield* response.pull
      // other traffic goes round the event loop many times; the unread body soon stops
      const other = yield* makeWire(json({}))
      for (let call = 0; call < 100; call++) yield* transport.whole(to(other.url))
      assert.isBelow(written, total)
      let read = 0
      while (true) {
        const next = yield* Effect.result(response.pull)
        if (Result.isFailure(next)) break
        for (const chunk of next.success) read += chunk.length
      }
      assert.isAbove(read, total - 2 * 1024 * 1024)
    }).pipe(Effect.scoped, withTransport)
  )

  it.live("does not lose what a given-up read would have got", () =>
    Effect.gen(function* () {
      const transport = yield* Transport
      let more = () => {}
      const wire = yield* makeWire((response) => {
        response.writeHead(200)
        response.write("a")
        more = () => response.end("b")
      })
      const response = yield* transport.send(to(wire.url))
      yield* response.pull
      const givenUp = yield* Effect.forkChild(Effect.exit(response.pull), { startImmediately: true })
      yield* Fiber.interrupt(givenUp)
      more()
      assert.strictEqual(Buffer.concat(yield* response.pull).toString(), "b")
    }).pipe(Effect.scoped, withTransport)
  )

  it.live("closes the socket when the scope of a response closes", () =>
    Effect.gen(function* () {
      const transport = yield* Transport
      const wire = yield* makeWire((response) => {
        response.writeHead(200)
        response.write("a")
      })
      const scope = yield* Scope.make()
      yield* Scope.provide(transport.send(to(wire.url)), scope)
      const { gone } = yield* wire.next
      yield* Scope.close(scope, Exit.void)
      yield* gone
    }).pipe(Effect.scoped, withTransport)
  )

  it.live("closes every socket with its Layer", () =>
    Effect.gen(function* () {
      const wire = yield* makeWire(silent)
      const layer = yield* Scope.make()
      const context = yield* Layer.buildWithScope(Transport.layer(), layer)
      const call = yield* Effect.forkChild(
        Effect.flip(
          Effect.provide(
            Effect.flatMap(Transport, (transport) => transport.whole(to(wire.url))),
            context
          )
        )
      )
      const { gone } = yield* wire.next
      yield* Scope.close(layer, Exit.void)
      yield* gone
      assert.strictEqual((yield* Fiber.join(call)).kind, "closed")
    }).pipe(Effect.scoped)
  )

  it.live("never writes a request whose caller left while the connection was being made", () =>
    Effect.gen(function* () {
      const transport = yield* Transport
      const wire = yield* makeWire(json({}))
      const call = yield* Effect.forkChild(transport.whole(to(`${wire.url}/abandoned`)), { startImmediately: true })
      yield* Fiber.interrupt(call)
      yield* transport.whole(to(`${wire.url}/after`))
      assert.deepStrictEqual(
        wire.requests.map((received) => received.path),
        ["/after"]
      )
    }).pipe(Effect.scoped, withTransport)
  )
})
