/** The fault matrix, printed: one line a cell. */
import { Effect } from "effect"
import { type Group, plainGroups, resumeGroups } from "./cells.ts"
import { entries, nameOf } from "./expected.ts"
import { type Observed, runGroup } from "./matrix.ts"
import type { Options } from "./options.ts"

/** So many gateways at a time: each has some dozen calls under way, most of them waiting. */
const concurrency = 4

const columns = [
  ["fault", 30],
  ["at", 9],
  ["dialect", 9],
  ["delivery", 8],
  ["break", 6],
  ["fallback", 32],
  ["the caller got", 48],
  ["calls", 5],
  ["spacing", 14],
  ["ms", 5],
  ["verdict", 7]
] as const

const line = (cells: ReadonlyArray<string>): string =>
  cells
    .map((text, index) => text.padEnd(columns[index]?.[1] ?? 0))
    .join(" ")
    .trimEnd()

const show = ({ cell, faulty, gaps, got, healthy, millis, problems }: Observed): string =>
  [
    line([
      nameOf(cell.entry),
      cell.wire,
      cell.dialect,
      cell.framing === "array" ? "an array" : cell.delivery,
      cell.onMidStreamFailure,
      cell.backup === undefined
        ? "–"
        : cell.backup.model + (cell.backup.fault === undefined ? "" : ` ${cell.backup.fault}`),
      got,
      `${faulty}+${healthy}`,
      gaps.map((gap) => `+${gap}`).join(" "),
      String(millis),
      problems.length === 0 ? "ok" : "WRONG"
    ]),
    ...problems.map((problem) => `    ${problem}`)
  ].join("\n")

const wanted = ({ dialect, only }: Options): ReadonlyArray<Group> =>
  entries
    .filter(({ fault }) => only === undefined || fault === only)
    .flatMap((entry) => [...plainGroups(entry), ...resumeGroups(entry)])
    .map((group) => ({
      ...group,
      cells: group.cells.filter((cell) => dialect === undefined || cell.dialect === dialect)
    }))

/** Prints the matrix; gives whether all of it is as expected. */
export const runMatrix = (options: Options): Effect.Effect<boolean> =>
  Effect.gen(function* () {
    const began = performance.now()
    console.log(line(columns.map(([name]) => name)))
    const all = yield* Effect.forEach(
      wanted(options),
      (group) =>
        Effect.tap(runGroup(group), (seen) =>
          Effect.sync(() => {
            for (const one of seen) if (!options.wrong || one.problems.length > 0) console.log(show(one))
          })
        ),
      { concurrency }
    )
    const seen = all.flat()
    const wrong = seen.filter(({ problems }) => problems.length > 0).length
    const seconds = Math.round((performance.now() - began) / 1000)
    console.log(`\n${seen.length} cells, ${seen.length - wrong} as expected, ${wrong} not (${seconds} s)`)
    return wrong === 0
  })
