import { assert, describe, it } from "@effect/vitest"
import { Effect, Exit, Layer, Scope } from "effect"
import type { ProviderSpec } from "../../src/config/ProviderSpec.ts"
import { LLMProvider } from "../../src/provider/LLMProvider.ts"
import { ProviderNotBuilt } from "../../src/provider/ProviderNotBuilt.ts"
import { Registry } from "../../src/provider/Registry.ts"
import * as Scripted from "../../src/provider/Scripted.ts"
import { providerSpec } from "./requests.ts"

/** Writes down when a provider is set up and when it is closed. */
const logging = (log: Array<string>) => (spec: ProviderSpec) =>
  Layer.effect(
    LLMProvider,
    Effect.acquireRelease(
      Effect.sync(() => {
        log.push(`open ${spec.id}`)
        return Scripted.make({ id: spec.id, script: Scripted.answer("hello") }).provider
      }),
      () => Effect.sync(() => log.push(`close ${spec.id}`))
    )
  )

const spec = (id: string, key = "key") => providerSpec({ id, apiKeys: [key] })

describe("Registry", () => {
  it.effect("sets up every configured provider under its id, in the order of the config", () =>
    Effect.gen(function* () {
      const registry = yield* Registry
      const providers = yield* registry.current
      assert.deepStrictEqual(providers.ids, ["b", "a"])
      assert.strictEqual(providers.get("a")?.id, "a")
      assert.strictEqual(providers.get("nobody"), undefined)
      assert.strictEqual(providers.spec("b")?.id, "b")
    }).pipe(Effect.scoped, Effect.provide(Registry.layer(logging([]), [spec("b"), spec("a")])))
  )

  it.effect("keeps an unchanged provider running through a new configuration", () => {
    const log: Array<string> = []
    return Effect.gen(function* () {
      const registry = yield* Registry
      const before = yield* Effect.scoped(registry.current)
      yield* registry.replace([providerSpec({ id: "a", headers: { x: "1", y: "2" } }), spec("b")])
      const after = yield* Effect.scoped(registry.current)
      assert.strictEqual(before.get("a"), after.get("a"))
      assert.deepStrictEqual(log, ["open a", "open b"])
    }).pipe(
      Effect.provide(Registry.layer(logging(log), [providerSpec({ id: "a", headers: { y: "2", x: "1" } })])),
      Effect.scoped
    )
  })

  it.effect("sets a provider up anew when only its key has changed", () => {
    const log: Array<string> = []
    return Effect.gen(function* () {
      const registry = yield* Registry
      yield* registry.replace([spec("a", "another key")])
      assert.deepStrictEqual(log, ["open a", "open a", "close a"])
    }).pipe(Effect.provide(Registry.layer(logging(log), [spec("a", "a key")])))
  })

  it.effect("closes a removed provider only when the last request that pinned it has ended", () => {
    const log: Array<string> = []
    return Effect.gen(function* () {
      const registry = yield* Registry
      const first = yield* Scope.make()
      const second = yield* Scope.make()
      const pinned = yield* Scope.provide(registry.current, first)
      yield* Scope.provide(registry.current, second)
      yield* registry.replace([])
      assert.strictEqual(pinned.get("a")?.id, "a")
      assert.deepStrictEqual((yield* Effect.scoped(registry.current)).ids, [])
      yield* Scope.close(first, Exit.void)
      assert.deepStrictEqual(log, ["open a"])
      yield* Scope.close(second, Exit.void)
      assert.deepStrictEqual(log, ["open a", "close a"])
    }).pipe(Effect.provide(Registry.layer(logging(log), [spec("a")])))
  })

  it.effect("closes everything with its own scope", () => {
    const log: Array<string> = []
    return Effect.gen(function* () {
      yield* Registry.pipe(
        Effect.flatMap((registry) => registry.replace([spec("b")])),
        Effect.provide(Registry.layer(logging(log), [spec("a")]))
      )
      assert.deepStrictEqual(log, ["open a", "open b", "close a", "close b"])
    })
  })

  it.effect("reports a provider that cannot be set up, serves the others and tries it again the next time", () => {
    let broken = true
    const build = (spec: ProviderSpec) =>
      spec.id === "broken" && broken
        ? Layer.effect(LLMProvider, Effect.fail(new ProviderNotBuilt({ provider: spec.id, message: "no SDK" })))
        : logging([])(spec)
    return Effect.gen(function* () {
      const registry = yield* Registry
      const providers = yield* Effect.scoped(registry.current)
      assert.deepStrictEqual(providers.ids, ["a"])
      assert.deepStrictEqual(
        providers.failures.map((failure) => [failure.provider, failure.message]),
        [["broken", "no SDK"]]
      )
      assert.strictEqual(providers.spec("broken")?.id, "broken")
      broken = false
      assert.deepStrictEqual(yield* registry.replace([spec("broken"), spec("a")]), [])
      assert.deepStrictEqual((yield* Effect.scoped(registry.current)).ids, ["broken", "a"])
    }).pipe(Effect.provide(Registry.layer(build, [spec("broken"), spec("a")])))
  })

  it.effect("reports a provider whose set-up dies, without telling what it died of", () => {
    const build = (spec: ProviderSpec) =>
      spec.id === "broken" ? Layer.effect(LLMProvider, Effect.die(new Error("secret"))) : logging([])(spec)
    return Effect.gen(function* () {
      const registry = yield* Registry
      const providers = yield* Effect.scoped(registry.current)
      assert.deepStrictEqual(providers.ids, ["a"])
      assert.notInclude(JSON.stringify(providers.failures), "secret")
      assert.strictEqual(providers.failures.length, 1)
    }).pipe(Effect.provide(Registry.layer(build, [spec("broken"), spec("a")])))
  })
})
