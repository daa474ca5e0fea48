/**
 * The vendors and servers that speak Chat Completions: one row each. Where they deviate from it: `quirks.ts`.
 *
 * @module
 */
import type { ProviderKind } from "../config/ProviderSpec.ts"

export type CompatibleKind = Exclude<ProviderKind, "anthropic" | "openai" | "google" | "vertex" | "azure-openai">

export interface CompatibleVendor {
  readonly kind: CompatibleKind
  /** Its base URL, the version in it. `undefined`: the config must name one. */
  readonly url: string | undefined
  /** Does the vendor's own address want a key? */
  readonly keyed: boolean
}

export const compatibleVendors: { readonly [K in CompatibleKind]: CompatibleVendor } = {
  // https://console.groq.com/docs/openai
  groq: { kind: "groq", url: "https://api.groq.com/openai/v1", keyed: true },
  // https://docs.mistral.ai/api
  mistral: { kind: "mistral", url: "https://api.mistral.ai/v1", keyed: true },
  // https://api-docs.deepseek.com
  deepseek: { kind: "deepseek", url: "https://api.deepseek.com/v1", keyed: true },
  // https://docs.together.ai/docs/openai-api-compatibility
  together: { kind: "together", url: "https://api.together.xyz/v1", keyed: true },
  // https://docs.fireworks.ai/tools-sdks/openai-compatibility
  fireworks: { kind: "fireworks", url: "https://api.fireworks.ai/inference/v1", keyed: true },
  // https://openrouter.ai/docs/api-reference/parameters
  openrouter: { kind: "openrouter", url: "https://openrouter.ai/api/v1", keyed: true },
  // https://inference-docs.cerebras.ai/resources/openai
  cerebras: { kind: "cerebras", url: "https://api.cerebras.ai/v1", keyed: true },
  // https://docs.x.ai/docs/api-reference
  xai: { kind: "xai", url: "https://api.x.ai/v1", keyed: true },
  // https://docs.perplexity.ai/guides/chat-completions-guide
  perplexity: { kind: "perplexity", url: "https://api.perplexity.ai", keyed: true },
  // https://docs.ollama.com/api/openai-compatibility
  ollama: { kind: "ollama", url: "http://127.0.0.1:11434/v1", keyed: false },
  // https://docs.vllm.ai/en/latest/serving/openai_compatible_server.html
  vllm: { kind: "vllm", url: "http://127.0.0.1:8000/v1", keyed: false },
  // https://lmstudio.ai/docs/developer/openai-compat
  lmstudio: { kind: "lmstudio", url: "http://127.0.0.1:1234/v1", keyed: false },
  "openai-compatible": { kind: "openai-compatible", url: undefined, keyed: false }
}

/** Servers of one's own, which are often named without the `/v1` of their wire. */
const versionless: ReadonlySet<CompatibleKind> = new Set(["ollama", "vllm", "lmstudio"])

/** The base URL to ask: the config's, or the vendor's own. */
export const baseUrlOf = (vendor: CompatibleVendor, configured: string | undefined): string | undefined => {
  if (configured === undefined) return vendor.url
  const url = URL.parse(configured)
  return versionless.has(vendor.kind) && url?.pathname === "/" ? `${url.origin}/v1` : configured
}
