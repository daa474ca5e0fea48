import { assert, describe, it } from "@effect/vitest"
import { Duration, Effect } from "effect"
import { connect } from "node:net"
import { request as httpRequest } from "node:http"
import { connectionLimits } from "../../src/server/Listener.ts"
import { type Ask, chat, clientKey, message, type Reply, send, settingsWith, withEdge } from "./support.ts"

const isOpenAi = (reply: Reply) => {
  assert.nestedProperty(reply.json, "error.message")
  assert.notNestedProperty(reply.json, "type")
}
const isAnthropic = (reply: Reply) => {
  assert.nestedPropertyVal(reply.json, "type", "error")
  assert.nestedProperty(reply.json, "error.message")
}
const anthropicHeader = { "anthropic-version": "2023-06-01" }

describe("errors in the caller's dialect", () => {
  const bad: ReadonlyArray<readonly [what: string, status: number, ask: Ask]> = [
    ["a body that is not JSON", 400, { body: "{" }],
    ["an empty body", 400, { body: "" }],
    ["a body that is an array", 400, { body: "[]" }],
    ["a body that is null", 400, { body: "null" }],
    ["a body that is not UTF-8", 400, { body: Buffer.from([0x22, 0xff, 0x22]) }],
    ["a body nested too deep", 400, { body: `{"model":${"[".repeat(5000)}${"]".repeat(5000)}}` }],
    ["a body of the wrong shape", 400, { body: { model: 7 } }],
    ["a body that is a form", 415, { headers: { "content-type": "application/x-www-form-urlencoded" }, body: "a=b" }],
    ["a body that is plain text", 415, { headers: { "content-type": "text/plain" } }],
    ["a compressed body", 415, { headers: { "content-encoding": "gzip" } }],
    ["a method that is not served", 405, { method: "GET" }],
    ["another method that is not served", 405, { method: "DELETE" }]
  ]
  for (const [what, status, ask] of bad) {
    it.effect(`${what} is a ${status}`, () =>
      withEdge({}, (port) =>
        Effect.gen(function* () {
          const openAi = yield* send(port, ask)
          assert.strictEqual(openAi.status, status)
          isOpenAi(openAi)
          assert.strictEqual(openAi.headers["x-should-retry"], "false")
          assert.match(openAi.headers["x-request-id"] ?? "", /^req_/)
          const anthropic = yield* send(port, { ...ask, path: "/v1/messages" })
          assert.strictEqual(anthropic.status, status)
          isAnthropic(anthropic)
        })
      )
    )
  }

  it.effect("a wrong method names those that are served", () =>
    withEdge({}, (port) =>
      Effect.gen(function* () {
        const chatPath = yield* send(port, { method: "GET" })
        assert.strictEqual(chatPath.headers["allow"], "POST, OPTIONS")
        const models = yield* send(port, { method: "PUT", path: "/v1/models/acme/large-1" })
        assert.strictEqual(models.status, 405)
        assert.strictEqual(models.headers["allow"], "GET, HEAD, OPTIONS")
      })
    )
  )

  it.effect("an unknown path is a 404, in Anthropic's shape for a path or a caller of Anthropic's", () =>
    withEdge({}, (port) =>
      Effect.gen(function* () {
        for (const path of ["/", "/v1/nothing", "/v1/chat/nothing", "/V1/chat/completions", "/v1/../etc"]) {
          const reply = yield* send(port, { path })
          assert.strictEqual(reply.status, 404, path)
          isOpenAi(reply)
        }
        for (const ask of [{ path: "/v1/messages/nothing" }, { path: "/v1/nothing", headers: anthropicHeader }]) {
          const reply = yield* send(port, ask)
          assert.strictEqual(reply.status, 404)
          isAnthropic(reply)
        }
      })
    )
  )

  it.effect("a path with too much or too little before it is told the one that is served", () =>
    withEdge({}, (port) =>
      Effect.gen(function* () {
        for (const [path, meant] of [
          ["/chat/completions", "/v1/chat/completions"],
          ["/v1/v1/messages", "/v1/messages"],
          ["/models/smart:generateContent", "/v1beta/models/smart:generateContent"],
          ["/openai/gpt-5.2:generateContent", "/v1beta/openai/gpt-5.2:generateContent"],
          ["/v1beta/v1beta/models/smart:generateContent", "/v1beta/models/smart:generateContent"],
          ["/v1beta/v1/models/smart:generateContent", "/v1/models/smart:generateContent"]
        ] as const) {
          const reply = yield* send(port, { path, body: {} })
          assert.strictEqual(reply.status, 404, path)
          assert.include(reply.body, `${meant} is served`)
        }
        for (const path of ["/v1/nothing", "/nothing", "/v1/v1beta/nothing"])
          assert.notInclude((yield* send(port, { path, body: {} })).body, "is served")
      })
    )
  )

  it.effect("a malformed path is the caller's error", () =>
    withEdge({}, (port) =>
      Effect.gen(function* () {
        for (const path of ["/%", "/v1/models/%zz", "/v1/models/%", `/${"a".repeat(5000)}`, "/v1/models/%E0%A4%A"]) {
          const reply = yield* send(port, { method: "GET", path })
          assert.strictEqual(reply.status, 404, path)
          isOpenAi(reply)
        }
      })
    )
  )

  it.effect("a doubled or trailing slash still finds its path", () =>
    withEdge({}, (port) =>
      Effect.gen(function* () {
        assert.strictEqual((yield* send(port, { path: "//v1/chat/completions" })).status, 200)
        assert.strictEqual((yield* send(port, { path: "/v1/messages/", body: message() })).status, 200)
      })
    )
  )

  it.effect("JSON is taken with a charset and with a vendor's suffix", () =>
    withEdge({}, (port) =>
      Effect.gen(function* () {
        for (const type of ["application/json; charset=utf-8", "Application/JSON", "application/vnd.acme+json"]) {
          const reply = yield* send(port, { headers: { "content-type": type } })
          assert.strictEqual(reply.status, 200, type)
        }
      })
    )
  )
})

describe("bodies that are too large", () => {
  const settings = settingsWith({ bodyLimitBytes: 10_000 })

  it.effect("a declared length over the limit is refused before anything is read", () =>
    withEdge({ settings }, (port) =>
      Effect.gen(function* () {
        // the body is announced, and never sent
        const answer = yield* exchange(
          port,
          "POST /v1/messages HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\ncontent-length: 9999999999\r\n\r\n"
        )
        assert.match(answer, /^HTTP\/1\.1 413 /)
        assert.match(answer, /"type":"error"/)
      })
    )
  )

  it.effect("a body without a declared length is cut off at the limit, though it never ends", () =>
    withEdge({ settings }, (port) =>
      Effect.gen(function* () {
        const status = yield* Effect.callback<number>((resume) => {
          const request = httpRequest(
            { port, host: "127.0.0.1", method: "POST", path: "/v1/chat/completions", agent: false },
            (response) => {
              response.resume()
              resume(Effect.succeed(response.statusCode ?? 0))
            }
          )
          request.on("error", () => {})
          request.setHeader("content-type", "application/json")
          const pour = (error?: Error | null) => {
            if (error === undefined || error === null) request.write("x".repeat(1000), pour)
          }
          pour()
          return Effect.sync(() => request.destroy())
        })
        assert.strictEqual(status, 413)
      })
    )
  )

  it.effect("a body of exactly the limit is read", () =>
    withEdge({ settings }, (port) =>
      Effect.gen(function* () {
        const bare = JSON.stringify(chat())
        const fits = bare + " ".repeat(10_000 - bare.length)
        assert.strictEqual((yield* send(port, { body: fits })).status, 200)
        const over = yield* send(port, { body: `${fits} ` })
        assert.strictEqual(over.status, 413)
        assert.strictEqual(over.headers["connection"], "close")
      })
    )
  )

  it.effect("a caller that asks before it sends is told to go on, or is refused without sending", () =>
    withEdge({ settings }, (port) =>
      Effect.gen(function* () {
        const asking = (headers: Record<string, string>) =>
          Effect.callback<ReadonlyArray<string | number>>((resume) => {
            const seen: Array<string | number> = []
            const request = httpRequest(
              {
                port,
                host: "127.0.0.1",
                method: "POST",
                path: "/v1/chat/completions",
                agent: false,
                headers: { expect: "100-continue", ...headers }
              },
              (response) => {
                response.resume()
                resume(Effect.succeed([...seen, response.statusCode ?? 0]))
              }
            )
            request.on("error", () => {})
            request.on("continue", () => {
              seen.push("continue")
              request.end(JSON.stringify(chat()))
            })
            request.flushHeaders()
          })
        assert.deepStrictEqual(yield* asking({ "content-type": "application/json" }), ["continue", 200])
        assert.deepStrictEqual(yield* asking({ "content-type": "text/plain" }), [415])
        // over HTTP/1.0 nobody is told to go on: the first that comes is the answer
        const body = JSON.stringify(chat())
        const old = yield* exchange(
          port,
          `POST /v1/chat/completions HTTP/1.0\r\nhost: localhost\r\nexpect: 100-continue\r\ncontent-type: application/json\r\ncontent-length: ${body.length}\r\n\r\n${body}`
        )
        assert.match(old, /^HTTP\/1\.1 200 /)
      })
    )
  )

  it.effect("a caller that offers another protocol (h2c) has its body read and is answered over HTTP/1.1", () =>
    withEdge({}, (port) =>
      Effect.gen(function* () {
        const body = JSON.stringify(chat())
        const answer = yield* exchange(
          port,
          `POST /v1/chat/completions HTTP/1.1\r\nhost: localhost\r\nconnection: Upgrade, HTTP2-Settings, close\r\nupgrade: h2c\r\nhttp2-settings: AAEAAEAAAAIAAAABAAMAAABkAAQBAAAAAAUAAEAA\r\ncontent-type: application/json\r\ncontent-length: ${body.length}\r\n\r\n${body}`
        )
        assert.match(answer, /^HTTP\/1\.1 200 [^]*hello/)
      })
    )
  )

  it.live("an upload that takes too long is ended", () =>
    withEdge(
      {
        limits: {
          ...connectionLimits,
          head: Duration.millis(100),
          request: Duration.millis(100),
          check: Duration.millis(20)
        }
      },
      (port) =>
        Effect.gen(function* () {
          const answer = yield* exchange(
            port,
            "POST /v1/messages HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\ncontent-length: 100\r\n\r\n{"
          )
          assert.match(answer, /^HTTP\/1\.1 408 /)
        })
    )
  )
})

describe("client keys", () => {
  const settings = settingsWith({}, [
    clientKey("web", "sk-web-1"),
    clientKey("batch", "sk-batch-2", { allow: ["fast*"] })
  ])

  it.effect("a key is taken wherever a vendor's SDK puts it", () =>
    withEdge({ settings }, (port) =>
      Effect.gen(function* () {
        const places: ReadonlyArray<Record<string, string>> = [
          { authorization: "Bearer sk-web-1" },
          { authorization: "bearer sk-batch-2" },
          { "x-api-key": "sk-web-1" },
          { "x-goog-api-key": "sk-web-1" },
          { authorization: "Bearer a-vendors-own", "x-api-key": "sk-web-1" }
        ]
        for (const headers of places) assert.strictEqual((yield* send(port, { headers })).status, 200)
      })
    )
  )

  it.effect("no key and a wrong key are 401 in the dialect, whatever the body, and the key is not repeated", () =>
    Effect.gen(function* () {
      const lines: Array<string> = []
      yield* withEdge({ settings, lines }, (port) =>
        Effect.gen(function* () {
          const wrongs: ReadonlyArray<Record<string, string>> = [
            {},
            { authorization: "Bearer sk-canary-9" },
            { authorization: "Basic sk-web-1" },
            { authorization: "Bearer " },
            { "x-api-key": "sk-web-1 sk-canary-9" },
            { "x-api-key": "sk-web-" }
          ]
          for (const headers of wrongs) {
            const reply = yield* send(port, { headers, body: "{" })
            assert.strictEqual(reply.status, 401)
            assert.strictEqual(reply.headers["www-authenticate"], "Bearer")
            isOpenAi(reply)
            assert.notInclude(reply.body, "canary")
            isAnthropic(yield* send(port, { headers, path: "/v1/messages" }))
          }
          assert.notInclude(lines.join(), "canary")
          assert.notInclude(lines.join(), "sk-web-1")
        })
      )
    })
  )

  it.effect("with keys the Host and the Origin are not looked at", () =>
    withEdge({ settings }, (port) =>
      Effect.gen(function* () {
        const headers = { authorization: "Bearer sk-web-1", host: "gateway.example", origin: "https://app.example" }
        assert.strictEqual((yield* send(port, { headers })).status, 200)
      })
    )
  )
})

describe("web pages and a gateway without keys", () => {
  it.effect("a Host that is not loopback is refused in the dialect", () =>
    withEdge({}, (port) =>
      Effect.gen(function* () {
        for (const host of [
          "evil.example",
          "127.0.0.1.evil.example",
          "localhost.evil.example:4141",
          "10.0.0.1",
          "[::2]"
        ]) {
          const reply = yield* send(port, { headers: { host } })
          assert.strictEqual(reply.status, 403, host)
          isOpenAi(reply)
          isAnthropic(yield* send(port, { headers: { host }, path: "/v1/messages" }))
          assert.strictEqual((yield* send(port, { headers: { host }, method: "GET", path: "/metrics" })).status, 403)
        }
        for (const host of [
          "localhost",
          "localhost:4141",
          "LOCALHOST:1",
          "127.0.0.1:80",
          "[::1]:4141",
          "app.localhost"
        ])
          assert.strictEqual((yield* send(port, { headers: { host } })).status, 200, host)
      })
    )
  )

  it.effect("an Origin must be loopback or one the config names", () =>
    withEdge({ settings: settingsWith({ cors: ["https://app.example"] }) }, (port) =>
      Effect.gen(function* () {
        for (const origin of ["https://evil.example", "null", "https://app.example.evil.example", "file://"])
          assert.strictEqual((yield* send(port, { headers: { origin } })).status, 403, origin)
        for (const origin of ["http://localhost:3000", "http://127.0.0.1", "https://[::1]:8443", "https://app.example"])
          assert.strictEqual((yield* send(port, { headers: { origin } })).status, 200, origin)
      })
    )
  )

  it.effect("a page the config names may read answers, streams and errors, and no other page may", () =>
    withEdge({ settings: settingsWith({ cors: ["https://app.example"] }) }, (port) =>
      Effect.gen(function* () {
        const named = { headers: { origin: "https://app.example" } }
        for (const body of [chat(), chat({ stream: true }), "{"]) {
          const reply = yield* send(port, { ...named, body })
          assert.strictEqual(reply.headers["access-control-allow-origin"], "https://app.example")
          assert.include(reply.headers["access-control-expose-headers"] ?? "", "x-switchyard-provider")
        }
        const local = yield* send(port, { headers: { origin: "http://localhost:3000" } })
        assert.isUndefined(local.headers["access-control-allow-origin"])
      })
    )
  )

  it.effect("a preflight is granted to a page the config names, and refused to others", () =>
    withEdge({ settings: settingsWith({ cors: ["https://app.example"] }) }, (port) =>
      Effect.gen(function* () {
        const asks = { "access-control-request-method": "POST", "access-control-request-headers": "x-api-key" }
        const preflight = (origin: string) => send(port, { method: "OPTIONS", headers: { origin, ...asks } })
        const granted = yield* preflight("https://app.example")
        assert.strictEqual(granted.status, 204)
        assert.strictEqual(granted.headers["access-control-allow-headers"], "x-api-key")
        assert.include(granted.headers["access-control-allow-methods"] ?? "", "POST")
        assert.strictEqual((yield* preflight("http://localhost:3000")).status, 403)
        const plain = yield* send(port, { method: "OPTIONS", headers: {} })
        assert.strictEqual(plain.status, 204)
        assert.strictEqual(plain.headers["allow"], "POST, OPTIONS")
      })
    )
  )

  for (const host of ["0.0.0.0", "::", "10.1.2.3", "gateway.example"]) {
    it.effect(`without keys nothing listens on ${host}`, () =>
      Effect.gen(function* () {
        const error = yield* Effect.flip(withEdge({ settings: settingsWith({ host }) }, () => Effect.void))
        assert.strictEqual(error._tag, "UnsafeListener")
        assert.include(error.message, host)
      })
    )
  }

  it.effect("with keys it listens on every address", () =>
    withEdge({ settings: settingsWith({ host: "0.0.0.0" }, [clientKey("web", "sk-web-1")]) }, (port) =>
      Effect.gen(function* () {
        assert.strictEqual((yield* send(port)).status, 401)
      })
    )
  )

  it.effect("an address that is taken is a typed error that says so", () =>
    withEdge({}, (port) =>
      Effect.gen(function* () {
        const error = yield* Effect.flip(withEdge({ settings: settingsWith({ port }) }, () => Effect.void))
        assert.strictEqual(error._tag, "CannotListen")
        assert.include(error.message, "another program listens there")
      })
    )
  )
})

/** Sends bytes as they are and gives everything that comes back until the connection ends. */
const exchange = (port: number, bytes: string): Effect.Effect<string> =>
  Effect.callback((resume) => {
    const socket = connect(port, "127.0.0.1", () => socket.write(bytes))
    let answer = ""
    socket.on("data", (chunk) => (answer += chunk.toString()))
    socket.on("error", () => {})
    socket.on("close", () => resume(Effect.succeed(answer)))
    return Effect.sync(() => socket.destroy())
  })
