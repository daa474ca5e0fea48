/**
 * Where the microseconds go: the server under load with V8's sampling profiler on, self time by part of the program,
 * in µs for one answer. Sampling costs a little itself, so the rates here are below those of the comparison.
 *
 * The profiles stay in a folder beside the other temporary files, to be opened in DevTools.
 */
import { mkdtempSync, readFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { carry } from "./paced.ts"
import { openSite, say, type Site } from "./bench-site.ts"
import type { Target } from "./load-protocol.ts"
import type { Options } from "./options.ts"
import { type Child, endChild, lastOutput } from "./processes.ts"
import { breakDown, type CpuProfile } from "./profile-buckets.ts"
import { table } from "./report.ts"
import { type ScenarioId, scenarios } from "./scenarios.ts"
import { here, type Running, startServer } from "./servers.ts"

/** What the benchmark tells the hook inside the server. */
export type ProfilerMessage = { readonly profiler: "start" } | { readonly profiler: "stop"; readonly file: string }

const mostFunctions = 25
const answerLimitMs = 60_000

const tell = (child: Child, message: ProfilerMessage): Promise<void> =>
  new Promise((resolve, reject) => {
    const settle = (error?: Error): void => {
      clearTimeout(timer)
      child.process.off("exit", left)
      child.process.off("message", done)
      if (error === undefined) resolve()
      else reject(error)
    }
    const done = (): void => settle()
    const left = (): void => settle(new Error(`${child.name} ended\n${lastOutput(child)}`))
    const timer = setTimeout(() => settle(new Error("the profiler did not answer")), answerLimitMs)
    child.process.once("message", done)
    child.process.once("exit", left)
    child.process.send(message)
  })

interface Applied {
  readonly answers: number
  readonly errors: number
  readonly firstError: string | undefined
  readonly perSecond: number
}

/** As many paced streams as there are connections, once; then an answer is a stream of 250 tokens. */
const applyPaced = async (site: Site, target: Target, streams: number): Promise<Applied> => {
  const { complete, errors, firstError } = await carry(site.load, target, streams)
  return { answers: complete, errors, firstError, perSecond: complete }
}

const profileOne = async (
  options: Options,
  site: Site,
  child: Child,
  server: Running,
  scenario: ScenarioId,
  folder: string
): Promise<void> => {
  const target = server.target(scenario)
  if (target === undefined) return
  const apply = (seconds: number): Promise<Applied> =>
    scenario === "paced"
      ? applyPaced(site, target, options.connections)
      : site.load.measure({ target, expected: scenarios[scenario].expected, connections: options.connections, seconds })
  if (options.warm > 0) await apply(options.warm)
  const file = join(folder, `${server.name}-${scenario}.cpuprofile`)
  await tell(child, { profiler: "start" })
  const measured = await apply(options.seconds)
  await tell(child, { profiler: "stop", file })
  say(`\n${scenarios[scenario].title}: ${measured.perSecond.toFixed(0)} ${scenarios[scenario].unit}, profiled`)
  if (measured.errors > 0) say(`${measured.errors} errors, the first: ${measured.firstError}`)
  if (measured.answers === 0) return
  // Written by the hook a moment ago, in the form of the DevTools protocol.
  const { buckets, busyMicros, functions, idleMicros } = breakDown(JSON.parse(readFileSync(file, "utf8")) as CpuProfile)
  const cells = (name: string, micros: number): ReadonlyArray<string> => [
    name,
    (micros / measured.answers).toFixed(1),
    `${((100 * micros) / busyMicros).toFixed(1)} %`
  ]
  const heading = ["", "µs an answer", "share"]
  const parts = buckets.filter((part) => part.micros / busyMicros >= 0.001)
  say(table([heading, ...parts.map(({ micros, name }) => cells(name, micros)), cells("all", busyMicros)]))
  say(`\nthe most expensive functions, self time`)
  say(table([heading, ...functions.slice(0, mostFunctions).map(({ micros, name }) => cells(name, micros))]))
  const idle = (100 * idleMicros) / (idleMicros + busyMicros)
  say(`idle ${idle.toFixed(0)} %; ${file}`)
}

/** Profiles each scenario of `options.only` in turn. */
export const profile = async (options: Options): Promise<void> => {
  const name = options.servers.find(
    (one) => one === "switchyard" || one === "metered" || one === "limited" || one === "bare"
  )
  if (name === undefined) throw new Error("--profile looks into switchyard, metered, limited or bare")
  const site = await openSite(options)
  const server = await startServer(name, {
    ...site.settings,
    nodeArgs: [...options.nodeArgs, "--import", join(here, "profiler-hook.ts")],
    channel: true
  })
  if (server.child === undefined) return
  const folder = mkdtempSync(join(tmpdir(), "switchyard-profile-"))
  for (const scenario of options.only) await profileOne(options, site, server.child, server, scenario, folder)
  await endChild(server.child)
  await site.load.end()
  await endChild(site.upstream)
}
