/**
 * Least latency over minutes of traffic in virtual time: a provider turns slow, and is well again.
 */
import { assert, describe, it } from "@effect/vitest"
import { Clock, Effect, Fiber, Layer, Random, Stream } from "effect"
import { TestClock } from "effect/testing"
import { makeCatalog } from "../../src/catalog/Catalog.ts"
import { defaultResilience, defaultServer, type Settings } from "../../src/config/Settings.ts"
import { healthInMemory } from "../../src/health/healthLayer.ts"
import { Registry } from "../../src/provider/Registry.ts"
import * as Scripted from "../../src/provider/Scripted.ts"
import { makeResolver } from "../../src/routing/Resolve.ts"
import { route } from "../../src/routing/Route.ts"
import { providerSpec } from "../provider/requests.ts"
import { live } from "./walking.ts"
import { choosing, waysOver } from "./ways.ts"

const ids = ["a", "b", "c"] as const
const perSecond = 10

/** Who was asked in each second of the traffic, while `b` takes `slowMillis` to begin from second 60 to second 180. */
const traffic = (slowMillis: number, seconds: number) =>
  Effect.gen(function* () {
    const clock = yield* Clock.Clock
    const asked: Array<{ readonly second: number; readonly by: string }> = []
    const providers = ids.map((id) =>
      Scripted.make({
        id,
        script: () => {
          const second = Math.floor(clock.currentTimeMillisUnsafe() / 1000)
          asked.push({ second, by: id })
          const isSlow = id === "b" && second >= 60 && second < 180
          return Scripted.answer(["some ", "words"], { before: isSlow ? slowMillis : 300, between: 20 })
        }
      })
    )
    const specs = ids.map((id) => providerSpec({ id, kind: "openai-compatible" }))
    const settings: Settings = {
      server: defaultServer,
      providers: specs,
      providersOff: [],
      aliases: [{ name: "m", strategy: "least-latency", targets: ids.map((id) => `${id}/m`) }],
      facts: new Map(),
      resilience: defaultResilience,
      keys: [],
      source: "file",
      warnings: []
    }
    const resolver = makeResolver(settings, specs, makeCatalog())
    const handled = Effect.gen(function* () {
      const handle = route(yield* waysOver(() => ({ settings, resolver })))
      const one = Effect.scoped(
        Effect.flatMap(handle(live), (answer) =>
          answer._tag === "Live" ? Stream.runDrain(answer.frames) : Effect.die("a whole answer")
        )
      )
      for (let at = 0; at < seconds * perSecond; at++) {
        yield* Effect.forkScoped(one, { startImmediately: true })
        yield* Effect.sleep(1000 / perSecond)
      }
    })
    const all = Layer.mergeAll(
      choosing,
      Registry.layerOf(providers.map(({ provider }) => provider)),
      healthInMemory({ resilience: defaultResilience, providers: specs, facts: new Map() })
    )
    const fiber = yield* Effect.forkChild(Effect.scoped(Effect.provide(handled, all)))
    for (let second = 0; second <= seconds; second++) yield* TestClock.adjust(1000)
    yield* Fiber.join(fiber)
    return (id: string, from: number, to: number): number => {
      const within = asked.filter(({ second }) => second >= from && second < to)
      return within.filter(({ by }) => by === id).length / within.length
    }
  }).pipe(Random.withSeed(`slowing by ${slowMillis}`))

describe("least latency", () => {
  // calls under way count too: one four times as slow still gets some while the quick ones are busy
  for (const [slowMillis, most] of [
    [1200, 1 / 6],
    [4000, 0.06],
    [9000, 0.06]
  ] as const)
    it.effect(`leaves a provider that takes ${slowMillis} ms to begin within 10 s, and comes back to it`, () =>
      Effect.gen(function* () {
        const shareOf = yield* traffic(slowMillis, 300)
        for (const id of ids) assert.closeTo(shareOf(id, 20, 60), 1 / 3, 0.12, `${id} when all are alike`)
        assert.isBelow(shareOf("b", 70, 180), most, "while it is slow")
        assert.isAbove(shareOf("b", 70, 180), 0, "it is looked after now and then")
        assert.closeTo(shareOf("b", 240, 300), 1 / 3, 0.12, "when it is well again")
      })
    )
})
