/** The benchmark's tables: medians of the rounds, memory, paced streams, and the ratios with their goals. */
import type { Measured } from "./load-protocol.ts"
import type { Carried } from "./paced.ts"
import type { Memory } from "./processes.ts"
import { goals, type Goal, type ScenarioId, scenarioIds, scenarios } from "./scenarios.ts"
import { type ServerName, serverNames } from "./servers.ts"
import { median } from "./statistics.ts"

/** One server in one scenario of one round. */
export interface Sample extends Measured {
  /** Share of its core that the server was busy; undefined without a server. */
  readonly busy: number | undefined
  /** Share of their core that the load and the upstream were busy. */
  readonly loadBusy: number
}

/** Answers per second of the server's own processor time: what it would do with its core undisturbed. */
const perCpuSecond = (samples: ReadonlyArray<Sample>): number =>
  median(samples.map(({ busy = 0, perSecond }) => (busy > 0 ? perSecond / busy : 0)))

export interface Results {
  readonly samples: Map<ScenarioId, Map<ServerName, Array<Sample>>>
  readonly carried: Map<ServerName, Array<Carried>>
  readonly memory: Map<ServerName, Array<Memory>>
}

export const emptyResults = (): Results => ({ samples: new Map(), carried: new Map(), memory: new Map() })

/** The list at a key, made if it is not there. */
export const listAt = <K, V>(map: Map<K, Array<V>>, key: K): Array<V> => {
  const found = map.get(key) ?? []
  map.set(key, found)
  return found
}

export const addSample = (results: Results, scenario: ScenarioId, server: ServerName, sample: Sample): void => {
  const servers = results.samples.get(scenario) ?? new Map<ServerName, Array<Sample>>()
  results.samples.set(scenario, servers)
  listAt(servers, server).push(sample)
}

/** Rows as aligned text: the first column to the left, the others to the right. */
export const table = (rows: ReadonlyArray<ReadonlyArray<string>>): string => {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)))
  return rows
    .map((row) =>
      row
        .map((cell, column) => (column === 0 ? cell.padEnd(widths[0] ?? 0) : cell.padStart(widths[column] ?? 0)))
        .join("  ")
        .trimEnd()
    )
    .join("\n")
}

const fixed = (value: number, digits = 0): string => value.toFixed(digits)
const percent = (value: number | undefined): string => (value === undefined ? "-" : `${fixed(value * 100)} %`)

const medianOf = (samples: ReadonlyArray<Sample>, value: (sample: Sample) => number): number =>
  median(samples.map(value))

const scenarioTable = (id: ScenarioId, servers: ReadonlyMap<ServerName, ReadonlyArray<Sample>>): string => {
  const rows = [
    ["", scenarios[id].unit, "lowest", "highest", "p50 ms", "p99 ms", "per CPU s", "busy", "load busy", "errors"]
  ]
  for (const name of serverNames) {
    const samples = servers.get(name)
    if (samples === undefined) continue
    const rates = samples.map((sample) => sample.perSecond)
    rows.push([
      name,
      fixed(median(rates)),
      fixed(Math.min(...rates)),
      fixed(Math.max(...rates)),
      fixed(
        medianOf(samples, (sample) => sample.p50Ms),
        2
      ),
      fixed(
        medianOf(samples, (sample) => sample.p99Ms),
        2
      ),
      samples[0]?.busy === undefined ? "-" : fixed(perCpuSecond(samples)),
      percent(samples[0]?.busy === undefined ? undefined : medianOf(samples, (sample) => sample.busy ?? 0)),
      percent(medianOf(samples, (sample) => sample.loadBusy)),
      fixed(errorsOf(samples))
    ])
  }
  const errors = [...servers].flatMap(([name, samples]) =>
    samples
      .filter((sample) => sample.firstError !== undefined)
      .slice(0, 1)
      .map((sample) => `  ${name}: ${sample.firstError}`)
  )
  return [scenarios[id].title, table(rows), ...errors].join("\n")
}

const pacedTable = (carried: Results["carried"]): string => {
  const rows = [["", "streams", "lowest", "highest", "worst gap ms", "first content p99 ms"]]
  const refusals: Array<string> = []
  for (const name of serverNames) {
    const found = carried.get(name)
    if (found === undefined) continue
    const streams = found.map((one) => one.streams)
    rows.push([
      name,
      fixed(median(streams)),
      fixed(Math.min(...streams)),
      fixed(Math.max(...streams)),
      fixed(median(found.map((one) => one.worstGapMs))),
      fixed(median(found.map((one) => one.firstP99Ms)))
    ])
    const refused = found.at(-1)?.refused
    if (refused !== undefined) refusals.push(`  ${name}: ${refused}`)
  }
  return [scenarios.paced.title, table(rows), "beyond that, in the last round:", ...refusals].join("\n")
}

const memoryTable = (memory: Results["memory"]): string => {
  const rows = [["", "RSS MiB", "highest MiB"]]
  for (const [name, readings] of memory)
    rows.push([
      name,
      fixed(median(readings.map((reading) => reading.rssMb))),
      fixed(Math.max(...readings.map((reading) => reading.peakMb)))
    ])
  return ["memory of the server (median after each round, and the highest ever)", table(rows)].join("\n")
}

const rateOf = (results: Results, scenario: ScenarioId, server: ServerName): number | undefined => {
  if (scenario === "paced") {
    const carried = results.carried.get(server)
    return carried === undefined ? undefined : median(carried.map((one) => one.streams))
  }
  const samples = results.samples.get(scenario)?.get(server)
  return samples === undefined ? undefined : medianOf(samples, (sample) => sample.perSecond)
}

export interface Ratio extends Goal {
  readonly value: number
  /** The same ratio by processor time, which other work on the machine hardly touches; absent for paced streams. */
  readonly byCpuTime: number | undefined
  /**
   * The middle one of the ratios of single rounds, by which a goal is judged: the two sides of a round met the machine at
   * the same speed, which within a run varies by more than any goal. Absent for paced streams.
   */
  readonly byRound: number | undefined
  readonly met: boolean | undefined
  /** Answers on either side that were wrong or never came: then the ratio says little. */
  readonly errors: number
}

const errorsOf = (samples: ReadonlyArray<Sample> | undefined): number =>
  (samples ?? []).reduce((sum, sample) => sum + sample.errors, 0)

/** The ratios of which both sides were measured. */
export const ratios = (results: Results): ReadonlyArray<Ratio> =>
  goals.flatMap((goal) => {
    const server = goal.server ?? "switchyard"
    const ours = rateOf(results, goal.scenario, server)
    const theirs = rateOf(results, goal.reference, goal.against)
    if (ours === undefined || theirs === undefined || theirs === 0) return []
    const value = ours / theirs
    const ourSamples = results.samples.get(goal.scenario)?.get(server)
    const theirSamples = results.samples.get(goal.reference)?.get(goal.against)
    const byCpuTime =
      ourSamples === undefined || theirSamples === undefined
        ? undefined
        : perCpuSecond(ourSamples) / perCpuSecond(theirSamples)
    const byRound =
      ourSamples === undefined || theirSamples === undefined
        ? undefined
        : median(ourSamples.flatMap(({ perSecond }, at) => perSecond / (theirSamples[at]?.perSecond ?? NaN) || []))
    const met = goal.atLeast === undefined ? undefined : (byRound ?? value) >= goal.atLeast
    return [{ ...goal, value, byCpuTime, byRound, met, errors: errorsOf(ourSamples) + errorsOf(theirSamples) }]
  })

const ratioTable = (found: ReadonlyArray<Ratio>): string => {
  const rows = [["ratio of", "scenario", "ratio", "by CPU time", "by round", "goal", ""]]
  for (const {
    against,
    atLeast,
    byCpuTime,
    byRound,
    errors,
    met,
    reference,
    scenario,
    server = "switchyard",
    value
  } of found)
    rows.push([
      `${server} ÷ ${against}`,
      scenario === reference ? scenario : `${scenario} ÷ ${reference}`,
      fixed(value, 2),
      byCpuTime === undefined ? "-" : fixed(byCpuTime, 2),
      byRound === undefined ? "-" : fixed(byRound, 2),
      atLeast === undefined ? "-" : `≥ ${atLeast}`,
      errors > 0 ? `${errors} errors: does not count` : met === undefined ? "" : met ? "met" : "missed"
    ])
  return table(rows)
}

/** Everything that was measured, as text. */
export const report = (results: Results): string => {
  const found = ratios(results)
  const parts: Array<string> = []
  for (const id of scenarioIds) {
    const servers = results.samples.get(id)
    if (servers !== undefined) parts.push(scenarioTable(id, servers))
  }
  if (results.carried.size > 0) parts.push(pacedTable(results.carried))
  if (results.memory.size > 0) parts.push(memoryTable(results.memory))
  if (found.length > 0) parts.push(ratioTable(found))
  return parts.join("\n\n")
}

/** Everything that was measured, as JSON, every round. */
export const reportJson = (results: Results, about: object): string =>
  JSON.stringify(
    {
      about,
      samples: Object.fromEntries([...results.samples].map(([id, servers]) => [id, Object.fromEntries(servers)])),
      paced: Object.fromEntries(results.carried),
      memory: Object.fromEntries(results.memory),
      ratios: ratios(results)
    },
    undefined,
    2
  )
