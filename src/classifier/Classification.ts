/**
 * What a classifier says of a request: the task, how sure it is, and why.
 *
 * @module
 */
import { taskClasses, type Task } from "../domain/Task.ts"

/** How probable it is that a request is of this class. */
export interface Score {
  readonly task: Task
  readonly probability: number
}

/** Who judged. `none`: nobody had to, the length or the lack of a readable text decided. */
export type Judge = "keyword" | "centroid" | "embedding" | "llm" | "none"

/**
 * Why the text cannot be told: there is none, it has no words, most of it is in another script than Latin, no class is
 * probable enough, or the classifier broke.
 */
export type AbstainReason = "empty" | "symbols" | "non_latin" | "unsure" | "failed"

export type Why =
  /** The class (or `general` itself) is the closest and close enough. */
  | { readonly _tag: "Close" }
  | { readonly _tag: "Abstained"; readonly reason: AbstainReason }
  /** Longer than the threshold, in estimated input tokens. */
  | { readonly _tag: "Long"; readonly inputTokens: number }

export interface Classification {
  readonly task: Task
  /** Of `task`; 0 where it was abstained for want of a text, 1 where the length decided. */
  readonly probability: number
  /** The two most probable classes, whatever was decided; fewer where nobody judged. */
  readonly best: ReadonlyArray<Score>
  /** All classes, the most probable first; the probabilities add up to 1. Empty where nobody judged. */
  readonly scores: ReadonlyArray<Score>
  readonly by: Judge
  /** Whom a cascade asked, in order; without one, `by` alone. */
  readonly asked: ReadonlyArray<Judge>
  readonly why: Why
  /** The text was a bare assent ("yes, go on"), so the task is that of the message before it. */
  readonly inherited: boolean
  /** May the request go to a cheaper tier for this task's sake? */
  readonly mayDowngrade: boolean
}

/** Below this, no class is told. */
export const leastProbability = 0.5
/** From here on a request may go to a cheaper tier. */
export const downgradeProbability = 0.7

export interface Judgement {
  readonly by: Judge
  /** In any order; probabilities that add up to 1. */
  readonly scores: ReadonlyArray<Score>
  /** Where several were asked: all of them, in order. */
  readonly asked?: ReadonlyArray<Judge>
}

/** The decision on a judgement: the most probable class, or `general` where none reaches a half. */
export const decide = ({ asked, by, scores }: Judgement, inherited: boolean): Classification => {
  const sorted = [...scores].sort((a, b) => b.probability - a.probability || (a.task < b.task ? -1 : 1))
  const [first] = sorted
  const probability = first?.probability ?? 0
  const isSure = first !== undefined && probability >= leastProbability
  return {
    task: isSure ? first.task : "general",
    probability: isSure ? probability : (sorted.find(({ task }) => task === "general")?.probability ?? 0),
    best: sorted.slice(0, 2),
    scores: sorted,
    by,
    asked: asked ?? [by],
    why: isSure ? { _tag: "Close" } : { _tag: "Abstained", reason: "unsure" },
    inherited,
    mayDowngrade: isSure && probability >= downgradeProbability
  }
}

/** The classification of a request nobody could judge. */
export const abstained = (reason: AbstainReason, inherited: boolean): Classification => ({
  task: "general",
  probability: 0,
  best: [],
  scores: [],
  by: "none",
  asked: ["none"],
  why: { _tag: "Abstained", reason },
  inherited,
  mayDowngrade: false
})

/** The classification of a request whose length alone decides. */
export const long = (inputTokens: number): Classification => ({
  task: "long_context",
  probability: 1,
  best: [],
  scores: [],
  by: "none",
  asked: ["none"],
  why: { _tag: "Long", inputTokens },
  inherited: false,
  mayDowngrade: false
})

/** The best of the six built-in classes, whatever was decided; `undefined` where nobody judged. */
export const bestOfSix = ({ scores }: Classification): Score | undefined => {
  const six = scores.filter(({ task }) => taskClasses.some((name) => name === task))
  const [best] = six
  const sum = six.reduce((all, { probability }) => all + probability, 0)
  return best === undefined ? undefined : { task: best.task, probability: sum === 0 ? 0 : best.probability / sum }
}
