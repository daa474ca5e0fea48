/**
 * How Claude's generations differ in what they take, for requests that are translated from another wire.
 *
 * A request that came in on this wire is its caller's own business and is sent as written; this table only serves
 * where Switchyard writes the request, and must not write what the model answers with a 400.
 *
 * Source: Anthropic's documentation (extended thinking, adaptive thinking, effort, migration guides). A Claude that
 * no row names is taken for a newer one than those listed; any other name for a compatible vendor's model, which all
 * take the first form of the wire.
 *
 * @module
 */
import type { Reasoning, ReasoningEffort } from "../../domain/ChatRequest.ts"
import type { JsonObject } from "../../domain/Json.ts"

type Effort = "low" | "medium" | "high" | "xhigh" | "max"

export interface ModelRow {
  readonly names: RegExp
  /**
   * `budget`: `thinking.budget_tokens`; `adaptive`: `thinking.type: adaptive` with `output_config.effort`; `either`: a
   * budget where a budget is asked, else adaptive.
   */
  readonly thinking: "none" | "budget" | "either" | "adaptive"
  /** What says that it shall not think: the field, its absence, or nothing (it always does). */
  readonly off: "disabled" | "absent" | "never"
  /** Levels of effort, weakest first. */
  readonly efforts: ReadonlyArray<Effort>
  /** `any`; `one`: of temperature and top_p; `none`: no temperature, top_p or top_k but the defaults. */
  readonly sampling: "any" | "one" | "none"
  /**
   * Schemas of answers and of strict tools: `held`: to the vendor's part of JSON Schema; `refused`; `passed`: on to a
   * vendor whose rules are not known.
   */
  readonly schemas: "held" | "refused" | "passed"
  /** Does it go on from words of the assistant as the last message? */
  readonly prefill: boolean
}

const noEffort: ReadonlyArray<Effort> = []
const allEfforts: ReadonlyArray<Effort> = ["low", "medium", "high", "xhigh", "max"]
const withoutXhigh: ReadonlyArray<Effort> = ["low", "medium", "high", "max"]

/** The first row whose names match counts. */
export const modelRows: ReadonlyArray<ModelRow> = [
  {
    names: /claude-3-7/,
    thinking: "budget",
    off: "disabled",
    efforts: noEffort,
    sampling: "any",
    schemas: "refused",
    prefill: true
  },
  {
    names: /claude-(3|2|instant)/,
    thinking: "none",
    off: "absent",
    efforts: noEffort,
    sampling: "any",
    schemas: "refused",
    prefill: true
  },
  {
    names: /claude-((opus|sonnet)-4-[15]|haiku-4-5)(?!\d)/,
    thinking: "budget",
    off: "disabled",
    efforts: noEffort,
    sampling: "one",
    schemas: "held",
    prefill: true
  },
  {
    names: /claude-(opus|sonnet)-4-6/,
    thinking: "either",
    off: "disabled",
    efforts: withoutXhigh,
    sampling: "one",
    schemas: "held",
    prefill: false
  },
  {
    names: /claude-opus-4-[78]/,
    thinking: "adaptive",
    off: "absent",
    efforts: allEfforts,
    sampling: "none",
    schemas: "held",
    prefill: false
  },
  {
    names: /claude-(opus|sonnet)-4/,
    thinking: "budget",
    off: "disabled",
    efforts: noEffort,
    sampling: "any",
    schemas: "refused",
    prefill: true
  },
  {
    names: /claude-(opus|sonnet)-5(?!-\d(?!\d))/,
    thinking: "adaptive",
    off: "disabled",
    efforts: allEfforts,
    sampling: "none",
    schemas: "held",
    prefill: false
  },
  {
    names: /claude/,
    thinking: "adaptive",
    off: "never",
    efforts: allEfforts,
    sampling: "none",
    schemas: "held",
    prefill: false
  }
]

const compatible: ModelRow = {
  names: /(?:)/,
  thinking: "budget",
  off: "disabled",
  efforts: noEffort,
  sampling: "any",
  schemas: "passed",
  prefill: true
}

/** The row for a model, also where its version is written with dots (`claude-sonnet-4.5`). */
export const modelRow = (model: string): ModelRow => {
  const name = model.replaceAll(".", "-")
  return modelRows.find((row) => row.names.test(name)) ?? compatible
}

/** Tokens of thought for a level of effort, where the model takes a budget. The wire's least budget is 1,024. */
const budgets: { readonly [E in Exclude<ReasoningEffort, "none">]: number } = {
  minimal: 1024,
  low: 2048,
  medium: 8192,
  high: 16_384,
  xhigh: 24_576,
  max: 32_000
}
export const leastBudget = 1024

const order: ReadonlyArray<ReasoningEffort> = ["none", "minimal", "low", "medium", "high", "xhigh", "max"]

/** The level asked for, else the nearest weaker one the model has, else its weakest. */
const nearest = (asked: ReasoningEffort, efforts: ReadonlyArray<Effort>): Effort | undefined =>
  efforts.findLast((effort) => order.indexOf(effort) <= order.indexOf(asked)) ?? efforts[0]

/** The strongest level whose budget is within `tokens`. */
const effortFor = (tokens: number): ReasoningEffort =>
  order.findLast((effort) => effort !== "none" && budgets[effort] <= tokens) ?? "minimal"

/** The fields that say how much to think. */
export interface Thinking {
  readonly thinking: JsonObject | undefined
  readonly effort: Effort | undefined
  readonly budgetTokens: number | undefined
  /** Was something asked that this model cannot be told? */
  readonly dropped: boolean
}

const nothing: Thinking = { thinking: undefined, effort: undefined, budgetTokens: undefined, dropped: false }

/**
 * How `model` is told to think as much as asked. `effortAlone`: the caller named an effort on this wire and left
 * `thinking` unset; it stays unset.
 */
export const thinkingFor = (reasoning: Reasoning | undefined, row: ModelRow, effortAlone: boolean): Thinking => {
  if (reasoning === undefined) return nothing
  const { effort, budgetTokens } = reasoning
  if (reasoning.disabled === true || effort === "none" || (budgetTokens !== undefined && budgetTokens <= 0))
    return row.off === "disabled"
      ? { ...nothing, thinking: { type: "disabled" }, effort: leveled(effort, row) }
      : { ...nothing, effort: leveled(effort, row), dropped: row.off === "never" }
  if (effort === undefined && budgetTokens === undefined && reasoning.adaptive !== true) return nothing
  if (row.thinking === "none") return { ...nothing, dropped: true }
  if (row.thinking === "budget" || (row.thinking === "either" && budgetTokens !== undefined)) {
    const tokens = Math.max(leastBudget, budgetTokens ?? budgets[effort ?? "medium"])
    return {
      ...nothing,
      thinking: { type: "enabled", budget_tokens: tokens },
      effort: leveled(effort, row),
      budgetTokens: tokens
    }
  }
  const asked = effort ?? (budgetTokens === undefined ? undefined : effortFor(budgetTokens))
  return {
    ...nothing,
    thinking: effortAlone && reasoning.adaptive !== true ? undefined : { type: "adaptive" },
    effort: leveled(asked, row)
  }
}

const leveled = (effort: ReasoningEffort | undefined, row: ModelRow): Effort | undefined =>
  effort === undefined || effort === "none" ? undefined : nearest(effort, row.efforts)
