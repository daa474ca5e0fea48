/**
 * Attempts in turn: one candidate after another, each as often as the failure table allows, until one answers.
 *
 * Each attempt runs in a child of the request's Scope, closed at once when it fails or is let go. Attempts at the same
 * provider are repeated by `retrySchedule`, as far as the provider's retry budget goes. Where an alias is hedged, a
 * second candidate is asked beside one that is slower to begin than it almost always is.
 *
 * Nothing here is a generator: V8 lets what a suspended generator refers to outlive the young generation, which at
 * thousands of requests a second cost a tenth of the processor.
 *
 * @module
 */
import { Duration, Effect, Exit, Random, Result, Scope } from "effect"
import type { Quote } from "../budget/Estimates.ts"
import type { Attempt as Reserved } from "../budget/Lease.ts"
import type { BudgetRefusal } from "../domain/Budget.ts"
import type { ChatRequest } from "../domain/ChatRequest.ts"
import { allFailed, type GatewayError, gatewayError } from "../domain/GatewayError.ts"
import type { ProviderError } from "../domain/ProviderError.ts"
import type { Permit, Refusal } from "../health/Admission.ts"
import type { AskableCandidate } from "./Candidate.ts"
import { type Metered, unmetered } from "./Cost.ts"
import { hedged } from "./Hedge.ts"
import { retrySchedule } from "./Retries.ts"
import type { Search } from "./Search.ts"
import { hasSideEffects, leavesOutcomeOpen } from "./SideEffects.ts"
import { type TimeLimits, timeLimits } from "./TimeLimits.ts"

/** What one attempt is given besides its candidate. */
export interface Try {
  readonly candidate: AskableCandidate
  /** What it is asked. */
  readonly request: ChatRequest
  readonly limits: TimeLimits
  readonly permit: Permit
  readonly scope: Scope.Closeable
  /** Takes what the attempt has cost, once. */
  readonly metered: Metered
}

/** How an attempt asks. */
export type Ask<A> = (tried: Try) => Effect.Effect<A, ProviderError, Scope.Scope>

/** What a second attempt beside a slow one needs. */
export interface Hedging<A> {
  readonly discard: (answer: A) => Effect.Effect<void>
}

/** Somebody did not let the call start, or nobody pays for it. */
interface Refused {
  readonly _tag: "Refused"
  readonly refusal: Refusal | BudgetRefusal
}

/** Runs an effect in a child of the current scope; the child is closed at once when it fails or is interrupted. */
const inChild = <A, E, R>(
  use: (child: Scope.Closeable) => Effect.Effect<A, E, R>
): Effect.Effect<A, E, R | Scope.Scope> =>
  Effect.flatMap(Effect.scope, (parent) =>
    Effect.suspend(() => {
      const child = Scope.forkUnsafe(parent)
      return Effect.onError(use(child), (cause) => Scope.close(child, Exit.failCause(cause)))
    })
  )

/** Asks candidate after candidate until one answers. */
export const askInTurn = <A>(
  search: Search,
  ask: Ask<A>,
  hedging?: Hedging<A>
): Effect.Effect<A, GatewayError, Scope.Scope> =>
  Effect.clockWith((clock) => {
    const next = (): Effect.Effect<A, GatewayError, Scope.Scope> => {
      const now = clock.currentTimeMillisUnsafe()
      const isLate = now >= search.deadlineAt
      if (isLate && search.told === undefined) {
        const limitMillis = Duration.toMillis(search.input.resilience.deadline)
        return Effect.fail(gatewayError({ _tag: "DeadlineExceeded", limitMillis }, search.attempts))
      }
      if (isLate || search.exhausted) return Effect.fail(search.conclude(now))
      const candidate = search.take(now)
      if (candidate === undefined) return whenNobodyIsLeft(search, now, next)
      if (!search.isOn(candidate)) {
        search.refuse(candidate, outOfService(candidate))
        return next()
      }
      if (!search.affords(candidate, now)) return next()
      const isFirstVerdict = search.told === undefined
      const after = hedging === undefined ? undefined : hedgeAfter(search, candidate, now)
      if (after !== undefined && hedging !== undefined)
        return Effect.flatMap(askBoth(search, candidate, after, ask, hedging), (answer) =>
          answer === undefined ? next() : Effect.succeed(answer)
        )
      return Effect.catch(askOne(search, candidate, ask), (error) => {
        const end = settle(search, candidate, error, isFirstVerdict)
        return end === undefined ? next() : Effect.fail(end)
      })
    }
    return next()
  })

/** Waits where that may help: for room in the queue, or for the end of a short pause. */
const whenNobodyIsLeft = <A>(
  search: Search,
  now: number,
  next: () => Effect.Effect<A, GatewayError, Scope.Scope>
): Effect.Effect<A, GatewayError, Scope.Scope> => {
  const { admission, caller, resilience } = search.input
  const pause = search.pause(now)
  const { full } = search
  if (full.length > 0 && resilience.queue.capacity > 0) {
    const patience = now + Math.min(Duration.toMillis(resilience.queue.patience), pause ?? Number.POSITIVE_INFINITY)
    const until = Math.min(patience, search.deadlineAt)
    const wait = { refs: full.map(({ ref }) => ref), tokens: search.tokens(), caller, until }
    return Effect.flatMap(admission.wait(wait), (outcome) =>
      Effect.clockWith((clock) => {
        if (outcome._tag === "Room") {
          search.resume()
          search.hand(outcome.ref, outcome.slot)
          return next()
        }
        const then = clock.currentTimeMillisUnsafe()
        return pause === undefined
          ? Effect.fail(search.conclude(then))
          : afterPause(search, Math.max(0, now + pause - then), next)
      })
    )
  }
  return pause === undefined ? Effect.fail(search.conclude(now)) : afterPause(search, pause, next)
}

/** Asks again once a pause is over. Those who waited for the same moment do not all come at once. */
const afterPause = <A, R>(
  search: Search,
  pause: number,
  next: () => Effect.Effect<A, GatewayError, R>
): Effect.Effect<A, GatewayError, R> =>
  Effect.flatMap(Random.next, (random) =>
    Effect.delay(
      Effect.suspend(() => {
        search.resume()
        return next()
      }),
      pause * (1 + random / 5) + 1
    )
  )

/** An operator has taken it out of service since the walk began. */
const outOfService = ({ ref }: AskableCandidate): Refusal => ({
  subject: ref.provider,
  retryAt: undefined,
  why: "off",
  reason: undefined
})

/** What the failure of one candidate means for the walk: its end, or nothing. */
const settle = (
  search: Search,
  candidate: AskableCandidate,
  error: ProviderError | Refused,
  isFirstVerdict: boolean
): GatewayError | undefined => {
  if (error._tag === "Refused") {
    const { refusal } = error
    if ("_tag" in refusal) search.unpaid(candidate, refusal)
    else search.refuse(candidate, refusal)
    return undefined
  }
  return mayGoOn(search, candidate, error, isFirstVerdict) ? undefined : allFailed(error, search.attempts)
}

/** After how many milliseconds somebody else is asked beside `candidate`; `undefined`: nobody is. */
const hedgeAfter = (search: Search, candidate: AskableCandidate, now: number): number | undefined => {
  const { input, remaining } = search
  // what may have been carried out is not asked for twice
  if (!input.hedge || remaining.length === 0 || hasSideEffects(input.request)) return undefined
  return input.admission.p95(candidate.ref, now)
}

/** Asks `first`, and when it is slow to begin another one beside it. `undefined`: neither answered, the walk goes on. */
const askBoth = <A>(
  search: Search,
  first: AskableCandidate,
  afterMillis: number,
  ask: Ask<A>,
  hedging: Hedging<A>
): Effect.Effect<A | undefined, GatewayError, Scope.Scope> =>
  Effect.clockWith((clock) => {
    const isFirstVerdict = search.told === undefined
    const began = { first: clock.currentTimeMillisUnsafe(), second: 0 }
    let second: AskableCandidate | undefined
    /** Failures that are judged when neither has answered: a verdict of one must not end what the other may answer. */
    const open: Array<readonly [AskableCandidate, ProviderError | Refused, boolean]> = []
    const firstLane = Effect.catch(askOne(search, first, ask), (error): Effect.Effect<undefined, GatewayError> => {
      const isOfWindow = error._tag === "ProviderError" && error.decision.fallback === "largerWindow"
      if (isOfWindow && second !== undefined) {
        open.unshift([first, error, isFirstVerdict])
        return Effect.undefined
      }
      const end = settle(search, first, error, isFirstVerdict)
      return end === undefined ? Effect.undefined : Effect.fail(end)
    })
    const secondLane = (candidate: AskableCandidate) =>
      Effect.catch(askOne(search, candidate, ask), (error) => {
        open.push([candidate, error, false])
        return Effect.undefined
      })
    const answered = hedged<A, GatewayError, Scope.Scope>({
      first: firstLane,
      afterMillis,
      second: () => {
        began.second = clock.currentTimeMillisUnsafe()
        if (search.exhausted || began.second >= search.deadlineAt) return undefined
        second = search.takeBeside(first, began.second)
        return second === undefined ? undefined : secondLane(second)
      },
      discard: hedging.discard,
      outrun: (which) => {
        const candidate = which === "first" ? first : second
        if (candidate !== undefined) search.outrun(candidate, clock.currentTimeMillisUnsafe() - began[which])
      }
    })
    return Effect.flatMap(answered, (answer) => {
      if (answer !== undefined) return Effect.succeed(answer)
      for (const [candidate, error, verdict] of open) {
        const end = settle(search, candidate, error, verdict)
        if (end !== undefined) return Effect.fail(end)
      }
      return Effect.undefined
    })
  })

/** What is let go while its request goes on has cost something too: how much is not known. */
const settledWith = (scope: Scope.Closeable, metered: Metered): Effect.Effect<void> =>
  Scope.addFinalizer(
    scope,
    Effect.clockWith((clock) => Effect.sync(() => metered.letGo(clock.currentTimeMillisUnsafe())))
  )

const unpaid = (refusal: BudgetRefusal) => Effect.fail<Refused>({ _tag: "Refused", refusal })

/** Every attempt at one candidate: the first, and the retries its failures allow. */
const askOne = <A>(
  search: Search,
  candidate: AskableCandidate,
  ask: Ask<A>
): Effect.Effect<A, ProviderError | Refused, Scope.Scope> => {
  const { request, resilience, admission } = search.input
  const { provider, ref } = candidate
  let again = false
  let failed: ProviderError | undefined
  const send = (
    permit: Permit,
    scope: Scope.Closeable,
    quote: Quote | undefined,
    reserved: Reserved | undefined
  ): Effect.Effect<A, ProviderError, Scope.Scope> =>
    Effect.clockWith((clock) => {
      search.begun++
      const metered = quote === undefined ? unmetered : search.meter.start(search.input.estimates, quote, reserved)
      const startedAt = clock.currentTimeMillisUnsafe()
      const asked = search.requestFor(candidate)
      const limits = timeLimits(resilience.limits, asked, candidate.facts, search.isAlone(startedAt))
      const answer = ask({ candidate, request: asked, limits, permit, scope, metered })
      // what dies with its request is settled with the request's lease
      const isWatched = quote !== undefined && search.input.hedge
      const watched = isWatched ? Effect.andThen(settledWith(scope, metered), answer) : answer
      return Effect.matchEffect(Scope.provide(watched, scope), {
        onSuccess: (answer) => {
          search.note(candidate, clock.currentTimeMillisUnsafe() - startedAt)
          return Effect.succeed(answer)
        },
        onFailure: (error) => {
          const now = clock.currentTimeMillisUnsafe()
          search.note(candidate, now - startedAt, error)
          metered.ended({ writtenBytes: 0, error }, now)
          return Effect.andThen(permit.failed(error), Effect.fail(error))
        }
      })
    })
  const attempt = inChild((scope) =>
    Effect.flatMap(
      Scope.provide(
        admission.admit({
          ref,
          credentials: provider.credentials,
          tokens: search.tokens,
          again,
          handed: search.takeHanded(candidate)
        }),
        scope
      ),
      (admitted): Effect.Effect<A, ProviderError | Refused, Scope.Scope> => {
        if (Result.isFailure(admitted)) return Effect.fail<Refused>({ _tag: "Refused", refusal: admitted.failure })
        const permit = admitted.success
        return Effect.clockWith((clock) => {
          // while it waited to be asked again, one beside it may have been the last that was allowed
          if (failed !== undefined && (search.exhausted || clock.currentTimeMillisUnsafe() >= search.deadlineAt))
            return Effect.fail(failed)
          const quote = search.costOf(candidate)
          const { lease } = search.input
          if (lease === undefined || quote === undefined) return send(permit, scope, quote, undefined)
          const hold = search.holdFor(candidate, quote)
          const reserved = lease.reserveNow(hold, clock.currentTimeMillisUnsafe())
          if (reserved !== undefined)
            return "_tag" in reserved ? unpaid(reserved) : send(permit, scope, quote, reserved)
          return Effect.matchEffect(lease.reserve(hold), {
            onFailure: unpaid,
            onSuccess: (drawn) => send(permit, scope, quote, drawn)
          })
        })
      }
    )
  )
  // the schedule is only made when there is something to try again
  return Effect.catch(attempt, (first) => {
    let told = false
    const retried = Effect.suspend((): typeof attempt => {
      if (told) return attempt
      told = true
      again = true
      failed = first._tag === "ProviderError" ? first : undefined
      return Effect.fail(first)
    })
    return Effect.retry(
      retried,
      retrySchedule({
        resilience,
        deadlineAt: search.deadlineAt,
        alone: (now) => search.isAlone(now),
        allowed: (error, now) =>
          !search.exhausted &&
          search.isOn(candidate) &&
          search.affords(candidate, now) &&
          !(leavesOutcomeOpen(error) && hasSideEffects(request)) &&
          // a connection that had grown stale says nothing about the provider, and asking again feeds no outage
          ((error.reason._tag === "Network" && error.reason.stale === true) || admission.mayRetry(ref.provider, now))
      })
    )
  })
}

/** May another candidate be asked after this failure? Leaves out those that could not serve the request either. */
const mayGoOn = (
  search: Search,
  candidate: AskableCandidate,
  error: ProviderError,
  isFirstVerdict: boolean
): boolean => {
  const { request, fallbackOnContentPolicy } = search.input
  if (leavesOutcomeOpen(error) && hasSideEffects(request)) return false
  switch (error.decision.fallback) {
    case "yes":
    case "capable":
      return true
    case "no":
      return error.reason._tag === "ContentPolicy" && fallbackOnContentPolicy
    case "notFromFirst":
      return !isFirstVerdict
    case "largerWindow": {
      const window = candidate.facts.contextWindowTokens
      const larger = search.remaining.filter(
        ({ facts }) =>
          window !== undefined && facts.contextWindowTokens !== undefined && facts.contextWindowTokens > window
      )
      search.remaining.splice(0, search.remaining.length, ...larger)
      return larger.length > 0
    }
  }
}
