/**
 * The promise against what vendors really counted: the worst case of every recorded request is no less than the usage
 * in its recorded answer.
 */
import { existsSync, readdirSync, readFileSync } from "node:fs"
import { assert, describe, it } from "@effect/vitest"
import { Result } from "effect"
import { makeEstimates } from "../../src/budget/Estimates.ts"
import { makeCatalog } from "../../src/catalog/Catalog.ts"
import { geminiInbound } from "../../src/dialect/Gemini.ts"
import { foldFrames } from "../../src/domain/foldStream.ts"
import { isJsonObject, type Json, type JsonObject, parseJson } from "../../src/domain/Json.ts"
import type { Usage } from "../../src/domain/Usage.ts"
import { decodeStream } from "../dialect/laws/laws.ts"
import { inbound, outbound, type Wire } from "../dialect/laws/wires.ts"

const folder = new URL("../../../shared/recordings/", import.meta.url)
const present = existsSync(folder)
if (!present) console.info("skipped: the recorded exchanges are not beside this checkout")

const kinds = [
  "anthropic",
  "openai",
  "google",
  "vertex",
  "groq",
  "mistral",
  "deepseek",
  "cerebras",
  "openrouter"
] as const
type Kind = (typeof kinds)[number]

const objectOf = (value: Json | undefined): JsonObject => (isJsonObject(value) ? value : {})

const wireOf = (path: string): Wire | undefined => {
  if (path.endsWith("/chat/completions")) return "chat"
  if (path.endsWith("/responses")) return "responses"
  if (/\/v1\/messages(\?|$)/.test(path)) return "messages"
  return /:(generateContent|streamGenerateContent)/.test(path) ? "gemini" : undefined
}

interface Exchange {
  readonly source: string
  readonly kind: Kind
  readonly line: JsonObject
}

const exchanges: ReadonlyArray<Exchange> = present
  ? readdirSync(folder).flatMap((name) => {
      const kind = kinds.find((one) => name === `${one}.jsonl`)
      if (kind === undefined) return []
      return readFileSync(new URL(name, folder), "utf8")
        .split("\n")
        .filter((line) => line !== "")
        .map((text) => objectOf(parseJson(text)))
        .map((line) => ({ source: String(line["source"]), kind, line }))
    })
  : []

const usageOf = (wire: Wire, response: JsonObject): Usage | undefined => {
  const { body, text } = response
  if (typeof text === "string") {
    const frames = decodeStream(outbound[wire], text, [])
    return Result.isSuccess(frames) ? foldFrames(frames.success).usage : undefined
  }
  const answer = outbound[wire].decodeResponse(body ?? null)
  return Result.isSuccess(answer) ? answer.success.usage : undefined
}

describe.skipIf(!present)("the worst case", () => {
  it("is no less than what was counted, for every recorded exchange of priced models", () => {
    const catalog = makeCatalog()
    const estimates = makeEstimates()
    const below: Array<string> = []
    let [held, tokens, bound] = [0, 0, 0]
    for (const { kind, line, source } of exchanges) {
      const { body, path } = objectOf(line["request"])
      const wire = wireOf(String(path))
      if (wire === undefined) continue
      const [, named] = /models\/([^:]+):/.exec(String(path)) ?? []
      const asked = objectOf(body)
      const model = named ?? String(asked["model"])
      const from = wire === "gemini" ? geminiInbound({ model, delivery: "whole" }) : inbound[wire]
      const request = from.decodeRequest(asked, {})
      const usage = usageOf(wire, objectOf(line["response"]))
      if (Result.isFailure(request) || usage === undefined) continue
      const facts = catalog.facts(kind, model)
      if (facts.price === undefined) continue
      const quote = estimates.quote(request.success, { provider: kind, model }, facts)
      const { owed = quote.worst } = makeEstimates().owed({ ...quote, runsTools: false }, { usage, writtenBytes: 0 })
      const holds = usage.inputTokens <= quote.worstInputTokens && owed <= quote.worst
      if (holds) held++
      else
        below.push(
          `${source} ${kind}/${model}: ${usage.inputTokens} in of ${quote.worstInputTokens}, ${usage.outputTokens} out of ${quote.worstOutputTokens}`
        )
      tokens += usage.inputTokens
      bound += quote.worstInputTokens
    }
    console.info(
      `worst cases: ${held} of ${held + below.length} held; on average ${(bound / tokens).toFixed(1)} times the prompt`
    )
    assert.deepStrictEqual(below, [])
    assert.isAbove(held, 300)
  })
})
