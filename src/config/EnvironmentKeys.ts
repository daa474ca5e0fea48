/**
 * Which environment variables hold which vendor's credentials, and what a gateway made from them alone serves.
 *
 * `OPENAI_BASE_URL` and `ANTHROPIC_BASE_URL` are not read: applications set them to point at Switchyard itself, and a
 * gateway that read them would call itself.
 *
 * @module
 */
import { Redacted } from "effect"
import type { Environment } from "./interpolate.ts"
import { lookup } from "./interpolate.ts"
import type { ProviderKind } from "./ProviderSpec.ts"

export interface EnvironmentRow {
  readonly kind: ProviderKind
  /** The id the provider gets when it is configured by the environment alone. */
  readonly id: string
  /** The vendor's own names for its key; the first one that is set counts, then its `_2`, `_3` … */
  readonly keys: ReadonlyArray<string>
  /** The variable of the address, where the vendor has no address of its own. */
  readonly baseUrl?: string
  readonly apiVersion?: string
  /** Its models behind the aliases `smart` and `fast`; absent where the account names its models itself. */
  readonly smart?: string
  readonly fast?: string
}

/** In the order in which the vendors stand behind `smart` and `fast`. */
export const environmentRows: ReadonlyArray<EnvironmentRow> = [
  {
    kind: "anthropic",
    id: "anthropic",
    keys: ["ANTHROPIC_API_KEY"],
    smart: "claude-sonnet-5",
    fast: "claude-haiku-4-5"
  },
  { kind: "openai", id: "openai", keys: ["OPENAI_API_KEY"], smart: "gpt-5.2", fast: "gpt-5-mini" },
  {
    kind: "google",
    id: "gemini",
    keys: ["GEMINI_API_KEY", "GOOGLE_API_KEY"],
    smart: "gemini-3.5-flash",
    fast: "gemini-3.5-flash-lite"
  },
  { kind: "xai", id: "xai", keys: ["XAI_API_KEY"], smart: "grok-4.6", fast: "grok-4-1-fast-non-reasoning" },
  {
    kind: "mistral",
    id: "mistral",
    keys: ["MISTRAL_API_KEY"],
    smart: "mistral-large-2512",
    fast: "mistral-small-2603"
  },
  { kind: "deepseek", id: "deepseek", keys: ["DEEPSEEK_API_KEY"], smart: "deepseek-v4-pro", fast: "deepseek-v4-flash" },
  { kind: "groq", id: "groq", keys: ["GROQ_API_KEY"], smart: "openai/gpt-oss-120b", fast: "llama-3.1-8b-instant" },
  { kind: "cerebras", id: "cerebras", keys: ["CEREBRAS_API_KEY"], smart: "gpt-oss-120b", fast: "gemma-4-31b" },
  {
    kind: "fireworks",
    id: "fireworks",
    keys: ["FIREWORKS_API_KEY"],
    smart: "accounts/fireworks/models/kimi-k3",
    fast: "accounts/fireworks/models/gpt-oss-20b"
  },
  {
    kind: "together",
    id: "together",
    keys: ["TOGETHER_API_KEY"],
    smart: "meta-llama/Llama-3.3-70B-Instruct-Turbo",
    fast: "meta-llama/Meta-Llama-3.1-8B-Instruct-Turbo"
  },
  {
    kind: "openrouter",
    id: "openrouter",
    keys: ["OPENROUTER_API_KEY"],
    smart: "anthropic/claude-sonnet-5",
    fast: "google/gemini-3.5-flash-lite"
  },
  { kind: "perplexity", id: "perplexity", keys: ["PERPLEXITY_API_KEY"], smart: "sonar-pro", fast: "sonar" },
  {
    kind: "azure-openai",
    id: "azure",
    keys: ["AZURE_OPENAI_API_KEY"],
    baseUrl: "AZURE_OPENAI_ENDPOINT",
    apiVersion: "OPENAI_API_VERSION"
  }
]

export const environmentRowOf = (kind: ProviderKind): EnvironmentRow | undefined =>
  environmentRows.find((row) => row.kind === kind)

/** How many numbered variables are looked at (`NAME_2` … `NAME_20`). */
const mostKeys = 20

/** The keys a row finds, with the names of their variables; empty where the vendor is not configured. */
export const keysInEnvironment = (
  row: EnvironmentRow,
  env: Environment
): ReadonlyArray<{ readonly variable: string; readonly key: Redacted.Redacted<string> }> => {
  const base = row.keys.find((name) => lookup(env, name) !== undefined)
  if (base === undefined) return []
  const variables = [base, ...Array.from({ length: mostKeys - 1 }, (_, index) => `${base}_${index + 2}`)]
  return variables.flatMap((variable) => {
    const value = lookup(env, variable)
    return value === undefined ? [] : [{ variable, key: Redacted.make(value, { label: variable }) }]
  })
}
