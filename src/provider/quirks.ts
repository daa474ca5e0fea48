/**
 * Where single models deviate from their vendor's wire, for requests that Switchyard writes.
 *
 * A request that came in on the vendor's own wire is sent as its caller wrote it: the vendor answers for itself. How
 * Claude's generations differ is the Messages dialect's own table.
 *
 * @module
 */
import type { ProviderKind } from "../config/ProviderSpec.ts"
import type { Quirks } from "../dialect/Dialect.ts"

export interface ModelQuirks {
  readonly kinds: ReadonlyArray<ProviderKind>
  /** Against the vendor's name for the model, in lower case. */
  readonly model: RegExp
  readonly quirks: Partial<Quirks>
}

/** Models that think take only the default of whatever shapes the drawing of words. */
const samplingOfOpenAiThinkers = [
  "temperature",
  "top_p",
  "presence_penalty",
  "frequency_penalty",
  "logprobs",
  "top_logprobs",
  "logit_bias",
  "stop"
] as const

/** Every row that fits counts; of two that say the same, the later. */
export const modelQuirks: ReadonlyArray<ModelQuirks> = [
  // https://platform.openai.com/docs/guides/reasoning: o1, o3, o4 and GPT from 5 on, but for their chat variants
  {
    kinds: ["openai", "azure-openai"],
    model: /^(?:o\d|codex-|gpt-(?:[5-9]|\d\d)(?!.*chat))/,
    quirks: { maxTokensField: "max_completion_tokens", refuses: samplingOfOpenAiThinkers }
  },
  {
    kinds: ["openai", "azure-openai"],
    model: /^gpt-(?:[5-9]|\d\d)/,
    quirks: { maxTokensField: "max_completion_tokens" }
  },
  // https://platform.openai.com/docs/guides/tools-web-search: search models answer 400 to these
  {
    kinds: ["openai"],
    model: /-search-(?:preview|api)/,
    quirks: { refuses: ["temperature", "top_p", "presence_penalty", "frequency_penalty", "n", "seed", "logit_bias"] }
  },
  // before gpt-4o, a schema is not known
  {
    kinds: ["openai", "azure-openai"],
    model: /^gpt-(?:3\.5|4(?![\d.o]))/,
    quirks: { structuredOutput: "json_object" }
  },
  // https://console.groq.com/docs/structured-outputs: schemas only for these families
  {
    kinds: ["groq"],
    model: /^(?!.*(?:gpt-oss|llama-4|kimi)).*/,
    quirks: { structuredOutput: "json_object" }
  },
  // https://docs.x.ai/docs/guides/reasoning: models that think answer 400 to these
  {
    kinds: ["xai"],
    model: /^grok-(?:3-mini|[4-9]|code)(?!.*non-reasoning)/,
    quirks: { refuses: ["presence_penalty", "frequency_penalty", "stop"] }
  },
  // https://api-docs.deepseek.com/guides/reasoning_model
  { kinds: ["deepseek"], model: /reasoner/, quirks: { refuses: ["logprobs", "top_logprobs"] } }
]

/** A vendor's quirks for one of its models. */
export const quirksOf = (kind: ProviderKind, vendor: Quirks, model: string): Quirks => {
  const name = model.toLowerCase()
  let quirks = vendor
  for (const row of modelQuirks) {
    if (!row.kinds.includes(kind) || !row.model.test(name)) continue
    const refuses = row.quirks.refuses === undefined ? quirks.refuses : [...quirks.refuses, ...row.quirks.refuses]
    quirks = { ...quirks, ...row.quirks, refuses: [...new Set(refuses)] }
  }
  return quirks
}
