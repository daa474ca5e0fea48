import { assert, describe, it } from "@effect/vitest"
import { Effect, Result } from "effect"
import type { ProviderSpec } from "../../src/config/ProviderSpec.ts"
import { defaultResilience, defaultServer, type Settings } from "../../src/config/Settings.ts"
import type { ModelRef } from "../../src/domain/Ids.ts"
import { ProviderError, type Reason } from "../../src/domain/ProviderError.ts"
import { Circuits } from "../../src/health/Circuits.ts"
import { Health } from "../../src/health/Health.ts"
import { healthInMemory } from "../../src/health/healthLayer.ts"
import { RateLimits } from "../../src/health/RateLimits.ts"
import { providerSpec } from "../provider/requests.ts"

const withKey = (key: string) => providerSpec({ id: "v", apiKeys: [key] })
const settingsOf = (...providers: ReadonlyArray<ProviderSpec>): Settings => ({
  server: defaultServer,
  providers,
  providersOff: [],
  aliases: [],
  facts: new Map(),
  resilience: defaultResilience,
  keys: [],
  source: "file",
  warnings: []
})
const fresh = <A, E>(effect: Effect.Effect<A, E, Health | Circuits | RateLimits>) =>
  Effect.provide(effect, healthInMemory(settingsOf(withKey("old"))))
const replaced = (next: ProviderSpec, isKnown: (ref: ModelRef) => boolean = () => true) =>
  Effect.map(Health, (health) =>
    health.configure({ settings: settingsOf(next), before: settingsOf(withKey("old")), isKnown, now: 1 })
  )
const boom: Reason = { _tag: "ServerError", message: "boom", status: 500 }
/** One call that fails; `false` where it was not let in. */
const fails = (model: string) =>
  Effect.scoped(
    Effect.gen(function* () {
      const admitted = yield* (yield* Circuits).admit({ provider: "v", model })
      if (Result.isFailure(admitted)) return false
      yield* admitted.success.failed(new ProviderError({ provider: "v", model, reason: boom }))
      return true
    })
  )
const ref = { provider: "v", model: "m" }
const spent = {
  requests: { limit: 1000, remaining: 0, resetAt: 200_000, refill: "atReset" as const },
  tokens: undefined
}

describe("settings that take the place of others", () => {
  it.effect("with a new key for a provider begin with none of the old account's limits and open circuits", () =>
    fresh(
      Effect.gen(function* () {
        const limits = yield* RateLimits
        limits.heard(ref, spent, 0, 0)
        for (let i = 0; i < 3; i++) yield* fails("m")
        assert.isFalse(yield* fails("m"))
        yield* replaced(withKey("new"))
        assert.isTrue(limits.wouldTake(ref, 1, 1))
        assert.isTrue(yield* fails("m"))
      })
    )
  )
  it.effect("with the same key keep both", () =>
    fresh(
      Effect.gen(function* () {
        const limits = yield* RateLimits
        limits.heard(ref, spent, 0, 0)
        for (let i = 0; i < 3; i++) yield* fails("m")
        yield* replaced(withKey("old"))
        assert.isFalse(limits.wouldTake(ref, 1, 1))
        assert.isFalse(yield* fails("m"))
      })
    )
  )
  it.effect("say which models are known: the others neither close their provider's way nor are counted by name", () =>
    fresh(
      Effect.gen(function* () {
        const limits = yield* RateLimits
        yield* replaced(withKey("old"), ({ model }) => model === "m")
        for (const model of ["invented-1", "invented-2"]) for (let i = 0; i < 3; i++) yield* fails(model)
        assert.isTrue(yield* fails("m"))
        limits.take({ provider: "v", model: "invented-1" }, 1, 1)
        assert.deepStrictEqual([...limits.keys()], ["v"])
      })
    )
  )
})
