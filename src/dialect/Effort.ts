/**
 * A level of effort as a model takes it.
 *
 * @module
 */
import type { ReasoningEffort } from "../domain/ChatRequest.ts"

/** Weakest first. */
export const effortOrder: ReadonlyArray<ReasoningEffort> = ["none", "minimal", "low", "medium", "high", "xhigh", "max"]

/** Is this a level of effort? */
export const isEffort = (value: unknown): value is ReasoningEffort => effortOrder.some((effort) => effort === value)

/**
 * The level asked for, else the nearest weaker one the model has, else its weakest; who asks for thought is not given
 * `none`. `undefined`: the model takes no effort at all.
 */
export const nearestEffort = (
  asked: ReasoningEffort,
  efforts: ReadonlyArray<ReasoningEffort>
): ReasoningEffort | undefined => {
  if (efforts.includes(asked)) return asked
  const thinking = efforts.filter((effort) => effort !== "none")
  return thinking.findLast((effort) => effortOrder.indexOf(effort) <= effortOrder.indexOf(asked)) ?? thinking[0]
}

/** OpenAI's levels for budgets: up to these many tokens are thought at this one; more at `high`. */
const budgets = [
  [4_096, "low"],
  [16_384, "medium"]
] as const

/** The level of effort that a budget of tokens is nearest to, for a wire that has no budgets. */
export const effortForBudget = (tokens: number): ReasoningEffort =>
  budgets.find(([most]) => tokens <= most)?.[1] ?? "high"
