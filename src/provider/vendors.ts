/**
 * The vendors and servers that speak Chat Completions: one row each.
 *
 * @module
 */
import type { ProviderKind } from "../config/ProviderSpec.ts"
import { type Quirks, noQuirks } from "../dialect/Dialect.ts"

export type CompatibleKind = Exclude<ProviderKind, "anthropic" | "openai" | "google" | "vertex" | "azure-openai">

export interface CompatibleVendor {
  readonly kind: CompatibleKind
  /** Its base URL, the version in it. `undefined`: the config must name one. */
  readonly url: string | undefined
  /** Does the vendor's own address want a key? */
  readonly keyed: boolean
  readonly quirks: Quirks
}

/** What is true of nearly all of them: `max_tokens`, and system prompts as `system`. */
const usual: Quirks = { ...noQuirks, maxTokensField: "max_tokens", developerRole: false }

/** Fields only OpenAI knows, for vendors that answer 4xx to a field they do not know. */
const onlyOpenAi = [
  "store",
  "metadata",
  "service_tier",
  "modalities",
  "audio",
  "prediction",
  "verbosity",
  "web_search_options",
  "prompt_cache_key",
  "prompt_cache_retention",
  "safety_identifier"
] as const

export const compatibleVendors: { readonly [K in CompatibleKind]: CompatibleVendor } = {
  // https://console.groq.com/docs/openai
  groq: {
    kind: "groq",
    url: "https://api.groq.com/openai/v1",
    keyed: true,
    quirks: {
      ...usual,
      maxTokensField: "max_completion_tokens",
      refuses: ["logprobs", "top_logprobs", "logit_bias", "verbosity", "modalities", "prediction", "web_search_options"]
    }
  },
  // https://docs.mistral.ai/api: unknown fields are answered with 422; a stream always tells its usage
  mistral: {
    kind: "mistral",
    url: "https://api.mistral.ai/v1",
    keyed: true,
    quirks: {
      ...usual,
      streamOptions: false,
      // recordings show `prompt_cache_key` accepted
      refuses: [
        ...onlyOpenAi.filter((field) => field !== "prompt_cache_key"),
        "seed",
        "user",
        "logprobs",
        "top_logprobs",
        "logit_bias",
        "functions",
        "function_call"
      ]
    }
  },
  // https://api-docs.deepseek.com
  deepseek: {
    kind: "deepseek",
    url: "https://api.deepseek.com/v1",
    keyed: true,
    quirks: { ...usual, structuredOutput: "json_object" }
  },
  // https://docs.together.ai/docs/openai-api-compatibility
  together: { kind: "together", url: "https://api.together.xyz/v1", keyed: true, quirks: usual },
  // https://docs.fireworks.ai/tools-sdks/openai-compatibility
  fireworks: { kind: "fireworks", url: "https://api.fireworks.ai/inference/v1", keyed: true, quirks: usual },
  // https://openrouter.ai/docs/api-reference/parameters
  openrouter: {
    kind: "openrouter",
    url: "https://openrouter.ai/api/v1",
    keyed: true,
    // takes both names of the output limit
    quirks: { ...usual, developerRole: true, maxTokensField: undefined }
  },
  // https://inference-docs.cerebras.ai/resources/openai
  cerebras: {
    kind: "cerebras",
    url: "https://api.cerebras.ai/v1",
    keyed: true,
    quirks: {
      ...usual,
      maxTokensField: "max_completion_tokens",
      refuses: [...onlyOpenAi, "frequency_penalty", "presence_penalty", "logit_bias"]
    }
  },
  // https://docs.x.ai/docs/api-reference
  xai: {
    kind: "xai",
    url: "https://api.x.ai/v1",
    keyed: true,
    quirks: { ...usual, maxTokensField: "max_completion_tokens", developerRole: true, refuses: ["logit_bias"] }
  },
  // https://docs.perplexity.ai/guides/chat-completions-guide; a stream always tells its usage
  perplexity: {
    kind: "perplexity",
    url: "https://api.perplexity.ai",
    keyed: true,
    quirks: {
      ...usual,
      streamOptions: false,
      refuses: [
        "n",
        "seed",
        "user",
        "logprobs",
        "top_logprobs",
        "logit_bias",
        "parallel_tool_calls",
        "store",
        "metadata"
      ]
    }
  },
  // https://docs.ollama.com/api/openai-compatibility
  ollama: { kind: "ollama", url: "http://127.0.0.1:11434/v1", keyed: false, quirks: usual },
  // https://docs.vllm.ai/en/latest/serving/openai_compatible_server.html
  vllm: { kind: "vllm", url: "http://127.0.0.1:8000/v1", keyed: false, quirks: usual },
  // https://lmstudio.ai/docs/developer/openai-compat
  lmstudio: { kind: "lmstudio", url: "http://127.0.0.1:1234/v1", keyed: false, quirks: usual },
  "openai-compatible": { kind: "openai-compatible", url: undefined, keyed: false, quirks: usual }
}

/** Servers of one's own, which are often named without the `/v1` of their wire. */
const versionless: ReadonlySet<CompatibleKind> = new Set(["ollama", "vllm", "lmstudio"])

/** The base URL to ask: the config's, or the vendor's own. */
export const baseUrlOf = (vendor: CompatibleVendor, configured: string | undefined): string | undefined => {
  if (configured === undefined) return vendor.url
  const url = URL.parse(configured)
  return versionless.has(vendor.kind) && url?.pathname === "/" ? `${url.origin}/v1` : configured
}
