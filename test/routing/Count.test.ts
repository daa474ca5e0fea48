import { assert, describe, it } from "@effect/vitest"
import { Effect, Fiber, Layer } from "effect"
import { TestClock } from "effect/testing"
import { makeCatalog } from "../../src/catalog/Catalog.ts"
import { type Alias, defaultResilience, defaultServer, type Settings } from "../../src/config/Settings.ts"
import type { ChatRequest } from "../../src/domain/ChatRequest.ts"
import { ProviderError, type Reason } from "../../src/domain/ProviderError.ts"
import { anonymous, CurrentRequest, type RequestContext } from "../../src/domain/RequestContext.ts"
import { Admission } from "../../src/health/Admission.ts"
import { Circuits } from "../../src/health/Circuits.ts"
import { healthInMemory } from "../../src/health/healthLayer.ts"
import { Quarantines } from "../../src/health/Quarantines.ts"
import { Registry } from "../../src/provider/Registry.ts"
import * as Scripted from "../../src/provider/Scripted.ts"
import { count, countLimitMillis } from "../../src/routing/Count.ts"
import { makeResolver } from "../../src/routing/Resolve.ts"
import { chatRequest, providerSpec } from "../provider/requests.ts"
import { choosing, waysOver } from "./ways.ts"

const alias = (...targets: ReadonlyArray<string>): Alias => ({ name: "smart", strategy: "priority", targets })
const counts = (inputTokens: number): Scripted.Script =>
  Scripted.answer("", { usage: { inputTokens, outputTokens: 0 } })
const provider = (id: string, script?: Scripted.Script): Scripted.Scripted =>
  Scripted.make({ id, script: Scripted.answer("hello"), ...(script === undefined ? {} : { counts: script }) })

interface Options {
  readonly settings?: Partial<Settings>
  readonly request?: Partial<ChatRequest>
  readonly context?: Partial<RequestContext>
  /** What has become known before. */
  readonly times?: number
  readonly after?: Effect.Effect<void, never, Admission>
  readonly before?: Effect.Effect<unknown, never, Circuits | Quarantines | Admission>
}

const asking = (providers: ReadonlyArray<Scripted.Scripted>, options: Options = {}) =>
  Effect.gen(function* () {
    const specs = providers.map(({ provider }) => providerSpec({ id: provider.id, kind: "openai-compatible" }))
    const settings: Settings = {
      server: defaultServer,
      providers: specs,
      providersOff: [],
      aliases: [alias("one/m", "two/other", "three/m")],
      facts: new Map(),
      resilience: defaultResilience,
      keys: [],
      source: "file",
      warnings: [],
      ...options.settings
    }
    yield* options.before ?? Effect.void
    const resolver = makeResolver(settings, specs, makeCatalog())
    const handle = count(yield* waysOver(() => ({ settings, resolver })))
    const asked = chatRequest({ model: "smart", ...options.request })
    for (let time = 1; time < (options.times ?? 1); time++) yield* handle(asked)
    const counted = yield* handle(asked)
    yield* options.after ?? Effect.void
    return counted
  }).pipe(
    Effect.scoped,
    Effect.provideService(CurrentRequest, {
      requestId: "r",
      caller: anonymous,
      timeoutMillis: undefined,
      ...options.context
    }),
    Effect.provide(
      Layer.mergeAll(
        choosing,
        Registry.layerOf(providers.map(({ provider }) => provider)),
        healthInMemory({ resilience: defaultResilience, providers: [], facts: new Map() })
      )
    )
  )

const kinds = (scripted: Scripted.Scripted) => Effect.map(scripted.calls, (calls) => calls.map(({ kind }) => kind))

describe("a request for a count", () => {
  it.effect("is answered by the first target of an alias, and says who counted", () =>
    Effect.gen(function* () {
      const [one, two] = [provider("one", counts(7)), provider("two", counts(9))]
      const counted = yield* asking([one, two])
      assert.strictEqual(counted?.count.inputTokens, 7)
      assert.deepInclude(counted?.served, { provider: "one", model: "m" })
      assert.deepStrictEqual(yield* kinds(one), ["count"])
      assert.deepStrictEqual(yield* kinds(two), [])
    })
  )

  it.effect("is not answered by another model's tokenizer where the first target's vendor does not count", () =>
    Effect.gen(function* () {
      const [one, two] = [provider("one"), provider("two", counts(9))]
      assert.isUndefined(yield* asking([one, two]))
      assert.deepStrictEqual(yield* kinds(two), [])
    })
  )

  it.effect("is answered by whoever counts with the same model", () =>
    Effect.gen(function* () {
      const three = provider("three", counts(5))
      const counted = yield* asking([provider("one"), provider("two", counts(9)), three])
      assert.deepInclude(counted?.served, { provider: "three", model: "m" })
    })
  )

  it.effect("is not answered by a default fallback", () =>
    Effect.gen(function* () {
      const two = provider("two", counts(9))
      const settings = { resilience: { ...defaultResilience, defaultFallbacks: ["two/m", "two/other"] } }
      // the same model elsewhere has the same tokenizer
      const same = yield* asking([provider("one"), two], { settings, request: { model: "one/m" } })
      assert.deepInclude(same?.served, { provider: "two", model: "m" })
      const other = { resilience: { ...defaultResilience, defaultFallbacks: ["two/other"] } }
      assert.isUndefined(
        yield* asking([provider("one"), two], {
          settings: other,
          request: { model: "one/m", fallbacks: ["two/other"] }
        })
      )
    })
  )

  const failures: ReadonlyArray<Reason> = [
    { _tag: "RateLimited", message: "x" },
    { _tag: "QuotaExhausted", message: "x" },
    { _tag: "Overloaded", message: "x" },
    { _tag: "ServerError", message: "x" },
    { _tag: "Network", message: "x", sent: false },
    { _tag: "Timeout", message: "x", limit: "connect" },
    { _tag: "AuthenticationFailed", message: "x" },
    { _tag: "AccessDenied", message: "x", scope: "account" },
    { _tag: "ModelUnavailable", message: "x" },
    { _tag: "ContentPolicy", message: "x" },
    { _tag: "ContextLengthExceeded", message: "x" },
    { _tag: "UnsupportedFeature", message: "x", feature: "y" },
    { _tag: "MalformedResponse", message: "x" }
  ]
  for (const reason of failures)
    it.effect(`is left to an estimate where the vendor fails it with ${reason._tag}, which no chat suffers for`, () =>
      Effect.gen(function* () {
        const [one, two] = [provider("one", Scripted.fails(reason)), provider("two", counts(9))]
        const after = Effect.gen(function* () {
          const admission = yield* Admission
          const ref = { provider: "one", model: "m" }
          assert.isTrue(admission.healthy(ref, [], 0))
          assert.isTrue(admission.wouldAdmit(ref, [], 0))
        })
        assert.isUndefined(yield* asking([one, two], { times: 5, after }))
        assert.deepStrictEqual(yield* kinds(one), Array(5).fill("count"))
        assert.deepStrictEqual(yield* kinds(two), [])
      })
    )

  it.effect("is told what the vendor finds wrong with it", () =>
    Effect.gen(function* () {
      const one = provider("one", Scripted.fails({ _tag: "InvalidRequest", message: "messages: too few" }))
      const { reason } = yield* Effect.flip(asking([one]))
      assert.strictEqual(reason._tag, "AllFailed")
      assert.nestedPropertyVal(reason, "first.message", "messages: too few")
    })
  )

  for (const [what, timeoutMillis] of [
    ["the vendor takes too long", undefined],
    ["the caller's own time is over", 100]
  ] as const)
    it.effect(`is left to an estimate where ${what}`, () =>
      Effect.gen(function* () {
        const one = provider("one", Scripted.answer("", { before: countLimitMillis * 2 }))
        const fiber = yield* Effect.forkChild(asking([one], { context: { timeoutMillis } }), { startImmediately: true })
        yield* TestClock.adjust(timeoutMillis ?? countLimitMillis)
        assert.isUndefined(yield* Fiber.join(fiber))
        assert.deepStrictEqual(
          (yield* one.calls).map(({ state }) => state),
          ["interrupted"]
        )
      })
    )

  it.effect("goes to no provider that is not well, and is answered by the next target's", () =>
    Effect.gen(function* () {
      const open = Effect.flatMap(Circuits, (circuits) => circuits.force("one/m", "open"))
      const barred = Effect.flatMap(Quarantines, (quarantines) =>
        Effect.sync(() =>
          quarantines.failed(
            new ProviderError({ provider: "one", model: "m", reason: { _tag: "ModelUnavailable", message: "gone" } }),
            0
          )
        )
      )
      for (const before of [open, barred]) {
        const [one, two] = [provider("one", counts(7)), provider("two", counts(9))]
        const counted = yield* asking([one, two], { before })
        assert.deepInclude(counted?.served, { provider: "two", model: "other" })
        assert.deepStrictEqual(yield* kinds(one), [])
      }
    })
  )

  it.effect("is no probe of a circuit that waits for one", () =>
    Effect.gen(function* () {
      const one = provider("one", counts(7))
      const failing = Effect.flatMap(Circuits, (circuits) =>
        Effect.forEach([1, 2, 3], () =>
          Effect.scoped(
            Effect.flatMap(circuits.admit({ provider: "one", model: "m" }), (permit) =>
              permit._tag === "Success"
                ? permit.success.failed(
                    new ProviderError({ provider: "one", model: "m", reason: { _tag: "ServerError", message: "x" } })
                  )
                : Effect.void
            )
          )
        )
      )
      const before = Effect.andThen(failing, TestClock.adjust("10 minutes"))
      assert.isUndefined(yield* asking([one], { before, request: { model: "one/m" } }))
      assert.deepStrictEqual(yield* kinds(one), [])
    })
  )

  it.effect("keeps to what operators, regions and the key allow", () =>
    Effect.gen(function* () {
      const [one, two] = [provider("one", counts(7)), provider("two", counts(9))]
      const off = { roles: new Map([["one", { state: "draining", weight: 1 } as const]]) }
      const counted = yield* asking([one, two], { settings: off })
      assert.strictEqual(counted?.served.provider, "two")
      assert.isUndefined(yield* asking([one], { settings: off, request: { model: "one/m" } }))
      const caller = { ...anonymous, allow: ["other"] }
      const forbidden = yield* Effect.flip(asking([one], { context: { caller } }))
      assert.strictEqual(forbidden.reason._tag, "Forbidden")
      const elsewhere = yield* Effect.flip(asking([one], { context: { caller: { ...anonymous, region: "eu" } } }))
      assert.strictEqual(elsewhere.reason._tag, "Forbidden")
      const unknown = yield* Effect.flip(asking([one], { request: { model: "nobody" } }))
      assert.strictEqual(unknown.reason._tag, "UnknownModel")
      assert.deepStrictEqual(yield* kinds(one), [])
    })
  )
})
