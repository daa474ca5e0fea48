/**
 * Which models suit a task, in order: the config's lists, and where it has none, each vendor's present models by grade.
 *
 * A task that the config mentions is served by its lists alone: by that of the preference, where there is none by the
 * `balanced` one, and else by all it has. A task that it does not mention is served by the rows below, and after them by
 * whatever else is configured: what is chosen by task should not fail because one vendor does.
 *
 * @module
 */
import type { ProviderSpec } from "../config/ProviderSpec.ts"
import type { Settings } from "../config/Settings.ts"
import { type Preference, preferences } from "../domain/Prefer.ts"
import { type BuiltInTask, isBuiltInTask, type Task } from "../domain/Task.ts"
import { type Grade, grades } from "./grades.ts"

/** The grades that serve a task, the better suited first. */
type Row = { readonly [P in Preference]: ReadonlyArray<Grade> }

const hard: Row = {
  quality: ["best", "strong"],
  balanced: ["strong", "best"],
  cost: ["small", "strong"],
  speed: ["quick", "small", "strong"]
}
const simple: Row = {
  quality: ["strong", "best"],
  balanced: ["small", "strong"],
  cost: ["small", "strong"],
  speed: ["quick", "small", "strong"]
}

/**
 * What is wrong when a small model does it needs a strong one, unless cost comes first: whoever says so means the cheapest,
 * whatever the task, and a strong one follows where it cannot answer.
 */
const rows: { readonly [T in BuiltInTask]: Row } = {
  coding: hard,
  creative: hard,
  analysis: hard,
  chat: simple,
  math: hard,
  fast_lookup: simple,
  general: hard,
  // what is quickest to begin is not what reads the most
  long_context: { ...hard, speed: ["small", "strong"] }
}

/** Names for a task and a preference, best first: `provider/model`, or aliases where the config says so. */
export type Selection = (task: Task, preference: Preference) => ReadonlyArray<string>

export const selectionOf = (
  settings: Pick<Settings, "aliases" | "tasks">,
  specs: ReadonlyArray<ProviderSpec>
): Selection => {
  /** Every vendor's model of a grade, in the vendors' order. */
  const ofGrade = (grade: Grade): ReadonlyArray<string> =>
    [...grades].flatMap(([kind, row]) => {
      const model = row[grade]
      return model === undefined ? [] : specs.filter((spec) => spec.kind === kind).map(({ id }) => `${id}/${model}`)
    })
  /** What else is configured: servers of one's own, deployments, whatever aliases stand for. */
  const others = [
    ...settings.aliases.flatMap(({ targets }) => targets),
    ...specs.flatMap(({ deployments, id, models }) =>
      [...models, ...Object.keys(deployments)].map((model) => `${id}/${model}`)
    )
  ]
  const memory = new Map<string, ReadonlyArray<string>>()
  return (task, preference) => {
    const key = `${preference} ${task}`
    const known = memory.get(key)
    if (known !== undefined) return known
    const own = settings.tasks?.get(task)
    const stated = own?.[preference] ?? own?.balanced ?? preferences.flatMap((one) => own?.[one] ?? [])
    const row = rows[isBuiltInTask(task) ? task : "general"][preference]
    const names = stated.length > 0 ? stated : [...new Set([...row.flatMap(ofGrade), ...others])]
    // tasks are the config's and few; a caller's header cannot name others
    memory.set(key, names)
    return names
  }
}
