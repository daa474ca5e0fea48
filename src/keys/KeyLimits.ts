/**
 * How much may be asked with each client key: requests a minute, tokens a minute, requests at once.
 *
 * The limits are the caps of `machine/RateLimit.ts`: however requests arrive, no 60 s hold more than the limit. A
 * request enters before its body is read, which takes one request and a place among those at once; once it is known what
 * it asks for, it reserves its tokens: its prompt and its answer by an estimate. When it ends, its place is given back
 * and the reservation is corrected to what was used. A request that is turned away for its tokens has taken nothing.
 *
 * Gotchas
 * - The reservation is no more than the limit, so an answer of unstated length does not wait for ever; only a prompt
 *   that is by itself more than the limit is refused for good. Usage beyond a reservation is counted, and the next
 *   request waits until the window has room again.
 * - `end` belongs in a finalizer; a second one does nothing.
 * - Keys are counted by name, so a rotation changes nothing, and limits that were changed hold at once.
 *
 * It is no actor: nobody listens, and each entry is touched synchronously by requests alone.
 *
 * @module
 */
import { Context, Layer } from "effect"
import type { GatewayError } from "../domain/GatewayError.ts"
import { gatewayError } from "../domain/GatewayError.ts"
import type { Caller, CallerLimits } from "../domain/RequestContext.ts"
import { initialRate, isIdleRate, type LimitKind, type RateState, rateStep, windowOf } from "../machine/RateLimit.ts"

/** One limit of a caller's as answers tell it. */
export interface Allowance {
  readonly limit: number
  /** Not below 0. */
  readonly remaining: number
  /** When all of it is there again, in milliseconds since 1970, if nothing more is asked. */
  readonly resetAt: number
}
export interface Allowances {
  readonly requests: Allowance | undefined
  readonly tokens: Allowance | undefined
}

/** A request under way. */
export interface Entry {
  /** Are tokens counted? Only then is an estimate worth making. */
  readonly countsTokens: boolean
  /** Sets tokens aside: those of the prompt and of the answer, both estimated. Gives why there is no room, if so. */
  readonly reserve: (input: number, output: number, now: number) => GatewayError | undefined
  /** The request is over, however it ended. `used`: its tokens; absent: what was reserved. */
  readonly end: (used: number | undefined, now: number) => void
  /** What is left; absent where nothing is limited by the minute. */
  readonly allowances: (now: number) => Allowances | undefined
}

/** How far one limit of a key is used. */
export interface KeyUse {
  readonly what: LimitKind
  readonly limit: number
  readonly used: number
}

export class KeyLimits extends Context.Service<
  KeyLimits,
  {
    /** A request comes in. Gives why it may not, if so. `now` in milliseconds since 1970. */
    readonly enter: (caller: Caller, now: number) => Entry | GatewayError
    /** What is left of a caller's limits; absent where nothing is limited by the minute. */
    readonly allowances: (caller: Caller, now: number) => Allowances | undefined
    /** How far a key's limits are used. */
    readonly use: (name: string, limits: CallerLimits | undefined, now: number) => ReadonlyArray<KeyUse>
    /** Requests under way with a key that has limits. */
    readonly inFlight: (name: string) => number
  }
>()("switchyard/keys/KeyLimits") {
  static readonly layer: Layer.Layer<KeyLimits> = Layer.sync(KeyLimits, () => make())
}

/** When a place is free again is not known; clients are told to look after a second. */
const placeRetryMillis = 1000
const minuteMillis = 60_000

const unlimited: Entry = {
  countsTokens: false,
  reserve: () => undefined,
  end: () => {},
  allowances: () => undefined
}

/** What is counted for one key. The two units have a state each, as a request enters before its tokens are known. */
class Counts {
  requests: RateState = initialRate
  tokens: RateState = initialRate
  running = 0

  isIdle(now: number): boolean {
    return this.running === 0 && isIdleRate(this.requests, now) && isIdleRate(this.tokens, now)
  }
}

const allowanceOf = (
  state: RateState,
  unit: "requests" | "tokens",
  limit: number | undefined,
  now: number
): Allowance | undefined => {
  if (limit === undefined) return undefined
  const { emptyAt, used } = windowOf(state, unit, now)
  return { limit, remaining: Math.max(0, limit - used), resetAt: emptyAt }
}

const make = (): KeyLimits["Service"] => {
  const counts = new Map<string, Counts>()
  /** The minute in which idle keys were last forgotten. */
  let sweptIn: number | undefined

  const countsOf = (name: string, now: number): Counts => {
    const minute = Math.floor(now / minuteMillis)
    if (minute !== sweptIn) {
      sweptIn = minute
      for (const [other, one] of counts) if (one.isIdle(now)) counts.delete(other)
    }
    const known = counts.get(name)
    if (known !== undefined) return known
    const made = new Counts()
    counts.set(name, made)
    return made
  }

  const allowances = (one: Counts | undefined, limits: CallerLimits, now: number): Allowances | undefined => {
    const requests = allowanceOf(one?.requests ?? initialRate, "requests", limits.requestsPerMinute, now)
    const tokens = allowanceOf(one?.tokens ?? initialRate, "tokens", limits.tokensPerMinute, now)
    return requests === undefined && tokens === undefined ? undefined : { requests, tokens }
  }

  const enter = ({ limits, name }: Caller, now: number): Entry | GatewayError => {
    if (limits === undefined) return unlimited
    const one = countsOf(name, now)
    const { concurrent, requestsPerMinute, tokensPerMinute } = limits
    const reached = (what: LimitKind, wanted: number, retryAt: number | undefined): GatewayError =>
      gatewayError({
        _tag: "LimitReached",
        key: name,
        what,
        limit: limits[what] ?? 0,
        wanted,
        retryAfterMillis: retryAt === undefined ? placeRetryMillis : Math.max(0, retryAt - now)
      })
    const demand = { tokens: 0, caps: { concurrent, requestsPerMinute }, running: one.running }
    const [reply, requests] = rateStep(one.requests, { _tag: "Take", ...demand }, now)
    one.requests = requests
    if (reply._tag === "Full") return reached(reply.what, 1, reply.retryAt)
    one.running++
    let isOver = false
    let drawn: { readonly at: number; readonly reserved: number } | undefined
    return {
      countsTokens: tokensPerMinute !== undefined,
      reserve: (input, output, then) => {
        if (tokensPerMinute === undefined || isOver || drawn !== undefined) return undefined
        /** It asks for nothing then, and nothing was asked. */
        const turnedAway = (error: GatewayError): GatewayError => {
          isOver = true
          one.running--
          one.requests = rateStep(one.requests, { _tag: "Undo", at: now, reserved: 0 }, then)[1]
          return error
        }
        if (input > tokensPerMinute)
          return turnedAway(
            gatewayError({
              _tag: "LimitReached",
              key: name,
              what: "tokensPerMinute",
              limit: tokensPerMinute,
              wanted: input
            })
          )
        const tokens = Math.min(tokensPerMinute, Math.ceil(input + output))
        const [reply, state] = rateStep(
          one.tokens,
          { _tag: "Take", tokens, caps: { tokensPerMinute }, running: 0 },
          then
        )
        one.tokens = state
        if (reply._tag === "Full")
          return turnedAway(
            gatewayError({
              _tag: "LimitReached",
              key: name,
              what: "tokensPerMinute",
              limit: tokensPerMinute,
              wanted: tokens,
              retryAfterMillis: Math.max(0, (reply.retryAt ?? then) - then)
            })
          )
        if (reply._tag === "Granted") drawn = { at: reply.at, reserved: reply.reserved }
        return undefined
      },
      end: (used, then) => {
        if (isOver) return
        isOver = true
        one.running--
        if (drawn === undefined || used === undefined || !(used >= 0)) return
        one.tokens = rateStep(one.tokens, { _tag: "Used", ...drawn, tokens: Math.ceil(used) }, then)[1]
      },
      allowances: (then) => allowances(one, limits, then)
    }
  }

  return KeyLimits.of({
    enter,
    allowances: ({ limits, name }, now) =>
      limits === undefined ? undefined : allowances(counts.get(name), limits, now),
    use: (name, limits = {}, now) => {
      const one = counts.get(name)
      const uses: ReadonlyArray<readonly [LimitKind, number]> = [
        ["requestsPerMinute", windowOf(one?.requests ?? initialRate, "requests", now).used],
        ["tokensPerMinute", windowOf(one?.tokens ?? initialRate, "tokens", now).used],
        ["concurrent", one?.running ?? 0]
      ]
      return uses.flatMap(([what, used]) => {
        const limit = limits[what]
        return limit === undefined ? [] : [{ what, limit, used }]
      })
    },
    inFlight: (name) => counts.get(name)?.running ?? 0
  })
}
