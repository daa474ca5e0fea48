/**
 * The cache stage in virtual time, through the gateway as it is wired: only its providers are scripted.
 */
import { assert, describe, it } from "@effect/vitest"
import { Duration, Effect, Fiber, Layer, References, Stream } from "effect"
import { TestClock } from "effect/testing"
import type { Budgets } from "../../src/budget/Budgets.ts"
import { AnswerStore } from "../../src/cache/AnswerStore.ts"
import { makeMemoryAnswerStore } from "../../src/cache/MemoryAnswerStore.ts"
import { AnswerStoreError } from "../../src/cache/StoreContract.ts"
import { Catalog } from "../../src/catalog/Catalog.ts"
import { policyOf } from "../../src/config/budgets.ts"
import type { BudgetScope } from "../../src/domain/Budget.ts"
import {
  type CacheSettings,
  defaultCache,
  defaultResilience,
  defaultServer,
  type Settings
} from "../../src/config/Settings.ts"
import type { CacheWish } from "../../src/domain/Caching.ts"
import type { ChatRequest } from "../../src/domain/ChatRequest.ts"
import { foldFrames } from "../../src/domain/foldStream.ts"
import { textOf } from "../../src/domain/Message.ts"
import { anonymous, CurrentRequest, type RequestContext } from "../../src/domain/RequestContext.ts"
import { Gateway } from "../../src/gateway/Gateway.ts"
import { gatewayOver } from "../../src/gateway/gatewayLayer.ts"
import { Generations } from "../../src/gateway/Generations.ts"
import { healthInMemory } from "../../src/health/healthLayer.ts"
import { Registry } from "../../src/provider/Registry.ts"
import * as Scripted from "../../src/provider/Scripted.ts"
import { chatRequest, providerSpec } from "../provider/requests.ts"

const hour = 3_600_000
const ids = ["a", "b", "c"]
const specs = ids.map((id) => providerSpec({ id, kind: "openai-compatible" }))

/** An answer costs a tenth of a dollar: a hundred tokens at a thousandth. */
const facts: Settings["facts"] = new Map([
  ["a/dear", { tier: "premium", price: { inputUsdPerMTok: 0, outputUsdPerMTok: 1000 }, contextWindowTokens: 100_000 }],
  [
    "b/middle",
    { tier: "standard", price: { inputUsdPerMTok: 0, outputUsdPerMTok: 500 }, contextWindowTokens: 100_000 }
  ],
  ["c/free", { tier: "economy", price: { inputUsdPerMTok: 0, outputUsdPerMTok: 0 }, contextWindowTokens: 100_000 }]
])

interface Options {
  readonly cache?: Partial<CacheSettings>
  readonly settings?: Partial<Settings>
  readonly script?: (nth: number) => Scripted.Reply
  readonly store?: Layer.Layer<AnswerStore>
}

const settingsOf = ({ cache, settings }: Options): Settings => ({
  server: defaultServer,
  providers: specs,
  providersOff: [],
  aliases: [{ name: "smart", strategy: "priority", targets: ["a/dear", "b/middle"], downgrade: true }],
  facts,
  resilience: { ...defaultResilience, probes: { ...defaultResilience.probes, enabled: false } },
  keys: [],
  source: "file",
  warnings: [],
  cache: { ...defaultCache, ttl: Duration.hours(1), ...cache },
  ...settings
})

const bug = (): never => {
  throw new Error("a bug")
}

const perDay = (onExhausted: "reject" | "cache-only" = "reject", scope: BudgetScope = "global") => ({
  budgets: [policyOf(scope, { window: "day", limitUsd: 1, reserve: 0, onExhausted })]
})

/** What a caller got: `status` of the cache and the text, or why not. */
type Got = readonly [status: string | undefined, text: string]

const textIn = (answer: ReturnType<typeof foldFrames>): string =>
  answer.choices.map(({ content }) => textOf(content)).join("|")

const run = <A>(
  options: Options,
  use: (gateway: {
    readonly ask: (
      text: string,
      more?: Partial<ChatRequest>,
      wish?: CacheWish,
      context?: Partial<RequestContext>
    ) => Effect.Effect<Got>
    readonly gateway: Gateway["Service"]
    /** Puts these in force, or the same without a cache. */
    readonly apply: (settings: Partial<Settings> | "off") => Effect.Effect<unknown>
    /** How often a provider was asked. */
    readonly calls: () => number
  }) => Effect.Effect<A, never, Budgets>
): Effect.Effect<A> =>
  Effect.suspend(() => {
    const settings = settingsOf(options)
    let nth = 0
    const script = options.script ?? ((at: number) => answerOf(`answer ${at}`))
    const providers = ids.map((id) => Scripted.make({ id, script: () => script(++nth) }))
    const layer = gatewayOver(settings).pipe(
      Layer.provide(options.store ?? Layer.empty),
      Layer.provide(Registry.layerOf(providers.map(({ provider }) => provider))),
      Layer.provideMerge(healthInMemory({ resilience: settings.resilience, providers: specs, facts: new Map() })),
      Layer.provide(Catalog.layer)
    )
    let requests = 0
    return Effect.gen(function* () {
      const gateway = yield* Gateway
      const generations = yield* Generations
      return yield* use({
        gateway,
        apply: (changes) => {
          const { cache: _cache, ...off } = settings
          return generations.apply(changes === "off" ? off : { ...settings, ...changes })
        },
        calls: () => nth,
        ask: (text, more = {}, cache = "default", context = {}) =>
          gateway
            .handle(
              chatRequest({
                model: "a/dear",
                messages: [{ role: "user", content: [{ _tag: "Text", text }] }],
                ...more,
                sampling: more.sampling ?? { temperature: 0, maxTokens: 100 }
              })
            )
            .pipe(
              Effect.flatMap((answer) =>
                answer._tag === "Whole"
                  ? Effect.succeed([answer.served.cache, textIn(answer.response)] as const)
                  : Effect.map(
                      Stream.runCollect(answer.frames),
                      (frames) => [answer.served.cache, textIn(foldFrames(frames))] as const
                    )
              ),
              Effect.scoped,
              Effect.provideService(CurrentRequest, {
                requestId: `req_${++requests}`,
                caller: anonymous,
                timeoutMillis: undefined,
                cache,
                ...context
              }),
              Effect.catch(({ reason }) => Effect.succeed([undefined, reason._tag] as const)),
              // what is put away beside the request is put away
              Effect.tap(() => Effect.yieldNow),
              Effect.tap(() => TestClock.adjust(0))
            )
      })
    }).pipe(Effect.provide(layer), Effect.provideService(References.MinimumLogLevel, "None"), Effect.orDie)
  })

const answerOf = (text: string | ReadonlyArray<string>, more: Parameters<typeof Scripted.answer>[1] = {}) =>
  Scripted.answer(text, { usage: { inputTokens: 10, outputTokens: 100 }, ...more })

const later = (millis: number) => TestClock.adjust(millis)

describe("an answer that was kept", () => {
  for (const delivery of ["whole", "live"] as const)
    it.effect(`is given for as long as it is good, and not a moment longer (${delivery})`, () =>
      run({}, ({ ask, calls }) =>
        Effect.gen(function* () {
          assert.deepStrictEqual(yield* ask("hi", { delivery }), ["miss", "answer 1"])
          yield* later(hour)
          assert.deepStrictEqual(yield* ask("hi", { delivery }), ["hit", "answer 1"])
          assert.deepStrictEqual(yield* ask("ho", { delivery }), ["miss", "answer 2"])
          yield* later(1)
          assert.deepStrictEqual(yield* ask("hi", { delivery }), ["miss", "answer 3"])
          assert.deepStrictEqual(yield* ask("hi", { delivery }), ["hit", "answer 3"])
          assert.strictEqual(calls(), 3)
        })
      )
    )
  it.effect("is good for longer as the budget shrinks, and for as long as ever once it is there again", () =>
    run({ cache: { stretch: 4 }, settings: perDay() }, ({ ask }) =>
      Effect.gen(function* () {
        yield* later(10 * hour)
        assert.deepStrictEqual(yield* ask("hi"), ["miss", "answer 1"])
        for (let at = 2; at <= 6; at++) yield* ask(`spend ${at}`)
        // four tenths are left, half of what is plenty: two and a half times as long
        yield* later(2.5 * hour)
        assert.deepStrictEqual(yield* ask("hi"), ["hit", "answer 1"])
        yield* later(1)
        // answering it leaves three tenths, and the new answer is good for longer
        assert.deepStrictEqual(yield* ask("hi"), ["miss", "answer 7"])
        yield* later(2.8 * hour)
        assert.deepStrictEqual(yield* ask("hi"), ["hit", "answer 7"])
        // a new day: it is 18 minutes before midnight that four hours are over
        yield* later(8 * hour)
        assert.deepStrictEqual(yield* ask("hi"), ["miss", "answer 8"])
        yield* later(hour + 1)
        assert.deepStrictEqual(yield* ask("hi"), ["miss", "answer 9"])
      })
    )
  )
  for (const scope of ["provider:a", "model:a/dear", "model:dear"] as const)
    it.effect(`is good for longer as the budget of ${scope} shrinks, which bears the call`, () =>
      run({ cache: { stretch: 4 }, settings: perDay("reject", scope) }, ({ ask }) =>
        Effect.gen(function* () {
          assert.deepStrictEqual(yield* ask("hi"), ["miss", "answer 1"])
          for (let at = 2; at <= 6; at++) yield* ask(`spend ${at}`)
          yield* later(2.5 * hour)
          assert.deepStrictEqual(yield* ask("hi"), ["hit", "answer 1"])
        })
      )
    )
  it.effect("is given at the same age or not, by the window of the budget alone", () =>
    run({ cache: { stretch: 4 }, settings: perDay() }, ({ ask }) =>
      Effect.gen(function* () {
        yield* later(21.5 * hour)
        for (let at = 1; at <= 9; at++) yield* ask(`spend ${at}`)
        assert.deepStrictEqual(yield* ask("hi"), ["miss", "answer 10"])
        // an hour and a half old, with nothing left
        yield* later(1.5 * hour)
        assert.deepStrictEqual(yield* ask("hi"), ["hit", "answer 10"])
        // two hours and a half old, with all of a new day's
        yield* later(hour)
        assert.deepStrictEqual(yield* ask("hi"), ["miss", "answer 11"])
      })
    )
  )
  it.effect("is not given for longer than it is good because a clock was ahead when it was kept", () =>
    run({}, ({ ask, gateway }) =>
      Effect.gen(function* () {
        yield* later(30 * hour)
        assert.deepStrictEqual(yield* ask("hi"), ["miss", "answer 1"])
        yield* TestClock.setTime(hour)
        assert.deepStrictEqual(yield* ask("hi"), ["miss", "answer 2"])
        assert.deepStrictEqual(yield* ask("hi"), ["hit", "answer 2"])
        yield* TestClock.setTime(hour - 1000)
        assert.deepStrictEqual(yield* ask("hi"), ["hit", "answer 2"])
        const { outcome } = gateway.decisions.last(1)?.[0]?.decision ?? {}
        assert.deepInclude(outcome, { _tag: "Cached", ageMillis: 0 })
      })
    )
  )
  it.effect("is not given any more once what its name stands for has changed, and again if that is taken back", () =>
    run({}, ({ apply, ask }) =>
      Effect.gen(function* () {
        const smart = { model: "smart" }
        assert.deepStrictEqual(yield* ask("hi", smart), ["miss", "answer 1"])
        yield* apply({ server: { ...defaultServer, bodyLimitBytes: 5 } })
        assert.deepStrictEqual(yield* ask("hi", smart), ["hit", "answer 1"])
        yield* apply({ aliases: [{ name: "smart", strategy: "priority", targets: ["b/middle"] }] })
        assert.deepStrictEqual(yield* ask("hi", smart), ["miss", "answer 2"])
        yield* apply({})
        assert.deepStrictEqual(yield* ask("hi", smart), ["hit", "answer 1"])
      })
    )
  )
  it.effect("is not given while who gave it is disabled, and is while it only drains", () =>
    run({}, ({ apply, ask }) =>
      Effect.gen(function* () {
        const smart = { model: "smart" }
        const being = (state: "draining" | "disabled") => apply({ roles: new Map([["a", { state, weight: 1 }]]) })
        assert.deepStrictEqual(yield* ask("hi", smart), ["miss", "answer 1"])
        yield* being("draining")
        assert.deepStrictEqual(yield* ask("hi", smart), ["hit", "answer 1"])
        yield* being("disabled")
        assert.deepStrictEqual(yield* ask("hi", smart, "only"), [undefined, "NotCached"])
        assert.deepStrictEqual(yield* ask("hi", smart), ["miss", "answer 2"])
        assert.deepStrictEqual(yield* ask("hi", smart), ["miss", "answer 3"])
        yield* apply({})
        assert.deepStrictEqual(yield* ask("hi", smart), ["hit", "answer 1"])
      })
    )
  )
  it.effect("is good for as long as the settings in force say, and gone with the cache", () =>
    run({}, ({ apply, ask, gateway }) =>
      Effect.gen(function* () {
        yield* ask("hi")
        yield* later(2 * hour)
        yield* apply({ cache: { ...defaultCache, ttl: Duration.hours(3) } })
        assert.deepStrictEqual(yield* ask("hi"), ["hit", "answer 1"])
        yield* apply({ cache: { ...defaultCache, ttl: Duration.minutes(90) } })
        assert.deepStrictEqual(yield* ask("hi"), ["miss", "answer 2"])
        assert.strictEqual(gateway.cached()?.entries, 1)
        yield* apply("off")
        assert.isUndefined(gateway.cached())
        assert.deepStrictEqual(yield* ask("hi"), [undefined, "answer 3"])
        yield* apply({})
        assert.strictEqual(gateway.cached()?.entries, 0)
        assert.deepStrictEqual(yield* ask("hi"), ["miss", "answer 4"])
      })
    )
  )
})

describe("a budget that is exhausted", () => {
  const exhaust = (ask: (text: string) => Effect.Effect<Got>) =>
    Effect.gen(function* () {
      let [, last] = yield* ask("spend")
      for (let at = 0; last !== "BudgetExhausted"; at++) [, last] = yield* ask(`spend ${at}`)
    })
  it.effect("and serves from the cache only gives what was kept for too long, within the grace, and asks nobody", () =>
    run({ cache: { grace: Duration.hours(2) }, settings: perDay("cache-only") }, ({ ask, calls }) =>
      Effect.gen(function* () {
        for (const delivery of ["whole", "live"] as const) yield* ask("hi", { delivery })
        yield* later(hour + 1)
        yield* exhaust(ask)
        const spent = calls()
        assert.deepStrictEqual(yield* ask("hi"), ["stale", "answer 1"])
        assert.deepStrictEqual(yield* ask("hi", { delivery: "live" }), ["stale", "answer 2"])
        assert.deepStrictEqual(yield* ask("ho"), [undefined, "BudgetExhausted"])
        // who wants an answer that is good, a new one, or none from the cache, does not get this one
        assert.deepStrictEqual(yield* ask("hi", {}, "only"), [undefined, "NotCached"])
        assert.deepStrictEqual(yield* ask("hi", {}, "refresh"), [undefined, "BudgetExhausted"])
        assert.deepStrictEqual(yield* ask("hi", {}, "bypass"), [undefined, "BudgetExhausted"])
        yield* later(2 * hour - 1)
        assert.deepStrictEqual(yield* ask("hi"), ["stale", "answer 1"])
        yield* later(1)
        assert.deepStrictEqual(yield* ask("hi"), [undefined, "BudgetExhausted"])
        assert.strictEqual(calls(), spent)
      })
    )
  )
  it.effect("and rejects does not, nor does one that has room", () =>
    run({ cache: { grace: Duration.hours(2) }, settings: perDay("reject") }, ({ ask }) =>
      Effect.gen(function* () {
        yield* ask("hi")
        yield* ask("ho")
        yield* later(hour + 1)
        assert.deepStrictEqual(yield* ask("ho"), ["miss", "answer 3"])
        yield* exhaust(ask)
        assert.deepStrictEqual(yield* ask("hi"), [undefined, "BudgetExhausted"])
        assert.deepStrictEqual(yield* ask("ho"), ["hit", "answer 3"])
      })
    )
  )
})

describe("a cheaper model's answer, given because a budget ran low", () => {
  it.effect("is given while it does, and not once there is money for a better one", () =>
    run({ cache: { ttl: Duration.hours(100) }, settings: perDay() }, ({ ask }) =>
      Effect.gen(function* () {
        const smart = { model: "smart" }
        assert.deepStrictEqual(yield* ask("first", smart), ["miss", "answer 1"])
        for (let at = 2; at <= 4; at++) yield* ask(`spend ${at}`)
        // the standard tier: what the better model once said is good enough, and what the cheaper one says is kept
        assert.deepStrictEqual(yield* ask("first", smart), ["hit", "answer 1"])
        assert.deepStrictEqual(yield* ask("second", smart), ["miss", "answer 5"])
        assert.deepStrictEqual(yield* ask("second", smart), ["hit", "answer 5"])
        yield* later(24 * hour)
        assert.deepStrictEqual(yield* ask("second", smart), ["miss", "answer 6"])
        assert.deepStrictEqual(yield* ask("second", smart), ["hit", "answer 6"])
      })
    )
  )
})

describe("what is not kept", () => {
  const never = (name: string, script: Options["script"], more: Partial<ChatRequest> = {}, options: Options = {}) =>
    it.effect(name, () =>
      run({ ...options, ...(script === undefined ? {} : { script }) }, ({ ask, calls }) =>
        Effect.gen(function* () {
          for (const _ of [1, 2]) assert.notStrictEqual((yield* ask("hi", more))[0], "hit")
          assert.strictEqual(calls(), 2)
        })
      )
    )
  for (const delivery of ["whole", "live"] as const) {
    for (const finishReason of ["content_filter", "refusal", "pause", "other"] as const)
      never(`is an answer that ended by ${finishReason} (${delivery})`, () => answerOf("no", { finishReason }), {
        delivery
      })
    never(
      `is one that a limit cut which the caller did not state (${delivery})`,
      () => answerOf("and", { finishReason: "length" }),
      { delivery, sampling: { temperature: 0 } },
      { settings: { budgets: [policyOf("global", { window: "day", limitUsd: 1000 })] } }
    )
    never(`is one with nothing in it (${delivery})`, () => answerOf(""), { delivery })
    never(
      `is one that is larger than may be (${delivery})`,
      () => answerOf("x".repeat(5000)),
      { delivery },
      {
        cache: { maxEntryBytes: 4000 }
      }
    )
    never(`is one of fewer choices than were asked for (${delivery})`, () => answerOf("one"), {
      delivery,
      sampling: { temperature: 0, maxTokens: 100, n: 2 }
    })
    it.effect(`is anything else: what the caller's own limit cut is the whole of what it asked for (${delivery})`, () =>
      run({ script: () => answerOf("and", { finishReason: "length" }) }, ({ ask, calls }) =>
        Effect.gen(function* () {
          yield* ask("hi", { delivery })
          assert.deepStrictEqual(yield* ask("hi", { delivery }), ["hit", "and"])
          assert.strictEqual(calls(), 1)
        })
      )
    )
  }
  it.effect("is an answer of somebody else's while the first choice is away", () =>
    run(
      {
        script: (nth) =>
          nth === 1 ? Scripted.fails({ _tag: "AuthenticationFailed", message: "no" }) : answerOf(`${nth}`)
      },
      ({ ask }) =>
        Effect.gen(function* () {
          assert.deepStrictEqual(yield* ask("hi", { model: "smart" }), ["miss", "2"])
          assert.deepStrictEqual(yield* ask("hi", { model: "smart" }), ["miss", "3"])
        })
    )
  )
  it.effect("is a stream of which the caller did not wait for the end", () =>
    run({ script: () => answerOf(["one ", "two ", "three"], { between: "1 second" }) }, ({ ask, calls, gateway }) =>
      Effect.gen(function* () {
        const request = chatRequest({
          model: "a/dear",
          delivery: "live",
          messages: [{ role: "user", content: [{ _tag: "Text", text: "hi" }] }],
          sampling: { temperature: 0, maxTokens: 100 }
        })
        yield* gateway.handle(request).pipe(
          Effect.flatMap((answer) =>
            answer._tag === "Live" ? Stream.runDrain(Stream.take(answer.frames, 1)) : Effect.void
          ),
          Effect.scoped,
          Effect.orDie
        )
        yield* later(10_000)
        assert.strictEqual(calls(), 1)
        assert.strictEqual(gateway.cached()?.entries, 0)
        const asked = yield* Effect.forkChild(ask("hi", { delivery: "live" }))
        yield* later(10_000)
        assert.deepStrictEqual(yield* Fiber.join(asked), ["miss", "one two three"])
      })
    )
  )
})

describe("a cache that is switched off", () => {
  it.effect("keeps nothing that was on its way to it", () => {
    const store = makeMemoryAnswerStore(() => ({ entries: 10, bytes: 1e6 }))
    return run({ store: Layer.succeed(AnswerStore, store) }, ({ apply, gateway }) =>
      Effect.gen(function* () {
        const request = chatRequest({
          model: "a/dear",
          messages: [{ role: "user", content: [{ _tag: "Text", text: "hi" }] }],
          sampling: { temperature: 0, maxTokens: 100 }
        })
        yield* Effect.orDie(Effect.scoped(gateway.handle(request)))
        // what is put away comes after this step
        yield* apply("off")
        yield* later(1000)
        assert.strictEqual(store.standing().entries, 0)
      })
    )
  })
})

describe("a program that asks the cache only", () => {
  it.effect("has nobody asked, also where there is no cache", () =>
    run({}, ({ apply, ask, calls }) =>
      Effect.gen(function* () {
        assert.deepStrictEqual(yield* ask("hi", {}, "only"), [undefined, "NotCached"])
        yield* apply("off")
        assert.deepStrictEqual(yield* ask("hi", {}, "only"), [undefined, "NotCached"])
        assert.strictEqual(calls(), 0)
      })
    )
  )
})

describe("a tier that a program states", () => {
  it.effect("is a part of the request: what it chose is given for it, and for no other", () =>
    run(
      {
        settings: {
          aliases: [{ name: "smart", strategy: "priority", targets: ["a/dear", "c/free"], downgrade: true }]
        }
      },
      ({ ask, calls }) =>
        Effect.gen(function* () {
          const cheap = () => ask("hi", { model: "smart" }, "default", { tier: "economy" })
          assert.deepStrictEqual(yield* cheap(), ["miss", "answer 1"])
          assert.deepStrictEqual(yield* cheap(), ["hit", "answer 1"])
          assert.deepStrictEqual(yield* ask("hi", { model: "smart" }), ["miss", "answer 2"])
          assert.deepStrictEqual(yield* cheap(), ["hit", "answer 1"])
          assert.strictEqual(calls(), 2)
        })
    )
  )
})

describe("an answer that is given again", () => {
  it.effect("is kept as a decision to ask nobody, with who gave it and how long ago", () =>
    run({}, ({ ask, gateway }) =>
      Effect.gen(function* () {
        yield* ask("hi")
        yield* later(5000)
        yield* ask("hi")
        const [hit, miss] = gateway.decisions.last(2) ?? []
        assert.deepStrictEqual(hit?.decision.outcome, {
          _tag: "Cached",
          by: { provider: "a", model: "dear" },
          ageMillis: 5000
        })
        assert.deepInclude(hit?.decision, { requestId: "req_2", asked: "a/dear", kind: "exact", order: [] })
        assert.strictEqual(miss?.decision.outcome._tag, "Asks")
      })
    )
  )
  it.effect("leaves the conversation with who once gave it, whose tool's turn comes next", () =>
    run(
      {
        script: (nth) => answerOf("", nth === 1 ? { toolCalls: [{ id: "call", name: "f", arguments: "{}" }] } : {}),
        cache: { ttl: Duration.hours(24) },
        settings: { aliases: [{ name: "smart", strategy: "round-robin", targets: ["a/dear", "b/middle"] }] }
      },
      ({ ask, gateway }) =>
        Effect.gen(function* () {
          const smart = { model: "smart" }
          yield* ask("hi", smart)
          // long enough for the conversation to be forgotten
          yield* later(2 * hour)
          assert.strictEqual((yield* ask("hi", smart))[0], "hit")
          yield* ask("hi", {
            ...smart,
            messages: [
              { role: "user", content: [{ _tag: "Text", text: "hi" }] },
              { role: "assistant", content: [{ _tag: "ToolCall", id: "call", name: "f", arguments: "{}" }] },
              { role: "tool", content: [{ _tag: "ToolResult", id: "call", content: [{ _tag: "Text", text: "4" }] }] }
            ]
          })
          const { stays } = gateway.decisions.last(1)?.[0]?.decision ?? {}
          assert.deepStrictEqual(stays, { ref: { provider: "a", model: "dear" }, because: "toolTurn" })
        })
    )
  )
})

describe("requests that ask the same at once", () => {
  const slow = (nth: number) => answerOf(`answer ${nth}`, { before: "1 second" })
  const together = (asks: ReadonlyArray<Effect.Effect<Got>>) =>
    Effect.gen(function* () {
      const fibers = []
      for (const ask of asks) fibers.push(yield* Effect.forkChild(ask, { startImmediately: true }))
      yield* later(10_000)
      return yield* Effect.forEach(fibers, Fiber.join)
    })
  const times = (n: number, ask: Effect.Effect<Got>) => Array.from({ length: n }, () => ask)
  const dearer = { caller: { ...anonymous, priority: "critical" as const } }

  it.effect("share one call where they ask for whole answers, and each has its own stream", () =>
    run({ script: slow }, ({ ask, calls, gateway }) =>
      Effect.gen(function* () {
        const got = yield* together([...times(20, ask("hi")), ask("ho")])
        assert.deepStrictEqual(got, [
          ["miss", "answer 1"],
          ...Array.from({ length: 19 }, (): Got => ["hit", "answer 1"]),
          ["miss", "answer 2"]
        ])
        assert.strictEqual(calls(), 2)
        assert.strictEqual(gateway.cached()?.entries, 2)
        yield* together(times(3, ask("hi", { delivery: "live" })))
        assert.strictEqual(calls(), 5)
      })
    )
  )
  it.effect("ask for themselves where the first one fails, or gets what is not given again", () =>
    run(
      {
        script: (nth) =>
          nth === 1
            ? Scripted.fails({ _tag: "InvalidRequest", message: "no" }, { before: "1 second" })
            : answerOf(`answer ${nth}`, { before: "1 second", finishReason: nth === 5 ? "refusal" : "stop" })
      },
      ({ ask, calls }) =>
        Effect.gen(function* () {
          const got = yield* together(times(4, ask("hi")))
          assert.deepStrictEqual(got[0], [undefined, "AllFailed"])
          assert.deepStrictEqual(
            got.slice(1).map(([status]) => status),
            ["miss", "miss", "miss"]
          )
          assert.strictEqual(calls(), 4)
          const refused = yield* together(times(2, ask("ho")))
          assert.deepStrictEqual(refused, [
            ["miss", "answer 5"],
            ["miss", "answer 6"]
          ])
        })
    )
  )
  it.effect("have another one lead when the first one's caller leaves", () =>
    run({ script: slow }, ({ ask, calls }) =>
      Effect.gen(function* () {
        const first = yield* Effect.forkChild(ask("hi"), { startImmediately: true })
        const others = yield* Effect.forkChild(Effect.all(times(3, ask("hi")), { concurrency: "unbounded" }), {
          startImmediately: true
        })
        yield* later(500)
        yield* Fiber.interrupt(first)
        yield* later(10_000)
        assert.deepStrictEqual(yield* Fiber.join(others), [
          ["miss", "answer 2"],
          ["hit", "answer 2"],
          ["hit", "answer 2"]
        ])
        assert.strictEqual(calls(), 2)
      })
    )
  )
  it.effect("begin nothing any more once the deadline has passed while they waited", () =>
    run(
      {
        script: () => Scripted.fails({ _tag: "InvalidRequest", message: "no" }, { before: "3 seconds" }),
        settings: {
          resilience: {
            ...defaultResilience,
            deadline: Duration.seconds(2),
            probes: { ...defaultResilience.probes, enabled: false }
          }
        }
      },
      ({ ask, calls }) =>
        Effect.gen(function* () {
          const got = yield* together(times(3, ask("hi")))
          assert.deepStrictEqual(
            got.map(([, what]) => what),
            ["AllFailed", "DeadlineExceeded", "DeadlineExceeded"]
          )
          assert.strictEqual(calls(), 1)
        })
    )
  )
  it.effect("keep what they get under what their names stood for only while these stand for it", () =>
    run(
      {
        script: (nth) =>
          nth === 1
            ? Scripted.fails({ _tag: "InvalidRequest", message: "no" }, { before: "1 second" })
            : answerOf(`answer ${nth}`)
      },
      ({ apply, ask }) =>
        Effect.gen(function* () {
          const smart = { model: "smart" }
          const first = yield* Effect.forkChild(ask("hi", smart), { startImmediately: true })
          const second = yield* Effect.forkChild(ask("hi", smart), { startImmediately: true })
          yield* later(500)
          yield* apply({ aliases: [{ name: "smart", strategy: "priority", targets: ["b/middle"] }] })
          yield* later(1000)
          yield* Fiber.join(first)
          assert.deepStrictEqual(yield* Fiber.join(second), ["miss", "answer 2"])
          yield* apply({})
          // the second answer is of whom the name stood for in the meantime
          assert.deepStrictEqual(yield* ask("hi", smart), ["miss", "answer 3"])
          assert.deepStrictEqual(yield* ask("hi", smart), ["hit", "answer 3"])
        })
    )
  )
  it.effect("do not wait for who matters less, nor beyond a limit of their own", () =>
    run({ script: slow, cache: { scope: "all" } }, ({ ask, calls }) =>
      Effect.gen(function* () {
        const got = yield* together([
          ask("hi"),
          ask("hi", {}, "default", dearer),
          ask("hi", {}, "default", { timeoutMillis: 5000 }),
          ask("hi", {}, "refresh"),
          ask("hi", {}, "bypass"),
          ask("hi")
        ])
        assert.deepStrictEqual(
          got.map(([status]) => status),
          ["miss", "miss", "miss", "refresh", "bypass", "hit"]
        )
        assert.strictEqual(calls(), 5)
        const turned = yield* together([ask("ho", {}, "default", dearer), ask("ho")])
        assert.deepStrictEqual(
          turned.map(([status]) => status),
          ["miss", "hit"]
        )
      })
    )
  )
})

describe("a store that fails", () => {
  const broken = (how: Effect.Effect<never, AnswerStoreError>) =>
    Layer.succeed(AnswerStore, {
      get: () => how,
      put: () => how,
      clear: how,
      standing: () => ({ entries: 0, bytes: 0, evicted: 0 })
    })
  for (const [name, how] of [
    ["with an error", Effect.suspend(() => Effect.fail(new AnswerStoreError({ message: "away" })))],
    ["with a defect", Effect.die("a bug")]
  ] as const)
    it.effect(`${name} fails no request`, () =>
      run({ store: broken(how) }, ({ ask, calls }) =>
        Effect.gen(function* () {
          for (const delivery of ["whole", "live"] as const)
            for (const _ of [1, 2]) assert.strictEqual((yield* ask("hi", { delivery }))[0], "miss")
          assert.deepStrictEqual(yield* ask("hi", {}, "only"), [undefined, "NotCached"])
          assert.strictEqual(calls(), 4)
        })
      )
    )
  it.effect("by throwing where it should give an effect fails no request, and no reload", () =>
    run(
      { store: Layer.succeed(AnswerStore, { get: bug, put: bug, clear: Effect.sync(bug), standing: bug }) },
      ({ apply, ask, gateway }) =>
        Effect.gen(function* () {
          for (const delivery of ["whole", "live"] as const)
            for (const at of [1, 2]) {
              const nth = delivery === "whole" ? at : at + 2
              assert.deepStrictEqual(yield* ask("hi", { delivery }), ["miss", `answer ${nth}`])
            }
          assert.isUndefined(gateway.cached())
          yield* apply("off")
          assert.deepStrictEqual(yield* ask("hi"), [undefined, "answer 5"])
        })
    )
  )
  it.effect("by giving what nobody has put there fails no request", () =>
    run(
      {
        store: Layer.succeed(AnswerStore, {
          get: () =>
            Effect.succeed({ bytes: new TextEncoder().encode("\u0010{}"), storedAt: 0, keepUntil: Number.MAX_VALUE }),
          put: () => Effect.void,
          clear: Effect.void,
          standing: () => ({ entries: 1, bytes: 1, evicted: 0 })
        })
      },
      ({ ask }) => Effect.map(ask("hi"), (got) => assert.deepStrictEqual(got, ["miss", "answer 1"]))
    )
  )
})
