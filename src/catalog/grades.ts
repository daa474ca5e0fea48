/**
 * Which of each vendor's present models is its best, its everyday one, its small one, and its quickest.
 *
 * The rows are what a choice by task falls back on where the config says nothing. They are opinions as of their date,
 * from the vendors' own recommendations; a vendor that is not listed serves whatever its operator runs, and is chosen by
 * name only.
 *
 * @module
 */
import type { ProviderKind } from "../config/ProviderSpec.ts"

/**
 * `best`: for what is hard, whatever it costs; `strong`: for most work; `small`: for what is simple; `quick`: for what
 * must come at once. Absent: the vendor has nothing of the kind.
 */
export type Grade = "best" | "strong" | "small" | "quick"

export type GradeRow = Readonly<Partial<Record<Grade, string>>>

/** As of November 2026. In the order in which vendors are preferred where nothing else decides. */
export const grades: ReadonlyMap<ProviderKind, GradeRow> = new Map<ProviderKind, GradeRow>([
  [
    "anthropic",
    { best: "claude-opus-5-5", strong: "claude-sonnet-5", small: "claude-haiku-4-5", quick: "claude-haiku-4-5" }
  ],
  ["openai", { best: "gpt-6-astra", strong: "gpt-6-sol", small: "gpt-6-luna", quick: "gpt-6-luna" }],
  [
    "google",
    {
      best: "gemini-3.1-pro-preview",
      strong: "gemini-3.8-flash",
      small: "gemini-3.5-flash-lite",
      quick: "gemini-3.5-flash-lite"
    }
  ],
  [
    "vertex",
    {
      best: "gemini-3.1-pro-preview",
      strong: "gemini-3.8-flash",
      small: "gemini-3.5-flash-lite",
      quick: "gemini-3.5-flash-lite"
    }
  ],
  [
    "xai",
    {
      best: "grok-4.6",
      strong: "grok-4.6",
      small: "grok-4-1-fast-non-reasoning",
      quick: "grok-4-1-fast-non-reasoning"
    }
  ],
  [
    "mistral",
    {
      best: "mistral-large-2512",
      strong: "mistral-large-2512",
      small: "mistral-small-2603",
      quick: "mistral-small-2603"
    }
  ],
  ["deepseek", { best: "deepseek-v4-pro", strong: "deepseek-v4-pro", small: "deepseek-v4-flash" }],
  ["groq", { strong: "openai/gpt-oss-120b", small: "openai/gpt-oss-20b", quick: "llama-3.1-8b-instant" }],
  ["cerebras", { strong: "gpt-oss-120b", quick: "gpt-oss-120b" }]
])
