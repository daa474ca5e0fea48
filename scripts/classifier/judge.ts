/**
 * How well judgements are: accuracy, recall, precision, F1, calibration, coverage and the confusion matrix.
 */
import { isCheap, taskClasses } from "../../src/domain/Task.ts"

export interface Judged {
  readonly text: string
  readonly label: string
  /** The best of the six, abstentions aside. */
  readonly best: string
  /** What the service would have said: the class, or `general`. */
  readonly told: string
  readonly probability: number
}

const share = (part: number, whole: number): number => (whole === 0 ? 0 : part / whole)
const shown = (value: number): string => value.toFixed(3)

export interface Figures {
  readonly accuracy: number
  readonly macroF1: number
  readonly cheapOrStrong: number
  readonly leastRecall: number
}

export const figuresOf = (judged: ReadonlyArray<Judged>): Figures => {
  const present = taskClasses.filter((task) => judged.some(({ label }) => label === task))
  const f1 = present.map((task) => {
    const right = judged.filter(({ best, label }) => best === task && label === task).length
    const told = judged.filter(({ best }) => best === task).length
    const real = judged.filter(({ label }) => label === task).length
    return share(2 * right, told + real)
  })
  const recalls = present.map((task) => {
    const real = judged.filter(({ label }) => label === task)
    return share(real.filter(({ best }) => best === task).length, real.length)
  })
  return {
    accuracy: share(judged.filter(({ best, label }) => best === label).length, judged.length),
    macroF1: share(
      f1.reduce((sum, one) => sum + one, 0),
      present.length
    ),
    cheapOrStrong: share(judged.filter(({ best, label }) => isCheap(best) === isCheap(label)).length, judged.length),
    leastRecall: recalls.length === 0 ? 0 : Math.min(...recalls)
  }
}

/** Everything there is to say, in lines. */
export const report = (judged: ReadonlyArray<Judged>): ReadonlyArray<string> => {
  const { accuracy, cheapOrStrong, macroF1 } = figuresOf(judged)
  const lines = [
    `accuracy: ${shown(accuracy)}`,
    `macro-F1: ${shown(macroF1)}`,
    `cheap-or-strong: ${shown(cheapOrStrong)}`,
    `prompts: ${judged.length}`,
    "",
    "class         recall  precision  prompts"
  ]
  for (const task of taskClasses) {
    const real = judged.filter(({ label }) => label === task)
    const told = judged.filter(({ best }) => best === task)
    const right = real.filter(({ best }) => best === task).length
    const recall = shown(share(right, real.length))
    lines.push(`${task.padEnd(13)} ${recall}   ${shown(share(right, told.length))}      ${real.length}`)
  }
  lines.push("", `confusion (rows: right, columns: told)`, `${"".padEnd(13)}${columns(taskClasses)}`)
  for (const task of taskClasses)
    lines.push(
      task.padEnd(13) +
        columns(
          taskClasses.map((best) => String(judged.filter((one) => one.label === task && one.best === best).length))
        )
    )
  lines.push("", "confidence  coverage  accuracy of the covered")
  for (const least of [0, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95]) {
    const covered = judged.filter(({ probability }) => probability >= least)
    const right = covered.filter(({ best, label }) => best === label).length
    lines.push(
      `≥ ${least.toFixed(2)}      ${shown(share(covered.length, judged.length))}     ${shown(share(right, covered.length))}`
    )
  }
  lines.push("", `calibration error (ECE, 10 bins): ${shown(calibrationError(judged))}`)
  const served = judged.filter(({ told }) => told !== "general")
  lines.push(
    `told a class: ${shown(share(served.length, judged.length))}, right when told: ${shown(
      share(served.filter(({ label, told }) => told === label).length, served.length)
    )}`
  )
  return lines
}

const columns = (cells: ReadonlyArray<string>): string => cells.map((cell) => cell.padStart(12)).join("")

/** Expected calibration error: how far, on average, a bin's mean probability lies from its share of right ones. */
export const calibrationError = (judged: ReadonlyArray<Judged>): number => {
  let error = 0
  for (let bin = 0; bin < 10; bin++) {
    const within = judged.filter(({ probability }) => Math.min(9, Math.floor(probability * 10)) === bin)
    if (within.length === 0) continue
    const mean = within.reduce((sum, { probability }) => sum + probability, 0) / within.length
    const right = share(within.filter(({ best, label }) => best === label).length, within.length)
    error += (within.length / judged.length) * Math.abs(mean - right)
  }
  return error
}
