import { assert, describe, it } from "@effect/vitest"
import { Effect, Redacted, Schema } from "effect"
import { recordingOperations } from "./operations.ts"
import { send, settingsWith, withEdge } from "./support.ts"

const settings = settingsWith({ adminKey: Redacted.make("admin-1") })
const headers = { "x-api-key": "admin-1" }

/** What takes a body, and a body that it takes. */
const orders: ReadonlyArray<readonly [method: string, path: string, body: Record<string, unknown>]> = [
  ["POST", "/admin/providers", { id: "mine", kind: "openai" }],
  ["PATCH", "/admin/providers/acme", { state: "on", weight: 1 }],
  ["POST", "/admin/providers/acme/check", { model: "a" }],
  ["PUT", "/admin/circuits/acme", { state: "open" }],
  ["POST", "/admin/quarantine", { target: "acme", reason: "Timeout", message: "m", for: "1 hour" }],
  [
    "POST",
    "/admin/keys",
    {
      name: "web",
      tenant: "t",
      priority: "low",
      allow: ["a"],
      region: "eu",
      limits: {},
      tags: [],
      expires: "2030-01-01"
    }
  ],
  ["PATCH", "/admin/keys/web", { tenant: null, limits: { concurrent: 1 }, expires: "2030-01-01" }],
  ["POST", "/admin/keys/web/rotate", { grace: "1 hour" }],
  ["POST", "/admin/drills", { target: "acme", reason: "Timeout", for: "1 hour" }]
]

describe("bodies of the admin API", () => {
  it.effect.prop(
    "of any content are taken or refused as they should, and break nothing",
    { value: Schema.Json, key: Schema.String },
    ({ key, value }) =>
      withEdge({ settings, operations: recordingOperations([]) }, (port) =>
        Effect.gen(function* () {
          for (const [method, path, body] of orders) {
            const names = Object.keys(body)
            const bodies = [value, { ...body, [key]: value }, ...names.map((name) => ({ ...body, [name]: value }))]
            for (const asked of bodies) {
              const reply = yield* send(port, { method, path, headers, body: JSON.stringify(asked) })
              assert.include([200, 201, 400], reply.status, `${path} ${JSON.stringify(asked)}: ${reply.body}`)
              if (reply.status === 400) assert.nestedPropertyVal(reply.json, "error.type", "invalid_request")
            }
          }
        })
      ),
    { arbitrary: { runs: 20 } }
  )

  it.effect("name a field that is like one of the language's own", () =>
    withEdge({ settings, operations: recordingOperations([]) }, (port) =>
      Effect.gen(function* () {
        for (const name of ["__proto__", "constructor", "toString", "hasOwnProperty"]) {
          const body = `{"target":"acme","${name}":{"reason":"Timeout"}}`
          const reply = yield* send(port, { path: "/admin/drills", headers, body })
          assert.strictEqual(reply.status, 400, name)
          assert.nestedPropertyVal(reply.json, "error.param", name)
        }
      })
    )
  )
})
