import { assert, describe, it } from "@effect/vitest"
import { Schema } from "effect"
import type { ModelFacts } from "../../src/catalog/ModelFacts.ts"
import type { ChatRequest } from "../../src/domain/ChatRequest.ts"
import type { Part } from "../../src/domain/Message.ts"
import { ProviderError, type Reason } from "../../src/domain/ProviderError.ts"
import { attemptCost, type AttemptCost, CostMeter, settledUsd } from "../../src/routing/Cost.ts"

const text = (value: string): Part => ({ _tag: "Text", text: value })
const request = (content: ReadonlyArray<Part>, changes: Partial<ChatRequest> = {}): ChatRequest => ({
  model: "m",
  delivery: "whole",
  messages: [{ role: "user", content }],
  tools: [],
  sampling: {},
  usageWanted: false,
  fallbacks: [],
  ...changes
})
/** Two dollars a million tokens in, ten out. */
const facts = (maxOutputTokens?: number): ModelFacts => ({
  contextWindowTokens: undefined,
  maxOutputTokens,
  price: { inputUsdPerMTok: 2, outputUsdPerMTok: 10 },
  tier: undefined,
  capabilities: {}
})
const error = (reason: Reason) => new ProviderError({ provider: "p", model: "m", reason })
const cost = (asked: ChatRequest, of = facts()): AttemptCost => {
  const found = attemptCost(asked, of)
  assert.isDefined(found)
  return (
    found ?? { expectedUsd: NaN, worstUsd: NaN, inputUsd: NaN, price: { inputUsdPerMTok: NaN, outputUsdPerMTok: NaN } }
  )
}
const micro = (usd: number) => Math.round(usd * 1e9) / 1e3

describe("the cost of an attempt", () => {
  const asked = request([text("a".repeat(1200))], { sampling: { maxTokens: 1000 } })

  it("is the prompt's and a quarter of the output limit's price, and at worst all of it", () => {
    const { expectedUsd, worstUsd, inputUsd } = cost(asked)
    // 300 tokens in, 1,000 ÷ 4 out
    assert.strictEqual(micro(inputUsd), 600)
    assert.strictEqual(micro(expectedUsd), 600 + 2500)
    // 1,200 ÷ 3 and 8 around the message in, 1,000 out
    assert.strictEqual(micro(worstUsd), 816 + 10_000)
  })
  it("reckons with 4,096 tokens where the request states no limit, with the model's limit where that is smaller", () => {
    const open = request([])
    assert.strictEqual(micro(cost(open).worstUsd), 16 + 40_960)
    assert.strictEqual(micro(cost(open, facts(64_000)).worstUsd), 16 + 40_960)
    assert.strictEqual(micro(cost(open, facts(1000)).worstUsd), 16 + 10_000)
    assert.strictEqual(micro(cost(request([], { sampling: { maxTokens: 9000 } }), facts(64_000)).worstUsd), 16 + 90_000)
  })
  it("counts the output once an answer and the prompt once", () => {
    const { expectedUsd, worstUsd } = cost({ ...asked, sampling: { maxTokens: 1000, n: 3 } })
    assert.strictEqual(micro(expectedUsd), 600 + 3 * 2500)
    assert.strictEqual(micro(worstUsd), 816 + 3 * 10_000)
  })
  it("counts a character outside ASCII as a token at worst", () => {
    assert.strictEqual(micro(cost(request([text("漢".repeat(100))], { sampling: { maxTokens: 0 } })).worstUsd), 216)
  })
  it("counts images, documents, sounds and tools", () => {
    const none = { sampling: { maxTokens: 0 } }
    const inputOf = (part: Part) => micro(cost(request([part], none)).inputUsd) / 2
    const base64 = { _tag: "Base64", mediaType: "x/y", data: "A".repeat(6400) } as const
    assert.strictEqual(inputOf({ _tag: "Image", source: base64 }), 1600)
    assert.strictEqual(inputOf({ _tag: "Document", source: base64 }), 400)
    assert.strictEqual(inputOf({ _tag: "Document", source: { _tag: "PlainText", text: "12345678" } }), 2)
    assert.strictEqual(inputOf({ _tag: "Document", source: { _tag: "Url", url: "https://example.com/a.pdf" } }), 3000)
    assert.strictEqual(inputOf({ _tag: "Audio", source: base64 }), 100)
    assert.strictEqual(
      inputOf({
        _tag: "ToolResult",
        id: "1",
        content: [
          { _tag: "Image", source: base64 },
          { _tag: "Text", text: "1234" }
        ]
      }),
      1601
    )
    const tools = [{ _tag: "Function", name: "look", description: "d".repeat(300) }] as const
    assert.isAbove(micro(cost(request([], { ...none, tools })).inputUsd) / 2, 100)
  })
  it("is unknown where the price is", () => {
    assert.isUndefined(attemptCost(asked, { ...facts(), price: undefined }))
  })
  it.prop(
    "is never negative, at worst never below the expected, and never falls with a longer prompt or a larger limit",
    {
      texts: Schema.Array(Schema.String).check(Schema.isMaxLength(6)),
      more: Schema.String,
      maxTokens: Schema.Int.check(Schema.isBetween({ minimum: -5, maximum: 5000 })),
      n: Schema.Int.check(Schema.isBetween({ minimum: -1, maximum: 4 }))
    },
    ({ texts, more, maxTokens, n }) => {
      const short = cost(request(texts.map(text), { sampling: { maxTokens, n } }))
      const long = cost(request([...texts, more].map(text), { sampling: { maxTokens: maxTokens + 1, n } }))
      assert.isAtLeast(short.inputUsd, 0)
      assert.isAtLeast(short.expectedUsd, short.inputUsd)
      assert.isAtLeast(short.worstUsd, short.expectedUsd)
      assert.isAtLeast(long.expectedUsd, short.expectedUsd)
      assert.isAtLeast(long.worstUsd, short.worstUsd)
    },
    { arbitrary: { runs: 200, seed: 8 } }
  )
})

describe("an attempt that has ended", () => {
  const one = cost(request([text("a".repeat(1200))]))
  const nothing = { writtenCharacters: 0 }

  it("costs nothing where nothing was sent, or where it was refused before anything was written", () => {
    const free: ReadonlyArray<Reason> = [
      { _tag: "Network", message: "refused", sent: false },
      { _tag: "Timeout", message: "late", limit: "connect" },
      { _tag: "RateLimited", message: "slow down", status: 429 },
      { _tag: "ServerError", message: "boom", status: 500 },
      { _tag: "MalformedResponse", message: "a page of HTML", status: 502 },
      { _tag: "UnsupportedFeature", message: "no images", feature: "images" }
    ]
    for (const reason of free) assert.strictEqual(settledUsd(one, { ...nothing, error: error(reason) }), 0, reason._tag)
  })
  it("costs its prompt where it was cut, timed out, filtered or left, and what was written besides", () => {
    const billed: ReadonlyArray<Reason> = [
      { _tag: "Network", message: "reset", sent: true },
      { _tag: "Timeout", message: "late", limit: "firstEvent" },
      { _tag: "ContentPolicy", message: "no", status: 400 },
      { _tag: "ServerError", message: "an error inside a stream" },
      { _tag: "MalformedResponse", message: "bad JSON", status: 200 }
    ]
    for (const reason of billed) {
      assert.strictEqual(micro(settledUsd(one, { ...nothing, error: error(reason) })), 600, reason._tag)
      assert.strictEqual(micro(settledUsd(one, { writtenCharacters: 400, error: error(reason) })), 600 + 1000)
    }
    assert.strictEqual(micro(settledUsd(one, nothing)), 600)
    const late = error({ _tag: "Overloaded", message: "busy", status: 529 })
    assert.strictEqual(micro(settledUsd(one, { writtenCharacters: 4, error: late })), 610)
  })
  it("costs what its vendor told", () => {
    const usage = { inputTokens: 1000, outputTokens: 50 }
    assert.strictEqual(micro(settledUsd(one, { writtenCharacters: 9999, usage })), 2500)
  })
})

describe("the meter of a request's cost", () => {
  /** 816 + 10,000 micro-dollars at worst. */
  const next = cost(request([text("a".repeat(1200))], { sampling: { maxTokens: 1000 } }))

  it("lets an attempt start only if its worst case stays within the cap", () => {
    assert.isTrue(new CostMeter(next.worstUsd).allows(next))
    assert.isFalse(new CostMeter(next.worstUsd * 0.999).allows(next))
    assert.isFalse(new CostMeter(0).allows(next))
  })
  it("holds the worst case of every attempt under way, and gives back what it did not cost", () => {
    const meter = new CostMeter(2 * next.worstUsd)
    const first = meter.start(next)
    const second = meter.start(next)
    assert.isFalse(meter.allows(next))
    first.ended({ writtenCharacters: 0, error: error({ _tag: "ServerError", message: "boom", status: 500 }) })
    assert.isTrue(meter.allows(next))
    second.ended({ writtenCharacters: 0, usage: { inputTokens: 300, outputTokens: 500 } })
    assert.strictEqual(micro(meter.spentUsd), 5600)
    assert.strictEqual(micro(meter.heldUsd), 0)
  })
  it("settles an attempt once", () => {
    const meter = new CostMeter(1)
    const attempt = meter.start(next)
    for (let i = 0; i < 3; i++) attempt.ended({ writtenCharacters: 0 })
    assert.strictEqual(micro(meter.spentUsd), 600)
  })
  it("stops nobody without a cap, and counts nothing for a model without a price", () => {
    const open = new CostMeter(undefined)
    for (let i = 0; i < 10; i++) open.start(next)
    assert.isTrue(open.allows(next))
    const capped = new CostMeter(0)
    assert.isTrue(capped.allows(undefined))
    capped.start(undefined).ended({ writtenCharacters: 4000 })
    assert.strictEqual(capped.spentUsd, 0)
  })
  it.prop(
    "never lets spent and held exceed the cap, whatever overlaps, as long as no attempt exceeds its worst case",
    {
      moves: Schema.Array(
        Schema.Struct({ end: Schema.Boolean, share: Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 1000 })) })
      ).check(Schema.isMaxLength(60))
    },
    ({ moves }) => {
      const capUsd = 7.5 * next.worstUsd
      const meter = new CostMeter(capUsd)
      const running: Array<ReturnType<typeof meter.start>> = []
      for (const { end, share } of moves) {
        if (end) running.shift()?.ended({ writtenCharacters: 0, usage: { inputTokens: 300, outputTokens: share } })
        else if (meter.allows(next)) running.push(meter.start(next))
        assert.isAtMost(meter.spentUsd + meter.heldUsd, capUsd + 1e-9)
        assert.isAtLeast(meter.heldUsd, 0)
      }
      for (const one of running) one.ended({ writtenCharacters: 0 })
      assert.closeTo(meter.heldUsd, 0, 1e-12)
    },
    { arbitrary: { runs: 150, seed: 9 } }
  )
})
