/**
 * One configured provider, after interpolation: everything its Layer needs.
 *
 * @module
 */
import type { Redacted } from "effect"

/** The vendors that have a Layer or a row. `openai-compatible` is any base URL that speaks Chat Completions. */
export const providerKinds = [
  "anthropic",
  "openai",
  "google",
  "vertex",
  "azure-openai",
  "groq",
  "mistral",
  "deepseek",
  "together",
  "fireworks",
  "openrouter",
  "cerebras",
  "xai",
  "perplexity",
  "ollama",
  "vllm",
  "lmstudio",
  "openai-compatible"
] as const
export type ProviderKind = (typeof providerKinds)[number]

/** What a vendor allows; absent: not known. */
export interface ProviderLimits {
  readonly requestsPerMinute: number | undefined
  readonly tokensPerMinute: number | undefined
  /** Calls under way at once. */
  readonly concurrent?: number | undefined
}

export interface ProviderSpec {
  readonly id: string
  readonly kind: ProviderKind
  /**
   * Several keys of one account take turns. Empty for servers that want none. Vertex: a service account's key file, as its
   * text, is one of them.
   */
  readonly apiKeys: ReadonlyArray<Redacted.Redacted<string>>
  /** Without a trailing slash; absent: the vendor's own. */
  readonly baseUrl: string | undefined
  /** Azure's `api-version`. */
  readonly apiVersion: string | undefined
  /** Azure: model name → deployment name. */
  readonly deployments: Readonly<Record<string, string>>
  /** Vertex: whose models are asked; absent: the service account's own project, or none (a key alone). */
  readonly project?: string
  /** Vertex: where they run; absent: `global`. */
  readonly location?: string
  /** Extra headers for every call. */
  readonly headers: Readonly<Record<string, string>>
  /** Providers that share infrastructure bear one label; absent: the provider stands for itself. */
  readonly failureDomain: string | undefined
  readonly region: string | undefined
  /** The models this provider is known to serve, beyond those the catalogue lists for its kind. */
  readonly models: ReadonlyArray<string>
  /** What the vendor allows this account, whatever the model. */
  readonly limits?: ProviderLimits
}
