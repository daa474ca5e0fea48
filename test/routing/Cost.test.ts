import { assert, describe, it } from "@effect/vitest"
import { Schema } from "effect"
import { makeEstimates, type Quote } from "../../src/budget/Estimates.ts"
import type { ModelFacts } from "../../src/catalog/ModelFacts.ts"
import type { ChatRequest } from "../../src/domain/ChatRequest.ts"
import { usdOfNano } from "../../src/domain/Money.ts"
import type { Usage } from "../../src/domain/Usage.ts"
import { ProviderError } from "../../src/domain/ProviderError.ts"
import { CostMeter, type Metered } from "../../src/routing/Cost.ts"

const request: ChatRequest = {
  model: "m",
  delivery: "whole",
  messages: [{ role: "user", content: [{ _tag: "Text", text: "a".repeat(1200) }] }],
  tools: [],
  sampling: { maxTokens: 1000 },
  usageWanted: false,
  fallbacks: []
}
/** Two dollars a million tokens in, ten out. */
const facts: ModelFacts = {
  contextWindowTokens: undefined,
  maxOutputTokens: undefined,
  price: { inputUsdPerMTok: 2, outputUsdPerMTok: 10 },
  tier: undefined,
  capabilities: {}
}
const ref = { provider: "p", model: "m" }
const estimates = makeEstimates()
const next = estimates.quote(request, ref, facts)
const unpriced = estimates.quote(request, { provider: "own", model: "m" }, { ...facts, price: undefined })
const worstUsd = usdOfNano(next.worst)
const start = (meter: CostMeter, quote = next) => meter.start(estimates, quote, undefined)
const refused = new ProviderError({ ...ref, reason: { _tag: "ServerError", message: "boom", status: 500 } })

describe("the meter of a request's cost", () => {
  it("lets an attempt start only if its worst case stays within the cap", () => {
    assert.isTrue(new CostMeter(worstUsd).allows(next))
    assert.isFalse(new CostMeter(worstUsd * 0.999).allows(next))
    assert.isFalse(new CostMeter(0).allows(next))
  })
  it("holds the worst case of every attempt under way, and gives back what it did not cost", () => {
    const meter = new CostMeter(2 * worstUsd)
    const first = start(meter)
    const second = start(meter)
    assert.isFalse(meter.allows(next))
    first.ended({ writtenBytes: 0, error: refused }, 0)
    assert.isTrue(meter.allows(next))
    second.ended({ writtenBytes: 0, usage: { inputTokens: 300, outputTokens: 500 } }, 0)
    assert.strictEqual(meter.spent, 5_600_000)
    assert.strictEqual(meter.held, 0)
  })
  it("settles an attempt once, and one of which nothing is known at its worst", () => {
    const meter = new CostMeter(1)
    const attempt = start(meter)
    for (let i = 0; i < 3; i++) attempt.ended({ writtenBytes: 0 }, i)
    assert.strictEqual(meter.spent, next.worst)
  })
  it("settles one that is let go by what its vendor had told by then, and nobody's afterwards", () => {
    const meter = new CostMeter(1)
    const attempt = start(meter)
    let told = { inputTokens: 0, outputTokens: 0 }
    attempt.follow(() => ({ told, writtenBytes: 30 }))
    told = { inputTokens: next.roughInputTokens, outputTokens: 1 }
    attempt.letGo(0)
    assert.isAbove(meter.spent, 0)
    assert.isBelow(meter.spent, next.worst)
    const { held, spent } = meter
    attempt.letGo(1)
    attempt.ended({ writtenBytes: 0 }, 2)
    assert.deepStrictEqual([meter.spent, meter.held, held], [spent, 0, 0])
  })
  it("settles a stream that is let go by what had come of it, where the operator wants that: thoughts and a token at least", () => {
    const { expected, inputTokens, outputTokens } = next
    const thinks: Quote = { ...next, expected, inputTokens, outputTokens, thinksUnseen: true }
    const settle = (writtenBytes: number, told?: Usage, quote = thinks) => {
      const meter = new CostMeter(1, "counted")
      const attempt = start(meter, quote)
      attempt.follow(() => ({ told, writtenBytes }))
      attempt.letGo(0)
      assert.strictEqual(meter.held, 0)
      return Number(meter.spent)
    }
    const told: Usage = { inputTokens: next.roughInputTokens, outputTokens: 1 }
    const prompt = told.inputTokens * 2000
    assert.strictEqual(settle(0, told), prompt + 10_000)
    assert.strictEqual(settle(300, told), prompt + 100 * 10_000)
    assert.strictEqual(settle(300, { ...told, outputTokens: 200 }), prompt + 200 * 10_000)
    // what nobody told of the prompt is estimated, rather too much than too little
    assert.isAbove(settle(0), prompt)
    assert.isBelow(settle(0), next.worst / 2)
    // what was used of tools that the vendor runs, nobody knows by then
    assert.strictEqual(settle(300, told, { ...thinks, runsTools: true }), Number(next.worst))
  })
  it("settles a whole answer that is let go at its worst, whatever the operator wants of streams", () => {
    const meter = new CostMeter(1, "counted")
    start(meter).letGo(0)
    assert.strictEqual(meter.spent, next.worst)
  })
  it("stops nobody without a cap, and counts nothing for a model without a price", () => {
    const open = new CostMeter(undefined)
    for (let i = 0; i < 10; i++) start(open)
    assert.isTrue(open.allows(next))
    const capped = new CostMeter(0)
    assert.isTrue(capped.allows(unpriced))
    start(capped, unpriced).ended({ writtenBytes: 4000 }, 0)
    assert.strictEqual(capped.spent, 0)
  })
  it.prop(
    "never lets spent and held exceed the cap, whatever overlaps, as long as no attempt exceeds its worst case",
    {
      moves: Schema.Array(
        Schema.Struct({ end: Schema.Boolean, share: Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 1000 })) })
      ).check(Schema.isMaxLength(60))
    },
    ({ moves }) => {
      const meter = new CostMeter(7.5 * worstUsd)
      const running: Array<Metered> = []
      for (const { end, share } of moves) {
        if (end) running.shift()?.ended({ writtenBytes: 0, usage: { inputTokens: 300, outputTokens: share } }, 0)
        else if (meter.allows(next)) running.push(start(meter))
        assert.isAtMost(meter.spent + meter.held, meter.cap ?? 0)
        assert.isAtLeast(meter.held, 0)
      }
      for (const one of running) one.ended({ writtenBytes: 0 }, 0)
      assert.strictEqual(meter.held, 0)
    },
    { arbitrary: { runs: 150, seed: 9 } }
  )
})
