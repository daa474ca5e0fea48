/**
 * An outage of the first choice: 30 requests, one every four seconds, a minute of them while it is down. What has to be
 * true of it, and a run in real time over HTTP.
 */
import { Effect, References } from "effect"
import { ask, deliveries, dialects, looksWhole } from "../../test/e2e/asking.ts"
import { alias } from "../../test/e2e/harness.ts"
import { startSite } from "./site.ts"

const seconds = 1000
export const outage = {
  requests: 30,
  everyMillis: 4 * seconds,
  /** After the first request. */
  beginsMillis: 20 * seconds,
  endsMillis: 80 * seconds,
  /** How long it may take until it is used again. */
  backWithinMillis: 35 * seconds,
  /** What the defaults say: so many failures open a circuit, for so long. */
  failures: 3,
  openForMillis: 30 * seconds
}

/** What was seen of it. Times in milliseconds since the first request. */
export interface SeenOutage {
  readonly answers: ReadonlyArray<{ readonly at: number; readonly by: string | undefined }>
  /** Every call that reached the first choice, probes included. */
  readonly calls: ReadonlyArray<number>
}

/** What is not as it should be; empty where all is. */
export const judgeOutage = (
  { answers, calls }: SeenOutage,
  names: { readonly primary: string; readonly backup: string }
): ReadonlyArray<string> => {
  const problems: Array<string> = []
  const { backWithinMillis, beginsMillis, endsMillis, failures, openForMillis, requests } = outage
  if (answers.length !== requests) problems.push(`${answers.length} requests were made, not ${requests}`)
  for (const { at, by } of answers) {
    if (by === undefined) problems.push(`the request at ${at} ms was not answered`)
    else if (at < beginsMillis && by !== names.primary) problems.push(`${by} answered at ${at} ms, before the outage`)
    else if (at >= beginsMillis && at < endsMillis && by !== names.backup)
      problems.push(`${by} answered at ${at} ms, within the outage`)
  }
  const within = calls.filter((at) => at >= beginsMillis && at < endsMillis)
  // whoever fails so often is left alone; from then on at most one call in each opening finds out
  for (let index = failures; index < within.length; index++) {
    const gap = (within[index] ?? 0) - (within[index - 1] ?? 0)
    if (gap < openForMillis - seconds) problems.push(`a call reached the first choice ${gap} ms after the one before`)
  }
  if (within.length < failures) problems.push(`the first choice was asked ${within.length} times`)
  const back = answers.find(({ at, by }) => at >= endsMillis && by === names.primary)?.at
  if (back === undefined || back > endsMillis + backWithinMillis)
    problems.push(
      `the first choice was used again at ${back} ms, which should be ${endsMillis + backWithinMillis} at most`
    )
  else if (answers.some(({ at, by }) => at > back && by !== names.primary))
    problems.push("the first choice was not used any more after it was back")
  return problems
}

/** The outage over HTTP in real time, printed as it goes; gives whether all was as it should be. */
export const runOutage: Effect.Effect<boolean> = Effect.gen(function* () {
  const { simulator, url } = yield* startSite({
    vendors: ["openai", "anthropic"],
    aliases: [alias("smart", "openai/gpt-5.2", "anthropic/claude-sonnet-5")]
  })
  const began = performance.now()
  const since = () => Math.round(performance.now() - began)
  const wallBegan = Date.now()
  yield* Effect.forkChild(
    Effect.gen(function* () {
      yield* Effect.sleep(outage.beginsMillis - 2 * seconds)
      yield* simulator.setFault({ fault: "unavailable", vendor: "openai" })
      yield* Effect.sleep(outage.endsMillis - outage.beginsMillis)
      yield* simulator.clearFaults
    })
  )
  console.log("the first choice (openai) is down from 18 s to 78 s")
  const answers: Array<SeenOutage["answers"][number]> = []
  for (let n = 0; n < outage.requests; n++) {
    yield* Effect.sleep(Math.max(0, n * outage.everyMillis - since()))
    const at = since()
    const delivery = deliveries[n % 2] ?? "whole"
    const told = yield* ask(url, {
      dialect: dialects[(n >> 1) % dialects.length] ?? "openai",
      delivery,
      model: "smart",
      prompt: `Request ${n}`
    })
    const by = looksWhole(delivery, told) ? (told.headers.get("x-switchyard-provider") ?? undefined) : undefined
    answers.push({ at, by })
    const attempts = told.headers.get("x-switchyard-attempts")
    console.log(`${String(at).padStart(7)} ms  ${by ?? "NOT ANSWERED"}, ${attempts} attempts, ${since() - at} ms`)
  }
  const calls = (yield* simulator.calls)
    .filter(({ vendor }) => vendor === "openai")
    .map(({ atMillis }) => atMillis - wallBegan)
  const problems = judgeOutage({ answers, calls }, { primary: "openai", backup: "anthropic" })
  const within = calls.filter((at) => at >= outage.beginsMillis - 2 * seconds && at < outage.endsMillis)
  console.log(`\ncalls at the first choice within the outage: ${within.map((at) => `${at} ms`).join(", ")}`)
  for (const problem of problems) console.log(problem)
  const answered = answers.filter(({ by }) => by !== undefined).length
  console.log(`${outage.requests} requests, ${answered} answered, ${problems.length} not as expected`)
  return problems.length === 0
}).pipe(Effect.scoped, Effect.orDie, Effect.provideService(References.MinimumLogLevel, "None"))
