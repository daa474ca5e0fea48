/**
 * Rate limits of a simulated vendor: what it allows, what it has left, and how it says so in its own headers.
 *
 * Requests and tokens are refilled evenly, as OpenAI and Anthropic do it; a vendor starts with all of them. A call is
 * counted when its request is in order, whatever is answered then, with the tokens its answer will have; one that is
 * larger than the whole is let in when nothing of it is used. Who is over is refused with the vendor's own 429 and the
 * time to wait.
 *
 * @module
 */
import { Effect, Result, Schema } from "effect"

const Amount = Schema.optionalKey(Schema.Int.check(Schema.isGreaterThan(0)))

/** What a vendor allows; absent: any number. */
export const VendorLimits = Schema.Struct({
  requestsPerMinute: Amount,
  tokensPerMinute: Amount,
  /** Calls under way at once. */
  concurrent: Amount,
  /** Does it tell of them in its answers' headers? Default: yes. */
  headers: Schema.optionalKey(Schema.Boolean)
})
export type VendorLimits = typeof VendorLimits.Type

/** A control call's body. */
const LimitsControl = Schema.Struct({ vendor: Schema.String, ...VendorLimits.fields })

/** What a control call's body asks for, or a sentence on what is wrong with it. */
export const decodeLimits = (body: unknown): Result.Result<typeof LimitsControl.Type, string> =>
  Result.mapError(Schema.decodeUnknownResult(LimitsControl)(body), (error) => error.message)

/** One limit as a vendor tells it. */
export interface Allowance {
  readonly limit: number
  readonly remaining: number
  /** How long until all of it is there again. */
  readonly resetMillis: number
}
export interface Allowances {
  readonly requests: Allowance | undefined
  readonly tokens: Allowance | undefined
}

/** What became of a call that was held against the limits. */
export interface Verdict {
  /** After how many seconds it may come again, where it is refused. */
  readonly retryAfter: number | undefined
  /** What the vendor tells; `undefined`: what it tells whoever has no limits. */
  readonly told: Allowances | undefined
}

export interface ActiveLimits {
  readonly vendor: string
  readonly limits: VendorLimits
  readonly running: number
  /** Calls refused since the limits were set. */
  readonly refused: number
}

export interface Limits {
  /** Sets a vendor's limits anew, or takes them back. */
  readonly set: (vendor: string, limits: VendorLimits | undefined) => Effect.Effect<void>
  readonly clear: Effect.Effect<void>
  readonly active: Effect.Effect<ReadonlyArray<ActiveLimits>>
  /** Holds a call against its vendor's limits, and counts it as under way where it is let in. */
  readonly enter: (vendor: string, tokens: () => number, nowMillis: number) => Verdict
  /** A call that was let in is over. */
  readonly leave: (vendor: string) => void
}

interface Level {
  readonly left: number
  readonly at: number
}
interface Account {
  limits: VendorLimits
  requests: Level
  tokens: Level
  refused: number
}

const minuteMillis = 60_000

const levelAt = (level: Level, limit: number, now: number): number =>
  Math.min(limit, level.left + (limit * (now - level.at)) / minuteMillis)

/** How long until `amount` is there, in whole milliseconds; 0: now. */
const waitFor = (level: Level, limit: number | undefined, amount: number, now: number): number => {
  if (limit === undefined) return 0
  const lacking = Math.min(amount, limit) - levelAt(level, limit, now)
  // levels are sums of fractions
  return lacking <= 1e-6 ? 0 : Math.ceil((lacking * minuteMillis) / limit - 1e-6)
}

const drawn = (level: Level, limit: number | undefined, amount: number, now: number): Level =>
  limit === undefined ? level : { left: levelAt(level, limit, now) - amount, at: now }

const allowance = (level: Level, limit: number | undefined, now: number): Allowance | undefined => {
  if (limit === undefined) return undefined
  const left = levelAt(level, limit, now)
  return { limit, remaining: Math.max(0, Math.floor(left)), resetMillis: ((limit - left) * minuteMillis) / limit }
}

const toldNothing: Allowances = { requests: undefined, tokens: undefined }

/** No limits for anybody. */
export const make = (): Limits => {
  const accounts = new Map<string, Account>()
  /** Counted for every vendor, so that limits set later know of the calls that run. */
  const running = new Map<string, number>()

  const verdict = (account: Account, vendor: string, tokensOf: () => number, now: number): Verdict => {
    const { concurrent, headers, requestsPerMinute, tokensPerMinute } = account.limits
    const tokens = tokensPerMinute === undefined ? 0 : tokensOf()
    const wait = Math.max(
      waitFor(account.requests, requestsPerMinute, 1, now),
      waitFor(account.tokens, tokensPerMinute, tokens, now),
      concurrent !== undefined && (running.get(vendor) ?? 0) >= concurrent ? 1000 : 0
    )
    if (wait > 0) account.refused += 1
    else {
      account.requests = drawn(account.requests, requestsPerMinute, 1, now)
      account.tokens = drawn(account.tokens, tokensPerMinute, tokens, now)
    }
    return {
      retryAfter: wait > 0 ? wait / 1000 : undefined,
      told:
        headers === false
          ? toldNothing
          : {
              requests: allowance(account.requests, requestsPerMinute, now),
              tokens: allowance(account.tokens, tokensPerMinute, now)
            }
    }
  }

  return {
    set: (vendor, limits) =>
      Effect.clockWith((clock) =>
        Effect.sync(() => {
          if (limits === undefined) return void accounts.delete(vendor)
          const at = clock.currentTimeMillisUnsafe()
          accounts.set(vendor, {
            limits,
            requests: { left: limits.requestsPerMinute ?? 0, at },
            tokens: { left: limits.tokensPerMinute ?? 0, at },
            refused: 0
          })
        })
      ),
    clear: Effect.sync(() => accounts.clear()),
    active: Effect.sync(() =>
      [...accounts].map(([vendor, { limits, refused }]) => ({
        vendor,
        limits,
        refused,
        running: running.get(vendor) ?? 0
      }))
    ),
    enter: (vendor, tokens, nowMillis) => {
      const account = accounts.get(vendor)
      const outcome =
        account === undefined ? { retryAfter: undefined, told: undefined } : verdict(account, vendor, tokens, nowMillis)
      if (outcome.retryAfter === undefined) running.set(vendor, (running.get(vendor) ?? 0) + 1)
      return outcome
    },
    leave: (vendor) => {
      running.set(vendor, Math.max(0, (running.get(vendor) ?? 0) - 1))
    }
  }
}

/** How a wire tells of limits. */
export type LimitHeaders = (told: Allowances, nowMillis: number) => Readonly<Record<string, string>>

/** `28ms`, `7.66s`, `6m0s`. */
const span = (millis: number): string => {
  if (millis < 1000) return `${Math.ceil(millis)}ms`
  const seconds = Math.ceil(millis / 10) / 100
  return seconds < 60 ? `${seconds}s` : `${Math.floor(seconds / 60)}m${Math.round((seconds % 60) * 100) / 100}s`
}

export const openAiLimitHeaders: LimitHeaders = (told) =>
  Object.fromEntries(
    (["requests", "tokens"] as const).flatMap((unit) => {
      const one = told[unit]
      return one === undefined
        ? []
        : [
            [`x-ratelimit-limit-${unit}`, String(one.limit)],
            [`x-ratelimit-remaining-${unit}`, String(one.remaining)],
            [`x-ratelimit-reset-${unit}`, span(one.resetMillis)]
          ]
    })
  )

/** RFC 3339 to the second, as Anthropic's. */
const stamp = (millis: number): string => new Date(Math.ceil(millis / 1000) * 1000).toISOString().replace(".000Z", "Z")

export const anthropicLimitHeaders: LimitHeaders = (told, nowMillis) => ({
  // what is told in points of time is told by the simulator's Clock
  date: new Date(nowMillis).toUTCString(),
  ...Object.fromEntries(
    (["requests", "tokens"] as const).flatMap((unit) => {
      const one = told[unit]
      return one === undefined
        ? []
        : [
            [`anthropic-ratelimit-${unit}-limit`, String(one.limit)],
            [`anthropic-ratelimit-${unit}-remaining`, String(one.remaining)],
            [`anthropic-ratelimit-${unit}-reset`, stamp(nowMillis + one.resetMillis)]
          ]
    })
  )
})

/** Google tells nothing. */
export const geminiLimitHeaders: LimitHeaders = () => ({})

/** The headers of an answer with what the vendor tells in place of what it says by default. */
export const withLimits = (
  headers: Readonly<Record<string, string>>,
  told: Readonly<Record<string, string>>
): Readonly<Record<string, string>> => ({
  ...Object.fromEntries(Object.entries(headers).filter(([name]) => !name.includes("ratelimit"))),
  ...told
})
