/**
 * What no client of a dialect sends, on every path of every dialect: each is told what is wrong in its own dialect.
 */
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { connect } from "node:net"
import { deflateSync, gzipSync } from "node:zlib"
import { type Ask, chat, message, type Reply, send, settingsWith, withEdge } from "./support.ts"

interface Path {
  readonly path: string
  readonly body: object
  readonly isOwn: (reply: Reply) => void
}

const openAi = (reply: Reply) => {
  assert.nestedProperty(reply.json, "error.message", reply.body)
  assert.nestedProperty(reply.json, "error.type", reply.body)
  assert.nestedProperty(reply.json, "error.param", reply.body)
}
const anthropic = (reply: Reply) => {
  assert.nestedPropertyVal(reply.json, "type", "error", reply.body)
  assert.nestedProperty(reply.json, "error.type", reply.body)
}
const google = (reply: Reply) => {
  assert.nestedPropertyVal(reply.json, "error.code", reply.status, reply.body)
  assert.nestedProperty(reply.json, "error.status", reply.body)
}

const asks = { contents: [{ role: "user", parts: [{ text: "hi" }] }] }
const paths: ReadonlyArray<Path> = [
  { path: "/v1/chat/completions", body: chat(), isOwn: openAi },
  { path: "/v1/responses", body: { model: "smart", input: "hi" }, isOwn: openAi },
  { path: "/v1/messages", body: message(), isOwn: anthropic },
  { path: "/v1beta/models/smart:generateContent", body: asks, isOwn: google },
  { path: "/v1beta/models/smart:streamGenerateContent", body: asks, isOwn: google },
  { path: "/v1beta/models/smart:streamGenerateContent?alt=sse", body: asks, isOwn: google }
]

/** What is wrong with a request to any path, and its status. */
const wrongs: ReadonlyArray<readonly [what: string, status: number, ask: (path: Path) => Ask]> = [
  ["a body in gzip", 415, ({ body }) => packed("gzip", gzipSync(JSON.stringify(body)))],
  ["a body in deflate", 415, ({ body }) => packed("deflate", deflateSync(JSON.stringify(body)))],
  ["gzip that does not say so", 400, ({ body }) => ({ body: gzipSync(JSON.stringify(body)) })],
  ["a form", 415, () => ({ headers: { "content-type": "multipart/form-data; boundary=x" }, body: "--x--" })],
  ["a type that only begins like JSON", 415, () => ({ headers: { "content-type": "application/jsonp" } })],
  ["no body", 400, () => ({ body: "" })],
  ["half a body", 400, ({ body }) => ({ body: JSON.stringify(body).slice(0, -1) })],
  ["two bodies", 400, ({ body }) => ({ body: JSON.stringify(body).repeat(2) })],
  ["a text", 400, () => ({ body: '"hi"' })],
  ["arrays in arrays, 10,000 deep", 400, () => ({ body: `{"x":${"[".repeat(10_000)}${"]".repeat(10_000)}}` })],
  ["objects in objects, 10,000 deep", 400, () => ({ body: `${'{"x":'.repeat(10_000)}1${"}".repeat(10_000)}` })],
  ["a schema 10,000 deep", 400, ({ body }) => ({ body: JSON.stringify(body).replace(/}$/, `,"tools":${deep}}`) })],
  ["a byte order mark", 400, ({ body }) => ({ body: `\uFEFF${JSON.stringify(body)}x` })],
  ["PUT", 405, () => ({ method: "PUT" })],
  ["DELETE", 405, () => ({ method: "DELETE" })],
  ["PATCH", 405, () => ({ method: "PATCH" })]
]
const packed = (encoding: string, body: Uint8Array): Ask => ({ headers: { "content-encoding": encoding }, body })
const deep = `[{"parameters":${'{"items":'.repeat(10_000)}1${"}".repeat(10_000)}}]`

describe("a request that no client sends", () => {
  for (const [what, status, ask] of wrongs)
    it.effect(`${what}: is a ${status} in each dialect`, () =>
      withEdge({}, (port) =>
        Effect.gen(function* () {
          for (const one of paths) {
            const reply = yield* send(port, { path: one.path, body: one.body, ...ask(one) })
            assert.strictEqual(reply.status, status, `${one.path}: ${reply.body}`)
            one.isOwn(reply)
            assert.match(reply.headers["x-request-id"] ?? "", /^req_/)
            assert.strictEqual(reply.headers["x-should-retry"], "false")
            if (status === 405) assert.strictEqual(reply.headers["allow"], "POST, OPTIONS")
          }
        })
      )
    )

  it.effect("to read what can only be asked is refused; HEAD has no body, OPTIONS names the methods", () =>
    withEdge({}, (port) =>
      Effect.gen(function* () {
        for (const { isOwn, path } of paths) {
          // what follows a colon may be part of a model's name (llama3:8b), which can be read about
          const status = path.startsWith("/v1beta") ? 404 : 405
          const head = yield* send(port, { path, method: "HEAD", body: "" })
          assert.strictEqual(head.status, status, path)
          assert.strictEqual(head.body, "")
          const get = yield* send(port, { path, method: "GET", body: "" })
          assert.strictEqual(get.status, status, path)
          isOwn(get)
          const options = yield* send(port, { path, method: "OPTIONS", body: "" })
          assert.strictEqual(options.status, 204, path)
          assert.strictEqual(options.headers["allow"], "POST, OPTIONS")
        }
      })
    )
  )

  it.effect("a body over the limit, told or found out, is a 413 in each dialect", () =>
    withEdge({ settings: settingsWith({ bodyLimitBytes: 10_000 }) }, (port) =>
      Effect.gen(function* () {
        for (const { isOwn, path } of paths)
          for (const headers of [{}, { "transfer-encoding": "chunked" }]) {
            const reply = yield* send(port, { path, headers, body: `{"x":"${"x".repeat(20_000)}"}` })
            assert.strictEqual(reply.status, 413, path)
            isOwn(reply)
          }
      })
    )
  )

  it.effect("an unknown path under a dialect's prefix is told in that dialect", () =>
    withEdge({}, (port) =>
      Effect.gen(function* () {
        const unknown: ReadonlyArray<readonly [string, Path["isOwn"]]> = [
          ["/v1/chat/completions/x", openAi],
          ["/v1/responses/a/b/c", openAi],
          ["/v1/messages/batches", anthropic],
          ["/v1beta/models/smart:predict", google],
          ["/v1beta/models/smart", google],
          ["/v1beta/models/:generateContent", google],
          ["/v1beta/models/%:generateContent", google],
          ["/v1beta/models/smart:generateContent/x", google],
          ["/v1beta/files", google],
          ["/v1beta/cachedContents", google],
          [`/v1beta/models/${"m".repeat(300)}:generateContent`, google]
        ]
        for (const [path, isOwn] of unknown) {
          const reply = yield* send(port, { path, body: asks })
          assert.include([404, 405], reply.status, path)
          isOwn(reply)
        }
      })
    )
  )
})

describe("a model's name in a path of Google's", () => {
  it.effect("is any text a name may be, encoded or not, and reaches the gateway as it is meant", () => {
    const asked: Array<string> = []
    const handle = (request: { readonly model: string }) => {
      asked.push(request.model)
      return Effect.never
    }
    return withEdge({ handle }, (port) =>
      Effect.gen(function* () {
        const names: ReadonlyArray<readonly [path: string, model: string]> = [
          ["openai/gpt-5.2", "openai/gpt-5.2"],
          ["openai%2Fgpt-5.2", "openai/gpt-5.2"],
          ["ollama/llama3:8b", "ollama/llama3:8b"],
          ["..%2F..%2Fetc", "../../etc"],
          ["%C3%A9t%C3%A9", "été"],
          ["a%00b", "a\0b"],
          ["__proto__", "__proto__"],
          ["constructor", "constructor"],
          ["a%3Ab", "a:b"],
          ["a%20b", "a b"]
        ]
        for (const [at, [path]] of names.entries()) {
          const fiber = yield* Effect.forkChild(
            send(port, { path: `/v1beta/models/${path}:generateContent`, body: asks }),
            { startImmediately: true }
          )
          yield* Effect.promise(async () => {
            while (asked.length <= at) await new Promise((resolve) => setImmediate(resolve))
          })
          fiber.interruptUnsafe()
        }
        assert.deepStrictEqual(
          asked,
          names.map(([, model]) => model)
        )
      })
    )
  })
})

describe("a slow network", () => {
  it.effect("a body that comes byte by byte is answered as one that comes at once, in each dialect", () =>
    withEdge({}, (port) =>
      Effect.gen(function* () {
        for (const { body, path } of paths) {
          const whole = yield* send(port, { path, body })
          const slow = yield* byteByByte(port, path, JSON.stringify(body))
          assert.strictEqual(whole.status, 200, whole.body)
          assert.match(slow, /^HTTP\/1\.1 200 /, path)
          assert.include(slow, "hel", path)
        }
      })
    )
  )

  it.effect("a caller that ends amid its body leaves nothing that waits for it", () =>
    withEdge({}, (port) =>
      Effect.gen(function* () {
        for (const { body, path } of paths) {
          const text = JSON.stringify(body)
          const raw = yield* byteByByte(port, path, text.slice(0, -3), text.length)
          assert.notMatch(raw, / 200 /, path)
        }
        // the edge still answers, and closing it waits for nobody
        assert.strictEqual((yield* send(port)).status, 200)
      })
    )
  )
})

/** Writes a request a byte at a time, ends its side, and gives what came back until the other side closed. */
const byteByByte = (port: number, path: string, body: string, announced = body.length): Effect.Effect<string> =>
  Effect.callback<string>((resume) => {
    const socket = connect(port, "127.0.0.1")
    let raw = ""
    socket.setNoDelay(true)
    socket.setEncoding("utf8")
    socket.on("data", (text: string) => (raw += text))
    socket.on("error", () => {})
    socket.on("close", () => resume(Effect.succeed(raw)))
    const head =
      `POST ${path} HTTP/1.1\r\nhost: 127.0.0.1\r\nconnection: close\r\ncontent-type: application/json\r\n` +
      `content-length: ${announced}\r\n\r\n`
    const bytes = Buffer.from(head + body)
    let at = 0
    const next = () => {
      if (at === bytes.length) {
        if (announced > body.length) socket.end()
        return
      }
      socket.write(bytes.subarray(at, ++at), next)
    }
    socket.on("connect", next)
    return Effect.sync(() => void socket.destroy())
  })
