/**
 * What single generations of Gemini refuse.
 *
 * It is said here once more, and not read from the table that Switchyard writes its requests by: a simulator that asks
 * the same table could never find it wrong.
 *
 * Source: https://ai.google.dev/gemini-api/docs/thinking, and the errors in
 * https://github.com/QwenLM/qwen-code/pull/9094 and https://github.com/continuedev/continue/issues/2702
 *
 * @module
 */
import { isJsonObject, type Json, type JsonObject } from "../domain/Json.ts"
import { invalidArgument } from "./GeminiErrors.ts"
import type { Plain } from "./Wire.ts"

/** The least and the most tokens of thought, and whether none are taken; -1 leaves it to the model. */
const budgets: ReadonlyArray<readonly [RegExp, number, number, boolean]> = [
  [/^gemini-2\.5-flash-lite/, 512, 24_576, true],
  [/^gemini-2\.5-flash/, 0, 24_576, true],
  [/^gemini-2\.5-pro/, 128, 32_768, false]
]

/** Which levels of thought a model takes; `undefined`: it knows none. */
const levelsOf = (model: string): ReadonlyArray<string> | undefined => {
  if (!/^gemini-[3-9]/.test(model)) return undefined
  if (model.startsWith("gemini-3-pro")) return ["LOW", "HIGH"]
  if (/-pro/.test(model) || /^gemini-(3\.[7-9]|[4-9](\.\d)?)-flash(?!-lite)/.test(model))
    return ["LOW", "MEDIUM", "HIGH"]
  return ["MINIMAL", "LOW", "MEDIUM", "HIGH"]
}

const isThoughtless = (model: string): boolean => /^gemini-(1|2\.0)/.test(model) || /^gemini-.*image/.test(model)

/** What is wrong with a generation config for its model. `functions`: does it come with functions to call? */
export function* generationProblems(config: JsonObject, model: string, functions: boolean): Generator<Plain> {
  if (!model.startsWith("gemini-")) return
  const value = (key: string): Json | undefined => config[key] ?? config[snake(key)]
  yield* thinkingProblems(value("thinkingConfig"), model)
  if (!/^gemini-(1|2\.0)/.test(model))
    for (const key of ["presencePenalty", "frequencyPenalty"])
      if ((value(key) ?? null) !== null) yield invalidArgument("Penalty is not enabled for this model")
  if (/^gemini-([3-9]|2\.5-flash-image)/.test(model) && value("responseLogprobs") === true)
    yield invalidArgument("Logprobs is not supported for this model.")
  if (/^gemini-[12]/.test(model) && functions && value("responseMimeType") === "application/json")
    yield invalidArgument("Function calling with a response mime type: 'application/json' is unsupported")
}

const snake = (key: string): string => key.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)

function* thinkingProblems(config: Json | undefined, model: string): Generator<Plain> {
  if (!isJsonObject(config)) return
  const budget = config["thinkingBudget"] ?? config["thinking_budget"] ?? null
  const level = config["thinkingLevel"] ?? config["thinking_level"] ?? null
  if (isThoughtless(model)) yield invalidArgument("Thinking is not enabled for this model.")
  if (budget !== null && level !== null)
    yield invalidArgument("You can only set only one of thinking budget and thinking level.")
  if (level !== null) {
    const levels = levelsOf(model)
    if (levels === undefined) yield invalidArgument("Thinking level is not supported for this model.")
    else if (!levels.includes(String(level).toUpperCase()))
      yield invalidArgument(`Thinking level ${String(level)} is not supported for this model.`)
  }
  const row = budgets.find(([names]) => names.test(model))
  if (row === undefined || typeof budget !== "number" || budget === -1) return
  const [, least, most, off] = row
  if (budget === 0 && !off) yield invalidArgument("Budget 0 is invalid. This model only works in thinking mode.")
  if (budget !== 0 && (budget < least || budget > most))
    yield invalidArgument(
      `The thinking budget ${budget} is invalid. Please choose a value between ${least} and ${most}.`
    )
}
