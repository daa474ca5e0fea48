import { assert, describe, it } from "@effect/vitest"
import { type Array as Arr, Result, Schema } from "effect"
import type { ModelFacts } from "../../src/catalog/ModelFacts.ts"
import type { ChatRequest } from "../../src/domain/ChatRequest.ts"
import type { Part } from "../../src/domain/Message.ts"
import { estimateInputTokens, fits, orderByWindow, surelyMoreTokensThan } from "../../src/routing/Effort.ts"

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
const text = (value: string): Part => ({ _tag: "Text", text: value })
const facts = (contextWindowTokens: number | undefined): ModelFacts => ({
  contextWindowTokens,
  maxOutputTokens: undefined,
  price: undefined,
  tier: undefined,
  capabilities: {}
})
/** So many characters of prose-like text: no two neighbours are the same. */
const prose = (length: number) => "lorem ipsum dolor sit amet ".repeat(Math.ceil(length / 27)).slice(0, length)

describe("the estimate of a prompt's tokens", () => {
  it("is its characters ÷ 4, tool calls and their results included, attachments not", () => {
    assert.strictEqual(estimateInputTokens(request([text(prose(400))])), 100)
    assert.strictEqual(estimateInputTokens(request([text("12345")])), 2)
    assert.strictEqual(estimateInputTokens(request([])), 0)
    const call: Part = { _tag: "ToolCall", id: "1", name: "f", arguments: '{"a":1}!' }
    const image: Part = { _tag: "Image", source: { _tag: "Base64", mediaType: "image/png", data: prose(4000) } }
    const result: Part = { _tag: "ToolResult", id: "1", content: [{ _tag: "Text", text: "1234" }] }
    assert.strictEqual(estimateInputTokens(request([call, image, result])), 3)
  })
})

describe("the lower bound of a prompt's tokens", () => {
  it("is a sixth of its characters", () => {
    const prompt = request([text(prose(300)), text(prose(300))])
    assert.isTrue(surelyMoreTokensThan(prompt, 99))
    assert.isFalse(surelyMoreTokensThan(prompt, 100))
  })
  it("does not count what tokenizers swallow whole: indentation, rules, padding", () => {
    assert.isFalse(surelyMoreTokensThan(request([text(" ".repeat(100_000))]), 10))
    assert.isFalse(surelyMoreTokensThan(request([text(`${"=".repeat(80)}\n`.repeat(100))]), 34))
    assert.isFalse(surelyMoreTokensThan(request([text(`${" ".repeat(40)}x;\n`.repeat(100))]), 67))
  })
  it.prop(
    "is below the estimate, and falls neither with more text nor with a smaller number",
    {
      texts: Schema.Array(Schema.String).check(Schema.isMaxLength(8)),
      more: Schema.String,
      tokens: Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 30 }))
    },
    ({ texts, more, tokens }) => {
      const short = request(texts.map(text))
      const long = request([...texts, more].map(text))
      assert.isAtLeast(estimateInputTokens(long), estimateInputTokens(short))
      assert.isAtLeast(estimateInputTokens(short), 0)
      if (surelyMoreTokensThan(short, tokens)) {
        assert.isAbove(estimateInputTokens(short), tokens)
        assert.isTrue(surelyMoreTokensThan(long, tokens))
        if (tokens > 0) assert.isTrue(surelyMoreTokensThan(short, tokens - 1))
      }
    },
    { arbitrary: { runs: 200, seed: 4 } }
  )
})

describe("a context window", () => {
  const long = request([text(prose(6000))])
  it("holds what the estimate says it holds, the answer's stated limit included", () => {
    assert.strictEqual(fits(long, facts(1500)), "fits")
    assert.strictEqual(fits(long, facts(1499)), "doubtful")
    assert.strictEqual(fits({ ...long, sampling: { maxTokens: 500 } }, facts(2000)), "fits")
    assert.strictEqual(fits({ ...long, sampling: { maxTokens: 501 } }, facts(2000)), "doubtful")
  })
  it("is too small only when even the lower bound of the prompt alone exceeds it", () => {
    assert.strictEqual(fits(long, facts(1000)), "doubtful")
    assert.strictEqual(fits(long, facts(999)), "tooLong")
    assert.strictEqual(fits({ ...long, sampling: { maxTokens: 100_000 } }, facts(1000)), "doubtful")
  })
  it("that nobody knows holds everything", () => {
    assert.strictEqual(fits(long, facts(undefined)), "fits")
  })
  it("is as wide as the caller asks its vendor to make it", () => {
    const wire = (beta: string) => ({
      ...long,
      wire: { dialect: "anthropic-messages" as const, body: {}, headers: { "anthropic-beta": beta } }
    })
    assert.strictEqual(fits(wire("files-api-2025-04-14,context-1m-2025-08-07"), facts(100)), "fits")
    assert.strictEqual(fits(wire("files-api-2025-04-14"), facts(100)), "tooLong")
  })
})

describe("the order by window", () => {
  const long = request([text(prose(6000))])
  const candidates = (
    ...windows: Arr.NonEmptyReadonlyArray<number | undefined>
  ): Arr.NonEmptyReadonlyArray<{ readonly id: number; readonly facts: ModelFacts }> => {
    const [first, ...rest] = windows
    return [{ id: 0, facts: facts(first) }, ...rest.map((window, at) => ({ id: at + 1, facts: facts(window) }))]
  }
  it("leaves out who cannot hold the prompt and puts the doubtful last", () => {
    const order = Result.getOrThrow(orderByWindow(long, candidates(999, 1200, undefined, 500, 8000, 1100, 1500)))
    assert.deepStrictEqual(
      order.map(({ id }) => id),
      [2, 4, 6, 1, 5]
    )
  })
  it("asks the doubtful where nobody else is left", () => {
    const order = Result.getOrThrow(orderByWindow(long, candidates(10, 1200)))
    assert.deepStrictEqual(
      order.map(({ id }) => id),
      [1]
    )
  })
  it("says how large the largest window is where nobody's will do", () => {
    const order = orderByWindow(long, candidates(10, 900, 20))
    assert.deepStrictEqual(Result.isFailure(order) && order.failure, { _tag: "TooLong", largestWindowTokens: 900 })
  })
  it("gives the very same array back where all fit", () => {
    const all = candidates(8000, undefined)
    assert.strictEqual(Result.getOrThrow(orderByWindow(long, all)), all)
  })
  it.prop(
    "leaves out nobody who may fit, and keeps the order among those of one kind",
    {
      windows: Schema.NonEmptyArray(
        Schema.UndefinedOr(Schema.Int.check(Schema.isBetween({ minimum: 800, maximum: 1700 })))
      ),
      maxTokens: Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 200 }))
    },
    ({ windows, maxTokens }) => {
      const asked = { ...long, sampling: { maxTokens } }
      const all = candidates(...windows)
      const order = orderByWindow(asked, all)
      const ofKind = (kind: string) => all.filter((one) => fits(asked, one.facts) === kind)
      if (Result.isSuccess(order)) {
        assert.deepStrictEqual([...order.success], [...ofKind("fits"), ...ofKind("doubtful")])
      } else {
        assert.strictEqual(ofKind("tooLong").length, all.length)
        assert.strictEqual(order.failure.largestWindowTokens, Math.max(...windows.map((window) => window ?? 0)))
      }
    },
    { arbitrary: { runs: 200, seed: 6 } }
  )
})
