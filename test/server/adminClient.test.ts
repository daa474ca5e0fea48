import { assert, describe, it } from "@effect/vitest"
import { NodeHttpClient } from "@effect/platform-node"
import { Effect, Redacted } from "effect"
import { HttpClient, HttpClientRequest } from "effect/http"
import { HttpApiClient } from "effect/http-api"
import { AdminOnly } from "../../src/api/AdminApi.ts"
import { Api } from "../../src/api/Api.ts"
import { OperationRefused } from "../../src/gateway/Operations.ts"
import { noOperations, recordingOperations } from "./operations.ts"
import { settingsWith, withEdge } from "./support.ts"

const settings = settingsWith({ adminKey: Redacted.make("admin-1") })
const options = (port: number, key = "admin-1") => ({
  baseUrl: `http://127.0.0.1:${port}`,
  transformClient: HttpClient.mapRequest(HttpClientRequest.bearerToken(key))
})
const clientOf = (port: number, key?: string) =>
  Effect.map(HttpApiClient.make(AdminOnly, options(port, key)), (client) => client.admin)

describe("a client derived from the contract", () => {
  it.effect("sees and does everything over HTTP", () => {
    const made: Array<ReadonlyArray<unknown>> = []
    return withEdge({ settings, operations: recordingOperations(made) }, (port) =>
      Effect.gen(function* () {
        const admin = yield* clientOf(port)
        const name = "together/meta-llama/Llama-3 70B?"

        const { providers } = yield* admin.providers()
        assert.strictEqual(providers[0]?.models[0]?.circuit.until, "1970-01-01T00:00:30.000Z")
        assert.strictEqual((yield* admin.provider({ params: { id: "acme" } })).id, "acme")
        assert.strictEqual((yield* admin.circuits()).circuits[0]?.state, "open")
        assert.strictEqual((yield* admin.quarantine()).quarantine[0]?.reason, "AuthenticationFailed")
        assert.strictEqual((yield* admin.drills()).drills[0]?.source, "drill")
        assert.strictEqual((yield* admin.config()).generation, 2)
        assert.isEmpty(made)

        yield* admin.addProvider({ payload: { id: "mine", kind: "ollama" } })
        yield* admin.changeProvider({ params: { id: "acme" }, payload: { state: "draining" } })
        assert.isTrue((yield* admin.checkProvider({ params: { id: "acme" }, payload: {} })).ok)
        yield* admin.removeProvider({ params: { id: "mine" } })
        yield* admin.setCircuit({ params: { key: name }, payload: { state: "open" } })
        yield* admin.setQuarantine({ payload: { target: "acme", for: "1 hour" } })
        yield* admin.liftQuarantine({ params: { key: `model:${name}` } })
        yield* admin.startDrill({ payload: { target: "acme" } })
        yield* admin.endDrill({ params: { key: `model:${name}` } })
        assert.strictEqual((yield* admin.keys()).keys[0]?.secrets[0]?.lastFour, "wxyz")
        assert.strictEqual((yield* admin.key({ params: { name: "web" } })).state, "active")
        assert.strictEqual((yield* admin.createKey({ payload: { name: "web" } })).secret, "sy-the-secret")
        yield* admin.changeKey({ params: { name: "web" }, payload: { limits: null } })
        assert.strictEqual((yield* admin.rotateKey({ params: { name: "web" }, payload: {} })).notes.length, 1)
        yield* admin.revokeKey({ params: { name: "web" } })
        yield* admin.reload()
        assert.deepStrictEqual(
          made.map(([what, whom]) => [what, typeof whom === "object" ? "" : whom]),
          [
            ["add", "mine"],
            ["change", "acme"],
            ["check", "acme"],
            ["remove", "mine"],
            ["circuit", name],
            ["quarantine", ""],
            ["lift", `model:${name}`],
            ["drill", ""],
            ["end", `model:${name}`],
            ["createKey", ""],
            ["changeKey", "web"],
            ["rotateKey", "web"],
            ["revokeKey", "web"],
            ["reload", undefined]
          ]
        )

        const { events } = yield* admin.events({ query: { since: "1970-01-01T00:00:02Z", limit: 1 } })
        assert.deepStrictEqual(
          events.map(({ detail }) => detail),
          ["3"]
        )
        assert.strictEqual((yield* admin.events({ query: {} })).events.length, 3)
      }).pipe(Effect.provide(NodeHttpClient.layerUndici))
    )
  })

  it.effect("fails with the typed error of each status", () => {
    const operations = {
      ...noOperations,
      removeProvider: () =>
        Effect.fail(new OperationRefused({ kind: "refused", message: "It is of the file; it can be disabled" })),
      addProvider: () => Effect.fail(new OperationRefused({ kind: "invalid", message: "no such kind", param: "kind" })),
      circuits: Effect.die("unforeseen")
    }
    return withEdge({ settings, operations }, (port) =>
      Effect.gen(function* () {
        const admin = yield* clientOf(port)
        const stranger = yield* clientOf(port, "another")
        const calls: ReadonlyArray<readonly [call: Effect.Effect<unknown, unknown>, expected: object]> = [
          [stranger.providers(), { "error.type": "unauthorized" }],
          [admin.provider({ params: { id: "nobody" } }), { "error.type": "not_found" }],
          [
            admin.removeProvider({ params: { id: "acme" } }),
            { "error.type": "conflict", "error.message": "It is of the file; it can be disabled" }
          ],
          [
            admin.addProvider({ payload: { id: "a", kind: "openai" } }),
            { "error.type": "invalid_request", "error.param": "kind" }
          ],
          [admin.circuits(), { "error.type": "internal_error" }]
        ]
        for (const [call, expected] of calls) {
          const failure = yield* Effect.flip(call)
          assert.deepNestedInclude(failure, expected)
          assert.nestedProperty(failure, "error.request_id")
        }
      }).pipe(Effect.provide(NodeHttpClient.layerUndici))
    )
  })

  it.effect("is found as a part of the whole API too", () =>
    withEdge({ settings, operations: recordingOperations([]) }, (port) =>
      Effect.gen(function* () {
        const client = yield* HttpApiClient.make(Api, options(port))
        assert.strictEqual((yield* client.admin.config()).generation, 2)
        assert.strictEqual((yield* client.system.ready()).status, "ready")
      }).pipe(Effect.provide(NodeHttpClient.layerUndici))
    )
  )
})
