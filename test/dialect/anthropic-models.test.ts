/**
 * Every row of the table of Claude's generations, by a name it is for and by what it makes of a request. A row without
 * an example fails.
 */
import { describe, expect, it } from "@effect/vitest"
import { Result } from "effect"
import { modelRow, modelRows } from "../../src/dialect/anthropic-messages/Models.ts"
import { anthropicMessagesOutbound } from "../../src/dialect/AnthropicMessages.ts"
import { noQuirks } from "../../src/dialect/Dialect.ts"
import type { ChatRequest } from "../../src/domain/ChatRequest.ts"
import type { JsonObject } from "../../src/domain/Json.ts"
import { anthropicProblem } from "../../src/simulator/AnthropicRequest.ts"
import { plainRequest } from "./laws/laws.ts"

const schema: JsonObject = { type: "object", properties: { a: { type: "string" } }, required: ["a"] }
const asked: ChatRequest = {
  ...plainRequest,
  delivery: "whole",
  tools: [{ _tag: "Function", name: "look", parameters: schema, strict: true }],
  responseFormat: { _tag: "JsonSchema", name: "a", schema },
  sampling: { temperature: 0.5, topP: 0.9, maxTokens: 4000 }
}
const sent = (model: string, change: Partial<ChatRequest> = {}) =>
  Result.getOrThrow(
    anthropicMessagesOutbound.encodeRequest(
      { ...asked, ...change, model },
      { model, maxOutputTokens: undefined, quirks: noQuirks }
    )
  )

interface Example {
  readonly models: ReadonlyArray<string>
  /** What the model is told of an effort of `xhigh`. */
  readonly thinks: JsonObject
  /** What it is told so that it does not think. */
  readonly quiet: JsonObject
  /** What is left of a temperature and a top_p. */
  readonly draws: JsonObject
  /** Is it held to schemas? */
  readonly held: boolean
  /** Does it go on from words of its own? */
  readonly prefill: boolean
}

const both = { temperature: 0.5, top_p: 0.9 }
const budget = { thinking: { type: "enabled", budget_tokens: 3999 } }
const disabled = { thinking: { type: "disabled" } }
const adaptive = (effort: string) => ({ thinking: { type: "adaptive" }, output_config: { effort } })

/** In the order of the rows. */
const examples: ReadonlyArray<Example> = [
  { models: ["claude-3-7-sonnet-20250219"], thinks: budget, quiet: disabled, draws: both, held: false, prefill: true },
  {
    models: ["claude-3-5-haiku-20241022", "claude-3-opus-20240229"],
    thinks: {},
    quiet: {},
    draws: both,
    held: false,
    prefill: true
  },
  {
    models: ["claude-opus-4-1-20250805", "claude-sonnet-4.5", "claude-haiku-4-5", "claude-opus-4-5"],
    thinks: budget,
    quiet: disabled,
    draws: { temperature: 0.5 },
    held: true,
    prefill: true
  },
  {
    models: ["claude-opus-4-6", "claude-sonnet-4-6"],
    thinks: adaptive("high"),
    quiet: disabled,
    draws: { temperature: 0.5 },
    held: true,
    prefill: false
  },
  {
    models: ["claude-opus-4-7", "claude-opus-4-8"],
    thinks: adaptive("xhigh"),
    quiet: {},
    draws: {},
    held: true,
    prefill: false
  },
  {
    models: ["claude-sonnet-4-20250514", "claude-opus-4-0"],
    thinks: budget,
    quiet: disabled,
    draws: both,
    held: false,
    prefill: true
  },
  {
    models: ["claude-opus-5", "claude-sonnet-5"],
    thinks: adaptive("xhigh"),
    quiet: disabled,
    draws: {},
    held: true,
    prefill: false
  },
  {
    models: ["claude-fable-5", "claude-haiku-7"],
    thinks: adaptive("xhigh"),
    quiet: {},
    draws: {},
    held: true,
    prefill: false
  }
]

describe("the table of Claude's generations", () => {
  it("has an example for every row", () => expect(examples.length).toBe(modelRows.length))

  for (const [index, { draws, held, models, prefill, quiet, thinks }] of examples.entries())
    for (const model of models)
      it(`makes of a request for ${model} what the model takes`, () => {
        const row = modelRows[index]
        expect(modelRow(model)).toBe(row)
        expect(
          sent(model, { responseFormat: { _tag: "Text" }, tools: [], sampling: asked.sampling }).body
        ).toMatchObject(draws)
        const plain = sent(model).body
        expect(Object.keys(plain).filter((key) => key === "temperature" || key === "top_p")).toEqual(Object.keys(draws))
        expect("output_config" in plain).toBe(held)
        expect(JSON.stringify(plain["tools"]).includes('"strict":true')).toBe(held)
        const simple = { tools: [], responseFormat: { _tag: "Text" } } as const
        const thinking = sent(model, { ...simple, reasoning: { effort: "xhigh" } }).body
        expect({ thinking: thinking["thinking"], output_config: thinking["output_config"] }).toEqual({
          thinking: thinks["thinking"],
          output_config: thinks["output_config"]
        })
        expect(sent(model, { ...simple, reasoning: { disabled: true } }).body["thinking"]).toEqual(quiet["thinking"])
        for (const reasoning of [{}, { effort: "xhigh" }, { disabled: true }] as const)
          for (const { body } of [sent(model, { reasoning }), sent(model, { ...simple, reasoning })])
            expect(anthropicProblem({ ...body, model: model.replaceAll(".", "-") }, false)).toBeUndefined()
        expect(modelRow(model).prefill).toBe(prefill)
        const messages = [
          { role: "user", content: "hi" },
          { role: "assistant", content: "well" }
        ]
        const begun = { model: model.replaceAll(".", "-"), max_tokens: 9, messages }
        expect(anthropicProblem(begun, false) === undefined).toBe(prefill)
      })

  it("passes schemas on as they are to a model that no row names", () => {
    expect(sent("kimi-k2").body["tools"]).toEqual([{ name: "look", input_schema: schema, strict: true }])
  })

  it("does not hold a model to a tool of which the vendor holds to a part only", () => {
    const narrow = { ...schema, properties: { a: { type: "string", maxLength: 3 } } }
    const { body, dropped } = sent("claude-opus-4-7", {
      responseFormat: { _tag: "Text" },
      tools: [{ _tag: "Function", name: "look", parameters: narrow, strict: true }]
    })
    expect(body["tools"]).toEqual([{ name: "look", input_schema: narrow }])
    expect(dropped).toContain("strict")
  })
})
