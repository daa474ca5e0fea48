/**
 * How Gemini's generations differ in what they take, for requests that are translated from another wire.
 *
 * A request that came in on this wire is its caller's own business and is sent as written; this table only serves
 * where Switchyard writes the request, and must not write what the model answers with a 400.
 *
 * Sources: Google's documentation (thinking, Gemini 3 developer guide, thought signatures, OpenAI compatibility) and
 * the API's own errors: "Penalty is not enabled for this model" (all but 1.5 and 2.0), "Logprobs is not supported for
 * this model" (3 and later), "Function calling with a response mime type: 'application/json' is unsupported" (before
 * 3), "Function call is missing a thought_signature" (3 and later), an error for the level `minimal` (3.7 Flash and
 * later, and the Pro models), "Requests ending with a model turn are not supported" (3.5 Flash-Lite, 3.6 Flash and later:
 * https://github.com/LibreChat-AI/agents/pull/323). A Gemini that no row names is taken for a newer one than those listed; any other name
 * (Gemma, a tuned model's endpoint) for one that does not think and takes the rest.
 *
 * @module
 */
import type { Reasoning, ReasoningEffort } from "../../domain/ChatRequest.ts"
import type { JsonObject } from "../../domain/Json.ts"

type Level = "minimal" | "low" | "medium" | "high"

export type Thinking =
  /** Takes no `thinkingConfig`. */
  | { readonly kind: "none" }
  /** `thinkingBudget` in tokens, from `least` to `most`; `off`: 0 turns thinking off. */
  | { readonly kind: "budget"; readonly least: number; readonly most: number; readonly off: boolean }
  /** `thinkingLevel`, weakest first; thinking cannot be turned off. */
  | { readonly kind: "levels"; readonly levels: ReadonlyArray<Level> }

export interface ModelRow {
  readonly names: RegExp
  readonly thinking: Thinking
  /** Does it refuse a function call of the current turn that has no thought signature? */
  readonly signedCalls: boolean
  /** Does it take `presencePenalty` and `frequencyPenalty`? */
  readonly penalties: boolean
  readonly logprobs: boolean
  /** Does it take an answer in JSON together with functions to call? */
  readonly jsonWithTools: boolean
  /** Does it take images and documents within a function's response? */
  readonly mediaInResults: boolean
  /** Does it go on from words of the model as the last turn? */
  readonly prefill: boolean
}

const none: Thinking = { kind: "none" }
const early = {
  signedCalls: false,
  penalties: false,
  logprobs: true,
  jsonWithTools: false,
  mediaInResults: false,
  prefill: true
}
const modern = {
  signedCalls: true,
  penalties: false,
  logprobs: false,
  jsonWithTools: true,
  mediaInResults: true,
  prefill: true
}

/** The first row whose names match counts. */
export const modelRows: ReadonlyArray<ModelRow> = [
  { names: /gemini-(1|2\.0)/, thinking: none, ...early, penalties: true },
  { names: /gemini-2\.5-flash-image/, thinking: none, ...early, logprobs: false },
  {
    names: /gemini-2\.5-flash-lite/,
    thinking: { kind: "budget", least: 512, most: 24_576, off: true },
    ...early
  },
  { names: /gemini-2\.5-flash/, thinking: { kind: "budget", least: 1, most: 24_576, off: true }, ...early },
  { names: /gemini-2\.5/, thinking: { kind: "budget", least: 128, most: 32_768, off: false }, ...early },
  { names: /gemini-.*image/, thinking: none, ...modern, signedCalls: false },
  { names: /gemini-3-pro/, thinking: { kind: "levels", levels: ["low", "high"] }, ...modern },
  {
    names: /gemini-3\.[5-9]-flash-lite/,
    thinking: { kind: "levels", levels: ["minimal", "low", "medium", "high"] },
    ...modern,
    prefill: false
  },
  {
    names: /gemini-3(\.\d+)?-flash-lite|gemini-3(\.[0-5])?-flash/,
    thinking: { kind: "levels", levels: ["minimal", "low", "medium", "high"] },
    ...modern
  },
  {
    names: /gemini-3\.[0-5]-|gemini-pro-latest/,
    thinking: { kind: "levels", levels: ["low", "medium", "high"] },
    ...modern
  },
  { names: /gemini/, thinking: { kind: "levels", levels: ["low", "medium", "high"] }, ...modern, prefill: false }
]

const otherModel: ModelRow = { names: /(?:)/, thinking: none, ...early, penalties: true, jsonWithTools: true }

/** The row of a model, named as the vendor names it. */
export const modelRow = (model: string): ModelRow => modelRows.find((row) => row.names.test(model)) ?? otherModel

/**
 * Stands in for the signature of a call that this vendor did not make (or whose signature was lost on another wire):
 * Google's documented way to have the check passed over. In base64, as all bytes on this wire.
 */
export const unsignedCall = "c2tpcF90aG91Z2h0X3NpZ25hdHVyZV92YWxpZGF0b3I="

export interface ThinkingSetting {
  readonly config: JsonObject | undefined
  /** Not what was asked: the model does not think, or cannot be kept from it. */
  readonly dropped: boolean
}

/**
 * `thinkingConfig` for a request. Efforts become budgets and levels as Google's own OpenAI-compatible endpoint
 * translates them; a level the model lacks becomes the next stronger one. Thoughts are asked for only where the
 * request speaks of reasoning and does not turn it off.
 */
export const thinkingFor = (row: ModelRow, reasoning: Reasoning | undefined): ThinkingSetting => {
  if (reasoning === undefined) return { config: undefined, dropped: false }
  const { thinking } = row
  const off = reasoning.disabled === true || reasoning.effort === "none" || reasoning.budgetTokens === 0
  switch (thinking.kind) {
    case "none":
      return {
        config: undefined,
        dropped: !off && (reasoning.effort !== undefined || reasoning.budgetTokens !== undefined)
      }
    case "budget":
      if (off) return { config: { thinkingBudget: thinking.off ? 0 : thinking.least }, dropped: !thinking.off }
      return {
        config: { includeThoughts: true, ...budgetOf(reasoning, thinking.least, thinking.most) },
        dropped: false
      }
    case "levels": {
      const [weakest] = thinking.levels
      if (off)
        return {
          config: weakest === undefined ? undefined : { thinkingLevel: weakest.toUpperCase() },
          dropped: weakest !== "minimal"
        }
      const level = levelOf(reasoning, thinking.levels)
      return {
        config: { includeThoughts: true, ...(level === undefined ? {} : { thinkingLevel: level.toUpperCase() }) },
        dropped: false
      }
    }
  }
}

const effortBudgets: { readonly [E in Exclude<ReasoningEffort, "none">]: number } = {
  minimal: 1024,
  low: 1024,
  medium: 8192,
  high: 24_576,
  xhigh: 32_768,
  max: 32_768
}

const effortLevels: { readonly [E in Exclude<ReasoningEffort, "none">]: Level } = {
  minimal: "minimal",
  low: "low",
  medium: "medium",
  high: "high",
  xhigh: "high",
  max: "high"
}

const budgetOf = (reasoning: Reasoning, least: number, most: number): JsonObject => {
  const { effort, budgetTokens, adaptive } = reasoning
  const asked = budgetTokens ?? (effort === undefined || effort === "none" ? undefined : effortBudgets[effort])
  // -1: the model decides
  if (asked === undefined) return adaptive === true ? { thinkingBudget: -1 } : {}
  return { thinkingBudget: Math.min(Math.max(asked, least), most) }
}

const strength: ReadonlyArray<Level> = ["minimal", "low", "medium", "high"]

const levelOf = (reasoning: Reasoning, levels: ReadonlyArray<Level>): Level | undefined => {
  const { effort, budgetTokens } = reasoning
  const asked =
    effort !== undefined && effort !== "none"
      ? effortLevels[effort]
      : budgetTokens === undefined
        ? undefined
        : budgetTokens <= effortBudgets.low
          ? "low"
          : budgetTokens <= effortBudgets.medium
            ? "medium"
            : "high"
  if (asked === undefined) return undefined
  return levels.find((level) => strength.indexOf(level) >= strength.indexOf(asked)) ?? levels.at(-1)
}
