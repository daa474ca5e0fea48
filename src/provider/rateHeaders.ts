/**
 * What vendors' answers say of their rate limits, read from the headers: a table of families, one row each.
 *
 * The families are told apart by the headers themselves, as proxies and compatible servers pass on what they like. Where
 * one answer tells several limits of a kind, the tightest counts: of windows (a minute's, a day's) the one of which
 * least is left; of parts of one whole (tokens in, tokens out) the one of which the smallest share is left, told on the
 * scale of the whole, since a call is held against it with both together.
 *
 * Gotchas
 * - A limit that comes back all at once (a fixed window) is told so; OpenAI's and Anthropic's come back evenly.
 * - Where nothing is left and no reset is told, the answer's Retry-After stands for it.
 * - Points in time are held against the answer's own `Date` where it has one: clocks differ.
 * - Values that make no sense (negative ones, a limit of nothing, words) are passed over, with all that stood beside
 *   them: Azure answers with -1 where it does not count, and a limit of 0 says nothing that the status does not.
 *
 * @module
 */
import type { HeaderMap } from "../dialect/Dialect.ts"
import type { RateAllowance, RateNews } from "../domain/ProviderWatch.ts"

/** How a row's reset is written. */
type ResetNotation =
  /** `6m0s`, `28ms`, `7.66s`; a bare number is seconds. */
  | "span"
  /** A point in time: RFC 3339. */
  | "date"
  /** Seconds from now, or since 1970, or milliseconds since 1970: by its size. */
  | "number"

interface LimitRow {
  readonly limit: string
  readonly remaining: string
  /** Absent: the vendor tells none, and its window is a minute. */
  readonly reset?: string
  readonly notation?: ResetNotation
  /** Does it come back all at once? Default: evenly. */
  readonly fixed?: true
}

/** The limits of one kind: windows of which the tightest counts, or parts of one whole. */
interface Kind {
  readonly rows: ReadonlyArray<LimitRow>
  readonly of?: "parts"
  /** Of parts: the whole, where it is told. */
  readonly whole?: LimitRow
}

interface Family {
  readonly name: string
  /** A header that no answer of the family is without (one of them, at least). */
  readonly witnesses: readonly [string, ...ReadonlyArray<string>]
  readonly requests?: Kind
  readonly tokens?: Kind
}

const openAiRow = (unit: string): LimitRow => ({
  limit: `x-ratelimit-limit-${unit}`,
  remaining: `x-ratelimit-remaining-${unit}`,
  reset: `x-ratelimit-reset-${unit}`,
  notation: "span"
})
const windowRow = (unit: string): LimitRow => ({ ...openAiRow(unit), fixed: true })
const anthropicRow = (unit: string): LimitRow => ({
  limit: `anthropic-ratelimit-${unit}-limit`,
  remaining: `anthropic-ratelimit-${unit}-remaining`,
  reset: `anthropic-ratelimit-${unit}-reset`,
  notation: "date"
})

/** The one list. The first family that shows itself is read. */
export const families: ReadonlyArray<Family> = [
  {
    // https://docs.fireworks.ai/serverless/rate-limits: tokens a minute by kind, without a reset
    name: "fireworks",
    witnesses: ["x-ratelimit-remaining-tokens-prompt"],
    requests: { rows: [openAiRow("requests")] },
    tokens: { of: "parts", rows: ["tokens-prompt", "tokens-cache-adjusted-prompt", "tokens-generated"].map(openAiRow) }
  },
  {
    // https://platform.openai.com/docs/guides/rate-limits; Groq (https://console.groq.com/docs/rate-limits, where
    // requests are a day's, refilled evenly like the rest), Azure and xAI write the same
    name: "openai",
    witnesses: ["x-ratelimit-remaining-requests", "x-ratelimit-remaining-tokens"],
    requests: { rows: [openAiRow("requests"), windowRow("requests-day")] },
    tokens: { rows: [openAiRow("tokens")] }
  },
  {
    // https://platform.claude.com/docs/en/api/rate-limits; `tokens` is the whole, or the tightest in force
    name: "anthropic",
    witnesses: [
      "anthropic-ratelimit-requests-remaining",
      "anthropic-ratelimit-tokens-remaining",
      "anthropic-ratelimit-input-tokens-remaining"
    ],
    requests: { rows: [anthropicRow("requests")] },
    tokens: {
      of: "parts",
      whole: anthropicRow("tokens"),
      rows: [anthropicRow("input-tokens"), anthropicRow("output-tokens")]
    }
  },
  {
    // as Mistral's API answers; it tells no reset
    name: "mistral",
    witnesses: ["x-ratelimit-remaining-req-minute"],
    requests: { rows: [{ limit: "x-ratelimit-limit-req-minute", remaining: "x-ratelimit-remaining-req-minute" }] },
    tokens: { rows: [{ limit: "x-ratelimit-limit-tokens-minute", remaining: "x-ratelimit-remaining-tokens-minute" }] }
  },
  {
    // https://inference-docs.cerebras.ai/support/rate-limits: resets are bare seconds
    name: "cerebras",
    witnesses: ["x-ratelimit-remaining-tokens-minute", "x-ratelimit-remaining-requests-day"],
    requests: { rows: ["requests-minute", "requests-hour", "requests-day"].map(windowRow) },
    tokens: { rows: ["tokens-minute", "tokens-hour", "tokens-day"].map(windowRow) }
  },
  {
    // https://openrouter.ai/docs/api-reference/limits (reset in milliseconds since 1970);
    // https://docs.together.ai/docs/rate-limits (in seconds, tokens beside them)
    name: "plain",
    witnesses: ["x-ratelimit-remaining"],
    requests: {
      rows: [
        {
          limit: "x-ratelimit-limit",
          remaining: "x-ratelimit-remaining",
          reset: "x-ratelimit-reset",
          notation: "number",
          fixed: true
        }
      ]
    },
    tokens: {
      rows: [
        {
          limit: "x-tokenlimit-limit",
          remaining: "x-tokenlimit-remaining",
          reset: "x-ratelimit-reset",
          notation: "number",
          fixed: true
        }
      ]
    }
  },
  {
    // draft-ietf-httpapi-ratelimit-headers up to -06: one field each
    name: "ietf-fields",
    witnesses: ["ratelimit-remaining"],
    requests: {
      rows: [
        {
          limit: "ratelimit-limit",
          remaining: "ratelimit-remaining",
          reset: "ratelimit-reset",
          notation: "number",
          fixed: true
        }
      ]
    }
  }
]

/** The news in the headers of one answer, or `undefined` where there are none. `now` in milliseconds since 1970. */
export const rateNews = (headers: HeaderMap, now: number): RateNews | undefined => {
  const family = familyOf(headers)
  const news =
    family === undefined
      ? headers["ratelimit"] === undefined
        ? undefined
        : { requests: structured(headers["ratelimit"], headers["ratelimit-policy"], now), tokens: undefined }
      : { requests: allowance(family.requests, headers, now), tokens: allowance(family.tokens, headers, now) }
  return news === undefined || (news.requests === undefined && news.tokens === undefined) ? undefined : news
}

const familyOf = (headers: HeaderMap): Family | undefined => {
  for (const family of families)
    for (const witness of family.witnesses) if (headers[witness] !== undefined) return family
  return undefined
}

const allowance = (kind: Kind | undefined, headers: HeaderMap, now: number): RateAllowance | undefined => {
  if (kind === undefined) return undefined
  const whole = kind.whole === undefined ? undefined : readRow(kind.whole, headers, now)
  let tightest = whole
  let largest = 0
  for (const row of kind.rows) {
    const told = readRow(row, headers, now)
    if (told === undefined) continue
    largest = Math.max(largest, told.limit ?? 0)
    if (tightest === undefined || isTighter(told, tightest, kind.of)) tightest = told
  }
  // without a whole, the largest part stands for it
  return kind.of === "parts" && tightest !== undefined ? rescaled(tightest, whole?.limit ?? largest) : tightest
}

const shareOf = ({ limit, remaining }: RateAllowance): number =>
  remaining === undefined ? 1 : remaining / (limit ?? remaining + 1)

const isTighter = (one: RateAllowance, other: RateAllowance, of: Kind["of"]): boolean =>
  of === "parts" ? shareOf(one) < shareOf(other) : (one.remaining ?? Infinity) < (other.remaining ?? Infinity)

/** The same share of a whole of `limit`. */
const rescaled = (told: RateAllowance, limit: number): RateAllowance =>
  told.limit === undefined || told.limit === limit
    ? told
    : { ...told, limit, remaining: Math.floor(shareOf(told) * limit) }

const readRow = (row: LimitRow, headers: HeaderMap, now: number): RateAllowance | undefined => {
  const remaining = count(headers[row.remaining])
  const written = headers[row.limit]
  const limit = written === undefined ? undefined : count(written)
  if (remaining === undefined || (written !== undefined && (limit === undefined || limit === 0))) return undefined
  const reset = row.reset === undefined ? undefined : headers[row.reset]
  const resetAt =
    reset === undefined
      ? remaining === 0
        ? retryAt(headers, now)
        : undefined
      : readReset(reset, row.notation ?? "span", headers["date"], now)
  return {
    // a burst above the limit is no larger limit
    limit: limit === undefined ? undefined : Math.max(limit, remaining),
    remaining,
    resetAt,
    ...(row.fixed === true && resetAt !== undefined ? { refill: "atReset" as const } : undefined)
  }
}

/** Not negative, and small enough to be meant. */
const number = /^\s*\d{1,15}(?:\.\d+)?\s*$/

/** A whole number; vendors write some with decimals. */
const count = (text: string | undefined): number | undefined =>
  text !== undefined && number.test(text) ? Math.floor(Number(text)) : undefined

const unitMillis: { readonly [unit: string]: number } = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 }
/** No window is longer; what says so is not one. */
const longestMillis = 32 * 86_400_000
const earliestSeconds = 1e9
const earliestMillis = 1e11

/** When it resets, in milliseconds since 1970. */
const readReset = (
  text: string,
  notation: ResetNotation,
  date: string | undefined,
  now: number
): number | undefined => {
  const millis = notation === "date" ? fromDate(text, date, now) : (fromNumber(text, date, now) ?? fromSpan(text))
  return millis === undefined ? undefined : within(millis, now)
}

/** When the answer asks to be asked again, in milliseconds since 1970. */
const retryAt = (headers: HeaderMap, now: number): number | undefined => {
  const millis = headers["retry-after-ms"]
  if (millis !== undefined && number.test(millis)) return within(Number(millis), now)
  const header = headers["retry-after"]
  if (header === undefined) return undefined
  if (number.test(header)) return within(Number(header) * 1000, now)
  const at = /^\s*[A-Z][a-z]{2}/.test(header) ? Date.parse(header) : Number.NaN
  return Number.isNaN(at) ? undefined : within(at - theirNow(headers["date"], now), now)
}
const within = (millis: number, now: number): number | undefined =>
  millis > longestMillis ? undefined : now + Math.max(0, millis)

/** Milliseconds from now, by the clock of whoever wrote both. */
const fromDate = (text: string, date: string | undefined, now: number): number | undefined => {
  // not everything Date.parse takes is a date to these vendors: it reads "-5" as a year
  const at = /^\d{4}-\d{2}-\d{2}T/.test(text) ? Date.parse(text) : Number.NaN
  return Number.isNaN(at) ? undefined : at - theirNow(date, now)
}
const theirNow = (date: string | undefined, now: number): number => {
  const at = date === undefined ? Number.NaN : Date.parse(date)
  return Number.isNaN(at) ? now : at
}
const fromNumber = (text: string, date: string | undefined, now: number): number | undefined => {
  if (!number.test(text)) return undefined
  const value = Number(text)
  if (value >= earliestMillis) return value - theirNow(date, now)
  return value >= earliestSeconds ? value * 1000 - theirNow(date, now) : value * 1000
}
const fromSpan = (text: string): number | undefined => {
  if (!/^(?:\d+(?:\.\d+)?(?:ms|[smhd]))+$/.test(text)) return undefined
  let sum = 0
  for (const [, amount, unit = ""] of text.matchAll(/(\d+(?:\.\d+)?)(ms|[smhd])/g))
    sum += Number(amount) * (unitMillis[unit] ?? 0)
  return sum
}

/**
 * The IETF draft's `RateLimit` from -07 on: `limit=100, remaining=50, reset=30`, and from -08 on a list of
 * `"name";r=50;t=30` with the policies' `"name";q=100;w=60` beside it. Of several the one of which least is left.
 */
const structured = (fields: string, policies: string | undefined, now: number): RateAllowance | undefined => {
  const flat = parametersOf(fields.replaceAll(",", ";"))
  if (flat["remaining"] !== undefined) return quota(flat["limit"], flat["remaining"], flat["reset"], now)
  const told = new Map((policies ?? "").split(",").map((item) => [nameOf(item), parametersOf(item)]))
  let tightest: RateAllowance | undefined
  for (const item of fields.split(",")) {
    const { r, t } = parametersOf(item)
    const policy = told.get(nameOf(item))
    // units other than requests are none that a call could be held against
    const unit = policy?.["qu"]
    if (unit !== undefined && unit !== "requests") continue
    const one = quota(policy?.["q"], r, t ?? policy?.["w"], now)
    if (one !== undefined && (tightest === undefined || isTighter(one, tightest, undefined))) tightest = one
  }
  return tightest
}

const quota = (
  limit: string | undefined,
  remaining: string | undefined,
  reset: string | undefined,
  now: number
): RateAllowance | undefined =>
  readRow(
    { limit: "limit", remaining: "remaining", reset: "reset", notation: "number", fixed: true },
    { limit, remaining, reset },
    now
  )

const nameOf = (item: string): string => (item.split(";")[0] ?? "").trim()

/** `a=1;b="2"`, or a name and these after it. */
const parametersOf = (item: string): Readonly<Record<string, string | undefined>> =>
  Object.fromEntries(
    item.split(";").flatMap((part) => {
      const at = part.indexOf("=")
      return at < 1
        ? []
        : [
            [
              part.slice(0, at).trim(),
              part
                .slice(at + 1)
                .trim()
                .replaceAll('"', "")
            ]
          ]
    })
  )
