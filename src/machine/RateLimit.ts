/**
 * What one subject (a provider, or a model at a provider) may still be asked, as a pure machine.
 *
 * Three kinds of knowledge, each on its own:
 * - **Caps** are configured and kept as a guarantee (`StartWindow.ts`): however calls arrive, no 60 s hold more starts (or
 *   more reserved tokens) than the cap. The one exception: a call that alone exceeds the cap of tokens starts when
 *   nothing else was counted, or it would wait for ever. It reserves the whole cap, and no more than that.
 * - **Buckets** are learned from a vendor's headers (`ToldBucket.ts`): what is left by its own word.
 * - A **ceiling** is learned from a 429 that told no limit: nine tenths of what was started in the minute before. It
 *   grows by a tenth a minute until it has doubled. It never refuses anybody: it only says that others are to be
 *   preferred.
 *
 * Gotchas
 * - Caps and the number of calls under way come with the command: a reload changes them at once, and a subject without
 *   caps that no vendor said anything about holds no state at all.
 * - A reservation is corrected when the call's usage is known; a count may then be over its cap. Nobody starts until
 *   it is below again.
 * - Clocks are set back. What is dated more than a minute ahead of now is no knowledge of this time, and passed over.
 *
 * @module
 */
import type { RateNews } from "../domain/ProviderWatch.ts"
import {
  corrected as correctedAt,
  counted,
  emptyWindow,
  isEmptyWindow,
  isUnused,
  roomAt,
  spanOf,
  startedAfter,
  type StartWindow,
  sumOf,
  type Unit,
  windowMillis
} from "./StartWindow.ts"
import { type Bucket, drawn, heard, levelOf, live, refilledAt, roomBy, tolerance } from "./ToldBucket.ts"

/** What is configured for a subject; absent: no cap. */
export interface RateCaps {
  readonly requestsPerMinute?: number | undefined
  readonly tokensPerMinute?: number | undefined
  /** Calls under way at once. */
  readonly concurrent?: number | undefined
}
export type LimitKind = "requestsPerMinute" | "tokensPerMinute" | "concurrent"

export interface Ceiling {
  readonly perMinute: number
  readonly since: number
}

export interface RateState {
  /** What was started within the last minute. */
  readonly window: StartWindow
  readonly requests: Bucket | undefined
  readonly tokens: Bucket | undefined
  readonly ceiling: Ceiling | undefined
  /** What refused the last call, until one is granted. */
  readonly full: Full | undefined
}

export const initialRate: RateState = {
  window: emptyWindow,
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

const ceilingShare = 0.9
const ceilingGrowthPerMinute = 1.1
const ceilingLastsMillis = 600_000
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
  if (!counts && state.full === undefined && isUnused(state.window)) return [granted, state]
  return [
    granted,
    {
      window: counts ? counted(state.window, reserved, now) : emptyWindow,
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
  const { requestsPerMinute, tokensPerMinute } = caps
  const { requests, tokens: told, window } = state
  // all must have room, so the latest moment is the one to wait for
  let worst: Full | undefined
  if (requestsPerMinute !== undefined)
    worst = later(worst, "requestsPerMinute", roomAt(window, "requests", 1, requestsPerMinute, now))
  if (tokensPerMinute !== undefined)
    worst = later(worst, "tokensPerMinute", roomAt(window, "tokens", tokens, tokensPerMinute, now))
  if (requests !== undefined) worst = later(worst, "requestsPerMinute", refilledAt(requests, 1, now))
  if (told !== undefined) worst = later(worst, "tokensPerMinute", refilledAt(told, Math.max(1, tokens), now))
  return worst
}

const later = (worst: Full | undefined, what: LimitKind, retryAt: number | undefined): Full | undefined =>
  retryAt !== undefined && (worst?.retryAt === undefined || retryAt > worst.retryAt)
    ? { _tag: "Full", what, retryAt }
    : worst

const informed = (state: RateState, news: RateNews, sentAt: number, now: number): RateState => {
  const { window } = state
  const requests = heard(state.requests, news.requests, startedAfter(window, "requests", sentAt, now), sentAt, now)
  const tokens = heard(state.tokens, news.tokens, startedAfter(window, "tokens", sentAt, now), sentAt, now)
  return requests === state.requests && tokens === state.tokens ? state : { ...state, requests, tokens }
}

/** The counts with so many more (fewer where negative) for a call that was granted at `at`. */
const corrected = (state: RateState, at: number, requests: number, tokens: number): RateState => {
  if (requests === 0 && tokens === 0) return state
  const second = Math.floor(at / 1000)
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
    window: correctedAt(state.window, second, requests, tokens),
    requests: after(state.requests, requests),
    tokens: after(state.tokens, tokens)
  }
  return next.window === state.window && next.requests === state.requests && next.tokens === state.tokens ? state : next
}

/** The account behind it is another, of which nothing was heard; a cap is a promise whoever is asked. */
const forgotten = (state: RateState): RateState =>
  isUnused(state.window) ? initialRate : { ...initialRate, window: state.window }

// Ceilings: what 429s teach

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
  const { window } = state
  cap(
    "requestsPerMinute",
    requestsPerMinute,
    () => sumOf(window, "requests", now),
    () => roomAt(window, "requests", 1, requestsPerMinute ?? 0, now)
  )
  cap(
    "tokensPerMinute",
    tokensPerMinute,
    () => sumOf(window, "tokens", now),
    () => roomAt(window, "tokens", 1, tokensPerMinute ?? 0, now)
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
export const windowOf = (state: RateState, unit: Unit, now: number): ReturnType<typeof spanOf> =>
  spanOf(state.window, unit, now)

/** What is left of the tightest limit, from 0 (nothing) to 1 (all, or no limit is known). */
export const roomOf = (state: RateState, caps: RateCaps, running: number, now: number): number => {
  const { window } = state
  const left = (limit: number | undefined, used: number) => (limit === undefined ? 1 : 1 - used / limit)
  const filled = (bucket: Bucket | undefined) => {
    const known = live(bucket, now)
    if (known === undefined) return 1
    return known.limit === undefined ? Number(levelOf(known, now) >= 1) : levelOf(known, now) / known.limit
  }
  const least = Math.min(
    left(caps.requestsPerMinute, caps.requestsPerMinute === undefined ? 0 : sumOf(window, "requests", now)),
    left(caps.tokensPerMinute, caps.tokensPerMinute === undefined ? 0 : sumOf(window, "tokens", now)),
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
  isEmptyWindow(state.window, now)
