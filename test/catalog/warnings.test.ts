import { assert, describe, it } from "@effect/vitest"
import { makeCatalog } from "../../src/catalog/Catalog.ts"
import { describeSettings } from "../../src/catalog/describeSettings.ts"
import { warningsOf } from "../../src/catalog/warnings.ts"
import { settingsOf } from "../config/fixtures.ts"

const catalog = makeCatalog()
const settings = (classifier: string) =>
  settingsOf(`providers:
  openai: { kind: openai, apiKey: a-key-of-a-vendor }
  anthropic: { kind: anthropic, apiKey: another-key-of-a-vendor }
  gemini: { kind: google, apiKey: third-key-of-a-vendor }
  local: { kind: ollama }
classifier: { ${classifier} }
`)

describe("warnings about the classifier's model", () => {
  for (const [by, model, wanted, found] of [
    ["embedding", "openai/gpt-5-mini", "embeds", "chats"],
    ["embedding", "anthropic/claude-haiku-4-5", "embeds", "chats"],
    ["embedding", "local/llama3.1:8b", "embeds", "chats"],
    ["llm", "openai/text-embedding-3-small", "chats", "embeds"],
    ["llm", "local/nomic-embed-text", "chats", "embeds"],
    ["cascade", "gemini/gemini-embedding-001", "chats", "embeds"]
  ] as const)
    it(`say that ${by} asks one that ${wanted}, where ${model} ${found}`, () => {
      const of = settings(`by: ${by}, model: "${model}"`)
      const [warning] = warningsOf(of, catalog).filter((one) => one.startsWith("classifier.model"))
      assert.include(warning, `"${by}" asks a model that ${wanted}, but ${model} ${found}`)
      assert.include(describeSettings(of, catalog), warning ?? "a warning")
    })
  for (const classifier of [
    "by: embedding, model: openai/text-embedding-3-large",
    "by: embedding, model: local/bge-m3",
    "by: embedding, model: local/of-my-own",
    "by: llm, model: local/of-my-own",
    "by: llm, model: openai/gpt-5-mini",
    "by: centroid, model: openai/gpt-5-mini",
    "longContextTokens: 1000"
  ])
    it(`say nothing of { ${classifier} }`, () =>
      assert.notInclude(warningsOf(settings(classifier), catalog).join(), "classifier.model"))
})
