import { assert, describe, it } from "@effect/vitest"
import { Effect, Layer, Metric } from "effect"
import { RequestMetrics } from "../../src/observability/RequestMetrics.ts"
import { RequestRecord } from "../../src/observability/RequestRecord.ts"

const fresh = RequestMetrics.layer.pipe(Layer.provide(Layer.sync(Metric.MetricRegistry, () => new Map())))

const record = (provider: string, model: string, fill: (record: RequestRecord) => void): RequestRecord => {
  const record = new RequestRecord("req_1", "openai-chat", 1000)
  record.attempts = [{ provider, model, millis: 1 }]
  fill(record)
  return record
}
const answeredBy = (provider: string, model: string): RequestRecord =>
  record(provider, model, (record) => {
    record.provider = provider
    record.model = model
    record.succeeded(200)
  })
const failedAt = (provider: string, model: string): RequestRecord =>
  record(provider, model, (record) => {
    record.attempts = [{ provider, model, reason: "ModelUnavailable", millis: 1 }]
    record.outcome = "error"
    record.reason = "ModelUnavailable"
  })

const lines = (text: string, start: string): ReadonlyArray<string> =>
  text.split("\n").filter((line) => line.startsWith(start))

describe("labels of metrics", () => {
  it.effect("never take a model's name from a caller", () =>
    Effect.gen(function* () {
      const metrics = yield* RequestMetrics
      metrics.listed(["acme/known"])
      for (let i = 0; i < 50; i++) metrics.finished(failedAt("acme", `invented-${i}`), 2000)
      metrics.finished(failedAt("acme", "known"), 2000)
      const failed = lines(metrics.exposition([]), "llm_requests_failed_total{")
      assert.lengthOf(failed, 2)
      assert.isTrue(failed.some((line) => line.includes('model="unlisted"') && line.endsWith(" 50")))
      assert.isTrue(failed.some((line) => line.includes('model="known"') && line.endsWith(" 1")))
    }).pipe(Effect.provide(fresh))
  )

  it.effect("are bounded in number, however many models answer", () =>
    Effect.gen(function* () {
      const metrics = yield* RequestMetrics
      for (let i = 0; i < 3000; i++) metrics.finished(answeredBy("acme", `model-${i}`), 2000)
      const counted = lines(metrics.exposition([]), "llm_requests_total{")
      assert.isAtMost(counted.length, 1002)
      const total = counted.reduce((sum, line) => sum + Number(line.split(" ").at(-1)), 0)
      assert.strictEqual(total, 3000)
    }).pipe(Effect.provide(fresh))
  )

  it.effect("escape what would break the text", () =>
    Effect.gen(function* () {
      const metrics = yield* RequestMetrics
      metrics.finished(answeredBy('ac"me\n', "m\\1"), 2000)
      const [line] = lines(metrics.exposition([]), "llm_requests_total{")
      assert.include(line ?? "", 'provider="ac\\"me\\n"')
    }).pipe(Effect.provide(fresh))
  )
})

describe("times", () => {
  it.effect("are counted in seconds", () =>
    Effect.gen(function* () {
      const metrics = yield* RequestMetrics
      const streamed = answeredBy("acme", "large-1")
      streamed.firstEventAt = 1250
      metrics.finished(streamed, 3000)
      const text = metrics.exposition([
        { provider: "acme", available: false, inFlight: 3, openCircuits: 2, quarantined: 1 }
      ])
      const values = ["available", "in_flight", "open_circuits", "quarantined"].map((what) =>
        lines(text, `llm_provider_${what}{`)
      )
      assert.deepStrictEqual(values, [
        ['llm_provider_available{provider="acme"} 0'],
        ['llm_provider_in_flight{provider="acme"} 3'],
        ['llm_provider_open_circuits{provider="acme"} 2'],
        ['llm_provider_quarantined{provider="acme"} 1']
      ])
    }).pipe(Effect.provide(fresh))
  )
})

describe("availability", () => {
  it.effect("is what it is at the scrape", () =>
    Effect.gen(function* () {
      const metrics = yield* RequestMetrics
      metrics.exposition([{ provider: "acme", available: true, inFlight: 0, openCircuits: 0, quarantined: 0 }])
      const text = metrics.exposition([
        { provider: "acme", available: false, inFlight: 0, openCircuits: 0, quarantined: 0 }
      ])
      assert.deepStrictEqual(lines(text, "llm_provider_available{"), ['llm_provider_available{provider="acme"} 0'])
    }).pipe(Effect.provide(fresh))
  )
  it.effect("is told of the providers that there are, and no more of one that was removed", () =>
    Effect.gen(function* () {
      const metrics = yield* RequestMetrics
      const of = (provider: string) => ({ provider, available: true, inFlight: 0, openCircuits: 0, quarantined: 1 })
      metrics.finished(answeredBy("acme", "large-1"), 2000)
      assert.lengthOf(lines(metrics.exposition([of("acme"), of("other")]), "llm_provider_"), 8)
      const text = metrics.exposition([of("other")])
      assert.lengthOf(lines(text, "llm_provider_"), 4)
      assert.notInclude(lines(text, "llm_provider_").join(), "acme")
      assert.lengthOf(lines(text, 'llm_requests_total{dialect="openai-chat",provider="acme"'), 1)
    }).pipe(Effect.provide(fresh))
  )
})
