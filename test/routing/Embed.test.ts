import { assert, describe, it } from "@effect/vitest"
import { Effect, Layer } from "effect"
import { makeCatalog } from "../../src/catalog/Catalog.ts"
import {
  type Alias,
  defaultResilience,
  defaultServer,
  type Resilience,
  type Settings
} from "../../src/config/Settings.ts"
import type { EmbeddingRequest } from "../../src/domain/Embedding.ts"
import { anonymous, CurrentRequest } from "../../src/domain/RequestContext.ts"
import { decisions, type Reason, type ReasonTag } from "../../src/domain/ProviderError.ts"
import { healthInMemory } from "../../src/health/healthLayer.ts"
import { Registry } from "../../src/provider/Registry.ts"
import * as Scripted from "../../src/provider/Scripted.ts"
import { asChat, embed, sameName } from "../../src/routing/Embed.ts"
import { makeResolver } from "../../src/routing/Resolve.ts"
import { choosing, waysOver } from "./ways.ts"
import { providerSpec } from "../provider/requests.ts"
import { count, inTime, scripted } from "./walking.ts"

const alias = (targets: ReadonlyArray<string>, more: Partial<Alias> = {}): Alias => ({
  name: "vectors",
  strategy: "priority",
  targets,
  ...more
})

const request: EmbeddingRequest = {
  model: "vectors",
  inputs: [
    { _tag: "Text", text: "a" },
    { _tag: "Text", text: "bc" }
  ],
  encoding: "float",
  fallbacks: []
}

interface Options {
  readonly aliases?: ReadonlyArray<Alias>
  readonly resilience?: Partial<Resilience>
  readonly settings?: Partial<Settings>
  readonly request?: Partial<EmbeddingRequest>
}

const resilienceOf = (options: Options): Resilience => ({ ...defaultResilience, ...options.resilience })

const asking = (providers: ReadonlyArray<Scripted.Scripted>, options: Options = {}) =>
  Effect.gen(function* () {
    const specs = providers.map(({ provider }) => providerSpec({ id: provider.id, kind: "openai-compatible" }))
    const settings: Settings = {
      server: defaultServer,
      providers: specs,
      providersOff: [],
      aliases: options.aliases ?? [alias(["one/e", "two/e"])],
      facts: new Map(),
      resilience: resilienceOf(options),
      keys: [],
      source: "file",
      warnings: [],
      ...options.settings
    }
    const resolver = makeResolver(settings, specs, makeCatalog())
    const handle = embed(yield* waysOver(() => ({ settings, resolver })))
    return yield* handle({ ...request, ...options.request })
  }).pipe(
    Effect.scoped,
    Effect.result,
    Effect.provide(
      Layer.mergeAll(
        choosing,
        Registry.layerOf(providers.map(({ provider }) => provider)),
        healthInMemory({ resilience: resilienceOf(options), providers: [], facts: new Map() })
      )
    ),
    inTime
  )

const samples: { readonly [T in ReasonTag]: Extract<Reason, { readonly _tag: T }> } = {
  RateLimited: { _tag: "RateLimited", message: "x", retryAfterMillis: 100 },
  QuotaExhausted: { _tag: "QuotaExhausted", message: "x" },
  Overloaded: { _tag: "Overloaded", message: "x" },
  ServerError: { _tag: "ServerError", message: "x" },
  Network: { _tag: "Network", message: "x", sent: false },
  Timeout: { _tag: "Timeout", message: "x", limit: "connect" },
  AuthenticationFailed: { _tag: "AuthenticationFailed", message: "x" },
  AccessDenied: { _tag: "AccessDenied", message: "x", scope: "account" },
  ModelUnavailable: { _tag: "ModelUnavailable", message: "x" },
  ContentPolicy: { _tag: "ContentPolicy", message: "x" },
  ContextLengthExceeded: { _tag: "ContextLengthExceeded", message: "x" },
  InvalidRequest: { _tag: "InvalidRequest", message: "x" },
  UnsupportedFeature: { _tag: "UnsupportedFeature", message: "x", feature: "dimensions" },
  MalformedResponse: { _tag: "MalformedResponse", message: "x" }
}

describe("a request for vectors meets the failure table", () => {
  for (const reason of Object.values(samples)) {
    const { fallback, retry } = decisions[reason._tag]
    const falls = fallback === "yes" || fallback === "capable"
    const calls = retry === "no" || retry === "ifAlone" ? 1 : 2
    it.effect(`${reason._tag}: ${calls} calls, then ${falls ? "the same model elsewhere" : "the error"}`, () =>
      Effect.gen(function* () {
        const one = scripted("one", Scripted.fails(reason))
        const two = scripted("two", Scripted.answer("x"))
        const outcome = yield* asking([one, two])
        assert.strictEqual(yield* count(one), calls)
        assert.strictEqual(yield* count(two), falls ? 1 : 0)
        if (outcome._tag === "Success") {
          assert.isTrue(falls)
          assert.deepStrictEqual(outcome.success.response.vectors, [
            [0, 1],
            [1, 2]
          ])
          assert.strictEqual(outcome.success.served.provider, "two")
          assert.strictEqual(outcome.success.served.fallback, reason._tag)
          assert.strictEqual(outcome.success.served.attempts.length, calls + 1)
        } else {
          assert.isFalse(falls)
          const told = outcome.failure.reason
          assert.isTrue(told._tag === "AllFailed" && told.first._tag === reason._tag)
        }
      })
    )
  }

  it.effect("and its deadline and the limit for a whole answer", () =>
    Effect.gen(function* () {
      const one = scripted("one", Scripted.stalls())
      const two = scripted("two", Scripted.answer("x"))
      const outcome = yield* asking([one, two])
      assert.isTrue(outcome._tag === "Success" && outcome.success.served.fallback === "Timeout")
      const [call] = yield* one.calls
      assert.strictEqual(call?.state, "interrupted")
      const late = yield* asking([one, scripted("two", Scripted.stalls())])
      assert.isTrue(late._tag === "Failure" && late.failure.status === 504)
    })
  )
})

describe("vectors of another model", () => {
  it.effect("are not asked for because a budget runs low", () =>
    Effect.gen(function* () {
      const providers = ["one", "two"].map((id) => scripted(id, Scripted.answer("x")))
      const price = (usd: number) => ({ inputUsdPerMTok: usd, outputUsdPerMTok: usd })
      const outcome = yield* asking(providers, {
        aliases: [alias(["one/e", "two/other"], { vectors: "compatible", downgrade: true })],
        settings: {
          facts: new Map([
            ["one/e", { tier: "premium", price: price(9) }],
            ["two/other", { tier: "economy", price: price(1) }]
          ])
        }
      }).pipe(
        Effect.provideService(CurrentRequest, {
          requestId: "r",
          caller: anonymous,
          timeoutMillis: undefined,
          tier: "economy"
        })
      )
      assert.deepInclude(outcome._tag === "Success" ? outcome.success.served : undefined, {
        provider: "one",
        fallback: undefined
      })
    })
  )
  const broken = () => scripted("one", Scripted.fails(samples.ServerError))
  const cases: ReadonlyArray<readonly [string, Options, number]> = [
    ["of an alias that does not say they are compatible", { aliases: [alias(["one/e", "two/other"])] }, 0],
    ["of one that does", { aliases: [alias(["one/e", "two/other"], { vectors: "compatible" })] }, 1],
    [
      "of the default fallbacks, though the alias says its own are",
      { aliases: [alias(["one/e"], { vectors: "compatible" })], resilience: { defaultFallbacks: ["two/other"] } },
      0
    ],
    [
      "but the same model among the default fallbacks",
      { aliases: [], request: { model: "one/e" }, resilience: { defaultFallbacks: ["two/e"] } },
      1
    ],
    [
      "but the same model as a caller's own fallback",
      { aliases: [], request: { model: "one/e", fallbacks: ["two/E"] } },
      1
    ]
  ]
  for (const [what, options, calls] of cases)
    it.effect(`${what}: ${calls === 0 ? "nobody is asked" : "asked"}`, () =>
      Effect.gen(function* () {
        const two = scripted("two", Scripted.answer("x"))
        const outcome = yield* asking([broken(), two], options)
        assert.strictEqual(yield* count(two), calls)
        assert.strictEqual(outcome._tag, calls === 0 ? "Failure" : "Success")
      })
    )

  it.effect("are not given though the first target's provider is out of service", () =>
    Effect.gen(function* () {
      const two = scripted("two", Scripted.answer("x"))
      const outcome = yield* asking([scripted("one", Scripted.answer("x")), two], {
        aliases: [alias(["one/e", "two/other"])],
        settings: { roles: new Map([["one", { state: "disabled", weight: 1 }]]) }
      })
      assert.isTrue(outcome._tag === "Failure" && outcome.failure.reason._tag === "NobodyAvailable")
      assert.strictEqual(yield* count(two), 0)
    })
  )

  it.effect("are known by the name, wherever its maker's stands before it", () =>
    Effect.sync(() => {
      assert.strictEqual(sameName("openai/Text-Embedding-3-small"), sameName("text-embedding-3-small"))
      assert.strictEqual(sameName("models/gemini-embedding-001"), sameName("google/gemini-embedding-001"))
      assert.notStrictEqual(sameName("BAAI/bge-m3"), sameName("somebody/bge-m3"))
      assert.notStrictEqual(sameName("text-embedding-3-small"), sameName("text-embedding-3-large"))
    })
  )
})

describe("the chat that would use as much as a request for vectors", () => {
  it("is the very same however often it is asked for, so that it is measured once, and another request's is another", () => {
    assert.strictEqual(asChat(request), asChat(request))
    const longer = { ...request, inputs: [...request.inputs, { _tag: "Text", text: "more" }] } as const
    assert.strictEqual(asChat(longer).messages.length, asChat(request).messages.length + 1)
  })
})

describe("a provider without embeddings", () => {
  it.effect("is passed over, and where there is no other that is said before any call", () =>
    Effect.gen(function* () {
      const mute = Scripted.make({ id: "one", script: Scripted.answer("x"), embeds: false })
      const two = scripted("two", Scripted.answer("x"))
      const outcome = yield* asking([mute, two])
      assert.isTrue(outcome._tag === "Success" && outcome.success.served.provider === "two")
      const alone = yield* asking([mute, two], { aliases: [alias(["one/e"])] })
      assert.isTrue(alone._tag === "Failure" && alone.failure.reason._tag === "ModelCannot")
      assert.strictEqual(yield* count(mute), 0)
    })
  )
})
