import { assert, describe, it } from "@effect/vitest"
import { Schema } from "effect"
import {
  bucketRatio,
  effectiveSamples,
  halfLifeMillis,
  initialLatency,
  isIdleLatency,
  type LatencyState,
  latencyStep,
  quantile
} from "../../src/machine/LatencyEstimate.ts"

const start = 1_700_000_000_000
const saw = (state: LatencyState, millis: number, now: number) => latencyStep(state, { _tag: "Saw", millis }, now)[1]
/** The same sample so many times, at one moment. */
const times = (state: LatencyState, count: number, millis: number, now: number) => {
  let current = state
  for (let i = 0; i < count; i++) current = saw(current, millis, now)
  return current
}
const near = (estimate: number | undefined, exact: number) => {
  assert.isDefined(estimate)
  assert.isAtMost(estimate ?? Infinity, exact * bucketRatio * (1 + 1e-9))
  assert.isAtLeast(estimate ?? 0, exact / bucketRatio / (1 + 1e-9))
}

interface Sample {
  readonly millis: number
  readonly at: number
}

/** The least sample that at least `q` of the decayed weight does not exceed, from a list of all samples. */
const exactQuantile = (samples: ReadonlyArray<Sample>, q: number, now: number): number => {
  const sorted = samples
    .map(({ millis, at }) => ({ millis, weight: 2 ** ((at - now) / halfLifeMillis) }))
    .sort((a, b) => a.millis - b.millis)
  const total = sorted.reduce((sum, { weight }) => sum + weight, 0)
  let below = 0
  for (const { millis, weight } of sorted) {
    below += weight
    if (below >= q * total) return millis
  }
  return sorted.at(-1)?.millis ?? 0
}

const between = (minimum: number, maximum: number) => Schema.Int.check(Schema.isBetween({ minimum, maximum }))
/** Milliseconds from 1 to 600,000, the short ones as likely as the long ones. */
const logMillis = between(0, 13_304)
const millisOf = (log: number) => Math.min(600_000, Math.max(1, Math.exp(log / 1000)))
const quantiles = [0, 0.05, 0.5, 0.9, 0.95, 0.99, 1]

describe("an estimate of latency", () => {
  it("knows nothing below twenty samples", () => {
    const nineteen = times(initialLatency, 19, 300, start)
    assert.isUndefined(quantile(nineteen, 0.5, start))
    assert.isUndefined(quantile(initialLatency, 0.5, start))
    near(quantile(saw(nineteen, 300, start), 0.5, start), 300)
  })
  it("knows nothing again when its samples have faded", () => {
    const forty = times(initialLatency, 40, 300, start)
    near(quantile(forty, 0.5, start + halfLifeMillis), 300)
    assert.closeTo(effectiveSamples(forty, start + halfLifeMillis), 20, 1e-9)
    assert.isUndefined(quantile(forty, 0.5, start + halfLifeMillis + 100))
  })
  it("tells what most and what almost all took", () => {
    let state = initialLatency
    for (let millis = 1; millis <= 1000; millis++) state = saw(state, millis, start)
    near(quantile(state, 0.5, start), 500)
    near(quantile(state, 0.95, start), 950)
  })
  it("forgets an old regime in a few half-lives of steady traffic", () => {
    let state = initialLatency
    let now = start
    for (let i = 0; i < 600; i++) state = saw(state, 8000, (now += 1000))
    near(quantile(state, 0.5, now), 8000)
    for (let i = 0; i < 301; i++) state = saw(state, 200, (now += 1000))
    near(quantile(state, 0.5, now), 200)
    near(quantile(state, 0.95, now), 8000)
    // of the old weight less than a twentieth is left after 4.4 half-lives
    for (let i = 0; i < 1050; i++) state = saw(state, 200, (now += 1000))
    near(quantile(state, 0.95, now), 200)
  })
  it("counts what lies outside 1 ms to 10 min as the nearest of the two, and leaves out what is no time", () => {
    near(quantile(times(initialLatency, 20, 0, start), 0.5, start), 1)
    near(quantile(times(initialLatency, 20, 7_200_000, start), 0.5, start), 600_000)
    near(quantile(times(initialLatency, 20, Infinity, start), 0.5, start), 600_000)
    for (const millis of [NaN, -1]) assert.strictEqual(saw(initialLatency, millis, start), initialLatency)
  })
  it("starts anew after days of silence", () => {
    const old = times(initialLatency, 1000, 9000, start)
    const later = start + 30 * 86_400_000
    const state = times(old, 20, 50, later)
    near(quantile(state, 0.99, later), 50)
    assert.closeTo(effectiveSamples(state, later), 20, 1e-6)
  })
  it("survives a clock that goes back", () => {
    const state = times(initialLatency, 30, 300, start)
    const slightly = times(state, 30, 900, start - 1000)
    assert.closeTo(effectiveSamples(slightly, start - 1000), 60, 1e-9)
    const far = start - 86_400_000
    assert.isUndefined(quantile(state, 0.5, far))
    near(quantile(times(state, 20, 900, far), 0.01, far), 900)
  })
  it("may be forgotten only when it knows nothing and has seen nothing for a half-life", () => {
    assert.isFalse(isIdleLatency(saw(initialLatency, 300, start), start))
    assert.isTrue(isIdleLatency(saw(initialLatency, 300, start), start + halfLifeMillis + 1))
    assert.isFalse(isIdleLatency(times(initialLatency, 100, 300, start), start + halfLifeMillis + 1))
    assert.isTrue(isIdleLatency(times(initialLatency, 100, 300, start), start + 3 * halfLifeMillis))
  })

  it.prop(
    "is off by at most a bucket's width from the exact quantile, whatever the samples",
    { logs: Schema.Array(logMillis).check(Schema.isMinLength(20), Schema.isMaxLength(200)) },
    ({ logs }) => {
      const samples = logs.map((log) => ({ millis: millisOf(log), at: start }))
      const state = samples.reduce((current, { millis, at }) => saw(current, millis, at), initialLatency)
      for (const q of quantiles) near(quantile(state, q, start), exactQuantile(samples, q, start))
    },
    { arbitrary: { runs: 300, seed: 3 } }
  )
  it.prop(
    "keeps that bound while samples decay over hours, never falls with a growing share, and keeps 144 weights",
    {
      moves: Schema.Array(Schema.Struct({ after: between(0, 400_000), log: logMillis, count: between(1, 20) })).check(
        Schema.isMinLength(1),
        Schema.isMaxLength(80)
      )
    },
    ({ moves }) => {
      let now = start
      let state = initialLatency
      const samples: Array<Sample> = []
      for (const { after, log, count } of moves) {
        now += after
        for (let i = 0; i < count; i++) samples.push({ millis: millisOf(log), at: now })
        state = times(state, count, millisOf(log), now)
        const exactCount = samples.reduce((sum, { at }) => sum + 2 ** ((at - now) / halfLifeMillis), 0)
        assert.closeTo(effectiveSamples(state, now), exactCount, 1e-6)
        if (quantile(state, 0.5, now) === undefined) {
          assert.isBelow(exactCount, 20)
          continue
        }
        let last = 0
        for (const q of quantiles) {
          const estimate = quantile(state, q, now) ?? 0
          assert.isAtLeast(estimate, last)
          last = estimate
          // the sums of weights are rounded, so the exact quantile is that of a share nearly the same
          const least = exactQuantile(samples, Math.max(0, q - 1e-7), now)
          const most = exactQuantile(samples, Math.min(1, q + 1e-7), now)
          assert.isAtLeast(estimate, (least / bucketRatio) * (1 - 1e-9))
          assert.isAtMost(estimate, most * bucketRatio * (1 + 1e-9))
        }
      }
      assert.strictEqual(state.rows.flat().length, 144)
    },
    { arbitrary: { runs: 150, seed: 5 } }
  )
})
