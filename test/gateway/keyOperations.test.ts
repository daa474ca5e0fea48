import { assert, describe, it } from "@effect/vitest"
import { Effect, Redacted, References } from "effect"
import type { ConfigError } from "../../src/config/ConfigError.ts"
import type { Settings } from "../../src/config/Settings.ts"
import { gatewayLayer } from "../../src/gateway/gatewayLayer.ts"
import { Operations } from "../../src/gateway/Operations.ts"
import { clientKey, settingsWith } from "../server/support.ts"

const keyed = settingsWith({}, [clientKey("fixed", "of-the-config")])

/** A gateway whose file can be read again, as what it says by then. */
const reloading = (settings: Settings, next: () => Settings) =>
  gatewayLayer(
    settings,
    Effect.suspend((): Effect.Effect<Settings, ConfigError> => Effect.succeed(next()))
  )

describe("a file that has no client keys any more", () => {
  it.effect("is refused where it would let everybody in, and taken where keys are stored", () =>
    Effect.gen(function* () {
      const operations = yield* Operations
      const refused = yield* Effect.flip(operations.reload)
      assert.include(refused.message, "no client keys any more")
      yield* operations.createKey({ name: "web" })
      yield* operations.reload
      // the one that was in the file has gone; the last stored one that is revoked still is one
      yield* operations.revokeKey("web")
      yield* operations.reload
      assert.deepStrictEqual(
        (yield* operations.keys).map(({ name, state }) => [name, state]),
        [["web", "revoked"]]
      )
    }).pipe(
      Effect.provide(reloading(keyed, () => settingsWith())),
      Effect.provideService(References.MinimumLogLevel, "None")
    )
  )
})

describe("what operators do with client keys", () => {
  it.effect("is told as news that hold no secret", () =>
    Effect.gen(function* () {
      const operations = yield* Operations
      const secrets = [
        (yield* operations.createKey({ name: "web" })).secret,
        (yield* operations.rotateKey("web", undefined)).secret
      ]
      yield* operations.changeKey("web", { priority: "low", tenant: "acme" })
      yield* operations.revokeKey("web")
      const news = yield* operations.news
      assert.deepStrictEqual(
        news.map(({ detail, kind, subject }) => [kind, subject, detail]),
        [
          ["key.revoked", "web", "by an operator"],
          ["key.changed", "web", "priority, tenant, by an operator"],
          ["key.rotated", "web", "by an operator"],
          ["key.created", "web", "by an operator"]
        ]
      )
      for (const secret of secrets) assert.notInclude(JSON.stringify(news), Redacted.value(secret))
      for (const refused of [operations.revokeKey("nobody"), Effect.asVoid(operations.key("nobody"))])
        assert.strictEqual((yield* Effect.flip(refused)).kind, "missing")
    }).pipe(Effect.provide(gatewayLayer(settingsWith())), Effect.provideService(References.MinimumLogLevel, "None"))
  )
})
