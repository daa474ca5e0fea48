import { assert, describe, it } from "@effect/vitest"
import { Effect, Redacted } from "effect"
import { OperationRefused } from "../../src/gateway/Operations.ts"
import { noOperations, quarantined, recordingOperations } from "./operations.ts"
import { type Ask, type Edge, failure, send, settingsWith, withEdge } from "./support.ts"

const settings = settingsWith({ adminKey: Redacted.make("admin-1") })
const headers = { "x-api-key": "admin-1" }
const get = (path: string): Ask => ({ method: "GET", path: `/admin/${path}`, headers })
const sent = (method: string, path: string, body: Ask["body"] = ""): Ask => ({
  method,
  path: `/admin/${path}`,
  headers,
  body
})

/** An edge whose operations note what they were asked. */
const noting = (): Edge & { readonly made: Array<ReadonlyArray<unknown>> } => {
  const made: Array<ReadonlyArray<unknown>> = []
  return { settings, made, operations: recordingOperations(made) }
}

describe("what is told", () => {
  it.effect("of a provider is its health, with moments as texts and nothing that is not there", () =>
    withEdge(noting(), (port) =>
      Effect.gen(function* () {
        const { json, status } = yield* send(port, get("providers/acme"))
        assert.strictEqual(status, 200)
        assert.deepNestedInclude(json, {
          id: "acme",
          kind: "openai-compatible",
          state: "on",
          weight: 1,
          available: true,
          retriesLeft: 10,
          limits: [],
          "quarantine[0].since": "1970-01-01T00:00:01.000Z",
          "quarantine[0].recheckAt": "1970-01-01T00:05:01.000Z",
          "models[0].circuit": {
            key: "acme/large-1",
            state: "open",
            until: "1970-01-01T00:00:30.000Z",
            recentFailures: 3,
            openings: 1
          },
          "models[0].limits[0].retryAt": "1970-01-01T00:00:05.000Z",
          "models[0].firstEventP95Millis": 812.5
        })
        assert.notNestedProperty(json, "region")
        assert.notNestedProperty(json, "models[0].quarantine")
        const list = yield* send(port, get("providers"))
        assert.deepNestedInclude(list.json, { "providers[0]": json })
      })
    )
  )

  it.effect("of a provider's address leaves out what may be a secret", () =>
    withEdge(noting(), (port) =>
      Effect.gen(function* () {
        const { body, json } = yield* send(port, get("providers/acme"))
        assert.nestedPropertyVal(json, "baseUrl", "https://acme.example/v1")
        assert.notInclude(body, "secret")
      })
    )
  )

  it.effect("of circuits, quarantine, drills and the configuration is what stands", () =>
    withEdge(noting(), (port) =>
      Effect.gen(function* () {
        const circuits = yield* send(port, get("circuits"))
        assert.deepNestedInclude(circuits.json, { "circuits[0].key": "acme/large-1" })
        const quarantine = yield* send(port, get("quarantine"))
        assert.deepNestedInclude(quarantine.json, {
          "quarantine[0].credential": "0123456789abcdef",
          "quarantine[0].source": "observed",
          "quarantine[0].durable": true
        })
        const drills = yield* send(port, get("drills"))
        assert.deepNestedInclude(drills.json, { "drills[0].source": "drill" })
        const config = yield* send(port, get("config"))
        assert.deepNestedInclude(config.json, {
          generation: 2,
          loadedAt: "1970-01-01T00:00:00.000Z",
          onEarlier: 1,
          lastFailure: { at: "1970-01-01T00:01:00.000Z", problems: ["server.port: found -1"] }
        })
      })
    )
  )

  it.effect("of a circuit that is forced leaves out a moment that never comes", () => {
    const circuits = Effect.succeed([
      {
        key: "acme",
        state: "open" as const,
        forced: "open" as const,
        until: Infinity,
        notBefore: 1e300,
        recentFailures: 0,
        openings: 0
      }
    ])
    return withEdge({ settings, operations: { ...noOperations, circuits } }, (port) =>
      Effect.gen(function* () {
        const { json, status } = yield* send(port, get("circuits"))
        assert.strictEqual(status, 200)
        assert.deepNestedInclude(json, { "circuits[0].forced": "open" })
        assert.notNestedProperty(json, "circuits[0].until")
      })
    )
  })

  it.effect("of events is as many as asked for, newest first, from a moment on", () =>
    withEdge(noting(), (port) =>
      Effect.gen(function* () {
        const details = (query: string) =>
          Effect.map(send(port, get(`events${query}`)), ({ body }) =>
            [...body.matchAll(/"detail":"(\d)"/g)].map(([, detail]) => detail).join("")
          )
        assert.strictEqual(yield* details(""), "321")
        assert.strictEqual(yield* details("?limit=2"), "32")
        assert.strictEqual(yield* details("?since=1970-01-01T00:00:02Z"), "32")
        assert.strictEqual(yield* details("?since=1970-01-01T01:00:02.001%2B01:00&limit=5"), "3")
        assert.strictEqual(yield* details("?since=1970-01-02"), "")
        assert.strictEqual(yield* details("?since=2024-02-29"), "")
      })
    )
  )
})

describe("what is asked", () => {
  it.effect("of a provider that is added is its entry without the id, and its keys are not told back", () => {
    const edge = noting()
    return withEdge(edge, (port) =>
      Effect.gen(function* () {
        const entry = { kind: "openai", apiKey: "sk-very-secret", limits: { concurrent: 4 } }
        const reply = yield* send(port, sent("POST", "providers", { id: "mine", ...entry }))
        assert.strictEqual(reply.status, 201)
        assert.deepStrictEqual(edge.made, [["add", "mine", entry]])
        assert.notInclude(reply.body, "sk-very-secret")
      })
    )
  })

  it.effect("of a provider is its state, its weight, its end, and one token", () => {
    const edge = noting()
    return withEdge(edge, (port) =>
      Effect.gen(function* () {
        yield* send(port, sent("PATCH", "providers/acme", { state: "draining" }))
        yield* send(port, sent("PATCH", "providers/acme", { weight: 0.5 }))
        const removed = yield* send(port, sent("DELETE", "providers/acme"))
        assert.strictEqual(removed.status, 204)
        assert.strictEqual(removed.body, "")
        const check = yield* send(port, sent("POST", "providers/acme/check", { model: "meta/large-1" }))
        assert.deepNestedInclude(check.json, { ok: true, millis: 12, model: "meta/large-1" })
        assert.deepStrictEqual(edge.made, [
          ["change", "acme", { state: "draining" }],
          ["change", "acme", { weight: 0.5 }],
          ["remove", "acme"],
          ["check", "acme", "meta/large-1"]
        ])
      })
    )
  })

  it.effect("without a body where nothing need be said is taken", () => {
    const edge = noting()
    return withEdge(edge, (port) =>
      Effect.gen(function* () {
        for (const path of ["providers/acme/check", "reload"]) {
          const reply = yield* send(port, {
            ...sent("POST", path),
            headers: { ...headers, "content-type": "text/plain" }
          })
          assert.strictEqual(reply.status, 200, path)
        }
        assert.deepStrictEqual(edge.made, [["check", "acme", undefined], ["reload"]])
      })
    )
  })

  it.effect("names circuits, quarantine and drills by keys with slashes, raw and encoded", () => {
    const edge = noting()
    return withEdge(edge, (port) =>
      Effect.gen(function* () {
        const name = "together/meta-llama/Llama-3"
        for (const circuit of [name, encodeURIComponent(name)]) {
          const reply = yield* send(port, sent("PUT", `circuits/${circuit}`, { state: "open" }))
          assert.nestedPropertyVal(reply.json, "key", name)
        }
        for (const entry of [`model:${name}`, encodeURIComponent(`model:${name}`)]) {
          assert.strictEqual((yield* send(port, sent("DELETE", `quarantine/${entry}`))).status, 204)
          assert.strictEqual((yield* send(port, sent("DELETE", `drills/${entry}/`))).status, 204)
        }
        assert.deepStrictEqual(edge.made, [
          ["circuit", name, "open"],
          ["circuit", name, "open"],
          ["lift", `model:${name}`],
          ["end", `model:${name}`],
          ["lift", `model:${name}`],
          ["end", `model:${name}`]
        ])
      })
    )
  })

  it.effect("of quarantine and drills has a reason, a time and words of its own where none are given", () => {
    const edge = noting()
    return withEdge(edge, (port) =>
      Effect.gen(function* () {
        const orders: ReadonlyArray<readonly [path: string, body: object]> = [
          ["quarantine", { target: "acme" }],
          ["quarantine", { target: "acme/a", reason: "QuotaExhausted", message: "unpaid", for: "2 hours" }],
          ["drills", { target: "acme" }],
          ["drills", { target: "acme/a", reason: "Timeout", for: 90_000 }],
          ["drills", { target: "acme/a", for: "24 hours" }]
        ]
        for (const [path, body] of orders) assert.strictEqual((yield* send(port, sent("POST", path, body))).status, 201)
        const byOperator = "Put in quarantine by an operator"
        const drill = "A drill started by an operator"
        assert.deepStrictEqual(edge.made, [
          ["quarantine", { target: "acme", reason: "AccessDenied", message: byOperator, lasts: undefined }],
          ["quarantine", { target: "acme/a", reason: "QuotaExhausted", message: "unpaid", lasts: 7_200_000 }],
          ["drill", { target: "acme", reason: "AccessDenied", message: drill, lasts: 600_000 }],
          ["drill", { target: "acme/a", reason: "Timeout", message: drill, lasts: 90_000 }],
          ["drill", { target: "acme/a", reason: "AccessDenied", message: drill, lasts: 86_400_000 }]
        ])
      })
    )
  })
})

describe("client keys", () => {
  it.effect(
    "are told with moments as texts, by both ends of their secrets, and with how far their limits are used",
    () =>
      withEdge(noting(), (port) =>
        Effect.gen(function* () {
          const { json, status } = yield* send(port, get("keys/web"))
          assert.strictEqual(status, 200)
          assert.deepNestedInclude(json, {
            name: "web",
            source: "stored",
            state: "active",
            createdAt: "1970-01-01T00:00:01.000Z",
            expiresAt: "1970-01-01T00:01:30.000Z",
            limits: { requestsPerMinute: 60 },
            budgets: [{ window: "day", timeZone: "UTC", limitUsd: 10, reserve: 5, onExhausted: "reject" }],
            use: [{ what: "requestsPerMinute", limit: 60, used: 7 }],
            "secrets[0]": { prefix: "sy-AbCd", lastFour: "wxyz", createdAt: "1970-01-01T00:00:02.000Z" },
            "secrets[1].validUntil": "1970-01-01T00:01:00.000Z"
          })
          for (const absent of ["region", "revokedAt"]) assert.notProperty(json, absent)
          assert.deepNestedInclude((yield* send(port, get("keys"))).json, { "keys[0]": json })
          assert.strictEqual((yield* send(port, get("keys/nobody"))).status, 404)
        })
      )
  )

  it.effect(
    "are made, changed, rotated and revoked; a secret is told by what made it alone, and kept by nobody",
    () => {
      const edge = { ...noting(), lines: new Array<string>() }
      return withEdge(edge, (port) =>
        Effect.gen(function* () {
          const order = {
            name: "web",
            tenant: "acme",
            priority: "low",
            allow: ["smart", "auto*"],
            limits: { concurrent: 4 },
            tags: ["a"],
            expires: "2026-01-31T12:00:00+01:00"
          }
          const created = yield* send(port, sent("POST", "keys", order))
          assert.strictEqual(created.status, 201)
          assert.deepNestedInclude(created.json, { secret: "sy-the-secret", notes: ["a note"], "key.name": "web" })
          assert.strictEqual(created.headers["cache-control"], "no-store")
          const changed = yield* send(port, sent("PATCH", "keys/web", { tenant: null, expires: null, limits: {} }))
          assert.strictEqual(changed.status, 200)
          for (const body of [{ grace: "2 hours" }, { grace: 0 }, ""]) {
            const rotated = yield* send(port, sent("POST", "keys/web/rotate", body))
            assert.nestedPropertyVal(rotated.json, "secret", "sy-the-secret")
          }
          const revoked = yield* send(port, sent("DELETE", "keys/web"))
          assert.strictEqual(revoked.status, 204)
          for (const { body } of [changed, yield* send(port, get("keys"))]) assert.notInclude(body, "sy-the-secret")
          const { expires: _, ...grants } = order
          assert.deepStrictEqual(edge.made, [
            ["createKey", { ...grants, expiresAt: Date.parse("2026-01-31T11:00:00Z") }],
            ["changeKey", "web", { tenant: null, expiresAt: null, limits: {} }],
            ["rotateKey", "web", 7_200_000],
            ["rotateKey", "web", 0],
            ["rotateKey", "web", undefined],
            ["revokeKey", "web"]
          ])
          assert.notInclude(edge.lines.join(), "sy-the-secret")
        })
      )
    }
  )
})

describe("what is asked wrongly", () => {
  const wrong: ReadonlyArray<readonly [what: string, ask: Ask, param: string | undefined, expected: RegExp]> = [
    [
      "a field that is not known",
      sent("PATCH", "providers/acme", { wieght: 0 }),
      "wieght",
      /not known.*did you mean \\"weight\\"/
    ],
    [
      "a known field beside one that is not",
      sent("POST", "drills", { target: "a", fro: 1 }),
      "fro",
      /one of target, reason, for/
    ],
    [
      "a word that is not one of them",
      sent("PATCH", "providers/acme", { state: "off" }),
      "state",
      /"off.*draining, disabled/
    ],
    ["a number out of bounds", sent("PATCH", "providers/acme", { weight: -1 }), "weight", /between 0 and 1000/],
    ["a text for a number", sent("PATCH", "providers/acme", { weight: "1" }), "weight", /a number/],
    ["nothing to change", sent("PATCH", "providers/acme", {}), undefined, /state or weight/],
    ["a missing field", sent("PUT", "circuits/acme", {}), "state", /nothing.*open, closed, auto/],
    ["a missing id", sent("POST", "providers", { kind: "openai" }), "id", /nothing.*an id/],
    ["an empty target", sent("POST", "quarantine", { target: "" }), "target", /a provider/],
    ["a target that is too long", sent("POST", "quarantine", { target: "a".repeat(301) }), "target", /300/],
    ["an unknown reason", sent("POST", "drills", { target: "a", reason: "Bored" }), "reason", /RateLimited/],
    ["a time without a unit", sent("POST", "drills", { target: "a", for: "10" }), "for", /30 seconds/],
    ["a time that is most likely meant in seconds", sent("POST", "drills", { target: "a", for: 600 }), "for", /1s/],
    ["a drill longer than a day", sent("POST", "drills", { target: "a", for: "25 hours" }), "for", /1d/],
    ["a time that is no time", sent("POST", "quarantine", { target: "a", for: true }), "for", /true.*30 seconds/],
    ["a body that is an array", sent("POST", "drills", "[]"), undefined, /JSON object/],
    ["a body that is not JSON", sent("POST", "drills", "{"), undefined, /valid JSON/],
    ["an empty body", sent("POST", "drills"), undefined, /empty/],
    [
      "a body nested too deep",
      sent("POST", "providers", `{"id":"a","x":${"[".repeat(20_000)}${"]".repeat(20_000)}}`),
      undefined,
      /deeper/
    ],
    ["a key without a name", sent("POST", "keys", { tenant: "acme" }), "name", /nothing.*a name/],
    [
      "a key's limit of nothing",
      sent("POST", "keys", { name: "a", limits: { concurrent: 0 } }),
      "limits.concurrent",
      /0/
    ],
    ["a key's priority that is none", sent("POST", "keys", { name: "a", priority: "royal" }), "priority", /critical/],
    ["a key's end that is no moment", sent("POST", "keys", { name: "a", expires: "soon" }), "expires", /a moment/],
    ["a secret of one's own", sent("POST", "keys", { name: "a", key: "mine" }), "key", /not known/],
    ["nothing to change of a key", sent("PATCH", "keys/a", {}), undefined, /Nothing/],
    ["a key's name", sent("PATCH", "keys/a", { name: "b" }), "name", /not known/],
    ["a grace of years", sent("POST", "keys/a/rotate", { grace: "100 days" }), "grace", /90d/],
    ["a limit that is no number", get("events?limit=many"), "limit", /an integer between 1 and 1000/],
    ["a limit out of bounds", get("events?limit=0"), "limit", /between 1 and 1000/],
    ["a limit given twice", get("events?limit=1&limit=2"), "limit", /limit/],
    ["a moment that is none", get("events?since=yesterday"), "since", /2026-01-31T12:00:00Z/],
    ["a moment that is not in the calendar", get("events?since=2026-13-01"), "since", /moment/],
    ["a day that its month does not have", get("events?since=2026-02-31"), "since", /no such moment/],
    ["a leap day of another year", get("events?since=2026-02-29T12:00:00Z"), "since", /no such moment/],
    ["an hour that no day has", get("events?since=2026-02-28T25:00:00Z"), "since", /no such moment/]
  ]
  for (const [what, ask, param, expected] of wrong) {
    it.effect(`${what} is a 400 that says what is wrong`, () => {
      const edge = noting()
      return withEdge(edge, (port) =>
        Effect.gen(function* () {
          const { body, json, status } = yield* send(port, ask)
          assert.strictEqual(status, 400, body)
          assert.nestedPropertyVal(json, "error.type", "invalid_request")
          if (param === undefined) assert.notNestedProperty(json, "error.param")
          else assert.nestedPropertyVal(json, "error.param", param)
          assert.match(body, expected)
          assert.isEmpty(edge.made)
        })
      )
    })
  }

  it.effect("a body beyond 64 kB is a 413, one that is no JSON by its type a 415", () => {
    const edge = noting()
    return withEdge(edge, (port) =>
      Effect.gen(function* () {
        const large = yield* send(port, sent("POST", "providers", { id: "a", kind: "b".repeat(70_000) }))
        assert.strictEqual(large.status, 413)
        assert.nestedPropertyVal(large.json, "error.type", "body_too_large")
        const form = yield* send(port, {
          ...sent("POST", "providers", "id=a"),
          headers: { ...headers, "content-type": "application/x-www-form-urlencoded" }
        })
        assert.strictEqual(form.status, 415)
        assert.nestedPropertyVal(form.json, "error.type", "unsupported_media_type")
        assert.isEmpty(edge.made)
      })
    )
  })
})

describe("what operations refuse", () => {
  const kinds = [
    ["missing", 404, "not_found"],
    ["refused", 409, "conflict"],
    ["invalid", 400, "invalid_request"],
    ["unavailable", 503, "unavailable"]
  ] as const
  for (const [kind, status, type] of kinds) {
    it.effect(`as ${kind} is a ${status} on every path that asks them something`, () => {
      const refused = Effect.fail(new OperationRefused({ kind, message: "it may not be", param: "apiKey.0" }))
      const refuse = () => refused
      const operations = {
        ...noOperations,
        provider: refuse,
        addProvider: refuse,
        changeProvider: refuse,
        removeProvider: refuse,
        check: refuse,
        setCircuit: refuse,
        setQuarantine: refuse,
        liftQuarantine: refuse,
        startDrill: refuse,
        endDrill: refuse,
        key: refuse,
        createKey: refuse,
        changeKey: refuse,
        rotateKey: refuse,
        revokeKey: refuse,
        reload: refused
      }
      const asks = [
        get("providers/acme"),
        sent("POST", "providers", { id: "mine", kind: "openai" }),
        sent("PATCH", "providers/acme", { weight: 1 }),
        sent("DELETE", "providers/acme"),
        sent("POST", "providers/acme/check", {}),
        sent("PUT", "circuits/acme", { state: "auto" }),
        sent("POST", "quarantine", { target: "acme" }),
        sent("DELETE", `quarantine/${quarantined.key}`),
        sent("POST", "drills", { target: "acme" }),
        sent("DELETE", "drills/account:acme"),
        get("keys/web"),
        sent("POST", "keys", { name: "web" }),
        sent("PATCH", "keys/web", { tenant: "acme" }),
        sent("POST", "keys/web/rotate"),
        sent("DELETE", "keys/web"),
        sent("POST", "reload")
      ]
      return withEdge({ settings, operations }, (port) =>
        Effect.gen(function* () {
          for (const ask of asks) {
            const reply = yield* send(port, ask)
            assert.strictEqual(reply.status, status, `${ask.method} ${ask.path}`)
            assert.deepNestedInclude(reply.json, {
              error: {
                type,
                message: "it may not be",
                param: "apiKey.0",
                request_id: reply.headers["x-request-id"]
              }
            })
          }
        })
      )
    })
  }
})

describe("readiness", () => {
  it.effect("is about this gateway: with every provider down it still takes requests", () => {
    const availability = [{ provider: "acme", available: false, inFlight: 0, openCircuits: 0, quarantined: 0 }]
    const handle = () => Effect.fail(failure({ _tag: "NobodyAvailable", model: "smart", why: "every circuit is open" }))
    return withEdge({ settings, availability, handle }, (port) =>
      Effect.gen(function* () {
        assert.strictEqual((yield* send(port)).status, 503)
        for (const path of ["/readyz", "/healthz"])
          assert.strictEqual((yield* send(port, { method: "GET", path })).status, 200)
      })
    )
  })
})

describe("the description of the API", () => {
  it.effect("tells the admin API, each operation with its own key and its errors", () =>
    withEdge({}, (port) =>
      Effect.gen(function* () {
        const { json } = yield* send(port, { method: "GET", path: "/openapi.json" })
        const operations: ReadonlyArray<readonly [path: string, operation: string, statuses: ReadonlyArray<number>]> = [
          ["/admin/providers", "get", [200, 401, 403, 404, 500]],
          ["/admin/providers", "post", [201, 400, 401, 409, 413, 415]],
          ["/admin/providers/{id}", "patch", [200, 400, 404]],
          ["/admin/providers/{id}/check", "post", [200, 409]],
          ["/admin/circuits/{key}", "put", [200, 404]],
          ["/admin/quarantine/{key}", "delete", [204, 404]],
          ["/admin/drills", "post", [201, 400]],
          ["/admin/keys", "post", [201, 400, 409, 413, 503]],
          ["/admin/keys/{name}", "delete", [204, 404, 409, 503]],
          ["/admin/keys/{name}/rotate", "post", [200, 400]],
          ["/admin/reload", "post", [200, 400]],
          ["/admin/events", "get", [200, 400]]
        ]
        for (const [path, operation, statuses] of operations) {
          const at = `paths.${path}.${operation}`
          assert.deepNestedPropertyVal(json, `${at}.security`, [{ adminBearer: [] }, { adminXApiKey: [] }])
          for (const status of statuses) assert.nestedProperty(json, `${at}.responses.${status}`)
        }
        assert.nestedPropertyVal(json, "components.securitySchemes.adminXApiKey.name", "x-api-key")
        assert.nestedPropertyVal(json, "components.schemas.AdminProviderChange.additionalProperties", false)
        assert.notNestedProperty(json, "paths./v1/messages.post.security.0.adminBearer")
        assert.nestedPropertyVal(json, "paths./admin/providers/{id}/check.post.requestBody.required", false)
        assert.nestedProperty(json, "paths./admin/providers/{id}/check.post.requestBody.content")
        assert.nestedPropertyVal(json, "paths./admin/drills.post.requestBody.required", true)
      })
    )
  )
})
