import { describe, expect, it } from "@effect/vitest"
import { modelRow, modelRows, thinkingFor } from "../../src/dialect/gemini/Models.ts"
import type { Reasoning } from "../../src/domain/ChatRequest.ts"
import type { JsonObject } from "../../src/domain/Json.ts"
import { geminiProblem } from "../../src/simulator/GeminiRequest.ts"

const thinking = (model: string, reasoning: Reasoning) => thinkingFor(modelRow(model), reasoning)
const config = (model: string, reasoning: Reasoning) => thinking(model, reasoning).config

/** In the order of the rows: names each is for, and what it makes of an effort of `minimal`. */
const examples: ReadonlyArray<readonly [ReadonlyArray<string>, JsonObject | undefined, ReadonlyArray<Taken>]> = [
  [["gemini-1.5-pro", "gemini-2.0-flash"], undefined, ["penalties", "logprobs", "prefill"]],
  [["gemini-2.5-flash-image"], undefined, ["prefill"]],
  [["gemini-2.5-flash-lite"], { thinkingBudget: 1024 }, ["logprobs", "prefill"]],
  [["gemini-2.5-flash", "gemini-2.5-flash-preview-09-2025"], { thinkingBudget: 1024 }, ["logprobs", "prefill"]],
  [["gemini-2.5-pro"], { thinkingBudget: 1024 }, ["logprobs", "prefill"]],
  [["gemini-3-pro-image-preview"], undefined, ["jsonWithTools", "mediaInResults", "prefill"]],
  [["gemini-3-pro-preview"], { thinkingLevel: "LOW" }, ["jsonWithTools", "mediaInResults", "signedCalls", "prefill"]],
  [["gemini-3.5-flash-lite"], { thinkingLevel: "MINIMAL" }, ["jsonWithTools", "mediaInResults", "signedCalls"]],
  [
    ["gemini-3-flash-preview", "gemini-3.1-flash-lite", "gemini-3.5-flash"],
    { thinkingLevel: "MINIMAL" },
    ["jsonWithTools", "mediaInResults", "signedCalls", "prefill"]
  ],
  [["gemini-3.1-pro-preview"], { thinkingLevel: "LOW" }, ["jsonWithTools", "mediaInResults", "signedCalls", "prefill"]],
  [
    ["gemini-3.6-flash", "gemini-3.7-flash", "gemini-4-pro"],
    { thinkingLevel: "LOW" },
    ["jsonWithTools", "mediaInResults", "signedCalls"]
  ]
]
const abilities = ["penalties", "logprobs", "jsonWithTools", "mediaInResults", "signedCalls", "prefill"] as const
type Taken = (typeof abilities)[number]

describe("the table of Gemini's generations", () => {
  it("has an example for every row", () => expect(examples.length).toBe(modelRows.length))

  for (const [index, [models, thinks, takes]] of examples.entries())
    for (const model of models)
      it(`knows what ${model} takes`, () => {
        const row = modelRow(model)
        expect(row).toBe(modelRows[index])
        expect(abilities.filter((ability) => row[ability])).toEqual(abilities.filter((one) => takes.includes(one)))
        expect(config(model, { effort: "minimal" })).toEqual(
          thinks === undefined ? undefined : { includeThoughts: true, ...thinks }
        )
        const generationConfig: JsonObject = { thinkingConfig: config(model, { effort: "minimal" }) ?? {} }
        const contents = [{ role: "user", parts: [{ text: "hi" }] }]
        expect(
          geminiProblem({ contents, ...(thinks === undefined ? {} : { generationConfig }) }, model)
        ).toBeUndefined()
        const begun = [...contents, { role: "model", parts: [{ text: "well" }] }]
        expect(geminiProblem({ contents: begun }, model) === undefined).toBe(takes.includes("prefill"))
      })
})

describe("a Gemini model's thinking", () => {
  it("is not spoken of where the request does not", () => {
    expect(thinkingFor(modelRow("gemini-2.5-pro"), undefined)).toEqual({ config: undefined, dropped: false })
  })

  it("of the 2.5 generation is a budget, held to what the model takes", () => {
    const budget = (model: string, reasoning: Reasoning) => config(model, reasoning)?.["thinkingBudget"]
    expect(config("gemini-2.5-flash", { effort: "medium" })).toEqual({ includeThoughts: true, thinkingBudget: 8192 })
    expect(budget("gemini-2.5-flash", { effort: "max" })).toBe(24_576)
    expect(budget("gemini-2.5-pro", { effort: "max" })).toBe(32_768)
    expect(budget("gemini-2.5-pro", { budgetTokens: 1 })).toBe(128)
    expect(budget("gemini-2.5-flash-lite", { budgetTokens: 1 })).toBe(512)
    expect(budget("gemini-2.5-flash-lite-preview-09-2025", { budgetTokens: 99_999 })).toBe(24_576)
    expect(budget("gemini-2.5-flash", { budgetTokens: 2000, effort: "high" })).toBe(2000)
    expect(budget("gemini-2.5-flash", { adaptive: true })).toBe(-1)
    expect(config("gemini-2.5-flash", {})).toEqual({ includeThoughts: true })
  })

  it("of the 2.5 generation is turned off where that can be, and kept least where it cannot", () => {
    for (const off of [{ disabled: true }, { effort: "none" }, { budgetTokens: 0 }] as const) {
      expect(thinking("gemini-2.5-flash", off)).toEqual({ config: { thinkingBudget: 0 }, dropped: false })
      expect(thinking("models/gemini-2.5-pro", off)).toEqual({ config: { thinkingBudget: 128 }, dropped: true })
    }
  })

  it("of the third generation is a level, the next stronger one where the model lacks it", () => {
    const level = (model: string, reasoning: Reasoning) => config(model, reasoning)?.["thinkingLevel"]
    expect(config("gemini-3-flash-preview", { effort: "minimal" })).toEqual({
      includeThoughts: true,
      thinkingLevel: "MINIMAL"
    })
    expect(level("gemini-3-pro-preview", { effort: "medium" })).toBe("HIGH")
    expect(level("gemini-3.1-pro-preview", { effort: "medium" })).toBe("MEDIUM")
    expect(level("gemini-3.1-pro-preview", { effort: "minimal" })).toBe("LOW")
    expect(level("gemini-3.8-flash", { effort: "minimal" })).toBe("LOW")
    expect(level("gemini-3.5-flash-lite", { effort: "minimal" })).toBe("MINIMAL")
    expect(level("gemini-3-flash-preview", { effort: "max" })).toBe("HIGH")
    expect(level("gemini-3-flash-preview", { budgetTokens: 1024 })).toBe("LOW")
    expect(level("gemini-3-flash-preview", { budgetTokens: 1025 })).toBe("MEDIUM")
    expect(level("gemini-3-flash-preview", { budgetTokens: 8193 })).toBe("HIGH")
    expect(config("gemini-3-flash-preview", { adaptive: true })).toEqual({ includeThoughts: true })
  })

  it("of the third generation cannot be turned off and is kept least", () => {
    expect(thinking("gemini-3-flash-preview", { disabled: true })).toEqual({
      config: { thinkingLevel: "MINIMAL" },
      dropped: false
    })
    expect(thinking("gemini-3.1-pro-preview", { disabled: true })).toEqual({
      config: { thinkingLevel: "LOW" },
      dropped: true
    })
  })

  it("is told as dropped where the model has none", () => {
    for (const model of ["gemini-2.0-flash", "gemini-1.5-pro", "gemma-3-27b-it", "gemini-2.5-flash-image"]) {
      expect(thinking(model, { effort: "high" })).toEqual({ config: undefined, dropped: true })
      expect(thinking(model, { disabled: true })).toEqual({ config: undefined, dropped: false })
    }
  })

  it("of a model newer than the table is a level every newer model has", () => {
    expect(config("gemini-4-argon", { effort: "minimal" })).toEqual({ includeThoughts: true, thinkingLevel: "LOW" })
    expect(config("gemini-flash-latest", { effort: "high" })).toEqual({ includeThoughts: true, thinkingLevel: "HIGH" })
    expect(modelRow("gemini-4-argon").signedCalls).toBe(true)
  })
})
