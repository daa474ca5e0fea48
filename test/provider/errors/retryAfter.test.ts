import { assert, describe, it } from "@effect/vitest"
import { readErrorFacts } from "../../../src/provider/errors/ErrorFacts.ts"
import { retryAfterMillis } from "../../../src/provider/errors/retryAfter.ts"

const said = (message: string) => readErrorFacts(429, { error: { message } })
const silent = said("")
const now = Date.UTC(2026, 0, 1, 12, 0, 0)

describe("retryAfterMillis", () => {
  const headers: ReadonlyArray<readonly [Readonly<Record<string, string>>, number | undefined]> = [
    [{}, undefined],
    [{ "retry-after": "2" }, 2_000],
    [{ "retry-after": " 0.25 " }, 250],
    [{ "retry-after": "0" }, 0],
    [{ "retry-after-ms": "1500" }, 1_500],
    [{ "retry-after-ms": "1500", "retry-after": "7" }, 1_500],
    [{ "retry-after-ms": "soon", "retry-after": "7" }, 7_000],
    [{ "retry-after": "Thu, 01 Jan 2026 12:00:30 GMT" }, 30_000],
    [{ "retry-after": "Thu, 01 Jan 2026 11:00:00 GMT" }, 0],
    [{ "retry-after": "later" }, undefined],
    [{ "retry-after": "-5" }, undefined],
    [{ "x-ratelimit-reset-requests": "30s" }, undefined]
  ]
  for (const [given, expected] of headers) {
    it(`reads ${JSON.stringify(given)} as ${expected}`, () => {
      assert.strictEqual(retryAfterMillis(given, silent, now), expected)
    })
  }

  const words: ReadonlyArray<readonly [string, number | undefined]> = [
    ["Please try again in 1.2s. Visit the site.", 1_200],
    ["Please try again in 644ms.", 644],
    ["Please try again in 9m38.016s.", 578_016],
    ["Please try again in 1h2m3s.", 3_723_000],
    ["Please retry in 34.5s.", 34_500],
    ["Please retry after 26 seconds.", 26_000],
    ["Try again in about 2 minutes", 120_000],
    ["Please try again later.", undefined],
    ["Please try again in 5", undefined]
  ]
  for (const [message, expected] of words) {
    it(`reads "${message}" as ${expected}`, () => {
      assert.strictEqual(retryAfterMillis({}, said(message), now), expected)
    })
  }

  it("believes a header before the body, and the body's field before its words", () => {
    const facts = readErrorFacts(429, {
      error: { message: "Please retry in 50s.", details: [{ "@type": "RetryInfo", retryDelay: "34s" }] }
    })
    assert.strictEqual(retryAfterMillis({ "retry-after": "3" }, facts, now), 3_000)
    assert.strictEqual(retryAfterMillis({}, facts, now), 34_000)
  })
})
