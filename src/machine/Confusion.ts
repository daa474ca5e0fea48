/**
 * What callers say of the tasks that were told, as a pure machine: how often each was taken for which, and when one is
 * wrong too often.
 *
 * A class drifts when, of its last fifty feedbacks, there are at least twenty and more than 30 % of them were wrong. That
 * is told once; it is well again when no more than 20 % are, so that a class at the border is not told of again and
 * again.
 *
 * It deliberately knows nothing of texts, of requests or of who listens.
 *
 * @module
 */

/** How many of a class's feedbacks count. */
const window = 50
const least = 20
const driftShare = 0.3
const wellShare = 0.2
/** Classes are the config's and few; over many reloads they are no more than this. */
const mostClasses = 200

interface ClassState {
  /** Was it wrong? The oldest first. */
  readonly recent: ReadonlyArray<boolean>
  readonly isDrifting: boolean
  /** By the right class; under `unknown` where nobody said which. */
  readonly rightly: ReadonlyMap<string, number>
}

/** By the class that was told. */
export type ConfusionState = ReadonlyMap<string, ClassState>

export const initialConfusion: ConfusionState = new Map()

/** Where the right class was not said. */
export const unknownClass = "unknown"

/** One feedback: `right` is the class itself where it was told rightly. */
export interface ConfusionCommand {
  readonly _tag: "Judged"
  readonly told: string
  readonly right: string
}

export type ConfusionEvent =
  | {
      readonly _tag: "Drifted"
      readonly task: string
      readonly wrong: number
      readonly of: number
      readonly at: number
    }
  | {
      readonly _tag: "Recovered"
      readonly task: string
      readonly wrong: number
      readonly of: number
      readonly at: number
    }

const untold: ClassState = { recent: [], isDrifting: false, rightly: new Map() }

const wrongOf = ({ recent }: ClassState): number => recent.filter((wrong) => wrong).length

export const confusionStep = (
  state: ConfusionState,
  { right, told }: ConfusionCommand
): readonly [void, ConfusionState] => {
  const before = state.get(told)
  if (before === undefined && state.size >= mostClasses) return [undefined, state]
  const { isDrifting, recent, rightly } = before ?? untold
  const next = [...recent, told !== right].slice(-window)
  const share = next.filter((wrong) => wrong).length / next.length
  const counted = rightly.has(right) || rightly.size < mostClasses
  return [
    undefined,
    new Map(state).set(told, {
      recent: next,
      isDrifting: next.length >= least && (isDrifting ? share > wellShare : share > driftShare),
      rightly: counted ? new Map(rightly).set(right, (rightly.get(right) ?? 0) + 1) : rightly
    })
  ]
}

export const confusionEvents = (
  before: ConfusionState,
  after: ConfusionState,
  { told }: ConfusionCommand,
  at: number
): ReadonlyArray<ConfusionEvent> => {
  const now = after.get(told)
  if (now === undefined || now.isDrifting === (before.get(told)?.isDrifting ?? false)) return []
  const numbers = { task: told, wrong: wrongOf(now), of: now.recent.length, at }
  return [now.isDrifting ? { _tag: "Drifted", ...numbers } : { _tag: "Recovered", ...numbers }]
}

/** One cell of the matrix. */
export interface Confused {
  readonly told: string
  readonly right: string
  readonly count: number
}

/** Every cell in which something is, by class. */
export const confusions = (state: ConfusionState): ReadonlyArray<Confused> =>
  [...state].flatMap(([told, { rightly }]) => [...rightly].map(([right, count]) => ({ told, right, count })))

/** How a class has done lately. */
export interface ClassRecord {
  readonly task: string
  readonly feedbacks: number
  readonly wrong: number
  readonly isDrifting: boolean
}

export const classRecords = (state: ConfusionState): ReadonlyArray<ClassRecord> =>
  [...state].map(([task, one]) => ({
    task,
    feedbacks: one.recent.length,
    wrong: wrongOf(one),
    isDrifting: one.isDrifting
  }))
