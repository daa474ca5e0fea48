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

const ids = ["a", "b", "c"]

interface Traffic {
  readonly name: string
  /** How long each takes to begin at a second, or to have answered; in milliseconds. */
  readonly takes: (id: string, second: number) => number
  readonly seconds: number
  /** How many requests come at a second; absent: ten. */
  readonly requests?: (second: number) => number
  readonly delivery?: "live" | "whole"
  readonly ids?: ReadonlyArray<string>
  /** Who joins by a new config, and at which second. */
  readonly joins?: { readonly id: string; readonly at: number }
}

const settingsOf = (ids: ReadonlyArray<string>): Settings => ({
  server: defaultServer,
  providers: ids.map((id) => providerSpec({ id, kind: "openai-compatible" })),
  providersOff: [],
  aliases: [{ name: "m", strategy: "least-latency", targets: ids.map((id) => `${id}/m`) }],
  facts: new Map(),
  resilience: defaultResilience,
  keys: [],
  source: "file",
  warnings: []
})

/** Somebody's share of the calls of some seconds of the traffic. */
const traffic = ({ delivery = "live", ids: first = ids, joins, name, requests, seconds, takes }: Traffic) =>
  Effect.gen(function* () {
    const clock = yield* Clock.Clock
    const second = () => Math.floor(clock.currentTimeMillisUnsafe() / 1000)
    const asked: Array<{ readonly second: number; readonly by: string }> = []
    const all = joins === undefined ? first : [...first, joins.id]
    const providers = all.map((id) =>
      Scripted.make({
        id,
        script: () => {
          asked.push({ second: second(), by: id })
          return Scripted.answer(["some ", "words"], { before: takes(id, second()), between: 20 })
        }
      })
    )
    const [before, after] = [first, all].map((ids) => {
      const settings = settingsOf(ids)
      return { settings, resolver: makeResolver(settings, settings.providers, makeCatalog()) }
    })
    if (before === undefined || after === undefined) return assert.fail("there are two configs")
    const handled = Effect.gen(function* () {
      const handle = route(yield* waysOver(() => (second() >= (joins?.at ?? 0) ? after : before)))
      const one = Effect.scoped(
        Effect.flatMap(handle({ ...live, delivery }), (answer) =>
          answer._tag === "Live" ? Stream.runDrain(answer.frames) : Effect.void
        )
      )
      for (let at = 0; at < seconds; at++) {
        const count = requests?.(at) ?? 10
        for (let each = 0; each < count; each++) {
          yield* Effect.forkScoped(one, { startImmediately: true })
          // those of a crowd come at once
          if (count <= 20) yield* Effect.sleep(1000 / count)
        }
        if (count === 0 || count > 20) yield* Effect.sleep(1000)
      }
    })
    const layer = Layer.mergeAll(
      choosing,
      Registry.layerOf(providers.map(({ provider }) => provider)),
      healthInMemory({ resilience: defaultResilience, providers: settingsOf(all).providers, facts: new Map() })
    )
    const fiber = yield* Effect.forkChild(Effect.scoped(Effect.provide(handled, layer)))
    for (let at = 0; at <= seconds; at++) yield* TestClock.adjust(1000)
    yield* Fiber.join(fiber)
    return (id: string, from: number, to: number): number => {
      const within = asked.filter(({ second }) => second >= from && second < to)
      return within.filter(({ by }) => by === id).length / within.length
    }
  }).pipe(Random.withSeed(name))

describe("least latency", () => {
  // calls under way count too: one four times as slow still gets some while the quick ones are busy
  for (const [slowMillis, most, delivery, backAt] of [
    [1200, 1 / 6, "live", 240],
    [4000, 0.06, "live", 240],
    [9000, 0.06, "live", 240],
    [1200, 1 / 6, "whole", 240],
    [9000, 0.06, "whole", 360]
  ] as const)
    it.effect(
      `leaves a provider that takes ${slowMillis} ms for ${delivery} answers within 10 s, and comes back to it`,
      () =>
        Effect.gen(function* () {
          const shareOf = yield* traffic({
            name: `slowing by ${slowMillis}`,
            takes: (id, second) => (id === "b" && second >= 60 && second < 180 ? slowMillis : 300),
            seconds: backAt + 60,
            delivery
          })
          for (const id of ids) assert.closeTo(shareOf(id, 20, 60), 1 / 3, 0.12, `${id} when all are alike`)
          assert.isBelow(shareOf("b", 70, 180), most, "while it is slow")
          assert.isAbove(shareOf("b", 70, 180), 0, "it is looked after now and then")
          assert.closeTo(shareOf("b", backAt, backAt + 60), 1 / 3, 0.12, "when it is well again")
        })
    )
  it.effect("comes back within five minutes to the slower of two, after half an hour in which it was slow", () =>
    Effect.gen(function* () {
      const shareOf = yield* traffic({
        name: "slow for long",
        takes: (id, second) => (id === "b" && second < 1800 ? 6000 : 300),
        seconds: 2160,
        requests: () => 3,
        ids: ["a", "b"]
      })
      assert.isBelow(shareOf("b", 60, 1800), 0.06, "while it is slow")
      assert.closeTo(shareOf("b", 2100, 2160), 1 / 2, 0.15, "when it is well again")
    })
  )
  for (const [millis, least, most] of [
    [9000, 0, 0.06],
    [100, 0.4, 1]
  ] as const)
    it.effect(`finds out by few calls how a provider does that joins, where it takes ${millis} ms`, () =>
      Effect.gen(function* () {
        const shareOf = yield* traffic({
          name: `joining with ${millis}`,
          takes: (id) => (id === "d" ? millis : 300),
          seconds: 90,
          joins: { id: "d", at: 30 }
        })
        assert.strictEqual(shareOf("d", 0, 30), 0)
        assert.isAbove(shareOf("d", 30, 40), 0, "it is asked at once")
        assert.isAtLeast(shareOf("d", 50, 90), least)
        assert.isAtMost(shareOf("d", 50, 90), most)
      })
    )
  it.effect("sends a crowd that comes after a silence to those that were quick", () =>
    Effect.gen(function* () {
      const shareOf = yield* traffic({
        name: "a crowd",
        takes: (id) => (id === "b" ? 4000 : 300),
        seconds: 132,
        requests: (second) => (second < 60 ? 10 : second === 120 ? 90 : 0)
      })
      assert.isBelow(shareOf("b", 120, 121), 0.12)
      for (const id of ["a", "c"]) assert.isAbove(shareOf(id, 120, 121), 0.35)
    })
  )
  it.effect("asks the only one there is, however slow it has become", () =>
    Effect.gen(function* () {
      const shareOf = yield* traffic({
        name: "alone",
        takes: (_, second) => (second < 20 ? 200 : 5000),
        seconds: 60,
        ids: ["a"]
      })
      assert.strictEqual(shareOf("a", 0, 60), 1)
    })
  )
})
