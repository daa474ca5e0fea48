/**
 * Callers that leave at every moment of a request, by the hundred. Afterwards nothing of them may be left: no call at a
 * vendor, no fiber, no timer, no socket, nothing in flight, no circuit on probe.
 */
import { Duration, Effect, Metric, References, Scope, Exit } from "effect"
import { defaultResilience } from "../../src/config/Settings.ts"
import { ask } from "../../test/e2e/asking.ts"
import { alias } from "../../test/e2e/harness.ts"
import { askAndLeave, callerKinds, watchArrivals } from "./callers.ts"
import { startSite } from "./site.ts"

export interface LeaversOptions {
  readonly callers: number
  /** How many are there at once. */
  readonly atOnce: number
}

/** What is left, counted. */
export interface Left {
  readonly upstreamCalls: number
  readonly requests: number
  readonly inFlight: number
  readonly probing: number
  readonly fibers: number
}

export interface SeenLeavers {
  /** Who left at the moment it meant to, by kind. */
  readonly left: ReadonlyMap<string, { readonly came: number; readonly atMoment: number }>
  readonly upstreamCalls: number
  readonly before: Left
  readonly after: Left
  /** Of the process, by kind, before the gateway started and after it has gone. */
  readonly resources: { readonly before: Resources; readonly after: Resources }
  readonly problems: ReadonlyArray<string>
}

type Resources = Readonly<Record<string, number>>

/** What keeps the process busy. Read between two turns of the event loop, as a timer counts while it calls back. */
const resourcesNow: Effect.Effect<Resources> = Effect.callback((resume) => {
  const read = () => {
    const counts: Record<string, number> = {}
    for (const kind of process.getActiveResourcesInfo())
      if (/TCP|Timeout/.test(kind)) counts[kind] = (counts[kind] ?? 0) + 1
    resume(Effect.succeed(counts))
  }
  setImmediate(() => setImmediate(read))
})

/** Waits until `read` gives what `isRight`, fifteen seconds at the most; gives what it gave last. */
const settled = <A>(read: Effect.Effect<A>, isRight: (value: A) => boolean): Effect.Effect<A> =>
  Effect.gen(function* () {
    for (let tries = 0; ; tries++) {
      const value = yield* read
      if (isRight(value) || tries >= 750) return value
      yield* Effect.sleep("20 millis")
    }
  })

/** The same numbers in every run. */
const lots = (seed: number): (() => number) => {
  let state = seed
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return state / 2 ** 32
  }
}

const site = startSite({
  vendors: ["openai", "anthropic", "gemini", "mistral", "deepseek", "groq", "together", "xai"],
  aliases: [
    alias("falls-back", "openai/gpt-5.2--empty", "anthropic/claude-sonnet-5--silence"),
    alias("goes-on", "openai/gpt-5.2--cut", "gemini/gemini-3.5-flash--silence"),
    { ...alias("hedged", "xai/grok-4", "together/llama-3.3-70b--silence"), hedge: true }
  ],
  server: { patience: Duration.millis(50), heartbeat: Duration.millis(50) },
  resilience: {
    // every moment is to be reached however often others failed
    circuit: { ...defaultResilience.circuit, failures: 1_000_000 },
    // the queue keeps an alarm for who waits longest, left or not: nothing stays longer than this
    queue: { ...defaultResilience.queue, patience: Duration.seconds(3) },
    retryBudget: { share: 1, perMinute: 1_000_000 },
    probes: { ...defaultResilience.probes, enabled: false }
  },
  spec: (spec) =>
    spec.id === "groq"
      ? { ...spec, limits: { requestsPerMinute: undefined, tokensPerMinute: undefined, concurrent: 2 } }
      : spec
})

export const playLeavers = ({ atOnce, callers }: LeaversOptions): Effect.Effect<SeenLeavers> =>
  Effect.gen(function* () {
    const before = yield* resourcesNow
    const scope = yield* Scope.make()
    let fibers = 0
    const counted = {
      recordFiberStart: () => void fibers++,
      recordFiberEnd: () => void fibers--
    }
    const { gateway, lifecycle, operations, simulator, url } = yield* site.pipe(
      Effect.provideService(Metric.FiberRuntimeMetrics, counted),
      Scope.provide(scope)
    )
    const arrivals = yield* watchArrivals(simulator).pipe(Scope.provide(scope))
    const lot = lots(7)

    // known to begin fast, so that slowness is seen, and asked for by everybody once, so that all is set up
    for (let n = 0; n < 25; n++)
      yield* ask(url, { dialect: "openai", delivery: "live", model: "xai/grok-4", prompt: "hello" })
    yield* simulator.setFault({ fault: "silence", vendor: "xai", model: "grok-4" })
    const left = Effect.gen(function* () {
      const calls = yield* simulator.calls
      const availability = yield* gateway.availability
      const reports = yield* operations.providers
      return {
        upstreamCalls: calls.filter(({ endedAtMillis }) => endedAtMillis === undefined).length,
        requests: lifecycle.running(),
        inFlight: availability.reduce((sum, { inFlight }) => sum + inFlight, 0),
        probing: reports
          .flatMap(({ circuit, models }) => [circuit, ...models.map((model) => model.circuit)])
          .filter(({ state }) => state === "halfOpen").length,
        fibers
      } satisfies Left
    })
    const isQuiet = ({ inFlight, probing, requests, upstreamCalls }: Left) =>
      inFlight + probing + requests + upstreamCalls === 0
    const came = new Map<string, { came: number; atMoment: number }>()
    const some = (from: number, count: number) =>
      Effect.forEach(
        Array.from({ length: count }, (_, index) => from + index),
        (number) =>
          Effect.promise(async () => {
            const kind = callerKinds[number % callerKinds.length]
            if (kind === undefined) return
            const counts = came.get(kind.name) ?? { came: 0, atMoment: 0 }
            came.set(kind.name, counts)
            counts.came++
            if (await askAndLeave(url, kind, number, arrivals, lot())) counts.atMoment++
          }),
        { concurrency: atOnce }
      )
    // what is set up at its first use is no leak
    const first = callerKinds.length * 2
    yield* some(0, first)
    const base = yield* settled(left, isQuiet)
    yield* some(first, callers - first)
    const after = yield* settled(left, (now) => isQuiet(now) && now.fibers <= base.fibers)
    const upstreamCalls = (yield* simulator.calls).length
    yield* Scope.close(scope, Exit.void)
    const atLast = yield* settled(resourcesNow, (now) =>
      Object.entries(now).every(([kind, count]) => count <= (before[kind] ?? 0))
    )

    const problems: Array<string> = []
    for (const [what, count] of Object.entries(after)) {
      const most = what === "fibers" ? base.fibers : 0
      if (count > most) problems.push(`${what}: ${count} are left, which should be ${most}`)
    }
    for (const [kind, count] of Object.entries(atLast))
      if (count > (before[kind] ?? 0))
        problems.push(`${kind}: ${count} keep the process busy, ${before[kind] ?? 0} did before`)
    for (const [kind, { atMoment }] of came) if (atMoment === 0) problems.push(`nobody left ${kind}`)
    return {
      left: came,
      upstreamCalls,
      before: base,
      after,
      resources: { before, after: atLast },
      problems
    }
  }).pipe(Effect.scoped, Effect.orDie, Effect.provideService(References.MinimumLogLevel, "None"))

/** A thousand of them, printed; gives whether nothing is left. */
export const runLeavers: Effect.Effect<boolean> = Effect.gen(function* () {
  const began = performance.now()
  const { after, before, left, problems, resources, upstreamCalls } = yield* playLeavers({ callers: 1000, atOnce: 60 })
  for (const [kind, { atMoment, came }] of left)
    console.log(
      `${kind.padEnd(36)} ${String(came).padStart(4)} callers, ${String(atMoment).padStart(4)} left at their moment`
    )
  console.log(`\n${upstreamCalls} calls reached vendors; it took ${Math.round(performance.now() - began)} ms`)
  console.log(`${"left behind".padEnd(36)} before   after`)
  for (const [what, count] of Object.entries(after))
    console.log(
      `${what.padEnd(36)} ${String(Object.entries(before).find(([name]) => name === what)?.[1]).padStart(6)} ${String(count).padStart(7)}`
    )
  for (const kind of new Set([...Object.keys(resources.before), ...Object.keys(resources.after)]))
    console.log(
      `${`${kind} (gateway gone)`.padEnd(36)} ${String(resources.before[kind] ?? 0).padStart(6)} ${String(resources.after[kind] ?? 0).padStart(7)}`
    )
  for (const problem of problems) console.log(problem)
  console.log(`\n${problems.length} not as expected`)
  return problems.length === 0
})
