/**
 * What the families of models can do, as rows of a table. The first row whose pattern fits a model's bare name counts.
 *
 * A bare name is in lower case and has no path before it (`openai/gpt-oss-120b` and `gpt-oss-120b` are one family,
 * whoever serves them). Only what the vendor's documentation says is written down: `can` is promised, `cannot` is known
 * not to work, what stands in neither is unknown. Context windows stand here only where the price catalogue has none.
 *
 * Prefill: Anthropic's models honour it up to 4.5 and answer 400 from 4.6 on; OpenAI's begin a new message.
 *
 * @module
 */
import type { Capability } from "../domain/Capability.ts"
import type { Tier } from "./ModelFacts.ts"

export interface FamilyRow {
  /** No two rows have the same. */
  readonly family: string
  /** Where its vendor says so. */
  readonly source: string
  readonly pattern: RegExp
  readonly can: ReadonlyArray<Capability>
  readonly cannot: ReadonlyArray<Capability>
  /** Absent: judged by its price. */
  readonly tier?: Tier
  readonly maxOutputTokens?: number
  readonly contextWindowTokens?: number
  /** Of a family that can think: `false` where it does so only when the request asks for it. */
  readonly thinksUnasked?: boolean
}

type Family = Omit<FamilyRow, "source">

const row = (
  family: string,
  pattern: RegExp,
  can: ReadonlyArray<Capability>,
  cannot: ReadonlyArray<Capability>,
  rest: Pick<FamilyRow, "tier" | "maxOutputTokens" | "contextWindowTokens"> = {}
): Family => ({ family, pattern, can, cannot, ...rest })

const claude = ["vision", "documents", "tools", "jsonSchema", "thinking"] as const
const gpt = ["vision", "documents", "tools", "jsonSchema"] as const
const gemini = ["vision", "audio", "documents", "tools", "jsonSchema"] as const
const notText = ["vision", "audio", "documents"] as const

/** platform.claude.com/docs: models overview; "prefill removal" in what is new in 4.6; structured outputs. */
const anthropic: ReadonlyArray<Family> = [
  row("Claude Fable", /^claude-(fable|mythos)-/, claude, ["audio", "prefill"], {
    tier: "premium",
    maxOutputTokens: 128_000
  }),
  row("Claude Opus 4.6 and later", /^claude-opus-(4[.-][6-9]|[5-9])/, claude, ["audio", "prefill"], {
    tier: "premium",
    maxOutputTokens: 128_000
  }),
  row("Claude Opus 4.5", /^claude-opus-4[.-]5/, [...claude, "prefill"], ["audio"], {
    tier: "premium",
    maxOutputTokens: 64_000
  }),
  row("Claude Opus 4", /^claude-(opus-4|4-opus)/, ["vision", "documents", "tools", "thinking", "prefill"], ["audio"], {
    tier: "premium",
    maxOutputTokens: 32_000
  }),
  row("Claude Sonnet 4.6 and later", /^claude-sonnet-(4[.-][6-9]|[5-9])/, claude, ["audio", "prefill"], {
    tier: "standard",
    maxOutputTokens: 128_000
  }),
  row("Claude Sonnet 4.5", /^claude-sonnet-4[.-]5/, [...claude, "prefill"], ["audio"], {
    tier: "standard",
    maxOutputTokens: 64_000
  }),
  row(
    "Claude Sonnet 4 and 3.7",
    /^claude-(sonnet-4|4-sonnet|3[.-]7-sonnet)/,
    ["vision", "documents", "tools", "thinking", "prefill"],
    ["audio"],
    { tier: "standard", maxOutputTokens: 64_000 }
  ),
  row("Claude Haiku 4.5", /^claude-haiku-4[.-]5/, [...claude, "prefill"], ["audio"], {
    tier: "economy",
    maxOutputTokens: 64_000
  }),
  row("Claude Haiku 5 and later", /^claude-haiku-[5-9]/, claude, ["audio", "prefill"], { tier: "economy" }),
  row("Claude 3.5", /^claude-3[.-]5-/, ["vision", "documents", "tools", "prefill"], ["audio", "thinking"], {
    maxOutputTokens: 8_192
  }),
  row("Claude 3", /^claude-3-/, ["vision", "tools", "prefill"], ["audio", "thinking"], { maxOutputTokens: 4_096 }),
  row("Claude", /^claude-/, ["vision", "tools"], ["audio"])
]

/** developers.openai.com/api/docs/models: one page a model. */
const openai: ReadonlyArray<Family> = [
  row("gpt-oss 120b", /^gpt-oss[-:](safeguard-)?120b/, ["tools", "thinking"], notText, { tier: "standard" }),
  row("gpt-oss", /^gpt-oss/, ["tools", "thinking"], notText, { tier: "economy" }),
  row(
    "GPT audio",
    /^(gpt-audio|gpt-4o(-mini)?-audio)/,
    ["audio", "tools"],
    ["vision", "jsonSchema", "thinking", "prefill"],
    {
      maxOutputTokens: 16_384
    }
  ),
  row("GPT-5 chat", /^gpt-5(\.\d)?-chat/, ["vision", "jsonSchema"], ["audio", "thinking", "prefill"], {
    tier: "standard",
    maxOutputTokens: 16_384
  }),
  row("GPT-5 pro", /^gpt-[56](\.\d)?-pro/, [...gpt, "thinking"], ["audio", "prefill"], {
    tier: "premium",
    maxOutputTokens: 128_000
  }),
  row("GPT-5 mini and nano", /^gpt-[56](\.\d)?-(codex-)?(mini|nano)/, [...gpt, "thinking"], ["audio", "prefill"], {
    tier: "economy",
    maxOutputTokens: 128_000
  }),
  row("GPT-5 to 5.4", /^gpt-5(\.[1-4])?(-codex|-\d{4}|$)/, [...gpt, "thinking"], ["audio", "prefill"], {
    tier: "standard",
    maxOutputTokens: 128_000
  }),
  row("GPT-5 and 6", /^gpt-[56]/, [...gpt, "thinking"], ["audio", "prefill"], { maxOutputTokens: 128_000 }),
  row("GPT-4.1", /^gpt-4\.1/, gpt, ["audio", "thinking", "prefill"], { maxOutputTokens: 32_768 }),
  row("GPT-4o search", /^gpt-4o(-mini)?-search/, ["jsonSchema"], ["audio", "thinking", "prefill"], {
    maxOutputTokens: 16_384
  }),
  row("ChatGPT-4o", /^chatgpt-4o/, ["vision"], ["audio", "tools", "jsonSchema", "thinking", "prefill"], {
    maxOutputTokens: 16_384
  }),
  row("GPT-4o", /^gpt-4o/, gpt, ["audio", "thinking", "prefill"], { maxOutputTokens: 16_384 }),
  row("GPT-4 Turbo", /^gpt-4-turbo/, ["vision", "tools"], ["audio", "jsonSchema", "thinking", "prefill"], {
    maxOutputTokens: 4_096
  }),
  row("GPT-4", /^gpt-4(-|$)/, ["tools"], [...notText, "jsonSchema", "thinking", "prefill"], { maxOutputTokens: 8_192 }),
  row("GPT-3.5", /^gpt-3\.5-turbo/, ["tools"], [...notText, "jsonSchema", "thinking", "prefill"], {
    maxOutputTokens: 4_096
  }),
  row("o1-mini and preview", /^o1-(mini|preview)/, ["thinking"], [...notText, "tools", "jsonSchema", "prefill"]),
  row("o3-mini", /^o3-mini/, ["tools", "jsonSchema", "thinking"], [...notText, "prefill"], {
    tier: "economy",
    maxOutputTokens: 100_000
  }),
  row("o4-mini", /^o4-mini/, [...gpt, "thinking"], ["audio", "prefill"], { tier: "economy", maxOutputTokens: 100_000 }),
  row("o1 and o3", /^o[13](-|$)/, [...gpt, "thinking"], ["audio", "prefill"], { maxOutputTokens: 100_000 })
]

/** ai.google.dev/gemini-api/docs/models, and its pages on thinking and structured output. */
const google: ReadonlyArray<Family> = [
  row("Gemini for images, speech and live use", /^gemini-.*(-image|-tts|live|omni|embedding)/, [], []),
  row("Gemini flash lite", /^gemini-(2\.5|[3-9](\.\d)?)-flash-lite/, [...gemini, "thinking"], [], {
    tier: "economy",
    maxOutputTokens: 65_536,
    contextWindowTokens: 1_000_000
  }),
  row("Gemini 2.5 flash", /^gemini-2\.5-flash/, [...gemini, "thinking"], [], {
    tier: "economy",
    maxOutputTokens: 65_536
  }),
  row("Gemini flash", /^gemini-[3-9](\.\d)?-flash/, [...gemini, "thinking"], [], {
    tier: "standard",
    maxOutputTokens: 65_536,
    contextWindowTokens: 1_000_000
  }),
  row("Gemini pro", /^gemini-(2\.5|[3-9](\.\d)?)-pro/, [...gemini, "thinking"], [], {
    tier: "premium",
    maxOutputTokens: 65_536,
    contextWindowTokens: 1_000_000
  }),
  row("Gemini 2.0 and 1.5", /^gemini-(2\.0|1\.5)/, gemini, ["thinking"], { tier: "economy", maxOutputTokens: 8_192 }),
  row("Gemma 3 and 4", /^gemma-?[34]-(?!1b)/, ["vision"], ["audio"], { tier: "economy" })
]

/** docs.mistral.ai: models; a last assistant message needs `prefix: true`, so a plain prefill is not honoured. */
const mistral: ReadonlyArray<Family> = [
  row("Magistral", /^magistral/, ["tools", "thinking"], ["audio", "prefill"], { contextWindowTokens: 40_000 }),
  row("Voxtral", /^voxtral/, ["audio"], ["vision", "thinking", "prefill"]),
  row("Codestral and Devstral", /^(codestral|devstral)/, ["tools", "jsonSchema"], ["audio", "thinking", "prefill"], {
    contextWindowTokens: 128_000
  }),
  row("Mistral Large", /^mistral-large/, ["tools", "jsonSchema"], ["audio", "thinking", "prefill"], {
    tier: "standard",
    contextWindowTokens: 128_000
  }),
  row("Mistral Medium", /^mistral-medium/, ["vision", "tools", "jsonSchema"], ["audio", "prefill"], {
    tier: "standard",
    contextWindowTokens: 128_000
  }),
  row(
    "Mistral Small, Ministral and Pixtral",
    /^(mistral-small|ministral|pixtral)/,
    ["tools", "jsonSchema"],
    ["audio", "prefill"],
    {
      tier: "economy",
      contextWindowTokens: 128_000
    }
  ),
  row("Mixtral and Mistral 7B", /^(open-)?(mixtral|mistral-7b)/, [], [...notText, "thinking"], { tier: "economy" })
]

/** api-docs.deepseek.com: JSON output is `json_object` only; a prefix needs the beta address. */
const deepseek: ReadonlyArray<Family> = [
  row("DeepSeek V4 Pro", /^deepseek-v4-pro/, ["tools", "thinking"], [...notText, "jsonSchema"], {
    tier: "standard",
    maxOutputTokens: 393_216
  }),
  row("DeepSeek V4 Flash", /^deepseek-v4-flash/, ["tools", "thinking"], [...notText, "jsonSchema"], {
    tier: "economy",
    maxOutputTokens: 393_216
  }),
  row("DeepSeek R1", /^deepseek-(reasoner|r1)/, ["thinking"], notText, { tier: "standard" }),
  row("DeepSeek V3", /^deepseek-(chat|v3)/, ["tools"], notText, { tier: "economy" })
]

/** docs.x.ai: models. */
const xai: ReadonlyArray<Family> = [
  row("Grok without reasoning", /^grok-4.*-non-reasoning/, ["vision", "tools", "jsonSchema"], ["audio", "thinking"], {
    tier: "economy"
  }),
  row("Grok fast", /^grok-4.*-fast/, ["vision", "tools", "jsonSchema", "thinking"], ["audio"], { tier: "economy" }),
  row("Grok 4", /^grok-4/, ["vision", "tools", "jsonSchema", "thinking"], ["audio"], { tier: "standard" }),
  row("Grok Code", /^grok-(code|build)/, ["tools", "thinking"], ["audio"]),
  row("Grok 3 mini", /^grok-3-mini/, ["tools", "thinking"], notText, { tier: "economy" }),
  row("Grok 3", /^grok-3/, ["tools"], [...notText, "thinking"], { tier: "standard" })
]

/** docs.perplexity.ai: models (no function calls, images in the prompt). */
const perplexity: ReadonlyArray<Family> = [
  row("Sonar, thinking", /^sonar-(reasoning|deep-research)/, ["vision", "thinking"], ["audio", "tools"]),
  row("Sonar Pro", /^sonar-pro/, ["vision", "jsonSchema"], ["audio", "tools", "thinking"], { tier: "standard" }),
  row("Sonar", /^sonar/, ["vision", "jsonSchema"], ["audio", "tools", "thinking"], { tier: "economy" })
]

/** Open weights, whoever serves them: the model cards of Meta, Alibaba, Moonshot, Z.ai and MiniMax. */
const open: ReadonlyArray<Family> = [
  row("Llama 4", /^(meta-)?llama-?4/, ["vision", "tools"], ["audio", "thinking"]),
  row("Llama 3.2 vision", /^(meta-)?llama-?3[.p]2-(11b|90b)/, ["vision"], ["audio", "thinking"]),
  row("Llama 3.1 and 3.3", /^(meta-)?llama-?v?3[.p][13]/, ["tools"], [...notText, "thinking"], {
    contextWindowTokens: 131_072
  }),
  row("Llama 2 and 3", /^(meta-)?llama-?v?[23]/, [], [...notText, "thinking"]),
  row("Qwen for images", /^qwen.*-vl/, ["vision"], ["audio"]),
  row("Qwen Coder", /^qwen-?3(p\d)?-coder/, ["tools"], [...notText, "thinking"]),
  row("Qwen 3", /^qwen-?3[-:]/, ["tools", "thinking"], notText),
  row("Kimi K2", /^kimi-k2(-|$)/, ["tools"], notText),
  row("Kimi", /^kimi-k/, ["tools"], ["audio"]),
  row("GLM", /^(zai-)?glm-[45]/, ["tools", "thinking"], ["audio"]),
  row("MiniMax M", /^minimax-m/, ["tools", "thinking"], ["audio"])
]

const of = (source: string, rows: ReadonlyArray<Family>): ReadonlyArray<FamilyRow> =>
  rows.map((family) => ({ ...family, source }))

export const families: ReadonlyArray<FamilyRow> = [
  // extended thinking is off unless a request turns it on
  ...of("https://platform.claude.com/docs/en/about-claude/models/overview", anthropic).map((family) => ({
    ...family,
    thinksUnasked: false
  })),
  ...of("https://developers.openai.com/api/docs/models", openai),
  ...of("https://ai.google.dev/gemini-api/docs/models", google),
  ...of("https://docs.mistral.ai/getting-started/models/models_overview", mistral),
  ...of("https://api-docs.deepseek.com/quick_start/pricing", deepseek),
  ...of("https://docs.x.ai/docs/models", xai),
  ...of("https://docs.perplexity.ai/getting-started/models", perplexity),
  ...of("https://huggingface.co/models", open)
]

/** The name without the path and the variant a server puts around it, in lower case. */
export const bareName = (model: string): string => model.slice(model.lastIndexOf("/") + 1).toLowerCase()

/** The row of a model's family; absent where none fits. */
export const familyOf = (model: string): FamilyRow | undefined => {
  const name = bareName(model)
  return families.find(({ pattern }) => pattern.test(name))
}
