/**
 * What holds of every walk, whatever the providers do: random schedules of faults in virtual time.
 *
 * Nothing here repeats the walk's own reasoning: each law looks at what the caller got and what the providers saw, and
 * at the failure table.
 */
import { assert, describe, it } from "@effect/vitest"
import { Cause, Clock, Duration, Effect, Exit, Fiber, Random, Schema, Stream } from "effect"
import { TestClock } from "effect/testing"
import { defaultResilience, type Resilience } from "../../src/config/Settings.ts"
import { makeEstimates } from "../../src/budget/Estimates.ts"
import type { ChatRequest } from "../../src/domain/ChatRequest.ts"
import type { GatewayError } from "../../src/domain/GatewayError.ts"
import { textOf } from "../../src/domain/Message.ts"
import { decisions, ProviderError } from "../../src/domain/ProviderError.ts"
import { anonymous } from "../../src/domain/RequestContext.ts"
import { Admission } from "../../src/health/Admission.ts"
import { Circuits } from "../../src/health/Circuits.ts"
import { healthInMemory } from "../../src/health/healthLayer.ts"
import type { AskableCandidate } from "../../src/routing/Candidate.ts"
import { walk } from "../../src/routing/Walk.ts"
import * as Watchdog from "../../src/routing/Watchdog.ts"
import {
  Asked,
  BreakingProvider,
  FailingProvider,
  playing,
  specsOf,
  Provider,
  reasonOf,
  type SeenCall,
  type Shown,
  wholeText
} from "./schedules.ts"

const Limits = Schema.Struct({
  maxAttempts: Schema.Int.check(Schema.isBetween({ minimum: 1, maximum: 8 })),
  deadlineMillis: Schema.Literals([120_000, 10_000, 1000]),
  resumes: Schema.Boolean,
  hedge: Schema.Boolean,
  fallbackOnContentPolicy: Schema.Boolean
})
type Limits = typeof Limits.Type
const Providers = Schema.NonEmptyArray(Provider).check(Schema.isMaxLength(5))
const Seed = Schema.Int

/** Limits are kept to the millisecond. */
const rounding = 1

/** How a request came to its end. */
interface Outcome {
  readonly asked: Asked
  readonly request: number
  readonly startedAt: number
  readonly endedAt: number
  readonly text: string
  readonly sawEnd: boolean
  /** After the end, which nothing may follow. */
  readonly afterEnd: number
  readonly resumes: number
  readonly attempts: number
  readonly is: "whole" | "refused" | "cut" | "left"
  readonly error: GatewayError | undefined
}

const requestOf = ({ live, sideEffects }: Asked, number: number): ChatRequest => ({
  model: "m",
  user: String(number),
  delivery: live ? "live" : "whole",
  messages: [{ role: "user", content: [{ _tag: "Text", text: "say it" }] }],
  tools: sideEffects ? [{ _tag: "Hosted", dialect: "openai-chat", definition: { type: "mcp" } }] : [],
  sampling: {},
  usageWanted: false,
  fallbacks: []
})

const resilienceOf = ({ deadlineMillis, maxAttempts, resumes }: Limits): Resilience => ({
  ...defaultResilience,
  maxAttempts,
  deadline: Duration.millis(deadlineMillis),
  onMidStreamFailure: resumes ? "resume" : "error"
})

/** Longer than any request can take here: each of its attempts at its longest, each of its pieces at its slowest. */
const longest = Duration.hours(4)

/** Runs an effect while virtual time passes. `undefined`: it has not ended after the longest time. */
const inTime = <A, E, R>(effect: Effect.Effect<A, E, R>) =>
  Effect.gen(function* () {
    const fiber = yield* Effect.forkChild(effect, { startImmediately: true })
    let passed = 0
    while (fiber.pollUnsafe() === undefined && passed < Duration.toMillis(longest)) {
      // what is due in a step comes in order; small steps at first, as most are over soon
      const step = passed < 1000 ? 1000 : 60_000
      yield* TestClock.adjust(step)
      passed += step
    }
    const exit = fiber.pollUnsafe()
    if (exit === undefined) yield* Fiber.interrupt(fiber)
    return exit
  })

const perform = (
  candidates: ReadonlyArray<AskableCandidate>,
  asked: Asked,
  request: number,
  limits: Limits,
  shownTo: Shown
) =>
  Effect.gen(function* () {
    const [first, ...others] = candidates
    if (first === undefined) return yield* Effect.die("no candidate")
    const [admission, watchdog, clock] = yield* Effect.all([Admission, Watchdog.make, Clock.Clock])
    const startedAt = clock.currentTimeMillisUnsafe()
    let text = ""
    let sawEnd = false
    let afterEnd = 0
    let resumes = 0
    let attempts = 0
    const use = Effect.gen(function* () {
      const answer = yield* walk({
        outOfService: () => undefined,
        passedOver: undefined,
        request: requestOf(asked, request),
        candidates: [first, ...others],
        admission,
        watchdog,
        caller: anonymous,
        hedge: limits.hedge,
        costCapUsd: undefined,
        estimates: makeEstimates(),
        lease: undefined,
        quotes: undefined,
        fallbackOnContentPolicy: limits.fallbackOnContentPolicy,
        timeoutMillis: asked.timeout,
        resilience: resilienceOf(limits)
      })
      if (answer._tag === "Whole") {
        text = textOf(answer.response.choices[0].content)
        sawEnd = true
      } else
        yield* Stream.runForEach(answer.frames, ({ events }) =>
          Effect.sync(() => {
            for (const event of events) {
              if (sawEnd) afterEnd++
              if (event._tag === "TextDelta") text += event.text
              if (event._tag === "Resumed") resumes++
              if (event._tag === "Ended") sawEnd = true
            }
            shownTo.set(request, text)
          })
        )
      attempts = answer.served.attempts.length
    })
    const fiber = yield* Effect.forkChild(Effect.scoped(use), { startImmediately: true })
    if (asked.leaves >= 0) {
      yield* Effect.timeoutOption(Fiber.await(fiber), asked.leaves)
      yield* Fiber.interrupt(fiber)
    }
    const exit = yield* Fiber.await(fiber)
    const error = Exit.isFailure(exit) ? exit.cause.reasons.find((one) => one._tag === "Fail")?.error : undefined
    if (Exit.isFailure(exit) && Cause.hasDies(exit.cause)) return yield* Effect.failCause(exit.cause)
    return {
      asked,
      request,
      startedAt,
      endedAt: clock.currentTimeMillisUnsafe(),
      text,
      sawEnd,
      afterEnd,
      resumes,
      attempts: error?.attempts.length ?? attempts,
      is: Exit.isSuccess(exit) ? "whole" : error === undefined ? "left" : text === "" ? "refused" : "cut",
      error
    } satisfies Outcome
  })

/** One after another, or each so long after the one before as it says. */
type Order = "inTurn" | "atOnce"

/** Requests over the same providers and circuits. Nothing of them may be left when they are over. */
const play = (
  providers: ReadonlyArray<Provider>,
  all: ReadonlyArray<Asked>,
  limits: Limits,
  seed: number,
  order: Order = "inTurn",
  limited = false
) =>
  Effect.gen(function* () {
    const clock = yield* Clock.Clock
    const circuits = yield* Circuits
    const stateOf = Effect.runSyncWith(yield* Effect.context<never>())
    const admission = yield* Admission
    const shownTo: Shown = new Map()
    const played = playing(providers, shownTo, clock, (key) => {
      const state = stateOf(circuits.state(key))
      return { tag: state._tag, generation: state.generation }
    })
    // so that it is known when an answer is slow to begin
    if (limits.hedge)
      for (const { ref } of played.candidates) for (let n = 0; n < 50; n++) admission.firstEvent(ref, 100 + n, 0)
    const one = (asked: Asked, request: number) =>
      Effect.scoped(perform(played.candidates, asked, request, limits, shownTo))
    const noneLeft = Effect.gen(function* () {
      assert.strictEqual(yield* played.running, 0, "calls are left running")
      for (const call of played.calls) assert.isDefined(call.end, `call ${call.number} is left open`)
      for (const [key, state] of yield* circuits.states)
        assert.notStrictEqual(state._tag, "HalfOpen", `${key} is left on probe`)
    })
    const outcomes: Array<Outcome> = []
    if (order === "inTurn")
      for (const [request, asked] of all.entries()) {
        yield* TestClock.adjust(asked.pause)
        const exit = yield* inTime(one(asked, request))
        assert.isDefined(exit, `request ${request} never ended`)
        if (exit !== undefined) outcomes.push(yield* exit)
        yield* noneLeft
      }
    else {
      let offset = 0
      const delayed = all.map((asked, request) => {
        offset += asked.pause
        return Effect.delay(one(asked, request), offset)
      })
      const exit = yield* inTime(Effect.all(delayed, { concurrency: "unbounded" }))
      assert.isDefined(exit, "the requests never ended")
      if (exit !== undefined) outcomes.push(...(yield* exit))
      yield* noneLeft
    }
    return { outcomes, calls: played.calls, candidates: played.candidates }
  }).pipe(
    Effect.provide(
      healthInMemory({
        resilience: resilienceOf(limits),
        providers: limited ? specsOf(providers) : [],
        facts: new Map()
      })
    ),
    Random.withSeed(`walk ${seed}`)
  )

type Played = Effect.Success<ReturnType<typeof play>>

const show = (calls: ReadonlyArray<SeenCall>) =>
  calls
    .map(
      ({ circuit, end, endedAt, kind, provider, reply, request, shown, startedAt }) =>
        `r${request} ${provider} ${kind} ${startedAt}–${endedAt} ${reply.kind} ${end}${shown ? " shown" : ""} ${circuit.tag}`
    )
    .join("\n")

const at = (value: number | undefined) => value ?? Number.POSITIVE_INFINITY

/** The failure that a call ended in, as the walk must have seen it. */
const failureOf = (call: SeenCall, outcome: Outcome): ProviderError | undefined => {
  const error = (reason: ProviderError["reason"]) => new ProviderError({ provider: call.provider, model: "m", reason })
  if (call.end === "interrupted") {
    const byCaller = outcome.is === "left" || outcome.error?.reason._tag === "DeadlineExceeded"
    if (outcome.is === "whole" && call.reply.kind !== "stall" && at(call.endedAt) === outcome.endedAt) return undefined
    return byCaller && at(call.endedAt) === outcome.endedAt
      ? undefined
      : error({ _tag: "Timeout", message: "scripted", limit: "idle" })
  }
  switch (call.reply.kind) {
    case "fail":
    case "break":
      return error(reasonOf(call.reply))
    case "late":
      return outcome.asked.live || call.end === "failed" ? error(reasonOf(call.reply)) : undefined
    case "pickyAnswer":
      return call.kind === "prefill" ? error({ _tag: "InvalidRequest", message: "no prefill" }) : undefined
    case "endless":
    case "empty":
    case "silentStart":
      return error({ _tag: "MalformedResponse", message: "scripted" })
    case "stall":
    case "answer":
      return undefined
  }
}

/** A prefill that is refused is asked again without it, before anybody else is. */
const isPickyRefusal = (call: SeenCall, outcome: Outcome): boolean => {
  if (call.kind !== "prefill" || call.end !== "failed" || call.shown) return false
  const tag = failureOf(call, outcome)?.reason._tag
  return tag === "InvalidRequest" || tag === "UnsupportedFeature"
}

/** The least that must lie between the end of a failed call and the next at the same provider; `undefined`: no next. */
const leastWait = (error: ProviderError, tries: number): number | undefined => {
  const { reason } = error
  const retries: Partial<Record<string, number>> = defaultResilience.retries
  const stale = reason._tag === "Network" && reason.stale === true
  if (tries > (stale ? 3 : (retries[reason._tag] ?? 0))) return undefined
  if ("retryAfterMillis" in reason && reason.retryAfterMillis !== undefined)
    return reason.retryAfterMillis > Duration.toMillis(defaultResilience.retryAfterLimit)
      ? undefined
      : reason.retryAfterMillis
  switch (decisions[reason._tag].retry) {
    case "no":
      return undefined
    case "afterDelay":
      return 2000
    case "backoff":
      return 200 * 0.8
    case "atOnce":
    case "ifAlone":
      return (200 * 0.8) / 4
  }
}

const byRequest = ({ calls, outcomes }: Played) =>
  outcomes.map((outcome) => ({ outcome, calls: calls.filter(({ request }) => request === outcome.request) }))

const laws = {
  "an answer that ends is all of the text, and one that does not is a beginning of it": (played: Played) => {
    for (const { text, sawEnd, afterEnd, is, error, asked } of played.outcomes) {
      if (is === "whole") {
        assert.strictEqual(text, wholeText)
        assert.isTrue(sawEnd, "it ended without its end")
      } else {
        assert.isTrue(wholeText.startsWith(text), `not a beginning: ${JSON.stringify(text)}`)
        if (is === "left") assert.isTrue(asked.leaves >= 0, "nobody left")
        else assert.isFalse(sawEnd, "an end was shown, and then an error")
      }
      assert.strictEqual(afterEnd, 0, "something came after the end")
      if (is === "cut") assert.strictEqual(error?.reason._tag, "CutShort")
      if (is === "refused") assert.notStrictEqual(error?.reason._tag, "CutShort")
      assert.notStrictEqual(error?.reason._tag, "Internal")
    }
  },
  "there are no more attempts than allowed": (played: Played, { maxAttempts }: Limits) => {
    for (const { calls } of byRequest(played)) assert.isAtMost(calls.length, maxAttempts)
  },
  "each attempt is told": (played: Played) => {
    for (const { calls, outcome } of byRequest(played)) {
      if (outcome.is !== "left" && outcome.error?.reason._tag !== "DeadlineExceeded")
        assert.strictEqual(outcome.attempts, calls.length)
    }
  },
  "nobody is asked after the deadline, and nothing is waited for beyond an attempt's own limit": (
    played: Played,
    { deadlineMillis }: Limits
  ) => {
    for (const { calls, outcome } of byRequest(played)) {
      let deadline = outcome.startedAt + deadlineMillis
      let own = outcome.startedAt + (outcome.asked.timeout ?? Number.POSITIVE_INFINITY)
      for (const call of calls) {
        assert.isBelow(call.startedAt, deadline, `call ${call.number} starts late`)
        assert.isAtMost(call.startedAt, own, `call ${call.number} starts when the caller has given up`)
        if (!call.shown) continue
        // a stream that broke gives the search for somebody who goes on a time of its own
        deadline = at(call.endedAt) + deadlineMillis
        own = Number.POSITIVE_INFINITY
      }
      if (outcome.is === "refused" && outcome.asked.timeout !== undefined)
        assert.isAtMost(outcome.endedAt, outcome.startedAt + outcome.asked.timeout + rounding, "the caller's own limit")
      if (outcome.is === "refused")
        assert.isAtMost(
          outcome.endedAt,
          outcome.startedAt + deadlineMillis + 61_000 + rounding,
          "the last attempt's limit"
        )
    }
  },
  "the same provider is asked again only after what the table demands, and only as often": (
    played: Played,
    limits: Limits
  ) => {
    for (const { calls, outcome } of byRequest(played)) {
      const tries = new Map<string, number>()
      for (const call of calls) {
        const before = calls.findLast((one) => one.provider === call.provider && one.number < call.number)
        if (before === undefined) continue
        if (isPickyRefusal(before, outcome) && call.kind === "turn") continue
        const failure = failureOf(before, outcome)
        assert.isDefined(failure, `${call.provider} is asked again after it did not fail`)
        if (failure === undefined) continue
        const tried = (tries.get(call.provider) ?? 0) + 1
        tries.set(call.provider, tried)
        const wait = leastWait(failure, tried)
        assert.isDefined(wait, `${call.provider} is asked again after ${failure.reason._tag}, try ${tried}`)
        assert.isAtLeast(call.startedAt - at(before.endedAt), wait ?? 0, `after ${failure.reason._tag}`)
        assert.isFalse(before.shown && limits.hedge === false, "a provider goes on after itself")
      }
    }
  },
  "nobody is asked after a failure that lets nobody else try": (played: Played, limits: Limits) => {
    for (const { calls, outcome } of byRequest(played)) {
      let isFirst = true
      let window: number | undefined
      for (const [index, call] of calls.entries()) {
        const candidate = played.candidates.find(({ ref }) => ref.provider === call.provider)
        if (window !== undefined) assert.isAbove(candidate?.facts.contextWindowTokens ?? 0, window, "the window")
        const failure = failureOf(call, outcome)
        if (failure === undefined) continue
        const { reason } = failure
        // what goes on is held back until it is sure to join: a failure until then is one before anything was shown
        const shown = call.shown && (call.kind === "fresh" || call.shownMore)
        const open =
          (reason._tag === "Network" && reason.sent) || (reason._tag === "Timeout" && reason.limit !== "connect")
        const fallback = isPickyRefusal(call, outcome) ? "yes" : failure.decision.fallback
        const isFinal =
          (fallback === "no" && !(limits.fallbackOnContentPolicy && !shown)) ||
          (fallback === "notFromFirst" && isFirst) ||
          (fallback !== "yes" && shown) ||
          (shown && (!limits.resumes || outcome.asked.sideEffects || call.finished)) ||
          (open && outcome.asked.sideEffects)
        if (isFinal)
          assert.strictEqual(index, calls.length - 1, `somebody is asked after ${reason._tag} at ${call.provider}`)
        if (fallback === "largerWindow" && !shown)
          window = Math.max(window ?? 0, candidate?.facts.contextWindowTokens ?? Number.POSITIVE_INFINITY)
        isFirst = false
      }
    }
  },
  "an open circuit lets nobody pass, and then one call alone": (played: Played) => {
    for (const call of played.calls) {
      assert.isTrue(call.circuit.tag === "Closed" || call.circuit.tag === "HalfOpen", `call ${call.number}`)
      if (call.circuit.tag !== "HalfOpen") continue
      const undecided = played.calls.filter(
        (other) =>
          other.provider === call.provider &&
          other.number < call.number &&
          other.circuit.tag === "HalfOpen" &&
          // one that takes as long as an opening lasts is joined by the next
          call.startedAt < other.startedAt + Duration.toMillis(defaultResilience.circuit.openFor) &&
          at(other.endedAt) > call.startedAt &&
          at(other.shownAt) > call.startedAt
      )
      assert.strictEqual(undecided.length, 0, `two find out at once at ${call.provider}`)
    }
  },
  "a provider that failed three times within a minute is left alone for half a minute": (played: Played) => {
    const failed = new Map<string, Array<number>>()
    const { failures, openFor, window } = defaultResilience.circuit
    for (const call of played.calls) {
      const outcome = played.outcomes[call.request]
      if (outcome === undefined) continue
      const times = failed.get(call.provider) ?? []
      failed.set(call.provider, times)
      const recent = times.slice(-failures)
      const first = recent[0]
      const last = recent.at(-1)
      if (
        recent.length === failures &&
        first !== undefined &&
        last !== undefined &&
        last - first < Duration.toMillis(window)
      )
        assert.isAtLeast(call.startedAt, last + Duration.toMillis(openFor), `${call.provider} is asked too soon`)
      const failure = failureOf(call, outcome)
      if (failure?.decision.circuit === "failure") times.push(at(call.endedAt))
      if (failure === undefined && call.end === "ended") times.length = 0
    }
  },
  "an account or a model that a vendor turned away is not asked for a minute": (played: Played) => {
    const turnedAway = new Map<string, number>()
    for (const call of played.calls) {
      const outcome = played.outcomes[call.request]
      if (outcome === undefined) continue
      const since = call.startedAt - (turnedAway.get(call.provider) ?? Number.NEGATIVE_INFINITY)
      assert.isAtLeast(since, 60_000, `${call.provider} is asked in quarantine`)
      const failure = failureOf(call, outcome)
      if (
        failure !== undefined &&
        failure.decision.quarantine !== "none" &&
        failure.decision.quarantine !== "credential"
      )
        turnedAway.set(call.provider, at(call.endedAt))
    }
  },
  "what a vendor asked to wait is waited, by every request": (played: Played) => {
    const notBefore = new Map<string, number>()
    for (const call of played.calls) {
      const outcome = played.outcomes[call.request]
      if (outcome === undefined) continue
      assert.isAtLeast(call.startedAt, notBefore.get(call.provider) ?? 0, `${call.provider} is asked too soon`)
      const failure = failureOf(call, outcome)
      if (failure?.reason._tag !== "RateLimited") continue
      const until = at(call.endedAt) + (failure.reason.retryAfterMillis ?? 2000)
      notBefore.set(call.provider, Math.max(until, notBefore.get(call.provider) ?? 0))
    }
  }
} satisfies Readonly<Record<string, (played: Played, limits: Limits) => void>>

/** A single request over healthy circuits gives up only when nothing is left to try. */
const givesUpForAReason = (played: Played, limits: Limits) => {
  for (const { calls, outcome } of byRequest(played)) {
    if (outcome.is !== "refused") continue
    const failures = calls.map((call) => failureOf(call, outcome))
    const late =
      outcome.endedAt >= outcome.startedAt + Math.min(limits.deadlineMillis, outcome.asked.timeout ?? Infinity)
    const stopped = failures.some((failure, index) => {
      if (failure === undefined) return false
      const { fallback } = failure.decision
      return (
        fallback === "no" ||
        fallback === "largerWindow" ||
        (fallback === "notFromFirst" && calls[index]?.provider === calls[0]?.provider) ||
        outcome.asked.sideEffects
      )
    })
    const all = new Set(calls.map(({ provider }) => provider)).size === played.candidates.length
    assert.isTrue(late || stopped || all || calls.length >= limits.maxAttempts, "it gave up too early")
  }
}

/** A stream that broke is given up only when nobody is left who could go on. */
const goesOnAsLongAsItCan = (played: Played, limits: Limits) => {
  for (const { calls, outcome } of byRequest(played)) {
    const last = calls.at(-1)
    if (outcome.is !== "cut" || last === undefined || outcome.text.trim() === "") continue
    const failures = calls.map((call) => failureOf(call, outcome))
    const final = failures.some((failure) => failure?.decision.fallback === "notFromFirst")
    const all = new Set(calls.map(({ provider }) => provider)).size === played.candidates.length
    const late = outcome.endedAt >= at(calls.findLast(({ shown }) => shown)?.endedAt) + limits.deadlineMillis
    assert.isTrue(all || final || late || calls.length >= limits.maxAttempts, `nobody went on\n${show(calls)}`)
  }
}

/** Nobody is asked for more at once, or more a minute, than its account is allowed. */
const staysWithinLimits = ({ calls }: Played, providers: ReadonlyArray<Provider>) => {
  for (const [index, { concurrent, perMinute }] of providers.entries()) {
    const own = calls.filter(({ provider }) => provider === `p${index}`)
    for (const call of own) {
      const before = own.filter(({ number }) => number < call.number)
      const running = before.filter(({ endedAt }) => at(endedAt) > call.startedAt).length
      if (concurrent !== undefined) assert.isBelow(running, concurrent, `p${index}: at once\n${show(own)}`)
      // what a whole minute holds may come at its beginning and again at the beginning of the next
      const recent = before.filter(({ startedAt }) => startedAt > call.startedAt - 60_000 + rounding).length
      if (perMinute !== undefined) assert.isBelow(recent, perMinute, `p${index}: a minute\n${show(own)}`)
    }
  }
}

/** Infrastructure that failed is asked only when no other is left. */
const prefersOtherDomains = (played: Played) => {
  for (const { calls, outcome } of byRequest(played)) {
    if (calls.some((call) => failureOf(call, outcome)?.reason._tag === "ContextLengthExceeded")) continue
    const asked: Array<string> = []
    const failed = new Set<string>()
    for (const call of calls) {
      const domainOf = (id: string) => played.candidates.find(({ ref }) => ref.provider === id)?.failureDomain ?? ""
      if (!asked.includes(call.provider)) {
        const left = played.candidates.filter(({ ref }) => !asked.includes(ref.provider))
        const wished = left.find(({ failureDomain }) => !failed.has(failureDomain)) ?? left[0]
        assert.strictEqual(call.provider, wished?.ref.provider, "another was to be asked")
        asked.push(call.provider)
      }
      if (failureOf(call, outcome) !== undefined && !call.shown) failed.add(domainOf(call.provider))
    }
  }
}

type Law = keyof typeof laws

/** Those that hold where attempts of one request run beside each other. */
const whenHedged: ReadonlyArray<Law> = [
  "an answer that ends is all of the text, and one that does not is a beginning of it",
  "there are no more attempts than allowed",
  "nobody is asked after the deadline, and nothing is waited for beyond an attempt's own limit",
  "an open circuit lets nobody pass, and then one call alone"
]
/** Those that hold where requests run beside each other. */
const whenAtOnce: ReadonlyArray<Law> = [
  ...whenHedged,
  "each attempt is told",
  "the same provider is asked again only after what the table demands, and only as often",
  "nobody is asked after a failure that lets nobody else try"
]

const check = (played: Played, limits: Limits, only?: ReadonlyArray<string>) => {
  for (const [name, law] of Object.entries(laws)) {
    if (only?.includes(name) === false) continue
    try {
      law(played, limits)
    } catch (error) {
      throw new Error(`${name}: ${error instanceof Error ? error.message : String(error)}\n${show(played.calls)}`, {
        cause: error
      })
    }
  }
}

/** `WALK_RUNS` and `WALK_SEED` look further than the suite has time for. */
const runs = Number(process.env["WALK_RUNS"] ?? 300)
const seed = Number(process.env["WALK_SEED"] ?? 11)

const Several = Schema.Array(Asked).check(Schema.isMinLength(1), Schema.isMaxLength(12))
const options = (number: number) => ({ arbitrary: { runs, seed: seed + number }, timeout: 60_000 })

describe("every walk", () => {
  it.effect.prop(
    "of one request keeps the laws, and gives up only when nothing is left to try",
    { providers: Providers, asked: Asked, limits: Limits, seed: Seed },
    ({ asked, providers, seed, ...given }) => {
      const limits = { ...given.limits, hedge: false }
      return Effect.map(play(providers, [asked], limits, seed), (played) => {
        check(played, limits)
        givesUpForAReason(played, limits)
        prefersOtherDomains(played)
      })
    },
    options(0)
  )
  it.effect.prop(
    "of a row of requests over the same circuits keeps the laws",
    { providers: Providers, all: Several, limits: Limits, seed: Seed },
    ({ all, providers, seed, ...given }) => {
      const limits = { ...given.limits, hedge: false }
      return Effect.map(play(providers, all, limits, seed), (played) => check(played, limits))
    },
    options(1)
  )
  it.effect.prop(
    "of requests that overlap keeps the laws",
    { providers: Providers, all: Several, limits: Limits, seed: Seed },
    ({ all, providers, seed, ...given }) => {
      const limits = { ...given.limits, hedge: false }
      return Effect.map(play(providers, all, limits, seed, "atOnce"), (played) => check(played, limits, whenAtOnce))
    },
    options(2)
  )
  it.effect.prop(
    "that is hedged keeps the laws",
    { providers: Providers, all: Several, limits: Limits, seed: Seed },
    ({ all, providers, seed, ...given }) => {
      const limits = { ...given.limits, hedge: true }
      return Effect.map(play(providers, all, limits, seed, "atOnce"), (played) => check(played, limits, whenHedged))
    },
    options(3)
  )
  it.effect.prop(
    "of a stream that breaks is completed exactly as long as somebody can go on",
    {
      providers: Schema.NonEmptyArray(BreakingProvider).check(Schema.isMaxLength(5)),
      limits: Limits,
      seed: Seed
    },
    ({ providers, seed, ...given }) => {
      const limits = { ...given.limits, hedge: false, resumes: true }
      const asked: Asked = { live: true, sideEffects: false, timeout: undefined, leaves: -1, pause: 0 }
      return Effect.map(play(providers, [asked], limits, seed), (played) => {
        check(played, limits)
        goesOnAsLongAsItCan(played, limits)
      })
    },
    options(4)
  )
  it.effect.prop(
    "through outages leaves open circuits alone",
    {
      providers: Schema.NonEmptyArray(FailingProvider).check(Schema.isMaxLength(2)),
      all: Schema.Array(Asked).check(Schema.isMinLength(6), Schema.isMaxLength(40)),
      limits: Limits,
      seed: Seed
    },
    ({ all, providers, seed, ...given }) => {
      const limits = { ...given.limits, hedge: false }
      return Effect.map(play(providers, all, limits, seed), (played) => check(played, limits))
    },
    options(5)
  )
  it.effect.prop(
    "of requests that overlap keeps the limits of every account, and nobody waits for ever",
    { providers: Providers, all: Several, limits: Limits, seed: Seed },
    ({ all, limits, providers, seed }) =>
      Effect.map(play(providers, all, limits, seed, "atOnce", true), (played) => {
        check(played, limits, whenHedged)
        staysWithinLimits(played, providers)
      }),
    options(6)
  )
})
