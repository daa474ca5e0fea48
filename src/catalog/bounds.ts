/**
 * The most that prompts and vendors' own tools can add to a bill, beyond what a request's text says: rows of tables.
 *
 * These are upper bounds for promises, not estimates. Where a vendor states a number it stands here, rounded up; where
 * none does, a number above what was seen. A bill that is above them all the same is learned from (see `Calibration`).
 *
 * Sources: platform.claude.com/docs (tool use: tokens of its system prompt; vision; web search), developers.openai.com
 * (images and vision; pricing of built-in tools and of processing tiers), ai.google.dev (media resolution; grounding).
 *
 * @module
 */
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
  const found = known.get(model)
  if (found !== undefined) return found
  const name = bareName(model)
  const bounds = rows.find(({ pattern }) => pattern.test(name))?.bounds ?? others
  if (known.size >= remembered) known.clear()
  known.set(model, bounds)
  return bounds
}

/** A tool that the vendor runs. */
export interface HostedToolBounds {
  readonly pattern: RegExp
  /** US dollars a use; for searches no less than the model's own fee. */
  readonly usdPerUse: number
  readonly isSearch?: boolean
  /** What one use puts into the prompt of the turn after it, in tokens. */
  readonly resultTokens: number
  /** Where the request states none. */
  readonly uses: number
}

/** By the tool's type, or its only field. The first that fits counts; the last fits all. */
export const hostedTools: ReadonlyArray<HostedToolBounds> = [
  // a field of the body, not a tool: the model searches once before it answers
  { pattern: /^web_search_options$/, usdPerUse: 0.035, isSearch: true, resultTokens: 32_000, uses: 1 },
  {
    pattern: /web_?search|google_?search|url_?context/i,
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

/** A field of the body that lists servers of tools, each of which is one that the vendor runs. */
export const serverListField = "mcp_servers"

/** A field of the body that has the vendor search, without a tool. */
export const searchField = "web_search_options"
