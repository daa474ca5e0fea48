import { assert, describe, it } from "@effect/vitest"
import { existsSync, readFileSync } from "node:fs"
import { fileURLToPath } from "node:url"
import type { ProviderKind } from "../../../src/config/ProviderSpec.ts"
import { type Json, isJsonObject, parseJson } from "../../../src/domain/Json.ts"
import { classify, errorTables } from "../../../src/provider/errors/classify.ts"
import { readErrorFacts } from "../../../src/provider/errors/ErrorFacts.ts"

const folder = fileURLToPath(new URL("../../../../shared/recordings", import.meta.url))
const kinds: ReadonlyArray<ProviderKind> = [
  "anthropic",
  "openai",
  "google",
  "vertex",
  "groq",
  "mistral",
  "deepseek",
  "openrouter",
  "cerebras",
  "ollama"
]

interface RecordedError {
  /** Absent for an error inside a 200. */
  readonly status: number | undefined
  readonly body: Json
}

const errorsIn = (file: string): ReadonlyArray<RecordedError> =>
  readFileSync(file, "utf8")
    .split("\n")
    .flatMap((line): ReadonlyArray<RecordedError> => {
      const recorded = parseJson(line)
      const response = isJsonObject(recorded) ? recorded["response"] : undefined
      if (!isJsonObject(response)) return []
      const { body, status, text } = response
      if (typeof status === "number" && status >= 300) return [{ status, body: body ?? null }]
      if (typeof text !== "string") return []
      return text
        .split("\n")
        .filter((data) => data.startsWith('data: {"error"'))
        .map((data) => ({ status: undefined, body: parseJson(data.slice(6)) ?? null }))
    })

/** What a recorded status may mean; none of the recorded accounts was barred. */
const sensible: Readonly<Record<string, ReadonlyArray<string>>> = {
  "400": ["InvalidRequest", "UnsupportedFeature", "ModelUnavailable", "ContextLengthExceeded"],
  "404": ["ModelUnavailable"],
  "429": ["RateLimited", "QuotaExhausted"],
  undefined: ["MalformedResponse"]
}

describe("recorded errors", () => {
  for (const kind of kinds) {
    const file = `${folder}/${kind}.jsonl`
    if (!existsSync(file)) {
      it.skip(`of ${kind} (the recordings are not here)`, () => {})
      continue
    }
    it(`of ${kind} are read for what they are, in the vendor's own words`, () => {
      for (const { body, status } of errorsIn(file)) {
        const facts = readErrorFacts(status, body)
        const reason = classify(errorTables[kind], { facts, headers: {} }, [], 0)
        assert.include(sensible[String(status)] ?? [], reason._tag, JSON.stringify(body))
        assert.notMatch(reason.message, /^HTTP/)
      }
    })
  }
})
