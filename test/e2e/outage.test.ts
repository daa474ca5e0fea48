/**
 * A minute's outage of the first choice, in virtual time, through the gateway as it is wired: only its providers are
 * scripted. The same over HTTP in real time is `npm run faults -- --outage`.
 */
import { assert, describe, it } from "@effect/vitest"
import { Clock, Effect, Fiber, Layer, References, Schema, Stream } from "effect"
import { TestClock } from "effect/testing"
import { judgeOutage, outage, type SeenOutage } from "../../scripts/faults/outage.ts"
import { Catalog } from "../../src/catalog/Catalog.ts"
import { defaultResilience, defaultServer, type Settings } from "../../src/config/Settings.ts"
import type { ChatRequest } from "../../src/domain/ChatRequest.ts"
import type { Reason } from "../../src/domain/ProviderError.ts"
import { Gateway } from "../../src/gateway/Gateway.ts"
import { gatewayOver } from "../../src/gateway/gatewayLayer.ts"
import { Circuits } from "../../src/health/Circuits.ts"
import { healthLayer } from "../../src/health/healthLayer.ts"
import { Registry } from "../../src/provider/Registry.ts"
import * as Scripted from "../../src/provider/Scripted.ts"
import { alias, specOf } from "./harness.ts"

const settingsWith = (probes: boolean): Settings => ({
  server: defaultServer,
  providers: [specOf("openai", "http://127.0.0.1:9/v1"), specOf("anthropic", "http://127.0.0.1:9")],
  providersOff: [],
  aliases: [alias("smart", "openai/gpt-5.2", "anthropic/claude-sonnet-5")],
  facts: new Map(),
  resilience: { ...defaultResilience, probes: { ...defaultResilience.probes, enabled: probes } },
  keys: [],
  source: "file",
  warnings: []
})

const request = (delivery: ChatRequest["delivery"]): ChatRequest => ({
  model: "smart",
  delivery,
  messages: [{ role: "user", content: [{ _tag: "Text", text: "hello" }] }],
  tools: [],
  sampling: {},
  usageWanted: false,
  fallbacks: []
})

/** Who wrote the whole of an answer; `undefined`: nobody. */
const answeredBy = (delivery: ChatRequest["delivery"]) =>
  Effect.gen(function* () {
    const gateway = yield* Gateway
    const answer = yield* gateway.handle(request(delivery))
    if (answer._tag === "Whole") return answer.served.provider
    const frames = yield* Stream.runCollect(answer.frames)
    const isWhole = frames.some(({ events }) => events.some(({ _tag }) => _tag === "Ended"))
    return isWhole ? answer.served.provider : undefined
  }).pipe(
    Effect.scoped,
    Effect.catch(() => Effect.undefined)
  )

/** A gateway as it is wired, over scripted providers, with sight of its circuits. */
const gatewayWith = (settings: Settings, providers: ReadonlyArray<Scripted.Scripted>) =>
  gatewayOver(settings).pipe(
    Layer.provide(Registry.layerOf(providers.map(({ provider }) => provider))),
    Layer.provideMerge(healthLayer(settings)),
    Layer.provide(Catalog.layer)
  )

/** Runs while virtual time passes, in small steps, so that everything that is due comes in order. */
const inTime = <A, E, R>(effect: Effect.Effect<A, E, R>, seconds: number) =>
  Effect.gen(function* () {
    const fiber = yield* Effect.forkChild(effect, { startImmediately: true })
    for (let passed = 0; passed < seconds && fiber.pollUnsafe() === undefined; passed++)
      yield* TestClock.adjust("1 second")
    return yield* Fiber.join(fiber)
  })

/** Plays the outage; what the caller got, and when the first choice was called. */
const played = (settings: Settings, reason: Reason, delivery: ChatRequest["delivery"]) =>
  Effect.gen(function* () {
    const clock = yield* Clock.Clock
    const now = () => clock.currentTimeMillisUnsafe()
    const began = now()
    const calls: Array<number> = []
    const isDown = () => now() - began >= outage.beginsMillis && now() - began < outage.endsMillis
    const script = () => {
      calls.push(now() - began)
      return isDown() ? Scripted.fails(reason, { before: 20 }) : Scripted.answer(["he", "llo"], { before: 20 })
    }
    const primary = Scripted.make({ id: "openai", script, checks: script })
    const backup = Scripted.make({ id: "anthropic", script: Scripted.answer(["wor", "ld"], { before: 20 }) })

    const answers: Array<SeenOutage["answers"][number]> = []
    const all = Effect.gen(function* () {
      for (let n = 0; n < outage.requests; n++) {
        yield* Effect.sleep(Math.max(0, n * outage.everyMillis - (now() - began)))
        const at = now() - began
        answers.push({ at, by: yield* answeredBy(delivery) })
      }
    })
    yield* inTime(Effect.provide(all, gatewayWith(settings, [primary, backup])), 150)
    return { answers, calls }
  }).pipe(Effect.provideService(References.MinimumLogLevel, "None"))

const reasons: ReadonlyArray<Reason> = [
  { _tag: "Overloaded", message: "503" },
  { _tag: "ServerError", message: "500" },
  { _tag: "Network", message: "refused", sent: false },
  { _tag: "MalformedResponse", message: "a web page" }
]

describe("a minute's outage of the first choice", () => {
  for (const reason of reasons)
    for (const delivery of ["whole", "live"] as const)
      for (const probes of [true, false])
        it.effect(
          `is no outage of the gateway, and over soon after it is over (${reason._tag}, ${delivery}, ${probes ? "probed" : "not probed"})`,
          () =>
            Effect.map(played(settingsWith(probes), reason, delivery), (seen) =>
              assert.deepStrictEqual(
                judgeOutage(seen, { primary: "openai", backup: "anthropic" }),
                [],
                JSON.stringify(seen)
              )
            )
        )
})

/** Until it says anything, in milliseconds. */
const firstWait = 1500

/** How long it is up and then down, in seconds. */
const Spell = Schema.Struct({
  up: Schema.Int.check(Schema.isBetween({ minimum: 1, maximum: 60 })),
  down: Schema.Int.check(Schema.isBetween({ minimum: 1, maximum: 100 }))
})

describe("a first choice that comes and goes", () => {
  it.effect.prop(
    "costs nobody an answer, and is asked by one call at most in each opening of its circuit, synthetic probes included",
    {
      spells: Schema.NonEmptyArray(Spell).check(Schema.isMaxLength(6)),
      reason: Schema.Literals([0, 1, 2, 3]),
      everySeconds: Schema.Literals([3, 1, 7]),
      live: Schema.Boolean
    },
    ({ everySeconds, live, reason, spells }) =>
      Effect.gen(function* () {
        const clock = yield* Clock.Clock
        const began = clock.currentTimeMillisUnsafe()
        const isDown = () => {
          let passed = (clock.currentTimeMillisUnsafe() - began) / 1000
          for (const { down, up } of spells) {
            if (passed < up) return false
            if (passed < up + down) return true
            passed -= up + down
          }
          return false
        }
        const total = spells.reduce((sum, { down, up }) => sum + up + down, 0)
        const settings = settingsWith(true)
        const asked: Array<{ readonly tag: string; readonly at: number; readonly undecided: number }> = []
        let look = (): void => {}
        const script = () => {
          look()
          return isDown()
            ? Scripted.fails(reasons[reason] ?? { _tag: "Overloaded", message: "503" }, { before: firstWait })
            : Scripted.answer(["he", "llo"], { before: firstWait, between: 300 })
        }
        const primary = Scripted.make({ id: "openai", script, checks: script })
        const backup = Scripted.make({ id: "anthropic", script: Scripted.answer("hello", { before: 20 }) })
        const delivery = live ? "live" : "whole"
        const all = Effect.gen(function* () {
          const circuits = yield* Circuits
          const run = Effect.runSyncWith(yield* Effect.context<never>())
          look = () => {
            const { _tag: tag } = run(circuits.state("openai/gpt-5.2"))
            const at = clock.currentTimeMillisUnsafe()
            // this call is the last; those that find out and have shown nothing yet are undecided
            const undecided = run(primary.calls).filter((call, index) => {
              const before = asked[index]
              return call.state === "running" && before?.tag === "HalfOpen" && at - before.at < firstWait
            }).length
            asked.push({ tag, at, undecided })
          }
          const one = (n: number) =>
            Effect.delay(
              Effect.map(answeredBy(delivery), (by) => assert.isDefined(by, `request ${n} was not answered`)),
              n * everySeconds * 1000
            )
          const numbers = Array.from({ length: Math.ceil(total / everySeconds) }, (_, n) => n)
          yield* Effect.forEach(numbers, one, { concurrency: "unbounded" })
        })
        yield* inTime(Effect.provide(all, gatewayWith(settings, [primary, backup])), total + 300)
        for (const { tag, undecided } of asked) {
          assert.isTrue(tag === "Closed" || tag === "HalfOpen", `it is asked while its circuit is ${tag}`)
          assert.strictEqual(tag === "HalfOpen" ? undecided : 0, 0, "two find out at once")
        }
      }).pipe(Effect.provideService(References.MinimumLogLevel, "None")),
    { arbitrary: { runs: 30, seed: 3 }, timeout: 60_000 }
  )
})
