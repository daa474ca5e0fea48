/**
 * What callers said of the tasks that were told, as people read it.
 *
 * @module
 */
import type { AdminClassifier } from "../api/DecisionWire.ts"

/** How much of a proposed text is shown on its line, in characters. */
const shown = 100

const percent = (value: number): string => `${(100 * value).toFixed(1)} %`

/** Lines for a terminal, without a line break at the end. Texts of callers' cannot steer it. */
export const renderClassifier = (report: AdminClassifier): string => {
  const { accuracy, classes, confusion, proposals } = report
  const lines = [`classifier  ${report.by}`]
  if (classes.length === 0) lines.push("feedback    none yet: POST /v1/feedback")
  for (const { drifting, feedbacks, task, wrong } of classes)
    lines.push(`feedback    ${task}: ${wrong} of the last ${feedbacks} wrong${drifting ? ", DRIFTING" : ""}`)
  for (const { count, right, told } of confusion)
    if (told !== right) lines.push(`confusion   ${told} was ${right === "unknown" ? "wrong" : right}: ${count}`)
  if (!report.keepsTexts)
    lines.push("proposals   none: texts are kept only with `classifier: { keepTexts: true }` in the config")
  else if (proposals.length === 0) lines.push("proposals   none")
  else {
    lines.push("proposals   exemplars to add under `classifier.classes`:")
    for (const task of new Set(proposals.map(({ right }) => right))) {
      lines.push(`  ${task}:`)
      for (const { right, text, told } of proposals)
        if (right === task)
          lines.push(`    - ${JSON.stringify(text.length > shown ? `${text.slice(0, shown)}…` : text)}  # was ${told}`)
    }
  }
  if (accuracy !== undefined)
    lines.push(
      `accuracy    on these ${accuracy.texts} texts: ${percent(accuracy.before)} now, ${percent(accuracy.after)} with the others added (leave-one-out)`
    )
  return lines.map((line) => line.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, " ")).join("\n")
}
