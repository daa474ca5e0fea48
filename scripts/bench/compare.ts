/**
 * The comparison: all servers up, each warmed, then rounds in which every scenario goes through all servers before the
 * next scenario begins, so that whatever else the machine does falls on all alike.
 */
import { writeFileSync } from "node:fs"
import { cpus } from "node:os"
import { setTimeout as sleep } from "node:timers/promises"
import { openSite, say, type Site } from "./bench-site.ts"
import type { Options } from "./options.ts"
import { searchPaced } from "./paced.ts"
import { cpuSecondsOf, endChild, forgetOutput, lastOutput, memoryOf } from "./processes.ts"
import { addSample, emptyResults, listAt, report, reportJson, type Results, type Sample } from "./report.ts"
import { pacedLevels, type ScenarioId, scenarios } from "./scenarios.ts"
import { type Running, type ServerName, startServer } from "./servers.ts"

const portkeyNote =
  "Portkey waits 25 ms before the first chunk of every stream, by a timer of its own: with few connections its core is " +
  'partly idle, and "by CPU time" is the fairer ratio; with --connections 128 it has enough to do.'

const startAll = async (options: Options, site: Site): Promise<ReadonlyArray<Running>> => {
  const running: Array<Running> = []
  for (const name of options.servers) {
    try {
      running.push(await startServer(name, site.settings))
    } catch (error) {
      say(`${name} is left out: ${error instanceof Error ? error.message : String(error)}`)
    }
  }
  return running
}

/** One measurement; undefined where the server has no such scenario. */
const sample = async (
  site: Site,
  server: Running,
  scenario: ScenarioId,
  load: { readonly connections: number; readonly seconds: number }
): Promise<Sample | undefined> => {
  const target = server.target(scenario)
  if (target === undefined) return undefined
  const pids = [site.load.child.pid, site.upstream.pid]
  const loadCpu = () => pids.reduce((sum, pid) => sum + cpuSecondsOf(pid), 0)
  const serverCpu = () => (server.child === undefined ? 0 : cpuSecondsOf(server.child.pid))
  const [loadBefore, serverBefore, began] = [loadCpu(), serverCpu(), performance.now()]
  const measured = await site.load.measure({ target, expected: scenarios[scenario].expected, ...load })
  const took = (performance.now() - began) / 1000
  if (server.child !== undefined) forgetOutput(server.child)
  return {
    ...measured,
    busy: server.child === undefined ? undefined : Math.max(0, serverCpu() - serverBefore) / took,
    loadBusy: (loadCpu() - loadBefore) / took
  }
}

const warmUp = async (options: Options, site: Site, server: Running): Promise<void> => {
  const used = options.only.filter((scenario) => scenario !== "paced" && server.target(scenario) !== undefined)
  const warmed: ReadonlyArray<ScenarioId> = used.length > 0 ? used : ["stream"]
  // The direct way has no server to warm, only load and upstream, which the others warm as well.
  const seconds = (server.child === undefined ? Math.min(2, options.warm) : options.warm) / warmed.length
  if (seconds <= 0) return
  for (const scenario of warmed) {
    const result = await sample(site, server, scenario, { connections: options.connections, seconds })
    if (result === undefined || result.errors === 0) continue
    say(`${server.name}, ${scenario}: ${result.errors} errors while warming, the first: ${result.firstError}`)
    if (server.child !== undefined && result.answers === 0) say(lastOutput(server.child))
  }
}

const measureRounds = async (
  options: Options,
  site: Site,
  servers: ReadonlyArray<Running>,
  results: Results
): Promise<void> => {
  const used = options.only.filter((scenario) => scenario !== "paced")
  if (used.length === 0) return
  for (let round = 1; round <= options.rounds; round++) {
    // by turns forwards and backwards, so that nobody is always the first
    const order = round % 2 === 1 ? servers : servers.toReversed()
    for (const scenario of used) {
      for (const server of order) {
        const result = await sample(site, server, scenario, options)
        if (result !== undefined) addSample(results, scenario, server.name, result)
      }
    }
    for (const { child, name } of servers)
      if (child !== undefined) listAt(results.memory, name).push(memoryOf(child.pid))
    say(`round ${round} of ${options.rounds} done`)
  }
}

/** Waits until server, load and upstream are nearly idle, at most ten seconds. */
const untilQuiet = async (site: Site, server: Running): Promise<void> => {
  const pids = [site.load.child.pid, site.upstream.pid, ...(server.child === undefined ? [] : [server.child.pid])]
  const used = () => pids.reduce((sum, pid) => sum + cpuSecondsOf(pid), 0)
  for (let turn = 0; turn < 20; turn++) {
    const before = used()
    await sleep(500)
    if (used() - before < 0.05) return
  }
}

const pacedRounds = async (
  options: Options,
  site: Site,
  servers: ReadonlyArray<Running>,
  results: Results
): Promise<void> => {
  const near = new Map<ServerName, number>()
  for (let round = 1; round <= options.rounds; round++) {
    for (const server of servers) {
      const target = server.target("paced")
      if (target === undefined) continue
      const { index, ...carried } = await searchPaced(site.load, target, near.get(server.name), () =>
        untilQuiet(site, server)
      )
      near.set(server.name, index)
      listAt(results.carried, server.name).push(carried)
      if (server.child !== undefined) {
        forgetOutput(server.child)
        listAt(results.memory, server.name).push(memoryOf(server.child.pid))
      }
    }
    say(`paced round ${round} of ${options.rounds} done`)
  }
}

/** Measures, prints the tables, and writes the JSON if it was asked for. */
export const compare = async (options: Options): Promise<void> => {
  const began = performance.now()
  const site = await openSite(options)
  const results = emptyResults()
  for (let launch = 1; launch <= options.launches; launch++) {
    const servers = await startAll(options, site)
    if (!servers.some((server) => server.child !== undefined)) say("no server could be started")
    say(
      `${servers.map((server) => server.name).join(", ")} on core ${options.serverCore}, ` +
        `load and upstream on core ${options.loadCore}; ${options.connections} connections; warming` +
        (options.launches > 1 ? ` (launch ${launch} of ${options.launches})` : "")
    )
    for (const server of servers) await warmUp(options, site, server)
    await measureRounds(options, site, servers, results)
    // paced streams are looked for among the processes of the last launch
    if (options.only.includes("paced") && launch === options.launches)
      await pacedRounds(options, site, servers, results)
    for (const { child } of servers) if (child !== undefined) await endChild(child)
  }
  await site.load.end()
  await endChild(site.upstream)
  const minutes = ((performance.now() - began) / 60_000).toFixed(1)
  const machine = `Node ${process.versions.node}, ${cpus()[0]?.model ?? "unknown processor"}`
  say(`\n${report(results)}\n`)
  say(
    `Medians of ${options.rounds} rounds of ${options.seconds} s in each of ${options.launches} launches; ${minutes} min; ${machine}.\n"busy" is the share of ` +
      `its core. A server not near 100 % was held back: by the load if "load busy" is near 100 %, else by other work on ` +
      `the machine.\nPaced: up to ${pacedLevels.at(-1)} streams were tried.`
  )
  if (options.servers.includes("portkey")) say(portkeyNote)
  if (options.json === undefined) return
  const { connections, launches, rounds, seconds, warm, writes } = options
  writeFileSync(
    options.json,
    `${reportJson(results, { machine, connections, launches, rounds, seconds, warm, writes })}\n`
  )
}
