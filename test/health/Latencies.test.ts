import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { Latencies } from "../../src/health/Latencies.ts"

const ref = (model: string, provider = "openai") => ({ provider, model })

describe("the latencies", () => {
  it.effect("are each model's at each provider", () =>
    Effect.gen(function* () {
      const latencies = yield* Latencies
      for (let i = 1; i <= 100; i++) {
        latencies.saw(ref("slow"), i * 100, 0)
        latencies.saw(ref("fast"), i, 0)
        latencies.saw(ref("fast", "azure"), i * 10, 0)
      }
      assert.closeTo(latencies.p50(ref("slow"), 0) ?? 0, 5000, 500)
      assert.closeTo(latencies.p95(ref("slow"), 0) ?? 0, 9500, 950)
      assert.closeTo(latencies.p95(ref("fast"), 0) ?? 0, 95, 9.5)
      assert.closeTo(latencies.p95(ref("fast", "azure"), 0) ?? 0, 950, 95)
    }).pipe(Effect.provide(Latencies.layer))
  )
  it.effect("are unknown for a model that was hardly ever seen, and for one that nobody has seen of late", () =>
    Effect.gen(function* () {
      const latencies = yield* Latencies
      assert.isUndefined(latencies.p95(ref("m"), 0))
      for (let i = 0; i < 25; i++) latencies.saw(ref("m"), 100, 0)
      assert.isDefined(latencies.p95(ref("m"), 0))
      assert.isUndefined(latencies.p95(ref("m"), 600_000))
    }).pipe(Effect.provide(Latencies.layer))
  )
  it.effect("keep a model that is in use when thousands of others come and go", () =>
    Effect.gen(function* () {
      const latencies = yield* Latencies
      for (let i = 0; i < 4095; i++) latencies.saw(ref(`rare-${i}`), 100, 0)
      for (let i = 0; i < 30; i++) latencies.saw(ref("busy"), 100, 300_000)
      for (let i = 0; i < 1000; i++) latencies.saw(ref(`new-${i}`), 100, 310_000)
      assert.isDefined(latencies.p95(ref("busy"), 310_000))
    }).pipe(Effect.provide(Latencies.layer))
  )
})
