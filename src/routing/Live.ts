/**
 * A live answer: opened at one candidate, completed by others where it breaks and can be.
 *
 * Until the first visible event any change of candidate is free. After it a stream that breaks is resumed
 * (`Resume.ts`) or ends in an error the dialect writes in-band. It ends normally only when its end was seen. Of a
 * continuation nothing is shown, not even that there is one, until it is known to join: up to then it is as free to
 * change as the beginning.
 *
 * @module
 */
import { type Array as Arr, Cause, Channel, Effect, Exit, Pull, Scope, Stream } from "effect"
import type { Answer } from "../domain/Answer.ts"
import { type ChatEvent, type Frame, isVisible } from "../domain/ChatEvent.ts"
import type { ChatRequest } from "../domain/ChatRequest.ts"
import { cutShort, type GatewayError, gatewayError } from "../domain/GatewayError.ts"
import type { ProviderError } from "../domain/ProviderError.ts"
import { askInTurn, type Try } from "./Attempts.ts"
import type { AskableCandidate } from "./Candidate.ts"
import type { SoFar } from "./Cost.ts"
import { endedEarly, endedEmpty, failureAt, timedOut } from "./LocalFailures.ts"
import {
  canResume,
  type Continuation,
  continuationOf,
  endAtLimit,
  isAtLimit,
  joinsNot,
  joint,
  type Joint,
  Shown
} from "./Resume.ts"
import type { Search } from "./Search.ts"

type Frames = Arr.NonEmptyReadonlyArray<Frame>
type FramePull = Pull.Pull<Frames, ProviderError>

/** A stream that has begun: its frames up to the first visible event, and the rest. */
interface Opened {
  readonly head: Frames
  readonly tail: FramePull
  readonly tried: Try
  readonly asked: ChatRequest
  readonly openedAt: number
  /** The moment of its first visible event. */
  readonly begunAt: number
}

export const answerLive = (search: Search): Effect.Effect<Answer, GatewayError, Scope.Scope> =>
  Effect.flatMap(Effect.scope, (scope) =>
    Effect.map(
      askInTurn(search, (tried) => open(search, tried), { discard: letGo }),
      (opened) => ({
        _tag: "Live",
        served: search.served(opened.tried.candidate, droppedIn(opened.head)),
        frames: readOnce(rest(search, opened, scope))
      })
    )
  )

/**
 * A stream of a pull, for one reader; whoever else reads it finds it at its end.
 *
 * The reader takes the pull out of it. A channel keeps its transformation as a function that V8 puts into the old
 * generation at once; with the pull still in there, every stream that was read, its text included, would outlive the
 * young generation until the next full collection: a fifth of what a stream costs, measured.
 */
const readOnce = <A, E>(pull: Pull.Pull<Arr.NonEmptyReadonlyArray<A>, E>): Stream.Stream<A, E> => {
  let held: typeof pull | undefined = pull
  return Stream.fromPull(
    Effect.sync(() => {
      const taken = held
      held = undefined
      return taken ?? Cause.done()
    })
  )
}

/** Of a stream that nobody reads any more: undecided, its call counts as abandoned. */
const letGo = (opened: Opened): Effect.Effect<void> => Scope.close(opened.tried.scope, Exit.void)

const droppedIn = (frames: ReadonlyArray<Frame>): ReadonlyArray<string> | undefined => {
  for (const { events } of frames) for (const event of events) if (event._tag === "Started") return event.dropped
  return undefined
}

/** Of a stream that nothing was shown of yet: what its first frames told and wrote. */
const soFarIn = (head: ReadonlyArray<Frame>): SoFar => {
  const counted = new Shown()
  for (const { events } of head) for (const event of events) counted.count(event)
  return { told: counted.told, writtenBytes: counted.billed }
}

/** Opens a stream and reads it up to its first visible event, or to its end if it shows nothing. */
const open = (search: Search, tried: Try): Effect.Effect<Opened, ProviderError> => {
  const { candidate, limits, permit, request, scope } = tried
  const { ref, provider } = candidate
  const { admission, watchdog } = search.input
  const frames = provider.stream({ ...request, model: ref.model })
  return Effect.flatMap(Channel.toPullScoped(Stream.toChannel(frames), scope), (tail: FramePull) =>
    Effect.clockWith((clock) => {
      const openedAt = clock.currentTimeMillisUnsafe()
      const head: Array<Frame> = []
      tried.metered.follow(() => soFarIn(head))
      const read: Effect.Effect<void, ProviderError> = Effect.flatMap(
        Pull.catchDone(tail, () => Effect.fail(failureAt(candidate, endedEmpty))),
        (pulled) => {
          head.push(...pulled)
          return pulled.some(({ events }) => events.some((event) => isVisible(event) || event._tag === "Ended"))
            ? Effect.void
            : read
        }
      )
      const begun = watchdog.within(read, limits.firstEventMillis, () =>
        Effect.fail(timedOut(candidate, "firstEvent", limits.firstEventMillis))
      )
      return Effect.flatMap(begun, () => {
        const [first, ...rest] = head
        if (first === undefined) return Effect.fail(failureAt(candidate, endedEmpty))
        const now = clock.currentTimeMillisUnsafe()
        admission.firstEvent(ref, now - openedAt, now)
        return Effect.as(permit.began, {
          head: [first, ...rest] as const,
          tail,
          tried,
          asked: request,
          openedAt,
          begunAt: now
        })
      })
    })
  )
}

/** A continuation that has begun, and how it was asked for. */
interface Continued {
  readonly opened: Opened
  readonly by: Continuation["by"]
}

/** How a candidate is asked to go on. */
const wayFor = (candidate: AskableCandidate, refused: ReadonlySet<AskableCandidate>): Continuation["by"] =>
  candidate.facts.capabilities.prefill === true && !refused.has(candidate) ? "prefill" : "turn"

/**
 * Asks a candidate to go on after what was shown: by a prefill where that is promised, unless it is among those that have
 * `refused` one. Who refuses it now is asked next without it, in an attempt of its own.
 */
const openContinuation = (
  search: Search,
  tried: Try,
  refused: Set<AskableCandidate>
): Effect.Effect<Continued, ProviderError> => {
  const { candidate } = tried
  const by = wayFor(candidate, refused)
  const opened = open(search, tried)
  const continued = Effect.map(opened, (opened): Continued => ({ opened, by }))
  return by === "turn"
    ? continued
    : Effect.tapError(continued, ({ reason }) =>
        Effect.sync(() => {
          if (reason._tag !== "InvalidRequest" && reason._tag !== "UnsupportedFeature") return
          refused.add(candidate)
          search.askNext(candidate)
        })
      )
}

/** The frames of a stream that has begun, and of those that complete it. */
const rest = (search: Search, opened: Opened, scope: Scope.Scope): Pull.Pull<Frames, GatewayError> => {
  const { request, resilience, watchdog } = search.input
  const resumes = resilience.onMidStreamFailure === "resume"
  // what was shown must be known to go on after it, and to reckon what it cost
  const notes = resumes || search.watchesCost
  const shown = new Shown()
  let current = opened
  const soFar = () => ({ told: shown.told, writtenBytes: shown.billed })
  opened.tried.metered.follow(soFar)
  let pending: Frames | undefined = opened.head
  let join: Joint | undefined
  /** What is told when nobody completes it: the first failure. */
  let origin: ProviderError | undefined
  /** What broke off the part that was shown last. */
  let brokeOff: ProviderError | undefined
  const refusedPrefill = new Set<AskableCandidate>()
  /** Tokens the running part has told of. */
  let used: number | undefined
  /** Those of them that were written. */
  let written: number | undefined
  let ended = false
  /** Nothing more is read. */
  let over = false

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
    if (brokeOff === undefined || shown.partShown) brokeOff = error
    const told = origin
    const last = brokeOff
    const { metered, permit, scope: attempt } = current.tried
    return Effect.andThen(
      Effect.clockWith((clock) => {
        metered.ended({ writtenBytes: shown.billed, told: shown.told, error }, clock.currentTimeMillisUnsafe())
        return Effect.andThen(permit.failed(error), Scope.close(attempt, Exit.fail(error)))
      }),
      Effect.clockWith((clock) => {
        search.cut(error, clock.currentTimeMillisUnsafe())
        if (!resumes || !canResume(request, shown, error)) return Effect.fail(cutShort(told, search.attempts))
        shown.cut(current.asked)
        used = written = undefined
        if (isAtLimit(request, shown.text)) {
          ended = over = true
          return Effect.succeed(endAtLimit(shown))
        }
        search.continueWith((candidate, request) =>
          continuationOf(request, shown.text, wayFor(candidate, refusedPrefill))
        )
        return Effect.matchEffect(
          Scope.provide(
            askInTurn(search, (tried) => openContinuation(search, tried, refusedPrefill)),
            scope
          ),
          {
            onFailure: () => Effect.fail(cutShort(told, search.attempts)),
            onSuccess: ({ by, opened }) => {
              const { asked, head, tried } = opened
              current = opened
              tried.metered.follow(soFar)
              join = joint(shown, { asked, by, resumed: resumed(last, tried.candidate.ref, by) })
              pending = head
              return pull
            }
          }
        )
      })
    )
  }

  const deliver = (frames: Frames): typeof pull => {
    for (const { events } of frames)
      for (const event of events)
        if (event._tag === "UsageReported") {
          written = event.usage.outputTokens
          used = event.usage.inputTokens + written
        }
    const out = join !== undefined ? join.frames(frames) : notes ? shown.note(frames) : frames
    if (out === undefined) return pull
    if (out === "DoesNotJoin") return broke(failureAt(current.tried.candidate, joinsNot))
    if (ended || !out.some(({ events }) => events.some(({ _tag }) => _tag === "Ended"))) return Effect.succeed(out)
    ended = true
    const { candidate, metered, permit } = current.tried
    return Effect.clockWith((clock) => {
      const now = clock.currentTimeMillisUnsafe()
      metered.ended({ usage: shown.told, writtenBytes: shown.billed, whole: true }, now)
      if (used !== undefined) permit.used(used, now)
      search.input.admission.wrote(candidate.ref, now - current.begunAt, written, now)
      return Effect.as(permit.succeeded, out)
    })
  }

  const pull: Pull.Pull<Frames, GatewayError> = Effect.suspend((): Pull.Pull<Frames, GatewayError> => {
    if (over) return Cause.done()
    if (pending !== undefined) {
      const frames = pending
      pending = undefined
      return deliver(frames)
    }
    return Effect.matchCauseEffect(watched, {
      onSuccess: deliver,
      onFailure: (cause): typeof pull => {
        if (ended) return Cause.done()
        if (Pull.isDoneCause(cause)) return broke(failureAt(current.tried.candidate, endedEarly))
        const error = Cause.findErrorOption(cause)
        return error._tag === "Some" && error.value._tag === "ProviderError"
          ? broke(error.value)
          : Effect.failCause(Cause.map(cause, () => gatewayError({ _tag: "Internal" }, search.attempts)))
      }
    })
  })
  return pull
}

const resumed = (
  { model, provider, reason }: ProviderError,
  by: { readonly provider: string; readonly model: string },
  how: Continuation["by"]
): ChatEvent => ({
  _tag: "Resumed",
  provider: by.provider,
  model: by.model,
  after: { provider, model, reason: reason._tag },
  by: how
})
