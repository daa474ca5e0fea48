/**
 * What distinguishes the kinds of providers to the catalogue: whose prices, which names are theirs, which models are
 * worth listing, and what their wire honours whatever the model.
 *
 * @module
 */
import type { Capability } from "../domain/Capability.ts"
import type { ProviderKind } from "../config/ProviderSpec.ts"

export interface VendorRow {
  /** The vendor's id in the price catalogue; absent: nobody has a price for it. */
  readonly prices?: string
  /** Providers of one label are likely to fail together; absent: every provider stands for itself. */
  readonly failureDomain?: string
  /**
   * The names of its models, for a vendor of models of its own. A vendor without one serves others' models under names
   * of its choosing: the price catalogue knows some of them.
   */
  readonly names?: RegExp
  /** Of the price catalogue's names, those that are chat models of today. Absent: nothing is listed. */
  readonly listed?: RegExp
  /** Names the price catalogue does not list. */
  readonly also?: ReadonlyArray<string>
  /** Put before the price catalogue's names. */
  readonly prefix?: string
  /** Requests that may wait cost less there, and say so in this field of the body. */
  readonly flex?: string
  /** It tells what it has charged for a call, all fees included, beside what it has counted; in US dollars. */
  readonly tellsCharge?: boolean
  /** Over the family's word, for the models that fit. */
  readonly capabilities?: ReadonlyArray<{
    readonly pattern: RegExp
    readonly can: ReadonlyArray<Capability>
    readonly cannot: ReadonlyArray<Capability>
  }>
}

const any = /^/

export const vendors: Readonly<Record<ProviderKind, VendorRow>> = {
  anthropic: {
    prices: "anthropic",
    failureDomain: "anthropic",
    names: /^claude-[\w.:@-]+$/,
    listed: /^claude-(fable|opus|sonnet|haiku)-/
  },
  openai: {
    prices: "openai",
    failureDomain: "openai",
    flex: "service_tier",
    // gpt-oss is OpenAI's, but its own API does not serve it
    names: /^(gpt-(?!oss)|chatgpt-|o\d|ft:|codex-|computer-use|text-embedding-(?:3|ada))[\w.:@-]*$/,
    listed: /^(gpt-(4\.1|4o|[5-9])|o[134])(?!.*(image|audio|realtime|transcribe|tts|search|deep-research|:|ft-))/
  },
  google: {
    prices: "google",
    failureDomain: "google",
    flex: "serviceTier",
    names: /^(models\/)?(gemini|gemma|learnlm)-[\w.:@-]+$/,
    listed: /^gemini-(2\.5|[3-9])(?!.*(image|tts|live|omni|embedding))/
  },
  // Gemini on Google Cloud: Google's models and prices, and much of its infrastructure
  vertex: {
    prices: "google",
    failureDomain: "google",
    names: /^(models\/)?gemini-[\w.-]+$/,
    listed: /^gemini-(2\.5|[3-9])(?!.*(image|tts|live|omni|embedding))/
  },
  // models are named by the account's own deployments; it shares infrastructure with OpenAI
  "azure-openai": { prices: "azure", failureDomain: "openai" },
  groq: {
    prices: "groq",
    failureDomain: "groq",
    listed: /gpt-oss|llama-(3\.1-8b|3\.3|4)|qwen3|kimi/,
    capabilities: [
      { pattern: any, can: [], cannot: ["audio", "documents"] },
      // console.groq.com/docs/prefilling: any text model; the reasoning ones think before they would continue
      { pattern: /llama/i, can: ["prefill"], cannot: [] },
      // console.groq.com/docs/structured-outputs
      { pattern: /gpt-oss/i, can: ["jsonSchema"], cannot: [] }
    ]
  },
  mistral: {
    prices: "mistral",
    failureDomain: "mistral",
    names:
      /^(labs-)?(mistral|ministral|magistral|codestral|devstral|pixtral|voxtral|mixtral|open-mi[sx]tral)[\w.:@-]*$/,
    listed: /^(mistral-(large|medium|small)|ministral|codestral|devstral).*-(\d{4}|latest)$/,
    also: [
      "mistral-large-latest",
      "mistral-medium-latest",
      "mistral-small-latest",
      "magistral-medium-latest",
      "codestral-latest"
    ],
    capabilities: [{ pattern: any, can: [], cannot: ["prefill"] }]
  },
  deepseek: {
    prices: "deepseek",
    failureDomain: "deepseek",
    names: /^deepseek-[\w.:@-]+$/,
    listed: /^deepseek-(v4|chat|reasoner)/,
    capabilities: [{ pattern: any, can: [], cannot: ["prefill", "jsonSchema"] }]
  },
  together: { prices: "together", failureDomain: "together", listed: /^meta-llama\/(Meta-)?Llama-(3\.[13]|4)/ },
  fireworks: { prices: "fireworks", failureDomain: "fireworks", listed: any, prefix: "accounts/fireworks/models/" },
  openrouter: {
    prices: "openrouter",
    tellsCharge: true,
    failureDomain: "openrouter",
    listed:
      /^(anthropic|openai|google|x-ai|deepseek|meta-llama|mistralai|qwen|moonshotai|z-ai|minimax)\/(?!.*(image|lyria|palm|claude-2))[^:]+$/
  },
  cerebras: {
    prices: "cerebras",
    failureDomain: "cerebras",
    listed: any,
    capabilities: [
      { pattern: any, can: [], cannot: ["audio", "documents"] },
      // inference-docs.cerebras.ai: structured outputs
      { pattern: /gpt-oss/i, can: ["jsonSchema"], cannot: [] }
    ]
  },
  xai: {
    prices: "x-ai",
    tellsCharge: true,
    failureDomain: "xai",
    names: /^grok-[\w.:@-]+$/,
    listed: /^grok-[3-9](?!.*voice)/
  },
  perplexity: {
    prices: "perplexity",
    tellsCharge: true,
    failureDomain: "perplexity",
    names: /^(sonar|r1-1776)[\w.:@-]*$/,
    listed: /^sonar/
  },
  ollama: {},
  vllm: {},
  lmstudio: {},
  "openai-compatible": {}
}
