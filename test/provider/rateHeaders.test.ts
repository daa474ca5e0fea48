import { assert, describe, it } from "@effect/vitest"
import { Schema } from "effect"
import type { RateAllowance, RateNews } from "../../src/domain/ProviderWatch.ts"
import { families, rateNews } from "../../src/provider/rateHeaders.ts"

const now = Date.parse("2026-03-01T12:00:00Z")
const steady = (limit: number | undefined, remaining: number, afterMillis?: number): RateAllowance => ({
  limit,
  remaining,
  resetAt: afterMillis === undefined ? undefined : now + afterMillis
})
const fixed = (limit: number | undefined, remaining: number, afterMillis: number): RateAllowance => ({
  ...steady(limit, remaining, afterMillis),
  refill: "atReset"
})
type Row = readonly [name: string, headers: Readonly<Record<string, string>>, news: Partial<RateNews> | undefined]

const rows: ReadonlyArray<Row> = [
  [
    "OpenAI",
    {
      "x-ratelimit-limit-requests": "5000",
      "x-ratelimit-limit-tokens": "160000",
      "x-ratelimit-limit-tokens_usage_based": "160000",
      "x-ratelimit-remaining-requests": "4999",
      "x-ratelimit-remaining-tokens": "159976",
      "x-ratelimit-reset-requests": "12ms",
      "x-ratelimit-reset-tokens": "6m0s"
    },
    { requests: steady(5000, 4999, 12), tokens: steady(160_000, 159_976, 360_000) }
  ],
  [
    "Groq, whose requests are a day's",
    {
      "x-ratelimit-limit-requests": "14400",
      "x-ratelimit-limit-tokens": "18000",
      "x-ratelimit-remaining-requests": "14370",
      "x-ratelimit-remaining-tokens": "17997",
      "x-ratelimit-reset-requests": "2m59.56s",
      "x-ratelimit-reset-tokens": "7.66s"
    },
    { requests: steady(14_400, 14_370, 179_560), tokens: steady(18_000, 17_997, 7660) }
  ],
  [
    "Azure, which writes resets as bare seconds",
    {
      "x-ratelimit-limit-requests": "50",
      "x-ratelimit-remaining-requests": "49",
      "x-ratelimit-limit-tokens": "50000",
      "x-ratelimit-remaining-tokens": "49998",
      "x-ratelimit-reset-tokens": "1"
    },
    { requests: steady(50, 49), tokens: steady(50_000, 49_998, 1000) }
  ],
  [
    "Azure where it tells what is left and nothing else",
    { "x-ratelimit-remaining-requests": "9", "x-ratelimit-remaining-tokens": "9850" },
    { requests: steady(undefined, 9), tokens: steady(undefined, 9850) }
  ],
  [
    "Azure where it does not count",
    {
      "x-ratelimit-limit-tokens": "-1",
      "x-ratelimit-remaining-tokens": "-1",
      "x-ratelimit-reset-tokens": "0",
      "x-ratelimit-remaining-requests": "199",
      "x-ratelimit-limit-requests": "200"
    },
    { requests: steady(200, 199) }
  ],
  [
    "xAI, without a reset",
    { "x-ratelimit-limit-requests": "480", "x-ratelimit-remaining-requests": "479" },
    { requests: steady(480, 479) }
  ],
  [
    "a server with a window a day beside the minute's: the one with less left",
    {
      "x-ratelimit-limit-requests": "20",
      "x-ratelimit-remaining-requests": "19",
      "x-ratelimit-reset-requests": "1772366430",
      "x-ratelimit-limit-requests-day": "400",
      "x-ratelimit-remaining-requests-day": "3",
      "x-ratelimit-reset-requests-day": "1772409600"
    },
    { requests: fixed(400, 3, 43_200_000) }
  ],
  [
    "Anthropic, whose whole is told beside its parts",
    {
      date: "Sun, 01 Mar 2026 12:00:00 GMT",
      "anthropic-ratelimit-requests-limit": "1000",
      "anthropic-ratelimit-requests-remaining": "999",
      "anthropic-ratelimit-requests-reset": "2026-03-01T12:00:01Z",
      "anthropic-ratelimit-tokens-limit": "96000",
      "anthropic-ratelimit-tokens-remaining": "96000",
      "anthropic-ratelimit-tokens-reset": "2026-03-01T11:59:59Z",
      "anthropic-ratelimit-input-tokens-limit": "80000",
      "anthropic-ratelimit-input-tokens-remaining": "80000",
      "anthropic-ratelimit-input-tokens-reset": "2026-03-01T11:59:59Z",
      "anthropic-ratelimit-output-tokens-limit": "16000",
      "anthropic-ratelimit-output-tokens-remaining": "16000",
      "anthropic-ratelimit-output-tokens-reset": "2026-03-01T12:00:00Z"
    },
    { requests: steady(1000, 999, 1000), tokens: steady(96_000, 96_000, 0) }
  ],
  [
    "Anthropic, whose tightest part counts, on the scale of the whole",
    {
      "anthropic-ratelimit-tokens-limit": "96000",
      "anthropic-ratelimit-tokens-remaining": "72000",
      "anthropic-ratelimit-tokens-reset": "2026-03-01T12:00:15Z",
      "anthropic-ratelimit-input-tokens-limit": "80000",
      "anthropic-ratelimit-input-tokens-remaining": "68000",
      "anthropic-ratelimit-input-tokens-reset": "2026-03-01T12:00:09Z",
      "anthropic-ratelimit-output-tokens-limit": "16000",
      "anthropic-ratelimit-output-tokens-remaining": "4000",
      "anthropic-ratelimit-output-tokens-reset": "2026-03-01T12:00:45Z"
    },
    { tokens: steady(96_000, 24_000, 45_000) }
  ],
  [
    "Anthropic without the whole: the largest part stands for it",
    {
      "anthropic-ratelimit-input-tokens-limit": "80000",
      "anthropic-ratelimit-input-tokens-remaining": "80000",
      "anthropic-ratelimit-output-tokens-limit": "16000",
      "anthropic-ratelimit-output-tokens-remaining": "0",
      "anthropic-ratelimit-output-tokens-reset": "2026-03-01T12:01:00Z"
    },
    { tokens: steady(80_000, 0, 60_000) }
  ],
  [
    "a vendor whose clock is another: what it writes is held against its own",
    {
      date: "Sun, 01 Mar 2026 11:50:00 GMT",
      "anthropic-ratelimit-requests-limit": "50",
      "anthropic-ratelimit-requests-remaining": "0",
      "anthropic-ratelimit-requests-reset": "2026-03-01T11:50:30Z"
    },
    { requests: steady(50, 0, 30_000) }
  ],
  [
    "Mistral, which tells no reset",
    {
      "x-ratelimit-limit-req-minute": "60",
      "x-ratelimit-limit-tokens-minute": "50000",
      "x-ratelimit-limit-tokens-month": "4000000",
      "x-ratelimit-remaining-req-minute": "59",
      "x-ratelimit-remaining-tokens-minute": "47196",
      "x-ratelimit-remaining-tokens-month": "3950246",
      "x-ratelimit-tokens-query-cost": "2804"
    },
    { requests: steady(60, 59), tokens: steady(50_000, 47_196) }
  ],
  [
    "Mistral to an account that may not use the model: what the status says",
    { "x-ratelimit-limit-req-minute": "0", "x-ratelimit-remaining-req-minute": "0" },
    undefined
  ],
  [
    "Cerebras, with seconds that have decimals",
    {
      "x-ratelimit-limit-requests-day": "14400",
      "x-ratelimit-limit-tokens-minute": "60000",
      "x-ratelimit-remaining-requests-day": "14399",
      "x-ratelimit-remaining-tokens-minute": "57500",
      "x-ratelimit-reset-requests-day": "33011.382867",
      "x-ratelimit-reset-tokens-minute": "11.5"
    },
    { requests: fixed(14_400, 14_399, 33_011_382.867), tokens: fixed(60_000, 57_500, 11_500) }
  ],
  [
    "Cerebras, of several windows the one with least left",
    {
      "x-ratelimit-limit-requests-minute": "5",
      "x-ratelimit-remaining-requests-minute": "4",
      "x-ratelimit-reset-requests-minute": "30",
      "x-ratelimit-limit-requests-day": "2400",
      "x-ratelimit-remaining-requests-day": "2200",
      "x-ratelimit-reset-requests-day": "3600"
    },
    { requests: fixed(5, 4, 30_000) }
  ],
  [
    "Fireworks, whose tokens are counted by kind",
    {
      "x-ratelimit-limit-requests": "6000",
      "x-ratelimit-remaining-requests": "5998",
      "x-ratelimit-limit-tokens-prompt": "7200000",
      "x-ratelimit-remaining-tokens-prompt": "7193993",
      "x-ratelimit-limit-tokens-generated": "72000",
      "x-ratelimit-remaining-tokens-generated": "36000",
      "x-ratelimit-over-limit": "no"
    },
    { requests: steady(6000, 5998), tokens: steady(7_200_000, 3_600_000) }
  ],
  [
    "a 429 that tells no reset: its Retry-After",
    { "anthropic-ratelimit-requests-limit": "50", "anthropic-ratelimit-requests-remaining": "0", "retry-after": "2.5" },
    { requests: steady(50, 0, 2500) }
  ],
  [
    "a 429 that tells no reset: its Retry-After in milliseconds",
    { "x-ratelimit-limit-requests": "60", "x-ratelimit-remaining-requests": "0", "retry-after-ms": "40" },
    { requests: steady(60, 0, 40) }
  ],
  [
    "a 429 that tells no reset: its Retry-After as a date, held against its own clock",
    {
      date: "Sun, 01 Mar 2026 11:00:00 GMT",
      "x-ratelimit-limit-requests": "60",
      "x-ratelimit-remaining-requests": "0",
      "retry-after": "Sun, 01 Mar 2026 11:00:07 GMT"
    },
    { requests: steady(60, 0, 7000) }
  ],
  [
    "OpenRouter, in milliseconds since 1970",
    { "x-ratelimit-limit": "20", "x-ratelimit-remaining": "0", "x-ratelimit-reset": String(now + 42_000) },
    { requests: fixed(20, 0, 42_000) }
  ],
  [
    "a server that writes the same in seconds since 1970",
    { "x-ratelimit-limit": "20", "x-ratelimit-remaining": "7", "x-ratelimit-reset": String(now / 1000 + 42) },
    { requests: fixed(20, 7, 42_000) }
  ],
  [
    "Together, in seconds from now, with tokens beside",
    {
      "x-ratelimit-limit": "10",
      "x-ratelimit-remaining": "9",
      "x-ratelimit-reset": "1",
      "x-tokenlimit-limit": "3000",
      "x-tokenlimit-remaining": "2800"
    },
    { requests: fixed(10, 9, 1000), tokens: fixed(3000, 2800, 1000) }
  ],
  [
    "the IETF draft's single fields",
    { "ratelimit-limit": "300", "ratelimit-remaining": "280", "ratelimit-reset": "53" },
    { requests: fixed(300, 280, 53_000) }
  ],
  [
    "the IETF draft's field of -07",
    { ratelimit: "limit=100, remaining=50, reset=30", "ratelimit-policy": "100;w=60" },
    { requests: fixed(100, 50, 30_000) }
  ],
  [
    "the IETF draft's list with policies: the tightest of requests",
    {
      ratelimit: '"day";r=900;t=43200, "minute";r=5;t=25, "bytes";r=1;t=25',
      "ratelimit-policy": '"day";q=1000;w=86400, "minute";q=100;w=60, "bytes";q=65535;qu="content-bytes";w=10'
    },
    { requests: fixed(100, 5, 25_000) }
  ],
  [
    "the IETF draft's item without a time: its window",
    { ratelimit: '"default";r=50', "ratelimit-policy": '"default";q=100;w=60' },
    { requests: fixed(100, 50, 60_000) }
  ],
  [
    "the IETF draft's item without a policy",
    { ratelimit: '"api";r=3;t=10' },
    { requests: fixed(undefined, 3, 10_000) }
  ],
  [
    "more left than the limit: a burst",
    { "x-ratelimit-limit-requests": "10", "x-ratelimit-remaining-requests": "15", "x-ratelimit-reset-requests": "0s" },
    { requests: steady(15, 15, 0) }
  ],
  [
    "a reset that makes no sense: the rest is still told",
    {
      "x-ratelimit-limit-requests": "10",
      "x-ratelimit-remaining-requests": "4",
      "x-ratelimit-reset-requests": "soon"
    },
    { requests: steady(10, 4) }
  ],
  [
    "a reset in a year: none",
    {
      "x-ratelimit-limit-requests": "10",
      "x-ratelimit-remaining-requests": "4",
      "x-ratelimit-reset-requests": "365d"
    },
    { requests: steady(10, 4) }
  ],
  ["words for numbers", { "x-ratelimit-remaining-requests": "many", "x-ratelimit-remaining-tokens": "1e9" }, undefined],
  ["an empty value", { "x-ratelimit-remaining-requests": "", "x-ratelimit-limit-requests": "60" }, undefined],
  ["a negative rest", { "x-ratelimit-remaining": "-3", "x-ratelimit-limit": "20" }, undefined],
  ["limits alone", { "x-ratelimit-limit-requests": "60", "x-ratelimit-limit-tokens": "1000" }, undefined],
  ["nothing of the kind", { "content-type": "application/json", "x-request-id": "req_1" }, undefined]
]

describe("rate limits in headers", () => {
  it.each(rows)("are read as they are: %s", (_name, headers, news) => {
    const read = rateNews(headers, now)
    assert.deepStrictEqual(read, news === undefined ? undefined : { requests: undefined, tokens: undefined, ...news })
  })

  it("have an example for every family", () => {
    for (const { name, witnesses } of families)
      assert.isTrue(
        rows.some(([, headers, news]) => news !== undefined && witnesses.some((witness) => witness in headers)),
        name
      )
  })

  const names = [
    ...new Set([
      ...families.flatMap(({ requests, tokens }) =>
        [requests, tokens].flatMap((kind) =>
          (kind?.rows ?? []).flatMap(({ limit, remaining, reset }) => [
            limit,
            remaining,
            ...(reset === undefined ? [] : [reset])
          ])
        )
      ),
      "ratelimit",
      "ratelimit-policy",
      "date"
    ])
  ]
  it.prop(
    "never throw and never make nonsense of what anybody writes",
    {
      pairs: Schema.Array(
        Schema.Struct({
          at: Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: names.length - 1 })),
          value: Schema.Union([
            Schema.String,
            Schema.Literals(["", "0", "-1", "NaN", "Infinity", "1e400", "6m0s", "2026-13-45T99:99:99Z", ";;=,"]),
            Schema.Literals(['"a";r=1;t=', "9".repeat(400), "12", "0.5", "1772366430", "1772366430000", "7ms7"])
          ])
        })
      ).check(Schema.isMaxLength(12))
    },
    ({ pairs }) => {
      const headers = Object.fromEntries(pairs.map(({ at, value }) => [names[at], value]))
      const news = rateNews(headers, now)
      for (const told of [news?.requests, news?.tokens]) {
        if (told === undefined) continue
        const { limit, remaining, resetAt } = told
        assert.isTrue(remaining !== undefined && remaining >= 0)
        assert.isTrue(limit === undefined || (limit > 0 && limit >= (remaining ?? 0)))
        assert.isTrue(resetAt === undefined || (resetAt >= now && resetAt <= now + 32 * 86_400_000))
      }
    },
    { arbitrary: { runs: 500, seed: 17 } }
  )
})
