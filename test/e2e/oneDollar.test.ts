/**
 * Two thousand requests at once against one dollar, over real sockets: what the vendor bills, by its own count, stays
 * within it and uses it up; and on the next day there is service again.
 */
import { assert, describe, it } from "@effect/vitest"
import { Clock, Effect, References, Semaphore } from "effect"
import { request } from "node:http"
import { connect, type Socket } from "node:net"
import { policyOf } from "../../src/config/budgets.ts"
import { isJsonObject, type Json, parseJson } from "../../src/domain/Json.ts"
import type { RecordedCall } from "../../src/simulator/Calls.ts"
import { requestOf } from "./asking.ts"
import { start } from "./harness.ts"

const model = "openai/writer-1"
/** US dollars a million tokens. */
const price = { inputUsdPerMTok: 0.01, outputUsdPerMTok: 16 }
const dayMillis = 86_400_000
const atOnce = 2000

/** The real clock, ahead by as much as is said. */
const ahead = (real: Clock.Clock, millis: () => number): Clock.Clock => ({
  currentTimeMillisUnsafe: () => real.currentTimeMillisUnsafe() + millis(),
  currentTimeMillis: Effect.sync(() => real.currentTimeMillisUnsafe() + millis()),
  currentTimeNanosUnsafe: () => real.currentTimeNanosUnsafe() + BigInt(millis()) * 1_000_000n,
  currentTimeNanos: Effect.sync(() => real.currentTimeNanosUnsafe() + BigInt(millis()) * 1_000_000n),
  monotonicTimeNanosUnsafe: () => real.monotonicTimeNanosUnsafe(),
  monotonicTimeNanos: real.monotonicTimeNanos,
  sleep: (duration) => real.sleep(duration)
})

const { body } = requestOf({
  dialect: "openai",
  delivery: "whole",
  model,
  prompt: "Write 200 words",
  fields: { max_completion_tokens: 60 }
})

/** A connection of its own for each request; so many are opened at once as a listener takes. */
const opening = Semaphore.makeUnsafe(100)
const connected = (url: string): Effect.Effect<Socket, Error> =>
  opening.withPermits(1)(
    Effect.callback<Socket, Error>((resume) => {
      const { hostname, port } = new URL(url)
      const socket = connect({ host: hostname, port: Number(port) })
      socket.once("connect", () => resume(Effect.succeed(socket)))
      socket.once("error", (error) => resume(Effect.fail(error)))
    })
  )

const posted = (url: string, socket: Socket): Effect.Effect<{ readonly status: number; readonly raw: string }, Error> =>
  Effect.callback((resume) => {
    const headers = { "content-type": "application/json", "content-length": Buffer.byteLength(body) }
    const options = { method: "POST", createConnection: () => socket, headers }
    const call = request(`${url}/v1/chat/completions`, options, (response) => {
      let raw = ""
      response.setEncoding("utf8")
      response.on("data", (chunk: string) => (raw += chunk))
      response.on("end", () => resume(Effect.succeed({ status: response.statusCode ?? 0, raw })))
    })
    call.on("error", (error) => resume(Effect.fail(error)))
    call.end(body)
    return Effect.sync(() => void call.destroy())
  })

const usageOf = (raw: string): { readonly input: number; readonly output: number } => {
  const body: Json | undefined = parseJson(raw)
  const usage = isJsonObject(body) ? body["usage"] : undefined
  return isJsonObject(usage)
    ? { input: Number(usage["prompt_tokens"]), output: Number(usage["completion_tokens"]) }
    : { input: 0, output: 0 }
}

/** How many calls were under way at once. */
const peak = (calls: ReadonlyArray<RecordedCall>): number => {
  const ends = calls.map(({ atMillis, endedAtMillis = atMillis }) => endedAtMillis)
  return Math.max(...calls.map(({ atMillis }, at) => at + 1 - ends.filter((end) => end < atMillis).length))
}

describe("two thousand requests at once against one dollar", () => {
  it.live(
    "are billed between 90 cents and a dollar by the vendor's own count, and served again on the next day",
    () =>
      Effect.gen(function* () {
        let shift = 0
        const clock = ahead(yield* Clock.Clock, () => shift)
        yield* Effect.gen(function* () {
          const { budgets, simulator, url } = yield* start({
            vendors: ["openai"],
            simulator: { rememberedCalls: 2 * atOnce },
            settings: {
              budgets: [policyOf("global", { window: "day", limitUsd: 1, reserve: 0 })],
              facts: new Map([[model, { price, capabilities: ["tools"] }]])
            }
          })
          const ask = (socket: Socket) => posted(url, socket)
          const one = Effect.flatMap(connected(url), ask)
          const burst = Effect.gen(function* () {
            yield* simulator.clearCalls
            const all = { concurrency: "unbounded" } as const
            const sockets = yield* Effect.forEach(Array.from({ length: atOnce }), () => connected(url), all)
            const told = yield* Effect.forEach(sockets, ask, all)
            const answered = told.filter(({ status }) => status === 200)
            const refused = told.filter(({ raw, status }) => status === 429 && raw.includes("insufficient_quota"))
            for (const { raw, status } of told) assert.include([200, 429], status, raw)
            assert.strictEqual(answered.length + refused.length, atOnce)
            const calls = yield* simulator.calls
            assert.lengthOf(calls, answered.length)
            const usages = answered.map(({ raw }) => usageOf(raw))
            assert.isTrue(usages.every(({ output }) => output === 60))
            const bill = usages.reduce(
              (sum, { input, output }) => sum + (input * price.inputUsdPerMTok + output * price.outputUsdPerMTok) / 1e6,
              0
            )
            console.info(
              `${answered.length} answered, ${refused.length} refused, up to ${peak(calls)} at once: billed $${bill.toFixed(6)} of $1`
            )
            assert.isAtMost(bill, 1)
            assert.isAtLeast(bill, 0.9)
            const [report] = budgets.report(clock.currentTimeMillisUnsafe())
            assert.strictEqual(report?.reserved, 0)
            assert.closeTo((report?.spent ?? 0) / 1e9, bill, 1e-5)
          })
          yield* simulator.setFault({ vendor: "openai", fault: "slow-first-token", delayMillis: 4000 })
          yield* burst
          yield* simulator.clearFaults
          // what was held while they ran and not spent serves a few more, one after the other
          yield* Effect.repeat(one, { until: ({ status }) => status === 429, times: 50 })
          assert.strictEqual((yield* one).status, 429)
          shift += dayMillis
          assert.strictEqual((yield* one).status, 200)
        }).pipe(Effect.scoped, Effect.provideService(Clock.Clock, clock))
      }).pipe(Effect.provideService(References.MinimumLogLevel, "None")),
    { timeout: 90_000 }
  )
})
