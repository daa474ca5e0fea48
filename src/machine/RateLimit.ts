/**
 * What one subject (a provider, or a model at a provider) may still be asked, as a pure machine.
 *
 * Three kinds of knowledge, each on its own:
 * - **Caps** are configured and kept as a guarantee: however calls arrive, no 60 s hold more starts (or more reserved
 *   tokens) than the cap. Starts are counted by the second and forgotten when the whole second is a minute old, so the
 *   count errs on the safe side by less than a second. The one exception: a call that alone exceeds the cap of tokens
 *   starts when nothing else was counted, or it would wait for ever. It reserves the whole cap, and no more than that.
 * - **Buckets** are learned from a vendor's headers: what was left when the answer was heard, less what was started
 *   since, refilled evenly until the reset (OpenAI's and Anthropic's limits are refilled all the time) or all at once
 *   at the reset. A bucket is forgotten a minute after its reset. What it refuses is believed for five minutes after
 *   the vendor was last heard: then one call is let through to ask again, and one every five minutes until it answers.
 * - A **ceiling** is learned from a 429 that told no limit: nine tenths of what was started in the minute before. It
 *   grows by a tenth a minute until it has doubled. It never refuses anybody: it only says that others are to be
 *   preferred.
 *
 * Gotchas
 * - Caps and the number of calls under way come with the command: a reload changes them at once, and a subject without
 *   caps that no vendor said anything about holds no state at all.
 * - News of an answer to an earlier call than the last heard of is old, however late it comes: it changes nothing.
 * - A reservation is corrected when the call's usage is known; a count may then be over its cap. Nobody starts until
 *   it is below again.
 * - Clocks are set back. What is dated more than a minute ahead of now is no knowledge of this time, and passed over.
 *
 * Source of the refilled bucket: J. Turner, "New directions in communications" (1986), the leaky bucket as a meter.
 *
 * @module
 */
import type { RateAllowance, RateNews } from "../domain/ProviderWatch.ts"

/** What is configured for a subject; absent: no cap. */
export interface RateCaps {
  readonly requestsPerMinute?: number | undefined
  readonly tokensPerMinute?: number | undefined
  /** Calls under way at once. */
  readonly concurrent?: number | undefined
}
export type LimitKind = "requestsPerMinute" | "tokensPerMinute" | "concurrent"

/** What was started within one second. */
interface Second {
  /** Seconds since 1970. */
  readonly at: number
  readonly requests: number
  readonly tokens: number
}

/** A vendor's limit as it was told. Times in milliseconds since 1970. */
export interface Bucket {
  /** What was left at `at`. Below zero where more was started than there was. */
  readonly level: number
  readonly at: number
  readonly limit: number | undefined
  /** 0: nothing comes back before `resetAt`. */
  readonly refillPerMilli: number
  readonly resetAt: number
  /** When the answer was heard, and when its call had been sent. */
  readonly heardAt: number
  readonly sentAt: number
  /** When a call was last let through against its word. */
  readonly triedAt: number | undefined
}

export interface Ceiling {
  readonly perMinute: number
  readonly since: number
}

export interface RateState {
  /** Oldest first, at most 61. */
  readonly seconds: ReadonlyArray<Second>
  readonly requests: Bucket | undefined
  readonly tokens: Bucket | undefined
  readonly ceiling: Ceiling | undefined
  /** What refused the last call, until one is granted. */
  readonly full: Full | undefined
}

export const initialRate: RateState = {
  seconds: [],
  requests: undefined,
  tokens: undefined,
  ceiling: undefined,
  full: undefined
}

/** What a call is held against. */
export interface Demand {
  /** What the call is expected to use, input and output. */
  readonly tokens: number
  readonly caps: RateCaps
  /** Calls of this subject under way. */
  readonly running: number
}

export type RateCommand =
  /** May a call start? */
  | ({ readonly _tag: "Take" } & Demand)
  /** A call granted at `at` that had reserved `reserved` tokens has used `tokens`. */
  | { readonly _tag: "Used"; readonly at: number; readonly reserved: number; readonly tokens: number }
  /** A call granted at `at` that had reserved `reserved` tokens was never made. */
  | { readonly _tag: "Undo"; readonly at: number; readonly reserved: number }
  /** What vendors said was said to another: only what was started is kept. */
  | { readonly _tag: "Forget" }
  /** An answer told of limits. `sentAt`: when its call was sent; unknown: news counts in the order it arrives. */
  | { readonly _tag: "News"; readonly news: RateNews; readonly sentAt?: number | undefined }
  /**
   * An answer was a 429; `started`: how many calls were started in the minute before. Where the vendor said after how
   * long a call of `tokens` may come back, that is believed rather than what its headers let reckon.
   */
  | {
      readonly _tag: "RateLimited"
      readonly started: number
      readonly tokens?: number | undefined
      readonly retryAfterMillis?: number | undefined
    }

export interface Full {
  readonly _tag: "Full"
  readonly what: LimitKind
  /** When there is room again, in milliseconds since 1970; unknown where a call under way must end first. */
  readonly retryAt: number | undefined
}
export type RateReply =
  /** To be given back with the usage: the moment, and the tokens that were reserved, which no limit is below. */
  { readonly _tag: "Granted"; readonly at: number; readonly reserved: number } | Full | { readonly _tag: "Noted" }

export type RateEvent =
  | { readonly _tag: "Filled"; readonly what: LimitKind; readonly retryAt: number | undefined }
  | { readonly _tag: "Freed"; readonly what: LimitKind }
  | { readonly _tag: "Crowded"; readonly perMinute: number }

const windowMillis = 60_000
/** How long a limit is remembered after its reset: it tells the next burst from a trickle. */
const marginMillis = 60_000
/** How long one is believed that tells neither how many there are nor when they are back. */
const believedMillis = 10_000
/** How long a vendor's word keeps everybody away before one call asks again. */
export const trialAfterMillis = 300_000
const ceilingShare = 0.9
const ceilingGrowthPerMinute = 1.1
const ceilingLastsMillis = 600_000
/** Levels are sums of fractions. */
const tolerance = 1e-6

const noted: RateReply = { _tag: "Noted" }

/** One step. The same state comes back (by identity) where nothing changed. */
export const rateStep = (state: RateState, command: RateCommand, now: number): readonly [RateReply, RateState] => {
  switch (command._tag) {
    case "Take":
      return take(state, command, now)
    case "Used":
      return [noted, corrected(state, command.at, 0, command.tokens - command.reserved)]
    case "Undo":
      return [noted, corrected(state, command.at, -1, -command.reserved)]
    case "Forget":
      return [noted, forgotten(state)]
    case "News":
      return [noted, informed(state, command.news, command.sentAt ?? now, now)]
    case "RateLimited":
      return [noted, limited(state, command, now)]
  }
}

const take = (state: RateState, demand: Demand, now: number): readonly [RateReply, RateState] => {
  const refusal = refusalOf(state, demand, now)
  // the first refusal is told, the others are like it
  if (refusal !== undefined) return [refusal, state.full === undefined ? { ...state, full: refusal } : state]
  const requests = live(state.requests, now)
  const tokens = live(state.tokens, now)
  const { requestsPerMinute, tokensPerMinute } = demand.caps
  // an estimate may err by any amount: one call takes no more than all there is
  const reserved = Math.min(demand.tokens, tokensPerMinute ?? Infinity, tokens?.limit ?? Infinity)
  const granted: RateReply = { _tag: "Granted", at: now, reserved }
  const counts =
    requests !== undefined || tokens !== undefined || requestsPerMinute !== undefined || tokensPerMinute !== undefined
  if (!counts && state.ceiling === undefined) return [granted, initialRate]
  if (!counts && state.full === undefined && state.seconds.length === 0) return [granted, state]
  return [
    granted,
    {
      seconds: counts ? counted(state.seconds, reserved, now) : initialRate.seconds,
      requests: requests === undefined ? undefined : drawn(requests, 1, 1, now),
      tokens: tokens === undefined ? undefined : drawn(tokens, reserved, Math.max(1, demand.tokens), now),
      ceiling: state.ceiling,
      full: undefined
    }
  ]
}

/** Why a call may not start now; `undefined` where it may. Only a look. */
export const refusalOf = (state: RateState, { caps, running, tokens }: Demand, now: number): Full | undefined => {
  if (caps.concurrent !== undefined && running >= caps.concurrent)
    return { _tag: "Full", what: "concurrent", retryAt: undefined }
  // all must have room, so the latest moment is the one to wait for
  let worst: Full | undefined
  const note = (what: LimitKind, retryAt: number | undefined): void => {
    if (retryAt !== undefined && (worst?.retryAt === undefined || retryAt > worst.retryAt))
      worst = { _tag: "Full", what, retryAt }
  }
  if (caps.requestsPerMinute !== undefined)
    note("requestsPerMinute", roomAt(state.seconds, "requests", 1, caps.requestsPerMinute, now))
  if (caps.tokensPerMinute !== undefined)
    note("tokensPerMinute", roomAt(state.seconds, "tokens", tokens, caps.tokensPerMinute, now))
  if (state.requests !== undefined) note("requestsPerMinute", refilledAt(state.requests, 1, now))
  if (state.tokens !== undefined) note("tokensPerMinute", refilledAt(state.tokens, Math.max(1, tokens), now))
  return worst
}

// Caps: the sliding window

const isRecent = (second: Second, now: number): boolean =>
  (second.at + 1) * 1000 > now - windowMillis && second.at * 1000 <= now + windowMillis

const sumOf = (seconds: ReadonlyArray<Second>, unit: "requests" | "tokens", now: number): number => {
  let sum = 0
  for (const second of seconds) if (isRecent(second, now)) sum += second[unit]
  return sum
}

/** When `amount` more fit under `cap`; `undefined`: now. */
const roomAt = (
  seconds: ReadonlyArray<Second>,
  unit: "requests" | "tokens",
  amount: number,
  cap: number,
  now: number
): number | undefined => {
  if (cap <= 0) return now + windowMillis
  let sum = sumOf(seconds, unit, now)
  // what is too large for the cap waits for an empty window
  const most = Math.max(0, cap - amount)
  if (sum <= most) return undefined
  for (const second of seconds) {
    if (!isRecent(second, now)) continue
    sum -= second[unit]
    if (sum <= most) return (second.at + 1) * 1000 + windowMillis
  }
  return now + windowMillis
}

/** The window with one more start in it, and nothing that is over. */
const counted = (seconds: ReadonlyArray<Second>, tokens: number, now: number): ReadonlyArray<Second> => {
  const at = Math.floor(now / 1000)
  const kept = seconds.filter((second) => isRecent(second, now))
  const last = kept.at(-1)
  // a clock that was set back a little counts in the second it was last in
  if (last !== undefined && last.at >= at)
    kept[kept.length - 1] = { at: last.at, requests: last.requests + 1, tokens: last.tokens + tokens }
  else kept.push({ at, requests: 1, tokens })
  return kept
}

// Buckets: what vendors tell

const live = (bucket: Bucket | undefined, now: number): Bucket | undefined =>
  bucket !== undefined &&
  bucket.heardAt <= now + marginMillis &&
  now < bucket.resetAt + (bucket.limit === undefined ? 0 : marginMillis)
    ? bucket
    : undefined

const levelOf = (bucket: Bucket, now: number): number => {
  const { at, level, limit, refillPerMilli, resetAt } = bucket
  if (refillPerMilli > 0) return Math.min(limit ?? Infinity, level + refillPerMilli * Math.max(0, now - at))
  return at < resetAt && now >= resetAt ? (limit ?? Infinity) : level
}

/** What must be there for `amount` to be drawn: of what is larger than the limit, a full bucket. */
const needOf = (bucket: Bucket, amount: number): number => Math.min(amount, bucket.limit ?? Infinity)

/** When there is `amount` by the vendor's word; `undefined`: now. */
const filledAt = (bucket: Bucket, amount: number, now: number): number | undefined => {
  if (live(bucket, now) === undefined) return undefined
  const lacking = needOf(bucket, amount) - levelOf(bucket, now)
  if (lacking <= tolerance) return undefined
  if (bucket.refillPerMilli > 0) return now + Math.ceil(lacking / bucket.refillPerMilli)
  return now < bucket.resetAt ? bucket.resetAt : bucket.resetAt + marginMillis
}

/** When a call may ask again, whatever the vendor said. */
const trialAt = ({ heardAt, triedAt }: Bucket): number => Math.max(heardAt, triedAt ?? heardAt) + trialAfterMillis

/** When `amount` may be drawn; `undefined`: now. */
const refilledAt = (bucket: Bucket, amount: number, now: number): number | undefined => {
  const at = filledAt(bucket, amount, now)
  if (at === undefined || now >= trialAt(bucket)) return undefined
  return Math.min(at, trialAt(bucket))
}

/** With `amount` less in it, for a call that needs `need`. */
const drawn = (bucket: Bucket, amount: number, need: number, now: number): Bucket => ({
  ...bucket,
  level: levelOf(bucket, now) - amount,
  at: now,
  // it stands against the vendor's word: the others wait for what is answered
  triedAt: filledAt(bucket, need, now) === undefined ? bucket.triedAt : now
})

/** The bucket after news; the old one (by identity) where the news is none. */
const heard = (
  before: Bucket | undefined,
  told: RateAllowance | undefined,
  startedSince: number,
  sentAt: number,
  now: number
): Bucket | undefined => {
  const known = live(before, now)
  if (told?.remaining === undefined || (known !== undefined && sentAt < known.sentAt)) return before
  const { limit, remaining } = told
  const resetAt = Math.max(now, told.resetAt ?? now + (limit === undefined ? believedMillis : windowMillis))
  if (resetAt === now && limit === undefined) return before
  const isSteady = limit !== undefined && told.refill !== "atReset"
  // without a span to go by, a vendor's window is a minute
  const refillPerMilli = !isSteady
    ? 0
    : resetAt > now && remaining < limit
      ? (limit - remaining) / (resetAt - now)
      : limit / windowMillis
  const left = resetAt === now && limit !== undefined ? limit : remaining
  const bucket: Bucket = {
    level: left - startedSince,
    at: now,
    limit,
    refillPerMilli,
    resetAt,
    heardAt: now,
    sentAt,
    triedAt: undefined
  }
  // of two answers to calls sent at the same time the one that leaves less was written later
  return known !== undefined && sentAt === known.sentAt && levelOf(known, now) <= bucket.level ? before : bucket
}

/** Those certainly started after `sentAt`; the vendor had not counted them. */
const startedAfter = (
  seconds: ReadonlyArray<Second>,
  unit: "requests" | "tokens",
  sentAt: number,
  now: number
): number => {
  let sum = 0
  for (const second of seconds) if (second.at > Math.floor(sentAt / 1000) && isRecent(second, now)) sum += second[unit]
  return sum
}

const informed = (state: RateState, news: RateNews, sentAt: number, now: number): RateState => {
  const { seconds } = state
  const requests = heard(state.requests, news.requests, startedAfter(seconds, "requests", sentAt, now), sentAt, now)
  const tokens = heard(state.tokens, news.tokens, startedAfter(seconds, "tokens", sentAt, now), sentAt, now)
  return requests === state.requests && tokens === state.tokens ? state : { ...state, requests, tokens }
}

/** The counts with so many more (fewer where negative) for a call that was granted at `at`. */
const corrected = (state: RateState, at: number, requests: number, tokens: number): RateState => {
  if (requests === 0 && tokens === 0) return state
  const second = Math.floor(at / 1000)
  const place = state.seconds.findLastIndex((one) => one.at === second)
  const counts = state.seconds[place]
  /** Only what was drawn from this very bucket is given back to it. */
  const after = (bucket: Bucket | undefined, more: number): Bucket | undefined => {
    if (bucket === undefined) return undefined
    // what was never made has asked nothing: the next may
    const triedAt = requests < 0 && bucket.triedAt === at ? undefined : bucket.triedAt
    const isOfThis = more !== 0 && (second > Math.floor(bucket.sentAt / 1000) || at >= bucket.heardAt)
    if (!isOfThis && triedAt === bucket.triedAt) return bucket
    return { ...bucket, level: isOfThis ? bucket.level - more : bucket.level, triedAt }
  }
  const next: RateState = {
    ...state,
    seconds:
      counts === undefined
        ? state.seconds
        : state.seconds.with(place, {
            at: second,
            requests: Math.max(0, counts.requests + requests),
            tokens: Math.max(0, counts.tokens + tokens)
          }),
    requests: after(state.requests, requests),
    tokens: after(state.tokens, tokens)
  }
  return next.seconds === state.seconds && next.requests === state.requests && next.tokens === state.tokens
    ? state
    : next
}

/** The account behind it is another, of which nothing was heard; a cap is a promise whoever is asked. */
const forgotten = (state: RateState): RateState =>
  state.seconds.length > 0 ? { ...initialRate, seconds: state.seconds } : initialRate

// Ceilings: what 429s teach

/** The bucket in which there will be `amount` at `at`, at the latest. */
const roomBy = (bucket: Bucket | undefined, amount: number, at: number, now: number): Bucket | undefined => {
  if (bucket === undefined || live(bucket, now) === undefined) return bucket
  const when = refilledAt(bucket, amount, now)
  if (when === undefined || when <= at) return bucket
  return bucket.refillPerMilli > 0
    ? { ...bucket, level: needOf(bucket, amount) - bucket.refillPerMilli * (at - now), at: now }
    : { ...bucket, resetAt: at }
}

/** Where a limit was told, it says more than the refusal does. */
const limited = (
  state: RateState,
  { retryAfterMillis, started, tokens }: Extract<RateCommand, { readonly _tag: "RateLimited" }>,
  now: number
): RateState =>
  live(state.requests, now) !== undefined || live(state.tokens, now) !== undefined
    ? retryAfterMillis === undefined
      ? state
      : {
          ...state,
          requests: roomBy(state.requests, 1, now + retryAfterMillis, now),
          tokens: roomBy(state.tokens, Math.max(1, tokens ?? 1), now + retryAfterMillis, now)
        }
    : { ...state, ceiling: { perMinute: Math.max(1, Math.floor(started * ceilingShare)), since: now } }

/** How many starts a minute are no crowd, at this moment; `undefined`: any number. */
export const ceilingOf = ({ ceiling }: RateState, now: number): number | undefined => {
  if (ceiling === undefined || now - ceiling.since >= ceilingLastsMillis || now < ceiling.since - windowMillis)
    return undefined
  const grown = ceilingGrowthPerMinute ** (Math.max(0, now - ceiling.since) / windowMillis)
  return grown >= 2 ? undefined : ceiling.perMinute * grown
}

/** Should others be preferred? `started`: how many calls were started within the last minute. */
export const isCrowded = (state: RateState, started: number, now: number): boolean => {
  const ceiling = ceilingOf(state, now)
  return ceiling !== undefined && started + 1 > ceiling
}

// Looks

/** How far one limit is used. */
export interface LimitUse {
  readonly what: LimitKind
  readonly limit: number | undefined
  readonly used: number
  readonly source: "config" | "headers" | "rateLimited"
  /** When there is room again, where there is none. */
  readonly retryAt: number | undefined
}

/** Every limit that is known, and how far it is used. A cap is told even where nothing was started. */
export const limitUses = (
  state: RateState,
  caps: RateCaps,
  running: number,
  started: number,
  now: number
): ReadonlyArray<LimitUse> => {
  const uses: Array<LimitUse> = []
  const cap = (what: LimitKind, limit: number | undefined, used: () => number, retryAt: () => number | undefined) => {
    if (limit !== undefined) uses.push({ what, limit, used: used(), source: "config", retryAt: retryAt() })
  }
  const { concurrent, requestsPerMinute, tokensPerMinute } = caps
  const { seconds } = state
  cap(
    "requestsPerMinute",
    requestsPerMinute,
    () => sumOf(seconds, "requests", now),
    () => roomAt(seconds, "requests", 1, requestsPerMinute ?? 0, now)
  )
  cap(
    "tokensPerMinute",
    tokensPerMinute,
    () => sumOf(seconds, "tokens", now),
    () => roomAt(seconds, "tokens", 1, tokensPerMinute ?? 0, now)
  )
  cap(
    "concurrent",
    concurrent,
    () => running,
    () => undefined
  )
  const told = (what: LimitKind, bucket: Bucket | undefined) => {
    const known = live(bucket, now)
    if (known === undefined) return
    const { limit } = known
    const used = limit === undefined ? 0 : Math.max(0, Math.ceil(limit - levelOf(known, now) - tolerance))
    uses.push({ what, limit, used, source: "headers", retryAt: refilledAt(known, 1, now) })
  }
  told("requestsPerMinute", state.requests)
  told("tokensPerMinute", state.tokens)
  const ceiling = ceilingOf(state, now)
  if (ceiling !== undefined)
    uses.push({
      what: "requestsPerMinute",
      limit: Math.floor(ceiling),
      used: Math.round(started),
      source: "rateLimited",
      retryAt: undefined
    })
  return uses
}

/** What caps have counted within the window, and when all of it is over if nothing more is started. */
export const windowOf = (
  { seconds }: RateState,
  unit: "requests" | "tokens",
  now: number
): { readonly used: number; readonly emptyAt: number } => {
  const last = seconds.findLast((second) => second[unit] > 0 && isRecent(second, now))
  return {
    used: sumOf(seconds, unit, now),
    emptyAt: last === undefined ? now : (last.at + 1) * 1000 + windowMillis
  }
}

/** What is left of the tightest limit, from 0 (nothing) to 1 (all, or no limit is known). */
export const roomOf = (state: RateState, caps: RateCaps, running: number, now: number): number => {
  const { seconds } = state
  const left = (limit: number | undefined, used: number) => (limit === undefined ? 1 : 1 - used / limit)
  const filled = (bucket: Bucket | undefined) => {
    const known = live(bucket, now)
    if (known === undefined) return 1
    return known.limit === undefined ? Number(levelOf(known, now) >= 1) : levelOf(known, now) / known.limit
  }
  const least = Math.min(
    left(caps.requestsPerMinute, caps.requestsPerMinute === undefined ? 0 : sumOf(seconds, "requests", now)),
    left(caps.tokensPerMinute, caps.tokensPerMinute === undefined ? 0 : sumOf(seconds, "tokens", now)),
    left(caps.concurrent, running),
    filled(state.requests),
    filled(state.tokens)
  )
  // a cap of nothing leaves nothing
  return least > 0 ? Math.min(1, least) : 0
}

/** What happened between two states: not once a call, but when a way closes, when it opens, when a crowd is seen. */
export const rateEvents = (before: RateState, after: RateState): ReadonlyArray<RateEvent> => {
  const events: Array<RateEvent> = []
  if (after.full !== undefined && before.full === undefined)
    events.push({ _tag: "Filled", what: after.full.what, retryAt: after.full.retryAt })
  if (before.full !== undefined && after.full === undefined) events.push({ _tag: "Freed", what: before.full.what })
  if (after.ceiling !== undefined && after.ceiling !== before.ceiling)
    events.push({ _tag: "Crowded", perMinute: after.ceiling.perMinute })
  return events
}

/** Holds nothing worth keeping. */
export const isIdleRate = (state: RateState, now: number): boolean =>
  live(state.requests, now) === undefined &&
  live(state.tokens, now) === undefined &&
  ceilingOf(state, now) === undefined &&
  !state.seconds.some((second) => isRecent(second, now))
