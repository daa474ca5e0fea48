/**
 * The rate limits of everything that is asked: one subject a provider, one a model at a provider.
 *
 * What is configured is the account's and is held against the provider; what headers and 429s teach is held against the
 * model at the provider, as vendors count by model. A call takes from both subjects or from neither. How many calls are
 * under way, and how many were started lately, is counted for every subject, limited or not: two numbers in a map, as
 * every call pays for it. Only a subject with a limit has a state of the machine. A model that only a caller names is
 * counted with its provider alone, unless the config limits it: names can be invented, and the map has an end.
 *
 * Gotchas
 * - A slot is given back whatever becomes of the call: `release` belongs in a finalizer, and a second one does nothing.
 * - A call that ends without its usage being known keeps what it reserved.
 * - `reset` forgets what vendors told and keeps what caps have counted: a new key may be the same account's.
 * - Listeners are told that there may be room, not that there is: they look.
 *
 * @module
 */
import { Clock, Context, Effect, HashMap, Layer, Option, type Stream } from "effect"
import * as Actor from "../actor/Actor.ts"
import type { Settings } from "../config/Settings.ts"
import { type ModelRef, showModelRef } from "../domain/Ids.ts"
import type { RateNews } from "../domain/ProviderWatch.ts"
import {
  type Full as Refused,
  initialRate,
  isCrowded,
  isIdleRate,
  limitUses,
  type LimitUse,
  type RateCaps,
  type RateCommand,
  type RateEvent,
  rateEvents,
  type RateReply,
  type RateState,
  rateStep,
  refusalOf,
  roomOf
} from "../machine/RateLimit.ts"

/** Room for one call. These functions may be called at any time and as often as one likes; the first of each counts. */
export interface Slot {
  readonly _tag: "Slot"
  /** What it holds until the usage is known, in tokens: its estimate, but no more than a limit holds. */
  readonly reserved: number
  /** The call is over, however it ended. `now` in milliseconds since 1970. */
  readonly release: (now: number) => void
  /** What the provider counted, input and output, in tokens. */
  readonly used: (tokens: number, now: number) => void
  /** No call was made, and none will be: as if the slot had never been taken. After `release` it does nothing. */
  readonly giveBack: (now: number) => void
}

/** No room: whose limit, which one, and when there is room again where that is known. */
export interface Full extends Refused {
  /** `provider` or `provider/model`. */
  readonly key: string
}

export class RateLimits extends Context.Service<
  RateLimits,
  {
    /** Room for a call that will use about `tokens`, input and output. */
    readonly take: (ref: ModelRef, tokens: number, now: number) => Slot | Full
    /** Why a call would not be let start now; `undefined` where it would. Only a look. */
    readonly wouldRefuse: (ref: ModelRef, tokens: number, now: number) => Full | undefined
    readonly wouldTake: (ref: ModelRef, tokens: number, now: number) => boolean
    /** Did the vendor refuse somebody lately, with about as many calls as now? Then others are to be preferred. */
    readonly crowded: (ref: ModelRef, now: number) => boolean
    /** What is left of the tightest limit, from 0 (nothing) to 1 (all, or no limit is known). */
    readonly room: (ref: ModelRef, now: number) => number
    /** As `ProviderWatch.heard`. */
    readonly heard: (ref: ModelRef, news: RateNews, now: number, sentAt?: number) => void
    /** An answer was a 429; the vendor may have said after how long a call of so many tokens may come back. */
    readonly rateLimited: (
      ref: ModelRef,
      now: number,
      told?: { readonly retryAfterMillis: number | undefined; readonly tokens: number }
    ) => void
    /** Calls under way, by `provider` or `provider/model`. */
    readonly inFlight: (key: string) => number
    /** Those that were asked lately, by `provider` and `provider/model`. */
    readonly keys: () => Iterable<string>
    /** Every limit that is known of `provider` or `provider/model`. */
    readonly report: (key: string, now: number) => ReadonlyArray<LimitUse>
    /** Caps from now on, and which models more than a caller knows of; what was counted stays. */
    readonly configure: (settings: RateLimitSettings, isKnown?: IsKnown) => void
    /** The provider has another key or address: what vendors told, and tell of calls from before, is forgotten. */
    readonly reset: (provider: string, now: number) => void
    /** Calls `listener` whenever there may be room again; gives back how to stop that. It must not throw. */
    readonly onFreed: (listener: (now: number) => void) => () => void
    readonly events: Stream.Stream<Actor.KeyedEvent<RateEvent>>
  }
>()("switchyard/health/RateLimits") {
  static readonly layer = (settings: RateLimitSettings): Layer.Layer<RateLimits> =>
    Layer.effect(RateLimits, make(settings))
}

/** The part of the settings that limits need: those of accounts, and those of models by `provider/model`. */
export type RateLimitSettings = Pick<Settings, "providers" | "facts">

/** Does the config or the catalogue know the model, and not only a caller? */
export type IsKnown = (ref: ModelRef) => boolean

/** At most this many subjects are counted at a time, besides those with caps. */
const capacity = 4096
const minuteMillis = 60_000
const noCaps: RateCaps = {}

/** What a call has drawn from one subject, in tokens. */
interface Drawn {
  readonly key: string
  readonly reserved: number
}
const nothing: ReadonlyArray<Drawn> = []

/**
 * How much one subject is asked. Starts are kept for this minute and the one before, which tells the last 60 s to
 * within the evenness of the minute before: enough for what only makes others be preferred.
 */
class Traffic {
  inFlight = 0
  #minute = 0
  #current = 0
  #previous = 0

  started(now: number): void {
    this.inFlight++
    const minute = Math.floor(now / minuteMillis)
    // a clock that was set back by more than a minute begins anew
    if (minute > this.#minute || minute < this.#minute - 1) {
      this.#previous = minute === this.#minute + 1 ? this.#current : 0
      this.#current = 0
      this.#minute = minute
    }
    this.#current++
  }
  ended(): void {
    this.inFlight--
  }
  /** A start at `at` was none. */
  undone(at: number): void {
    this.inFlight--
    const minute = Math.floor(at / minuteMillis)
    if (minute === this.#minute) this.#current--
    else if (minute === this.#minute - 1) this.#previous--
  }
  /** Calls started in the last 60 s, about. */
  lately(now: number): number {
    const minutes = Math.floor(now / minuteMillis) - this.#minute
    const left = 1 - (now % minuteMillis) / minuteMillis
    if (minutes === 0 || minutes === -1) return this.#current + this.#previous * left
    return minutes === 1 ? this.#current * left : 0
  }
  isIdle(now: number): boolean {
    return this.inFlight === 0 && this.lately(now) === 0
  }
}

const make = Effect.fnUntraced(function* (settings: RateLimitSettings) {
  const machine: Actor.Machine<RateState, RateCommand, RateReply, RateEvent> = {
    initial: initialRate,
    step: rateStep,
    events: rateEvents
  }
  const clock = yield* Clock.Clock
  const actor = yield* Actor.make(Actor.keyed(machine, { capacity, isIdle: isIdleRate }))
  const listeners = new Set<(now: number) => void>()
  const traffic = new Map<string, Traffic>()
  const caps = new Map<string, RateCaps>()
  /** When a provider was last reset: news of calls from before is another's. */
  const resetAt = new Map<string, number>()
  let isKnown: IsKnown = () => true
  /** The minute in which idle subjects were last looked for. */
  let sweptIn: number | undefined

  const freed = (now: number): void => {
    for (const listener of listeners) listener(now)
  }
  const configure = ({ facts, providers }: RateLimitSettings, known: IsKnown = isKnown): void => {
    isKnown = known
    caps.clear()
    for (const { id, limits } of providers) if (limits !== undefined) caps.set(id, limits)
    for (const [model, { limits }] of facts) if (limits !== undefined) caps.set(model, limits)
    freed(clock.currentTimeMillisUnsafe())
  }
  configure(settings)

  const stateOf = (key: string): RateState => {
    const states = actor.stateUnsafe()
    return HashMap.isEmpty(states) ? initialRate : Option.getOrElse(HashMap.get(states, key), () => initialRate)
  }
  const capsOf = (key: string): RateCaps => caps.get(key) ?? noCaps
  const running = (key: string): number => traffic.get(key)?.inFlight ?? 0
  const ask = (key: string, command: RateCommand, now: number): RateReply => actor.askUnsafe({ key, command }, now)

  /** Is there room to count one more? All are looked at no more than once a minute. */
  const hasRoom = (now: number): boolean => {
    if (traffic.size < capacity) return true
    const minute = Math.floor(now / minuteMillis)
    if (minute !== sweptIn) {
      sweptIn = minute
      for (const [name, one] of traffic) if (one.isIdle(now)) traffic.delete(name)
    }
    return traffic.size < capacity
  }
  const counting = (key: string): Traffic => {
    const made = new Traffic()
    traffic.set(key, made)
    return made
  }
  /** The counts of a provider and of its model; of the provider alone where the model is not worth a place. */
  const countsOf = (ref: ModelRef, key: string, now: number): ReadonlyArray<Traffic> => {
    const known = traffic.get(key)
    // making room may drop a provider that is idle, so this comes first
    const one = known ?? (caps.has(key) || (isKnown(ref) && hasRoom(now)) ? counting(key) : undefined)
    const whole = traffic.get(ref.provider) ?? counting(ref.provider)
    return one === undefined ? [whole] : [whole, one]
  }

  /** Is there anything that this subject is to be held against? */
  const isLimited = (key: string): boolean => caps.has(key) || stateOf(key) !== initialRate

  const refusal = (key: string, tokens: number, now: number): Full | undefined => {
    if (!isLimited(key)) return undefined
    const refused = refusalOf(stateOf(key), { tokens, caps: capsOf(key), running: running(key) }, now)
    return refused === undefined ? undefined : { ...refused, key }
  }
  const wouldRefuse = (ref: ModelRef, tokens: number, now: number): Full | undefined =>
    refusal(ref.provider, tokens, now) ?? refusal(showModelRef(ref), tokens, now)

  /** Draws from each of `keys`; all that was drawn before stays drawn where one is full. */
  const draw = (keys: ReadonlyArray<string>, tokens: number, now: number): ReadonlyArray<Drawn> | Full => {
    const drawn: Array<Drawn> = []
    for (const key of keys) {
      const reply = ask(key, { _tag: "Take", tokens, caps: capsOf(key), running: running(key) }, now)
      if (reply._tag === "Full") return { ...reply, key }
      if (reply._tag === "Granted") drawn.push({ key, reserved: reply.reserved })
    }
    return drawn
  }

  const take = (ref: ModelRef, estimate: number, now: number): Slot | Full => {
    const tokens = estimate > 0 ? Math.ceil(estimate) : 0
    const one = showModelRef(ref)
    const fromWhole = isLimited(ref.provider)
    const fromOne = isLimited(one)
    // a look at the provider, a draw from the model, and then the provider's cannot fail: nothing runs in between
    const isShut = fromWhole && fromOne && refusal(ref.provider, tokens, now) !== undefined
    const keys = [...(fromOne && !isShut ? [one] : []), ...(fromWhole ? [ref.provider] : [])]
    const drawn = keys.length === 0 ? nothing : draw(keys, tokens, now)
    if ("_tag" in drawn) return drawn
    const counts = countsOf(ref, one, now)
    for (const count of counts) count.started(now)
    let isOver = false
    let isCounted = drawn.length === 0
    let used: number | undefined
    return {
      _tag: "Slot",
      reserved: drawn.reduce((least, { reserved }) => Math.min(least, reserved), tokens),
      release: (then) => {
        if (isOver) return
        isOver = true
        for (const count of counts) count.ended()
        freed(then)
      },
      used: (actual, then) => {
        if (isCounted || !(actual >= 0)) return
        isCounted = true
        used = Math.ceil(actual)
        for (const { key, reserved } of drawn) ask(key, { _tag: "Used", at: now, reserved, tokens: used }, then)
        if (drawn.some(({ reserved }) => actual < reserved)) freed(then)
      },
      giveBack: (then) => {
        if (isOver) return
        isOver = true
        isCounted = true
        for (const count of counts) count.undone(now)
        for (const { key, reserved } of drawn) ask(key, { _tag: "Undo", at: now, reserved: used ?? reserved }, then)
        freed(then)
      }
    }
  }

  return RateLimits.of({
    take,
    wouldRefuse,
    wouldTake: (ref, tokens, now) => wouldRefuse(ref, tokens, now) === undefined,
    crowded: (ref, now) => {
      const key = showModelRef(ref)
      const state = stateOf(key)
      return state.ceiling !== undefined && isCrowded(state, traffic.get(key)?.lately(now) ?? 0, now)
    },
    room: ({ model, provider }, now) =>
      Math.min(
        ...[provider, showModelRef({ model, provider })].map((key) =>
          roomOf(stateOf(key), capsOf(key), running(key), now)
        )
      ),
    heard: (ref, news, now, sentAt) => {
      if ((sentAt ?? now) < (resetAt.get(ref.provider) ?? -Infinity)) return
      ask(showModelRef(ref), { _tag: "News", news, sentAt }, now)
      freed(now)
    },
    rateLimited: (ref, now, told) => {
      const key = showModelRef(ref)
      ask(key, { _tag: "RateLimited", started: traffic.get(key)?.lately(now) ?? 0, ...told }, now)
    },
    inFlight: running,
    keys: () => traffic.keys(),
    report: (key, now) => limitUses(stateOf(key), capsOf(key), running(key), traffic.get(key)?.lately(now) ?? 0, now),
    configure,
    reset: (provider, now) => {
      resetAt.set(provider, now)
      for (const key of HashMap.keys(actor.stateUnsafe()))
        if (key === provider || key.startsWith(`${provider}/`)) ask(key, { _tag: "Forget" }, now)
      freed(now)
    },
    onFreed: (listener) => {
      listeners.add(listener)
      return () => {
        listeners.delete(listener)
      }
    },
    events: actor.events
  })
})
