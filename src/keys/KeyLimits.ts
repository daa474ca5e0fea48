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

const allowancesOf = (one: Counts | undefined, limits: CallerLimits, now: number): Allowances | undefined => {
  const requests = allowanceOf(one?.requests ?? initialRate, "requests", limits.requestsPerMinute, now)
  const tokens = allowanceOf(one?.tokens ?? initialRate, "tokens", limits.tokensPerMinute, now)
  return requests === undefined && tokens === undefined ? undefined : { requests, tokens }
}

/** `retryAfterMillis` absent: never. */
const reached = (
  name: string,
  limits: CallerLimits,
  what: LimitKind,
  wanted: number,
  retryAfterMillis: number | undefined
): GatewayError =>
  gatewayError({
    _tag: "LimitReached",
    key: name,
    what,
    limit: limits[what] ?? 0,
    wanted,
    ...(retryAfterMillis === undefined ? {} : { retryAfterMillis: Math.max(0, retryAfterMillis) })
  })

/** A request of a key that has limits; its place is taken. */
class LimitedEntry implements Entry {
  readonly #name: string
  readonly #limits: CallerLimits
  readonly #counts: Counts
  readonly #enteredAt: number
  #isOver = false
  /** What it has reserved, and when. */
  #drawn: { readonly at: number; readonly reserved: number } | undefined

  constructor(name: string, limits: CallerLimits, counts: Counts, now: number) {
    this.#name = name
    this.#limits = limits
    this.#counts = counts
    this.#enteredAt = now
    counts.running++
  }

  get countsTokens(): boolean {
    return this.#limits.tokensPerMinute !== undefined
  }

  reserve(input: number, output: number, now: number): GatewayError | undefined {
    const { tokensPerMinute } = this.#limits
    if (tokensPerMinute === undefined || this.#isOver || this.#drawn !== undefined) return undefined
    if (input > tokensPerMinute) return this.#turnedAway(input, undefined, now)
    const tokens = Math.min(tokensPerMinute, Math.ceil(input + output))
    const counts = this.#counts
    const [reply, state] = rateStep(counts.tokens, { _tag: "Take", tokens, caps: { tokensPerMinute }, running: 0 }, now)
    counts.tokens = state
    if (reply._tag === "Full") return this.#turnedAway(tokens, (reply.retryAt ?? now) - now, now)
    if (reply._tag === "Granted") this.#drawn = reply
    return undefined
  }

  /** It asks for nothing then, and nothing was asked. */
  #turnedAway(wanted: number, retryAfterMillis: number | undefined, now: number): GatewayError {
    const counts = this.#counts
    this.#isOver = true
    counts.running--
    counts.requests = rateStep(counts.requests, { _tag: "Undo", at: this.#enteredAt, reserved: 0 }, now)[1]
    return reached(this.#name, this.#limits, "tokensPerMinute", wanted, retryAfterMillis)
  }

  end(used: number | undefined, now: number): void {
    if (this.#isOver) return
    this.#isOver = true
    const counts = this.#counts
    counts.running--
    if (this.#drawn === undefined || used === undefined || !(used >= 0)) return
    const { at, reserved } = this.#drawn
    counts.tokens = rateStep(counts.tokens, { _tag: "Used", at, reserved, tokens: Math.ceil(used) }, now)[1]
  }

  allowances(now: number): Allowances | undefined {
    return allowancesOf(this.#counts, this.#limits, now)
  }
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

  const enter = ({ limits, name }: Caller, now: number): Entry | GatewayError => {
    if (limits === undefined) return unlimited
    const one = countsOf(name, now)
    const { concurrent, requestsPerMinute } = limits
    const [reply, requests] = rateStep(
      one.requests,
      { _tag: "Take", tokens: 0, caps: { concurrent, requestsPerMinute }, running: one.running },
      now
    )
    one.requests = requests
    if (reply._tag !== "Full") return new LimitedEntry(name, limits, one, now)
    const { retryAt, what } = reply
    return reached(name, limits, what, 1, retryAt === undefined ? placeRetryMillis : retryAt - now)
  }

  return KeyLimits.of({
    enter,
    allowances: ({ limits, name }, now) =>
      limits === undefined ? undefined : allowancesOf(counts.get(name), limits, now),
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
