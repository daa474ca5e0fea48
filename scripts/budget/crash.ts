/**
 * `npm run budget:crash`: a gateway that is killed without a word in the middle of its calls, twenty times over, against
 * one dollar. The vendor bills every call that it has read, whether its answer was heard or not; by its own count the
 * bill never passes the dollar.
 *
 * Everything stays on the loopback, is bounded in count and time, and ends by itself; exits with 1 if it does not hold.
 */
import { Effect } from "effect"
import { mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { setTimeout as sleep } from "node:timers/promises"
import { fileURLToPath } from "node:url"
import * as Simulator from "../../src/simulator/Simulator.ts"
import { endChild, freePort, lastOutput, startChild, untilListening } from "../bench/processes.ts"

const longestMillis = 10 * 60_000
const kills = 20
const atOnce = 20
/** Calls of one life, at the least, before it is killed. */
const callsBefore = 15
const outputTokens = 60
/** US dollars a million tokens. */
const price = { input: 0.01, output: 16 }

const main = fileURLToPath(new URL("../../src/main.ts", import.meta.url))
const body = JSON.stringify({
  model: "openai/writer-1",
  max_completion_tokens: outputTokens,
  messages: [{ role: "user", content: "Write 200 words" }]
})

const fail = (reason: unknown): never => {
  console.error(reason instanceof Error ? (reason.stack ?? reason.message) : String(reason))
  process.exit(1)
}

const configOf = (baseUrl: string, folder: string): string => `
providers:
  openai: { kind: openai, apiKey: a-key-that-is-none, baseUrl: "${baseUrl}" }
models:
  openai/writer-1: { price: { inputPerMTok: ${price.input}, outputPerMTok: ${price.output} }, capabilities: [tools] }
budgets:
  - { scope: global, window: month, limitUsd: 1, reserve: 0 }
storage: { sqlite: ${join(folder, "switchyard.db")} }
`

interface Told {
  readonly status: number
  readonly inputTokens: number
}

/** One request; a status of 0 where the gateway died under it. */
const ask = async (port: number): Promise<Told> => {
  try {
    const response = await fetch(`http://127.0.0.1:${port}/v1/chat/completions`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body
    })
    const text = await response.text()
    const [, tokens = "0", written = ""] = /"prompt_tokens":\s*(\d+),\s*"completion_tokens":\s*(\d+)/.exec(text) ?? []
    if (response.status === 200 && Number(written) !== outputTokens) fail(`an answer of another length: ${text}`)
    return { status: response.status, inputTokens: Number(tokens) }
  } catch {
    return { status: 0, inputTokens: 0 }
  }
}

const run = async (simulator: Simulator.SimulatorShape, folder: string): Promise<boolean> => {
  const calls = () => Effect.runPromise(simulator.calls)
  const config = join(folder, "switchyard.yaml")
  writeFileSync(config, configOf(simulator.baseUrl("openai"), folder))
  let inputTokens = 0
  let inFlight = 0
  let refusedLives = 0
  for (let life = 1; life <= kills + 1; life++) {
    const isLast = life > kills
    const port = await freePort()
    const gateway = startChild({
      name: `gateway-${life}`,
      args: [main, "serve", "--config", config],
      core: undefined,
      env: { SWITCHYARD_PORT: String(port), NODE_ENV: "production" },
      folder
    })
    await untilListening(gateway, port)
    const before = (await calls()).length
    const state = { over: false, refused: 0 }
    const caller = async () => {
      while (!state.over) {
        const told = await ask(port)
        if (told.status === 200) inputTokens = Math.max(inputTokens, told.inputTokens)
        if (told.status === 429) state.refused++
        else if (told.status !== 200 && !state.over) fail(`${told.status}\n${lastOutput(gateway)}`)
        // nothing is left: each has been told so
        if (state.refused >= 2 * atOnce) state.over = true
      }
    }
    const callers = Array.from({ length: atOnce }, caller)
    const mostCalls = isLast ? Number.POSITIVE_INFINITY : before + callsBefore + life
    while (!state.over && (await calls()).length < mostCalls) await sleep(5)
    const running = (await calls()).filter(({ endedAtMillis }) => endedAtMillis === undefined).length
    state.over = true
    if (isLast) await endChild(gateway)
    else {
      inFlight += running
      if (state.refused > 0) refusedLives++
      const ended = new Promise((resolve) => gateway.process.once("exit", resolve))
      gateway.process.kill("SIGKILL")
      await ended
    }
    await Promise.all(callers)
  }
  const billed = ((await calls()).length * (inputTokens * price.input + outputTokens * price.output)) / 1e6
  console.log(
    `killed ${kills} times with ${inFlight} calls in flight (${refusedLives} lives found nothing left): ` +
      `the vendor bills $${billed.toFixed(6)} of $1 for ${(await calls()).length} calls`
  )
  return inputTokens > 0 && billed <= 1
}

const program = Effect.gen(function* () {
  const simulator = yield* Simulator.make({ rememberedCalls: 5000 })
  yield* simulator.setFault({ vendor: "openai", fault: "slow-first-token", delayMillis: 200 })
  const folder = yield* Effect.acquireRelease(
    Effect.sync(() => mkdtempSync(join(tmpdir(), "switchyard-crash-"))),
    (path) => Effect.sync(() => rmSync(path, { recursive: true, force: true }))
  )
  return yield* Effect.promise(() => run(simulator, folder))
}).pipe(Effect.scoped)

globalThis.setTimeout(() => fail("It took longer than ten minutes and was ended."), longestMillis).unref()
const holds = await Effect.runPromise(program).catch(fail)
process.exit(holds ? 0 : 1)
