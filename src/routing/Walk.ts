/**
 * The walk: asks candidate after candidate until one answers, as the failure table says.
 *
 * Each attempt runs in a child of the request's Scope, closed at once when it fails. Attempts at the same provider are
 * repeated by `retrySchedule`; a failure that lets another candidate try moves on, preferring one that shares no
 * infrastructure with those that failed. Before the first visible event of a stream any change of candidate is free;
 * after it another candidate is asked to go on where the text ended (`Resume`), and where that cannot be, the stream
 * ends in an error the dialect writes in-band.
 *
 * Bounds: `maxAttempts` attempts over all providers; no attempt and no wait starts after the deadline; each attempt has
 * its own limits. A caller's own shorter limit ends the search too, attempts under way included, and counts against
 * nobody.
 *
 * It deliberately does not choose or order candidates (that is `Resolve`), nor write a wire.
 *
 * @module
 */
import {
  type Array as Arr,
  Cause,
  Channel,
  Clock,
  type Context,
  Duration,
  Effect,
  Exit,
  Pull,
  Random,
  Result,
  Scope,
  Stream
} from "effect"
import type { Resilience } from "../config/Settings.ts"
import type { Answer } from "../domain/Answer.ts"
import { type Frame, isVisible } from "../domain/ChatEvent.ts"
import type { ChatRequest } from "../domain/ChatRequest.ts"
import { allFailed, type Attempt, cutShort, type GatewayError, gatewayError } from "../domain/GatewayError.ts"
import { ProviderError, type Reason } from "../domain/ProviderError.ts"
import type { Circuits, Permit, Refusal } from "../health/Circuits.ts"
import type { AskableCandidate } from "./Candidate.ts"
import { canResume, continuationOf, joint, type Joint, Shown } from "./Resume.ts"
import { retrySchedule } from "./Retries.ts"
import { hasSideEffects, leavesOutcomeOpen } from "./SideEffects.ts"
import { type TimeLimits, timeLimits } from "./TimeLimits.ts"
import type { Watchdog } from "./Watchdog.ts"

export interface WalkInput {
  readonly request: ChatRequest
  /** In the order they are to be asked. */
  readonly candidates: Arr.NonEmptyReadonlyArray<AskableCandidate>
  readonly resilience: Resilience
  readonly circuits: Context.Service.Shape<typeof Circuits>
  /** Does this route send a request that one vendor's content filter stopped to another? */
  readonly fallbackOnContentPolicy: boolean
  /** The caller's own limit until the answer begins. */
  readonly timeoutMillis: number | undefined
  readonly watchdog: Watchdog
}

type FramePull = Pull.Pull<Arr.NonEmptyReadonlyArray<Frame>, ProviderError>

/** A circuit did not let the call start. */
interface Refused {
  readonly _tag: "Refused"
  readonly refusal: Refusal
}

/** What one attempt is given besides its candidate. */
interface Try {
  readonly candidate: AskableCandidate
  readonly limits: TimeLimits
  readonly permit: Permit
  readonly scope: Scope.Closeable
}

/** A stream that has begun: its frames up to the first visible event, and the rest. */
interface Opened {
  readonly head: Arr.NonEmptyReadonlyArray<Frame>
  readonly tail: FramePull
  readonly tried: Try
  readonly openedAt: number
}

const failure = ({ ref }: AskableCandidate, reason: Reason): ProviderError =>
  new ProviderError({ provider: ref.provider, model: ref.model, reason })

const timedOut = (candidate: AskableCandidate, limit: "firstEvent" | "idle" | "unary" | "stream", millis: number) =>
  failure(candidate, {
    _tag: "Timeout",
    limit,
    message: `nothing within the ${limitNames[limit]} of ${millis} ms`
  })

const limitNames = {
  firstEvent: "limit for the first event",
  idle: "limit for silence in a stream",
  unary: "limit for a whole answer",
  stream: "limit for a whole stream"
} as const

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

/** Answers `request` from one of the candidates; what a walk means is in the module's header. */
export const walk = (input: WalkInput): Effect.Effect<Answer, GatewayError, Scope.Scope> => {
  const { request, resilience, timeoutMillis } = input
  return Effect.flatMap(Clock.currentTimeMillis, (now) => {
    const search = new Search(input, now + Duration.toMillis(resilience.deadline))
    const answer = request.delivery === "whole" ? answerWhole(search) : answerLive(search)
    return timeoutMillis === undefined
      ? answer
      : input.watchdog.within(answer, timeoutMillis, () =>
          Effect.fail(gatewayError({ _tag: "DeadlineExceeded", limitMillis: timeoutMillis }, search.attempts))
        )
  })
}

/** The progress of one walk; lives as long as its request and is touched by its fiber only. */
class Search {
  readonly input: WalkInput
  /** A stream that broke gives the search for somebody who goes on a time of its own. */
  deadlineAt: number
  readonly attempts: Array<Attempt> = []
  /** Not yet asked, in order. */
  readonly remaining: Array<AskableCandidate>
  readonly failedDomains = new Set<string>()
  readonly refusals: Array<Refusal> = []
  /** Those a vendor's rate limit kept from being asked, to be asked when it is over. */
  readonly waiting: Array<AskableCandidate> = []
  /** The failure the caller is told: the first, but for those that only say "not here". */
  told: ProviderError | undefined

  constructor(input: WalkInput, deadlineAt: number) {
    this.input = input
    this.deadlineAt = deadlineAt
    this.remaining = [...input.candidates]
  }

  get exhausted(): boolean {
    return this.attempts.length >= this.input.resilience.maxAttempts
  }

  /** The next to ask: the first whose infrastructure has not failed yet, else the first. */
  take(): AskableCandidate | undefined {
    const elsewhere = this.remaining.findIndex((candidate) => !this.failedDomains.has(candidate.failureDomain))
    return this.remaining.splice(Math.max(elsewhere, 0), 1)[0]
  }

  note(candidate: AskableCandidate, millis: number, error?: ProviderError): void {
    this.attempts.push({
      ...candidate.ref,
      millis,
      ...(error === undefined ? undefined : { reason: error.reason._tag })
    })
    if (error === undefined) return
    this.failedDomains.add(candidate.failureDomain)
    if (this.told === undefined || this.told.reason._tag === "UnsupportedFeature") this.told = error
  }

  /** Notes that the attempt which seemed to answer broke after something was shown. */
  cut(error: ProviderError, now: number): void {
    const last = this.attempts.pop()
    if (last !== undefined) this.attempts.push({ ...last, reason: error.reason._tag })
    this.told ??= error
    this.deadlineAt = now + Duration.toMillis(this.input.resilience.deadline)
  }

  /** Could nobody else be asked at this moment? Then patience costs nothing. */
  isAlone(now: number): boolean {
    return !this.remaining.some(({ ref }) => this.input.circuits.wouldAdmit(ref, now))
  }

  /** Notes that a candidate was not admitted. */
  refused(candidate: AskableCandidate, refusal: Refusal): void {
    this.refusals.push(refusal)
    if (refusal.why === "rateLimit") this.waiting.push(candidate)
  }

  /** How long to wait until somebody whose rate limit is short can be asked; `undefined` where that helps nobody. */
  pause(now: number): number | undefined {
    if (this.told !== undefined || this.waiting.length === 0) return undefined
    const millis =
      Math.min(...this.refusals.map(({ retryAt, why }) => (why === "rateLimit" ? (retryAt ?? now) : Infinity))) - now
    const patience = Math.min(Duration.toMillis(this.input.resilience.retryAfterLimit), this.deadlineAt - now)
    return millis <= patience ? Math.max(0, millis) : undefined
  }

  /** After a pause: those that waited are to be asked again, in their order. */
  resume(): void {
    this.remaining.push(...this.waiting.splice(0))
    this.refusals.length = 0
  }

  /** Why the first choice did not answer, where another one did. One that answered when asked again did answer. */
  fallback(answered: AskableCandidate): string | undefined {
    const [first] = this.input.candidates
    if (answered === first) return undefined
    const { provider, model } = first.ref
    const tried = this.attempts.find((attempt) => attempt.provider === provider && attempt.model === model)
    return tried?.reason ?? "CircuitOpen"
  }

  served(candidate: AskableCandidate, dropped: ReadonlyArray<string> | undefined) {
    return { ...candidate.ref, attempts: this.attempts, fallback: this.fallback(candidate), dropped: dropped ?? [] }
  }

  /** The end of a walk on which nobody answered. */
  conclude(now: number): GatewayError {
    if (this.told !== undefined) return allFailed(this.told, this.attempts)
    const retryAts = this.refusals.flatMap(({ retryAt }) => (retryAt === undefined ? [] : [retryAt]))
    const [limited] = this.waiting
    if (limited !== undefined && this.refusals.every(({ why }) => why === "rateLimit")) {
      const retryAfterMillis = Math.max(0, Math.min(...retryAts) - now)
      const message = "its rate limit was reached before, and is not over"
      return allFailed(failure(limited, { _tag: "RateLimited", message, retryAfterMillis }), this.attempts)
    }
    return gatewayError({
      _tag: "NobodyAvailable",
      model: this.input.request.model,
      why: `the circuit of ${[...new Set(this.refusals.map(({ circuit }) => circuit))].join(", ")} is open`,
      ...(retryAts.length > 0 ? { retryAfterMillis: Math.max(0, Math.min(...retryAts) - now) } : undefined)
    })
  }
}

/**
 * Asks candidate after candidate until one answers.
 *
 * Not a generator: V8 lets what a suspended generator refers to outlive the young generation, which at thousands of
 * requests a second cost a tenth of the processor.
 */
const askInTurn = <A>(
  search: Search,
  ask: (tried: Try) => Effect.Effect<A, ProviderError, Scope.Scope>
): Effect.Effect<A, GatewayError, Scope.Scope> =>
  Effect.clockWith((clock) => {
    const next = (): Effect.Effect<A, GatewayError, Scope.Scope> => {
      const now = clock.currentTimeMillisUnsafe()
      const isLate = now >= search.deadlineAt
      if (isLate && search.told === undefined) {
        const limitMillis = Duration.toMillis(search.input.resilience.deadline)
        return Effect.fail(gatewayError({ _tag: "DeadlineExceeded", limitMillis }, search.attempts))
      }
      const candidate = isLate || search.exhausted ? undefined : search.take()
      if (candidate === undefined) {
        const pause = isLate || search.exhausted ? undefined : search.pause(now)
        if (pause === undefined) return Effect.fail(search.conclude(now))
        search.resume()
        // those who waited for the same moment do not all come at once
        return Effect.flatMap(Random.next, (random) => Effect.delay(Effect.suspend(next), pause * (1 + random / 5) + 1))
      }
      const isFirstVerdict = search.told === undefined
      return Effect.catch(askOne(search, candidate, ask), (error) => {
        if (error._tag === "Refused") search.refused(candidate, error.refusal)
        else if (!mayGoOn(search, candidate, error, isFirstVerdict))
          return Effect.fail(allFailed(error, search.attempts))
        return next()
      })
    }
    return next()
  })

/** Every attempt at one candidate: the first, and the retries its failures allow. */
const askOne = <A>(
  search: Search,
  candidate: AskableCandidate,
  ask: (tried: Try) => Effect.Effect<A, ProviderError, Scope.Scope>
): Effect.Effect<A, ProviderError | Refused, Scope.Scope> => {
  const { request, resilience, circuits } = search.input
  const attempt = inChild((scope) =>
    Effect.flatMap(
      Scope.provide(circuits.admit(candidate.ref), scope),
      (admitted): Effect.Effect<A, ProviderError | Refused, Scope.Scope> => {
        if (Result.isFailure(admitted)) return Effect.fail<Refused>({ _tag: "Refused", refusal: admitted.failure })
        const permit = admitted.success
        return Effect.clockWith((clock) => {
          const startedAt = clock.currentTimeMillisUnsafe()
          const limits = timeLimits(resilience.limits, request, candidate.facts, search.isAlone(startedAt))
          return Effect.matchEffect(Scope.provide(ask({ candidate, limits, permit, scope }), scope), {
            onSuccess: (answer) => {
              search.note(candidate, clock.currentTimeMillisUnsafe() - startedAt)
              return Effect.succeed(answer)
            },
            onFailure: (error) => {
              search.note(candidate, clock.currentTimeMillisUnsafe() - startedAt, error)
              return Effect.andThen(permit.failed(error), Effect.fail(error))
            }
          })
        })
      }
    )
  )
  // the schedule is only made when there is something to try again
  return Effect.catch(attempt, (first) => {
    let told = false
    const again = Effect.suspend((): typeof attempt => {
      if (told) return attempt
      told = true
      return Effect.fail(first)
    })
    return Effect.retry(
      again,
      retrySchedule({
        resilience,
        deadlineAt: search.deadlineAt,
        alone: (now) => search.isAlone(now),
        allowed: (error) => !search.exhausted && !(leavesOutcomeOpen(error) && hasSideEffects(request))
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

const answerWhole = (search: Search): Effect.Effect<Answer, GatewayError, Scope.Scope> =>
  askInTurn(search, ({ candidate, limits, permit, scope }) =>
    Effect.flatMap(
      search.input.watchdog.within(
        candidate.provider.complete({ ...search.input.request, model: candidate.ref.model }),
        limits.unaryMillis,
        () => Effect.fail(timedOut(candidate, "unary", limits.unaryMillis))
      ),
      (response) => Effect.as(Effect.andThen(permit.succeeded, Scope.close(scope, Exit.void)), { candidate, response })
    )
  ).pipe(
    Effect.map(({ candidate, response }) => ({
      _tag: "Whole",
      served: search.served(candidate, response.dropped),
      response
    }))
  )

/** Opens a stream and reads it up to its first visible event, or to its end if it shows nothing. */
const open = (search: Search, tried: Try, request: ChatRequest): Effect.Effect<Opened, ProviderError> => {
  const { candidate, limits, permit, scope } = tried
  const { ref, provider } = candidate
  const frames = provider.stream({ ...request, model: ref.model })
  return Effect.flatMap(Channel.toPullScoped(Stream.toChannel(frames), scope), (tail: FramePull) =>
    Effect.clockWith((clock) => {
      const openedAt = clock.currentTimeMillisUnsafe()
      const head: Array<Frame> = []
      const read: Effect.Effect<void, ProviderError> = Effect.flatMap(
        Pull.catchDone(tail, () => Effect.fail(failure(candidate, endedEmpty))),
        (pulled) => {
          head.push(...pulled)
          return pulled.some(({ events }) => events.some((event) => isVisible(event) || event._tag === "Ended"))
            ? Effect.void
            : read
        }
      )
      const begun = search.input.watchdog.within(read, limits.firstEventMillis, () =>
        Effect.fail(timedOut(candidate, "firstEvent", limits.firstEventMillis))
      )
      return Effect.flatMap(begun, () => {
        const [first, ...rest] = head
        return first === undefined
          ? Effect.fail(failure(candidate, endedEmpty))
          : Effect.as(permit.began, { head: [first, ...rest] as const, tail, tried, openedAt })
      })
    })
  )
}

const endedEmpty: Reason = { _tag: "MalformedResponse", message: "the stream ended before it said anything" }
const endedEarly: Reason = { _tag: "MalformedResponse", message: "the stream ended without its end" }

const answerLive = (search: Search): Effect.Effect<Answer, GatewayError, Scope.Scope> =>
  Effect.flatMap(Effect.scope, (scope) =>
    Effect.map(
      askInTurn(search, (tried) => open(search, tried, search.input.request)),
      (opened) => ({
        _tag: "Live",
        served: search.served(opened.tried.candidate, droppedIn(opened.head)),
        frames: Stream.fromPull(Effect.succeed(rest(search, opened, scope)))
      })
    )
  )

const droppedIn = (frames: ReadonlyArray<Frame>): ReadonlyArray<string> | undefined => {
  for (const { events } of frames) for (const event of events) if (event._tag === "Started") return event.dropped
  return undefined
}

/** A continuation that has begun, and how it was asked for. */
interface Continued {
  readonly opened: Opened
  readonly prefill: boolean
}

/** Asks a candidate to go on after `text`. One that refuses a prefill is asked once more without it. */
const openContinuation = (search: Search, tried: Try, text: string): Effect.Effect<Continued, ProviderError> => {
  const ask = (prefill: boolean) =>
    Effect.map(open(search, tried, continuationOf(search.input.request, text, prefill)), (opened) => ({
      opened,
      prefill
    }))
  if (tried.candidate.facts.capabilities.prefill !== true) return ask(false)
  return Effect.catch(ask(true), (error) =>
    error.reason._tag === "InvalidRequest" || error.reason._tag === "UnsupportedFeature"
      ? ask(false)
      : Effect.fail(error)
  )
}

/**
 * The frames of a stream that has begun, completed by other candidates where it breaks and can be. Ends normally only
 * when its end was seen.
 */
const rest = (
  search: Search,
  opened: Opened,
  scope: Scope.Scope
): Pull.Pull<Arr.NonEmptyReadonlyArray<Frame>, GatewayError> => {
  const { request, resilience, watchdog } = search.input
  const resumes = resilience.onMidStreamFailure === "resume"
  const shown = new Shown()
  let current = opened
  let pending: Arr.NonEmptyReadonlyArray<Frame> | undefined = opened.head
  let join: Joint | undefined
  let origin: ProviderError | undefined
  let ended = false

  const watched: FramePull = Effect.clockWith((clock) => {
    const { candidate, limits } = current.tried
    const left = current.openedAt + limits.streamMillis - clock.currentTimeMillisUnsafe()
    const limit = left < limits.idleMillis ? ("stream" as const) : ("idle" as const)
    return watchdog.within(current.tail, Math.max(0, Math.min(left, limits.idleMillis)), () =>
      Effect.fail(timedOut(candidate, limit, limit === "idle" ? limits.idleMillis : limits.streamMillis))
    )
  })

  /** The dead stream's socket goes before anybody else is asked or the caller is told. */
  const broke = (error: ProviderError): typeof pull => {
    origin ??= error
    const told = origin
    const { permit, scope: attempt } = current.tried
    return Effect.andThen(
      Effect.andThen(permit.failed(error), Scope.close(attempt, Exit.fail(error))),
      Effect.clockWith((clock) => {
        search.cut(error, clock.currentTimeMillisUnsafe())
        if (!resumes || !canResume(request, shown, error)) return Effect.fail(cutShort(told, search.attempts))
        shown.cut(request)
        return Effect.matchEffect(
          Scope.provide(
            askInTurn(search, (tried) => openContinuation(search, tried, shown.text)),
            scope
          ),
          {
            onFailure: () => Effect.fail(cutShort(told, search.attempts)),
            onSuccess: (next) => {
              current = next.opened
              join = joint(shown, next.prefill)
              pending = next.opened.head
              return pull
            }
          }
        )
      })
    )
  }

  const deliver = (frames: Arr.NonEmptyReadonlyArray<Frame>): typeof pull => {
    if (join === undefined && resumes) shown.note(frames)
    const out = join === undefined ? frames : join.frames(frames)
    if (out === undefined) return pull
    if (ended || !out.some(({ events }) => events.some(({ _tag }) => _tag === "Ended"))) return Effect.succeed(out)
    ended = true
    return Effect.as(current.tried.permit.succeeded, out)
  }

  const pull: Pull.Pull<Arr.NonEmptyReadonlyArray<Frame>, GatewayError> = Effect.suspend(() => {
    if (pending !== undefined) {
      const frames = pending
      pending = undefined
      return deliver(frames)
    }
    return Effect.matchCauseEffect(watched, {
      onSuccess: deliver,
      onFailure: (cause): typeof pull => {
        if (ended) return Cause.done()
        if (Pull.isDoneCause(cause)) return broke(failure(current.tried.candidate, endedEarly))
        const error = Cause.findErrorOption(cause)
        return error._tag === "Some" && error.value._tag === "ProviderError"
          ? broke(error.value)
          : Effect.failCause(Cause.map(cause, () => gatewayError({ _tag: "Internal" }, search.attempts)))
      }
    })
  })
  return pull
}
