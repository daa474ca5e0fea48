/** The table of families: every row by its examples, without which they would be told something else. */
import { assert, describe, it } from "@effect/vitest"
import { families, type FamilyRow, familyOf } from "../../src/catalog/families.ts"

interface Example {
  /** Models that the row is for. */
  readonly models: ReadonlyArray<string>
  /** Models nearby that it is not for. */
  readonly not?: ReadonlyArray<string>
}

const of = (models: ReadonlyArray<string>, not: ReadonlyArray<string> = []): Example => ({ models, not })

const examples: Readonly<Record<string, Example>> = {
  "Claude Fable": of(["claude-fable-5", "claude-mythos-preview"], ["claude-next"]),
  "Claude Opus 4.6 and later": of(["claude-opus-4-6", "claude-opus-4.8", "claude-opus-5"], ["claude-opus-4-5"]),
  "Claude Opus 4.5": of(["claude-opus-4-5", "claude-opus-4.5"], ["claude-opus-4-1"]),
  "Claude Opus 4": of(["claude-opus-4-1", "claude-4-opus-20250514"], ["claude-3-opus"]),
  "Claude Sonnet 4.6 and later": of(["claude-sonnet-4-6", "claude-sonnet-5"], ["claude-sonnet-4-5"]),
  "Claude Sonnet 4.5": of(["claude-sonnet-4-5-20250929", "claude-sonnet-4.5"], ["claude-sonnet-4-0"]),
  "Claude Sonnet 4 and 3.7": of(["claude-sonnet-4-0", "claude-3-7-sonnet-latest"], ["claude-3-5-sonnet-latest"]),
  "Claude Haiku 4.5": of(["claude-haiku-4-5"], ["claude-haiku-5"]),
  "Claude Haiku 5 and later": of(["claude-haiku-5"], ["claude-haiku-4-5"]),
  "Claude 3.5": of(["claude-3-5-sonnet-latest", "claude-3.5-haiku"], ["claude-3-haiku-20240307"]),
  "Claude 3": of(["claude-3-haiku-20240307"], ["claude-3-5-haiku-latest"]),
  Claude: of(["claude-next"], ["claude-opus-5"]),
  "gpt-oss 120b": of(["gpt-oss-120b", "openai/gpt-oss-120b", "gpt-oss:120b"], ["gpt-oss-20b"]),
  "gpt-oss": of(["gpt-oss-20b"], ["gpt-oss-120b"]),
  "GPT audio": of(["gpt-audio", "gpt-4o-audio-preview"], ["gpt-4o"]),
  "GPT-5 chat": of(["gpt-5-chat-latest", "gpt-5.3-chat"], ["gpt-5"]),
  "GPT-5 pro": of(["gpt-5-pro", "gpt-5.2-pro"], ["gpt-5.2"]),
  "GPT-5 mini and nano": of(["gpt-5-mini", "gpt-5.4-nano", "gpt-5.1-codex-mini"], ["gpt-5"]),
  "GPT-5 to 5.4": of(["gpt-5", "gpt-5.2-2025-12-11", "gpt-5.3-codex"], ["gpt-5.5"]),
  "GPT-5 and 6": of(["gpt-5.5", "gpt-5.6-sol"], ["gpt-5.4"]),
  "GPT-4.1": of(["gpt-4.1-mini"], ["gpt-4"]),
  "GPT-4o search": of(["gpt-4o-search-preview"], ["gpt-4o-mini"]),
  "ChatGPT-4o": of(["chatgpt-4o-latest"], ["gpt-4o"]),
  "GPT-4o": of(["gpt-4o-mini"], ["gpt-4o-mini-audio-preview", "gpt-4o-mini-search-preview"]),
  "GPT-4 Turbo": of(["gpt-4-turbo"], ["gpt-4"]),
  "GPT-4": of(["gpt-4", "gpt-4-32k"], ["gpt-4.1", "gpt-4-turbo"]),
  "GPT-3.5": of(["gpt-3.5-turbo"]),
  "o1-mini and preview": of(["o1-mini", "o1-preview"], ["o1"]),
  "o3-mini": of(["o3-mini"], ["o3"]),
  "o4-mini": of(["o4-mini"], ["o3-mini"]),
  "o1 and o3": of(["o1", "o3-pro"], ["o3-mini", "o1-preview"]),
  "Gemini for images, speech and live use": of(
    ["gemini-2.5-flash-image", "gemini-2.5-flash-preview-tts"],
    ["gemini-2.5-flash"]
  ),
  "Gemini flash lite": of(["gemini-2.5-flash-lite", "gemini-3.5-flash-lite"], ["gemini-2.0-flash-lite"]),
  "Gemini 2.5 flash": of(["gemini-2.5-flash"], ["gemini-2.5-flash-lite", "gemini-3.5-flash"]),
  "Gemini flash": of(["gemini-3-flash-preview", "gemini-3.5-flash"], ["gemini-3.5-flash-lite"]),
  "Gemini pro": of(["gemini-2.5-pro", "gemini-3-pro-preview"], ["gemini-3-pro-image-preview"]),
  "Gemini 2.0 and 1.5": of(["gemini-2.0-flash", "gemini-1.5-pro"], ["gemini-2.5-pro"]),
  "Gemma 3 and 4": of(["gemma-3-27b-it"], ["gemma-3-1b-it"]),
  Magistral: of(["magistral-medium-latest"], ["mistral-medium-latest"]),
  Voxtral: of(["voxtral-small-latest"]),
  "Codestral and Devstral": of(["codestral-latest", "devstral-2512"]),
  "Mistral Large": of(["mistral-large-latest"], ["mistral-medium-latest"]),
  "Mistral Medium": of(["mistral-medium-latest"], ["mistral-small-latest"]),
  "Mistral Small, Ministral and Pixtral": of(["mistral-small-latest", "ministral-3b-2512", "pixtral-12b"]),
  "Mixtral and Mistral 7B": of(["open-mixtral-8x7b", "mistral-7b-instruct"]),
  "DeepSeek V4 Pro": of(["deepseek-v4-pro"], ["deepseek-v4-flash"]),
  "DeepSeek V4 Flash": of(["deepseek-v4-flash"], ["deepseek-v4-pro"]),
  "DeepSeek R1": of(["deepseek-reasoner", "deepseek-r1-0528"], ["deepseek-chat"]),
  "DeepSeek V3": of(["deepseek-chat", "deepseek-v3p2"], ["deepseek-reasoner"]),
  "Grok without reasoning": of(["grok-4-1-fast-non-reasoning"], ["grok-4-1-fast-reasoning"]),
  "Grok fast": of(["grok-4-fast"], ["grok-4.3"]),
  "Grok 4": of(["grok-4.3"], ["grok-4-fast"]),
  "Grok Code": of(["grok-code-fast-1", "grok-build-0.1"]),
  "Grok 3 mini": of(["grok-3-mini"], ["grok-3"]),
  "Grok 3": of(["grok-3"], ["grok-3-mini"]),
  "Sonar, thinking": of(["sonar-reasoning-pro", "sonar-deep-research"], ["sonar-pro"]),
  "Sonar Pro": of(["sonar-pro"], ["sonar"]),
  Sonar: of(["sonar"], ["sonar-pro"]),
  "Llama 4": of(["llama-4-scout-17b-16e-instruct"], ["llama-3.3-70b-versatile"]),
  "Llama 3.2 vision": of(["llama-3.2-11b-vision-preview"], ["llama-3.2-3b-preview"]),
  "Llama 3.1 and 3.3": of(["llama-3.3-70b-versatile", "llama-v3p1-8b-instruct"], ["llama3-8b-8192"]),
  "Llama 2 and 3": of(["llama3-8b-8192", "llama-2-70b-chat"], ["llama-3.1-8b-instant"]),
  "Qwen for images": of(["qwen3-vl-8b"], ["qwen3-8b"]),
  "Qwen Coder": of(["qwen3-coder"], ["qwen3-32b"]),
  "Qwen 3": of(["qwen3-32b"], ["qwen3-coder"]),
  "Kimi K2": of(["kimi-k2-instruct"], ["kimi-k2.5"]),
  Kimi: of(["kimi-k2.5"], ["kimi-k2"]),
  GLM: of(["glm-4.7", "zai-glm-4.6"]),
  "MiniMax M": of(["minimax-m2.5"])
}

/** What is told of a model that `row` is for. */
const told = (row: FamilyRow | undefined) => {
  if (row === undefined) return undefined
  const { family: _, pattern: __, source: ___, ...facts } = row
  return facts
}

describe("the table of families", () => {
  it("has examples for every row, and none without a row", () => {
    assert.sameMembers(
      Object.keys(examples),
      families.map(({ family }) => family)
    )
  })
  it("names every family once, and where its vendor says so", () => {
    assert.strictEqual(new Set(families.map(({ family }) => family)).size, families.length)
    for (const { source } of families) assert.match(source, /^https:\/\//)
  })
  for (const [family, { models, not }] of Object.entries(examples)) {
    for (const model of models)
      it(`${family} is told of ${model}, and without the row something else would be`, () => {
        const row = familyOf(model)
        assert.strictEqual(row?.family, family)
        const name = model.slice(model.lastIndexOf("/") + 1)
        const others = families.filter((one) => one !== row)
        assert.notDeepEqual(told(others.find(({ pattern }) => pattern.test(name))), told(row))
      })
    for (const model of not ?? [])
      it(`${family} is not told of ${model}`, () => {
        assert.notStrictEqual(familyOf(model)?.family, family)
      })
  }
})
