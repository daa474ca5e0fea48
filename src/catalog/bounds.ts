/**
 * The most that prompts and vendors' own tools can add to a bill, beyond what a request's text says: rows of tables.
 *
 * These are upper bounds for promises, not estimates. Where a vendor states a number it stands here, rounded up; where
 * none does, a number above what was seen. A bill that is above them all the same is learned from (see `Calibration`).
 *
 * Sources: platform.claude.com/docs (tool use: tokens of its system prompt; vision; web search), developers.openai.com
 * (images and vision; pricing of built-in tools and of processing tiers), ai.google.dev (media resolution; grounding),
 * docs.x.ai (pricing of tools), openrouter.ai/docs (plugins; PDF inputs).
 *
 * @module
 */
import type { DialectId } from "../domain/Ids.ts"
import { bareName } from "./families.ts"

/** All in tokens. */
export interface PromptBounds {
  /** What a template adds to every prompt. */
  readonly prompt: number
  /** What instructions on tools add where there are any. */
  readonly tools: number
  /** What instructions on an output format add. */
  readonly format: number
  /** One image, however large. */
  readonly image: number
  /** What its vendor does for every request to it, asked or not. */
  readonly hosted?: HostedToolBounds
}

/** A tool that the vendor runs. */
export interface HostedToolBounds {
  readonly pattern: RegExp
  /** US dollars a use; for searches no less than the model's own fee. */
  readonly usdPerUse: number
  /** The same where each request has a fee of its own, in which most of that is. */
  readonly usdBesideRequestFee?: number
  readonly isSearch?: boolean
  /** What one use puts into the prompt of the turn after it, in tokens. */
  readonly resultTokens: number
  /** Where the request states none; 0: it costs nothing. */
  readonly uses: number
}

const rows: ReadonlyArray<{ readonly pattern: RegExp; readonly bounds: PromptBounds }> = [
  // 530 at most are stated for tools, 735 for computer use; 4,784 for an image at the highest resolution
  { pattern: /^claude-/, bounds: { prompt: 64, tools: 1500, format: 512, image: 4784 } },
  // its images are counted 33 times over: 2,833 and 5,667 a tile, of at most eight
  { pattern: /^gpt-4o-mini/, bounds: { prompt: 8, tools: 256, format: 256, image: 48_169 } },
  { pattern: /^gpt-oss/, bounds: { prompt: 256, tools: 512, format: 512, image: 0 } },
  // at most 10,000 patches, times 1.62
  { pattern: /^(gpt|chatgpt|o\d|codex)/, bounds: { prompt: 8, tools: 256, format: 256, image: 16_200 } },
  // sixteen tiles of 258
  { pattern: /^(gemini|gemma)/, bounds: { prompt: 8, tools: 512, format: 256, image: 4128 } }
]

const others: PromptBounds = { prompt: 512, tools: 1024, format: 512, image: 16_200 }

/** By a model's name; of those that were asked for, so many are remembered. */
const known = new Map<string, PromptBounds>()
const remembered = 4096

export const promptBounds = (model: string): PromptBounds => {
  const before = known.get(model)
  if (before !== undefined) return before
  const name = bareName(model)
  const found = rows.find(({ pattern }) => pattern.test(name))?.bounds ?? others
  const hosted = hostedModels.find(({ pattern }) => pattern.test(name))
  const bounds = hosted === undefined ? found : { ...found, hosted }
  if (known.size >= remembered) known.clear()
  known.set(model, bounds)
  return bounds
}

/**
 * Models that search whatever is asked of them, by their bare names.
 *
 * Sources: developers.openai.com (pricing: web search in Chat Completions), openrouter.ai (its price of
 * openai/gpt-4o-search-preview; `:online`, by which its hosts search as with a tool), console.groq.com (compound systems use
 * their tools up to ten times; the dearest search costs 8 a thousand), docs.perplexity.ai (pricing: the fee of
 * a request, by its context and with Pro Search; deep research bills searches, citations and thoughts apart, of which
 * nobody states the most).
 */
export const hostedModels: ReadonlyArray<HostedToolBounds> = [
  { pattern: /:online$/, usdPerUse: 0.035, resultTokens: 32_000, uses: 10 },
  { pattern: /-search-(?:preview|api)/, usdPerUse: 0.035, resultTokens: 32_000, uses: 1 },
  { pattern: /^compound(?:-|$)/, usdPerUse: 0.02, resultTokens: 32_000, uses: 10 },
  { pattern: /^sonar-deep-research/, usdPerUse: 3, resultTokens: 128_000, uses: 1 },
  { pattern: /^sonar/, usdPerUse: 0.022, usdBesideRequestFee: 0, resultTokens: 0, uses: 1 }
]

/** By the tool's type, or its only field. The first that fits counts; the last fits all. */
export const hostedTools: ReadonlyArray<HostedToolBounds> = [
  // a field of the body, not a tool: the model searches once before it answers
  {
    pattern: /^web_search_options$/,
    usdPerUse: 0.035,
    // Perplexity's dearest request (22 a thousand) against what its price has in it (12)
    usdBesideRequestFee: 0.01,
    isSearch: true,
    resultTokens: 32_000,
    uses: 1
  },
  // xAI: up to fifty sources, at 25 a thousand
  { pattern: /^search_parameters$/, usdPerUse: 1.25, resultTokens: 64_000, uses: 1 },
  // OpenRouter: those that mend or route cost nothing; an OCR of a thousand pages costs 2; of others nobody knows
  {
    pattern: /^plugins:(?:response-healing|context-compression|moderation|auto-router)$/,
    usdPerUse: 0,
    resultTokens: 0,
    uses: 0
  },
  { pattern: /^plugins:web$/, usdPerUse: 0.035, resultTokens: 32_000, uses: 10 },
  { pattern: /^plugins:file-parser$/, usdPerUse: 2, resultTokens: 0, uses: 1 },
  { pattern: /^plugins:/, usdPerUse: 0.5, resultTokens: 32_000, uses: 10 },
  // Azure: an index of the caller's own, which bills by itself; one turn finds what to ask it for, one answers
  { pattern: /^data_sources/, usdPerUse: 0, resultTokens: 32_000, uses: 2 },
  // xAI's: 10 a thousand
  {
    pattern: /attachment_?search|collections?_?search|document_?search/i,
    usdPerUse: 0.01,
    resultTokens: 64_000,
    uses: 10
  },
  {
    pattern: /web_?search|google_?search|url_?context|live_?search|^x_(?:\w+_)?search/i,
    usdPerUse: 0.035,
    isSearch: true,
    resultTokens: 32_000,
    uses: 10
  },
  // for every prompt that was grounded, however often it asked
  { pattern: /google_?maps/i, usdPerUse: 0.025, resultTokens: 32_000, uses: 1 },
  { pattern: /web_?fetch/i, usdPerUse: 0, resultTokens: 100_000, uses: 10 },
  { pattern: /file_?search|retrieval/i, usdPerUse: 0.0025, resultTokens: 64_000, uses: 10 },
  // Gemini's: tokens are all it costs
  { pattern: /^codeExecution$/, usdPerUse: 0, resultTokens: 32_000, uses: 10 },
  { pattern: /code_?(interpreter|execution)|shell|bash/i, usdPerUse: 0.12, resultTokens: 32_000, uses: 10 },
  { pattern: /image_?generation/i, usdPerUse: 0.4, resultTokens: 16_000, uses: 10 },
  { pattern: /^/, usdPerUse: 0, resultTokens: 32_000, uses: 10 }
]

/**
 * Types of tools that the vendor defines and the caller runs: their calls come back as any function's do. What the vendor
 * adds to the prompt for one is within the bounds of its model's tools.
 *
 * Sources: platform.claude.com/docs (bash, text editor, computer use, memory tools), developers.openai.com (local shell,
 * apply patch, computer use), ai.google.dev (computer use).
 */
export const callersTools =
  /^(?:(?:bash|text_editor|computer|memory)_\d{8}|local_shell|apply_patch|computer(?:_use(?:_preview)?)?|computerUse)$/

/** How often a vendor has its model go on with what its tools gave, within one request and over all of its tools. */
export interface ToolRounds {
  /** Of the tools' definitions. */
  readonly dialect: DialectId
  readonly most: number
  /** Types of tools that use others on the way: with them it may be as often, however seldom they may be used. */
  readonly usesOthers: RegExp
}

/**
 * Source: platform.claude.com/docs (stop reasons: `pause_turn` after ten iterations; web search and web fetch from 2026 on
 * filter what they found by code that they run).
 */
export const toolRounds: ReadonlyArray<ToolRounds> = [
  { dialect: "anthropic-messages", most: 10, usesOthers: /^web_(?:search|fetch)_(?!20250305$|20250910$)\d{8}$/ }
]

/** A field of the body that limits the uses of all the vendor's tools together. */
export const mostCallsField = "max_tool_calls"

/** The dialects in which a vendor tells, at an answer's end, how often it searched; saying nothing, it did not. */
export const searchTellers: ReadonlySet<string> = new Set(["anthropic-messages", "openai-responses", "gemini"])

/** What a search costs at vendors of which the price catalogue does not say it. */
export interface SearchFee {
  readonly pattern: RegExp
  readonly usd: number
  /** Once for a prompt that was searched for, however many searches that took. */
  readonly isPerPrompt: boolean
}

export const searchFees: ReadonlyArray<SearchFee> = [
  { pattern: /^grok-/, usd: 0.005, isPerPrompt: false },
  { pattern: /^gemini-[3-9]/, usd: 0.014, isPerPrompt: false },
  { pattern: /^(gemini|gemma)/, usd: 0.035, isPerPrompt: true }
]

/** A field of the body that changes what everything costs, in percent of the list price. */
export interface Surcharge {
  readonly field: string
  readonly value: RegExp
  readonly worst: number
  readonly owed: number
  /** Only at vendors that have this price, and by this field; to all others it means nothing. */
  readonly onlyIfSold?: boolean
}

export const surcharges: ReadonlyArray<Surcharge> = [
  // OpenAI: twice the price for most models, two and a half times for some
  { field: "service_tier", value: /^(?:service_tier_)?(?:priority|fast)$/i, worst: 250, owed: 200 },
  // what is not served so is refused, but a vendor may serve it at the list price, and most have no such price at all
  { field: "service_tier", value: /^flex$/, worst: 100, owed: 50, onlyIfSold: true },
  // Google: from three quarters more to twice the price
  { field: "serviceTier", value: /^(?:service_tier_)?priority$/i, worst: 200, owed: 200 },
  { field: "serviceTier", value: /^(?:service_tier_)?flex$/i, worst: 100, owed: 50, onlyIfSold: true },
  { field: "inference_geo", value: /^us$/, worst: 110, owed: 110 },
  { field: "speed", value: /^fast$/, worst: 600, owed: 600 }
]

/** What a batch costs, in percent of the list price, at OpenAI, Anthropic and Google alike. */
export const batchPercent = 50

/** A field of the body, by its path, that makes a prompt of what only the vendor sees; `value` absent: any value does. */
export interface UnseenField {
  readonly path: ReadonlyArray<string>
  readonly value?: string
}

/** What a vendor keeps (earlier answers, conversations, stored prompts, caches), and ways of answering that read it more than once. */
export const unseenFields: ReadonlyArray<UnseenField> = [
  { path: ["previous_response_id"] },
  { path: ["conversation"] },
  { path: ["prompt"] },
  { path: ["cachedContent"] },
  { path: ["cached_content"] },
  { path: ["container"] },
  { path: ["preset"] },
  { path: ["reasoning", "mode"], value: "pro" }
]

/** Keys, in parts that only one dialect knows, of what is named or packed. */
export const mediaKey = /file|inline_?data|image|video|audio|ur[il]|source/i

/** A field of the body by which the vendor runs something, without a tool: its row is that of its name. */
export interface HostedField {
  readonly field: string
  /** It is a list, each entry of which is one. */
  readonly isList?: boolean
  /** What tells the entries of a list apart: it stands behind the field's name. */
  readonly named?: string
  /** A value of one of its fields with which nothing is run. */
  readonly off?: readonly [field: string, value: string | boolean]
}

/** Sources: platform.claude.com/docs (MCP connector), developers.openai.com, docs.x.ai (live search), openrouter.ai (plugins), learn.microsoft.com (Azure OpenAI On Your Data). */
export const hostedFields: ReadonlyArray<HostedField> = [
  { field: "mcp_servers", isList: true },
  { field: "web_search_options" },
  { field: "search_parameters", off: ["mode", "off"] },
  { field: "plugins", isList: true, named: "id", off: ["enabled", false] },
  { field: "data_sources", isList: true }
]

/**
 * A field of the body with a text that the answer is expected to hold. What of it the answer does not hold is billed as if
 * it had been written, and an output limit of OpenAI's later name is refused beside it.
 *
 * Source: developers.openai.com (predicted outputs; `rejected_prediction_tokens` of a completion's usage).
 */
export const predictionField = "prediction"

/** A field of the body that has the vendor search, without a tool. */
export const searchField = "web_search_options"

/** The fields of a body that the tables here look for: a body without any of them has nothing of it all. */
export const pricedFields: ReadonlySet<string> = new Set([
  ...surcharges.map(({ field }) => field),
  ...unseenFields.flatMap(({ path }) => path.slice(0, 1)),
  ...hostedFields.map(({ field }) => field),
  predictionField
])
