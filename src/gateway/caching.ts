/**
 * The cache stage: gives an answer again that was given to the same request, and keeps what may be given again.
 *
 * It stands before the budget, so what it gives costs nothing and no budget can refuse it. What it kept longer ago than
 * it is good is given only where a budget with `onExhausted: cache-only` refuses the request.
 *
 * - An answer is kept once it is whole: of a stream, when its end was seen. It is put away beside the request, which
 *   never waits for that.
 * - A whole answer that is asked for again while it is under way is waited for, and given to all who did. A stream is
 *   not: who waits for its end would see nothing until then.
 * - A cheaper model's answer, given because a budget ran low, is given only while one does, at that tier or a lower one.
 * - What somebody gave who is disabled by now is not given.
 * - A store that fails is a miss; nothing that goes wrong here reaches the request.
 *
 * Gotchas
 * - Without the section `cache` the stage is not there: it costs one comparison a request.
 * - A stream's frames are held until its end, up to the largest answer that is kept.
 *
 * @module
 */
import { Clock, Duration, Effect, type Scope, Stream } from "effect"
import type { Budgets } from "../budget/Budgets.ts"
import { modelScopes } from "../budget/modelScopes.ts"
import type { AnswerStoreBounds, AnswerStoreShape, StoredBytes } from "../cache/StoreContract.ts"
import type { Flight, Flights } from "../cache/Flights.ts"
import { isFirstChoice, isKeepable, isKeepableStream } from "../cache/Keepable.ts"
import { frameLength, type KeptAnswer, keptFrame, keptServed, pack, unpack } from "../cache/StoredAnswer.ts"
import { type CacheSettings, defaultCache, type Settings } from "../config/Settings.ts"
import type { Answer, Handler, Live, Served, Stage } from "../domain/Answer.ts"
import type { CacheStatus } from "../domain/Caching.ts"
import type { Frame } from "../domain/ChatEvent.ts"
import type { ChatRequest } from "../domain/ChatRequest.ts"
import { type GatewayError, gatewayError } from "../domain/GatewayError.ts"
import { zero } from "../domain/Money.ts"
import {
  type Caller,
  CurrentRequest,
  lowerPriority,
  type Priority,
  type RequestContext
} from "../domain/RequestContext.ts"
import { lowestTier } from "../machine/BudgetTier.ts"
import { ageOf, type CacheTimes, usefulMillis } from "../machine/CacheAge.ts"
import { scopesOf } from "./budgeting.ts"
import { cacheKeyOf, routingOf } from "./cacheKey.ts"

/** What the stage needs. */
export interface Caching {
  readonly store: AnswerStoreShape
  readonly budgets: Pick<Budgets["Service"], "share" | "some" | "tier">
  readonly inForce: () => { readonly settings: Settings }
  /** Requests under way, by who matters how much. */
  readonly flights: Flights<Priority>
  /** Runs what no request waits for, once this step has ended. */
  readonly beside: (effect: Effect.Effect<void>) => void
  /** Is told of what was given. Never throws. */
  readonly noted: (given: Given) => void
}

/** An answer that was given again. */
export interface Given {
  readonly request: ChatRequest
  readonly context: RequestContext
  readonly served: KeptAnswer["served"]
  readonly status: "hit" | "stale"
  readonly ageMillis: number
  /** Milliseconds since 1970. */
  readonly now: number
}

/** How much may be kept. */
export const boundsOf = ({ cache }: Settings): AnswerStoreBounds => {
  const { maxBytes, maxEntries } = cache ?? defaultCache
  return { entries: maxEntries, bytes: maxBytes }
}

/** The stage. */
export const cached =
  (caching: Caching): Stage =>
  (next) =>
  (request) => {
    const { settings } = caching.inForce()
    return settings.cache === undefined ? next(request) : answered(caching, settings, settings.cache, next, request)
  }

type Answering = Effect.Effect<Answer, GatewayError, Scope.Scope>

const answered = (
  caching: Caching,
  settings: Settings,
  cache: CacheSettings,
  next: Handler,
  request: ChatRequest
): Answering =>
  Effect.withFiber((fiber): Answering => {
    const context = fiber.getRef(CurrentRequest)
    const { cache: wish = "default" } = context
    if (wish === "bypass") return Effect.map(next(request), (answer) => telling(answer, "bypass"))
    const key = cacheKeyOf(request, context, settings, cache)
    if (key === undefined)
      return wish === "only"
        ? notCached("uncacheable")
        : Effect.map(next(request), (answer) => telling(answer, "uncacheable"))
    const clock = fiber.getRef(Clock.Clock)
    const asked = (status: CacheStatus, flight?: Flight<Priority>): Answering =>
      Effect.map(next(request), (answer) =>
        keeping(cache, request, telling(answer, status), (kept) => {
          flight?.answered(() => pack(kept, request.wire?.dialect, cache.maxEntryBytes))
          const storedAt = clock.currentTimeMillisUnsafe()
          caching.beside(
            Effect.suspend(() =>
              isStillFor(settings, caching.inForce().settings)
                ? put(caching.store, key, kept, request, cache, storedAt)
                : Effect.void
            )
          )
        })
      )
    if (wish === "refresh") return asked("refresh")
    const { flights } = caching
    const now = clock.currentTimeMillisUnsafe()
    const deadline = Duration.toMillis(settings.resilience.deadline)
    /** Asks after it has waited for somebody else's answer in vain, if there is still time to begin. */
    const afterAll = (ask: () => Answering): Answering =>
      clock.currentTimeMillisUnsafe() - now >= deadline
        ? Effect.fail(gatewayError({ _tag: "DeadlineExceeded", limitMillis: deadline }))
        : ask()
    /** Asks, or waits for who asks the same already. */
    const missed = (): Answering => {
      if (request.delivery === "live" || context.timeoutMillis !== undefined) return asked("miss")
      const flight = flights.of(key)
      if (flight === undefined) return flights.lead(key, context.caller.priority, (own) => asked("miss", own))
      // who matters more does not wait for who matters less
      if (lowerPriority(flight.tag, context.caller.priority) !== context.caller.priority) return asked("miss")
      return Effect.flatMap(flight.landed, (landed): Answering => {
        if (landed._tag === "Left") return afterAll(missed)
        const kept = landed._tag === "Answer" ? read(landed.bytes, request, context) : undefined
        const at = clock.currentTimeMillisUnsafe()
        if (kept === undefined || !mayGive(caching, kept, context, at)) return afterAll(() => asked("miss"))
        caching.noted({ request, context, served: kept.served, status: "hit", ageMillis: 0, now: at })
        return Effect.succeed(given(kept, "hit"))
      })
    }
    return Effect.flatMap(lookedUp(caching.store, key, now), (stored): Answering => {
      const kept = stored === undefined ? undefined : read(stored.bytes, request, context)
      if (kept === undefined || stored === undefined || !mayGive(caching, kept, context, now))
        return wish === "only" ? notCached("missing") : missed()
      const age = ageOf(now - stored.storedAt, timesOf(cache), () => shareOf(caching, kept.served, context.caller, now))
      const give = (status: Given["status"]): Answering => {
        caching.noted({
          request,
          context,
          served: kept.served,
          status,
          ageMillis: Math.max(0, now - stored.storedAt),
          now
        })
        return Effect.succeed(given(kept, status))
      }
      if (age === "fresh") return give("hit")
      if (wish === "only") return notCached("missing")
      return age === "gone"
        ? missed()
        : Effect.catch(missed(), (error) => (isCacheOnly(error) ? give("stale") : Effect.fail(error)))
    })
  })

/**
 * Is what was asked under these settings to be kept under those in force now? Not where the cache was switched off, nor
 * where the names of its key stand for something else: they may have done so when it was asked.
 */
const isStillFor = (then: Settings, now: Settings): boolean =>
  now.cache !== undefined && (now === then || routingOf(now) === routingOf(then))

const notCached = (why: "uncacheable" | "missing"): Effect.Effect<never, GatewayError> =>
  Effect.suspend(() => Effect.fail(gatewayError({ _tag: "NotCached", why })))

const isCacheOnly = ({ reason }: GatewayError): boolean =>
  reason._tag === "BudgetExhausted" && reason.cacheOnly === true

const timesOf = ({ grace, stretch, ttl }: CacheSettings): CacheTimes => ({
  ttlMillis: Duration.toMillis(ttl),
  stretch,
  graceMillis: Duration.toMillis(grace)
})

const lookedUp = (store: AnswerStoreShape, key: string, now: number): Effect.Effect<StoredBytes | undefined> =>
  Effect.catchCause(
    Effect.suspend(() => store.get(key, now)),
    () => Effect.undefined
  )

/** What was kept, where it can be read and is of the kind that was asked for. */
const read = (bytes: Uint8Array, request: ChatRequest, { requestId }: RequestContext): KeptAnswer | undefined => {
  try {
    const kept = unpack(bytes, requestId === "" ? undefined : requestId.replace(/^req_/, ""))
    if (typeof kept?.served.provider !== "string") return undefined
    return (kept.response === undefined) === (request.delivery === "live") ? kept : undefined
  } catch {
    return undefined
  }
}

/** Would it be answered so today? Not by a provider that is as if it were not there. */
const mayGive = (caching: Caching, kept: KeptAnswer, context: RequestContext, now: number): boolean =>
  caching.inForce().settings.roles?.get(kept.served.provider)?.state !== "disabled" &&
  isPaidSo(caching, kept, context, now)

/** Does a budget, or a program, still ask for so cheap a model, where one did when the answer was given? */
const isPaidSo = (
  { budgets }: Caching,
  { served: { downgraded } }: KeptAnswer,
  { caller, tier: stated }: RequestContext,
  now: number
): boolean => {
  // what a program states is in the key
  if (downgraded === undefined || stated !== undefined) return true
  if (!budgets.some()) return false
  const { tier } = budgets.tier({ scopes: scopesOf(caller), priority: caller.priority, expected: zero }, now)
  return lowestTier(tier, downgraded) === tier
}

/** The smallest share that remains among the budgets that would bear the call. */
const shareOf = (
  { budgets, inForce }: Caching,
  { model, provider }: KeptAnswer["served"],
  caller: Caller,
  now: number
): number => {
  if (!budgets.some()) return 1
  const { settings } = inForce()
  const spec = settings.providers.find(({ id }) => id === provider)
  const ofModel = spec === undefined ? [] : modelScopes({ model, provider }, spec.kind, settings.budgets)
  return budgets.share([...scopesOf(caller), ...ofModel], now)
}

/** The answer again; nobody was asked for it. */
const given = (kept: KeptAnswer, status: CacheStatus): Answer => {
  const served: Served = { ...kept.served, attempts: [], fallback: undefined, cache: status }
  return kept.response === undefined
    ? { _tag: "Live", served, frames: Stream.fromArray(kept.frames) }
    : { _tag: "Whole", served, response: kept.response }
}

const telling = (answer: Answer, cache: CacheStatus): Answer => ({ ...answer, served: { ...answer.served, cache } })

/** The answer, which is kept if it may be: at once, or when its end was seen. */
const keeping = (
  { maxEntryBytes }: CacheSettings,
  request: ChatRequest,
  answer: Answer,
  keep: (kept: KeptAnswer) => void
): Answer => {
  const { served } = answer
  if (!isFirstChoice(served)) return answer
  if (answer._tag === "Live")
    return noted(answer, request, maxEntryBytes, (frames) => {
      if (isKeepableStream(request, served, frames)) keep({ served: keptServed(served), frames })
    })
  if (isKeepable(request, served, answer.response)) keep({ served: keptServed(served), response: answer.response })
  return answer
}

/** The stream, of which `ended` is told all frames when its end was seen, if they are not too long. */
const noted = (
  answer: Live,
  request: ChatRequest,
  mostLength: number,
  ended: (frames: ReadonlyArray<Frame>) => void
): Live => {
  let seen: Array<Frame> | undefined = []
  let length = 0
  const note = (frames: ReadonlyArray<Frame>): void => {
    if (seen === undefined) return
    for (const frame of frames) {
      const kept = keptFrame(frame, request.wire?.dialect)
      length += frameLength(kept)
      seen.push(kept)
    }
    if (length > mostLength) seen = undefined
    else if (frames.some(({ events }) => events.some(({ _tag }) => _tag === "Ended"))) {
      const all = seen
      // this function may outlive the stream by far
      seen = undefined
      ended(all)
    }
  }
  return {
    ...answer,
    frames: Stream.mapArray(answer.frames, (frames) => {
      note(frames)
      return frames
    })
  }
}

/** Puts an answer away. Never fails. */
const put = (
  store: AnswerStoreShape,
  key: string,
  kept: KeptAnswer,
  request: ChatRequest,
  cache: CacheSettings,
  storedAt: number
): Effect.Effect<void> =>
  Effect.suspend(() => {
    const bytes = pack(kept, request.wire?.dialect, cache.maxEntryBytes)
    // in its last millisecond it is of use
    const keepUntil = storedAt + usefulMillis(timesOf(cache)) + 1
    return bytes === undefined ? Effect.void : store.put(key, { bytes, storedAt, keepUntil })
  }).pipe(Effect.catchCause(() => Effect.void))
