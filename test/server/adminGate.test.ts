import { assert, describe, it } from "@effect/vitest"
import { Cause, Effect, Fiber, Latch, Logger, Redacted } from "effect"
import { TestClock } from "effect/testing"
import type { Settings } from "../../src/config/Settings.ts"
import { checked, generation, noOperations, provider, recordingOperations } from "./operations.ts"
import { type Ask, clientKey, type Edge, type Reply, send, settingsWith, turns, until, withEdge } from "./support.ts"

const adminKey = Redacted.make("admin-1")
const key = { authorization: "Bearer admin-1" }
const withKey = settingsWith({ adminKey })
const get = (path: string, headers: Record<string, string> = key): Ask => ({ method: "GET", path, headers })

/** Every endpoint, with a call that its handler would take. */
const calls: ReadonlyArray<Ask> = [
  { method: "GET", path: "/admin/providers" },
  { method: "GET", path: "/admin/providers/acme" },
  { method: "POST", path: "/admin/providers", body: { id: "mine", kind: "ollama" } },
  { method: "PATCH", path: "/admin/providers/acme", body: { state: "draining" } },
  { method: "DELETE", path: "/admin/providers/acme", body: "" },
  { method: "POST", path: "/admin/providers/acme/check", body: {} },
  { method: "GET", path: "/admin/circuits" },
  { method: "PUT", path: "/admin/circuits/acme/large-1", body: { state: "open" } },
  { method: "GET", path: "/admin/quarantine" },
  { method: "POST", path: "/admin/quarantine", body: { target: "acme" } },
  { method: "DELETE", path: "/admin/quarantine/account:acme", body: "" },
  { method: "GET", path: "/admin/drills" },
  { method: "POST", path: "/admin/drills", body: { target: "acme" } },
  { method: "DELETE", path: "/admin/drills/account:acme", body: "" },
  { method: "POST", path: "/admin/reload", body: "" },
  { method: "GET", path: "/admin/config" },
  { method: "GET", path: "/admin/events" }
]

const told = (reply: Reply, type: string) => {
  assert.nestedPropertyVal(reply.json, "error.type", type)
  assert.match(reply.headers["x-request-id"] ?? "", /^req_/)
  assert.nestedPropertyVal(reply.json, "error.request_id", reply.headers["x-request-id"])
  assert.strictEqual(reply.headers["cache-control"], "no-store")
}

/** An edge whose operations note what they were asked; `made` holds it. */
const noting = (settings: Settings): Edge & { readonly made: Array<ReadonlyArray<unknown>> } => {
  const made: Array<ReadonlyArray<unknown>> = []
  return { settings, made, operations: recordingOperations(made) }
}

describe("who may call the admin API", () => {
  it.effect("without an admin key there is none, and the answer says how to switch it on", () => {
    const edge = noting(settingsWith())
    return withEdge(edge, (port) =>
      Effect.gen(function* () {
        for (const ask of calls) {
          const reply = yield* send(port, { ...ask, headers: key })
          assert.strictEqual(reply.status, 404, `${ask.method} ${ask.path}`)
          told(reply, "not_found")
          assert.include(reply.body, "server.adminKey")
        }
        assert.isEmpty(edge.made)
      })
    )
  })

  it.effect("nothing is done without the key, with another one, or with a client key", () => {
    const edge = noting(settingsWith({ adminKey }, [clientKey("web", "sk-1")]))
    return withEdge(edge, (port) =>
      Effect.gen(function* () {
        for (const ask of calls) {
          for (const headers of [{}, { authorization: "Bearer admin-2" }, { "x-api-key": "sk-1" }]) {
            const reply = yield* send(port, { ...ask, headers })
            assert.strictEqual(reply.status, 401, `${ask.method} ${ask.path}`)
            assert.strictEqual(reply.headers["www-authenticate"], "Bearer")
            told(reply, "unauthorized")
          }
        }
        assert.isEmpty(edge.made)
      })
    )
  })

  it.effect("the key is taken from either header, and every endpoint answers it", () => {
    const edge = noting(withKey)
    return withEdge(edge, (port) =>
      Effect.gen(function* () {
        for (const ask of calls) {
          for (const headers of [key, { "x-api-key": "admin-1" }]) {
            const reply = yield* send(port, { ...ask, headers })
            assert.include([200, 201, 204], reply.status, `${ask.method} ${ask.path}: ${reply.body}`)
            assert.match(reply.headers["x-request-id"] ?? "", /^req_/)
            assert.strictEqual(reply.headers["cache-control"], "no-store")
          }
        }
      })
    )
  })

  it.effect("a web page of another origin is refused even with the key, and is never let read", () => {
    const edge = noting(settingsWith({ adminKey, cors: ["*"] }, [clientKey("web", "sk-1")]))
    return withEdge(edge, (port) =>
      Effect.gen(function* () {
        const refused: ReadonlyArray<Record<string, string>> = [
          { origin: "https://page.example" },
          { origin: "null" },
          { host: `page.example:${port}` }
        ]
        for (const headers of refused) {
          const reply = yield* send(port, { ...calls[6], headers: { ...key, ...headers } })
          assert.strictEqual(reply.status, 403, JSON.stringify(headers))
          told(reply, "forbidden")
          assert.notInclude(reply.body, "Without client keys")
          assert.isUndefined(reply.headers["access-control-allow-origin"])
        }
        const own = yield* send(port, get("/admin/config", { ...key, origin: `http://127.0.0.1:${port}` }))
        assert.strictEqual(own.status, 200)
        assert.isUndefined(own.headers["access-control-allow-origin"])
        assert.isEmpty(edge.made)
      })
    )
  })

  it.effect("off loopback a page must be of the very host it asks, or of an origin the config names", () => {
    const settings = settingsWith({ adminKey, host: "0.0.0.0", cors: ["*", "https://ops.example"] }, [
      clientKey("web", "sk-1")
    ])
    return withEdge(noting(settings), (port) =>
      Effect.gen(function* () {
        const from = (origin: string) => send(port, get("/admin/config", { ...key, host: "gateway.example", origin }))
        assert.strictEqual((yield* send(port, get("/admin/config", { ...key, host: "gateway.example" }))).status, 200)
        assert.strictEqual((yield* from("https://gateway.example")).status, 200)
        assert.strictEqual((yield* from("https://ops.example")).status, 200)
        assert.strictEqual((yield* from("https://page.example")).status, 403)
        assert.strictEqual((yield* from("https://gateway.example.page.example")).status, 403)
      })
    )
  })

  it.effect("a preflight request is refused for every page, and a plain OPTIONS tells the methods", () =>
    withEdge({ settings: settingsWith({ adminKey, cors: ["*"] }) }, (port) =>
      Effect.gen(function* () {
        const preflight = yield* send(port, {
          method: "OPTIONS",
          path: "/admin/providers",
          headers: { origin: "https://page.example", "access-control-request-method": "POST" }
        })
        assert.strictEqual(preflight.status, 403)
        assert.isUndefined(preflight.headers["access-control-allow-origin"])
        const plain = yield* send(port, { method: "OPTIONS", path: "/admin/providers" })
        assert.strictEqual(plain.headers["allow"], "GET, HEAD, POST, OPTIONS")
      })
    )
  )

  it.effect("a key that changes while the gateway runs holds from the next call on", () => {
    let current = withKey
    const edge: Edge = { settings: withKey, settingsNow: () => current }
    return withEdge(edge, (port) =>
      Effect.gen(function* () {
        assert.strictEqual((yield* send(port, get("/admin/config"))).status, 200)
        current = settingsWith({ adminKey: Redacted.make("admin-2") })
        assert.strictEqual((yield* send(port, get("/admin/config"))).status, 401)
        assert.strictEqual((yield* send(port, get("/admin/config", { "x-api-key": "admin-2" }))).status, 200)
        current = settingsWith()
        assert.strictEqual((yield* send(port, get("/admin/config", { "x-api-key": "admin-2" }))).status, 404)
      })
    )
  })
})

describe("paths of the admin API", () => {
  it.effect("that are unknown are a 404 in its own shape, whatever dialect the caller speaks", () =>
    withEdge({ settings: withKey }, (port) =>
      Effect.gen(function* () {
        for (const path of ["/admin", "/admin/", "/admin/nothing", "/admin/providers/a/b", "/admin/providers/%zz"]) {
          const reply = yield* send(port, get(path, { ...key, "anthropic-version": "2023-06-01" }))
          assert.strictEqual(reply.status, 404, path)
          assert.nestedPropertyVal(reply.json, "error.type", "not_found")
        }
        const other = yield* send(port, get("/administrator"))
        assert.notNestedProperty(other.json, "error.request_id")
      })
    )
  )

  it.effect("answer a wrong method with those they take", () =>
    withEdge({ settings: withKey }, (port) =>
      Effect.gen(function* () {
        const wrong: ReadonlyArray<readonly [method: string, path: string, allowed: string]> = [
          ["PUT", "/admin/providers", "GET, HEAD, POST, OPTIONS"],
          ["POST", "/admin/providers/acme", "GET, HEAD, PATCH, DELETE, OPTIONS"],
          ["GET", "/admin/providers/acme/check", "POST, OPTIONS"],
          ["GET", "/admin/circuits/acme/large-1", "PUT, OPTIONS"],
          ["GET", "/admin/quarantine/model:acme/meta/large-1", "DELETE, OPTIONS"],
          ["DELETE", "/admin/config", "GET, HEAD, OPTIONS"]
        ]
        for (const [method, path, allowed] of wrong) {
          const reply = yield* send(port, { method, path, headers: key, body: "" })
          assert.strictEqual(reply.status, 405, `${method} ${path}`)
          assert.strictEqual(reply.headers["allow"], allowed)
          told(reply, "method_not_allowed")
        }
      })
    )
  )
})

describe("what goes wrong inside", () => {
  const secret = "sk-very-secret"

  it.effect("is a 500 without detail, logged under the request's id without what it quotes", () => {
    const lines: Array<string> = []
    const operations = { ...noOperations, circuits: Effect.die(new TypeError(`cannot read ${secret}`)) }
    return withEdge({ settings: withKey, operations, lines }, (port) =>
      Effect.gen(function* () {
        const reply = yield* send(port, get("/admin/circuits"))
        assert.strictEqual(reply.status, 500)
        told(reply, "internal_error")
        assert.notInclude(reply.body, secret)
        const line = lines.find((line) => line.includes(reply.headers["x-request-id"] ?? "none"))
        assert.include(line ?? "", "TypeError")
        assert.notInclude(line ?? "", secret)
      })
    )
  })

  it.effect("is the same for an answer that does not fit the contract", () => {
    const lines: Array<string> = []
    const operations = { ...noOperations, providers: Effect.succeed([{ ...provider, inFlight: 0.5 }]) }
    return withEdge({ settings: withKey, operations, lines }, (port) =>
      Effect.gen(function* () {
        const reply = yield* send(port, get("/admin/providers"))
        assert.strictEqual(reply.status, 500)
        told(reply, "internal_error")
        assert.strictEqual(lines.length, 1)
      })
    )
  })
})

describe("a caller that leaves", () => {
  it.effect("ends a check, but not a change that was begun, and the log tells of both", () => {
    const logged: Array<string> = []
    const logger = Logger.make(({ message }) => void logged.push(String(message)))
    return Effect.gen(function* () {
      const begun = Latch.makeUnsafe(false)
      const goOn = Latch.makeUnsafe(false)
      let ended = ""
      const waiting = <A>(what: string, result: A) =>
        begun.open.pipe(
          Effect.andThen(goOn.await),
          Effect.as(result),
          Effect.onExit((exit) =>
            Effect.sync(() => {
              ended = `${what} ${exit._tag}`
            })
          )
        )
      const operations = {
        ...noOperations,
        check: () => waiting("check", checked),
        reload: waiting("reload", generation)
      }
      yield* withEdge({ settings: withKey, operations }, (port) =>
        Effect.gen(function* () {
          const leaving = (path: string) =>
            Effect.gen(function* () {
              const asked = yield* Effect.forkChild(send(port, { method: "POST", path, headers: key, body: "" }))
              yield* begun.await
              begun.closeUnsafe()
              yield* Fiber.interrupt(asked)
            })
          yield* leaving("/admin/providers/acme/check")
          yield* until(() => logged.some((line) => line.includes("checkProvider acme: the caller left")))
          assert.strictEqual(ended, "check Failure")

          yield* leaving("/admin/reload")
          yield* turns
          goOn.openUnsafe()
          yield* until(() => logged.some((line) => line.startsWith("admin reload: ")))
          assert.strictEqual(ended, "reload Success")
        })
      )
    }).pipe(Effect.provide(Logger.layer([logger])))
  })
})

describe("the log", () => {
  it.effect("has one line a minute about calls that are refused, with how many there were", () => {
    const logged: Array<string> = []
    const logger = Logger.make(({ logLevel, message }) => void logged.push(`${logLevel} ${String(message)}`))
    return Effect.gen(function* () {
      yield* withEdge({ settings: settingsWith({ adminKey }) }, (port) =>
        Effect.gen(function* () {
          logged.length = 0
          const wrong = { "x-api-key": "a-guess" }
          yield* send(port, get("/admin/config", wrong))
          assert.strictEqual(logged.length, 1)
          assert.match(
            logged[0] ?? "",
            /^Warn a call of the admin API from 127\.0\.0\.1 was refused: unauthorized \(req_\w+\)$/
          )
          for (let i = 0; i < 5; i++) yield* send(port, get("/admin/config", wrong))
          // the edge refuses too: a foreign Host, a foreign page, a preflight; others than the admin API do not count
          yield* send(port, get("/admin/config", { ...key, host: "page.example" }))
          yield* send(port, get("/admin/config", { ...key, origin: "https://page.example" }))
          yield* send(port, {
            method: "OPTIONS",
            path: "/admin/config",
            headers: { "access-control-request-method": "POST" }
          })
          yield* send(port, get("/v1/models", { host: "page.example" }))
          yield* send(port, get("/admin/nothing", wrong))
          assert.strictEqual(logged.length, 1)
          yield* TestClock.adjust("1 minute")
          assert.deepStrictEqual(logged.slice(1), ["Warn 8 more calls of the admin API refused within a minute"])
          yield* TestClock.adjust("1 minute")
          assert.strictEqual(logged.length, 2)
          yield* send(port, get("/admin/config", wrong))
          assert.match(logged[2] ?? "", /unauthorized/)
          assert.notInclude(logged.join(), "a-guess")
        })
      )
    }).pipe(Effect.provide(Logger.layer([logger])))
  })

  it.effect("has one line for each call that changes something, with its outcome and never its body", () => {
    const logged: Array<string> = []
    const logger = Logger.make(({ cause, message }) => {
      logged.push(`${String(message)}${cause.reasons.length === 0 ? "" : Cause.pretty(cause)}`)
    })
    return withEdge(noting(withKey), (port) =>
      Effect.gen(function* () {
        logged.length = 0
        const changing = calls.filter(({ method }) => method !== "GET")
        for (const ask of calls) yield* send(port, { ...ask, headers: key })
        assert.strictEqual(logged.length, changing.length)
        assert.match(logged.join("\n"), /^admin setCircuit acme\/large-1 open: done \(req_\w+\)$/m)
        logged.length = 0
        const body = { id: "a\nforged line", kind: "openai", apiKey: "sk-very-secret" }
        yield* send(port, { method: "POST", path: "/admin/providers", headers: key, body })
        yield* send(port, { method: "POST", path: "/admin/drills", headers: key, body: { target: "a", reason: "x" } })
        assert.strictEqual(logged.length, 2)
        assert.notInclude(logged.join(), "sk-very-secret")
        assert.notInclude(logged.join(), "\n")
        assert.include(logged[1] ?? "", "startDrill: invalid_request")
      })
    ).pipe(Effect.provide(Logger.layer([logger])))
  })
})
