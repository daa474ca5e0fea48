/**
 * How long from the start of the process to the first chat answer, with no configuration: the built-in simulators.
 *
 * Cold is without Node's compile cache, so every module is stripped of its types and compiled anew; warm is with a
 * cache that one earlier start has filled. The file system's own cache is warm in both. The gateway is not held to a
 * core here: V8 compiles on helper threads.
 */
import { existsSync, mkdirSync, readdirSync } from "node:fs"
import { join } from "node:path"
import { setTimeout as sleep } from "node:timers/promises"
import { say, temporaryFolder } from "./bench-site.ts"
import { Connection, type Exchange, postBytes } from "./http1.ts"
import type { Options } from "./options.ts"
import { type Child, endChild, lastOutput, listens, startChild } from "./processes.ts"
import { table } from "./report.ts"
import { median } from "./statistics.ts"
import { openAiRequest } from "./wires.ts"

const limitMs = 30_000
const pollMs = 2
/** Aliases that exist without a configuration, and `auto`. */
const likelyModels = ["fast", "smart", "auto"]

interface Started {
  readonly listeningMs: number
  readonly answerMs: number
}

const ask = (port: number, model: string): Promise<Exchange | string> =>
  new Promise((resolve) => {
    const connection = new Connection(port)
    const settle = (outcome: Exchange | string): void => {
      clearTimeout(timer)
      connection.destroy()
      resolve(outcome)
    }
    const timer = setTimeout(settle, limitMs, "no answer in time")
    const request = postBytes(port, "/v1/chat/completions", {}, openAiRequest(model, false))
    connection.send(request, { onEnd: settle, onError: settle })
  })

const spawnGateway = (options: Options, folder: string, name: string, env: Readonly<Record<string, string>>): Child =>
  startChild({ name, args: [options.entry, "serve"], core: undefined, folder, env })

const untilListens = async (child: Child, port: number, began: number): Promise<void> => {
  while (!(await listens(port))) {
    if (child.process.exitCode !== null) throw new Error(`the gateway ended at once\n${lastOutput(child)}`)
    if (performance.now() - began > limitMs)
      throw new Error(`nobody listens at 127.0.0.1:${port} after ${limitMs / 1000} s\n${lastOutput(child)}`)
    await sleep(pollMs)
  }
}

/** One start: from before the spawn to the whole first answer. Ends the gateway again. */
const once = async (
  options: Options,
  folder: string,
  model: string,
  env: Readonly<Record<string, string>>
): Promise<Started> => {
  const began = performance.now()
  const child = spawnGateway(options, folder, "startup", env)
  try {
    await untilListens(child, options.port, began)
    const listeningMs = performance.now() - began
    const answer = await ask(options.port, model)
    const answerMs = performance.now() - began
    if (typeof answer === "string") throw new Error(answer)
    if (answer.status !== 200) throw new Error(`status ${answer.status}: ${answer.body.toString().slice(0, 500)}`)
    return { listeningMs, answerMs }
  } finally {
    // Going by itself matters: Node writes its compile cache when a process ends in good order.
    if (!(await endChild(child, 10_000))) say("the gateway did not end within 10 s of SIGTERM and was killed")
  }
}

/** Starts the gateway once to learn which model answers, and to fill the compile cache. */
const rehearse = async (options: Options, folder: string, env: Readonly<Record<string, string>>): Promise<string> => {
  const tried: Array<string> = []
  for (const model of options.model === undefined ? likelyModels : [options.model]) {
    try {
      await once(options, folder, model, env)
      return model
    } catch (error) {
      tried.push(`${model}: ${error instanceof Error ? error.message : String(error)}`)
    }
  }
  throw new Error(`no model answers; --model names one\n${tried.join("\n")}`)
}

/** Measures and prints the medians. */
export const startup = async (options: Options): Promise<void> => {
  if (!existsSync(options.entry)) throw new Error(`there is no ${options.entry}`)
  if (await listens(options.port))
    throw new Error(`somebody listens at 127.0.0.1:${options.port} already; the unconfigured gateway needs that port`)
  const folder = temporaryFolder()
  const cache = join(folder, "compile-cache")
  mkdirSync(cache)
  const cold = { NODE_DISABLE_COMPILE_CACHE: "1" }
  const warm = { NODE_COMPILE_CACHE: cache }
  const model = await rehearse(options, folder, warm)
  const cached = readdirSync(cache).length > 0
  if (!cached) say("the gateway left no compile cache behind, so warm is as cold: did it end in good order?")
  const found: { cold: Array<Started>; warm: Array<Started> } = { cold: [], warm: [] }
  for (let round = 0; round < options.rounds; round++) {
    found.cold.push(await once(options, folder, model, cold))
    found.warm.push(await once(options, folder, model, warm))
  }
  const row = (name: string, started: ReadonlyArray<Started>): ReadonlyArray<string> => {
    const answers = started.map((one) => one.answerMs)
    return [
      name,
      median(started.map((one) => one.listeningMs)).toFixed(0),
      median(answers).toFixed(0),
      Math.min(...answers).toFixed(0),
      Math.max(...answers).toFixed(0)
    ]
  }
  say("from the start of the process, in ms")
  say(
    table([
      ["", "listening", "first answer", "lowest", "highest"],
      row("cold, no compile cache", found.cold),
      row("warm compile cache", found.warm)
    ])
  )
  say(
    `Medians of ${options.rounds} starts each, alternating; model "${model}", simulated; Node ${process.versions.node}`
  )
}
