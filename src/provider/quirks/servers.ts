/**
 * Those of servers that run models themselves, and of servers of unknown make.
 *
 * @module
 */
import type { QuirkRow } from "./QuirkRow.ts"

export const fromServers: ReadonlyArray<QuirkRow> = [
  {
    name: "Ollama thinks at none, low, medium, high and max",
    source: "https://github.com/DevEmperor/DictateKeyboard/issues/186",
    kinds: ["ollama"],
    quirks: { efforts: ["none", "low", "medium", "high", "max"] }
  },
  {
    name: "LM Studio answers to a schema, but not with any JSON",
    source: "https://github.com/lmstudio-ai/lmstudio-bug-tracker/issues/189",
    kinds: ["lmstudio"],
    quirks: { jsonObject: false }
  },
  {
    name: "LM Studio cannot be told which tool to call",
    source: "https://github.com/lmstudio-ai/lmstudio-bug-tracker/issues/670",
    kinds: ["lmstudio"],
    quirks: { namedTool: false }
  }
]

export const fromAnybody: ReadonlyArray<QuirkRow> = [
  {
    name: "A server of unknown make may be Google's own, which asks for the signatures of its calls",
    source: "https://ai.google.dev/gemini-api/docs/thought-signatures",
    kinds: ["openai-compatible"],
    quirks: { callSignatures: true }
  }
]
