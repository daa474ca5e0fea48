/**
 * Tasks: what kind of work a request asks for, which decides the models that suit it.
 *
 * The six classes are told apart by the text; `general` is everything none of them is close to (advice, planning,
 * translation, how-to) and whatever cannot be told; `long_context` is a matter of length alone. An operator adds
 * classes under names of their own.
 *
 * @module
 */

/** The classes a text is told by, in the order in which they are listed everywhere. */
export const taskClasses = ["coding", "creative", "analysis", "chat", "math", "fast_lookup"] as const
export type TaskClass = (typeof taskClasses)[number]

/** All built-in tasks. */
export const builtInTasks = [...taskClasses, "general", "long_context"] as const
export type BuiltInTask = (typeof builtInTasks)[number]

/** A built-in task, or the name of a class of the operator's. */
export type Task = BuiltInTask | (string & {})

/** Is this one of the six? */
export const isTaskClass = (name: string): name is TaskClass => taskClasses.some((task) => task === name)

/** Is this name taken, so that no class of the operator's may bear it? */
export const isBuiltInTask = (name: string): name is BuiltInTask => builtInTasks.some((task) => task === name)

/** Tasks that a small model serves well: talk and plain facts. All others want a strong one. */
const cheap: ReadonlySet<string> = new Set(["chat", "fast_lookup"] satisfies ReadonlyArray<TaskClass>)

/** Does a small model do for this task? */
export const isCheap = (task: Task): boolean => cheap.has(task)
