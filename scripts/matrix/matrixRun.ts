/** The client matrix, printed: a row a client's feature, a column a vendor wire. */
import { Effect } from "effect"
import { type Cell, type Group, groupsOf } from "./cells.ts"
import { refusalOf } from "./expected.ts"
import { type Observed, runGroup } from "./group.ts"
import type { Options } from "./options.ts"
import { type WireName } from "./wires.ts"

/** So many gateways at a time. */
const concurrency = 4
const widths = { feature: 42, wire: 12 }

const groups = (options: Options): ReadonlyArray<Group> =>
  groupsOf(options.clients)
    .filter(({ wire }) => options.wires.includes(wire))
    .map((group) => ({ ...group, cells: group.cells.filter(({ feature }) => feature.name.includes(options.feature)) }))

/** An answer, or the error that is due, or what failed. */
const markOf = (seen: Observed | undefined): string => {
  if (seen === undefined) return "–"
  const refusal = refusalOf(seen.cell)
  return seen.problems.length > 0 ? "✗" : refusal === undefined ? "✓" : `✓ ${refusal.status}`
}

const rows = (cells: ReadonlyArray<Cell>): ReadonlyArray<string> => [
  ...new Set(cells.map(({ feature }) => feature.name))
]

const print = (all: ReadonlyArray<Observed>, wires: ReadonlyArray<WireName>, wrong: boolean): void => {
  const [first] = all
  if (first === undefined) return
  const { client } = first.cell
  const heading = `${client.name} (${client.package})`.padEnd(widths.feature)
  console.log(`\n${heading} ${wires.map((wire) => wire.padEnd(widths.wire)).join("")}`.trimEnd())
  for (const row of rows(all.map(({ cell }) => cell))) {
    const seen = wires.map((wire) => all.find(({ cell }) => cell.wire === wire && cell.feature.name === row))
    if (wrong && seen.every((one) => one === undefined || one.problems.length === 0)) continue
    console.log(
      `${row.padEnd(widths.feature)} ${seen.map((one) => markOf(one).padEnd(widths.wire)).join("")}`.trimEnd()
    )
    for (const one of seen) for (const problem of one?.problems ?? []) console.log(`    ${one?.cell.wire}: ${problem}`)
  }
}

/** Prints the matrix; gives whether no cell failed. */
export const runMatrix = (options: Options): Effect.Effect<boolean> =>
  Effect.gen(function* () {
    const began = performance.now()
    const all = (yield* Effect.forEach(groups(options), runGroup, { concurrency })).flat()
    for (const client of options.clients)
      print(
        all.filter(({ cell }) => cell.client === client),
        options.wires,
        options.wrong
      )
    const failed = all.filter(({ problems }) => problems.length > 0).length
    const seconds = Math.round((performance.now() - began) / 1000)
    console.log(`\n✓ an answer; ✓ 400 the error that is due; – is not there; ${seconds} s`)
    console.log(`${all.length} cells, ${all.length - failed} passed, ${failed} failed`)
    return failed === 0
  })
